"""What a new document begins with: the sentences that the forms of Decree 30, Appendix III, give, for the writer to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from antin.typeset.letter import Form

Line = tuple[str, str] | tuple[str, str, dict[str, Any]]


def beginning(form: str, *, issuer_name: str) -> dict[str, Any]:
    """The body of a new document of this form. :raises ValueError: there is no such form"""
    return {"type": "doc", "content": [_block(line, issuer_name) for line in _BEGINNINGS.get(Form(form), _BLANK)]}


def _block(line: Line, issuer_name: str) -> dict[str, Any]:
    kind, words, *attributes = line
    found: dict[str, Any] = {"type": kind}
    if attributes:
        found["attrs"] = attributes[0]
    if words:
        found["content"] = [{"type": "text", "text": words.replace("{issuer}", issuer_name)}]
    return found


def _paragraphs(*words: str) -> tuple[Line, ...]:
    return tuple(("paragraph", line) for line in words)


_BLANK = _paragraphs("")
_BEGINNINGS: dict[Form, tuple[Line, ...]] = {
    Form.RESOLUTION: (("legalBasis", "Căn cứ …"), ("legalBasis", "Xét …"), ("article", "…"), ("article", "…")),
    Form.DECISION: (
        ("legalBasis", "Căn cứ …"),
        ("legalBasis", "Theo đề nghị của …"),
        ("article", "…"),
        ("article", "Quyết định này có hiệu lực kể từ ngày ký."),
        ("article", "… chịu trách nhiệm thi hành Quyết định này."),
    ),
    Form.DECISION_ON_TEXT: (
        ("legalBasis", "Căn cứ …"),
        ("legalBasis", "Theo đề nghị của …"),
        ("article", "Ban hành kèm theo Quyết định này …"),
        ("article", "Quyết định này có hiệu lực kể từ ngày ký."),
        ("article", "… chịu trách nhiệm thi hành Quyết định này."),
        ("appendix", "QUY CHẾ …", {"attached": True}),
        ("heading", "Quy định chung", {"kind": "chapter"}),
        ("article", "Phạm vi điều chỉnh", {"titled": True}),
        ("paragraph", "…"),
        ("article", "Đối tượng áp dụng", {"titled": True}),
        ("paragraph", "…"),
    ),
    Form.CIRCULAR: (
        ("legalBasis", "Căn cứ Luật Ban hành văn bản quy phạm pháp luật …"),
        ("legalBasis", "Theo đề nghị của …"),
        ("legalBasis", "… ban hành Thông tư …"),
        ("heading", "Quy định chung", {"kind": "chapter"}),
        ("article", "Phạm vi điều chỉnh", {"titled": True}),
        ("paragraph", "…"),
        ("article", "Đối tượng áp dụng", {"titled": True}),
        ("paragraph", "…"),
        ("heading", "Điều khoản thi hành", {"kind": "chapter"}),
        ("article", "Hiệu lực thi hành", {"titled": True}),
        ("paragraph", "Thông tư này có hiệu lực thi hành từ ngày …"),
    ),
    Form.PARTY_DECISION: (
        ("legalBasis", "Căn cứ Điều lệ Đảng"),
        ("legalBasis", "Căn cứ Quy chế làm việc của …"),
        ("legalBasis", "Xét đề nghị của …"),
        ("article", "…"),
        ("article", "Quyết định này có hiệu lực từ ngày ký."),
    ),
    Form.INVITATION: _paragraphs("Tới dự …", "Chủ trì: …", "Thời gian: …", "Địa điểm: …"),
    Form.INTRODUCTION: _paragraphs(
        "{issuer} trân trọng giới thiệu:",
        "Ông (bà): …",
        "Chức vụ: …",
        "Được cử đến: …",
        "Về việc: …",
        "Đề nghị Quý cơ quan tạo điều kiện để ông (bà) có tên ở trên hoàn thành nhiệm vụ.",
        "Giấy này có giá trị đến hết ngày …",
    ),
    Form.MINUTES: _paragraphs(
        "Thời gian bắt đầu: …",
        "Địa điểm: …",
        "Thành phần tham dự: …",
        "Chủ trì (chủ tọa): …",
        "Thư ký (người ghi biên bản): …",
        "Nội dung: …",
        "Cuộc họp kết thúc vào … giờ …, ngày … tháng … năm …",
    ),
    Form.LEAVE: _paragraphs(
        "Xét Đơn đề nghị nghỉ phép ngày … của ông (bà) …",
        "{issuer} cấp cho:",
        "Ông (bà): …",
        "Chức vụ: …",
        "Nghỉ phép trong thời gian …, kể từ ngày … đến hết ngày … tại …",
        "Số ngày nghỉ phép nêu trên được tính vào thời gian …",
    ),
}


@dataclass(frozen=True)
class Awaited:
    """A paper that a letter of urging names: `subject` is empty of one that is not to be named by it."""

    code: str
    day: date | None
    subject: str
    reply_by: date | None

    @property
    def called(self) -> str:
        """The paper by number and day."""
        return f"văn bản số {self.code}" + (f" ngày {self.day:%d/%m/%Y}" if self.day else "")


def urging(named: list[Awaited], *, issuer_name: str, recipient_name: str, today: date) -> tuple[str, dict[str, Any]]:
    """Subject and body of a letter that urges one recipient about papers that were sent to it; the first gives the subject."""
    asks = any(each.reply_by for each in named)
    subject = f"Đôn đốc {'trả lời' if named[0].reply_by else 'tiếp nhận'} {named[0].called}"
    lines = [f"{issuer_name} đã gửi {recipient_name} các văn bản sau:"]
    for each in named:
        about = f" về việc “{each.subject}”" if each.subject else ""
        until = f", đề nghị trả lời trước ngày {each.reply_by:%d/%m/%Y}" if each.reply_by else ""
        over = " (đã quá hạn)" if each.reply_by and each.reply_by < today else ""
        lines.append(f"- {each.called[:1].upper()}{each.called[1:]}{about}{until}{over};")
    lines[-1] = lines[-1].removesuffix(";") + "."
    wish = "trả lời bằng văn bản" if asks else "tiếp nhận, thông báo kết quả tiếp nhận"
    lines.append(
        f"Đến ngày {today:%d/%m/%Y}, {issuer_name} chưa nhận được phản hồi. Đề nghị {recipient_name} khẩn trương {wish}."
    )
    return subject[:500], {"type": "doc", "content": [_block(("paragraph", line), issuer_name) for line in lines]}
