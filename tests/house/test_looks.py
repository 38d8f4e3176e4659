"""Every state has a look, every icon is drawn, and every pair of colours can be read."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from django.db.models import Choices

import antin
from antin.web import frame, tones

HOME = Path(antin.__file__).parent
SOURCES = HOME.parent / "frontend" / "src"
DRAWN = set(re.findall(r'id="i-([\w-]+)"', (SOURCES / "icons.svg").read_text()))
TOKENS = (SOURCES / "css" / "tokens.css").read_text()
COLOURS = {
    name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+):\s*light-dark\((#\w{6}), (#\w{6})\)", TOKENS)
}
PAPERS = ("paper", "sheet", "well", "wash", "wash-2")


@pytest.mark.parametrize("states", list(tones.LOOKS), ids=lambda each: each.__module__ + "." + each.__name__)
def test_every_state_has_a_look(states: type[Choices]) -> None:
    assert list(tones.LOOKS[states]) == list(states)
    for state in states:
        told = tones.of(state)
        assert (str(told.words), told.tone in ("", "flow", "ok", "warn", "late")) == (str(state.label), True)


def test_every_icon_named_is_drawn() -> None:
    named = {icon for looks in tones.LOOKS.values() for _, icon in looks.values() if icon}
    named |= {place.icon for place in frame.PLACES}
    for template in HOME.rglob("*.html"):
        named |= set(re.findall(r'{% icon "([\w-]+)"', template.read_text()))
    assert named - DRAWN == set()


def test_only_the_tokens_hold_colours() -> None:
    found = {}
    for sheet in (SOURCES / "css").glob("*.css"):
        if sheet.name not in ("tokens.css", "print.css"):
            code = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
            found[sheet.name] = re.findall(r"(?<!href=\")#[0-9a-fA-F]{3,8}\b(?=[^{]*;)", code)
    assert {name: colours for name, colours in found.items() if colours} == {}


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


NEEDED = [
    *((ink, paper, 4.5) for ink, paper in product(("ink", "ink-2", "ink-3"), PAPERS)),
    *(
        (tone, paper, 4.5)
        for tone in ("seal", "ok", "warn", "flow")
        for paper in (*PAPERS[:2], *PAPERS[3:], f"{tone}-wash")
    ),
    *((ink, wash, 4.5) for ink, wash in (("ink", "seal-wash"), ("ink", "ok-wash"), ("ink", "warn-wash"))),
    *(
        (on, under, 4.5)
        for on, under in (("on-ink", "ink"), ("on-ink", "ink-press"), ("on-seal", "seal"), ("on-seal", "seal-press"))
    ),
    *(("edge", paper, 3) for paper in ("paper", "sheet")),
    *(("focus", paper, 3) for paper in PAPERS),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_pair_of_colours_can_be_read(theme: int) -> None:
    """WCAG 2.2: 4.5 for words (1.4.3), 3 for the edge of a control (1.4.11)."""
    assert len(NEEDED) == 49
    poor = [
        (ink, paper) for ink, paper, least in NEEDED if contrast(COLOURS[ink][theme], COLOURS[paper][theme]) < least
    ]
    assert poor == []
