"""Who may see, define and close figures, contest their rows and answer for them."""

from __future__ import annotations

from antin.indicators.models import Contest
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.people.states import Role
from antin.refusal import NotAllowed, NotFound, Refusal, _


class OwnContest(Refusal):
    code = "own_contest"
    words = _("Đồng chí là người kiến nghị dòng này; người phụ trách khác trả lời.")


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


def why_not_contest(actor: Actor, unit: Unit) -> Refusal | None:
    """Why this actor may not contest a row of a unit: those who lead it, or a unit above it, do, and the clerks of its agency."""
    no = why_not_see(actor, unit)
    if no is not None:
        return no
    leads = actor.leads and f"/{actor.unit_id}/" in unit.path
    return None if leads or (actor.role == Role.CLERK and actor.agency_id == unit.agency_id) else NotAllowed()


def why_not_answer(actor: Actor, contest: Contest, owner_id: int) -> Refusal | None:
    """Why this actor may not answer a contest: those who lead the unit that answers for the figure do, but not their own."""
    if f"U{owner_id}" not in actor.holders:
        return NotAllowed()
    return OwnContest() if actor.person_id == contest.raised_person_id else None


def why_not_withdraw(actor: Actor, contest: Contest) -> Refusal | None:
    """Why this actor may not withdraw a contest: whoever holds the post that raised it does."""
    return None if contest.raised_holder in actor.holders else NotAllowed()


def why_not_read(actor: Actor, contest: Contest, owner_id: int, sees_row: bool) -> Refusal | None:
    """Why this actor may not read the words of a contest: its two sides do, and who may see the row by himself."""
    sides = f"U{owner_id}" in actor.holders or contest.raised_holder in actor.holders
    return None if sides or sees_row or why_not_contest(actor, contest.unit) is None else NotAllowed()
