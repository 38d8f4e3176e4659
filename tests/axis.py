"""A national axis and a provincial gateway to test against, written from the description of the real ones.

They misbehave on request.
"""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import hmac
import json
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SECRET = "khóa dùng chung"


@dataclass
class Axis:
    """What both keep: messages that wait, messages that were sent, acknowledgements; and what goes wrong next, by path."""

    waiting: list[dict[str, object]] = field(default_factory=list)
    content: dict[str, bytes] = field(default_factory=dict)
    beside: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    sent: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    agencies: list[dict[str, object]] = field(default_factory=list)
    faults: defaultdict[str, list[object]] = field(default_factory=lambda: defaultdict(list))
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    base: str = ""
    kind: str = "axis"

    def put(self, doc_id: str, content: bytes, kind: str = "edoc", created: str = "2026/03/09 08:00:00") -> None:
        self.content[doc_id] = content
        self.waiting.append(
            {"docId": doc_id, "messageType": kind, "created_time": created, "from": "G99", "status": "initial"}
        )

    def go_wrong(self, path: str, *faults: object) -> None:
        self.faults[path].extend(faults)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    axis: Axis

    def log_message(self, *_args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def answer(self) -> None:
        self.close_connection = True
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.axis.asked.append(address.path)
        fault = self.axis.faults[address.path].pop(0) if self.axis.faults[address.path] else None
        if fault is not None and self.misbehave(fault):
            return
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        said = self.reply(address.path, query, body)
        if isinstance(said, bytes):
            self.give(200, "application/octet-stream", said)
        elif isinstance(said, int):
            self.give(said, "text/plain", b"")
        else:
            content = json.dumps(said).encode()
            if fault == "junk around":
                content = b"\xef\xbb\xbf\r\n " + content + b"\r\n\r\n"
            self.give(200, "application/json;charset=UTF-8", content)

    def give(self, status: int, kind: str, content: bytes, *, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def misbehave(self, fault: object) -> bool:
        """Do what was asked for; false when it is answered all the same."""
        if isinstance(fault, int):
            self.give(fault, "text/html", b"<html>trouble</html>")
        elif isinstance(fault, dict):
            self.give(200, "application/json", json.dumps(fault).encode())
        elif isinstance(fault, bytes):
            self.give(200, "application/json", fault)
        elif fault == "html":
            self.give(200, "text/html; charset=utf-8", b"<html>OK</html>")
        elif fault == "cut":
            self.give(200, "application/json", b'{"status":"OK","Err', length=5000)
        elif fault == "cut chunks":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"1000\r\nabc")
        elif fault == "reset":
            self.wfile.close()
        elif fault == "no http":
            self.wfile.write(b"220 ftp ready\r\n\r\n")
        elif fault == "slow":
            self.axis.over.wait(0.3)
            return False
        elif fault == "silent":
            self.axis.over.wait(20)
        elif fault == "drip":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            while not self.axis.over.wait(0.02):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    break
        elif fault == "endless":
            self.send_response(200)
            self.end_headers()
            try:
                while not self.axis.over.is_set():
                    self.wfile.write(b" " * 65536)
            except OSError:
                pass
        elif fault == "redirect":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            return False
        return True

    def reply(self, path: str, query: dict[str, str], body: bytes) -> object:
        raise NotImplementedError


OK = {"status": "OK", "ErrorCode": "0", "ErrorDesc": ""}


def no(number: str, words: str = "") -> dict[str, str]:
    return {"status": "FAIL", "ErrorCode": number, "ErrorDesc": words}


class National(Handler):
    """The axis: arguments in headers, each signed."""

    def arguments(self) -> dict[str, str] | None:
        said = self.headers.get("XroadVnpt-sign-header") or ""
        proof = hmac.new(SECRET.encode(), said.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(proof, self.headers.get("XroadVnpt-hash-header") or ""):
            return None
        signed = json.loads(said)
        if ";".join(signed) != self.headers["XroadVnpt-sign-header-key"]:
            return None
        if any(self.headers.get(name) != value for name, value in signed.items()):
            return None
        return {name.removeprefix("XroadVnpt-"): value for name, value in signed.items()}

    def reply(self, path: str, query: dict[str, str], body: bytes) -> object:
        axis, given = self.axis, self.arguments()
        if given is None or not {"systemid", "timestamp", "version"} <= set(given):
            return no("15", "chữ ký tiêu đề không đúng")
        if path == "/sendEdoc":
            if self.headers["Content-Type"] != "application/octet-stream" or not body.endswith(b"\r\n"):
                return no("10")
            axis.sent.append((given, body[:-2]))
            return OK | {"DocId": f"{len(axis.sent)}"}
        if path == "/getReceivedEdocList":
            return OK | {"data": [each for each in axis.waiting if each["messageType"] == given["messagetype"]]}
        if path == "/getEdoc":
            content = axis.content.get(given["docId"])
            return no("21") if content is None else OK | {"data": base64.b64encode(content).decode()}
        if path == "/downloadEdoc":
            content = axis.content.get(given["docId"])
            return no("21") if content is None else content
        if path == "/updateStatus":
            axis.acknowledged.append((given["docId"], given["status"]))
            axis.waiting = [each for each in axis.waiting if each["docId"] != given["docId"]]
            return OK
        if path in ("/countReceiveEdoc", "/countReceiveStatus"):
            kind = "status" if path.endswith("Status") else "edoc"
            return OK | {"count": len([each for each in axis.waiting if each["messageType"] == kind])}
        if path == "/getSentEdocList":
            return OK | {"data": [{"senderDocId": "1", "sendStatus": "done"}]}
        if path == "/getAgenciesListQD20":
            return OK | {"data": axis.agencies}
        return 404


class Provincial(Handler):
    """The gateway: a token, JSON, a form."""

    def reply(self, path: str, query: dict[str, str], body: bytes) -> object:
        axis = self.axis
        if path == "/v1/auth/login":
            given = json.loads(body)
            if (given["username"], given["password"]) != ("vanthu", "mật khẩu"):
                return 401
            axis.tokens.append(f"token-{len(axis.tokens) + 1}")
            return {"status": "OK", "data": {"token": axis.tokens[-1]}}
        if not axis.tokens or self.headers["Authorization"] != f"Bearer {axis.tokens[-1]}":
            return 401
        if (self.headers["X-SystemId"], self.headers["X-SecretKey"]) != ("SYS", "secret"):
            return no("15")
        if path == "/v1/sendEdoc":
            form = email.message_from_bytes(
                b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP
            )
            parts = {
                part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
                for part in form.iter_parts()
            }
            axis.sent.append(({"messagetype": parts["messageType"].decode()}, parts["edocFile"]))
            return OK | {"DocId": f"{len(axis.sent)}"}
        if path == "/v1/syncReceivedEdocList":
            if query["fromDate"] > query["toDate"]:
                return no("22")
            return OK | {"data": [each for each in axis.waiting if each["messageType"] == query["messageType"]]}
        if path == "/v1/getEdoc":
            content = axis.content.get(query["docId"])
            if content is None:
                return no("21")
            data = {"edxml": content.decode()}
            if query["docId"] in axis.beside:
                data["attachments"] = axis.beside[query["docId"]]
            return OK | {"data": data}
        if path == "/v1/updateStatus":
            given = json.loads(body)
            axis.acknowledged.append((given["docId"], given["status"]))
            axis.waiting = [each for each in axis.waiting if each["docId"] != given["docId"]]
            return OK
        if path == "/v1/getAgenciesList":
            return OK | {"data": axis.agencies}
        return 404


def open_axis(kind: type[Handler]) -> tuple[Axis, ThreadingHTTPServer]:
    """A server on a free port of this machine, in a thread."""
    axis = Axis()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (kind,), {"axis": axis}))
    server.daemon_threads = True
    axis.base = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return axis, server
