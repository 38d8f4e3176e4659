"""What the pages of the vault ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.keys.providers import Kind
from antin.vault.states import Level, Medium, Need
from antin.web.days import DayField

GIVEN_NEEDS = (Need.REVIEWER, Need.SIGNER, Need.CLERK, Need.RECIPIENT, Need.ASSIGNEE)


def pin_field(label: Any, hint: Any = "") -> forms.CharField:
    """A PIN: typed for one act, kept nowhere."""
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=64,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


def _decision() -> forms.CharField:
    return forms.CharField(label=_("Quyết định"), max_length=100, help_text=_("Số, ký hiệu, ngày; ghi vào nhật ký"))


class Officers(forms.Form):
    """Three officers for the recovery key, and the decision that names them."""

    first = forms.TypedChoiceField(label=_("Cán bộ thứ nhất"), coerce=int)
    second = forms.TypedChoiceField(label=_("Cán bộ thứ hai"), coerce=int)
    third = forms.TypedChoiceField(label=_("Cán bộ thứ ba"), coerce=int)
    decision = _decision()

    def __init__(self, data: Any, *, persons: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        for name in ("first", "second", "third"):
            self.fields[name].choices = [("", _("Chọn cán bộ")), *persons]  # type: ignore[attr-defined]


class AskRecovery(forms.Form):
    """What is to be brought to whom, by which decision."""

    classified_id = forms.TypedChoiceField(label=_("Tài liệu mật"), coerce=int)
    person_id = forms.TypedChoiceField(label=_("Cấp cho"), coerce=int)
    decision = _decision()

    def __init__(
        self, data: Any, *, things: Sequence[tuple[int, str]], persons: Sequence[tuple[int, str]], initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields["classified_id"].choices = [("", _("Chọn tài liệu")), *things]  # type: ignore[attr-defined]
        self.fields["person_id"].choices = [("", _("Chọn người")), *persons]  # type: ignore[attr-defined]


class AddReader(forms.Form):
    person_id = forms.TypedChoiceField(label=_("Người đọc"), coerce=int)
    need = forms.ChoiceField(label=_("Cần biết vì"), choices=[(each.value, each.label) for each in GIVEN_NEEDS])
    pin = pin_field(_("Mã PIN của khóa mã hóa"), _("Mở khóa nội dung để bọc cho người mới; không nội dung nào hiện ra"))

    def __init__(self, data: Any, *, persons: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["person_id"].choices = [("", _("Chọn người")), *persons]  # type: ignore[attr-defined]


class ChangeLevel(forms.Form):
    level = forms.TypedChoiceField(label=_("Độ mật mới"), coerce=int, choices=Level.choices)
    paper = _decision()
    decided_on = DayField(label=_("Ngày quyết định"))


class Extend(forms.Form):
    until = DayField(label=_("Bảo vệ đến hết ngày"))
    paper = _decision()
    decided_on = DayField(label=_("Ngày quyết định"))


class Declassify(forms.Form):
    paper = _decision()
    decided_on = DayField(label=_("Ngày quyết định"))


class GiveCopy(forms.Form):
    holder_id = forms.TypedChoiceField(label=_("Người giữ"), coerce=int)
    medium = forms.ChoiceField(label=_("Loại bản"), choices=Medium.choices)

    def __init__(self, data: Any, *, persons: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["holder_id"].choices = [("", _("Chọn người")), *persons]  # type: ignore[attr-defined]


class DestroyCopy(forms.Form):
    minutes = forms.CharField(label=_("Biên bản tiêu hủy"), max_length=100, help_text=_("Số, ngày"))


class Destroy(forms.Form):
    minutes = forms.CharField(label=_("Biên bản tiêu hủy"), max_length=100, help_text=_("Số, ngày"))
    witness_id = forms.TypedChoiceField(label=_("Người chứng kiến"), coerce=int)

    def __init__(self, data: Any, *, persons: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["witness_id"].choices = [("", _("Chọn một người đang đọc")), *persons]  # type: ignore[attr-defined]


class Find(forms.Form):
    asked = forms.CharField(
        label=_("Từ cần tìm"),
        max_length=200,
        help_text=_("Không cần dấu; mọi từ đều phải có. Từ đã nhập không được ghi lại ở đâu"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    pin = pin_field(_("Mã PIN của khóa mã hóa"))


class Nothing(forms.Form):
    """A question that is answered by its button."""


class Pin(forms.Form):
    pin = pin_field(_("Mã PIN của khóa mã hóa"))


class MakeKey(forms.Form):
    """One's own key to which contents are sealed: where it is made, under which PIN."""

    pin = pin_field(_("Mã PIN của khóa ký"), _("Khóa mã hóa dùng chung mã PIN này; đổi riêng được sau khi lập"))

    def __init__(self, data: Any, *, places: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(data, auto_id="make-%s")
        if places:
            self.fields["token"] = forms.ChoiceField(
                label=_("Khóa nằm ở"), choices=[("", _("Hệ thống giữ (khóa phần mềm)")), *places], required=False
            )
            self.fields["token_pin"] = pin_field(_("Mã PIN của thiết bị"), _("Chỉ khi khóa nằm trong thiết bị"))
            self.fields["token_pin"].required = False
            self.fields["kind"] = forms.ChoiceField(
                label=_("Loại khóa"), choices=[(each.value, each.value.upper()) for each in Kind], initial=Kind.P256
            )
