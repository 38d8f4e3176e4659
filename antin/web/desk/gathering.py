"""What waits for a post, from every room, as rows of one list: sorted by clock and urgency, routine folded into one row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from antin.documents import queries as documents
from antin.documents.states import SIGNING, TO_ISSUE, Act, Status, Urgency
from antin.documents.types import ALL_TYPES
from antin.exchange import queries as exchange
from antin.exchange.queries import SLOW
from antin.exchange.states import ChangeKind
from antin.opinions import queries as opinions
from antin.people.actor import Actor
from antin.people.states import Role as Post
from antin.signing.states import Verdict
from antin.tasks import queries as tasks
from antin.tasks.states import Origin, Role
from antin.tasks.states import Status as Work
from antin.web import clocks
from antin.web.clocks import Clock

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.exchange.models import ChangeReply, Delivery
    from antin.opinions.models import Opinion
    from antin.tasks.models import Assignment

ROUTINE = 4  # so many ordinary ones of a kind are one row
AT_ONCE = timedelta(hours=1)
MOST_SENT = 500  # deliveries that a clerk must see to, each side


@dataclass(frozen=True)
class Kind:
    """A kind of work: its word on the row, its icon and what its button says."""

    word: str | Promise
    icon: str
    act: str | Promise


KINDS: dict[str, Kind] = {
    Act.REGISTER: Kind(gettext_lazy("Vào sổ"), "inbox", gettext_lazy("Vào sổ và trình")),
    Act.NUMBER: Kind(gettext_lazy("Cấp số"), "number", gettext_lazy("Cấp số")),
    Act.JOINT_SEAL: Kind(gettext_lazy("Đóng dấu"), "seal", gettext_lazy("Đóng dấu cơ quan")),
    Act.SEAL: Kind(gettext_lazy("Đóng dấu"), "seal", gettext_lazy("Đóng dấu, phát hành")),
    Act.PERMIT: Kind(gettext_lazy("Cho sao"), "check", gettext_lazy("Xem và cho sao")),
    Act.PRINT: Kind(gettext_lazy("Ký giấy"), "print", gettext_lazy("In, ký, đóng dấu")),
    Act.SIGN: Kind(gettext_lazy("Ký"), "pen", gettext_lazy("Mở để ký")),
    Act.INITIAL: Kind(gettext_lazy("Ký nháy"), "pen", gettext_lazy("Mở để ký nháy")),
    Act.CHECK: Kind(gettext_lazy("Thể thức"), "check", gettext_lazy("Mở để kiểm tra")),
    Act.DIRECT: Kind(gettext_lazy("Cho ý kiến"), "flag", gettext_lazy("Cho ý kiến")),
    Act.REVIEW: Kind(gettext_lazy("Duyệt"), "check", gettext_lazy("Mở để duyệt")),
    Act.FINISH_DRAFT: Kind(gettext_lazy("Soạn tiếp"), "draft", gettext_lazy("Soạn tiếp")),
    "returned": Kind(gettext_lazy("Xem lại"), "undo", gettext_lazy("Xem lý do")),
    "opinion": Kind(gettext_lazy("Góp ý"), "reply", gettext_lazy("Xem và cho ý kiến")),
    "work": Kind(gettext_lazy("Thực hiện"), "flag", gettext_lazy("Mở việc")),
    "read": Kind(gettext_lazy("Để biết"), "eye", gettext_lazy("Mở xem")),
    "judge": Kind(gettext_lazy("Nghiệm thu"), "check", gettext_lazy("Xem kết quả")),
    "resend": Kind(gettext_lazy("Gửi lại"), "send", gettext_lazy("Xem và gửi lại")),
    "bounced": Kind(gettext_lazy("Bị trả"), "undo", gettext_lazy("Xem lý do")),
    "change": Kind(gettext_lazy("Thu hồi"), "undo", gettext_lazy("Trả lời nơi gửi")),
    "urge": Kind(gettext_lazy("Đôn đốc"), "clock", gettext_lazy("Nhắc đơn vị")),
}
STAMPS = {Urgency.URGENT: "KHẨN", Urgency.VERY_URGENT: "THƯỢNG KHẨN", Urgency.IMMEDIATE: "HỎA TỐC"}


@dataclass(frozen=True)
class Item:
    """One row. `act` is what its button says when that is not the kind's word, `act_post` where its act is done from here."""

    kind: str
    title: str
    meta: str
    href: str
    due_at: datetime | None = None
    urgency: int = 0
    stamp: str = ""
    count: int = 1
    act: str = ""
    act_post: str = ""
    said: str = ""  # in the place of the clock, where no clock runs
    paper: Document | None = None

    @property
    def words(self) -> Kind:
        return KINDS[self.kind]

    @property
    def button(self) -> str:
        return self.act or str(self.words.act)


@dataclass
class Group:
    heading: str
    items: list[tuple[Item, Clock | str | None]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(item.count for item, _ in self.items)


@dataclass(frozen=True)
class Desk:
    """The whole desk: groups by time, and how many of each kind there are. `next` lies open before the list, for leaders."""

    groups: list[Group]
    kinds: list[tuple[str, Kind, int]]
    total: int
    at_once: int
    today: int
    next: tuple[Item, Clock | str | None] | None = None

    @property
    def signs_many(self) -> bool:
        """Whether several documents wait to be signed, which can be done by one PIN."""
        return sum(n for key, _kind, n in self.kinds if key in SIGNING) > 1


def of(actor: Actor, now: datetime, only: str = "") -> Desk:
    """Gather the desk of an actor; `only` keeps one kind of work. Queries: documents, tasks, opinions 1 each, a clerk 3 more."""
    items = [_document(row) for row in documents.list_waiting(actor)]
    items += [_assignment(row, actor) for row in tasks.list_waiting(actor)]
    items += [_opinion(row) for row in opinions.list_waiting(actor)]
    if actor.role == "clerk":
        items += _troubles(exchange.list_troubled(actor, limit=MOST_SENT))
        items += _slow(exchange.list_slow(actor, now - SLOW, limit=MOST_SENT))
        items += [_asked(row) for row in exchange.list_asked(actor)]
    counts: dict[str, int] = {}
    for item in items:
        counts[item.kind] = counts.get(item.kind, 0) + item.count
    kinds = [(key, KINDS[key], counts[key]) for key in KINDS if key in counts]
    shown = [item for item in items if not only or item.kind == only]
    groups = _by_time(shown if only else _folded(shown), now)
    at_once, today, _later = (group.size for group in (_by_time(items, now) if only else groups))
    filled = [group for group in groups if group.items]
    leads = actor.role in (Post.HEAD, Post.DEPUTY)
    first = filled[0].items.pop(0) if leads and filled and filled[0].items[0][0].paper is not None else None
    return Desk(
        groups=[group for group in filled if group.items],
        kinds=kinds,
        total=sum(counts.values()),
        at_once=at_once,
        today=today,
        next=first,
    )


def _document(row: Document) -> Item:
    kind = str(row.next_act)
    if row.status == Status.RETURNED:
        kind = "returned"
    href = reverse("document", args=[row.pk])
    if kind == Act.FINISH_DRAFT:
        href = reverse("draft-edit", args=[row.pk])
    act, act_post = "", ""
    if kind == Act.REGISTER and row.arrival.verdict == Verdict.VALID:
        act_post = reverse("document-register", args=[row.pk])
    elif kind == Act.REGISTER:
        act = _("Xem và vào sổ")  # what its signatures lack must be read first
    return Item(
        kind=kind,
        title=row.subject,
        meta=" · ".join(part for part in _document_meta(row) if part),
        href=href,
        due_at=row.next_due_at or row.due_at,
        urgency=row.urgency,
        stamp=STAMPS.get(Urgency(row.urgency), ""),
        act=act,
        act_post=act_post,
        paper=row if row.file and kind in (*SIGNING, Act.DIRECT) else None,
    )


def _document_meta(row: Document) -> list[str]:
    if row.direction == "in":
        number = _("số đến %(n)d") % {"n": row.arrival_number} if row.arrival_number else ""
        return [row.issuer_name, row.code, number]
    making = row.making
    if row.status == Status.RETURNED:
        return [
            ALL_TYPES[row.type_code].name,
            _("%(by)s trả lại: %(reason)s") % {"by": making.returned_by, "reason": making.return_reason},
        ]
    by = making.signer_name if row.status in TO_ISSUE else making.drafter_name
    said = {
        Status.SIGNED: _("%(by)s đã ký"),
        Status.ASKED: _("%(by)s đề nghị sao"),
        Status.PERMITTED: _("%(by)s cho sao"),
    }
    did = said.get(Status(row.status), _("%(by)s soạn"))
    return [row.code or ALL_TYPES[row.type_code].name, did % {"by": by}, row.parties]


def _assignment(row: Assignment, actor: Actor) -> Item:
    said = ""
    if row.status == Work.DECLINED:
        kind, who, said = "work", row.holder_name, str(Work.DECLINED.label)
    elif row.status == Work.HANDED_IN:
        kind, who = "judge", row.holder_name
        if row.handed_in_at is not None:
            said = _("nộp %(day)s") % {"day": f"{row.handed_in_at.astimezone(clocks.LOCAL):%d/%m}"}
    else:
        kind, who = ("read" if row.role == Role.INFORM else "work"), row.directive.giver_name
    words = row.directive.words or str(Role(row.role).label)
    urgency = row.document.urgency if row.document else Urgency.ORDINARY
    own = row.directive.origin != Origin.DIRECTIVE
    return Item(
        kind=kind,
        title=row.directive.title,
        meta=f"{who} · {words}",
        href=reverse("task", args=[row.pk]) if own else f"{reverse('document', args=[row.document_id])}#task-{row.pk}",
        due_at=None if said else row.due_at,
        said=said,
        urgency=urgency,
        stamp=STAMPS.get(Urgency(urgency), ""),
    )


def _opinion(row: Opinion) -> Item:
    """A draft that the actor is asked about."""
    return Item(
        kind="opinion",
        title=row.document.subject,
        meta=f"{row.document.making.drafter_name} · {ALL_TYPES[row.document.type_code].name}",
        href=reverse("document", args=[row.document_id]),
        due_at=row.due_at,
        urgency=row.document.urgency,
        stamp=STAMPS.get(Urgency(row.document.urgency), ""),
    )


def _troubles(rows: list[Delivery]) -> list[Item]:
    """A row for each delivery that failed, and one for each document that was sent back, wherever it was."""
    back: dict[int, list[Delivery]] = {}
    for row in rows:
        if row.status != "failed":
            back.setdefault(row.dispatch.document_id, []).append(row)
    failed = [_trouble([row], "resend", _("%(subject)s chưa tới %(to)s")) for row in rows if row.status == "failed"]
    return failed + [_trouble(each, "bounced", _("%(subject)s bị %(to)s trả lại")) for each in back.values()]


def _trouble(rows: list[Delivery], kind: str, title: str) -> Item:
    row, sent, n = rows[0], rows[0].dispatch.document, len(rows)
    to = row.recipient_name if n == 1 else ngettext("%(n)d nơi", "%(n)d nơi", n) % {"n": n}
    why = row.fault or row.return_words if n == 1 else ", ".join(each.recipient_name for each in rows[:4])
    return Item(
        kind=kind,
        title=title % {"subject": sent.subject, "to": to},
        meta=f"{sent.code} · {why}",
        href=f"{reverse('outgoing-board', args=[sent.pk])}#delivery-{row.pk}",
        urgency=sent.urgency,
        stamp=STAMPS.get(Urgency(sent.urgency), ""),
        said=f"{row.returned_at.astimezone(clocks.LOCAL):%d/%m/%Y}" if row.returned_at else "",
    )


def _asked(row: ChangeReply) -> Item:
    """What a sender asks about a document that this agency holds."""
    held, kind = row.arrival, str(ChangeKind(row.change.kind).label)
    assert held is not None
    return Item(
        kind="change",
        title=_("%(kind)s: %(subject)s") % {"kind": kind, "subject": held.subject},
        meta=f"{held.issuer_name} · {held.code} · {row.change.reason}",
        href=reverse("document", args=[held.pk]),
        urgency=held.urgency,
        stamp=STAMPS.get(Urgency(held.urgency), ""),
        said=f"{row.change.asked_at.astimezone(clocks.LOCAL):%d/%m/%Y}",
    )


def _slow(rows: list[Delivery]) -> list[Item]:
    """One row a document, naming the recipients that have not registered it."""
    by_document: dict[int, list[Delivery]] = {}
    for row in rows:
        by_document.setdefault(row.dispatch.document_id, []).append(row)
    items = []
    for document_id, slow in by_document.items():
        sent, n = slow[0].dispatch.document, len(slow)
        names = ", ".join(row.recipient_name for row in slow[:4])
        items.append(
            Item(
                kind="urge",
                title=ngettext("%(n)d đơn vị chưa tiếp nhận %(subject)s", "%(n)d đơn vị chưa tiếp nhận %(subject)s", n)
                % {"n": n, "subject": sent.subject},
                meta=f"{sent.code} · {names}",
                href=reverse("outgoing-board", args=[document_id]),
                due_at=slow[0].arrived_at + SLOW if slow[0].arrived_at else None,
            )
        )
    return items


def _folded(items: list[Item]) -> list[Item]:
    """Ordinary arrivals and numbers to give, when there are many, are one row that leads to the list."""
    kept: list[Item] = []
    for kind, address, words in (
        (Act.REGISTER, "incoming", gettext_lazy("%(n)d văn bản đến chờ vào sổ")),
        (Act.NUMBER, "drafts", gettext_lazy("%(n)d văn bản đã ký, chờ lấy số")),
    ):
        ordinary = [item for item in items if item.kind == kind and item.urgency == 0]
        if len(ordinary) < ROUTINE:
            continue
        items = [item for item in items if item not in ordinary]
        senders: dict[str, int] = {}
        for item in ordinary:
            sender = item.meta.split(" · ", 1)[0]
            senders[sender] = senders.get(sender, 0) + 1
        most = sorted(senders.items(), key=lambda pair: -pair[1])[:3]
        status = Status.ARRIVED if kind == Act.REGISTER else Status.SIGNED
        kept.append(
            Item(
                kind=kind,
                title=str(words) % {"n": len(ordinary)},
                meta=", ".join(f"{name} {n}" for name, n in most),
                href=f"{reverse(address)}?state={status}",
                due_at=min((item.due_at for item in ordinary if item.due_at), default=None),
                count=len(ordinary),
                act=_("Mở danh sách"),
            )
        )
    return items + kept


def _by_time(items: list[Item], now: datetime) -> list[Group]:
    at_once, today, later = Group(_("Làm ngay")), Group(_("Hôm nay")), Group(_("Sau đó"))
    end = now.astimezone(clocks.LOCAL).replace(hour=23, minute=59, second=59)
    for item in sorted(items, key=lambda item: (-item.urgency, item.due_at or datetime.max.replace(tzinfo=now.tzinfo))):
        row = (item, item.said or clocks.until(item.due_at, now))
        if item.urgency >= Urgency.VERY_URGENT or (item.due_at and item.due_at <= now + AT_ONCE):
            at_once.items.append(row)
        elif item.due_at is None or item.due_at <= end:
            today.items.append(row)
        else:
            later.items.append(row)
    return [at_once, today, later]
