"""Reading posts, who holds them, and who acts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.people.actor import Actor
from antin.people.models import Appointment, Person, Post, Substitution, Unit
from antin.people.queries.units import is_open, is_running
from antin.people.states import Clearance, Role, Status
from antin.refusal import NotFound, Refusal


class PostNotHeld(Refusal):
    code = "post_not_held"
    words = _("Đồng chí không giữ chức vụ này trong ngày %(day)s.")


@dataclass(frozen=True)
class Held:
    """A post a person may act in. `on_behalf` names the one who is substituted, and is empty for his own post."""

    post_id: int
    post_title: str
    role: str
    unit_id: int
    unit_name: str
    agency_id: int
    agency_name: str
    acting: bool
    on_behalf: str = ""


@dataclass(frozen=True)
class PostRow:
    """A post with the one who holds it on a day; `person_id` is None while it is vacant."""

    id: int
    title: str
    role: str
    keeps_seal: bool
    unit_id: int
    unit_name: str
    agency_id: int
    person_id: int | None
    person_name: str
    rank: str
    acting: bool


def lock_post(post_id: int) -> Post:
    """Lock one post for writing.

    :raises NotFound: no such post
    """
    found = Post.objects.select_for_update(of=("self",)).select_related("unit").filter(id=post_id).first()
    if found is None:
        raise NotFound(post=post_id)
    return found


def get_post(post_id: int) -> Post:
    """Return a post with its unit and agency.

    :raises NotFound: no such post
    """
    found = Post.objects.select_related("unit__agency").filter(id=post_id).first()
    if found is None:
        raise NotFound(post=post_id)
    return found


def list_posts_by_id(ids: list[int]) -> dict[int, Post]:
    """Return many posts at once, by id, with their units; what does not exist is left out."""
    return Post.objects.select_related("unit").in_bulk(ids)


def list_posts_ever(unit_id: int) -> list[Post]:
    """Return the posts that are in a unit, closed ones too."""
    return list(Post.objects.filter(unit_id=unit_id).order_by("order", "id"))


def _running_appointments(on: date) -> QuerySet[Appointment]:
    return Appointment.objects.filter(is_running(on), is_open(on, "post__"), is_open(on, "post__unit__"))


def post_holder(post_id: int, on: date) -> Person | None:
    """Return who holds a post on a day; None while it is vacant."""
    appointment = Appointment.objects.select_related("person").filter(is_running(on), post_id=post_id).first()
    return appointment.person if appointment else None


def find_appointment(post_id: int, on: date) -> Appointment | None:
    """Return the appointment that fills a post on a day."""
    return Appointment.objects.select_related("person", "post").filter(is_running(on), post_id=post_id).first()


def get_head_post(unit_id: int, on: date) -> Post:
    """Return the post that heads a unit on a day, filled or vacant.

    :raises NotFound: the unit has no head post on that day
    """
    found = (
        Post.objects.select_related("unit__agency")
        .filter(is_open(on), unit_id=unit_id, role=Role.HEAD)
        .order_by("id")
        .first()
    )
    if found is None:
        raise NotFound(unit=unit_id)
    return found


def list_posts(agency_id: int, on: date, *, roles: tuple[str, ...] = (), unit_id: int | None = None) -> list[PostRow]:
    """List the posts of an agency open on a day with their holders: by unit, then by order."""
    posts = Post.objects.filter(is_open(on), is_open(on, "unit__"), unit__agency_id=agency_id)
    if roles:
        posts = posts.filter(role__in=roles)
    if unit_id is not None:
        posts = posts.filter(unit_id=unit_id)
    posts = posts.select_related("unit").order_by("-unit__is_agency", "unit__sort_key", "unit_id", "order", "id")
    return _with_holders(list(posts), on)


def find_posts_with_role(*, agency_id: int, role: str, on: date) -> list[PostRow]:
    """List the posts of one role in an agency (its clerks, its administrators), vacant ones included."""
    return list_posts(agency_id, on, roles=(role,))


def list_seal_keepers(agency_id: int, on: date) -> list[PostRow]:
    """List the posts that keep the seal of an agency."""
    return [row for row in list_posts(agency_id, on) if row.keeps_seal]


def _with_holders(posts: list[Post], on: date) -> list[PostRow]:
    running = Appointment.objects.filter(is_running(on), post__in=posts).select_related("person")
    held = {appointment.post_id: appointment for appointment in running}
    rows = []
    for post in posts:
        appointment = held.get(post.id)
        person = appointment.person if appointment else None
        rows.append(
            PostRow(
                id=post.id,
                title=post.title,
                role=post.role,
                keeps_seal=post.keeps_seal,
                unit_id=post.unit_id,
                unit_name=post.unit.name,
                agency_id=post.unit.agency_id,
                person_id=person.id if person else None,
                person_name=person.name if person else "",
                rank=person.rank if person else "",
                acting=appointment.acting if appointment else False,
            )
        )
    return rows


def is_in_force(on: date, prefix: str = "") -> Q:
    """Return the condition that a bond that may be revoked (`since`, `until`, `revoked_on`) holds then; `prefix` leads to it."""
    kept = Q(**{f"{prefix}revoked_on__isnull": True}) | Q(**{f"{prefix}revoked_on__gt": on})
    return is_running(on, prefix) & kept


def _running_substitutions(on: date) -> QuerySet[Substitution]:
    return Substitution.objects.filter(is_in_force(on), is_open(on, "principal__"), is_open(on, "principal__unit__"))


def list_posts_held(person_id: int, on: date) -> list[Held]:
    """List the posts a person may act in on a day: his own, the highest first, then those he substitutes."""
    own = (
        _running_appointments(on)
        .filter(person_id=person_id, person__status=Status.ACTIVE)
        .select_related("post__unit__agency")
    )
    appointments = sorted(
        own, key=lambda found: (list(Role).index(Role(found.post.role)), found.post.unit.path, found.post_id)
    )
    rows = [_held(found.post, found.acting, "") for found in appointments]
    substitutions = (
        _running_substitutions(on)
        .filter(substitute__in=[found.post_id for found in appointments])
        .select_related("principal__unit__agency")
        .order_by("since", "id")
    )
    return rows + [_held(found.principal, False, _principal_in_words(found.principal, on)) for found in substitutions]


def _held(post: Post, acting: bool, on_behalf: str) -> Held:
    unit = post.unit
    return Held(post.id, post.title, post.role, unit.id, unit.name, unit.agency_id, unit.agency.name, acting, on_behalf)


def _principal_in_words(post: Post, on: date) -> str:
    holder = post_holder(post.id, on)
    return f"{post.title} {holder.name}" if holder else post.title


_ACTOR = """
    SELECT person.id, person.name, post.id, post.title, post.role, unit.id, unit.name, agency.id, agency.name, post.keeps_seal,
           CASE WHEN person.clearance_until <= %(on)s THEN 'none' ELSE person.clearance END,
           ARRAY(SELECT bond.principal_id
                   FROM people_substitution bond
                   JOIN people_post principal ON principal.id = bond.principal_id
                   JOIN people_unit theirs ON theirs.id = principal.unit_id
                  WHERE bond.substitute_id = post.id AND bond.since <= %(on)s AND bond.until > %(on)s
                    AND (bond.revoked_on IS NULL OR bond.revoked_on > %(on)s)
                    AND principal.opened_on <= %(on)s AND (principal.closed_on IS NULL OR principal.closed_on > %(on)s)
                    AND theirs.opened_on <= %(on)s AND (theirs.closed_on IS NULL OR theirs.closed_on > %(on)s)
                  ORDER BY bond.id)
      FROM people_appointment held
      JOIN people_person person ON person.id = held.person_id AND person.status = 'active'
      JOIN people_post post ON post.id = held.post_id
      JOIN people_unit unit ON unit.id = post.unit_id
      JOIN people_unit agency ON agency.id = unit.agency_id
     WHERE held.person_id = %(person)s AND held.post_id = %(post)s
       AND held.since <= %(on)s AND (held.until IS NULL OR held.until > %(on)s)
       AND post.opened_on <= %(on)s AND (post.closed_on IS NULL OR post.closed_on > %(on)s)
       AND unit.opened_on <= %(on)s AND (unit.closed_on IS NULL OR unit.closed_on > %(on)s)
       AND (person.signed_out_at IS NULL OR %(begun)s::timestamptz IS NULL OR person.signed_out_at < %(begun)s)
"""
"""Every request asks this, so it is one statement, written out: a tenth of the time of the same question asked through models."""


def get_actor(*, person_id: int, post_id: int, on: date, begun_at: datetime | None = None) -> Actor:
    """Return the one who acts: this person in this post on this day.

    The post may be his own, or one he substitutes (then `on_behalf` says for whom). `begun_at` is when his sitting began.

    :raises PostNotHeld: not his on that day: never was, ended, closed, the person left, or was signed out everywhere since
    """
    with connection.cursor() as cursor:
        cursor.execute(_ACTOR, {"person": person_id, "post": post_id, "on": on, "begun": begun_at})
        row = cursor.fetchone()
    if row is None:
        return _get_substitute(person_id, post_id, on, begun_at)
    *facts, principals = row
    actor = Actor(*facts)
    return replace(actor, holders=_holders(actor, principals))


def _get_substitute(person_id: int, post_id: int, on: date, begun_at: datetime | None) -> Actor:
    """Return who does the work of a post whose holder is away: in that post, on that holder's behalf."""
    substitution = (
        _running_substitutions(on)
        .filter(
            principal_id=post_id, substitute__appointments__in=_running_appointments(on).filter(person_id=person_id)
        )
        .select_related("principal__unit__agency", "emergency")
        .order_by(F("emergency__id").asc(nulls_first=True), "id")  # an ordinary one goes before an emergency
        .first()
    )
    person = Person.objects.filter(id=person_id, status=Status.ACTIVE).first() if substitution else None
    if substitution is None or person is None or _is_signed_out(person, begun_at):
        raise PostNotHeld(day=f"{on:%d/%m/%Y}")
    post, unit = substitution.principal, substitution.principal.unit
    urgent = hasattr(substitution, "emergency")
    actor = Actor(
        person_id=person.id,
        person_name=person.name,
        post_id=post.id,
        post_title=post.title,
        role=post.role,
        unit_id=unit.id,
        unit_name=unit.name,
        agency_id=unit.agency_id,
        agency_name=unit.agency.name,
        keeps_seal=post.keeps_seal and not urgent,
        clearance=clearance_on(person, on),
        holders=(),
        on_behalf=_principal_in_words(post, on) + (f" ({gettext('khẩn cấp')})" if urgent else ""),
    )
    return replace(actor, holders=_holders(actor, []))


def _is_signed_out(person: Person, begun_at: datetime | None) -> bool:
    return begun_at is not None and person.signed_out_at is not None and person.signed_out_at >= begun_at


def _holders(actor: Actor, principals: list[int]) -> tuple[str, ...]:
    """Name what an actor holds. The head and deputies of an agency see its registry office whole; clerks hold it."""
    tokens = [f"P{actor.post_id}", f"M{actor.person_id}"]
    leads = actor.role in (Role.HEAD, Role.DEPUTY)
    if leads:
        tokens.append(f"U{actor.unit_id}")
    if actor.role == Role.CLERK or (leads and actor.unit_id == actor.agency_id):
        tokens.append(f"R{actor.agency_id}")
    return (*tokens, *(f"P{principal}" for principal in principals))


def clearance_on(person: Person, on: date) -> str:
    """Return the clearance a person has on a day: none once its term is over."""
    if person.clearance_until is not None and person.clearance_until <= on:
        return Clearance.NONE.value
    return person.clearance


def name_holders(tokens: Iterable[str], on: date) -> dict[str, str]:
    """Word tokens of holders for a screen: a post with who is in it, a unit, a registry office, a person."""
    ids: dict[str, list[int]] = {"P": [], "U": [], "R": [], "M": []}
    asked = list(dict.fromkeys(tokens))
    for token in asked:
        ids[token[0]].append(int(token[1:]))
    posts = {
        row.id: row for row in _with_holders(list(Post.objects.filter(id__in=ids["P"]).select_related("unit")), on)
    }
    units = Unit.objects.in_bulk(ids["U"] + ids["R"])
    persons = Person.objects.in_bulk(ids["M"])
    named = {f"P{post.id}": f"{post.title}, {post.unit_name}" for post in posts.values()}
    named |= {
        f"P{post.id}": f"{post.person_name}, {post.title}, {post.unit_name}"
        for post in posts.values()
        if post.person_id
    }
    named |= {f"U{unit.id}": unit.name for unit in units.values()}
    named |= {f"R{unit.id}": gettext("Văn thư %(agency)s") % {"agency": unit.name} for unit in units.values()}
    named |= {f"M{person.id}": person.name for person in persons.values()}
    return {token: named[token] for token in asked if token in named}
