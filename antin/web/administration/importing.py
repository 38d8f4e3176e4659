"""An organisation from a table: looked through first, then taken in whole; and the house as such a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.db.models import TextChoices
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext, override
from django.views.decorators.http import require_http_methods, require_safe

from antin.files import queries as files
from antin.files.queries import Sheet
from antin.identifiers.text import fold
from antin.journeys import look_ahead
from antin.people import operations, queries
from antin.people.operations import Imported, PostLine, UnitLine
from antin.people.states import Kind, Role
from antin.refusal import Refusal
from antin.web import foreseen, sheets
from antin.web.administration import forms
from antin.web.asking import brought, sent
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.web.sheets import Table
from antin.workdays.queries import local_date

SALT = "organisation-import"
KEPT_SECONDS = 3600
"""What was looked through may be taken in so long."""

Convert = Callable[[str], Any]


class NoSuchColumns(Refusal):
    code = "no_such_columns"
    words = gettext_noop("Không có bảng nào có cột “Tên đơn vị” hoặc “Chức vụ”. Tải tệp mẫu để xem các cột.")


class StrangeColumn(Refusal):
    code = "strange_column"
    words = gettext_noop("Bảng “%(table)s” có cột lạ: %(columns)s. Sửa hoặc bỏ cột đó để không mất dữ liệu.")


class StaleImport(Refusal):
    code = "stale_import"
    words = gettext_noop("Bảng đã kiểm tra quá một giờ trước, hoặc bị thay đổi trên đường. Chọn tệp và kiểm tra lại.")


class BadCell(Refusal):
    code = "bad_cell"
    words = gettext_noop("Cột “%(column)s”: không hiểu “%(value)s”. %(hint)s")


def spelled(words: str | Promise) -> set[str]:
    """Words as a table may write them: in any language of the screens, accents or not."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.add(fold(str(words)))
    return found


def _one_of(choices: type[TextChoices]) -> Convert:
    def read(value: str) -> str:
        for each in choices:
            if fold(value) in {fold(each.value), *spelled(each.label)}:
                return str(each.value)
        raise ValueError(_("Một trong: %(words)s.") % {"words": ", ".join(str(each.label) for each in choices)})

    return read


def _yes(value: str) -> bool:
    if fold(value) in {"x", "1", "true", *spelled(gettext_lazy("có"))}:
        return True
    if fold(value) in {"0", "false", *spelled(gettext_lazy("không"))}:
        return False
    raise ValueError(_("Ghi “có” hoặc để trống."))


def _day(value: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(value, form).date()  # noqa: DTZ007 - a day without a clock
        except ValueError:
            continue
    raise ValueError(_("Ghi ngày/tháng/năm, ví dụ 01/09/2026."))


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, the fact it tells, how it is read."""

    heading: str | Promise
    fact: str
    read: Convert = str


UNIT_COLUMNS = (
    Column(gettext_lazy("Tên đơn vị"), "name"),
    Column(gettext_lazy("Thuộc"), "under"),
    Column(gettext_lazy("Tên ngắn"), "short_name"),
    Column(gettext_lazy("Viết tắt"), "abbreviation"),
    Column(gettext_lazy("Loại"), "kind", _one_of(Kind)),
    Column(gettext_lazy("Mã định danh"), "code"),
    Column(gettext_lazy("Địa danh"), "place_name"),
    Column(gettext_lazy("Địa chỉ"), "address"),
    Column(gettext_lazy("Quyết định"), "decision"),
)
POST_COLUMNS = (
    Column(gettext_lazy("Đơn vị"), "unit"),
    Column(gettext_lazy("Chức vụ"), "title"),
    Column(gettext_lazy("Vai trò"), "role", _one_of(Role)),
    Column(gettext_lazy("Giữ con dấu"), "keeps_seal", _yes),
    Column(gettext_lazy("Họ và tên"), "person"),
    Column(gettext_lazy("Cấp bậc"), "rank"),
    Column(gettext_lazy("Điện thoại"), "phone"),
    Column(gettext_lazy("Số hiệu"), "code"),
    Column(gettext_lazy("Tên đăng nhập"), "user_name"),
    Column(gettext_lazy("Từ ngày"), "since", _day),
)
TABLES: dict[str, str | Promise] = {
    operations.UNITS: gettext_lazy("Đơn vị"),
    operations.POSTS: gettext_lazy("Chức vụ và người"),
}


@dataclass(frozen=True)
class Told:
    """What a file told: its lines, and which of its cells could not be understood."""

    units: list[UnitLine]
    posts: list[PostLine]
    faults: list[operations.Fault]


def read(found: Sequence[Sheet]) -> Told:
    """The lines of a file. :raises NoSuchColumns: :raises StrangeColumn:"""
    told = Told([], [], [])
    for sheet in found:
        heads = {fold(cell) for cell in sheet.rows[0]} if sheet.rows else set()
        if spelled(UNIT_COLUMNS[0].heading) & heads:
            rows = _lines(sheet, UNIT_COLUMNS, operations.UNITS, told.faults)
            told.units.extend(UnitLine(**{"name": "", "under": "", **facts}) for facts in rows)
        elif spelled(POST_COLUMNS[1].heading) & heads:
            rows = _lines(sheet, POST_COLUMNS, operations.POSTS, told.faults)
            told.posts.extend(PostLine(**{"unit": "", "title": "", **facts}) for facts in rows)
    if not told.units and not told.posts and not told.faults:
        raise NoSuchColumns()
    return told


def _lines(sheet: Sheet, columns: Sequence[Column], table: str, faults: list[operations.Fault]) -> list[dict[str, Any]]:
    def bad(row: int, why: Refusal) -> None:
        faults.append(operations.Fault(table, row, why))

    return read_lines(sheet, columns, sheet.title or str(TABLES[table]), bad)


def has_column(sheet: Sheet, column: Column) -> bool:
    """Whether the first row of a sheet names a column, in any language of the screens."""
    return bool(sheet.rows) and bool(spelled(column.heading) & {fold(cell) for cell in sheet.rows[0]})


def read_lines(
    sheet: Sheet, columns: Sequence[Column], title: str, bad: Callable[[int, Refusal], None]
) -> list[dict[str, Any]]:
    """The rows of a sheet as facts, each with its `row`; `bad` is told of every cell that is not understood.

    :raises StrangeColumn: it has one that nobody asked for
    """
    known = {words: column for column in columns for words in spelled(column.heading)}
    heads = [fold(cell) for cell in sheet.rows[0]]
    strange = [sheet.rows[0][n] for n, head in enumerate(heads) if head and head not in known]
    if strange:
        raise StrangeColumn(table=title, columns=", ".join(strange))
    lines = []
    for row, cells in enumerate(sheet.rows[1:], start=2):
        if not any(cells):
            continue
        facts: dict[str, Any] = {"row": row}
        for head, value in zip(heads, cells, strict=False):
            if head and value:
                column = known[head]
                try:
                    facts[column.fact] = column.read(value)
                except ValueError as why:
                    bad(row, BadCell(column=column.heading, value=value[:60], hint=str(why)))
        lines.append(facts)
    return lines


@require_http_methods(["GET", "POST"])
def organisation(request: SignedRequest) -> HttpResponse:
    """Look a table through and say what it would do; take it in when that is wanted."""
    form = forms.ImportOrganisation(sent(request), brought(request))
    told: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST":
        try:
            if "told" in request.POST:
                return _take(request)
            if form.is_valid():
                found = read(files.read_table(form.cleaned_data["table"].read()))
                told |= _looked_through(request, found)
            status = 200 if form.is_valid() and not told.get("faults") else 422
        except Refusal as no:
            told["refused"], status = no, status_of(no)
    return render(request, "administration/organisation.html", told, status=status)


def _take(request: SignedRequest) -> HttpResponse:
    try:
        kept = signing.loads(request.POST["told"], salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        raise StaleImport() from None
    units = [UnitLine(**each) for each in kept["units"]]
    posts = [
        PostLine(**each | {"since": date.fromisoformat(each["since"]) if each["since"] else None})
        for each in kept["posts"]
    ]
    done = operations.import_organisation(units=units, posts=posts, keep=True, actor=request.actor, at=timezone.now())
    if done.kept:
        messages.success(request, _sum(done))
        return HttpResponseRedirect(reverse("people-passwords" if done.persons else "units"))
    told = {"form": forms.ImportOrganisation(None, None), **_worded(done.faults)}
    return render(request, "administration/organisation.html", told, status=422)


def _looked_through(request: SignedRequest, found: Told) -> dict[str, Any]:
    """What a file would do, in words; and the file itself to be sent back when it is wanted."""
    done = operations.import_organisation(
        units=found.units, posts=found.posts, keep=False, actor=request.actor, at=timezone.now()
    )
    kept = {
        "units": [asdict(each) for each in found.units],
        "posts": [asdict(each) | {"since": each.since and each.since.isoformat()} for each in found.posts],
    }
    faults = sorted([*found.faults, *done.faults], key=lambda each: (list(TABLES).index(each.table), each.row))
    ahead = None
    if done.appointments and not faults:
        ahead = look_ahead.import_organisation(
            units=found.units, posts=found.posts, actor=request.actor, at=timezone.now()
        )
    return {
        "ahead": foreseen.words_of(ahead) if ahead is not None and ahead.matters else None,
        "done": done,
        "facts": _facts(done),
        "nothing": not (done.units or done.posts or done.persons or done.appointments),
        "told": "" if faults else signing.dumps(kept, salt=SALT, compress=True),
        **_worded(faults),
    }


def _worded(faults: Sequence[operations.Fault]) -> dict[str, Any]:
    return {
        "faults": [(TABLES[each.table], each.row, each.refusal.message) for each in faults],
        "heading": ngettext("%(n)d dòng chưa đúng; chưa ghi gì cả", "%(n)d dòng chưa đúng; chưa ghi gì cả", len(faults))
        % {"n": len(faults)},
    }


def _facts(done: Imported) -> list[tuple[str, int, int]]:
    return [
        (_("Đơn vị"), done.units, done.units_there),
        (_("Chức vụ"), done.posts, done.posts_there),
        (_("Người"), done.persons, done.persons_there),
    ]


def _sum(done: Imported) -> str:
    return _("Đã nhập %(units)d đơn vị, %(posts)d chức vụ, %(persons)d người.") % {
        "units": done.units,
        "posts": done.posts,
        "persons": done.persons,
    }


@require_safe
def template(request: SignedRequest) -> HttpResponse:
    """The house as it stands today, in the tables that are taken in: to be filled further, or kept."""
    on = local_date(timezone.now())
    house = queries.get_unit(request.actor.agency_id)
    rows = queries.list_tree(on=on, below=house)
    called = {row.id: row.code or row.name for row in rows}
    names: dict[int, str] = {}
    for row in rows:
        above = names.get(row.parent_id or 0, "")
        names[row.id] = row.code or (f"{above} / {row.name}" if above else row.name)
    described = queries.list_units([row.id for row in rows])
    units = [
        [
            row.name,
            names.get(row.parent_id or 0, ""),
            row.short_name,
            row.abbreviation,
            str(Kind(row.kind).label),
            row.code,
            described[row.id].place_name,
            described[row.id].address,
            "",
        ]
        for row in rows
        if row.parent_id in called
    ]
    posts = [
        [
            names[seat.post.unit_id],
            seat.post.title,
            str(Role(seat.post.role).label),
            _("có") if seat.post.keeps_seal else "",
            held.person.name if held else "",
            held.person.rank if held else "",
            held.person.phone if held else "",
            (held.person.code or "") if held else "",
            (held.person.user_name or "") if held else "",
            f"{held.since:%d/%m/%Y}" if held else "",
        ]
        for seat in queries.list_seats_of([row.id for row in rows], on)
        for held in [seat.appointment or seat.coming]
    ]
    return sheets.answer(
        _("Tổ chức %(unit)s") % {"unit": house.short_name},
        Table(str(TABLES[operations.UNITS]), [str(column.heading) for column in UNIT_COLUMNS], units),
        Table(str(TABLES[operations.POSTS]), [str(column.heading) for column in POST_COLUMNS], posts),
    )
