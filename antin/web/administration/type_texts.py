"""What new drafts begin with, type by type: written, looked at as a page, let be used from a day on, taken back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from antin.documents import operations, queries, type_texts
from antin.documents.types import DRAFTED, SPECIALISED, DocumentType, Family
from antin.journeys import fix_page
from antin.people import queries as people
from antin.refusal import NotFound, Refusal
from antin.typeset import body as bodies
from antin.typeset.beginnings import beginning
from antin.web import asking
from antin.web.addressees import outside, outside_value, read
from antin.web.administration import forms
from antin.web.asking import Question, sent
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import TypeText
    from antin.people.models import Unit


def _place(request: SignedRequest, unit_id: int, type_code: str) -> tuple[Unit, DocumentType]:
    if type_code not in DRAFTED or type_code in SPECIALISED:
        raise NotFound()
    request.place = reverse("units")
    return people.get_agency_for(request.actor, unit_id), DRAFTED[type_code]


@require_safe
def listing(request: SignedRequest, unit_id: int) -> HttpResponse:
    """The types an agency drafts, and what each begins with today."""
    unit = people.get_agency_for(request.actor, unit_id)
    request.place = reverse("units")
    today = local_date(timezone.now())
    used = queries.find_type_texts(unit.pk, today)
    groups = [
        (
            str(family.label),
            [(kind, used.get(kind.code)) for kind in DRAFTED.values() if kind.family == family],
        )
        for family in (Family.ADMINISTRATIVE, Family.NORMATIVE, Family.PARTY)
    ]
    return render(request, "administration/type_texts.html", {"unit": unit, "groups": groups})


@require_safe
def page(request: SignedRequest, unit_id: int, type_code: str) -> HttpResponse:
    """One type: every version of what it begins with, and which holds today."""
    unit, kind = _place(request, unit_id, type_code)
    today = local_date(timezone.now())
    versions = queries.list_type_texts(unit.pk, type_code)
    told = {
        "unit": unit,
        "kind": kind,
        "used": queries.find_type_texts(unit.pk, today).get(type_code),
        "open": next((each for each in versions if each.published_at is None), None),
        "versions": [
            {
                "row": each,
                "recipients": [name for names in queries.names_begun_with(each) for name in names],
                "coming": each.from_date is not None and each.from_date > today,
            }
            for each in versions
        ],
    }
    return render(request, "administration/type_text.html", told)


def _branches(unit: Unit, chosen: Iterable[str]) -> list[Branch]:
    """The agencies as a tree, the unit's own not to be chosen; then those outside the node."""
    rows = people.list_tree(on=local_date(timezone.now()), agencies_only=True)
    shown = {row.id for row in rows}
    here = [
        Branch(
            str(row.id),
            row.name,
            parent=str(row.parent_id) if row.parent_id in shown else "",
            code=row.code,
            closed=row.id == unit.pk,
        )
        for row in rows
    ]
    return [*here, *outside(chosen)]


@require_http_methods(["GET", "POST"])
def write(request: SignedRequest, unit_id: int, type_code: str) -> HttpResponse:
    """Write it; no draft begins with it before it is let be used."""
    unit, kind = _place(request, unit_id, type_code)
    latest = next(iter(queries.list_type_texts(unit.pk, type_code)), None)
    status, no = 200, None
    initial = _initial(latest) if latest else {}
    posted = (each for name in ("addressed", "copied") for each in request.POST.getlist(name))
    branches = _branches(unit, [*posted, *initial.get("addressed", ()), *initial.get("copied", ())])
    form = forms.WriteTypeText(sent(request), initial=initial, branches=branches, addressed=kind.addressed)
    body = json.dumps(_template(latest, kind, unit), ensure_ascii=False)
    if request.method == "POST":
        body = request.POST.get("body", "")
        try:
            if form.is_valid():
                operations.write_type_text(
                    agency_id=unit.pk,
                    type_code=type_code,
                    template=None if form.cleaned_data["as_decree"] else bodies.read(body),
                    addressed=map(read, form.cleaned_data.get("addressed", ())),
                    copied=map(read, form.cleaned_data["copied"]),
                    actor=request.actor,
                    at=timezone.now(),
                )
                return redirect("type-text", unit.pk, type_code)
            status = 422
        except Refusal as refused:
            no, status = refused.message, status_of(refused)
    is_json = body.lstrip().startswith("{")
    told = {
        "unit": unit,
        "kind": kind,
        "form": form,
        "no": no,
        "body": body if is_json else "",
        "text": _text(body) if is_json else body,
        "fields": [each.label for each in type_texts.FIELDS],
    }
    return render(request, "administration/type_text_write.html", told, status=status)


def _initial(latest: TypeText) -> dict[str, list[str]]:
    return {
        "addressed": [*map(str, latest.addressed), *map(outside_value, latest.addressed_outside)],
        "copied": [*map(str, latest.copied), *map(outside_value, latest.copied_outside)],
    }


def _template(latest: TypeText | None, kind: DocumentType, unit: Unit) -> dict[str, Any]:
    """What is gone on from: the latest version, or the Decree's own words."""
    if latest is not None and latest.template is not None:
        return dict(latest.template)
    return type_texts.with_braces(beginning(kind.form, issuer_name=unit.name), unit.name)


def _text(body: str) -> str:
    try:
        return bodies.plain_text(bodies.read(body))
    except Refusal:
        return body


@require_safe
def preview(request: SignedRequest, unit_id: int, type_code: str, number: int) -> HttpResponse:
    """A version as a page, each fact saying its own name."""
    unit, _kind = _place(request, unit_id, type_code)
    text = next((each for each in queries.list_type_texts(unit.pk, type_code) if each.number == number), None)
    if text is None:
        raise NotFound()
    pdf = fix_page.preview_type_text(text, timezone.now())
    return HttpResponse(pdf, content_type="application/pdf", headers={"Cache-Control": "no-store"})


@require_http_methods(["GET", "POST"])
def publish(request: SignedRequest, unit_id: int, type_code: str) -> HttpResponse:
    """Let new drafts begin with what was written."""
    unit, kind = _place(request, unit_id, type_code)
    today = local_date(timezone.now())

    def do(answers: dict[str, Any]) -> str:
        text = operations.publish_type_text(
            agency_id=unit.pk, type_code=type_code, **answers, actor=request.actor, at=timezone.now()
        )
        return _("Dự thảo %(type)s bắt đầu bằng bản %(n)s từ ngày %(day)s.") % {
            "type": kind.name.lower(),
            "n": text.number,
            "day": f"{text.from_date:%d/%m/%Y}",
        }

    question = Question(
        _("Cho dùng mẫu mở đầu mới của %(type)s?") % {"type": kind.name.lower()},
        _("Cho dùng"),
        reverse("type-text", args=[unit.pk, type_code]),
        kind.name,
        explains=_("Bản đã cho dùng không sửa được nữa; dự thảo đang soạn không đổi."),
    )
    return asking.ask(request, question, forms.CodeChange(sent(request), today=today), do)


@require_http_methods(["GET", "POST"])
def undo(request: SignedRequest, text_id: int) -> HttpResponse:
    """Take a version back."""
    text = queries.get_type_text(text_id)
    unit, kind = _place(request, text.agency_id, text.type_code)

    def do(_answers: dict[str, Any]) -> str:
        operations.take_back_type_text(text_id=text_id, actor=request.actor, at=timezone.now())
        return _("Đã rút lại bản %(n)s.") % {"n": text.number}

    question = Question(
        _("Rút lại bản %(n)s của mẫu mở đầu %(type)s?") % {"n": text.number, "type": kind.name.lower()},
        _("Rút lại"),
        reverse("type-text", args=[unit.pk, text.type_code]),
        kind.name,
        sign="undo",
        kind="danger",
        explains=_("Bản dùng trước đó có hiệu lực trở lại; dự thảo đã bắt đầu không đổi."),
    )
    return asking.ask(request, question, forms.Nothing(sent(request)), do)
