"""Reading persons and what they sign in with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from antin.identifiers.text import clean_line, fold
from antin.people.models import ApiToken, Appointment, Person, Sitting
from antin.people.queries.units import is_open, is_running
from antin.people.states import Status
from antin.refusal import NotFound


@dataclass(frozen=True)
class PersonRow:
    """A person in a list, with the posts he holds on the day."""

    id: int
    name: str
    rank: str
    user_name: str
    status: str
    posts: tuple[str, ...]
    unit_names: tuple[str, ...]


def lock_person(person_id: int) -> Person:
    """Lock one person for writing.

    :raises NotFound: no such person
    """
    found = Person.objects.select_for_update().filter(id=person_id).first()
    if found is None:
        raise NotFound(person=person_id)
    return found


def get_person(person_id: int) -> Person:
    """Return a person.

    :raises NotFound: no such person
    """
    found = Person.objects.filter(id=person_id).first()
    if found is None:
        raise NotFound(person=person_id)
    return found


def find_person_by_user_name(user_name: str) -> Person | None:
    """Return the person who signs in by this name; capitals and outer spaces do not matter."""
    return Person.objects.filter(user_name=clean_line(user_name).lower()).first()


def list_persons_by_id(ids: list[int]) -> dict[int, Person]:
    """Return many persons at once, by id; what does not exist is left out."""
    return Person.objects.in_bulk(ids)


def has_persons() -> bool:
    """Tell whether anybody at all is known here: an empty node asks for its first administrator."""
    return Person.objects.exists()


def list_people(
    *, agency_id: int, on: date, words: str = "", unit_id: int | None = None, limit: int = 500
) -> list[PersonRow]:
    """List the persons who hold a post in an agency on a day, by given name; `words` may be typed without accents."""
    appointments = Appointment.objects.filter(
        is_running(on), is_open(on, "post__"), post__unit__agency_id=agency_id, person__status=Status.ACTIVE
    )
    if unit_id is not None:
        appointments = appointments.filter(post__unit_id=unit_id)
    for word in fold(words).split():
        appointments = appointments.filter(person__search_text__contains=word)
    found: dict[int, list[Appointment]] = {}
    ordered = appointments.select_related("person", "post__unit").order_by(
        "person__sort_key", "person_id", "post__order", "post_id"
    )
    for appointment in ordered[:limit]:
        found.setdefault(appointment.person_id, []).append(appointment)
    return [_row(group) for group in found.values()]


def _row(group: list[Appointment]) -> PersonRow:
    person = group[0].person
    return PersonRow(
        id=person.id,
        name=person.name,
        rank=person.rank,
        user_name=person.user_name or "",
        status=person.status,
        posts=tuple(appointment.post.title for appointment in group),
        unit_names=tuple(appointment.post.unit.name for appointment in group),
    )


def list_appointments(person_id: int) -> QuerySet[Appointment]:
    """List every post a person ever held, the latest first."""
    return Appointment.objects.filter(person_id=person_id).select_related("post__unit").order_by("-since", "-id")


def list_held(person_id: int, on: date) -> list[Appointment]:
    """List the posts a person holds on a day, the latest first."""
    return list(list_appointments(person_id).filter(is_running(on)))


def list_sittings(person_id: int, *, at: datetime, seen_since: datetime) -> list[Sitting]:
    """List the sittings of a person that are not over, the latest used first; idle ones (`seen_since`) are over."""
    person = get_person(person_id)
    found = Sitting.objects.filter(person=person, expire_date__gt=at, seen_at__gt=seen_since).defer("session_data")
    if person.signed_out_at is not None:
        found = found.filter(begun_at__gt=person.signed_out_at)
    return list(found.order_by("-seen_at", "session_key"))


def list_tokens(person_id: int) -> QuerySet[ApiToken]:
    """List the machine tokens of a person, the latest first."""
    return ApiToken.objects.filter(person_id=person_id).select_related("post").order_by("-created_at", "-id")
