"""What the pages of administration ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.codelists.operations import Told
from antin.codelists.policy import MOST_YEARS
from antin.codelists.states import TREES, Listing
from antin.correspondents.states import Channel
from antin.documents import policy as documents
from antin.documents.states import Secrecy
from antin.documents.types import TYPES, Family
from antin.keys.providers import Kind as KeyKind
from antin.keys.states import Device, Reason
from antin.numbering.states import Restart
from antin.people.states import BodyKind, Clearance, Form, Kind, Role
from antin.people.states import Standing as MemberStanding
from antin.signing.policy import MOST_GRACE_HOURS
from antin.signing.states import Level, ResponderKind, Signing
from antin.web.days import DayField
from antin.web.trees import Branch, TreeField, TreesField
from antin.workdays.queries import Kind as DayKind

if TYPE_CHECKING:
    from antin.codelists.models import Entry
    from antin.people.queries import UnitRow


def _line(label: Any, *, required: bool = True, most: int = 300, hint: Any = "", **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=most, help_text=hint, widget=forms.TextInput(attrs=attrs)
    )


def _basis(*, required: bool = True) -> forms.CharField:
    return _line(_("Căn cứ"), required=required, hint=_("Số, ký hiệu quyết định hoặc văn bản; ghi vào nhật ký"))


def _order() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Thứ tự"), min_value=0, max_value=9999, initial=50, help_text=_("Số nhỏ đứng trước trong danh sách")
    )


@dataclass(frozen=True)
class Choice:
    """One of several that are told in two lines: a name, and what is to be known of it."""

    name: str
    note: str


class Nothing(forms.Form):
    """A question that is answered by its button."""


class Basis(forms.Form):
    basis = _basis()


# ---- units -----------------------------------------------------------------------------------------------------------------


class NameUnit(forms.Form):
    name = _line(_("Tên đơn vị"), hint=_("Viết đầy đủ, như ghi trên văn bản"))
    short_name = _line(_("Tên gọi ngắn"), most=100)
    abbreviation = _line(_("Chữ viết tắt"), most=30, hint=_("Dùng trong ký hiệu văn bản, ví dụ TCZ trong 12/QĐ-TCZ"))


class OpenUnit(NameUnit):
    kind = forms.ChoiceField(label=_("Loại đơn vị"), choices=Kind.choices, initial=Kind.DIVISION)
    code = _line(
        _("Mã định danh"),
        required=False,
        most=40,
        hint=_("Chỉ ghi cho cơ quan có văn thư, sổ, con dấu riêng; phòng, ban thì để trống"),
    )
    place_name = _line(
        _("Địa danh"), required=False, most=100, hint=_("Ghi trước ngày tháng; để trống thì theo đơn vị cấp trên")
    )
    parent_name = _line(
        _("Tên cơ quan chủ quản"), required=False, hint=_("Dòng trên tên cơ quan; để trống thì theo đơn vị cấp trên")
    )
    collective = _line(
        _("Tập thể mà người đứng đầu ký thay mặt (TM.)"), required=False, most=200, hint=_("Ví dụ Hội đồng")
    )
    address = _line(_("Địa chỉ"), required=False)
    order = _order()
    decision = _line(_("Quyết định thành lập"), required=False, most=200)


class RenameUnit(NameUnit):
    decision = _line(_("Quyết định đổi tên"), required=False, most=200)


class DescribeUnit(forms.Form):
    place_name = _line(_("Địa danh"), required=False, most=100)
    address = _line(_("Địa chỉ"), required=False)
    parent_name = _line(_("Tên cơ quan chủ quản"), required=False)
    collective = _line(_("Tập thể mà người đứng đầu ký thay mặt (TM.)"), required=False, most=200)


def branches(rows: Iterable[UnitRow]) -> list[Branch]:
    """Units as a picker draws them."""
    return [Branch(str(row.id), row.name, str(row.parent_id or ""), row.code or row.abbreviation) for row in rows]


class MoveUnit(forms.Form):
    parent_id = TreeField(label=_("Đơn vị cấp trên mới"))
    code = _line(
        _("Mã định danh mới"), required=False, most=40, hint=_("Cần khi mã cũ không nằm dưới mã của cấp trên mới")
    )
    decision = _line(_("Quyết định"), required=False, most=200)

    def __init__(self, data: Any, *, units: Sequence[Branch]) -> None:
        super().__init__(data)
        self.fields["parent_id"].grow(units)  # type: ignore[attr-defined]


class CloseUnit(forms.Form):
    successor_id = TreeField(
        label=_("Đơn vị kế thừa"), required=False, help_text=_("Văn bản gửi cho đơn vị cũ về sau sẽ đến đơn vị này")
    )
    decision = _line(_("Quyết định giải thể"), most=200)

    def __init__(self, data: Any, *, units: Sequence[Branch]) -> None:
        super().__init__(data)
        self.fields["successor_id"].grow(units)  # type: ignore[attr-defined]


# ---- posts and who holds them ----------------------------------------------------------------------------------------------


class OpenPost(forms.Form):
    title = _line(_("Tên chức vụ"), most=200, hint=_("Như in dưới thẩm quyền ký, ví dụ Trưởng phòng Kế hoạch"))
    role = forms.ChoiceField(
        label=_("Vai trò"),
        choices=Role.choices,
        initial=Role.OFFICER,
        help_text=_("Quyết định chức vụ làm được gì; không đổi được về sau"),
    )
    keeps_seal = forms.BooleanField(
        label=_("Giữ con dấu của cơ quan"), required=False, help_text=_("Người giữ chức vụ này đóng dấu và phát hành")
    )
    order = _order()


class DescribePost(forms.Form):
    title = _line(_("Tên chức vụ"), most=200)
    keeps_seal = forms.BooleanField(label=_("Giữ con dấu của cơ quan"), required=False)
    order = _order()


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
    basis = _basis(required=False)

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
    basis = _basis(required=False)

    def __init__(self, data: Any, *, posts: Sequence[Branch], today: date) -> None:
        super().__init__(data, initial={"since": today})
        self.fields["post_id"].grow(posts)  # type: ignore[attr-defined]


class EndAppointment(forms.Form):
    until = DayField(label=_("Thôi giữ từ ngày"), help_text=_("Ngày đầu tiên không còn giữ chức vụ"))
    basis = _basis(required=False)

    def __init__(self, data: Any, *, earliest: date) -> None:
        super().__init__(data, initial={"until": earliest})


class ImportOrganisation(forms.Form):
    table = forms.FileField(
        label=_("Tệp XLSX hoặc CSV"),
        help_text=_("Không quá 5.000 dòng mỗi bảng; chưa ghi gì cho đến khi đồng chí xem kết quả kiểm tra"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


# ---- persons ---------------------------------------------------------------------------------------------------------------


class DescribePerson(forms.Form):
    name = _line(_("Họ và tên"), most=100)
    rank = _line(_("Cấp bậc, học vị"), required=False, most=50, hint=_("In trước họ tên dưới chữ ký"))


class AddPerson(DescribePerson):
    code = _line(_("Mã cán bộ"), required=False, most=40)
    user_name = _line(
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
    basis = _basis(required=False)


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
    basis = _basis()


# ---- signing rights --------------------------------------------------------------------------------------------------------


class CloseBook(forms.Form):
    from_year = forms.IntegerField(label=_("Từ năm"), min_value=2020, max_value=2100)
    basis = _basis()

    def __init__(self, data: Any, *, year: int) -> None:
        super().__init__(data, initial={"from_year": year + 1})


class SetBook(CloseBook):
    """Which types share a series, since when, by whose decision."""

    name = _line(_("Tên sổ"), most=200, hint=_("Ví dụ: Sổ công văn, thông báo"))
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
    name = _line(_("Tên tổ chức"), most=300, hint=_("In ở đầu văn bản, ví dụ: Đảng ủy Tổng cục Z"))
    abbreviation = _line(_("Ký hiệu"), most=30, hint=_("Sau số văn bản, ví dụ: ĐU trong 12-NQ/ĐU"))
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
    basis = _basis()

    def __init__(self, data: Any, *, units: Sequence[Branch], today: date) -> None:
        super().__init__(data, initial={"opened_on": today})
        self.fields["office_id"].grow(units)  # type: ignore[attr-defined]


class SeatInBody(forms.Form):
    post_id = TreeField(label=_("Chức vụ trong cơ quan"))
    title = _line(_("Chức danh trong tổ chức"), most=200, hint=_("In trên chữ ký, ví dụ: Bí thư"))
    standing = forms.ChoiceField(label=_("Ký văn bản"), choices=MemberStanding.choices)
    since = DayField(label=_("Từ ngày"))
    basis = _basis()

    def __init__(self, data: Any, *, posts: Sequence[Branch], today: date) -> None:
        super().__init__(data, initial={"since": today})
        self.fields["post_id"].grow(posts)  # type: ignore[attr-defined]


class GiveMandate(forms.Form):
    """Which family of documents an agency issues besides the administrative one."""

    family = forms.ChoiceField(
        label=_("Họ văn bản"), choices=[(each.value, each.label) for each in Family if each in documents.MANDATED]
    )
    since = DayField(label=_("Từ ngày"))
    basis = _basis()

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"since": today, "family": Family.NORMATIVE})


class EndMandate(forms.Form):
    until = DayField(label=_("Đến ngày"), help_text=_("Ngày đầu tiên không còn soạn mới"))
    basis = _basis()

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"until": today})


class CodeChange(forms.Form):
    """From which day a change of a list holds, and by which writing."""

    from_date = DayField(label=_("Áp dụng từ ngày"))
    basis = _basis()

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"from_date": today})


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
    basis = _basis()

    def __init__(self, data: Any, files: Any, *, is_stamp: bool, today: date) -> None:
        super().__init__(data, files, initial={"from_date": today})
        self.fields["picture"].help_text = (
            _("Con dấu màu đỏ, cắt sát, rộng 30–45 mm, từ 200 dpi, không quá 2 MB")
            if is_stamp
            else _("Chữ ký màu xanh, rộng 15–70 mm, cao 5–40 mm, từ 200 dpi, không quá 2 MB")
        )


class CodeEntry(forms.Form):
    """An entry of a list; of a retention list how long, or forever, or (neither) a heading."""

    code = _line(_("Mã"), most=20)
    name = _line(_("Tên mục"), most=500)
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
    source = _line(_("Căn cứ của thời hạn"), required=False)
    from_date = DayField(label=_("Áp dụng từ ngày"))
    basis = _basis()
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
        help_text=_("Bỏ lời văn trên; dự thảo bắt đầu như chưa có mẫu"),
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
    basis = _basis()
    whole = forms.BooleanField(
        label=_("Bảng này thay cả danh mục"),
        required=False,
        help_text=_("Mục không có trong bảng thôi dùng từ ngày áp dụng"),
    )

    def __init__(self, data: Any, files: Any, *, today: date) -> None:
        super().__init__(data, files, initial={"from_date": today})


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
    basis = _basis()

    def __init__(self, data: Any, *, posts: Sequence[Branch], today: date) -> None:
        super().__init__(data, initial={"since": today})
        self.fields["to_post_id"].grow(posts)  # type: ignore[attr-defined]


class Substitute(forms.Form):
    principal_id = TreeField(label=_("Chức vụ vắng"))
    substitute_id = TreeField(label=_("Người thay"), help_text=_("Chức vụ khác trong cùng cơ quan"))
    since = DayField(label=_("Từ ngày"))
    until = DayField(label=_("Đến ngày"), help_text=_("Ngày đầu tiên không còn thay"))
    basis = _basis()

    def __init__(self, data: Any, *, posts: Sequence[Branch], today: date) -> None:
        super().__init__(data, initial={"since": today, "until": today + timedelta(days=7)})
        for name in ("principal_id", "substitute_id"):
            self.fields[name].grow(posts)  # type: ignore[attr-defined]


# ---- certificates ----------------------------------------------------------------------------------------------------------


class Establish(forms.Form):
    name = _line(_("Tên cơ quan chứng thực"), most=64, hint=_("Ví dụ Cơ quan chứng thực nội bộ"))
    organisation = _line(_("Thuộc tổ chức"), most=64)


def _years() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("Hiệu lực"), coerce=int, choices=[(1, _("1 năm")), (2, _("2 năm")), (3, _("3 năm"))], initial=3
    )


def _file(label: Any, hint: Any = "") -> forms.FileField:
    return forms.FileField(label=label, help_text=hint, max_length=200)


class IssueToPerson(forms.Form):
    post_id = forms.TypedChoiceField(label=_("Ký với chức vụ"), coerce=int)
    years = _years()

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
    content = _file(_("Tệp khóa (.p12, .pfx)"))
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
    reference = _line(
        _("Tên khóa ở đó"),
        hint=_("Trên thiết bị: thư-viện:số-sê-ri:mã-khóa; ở dịch vụ ký số từ xa: tên-dịch-vụ:mã-khóa"),
    )
    label = _line(_("Tên gọi của thiết bị"), required=False, hint=_("Ví dụ HSM phòng máy chủ"))
    content = _file(_("Tệp chứng thư số"), _("Để trống thì lấy chứng thư số nằm cạnh khóa"))
    pin = _device_pin()

    def __init__(self, data: Any, files: Any, *, posts: Sequence[tuple[int, str]] | None = None) -> None:
        super().__init__(data, files)
        self.fields["content"].required = False
        if posts is not None:
            self.fields["post_id"] = forms.TypedChoiceField(label=_("Ký với chức vụ"), coerce=int, choices=posts)
            self.order_fields(["post_id"])


class AddAnchor(forms.Form):
    content = _file(_("Tệp chứng thư số gốc (.cer, .crt, .pem)"))
    trusted_from = DayField(label=_("Tin cậy từ ngày"), required=False)
    trusted_until = DayField(label=_("Đến ngày"), required=False)
    reason = _line(_("Căn cứ"), hint=_("Văn bản nào cho phép tin cậy; ghi vào nhật ký"))


class EndAnchor(forms.Form):
    until = DayField(label=_("Thôi tin cậy từ ngày"))
    reason = _line(_("Lý do"), hint=_("Ghi vào nhật ký"))


class ImportFile(forms.Form):
    content = _file(_("Tệp"))


class DeclineRequest(forms.Form):
    words = _line(_("Lý do"))


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
    years = _years()

    def __init__(self, data: Any, *, keepers: Sequence[tuple[int, str]]) -> None:
        super().__init__(data, initial={"custodian_id": keepers[0][0] if keepers else None})
        self.fields["custodian_id"].choices = [("", _("Chưa giao")), *keepers]  # type: ignore[attr-defined]


class HandOver(forms.Form):
    to_person_id = forms.TypedChoiceField(label=_("Giao cho"), coerce=int)
    basis = _basis()
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


# ---- the working calendar --------------------------------------------------------------------------------------------------


class SetDay(forms.Form):
    day = DayField(label=_("Ngày"))
    kind = forms.ChoiceField(label=_("Là ngày"), choices=[(each.value, each.label) for each in DayKind])
    note = _line(_("Tên ngày"), required=False, hint=_("Ví dụ Nghỉ Tết Nguyên đán"))
    decision = _line(_("Căn cứ"), hint=_("Thông báo hoặc quyết định"))


class SwapDays(forms.Form):
    off = DayField(label=_("Ngày làm việc được nghỉ"))
    work = DayField(label=_("Ngày nghỉ phải làm bù"))
    note = _line(_("Tên ngày"), required=False)
    decision = _line(_("Căn cứ"), hint=_("Thông báo hoặc quyết định"))


# ---- how signatures last ----------------------------------------------------------------------------------------------------


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
    name = _line(_("Tên gọi"), most=100)
    address = _line(
        _("Địa chỉ"),
        required=False,
        hint=_("http://… hoặc https://…; để trống với dấu thời gian thì dùng dịch vụ của chính hệ thống"),
        inputmode="url",
    )
    issuer = forms.ChoiceField(
        label=_("Trả lời thay cơ quan chứng thực"), required=False, help_text=_("Chỉ cần cho OCSP và danh sách thu hồi")
    )
    seconds = forms.IntegerField(label=_("Chờ nhiều nhất (giây)"), min_value=1, max_value=30, initial=5)
    position = _order()

    def __init__(self, data: Any, *, issuers: Sequence[tuple[str, str]], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["issuer"].choices = [("", _("Không")), *issuers]  # type: ignore[attr-defined]


# ---- lines to the outside --------------------------------------------------------------------------------------------------


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

    title = _line(_("Tên kênh"), most=120, hint=_("Ví dụ: Trục liên thông văn bản quốc gia"))
    address = _line(_("Địa chỉ"), hint=_("https://… do đơn vị quản lý trục cấp"), inputmode="url", spellcheck="false")
    system_id = _line(_("Mã hệ thống"), most=120, spellcheck="false")
    secret = _secret(_("Khóa bí mật"))
    user_name = _line(_("Tên đăng nhập"), required=False, most=120, hint=_("Chỉ cổng của tỉnh, bộ"), spellcheck="false")
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
    name = _line(_("Tên ngắn"), most=60, hint=_("Chữ thường không dấu, chữ số, dấu gạch; không đổi được về sau"))
    field_order = ("channel", "title", "name", "address", "system_id", "secret")


class DropParcel(forms.Form):
    reason = _line(_("Lý do"), most=500, hint=_("Ghi vào nhật ký"))


class DescribeCorrespondent(forms.Form):
    """An outside agency, and the way to it."""

    name = _line(_("Tên cơ quan"))
    spellings = _line(
        _("Cách viết khác của mã"), required=False, most=600, hint=_("Mã cũ, mã mới, cách nhau bằng dấu phẩy")
    )
    email = _line(_("Thư điện tử"), required=False, most=200)
    way = forms.ChoiceField(label=_("Gửi qua"))

    def __init__(self, *given: Any, ways: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["way"].choices = list(ways)  # type: ignore[attr-defined]


class EnterCorrespondent(DescribeCorrespondent):
    code = _line(_("Mã định danh"), most=64, spellcheck="false")
    field_order = ("code", "name", "spellings", "way", "email")


class CloseCorrespondent(forms.Form):
    successor = _line(
        _("Mã cơ quan kế tiếp"), required=False, most=64, hint=_("Để trống khi không có"), spellcheck="false"
    )


class ImportCorrespondents(forms.Form):
    way = forms.ChoiceField(label=_("Gửi qua"))
    table = forms.FileField(label=_("Tệp CSV"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"}))

    def __init__(self, *given: Any, ways: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["way"].choices = list(ways)  # type: ignore[attr-defined]


# Other nodes ----------------------------------------------------------------------------------------------------------------

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
    code = _line(
        _("Tên nút trên đường liên kết"), most=20, hint=_("Chữ thường không dấu, ví dụ: tcz"), spellcheck="false"
    )
    name = _line(_("Tên gọi"), hint=_("Ví dụ: Tổng cục Z"))
    address = _line(
        _("Địa chỉ máy chủ đường liên kết"),
        required=False,
        hint=_("máy:cổng mà nút khác nối tới, qua TLS; để trống khi chỉ mang tay"),
        spellcheck="false",
    )


class InviteNode(forms.Form):
    code = _line(
        _("Tên nút trên đường liên kết"), most=20, hint=_("Chữ thường không dấu, ví dụ: cuc-xa"), spellcheck="false"
    )
    name = _line(_("Tên gọi"))
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
    fingerprint = _line(_("Dấu vân tay họ đọc"), most=60, spellcheck="false")


class JoinNodes(CompareFingerprint):
    file = _file(_("Tệp giấy mời"))


class AnswerFile(forms.Form):
    file = _file(_("Tệp"))


class BringRequest(forms.Form):
    """The file by which the agency's key on its clerk's device asks for a certificate."""

    label = forms.CharField(label=_("Tên thiết bị"), max_length=200, help_text=_("Ví dụ USB token số 12"))
    serial = forms.CharField(label=_("Số sê-ri"), max_length=64, required=False)
    request = forms.FileField(label=_("Tệp đề nghị (.csr, .p10)"), max_length=200)
