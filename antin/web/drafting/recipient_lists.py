"""Named lists of recipients: kept here, chosen among the recipients of a draft, written out when the draft is saved."""

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
from antin.correspondents.queries import Held
from antin.documents.operations import Outside
from antin.people import queries as people
from antin.people.actor import Actor
from antin.web.addressees import outside, outside_value, read
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch, TreesField
from antin.workdays.queries import local_date


def branches(actor: Actor) -> list[Branch]:
    """The lists as choices among recipients."""
    return [Branch(f"l{each.pk}", each.name, note=_("danh sách")) for each in correspondents.list_lists(actor)]


def held(actor: Actor, list_id: int, on: date) -> Held:
    """What a list holds for this actor on a day. :raises NotFound: not his to use"""
    return correspondents.held_by(correspondents.get_list_for(actor, list_id), on=on, without=actor.agency_id)


class ListForm(forms.Form):
    """A list: its name, whose it is, its members one by one and by rule."""

    name = forms.CharField(label=gettext_lazy("Tên danh sách"), max_length=200)
    shared = forms.BooleanField(
        label=gettext_lazy("Cả đơn vị cùng dùng"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Bỏ dấu thì chỉ mình đồng chí thấy"),
    )
    members = TreesField(label=gettext_lazy("Nơi nhận"), required=False)
    under = TreesField(
        label=gettext_lazy("Mọi cơ quan trực thuộc của"),
        required=False,
        help_text=gettext_lazy("Tính theo tổ chức vào ngày dùng danh sách, kể cả cơ quan mới lập"),
    )

    def __init__(self, data: Any, *, on: date, initial: dict[str, Any] | None = None, made: bool = False) -> None:
        super().__init__(data, initial=initial or {})
        rows = people.list_tree(on=on, agencies_only=True)
        shown = {row.id for row in rows}
        units = [
            Branch(str(row.id), row.name, str(row.parent_id) if row.parent_id in shown else "", row.code)
            for row in rows
        ]
        chosen = data.getlist("members") if data is not None else (initial or {}).get("members", ())
        for field, offered in (("members", [*units, *outside(chosen)]), ("under", units)):
            grown = self.fields[field]
            assert isinstance(grown, TreesField)
            grown.grow(offered)
        if made:
            del self.fields["shared"]

    def entries(self) -> list[Entry]:
        given = self.cleaned_data
        return [
            *(
                Entry(correspondent_id=each.correspondent_id) if isinstance(each, Outside) else Entry(agency_id=each)
                for each in map(read, given["members"])
            ),
            *(Entry(under_id=int(each)) for each in given["under"]),
        ]


def _question(heading: str, button: str, sign: str = "check", kind: str = "main") -> Question:
    return Question(heading, button, reverse("recipient-lists"), _("Danh sách nơi nhận"), sign, kind)


@require_safe
def show(request: SignedRequest) -> HttpResponse:
    """The lists this actor may use, with what each holds today."""
    request.place = reverse("drafts")
    on = local_date(timezone.now())
    rows = []
    for each in correspondents.list_lists(request.actor):
        no = policy.why_not_change_list(request.actor, each)
        whose = each.unit.name if each.unit is not None else _("Của riêng đồng chí")
        lines = [str(member) for member in sorted(each.members.all(), key=lambda member: member.position)]
        rules = [line.removesuffix("/*") for line in lines if line.endswith("/*")]
        named = [line for line in lines if not line.endswith("/*")]
        rows.append(
            {
                "list": each,
                "whose": whose,
                "named": ", ".join(named),
                "rules": [_("mọi cơ quan trực thuộc %(name)s") % {"name": name} for name in rules],
                "size": len(correspondents.held_by(each, on=on, without=request.actor.agency_id)),
                "why": no.message if no else "",
            }
        )
    return render(request, "drafting/recipient_lists.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def make(request: SignedRequest) -> HttpResponse:
    at = timezone.now()
    form = ListForm(sent(request), on=local_date(at), initial={"shared": True})

    def do(answers: dict[str, Any]) -> str:
        made = operations.make_list(
            name=answers["name"],
            shared=answers["shared"],
            entries=form.entries(),
            actor=request.actor,
            today=local_date(at),
            at=at,
        )
        return _("Đã lập danh sách “%(name)s”.") % {"name": made.name}

    return ask(request, _question(_("Danh sách mới"), _("Lập danh sách"), "plus"), form, do)


@require_http_methods(["GET", "POST"])
def change(request: SignedRequest, list_id: int) -> HttpResponse:
    at = timezone.now()
    kept = correspondents.get_list_for(request.actor, list_id)
    lines = sorted(kept.members.all(), key=lambda member: member.position)
    initial = {
        "name": kept.name,
        "members": [
            outside_value(each.correspondent_id) if each.correspondent_id else str(each.agency_id)
            for each in lines
            if each.under_id is None
        ],
        "under": [str(each.under_id) for each in lines if each.under_id is not None],
    }
    form = ListForm(sent(request), on=local_date(at), initial=initial, made=True)

    def do(answers: dict[str, Any]) -> str:
        operations.change_list(
            list_id=list_id,
            name=answers["name"],
            entries=form.entries(),
            actor=request.actor,
            today=local_date(at),
            at=at,
        )
        return _("Đã sửa danh sách; văn bản đã dùng danh sách giữ nguyên nơi nhận.")

    return ask(request, _question(_("Sửa danh sách “%(name)s”") % {"name": kept.name}, _("Lưu danh sách")), form, do)


@require_http_methods(["GET", "POST"])
def drop(request: SignedRequest, list_id: int) -> HttpResponse:
    kept = correspondents.get_list_for(request.actor, list_id)

    def do(answers: dict[str, Any]) -> str:
        operations.drop_list(list_id=list_id, actor=request.actor, at=timezone.now())
        return _("Đã bỏ danh sách “%(name)s”.") % {"name": kept.name}

    question = _question(_("Bỏ danh sách “%(name)s”?") % {"name": kept.name}, _("Bỏ danh sách"), "x", "danger")
    return ask(request, question, forms.Form(sent(request)), do)
