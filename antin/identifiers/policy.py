"""Who may touch codes: an administrator, or the node itself (no actor). Whose code it is, people knows."""

from __future__ import annotations

from typing import Protocol

from antin.journal.operations import Actor
from antin.refusal import NotAllowed, Refusal


class Acting(Actor, Protocol):
    """What this room needs to know of an actor beyond what the journal writes down."""

    @property
    def role(self) -> str: ...


def why_not_keep_codes(actor: Acting | None) -> Refusal | None:
    """Tell why the actor may not issue, close, merge or alias codes."""
    return None if actor is None or actor.role == "administrator" else NotAllowed()
