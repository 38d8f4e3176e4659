"""Small words to write documents with, and one document of each of the ten forms."""

from datetime import UTC, datetime

from antin.typeset.letter import Cosigner, Facts

LONG = (
    "Thực hiện chương trình công tác năm 2026, Văn phòng Tổng cục đề nghị các đơn vị rà soát, báo cáo kết quả ứng dụng công nghệ "
    "thông tin, bảo đảm an toàn thông tin mạng và chuyển đổi số tại đơn vị mình theo các nội dung sau đây."
)


def text(words, *marks):
    return {"type": "text", "text": words, **({"marks": [{"type": mark} for mark in marks]} if marks else {})}


def block(name, words="", **attrs):
    return {"type": name, **({"content": [text(words)]} if words else {}), **({"attrs": attrs} if attrs else {})}


def par(words):
    return block("paragraph", words)


def doc(*blocks):
    return {"type": "doc", "content": list(blocks)}


def table(*rows, head=1):
    kinds = ["tableHeader"] * head + ["tableCell"] * (len(rows) - head)
    return {
        "type": "table",
        "content": [
            {"type": "tableRow", "content": [{"type": kind, "content": [par(cell)]} for cell in row]}
            for kind, row in zip(kinds, rows, strict=True)
        ],
    }


def facts(form="letter", **given):
    """A plain letter of an office, unless told otherwise."""
    standing = {
        "type_code": "CV",
        "type_name": "Công văn",
        "notation": "VP-TH",
        "issuer_name": "Văn phòng",
        "parent_name": "Tổng cục Kỹ thuật",
        "place": "Hà Nội",
        "subject": "báo cáo kết quả chuyển đổi số",
        "addressees": ("Cục Quân nhu",),
        "recipients": ("Như trên", "Lưu: VT, TH."),
        "authority": ("TL. TỔNG CỤC TRƯỞNG", "CHÁNH VĂN PHÒNG"),
        "signer_name": "Nguyễn Văn Thắng",
        "body": doc(par("Đề nghị các đơn vị báo cáo.")),
        "made_at": datetime(2026, 6, 1, 3, 0, tzinfo=UTC),
    }
    return Facts(form=form, **(standing | given))


def named(code, name, notation, **given):
    return {"type_code": code, "type_name": name, "notation": notation, "addressees": (), **given}


TEN = {
    "resolution": facts(
        "resolution",
        **named(
            "NQ",
            "Nghị quyết",
            "NQ-HĐ",
            subject="Về chương trình phát triển khoa học, công nghệ năm 2026",
            enactor="Hội đồng Khoa học",
        ),
        body=doc(
            block("legalBasis", "Căn cứ Luật Khoa học và Công nghệ"),
            block("legalBasis", "Xét Tờ trình của Văn phòng"),
            block("article", "Thông qua chương trình phát triển khoa học, công nghệ năm 2026."),
            block("article", "Giao Văn phòng tổ chức thực hiện Nghị quyết này."),
        ),
    ),
    "decision": facts(
        "decision",
        **named(
            "QĐ",
            "Quyết định",
            "QĐ-VP",
            subject="Về việc thành lập Tổ công tác chuyển đổi số",
            enactor="Chánh Văn phòng",
        ),
        body=doc(
            block("legalBasis", "Căn cứ Quy chế làm việc của Tổng cục"),
            block("article", "Thành lập Tổ công tác chuyển đổi số."),
            block("article", "Tổ công tác có nhiệm vụ:"),
            block("clause", "Xây dựng kế hoạch;"),
            block("clause", "Tổ chức thực hiện."),
        ),
    ),
    "decision_on_text": facts(
        "decision_on_text",
        **named("QĐ", "Quyết định", "QĐ-VP", subject="Ban hành Quy chế công tác văn thư", enactor="Chánh Văn phòng"),
        body=doc(
            block("legalBasis", "Căn cứ Nghị định số 30/2020/NĐ-CP"),
            block("article", "Ban hành kèm theo Quyết định này Quy chế công tác văn thư."),
            {
                "type": "appendix",
                "attrs": {"attached": True},
                "content": [text("QUY CHẾ"), {"type": "hardBreak"}, text("Công tác văn thư")],
            },
            block("heading", "Quy định chung", kind="chapter"),
            block("article", "Phạm vi điều chỉnh", titled=True),
            par("Quy chế này quy định về công tác văn thư."),
            block("appendix", "Mẫu sổ đăng ký"),
            par("Sổ đăng ký văn bản đi."),
        ),
    ),
    "named": facts(
        "named",
        **named("KH", "Kế hoạch", "KH-VP", subject="Chuyển đổi số năm 2026"),
        body=doc(
            block("heading", "MỤC ĐÍCH", kind="roman"), par(LONG), block("heading", "TỔ CHỨC", kind="roman"), par(LONG)
        ),
    ),
    "letter": facts("letter", addressees=("Cục Quân nhu", "Cục Xăng dầu")),
    "telegram": facts(
        "telegram",
        **named("CĐ", "Công điện", "CĐ-VP", subject="Về ứng phó bão số 5", enactor="Tổng cục trưởng", urgency="HỎA TỐC")
        | {"addressees": ("Cục Quân nhu", "Cục Xăng dầu")},
        body=doc(par(LONG)),
    ),
    "invitation": facts(
        "invitation",
        **named("GM", "Giấy mời", "GM-VP", subject="Họp giao ban quý II")
        | {"addressees": ("Đồng chí Cục trưởng Cục Quân nhu",)},
        body=doc(
            par("Tới dự họp giao ban."),
            par("Chủ trì: Chánh Văn phòng."),
            par("Thời gian: 8 giờ 00."),
            par("Địa điểm: Phòng họp 1."),
        ),
    ),
    "introduction": facts(
        "introduction",
        **named("GGT", "Giấy giới thiệu", "GGT-VP", subject=""),
        body=doc(
            par("Văn phòng trân trọng giới thiệu:"),
            par("Ông (bà): Lê Văn Cường"),
            par("Giấy này có giá trị đến hết ngày 30 tháng 6."),
        ),
    ),
    "minutes": facts(
        "minutes",
        **named("BB", "Biên bản", "BB-VP", subject="Họp Tổ công tác", authority=("CHỦ TỌA",)),
        cosigners=(Cosigner(("Thư ký",), "Lê Thị Hoa"),),
        body=doc(par("Địa điểm: Phòng họp 1."), par(LONG), par("Cuộc họp kết thúc vào 11 giờ 00 cùng ngày.")),
    ),
    "leave": facts(
        "leave",
        **named("GNP", "Giấy nghỉ phép", "GNP-VP", subject=""),
        body=doc(par("Văn phòng cấp cho:"), par("Ông (bà): Lê Văn Cường"), par("Nghỉ phép trong thời gian 10 ngày.")),
    ),
}

PARTY = {
    "issuer_name": "Đảng ủy Tổng cục Kỹ thuật",
    "parent_name": "Đảng bộ Bộ",
    "numbering": "party",
    "authority": ("T/M BAN THƯỜNG VỤ", "PHÓ BÍ THƯ"),
    "recipients": ("Các chi bộ trực thuộc", "Lưu Văn phòng Đảng ủy."),
}
OTHERS = {
    "circular": facts(
        "circular",
        **named(
            "TT",
            "Thông tư",
            "TT-TCKT",
            subject="Quy định về quản lý trang bị",
            numbering="with_year",
            authority=("TỔNG CỤC TRƯỞNG",),
        ),
        body=doc(
            block("legalBasis", "Căn cứ Luật Ban hành văn bản quy phạm pháp luật"),
            block("legalBasis", "Theo đề nghị của Chánh Văn phòng"),
            block("legalBasis", "Tổng cục trưởng Tổng cục Kỹ thuật ban hành Thông tư quy định về quản lý trang bị"),
            block("heading", "Quy định chung", kind="chapter"),
            block("article", "Phạm vi điều chỉnh", titled=True),
            block("clause", "Thông tư này quy định về quản lý trang bị;"),
            block("clause", "Thông tư này không áp dụng với trang bị chuyên dùng."),
        ),
    ),
    "party_named": facts(
        "party_named",
        **named("HD", "Hướng dẫn", "HD/ĐU", subject="Sinh hoạt chi bộ năm 2026", **PARTY),
        body=doc(block("heading", "MỤC ĐÍCH", kind="roman"), par(LONG)),
    ),
    "party_decision": facts(
        "party_decision",
        **named("QĐ", "Quyết định", "QĐ/ĐU", subject="Chuẩn y cấp ủy", enactor="Ban Thường vụ Đảng ủy", **PARTY),
        body=doc(
            block("legalBasis", "Căn cứ Điều lệ Đảng"),
            block("article", "Chuẩn y cấp ủy chi bộ Văn phòng."),
            block("article", "Quyết định có hiệu lực từ ngày ký."),
        ),
    ),
    "party_letter": facts(
        "party_letter",
        type_code="CV",
        type_name="",
        notation="CV/ĐU",
        addressees=("Các chi bộ trực thuộc", "Ủy ban Kiểm tra Đảng ủy"),
        **PARTY,
    ),
}
"""What is laid out by other rules than the Decree's: legal normative documents and papers of the Party (decision 105)."""
