"""What the pages of certificates, and of how signatures last, ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.documents.states import Secrecy
from antin.keys.providers import Kind as KeyKind
from antin.keys.states import Device, Reason
from antin.signing.policy import MOST_GRACE_HOURS
from antin.signing.states import Level, ResponderKind, Signing
from antin.web.administration.forms.fields import basis_line, file_field, line, order_line, years_field
from antin.web.days import DayField


class Establish(forms.Form):
    name = line(_("Tên cơ quan chứng thực"), most=64, hint=_("Ví dụ Cơ quan chứng thực nội bộ"))
    organisation = line(_("Thuộc tổ chức"), most=64)


class IssueToPerson(forms.Form):
    post_id = forms.TypedChoiceField(label=_("Ký với chức vụ"), coerce=int)
    years = years_field()

    def __init__(self, data: Any, *, posts: Sequence[tuple[int, str]], places: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(data)
        self.fields["post_id"].choices = posts  # type: ignore[attr-defined]
        if places:
            self.fields["token"] = forms.ChoiceField(
                label=_("Khóa nằm ở"), choices=[("", _("Hệ thống giữ (khóa phần mềm)")), *places], required=False
            )
            self.fields["pin"] = forms.CharField(
                label=_("Mã PIN của thiết bị"),
                help_text=_("Chỉ khi khóa nằm trong thiết bị; không được lưu lại"),
                max_length=64,
                required=False,
                strip=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
            )


class ImportKeyFile(forms.Form):
    post_id = forms.TypedChoiceField(label=_("Ký với chức vụ"), coerce=int)
    content = file_field(_("Tệp khóa (.p12, .pfx)"))
    password = forms.CharField(
        label=_("Mật khẩu của tệp"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any, files: Any, *, posts: Sequence[tuple[int, str]]) -> None:
        super().__init__(data, files)
        self.fields["post_id"].choices = posts  # type: ignore[attr-defined]


def _device_pin() -> forms.CharField:
    return forms.CharField(
        label=_("Mã PIN của thiết bị"),
        help_text=_("Không được lưu lại; để trống khi hệ thống tự mở phân vùng của cơ quan"),
        max_length=64,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class KeyOnDevice(forms.Form):
    """A key in a device in the server's slots, that asks for its certificate; for a person, in which of his posts."""

    token = forms.ChoiceField(label=_("Thiết bị"))
    kind = forms.ChoiceField(
        label=_("Loại khóa"), choices=[(each.value, each.value.upper()) for each in KeyKind], initial=KeyKind.P256
    )
    pin = _device_pin()

    def __init__(
        self, data: Any, *, places: Sequence[tuple[str, str]], posts: Sequence[tuple[int, str]] | None = None
    ) -> None:
        super().__init__(data)
        self.fields["token"].choices = places  # type: ignore[attr-defined]
        if posts is not None:
            self.fields["post_id"] = forms.TypedChoiceField(label=_("Ký với chức vụ"), coerce=int, choices=posts)
            self.order_fields(["post_id"])


class EnterKey(forms.Form):
    """A key that lies in a device or at a signing service already, with the certificate another authority gave it."""

    kind = forms.ChoiceField(
        label=_("Khóa nằm ở"),
        choices=[(each.value, each.label) for each in (Device.TOKEN, Device.REMOTE)],
        initial=Device.TOKEN,
    )
    reference = line(
        _("Tên khóa ở đó"),
        hint=_("Trên thiết bị: thư-viện:số-sê-ri:mã-khóa; ở dịch vụ ký số từ xa: tên-dịch-vụ:mã-khóa"),
    )
    label = line(_("Tên gọi của thiết bị"), required=False, hint=_("Ví dụ HSM phòng máy chủ"))
    content = file_field(_("Tệp chứng thư số"), _("Để trống thì lấy chứng thư số nằm cạnh khóa"))
    pin = _device_pin()

    def __init__(self, data: Any, files: Any, *, posts: Sequence[tuple[int, str]] | None = None) -> None:
        super().__init__(data, files)
        self.fields["content"].required = False
        if posts is not None:
            self.fields["post_id"] = forms.TypedChoiceField(label=_("Ký với chức vụ"), coerce=int, choices=posts)
            self.order_fields(["post_id"])


class AddAnchor(forms.Form):
    content = file_field(_("Tệp chứng thư số gốc (.cer, .crt, .pem)"))
    trusted_from = DayField(label=_("Tin cậy từ ngày"), required=False)
    trusted_until = DayField(label=_("Đến ngày"), required=False)
    reason = line(_("Căn cứ"), hint=_("Văn bản nào cho phép tin cậy; ghi vào nhật ký"))


class EndAnchor(forms.Form):
    until = DayField(label=_("Thôi tin cậy từ ngày"))
    reason = line(_("Lý do"), hint=_("Ghi vào nhật ký"))


class DeclineRequest(forms.Form):
    words = line(_("Lý do"))


class Renew(forms.Form):
    pin = forms.CharField(
        label=_("Mã PIN của thiết bị"),
        max_length=64,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class IssueToAgency(forms.Form):
    custodian_id = forms.TypedChoiceField(
        label=_("Người giữ thiết bị"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Người được giao quản lý, sử dụng con dấu và thiết bị lưu khóa (Nghị định 30, Điều 32)"),
    )
    years = years_field()

    def __init__(self, data: Any, *, keepers: Sequence[tuple[int, str]]) -> None:
        super().__init__(data, initial={"custodian_id": keepers[0][0] if keepers else None})
        self.fields["custodian_id"].choices = [("", _("Chưa giao")), *keepers]  # type: ignore[attr-defined]


class HandOver(forms.Form):
    to_person_id = forms.TypedChoiceField(label=_("Giao cho"), coerce=int)
    basis = basis_line()
    condition = forms.CharField(
        label=_("Tình trạng thiết bị, kèm theo"), max_length=400, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, data: Any, *, keepers: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["to_person_id"].choices = keepers  # type: ignore[attr-defined]


class Revoke(forms.Form):
    reason = forms.ChoiceField(
        label=_("Lý do thu hồi"), choices=[(each.value, each.label) for each in Reason], initial=Reason.SUPERSEDED
    )


class SetRule(forms.Form):
    agency_id = forms.TypedChoiceField(label=_("Cơ quan"), coerce=int, required=False, empty_value=None)
    signing = forms.ChoiceField(label=_("Chữ ký"), choices=Signing.choices, required=False)
    secrecy = forms.TypedChoiceField(
        label=_("Độ mật"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=[("", _("Mọi độ mật")), *Secrecy.choices],
    )
    level = forms.ChoiceField(label=_("Mức chữ ký"), choices=Level.choices, initial=Level.B_LT)
    grace_hours = forms.IntegerField(
        label=_("Số giờ vẫn cho ký khi dịch vụ không trả lời"),
        min_value=0,
        max_value=MOST_GRACE_HOURS,
        initial=24,
        help_text=_("Quá thời hạn này thì tạm dừng ký; 0 là dừng ngay"),
    )

    def __init__(self, data: Any, *, agencies: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["agency_id"].choices = [("", _("Mọi cơ quan")), *agencies]  # type: ignore[attr-defined]


class SetResponder(forms.Form):
    kind = forms.ChoiceField(label=_("Loại dịch vụ"), choices=ResponderKind.choices)
    name = line(_("Tên gọi"), most=100)
    address = line(
        _("Địa chỉ"),
        required=False,
        hint=_("http://… hoặc https://…; để trống với dấu thời gian thì dùng dịch vụ của chính hệ thống"),
        inputmode="url",
    )
    issuer = forms.ChoiceField(
        label=_("Trả lời thay cơ quan chứng thực"), required=False, help_text=_("Chỉ cần cho OCSP và danh sách thu hồi")
    )
    seconds = forms.IntegerField(label=_("Chờ nhiều nhất (giây)"), min_value=1, max_value=30, initial=5)
    position = order_line()

    def __init__(self, data: Any, *, issuers: Sequence[tuple[str, str]], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["issuer"].choices = [("", _("Không")), *issuers]  # type: ignore[attr-defined]
