"""The search page: one question over everything the actor may see, its facets, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
from django.views.decorators.http import require_http_methods, require_safe

from antin.codelists import queries as codelists
from antin.codelists.policy import period_words
from antin.codelists.states import Listing
from antin.documents import finding, operations, queries
from antin.documents.finding import Hit, Results, Search
from antin.documents.operations.sharing import box_of
from antin.documents.states import Status, Urgency
from antin.documents.types import ALL_TYPES
from antin.refusal import NotFound
from antin.web import sheets
from antin.web.asking import Question, ask, sent
from antin.web.clocks import LOCAL
from antin.web.controls import Select
from antin.web.days import DayField
from antin.web.documents.lists import draw
from antin.web.documents.rows import BOXES, number_of, state_of
from antin.web.session.middleware import SignedRequest
from antin.web.sheets import Table
from antin.web.templatetags.parts import num

if TYPE_CHECKING:
    from antin.documents.models import Document, Filing

PAGE = 30
TABLE = "search"
"""Under this name the columns somebody put away are kept."""
SHOWN = 6
"""So many values of a facet stand open."""

Piece = tuple[str, bool]


def _box_words(value: str) -> str:
    return str(BOXES[value].words) if value in BOXES else value


def _kind_words(value: str) -> str:
    return ALL_TYPES[value].name if value in ALL_TYPES else value


def _status_words(value: str) -> str:
    return str(Status(value).label) if value in Status.values else value


def _urgency_words(value: str) -> str:
    return str(Urgency(int(value)).label) if value in map(str, Urgency.values) else value


def _attached_words(value: str) -> str:
    return _("Có tệp đính kèm") if value == "1" else _("Không có tệp đính kèm")


def _retention_words(value: str) -> str:
    if value == finding.FOR_EVER:
        return period_words(None, permanent=True)
    return period_words(int(value), permanent=False) if value.isdecimal() else value


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
    "field": Facet(gettext_lazy("Lĩnh vực")),
    "retention": Facet(gettext_lazy("Thời hạn bảo quản"), _retention_words),
}


class Look(forms.Form):
    """What is looked for, as the address says it; what is not understood narrows nothing."""

    q = forms.CharField(
        label=gettext_lazy("Từ cần tìm"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    box = forms.ChoiceField(label=gettext_lazy("Nằm ở"), required=False, widget=Select)
    kind = forms.ChoiceField(label=gettext_lazy("Loại văn bản"), required=False, widget=Select)
    urgency = forms.ChoiceField(label=gettext_lazy("Độ khẩn"), required=False, widget=Select)
    field = forms.ChoiceField(label=gettext_lazy("Lĩnh vực"), required=False, widget=Select)
    retention = forms.ChoiceField(label=gettext_lazy("Thời hạn bảo quản"), required=False, widget=Select)
    since = DayField(label=gettext_lazy("Ngày văn bản từ"), required=False)
    until = DayField(label=gettext_lazy("đến"), required=False)

    def __init__(self, data: Any, *, fields: Iterable[str] = (), periods: Iterable[str] = ()) -> None:
        """`fields` and `periods`: the values of those facets that are offered; one that is asked for is offered too."""
        super().__init__(data, auto_id="look-%s")
        offered = {"field": fields, "retention": periods}
        choices: dict[str, list[tuple[Any, Any]]] = {
            "box": [(box.key, box.words) for box in BOXES.values()],
            "kind": [(kind.code, kind.name) for kind in ALL_TYPES.values()],
            "urgency": list(Urgency.choices),
            **{
                name: [
                    (each, FACETS[name].words(each))
                    for each in dict.fromkeys((*values, self.data.get(name, "")))
                    if each
                ]
                for name, values in offered.items()
            },
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
        exactly=query.get("count") == "all",
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


COLUMNS: dict[str, str | Promise] = {
    "code": gettext_lazy("Số, ký hiệu"),
    "date": gettext_lazy("Ngày văn bản"),
    "kind": gettext_lazy("Tên loại"),
    "subject": gettext_lazy("Trích yếu"),
    "issuer": gettext_lazy("Nơi gửi"),
    "parties": gettext_lazy("Gửi đến"),
    "number": gettext_lazy("Số trong sổ"),
    "box": gettext_lazy("Nằm ở"),
    "status": gettext_lazy("Trạng thái"),
    "urgency": gettext_lazy("Độ khẩn"),
    "due": gettext_lazy("Hạn xử lý"),
    "field": gettext_lazy("Lĩnh vực"),
    "retention": gettext_lazy("Thời hạn bảo quản"),
}
NARROW = frozenset({"code", "date", "number", "due", "retention"})
ASIDE = frozenset({"kind", "parties", "number", "urgency", "field", "retention"})
"""Left out on a telephone."""


def _columns(request: SignedRequest) -> dict[str, str]:
    """The columns this person has not put away; the subject always stands."""
    hidden = queries.hidden_columns(request.actor, TABLE) - {"subject"}
    return {key: str(words) for key, words in COLUMNS.items() if key not in hidden}


def _lines(hits: list[Hit]) -> list[dict[str, str]]:
    """Every column of the hits, in words."""
    filed = queries.find_filings([hit.document.pk for hit in hits])
    return [_cells(hit.document, filed.get(hit.document.pk)) for hit in hits]


def _cells(document: Document, filing: Filing | None) -> dict[str, str]:
    field = filing.field if filing else None
    retention = filing.retention if filing else None
    return {
        "code": document.code or document.notation,
        "date": f"{document.document_date:%d/%m/%Y}" if document.document_date else "",
        "kind": _kind_words(document.type_code),
        "subject": document.subject,
        "issuer": document.issuer_name,
        "parties": document.parties if document.direction == "out" else "",
        "number": number_of(document),
        "box": _box_words(box_of(document)),
        "status": str(state_of(document).words),
        "urgency": _urgency_words(str(document.urgency)) if document.urgency else "",
        "due": f"{document.due_at.astimezone(LOCAL):%d/%m/%Y}" if document.due_at else "",
        "field": field.name if field else "",
        "retention": period_words(retention.years, permanent=retention.permanent) if retention else "",
    }


@require_safe
def export(request: SignedRequest) -> HttpResponse:
    """What was found as a table to be kept, in the columns that stand on the screen; at most `finding.MOST` rows."""
    search = asked(request.GET)
    found = finding.find(actor=request.actor, search=search, at=timezone.now(), limit=finding.MOST)
    columns = _columns(request)
    rows = [[cells[key] for key in columns] for cells in _lines(found.hits)]
    if found.more:
        rows.append([_("Còn nữa: bảng chỉ có %(n)d văn bản đầu; thu hẹp điều kiện để lấy hết.") % {"n": len(rows)}])
    name = _("Tìm %(words)s") % {"words": search.words} if search.words else _("Văn bản tìm thấy")
    return sheets.answer(name, Table(_("Văn bản tìm thấy"), list(columns.values()), rows))


class Columns(forms.Form):
    """A tick for every column but the subject."""

    def __init__(self, data: Any, *, shown: dict[str, str]) -> None:
        super().__init__(data)
        for key, words in COLUMNS.items():
            if key != "subject":
                self.fields[key] = forms.BooleanField(label=str(words), required=False, initial=key in shown)


@require_http_methods(["GET", "POST"])
def choose_columns(request: SignedRequest) -> HttpResponse:
    """Which columns stand in the table of hits and in the file made of it."""

    def do(answers: dict[str, Any]) -> str:
        hidden = [key for key, shown in answers.items() if not shown]
        operations.choose_columns(book=TABLE, hidden=hidden, actor=request.actor, at=timezone.now())
        return _("Đã ghi các cột.")

    question = Question(
        _("Cột của bảng kết quả"),
        _("Ghi"),
        _with(request.GET, view="table"),
        _("Tìm văn bản"),
        explains=_("Bảng trên màn hình và tệp XLSX có các cột này; trích yếu luôn có."),
    )
    return ask(request, question, Columns(sent(request), shown=_columns(request)), do)


class Save(forms.Form):
    """A name for what is looked for."""

    name = forms.CharField(label=gettext_lazy("Tên"), max_length=80)
    share = forms.BooleanField(label=gettext_lazy("Cả đơn vị tôi cùng dùng"), required=False)


@require_http_methods(["GET", "POST"])
def save(request: SignedRequest) -> HttpResponse:
    """Keep this search by name."""
    query = QueryDict(_with(request.GET).partition("?")[2]).urlencode()

    def do(answers: dict[str, Any]) -> str:
        kept = operations.save_search(
            name=answers["name"], query=query, share=answers["share"], actor=request.actor, at=timezone.now()
        )
        return _("Đã lưu cách tìm “%(name)s”.") % {"name": kept.name}

    question = Question(
        _("Lưu cách tìm này"),
        _("Lưu"),
        _with(request.GET),
        _("Tìm văn bản"),
        explains=_("Mỗi người mở ra chỉ thấy văn bản mình được xem. Lưu trùng tên thì thay cách tìm cũ."),
    )
    return ask(request, question, Save(sent(request), initial={"name": request.GET.get("q", "")[:80]}), do)


@require_http_methods(["GET", "POST"])
def forget(request: SignedRequest, saved_id: int) -> HttpResponse:
    """Take a saved search away."""
    mine = [each for each in queries.list_searches(request.actor) if each.person_id == request.actor.person_id]
    found = next((each for each in mine if each.pk == saved_id), None)
    if found is None:
        raise NotFound()

    def do(answers: dict[str, Any]) -> str:
        operations.forget_search(saved_id=saved_id, actor=request.actor, at=timezone.now())
        return _("Đã xóa cách tìm.")

    question = Question(
        _("Xóa cách tìm “%(name)s”") % {"name": found.name},
        _("Xóa"),
        reverse("search"),
        _("Tìm văn bản"),
        sign="x",
        explains=_("Người cùng đơn vị đang dùng chung cũng không còn thấy.") if found.unit_id else "",
    )
    return ask(request, question, forms.Form(sent(request)), do)


def _saved(request: SignedRequest) -> tuple[list[dict[str, Any]], str]:
    """The saved searches as chips, and where the one in force is taken away, if it is the actor's own."""
    here = QueryDict(_with(request.GET).partition("?")[2]).urlencode()
    chips, forgets = [], ""
    for each in queries.list_searches(request.actor):
        own = each.person_id == request.actor.person_id
        words = each.name if own else f"{each.name} · {each.owner_name}"
        current = bool(here) and each.query == here
        chips.append({"words": words, "href": f"{reverse('search')}?{each.query}", "n": None, "current": current})
        if own and current:
            forgets = reverse("search-forget", args=[each.pk])
    return chips, forgets


def _form(request: SignedRequest) -> Look:
    """What may be looked for, with the fields of work and the periods that the actor's agency files under today."""
    today = timezone.now().astimezone(LOCAL).date()
    agency = request.actor.agency_id
    fields = [each.name for each in codelists.list_choices(agency, Listing.FIELD, today)]
    kept = codelists.list_choices(agency, Listing.RETENTION, today)
    years = sorted({each.years for each in kept if each.years is not None and not each.permanent})
    for_ever = [finding.FOR_EVER] if any(each.permanent for each in kept) else []
    return Look(request.GET, fields=fields, periods=[*for_ever, *map(str, years)])


def _beside(name: str, request: SignedRequest) -> str:
    """Another address that asks the same question."""
    query = _with(request.GET).partition("?")[2]
    return f"{reverse(name)}?{query}" if query else reverse(name)


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
    table = request.GET.get("view") == "table"
    columns = _columns(request) if table else {}
    saved, forgets = _saved(request)
    since = results.counted_since
    form = _form(request)
    told = {
        "shown": _("Ít nhất %(n)s") % {"n": num(results.count)} if since else num(results.count),
        "counted_since": f"{since.astimezone(LOCAL):%d/%m/%Y}" if since else "",
        "exactly_href": _with(request.GET, count="all"),
        "columns": columns,
        "lines": [
            (
                reverse("document", args=[hit.document.pk]),
                [(key, columns[key], cells[key], key in NARROW, key in ASIDE) for key in columns],
            )
            for hit, cells in zip(results.hits, _lines(results.hits), strict=True)
        ]
        if table
        else [],
        "view_href": _with(request.GET, view="" if table else "table"),
        "export_href": _beside("search-export", request),
        "columns_href": _beside("search-columns", request),
        "save_href": _beside("search-save", request),
        "forget_href": forgets,
        "saved": saved,
        "table": table,
        "words": search.words,
        "results": results,
        "hits": _drawn(request, results.hits, now),
        "sorts": sorts if search.words else [],
        "chips": _chips(search, request.GET),
        "groups": _groups(search, results, request.GET),
        "form": form,
        "kept": [
            (name, value)
            for name, value in request.GET.items()
            if name in (set(FACETS) - set(form.fields)) | {"sort", "view", "count"}
        ],
        "first": first,
        "last": first + len(results.hits) - 1,
        "newer": _with(request.GET, page=str(page - 1)) if page > 1 else "",
        "older": _with(request.GET, page=str(page + 1)) if results.more else "",
        "bare": _with(QueryDict(), q=search.words),
    }
    return render(request, "documents/search.html", told)
