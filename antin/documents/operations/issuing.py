"""Issuing: number and date, the agency's signature, and the moment the document leaves."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max

from antin.documents import policy, queries, states
from antin.documents.forms import Pattern
from antin.documents.models import Attachment, Document
from antin.documents.operations.approval import PageChanged
from antin.documents.operations.copying import promise_page
from antin.documents.operations.drafting import index_words
from antin.documents.operations.sharing import move_box
from antin.documents.operations.signatories import call_for_seals
from antin.documents.states import Act, Status
from antin.documents.types import code_of, number_words
from antin.files import queries as files
from antin.journal import operations as journal
from antin.numbering import operations as numbering
from antin.outbox import operations as outbox
from antin.people.actor import Actor
from antin.refusal import refuse

P7S = "application/pkcs7-signature"
SEALING_MAY_TAKE = timedelta(
    minutes=2
)  # the keeper's own request seals at once; the promise is for when it dies half-way


@transaction.atomic
def number(*, document_id: int, reserved_id: int | None = None, actor: Actor, today: date, at: datetime) -> Document:
    """Give the signed document the next number of its series, or one kept back for it, and today's date; the seal is next, of a
    joint document those of the other agencies first, of a copy on paper its page to be printed.

    Number and date are one transaction: an abort leaves no gap.
    Law: Decree 30/2020, art. 15.1 (electronic documents are numbered after the competent person has signed).

    :raises NotTheRegistry: :raises AlreadyNumbered: :raises WrongState: :raises NotReserved:
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_number(actor, document))
    making = queries.making_of(document)
    taken = numbering.take(
        series=queries.series_of(document, today.year),
        subject=("document", document.pk),
        reserved_id=reserved_id,
        actor=actor,
        at=at,
    )
    document.number, document.document_date = taken.value, today
    value = f"{number_words(taken.value)}{taken.suffix}"
    filled = queries.find_filled(document)
    with_year = filled is not None and filled.version.form.pattern == Pattern.WITH_YEAR
    document.code = code_of(document.type_code, value, today.year, document.notation, with_year=with_year)
    document.identifier = f"{document.issuer_code},{today:%Y/%m/%d},{document.code}"
    document.changed_at = making.numbered_at = at
    if queries.is_for_hands(document):
        document.next_act, document.next_holder = Act.PRINT, f"R{document.agency_id}"
        promise_page(document, at)
    else:
        call_for_seals(document, making, actor, at)
    document.save()
    making.save(update_fields=["numbered_at"])
    Document.objects.filter(pk=document.pk).update(search=index_words(document))
    journal.record("document.numbered", subject=("document", document.pk), actor=actor, at=at, code=document.code)
    return document


@transaction.atomic
def order_seal(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Let the agency's signature be put on the numbered document, as keeper of its seal. The sealing itself is promised.

    Law: Decree 30/2020, art. 33 (the keeper seals in person, only what the competent person has signed).

    :raises NotTheSealKeeper: :raises NotNumbered: :raises WrongState:
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_seal_as(actor, document))
    if document.classified_id is None:  # what is sealed only its keeper himself can open
        outbox.promise(
            "seal",
            key=f"seal:{document.pk}:{at.timestamp():.3f}",
            due_at=at + SEALING_MAY_TAKE,
            at=at,
            document_id=document.pk,
            person_id=actor.person_id,
            post_id=actor.post_id,
        )
    journal.record("document.seal_ordered", subject=("document", document.pk), actor=actor, at=at, code=document.code)
    return document


@transaction.atomic
def keep_joint_seal(*, document_id: int, numbered_file: str, sealed_file: str, actor: Actor, at: datetime) -> Document:
    """Keep the page with the seal of the actor's agency, which issues the document too, put on `numbered_file`: the page as it was
    signed, or with the seals of others. The last one hands it to the document's own registry. Repeating it changes nothing.

    Law: Decree 30/2020, Appendix I, box 8; art. 33 (who keeps the seal).

    :raises PageChanged: another agency sealed meanwhile, or the document went back
    :raises NotTheSealKeeper: NotNumbered: WrongState: SealedAlready:
    """
    document = queries.lock(document_id)
    making = queries.making_of(document)
    rows = queries.list_signatories(document, making)
    if any(row.agency_id == actor.agency_id and row.sealed_file == sealed_file for row in rows):
        return document
    row = policy.find_joint_seal(actor, rows)
    refuse(policy.why_not_seal_jointly(actor, document, rows))
    if row is None or making.signed_file != numbered_file:
        raise PageChanged
    row.sealed_file, row.sealed_at, row.seal_waiting = sealed_file, at, False
    row.sealed_by = f"{actor.person_name}, {actor.post_title}"[:160]
    row.save(update_fields=["sealed_file", "sealed_at", "sealed_by", "seal_waiting"])
    making.signed_file = document.file = sealed_file
    making.save(update_fields=["signed_file"])
    document.changed_at = at
    call_for_seals(document, making, actor, at)
    document.save()
    journal.record(
        "document.joint_sealed",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        file=sealed_file,
        agency=row.agency_name,
    )
    return document


@transaction.atomic
def keep_sealed(
    *,
    document_id: int,
    file: str,
    attachments: dict[int, str],
    beside: dict[int, str] | None = None,
    actor: Actor | None,
    at: datetime,
) -> Document:
    """Keep the sealed file and the attachments with the agency's text signature; of those that are no PDF, the signature `beside`
    becomes an attachment of its own, named after its file. Repeating it changes nothing."""
    document = queries.lock(document_id)
    making = queries.making_of(document)
    if making.sealed_file:
        return document
    refuse(policy.why_not_seal(document))
    making.sealed_file = file
    making.save(update_fields=["sealed_file"])
    document.file = file
    document.save(update_fields=["file"])
    rows = list(Attachment.objects.filter(document=document, pk__in=attachments))
    for row in rows:
        row.sealed_file = attachments[row.pk]
    Attachment.objects.bulk_update(rows, ["sealed_file"])
    _attach_signatures(document, beside or {})
    journal.record(
        "document.sealed", subject=("document", document.pk), actor=actor, at=at, file=file, attachments=len(rows)
    )
    return document


def _attach_signatures(document: Document, beside: dict[int, str]) -> None:
    signed = Attachment.objects.filter(document=document, pk__in=beside).order_by("position")
    last = Attachment.objects.filter(document=document).aggregate(last=Max("position"))["last"] or 0
    fresh = [
        Attachment(
            document=document,
            position=last + place,
            name=f"{row.name[:196]}.p7s",
            file=beside[row.pk],
            size=files.get(beside[row.pk]).size,
            media_type=P7S,
        )
        for place, row in enumerate(signed, 1)
    ]
    Attachment.objects.bulk_create(fresh)
    document.attachment_count += len(fresh)
    document.save(update_fields=["attachment_count"])


@transaction.atomic
def issue(*, document_id: int, actor: Actor | None, at: datetime) -> Document:
    """Let the sealed document leave the agency. Repeating it changes nothing; the caller dispatches it in the same transaction."""
    document = queries.lock(document_id)
    if document.status == Status.ISSUED:
        return document
    making = queries.making_of(document)
    refuse(policy.why_not_issue(document, making))
    document.status = states.step("issue", document.status)
    document.next_act, document.next_holder = Act.NONE, ""
    document.changed_at = document.order_at = at
    document.save()
    making.issued_at = at
    making.save(update_fields=["issued_at"])
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
