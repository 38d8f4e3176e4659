"""What the pages of the registry office ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antin.oldbooks.reading import BOOKS, ENTRIES, FACTS, IN, KEPT_OF_SECRET, OUT, guess
from antin.web.days import DayField


def _reason(hint: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Lý do"),
        max_length=500,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Ghi rõ lý do.")},
    )


class Reason(forms.Form):
    reason = _reason(_("Ghi vào sổ và nhật ký"))


class Reserve(forms.Form):
    """Which series, why, and until when."""

    series = forms.ChoiceField(label=_("Sổ"))
    reason = _reason(_("Ghi vào sổ và nhật ký: văn bản nào, vì sao cần giữ số trước"))
    until = DayField(label=_("Giữ đến hết ngày"))

    def __init__(self, data: Any, *, series: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        field = self.fields["series"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Chọn sổ")), *series]


class Insert(Reserve):
    """The same, and after which number."""

    after = forms.IntegerField(label=_("Chèn sau số"), min_value=1, max_value=999_999)
    field_order = ("series", "after", "reason", "until")


class Nothing(forms.Form):
    """A question that is answered by its button."""


class Postmark(forms.Form):
    words = forms.CharField(label=_("Người ký nhận, số hiệu bưu gửi"), max_length=200)


class NarrowBook(forms.Form):
    """What a book is narrowed to; every field may be left out."""

    words = forms.CharField(
        label=_("Số ký hiệu, trích yếu, nơi gửi, nơi nhận"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    since = DayField(label=_("Từ ngày"), required=False)
    until = DayField(label=_("Đến ngày"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="narrow-%s")

    def given(self) -> dict[str, Any]:
        """The filters in force. A part of the address that is not understood narrows nothing."""
        self.is_valid()
        return {name: self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name)}


class Columns(forms.Form):
    """A tick for every column but the first, which always stands."""

    def __init__(self, data: Any, *, columns: Iterable[tuple[str, Any]], hidden: Iterable[str]) -> None:
        super().__init__(data)
        away = set(hidden)
        for key, words in columns:
            self.fields[key] = forms.BooleanField(label=words, required=False, initial=key not in away)


class SendOldBook(forms.Form):
    table = forms.FileField(
        label=_("Sổ cũ: tệp XLSX hoặc CSV"),
        help_text=_("Một sổ mỗi tệp, không quá 20.000 dòng; tiêu đề cột theo Nghị định 30 hoặc tên cột của đơn vị"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    archive = forms.FileField(
        label=_("Tệp văn bản kèm theo: một tệp ZIP"),
        required=False,
        help_text=_("Tên tệp ghi ở một cột của sổ; PDF, ảnh, tài liệu văn phòng"),
        widget=forms.FileInput(attrs={"accept": ".zip"}),
    )
    begun_in = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput())


class SendSecretBook(forms.Form):
    table = forms.FileField(
        label=_("Sổ mật: tệp XLSX hoặc CSV, không kèm văn bản"),
        help_text=_(
            "Chỉ giữ số, ngày, độ mật, nơi gửi, nơi nhận, người ký; trích yếu, ghi chú và cột lạ không được ghi lại ở đâu. "
            "Tệp không được lưu"
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    begun_in = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput())


BOOK_CHOICES = (
    ("out", _("Văn bản đi")),
    ("in", _("Văn bản đến")),
    ("post", _("Gửi bưu điện, chuyển giao")),
    ("copies", _("Sử dụng bản lưu")),
)


class ReadOldBook(forms.Form):
    """Which column of an old book tells what, and how lines are read that say less than they should."""

    book = forms.ChoiceField(label=_("Đây là sổ"), choices=BOOK_CHOICES)
    together = forms.BooleanField(
        label=_("Mọi loại văn bản chung một dãy số trong năm"),
        required=False,
        help_text=_("Sổ đi của các năm đã qua; không chọn thì mỗi loại một dãy như các sổ đã lập"),
    )
    default_type = forms.ChoiceField(
        label=_("Loại của dòng không nhận ra loại"),
        required=False,
        help_text=_("Số ký hiệu không có chữ viết tắt của loại là công văn"),
    )
    year = forms.IntegerField(
        label=_("Năm của sổ"),
        required=False,
        min_value=1945,
        max_value=2100,
        help_text=_("Chỉ cần khi ngày trong sổ không ghi năm"),
    )

    def __init__(self, data: Any, *, old_book: Any, types: Iterable[tuple[str, str]]) -> None:
        initial = {
            "book": old_book.book,
            "together": old_book.together,
            "default_type": old_book.default_type,
            "year": old_book.year,
        }
        super().__init__(data, initial=initial)
        said = (data or {}).get("book", old_book.book)
        self.wanted = said if said in BOOKS else old_book.book
        known = (self.wanted,) if self.wanted in ENTRIES else (OUT, IN)
        kind, book = self.fields["default_type"], self.fields["book"]
        assert isinstance(kind, forms.ChoiceField) and isinstance(book, forms.ChoiceField)
        kind.choices = [("", _("Không có: dòng ấy bị từ chối")), *types]
        if old_book.secret:
            book.choices = BOOK_CHOICES[:2]
        if self.wanted in ENTRIES:
            del self.fields["default_type"], self.fields["together"]
        places = [(str(n), f"{column_name(n)}: {words}" if words else column_name(n)) for n, words in
                  enumerate(old_book.headings)]  # fmt: skip
        guessed = guess(old_book.headings, self.wanted) if self.wanted != old_book.book else old_book.columns
        for fact in FACTS:
            if not any(each in fact.books for each in known) or (old_book.secret and fact.name not in KEPT_OF_SECRET):
                continue
            self.fields[f"column_{fact.name}"] = forms.ChoiceField(
                label=str(fact.words),
                required=False,
                choices=[("", _("không có")), *places],
                initial=str(guessed[fact.name]) if fact.name in guessed else "",
            )
        if self.is_bound and self.wanted != old_book.book:  # the columns of that book were not on the page yet
            asked = {f"column_{name}": str(place) for name, place in guessed.items()}
            self.data = {**asked, **{name: self.data[name] for name in self.data}}

    def columns(self) -> dict[str, int]:
        """The column chosen for each fact."""
        return {
            name.removeprefix("column_"): int(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("column_") and value != ""
        }


def column_name(place: int) -> str:
    """A column as spreadsheets call it: A, B … Z, AA."""
    return chr(65 + place) if place < 26 else f"A{chr(65 + place - 26)}"


class StartOldBook(forms.Form):
    leave_out = forms.BooleanField(
        label=_("Để lại các dòng sai, chỉ nhập các dòng đúng"),
        required=False,
        help_text=_("Các dòng để lại được nêu từng dòng trong bảng cân đối"),
    )
