"""Specialised forms of an agency: made, written, looked at as a page, published, closed; no programming."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import forms as django_forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from antin.documents import operations, queries
from antin.documents.forms import Kind, Pattern
from antin.journeys import fix_page
from antin.people import queries as people
from antin.refusal import NotFound, Refusal
from antin.typeset import body as bodies
from antin.web import asking
from antin.web.asking import Question, sent
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest

if TYPE_CHECKING:
    from antin.documents.models import FormVersion, PaperForm

SPARE = 4
"""So many empty lines stand under the fields there are."""


class MakeForm(django_forms.Form):
    name = django_forms.CharField(
        label=gettext_lazy("Tên mẫu"), max_length=200, help_text=gettext_lazy("In ở chỗ tên loại văn bản")
    )
    pattern = django_forms.ChoiceField(label=gettext_lazy("Số, ký hiệu"), choices=Pattern.choices)
    mark = django_forms.CharField(
        label=gettext_lazy("Ký hiệu"), max_length=20, required=False, help_text=gettext_lazy("Viết tắt tên mẫu, nếu có")
    )


class FieldForm(django_forms.Form):
    label = django_forms.CharField(label=gettext_lazy("Tên trường"), max_length=100, required=False)
    kind = django_forms.ChoiceField(label=gettext_lazy("Loại"), choices=Kind.choices)
    options = django_forms.CharField(label=gettext_lazy("Lựa chọn, cột"), required=False)
    help = django_forms.CharField(label=gettext_lazy("Chỉ dẫn"), max_length=300, required=False)
    required = django_forms.BooleanField(label=gettext_lazy("Bắt buộc"), required=False)

    def told(self) -> dict[str, Any]:
        """The field as the room takes it."""
        given = self.cleaned_data
        return {**given, "options": [each.strip() for each in given["options"].split(";")]}


Fields = django_forms.formset_factory(FieldForm, extra=SPARE, max_num=60, absolute_max=70)


def _form(request: SignedRequest, form_id: int) -> PaperForm:
    """:raises NotFound: none, or not of the administrator's house"""
    form = queries.get_form(form_id)
    people.get_unit_for(request.actor, form.agency_id)
    request.place = reverse("units")
    return form


@require_safe
def listing(request: SignedRequest, unit_id: int) -> HttpResponse:
    """The forms of an agency."""
    unit = people.get_agency_for(request.actor, unit_id)
    request.place = reverse("units")
    found = [(each, queries.find_published(each)) for each in queries.list_forms(unit.pk)]
    return render(request, "administration/paper_forms.html", {"unit": unit, "forms": found})


@require_http_methods(["GET", "POST"])
def make(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Begin a form."""
    unit = people.get_agency_for(request.actor, unit_id)
    made: list[int] = []

    def do(answers: dict[str, Any]) -> str:
        made.append(operations.make_form(agency_id=unit.pk, **answers, actor=request.actor, at=timezone.now()).pk)
        return _("Đã lập mẫu. Ghi các trường và nội dung của mẫu.")

    question = Question(
        _("Lập mẫu văn bản chuyên ngành"), _("Lập mẫu"), reverse("paper-forms", args=[unit.pk]), unit.name, sign="plus"
    )
    return asking.ask(
        request, question, MakeForm(sent(request)), do, then=lambda: reverse("paper-form-write", args=[made[0]])
    )


@require_safe
def page(request: SignedRequest, form_id: int) -> HttpResponse:
    """One form and its versions."""
    form = _form(request, form_id)
    versions = queries.list_form_versions(form_id)
    told = {
        "form": form,
        "pattern": form.get_pattern_display() if hasattr(form, "get_pattern_display") else Pattern(form.pattern).label,
        "versions": versions,
        "open": next((each for each in versions if each.published_at is None), None),
        "shown": [{**each, "kind": Kind(each["kind"]).label} for each in versions[0].fields] if versions else [],
    }
    return render(request, "administration/paper_form.html", told)


@require_http_methods(["GET", "POST"])
def write(request: SignedRequest, form_id: int) -> HttpResponse:
    """Write fields and template; nothing is filled in by it before it is published."""
    form = _form(request, form_id)
    latest = next(iter(queries.list_form_versions(form_id)), None)
    status, no = 200, None
    initial = [{**each, "options": "; ".join(each["options"])} for each in latest.fields] if latest else []
    body = json.dumps(latest.template, ensure_ascii=False) if latest else ""
    addressed = latest.addressed if latest else False
    fields = Fields(sent(request), initial=initial, prefix="f")
    if request.method == "POST":
        body, addressed = request.POST.get("body", ""), "addressed" in request.POST
        try:
            if not fields.is_valid():
                raise operations.forms.FormNeedsName()
            told = [each.told() for each in fields if each.cleaned_data.get("label")]
            operations.write_form(
                form_id=form_id,
                fields=told,
                template=bodies.read(body),
                addressed=addressed,
                actor=request.actor,
                at=timezone.now(),
            )
        except Refusal as refused:
            no, status = refused.message, status_of(refused)
        else:
            return redirect("paper-form", form_id)
    is_json = body.lstrip().startswith("{")
    told_page = {
        "form": form,
        "fields": fields,
        "no": no,
        "body": body if is_json else "",
        "text": _text(body) if is_json else body,
        "addressed": addressed,
    }
    return render(request, "administration/paper_form_write.html", told_page, status=status)


def _text(body: str) -> str:
    try:
        return bodies.plain_text(bodies.read(body))
    except Refusal:
        return body


def _version(form_id: int, number: int) -> FormVersion:
    found = next((each for each in queries.list_form_versions(form_id) if each.number == number), None)
    if found is None:
        raise NotFound()
    return found


@require_safe
def preview(request: SignedRequest, form_id: int, number: int) -> HttpResponse:
    """A version as it would be printed, each field saying its own name."""
    _form(request, form_id)
    pdf = fix_page.preview_form(_version(form_id, number), timezone.now())
    return HttpResponse(pdf, content_type="application/pdf", headers={"Cache-Control": "no-store"})


@require_http_methods(["GET", "POST"])
def publish(request: SignedRequest, form_id: int) -> HttpResponse:
    """Let the written version be filled in."""
    form = _form(request, form_id)

    def do(_answers: dict[str, Any]) -> str:
        version = operations.publish_form(form_id=form_id, actor=request.actor, at=timezone.now())
        return _("Bản %(n)s của mẫu được dùng từ bây giờ.") % {"n": version.number}

    question = Question(
        _("Cho dùng bản mới của %(form)s?") % {"form": form.name},
        _("Cho dùng"),
        reverse("paper-form", args=[form_id]),
        form.name,
        explains=_("Bản đã cho dùng không sửa được nữa; dự thảo đang soạn giữ bản cũ."),
    )
    return asking.ask(request, question, django_forms.Form(sent(request)), do)


@require_http_methods(["GET", "POST"])
def close(request: SignedRequest, form_id: int) -> HttpResponse:
    """Let nobody fill it in any more."""
    form = _form(request, form_id)

    def do(_answers: dict[str, Any]) -> str:
        operations.close_form(form_id=form_id, actor=request.actor, at=timezone.now())
        return _("Mẫu %(form)s đã thôi dùng.") % {"form": form.name}

    question = Question(
        _("Thôi dùng mẫu %(form)s?") % {"form": form.name},
        _("Thôi dùng"),
        reverse("paper-form", args=[form_id]),
        form.name,
        sign="x",
        kind="danger",
        explains=_("Dự thảo đang soạn vẫn đi tiếp; văn bản đã phát hành, số và sổ giữ nguyên."),
    )
    return asking.ask(request, question, django_forms.Form(sent(request)), do)
