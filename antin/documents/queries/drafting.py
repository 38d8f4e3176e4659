"""A draft while it is made: what is laid out, who holds it, its editions, by what right it is signed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from antin.documents import policy
from antin.documents.models import (
    CoDrafter,
    Document,
    Edition,
    Hold,
    Making,
    Mandate,
    OwnCopy,
    Recipient,
    Signatory,
    Version,
    Visibility,
)
from antin.documents.queries.forms import find_filled
from antin.documents.queries.whole import get_for, hands_of, list_signatories
from antin.documents.states import Direction, Part, Secrecy, Status
from antin.documents.types import DRAFTED, DocumentType, Family
from antin.documents.types import series_of as series_type
from antin.numbering import queries as numbering
from antin.numbering.queries import SeriesKey
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Body, Unit
from antin.people.queries import SigningRight
from antin.people.states import BodyKind
from antin.refusal import NotFound

LATELY = 500


@dataclass(frozen=True)
class Plan:
    """What the page is laid out from: the document, its making, its agency and unit, its recipients, and whose hands it takes."""

    document: Document
    making: Making
    agency: Unit
    unit: Unit
    recipients: list[Recipient]
    signatories: list[Signatory] = field(default_factory=list)


def _plan(document: Document) -> Plan:
    making = Making.objects.select_related("unit").get(document=document)
    return Plan(
        document,
        making,
        people.get_agency(document.agency_id),
        making.unit,
        list(document.recipients.order_by("position")),
        list_signatories(document, making),
    )


def plan_of(document: Document) -> Plan:
    """Return what the page of an outgoing document is laid out from, for an act of one who reads it."""
    return _plan(document)


def find_plan_to_fix(document_id: int) -> Plan | None:
    """Return what an endorsed document's page is laid out from; None when it waits for no page any more."""
    document = Document.objects.filter(pk=document_id, status=Status.ENDORSED, classified=None).first()
    if document is None:
        return None
    plan = _plan(document)
    return None if plan.making.laid_out_revision == plan.making.revision else plan


def get_plan_for(actor: Actor, document_id: int) -> Plan:
    """Return what the page of an outgoing document is laid out from, for a preview.

    :raises NotFound: not the actor's to see
    :raises SealedDocument: it is classified
    """
    document = get_for(actor, document_id)
    if document.direction != Direction.OUT:
        raise NotFound()
    if document.classified_id is not None:
        raise policy.SealedDocument()
    return _plan(document)


def facts_in_words(document: Document, making: Making) -> dict[str, Any]:
    """Return what stands on a draft besides its text, as a version keeps it: names in the order of the page, files by name."""
    recipients = list(document.recipients.order_by("position").values_list("role", "name"))
    return {
        "type_code": document.type_code,
        "issuer": document.issuer_name,
        "subject": document.subject,
        "urgency": document.urgency,
        "circulation": document.circulation,
        "reply_by": document.reply_by.isoformat() if document.reply_by else "",
        "in_reply_to": document.in_reply_to.code if document.in_reply_to else "",
        "signer": making.signer_name,
        "authority": list(making.authority_lines),
        "signatories": [f"{each.name} ({Part(each.part).label})" for each in _others(document, making)],
        "addressed": [name for role, name in recipients if role == Recipient.Role.ADDRESSED],
        "copied": [name for role, name in recipients if role == Recipient.Role.COPIED],
        "attachments": list(document.attachments.order_by("position").values_list("name", flat=True)),
    }


def _others(document: Document, making: Making) -> list[Signatory]:
    return [each for each in list_signatories(document, making) if each.part != Part.SIGNER]


def facts_of(document: Document, making: Making) -> dict[str, Any]:
    """Return what a drafter decides besides the text, as an edition keeps it: codes and ids that two edits are compared by."""
    hands = hands_of(document, making, list_signatories(document, making))
    rows = document.recipients.order_by("position").values_list("role", "agency_id", "correspondent_id")
    sent: dict[str, list[str]] = {Recipient.Role.ADDRESSED: [], Recipient.Role.COPIED: []}
    for role, agency_id, correspondent_id in rows:
        sent[role].append(str(agency_id) if correspondent_id is None else f"o{correspondent_id}")
    return {
        "type_code": document.type_code,
        "issuer": document.body_id,
        "subject": document.subject,
        "urgency": document.urgency,
        "circulation": str(document.circulation),
        "reply_by": document.reply_by.isoformat() if document.reply_by else "",
        "in_reply_to": document.in_reply_to_id,
        "signer": making.signer_post_id,
        "copies": making.copies,
        "cosigners": list(hands.cosigner_post_ids),
        "joint": list(hands.joint_agency_ids),
        "in_order": hands.in_order,
        "initials": hands.initials,
        "format_checker": hands.format_post_id,
        "addressed": sent[Recipient.Role.ADDRESSED],
        "copied": sent[Recipient.Role.COPIED],
        "uploaded_file": making.uploaded_file,
    }


def find_hold(document_id: int) -> Hold | None:
    """Return who has a draft checked out, lapsed or not."""
    return Hold.objects.filter(document_id=document_id).first()


def list_co_drafters(document_id: int) -> list[CoDrafter]:
    """Return whom a draft is written with, in the order they were asked."""
    rows = CoDrafter.objects.select_related("post__unit").filter(document_id=document_id, ended_at=None)
    return list(rows.order_by("invited_at", "id"))


def list_editions(document_id: int, *, limit: int = 60) -> list[Edition]:
    """Return the earlier states of a draft that were kept, the latest first, without their texts."""
    return list(Edition.objects.filter(document_id=document_id).defer("body", "facts").order_by("-revision")[:limit])


def get_edition(document_id: int, revision: int) -> Edition:
    """Return a draft as it stood. :raises NotFound: it was not kept"""
    found = Edition.objects.filter(document_id=document_id, revision=revision).first()
    if found is None:
        raise NotFound()
    return found


def find_base(document: Document, making: Making, revision: int) -> Edition | None:
    """Return what an edit that began at a revision can be compared by: the draft then, or the nearest kept state before it.

    An older one is as safe: what happened in between is then on both sides, or is shown as a clash.
    """
    if revision >= making.revision:
        return Edition(document=document, revision=making.revision, body=making.body, facts=facts_of(document, making))
    return Edition.objects.filter(document=document, revision__lte=revision).order_by("-revision").first()


def list_own_copies(actor: Actor, document_id: int) -> list[OwnCopy]:
    """Return the edits beside a draft that wait: the actor's own, and those handed to its drafters; without their texts."""
    rows = OwnCopy.objects.filter(document_id=document_id, ended_at=None)
    rows = rows.filter(Q(person_id=actor.person_id) | Q(returned_at__isnull=False))
    return list(rows.defer("body", "base", "facts", "base_facts").order_by("made_at", "id"))


def find_late_copy(document_id: int, person_id: int, window: str) -> OwnCopy | None:
    """Return what was kept of the late saves of a person's window, while it waits; None where there is nothing."""
    own = OwnCopy.objects.filter(document_id=document_id, person_id=person_id, window=window, ended_at=None)
    return own.first()


def get_own_copy(actor: Actor, copy_id: int) -> OwnCopy:
    """Return an edit beside a draft: the actor's own, or one handed to those who draft. :raises NotFound: it is neither"""
    found = OwnCopy.objects.filter(pk=copy_id).first()
    if found is None or (found.person_id != actor.person_id and found.returned_at is None):
        raise NotFound()
    get_for(actor, found.document_id)
    return found


def lock_own_copy(copy_id: int) -> OwnCopy:
    """Return an edit beside a draft, its row locked. :raises NotFound: there is none"""
    found = OwnCopy.objects.select_for_update().filter(pk=copy_id).first()
    if found is None:
        raise NotFound()
    return found


def list_versions(document_id: int) -> list[Version]:
    """Return every version of a draft, the latest first, for one who may see it; without their texts."""
    return list(Version.objects.filter(document_id=document_id).defer("facts", "body").order_by("-id"))


def find_last_version(document_id: int) -> Version | None:
    """Return the draft as it was last handed on, for one who may see it; None when it never was."""
    return Version.objects.filter(document_id=document_id).order_by("-id").first()


def list_issuers(agency_id: int) -> list[str]:
    """Return who sent the agency's last arrivals, the latest first, each once."""
    names = (
        Visibility.objects.filter(holder=f"R{agency_id}", box="in")
        .order_by("-order_at", "-document_id")
        .values_list("document__issuer_name", flat=True)[:LATELY]
    )
    return list(dict.fromkeys(names))


def series_of(document: Document, year: int) -> SeriesKey:
    """Return the series an outgoing document is numbered in, as the agency's books are laid out; secret ones have their own."""
    secrecy = "" if document.secrecy == Secrecy.NONE else "secret"
    filled = find_filled(document)
    group = f"F{filled.version.form_id}" if filled else series_type(document.type_code)
    return numbering.key_of(document.agency_id, group, secrecy, year, document.body_id)


def right_to_sign(document: Document, post_id: int, type_code: str, on: date) -> SigningRight:
    """Return the right of a post to sign for the agency, or for the body in whose name the document is issued.

    :raises Refusal: as people.get_signing_right and get_body_right
    """
    if document.body_id is None:
        return people.get_signing_right(agency_id=document.agency_id, post_id=post_id, type_code=type_code, on=on)
    return people.get_body_right(body_id=document.body_id, post_id=post_id, on=on)


def list_mandates(agency_id: int) -> list[Mandate]:
    """Return what the agency was given to issue besides administrative documents, the latest first."""
    return list(Mandate.objects.filter(agency_id=agency_id).order_by("-since", "-id"))


def list_drafted(agency_id: int, on: date, bodies: Iterable[Body] = ()) -> dict[str, DocumentType]:
    """Return the types that an agency drafts on a day, by their codes; those of the Party where one of the bodies is its organ."""
    running = Q(until=None) | Q(until__gt=on)
    given = set(Mandate.objects.filter(running, agency_id=agency_id, since__lte=on).values_list("family", flat=True))
    if any(each.kind == BodyKind.PARTY for each in bodies):
        given.add(Family.PARTY.value)
    return {
        code: kind for code, kind in DRAFTED.items() if kind.family not in policy.NOT_FOR_ALL or kind.family in given
    }
