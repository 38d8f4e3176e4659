"""What is odd about a message, and saying no to one. A note of damage means that something the sender sent cannot be had."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.refusal import Refusal


class EdxmlRefused(Refusal):
    """A message that is not read. `at` names the place: line and column, a byte, an element or an attachment."""

    code = "edxml_refused"
    words = _("Không đọc được gói tin edXML.")

    def __init__(self, at: str, **facts: Any) -> None:
        super().__init__(**facts)
        self.at = at


WORDS = {
    # the file
    "byte-order-mark": _("Đầu tệp có dấu thứ tự byte (BOM)."),
    "space-before": _("Có khoảng trắng trước phần khai báo XML."),
    "repaired-before": _("Đã bỏ %(count)s byte lạ trước XML: %(what)s."),
    "repaired-after": _("Đã bỏ byte lạ sau phần tử gốc: %(what)s."),
    "wrapped": _("Cả gói tin nằm trong một lớp %(what)s."),
    "encoding": _("Mã ký tự thật là %(real)s, tệp khai là %(declared)s."),
    "other-encoding": _("Mã ký tự của tệp là %(real)s, không phải UTF-8."),
    "instruction": _("Bỏ qua chỉ thị xử lý “%(what)s”."),
    "undeclared-prefix": _("Tiền tố “%(what)s” không được khai báo."),
    # the shape
    "soap": _("Gói tin nằm trong phong bì SOAP."),
    "namespace": _("Không gian tên của phần tử gốc là “%(what)s”, không phải của QCVN 102:2016."),
    "no-namespace": _("Phần tử gốc không có không gian tên."),
    "root": _("Phần tử gốc là “%(what)s”, không phải edXML."),
    "misplaced": _("“%(what)s” nằm không đúng chỗ, trong “%(where)s”."),
    "spelling": _("“%(what)s” được đọc là “%(meant)s”."),
    "empty-response": _("“ResponseFor” để trống."),
    "missing": _("Thiếu “%(what)s”."),
    "empty": _("“%(what)s” để trống."),
    "repeated": _("“%(what)s” lặp lại; phần tử thừa được giữ nguyên."),
    "unknown-element": _("Phần tử lạ “%(what)s” được giữ nguyên."),
    "stray-text": _("“%(what)s” có văn bản ở chỗ chỉ dành cho phần tử: “%(text)s”."),
    "both-kinds": _("Gói trạng thái (có StatusCode) nhưng mang cả phần của văn bản: %(what)s."),
    "signature": _("Khối chữ ký của gói tin chưa được xác minh; được giữ nguyên và không dùng làm bằng chứng."),
    # the values
    "filler": _("“%(what)s” mang giá trị lấp chỗ “%(text)s”, coi như trống."),
    "date": _("“%(what)s” không đọc được thành ngày: “%(text)s”."),
    "date-form": _("“%(what)s” viết theo dạng khác yyyy/MM/dd: “%(text)s”."),
    "number": _("“%(what)s” không phải số: “%(text)s”."),
    "number-in-words": _("“%(what)s” viết bằng chữ: “%(text)s”."),
    "one-digit": _("“%(what)s” chỉ có một chữ số: “%(text)s”."),
    "out-of-table": _("“%(what)s” có giá trị ngoài bảng mã: “%(text)s”."),
    "code-doubled": _("Số đã chứa ký hiệu: “%(text)s”."),
    "code-flat": _("Số và ký hiệu viết liền: “%(text)s”."),
    "code-half": _("Số, ký hiệu thiếu một nửa: “%(text)s”."),
    "new-by-default": _("Không có loại nghiệp vụ; coi như văn bản mới (0)."),
    "unknown-status": _("Mã trạng thái ngoài bảng: “%(text)s”."),
    "old-code": _("Trục thêm nơi nhận này theo mã cũ: %(text)s."),
    "unnamed-receiver": _("Có nơi nhận không có mã định danh."),
    "same-unit": _("Nơi gửi và nơi nhận là cùng một đơn vị: %(text)s."),
    "same-receiver": _("Nơi nhận lặp lại: %(text)s."),
    "acted-on-unnamed": _("Nghiệp vụ %(text)s không nói về văn bản nào."),
    # the attachments
    "no-conformant-attachments": _(
        "Không có tệp đính kèm đúng quy chuẩn: chỉ có khối “%(what)s”, nội dung được giữ nguyên."
    ),
    "reference-without-attachment": _("Bảng kê có “%(what)s” nhưng gói tin không mang tệp này."),
    "attachment-without-reference": _("Tệp không có trong bảng kê."),
    "joined-by-name": _("ContentId không khớp bảng kê; ghép theo tên tệp."),
    "joined-by-position": _("ContentId và tên không khớp bảng kê; ghép theo thứ tự."),
    "order": _("Thứ tự tệp khác thứ tự trong bảng kê."),
    "content-id": _("ContentId lặp tiền tố: “%(text)s”."),
    "names-differ": _("Bảng kê gọi tệp này là “%(text)s”."),
    "types-differ": _("Bảng kê khai kiểu “%(text)s”."),
    "no-name": _("Tệp không có tên."),
    "no-type": _("Tệp không khai kiểu."),
    "path-in-name": _("Tên tệp mang đường dẫn: “%(text)s”; chỉ lấy phần cuối."),
    "same-name": _("Trùng tên với tệp đính kèm khác."),
    "data-uri": _("Base64 mang đầu “%(text)s”."),
    "base64-spaced": _("Base64 có khoảng trắng hoặc xuống dòng."),
    "cut-base64": _("Base64 bị cụt (thiếu ký tự cuối); chỉ có phần đã nhận."),
    "not-base64": _("Nội dung không phải base64; giữ nguyên văn bản đã nhận."),
    "no-content": _("Tệp không có nội dung."),
    "unwrapped": _("Tệp nằm trong zip một mục; đã lấy ra."),
    "undeclared-zip": _("Kiểu khai là “%(text)s” nhưng nội dung là zip một mục."),
    "not-a-zip": _("Khai là application/zip nhưng nội dung không phải zip; giữ nguyên."),
    "damaged-zip": _("Zip hỏng (%(text)s); giữ nguyên byte đã nhận."),
    "locked-zip": _("Zip đặt mật khẩu; giữ nguyên byte đã nhận."),
    "empty-zip": _("Zip không có mục nào; giữ nguyên byte đã nhận."),
    "zip-of-many": _("Zip có %(count)s mục; không mở, giữ nguyên."),
    "not-a-pdf": _("Tên tệp là PDF nhưng nội dung không phải."),
    "ruined-pdf": _("PDF đã hỏng vì bị xử lý như văn bản."),
    "pdf-without-end": _("PDF không có dấu kết thúc; có thể bị cắt."),
}

DAMAGE = frozenset(
    {
        "no-conformant-attachments",
        "reference-without-attachment",
        "not-base64",
        "cut-base64",
        "no-content",
        "damaged-zip",
        "locked-zip",
        "empty-zip",
        "ruined-pdf",
        "repaired-before",
        "repaired-after",
    }
)


@dataclass(frozen=True)
class Note:
    """One oddity: its code, where it was seen, and the facts its words name."""

    code: str
    at: str = ""
    facts: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def damage(self) -> bool:
        return self.code in DAMAGE

    @property
    def words(self) -> str:
        return gettext(WORDS[self.code]) % self.facts

    def __str__(self) -> str:
        """The code for machines, the words for people, the place for both."""
        return f"{self.code}: {self.words}" + (f" [{self.at}]" if self.at else "")


class Notebook:
    """Notes taken while one message is read. The same oddity at the same place is written down once."""

    MOST = 500

    def __init__(self) -> None:
        self._notes: dict[tuple[str, str, str], Note] = {}

    def write(self, code: str, at: str = "", **facts: Any) -> None:
        shown = {name: _brief(value) for name, value in facts.items()}
        key = (code, at, repr(shown))
        if key not in self._notes and (len(self._notes) < self.MOST or code in DAMAGE):
            self._notes[key] = Note(code, at, shown)

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(self._notes.values())


def _brief(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    shown = " ".join(value.split())
    return shown if len(shown) <= 120 else shown[:119] + "…"
