"""Urging a recipient on another node: a parcel of kind `urging` under the sender's seal, told there to who has the arrival in hand.

It names the parcel that brought the document. On record on both sides; the same one, or an older one come again, changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.correspondents.states import Channel
from antin.documents import queries as papers
from antin.exchange import operations as exchange
from antin.exchange import queries as deliveries
from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.journeys import telling, urge_recipient
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.nodes import operations as nodes
from antin.nodes import parcels, statements
from antin.nodes import policy as nodes_policy
from antin.nodes import queries as members
from antin.nodes.parcels import Letter, NotAParcel
from antin.outbox import operations as outbox
from antin.refusal import Refusal
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.exchange.models import Delivery
    from antin.nodes.models import Parcel, Received

KIND = parcels.URGING
AGAIN = timedelta(minutes=10)
MOST_TRIES = 144
OFFICIAL = 2


class NotTheirsToUrge(Refusal):
    """Somebody urges about a document that another agency sent us, or sent to another one."""

    code = "not_theirs_to_urge"
    words = _("Cơ quan %(agency)s không gửi văn bản mà họ đôn đốc.")


def send(*, delivery_id: int, urged_at: datetime, tried: int, at: datetime) -> None:
    """Sign one urging as the sending agency and give it the next number of the feed, once per urging.

    What cannot be signed now is tried again for a day; then, or when the partner was expelled meanwhile, the registry is told.
    """
    delivery = deliveries.find_delivery(delivery_id)
    if delivery is None or delivery.correspondent is None or delivery.channel not in (Channel.NODE, Channel.FILE):
        return
    document = papers.get(delivery.dispatch.document_id)
    carried = members.find_parcel_for(f"delivery:{delivery.pk}")
    try:
        identity, member = members.get_identity(), members.get_member(delivery.line)
        certificate = certificates.get_certificate_for_agency(document.agency_id, at, name=document.issuer_name)
        told = {
            "form": parcels.MANIFEST,
            "kind": KIND,
            "from": {"node": identity.code, "agency": certificate.organisation_code, "name": document.issuer_name},
            "to": {"node": member.code, "agency": delivery.correspondent.code, "name": delivery.recipient_name},
            "at": urged_at.isoformat(),
            "parcel": delivery.reference or (carried.digest if carried is not None else ""),
            "files": [],
        }
        manifest = statements.sign(told, keys.open_signer(certificate_id=certificate.pk, pin=None, at=at), at=at)
        with transaction.atomic(durable=True):
            nodes.enqueue(
                member_id=member.pk,
                key=f"urging:{delivery.pk}:{urged_at.isoformat()}",
                manifest=manifest,
                urgency=OFFICIAL,
                about=document.code,
                actor=None,
                at=at,
            )
    except (nodes_policy.Expelled, nodes_policy.NoSuchMember) as no:
        _not_carried(delivery, no.message, at)
    except Refusal as no:
        if tried >= MOST_TRIES:
            _not_carried(delivery, no.message, at)
            return
        with transaction.atomic(durable=True):
            outbox.promise(
                "send_urging",
                key=f"urging:{delivery_id}:{urged_at.isoformat()}:{tried + 1}",
                due_at=at + AGAIN,
                at=at,
                delivery_id=delivery_id,
                urged_at=urged_at.isoformat(),
                tried=tried + 1,
            )


def not_taken(parcel: Parcel, at: datetime) -> None:
    """Record that a partner set an urging of ours aside, and tell the registry; of a parcel of another kind nothing."""
    kind, _colon, rest = parcel.key.partition(":")
    delivery = deliveries.find_delivery(int(rest.partition(":")[0])) if kind == KIND else None
    if delivery is None:
        return
    old = parcel.fault_code == NotAParcel.code
    _not_carried(delivery, gettext("phần mềm ở nơi nhận chưa nhận được đôn đốc") if old else parcel.fault, at)


def _not_carried(delivery: Delivery, words: str, at: datetime) -> None:
    document = papers.get(delivery.dispatch.document_id)
    with transaction.atomic(durable=True):
        telling.tell(
            "delivery.urging_not_carried",
            [f"R{document.agency_id}"],
            document.pk,
            actor=None,
            at=at,
            code=document.code,
            to=delivery.recipient_name,
            words=words,
        )
        journal.record(
            "delivery.urging_not_carried",
            subject=("document", document.pk),
            actor=None,
            at=at,
            agency_id=document.agency_id,
            recipient=delivery.recipient_name,
            words=words,
        )


def take(received: Received, letter: Letter, at: datetime) -> None:
    """Tell those who have an arrival in hand that its sender urges; before the document has come, it waits.

    One a day is told of each arrival; a moment that is no later than the last one's is that one again.

    :raises NotAParcel: :raises NotByItsKey: not by the seal of an agency of that node
    :raises NotTheirsToUrge: it was not this agency that sent it, or not to the one named
    """
    told, member = letter.manifest.told, received.member
    try:
        agency, name = str(told["from"]["agency"]), clean_line(str(told["from"]["name"]))
        moment, about = datetime.fromisoformat(told["at"]), str(told["parcel"])
        local_date(moment)
        if moment.tzinfo is None:
            raise ValueError(told["at"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as trouble:
        raise NotAParcel() from trouble
    if agency not in member.agencies:
        raise NotAParcel()
    statements.refuse_stranger(letter.manifest, code=agency, name=name, roots=members.roots_of(member), at=moment)
    with transaction.atomic(durable=True):
        members.lock_member(member.code)  # the document's own taking waits for us, or we see it
        incoming = deliveries.find_incoming_of(member.code, about)
        if incoming is None:
            return
        if (incoming.sender_code, incoming.addressed_code) != (agency, str(told["to"].get("agency"))):
            raise NotTheirsToUrge(agency=agency)
        if exchange.record_urged(arrival_id=incoming.document_id, said_at=min(moment, at), actor=None, at=at):
            urge_recipient.tell_urged(incoming.document_id, by=incoming.sender_name, actor=None, at=at)
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)
