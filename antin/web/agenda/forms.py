"""The form of an entry, and who and where may be named in it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from antin.agenda import queries
from antin.agenda.operations import Told
from antin.agenda.states import Kind
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.web.clocks import LOCAL
from antin.web.days import DayField
from antin.web.trees import Branch, TreeField, TreesField

if TYPE_CHECKING:
    from antin.agenda.models import Entry

CLOCKS = ("%H:%M", "%H.%M", "%Hh%M", "%Hh", "%H")


class ClockInput(forms.TimeInput):
    """A field of text; a browser's own clock would be written in the language it was installed in."""

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 5})

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        return super().build_attrs({**base_attrs, "placeholder": _now("giờ:phút")}, extra_attrs)


class ClockField(forms.TimeField):
    """A time of day, 08:00; also 8h30."""

    widget = ClockInput

    def __init__(self, **more: Any) -> None:
        super().__init__(input_formats=list(CLOCKS), error_messages={"invalid": _("Ghi giờ theo dạng 08:00.")}, **more)


def post_branches(agency_id: int, today: date) -> list[Branch]:
    """The posts of an agency under their units, for who leads or comes."""
    rows = [row for row in people.list_posts(agency_id, today) if row.role != Role.ADMINISTRATOR]
    units: dict[int, Branch] = {}
    for row in rows:
        units.setdefault(row.unit_id, Branch(f"U{row.unit_id}", row.unit_name, closed=True))
    found = []
    for number, branch in units.items():
        found.append(branch)
        for row in rows:
            if row.unit_id == number:
                words = f"{row.person_name}, {row.title}" if row.person_name else row.title
                found.append(Branch(f"P{row.id}", words, branch.value))
    return found


def invited_branches(agency_id: int, today: date) -> list[Branch]:
    """Whom an entry may invite: units of the agency and below it, and the agency's own posts under their units."""
    rows = people.list_tree(on=today, below=people.get_unit(agency_id))
    posts: dict[int, list[Branch]] = {}
    for row in people.list_posts(agency_id, today):
        if row.role != Role.ADMINISTRATOR:
            words = f"{row.person_name}, {row.title}" if row.person_name else row.title
            posts.setdefault(row.unit_id, []).append(Branch(f"P{row.id}", words, f"U{row.unit_id}", note=row.unit_name))
    found = []
    for unit in rows:
        above = f"U{unit.parent_id}" if unit.id != agency_id else ""
        found.append(
            Branch(f"U{unit.id}", unit.name, above, unit.code or unit.abbreviation, closed=unit.id == agency_id)
        )
        found += posts.get(unit.id, [])
    return found


class EntryForm(forms.Form):
    title = forms.CharField(label=_("Nội dung"), max_length=500)
    kind = forms.ChoiceField(label=_("Loại"), choices=Kind.choices, initial=Kind.MEETING)
    day = DayField(label=_("Ngày"))
    since = ClockField(label=_("Từ giờ"))
    until = ClockField(label=_("Đến giờ"))
    last_day = DayField(label=_("Đến hết ngày"), required=False)
    chair = TreeField(label=_("Chủ trì"))
    venue = forms.TypedChoiceField(label=_("Phòng họp"), coerce=int, empty_value=None, required=False)
    place = forms.CharField(label=_("Địa điểm khác"), max_length=300, required=False)
    invited = TreesField(label=_("Mời dự"), required=False)
    attended = forms.CharField(label=_("Thành phần khác"), max_length=500, required=False)
    prepares = TreeField(label=_("Đơn vị chuẩn bị"), required=False)
    vehicle = forms.CharField(label=_("Xe"), max_length=200, required=False)
    details = forms.CharField(
        label=_("Ghi chú, tài liệu cần chuẩn bị"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    restricted = forms.BooleanField(label=_("Chỉ người dự, đơn vị chuẩn bị và văn phòng thấy lịch này"), required=False)
    weekly_until = DayField(label=_("Lặp lại hằng tuần đến ngày"), required=False)
    words = forms.CharField(label=_("Lý do thay đổi"), max_length=1000, required=False)
    despite = forms.BooleanField(label=_("Vẫn xếp lịch dù trùng"), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31)
    begun_in = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def grow(self, actor: Actor, today: date) -> None:
        """Offer who and where may be named."""
        agency_id = actor.agency_id
        fields: dict[str, Any] = self.fields
        fields["chair"].grow(post_branches(agency_id, today))
        fields["invited"].grow(invited_branches(agency_id, today))
        departments = people.list_departments(agency_id, today)
        fields["prepares"].grow([Branch(str(unit.pk), unit.name) for unit in departments])
        rooms = [
            (row.pk, f"{row.name} ({row.seats})" if row.seats else row.name) for row in queries.list_venues(agency_id)
        ]
        fields["venue"].choices = [("", _now("Không dùng phòng họp của cơ quan")), *rooms]

    def told(self) -> Told:
        """What the form says."""
        said = self.cleaned_data
        last = said["last_day"] or said["day"]
        return Told(
            title=said["title"],
            kind=said["kind"],
            starts_at=datetime.combine(said["day"], said["since"], LOCAL),
            ends_at=datetime.combine(last, said["until"], LOCAL),
            chair_post_id=int(said["chair"][1:]),
            venue_id=said["venue"],
            place=said["place"],
            invited=tuple(said["invited"]),
            attended=said["attended"],
            prepares_id=int(said["prepares"]) if said["prepares"] else None,
            vehicle=said["vehicle"],
            details=said["details"],
            restricted=said["restricted"],
        )


def first_of(entry: Entry, invited: list[str]) -> dict[str, Any]:
    """What the form begins with: the entry as it stands."""
    since, until = entry.starts_at.astimezone(LOCAL), entry.ends_at.astimezone(LOCAL)
    return {
        "title": entry.title,
        "kind": entry.kind,
        "day": since.date(),
        "since": since.time(),
        "until": until.time(),
        "last_day": until.date() if until.date() != since.date() else None,
        "chair": entry.chair,
        "venue": entry.venue_id or "",
        "place": entry.place,
        "invited": invited,
        "attended": entry.attended,
        "prepares": str(entry.prepares_id or ""),
        "vehicle": entry.vehicle,
        "details": entry.details,
        "restricted": entry.restricted,
        "revision": entry.revision,
    }
