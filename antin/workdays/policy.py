"""Who may change the working calendar: an administrator, or the node itself. It is one calendar for the whole node."""

from __future__ import annotations

from typing import Protocol

from antin.journal.operations import Actor as Recorded
from antin.refusal import NotAllowed, Refusal


class Actor(Recorded, Protocol):
    """Who acts, as far as the calendar cares. `None` in its place is the node itself."""

    @property
    def role(self) -> str: ...


def why_not_change_calendar(actor: Actor | None) -> Refusal | None:
    """Tell why the actor may not change the calendar."""
    return None if actor is None or actor.role == "administrator" else NotAllowed()
