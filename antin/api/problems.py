"""Every no of the API is a problem document (RFC 9457) with the refusal's code and words."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from pydantic import Field

from antin.people.operations import TokenRefused
from antin.refusal import NotAllowed, NotFound, Refusal, WrongState

MEDIA_TYPE = "application/problem+json"
STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (TokenRefused, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (WrongState, 409),
)
OTHERWISE = 422


class Fault(Schema):
    """One part of the request that is not as described: where it is, and what is wrong with it."""

    where: list[str | int]
    message: str


class Problem(Schema):
    """Why nothing was done. `code` is for programs and stays the same; `detail` is for people, in Vietnamese."""

    type: str = "about:blank"
    status: int
    code: str
    title: str
    detail: str
    faults: list[Fault] = []
    incident: str = Field(default="", description="Of a fault of ours: what to tell the node's administrators.")


def declared(*statuses: int) -> dict[int, type[Problem]]:
    """The problems an endpoint may answer with, for its description."""
    return dict.fromkeys((400, 401, *statuses), Problem)


class PlainText(Parser):
    """Reads JSON; refuses texts with a NUL, which PostgreSQL cannot keep."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = super().parse_body(request)
        if _has_nul(body):
            raise ValueError("a text with a NUL")  # ninja answers 400
        return body


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(each) for pair in value.items() for each in pair)
    return isinstance(value, list) and any(_has_nul(each) for each in value)


def attach(api: NinjaAPI) -> None:
    """Word everything that the API's endpoints raise."""

    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, no: Refusal) -> HttpResponse:
        status = next((status for kind, status in STATUS if isinstance(no, kind)), OTHERWISE)
        return _answer(api, request, status, code=no.code, words=no.message)

    @api.exception_handler(ValidationError)
    def not_as_described(request: HttpRequest, fault: ValidationError) -> HttpResponse:
        faults = [Fault(where=list(each["loc"]), message=str(each["msg"])) for each in fault.errors]
        return _answer(
            api, request, 422, code="not_as_described", words=_("Yêu cầu không đúng mô tả của API."), faults=faults
        )

    @api.exception_handler(Http404)
    def absent(request: HttpRequest, fault: Http404) -> HttpResponse:
        return _answer(api, request, 404, code=NotFound.code, words=NotFound().message)

    @api.exception_handler(HttpError)
    def refused_by_the_door(request: HttpRequest, fault: HttpError) -> HttpResponse:
        if fault.status_code == 401:
            words = _("Cần khóa truy cập: Authorization: Bearer …")
            return _answer(api, request, 401, code="token_missing", words=words)
        return _answer(api, request, fault.status_code, code="bad_request", words=fault.message)


def _answer(
    api: NinjaAPI, request: HttpRequest, status: int, *, code: str, words: str, faults: list[Fault] | None = None
) -> HttpResponse:
    problem = Problem(status=status, code=code, title=_title(status), detail=words, faults=faults or [])
    response = api.create_response(request, problem.model_dump(), status=status)
    response["Content-Type"] = MEDIA_TYPE
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _title(status: int) -> str:
    return {
        401: _("Chưa có khóa truy cập hợp lệ"),
        403: _("Không được phép"),
        404: _("Không tìm thấy"),
        409: _("Trạng thái đã thay đổi"),
    }.get(status, _("Không thực hiện được"))


def describe(schema: dict[str, Any]) -> None:
    """Say in the API's description that problems have a media type of their own."""
    for path in schema["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                content = response.get("content")
                if content and int(status) >= 400:
                    response["content"] = {MEDIA_TYPE: content.pop("application/json")}
