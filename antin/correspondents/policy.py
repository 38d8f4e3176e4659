"""Who keeps the directory of outside agencies: administrators, and the node itself (no actor) when it takes a line's list."""

from __future__ import annotations

from antin.people.actor import Actor
from antin.refusal import NotAllowed, Refusal


def why_not_keep(actor: Actor | None) -> Refusal | None:
    """Tell why the actor may not enter, change or close outside agencies."""
    return None if actor is None or actor.role == "administrator" else NotAllowed()
