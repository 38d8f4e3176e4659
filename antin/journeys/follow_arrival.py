"""The way of one arrival: to whom it was presented, who gave it to whom and in turn to whom, which letters were written on it,
and where those and copies of it were sent.

Read from what the rooms keep (assignments, copies, deliveries and their receipts); nothing is written here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from antin.documents import queries as documents
from antin.documents.states import Direction
from antin.documents.states import Status as Stage
from antin.exchange import queries as deliveries
from antin.exchange.states import Status as Delivered
from antin.people.actor import Actor
from antin.refusal import NotFound
from antin.tasks import queries as tasks
from antin.tasks.states import OPEN
from antin.tasks.states import Status as Done
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.exchange.models import Delivery
    from antin.tasks.models import Assignment

ENDED = frozenset({Stage.COMPLETED, Stage.SENT_BACK, Stage.PAST})
AWAY = frozenset({Delivered.DONE, Delivered.RETURNED, Delivered.FAILED, Delivered.WITHHELD})


@dataclass(frozen=True)
class Step:
    """One place on the way. `kind`: arrival, presented, given, copied, letter, sent; each stands after the one it went on from.

    A letter's `role` is answer when it goes to whom the arrival came from, otherwise cover: it passes the matter on. `status` is
    one of a document, a task or a delivery, by the kind. `late`: open after its deadline; `was_late`: ended after it.
    `told` is what the recipient of a copy did with it, as far as its receipts say: whom it was given to there.
    """

    kind: str
    depth: int
    name: str
    status: str
    by: str = ""
    role: str = ""
    since: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    is_open: bool = True
    late: bool = False
    was_late: bool = False
    arrival_number: int | None = None
    told: tuple[str, ...] = ()
    reply_code: str = ""
    document_id: int | None = None
    task_id: int | None = None
    delivery_id: int | None = None


@dataclass(frozen=True)
class Way:
    """The whole way, each step after the one it went on from."""

    steps: list[Step]

    @property
    def late(self) -> list[Step]:
        """Who is late now."""
        return [step for step in self.steps if step.late]

    @property
    def went_on(self) -> bool:
        """Whether anybody was given it, or a copy of it or a letter on it was sent."""
        return any(step.kind in ("given", "sent") for step in self.steps)


def follow(*, actor: Actor, document_id: int, at: datetime) -> Way:
    """Follow an arrival as far as the actor may see it. Twelve queries, however far it went.

    :raises NotFound: not his to see, or no arrival
    """
    document = documents.get_for(actor, document_id)
    if document.direction != Direction.IN:
        raise NotFound()
    arrival = documents.arrival_of(document)
    steps = [
        Step(
            kind="arrival",
            depth=0,
            name=document.subject,
            by=document.issuer_name,
            status=document.status,
            since=arrival.registered_at or arrival.arrived_at,
            due_at=document.due_at,
            ended_at=arrival.completed_at or arrival.returned_at,
            is_open=document.status not in ENDED,
            arrival_number=document.arrival_number,
            document_id=document.pk,
        )
    ]
    given = tasks.tree_of(document.pk)
    if arrival.presented_post is not None:
        waits = document.next_holder == f"P{arrival.presented_post_id}"
        steps.append(
            Step(
                kind="presented",
                depth=1,
                name=arrival.presented_post.title,
                by=arrival.registered_by,
                status=document.status,
                due_at=document.next_due_at if waits else None,
                is_open=waits,
                document_id=document.pk,
            )
        )
    for node in given:
        steps += _given(node, 1)
    steps += _sent_on(actor, document)
    return Way([_judged(step, at) for step in steps])


def _given(node: tasks.Node, depth: int) -> list[Step]:
    found: list[Step] = []
    for task, below in node.assignments:
        found.append(_assigned(task, node.directive.giver_name, depth))
        for lower in below:
            found += _given(lower, depth + 1)
    return found


def _assigned(task: Assignment, giver: str, depth: int) -> Step:
    is_open = task.status in OPEN
    handed_in = task.status == Done.HANDED_IN
    return Step(
        kind="given",
        depth=depth,
        name=task.holder_name,
        by=giver,
        role=task.role,
        status=task.status,
        since=task.made_at,
        due_at=None if task.paused_at is not None and is_open else task.due_at,
        ended_at=task.handed_in_at or task.ended_at,
        is_open=is_open and not handed_in,
        document_id=task.document_id,
        task_id=task.pk,
        reply_code=task.reply.code if task.reply is not None else "",
    )


def _sent_on(actor: Actor, document: Document) -> list[Step]:
    """Letters written on the paper and copies made of it, each with the agencies it was sent to."""
    copies = documents.list_copies_made(actor, document.pk)
    letters = documents.list_letters_on(actor, document.pk)
    answers = documents.list_answering(letters, document.issuer_code)
    sent = deliveries.list_of_documents([each.pk for each in (*letters, *copies)])
    names = {
        receipt.delivery_id: tuple(str(name) for name in receipt.facts.get("names", ()))
        for receipt in deliveries.list_receipts([each.pk for rows in sent.values() for each in rows])
        if receipt.kind == Delivered.ASSIGNED
    }
    steps: list[Step] = []
    for letter in reversed(letters):
        steps.append(
            _made(
                letter,
                kind="letter",
                by=letter.making.drafter_name,
                role="answer" if letter.pk in answers else "cover",
                since=letter.making.issued_at or letter.made_at,
            )
        )
        steps += [_sent(each, letter, names.get(each.pk, ())) for each in sent.get(letter.pk, [])]
    for copy in reversed(copies):
        made = copy.copying
        steps.append(_made(copy, kind="copied", by=made.permitted_by, role=copy.type_code, since=made.permitted_at))
        steps += [_sent(each, copy, names.get(each.pk, ())) for each in sent.get(copy.pk, [])]
    return steps


def _made(paper: Document, *, kind: str, by: str, role: str, since: datetime | None) -> Step:
    """A paper that was made here of the arrival or on it."""
    return Step(
        kind=kind,
        depth=1,
        name=paper.code or paper.subject,
        by=by,
        role=role,
        status=paper.status,
        since=since,
        is_open=paper.status != Stage.ISSUED,
        document_id=paper.pk,
    )


def _sent(delivery: Delivery, copy: Document, told: tuple[str, ...]) -> Step:
    return Step(
        kind="sent",
        depth=2,
        name=delivery.recipient_name,
        by=copy.issuer_name,
        status=delivery.status,
        since=delivery.sent_at,
        due_at=workdays.end_of_working_day(copy.reply_by) if copy.reply_by else None,
        ended_at=delivery.done_at or delivery.returned_at,
        is_open=delivery.status not in AWAY,
        arrival_number=delivery.arrival_number,
        told=told,
        reply_code=delivery.reply_code,
        document_id=copy.pk,
        delivery_id=delivery.pk,
    )


def _judged(step: Step, at: datetime) -> Step:
    if step.due_at is None or step.role == "inform":
        return step
    if step.is_open:
        return replace(step, late=step.due_at < at)
    return replace(step, was_late=step.ended_at is not None and step.due_at < step.ended_at)
