"""The national document axis, as its own library speaks to it: HTTP, with the arguments in signed headers.

Source: the axis's published Java library (`com.vpcp.services`), version 3.0.201608.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from antin.exchange.channels.polling import Agency, Waiting
from antin.exchange.channels.wire import (
    Address,
    Answer,
    BadAnswer,
    Declined,
    ask,
    expect,
    identifier,
    listed,
    read_object,
    word,
)
from antin.exchange.edxml.receipts import HANOI

VERSION = "3.0.201608"
PREFIX = "XroadVnpt-"
#: Errors of the axis that another try may cure: its own trouble.
PASSING = frozenset({"20"})


@dataclass(frozen=True)
class NationalAxis:
    """A line to the axis: where, as which system, with which shared secret. `raw` fetches by download instead of base64 in JSON."""

    address: Address
    system_id: str
    secret: str
    raw: bool = False

    def __repr__(self) -> str:
        return f"NationalAxis({self.address.name}, {self.system_id})"

    def send(self, message: bytes, *, kind: str, sender: str, receivers: Iterable[str], at: datetime) -> str:
        """Hand a message over; return the axis's own identifier of it. :raises LineFault: it was not taken"""
        arguments = {"from": sender, "servicetype": "eDoc", "messagetype": kind}
        named = list(receivers)
        if named:
            arguments["to"] = json.dumps(named)
        arguments["hash-file"] = unpadded_digest(message)
        body = message + b"\r\n"
        held = self._say("POST", "/sendEdoc", arguments, at, body=body, content_type="application/octet-stream")
        doc_id = word(held, "DocId", "docId")
        if not doc_id:
            raise BadAnswer(where=self.address.name, why="DocId")
        return doc_id

    def list_waiting(self, kind: str, *, at: datetime) -> list[Waiting]:
        """What waits for this system. :raises LineFault: the axis did not say"""
        held = self._say("POST", "/getReceivedEdocList", {"servicetype": "eDoc", "messagetype": kind}, at)
        return [
            Waiting(doc_id, word(each, "messageType") or kind, word(each, "created_time"), word(each, "from"))
            for each in listed(held, "data", self.address)
            if (doc_id := identifier(each))
        ]

    def fetch(self, doc_id: str, *, at: datetime) -> bytes:
        """One message. :raises LineFault: it did not come whole"""
        if self.raw:
            answer = self._ask("GET", "/downloadEdoc", {"docId": doc_id}, at)
            if answer.headers.get("content-type", "").startswith("application/json"):
                self._check(read_object(answer, self.address))
            return answer.body
        held = self._say("POST", "/getEdoc", {"docId": doc_id}, at)
        try:
            return base64.b64decode("".join(word(held, "data").split()), validate=True)
        except (binascii.Error, ValueError):
            raise BadAnswer(where=self.address.name, why="base64") from None

    def acknowledge(self, doc_id: str, status: str, *, at: datetime) -> None:
        """Tell the axis how delivery went: `processing`, `done`, `fail`. :raises LineFault: it was not taken"""
        self._say("POST", "/updateStatus", {"docId": doc_id, "status": status}, at)

    def list_sent(self, kind: str, *, at: datetime, doc_id: str = "") -> list[dict[str, Any]]:
        """What was sent and how far it is, as the axis says it. :raises LineFault: it did not say"""
        arguments = {"servicetype": "eDoc", "messagetype": kind} | ({"docId": doc_id} if doc_id else {})
        return listed(self._say("POST", "/getSentEdocList", arguments, at), "data", self.address)

    def count_waiting(self, kind: str, *, at: datetime) -> int:
        """How many wait. :raises LineFault: the axis did not say"""
        path = "/countReceiveStatus" if kind == "status" else "/countReceiveEdoc"
        count = word(self._say("GET", path, {}, at), "count")
        if not count.isdigit():
            raise BadAnswer(where=self.address.name, why="count")
        return int(count)

    def list_agencies(self, *, at: datetime) -> list[Agency]:
        """The directory by Decision 20/2020, the codes that went before as aliases. :raises LineFault: it did not come"""
        held = self._say("POST", "/getAgenciesListQD20", {}, at)
        return [
            Agency(
                code,
                word(each, "name"),
                tuple(dict.fromkeys(alias for alias in (word(each, "oldCode"), word(each, "code102")) if alias)),
                word(each, "pid"),
                word(each, "mail"),
            )
            for each in listed(held, "data", self.address)
            if (code := word(each, "code"))
        ]

    def _say(self, method: str, path: str, arguments: Mapping[str, str], at: datetime, **more: Any) -> dict[str, Any]:
        return self._check(read_object(self._ask(method, path, arguments, at, **more), self.address))

    def _ask(
        self,
        method: str,
        path: str,
        arguments: Mapping[str, str],
        at: datetime,
        *,
        body: bytes = b"",
        content_type: str = "application/json",
    ) -> Answer:
        headers = self.sign(arguments, at) | {"User-Agent": "AnTin", "Content-Type": content_type}
        return expect(ask(self.address, method, path, headers=headers, body=body), self.address)

    def _check(self, held: dict[str, Any]) -> dict[str, Any]:
        """The answer, when it is a yes. :raises Declined: the axis says no"""
        number, status = word(held, "ErrorCode"), word(held, "status").upper()
        if number == "0" or (not number and status == "OK"):
            return held
        if not number and status != "FAIL":
            raise BadAnswer(where=self.address.name, why="ErrorCode")
        said = word(held, "ErrorDesc") or status or gettext("không nói lý do")
        raise Declined(where=self.address.name, words=said[:300], number=number or "-", final=number not in PASSING)

    def sign(self, arguments: Mapping[str, str], at: datetime) -> dict[str, str]:
        """The headers of one request. The axis verifies over the JSON text it received, so the order of the names is ours."""
        local = at.astimezone(HANOI)
        headers = {f"{PREFIX}{name}": value for name, value in arguments.items()}
        headers[f"{PREFIX}systemid"] = self.system_id
        headers[f"{PREFIX}timestamp"] = f"{local:%d%m%YT%H%M%S}+{local.microsecond // 1000:04}"
        headers[f"{PREFIX}version"] = VERSION
        said = json.dumps(headers)
        return headers | {
            f"{PREFIX}sign-header": said,
            f"{PREFIX}sign-header-key": ";".join(headers),
            f"{PREFIX}hash-header": signature(said, self.secret),
        }


def signature(said: str, secret: str) -> str:
    """What proves the headers: HMAC-SHA256 over their JSON text, in hex."""
    return hmac.new(secret.encode(), said.encode(), hashlib.sha256).hexdigest()


def unpadded_digest(content: bytes) -> str:
    """SHA-256 in hex as the axis's library writes it: each byte without its leading zero, so mostly shorter than 64 letters."""
    return "".join(f"{byte:x}" for byte in hashlib.sha256(content).digest())
