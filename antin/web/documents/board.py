"""The delivery board: how far one issued document is at each recipient, what is in trouble, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from antin.correspondents.states import Channel
from antin.documents import queries as documents
from antin.documents.operations import RETURN_REASONS
from antin.documents.types import ALL_TYPES
from antin.exchange import operations as exchange
from antin.exchange import policy
from antin.exchange import queries as deliveries
from antin.exchange.states import AWAITED, TROUBLED, ChangeKind, ReplyStatus, Status
from antin.journeys import urge_recipient
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.web import tones
from antin.web.clocks import LOCAL
from antin.web.documents.changes import how_far
from antin.web.session.middleware import SignedRequest
from antin.web.tones import Tone
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.exchange.models import Delivery

STATIONS = ("sent_at", "arrived_at", "registered_at", "assigned_at", "done_at")


@dataclass(frozen=True)
class Line:
    """One recipient as the part `receipt_row` takes it."""

    ident: str
    unit: str
    way: str
    code: str
    state: Tone
    times: list[str]
    number: str
    note: str
    act: str
    act_post: str
    bare: bool
    act_href: str = ""


@dataclass(frozen=True)
class Group:
    words: str
    ident: str
    lines: list[Line]


def _time(moment: datetime, first: date) -> str:
    """A station's time: the hour on the day of sending, the day before it later on."""
    local = moment.astimezone(LOCAL)
    return f"{local:%H:%M}" if local.date() == first else f"{local:%d/%m %H:%M}"


def _times(delivery: Delivery) -> list[str]:
    """The stations as far as it came. One that was passed over (done at once) shows the time of the next."""
    moments: list[datetime | None] = [getattr(delivery, name) for name in STATIONS]
    if delivery.processing_at is not None and moments[3] is None:
        moments[3] = delivery.processing_at
    last = max(index for index, moment in enumerate(moments) if moment is not None)
    first = delivery.sent_at.astimezone(LOCAL).date()
    told, later = [], moments[last]
    for moment in reversed(moments[: last + 1]):
        later = moment or later
        assert later is not None
        told.append(_time(later, first))
    return told[::-1]


def _note(delivery: Delivery) -> str:
    if delivery.status == Status.QUEUED and delivery.retry_at is not None:
        words = _("%(fault)s Hệ thống thử lại lúc %(moment)s.")
        return words % {"fault": delivery.fault, "moment": f"{delivery.retry_at.astimezone(LOCAL):%H:%M %d/%m}"}
    if delivery.status == Status.FAILED:
        tried = ngettext("Đã thử %(n)d lần.", "Đã thử %(n)d lần.", delivery.attempts) % {"n": delivery.attempts}
        return f"{delivery.fault} {tried}"
    if delivery.status == Status.RETURNED:
        reason = _(RETURN_REASONS.get(delivery.return_code, "")) if delivery.return_code else ""
        words = f"“{delivery.return_words}”" if delivery.return_words else ""
        settled = ""
        if delivery.settled_at is not None:
            settled = _("Đã xử lý ngày %(day)s") % {"day": f"{delivery.settled_at.astimezone(LOCAL):%d/%m/%Y}"}
        return ". ".join(part for part in (reason, words, settled) if part)
    if delivery.status == Status.DONE and delivery.reply_code:
        return _("Trả lời bằng %(code)s") % {"code": delivery.reply_code}
    if delivery.urged_at is not None:
        return _("Đã đôn đốc lúc %(moment)s") % {"moment": f"{delivery.urged_at.astimezone(LOCAL):%H:%M %d/%m}"}
    return ""


def letter_of(delivery: Delivery) -> str:
    """Where a letter that urges this recipient is begun."""
    return f"{reverse('draft-new')}?urge={delivery.pk}"


def _line(delivery: Delivery, document: Document, code: str, actor: Actor, replied: str = "") -> Line:
    act, act_post, act_href, bare = "", "", "", True
    if policy.why_not_urge(actor, document, delivery) is None:
        act, act_post = _("Đôn đốc"), reverse("delivery-urge", args=[delivery.pk])
    elif policy.why_not_resend(actor, document, delivery) is None:
        act, act_post, bare = _("Gửi lại"), reverse("delivery-resend", args=[delivery.pk]), False
    elif policy.why_not_settle(actor, document, delivery) is None:
        act, act_post, bare = _("Đã xử lý"), reverse("delivery-settle", args=[delivery.pk]), False
    elif policy.why_not_draft_urging(actor, document, delivery) is None:
        act, act_href = _("Soạn công văn đôn đốc"), letter_of(delivery)
    return Line(
        ident=f"delivery-{delivery.pk}",
        unit=delivery.recipient_name,
        way="" if delivery.channel == Channel.HERE else str(Channel(delivery.channel).label),
        code=code,
        state=tones.of(Status(delivery.status)),
        times=_times(delivery),
        number="" if delivery.arrival_number is None else str(delivery.arrival_number),
        note=". ".join(part for part in (_note(delivery), replied) if part),
        act=act,
        act_post=act_post,
        bare=bare,
        act_href=act_href,
    )


GROUPS: tuple[tuple[str, str, frozenset[Status]], ...] = (
    ("late", "can-xu-ly", TROUBLED),
    ("idle", "cho-tiep-nhan", AWAITED),
    ("flow", "da-tiep-nhan", frozenset({Status.REGISTERED, Status.ASSIGNED, Status.PROCESSING})),
    ("ok", "da-hoan-thanh", frozenset({Status.DONE})),
)


def _group_words(tone: str) -> tuple[str, str]:
    """Heading of a group, and its words in the legend."""
    return {
        "late": (_("Cần xử lý"), _("Gửi lỗi, bị trả lại")),
        "idle": (_("Chờ tiếp nhận"), _("Chờ tiếp nhận")),
        "flow": (_("Đã tiếp nhận"), _("Đã tiếp nhận")),
        "ok": (_("Đã hoàn thành"), _("Đã hoàn thành")),
    }[tone]


def shares_of(counts: Mapping[str, int], href: str = "") -> list[tuple[str, int, str, str]]:
    """Parts of the share bar, those done first: tone, how many recipients, words, and where they stand on the board."""
    parts = [
        (tone, sum(counts.get(status, 0) for status in statuses), _group_words(tone)[1], f"{href}#{ident}")
        for tone, ident, statuses in reversed(GROUPS)
    ]
    return [part for part in parts if part[1]]


def _heading(taken: int, total: int, troubled: int) -> str:
    words = ngettext("%(n)d trên %(total)d nơi đã tiếp nhận", "%(n)d trên %(total)d nơi đã tiếp nhận", total) % {
        "n": taken,
        "total": total,
    }
    if not troubled:
        return words
    return f"{words}, {ngettext('%(n)d nơi cần xử lý', '%(n)d nơi cần xử lý', troubled) % {'n': troubled}}"


def _replied(document: Document) -> dict[int, str]:
    """What each recipient answered to the recall, replacement or correction of the document, by delivery."""
    told: dict[int, list[str]] = {}
    changed = deliveries.list_changes(document.pk) if document.standing else []
    for change in changed:
        for reply in change.replies.all():
            words = f"{ChangeKind(change.kind).label}: {str(ReplyStatus(reply.status).label).lower()}"
            if reply.answered_at is not None:
                words += f" {reply.answered_at.astimezone(LOCAL):%H:%M %d/%m}"
            more = reply.words or how_far(reply)
            told.setdefault(reply.delivery_id or 0, []).append(f"{words}. {more}" if more else words)
    return {delivery_id: "; ".join(words) for delivery_id, words in told.items()}


@require_safe
def show(request: SignedRequest, document_id: int) -> HttpResponse:
    document = documents.get_for(request.actor, document_id)
    board = deliveries.get_board(request.actor, document_id)
    units = people.list_units([each.agency_id for each in board.deliveries if each.agency_id is not None])
    replied = _replied(document)
    groups = []
    for tone, ident, statuses in GROUPS:
        of_it = [delivery for delivery in board.deliveries if delivery.status in statuses]
        if of_it:
            lines = [
                _line(each, document, _code(units, each), request.actor, replied.get(each.pk, "")) for each in of_it
            ]
            groups.append(Group(_group_words(tone)[0], ident, lines))
    shares = shares_of(board.counts)
    counts = {tone: n for tone, n, _words, _href in shares}
    urgeable = [each for each in board.deliveries if policy.why_not_urge(request.actor, document, each) is None]
    told = {
        "document": document,
        "board": board,
        "groups": groups,
        "shares": shares,
        "bar": [share[:3] for share in shares],
        "total": len(board.deliveries),
        "heading": _heading(counts.get("flow", 0) + counts.get("ok", 0), len(board.deliveries), counts.get("late", 0)),
        "type_name": ALL_TYPES[document.type_code].name,
        "urgeable": len(urgeable),
        "issued_at": document.making.issued_at,
        "now": timezone.now(),
    }
    return render(request, "documents/board.html", told)


def _code(units: dict[int, Any], delivery: Delivery) -> str:
    if delivery.correspondent is not None:
        return delivery.correspondent.code
    unit = units.get(delivery.agency_id or 0)
    return unit.code.value if unit is not None and unit.code is not None else ""


def _back(document_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("outgoing-board", args=[document_id]))


@require_POST
def urge(request: SignedRequest, delivery_id: int) -> HttpResponse:
    delivery = urge_recipient.urge(delivery_id=delivery_id, actor=request.actor, at=timezone.now())
    messages.success(request, _("Đã đôn đốc %(name)s.") % {"name": delivery.recipient_name})
    if request.GET.get("back") == "answers":
        return HttpResponseRedirect(reverse("answers") + "?side=awaited")
    return _back(deliveries.document_of_dispatch(delivery.dispatch_id))


@require_POST
def urge_all(request: SignedRequest, document_id: int) -> HttpResponse:
    """Urge every recipient that has not registered yet; one that registers meanwhile is passed over."""
    document = documents.get_for(request.actor, document_id)
    at, urged = timezone.now(), 0
    for delivery in deliveries.get_board(request.actor, document_id).deliveries:
        if policy.why_not_urge(request.actor, document, delivery) is None:
            try:
                urge_recipient.urge(delivery_id=delivery.pk, actor=request.actor, at=at)
                urged += 1
            except Refusal:
                continue
    messages.success(request, ngettext("Đã đôn đốc %(n)d nơi.", "Đã đôn đốc %(n)d nơi.", urged) % {"n": urged})
    return _back(document_id)


@require_POST
def settle(request: SignedRequest, delivery_id: int) -> HttpResponse:
    """Note that what a recipient sent back was seen to; it leaves the desk."""
    delivery = exchange.settle(delivery_id=delivery_id, actor=request.actor, at=timezone.now())
    messages.success(request, _("Đã ghi: việc %(name)s trả lại đã xử lý.") % {"name": delivery.recipient_name})
    return _back(deliveries.document_of_dispatch(delivery.dispatch_id))


@require_POST
def resend(request: SignedRequest, delivery_id: int) -> HttpResponse:
    at = timezone.now()
    delivery = urge_recipient.resend(delivery_id=delivery_id, actor=request.actor, today=local_date(at), at=at)
    messages.success(request, _("Đang gửi lại tới %(name)s.") % {"name": delivery.recipient_name})
    return _back(deliveries.document_of_dispatch(delivery.dispatch_id))
