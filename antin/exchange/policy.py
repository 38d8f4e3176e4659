"""Who may see and act on deliveries."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from antin.correspondents.states import Channel
from antin.documents.models import Document
from antin.documents.policy import why_cancelled
from antin.documents.states import Direction
from antin.documents.states import Status as DocumentStatus
from antin.exchange.models import ChangeReply, Delivery, Parcel
from antin.exchange.states import ChangeKind, ParcelStatus, ReplyStatus, Status
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotAllowed, Refusal, WrongState


class NotTheSender(NotAllowed):
    code = "not_the_sender"
    words = _("Chỉ văn thư cơ quan gửi được gửi lại hoặc đôn đốc.")


class NothingToUrge(Refusal):
    code = "nothing_to_urge"
    words = _("Nơi nhận đã tiếp nhận; không còn gì để đôn đốc.")


class OutsideIsNotUrged(Refusal):
    code = "outside_is_not_urged"
    words = _("Trục liên thông không có kênh đôn đốc; đôn đốc bằng công văn hoặc điện thoại.")


class UrgedToday(Refusal):
    code = "urged_today"
    words = _("Hôm nay đã đôn đốc nơi này; mỗi ngày một lần.")


class AnswerNotAsked(Refusal):
    code = "answer_not_asked"
    words = _("Văn bản không yêu cầu trả lời, hoặc đã được trả lời.")


class NotItsRegistry(NotAllowed):
    code = "not_its_registry"
    words = _("Chỉ văn thư hoặc lãnh đạo cơ quan được làm việc này.")


class NobodyHasIt(Refusal):
    code = "nobody_has_it"
    words = _("Không ai đang giữ văn bản này: chưa giao, hoặc việc đã xong.")


class NothingToSettle(Refusal):
    code = "nothing_to_settle"
    words = _("Không có việc trả lại nào chờ xử lý ở nơi nhận này.")


URGED_OVER = frozenset({Channel.HERE, Channel.NODE, Channel.FILE})
"""The ways by which urging goes; the national axis knows none."""

OWES = frozenset({Status.REGISTERED, Status.ASSIGNED, Status.PROCESSING, Status.DONE})
"""Where a recipient stands that has the document in hand and may owe its answer."""


def why_not_resend(actor: Actor, document: Document, delivery: Delivery) -> Refusal | None:
    """Why this actor may not try a failed delivery again."""
    if actor.role != "clerk" or actor.agency_id != document.agency_id:
        return NotTheSender()
    cancelled = why_cancelled(document)
    if cancelled is not None:
        return cancelled
    return None if delivery.status == Status.FAILED else WrongState(state=str(Status(delivery.status).label))


def why_not_urge(actor: Actor, document: Document, delivery: Delivery) -> Refusal | None:
    """Why this actor may not urge the recipient to register, or to answer (whether an answer came, the caller knows)."""
    if actor.role != "clerk" or actor.agency_id != document.agency_id:
        return NotTheSender()
    if delivery.channel not in URGED_OVER:
        return OutsideIsNotUrged()
    owes = document.reply_by is not None and delivery.status in OWES and not delivery.reply_code
    if delivery.status == Status.ARRIVED or owes:
        return why_cancelled(document)
    return NothingToUrge()


def why_not_draft_urging(actor: Actor, document: Document, delivery: Delivery) -> Refusal | None:
    """Why no letter that urges the recipient of a delivery is to be drafted: only where the way there knows no urging."""
    if actor.role == "administrator" or actor.agency_id != document.agency_id:
        return NotTheSender()
    owes = document.reply_by is not None and delivery.status in OWES and not delivery.reply_code
    if delivery.channel in URGED_OVER or not (owes or delivery.status in (Status.SENT, Status.ARRIVED)):
        return NothingToUrge()
    return why_cancelled(document)


def why_not_waive(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not say that a document needs no answer."""
    if not _speaks_for(actor, document.agency_id):
        return NotItsRegistry()
    return None if document.reply_by is not None else AnswerNotAsked()


def why_not_urge_own(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not urge those of his agency who work on an arrival to answer it."""
    if not _speaks_for(actor, document.agency_id):
        return NotItsRegistry()
    if document.direction != Direction.IN or document.reply_by is None:
        return AnswerNotAsked()
    return why_cancelled(document)


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


class NeverCameWhole(Refusal):
    """A line lists a message and does not give it, time and again; it was not acknowledged and is there still."""

    code = "never_came_whole"
    words = _("Hỏi %(tries)s lần từ %(since)s vẫn không lấy được trọn gói tin: %(fault)s")


def why_not_keep_lines(actor: Actor | None) -> Refusal | None:
    """Why this actor may not set up, change, open or shut a line to the outside; the node itself may."""
    return None if actor is None or actor.role == "administrator" else NotAllowed()


def why_not_handle(actor: Actor, parcel: Parcel) -> Refusal | None:
    """Why this actor may not try a parcel again, or drop it."""
    if actor.role != "administrator":
        return NotAllowed()
    return None if parcel.status == ParcelStatus.SET_ASIDE else WrongState(state=str(ParcelStatus(parcel.status).label))


class NotTheIssuer(NotAllowed):
    code = "not_the_issuer"
    words = _("Chỉ văn thư hoặc lãnh đạo cơ quan ban hành được thu hồi, thay thế, đính chính.")


class NotIssued(Refusal):
    code = "not_issued"
    words = _("Văn bản chưa phát hành, hoặc là văn bản đến.")


class ByMissing(Refusal):
    code = "change_by_missing"
    words = _("Thay thế, đính chính phải có văn bản kèm theo: chọn văn bản đã phát hành.")


class ByUnfit(Refusal):
    code = "change_by_unfit"
    words = _(
        "Văn bản %(code)s không dùng được: phải do cơ quan đã phát hành, còn hiệu lực; thay thế phải cùng tên loại."
    )


class NothingToAskAgain(Refusal):
    code = "nothing_to_ask_again"
    words = _("Yêu cầu đã tới nơi nhận, hoặc đang được gửi.")


def why_not_ask_again(actor: Actor, reply: ChangeReply) -> Refusal | None:
    """Why this actor may not try a question again that a line declined."""
    document = reply.change.document
    if document is None or not _speaks_for(actor, document.agency_id):
        return NotTheIssuer()
    stuck = reply.status == ReplyStatus.ASKED and reply.carried_at is None and reply.fault and reply.retry_at is None
    return None if stuck else NothingToAskAgain()


class NotTheHolder(NotAllowed):
    code = "not_the_holder"
    words = _("Chỉ văn thư hoặc lãnh đạo cơ quan nhận được trả lời.")


class AnsweredAlready(Refusal):
    code = "answered_already"
    words = _("Cơ quan đã trả lời yêu cầu này: %(answer)s.")


def _speaks_for(actor: Actor, agency_id: int) -> bool:
    """Whether the actor is of the agency's registry office, or leads the agency."""
    leads = actor.role in (Role.HEAD, Role.DEPUTY) and actor.unit_id == agency_id
    return leads or (actor.role == Role.CLERK and actor.agency_id == agency_id)


def why_not_ask_change(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not recall, replace or correct the document now."""
    if document.direction != Direction.OUT or document.status != DocumentStatus.ISSUED:
        return NotIssued()
    if not _speaks_for(actor, document.agency_id):
        return NotTheIssuer()
    return why_cancelled(document)


def why_not_change_by(document: Document, kind: str, by: Document | None) -> Refusal | None:
    """Why this document may not stand for the change. Law: Decree 30/2020, art. 18 (content: replaced by one of the same form)."""
    if by is None:
        return None if kind == ChangeKind.RECALL else ByMissing()
    own = by.pk != document.pk and by.agency_id == document.agency_id and by.status == DocumentStatus.ISSUED
    fits = kind != ChangeKind.REPLACE or by.type_code == document.type_code
    return None if own and fits and why_cancelled(by) is None else ByUnfit(code=by.code)


def why_not_answer_change(actor: Actor, reply: ChangeReply) -> Refusal | None:
    """Why this actor may not answer for the agency that holds the document."""
    if reply.arrival is None or not _speaks_for(actor, reply.arrival.agency_id):
        return NotTheHolder()
    if reply.status != ReplyStatus.ASKED:
        return AnsweredAlready(answer=str(ReplyStatus(reply.status).label))
    return None
