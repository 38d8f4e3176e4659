"""Work that recurs: the series, one of them with its coming occurrences, and its exceptions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from antin.people import queries as people
from antin.refusal import NotFound, refuse
from antin.tasks import operations, policy, queries
from antin.tasks.operations import Share
from antin.tasks.recurrence import Rule
from antin.tasks.states import Every, Role, Shift
from antin.web import asking
from antin.web.asking import Question
from antin.web.days import DayField
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch, TreeField, TreesField
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.tasks.models import Series

WEEKDAYS = (
    gettext_lazy("thứ Hai"),
    gettext_lazy("thứ Ba"),
    gettext_lazy("thứ Tư"),
    gettext_lazy("thứ Năm"),
    gettext_lazy("thứ Sáu"),
    gettext_lazy("thứ Bảy"),
    gettext_lazy("Chủ nhật"),
)
SHOWN = timedelta(days=200)


def in_words(series: Series) -> str:
    """How often a series recurs: "Hằng tuần, thứ Sáu"."""
    told = {"day": series.day, "month": series.month}
    if series.every == Every.WEEK:
        return _("hằng tuần, %(day)s") % {"day": WEEKDAYS[series.day - 1]}
    if series.every == Every.MONTH:
        return _("hằng tháng, ngày %(day)d") % told
    return _("hằng quý, ngày %(day)d tháng thứ %(month)d của quý") % told


@require_GET
def many(request: SignedRequest) -> HttpResponse:
    """List the series the actor may see."""
    request.place = reverse("tasks")
    rows = queries.list_series(request.actor)
    context = {
        "rows": [(row, in_words(row)) for row in rows],
        "running": sum(row.ended_at is None for row in rows),
        "gives": policy.why_not_give(request.actor) is None,
    }
    return render(request, "tasks/series_many.html", context)


class SeriesForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Việc định kỳ"), max_length=500)
    every = forms.ChoiceField(label=gettext_lazy("Chu kỳ"), choices=Every.choices)
    day = forms.IntegerField(
        label=gettext_lazy("Ngày thứ"),
        min_value=1,
        max_value=31,
        help_text=gettext_lazy("Trong tuần: 1 là thứ Hai, 7 là Chủ nhật. Trong tháng: 31 là ngày cuối tháng."),
    )
    month = forms.IntegerField(label=gettext_lazy("Tháng thứ mấy của quý"), min_value=1, max_value=3, initial=3)
    shift = forms.ChoiceField(label=gettext_lazy("Nếu rơi vào ngày nghỉ"), choices=Shift.choices)
    ahead = forms.IntegerField(label=gettext_lazy("Giao trước, số ngày làm việc"), min_value=0, max_value=60, initial=5)
    unit_id = TreeField(label=gettext_lazy("Chủ trì"))
    join_ids = TreesField(label=gettext_lazy("Phối hợp"), required=False)
    since = DayField(label=gettext_lazy("Từ ngày"))
    until = DayField(label=gettext_lazy("Đến hết ngày"), required=False)
    words = forms.CharField(
        label=gettext_lazy("Yêu cầu cụ thể"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    begun_in = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


@require_http_methods(["GET", "POST"])
def new(request: SignedRequest) -> HttpResponse:
    """Begin a series."""
    request.place = reverse("tasks")
    refuse(policy.why_not_give(request.actor))
    now = timezone.now()
    today = workdays.local_date(now)
    form = SeriesForm(asking.sent(request), initial={"since": today, "begun_in": uuid4().hex})
    mine = request.actor.unit_id
    branches = [
        Branch(
            str(row.id),
            row.name,
            str(row.parent_id or "") if row.id != mine else "",
            row.abbreviation,
            closed=row.id == mine,
        )
        for row in people.list_tree(on=today, below=people.get_unit(mine))
    ]
    for name in ("unit_id", "join_ids"):
        form.fields[name].grow(branches)  # type: ignore[attr-defined]
    made: list[int] = []

    def do(told: dict[str, Any]) -> str:
        lead = int(told["unit_id"])
        joins = [int(each) for each in told["join_ids"] if int(each) != lead]
        series = operations.begin_series(
            title=told["title"],
            words=told["words"],
            rule=Rule(told["every"], told["day"], told["month"], told["shift"], told["ahead"]),
            shares=[Share(Role.LEAD, unit_id=lead), *(Share(Role.JOIN, unit_id=number) for number in joins)],
            since=told["since"],
            until=told["until"],
            begun_in=told["begun_in"] or None,
            actor=request.actor,
            at=now,
        )
        made.append(series.pk)
        return _("Đã đặt việc định kỳ.")

    question = Question(
        _("Đặt việc định kỳ"),
        _("Đặt việc định kỳ"),
        reverse("series-many"),
        _("Việc định kỳ"),
        explains=_("Mỗi kỳ được giao một lần, khi đến ngày, nhân danh người giữ chức vụ giao việc lúc ấy."),
    )
    return asking.ask(request, question, form, do, then=lambda: reverse("series", args=[made[0]]))


@require_GET
def one(request: SignedRequest, series_id: int) -> HttpResponse:
    """Show one series with its occurrences, those that were and those that come."""
    request.place = reverse("tasks")
    found = queries.get_series_for(request.actor, series_id)
    today = workdays.local_date(timezone.now())
    rows = queries.list_coming(found, today - SHOWN, today + SHOWN)
    rules = policy.why_not_rule_series(request.actor, found) is None
    shown: list[dict[str, Any]] = []
    for row in rows:
        own = row.occurrence
        task = None
        if own is not None and own.directive_id is not None:
            given = queries.list_of_directive(own.directive_id)
            task = queries.find_visible(request.actor, given[0].pk) if given else None
        given_out = own is not None and own.directive_id is not None
        open_ = not given_out and row.due >= today and not (own is not None and own.skipped)
        shown.append({"row": row, "own": own, "task": task, "open": open_ and rules})
    units = people.list_units([each["unit_id"] for each in found.shares if each["unit_id"]])
    context = {
        "series": found,
        "rule": in_words(found),
        "shift": Shift(found.shift).label,
        "shares": [
            (Role(each["role"]).label, units[each["unit_id"]].name if each["unit_id"] in units else _("một chức vụ"))
            for each in found.shares
        ],
        "past": [each for each in reversed(shown) if each["row"].due < today][:12],
        "coming": [each for each in shown if each["row"].due >= today][:12],
        "rules": rules,
    }
    return render(request, "tasks/series.html", context)


class ExceptionForm(forms.Form):
    moved_to = DayField(label=gettext_lazy("Dời đến ngày (để trống là bỏ kỳ này)"), required=False)
    words = forms.CharField(label=gettext_lazy("Lý do"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


def _day(text: str) -> date:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise NotFound()
    return found


@require_http_methods(["GET", "POST"])
def exception(request: SignedRequest, series_id: int, day: str) -> HttpResponse:
    """Leave an occurrence out, or move it."""
    found = queries.get_series_for(request.actor, series_id)
    refuse(policy.why_not_rule_series(request.actor, found))
    nominal = _day(day)
    question = Question(
        _("Ngoại lệ của kỳ %(day)s") % {"day": f"{nominal:%d/%m/%Y}"},
        _("Ghi ngoại lệ"),
        reverse("series", args=[series_id]),
        found.title,
    )

    def do(told: dict[str, Any]) -> str:
        operations.make_exception(series_id=series_id, day=nominal, **told, actor=request.actor, at=timezone.now())
        return _("Đã ghi ngoại lệ.")

    return asking.ask(request, question, ExceptionForm(asking.sent(request)), do)


class EndForm(forms.Form):
    words = forms.CharField(label=gettext_lazy("Lý do"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


@require_http_methods(["GET", "POST"])
def end(request: SignedRequest, series_id: int) -> HttpResponse:
    """End a series."""
    found = queries.get_series_for(request.actor, series_id)
    refuse(policy.why_not_rule_series(request.actor, found))
    question = Question(
        _("Thôi việc định kỳ: %(title)s") % {"title": found.title},
        _("Thôi việc định kỳ"),
        reverse("series", args=[series_id]),
        found.title,
        sign="x",
        kind="danger",
    )

    def do(told: dict[str, Any]) -> str:
        operations.end_series(series_id=series_id, **told, actor=request.actor, at=timezone.now())
        return _("Đã thôi việc định kỳ.")

    return asking.ask(request, question, EndForm(asking.sent(request)), do)
