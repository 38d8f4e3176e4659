"""Contested rows of figures, for machines: raised, read, answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, WordsIn
from antin.api.problems import declared
from antin.indicators import policy, queries
from antin.journeys import contest_figure
from antin.people import queries as people
from antin.refusal import refuse
from antin.workdays import queries as workdays

router = Router(tags=["Figures"])


class Contest(Schema):
    id: int
    figure: str
    claim: str
    kind: str = Field(description="document, task or unit; empty where a row is missing.")
    thing_id: int
    title: str = Field(description="Empty where the caller may not see the row.")
    unit_id: int
    unit_name: str
    day: date
    status: str
    words: str = Field(description="Empty where they are not the caller's to read.")
    raised_by: str
    raised_at: datetime
    answer: str
    answered_by: str
    answered_at: datetime | None
    facts: list[str]


class ContestIn(Schema):
    claim: Literal["counts", "counts_not", "leave_out", "missing"]
    words: str
    kind: Literal["document", "task", "unit", "contest", ""] = ""
    thing_id: int = 0
    title: str = Field("", description="What is missing; with `unit_id` and `day`.")
    unit_id: int | None = None
    day: date | None = None
    counts: bool = Field(True, description="What is missing also adds to what the figure counts.")
    until: date | None = Field(None, description="As of which day the row stands; today.")


def _contest(each: queries.Contested) -> dict[str, Any]:
    row = each.contest
    return {
        "id": row.pk,
        "figure": row.indicator.code,
        "claim": row.claim,
        "kind": row.subject_kind,
        "thing_id": row.subject_id if each.title else 0,
        "title": each.title,
        "unit_id": row.unit_id,
        "unit_name": row.unit.name,
        "day": row.day,
        "status": row.status,
        "words": row.words if each.reads else "",
        "raised_by": row.raised_by,
        "raised_at": row.raised_at,
        "answer": row.answer if each.reads else "",
        "answered_by": row.answered_by,
        "answered_at": row.answered_at,
        "facts": row.facts,
    }


@router.get(
    "/figures/contests", auth=READ, response={200: list[Contest], **declared(403, 404)}, operation_id="listContests"
)
def list_contests(
    request: CalledRequest, unit_id: int | None = None, figure: str = "", status: str = ""
) -> list[dict[str, Any]]:
    """What is contested of the figures of a unit and everything below it (without parameters: of the caller's agency)."""
    actor = request.auth.actor
    unit = people.get_unit(unit_id if unit_id is not None else actor.agency_id)
    refuse(policy.why_not_see(actor, unit))
    return [_contest(each) for each in queries.list_contests(actor, unit, code=figure, status=status)]


@router.post(
    "/figures/{code}/contests", auth=ACT, response={201: Contest, **declared(*PROBLEMS)}, operation_id="contestFigure"
)
def contest(request: CalledRequest, code: str, given: ContestIn) -> Status[Any]:
    """Say that a row of a figure is wrong, or that one is missing."""
    now = timezone.now()
    made = contest_figure.contest(
        code=code,
        claim=given.claim,
        words=given.words,
        subject=(given.kind, given.thing_id) if given.kind else None,
        unit_id=given.unit_id,
        day=given.day,
        title=given.title,
        counts=given.counts,
        until=given.until or workdays.local_date(now),
        actor=request.auth.actor,
        at=now,
    )
    return Status(201, _contest(queries.get_contest_for(request.auth.actor, made.pk)))


@router.get(
    "/figures/contests/{int:contest_id}",
    auth=READ,
    response={200: Contest, **declared(403, 404)},
    operation_id="getContest",
)
def get(request: CalledRequest, contest_id: int) -> dict[str, Any]:
    """One contested row with its answer."""
    return _contest(queries.get_contest_for(request.auth.actor, contest_id))


def _answer(request: CalledRequest, contest_id: int, act: str, words: str) -> dict[str, Any]:
    queries.get_contest_for(request.auth.actor, contest_id)
    contest_figure.answer(contest_id=contest_id, act=act, words=words, actor=request.auth.actor, at=timezone.now())
    return _contest(queries.get_contest_for(request.auth.actor, contest_id))


@router.post(
    "/figures/contests/{int:contest_id}/agree",
    auth=ACT,
    response={200: Contest, **declared(*PROBLEMS)},
    operation_id="agreeToContest",
)
def agree(request: CalledRequest, contest_id: int, given: WordsIn) -> dict[str, Any]:
    """Agree: the figure is corrected from the row's day on."""
    return _answer(request, contest_id, "agree", given.words)


@router.post(
    "/figures/contests/{int:contest_id}/refuse",
    auth=ACT,
    response={200: Contest, **declared(*PROBLEMS)},
    operation_id="refuseContest",
)
def refuse_contest(request: CalledRequest, contest_id: int, given: WordsIn) -> dict[str, Any]:
    """Say why the row stays as it is."""
    return _answer(request, contest_id, "refuse", given.words)


@router.post(
    "/figures/contests/{int:contest_id}/take-back",
    auth=ACT,
    response={200: Contest, **declared(*PROBLEMS)},
    operation_id="takeContestBack",
)
def take_back(request: CalledRequest, contest_id: int, given: WordsIn) -> dict[str, Any]:
    """Take an agreed correction back."""
    return _answer(request, contest_id, "take-back", given.words)


@router.post(
    "/figures/contests/{int:contest_id}/withdraw",
    auth=ACT,
    response={200: Contest, **declared(*PROBLEMS)},
    operation_id="withdrawContest",
)
def withdraw(request: CalledRequest, contest_id: int) -> dict[str, Any]:
    """Withdraw what nobody has answered."""
    queries.get_contest_for(request.auth.actor, contest_id)
    contest_figure.withdraw(contest_id=contest_id, actor=request.auth.actor, at=timezone.now())
    return _contest(queries.get_contest_for(request.auth.actor, contest_id))
