"""How the outgoing books of an agency are laid out: which types share a series, and when it begins anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from antin.documents.types import TYPES
from antin.numbering import operations as numbering
from antin.numbering import queries as books
from antin.people import queries
from antin.refusal import NotFound
from antin.web.administration import forms
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.people.models import Unit


def _agency(request: SignedRequest, unit_id: int) -> Unit:
    """:raises NotFound: not of his house, or no agency"""
    unit = queries.get_unit_for(request.actor, unit_id)
    if not unit.is_agency:
        raise NotFound(unit=unit_id)
    return unit


def _question(unit: Unit, heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, f"{reverse('unit', args=[unit.pk])}#series", unit.name, **more)


@require_http_methods(["GET", "POST"])
def set_book(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Let some types share a series from a year on."""
    unit = _agency(request, unit_id)
    at = timezone.now()
    today = local_date(at)

    def do(answers: dict[str, Any]) -> str:
        book = numbering.set_book(agency_id=unit.pk, **answers, actor=request.actor, today=today, at=at)
        return _("Đã lập %(book)s từ năm %(year)s.") % {"book": book.name, "year": book.from_year}

    question = _question(
        unit,
        _("Lập sổ văn bản đi của %(unit)s") % {"unit": unit.name},
        _("Lập sổ"),
        sign="book",
        explains=_(
            "Các loại văn bản được chọn dùng chung một dãy số. Loại nào đã cấp số trong năm thì chỉ đổi được từ năm sau, để không "
            "trùng số."
        ),
    )
    return ask(request, question, forms.SetBook(sent(request), year=today.year), do)


@require_http_methods(["GET", "POST"])
def close_book(request: SignedRequest, unit_id: int, book_id: int) -> HttpResponse:
    """Let a book end; its types number as before."""
    unit = _agency(request, unit_id)
    book = books.get_book([unit.pk], book_id)
    at = timezone.now()
    today = local_date(at)

    def do(answers: dict[str, Any]) -> str:
        numbering.close_book(book_id=book_id, **answers, actor=request.actor, today=today, at=at)
        return _("%(book)s khóa từ năm %(year)s.") % {"book": book.name, "year": answers["from_year"]}

    question = _question(
        unit,
        _("Khóa %(book)s?") % {"book": book.name},
        _("Khóa sổ"),
        sign="x",
        kind="danger",
        explains=_("Từ năm đó mỗi loại trong sổ (%(types)s) đánh số như trước khi lập sổ này.")
        % {"types": ", ".join(TYPES[code].name for code in book.type_codes if code in TYPES)},
    )
    return ask(request, question, forms.CloseBook(sent(request), year=today.year), do)
