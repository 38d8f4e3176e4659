"""Puts the actor on the request, or shows the way to sign-in. Reads `audiences.py`; what is not declared there is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotAllowed, NotFound
from antin.web import refusals
from antin.web.audiences import AUDIENCES, BEFORE_ANYTHING_ELSE, OTHER_DOORS, STEP_UP, Audience
from antin.web.session import sitting

Answer = Callable[[HttpRequest], HttpResponseBase]


class SignedRequest(HttpRequest):
    """A request of somebody signed in, as views receive it."""

    actor: Actor
    place: str  # set by a page whose address does not say to which place of the rail it belongs
    waits: Mapping[
        str, int
    ]  # documents that wait for the actor, by act: set by a page that had to count them, for its frame


class LanguageMiddleware:
    """The language a person chose in the page, or Vietnamese. What the browser was installed in says nothing about the reader."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class AudienceMiddleware:
    """Lets in whom the table lets in."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = None  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is None or match.route.startswith(OTHER_DOORS):
            return None
        name = match.view_name
        audience = AUDIENCES.get(name)
        if audience is Audience.PUBLIC:
            return None
        actor = sitting.find_actor(request.session, at=timezone.now())
        if actor is None:
            return _to_sign_in(request)
        owes = sitting.owes(request.session)
        if owes and name not in BEFORE_ANYTHING_ELSE:
            return _go(request, f"{reverse('me')}#{owes[0]}")
        request.actor = actor  # type: ignore[attr-defined]
        if audience is None:
            return refusals.answer(request, NotFound())
        if audience is Audience.ADMINISTRATORS and actor.role != Role.ADMINISTRATOR and not settings.DEBUG:
            return refusals.answer(request, NotAllowed())
        if name in STEP_UP and not sitting.is_proved(request.session, at=timezone.now()):
            return _go(request, _with_way_back(request, "prove"))
        return None


def _with_way_back(request: HttpRequest, name: str) -> str:
    """The address of a page of the door, which leads back to what was asked for."""
    back = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "")
    if request.headers.get("HX-Request"):
        back = request.headers.get("HX-Current-URL", "")
    return reverse(name) + ("?" + urlencode({"next": back}) if back and back != "/" else "")


def _go(request: HttpRequest, address: str) -> HttpResponseBase:
    """A page goes there; a fragment makes the whole page go."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """A page comes back after sign-in; a program is told in its own words."""
    address = _with_way_back(request, "sign-in")
    if request.headers.get("HX-Request"):
        return _go(request, address)
    if request.headers.get("Accept", "").startswith("application/json"):
        words = _("Phiên làm việc đã hết. Mở lại trang và đăng nhập; nội dung chưa lưu còn trên màn hình này.")
        return JsonResponse({"code": "signed_out", "message": words}, status=401)
    return _go(request, address)
