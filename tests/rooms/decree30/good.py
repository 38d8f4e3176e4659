"""Good papers: the same specimens in the many ways they are laid out by people."""

from __future__ import annotations

from typing import Any

from tests.rooms.decree30.specimens import LONG, piece

UBND = {"parent": None, "issuer": piece("ỦY BAN NHÂN DÂN TỈNH", 13, bold=True)}

GOOD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("decision", {}),
    ("letter", {}),
    ("plan", {}),
    ("report", {}),
    ("notice", {}),
    ("submission", {}),
    ("decision", {"body_look__size": 13, "body_look__indent": 10}),
    ("plan", {"body_look__pitch": 1.5, "body_look__spacing": 8}),
    ("plan", {"body_look__pitch": 1.0, "body_look__spacing": 6}),
    ("plan", {"page__left": 35, "page__right": 20, "page__top": 25, "page__bottom": 25}),
    ("plan", {"page__left": 29, "page__right": 19}),
    ("letter", {"national__size": 12, "motto__size": 13, "parent__size": 12, "issuer__size": 12, "date__size": 13}),
    ("letter", {"national__text": "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"}),
    ("letter", {"motto_rule": 0.85}),
    ("letter", {"issuer_rule": 0.6}),
    ("plan", {"subject_rule": 0.25}),
    ("letter", {"number__text": "Số:      /VTLT-NV", "date__text": "Hà Nội, ngày      tháng      năm 2026"}),
    ("letter", {"number__text": "Số: 1234 /VTLT-NV"}),
    ("letter", {"number__text": "Số: 86/TCT-QLTTr"}),
    ("letter", {"number__text": "Số: 86/BGDĐT-GDTrH"}),
    ("letter", {"number__text": "Số: 86/CT-TTHT"}),
    ("letter", {"letter_subject__size": 13, "number__size": 14}),
    ("letter", {"date__text": "Hà Nội, ngày 12 tháng 03 năm 2026"}),
    ("letter", {"date__text": "Thành phố Hồ Chí Minh, ngày 12 tháng 11 năm 2026", "date__size": 13}),
    ("letter", UBND | {"number__text": "Số: 12/UBND-VX"}),
    ("decision", UBND | {"number__text": "Số: 1250/QĐ-UBND"}),
    ("decision", {"number__text": "Số: 125/QĐ-BNV", "parent": None, "issuer": piece("BỘ NỘI VỤ", 13, bold=True)}),
    ("submission", {"number__text": "Số: 31/TTR-VTLT"}),
    ("plan", {"number__text": "Số: 01/KH-VTLT"}),
    ("letter", {"urgency": piece("HỎA TỐC", 13, bold=True, framed=True)}),
    ("letter", {"secrecy": piece("MẬT", 13, bold=True, framed=True)}),
    (
        "letter",
        {
            "addressees": [
                piece("Kính gửi:", 14),
                piece("- Các đơn vị thuộc Cục;", 14),
                piece("- Các Trung tâm Lưu trữ quốc gia.", 14),
            ]
        },
    ),
    (
        "decision",
        {
            "post": [
                piece("TM. ỦY BAN NHÂN DÂN", 14, bold=True),
                piece("KT. CHỦ TỊCH", 14, bold=True),
                piece("PHÓ CHỦ TỊCH", 14, bold=True),
            ]
        },
    ),
    ("decision", {"post": [piece("CỤC TRƯỞNG", 14, bold=True)]}),
    ("decision", {"post": [piece("Q. CỤC TRƯỞNG", 14, bold=True)]}),
    ("decision", {"name__text": "Thiếu tướng Nguyễn Văn Thắng"}),
    ("decision", {"name__text": "PGS.TS. Nguyễn Văn Thắng", "issuer__text": "TRƯỜNG ĐẠI HỌC NỘI VỤ HÀ NỘI"}),
    ("decision", {"recipients_size": 12}),
    ("decision", {"recipients": ["- Như Điều 3;", "- Lưu: VT, KH, NTH (15b)."]}),
    (
        "letter",
        {"recipients": ["- Như trên;", "- Bộ trưởng và các Thứ trưởng", "(để báo cáo);", "- Lưu: VT, Vụ KHTC (02)."]},
    ),
    ("letter", {"body": [LONG + " Đề nghị báo cáo trước ngày 15 tháng 3 năm 2026./."]}),
    ("letter", {"body": ["Đề nghị các đơn vị báo cáo./."]}),
    ("plan", {"page_number__size": 14}),
    ("plan", {"page_number__size": 12}),
    ("report", {"annexes__0__label__text": "PHỤ LỤC I", "annexes__1__label__text": "PHỤ LỤC II"}),
    (
        "decision",
        {
            "bases__0__text": "Căn cứ Luật Tổ chức Chính phủ ngày 18 tháng 02 năm 2025;",
            "bases__2__text": "Xét đề nghị của Trưởng phòng Kế hoạch và Trưởng phòng Nghiệp vụ.",
        },
    ),
    ("decision", {"parent__text": "DỰ THẢO 2", "issuer__text": "BỘ NỘI VỤ"}),
    ("letter", {"date__text": "Bà Rịa - Vũng Tàu, ngày 24 tháng 12 năm 2026"}),
    ("letter", {"recipients": ["- Như trên;", "- Thủ tướng Chính phủ (để b/c);", "- Lưu: VT, KSTT (2b). Tuấn"]}),
    ("plan", {"number__text": "Số: 12/BB-VTLT", "title__text": "BIÊN BẢN"}),
    (
        "letter",
        {
            "title": piece("GIẤY MỜI", 14, bold=True),
            "subject": piece("Họp triển khai nhiệm vụ công tác tháng 3 năm 2026", 14, bold=True),
            "letter_subject": None,
            "number__text": "Số: 45/GM-VTLT",
        },
    ),
    (
        "letter",
        {
            "title": piece("CÔNG ĐIỆN", 14, bold=True),
            "subject": piece("Về việc tập trung ứng phó bão số 3", 14, bold=True),
            "letter_subject": None,
            "number__text": "Số: 45/CĐ-TTg",
            "parent": None,
            "issuer": piece("THỦ TƯỚNG CHÍNH PHỦ", 13, bold=True),
            "addressees": [piece("THỦ TƯỚNG CHÍNH PHỦ điện:", 14, bold=True)],
        },
    ),
)
