"""Opening, renaming, moving and closing units."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop as _

from antin.identifiers import codes
from antin.identifiers import operations as identifiers
from antin.identifiers.models import Code
from antin.identifiers.text import clean_line, fold
from antin.journal import operations as journal
from antin.people import policy, queries
from antin.people.actor import Actor
from antin.people.models import Appointment, FormerName, Post, Unit
from antin.people.names import sort_key_of_words
from antin.people.operations.posts import end_all
from antin.refusal import Refusal, refuse


class UnitNeedsName(Refusal):
    code = "unit_needs_name"
    words = _("Đơn vị phải có tên, tên ngắn và chữ viết tắt.")


class UnitNameTaken(Refusal):
    code = "unit_name_taken"
    words = _("Trong cùng cấp trên đã có đơn vị đang hoạt động tên là %(name)s.")


class AgencyNeedsCode(Refusal):
    code = "agency_needs_code"
    words = _("Cơ quan có văn thư riêng phải có mã định danh.")


class PartHasNoCode(Refusal):
    code = "part_has_no_code"
    words = _("Bộ phận không có văn thư riêng thì không có mã định danh.")


class AgencyInsidePart(Refusal):
    code = "agency_inside_part"
    words = _("Cơ quan có văn thư riêng chỉ trực thuộc một cơ quan có văn thư riêng; %(parent)s không phải.")


class CodeOutsideParent(Refusal):
    code = "code_outside_parent"
    words = _("Mã định danh %(value)s không nằm dưới mã %(parent)s của cơ quan cấp trên.")


class UnitHasOpenParts(Refusal):
    code = "unit_has_open_parts"
    words = _("Chưa giải thể được %(unit)s: %(part)s trực thuộc còn hoạt động.")


class UnitIntoItself(Refusal):
    code = "unit_into_itself"
    words = _("Không chuyển %(unit)s vào chính nó hoặc vào đơn vị trực thuộc của nó.")


class BadSuccessor(Refusal):
    code = "bad_successor"
    words = _(
        "Đơn vị kế thừa phải khác %(unit)s, đang hoạt động, và là cơ quan có văn thư riêng nếu đơn vị giải thể là cơ quan như vậy."
    )


def _named(name: str, short_name: str, abbreviation: str) -> tuple[str, str, str]:
    told = (clean_line(name), clean_line(short_name), clean_line(abbreviation))
    if not all(told) or len(told[0]) > 300 or len(told[1]) > 100 or len(told[2]) > 30:
        raise UnitNeedsName()
    return told


def _search_text(name: str, short_name: str, abbreviation: str, code: str) -> str:
    return fold(f"{name} {short_name} {abbreviation} {code}")[:500]


def _check_code(value: str, parent: Unit | None) -> None:
    """Demand that the tree of codes and the tree of agencies agree. Decision 20/2020: the code of the parent is a prefix."""
    codes.parse(value)
    if parent is not None and parent.code is not None and not codes.is_below(value, parent.code.value):
        raise CodeOutsideParent(value=value, parent=parent.code.value)


@transaction.atomic
def open_unit(
    *,
    name: str,
    short_name: str,
    abbreviation: str,
    kind: str,
    parent_id: int | None,
    code: str = "",
    decision: str = "",
    collective: str = "",
    place_name: str = "",
    address: str = "",
    parent_name: str = "",
    order: int = 0,
    opened_on: date | None = None,
    actor: Actor | None,
    at: datetime,
) -> Unit:
    """Open a unit. With a `code` it is an agency, with its own registry office, books and seal; without, a part of its parent's.

    `abbreviation` is what stands in notations (`VP`); `place_name` the place before a date; `parent_name` the upper line of the
    letterhead (the parent's name when empty); `collective` the body the head signs for (TM.); `order` sorts siblings.

    :raises NotAllowed: the actor administers no house (or `NotYourHouse`)
    :raises NotFound: no such parent
    :raises UnitClosed: the parent is closed (or `NotOpenYet`)
    :raises UnitNeedsName: a name is empty or too long
    :raises UnitNameTaken: an open sibling is called so
    :raises AgencyNeedsCode: a root must be an agency
    :raises AgencyInsidePart: the parent of an agency is no agency
    :raises CodeOutsideParent: the code is not below the parent's
    :raises CodeSpent: the code was used before (and other refusals of `identifiers.issue`)
    """
    parent = queries.lock_unit(parent_id) if parent_id is not None else None
    refuse(policy.why_not_administer(actor, parent))
    day = opened_on or localdate(at)
    name, short_name, abbreviation = _named(name, short_name, abbreviation)
    if parent is None and not code:
        raise AgencyNeedsCode()
    if parent is not None:
        for each in (day, max(day, localdate(at))):
            refuse(policy.why_unit_not_open(parent, each))
        if code and not parent.is_agency:
            raise AgencyInsidePart(parent=parent.name)
        if queries.has_open_child_named(parent.id, name, day):
            raise UnitNameTaken(name=name)
    issued: Code | None = None
    if code:
        _check_code(code, parent)
        issued = identifiers.issue(value=code, decision=decision, actor=actor, at=at)
    unit_id = queries.next_unit_id()
    unit = Unit.objects.create(
        id=unit_id,
        name=name,
        short_name=short_name,
        abbreviation=abbreviation,
        kind=kind,
        parent=parent,
        agency_id=unit_id if parent is None or code else parent.agency_id,
        is_agency=bool(code),
        code=issued,
        collective=clean_line(collective),
        place_name=clean_line(place_name) or (parent.place_name if parent else ""),
        address=clean_line(address),
        parent_name=clean_line(parent_name) or (parent.name if parent else ""),
        opened_on=day,
        sort_key=f"{order:04d} {sort_key_of_words(name)}"[:300],
        search_text=_search_text(name, short_name, abbreviation, code),
        path=f"{parent.path if parent else '/'}{unit_id}/",
    )
    journal.record(
        "unit.opened",
        subject=("unit", unit.id),
        actor=actor,
        at=at,
        agency_id=unit.agency_id,
        name=name,
        parent=parent_id,
        code=code,
    )
    return unit


def _keep_former_name(unit: Unit, at: datetime) -> None:
    FormerName.objects.create(
        unit=unit,
        until=localdate(at),
        name=unit.name,
        short_name=unit.short_name,
        abbreviation=unit.abbreviation,
        parent_id=unit.parent_id,
    )


@transaction.atomic
def rename_unit(
    *,
    unit_id: int,
    name: str,
    short_name: str,
    abbreviation: str,
    decision: str = "",
    actor: Actor | None,
    at: datetime,
) -> Unit:
    """Give a unit another name from today on; what it was called before is kept and dated.

    :raises NotAllowed: the actor does not administer it
    :raises NotFound: no such unit
    :raises UnitClosed: it is closed
    :raises UnitNeedsName: a name is empty or too long
    :raises UnitNameTaken: an open sibling is called so
    """
    unit = queries.lock_unit(unit_id)
    refuse(policy.why_not_administer(actor, unit))
    refuse(policy.why_unit_not_open(unit, localdate(at)))
    name, short_name, abbreviation = _named(name, short_name, abbreviation)
    if name != unit.name and queries.has_open_child_named(unit.parent_id, name, localdate(at)):
        raise UnitNameTaken(name=name)
    former = unit.name
    was = {"short_name": unit.short_name, "abbreviation": unit.abbreviation}
    _keep_former_name(unit, at)
    unit.name, unit.short_name, unit.abbreviation = name, short_name, abbreviation
    unit.sort_key = f"{unit.sort_key[:4]} {sort_key_of_words(name)}"[:300]
    unit.search_text = _search_text(name, short_name, abbreviation, unit.code.value if unit.code else "")
    unit.save(update_fields=["name", "short_name", "abbreviation", "sort_key", "search_text"])
    journal.record(
        "unit.renamed",
        subject=("unit", unit.id),
        actor=actor,
        at=at,
        agency_id=unit.agency_id,
        name=name,
        short_name=short_name,
        abbreviation=abbreviation,
        former=former,
        was=was,
        decision=decision,
    )
    return unit


@transaction.atomic
def describe_unit(
    *,
    unit_id: int,
    place_name: str,
    address: str,
    parent_name: str,
    collective: str,
    actor: Actor | None,
    at: datetime,
) -> Unit:
    """Change what the letterhead of a unit says besides its name.

    :raises NotAllowed: the actor does not administer it
    :raises NotFound: no such unit
    :raises UnitClosed: it is closed
    """
    unit = queries.lock_unit(unit_id)
    refuse(policy.why_not_administer(actor, unit))
    refuse(policy.why_unit_not_open(unit, localdate(at)))
    was = {name: getattr(unit, name) for name in ("place_name", "address", "parent_name", "collective")}
    unit.place_name, unit.address = clean_line(place_name), clean_line(address)
    unit.parent_name, unit.collective = clean_line(parent_name), clean_line(collective)
    unit.save(update_fields=["place_name", "address", "parent_name", "collective"])
    journal.record(
        "unit.described",
        subject=("unit", unit.id),
        actor=actor,
        at=at,
        agency_id=unit.agency_id,
        place_name=unit.place_name,
        address=unit.address,
        parent_name=unit.parent_name,
        collective=unit.collective,
        was=was,
    )
    return unit


@transaction.atomic
def move_unit(
    *, unit_id: int, parent_id: int, code: str = "", decision: str = "", actor: Actor | None, at: datetime
) -> Unit:
    """Put a unit, with everything below it, under another parent from today on.

    An agency whose code does not lie below its new parent's takes a new `code`; the old one points to it for ever.

    :raises NotAllowed: the actor administers not both sides
    :raises NotFound: no such unit or parent
    :raises UnitClosed: one of the two is closed
    :raises UnitIntoItself: the new parent is the unit or lies below it
    :raises AgencyInsidePart: an agency would come under a part
    :raises AgencyNeedsCode: its code does not agree with the new place and no new one is given
    :raises PartHasNoCode: a code is given for a part
    :raises UnitNameTaken: an open unit there is called so
    """
    locked = {each: queries.lock_unit(each) for each in sorted({unit_id, parent_id})}
    unit, parent = locked[unit_id], locked[parent_id]
    refuse(policy.why_not_administer(actor, unit))
    refuse(policy.why_not_administer(actor, parent))
    for each in (unit, parent):
        refuse(policy.why_unit_not_open(each, localdate(at)))
    if parent.path.startswith(unit.path):
        raise UnitIntoItself(unit=unit.name)
    if unit.is_agency and not parent.is_agency:
        raise AgencyInsidePart(parent=parent.name)
    if code and not unit.is_agency:
        raise PartHasNoCode()
    if queries.has_open_child_named(parent.id, unit.name, localdate(at)):
        raise UnitNameTaken(name=unit.name)
    former_code = unit.code.value if unit.code else ""
    _recode(unit, parent, code=code, decision=decision, actor=actor, at=at)
    former_parent, old_path, old_agency = unit.parent_id, unit.path, unit.agency_id
    _keep_former_name(unit, at)
    unit.parent, unit.path = parent, f"{parent.path}{unit.id}/"
    unit.agency_id = unit.id if unit.is_agency else parent.agency_id
    unit.save(update_fields=["parent", "code", "path", "agency", "search_text"])
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_unit SET path = %s || substr(path, %s), agency_id = CASE WHEN agency_id = %s THEN %s ELSE agency_id END"
            " WHERE path >= %s AND path < %s",
            [unit.path, len(old_path) + 1, old_agency, unit.agency_id, old_path, old_path[:-1] + "0"],
        )
    journal.record(
        "unit.moved",
        subject=("unit", unit.id),
        actor=actor,
        at=at,
        agency_id=unit.agency_id,
        parent=parent.id,
        former_parent=former_parent,
        code=code,
        former_code=former_code,
        decision=decision,
    )
    return unit


def _recode(unit: Unit, parent: Unit, *, code: str, decision: str, actor: Actor | None, at: datetime) -> None:
    """Give a moved agency the code of its new place, if it needs one."""
    if not unit.is_agency or unit.code is None or parent.code is None:
        return
    if not code:
        if not codes.is_below(unit.code.value, parent.code.value):
            raise AgencyNeedsCode()
        return
    _check_code(code, parent)
    old = unit.code.value
    unit.code = identifiers.issue(value=code, decision=decision, actor=actor, at=at)
    identifiers.merge(value=old, into=code, decision=decision, actor=actor, at=at)
    unit.search_text = _search_text(unit.name, unit.short_name, unit.abbreviation, code)


@transaction.atomic
def close_unit(
    *, unit_id: int, successor_id: int | None = None, decision: str = "", actor: Actor | None, at: datetime
) -> Unit:
    """Close a unit from today on, with its posts and appointments; its code closes, or is merged into its successor's.

    :raises NotAllowed: the actor does not administer it
    :raises NotFound: no such unit or successor
    :raises UnitClosed: it is closed already
    :raises UnitHasOpenParts: something below it is still open
    :raises BadSuccessor: the successor is closed, the unit itself, or no agency in the place of one
    """
    ids = {unit_id} if successor_id is None else {unit_id, successor_id}
    locked = {each: queries.lock_unit(each) for each in sorted(ids)}
    unit = locked[unit_id]
    day = localdate(at)
    refuse(policy.why_not_administer(actor, unit))
    refuse(policy.why_unit_not_open(unit, day))
    part = queries.find_open_part(unit, day)
    if part is not None:
        raise UnitHasOpenParts(unit=unit.name, part=part.name)
    successor = locked[successor_id] if successor_id is not None else None
    if successor is not None and (
        successor.id == unit.id
        or policy.why_unit_not_open(successor, day) is not None
        or (unit.is_agency and not successor.is_agency)
    ):
        raise BadSuccessor(unit=unit.name)
    unit.closed_on, unit.successor = day, successor
    unit.save(update_fields=["closed_on", "successor"])
    ended = end_all(Appointment.objects.filter(post__unit=unit), day)
    Post.objects.filter(unit=unit, closed_on__isnull=True).update(closed_on=day)
    if unit.code is not None and successor is not None and successor.code is not None:
        identifiers.merge(value=unit.code.value, into=successor.code.value, decision=decision, actor=actor, at=at)
    elif unit.code is not None:
        identifiers.close(value=unit.code.value, decision=decision, actor=actor, at=at)
    journal.record(
        "unit.closed",
        subject=("unit", unit.id),
        actor=actor,
        at=at,
        agency_id=unit.agency_id,
        successor=successor_id,
        decision=decision,
        posts=ended,
    )
    return unit
