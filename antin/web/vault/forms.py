"""What the pages of the vault ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.keys.providers import Kind


def pin_field(label: Any, hint: Any = "") -> forms.CharField:
    """A PIN: typed for one act, kept nowhere."""
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=64,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


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
