"""Reading a PDF into a `Paper` with PDFium; what was laid over the page later (a form field, a stamp) is marked as stamped."""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as c
from pypdfium2 import PdfiumError

from antin.decree30 import fonts
from antin.decree30.paper import Line, Look, NotJudged, Page, Paper, Stroke, Word, most

MOST_PAGES = 150
MOST_LETTERS = 30_000  # on one page
MOST_DRAWN = 15_000
DEEPEST = 4
GAP = 0.15  # of the size: a wider gap parts words
SPACED_GAP = 0.06  # the same, where the file has a space
JOINED = 1.2  # points: letters whose baselines are closer stand in one row
WIDE_GAP = 1.6  # of the size: a wider gap parts lines
MISREAD = {"ƣ": "ư", "Ƣ": "Ư", "Ð": "Đ", "ð": "đ"}  # what fonts of some years say of these letters
LEVEL = 2.6  # points: baselines closer than this are one line


def read(data: bytes) -> Paper:
    """Read the paper. :raises NotJudged: it is no PDF, is locked, or is broken"""
    try:
        document = pdfium.PdfDocument(data)
    except PdfiumError as trouble:
        raise NotJudged("locked" if "assword" in str(trouble) else "damaged") from None
    try:
        count = len(document)
        if not count:
            raise NotJudged("damaged")
        pages, families = [], dict[str, int]()
        for number in range(min(count, MOST_PAGES)):
            pages.append(_page(document, number, families))
        stamped = _stamped(document, pages)
        return Paper("pdf", tuple(stamped), count, families)
    except PdfiumError:
        raise NotJudged("damaged") from None
    finally:
        document.close()


def _page(document: pdfium.PdfDocument, number: int, families: dict[str, int]) -> Page:
    page = document[number]
    try:
        if page.get_rotation() % 360:
            page.set_rotation(0)  # as it was written; a turned page is taken for one with its long side across
            width, height = page.get_size()
            return Page(number + 1, max(width, height), min(width, height))
        width, height = page.get_size()
        left, bottom = page.get_cropbox()[:2]
        letters, unseen = _letters(page, left, bottom)
        drawn = _drawn(page, left, bottom)
        for letter in letters:
            families[letter.look.family] = families.get(letter.look.family, 0) + 1
        words, underscores = _parted(_words(letters))
        strokes = tuple(drawn.strokes + underscores)
        pictured = drawn.pictured / (width * height) if width and height else 0
        lines = tuple(lines_of(number + 1, words))
        share = min(1.0, unseen / len(letters)) if letters else 0
        return Page(number + 1, width, height, lines, strokes, min(pictured, 1.0), share, len(letters))
    finally:
        page.close()


OF_A_SIGNATURE = re.compile(
    r"\d{4}-\d\d-\d\d[;T ]\s*\d\d:\d\d"
    r"|^\s*(Ký bởi|Người ký|Ký ngày|Thời gian ký|Cơ quan\s*:|Email\s*:|Signature|Signed by|Digitally)",
    re.I,
)
"""Words of a signature's own picture (Decree 30, Appendix I, Part I, II.8.d and 9): no number and no date of the paper."""


def _stamped(document: pdfium.PdfDocument, pages: list[Page]) -> list[Page]:
    """The pages, with what forms and stamps show on the first: number and date may be there, and signatures."""
    page = document[0]
    try:
        if page.get_rotation() % 360 or not c.FPDFPage_GetAnnotCount(page):
            return pages
        left, bottom = page.get_cropbox()[:2]
        before, _unseen = _letters(page, left, bottom)
        if c.FPDFPage_Flatten(page, c.FLAT_NORMALDISPLAY) != c.FLATTEN_SUCCESS:
            return pages
    finally:
        page.close()
    page = document[0]
    try:
        after, _unseen = _letters(page, left, bottom)
    finally:
        page.close()
    known = {(letter.text, round(letter.x0), round(letter.y)) for letter in before if letter.text.strip()}
    fresh = [
        letter
        for letter in after
        if not any(
            (letter.text, round(letter.x0) + dx, round(letter.y) + dy) in known
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
        )
    ]
    words, _rules = _parted(_words(fresh))
    if not words:
        return pages
    more = [replace(word, stamped=True) for word in words]
    there = [word for line in pages[0].lines for word in line.words]
    return [replace(pages[0], lines=tuple(lines_of(1, [*there, *more]))), *pages[1:]]


@dataclass(frozen=True)
class _Letter:
    text: str
    look: Look
    x0: float
    x1: float
    y: float


def _letters(page: pdfium.PdfPage, left: float, bottom: float) -> tuple[list[_Letter], int]:
    """The visible letters in the order of the file, and how many are invisible; those instead, where they are the most."""
    layer = page.get_textpage()
    found: list[_Letter] = []
    hidden: list[_Letter] = []
    looks: dict[int, tuple[Look, bool, bool]] = {}
    x, y, box = ctypes.c_double(), ctypes.c_double(), c.FS_RECTF()
    try:
        raw = layer.raw
        for index in range(min(layer.count_chars(), MOST_LETTERS)):
            code = c.FPDFText_GetUnicode(raw, index)
            text = chr(code) if code and code < 0x110000 else ""
            if not text or text in "\u200b\ufeff\x00\r\n" or (code < 32 and code != 2):
                continue
            if text.isspace():
                if c.FPDFText_IsGenerated(raw, index):
                    continue
                text = " "
            text = MISREAD.get(text, text)
            if found and unicodedata.combining(text[0]):  # a mark written after its letter
                found[-1] = replace(found[-1], text=found[-1].text + text)
                continue
            if code in (2, 0xAD, 0x2010, 0x2011, 0xFFFE):  # PDFium's mark of a hyphen at the end of a line, and its kin
                text = "-"
            drawn = c.FPDFText_GetTextObject(raw, index)
            key = ctypes.cast(drawn, ctypes.c_void_p).value or 0
            if key not in looks:
                looks[key] = _look(raw, index, drawn)
            look, seen, level = looks[key]
            if not level:
                continue  # watermarks and what stands on its side
            c.FPDFText_GetCharOrigin(raw, index, x, y)
            if not c.FPDFText_GetLooseCharBox(raw, index, box):
                continue
            x0, x1 = (box.left, box.right) if box.right > box.left else (x.value, x.value)
            letter = _Letter(text, look, x0 - left, x1 - left, y.value - bottom)
            (found if seen else hidden).append(letter)
    finally:
        layer.close()
    return (hidden if len(hidden) > len(found) else found), len(hidden)


def _look(raw: Any, index: int, drawn: Any) -> tuple[Look, bool, bool]:
    """The look of a text object's letters, whether they are seen, and whether they stand on a level line."""
    matrix = c.FS_MATRIX()
    c.FPDFText_GetMatrix(raw, index, matrix)
    size = c.FPDFText_GetFontSize(raw, index) * math.hypot(matrix.c, matrix.d)
    mode = c.FPDFTextObj_GetTextRenderMode(drawn) if drawn else 0
    name = _font_name(drawn)
    family = fonts.family(name)
    bold: bool | None = fonts.is_bold(name) or mode == c.FPDF_TEXTRENDERMODE_FILL_STROKE
    slanted = abs(matrix.c) > 0.12 * abs(matrix.d) and abs(matrix.b) < 0.01 * abs(matrix.a)
    italic: bool | None = fonts.is_italic(name) or slanted
    if not bold and family in (fonts.UNKNOWN, fonts.LEGACY):
        bold = True if c.FPDFText_GetFontWeight(raw, index) >= 600 else None
    if not italic and family in (fonts.UNKNOWN, fonts.LEGACY):
        italic = None
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    colour = (0, 0, 0)
    if drawn and c.FPDFPageObj_GetFillColor(drawn, red, green, blue, alpha):
        colour = (red.value, green.value, blue.value)
    seen = mode != c.FPDF_TEXTRENDERMODE_INVISIBLE and not (alpha.value == 0 and colour == (255, 255, 255))
    level = matrix.a > 0 and abs(matrix.b) < 0.05 * abs(matrix.a)
    return Look(family, round(size, 2), bold, italic, colour), seen and min(colour) < 245, level


def _font_name(drawn: Any) -> str:
    if not drawn:
        return ""
    font = c.FPDFTextObj_GetFont(drawn)
    if not font:
        return ""
    buffer = ctypes.create_string_buffer(256)
    length = c.FPDFFont_GetBaseFontName(font, buffer, 256)
    return buffer.raw[: max(0, min(length, 256) - 1)].decode("utf-8", "replace")


def _words(letters: list[_Letter]) -> list[Word]:
    """Join letters to words by where they stand: files are written in any order, marked letters often apart from the plain ones."""
    rows: list[list[_Letter]] = []
    for letter in sorted(letters, key=lambda letter: -letter.y):
        if rows and rows[-1][0].y - letter.y <= JOINED:
            rows[-1].append(letter)
        else:
            rows.append([letter])
    return [word for row in rows for word in _joined(sorted(row, key=lambda letter: letter.x0))]


def _joined(row: list[_Letter]) -> Iterator[Word]:
    """The words of one row, from left to right."""
    held: list[_Letter] = []
    glued = spaced = False
    for letter in row:
        if not letter.text.strip():
            spaced = True
            continue
        last = held[-1] if held else None
        size = letter.look.size or 10
        if last is not None and last.text == letter.text and abs(last.x0 - letter.x0) < 0.12 * size:
            continue  # printed twice to look bold
        gap = letter.x0 - last.x1 if last else 0
        touching = last is not None and gap < (SPACED_GAP if spaced else GAP) * size
        if last is not None and (not touching or last.look != letter.look):
            yield _word(held, glued)
            held, glued = [], touching
        held.append(letter)
        spaced = False
    if held:
        yield _word(held, glued)


def _word(held: list[_Letter], glued: bool) -> Word:
    text = unicodedata.normalize("NFC", "".join(letter.text for letter in held))
    return Word(text, held[0].look, held[0].x0, max(letter.x1 for letter in held), held[0].y, glued=glued)


def _parted(words: list[Word]) -> tuple[list[Word], list[Stroke]]:
    """The words, and the rules that were typed as a row of underscores or dashes."""
    kept, rules = [], []
    for word in words:
        if len(word.text) >= 4 and not word.text.strip("_—–─━¯-"):
            rules.append(Stroke(word.x0, word.y - 1, word.x1, word.y + 1))
        else:
            kept.append(word)
    return kept, rules


def lines_of(page: int, words: list[Word]) -> Iterator[Line]:
    """Words on one baseline without a wide gap between them, from the top of the page to its bottom."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (-word.y, word.x0)):
        for row in rows[-3:]:
            if abs(row[0].y - word.y) <= LEVEL:
                row.append(word)
                break
        else:
            rows.append([word])
    rows = _without_raised(rows)
    for row in rows:
        row.sort(key=lambda word: word.x0)
        line: list[Word] = []
        for word in row:
            size = most((w.look.size, len(w.text)) for w in row) or 12
            if line and word.x0 - line[-1].x1 > WIDE_GAP * size:
                yield Line(page, tuple(line))
                line = []
            line.append(replace(word, glued=word.glued and bool(line) and word.x0 - line[-1].x1 < GAP * size))
        if line:
            yield Line(page, tuple(line))


def _without_raised(rows: list[list[Word]]) -> list[list[Word]]:
    """Leave out the marks of footnotes and other small letters beside a line."""
    kept = []
    for n, row in enumerate(rows):
        small = all((word.look.size or 12) < 9.6 and len(word.text) <= 4 for word in row)
        near = [other for m in (n - 1, n + 1) if 0 <= m < len(rows) for other in rows[m]]
        if small and any(abs(o.y - w.y) < 8 and o.x0 - 8 < w.x0 < o.x1 + 8 for w in row for o in near):
            continue
        kept.append(row)
    return kept


@dataclass
class _Drawn:
    """Every rule and frame of a page, and how much of it pictures cover; `budget`: how many things are still looked at."""

    strokes: list[Stroke]
    pictured: float = 0
    budget: int = MOST_DRAWN


def _drawn(page: pdfium.PdfPage, left: float, bottom: float) -> _Drawn:
    found = _Drawn([])
    things = (c.FPDFPage_GetObject(page, index) for index in range(c.FPDFPage_CountObjects(page)))
    _walk(things, None, 0, found)
    found.strokes = [Stroke(s.x0 - left, s.y0 - bottom, s.x1 - left, s.y1 - bottom) for s in found.strokes]
    return found


def _walk(things: Iterator[Any], matrix: tuple[float, ...] | None, depth: int, found: _Drawn) -> None:
    for thing in things:
        found.budget -= 1
        if found.budget < 0:
            return
        kind = c.FPDFPageObj_GetType(thing)
        if kind == c.FPDF_PAGEOBJ_FORM and depth < DEEPEST:
            own = c.FS_MATRIX()
            c.FPDFPageObj_GetMatrix(thing, own)
            inner = _times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
            inside = (c.FPDFFormObj_GetObject(thing, index) for index in range(c.FPDFFormObj_CountObjects(thing)))
            _walk(inside, inner, depth + 1, found)
        elif kind in (c.FPDF_PAGEOBJ_PATH, c.FPDF_PAGEOBJ_IMAGE, c.FPDF_PAGEOBJ_SHADING):
            x0, y0, x1, y1 = (ctypes.c_float() for _ in range(4))
            if not c.FPDFPageObj_GetBounds(thing, x0, y0, x1, y1):
                continue
            box = _moved((x0.value, y0.value, x1.value, y1.value), matrix)
            if kind == c.FPDF_PAGEOBJ_IMAGE and box.y1 - box.y0 > 6:
                found.pictured += max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0)
            elif box.flat or box.upright:
                if not _white(thing):
                    found.strokes.append(box)
            elif kind == c.FPDF_PAGEOBJ_PATH and not _white(thing):
                found.strokes += _parts(thing, matrix) or ([] if _clear(thing) else _sides(box))


MOST_SEGMENTS = 4_000


def _parts(drawn: Any, matrix: tuple[float, ...] | None) -> list[Stroke]:
    """The level and upright parts of a path that draws several: the borders of a table, two rules at once."""
    count = c.FPDFPath_CountSegments(drawn)
    if not 0 < count <= MOST_SEGMENTS:
        return []
    own = c.FS_MATRIX()
    c.FPDFPageObj_GetMatrix(drawn, own)
    place = _times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    found: list[Stroke] = []
    points: list[tuple[float, float]] = []

    def close() -> None:
        if len(points) < 2:
            return
        whole = Stroke(
            min(p[0] for p in points), min(p[1] for p in points), max(p[0] for p in points), max(p[1] for p in points)
        )
        if whole.flat or whole.upright:
            found.append(whole)
        elif not _clear(drawn):
            for (ax, ay), (bx, by) in pairwise([*points, points[0]] if len(points) > 2 else points):
                side = Stroke(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
                if side.flat or side.upright:
                    found.append(side)

    for index in range(count):
        segment = c.FPDFPath_GetPathSegment(drawn, index)
        if not c.FPDFPathSegment_GetPoint(segment, x, y):
            continue
        point = _moved((x.value, y.value, x.value, y.value), place)
        if c.FPDFPathSegment_GetType(segment) == c.FPDF_SEGMENT_MOVETO:
            close()
            points = []
        points.append((point.x0, point.y0))
    close()
    return found


def _white(drawn: Any) -> bool:
    """Whether a path is filled with white only: Word's ground under letters."""
    if c.FPDFPageObj_GetType(drawn) != c.FPDF_PAGEOBJ_PATH:
        return False
    fill, stroked = ctypes.c_int(), ctypes.c_int()
    c.FPDFPath_GetDrawMode(drawn, fill, stroked)
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    get = c.FPDFPageObj_GetStrokeColor if stroked.value else c.FPDFPageObj_GetFillColor
    if not fill.value and not stroked.value:
        return True
    return bool(get(drawn, red, green, blue, alpha)) and min(red.value, green.value, blue.value) > 245


def _clear(drawn: Any) -> bool:
    """Whether a large path is not stroked: a coloured ground, no frame."""
    fill, stroked = ctypes.c_int(), ctypes.c_int()
    c.FPDFPath_GetDrawMode(drawn, fill, stroked)
    return not stroked.value


def _sides(box: Stroke) -> list[Stroke]:
    return [
        Stroke(box.x0, box.y0, box.x1, box.y0),
        Stroke(box.x0, box.y1, box.x1, box.y1),
        Stroke(box.x0, box.y0, box.x0, box.y1),
        Stroke(box.x1, box.y0, box.x1, box.y1),
    ]


def _times(inner: tuple[float, ...], outer: tuple[float, ...] | None) -> tuple[float, ...]:
    if outer is None:
        return inner
    a, b, cc, d, e, f = inner
    A, B, C, D, E, F = outer
    return (a * A + b * C, a * B + b * D, cc * A + d * C, cc * B + d * D, e * A + f * C + E, e * B + f * D + F)


def _moved(box: tuple[float, float, float, float], matrix: tuple[float, ...] | None) -> Stroke:
    if matrix is None:
        return Stroke(*box)
    a, b, cc, d, e, f = matrix
    corners = [(a * x + cc * y + e, b * x + d * y + f) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    return Stroke(min(xs), min(ys), max(xs), max(ys))
