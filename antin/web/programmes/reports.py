"""Period reports: drafted with frozen figures, listed, and reckoned again: the same, or where they differ."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from antin.documents.states import Status as Paper
from antin.journeys import report_period
from antin.programmes import account, policy, queries, reporting
from antin.programmes.states import HELD, Span
from antin.refusal import refuse
from antin.signing.states import Verdict
from antin.web import asking, tones
from antin.web.asking import Question
from antin.web.days import DayField
from antin.web.session.middleware import SignedRequest
from antin.workdays import queries as workdays


@require_GET
def reports(request: SignedRequest) -> HttpResponse:
    """List the period reports whose documents the actor may see."""
    request.place = reverse("tasks")
    rows = queries.list_reports(request.actor)
    context = {
        "rows": [
            {"report": row, "span": Span(row.kind).label, "state": tones.of(Paper(row.document.status))} for row in rows
        ],
        "reports": policy.why_not_report(request.actor) is None,
    }
    return render(request, "programmes/reports.html", context)


class PeriodForm(forms.Form):
    since = DayField(label=gettext_lazy("Từ ngày"))
    until = DayField(label=gettext_lazy("Đến hết ngày"))
    programme = forms.TypedChoiceField(
        label=gettext_lazy("Theo kế hoạch, chương trình"), coerce=int, empty_value=None, required=False
    )
    begun_in = forms.CharField(widget=forms.HiddenInput, max_length=64)


@require_http_methods(["GET", "POST"])
def new(request: SignedRequest) -> HttpResponse:
    """Draft the report of a period; it opens in the editor."""
    refuse(policy.why_not_report(request.actor))
    now = timezone.now()
    today = workdays.local_date(now)
    since, until = reporting.last_quarter(today)
    plans = [row for row in queries.list_programmes(request.actor, now) if row.version.status in HELD]
    first = {"since": since, "until": until, "begun_in": uuid4().hex}
    if plans:
        first["programme"] = plans[0].programme.pk
    form = PeriodForm(asking.sent(request), initial=first)
    choice: Any = form.fields["programme"]
    choice.choices = [("", _("Không theo kế hoạch nào")), *((row.programme.pk, row.programme.title) for row in plans)]
    question = Question(
        _("Lập báo cáo kỳ"),
        _("Lập dự thảo"),
        reverse("period-reports"),
        _("Báo cáo kỳ"),
        sign="draft",
        explains=_(
            "Số liệu được giữ nguyên như lúc lập, kèm mã băm; dự thảo có phụ lục bảng số liệu và việc trọng tâm kỳ tới, "
            "sửa tiếp và trình như mọi văn bản."
        ),
    )
    made: list[int] = []

    def do(told: dict[str, Any]) -> str:
        report = report_period.draft(
            since=told["since"],
            until=told["until"],
            programme_id=told["programme"],
            begun_in=told["begun_in"],
            actor=request.actor,
            today=today,
            at=now,
        )
        made.append(report.pk)
        return _("Đã lập dự thảo báo cáo.")

    return asking.ask(request, question, form, do, then=lambda: reverse("period-report", args=[made[0]]))


class CheckForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("Tệp PDF đã ký"), max_length=300)


@require_http_methods(["GET", "POST"])
def check(request: SignedRequest) -> HttpResponse:
    """Check the figures of a report from its signed file alone."""
    request.place = reverse("tasks")
    question = Question(
        _("Kiểm tra số liệu của báo cáo đã ký"),
        _("Kiểm tra"),
        reverse("period-reports"),
        _("Báo cáo kỳ"),
        sign="shield-check",
        explains=_("Tệp chỉ được đọc, không lưu: mã băm ghi trong tệp được so với bảng số liệu đã giữ, rồi tính lại."),
    )

    def do(told: dict[str, Any]) -> HttpResponse:
        sent = told["file"]
        refuse(getattr(sent, "refusal", None))
        sent.seek(0)
        found = report_period.check(content=sent.read(), actor=request.actor, at=timezone.now())
        context = {"found": found, "name": sent.name, "verdict": tones.of(Verdict(found.signatures.verdict))}
        return render(request, "programmes/checked.html", context)

    return asking.ask(request, question, CheckForm(asking.sent(request), asking.brought(request)), do)


@require_GET
def report(request: SignedRequest, report_id: int) -> HttpResponse:
    """Show the frozen figures of a report, and whether reckoning them again gives the same."""
    request.place = reverse("tasks")
    found = queries.get_report_for(request.actor, report_id)
    if request.GET.get("as") == "json":
        name = f"bao-cao-{found.until:%Y-%m-%d}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        options = {"ensure_ascii": False, "sort_keys": True, "separators": (",", ":")}
        return JsonResponse(found.account, json_dumps_params=options, headers=headers)
    moved = account.differences(found.account, reporting.reckon_again(found))
    told = found.account
    context = {
        "report": found,
        "whole": account.digest_of(told) == found.digest,
        "moved": moved,
        "sums": [(_(words), told["sums"].get(name, 0)) for name, words in account.SUMS],
        "units": [(row["name"], [row["sums"].get(name, 0) for name, _said in account.SUMS]) for row in told["units"]],
        "columns": [_(words) for _name, words in account.SUMS],
        "figures": [
            {
                "name": _(each["name"]),
                "value": account.value_in_words(each),
                "target": each["target"],
                "measure": each["measure"],
                "met": each["met"],
            }
            for each in told["figures"]
        ],
        "signed": report_period.signed_digest(found),
        "editable": found.document.status == Paper.DRAFTED,
    }
    return render(request, "programmes/report.html", context)
