"""What the pages of books and of bodies ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.documents.types import TYPES
from antin.numbering.states import Restart
from antin.people.states import BodyKind
from antin.people.states import Standing as MemberStanding
from antin.web.administration.forms.fields import basis_line, line
from antin.web.days import DayField
from antin.web.trees import Branch, TreeField, TreesField


class CloseBook(forms.Form):
    from_year = forms.IntegerField(label=_("Từ năm"), min_value=2020, max_value=2100)
    basis = basis_line()

    def __init__(self, data: Any, *, year: int) -> None:
        super().__init__(data, initial={"from_year": year + 1})


class SetBook(CloseBook):
    """Which types share a series, since when, by whose decision."""

    name = line(_("Tên sổ"), most=200, hint=_("Ví dụ: Sổ công văn, thông báo"))
    type_codes = TreesField(
        [Branch(code, each.name, code=code) for code, each in TYPES.items()], label=_("Loại văn bản dùng chung sổ")
    )
    secrecy_class = forms.ChoiceField(
        label=_("Văn bản"),
        choices=[("", _("không mật")), ("secret", _("mật"))],
        required=False,
        help_text=_("Văn bản mật luôn có sổ riêng"),
    )
    restarts = forms.ChoiceField(label=_("Đánh lại từ 01"), choices=Restart.choices)
    field_order = ("name", "type_codes", "secrecy_class", "restarts", "from_year", "basis")

    def __init__(self, data: Any, *, year: int, types: Mapping[str, str] | None = None) -> None:
        super().__init__(data, year=year)
        if types is not None:
            offered = [Branch(code, name, code=code) for code, name in types.items()]
            self.fields["type_codes"].grow(offered)  # type: ignore[attr-defined]


class FoundBody(forms.Form):
    """What issues in its own name through the agency's registry."""

    kind = forms.ChoiceField(label=_("Loại tổ chức"), choices=BodyKind.choices)
    name = line(_("Tên tổ chức"), most=300, hint=_("In ở đầu văn bản, ví dụ: Đảng ủy Tổng cục Z"))
    abbreviation = line(_("Ký hiệu"), most=30, hint=_("Sau số văn bản, ví dụ: ĐU trong 12-NQ/ĐU"))
    parent_name = forms.CharField(
        label=_("Tổ chức cấp trên trực tiếp"), required=False, max_length=300, help_text=_("In phía trên tên tổ chức")
    )
    collective = forms.CharField(
        label=_("Ký thay mặt"),
        required=False,
        max_length=200,
        help_text=_("Ví dụ: Ban Thường vụ. Để trống nếu cấp trưởng ký lấy tên mình"),
    )
    office_id = TreeField(
        label=_("Bộ phận giúp việc"), required=False, help_text=_("Người của đơn vị này soạn được văn bản của tổ chức")
    )
    opened_on = DayField(label=_("Từ ngày"))
    basis = basis_line()

    def __init__(self, data: Any, *, units: Sequence[Branch], today: date) -> None:
        super().__init__(data, initial={"opened_on": today})
        self.fields["office_id"].grow(units)  # type: ignore[attr-defined]


class SeatInBody(forms.Form):
    post_id = TreeField(label=_("Chức vụ trong cơ quan"))
    title = line(_("Chức danh trong tổ chức"), most=200, hint=_("In trên chữ ký, ví dụ: Bí thư"))
    standing = forms.ChoiceField(label=_("Ký văn bản"), choices=MemberStanding.choices)
    since = DayField(label=_("Từ ngày"))
    basis = basis_line()

    def __init__(self, data: Any, *, posts: Sequence[Branch], today: date) -> None:
        super().__init__(data, initial={"since": today})
        self.fields["post_id"].grow(posts)  # type: ignore[attr-defined]
