"""Pages for what is nobody's refusal: not found, forged, too large, broken, the database gone.

They need no session and no database.
"""

from __future__ import annotations

import errno
import logging
import secrets
import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from antin.files.queries import StoreAway
from antin.web import frame, refusals
from antin.web.audiences import OTHER_DOORS

log = logging.getLogger("antin.web")

# For programs; beside the codes of refusals.
CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    413: "too_large",
    500: "broken",
    503: "database_gone",
    507: "no_room",
}


def _page(
    request: HttpRequest,
    status: int,
    heading: str,
    words: str,
    *,
    incident: str = "",
    retry: bool = False,
    code: str = "",
) -> HttpResponseBase:
    """A page without session, frame or database."""
    if request.path.lstrip("/").startswith(OTHER_DOORS):
        worded = {"code": code or CODES[status], "title": heading, "detail": words, "incident": incident}
        problem = {"type": "about:blank", "status": status, "faults": [], **worded}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    if refusals.wants_json(request):
        return JsonResponse({"code": str(status), "message": words, "incident": incident}, status=status)
    if request.headers.get("HX-Request"):
        return refusals.fragment(f"{words} {incident}".strip(), status)
    told = {"heading": heading, "words": words, "incident": incident, "retry": retry, "frame": frame.bare(request)}
    return HttpResponse(render_to_string("errors/plain.html", told), status=status)


def bad_request(request: HttpRequest, exception: Exception | None) -> HttpResponseBase:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return too_large(request)
    words = _("Trình duyệt gửi một yêu cầu mà hệ thống không hiểu. Mở lại trang từ đầu và thử lại.")
    return _page(request, 400, _("Yêu cầu không hợp lệ"), words)


def too_large(request: HttpRequest) -> HttpResponseBase:
    words = _("Nội dung gửi lên vượt quá mức cho phép. Bớt nội dung, hoặc gửi thành tệp đính kèm.")
    return _page(request, 413, _("Quá lớn"), words)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _page(request, 403, _("Không được phép"), _("Địa chỉ này không mở cho đồng chí."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    words = _("Không có trang nào ở địa chỉ này, hoặc đồng chí không được xem.")
    return _page(request, 404, _("Không tìm thấy"), words)


def forged(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """A form without the secret of this browser (CSRF)."""
    log.warning("form refused: %s (%s)", reason, request.path)
    words = _("Trang này mở đã lâu, hoặc được gửi từ nơi khác, nên hệ thống không nhận. Tải lại trang rồi làm lại.")
    return _page(request, 403, _("Biểu mẫu đã cũ"), words, retry=True)


def broken(request: HttpRequest) -> HttpResponseBase:
    """Something of ours failed: an incident number for the person, everything else for the log."""
    fault = sys.exc_info()[1]
    if isinstance(fault, OperationalError | InterfaceError):
        log.error("database at %s %s: %s", request.method, request.path, fault)
        return database_gone(request)
    if isinstance(fault, StoreAway):
        log.error("object store at %s %s: %s", request.method, request.path, fault)
        words = _("Kho lưu trữ tệp tạm thời không trả lời. Việc vừa làm chưa được ghi. Trang này thử lại được ngay.")
        response = _page(request, 503, _("Hệ thống tạm nghỉ"), words, retry=True, code="files_away")
        response.headers["Retry-After"] = "5"
        return response
    if isinstance(fault, OSError) and fault.errno == errno.ENOSPC:
        words = _("Máy chủ hết chỗ lưu. Việc vừa làm chưa được ghi. Báo quản trị hệ thống.")
        return _page(request, 507, _("Hết chỗ lưu"), words)
    number = secrets.token_hex(4).upper()
    log.error("incident %s at %s %s", number, request.method, request.path, exc_info=fault)
    words = _("Hệ thống gặp lỗi; việc vừa làm chưa được ghi. Báo quản trị hệ thống mã sự cố dưới đây.")
    return _page(request, 500, _("Có lỗi trong hệ thống"), words, incident=number)


def database_gone(request: HttpRequest, exception: Any = None) -> HttpResponseBase:
    words = _("Cơ sở dữ liệu tạm thời không trả lời. Việc vừa làm chưa được ghi. Trang này thử lại được ngay.")
    response = _page(request, 503, _("Hệ thống tạm nghỉ"), words, retry=True)
    response.headers["Retry-After"] = "5"
    return response
