"""A provincial gateway (LGSP) in front of the axis: a token, JSON answers, the message as one part of a form.

Source: an integrator's gateway as its client speaks to it (login, sendEdoc, syncReceivedEdocList, getEdoc, updateStatus).
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop as _

from antin.exchange.channels.polling import Agency, Waiting
from antin.exchange.channels.wire import (
    Address,
    Answer,
    BadAnswer,
    Declined,
    NotLetIn,
    ask,
    expect,
    identifier,
    json_bytes,
    listed,
    read_object,
    word,
)
from antin.exchange.edxml import codes
from antin.exchange.edxml.message import Attachment, Encoded
from antin.exchange.edxml.notes import EdxmlRefused
from antin.exchange.edxml.reading import read
from antin.exchange.edxml.receipts import HANOI
from antin.exchange.edxml.writing import write

#: What the gateway's numbers mean. Only its own trouble with the axis and with files passes by itself.
ERRORS = {
    "10": _("tệp không hợp lệ"),
    "15": _("sai mã hệ thống hoặc khóa"),
    "18": _("nơi nhận không tồn tại"),
    "19": _("nơi gửi chưa đăng ký"),
    "20": _("trục liên thông gặp lỗi"),
    "21": _("lỗi xử lý tệp"),
    "22": _("sai định dạng gói tin"),
    "23": _("nơi nhận bị khóa"),
}
PASSING = frozenset({"20"})


@dataclass(frozen=True)
class Account:
    """Who this node is to the gateway."""

    user: str
    password: str = field(repr=False)
    system_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class ProvincialGateway:
    """A line to a gateway. It signs in when it has no token, and once more when its token is no longer taken."""

    address: Address
    account: Account
    days: int = 30  # how far back is asked for
    _token: list[str] = field(default_factory=list, repr=False, compare=False)

    def send(self, message: bytes, *, kind: str, sender: str, receivers: Iterable[str], at: datetime) -> str:
        """Hand a message over; sender and receivers are in it. :raises LineFault: it was not taken"""
        edge = secrets.token_hex(16)
        body = (
            (
                f'--{edge}\r\nContent-Disposition: form-data; name="messageType"\r\n\r\n{kind}\r\n'
                f'--{edge}\r\nContent-Disposition: form-data; name="edocFile"; filename="message.edxml"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n"
            ).encode()
            + message
            + f"\r\n--{edge}--\r\n".encode()
        )
        held = self._say("POST", "/v1/sendEdoc", body=body, kind=f"multipart/form-data; boundary={edge}")
        doc_id = word(held, "DocId", "docId") or word(_inside(held), "DocId", "docId") or word(held, "data")
        if not doc_id:
            raise BadAnswer(where=self.address.name, why="docId")
        return doc_id

    def list_waiting(self, kind: str, *, at: datetime) -> list[Waiting]:
        """What came in the last days. :raises LineFault: the gateway did not say"""
        today = at.astimezone(HANOI).date()
        since = today - timedelta(days=self.days)
        query = {"messageType": kind, "fromDate": f"{since:%Y/%m/%d}", "toDate": f"{today:%Y/%m/%d}"}
        held = self._say("GET", "/v1/syncReceivedEdocList", query=query)
        return [
            Waiting(
                doc_id, word(each, "messageType") or kind, word(each, "created_time", "createdTime"), word(each, "from")
            )
            for each in listed(held, "data", self.address)
            if (doc_id := identifier(each))
        ]

    def fetch(self, doc_id: str, *, at: datetime) -> bytes:
        """One message. :raises LineFault: it did not come whole"""
        held = self._say("GET", "/v1/getEdoc", query={"docId": doc_id})
        text = _inside(held).get("edxml")
        if not isinstance(text, str) or not text.strip():
            raise BadAnswer(where=self.address.name, why="data.edxml")
        return self._with_files(
            text.encode("utf-8", "surrogatepass"), listed(_inside(held), "attachments", self.address)
        )

    def _with_files(self, content: bytes, files: list[dict[str, Any]]) -> bytes:
        """The message with the files that came beside it; one that has its own, or cannot be read, stays as it came."""
        if not files:
            return content
        try:
            message = read(content)
        except EdxmlRefused:
            return content
        if message.attachments:
            return content
        beside = []
        for number, each in enumerate(files, start=1):
            name = word(each, "fileName") or f"tep-{number}"
            try:
                file = base64.b64decode("".join(word(each, "fileContent").split()), validate=True)
            except (binascii.Error, ValueError):
                raise BadAnswer(where=self.address.name, why="attachments.fileContent") from None
            line = next((one.content_id for one in message.references if codes.file_name(one.name) == name), "")
            beside.append(Attachment(content_id=line, name=name, shown_name=codes.file_name(name), file=file))
        return write(replace(message, encoded=Encoded(attachments=tuple(beside))))

    def acknowledge(self, doc_id: str, status: str, *, at: datetime) -> None:
        """Tell the gateway how delivery went. :raises LineFault: it was not taken"""
        said = json_bytes({"docId": doc_id, "status": status})
        self._say("POST", "/v1/updateStatus", body=said, kind="application/json")

    def list_agencies(self, *, at: datetime) -> list[Agency]:
        """The directory. :raises LineFault: it did not come"""
        held = self._say("GET", "/v1/getAgenciesList")
        return [
            Agency(
                code,
                word(each, "name"),
                tuple(dict.fromkeys(alias for alias in (word(each, "oldCode"), word(each, "code102")) if alias)),
                word(each, "pid", "pcode"),
                word(each, "mail"),
            )
            for each in listed(held, "data", self.address)
            if (code := word(each, "code"))
        ]

    def sign_in(self) -> str:
        """A fresh token. :raises NotLetIn: the gateway does not know this account :raises LineFault: it did not answer"""
        said = json_bytes({"username": self.account.user, "password": self.account.password})
        answer = expect(
            ask(self.address, "POST", "/v1/auth/login", headers={"Content-Type": "application/json"}, body=said),
            self.address,
        )
        token = word(_inside(self._check(read_object(answer, self.address))), "token")
        if not token or not token.isascii() or not token.isprintable():
            raise BadAnswer(where=self.address.name, why="data.token")
        self._token[:] = [token]
        return token

    def _say(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
        kind: str = "application/json",
    ) -> dict[str, Any]:
        fresh = not self._token
        token = self._token[0] if self._token else self.sign_in()
        try:
            answer = self._ask(method, path, token=token, query=query, body=body, kind=kind)
        except NotLetIn:
            if fresh:
                raise
            answer = self._ask(method, path, token=self.sign_in(), query=query, body=body, kind=kind)
        return self._check(read_object(answer, self.address))

    def _ask(
        self, method: str, path: str, *, token: str, query: Mapping[str, str] | None, body: bytes, kind: str
    ) -> Answer:
        headers = {
            "Authorization": f"Bearer {token}",
            "X-SystemId": self.account.system_id,
            "X-SecretKey": self.account.secret,
            "Content-Type": kind,
            "User-Agent": "AnTin",
        }
        return expect(ask(self.address, method, path, query=query, headers=headers, body=body), self.address)

    def _check(self, held: dict[str, Any]) -> dict[str, Any]:
        """The answer, when it is a yes. :raises Declined: the gateway says no"""
        number, status = word(held, "ErrorCode", "errorCode", "code"), word(held, "status").upper()
        if number in ("0", "200") or (not number and status in ("OK", "SUCCESS", "TRUE", "")):
            return held
        said = ERRORS.get(number) or word(held, "ErrorDesc", "message") or status
        raise Declined(where=self.address.name, words=said[:300], number=number or "-", final=number not in PASSING)


def _inside(held: dict[str, Any]) -> dict[str, Any]:
    data = held.get("data")
    return data if isinstance(data, dict) else {}
