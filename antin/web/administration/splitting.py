"""Splitting a unit: the new units, who goes to which, what that would do, and doing it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from antin.journeys import split_unit
from antin.people import policy, queries
from antin.people.operations import Part
from antin.people.states import Kind
from antin.refusal import Refusal, refuse
from antin.web import foreseen
from antin.web.asking import sent
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.people.models import Unit

MOST_PARTS = 4
"""So many new units are asked for on the page; the API takes more."""


def _text(label: Any, most: int) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=False)


class PartForm(forms.Form):
    """A unit to be; one without a name is none."""

    name = _text(gettext_lazy("Tên đơn vị"), 300)
    short_name = _text(gettext_lazy("Tên gọi ngắn"), 100)
    abbreviation = _text(gettext_lazy("Chữ viết tắt"), 30)
    kind = forms.ChoiceField(label=gettext_lazy("Loại đơn vị"), choices=Kind.choices)
    code = _text(gettext_lazy("Mã định danh"), 40)
    takes_work = forms.BooleanField(
        label=gettext_lazy("Nhận việc giao chung cho đơn vị cũ, cùng văn bản; cả thiết bị, nếu đơn vị cũ giải thể"),
        required=False,
    )
    sees = forms.BooleanField(label=gettext_lazy("Lãnh đạo xem được văn bản đơn vị cũ đã xem"), required=False)

    def __init__(self, *given: Any, is_agency: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        if is_agency:
            self.fields["takes_work"].label = _("Kế thừa: nhận văn bản gửi cho cơ quan cũ, mã cũ trỏ về đây")
            del self.fields["sees"]
        else:
            del self.fields["code"]


class SplitForm(forms.Form):
    """Whether the unit lives on, by which decision, and where each post and unit below it goes."""

    keeps = forms.ChoiceField(
        label=gettext_lazy("Đơn vị cũ"),
        choices=[("1", gettext_lazy("tiếp tục hoạt động (tách)")), ("0", gettext_lazy("giải thể (chia)"))],
        initial="1",
    )
    decision = forms.CharField(label=gettext_lazy("Quyết định"), max_length=200, required=False)

    def __init__(self, data: Any, *, goes: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        where = [("", _("ở lại"))] + [(str(n), _("đơn vị mới %(n)s") % {"n": n}) for n in range(1, MOST_PARTS + 1)]
        self.moving = list(goes)
        for name, label in self.moving:
            self.fields[name] = forms.ChoiceField(label=label, choices=where, required=False)

    @property
    def places(self) -> list[Any]:
        """The fields that say where something goes."""
        return [self[name] for name, _label in self.moving]

    def going_to(self, number: int, mark: str) -> tuple[int, ...]:
        """Ids of what goes to a new unit: posts ("post") or units below ("unit")."""
        told = self.cleaned_data
        return tuple(
            int(name.partition("-")[2])
            for name, _label in self.moving
            if name.startswith(f"{mark}-") and told.get(name) == str(number)
        )


def _goes(unit: Unit, on: Any) -> list[tuple[str, str]]:
    seats = [
        (f"post-{each.post.pk}", f"{each.post.title}: {_holder(each)}") for each in queries.list_seats(unit.pk, on)
    ]
    return seats + [(f"unit-{child.pk}", child.name) for child in queries.list_children(unit, on)]


def _holder(seat: queries.Seat) -> str:
    held = seat.appointment or seat.coming
    return held.person.name if held else _("đang khuyết")


@require_http_methods(["GET", "POST"])
def split(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Ask how the unit is split, say what that would do, and do it when the same is sent again."""
    unit = queries.get_unit_for(request.actor, unit_id)
    at = timezone.now()
    today = local_date(at)
    refuse(policy.why_unit_not_open(unit, today))
    queries.get_unit_for(request.actor, unit.parent_id or 0)  # the new units come below it
    data = sent(request)
    form = SplitForm(data, goes=_goes(unit, today))
    parts = [
        PartForm(data, prefix=f"n{n}", is_agency=unit.is_agency, initial={"kind": unit.kind})
        for n in range(1, MOST_PARTS + 1)
    ]
    told: dict[str, Any] = {"unit": unit, "form": form, "parts": parts}
    status = 200
    if data is not None:
        status = 422
        valid = [each.is_valid() for each in (form, *parts)]  # every one, for what it says beside its fields
        if all(valid):
            asked = _asked(form, parts) | {"unit_id": unit.pk, "actor": request.actor, "at": at}
            looked = hashlib.sha256(repr((asked["parts"], asked["keeps"], asked["decision"])).encode()).hexdigest()
            try:
                if data.get(foreseen.FIELD) == looked:
                    done = split_unit.split(**asked)
                    messages.success(request, _done_in_words(unit, done, keeps=asked["keeps"]))
                    return HttpResponseRedirect(reverse("unit", args=[unit.pk]))
                outlook = split_unit.foresee(**asked)
            except Refusal as no:
                told["refused"], status = no, status_of(no)
            else:
                told |= _outlook(unit, outlook, keeps=asked["keeps"]) | {"looked": looked}
                status = 200
    return render(request, "administration/unit_split.html", told, status=status)


def _asked(form: SplitForm, parts: list[PartForm]) -> dict[str, Any]:
    """What is asked of the journey; a part without a name is none, and whatever should go to it belongs to nothing."""
    found = []
    for n, each in enumerate(parts, 1):
        told = each.cleaned_data
        posts, units = form.going_to(n, "post"), form.going_to(n, "unit")
        if told["name"].strip() or posts or units:
            found.append(Part(**told, posts=posts, units=units))
    return {"parts": found, "keeps": form.cleaned_data["keeps"] == "1", "decision": form.cleaned_data["decision"]}


def _done_in_words(unit: Unit, done: split_unit.Done, *, keeps: bool) -> str:
    names = ", ".join(each.name for each in done.split.parts)
    words = _("Đã tách %(names)s từ %(unit)s.") if keeps else _("Đã chia %(unit)s thành %(names)s.")
    return words % {"unit": unit.name, "names": names}


def _outlook(unit: Unit, outlook: split_unit.Outlook, *, keeps: bool) -> dict[str, Any]:
    done = outlook.done
    n = len(done.split.posts)
    lines = [_("Lập %(names)s.") % {"names": ", ".join(each.name for each in done.split.parts)}]
    lines.append(ngettext("%(n)d chức vụ chuyển đi.", "%(n)d chức vụ chuyển đi.", n) % {"n": n})
    if done.drafts:
        words = ngettext("%(n)d dự thảo đi theo người soạn.", "%(n)d dự thảo đi theo người soạn.", done.drafts)
        lines.append(words % {"n": done.drafts})
    works = done.works + done.opinions
    if works:
        words = ngettext("%(n)d việc, ý kiến chuyển theo.", "%(n)d việc, ý kiến chuyển theo.", works)
        lines.append(words % {"n": works})
    if done.things:
        words = ngettext("%(n)d thiết bị, phần mềm chuyển theo.", "%(n)d thiết bị, phần mềm chuyển theo.", done.things)
        lines.append(words % {"n": done.things})
    heir = done.split.heir
    if not keeps and unit.code is not None:
        told = {"code": unit.code.value, "heir": heir.name if heir else ""}
        closed = _("Mã %(code)s đóng, không cấp lại.")
        lines.append((_("Mã %(code)s không cấp lại, từ nay trỏ về %(heir)s.") if heir else closed) % told)
    if not keeps:
        lines.append(_("%(unit)s giải thể; chức vụ khuyết còn lại thôi đặt.") % {"unit": unit.name})
    found = {"lines": lines, "on": outlook.ahead.on}
    return found | ({"ahead": foreseen.words_of(outlook.ahead)} if outlook.ahead.matters else {})
