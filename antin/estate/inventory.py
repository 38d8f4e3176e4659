"""Files of others as lines of the estate, pure: our own JSON, exports of osquery and Wazuh, rows of tables. docs/estate.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from antin.estate.states import Edition, Kind, Network, Source, Use
from antin.identifiers.text import clean, fold
from antin.refusal import Refusal, _
from antin.workdays.queries import HERE

LARGEST = 20_000_000
MOST = 20_000
FORMAT, VERSION = "antin-inventory", 1
HEADS = {
    "code": ("mã", "code"),
    "kind": ("loại", "kind"),
    "name": ("tên", "name"),
    "unit": ("đơn vị", "unit"),
    "keeper": ("người giữ", "keeper"),
    "place": ("nơi đặt", "place"),
    "serial": ("số máy", "serial"),
    "system": ("hệ điều hành", "operating system"),
    "network": ("nối mạng", "network"),
    "use": ("tình trạng", "use"),
    "protection": ("phòng chống mã độc", "protection"),
    "updated_on": ("cập nhật mẫu ngày", "signatures of"),
}
SOFTWARE_HEADS = {
    "unit": ("đơn vị", "unit"),
    "product": ("phần mềm", "software"),
    "edition": ("bản", "edition"),
    "version": ("phiên bản", "version"),
    "shared": ("dùng chung", "shared"),
    "signing": ("đã bàn giao ký số", "signing handed over"),
}
LENGTHS = {"code": 60, "name": 200, "keeper": 200, "place": 200, "serial": 100, "system": 200, "protection": 200}


class NotAnInventory(Refusal):
    code = "not_an_inventory"
    words = _(
        "Không đọc được tệp kiểm kê: cần JSON theo mẫu, tệp xuất của osquery hoặc Wazuh, không quá 20 MB, 20.000 dòng."
    )


class NoSuchHeads(Refusal):
    code = "estate_no_such_heads"
    words = _("Không có bảng nào có cột “Mã” và “Loại” (thiết bị), hoặc “Phần mềm” và “Bản” (phần mềm).")


class StrangeHead(Refusal):
    code = "estate_strange_head"
    words = _("Bảng có cột lạ: %(columns)s. Sửa hoặc bỏ cột đó để không mất dữ liệu.")


class BadValue(Refusal):
    code = "estate_bad_value"
    words = _("Không hiểu “%(value)s” ở “%(name)s”.")


@dataclass(frozen=True)
class Line:
    """One thing as a file tells it. A fact that the file does not tell is not in `facts`, and stays as it was.

    `host` finds a thing by its serial or name, where the file knows no identifier of ours.
    """

    row: int
    facts: dict[str, Any]
    unit: str = ""
    host: tuple[str, str] | None = None


@dataclass(frozen=True)
class SoftwareLine:
    row: int
    unit: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """A line that cannot be taken, and why."""

    row: int
    refusal: Refusal


@dataclass
class Inventory:
    """What a file tells, and which of its lines could not be understood."""

    source: str
    lines: list[Line] = field(default_factory=list)
    software: list[SoftwareLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def _choice(kind: Any, aliases: Mapping[str, str] | None = None) -> Callable[[str], str]:
    known = {fold(each.value): each.value for each in kind} | {
        fold(key): value for key, value in (aliases or {}).items()
    }

    def read(value: str) -> str:
        return str(known[fold(value)])

    return read


_LABELS = {
    "kind": {"máy trạm": "workstation", "máy chủ": "server", "mạng": "network", "phòng máy chủ": "data_room"},
    "network": {
        "không nối mạng": "none",
        "không": "none",
        "mạng nội bộ độc lập": "isolated",
        "độc lập": "isolated",
        "mạng truyền số liệu quân sự": "military",
        "quân sự": "military",
    },
    "use": {"đang dùng": "used", "cất giữ": "stored", "đã thải loại": "retired"},
    "edition": {"bản web": "web", "bản máy tính": "desktop", "bản di động": "mobile", "windows": "desktop"},
}


def _day(value: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found = datetime.strptime(value[:10], form).date()  # noqa: DTZ007 - a day without a clock
        except ValueError:
            continue
        if 2000 <= found.year <= 2099:
            return found
    raise ValueError(value)


def _yes(value: str) -> bool:
    return {"x": True, "1": True, "true": True, "co": True, "yes": True, "0": False, "false": False, "khong": False, "no": False, "": False}[fold(value)]  # fmt: skip  # noqa: E501


READERS: dict[str, Callable[[str], Any]] = {
    "kind": _choice(Kind, _LABELS["kind"]),
    "network": _choice(Network, _LABELS["network"]),
    "use": _choice(Use, _LABELS["use"]),
    "edition": _choice(Edition, _LABELS["edition"]),
    "updated_on": _day,
    "shared": _yes,
    "signing": _yes,
}


def _facts(told: Mapping[str, Any], row: int, faults: list[Fault]) -> dict[str, Any]:
    """The facts of one line, read; what cannot be is a fault of the line."""
    facts: dict[str, Any] = {}
    for name, value in told.items():
        text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
        text = " ".join(clean(text).split())
        try:
            facts[name] = READERS[name](text) if name in READERS else text[: LENGTHS.get(name, 200)]
        except (KeyError, ValueError):
            faults.append(Fault(row, BadValue(value=text[:60], name=name)))
    return facts


# Tables


def of_tables(sheets: Sequence[Sequence[Sequence[str]]]) -> Inventory:
    """Lines of the sheets of a table. :raises NoSuchHeads: :raises StrangeHead:"""
    found = Inventory(Source.TABLE)
    for rows in sheets:
        heads = [fold(cell) for cell in rows[0]] if rows else []
        machines = {fold(word): name for name, words in HEADS.items() for word in words}
        programs = {fold(word): name for name, words in SOFTWARE_HEADS.items() for word in words}
        if {machines.get(head) for head in heads} >= {"code", "kind"}:
            for row, told in _rows(rows, machines):
                facts = _facts(told, row, found.faults)
                found.lines.append(Line(row, facts, facts.pop("unit", "")))
        elif {programs.get(head) for head in heads} >= {"product", "edition"}:
            for row, told in _rows(rows, programs):
                facts = _facts(told, row, found.faults)
                found.software.append(SoftwareLine(row, facts.pop("unit", ""), facts))
    if not found.lines and not found.software and not found.faults:
        raise NoSuchHeads()
    return found


def _rows(rows: Sequence[Sequence[str]], known: Mapping[str, str]) -> list[tuple[int, dict[str, str]]]:
    heads = [fold(cell) for cell in rows[0]]
    strange = [rows[0][n] for n, head in enumerate(heads) if head and head not in known]
    if strange:
        raise StrangeHead(columns=", ".join(strange)[:200])
    return [
        (number, {known[head]: cell for head, cell in zip(heads, cells, strict=False) if head and cell})
        for number, cells in enumerate(rows[1:], start=2)
        if any(cells)
    ]


# Files of agents


def of_file(data: bytes) -> Inventory:
    """Lines of a file of an agent: ours, osquery's or Wazuh's, told apart by what is in it. :raises NotAnInventory:"""
    if len(data) > LARGEST:
        raise NotAnInventory()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAnInventory() from None
    try:
        told = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise NotAnInventory() from None
    except ValueError:
        told = _json_lines(text)
    found = None
    if isinstance(told, dict) and told.get("format") == FORMAT:
        found = _ours(told)
    elif isinstance(told, dict) and isinstance(told.get("data"), dict):
        found = _wazuh(told["data"].get("affected_items"))
    elif isinstance(told, list):
        found = _osquery(told)
    if found is None or not (found.lines or found.software or found.faults):
        raise NotAnInventory()
    return found


def _no_constant(_name: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


def _json_lines(text: str) -> list[Any]:
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or len(lines) > MOST:
        raise NotAnInventory()
    try:
        return [json.loads(line, parse_constant=_no_constant) for line in lines]
    except (ValueError, RecursionError):
        raise NotAnInventory() from None


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | bool)


def _listed(value: Any) -> list[dict[str, Any]]:
    """A list of objects, not too long. :raises NotAnInventory:"""
    if not isinstance(value, list) or len(value) > MOST or not all(isinstance(each, dict) for each in value):
        raise NotAnInventory()
    return value


def _ours(told: dict[str, Any]) -> Inventory:
    if told.get("version") != VERSION:
        raise NotAnInventory()
    found = Inventory(Source.AGENT)
    for kind, known in (("machines", HEADS), ("software", SOFTWARE_HEADS)):
        for row, each in enumerate(_listed(told.get(kind, [])), start=1):
            strange = [name for name in each if name not in known]
            if strange or not all(_plain(value) for value in each.values()):
                found.faults.append(Fault(row, StrangeHead(columns=", ".join(strange)[:200] or kind)))
                continue
            facts = _facts(each, row, found.faults)
            unit = facts.pop("unit", "")
            if kind == "machines":
                found.lines.append(Line(row, facts, unit))
            else:
                found.software.append(SoftwareLine(row, unit, facts))
    return found


def _text(value: Any) -> str:
    return " ".join(clean(value).split()) if isinstance(value, str) else ""


OSQUERY = ("system_info", "os_version", "windows_security_products")


def _osquery(rows: list[Any]) -> Inventory:
    """Snapshots of osquery's results log: system_info, os_version, windows_security_products, by host."""
    hosts: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for each in _listed(rows):
        host, name, snapshot = _text(each.get("hostIdentifier")), _text(each.get("name")), each.get("snapshot")
        if not host or not isinstance(snapshot, list):
            raise NotAnInventory()
        table = next((each for each in OSQUERY if name.endswith(each)), name)
        kept = hosts.setdefault(host, {}).setdefault(table, [])
        kept += _listed(snapshot)
        kept.append({"day": _text(each.get("calendarTime")) or each.get("unixTime")})
    found = Inventory(Source.OSQUERY)
    for row, (host, tables) in enumerate(hosts.items(), start=1):
        told: dict[str, Any] = {}
        info = next(
            (each for each in tables.get("system_info", []) if "hardware_serial" in each or "hostname" in each), {}
        )
        system = next((each for each in tables.get("os_version", []) if "name" in each), {})
        if system:
            told["system"] = f"{_text(system.get('name'))} {_text(system.get('version'))}".strip()
        if "windows_security_products" in tables:
            guards = [each for each in tables["windows_security_products"] if _text(each.get("type")) == "Antivirus"]
            on = next((each for each in guards if _text(each.get("state")) == "On"), None)
            told["protection"] = _text(on.get("name")) if on else ""
            if on and _text(on.get("signatures_up_to_date")) == "1" and (day := _of_moment(tables)):
                told["updated_on"] = day
        facts = _facts(told, row, found.faults)
        name = _text(info.get("hostname")) or host
        found.lines.append(Line(row, facts, host=(_text(info.get("hardware_serial"))[:100], name[:200])))
    return found


def _of_moment(tables: dict[str, list[dict[str, Any]]]) -> str:
    """The day on which osquery saw the security products, as 2026-11-22."""
    for each in tables["windows_security_products"]:
        said = each.get("day")
        if isinstance(said, int) and 0 < said < 2**32:
            return datetime.fromtimestamp(said, HERE).date().isoformat()
        if isinstance(said, str):
            for form in ("%a %b %d %H:%M:%S %Y UTC", "%Y-%m-%d"):
                try:
                    return datetime.strptime(said, form).replace(tzinfo=UTC).astimezone(HERE).date().isoformat()
                except ValueError:
                    continue
    return ""


def _wazuh(items: Any) -> Inventory:
    """The agents of Wazuh's API (GET /agents): system by name. Wazuh tells nothing of signatures, so protection stays as it was."""
    found = Inventory(Source.WAZUH)
    for row, each in enumerate(_listed(items), start=1):
        name = _text(each.get("name"))
        if not name:
            found.faults.append(Fault(row, BadValue(value="", name="name")))
            continue
        system = each.get("os") if isinstance(each.get("os"), dict) else {}
        words = f"{_text(system.get('name'))} {_text(system.get('version'))}".strip()  # type: ignore[union-attr]
        facts = _facts({"system": words} if words else {}, row, found.faults)
        found.lines.append(Line(row, facts, host=("", name[:200])))
    return found
