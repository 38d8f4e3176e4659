"""Books of an agency that go to another node, or come from one: what stands open, what was told, what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from antin.documents.types import series_name
from antin.journal import queries as journal
from antin.journeys import move_books
from antin.nodes import policy, queries
from antin.nodes.books import Books
from antin.nodes.states import MOVES, Moving
from antin.numbering import queries as numbering
from antin.people import queries as people
from antin.refusal import Refusal, refuse
from antin.web import tones
from antin.web.administration import forms
from antin.web.asking import Offer, Question, ask, offer, sent
from antin.web.documents.history import Sentence, told_by
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.nodes.models import BookMove

MOST_RANGES = 12
SENTENCES: dict[str, Sentence] = {
    "bookmove.closed": Sentence(gettext_noop("Khóa sổ để chuyển sang nút %(node)s"), "lock", "flow"),
    "bookmove.told": Sentence(
        gettext_noop("Lập bản bàn giao: %(series)s dãy số, %(given)s số đã cấp, %(voided)s hủy, %(reserved)s đang giữ"),
        "file",
    ),
    "bookmove.confirmed": Sentence(gettext_noop("Nút %(node)s đã nhận sổ"), "check", "ok"),
    "bookmove.returned": Sentence(gettext_noop("Nút %(node)s trả lại sổ"), "undo", "late", "reason"),
    "bookmove.reopened": Sentence(gettext_noop("Mở lại sổ"), "check", "ok"),
    "bookmove.remembered": Sentence(
        gettext_noop("Nút %(node)s cho biết đã nhận sổ trước khi khôi phục máy chủ"), "lock"
    ),
    "bookmove.arrived": Sentence(
        gettext_noop("Bản bàn giao từ nút %(node)s đến: %(series)s dãy số, %(given)s số đã cấp, %(lines)s dòng sổ"),
        "inbox",
    ),
    "bookmove.taken": Sentence(gettext_noop("Nhận sổ: ghi %(made)s số vào các dãy số"), "check", "ok"),
    "bookmove.given_back": Sentence(gettext_noop("Trả lại sổ cho nút %(node)s"), "undo", "late", "reason"),
    "bookmove.waived": Sentence(
        gettext_noop("Mở sổ không có bản bàn giao của nút %(node)s"), "warning", "late", "reason"
    ),
}


def told_of(own: str) -> dict[str, Any]:
    """What the page of nodes says of books: which are awaited, which were left behind, which moved."""
    moves = queries.list_moves()
    here = {row.agency for row in moves if row.status == Moving.ARRIVED}
    gone = {row.agency for row in moves if not row.inward and row.status != Moving.REOPENED}
    names = queries.get_member(own).agencies
    return {
        "awaited": [
            {"agency": agency, "node": node, "name": names.get(agency, ""), "arrived": agency in here}
            for agency, node in move_books.list_awaited()
        ],
        "left_behind": [
            (agency, node, node.agencies[agency])
            for agency, node in queries.list_left_behind(own)
            if agency not in gone and people.find_agency_by_code(agency) is not None
        ],
        "moves": [(row, tones.of(Moving(row.status))) for row in moves[:50]],
    }


def _question(heading: str, button: str, back: str = "", **more: Any) -> Question:
    return Question(heading, button, back or reverse("nodes"), _("Nút khác"), **more)


@require_http_methods(["GET", "POST"])
def choose(request: SignedRequest) -> HttpResponse:
    """Choose the agency whose books are to go."""
    refuse(policy.why_not_run(request.actor))
    identity = queries.find_identity()
    left = {
        agency: node.agencies[agency] for agency, node in queries.list_left_behind(identity.code if identity else "")
    }
    own = queries.get_member(identity.code).agencies if identity else {}
    names = sorted((own | left).items(), key=lambda each: each[1])
    chosen = ""

    def do(answers: dict[str, Any]) -> HttpResponse:
        nonlocal chosen
        chosen = answers["agency"]
        return HttpResponseRedirect(reverse("node-books-close", args=[chosen]))

    question = _question(
        _("Chuyển sổ của cơ quan nào?"),
        _("Xem việc còn dở"),
        sign="book",
        explains=_("Chưa khóa gì: trước hết xem văn bản, số nào còn dở."),
    )
    return ask(request, question, forms.ChooseAgency(sent(request), agencies=names), do)


@require_http_methods(["GET", "POST"])
def close(request: SignedRequest, agency: str) -> HttpResponse:
    """Show what stands open in an agency, and close its books for a node."""
    ahead = move_books.look(agency=agency, actor=request.actor)
    own = queries.get_identity().code
    serving = queries.find_member_serving(agency)
    members = [row for row in queries.list_partners() if serving is None or serving.code in (own, row.code)]
    done = 0

    def do(answers: dict[str, Any]) -> str:
        nonlocal done
        move = move_books.close(agency=agency, to=answers["node"], actor=request.actor, at=timezone.now())
        done = move.pk
        return _("Đã khóa sổ của %(agency)s; bản bàn giao đang được lập và gửi.") % {"agency": move.agency_name}

    question = _question(
        _("Khóa sổ của %(name)s để chuyển sang nút khác?") % {"name": ahead.agency.name},
        _("Khóa sổ"),
        sign="lock",
        kind="danger",
        explains=_(
            "Từ lúc này nút này không cấp, giữ, chèn hay hủy số nào của cơ quan nữa. Chỉ mở lại được khi nút kia ký trả lại."
        ),
    )
    form = forms.ChooseNode(sent(request), nodes=[(row.code, f"{row.name} ({row.code})") for row in members])
    beside = {
        "left": ahead,
        "reserved": [(f"{row.value}{row.suffix}", row) for row in ahead.reserved],
    }
    then = lambda: reverse("node-books", args=[done])  # noqa: E731
    return ask(request, question, form, do, above="administration/_books_ahead.html", beside=beside, then=then)


@require_safe
def page(request: SignedRequest, move_id: int) -> HttpResponse:
    """One move of books: what was told of every series, what stands against taking it in, what was done."""
    move, found = move_books.open_move(move_id=move_id, actor=request.actor)
    no = (policy.why_not_take_move(move) or move_books.why_not_take(move, found)) if found and move.inward else None
    told = {
        "move": move,
        "state": tones.of(Moving(move.status)),
        "totals": move.totals,
        "series": _series(found) if found else [],
        "registers": move.registers,
        "against": no if move.status == Moving.ARRIVED else None,
        "offers": _offers(move, no),
        "history": [told_by(SENTENCES, row) for row in journal.list_for(("bookmove", move.pk), limit=50)],
        "remaining": _remaining(move),
        "today": local_date(timezone.now()),
    }
    return render(request, "administration/node_books.html", told)


def _remaining(move: BookMove) -> int:
    unit = people.find_agency_by_code(move.agency) if move.inward and move.status == Moving.TAKEN else None
    return numbering.count_moved(unit.pk) if unit else 0


def _offers(move: BookMove, no: Refusal | None) -> list[Offer]:
    at = [move.pk]
    found = []
    if move.status in MOVES["take"][0]:
        found.append(
            offer(no, "take", _("Nhận sổ"), reverse("node-books-take", args=at), sign="check", kind="main", dialog=True)
        )
    if move.inward and move.status in MOVES["give_back"][0]:
        found.append(
            offer(None, "return", _("Trả lại"), reverse("node-books-return", args=at), sign="undo", dialog=True)
        )
    if move.status in MOVES["reopen"][0]:
        found.append(
            offer(
                None,
                "reopen",
                _("Mở lại sổ"),
                reverse("node-books-reopen", args=at),
                sign="check",
                kind="main",
                dialog=True,
            )
        )
    return found


def _series(found: Books) -> list[dict[str, Any]]:
    layouts = {layout.group: layout.name for layout, _body in found.layouts}
    rows = []
    for each in found.series:
        told = each.told
        name = layouts.get(told.group) or each.form or (series_name(told.group) if told.group else _("Văn bản đến"))
        given = [str(first) if first == last else f"{first}–{last}" for first, last in told.given]
        rows.append(
            {
                "name": ", ".join(filter(None, (name, each.body, _("mật") if told.secrecy_class else ""))),
                "year": told.year,
                "told": told,
                "given": ", ".join(given[:MOST_RANGES]) + (" …" if len(given) > MOST_RANGES else ""),
                "count": told.count_given + len(told.inserted),
                "voided": [(f"{void.value}{void.suffix}", void.reason) for void in told.voided[:MOST_RANGES]],
                "reserved": [f"{kept.value}{kept.suffix}" for kept in told.reserved],
                "inserted": [f"{value}{suffix}" for value, suffix in told.inserted],
                "lines": each.lines,
            }
        )
    return rows


def _act(request: SignedRequest, question: Question, form: Any, do: Any, move_id: int) -> HttpResponse:
    return ask(request, question, form, do, then=lambda: reverse("node-books", args=[move_id]))


@require_http_methods(["GET", "POST"])
def take(request: SignedRequest, move_id: int) -> HttpResponse:
    """Take books in."""
    move, _found = move_books.open_move(move_id=move_id, actor=request.actor)
    refuse(policy.why_not_take_move(move))

    def do(_answers: dict[str, Any]) -> str:
        move_books.take(move_id=move_id, actor=request.actor, at=timezone.now())
        return _("Đã nhận sổ của %(agency)s; số tiếp theo cấp ở nút này.") % {"agency": move.agency_name}

    question = _question(
        _("Nhận sổ của %(agency)s?") % {"agency": move.agency_name},
        _("Nhận sổ"),
        reverse("node-books", args=[move_id]),
        sign="check",
        explains=_("Các số đã cấp ở nút cũ được ghi vào từng dãy; nút này cấp tiếp sau số cuối và báo lại nút cũ."),
    )
    return _act(request, question, forms.Nothing(sent(request)), do, move_id)


@require_http_methods(["GET", "POST"])
def give_back(request: SignedRequest, move_id: int) -> HttpResponse:
    """Give books back to the node they came from."""
    refuse(policy.why_not_run(request.actor))
    move = queries.get_move(move_id)

    def do(answers: dict[str, Any]) -> str:
        move_books.give_back(move_id=move_id, reason=answers["reason"], actor=request.actor, at=timezone.now())
        return _("Đã trả lại sổ của %(agency)s; nút cũ mở lại được.") % {"agency": move.agency_name}

    question = _question(
        _("Trả lại sổ cho nút %(node)s?") % {"node": move.member.name},
        _("Trả lại"),
        reverse("node-books", args=[move_id]),
        sign="undo",
        kind="danger",
        explains=_("Chỉ được khi ở đây chưa cấp số nào. Nút này ký báo để nút cũ mở lại sổ."),
    )
    return _act(request, question, forms.DropParcel(sent(request)), do, move_id)


@require_http_methods(["GET", "POST"])
def reopen(request: SignedRequest, move_id: int) -> HttpResponse:
    """Open books again that were given back."""
    refuse(policy.why_not_run(request.actor))
    move = queries.get_move(move_id)

    def do(_answers: dict[str, Any]) -> str:
        move_books.reopen(move_id=move_id, actor=request.actor, at=timezone.now())
        return _("Đã mở lại sổ của %(agency)s ở nút này.") % {"agency": move.agency_name}

    question = _question(
        _("Mở lại sổ của %(agency)s?") % {"agency": move.agency_name},
        _("Mở lại sổ"),
        reverse("node-books", args=[move_id]),
        sign="check",
        explains=move.reason,
    )
    return _act(request, question, forms.Nothing(sent(request)), do, move_id)


@require_http_methods(["GET", "POST"])
def open_without(request: SignedRequest, agency: str) -> HttpResponse:
    """Open books that are awaited from a node that is gone for good."""
    refuse(policy.why_not_run(request.actor))
    done = 0

    def do(answers: dict[str, Any]) -> str:
        nonlocal done
        move = move_books.open_without(agency=agency, reason=answers["reason"], actor=request.actor, at=timezone.now())
        done = move.pk
        return _("Đã mở sổ của %(agency)s không có bản bàn giao.") % {"agency": move.agency_name}

    question = _question(
        _("Mở sổ của %(agency)s không có bản bàn giao?") % {"agency": agency},
        _("Mở sổ"),
        sign="warning",
        kind="danger",
        explains=_(
            "Chỉ khi nút cũ mất hẳn. Nhập sổ cũ rồi mới cấp số, nếu không dãy số bắt đầu lại từ 1 và hai văn bản trùng số."
        ),
    )
    then = lambda: reverse("node-books", args=[done])  # noqa: E731
    return ask(request, question, forms.DropParcel(sent(request)), do, then=then)
