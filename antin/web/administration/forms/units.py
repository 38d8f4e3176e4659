"""What the pages of units ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.people.states import Kind
from antin.web.administration.forms.fields import line, order_line
from antin.web.trees import Branch, TreeField

if TYPE_CHECKING:
    from antin.people.queries import UnitRow


class NameUnit(forms.Form):
    name = line(_("Tên đơn vị"), hint=_("Viết đầy đủ, như ghi trên văn bản"))
    short_name = line(_("Tên gọi ngắn"), most=100)
    abbreviation = line(_("Chữ viết tắt"), most=30, hint=_("Dùng trong ký hiệu văn bản, ví dụ TCZ trong 12/QĐ-TCZ"))


class OpenUnit(NameUnit):
    kind = forms.ChoiceField(label=_("Loại đơn vị"), choices=Kind.choices, initial=Kind.DIVISION)
    code = line(
        _("Mã định danh"),
        required=False,
        most=40,
        hint=_("Chỉ ghi cho cơ quan có văn thư, sổ, con dấu riêng; phòng, ban thì để trống"),
    )
    place_name = line(
        _("Địa danh"), required=False, most=100, hint=_("Ghi trước ngày tháng; để trống thì theo đơn vị cấp trên")
    )
    parent_name = line(
        _("Tên cơ quan chủ quản"), required=False, hint=_("Dòng trên tên cơ quan; để trống thì theo đơn vị cấp trên")
    )
    collective = line(
        _("Tập thể mà người đứng đầu ký thay mặt (TM.)"), required=False, most=200, hint=_("Ví dụ Hội đồng")
    )
    address = line(_("Địa chỉ"), required=False)
    order = order_line()
    decision = line(_("Quyết định thành lập"), required=False, most=200)


class RenameUnit(NameUnit):
    decision = line(_("Quyết định đổi tên"), required=False, most=200)


class DescribeUnit(forms.Form):
    place_name = line(_("Địa danh"), required=False, most=100)
    address = line(_("Địa chỉ"), required=False)
    parent_name = line(_("Tên cơ quan chủ quản"), required=False)
    collective = line(_("Tập thể mà người đứng đầu ký thay mặt (TM.)"), required=False, most=200)


def branches(rows: Iterable[UnitRow]) -> list[Branch]:
    """Units as a picker draws them."""
    return [Branch(str(row.id), row.name, str(row.parent_id or ""), row.code or row.abbreviation) for row in rows]


class MoveUnit(forms.Form):
    parent_id = TreeField(label=_("Đơn vị cấp trên mới"))
    code = line(
        _("Mã định danh mới"), required=False, most=40, hint=_("Cần khi mã cũ không nằm dưới mã của cấp trên mới")
    )
    decision = line(_("Quyết định"), required=False, most=200)

    def __init__(self, data: Any, *, units: Sequence[Branch]) -> None:
        super().__init__(data)
        self.fields["parent_id"].grow(units)  # type: ignore[attr-defined]


class CloseUnit(forms.Form):
    successor_id = TreeField(
        label=_("Đơn vị kế thừa"), required=False, help_text=_("Văn bản gửi cho đơn vị cũ về sau sẽ đến đơn vị này")
    )
    decision = line(_("Quyết định giải thể"), most=200)

    def __init__(self, data: Any, *, units: Sequence[Branch]) -> None:
        super().__init__(data)
        self.fields["successor_id"].grow(units)  # type: ignore[attr-defined]


class ImportOrganisation(forms.Form):
    table = forms.FileField(
        label=_("Tệp XLSX hoặc CSV"),
        help_text=_("Không quá 5.000 dòng mỗi bảng; chưa ghi gì cho đến khi đồng chí xem kết quả kiểm tra"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
