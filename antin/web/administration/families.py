"""Which families of documents an agency issues besides the administrative one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from antin.documents import operations
from antin.documents import queries as documents
from antin.documents.types import Family
from antin.people import queries
from antin.refusal import NotFound
from antin.web.administration import forms
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.people.models import Unit


def _question(unit: Unit, heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, f"{reverse('unit', args=[unit.pk])}#mandates", unit.name, **more)


@require_http_methods(["GET", "POST"])
def give(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Let the agency issue documents of a family, by a writing."""
    unit = queries.get_agency_for(request.actor, unit_id)
    at = timezone.now()

    def do(answers: dict[str, Any]) -> str:
        row = operations.give_mandate(agency_id=unit.pk, **answers, actor=request.actor, at=at)
        return _("%(unit)s ban hành %(family)s.") % {"unit": unit.name, "family": Family(row.family).label.lower()}

    question = _question(
        unit,
        _("Ghi thẩm quyền ban hành của %(unit)s") % {"unit": unit.name},
        _("Ghi thẩm quyền"),
        sign="book",
        explains=_("Văn bản hành chính cơ quan nào cũng ban hành. Họ văn bản khác cần căn cứ."),
    )
    return ask(request, question, forms.GiveMandate(sent(request), today=local_date(at)), do)


@require_http_methods(["GET", "POST"])
def end(request: SignedRequest, unit_id: int, mandate_id: int) -> HttpResponse:
    """Let it issue none any more from a day on."""
    unit = queries.get_agency_for(request.actor, unit_id)
    row = next((each for each in documents.list_mandates(unit.pk) if each.pk == mandate_id and not each.until), None)
    if row is None:
        raise NotFound()
    at = timezone.now()

    def do(answers: dict[str, Any]) -> str:
        operations.end_mandate(mandate_id=mandate_id, **answers, actor=request.actor, at=at)
        return _("Đã ghi ngày thôi ban hành.")

    question = _question(
        unit,
        _("%(unit)s thôi ban hành %(family)s?") % {"unit": unit.name, "family": Family(row.family).label.lower()},
        _("Thôi ban hành"),
        sign="x",
        kind="danger",
        explains=_("Dự thảo đang soạn vẫn đi tiếp; dự thảo mới không lập được."),
    )
    return ask(request, question, forms.EndMandate(sent(request), today=local_date(at)), do)
