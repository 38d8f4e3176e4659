"""The drafting file of a legal normative document: its drafts, its consultation, its appraisal, and what was made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from antin.documents import operations, policy, queries
from antin.documents.operations import FileFacts
from antin.documents.operations.sharing import box_of
from antin.documents.types import Family, family_of
from antin.journeys import ask_opinions
from antin.opinions import queries as opinions
from antin.refusal import Refusal, refuse
from antin.web import asking
from antin.web.asking import Question
from antin.web.days import DayField
from antin.web.documents.rows import BOXES
from antin.web.session.middleware import SignedRequest

if TYPE_CHECKING:
    from antin.documents.models import Document

NAMES = ("unconsulted", "appraiser", "appraisal_code", "appraised_on", "appraisal", "explanation")


def _long(label: Any, hint: Any = "", *, most: int = 8000, rows: int = 4) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=most, widget=area, help_text=hint)


class FileForm(forms.Form):
    appraiser = forms.CharField(label=gettext_lazy("Cơ quan thẩm định"), required=False, max_length=300)
    appraisal_code = forms.CharField(label=gettext_lazy("Số báo cáo thẩm định"), required=False, max_length=80)
    appraised_on = DayField(label=gettext_lazy("Ngày báo cáo"), required=False)
    appraisal = _long(gettext_lazy("Ý kiến thẩm định"))
    explanation = _long(
        gettext_lazy("Tiếp thu, giải trình"), gettext_lazy("Với ý kiến thẩm định và những vấn đề còn ý kiến khác nhau")
    )
    unconsulted = _long(
        gettext_lazy("Không lấy ý kiến, vì"),
        gettext_lazy("Chỉ ghi khi soạn theo trình tự rút gọn: căn cứ, lý do. Để trống khi có lấy ý kiến."),
        most=2000,
        rows=2,
    )


@require_GET
def show(request: SignedRequest, document_id: int) -> HttpResponse:
    """The whole file on one page."""
    document = queries.get_for(request.actor, document_id)
    if family_of(document.type_code) != Family.NORMATIVE or document.direction != "out":
        raise policy.NotNormative()
    request.place = BOXES[box_of(document)].href()
    rounds = opinions.list_rounds(document_id)
    told = {
        "document": document,
        "kept": queries.find_drafting_file(document_id),
        "keeps": asking.offer(
            policy.why_not_keep_drafting_file(request.actor, document, queries.making_of(document)),
            "keep",
            _("Ghi hồ sơ"),
            reverse("drafting-file-keep", args=[document_id]),
            sign="draft",
            kind="main",
        ),
        "versions": queries.list_versions(document_id),
        "rounds": rounds.rows,
        "taken_in": sum(each.settlement == "taken_in" for each in rounds.opinions),
        "in_part": sum(each.settlement == "in_part" for each in rounds.opinions),
        "explained": sum(each.settlement == "explained" for each in rounds.opinions),
        "no": _why_not(document),
    }
    return render(request, "drafting/drafting_file.html", told)


def _why_not(document: Document) -> str:
    try:
        ask_opinions.why_not_consulted(document)
    except Refusal as no:
        return no.message
    return ""


@require_http_methods(["GET", "POST"])
def keep(request: SignedRequest, document_id: int) -> HttpResponse:
    """Write the appraisal, the explanation, or why nobody is consulted."""
    document = queries.get_for(request.actor, document_id)
    refuse(policy.why_not_keep_drafting_file(request.actor, document, queries.making_of(document)))
    kept = queries.find_drafting_file(document_id)
    initial = {name: getattr(kept, name) for name in NAMES} if kept else {}

    def do(answers: dict[str, Any]) -> str:
        facts = FileFacts(**{name: answers[name] for name in NAMES})
        operations.keep_drafting_file(document_id=document_id, facts=facts, actor=request.actor, at=timezone.now())
        return _("Đã ghi hồ sơ soạn thảo.")

    back = reverse("drafting-file", args=[document_id])
    question = Question(_("Hồ sơ soạn thảo"), _("Ghi"), back, document.subject, sign="draft")
    return asking.ask(request, question, FileForm(asking.sent(request), initial=initial), do)
