"""DOCX to PDF by LibreOffice, where the machine has it: bounded, in a folder and with a profile of its own."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import tempfile
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.refusal import Refusal
from antin.typeset import fonts

SECONDS = 90
MEMORY = 4 << 30
LARGEST = 100 << 20
MOST_PARTS = 4_000
NOBODY = 65534
PROGRAMS = ("soffice", "libreoffice")


class NoOffice(Refusal):
    """The machine has no LibreOffice."""

    code = "no_office"
    words = _("Máy chủ chưa cài LibreOffice nên không đổi được tệp Word; đồng chí lưu thành PDF rồi tải lên.")


class ReachesOut(Refusal):
    """The file would have LibreOffice open other files, run something, or ask the network."""

    code = "docx_reaches_out"
    words = _("Tệp Word có %(what)s nên không nhận; đồng chí bỏ đi, hoặc lưu thành PDF rồi tải lên.")


class CannotConvert(Refusal):
    """LibreOffice gave no PDF in the time and memory it had."""

    code = "cannot_convert"
    words = _("Không đổi được tệp Word này sang PDF; đồng chí mở bằng Word, lưu thành PDF rồi tải lên.")


def to_pdf(content: bytes) -> bytes:
    """Have a DOCX laid out.

    :raises NoOffice: the machine has no LibreOffice
    :raises ReachesOut: it holds links to files, macros or embedded objects
    :raises CannotConvert: it is broken, too large, or takes too long
    """
    program = _program()
    if program is None:
        raise NoOffice
    _look_into(content)
    with tempfile.TemporaryDirectory(prefix="antin-office-") as name:
        folder = Path(name)
        (folder / "paper.docx").write_bytes(content)
        (folder / "fonts.conf").write_text(_fonts(folder))
        (folder / "fonts").mkdir()
        for face in fonts.folder().glob("*.ttf"):
            shutil.copyfile(face, folder / "fonts" / face.name)
        as_nobody: dict[str, Any] = {}
        if os.geteuid() == 0:
            as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            for path in (folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        _run(program, folder, as_nobody)
        made = folder / "paper.pdf"
        if not made.is_file() or made.stat().st_size > LARGEST:
            raise CannotConvert
        return made.read_bytes()


_FIELDS = re.compile(rb"INCLUDE(TEXT|PICTURE)|DDE(AUTO)?\\s|altChunk")


def _look_into(content: bytes) -> None:
    """Refuse what would reach out of the file. :raises ReachesOut: :raises CannotConvert:"""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if len(package.infolist()) > MOST_PARTS or sum(each.file_size for each in package.infolist()) > LARGEST:
                raise CannotConvert
            for each in package.infolist():
                name = each.filename.lower()
                if "vbaproject" in name or "activex" in name:
                    raise ReachesOut(what=gettext("macro"))
                if "embeddings/" in name:
                    raise ReachesOut(what=gettext("đối tượng nhúng"))
                if not name.endswith((".xml", ".rels")):
                    continue
                text = package.read(each)
                links = re.findall(rb"<Relationship\b[^>]*>", text) if name.endswith(".rels") else []
                if any(b"External" in link and b"/hyperlink" not in link for link in links):
                    raise ReachesOut(what=gettext("liên kết tới tệp khác"))
                if _FIELDS.search(text) or b"<!DOCTYPE" in text:
                    raise ReachesOut(what=gettext("liên kết tới tệp khác"))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        raise CannotConvert from None


def _program() -> str | None:
    return next(
        (found for name in PROGRAMS if (found := shutil.which(name, path=os.defpath + ":/usr/local/bin"))), None
    )


def _run(program: str, folder: Path, as_nobody: dict[str, Any]) -> None:
    """Run LibreOffice with limits; what still runs when its time is over is ended, with its children.

    :raises CannotConvert:
    """
    limits = f'ulimit -t {SECONDS} -v {MEMORY >> 10} -f {LARGEST >> 9} -c 0; exec "$@"'
    child = subprocess.Popen(
        [
            "/bin/sh",
            "-c",
            limits,
            "sh",
            program,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--norestore",
            "--convert-to",
            "pdf:writer_pdf_Export",
            "--outdir",
            str(folder),
            str(folder / "paper.docx"),
        ],
        cwd=folder,
        env={
            "PATH": os.defpath,
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
            "FONTCONFIG_FILE": str(folder / "fonts.conf"),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **as_nobody,
    )
    try:
        child.wait(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise CannotConvert from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _fonts(folder: Path) -> str:
    """Tinos, which has every Vietnamese letter and the measures of Times New Roman, stands for it."""
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{folder}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>{folder}/cache</cachedir>"
        '<alias binding="same"><family>Times New Roman</family><prefer><family>Tinos</family></prefer></alias>'
        "</fontconfig>"
    )
