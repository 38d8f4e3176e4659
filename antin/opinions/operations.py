"""Every write of the room: rounds, opinions, what was made of them, comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import operations as documents
from antin.documents import queries as papers
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.opinions import anchors, policy, queries, states
from antin.opinions.models import Comment, Opinion, Round
from antin.opinions.states import Settlement, Status, Verdict
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.workdays import queries as workdays

MOST_ASKED = 200
MOST_DAYS = 90


class NobodyAsked(Refusal):
    code = "nobody_asked"
    words = _("Chọn ít nhất một người hoặc đơn vị để hỏi ý kiến, nhiều nhất %(limit)d.")


class BadTerm(Refusal):
    code = "bad_opinion_term"
    words = _("Thời hạn cho ý kiến từ 1 đến %(limit)d ngày làm việc.")


class AsksItself(Refusal):
    code = "asks_itself"
    words = _("Người soạn không hỏi ý kiến chính mình.")


class WordsMissing(Refusal):
    code = "opinion_words_missing"
    words = _("Phải ghi rõ nội dung góp ý, lý do.")


class SettlementMissing(Refusal):
    code = "settlement_words_missing"
    words = _("Tiếp thu một phần hoặc giữ nguyên thì phải ghi rõ giải trình.")


class PassageNotThere(Refusal):
    code = "passage_not_there"
    words = _("Đoạn chữ này không có trong dự thảo; chọn lại đúng chữ đang có.")


class CommentMissing(Refusal):
    code = "comment_missing"
    words = _("Chưa ghi góp ý.")


@dataclass(frozen=True)
class Asked:
    """Whom to ask: a post or a unit."""

    post_id: int | None = None
    unit_id: int | None = None


def _author(actor: Actor) -> str:
    return f"{actor.person_name}, {actor.post_title}"


def _said(words: str, most: int = 4000) -> str:
    return clean(words).strip()[:most]


def _record(event: str, document_id: int, actor: Actor, at: datetime, **facts: Any) -> None:
    journal.record(event, subject=("document", document_id), actor=actor, at=at, **facts)


@transaction.atomic
def ask(
    *,
    document_id: int,
    asked: Sequence[Asked],
    words: str = "",
    in_order: bool = False,
    days: int = 3,
    begun_in: str | None = None,
    actor: Actor,
    at: datetime,
) -> Round:
    """Ask people and units about a draft, all at once or one after the other; each may see it from when it is his turn.

    The same form sent twice (`begun_in`) asks once. The draft as it stands is kept as a version.

    :raises Refusal: the actor may not, the draft is not being drafted, or a round is open
    :raises NobodyAsked: :raises BadTerm: :raises AsksItself:
    """
    document = papers.lock(document_id)
    making = papers.making_of(document)
    if begun_in and (again := queries.find_begun_in(begun_in)) is not None:
        return again
    refuse(policy.why_not_ask(actor, document, making, queries.find_open(document_id)))
    named = _named(asked, actor, at)
    if not 1 <= days <= MOST_DAYS:
        raise BadTerm(limit=MOST_DAYS)
    row = Round.objects.create(
        document=document,
        number=Round.objects.filter(document=document).count() + 1,
        revision=making.revision,
        words=_said(words, 2000),
        in_order=in_order,
        days=days,
        asked_by=_author(actor),
        asked_at=at,
        begun_in=begun_in,
    )
    Opinion.objects.bulk_create(
        Opinion(round=row, document=document, turn=turn, holder=holder, name=name)
        for turn, (holder, name) in enumerate(named.items(), 1)
    )
    documents.keep_version(document=document, actor=actor, at=at)
    _call(row, actor, at)
    _record("document.opinions_asked", document_id, actor, at, round=row.number, names=", ".join(named.values())[:500])
    return row


def _named(asked: Sequence[Asked], actor: Actor, at: datetime) -> dict[str, str]:
    """The holders and names of whom to ask, in their order. :raises NotFound: one of them is absent or closed"""
    today = workdays.local_date(at)
    named: dict[str, str] = {}
    for each in asked:
        if each.post_id is not None:
            post, person = people.get_post(each.post_id), people.post_holder(each.post_id, today)
            named[f"P{each.post_id}"] = f"{post.title} {person.name if person else ''}".strip()
        elif each.unit_id is not None:
            named[f"U{each.unit_id}"] = people.get_unit(each.unit_id).name
    if not named or len(named) > MOST_ASKED:
        raise NobodyAsked(limit=MOST_ASKED)
    if f"P{actor.post_id}" in named:
        raise AsksItself()
    return named


def _call(row: Round, actor: Actor | None, at: datetime) -> None:
    """Ask whose turn it is: everybody, or in order the first who was not asked."""
    waiting = list(row.opinions.filter(status=Status.WAITING).order_by("turn"))
    if row.in_order:
        waiting = [] if row.opinions.filter(status=Status.ASKED).exists() else waiting[:1]
    due_at = workdays.deadline(at, row.days).at
    for each in waiting:
        each.status = states.step("ask", each.status)
        each.asked_at, each.due_at = at, due_at
        each.save(update_fields=["status", "asked_at", "due_at"])
    shown = {each.holder: "opinion" for each in waiting}
    documents.show(document=row.document, holders=shown, actor=actor, at=at)


@transaction.atomic
def answer(*, opinion_id: int, verdict: str, words: str, actor: Actor, at: datetime) -> Opinion:
    """Give the opinion that was asked for; given again while the round is open, it takes the place of the first.

    :raises Refusal: somebody else was asked, the round is closed, or it was settled
    :raises WordsMissing: remarks without words, or a disagreement without its reason
    """
    opinion = queries.lock(opinion_id)
    refuse(policy.why_not_answer(actor, opinion))
    verdict, words = Verdict(verdict), _said(words)
    if verdict != Verdict.AGREED and not words:
        raise WordsMissing()
    opinion.status = states.step("answer", opinion.status)
    opinion.verdict, opinion.words = verdict, words
    opinion.answered_by, opinion.answered_at = _author(actor), at
    opinion.save(update_fields=["status", "verdict", "words", "answered_by", "answered_at"])
    _record("document.opinion_given", opinion.document_id, actor, at, name=opinion.name, verdict=str(verdict))
    _call(opinion.round, actor, at)
    return opinion


@transaction.atomic
def urge(*, opinion_id: int, actor: Actor, at: datetime) -> Opinion:
    """Urge who was asked, once a day. :raises Refusal: not the drafter's, not awaited, or urged today"""
    opinion = queries.lock(opinion_id)
    document = papers.get(opinion.document_id)
    today = bool(opinion.urged_at and workdays.local_date(opinion.urged_at) == workdays.local_date(at))
    refuse(policy.why_not_urge(actor, document, papers.making_of(document), opinion, today=today))
    opinion.urged_at = at
    opinion.save(update_fields=["urged_at"])
    _record("document.opinion_urged", opinion.document_id, actor, at, name=opinion.name)
    return opinion


@transaction.atomic
def close(*, document_id: int, actor: Actor, at: datetime) -> Round:
    """End the open round; who has not answered is noted as having no opinion.

    :raises Refusal: not the drafter's, or none is open
    """
    document = papers.lock(document_id)
    row = queries.lock_round(document_id)
    refuse(policy.why_not_close(actor, document, papers.making_of(document), row))
    assert row is not None
    missing = list(row.opinions.filter(status__in=states.OPEN).order_by("turn"))
    for each in missing:
        each.status = states.step("drop", each.status)
        each.save(update_fields=["status"])
    row.closed_at = at
    row.save(update_fields=["closed_at"])
    names = ", ".join(each.name for each in missing)[:500]
    _record("document.opinions_closed", document_id, actor, at, round=row.number, missing=names)
    return row


@transaction.atomic
def settle(*, opinion_id: int, settlement: str, words: str, actor: Actor, at: datetime) -> Opinion:
    """Say what the drafter made of an opinion: taken in, in part, or why not.

    :raises Refusal: not the drafter's, or no opinion is there
    :raises SettlementMissing: not wholly taken in, and no explanation
    """
    opinion = queries.lock(opinion_id)
    document = papers.get(opinion.document_id)
    refuse(policy.why_not_settle(actor, document, papers.making_of(document), opinion))
    settlement, words = Settlement(settlement), _said(words)
    if settlement == Settlement.NONE or (settlement != Settlement.TAKEN_IN and not words):
        raise SettlementMissing()
    opinion.settlement, opinion.settled_words = settlement, words
    opinion.settled_by, opinion.settled_at = _author(actor), at
    opinion.save(update_fields=["settlement", "settled_words", "settled_by", "settled_at"])
    _record("document.opinion_settled", opinion.document_id, actor, at, name=opinion.name, settlement=str(settlement))
    return opinion


@transaction.atomic
def comment(*, document_id: int, line: int, quote: str, words: str, actor: Actor, at: datetime) -> Comment:
    """Comment on a passage of a draft: `quote` are words of its text, on that line or the nearest that has them.

    :raises NotFound: not the actor's to see
    :raises Refusal: the draft is classified, or past drafting
    :raises PassageNotThere: :raises CommentMissing:
    """
    document = papers.get_for(actor, document_id)
    making = papers.making_of(document)
    refuse(policy.why_not_comment(document))
    said = _said(words, 2000)
    if not said:
        raise CommentMissing()
    anchor = anchors.take(queries.lines_of(document), line, clean(quote)[:1000])
    if anchor is None:
        raise PassageNotThere()
    row = Comment.objects.create(
        document_id=document.pk,
        revision=making.revision,
        quote=anchor.quote,
        before=anchor.before,
        after=anchor.after,
        line=anchor.line,
        words=said,
        author=_author(actor),
        author_post_id=actor.post_id,
        at=at,
    )
    _record("document.commented", document.pk, actor, at, comment=row.pk)
    return row


@transaction.atomic
def reply(*, comment_id: int, words: str, actor: Actor, at: datetime) -> Comment:
    """Answer a comment. :raises NotFound: :raises CommentMissing: :raises Refusal: as comment"""
    above = queries.get_comment_for(actor, comment_id)
    if above.parent_id is not None:
        raise NotFound()
    document = papers.get(above.document_id)
    refuse(policy.why_not_comment(document))
    said = _said(words, 2000)
    if not said:
        raise CommentMissing()
    row = Comment.objects.create(
        document_id=document.pk,
        parent=above,
        revision=papers.making_of(document).revision,
        words=said,
        author=_author(actor),
        author_post_id=actor.post_id,
        at=at,
    )
    _record("document.commented", document.pk, actor, at, comment=row.pk)
    return row


@transaction.atomic
def resolve(*, comment_id: int, resolved: bool, actor: Actor, at: datetime) -> Comment:
    """Mark a comment as dealt with, or open it again. :raises Refusal: neither the drafter's nor the commenter's to do"""
    row = queries.get_comment_for(actor, comment_id)
    document = papers.get(row.document_id)
    refuse(policy.why_not_resolve(actor, document, papers.making_of(document), row))
    row.resolved_at, row.resolved_by = (at, _author(actor)) if resolved else (None, "")
    row.save(update_fields=["resolved_at", "resolved_by"])
    event = "document.comment_resolved" if resolved else "document.comment_reopened"
    _record(event, document.pk, actor, at, comment=row.pk)
    return row


@transaction.atomic
def inherit(*, holders: Sequence[str], heir_id: int, actor: Actor | None, at: datetime) -> list[Opinion]:
    """Ask a unit instead of one that is closed, and of its posts (`holders`), where they have not answered.

    Not of a classified draft, whose readers are persons, nor where the unit is asked in that round already.
    """
    rows = Opinion.objects.select_for_update(of=("self",)).select_related("document")
    asked = rows.filter(holder__in=holders, round__closed_at=None, status__in=(Status.ASKED, Status.WAITING))
    found = []
    for each in asked.order_by("pk"):
        there = Opinion.objects.filter(round_id=each.round_id, holder=f"U{heir_id}")
        if each.document.classified_id is None and not there.exists():
            found.append(_ask_instead(each, heir_id, actor, at))
    return found


def _ask_instead(opinion: Opinion, heir_id: int, actor: Actor | None, at: datetime) -> Opinion:
    heir = people.get_unit(heir_id)
    former, opinion.holder, opinion.name = opinion.name, f"U{heir_id}", heir.name
    opinion.save(update_fields=["holder", "name"])
    subject = ("document", opinion.document_id)
    journal.record("opinion.passed_on", subject=subject, actor=actor, at=at, former=former, to=heir.name)
    return opinion


@transaction.atomic
def take_over(*, unit_id: int, heir_id: int, actor: Actor | None, at: datetime) -> int:
    """Ask a unit instead of another that was split, where the other has not answered; how many opinions."""
    rows = Opinion.objects.select_for_update().filter(holder=f"U{unit_id}", round__closed_at=None)
    asked = list(rows.filter(status__in=(Status.ASKED, Status.WAITING)).order_by("pk"))
    for each in asked:
        _ask_instead(each, heir_id, actor, at)
    return len(asked)
