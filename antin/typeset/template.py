"""A draft as DOCX, for those who write in Word: the same boxes as the printed page, ready to be edited, by Decree 30, Appendix I.

The file holds no macros, links or names of people: only what stands on the page.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt

from antin.typeset import letter
from antin.typeset.letter import Facts

Node = dict[str, Any]

FACE = "Times New Roman"
WEST, EAST = Mm(65), Mm(100)
ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


def docx_of(facts: Facts) -> bytes:
    """Write the draft as DOCX.

    :raises WrongForm: :raises CannotPrint: :raises BadBody: :raises TooLong: as letter.lay_out
    """
    sheet = letter.sheet_of(facts)
    document = docx.Document()
    _set_up(document, facts)
    _head(document, sheet)
    _title(document, sheet)
    for block in sheet["blocks"]:
        _block(document, block)
    _foot(document, sheet)
    for part in sheet["appendices"]:
        _appendix(document, part, sheet)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_up(document: Any, facts: Facts) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin, section.header_distance = Mm(30), Mm(15), Mm(10)
    section.different_first_page_header_footer = True
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FACE, Pt(14)
    for script in ("eastAsia", "cs", "hAnsi"):
        normal.element.rPr.rFonts.set(qn(f"w:{script}"), FACE)
    normal.paragraph_format.space_after = Pt(0)
    made = facts.made_at.astimezone(UTC).replace(tzinfo=None)
    about = document.core_properties
    about.author, about.comments, about.created, about.modified = "", "", made, made
    about.title = facts.subject
    number = section.header.paragraphs[0]
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, words in (("begin", ""), ("", " PAGE "), ("end", "")):
        run = number.add_run()
        run.font.size, run.font.name = Pt(13), FACE
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = words
        run._r.append(mark)


def _say(
    paragraph: Any, text: str, size: float = 14, *, bold: bool = False, italic: bool = False, align: str = "center"
) -> Any:
    run = paragraph.add_run(text)
    run.font.size, run.font.name, run.bold, run.italic = Pt(size), FACE, bold, italic
    paragraph.alignment = ALIGN[align]
    return paragraph


def _rule(holder: Any, room: float, share: float, text: str, size: float) -> None:
    """A solid rule under what was said: the upper border of an empty line, drawn in on both sides."""
    wide = min(room, len(text) * size * (0.68 if text.isupper() else 0.47))
    side = Pt(max(0.0, (room - wide * share) / 2))
    paragraph = holder.add_paragraph()
    kept = paragraph.paragraph_format
    kept.left_indent = kept.right_indent = side
    kept.line_spacing_rule, kept.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(4)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(borders, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _columns(document: Any, rows: int, widths: tuple[Any, Any]) -> Any:
    table = document.add_table(rows=rows, cols=2)
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width
    return table


def _party_head(west: Any, east: Any, sheet: Node) -> None:
    """The two names as guidance 36-HD/VPTW puts them: the organ with its asterisk, the Party with its rule."""
    first = west.paragraphs[0]
    if sheet["parent"]:
        _say(first, sheet["parent"].upper(), 13)
        first = west.add_paragraph()
    _say(first, sheet["issuer"].upper(), 13, bold=True)
    _say(west.add_paragraph(), "*", 14)
    _say(east.paragraphs[0], "ĐẢNG CỘNG SẢN VIỆT NAM", 15, bold=True)
    _rule(east, EAST.pt - 11, 1.0, "ĐẢNG CỘNG SẢN VIỆT NAM", 15)


def _head(document: Any, sheet: Node) -> None:
    table = _columns(document, 2, (WEST, EAST))
    west, east = table.rows[0].cells
    if sheet["party"]:
        _party_head(west, east, sheet)
    else:
        _nation_head(west, east, sheet)
    _rest_of_head(document, table, sheet)


def _nation_head(west: Any, east: Any, sheet: Node) -> None:
    first = west.paragraphs[0]
    if sheet["parent"]:
        _say(first, sheet["parent"].upper(), 13)
        first = west.add_paragraph()
    _say(first, sheet["issuer"].upper(), 13, bold=True)
    _rule(west, WEST.pt - 11, 0.4, sheet["issuer"].upper(), 13)
    _say(east.paragraphs[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, bold=True)
    _say(east.add_paragraph(), "Độc lập - Tự do - Hạnh phúc", 13, bold=True)
    _rule(east, EAST.pt - 11, 1.0, "Độc lập - Tự do - Hạnh phúc", 13)


def _rest_of_head(document: Any, table: Any, sheet: Node) -> None:
    west, east = table.rows[1].cells
    between = "-" if sheet["party"] else "/"
    _say(west.paragraphs[0], f"Số:        {between}{sheet['notation']}", 13)
    _say(east.paragraphs[0], f"{sheet['place']}, ngày      tháng      năm          ", 13, italic=True)
    if sheet["form"] == "letter" and sheet["subject"]:
        about = _say(west.add_paragraph(), f"V/v {sheet['subject']}", 12, italic=sheet["party"])
        about.paragraph_format.space_before = Pt(6)
    for mark in ("secrecy", "urgency", "circulation"):
        if sheet[mark]:
            frame = west.add_table(rows=1, cols=1)
            frame.style = document.styles["Table Grid"]
            _say(frame.rows[0].cells[0].paragraphs[0], sheet[mark].upper(), 13, bold=True)
            west.add_paragraph()


def _title(document: Any, sheet: Node) -> None:
    document.add_paragraph()
    if sheet["form"] != "letter":
        _say(document.add_paragraph(), sheet["type_name"].upper(), bold=True)
        if sheet["subject"]:
            _say(document.add_paragraph(), sheet["subject"], bold=True)
            if sheet["party"]:
                _say(document.add_paragraph(), "-----")
            else:
                _rule(document, 467.0, 0.4, sheet["subject"][:60], 14)
    names = sheet["addressees"]
    lead = {
        "telegram": f"{sheet['enactor'] or sheet['issuer']} điện:",
        "invitation": f"{sheet['issuer']} trân trọng kính mời:",
    }.get(sheet["form"], "Kính gửi:")
    if len(names) == 1:
        _say(document.add_paragraph(), f"{lead} {names[0]}")
    elif names:
        _say(document.add_paragraph(), lead)
        for name in names:
            _say(document.add_paragraph(), f"- {name}", align="left").paragraph_format.left_indent = Cm(5)
    if names:
        document.add_paragraph()


def _text(
    document: Any, label: str, runs: Iterable[Any], *, bold: bool = False, italic: bool = False, align: str = "justify"
) -> Any:
    """A paragraph of the text: its number, then its words with their own marks."""
    paragraph = document.add_paragraph()
    paragraph.alignment = ALIGN[align]
    kept = paragraph.paragraph_format
    kept.space_before, kept.line_spacing = Pt(6), 1.15
    if align == "justify":
        kept.first_line_indent = Cm(1.27)
    if label:
        run = paragraph.add_run(f"{label} ")
        run.bold, run.font.name, run.font.size = bold or label.startswith("Điều"), FACE, Pt(14)
    for words, marks in runs:
        run = paragraph.add_run()
        if "n" in marks and not words:
            run.add_break()
            continue
        run.text = words
        run.font.name, run.font.size = FACE, Pt(14)
        run.bold, run.italic, run.underline = bold or "b" in marks, italic or "i" in marks, "u" in marks or None
    return paragraph


def _block(document: Any, block: Node, lead: str = "") -> None:
    kind = block["k"]
    if kind == "par":
        _text(document, lead, block["runs"], align=block["align"])
    elif kind == "basis":
        _text(document, "", block["runs"], italic=True)
    elif kind in ("enactor", "enacting"):
        said = block["text"].upper() if kind == "enactor" else block["text"]
        _say(document.add_paragraph(), said, bold=True).paragraph_format.space_before = Pt(6)
    elif kind == "heading":
        centred = block["kind"] != "roman"
        _text(document, block["label"], block["runs"], bold=True, align="center" if centred else "justify")
    elif kind in ("article", "clause", "point"):
        _text(document, block["label"], block["runs"], bold=block["titled"])
    elif kind == "list":
        for n, item in enumerate(block["items"], 1):
            for m, child in enumerate(item):
                _block(document, child, (f"{n}." if block["ordered"] else "-") if m == 0 else "")
    elif kind == "table":
        _table(document, block)
    elif kind == "break":
        document.add_page_break()


def _table(document: Any, block: Node) -> None:
    table = document.add_table(rows=len(block["rows"]), cols=len(block["columns"]))
    table.style = document.styles["Table Grid"]
    for top, row in enumerate(block["rows"]):
        for cell in row:
            place = table.cell(top, cell["left"])
            if cell["colspan"] > 1 or cell["rowspan"] > 1:
                place = place.merge(table.cell(top + cell["rowspan"] - 1, cell["left"] + cell["colspan"] - 1))
            words = ["".join(text for text, _marks in child.get("runs", [])) for child in cell["blocks"]]
            for n, text in enumerate(words):
                paragraph = place.paragraphs[0] if n == 0 else place.add_paragraph()
                _say(paragraph, text, 13, bold=cell["head"], align="center" if cell["head"] else "left")


def _foot(document: Any, sheet: Node) -> None:
    document.add_paragraph()
    others = [(each["lines"], each["name"]) for each in sheet["cosigners"]]
    signer = (sheet["authority"], sheet["signer"])
    if others:
        pairs = [(others[0], signer), *((each, None) for each in others[1:])]
        table = _columns(document, len(pairs) + 1, (Mm(75), Mm(90)))
        for row, pair in zip(table.rows, pairs, strict=False):
            for cell, one in zip(row.cells, pair, strict=True):
                if one is not None:
                    _hand(cell, *one)
        west = table.rows[-1].cells[0]
    else:
        table = _columns(document, 1, (Mm(75), Mm(90)))
        west, east = table.rows[0].cells
        _hand(east, *signer)
    if sheet["recipients"]:
        _say(west.paragraphs[0], "Nơi nhận:", 12, bold=True, italic=True, align="left")
        for name in sheet["recipients"]:
            _say(west.add_paragraph(), f"- {name}", 11, align="left")


def _hand(cell: Any, lines: list[str], name: str) -> None:
    """Box 7: the office, room for the signature, the name."""
    paragraph = cell.paragraphs[0]
    for line in lines:
        _say(paragraph, line.upper(), bold=True)
        paragraph = cell.add_paragraph()
    for _blank in range(4):
        paragraph = cell.add_paragraph()
    if name:
        _say(paragraph, name, bold=True)


def _appendix(document: Any, part: Node, sheet: Node) -> None:
    document.add_page_break()
    if part["label"] and not part["attached"]:
        _say(document.add_paragraph(), part["label"], bold=True)
    if part["title"]:
        _say(document.add_paragraph(), "".join(text for text, _marks in part["title"]).upper(), bold=True)
    belongs = f"(Kèm theo {sheet['type_name']} số       /{sheet['notation']} của {sheet['issuer']})"
    _say(document.add_paragraph(), belongs, italic=True)
    for block in part["blocks"]:
        _block(document, block)
