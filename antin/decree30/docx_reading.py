"""Reading a DOCX (ECMA-376) into a `Paper`: what is written in the file, without a word processor.

Paragraphs become lines on pages that are only imagined, so that boxes are found by the same code; what a word processor
would decide (where lines break) is never judged. Styles are resolved: defaults, the style's ancestors, the style, the
letters' own look.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from xml.etree import ElementTree as ET

from antin.decree30 import fonts
from antin.decree30.paper import Line, Look, Margins, NotJudged, Page, Paper, Told, Word

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
LARGEST_PART = 48 << 20
MOST_FILES = 4_000
LARGEST_MEASURE = 100_000  # twentieths of a point: the widest sheet is 31 680
MOST_PARAGRAPHS = 30_000
STEP = 18.0  # points from one imagined line to the next
LETTER = 0.46  # of the size: how wide a letter is taken for

Props = dict[str, Any]


def is_docx(data: bytes) -> bool:
    return data[:4] == b"PK\x03\x04" and b"word/" in data


def read(data: bytes) -> Paper:
    """Read the paper. :raises NotJudged: it is another kind of package, is broken, or swells beyond the limits"""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = set(package.namelist())
            if len(names) > MOST_FILES:
                raise NotJudged("heavy")
            if "xl/workbook.xml" in names:
                raise NotJudged("spreadsheet")
            if "word/document.xml" not in names:
                raise NotJudged("unknown_kind")
            parts = _Parts(package, names)
            return _Reader(parts).paper()
    except (
        zipfile.BadZipFile,
        zlib.error,
        ET.ParseError,
        EOFError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        OSError,
    ):
        raise NotJudged("damaged") from None


@dataclass
class _Parts:
    package: zipfile.ZipFile
    names: set[str]

    def xml(self, name: str) -> ET.Element | None:
        """A part as XML. Document types and entities are refused: no word processor writes them."""
        if name not in self.names:
            return None
        with self.package.open(name) as stream:
            data = stream.read(LARGEST_PART + 1)
        if len(data) > LARGEST_PART:
            raise NotJudged("heavy")
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\x00" in data[:200]:
            raise NotJudged("damaged")
        return ET.fromstring(data)  # noqa: S314 - no document type, so no entities


def _on(element: ET.Element | None) -> bool | None:
    """The value of a switch such as <w:b/>; `None` if it is not there."""
    if element is None:
        return None
    return element.get(f"{W}val", "1") not in ("0", "false", "off", "none")


def _number(element: ET.Element | None, name: str) -> float | None:
    """A measure as the file has it; `None` where it has none, or one that is no measure."""
    value = element.get(f"{W}{name}") if element is not None else None
    try:
        found = float(value) if value is not None else None
    except ValueError:
        return None
    return found if found is not None and abs(found) <= LARGEST_MEASURE else None


@dataclass
class _Piece:
    text: str
    look: Look


@dataclass
class _Place:
    """Where on the imagined page a paragraph goes."""

    left: float
    right: float
    table: int = 0
    row: int = 0
    cell: int = 0
    cells: int = 0


@dataclass
class _Reader:
    parts: _Parts
    styles: dict[str, ET.Element] = field(default_factory=dict)
    theme: dict[str, str] = field(default_factory=dict)
    lines: list[list[Line]] = field(default_factory=lambda: [[]])
    y: float = 0
    count: int = 0
    tables: int = 0
    families: dict[str, int] = field(default_factory=dict)

    def paper(self) -> Paper:
        document = self.parts.xml("word/document.xml")
        body = document.find(f"{W}body") if document is not None else None
        if body is None:
            raise NotJudged("damaged")
        self._read_styles()
        sections = list(body.iter(f"{W}sectPr"))
        first = sections[0] if sections else None
        self.width, self.height, self.margins = _sheet(first)
        self.y = self._top
        self.drawn = any(True for name in ("drawing", "pict", "object") for _one in body.iter(f"{W}{name}"))
        self._blocks(body, _Place(self.margins.left or 85, self.width - (self.margins.right or 43)))
        pages = tuple(
            Page(number, self.width, self.height, tuple(lines), letters=sum(len(line.text) for line in lines))
            for number, lines in enumerate(self.lines, 1)
            if lines or number == 1
        )
        counted = self._page_count()
        if counted is not None and counted < len(pages):
            counted = None  # written by a program that does not count
        return Paper(
            "docx",
            tuple(replace(page, number=n) for n, page in enumerate(pages, 1)),
            counted,
            self.families,
            margins=self.margins,
            numbering=self._numbering(sections),
            drawn=self.drawn,
        )

    @property
    def _top(self) -> float:
        return self.height - 60

    # --- styles ----------------------------------------------------------------------------------------------------------

    def _read_styles(self) -> None:
        theme = self.parts.xml("word/theme/theme1.xml")
        if theme is not None:
            for kind in ("major", "minor"):
                latin = theme.find(f".//{A}{kind}Font/{A}latin")
                if latin is not None:
                    self.theme[kind] = latin.get("typeface", "")
        sheet = self.parts.xml("word/styles.xml")
        self.base: list[ET.Element] = []
        self.ordinary = ""
        if sheet is None:
            return
        defaults = sheet.find(f"{W}docDefaults")
        if defaults is not None:
            self.base = [one for one in defaults.iter() if one.tag in (f"{W}rPr", f"{W}pPr")]
        for style in sheet.iter(f"{W}style"):
            name = style.get(f"{W}styleId", "")
            self.styles[name] = style
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true"):
                self.ordinary = name

    def _chain(self, name: str) -> list[ET.Element]:
        """A style's ancestors and itself, the farthest first."""
        chain: list[ET.Element] = []
        while name in self.styles and len(chain) < 20:
            style = self.styles[name]
            chain.insert(0, style)
            parent = style.find(f"{W}basedOn")
            name = parent.get(f"{W}val", "") if parent is not None else ""
        return chain

    def _letters_of(self, sources: list[ET.Element | None]) -> Look:
        """The look that these properties give together, the last one winning."""
        look = Look(fonts.TIMES if not self.styles else "", 10.0, False, False)
        for source in sources:
            if source is None:
                continue
            family = self._family(source.find(f"{W}rFonts"))
            size = _number(source.find(f"{W}sz"), "val")
            bold, italic = _on(source.find(f"{W}b")), _on(source.find(f"{W}i"))
            under = source.find(f"{W}u")
            colour = source.find(f"{W}color")
            value = colour.get(f"{W}val", "auto") if colour is not None else None
            look = Look(
                family if family is not None else look.family,
                size / 2 if size else look.size,
                bold if bold is not None else look.bold,
                italic if italic is not None else look.italic,
                _rgb(value) if value is not None else look.colour,
                under.get(f"{W}val", "single") != "none" if under is not None else look.underlined,
            )
        return look

    def _family(self, named: ET.Element | None) -> str | None:
        if named is None:
            return None
        theme = named.get(f"{W}asciiTheme") or named.get(f"{W}hAnsiTheme")
        if theme:
            return fonts.family(self.theme.get("major" if theme.startswith("major") else "minor", ""))
        name = named.get(f"{W}ascii") or named.get(f"{W}hAnsi")
        return fonts.family(name) if name else None

    # --- blocks ----------------------------------------------------------------------------------------------------------

    def _blocks(self, holder: ET.Element, place: _Place) -> None:
        for child in holder:
            if child.tag == f"{W}p":
                self._paragraph(child, place)
            elif child.tag == f"{W}tbl":
                self._table(child, place)
            elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}smartTag", f"{W}customXml"):
                self._blocks(child, place)

    def _table(self, table: ET.Element, place: _Place) -> None:
        self.tables += 1
        number = self.tables
        widths = [_number(one, "w") or 0 for one in table.findall(f"{W}tblGrid/{W}gridCol")]
        whole = sum(widths) or 1
        for row_number, row in enumerate(table.iter(f"{W}tr"), 1):
            cells = row.findall(f"{W}tc") or list(row.iter(f"{W}tc"))
            top, lowest, page, at = self.y, self.y, len(self.lines), 0
            height = max((sum(1 for _p in cell.iter(f"{W}p")) for cell in cells), default=1) * STEP
            if top - height < 50 and height < self.height / 2:
                self._turn()
                top, lowest, page = self.y, self.y, len(self.lines)
            left = place.left
            for cell_number, cell in enumerate(cells, 1):
                span = int(_number(cell.find(f"{W}tcPr/{W}gridSpan"), "val") or 1)
                share = sum(widths[at : at + span]) / whole if widths else 1 / len(cells)
                at += span
                own = _number(cell.find(f"{W}tcPr/{W}tcW"), "w") if not widths else None
                wide = (place.right - place.left) * share if not own else own / 20
                self.y = top
                self._blocks(
                    cell, _Place(left, left + wide, place.table or number, row_number, cell_number, len(cells))
                )
                if len(self.lines) == page:
                    lowest = min(lowest, self.y)
                left += wide
            self.y = lowest if len(self.lines) == page else self.y

    def _turn(self) -> None:
        self.lines.append([])
        self.y = self._top

    def _paragraph(self, paragraph: ET.Element, place: _Place) -> None:
        self.count += 1
        if self.count > MOST_PARAGRAPHS:
            raise NotJudged("heavy")
        own = paragraph.find(f"{W}pPr")
        named = own.find(f"{W}pStyle") if own is not None else None
        chain = self._chain(named.get(f"{W}val", "") if named is not None else self.ordinary)
        sources = [one for one in self.base if one.tag == f"{W}pPr"]
        sources += [one for style in chain if (one := style.find(f"{W}pPr")) is not None]
        told = _told([*sources, *([own] if own is not None else [])], self.count, place)
        looks = [one for one in self.base if one.tag == f"{W}rPr"] + [style.find(f"{W}rPr") for style in chain]
        rows: list[list[_Piece]] = [[]]
        boxes: list[ET.Element] = []
        for piece in self._pieces(paragraph, looks, boxes):
            if piece.text == "\n":
                rows.append([])
            elif piece.text == "\f":
                if self.lines[-1] and not place.table:
                    self._turn()
            else:
                rows[-1].append(piece)
        self.y -= min(told.before, 40)
        for row in rows:
            self._row(row, told, place)
        self.y -= min(told.after, 40)
        for box in boxes:
            self._blocks(box, place)
        if own is not None and own.find(f"{W}sectPr") is not None and self.lines[-1]:
            self._turn()

    def _row(self, row: list[_Piece], told: Told, place: _Place) -> None:
        if self.y < 45:
            self._turn()
        text = "".join(piece.text for piece in row)
        if not text.strip():
            if told.ruled and self.lines[-1]:  # an empty paragraph whose border is the rule under the one before
                for n in range(len(self.lines[-1]) - 1, max(-1, len(self.lines[-1]) - 3), -1):
                    above = self.lines[-1][n]
                    if above.told and above.told.cell == told.cell and above.told.row == told.row:
                        self.lines[-1][n] = replace(above, told=replace(above.told, ruled=True))
                        break
            self.y -= STEP
            return
        if re.fullmatch(r"[\s_—–-]{4,}", text):
            if self.lines[-1] and (last := self.lines[-1][-1]).told:
                self.lines[-1][-1] = replace(last, told=replace(last.told, ruled=True))
            self.y -= STEP
            return
        room = place.right - place.left
        size = row[0].look.size or 14
        wide = min(room, max(len(text.strip()) * size * LETTER, 10))
        left = place.left + told.left + max(told.indent, 0)
        if told.align == "center":
            left = (place.left + place.right - wide) / 2
        elif told.align == "right":
            left = place.right - wide
        ruled = told.ruled or all(piece.look.underlined for piece in row if piece.text.strip())
        words = tuple(_words(row, left, wide, self.y))
        for word in words:
            self.families[word.look.family] = self.families.get(word.look.family, 0) + len(word.text)
        number = len(self.lines)
        self.lines[-1].append(Line(number, words, replace(told, ruled=ruled)))
        self.y -= STEP * (1 + int(len(text) * size * LETTER // max(room, 60)))

    def _pieces(self, holder: ET.Element, looks: list[Any], boxes: list[ET.Element]) -> Iterator[_Piece]:
        for child in holder:
            if child.tag == f"{W}r":
                yield from self._run(child, looks, boxes)
            elif child.tag in (
                f"{W}hyperlink",
                f"{W}ins",
                f"{W}smartTag",
                f"{W}fldSimple",
                f"{W}sdt",
                f"{W}sdtContent",
                f"{W}customXml",
            ):
                yield from self._pieces(child, looks, boxes)

    def _run(self, run: ET.Element, looks: list[Any], boxes: list[ET.Element]) -> Iterator[_Piece]:
        own = run.find(f"{W}rPr")
        named = own.find(f"{W}rStyle") if own is not None else None
        chain = self._chain(named.get(f"{W}val", "")) if named is not None else []
        if own is not None and _on(own.find(f"{W}vanish")):
            return
        look = self._letters_of([*looks, *(style.find(f"{W}rPr") for style in chain), own])
        capitals = own is not None and bool(_on(own.find(f"{W}caps")))
        for child in run:
            if child.tag == f"{W}t" and child.text:
                text = unicodedata.normalize("NFC", child.text)
                yield _Piece(text.upper() if capitals else text, look)
            elif child.tag in (f"{W}tab", f"{W}ptab"):
                yield _Piece(" ", look)
            elif child.tag == f"{W}noBreakHyphen":
                yield _Piece("-", look)
            elif child.tag == f"{W}br":
                yield _Piece("\f" if child.get(f"{W}type") == "page" else "\n", look)
            elif child.tag in (f"{W}drawing", f"{W}pict") or child.tag.endswith("}AlternateContent"):
                fallback = {
                    id(one) for other in child.iter() if other.tag.endswith("}Fallback") for one in other.iter()
                }
                boxes += [one for one in child.iter(f"{W}txbxContent") if id(one) not in fallback]

    # --- the sheet ----------------------------------------------------------------------------------------------------------

    def _page_count(self) -> int | None:
        told = self.parts.xml("docProps/app.xml")
        if told is not None:
            for one in told:
                if one.tag.endswith("}Pages") and (one.text or "").isdigit():
                    return int(one.text or 0) or None
        return None

    def _numbering(self, sections: list[ET.Element]) -> str:
        """Where page numbers stand: "", "first" (shown on the first page too), "top center", "bottom right"…"""
        links = self.parts.xml("word/_rels/document.xml.rels")
        targets = {one.get("Id", ""): one.get("Target", "") for one in links} if links is not None else {}
        for section in sections:
            for kind, place in (("header", "top"), ("footer", "bottom")):
                for link in section.findall(f"{W}{kind}Reference"):
                    if link.get(f"{W}type") != "default":
                        continue
                    part = self.parts.xml(
                        "word/" + targets.get(link.get(f"{R}id", ""), "").lstrip("/").removeprefix("word/")
                    )
                    align = _numbered(part)
                    if align is None:
                        continue
                    hidden = _on(section.find(f"{W}titlePg"))
                    if place == "top" and align == "center" and not hidden and section is sections[0]:
                        return "first"
                    return f"{place} {align}"
        return ""


def _numbered(part: ET.Element | None) -> str | None:
    """How the page number of a header is set; `None` without one. What is not told plainly counts as centred."""
    if part is None:
        return None
    for paragraph in part.iter(f"{W}p"):
        codes = "".join(one.text or "" for one in paragraph.iter(f"{W}instrText"))
        codes += " ".join(one.get(f"{W}instr", "") for one in paragraph.iter(f"{W}fldSimple"))
        if not re.search(r"\bPAGE\b", codes):
            continue
        own = paragraph.find(f"{W}pPr")
        align = own.find(f"{W}jc") if own is not None else None
        framed = own is not None and own.find(f"{W}framePr") is not None
        tabs = sum(1 for _one in paragraph.iter(f"{W}tab"))
        if align is not None and not framed and not tabs:
            value = align.get(f"{W}val", "center")
            return {"start": "left", "end": "right", "both": "left"}.get(value, value)
        if tabs >= 2 and not framed:
            return "right"
        return "center"
    return None


def _sheet(section: ET.Element | None) -> tuple[float, float, Margins]:
    """Width, height and margins of the first section, in points."""
    size = section.find(f"{W}pgSz") if section is not None else None
    edges = section.find(f"{W}pgMar") if section is not None else None
    width, height = (_number(size, "w") or 11906) / 20, (_number(size, "h") or 16838) / 20

    def edge(name: str) -> float | None:
        value = _number(edges, name)
        return abs(value) / 20 if value is not None else None

    gutter = edge("gutter") or 0
    left = edge("left")
    return (
        width,
        height,
        Margins(edge("top"), edge("bottom"), left + gutter if left is not None else None, edge("right")),
    )


def _told(sources: list[ET.Element], number: int, place: _Place) -> Told:
    told = Told(number, table=place.table, row=place.row, cell=place.cell, cells=place.cells)
    for source in sources:
        align, indent, spacing = source.find(f"{W}jc"), source.find(f"{W}ind"), source.find(f"{W}spacing")
        if align is not None:
            value = align.get(f"{W}val", "left")
            told = replace(told, align={"start": "left", "end": "right", "distribute": "both"}.get(value, value))
        if indent is not None:
            first, hanging = _number(indent, "firstLine"), _number(indent, "hanging")
            left = _number(indent, "left")
            left = left if left is not None else _number(indent, "start")
            if first is not None:
                told = replace(told, indent=first / 20)
            elif hanging is not None:
                told = replace(told, indent=-hanging / 20)
            if left is not None:
                told = replace(told, left=left / 20)
        if spacing is not None:
            before, after, line = (_number(spacing, name) for name in ("before", "after", "line"))
            if before is not None:
                told = replace(told, before=before / 20)
            if after is not None:
                told = replace(told, after=after / 20)
            if line is not None:
                rule = spacing.get(f"{W}lineRule", "auto")
                told = replace(told, pitch=line / 240 if rule == "auto" else -line / 20 if rule == "exact" else 1.0)
        if source.find(f"{W}numPr") is not None:
            told = replace(told, numbered=True)
        borders = source.find(f"{W}pBdr")
        if borders is not None:
            told = replace(told, ruled=any(one.get(f"{W}val") not in ("nil", "none") for one in borders))
    return told


def _rgb(value: str) -> tuple[int, int, int]:
    if re.fullmatch(r"[0-9A-Fa-f]{6}", value):
        return int(value[:2], 16), int(value[2:4], 16), int(value[4:], 16)
    return 0, 0, 0


def _words(row: list[_Piece], left: float, wide: float, y: float) -> Iterator[Word]:
    """The words of a row, spread evenly over its width."""
    text = "".join(piece.text for piece in row)
    each = wide / max(len(text), 1)
    at = 0
    spaced = True
    for piece in row:
        for part in re.split(r"(\s+)", piece.text):
            if not part:
                continue
            if part.isspace():
                spaced = True
            else:
                yield Word(part, piece.look, left + at * each, left + (at + len(part)) * each, y, glued=not spaced)
                spaced = False
            at += len(part)
