"""Directing, working, finishing: each act one POST; and the lists of one's own work."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from antin.documents import queries as documents
from antin.documents.policy import SealedDocument
from antin.files import queries as kept
from antin.journeys import direct_document as direction
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.tasks import operations, queries
from antin.tasks.queries import Cursor
from antin.tasks.states import OPEN, Origin, Role, Status
from antin.web import clocks, unlocking
from antin.web.documents.many import bar_of_tasks
from antin.web.session.middleware import SignedRequest
from antin.web.tasks import forms, panel
from antin.web.uploads import Incoming
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.tasks.models import Assignment

VIEWS = {
    "open": tuple(sorted(OPEN)),
    "judge": (Status.HANDED_IN,),
    "done": (Status.ACCEPTED, Status.NOTED, Status.CANCELLED),
}


def _to_document(document_id: int, words: str, request: SignedRequest) -> HttpResponseRedirect:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("document", args=[document_id]))


def _back(task: Assignment, words: str, request: SignedRequest) -> HttpResponseRedirect:
    """Go back to where the work is worked on: the document a directive was written on, or the page of the work itself."""
    messages.success(request, words)
    if task.document_id is not None and task.directive.origin == Origin.DIRECTIVE:
        return HttpResponseRedirect(reverse("document", args=[task.document_id]))
    return HttpResponseRedirect(reverse("task", args=[task.pk]))


def _ask_device(request: SignedRequest, document: Document, heading: str, button: str) -> HttpResponse | None:
    """Ask the reader's own device, where it opens the classified document that work is given from."""
    back = reverse("document", args=[document.pk])
    names = document.code or document.subject
    return unlocking.ask(request, document.classified_id, heading=heading, button=button, back=back, names=names)


def _given(request: SignedRequest) -> list[operations.Share]:
    """Read the shares of the form, and warn of a deadline that falls on a day off."""
    rows = forms.rows_for(request.actor, workdays.local_date(timezone.now()))
    shares = forms.shares_from(request.POST.dict(), rows)
    for due in sorted({workdays.local_date(share.due_at) for share in shares if share.due_at}):
        warning = workdays.snap(due).words
        if warning:
            messages.warning(request, warning)
    return shares


@require_POST
def direct(request: SignedRequest, document_id: int) -> HttpResponse:
    """Write the directive of the leader the document was presented to."""
    document = documents.get_for(request.actor, document_id)
    asked = _ask_device(request, document, _("Cho ý kiến chỉ đạo"), _("Giao việc"))
    if asked is not None:
        return asked
    direction.direct(
        document_id=document_id,
        words=request.POST.get("words", ""),
        shares=_given(request),
        pin=unlocking.opening_of(request),
        beyond="beyond" in request.POST,
        actor=request.actor,
        at=timezone.now(),
    )
    return _to_document(document_id, _("Đã ghi ý kiến chỉ đạo và giao việc."), request)


@require_POST
def pass_down(request: SignedRequest, task_id: int) -> HttpResponse:
    """Pass one's own work on to those below."""
    task = queries.get_for(request.actor, task_id)
    if task.document is not None:
        asked = _ask_device(request, task.document, _("Giao tiếp xuống dưới"), _("Giao tiếp"))
        if asked is not None:
            return asked
    direction.pass_down(
        assignment_id=task_id,
        words=request.POST.get("words", ""),
        shares=_given(request),
        pin=unlocking.opening_of(request),
        actor=request.actor,
        at=timezone.now(),
    )
    return _back(task, _("Đã giao tiếp."), request)


@require_POST
def report(request: SignedRequest, task_id: int) -> HttpResponse:
    """Report progress, with result files if there are any."""
    task = queries.get_for(request.actor, task_id)
    percent = request.POST.get("percent", "")
    _attach(request, task_id)
    direction.report(
        assignment_id=task_id,
        words=request.POST.get("words", ""),
        percent=int(percent) if percent.isdigit() and len(percent) <= 3 else task.percent,
        actor=request.actor,
        at=timezone.now(),
    )
    return _back(task, _("Đã báo cáo tiến độ."), request)


def _attach(request: SignedRequest, task_id: int) -> None:
    for upload in request.FILES.getlist("files"):
        direction.attach(
            assignment_id=task_id,
            name=upload.name or "",
            content=cast(Incoming, upload).content(),
            in_memory=cast(Incoming, upload).in_memory,
            actor=request.actor,
            at=timezone.now(),
        )


@require_POST
def hand_in(request: SignedRequest, task_id: int) -> HttpResponse:
    """Hand finished work in, with words, files, or the document that answers."""
    task = queries.get_for(request.actor, task_id)
    reply = request.POST.get("reply", "")
    _attach(request, task_id)
    direction.hand_in(
        assignment_id=task_id,
        words=request.POST.get("words", ""),
        reply_id=int(reply) if reply.isdigit() else None,
        actor=request.actor,
        at=timezone.now(),
    )
    return _back(task, _("Đã nộp kết quả, chờ người giao nghiệm thu."), request)


@require_POST
def accept(request: SignedRequest, task_id: int) -> HttpResponse:
    """Accept finished work."""
    task = queries.get_for(request.actor, task_id)
    direction.accept(assignment_id=task_id, words=request.POST.get("words", ""), actor=request.actor, at=timezone.now())
    return _back(task, _("Đã nghiệm thu."), request)


@require_POST
def send_back(request: SignedRequest, task_id: int) -> HttpResponse:
    """Send work back to be done better."""
    task = queries.get_for(request.actor, task_id)
    direction.send_back(
        assignment_id=task_id, reason=request.POST.get("words", ""), actor=request.actor, at=timezone.now()
    )
    return _back(task, _("Đã trả lại để làm tiếp."), request)


@require_POST
def note(request: SignedRequest, task_id: int) -> HttpResponse:
    """Mark as read what was given for information."""
    task = operations.note(assignment_id=task_id, actor=request.actor, at=timezone.now())
    return _back(task, _("Đã ghi nhận đã xem."), request)


@require_POST
def cancel(request: SignedRequest, task_id: int) -> HttpResponse:
    """Take an assignment back."""
    task = queries.get_for(request.actor, task_id)
    direction.cancel(
        assignment_id=task_id, reason=request.POST.get("words", ""), actor=request.actor, at=timezone.now()
    )
    return _back(task, _("Đã thôi giao."), request)


@require_GET
def result_file(request: SignedRequest, task_id: int, file_id: int) -> FileResponse:
    """Give a result file to those who hold or gave the work, or see its document; always as a download. A sealed one is opened
    with its document (`opening`).
    """
    found = queries.get_result_file(request.actor, task_id, file_id)
    refuse(SealedDocument() if direction.is_sealed_file(found) else None)
    return FileResponse(kept.open_stream(found.file), as_attachment=True, filename=found.name)


def _cursor(text: str) -> Cursor | None:
    moment, _dash, number = text.rpartition("-")
    try:
        at = parse_datetime(moment)
    except ValueError:
        return None
    return Cursor(at, int(number)) if at and number.isdigit() and len(number) < 19 else None


def _heading(actor: Actor, now: datetime, *, given: bool) -> list[str]:
    """What is open on this side, in a sentence of parts that do not break."""
    cells = queries.count_given(actor, now) if given else queries.count_cells(actor, now)
    late, going, handed_in = cells["late"], cells["in_time"] + cells.get("undated", 0), cells.get("handed_in", 0)
    parts = []
    if late:
        parts.append(ngettext("%(n)d việc quá hạn", "%(n)d việc quá hạn", late) % {"n": late})
    if going:
        parts.append(ngettext("%(n)d việc đang làm", "%(n)d việc đang làm", going) % {"n": going})
    if handed_in:
        parts.append(ngettext("%(n)d việc chờ nghiệm thu", "%(n)d việc chờ nghiệm thu", handed_in) % {"n": handed_in})
    if not parts:
        return [_("Không còn việc đang giao cho người khác") if given else _("Không còn việc được giao")]
    return [f"{part}," for part in parts[:-1]] + parts[-1:]


@require_GET
def tasks(request: SignedRequest) -> HttpResponse:
    """List what the actor was given, or gave, newest first."""
    given = request.GET.get("side") == "given"
    state = request.GET.get("state", "open")
    now = timezone.now()
    rows, more = queries.list_assignments(
        actor=request.actor,
        given=given,
        statuses=VIEWS.get(state, VIEWS["open"]),
        late_at=now if state == "late" else None,
        after=_cursor(request.GET.get("after", "")),
    )
    side = "given" if given else "held"
    shown: list[dict[str, Any]] = [
        {
            "task": row,
            "state": panel.STATES[row.status],
            "role": Role(row.role).label,
            "clock": clocks.until(row.due_at, now) if row.status in VIEWS["open"] else None,
            "takes": side == "held" and row.status == Status.GIVEN and row.role != Role.INFORM,
            "notes": side == "held" and row.status == Status.GIVEN and row.role == Role.INFORM,
        }
        for row in rows
    ]
    words = [("open", _("Chưa xong")), ("late", _("Quá hạn")), ("judge", _("Chờ nghiệm thu")), ("done", _("Đã xong"))]
    views = [{"words": word, "href": f"?side={side}&state={key}", "current": key == state} for key, word in words]
    context = {
        "rows": shown,
        "views": views,
        "bar": bar_of_tasks({act: any(row[f"{act}s"] for row in shown) for act in ("take", "note")}),
        "side": side,
        "state": state,
        "heading": _heading(request.actor, now, given=given),
        "older": f"?side={side}&state={state}&after={more.made_at.isoformat()}-{more.assignment_id}" if more else "",
    }
    return render(request, "tasks/tasks.html", context)
