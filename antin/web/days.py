"""Days as people write them here, 25/11/2026. A browser's own date field would write them in the language it was installed in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

FORMATS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d%m%Y", "%Y-%m-%d")


class DayInput(forms.DateInput):
    """A field of text; the module `days.ts` puts the browser's calendar beside it, and writes zeros and slashes."""

    def __init__(self) -> None:
        super().__init__(format=FORMATS[0], attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 10})

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        told = {"data-day": _now("Mở lịch"), "placeholder": _now("ngày/tháng/năm")}
        return super().build_attrs({**base_attrs, **told}, extra_attrs)


class DayField(forms.DateField):
    """A day, also as programs write it (2026-11-25)."""

    widget = DayInput

    def __init__(self, **more: Any) -> None:
        super().__init__(
            input_formats=list(FORMATS), error_messages={"invalid": _("Ghi ngày theo dạng 25/11/2026.")}, **more
        )


def read(text: str) -> date | None:
    """The day somebody wrote, None when it is none."""
    try:
        return DayField().clean(text)
    except forms.ValidationError:
        return None
