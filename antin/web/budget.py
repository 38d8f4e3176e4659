"""What one request may weigh and may hold, refused before a byte of its body is read."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from antin.web import errors


class BudgetMiddleware:
    """A body without a length is not read by Django at all; one beyond the limit is not received.

    An address with a NUL is nobody's: PostgreSQL keeps no such text, so every room would stumble over it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > settings.BODY_LIMIT:
            return errors.too_large(request)
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
            return errors.bad_request(request, None)
        return self.get_response(request)
