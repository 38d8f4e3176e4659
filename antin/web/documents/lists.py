"""The three lists with their reading pane."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from antin.documents import queries
from antin.documents.operations.sharing import box_of
from antin.documents.queries import Cursor, Filters
from antin.documents.states import Status, Urgency
from antin.documents.types import ALL_TYPES
from antin.exchange import queries as deliveries
from antin.people.actor import Actor
from antin.refusal import NotFound
from antin.tasks import queries as tasks
from antin.web.clocks import LOCAL
from antin.web.documents import page, sight
from antin.web.documents.forms import Narrow
from antin.web.documents.many import Bar, bar_of
from antin.web.documents.rows import BOXES, Box, Row, row_of
from antin.web.session.middleware import SignedRequest

if TYPE_CHECKING:
    from antin.documents.models import Document

PAGE = 30
OF_THE_PAGE = ("after", "id")
"""What an address says of the page of the list and of the document opened, and not of what the list is narrowed to."""


def _without(query: QueryDict, *names: str, **set_to: str) -> QueryDict:
    """The same address without these names, and with those set."""
    changed = query.copy()
    for name in (*OF_THE_PAGE, *names):
        changed.pop(name, None)
    for name, value in set_to.items():
        changed[name] = value
    return changed


def _href(path: str, query: QueryDict) -> str:
    return f"{path}?{query.urlencode()}" if query else path


def _in_words(name: str, value: Any) -> str:
    """A filter in force, as its chip says it."""
    match name:
        case "words":
            return f"“{value}”"
        case "state":
            return str(Status(value).label)
        case "type":
            return ALL_TYPES[value].name
        case "urgency":
            return str(Urgency(int(value)).label)
        case "since":
            return _("từ %(day)s") % {"day": f"{value:%d/%m/%Y}"}
        case "until":
            return _("đến %(day)s") % {"day": f"{value:%d/%m/%Y}"}
    return str(value)


@dataclass(frozen=True)
class Listing:
    """A list as its page draws it."""

    box: Box
    rows: list[Row]
    form: Narrow
    chips: list[dict[str, Any]]
    filters: list[dict[str, str]]
    waiting: int
    mine: bool
    newest: str
    older: str
    bar: Bar

    @property
    def narrowed(self) -> bool:
        return bool(self.filters)


def _filters(form: Narrow) -> Filters:
    given = form.given()
    return Filters(
        words=given.get("words", ""),
        statuses=(given["state"],) if "state" in given else (),
        type_code=given.get("type", ""),
        urgency=int(given["urgency"]) if "urgency" in given else None,
        party=given.get("party", ""),
        since=given.get("since"),
        until=given.get("until"),
    )


def draw(
    documents: Iterable[Document],
    box: Box,
    *,
    actor: Actor,
    now: datetime,
    query: QueryDict,
    current: int | None,
    picks: bool = False,
) -> list[Row]:
    """The rows of some documents, with what other rooms know of them asked once for all."""
    found = list(documents)
    ids = [document.pk for document in found]
    sent = deliveries.count_by_document(ids) if box.key == "out" and ids else {}
    leads = tasks.leads_of(ids) if box.key == "in" and ids else {}
    return [
        row_of(
            document,
            box,
            actor=actor,
            now=now,
            query=query,
            current=current,
            deliveries=sent.get(document.pk),
            lead=leads.get(document.pk, ""),
            picks=picks,
        )
        for document in found
    ]


def listing(
    box: Box, *, actor: Actor, query: QueryDict, current: int | None, now: datetime, waits: Mapping[str, int]
) -> Listing:
    """The list of a box, narrowed as its address says. `waits`: what waits for the actor in all boxes, by act."""
    form = Narrow(query, box=box)
    given = form.given()
    kept = _without(query)
    mine = query.get("mine") == "1"
    if mine:
        documents = [document for document in queries.list_waiting(actor) if document.next_act in box.acts]
        waiting, more = len(documents), None
    else:
        waiting = sum(n for act, n in waits.items() if act in box.acts)
        found = queries.list_documents(
            actor=actor,
            box=box.key,
            filters=_filters(form),
            after=Cursor.parse(query.get("after", "")),
            limit=PAGE,
        )
        documents, more = found.rows, found.next
    here = box.href()
    everything = not mine and not given
    views: list[dict[str, Any]] = [{"words": _("Tất cả"), "href": here, "n": None, "current": everything}]
    if waiting or mine:
        views.insert(0, {"words": _("Chờ tôi"), "href": f"{here}?mine=1", "n": waiting, "current": mine})
    chips = [
        {
            "words": _in_words(name, value),
            "remove": _href(here, _without(kept, name)),
            "label": _("Bỏ lọc %(what)s") % {"what": _in_words(name, value)},
        }
        for name, value in given.items()
    ]
    bar = bar_of(documents, actor)
    return Listing(
        box=box,
        rows=draw(documents, box, actor=actor, now=now, query=query, current=current, picks=bool(bar)),
        bar=bar,
        form=form,
        chips=views,
        filters=chips,
        waiting=waiting,
        mine=mine,
        newest=_href(here, kept) if query.get("after") else "",
        older=_href(here, _without(kept, after=str(more))) if more else "",
    )


def _opened(request: SignedRequest, document_id: int | None) -> int | None:
    asked = request.GET.get("id", "")
    return int(asked) if document_id is None and asked.isdecimal() else document_id


def _wants_pane(request: SignedRequest) -> bool:
    return request.headers.get("HX-Target") == "pane"


@require_safe
def box_page(request: SignedRequest, box: str, document_id: int | None = None) -> HttpResponse:
    """A list; with a document, that document beside it, or (asked by a row) the pane alone."""
    return _answer(request, box, document_id)


@require_safe
def document(request: SignedRequest, document_id: int) -> HttpResponse:
    """The page of one document, whichever box it lies in: the address that notices and people give one another."""
    return _answer(request, "", document_id)


def _answer(request: SignedRequest, box: str, document_id: int | None) -> HttpResponse:
    """The box is empty when the document shall say in which it lies."""
    now = timezone.now()
    opened = _opened(request, document_id)
    told: dict[str, Any] = {"now": now, "today": now.astimezone(LOCAL).date()}
    if opened is not None:
        try:
            told |= page.told(request, opened, now)
        except NotFound:
            if _wants_pane(request) or "application/json" in request.headers.get("Accept", ""):
                raise
            return sight.not_seen(request)
        lies_in = box_of(told["document"])
        if box and document_id is not None and lies_in != box:
            return redirect(BOXES[lies_in].href(opened, request.GET.urlencode()))
        if _wants_pane(request):
            return render(request, "documents/_pane.html", told)
        if not box:
            request.place = reverse(BOXES[lies_in].name)
        box = lies_in
    request.waits = queries.count_waiting(request.actor)
    told["list"] = listing(
        BOXES[box], actor=request.actor, query=request.GET, current=opened, now=now, waits=request.waits
    )
    return render(request, "documents/list.html", told)
