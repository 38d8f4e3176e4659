"""One act on many documents or pieces of work: what was ticked, asked once, and a page of progress that outlives its closing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from antin.batches import operations as batches
from antin.batches import policy, queries
from antin.batches.states import Status
from antin.documents.states import SIGNING, Act
from antin.documents.states import Status as Stage
from antin.journeys import act_on_many
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.queries import PostRow
from antin.people.states import Role
from antin.refusal import Refusal
from antin.tasks.operations.giving import NobodyNamed
from antin.tasks.states import Role as Part
from antin.web import tones
from antin.web.documents.forms import Endorse, Nothing, Present, Register
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.web.tasks import forms as shares
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import Document


@dataclass(frozen=True)
class Wording:
    """How an act on many looks: its button, its icon, what it does to one (`%(n)s` of them), and the place it belongs to."""

    button: str | Promise
    sign: str
    heading: str | Promise
    place: str
    explains: str | Promise = ""


WORDINGS: dict[str, Wording] = {
    "register": Wording(
        gettext_lazy("Vào sổ"),
        "inbox",
        gettext_lazy("Vào sổ %(n)s văn bản"),
        "incoming",
        gettext_lazy(
            "Số đến cấp theo thứ tự trong danh sách. Văn bản trùng không vào sổ, được nêu tên để đồng chí xem lại."
        ),
    ),
    "present": Wording(gettext_lazy("Trình"), "send", gettext_lazy("Trình %(n)s văn bản"), "incoming"),
    "direct": Wording(
        gettext_lazy("Giao xử lý"),
        "flag",
        gettext_lazy("Giao xử lý %(n)s văn bản"),
        "incoming",
        gettext_lazy("Cùng một ý kiến chỉ đạo, cùng nơi nhận việc và thời hạn cho mọi văn bản."),
    ),
    "close": Wording(
        gettext_lazy("Để biết, kết thúc"),
        "check",
        gettext_lazy("Kết thúc %(n)s văn bản chỉ để biết"),
        "incoming",
        gettext_lazy("Văn bản chỉ để biết, không giao việc. Nơi gửi được báo đã hoàn thành."),
    ),
    "endorse": Wording(gettext_lazy("Duyệt"), "check", gettext_lazy("Duyệt %(n)s dự thảo"), "drafts"),
    "number": Wording(
        gettext_lazy("Cấp số"),
        "number",
        gettext_lazy("Cấp số %(n)s văn bản"),
        "drafts",
        gettext_lazy(
            "Số cấp theo thứ tự trong danh sách; văn bản của người giữ con dấu được đóng dấu, phát hành tiếp."
        ),
    ),
    "take": Wording(gettext_lazy("Nhận việc"), "check", gettext_lazy("Nhận %(n)s việc"), "tasks"),
    "note": Wording(gettext_lazy("Đã xem"), "eye", gettext_lazy("Ghi đã xem %(n)s việc"), "tasks"),
}


@dataclass(frozen=True)
class Bar:
    """The acts offered under a list whose rows can be ticked; the first is its main one."""

    acts: list[tuple[str, Wording]] = field(default_factory=list)
    signs: bool = False

    def __bool__(self) -> bool:
        return bool(self.acts) or self.signs


def bar_of(documents: list[Document], actor: Actor) -> Bar:
    """What can be done to many of these rows: only what some row waits for from this actor."""
    clerk = actor.role == Role.CLERK
    holders = {token for token in actor.holders if clerk or not token.startswith("R")}
    mine = {each.next_act for each in documents if each.next_holder in holders and each.classified_id is None}
    offered = [
        *(["register"] if Act.REGISTER in mine else []),
        *(["direct", "close"] if Act.DIRECT in mine else []),
        *(["present"] if clerk and any(each.status == Stage.REGISTERED for each in documents) else []),
        *(["endorse"] if Act.REVIEW in mine else []),
        *(["number"] if Act.NUMBER in mine else []),
    ]
    return Bar([(name, WORDINGS[name]) for name in offered], bool(mine & SIGNING))


def bar_of_tasks(possible: Mapping[str, bool]) -> Bar:
    """The same of pieces of work: `take`, `note`, where some row may be taken or noted."""
    return Bar([(name, WORDINGS[name]) for name in ("take", "note") if possible.get(name)])


def _picks(request: HttpRequest) -> list[int]:
    given = request.POST if request.method == "POST" else request.GET
    return [int(each) for each in given.getlist("pick") if each.isascii() and each.isdecimal() and len(each) < 19]


def _leaders(actor: Actor) -> list[PostRow]:
    today = local_date(timezone.now())
    posts = people.list_posts(actor.agency_id, today, roles=(Role.HEAD, Role.DEPUTY))
    return [post for post in posts if post.person_id is not None]


def _form(act: str, request: SignedRequest) -> forms.Form:
    """What an act asks for all of them."""
    data = request.POST if request.method == "POST" else None
    match act:
        case "register":
            return Register(data, leaders=_leaders(request.actor))
        case "present":
            return Present(data, leaders=_leaders(request.actor))
        case "endorse":
            return Endorse(data)
        case "direct":
            return shares.WordsForm(data, label=_("Ý kiến chỉ đạo"))
    return Nothing(data)


def _answers(act: str, form: forms.Form, request: SignedRequest, rows: shares.Rows | None) -> dict[str, Any]:
    """What was answered, as plain JSON. :raises Refusal: a deadline that is none, or nobody named"""
    if rows is None:
        return {name: value for name, value in form.cleaned_data.items() if name != "despite_duplicate"}
    named = shares.shares_from(request.POST.dict(), rows)
    if not named:
        raise NobodyNamed
    listed = [
        {"role": each.role, "unit_id": each.unit_id, "post_id": each.post_id, "days": each.days}
        | {"due_at": each.due_at.isoformat() if each.due_at else None}
        for each in named
    ]
    return {"words": form.cleaned_data["words"], "shares": listed}


@require_http_methods(["GET", "POST"])
def choose(request: SignedRequest) -> HttpResponse:
    """What was ticked, what of it cannot be done and why, and the one question for all."""
    at = timezone.now()
    act = request.POST.get("act", "") or request.GET.get("act", "")
    if act == "sign":
        return HttpResponseRedirect(reverse("sign-many"))
    act_on_many.get_act(act)
    wording = WORDINGS[act]
    request.place = reverse(wording.place)
    chosen = act_on_many.look(act=act, ids=_picks(request)[: policy.MOST_AT_ONCE + 1], actor=request.actor)
    rows = None
    if act == "direct":
        rows = shares.rows_for(request.actor, local_date(at), request.POST.dict())
    form, refused = _form(act, request), None
    if request.method == "POST" and form.is_valid():
        try:
            batch = act_on_many.begin(
                act=act,
                ids=[each.id for each in chosen if each.no is None],
                answers=_answers(act, form, request, rows),
                begun_in=request.POST.get("begun_in") or None,
                actor=request.actor,
                at=at,
            )
            return HttpResponseRedirect(reverse("act-batch", args=[batch.pk]))
        except Refusal as no:
            refused = no
    able = [each for each in chosen if each.no is None]
    told = {
        "act": act,
        "wording": wording,
        "heading": str(wording.heading) % {"n": len(able)},
        "chosen": chosen,
        "able": able,
        "unable": [each for each in chosen if each.no is not None],
        "form": form,
        "refused": refused,
        "direction": {
            "rows": rows,
            "roles": Part.choices,
            "phrases": shares.phrases(request.actor.agency_id, local_date(at)),
        }
        if rows
        else None,
        "begun_in": request.POST.get("begun_in") or secrets.token_urlsafe(24),
        "back": reverse(wording.place),
        "place": BACK[wording.place],
        "batches": [(each, WORDINGS[each.act]) for each in queries.list_for(request.actor)],
    }
    status = 200 if request.method == "GET" else status_of(refused) if refused else 422
    return render(request, "documents/many.html", told, status=status)


BACK = {
    "incoming": gettext_lazy("Văn bản đến"),
    "drafts": gettext_lazy("Dự thảo"),
    "tasks": gettext_lazy("Chỉ đạo, nhiệm vụ"),
}


@require_safe
def progress(request: SignedRequest, batch_id: int) -> HttpResponse:
    """How far an act on many has come, and what came of each."""
    batch = queries.get_for(request.actor, batch_id)
    wording = WORDINGS[batch.act]
    request.place = reverse(wording.place)
    items = queries.list_items(batch_id)
    counted = {state: sum(item.status == state for item in items) for state in Status}
    running = batch.ended_at is None and batch.halted_at is None
    bar = [
        ("ok", counted[Status.DONE], _("xong")),
        ("late", counted[Status.FAILED], _("không làm được")),
        ("idle", counted[Status.WAITING], _("chưa làm")),
    ]
    leads = "task" if act_on_many.get_act(batch.act).of == "task" else "document"
    told = {
        "batch": batch,
        "wording": wording,
        "heading": _heading(wording, counted, len(items)),
        "explains": _explained(running, bool(batch.halted_at), counted),
        "bar": bar,
        "shares": [(tone, count, words, "") for tone, count, words in bar],
        "items": [
            {
                "name": item.name,
                "state": tones.of(Status(item.status)),
                "came": _came(batch.act, item.words) if item.status == Status.DONE else "",
                "fault": item.words if item.status == Status.FAILED else "",
                "href": reverse(leads, args=[item.subject_id]),
            }
            for item in items
        ],
        "here": reverse("act-batch", args=[batch_id]),
        "polls": running,
        "running": running,
        "halted": batch.halted_at is not None,
        "failed": counted[Status.FAILED] if batch.ended_at else 0,
        "back": reverse(wording.place),
        "place": BACK[wording.place],
    }
    fragment = request.headers.get("HX-Target") == "progress"
    return render(request, "documents/_many_progress.html" if fragment else "documents/many_progress.html", told)


def _heading(wording: Wording, counted: dict[Status, int], total: int) -> str:
    told = {"act": wording.button, "done": counted[Status.DONE], "total": total}
    return _("%(act)s: xong %(done)s trên %(total)s") % told


def _explained(running: bool, halted: bool, counted: dict[Status, int]) -> str:
    if running:
        return _("Đóng trang này thì việc vẫn chạy; mỗi mục xong là xong hẳn.")
    if halted:
        return _("Đã dừng. Những mục đã xong giữ nguyên; làm tiếp thì bắt đầu từ mục chưa làm.")
    if counted[Status.FAILED]:
        return ngettext(
            "%(n)s mục không làm được, lý do ghi ở từng mục.", "%(n)s mục không làm được, lý do ghi ở từng mục.",
            counted[Status.FAILED],
        ) % {"n": counted[Status.FAILED]}  # fmt: skip
    return _("Mọi mục đều xong.")


def _came(act: str, words: str) -> str:
    if not words:
        return ""
    return _("số %(code)s") % {"code": words} if act == "number" else _("số đến %(number)s") % {"number": words}


@require_POST
def halt(request: SignedRequest, batch_id: int) -> HttpResponse:
    batches.halt(batch_id=batch_id, actor=request.actor, at=timezone.now())
    return HttpResponseRedirect(reverse("act-batch", args=[batch_id]))


@require_POST
def go_on(request: SignedRequest, batch_id: int) -> HttpResponse:
    batches.go_on(batch_id=batch_id, actor=request.actor, at=timezone.now())
    return HttpResponseRedirect(reverse("act-batch", args=[batch_id]))
