"""Writing the estate by hand: things, software, what "current" means, checks, and what is done about findings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from antin.estate import operations, policy, queries
from antin.estate.states import Edition, Kind, Network, Use
from antin.journeys import check_estate
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.web import asking
from antin.web.asking import Question
from antin.web.days import DayField
from antin.web.estate.views import place_of
from antin.web.programmes.forms import units_below
from antin.web.programmes.reviews import shares_of
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch, TreeField, TreesField
from antin.workdays.queries import local_date


def _today() -> date:
    return local_date(timezone.now())


def _question(heading: str, button: str, back: str, sign: str = "check", **more: Any) -> Question:
    return Question(heading, button, back, _("Thiết bị, phần mềm"), sign=sign, **more)


def _units(actor: Actor) -> list[Branch]:
    """The units whose estate the actor writes, as a tree."""
    root = people.get_unit(policy.root_of(actor))
    rows = people.list_tree(on=_today(), below=root)
    return [
        Branch(
            str(row.id), row.name, str(row.parent_id or "") if row.id != root.pk else "", row.code or row.abbreviation
        )
        for row in rows
    ]


class ThingForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Loại"), choices=Kind.choices)
    name = forms.CharField(label=gettext_lazy("Tên"), max_length=200)
    unit_id = TreeField(label=gettext_lazy("Đơn vị"))
    keeper = forms.CharField(label=gettext_lazy("Người giữ"), max_length=200, required=False)
    place = forms.CharField(label=gettext_lazy("Nơi đặt"), max_length=200, required=False)
    serial = forms.CharField(label=gettext_lazy("Số máy"), max_length=100, required=False)
    system = forms.CharField(label=gettext_lazy("Hệ điều hành"), max_length=200, required=False)
    network = forms.ChoiceField(label=gettext_lazy("Nối mạng"), choices=Network.choices)
    use = forms.ChoiceField(label=gettext_lazy("Tình trạng"), choices=Use.choices)
    protection = forms.CharField(label=gettext_lazy("Phòng chống mã độc"), max_length=200, required=False)
    updated_on = DayField(label=gettext_lazy("Ngày cập nhật mẫu"), required=False)


class NewThingForm(ThingForm):
    code = forms.CharField(label=gettext_lazy("Mã thiết bị"), max_length=60)
    field_order = ("code",)


class ChangeForm(ThingForm):
    words = forms.CharField(label=gettext_lazy("Lý do thay đổi"), max_length=500, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31)


NAMES = ("kind", "name", "keeper", "place", "serial", "system", "network", "use", "protection", "updated_on")


@require_http_methods(["GET", "POST"])
def add(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Add a thing to a unit."""
    request.place = place_of(request.actor)
    unit = queries.get_unit_for(request.actor, unit_id)
    refuse(policy.why_not_write(request.actor, unit))
    form = NewThingForm(asking.sent(request), initial={"unit_id": str(unit.pk), "network": Network.MILITARY})
    form.fields["unit_id"].grow(_units(request.actor))  # type: ignore[attr-defined]
    question = _question(_("Thêm thiết bị"), _("Thêm"), reverse("estate-unit", args=[unit.pk]), "plus")
    made: list[int] = []

    def do(told: dict[str, Any]) -> str:
        facts = {name: told[name] for name in NAMES}
        row = operations.add(
            code=told["code"], unit_id=int(told["unit_id"]), facts=facts, actor=request.actor, at=timezone.now()
        )
        made.append(row.pk)
        return _("Đã thêm %(code)s.") % {"code": row.code}

    return asking.ask(request, question, form, do, then=lambda: reverse("estate-thing", args=[made[0]]))


@require_http_methods(["GET", "POST"])
def change(request: SignedRequest, asset_id: int) -> HttpResponse:
    """Change a thing, or move it to another unit."""
    request.place = place_of(request.actor)
    found = queries.get_for(request.actor, asset_id)
    refuse(policy.why_not_write(request.actor, found.unit))
    first = {name: getattr(found, name) for name in NAMES}
    form = ChangeForm(asking.sent(request), initial=first | {"unit_id": str(found.unit_id), "revision": found.revision})
    form.fields["unit_id"].grow(_units(request.actor))  # type: ignore[attr-defined]
    question = _question(_("Sửa %(code)s") % {"code": found.code}, _("Lưu"), reverse("estate-thing", args=[found.pk]))

    def do(told: dict[str, Any]) -> str:
        operations.change(
            asset_id=asset_id,
            unit_id=int(told["unit_id"]),
            facts={name: told[name] for name in NAMES},
            revision=told["revision"],
            words=told["words"],
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã sửa %(code)s.") % {"code": found.code}

    return asking.ask(request, question, form, do)


class SoftwareForm(forms.Form):
    product = forms.CharField(label=gettext_lazy("Phần mềm"), max_length=200)
    edition = forms.ChoiceField(label=gettext_lazy("Bản"), choices=Edition.choices)
    version = forms.CharField(label=gettext_lazy("Phiên bản"), max_length=60, required=False)
    shared = forms.BooleanField(label=gettext_lazy("Phần mềm dùng chung toàn hệ thống"), required=False)
    signing = forms.BooleanField(label=gettext_lazy("Đã bàn giao ký số"), required=False)
    gone = forms.BooleanField(label=gettext_lazy("Từ hôm nay thôi dùng"), required=False)


@require_http_methods(["GET", "POST"])
def software(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Say which edition of a program a unit uses."""
    request.place = place_of(request.actor)
    unit = queries.get_unit_for(request.actor, unit_id)
    refuse(policy.why_not_write(request.actor, unit))
    back = reverse("estate-unit", args=[unit.pk])
    question = _question(
        _("Phần mềm của %(unit)s") % {"unit": unit.name},
        _("Ghi"),
        back,
        explains=_("Ghi cùng tên và bản để đổi phiên bản; ngày bắt đầu là hôm nay, điều ghi trước giữ trong lịch sử."),
    )

    def do(told: dict[str, Any]) -> str:
        operations.set_software(
            unit_id=unit.pk,
            product=told["product"],
            edition=told["edition"],
            version=told["version"],
            shared=told["shared"],
            signing=told["signing"],
            used=not told["gone"],
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã ghi phần mềm.")

    return asking.ask(request, question, SoftwareForm(asking.sent(request)), do)


class NormForm(forms.Form):
    days = forms.IntegerField(
        label=gettext_lazy("Mẫu được coi là mới trong bao nhiêu ngày"), min_value=1, max_value=365
    )
    valid_from = DayField(label=gettext_lazy("Áp dụng từ ngày"))
    basis = forms.CharField(label=gettext_lazy("Căn cứ"), max_length=300)


@require_http_methods(["GET", "POST"])
def norm(request: SignedRequest) -> HttpResponse:
    """Say what "current" means from a day on."""
    request.place = place_of(request.actor)
    refuse(policy.why_not_set_norm(request.actor, getattr(people.find_root(), "pk", 0)))
    today = _today()
    form = NormForm(
        asking.sent(request),
        initial={"days": queries.norms().days_on(today), "valid_from": today + timedelta(days=1)},
    )
    question = _question(
        _("Quy định thế nào là cập nhật"),
        _("Quy định"),
        reverse("estate"),
        explains=_("Ngày trước đó vẫn tính theo quy định cũ; số liệu các kỳ đã qua không đổi."),
    )

    def do(told: dict[str, Any]) -> str:
        operations.set_norm(**told, actor=request.actor, at=timezone.now())
        return _("Đã quy định.")

    return asking.ask(request, question, form, do)


class CheckForm(forms.Form):
    day = DayField(label=gettext_lazy("Ngày kiểm tra"))
    words = forms.CharField(
        label=gettext_lazy("Kết quả chung"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    found = forms.CharField(
        label=gettext_lazy("Tồn tại, mỗi dòng một tồn tại"),
        help_text=gettext_lazy("Bắt đầu dòng bằng mã thiết bị và dấu hai chấm nếu tồn tại ở một thiết bị."),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


@require_http_methods(["GET", "POST"])
def check(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Note a check of a unit and what it found."""
    request.place = place_of(request.actor)
    unit = queries.get_unit_for(request.actor, unit_id)
    refuse(policy.why_not_write(request.actor, unit))
    question = _question(
        _("Ghi kiểm tra %(unit)s") % {"unit": unit.name}, _("Ghi kiểm tra"), reverse("estate-unit", args=[unit.pk])
    )

    def do(told: dict[str, Any]) -> str:
        things = queries.list_codes(unit)
        lines = []
        for line in told["found"].splitlines():
            code, colon, words = line.partition(":")
            known = things.get(code.strip()) if colon else None
            lines.append((words if known else line, known))
        made = operations.check(
            unit_id=unit.pk, day=told["day"], words=told["words"], found=lines, actor=request.actor, at=timezone.now()
        )
        return _("Đã ghi kiểm tra ngày %(day)s.") % {"day": f"{made.day:%d/%m/%Y}"}

    return asking.ask(request, question, CheckForm(asking.sent(request), initial={"day": _today()}), do)


class GiveForm(forms.Form):
    unit_id = TreeField(label=gettext_lazy("Chủ trì"))
    join_ids = TreesField(label=gettext_lazy("Phối hợp"), required=False)
    due = DayField(label=gettext_lazy("Thời hạn"), required=False)
    words = forms.CharField(
        label=gettext_lazy("Yêu cầu cụ thể"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    begun_in = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


@require_http_methods(["GET", "POST"])
def give(request: SignedRequest, finding_id: int) -> HttpResponse:
    """Give out what was found, to be put right."""
    request.place = place_of(request.actor)
    found = queries.get_finding(request.actor, finding_id)
    unit = found.check_of.unit
    refuse(policy.why_not_write(request.actor, unit))
    form = GiveForm(asking.sent(request), initial={"begun_in": uuid4().hex, "unit_id": str(unit.pk)})
    for name in ("unit_id", "join_ids"):
        form.fields[name].grow(units_below(request.actor.unit_id, _today(), itself=False))  # type: ignore[attr-defined]
    question = _question(
        _("Giao khắc phục tồn tại"),
        _("Giao việc"),
        reverse("estate-unit", args=[unit.pk]),
        "flag",
        explains=found.words,
    )

    def do(told: dict[str, Any]) -> str:
        check_estate.give(
            finding_id=finding_id,
            shares=shares_of(int(told["unit_id"]), [int(each) for each in told["join_ids"]], told["due"]),
            words=told["words"],
            begun_in=told["begun_in"] or None,
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã giao việc.")

    return asking.ask(request, question, form, do)


class SettleForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Đã khắc phục thế nào"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_http_methods(["GET", "POST"])
def settle(request: SignedRequest, finding_id: int) -> HttpResponse:
    """Note that what was found is put right."""
    request.place = place_of(request.actor)
    found = queries.get_finding(request.actor, finding_id)
    refuse(policy.why_not_write(request.actor, found.check_of.unit))
    back = reverse("estate-unit", args=[found.check_of.unit_id])
    question = _question(_("Đã khắc phục"), _("Ghi đã khắc phục"), back, explains=found.words)

    def do(told: dict[str, Any]) -> str:
        operations.settle(finding_id=finding_id, **told, actor=request.actor, at=timezone.now())
        return _("Đã ghi khắc phục.")

    return asking.ask(request, question, SettleForm(asking.sent(request)), do)
