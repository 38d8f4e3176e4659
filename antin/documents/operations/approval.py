"""Approval: the department head endorses, the page is fixed, the competent person signs; or it goes back with a reason."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import policy, queries, states
from antin.documents.models import Document, Making, Remark, Signatory
from antin.documents.operations.drafting import hand_to_signer
from antin.documents.operations.giving_back import give_number_back
from antin.documents.operations.sharing import show
from antin.documents.operations.signatories import call_next, void_signatures
from antin.documents.states import Act, Part
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse


class ReasonMissing(Refusal):
    code = "reason_missing"
    words = _("Trả lại phải ghi rõ lý do.")


class PageChanged(Refusal):
    code = "page_changed"
    words = _("Trang đồng chí xem không còn là trang hiện tại; mở lại và xem trước khi ký.")


@transaction.atomic
def endorse(*, document_id: int, words: str, actor: Actor, today: date, at: datetime) -> Document:
    """Agree with the draft as head of the drafting unit and hand it to the signer."""
    document = queries.lock(document_id)
    making = queries.making_of(document)
    refuse(policy.why_not_endorse(actor, document, making))
    queries.right_to_sign(document, making.signer_post_id or 0, document.type_code, today)
    document.status = states.step("endorse", document.status)
    document.changed_at = at
    making.endorsed_at = at
    hand_to_signer(document, making, actor, at)
    document.save()
    making.save(update_fields=["endorsed_at"])
    remark = clean(words).strip()
    if remark:
        Remark.objects.create(document=document, kind="endorsed", words=remark[:1000], author=_author(actor), at=at)
    journal.record("document.endorsed", subject=("document", document.pk), actor=actor, at=at, words=remark)
    return document


def _author(actor: Actor) -> str:
    return f"{actor.person_name}, {actor.post_title}"


@transaction.atomic
def return_to_drafter(*, document_id: int, reason: str, actor: Actor, at: datetime) -> Document:
    """Send the document back to its drafter with a reason. A number it already had is voided with the same reason, and so are
    the signatures that were made on its page: they stand on a page that is not the document's any more, and it says whose.

    :raises ReasonMissing: no reason given
    """
    document = queries.lock(document_id)
    making = queries.making_of(document)
    refuse(policy.why_not_return(actor, document, making, queries.list_signatories(document, making)))
    words = clean(reason).strip()[:1000]
    if not words:
        raise ReasonMissing()
    document.status = states.step("return", document.status)
    give_number_back(document, words, actor=actor, at=at)
    document.next_act, document.next_holder = Act.FINISH_DRAFT, f"P{making.drafter_post_id}"
    document.file, document.changed_at = "", at
    document.save()
    hands = void_signatures(document, making)
    void = [f"{each.name} ({Part(each.part).label.lower()})" for each in hands]
    void += [f"{each.agency_name} ({states.Act.SEAL.label.lower()})" for each in hands if each.sealed_at]
    if not making.hands and making.signed_file:
        void = [making.signer_name]
    making.return_reason, making.returned_by = words, _author(actor)
    making.laid_out_file, making.laid_out_revision, making.signed_file, making.sealed_file = "", None, "", ""
    making.endorsed_at = making.signed_at = making.numbered_at = None
    making.revision += 1
    making.save()
    Remark.objects.create(document=document, kind="returned", words=words, author=_author(actor), at=at)
    journal.record("document.returned", subject=("document", document.pk), actor=actor, at=at, words=words)
    if void:
        names = ", ".join(void)
        Remark.objects.create(document=document, kind="voided", words=names[:1000], author=_author(actor), at=at)
        journal.record("document.signatures_voided", subject=("document", document.pk), actor=actor, at=at, names=names)
    return document


@transaction.atomic
def keep_laid_out(
    *, document_id: int, revision: int, file: str, pages: int, actor: Actor | None, at: datetime
) -> Document:
    """Keep the fixed page of a revision; one that comes late, for a revision changed or fixed already, is dropped."""
    document = queries.lock(document_id)
    making = queries.making_of(document)
    if making.revision != revision or document.status != states.Status.ENDORSED or making.laid_out_revision == revision:
        return document
    making.laid_out_file, making.laid_out_revision, making.fault = file, revision, ""
    making.save(update_fields=["laid_out_file", "laid_out_revision", "fault"])
    document.file, document.pages = file, pages
    document.save(update_fields=["file", "pages"])
    journal.record(
        "document.laid_out",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        revision=revision,
        file=file,
        pages=pages,
    )
    return document


@transaction.atomic
def keep_fault(*, document_id: int, revision: int, words: str, actor: Actor | None, at: datetime) -> Document:
    """Keep why a page could not be fixed, so that its drafter sees it."""
    document = queries.lock(document_id)
    making = queries.making_of(document)
    if making.revision != revision or making.fault == words:
        return document
    making.fault = words[:500]
    making.save(update_fields=["fault"])
    journal.record("document.not_laid_out", subject=("document", document.pk), actor=actor, at=at, words=making.fault)
    return document


def check_before_signing(
    *, document: Document, making: Making, seen_file: str, actor: Actor, today: date
) -> tuple[Signatory, str]:
    """Refuse what must be refused before the key is asked: the wrong person, the wrong turn, an ended right, a page other than
    the one seen. Return whose hand it is, and the page as it stands: with the signatures of others that came in since it was seen.
    """
    rows = queries.list_signatories(document, making)
    refuse(policy.why_not_sign(actor, document, making, rows))
    hand = policy.find_hand(actor, rows, in_order=making.in_order)
    assert hand is not None
    if seen_file not in {making.laid_out_file, *(row.signed_file for row in rows)} - {""}:
        raise PageChanged()
    if hand.part in (Part.COSIGNER, Part.SIGNER):
        if hand.agency_id == document.agency_id:
            queries.right_to_sign(document, hand.post_id, document.type_code, today)
        else:
            people.get_signing_right(
                agency_id=hand.agency_id, post_id=hand.post_id, type_code=document.type_code, on=today
            )
    return hand, making.signed_file or making.laid_out_file


SIGNED_AS = {
    Part.INITIALS: "document.initialled",
    Part.FORMAT: "document.format_checked",
    Part.COSIGNER: "document.cosigned",
    Part.SIGNER: "document.signed",
}


@transaction.atomic
def keep_signed(
    *, document_id: int, laid_out_file: str, signed_file: str, actor: Actor, at: datetime, field: str = "Person"
) -> Document:
    """Keep the page with one more signature, made on `laid_out_file`, and hand the document to whoever signs next; the agency's
    registry office when all have signed. Repeating it changes nothing.

    :raises PageChanged: what was signed is not the page the document has now
    """
    document = queries.lock(document_id)
    making = queries.making_of(document)
    rows = queries.list_signatories(document, making)
    hand = next((row for row in rows if row.field == field), None)
    if hand is not None and hand.signed_file == signed_file:
        return document
    if hand is None or laid_out_file not in {making.laid_out_file, making.signed_file}:
        raise PageChanged()
    done = states.step("sign", document.status)
    if (making.signed_file or making.laid_out_file) != laid_out_file or hand.signed_at is not None:
        raise PageChanged()
    hand.signed_file, hand.signed_at = signed_file, at
    if hand.pk is not None:
        hand.save(update_fields=["signed_file", "signed_at"])
    making.signed_file = document.file = signed_file
    document.changed_at = at
    if not call_next(document, making, actor, at, rows):
        document.status, making.signed_at = done, at
        document.next_act, document.next_holder = Act.NUMBER, f"R{document.agency_id}"
        show(document=document, holders={f"R{document.agency_id}": "registry"}, actor=actor, at=at)
    making.save(update_fields=["signed_file", "signed_at"])
    document.save()
    journal.record(
        SIGNED_AS[Part(hand.part)],
        subject=("document", document.pk),
        actor=actor,
        at=at,
        file=signed_file,
        signer=hand.name,
    )
    return document
