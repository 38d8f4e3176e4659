"""An act that asks something first: as a dialog over its page or as a page of its own, and what follows when it is done.

For the pages of administration and of one's own account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict

from antin.journeys.look_ahead import Ahead
from antin.refusal import Refusal
from antin.web import foreseen
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest

Crumb = tuple[str, str]


@dataclass(frozen=True)
class Question:
    """What a form is about. `back` is the page it belongs to; `names` the words of that page; `explains` what will follow."""

    heading: str
    button: str
    back: str
    names: str
    sign: str = "check"
    kind: str = "main"
    explains: str = ""


def sent(request: SignedRequest) -> QueryDict | None:
    """What a form was sent with; None when it is only shown."""
    return request.POST if request.method == "POST" else None


def brought(request: SignedRequest) -> MultiValueDict[str, UploadedFile] | None:
    """The files a form was sent with; None when it is only shown."""
    return request.FILES if request.method == "POST" else None


def ask(
    request: SignedRequest,
    question: Question,
    form: forms.Form,
    do: Callable[[dict[str, Any]], str | HttpResponseBase],
    *,
    then: Callable[[], str] | None = None,
    above: str = "",
    beside: Mapping[str, Any] | None = None,
    ahead: Callable[[dict[str, Any]], Ahead] | None = None,
) -> HttpResponse:
    """Ask, and do it once the answers hold. `do` gives what happened in words, or the answer itself; `then` where to go on.

    `above` names a template of what stands over the form, `beside` what it is told. A refusal is worded beside the form, which
    keeps what was typed. `ahead` tells what these answers would change of what people see: if they would, that is shown first, and
    it is done when the same answers are sent again.
    """
    refused: Refusal | None = None
    told: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            if ahead is not None and (told := foreseen.told(request, form.cleaned_data, ahead)):
                return _draw(request, question, form, told | {"above": above, **(beside or {})}, 200)
            done = do(form.cleaned_data)
        except Refusal as no:
            refused = no
        else:
            if not isinstance(done, str):
                return cast(HttpResponse, done)  # a page, or a file that is sent as a stream
            messages.success(request, done)
            return HttpResponseRedirect(then() if then else question.back)
    status = 200 if request.method == "GET" else status_of(refused) if refused else 422
    return _draw(request, question, form, {"refused": refused, "above": above, **(beside or {})}, status)


def _draw(
    request: SignedRequest, question: Question, form: forms.Form, told: dict[str, Any], status: int
) -> HttpResponse:
    fragment = request.headers.get("HX-Target") == "ask"
    told = {"question": question, "form": form, **told}
    return render(request, "asking/_ask.html" if fragment else "asking/ask.html", told, status=status)


@dataclass(frozen=True)
class Offer:
    """An act as a button: where it leads, in a dialog or on a page of its own, and why not."""

    name: str
    words: str
    href: str
    sign: str = ""
    kind: str = ""
    dialog: bool = False
    why: str = ""

    @property
    def why_id(self) -> str:
        return f"why-{self.name}"


def offer(no: Refusal | None, name: str, words: str, href: str, **more: Any) -> Offer:
    """An act with the refusal that stands against it, if any."""
    return Offer(name, words, href, why=no.message if no else "", **more)
