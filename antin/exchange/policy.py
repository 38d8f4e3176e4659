"""Who may see and act on deliveries."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from antin.correspondents.states import Channel
from antin.documents.models import Document
from antin.exchange.models import Delivery, Parcel
from antin.exchange.states import ParcelStatus, Status
from antin.people.actor import Actor
from antin.refusal import NotAllowed, Refusal, WrongState


class NotTheSender(NotAllowed):
    code = "not_the_sender"
    words = _("Chỉ văn thư cơ quan gửi được gửi lại hoặc đôn đốc.")


class NothingToUrge(Refusal):
    code = "nothing_to_urge"
    words = _("Nơi nhận đã tiếp nhận; không còn gì để đôn đốc.")


class OutsideIsNotUrged(Refusal):
    code = "outside_is_not_urged"
    words = _("Nơi nhận ở ngoài nút không có kênh đôn đốc; đôn đốc bằng văn bản hoặc điện thoại.")


class NothingToSettle(Refusal):
    code = "nothing_to_settle"
    words = _("Không có việc trả lại nào chờ xử lý ở nơi nhận này.")


def why_not_resend(actor: Actor, document: Document, delivery: Delivery) -> Refusal | None:
    """Why this actor may not try a failed delivery again."""
    if actor.role != "clerk" or actor.agency_id != document.agency_id:
        return NotTheSender()
    return None if delivery.status == Status.FAILED else WrongState(state=str(Status(delivery.status).label))


def why_not_urge(actor: Actor, document: Document, delivery: Delivery) -> Refusal | None:
    """Why this actor may not urge the recipient to register."""
    if actor.role != "clerk" or actor.agency_id != document.agency_id:
        return NotTheSender()
    if delivery.channel != Channel.HERE:
        return OutsideIsNotUrged()
    return None if delivery.status == Status.ARRIVED else NothingToUrge()


def why_not_settle(actor: Actor, document: Document, delivery: Delivery) -> Refusal | None:
    """Why this actor may not note that what a recipient sent back was seen to."""
    if actor.role != "clerk" or actor.agency_id != document.agency_id:
        return NotTheSender()
    open_return = delivery.status == Status.RETURNED and delivery.settled_at is None
    return None if open_return else NothingToSettle()


class SaysSomethingElse(Refusal):
    code = "says_something_else"
    words = _(
        "Trùng mã văn bản, nơi gửi và nghiệp vụ với một gói tin đã nhận, nhưng tệp khác. Hỏi lại nơi gửi trước khi nhận."
    )


def why_not_keep_lines(actor: Actor | None) -> Refusal | None:
    """Why this actor may not set up, change, open or shut a line to the outside; the node itself may."""
    return None if actor is None or actor.role == "administrator" else NotAllowed()


def why_not_handle(actor: Actor, parcel: Parcel) -> Refusal | None:
    """Why this actor may not try a parcel again, or drop it."""
    if actor.role != "administrator":
        return NotAllowed()
    return None if parcel.status == ParcelStatus.SET_ASIDE else WrongState(state=str(ParcelStatus(parcel.status).label))
