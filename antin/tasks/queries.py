"""Reading directives and assignments: the tree of a document, what waits, lists by keyset."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Prefetch, Q

from antin.documents import queries as documents
from antin.documents.policy import level_of
from antin.people.actor import Actor
from antin.refusal import NotFound
from antin.tasks import policy
from antin.tasks.models import Assignment, Directive, Report, ResultFile
from antin.tasks.states import OPEN, Role, Status


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
    """Return the assignment if the actor holds or gave it. :raises NotFound: absent, or not his to see"""
    found = (
        Assignment.objects.select_related("directive", "document")
        .filter(policy.visible_to(actor), pk=assignment_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def tree_of(document_id: int) -> list[Node]:
    """Return the tree of directives of a document, with reports and files, in four queries.

    The caller has checked that the document may be seen.
    """
    directives = list(Directive.objects.filter(document_id=document_id).order_by("given_at", "id"))
    assignments = Assignment.objects.filter(document_id=document_id).select_related("reply").order_by("id")
    assignments = assignments.prefetch_related(
        Prefetch("reports", Report.objects.order_by("at", "id")), Prefetch("files", ResultFile.objects.order_by("id"))
    )
    of_directive: dict[int, list[Assignment]] = defaultdict(list)
    for assignment in assignments:
        of_directive[assignment.directive_id].append(assignment)
    below: dict[int | None, list[Directive]] = defaultdict(list)
    for directive in directives:
        below[directive.parent_id].append(directive)

    def grow(directive: Directive) -> Node:
        rows = sorted(of_directive[directive.pk], key=lambda row: list(Role.values).index(row.role))
        return Node(directive, [(row, [grow(lower) for lower in below[row.pk]]) for row in rows])

    return [grow(directive) for directive in below[None]]


def open_below(assignment: Assignment) -> list[Assignment]:
    """Return the assignments passed down from this one that still owe a result."""
    return list(
        Assignment.objects.filter(directive__parent=assignment, status__in=OPEN)
        .exclude(role=Role.INFORM)
        .order_by("id")
    )


def list_open_of_document(document_id: int) -> list[Assignment]:
    """Return the first-level assignments of a document that still owe a result."""
    return list(
        Assignment.objects.filter(document_id=document_id, directive__parent__isnull=True, status__in=OPEN)
        .exclude(role=Role.INFORM)
        .order_by("id")
    )


def leads_of(document_ids: list[int]) -> dict[int, str]:
    """Return, for a page of a list, who leads the work on each document by its latest directive. One query."""
    rows = (
        Assignment.objects.filter(document_id__in=document_ids, directive__parent__isnull=True, role=Role.LEAD)
        .exclude(status=Status.CANCELLED)
        .order_by("made_at", "id")
        .values_list("document_id", "holder_name")
    )
    return dict(rows)


def has_accepted_lead(document_id: int) -> bool:
    """Whether a first-level lead's work on the document was accepted."""
    return Assignment.objects.filter(
        document_id=document_id, directive__parent__isnull=True, role=Role.LEAD, status=Status.ACCEPTED
    ).exists()


def list_waiting(actor: Actor, *, limit: int = 200) -> list[Assignment]:
    """Return the assignments on which this actor must act now, by clock."""
    return list(
        Assignment.objects.select_related("document", "directive")
        .defer("document__search")
        .filter(next_holder__in=actor.holders, document__secrecy__lte=level_of(actor))
        .order_by("due_at", "id")[:limit]
    )


def count_waiting(actor: Actor) -> dict[str, int]:
    """Return how many assignments wait for this actor, by status."""
    return dict(
        Assignment.objects.filter(next_holder__in=actor.holders, document__secrecy__lte=level_of(actor))
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
        Assignment.objects.select_related("document", "directive")
        .defer("document__search")
        .filter(held, document__secrecy__lte=level_of(actor))
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


def get_result_file(actor: Actor, assignment_id: int, file_id: int) -> ResultFile:
    """Return a file handed in with an assignment of a document the actor may see. :raises NotFound:"""
    found = ResultFile.objects.select_related("assignment").filter(assignment_id=assignment_id, pk=file_id).first()
    if found is None:
        raise NotFound()
    documents.get_for(actor, found.assignment.document_id)
    return found


def count_given(actor: Actor, now: datetime) -> dict[str, int]:
    """Return what the actor gave to others and is not ended: late, in time or without a deadline, handed in."""
    given = Assignment.objects.filter(giver_holder=f"P{actor.post_id}", status__in=OPEN).exclude(role=Role.INFORM)
    working, late = Q(status__in=(Status.GIVEN, Status.STARTED)), Q(due_at__lt=now)
    return given.aggregate(
        late=Count("id", filter=working & late),
        in_time=Count("id", filter=working & ~late),
        handed_in=Count("id", filter=Q(status=Status.HANDED_IN)),
    )


def count_cells(actor: Actor, now: datetime) -> dict[str, int]:
    """Return the open assignments the actor holds by clock (late, in time, without a deadline), and those he has handed in."""
    held = Assignment.objects.filter(holder__in=actor.holders, status__in=OPEN).exclude(role=Role.INFORM)
    working = Q(status__in=(Status.GIVEN, Status.STARTED))
    return held.aggregate(
        late=Count("id", filter=working & Q(due_at__lt=now)),
        in_time=Count("id", filter=working & Q(due_at__gte=now)),
        undated=Count("id", filter=working & Q(due_at__isnull=True)),
        handed_in=Count("id", filter=Q(status=Status.HANDED_IN)),
    )
