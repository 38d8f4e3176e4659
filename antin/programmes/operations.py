"""Every write of the room: programmes and their versions, and what came of their entries."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import queries as documents
from antin.identifiers.text import clean
from antin.indicators import queries as indicators
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.programmes import account, content, policy, queries, reporting, states
from antin.programmes.account import Account
from antin.programmes.content import Content, Item
from antin.programmes.models import Entrusted, PeriodReport, Programme, Reached, Resolution, Review, Version
from antin.programmes.states import Kind
from antin.refusal import NotFound, Refusal, refuse
from antin.workdays.queries import local_date


class TitleMissing(Refusal):
    code = "programme_title_missing"
    words = _("Ghi tên kế hoạch, chương trình.")


class BadPeriod(Refusal):
    code = "bad_programme_period"
    words = _("Ngày kết thúc phải sau ngày bắt đầu, và không quá mười năm.")


class ReasonMissing(Refusal):
    code = "programme_reason_missing"
    words = _("Phải ghi rõ lý do, căn cứ.")


class WrittenElsewhere(Refusal):
    code = "programme_written_elsewhere"
    words = _("Kế hoạch vừa được sửa ở cửa sổ khác; mở lại rồi sửa tiếp.")


class GivenAlready(Refusal):
    code = "entry_given_already"
    words = _("Việc này đã giao; không bỏ khỏi kế hoạch được, hãy thôi giao nhiệm vụ rồi ghi rõ trong bản sửa đổi.")


class UnitOutside(Refusal):
    code = "programme_unit_outside"
    words = _("%(name)s không thuộc %(unit)s; kế hoạch chỉ giao cho đơn vị thuộc quyền.")


class ReachedAlready(Refusal):
    code = "milestone_reached_already"
    words = _("Mốc này đã ghi đạt.")


def _author(actor: Actor) -> str:
    return f"{actor.person_name}, {actor.post_title}"


def _said(words: str) -> str:
    return clean(words).strip()[:2000]


def _record(event: str, programme: Programme, actor: Actor, at: datetime, **facts: Any) -> None:
    journal.record(event, subject=("programme", programme.pk), actor=actor, at=at, **facts)


@transaction.atomic
def begin(
    *,
    title: str,
    kind: str = Kind.PLAN,
    of_agency: bool = True,
    since: date,
    until: date,
    begun_in: str | None = None,
    actor: Actor,
    at: datetime,
) -> Programme:
    """Begin a programme of the actor's agency, or of his unit alone; its first version is his to write.

    The same form sent twice (`begun_in`) begins once.

    :raises NotAWriter: :raises TitleMissing: :raises BadPeriod:
    """
    refuse(policy.why_not_begin(actor))
    if begun_in and (again := queries.find_begun_in(begun_in)) is not None:
        return again
    named = clean(title).strip()[:300]
    if not named:
        raise TitleMissing()
    if not since < until or (until - since).days > 3660:
        raise BadPeriod()
    made = Programme.objects.create(
        unit_id=actor.agency_id if of_agency else actor.unit_id,
        made_in_id=actor.unit_id,
        kind=Kind(kind),
        title=named,
        since=since,
        until=until,
        begun_in=begun_in or None,
        made_by=_author(actor),
        made_at=at,
    )
    Version.objects.create(
        programme=made, number=1, content=content.written(Content()), written_by=_author(actor), written_at=at
    )
    _record("programme.begun", made, actor, at, title=named, since=since, until=until)
    return made


def _in_hand(programme_id: int) -> tuple[Programme, Version]:
    """:raises NotFound: no version is being written or waits for approval"""
    programme = queries.lock(programme_id)
    version = queries.find_in_hand(programme_id)
    if version is None:
        raise NotFound()
    return programme, version


def _check_units(programme: Programme, told: Content) -> None:
    """:raises UnitOutside: a unit is named that does not lie in the programme's unit"""
    known = people.list_units(sorted(told.unit_ids))
    for number in sorted(told.unit_ids):
        unit = known.get(number)
        inside = unit is not None and unit.path.startswith(programme.unit.path)
        if not inside:
            raise UnitOutside(name=unit.name if unit else str(number), unit=programme.unit.name)
    for part in told.parts:
        for target in part.targets:
            if target.code:
                indicators.get_indicator(target.code)


@transaction.atomic
def write(*, programme_id: int, told: Content, revision: int, actor: Actor, at: datetime) -> Version:
    """Write what the version in hand says. Work that was given cannot be left out: it is real.

    :raises NotTheWriter: :raises WrongState: :raises WrittenElsewhere: somebody wrote since `revision`
    :raises BadContent: :raises UnitOutside: :raises GivenAlready: :raises NotFound: no version in hand, or no such figure
    """
    programme, version = _in_hand(programme_id)
    refuse(policy.why_not_change(actor, programme, version))
    if version.revision != revision:
        raise WrittenElsewhere()
    checked = content.read(content.written(told))
    _check_units(programme, checked)
    if not set(queries.given_of(programme)) <= set(checked.keys):
        raise GivenAlready()
    version.content, version.revision = content.written(checked), revision + 1
    version.written_by, version.written_at = _author(actor), at
    version.save(update_fields=["content", "revision", "written_by", "written_at"])
    return version


@transaction.atomic
def submit(*, programme_id: int, actor: Actor, at: datetime) -> Version:
    """Submit the version in hand for approval. :raises NotTheWriter: :raises WrongState: :raises NothingWritten:"""
    programme, version = _in_hand(programme_id)
    refuse(policy.why_not_submit(actor, programme, version))
    version.status = states.step("submit", version.status)
    version.save(update_fields=["status"])
    _record("programme.submitted", programme, actor, at, version=version.number)
    return version


@transaction.atomic
def send_back(*, programme_id: int, reason: str, actor: Actor, at: datetime) -> Version:
    """Send a submitted version back to be written on. :raises NotTheApprover: :raises WrongState: :raises ReasonMissing:"""
    programme, version = _in_hand(programme_id)
    refuse(policy.why_not_decide(actor, programme, version, "send_back"))
    said = _said(reason)
    if not said:
        raise ReasonMissing()
    version.status, version.words = states.step("send_back", version.status), said
    version.decided_by, version.decided_at = _author(actor), at
    version.save(update_fields=["status", "words", "decided_by", "decided_at"])
    _record("programme.sent_back", programme, actor, at, version=version.number, words=said)
    return version


@transaction.atomic
def approve(*, programme_id: int, words: str = "", actor: Actor, at: datetime) -> Version:
    """Approve the version in hand: it takes the place of the one in force, and its digest stays with it.

    :raises NotTheApprover: :raises WrongState: :raises NothingWritten: :raises GivenAlready: given work is left out
    """
    programme, version = _in_hand(programme_id)
    refuse(policy.why_not_decide(actor, programme, version, "approve"))
    told = queries.content_of(version)
    _check_units(programme, told)
    before = queries.find_in_force(programme_id)
    if before is not None:
        before.status = states.step("replace", before.status)
        before.save(update_fields=["status"])
    version.status = states.step("approve", version.status)
    version.digest, version.words = content.digest_of(told), _said(words)
    version.decided_by, version.decided_at = _author(actor), at
    version.save(update_fields=["status", "digest", "words", "decided_by", "decided_at"])
    places = {item.key: part.key for part in told.parts for item in part.items}
    if not set(queries.given_of(programme)) <= set(places):  # given while this version was being written
        raise GivenAlready()
    moved = [row for row in Entrusted.objects.filter(programme=programme) if row.part != places[row.item]]
    for row in moved:
        row.part = places[row.item]
    Entrusted.objects.bulk_update(moved, ["part"])
    _record("programme.approved", programme, actor, at, version=version.number, digest=version.digest)
    return version


@transaction.atomic
def begin_version(*, programme_id: int, reason: str, actor: Actor, at: datetime) -> Version:
    """Begin the next version, from what the one in force says. :raises VersionInHand: :raises NotInForce: :raises ReasonMissing:"""
    programme = queries.lock(programme_id)
    newest = queries.newest(programme_id)
    refuse(policy.why_not_begin_version(actor, programme, newest))
    said = _said(reason)
    if not said:
        raise ReasonMissing()
    base = queries.find_in_force(programme_id) or newest
    made = Version.objects.create(
        programme=programme,
        number=newest.number + 1,
        content=base.content,
        reason=said,
        written_by=_author(actor),
        written_at=at,
    )
    _record("programme.version_begun", programme, actor, at, version=made.number, reason=said)
    return made


@transaction.atomic
def drop(*, programme_id: int, actor: Actor, at: datetime) -> Version:
    """Give up the version in hand; the one in force stays. :raises NotTheWriter: :raises NotFound: no version in hand"""
    programme, version = _in_hand(programme_id)
    refuse(policy.why_not_write(actor, programme))
    version.status = states.step("drop", version.status)
    version.save(update_fields=["status"])
    _record("programme.version_dropped", programme, actor, at, version=version.number)
    return version


@transaction.atomic
def bind(*, programme_id: int, document_id: int, number: int | None = None, actor: Actor, at: datetime) -> Version:
    """Say by which paper a version (`number`; the newest that was approved) was issued or amended; said again it is another.

    :raises NotFound: no such version, or the paper is not the actor's to see :raises NotTheWriter:
    :raises NotInForce: never approved :raises NotIssuedYet: :raises SecretPaper: :raises PaperRecalled:
    """
    programme = queries.lock(programme_id)
    paper = documents.get_for(actor, document_id)
    version = queries.get_version(programme, number) if number else queries.newest_approved(programme_id)
    refuse(policy.why_not_bind(actor, programme, version, paper))
    if version.paper_id == paper.pk:
        return version
    version.paper = paper
    version.save(update_fields=["paper"])
    _record("programme.bound", programme, actor, at, version=version.number, document=paper.pk)
    return version


@transaction.atomic
def end(*, programme_id: int, words: str, actor: Actor, at: datetime) -> Version:
    """End a programme, with what came of it.

    :raises NotTheApprover: :raises NotInForce: :raises ReasonMissing: :raises VersionInHand:
    """
    programme = queries.lock(programme_id)
    version = queries.find_in_force(programme_id)
    refuse(policy.why_not_entrust(actor, programme, version))
    if version is None or queries.find_in_hand(programme_id) is not None:
        raise policy.VersionInHand()
    said = _said(words)
    if not said:
        raise ReasonMissing()
    version.status, version.words = states.step("end", version.status), said
    version.save(update_fields=["status", "words"])
    _record("programme.ended", programme, actor, at, words=said)
    return version


@transaction.atomic
def note_entrusted(*, programme_id: int, item: str, directive_id: int, actor: Actor, at: datetime) -> Entrusted:
    """Note which work an entry has given, in the transaction that gives it. :raises Refusal: as item_to_give"""
    programme, part, _entry = item_to_give(programme_id=programme_id, item=item, actor=actor, at=at)
    made = Entrusted.objects.create(programme=programme, part=part, item=item, directive_id=directive_id, at=at)
    _record("programme.entrusted", programme, actor, at, item=item, directive=directive_id)
    return made


@transaction.atomic
def item_to_give(*, programme_id: int, item: str, actor: Actor, at: datetime) -> tuple[Programme, str, Item]:
    """Lock a programme and return the entry that is to become work, with its part.

    :raises NotTheApprover: :raises NotInForce: :raises GivenAlready: :raises NotFound: no such entry
    """
    programme = queries.lock(programme_id)
    version = queries.find_in_force(programme_id)
    refuse(policy.why_not_entrust(actor, programme, version))
    found = queries.content_of(version).find_item(item)
    if found is None:
        raise NotFound()
    if item in queries.given_of(programme):
        raise GivenAlready()
    return programme, found[0].key, found[1]


@transaction.atomic
def reach(*, programme_id: int, milestone: str, day: date, words: str = "", actor: Actor, at: datetime) -> Reached:
    """Note that a milestone was reached. :raises NotTheWriter: :raises NotInForce: :raises ReachedAlready: :raises NotFound:"""
    programme = queries.lock(programme_id)
    version = queries.find_in_force(programme_id)
    refuse(policy.why_not_note_reached(actor, programme, version))
    if queries.content_of(version).find_milestone(milestone) is None:
        raise NotFound()
    if milestone in queries.reached_of(programme):
        raise ReachedAlready()
    made = Reached.objects.create(
        programme=programme, milestone=milestone, day=day, words=_said(words)[:500], by=_author(actor), at=at
    )
    _record("programme.milestone_reached", programme, actor, at, milestone=milestone, day=day)
    return made


# The monthly review


class MonthToCome(Refusal):
    code = "month_to_come"
    words = _("Chưa đến tháng này.")


class MinutesMissing(Refusal):
    code = "minutes_missing"
    words = _("Ghi biên bản, kết luận giao ban.")


@transaction.atomic
def call_review(*, month: date, actor: Actor, at: datetime) -> Review:
    """Open the review of the actor's unit for a month; calling it again gives the same.

    :raises NotTheChair: :raises MonthToCome:
    """
    refuse(policy.why_not_call(actor))
    first = month.replace(day=1)
    if first > local_date(at):
        raise MonthToCome()
    review, fresh = Review.objects.get_or_create(
        unit_id=actor.unit_id, month=first, defaults={"called_by": _author(actor), "called_at": at}
    )
    if fresh:
        journal.record("review.called", subject=("review", review.pk), actor=actor, at=at, month=first)
    return review


@transaction.atomic
def note_resolved(*, review_id: int, directive_id: int, actor: Actor, at: datetime) -> Resolution:
    """Note which work a review has decided, in the transaction that gives it. :raises NotTheChair: :raises ReviewClosed:"""
    review = queries.lock_review(review_id)
    refuse(policy.why_not_chair(actor, review))
    made = Resolution.objects.create(review=review, directive_id=directive_id, at=at)
    journal.record("review.resolved", subject=("review", review.pk), actor=actor, at=at, directive=directive_id)
    return made


@transaction.atomic
def close_review(*, review_id: int, minutes: str, actor: Actor, at: datetime) -> Review:
    """Close a review: its rows, its decisions and its minutes stay as they stood, under one digest.

    :raises NotTheChair: :raises ReviewClosed: :raises MinutesMissing:
    """
    review = queries.lock_review(review_id)
    refuse(policy.why_not_chair(actor, review))
    said = clean(minutes).strip()[:20000]
    if not said:
        raise MinutesMissing()
    table = queries.table_of(actor, review, at)
    review.lines = [
        {**asdict(line), "due_at": line.due_at.isoformat() if line.due_at else None} for line in table.lines
    ]
    review.minutes, review.closed_by, review.closed_at = said, _author(actor), at
    review.digest = queries.digest_of_review(review)
    review.save(update_fields=["lines", "minutes", "closed_by", "closed_at", "digest"])
    journal.record(
        "review.closed", subject=("review", review.pk), actor=actor, at=at, digest=review.digest, rows=len(review.lines)
    )
    return review


# Period reports


@transaction.atomic
def keep_report(
    *,
    unit_id: int,
    programme_id: int | None,
    since: date,
    until: date,
    document_id: int,
    told: Account,
    begun_in: str | None = None,
    actor: Actor,
    at: datetime,
) -> PeriodReport:
    """Keep the figures of a report beside its draft, under their digest. The caller has made both in one transaction.

    :raises NotAReporter: :raises PeriodNotOver:
    """
    refuse(policy.why_not_report(actor))
    refuse(policy.why_not_period(since, until, local_date(at)))
    made = PeriodReport.objects.create(
        unit_id=unit_id,
        programme_id=programme_id,
        kind=reporting.span_of(since, until),
        since=since,
        until=until,
        document_id=document_id,
        account=told,
        digest=account.digest_of(told),
        begun_in=begun_in,
        made_by=_author(actor),
        made_at=at,
    )
    journal.record(
        "report.drafted",
        subject=("report", made.pk),
        actor=actor,
        at=at,
        document=document_id,
        since=since,
        until=until,
        digest=made.digest,
    )
    return made
