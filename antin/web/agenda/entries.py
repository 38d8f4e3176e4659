"""One entry of a calendar: its page, its form, the steps it takes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from antin.agenda import policy, queries
from antin.agenda.operations import Clashing
from antin.agenda.states import Answer, Kind, Status
from antin.documents import queries as documents
from antin.journeys import hold_meeting
from antin.notices import operations as notices
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.web import asking, tones
from antin.web.agenda import forms
from antin.web.agenda.weeks import FIELD_WORDS, NAMES, time_on, where_of
from antin.web.asking import Offer, Question, offer
from antin.web.clocks import LOCAL
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.web.tasks import panel
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.agenda.models import Entry, Invitee

ACTS = {
    "approve": (gettext_lazy("Duyệt"), "check", "main"),
    "send-back": (gettext_lazy("Trả lại"), "undo", ""),
    "propose": (gettext_lazy("Đăng ký lại"), "send", "main"),
    "withdraw": (gettext_lazy("Rút lịch"), "x", ""),
    "cancel": (gettext_lazy("Hoãn, hủy"), "x", "danger"),
}
DONE = {
    "approve": gettext_lazy("Đã duyệt lịch."),
    "send-back": gettext_lazy("Đã trả lại lịch."),
    "propose": gettext_lazy("Đã đăng ký lại."),
    "withdraw": gettext_lazy("Đã rút lịch."),
    "cancel": gettext_lazy("Đã hoãn, hủy; người liên quan được báo."),
}


def _offers(actor: Actor, entry: Entry, offices: frozenset[int]) -> list[Offer]:
    """What may be done with an entry; what does not concern the actor is not offered."""
    found = []
    for name, (words, sign, kind) in ACTS.items():
        if policy.why_not_act(actor, entry, name.replace("-", "_"), offices) is None:
            href = reverse("agenda-act", args=[entry.pk, name])
            found.append(offer(None, name, str(words), href, sign=sign, kind=kind, dialog=True))
    if policy.why_not_change(actor, entry, offices) is None:
        href = reverse("agenda-change", args=[entry.pk])
        found.insert(1 if found and found[0].kind == "main" else 0, offer(None, "change", _("Sửa"), href, sign="draft"))
    return found


def _changes(entry: Entry) -> list[dict[str, Any]]:
    """What became different since it was published, as the timeline has it."""
    kinds = {"added": _("Bổ sung vào lịch tuần"), "changed": _("Thay đổi"), "cancelled": _("Hoãn, hủy")}
    return [
        {
            "words": kinds.get(each.kind, each.kind),
            "fields": [(FIELD_WORDS.get(name, name), before, now) for name, (before, now) in each.fields.items()],
            "detail": each.words,
            "by": each.by,
            "at": each.at,
        }
        for each in queries.list_changes(entry)
    ]


def _answers(actor: Actor, entry: Entry, invitees: list[Invitee], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "row": each,
            "state": tones.of(Answer(each.answer)),
            "href": reverse("agenda-answer", args=[entry.pk, each.pk])
            if policy.why_not_answer(actor, entry, each, over=entry.ends_at <= now) is None
            else "",
        }
        for each in invitees
    ]


def _notice_of(actor: Actor, entry: Entry) -> Any:
    """The notice of conclusions, if the actor may see it."""
    if entry.notice_id is None:
        return None
    try:
        return documents.get_for(actor, entry.notice_id)
    except NotFound:
        return None


@require_GET
def entry(request: SignedRequest, entry_id: int) -> HttpResponse:
    """Show one entry: when, where, with whom; answers, papers, conclusions, what changed."""
    request.place = reverse("agenda")
    now = timezone.now()
    actor: Actor = request.actor
    found = queries.get_for(actor, entry_id, now)
    notices.mark_subject_read(subject=("agenda", entry_id), actor=actor, at=now)
    offices = queries.offices_of(found.agency_id, workdays.local_date(now))
    invitees = queries.list_invitees(found)
    points = queries.list_points(found)
    hosts = policy.why_not_host(actor, found, offices) is None
    concludes = policy.why_not_conclude(actor, found, offices, begun=found.starts_at <= now) is None
    takes_part = policy.takes_part(actor, found, invitees)
    given = queries.list_given(actor, found)
    answers = _answers(actor, found, invitees, now)
    since = found.starts_at.astimezone(LOCAL)
    context = {
        "entry": found,
        "kind": Kind(found.kind).label,
        "state": tones.of(Status(found.status)),
        "when": f"{time_on(found, since.date())}, {NAMES[since.weekday()]} {since:%d/%m/%Y}",
        "where": where_of(found),
        "week": f"{reverse('agenda')}?week={queries.monday_of(since.date()).isoformat()}",
        "offers": _offers(actor, found, offices),
        "answers": answers,
        "mine": next((each for each in answers if each["href"]), None),
        "coming": sum(each.answer in (Answer.ACCEPTED, Answer.SUBSTITUTED) for each in invitees),
        "away": sum(each.answer == Answer.DECLINED for each in invitees),
        "silent": sum(each.answer == Answer.ASKED for each in invitees),
        "present": sum(each.present or 0 for each in invitees)
        if any(each.present is not None for each in invitees)
        else None,
        "papers": queries.list_papers(actor, found, invitees),
        "takes_part": takes_part,
        "points": [
            {"row": each, "task": given.get(each.directive_id) if each.directive_id else None} for each in points
        ],
        "states": panel.STATES,
        "hosts": hosts,
        "concludes": concludes,
        "gives": concludes and actor.leads,
        "sees_points": takes_part or hosts,
        "notice": _notice_of(actor, found),
        "changes": _changes(found),
    }
    return render(request, "agenda/entry.html", context)


def _write(
    request: SignedRequest, form: forms.EntryForm, save: Any, *, heading: str, back: str, told: dict[str, Any]
) -> HttpResponse:
    """Take the form; whoever is busy is said beside it before anything is saved."""
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(save())
        except Refusal as no:
            refused = no
    status = 200 if request.method == "GET" else status_of(refused) if refused else 422
    context = {
        "form": form,
        "refused": refused,
        "clashing": isinstance(refused, Clashing),
        "heading": heading,
        "back": back,
        **told,
    }
    return render(request, "agenda/write.html", context, status=status)


@require_http_methods(["GET", "POST"])
def new(request: SignedRequest) -> HttpResponse:
    """Propose an entry."""
    request.place = reverse("agenda")
    refuse(policy.why_not_propose(request.actor))
    now = timezone.now()
    today = workdays.local_date(now)
    asked = request.GET.get("day", "")
    first = {
        "begun_in": uuid4().hex,
        "chair": f"P{request.actor.post_id}" if request.actor.leads else "",
        "day": asked or workdays.next_working_day(today),
        "since": "08:00",
        "until": "09:30",
        "prepares": "" if request.actor.unit_id == request.actor.agency_id else str(request.actor.unit_id),
    }
    form = forms.EntryForm(asking.sent(request), initial=first)
    form.grow(request.actor, today)

    def save() -> str:
        made = hold_meeting.propose(
            told=form.told(),
            weekly_until=form.cleaned_data["weekly_until"],
            despite=form.cleaned_data["despite"],
            begun_in=form.cleaned_data["begun_in"] or None,
            actor=request.actor,
            at=now,
        )
        words = _("Đã đăng ký %(n)d lịch, chờ văn phòng duyệt.") % {"n": len(made)}
        messages.success(request, words)
        return reverse("agenda-entry", args=[made[0].pk])

    return _write(request, form, save, heading=_("Đăng ký lịch công tác"), back=reverse("agenda"), told={"fresh": True})


@require_http_methods(["GET", "POST"])
def change(request: SignedRequest, entry_id: int) -> HttpResponse:
    """Change what an entry says."""
    request.place = reverse("agenda")
    now = timezone.now()
    today = workdays.local_date(now)
    found = queries.get_for(request.actor, entry_id, now)
    refuse(policy.why_not_change(request.actor, found, queries.offices_of(found.agency_id, today)))
    first = forms.first_of(found, [each.holder for each in queries.list_invitees(found)])
    form = forms.EntryForm(asking.sent(request), initial=first)
    form.grow(request.actor, today)

    def save() -> str:
        hold_meeting.change(
            entry_id=entry_id,
            told=form.told(),
            revision=form.cleaned_data["revision"] or 0,
            words=form.cleaned_data["words"],
            despite=form.cleaned_data["despite"],
            actor=request.actor,
            at=now,
        )
        messages.success(request, _("Đã sửa lịch."))
        return reverse("agenda-entry", args=[entry_id])

    told = {"entry": found, "published": found.status == Status.PUBLISHED}
    back = reverse("agenda-entry", args=[entry_id])
    return _write(request, form, save, heading=_("Sửa lịch công tác"), back=back, told=told)


class StepForm(django_forms.Form):
    words = django_forms.CharField(
        label=gettext_lazy("Lý do"),
        max_length=1000,
        required=False,
        widget=django_forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "POST"])
def act(request: SignedRequest, entry_id: int, name: str) -> HttpResponse:
    """Take a step with an entry."""
    request.place = reverse("agenda")
    if name not in ACTS:
        raise Http404
    now = timezone.now()
    step = name.replace("-", "_")
    found = queries.get_for(request.actor, entry_id, now)
    offices = queries.offices_of(found.agency_id, workdays.local_date(now))
    refuse(policy.why_not_act(request.actor, found, step, offices))
    words, sign, kind = ACTS[name]
    form = StepForm(asking.sent(request))
    form.fields["words"].required = step in ("send_back", "cancel")
    if step in ("approve", "propose", "withdraw"):
        form.fields["words"].label = _("Ý kiến")
    question = Question(
        f"{words}: {found.title}",
        str(words),
        reverse("agenda-entry", args=[entry_id]),
        _("Lịch công tác"),
        sign=sign,
        kind=kind or "main",
    )

    def do(told: dict[str, Any]) -> str:
        hold_meeting.act(entry_id=entry_id, name=step, words=told["words"], actor=request.actor, at=now)
        return str(DONE[name])

    then = reverse("agenda") if step == "withdraw" else question.back
    return asking.ask(request, question, form, do, then=lambda: then)
