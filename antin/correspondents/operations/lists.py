"""Named lists: of recipients of documents, and groups within the agency to whom work is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from antin.correspondents import policy, queries
from antin.correspondents.models import ROLES, ListMember, RecipientList
from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse

MOST_MEMBERS = 500


class ListNeedsName(Refusal):
    code = "list_needs_name"
    words = _("Đặt tên cho danh sách, tối đa 200 ký tự.")


class ListEmpty(Refusal):
    code = "list_empty"
    words = _("Danh sách phải có ít nhất một nơi nhận, nhiều nhất %(most)d dòng.")


class NoSuchMember(Refusal):
    code = "no_such_member"
    words = _("Có nơi nhận không còn hoạt động, hoặc không phải cơ quan có văn thư riêng.")


class NoSuchColleague(Refusal):
    code = "no_such_colleague"
    words = _("Nhóm giao việc chỉ gồm đơn vị và người đang hoạt động trong cơ quan, mỗi nơi một vai trò.")


class MemberTwice(Refusal):
    code = "member_twice"
    words = _("Có đơn vị hoặc người được nêu hai lần trong nhóm.")


class GroupTwoLeads(Refusal):
    code = "group_two_leads"
    words = _("Nhóm chỉ có một nơi chủ trì.")


@dataclass(frozen=True)
class Entry:
    """One line of a list: exactly one is given. `under_id` takes in every agency below that one, on the day the list is used.

    Of a group to give work to: a unit within the agency or a post, and its `role`.
    """

    agency_id: int | None = None
    correspondent_id: int | None = None
    under_id: int | None = None
    part_id: int | None = None
    post_id: int | None = None
    role: str = ""


@transaction.atomic
def make_list(
    *,
    name: str,
    shared: bool,
    entries: Sequence[Entry],
    gives: bool = False,
    actor: Actor,
    today: date,
    at: datetime,
) -> RecipientList:
    """Make a list of recipients or, where it `gives`, a group to give work to: `shared` of the actor's unit, else his own.

    :raises NotAllowed: :raises ListNeedsName: :raises ListEmpty: :raises NoSuchMember:
    :raises NoSuchColleague: GroupTwoLeads: MemberTwice: of a group
    """
    refuse(policy.why_not_make_list(actor))
    kept = RecipientList.objects.create(
        name=_list_name(name),
        unit_id=actor.unit_id if shared else None,
        person_id=None if shared else actor.person_id,
        gives=gives,
        made_at=at,
        changed_at=at,
    )
    _record_list("list.made", kept, actor, at, holds=_write(kept, entries, actor, today))
    return kept


@transaction.atomic
def change_list(
    *, list_id: int, name: str, entries: Sequence[Entry], actor: Actor, today: date, at: datetime
) -> RecipientList:
    """Write a list anew; documents that used it keep what it held. Saying the same again changes nothing.

    :raises NotFound: :raises NotYourList: :raises ListClosed: :raises ListNeedsName: :raises ListEmpty: :raises NoSuchMember:
    """
    kept = queries.lock_list(actor, list_id)
    refuse(policy.why_not_change_list(actor, kept))
    said, before = _list_name(name), _member_names(kept)
    was = [Entry(*row) for row in _members(kept).values_list(*(field.name for field in fields(Entry)))]
    if said == kept.name and was == list(dict.fromkeys(entries)):
        return kept
    kept.members.all().delete()
    kept.name, kept.revision, kept.changed_at = said, kept.revision + 1, at
    kept.save(update_fields=["name", "revision", "changed_at"])
    after = _write(kept, entries, actor, today)
    added = [each for each in after if each not in before]
    removed = [each for each in before if each not in after]
    _record_list("list.changed", kept, actor, at, added=added, removed=removed)
    return kept


@transaction.atomic
def drop_list(*, list_id: int, actor: Actor, at: datetime) -> RecipientList:
    """Drop a list: it is offered no more. :raises NotFound: :raises NotYourList: :raises ListClosed:"""
    kept = queries.lock_list(actor, list_id)
    refuse(policy.why_not_change_list(actor, kept))
    kept.closed_at = at
    kept.save(update_fields=["closed_at"])
    _record_list("list.dropped", kept, actor, at, held=_member_names(kept))
    return kept


def _list_name(words: str) -> str:
    said = clean_line(words)
    if not said or len(said) > 200:
        raise ListNeedsName
    return said


def _members(kept: RecipientList) -> QuerySet[ListMember]:
    rows = ListMember.objects.filter(list=kept).select_related("agency", "correspondent", "under", "part", "post__unit")
    return rows.order_by("position")


def _member_names(kept: RecipientList) -> list[str]:
    return [str(each) for each in _members(kept)]


def _check_group(wanted: Sequence[Entry], actor: Actor) -> None:
    """Check that a group names units and posts of the actor's own agency, each once, in one role, one of them the lead at most."""
    for each in wanted:
        if each.role not in ROLES["part"] or (each.part_id is None) == (each.post_id is None):
            raise NoSuchColleague
        try:
            if each.part_id is not None:
                people.get_unit_to_task(agency_id=actor.agency_id, unit_id=each.part_id, under=None)
            else:
                people.get_post_to_task(agency_id=actor.agency_id, post_id=each.post_id or 0, under=None)
        except NotFound as no:
            raise NoSuchColleague from no
    if len({(each.part_id, each.post_id) for each in wanted}) < len(wanted):
        raise MemberTwice
    if sum(each.role == "lead" for each in wanted) > 1:
        raise GroupTwoLeads


def _write(kept: RecipientList, entries: Sequence[Entry], actor: Actor, today: date) -> list[str]:
    wanted = list(dict.fromkeys(entries))
    if not 0 < len(wanted) <= MOST_MEMBERS:
        raise ListEmpty(most=MOST_MEMBERS)
    within = any(each.part_id is not None or each.post_id is not None or each.role for each in wanted)
    if kept.gives:
        _check_group(wanted, actor)
    elif within:
        raise NoSuchMember
    units = [unit for each in wanted for unit in (each.agency_id, each.under_id) if unit is not None]
    strangers = [each.correspondent_id for each in wanted if each.correspondent_id is not None]
    here, outside = people.find_open_agencies(units, today), queries.find_open(strangers)
    if any(unit not in here for unit in units) or any(each not in outside for each in strangers):
        raise NoSuchMember
    ListMember.objects.bulk_create(
        ListMember(
            list=kept,
            position=position,
            agency_id=each.agency_id,
            correspondent_id=each.correspondent_id,
            under_id=each.under_id,
            part_id=each.part_id,
            post_id=each.post_id,
            role=each.role,
        )
        for position, each in enumerate(wanted, 1)
    )
    return _member_names(kept)


def _record_list(event: str, kept: RecipientList, actor: Actor, at: datetime, **facts: list[str]) -> None:
    journal.record(
        event,
        subject=("list", kept.pk),
        actor=actor,
        at=at,
        agency_id=actor.agency_id,
        name=kept.name,
        revision=kept.revision,
        **facts,
    )
