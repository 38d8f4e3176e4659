"""Writing a draft: begun, saved by itself or by hand, looked at as it will be signed, handed on."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from antin.correspondents import queries as correspondents
from antin.documents import policy, queries
from antin.documents.queries import Whole
from antin.documents.states import Act
from antin.files.content import DOCX
from antin.journeys import approve_document, draft_together, fix_page, sealing
from antin.refusal import NotFound, Refusal
from antin.web import unlocking
from antin.web.addressees import outside_value
from antin.web.clocks import LOCAL
from antin.web.documents.forms import OpenKey
from antin.web.documents.rows import stamps_of
from antin.web.drafting import pages, saving
from antin.web.drafting.page import (
    Page,
    address_of,
    initial_of,
    initial_of_new,
    make_form,
    search_targets,
    target_of,
)
from antin.web.drafting.saving import Outcome
from antin.web.refusals import OTHERWISE, status_of, wants_json
from antin.web.session.middleware import SignedRequest
from antin.workdays import queries as workdays

RECIPIENTS_FOUND = 30
SEALED_NOW = gettext_lazy(
    "Nội dung đã niêm phong, bản rõ đã xóa khỏi cơ sở dữ liệu và kho tệp. Bản sao lưu làm trước lúc này vẫn còn bản rõ: báo cán bộ "
    "quản trị hủy theo quy định."
)


@require_http_methods(["GET", "POST"])
def new(request: SignedRequest) -> HttpResponseBase:
    """Begin a draft. Nothing is written before the form is sent."""
    page = _page(request, None, timezone.now())
    return _draw(request, page) if request.method == "GET" else _take(request, page)


@require_http_methods(["GET", "POST"])
def edit(request: SignedRequest, document_id: int) -> HttpResponseBase:
    """Go on writing a draft. Who may not is shown the document instead."""
    whole = queries.get_whole(request.actor, document_id)
    if whole.making is None:
        raise NotFound()
    no = policy.why_not_revise(request.actor, whole.document, whole.making)
    if no is not None and request.method == "GET":
        messages.info(request, no.message)
        return redirect(f"/documents/{document_id}")
    if request.method == "GET" and policy.why_not_hold(request.actor, queries.find_hold(document_id), timezone.now()):
        return redirect("draft-together", document_id)
    if whole.document.classified_id is not None and (request.method == "GET" or "open" in request.POST):
        return _open(request, whole)
    page = _page(request, whole, timezone.now())
    return _draw(request, page) if request.method == "GET" else _take(request, page)


def _open(request: SignedRequest, whole: Whole) -> HttpResponse:
    """Ask the drafter's PIN or his device; with it his classified draft lies open before him, in this one answer."""
    at = timezone.now()
    asked = unlocking.ask(
        request,
        whole.document.classified_id,
        heading=_("Soạn tiếp dự thảo mật"),
        button=_("Mở để soạn"),
        back=f"/documents/{whole.document.pk}",
        names=whole.document.subject,
        also={"open": "1"},
    )
    if asked is not None:
        return asked
    form = OpenKey(request.POST if request.method == "POST" else None)
    status = 200 if request.method == "GET" else OTHERWISE
    opening = unlocking.opening_of(request)
    if opening is not None:
        try:
            paper = sealing.open_document(document_id=whole.document.pk, pin=opening, actor=request.actor, at=at)
        except Refusal as no:
            if unlocking.came(request):
                messages.error(request, no.message)
                return redirect(request.path)
            form.add_error("pin", no.message)
            status = status_of(no)
        else:
            return _draw(request, _opened(request, whole, paper, at))
    told = {"document": whole.document, "form": form, "back": f"/documents/{whole.document.pk}", "draft": True}
    return render(request, "documents/open.html", told | {"stamps": stamps_of(whole.document)}, status=status)


def _opened(request: SignedRequest, whole: Whole, paper: sealing.Paper, at: datetime) -> Page:
    initial = initial_of(whole) | {"subject": paper.subject, "body": paper.body}
    form, rights = make_form(None, request.actor, workdays.local_date(at), whole, initial)
    page = Page(request.actor, at, form, rights, whole)
    page.target = target_of(request.actor, whole, form["in_reply_to"].value())
    page.said = paper.said
    return page


@require_GET
def find_answered(request: SignedRequest) -> HttpResponse:
    """Incoming documents that the draft may answer, as choices."""
    words = request.GET.get("reply_words", "")
    return render(request, "drafting/_found.html", {"found": search_targets(request.actor, words), "words": words})


@require_GET
def find_recipients(request: SignedRequest) -> JsonResponse:
    """Outside agencies that answer to what is typed, by name or any spelling of a code, for the picker."""
    rows = correspondents.list_choices(words=request.GET.get("words", "")[:200], limit=RECIPIENTS_FOUND)
    spellings = correspondents.list_spellings([row.pk for row in rows])
    found = [
        {
            "value": outside_value(row.pk),
            "words": row.name,
            "code": row.code,
            "note": _("ngoài nút"),
            "spellings": " ".join(spellings.get(row.pk, [])),
        }
        for row in rows
    ]
    return JsonResponse({"found": found})


@require_GET
def preview(request: SignedRequest, document_id: int) -> HttpResponse:
    """The page as it would be signed now, or why it cannot be laid out."""
    plan = queries.get_plan_for(request.actor, document_id)
    return render(request, "drafting/_pages.html", pages.told(plan, timezone.now()))


@require_GET
def template(request: SignedRequest, document_id: int) -> HttpResponse:
    """The draft as DOCX, to be edited in Word and sent back."""
    made = fix_page.template(queries.get_plan_for(request.actor, document_id), timezone.now())
    return HttpResponse(
        made,
        content_type=DOCX,
        headers={
            "Content-Disposition": f'attachment; filename="van-ban-{document_id}.docx"',
            "Cache-Control": "no-store",
        },
    )


@require_GET
def preview_page(request: SignedRequest, document_id: int, number: int) -> HttpResponse:
    """One page of the preview, as a picture."""
    picture = pages.picture(queries.get_plan_for(request.actor, document_id), number, timezone.now())
    return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": "private, max-age=600"})


def _page(request: SignedRequest, whole: Whole | None, at: datetime) -> Page:
    initial = initial_of(whole) if whole else initial_of_new(request, request.actor)
    form, rights = make_form(request, request.actor, workdays.local_date(at), whole, initial)
    page = Page(request.actor, at, form, rights, whole)
    page.read_in_memory = "sealed" in request.GET
    page.target = target_of(request.actor, whole, form["in_reply_to"].value())
    page.show_pages = "pages" in request.GET and whole is not None
    return page


def _draw(request: SignedRequest, page: Page, status: int = 200) -> HttpResponse:
    told = page.told()
    if page.show_pages and page.whole:
        told |= pages.told(queries.get_plan_for(request.actor, page.whole.document.pk), page.at)
    return render(request, "drafting/draft.html", told, status=status)


def _take(request: SignedRequest, page: Page) -> HttpResponseBase:
    """Save what was sent, and go on with what was asked: stay, look at the pages, hand it on."""
    act = request.POST.get("act", "save")
    if act == "find":
        page.words = request.POST.get("reply_words", "")
        page.found = search_targets(request.actor, page.words)
        return _draw(request, page)
    outcome = saving.save(page, act)
    if wants_json(request):
        return _answer(request, page, outcome)
    if act == "merge" and outcome.copy_id is not None:
        return redirect("own-copy-merge", outcome.copy_id)
    if outcome.status != 200 or outcome.document_id is None:
        return _draw(request, saving.again(page, outcome), outcome.status)
    if act == "hand-back":
        draft_together.hand_back(document_id=outcome.document_id, actor=request.actor, at=page.at)
        messages.success(request, _("Đã lưu và trả dự thảo; người cùng soạn sửa được."))
        return redirect("draft-together", outcome.document_id)
    if act == "submit" and not outcome.sealed:
        return _submit(request, page, outcome)
    if outcome.sealed:
        return _go_on_sealed(request, page, outcome, act)
    if act == "preview":
        return redirect(f"{address_of(outcome.document_id)}?pages=1#pages")
    messages.success(request, _("Đã lưu lúc %(time)s.") % {"time": _clock(page)})
    return redirect(address_of(outcome.document_id))


def _go_on_sealed(request: SignedRequest, page: Page, outcome: Outcome, act: str) -> HttpResponseBase:
    """After a save of a classified draft: what was asked for next asks the PIN itself."""
    assert outcome.document_id is not None
    if page.whole is not None and page.whole.document.classified_id is None:
        messages.warning(request, SEALED_NOW)
    if act == "submit":
        return redirect("document-submit", outcome.document_id)
    if act == "preview":
        return redirect("document-open", outcome.document_id)
    messages.success(request, _("Đã lưu lúc %(time)s.") % {"time": _clock(page)})
    return redirect(f"/documents/{outcome.document_id}")


def _answer(request: SignedRequest, page: Page, outcome: Outcome) -> JsonResponse:
    """The answer to a save by the page's script: what was kept, what was not, and the parts that look different now."""
    page = saving.again(page, outcome)
    told: dict[str, object] = {"parts": page.parts(request)}
    if outcome.revision is not None:
        told |= {"saved": _clock(page), "revision": outcome.revision, "address": page.address}
    if outcome.status != 200:
        errors = {name: " ".join(map(str, words)) for name, words in page.form.errors.items()}
        faults = [no.message for no in ([outcome.conflict] if outcome.conflict else page.refused)]
        told |= {"errors": errors, "message": " ".join([*faults, *errors.values()])}
    return JsonResponse(told, status=outcome.status)


def _submit(request: SignedRequest, page: Page, outcome: Outcome) -> HttpResponseBase:
    assert outcome.document_id is not None
    try:
        document = approve_document.submit(
            document_id=outcome.document_id, actor=request.actor, today=page.today, at=page.at
        )
    except Refusal as no:
        status = saving.refuse(page, no)
        return _draw(request, saving.again(page, outcome), status)
    making = queries.making_of(document)
    if document.next_act == Act.REVIEW:
        messages.success(request, _("Đã trình %(name)s duyệt.") % {"name": making.reviewer_name})
    else:
        messages.success(request, _("Đã trình %(name)s ký.") % {"name": making.signer_name})
    return redirect(f"/documents/{document.pk}")


def _clock(page: Page) -> str:
    return f"{page.at.astimezone(LOCAL):%H:%M}"
