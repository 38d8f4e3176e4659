"""Letters for fields and appearances: a small cut of Tinos, embedded as PDF/A wants it, and text set in it.

A Type 0 font with Identity-H (ISO 32000-1, 9.7): every Vietnamese letter by its glyph number, with a ToUnicode map so that the
text can be searched and copied. The objects are built once, in a neutral form, for both PDF libraries.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

from antin.typeset import fonts

FIELD_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZđĐăâêôơưĂÂÊÔƠƯ /-.,:+()"


class Name(str):
    """A PDF name, without its slash."""


@dataclass(frozen=True)
class Stream:
    """A PDF stream whose bytes are deflated already."""

    entries: dict[str, Any]
    deflated: bytes


Make = Callable[[Any], Any]


@dataclass(frozen=True)
class Cut:
    """A face reduced to some letters: what it takes to embed it and to set text in it. Measures are in 1/1000 of the size."""

    name: str
    program: bytes
    length: int
    glyphs: dict[str, int]
    widths: dict[int, int]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    capital: int
    angle: float

    def encode(self, text: str) -> str:
        """The text as a hexadecimal PDF string; letters the cut has not are shown as its empty box."""
        return "<" + "".join(f"{self.glyphs.get(letter, 0):04X}" for letter in text) + ">"

    def width(self, text: str, size: float) -> float:
        return sum(self.widths[self.glyphs.get(letter, 0)] for letter in text) * size / 1000

    def embed(self, make: Make) -> Any:
        """The font's objects; `make` registers one and gives its reference."""
        file = make(Stream({"Length1": self.length}, self.program))
        descriptor = make(
            {
                "Type": Name("FontDescriptor"),
                "FontName": Name(self.name),
                "Flags": 4 | (64 if self.angle else 0),
                "FontBBox": [*self.box],
                "ItalicAngle": self.angle,
                "Ascent": self.ascent,
                "Descent": self.descent,
                "CapHeight": self.capital,
                "StemV": 80,
                "FontFile2": file,
            }
        )
        descendant = make(
            {
                "Type": Name("Font"),
                "Subtype": Name("CIDFontType2"),
                "BaseFont": Name(self.name),
                "CIDSystemInfo": {"Registry": b"Adobe", "Ordering": b"Identity", "Supplement": 0},
                "FontDescriptor": descriptor,
                "DW": 0,
                "W": [0, [self.widths[glyph] for glyph in sorted(self.widths)]],
                "CIDToGIDMap": Name("Identity"),
            }
        )
        return make(
            {
                "Type": Name("Font"),
                "Subtype": Name("Type0"),
                "BaseFont": Name(self.name),
                "Encoding": Name("Identity-H"),
                "DescendantFonts": [descendant],
                "ToUnicode": make(Stream({}, zlib.compress(self._unicode_map().encode()))),
            }
        )

    def _unicode_map(self) -> str:
        pairs = [f"<{glyph:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for letter, glyph in self.glyphs.items()]
        blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
        listed = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{listed}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        )


@lru_cache(maxsize=256)
def cut(face: str, letters: str) -> Cut:
    """A face of Tinos ("Regular", "Italic") cut to these letters. :raises FontsMissing: `make setup` has not run"""
    options = subset.Options(
        hinting=False, layout_features=[], notdef_outline=True, drop_tables=["GSUB", "GPOS", "GDEF", "DSIG"]
    )
    out = BytesIO()
    with TTFont(BytesIO(fonts.field_face(face))) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(text=letters)
        cutter.subset(font)
        per = 1000 / font["head"].unitsPerEm
        order = {name: glyph for glyph, name in enumerate(font.getGlyphOrder())}
        glyphs = {chr(point): order[name] for point, name in font.getBestCmap().items()}
        widths = {order[name]: round(font["hmtx"][name][0] * per) for name in order}
        head, across, os2 = font["head"], font["hhea"], font["OS/2"]
        box = tuple(round(edge * per) for edge in (head.xMin, head.yMin, head.xMax, head.yMax))
        font.save(out)
    program = out.getvalue()
    tag = "".join(chr(65 + byte % 26) for byte in hashlib.sha256(program).digest()[:6])
    return Cut(
        name=f"{tag}+Tinos-{face}",
        program=zlib.compress(program, 9),
        length=len(program),
        glyphs=glyphs,
        widths=widths,
        box=box,
        ascent=round(across.ascent * per),
        descent=round(across.descent * per),
        capital=round(getattr(os2, "sCapHeight", 0) * per) or 662,
        angle=-12.0 if "Italic" in face else 0.0,
    )


def line(text: str, font: Cut, *, width: float, size: float, baseline: float, align: str, resource: str = "F") -> bytes:
    """The content stream of one line set in a box of that width: "left", "center" or "right"; shrunk when it would not fit."""
    wide = font.width(text, size)
    if wide > width > 0:
        size, wide = size * width / wide, width
    x = {"center": (width - wide) / 2, "right": width - wide}.get(align, 0)
    return (
        f"/Tx BMC\nq\nBT\n/{resource} {size:.3f} Tf\n0 g\n{x:.3f} {baseline:.3f} Td\n{font.encode(text)} Tj\nET\nQ\nEMC\n"
    ).encode()
