"""The frame around every page: rail, top bar, dock, health, who acts. One place to plug in what a screen always shows.

Budget: `context` may ask the database at most four questions for a page, and two more for a clerk, however much waits; health adds
three more, but only once in a while (`health.FRESH`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from antin.documents.queries import count_waiting
from antin.documents.states import Act
from antin.exchange import queries as exchange
from antin.exchange.queries import SLOW
from antin.notices import queries as notices
from antin.opinions.queries import count_waiting as count_opinions
from antin.people.actor import Actor
from antin.people.states import Clearance, Role
from antin.tasks.queries import count_waiting as count_tasks
from antin.web import health
from antin.web.clocks import LOCAL
from antin.web.session import sitting


@dataclass(frozen=True)
class Place:
    """One entry of the rail: where it leads and who sees it. `go` is its letter after `g`."""

    key: str
    icon: str
    short: str | Promise
    full: str | Promise
    url_name: str
    go: str = ""
    shown_to: Callable[[Actor], bool] = lambda actor: True


@dataclass(frozen=True)
class RailItem:
    """A place as one actor sees it now."""

    key: str
    icon: str
    short: str | Promise
    full: str | Promise
    href: str
    go: str
    count: int
    here: bool


@dataclass(frozen=True)
class Creation:
    """One entry of "Tạo mới"."""

    words: str | Promise
    icon: str
    href: str


@dataclass(frozen=True)
class Frame:
    """Everything `base.html` shows around a page."""

    actor: Actor | None
    seats: tuple[sitting.Seat, ...]
    rail: tuple[RailItem, ...]
    dock: tuple[RailItem, ...]
    creations: tuple[Creation, ...]
    unread: int
    health: health.Health | None
    theme: str
    language: str
    now: datetime

    @property
    def today(self) -> str:
        return f"{self.now.astimezone(LOCAL):%d/%m/%Y}"


def _keeps_books(actor: Actor) -> bool:
    """The registry office, and the leaders who see it whole."""
    return f"R{actor.agency_id}" in actor.holders


def _administers(actor: Actor) -> bool:
    """Who changes the organisation; he sees no document by it."""
    return actor.role == Role.ADMINISTRATOR


def _keeps_secrets(actor: Actor) -> bool:
    """Whoever is cleared for some level, and the head, who says who keeps the recovery key."""
    head = actor.role == Role.HEAD and actor.unit_id == actor.agency_id
    return actor.clearance != Clearance.NONE or head


def _handles_papers(actor: Actor) -> bool:
    """Everybody but the administrator: no document and no task ever comes to him."""
    return not _administers(actor)


# The order of the rail. An address that does not exist yet does not stand here.
PLACES: tuple[Place, ...] = (
    Place("desk", "desk", _("Bàn"), _("Bàn làm việc"), "desk", go="d"),
    Place(
        "incoming", "inbox", pgettext_lazy("box", "Đến"), _("Văn bản đến"), "incoming", go="i", shown_to=_handles_papers
    ),
    Place("outgoing", "outbox", _("Đi"), _("Văn bản đi"), "outgoing", go="o", shown_to=_handles_papers),
    Place("drafts", "draft", _("Dự thảo"), _("Dự thảo"), "drafts", go="n", shown_to=_handles_papers),
    Place("tasks", "flag", _("Chỉ đạo"), _("Chỉ đạo, nhiệm vụ"), "tasks", go="t", shown_to=_handles_papers),
    Place("agenda", "calendar", _("Lịch"), _("Lịch công tác"), "agenda", go="l", shown_to=_handles_papers),
    Place("figures", "chart", _("Chỉ tiêu"), _("Chỉ tiêu, số liệu"), "figures", go="s", shown_to=_handles_papers),
    Place("estate", "table", _("Hạ tầng"), _("Thiết bị, phần mềm"), "estate", go="h", shown_to=_administers),
    Place("registers", "book", _("Sổ"), _("Sổ đăng ký"), "registers", go="r", shown_to=_keeps_books),
    Place("vault", "lock", pgettext_lazy("rail", "Mật"), _("Tài liệu mật"), "secrets", go="m", shown_to=_keeps_secrets),
    Place("directory", "people", _("Danh bạ"), _("Danh bạ"), "directory", go="p"),
    Place("verify", "shield-check", pgettext_lazy("rail", "Xác thực"), _("Kiểm tra chữ ký"), "verify", go="v"),
    Place("administration", "settings", _("Quản trị"), _("Quản trị"), "administration", go="a", shown_to=_administers),
)
DOCK_SIZE = 4


def _waiting(actor: Actor, counted: Mapping[str, int] | None) -> Mapping[str, int]:
    """What waits behind each place, by its key, in as few queries as the rooms allow. The page may have counted."""
    documents = dict(count_waiting(actor) if counted is None else counted)
    incoming = documents.pop(Act.REGISTER, 0) + documents.pop(Act.DIRECT, 0)
    drafts, tasks = sum(documents.values()) + count_opinions(actor), sum(count_tasks(actor).values())
    clerk = actor.role == Role.CLERK
    sent = exchange.count_rows(actor, timezone.now() - SLOW) if clerk else 0
    asked = exchange.count_asked(actor) if clerk else 0
    return {
        "desk": incoming + sent + asked + drafts + tasks,
        "incoming": incoming,
        "outgoing": sent,
        "drafts": drafts,
        "tasks": tasks,
    }


def _unread(actor: Actor) -> int:
    """Notices not read yet."""
    return notices.count_unread(actor)


def _creations(actor: Actor) -> tuple[Creation, ...]:
    """What this actor may create."""
    found = []
    if _handles_papers(actor):
        found.append(Creation(_("Văn bản mới"), "draft", reverse("draft-new")))
    if actor.role == Role.CLERK:
        found.append(Creation(_("Vào sổ bản giấy"), "book", reverse("paper-receive")))
        if actor.clearance != Clearance.NONE:
            found.append(Creation(_("Vào sổ văn bản mật"), "lock", reverse("paper-sealed")))
        found.append(Creation(_("Tiếp nhận nhiều tệp"), "inbox", reverse("scans")))
    if _handles_papers(actor):
        found.append(Creation(_("Đăng ký lịch"), "calendar", reverse("agenda-new")))
    if actor.role in (Role.HEAD, Role.DEPUTY):
        found.append(Creation(_("Giao việc"), "flag", reverse("task-new")))
    return tuple(found)


def _rail(actor: Actor, path: str, counted: Mapping[str, int] | None) -> tuple[RailItem, ...]:
    shown = [(place, reverse(place.url_name)) for place in PLACES if place.shown_to(actor)]
    inside = [href for _place, href in shown if path == href or (href != "/" and path.startswith(href))]
    here = max(inside, key=len, default="")
    waiting = _waiting(actor, counted) if shown else {}
    return tuple(
        RailItem(p.key, p.icon, p.short, p.full, href, p.go, waiting.get(p.key, 0), href == here) for p, href in shown
    )


def bare(request: HttpRequest) -> Frame:
    """The frame of somebody not signed in, and of pages that must stand when nothing else does."""
    theme = request.COOKIES.get("theme", "")
    return Frame(
        actor=None,
        seats=(),
        rail=(),
        dock=(),
        creations=(),
        unread=0,
        health=None,
        theme=theme if theme in ("light", "dark") else "",
        language=get_language() or "vi",
        now=timezone.now(),
    )


def context(request: HttpRequest) -> Frame:
    """The frame for this request. A page whose address lies elsewhere names its place as `request.place`."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return bare(request)
    rail = _rail(actor, getattr(request, "place", request.path), getattr(request, "waits", None))
    return replace(
        bare(request),
        actor=actor,
        seats=tuple(sitting.seats(request.session)),
        rail=rail,
        dock=rail[:DOCK_SIZE],
        creations=_creations(actor),
        unread=_unread(actor),
        health=health.look(timezone.now()),
    )


def in_context(request: HttpRequest) -> dict[str, object]:
    """Context processor. Lazy: a fragment, which has no frame, asks nothing."""
    return {"frame": SimpleLazyObject(lambda: context(request))}
