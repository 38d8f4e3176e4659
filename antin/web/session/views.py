"""Sign-in, sign-out, the post acted in, language, and the first administrator of an empty node."""

from __future__ import annotations

import hmac
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from antin.people import operations as people
from antin.people import queries
from antin.people.operations import SignInLocked
from antin.refusal import NotFound, Refusal
from antin.web.refusals import OTHERWISE, is_safe
from antin.web.session import sitting
from antin.web.session.forms import SetUp, SignIn
from antin.web.session.middleware import SignedRequest

SET_UP_TOKEN = "setup-token"  # noqa: S105 - the name of the file under the state folder that holds it
YEAR = 365 * 24 * 3600


class NoPost(Refusal):
    code = "no_post"
    words = gettext_noop("Đồng chí chưa giữ chức vụ nào nên chưa làm việc được. Liên hệ quản trị đơn vị.")


def _next(request: HttpRequest, otherwise: str = "/") -> str:
    """Where to go after: an address of ours that the form or the query names."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if asked and is_safe(request, asked) else otherwise


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    at = timezone.now()
    form = SignIn(request.POST or None)
    refused: Refusal | None = None
    if form.is_valid():
        try:
            source = request.META.get("REMOTE_ADDR", "")
            person = people.sign_in(**form.cleaned_data, source=source, at=at)
            if sitting.begin(request.session, person_id=person.id, at=at, source=source):
                rotate_token(request)
                return HttpResponseRedirect(_next(request))
            refused = NoPost()
        except Refusal as refusal:
            refused = refusal
    elif request.method == "GET" and sitting.find_actor(request.session, at=at):
        return HttpResponseRedirect(_next(request))
    status = 200 if request.method == "GET" else 429 if isinstance(refused, SignInLocked) else OTHERWISE
    told = {
        "form": form,
        "refused": refused,
        "next": _next(request, ""),
        "signed_out": "out" in request.GET,
        "empty_node": request.method == "GET" and not queries.has_persons(),
        "now": at,
    }
    return render(request, "session/sign_in.html", told, status=status)


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
    response = HttpResponseRedirect(_next(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
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
            source = request.META.get("REMOTE_ADDR", "")
            sitting.begin(request.session, person_id=founded.person_id, at=timezone.now(), source=source)
            rotate_token(request)
            messages.success(request, _("Đã lập đơn vị và quản trị viên đầu tiên."))
            return redirect("administration")
        except Refusal as refusal:
            refused = refusal
    status = 200 if request.method == "GET" else OTHERWISE
    return render(request, "session/set_up.html", {"form": form, "refused": refused, "token": shown}, status=status)
