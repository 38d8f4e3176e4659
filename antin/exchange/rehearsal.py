"""The national axis played on this machine: for the demonstration, for training, and under the tests' misbehaving servers.

It keeps messages in a folder and carries them between the systems that are signed up, each known by its id and secret. The
agencies of `Player` are played: each answers what it is sent with statuses, so many seconds later. Written from the description
of the real one (docs/edxml.md); it checks what that checks (signed headers, digest of the file, receivers).
"""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from antin.exchange.channels.national import PREFIX, signature, unpadded_digest
from antin.exchange.edxml.message import Message, Organisation, ResponseFor
from antin.exchange.edxml.notes import EdxmlRefused
from antin.exchange.edxml.reading import read
from antin.exchange.edxml.receipts import HANOI, Told, as_status
from antin.exchange.edxml.writing import write

OK = {"status": "OK", "ErrorCode": "0", "ErrorDesc": ""}


@dataclass(frozen=True)
class Step:
    """One status a played agency sends: so many seconds after it got the document."""

    after: int
    kind: str
    words: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


WORKS = (
    Step(5, "arrived"),
    Step(60, "registered", facts={"arrival_number": 214}),
    Step(150, "assigned"),
    Step(240, "processing"),
    Step(600, "done", facts={"reply_code": "98/BKHBĐ-VP"}),
)
TAKES_IN = (Step(10, "arrived"), Step(120, "registered", facts={"arrival_number": 71}))
SENDS_BACK = (Step(10, "arrived"), Step(90, "returned", "Không đúng thẩm quyền; đề nghị gửi Bộ Kế hoạch Biển đảo."))


@dataclass(frozen=True)
class Player:
    """A fictitious agency of the axis."""

    code: str
    old_code: str
    name: str
    steps: tuple[Step, ...]


PLAYERS = (
    Player("G91", "000.00.00.G91", "Bộ Kế hoạch Biển đảo", WORKS),
    Player("H95", "000.00.00.H95", "Ủy ban nhân dân tỉnh Sông Thương", TAKES_IN),
    Player("G91.12", "", "Cục Hải đồ, Bộ Kế hoạch Biển đảo", SENDS_BACK),
)


@dataclass
class Kept:
    """One message on the axis: whose system it waits for, and since when it may be seen."""

    doc_id: str
    kind: str
    sender: str
    to: str
    system: str
    seen_from: str
    state: str = "initial"


def _no(number: str, words: str) -> dict[str, str]:
    return {"status": "FAIL", "ErrorCode": number, "ErrorDesc": words}


class RehearsalAxis:
    """The axis: who is signed up, and every message in a folder. `systems`: secret and codes of each by its id."""

    def __init__(
        self, folder: Path, systems: Mapping[str, tuple[str, tuple[str, ...]]], players: tuple[Player, ...] = PLAYERS
    ) -> None:
        self.folder, self.systems, self.listed = folder, systems, players
        self.players = {code: player for player in players for code in (player.code, player.old_code) if code}
        self.lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.index = folder / "index.json"
        self.kept = [Kept(**row) for row in json.loads(self.index.read_text())] if self.index.exists() else []

    def reply(self, path: str, headers: Mapping[str, str], body: bytes, at: datetime) -> dict[str, Any] | bytes | int:
        """The answer to one request: an object, raw bytes, or the number of a status."""
        given = self._proven(headers)
        if given is None:
            return _no("15", "chữ ký tiêu đề không đúng")
        act = {
            "/sendEdoc": self._send,
            "/getReceivedEdocList": self._list,
            "/getEdoc": self._fetch,
            "/downloadEdoc": self._download,
            "/updateStatus": self._acknowledge,
            "/getAgenciesListQD20": self._agencies,
        }.get(path)
        if act is None:
            return 404
        with self.lock:
            return act(given, body, at)

    def _proven(self, headers: Mapping[str, str]) -> dict[str, str] | None:
        """The arguments, when they are signed by the system they name."""
        said = headers.get(f"{PREFIX}sign-header") or ""
        try:
            signed = json.loads(said)
            known = self.systems.get(str(signed.get(f"{PREFIX}systemid")))
        except (ValueError, AttributeError):
            return None
        if known is None or not hmac.compare_digest(
            signature(said, known[0]), headers.get(f"{PREFIX}hash-header") or ""
        ):
            return None
        if any(headers.get(name) != value for name, value in signed.items()):
            return None
        return {name.removeprefix(PREFIX): str(value) for name, value in signed.items()}

    def _system_of(self, code: str) -> str:
        return next((system for system, (_secret, codes) in self.systems.items() if code in codes), "")

    def _send(self, given: dict[str, str], body: bytes, at: datetime) -> dict[str, Any]:
        content = body.removesuffix(b"\r\n")
        if given.get("hash-file") != unpadded_digest(content):
            return _no("10", "tệp không nguyên vẹn")
        if given.get("from") not in self.systems[given["systemid"]][1]:
            return _no("19", "nơi gửi chưa đăng ký")
        try:
            message = read(content)
        except EdxmlRefused as no:
            return _no("22", no.message[:200])
        receivers = [each.organ_id for each in message.header.receivers] or [
            each.organ_id for each in message.header.response_for
        ]
        unknown = [code for code in receivers if not self._system_of(code) and code not in self.players]
        if unknown or not receivers:
            return _no("18", f"nơi nhận không tồn tại: {', '.join(unknown)}")
        doc_id = ""
        for code in receivers:
            doc_id = self._put(content, given["messagetype"], given["from"], code, at)
            if code in self.players and not message.is_status:
                self._play(self.players[code], message, given["systemid"], at)
        return OK | {"DocId": doc_id}

    def _put(self, content: bytes, kind: str, sender: str, code: str, seen_from: datetime) -> str:
        doc_id = f"{len(self.kept) + 1:06}"
        (self.folder / f"{doc_id}.edxml").write_bytes(content)
        self.kept.append(Kept(doc_id, kind, sender, code, self._system_of(code), seen_from.isoformat()))
        self._save()
        return doc_id

    def _save(self) -> None:
        fresh = self.index.with_suffix(".new")
        fresh.write_text(json.dumps([asdict(each) for each in self.kept], ensure_ascii=False))
        fresh.replace(self.index)

    def _play(self, player: Player, message: Message, system: str, at: datetime) -> None:
        """Write down every status that the played agency will send."""
        header = message.header
        sender = header.sender or Organisation()
        code = header.code
        about = ResponseFor(
            organ_id=sender.organ_id,
            code=f"{code.number}/{code.notation}" if code else "",
            document_id=header.document_id,
            date=header.promulgation.date if header.promulgation else "",
        )
        for step in player.steps:
            moment = (at + timedelta(seconds=step.after)).replace(microsecond=0)
            reporter = Organisation(organ_id=player.code, name=player.name)
            told = Told(step.kind, "", moment, reporter, about, step.words, dict(step.facts))
            self._put(write(as_status(told)), "status", player.code, sender.organ_id, moment)

    def post(self, content: bytes, *, sender: str, to: str, at: datetime) -> str:
        """Let a played agency send a document."""
        with self.lock:
            return self._put(content, "edoc", sender, to, at)

    def _list(self, given: dict[str, str], _body: bytes, at: datetime) -> dict[str, Any]:
        waiting = [
            {
                "docId": each.doc_id,
                "messageType": each.kind,
                "created_time": f"{datetime.fromisoformat(each.seen_from).astimezone(HANOI):%Y/%m/%d %H:%M:%S}",
                "from": each.sender,
                "to": each.to,
                "status": each.state,
            }
            for each in self._mine(given)
            if each.kind == given.get("messagetype")
            and each.state in ("initial", "processing")
            and datetime.fromisoformat(each.seen_from) <= at
        ]
        return OK | {"data": waiting}

    def _mine(self, given: dict[str, str]) -> list[Kept]:
        return [each for each in self.kept if each.system == given["systemid"]]

    def _find(self, given: dict[str, str]) -> Kept | None:
        return next((each for each in self._mine(given) if each.doc_id == given.get("docId")), None)

    def _fetch(self, given: dict[str, str], body: bytes, at: datetime) -> dict[str, Any]:
        found = self._download(given, body, at)
        return OK | {"data": base64.b64encode(found).decode()} if isinstance(found, bytes) else found

    def _download(self, given: dict[str, str], _body: bytes, _at: datetime) -> bytes | dict[str, Any]:
        found = self._find(given)
        return _no("21", "không có gói tin") if found is None else (self.folder / f"{found.doc_id}.edxml").read_bytes()

    def _acknowledge(self, given: dict[str, str], _body: bytes, _at: datetime) -> dict[str, Any]:
        found = self._find(given)
        if found is None or given.get("status") not in ("initial", "processing", "done", "fail"):
            return _no("21", "không có gói tin")
        found.state = given["status"]
        self._save()
        return dict(OK)

    def _agencies(self, _given: dict[str, str], _body: bytes, _at: datetime) -> dict[str, Any]:
        rows = [
            {
                "code": each.code,
                "name": each.name,
                "code102": each.old_code,
                "pid": each.code.rpartition(".")[0],
                "mail": "",
            }
            for each in self.listed
        ]
        return OK | {"data": rows}


def open_server(axis: RehearsalAxis, port: int, now: Callable[[], datetime] | None = None) -> ThreadingHTTPServer:
    """A server of this machine only. The caller serves and closes it. :raises OSError: the port is taken"""
    clock = now or (lambda: datetime.now(UTC))  # noqa: TID251 - it plays a machine of its own

    class Speaking(BaseHTTPRequestHandler):
        def log_message(self, *_said: object) -> None:
            pass

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said = axis.reply(self.path.partition("?")[0], dict(self.headers.items()), body, clock())
            if isinstance(said, int):
                self.send_error(said)
                return
            raw = isinstance(said, bytes)
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream" if raw else "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer

    server = ThreadingHTTPServer(("127.0.0.1", port), Speaking)
    server.daemon_threads = True
    return server
