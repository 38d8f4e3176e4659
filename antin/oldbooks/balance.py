"""The balance of an old book: every number from 1 to the last of each sequence is accounted for. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from antin.oldbooks.states import Outcome

Place = tuple[int, str]
"""Year and group of a sequence."""
MOST_RANGES = 2_000


@dataclass(frozen=True)
class Counted:
    """What of a line the balance is made of. `double` where an earlier line of the book, or the node, has its number."""

    outcome: str
    year: int | None
    group: str
    value: int | None
    suffix: str
    double: bool = False
    by_default: bool = False
    filed: bool = False


@dataclass(frozen=True)
class Said:
    """Why numbers are missing, as the clerk says."""

    year: int
    group: str
    first: int
    last: int
    reason: str


def reckon(lines: Iterable[Counted], held: Mapping[Place, set[int]], said: Sequence[Said]) -> dict[str, Any]:
    """Return the balance as plain JSON. `held` are the numbers each sequence has on this node already.

    Of each sequence: last = before + imported + void + explained + missing.
    """
    taken: dict[Place, set[int]] = defaultdict(set)
    void: dict[Place, set[int]] = defaultdict(set)
    inserted: dict[Place, int] = defaultdict(int)
    doubles: dict[Place, list[str]] = defaultdict(list)
    refused: dict[Place, int] = defaultdict(int)
    total = {"rows": 0, "refused": 0, "doubles": 0, "void": 0, "by_default": 0, "imported": 0, "files": 0}
    for line in lines:
        total["rows"] += 1
        place = (line.year or 0, line.group)
        if line.outcome == Outcome.REFUSED:
            total["refused"] += 1
            refused[place] += 1
            if line.double:
                total["doubles"] += 1
                doubles[place].append(f"{line.value}{line.suffix}")
            continue
        total["imported" if line.outcome != Outcome.VOID else "void"] += 1
        total["by_default"] += line.by_default
        total["files"] += line.filed
        if line.value is None:
            continue
        if line.suffix:
            inserted[place] += 1
        else:
            (void if line.outcome == Outcome.VOID else taken)[place].add(line.value)
    places = sorted({place for place in (*taken, *void, *inserted) if place[0]})
    series = [
        _of(place, taken[place], void[place], held.get(place, set()), said)
        | {"inserted": inserted[place], "doubles": sorted(doubles[place]), "refused": refused[place]}
        for place in places
    ]
    unplaced = sum(n for place, n in refused.items() if place not in places)
    return {
        **total,
        "series": series,
        "unplaced": unplaced,
        "unexplained": sum(each["missing"] for each in series),
    }


def _of(place: Place, taken: set[int], void: set[int], held: set[int], said: Sequence[Said]) -> dict[str, Any]:
    there = taken | void | held
    last = max(there, default=0)
    reasons = [each for each in said if (each.year, each.group) == place]
    ranges = []
    explained = missing = 0
    for first, until in gaps(there, last):
        reason = next((each.reason for each in reasons if each.first <= first and until <= each.last), "")
        explained += (until - first + 1) if reason else 0
        missing += 0 if reason else (until - first + 1)
        ranges.append([first, until, reason])
    own = taken | void
    return {
        "year": place[0],
        "group": place[1],
        "first": min(own, default=0),
        "last": last,
        "before": len(held - own),  # a number that another node gave is held, and imported when its line comes
        "imported": len(taken),
        "void": len(void),
        "explained": explained,
        "missing": missing,
        "holes": ranges[:MOST_RANGES],
    }


def gaps(there: set[int], last: int) -> list[tuple[int, int]]:
    """Return the ranges from 1 to the last that are not there."""
    found = []
    expected = 1
    for value in sorted(each for each in there if each <= last):
        if value > expected:
            found.append((expected, value - 1))
        expected = value + 1
    return found
