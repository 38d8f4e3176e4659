"""The search page: one question over everything the actor may see, its facets, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from antin.documents import finding
from antin.documents.finding import Hit, Results, Search
from antin.documents.operations.sharing import box_of
from antin.documents.states import Status, Urgency
from antin.documents.types import TYPES
from antin.web.days import DayField
from antin.web.documents.lists import draw
from antin.web.documents.rows import BOXES
from antin.web.session.middleware import SignedRequest

PAGE = 30
SHOWN = 6
"""So many values of a facet stand open."""

Piece = tuple[str, bool]


def _box_words(value: str) -> str:
    return str(BOXES[value].words) if value in BOXES else value


def _kind_words(value: str) -> str:
    return TYPES[value].name if value in TYPES else value


def _status_words(value: str) -> str:
    return str(Status(value).label) if value in Status.values else value


def _urgency_words(value: str) -> str:
    return str(Urgency(int(value)).label) if value in map(str, Urgency.values) else value


def _attached_words(value: str) -> str:
    return _("Có tệp đính kèm") if value == "1" else _("Không có tệp đính kèm")


@dataclass(frozen=True)
class Facet:
    """By what hits are told apart: its heading, and the words of a value."""

    heading: str | Promise
    words: Callable[[str], str] = str


FACETS: dict[str, Facet] = {
    "box": Facet(gettext_lazy("Nằm ở"), _box_words),
    "kind": Facet(gettext_lazy("Loại văn bản"), _kind_words),
    "unit": Facet(gettext_lazy("Nơi gửi, đơn vị soạn")),
    "year": Facet(gettext_lazy("Năm")),
    "status": Facet(gettext_lazy("Trạng thái"), _status_words),
    "urgency": Facet(gettext_lazy("Độ khẩn"), _urgency_words),
    "attached": Facet(gettext_lazy("Tệp đính kèm"), _attached_words),
}


class Look(forms.Form):
    """What is looked for, as the address says it; what is not understood narrows nothing."""

    q = forms.CharField(
        label=gettext_lazy("Từ cần tìm"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    box = forms.ChoiceField(label=gettext_lazy("Nằm ở"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Loại văn bản"), required=False)
    urgency = forms.ChoiceField(label=gettext_lazy("Độ khẩn"), required=False)
    since = DayField(label=gettext_lazy("Ngày văn bản từ"), required=False)
    until = DayField(label=gettext_lazy("đến"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="look-%s")
        choices: dict[str, list[tuple[Any, Any]]] = {
            "box": [(box.key, box.words) for box in BOXES.values()],
            "kind": [(kind.code, kind.name) for kind in TYPES.values()],
            "urgency": list(Urgency.choices),
        }
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("Tất cả")), *rows]


def asked(query: QueryDict) -> Search:
    """What an address asks for."""
    form = Look(query)
    form.is_valid()
    given = form.cleaned_data
    return Search(
        words=" ".join(query.get("q", "").split())[:300],
        facets={name: (value,) for name in FACETS if (value := query.get(name, "")[:300])},
        since=given.get("since"),
        until=given.get("until"),
        latest=query.get("sort") == "new",
    )


def _with(query: QueryDict, **changes: str) -> str:
    """The same question with these parts set, or left out where empty; from its first page."""
    changed = query.copy()
    for name, value in {"page": "", **changes}.items():
        changed.pop(name, None)
        if value:
            changed[name] = value
    path = reverse("search")
    return f"{path}?{changed.urlencode()}" if changed else path


def marked(pieces: list[Piece]) -> SafeString:
    """Text with what was asked for set off; every piece escaped."""
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", words) if hit else words,) for words, hit in pieces)
    )


def _chips(search: Search, query: QueryDict) -> list[dict[str, str]]:
    """What the hits are narrowed to, each to be taken off."""
    said = [(name, FACETS[name].words(value)) for name, (value, *_rest) in search.facets.items()]
    if search.since:
        said.append(("since", _("từ %(day)s") % {"day": f"{search.since:%d/%m/%Y}"}))
    if search.until:
        said.append(("until", _("đến %(day)s") % {"day": f"{search.until:%d/%m/%Y}"}))
    return [
        {"words": words, "remove": _with(query, **{name: ""}), "label": _("Bỏ lọc %(what)s") % {"what": words}}
        for name, words in said
    ]


def _groups(search: Search, results: Results, query: QueryDict) -> list[dict[str, Any]]:
    """The facets that still tell hits apart, each value with how many and where it leads."""
    groups = []
    for name, facet in FACETS.items():
        values = results.facets.get(name, [])
        if name in search.facets or len(values) < 2:
            continue
        if name == "year":
            values = sorted(values, reverse=True)
        rows = [
            {"words": facet.words(value), "n": n, "href": _with(query, **{name: value})} for value, n in values if value
        ]
        groups.append({"heading": facet.heading, "rows": rows[:SHOWN], "more": rows[SHOWN:]})
    return groups


def _drawn(request: SignedRequest, hits: list[Hit], now: Any) -> list[dict[str, Any]]:
    """The rows of the hits in their order, drawn box by box as the lists draw them."""
    rows: dict[int, Any] = {}
    for key, box in BOXES.items():
        lying = [hit.document for hit in hits if box_of(hit.document) == key]
        drawn = draw(lying, box, actor=request.actor, now=now, query=QueryDict(), current=None)
        rows |= {row.id: (row, box) for row in drawn}
    told = []
    for hit in hits:
        row, box = rows[hit.document.pk]
        told.append(
            {
                "row": row,
                "title": marked(hit.subject),
                "symbol": marked(hit.code) if hit.code and hit.document.code else row.symbol,
                "passage": marked(hit.passage),
                "party": f"{box.words} · {row.party}",
                "href": reverse("document", args=[hit.document.pk]),
            }
        )
    return told


def _page_of(query: QueryDict) -> int:
    page = query.get("page", "")
    return max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1


@require_safe
def show(request: SignedRequest) -> HttpResponse:
    """What is found, thirty at a time."""
    now = timezone.now()
    search = asked(request.GET)
    page = _page_of(request.GET)
    results = finding.find(actor=request.actor, search=search, at=now, offset=(page - 1) * PAGE, limit=PAGE)
    sorts = [
        {"words": _("Khớp nhất"), "href": _with(request.GET, sort=""), "n": None, "current": not search.latest},
        {"words": _("Mới nhất"), "href": _with(request.GET, sort="new"), "n": None, "current": search.latest},
    ]
    first = (page - 1) * PAGE + 1
    told = {
        "words": search.words,
        "results": results,
        "hits": _drawn(request, results.hits, now),
        "sorts": sorts if search.words else [],
        "chips": _chips(search, request.GET),
        "groups": _groups(search, results, request.GET),
        "form": Look(request.GET),
        "kept": [
            (name, value)
            for name, value in request.GET.items()
            if name in ("unit", "year", "status", "attached", "sort")
        ],
        "first": first,
        "last": first + len(results.hits) - 1,
        "newer": _with(request.GET, page=str(page - 1)) if page > 1 else "",
        "older": _with(request.GET, page=str(page + 1)) if results.more else "",
        "bare": _with(QueryDict(), q=search.words),
    }
    return render(request, "documents/search.html", told)
