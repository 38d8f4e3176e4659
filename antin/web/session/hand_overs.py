"""Posts handed over: the list of what is open, the minutes, the signatures of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from antin.files import queries as kept
from antin.handovers import operations, policy, queries
from antin.handovers.states import Kind, Status
from antin.journal import queries as journal
from antin.journeys import hand_over_post
from antin.journeys.hand_over_post import SignFileFirst
from antin.keys import queries as keys
from antin.keys.states import Device
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotFound, Refusal, refuse
from antin.web import tones
from antin.web.asking import Question, ask, sent
from antin.web.days import DayField
from antin.web.documents.forms import OpenKey
from antin.web.documents.history import Sentence, told_by
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.handovers.models import PostHandOver
    from antin.journeys.hand_over_post import Passed

SENTENCES: dict[str, Sentence] = {
    "post_hand_over.begun": Sentence(
        gettext_noop("Lập bàn giao chức vụ %(post)s từ ngày %(from_date)s"), "swap", "", "basis"
    ),
    "post_hand_over.fixed": Sentence(gettext_noop("Chốt danh mục %(things)s mục, in biên bản"), "file"),
    "post_hand_over.reopened": Sentence(gettext_noop("Mở lại danh mục"), "undo"),
    "post_hand_over.secrets": Sentence(
        gettext_noop("%(giver)s trao quyền đọc tài liệu mật cho %(taker)s: %(passed)s trên %(asked)s"), "lock"
    ),
    "post_hand_over.given": Sentence(gettext_noop("%(giver)s ký, giao"), "pen", "ok"),
    "post_hand_over.done": Sentence(gettext_noop("%(taker)s ký, nhận; đã bàn giao"), "check", "ok"),
    "post_hand_over.withdrawn": Sentence(gettext_noop("Thôi bàn giao"), "x", "late", "reason"),
}


class Begin(forms.Form):
    """Which post, to whom, from when, by what."""

    post_id = forms.ChoiceField(label=gettext_lazy("Chức vụ bàn giao"))
    taker_id = forms.ChoiceField(label=gettext_lazy("Bên nhận"))
    vacant = forms.BooleanField(
        label=gettext_lazy("Chức vụ chưa có người kế tiếp; bên nhận chỉ giữ tạm"), required=False
    )
    from_date = DayField(label=gettext_lazy("Từ ngày"))
    basis = forms.CharField(label=gettext_lazy("Căn cứ"), max_length=500, help_text=gettext_lazy("Quyết định số, ngày"))
    words = forms.CharField(
        label=gettext_lazy("Bàn giao ngoài hệ thống"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Mỗi dòng một mục: tài sản, hồ sơ giấy, chìa khóa…"),
    )

    def __init__(self, data: Any, *, posts: list[tuple[str, str]], takers: list[tuple[str, str]]) -> None:
        super().__init__(data)
        for name, choices in (("post_id", posts), ("taker_id", takers)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("Chọn")), *choices]


class Reason(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Lý do"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class Sign(OpenKey):
    """The PIN of one's own key."""


class PassSecrets(OpenKey):
    """Which secrets the taker is to read, and the PIN that opens them all."""

    secrets = forms.MultipleChoiceField(
        label=gettext_lazy("Trao quyền đọc"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    field_order = ("secrets", "pin")

    def __init__(self, data: Any, *, things: list[Any]) -> None:
        choices = [(str(each.subject_id), each.name) for each in things]
        super().__init__(data, initial={"secrets": [value for value, _words in choices]}, prefix="mat")
        field = self.fields["secrets"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices


def _seats(actor: Actor) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The posts the actor may hand over, and who of the agency may take one."""
    today = local_date(timezone.now())
    house = people.get_unit(actor.agency_id)
    units = {row.id: row for row in people.list_tree(on=today, below=house) if row.agency_id == actor.agency_id}
    posts: list[tuple[str, str]] = []
    takers: dict[str, str] = {}
    for seat in people.list_seats_of(list(units), today):
        held = seat.appointment
        where = f"{seat.post.title}, {units[seat.post.unit_id].short_name}"
        if held is not None and (actor.role == Role.ADMINISTRATOR or held.person_id == actor.person_id):
            posts.append((str(seat.post.pk), f"{where}: {held.person.name}"))
        for each in (held, seat.coming):
            if each is not None:
                takers.setdefault(str(each.person_id), f"{each.person.name}, {where}")
    return posts, list(takers.items())


@require_http_methods(["GET", "POST"])
def page(request: SignedRequest) -> HttpResponse:
    """The hand-overs one is a side of, and the form that begins one."""
    at = timezone.now()
    posts, takers = _seats(request.actor)
    form = Begin(sent(request), posts=posts, takers=takers)
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            act = operations.begin(
                post_id=int(given["post_id"]),
                taker_id=int(given["taker_id"]),
                vacant=given["vacant"],
                from_date=given["from_date"],
                basis=given["basis"],
                words=given["words"],
                actor=request.actor,
                today=local_date(at),
                at=at,
            )
            return HttpResponseRedirect(reverse("hand-over", args=[act.pk]))
        except Refusal as no:
            refused = no
    told = {
        "form": form if posts else None,
        "refused": refused,
        "rows": [(each, tones.of(Status(each.status))) for each in queries.list_for(request.actor)],
        "today": local_date(at),
    }
    status = 200 if request.method == "GET" else status_of(refused) if refused else 422
    return render(request, "session/hand_overs.html", told, status=status)


@require_http_methods(["GET", "POST"])
def show(request: SignedRequest, act_id: int) -> HttpResponse:
    """One hand-over: what is on its list, how it stands; signed here by who signs."""
    at = timezone.now()
    act = queries.get_for(request.actor, act_id)
    form = Sign(sent(request))
    refused: Refusal | None = None
    if request.method == "POST" and (form.is_valid() or not _asks_pin(request.actor)):
        try:
            hand_over_post.sign(act_id=act_id, pin=form.cleaned_data.get("pin", ""), actor=request.actor, at=at)
            messages.success(request, _("Đã ký biên bản bàn giao."))
            return HttpResponseRedirect(reverse("hand-over", args=[act_id]))
        except SignFileFirst as no:
            return HttpResponseRedirect(reverse("own-file", args=[no.facts["file_id"]]))
        except Refusal as no:
            refused = no
    status = 200 if request.method == "GET" else status_of(refused) if refused else 422
    return render(request, "session/hand_over.html", _told(request, act, form, refused), status=status)


def _asks_pin(actor: Actor) -> bool:
    """Whether the actor's own key is opened here; one in his own machine is not."""
    try:
        own = keys.get_certificate_for_person(
            actor.person_id, timezone.now(), agency_id=actor.agency_id, name=actor.person_name
        )
    except Refusal:
        return True
    return own.device.kind != Device.AGENT


@require_POST
def pass_secrets(request: SignedRequest, act_id: int) -> HttpResponse:
    """Let the taker read the secrets that were ticked, at one PIN; what became of each is shown at once. It may be sent again."""
    act = queries.get_for(request.actor, act_id)
    refuse(policy.why_not_pass_on(request.actor, act))
    form = PassSecrets(request.POST, things=hand_over_post.list_secrets(act, timezone.now()))
    refused: Refusal | None = None
    results: list[Passed] = []
    if form.is_valid():
        try:
            results = hand_over_post.pass_secrets(
                act_id=act_id,
                chosen={int(each) for each in form.cleaned_data["secrets"]},
                pin=form.cleaned_data["pin"],
                actor=request.actor,
                at=timezone.now(),
            )
        except Refusal as no:
            refused = no
    told = _told(request, act, Sign(None), refused) | {
        "results": results,
        "read_now": sum(each.reads for each in results),
    }
    if not results:
        told["secrets_form"] = form
    status = 200 if results else status_of(refused) if refused else 422
    return render(request, "session/hand_over.html", told, status=status)


def _secrets(act: PostHandOver) -> list[Any]:
    """The secrets of the giver that the taker does not read yet, and could by his clearance."""
    return hand_over_post.list_to_pass(act, timezone.now())


def _told(request: SignedRequest, act: PostHandOver, form: Sign, refused: Refusal | None) -> dict[str, Any]:
    actor, at = request.actor, timezone.now()
    things: Any = hand_over_post.look(act, at) if act.status == Status.OPEN else queries.list_items(act.pk)
    reads = policy.is_party(actor, act) and (actor.person_id == act.giver_id or act.status != Status.OPEN)
    groups = [(str(kind.label), [each for each in things if each.kind == kind]) for kind in Kind]
    left = _secrets(act) if policy.why_not_pass_on(actor, act) is None else []
    changes = policy.why_not_begin(actor, agency_id=act.agency_id, giver_id=act.giver_id) is None
    return {
        "act": act,
        "state": tones.of(Status(act.status)),
        "form": form,
        "refused": refused,
        "reads": reads,
        "groups": [(words, rows) for words, rows in groups if rows],
        "count": len(things),
        "fixes": changes and act.status == Status.OPEN,
        "reopens": policy.why_not_change(actor, act, "reopen") is None,
        "withdraws": policy.why_not_change(actor, act, "withdraw") is None,
        "signs": policy.why_not_sign(actor, act) is None,
        "asks_pin": _asks_pin(actor),
        "secrets_form": PassSecrets(None, things=left) if left else None,
        "history": [told_by(SENTENCES, row) for row in journal.list_for(("post_hand_over", act.pk), limit=50)],
        "today": local_date(at),
    }


@require_POST
def fix(request: SignedRequest, act_id: int) -> HttpResponse:
    """Fix the list as it stands now, in minutes; or open it again."""
    if "reopen" in request.POST:
        queries.get_for(request.actor, act_id)
        operations.reopen(act_id=act_id, actor=request.actor, at=timezone.now())
    else:
        hand_over_post.fix(act_id=act_id, actor=request.actor, at=timezone.now())
    return HttpResponseRedirect(reverse("hand-over", args=[act_id]))


@require_http_methods(["GET", "POST"])
def withdraw(request: SignedRequest, act_id: int) -> HttpResponse:
    """Let a hand-over be."""
    act = queries.get_for(request.actor, act_id)

    def do(answers: dict[str, Any]) -> str:
        hand_over_post.withdraw(act_id=act_id, reason=answers["reason"], actor=request.actor, at=timezone.now())
        return _("Đã thôi bàn giao %(post)s.") % {"post": act.post_title}

    here = reverse("hand-over", args=[act_id])
    question = Question(_("Thôi bàn giao này?"), _("Thôi bàn giao"), here, act.post_title, sign="x", kind="danger")
    return ask(request, question, Reason(sent(request)), do)


@require_safe
def fetch(request: SignedRequest, act_id: int, which: str) -> FileResponse:
    """Hand out the minutes, or the signature of a side. :raises NotFound: not his to read, or not there"""
    act = queries.get_for(request.actor, act_id)
    name = f"bien-ban-ban-giao-{act.pk}.pdf"
    digest, name = {
        "minutes": (act.file_id or "", name),
        "giver": (act.giver_signed, f"{name}.ben-giao.p7s"),
        "taker": (act.taker_signed, f"{name}.ben-nhan.p7s"),
    }.get(which, ("", ""))
    if not digest or not policy.is_party(request.actor, act):
        raise NotFound()
    return FileResponse(
        kept.open_stream(digest), as_attachment=True, filename=name, content_type="application/octet-stream"
    )
