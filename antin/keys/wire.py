"""Asking an outside service over HTTP within a bounded time and size.

Only addresses that an administrator has configured are asked: none that stands in a certificate, none that a service leads on to.
"""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

MOST_BYTES = 32 * 2**20
PIECE = 64 * 2**10


class NotAnswered(Exception):
    """The service did not answer, answered too late, too much, or with a fault."""


def ask(address: str, *, seconds: float, content: bytes | None = None, kind: str = "") -> bytes:
    """Post the content of that media type (or get, with none) and return what is answered.

    :raises NotAnswered: nothing usable came within that many seconds
    """
    end = time.monotonic() + seconds
    parts = urlsplit(address)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = make(parts.hostname or "", parts.port, timeout=seconds)
    except (ValueError, http.client.HTTPException) as trouble:
        raise NotAnswered(f"bad address: {address}") from trouble
    try:
        connection.connect()
        line = connection.sock
        line.settimeout(max(end - time.monotonic(), 0.01))
        connection.request("GET" if content is None else "POST", path, content, {"Content-Type": kind} if kind else {})
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise NotAnswered(f"HTTP {answer.status}")
        found = bytearray()
        while piece := answer.read1(PIECE):
            found += piece
            left = end - time.monotonic()
            if left <= 0 or len(found) > MOST_BYTES:
                raise NotAnswered("too slow" if left <= 0 else "too long")
            line.settimeout(left)
        return bytes(found)
    except (OSError, http.client.HTTPException) as trouble:
        raise NotAnswered(f"{type(trouble).__name__}: {trouble}") from trouble
    finally:
        connection.close()
