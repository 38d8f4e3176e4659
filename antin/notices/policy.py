"""Whose notices a person is shown."""

from __future__ import annotations

from antin.people.actor import Actor
from antin.people.states import Role


def held_by(actor: Actor) -> tuple[str, ...]:
    """Return the holders whose notices the actor is shown.

    All he holds, except that a head and his deputies, who see the whole registry office, are not told what its clerks are told.
    """
    return tuple(token for token in actor.holders if not token.startswith("R") or actor.role == Role.CLERK)
