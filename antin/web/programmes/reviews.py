"""The monthly review: how the units stand, what is late, at risk, hindered or proposed; decisions that become work; its closing."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from antin.journeys import hold_review
from antin.people import queries as people
from antin.programmes import operations, policy, queries
from antin.programmes.queries import Line, Progress
from antin.refusal import refuse
from antin.tasks.operations import Share
from antin.tasks.states import OPEN, Role
from antin.web import asking, clocks
from antin.web.asking import Question
from antin.web.days import DayField
from antin.web.programmes.forms import units_below
from antin.web.session.middleware import SignedRequest
from antin.web.tasks import panel
from antin.web.tasks.looks import CELLS, MARKS
from antin.web.trees import TreeField, TreesField
from antin.workdays import queries as workdays

SAID = {
    "obstacle": gettext_lazy("vướng mắc"),
    "proposal": gettext_lazy("đề xuất"),
    "risk": gettext_lazy("nguy cơ"),
}


@require_GET
def reviews(request: SignedRequest) -> HttpResponse:
    """List the reviews the actor may see."""
    request.place = reverse("tasks")
    rows = queries.list_reviews(request.actor)
    context = {
        "rows": rows,
        "open": sum(row.closed_at is None for row, _n in rows),
        "calls": policy.why_not_call(request.actor) is None,
    }
    return render(request, "programmes/reviews.html", context)


class MonthForm(forms.Form):
    month = DayField(label=gettext_lazy("Một ngày trong tháng giao ban"))


@require_http_methods(["GET", "POST"])
def call(request: SignedRequest) -> HttpResponse:
    """Open the review of one's unit for a month."""
    refuse(policy.why_not_call(request.actor))
    now = timezone.now()
    question = Question(
        _("Mở giao ban tháng của %(unit)s") % {"unit": request.actor.unit_name},
        _("Mở giao ban"),
        reverse("reviews"),
        _("Giao ban tháng"),
        sign="people",
    )
    made: list[int] = []

    def do(told: dict[str, Any]) -> str:
        made.append(operations.call_review(**told, actor=request.actor, at=now).pk)
        return _("Đã mở giao ban.")

    form = MonthForm(asking.sent(request), initial={"month": workdays.local_date(now)})
    return asking.ask(request, question, form, do, then=lambda: reverse("review", args=[made[0]]))


def _line(line: Line, now: Any) -> dict[str, Any]:
    return {
        "line": line,
        "cell": CELLS[line.cell],
        "marks": [MARKS[mark] for mark in line.marks],
        "clock": clocks.until(line.due_at, now),
        "said": [(SAID[kind], words) for kind, words in line.said],
    }


@require_GET
def review(request: SignedRequest, review_id: int) -> HttpResponse:
    """Show one review: as things stand while it is open, as they stood once it is closed."""
    request.place = reverse("tasks")
    found = queries.get_review_for(request.actor, review_id)
    now = found.closed_at or timezone.now()
    counts: dict[int, Progress] = {}
    if found.closed_at:
        lines, hidden = queries.kept_lines(request.actor, found)
    else:
        table = queries.table_of(request.actor, found, now)
        lines, hidden, counts = table.lines, table.hidden, table.units
    units = people.list_units(sorted({line.unit_id for line in lines} | set(counts)))
    groups = [
        {"unit": units[number], "rows": [_line(line, now) for line in rows]}
        for number, rows in groupby(lines, key=lambda line: line.unit_id)
    ]
    standing = sorted(
        ({"unit": units[number], "progress": each} for number, each in counts.items()),
        key=lambda row: (-row["progress"].late, row["unit"].sort_key),  # type: ignore[attr-defined]
    )
    decided, unseen = queries.list_resolutions(request.actor, found)
    context = {
        "review": found,
        "month": f"{found.month:%m/%Y}",
        "groups": groups,
        "by_unit": standing,
        "late": sum(line.cell == "open_late" for line in lines),
        "risky": sum(bool(line.marks) and line.cell != "open_late" for line in lines),
        "hidden": hidden,
        "decided": [
            {
                "task": task,
                "state": panel.STATES[task.status],
                "clock": clocks.until(task.due_at, timezone.now()) if task.status in OPEN else None,
            }
            for task in decided
        ],
        "unseen": unseen,
        "chairs": policy.why_not_chair(request.actor, found) is None,
        "same": bool(found.digest) and queries.digest_of_review(found) == found.digest,
    }
    return render(request, "programmes/review.html", context)


class DecisionForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Việc quyết định tại giao ban"), max_length=500)
    unit_id = TreeField(label=gettext_lazy("Chủ trì"))
    join_ids = TreesField(label=gettext_lazy("Phối hợp"), required=False)
    due = DayField(label=gettext_lazy("Thời hạn"), required=False)
    words = forms.CharField(
        label=gettext_lazy("Yêu cầu cụ thể"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    begun_in = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


def shares_of(unit_id: int, join_ids: list[int], due: date | None) -> list[Share]:
    """Who leads and who joins, all by the same day."""
    due_at = workdays.end_of_working_day(due) if due else None
    joins = [number for number in join_ids if number != unit_id]
    return [
        Share(Role.LEAD, unit_id=unit_id, due_at=due_at),
        *(Share(Role.JOIN, unit_id=number, due_at=due_at) for number in joins),
    ]


@require_http_methods(["GET", "POST"])
def decide(request: SignedRequest, review_id: int) -> HttpResponse:
    """Decide on the spot: the decision becomes work of a unit."""
    found = queries.get_review_for(request.actor, review_id)
    refuse(policy.why_not_chair(request.actor, found))
    now = timezone.now()
    form = DecisionForm(asking.sent(request), initial={"begun_in": uuid4().hex})
    branches = units_below(found.unit_id, workdays.local_date(now), itself=False)
    for name in ("unit_id", "join_ids"):
        form.fields[name].grow(branches)  # type: ignore[attr-defined]
    question = Question(
        _("Quyết định tại giao ban"),
        _("Giao việc"),
        reverse("review", args=[review_id]),
        _("Giao ban tháng"),
        sign="flag",
    )

    def do(told: dict[str, Any]) -> str:
        hold_review.decide(
            review_id=review_id,
            title=told["title"],
            words=told["words"],
            shares=shares_of(int(told["unit_id"]), [int(each) for each in told["join_ids"]], told["due"]),
            begun_in=told["begun_in"] or None,
            actor=request.actor,
            at=now,
        )
        return _("Đã giao việc.")

    return asking.ask(request, question, form, do)


class MinutesForm(forms.Form):
    minutes = forms.CharField(
        label=gettext_lazy("Biên bản, kết luận"), max_length=20000, widget=forms.Textarea(attrs={"rows": 8})
    )


@require_http_methods(["GET", "POST"])
def close(request: SignedRequest, review_id: int) -> HttpResponse:
    """Close a review with its minutes."""
    found = queries.get_review_for(request.actor, review_id)
    refuse(policy.why_not_chair(request.actor, found))
    question = Question(
        _("Kết thúc giao ban tháng %(month)s") % {"month": f"{found.month:%m/%Y}"},
        _("Kết thúc giao ban"),
        reverse("review", args=[review_id]),
        _("Giao ban tháng"),
        sign="lock",
        explains=_("Từng dòng, quyết định và biên bản được giữ nguyên như lúc này cùng mã băm."),
    )

    def do(told: dict[str, Any]) -> str:
        operations.close_review(review_id=review_id, **told, actor=request.actor, at=timezone.now())
        return _("Đã kết thúc giao ban.")

    return asking.ask(request, question, MinutesForm(asking.sent(request)), do)
