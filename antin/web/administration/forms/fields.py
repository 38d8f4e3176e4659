"""What several pages of administration ask for: a line, a basis, an order, a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def line(label: Any, *, required: bool = True, most: int = 300, hint: Any = "", **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=most, help_text=hint, widget=forms.TextInput(attrs=attrs)
    )


def basis_line(*, required: bool = True) -> forms.CharField:
    return line(_("Căn cứ"), required=required, hint=_("Số, ký hiệu quyết định hoặc văn bản; ghi vào nhật ký"))


def order_line() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Thứ tự"), min_value=0, max_value=9999, initial=50, help_text=_("Số nhỏ đứng trước trong danh sách")
    )


def file_field(label: Any, hint: Any = "") -> forms.FileField:
    return forms.FileField(label=label, help_text=hint, max_length=200)


def years_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("Hiệu lực"), coerce=int, choices=[(1, _("1 năm")), (2, _("2 năm")), (3, _("3 năm"))], initial=3
    )


@dataclass(frozen=True)
class Choice:
    """One of several that are told in two lines: a name, and what is to be known of it."""

    name: str
    note: str


class Nothing(forms.Form):
    """A question that is answered by its button."""


class Basis(forms.Form):
    basis = basis_line()


class ImportFile(forms.Form):
    content = file_field(_("Tệp"))
