"""Reading the tree of units."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import F, Q, QuerySet

from antin.identifiers.text import fold
from antin.people.models import FormerName, Unit
from antin.refusal import NotFound


@dataclass(frozen=True)
class UnitRow:
    """A unit in a list or a picker. `depth` is 0 at the root; `code` is empty inside an agency."""

    id: int
    name: str
    short_name: str
    abbreviation: str
    kind: str
    parent_id: int | None
    agency_id: int
    is_agency: bool
    code: str
    open: bool
    depth: int
    path: str


@dataclass(frozen=True)
class Named:
    """What a unit was called on a day, and under which unit it stood."""

    name: str
    short_name: str
    abbreviation: str
    parent_id: int | None


def is_open(on: date, prefix: str = "") -> Q:
    """Return the condition that a dated thing (`opened_on`, `closed_on`) is open on a day."""
    closed = Q(**{f"{prefix}closed_on__isnull": True}) | Q(**{f"{prefix}closed_on__gt": on})
    return Q(**{f"{prefix}opened_on__lte": on}) & closed


def is_running(on: date, prefix: str = "") -> Q:
    """Return the condition that a dated bond (`since`, `until`) holds on a day; the end is exclusive."""
    not_over = Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gt": on})
    return Q(**{f"{prefix}since__lte": on}) & not_over


def next_unit_id() -> int:
    """Draw the id of a unit before it is written: an agency and every path name themselves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('people_unit', 'id'))")
        return int(cursor.fetchone()[0])


def lock_unit(unit_id: int) -> Unit:
    """Lock one unit for writing.

    :raises NotFound: no such unit
    """
    found = Unit.objects.select_for_update(of=("self",)).select_related("code").filter(id=unit_id).first()
    if found is None:
        raise NotFound(unit=unit_id)
    return found


def get_unit(unit_id: int) -> Unit:
    """Return a unit with its agency, parent and code.

    :raises NotFound: no such unit
    """
    found = Unit.objects.select_related("agency__code", "parent", "code").filter(id=unit_id).first()
    if found is None:
        raise NotFound(unit=unit_id)
    return found


def get_agency(agency_id: int) -> Unit:
    """Return an agency with its code and parent.

    :raises NotFound: no such unit, or it is no agency
    """
    found = Unit.objects.select_related("parent", "code").filter(id=agency_id, is_agency=True).first()
    if found is None:
        raise NotFound(agency=agency_id)
    return found


def find_agency_by_code(code: str) -> Unit | None:
    """Return the open agency of a code (the code of Decision 20/2020; resolve other spellings with identifiers first), or None."""
    return Unit.objects.select_related("code").filter(code__value=code, closed_on__isnull=True).first()


def find_root() -> Unit | None:
    """Return the oldest root of the tree; None on an empty node."""
    return Unit.objects.filter(parent__isnull=True).order_by("id").first()


def list_agencies(on: date) -> QuerySet[Unit]:
    """List the agencies open on a day, in the order of the house."""
    return Unit.objects.filter(is_open(on), is_agency=True).select_related("code").order_by("sort_key", "id")


def list_departments(agency_id: int, on: date) -> QuerySet[Unit]:
    """List the units inside one agency open on a day, without the agency itself, in order."""
    return Unit.objects.filter(is_open(on), agency_id=agency_id, is_agency=False).order_by("sort_key", "id")


def list_units(ids: list[int]) -> dict[int, Unit]:
    """Return many units at once, by id, with their codes; what does not exist is left out."""
    return Unit.objects.select_related("code").in_bulk(ids)


def subtree(unit: Unit) -> QuerySet[Unit]:
    """List a unit and everything below it, open or not."""
    return Unit.objects.filter(path__gte=unit.path, path__lt=unit.path[:-1] + "0")


def get_unit_as_of(unit_id: int, on: date) -> Named:
    """Return what a unit was called on a day.

    :raises NotFound: no such unit
    """
    then = FormerName.objects.filter(unit_id=unit_id, until__gt=on).order_by("until", "id").first()
    source = then or get_unit(unit_id)
    return Named(source.name, source.short_name, source.abbreviation, source.parent_id)


def list_former(unit_id: int) -> list[FormerName]:
    """List what a unit was called and where it stood before, the latest first."""
    return list(FormerName.objects.filter(unit_id=unit_id).order_by("-until", "-id"))


def list_tree(
    *, on: date, below: Unit | None = None, words: str = "", agencies_only: bool = False, with_closed: bool = False
) -> list[UnitRow]:
    """List units as a tree is drawn, each after its parent and in the order of its siblings.

    With `words` (accents or not) only what answers to them by name, short name, abbreviation or code.
    """
    units = (subtree(below) if below else Unit.objects.all()).annotate(code_value=F("code__value"))
    if not with_closed:
        units = units.filter(is_open(on))
    if agencies_only:
        units = units.filter(is_agency=True)
    for word in fold(words).split():
        units = units.filter(search_text__contains=word)
    rows = {
        unit.id: UnitRow(
            id=unit.id,
            name=unit.name,
            short_name=unit.short_name,
            abbreviation=unit.abbreviation,
            kind=unit.kind,
            parent_id=unit.parent_id,
            agency_id=unit.agency_id,
            is_agency=unit.is_agency,
            code=unit.code_value or "",
            open=unit.opened_on <= on and (unit.closed_on is None or unit.closed_on > on),
            depth=unit.path.count("/") - 2,
            path=unit.path,
        )
        for unit in units.order_by("sort_key", "id")
    }
    return _as_tree(rows)


def _as_tree(rows: dict[int, UnitRow]) -> list[UnitRow]:
    """Put rows that are sorted among siblings into tree order; a row whose parent is not shown stands as a root."""
    children: dict[int | None, list[UnitRow]] = {}
    for row in rows.values():
        children.setdefault(row.parent_id if row.parent_id in rows else None, []).append(row)
    ordered: list[UnitRow] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        row = waiting.pop()
        ordered.append(row)
        waiting.extend(reversed(children.get(row.id, [])))
    return ordered


def find_open_part(unit: Unit, on: date) -> Unit | None:
    """Return a unit below this one that is still open, if there is one."""
    return (
        subtree(unit)
        .filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on))
        .exclude(id=unit.id)
        .order_by("path")
        .first()
    )


def has_open_child_named(parent_id: int | None, name: str, on: date) -> bool:
    """Tell whether an open unit under this parent has this very name."""
    return Unit.objects.filter(is_open(on), parent_id=parent_id, name=name).exists()


def list_abbreviations() -> list[tuple[str, str]]:
    """Return the abbreviations of all units, also of closed ones, each with a name it stands for."""
    rows = Unit.objects.exclude(abbreviation="").values_list("abbreviation", "name", "short_name").order_by("pk")
    return [(abbreviation, name) for abbreviation, *names in rows for name in dict.fromkeys(names) if name]
