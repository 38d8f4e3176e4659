"""Papers as officers write them, told as data: each can be changed in one place and made as DOCX (`word`) or as PDF (`printed`)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

Specimen = dict[str, Any]

LONG = (
    "Thực hiện chương trình công tác năm 2026, các đơn vị rà soát, tổng hợp kết quả ứng dụng công nghệ thông tin, bảo đảm an toàn "
    "thông tin mạng và chuyển đổi số tại cơ quan, đơn vị mình; đánh giá những việc đã làm được, những việc còn tồn tại, nguyên "
    "nhân và đề xuất giải pháp khắc phục trong thời gian tới, bảo đảm đúng tiến độ được giao."
)


def piece(text: str, size: float, *, bold: bool = False, italic: bool = False, framed: bool = False) -> Specimen:
    return {"text": text, "size": size, "bold": bold, "italic": italic, "font": "Times New Roman", "framed": framed}


def _head() -> Specimen:
    return {
        "page": {"width": 210, "height": 297, "top": 20, "bottom": 20, "left": 30, "right": 15},
        "page_number": {"show": True, "place": "top", "align": "center", "size": 13, "first": False, "italic": False},
        "national": piece("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13, bold=True),
        "motto": piece("Độc lập - Tự do - Hạnh phúc", 14, bold=True),
        "motto_rule": 1.0,
        "parent": piece("BỘ NỘI VỤ", 13),
        "issuer": piece("CỤC VĂN THƯ VÀ LƯU TRỮ", 13, bold=True),
        "issuer_rule": 0.4,
        "number": piece("Số: 125/QĐ-VTLT", 13),
        "date": piece("Hà Nội, ngày 05 tháng 3 năm 2026", 14, italic=True),
        "letter_subject": None,
        "title": piece("QUYẾT ĐỊNH", 14, bold=True),
        "subject": piece("Về việc ban hành Kế hoạch chuyển đổi số năm 2026", 14, bold=True),
        "subject_rule": 0.4,
        "urgency": None,
        "secrecy": None,
        "addressees": None,
        "enactor": None,
        "bases": [],
        "enacting": None,
        "body": [],
        "body_look": {
            "size": 14,
            "font": "Times New Roman",
            "justify": True,
            "indent": 12.7,
            "spacing": 6,
            "pitch": 1.15,
        },
        "recipients_title": piece("Nơi nhận:", 12, bold=True, italic=True),
        "recipients": ["- Như Điều 3;", "- Bộ trưởng (để báo cáo);", "- Lưu: VT, KH (05)."],
        "recipients_size": 11,
        "post": [piece("KT. CỤC TRƯỞNG", 14, bold=True), piece("PHÓ CỤC TRƯỞNG", 14, bold=True)],
        "name": piece("Nguyễn Văn Thắng", 14, bold=True),
        "recipients_bold": False,
        "recipients_italic": False,
        "swap_head": False,
        "swap_number": False,
        "page_one": None,
        "footer": None,
        "swap_foot": False,
        "annexes": [],
    }


def decision() -> Specimen:
    return _head() | {
        "enactor": piece("CỤC TRƯỞNG CỤC VĂN THƯ VÀ LƯU TRỮ", 14, bold=True),
        "bases": [
            piece("Căn cứ Luật Giao dịch điện tử ngày 22 tháng 6 năm 2023;", 14, italic=True),
            piece(
                "Căn cứ Quyết định số 12/QĐ-BNV ngày 10 tháng 01 năm 2025 của Bộ trưởng Bộ Nội vụ quy định chức năng, nhiệm vụ, "
                "quyền hạn của Cục Văn thư và Lưu trữ;",
                14,
                italic=True,
            ),
            piece("Theo đề nghị của Trưởng phòng Kế hoạch.", 14, italic=True),
        ],
        "enacting": piece("QUYẾT ĐỊNH:", 14, bold=True),
        "body": [
            "**Điều 1.** Ban hành kèm theo Quyết định này Kế hoạch chuyển đổi số năm 2026 của Cục Văn thư và Lưu trữ.",
            "**Điều 2.** " + LONG,
            "1. Phòng Kế hoạch chủ trì, phối hợp với các đơn vị liên quan tổ chức thực hiện Kế hoạch này, cụ thể như sau:",
            "a) Xây dựng dự toán kinh phí, trình cấp có thẩm quyền phê duyệt theo quy định của pháp luật về ngân sách nhà nước;",
            "b) Hướng dẫn, đôn đốc, kiểm tra việc thực hiện Kế hoạch tại các đơn vị;",
            "c) Tổng hợp, báo cáo kết quả thực hiện;",
            "d) Đề xuất khen thưởng tập thể, cá nhân có thành tích;",
            "đ) Thực hiện nhiệm vụ khác do Cục trưởng giao.",
            "2. Các đơn vị thuộc Cục căn cứ chức năng, nhiệm vụ được giao xây dựng kế hoạch của đơn vị mình. " + LONG,
            "**Điều 3.** Quyết định này có hiệu lực kể từ ngày ký. Chánh Văn phòng, Trưởng phòng Kế hoạch và Thủ trưởng các đơn vị "
            "thuộc Cục chịu trách nhiệm thi hành Quyết định này./.",
        ],
    }


def letter() -> Specimen:
    return _head() | {
        "title": None,
        "subject": None,
        "subject_rule": None,
        "number": piece("Số: 86/VTLT-NV", 13),
        "letter_subject": piece("V/v báo cáo kết quả ứng dụng công nghệ thông tin năm 2026", 12),
        "addressees": [piece("Kính gửi: Các đơn vị thuộc Cục.", 14)],
        "body": [
            LONG,
            "Cục Văn thư và Lưu trữ đề nghị các đơn vị báo cáo theo các nội dung sau:",
            "1. " + LONG,
            "2. " + LONG,
            "3. " + LONG,
            "4. " + LONG,
            "Báo cáo gửi về Cục Văn thư và Lưu trữ trước ngày 15 tháng 3 năm 2026 để tổng hợp, báo cáo Bộ trưởng./.",
        ],
        "recipients": ["- Như trên;", "- Cục trưởng (để báo cáo);", "- Lưu: VT, NV."],
    }


def plan() -> Specimen:
    return _head() | {
        "number": piece("Số: 07/KH-VTLT", 13),
        "title": piece("KẾ HOẠCH", 14, bold=True),
        "subject": piece("Ứng dụng công nghệ thông tin và chuyển đổi số năm 2026", 14, bold=True),
        "body": [
            LONG,
            "**I. MỤC ĐÍCH, YÊU CẦU**",
            "1. " + LONG,
            "2. " + LONG,
            "**II. NỘI DUNG**",
            "1. " + LONG,
            "a) " + LONG,
            "b) " + LONG,
            "2. " + LONG,
            "**III. TỔ CHỨC THỰC HIỆN**",
            LONG,
            "Trên đây là Kế hoạch của Cục Văn thư và Lưu trữ, đề nghị các đơn vị thực hiện nghiêm túc./.",
        ],
        "recipients": ["- Bộ trưởng (để báo cáo);", "- Các đơn vị thuộc Cục;", "- Lưu: VT, KH."],
    }


def report() -> Specimen:
    return plan() | {
        "number": piece("Số: 112/BC-VTLT", 13),
        "title": piece("BÁO CÁO", 14, bold=True),
        "subject": piece("Kết quả ứng dụng công nghệ thông tin và chuyển đổi số năm 2025", 14, bold=True),
        "annexes": [
            {
                "label": piece("Phụ lục I", 14, bold=True),
                "title": piece("SỐ LIỆU ỨNG DỤNG CÔNG NGHỆ THÔNG TIN", 14, bold=True),
                "reference": piece(
                    "(Kèm theo Báo cáo số 112/BC-VTLT ngày 05 tháng 3 năm 2026 của Cục Văn thư và Lưu trữ)",
                    14,
                    italic=True,
                ),
                "body": [LONG],
            },
            {
                "label": piece("Phụ lục II", 14, bold=True),
                "title": piece("DANH MỤC NHIỆM VỤ", 14, bold=True),
                "reference": piece(
                    "(Kèm theo Báo cáo số 112/BC-VTLT ngày 05 tháng 3 năm 2026 của Cục Văn thư và Lưu trữ)",
                    14,
                    italic=True,
                ),
                "body": [LONG],
            },
        ],
    }


def notice() -> Specimen:
    return plan() | {
        "number": piece("Số: 45/TB-VTLT", 13),
        "title": piece("THÔNG BÁO", 14, bold=True),
        "subject": piece("Về việc nghỉ lễ Quốc khánh năm 2026", 14, bold=True),
        "body": [LONG, LONG, "Cục Văn thư và Lưu trữ thông báo để các đơn vị biết, thực hiện./."],
        "post": [piece("TL. CỤC TRƯỞNG", 14, bold=True), piece("CHÁNH VĂN PHÒNG", 14, bold=True)],
    }


def submission() -> Specimen:
    return plan() | {
        "number": piece("Số: 31/TTr-VTLT", 13),
        "title": piece("TỜ TRÌNH", 14, bold=True),
        "subject": piece("Về việc phê duyệt Đề án số hóa tài liệu lưu trữ", 14, bold=True),
        "addressees": [piece("Kính gửi: Bộ trưởng Bộ Nội vụ.", 14)],
        "recipients": ["- Như trên;", "- Lưu: VT, KH."],
    }


KINDS = {
    "decision": decision,
    "letter": letter,
    "plan": plan,
    "report": report,
    "notice": notice,
    "submission": submission,
}


def specimen(kind: str, /, **changes: Any) -> Specimen:
    """A good paper of this kind; `changes` name a part by `__`: number__text="Số 12/QĐ-X"."""
    made = deepcopy(KINDS[kind]())
    for path, value in changes.items():
        *parents, last = path.split("__")
        holder = made
        for name in parents:
            holder = holder[int(name) if name.isdigit() else name]
        holder[int(last) if last.isdigit() else last] = value
    return made
