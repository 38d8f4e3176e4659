"""One line in the log for each request, and one more in the figures: which page, whose (in the log), how long, what came of it. No
address as typed, no form, no words.

The page is told by its name and the numbers in its address: what stands behind the question mark is what somebody searched for.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from antin.upkeep import traffic

log = logging.getLogger("antin.request")

GIVEN_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
HEADER = "X-Request-Id"


class RequestLogMiddleware:
    """Names each request, logs it when it is answered, and says its name in the answer. A front server's name for it stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        given = request.headers.get(HEADER, "")
        name = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        response = self.get_response(request)
        response.headers[HEADER] = name
        seconds = time.monotonic() - began
        traffic.count(route=_page(request), method=request.method or "", status=response.status_code, seconds=seconds)
        if log.isEnabledFor(logging.INFO):
            log.info("request", extra={"facts": _facts(request, response, name, seconds)})
        return response


def _page(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.view_name or match.route) if match else ""


def _facts(request: HttpRequest, response: HttpResponseBase, name: str, seconds: float) -> dict[str, object]:
    match = request.resolver_match
    actor = getattr(request, "actor", None) or getattr(getattr(request, "auth", None), "actor", None)
    return {
        "request": name,
        "method": request.method,
        "page": _page(request),
        "ids": {key: value for key, value in match.kwargs.items() if isinstance(value, int)} if match else {},
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "person": actor.person_id if actor else None,
        "post": actor.post_id if actor else None,
    }
