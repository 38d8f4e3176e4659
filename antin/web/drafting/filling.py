"""Filling in a specialised form: which there are, one filled in, and filled in anew while it is a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from antin.documents import forms, operations, policy, queries
from antin.documents.forms import Field, Kind
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, refuse
from antin.web import asking
from antin.web.asking import Question
from antin.web.days import DayInput
from antin.web.drafting.page import address_of, fresh_key
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date


class FillForm(django_forms.Form):
    """The fields of one version of a form, by their places: what is right to fill in is the room's to say."""

    def __init__(
        self, data: Any, *, fields: Sequence[Field], actor: Actor, on: date, initial: Mapping[str, Any], subject: bool
    ) -> None:
        super().__init__(data, initial=dict(initial))
        if subject:
            self.fields["key"] = django_forms.RegexField(r"^[\w-]{16,64}$", widget=django_forms.HiddenInput)
            self.fields["subject"] = django_forms.CharField(
                label=_("Trích yếu"), max_length=500, widget=django_forms.Textarea(attrs={"rows": 2})
            )
        else:
            self.fields["revision"] = django_forms.IntegerField(widget=django_forms.HiddenInput)
        self.told = fields
        for n, field in enumerate(fields):
            self.fields[f"f{n}"] = _made(field, actor, on)

    def groups(self) -> list[list[django_forms.BoundField]]:
        """The visible fields in their order, short ones that follow one another side by side."""
        found: list[list[django_forms.BoundField]] = []
        short_before = False
        for bound in self.visible_fields():
            number = bound.name.removeprefix("f")
            short = number.isdigit() and self.told[int(number)].kind in (Kind.NUMBER, Kind.DATE)
            if short and short_before:
                found[-1].append(bound)
            else:
                found.append([bound])
            short_before = short
        return found

    def values(self) -> dict[str, Any]:
        """What was filled in, by label."""
        given = self.cleaned_data
        return {
            field.label: _rows(given[f"f{n}"]) if field.kind == Kind.TABLE else given[f"f{n}"]
            for n, field in enumerate(self.told)
        }


def _made(field: Field, actor: Actor, on: date) -> django_forms.Field:
    told: dict[str, Any] = {"label": field.label, "required": field.required, "help_text": field.help}
    if field.kind in (Kind.CHOICE, Kind.PERSON, Kind.UNIT):
        return django_forms.ChoiceField(**told, choices=[("", ""), *_choices(field, actor, on)])
    if field.kind == Kind.TABLE:
        columns = " | ".join(field.options)
        told["help_text"] = _("Mỗi dòng một hàng, các cột cách nhau bằng dấu | hoặc dán từ Excel: %(columns)s") % {
            "columns": columns
        }
        return django_forms.CharField(**told, widget=django_forms.Textarea(attrs={"rows": 4}))
    if field.kind == Kind.DATE:
        return django_forms.CharField(**told, widget=DayInput())
    if field.kind == Kind.LONG:
        return django_forms.CharField(**told, widget=django_forms.Textarea(attrs={"rows": 4}))
    attrs = {"autocomplete": "off"} | ({"inputmode": "decimal"} if field.kind == Kind.NUMBER else {})
    return django_forms.CharField(**told, max_length=500, widget=django_forms.TextInput(attrs=attrs))


def _choices(field: Field, actor: Actor, on: date) -> list[tuple[str, str]]:
    if field.kind == Kind.CHOICE:
        return [(each, each) for each in field.options]
    if field.kind == Kind.UNIT:
        return [(str(row.id), row.name) for row in people.list_tree(on=on)]
    rows = people.list_posts(actor.agency_id, on)
    return [(str(row.id), f"{row.person_name}, {row.title}") for row in rows if row.person_id]


def _rows(written: str) -> list[list[str]]:
    return [line.split("\t" if "\t" in line else "|") for line in written.splitlines() if line.strip()]


@require_safe
def listing(request: SignedRequest) -> HttpResponse:
    """The forms of the actor's agency that can be filled in."""
    request.place = reverse("drafts")
    return render(request, "drafting/forms.html", {"versions": queries.list_to_fill(request.actor.agency_id)})


@require_http_methods(["GET", "POST"])
def fill(request: SignedRequest, form_id: int) -> HttpResponse:
    """Fill a form in; a draft begins with it."""
    actor, at = request.actor, timezone.now()
    today = local_date(at)
    refuse(policy.why_not_draft(actor, 0))
    version = next((each for each in queries.list_to_fill(actor.agency_id) if each.form_id == form_id), None)
    if version is None:
        raise NotFound()
    form = FillForm(
        asking.sent(request),
        fields=forms.read_fields(version.fields),
        actor=actor,
        on=today,
        initial={"key": fresh_key(), "subject": version.form.name},
        subject=True,
    )
    made: list[int] = []

    def do(given: dict[str, Any]) -> str:
        document = operations.begin_filled(
            form_id=form_id,
            subject=given["subject"],
            values=form.values(),
            key=given["key"],
            actor=actor,
            today=today,
            at=at,
        )
        made.append(document.pk)
        return _("Đã điền mẫu. Chọn nơi nhận, người ký rồi trình.")

    question = Question(version.form.name, _("Lập dự thảo"), reverse("forms-to-fill"), _("Điền mẫu"), sign="draft")
    return asking.ask(request, question, form, do, then=lambda: address_of(made[0]))


@require_http_methods(["GET", "POST"])
def refill(request: SignedRequest, document_id: int) -> HttpResponse:
    """Fill the form of a draft in anew."""
    actor, at = request.actor, timezone.now()
    today = local_date(at)
    document = queries.get_for(actor, document_id)
    making = queries.making_of(document)
    filled = queries.find_filled(document)
    if filled is None:
        raise NotFound()
    refuse(policy.why_not_revise(actor, document, making))
    fields = forms.read_fields(filled.version.fields)
    initial = {f"f{n}": _again(field, filled.values.get(field.label)) for n, field in enumerate(fields)}
    form = FillForm(
        asking.sent(request),
        fields=fields,
        actor=actor,
        on=today,
        initial=initial | {"revision": making.revision},
        subject=False,
    )

    def do(given: dict[str, Any]) -> str:
        operations.refill(
            document_id=document_id, values=form.values(), revision=given["revision"], actor=actor, today=today, at=at
        )
        return _("Đã điền lại mẫu.")

    question = Question(filled.version.form.name, _("Lưu"), address_of(document_id), document.subject, sign="draft")
    return asking.ask(request, question, form, do)


def _again(field: Field, value: Any) -> Any:
    """A kept value as the form shows it."""
    if field.kind in (Kind.PERSON, Kind.UNIT):
        return str(value["id"]) if value else ""
    return value if field.kind == Kind.CHOICE else forms.in_words(field, value)
