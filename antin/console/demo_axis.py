"""The axis of the demonstration: a line to the rehearsal axis on this machine, three fictitious agencies, and what they have sent.

`serve` is a process of the node's supervisor; `establish` sets the line up once, with the demonstration's organisation.
"""

from __future__ import annotations

import json
import random
import secrets
import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from antin.console import demo_words
from antin.correspondents import operations as correspondents
from antin.correspondents.operations import Listed
from antin.exchange import operations as exchange
from antin.exchange import queries as lines
from antin.exchange.edxml.packing import Named, compose
from antin.exchange.edxml.writing import write
from antin.exchange.operations import LineFacts
from antin.exchange.rehearsal import PLAYERS, Player, RehearsalAxis, open_server
from antin.people import queries as people
from antin.workdays import queries as workdays

FOLDER = "axis-rehearsal"
LINE = "dien-tap"
SYSTEM = "ANTIN-DIEN-TAP"
LETTERS = (
    (0, "Z", "CV", "Về việc phối hợp bảo đảm thông tin liên lạc trên biển"),
    (0, "B1", "GM", "Họp thống nhất kế hoạch khảo sát trạm bờ"),
    (1, "Z", "CV", "Đề nghị cung cấp số liệu phục vụ quy hoạch tỉnh"),
    (2, "Z", "TB", "Kết quả đo đạc luồng vào cảng"),
)
"""Which agency writes what to whom, by the abbreviation of a unit of the demonstration."""


def told(state: Path) -> dict[str, Any] | None:
    """How the demonstration's axis is reached; None when there is none."""
    kept = state / FOLDER / "told.json"
    return json.loads(kept.read_text()) if kept.exists() else None


def establish(*, at: datetime) -> None:
    """Set up the line, its directory, and the letters that wait on it. Repeating it changes nothing; cut short, it begins anew."""
    folder = settings.STATE / FOLDER
    if lines.find_line(LINE) is not None:
        return
    shutil.rmtree(folder, ignore_errors=True)
    agencies = {
        unit.abbreviation: unit.code.value for unit in people.list_agencies(workdays.local_date(at)) if unit.code
    }
    how = {"port": _free_port(), "secret": secrets.token_urlsafe(24), "codes": sorted(agencies.values())}
    facts = LineFacts(
        title="Trục liên thông diễn tập",
        address=f"http://127.0.0.1:{how['port']}",
        system_id=SYSTEM,
        secret=str(how["secret"]),
        plain=True,
    )
    axis = _axis(folder, how)
    top = people.find_root()
    for number, (sender, mark, type_code, about) in enumerate(LETTERS, start=1):
        to = agencies.get(mark) or (top.code.value if top and top.code else "")
        player = PLAYERS[sender]
        day = at - timedelta(hours=26 - number)
        axis.post(_letter(player, number, to, (type_code, about), day), sender=player.code, to=to, at=at)
    (folder / "told.json").write_text(json.dumps(how))
    with transaction.atomic():
        line = exchange.set_up_line(name=LINE, channel="axis", facts=facts, actor=None, at=at)
        exchange.open_line(line_id=line.pk, actor=None, at=at)
        correspondents.take_list(
            listed=[Listed(each.code, each.name, (each.old_code,) if each.old_code else ()) for each in PLAYERS],
            channel="axis",
            line=LINE,
            actor=None,
            at=at,
        )


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def _axis(folder: Path, how: dict[str, Any]) -> RehearsalAxis:
    return RehearsalAxis(folder, {SYSTEM: (str(how["secret"]), tuple(how["codes"]))})


def serve() -> None:
    """Set the demonstration's axis up where it is not, and serve it until the process is told to stop.

    :raises OSError: its port is taken
    """
    establish(at=datetime.now(UTC))
    connection.close()
    how = told(settings.STATE)
    if how is None:
        return
    open_server(_axis(settings.STATE / FOLDER, how), int(how["port"])).serve_forever(0.5)


def _page(issuer: str, notation: str, about: str, made_at: datetime) -> bytes:
    signed = ("CHÁNH VĂN PHÒNG", "Trần Hải Đăng")
    return demo_words.foreign_letter(random.Random(about), issuer, notation, about, made_at, signed=signed)


def _letter(player: Player, number: int, to: str, told: tuple[str, str], day: datetime) -> bytes:
    """A letter of a fictitious agency as a message of the axis."""
    type_code, about = told
    notation = f"{player.code.replace('.', '')}-VP"
    local = workdays.local_date(day)
    said = {
        "from": {"organ_id": player.code, "name": player.name},
        "to": [{"organ_id": to}],
        "code": {"number": str(110 + number), "notation": notation},
        "date": f"{local:%Y/%m/%d}",
        "place": "Hà Nội",
        "subject": about,
        "type": {"code": "18", "name": "Công văn" if type_code == "CV" else "Thông báo"},
        "priority": 1 if number == 1 else 0,
        "business": 0,
    }
    pdf = _page(player.name, notation, about, day)
    return write(compose(said, extra=[Named(f"{110 + number}-{notation}.pdf", pdf)]))
