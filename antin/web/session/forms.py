"""Forms of the front door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.people.states import Kind, Scope

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def _password(label: _StrPromise, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class SignIn(forms.Form):
    user_name = forms.CharField(
        label=_("Tên đăng nhập"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )
    password = _password(_("Mật khẩu"), "current-password")


class ChangePassword(forms.Form):
    old = _password(_("Mật khẩu đang dùng"), "current-password")
    new = _password(_("Mật khẩu mới"), "new-password")
    again = _password(_("Nhập lại mật khẩu mới"), "new-password")

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new"):
            raise forms.ValidationError(_("Hai lần nhập không giống nhau."))
        return again


class ChangePin(forms.Form):
    old = _password(_("Mã PIN đang dùng"), "off")
    new = _password(_("Mã PIN mới"), "off")
    again = _password(_("Nhập lại mã PIN mới"), "off")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="pin-%s")  # the page beneath asks for passwords by the same names

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("new"):
            raise forms.ValidationError(_("Hai lần nhập không giống nhau."))
        return again


class NewToken(forms.Form):
    """A machine's token: for what, in which of one's own posts, what it may do, how long."""

    name = forms.CharField(label=_("Dùng cho"), max_length=100, help_text=_("Chương trình nào, ở máy nào"))
    post_id = forms.TypedChoiceField(label=_("Làm việc với chức vụ"), coerce=int)
    scopes = forms.ChoiceField(
        label=_("Phạm vi"),
        choices=[
            (Scope.READ.value, _("Chỉ đọc")),
            (f"{Scope.READ.value} {Scope.ACT.value}", _("Đọc và làm việc")),
        ],
    )
    days = forms.TypedChoiceField(
        label=_("Hạn dùng"),
        coerce=int,
        initial=90,
        choices=[(30, _("30 ngày")), (90, _("90 ngày")), (365, _("1 năm"))],
    )

    def __init__(self, data: Any, *, posts: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["post_id"].choices = posts  # type: ignore[attr-defined]


class SetUp(forms.Form):
    """The first agency of an empty node and its first administrator."""

    name = forms.CharField(label=_("Tên đơn vị"), help_text=_("Viết đầy đủ, như ghi trên văn bản"), max_length=300)
    short_name = forms.CharField(label=_("Tên gọi ngắn"), max_length=100)
    abbreviation = forms.CharField(
        label=_("Chữ viết tắt"), help_text=_("Dùng trong ký hiệu văn bản, ví dụ TCZ trong 12/QĐ-TCZ"), max_length=30
    )
    kind = forms.ChoiceField(label=_("Loại đơn vị"), choices=Kind.choices)
    code = forms.CharField(label=_("Mã định danh"), help_text=_("Theo QCVN 102, ví dụ G11.90"), max_length=40)
    place_name = forms.CharField(label=_("Địa danh"), help_text=_("Ghi trước ngày tháng trên văn bản"), max_length=100)
    administrator = forms.CharField(label=_("Họ tên quản trị viên"), max_length=100)
    user_name = forms.CharField(
        label=_("Tên đăng nhập"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = _password(_("Mật khẩu"), "new-password")
