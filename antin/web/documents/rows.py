"""How a document looks in a list: the boxes, and one row of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from antin.documents import policy
from antin.documents.states import (
    CANCELLED,
    CIRCULATION_NOTES,
    OPEN_IN,
    OPEN_OUT,
    TO_ISSUE,
    Act,
    Circulation,
    Standing,
    Status,
    Urgency,
)
from antin.exchange.states import AWAITED, TROUBLED
from antin.exchange.states import Status as Delivered
from antin.journeys.sealing import stamp_of
from antin.people.actor import Actor
from antin.vault.states import NO_LONGER
from antin.web import tones
from antin.web.clocks import LOCAL, Clock, until
from antin.web.tones import Tone

if TYPE_CHECKING:
    from antin.documents.models import Document

Counts = Mapping[str, int]

STAMPS = {Urgency.URGENT: "KHẨN", Urgency.VERY_URGENT: "THƯỢNG KHẨN", Urgency.IMMEDIATE: "HỎA TỐC"}
"""What the paper carries by its urgency (Decree 30/2020, Appendix I, box 10b), as it is printed: never translated."""


@dataclass(frozen=True)
class Box:
    """One of the three lists: its key in the room, its address name, its words."""

    key: str
    name: str
    words: str | Promise
    sign: str
    statuses: tuple[Status, ...]
    acts: tuple[Act, ...]

    def href(self, document_id: int | None = None, query: str = "") -> str:
        """Address of the list, or of a document in it, narrowed as `query` says."""
        path = reverse(self.name) if document_id is None else reverse(f"{self.name}-one", args=[document_id])
        return f"{path}?{query}" if query else path


BOXES: dict[str, Box] = {
    "in": Box(
        "in",
        "incoming",
        gettext_lazy("Văn bản đến"),
        "inbox",
        (
            Status.ARRIVED,
            Status.REGISTERED,
            Status.DIRECTED,
            Status.PROCESSING,
            Status.COMPLETED,
            Status.SENT_BACK,
            Status.PAST,
        ),
        (Act.REGISTER, Act.DIRECT),
    ),
    "out": Box("out", "outgoing", gettext_lazy("Văn bản đi"), "outbox", (Status.ISSUED, Status.PAST), ()),
    "draft": Box(
        "draft",
        "drafts",
        gettext_lazy("Dự thảo"),
        "draft",
        (
            Status.DRAFTED,
            Status.RETURNED,
            Status.SUBMITTED,
            Status.ENDORSED,
            Status.SIGNED,
            Status.ASKED,
            Status.PERMITTED,
            Status.ABANDONED,
        ),
        (
            Act.FINISH_DRAFT,
            Act.REVIEW,
            Act.INITIAL,
            Act.CHECK,
            Act.SIGN,
            Act.PERMIT,
            Act.NUMBER,
            Act.JOINT_SEAL,
            Act.SEAL,
            Act.PRINT,
        ),
    ),
}


@dataclass(frozen=True)
class Row:
    """What the part `doc_row` draws of a document."""

    id: int
    no: str
    party: str
    title: str
    href: str
    symbol: str
    state: Tone
    when: Clock | str | None
    stamps: tuple[str, ...]
    clips: int
    bad: str
    act: str
    act_post: str
    current: bool
    pick: str
    pick_label: str


def stamps_of(document: Document) -> tuple[str, ...]:
    """What the paper itself carries: its level of secrecy, its urgency, how far it may go round."""
    level = (stamp_of(document.secrecy),) if document.secrecy else (NO_LONGER,) if document.sealed_as else ()
    urgency = (STAMPS[Urgency(document.urgency)],) if document.urgency else ()
    limit = (CIRCULATION_NOTES[Circulation(document.circulation)],) if document.circulation else ()
    return (*level, *urgency, *limit)


def number_of(document: Document) -> str:
    """The number a row is found by in its book; empty while it has none."""
    value = document.arrival_number if document.direction == "in" else document.number
    return "" if value is None else str(value)


def clock_of(document: Document, now: datetime) -> Clock | str | None:
    """Until when the next act, or the whole, is due; for what is finished, the day it came or left."""
    open_still = document.status in OPEN_IN or document.status in OPEN_OUT
    if not open_still:
        return f"{document.order_at.astimezone(LOCAL):%d/%m}"
    return until(document.next_due_at or document.due_at, now)


def state_of(document: Document, deliveries: Counts | None = None, lead: str = "") -> Tone:
    """Where the document stands, in words: who works on it, or how far it is at its recipients."""
    if document.standing in CANCELLED:
        return tones.of(Standing(document.standing))
    if document.status == Status.ISSUED and deliveries:
        return _sent(deliveries)
    if lead and document.status in (Status.DIRECTED, Status.PROCESSING):
        return Tone(_("%(name)s đang xử lý") % {"name": lead}, "flow", "half")
    if document.next_act == Act.PRINT:
        return Tone(_("Chờ ký, đóng dấu"), "flow", "half")
    if document.status in TO_ISSUE and document.number is not None:
        return Tone(_("Chờ đóng dấu"), "flow", "half")
    if document.status in TO_ISSUE:
        return Tone(_("Chờ cấp số"), "flow", "half")
    return tones.of(Status(document.status))


def _sent(deliveries: Counts) -> Tone:
    total = sum(deliveries.values())
    troubled = sum(deliveries.get(status, 0) for status in TROUBLED)
    if troubled:
        words = ngettext("%(n)d nơi cần xử lý", "%(n)d nơi cần xử lý", troubled) % {"n": troubled}
        return Tone(words, "late", "warning")
    waiting = sum(deliveries.get(status, 0) for status in AWAITED)
    done = deliveries.get(Delivered.DONE, 0)
    if done == total:
        return Tone(_("Tất cả đã hoàn thành"), "ok", "check")
    words = _("%(n)d/%(total)d nơi đã nhận") % {"n": total - waiting, "total": total}
    return Tone(words, "ok" if not waiting else "flow", "check" if not waiting else "half")


def _bad(document: Document) -> str:
    """What whoever reads the row must know before anything else."""
    if document.standing == Standing.CORRECTED:
        return _("Đã đính chính bằng %(code)s") % {"code": document.standing_by}
    invalid = document.direction == "in" and document.arrival.verdict == "invalid"
    return _("Chữ ký không hợp lệ") if invalid else ""


def row_of(
    document: Document,
    box: Box,
    *,
    actor: Actor,
    now: datetime,
    query: QueryDict,
    current: int | None,
    deliveries: Counts | None = None,
    lead: str = "",
    picks: bool = False,
) -> Row:
    """One row. The one act that needs no question, entering in the book, can be done from it while it is not the one open."""
    address = query.urlencode()
    opened = document.pk == current
    registers = not opened and document.direction == "in" and policy.why_not_register(actor, document) is None
    act_post = reverse("document-register", args=[document.pk])
    return Row(
        id=document.pk,
        no=number_of(document),
        party=document.parties or _("Chưa có nơi nhận"),
        title=document.subject,
        href=box.href(document.pk, address),
        symbol=document.code or (document.notation if box.key == "draft" else ""),
        state=state_of(document, deliveries, lead),
        when=clock_of(document, now),
        stamps=stamps_of(document),
        clips=document.attachment_count,
        bad=_bad(document),
        act=_("Vào sổ") if registers else "",
        act_post=f"{act_post}?{address}" if registers and address else act_post if registers else "",
        current=opened,
        pick=str(document.pk) if picks else "",
        pick_label=_("Chọn “%(subject)s”") % {"subject": document.subject} if picks else "",
    )
