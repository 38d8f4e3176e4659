"""Opening and closing posts, and who is in them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people import policy, queries
from antin.people.actor import Actor
from antin.people.models import Appointment, Post, Substitution
from antin.people.states import Role, Status
from antin.refusal import NotFound, Refusal, refuse


class PostNeedsTitle(Refusal):
    code = "post_needs_title"
    words = _("Chức vụ phải có tên, không quá 200 ký tự.")


class HeadExists(Refusal):
    code = "head_exists"
    words = _("%(unit)s đã có chức vụ cấp trưởng.")


class PostHeld(Refusal):
    code = "post_held"
    words = _("Chức vụ %(post)s đã có %(holder)s giữ trong thời gian này.")


class PostStillHeld(Refusal):
    code = "post_still_held"
    words = _("Chưa bỏ được chức vụ %(post)s: %(holder)s còn giữ.")


class PersonLeft(Refusal):
    code = "person_left"
    words = _("%(person)s đã thôi công tác.")


class NotToOneself(Refusal):
    code = "not_to_oneself"
    words = _("Không ai tự bổ nhiệm, tự giao quyền cho chính mình.")


class EndBeforeStart(Refusal):
    code = "end_before_start"
    words = _("Ngày kết thúc phải sau ngày bắt đầu %(day)s.")


class EndInThePast(Refusal):
    code = "end_in_the_past"
    words = _("Ngày kết thúc không được trước ngày hôm nay %(day)s: việc đã làm trong chức vụ vẫn là đã làm.")


class AlreadyEnded(Refusal):
    code = "already_ended"
    words = _("Đã kết thúc từ ngày %(day)s.")


class SubstituteElsewhere(Refusal):
    code = "substitute_elsewhere"
    words = _("Chỉ chức vụ khác trong cùng cơ quan mới được thay %(post)s.")


class NeedsBasis(Refusal):
    code = "needs_basis"
    words = _("Phải nêu văn bản làm căn cứ.")


def holds(actor: Actor | None, post: Post, day: date) -> bool:
    """Tell whether the one who acts holds a post on a day, or will: nobody gives a post of his own more than it has."""
    if actor is None:
        return False
    bound = Appointment.objects.filter(post=post, person_id=actor.person_id)
    return bound.exclude(until__lte=day).exists()


@transaction.atomic
def open_post(
    *,
    unit_id: int,
    title: str,
    role: str,
    keeps_seal: bool = False,
    order: int = 0,
    opened_on: date | None = None,
    begun_in: str | None = None,
    actor: Actor | None,
    at: datetime,
) -> Post:
    """Open a post in a unit; it is vacant until somebody is appointed. Asked twice in one (`begun_in`) it is opened once.

    :raises NotAllowed: the actor does not administer the unit
    :raises NotFound: no such unit
    :raises UnitClosed: the unit is closed on that day
    :raises PostNeedsTitle: the title is empty or too long
    :raises HeadExists: the unit has an open head post
    """
    unit = queries.lock_unit(unit_id)
    day = opened_on or localdate(at)
    refuse(policy.why_not_administer(actor, unit))
    if begun_in and (again := Post.objects.select_related("unit").filter(begun_in=begun_in).first()) is not None:
        return again
    refuse(policy.why_unit_not_open(unit, day))
    title = clean_line(title)
    if not 0 < len(title) <= 200:
        raise PostNeedsTitle()
    if role == Role.HEAD and Post.objects.filter(unit=unit, role=Role.HEAD, closed_on__isnull=True).exists():
        raise HeadExists(unit=unit.name)
    post = Post.objects.create(
        unit=unit, title=title, role=role, keeps_seal=keeps_seal, order=order, opened_on=day, begun_in=begun_in or None
    )
    journal.record(
        "post.opened",
        subject=("post", post.id),
        actor=actor,
        at=at,
        agency_id=unit.agency_id,
        unit=unit.id,
        title=title,
        role=role,
        keeps_seal=keeps_seal,
    )
    return post


@transaction.atomic
def describe_post(*, post_id: int, title: str, keeps_seal: bool, order: int, actor: Actor | None, at: datetime) -> Post:
    """Change what a post is called, whether it keeps the seal, and where it stands among the others. Its role stays for ever.

    :raises NotAllowed: the actor does not administer the unit
    :raises NotFound: no such post
    :raises PostClosed: it is closed (or `UnitClosed`)
    :raises NotToOneself: the actor would give the seal to a post he holds
    :raises PostNeedsTitle: the title is empty or too long
    """
    post = queries.lock_post(post_id)
    refuse(policy.why_not_administer(actor, post.unit))
    refuse(policy.why_post_not_open(post, localdate(at)))
    if keeps_seal and not post.keeps_seal and holds(actor, post, localdate(at)):
        raise NotToOneself()
    title, former = clean_line(title), post.title
    was = {"keeps_seal": post.keeps_seal, "order": post.order}
    if not 0 < len(title) <= 200:
        raise PostNeedsTitle()
    post.title, post.keeps_seal, post.order = title, keeps_seal, order
    post.save(update_fields=["title", "keeps_seal", "order"])
    journal.record(
        "post.described",
        subject=("post", post.id),
        actor=actor,
        at=at,
        agency_id=post.unit.agency_id,
        title=title,
        former=former,
        keeps_seal=keeps_seal,
        order=order,
        was=was,
    )
    return post


@transaction.atomic
def close_post(*, post_id: int, actor: Actor | None, at: datetime) -> Post:
    """Close a vacant post from today on.

    :raises NotAllowed: the actor does not administer the unit
    :raises NotFound: no such post
    :raises PostClosed: it is closed already
    :raises PostStillHeld: somebody holds it, today or later
    """
    post = queries.lock_post(post_id)
    day = localdate(at)
    refuse(policy.why_not_administer(actor, post.unit))
    refuse(policy.why_post_not_open(post, day))
    holder = Appointment.objects.filter(post=post).exclude(until__lte=day).select_related("person").first()
    if holder is not None:
        raise PostStillHeld(post=post.title, holder=holder.person.name)
    post.closed_on = day
    post.save(update_fields=["closed_on"])
    journal.record(
        "post.closed", subject=("post", post.id), actor=actor, at=at, agency_id=post.unit.agency_id, title=post.title
    )
    return post


@transaction.atomic
def appoint(
    *,
    person_id: int,
    post_id: int,
    since: date,
    until: date | None = None,
    acting: bool = False,
    basis: str = "",
    actor: Actor | None,
    at: datetime,
) -> Appointment:
    """Put a person into a post from a day on, until another (exclusive) if it is known. `acting` is Quyền.

    :raises NotAllowed: the actor does not administer the unit
    :raises NotToOneself: an administrator appoints himself
    :raises NotFound: no such person or post
    :raises PostClosed: the post is not open that day (or `UnitClosed`, `NotOpenYet`)
    :raises PersonLeft: the person no longer works here
    :raises EndBeforeStart: the end is not after the start
    :raises PostHeld: somebody holds the post at some time within
    """
    post = queries.lock_post(post_id)
    refuse(policy.why_not_administer(actor, post.unit))
    if actor is not None and actor.person_id == person_id:
        raise NotToOneself()
    refuse(policy.why_post_not_open(post, since))
    person = queries.lock_person(person_id)
    if person.status == Status.LEFT:
        raise PersonLeft(person=person.name)
    if until is not None and until <= since:
        raise EndBeforeStart(day=policy.in_words(since))
    others = Appointment.objects.filter(post=post).exclude(until__lte=since).select_related("person")
    other = (others if until is None else others.filter(since__lt=until)).first()
    if other is not None:
        raise PostHeld(post=post.title, holder=other.person.name)
    appointment = Appointment.objects.create(person=person, post=post, since=since, until=until, acting=acting)
    journal.record(
        "person.appointed",
        subject=("person", person.id),
        actor=actor,
        at=at,
        agency_id=post.unit.agency_id,
        post=post.id,
        title=post.title,
        since=since,
        until=until,
        acting=acting,
        basis=basis,
    )
    return appointment


@transaction.atomic
def end_appointment(
    *, appointment_id: int, until: date, basis: str = "", actor: Actor | None, at: datetime
) -> Appointment:
    """Set the first day a person no longer holds a post: today or later, for what he did in it stays done by its holder.

    :raises NotAllowed: the actor does not administer the unit
    :raises NotFound: no such appointment
    :raises EndBeforeStart: the end is not after the start
    :raises EndInThePast: the end is before today
    :raises AlreadyEnded: it ended before today
    """
    appointment = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("post__unit")
        .filter(id=appointment_id)
        .first()
    )
    if appointment is None:
        raise NotFound(appointment=appointment_id)
    refuse(policy.why_not_administer(actor, appointment.post.unit))
    if appointment.until is not None and appointment.until <= localdate(at):
        raise AlreadyEnded(day=policy.in_words(appointment.until))
    if until <= appointment.since:
        raise EndBeforeStart(day=policy.in_words(appointment.since))
    if until < localdate(at):
        raise EndInThePast(day=policy.in_words(localdate(at)))
    was, appointment.until = appointment.until, until
    appointment.save(update_fields=["until"])
    journal.record(
        "person.appointment_ended",
        subject=("person", appointment.person_id),
        actor=actor,
        at=at,
        agency_id=appointment.post.unit.agency_id,
        post=appointment.post_id,
        title=appointment.post.title,
        until=until,
        was=was,
        basis=basis,
    )
    return appointment


def end_all(appointments: QuerySet[Appointment], day: date) -> list[int]:
    """End many appointments on a day, drop those that would begin later, and return the posts concerned; part of a larger act.

    One that began this very day lasts until tomorrow: an appointment is never shorter than a day.
    """
    concerned = appointments.exclude(until__lte=day)
    posts = sorted(concerned.values_list("post_id", flat=True))
    concerned.filter(since__gt=day).delete()
    concerned.filter(since=day).update(until=day + timedelta(days=1))
    concerned.filter(since__lt=day).update(until=day)
    return posts


@transaction.atomic
def substitute(
    *,
    principal_id: int,
    substitute_id: int,
    since: date,
    until: date,
    basis: str,
    begun_in: str | None = None,
    actor: Actor | None,
    at: datetime,
) -> Substitution:
    """Let one post do the work of another while its holder is away; not the signing of documents, which needs a delegation.

    Asked twice in one (`begun_in`) it is given once.

    :raises NotAllowed: the actor is neither the holder of the post nor its administrator
    :raises NotFound: no such post
    :raises PostClosed: one of the posts is closed
    :raises NotToOneself: an administrator would do the work of another's post himself
    :raises SubstituteElsewhere: the same post, or a post of another agency
    :raises EndBeforeStart: the end is not after the start
    :raises NeedsBasis: no written basis
    """
    locked = {each: queries.lock_post(each) for each in sorted({principal_id, substitute_id})}
    principal, stand_in = locked[principal_id], locked[substitute_id]
    refuse(policy.why_not_delegate(actor, principal))
    if begun_in and (again := Substitution.objects.filter(begun_in=begun_in).first()) is not None:
        return again
    for post in (principal, stand_in):
        refuse(policy.why_post_not_open(post, since))
    if holds(actor, stand_in, since) and not holds(actor, principal, since):
        raise NotToOneself()
    if principal.id == stand_in.id or principal.unit.agency_id != stand_in.unit.agency_id:
        raise SubstituteElsewhere(post=principal.title)
    if until <= since:
        raise EndBeforeStart(day=policy.in_words(since))
    basis = clean_line(basis)[:300]
    if not basis:
        raise NeedsBasis()
    substitution = Substitution.objects.create(
        principal=principal,
        substitute=stand_in,
        since=since,
        until=until,
        basis=basis,
        begun_in=begun_in or None,
    )
    journal.record(
        "post.substituted",
        subject=("post", principal.id),
        actor=actor,
        at=at,
        agency_id=principal.unit.agency_id,
        substitute=stand_in.id,
        since=since,
        until=until,
        basis=basis,
    )
    return substitution


@transaction.atomic
def end_substitution(*, substitution_id: int, actor: Actor | None, at: datetime) -> Substitution:
    """End a substitution from today on.

    :raises NotAllowed: the actor is neither the holder of the post nor its administrator
    :raises NotFound: no such substitution
    :raises AlreadyEnded: it is over
    """
    found = (
        Substitution.objects.select_for_update(of=("self",))
        .select_related("principal__unit")
        .filter(id=substitution_id)
        .first()
    )
    if found is None:
        raise NotFound(substitution=substitution_id)
    refuse(policy.why_not_delegate(actor, found.principal))
    day = localdate(at)
    over = min(found.until, found.revoked_on or found.until)
    if over <= day:
        raise AlreadyEnded(day=policy.in_words(over))
    found.revoked_on = day
    found.save(update_fields=["revoked_on"])
    journal.record(
        "post.substitution_ended",
        subject=("post", found.principal_id),
        actor=actor,
        at=at,
        agency_id=found.principal.unit.agency_id,
        substitute=found.substitute_id,
        since=found.since,
        until=found.until,
        basis=found.basis,
    )
    return found
