"""Specimens as DOCX, laid out as users of Word do: a table without borders for the head and for the foot."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt


def word(made: dict[str, Any]) -> bytes:
    document = docx.Document()
    section = document.sections[0]
    sheet = made["page"]
    section.page_width, section.page_height = Mm(sheet["width"]), Mm(sheet["height"])
    section.top_margin, section.bottom_margin = Mm(sheet["top"]), Mm(sheet["bottom"])
    section.left_margin, section.right_margin = Mm(sheet["left"]), Mm(sheet["right"])
    section.header_distance = Mm(10)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = made["body_look"]["font"], Pt(made["body_look"]["size"])
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "Times New Roman")
    normal.paragraph_format.space_after = Pt(0)
    _page_number(section, made["page_number"])
    _head(document, made)
    _title(document, made)
    _body(document, made)
    _foot(document, made)
    for annex in made["annexes"]:
        document.add_page_break()
        for name in ("label", "title", "reference"):
            if annex.get(name):
                _put(document.add_paragraph(), annex[name], "center")
        for words in annex["body"]:
            _paragraph(document, words, made["body_look"])
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _put(paragraph: Any, piece: dict[str, Any] | None, align: str = "left") -> Any:
    if piece:
        _run(paragraph, piece["text"], piece)
    paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
    return paragraph


def _run(paragraph: Any, text: str, look: dict[str, Any]) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(look["size"]), look.get("bold", False), look.get("italic", False)
    run.font.name = look.get("font", "Times New Roman")
    if look.get("underline"):
        run.underline = True
    if look.get("colour"):
        run.font.color.rgb = docx.shared.RGBColor(*look["colour"])


def _rule(cell: Any, share: float | None, wide: float) -> None:
    """A rule as wide as this share: an empty paragraph with a border, indented on both sides."""
    if share is None:
        return
    paragraph = cell.add_paragraph()
    room = cell.width.pt - 11 if hasattr(cell, "width") and cell.width else 467
    side = max(0.0, (room - wide * share) / 2)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Pt(side)
    paragraph.paragraph_format.line_spacing = Pt(4)
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().append(borders)


def _wide(piece: dict[str, Any]) -> float:
    return len(piece["text"]) * piece["size"] * (0.68 if piece["text"].isupper() else 0.47)


def _head(document: Any, made: dict[str, Any]) -> None:
    table = document.add_table(rows=2, cols=2)
    table.autofit = False
    widths = (Mm(70), Mm(95))
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
    first, second = table.rows
    west, east = (first.cells[1], first.cells[0]) if made["swap_head"] else first.cells
    paragraph = west.paragraphs[0]
    if made["parent"]:
        _put(paragraph, made["parent"], "center")
        paragraph = west.add_paragraph()
    if made["issuer"]:
        _put(paragraph, made["issuer"], "center")
        _rule(west, made["issuer_rule"], _wide(made["issuer"]))
    if made["national"]:
        _put(east.paragraphs[0], made["national"], "center")
    if made["motto"]:
        _put(east.add_paragraph(), made["motto"], "center")
        _rule(east, made["motto_rule"], _wide(made["motto"]))
    number, date = reversed(second.cells) if made["swap_number"] else second.cells
    _put(number.paragraphs[0], made["number"], "center")
    _put(date.paragraphs[0], made["date"], "center")
    for name in ("letter_subject", "secrecy", "urgency"):
        if made[name] and made[name].get("framed"):
            frame = second.cells[0].add_table(rows=1, cols=1)
            frame.style = document.styles["Table Grid"]
            _put(frame.rows[0].cells[0].paragraphs[0], made[name], "center")
        elif made[name]:
            _put(second.cells[0].add_paragraph(), made[name], "center")


def _title(document: Any, made: dict[str, Any]) -> None:
    document.add_paragraph()
    for name in ("title", "subject"):
        if made[name]:
            _put(document.add_paragraph(), made[name], made[name].get("align", "center"))
    if made["subject"]:
        _rule(document, made["subject_rule"], _wide(made["subject"]))
    for line in made["addressees"] or ():
        _put(document.add_paragraph(), line, "center")


def _paragraph(document: Any, words: str, look: dict[str, Any]) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY if look["justify"] else WD_ALIGN_PARAGRAPH.LEFT
    paragraph.paragraph_format.first_line_indent = Mm(look["indent"])
    paragraph.paragraph_format.space_before = Pt(look["spacing"])
    paragraph.paragraph_format.line_spacing = look["pitch"]
    for n, text in enumerate(re.split(r"\*\*", words)):
        if text:
            _run(paragraph, text, look | {"bold": n % 2 == 1})


def _body(document: Any, made: dict[str, Any]) -> None:
    look = made["body_look"]
    if made["enactor"]:
        _put(document.add_paragraph(), made["enactor"], "center")
    for basis in made["bases"]:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = Mm(look["indent"])
        paragraph.paragraph_format.space_before = Pt(look["spacing"])
        _put(paragraph, basis, "justify")
    if made["enacting"]:
        _put(document.add_paragraph(), made["enacting"], "center")
    for words in made["body"]:
        if isinstance(words, str):
            _paragraph(document, words, look)
        else:
            _paragraph(document, words["text"], look | words)


def _foot(document: Any, made: dict[str, Any]) -> None:
    document.add_paragraph()
    table = document.add_table(rows=1, cols=2)
    west, east = table.rows[0].cells
    if made["swap_foot"]:
        west, east = east, west
    if made["recipients_title"]:
        _put(west.paragraphs[0], made["recipients_title"])
        for line in made["recipients"]:
            _put(
                west.add_paragraph(),
                {
                    "text": line,
                    "size": made["recipients_size"],
                    "bold": made["recipients_bold"],
                    "italic": made["recipients_italic"],
                },
            )
    paragraph = east.paragraphs[0]
    for line in made["post"]:
        _put(paragraph, line, "center")
        paragraph = east.add_paragraph()
    for _blank in range(4):
        paragraph = east.add_paragraph()
    if made["name"]:
        _put(paragraph, made["name"], "center")


def _page_number(section: Any, number: dict[str, Any]) -> None:
    if not number["show"]:
        return
    section.different_first_page_header_footer = not number["first"]
    holder = section.header if number["place"] == "top" else section.footer
    paragraph = holder.paragraphs[0]
    paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, number["align"].upper())
    for kind, words in (("begin", ""), ("", " PAGE "), ("end", "")):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = words
        run = paragraph.add_run()
        run.font.size, run.font.name, run.italic = Pt(number["size"]), "Times New Roman", number["italic"]
        run._r.append(mark)
