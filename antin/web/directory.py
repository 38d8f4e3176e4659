"""The directory: who holds which post of which unit, and where he is reached. For everybody who signs in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from antin.people import operations, queries
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

PAGE = 60


def _address(words: str, mine: bool, first: int = 0) -> str:
    told: dict[str, Any] = {"words": words, "mine": "1" if mine else "", "first": first or ""}
    query = urlencode({name: value for name, value in told.items() if value})
    return f"{reverse('directory')}?{query}" if query else reverse("directory")


@require_safe
def show(request: SignedRequest) -> HttpResponse:
    """Everybody in a post, unit by unit; by name, telephone number or unit."""
    words = request.GET.get("words", "").strip()[:200]
    mine = request.GET.get("mine") == "1"
    given = request.GET.get("first", "")
    first = int(given) if given.isdecimal() and len(given) < 7 else 0
    agency = queries.get_unit(request.actor.agency_id) if mine else None
    on = local_date(timezone.now())
    found = queries.list_directory(on=on, words=words, unit=agency, first=first, limit=PAGE + 1)
    units: list[dict[str, Any]] = []
    for entry in found[:PAGE]:
        if not units or units[-1]["id"] != entry.unit_id:
            units.append({"id": entry.unit_id, "unit": entry.unit, "agency": entry.agency, "entries": []})
        units[-1]["entries"].append(entry)
    told = {
        "units": units,
        "words": words,
        "mine": mine,
        "views": [
            {"words": _("Cả hệ thống"), "href": _address(words, False), "n": None, "current": not mine},
            {"words": _("Cơ quan tôi"), "href": _address(words, True), "n": None, "current": mine},
        ],
        "newer": _address(words, mine, max(0, first - PAGE)) if first else "",
        "older": _address(words, mine, first + PAGE) if len(found) > PAGE else "",
    }
    return render(request, "people/directory.html", told)


class GivePhone(forms.Form):
    phone = forms.CharField(
        label=gettext_lazy("Số điện thoại"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )


@require_http_methods(["GET", "POST"])
def own_phone(request: SignedRequest) -> HttpResponse:
    """Say under which number one is reached oneself."""
    person = queries.get_person(request.actor.person_id)

    def do(answers: dict[str, Any]) -> str:
        operations.give_phone(person_id=person.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã ghi số điện thoại.")

    question = Question(
        _("Số điện thoại của tôi"),
        _("Ghi lại"),
        reverse("me"),
        _("Tài khoản của tôi"),
        explains=_("Mọi người trong hệ thống xem được ở Danh bạ. Để trống thì không hiện."),
    )
    return ask(request, question, GivePhone(sent(request), initial={"phone": person.phone}), do)
