"""The working calendar of the node, year by year: what the law says, and what was decided otherwise."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from antin.refusal import NotFound
from antin.web.administration import forms
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.workdays import operations, queries
from antin.workdays.queries import Kind, local_date

WEEKDAYS = (
    gettext_lazy("thứ Hai"),
    gettext_lazy("thứ Ba"),
    gettext_lazy("thứ Tư"),
    gettext_lazy("thứ Năm"),
    gettext_lazy("thứ Sáu"),
    gettext_lazy("thứ Bảy"),
    gettext_lazy("Chủ nhật"),
)
YEARS_SHOWN = 3


@require_safe
def page(request: SignedRequest) -> HttpResponse:
    """The special days of a year, and whether each is the law's or was decided."""
    this_year = local_date(timezone.now()).year
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else this_year
    days = queries.list_special_days(year)
    here = reverse("calendar")
    years = sorted({year, *range(this_year - 1, this_year - 1 + YEARS_SHOWN)})
    told = {
        "year": year,
        "years": [
            {"words": str(each), "href": f"{here}?year={each}", "n": None, "current": each == year} for each in years
        ],
        "rows": [
            {
                "day": each.day,
                "weekday": WEEKDAYS[each.day.weekday()],
                "kind": Kind(each.kind).label,
                "worked": each.worked,
                "name": each.name,
                "decision": each.decision,
                "clear": f"{reverse('calendar-clear', args=[each.day.isoformat()])}" if each.decision else "",
            }
            for each in days
        ],
        "decided": sum(bool(each.decision) for each in days),
        "working": queries.working_days_between(
            days[0].day.replace(month=1, day=1) - queries.ONE_DAY, days[0].day.replace(month=12, day=31)
        )
        if days and queries.FIRST_YEAR < year <= queries.LAST_YEAR
        else None,
    }
    return render(request, "administration/calendar.html", told)


def _question(heading: str, button: str, year: int, **more: Any) -> Question:
    return Question(heading, button, f"{reverse('calendar')}?year={year}", _("Lịch làm việc"), **more)


@require_http_methods(["GET", "POST"])
def set_day(request: SignedRequest) -> HttpResponse:
    """Declare what a day is."""
    years: list[int] = [local_date(timezone.now()).year]

    def do(answers: dict[str, Any]) -> str:
        kind = Kind(answers["kind"])
        operations.set_day(**(answers | {"kind": kind}), actor=request.actor, at=timezone.now())
        years[0] = answers["day"].year
        return _("Ngày %(day)s: %(kind)s.") % {"day": f"{answers['day']:%d/%m/%Y}", "kind": kind.label}

    question = _question(
        _("Khai một ngày nghỉ hoặc ngày làm bù"),
        _("Ghi vào lịch"),
        years[0],
        sign="calendar",
        explains=_("Thời hạn đã tính giữ nguyên; thời hạn tính từ nay theo lịch mới."),
    )
    form = forms.SetDay(sent(request))
    return ask(request, question, form, do, then=lambda: f"{reverse('calendar')}?year={years[0]}")


@require_http_methods(["GET", "POST"])
def swap(request: SignedRequest) -> HttpResponse:
    """Let a working day be free and a free day be worked for it."""
    years: list[int] = [local_date(timezone.now()).year]

    def do(answers: dict[str, Any]) -> str:
        operations.swap(**answers, actor=request.actor, at=timezone.now())
        years[0] = answers["off"].year
        told = {"off": f"{answers['off']:%d/%m/%Y}", "work": f"{answers['work']:%d/%m/%Y}"}
        return _("Nghỉ ngày %(off)s, làm bù ngày %(work)s.") % told

    question = _question(_("Hoán đổi ngày làm việc"), _("Ghi vào lịch"), years[0], sign="swap")
    form = forms.SwapDays(sent(request))
    return ask(request, question, form, do, then=lambda: f"{reverse('calendar')}?year={years[0]}")


@require_http_methods(["GET", "POST"])
def clear(request: SignedRequest, day: str) -> HttpResponse:
    """Let a day be again what the law and the week say."""
    try:
        found = parse_date(day)
    except ValueError:
        found = None
    if found is None:
        raise NotFound(day=day)

    def do(answers: dict[str, Any]) -> str:
        operations.clear_day(day=found, actor=request.actor, at=timezone.now())
        return _("Đã bỏ thay đổi của ngày %(day)s.") % {"day": f"{found:%d/%m/%Y}"}

    question = _question(
        _("Bỏ thay đổi của ngày %(day)s") % {"day": f"{found:%d/%m/%Y}"},
        _("Bỏ thay đổi"),
        found.year,
        sign="undo",
        kind="danger",
        explains=_("Ngày này trở lại theo luật và ngày trong tuần."),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)
