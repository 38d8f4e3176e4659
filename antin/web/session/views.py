"""Sign-in, sign-out, the post acted in, language, and the first administrator of an empty node."""

from __future__ import annotations

import hmac
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from antin.keys import queries as certificates
from antin.people import operations as people
from antin.people import queries
from antin.people.operations import SignInLocked
from antin.refusal import NotFound, Refusal
from antin.web.refusals import OTHERWISE, status_of
from antin.web.session import caller, entering, sitting
from antin.web.session.forms import SetUp, SignIn
from antin.web.session.middleware import SignedRequest

SET_UP_TOKEN = "setup-token"  # noqa: S105 - the name of the file under the state folder that holds it


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    at = timezone.now()
    form = SignIn(request.POST or None)
    refused: Refusal | None = None
    if form.is_valid():
        try:
            person = people.sign_in(**form.cleaned_data, source=caller.source(request), at=at)
            if not queries.has_factors(person.id):
                return entering.enter(request, person.id, at=at)
            sitting.await_factor(request.session, person_id=person.id, at=at)
            way_on = entering.way_on(request, "")
            return HttpResponseRedirect(
                reverse("sign-in-second") + (f"?{urlencode({'next': way_on})}" if way_on else "")
            )
        except Refusal as refusal:
            refused = refusal
    elif request.method == "GET" and sitting.find_actor(request.session, at=at):
        return HttpResponseRedirect(entering.way_on(request))
    status = 200 if request.method == "GET" else 429 if isinstance(refused, SignInLocked) else OTHERWISE
    told = {
        "form": form,
        "refused": refused,
        "next": entering.way_on(request, ""),
        "certificate": bool(caller.certificate(request)),
        "signed_out": "out" in request.GET,
        "empty_node": request.method == "GET" and not queries.has_persons(),
        "now": at,
    }
    return render(request, "session/sign_in.html", told, status=status)


@require_POST
def sign_in_by_certificate(request: HttpRequest) -> HttpResponseBase:
    """Let in the holder of a certificate whose key he proved to the front server (mutual TLS): that is two factors in one."""
    at = timezone.now()
    try:
        found = certificates.get_sign_in_certificate(caller.certificate(request), at)
        people.sign_in_by_certificate(
            person_id=found.person_id or 0, serial=found.serial, source=caller.source(request), at=at
        )
        return entering.enter(request, found.person_id or 0, at=at)
    except Refusal as refusal:
        told = {"form": SignIn(), "refused": refusal, "next": entering.way_on(request, ""), "now": at}
        return render(request, "session/sign_in.html", told, status=status_of(refusal))


@require_POST
def sign_out(request: SignedRequest) -> HttpResponse:
    request.session.flush()
    response = redirect(f"{reverse('sign-in')}?out")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
def switch_post(request: SignedRequest) -> HttpResponse:
    asked = request.POST.get("post_id", "")
    if not asked.isdecimal():
        raise NotFound()
    actor = sitting.switch(request.session, post_id=int(asked), at=timezone.now())
    words = _("Đang làm việc với chức vụ %(post)s, %(unit)s.") % {"post": actor.post_title, "unit": actor.unit_name}
    messages.success(request, words)
    return redirect("/")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        raise NotFound()
    response = HttpResponseRedirect(entering.way_on(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=entering.YEAR,
        samesite="Lax",
        secure=request.is_secure(),
        httponly=True,
    )
    return response


def _token_file() -> Path:
    return Path(settings.STATE) / SET_UP_TOKEN


@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponseBase:
    """Found an empty node. Opened by the token that the node printed when it started; works once."""
    kept = _token_file().read_text().strip() if _token_file().exists() else ""
    shown = request.POST.get("token") or request.GET.get("token") or ""
    if not kept or not hmac.compare_digest(kept.encode(), shown.encode()) or queries.has_persons():
        raise NotFound()
    form = SetUp(request.POST or None)
    refused: Refusal | None = None
    if form.is_valid():
        try:
            founded = people.found(**form.cleaned_data, at=timezone.now())
            _token_file().unlink(missing_ok=True)
            response = entering.enter(request, founded.person_id, at=timezone.now(), to=reverse("administration"))
            messages.success(request, _("Đã lập đơn vị và quản trị viên đầu tiên."))
            return response
        except Refusal as refusal:
            refused = refusal
    status = 200 if request.method == "GET" else OTHERWISE
    return render(request, "session/set_up.html", {"form": form, "refused": refused, "token": shown}, status=status)
