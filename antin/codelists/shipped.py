"""What a list begins with where nobody keeps one. Suggestions to be looked through, never in force by themselves, save the phrases.

Retention: the common schedule of Circular 10/2022/TT-BNV in a few lines, from memory; an agency imports its own, in force by law.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from antin.codelists.operations import Line

PHRASES = (
    _("Nghiên cứu, tham mưu đề xuất."),
    _("Chủ trì, phối hợp các đơn vị liên quan thực hiện, báo cáo kết quả."),
    _("Tổ chức thực hiện theo yêu cầu của văn bản."),
    _("Soạn văn bản trả lời, trình ký."),
)
"""Directives where an agency has none of its own."""

_SOURCE = "Thông tư 10/2022/TT-BNV (đối chiếu trước khi dùng)"
_RETENTION: tuple[tuple[str, str, str, int | None, bool], ...] = (
    ("I", "Tài liệu tổng hợp", "", None, False),
    ("I.1", "Văn bản quy phạm pháp luật, văn bản chỉ đạo do cơ quan ban hành", "I", None, True),
    ("I.2", "Kế hoạch, báo cáo công tác năm của cơ quan", "I", None, True),
    ("I.3", "Kế hoạch, báo cáo công tác quý, sáu tháng", "I", 20, False),
    ("I.4", "Kế hoạch, báo cáo công tác tháng, tuần", "I", 10, False),
    ("I.5", "Công văn trao đổi về công tác chung", "I", 10, False),
    ("I.6", "Văn bản gửi để biết", "I", 5, False),
    ("II", "Tài liệu tổ chức, cán bộ", "", None, False),
    ("II.1", "Quyết định về tổ chức bộ máy, chức năng, nhiệm vụ", "II", None, True),
    ("II.2", "Hồ sơ, quyết định về nhân sự", "II", 70, False),
    ("III", "Tài liệu tài chính, hợp đồng", "", None, False),
    ("III.1", "Hợp đồng mua sắm, sửa chữa", "III", 20, False),
    ("IV", "Tài liệu văn thư, lưu trữ", "", None, False),
    ("IV.1", "Sổ đăng ký văn bản đi, tập lưu văn bản đi", "IV", None, True),
    ("IV.2", "Sổ đăng ký văn bản đến", "IV", 20, False),
)


def suggested() -> list[Line]:
    """A retention list to begin from."""
    return [
        Line(code, name, above, years, permanent, "" if years is None and not permanent else _SOURCE)
        for code, name, above, years, permanent in _RETENTION
    ]
