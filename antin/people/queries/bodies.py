"""Reading the bodies that issue in their own name, who is in them, and how each signs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from antin.people import policy
from antin.people.actor import Actor
from antin.people.models import Appointment, Body, BodyMember
from antin.people.names import upper
from antin.people.queries.house import get_unit_for
from antin.people.queries.posts import get_post
from antin.people.queries.signing_rights import PostVacant, SigningRight
from antin.people.queries.units import is_open, is_running
from antin.people.states import BodyKind, Role, Standing
from antin.refusal import NotFound, Refusal

MARKS = {BodyKind.PARTY: ("T/M", "K/T", "T/L"), BodyKind.ADVISORY: ("TM.", "KT.", "TL.")}
"""On behalf of, for, by order of: as the Party writes them, and as Decree 30 does."""


class NotAMember(Refusal):
    code = "not_a_signing_member"
    words = _("%(post)s không được ký nhân danh %(body)s.")


def get_body(body_id: int) -> Body:
    """Return a body. :raises NotFound: there is none"""
    found = Body.objects.select_related("agency", "office").filter(pk=body_id).first()
    if found is None:
        raise NotFound()
    return found


def get_body_for(actor: Actor, body_id: int) -> Body:
    """Return a body of the house the actor administers. :raises NotFound: absent, or not his"""
    body = get_body(body_id)
    get_unit_for(actor, body.agency_id)
    return body


def lock_body(body_id: int) -> Body:
    """Return a body, its row locked. :raises NotFound: there is none"""
    found = Body.objects.select_for_update(of=("self",)).select_related("agency").filter(pk=body_id).first()
    if found is None:
        raise NotFound()
    return found


def list_bodies(agency_id: int) -> list[Body]:
    """Return the bodies that issue through an agency's registry, those closed last."""
    return list(Body.objects.filter(agency_id=agency_id).order_by("-closed_on", "kind", "id"))


def list_bodies_of(actor: Actor, on: date) -> list[Body]:
    """Return the bodies in whose name the actor drafts: he is in them, or in the unit that is their office."""
    if actor.role == Role.ADMINISTRATOR:
        return []
    sits = BodyMember.objects.filter(is_running(on), post_id=actor.post_id).values("body_id")
    ours = Q(pk__in=sits) | Q(office_id=actor.unit_id)
    return list(Body.objects.filter(is_open(on), ours, agency_id=actor.agency_id).order_by("kind", "id"))


def list_members(body_id: int) -> list[BodyMember]:
    """Return everybody who is or was in a body, those in it first."""
    rows = BodyMember.objects.filter(body_id=body_id).select_related("post__unit")
    return list(rows.order_by("-until", "since", "id"))


def list_body_rights(*, body_id: int, on: date) -> list[SigningRight]:
    """List who may sign for a body that day, its head first; nobody for a closed one. :raises NotFound: there is none"""
    body = get_body(body_id)
    if body.opened_on > on or (body.closed_on is not None and body.closed_on <= on):
        return []
    signing = BodyMember.objects.filter(is_running(on), is_open(on, "post__"), body=body).exclude(
        standing=Standing.MEMBER
    )
    order = list(Standing)
    members = sorted(signing.select_related("post"), key=lambda each: (order.index(Standing(each.standing)), each.pk))
    held = {
        row.post_id: row
        for row in Appointment.objects.filter(
            is_running(on), post_id__in=[each.post_id for each in members]
        ).select_related("person")
    }
    return [_right(body, members, each, held[each.post_id]) for each in members if each.post_id in held]


def _right(body: Body, members: Iterable[BodyMember], member: BodyMember, held: Appointment) -> SigningRight:
    """Word the right of one member."""
    behalf, instead, order = MARKS[BodyKind(body.kind)]
    head = next((each.title for each in members if each.standing == Standing.HEAD), "")
    first = [f"{behalf} {upper(body.collective)}"] if body.collective else []
    form, lines = behalf if first else "", [*first, upper(member.title)]
    if member.standing == Standing.ORDER:
        form, lines = order, [f"{order} {upper(body.collective or head or body.name)}", upper(member.title)]
    elif member.standing == Standing.DEPUTY and not (first and body.kind == BodyKind.PARTY):
        form, lines = instead, [*first, f"{instead} {upper(head or body.name)}", upper(member.title)]
    return SigningRight(
        post_id=member.post_id,
        post_title=member.title,
        unit_name=body.name,
        person_id=held.person_id,
        person_name=held.person.name,
        rank="" if body.kind == BodyKind.PARTY else held.person.rank,
        form=form,
        lines=tuple(lines),
        basis=member.basis,
        until=member.until,
    )


def get_body_right(*, body_id: int, post_id: int, on: date) -> SigningRight:
    """Return the right of a post to sign for a body on a day.

    :raises NotFound: no such body or post :raises UnitClosed: the body is closed (or `NotOpenYet`)
    :raises PostVacant: nobody holds the post :raises NotAMember: it is not among those who sign
    """
    body, post = get_body(body_id), get_post(post_id)
    if body.closed_on is not None and body.closed_on <= on:
        raise policy.UnitClosed(unit=body.name, day=policy.in_words(body.closed_on))
    if body.opened_on > on:
        raise policy.NotOpenYet(name=body.name, day=policy.in_words(body.opened_on))
    found = next((each for each in list_body_rights(body_id=body_id, on=on) if each.post_id == post_id), None)
    if found is not None:
        return found
    if not Appointment.objects.filter(is_running(on), post=post).exists():
        raise PostVacant(post=post.title, day=policy.in_words(on))
    raise NotAMember(post=post.title, body=body.name)
