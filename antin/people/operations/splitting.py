"""Splitting a unit: parts of it become units of their own beside it, and it lives on (tách) or is closed (chia)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people import policy, queries
from antin.people.actor import Actor
from antin.people.models import Appointment, BodyMember, Delegation, FormerPlace, Post, Substitution, Unit
from antin.people.operations.bodies import unseat_from_body
from antin.people.operations.delegations import revoke_delegation
from antin.people.operations.posts import NeedsBasis, end_substitution
from antin.people.operations.units import AgencyNeedsCode, PartHasNoCode, close_unit, move_unit, open_unit
from antin.people.states import Kind
from antin.refusal import NotAllowed, NotFound, Refusal, refuse


class TooFewParts(Refusal):
    code = "split_too_few_parts"
    words = _("Tách cần ít nhất một đơn vị mới; chia cần ít nhất hai.")


class NotOfTheUnit(Refusal):
    code = "split_not_of_the_unit"
    words = _("Chức vụ hoặc đơn vị được chia không thuộc %(unit)s, đã thôi, hoặc được chia về hai nơi.")


class PostLeftBehind(Refusal):
    code = "split_post_left_behind"
    words = _("Chia %(unit)s thì chức vụ %(post)s của %(holder)s phải về một đơn vị mới.")


class UnitLeftBehind(Refusal):
    code = "split_unit_left_behind"
    words = _("Chia %(unit)s thì %(part)s trực thuộc phải về một đơn vị mới.")


class OneTakesTheWork(Refusal):
    code = "split_one_takes_the_work"
    words = _("Việc chung của %(unit)s chỉ giao được cho một đơn vị mới.")


@dataclass(frozen=True)
class Part:
    """A unit to be: what it is called, and which posts and units below the old one go to it.

    `takes_work`: the work given to the old unit itself goes to it, with sight of what it is about; documents for an agency that is
    closed go to it. `sees`: its leaders see the documents that the old unit's leaders see.
    """

    name: str
    short_name: str
    abbreviation: str
    kind: str = Kind.DIVISION.value
    code: str = ""
    posts: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    takes_work: bool = False
    sees: bool = False


@dataclass(frozen=True)
class Split:
    """What came of it: the old unit, the new ones as they were asked for, and which unit each post went to."""

    unit: Unit
    parts: tuple[Unit, ...]
    posts: dict[int, int]
    heir: Unit | None


@transaction.atomic
def split_unit(
    *, unit_id: int, parts: Sequence[Part], keeps: bool, decision: str, actor: Actor | None, at: datetime
) -> Split:
    """Open new units beside a unit from today on and move posts and units below it there, with whoever holds them; all or nothing.

    With `keeps` the unit lives on (tách), else it is closed (chia): its code merges into that of the one that takes its work, or
    closes, and is never given again. Posts keep their holders and their work; where each was before is kept and dated. Of an agency
    posts leave its registry: leaves to sign, substitutions and seats in its bodies that they had end.

    :raises NotAllowed: the actor does not administer the unit and the one above, or nothing is above
    :raises NotFound: no such unit
    :raises UnitClosed: it is closed (or `NotOpenYet`)
    :raises NeedsBasis: no decision
    :raises TooFewParts: :raises OneTakesTheWork:
    :raises NotOfTheUnit: a post or unit is not directly in it, is closed, or is named twice
    :raises PostLeftBehind: :raises UnitLeftBehind: it is to be closed, and who holds a post, or a unit below, goes nowhere
    :raises AgencyNeedsCode: :raises PartHasNoCode: agencies are split into agencies, parts of agencies into such
    :raises Refusal: those of `open_unit`, `move_unit` and `close_unit`
    """
    unit = queries.get_unit(unit_id)
    ids = sorted({unit_id, unit.parent_id or unit_id})
    locked = {each: queries.lock_unit(each) for each in ids}
    unit = locked[unit_id]
    refuse(policy.why_not_administer(actor, unit))
    if unit.parent_id is None or unit.parent_id not in locked:
        raise NotAllowed() if unit.parent_id is None else NotFound(unit=unit_id)
    refuse(policy.why_not_administer(actor, locked[unit.parent_id]))
    day = localdate(at)
    refuse(policy.why_unit_not_open(unit, day))
    if not clean_line(decision):
        raise NeedsBasis()
    if len(parts) < (1 if keeps else 2):
        raise TooFewParts()
    if sum(part.takes_work for part in parts) > 1:
        raise OneTakesTheWork(unit=unit.name)
    for part in parts:
        if unit.is_agency and not part.code:
            raise AgencyNeedsCode()
        if part.code and not unit.is_agency:
            raise PartHasNoCode()
    posts, below = _named(unit, parts)
    if not keeps:
        _refuse_left(unit, set(posts), set(below), day)
    decision = clean_line(decision)[:200]
    made = [_open(unit, part, decision, actor, at) for part in parts]
    for part, new in zip(parts, made, strict=True):
        for below_id in part.units:
            move_unit(unit_id=below_id, parent_id=new.pk, decision=decision, actor=actor, at=at)
        for post_id in part.posts:
            _move_post(posts[post_id], new, decision, actor, at)
    if unit.is_agency:
        _end_powers(unit, set(posts), decision, actor, at)
    heir = next((new for part, new in zip(parts, made, strict=True) if part.takes_work), None)
    if not keeps:
        unit = close_unit(
            unit_id=unit_id, successor_id=heir.pk if heir else None, decision=decision, actor=actor, at=at
        )
    where = {post_id: new.pk for part, new in zip(parts, made, strict=True) for post_id in part.posts}
    journal.record(
        "unit.split",
        subject=("unit", unit_id),
        actor=actor,
        at=at,
        agency_id=unit.agency_id,
        keeps=keeps,
        parts=[new.pk for new in made],
        posts=where,
        units={each: new.pk for part, new in zip(parts, made, strict=True) for each in part.units},
        heir=heir.pk if heir else None,
        sees=[new.pk for part, new in zip(parts, made, strict=True) if part.sees or part.takes_work],
        decision=decision,
    )
    return Split(unit, tuple(made), where, heir)


def _named(unit: Unit, parts: Sequence[Part]) -> tuple[dict[int, Post], list[int]]:
    """The posts and units below that go somewhere. :raises NotOfTheUnit:"""
    asked = [post_id for part in parts for post_id in part.posts]
    below = [unit_id for part in parts for unit_id in part.units]
    found = Post.objects.select_for_update(of=("self",)).filter(pk__in=asked, unit=unit, closed_on__isnull=True)
    posts = {post.pk: post for post in found.order_by("pk")}
    children = set(Unit.objects.filter(parent=unit, closed_on__isnull=True).values_list("pk", flat=True))
    if len(asked) != len(posts) or len(set(below)) != len(below) or not set(below) <= children:
        raise NotOfTheUnit(unit=unit.name)
    return posts, below


def _refuse_left(unit: Unit, posts: set[int], below: set[int], day: date) -> None:
    held = Appointment.objects.filter(post__unit=unit).exclude(until__lte=day).exclude(post__in=posts)
    left = held.select_related("post", "person").order_by("post__order", "pk").first()
    if left is not None:
        raise PostLeftBehind(unit=unit.name, post=left.post.title, holder=left.person.name)
    part = Unit.objects.filter(parent=unit, closed_on__isnull=True).exclude(pk__in=below).order_by("sort_key").first()
    if part is not None:
        raise UnitLeftBehind(unit=unit.name, part=part.name)


def _open(unit: Unit, part: Part, decision: str, actor: Actor | None, at: datetime) -> Unit:
    return open_unit(
        name=part.name,
        short_name=part.short_name,
        abbreviation=part.abbreviation,
        kind=part.kind,
        parent_id=unit.parent_id,
        code=part.code,
        decision=decision,
        place_name=unit.place_name,
        address=unit.address,
        parent_name=unit.parent_name,
        order=int(unit.sort_key[:4]),
        actor=actor,
        at=at,
    )


def _move_post(post: Post, to: Unit, decision: str, actor: Actor | None, at: datetime) -> None:
    former = post.unit_id
    FormerPlace.objects.create(post=post, until=localdate(at), unit_id=former)
    post.unit = to
    post.save(update_fields=["unit"])
    journal.record(
        "post.moved",
        subject=("post", post.pk),
        actor=actor,
        at=at,
        agency_id=to.agency_id,
        title=post.title,
        former_unit=former,
        unit=to.pk,
        decision=decision,
    )


def _end_powers(unit: Unit, posts: set[int], decision: str, actor: Actor | None, at: datetime) -> None:
    """End what posts had in the agency they have left: leave to sign, standing in for others, seats in its bodies."""
    day = localdate(at)
    kept = Q(revoked_on__isnull=True) & (Q(until__isnull=True) | Q(until__gt=day))
    leaves = Delegation.objects.filter(kept, Q(from_post__in=posts) | Q(to_post__in=posts))
    for leave_id in leaves.order_by("pk").values_list("pk", flat=True):
        revoke_delegation(delegation_id=leave_id, actor=actor, at=at)
    apart = Substitution.objects.filter(kept, Q(principal__in=posts) | Q(substitute__in=posts))
    apart = apart.exclude(principal__unit__agency=F("substitute__unit__agency"))
    for stand_in_id in apart.order_by("pk").values_list("pk", flat=True):
        end_substitution(substitution_id=stand_in_id, actor=actor, at=at)
    for seat in BodyMember.objects.filter(body__agency=unit, post__in=posts, until=None).order_by("pk"):
        unseat_from_body(member_id=seat.pk, basis=decision, actor=actor, at=at)
