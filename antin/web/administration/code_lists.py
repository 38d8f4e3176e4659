"""Lists an agency keeps by itself: retention periods, fields, phrases. Entry by entry, or a whole table, each change with a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from antin.codelists import operations, queries, shipped
from antin.codelists.operations import Imported, Line
from antin.codelists.policy import period_words
from antin.codelists.states import TREES, Change, Listing
from antin.files import queries as files
from antin.files.queries import Sheet
from antin.identifiers.text import fold
from antin.people import queries as people
from antin.refusal import NotFound, Refusal
from antin.web import days, sheets
from antin.web.administration import forms
from antin.web.administration.importing import KEPT_SECONDS, Column, StaleImport, has_column, read_lines, spelled
from antin.web.asking import Question, ask, brought, sent
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.web.sheets import Table
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.codelists.models import Entry
    from antin.people.models import Unit

SALT = "code-list-import"
FOREVER = gettext_lazy("Vĩnh viễn")


class NoCodeColumn(Refusal):
    code = "no_code_column"
    words = gettext_noop("Không có bảng nào có cột “Mã” và “Tên mục”. Tải bảng hiện nay để xem các cột.")


def _period(words: str) -> int | None:
    """How long, as people write it: "20", "20 năm", "vĩnh viễn" (None)."""
    if fold(words) in spelled(FOREVER):
        return None
    number = _YEARS.fullmatch(words.strip())
    if number is None:
        raise ValueError(_("Ghi số năm, hoặc “vĩnh viễn”."))
    return int(number[1])


_YEARS = re.compile(r"(\d{1,3})\s*[^\W\d]{0,10}")

CODE = Column(gettext_lazy("Mã"), "code")
NAME = Column(gettext_lazy("Tên mục"), "name")
ABOVE = Column(gettext_lazy("Thuộc mục"), "above")
PERIOD = Column(gettext_lazy("Thời hạn bảo quản"), "period", _period)
SOURCE = Column(gettext_lazy("Căn cứ"), "source")


def columns_of(listing: str) -> tuple[Column, ...]:
    """The columns of a list as a table."""
    above = (ABOVE,) if listing in TREES else ()
    return (CODE, *above, NAME, *((PERIOD,) if listing == Listing.RETENTION else ()), SOURCE)


def _listing(request: SignedRequest, unit_id: int, listing: str) -> tuple[Unit, Listing]:
    if listing not in Listing.values:
        raise NotFound()
    request.place = reverse("units")
    return people.get_agency_for(request.actor, unit_id), Listing(listing)


@require_safe
def page(request: SignedRequest, unit_id: int, listing: str) -> HttpResponse:
    """One list of an agency as it holds on a day, what is coming, and every change of it."""
    unit, kind = _listing(request, unit_id, listing)
    today = local_date(timezone.now())
    on = days.read(request.GET.get("on", "")) or today
    counted = queries.count_own(unit.pk, on)
    rows = queries.list_own(unit.pk, kind, on)
    inherited = queries.find_in_force(unit.pk, kind, on) if not rows else None
    editions = queries.list_editions(unit.pk, kind)
    told = {
        "unit": unit,
        "listing": kind,
        "on": on,
        "is_today": on == today,
        "tabs": [
            {
                "words": each.label,
                "href": reverse("code-list", args=[unit.pk, each.value]),
                "n": counted[each.value],
                "current": each == kind,
            }
            for each in Listing
        ],
        "rows": rows,
        "inherited": inherited if inherited and inherited.rows else None,
        "shown": rows or (inherited.rows if inherited else []),
        "shipped": shipped.PHRASES if kind == Listing.DIRECTIVE and not (inherited is None or inherited.rows) else (),
        "coming": queries.list_coming(unit.pk, kind, on),
        "is_retention": kind == Listing.RETENTION,
        "editions": [
            {
                "row": each,
                "words": _counted(each.words) if each.change == Change.IMPORTED else each.words,
                "undo": reverse("code-list-undo", args=[each.pk])
                if each.undone_id is None and each.change != Change.TAKEN_BACK
                else "",
            }
            for each in editions
        ],
    }
    return render(request, "administration/code_list.html", told)


def _counted(marks: str) -> str:
    """What an import did, from its marks: +3 ~1 -0."""
    added, changed, ended = (int(part[1:]) for part in marks.split())
    told = {"added": added, "changed": changed, "ended": ended}
    return _("%(added)d mục mới, %(changed)d mục sửa, %(ended)d mục thôi dùng") % told


def _question(unit: Unit, listing: Listing, heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, reverse("code-list", args=[unit.pk, listing.value]), str(listing.label), **more)


def _heads(unit: Unit, listing: Listing, but: str = "") -> list[tuple[str, str]]:
    """What may stand above an entry: of a retention list headings alone."""
    today = local_date(timezone.now())
    rows = queries.list_own(unit.pk, listing, today)
    coming = [each for each in queries.list_coming(unit.pk, listing, today) if each.until is None]
    found = {row.entry.code: row.entry for row in rows} | {each.code: each for each in coming}
    return [
        (code, f"{code} {entry.name}"[:120])
        for code, entry in found.items()
        if code != but and not period_words(entry.years, permanent=entry.permanent)
    ]


@require_http_methods(["GET", "POST"])
def add(request: SignedRequest, unit_id: int, listing: str) -> HttpResponse:
    """Add an entry."""
    unit, kind = _listing(request, unit_id, listing)
    at = timezone.now()

    def do(answers: dict[str, Any]) -> str:
        told, rest = form.told(), {name: answers[name] for name in ("basis", "from_date")}
        entry = operations.add_entry(agency_id=unit.pk, listing=kind, told=told, **rest, actor=request.actor, at=at)
        return _("Đã thêm mục %(code)s.") % {"code": entry.code}

    form = forms.CodeEntry(sent(request), listing=kind, heads=_heads(unit, kind), today=local_date(at))
    question = _question(
        unit,
        kind,
        _("Thêm mục vào danh mục %(listing)s") % {"listing": str(kind.label).lower()},
        _("Thêm mục"),
        sign="plus",
    )
    return ask(request, question, form, do)


def _entry(request: SignedRequest, entry_id: int) -> tuple[Entry, Unit, Listing]:
    """:raises NotFound: none, or not of the administrator's house"""
    entry = queries.get_entry(entry_id)
    people.get_unit_for(request.actor, entry.code_list.agency_id)
    request.place = reverse("units")
    return entry, entry.code_list.agency, Listing(entry.code_list.listing)


@require_http_methods(["GET", "POST"])
def change(request: SignedRequest, entry_id: int) -> HttpResponse:
    """Word an entry anew from a day on."""
    entry, unit, kind = _entry(request, entry_id)
    at = timezone.now()

    def do(answers: dict[str, Any]) -> str:
        told, rest = form.told(), {name: answers[name] for name in ("basis", "from_date")}
        changed = operations.change_entry(entry_id=entry_id, told=told, **rest, actor=request.actor, at=at)
        return _("Đã sửa mục %(code)s, áp dụng từ ngày %(day)s.") % {
            "code": changed.code,
            "day": f"{changed.since:%d/%m/%Y}",
        }

    form = forms.CodeEntry(
        sent(request), listing=kind, heads=_heads(unit, kind, entry.code), today=local_date(at), entry=entry
    )
    question = _question(
        unit,
        kind,
        _("Sửa mục %(code)s") % {"code": entry.code},
        _("Ghi lại"),
        sign="draft",
        explains=_("Nội dung cũ được giữ đến ngày áp dụng; văn bản đã chọn mục này không đổi."),
    )
    return ask(request, question, form, do)


@require_http_methods(["GET", "POST"])
def end(request: SignedRequest, entry_id: int) -> HttpResponse:
    """Let an entry be chosen no more from a day on."""
    entry, unit, kind = _entry(request, entry_id)
    at = timezone.now()

    def do(answers: dict[str, Any]) -> str:
        operations.end_entry(entry_id=entry_id, **answers, actor=request.actor, at=at)
        return _("Mục %(code)s thôi dùng từ ngày %(day)s.") % {
            "code": entry.code,
            "day": f"{answers['from_date']:%d/%m/%Y}",
        }

    question = _question(
        unit,
        kind,
        _("Thôi dùng mục %(code)s?") % {"code": f"{entry.code} {entry.name}"},
        _("Thôi dùng"),
        sign="x",
        kind="danger",
        explains=_("Từ ngày đó không chọn mới được nữa; văn bản đã chọn mục này không đổi."),
    )
    return ask(request, question, forms.CodeChange(sent(request), today=local_date(at)), do)


@require_http_methods(["GET", "POST"])
def undo(request: SignedRequest, edition_id: int) -> HttpResponse:
    """Take a change back."""
    edition = queries.get_edition(edition_id)
    unit = people.get_unit_for(request.actor, edition.code_list.agency_id)
    request.place = reverse("units")
    kind = Listing(edition.code_list.listing)

    def do(answers: dict[str, Any]) -> str:
        operations.take_back(edition_id=edition_id, **answers, actor=request.actor, at=timezone.now())
        return _("Đã rút lại thay đổi số %(n)s.") % {"n": edition.number}

    question = _question(
        unit,
        kind,
        _("Rút lại thay đổi số %(n)s?") % {"n": edition.number},
        _("Rút lại"),
        sign="undo",
        kind="danger",
        explains=_(
            "Danh mục trở lại như trước thay đổi này; việc rút lại cũng ghi vào nhật ký. Văn bản đã chọn không đổi."
        ),
    )
    return ask(request, question, forms.Basis(sent(request)), do)


# ---- a whole table ---------------------------------------------------------------------------------------------------------


@require_safe
def table(request: SignedRequest, unit_id: int, listing: str) -> HttpResponse:
    """The list as it stands, as a table to be filled further; where nobody has one, the one above or what is suggested."""
    unit, kind = _listing(request, unit_id, listing)
    today = local_date(timezone.now())
    found = [row.entry for row in queries.list_own(unit.pk, kind, today)]
    found = found or [row.entry for row in queries.find_in_force(unit.pk, kind, today).rows]
    suggested: Sequence[Entry | Line] = found
    if not found and kind == Listing.RETENTION:
        suggested = shipped.suggested()
    rows = [[_cell(each, column.fact) for column in columns_of(kind)] for each in suggested]
    name = _("Danh mục %(listing)s %(unit)s") % {"listing": str(kind.label).lower(), "unit": unit.short_name}
    return sheets.answer(name, Table(str(kind.label), [str(column.heading) for column in columns_of(kind)], rows))


def _cell(entry: Entry | Line, fact: str) -> str:
    if fact == "period":
        return str(FOREVER) if entry.permanent else str(entry.years or "")
    return str(getattr(entry, fact))


def read(found: Sequence[Sheet], listing: str, faults: list[operations.Fault]) -> list[Line]:
    """The rows of a file as entries. :raises NoCodeColumn: :raises StrangeColumn:"""
    for sheet in found:
        if has_column(sheet, CODE) and has_column(sheet, NAME):
            told = read_lines(
                sheet, columns_of(listing), sheet.title, lambda row, why: faults.append(operations.Fault(row, why))
            )
            return [_line(facts) for facts in told]
    raise NoCodeColumn()


def _line(facts: dict[str, Any]) -> Line:
    has_period = "period" in facts
    years = facts.pop("period", None)
    return Line(**{"code": "", "name": "", **facts}, years=years, permanent=has_period and years is None)


@require_http_methods(["GET", "POST"])
def take_table(request: SignedRequest, unit_id: int, listing: str) -> HttpResponse:
    """Look a table through and say what it would do; take it in when that is wanted."""
    unit, kind = _listing(request, unit_id, listing)
    today = local_date(timezone.now())
    form = forms.ImportCodeList(sent(request), brought(request), today=today)
    told: dict[str, Any] = {"unit": unit, "listing": kind, "columns": [str(each.heading) for each in columns_of(kind)]}
    status = 200
    if request.method == "POST":
        try:
            if "told" in request.POST:
                return _take(request, unit, kind)
            if form.is_valid():
                told |= _looked_through(request, unit, kind, form.cleaned_data)
            status = 200 if form.is_valid() and not told.get("faults") else 422
        except Refusal as no:
            told["refused"], status = no, status_of(no)
    return render(request, "administration/code_list_import.html", {"form": form, **told}, status=status)


def _looked_through(request: SignedRequest, unit: Unit, kind: Listing, answers: dict[str, Any]) -> dict[str, Any]:
    faults: list[operations.Fault] = []
    lines = read(files.read_table(answers["table"].read()), kind, faults)
    rest = {name: answers[name] for name in ("whole", "basis", "from_date")}
    done = operations.import_list(
        agency_id=unit.pk, listing=kind, lines=lines, **rest, keep=False, actor=request.actor, at=timezone.now()
    )
    faults = sorted([*faults, *done.faults], key=lambda each: each.row)
    kept = {
        "unit": unit.pk,
        "listing": kind.value,
        "lines": [asdict(each) for each in lines],
        **rest,
        "from_date": rest["from_date"].isoformat(),
    }
    return {
        "done": done,
        "from_date": rest["from_date"],
        "told": "" if faults else signing.dumps(kept, salt=SALT, compress=True),
        **_worded(faults),
    }


def _worded(faults: Sequence[operations.Fault]) -> dict[str, Any]:
    heading = ngettext("%(n)d dòng chưa đúng; chưa ghi gì cả", "%(n)d dòng chưa đúng; chưa ghi gì cả", len(faults)) % {
        "n": len(faults)
    }
    return {"faults": [(each.row or "", each.refusal.message) for each in faults], "heading": heading}


def _take(request: SignedRequest, unit: Unit, kind: Listing) -> HttpResponse:
    try:
        kept = signing.loads(request.POST["told"], salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        raise StaleImport() from None
    if (kept["unit"], kept["listing"]) != (unit.pk, kind.value):
        raise StaleImport()
    done = operations.import_list(
        agency_id=unit.pk,
        listing=kind,
        lines=[Line(**each) for each in kept["lines"]],
        whole=kept["whole"],
        basis=kept["basis"],
        from_date=date.fromisoformat(kept["from_date"]),
        keep=True,
        actor=request.actor,
        at=timezone.now(),
    )
    if not done.kept:
        form = forms.ImportCodeList(None, None, today=local_date(timezone.now()))
        told = {"unit": unit, "listing": kind, "form": form, "columns": [], **_worded(done.faults)}
        return render(request, "administration/code_list_import.html", told, status=422)
    messages.success(request, _counted(_marks(done)))
    return HttpResponseRedirect(reverse("code-list", args=[unit.pk, kind.value]))


def _marks(done: Imported) -> str:
    return f"+{done.added} ~{done.changed} -{done.ended}"
