"""Work that recurs, and rules of reminding, for machines."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, ReasonIn
from antin.api.problems import declared
from antin.refusal import refuse
from antin.tasks import operations, policy, queries
from antin.tasks.operations import Share
from antin.tasks.recurrence import Rule
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.tasks.models import ReminderRule
    from antin.tasks.models import Series as Row

router = Router(tags=["Recurring work"])
AHEAD = timedelta(days=200)


class PartIn(Schema):
    role: Literal["lead", "join", "inform"]
    unit_id: int | None = None
    post_id: int | None = None


class SeriesIn(Schema):
    title: str
    words: str = ""
    every: Literal["week", "month", "quarter"]
    day: int = Field(ge=1, le=31, description="Of the week from 1 (Monday), or of the month; 31 is the last.")
    month: int = Field(3, ge=1, le=3, description="Of the quarter.")
    shift: Literal["before", "after"] = "before"
    ahead: int = Field(5, ge=0, le=60, description="Working days between giving and deadline.")
    shares: list[PartIn]
    since: date
    until: date | None = None
    key: str = Field("", max_length=64, description="The same key begins once.")


class Occurrence(Schema):
    day: date
    given_on: date
    due: date
    skipped: bool
    moved: bool
    directive_id: int | None
    fault: str


class Series(Schema):
    id: int
    title: str
    every: str
    day: int
    month: int
    shift: str
    ahead: int
    since: date
    until: date | None
    ended_at: datetime | None


class SeriesWhole(Series):
    coming: list[Occurrence]


class ExceptionIn(Schema):
    day: date
    moved_to: date | None = Field(None, description="Null leaves the occurrence out.")
    reason: str


class RuleIn(Schema):
    name: str
    days: int = Field(ge=-60, le=60, description="Working days after the deadline; negative: before it.")
    whom: Literal["holder", "giver", "above", "agency"]
    priority: Literal[0, 1, 2] = 0


class ReminderOut(RuleIn):
    id: int
    since: date


def _brief(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Series.model_fields}


def _whole(request: CalledRequest, series_id: int) -> dict[str, Any]:
    row = queries.get_series_for(request.auth.actor, series_id)
    today = workdays.local_date(timezone.now())
    coming = [
        {
            "day": each.day,
            "given_on": each.given_on,
            "due": each.due,
            "skipped": each.occurrence is not None and each.occurrence.skipped,
            "moved": each.occurrence is not None and each.occurrence.moved_to is not None,
            "directive_id": each.occurrence.directive_id if each.occurrence else None,
            "fault": each.occurrence.fault if each.occurrence else "",
        }
        for each in queries.list_coming(row, today - AHEAD, today + AHEAD)
    ]
    return _brief(row) | {"coming": coming}


@router.get("/recurring", auth=READ, response={200: list[Series], **declared(403)}, operation_id="listRecurringWork")
def list_series(request: CalledRequest) -> list[dict[str, Any]]:
    """The series the caller may see."""
    return [_brief(row) for row in queries.list_series(request.auth.actor)]


@router.post("/recurring", auth=ACT, response={201: SeriesWhole, **declared(*PROBLEMS)}, operation_id="beginSeries")
def begin(request: CalledRequest, given: SeriesIn) -> Status[Any]:
    """Begin a series of recurring work."""
    actor = request.auth.actor
    made = operations.begin_series(
        title=given.title,
        words=given.words,
        rule=Rule(given.every, given.day, given.month, given.shift, given.ahead),
        shares=[Share(each.role, each.unit_id, each.post_id) for each in given.shares],
        since=given.since,
        until=given.until,
        begun_in=f"api:{actor.person_id}:{given.key}"[:64] if given.key else None,
        actor=actor,
        at=timezone.now(),
    )
    return Status(201, _whole(request, made.pk))


@router.get(
    "/recurring/{int:series_id}", auth=READ, response={200: SeriesWhole, **declared(403, 404)}, operation_id="getSeries"
)
def get(request: CalledRequest, series_id: int) -> dict[str, Any]:
    """One series with its occurrences of the last and next two hundred days."""
    return _whole(request, series_id)


@router.post(
    "/recurring/{int:series_id}/exceptions",
    auth=ACT,
    response={200: SeriesWhole, **declared(*PROBLEMS)},
    operation_id="exceptOccurrence",
)
def make_exception(request: CalledRequest, series_id: int, given: ExceptionIn) -> dict[str, Any]:
    """Leave an occurrence out, or move it."""
    queries.get_series_for(request.auth.actor, series_id)
    operations.make_exception(
        series_id=series_id,
        day=given.day,
        moved_to=given.moved_to,
        words=given.reason,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return _whole(request, series_id)


@router.post(
    "/recurring/{int:series_id}/end",
    auth=ACT,
    response={200: SeriesWhole, **declared(*PROBLEMS)},
    operation_id="endSeries",
)
def end(request: CalledRequest, series_id: int, given: ReasonIn) -> dict[str, Any]:
    """End a series."""
    queries.get_series_for(request.auth.actor, series_id)
    operations.end_series(series_id=series_id, words=given.reason, actor=request.auth.actor, at=timezone.now())
    return _whole(request, series_id)


def _rule(rule: ReminderRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in ReminderOut.model_fields}


@router.get("/reminders", auth=READ, response={200: list[ReminderOut], **declared(403)}, operation_id="listReminders")
def list_rules(request: CalledRequest) -> list[dict[str, Any]]:
    """The rules of reminding; administrators only."""
    refuse(policy.why_not_rule_reminders(request.auth.actor))
    return [_rule(rule) for rule in queries.list_rules()]


@router.post("/reminders", auth=ACT, response={201: ReminderOut, **declared(*PROBLEMS)}, operation_id="setReminder")
def set_rule(request: CalledRequest, given: RuleIn) -> Status[Any]:
    """Set a rule of reminding."""
    made = operations.set_rule(**given.dict(), actor=request.auth.actor, at=timezone.now())
    return Status(201, _rule(made))


@router.post(
    "/reminders/{int:rule_id}/end",
    auth=ACT,
    response={200: ReminderOut, **declared(*PROBLEMS)},
    operation_id="endReminder",
)
def end_rule(request: CalledRequest, rule_id: int) -> dict[str, Any]:
    """End a rule of reminding."""
    return _rule(operations.end_rule(rule_id=rule_id, actor=request.auth.actor, at=timezone.now()))
