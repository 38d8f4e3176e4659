"""Following answers: what came to us and awaits ours, what we sent and awaits others'; urged with one press."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from antin.documents import queries as documents
from antin.documents.states import Status
from antin.exchange import answering, operations, policy
from antin.exchange.answering import Awaited, Cursor, Owed
from antin.exchange.states import Status as Delivered
from antin.journeys import urge_recipient
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.tasks import queries as tasks
from antin.web import clocks, tones
from antin.web.asking import Question, ask, sent
from antin.web.clocks import LOCAL
from antin.web.documents.board import letter_of
from antin.web.session.middleware import SignedRequest
from antin.workdays import queries as workdays


def _clock(day: date | None, now: Any) -> Any:
    return clocks.until(workdays.end_of_working_day(day), now) if day else None


def _why(no: Refusal | None) -> str:
    return no.message if no else ""


def _sender_urged(urged: datetime | None) -> list[str]:
    moment = f"{urged.astimezone(LOCAL):%H:%M %d/%m}" if urged else ""
    return [_("Nơi gửi đôn đốc lúc %(moment)s") % {"moment": moment}] if moment else []


def _being_made(drafts: list[str]) -> list[str]:
    return [_("Đang soạn: %(subject)s") % {"subject": drafts[0]}] if drafts else []


def _owed(rows: list[Owed], actor: Actor, now: Any) -> list[dict[str, Any]]:
    ids = [each.document.pk for each in rows]
    leads = tasks.leads_of(ids)
    holders = [each.document.next_holder for each in rows if each.document.next_holder]
    names = people.name_holders(holders, workdays.local_date(now)) if holders else {}
    listed = []
    for each in rows:
        paper = each.document
        who = leads.get(paper.pk) or names.get(paper.next_holder, "") or _("Chưa giao")
        no = policy.why_not_urge_own(actor, paper)
        if no is None and paper.status == Status.COMPLETED:
            no = policy.NobodyHasIt()
        listed.append(
            {
                "id": paper.pk,
                "kind": _("số đến %(number)s") % {"number": paper.arrival_number} if paper.arrival_number else "",
                "title": paper.subject,
                "href": reverse("document", args=[paper.pk]),
                "meta": _("%(issuer)s, %(code)s. %(who)s, từ %(day)s.")
                % {
                    "issuer": paper.issuer_name,
                    "code": paper.code,
                    "who": who,
                    "day": f"{each.since.astimezone(LOCAL):%d/%m/%Y}",
                },
                "more": ". ".join([*_sender_urged(each.urged_at), *_being_made(each.drafts)]),
                "pick": f"d{paper.pk}",
                "letter": "",
                "clock": _clock(paper.reply_by, now),
                "state": tones.of(Status(paper.status)),
                "urge": reverse("answer-urge", args=[paper.pk]),
                "why": _why(no),
                "waive": reverse("answer-waive", args=[paper.pk]) if not policy.why_not_waive(actor, paper) else "",
            }
        )
    return listed


def _awaited(rows: list[Awaited], actor: Actor, now: Any) -> list[dict[str, Any]]:
    listed = []
    for each in rows:
        delivery, paper = each.delivery, each.document
        urged = delivery.urged_at
        listed.append(
            {
                "id": delivery.pk,
                "kind": paper.code,
                "title": paper.subject,
                "href": reverse("outgoing-board", args=[paper.pk]),
                "meta": _("%(name)s, từ %(day)s.")
                % {"name": delivery.recipient_name, "day": f"{delivery.sent_at.astimezone(LOCAL):%d/%m/%Y}"},
                "more": _("Đã đôn đốc lúc %(moment)s") % {"moment": f"{urged.astimezone(LOCAL):%H:%M %d/%m}"}
                if urged
                else "",
                "clock": _clock(paper.reply_by, now),
                "state": tones.of(Delivered(delivery.status)),
                "urge": reverse("delivery-urge", args=[delivery.pk]) + "?back=answers",
                "why": _why(policy.why_not_urge(actor, paper, delivery)),
                "pick": f"n{delivery.pk}",
                "letter": "" if policy.why_not_draft_urging(actor, paper, delivery) else letter_of(delivery),
                "waive": reverse("answer-waive", args=[paper.pk]) if not policy.why_not_waive(actor, paper) else "",
            }
        )
    return listed


@require_safe
def show(request: SignedRequest) -> HttpResponse:
    """Whose answers are due: ours first, or theirs; the earliest day first."""
    now = timezone.now()
    actor = request.actor
    side = "awaited" if request.GET.get("side") == "awaited" else "owed"
    request.place = reverse("outgoing" if side == "awaited" else "incoming")
    counts = answering.count_answers(actor, workdays.local_date(now))
    after = Cursor.parse(request.GET.get("after", ""))
    rows: list[dict[str, Any]]
    if side == "awaited":
        theirs, more = answering.list_awaited(actor, after=after)
        rows = _awaited(theirs, actor, now)
    else:
        ours, more = answering.list_owed(actor, after=after)
        rows = _owed(ours, actor, now)
    here = reverse("answers")
    views = [
        {"words": _("Chờ ta trả lời"), "href": f"{here}?side=owed", "n": counts["owed"], "current": side == "owed"},
        {
            "words": _("Chờ nơi khác trả lời"),
            "href": f"{here}?side=awaited",
            "n": counts["awaited"],
            "current": side == "awaited",
        },
    ]
    told = {
        "rows": rows,
        "many": sum(not row["why"] for row in rows) > 1,
        "side": side,
        "views": views,
        "late": counts[f"{side}_late"],
        "total": counts[side],
        "older": f"{here}?side={side}&after={more}" if more else "",
        "newest": f"{here}?side={side}" if after else "",
    }
    return render(request, "documents/answers.html", told)


@require_POST
def urge(request: SignedRequest, document_id: int) -> HttpResponse:
    """Urge those of our agency who have it in hand."""
    told = urge_recipient.urge_own(document_id=document_id, actor=request.actor, at=timezone.now())
    names = people.name_holders(told, workdays.local_date(timezone.now()))
    messages.success(request, _("Đã đôn đốc %(name)s.") % {"name": ", ".join(names.get(each, each) for each in told)})
    return HttpResponseRedirect(reverse("answers"))


@require_POST
def urge_many(request: SignedRequest) -> HttpResponse:
    """Urge everything that is ticked, each by itself; what is refused is named with the reason."""
    side = "awaited" if request.POST.get("side") == "awaited" else "owed"
    picked = [each for each in dict.fromkeys(request.POST.getlist("pick")) if each[1:].isdecimal() and len(each) < 19]
    urged, refused = 0, []
    for done in urge_recipient.urge_many(
        documents=[int(each[1:]) for each in picked if each[0] == "d"][: answering.PAGE],
        deliveries=[int(each[1:]) for each in picked if each[0] == "n"][: answering.PAGE],
        actor=request.actor,
        at=timezone.now(),
    ):
        if done.refusal is None:
            urged += 1
        else:
            refused.append(f"{done.name}: {done.refusal.message}" if done.name else done.refusal.message)
    if urged:
        messages.success(request, ngettext("Đã đôn đốc %(n)d mục.", "Đã đôn đốc %(n)d mục.", urged) % {"n": urged})
    for words in refused:
        messages.warning(request, words)
    return HttpResponseRedirect(f"{reverse('answers')}?side={side}")


class Waive(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Lý do"),
        max_length=500,
        help_text=gettext_lazy("Ví dụ: đã trả lời bằng điện thoại, bằng bản giấy số …; nơi gửi không yêu cầu nữa"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@require_http_methods(["GET", "POST"])
def waive(request: SignedRequest, document_id: int) -> HttpResponse:
    """Say that no answer is needed, and why."""
    document = documents.get_for(request.actor, document_id)
    side = "awaited" if document.direction == "out" else "owed"
    question = Question(
        _("Không cần trả lời “%(subject)s”?") % {"subject": document.subject},
        _("Không cần trả lời"),
        f"{reverse('answers')}?side={side}",
        _("Theo dõi trả lời"),
    )

    def do(answers: dict[str, Any]) -> str:
        operations.waive_answer(
            document_id=document_id, reason=answers["reason"], actor=request.actor, at=timezone.now()
        )
        return _("Đã ghi: không cần trả lời.")

    return ask(request, question, Waive(sent(request)), do)
