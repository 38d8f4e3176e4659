"""What the pages of mandates, pictures, delegations and substitutions ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.documents import policy as documents
from antin.documents.types import TYPES, Family
from antin.people.states import Form
from antin.web.administration.forms.fields import basis_line
from antin.web.days import DayField
from antin.web.trees import Branch, TreeField, TreesField


class GiveMandate(forms.Form):
    """Which family of documents an agency issues besides the administrative one."""

    family = forms.ChoiceField(
        label=_("Họ văn bản"), choices=[(each.value, each.label) for each in Family if each in documents.MANDATED]
    )
    since = DayField(label=_("Từ ngày"))
    basis = basis_line()

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"since": today, "family": Family.NORMATIVE})


class EndMandate(forms.Form):
    until = DayField(label=_("Đến ngày"), help_text=_("Ngày đầu tiên không còn soạn mới"))
    basis = basis_line()

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"until": today})


class SetPicture(forms.Form):
    """A picture of a stamp or a signature, from a day on."""

    picture = forms.FileField(label=_("Ảnh PNG, nền trong suốt"), widget=forms.FileInput(attrs={"accept": "image/png"}))
    width_mm = forms.FloatField(
        label=_("Chiều rộng thật (mm)"),
        required=False,
        min_value=5,
        max_value=100,
        localize=True,
        help_text=_("Để trống thì theo độ phân giải ghi trong ảnh"),
    )
    from_date = DayField(label=_("Áp dụng từ ngày"))
    basis = basis_line()

    def __init__(self, data: Any, files: Any, *, is_stamp: bool, today: date) -> None:
        super().__init__(data, files, initial={"from_date": today})
        self.fields["picture"].help_text = (
            _("Con dấu màu đỏ, cắt sát, rộng 30–45 mm, từ 200 dpi, không quá 2 MB")
            if is_stamp
            else _("Chữ ký màu xanh, rộng 15–70 mm, cao 5–40 mm, từ 200 dpi, không quá 2 MB")
        )


class Delegate(forms.Form):
    """Leave to sign, TL. or TUQ., from the head of the agency."""

    form = forms.ChoiceField(
        label=_("Hình thức"),
        choices=[
            (Form.ORDER.value, _("Thừa lệnh (TL.)")),
            (Form.AUTHORISATION.value, _("Thừa ủy quyền (TUQ.)")),
        ],
    )
    to_post_id = TreeField(label=_("Giao cho"), help_text=_("Người đứng đầu một đơn vị trực thuộc"))
    type_codes = TreesField(
        [Branch(code, each.name, code=code) for code, each in TYPES.items()],
        label=_("Loại văn bản"),
        required=False,
        help_text=_("Để trống là mọi loại; TUQ. phải nêu rõ loại"),
    )
    since = DayField(label=_("Từ ngày"))
    until = DayField(label=_("Đến ngày"), required=False, help_text=_("TUQ. phải có thời hạn"))
    may_subdelegate = forms.BooleanField(
        label=_("Cấp phó của đơn vị đó cũng được ký"), required=False, help_text=_("Chỉ với TL.")
    )
    basis = basis_line()

    def __init__(self, data: Any, *, posts: Sequence[Branch], today: date) -> None:
        super().__init__(data, initial={"since": today})
        self.fields["to_post_id"].grow(posts)  # type: ignore[attr-defined]


class Substitute(forms.Form):
    principal_id = TreeField(label=_("Chức vụ vắng"))
    substitute_id = TreeField(label=_("Người thay"), help_text=_("Chức vụ khác trong cùng cơ quan"))
    since = DayField(label=_("Từ ngày"))
    until = DayField(label=_("Đến ngày"), help_text=_("Ngày đầu tiên không còn thay"))
    basis = basis_line()

    def __init__(self, data: Any, *, posts: Sequence[Branch], today: date) -> None:
        super().__init__(data, initial={"since": today, "until": today + timedelta(days=7)})
        for name in ("principal_id", "substitute_id"):
            self.fields[name].grow(posts)  # type: ignore[attr-defined]
