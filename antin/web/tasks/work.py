"""The page of one piece of work: what is asked, by when and why, how far it is, the live tree; and giving one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from antin.agenda import queries as agenda
from antin.documents import queries as documents
from antin.files import queries as papers
from antin.journeys import direct_document as direction
from antin.people.actor import Actor
from antin.programmes import queries as programmes
from antin.refusal import NotFound, Refusal, refuse
from antin.tasks import operations, policy, queries, terms
from antin.tasks.states import OPEN, Evidence, Grade, Origin, Priority, Role
from antin.web import asking, clocks
from antin.web.session.middleware import SignedRequest
from antin.web.tasks import acts, forms, panel
from antin.web.tasks.looks import CELLS, MARKS
from antin.web.tones import Tone
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.tasks.models import Assignment, Report

STORY = panel.KINDS | {
    "insisted": gettext_lazy("yêu cầu thực hiện"),
    "declined": gettext_lazy("xin không nhận"),
    "reassigned": gettext_lazy("chuyển người thực hiện"),
    "delegated": gettext_lazy("giao lại cho người dưới quyền"),
    "obstacle": gettext_lazy("báo vướng mắc"),
    "proposal": gettext_lazy("đề xuất"),
    "risk": gettext_lazy("báo có nguy cơ chậm"),
    "no_risk": gettext_lazy("không còn nguy cơ chậm"),
    "ext_asked": gettext_lazy("xin gia hạn"),
    "extended": gettext_lazy("cho gia hạn"),
    "ext_refused": gettext_lazy("không cho gia hạn"),
    "paused": gettext_lazy("cho tạm dừng"),
    "resumed": gettext_lazy("cho tiếp tục"),
}


@dataclass(frozen=True)
class Leaf:
    """One line of the live tree: how deep, what, whose, how far."""

    depth: int
    task: Assignment
    role: str
    state: Tone
    clock: clocks.Clock | None
    here: bool


def _leaves(nodes: list[queries.Node], here: int, now: datetime, depth: int = 0) -> list[Leaf]:
    found = []
    for node in nodes:
        for task, below in node.assignments:
            clock = clocks.until(task.due_at, now) if task.status in OPEN and not task.handed_in_at else None
            state = panel.STATES[task.status]
            found.append(Leaf(depth, task, str(Role(task.role).label), state, clock, task.pk == here))
            found += _leaves(below, here, now, depth + 1)
    return found


def _event(row: Report) -> dict[str, Any]:
    words = str(STORY.get(row.kind, row.kind))
    words = words[:1].upper() + words[1:]
    if row.kind == "progress" and row.percent is not None:
        words = f"{words}: {row.percent} %"
    tone = {"accepted": "ok", "sent_back": "late", "declined": "late", "obstacle": "warn", "risk": "warn"}
    return {"words": words, "detail": row.words, "by": row.author, "at": row.at, "tone": tone.get(row.kind, "")}


def _paper(actor: Actor, task: Assignment) -> Any:
    """The document the work came from, if the actor may open it."""
    if task.document_id is None:
        return None
    try:
        return documents.get_for(actor, task.document_id)
    except NotFound:
        return None


@require_GET
def task(request: SignedRequest, task_id: int) -> HttpResponse:
    """Show one piece of work, and what the actor may do with it."""
    found = queries.get_for(request.actor, task_id)
    now = timezone.now()
    request.place = reverse("tasks")
    calendar = workdays.calendar()
    standing = queries.standing_of(found)
    cell = terms.cell(standing, now)
    marks = sorted(terms.marks(standing, now, terms.soon_until(now, calendar)))
    offered = acts.offers(request.actor, found)
    possible = [each for each in offered if not each.why]
    main = next((each for each in possible if each.kind == "main"), None)
    others = [each for each in offered if each is not main]
    nodes = queries.tree_below(request.actor, found)
    mine = next(row for node in nodes for row, _below in node.assignments if row.pk == task_id)
    above = [queries.find_visible(request.actor, number) for number in queries.line_of(found)[:-1]]
    splits = found.holder in request.actor.holders and policy.why_not_work(request.actor, found) is None
    context = {
        "task": found,
        "cell": CELLS[cell] if cell else None,
        "marks": [(MARKS[mark], terms.rule_of(mark)) for mark in marks],
        "state": panel.STATES[found.status],
        "clock": clocks.until(found.due_at, now) if found.status in OPEN and not found.handed_in_at else None,
        "due": terms.due(queries.terms_of(found), calendar),
        "role": Role(found.role).label,
        "origin": Origin(found.directive.origin).label,
        "priority": Priority(found.directive.priority),
        "evidence": Evidence(found.directive.evidence).label if found.directive.evidence else "",
        "grade": Grade(found.grade).label if found.grade else "",
        "main": main,
        "second": next((each for each in others if not each.why and each.kind != "danger"), None),
        "offers": others,
        "splits": splits and found.role != Role.INFORM,
        "notes": policy.why_not_note(request.actor, found) is None,
        "leaves": _leaves(nodes, task_id, now),
        "above": [each for each in above if each],
        "story": [_event(row) for row in reversed(mine.reports.all())],
        "files": mine.files.all(),
        "sealed": direction.is_sealed(found),
        "source": programmes.find_source(request.actor, found) if found.directive.origin == Origin.PLAN else None,
        "review": programmes.find_review_of(request.actor, found) if found.directive.origin == Origin.MEETING else None,
        "meeting": agenda.source_of(request.actor, found.directive_id, now)
        if found.directive.origin == Origin.MEETING
        else None,
        "paper": _paper(request.actor, found),
        "extensions": queries.list_extensions(task_id),
    }
    return render(request, "tasks/task.html", context)


@require_http_methods(["GET", "POST"])
def act(request: SignedRequest, task_id: int, name: str) -> HttpResponse:
    """Ask what an act needs to know, and do it."""
    found = queries.get_for(request.actor, task_id)
    chosen = acts.BY_NAME.get(name)
    if chosen is None:
        raise Http404
    if request.method == "GET":
        refuse(chosen.why(request.actor, found, [row.holder_name for row in queries.open_below(found)]))
    now = timezone.now()
    form = acts.form_of(chosen, request.actor, found, asking.sent(request), asking.brought(request), now)
    question = asking.Question(
        heading=found.directive.title,
        button=str(chosen.words),
        back=reverse("task", args=[task_id]),
        names=_("Nhiệm vụ"),
        sign=chosen.sign,
        kind=chosen.kind or "main",
        explains=str(chosen.explains),
    )

    def do(told: dict[str, Any]) -> str:
        chosen.do(task_id, told, request.actor, now)
        return str(chosen.done)

    return asking.ask(request, question, form, do)


def _shares(request: SignedRequest, *, below: bool) -> list[operations.Share]:
    rows = forms.rows_for(request.actor, workdays.local_date(timezone.now()), below=below)
    return forms.shares_from(request.POST.dict(), rows)


@require_http_methods(["GET", "POST"])
def new(request: SignedRequest) -> HttpResponse:
    """Give work of one's own: by hand, or from a sentence of a paper (`document`, `page`, `sentence`)."""
    return _give(request, None)


@require_http_methods(["GET", "POST"])
def split(request: SignedRequest, task_id: int) -> HttpResponse:
    """Pass one's own work down to several, each with a deadline within one's own."""
    return _give(request, queries.get_for(request.actor, task_id))


def _give(request: SignedRequest, parent: Assignment | None) -> HttpResponse:
    now = timezone.now()
    request.place = reverse("tasks")
    refuse(policy.why_not_work(request.actor, parent) if parent else policy.why_not_give(request.actor))
    given = request.POST if request.method == "POST" else request.GET
    number = given.get("document", "")
    paper = documents.get_for(request.actor, int(number)) if number.isdigit() and not parent else None
    page, sentence = given.get("page", ""), given.get("sentence", "")[:2000]
    start = {"title": sentence[:500], "begun_in": uuid4().hex}
    form: django_forms.Form = forms.NewTaskForm(asking.sent(request), initial=start)
    if parent is not None:
        form.fields["title"].required = False
    refused: Refusal | None = None
    below = parent is None or parent.directive.origin != Origin.DIRECTIVE
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            if parent is not None:
                made = direction.pass_down(
                    assignment_id=parent.pk,
                    words=told["words"],
                    shares=_shares(request, below=below),
                    actor=request.actor,
                    at=now,
                )
            else:
                made = direction.give(
                    title=told["title"],
                    words=told["words"],
                    shares=_shares(request, below=below),
                    origin=_origin(paper, sentence),
                    priority=told["priority"] or 0,
                    evidence=told["evidence"],
                    document_id=paper.pk if paper else None,
                    page=int(page) if page.isdigit() and len(page) < 5 else None,
                    sentence=sentence,
                    begun_in=told["begun_in"] or None,
                    secrecy=told["secrecy"] or 0,
                    actor=request.actor,
                    at=now,
                )
        except direction.SecretByHand as no:
            refused, form = no, forms.NewTaskForm(initial=start | {"secrecy": told["secrecy"]})
        except Refusal as no:
            refused = no
        else:
            messages.success(request, _("Đã giao việc."))
            first = parent or queries.list_of_directive(made.pk)[0]
            return HttpResponseRedirect(reverse("task", args=[first.pk]))
    rows = forms.rows_for(
        request.actor, workdays.local_date(now), given.dict() if request.method == "POST" else None, below=below
    )
    context = {
        "form": form,
        "refused": refused,
        "secret": isinstance(refused, direction.SecretByHand),
        "direction": {"rows": rows, "roles": Role.choices},
        "parent": parent,
        "paper": paper,
        "page": page,
        "sentence": sentence,
        "term": given.get("term", ""),
    }
    status = 200 if request.method == "GET" else 422
    return render(request, "tasks/new.html", context, status=status)


def _origin(paper: Any, sentence: str) -> str:
    if paper is None:
        return Origin.HAND
    if sentence:
        return Origin.SENTENCE
    return Origin.CONCLUSION


@require_GET
def sentences(request: SignedRequest, document_id: int) -> HttpResponse:
    """Show what a paper says, sentence by sentence, so that one of them can be made work."""
    paper = documents.get_for(request.actor, document_id)
    refuse(policy.why_not_give(request.actor))
    request.place = reverse("tasks")
    text = papers.text_of(paper.file) if paper.file else ""
    taken = queries.list_anchored(request.actor, document_id)
    address = reverse("task-new")
    pages = []
    for number, page in enumerate(text.split("\f"), start=1):
        found = [
            {
                "text": each,
                "task_id": taken.get(each[:2000]),
                "href": f"{address}?{urlencode({'document': document_id, 'page': number, 'sentence': each[:2000]})}",
            }
            for each in forms.sentences_of(page)
        ]
        if found:
            pages.append({"words": _("Trang %(n)d") % {"n": number}, "sentences": found})
    by_hand = f"{address}?document={document_id}"
    return render(request, "tasks/sentences.html", {"paper": paper, "pages": pages, "by_hand": by_hand})


@require_POST
def note(request: SignedRequest, task_id: int) -> HttpResponse:
    """Mark as read what was given for information, and stay on its page."""
    queries.get_for(request.actor, task_id)
    operations.note(assignment_id=task_id, actor=request.actor, at=timezone.now())
    messages.success(request, _("Đã ghi nhận đã xem."))
    return HttpResponseRedirect(reverse("task", args=[task_id]))
