"""What the pages of the registry office ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.web.days import DayField


def _reason(hint: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Lý do"),
        max_length=500,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Ghi rõ lý do.")},
    )


class Reason(forms.Form):
    reason = _reason(_("Ghi vào sổ và nhật ký"))


class Reserve(forms.Form):
    """Which series, why, and until when."""

    series = forms.ChoiceField(label=_("Sổ"))
    reason = _reason(_("Ghi vào sổ và nhật ký: văn bản nào, vì sao cần giữ số trước"))
    until = DayField(label=_("Giữ đến hết ngày"))

    def __init__(self, data: Any, *, series: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        field = self.fields["series"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Chọn sổ")), *series]


class Insert(Reserve):
    """The same, and after which number."""

    after = forms.IntegerField(label=_("Chèn sau số"), min_value=1, max_value=999_999)
    field_order = ("series", "after", "reason", "until")


class Nothing(forms.Form):
    """A question that is answered by its button."""


class Postmark(forms.Form):
    words = forms.CharField(label=_("Người ký nhận, số hiệu bưu gửi"), max_length=200)


class NarrowBook(forms.Form):
    """What a book is narrowed to; every field may be left out."""

    words = forms.CharField(
        label=_("Số ký hiệu, trích yếu, nơi gửi, nơi nhận"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    since = DayField(label=_("Từ ngày"), required=False)
    until = DayField(label=_("Đến ngày"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="narrow-%s")

    def given(self) -> dict[str, Any]:
        """The filters in force. A part of the address that is not understood narrows nothing."""
        self.is_valid()
        return {name: self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name)}


class Columns(forms.Form):
    """A tick for every column but the first, which always stands."""

    def __init__(self, data: Any, *, columns: Iterable[tuple[str, Any]], hidden: Iterable[str]) -> None:
        super().__init__(data)
        away = set(hidden)
        for key, words in columns:
            self.fields[key] = forms.BooleanField(label=words, required=False, initial=key not in away)
