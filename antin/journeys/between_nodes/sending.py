"""Out: a delivery, a question and the receipts owed become parcels, signed by their agency and numbered by the feed."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from antin.documents import queries as papers
from antin.documents.operations import NewArrival
from antin.documents.states import MASKS, Secrecy
from antin.exchange import operations as exchange
from antin.exchange import queries as deliveries
from antin.exchange.channels.wire import LineFault
from antin.exchange.operations import Signed
from antin.files import queries as kept
from antin.journal import operations as journal
from antin.journeys import deliver
from antin.journeys.between_nodes.faults import NotRememberedYet, NotSealedToThem, NotSignedYet, NotToANode
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.nodes import operations as nodes
from antin.nodes import parcels, policy, receipts, statements
from antin.nodes import queries as members
from antin.refusal import Refusal, refuse
from antin.vault import queries as vault

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.exchange.models import Answer, ChangeReply, Delivery, Incoming
    from antin.nodes.models import Member, Parcel
    from antin.people.actor import Actor

SIGNINGS = 5
MOST_URGENT = 3


def carry(delivery: Delivery, at: datetime) -> str:
    """Make a parcel of one delivery, signed by its agency, and give it the next number of the feed. Returns the parcel's name.

    :raises NotToANode:
    """
    try:
        identity, member = members.get_identity(), members.get_member(delivery.line)
        document = papers.get_issued(delivery.dispatch.document_id)
        certificate = certificates.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
        signer = keys.open_signer(certificate_id=certificate.pk, pin=None, at=at)
        assert delivery.correspondent is not None
        paper = deliver.paper_of(document)
        sealed = _sealed_for(document, delivery.correspondent.code)
        if sealed:  # declassified meanwhile it goes as it was sealed, and the decision follows
            paper = replace(paper, secrecy=sealed["level"], subject=MASKS[Secrecy(sealed["level"])])
        told = {
            "form": parcels.MANIFEST,
            "kind": "document",
            "from": {"node": identity.code, "agency": certificate.organisation_code, "name": document.issuer_name},
            "to": {"node": member.code, "agency": delivery.correspondent.code, "name": delivery.recipient_name},
            "at": delivery.sent_at.isoformat(),
            "document": _told(paper),
            "files": _files(paper) + _sealed_files(paper, sealed),
            **({"classified": sealed} if sealed else {}),
        }
        manifest = statements.sign(told, signer, at=at)
        with transaction.atomic(durable=True):
            parcel = nodes.enqueue(
                member_id=member.pk,
                key=f"delivery:{delivery.pk}:{delivery.attempts}",
                manifest=manifest,
                urgency=document.urgency,
                about=document.code,
                actor=None,
                at=at,
            )
    except LineFault:
        raise
    except Refusal as no:
        raise NotToANode(node=delivery.line, why=no.message) from no
    return parcel.digest


def _sealed_for(document: Document, agency: str) -> dict[str, Any]:
    """What the agency was handed of a classified document when it was issued. :raises NotSealedToThem:"""
    if document.classified_id is None:
        return {}
    handed = vault.find_handed_abroad(document.classified_id, agency)
    if handed is None:
        raise NotSealedToThem(agency=agency)
    held = vault.get(document.classified_id)
    now = {"level": held.level, "fixed_on": held.fixed_on.isoformat(), "until": held.protected_until.isoformat()}
    return {**handed.told, **now}  # what was decided since then is as it is


def _sealed_files(paper: NewArrival, sealed: dict[str, Any]) -> list[dict[str, Any]]:
    """The sealed bytes that go along beside the page and the attachments: title, names of files."""
    there = {paper.file, *(digest for _name, digest, _size, _type in paper.attachments)}
    named = dict.fromkeys(each["file"] for each in sealed.get("contents", []) if each["file"] not in there)
    return [
        {
            "role": "sealed",
            "name": "",
            "media_type": kept.get(digest).media_type,
            "size": kept.get(digest).size,
            "sha256": digest,
        }
        for digest in named
    ]


def _told(paper: NewArrival) -> dict[str, Any]:
    return {
        "type_code": paper.type_code,
        "subject": paper.subject,
        "urgency": paper.urgency,
        "issuer_name": paper.issuer_name,
        "issuer_code": paper.issuer_code,
        "number": paper.number,
        "notation": paper.notation,
        "code": paper.code,
        "date": paper.document_date.isoformat() if paper.document_date else None,
        "identifier": paper.identifier,
        "reply_by": paper.reply_by.isoformat() if paper.reply_by else None,
        "pages": paper.pages,
        "signer_name": paper.signer_name,
        "answers": paper.answers,
        "paper": paper.file,
        **({"secrecy": paper.secrecy} if paper.secrecy else {}),
        **({"circulation": paper.circulation} if paper.circulation else {}),
    }


def _files(paper: NewArrival) -> list[dict[str, Any]]:
    own = kept.get(paper.file)
    first = {"role": "paper", "name": "", "media_type": own.media_type, "size": own.size, "sha256": paper.file}
    return [first] + [
        {"role": "attachment", "name": name, "media_type": media_type, "size": kept.get(digest).size, "sha256": digest}
        for name, digest, _size, media_type in paper.attachments
    ]


def ask(reply: ChangeReply, at: datetime) -> str:
    """Ask a holder on another node to let a document be recalled, replaced or corrected: a parcel signed by its agency.

    It is urgent: should it be there before the document, it waits for that. Returns the parcel's name. :raises NotToANode:
    """
    change, delivery = reply.change, reply.delivery
    assert delivery is not None and delivery.correspondent is not None and change.document is not None
    document, by = change.document, change.by
    try:
        identity, member = members.get_identity(), members.get_member(delivery.line)
        certificate = certificates.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
        carried = members.find_parcel_for(f"delivery:{delivery.pk}")
        told = {
            "form": parcels.MANIFEST,
            "kind": "change",
            "from": {"node": identity.code, "agency": certificate.organisation_code, "name": document.issuer_name},
            "to": {"node": member.code, "agency": delivery.correspondent.code, "name": delivery.recipient_name},
            "at": change.asked_at.isoformat(),
            "parcel": delivery.reference or (carried.digest if carried is not None else ""),
            "document": {"code": document.code, "identifier": document.identifier},
            "change": {
                "kind": change.kind,
                "reason": change.reason,
                "by_code": change.by_code,
                "by": by.identifier if by is not None else "",
                "asked_by": change.asked_by,
            },
            "files": [],
        }
        manifest = statements.sign(told, keys.open_signer(certificate_id=certificate.pk, pin=None, at=at), at=at)
        with transaction.atomic(durable=True):
            parcel = nodes.enqueue(
                member_id=member.pk,
                key=f"change:{reply.pk}",
                manifest=manifest,
                urgency=MOST_URGENT,
                about=document.code,
                actor=None,
                at=at,
            )
    except LineFault:
        raise
    except Refusal as no:
        raise NotToANode(node=delivery.line, why=no.message) from no
    return parcel.digest


def answer(answer: Answer, at: datetime) -> str:
    """Sign every receipt owed for an arrival that is not signed yet, and send the whole chain. Returns the last one's digest.

    The chain goes whole each time: what was lost on the way is in the next one. :raises NotSignedYet:
    """
    incoming = answer.incoming
    try:
        member = members.get_member(incoming.line)
        if members.awaits_memory(member):
            raise NotRememberedYet()
        for _attempt in range(SIGNINGS):
            if _sign_owed(incoming, at):
                break
        chain = deliveries.list_signed_of_incoming(incoming.pk)
        send_chain(member, incoming, at)
    except LineFault:
        raise
    except Refusal as no:
        raise NotSignedYet(node=incoming.line, why=no.message) from no
    return chain[-1].digest


def _sign_owed(incoming: Incoming, at: datetime) -> bool:
    """Sign what is owed behind the chain's end; False when another process was quicker."""
    owed, chain = deliveries.list_owed(incoming.pk), deliveries.list_signed_of_incoming(incoming.pk)
    there = {(each.kind, each.about) for each in chain}
    fresh = [each for each in owed if (each.kind, each.about) not in there]
    if not fresh:
        return True
    document = papers.get(incoming.document_id)
    certificate = certificates.get_certificate_for_agency(document.agency_id, at)
    signer = keys.open_signer(certificate_id=certificate.pk, pin=None, at=at)
    former = chain[-1].digest if chain else incoming.reference
    signed: list[Signed] = []
    for number, each in enumerate(fresh, len(chain) + 1):
        told = receipts.tell(
            kind=each.kind,
            number=number,
            former=former,
            parcel=incoming.reference,
            document={"code": document.code, "identifier": document.identifier, "paper": document.file},
            sender=incoming.sender_code,
            agency=incoming.addressed_code,
            at=each.at,
            facts=each.facts | {"change": each.about} if each.about else each.facts,
        )
        former = statements.digest_of(told)
        signed.append(Signed(number, each.kind, former, statements.sign(told, signer, at=at), each.about))
    with transaction.atomic(durable=True):
        return exchange.keep_signed(incoming_id=incoming.pk, after=len(chain), signed=signed, actor=None, at=at)


def send_chain(member: Member, incoming: Incoming, at: datetime, *, again: str = "") -> None:
    """Send the chain of receipts of one arrival to its sender's node, once per length, or `again` when it has lost them."""
    identity = members.get_identity()
    chain = deliveries.list_signed_of_incoming(incoming.pk)
    told = {
        "form": parcels.MANIFEST,
        "kind": "receipts",
        "from": {"node": identity.code, "agency": incoming.addressed_code, "name": identity.name},
        "to": {"node": member.code, "agency": incoming.sender_code, "name": incoming.sender_name},
        "at": at.isoformat(),
        "parcel": incoming.reference,
        "receipts": [base64.b64encode(bytes(each.content)).decode() for each in chain],
        "files": [],
    }
    manifest = statements.sign(told, node_signer(at), at=at)
    with transaction.atomic(durable=True):
        nodes.enqueue(
            member_id=member.pk,
            key=f"receipts:{incoming.pk}:{len(chain)}{again}",
            manifest=manifest,
            urgency=1,
            actor=None,
            at=at,
        )


def send_test(*, code: str, actor: Actor, at: datetime) -> Parcel:
    """Send a partner a parcel that carries nothing: it comes back as its statement that it has taken it, over the whole way.

    :raises NotAllowed: :raises NoIdentity: :raises NoSuchMember: :raises Expelled:
    """
    refuse(policy.why_not_run(actor))
    identity, member = members.get_identity(), members.get_member(code)
    told = {
        "form": parcels.MANIFEST,
        "kind": members.TEST,
        "from": {"node": identity.code, "agency": "", "name": identity.name},
        "to": {"node": member.code, "agency": "", "name": member.name},
        "at": at.isoformat(),
        "files": [],
    }
    manifest = statements.sign(told, node_signer(at), at=at)
    key = f"test:{member.pk}:{at.isoformat()}"
    with transaction.atomic(durable=True):
        sent = nodes.enqueue(member_id=member.pk, key=key, manifest=manifest, urgency=3, actor=actor, at=at)
        subject = ("member", member.pk)
        journal.record("node.tested", subject=subject, actor=actor, at=at, code=member.code, parcel=sent.pk)
        return sent


def node_signer(at: datetime) -> keys.Signer:
    identity = members.get_identity()
    return keys.open_node_signer(reference=identity.sign_reference, certificate=bytes(identity.sign_certificate), at=at)
