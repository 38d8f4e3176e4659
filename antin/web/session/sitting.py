"""A sitting: one person at one browser, in one post, between sign-in and sign-out.

It ends after `IDLE` without a request, `LONGEST` after sign-in, when the password is changed anywhere, or when the person holds no
post any more. It is kept in the database session; the browser holds only its random key.
"""

from __future__ import annotations

from collections.abc import Sequence
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
FRESH = timedelta(minutes=15)
"""So long after he proved himself a person may do what asks for it (`audiences.STEP_UP`)."""
AWAITED = timedelta(minutes=5)
"""So long after the password the second factor may follow."""
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


def begin(
    session: SessionBase,
    *,
    person_id: int,
    at: datetime,
    source: str = "",
    post_id: int | None = None,
    device_id: int | None = None,
    owes: Sequence[str] = (),
) -> bool:
    """Seat a person who has just proved who he is, in the post named or the highest of his. False when he holds none.

    `owes`: what he must do before anything else, a password of his own ("password"), a second factor ("factor").
    """
    seats = _seats(person_id, at)
    if not seats:
        return False
    session.flush()
    session["person_id"] = person_id
    session["begun_at"] = session["seen_at"] = session["proved_at"] = at.timestamp()
    session["seats"] = seats
    session["source"] = source
    session["device_id"] = device_id
    session["owes"] = list(owes)
    held = [seat[0] for seat in seats]
    session["post_id"] = post_id if post_id in held else held[0]
    return True


def await_factor(session: SessionBase, *, person_id: int, at: datetime) -> None:
    """Keep in mind who has shown his password and must show something else too; he is not in yet."""
    session.flush()
    session["awaited"] = [person_id, at.timestamp()]


def awaited(session: SessionBase, *, at: datetime) -> int | None:
    """Tell who is awaited at this browser; None when nobody is, or no longer."""
    person_id, since = session.get("awaited", (None, 0.0))
    return person_id if at.timestamp() - since <= AWAITED.total_seconds() else None


def note_proof(session: SessionBase, *, at: datetime) -> None:
    """Note that the person proved once more who he is."""
    session["proved_at"] = at.timestamp()


def is_proved(session: SessionBase, *, at: datetime) -> bool:
    """Tell whether he did so lately enough for an act that asks for it."""
    return at.timestamp() - session.get("proved_at", 0.0) <= FRESH.total_seconds()


def owes(session: SessionBase) -> tuple[str, ...]:
    """Tell what he must do before anything else."""
    return tuple(session.get("owes", ()))


def note_done(session: SessionBase, what: str) -> None:
    """Note that he has done one of these."""
    session["owes"] = [each for each in owes(session) if each != what]


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
