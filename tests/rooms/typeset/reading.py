"""A printed page read back: its lines of text with where they stand, how large they are and in which face."""

import ctypes
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

MM = 72 / 25.4
HEIGHT = 297 * MM
WIDTH = 210 * MM


@dataclass
class Line:
    """Letters on one baseline, in points from the bottom left."""

    page: int
    text: str
    left: float
    right: float
    baseline: float
    size: float
    face: str

    @property
    def centre(self) -> float:
        return (self.left + self.right) / 2


def lines(pdf: bytes) -> list[Line]:
    """Every line of every page; a wide gap, another size or face starts a new one."""
    found: list[Line] = []
    for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
        text = page.get_textpage()
        for n in range(text.count_chars()):
            letter = chr(pdfium.FPDFText_GetUnicode(text, n))
            if letter.isspace() or letter == "\u200b":
                if found and letter == " ":
                    found[-1].text += letter
                continue
            left, _bottom, right, _top = text.get_charbox(n, loose=True)
            x, y = ctypes.c_double(), ctypes.c_double()
            pdfium.FPDFText_GetCharOrigin(text, n, x, y)
            size, face = round(pdfium.FPDFText_GetFontSize(text, n), 1), _face(text, n)
            last = found[-1] if found else None
            if (
                last
                and last.page == number
                and abs(last.baseline - y.value) < 0.1
                and (last.size, last.face) == (size, face)
                and left - last.right < 12
            ):
                last.text, last.right = last.text + letter, right
            else:
                found.append(Line(number, letter, left, right, y.value, size, face))
    for line in found:
        line.text = line.text.strip()
    return found


def line(pdf: bytes, start: str) -> Line:
    """The first line that starts so."""
    every = lines(pdf)
    return next((each for each in every if each.text.startswith(start)), None) or missing(start, every)


def missing(start: str, every: list[Line]) -> Line:
    raise AssertionError(f"no line starts with {start!r} among {[each.text for each in every]}")


def _face(text: pypdfium2.PdfTextPage, n: int) -> str:
    name, flags = ctypes.create_string_buffer(100), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text, n, name, 100, flags)
    return name.value.decode().split("+")[-1].removeprefix("Tinos-")


def strokes(pdf: bytes, page: int = 0) -> list[tuple[float, float, float, float]]:
    """The rules and frames of a page: left, bottom, right, top of every drawn path."""
    return [
        shape.get_bounds() for shape in pypdfium2.PdfDocument(pdf)[page].get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH])
    ]
