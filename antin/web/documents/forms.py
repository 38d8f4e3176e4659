"""What the pages of documents ask a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from antin.codelists.policy import period_words
from antin.documents.operations import RETURN_REASONS
from antin.documents.states import Urgency
from antin.documents.types import ALL_TYPES, number_words
from antin.exchange.states import ChangeKind, ReplyStatus
from antin.people.queries import PostRow
from antin.web.controls import Select
from antin.web.days import DayField
from antin.web.documents.rows import Box

if TYPE_CHECKING:
    from antin.codelists.models import Entry
    from antin.codelists.queries import InForce
    from antin.documents.models import Document, Filing
    from antin.numbering.models import Number


class Narrow(forms.Form):
    """What a list is narrowed to; every field may be left out."""

    words = forms.CharField(
        label=_("Số ký hiệu, trích yếu"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    state = forms.ChoiceField(label=_("Trạng thái"), required=False, widget=Select)
    type = forms.ChoiceField(label=_("Loại văn bản"), required=False, widget=Select)
    urgency = forms.ChoiceField(label=_("Độ khẩn"), required=False, widget=Select)
    party = forms.CharField(label=_("Nơi gửi, nơi nhận"), required=False, max_length=200)
    since = DayField(label=_("Ngày văn bản từ"), required=False)
    until = DayField(label=_("đến"), required=False)

    def __init__(self, data: Any, *, box: Box) -> None:
        super().__init__(data, auto_id="narrow-%s")  # a question asked over the list has fields of the same names
        states = [(status.value, status.label) for status in box.statuses] if len(box.statuses) > 1 else []
        self.states = bool(states)
        self._choose("state", states)
        self._choose("type", [(each.code, each.name) for each in ALL_TYPES.values()])
        self._choose("urgency", Urgency.choices)

    def _choose(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Tất cả")), *choices]

    def given(self) -> dict[str, Any]:
        """The filters in force. A part of the address that is not understood narrows nothing."""
        self.is_valid()
        return {name: self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name) not in (None, "")}


def _said(label: Any, *, required: bool = False, hint: Any = "", most: int = 1000) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        help_text=hint,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Ghi rõ lý do.")},
    )


class Nothing(forms.Form):
    """A question that is answered by its button."""


class StampArrival(forms.Form):
    """Where the arrival stamp goes: found by itself, or so many millimetres from the edges of page 1."""

    left = forms.FloatField(label=_("Cách mép trái (mm)"), required=False, min_value=0, max_value=1000)
    top = forms.FloatField(label=_("Cách mép trên (mm)"), required=False, min_value=0, max_value=1000)

    def corner(self) -> tuple[float, float] | None:
        left, top = self.cleaned_data.get("left"), self.cleaned_data.get("top")
        return None if left is None or top is None else (left, top)


class AskChange(forms.Form):
    """What is asked of all who hold the document, why, and which document comes in its place."""

    kind = forms.ChoiceField(
        label=_("Yêu cầu"),
        choices=[
            (ChangeKind.RECALL.value, _("Thu hồi")),
            (ChangeKind.REPLACE.value, _("Thay thế bằng văn bản cùng tên loại")),
            (ChangeKind.CORRECT.value, _("Đính chính bằng công văn")),
        ],
    )
    by_id = forms.TypedChoiceField(
        label=_("Văn bản thu hồi, thay thế, đính chính"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Văn bản của cơ quan phát hành sau văn bản này; thu hồi thì không bắt buộc"),
    )
    reason = _said(_("Lý do"), required=True, hint=_("Mọi nơi nhận đọc nguyên văn lý do này"))

    def __init__(self, data: Any, *, since: Iterable[Document]) -> None:
        super().__init__(data)
        field = self.fields["by_id"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("Không có")), *((each.pk, f"{each.code}: {each.subject[:80]}") for each in since)]


class AnswerChange(forms.Form):
    answer = forms.ChoiceField(
        label=_("Cơ quan"),
        choices=[(ReplyStatus.AGREED.value, _("Đồng ý")), (ReplyStatus.REFUSED.value, _("Từ chối"))],
    )
    words = _said(_("Ý kiến, lý do"), hint=_("Từ chối thì phải ghi rõ; nơi gửi đọc nguyên văn"))


class Post(forms.Form):
    """A line of the postal book."""

    recipient_name = forms.CharField(label=_("Nơi nhận"), max_length=300)
    envelopes = forms.IntegerField(label=_("Số lượng bì"), min_value=1, max_value=10_000, initial=1)
    posted_on = DayField(label=_("Ngày chuyển"))
    note = forms.CharField(label=_("Ghi chú"), required=False, max_length=500)

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"posted_on": today})


class Lend(forms.Form):
    """A line of the book of kept copies."""

    user_name = forms.CharField(label=_("Họ tên người sử dụng"), max_length=200)
    permitted_by = forms.CharField(label=_("Người cho phép"), max_length=200)
    file_code = forms.CharField(label=_("Số, ký hiệu hồ sơ"), required=False, max_length=60)
    note = forms.CharField(label=_("Ghi chú"), required=False, max_length=500)


class FileUnder(forms.Form):
    """Chosen from the lists in force today; what was chosen before may stay though it is in force no more."""

    retention_id = forms.TypedChoiceField(label=_("Thời hạn bảo quản"), coerce=int, required=False, empty_value=None)
    field_id = forms.TypedChoiceField(label=_("Lĩnh vực"), coerce=int, required=False, empty_value=None)

    def __init__(self, data: Any, *, retention: InForce, fields: InForce, filing: Filing | None) -> None:
        super().__init__(data)
        self._choose("retention_id", retention, filing.retention if filing else None)
        self._choose("field_id", fields, filing.field if filing else None)

    def _choose(self, name: str, found: InForce, was: Entry | None) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.initial = was.pk if was else None
        groups: list[tuple[Any, Any]] = [("", _("Chưa chọn"))]
        heads: dict[int, str] = {}
        kept = {entry.pk for entry in found.choices}
        if was is not None and was.pk not in kept:
            groups.append((_("Đã chọn trước đây"), [(was.pk, _option(was))]))
        for row in found.rows:
            heads[row.depth] = f"{row.entry.code} {row.entry.name}"
            if row.entry.pk not in kept:
                continue
            above = heads[row.depth - 1] if row.depth else ""
            if not above:
                groups.append((row.entry.pk, _option(row.entry)))
            elif groups[-1][0] == above:
                groups[-1][1].append((row.entry.pk, _option(row.entry)))
            else:
                groups.append((above, [(row.entry.pk, _option(row.entry))]))
        field.choices = groups


def _option(entry: Entry) -> str:
    period = period_words(entry.years, permanent=entry.permanent)
    return f"{period}: {entry.name}" if period else entry.name


class UseReserved(forms.Form):
    """Which of the numbers kept back."""

    reserved = forms.TypedChoiceField(label=_("Số đang giữ"), coerce=int, error_messages={"required": _("Chọn số.")})

    def __init__(self, data: Any, *, kept: Iterable[Number]) -> None:
        super().__init__(data)
        field = self.fields["reserved"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(each.pk, f"{number_words(each.value)}{each.suffix}: {each.reserve_reason}") for each in kept]


class Endorse(forms.Form):
    words = _said(_("Ý kiến"))


class Return(forms.Form):
    reason = _said(_("Lý do trả lại"), required=True, hint=_("Người soạn thảo đọc nguyên văn lý do này"))


class DropCopy(forms.Form):
    reason = _said(_("Lý do thôi sao"), required=True, hint=_("Người đề nghị sao đọc nguyên văn lý do này"))


class SendBack(forms.Form):
    reason = forms.ChoiceField(label=_("Lý do"), error_messages={"required": _("Chọn một lý do.")})
    words = _said(_("Nói rõ thêm"), hint=_("Nơi gửi đọc nguyên văn"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Chọn lý do")), *((code, _(words)) for code, words in RETURN_REASONS.items())]


class Present(forms.Form):
    """To which leader of the agency. `nobody_yet` lets the choice stay open."""

    post_id = forms.TypedChoiceField(
        label=pgettext_lazy("leader", "Trình"), coerce=int, error_messages={"required": _("Chọn người.")}
    )
    words = _said(_("Ý kiến kèm theo"))

    def __init__(self, data: Any, *, leaders: Iterable[PostRow]) -> None:
        super().__init__(data)
        field = self.fields["post_id"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("Chọn người")), *((row.id, f"{row.title} {row.person_name}") for row in leaders)]


class Register(forms.Form):
    """Entering in the book otherwise than in one keystroke: presented to another leader, or despite a duplicate."""

    present_to = forms.TypedChoiceField(
        label=pgettext_lazy("leader", "Trình"), coerce=int, required=False, empty_value=None
    )
    despite_duplicate = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, leaders: Iterable[PostRow]) -> None:
        super().__init__(data)
        field = self.fields["present_to"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [
            ("", _("Thủ trưởng cơ quan")),
            *((row.id, f"{row.title} {row.person_name}") for row in leaders),
        ]


class Opens(forms.Form):
    """What opens a classified page where it is not the PIN of the key that signs: another PIN, or content keys from his device."""

    opening_pin = forms.CharField(
        label=_("Mã PIN của khóa mã hóa"),
        required=False,
        max_length=64,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}),
    )
    keys = forms.JSONField(widget=forms.HiddenInput, required=False)


class Seals(forms.Form):
    """What the keeper types beside the agency's device: the PIN that opens a classified page."""

    opening_pin = Opens.base_fields["opening_pin"]


class Seen(Opens):
    """The digest of the very page that was shown."""

    seen_file = forms.CharField(max_length=64)


class SignElsewhere(Opens):
    """What the signer's own machine gave back: its signature, and for when it was prepared."""

    seen_file = forms.CharField(widget=forms.HiddenInput, max_length=64)
    prepared = forms.CharField(widget=forms.HiddenInput, max_length=400)
    signature = forms.CharField(widget=forms.HiddenInput, max_length=2000)


class SignManyElsewhere(forms.Form):
    """The same of a batch: its signatures in the order in which they were asked for."""

    prepared = forms.CharField(widget=forms.HiddenInput, max_length=10_000)
    signature = forms.CharField(widget=forms.HiddenInput, max_length=600_000)


class OpenKey(forms.Form):
    """The PIN opens the key."""

    pin = forms.CharField(
        label=_("Mã PIN của khóa ký"),
        max_length=64,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}),
        error_messages={"required": _("Cần nhập mã PIN của khóa ký cá nhân.")},
    )


class Sign(Opens, OpenKey):
    """`seen_file` is the digest of the very page that was shown."""

    seen_file = forms.CharField(widget=forms.HiddenInput, max_length=64)
