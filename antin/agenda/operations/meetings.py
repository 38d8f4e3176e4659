"""What happens around a meeting: answers of the invited, papers, who came, what was concluded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from antin.agenda import policy, queries
from antin.agenda.models import Entry, Invitee, Paper, Point
from antin.agenda.operations.entries import author, lock_for, words_of
from antin.agenda.states import Answer
from antin.documents.models import Document
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, _, refuse
from antin.workdays import queries as workdays

MOST_POINTS = 60
MOST_PAPERS = 50


class AnswerReasonMissing(Refusal):
    code = "agenda_answer_reason_missing"
    words = _("Ghi lý do vắng.")


class SubstituteMissing(Refusal):
    code = "agenda_substitute_missing"
    words = _("Chọn người đi thay trong đơn vị, không phải chính mình.")


class TooManyPapers(Refusal):
    code = "agenda_too_many_papers"
    words = _("Một lịch kèm không quá %(n)d tài liệu.")


class NothingConcluded(Refusal):
    code = "agenda_nothing_concluded"
    words = _("Ghi ít nhất một kết luận.")


class NoticeBegun(Refusal):
    code = "agenda_notice_begun"
    words = _("Thông báo kết luận đã được soạn.")


class PointGiven(Refusal):
    code = "agenda_point_given"
    words = _("Kết luận này đã thành nhiệm vụ; không sửa, bỏ được nữa.")


@transaction.atomic
def answer(
    *,
    entry_id: int,
    invitee_id: int,
    verdict: str,
    reason: str = "",
    substitute_post_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> Invitee:
    """Answer an invitation: come, stay away with a reason, or send somebody of the same unit or below.

    :raises NotInvited: :raises WrongState: :raises OverAlready: :raises AnswerReasonMissing: :raises SubstituteMissing:
    """
    entry = lock_for(entry_id=entry_id, actor=actor, at=at)
    invitee = queries.get_invitee(entry, invitee_id)
    refuse(policy.why_not_answer(actor, entry, invitee, over=entry.ends_at <= at))
    if verdict not in (Answer.ACCEPTED, Answer.DECLINED, Answer.SUBSTITUTED):
        raise NotFound()
    said = words_of(reason, 500)
    if verdict == Answer.DECLINED and not said:
        raise AnswerReasonMissing()
    token, name = "", ""
    if verdict == Answer.SUBSTITUTED:
        post = people.list_posts_by_id([substitute_post_id or 0]).get(substitute_post_id or 0)
        below = post is not None and f"/{actor.unit_id}/" in post.unit.path and post.closed_on is None
        if post is None or not below or f"P{post.pk}" in actor.holders:
            raise SubstituteMissing()
        token, name = f"P{post.pk}", people.in_words(post, workdays.local_date(at))[:300]
    invitee.answer, invitee.reason = verdict, said
    invitee.substitute, invitee.substitute_name = token, name
    invitee.answered_by, invitee.answered_at = author(actor), at
    invitee.save()
    journal.record(
        "agenda.answered",
        subject=("agenda", entry.pk),
        actor=actor,
        at=at,
        holder=invitee.holder,
        answer=str(verdict),
        substitute=token,
        words=said,
    )
    return invitee


@transaction.atomic
def count_present(*, entry_id: int, counts: Mapping[int, int | None], actor: Actor, at: datetime) -> Entry:
    """Note how many came for each who was invited; None takes a count back.

    :raises NotTheHost: :raises NotBegun: :raises NotFound:
    """
    entry = lock_for(entry_id=entry_id, actor=actor, at=at)
    offices = queries.offices_of(entry.agency_id, workdays.local_date(at))
    refuse(policy.why_not_conclude(actor, entry, offices, begun=entry.starts_at <= at))
    rows = {each.pk: each for each in queries.list_invitees(entry)}
    for number, count in counts.items():
        if number not in rows or (count is not None and not 0 <= count <= 9999):
            raise NotFound()
        rows[number].present = count
    Invitee.objects.bulk_update([rows[number] for number in counts], ["present"])
    journal.record(
        "agenda.presence_counted",
        subject=("agenda", entry.pk),
        actor=actor,
        at=at,
        present=sum(each.present or 0 for each in rows.values()),
    )
    return entry


def _host(entry_id: int, actor: Actor, at: datetime) -> Entry:
    entry = lock_for(entry_id=entry_id, actor=actor, at=at)
    refuse(policy.why_not_host(actor, entry, queries.offices_of(entry.agency_id, workdays.local_date(at))))
    if Paper.objects.filter(entry=entry).count() >= MOST_PAPERS:
        raise TooManyPapers(n=MOST_PAPERS)
    return entry


@transaction.atomic
def name_document(*, entry_id: int, document: Document, actor: Actor, at: datetime) -> Paper:
    """Put a registered document with an entry; naming it again changes nothing. The caller lets the invited see it (`shown`).

    :raises NotTheHost: :raises ClassifiedPaper: :raises NotRegistered: :raises TooManyPapers:
    """
    entry = _host(entry_id, actor, at)
    refuse(policy.why_not_attach(document))
    made, fresh = Paper.objects.get_or_create(
        entry=entry,
        document=document,
        defaults={
            "name": f"{document.code}: {document.subject}"[:600],
            "shown": policy.may_show(actor),
            "added_by": author(actor),
            "added_at": at,
        },
    )
    if fresh:
        journal.record(
            "agenda.paper_added",
            subject=("agenda", entry.pk),
            actor=actor,
            at=at,
            document=document.pk,
            shown=made.shown,
        )
    return made


@transaction.atomic
def add_file(*, entry_id: int, file: str, name: str, size: int, actor: Actor, at: datetime) -> Paper:
    """Put a file, kept before, with an entry. :raises NotTheHost: :raises TooManyPapers:"""
    entry = _host(entry_id, actor, at)
    made, fresh = Paper.objects.get_or_create(
        entry=entry,
        file_id=file,
        defaults={"name": words_of(name, 200) or file, "size": size, "added_by": author(actor), "added_at": at},
    )
    if fresh:
        journal.record(
            "agenda.paper_added", subject=("agenda", entry.pk), actor=actor, at=at, file=file, name=made.name
        )
    return made


@transaction.atomic
def remove_paper(*, entry_id: int, paper_id: int, actor: Actor, at: datetime) -> None:
    """Take a paper away again; who saw a document by it keeps seeing it. :raises NotTheHost: :raises NotFound:"""
    entry = lock_for(entry_id=entry_id, actor=actor, at=at)
    refuse(policy.why_not_host(actor, entry, queries.offices_of(entry.agency_id, workdays.local_date(at))))
    paper = Paper.objects.filter(entry=entry, pk=paper_id).first()
    if paper is None:
        raise NotFound()
    facts = {"document": paper.document_id} if paper.document_id else {"file": paper.file_id}
    paper.delete()
    journal.record("agenda.paper_removed", subject=("agenda", entry.pk), actor=actor, at=at, **facts)


@transaction.atomic
def conclude(*, entry_id: int, words: Sequence[str], actor: Actor, at: datetime) -> list[Point]:
    """Write down what was concluded, a conclusion a line, in place of what stood there. What has become work stays as it is.

    :raises NotTheHost: :raises NotBegun: :raises NothingConcluded: :raises PointGiven: a conclusion that is work would go or change
    """
    entry = lock_for(entry_id=entry_id, actor=actor, at=at)
    offices = queries.offices_of(entry.agency_id, workdays.local_date(at))
    refuse(policy.why_not_conclude(actor, entry, offices, begun=entry.starts_at <= at))
    lines = [line for each in words if (line := words_of(each, 2000))][:MOST_POINTS]
    if not lines:
        raise NothingConcluded()
    there = queries.list_points(entry)
    for place, each in enumerate(there):
        if each.directive_id is not None and (place >= len(lines) or lines[place] != each.words):
            raise PointGiven()
    Point.objects.filter(entry=entry, directive=None).delete()
    kept = {each.place for each in there if each.directive_id is not None}
    Point.objects.bulk_create(
        Point(entry=entry, place=place, words=line) for place, line in enumerate(lines, 1) if place not in kept
    )
    journal.record("agenda.concluded", subject=("agenda", entry.pk), actor=actor, at=at, points=len(lines))
    return queries.list_points(entry)


@transaction.atomic
def note_given(*, entry_id: int, point_id: int, directive_id: int, actor: Actor, at: datetime) -> Point:
    """Note that a conclusion has become work, in the transaction that gives it. :raises PointGiven: :raises NotFound:"""
    entry = queries.lock(entry_id)
    point = queries.get_point(entry, point_id)
    if point.directive_id is not None:
        raise PointGiven()
    point.directive_id = directive_id
    point.save(update_fields=["directive"])
    journal.record(
        "agenda.point_given",
        subject=("agenda", entry.pk),
        actor=actor,
        at=at,
        place=point.place,
        directive=directive_id,
    )
    return point


@transaction.atomic
def note_notice(*, entry_id: int, document_id: int, actor: Actor, at: datetime) -> Entry:
    """Note which draft is the notice of the conclusions, in the transaction that begins it. :raises NoticeBegun:"""
    entry = queries.lock(entry_id)
    if entry.notice_id is not None:
        raise NoticeBegun()
    entry.notice_id, entry.changed_at = document_id, at
    entry.save(update_fields=["notice", "changed_at"])
    journal.record("agenda.notice_drafted", subject=("agenda", entry.pk), actor=actor, at=at, document=document_id)
    return entry
