"""The one typeface of printed documents: Tinos, whose letters are as wide as those of Times New Roman.

The four faces are put into `fonts/` by the front-end build (`make setup`); fonts of the machine are never used, for some
lack Vietnamese letters and then a second typeface is mixed in silently.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Tinos"
FOLDER = Path(__file__).parent / "fonts"
FACES = {name: FOLDER / f"Tinos-{name}.ttf" for name in ("Regular", "Italic", "Bold", "BoldItalic")}
_LETTERS = [*range(0x20, 0x7F), *range(0xA0, 0x180), 0x1A0, 0x1A1, 0x1AF, 0x1B0, *range(0x1EA0, 0x1EFA), 0x20AB]
VIETNAMESE = "".join(map(chr, _LETTERS))


class FontsMissing(RuntimeError):
    """The faces are not in their folder: the front-end build has not run."""

    def __init__(self) -> None:
        super().__init__(f"Font files are missing in {FOLDER}: run `make setup`.")


def folder() -> Path:
    """Where the four faces are. :raises FontsMissing:"""
    if not all(path.is_file() for path in FACES.values()):
        raise FontsMissing
    return FOLDER


@cache
def printable() -> frozenset[int]:
    """The code points that every face can print. :raises FontsMissing:"""
    folder()
    found: list[set[int]] = []
    for path in FACES.values():
        with TTFont(path, lazy=True) as font:
            found.append(set(font.getBestCmap()))
    return frozenset(set.intersection(*found))


@cache
def field_face(name: str = "Regular") -> bytes:
    """A TrueType cut of one face with the Vietnamese letters, digits and marks: what form fields embed. :raises FontsMissing:"""
    folder()
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, name_IDs=["*"])
    options.drop_tables += ["DSIG", "GPOS", "GSUB", "GDEF"]
    with TTFont(FACES[name]) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(text=VIETNAMESE)
        cutter.subset(font)
        out = BytesIO()
        font.save(out)
    return out.getvalue()
