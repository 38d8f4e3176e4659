"""One document for an actor, and what belongs to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from antin.documents import policy
from antin.documents.models import (
    Arrival,
    Attachment,
    Document,
    DraftingFile,
    Edition,
    Filing,
    Making,
    OwnCopy,
    Recipient,
    Remark,
    Signatory,
    Version,
    Visibility,
)
from antin.documents.states import TO_ISSUE, Act, Direction, Part, Status
from antin.people.actor import Actor
from antin.refusal import NotFound


@dataclass(frozen=True)
class Whole:
    """Everything a document's page shows, read in a fixed number of queries."""

    document: Document
    making: Making | None
    arrival: Arrival | None
    recipients: list[Recipient] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    replies: list[Document] = field(default_factory=list)
    signatories: list[Signatory] = field(default_factory=list)


@dataclass(frozen=True)
class Hands:
    """Who signs besides the signer: cosigners of the agency by post, other agencies that issue it too, and who initials."""

    cosigner_post_ids: tuple[int, ...] = ()
    joint_agency_ids: tuple[int, ...] = ()
    in_order: bool = False
    initials: bool = False
    format_post_id: int | None = None


def hands_of(document: Document, making: Making, signatories: list[Signatory]) -> Hands:
    """Return who signs besides the signer, as the drafter chose it."""
    cosigners = [each for each in signatories if each.part == Part.COSIGNER]
    return Hands(
        cosigner_post_ids=tuple(each.post_id for each in cosigners if each.agency_id == document.agency_id),
        joint_agency_ids=tuple(each.agency_id for each in cosigners if each.agency_id != document.agency_id),
        in_order=making.in_order,
        initials=any(each.part == Part.INITIALS for each in signatories),
        format_post_id=next((each.post_id for each in signatories if each.part == Part.FORMAT), None),
    )


def lock(document_id: int) -> Document:
    """Return the document, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = Document.objects.select_for_update().filter(pk=document_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_classified(classified_ids: Iterable[int]) -> list[Document]:
    """Return the documents that these classified things are of, locked, by id."""
    return list(Document.objects.select_for_update().filter(classified_id__in=list(classified_ids)).order_by("pk"))


def find_classified(actor: Actor, classified_ids: Iterable[int]) -> dict[int, Document]:
    """Return the masked documents of these classified things that the actor may see, by the thing."""
    asked = list(classified_ids)
    held = Q(classified_id__in=asked) | Q(once_classified_id__in=asked)
    found = Document.objects.defer("search").filter(policy.visible_to(actor), held)
    return {document.sealed_as or 0: document for document in found}


def making_of(document: Document) -> Making:
    """Return how an outgoing document is made. :raises NotFound: it is an incoming one"""
    found = Making.objects.filter(document=document).first()
    if found is None:
        raise NotFound()
    return found


def list_signatories(document: Document, making: Making) -> list[Signatory]:
    """Return who signs the page, in the order of the law; one that is not kept where the signer is alone."""
    if making.hands:
        return list(Signatory.objects.filter(document=document).order_by("id"))
    if making.signer_post_id is None:
        return []
    alone = Signatory(
        document=document,
        part=Part.SIGNER,
        post_id=making.signer_post_id,
        person_id=making.signer_person_id,
        agency_id=document.agency_id,
        agency_name=document.issuer_name,
        name=making.signer_name,
        authority_lines=making.authority_lines,
        signed_file=making.signed_file,
        signed_at=making.signed_at,
    )
    return [alone]


def list_joint_seals(document_id: int) -> list[Signatory]:
    """Return the hands beside which another agency seals a joint document, in the order of the page; none of any other."""
    return list(Signatory.objects.filter(document_id=document_id, seals=True).order_by("turn"))


def arrival_of(document: Document) -> Arrival:
    """Return how an incoming document came. :raises NotFound: it is an outgoing one"""
    found = Arrival.objects.select_related("presented_post").filter(document=document).first()
    if found is None:
        raise NotFound()
    return found


def get_for(actor: Actor, document_id: int) -> Document:
    """Return the document if the actor may see it. :raises NotFound: absent, or not his to see"""
    found = (
        Document.objects.select_related("making", "arrival", "arrival__presented_post")
        .defer("search")
        .filter(policy.visible_to(actor), pk=document_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def get_whole(actor: Actor, document_id: int) -> Whole:
    """Return everything the document's page shows, if the actor may see it. :raises NotFound: not his to see"""
    document = get_for(actor, document_id)
    outgoing = document.direction == Direction.OUT
    return Whole(
        document=document,
        making=document.making if outgoing else None,
        arrival=None if outgoing else document.arrival,
        recipients=list(document.recipients.order_by("position")) if outgoing else [],
        attachments=list(document.attachments.order_by("position")),
        remarks=list(document.remarks.order_by("at", "id")),
        replies=list(Document.objects.filter(policy.visible_to(actor), in_reply_to=document).order_by("id")),
        signatories=list_signatories(document, document.making) if outgoing else [],
    )


def find_answered(actor: Actor, document: Document) -> Document | None:
    """Return the document that this one replies to, if the actor may see it."""
    if document.in_reply_to_id is None:
        return None
    return Document.objects.filter(policy.visible_to(actor), pk=document.in_reply_to_id).first()


def get(document_id: int) -> Document:
    """Return a document for the node's own work; doors use get_for. :raises NotFound: there is none"""
    found = Document.objects.select_related("making", "arrival").filter(pk=document_id).first()
    if found is None:
        raise NotFound()
    return found


def get_to_seal(document_id: int) -> Document | None:
    """Return a numbered document that its agency has still to seal and issue; None when it has been, went back, or waits for other
    agencies first."""
    return (
        Document.objects.select_related("making")
        .filter(pk=document_id, status__in=TO_ISSUE, number__isnull=False, next_act=Act.SEAL)
        .first()
    )


def is_named(digest: str) -> bool:
    """Tell whether any document, draft, version or attachment names a kept file."""
    stages = Q(uploaded_file=digest) | Q(laid_out_file=digest) | Q(signed_file=digest) | Q(sealed_file=digest)
    return (
        Document.objects.filter(file=digest).exists()
        or Making.objects.filter(stages).exists()
        or Attachment.objects.filter(Q(file=digest) | Q(sealed_file=digest)).exists()
        or Version.objects.filter(uploaded_file=digest).exists()
        or Edition.objects.filter(facts__uploaded_file=digest).exists()
        or OwnCopy.objects.filter(facts__uploaded_file=digest).exists()
        or OwnCopy.objects.filter(facts__attached__contains=[{"file": digest}]).exists()
    )


def get_issued(document_id: int) -> Document:
    """Return an issued document for its delivery. :raises NotFound: it was not issued"""
    found = (
        Document.objects.select_related("making", "in_reply_to").filter(pk=document_id, status=Status.ISSUED).first()
    )
    if found is None:
        raise NotFound()
    return found


def list_attachments(document_id: int) -> list[Attachment]:
    """Return the document's attachments in their order, for the node's own work."""
    return list(Attachment.objects.filter(document_id=document_id).order_by("position"))


def identifier_answered(document: Document) -> str:
    """Return the identifier of the document that this one replies to, "" if it replies to none."""
    return document.in_reply_to.identifier if document.in_reply_to else ""


def find_reply_code(document_id: int) -> str:
    """Return number and notation of the last issued document that replies to this one, "" if there is none."""
    found = Document.objects.filter(in_reply_to_id=document_id, status=Status.ISSUED).order_by("-id").first()
    return found.code if found else ""


def list_holders(document_id: int) -> list[str]:
    """Return the tokens of everybody who sees a document, for the node's own telling."""
    return list(
        Visibility.objects.filter(document_id=document_id).order_by("since", "id").values_list("holder", flat=True)
    )


def reply_codes(document_ids: list[int]) -> dict[int, str]:
    """Return, for incoming documents, number and notation of the last issued document that replies to each. One query."""
    rows = Document.objects.filter(in_reply_to_id__in=document_ids, status=Status.ISSUED).order_by("id")
    return {answered: code for answered, code in rows.values_list("in_reply_to_id", "code") if answered is not None}


def find_drafting_file(document_id: int) -> DraftingFile | None:
    """Return the drafting file of a normative document, when something was written into it."""
    return DraftingFile.objects.filter(pk=document_id).first()


def find_filing(document: Document) -> Filing | None:
    """Under what the document is filed."""
    return Filing.objects.select_related("retention", "field").filter(document=document).first()


def find_filings(document_ids: Sequence[int]) -> dict[int, Filing]:
    """Under what these documents are filed, by document; those that are not filed have none."""
    found = Filing.objects.select_related("retention", "field").filter(document_id__in=document_ids)
    return {filing.document_id: filing for filing in found}


def find_arrived(key: str) -> int | None:
    """Return the document that came under a delivery key, if it did."""
    return Arrival.objects.filter(delivery_key=key).values_list("document_id", flat=True).first()


def list_recipient_agencies(document_id: int) -> list[Recipient]:
    """Return the document's recipients in their order."""
    return list(
        Recipient.objects.select_related("agency", "correspondent").filter(document_id=document_id).order_by("position")
    )


def list_files(actor: Actor, document_id: int) -> dict[str, str]:
    """Return the digests of the files an actor may read with this document, each with a name.

    Of a classified document none: what is kept are its sealed bytes.

    :raises NotFound: the document is not his to see
    """
    document = get_for(actor, document_id)
    if document.classified_id is not None:
        return {}
    name = re.sub(r"[^\w.-]+", "-", document.code or "du-thao").strip("-")
    files = {document.file: f"{name}.pdf"} if document.file else {}
    if document.direction == Direction.OUT and document.making.laid_out_file:
        files.setdefault(document.making.laid_out_file, f"{name}-ban-trinh-ky.pdf")
    if document.direction == Direction.IN and document.arrival.stamped_file:
        files.setdefault(document.arrival.stamped_file, f"{name}-dau-den.pdf")
    for attachment in document.attachments.order_by("position"):
        files[attachment.file] = attachment.name
        if attachment.sealed_file:
            files[attachment.sealed_file] = attachment.name
    return files
