"""Taking over a colleague's post at once, and the look at it afterwards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from antin.journeys import emergency as journey
from antin.people import operations as people
from antin.people import policy, queries
from antin.refusal import NotAllowed, NotFound, refuse
from antin.web.asking import Question, ask, offer, sent
from antin.web.session import sitting
from antin.web.session.forms import Review, TakeOver
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date


def _question(heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, reverse("emergencies"), _("Tiếp cận khẩn cấp"), **more)


@require_safe
def show(request: SignedRequest) -> HttpResponse:
    """Those of the agency to its head, one's own to everybody else."""
    today = local_date(timezone.now())
    rows = [
        {
            "row": each,
            "post": each.substitution.principal,
            "running": each.substitution.revoked_on is None and each.substitution.until > today,
            "mine": each.person_id == request.actor.person_id,
            "may_review": each.reviewed_at is None and policy.why_not_review(request.actor, each) is None,
            "late": each.reviewed_at is None and each.review_by < today,
        }
        for each in queries.list_emergencies(request.actor)
    ]
    nobody = None if _posts(request) else NotAllowed()
    take = offer(nobody, "take-over", _("Tiếp cận khẩn cấp"), reverse("emergency-open"), sign="warning")
    return render(request, "session/emergencies.html", {"rows": rows, "take": take, "today": today})


def _posts(request: SignedRequest) -> list[tuple[int, str]]:
    if request.actor.on_behalf:
        return []
    return [
        (row.id, f"{row.person_name or _('khuyết')}, {row.title}, {row.unit_name}")
        for row in queries.list_posts_to_take_over(request.actor, local_date(timezone.now()))
    ]


@require_http_methods(["GET", "POST"])
def open_one(request: SignedRequest) -> HttpResponse:
    """Take over a post; one sits in it at once."""
    at = timezone.now()

    def do(answers: dict[str, Any]) -> HttpResponse | str:
        journey.open_emergency(post_id=answers["post_id"], reason=answers["reason"], actor=request.actor, at=at)
        sitting.switch(request.session, post_id=answers["post_id"], at=at)
        return _("Đang làm việc thay, đến hết ngày mai. Người giữ chức vụ, thủ trưởng và quản trị đã được báo.")

    question = _question(
        _("Tiếp cận khẩn cấp"),
        _("Nhận việc ngay"),
        sign="warning",
        kind="danger",
        explains=_(
            "Làm thay ngay công việc của một chức vụ đến hết ngày mai; không ký, không đóng dấu thay được. Người giữ chức vụ,"
            " thủ trưởng và quản trị được báo ngay; thủ trưởng xem xét sau. Mọi việc làm thay đều ghi nhật ký."
        ),
    )
    return ask(request, question, TakeOver(sent(request), posts=_posts(request)), do, then=lambda: reverse("desk"))


def _seen(request: SignedRequest, emergency_id: int) -> Any:
    found = next((each for each in queries.list_emergencies(request.actor) if each.pk == emergency_id), None)
    if found is None:
        raise NotFound(emergency=emergency_id)
    return found


@require_http_methods(["GET", "POST"])
def end(request: SignedRequest, emergency_id: int) -> HttpResponse:
    """Give the post back."""
    found = _seen(request, emergency_id)

    def do(answers: dict[str, Any]) -> HttpResponse | str:
        people.end_emergency(emergency_id=emergency_id, actor=request.actor, at=timezone.now())
        return _("Đã kết thúc tiếp cận khẩn cấp.")

    question = _question(
        _("Kết thúc tiếp cận khẩn cấp thay %(post)s") % {"post": found.substitution.principal.title},
        _("Kết thúc"),
        sign="check",
    )
    return ask(request, question, forms.Form(sent(request)), do)


@require_http_methods(["GET", "POST"])
def review(request: SignedRequest, emergency_id: int) -> HttpResponse:
    """Say what was found."""
    found = _seen(request, emergency_id)
    if found.reviewed_at is not None:
        return redirect("emergencies")
    refuse(policy.why_not_review(request.actor, found))

    def do(answers: dict[str, Any]) -> HttpResponse | str:
        journey.review_emergency(emergency_id=emergency_id, **answers, actor=request.actor, at=timezone.now())
        return _("Đã ghi kết luận.")

    question = _question(
        _("Xem xét việc %(name)s làm thay %(post)s")
        % {"name": found.person.name, "post": found.substitution.principal.title},
        _("Ghi kết luận"),
        sign="check",
        explains=found.reason,
    )
    return ask(request, question, Review(sent(request)), do)
