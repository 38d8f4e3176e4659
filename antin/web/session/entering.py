"""The last step of every way in: a seat is taken, the device noted, the cookie of it left."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop

from antin.journeys import enter as entering
from antin.people import queries
from antin.people.states import Role
from antin.refusal import Refusal
from antin.web.refusals import is_safe
from antin.web.session import caller, sitting

DEVICE = "antin-device"
YEAR = 365 * 24 * 3600


class NoPost(Refusal):
    code = "no_post"
    words = gettext_noop("Đồng chí chưa giữ chức vụ nào nên chưa làm việc được. Liên hệ quản trị đơn vị.")


def way_on(request: HttpRequest, otherwise: str = "/") -> str:
    """Where to go after: an address of ours that the form or the query names."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if asked and is_safe(request, asked) else otherwise


def enter(request: HttpRequest, person_id: int, *, at: datetime, to: str = "") -> HttpResponse:
    """Seat somebody who has proved who he is, and let him go on.

    :raises NoPost: he holds none
    """
    source = caller.source(request)
    known = request.COOKIES.get(DEVICE, "")
    secret = known if len(known) == 43 else secrets.token_urlsafe(32)
    device = entering.enter(person_id=person_id, secret=secret, browser=caller.browser(request), source=source, at=at)
    seated = sitting.begin(
        request.session,
        person_id=person_id,
        at=at,
        source=source,
        device_id=device.pk,
        owes=_owes(person_id, at),
    )
    if not seated:
        raise NoPost()
    rotate_token(request)
    response = HttpResponseRedirect(to or way_on(request))
    response.set_cookie(
        DEVICE, secret, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
    )
    return response


def _owes(person_id: int, at: datetime) -> list[str]:
    """What this person must do first, by its place on his page: a password of his own, the second factor the house asks for."""
    first = ["password"] if queries.get_person(person_id).password_given else []
    asked = settings.SECOND_FACTOR
    if not asked or queries.has_factors(person_id):
        return first
    held = queries.list_posts_held(person_id, localdate(at))
    meant = asked == "everybody" or any(each.role == Role.ADMINISTRATOR for each in held)
    return [*first, "factors"] if meant else first
