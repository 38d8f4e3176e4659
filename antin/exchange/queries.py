"""Reading deliveries: the sender's board, what troubles the clerk."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Prefetch, Q
from django.db.models.functions import Coalesce, Least

from antin.correspondents import queries as correspondents
from antin.correspondents.states import Channel
from antin.documents import queries as documents
from antin.exchange import policy
from antin.exchange.channels.national import NationalAxis
from antin.exchange.channels.polling import Channel as Wire
from antin.exchange.channels.provincial import Account, ProvincialGateway
from antin.exchange.channels.wire import Address
from antin.exchange.models import (
    Answer,
    Change,
    ChangeReply,
    Delivery,
    Dispatch,
    Incoming,
    Line,
    LineCode,
    Parcel,
    Receipt,
    SignedReceipt,
)
from antin.exchange.states import TROUBLED, AnswerStatus, ParcelStatus, ReplyStatus, Status
from antin.identifiers import queries as identifiers
from antin.people import at_rest
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, refuse


@dataclass(frozen=True)
class Board:
    """One issued document and how far it is at each recipient; `counts` by status."""

    dispatch: Dispatch
    deliveries: list[Delivery]
    counts: dict[str, int]


def lock(delivery_id: int) -> Delivery:
    """Return the delivery, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if found is None:
        raise NotFound()
    return found


def get_for(actor: Actor, delivery_id: int) -> Delivery:
    """Return a delivery of a document the actor may see. :raises NotFound: absent, or not his to see"""
    found = Delivery.objects.select_related("dispatch").filter(pk=delivery_id).first()
    if found is None:
        raise NotFound()
    documents.get_for(actor, found.dispatch.document_id)
    return found


def lock_by_arrival(document_id: int) -> Delivery | None:
    """Return the delivery that brought an incoming document, locked; None for a paper that came by hand."""
    return Delivery.objects.select_for_update().filter(arrival_id=document_id).first()


def lock_incoming(document_id: int) -> Incoming | None:
    """Return where an arrival came from, locked; None when it did not come from outside."""
    return Incoming.objects.select_for_update().filter(document_id=document_id).first()


def lock_answer(answer_id: int) -> Answer:
    """Return a receipt that we owe, locked. :raises NotFound: there is none"""
    found = Answer.objects.select_for_update().filter(pk=answer_id).first()
    if found is None:
        raise NotFound()
    return found


def find_to_hand_over(delivery_id: int) -> Delivery | None:
    """Return a delivery that waits to be handed over to a line; None when it does not any more."""
    return (
        Delivery.objects.select_related("correspondent", "dispatch")
        .filter(pk=delivery_id, status=Status.QUEUED)
        .exclude(channel=Channel.HERE)
        .first()
    )


def find_owed(answer_id: int) -> Answer | None:
    """Return a receipt that still has to be sent; None when it was."""
    return Answer.objects.select_related("incoming__document").filter(pk=answer_id).exclude(status="sent").first()


def find_dispatch(document_id: int) -> Dispatch | None:
    """Return the dispatch of a document, if it was sent."""
    return Dispatch.objects.filter(document_id=document_id).first()


def document_of_dispatch(dispatch_id: int) -> int:
    """Return the id of the document that a dispatch sends."""
    return Dispatch.objects.values_list("document_id", flat=True).get(pk=dispatch_id)


def get_board(actor: Actor, document_id: int) -> Board:
    """Return the delivery board of a document the actor may see. :raises NotFound: not his to see, or not sent yet"""
    document = documents.get_for(actor, document_id)
    dispatch = find_dispatch(document.pk)
    if dispatch is None:
        raise NotFound()
    deliveries = list(Delivery.objects.select_related("correspondent").filter(dispatch=dispatch).order_by("id"))
    counts: dict[str, int] = {}
    for delivery in deliveries:
        counts[delivery.status] = counts.get(delivery.status, 0) + 1
    return Board(dispatch=dispatch, deliveries=deliveries, counts=counts)


def list_of_documents(document_ids: Sequence[int]) -> dict[int, list[Delivery]]:
    """Return the deliveries of some documents, by document. The caller has checked that they may be seen."""
    found: dict[int, list[Delivery]] = {}
    rows = Delivery.objects.filter(dispatch__document_id__in=document_ids).select_related("dispatch").order_by("id")
    for row in rows:
        found.setdefault(row.dispatch.document_id, []).append(row)
    return found


def count_by_document(document_ids: list[int]) -> dict[int, dict[str, int]]:
    """Return, for a page of a list, how many deliveries of each document are in each status. One query."""
    rows = (
        Delivery.objects.filter(dispatch__document_id__in=document_ids)
        .values_list("dispatch__document_id", "status")
        .annotate(n=Count("id"))
        .order_by()
    )
    counts: dict[int, dict[str, int]] = {document_id: {} for document_id in document_ids}
    for document_id, status, n in rows:
        counts[document_id][status] = n
    return counts


@dataclass(frozen=True)
class Received:
    """How the recipients of a document answered that it came: how many it went to, how many said so, the first and last moment."""

    sent_at: datetime
    recipients: int
    received: int
    last_at: datetime | None


def list_received(document_ids: list[int]) -> dict[int, Received]:
    """Return how the recipients of some documents said that it came; of those nothing was sent of there is none. One query.

    What is not to be sent any more asks nobody. A recipient who sends it back had it.
    """
    rows = (
        Delivery.objects.filter(dispatch__document_id__in=document_ids)
        .exclude(status=Status.WITHHELD)
        .annotate(came_at=Coalesce("arrived_at", Least("returned_at", "registered_at")))
        .values_list("dispatch__document_id")
        .annotate(first=Min("sent_at"), all=Count("id"), came=Count("came_at"), last=Max("came_at"))
        .order_by()
    )
    return {number: Received(first, whole, came, last) for number, first, whole, came, last in rows}


def list_queued(*, dispatch_id: int, first: int, last: int) -> list[Delivery]:
    """Return the deliveries of a range that have not arrived yet, in order."""
    return list(
        Delivery.objects.select_related("agency")
        .filter(dispatch_id=dispatch_id, id__gte=first, id__lte=last, status__in=(Status.QUEUED, Status.FAILED))
        .filter(channel=Channel.HERE)
        .order_by("id")
    )


def list_troubled(actor: Actor, *, limit: int = 50) -> list[Delivery]:
    """Return the failed deliveries of the actor's agency and those sent back and not seen to, newest first, for its clerks."""
    return list(
        Delivery.objects.select_related("dispatch__document")
        .defer("dispatch__document__search")
        .filter(dispatch__agency_id=actor.agency_id, status__in=TROUBLED, settled_at__isnull=True)
        .order_by("-sent_at", "-id")[:limit]
    )


def list_slow(actor: Actor, before: datetime, *, limit: int = 50) -> list[Delivery]:
    """Return the deliveries of the actor's agency that arrived before a moment and are still not registered there."""
    return list(
        Delivery.objects.select_related("dispatch__document")
        .defer("dispatch__document__search")
        .filter(dispatch__agency_id=actor.agency_id, status=Status.ARRIVED, arrived_at__lt=before)
        .order_by("arrived_at", "id")[:limit]
    )


def count_clerk(actor: Actor, slow_before: datetime) -> dict[str, int]:
    """Return the counts that the clerk's desk shows beside the list: failed, returned, slow."""
    return Delivery.objects.filter(
        dispatch__agency_id=actor.agency_id, status__in=("failed", "returned", "arrived")
    ).aggregate(
        failed=Count("id", filter=Q(status="failed")),
        returned=Count("id", filter=Q(status="returned", settled_at__isnull=True)),
        slow=Count("id", filter=Q(status="arrived", arrived_at__lt=slow_before)),
    )


SLOW = timedelta(days=1)
"""So long after it arrived, what is not registered is slow."""


def count_rows(actor: Actor, slow_before: datetime) -> int:
    """Return how many rows of the clerk's desk speak of what was sent: each failure, each document sent back or slow somewhere."""
    back, slow = Q(status="returned", settled_at__isnull=True), Q(status="arrived", arrived_at__lt=slow_before)
    counts = Delivery.objects.filter(
        Q(status="failed") | back | slow,
        dispatch__agency_id=actor.agency_id,
        status__in=("failed", "returned", "arrived"),
    ).aggregate(
        failed=Count("id", filter=Q(status="failed")),
        back=Count("dispatch", filter=back, distinct=True),
        slow=Count("dispatch", filter=slow, distinct=True),
    )
    return sum(counts.values())


def list_receipts(delivery_ids: list[int]) -> list[Receipt]:
    """Return the receipts of some deliveries in the order they happened."""
    return list(Receipt.objects.filter(delivery_id__in=delivery_ids).order_by("at", "id"))


def list_receipts_of_arrival(document_id: int) -> list[Receipt]:
    """Return what the recipient's acts on an incoming document told its sender, in the order they happened.

    The caller has checked that the document may be seen.
    """
    return list(Receipt.objects.filter(delivery__arrival_id=document_id).order_by("at", "id"))


# Lines ----------------------------------------------------------------------------------------------------------------------


def lock_line(line_id: int) -> Line:
    """Return a line, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = Line.objects.select_for_update().filter(pk=line_id).first()
    if found is None:
        raise NotFound()
    return found


def get_line_for(actor: Actor, line_id: int) -> Line:
    """Return a line for who keeps the lines. :raises NotAllowed: :raises NotFound:"""
    refuse(policy.why_not_keep_lines(actor))
    found = Line.objects.filter(pk=line_id).first()
    if found is None:
        raise NotFound()
    return found


def find_line(name: str) -> Line | None:
    """Return the line that deliveries call by this name, if there is one."""
    return Line.objects.filter(name=name).first()


def list_lines() -> list[Line]:
    """Return every line, in the order they were set up."""
    return list(Line.objects.order_by("id"))


def list_codes(line: Line) -> dict[int, str]:
    """Return the codes our agencies have on a line, where they are not their own, by unit id."""
    return dict(LineCode.objects.filter(line=line).values_list("agency_id", "code"))


def secrets_of(line: Line) -> dict[str, str]:
    """Return the secrets of a line, opened; none when nothing was sealed yet. :raises Unsealable: under a key we do not have"""
    if not line.sealed:
        return {}
    held = json.loads(at_rest.unseal(bytes(line.sealed)))
    return {name: str(text) for name, text in held.items()}


def wire_of(line: Line) -> Wire:
    """Return what speaks to a line's server. Nothing is asked of it yet. :raises Unsealable: as secrets_of"""
    told = secrets_of(line)
    address = Address(line.address, ca_data=line.authority, plain=line.plain)
    if line.channel == Channel.AXIS:
        return NationalAxis(address, line.system_id, told.get("secret", ""), raw=line.raw)
    account = Account(line.user_name, told.get("password", ""), line.system_id, told.get("secret", ""))
    return ProvincialGateway(address, account)


def code_on_line(line: Line, agency_id: int) -> str:
    """Return the code by which an agency of ours is known on a line: the line's own for it, or its identifier code."""
    found = LineCode.objects.filter(line=line, agency_id=agency_id).values_list("code", flat=True).first()
    if found is not None:
        return found
    unit = people.get_agency(agency_id)
    return unit.code.value if unit.code else ""


def find_addressed(line: Line, code: str, on: date) -> int | None:
    """Return which open agency of ours a receiver code means, if any: by the line's own table or any spelling ever issued."""
    agency_id = LineCode.objects.filter(line=line, code=code).values_list("agency_id", flat=True).first()
    if agency_id is None:
        try:
            current = identifiers.resolve(code).current
        except NotFound:
            return None
        found = people.find_agency_by_code(current)
        agency_id = found.pk if found else None
    return agency_id if agency_id in people.find_open_agencies([agency_id or 0], on) else None


# Parcels --------------------------------------------------------------------------------------------------------------------


def lock_parcel(parcel_id: int) -> Parcel:
    """Return a parcel, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = Parcel.objects.select_for_update().filter(pk=parcel_id).first()
    if found is None:
        raise NotFound()
    return found


def find_kept(parcel_id: int) -> Parcel | None:
    """Return a parcel that waits to be taken in; None when it does not any more."""
    return Parcel.objects.select_related("line").filter(pk=parcel_id, status=ParcelStatus.KEPT).first()


def list_given_up(line_id: int) -> frozenset[str]:
    """Return the names of a line's messages that never came whole and are not asked for any more."""
    rows = Parcel.objects.filter(line_id=line_id, file="", status__in=(ParcelStatus.SET_ASIDE, ParcelStatus.DROPPED))
    return frozenset(rows.values_list("doc_id", flat=True))


def get_parcel_for(actor: Actor, parcel_id: int) -> Parcel:
    """Return a parcel for who keeps the lines. :raises NotAllowed: :raises NotFound:"""
    refuse(policy.why_not_keep_lines(actor))
    found = Parcel.objects.select_related("line").filter(pk=parcel_id).first()
    if found is None:
        raise NotFound()
    return found


def list_parcels(*, line_id: int | None = None, statuses: tuple[str, ...] = (), limit: int = 50) -> list[Parcel]:
    """Return the last parcels, of a line or of all, in some states or in any."""
    found = Parcel.objects.select_related("line")
    if line_id is not None:
        found = found.filter(line_id=line_id)
    if statuses:
        found = found.filter(status__in=statuses)
    return list(found.order_by("-came_at", "-id")[:limit])


@dataclass(frozen=True)
class Queue:
    """What waits on a line: deliveries and answers to send, those that failed, parcels to take in and set aside."""

    to_send: int = 0
    failed: int = 0
    answers: int = 0
    answers_failed: int = 0
    kept: int = 0
    set_aside: int = 0
    oldest_at: datetime | None = None


def list_queues() -> dict[str, Queue]:
    """Return what waits on every line, by its name. Three queries."""
    deliveries = {
        row["line"]: row
        for row in Delivery.objects.exclude(channel=Channel.HERE)
        .filter(status__in=("queued", "failed"))
        .values("line")
        .annotate(
            to_send=Count("id", filter=Q(status="queued")),
            failed=Count("id", filter=Q(status="failed")),
            oldest_at=Min("sent_at", filter=Q(status="queued")),
        )
        .order_by()
    }
    answers = {
        row["incoming__line"]: row
        for row in Answer.objects.exclude(status=AnswerStatus.SENT)
        .values("incoming__line")
        .annotate(waiting=Count("id", filter=Q(status="waiting")), failed=Count("id", filter=Q(status="failed")))
        .order_by()
    }
    parcels = {
        row["line__name"]: row
        for row in Parcel.objects.filter(status__in=("kept", "set_aside"))
        .values("line__name")
        .annotate(kept=Count("id", filter=Q(status="kept")), set_aside=Count("id", filter=Q(status="set_aside")))
        .order_by()
    }
    queues = {}
    for name in {*deliveries, *answers, *parcels}:
        sent: dict[str, Any] = dict(deliveries.get(name, {}))
        owed: dict[str, Any] = dict(answers.get(name, {}))
        came: dict[str, Any] = dict(parcels.get(name, {}))
        queues[name] = Queue(
            to_send=sent.get("to_send", 0),
            failed=sent.get("failed", 0),
            answers=owed.get("waiting", 0),
            answers_failed=owed.get("failed", 0),
            kept=came.get("kept", 0),
            set_aside=came.get("set_aside", 0),
            oldest_at=sent.get("oldest_at"),
        )
    return queues


def list_deliveries_of(identifier: str) -> list[Delivery]:
    """Return the outside deliveries of whatever document of this node has an identifier, for a status that speaks of it."""
    if not identifier:
        return []
    return list(
        Delivery.objects.select_related("correspondent", "dispatch__document")
        .exclude(channel=Channel.HERE)
        .filter(dispatch__document__identifier=identifier)
        .order_by("id")
    )


def list_deliveries_by_code(code: str) -> list[Delivery]:
    """Return the outside deliveries of documents of this node with a number and notation, for a status without identifier."""
    if not code:
        return []
    return list(
        Delivery.objects.select_related("correspondent", "dispatch__document")
        .exclude(channel=Channel.HERE)
        .filter(dispatch__document__code=code)
        .order_by("id")
    )


def list_arrivals_of(identifiers: Sequence[str], sender_code: str) -> list[Incoming]:
    """Return what came to this node under some identifiers from the sender of this code, in any spelling of it."""
    known = correspondents.find_by_code(sender_code)
    by_sender = Q(sender_code=sender_code) | (Q(correspondent=known) if known else Q(pk__in=[]))
    return list(
        Incoming.objects.select_related("document")
        .defer("document__search")
        .filter(by_sender, document__identifier__in=[each for each in identifiers if each])
        .order_by("document_id")
    )


def list_incoming(document_ids: Collection[int]) -> list[Incoming]:
    """Return where some arrivals came from."""
    rows = Incoming.objects.select_related("document").defer("document__search")
    return list(rows.filter(pk__in=document_ids).order_by("pk"))


def list_changing(identifier: str, sender_code: str) -> list[Incoming]:
    """Return what came of a sender that says of itself that it replaces or corrects the document of an identifier."""
    known = correspondents.find_by_code(sender_code)
    by_sender = Q(sender_code=sender_code) | (Q(correspondent=known) if known else Q(pk__in=[]))
    rows = Incoming.objects.select_related("document").defer("document__search")
    changing = rows.filter(by_sender, facts__has_key="acts_on")
    return list(changing.filter(facts__acts_on__contains=[identifier]).order_by("pk")) if identifier else []


def reference_of_parcel(parcel_id: int) -> str:
    """Return what makes a message that a line brought the same one again."""
    return Parcel.objects.values_list("same", flat=True).get(pk=parcel_id)


def list_spellings_aside(line_id: int, code: str, sender_code: str) -> list[str]:
    """Return how a sender spelled himself in what a line brought of him and was set aside for that reason."""
    known = correspondents.find_by_code(sender_code)
    rows = Parcel.objects.filter(line_id=line_id, status=ParcelStatus.SET_ASIDE, fault_code=code).order_by()
    there = rows.values_list("sender_code", flat=True).distinct()
    return [each for each in there if each == sender_code or (known and correspondents.find_by_code(each) == known)]


def find_incoming_of(line: str, reference: str) -> Incoming | None:
    """Return the arrival that came over a line under a name of the line's own; the first, should there be several."""
    rows = Incoming.objects.select_related("document").defer("document__search")
    return rows.filter(line=line, reference=reference).order_by("document_id").first()


def find_incoming(document_id: int) -> Incoming | None:
    """Return where an arrival came from; None when it did not come from outside."""
    return Incoming.objects.filter(document_id=document_id).first()


def list_answers(document_id: int) -> list[Answer]:
    """Return the receipts that we owe, or have sent, for an arrival from outside."""
    return list(Answer.objects.filter(incoming_id=document_id).order_by("at", "id"))


# Between nodes ---------------------------------------------------------------------------------------------------------------


def list_to_nodes(classified_id: int) -> list[Delivery]:
    """Return the deliveries to agencies of other nodes of the document that a classified thing is of."""
    rows = Delivery.objects.filter(dispatch__document__classified_id=classified_id, correspondent__isnull=False)
    return list(rows.exclude(channel__in=(Channel.AXIS, Channel.GATEWAY)).order_by("id"))


def find_delivery(delivery_id: int) -> Delivery | None:
    """Return a delivery for the node's own dealings with a line, with its recipient; None when there is none."""
    return Delivery.objects.select_related("dispatch", "correspondent").filter(pk=delivery_id).first()


def list_on_the_way(lines: list[str]) -> list[Delivery]:
    """Return what was handed over to these nodes and has not been heard of since."""
    on_nodes = Delivery.objects.filter(channel__in=(Channel.NODE, Channel.FILE), line__in=lines, status=Status.SENT)
    return list(on_nodes.select_related("dispatch", "correspondent").order_by("id")) if lines else []


def list_owed(incoming_id: int) -> list[Answer]:
    """Return every receipt that our acts on an incoming document made, in their order."""
    return list(Answer.objects.filter(incoming_id=incoming_id).order_by("id"))


def count_signed(incoming_id: int) -> int:
    """Return how many receipts of an incoming document are signed."""
    return SignedReceipt.objects.filter(incoming_id=incoming_id).count()


def list_signed_of_incoming(incoming_id: int) -> list[SignedReceipt]:
    """Return the chain of receipts that our agency signed for an incoming document."""
    return list(SignedReceipt.objects.filter(incoming_id=incoming_id).order_by("number"))


def list_links(delivery_id: int) -> list[SignedReceipt]:
    """Return the chain of receipts that a recipient on another node signed. The caller has checked who may see it."""
    return list(SignedReceipt.objects.filter(delivery_id=delivery_id).order_by("number"))


def get_incoming(document_id: int) -> Incoming:
    """Return where an arrival came from. :raises NotFound: it did not come from outside"""
    found = Incoming.objects.select_related("document").filter(document_id=document_id).first()
    if found is None:
        raise NotFound()
    return found


# Recall, replacement, correction --------------------------------------------------------------------------------------------


def _replies() -> Any:
    return ChangeReply.objects.select_related("change__document", "delivery", "arrival__agency").defer(
        "change__document__search", "arrival__search"
    )


def lock_reply(reply_id: int) -> ChangeReply:
    """Return what one holder is asked, its row locked. :raises NotFound: there is none"""
    found = _replies().select_for_update(of=("self",)).filter(pk=reply_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_open_reply(delivery_id: int, reference: str = "") -> ChangeReply | None:
    """Return the open question to an outside recipient of that reference, or the latest; locked. None when none is open."""
    rows = _replies().select_for_update(of=("self",)).filter(delivery_id=delivery_id, status=ReplyStatus.ASKED)
    if reference:
        rows = rows.filter(reference=reference)
    return rows.order_by("-id").first()


def find_to_carry(reply_id: int) -> ChangeReply | None:
    """Return a question that still has to get over a line; None when it did, or was answered."""
    rows = _replies().select_related("delivery__correspondent", "change__by").defer("change__by__search")
    return rows.filter(pk=reply_id, status=ReplyStatus.ASKED, carried_at=None, delivery__isnull=False).first()


def find_asked(document_id: int) -> ChangeReply | None:
    """Return what the sender of an arrival asks and nobody has answered yet. The caller has checked that it may be seen."""
    rows = _replies().filter(arrival_id=document_id, status=ReplyStatus.ASKED)
    return rows.order_by("id").first()


def get_reply_for(actor: Actor, reply_id: int) -> ChangeReply:
    """Return what is asked of a document that the actor may see. :raises NotFound: absent, or not his to see"""
    found: ChangeReply | None = _replies().filter(pk=reply_id).first()
    if found is None:
        raise NotFound()
    held = found.arrival_id or (found.change.document_id if found.change.document_id else 0)
    documents.get_for(actor, held or 0)
    return found


def list_changes(document_id: int) -> list[Change]:
    """Return what its sender asked about a document, with every holder's answer; the caller has checked that it may be seen."""
    return list(
        Change.objects.filter(document_id=document_id)
        .prefetch_related(Prefetch("replies", _replies().order_by("id")))
        .order_by("id")
    )


def list_asked(actor: Actor, *, limit: int = 50) -> list[ChangeReply]:
    """Return the questions of senders that wait for the answer of the actor's agency, the oldest first."""
    rows = _replies().filter(arrival__agency_id=actor.agency_id, status=ReplyStatus.ASKED)
    return list(rows.order_by("id")[:limit])


def count_asked(actor: Actor) -> int:
    """Return how many questions of senders wait for the answer of the actor's agency."""
    return ChangeReply.objects.filter(arrival__agency_id=actor.agency_id, status=ReplyStatus.ASKED).count()
