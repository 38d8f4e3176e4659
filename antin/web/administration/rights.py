"""Leave to sign in the head's name, and who does whose work while he is away. Decree 30/2020, art. 13."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from antin.journeys import look_ahead
from antin.people import operations, queries
from antin.web.administration import forms
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch
from antin.workdays.queries import local_date


@require_http_methods(["GET", "POST"])
def delegate(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Record that the head of an agency gave somebody leave to sign, TL. or TUQ."""
    at = timezone.now()
    today = local_date(at)
    agency = queries.get_agency_for(request.actor, unit_id)
    head = queries.get_head_post(agency.pk, today)
    takers = [Branch(str(post.pk), post.title, note=post.unit.name) for post in queries.list_delegates(agency, today)]
    form = forms.Delegate(sent(request), posts=takers, today=today)

    def do(answers: dict[str, Any]) -> str:
        answers["to_post_id"] = int(answers["to_post_id"])
        given = operations.delegate(from_post_id=head.pk, **answers, actor=request.actor, at=at)
        return _("Đã ghi giao ký %(form)s.") % {"form": given.form}

    question = Question(
        _("Giao ký thay %(head)s, %(unit)s") % {"head": head.title, "unit": agency.name},
        _("Giao ký"),
        f"{reverse('unit', args=[agency.pk])}#signing",
        agency.name,
        sign="pen",
        explains=_("Cấp phó ký thay (KT.) theo chức vụ, không cần giao. Giao ký phải có văn bản làm căn cứ."),
    )
    return ask(request, question, form, do)


@require_http_methods(["GET", "POST"])
def revoke_delegation(request: SignedRequest, delegation_id: int) -> HttpResponse:
    """Take a leave to sign back from today on."""
    given = queries.get_delegation_for(request.actor, delegation_id)
    unit = given.from_post.unit

    def do(answers: dict[str, Any]) -> str:
        operations.revoke_delegation(delegation_id=given.pk, actor=request.actor, at=timezone.now())
        return _("Đã thu hồi giao ký %(form)s.") % {"form": given.form}

    question = Question(
        _("Thu hồi giao ký %(form)s cho %(post)s") % {"form": given.form, "post": given.to_post.title},
        _("Thu hồi"),
        f"{reverse('unit', args=[unit.pk])}#signing",
        unit.name,
        sign="undo",
        kind="danger",
        explains=_("Từ hôm nay không ký được nữa. Văn bản đã ký giữ nguyên giá trị."),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def substitute(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Let one post of an agency do the work of another for some days."""
    at = timezone.now()
    today = local_date(at)
    agency = queries.get_agency_for(request.actor, unit_id)
    posts = [
        Branch(str(row.id), f"{row.title} {row.person_name}".strip(), note=row.unit_name)
        for row in queries.list_posts(agency.pk, today)
    ]
    form = forms.Substitute(sent(request), posts=posts, today=today)

    def do(answers: dict[str, Any]) -> str:
        for name in ("principal_id", "substitute_id"):
            answers[name] = int(answers[name])
        operations.substitute(**answers, actor=request.actor, at=at)
        return _("Đã ghi việc thay khi vắng.")

    question = Question(
        _("Thay khi vắng ở %(unit)s") % {"unit": agency.name},
        _("Ghi lại"),
        f"{reverse('unit', args=[agency.pk])}#away",
        agency.name,
        sign="swap",
        explains=_("Người thay xem và làm việc của chức vụ vắng; ký văn bản thì phải được giao ký."),
    )

    def ahead(answers: dict[str, Any]) -> look_ahead.Ahead:
        for name in ("principal_id", "substitute_id"):
            answers[name] = int(answers[name])
        return look_ahead.substitute(**answers, actor=request.actor, at=at)

    return ask(request, question, form, do, ahead=ahead)


@require_http_methods(["GET", "POST"])
def end_substitution(request: SignedRequest, substitution_id: int) -> HttpResponse:
    """End a substitution from today on."""
    found = queries.get_substitution_for(request.actor, substitution_id)
    agency_id = found.principal.unit.agency_id

    def do(answers: dict[str, Any]) -> str:
        operations.end_substitution(substitution_id=found.pk, actor=request.actor, at=timezone.now())
        return _("Đã thôi thay %(post)s.") % {"post": found.principal.title}

    question = Question(
        _("%(substitute)s thôi thay %(principal)s")
        % {"substitute": found.substitute.title, "principal": found.principal.title},
        _("Thôi thay"),
        f"{reverse('unit', args=[agency_id])}#away",
        queries.get_agency(agency_id).name,
        sign="undo",
        kind="danger",
    )

    def ahead(answers: dict[str, Any]) -> look_ahead.Ahead:
        return look_ahead.end_substitution(substitution_id=found.pk, actor=request.actor, at=timezone.now())

    return ask(request, question, forms.Nothing(sent(request)), do, ahead=ahead)
