"""What a version of a programme says: parts, and in each its work, targets and milestones. Pure: read, written, compared, digested.

Every part and entry has a key of its own that stays from version to version, so that work given by an entry stays its work.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean
from antin.refusal import Refusal
from antin.tasks.states import Evidence, Priority

MOST_PARTS, MOST_ENTRIES, MOST_JOINS = 20, 100, 30
_KEY = re.compile(r"[a-z0-9]{1,12}")


class BadContent(Refusal):
    code = "bad_programme"
    words = _("Nội dung kế hoạch không dùng được ở %(place)s: %(fault)s.")


@dataclass(frozen=True)
class Item:
    """Work of a part: what, who leads, who joins, by when, and what must be shown for it."""

    key: str
    title: str
    unit_id: int
    words: str = ""
    join_ids: tuple[int, ...] = ()
    due: date | None = None
    evidence: str = ""
    priority: int = 0


@dataclass(frozen=True)
class Target:
    """Something to be reached by the programme's end: by a figure of the node (`code`), or in words alone."""

    key: str
    title: str
    code: str = ""
    aim: Decimal | None = None


@dataclass(frozen=True)
class Milestone:
    """Something that is there on a day, or is not."""

    key: str
    title: str
    day: date


@dataclass(frozen=True)
class Part:
    """A part of a programme, and the unit that answers for it."""

    key: str
    title: str
    unit_id: int
    goal: str = ""
    items: tuple[Item, ...] = ()
    targets: tuple[Target, ...] = ()
    milestones: tuple[Milestone, ...] = ()

    @property
    def unit_ids(self) -> set[int]:
        """Every unit that the part names."""
        return {
            self.unit_id,
            *(item.unit_id for item in self.items),
            *(n for item in self.items for n in item.join_ids),
        }


Entry = Item | Target | Milestone
KINDS: dict[str, type[Item] | type[Target] | type[Milestone]] = {
    "items": Item,
    "targets": Target,
    "milestones": Milestone,
}


@dataclass(frozen=True)
class Content:
    parts: tuple[Part, ...] = ()

    def find_part(self, key: str) -> Part | None:
        return next((part for part in self.parts if part.key == key), None)

    def find_item(self, key: str) -> tuple[Part, Item] | None:
        return next(((part, item) for part in self.parts for item in part.items if item.key == key), None)

    def find_milestone(self, key: str) -> Milestone | None:
        return next((each for part in self.parts for each in part.milestones if each.key == key), None)

    @property
    def keys(self) -> list[str]:
        return [key for part in self.parts for key in (part.key, *(each.key for each in entries_of(part)))]

    @property
    def unit_ids(self) -> set[int]:
        return {number for part in self.parts for number in part.unit_ids}

    def next_key(self) -> str:
        """A key that no part or entry has."""
        taken = [int(key[1:]) for key in self.keys if key[:1] == "k" and key[1:].isdigit()]
        return f"k{max(taken, default=0) + 1}"

    def with_part(self, part: Part) -> Content:
        """The content with this part in the place of the one of the same key, or at the end."""
        if self.find_part(part.key) is None:
            return Content((*self.parts, part))
        return Content(tuple(part if each.key == part.key else each for each in self.parts))

    def without(self, key: str) -> Content:
        """The content without a part or an entry."""
        kept = [part for part in self.parts if part.key != key]
        rest: list[Part] = []
        for part in kept:
            told: dict[str, Any] = {kind: _other_than(key, getattr(part, kind)) for kind in KINDS}
            rest.append(replace(part, **told))
        return Content(tuple(rest))

    def with_entry(self, part_key: str, kind: str, entry: Entry) -> Content:
        """The content with this entry in the part; one of the same key makes room for it. :raises BadContent: no such part"""
        part = self.find_part(part_key)
        if part is None:
            raise BadContent(place=part_key, fault=gettext("không có phần này"))
        rows = getattr(part, kind)
        there = any(each.key == entry.key for each in rows)
        new = tuple(entry if each.key == entry.key else each for each in rows) if there else (*rows, entry)
        told: dict[str, Any] = {kind: new}
        return self.with_part(replace(part, **told))


def _other_than(key: str, rows: tuple[Entry, ...]) -> tuple[Entry, ...]:
    return tuple(each for each in rows if each.key != key)


def entries_of(part: Part) -> Iterator[Entry]:
    """Everything that stands in a part."""
    yield from part.items
    yield from part.targets
    yield from part.milestones


# Read and written


def written(content: Content) -> dict[str, Any]:
    """The content as plain JSON."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [plain(each) for each in value]
        return value.isoformat() if isinstance(value, date) else f"{value}" if isinstance(value, Decimal) else value

    return {"parts": plain([asdict(part) for part in content.parts])}


def digest_of(content: Content) -> str:
    """The SHA-256 of the content, as it is approved."""
    text = json.dumps(written(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read(given: Any) -> Content:
    """Read content that came from outside, or from a row. :raises BadContent: it says where and why"""
    rows = given.get("parts") if isinstance(given, Mapping) else None
    if not isinstance(rows, list | tuple) or len(rows) > MOST_PARTS:
        raise BadContent(place=gettext("toàn kế hoạch"), fault=gettext("không đọc được các phần"))
    content = Content(tuple(_part(row, number) for number, row in enumerate(rows, start=1)))
    if len(set(content.keys)) != len(content.keys):
        raise BadContent(place=gettext("toàn kế hoạch"), fault=gettext("hai mục cùng một khóa"))
    return content


def _part(row: Any, number: int) -> Part:
    place = gettext("phần %(n)d") % {"n": number}
    told = _known(row, Part, place)
    for kind, shape in KINDS.items():
        rows = told.pop(kind, ())
        if not isinstance(rows, list | tuple) or len(rows) > MOST_ENTRIES:
            raise BadContent(place=place, fault=gettext("quá nhiều mục"))
        told[kind] = tuple(_entry(shape, each, f"{place}.{n}") for n, each in enumerate(rows, start=1))
    return cast(Part, _made(Part, _cleaned(told, place), place))


def _entry(shape: type[Any], row: Any, place: str) -> Any:
    return _made(shape, _cleaned(_known(row, shape, place), place), place)


def _known(row: Any, shape: type[Any], place: str) -> dict[str, Any]:
    names = {each.name for each in fields(shape)}
    if not isinstance(row, Mapping) or not set(row) <= names:
        raise BadContent(place=place, fault=gettext("có mục không hiểu được"))
    return dict(row)


def _cleaned(told: dict[str, Any], place: str) -> dict[str, Any]:
    """Every field as its own kind has it. :raises BadContent:"""
    found = dict(told)
    for name, value in told.items():
        if name in _READERS:
            try:
                found[name] = _READERS[name](value)
            except (ValueError, TypeError, InvalidOperation, OverflowError):
                raise BadContent(place=place, fault=gettext(_FAULTS.get(name, _WRONG))) from None
    if not found.get("title"):
        raise BadContent(place=place, fault=gettext("thiếu tên"))
    return found


def _made(shape: type[Any], told: dict[str, Any], place: str) -> Any:
    lacking = [each.name for each in fields(shape) if each.default is MISSING and each.name not in told]
    if lacking:
        raise BadContent(place=place, fault=gettext("thiếu %(names)s") % {"names": ", ".join(lacking)})
    return shape(**told)


def _text(limit: int) -> Callable[[Any], str]:
    def read_text(value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError
        return clean(value).strip()[:limit]

    return read_text


def _key(value: Any) -> str:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise ValueError
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise ValueError
    return value


def _numbers(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_JOINS:
        raise ValueError
    return tuple(dict.fromkeys(_number(each) for each in value))


def _day(value: Any) -> date | None:
    return value if value is None or isinstance(value, date) else date.fromisoformat(value)


def _certain_day(value: Any) -> date:
    found = _day(value)
    if found is None:
        raise ValueError
    return found


def _aim(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    found = Decimal(str(value))
    if not found.is_finite() or abs(found) >= 10**9:
        raise ValueError
    return found.quantize(Decimal("0.01"))


_READERS: dict[str, Callable[[Any], Any]] = {
    "key": _key,
    "title": _text(500),
    "goal": _text(2000),
    "words": _text(2000),
    "code": _text(40),
    "unit_id": _number,
    "join_ids": _numbers,
    "due": _day,
    "day": _certain_day,
    "aim": _aim,
    "evidence": lambda value: Evidence(value).value,
    "priority": lambda value: Priority(value).value,
}
_WRONG = _("giá trị không hợp lệ")
_FAULTS = {"due": _("ngày không hợp lệ"), "day": _("ngày không hợp lệ"), "aim": _("chỉ tiêu không phải là số")}


# Compared


@dataclass(frozen=True)
class Change:
    """What became of a part or an entry from one version to the next: "new", "gone" or "other", and which fields are other."""

    how: str
    title: str
    fields: tuple[str, ...] = field(default=())


def compare(old: Content, new: Content) -> list[Change]:
    """Return what the newer version has that is new, other or gone, in the order of the newer one."""
    before, after = _flat(old), _flat(new)
    found = []
    for key, (part, each) in after.items():
        was = before.get(key)
        if was is None:
            found.append(Change("new", each.title))
            continue
        told = tuple(
            f.name
            for f in fields(each)
            if f.name not in KINDS and getattr(each, f.name) != getattr(was[1], f.name, None)
        )
        if was[0] != part:
            told = (*told, "part")
        if told:
            found.append(Change("other", each.title, told))
    return found + [Change("gone", each.title) for key, (_part, each) in before.items() if key not in after]


def _flat(content: Content) -> dict[str, tuple[str, Part | Entry]]:
    rows: dict[str, tuple[str, Part | Entry]] = {}
    for part in content.parts:
        rows[part.key] = ("", part)
        rows |= {each.key: (part.key, each) for each in entries_of(part)}
    return rows
