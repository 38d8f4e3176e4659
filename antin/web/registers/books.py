"""The five register books of an agency, with the columns of Decree 30/2020, Appendix IV: on the screen, as a table, on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from antin.documents import operations, policy
from antin.documents import queries as documents
from antin.documents.queries import BookFilters, BookLine
from antin.documents.states import Direction, Standing
from antin.documents.states import Status as Stage
from antin.documents.types import ALL_TYPES, number_words
from antin.exchange import queries as deliveries
from antin.numbering import queries as numbering
from antin.numbering.queries import Kept, Proof
from antin.numbering.states import Status
from antin.people.actor import Actor
from antin.refusal import NotFound
from antin.tasks import queries as tasks
from antin.typeset import book as paper
from antin.web import sheets
from antin.web.asking import Question, ask, sent
from antin.web.clocks import LOCAL
from antin.web.documents.rows import state_of
from antin.web.registers import forms, names
from antin.web.session.middleware import SignedRequest
from antin.web.sheets import Table
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import CopyUse, Document, Making, Posting
    from antin.numbering.models import Number

PAGE = 50
WHOLE = 5000
"""So many rows are read at once when a whole book is taken along."""
MOST_PRINTED = 20_000
EVERYTHING = BookFilters()


@dataclass(frozen=True)
class Column:
    """One column of the law. `narrow` is not broken into lines; `aside` is left out where the screen is small."""

    key: str
    words: str | Promise
    weight: int = 2
    narrow: bool = False
    aside: bool = False


def _column(key: str, words: str | Promise, weight: int = 2, look: str = "") -> Column:
    return Column(key, words, weight, "n" in look, "a" in look)


@dataclass(frozen=True)
class Kind:
    """One of the five books: what it is called, on the cover and in a choice, and its columns in the order of the law."""

    key: str
    title: str | Promise
    words: str | Promise
    file: str
    columns: tuple[Column, ...]


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "in",
            gettext_lazy("Sổ đăng ký văn bản đến"),
            gettext_lazy("Sổ văn bản đến"),
            "so-van-ban-den",
            (
                _column("number", gettext_lazy("Số đến"), 1, "n"),
                _column("came", gettext_lazy("Ngày đến"), 2, "n"),
                _column("issuer", gettext_lazy("Tác giả"), 3),
                _column("code", gettext_lazy("Số, ký hiệu"), 2, "n"),
                _column("dated", gettext_lazy("Ngày văn bản"), 2, "na"),
                _column("title", gettext_lazy("Tên loại và trích yếu"), 6),
                _column("to", gettext_lazy("Đơn vị hoặc người nhận"), 2, "a"),
                _column("moved", gettext_lazy("Ngày chuyển"), 2, "na"),
                _column("taken", gettext_lazy("Ký nhận"), 1, "na"),
                _column("note", gettext_lazy("Ghi chú"), 2),
            ),
        ),
        Kind(
            "out",
            gettext_lazy("Sổ đăng ký văn bản đi"),
            gettext_lazy("Sổ văn bản đi"),
            "so-van-ban-di",
            (
                _column("code", gettext_lazy("Số, ký hiệu"), 2, "n"),
                _column("dated", gettext_lazy("Ngày văn bản"), 2, "n"),
                _column("title", gettext_lazy("Tên loại và trích yếu"), 6),
                _column("signer", gettext_lazy("Người ký"), 3, "a"),
                _column("to", gettext_lazy("Nơi nhận"), 4),
                _column("kept", gettext_lazy("Đơn vị nhận bản lưu"), 2, "a"),
                _column("copies", gettext_lazy("Số lượng bản"), 1, "na"),
                _column("moved", gettext_lazy("Ngày chuyển"), 2, "na"),
                _column("taken", gettext_lazy("Ký nhận"), 1, "n"),
                _column("note", gettext_lazy("Ghi chú"), 2),
            ),
        ),
        Kind(
            "post",
            gettext_lazy("Sổ gửi văn bản đi bưu điện"),
            gettext_lazy("Sổ bưu điện"),
            "so-buu-dien",
            (
                _column("moved", gettext_lazy("Ngày chuyển"), 2, "n"),
                _column("code", gettext_lazy("Số, ký hiệu"), 3, "n"),
                _column("to", gettext_lazy("Nơi nhận"), 5),
                _column("copies", gettext_lazy("Số lượng bì"), 1, "n"),
                _column("taken", gettext_lazy("Ký nhận, dấu bưu điện"), 3),
                _column("note", gettext_lazy("Ghi chú"), 3, "a"),
            ),
        ),
        Kind(
            "copies",
            gettext_lazy("Sổ sử dụng bản lưu"),
            gettext_lazy("Sổ sử dụng bản lưu"),
            "so-su-dung-ban-luu",
            (
                _column("lent", gettext_lazy("Ngày tháng"), 2, "n"),
                _column("user", gettext_lazy("Họ tên người sử dụng"), 3),
                _column("code", gettext_lazy("Số, ký hiệu, ngày văn bản"), 3),
                _column("title", gettext_lazy("Tên loại và trích yếu"), 5),
                _column("file", gettext_lazy("Số, ký hiệu hồ sơ"), 2, "na"),
                _column("taken", gettext_lazy("Ký nhận"), 2, "a"),
                _column("back", gettext_lazy("Ngày trả"), 2, "n"),
                _column("permitted", gettext_lazy("Người cho phép"), 3, "a"),
                _column("note", gettext_lazy("Ghi chú"), 2, "a"),
            ),
        ),
        Kind(
            "answers",
            gettext_lazy("Sổ theo dõi giải quyết văn bản đến"),
            gettext_lazy("Sổ theo dõi giải quyết"),
            "so-theo-doi-giai-quyet",
            (
                _column("number", gettext_lazy("Số đến"), 1, "n"),
                _column("title", gettext_lazy("Tên loại, số, ký hiệu, ngày, cơ quan ban hành"), 6),
                _column("to", gettext_lazy("Đơn vị hoặc người nhận"), 3),
                _column("due", gettext_lazy("Thời hạn giải quyết"), 2, "n"),
                _column("state", gettext_lazy("Tiến độ giải quyết"), 3),
                _column("reply", gettext_lazy("Số, ký hiệu văn bản trả lời"), 2, "n"),
                _column("note", gettext_lazy("Ghi chú"), 3, "a"),
            ),
        ),
    )
}
NUMBERED = ("in", "out", "answers")


@dataclass(frozen=True)
class Cell:
    """What stands in one column on the screen."""

    column: Column
    words: str


@dataclass(frozen=True)
class Entry:
    """One row: what is in its columns, where the document is, and where the next page goes on. A void number has words only."""

    cursor: str
    words: tuple[str, ...]
    href: str = ""
    voided: str = ""
    act: str = ""
    act_href: str = ""

    def cells(self, shown: tuple[int, ...], kind: Kind) -> list[Cell]:
        return [Cell(kind.columns[n], self.words[n]) for n in shown]


@dataclass(frozen=True)
class Asked:
    """Which book of which year, narrowed to what, from the address."""

    book: str
    year: int
    group: str = ""
    secret: bool = False
    after: str = ""
    filters: BookFilters = EVERYTHING

    @property
    def kind(self) -> Kind:
        return KINDS[self.book]

    def href(self, page: str = "registers", **changes: Any) -> str:
        said: dict[str, Any] = {
            "book": self.book,
            "year": self.year,
            "type": self.group,
            "class": "secret" if self.secret else "",
            "words": self.filters.words,
            "since": self.filters.since.isoformat() if self.filters.since else "",
            "until": self.filters.until.isoformat() if self.filters.until else "",
            **changes,
        }
        return f"{reverse(page)}?{urlencode({name: value for name, value in said.items() if value})}"


def _day(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else ""


def _moment(value: datetime | None) -> str:
    return f"{value.astimezone(LOCAL):%d/%m/%Y}" if value else ""


def _titled(document: Document, actor: Actor) -> str:
    """Type and subject, where his clearance reaches them."""
    if not policy.may_read_title(actor, document):
        return _("Văn bản mật: trích yếu chỉ ghi trong sổ mật")
    kind = ALL_TYPES.get(document.type_code)
    return f"{kind.name}: {document.subject}" if kind else document.subject


def _came(document: Document, actor: Actor) -> tuple[str, ...]:
    arrival = document.arrival
    notes = [
        {"paper": _("bản giấy"), "past": _("nhập từ sổ cũ")}.get(arrival.source, ""),
        _("chữ ký không hợp lệ") if arrival.verdict == "invalid" else "",
        _corrected(document),
        str(state_of(document).words) if arrival.source != "past" else "",
    ]
    return (
        str(document.arrival_number),
        _day(arrival.arrival_date),
        document.issuer_name,
        document.code,
        _day(document.document_date),
        _titled(document, actor),
        arrival.presented_post.title if arrival.presented_post else "",
        _moment(arrival.registered_at),
        _("điện tử") if arrival.registered_at else "",
        "; ".join(note for note in notes if note),
    )


def _went(document: Document, actor: Actor, taken: dict[str, int]) -> tuple[str, ...]:
    making = document.making
    return (
        document.code,
        _day(document.document_date),
        _titled(document, actor),
        making.signer_name,
        document.parties,
        making.unit.name,
        str(making.copies),
        _moment(making.issued_at),
        _taken(taken) if making.issued_at else "",
        _note(document, making),
    )


def _note(document: Document, making: Making) -> str:
    if document.status == Stage.PAST:
        return _("nhập từ sổ cũ")
    return _changed(document) if making.issued_at else str(state_of(document).words)


def _corrected(document: Document) -> str:
    return str(Standing.CORRECTED.label).lower() if document.standing == Standing.CORRECTED else ""


def _changed(document: Document) -> str:
    """That the document was recalled, replaced or corrected, and by which."""
    if document.standing == Standing.IN_FORCE:
        return ""
    return " ".join(filter(None, (str(Standing(document.standing).label).lower(), document.standing_by)))


def _taken(counts: dict[str, int]) -> str:
    """Who has taken the document in, as the signatures in the column of a paper book say."""
    total = sum(counts.values())
    total -= counts.get("withheld", 0)
    waiting = counts.get("queued", 0) + counts.get("failed", 0) + counts.get("arrived", 0) + counts.get("returned", 0)
    return f"{total - waiting}/{total}" if total else ""


def _followed(document: Document, actor: Actor, lead: str, reply: str) -> tuple[str, ...]:
    arrival = document.arrival
    named = ALL_TYPES[document.type_code].name if document.type_code in ALL_TYPES else document.type_code
    title = f"{named} {document.code}, {_day(document.document_date)}, {document.issuer_name}"
    return (
        str(document.arrival_number),
        title,
        lead or (arrival.presented_post.title if arrival.presented_post else ""),
        _moment(document.due_at) or _day(document.reply_by),
        str(state_of(document, lead=lead).words),
        reply,
        _moment(arrival.completed_at) and _("xong %(day)s") % {"day": _moment(arrival.completed_at)},
    )


def _posted(posting: Posting) -> Entry:
    words = (
        _day(posting.posted_on),
        posting.document.code if posting.document else posting.code,
        posting.recipient_name,
        str(posting.envelopes),
        posting.postmark,
        _noted(posting.note, posting.past_import),
    )
    act = "" if posting.postmark or posting.past_import else _("Ghi ký nhận")
    href = reverse("document", args=[posting.document_id]) if posting.document_id else ""
    return Entry(str(posting.pk), words, href, "", act, reverse("posting-postmark", args=[posting.pk]))


def _noted(note: str, past_import: int | None) -> str:
    return "; ".join(filter(None, (note, _("nhập từ sổ cũ") if past_import else "")))


def _lent(use: CopyUse, actor: Actor) -> Entry:
    paper = use.document
    code, day = (paper.code, paper.document_date) if paper else (use.code, use.dated)
    words = (
        _day(use.lent_on),
        use.user_name,
        ", ".join(filter(None, (code, _day(day)))),
        _titled(paper, actor) if paper else use.title,
        use.file_code,
        "" if use.past_import else use.made_by,
        _day(use.returned_on),
        use.permitted_by,
        _noted(use.note, use.past_import),
    )
    act = "" if use.returned_on else _("Đã trả")
    href = reverse("document", args=[use.document_id]) if use.document_id else ""
    return Entry(str(use.pk), words, href, "", act, reverse("copy-back", args=[use.pk]))


def _unheld(number: Number) -> str:
    """The line of a number that no document holds: voided, or kept back."""
    told = {"number": f"{number_words(number.value)}{number.suffix}", "reason": number.void_reason}
    if number.status == Status.RESERVED:
        words = _("Số %(number)s đang giữ đến hết ngày %(day)s: %(reason)s")
        told |= {"day": _day(number.reserved_until), "reason": number.reserve_reason}
    elif number.status == Status.MOVED:
        words = _("Số %(number)s đã cấp ở nút cũ, chưa nhập dòng sổ")
    else:
        words = _("Số %(number)s đã hủy ngày %(day)s: %(reason)s")
        told["day"] = _day(local_date(number.voided_at) if number.voided_at else None)
    return words % told


def _of_series(lines: list[BookLine], book: str, actor: Actor) -> list[Entry]:
    """The lines of a series in the columns of its book."""
    held = [line.document for line in lines if line.document is not None]
    ids = [document.pk for document in held]
    worded: Callable[[Document], tuple[str, ...]]
    if book == "out":
        taken = deliveries.count_by_document(ids)
        worded = lambda document: _went(document, actor, taken[document.pk])  # noqa: E731
    elif book == "answers":
        leads, replies = tasks.leads_of(ids), documents.reply_codes(ids)
        worded = lambda document: _followed(  # noqa: E731
            document, actor, leads.get(document.pk, ""), replies.get(document.pk, "")
        )
    else:
        worded = lambda document: _came(document, actor)  # noqa: E731
    entries = []
    for line in lines:
        cursor, document = f"{line.number.value}{line.number.suffix}", line.document
        if document is None:
            entries.append(Entry(cursor, (), voided=_unheld(line.number)))
            continue
        readable = policy.may_read_title(actor, document)
        page = "document" if document.direction == Direction.OUT else "incoming-one"
        words = worded(document)
        if document.arrival_number is None and book != "out":  # put between, or secret and of the past
            words = (cursor, *words[1:])
        entries.append(Entry(cursor, words, reverse(page, args=[document.pk]) if readable else ""))
    return entries


K = TypeVar("K", bound=Kept)


def _series(asked: Asked, proofs: Sequence[K]) -> K | None:
    wanted = ("out" if asked.book == "out" else "in", asked.group, "secret" if asked.secret else "")
    return next((each for each in proofs if (each.book, each.mark, each.secrecy_class) == wanted), None)


def entries_of(actor: Actor, asked: Asked, proofs: Sequence[Kept], limit: int) -> list[Entry]:
    """A page of the book, the latest first, one row more than asked for when there are more; void numbers among them."""
    if asked.book in NUMBERED:
        series = _series(asked, proofs)
        if series is None:
            return []
        digits = asked.after.rstrip("".join(set(asked.after) - set("0123456789")))
        after = (int(digits), asked.after[len(digits) :]) if digits.isdecimal() and len(digits) < 10 else None
        lines = documents.list_book(
            actor=actor, series_id=series.series_id, filters=asked.filters, after=after, limit=limit + 1
        )
        return _of_series(lines, asked.book, actor)
    last = int(asked.after) if asked.after.isdecimal() and len(asked.after) < 19 else None
    if asked.book == "post":
        found = documents.list_postings(
            actor=actor, year=asked.year, filters=asked.filters, after=last, limit=limit + 1
        )
        return [_posted(each) for each in found]
    lent = documents.list_copy_uses(actor=actor, year=asked.year, filters=asked.filters, after=last, limit=limit + 1)
    return [_lent(each, actor) for each in lent]


def _choices(book: str, proofs: Sequence[Kept]) -> list[Kept]:
    """The series that a book is kept in: of outgoing documents one for each type or shared book, and the secret ones."""
    if book not in NUMBERED:
        return []
    found = [proof for proof in proofs if proof.book == ("out" if book == "out" else "in")]
    return sorted(found, key=lambda proof: bool(proof.secrecy_class))


def _asked(request: SignedRequest, proofs: Sequence[Kept], year: int) -> tuple[Asked, forms.NarrowBook]:
    book = request.GET.get("book", "")
    book = book if book in KINDS else "in"
    series = [(each.mark, bool(each.secrecy_class)) for each in _choices(book, proofs)]
    group, secret = request.GET.get("type", ""), request.GET.get("class") == "secret"
    if (group, secret) not in series:
        group, secret = next(iter(series), ("", False))
    form = forms.NarrowBook(request.GET)
    asked = Asked(book, year, group, secret, request.GET.get("after", "")[:12], BookFilters(**form.given()))
    return asked, form


def year_of(request: SignedRequest, years: list[int]) -> int:
    """The year asked for, this year when it is none."""
    asked = request.GET.get("year", "")
    this_year = local_date(timezone.now()).year
    return int(asked) if asked.isdecimal() and int(asked) in years else this_year


def _years(request: SignedRequest) -> list[int]:
    """The years of which there is something in the registers; of a book that numbers nothing those of its lines too."""
    years, book = set(numbering.list_years(request.actor.agency_id)), request.GET.get("book", "")
    if book in ("post", "copies"):
        years |= set(documents.list_entry_years(request.actor.agency_id, book))
    return sorted(years, reverse=True)


def refuse_outsider(request: SignedRequest) -> None:
    """:raises NotFound: the actor has no part in the registry office"""
    if f"R{request.actor.agency_id}" not in request.actor.holders:
        raise NotFound()


@require_safe
def show(request: SignedRequest) -> HttpResponse:
    """One book of one year."""
    refuse_outsider(request)
    actor = request.actor
    years = _years(request)
    year = year_of(request, years)
    proofs = numbering.list_kept(agency_id=actor.agency_id, year=year)
    asked, form = _asked(request, proofs, year)
    entries = entries_of(actor, asked, proofs, PAGE)
    series = _series(asked, proofs) if asked.book in NUMBERED else None
    hidden = documents.hidden_columns(actor, asked.book)
    shown = tuple(n for n, each in enumerate(asked.kind.columns) if n == 0 or each.key not in hidden)
    may_act = actor.role == "clerk"
    told = {
        "asked": asked,
        "kind": asked.kind,
        "columns": [asked.kind.columns[n] for n in shown],
        "put_away": len(asked.kind.columns) - len(shown),
        "entries": [(each, each.cells(shown, asked.kind) if each.words else []) for each in entries[:PAGE]],
        "may_import": may_act,
        "acts": may_act and any(each.act for each in entries[:PAGE]),
        "older": asked.href(after=entries[PAGE - 1].cursor) if len(entries) > PAGE else "",
        "newer": asked.href() if asked.after else "",
        "books": _books(asked),
        "years": [{"words": str(each), "href": asked.href(year=each), "current": each == year} for each in years],
        "groups": _groups(asked, proofs),
        "group_name": names.of_group(series) if series is not None and asked.book == "out" else "",
        "last": series.last if series is not None else None,
        "form": form,
        "filters": _filters(asked),
        "columns_href": asked.href("registers-columns"),
        "print_href": asked.href("registers-print"),
        "export_href": asked.href("registers-export"),
        "proof_href": f"{reverse('registers-proof')}?{urlencode({'year': year})}",
        "plain_href": replace(asked, filters=EVERYTHING, after="").href(),
    }
    return render(request, "registers/book.html", told)


def _filters(asked: Asked) -> list[dict[str, str]]:
    """What the book is narrowed to, each with the address without it."""
    said = {
        "words": (asked.filters.words, _("Có chữ “%(what)s”")),
        "since": (_day(asked.filters.since), _("Từ ngày %(what)s")),
        "until": (_day(asked.filters.until), _("Đến ngày %(what)s")),
    }
    return [
        {
            "words": words % {"what": value},
            "remove": asked.href(**{name: ""}),
            "label": _("Bỏ lọc %(what)s") % {"what": words % {"what": value}},
        }
        for name, (value, words) in said.items()
        if value
    ]


def _books(asked: Asked) -> list[dict[str, Any]]:
    return [
        {
            "words": kind.words,
            "href": Asked(kind.key, asked.year).href(),
            "n": None,
            "current": kind.key == asked.book,
        }
        for kind in KINDS.values()
    ]


def _groups(asked: Asked, proofs: Sequence[Kept]) -> list[dict[str, Any]]:
    found = _choices(asked.book, proofs)
    if asked.book != "out" and len(found) < 2:
        return []
    return [
        {
            "words": names.of_group(proof) if asked.book == "out" else names.of_series(proof),
            "href": Asked(asked.book, asked.year, proof.mark, bool(proof.secrecy_class), filters=asked.filters).href(),
            "n": proof.last,
            "current": (proof.mark, bool(proof.secrecy_class)) == (asked.group, asked.secret),
        }
        for proof in found
    ]


# ---- taken along -----------------------------------------------------------------------------------------------------------


def _whole(request: SignedRequest) -> tuple[Asked, list[Proof], list[Entry]]:
    """The book asked for as it is narrowed, all of it, in the order it was written."""
    refuse_outsider(request)
    agency_id = request.actor.agency_id
    year = year_of(request, _years(request))
    proofs = numbering.list_proofs(agency_id=agency_id, year=year)
    asked = replace(_asked(request, proofs, year)[0], after="")
    found: list[Entry] = []
    page = asked
    while len(found) < MOST_PRINTED:
        entries = entries_of(request.actor, page, proofs, WHOLE)
        found += entries[:WHOLE]
        if len(entries) <= WHOLE:
            break
        page = replace(page, after=found[-1].cursor)
    return asked, proofs, found[::-1]


def _file(asked: Asked) -> str:
    return "-".join(filter(None, (asked.kind.file, asked.group, "mat" if asked.secret else "", str(asked.year))))


@require_safe
def export(request: SignedRequest) -> HttpResponse:
    """The book as a table to be kept, in the order it was written, void numbers in their places."""
    asked, _proofs, entries = _whole(request)
    rows = [(each.cursor, each.voided) if each.voided else each.words for each in entries]
    columns = [str(each.words) for each in asked.kind.columns]
    return sheets.answer(_file(asked), Table(f"{asked.kind.words} {asked.year}", columns, rows))


@require_safe
def print_book(request: SignedRequest) -> HttpResponse:
    """The book on paper: the columns of the law, a count at the foot of every page, and the closing to be signed."""
    asked, proofs, entries = _whole(request)
    at = timezone.now()
    series = _series(asked, proofs) if asked.book in NUMBERED else None
    title = f"{asked.kind.title} {_('năm %(year)s') % {'year': asked.year}}"
    about = [names.of_group(series)] if series is not None and asked.book == "out" else []
    about += [each["words"] for each in _filters(asked)]
    made = paper.lay_out(
        paper.Book(
            agency=request.actor.agency_name,
            title=title,
            about=", ".join(about),
            columns=[paper.Column(str(each.words), each.weight) for each in asked.kind.columns],
            rows=[(each.voided,) if each.voided else each.words for each in entries],
            page_count=_("Cộng trang này"),
            running_count=_("cộng dồn"),
            closing=_closing(asked, series, entries),
            place=_("Ngày %(day)s tháng %(month)s năm %(year)s")
            % {"day": f"{local_date(at):%d}", "month": f"{local_date(at):%m}", "year": local_date(at).year},
            signers=[_("Người kiểm tra"), _("Người giữ sổ")],
        ),
        at=at,
    )
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = str(content_disposition_header(False, f"{_file(asked)}.pdf"))
    return response


def _closing(asked: Asked, series: Proof | None, entries: list[Entry]) -> list[str]:
    """The sentences that close the book: what it holds, and that nothing is missing."""
    lines = [_("Bản in này có %(n)s dòng.") % {"n": len(entries)}]
    if series is None or asked.book == "answers":
        return lines
    if asked.filters:
        return [*lines, _("Bản in theo điều kiện lọc, không phải cả sổ.")]
    told = {
        "last": series.last,
        "voided": series.voided,
        "reserved": series.reserved,
        "inserted": series.inserted,
    }
    lines.append(
        _(
            "Từ số 01 đến số %(last)s; trong đó %(voided)s số đã hủy, %(reserved)s số đang giữ; thêm %(inserted)s số chèn."
        )
        % told
    )
    if series.whole:
        lines.append(_("Các số liền nhau, không thiếu, không trùng."))
    else:
        missing = ", ".join(map(str, series.missing))
        lines.append(_("Không liền số, thiếu: %(numbers)s.") % {"numbers": missing})
    return lines


# ---- what is done in a book ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def columns(request: SignedRequest) -> HttpResponse:
    """Choose which columns stand on this person's screen; paper has them all."""
    refuse_outsider(request)
    agency_id = request.actor.agency_id
    year = year_of(request, numbering.list_years(agency_id))
    asked, _form = _asked(request, numbering.list_kept(agency_id=agency_id, year=year), year)
    form = forms.Columns(
        sent(request),
        columns=[(each.key, each.words) for each in asked.kind.columns[1:]],
        hidden=documents.hidden_columns(request.actor, asked.book),
    )

    def do(answers: dict[str, Any]) -> str:
        hidden = [key for key, shown in answers.items() if not shown]
        operations.choose_columns(book=asked.book, hidden=hidden, actor=request.actor, at=timezone.now())
        return _("Đã ghi các cột của %(book)s.") % {"book": asked.kind.words}

    question = Question(
        _("Cột hiện trên màn hình"),
        _("Ghi"),
        asked.href(),
        str(asked.kind.title),
        sign="check",
        explains=_("Chỉ đổi màn hình của đồng chí. Bản in và bảng tải về luôn đủ cột theo Nghị định 30."),
    )
    return ask(request, question, form, do)


def _book(request: SignedRequest, key: str, heading: str, button: str) -> Question:
    this_year = local_date(timezone.now()).year
    return Question(heading, button, Asked(key, this_year).href(), str(KINDS[key].title))


@require_http_methods(["GET", "POST"])
def postmark(request: SignedRequest, posting_id: int) -> HttpResponse:
    """Note who signed for what was posted."""

    def do(answers: dict[str, Any]) -> str:
        line = operations.note_postmark(posting_id=posting_id, **answers, actor=request.actor, at=timezone.now())
        return _("Đã ghi ký nhận của %(who)s.") % {"who": line.recipient_name}

    question = _book(request, "post", _("Ghi ký nhận, dấu bưu điện"), _("Ghi"))
    return ask(request, question, forms.Postmark(sent(request)), do)


@require_http_methods(["GET", "POST"])
def copy_back(request: SignedRequest, use_id: int) -> HttpResponse:
    """Note that the kept copy is back."""
    at = timezone.now()

    def do(answers: dict[str, Any]) -> str:
        line = operations.take_copy_back(use_id=use_id, actor=request.actor, today=local_date(at), at=at)
        return _("%(who)s đã trả bản lưu.") % {"who": line.user_name}

    question = _book(request, "copies", _("Bản lưu đã trả?"), _("Đã trả"))
    return ask(request, question, forms.Nothing(sent(request)), do)
