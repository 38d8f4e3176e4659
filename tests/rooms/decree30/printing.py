"""Specimens as PDF, without a word processor."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import typst

from antin.typeset import fonts

SHEET = Path(__file__).parent / "specimen.typ"


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(SHEET, root=SHEET.parent, font_paths=[fonts.folder()], ignore_system_fonts=True)


def printed(made: dict[str, Any]) -> bytes:
    pdf = _compiler().compile(format="pdf", sys_inputs={"data": json.dumps(made, ensure_ascii=False)})
    assert isinstance(pdf, bytes)
    return pdf
