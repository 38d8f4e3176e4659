"""Opening a classified document: its reader's PIN, one answer with everything in it, nothing kept anywhere.

There is no address at which words or pages of a classified document can be had again: they are part of the answer to the PIN.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from antin.documents import policy, queries
from antin.documents.operations.sharing import box_of
from antin.documents.queries import Whole
from antin.documents.types import ALL_TYPES
from antin.files import queries as kept
from antin.journeys import sealing
from antin.journeys.sealing import Paper
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.typeset import marks
from antin.vault import queries as vault
from antin.vault.operations import Marking
from antin.vault.states import Use
from antin.web.clocks import LOCAL
from antin.web.documents import acts, evidence, signing
from antin.web.documents.forms import OpenKey, Sign
from antin.web.documents.paper import MOST_PAGES, mark_of
from antin.web.documents.rows import BOXES, stamps_of
from antin.web.middleware import WITH_AGENT
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest

WIDTH = 1240
KINDS = {
    "endorsed": gettext_lazy("Đã duyệt"),
    "returned": gettext_lazy("Đã trả lại"),
    "sent_back": gettext_lazy("Đã trả lại"),
    "presented": gettext_lazy("Đã trình"),
    "directed": gettext_lazy("Ý kiến chỉ đạo"),
    "reported": gettext_lazy("Báo cáo tiến độ"),
    "handed_in": gettext_lazy("Nộp kết quả"),
    "accepted": gettext_lazy("Nghiệm thu"),
    "cancelled": gettext_lazy("Thôi giao"),
    "declined": gettext_lazy("Không nhận việc"),
    "insisted": gettext_lazy("Vẫn giao việc"),
    "ext_asked": gettext_lazy("Xin gia hạn"),
    "ext_decided": gettext_lazy("Trả lời xin gia hạn"),
    "paused": gettext_lazy("Tạm dừng"),
    "resumed": gettext_lazy("Làm tiếp"),
    "said": gettext_lazy("Trao đổi"),
    "change_asked": gettext_lazy("Yêu cầu thu hồi, thay thế, đính chính"),
    "change_answered": gettext_lazy("Trả lời yêu cầu của nơi gửi"),
}


@dataclass(frozen=True)
class Seal:
    """What the masked page says of the sealed words: who reads them, whether this actor does, and what he may do."""

    readers: list[tuple[str, str]]
    why_not: str


def seal_of(actor: Actor, whole: Whole) -> Seal | None:
    """The seal on a document; None when it has none."""
    classified_id = whole.document.classified_id
    if classified_id is None:
        return None
    readers = [(str(row.person), str(row.get_need_display())) for row in vault.list_readers(classified_id)]
    reads = vault.find_reader(classified_id, actor.person_id) is not None
    return Seal(readers, "" if reads else policy.NotAReader().message)


@require_http_methods(["GET", "POST"])
def open_sealed(request: SignedRequest, document_id: int) -> HttpResponseBase:
    """Ask for the PIN; with it show everything in one answer, print it, or give out one of the files that go with it."""
    at = timezone.now()
    whole = queries.get_whole(request.actor, document_id)
    if whole.document.sealed_as is None:
        raise NotFound()
    request.place = reverse(BOXES[box_of(whole.document)].name)
    if request.method == "GET":
        reads = vault.find_reader(whole.document.sealed_as, request.actor.person_id) is not None
        refuse(None if reads else policy.NotAReader())
        return _ask(request, whole, OpenKey())
    form = OpenKey(request.POST)
    act = request.POST.get("act", "")
    if not form.is_valid():
        return _ask(request, whole, form, status=422)
    try:
        paper = sealing.open_document(
            document_id=document_id,
            pin=form.cleaned_data["pin"],
            use=Use.PRINTED if act == "print" else Use.VIEWED,
            actor=request.actor,
            at=at,
        )
    except Refusal as no:
        form.add_error("pin", no.message)
        return _ask(request, whole, form, status=status_of(no))
    if act.startswith("file:"):
        return _file(paper, act.removeprefix("file:"))
    template = "documents/opened_print.html" if act == "print" else "documents/opened.html"
    told = _told(request, whole, paper, at)
    answer = render(request, template, told)
    if told["sign"] and told["sign"]["elsewhere"]:
        answer["Content-Security-Policy"] = WITH_AGENT
    return answer


def _ask(request: SignedRequest, whole: Whole, form: OpenKey, status: int = 200) -> HttpResponse:
    told = {
        "document": whole.document,
        "form": form,
        "back": BOXES[box_of(whole.document)].href(whole.document.pk),
        "elsewhere": vault.is_held_elsewhere(request.actor.person_id, timezone.now()),
        "stamps": stamps_of(whole.document),
    }
    return render(request, "documents/open.html", told, status=status)


def _file(paper: Paper, digest: str) -> FileResponse:
    """One of the files that go with it or were handed in, always as an attachment. :raises NotFound:"""
    found = next((each for each in (*paper.enclosed, *paper.results) if each.digest == digest), None)
    if found is None:
        raise NotFound()
    response = FileResponse(
        BytesIO(found.content), as_attachment=True, filename=found.name, content_type=found.media_type
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


def _told(request: SignedRequest, whole: Whole, paper: Paper, at: datetime) -> dict[str, Any]:
    document = whole.document
    offers = acts.offers(request.actor, whole)
    may_sign = any(offer.name == "sign" and not offer.why for offer in offers)
    return {
        "whole": whole,
        "document": document,
        "subject": paper.subject,
        "paper": paper,
        "marking": marking_words(paper.marking),
        "number": paper.marking.number,
        "images": images_of(paper),
        "evidence": evidence.word(paper.judged.report) if paper.judged else None,
        "said": [(KINDS.get(each.kind, ""), each) for each in paper.said],
        "stamps": stamps_of(document),
        "mark": mark_of(document),
        "type_name": ALL_TYPES[document.type_code].name if document.type_code in ALL_TYPES else document.type_code,
        "back": BOXES[box_of(document)].href(document.pk),
        "offers": [offer for offer in offers if offer.name not in ("sign", "edit", "direct", "open") and not offer.why],
        "may_edit": any(offer.name == "edit" and not offer.why for offer in offers),
        "may_direct": any(offer.name == "direct" and not offer.why for offer in offers),
        "sign": signing.asked_of(whole, request.actor, at) if may_sign else None,
        "hands": signing.hands_of(whole),
        "form": OpenKey(),
        "sign_form": Sign(),
        "now": at,
    }


def marking_words(marking: Marking) -> str:
    """What stands across every page: who, when, the how manieth time."""
    when = f"{marking.at.astimezone(LOCAL):%H:%M:%S %d/%m/%Y}"
    use = _("in lần %(n)s") if marking.use == Use.PRINTED else _("xem lần %(n)s")
    return f"{marking.person_name} · {when} · {use % {'n': marking.number}}"


def images_of(paper: Paper) -> list[str]:
    """The pages as images inside the answer itself, each marked across."""
    if not paper.pdf:
        return []
    words = marking_words(paper.marking)
    count = min(kept.inspect_pdf(paper.pdf, refuse_active=False).pages, MOST_PAGES)
    drawn = (marks.mark(kept.draw_page(paper.pdf, number, WIDTH), words) for number in range(1, count + 1))
    return [f"data:image/png;base64,{base64.b64encode(each).decode()}" for each in drawn]
