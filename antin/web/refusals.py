"""A refusal is an answer: a calm page or fragment with its words, the right status, and the next step."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from antin.refusal import NotAllowed, NotFound, Refusal, WrongState

STATUS: tuple[tuple[type[Refusal], int], ...] = ((NotFound, 404), (NotAllowed, 403), (WrongState, 409))
OTHERWISE = 422


def status_of(refusal: Refusal) -> int:
    return next((status for kind, status in STATUS if isinstance(refusal, kind)), OTHERWISE)


def _heading(status: int) -> str:
    return {
        403: _("Không được phép"),
        404: _("Không tìm thấy"),
        409: _("Trạng thái đã thay đổi"),
    }.get(status, _("Chưa thực hiện được"))


def is_safe(request: HttpRequest, address: str) -> bool:
    """Whether an address leads to a page of this node, so that nobody is sent elsewhere."""
    return url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())


def way_back(request: HttpRequest) -> str:
    """The page the person came from, when it is one of ours and not this one."""
    came_from = request.headers.get("Referer", "")
    if not came_from or not is_safe(request, came_from):
        return ""
    parts = urlsplit(came_from)
    if parts.path == request.path and request.method == "GET":
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def fragment(words: str, status: int) -> HttpResponse:
    """Words for htmx, shown as a toast that stays until it is read, whatever the request wanted to replace."""
    shown = render_to_string("parts/toast_refused.html", {"words": words})
    return HttpResponse(shown, status=status, headers={"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"})


def answer(request: HttpRequest, refusal: Refusal, status: int | None = None) -> HttpResponseBase:
    """Word a refusal for whoever asked: a program, a fragment of a page, or a person."""
    status = status or status_of(refusal)
    if wants_json(request):
        return JsonResponse({"code": refusal.code, "message": refusal.message}, status=status)
    if request.headers.get("HX-Request"):
        return fragment(refusal.message, status)
    layout = "base.html" if getattr(request, "actor", None) else "door.html"
    told = {"layout": layout, "heading": _heading(status), "words": refusal.message, "back": way_back(request)}
    return HttpResponse(render_to_string("errors/refused.html", told, request), status=status)


class RefusalMiddleware:
    """Catches the refusals that a view did not word itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return answer(request, exception) if isinstance(exception, Refusal) else None
