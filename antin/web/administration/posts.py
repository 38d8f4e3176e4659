"""Posts and who holds them: a post outlives its holder."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from antin.journeys import look_ahead
from antin.people import operations, policy, queries
from antin.people.queries import ListedPerson
from antin.people.states import Role, Status
from antin.web.administration import forms
from antin.web.asking import Offer, Question, ask, offer, sent
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch
from antin.workdays.queries import local_date

FOUND = 20
"""So many persons are offered at once for a post; more words find fewer."""


@require_http_methods(["GET", "POST"])
def open_post(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Open a post in a unit; it is vacant at first."""
    unit = queries.get_unit_for(request.actor, unit_id)
    made: list[int] = []

    def do(answers: dict[str, Any]) -> str:
        post = operations.open_post(unit_id=unit.pk, **answers, actor=request.actor, at=timezone.now())
        made.append(post.pk)
        return _("Đã đặt chức vụ %(post)s. Bổ nhiệm người giữ chức vụ này.") % {"post": post.title}

    question = Question(
        _("Thêm chức vụ ở %(unit)s") % {"unit": unit.name},
        _("Thêm chức vụ"),
        reverse("unit", args=[unit.pk]),
        unit.name,
        sign="plus",
    )
    return ask(request, question, forms.OpenPost(sent(request)), do, then=lambda: reverse("post", args=[made[0]]))


@require_safe
def page(request: SignedRequest, post_id: int) -> HttpResponse:
    """One post: who holds it, who held it, and what may be done."""
    post = queries.get_post_for(request.actor, post_id)
    today = local_date(timezone.now())
    history = queries.list_holders_of(post.pk)
    holding = next(
        (each for each in history if each.since <= today and (each.until is None or each.until > today)), None
    )
    bound = next((each for each in history if each.until is None or each.until > today), None)
    closed = policy.why_post_not_open(post, today)
    held = operations.PostStillHeld(post=post.title, holder=bound.person.name) if bound else None
    taken = operations.PostHeld(post=post.title, holder=bound.person.name) if bound else None
    number = post.pk
    told = {
        "post": post,
        "unit": post.unit,
        "role": Role(post.role).label,
        "holding": holding,
        "history": [
            {"row": each, "over": each.until is not None and each.until <= today, "future": each.since > today}
            for each in history
        ],
        "crumbs": [*queries.list_ancestors(post.unit), post.unit],
        "closed": closed,
        "today": today,
        "acts": [
            offer(
                closed or taken,
                "appoint",
                _("Bổ nhiệm"),
                reverse("post-appoint", args=[number]),
                sign="user",
                kind="main",
            ),
            Offer(
                "end",
                _("Thôi giữ chức vụ"),
                reverse("appointment-end", args=[bound.pk if bound else 0]),
                sign="undo",
                dialog=True,
                why="" if bound else _("Chức vụ đang khuyết."),
            ),
        ],
        "more": [
            offer(closed, "describe", _("Sửa tên, thứ tự"), reverse("post-describe", args=[number]), sign="draft"),
            offer(
                closed or held,
                "close",
                _("Bỏ chức vụ"),
                reverse("post-close", args=[number]),
                sign="x",
                kind="danger",
                dialog=True,
            ),
        ],
    }
    return render(request, "administration/post.html", told)


def _choice(row: ListedPerson) -> forms.Choice:
    name = f"{row.person.rank} {row.person.name}".strip()
    posts = "; ".join(f"{title}, {unit}" for title, unit in row.posts) or _("chưa giữ chức vụ nào")
    return forms.Choice(name, f"{row.person.user_name}: {posts}" if row.person.user_name else posts)


@require_http_methods(["GET", "POST"])
def appoint(request: SignedRequest, post_id: int) -> HttpResponse:
    """Put somebody into the post: one who is known, found by words, or somebody new."""
    post = queries.get_post_for(request.actor, post_id)
    today = local_date(timezone.now())
    words = request.GET.get("words", "").strip()[:200]
    named = request.GET.get("person", "")
    found = queries.list_persons_for(
        request.actor,
        on=today,
        words=words,
        statuses=(Status.ACTIVE,),
        without_post=not words and not named,
        limit=FOUND,
    )
    rows = list(found.rows)
    if named.isdecimal() and len(named) < 19 and int(named) not in {row.person.pk for row in rows}:
        rows.insert(0, ListedPerson(queries.get_person_for(request.actor, int(named)), ()))
    chosen = int(named) if named.isdecimal() and len(named) < 19 else rows[0].person.pk if len(rows) == 1 else None
    form = forms.Appoint(
        sent(request), persons=[(row.person.pk, _choice(row)) for row in rows], today=today, chosen=chosen
    )

    def do(answers: dict[str, Any]) -> str:
        person = queries.get_person_for(request.actor, answers["person_id"])
        operations.appoint(post_id=post.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã bổ nhiệm %(name)s giữ chức vụ %(post)s.") % {"name": person.name, "post": post.title}

    question = Question(
        _("Bổ nhiệm %(post)s, %(unit)s") % {"post": post.title, "unit": post.unit.name},
        _("Bổ nhiệm"),
        reverse("post", args=[post.pk]),
        post.title,
        sign="user",
    )
    told = {"words": words, "n": len(rows), "cut": found.next is not None, "post": post}

    def ahead(answers: dict[str, Any]) -> look_ahead.Ahead:
        return look_ahead.appoint(post_id=post.pk, **answers, actor=request.actor, at=timezone.now())

    return ask(request, question, form, do, above="administration/_find_person.html", beside=told, ahead=ahead)


@require_http_methods(["GET", "POST"])
def appoint_to(request: SignedRequest, person_id: int) -> HttpResponse:
    """Put a person into a vacant post of the house."""
    person = queries.get_person_for(request.actor, person_id)
    today = local_date(timezone.now())
    vacant = [
        Branch(str(post.pk), post.title, note=post.unit.name)
        for post in queries.list_vacant_posts(request.actor, today)
    ]

    def do(answers: dict[str, Any]) -> str:
        post = queries.get_post_for(request.actor, int(answers["post_id"]))
        operations.appoint(
            person_id=person.pk, **answers | {"post_id": post.pk}, actor=request.actor, at=timezone.now()
        )
        return _("Đã bổ nhiệm %(name)s giữ chức vụ %(post)s.") % {"name": person.name, "post": post.title}

    question = Question(
        _("Bổ nhiệm %(name)s") % {"name": person.name},
        _("Bổ nhiệm"),
        reverse("person", args=[person.pk]),
        person.name,
        sign="user",
    )

    def ahead(answers: dict[str, Any]) -> look_ahead.Ahead:
        answers["post_id"] = int(answers["post_id"])
        return look_ahead.appoint(person_id=person.pk, **answers, actor=request.actor, at=timezone.now())

    return ask(request, question, forms.AppointTo(sent(request), posts=vacant, today=today), do, ahead=ahead)


@require_http_methods(["GET", "POST"])
def end_appointment(request: SignedRequest, appointment_id: int) -> HttpResponse:
    """Say from which day somebody no longer holds his post."""
    held = queries.get_appointment_for(request.actor, appointment_id)
    today = local_date(timezone.now())
    earliest = max(today, held.since + timedelta(days=1))

    def do(answers: dict[str, Any]) -> str:
        operations.end_appointment(appointment_id=held.pk, **answers, actor=request.actor, at=timezone.now())
        told = {"name": held.person.name, "post": held.post.title, "day": policy.in_words(answers["until"])}
        return _("%(name)s thôi giữ chức vụ %(post)s từ %(day)s.") % told

    question = Question(
        _("%(name)s thôi giữ chức vụ %(post)s") % {"name": held.person.name, "post": held.post.title},
        _("Thôi giữ chức vụ"),
        reverse("post", args=[held.post_id]),
        held.post.title,
        sign="undo",
        kind="danger",
        explains=_("Việc đang chờ thuộc về chức vụ: người giữ sau làm tiếp."),
    )

    def ahead(answers: dict[str, Any]) -> look_ahead.Ahead:
        return look_ahead.end_appointment(appointment_id=held.pk, **answers, actor=request.actor, at=timezone.now())

    return ask(request, question, forms.EndAppointment(sent(request), earliest=earliest), do, ahead=ahead)


@require_http_methods(["GET", "POST"])
def describe(request: SignedRequest, post_id: int) -> HttpResponse:
    """Change what the post is called, whether it keeps the seal, and its order."""
    post = queries.get_post_for(request.actor, post_id)
    initial = {"title": post.title, "keeps_seal": post.keeps_seal, "order": post.order}

    def do(answers: dict[str, Any]) -> str:
        operations.describe_post(post_id=post.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã sửa chức vụ %(post)s.") % {"post": answers["title"]}

    question = Question(
        _("Sửa chức vụ %(post)s") % {"post": post.title},
        _("Ghi lại"),
        reverse("post", args=[post.pk]),
        post.title,
        sign="draft",
    )
    return ask(request, question, forms.DescribePost(sent(request), initial=initial), do)


@require_http_methods(["GET", "POST"])
def close(request: SignedRequest, post_id: int) -> HttpResponse:
    """Close a vacant post."""
    post = queries.get_post_for(request.actor, post_id)

    def do(answers: dict[str, Any]) -> str:
        operations.close_post(post_id=post.pk, actor=request.actor, at=timezone.now())
        return _("Đã bỏ chức vụ %(post)s.") % {"post": post.title}

    question = Question(
        _("Bỏ chức vụ %(post)s, %(unit)s") % {"post": post.title, "unit": post.unit.name},
        _("Bỏ chức vụ"),
        reverse("unit", args=[post.unit_id]),
        post.unit.name,
        sign="x",
        kind="danger",
        explains=_("Chức vụ không đặt lại được; cần thì thêm chức vụ mới."),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)
