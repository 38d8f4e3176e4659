"""Who may see, define and close figures."""

from __future__ import annotations

from antin.people.actor import Actor
from antin.people.models import Unit
from antin.people.states import Role
from antin.refusal import NotAllowed, NotFound, Refusal


def why_not_see(actor: Actor, unit: Unit) -> Refusal | None:
    """Why this actor may not see the figures of a unit: he sees those of his agency and of everything below it.

    Figures are sums; the rows behind them are shown as far as he may see them by themselves.
    """
    inside = unit.agency_id == actor.agency_id or f"/{actor.agency_id}/" in unit.path
    return None if inside and actor.role != Role.ADMINISTRATOR else NotFound()


def why_not_close(actor: Actor, unit: Unit) -> Refusal | None:
    """Why this actor may not close the figures of a unit: those who lead an agency do, for it and what is below."""
    no = why_not_see(actor, unit)
    if no is not None:
        return no
    leads = actor.role in (Role.HEAD, Role.DEPUTY) and actor.unit_id == actor.agency_id
    return None if leads else NotAllowed()


def why_not_define(actor: Actor, root_id: int) -> Refusal | None:
    """Why this actor may not change how figures are reckoned: the head of the uppermost agency does."""
    return None if actor.role == Role.HEAD and actor.unit_id == root_id else NotAllowed()
