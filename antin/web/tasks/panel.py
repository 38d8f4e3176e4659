"""What the document page shows of direction: the tree, and what this actor may do at each of its places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from antin.documents import policy as documents
from antin.people.actor import Actor
from antin.tasks import policy, queries
from antin.tasks.states import OPEN, Role, Status
from antin.vault import queries as vault
from antin.web import clocks
from antin.web.tasks import forms
from antin.web.tones import Tone
from antin.web.uploads import SEALED
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.tasks.models import Assignment, Directive

STATES: dict[str, Tone] = {
    Status.GIVEN: Tone(Status.GIVEN.label, "", "ring"),
    Status.STARTED: Tone(Status.STARTED.label, "flow", "half"),
    Status.HANDED_IN: Tone(Status.HANDED_IN.label, "warn", "clock"),
    Status.ACCEPTED: Tone(Status.ACCEPTED.label, "ok", "check"),
    Status.NOTED: Tone(Status.NOTED.label, "", "eye"),
    Status.CANCELLED: Tone(Status.CANCELLED.label, "", "x"),
    Status.DECLINED: Tone(Status.DECLINED.label, "late", "undo"),
}
KINDS = {
    "begun": _("bắt đầu thực hiện"),
    "progress": _("báo cáo tiến độ"),
    "handed_in": _("nộp kết quả"),
    "accepted": _("nghiệm thu"),
    "sent_back": _("trả lại để làm tiếp"),
    "cancelled": _("thôi giao"),
}


@dataclass(frozen=True)
class Line:
    """One assignment with what may be done on it, and the directives below it."""

    task: Assignment
    role: str
    state: Tone
    clock: clocks.Clock | None
    may: frozenset[str]
    below: list[Branch]
    why_not_hand_in: str


@dataclass(frozen=True)
class Branch:
    directive: Directive
    lines: list[Line]


def context(actor: Actor, document: Document, replies: list[Document], now: datetime) -> dict[str, Any]:
    """Return the context of `tasks/_tree.html` and `tasks/_direct_form.html` for an incoming document the actor may see."""
    why_not = documents.why_not_direct(actor, document)
    branches = [_branch(node, actor, now) for node in queries.tree_of(document.pk)]
    may_name = why_not is None or _works(branches)
    return {
        "branches": branches,
        "may_direct": why_not is None,
        "rows": forms.rows_for(actor, workdays.local_date(now)) if may_name else None,
        "phrases": forms.phrases(actor.agency_id, workdays.local_date(now)) if may_name else (),
        "roles": Role.choices,
        "kinds": KINDS,
        "replies": replies,
        "document": document,
        "sealed": SEALED if document.classified_id is not None else "",
        "by_device": document.classified_id is not None and vault.is_held_elsewhere(actor.person_id, now),
    }


def may_give(actor: Actor) -> bool:
    """Whether the actor may make a sentence of a paper into work."""
    return policy.why_not_give(actor) is None


def _works(branches: list[Branch]) -> bool:
    return any("work" in line.may or _works(line.below) for branch in branches for line in branch.lines)


def _branch(node: queries.Node, actor: Actor, now: datetime) -> Branch:
    return Branch(node.directive, [_line(task, below, actor, now) for task, below in node.assignments])


def _line(task: Assignment, below: list[queries.Node], actor: Actor, now: datetime) -> Line:
    open_below = [
        row.holder_name
        for node in below
        for row, _below in node.assignments
        if row.status in OPEN and row.role != Role.INFORM
    ]
    no = policy.why_not_hand_in(actor, task, open_below)
    may = {
        "work": task.role != Role.INFORM and policy.why_not_work(actor, task) is None,
        "hand_in": no is None,
        "judge": policy.why_not_judge(actor, task) is None,
        "note": policy.why_not_note(actor, task) is None,
        "cancel": policy.why_not_cancel(actor, task) is None,
    }
    open_now = task.status in OPEN
    return Line(
        task=task,
        role=str(Role(task.role).label),
        state=STATES[task.status],
        clock=clocks.until(task.due_at, now) if open_now else None,
        may=frozenset(name for name, allowed in may.items() if allowed),
        below=[_branch(node, actor, now) for node in below],
        why_not_hand_in=no.message if isinstance(no, policy.WorkBelow) else "",
    )
