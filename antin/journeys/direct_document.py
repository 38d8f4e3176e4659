"""Beats 7 and 8: a leader directs an incoming document, or gives work of his own; those named work, pass down, finish; he accepts.

Where the work came from a document that was received, each of these acts is told to its sender by a receipt.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import transaction

from antin.correspondents import queries as groups
from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.states import Secrecy
from antin.exchange import operations as exchange
from antin.exchange.states import Status as Delivered
from antin.files import operations as files
from antin.files import queries as papers
from antin.identifiers.text import clean
from antin.journeys import sealing, taking, telling
from antin.journeys.taking import Taken
from antin.notices import operations as notices
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, _, refuse
from antin.tasks import operations as tasks
from antin.tasks import policy as work
from antin.tasks import queries as assignments
from antin.tasks.operations import Share
from antin.tasks.states import Origin, Role
from antin.vault import operations as vault
from antin.vault import queries as secrets
from antin.vault.operations import Opening, Unlocked
from antin.vault.states import Need
from antin.workdays import queries as workdays
from antin.workdays.queries import HERE

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.tasks.models import Assignment, Directive, Extension, ResultFile


class SecretByHand(Refusal):
    code = "secret_work_by_hand"
    words = _(
        "Việc độ %(level)s không giao bằng lời được, vì lời ở đây không niêm phong: đồng chí soạn văn bản mật gửi nơi thực hiện, "
        "nhiệm vụ giao từ văn bản đó mang độ mật của văn bản. Những lời vừa viết không được giữ lại."
    )


class BeyondAnswerDay(Refusal):
    code = "beyond_answer_day"
    words = _(
        "Thời hạn của %(name)s sau ngày phải trả lời nơi gửi (%(day)s). Vẫn giao như vậy thì đánh dấu “Cho phép thời hạn sau ngày "
        "phải trả lời nơi gửi” rồi giao lại."
    )


def direct(
    *,
    document_id: int,
    words: str,
    shares: list[Share],
    pin: Opening | None = None,
    beyond: bool = False,
    actor: Actor,
    at: datetime,
) -> Directive:
    """Write the directive (bút phê) of the leader to whom the document was presented, and give its parts out.

    Of a classified document those named become readers, by his PIN, and his words are sealed.

    :raises BeyondAnswerDay: a deadline is after the day the sender awaits the answer on, and he did not say so (`beyond`)
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
        return give_out(document_id=document_id, words=words, shares=shares, beyond=beyond, actor=actor, at=at)


def shares_of_group(actor: Actor, list_id: int, *, due_at: datetime | None, days: int | None) -> list[Share]:
    """Return the parts that a group gives by its name, each in its role there. :raises NotFound: not this actor's to use"""
    return [
        Share(
            member.role,
            member.part_id,
            member.post_id,
            due_at if member.role != Role.INFORM else None,
            days if member.role != Role.INFORM else None,
        )
        for member in sorted(groups.get_group_for(actor, list_id).members.all(), key=lambda each: each.position)
    ]


def give_out(
    *, document_id: int, words: str, shares: list[Share], beyond: bool = False, actor: Actor, at: datetime
) -> Directive:
    """Write the directive, show the document to those named, tell them and its sender. Part of a larger act.

    :raises BeyondAnswerDay: as `direct`
    """
    lead_due = next((share.due_at for share in shares if share.role == Role.LEAD), None)
    document = documents.direct(document_id=document_id, holders={}, due_at=lead_due, actor=actor, at=at)
    directive = tasks.give(document_id=document_id, words=words, shares=shares, actor=actor, at=at)
    if document.reply_by is not None and not beyond:
        limit = workdays.end_of_working_day(document.reply_by)
        late = next((row for row in directive.assignments.all() if row.due_at and row.due_at > limit > at), None)
        if late is not None:
            raise BeyondAnswerDay(name=late.holder_name, day=f"{document.reply_by:%d/%m/%Y}")
    named = tasks.holders_of(directive)
    documents.show(document=document, holders=named, actor=actor, at=at)
    names = [row.holder_name for row in directive.assignments.all() if row.role != Role.INFORM]
    exchange.report(arrival_id=document_id, kind=Delivered.ASSIGNED, actor=actor, at=at, names=names)
    tell_named(document, directive, actor, at)
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
            unit = people.get_unit_to_task(agency_id=actor.agency_id, unit_id=share.unit_id or 0, under=None)
            head = people.find_head_post(unit.pk, today)
            if head is None:
                raise sealing.NobodyReads(name=unit.name, level=sealing.level_words(document))
            post_id = head.pk
        persons |= sealing.reader_in(post_id, Need.ASSIGNEE, level=document.secrecy, on=today)
    vault.let_read(unlocked=unlocked, persons=persons, actor=actor, at=at)
    return sealing.conceal(document, "directed", words, actor=actor, at=at)


def _conceal(document: Document | None, kind: str, words: str, actor: Actor, at: datetime) -> str:
    """Seal what is said of the work on a classified document; the mask that stands in its place. Other words stay."""
    return words if document is None else sealing.conceal(document, kind, words, actor=actor, at=at)


def tell_named(document: Document | None, directive: Directive, actor: Actor, at: datetime) -> None:
    notices.tell_many(
        [
            telling.news(
                "task.given",
                [row.holder],
                document.pk if document else 0,
                task_id=0 if document else row.pk,
                subject=_title(document, directive),
                by=directive.giver_name,
                role=row.role,
                words=directive.words,
            )
            for row in directive.assignments.all()
        ],
        actor=actor,
        at=at,
    )


def _title(document: Document | None, directive: Directive) -> str:
    return directive.subject or (document.subject if document else directive.words)


def _tell(
    kind: str,
    holders: list[str],
    task: Assignment,
    document: Document | None,
    *,
    actor: Actor,
    at: datetime,
    **facts: Any,
) -> None:
    """Tell some holders what happened to an assignment: it is opened on its document's page, or on its own."""
    telling.tell(
        kind,
        holders,
        document.pk if document else 0,
        task_id=0 if document else task.pk,
        actor=actor,
        at=at,
        subject=_title(document, task.directive),
        **facts,
    )


def _show(document: Document, directive: Directive, actor: Actor, at: datetime) -> None:
    """Let those of the document's own agency see it whom a directive names; others work by the words of the task."""
    inside = {
        row.holder: row.role for row in directive.assignments.all() if row.in_unit.agency_id == document.agency_id
    }
    documents.show(document=document, holders=inside, actor=actor, at=at)


def _lock_document(actor: Actor, assignment_id: int) -> Document | None:
    """Lock the document an assignment came from, before the assignment itself; None for work without one."""
    document_id = assignments.get_for(actor, assignment_id).document_id
    return queries.lock(document_id) if document_id is not None else None


def give(
    *,
    title: str,
    words: str,
    shares: list[Share],
    origin: str = Origin.HAND,
    priority: int = 0,
    evidence: str = "",
    document_id: int | None = None,
    page: int | None = None,
    sentence: str = "",
    begun_in: str | None = None,
    secrecy: int = 0,
    actor: Actor,
    at: datetime,
) -> Directive:
    """Give work of one's own: by hand, or (with `document_id`, `page` and `sentence`) from what a paper says.

    The sentence must stand on that page of the paper as it is now; the task keeps page, words and the file's digest.

    Work bears the level of its paper, whose readers and seals it shares; of itself it has none.

    :raises AnchorNotThere: it does not :raises NotFound: the document is not this actor's to see :raises Refusal: as tasks.give
    :raises SecretByHand: a `secrecy` of its own is asked for, which nothing here would seal
    """
    if secrecy:
        raise SecretByHand(level=str(Secrecy(secrecy).label))
    document, anchor = None, None
    if document_id is not None:
        document = queries.get_for(actor, document_id)
        sealing.refuse_in_clear(document)
        if page is not None and sentence.strip():
            anchor = _find_anchor(document.file, page, sentence)
    with transaction.atomic(durable=True):
        if document is not None:
            document = queries.lock(document.pk)
        directive = tasks.give(
            document_id=document.pk if document else None,
            title=title,
            words=words,
            shares=shares,
            origin=origin,
            priority=priority,
            evidence=evidence,
            anchor=anchor,
            begun_in=begun_in,
            actor=actor,
            at=at,
        )
        if directive.given_at == at:  # the same form sent twice tells nobody twice
            if document is not None:
                _show(document, directive, actor, at)
            tell_named(document, directive, actor, at)
    return directive


def _find_anchor(file: str, page: int, sentence: str) -> tasks.Anchor:
    """Find a sentence on a page of a paper, whatever its line breaks. :raises AnchorNotThere:"""
    pages = papers.text_of(file).split("\f") if file else []
    wanted = " ".join(sentence.split())
    if not 1 <= page <= len(pages) or wanted not in " ".join(pages[page - 1].split()):
        raise tasks.AnchorNotThere(page=page)
    return tasks.Anchor(page, wanted, file)


def pass_down(
    *, assignment_id: int, words: str, shares: list[Share], pin: Opening | None = None, actor: Actor, at: datetime
) -> Directive:
    """Pass one's own assignment on to units and people below, with deadlines within one's own; any number of levels.

    :raises Refusal: as tasks.give
    """
    document_id = assignments.get_for(actor, assignment_id).document_id
    document = queries.get(document_id) if document_id is not None else None
    unlocked = None
    if document is not None and document.classified_id is not None:
        unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        if document is not None and unlocked is not None:
            words = _seal_for(document, unlocked, words=words, shares=shares, actor=actor, at=at)
        directive = tasks.give(
            document_id=document.pk if document else None,
            words=words,
            shares=shares,
            parent_id=assignment_id,
            actor=actor,
            at=at,
        )
        if document is not None:
            _show(document, directive, actor, at)
        _begin(directive.origin, document, actor, at)
        tell_named(document, directive, actor, at)
    return directive


def _begin(origin: str, document: Document | None, actor: Actor, at: datetime) -> None:
    """The first act of anyone a directive assigned sets its document in work, and the sender learns it."""
    if document is None or origin != Origin.DIRECTIVE:
        return
    documents.begin(document_id=document.pk, actor=actor, at=at)
    exchange.report(arrival_id=document.pk, kind=Delivered.PROCESSING, actor=actor, at=at)


def take(*, assignment_id: int, actor: Actor, at: datetime) -> Assignment:
    """Accept an assignment and begin it. :raises Refusal: as tasks.take"""
    with transaction.atomic(durable=True):
        return take_on(assignment_id=assignment_id, actor=actor, at=at)


def take_on(*, assignment_id: int, actor: Actor, at: datetime) -> Assignment:
    """Accept an assignment and begin it. Part of a larger act, in the caller's transaction."""
    document = _lock_document(actor, assignment_id)
    assignment = tasks.take(assignment_id=assignment_id, actor=actor, at=at)
    _begin(assignment.directive.origin, document, actor, at)
    return assignment


def decline(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Ask to be let off an assignment, with the reason. :raises Refusal: as tasks.decline"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        reason = _conceal(document, "declined", reason, actor, at)
        assignment = tasks.decline(assignment_id=assignment_id, reason=reason, actor=actor, at=at)
        to = [assignment.giver_holder]
        _tell("task.declined", to, assignment, document, actor=actor, at=at, by=assignment.holder_name, words=reason)
    return assignment


def insist(*, assignment_id: int, words: str, actor: Actor, at: datetime) -> Assignment:
    """Let a declined assignment stand. :raises Refusal: as tasks.insist"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        words = _conceal(document, "insisted", words, actor, at)
        assignment = tasks.insist(assignment_id=assignment_id, words=words, actor=actor, at=at)
        to = [assignment.holder]
        _tell("task.insisted", to, assignment, document, actor=actor, at=at, by=actor.person_name, words=words)
    return assignment


def hand_over(*, assignment_id: int, to: Share, words: str, actor: Actor, at: datetime) -> Assignment:
    """Let somebody else do an assignment: reassigned by its giver, delegated by its holder. :raises Refusal: as tasks.hand_over"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        if document is not None:
            sealing.refuse_in_clear(document)  # whoever takes it on must be a reader first
        former = assignments.get_for(actor, assignment_id).holder
        assignment = tasks.hand_over(assignment_id=assignment_id, to=to, words=words, actor=actor, at=at)
        if document is not None:
            _show(document, assignment.directive, actor, at)
        told = [former, assignment.holder, assignment.giver_holder]
        _tell(
            "task.handed_over",
            told,
            assignment,
            document,
            actor=actor,
            at=at,
            by=actor.person_name,
            to=assignment.holder_name,
        )
    return assignment


def ask_extension(*, assignment_id: int, until_at: datetime, reason: str, actor: Actor, at: datetime) -> Extension:
    """Ask for a later deadline. :raises Refusal: as tasks.ask_extension"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        reason = _conceal(document, "ext_asked", reason, actor, at)
        asked = tasks.ask_extension(assignment_id=assignment_id, until_at=until_at, reason=reason, actor=actor, at=at)
        task = asked.assignment
        day = f"{until_at.astimezone(HERE):%d/%m/%Y}"
        to = [task.giver_holder]
        _tell(
            "task.extension_asked", to, task, document, actor=actor, at=at, by=task.holder_name, day=day, words=reason
        )
    return asked


def decide_extension(*, assignment_id: int, granted: bool, words: str, actor: Actor, at: datetime) -> Assignment:
    """Grant a later deadline, or refuse it. :raises Refusal: as tasks.decide_extension"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        words = _conceal(document, "ext_decided", words, actor, at)
        assignment = tasks.decide_extension(
            assignment_id=assignment_id, granted=granted, words=words, actor=actor, at=at
        )
        kind = "task.extended" if granted else "task.extension_refused"
        day = f"{assignment.due_at.astimezone(HERE):%d/%m/%Y}" if assignment.due_at else ""
        to = [assignment.holder]
        _tell(kind, to, assignment, document, actor=actor, at=at, by=actor.person_name, day=day, words=words)
    return assignment


def pause(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Let the clock of an assignment stand. :raises Refusal: as tasks.pause"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        reason = _conceal(document, "paused", reason, actor, at)
        assignment = tasks.pause(assignment_id=assignment_id, reason=reason, actor=actor, at=at)
        to = [assignment.holder]
        _tell("task.paused", to, assignment, document, actor=actor, at=at, by=actor.person_name, words=reason)
    return assignment


def resume(*, assignment_id: int, words: str = "", actor: Actor, at: datetime) -> Assignment:
    """Set the clock of an assignment going again. :raises Refusal: as tasks.resume"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        words = _conceal(document, "resumed", words, actor, at)
        assignment = tasks.resume(assignment_id=assignment_id, words=words, actor=actor, at=at)
        day = f"{assignment.due_at.astimezone(HERE):%d/%m/%Y}" if assignment.due_at else "-"
        to = [assignment.holder]
        _tell("task.resumed", to, assignment, document, actor=actor, at=at, by=actor.person_name, day=day)
    return assignment


def report(*, assignment_id: int, words: str, percent: int, actor: Actor, at: datetime) -> Assignment:
    """Report progress on an assignment. :raises Refusal: as tasks.report"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        words = _conceal(document, "reported", words, actor, at)
        assignment = tasks.report(assignment_id=assignment_id, words=words, percent=percent, actor=actor, at=at)
        _begin(assignment.directive.origin, document, actor, at)
        done, to = assignment.percent, [assignment.giver_holder]
        _tell(
            "task.reported",
            to,
            assignment,
            document,
            actor=actor,
            at=at,
            by=actor.person_name,
            percent=done,
            words=words,
        )
    return assignment


def say(*, assignment_id: int, kind: str, words: str, actor: Actor, at: datetime) -> Assignment:
    """Say what stands in the way of the work, what is proposed, or that it is at risk. :raises Refusal: as tasks.say"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        words = _conceal(document, "said", words, actor, at)
        assignment = tasks.say(assignment_id=assignment_id, kind=kind, words=words, actor=actor, at=at)
        _begin(assignment.directive.origin, document, actor, at)
        if words.strip():
            to = [assignment.giver_holder]
            _tell(f"task.{kind}", to, assignment, document, actor=actor, at=at, by=assignment.holder_name, words=words)
    return assignment


def attach(
    *, assignment_id: int, name: str, content: BinaryIO, in_memory: bool = False, actor: Actor, at: datetime
) -> ResultFile:
    """Keep a result file and put it with the work.

    On work from a classified document the file, which must have come `in_memory`, and its name are sealed to the document's
    readers, giver and holder among them. The same file twice is two results there: its sealed bytes differ.

    :raises WrittenDown: :raises NotAReader: :raises EmptyFile: :raises TooLargeToSeal: only of a classified document
    :raises TooLarge: :raises NoRoom: :raises Refusal: as tasks.attach
    """
    assignment = assignments.get_for(actor, assignment_id)
    if is_sealed(assignment):
        refuse(work.why_not_work(actor, assignment))
        if not in_memory:
            raise sealing.WrittenDown
        return _attach_sealed(assignment, taking.hold_result(content, name=name), actor, at)
    file = files.keep(content, at=at)
    with transaction.atomic(durable=True):
        return tasks.attach(
            assignment_id=assignment_id, name=name, file=file.digest, size=file.size, actor=actor, at=at
        )


def is_sealed(assignment: Assignment) -> bool:
    """Whether the work came from a classified document, so that whatever is said and handed in is sealed."""
    return assignment.document is not None and assignment.document.classified_id is not None


def is_sealed_file(row: ResultFile) -> bool:
    """Whether a result file is opened with its document alone; one handed in before that was brought into clear stays so."""
    document = row.assignment.document
    return document is not None and document.sealed_as is not None and secrets.is_sealed_file(row.file)


def _attach_sealed(assignment: Assignment, held: Taken, actor: Actor, at: datetime) -> ResultFile:
    """Seal a result file and its name; its row says only that there is one."""
    with transaction.atomic(durable=True):
        document = queries.lock(assignment.document_id or 0)
        name = clean(held.name)[:200] or sealing.MASKED_NAME
        file = sealing.enclose(
            document.classified_id or 0,
            held.content,
            name=name,
            media_type=held.media_type,
            unlocked=None,
            actor=actor,
            at=at,
        )
        return tasks.attach(
            assignment_id=assignment.pk, name=sealing.MASKED_NAME, file=file, size=held.size, actor=actor, at=at
        )


def hand_in(*, assignment_id: int, words: str, reply_id: int | None = None, actor: Actor, at: datetime) -> Assignment:
    """Hand finished work in to its giver. :raises Refusal: as tasks.hand_in"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        words = _conceal(document, "handed_in", words, actor, at)
        assignment = tasks.hand_in(assignment_id=assignment_id, words=words, reply_id=reply_id, actor=actor, at=at)
        _begin(assignment.directive.origin, document, actor, at)
        to = [assignment.giver_holder]
        _tell("task.handed_in", to, assignment, document, actor=actor, at=at, by=assignment.holder_name, words=words)
    return assignment


def accept(*, assignment_id: int, words: str = "", grade: int = 0, actor: Actor, at: datetime) -> Assignment:
    """Accept finished work. When nothing a first-level directive asked for is open any more, the document is done.

    :raises Refusal: as tasks.accept
    """
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        words = _conceal(document, "accepted", words, actor, at)
        assignment = tasks.accept(assignment_id=assignment_id, words=words, grade=grade, actor=actor, at=at)
        to = [assignment.holder]
        _tell("task.accepted", to, assignment, document, actor=actor, at=at, by=actor.person_name, words=words)
        _finish(assignment.directive.origin, document, actor, at)
    return assignment


def _finish(origin: str, document: Document | None, actor: Actor, at: datetime) -> None:
    """Complete the document when its first-level assignments are all ended and the lead's was accepted."""
    if document is None or origin != Origin.DIRECTIVE:
        return
    if assignments.list_open_of_document(document.pk) or not assignments.has_accepted_lead(document.pk):
        return
    documents.complete(document_id=document.pk, actor=actor, at=at)
    exchange.report(
        arrival_id=document.pk, kind=Delivered.DONE, actor=actor, at=at, reply_code=queries.find_reply_code(document.pk)
    )


def send_back(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Send work back to be done better, with the reason. :raises Refusal: as tasks.send_back"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        reason = _conceal(document, "sent_back", reason, actor, at)
        assignment = tasks.send_back(assignment_id=assignment_id, reason=reason, actor=actor, at=at)
        to = [assignment.holder]
        _tell("task.sent_back", to, assignment, document, actor=actor, at=at, by=actor.person_name, words=reason)
    return assignment


def cancel(*, assignment_id: int, reason: str, actor: Actor, at: datetime) -> Assignment:
    """Take an assignment back. When it was the last open one the document is done. :raises Refusal: as tasks.cancel"""
    with transaction.atomic(durable=True):
        document = _lock_document(actor, assignment_id)
        reason = _conceal(document, "cancelled", reason, actor, at)
        assignment = tasks.cancel(assignment_id=assignment_id, reason=reason, actor=actor, at=at)
        to = [assignment.holder]
        _tell("task.cancelled", to, assignment, document, actor=actor, at=at, by=actor.person_name, words=reason)
        _finish(assignment.directive.origin, document, actor, at)
    return assignment
