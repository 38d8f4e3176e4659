"""What the pages of posts and persons ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.people.states import Clearance, Role
from antin.web.administration.forms.fields import Choice, basis_line, line, order_line
from antin.web.days import DayField
from antin.web.trees import Branch, TreeField


class OpenPost(forms.Form):
    title = line(_("Tên chức vụ"), most=200, hint=_("Như in dưới thẩm quyền ký, ví dụ Trưởng phòng Kế hoạch"))
    role = forms.ChoiceField(
        label=_("Vai trò"),
        choices=Role.choices,
        initial=Role.OFFICER,
        help_text=_("Quyết định chức vụ làm được gì; không đổi được về sau"),
    )
    keeps_seal = forms.BooleanField(
        label=_("Giữ con dấu của cơ quan"), required=False, help_text=_("Người giữ chức vụ này đóng dấu và phát hành")
    )
    order = order_line()


class DescribePost(forms.Form):
    title = line(_("Tên chức vụ"), most=200)
    keeps_seal = forms.BooleanField(label=_("Giữ con dấu của cơ quan"), required=False)
    order = order_line()


class Appoint(forms.Form):
    """Somebody known already; whom, is chosen from what the search beside found."""

    person_id = forms.TypedChoiceField(
        label=_("Người được bổ nhiệm"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Chọn người."), "invalid_choice": _("Chọn người.")},
    )
    since = DayField(label=_("Từ ngày"))
    until = DayField(label=_("Đến ngày"), required=False, help_text=_("Ngày đầu tiên không còn giữ, nếu đã biết"))
    acting = forms.BooleanField(
        label=_("Quyền (Q.)"), required=False, help_text=_("Phụ trách, chưa bổ nhiệm chính thức")
    )
    basis = basis_line(required=False)

    def __init__(self, data: Any, *, persons: Sequence[tuple[int, Choice]], today: date, chosen: int | None) -> None:
        super().__init__(data, initial={"since": today, "person_id": chosen})
        self.fields["person_id"].choices = persons  # type: ignore[attr-defined]


class AppointTo(forms.Form):
    """A vacant post for somebody who is chosen already."""

    post_id = TreeField(label=_("Chức vụ đang khuyết"))
    since = DayField(label=_("Từ ngày"))
    until = DayField(label=_("Đến ngày"), required=False, help_text=_("Ngày đầu tiên không còn giữ, nếu đã biết"))
    acting = forms.BooleanField(
        label=_("Quyền (Q.)"), required=False, help_text=_("Phụ trách, chưa bổ nhiệm chính thức")
    )
    basis = basis_line(required=False)

    def __init__(self, data: Any, *, posts: Sequence[Branch], today: date) -> None:
        super().__init__(data, initial={"since": today})
        self.fields["post_id"].grow(posts)  # type: ignore[attr-defined]


class EndAppointment(forms.Form):
    until = DayField(label=_("Thôi giữ từ ngày"), help_text=_("Ngày đầu tiên không còn giữ chức vụ"))
    basis = basis_line(required=False)

    def __init__(self, data: Any, *, earliest: date) -> None:
        super().__init__(data, initial={"until": earliest})


class DescribePerson(forms.Form):
    name = line(_("Họ và tên"), most=100)
    rank = line(_("Cấp bậc, học vị"), required=False, most=50, hint=_("In trước họ tên dưới chữ ký"))


class AddPerson(DescribePerson):
    code = line(_("Mã cán bộ"), required=False, most=40)
    user_name = line(
        _("Tên đăng nhập"),
        most=60,
        hint=_("Chữ thường không dấu, chữ số, dấu chấm, gạch nối; ví dụ an.nguyen"),
        autocomplete="off",
        autocapitalize="none",
        spellcheck="false",
    )
    password = forms.CharField(
        label=_("Mật khẩu đầu tiên"),
        required=False,
        max_length=400,
        strip=False,
        help_text=_("Để trống thì hệ thống đặt, và hiện một lần trên màn hình"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class SeatNewPerson(AddPerson):
    since = DayField(label=_("Giữ chức vụ từ ngày"))
    acting = forms.BooleanField(label=_("Quyền (Q.)"), required=False)
    basis = basis_line(required=False)


class SetPassword(forms.Form):
    password = forms.CharField(
        label=_("Mật khẩu mới"),
        required=False,
        max_length=400,
        strip=False,
        help_text=_("Để trống thì hệ thống đặt, và hiện một lần trên màn hình"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class GrantClearance(forms.Form):
    level = forms.ChoiceField(label=_("Được tiếp cận đến"), choices=Clearance.choices)
    until = DayField(
        label=_("Đến ngày"),
        required=False,
        help_text=_("Ngày đầu tiên không còn được tiếp cận; chỉ bỏ trống khi thu lại"),
    )
    basis = basis_line()
