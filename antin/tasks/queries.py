"""Reading directives and assignments: the tree of a document, what waits, lists by keyset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Extract
from django.db.models.lookups import GreaterThanOrEqual

from antin.documents import queries as documents
from antin.people.actor import Actor
from antin.refusal import NotFound
from antin.tasks import policy, recurrence
from antin.tasks.models import (
    Assignment,
    Directive,
    Extension,
    Occurrence,
    Reminded,
    ReminderRule,
    Report,
    ResultFile,
    Series,
    Spell,
)
from antin.tasks.states import OPEN, WORKING, Cell, Mark, Origin, Role, Status
from antin.tasks.terms import BEHIND_BY, BEHIND_FROM, Rest, Standing, Terms
from antin.workdays import queries as workdays


@dataclass
class Node:
    """A directive with its assignments, each with the directives that passed it further down."""

    directive: Directive
    assignments: list[tuple[Assignment, list[Node]]] = field(default_factory=list)


def lock(assignment_id: int) -> Assignment:
    """Return the assignment, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = Assignment.objects.select_for_update().filter(pk=assignment_id).first()
    if found is None:
        raise NotFound()
    return found


def get_for(actor: Actor, assignment_id: int) -> Assignment:
    """Return the assignment if the actor sees it, or one from which it was passed down.

    :raises NotFound: absent, or not his to see
    """
    found = (
        Assignment.objects.select_related("directive__document", "document", "in_unit", "reply")
        .defer("document__search", "directive__document__search", "reply__search")
        .filter(policy.cleared_for(actor), pk=assignment_id)
        .first()
    )
    if found is None or not Assignment.objects.filter(policy.visible_to(actor), pk__in=line_of(found)).exists():
        raise NotFound()
    return found


def line_of(assignment: Assignment) -> list[int]:
    """Return the assignments from the first one down to this."""
    return [int(each) for each in assignment.path.split("/") if each]


def find_begun_in(key: str) -> Directive | None:
    """Return what was given by a form that was sent before."""
    return Directive.objects.filter(begun_in=key).first()


def find_extension_asked(assignment_id: int) -> Extension | None:
    """Return the later deadline that is asked for and not decided."""
    return Extension.objects.filter(assignment_id=assignment_id, granted=None).first()


def list_extensions(assignment_id: int) -> list[Extension]:
    """Return every later deadline that was asked for, in order."""
    return list(Extension.objects.filter(assignment_id=assignment_id).order_by("asked_at", "id"))


def terms_of(assignment: Assignment) -> Terms:
    """Return under which terms an assignment stands."""
    rests = assignment.pauses.order_by("begun_at", "id").values_list("begun_at", "ended_at")
    return Terms(
        since=assignment.terms_at,
        named_at=assignment.named_at,
        days=assignment.term_days,
        rests=tuple(Rest(begun, ended) for begun, ended in rests),
    )


def lock_stale(version: int, limit: int) -> list[Assignment]:
    """Return open assignments with a deadline that was reckoned by another calendar, locked; what others hold is left for later."""
    return list(
        Assignment.objects.select_for_update(skip_locked=True)
        .filter(status__in=OPEN, due_at__isnull=False)
        .exclude(calendar_version=version)
        .order_by("id")[:limit]
    )


def standing_of(assignment: Assignment) -> Standing:
    """Return what decides the cell and the marks of an assignment."""
    return Standing(
        role=assignment.role,
        status=assignment.status,
        given_at=assignment.made_at,
        due_at=assignment.due_at,
        handed_in_at=assignment.handed_in_at,
        paused_at=assignment.paused_at,
        percent=assignment.percent,
        risk=assignment.risk,
    )


def cell_in_sql(now: datetime) -> tuple[Case, Coalesce]:
    """Return `terms.cell` as the database reckons it ('' for what is not counted), and when its clock stopped."""
    stopped = Coalesce("handed_in_at", "paused_at", Value(now, DateTimeField()))
    late = Q(due_at__isnull=False, stopped__gt=F("due_at"))
    done = Q(status=Status.ACCEPTED)
    cell = Case(
        When(Q(role=Role.INFORM) | Q(status__in=(Status.CANCELLED, Status.NOTED)), then=Value("")),
        When(done & late, then=Value(Cell.DONE_LATE)),
        When(done, then=Value(Cell.DONE_IN_TIME)),
        When(late, then=Value(Cell.OPEN_LATE)),
        default=Value(Cell.OPEN_IN_TIME),
        output_field=CharField(),
    )
    return cell, stopped


def with_cells(rows: QuerySet[Assignment], now: datetime) -> QuerySet[Assignment]:
    """Return assignments with their `cell`."""
    cell, stopped = cell_in_sql(now)
    return rows.annotate(stopped=stopped).annotate(cell=cell)


def mark_in_sql(mark: Mark, now: datetime, soon: datetime) -> Q:
    """Return `terms.marks` as a filter of the database, for assignments that have their `cell`."""
    open_now = Q(status__in=OPEN) & ~Q(role=Role.INFORM)
    runs = Q(due_at__gte=now, handed_in_at__isnull=True, paused_at__isnull=True)
    gone = Extract(Value(now, DateTimeField()), "epoch") - Extract("made_at", "epoch")
    whole = Extract("due_at", "epoch") - Extract("made_at", "epoch")
    return (
        open_now
        & {
            Mark.UNDATED: Q(due_at__isnull=True),
            Mark.STANDS: Q(paused_at__isnull=False),
            Mark.SAID_AT_RISK: ~Q(risk=""),
            Mark.SOON: runs & Q(due_at__lte=soon),
            Mark.BEHIND: runs
            & Q(GreaterThanOrEqual(gone * 100, whole * BEHIND_FROM))
            & Q(GreaterThanOrEqual(gone * 100 - whole * F("percent"), whole * BEHIND_BY)),
        }[mark]
    )


def tree_below(actor: Actor, assignment: Assignment) -> list[Node]:
    """Return the live tree of work: what this assignment's directive gave, and everything passed down from it.

    Whoever sees an assignment sees its co-operators and all that lies below it. Four queries, whatever the depth.
    """
    root = Directive.objects.get(pk=assignment.directive_id)
    beside = Q(directive_id=root.pk)
    ours = [f"{row.path}" for row in Assignment.objects.filter(beside).only("path")]
    below = Q()
    for path in ours:
        below |= Q(path__startswith=path)
    return _grow([root], Assignment.objects.filter(beside | below), root.parent_id)


def tree_of(document_id: int) -> list[Node]:
    """Return the tree of directives of a document, with reports and files, in four queries.

    The caller has checked that the document may be seen.
    """
    directives = list(Directive.objects.filter(document_id=document_id).order_by("given_at", "id"))
    return _grow(directives, Assignment.objects.filter(document_id=document_id), None)


def _grow(directives: list[Directive], rows: QuerySet[Assignment], top: int | None) -> list[Node]:
    """Put assignments under the directives that gave them, and those under the assignments they pass down."""
    assignments = rows.select_related("reply", "directive").defer("reply__search").order_by("id")
    assignments = assignments.prefetch_related(
        Prefetch("reports", Report.objects.order_by("at", "id")), Prefetch("files", ResultFile.objects.order_by("id"))
    )
    of_directive: dict[int, list[Assignment]] = defaultdict(list)
    for assignment in assignments:
        of_directive[assignment.directive_id].append(assignment)
    below: dict[int | None, list[Directive]] = defaultdict(list)
    known = {directive.pk: directive for directive in directives}
    for assignment in assignments:
        known.setdefault(assignment.directive_id, assignment.directive)
    for directive in sorted(known.values(), key=lambda each: (each.given_at, each.pk)):
        below[directive.parent_id].append(directive)

    def grow(directive: Directive) -> Node:
        rows = sorted(of_directive[directive.pk], key=lambda row: list(Role.values).index(row.role))
        return Node(directive, [(row, [grow(lower) for lower in below[row.pk]]) for row in rows])

    return [grow(directive) for directive in below[top]]


def words_of(document_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return what directives on these documents say, whom they name, and what came of them; in two queries."""
    found: dict[int, list[str]] = defaultdict(list)
    directives = Directive.objects.filter(document_id__in=document_ids)
    for document_id, words, giver in directives.values_list("document_id", "words", "giver_name"):
        found[document_id] += [words, giver]
    assignments = Assignment.objects.filter(document_id__in=document_ids)
    for document_id, name, result in assignments.values_list("document_id", "holder_name", "result"):
        found[document_id] += [name, result]
    return found


def open_below(assignment: Assignment) -> list[Assignment]:
    """Return the assignments passed down from this one that still owe a result."""
    return list(
        Assignment.objects.filter(directive__parent=assignment, status__in=OPEN)
        .exclude(role=Role.INFORM)
        .order_by("id")
    )


def list_open_of_document(document_id: int) -> list[Assignment]:
    """Return the first-level assignments of a document that still owe a result."""
    return list(_directed(document_id).filter(status__in=OPEN).exclude(role=Role.INFORM).order_by("id"))


def holders_at_work(document_id: int) -> set[str]:
    """Return who works on a document, or gave the work, at every level, as long as it is open."""
    rows = Assignment.objects.filter(document_id=document_id, status__in=OPEN)
    return {holder for pair in rows.values_list("holder", "giver_holder") for holder in pair}


def leads_of(document_ids: list[int]) -> dict[int, str]:
    """Return, for a page of a list, who leads the work on each document by its latest directive. One query."""
    rows = (
        Assignment.objects.filter(
            document_id__in=document_ids,
            directive__parent__isnull=True,
            directive__origin=Origin.DIRECTIVE,
            role=Role.LEAD,
        )
        .exclude(status=Status.CANCELLED)
        .order_by("made_at", "id")
        .values_list("document_id", "holder_name")
    )
    return dict(rows)


def has_accepted_lead(document_id: int) -> bool:
    """Whether a first-level lead's work on the document was accepted."""
    return _directed(document_id).filter(role=Role.LEAD, status=Status.ACCEPTED).exists()


def _directed(document_id: int) -> QuerySet[Assignment]:
    """The first-level assignments of the directive on a document: these, not what was read out of it, decide when it is done."""
    return Assignment.objects.filter(
        document_id=document_id, directive__parent__isnull=True, directive__origin=Origin.DIRECTIVE
    )


def list_waiting(actor: Actor, *, limit: int = 200) -> list[Assignment]:
    """Return the assignments on which this actor must act now, by clock."""
    return list(
        Assignment.objects.select_related("document", "directive__document")
        .defer("document__search", "directive__document__search")
        .filter(policy.cleared_for(actor), next_holder__in=actor.holders)
        .order_by("due_at", "id")[:limit]
    )


def count_waiting(actor: Actor) -> dict[str, int]:
    """Return how many assignments wait for this actor, by status."""
    return dict(
        Assignment.objects.filter(policy.cleared_for(actor), next_holder__in=actor.holders)
        .values_list("status")
        .annotate(n=Count("id"))
        .order_by()
    )


@dataclass(frozen=True)
class Cursor:
    made_at: datetime
    assignment_id: int


def list_assignments(
    *,
    actor: Actor,
    given: bool = False,
    statuses: tuple[str, ...] = (),
    late_at: datetime | None = None,
    after: Cursor | None = None,
    limit: int = 50,
) -> tuple[list[Assignment], Cursor | None]:
    """Return a page of the assignments the actor holds (or gave), newest first."""
    held = Q(giver_holder__in=actor.holders) if given else Q(holder__in=actor.holders)
    rows = (
        Assignment.objects.select_related("document", "directive__document")
        .defer("document__search", "directive__document__search")
        .filter(held, policy.cleared_for(actor))
    )
    if statuses:
        rows = rows.filter(status__in=statuses)
    if late_at is not None:
        rows = rows.filter(due_at__lt=late_at)
    if after is not None:
        rows = rows.filter(Q(made_at__lt=after.made_at) | Q(made_at=after.made_at, id__lt=after.assignment_id))
    found = list(rows.order_by("-made_at", "-id")[: limit + 1])
    more = Cursor(found[limit - 1].made_at, found[limit - 1].pk) if len(found) > limit else None
    return found[:limit], more


def list_result_files(document_id: int) -> list[ResultFile]:
    """Return the files handed in with all work that came from a document, in their order. The caller has checked who may see it."""
    rows = ResultFile.objects.filter(assignment__document_id=document_id)
    return list(rows.select_related("assignment").order_by("id"))


def list_files_of(actor: Actor, assignment_id: int) -> list[ResultFile]:
    """Return the files handed in with an assignment the actor may see. :raises NotFound:"""
    return list(get_for(actor, assignment_id).files.order_by("id"))


def get_result_file(actor: Actor, assignment_id: int, file_id: int) -> ResultFile:
    """Return a file handed in with an assignment the actor may see, by itself or with its document. :raises NotFound:"""
    rows = ResultFile.objects.select_related("assignment__document").defer("assignment__document__search")
    found = rows.filter(assignment_id=assignment_id, pk=file_id).first()
    if found is None:
        raise NotFound()
    try:
        get_for(actor, assignment_id)
    except NotFound:
        if found.assignment.document_id is None:
            raise
        documents.get_for(actor, found.assignment.document_id)
    return found


def count_given(actor: Actor, now: datetime) -> dict[str, int]:
    """Return what the actor gave to others and is not ended: late, in time or without a deadline, handed in."""
    given = Assignment.objects.filter(giver_holder=f"P{actor.post_id}", status__in=OPEN).exclude(role=Role.INFORM)
    working, late = Q(status__in=WORKING), Q(due_at__lt=now)
    return given.aggregate(
        late=Count("id", filter=working & late),
        in_time=Count("id", filter=working & ~late),
        handed_in=Count("id", filter=Q(status=Status.HANDED_IN)),
    )


def count_cells(actor: Actor, now: datetime) -> dict[str, int]:
    """Return the open assignments the actor holds by clock (late, in time, without a deadline), and those he has handed in."""
    held = Assignment.objects.filter(holder__in=actor.holders, status__in=OPEN).exclude(role=Role.INFORM)
    working = Q(status__in=WORKING)
    return held.aggregate(
        late=Count("id", filter=working & Q(due_at__lt=now)),
        in_time=Count("id", filter=working & Q(due_at__gte=now)),
        undated=Count("id", filter=working & Q(due_at__isnull=True)),
        handed_in=Count("id", filter=Q(status=Status.HANDED_IN)),
    )


def list_of_post(post_id: int, *, limit: int = 500) -> tuple[list[Assignment], list[Assignment]]:
    """Return the open work that a post has to do, and what it gave to others: for a hand-over."""
    rows = Assignment.objects.select_related("document", "directive").filter(status__in=OPEN).exclude(role=Role.INFORM)
    holder = f"P{post_id}"
    return list(rows.filter(holder=holder).order_by("id")[:limit]), list(
        rows.filter(giver_holder=holder).order_by("id")[:limit]
    )


def lock_open_of(holders: Sequence[str]) -> list[Assignment]:
    """Return the open work of some holders, for information too, locked against others' changes."""
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("document", "directive")
    return list(rows.filter(holder__in=holders, status__in=OPEN).order_by("id"))


def list_given_by(holders: Sequence[str], *, limit: int = 500) -> list[Assignment]:
    """Return the open work that some holders gave to others."""
    rows = Assignment.objects.select_related("document", "directive").filter(giver_holder__in=holders, status__in=OPEN)
    return list(rows.order_by("id")[:limit])


def count_of_unit(unit_id: int) -> int:
    """Count the open work that was given to a unit itself, for information or to be done."""
    return Assignment.objects.filter(holder=f"U{unit_id}", status__in=OPEN).count()


def find_visible(actor: Actor, assignment_id: int) -> Assignment | None:
    """Return the assignment if the actor may see it."""
    try:
        return get_for(actor, assignment_id)
    except NotFound:
        return None


def list_of_directive(directive_id: int) -> list[Assignment]:
    """Return what a directive gave out, the lead first."""
    rows = Assignment.objects.filter(directive_id=directive_id).order_by("id")
    return sorted(rows, key=lambda row: list(Role.values).index(row.role))


def list_anchored(actor: Actor, document_id: int) -> dict[str, int]:
    """Return which sentences of a document are work already, each with its first assignment that the actor sees."""
    rows = (
        Assignment.objects.filter(policy.visible_to(actor), document_id=document_id, directive__parent__isnull=True)
        .exclude(directive__anchor_text="")
        .order_by("-id")
        .values_list("directive__anchor_text", "id")
    )
    return dict(rows)


def flat(nodes: list[Node]) -> list[Assignment]:
    """Return the assignments of a tree, each before what was passed down from it."""
    found: list[Assignment] = []
    for node in nodes:
        for row, below in node.assignments:
            found += [row, *flat(below)]
    return found


@dataclass(frozen=True)
class Counted:
    """What of an assignment figures are made of."""

    id: int
    role: str
    status: str
    unit_id: int
    made_at: datetime
    due_at: datetime | None
    handed_in_at: datetime | None
    paused_at: datetime | None
    ended_at: datetime | None
    spells: tuple[Spell, ...]


def list_counted(ids: list[int]) -> list[Counted]:
    """Return what figures are made of, for some assignments, with how each stood from act to act: two queries."""
    names = ("role", "status", "in_unit_id", "made_at", "due_at", "handed_in_at", "paused_at", "ended_at")
    spells: dict[int, list[Spell]] = defaultdict(list)
    for spell in Spell.objects.filter(assignment__in=ids).order_by("since_at", "id"):
        spells[spell.assignment_id].append(spell)
    rows: Any = Assignment.objects.filter(pk__in=ids).values_list("id", *names)
    return [Counted(*(*row, tuple(spells[row[0]]))) for row in rows]


def list_touched(*, documents: list[int], directives: list[int], tasks: list[int]) -> list[int]:
    """Return the assignments to which something may have happened when it was written under these subjects."""
    touched = Q(document_id__in=documents) | Q(directive_id__in=directives) | Q(pk__in=tasks)
    return list(Assignment.objects.filter(touched).order_by("id").values_list("id", flat=True))


def list_visible(actor: Actor, ids: list[int]) -> dict[int, Assignment]:
    """Return those of some assignments that the actor may see by himself or as the giver of what lies above."""
    rows = Assignment.objects.select_related("directive__document").defer("directive__document__search")
    found = rows.filter(policy.cleared_for(actor)).in_bulk(ids)
    above = {number for row in found.values() for number in line_of(row)}
    seen = set(Assignment.objects.filter(policy.visible_to(actor), pk__in=above).values_list("id", flat=True))
    return {pk: row for pk, row in found.items() if seen.intersection(line_of(row))}


def list_titles(actor: Actor, ids: list[int]) -> dict[int, str]:
    """Return who has which work, for those of many assignments that the actor may see as `list_visible` has it. Two questions."""
    if not ids:
        return {}
    told = Assignment.objects.filter(policy.cleared_for(actor), pk__in=RawSQL("select unnest(%s::bigint[])", [ids]))
    titles = ("directive__subject", "directive__document__subject", "directive__words")
    rows = list(told.values_list("pk", "path", "holder_name", *titles))
    lines = {pk: [int(each) for each in path.split("/") if each] for pk, path, *_rest in rows}
    above = sorted({number for line in lines.values() for number in line})
    mine = Assignment.objects.filter(policy.visible_to(actor), pk__in=RawSQL("select unnest(%s::bigint[])", [above]))
    seen = set(mine.values_list("pk", flat=True)) if above else set()
    return {
        pk: f"{holder}: {subject or paper or words}"
        for pk, _path, holder, subject, paper, words in rows
        if seen.intersection(lines[pk])
    }


# Work that recurs

LOOK_BACK = timedelta(days=120)
"""So far back a nominal day may lie whose occurrence is still to be given: it was moved, or is given long ahead."""


def lock_series(series_id: int) -> Series:
    """Return a series, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = (
        Series.objects.select_for_update(of=("self",)).select_related("giver_post__unit").filter(pk=series_id).first()
    )
    if found is None:
        raise NotFound()
    return found


def find_series_begun_in(key: str) -> Series | None:
    """Return the series that was begun by a form that was sent before."""
    return Series.objects.filter(begun_in=key).first()


def get_series_for(actor: Actor, series_id: int) -> Series:
    """Return a series that the actor may see. :raises NotFound:"""
    found = Series.objects.select_related("giver_post__unit").filter(policy.series_visible_to(actor), pk=series_id)
    if not found:
        raise NotFound()
    return found[0]


def list_series(actor: Actor, *, limit: int = 200) -> list[Series]:
    """Return the series the actor may see, those that run first."""
    rows = Series.objects.select_related("giver_post__unit").filter(policy.series_visible_to(actor))
    return list(rows.order_by(F("ended_at").desc(nulls_first=True), "title", "id")[:limit])


def rule_of(series: Series) -> recurrence.Rule:
    """Return by which rule a series recurs."""
    return recurrence.Rule(series.every, series.day, series.month, series.shift, series.ahead)


def nominal_days_of(series: Series, first: date, last: date) -> list[date]:
    """Return the nominal days of a series from one day to another, within its own time."""
    until = min(last, series.until) if series.until else last
    return list(recurrence.nominal_days(rule_of(series), max(first, series.since), until))


@dataclass(frozen=True)
class Coming:
    """One occurrence of a series: its nominal day, when it is given and due, and what became of it."""

    day: date
    given_on: date
    due: date
    occurrence: Occurrence | None


def list_coming(series: Series, first: date, last: date) -> list[Coming]:
    """Return the occurrences of a series whose nominal days lie between two days, in order."""
    return _coming(series, first, last, {each.day: each for each in series.occurrences.all()})


def _coming(series: Series, first: date, last: date, known: dict[date, Occurrence]) -> list[Coming]:
    calendar, rule, found = workdays.calendar(), rule_of(series), []
    for day in nominal_days_of(series, first, last):
        own = known.get(day)
        due = own.moved_to if own is not None and own.moved_to else recurrence.due_day(rule, day, calendar)
        found.append(Coming(day, recurrence.giving_day(rule, due, calendar), due, own))
    return found


def list_occurrences_due(today: date) -> list[tuple[Series, date, date]]:
    """Return the occurrences that are to be given on a day: series, nominal day, day it is due. Two questions to the database."""
    found = []
    running = Series.objects.filter(ended_at=None, since__lte=today + LOOK_BACK).prefetch_related("occurrences")
    for series in running.order_by("id"):
        known = {each.day: each for each in series.occurrences.all()}
        for each in _coming(series, today - LOOK_BACK, today + LOOK_BACK, known):
            own = each.occurrence
            done = own is not None and (own.skipped or own.directive_id is not None)
            tried = own is not None and own.fault != "" and workdays.local_date(own.at) == today
            if each.given_on <= today <= each.due and not done and not tried:
                found.append((series, each.day, each.due))
    return found


def is_given(series_id: int, day: date) -> bool:
    """Whether an occurrence was given or left out."""
    rows = Occurrence.objects.filter(series_id=series_id, day=day)
    return rows.filter(Q(skipped=True) | Q(directive__isnull=False)).exists()


# Reminders


def list_rules() -> list[ReminderRule]:
    """Return the rules of reminding that hold, the earliest moment first."""
    return list(ReminderRule.objects.filter(ended_at=None).order_by("days", "id"))


def lock_rule(rule_id: int) -> ReminderRule:
    """Return a rule, its row locked. :raises NotFound:"""
    found = ReminderRule.objects.select_for_update().filter(pk=rule_id).first()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Rule:
    """What of a rule decides whom it reminds; also of one that is only thought of."""

    days: int
    whom: str
    priority: int
    since: date


def list_matching(rule: Rule, today: date, now: datetime, *, rule_id: int | None = None) -> list[Assignment]:
    """Return the open work that a rule would remind of on a working day, without what it has reminded of already.

    Before the deadline: while it has not come. After it: from the day on that the rule holds, so that a new rule does not bring up
    what is long past. While the clock stands nobody is reminded, nor of what waits to be accepted.
    """
    calendar = workdays.calendar()
    edge = calendar.add_working_days(today, -rule.days)
    until = calendar.next_working_day(edge)
    first = today if rule.days < 0 else calendar.add_working_days(rule.since, -rule.days)
    rows = Assignment.objects.filter(
        status__in=WORKING,
        handed_in_at=None,
        paused_at=None,
        directive__priority__gte=rule.priority,
        due_at__gte=datetime.combine(first, time(), workdays.HERE),
        due_at__lt=datetime.combine(until, time(), workdays.HERE),
    ).exclude(role=Role.INFORM)
    if rule.days < 0:
        rows = rows.filter(due_at__gte=now)
    if rule_id is not None:
        told = Reminded.objects.filter(rule_id=rule_id, assignment=OuterRef("pk"), due_at=OuterRef("due_at"))
        rows = rows.filter(~Exists(told))
    return list(rows.select_related("in_unit").order_by("id"))
