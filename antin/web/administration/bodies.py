"""Bodies that issue in their own name through an agency's registry: Party organs, councils, boards and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from antin.documents.types import series_name, series_types
from antin.numbering import operations as numbering
from antin.numbering import queries as books
from antin.people import operations, queries
from antin.people.states import BodyKind
from antin.refusal import NotFound
from antin.web.administration import forms
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.people.models import Body


@require_safe
def page(request: SignedRequest, body_id: int) -> HttpResponse:
    """What the body is, who is in it, how each signs, and its books."""
    body = queries.get_body_for(request.actor, body_id)
    request.place = reverse("units")
    today = local_date(timezone.now())
    types = series_types(body.kind == BodyKind.PARTY)
    names = {row.id: row.person_name for row in queries.list_posts(body.agency_id, today)}
    told = {
        "body": body,
        "kind": body.get_kind_display(),
        "members": [(each, names.get(each.post_id, "")) for each in queries.list_members(body_id)],
        "rights": queries.list_body_rights(body_id=body_id, on=today),
        "books": [
            {
                "row": each,
                "types": ", ".join(series_name(code) for code in each.type_codes if code in types),
                "close": reverse("book-close", args=[body.agency_id, each.pk]) if each.until_year is None else "",
            }
            for each in books.list_books(body.agency_id)
            if each.body_id == body_id and (each.until_year is None or each.until_year >= today.year)
        ],
        "series": [
            (each.name or series_name(each.type_group), each.last)
            for each in books.list_kept(agency_id=body.agency_id, year=today.year)
            if each.body_id == body_id
        ],
        "today": today,
    }
    return render(request, "administration/body.html", told)


def _question(body: Body, heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, reverse("body", args=[body.pk]), body.name, **more)


@require_http_methods(["GET", "POST"])
def found(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Let a body issue in its own name."""
    unit = queries.get_agency_for(request.actor, unit_id)
    at = timezone.now()
    today = local_date(at)
    made: list[int] = []

    def do(answers: dict[str, Any]) -> str:
        body = operations.found_body(agency_id=unit.pk, **answers, actor=request.actor, at=at)
        made.append(body.pk)
        return _("Đã lập %(body)s.") % {"body": body.name}

    question = Question(
        _("Lập tổ chức ban hành văn bản nhân danh mình"),
        _("Lập"),
        f"{reverse('unit', args=[unit.pk])}#bodies",
        unit.name,
        sign="plus",
        explains=_(
            "Tổ chức đảng, hội đồng, ban, tổ phát hành qua văn thư và dưới con dấu của %(unit)s, với tên, ký hiệu, số, sổ riêng."
        )
        % {"unit": unit.name},
    )
    units = [Branch(str(each.pk), each.name) for each in queries.list_departments(unit.pk, today)]
    form = forms.FoundBody(sent(request), units=units, today=today)
    return ask(request, question, form, do, then=lambda: reverse("body", args=[made[0]]))


@require_http_methods(["GET", "POST"])
def seat(request: SignedRequest, body_id: int) -> HttpResponse:
    """Put a post into the body."""
    body = queries.get_body_for(request.actor, body_id)
    at = timezone.now()
    today = local_date(at)

    def do(answers: dict[str, Any]) -> str:
        member = operations.seat_in_body(body_id=body_id, **answers, actor=request.actor, at=at)
        return _("Đã ghi %(title)s.") % {"title": member.title}

    posts = [
        Branch(str(row.id), f"{row.title} {row.person_name}".strip(), note=row.unit_name)
        for row in queries.list_posts(body.agency_id, today)
    ]
    question = _question(
        body, _("Thêm thành viên của %(body)s") % {"body": body.name}, _("Thêm thành viên"), sign="plus"
    )
    return ask(request, question, forms.SeatInBody(sent(request), posts=posts, today=today), do)


@require_http_methods(["GET", "POST"])
def unseat(request: SignedRequest, body_id: int, member_id: int) -> HttpResponse:
    """End a membership."""
    body = queries.get_body_for(request.actor, body_id)
    member = next((each for each in queries.list_members(body_id) if each.pk == member_id and not each.until), None)
    if member is None:
        raise NotFound()

    def do(answers: dict[str, Any]) -> str:
        operations.unseat_from_body(member_id=member_id, **answers, actor=request.actor, at=timezone.now())
        return _("%(title)s đã thôi.") % {"title": member.title}

    question = _question(
        body, _("%(title)s thôi tham gia?") % {"title": member.title}, _("Thôi tham gia"), sign="x", kind="danger"
    )
    return ask(request, question, forms.Basis(sent(request)), do)


@require_http_methods(["GET", "POST"])
def set_book(request: SignedRequest, body_id: int) -> HttpResponse:
    """Let some types of the body share a series, by year or by term."""
    body = queries.get_body_for(request.actor, body_id)
    at = timezone.now()
    today = local_date(at)

    def do(answers: dict[str, Any]) -> str:
        book = numbering.set_book(
            agency_id=body.agency_id, body_id=body_id, **answers, actor=request.actor, today=today, at=at
        )
        return _("Đã lập %(book)s từ năm %(year)s.") % {"book": book.name, "year": book.from_year}

    types = {code: series_name(code) for code in series_types(body.kind == BodyKind.PARTY)}
    question = _question(
        body,
        _("Lập sổ văn bản của %(body)s") % {"body": body.name},
        _("Lập sổ"),
        sign="book",
        explains=_(
            "Chọn một loại nếu mỗi loại một sổ; đánh số liên tục nếu số chạy theo nhiệm kỳ, hết nhiệm kỳ thì khóa sổ."
        ),
    )
    return ask(request, question, forms.SetBook(sent(request), year=today.year, types=types), do)


@require_http_methods(["GET", "POST"])
def close(request: SignedRequest, body_id: int) -> HttpResponse:
    """Let the body end today."""
    body = queries.get_body_for(request.actor, body_id)
    if body.closed_on is not None:
        raise NotFound()

    def do(answers: dict[str, Any]) -> str:
        operations.close_body(body_id=body_id, **answers, actor=request.actor, at=timezone.now())
        return _("%(body)s đã thôi hoạt động.") % {"body": body.name}

    question = _question(
        body,
        _("%(body)s thôi hoạt động?") % {"body": body.name},
        _("Thôi hoạt động"),
        sign="x",
        kind="danger",
        explains=_("Từ hôm nay không ai ký nhân danh tổ chức này; văn bản đã phát hành, số và sổ giữ nguyên."),
    )
    return ask(request, question, forms.Basis(sent(request)), do)
