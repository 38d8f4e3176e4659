"""What the pages of lines to the outside and of correspondents ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.correspondents.states import Channel
from antin.web.administration.forms.fields import line


def _secret(label: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=400,
        strip=False,
        help_text=hint,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ChangeLine(forms.Form):
    """Where a line leads, and who we are there."""

    title = line(_("Tên kênh"), most=120, hint=_("Ví dụ: Trục liên thông văn bản quốc gia"))
    address = line(_("Địa chỉ"), hint=_("https://… do đơn vị quản lý trục cấp"), inputmode="url", spellcheck="false")
    system_id = line(_("Mã hệ thống"), most=120, spellcheck="false")
    secret = _secret(_("Khóa bí mật"))
    user_name = line(_("Tên đăng nhập"), required=False, most=120, hint=_("Chỉ cổng của tỉnh, bộ"), spellcheck="false")
    password = _secret(_("Mật khẩu"), _("Chỉ cổng của tỉnh, bộ"))
    codes = forms.CharField(
        label=_("Mã riêng trên kênh"),
        required=False,
        max_length=20_000,
        help_text=_(
            "Mỗi dòng: mã định danh của đơn vị = mã trên kênh. Đơn vị không ghi ở đây dùng mã định danh của mình."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    authority = forms.CharField(
        label=_("Chứng thư của máy chủ kênh (PEM)"),
        required=False,
        max_length=40_000,
        help_text=_("Khi máy chủ không dùng chứng thư công cộng"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    raw = forms.BooleanField(label=_("Nhận tệp nguyên dạng, không qua base64"), required=False)
    plain = forms.BooleanField(label=_("Không mã hóa đường truyền (http), chỉ trong mạng kín"), required=False)


class SetUpLine(ChangeLine):
    """A line, and what deliveries will call it."""

    channel = forms.ChoiceField(
        label=_("Loại kênh"), choices=[(way.value, way.label) for way in (Channel.AXIS, Channel.GATEWAY)]
    )
    name = line(_("Tên ngắn"), most=60, hint=_("Chữ thường không dấu, chữ số, dấu gạch; không đổi được về sau"))
    field_order = ("channel", "title", "name", "address", "system_id", "secret")


class DropParcel(forms.Form):
    reason = line(_("Lý do"), most=500, hint=_("Ghi vào nhật ký"))


class DescribeCorrespondent(forms.Form):
    """An outside agency, and the way to it."""

    name = line(_("Tên cơ quan"))
    spellings = line(
        _("Cách viết khác của mã"), required=False, most=600, hint=_("Mã cũ, mã mới, cách nhau bằng dấu phẩy")
    )
    email = line(_("Thư điện tử"), required=False, most=200)
    way = forms.ChoiceField(label=_("Gửi qua"))

    def __init__(self, *given: Any, ways: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["way"].choices = list(ways)  # type: ignore[attr-defined]


class EnterCorrespondent(DescribeCorrespondent):
    code = line(_("Mã định danh"), most=64, spellcheck="false")
    field_order = ("code", "name", "spellings", "way", "email")


class CloseCorrespondent(forms.Form):
    successor = line(
        _("Mã cơ quan kế tiếp"), required=False, most=64, hint=_("Để trống khi không có"), spellcheck="false"
    )


class ImportCorrespondents(forms.Form):
    way = forms.ChoiceField(label=_("Gửi qua"))
    table = forms.FileField(label=_("Tệp CSV"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"}))

    def __init__(self, *given: Any, ways: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["way"].choices = list(ways)  # type: ignore[attr-defined]
