"""Typst behind one function: a template's name and its data in, a PDF/A-2b and the marks it left out.

One compiler is kept per process, for it takes 200 ms to read the fonts and a few to print a page; it serves one thread at a time.
The template folder is all that a template can read, and holds nothing else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from antin.typeset import fonts

SHEETS = Path(__file__).parent / "sheets"
_lock = Lock()


@dataclass(frozen=True)
class Printed:
    """The PDF, and the values of every `metadata` that the template labelled <mark>, in order."""

    pdf: bytes
    marks: list[dict[str, Any]]


def run(sheet: str, data: dict[str, Any], *, at: datetime) -> Printed:
    """Print a sheet, dated `at`: the same data and moment give the same bytes. :raises FontsMissing: `make setup` has not run"""
    with _lock:
        compiler = _compiler(sheet)
        inputs = {"data": json.dumps(data, ensure_ascii=False)}
        pdf = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-2b"], timestamp=int(at.timestamp()))
        if not isinstance(pdf, bytes):
            raise TypeError("typst gave no PDF")
        marks = json.loads(compiler.query("<mark>", field="value"))
    return Printed(pdf=pdf, marks=marks)


def draw(sheet: str, data: dict[str, Any], *, per_inch: int) -> bytes:
    """Draw a sheet of one page as a PNG. :raises FontsMissing: `make setup` has not run"""
    with _lock:
        inputs = {"data": json.dumps(data, ensure_ascii=False)}
        png = _compiler(sheet).compile(format="png", ppi=per_inch, sys_inputs=inputs)
    if not isinstance(png, bytes):
        raise TypeError("typst gave no picture")
    return png


@cache
def _compiler(sheet: str) -> typst.Compiler:
    return typst.Compiler(SHEETS / f"{sheet}.typ", root=SHEETS, font_paths=[fonts.folder()], ignore_system_fonts=True)
