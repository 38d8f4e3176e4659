"""Books of the past taken in: the file and its columns, what stands against its lines, the balance of its numbers, undone again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from antin.documents.types import TYPES, series_name
from antin.journal import queries as journal
from antin.journeys import move_books, take_old_book
from antin.numbering import queries as numbering
from antin.oldbooks import operations, policy, queries, reading
from antin.oldbooks.reading import ENTRIES, IN
from antin.oldbooks.states import STEPS, Outcome, Status
from antin.people import queries as people
from antin.people.states import Role
from antin.refusal import Refusal, refuse
from antin.typeset import book as paper
from antin.web import sheets, tones
from antin.web.asking import Question, ask, brought, sent
from antin.web.documents.history import Sentence, told_by
from antin.web.refusals import status_of
from antin.web.registers import forms
from antin.web.session.middleware import SignedRequest
from antin.web.sheets import Table
from antin.web.uploads import Incoming
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.oldbooks.models import OldBook, OldLine

SHOWN = 200
MOST_EXPORTED = 20_000
SENTENCES: dict[str, Sentence] = {
    "oldbook.read": Sentence(gettext_noop("Gửi tệp sổ cũ “%(name)s”, %(rows)s dòng"), "file"),
    "oldbook.checked": Sentence(
        gettext_noop("Kiểm tra %(rows)s dòng: %(refused)s dòng sai, %(unexplained)s số trống chưa rõ lý do"), "eye"
    ),
    "oldbook.explained": Sentence(
        gettext_noop("Ghi lý do khuyết số %(first)s đến %(last)s năm %(year)s"), "pen", "", "reason"
    ),
    "oldbook.started": Sentence(
        gettext_noop("Bắt đầu nhập %(imported)s văn bản, %(void)s số hủy, để lại %(left_out)s dòng"), "book", "flow"
    ),
    "oldbook.taken": Sentence(gettext_noop("Nhập xong %(documents)s văn bản"), "check", "ok"),
    "oldbook.copy_back": Sentence(gettext_noop("Bản lưu ở dòng %(row)s: %(by)s đã trả"), "undo"),
    "oldbook.dropped": Sentence(gettext_noop("Bỏ, chưa nhập gì"), "x"),
    "oldbook.undone": Sentence(gettext_noop("Hoàn tác: rút %(documents)s văn bản và các số"), "undo", "late", "reason"),
}


BOOK_NAMES = {
    "out": gettext_lazy("Sổ văn bản đi"),
    "in": gettext_lazy("Sổ văn bản đến"),
    "post": gettext_lazy("Sổ bưu điện"),
    "copies": gettext_lazy("Sổ sử dụng bản lưu"),
}


def _place(request: SignedRequest) -> None:
    request.place = reverse("administration" if request.actor.role == Role.ADMINISTRATOR else "registers")


@require_http_methods(["GET", "POST"])
def page(request: SignedRequest) -> HttpResponse:
    """The imports of the agency, and the form that begins one."""
    refuse(policy.why_not_import(request.actor))
    _place(request)
    at = timezone.now()
    secret, key = "sealed" in request.GET, {"begun_in": secrets.token_urlsafe(24)}
    kind = forms.SendSecretBook if secret else forms.SendOldBook
    form: Any = kind(sent(request), brought(request), initial=key)
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        table = cast(Incoming, form.cleaned_data["table"])
        archive = cast("Incoming | None", form.cleaned_data.get("archive"))
        try:
            begun = take_old_book.begin(
                table=table.content(),
                name=table.name or "",
                archive=archive.content() if archive else None,
                archive_name=(archive.name or "") if archive else "",
                begun_in=form.cleaned_data["begun_in"] or None,
                secret=secret,
                actor=request.actor,
                today=local_date(at),
                at=at,
            )
            return HttpResponseRedirect(reverse("old-book", args=[begun.pk]))
        except Refusal as no:
            refused = no
    told = {
        "form": forms.SendOldBook(None, initial=key) if secret else form,
        "secret_form": None
        if policy.why_not_import_secret(request.actor)
        else form
        if secret
        else forms.SendSecretBook(None, initial=key),
        "refused": refused,
        "rows": [
            (each, tones.of(Status(each.status)), BOOK_NAMES[each.book]) for each in queries.list_imports(request.actor)
        ],
        "today": local_date(at),
        "moved": _moved(request),
    }
    status = 200 if request.method == "GET" else status_of(refused) if refused else 422
    return render(request, "registers/old_books.html", told, status=status)


@require_POST
def moved(request: SignedRequest, move_id: int, place: int) -> HttpResponse:
    """Begin an import of lines that came with the agency's books from another node."""
    at = timezone.now()
    begun = take_old_book.begin_moved(move_id=move_id, place=place, actor=request.actor, today=local_date(at), at=at)
    return HttpResponseRedirect(reverse("old-book", args=[begun.pk]))


def _moved(request: SignedRequest) -> list[dict[str, Any]]:
    code = people.get_agency(request.actor.agency_id).code
    may = policy.why_not_import_secret(request.actor) is None
    return [
        {
            "move": move,
            "place": place,
            "rows": told["rows"],
            "name": BOOK_NAMES[str(told["book"])],
            "secret": told["secret"],
        }
        for move, place, told in (move_books.registers_of(code.value) if code else ())
        if may or not told["secret"]
    ]


@require_safe
def template(request: SignedRequest) -> HttpResponse:
    """The columns that are understood as they are, to be filled."""
    refuse(policy.why_not_import(request.actor))
    with override("vi"):
        tables = [
            Table(
                str(words),
                [str(each.words) for each in reading.FACTS if book in each.books and each.name not in apart],
                [],
            )
            for book, words, apart in (
                ("out", _("Sổ văn bản đi"), ("number", "notation")),
                ("in", _("Sổ văn bản đến"), ("notation",)),
                ("post", _("Sổ bưu điện"), ()),
                ("copies", _("Sổ sử dụng bản lưu"), ()),
            )
        ]
        return sheets.answer(_("Mẫu sổ cũ"), *tables)


@require_safe
def show(request: SignedRequest, old_book_id: int) -> HttpResponse:
    """One import: its columns, its balance, what stands against its lines, what can be done now."""
    _place(request)
    old_book = queries.get_for(request.actor, old_book_id)
    return _page(request, old_book)


def _page(request: SignedRequest, old_book: OldBook, form: Any = None, refused: Refusal | None = None) -> HttpResponse:
    types = [(code, kind.name) for code, kind in TYPES.items()]
    reads = old_book.status in STEPS["check"][0]
    account = old_book.balance
    counted = queries.count_lines(old_book.pk)
    told = {
        "old_book": old_book,
        "book_name": BOOK_NAMES[old_book.book],
        "entries": old_book.book in ENTRIES,
        "matched": queries.count_matched(old_book.pk) if old_book.book in ENTRIES else 0,
        "state": tones.of(Status(old_book.status)),
        "form": form or (forms.ReadOldBook(None, old_book=old_book, types=types) if reads else None),
        "refused": refused,
        "reads": reads,
        "starts": old_book.status == Status.CHECKED,
        "undoes": old_book.status == Status.TAKEN,
        "polls": old_book.status == Status.TAKING,
        "undone": old_book.status == Status.UNDONE,
        "here": reverse("old-book", args=[old_book.pk]),
        "account": account,
        "series": _series(old_book) if account else [],
        "sheet": [
            {
                "name": forms.column_name(n),
                "heading": heading or "—",
                "said": " · ".join(row[n] for row in old_book.samples if n < len(row) and row[n])[:160],
            }
            for n, heading in enumerate(old_book.headings)
        ],
        "start_form": forms.StartOldBook(None),
        "refused_lines": _lines(queries.list_lines(old_book.pk, outcome=Outcome.REFUSED, limit=SHOWN)),
        "remarked": queries.list_lines(old_book.pk, remarked=True, limit=SHOWN),
        "remarked_count": queries.count_remarked(old_book.pk),
        "shown": SHOWN,
        "bar": [
            ("ok", counted.get(Outcome.TAKEN, 0), _("đã nhập")),
            ("idle", counted.get(Outcome.READY, 0), _("chưa nhập")),
        ],
        "counted": counted,
        "history": [told_by(SENTENCES, row) for row in journal.list_for(("oldbook", old_book.pk), limit=50)],
        "today": local_date(timezone.now()),
    }
    status = 200 if refused is None and (form is None or form.is_valid()) else status_of(refused) if refused else 422
    part = request.headers.get("HX-Target") == "progress"
    return render(
        request, "registers/_old_book_progress.html" if part else "registers/old_book.html", told, status=status
    )


def name_of(old_book: OldBook, year: int, group: str) -> str:
    """What a sequence of the balance is called."""
    if old_book.book in ENTRIES:
        return f"{BOOK_NAMES[old_book.book]} {year}"
    if old_book.secret:
        plain = _("Số đến năm %(year)s") % {"year": year} if old_book.book == IN else f"{series_name(group)} {year}"
        plain = _("Sổ chung năm %(year)s") % {"year": year} if group == queries.SHARED else plain
        return _("%(name)s (mật)") % {"name": plain}
    if old_book.book == IN:
        return _("Số đến năm %(year)s") % {"year": year}
    if group == queries.SHARED:
        return _("Sổ chung năm %(year)s") % {"year": year}
    named = next((each.name for each in numbering.list_books(old_book.agency_id) if each.group == group), "")
    return f"{named or series_name(group)} {year}" if str(year) not in named else named


def _series(old_book: OldBook) -> list[dict[str, Any]]:
    explains = old_book.status == Status.CHECKED
    return [
        {
            "name": name_of(old_book, each["year"], each["group"]),
            "told": each,
            "holes": [
                {
                    "words": _range(first, last),
                    "count": last - first + 1,
                    "reason": reason,
                    "href": f"{reverse('old-book-explain', args=[old_book.pk])}?year={each['year']}&group={each['group']}"
                    f"&first={first}&last={last}"
                    if explains
                    else "",
                }
                for first, last, reason in each["holes"]
            ],
            "doubles": ", ".join(each["doubles"][:50]),
        }
        for each in old_book.balance["series"]
    ]


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _lines(rows: Sequence[OldLine]) -> list[dict[str, Any]]:
    return [
        {
            "row": row.row,
            "faults": [f"{column}: {words}" for column, words in row.faults],
            "said": " | ".join(cell for cell in row.cells if cell)[:160],
        }
        for row in rows
    ]


@require_http_methods(["GET", "POST"])
def check(request: SignedRequest, old_book_id: int) -> HttpResponse:
    """Look every line through by the columns chosen."""
    _place(request)
    at = timezone.now()
    old_book = queries.get_for(request.actor, old_book_id)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("old-book", args=[old_book_id]))
    types = [(code, kind.name) for code, kind in TYPES.items()]
    form = forms.ReadOldBook(request.POST, old_book=old_book, types=types)
    if not form.is_valid():
        return _page(request, old_book, form)
    try:
        take_old_book.check(
            old_book_id=old_book_id,
            book=form.cleaned_data["book"],
            columns=form.columns(),
            together=form.cleaned_data.get("together", False),
            default_type=form.cleaned_data.get("default_type", ""),
            year=form.cleaned_data["year"],
            actor=request.actor,
            today=local_date(at),
            at=at,
        )
    except Refusal as no:
        return _page(request, queries.get_for(request.actor, old_book_id), form, no)
    return HttpResponseRedirect(f"{reverse('old-book', args=[old_book_id])}#can-doi")


def _number(request: SignedRequest, name: str) -> int:
    said = request.GET.get(name, "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else 0


@require_http_methods(["GET", "POST"])
def explain(request: SignedRequest, old_book_id: int) -> HttpResponse:
    """Why numbers are missing in the old book."""
    _place(request)
    old_book = queries.get_for(request.actor, old_book_id)
    asked = {name: _number(request, name) for name in ("year", "first", "last")}
    group = request.GET.get("group", "")[:20]
    what = {"numbers": _range(asked["first"], asked["last"]), "series": name_of(old_book, asked["year"], group)}

    def do(answers: dict[str, Any]) -> str:
        operations.explain(
            old_book_id=old_book_id,
            group=group,
            reason=answers["reason"],
            **asked,
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã ghi lý do khuyết số %(numbers)s, %(series)s.") % what

    question = Question(
        _("Vì sao khuyết số %(numbers)s, %(series)s?") % what,
        _("Ghi"),
        reverse("old-book", args=[old_book_id]),
        old_book.name,
        explains=_("Khi nhập, các số này thành số hủy với lý do đã ghi. Không ghi lý do thì số vẫn được nêu là thiếu."),
    )
    return ask(request, question, forms.Reason(sent(request)), do)


@require_POST
def start(request: SignedRequest, old_book_id: int) -> HttpResponse:
    """Take the numbers, and let the documents be made."""
    _place(request)
    old_book = queries.get_for(request.actor, old_book_id)
    form = forms.StartOldBook(request.POST)
    leave_out = form.is_valid() and form.cleaned_data["leave_out"]
    try:
        operations.start(old_book_id=old_book_id, leave_out=leave_out, actor=request.actor, at=timezone.now())
    except Refusal as no:
        return _page(request, old_book, refused=no)
    return HttpResponseRedirect(reverse("old-book", args=[old_book_id]))


@require_http_methods(["GET", "POST"])
def drop(request: SignedRequest, old_book_id: int) -> HttpResponse:
    """Let an import be that has taken nothing."""
    _place(request)
    old_book = queries.get_for(request.actor, old_book_id)

    def do(answers: dict[str, Any]) -> str:
        operations.drop(old_book_id=old_book_id, actor=request.actor, at=timezone.now())
        return _("Đã bỏ lần nhập “%(name)s”; chưa nhập gì.") % {"name": old_book.name}

    question = Question(_("Bỏ lần nhập này?"), _("Bỏ"), reverse("old-books"), old_book.name, sign="x", kind="danger")
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def undo(request: SignedRequest, old_book_id: int) -> HttpResponse:
    """Take a whole import back."""
    _place(request)
    old_book = queries.get_for(request.actor, old_book_id)

    def do(answers: dict[str, Any]) -> str:
        operations.undo(old_book_id=old_book_id, reason=answers["reason"], actor=request.actor, at=timezone.now())
        return _("Đã hoàn tác lần nhập “%(name)s”.") % {"name": old_book.name}

    question = Question(
        _("Hoàn tác lần nhập này?"),
        _("Hoàn tác"),
        reverse("old-book", args=[old_book_id]),
        old_book.name,
        sign="undo",
        kind="danger",
        explains=_(
            "Mọi văn bản và số của lần nhập bị rút khỏi sổ; nhật ký và bảng cân đối còn giữ. Chỉ làm được khi chưa có việc gì dựa "
            "trên chúng."
        ),
    )
    return ask(request, question, forms.Reason(sent(request)), do)


# ---- taken along -----------------------------------------------------------------------------------------------------------

COLUMNS = (
    (gettext_noop("Dãy số"), 5),
    (gettext_noop("Số đầu"), 1),
    (gettext_noop("Số cuối"), 1),
    (gettext_noop("Có từ trước"), 1),
    (gettext_noop("Nhập"), 1),
    (gettext_noop("Số chèn"), 1),
    (gettext_noop("Hủy theo sổ"), 1),
    (gettext_noop("Trống, có lý do"), 2),
    (gettext_noop("Trống, chưa rõ"), 2),
    (gettext_noop("Số trùng"), 2),
    (gettext_noop("Dòng để lại"), 1),
)


def _rows(old_book: OldBook) -> list[list[str]]:
    return [
        [
            each["name"],
            *(
                str(each["told"][name])
                for name in ("first", "last", "before", "imported", "inserted", "void", "explained")
            ),
            str(each["told"]["missing"]),
            each["doubles"],
            str(each["told"]["refused"]),
        ]
        for each in _series(old_book)
    ]


@require_safe
def export(request: SignedRequest, old_book_id: int) -> HttpResponse:
    """The balance as a workbook: sequences, holes, lines that were left out, files that did not come along."""
    old_book = queries.get_for(request.actor, old_book_id)
    holes = [
        [each["name"], hole["words"], str(hole["count"]), hole["reason"] or _("chưa rõ lý do")]
        for each in (_series(old_book) if old_book.balance else [])
        for hole in each["holes"]
    ]
    left = [
        [str(row.row), "; ".join(f"{column}: {words}" for column, words in row.faults), " | ".join(row.cells)]
        for row in queries.list_lines(old_book_id, outcome=Outcome.REFUSED, limit=MOST_EXPORTED)
    ]
    without = [
        [str(row.row), str(row.facts.get("code", "")), row.remark]
        for row in queries.list_lines(old_book_id, remarked=True, limit=MOST_EXPORTED)
    ]
    return sheets.answer(
        _("Cân đối sổ cũ %(n)s") % {"n": old_book.pk},
        Table(_("Cân đối"), [_(words) for words, _weight in COLUMNS], _rows(old_book) if old_book.balance else []),
        Table(_("Số trống"), [_("Dãy số"), _("Từ số, đến số"), _("Bao nhiêu số"), _("Lý do")], holes),
        Table(_("Dòng để lại"), [_("Dòng"), _("Vì sao"), _("Sổ ghi")], left),
        Table(_("Thiếu tệp"), [_("Dòng"), _("Số, ký hiệu"), _("Vì sao")], without),
    )


@require_safe
def print_balance(request: SignedRequest, old_book_id: int) -> HttpResponse:
    """The balance on paper, to be signed by who took the book in and who checked it."""
    old_book = queries.get_for(request.actor, old_book_id)
    at = timezone.now()
    account: Mapping[str, Any] = old_book.balance
    closing = _closing(old_book) if account else []
    made = paper.lay_out(
        paper.Book(
            agency=request.actor.agency_name,
            title=_("Bảng cân đối số của sổ cũ"),
            about=f"{old_book.name}, SHA-256 {old_book.file[:16]}…; {str(Status(old_book.status).label).lower()}",
            columns=[paper.Column(_(words), weight) for words, weight in COLUMNS],
            rows=_rows(old_book) if account else [],
            page_count=_("Cộng trang này"),
            running_count=_("cộng dồn"),
            closing=closing,
            place=_("Ngày %(day)s tháng %(month)s năm %(year)s")
            % {"day": f"{local_date(at):%d}", "month": f"{local_date(at):%m}", "year": local_date(at).year},
            signers=[_("Người kiểm tra"), _("Người nhập sổ")],
        ),
        at=at,
    )
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = str(content_disposition_header(False, f"can-doi-so-cu-{old_book.pk}.pdf"))
    return response


def _closing(old_book: OldBook) -> list[str]:
    account = old_book.balance
    if old_book.book in ENTRIES:
        counted = account | {"matched": queries.count_matched(old_book.pk)}
        lines = [
            _("Sổ có %(rows)s dòng: %(imported)s dòng nhập, %(void)s dòng hủy, %(refused)s dòng để lại.") % account,
            _("%(matched)s dòng khớp với văn bản trong sổ đăng ký; các dòng khác giữ lời ghi của sổ cũ.") % counted,
        ]
        if not account["series"]:
            return lines
    else:
        lines = [_("Sổ có %(rows)s dòng: %(imported)s văn bản, %(void)s số hủy, %(refused)s dòng để lại.") % account]
    lines += [
        _("Mỗi dãy: số cuối = có từ trước + nhập + hủy + trống có lý do + trống chưa rõ."),
    ]
    for each in _series(old_book):
        for hole in each["holes"][:100]:
            told = {"series": each["name"], "numbers": hole["words"], "reason": hole["reason"] or _("chưa rõ lý do")}
            lines.append(_("%(series)s, khuyết số %(numbers)s: %(reason)s.") % told)
    if account["unexplained"]:
        lines.append(_("Còn %(n)s số chưa rõ lý do.") % {"n": account["unexplained"]})
    else:
        lines.append(_("Mọi số từ 01 đến số cuối đều có tên: không số nào không rõ."))
    return lines
