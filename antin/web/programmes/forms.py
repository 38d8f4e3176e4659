"""The forms of a programme: the programme itself, a part, and what stands in a part."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from antin.indicators import queries as indicators
from antin.people import queries as people
from antin.programmes.content import Content, Entry, Item, Milestone, Part, Target
from antin.programmes.states import Kind
from antin.tasks.states import Evidence, Priority
from antin.web.days import DayField
from antin.web.trees import Branch, TreeField, TreesField


class ProgrammeForm(forms.Form):
    title = forms.CharField(label=_("Tên kế hoạch, chương trình"), max_length=300)
    kind = forms.ChoiceField(label=_("Loại"), choices=Kind.choices)
    of_agency = forms.TypedChoiceField(
        label=_("Của"),
        choices=((1, _("Cả cơ quan")), (0, _("Riêng đơn vị tôi"))),
        coerce=lambda value: bool(int(value)),
    )
    since = DayField(label=_("Từ ngày"))
    until = DayField(label=_("Đến hết ngày"))
    begun_in = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


class WordsForm(forms.Form):
    words = forms.CharField(
        label=_("Ý kiến"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Lý do, căn cứ"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class PaperForm(forms.Form):
    number = forms.TypedChoiceField(label=_("Phiên bản"), coerce=int)
    code = forms.CharField(label=_("Số, ký hiệu văn bản"), max_length=80)
    on = DayField(label=_("Ngày văn bản"), required=False)


class ReachedForm(forms.Form):
    day = DayField(label=_("Ngày đạt"))
    words = forms.CharField(label=_("Ghi chú"), max_length=500, required=False)


def units_below(unit_id: int, today: date, *, itself: bool) -> list[Branch]:
    """The units that a programme of this unit may name."""
    unit = people.get_unit(unit_id)
    rows = people.list_tree(on=today, below=unit)
    return [
        Branch(
            str(row.id),
            row.name,
            str(row.parent_id or "") if row.id != unit_id else "",
            row.code or row.abbreviation,
            closed=row.id == unit_id and not itself,
        )
        for row in rows
    ]


class PartForm(forms.Form):
    title = forms.CharField(label=_("Tên phần"), max_length=500)
    unit_id = TreeField(label=_("Đơn vị phụ trách"))
    goal = forms.CharField(
        label=_("Mục tiêu"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def made(self, key: str, before: Part | None) -> Part:
        told = self.cleaned_data
        rest = {name: getattr(before, name) for name in ("items", "targets", "milestones") if before is not None}
        return Part(key, told["title"], int(told["unit_id"]), told["goal"], **rest)


class ItemForm(forms.Form):
    title = forms.CharField(label=_("Việc phải làm"), max_length=500)
    unit_id = TreeField(label=_("Chủ trì"))
    join_ids = TreesField(label=_("Phối hợp"), required=False)
    due = DayField(label=_("Thời hạn"), required=False)
    words = forms.CharField(
        label=_("Yêu cầu cụ thể"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    evidence = forms.ChoiceField(label=_("Phải có khi hoàn thành"), choices=Evidence.choices, required=False)
    priority = forms.TypedChoiceField(label=_("Mức ưu tiên"), choices=Priority.choices, coerce=int, required=False)

    def made(self, key: str) -> Item:
        told = self.cleaned_data
        joins = tuple(int(each) for each in told["join_ids"])
        return Item(
            key,
            told["title"],
            int(told["unit_id"]),
            told["words"],
            joins,
            told["due"],
            told["evidence"],
            told["priority"] or 0,
        )


class TargetForm(forms.Form):
    title = forms.CharField(label=_("Chỉ tiêu"), max_length=500)
    code = forms.ChoiceField(label=_("Đo bằng số liệu"), required=False)
    aim = forms.DecimalField(label=_("Phải đạt"), max_digits=9, decimal_places=2, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        measured = [(each.code, _now(each.name)) for each in indicators.list_indicators()]
        self.fields["code"].choices = [("", _now("Không đo tự động")), *measured]  # type: ignore[attr-defined]

    def made(self, key: str) -> Target:
        told = self.cleaned_data
        return Target(key, told["title"], told["code"], told["aim"])


class MilestoneForm(forms.Form):
    title = forms.CharField(label=_("Mốc"), max_length=500)
    day = DayField(label=_("Ngày"))

    def made(self, key: str) -> Milestone:
        told = self.cleaned_data
        return Milestone(key, told["title"], told["day"])


FORMS: dict[str, type[ItemForm] | type[TargetForm] | type[MilestoneForm]] = {
    "items": ItemForm,
    "targets": TargetForm,
    "milestones": MilestoneForm,
}


def grow(form: forms.Form, unit_id: int, today: date) -> None:
    """Offer the units that the programme may name in the fields that ask for one."""
    for name in ("unit_id", "join_ids"):
        field = form.fields.get(name)
        if isinstance(field, TreeField | TreesField):
            field.grow(units_below(unit_id, today, itself=isinstance(form, PartForm)))


def first_of(entry: Part | Entry | None) -> dict[str, Any]:
    """What a form begins with: the entry as it stands."""
    if entry is None:
        return {}
    told = {name: getattr(entry, name) for name in entry.__dataclass_fields__}
    return told | {
        name: str(told[name]) if name == "unit_id" else [str(each) for each in told[name]]
        for name in ("unit_id", "join_ids")
        if name in told
    }


def find(content: Content, kind: str, key: str) -> tuple[str, Part | Entry] | None:
    """Return a part or an entry with the key of the part it stands in."""
    for part in content.parts:
        if kind == "parts" and part.key == key:
            return part.key, part
        for each in getattr(part, kind, ()):
            if each.key == key:
                return part.key, each
    return None
