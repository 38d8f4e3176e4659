"""The words on a scan, read by tesseract through OCRmyPDF where the machine has them: bounded, as nobody, in a folder of its own.

OCRmyPDF gives a second PDF, the same pages (turned upright) with an invisible text layer; tesseract's own account (hOCR 1.2) gives
each word's place and how sure it is. The scan itself is never touched.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

PROGRAM = "tesseract"
LANGUAGE = "vie"
MOST_PAGES = 60
"""So many pages of one paper are read; the rest is looked at by people."""
SECONDS_A_PAGE, SECONDS_BESIDE = 40, 30
MEMORY = 4 << 30
LARGEST = 200 << 20
MEGAPIXELS = 40
"""A page image with more is not read: A3 at 400 dots an inch has 31."""
NOBODY = 65534
PATH = os.defpath + ":/usr/local/bin"
HOCR = "{http://www.w3.org/1999/xhtml}"


class Unread(Exception):
    """The words could not be read: `reason` is a key of `files.queries.UNREAD_WORDS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Recognised:
    """A PDF with a text layer, and the words of its pages as JSON: docs/intake.md."""

    pdf: bytes
    words: bytes


def why_not() -> str:
    """Why nothing can be read on this machine: a key of `files.queries.UNREAD_WORDS`; empty if it can."""
    program = shutil.which(PROGRAM, path=PATH)
    if program is None or importlib.util.find_spec("ocrmypdf") is None:
        return "no_program"
    try:
        listed = subprocess.run(
            [program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False, env={"PATH": PATH}
        )
    except (OSError, subprocess.TimeoutExpired):
        return "no_program"
    return "" if LANGUAGE in listed.stdout.split() else "no_language"


def recognise(content: bytes, pages: int) -> Recognised:
    """Read the words of a PDF's pages that have none. :raises Unread: why it could not be done"""
    reason = why_not()
    if reason:
        raise Unread(reason)
    with tempfile.TemporaryDirectory(prefix="antin-words-") as name:
        folder = Path(name)
        (folder / "scan.pdf").write_bytes(content)
        _run(folder, min(pages, MOST_PAGES))
        made = folder / "read.pdf"
        if not made.is_file() or not 0 < made.stat().st_size <= LARGEST:
            raise Unread("failed")
        found = {}
        for path in folder.glob("*/*_hocr.hocr"):
            with suppress(ValueError, etree.XMLSyntaxError, StopIteration):
                number = int(path.name.partition("_")[0])
                found[number] = _page(number, path.read_bytes())
        words = [found[number] for number in sorted(found) if found[number]["words"]]
        return Recognised(made.read_bytes(), json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode())


def _run(folder: Path, pages: int) -> None:
    """Run OCRmyPDF with limits; what still runs when its time is over is ended, with its children. :raises Unread:"""
    seconds = SECONDS_BESIDE + SECONDS_A_PAGE * pages
    as_nobody: dict[str, Any] = {}
    if os.geteuid() == 0 and _others_may_read(Path(sys.executable).resolve(), Path(__file__), _package()):
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    limits = f'ulimit -t {seconds} -v {MEMORY >> 10} -f {LARGEST >> 9} -c 0; exec "$@"'
    given = [
        *("--language", LANGUAGE, "--mode", "skip", "--rotate-pages", "--rotate-pages-threshold", "4"),
        "--invalidate-digital-signatures",
        *("--output-type", "pdf", "--optimize", "0", "--jobs", "1", "--pages", f"1-{pages}", "--quiet"),
        *("--max-image-mpixels", str(MEGAPIXELS), "--skip-big", str(MEGAPIXELS)),
        *("--tesseract-timeout", str(SECONDS_A_PAGE), "--keep-temporary-files"),
    ]
    child = subprocess.Popen(
        [
            *("/bin/sh", "-c", limits, "sh", sys.executable, "-m", "ocrmypdf"),
            *given,
            str(folder / "scan.pdf"),
            str(folder / "read.pdf"),
        ],
        cwd=folder,
        env={
            "PATH": PATH,
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
            "OMP_THREAD_LIMIT": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **as_nobody,
    )
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Unread("too_long") from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if child.returncode:
        raise Unread("failed")


def _package() -> Path:
    found = importlib.util.find_spec("ocrmypdf")
    return Path(found.origin) if found is not None and found.origin else Path("/")


def _others_may_read(*paths: Path) -> bool:
    """Whether somebody else could run this: a node set up in its owner's closed folder reads with its owner's rights."""
    return all(part.stat().st_mode & 0o001 for path in paths for part in path.resolve().parents)


_BOX = re.compile(r"bbox (\d+) (\d+) (\d+) (\d+)")
_BASE = re.compile(r"baseline (-?[\d.]+) (-?[\d.]+)")
_SIZE = re.compile(r"x_size ([\d.]+)")
_DOTS = re.compile(r"scan_res (\d+)")
_SURE = re.compile(r"x_wconf (\d+)")
LINES = {"ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat"}


def _page(number: int, account: bytes) -> dict[str, Any]:
    """One page of hOCR in points from the bottom left; a word is [text, left, bottom, right, top, base, size, sure, line]."""
    plain = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    page = next(each for each in etree.fromstring(account, plain).iter() if each.get("class") == "ocr_page")
    title = page.get("title", "")
    _left, _top, across, down = _numbers(_BOX, title)
    [dots] = _numbers(_DOTS, title) or [300.0]
    point = 72 / dots
    words = []
    for n, line in enumerate(each for each in page.iter() if each.get("class") in LINES):
        told = line.get("title", "")
        left, _line_top, _right, foot = _numbers(_BOX, told)
        slope, rise = _numbers(_BASE, told) or (0.0, 0.0)
        size = next(iter(_numbers(_SIZE, told)), 0.0) * point
        for word in line.iter(f"{HOCR}span"):
            text = "".join(word.itertext()).strip()
            if word.get("class") != "ocrx_word" or not text:
                continue
            about = word.get("title", "")
            x0, y0, x1, y1 = _numbers(_BOX, about)
            base = foot + rise + slope * ((x0 + x1) / 2 - left)
            sure = next(iter(_numbers(_SURE, about)), 0.0) / 100
            box = [x0 * point, (down - y1) * point, x1 * point, (down - y0) * point, (down - base) * point]
            words.append([text, *(round(each, 2) for each in box), round(size, 2), sure, n])
    return {"page": number, "width": round(across * point, 2), "height": round(down * point, 2), "words": words}


def _numbers(pattern: re.Pattern[str], told: str) -> list[float]:
    found = pattern.search(told)
    return [float(each) for each in found.groups()] if found else []


def text_of(words: bytes) -> str:
    """The words as running text, line by line, pages parted by a form feed."""
    pages = []
    for page in json.loads(words):
        lines: dict[int, list[str]] = {}
        for word in page["words"]:
            lines.setdefault(word[8], []).append(word[0])
        pages.append("\n".join(" ".join(line) for line in lines.values()))
    return "\f".join(pages)
