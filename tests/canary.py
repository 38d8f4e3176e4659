"""Looking for planted words in everything that a node leaves behind: database, files, logs, backups; in every shape."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection

from antin.console import archive, postgres_tools

STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


@lru_cache(maxsize=64)
def shapes(words: str) -> tuple[bytes, ...]:
    """The words as they might lie about: UTF-8, both UTF-16, decomposed, folded, escaped; base64 at any offset, hexadecimal."""
    plain = [words.encode(form) for form in ("utf-8", "utf-16-le", "utf-16-be")]
    plain += [unicodedata.normalize("NFD", words).encode(), json.dumps(words)[1:-1].encode(), quote(words).encode()]
    plain.append(words.rsplit(" ", 1)[0].split(" ", 3)[-1].encode())
    found = list(plain)
    number = words.rsplit(" ", 1)[-1]
    # Alone, for no spelling changes it; six digits are found by chance in hexadecimal and in the microseconds of moments.
    found += [number.encode()] if len(number) > 11 else []
    for each in plain:
        found += [base64.b64encode(bytes(offset) + each)[4:-4] for offset in range(3)]
        found.append(each.hex().encode())
    return tuple(found)


def dump() -> bytes:
    """Every row of every table as text, whatever app it belongs to, as a dump of the database has them."""
    with connection.cursor() as cursor:
        cursor.execute("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = bytearray()
        for table in tables:
            with cursor.copy(f"copy {table} to stdout") as copying:
                for piece in copying:
                    found += piece
    return bytes(found)


def dumped() -> bytes:
    """What the node's own `pg_dump` says of the whole database, in SQL: rows as text, bytes in hexadecimal."""
    return _said("pg_dump", "--format=plain")


def of_backup(place: Path, phrase: str, unsealed: Path) -> list[bytes]:
    """Every member of the backups below a folder: its files, its dump restored to SQL, its sealed part opened."""
    found = of_folder(place)
    for folder in archive.list_backups(place):
        found.append(_said("pg_restore", str(folder / archive.DUMP)))
        archive.unseal_state((folder / archive.STATE).read_bytes(), phrase, unsealed)
    return found + of_folder(unsealed)


def _said(tool: str, *given: str) -> bytes:
    database = connection.settings_dict
    where = {f"PG{name}": str(database[name]) for name in ("HOST", "PORT", "USER", "PASSWORD")}
    target = ["--file=-"] if tool == "pg_restore" else [f"--dbname={database['NAME']}"]
    done = subprocess.run(
        [postgres_tools.find(tool), *given, *target], env=os.environ | where, capture_output=True, check=True
    )
    return done.stdout


@contextmanager
def told_to_database() -> Iterator[list[bytes]]:
    """Every statement and value that this process gives PostgreSQL meanwhile: its server's log, its write-ahead files and its rows
    can have nothing else."""
    said: list[bytes] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        given = params.values() if isinstance(params, dict) else params or ()
        said.extend([str(sql).encode(), *(_value(each) for each in given)])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield said


def _value(given: Any) -> bytes:
    """A value as it goes over the wire, near enough to be searched: bytes as they are, JSON written out."""
    if isinstance(given, bytes | bytearray | memoryview):
        return bytes(given)
    return json.dumps(getattr(given, "obj", given), ensure_ascii=False, default=str).encode()


class Trap:
    """What this process writes to disk while the trap is set, also what it removes again."""

    def __init__(self) -> None:
        self.written: set[str] = set()
        self.removed: list[bytes] = []
        self.nameless: list[str] = []
        self.busy = False

    def hears(self, event: str, given: tuple[Any, ...]) -> None:
        if self.busy:
            return
        self.busy = True
        try:
            if event == "open" and given[2] & (os.O_WRONLY | os.O_RDWR) and isinstance(given[0], str | bytes):
                path = os.fsdecode(given[0])
                if given[2] & os.O_TMPFILE == os.O_TMPFILE:
                    self.nameless.append(path)
                else:
                    self.written.add(path)
            elif event == "os.remove" and os.fsdecode(given[0]) in self.written:
                self.removed.append(Path(os.fsdecode(given[0])).read_bytes())
            elif event == "shutil.rmtree":
                self.removed += of_folder(Path(os.fsdecode(given[0])))
        except OSError:
            pass
        finally:
            self.busy = False

    def caught(self) -> list[bytes]:
        """The bytes of all of it."""
        left = []
        for path in sorted(self.written):
            with suppress(OSError):
                left.append(Path(path).read_bytes())
        return left + self.removed


_set: list[Trap] = []


@contextmanager
def trapped() -> Iterator[Trap]:
    """Set a trap for files; what other processes write and remove by themselves is not caught."""
    if not _hooked:
        sys.addaudithook(lambda event, given: [each.hears(event, given) for each in _set] and None)  # type: ignore[func-returns-value]
        _hooked.append(True)
    trap = Trap()
    _set.append(trap)
    try:
        yield trap
    finally:
        _set.remove(trap)


_hooked: list[bool] = []


def of_folder(folder: Path) -> list[bytes]:
    """Every file below a folder, its name too, and what its PDF streams hold when they are unpacked."""
    found = []
    for path in sorted(folder.rglob("*")):
        found.append(str(path).encode())
        if path.is_file():
            content = path.read_bytes()
            found += [content, *unpacked(content)]
    return found


def unpacked(content: bytes) -> list[bytes]:
    """The compressed streams of a PDF, unpacked."""
    found = []
    for packed in STREAM.findall(content):
        try:
            found.append(zlib.decompressobj().decompress(packed))
        except zlib.error:
            continue
    return found


def found_in(planted: dict[str, str], places: list[bytes]) -> list[str]:
    """Which of the planted words are anywhere in these places."""
    return [
        name for name, words in planted.items() if any(shape in place for shape in shapes(words) for place in places)
    ]
