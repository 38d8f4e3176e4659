"""What was decided over a level reaches the nodes that hold the document: told under the sender's seal, believed only with it.

Level and term of what came from another node are its sender's (decision 64). A decision of his travels as a parcel of kind
`secrecy`, names the parcel that brought the document, and carries number and day of the paper.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import queries as papers
from antin.exchange import queries as deliveries
from antin.identifiers.text import clean_line
from antin.journeys import change_secrecy
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.nodes import operations as nodes
from antin.nodes import parcels, statements
from antin.nodes import queries as members
from antin.nodes.parcels import Letter, NotAParcel
from antin.outbox import operations as outbox
from antin.refusal import Refusal
from antin.vault import operations as vault
from antin.vault import queries as secrets
from antin.vault.states import Change

if TYPE_CHECKING:
    from antin.nodes.models import Received

KIND = "secrecy"
AGAIN = timedelta(minutes=10)
MOST_URGENT = 3


class NotTheirsToDecide(Refusal):
    """Somebody decides over the level of what another agency sent us."""

    code = "not_theirs_to_decide"
    words = _("Cơ quan %(agency)s không gửi tài liệu mật mà họ quyết định độ mật, thời hạn bảo vệ.")


def tell(*, decision_id: int, delivery_id: int, at: datetime, tried: int = 0) -> None:
    """Tell one agency of another node what was decided over a document that it was sent.

    What has not left yet, or cannot be signed now, is tried again by itself.
    """
    decision, delivery = secrets.get_decision(decision_id), deliveries.find_delivery(delivery_id)
    if delivery is None or delivery.correspondent is None:
        return
    document = papers.get(delivery.dispatch.document_id)
    carried = members.find_parcel_for(f"delivery:{delivery.pk}")
    try:
        if carried is None:
            raise NotAParcel
        identity, member = members.get_identity(), members.get_member(delivery.line)
        certificate = certificates.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
        signer = keys.open_signer(certificate_id=certificate.pk, pin=None, at=at)
    except Refusal:
        _again(decision_id, delivery_id, tried, at)
        return
    told = {
        "form": parcels.MANIFEST,
        "kind": KIND,
        "from": {"node": identity.code, "agency": certificate.organisation_code, "name": document.issuer_name},
        "to": {"node": member.code, "agency": delivery.correspondent.code, "name": delivery.recipient_name},
        "at": decision.recorded_at.isoformat(),
        "parcel": delivery.reference or carried.digest,
        "secrecy": {
            "number": decision.pk,
            "change": decision.change,
            "level": decision.level_after,
            "until": decision.protected_until.isoformat(),
            "paper": decision.paper,
            "decided_on": decision.decided_on.isoformat(),
        },
        "files": [],
    }
    manifest = statements.sign(told, signer, at=at)
    with transaction.atomic(durable=True):
        nodes.enqueue(
            member_id=member.pk,
            key=f"secrecy:{decision.pk}:{delivery.pk}",
            manifest=manifest,
            urgency=MOST_URGENT,
            about=document.code,
            actor=None,
            at=at,
        )


def _again(decision_id: int, delivery_id: int, tried: int, at: datetime) -> None:
    with transaction.atomic():
        outbox.promise(
            "tell_secrecy",
            key=f"secrecy:{decision_id}:{delivery_id}:{tried + 1}",
            due_at=at + AGAIN,
            at=at,
            decision_id=decision_id,
            delivery_id=delivery_id,
            tried=tried + 1,
        )


def take(received: Received, letter: Letter, at: datetime) -> None:
    """Follow what the sender of a document decided over its level or term; before the document has come, it waits.

    :raises NotAParcel: :raises NotByItsKey: not by the seal of an agency of that node
    :raises NotTheirsToDecide: it was not this agency that sent it, or not to the one named
    :raises Refusal: as vault.follow_sender
    """
    told, member = letter.manifest.told, received.member
    try:
        agency, name = str(told["from"]["agency"]), clean_line(str(told["from"]["name"]))
        moment, about, said = datetime.fromisoformat(told["at"]), str(told["parcel"]), told["secrecy"]
        decided = vault.Decided(
            change=Change(said["change"]),
            level=int(said["level"]),
            until=date.fromisoformat(said["until"]),
            paper=clean_line(str(said["paper"]))[:100],
            decided_on=date.fromisoformat(said["decided_on"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as trouble:
        raise NotAParcel() from trouble
    if agency not in member.agencies:
        raise NotAParcel()
    statements.refuse_stranger(letter.manifest, code=agency, name=name, roots=members.roots_of(member), at=moment)
    with transaction.atomic(durable=True):
        members.lock_member(member.code)  # the document's own taking waits for us, or we see it
        incoming = deliveries.find_incoming_of(member.code, about)
        if incoming is None:
            return
        addressed = str(told["to"].get("agency"))
        if (incoming.sender_code, incoming.addressed_code) != (agency, addressed):
            raise NotTheirsToDecide(agency=agency)
        change_secrecy.follow_sender(document_id=incoming.document_id, decided=decided, at=at)
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)
