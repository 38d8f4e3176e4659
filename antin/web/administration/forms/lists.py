"""What the pages of code lists, texts per type and the working calendar ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.codelists.operations import Told
from antin.codelists.policy import MOST_YEARS
from antin.codelists.states import TREES, Listing
from antin.web.administration.forms.fields import basis_line, line
from antin.web.days import DayField
from antin.web.trees import Branch, TreesField
from antin.workdays.queries import Kind as DayKind

if TYPE_CHECKING:
    from antin.codelists.models import Entry


class CodeChange(forms.Form):
    """From which day a change of a list holds, and by which writing."""

    from_date = DayField(label=_("Áp dụng từ ngày"))
    basis = basis_line()

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"from_date": today})


class CodeEntry(forms.Form):
    """An entry of a list; of a retention list how long, or forever, or (neither) a heading."""

    code = line(_("Mã"), most=20)
    name = line(_("Tên mục"), most=500)
    above = forms.ChoiceField(label=_("Thuộc mục"), required=False)
    keeps = forms.ChoiceField(
        label=_("Thời hạn bảo quản"),
        choices=[("", _("Là đề mục, không có thời hạn")), ("forever", _("Vĩnh viễn")), ("years", _("Số năm bên dưới"))],
        required=False,
    )
    years = forms.IntegerField(label=_("Số năm"), min_value=1, max_value=MOST_YEARS, required=False)
    position = forms.IntegerField(
        label=_("Thứ tự"),
        min_value=0,
        max_value=99_999,
        required=False,
        help_text=_("Để trống là giữ chỗ, mục mới đứng cuối"),
    )
    source = line(_("Căn cứ của thời hạn"), required=False)
    from_date = DayField(label=_("Áp dụng từ ngày"))
    basis = basis_line()
    field_order = ("code", "name", "above", "keeps", "years", "source", "position", "from_date", "basis")

    def __init__(
        self,
        data: Any,
        *,
        listing: str,
        heads: Sequence[tuple[str, str]],
        today: date,
        entry: Entry | None = None,
    ) -> None:
        initial: dict[str, Any] = {"from_date": today}
        if entry is not None:
            names = ("code", "name", "above", "years", "source", "position")
            initial |= {name: getattr(entry, name) for name in names}
            initial["keeps"] = "forever" if entry.permanent else "years" if entry.years else ""
            initial["from_date"] = max(today, entry.since)
        super().__init__(data, initial=initial)
        if entry is not None:
            self.fields["code"].disabled = True
        if listing != Listing.RETENTION:
            for name in ("keeps", "years", "source"):
                del self.fields[name]
        if listing not in TREES:
            del self.fields["above"]
        else:
            field = self.fields["above"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("Không, đứng ở cấp trên cùng")), *heads]

    def groups(self) -> list[list[forms.BoundField]]:
        """The fields in their order, short ones side by side."""
        beside = {"years": "keeps", "from_date": "position"}
        found: list[list[forms.BoundField]] = []
        for bound in self.visible_fields():
            if beside.get(bound.name) in self.fields and found:
                found[-1].append(bound)
            else:
                found.append([bound])
        return found

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("keeps") == "years" and not found.get("years") and "years" not in self.errors:
            self.add_error("years", _("Ghi số năm."))
        return found

    def told(self) -> Told:
        """The entry as the room takes it."""
        given = self.cleaned_data
        return Told(
            given["code"],
            given["name"],
            given.get("above", ""),
            given["years"] if given.get("keeps") == "years" else None,
            given.get("keeps") == "forever",
            given.get("source", ""),
            given["position"],
        )


class WriteTypeText(forms.Form):
    """What stands beside the words a draft begins with."""

    as_decree = forms.BooleanField(
        label=_("Trở lại thể thức chung"),
        required=False,
        help_text=_("Bỏ lời văn trên; nơi nhận có sẵn vẫn dùng"),
    )
    addressed = TreesField(label=_("Kính gửi"), required=False)
    copied = TreesField(label=_("Nơi nhận"), required=False)

    def __init__(self, data: Any, *, initial: Any, branches: Sequence[Branch], addressed: bool) -> None:
        super().__init__(data, initial=initial)
        for name in ("addressed", "copied"):
            field = self.fields[name]
            assert isinstance(field, TreesField)
            field.grow(branches)
        if not addressed:
            del self.fields["addressed"]


class ImportCodeList(forms.Form):
    table = forms.FileField(
        label=_("Tệp XLSX hoặc CSV"),
        help_text=_("Không quá 5.000 dòng; chưa ghi gì cho đến khi đồng chí xem kết quả kiểm tra"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    from_date = DayField(label=_("Áp dụng từ ngày"))
    basis = basis_line()
    whole = forms.BooleanField(
        label=_("Bảng này thay cả danh mục"),
        required=False,
        help_text=_("Mục không có trong bảng thôi dùng từ ngày áp dụng"),
    )

    def __init__(self, data: Any, files: Any, *, today: date) -> None:
        super().__init__(data, files, initial={"from_date": today})


class SetDay(forms.Form):
    day = DayField(label=_("Ngày"))
    kind = forms.ChoiceField(label=_("Là ngày"), choices=[(each.value, each.label) for each in DayKind])
    note = line(_("Tên ngày"), required=False, hint=_("Ví dụ Nghỉ Tết Nguyên đán"))
    decision = line(_("Căn cứ"), hint=_("Thông báo hoặc quyết định"))


class SwapDays(forms.Form):
    off = DayField(label=_("Ngày làm việc được nghỉ"))
    work = DayField(label=_("Ngày nghỉ phải làm bù"))
    note = line(_("Tên ngày"), required=False)
    decision = line(_("Căn cứ"), hint=_("Thông báo hoặc quyết định"))
