"""Finding whom work goes to: the reviewer of a draft, the head who directs, a unit or post inside an agency, open recipients."""

from __future__ import annotations

from datetime import date

from antin.people.models import Post, Unit
from antin.people.queries.posts import PostRow, list_posts, post_holder
from antin.people.queries.units import is_open
from antin.people.states import Role
from antin.refusal import NotFound


def find_reviewer(*, unit_id: int, post_id: int, on: date) -> PostRow | None:
    """Return who reviews a draft made in a unit: its head, a deputy where the head's post is vacant, or the next unit up.

    None when nobody stands between the drafter and the signer: he heads his unit himself, or works at the agency's top.
    """
    unit: Unit | None = Unit.objects.filter(pk=unit_id).first()
    while unit is not None and not unit.is_agency:
        leaders = list_posts(unit.agency_id, on, roles=(Role.HEAD, Role.DEPUTY), unit_id=unit.pk)
        if any(row.id == post_id and row.role == Role.HEAD for row in leaders):
            return None
        filled = sorted(
            (row for row in leaders if row.person_id and row.id != post_id), key=lambda row: row.role != Role.HEAD
        )
        if filled:
            return filled[0]
        unit = unit.parent
    return None


def find_head_post(unit_id: int, on: date) -> Post | None:
    """Return the post that heads a unit on a day, if somebody fills it; a deputy's where it is vacant; None where all are."""
    leaders = Post.objects.filter(is_open(on), unit_id=unit_id, role__in=(Role.HEAD, Role.DEPUTY)).order_by(
        "-role", "order", "id"
    )
    return next((post for post in leaders if post_holder(post.pk, on)), None)


def get_post_in(*, agency_id: int, post_id: int) -> Post:
    """Return an open post of an agency. :raises NotFound: it is another's, closed or absent"""
    found = (
        Post.objects.select_related("unit")
        .filter(pk=post_id, unit__agency_id=agency_id, closed_on__isnull=True)
        .first()
    )
    if found is None:
        raise NotFound(post=post_id)
    return found


def get_unit_to_task(*, agency_id: int, unit_id: int, under: int | None) -> Unit:
    """Return an open unit that may be given work: a part of the agency or, where `under` is given, any unit below that one.

    :raises NotFound: it is neither, or closed, or absent
    """
    found = Unit.objects.filter(pk=unit_id, closed_on__isnull=True).first()
    inside = found is not None and found.agency_id == agency_id and not found.is_agency
    if found is None or not (inside or _lies_under(found, under)):
        raise NotFound(unit=unit_id)
    return found


def get_post_to_task(*, agency_id: int, post_id: int, under: int | None) -> Post:
    """Return an open post that may be given work: in the agency or, where `under` is given, in any unit below that one.

    :raises NotFound: it is neither, or closed, or absent
    """
    found = Post.objects.select_related("unit").filter(pk=post_id, closed_on__isnull=True).first()
    if found is None or not (found.unit.agency_id == agency_id or _lies_under(found.unit, under)):
        raise NotFound(post=post_id)
    return found


def _lies_under(unit: Unit, under: int | None) -> bool:
    return under is not None and unit.pk != under and f"/{under}/" in unit.path


def in_words(post: Post, on: date) -> str:
    """Return a post with its holder's name: "Trưởng phòng Kế hoạch Hoàng Gia Đạt"."""
    holder = post_holder(post.pk, on)
    return f"{post.title} {holder.name}" if holder else post.title


def find_open_agencies(ids: list[int], on: date) -> dict[int, Unit]:
    """Return those of the units that are agencies open on a day, by id."""
    return {unit.pk: unit for unit in Unit.objects.filter(is_open(on), pk__in=ids, is_agency=True)}


def list_names(ids: list[int]) -> list[str]:
    """Return the names of units, whatever their state."""
    return list(Unit.objects.filter(pk__in=ids).order_by("sort_key").values_list("name", flat=True))


def find_successor(unit_id: int, on: date) -> Unit | None:
    """Return the open agency that a closed one went over to, however many closings later."""
    unit = Unit.objects.select_related("successor").filter(pk=unit_id).first()
    seen: set[int] = set()
    while unit is not None and unit.pk not in seen:
        seen.add(unit.pk)
        if unit.closed_on is None or unit.closed_on > on:
            return unit if unit.pk != unit_id else None
        unit = unit.successor
    return None


def find_standing(agency_ids: list[int], on: date) -> dict[int, int]:
    """Of each agency the one that stands in its place on a day: itself, or the open one it went over to. Closed ones that went
    over to nobody are left out."""
    found = {unit_id: unit_id for unit_id in find_open_agencies(agency_ids, on)}
    for unit_id in set(agency_ids) - found.keys():
        after = find_successor(unit_id, on)
        if after is not None and after.is_agency:
            found[unit_id] = after.pk
    return found
