"""One act done to many documents or pieces of work: each by itself, with its own result, in the order they were chosen.

The act and the note of what came of it are one transaction, so a run that dies anywhere is gone on with, and nothing is done
twice. Who asked is looked up again for every run: what he may not do any more refuses. A classified document is never among them:
it takes its reader's PIN (decision 95).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext_noop as _

from antin.batches import operations as batches
from antin.batches import queries as begun
from antin.batches.operations import Picked
from antin.batches.states import Status
from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.journeys import direct_document, issue_document, receive_document, sealing
from antin.people.actor import Actor
from antin.refusal import NotAllowed, Refusal
from antin.tasks import operations as tasks
from antin.tasks import policy as work
from antin.tasks import queries as assignments
from antin.tasks.operations import Share

if TYPE_CHECKING:
    from antin.batches.models import ActBatch
    from antin.documents.models import Document
    from antin.tasks.models import Assignment

log = logging.getLogger(__name__)


class ActUnknown(Refusal):
    code = "act_unknown"
    words = _("Không có việc nào tên như vậy làm được với nhiều văn bản.")


class OurFault(Refusal):
    code = "our_fault"
    words = _("Hệ thống gặp lỗi ở văn bản này; báo quản trị viên, rồi làm lại.")


Answers = dict[str, Any]


@dataclass(frozen=True)
class Chosen:
    """A thing as it was chosen: its name, and why the act cannot be done to it, if so."""

    id: int
    name: str
    thing: Document | Assignment
    no: Refusal | None


@dataclass(frozen=True)
class Many:
    """An act that may be done to many. `do` runs in the caller's transaction and says what came of it, in a few letters."""

    of: str  # document, task
    why_not: Callable[[Actor, Any], Refusal | None]
    do: Callable[[int, Answers, Actor, date, datetime], str]


def _register(document_id: int, answers: Answers, actor: Actor, today: date, at: datetime) -> str:
    entered = receive_document.enter(
        document_id=document_id,
        present_to=answers.get("present_to"),
        despite_duplicate=False,
        actor=actor,
        today=today,
        at=at,
    )
    return str(entered.arrival_number)


def _present(document_id: int, answers: Answers, actor: Actor, today: date, at: datetime) -> str:
    passed = receive_document.pass_on(
        document_id=document_id, post_id=answers["post_id"], words=answers.get("words", ""), actor=actor, at=at
    )
    return str(passed.arrival_number)


def _direct(document_id: int, answers: Answers, actor: Actor, today: date, at: datetime) -> str:
    shares = [_share(each) for each in answers["shares"]]
    direct_document.give_out(document_id=document_id, words=answers.get("words", ""), shares=shares, actor=actor, at=at)
    return ""


def _share(told: Answers) -> Share:
    due = told.get("due_at")
    return Share(**(told | {"due_at": datetime.fromisoformat(due) if due else None}))


def _close(document_id: int, answers: Answers, actor: Actor, today: date, at: datetime) -> str:
    return str(receive_document.put_away(document_id=document_id, actor=actor, at=at).arrival_number)


def _endorse(document_id: int, answers: Answers, actor: Actor, today: date, at: datetime) -> str:
    documents.endorse(document_id=document_id, words=answers.get("words", ""), actor=actor, today=today, at=at)
    return ""


def _number(document_id: int, answers: Answers, actor: Actor, today: date, at: datetime) -> str:
    return issue_document.number_in(document_id=document_id, actor=actor, today=today, at=at).code


def _take(task_id: int, answers: Answers, actor: Actor, today: date, at: datetime) -> str:
    direct_document.take_on(assignment_id=task_id, actor=actor, at=at)
    return ""


def _note(task_id: int, answers: Answers, actor: Actor, today: date, at: datetime) -> str:
    tasks.note(assignment_id=task_id, actor=actor, at=at)
    return ""


def _why_not_endorse(actor: Actor, document: Document) -> Refusal | None:
    return policy.why_not_endorse(actor, document, document.making) if document.direction == "out" else NotAllowed()


ACTS: dict[str, Many] = {
    "register": Many("document", policy.why_not_register, _register),
    "present": Many("document", policy.why_not_present, _present),
    "direct": Many("document", policy.why_not_direct, _direct),
    "close": Many("document", policy.why_not_close, _close),
    "endorse": Many("document", _why_not_endorse, _endorse),
    "number": Many("document", policy.why_not_number, _number),
    "take": Many("task", work.why_not_work, _take),
    "note": Many("task", work.why_not_note, _note),
}


def get_act(name: str) -> Many:
    """Return an act that may be done to many. :raises ActUnknown: there is none of this name"""
    if name not in ACTS:
        raise ActUnknown
    return ACTS[name]


def look(*, act: str, ids: Iterable[int], actor: Actor) -> list[Chosen]:
    """Return the things chosen, each with why the act cannot be done to it; in the order they were chosen, each once.

    :raises ActUnknown: :raises NotFound: one of them is not his to see
    """
    asked = get_act(act)
    return [_look(asked, each, actor) for each in dict.fromkeys(ids)]


def _look(asked: Many, subject_id: int, actor: Actor) -> Chosen:
    if asked.of == "task":
        task = assignments.get_for(actor, subject_id)
        return Chosen(subject_id, task.directive.title, task, asked.why_not(actor, task))
    document = queries.get_for(actor, subject_id)
    try:
        sealing.refuse_in_clear(document)
    except Refusal as no:
        return Chosen(subject_id, document.subject, document, no)
    return Chosen(subject_id, document.subject, document, asked.why_not(actor, document))


def begin(
    *, act: str, ids: Iterable[int], answers: Answers, begun_in: str | None = None, actor: Actor, at: datetime
) -> ActBatch:
    """Ask for an act on many things; the workers do it one after another. What cannot be done is named, the others go on.

    `answers` are plain JSON: what the act is asked with, the same for all.

    :raises ActUnknown: :raises NotFound: :raises NothingPicked: :raises TooManyPicked:
    """
    chosen = look(act=act, ids=ids, actor=actor)
    picked = [Picked(each.id, each.name) for each in chosen]
    with transaction.atomic(durable=True):
        return batches.begin(act=act, picked=picked, answers=answers, begun_in=begun_in, actor=actor, at=at)


def run(*, batch_id: int, actor: Actor | None, today: date, at: datetime) -> int:
    """Do what waits in a batch, one thing after another, until all is settled or it is halted; how many were settled now.

    `actor` is who asked, as he may act today; None when he no longer holds the post.
    """
    batch = begun.get(batch_id)
    settled = 0
    while (item := begun.find_next(batch_id)) is not None:
        try:
            _do(batch, item.pk, actor, today, at)
        except Refusal as no:
            batches.fail(item_id=item.pk, code=no.code, words=no.message, actor=actor, at=at)
        except (OperationalError, InterfaceError):
            raise  # the database is away: the outbox tries the whole again
        except Exception:
            log.exception("%s of item %s failed", batch.act, item.pk)
            batches.fail(item_id=item.pk, code=OurFault.code, words=OurFault().message, actor=actor, at=at)
        settled += 1
    batches.end(batch_id=batch_id, actor=actor, at=at)
    return settled


def _do(batch: ActBatch, item_id: int, actor: Actor | None, today: date, at: datetime) -> None:
    """One thing: the act, and the note that it is done, in one transaction."""
    if actor is None:
        raise NotAllowed
    asked = get_act(batch.act)
    with transaction.atomic(durable=True):
        item = begun.lock_item(item_id)
        if item.status != Status.WAITING:
            return
        chosen = _look(asked, item.subject_id, actor)
        if chosen.no is not None:
            raise chosen.no
        words = asked.do(item.subject_id, batch.answers, actor, today, at)
        batches.finish(item_id=item_id, words=words, actor=actor, at=at)
