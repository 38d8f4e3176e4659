"""Papers written by another hand than the specimens: agencies, types and faults of their own, as a user of Word lays them out."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt
from lxml import etree

from antin.decree30 import judging

MORE = (
    "Đơn vị tiếp tục rà soát, bổ sung quy chế, kiểm tra việc chấp hành; tổ chức tập huấn nghiệp vụ, nâng cao chất lượng tham mưu "
    "và bảo đảm cơ sở vật chất phục vụ nhiệm vụ được giao trong giai đoạn tới."
)
DECISION: dict[str, Any] = {
    "parent": "BỘ NÔNG NGHIỆP VÀ MÔI TRƯỜNG",
    "issuer": "CỤC THỦY LỢI",
    "number": "Số: 215/QĐ-TL",
    "date": "Hà Nội, ngày 12 tháng 11 năm 2026",
    "national": ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13, True),
    "motto": ("Độc lập - Tự do - Hạnh phúc", 14),
    "about": None,
    "title": "QUYẾT ĐỊNH",
    "subject": "Về việc thành lập Tổ công tác kiểm tra công trình thủy lợi năm 2026",
    "to": "",
    "head": "CỤC TRƯỞNG CỤC THỦY LỢI",
    "bases": [
        "Căn cứ Quyết định số 128/QĐ-BNNMT ngày 01 tháng 3 năm 2025 của Bộ trưởng Bộ Nông nghiệp và Môi trường quy định chức "
        "năng, nhiệm vụ, quyền hạn và cơ cấu tổ chức của Cục Thủy lợi;",
        "Theo đề nghị của Chánh Văn phòng Cục.",
    ],
    "body": [
        "*Điều 1.* Thành lập Tổ công tác kiểm tra công trình thủy lợi năm 2026 gồm các thành viên có tên trong danh sách kèm theo.",
        "*Điều 2.* Tổ công tác kiểm tra hiện trạng, lập biên bản, báo cáo Cục trưởng trước ngày 20 tháng 12 năm 2026.",
        "*Điều 3.* Chánh Văn phòng, các thành viên Tổ công tác chịu trách nhiệm thi hành Quyết định này./.",
    ],
    "for": ["- Như Điều 3;", "- Bộ trưởng (để b/c);", "- Lưu: VT, VP."],
    "for_look": (True, 11),
    "above": ["CỤC TRƯỞNG"],
    "signer": "Nguyễn Văn Tỉnh",
    "look": {"size": 14, "indent": 1.27, "lines": 1.25, "before": 6, "align": "JUSTIFY", "font": "Times New Roman"},
    "margins": (20, 20, 30, 15),
    "numbers": "CENTER",
    "first_too": False,
    "issuer_bold": True,
    "date_italic": True,
}
LETTER = DECISION | {
    "parent": "ỦY BAN NHÂN DÂN TỈNH BẮC NINH",
    "issuer": "SỞ Y TẾ",
    "number": "Số: 1432/SYT-NVY",
    "date": "Bắc Ninh, ngày 05 tháng 02 năm 2026",
    "about": ("V/v tăng cường công tác phòng, chống dịch bệnh mùa đông xuân", 13),
    "title": "",
    "to": "Kính gửi: Giám đốc các bệnh viện, trung tâm y tế trực thuộc",
    "head": "",
    "bases": [],
    "body": [
        "Thực hiện Công văn số 7321/BYT-DP ngày 30 tháng 01 năm 2026 của Bộ Y tế về việc tăng cường công tác phòng, chống dịch "
        "bệnh mùa đông xuân, Sở Y tế đề nghị các đơn vị thực hiện các nội dung sau:",
        "1. Tổ chức giám sát chặt chẽ ca bệnh tại cơ sở điều trị và cộng đồng, phát hiện sớm, xử lý triệt để ổ dịch.",
        "Đề nghị các đơn vị báo cáo kết quả về Sở Y tế trước ngày 20 tháng 02 năm 2026./.",
    ],
    "for": ["- Như trên;", "- UBND tỉnh (để b/c);", "- Lưu: VT, NVY."],
    "above": ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"],
    "signer": "Trần Thị Hoa",
}
PLAN = LETTER | {
    "parent": "BỘ GIÁO DỤC VÀ ĐÀO TẠO",
    "issuer": "TRƯỜNG ĐẠI HỌC SƯ PHẠM",
    "number": "Số: 07/KH-ĐHSP",
    "date": "Đà Nẵng, ngày 09 tháng 01 năm 2026",
    "about": None,
    "title": "KẾ HOẠCH",
    "subject": "Tập huấn nghiệp vụ văn thư, lưu trữ năm 2026",
    "to": "",
    "body": [
        "*I. MỤC ĐÍCH, YÊU CẦU*",
        *[MORE] * 9,
        "@page",
        *[MORE] * 4,
        "Phòng Hành chính chủ trì thực hiện Kế hoạch này./.",
    ],
    "for": ["- Các khoa, phòng;", "- Lưu: VT, HC."],
    "above": ["KT. HIỆU TRƯỞNG", "PHÓ HIỆU TRƯỞNG"],
    "signer": "PGS.TS. Hoàng Minh Đức",
}
REPORT = PLAN | {
    "parent": None,
    "issuer": "ỦY BAN NHÂN DÂN\nXÃ TÂN HƯNG",
    "number": "Số: 88/BC-UBND",
    "date": "Tân Hưng, ngày 02 tháng 10 năm 2026",
    "title": "BÁO CÁO",
    "subject": "Kết quả thực hiện nhiệm vụ kinh tế - xã hội quý III năm 2026",
    "body": [
        "Ủy ban nhân dân xã Tân Hưng báo cáo kết quả thực hiện nhiệm vụ kinh tế - xã hội quý III năm 2026 như sau:",
        "@table",
        "Trên đây là báo cáo kết quả thực hiện nhiệm vụ quý III năm 2026./.",
    ],
    "for": ["- Thường trực HĐND xã;", "- Lưu: VT."],
    "above": ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"],
    "signer": "Lê Văn Bảy",
}
NOTICE = REPORT | {
    "parent": "UBND THÀNH PHỐ CẦN THƠ",
    "issuer": "BAN QUẢN LÝ DỰ ÁN ĐẦU TƯ",
    "number": "Số: 33/TB-BQL",
    "date": "Cần Thơ, ngày 20 tháng 12 năm 2026",
    "title": "THÔNG BÁO",
    "subject": "Về việc nghỉ Tết Dương lịch năm 2027",
    "body": ["Thời gian nghỉ: ngày 01 tháng 01 năm 2027.", "Yêu cầu các phòng, ban nghiêm túc thực hiện./."],
    "for": ["- Các phòng, ban;", "- Lưu: VT."],
    "above": ["TL. GIÁM ĐỐC", "CHÁNH VĂN PHÒNG"],
    "signer": "Phạm Quốc Việt",
}
SMALLER = {
    "look": DECISION["look"] | {"size": 13, "lines": 1.15, "indent": 1.0},
    "motto": ("Độc lập - Tự do - Hạnh phúc", 13),
}


def look(**changes: Any) -> dict[str, Any]:
    return {"look": DECISION["look"] | changes}


GOOD = {
    "decision": DECISION,
    "decision-smaller": DECISION | SMALLER | {"national": ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, True)},
    "letter": LETTER,
    "plan-of-two-pages-and-a-learned-signer": PLAN,
    "report-with-a-table": REPORT,
    "notice": NOTICE,
    "notice-of-libreoffice": NOTICE | look(font="Liberation Serif"),
}
BAD = (
    ("national_name.words", DECISION | {"national": ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAN", 13, True)}),
    ("national_name.weight", DECISION | {"national": ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 13, False)}),
    ("motto.case", DECISION | {"motto": ("Độc Lập - Tự Do - Hạnh Phúc", 14)}),
    ("issuer.weight", DECISION | {"issuer_bold": False}),
    ("number.leading_zero", PLAN | {"number": "Số: 7/KH-ĐHSP"}),
    ("number.spaces", DECISION | {"number": "Số: 215 / QĐ - TL"}),
    ("date.leading_zero", LETTER | {"date": "Bắc Ninh, ngày 5 tháng 02 năm 2026"}),
    ("date.leading_zero", LETTER | {"date": "Bắc Ninh, ngày 05 tháng 2 năm 2026"}),
    ("date.slant", DECISION | {"date_italic": False}),
    ("letter_subject.size", LETTER | {"about": (LETTER["about"][0], 16)}),
    ("type_name.case", REPORT | {"title": "Báo cáo"}),
    ("page.margins", DECISION | {"margins": (20, 20, 20, 15)}),
    ("page.margins", DECISION | {"margins": (20, 20, 30, 8)}),
    ("font.family", DECISION | look(font="Arial")),
    ("body.size", LETTER | look(size=11)),
    ("body.justified", PLAN | look(align="LEFT")),
    ("body.line_spacing", PLAN | look(lines=2.2)),
    ("body.paragraph_spacing", PLAN | look(before=0)),
    ("page_number.missing", PLAN | {"numbers": ""}),
    ("page_number.place", PLAN | {"numbers": "RIGHT"}),
    ("page_number.first", PLAN | {"first_too": True}),
    ("recipients_title.slant", DECISION | {"for_look": (False, 11)}),
    ("recipients.size", DECISION | {"for_look": (True, 14)}),
    ("recipients.archive", DECISION | {"for": ["- Như Điều 3;", "- Bộ trưởng (để b/c)."]}),
    ("signer.titles", DECISION | {"signer": "TS. Nguyễn Văn Tỉnh"}),
    ("authority.mark", LETTER | {"above": ["KT GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]}),
    ("bases.punctuation", DECISION | {"bases": [DECISION["bases"][0][:-1] + ",", DECISION["bases"][1]]}),
    ("body.closing", NOTICE | {"body": ["Yêu cầu các phòng, ban nghiêm túc thực hiện"]}),
)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_paper_of_another_hand_is_good(name: str) -> None:
    answer = judging.judge(_word(GOOD[name]))
    assert (answer["reason"], answer["findings"]) == (None, [])


@pytest.mark.parametrize(("code", "made"), BAD, ids=[f"{n:02d}-{code}" for n, (code, _made) in enumerate(BAD)])
def test_a_fault_of_another_hand_is_found_and_nothing_else(code: str, made: dict[str, Any]) -> None:
    answer = judging.judge(_word(made))
    assert answer["reason"] is None
    assert {finding["code"] for finding in answer["findings"]} == {code}


def _run(paragraph: Any, words: str, size: float, *, bold: bool = False, italic: bool = False) -> None:
    run = paragraph.add_run(words)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic


def _centred(place: Any, words: str, size: float, **more: Any) -> Any:
    paragraph = place.add_paragraph()
    paragraph.alignment = ALIGN.CENTER
    _run(paragraph, words, size, **more)
    return paragraph


def _rule(paragraph: Any) -> None:
    """A line drawn by hand, as Word keeps it."""
    space = "urn:schemas-microsoft-com:vml"
    run, picture = OxmlElement("w:r"), OxmlElement("w:pict")
    picture.append(etree.fromstring(f'<v:line xmlns:v="{space}" from="60pt,2pt" to="120pt,2pt" strokecolor="black"/>'))
    run.append(picture)
    paragraph._p.append(run)


def _number_pages(section: Any, made: dict[str, Any]) -> None:
    section.different_first_page_header_footer = not made["first_too"]
    if not made["numbers"]:
        return
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = ALIGN[made["numbers"]]
    for kind in ("begin", "", "end"):
        run = paragraph.add_run()
        run.font.size = Pt(14)
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = "PAGE"
        run._r.append(part)


def _head(document: Any, made: dict[str, Any]) -> None:
    table = document.add_table(2, 2)
    for row in table.rows:
        row.cells[0].width, row.cells[1].width = Mm(62), Mm(103)
    left, right = table.cell(0, 0), table.cell(0, 1)
    if made["parent"]:
        _centred(left, made["parent"], 13)
    lines = [_centred(left, line, 13, bold=made["issuer_bold"]) for line in made["issuer"].split("\n")]
    _rule(lines[-1])
    name, size, bold = made["national"]
    _centred(right, name, size, bold=bold)
    _rule(_centred(right, *made["motto"], bold=True))
    _centred(table.cell(1, 0), made["number"], 13)
    if made["about"]:
        _centred(table.cell(1, 0), *made["about"])
    _centred(table.cell(1, 1), made["date"], 14, italic=made["date_italic"])
    for cell in (left, right, table.cell(1, 0), table.cell(1, 1)):
        cell._tc.remove(cell.paragraphs[0]._p)  # the empty one every cell begins with
    if made["title"]:
        _centred(document, made["title"], 14, bold=True)
        _rule(_centred(document, made["subject"], 14, bold=True))
    if made["to"]:
        _centred(document, made["to"], 14)
    if made["head"]:
        _centred(document, made["head"], 14, bold=True)


def _text(document: Any, words: str, form: dict[str, Any], *, italic: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = ALIGN[form["align"]]
    layout = paragraph.paragraph_format
    layout.first_line_indent, layout.space_before = Cm(form["indent"]), Pt(form["before"])
    layout.line_spacing = form["lines"]
    for part in re.split(r"(\*[^*]+\*)", words):
        if part:
            _run(paragraph, part.strip("*"), form["size"], bold=part.startswith("*"), italic=italic)


def _body(document: Any, made: dict[str, Any]) -> None:
    for basis in made["bases"]:
        _text(document, basis, made["look"], italic=True)
    if made["bases"]:
        _centred(document, "QUYẾT ĐỊNH:", 14, bold=True)
    for words in made["body"]:
        if words == "@page":
            document.add_page_break()
        elif words == "@table":
            table = document.add_table(2, 3, "Table Grid")
            for row, cells in enumerate((("TT", "Chỉ tiêu", "Thực hiện"), ("1", "Thu ngân sách", "3.690"))):
                for column, cell in enumerate(cells):
                    _run(table.cell(row, column).paragraphs[0], cell, 13, bold=row == 0)
        else:
            _text(document, words, made["look"])


def _foot(document: Any, made: dict[str, Any]) -> None:
    document.add_paragraph()
    left, right = document.add_table(1, 2).rows[0].cells
    slanted, size = made["for_look"]
    _run(left.paragraphs[0], "Nơi nhận:", 12, bold=True, italic=slanted)
    for recipient in made["for"]:
        _run(left.add_paragraph(), recipient, size)
    for line in (*made["above"], "", "", "", made["signer"]):
        _centred(right, line, 14, bold=True)
    right._tc.remove(right.paragraphs[0]._p)


def _word(made: dict[str, Any]) -> bytes:
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    top, bottom, left, right = map(Mm, made["margins"])
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = top, bottom, left, right
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = made["look"]["font"], Pt(made["look"]["size"])
    normal.paragraph_format.space_after = Pt(0)
    _number_pages(section, made)
    _head(document, made)
    _body(document, made)
    _foot(document, made)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
