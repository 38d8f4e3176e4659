"""Rules of reminding: when people hear of work, and what each rule would do today. Only numbers: no task is shown here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from antin.tasks import operations, queries
from antin.tasks.operations.reminding import Hearers
from antin.tasks.queries import Rule
from antin.tasks.states import Priority, Whom
from antin.web import asking
from antin.web.asking import Question
from antin.web.session.middleware import SignedRequest
from antin.workdays import queries as workdays


def when(days: int) -> str:
    """The distance of a rule in words."""
    if days == 0:
        return _("ngày đến hạn")
    words = _("%(n)d ngày làm việc trước hạn") if days < 0 else _("%(n)d ngày làm việc sau hạn")
    return words % {"n": abs(days)}


def _would(rule: Rule, rule_id: int | None) -> tuple[int, int]:
    """How many people a rule would tell on the present work, and of how many pieces."""
    now = timezone.now()
    hearers = Hearers(now)
    works = queries.list_matching(rule, workdays.local_date(now), now, rule_id=rule_id)
    return len({holder for work in works for holder in hearers.of(rule.whom, work)}), len(works)


class RuleForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Tên quy tắc"), max_length=200)
    days = forms.IntegerField(
        label=gettext_lazy("Số ngày làm việc"),
        min_value=-60,
        max_value=60,
        help_text=gettext_lazy("Số âm là trước hạn, 0 là ngày đến hạn, số dương là sau hạn."),
    )
    whom = forms.ChoiceField(label=gettext_lazy("Nhắc ai"), choices=Whom.choices)
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Việc từ mức"), choices=Priority.choices, coerce=int, required=False
    )


@require_safe
def page(request: SignedRequest) -> HttpResponse:
    """The rules, and what each would do today; `days`, `whom` and `priority` ask about one that is only thought of."""
    today = workdays.local_date(timezone.now())
    rows = []
    for rule in queries.list_rules():
        people, works = _would(Rule(rule.days, rule.whom, rule.priority, rule.since), rule.pk)
        rows.append(
            {
                "rule": rule,
                "when": when(rule.days),
                "whom": Whom(rule.whom).label,
                "priority": Priority(rule.priority).label,
                "people": people,
                "works": works,
            }
        )
    asked = RuleForm(request.GET if "days" in request.GET else None)
    asked.fields["name"].required = False
    thought = None
    if asked.is_bound and asked.is_valid():
        told = asked.cleaned_data
        people, works = _would(Rule(told["days"], told["whom"], told["priority"] or 0, today), None)
        thought = {"people": people, "works": works, "when": when(told["days"]), "whom": Whom(told["whom"]).label}
    return render(request, "administration/reminders.html", {"rows": rows, "form": asked, "thought": thought})


@require_http_methods(["GET", "POST"])
def new(request: SignedRequest) -> HttpResponse:
    """Set a rule."""
    question = Question(
        _("Đặt quy tắc nhắc việc"),
        _("Đặt quy tắc"),
        reverse("reminders"),
        _("Nhắc việc"),
        explains=_("Mỗi người nhận một thông báo gộp mỗi ngày làm việc; mỗi quy tắc nhắc mỗi thời hạn đúng một lần."),
    )

    def do(told: dict[str, Any]) -> str:
        operations.set_rule(**{**told, "priority": told["priority"] or 0}, actor=request.actor, at=timezone.now())
        return _("Đã đặt quy tắc.")

    return asking.ask(request, question, RuleForm(asking.sent(request)), do)


@require_http_methods(["GET", "POST"])
def end(request: SignedRequest, rule_id: int) -> HttpResponse:
    """End a rule."""
    question = Question(
        _("Bỏ quy tắc nhắc việc"), _("Bỏ quy tắc"), reverse("reminders"), _("Nhắc việc"), sign="x", kind="danger"
    )

    def do(_told: dict[str, Any]) -> str:
        operations.end_rule(rule_id=rule_id, actor=request.actor, at=timezone.now())
        return _("Đã bỏ quy tắc.")

    return asking.ask(request, question, forms.Form(asking.sent(request)), do)
