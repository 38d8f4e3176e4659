"""The way of one arrival as a tree: a page, and the part that the document's page brings, anew when one comes back to it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from antin.documents.states import Status as Stage
from antin.documents.types import ALL_TYPES
from antin.exchange.states import Status as Delivered
from antin.journeys import follow_arrival
from antin.journeys.follow_arrival import Step
from antin.tasks.states import Role
from antin.tasks.states import Status as Done
from antin.web import clocks, tones
from antin.web.session.middleware import SignedRequest
from antin.web.tones import Tone


def _state(step: Step) -> Tone:
    if step.kind == "given":
        return tones.of(Done(step.status))
    if step.kind == "sent":
        return tones.of(Delivered(step.status))
    if step.kind == "presented" and not step.is_open:
        return Tone(_("Đã cho ý kiến"), "ok", "check")
    return tones.of(Stage(step.status))


def _role(step: Step) -> str:
    match step.kind:
        case "arrival":
            return _("Văn bản đến")
        case "presented":
            return _("Trình cho ý kiến")
        case "given":
            return str(Role(step.role).label)
        case "copied":
            return str(ALL_TYPES[step.role].name) if step.role in ALL_TYPES else _("Bản sao")
        case "letter":
            return _("Văn bản trả lời") if step.role == "answer" else _("Công văn chuyển")
    return _("Gửi tiếp")


def _href(step: Step) -> str:
    match step.kind:
        case "given":
            return f"{reverse('document', args=[step.document_id])}#task-{step.task_id}"
        case "copied" | "letter":
            return reverse("document", args=[step.document_id])
        case "sent":
            return f"{reverse('outgoing-board', args=[step.document_id])}#delivery-{step.delivery_id}"
    return ""


def _words(step: Step) -> str:
    said = []
    if step.arrival_number is not None:
        said.append(_("số đến %(number)s") % {"number": step.arrival_number})
    if step.told:
        said.append(_("giao %(names)s") % {"names": ", ".join(step.told)})
    if step.reply_code:
        said.append(_("trả lời bằng %(code)s") % {"code": step.reply_code})
    if step.was_late:
        said.append(_("xong sau hạn"))
    return ", ".join(said)


SHOWN = 12
"""So many steps stand on the document's own page; a letter sent on to a whole ministry has a page for its way."""


@require_safe
def show(request: SignedRequest, document_id: int) -> HttpResponse:
    now = timezone.now()
    way = follow_arrival.follow(actor=request.actor, document_id=document_id, at=now)
    request.place = reverse("incoming")
    part = bool(request.headers.get("HX-Request"))
    steps = way.steps[:SHOWN] if part else way.steps
    told: dict[str, Any] = {
        "document_id": document_id,
        "title": way.steps[0].name,
        "late": [step.name for step in way.late if step.kind != "arrival"],
        "went_on": way.went_on,
        "rows": [
            {
                "depth": min(step.depth, 5),
                "name": step.name,
                "by": step.by,
                "role": _role(step),
                "state": _state(step),
                "due_at": step.due_at,
                "clock": clocks.until(step.due_at, now) if step.is_open and step.role != Role.INFORM else None,
                "words": _words(step),
                "href": _href(step),
            }
            for step in steps
        ],
        "more": len(way.steps) - len(steps),
    }
    return render(request, "documents/_way.html" if part else "documents/way.html", told)
