"""One HTTP exchange with somebody who may be slow, broken or hostile: bounded in time and size, never redirected."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.utils.translation import gettext_noop as _

from antin.refusal import Refusal

PIECE = 1 << 16
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class LineFault(Refusal):
    """An exchange that came to nothing. `final`: trying the same again cannot help."""

    code = "line_fault"
    words = _("Đường truyền gặp lỗi.")
    final = False


class Unreachable(LineFault):
    code = "line_unreachable"
    words = _("Không kết nối được tới %(where)s: %(why)s.")


class TooSlow(LineFault):
    code = "line_too_slow"
    words = _("%(where)s không trả lời xong trong thời gian cho phép.")


class ServerTrouble(LineFault):
    code = "line_server_trouble"
    words = _("%(where)s đang gặp sự cố (HTTP %(status)s).")


class BadAnswer(LineFault):
    code = "line_bad_answer"
    words = _("%(where)s trả lời không đúng dạng: %(why)s.")


class CutAnswer(BadAnswer):
    code = "line_cut_answer"
    words = _("Câu trả lời của %(where)s bị cắt: %(why)s.")


class AnswerTooLong(LineFault):
    code = "line_answer_too_long"
    words = _("Câu trả lời của %(where)s lớn hơn %(limit)s byte.")
    final = True


class NotLetIn(LineFault):
    code = "line_not_let_in"
    words = _("%(where)s không chấp nhận định danh của nút này (HTTP %(status)s).")
    final = True


class NotUnderstood(LineFault):
    code = "line_not_understood"
    words = _("%(where)s không nhận yêu cầu này (HTTP %(status)s).")
    final = True


class BadAddress(LineFault):
    code = "line_bad_address"
    words = _("Địa chỉ %(where)s không dùng được; phải là https.")
    final = True


class Declined(LineFault):
    """The other side understood and said no, in its own code."""

    code = "line_declined"
    words = _("%(where)s từ chối: %(words)s (mã %(number)s).")

    def __init__(self, *, final: bool, **facts: Any) -> None:
        super().__init__(**facts)
        self.final = final


@dataclass(frozen=True)
class Address:
    """Where a line leads. Plain HTTP only to this machine, or where somebody has written that it may be (`plain`)."""

    base: str
    patience: float = 120.0  # for the whole exchange
    silence: float = 30.0  # for one piece of it
    most: int = 300 << 20
    ca_file: str = ""
    ca_data: str = field(default="", repr=False)
    plain: bool = False

    @property
    def name(self) -> str:
        return urlsplit(self.base).netloc or self.base


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def ask(
    address: Address,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Ask and return the whole answer, whatever its status. :raises LineFault: there is none, or it is cut, too long or too late"""
    connection = _connect(address)
    target = urlsplit(address.base).path.rstrip("/") + quote(path) + (f"?{urlencode(query)}" if query else "")
    late = threading.Event()

    def hang_up() -> None:
        late.set()
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(address.patience, hang_up)
    watch.daemon = True
    watch.start()
    try:
        connection.request(method, target, body=body if method == "POST" else None, headers=dict(headers or {}))
        response = connection.getresponse()
        content = _read(response, address, late)
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
    except TimeoutError:
        raise TooSlow(where=address.name) from None
    except (http.client.HTTPException, ssl.SSLError, OSError, ValueError) as trouble:
        if late.is_set():
            raise TooSlow(where=address.name) from None
        if isinstance(trouble, http.client.IncompleteRead):
            raise CutAnswer(where=address.name, why=f"{len(trouble.partial)} byte") from None
        if isinstance(trouble, http.client.HTTPException) and not isinstance(trouble, http.client.RemoteDisconnected):
            raise BadAnswer(where=address.name, why=type(trouble).__name__) from None
        raise Unreachable(where=address.name, why=str(trouble) or type(trouble).__name__) from None
    finally:
        watch.cancel()
        connection.close()


def _connect(address: Address) -> http.client.HTTPConnection:
    parts = urlsplit(address.base)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadAddress(where=address.base) from None
    if parts.scheme == "https" and host:
        context = ssl.create_default_context(cafile=address.ca_file or None, cadata=address.ca_data or None)
        return http.client.HTTPSConnection(host, port, timeout=address.silence, context=context)
    if parts.scheme == "http" and host and (address.plain or host in LOOPBACK):
        return http.client.HTTPConnection(host, port, timeout=address.silence)
    raise BadAddress(where=address.base)


def _read(response: http.client.HTTPResponse, address: Address, late: threading.Event) -> bytes:
    content = bytearray()
    while piece := response.read1(PIECE):
        content += piece
        if len(content) > address.most:
            raise AnswerTooLong(where=address.name, limit=address.most)
    if late.is_set():
        raise TooSlow(where=address.name)
    if response.length:
        raise CutAnswer(where=address.name, why=f"{len(content)} byte")
    return bytes(content)


def expect(answer: Answer, address: Address) -> Answer:
    """The answer, when its status says that it is one. :raises LineFault: by the kind of its status"""
    if 200 <= answer.status < 300:
        return answer
    if answer.status in (401, 403):
        raise NotLetIn(where=address.name, status=answer.status)
    if answer.status >= 500 or answer.status in (408, 425, 429):
        raise ServerTrouble(where=address.name, status=answer.status)
    raise NotUnderstood(where=address.name, status=answer.status)


def read_object(answer: Answer, address: Address) -> dict[str, Any]:
    """The JSON object of an answer; white space and a byte order mark around it are passed over.

    :raises BadAnswer: it is something else, or of another type
    """
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith(("text/html", "image/", "application/pdf")):
        raise BadAnswer(where=address.name, why=kind)
    try:
        held = json.loads(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise BadAnswer(where=address.name, why="JSON") from None
    if not isinstance(held, dict):
        raise BadAnswer(where=address.name, why="JSON {}")
    return held


def listed(held: dict[str, Any], key: str, address: Address) -> list[dict[str, Any]]:
    """A list of objects in an answer; absent and null are empty. :raises BadAnswer: it is something else"""
    found = held.get(key)
    if found is None or found == "":
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BadAnswer(where=address.name, why=key)
    return found


def identifier(held: dict[str, Any]) -> str:
    """The line's own identifier of a message; empty when it is none that could be asked for again."""
    found = word(held, "docId")
    return found if found.isascii() and found.isprintable() else ""


def json_bytes(said: dict[str, str]) -> bytes:
    """A request in JSON."""
    return json.dumps(said).encode()


def word(held: dict[str, Any], *keys: str) -> str:
    """A text of an answer under any of these keys, numbers included; empty when there is none. Case of keys does not count."""
    by_name = {name.lower(): value for name, value in held.items()}
    for key in keys:
        value = by_name.get(key.lower())
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""
