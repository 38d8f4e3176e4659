"""Groups to whom work is given by their name: kept here, chosen in every form that gives work."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from antin.correspondents import operations, policy
from antin.correspondents import queries as correspondents
from antin.correspondents.operations import Entry
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role as PostRole
from antin.tasks.states import Role
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch, TreesField
from antin.workdays.queries import local_date

ROLES = (Role.LEAD, Role.JOIN, Role.INFORM)


def _offered(actor: Actor, on: date) -> list[Branch]:
    units = [Branch(f"U{unit.id}", unit.name) for unit in people.list_departments(actor.agency_id, on)]
    posts = [
        Branch(f"P{post.id}", post.person_name, note=f"{post.title}, {post.unit_name}")
        for post in people.list_posts(actor.agency_id, on)
        if post.person_id and post.role != PostRole.ADMINISTRATOR
    ]
    return [*units, *posts]


class GroupForm(forms.Form):
    """A group: its name, whose it is, who is in it in which role."""

    name = forms.CharField(label=gettext_lazy("Tên nhóm"), max_length=200)
    shared = forms.BooleanField(
        label=gettext_lazy("Cả đơn vị cùng dùng"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Bỏ dấu thì chỉ mình đồng chí thấy"),
    )
    lead = TreesField(
        label=gettext_lazy("Chủ trì"),
        required=False,
        help_text=gettext_lazy("Nhiều nhất một nơi; để trống thì chọn khi giao việc"),
    )
    join = TreesField(label=gettext_lazy("Phối hợp"), required=False)
    inform = TreesField(label=gettext_lazy("Để biết"), required=False)

    def __init__(self, data: Any, *, offered: list[Branch], initial: dict[str, Any], made: bool = False) -> None:
        super().__init__(data, initial=initial)
        for role in ROLES:
            field = self.fields[str(role.value)]
            assert isinstance(field, TreesField)
            field.grow(offered)
        if made:
            del self.fields["shared"]

    def entries(self) -> list[Entry]:
        return [
            Entry(part_id=int(key[1:]), role=role.value)
            if key[0] == "U"
            else Entry(post_id=int(key[1:]), role=role.value)
            for role in ROLES
            for key in self.cleaned_data[role.value]
        ]


def _question(heading: str, button: str, sign: str = "check", kind: str = "main") -> Question:
    return Question(heading, button, reverse("work-groups"), _("Nhóm giao việc"), sign, kind)


@require_safe
def show(request: SignedRequest) -> HttpResponse:
    """The groups this actor may use, with who is in them."""
    request.place = reverse("tasks")
    rows = []
    for each in correspondents.list_groups(request.actor):
        no = policy.why_not_change_list(request.actor, each)
        members = sorted(each.members.all(), key=lambda member: member.position)
        named = {role: [str(member) for member in members if member.role == role] for role in ROLES}
        rows.append(
            {
                "list": each,
                "whose": each.unit.name if each.unit is not None else _("Của riêng đồng chí"),
                "size": len(members),
                "named": [(role.label, ", ".join(names)) for role, names in named.items() if names],
                "why": no.message if no else "",
            }
        )
    return render(request, "tasks/groups.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def make(request: SignedRequest) -> HttpResponse:
    at = timezone.now()
    form = GroupForm(sent(request), offered=_offered(request.actor, local_date(at)), initial={"shared": True})

    def do(answers: dict[str, Any]) -> str:
        made = operations.make_list(
            name=answers["name"],
            shared=answers["shared"],
            entries=form.entries(),
            gives=True,
            actor=request.actor,
            today=local_date(at),
            at=at,
        )
        return _("Đã lập nhóm “%(name)s”.") % {"name": made.name}

    return ask(request, _question(_("Nhóm mới"), _("Lập nhóm"), "plus"), form, do)


@require_http_methods(["GET", "POST"])
def change(request: SignedRequest, list_id: int) -> HttpResponse:
    at = timezone.now()
    kept = correspondents.get_group_for(request.actor, list_id)
    initial: dict[str, Any] = {"name": kept.name}
    for member in sorted(kept.members.all(), key=lambda each: each.position):
        key = f"U{member.part_id}" if member.part_id else f"P{member.post_id}"
        initial.setdefault(member.role, []).append(key)
    form = GroupForm(sent(request), offered=_offered(request.actor, local_date(at)), initial=initial, made=True)

    def do(answers: dict[str, Any]) -> str:
        operations.change_list(
            list_id=list_id,
            name=answers["name"],
            entries=form.entries(),
            actor=request.actor,
            today=local_date(at),
            at=at,
        )
        return _("Đã sửa nhóm; việc đã giao giữ nguyên nơi nhận.")

    return ask(request, _question(_("Sửa nhóm “%(name)s”") % {"name": kept.name}, _("Lưu nhóm")), form, do)


@require_http_methods(["GET", "POST"])
def drop(request: SignedRequest, list_id: int) -> HttpResponse:
    kept = correspondents.get_group_for(request.actor, list_id)

    def do(answers: dict[str, Any]) -> str:
        operations.drop_list(list_id=list_id, actor=request.actor, at=timezone.now())
        return _("Đã bỏ nhóm “%(name)s”.") % {"name": kept.name}

    question = _question(_("Bỏ nhóm “%(name)s”?") % {"name": kept.name}, _("Bỏ nhóm"), "x", "danger")
    return ask(request, question, forms.Form(sent(request)), do)
