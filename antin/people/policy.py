"""Who may change the organisation: the administrator of an agency, in that agency and in everything below it; or the node itself.

There is no superuser: an administrator sees no document by being one.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from antin.people.actor import Actor
from antin.people.models import Appointment, Emergency, Person, Post, Unit
from antin.people.states import Role
from antin.refusal import NotAllowed, Refusal


class NotYourHouse(NotAllowed):
    code = "not_your_house"
    words = _("Đồng chí chỉ quản trị được đơn vị mình và các đơn vị trực thuộc; %(unit)s không thuộc phạm vi đó.")


class UnitClosed(Refusal):
    code = "unit_closed"
    words = _("%(unit)s đã giải thể từ ngày %(day)s.")


class PostClosed(Refusal):
    code = "post_closed"
    words = _("Chức vụ %(post)s đã thôi đặt từ ngày %(day)s.")


class NotOpenYet(Refusal):
    code = "not_open_yet"
    words = _("%(name)s đến ngày %(day)s mới thành lập.")


def in_words(day: date) -> str:
    """Write a day as it is written in Vietnam, 09/03/2026."""
    return f"{day:%d/%m/%Y}"


def is_in_house(agency_id: int, unit: Unit) -> bool:
    """Tell whether a unit is the agency or lies anywhere below it."""
    return f"/{agency_id}/" in unit.path


def why_not_administer(actor: Actor | None, unit: Unit | None) -> Refusal | None:
    """Tell why the actor may not change this unit, what is in it, or (None) open a new root."""
    if actor is None:
        return None
    if actor.role != Role.ADMINISTRATOR or unit is None:
        return NotAllowed()
    return None if is_in_house(actor.agency_id, unit) else NotYourHouse(unit=unit.name)


def why_not_see_house(actor: Actor) -> Refusal | None:
    """Tell why the actor may not read how a house is set up; which units are of his house, `queries.get_unit_for` tells."""
    return None if actor.role == Role.ADMINISTRATOR else NotAllowed()


def why_unit_not_open(unit: Unit, on: date) -> Refusal | None:
    """Tell why a unit cannot be used on a day."""
    if unit.closed_on is not None and unit.closed_on <= on:
        return UnitClosed(unit=unit.name, day=in_words(unit.closed_on))
    if unit.opened_on > on:
        return NotOpenYet(name=unit.name, day=in_words(unit.opened_on))
    return None


def why_post_not_open(post: Post, on: date) -> Refusal | None:
    """Tell why a post, or its unit, cannot be used on a day."""
    if post.closed_on is not None and post.closed_on <= on:
        return PostClosed(post=post.title, day=in_words(post.closed_on))
    if post.opened_on > on:
        return NotOpenYet(name=post.title, day=in_words(post.opened_on))
    return why_unit_not_open(post.unit, on)


def why_not_delegate(actor: Actor | None, from_post: Post) -> Refusal | None:
    """Tell why the actor may not record a delegation of this post: the holder himself may, and the administrator of his house."""
    if actor is not None and actor.post_id == from_post.id and not actor.on_behalf:
        return None
    return why_not_administer(actor, from_post.unit)


def in_house(actor: Actor | None, prefix: str = "") -> Q:
    """Return the condition that a unit (`prefix` leads to it) lies in the house the actor administers; nothing for others."""
    if actor is None:
        return Q()
    return Q(**{f"{prefix}path__contains": f"/{actor.agency_id}/"}) if actor.role == Role.ADMINISTRATOR else Q(pk=None)


def why_not_take_over(actor: Actor, post: Post) -> Refusal | None:
    """Tell why the actor may not take over a post in an emergency.

    The registry office and those who work at the top of the agency take over any post of it, others those of their own unit; never
    an administrator's, and nobody while he stands in for another.
    """
    if actor.on_behalf or Role.ADMINISTRATOR in (actor.role, post.role) or post.pk == actor.post_id:
        return NotAllowed()
    if post.unit.agency_id != actor.agency_id:
        return NotAllowed()
    wide = actor.unit_id == actor.agency_id or actor.role == Role.CLERK
    return None if wide or post.unit_id == actor.unit_id else NotAllowed()


def why_not_review(actor: Actor, emergency: Emergency) -> Refusal | None:
    """Tell why the actor may not judge an emergency: the head of the agency does, and nobody his own."""
    heads = actor.role == Role.HEAD and actor.unit_id == actor.agency_id and not actor.on_behalf
    mine = emergency.substitution.principal.unit.agency_id == actor.agency_id
    return None if heads and mine and emergency.person_id != actor.person_id else NotAllowed()


def why_not_manage(actor: Actor | None, person: Person) -> Refusal | None:
    """Tell why the actor may not change a person.

    Every post the person ever held must lie in the administrator's house, so that nobody gets hold of somebody above him.
    """
    if actor is None:
        return None
    if actor.role != Role.ADMINISTRATOR:
        return NotAllowed()
    held = Appointment.objects.filter(person=person).select_related("post__unit")
    outside = next((each.post.unit for each in held if not is_in_house(actor.agency_id, each.post.unit)), None)
    return NotYourHouse(unit=outside.name) if outside else None
