"""Setting up bodies that issue in their own name through an agency's registry, and who is in them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people import policy, queries
from antin.people.actor import Actor
from antin.people.models import Body, BodyMember, Unit
from antin.people.operations.posts import NeedsBasis, NotToOneself, holds
from antin.people.states import BodyKind, Standing
from antin.refusal import NotFound, Refusal, refuse


class BodyNeedsName(Refusal):
    code = "body_needs_name"
    words = _("Tổ chức phải có tên và ký hiệu (viết tắt), không có dấu cách hay dấu gạch trong ký hiệu.")


class BodyMarkTaken(Refusal):
    code = "body_mark_taken"
    words = _("Ký hiệu %(mark)s đã dùng cho %(body)s.")


class MemberThere(Refusal):
    code = "body_member_there"
    words = _("%(post)s đã có trong %(body)s.")


class HeadThere(Refusal):
    code = "body_head_there"
    words = _("%(body)s đã có cấp trưởng: %(post)s.")


class PostElsewhere(Refusal):
    code = "body_post_elsewhere"
    words = _("%(post)s không thuộc cơ quan của %(body)s.")


def _said(words: str) -> str:
    said = clean_line(words)[:300]
    if not said:
        raise NeedsBasis()
    return said


@transaction.atomic
def found_body(
    *,
    agency_id: int,
    kind: str,
    name: str,
    abbreviation: str,
    parent_name: str = "",
    collective: str = "",
    office_id: int | None = None,
    basis: str,
    opened_on: date,
    actor: Actor | None,
    at: datetime,
) -> Body:
    """Let a Party organ, a council, board or team issue in its own name through an agency's registry.

    :raises NotAllowed: :raises NotFound: no such agency, or the office is no unit of it :raises NeedsBasis:
    :raises BodyNeedsName: :raises BodyMarkTaken: another open body of the agency has these letters
    """
    agency = queries.lock_unit(agency_id)
    refuse(policy.why_not_administer(actor, agency))
    if not agency.is_agency or (office_id and not Unit.objects.filter(pk=office_id, agency=agency).exists()):
        raise NotFound(unit=office_id or agency_id)
    called, mark = clean_line(name)[:300], clean_line(abbreviation)[:30]
    if not called or not mark or not all(sign.isalnum() for sign in mark):
        raise BodyNeedsName()
    taken = Body.objects.filter(agency=agency, kind=BodyKind(kind), abbreviation=mark, closed_on=None).first()
    if taken is not None:
        raise BodyMarkTaken(mark=mark, body=taken.name)
    body = Body.objects.create(
        agency=agency,
        kind=BodyKind(kind),
        name=called,
        abbreviation=mark,
        parent_name=clean_line(parent_name)[:300],
        collective=clean_line(collective)[:200],
        office_id=office_id,
        basis=_said(basis),
        opened_on=opened_on,
    )
    _record("body.founded", body, actor, at, abbreviation=mark, kind=body.kind, basis=body.basis)
    return body


def _record(event: str, body: Body, actor: Actor | None, at: datetime, **facts: Any) -> None:
    facts |= {"body": body.pk, "name": body.name}
    journal.record(event, subject=("unit", body.agency_id), actor=actor, at=at, agency_id=body.agency_id, **facts)


@transaction.atomic
def close_body(*, body_id: int, basis: str, actor: Actor | None, at: datetime) -> Body:
    """Let a body end today; what it has begun is signed by nobody any more.

    :raises NotAllowed: :raises NotFound: none, or closed :raises NeedsBasis:
    """
    body = queries.lock_body(body_id)
    refuse(policy.why_not_administer(actor, body.agency))
    if body.closed_on is not None:
        raise NotFound()
    said = _said(basis)
    body.closed_on = max(localdate(at), body.opened_on)
    body.save(update_fields=["closed_on"])
    _record("body.closed", body, actor, at, basis=said)
    return body


@transaction.atomic
def seat_in_body(
    *, body_id: int, post_id: int, title: str, standing: str, basis: str, since: date, actor: Actor | None, at: datetime
) -> BodyMember:
    """Put a post of the agency into a body, with what it is called there and as what it signs.

    :raises NotAllowed: :raises NotFound: :raises NeedsBasis: :raises BodyNeedsName: no title
    :raises PostElsewhere: :raises MemberThere: :raises HeadThere: the body has its head
    :raises NotToOneself: the actor would sit there himself
    """
    body, post = queries.lock_body(body_id), queries.get_post(post_id)
    refuse(policy.why_not_administer(actor, body.agency))
    if body.closed_on is not None:
        raise NotFound()
    if post.unit.agency_id != body.agency_id:
        raise PostElsewhere(post=post.title, body=body.name)
    if holds(actor, post, localdate(at)):
        raise NotToOneself()
    called = clean_line(title)[:200]
    if not called:
        raise BodyNeedsName()
    running = [each for each in queries.list_members(body_id) if each.until is None]
    if any(each.post_id == post_id for each in running):
        raise MemberThere(post=post.title, body=body.name)
    head = next((each for each in running if each.standing == Standing.HEAD), None)
    if head is not None and standing == Standing.HEAD:
        raise HeadThere(body=body.name, post=head.post.title)
    member = BodyMember.objects.create(
        body=body, post=post, title=called, standing=Standing(standing), basis=_said(basis), since=since
    )
    facts = {"post": post_id, "title": called, "standing": member.standing, "since": since.isoformat()}
    _record("body.seated", body, actor, at, **facts, basis=member.basis)
    return member


@transaction.atomic
def unseat_from_body(*, member_id: int, basis: str, actor: Actor | None, at: datetime) -> BodyMember:
    """End a membership today. :raises NotAllowed: :raises NotFound: none, or ended :raises NeedsBasis:"""
    member = BodyMember.objects.select_for_update().filter(pk=member_id, until=None).first()
    if member is None:
        raise NotFound()
    body = queries.lock_body(member.body_id)
    refuse(policy.why_not_administer(actor, body.agency))
    said = _said(basis)
    member.until = max(localdate(at), member.since)
    member.save(update_fields=["until"])
    _record("body.unseated", body, actor, at, post=member.post_id, title=member.title, basis=said)
    return member
