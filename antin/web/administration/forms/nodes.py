"""What the pages of other nodes ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.web.administration.forms.fields import file_field, line

_SERVED = _("Mỗi dòng: mã định danh = tên cơ quan")


def _ways() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Kiện đi bằng"), choices=[("nats", _("Đường mạng")), ("file", _("Mang tay"))])


def _served() -> forms.CharField:
    return forms.CharField(
        label=_("Cơ quan nút ấy phục vụ"),
        max_length=100_000,
        help_text=_SERVED,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class NameNode(forms.Form):
    code = line(
        _("Tên nút trên đường liên kết"), most=20, hint=_("Chữ thường không dấu, ví dụ: tcz"), spellcheck="false"
    )
    name = line(_("Tên gọi"), hint=_("Ví dụ: Tổng cục Z"))
    address = line(
        _("Địa chỉ máy chủ đường liên kết"),
        required=False,
        hint=_("máy:cổng mà nút khác nối tới, qua TLS; để trống khi chỉ mang tay"),
        spellcheck="false",
    )


class InviteNode(forms.Form):
    code = line(
        _("Tên nút trên đường liên kết"), most=20, hint=_("Chữ thường không dấu, ví dụ: cuc-xa"), spellcheck="false"
    )
    name = line(_("Tên gọi"))
    way = _ways()
    agencies = _served()


class ChangeNode(forms.Form):
    way = _ways()
    agencies = _served()


class ChooseAgency(forms.Form):
    """The agency whose books are to go to another node."""

    agency = forms.ChoiceField(label=_("Cơ quan"))

    def __init__(self, data: Any, *, agencies: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["agency"].choices = agencies  # type: ignore[attr-defined]


class ChooseNode(forms.Form):
    """The node that is to number for an agency."""

    node = forms.ChoiceField(label=_("Nút nhận sổ"))

    def __init__(self, data: Any, *, nodes: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["node"].choices = nodes  # type: ignore[attr-defined]


class CompareFingerprint(forms.Form):
    fingerprint = line(_("Dấu vân tay họ đọc"), most=60, spellcheck="false")


class JoinNodes(CompareFingerprint):
    file = file_field(_("Tệp giấy mời"))


class AnswerFile(forms.Form):
    file = file_field(_("Tệp"))


class BringRequest(forms.Form):
    """The file by which the agency's key on its clerk's device asks for a certificate."""

    label = forms.CharField(label=_("Tên thiết bị"), max_length=200, help_text=_("Ví dụ USB token số 12"))
    serial = forms.CharField(label=_("Số sê-ri"), max_length=64, required=False)
    request = forms.FileField(label=_("Tệp đề nghị (.csr, .p10)"), max_length=200)
