"""Beats 7 and 8: a leader directs an incoming document; those named work, pass work down, finish; the giver accepts.

Each of these acts is told to the sender of the document by a receipt.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from django.db import transaction

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.exchange import operations as exchange
from antin.exchange.states import Status as Delivered
from antin.files import operations as files
from antin.journeys import sealing, telling
from antin.notices import operations as notices
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.tasks import operations as tasks
from antin.tasks import queries as assignments
from antin.tasks.operations import Share
from antin.tasks.states import Role
from antin.vault import operations as vault
from antin.vault.operations import Unlocked
from antin.vault.states import Need
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.tasks.models import Assignment, Directive, ResultFile


def direct(
    *, document_id: int, words: str, shares: list[Share], pin: str | None = None, actor: Actor, at: datetime
) -> Directive:
    """Write the directive (bút phê) of the leader to whom the document was presented, and give its parts out.

    Of a classified document those named become readers, by his PIN, and his words are sealed.

    :raises Refusal: as documents.direct and tasks.give
    """
    document = queries.get(document_id)
    unlocked = None
    if document.classified_id is not None:
        refuse(policy.why_not_direct(actor, document))
        unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
    with transaction.atomic(durable=True):
        if unlocked is not None:
            words = _seal_for(document, unlocked, words=words, shares=shares, actor=actor, at=at)
        lead_due = next((share.due_at for share in shares if share.role == Role.LEAD), None)
        document = documents.direct(document_id=document_id, holders={}, due_at=lead_due, actor=actor, at=at)
        directive = tasks.give(document_id=document_id, words=words, shares=shares, actor=actor, at=at)
        named = tasks.holders_of(directive)
        documents.show(document=document, holders=named, actor=actor, at=at)
        names = [row.holder_name for row in directive.assignments.all() if row.role != Role.INFORM]
        exchange.report(arrival_id=document_id, kind=Delivered.ASSIGNED, actor=actor, at=at, names=names)
        _tell_named(document, directive, actor, at)
    return directive


def _seal_for(
    document: Document, unlocked: Unlocked, *, words: str, shares: list[Share], actor: Actor, at: datetime
) -> str:
    """Let those named read a classified document, and seal what they are told; the mask that stands in its place.

    A unit is its head: he reads, and may let his people read.

    :raises ReaderNotCleared: NoEncryptionCertificate: NobodyReads: one of them cannot read it, by name
    """
    today = workdays.local_date(at)
    persons: dict[int, str] = {}
    for share in shares:
        if share.post_id is not None:
            post_id = people.get_post_in(agency_id=actor.agency_id, post_id=share.post_id).pk
        else:
            unit = people.get_unit_in(agency_id=actor.agency_id, unit_id=share.unit_id or 0)
            head = people.find_head_post(unit.pk, today)
            if head is None:
                raise sealing.NobodyReads(name=unit.name, level=sealing.level_words(document))
            post_id = head.pk
        persons |= sealing.reader_in(post_id, Need.ASSIGNEE, level=document.secrecy, on=today)
    vault.let_read(unlocked=unlocked, persons=persons, actor=actor, at=at)
    return sealing.conceal(document, "directed", words, actor=actor, at=at)


def _tell_named(document: Document, directive: Directive, actor: Actor, at: datetime) -> None:
    notices.tell_many(
        [
            telling.news(
                "task.given",
                [row.holder],
                document.pk,
                subject=document.subject,
                by=directive.giver_name,
                role=row.role,
                words=directive.words,
            )
            for row in directive.assignments.all()
        ],
        actor=actor,
        at=at,
    )


def pass_down(
    *, assignment_id: int, words: str, shares: list[Share], pin: str | None = None, actor: Actor, at: datetime
) -> Directive:
    """Pass one's own assignment on to units and people below, with deadlines within one's own; any number of levels.

    :raises Refusal: as tasks.give
    """
    document_id = assignments.get_for(actor, assignment_id).document_id
    document = queries.get(document_id)
    unlocked = None
    if document.classified_id is not None:
        unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
    with transaction.atomic(durable=True):
        document = queries.lock(document_id)
        if unlocked is not None:
            words = _seal_for(document, unlocked, words=words, shares=shares, actor=actor, at=at)
        directive = tasks.give(
            document_id=document_id, words=words, shares=shares, parent_id=assignment_id, actor=actor, at=at
        )
        documents.show(document=document, holders=tasks.holders_of(directive), actor=actor, at=at)
        _begin(document, actor, at)
        _tell_named(document, directive, actor, at)
    return directive


def _begin(document: Document, actor: Actor, at: datetime) -> None:
    """The first act of anyone assigned sets the document in work, and the sender learns it."""
    documents.begin(document_id=document.pk, actor=actor, at=at)
    exchange.report(arrival_id=document.pk, kind=Delivered.PROCESSING, actor=actor, at=at)


def report(*, assignment_id: int, words: str, percent: int, actor: Actor, at: datetime) -> Assignment:
    """Report progress on an assignment. :raises Refusal: as tasks.report"""
    with transaction.atomic(durable=True):
        document = queries.lock(assignments.get_for(actor, assignment_id).document_id)
        words = sealing.conceal(document, "reported", words, actor=actor, at=at)
        assignment = tasks.report(assignment_id=assignment_id, words=words, percent=percent, actor=actor, at=at)
        _begin(document, actor, at)
        telling.tell(
            "task.reported",
            [assignment.giver_holder],
            document.pk,
            actor=actor,
            at=at,
            subject=document.subject,
            by=actor.person_name,
            percent=assignment.percent,
            words=words,
        )
    return assignment


def attach(*, assignment_id: int, name: str, content: BinaryIO, actor: Actor, at: datetime) -> ResultFile:
    """Keep a result file and put it with the work. :raises TooLarge: :raises NoRoom: :raises Refusal: as tasks.attach"""
    sealing.refuse_in_clear(queries.get(assignments.get_for(actor, assignment_id).document_id))
    file = files.keep(content, at=at)
    with transaction.atomic(durable=True):
        return tasks.attach(
            assignment_id=assignment_id, name=name, file=file.digest, size=file.size, actor=actor, at=at
        )


def hand_in(*, assignment_id: int, words: str, reply_id: int | None = None, actor: Actor, at: datetime) -> Assignment:
    """Hand finished work in to its giver. :raises Refusal: as tasks.hand_in"""
    with transaction.atomic(durable=True):
        document = queries.lock(assignments.get_for(actor, assignment_id).document_id)
        words = sealing.conceal(document, "handed_in", words, actor=actor, at=at)
        assignment = tasks.hand_in(assignment_id=assignment_id, words=words, reply_id=reply_id, actor=actor, at=at)
        _begin(document, actor, at)
        telling.tell(
            "task.handed_in",
            [assignment.giver_holder],
            document.pk,
            actor=actor,
            at=at,
            subject=document.subject,
            by=assignment.holder_name,
            words=words,
        )
    return assignment


def accept(*, assignment_id: int, words: str = "", actor: Actor, at: datetime) -> Assignment:
    """Accept finished work. When nothing a first-level directive asked for is open any more, the document is done.

    :raises Refusal: as tasks.accept
    """
    with transaction.atomic(durable=True):
        document = queries.lock(assignments.get_for(actor, assignment_id).document_id)
        words = sealing.conceal(document, "accepted", words, actor=actor, at=at)
        assignment = tasks.accept(assignment_id=assignment_id, words=words, actor=actor, at=at)
        telling.tell(
            "task.accepted",
            [assignment.holder],
            document.pk,
            actor=actor,
            at=at,
            subject=document.subject,
            by=actor.person_name,
            words=words,
        )
        _finish(document, actor, at)
    return assignment


def _finish(document: Document, actor: Actor, at: datetime) -> None:
    """Complete the document when its first-level assignments are all ended and the lead's was accepted."""
    if assignments.list_open_of_document(document.pk) or not assignments.has_accepted_lead(document.pk):
        return
    documents.complete(document_id=document.pk, actor=actor, at=at)
    exchange.report(
        arrival_id=document.pk, kind=Delivered.DONE, actor=actor, at=at, reply_code=queries.find_reply_code(document.pk)
    )


def send_back(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Send work back to be done better, with the reason. :raises Refusal: as tasks.send_back"""
    with transaction.atomic(durable=True):
        document = queries.lock(assignments.get_for(actor, assignment_id).document_id)
        reason = sealing.conceal(document, "sent_back", reason, actor=actor, at=at)
        assignment = tasks.send_back(assignment_id=assignment_id, reason=reason, actor=actor, at=at)
        telling.tell(
            "task.sent_back",
            [assignment.holder],
            document.pk,
            actor=actor,
            at=at,
            subject=document.subject,
            by=actor.person_name,
            words=reason,
        )
    return assignment


def cancel(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Take an assignment back. When it was the last open one the document is done. :raises Refusal: as tasks.cancel"""
    with transaction.atomic(durable=True):
        document = queries.lock(assignments.get_for(actor, assignment_id).document_id)
        reason = sealing.conceal(document, "cancelled", reason, actor=actor, at=at)
        assignment = tasks.cancel(assignment_id=assignment_id, reason=reason, actor=actor, at=at)
        telling.tell(
            "task.cancelled",
            [assignment.holder],
            document.pk,
            actor=actor,
            at=at,
            subject=document.subject,
            by=actor.person_name,
            words=reason,
        )
        _finish(document, actor, at)
    return assignment
