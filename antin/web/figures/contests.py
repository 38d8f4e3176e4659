"""Contested rows: said to be wrong or missing, listed, answered, with their story."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_GET, require_http_methods

from antin.indicators import operations, policy, queries
from antin.indicators.facts import FACTS
from antin.indicators.states import Claim, Status
from antin.journal import queries as written
from antin.journeys import contest_figure
from antin.notices import operations as notices
from antin.people import queries as people
from antin.refusal import NotFound, refuse
from antin.web import asking, tones
from antin.web.asking import Question
from antin.web.days import DayField
from antin.web.figures.views import asked, link_of
from antin.web.session.middleware import SignedRequest
from antin.workdays import queries as workdays

EVENTS = {
    "contest.raised": (gettext_noop("Kiến nghị"), "flag", "warn"),
    "contest.withdrawn": (gettext_noop("Rút kiến nghị"), "undo", ""),
    "contest.agreed": (gettext_noop("Chấp nhận, đính chính"), "check", "ok"),
    "contest.refused": (gettext_noop("Không chấp nhận"), "x", "late"),
    "contest.taken_back": (gettext_noop("Hủy đính chính"), "undo", "late"),
}
CLAIMS = [(claim.value, claim.label) for claim in Claim if claim != Claim.MISSING]


class RowForm(forms.Form):
    claim = forms.ChoiceField(label=gettext_lazy("Kiến nghị"), choices=CLAIMS, widget=forms.RadioSelect)
    words = forms.CharField(label=gettext_lazy("Vì sao"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class MissingForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Văn bản, việc còn thiếu"), max_length=300)
    day = DayField(label=gettext_lazy("Tính vào ngày"))
    counts = forms.BooleanField(label=gettext_lazy("Dòng này cũng được tính là đạt"), required=False, initial=True)
    words = forms.CharField(label=gettext_lazy("Vì sao"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class AnswerForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Trả lời"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_GET
def contests(request: SignedRequest) -> HttpResponse:
    """List what is contested of the figures of a unit and everything below it, what waits first."""
    view = asked(request)
    code = request.GET.get("figure", "")[:40]
    rows = queries.list_contests(request.actor, view.unit, code=code)
    context = {
        "view": view,
        "query": view.query,
        "waiting": sum(row.contest.status == Status.OPEN for row in rows),
        "rows": [{"row": row, "state": tones.of(Status(row.contest.status)), "claim": _claim(row)} for row in rows],
    }
    return render(request, "figures/contests.html", context)


def _claim(row: queries.Contested) -> str:
    return str(Claim(row.contest.claim).label)


@require_GET
def contest(request: SignedRequest, contest_id: int) -> HttpResponse:
    """Show one contested row: what is said of it, what was answered, what the correction moves."""
    at = timezone.now()
    found = queries.get_contest_for(request.actor, contest_id)
    row = found.contest
    notices.mark_subject_read(subject=("contest", contest_id), actor=request.actor, at=at)
    owner = queries.owner_of(row.indicator)
    story = []
    for event in written.list_for(("contest", contest_id)):
        words, sign, tone = EVENTS[event.event]
        said = row.words if event.event == "contest.raised" else str(event.facts.get("words", ""))
        story.append(
            {
                "words": _(words),
                "sign": sign,
                "tone": tone,
                "detail": said if found.reads else "",
                "by": f"{event.person_name}, {event.post_title}",
                "at": event.at,
            }
        )
    answers = policy.why_not_answer(request.actor, row, owner) is None
    context = {
        "found": found,
        "row": row,
        "claim": _claim(found),
        "state": tones.of(Status(row.status)),
        "facts": [FACTS[name].words for name in row.facts],
        "moves": [(FACTS[fact].words, unit, day, n) for fact, unit, day, n in queries.list_moves(row) if fact in FACTS],
        "others": [each for each in queries.indicators_of(row.facts) if each.pk != row.indicator_id],
        "owner": people.list_units([owner]).get(owner),
        "story": story,
        "href": link_of(row.subject_kind, row.subject_id) if found.title and row.subject_kind else "",
        "answers": answers and row.status == Status.OPEN,
        "takes_back": answers and row.status == Status.AGREED,
        "withdraws": row.status == Status.OPEN and policy.why_not_withdraw(request.actor, row) is None,
        "query": f"unit={row.unit_id}",
    }
    return render(request, "figures/contest.html", context)


def _subject(request: SignedRequest) -> tuple[str, int] | None:
    kind, _colon, number = request.GET.get("row", "").partition(":")
    return (kind[:20], int(number)) if number.isdigit() and len(number) < 18 else None


@require_http_methods(["GET", "POST"])
def new(request: SignedRequest, code: str) -> HttpResponse:
    """Say that a row of a figure is wrong, or (without `row`) that one is missing."""
    view = asked(request)
    now = timezone.now()
    indicator = queries.get_indicator(code)
    subject = _subject(request)
    if request.GET.get("row") and (subject is None or not queries.sees(request.actor, subject)):
        raise NotFound()
    if subject is None:
        refuse(policy.why_not_contest(request.actor, view.unit))
    form: forms.Form
    sent = asking.sent(request)
    told_of: dict[str, Any] = {"subject": subject} if subject else {"unit_id": view.unit.pk}
    form = RowForm(sent) if subject else MissingForm(sent, initial={"day": workdays.local_date(now)})
    question = Question(
        _("Kiến nghị về chỉ tiêu: %(name)s") % {"name": _(indicator.name)},
        _("Gửi kiến nghị"),
        f"{reverse('figure', args=[code])}?{view.query}",
        queries.title_of(request.actor, subject) if subject else _("Thiếu một dòng"),
        sign="flag",
        explains=_(
            "Người phụ trách chỉ tiêu trả lời. Được chấp nhận thì con số đổi từ ngày của dòng, bằng một đính chính ghi riêng; "
            "văn bản, nhiệm vụ giữ nguyên. Kỳ đã chốt không sửa, chỉ nêu đính chính về sau."
        ),
    )
    made: list[int] = []

    def do(told: dict[str, Any]) -> str:
        claim = told.pop("claim", Claim.MISSING)
        until = view.until
        row = contest_figure.contest(
            code=code, claim=claim, until=until, **told_of, **told, actor=request.actor, at=now
        )
        made.append(row.pk)
        return _("Đã gửi kiến nghị.")

    return asking.ask(request, question, form, do, then=lambda: reverse("contest", args=[made[0]]))


@require_http_methods(["GET", "POST"])
def act(request: SignedRequest, contest_id: int, name: str) -> HttpResponse:
    """Agree, refuse, take a correction back, or withdraw."""
    found = queries.get_contest_for(request.actor, contest_id)
    words = {
        "agree": (_("Chấp nhận, đính chính"), "check", _("Đã đính chính. Con số đổi trong vài phút.")),
        "refuse": (_("Không chấp nhận"), "x", _("Đã trả lời.")),
        "take-back": (_("Hủy đính chính"), "undo", _("Đã hủy đính chính.")),
        "withdraw": (_("Rút kiến nghị"), "undo", _("Đã rút kiến nghị.")),
    }
    if name not in words:
        raise NotFound()
    heading, sign, done = words[name]
    form = forms.Form(asking.sent(request)) if name == "withdraw" else AnswerForm(asking.sent(request))
    explains = ""
    if name == "agree":
        others = [_(each.name) for each in queries.indicators_of(found.contest.facts)]
        explains = _("Đính chính làm đổi các chỉ tiêu: %(names)s.") % {"names": "; ".join(others)}
    question = Question(
        heading, heading, reverse("contest", args=[contest_id]), _(found.contest.indicator.name), sign=sign, explains=explains
    )  # fmt: skip

    def do(told: dict[str, Any]) -> str:
        on: dict[str, Any] = {"contest_id": contest_id, "actor": request.actor, "at": timezone.now()}
        if name == "withdraw":
            contest_figure.withdraw(**on)
        else:
            contest_figure.answer(act=name, words=told["words"], **on)
        return done

    return asking.ask(request, question, form, do)


class OwnerForm(forms.Form):
    unit = forms.TypedChoiceField(label=gettext_lazy("Đơn vị phụ trách"), coerce=int)


@require_http_methods(["GET", "POST"])
def owner(request: SignedRequest, code: str) -> HttpResponse:
    """Say which unit answers for a figure."""
    at = timezone.now()
    indicator = queries.get_indicator(code)
    root = people.find_root()
    refuse(policy.why_not_define(request.actor, root.pk if root else 0))
    assert root is not None
    form = OwnerForm(asking.sent(request), initial={"unit": queries.owner_of(indicator)})
    choice: Any = form.fields["unit"]
    parts = people.list_departments(root.pk, workdays.local_date(at))
    choice.choices = [(each.pk, each.name) for each in (root, *parts)]
    question = Question(
        _("Đơn vị phụ trách: %(name)s") % {"name": _(indicator.name)},
        _("Lưu"),
        reverse("figure", args=[code]),
        _(indicator.name),
        explains=_("Chỉ huy đơn vị phụ trách trả lời các kiến nghị về từng dòng của chỉ tiêu này."),
    )

    def do(told: dict[str, Any]) -> str:
        operations.set_owner(code=code, unit_id=told["unit"], actor=request.actor, at=at)
        return _("Đã lưu.")

    return asking.ask(request, question, form, do)
