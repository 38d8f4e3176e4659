"""Forms of the front door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.keys.states import Purpose
from antin.people.states import Finding, Kind, Scope

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


class NewApp(forms.Form):
    """What an app that makes codes is called."""

    name = forms.CharField(label=_("Tên gọi"), max_length=60, required=False, help_text=_("Ví dụ: điện thoại cá nhân"))


class FirstCode(forms.Form):
    """The first code of an app."""

    code = forms.CharField(
        label=_("Mã 6 chữ số đang hiện"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )


class NewKey(forms.Form):
    """A security key: what it is called; the browser adds the rest."""

    name = forms.CharField(
        label=_("Tên gọi"), max_length=60, required=False, help_text=_("Ví dụ: khóa USB ở bàn làm việc")
    )
    answer = forms.CharField(max_length=20_000, required=False, widget=forms.HiddenInput)


class TakeOver(forms.Form):
    """Whose work is taken over at once, and why it cannot wait."""

    post_id = forms.TypedChoiceField(label=_("Thay chức vụ"), coerce=int)
    reason = forms.CharField(
        label=_("Lý do khẩn cấp"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Việc gì, vì sao không chờ được người giữ chức vụ này"),
    )

    def __init__(self, data: Any, *, posts: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["post_id"].choices = posts  # type: ignore[attr-defined]


class Review(forms.Form):
    """What the head found."""

    finding = forms.ChoiceField(label=_("Kết luận"), choices=Finding.choices)
    words = forms.CharField(label=_("Ý kiến"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class Take(forms.Form):
    minutes = forms.CharField(
        label=_("Biên bản bàn giao"), max_length=200, help_text=_("Số, ngày của biên bản hai bên đã ký")
    )


class Decline(forms.Form):
    words = forms.CharField(label=_("Lý do"), max_length=400, widget=forms.Textarea({"rows": 2}))


class AskForCertificate(forms.Form):
    post_id = forms.TypedChoiceField(label=_("Với chức vụ"), coerce=int)
    purpose = forms.ChoiceField(
        label=_("Dùng để"),
        choices=Purpose.choices,
        initial=Purpose.SIGNING,
        help_text=_("Một khóa chỉ dùng để ký hoặc chỉ để mở tài liệu mật"),
    )
    label = forms.CharField(label=_("Tên thiết bị"), max_length=200, help_text=_("Ví dụ USB token số 12"))
    serial = forms.CharField(label=_("Số sê-ri"), max_length=64, required=False)
    request = forms.FileField(label=_("Tệp đề nghị (.csr, .p10)"), max_length=200)

    def __init__(self, data: Any, files: Any, *, posts: Sequence[tuple[int, str]]) -> None:
        super().__init__(data, files)
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
