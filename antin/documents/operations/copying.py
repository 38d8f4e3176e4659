"""Copies of papers: asked for, permitted by whoever may sign copies, numbered like any document, sealed or signed on paper.

Law: Decree 30/2020, art. 25 (sao y, sao lục, trích sao), art. 27 (the head decides on copying and who signs copies).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import policy, queries, states
from antin.documents.models import Copy, Document, Making, Remark
from antin.documents.operations.drafting import Addressees, UnknownType, address, find_begun, index_words
from antin.documents.operations.giving_back import give_number_back
from antin.documents.operations.sharing import move_box, show
from antin.documents.states import Act, CopyForm, Direction, Status
from antin.documents.types import COPIES, notation
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.outbox import operations as outbox
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse

MOST_LINES, LONGEST_LINE = 100, 300


class DropReasonMissing(Refusal):
    code = "reason_missing"
    words = _("Thôi sao phải ghi rõ lý do.")


class NoRecipientOnPaper(Refusal):
    code = "no_recipient"
    words = _("Bản sao giấy ghi ít nhất một nơi nhận.")


class TooManyLines(Refusal):
    code = "too_many_lines"
    words = _("Nơi nhận của bản sao giấy có nhiều nhất %(most)d dòng, mỗi dòng %(long)d ký tự.")


@dataclass(frozen=True)
class CopyFacts:
    """What is asked for. `recipients` are lines printed on a paper copy, `addressees` whom an electronic one is sent to.

    Of an extract, `passages` are its words, and `compared` says whether the paper's own text had them.
    """

    kind: str
    form: CopyForm
    signer_post_id: int
    passages: tuple[str, ...] = ()
    compared: bool = True
    recipients: tuple[str, ...] = ()
    addressees: Addressees = field(default_factory=Addressees)


def check_lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of "Nơi nhận" as they are printed. :raises NoRecipientOnPaper: :raises TooManyLines:"""
    kept = tuple(filter(None, (" ".join(clean(line).split()).rstrip(" ;.,") for line in lines)))
    if not kept:
        raise NoRecipientOnPaper()
    if len(kept) > MOST_LINES or max(map(len, kept)) > LONGEST_LINE:
        raise TooManyLines(most=MOST_LINES, long=LONGEST_LINE)
    return kept


@transaction.atomic
def ask_copy(
    *,
    source_id: int,
    facts: CopyFacts,
    source_words: str,
    file: str,
    pages: int,
    key: str = "",
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Ask for a copy of a paper, whose page is `file`; who may sign copies decides next. The same `key` asks once.

    :raises SecretCopy: NotTheOriginal: CopyOfACopy: NoCopyToCopy: WayNotAllowed: it may not be copied, or not like this
    :raises Refusal: the one named has no right to sign copies today; a recipient is not there
    """
    begun = find_begun(key=key, actor=actor)
    if begun is not None:
        return begun
    source = queries.get_for(actor, source_id)
    if facts.kind not in COPIES:
        raise UnknownType(type_code=facts.kind)
    refuse(policy.why_not_copy(actor, source))
    refuse(policy.why_not_this_copy(source, facts.kind, facts.form))
    right = people.get_signing_right(
        agency_id=source.agency_id, post_id=facts.signer_post_id, type_code=facts.kind, on=today
    )
    agency = people.get_agency(source.agency_id)
    by_hand = facts.form == CopyForm.PAPER
    lines = check_lines(facts.recipients) if by_hand else ()
    document = Document(
        agency_id=source.agency_id,
        direction=Direction.OUT,
        status=Status.ASKED,
        type_code=facts.kind,
        subject=source.subject,
        circulation=source.circulation,
        issuer_name=agency.name,
        issuer_code=agency.code.value if agency.code else "",
        notation=notation(facts.kind, agency.abbreviation, ""),
        file=file,
        pages=pages,
        parties=", ".join(lines)[:300],
        next_act=Act.PERMIT,
        next_holder=f"P{right.post_id}",
        made_at=at,
        changed_at=at,
        order_at=at,
    )
    document.save(force_insert=True)
    if not by_hand:
        document.parties = address(document, facts.addressees, today)
        document.save(update_fields=["parties"])
    Making.objects.create(
        document=document,
        unit_id=actor.unit_id,
        drafter_post_id=actor.post_id,
        drafter_name=actor.person_name,
        signer_post_id=right.post_id,
        signer_person_id=right.person_id,
        signer_name=f"{right.rank} {right.person_name}".strip(),
        authority_form=right.form,
        authority_lines=list(right.lines),
        laid_out_file=file,
        laid_out_revision=1,
        begun_in=key or None,
    )
    Copy.objects.create(
        document=document,
        source=source,
        source_words=source_words[:600],
        source_file=source.file,
        form=facts.form,
        passages=list(facts.passages),
        compared=facts.compared,
        recipients=list(lines),
    )
    Document.objects.filter(pk=document.pk).update(search=index_words(document))
    show(
        document=document,
        holders={f"P{actor.post_id}": "drafter", f"P{right.post_id}": "signer"},
        actor=actor,
        at=at,
    )
    journal.record(
        "copy.asked",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        kind=facts.kind,
        form=str(facts.form),
        of=source_words,
        source=source.pk,
        file=file,
    )
    return document


@transaction.atomic
def permit_copy(*, document_id: int, actor: Actor, today: date, at: datetime) -> Document:
    """Permit the copy, as who may sign copies; the registry office numbers it next.

    :raises NotTheSigner: WrongState: it is another's to decide, or was decided
    :raises Refusal: his right to sign copies has ended
    """
    document = queries.lock(document_id)
    making = queries.making_of(document)
    refuse(policy.why_not_permit(actor, document, making))
    people.get_signing_right(
        agency_id=document.agency_id, post_id=making.signer_post_id or 0, type_code=document.type_code, on=today
    )
    document.status = states.step("permit", document.status)
    document.next_act, document.next_holder = Act.NUMBER, f"R{document.agency_id}"
    document.changed_at = at
    document.save(update_fields=["status", "next_act", "next_holder", "changed_at"])
    making.signed_file, making.signed_at = making.laid_out_file, at
    making.save(update_fields=["signed_file", "signed_at"])
    Copy.objects.filter(document=document).update(
        permitted_by=f"{actor.person_name}, {actor.post_title}", permitted_at=at
    )
    show(document=document, holders={f"R{document.agency_id}": "registry"}, actor=actor, at=at)
    journal.record("copy.permitted", subject=("document", document.pk), actor=actor, at=at)
    return document


@transaction.atomic
def drop_copy(*, document_id: int, reason: str, actor: Actor, at: datetime) -> Document:
    """Let the copy be: withdrawn, not permitted, or wrong before it left. A number it had is voided with the same reason.

    :raises DropReasonMissing: no reason given
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_drop(actor, document, queries.making_of(document)))
    words = clean(reason).strip()[:1000]
    if not words:
        raise DropReasonMissing()
    document.status = states.step("drop", document.status)
    give_number_back(document, words, actor=actor, at=at)
    document.next_act, document.next_holder, document.changed_at = Act.NONE, "", at
    document.save()
    author = f"{actor.person_name}, {actor.post_title}"
    Remark.objects.create(document=document, kind="returned", words=words, author=author, at=at)
    journal.record("copy.dropped", subject=("document", document.pk), actor=actor, at=at, words=words)
    return document


def promise_page(document: Document, at: datetime) -> None:
    """Let the page of a numbered copy on paper be laid out with its number, in the caller's transaction."""
    outbox.promise("print_copy", key=f"print_copy:{document.pk}:{document.code}", document_id=document.pk)


@transaction.atomic
def keep_copy_page(*, document_id: int, file: str, pages: int, actor: Actor | None, at: datetime) -> Document:
    """Keep the page of a numbered copy on paper, to be printed. Repeating it changes nothing."""
    document = queries.lock(document_id)
    copying = Copy.objects.get(document=document)
    if document.next_act != Act.PRINT or copying.page_file == file:
        return document
    copying.page_file = document.file = file
    copying.save(update_fields=["page_file"])
    document.pages = pages
    document.save(update_fields=["file", "pages"])
    journal.record("copy.laid_out", subject=("document", document.pk), actor=actor, at=at, file=file, pages=pages)
    return document


@transaction.atomic
def hand_out_copy(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Say that a copy on paper was printed, signed by hand, stamped and leaves: it is issued, without the agency's key.

    :raises NotTheSealKeeper: NotNumbered: PageNotFixed: by whom and when
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_hand_out(actor, document))
    document.status = states.step("issue", document.status)
    document.next_act, document.next_holder = Act.NONE, ""
    document.changed_at = document.order_at = at
    document.save()
    Making.objects.filter(document=document).update(issued_at=at)
    move_box(document=document, actor=actor, at=at)
    journal.record(
        "document.issued",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        code=document.code,
        parties=document.parties,
    )
    return document
