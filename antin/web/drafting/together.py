"""Several people at one draft: who holds it, who writes it, its earlier states, and edits made apart that come together."""

from __future__ import annotations

import json
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from antin.documents import policy, queries
from antin.documents.operations import EditedElsewhere
from antin.documents.operations.sharing import box_of
from antin.documents.states import EDITABLE
from antin.journeys import draft_together
from antin.journeys.draft_together import ChoicesMissing, Meeting
from antin.opinions import queries as opinions
from antin.people import queries as people
from antin.people.states import Role
from antin.refusal import NotFound, Refusal, refuse
from antin.typeset import body as bodies
from antin.typeset.merging import Choice, Piece, Source, words_of
from antin.web import asking
from antin.web.asking import Question
from antin.web.clocks import LOCAL
from antin.web.documents.forms import OpenKey
from antin.web.documents.rows import BOXES
from antin.web.drafting import facts, plain
from antin.web.drafting.changes import compare_texts
from antin.web.drafting.page import fresh_key
from antin.web.refusals import status_of, wants_json
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch, TreesField
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document, OwnCopy

MOST_SHOWN = 200
"""Passages that came together by themselves and are shown one by one."""


@require_GET
def show(request: SignedRequest, document_id: int) -> HttpResponse:
    """Who has the draft now, with whom it is written, what waits to be merged, and how it stood before."""
    actor, at = request.actor, timezone.now()
    document = queries.get_for(actor, document_id)
    making = queries.making_of(document)
    request.place = BOXES[box_of(document)].href()
    hold = queries.find_hold(document_id)
    held = hold is not None and policy.stands_held(hold, at)
    copies = queries.list_own_copies(actor, document_id)
    context = {
        "document": document,
        "making": making,
        "open": document.status in EDITABLE,
        "owns": policy.why_not_own(actor, document, making) is None,
        "writes": policy.why_not_revise(actor, document, making) is None,
        "apart": policy.why_not_write_apart(actor, document, making) is None,
        "hold": hold if held else None,
        "mine": held and hold is not None and hold.person_id == actor.person_id,
        "drafters": queries.list_co_drafters(document_id),
        "copies": [(each, each.person_id == actor.person_id) for each in copies],
        "editions": queries.list_editions(document_id),
        "today": workdays.local_date(at),
    }
    return render(request, "drafting/together.html", context)


ACTS = {
    "take-over": (draft_together.take_over, gettext_lazy("Đồng chí đang giữ dự thảo; người giữ trước đã được báo.")),
    "hand-back": (draft_together.hand_back, gettext_lazy("Đã trả dự thảo.")),
    "ask": (draft_together.ask_for, gettext_lazy("Đã báo người đang giữ.")),
}


@require_POST
def act(request: SignedRequest, document_id: int) -> HttpResponse:
    """Take the draft over, hand it back, or ask for it."""
    do, done = ACTS.get(request.POST.get("act", ""), (None, ""))
    if do is None:
        raise NotFound
    try:
        do(document_id=document_id, actor=request.actor, at=timezone.now())
    except (policy.NotHeld, policy.HeldBySelf) as no:
        messages.info(request, no.message)
    else:
        messages.success(request, done)
    if request.POST["act"] == "take-over":
        return redirect("draft-edit", document_id)
    return redirect("draft-together", document_id)


class InviteForm(forms.Form):
    asked = TreesField(label=gettext_lazy("Mời cùng soạn"))


def whom(document: Document, on: date) -> list[Branch]:
    """Who may be let write: the people of the drafting agency, and of the places that were asked for an opinion."""
    units = [people.get_unit(document.agency_id), *people.list_departments(document.agency_id, on)]
    asked = {each.holder for each in opinions.list_rounds(document.pk).opinions}
    elsewhere = people.list_agencies(on)
    units += [each for each in elsewhere if each.pk != document.agency_id and f"U{each.pk}" in asked]
    found = [Branch(f"U{unit.pk}", unit.name, closed=True) for unit in units]
    for agency_id in dict.fromkeys(unit.agency_id for unit in units):
        for post in people.list_posts(agency_id, on):
            mine = post.id == document.making.drafter_post_id
            if post.person_id and not mine and post.role != Role.ADMINISTRATOR:
                parent = f"U{post.unit_id}" if any(unit.pk == post.unit_id for unit in units) else f"U{agency_id}"
                found.append(Branch(f"P{post.id}", f"{post.title} {post.person_name}", parent))
    return found


@require_http_methods(["GET", "POST"])
def invite(request: SignedRequest, document_id: int) -> HttpResponse:
    """Let others write the draft too."""
    actor, at = request.actor, timezone.now()
    document = queries.get_for(actor, document_id)
    refuse(policy.why_not_own(actor, document, queries.making_of(document)))
    form = InviteForm(asking.sent(request))
    field = form.fields["asked"]
    assert isinstance(field, TreesField)
    field.grow(whom(document, workdays.local_date(at)))
    if document.classified_id is not None:
        form.fields["pin"] = OpenKey().fields["pin"]

    def do(given: dict[str, Any]) -> str:
        for value in given["asked"]:
            draft_together.invite(
                document_id=document_id, post_id=int(value[1:]), pin=given.get("pin"), actor=actor, at=at
            )
        return _("Đã mời; người được mời thấy dự thảo và được báo.")

    explains = _(
        "Người được mời sửa được dự thảo khi không ai giữ; trình, bỏ và xin ý kiến vẫn là việc của người soạn thảo."
    )
    if document.classified_id is not None:
        explains = _("Người được mời đọc được dự thảo mật này bằng mã PIN của mình, và sửa được khi không ai giữ.")
    back = reverse("draft-together", args=[document_id])
    question = Question(_("Mời cùng soạn"), _("Mời"), back, _("Cùng soạn"), sign="people", explains=explains)
    return asking.ask(request, question, form, do)


@require_POST
def end(request: SignedRequest, document_id: int, post_id: int) -> HttpResponse:
    """Let somebody write no longer."""
    row = draft_together.end(document_id=document_id, post_id=post_id, actor=request.actor, at=timezone.now())
    messages.success(request, _("%(name)s không còn cùng soạn; vẫn đọc được dự thảo.") % {"name": row.name})
    return redirect("draft-together", document_id)


# Edits of one's own.


@require_POST
def begin(request: SignedRequest, document_id: int) -> HttpResponse:
    """Begin an edit of one's own from the draft as it stands."""
    copy = draft_together.keep_apart(
        document_id=document_id, window=fresh_key(), actor=request.actor, at=timezone.now()
    )
    return redirect("own-copy", copy.pk)


@require_http_methods(["GET", "POST"])
def own(request: SignedRequest, copy_id: int) -> HttpResponse:
    """Write an edit of one's own; it saves itself."""
    copy = queries.get_own_copy(request.actor, copy_id)
    if copy.person_id != request.actor.person_id:
        raise NotFound
    if copy.ended_at is not None:
        raise policy.CopyEnded
    if request.method == "GET":
        return _draw_own(request, copy)
    at = timezone.now()
    try:
        kept = draft_together.write_own(
            copy_id=copy_id,
            subject=request.POST.get("subject", ""),
            body=_sent_body(request, copy),
            edits=_number(request.POST.get("revision", "")),
            actor=request.actor,
            at=at,
        )
    except Refusal as no:
        status = 409 if isinstance(no, EditedElsewhere) else status_of(no)
        if wants_json(request):
            return JsonResponse({"message": no.message, "errors": {}}, status=status)
        return _draw_own(request, copy, refused=no, status=status)
    if wants_json(request):
        return JsonResponse({"saved": f"{at.astimezone(LOCAL):%H:%M}", "revision": kept.edits, "parts": {}})
    if request.POST.get("act") == "return":
        draft_together.give_back(copy_id=copy_id, actor=request.actor, at=at)
        messages.success(request, _("Đã gửi bản sửa riêng; người đang giữ dự thảo được báo để ghép."))
        return redirect("draft-together", copy.document_id)
    return redirect("own-copy-merge" if request.POST.get("act") == "merge" else "own-copy", copy_id)


def _sent_body(request: SignedRequest, copy: OwnCopy) -> dict[str, Any] | None:
    """The text that was sent; without the editor the lines of a field, which leave a text untouched that they only repeat."""
    written = request.POST.get("body", "").replace("\r\n", "\n")
    if not written.lstrip().startswith("{") and written.strip() == plain.text_of(copy.body).strip():
        return copy.body
    return bodies.read(written) if written.strip() else None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _draw_own(request: SignedRequest, copy: OwnCopy, refused: Refusal | None = None, status: int = 200) -> HttpResponse:
    document = queries.get_for(request.actor, copy.document_id)
    request.place = BOXES[box_of(document)].href()
    told = {
        "copy": copy,
        "document": document,
        "subject": request.POST.get("subject", copy.facts["subject"]),
        "body": request.POST.get("body") or (json.dumps(copy.body, ensure_ascii=False) if copy.body else ""),
        "text": plain.text_of(copy.body),
        "refused": refused,
    }
    return render(request, "drafting/own.html", told, status=status)


@require_POST
def drop(request: SignedRequest, copy_id: int) -> HttpResponse:
    """Merge an edit no more."""
    copy = draft_together.let_be(copy_id=copy_id, actor=request.actor, at=timezone.now())
    messages.success(request, _("Đã bỏ bản sửa riêng; chữ của nó vẫn được lưu."))
    return redirect("draft-together", copy.document_id)


# Coming together.


@require_http_methods(["GET", "POST"])
def merge(request: SignedRequest, copy_id: int) -> HttpResponse:
    """Both edits side by side where they clash; with every choice made they are one."""
    met = draft_together.meet(copy_id, request.actor)
    if request.method == "GET":
        return _draw(request, met)
    at = timezone.now()
    sent = [_choice(request, n) for n in range(len(met.text.clashes))]
    chosen = {
        each.name: Choice(request.POST[f"fact-{each.name}"])
        for each in met.clashes
        if request.POST.get(f"fact-{each.name}") in (Choice.MINE, Choice.THEIRS)
    }
    missing = sum(each is None for each in sent) + len(met.clashes) - len(chosen)
    try:
        if _number(request.POST.get("revision", "")) != met.making.revision:
            raise EditedElsewhere(theirs=met.making.revision, yours=_number(request.POST.get("revision", "")))
        if missing:
            raise ChoicesMissing(n=missing)
        draft_together.merge(
            copy_id=copy_id,
            revision=met.making.revision,
            choices=[each for each in sent if each],
            chosen=chosen,
            actor=request.actor,
            today=workdays.local_date(at),
            at=at,
        )
    except Refusal as no:
        return _draw(request, draft_together.meet(copy_id, request.actor), refused=no, status=status_of(no))
    messages.success(request, _("Đã ghép. Bản trước khi ghép còn ở “Các bản trước”."))
    return redirect("draft-edit", met.document.pk)


def _choice(request: SignedRequest, n: int) -> tuple[Choice, str] | None:
    value = request.POST.get(f"choice-{n}", "")
    return (Choice(value), request.POST.get(f"hand-{n}", "")) if value in Choice.__members__.values() else None


def _draw(request: SignedRequest, met: Meeting, refused: Refusal | None = None, status: int = 200) -> HttpResponse:
    request.place = BOXES[box_of(met.document)].href()
    own = met.copy.person_id == request.actor.person_id
    by_itself = [piece for piece in met.text.pieces if piece.source in (Source.MINE, Source.THEIRS)]
    keeps_same = isinstance(refused, ChoicesMissing)
    told = {
        "met": met,
        "document": met.document,
        "own": own,
        "clashes": [_clash(request, n, piece, keeps_same) for n, piece in enumerate(met.text.clashes)],
        "facts": [(each, *facts.both(each)) for each in met.clashes],
        "brought": [facts.NAMES[name] for name in met.brought],
        "counts": {
            "mine": sum(piece.source == Source.MINE for piece in by_itself),
            "theirs": sum(piece.source == Source.THEIRS for piece in by_itself),
        },
        "by_itself": [
            (piece.source == Source.MINE, compare_texts(words_of(piece.base), words_of(piece.merged)))
            for piece in by_itself[:MOST_SHOWN]
        ],
        "refused": refused,
        "total": len(met.text.clashes) + len(met.clashes),
        "kept_mine": _kept(request, met, Choice.MINE) if keeps_same else (),
        "kept_theirs": _kept(request, met, Choice.THEIRS) if keeps_same else (),
    }
    return render(request, "drafting/merge.html", told, status=status)


def _kept(request: SignedRequest, met: Meeting, choice: Choice) -> set[str]:
    return {each.name for each in met.clashes if request.POST.get(f"fact-{each.name}") == choice}


def _clash(request: SignedRequest, n: int, piece: Piece, keeps: bool) -> dict[str, Any]:
    """A clash as its part of the page: what stood there, both sides as changes of it, what was chosen so far."""
    base, mine, theirs = words_of(piece.base), words_of(piece.mine), words_of(piece.theirs)
    both = [line for line, _same in groupby([*mine, *theirs])]
    return {
        "n": n,
        "number": n + 1,
        "mine": compare_texts(base, mine, whole=True),
        "theirs": compare_texts(base, theirs, whole=True),
        "hand": request.POST.get(f"hand-{n}", "") if keeps else "\n".join(both),
        "rows": max(3, min(14, len(both) + 1)),
        "choice": request.POST.get(f"choice-{n}", "") if keeps else "",
    }


# Earlier states.


@require_http_methods(["GET", "POST"])
def edition(request: SignedRequest, document_id: int, revision: int) -> HttpResponse:
    """How the draft stood, against how it stands now; and to have that text again."""
    document = queries.get_for(request.actor, document_id)
    if document.classified_id is not None:
        raise policy.SealedDocument
    old = queries.get_edition(document_id, revision)
    making = queries.making_of(document)
    at = timezone.now()
    if request.method == "POST":
        draft_together.bring_back(
            document_id=document_id,
            edition=revision,
            revision=_number(request.POST.get("revision", "")),
            actor=request.actor,
            today=workdays.local_date(at),
            at=at,
        )
        messages.success(request, _("Đã lấy lại bản %(n)d. Bản vừa thay còn ở “Các bản trước”.") % {"n": revision})
        return redirect("draft-edit", document_id)
    request.place = BOXES[box_of(document)].href()
    before, now = (plain.text_of(each).splitlines() for each in (old.body, making.body))
    told = {
        "document": document,
        "making": making,
        "edition": old,
        "lines": compare_texts(before, now),
        "text": before,
        "writes": policy.why_not_revise(request.actor, document, making) is None,
    }
    return render(request, "drafting/edition.html", told)
