"""What others find of the same signatures: Poppler's `pdfsig` and OpenSSL's `cms`, where installed, beside our own finding.

Only integrity is asked of them; whom to believe is not theirs to say. Where they differ from us, both are shown: a difference is a
reason to look, not a verdict. The tools run on a copy in a temporary folder, within limits, as nobody where we may, and without our
environment.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from antin.signing import other_files, revisions
from antin.signing.report import Report
from antin.signing.revisions import File, Signature, TooMuch, Unreadable

SECONDS = 20
MEMORY = 2 << 30
NOBODY = 65534
MOST = 20
"""Signatures OpenSSL is asked about; each is a process of its own."""
PLACES = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
Asked = Callable[[str, bytes, Path], dict[str, str]]
FIELD = re.compile(r"Signature Field Name: (.*)")
FOUND = re.compile(r"Signature Validation: (.*)")
INTACT, BROKEN, UNKNOWN = "intact", "broken", "unknown"


@dataclass(frozen=True)
class Opinion:
    """One tool's word on each field, and the fields where it and we differ."""

    tool: str
    version: str
    integrity: dict[str, str]
    differs: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """In plain values, for reports."""
        found = [{"field": name, "integrity": said} for name, said in self.integrity.items()]
        return {
            "tool": self.tool,
            "version": self.version,
            "signatures": found,
            "agrees": not self.differs,
            "differs": [*self.differs],
        }


def ask(content: bytes, report: Report, *, beside: bytes | None = None) -> list[Opinion]:
    """Ask every tool that is installed; of a signature in a file of its own, OpenSSL, with the file `beside` it."""
    ours = {found.field: INTACT if found.intact else BROKEN for found in report.signatures if found.field}
    if not ours:
        return []
    opinions = []
    with tempfile.TemporaryDirectory(prefix="antin-opinion-") as folder:
        Path(folder).chmod(0o755)
        known: tuple[tuple[str, Asked], ...] = (("pdfsig", _pdfsig), ("openssl", _openssl))
        p7s = None if b"%PDF-" in content[:2048] else other_files.cms_of(content)
        if p7s is not None:
            known = (("openssl", partial(_openssl_beside, beside, sorted(ours))),) if beside is not None else ()
            content = p7s
        for tool, asked in known:
            program = shutil.which(tool, path=os.pathsep.join(PLACES))
            if program is None:
                continue
            found = asked(program, content, Path(folder))
            differs = tuple(name for name, said in found.items() if name in ours and said not in (UNKNOWN, ours[name]))
            opinions.append(Opinion(tool, _version(program, tool), found, differs))
    return opinions


def _run(words: Iterable[str], folder: Path) -> subprocess.CompletedProcess[str] | None:
    """Run a tool; None when it took too long or could not be started."""
    try:
        return subprocess.run(
            [*words],
            cwd=folder,
            env={"PATH": os.pathsep.join(PLACES), "LANG": "C.UTF-8", "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            preexec_fn=_limit,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _limit() -> None:
    """In the tool's own process, before it begins: what a file could misuse is taken from it."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _version(program: str, tool: str) -> str:
    done = _run([program, "-v" if tool == "pdfsig" else "version"], Path("/"))
    said = f"{done.stderr}\n{done.stdout}" if done else ""
    found = re.search(r"\d+\.\d+[\w.]*", said)
    return found[0] if found else ""


def _pdfsig(program: str, content: bytes, folder: Path) -> dict[str, str]:
    path = folder / "paper.pdf"
    path.write_bytes(content)
    done = _run([program, "-nocert", path.name], folder)
    found: dict[str, str] = {}
    name = ""
    for line in done.stdout.splitlines() if done else ():
        if field := FIELD.search(line):
            name = field[1].strip()
        elif said := FOUND.search(line):
            words = said[1].strip()
            found[name] = (
                INTACT if words.startswith("Signature is Valid") else BROKEN if "ismatch" in words else UNKNOWN
            )
    return found


def _openssl(program: str, content: bytes, folder: Path) -> dict[str, str]:
    try:
        signatures = revisions.signatures(File(content).view())
    except (Unreadable, TooMuch):
        return {}
    return {
        each.field: _openssl_one(program, content, each, folder)
        for each in signatures[:MOST]
        if each.field and each.entries.get("SubFilter") != "ETSI.RFC3161"
    }


def _openssl_beside(beside: bytes | None, names: list[str], program: str, p7s: bytes, folder: Path) -> dict[str, str]:
    """What OpenSSL says of a .p7s; it judges all its signers at once."""
    (folder / "content.bin").write_bytes(beside or b"")
    (folder / "signature.der").write_bytes(p7s)
    said = _cms(program, folder)
    return dict.fromkeys(names, said)


def _openssl_one(program: str, content: bytes, signature: Signature, folder: Path) -> str:
    said = signature.byte_range
    if said is None or not signature.contents or min(said) < 0:
        return UNKNOWN
    start, before, after, rest = said
    (folder / "content.bin").write_bytes(content[start : start + before] + content[after : after + rest])
    (folder / "signature.der").write_bytes(signature.contents)
    return _cms(program, folder)


def _cms(program: str, folder: Path) -> str:
    words = "cms -verify -binary -noverify -inform DER -in signature.der -content content.bin -out /dev/null"
    done = _run([program, *words.split()], folder)
    if done is None:
        return UNKNOWN
    if done.returncode == 0:
        return INTACT
    broken = ("digest", "signature", "verification failure", "bad")
    return BROKEN if any(word in done.stderr.lower() for word in broken) else UNKNOWN
