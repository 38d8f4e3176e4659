"""A sitting: one person at one browser, in one post, between sign-in and sign-out.

It ends after `IDLE` without a request, `LONGEST` after sign-in, when the password is changed anywhere, or when the person holds no
post any more. It is kept in the database session; the browser holds only its random key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.utils.timezone import localdate

from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.queries import PostNotHeld
from antin.refusal import NotFound

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
NOTED_EVERY = timedelta(minutes=1)
"""How often the last request is written down: a page a second is not a write a second."""


@dataclass(frozen=True)
class Seat:
    """A post the person may switch to, as it stood at sign-in; switching asks again."""

    post_id: int
    title: str
    unit_name: str
    on_behalf: str

    @property
    def words(self) -> str:
        return f"{self.title}, {self.unit_name}"


def begin(session: SessionBase, *, person_id: int, at: datetime, source: str = "", post_id: int | None = None) -> bool:
    """Seat a person who has just proved who he is, in the post named or the highest of his. False when he holds none."""
    seats = _seats(person_id, at)
    if not seats:
        return False
    session.flush()
    session["person_id"] = person_id
    session["begun_at"] = session["seen_at"] = at.timestamp()
    session["seats"] = seats
    session["source"] = source
    held = [seat[0] for seat in seats]
    session["post_id"] = post_id if post_id in held else held[0]
    return True


def _seats(person_id: int, at: datetime) -> list[tuple[int, str, str, str]]:
    held = people.list_posts_held(person_id, localdate(at))
    return [(each.post_id, each.post_title, each.unit_name, each.on_behalf) for each in held]


def seats(session: SessionBase) -> list[Seat]:
    """The posts the person may act in."""
    return [Seat(*each) for each in session.get("seats", [])]


def switch(session: SessionBase, *, post_id: int, at: datetime) -> Actor:
    """Act in another post from now on.

    :raises PostNotHeld: not his today
    """
    actor = people.get_actor(person_id=session["person_id"], post_id=post_id, on=localdate(at))
    session["post_id"] = post_id
    session["seats"] = _seats(session["person_id"], at)
    return actor


def find_actor(session: SessionBase, *, at: datetime) -> Actor | None:
    """Who acts in this sitting; None when there is none, or it is over.

    A post that was taken from the person since gives way to the highest of those he still holds.
    """
    person_id, begun_at = session.get("person_id"), session.get("begun_at")
    if person_id is None or begun_at is None or _is_over(session, at):
        return None
    begun = datetime.fromtimestamp(begun_at, UTC)
    try:
        try:
            return people.get_actor(person_id=person_id, post_id=session["post_id"], on=localdate(at), begun_at=begun)
        except PostNotHeld:
            signed_out_at = people.get_person(person_id).signed_out_at
            if signed_out_at is not None and signed_out_at >= begun:
                return None
            held = _seats(person_id, at)
            return switch(session, post_id=held[0][0], at=at) if held else None
    except NotFound:
        return None


def _is_over(session: SessionBase, at: datetime) -> bool:
    idle = at.timestamp() - session.get("seen_at", 0)
    if idle > IDLE.total_seconds() or at.timestamp() - session["begun_at"] > LONGEST.total_seconds():
        return True
    if idle >= NOTED_EVERY.total_seconds():
        session["seen_at"] = at.timestamp()
    return False
