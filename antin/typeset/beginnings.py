"""What a new document begins with: the sentences that the forms of Decree 30, Appendix III, give, for the writer to go on from."""

from __future__ import annotations

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
