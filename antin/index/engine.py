"""How tantivy keeps an entry, and where on disk an index lies. How a question becomes a query is `asking`.

STATE/index/<generation>/ is one whole index; the link STATE/index/current names the one in use. A new one is made beside it and the
link is moved: readers follow it at their next question.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import re
import secrets
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import tantivy
from django.conf import settings
from tantivy import FieldType, Occur, Query

from antin.index import words

log = logging.getLogger(__name__)

FORM = 2
"""Counted up when entries are kept otherwise: an index of another form is not opened, but made again."""
FACETS = ("box", "kind", "year", "unit", "status", "urgency", "attached", "field", "retention")
WRITER_MEMORY = 32_000_000
BUILDER_MEMORY = 256_000_000
MAGIC, FOOTER = 1337, 4096
HIGHEST = 3
"""The highest level of secrecy."""
SPAN = 41
"""So many bits of `order` are left out of the span it lies in: twenty-five days, where it is a moment in microseconds."""


class Unusable(Exception):
    """There is no index, it is of an older form, or it is damaged. Nothing is lost: it can be made again."""


@dataclass(frozen=True)
class Entry:
    """What is said of one thing: `holders` may find it, up to the secrecy `level`; `head` weighs more than `text`.

    `order` is its place among others, the largest first; `day` a date as its ordinal; `facets` by the names of `FACETS`.
    """

    id: int
    holders: Iterable[str]
    order: int
    head: str
    text: str = ""
    codes: Iterable[str] = ()
    level: int = 0
    day: int | None = None
    facets: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=1)
def schema() -> tantivy.Schema:
    """`code`, `head` and `text` without marks, `head_marked` and `text_marked` with them, each the whole of what it says.

    Vietnamese syllables are frequent alone and rare in pairs: only pairs keep their places, and a phrase is asked of them.
    """
    made = tantivy.SchemaBuilder()
    made.add_integer_field("id", indexed=True, fast=True)  # deleting by an unsigned term deletes nothing (0.27.0)
    made.add_integer_field("order", indexed=True, fast=True)
    made.add_unsigned_field("day", indexed=True, fast=True)
    made.add_unsigned_field("level", indexed=True, fast=True)
    made.add_text_field("holder", tokenizer_name="whitespace", index_option="basic")
    made.add_text_field("code", tokenizer_name="whitespace", index_option="basic")
    for name in ("head", "text", "head_marked", "text_marked"):
        made.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    for name in ("head_pairs", "text_pairs", "head_marked_pairs"):
        made.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    made.add_text_field("span", tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        made.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    return made.build()


@contextmanager
def trouble_is_damage(generation: str) -> Iterator[None]:
    """What tantivy cannot read or write makes the index unusable, and is remembered in its folder: the worker makes a new one.

    A panic of its Rust is no `Exception` in Python; on a damaged file it means the same.
    """
    try:
        yield
    except Unusable:
        raise
    except (ValueError, OSError, RuntimeError) as trouble:
        _remember_damage(generation, trouble)
        raise Unusable(str(trouble)) from trouble
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":
            raise
        _remember_damage(generation, panic)
        raise Unusable(str(panic)) from panic


def _remember_damage(generation: str, trouble: BaseException) -> None:
    log.warning("the index %s cannot be used: %s", generation, trouble)
    with contextlib.suppress(OSError):
        (root() / generation / "damaged").touch()


# Where it lies ---------------------------------------------------------------------------------------------------------------


def root() -> Path:
    return Path(settings.STATE) / "index"


def current() -> str:
    try:
        return str((root() / "current").readlink())
    except OSError:
        return ""


def _open(generation: str) -> tantivy.Index:
    folder = root() / generation
    try:
        if not generation or (folder / "form").read_text() != str(FORM) or (folder / "damaged").exists():
            raise Unusable
    except OSError as trouble:
        raise Unusable(str(trouble)) from trouble
    with trouble_is_damage(generation):
        found = tantivy.Index(schema(), path=str(folder), reuse=True)
        found.reload()
        return found


def _verify(folder: Path) -> None:
    """Hold every file of an index against the checksum at its end: a flipped bit could end the process that trusts it.

    A file ends with a description in JSON, its length and a magic number, of four bytes each. :raises Unusable:
    """
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        if not re.fullmatch(r"[0-9a-f]{32}", path.stem.split(".")[0]):
            continue
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - FOOTER))
            tail = stream.read()
            length, magic = int.from_bytes(tail[-8:-4], "little"), int.from_bytes(tail[-4:], "little")
            try:
                said = json.loads(tail[-8 - length : -8])["crc"] if magic == MAGIC and length < FOOTER else None
            except (ValueError, KeyError, TypeError):
                said = None
            stream.seek(0)
            crc, left = 0, size - 8 - length
            while said is not None and left > 0 and (part := stream.read(min(left, 1 << 20))):
                crc, left = zlib.crc32(part, crc), left - len(part)
        if crc != said:
            trouble = ValueError(f"{path.name} is not what was written")
            _remember_damage(folder.name, trouble)
            raise Unusable(str(trouble))


def make() -> str:
    """Begin a new, empty index beside whatever there is; return its generation."""
    generation = secrets.token_hex(8)
    folder = root() / generation
    folder.mkdir(parents=True, mode=0o700)
    tantivy.Index(schema(), path=str(folder), reuse=False)
    (folder / "form").write_text(str(FORM))
    return generation


def put_in_use(generation: str) -> None:
    """Let every question from now on go to this index, and take all others away."""
    fresh = root() / f".current-{generation}"
    fresh.symlink_to(generation)
    fresh.replace(root() / "current")
    _forget(but=generation)


def forget_strays() -> None:
    """Take away what building left behind when it was cut short."""
    _forget(but=current())


def _forget(but: str) -> None:
    for folder in root().iterdir():
        if folder.is_dir() and not folder.is_symlink() and folder.name != but:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def hold(name: str, *, shared: bool = False, wait: bool = True) -> Iterator[bool]:
    """Hold a lock of this state folder among processes; whether it could be had. The kernel lets go of it with the process."""
    root().mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(root() / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)


def knows_in_clear(entries: Iterable[Entry]) -> bool:
    """Whether the index in use says something, without a level of secrecy, of any of these things that have one now."""
    secret = [entry.id for entry in entries if entry.level]
    if not secret:
        return False
    generation = current()
    with contextlib.suppress(Unusable), trouble_is_damage(generation):
        query = Query.boolean_query(
            [
                (Occur.Must, Query.term_set_query(schema(), "id", secret)),
                (Occur.Must, Query.range_query(schema(), "level", FieldType.Unsigned, 0, 0)),
            ]
        )
        return bool(searcher().search(query, 1).hits)
    return False


def ask_for_a_new_one() -> None:
    """Have the worker build a new index: taking an entry away leaves its words on disk until segments happen to be merged."""
    (root() / current() / "outworn").touch()


def is_outworn() -> bool:
    return (root() / current() / "outworn").exists()


def size() -> int:
    """How many bytes the index in use takes."""
    folder = root() / current()
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) if current() else 0


# Writing ---------------------------------------------------------------------------------------------------------------------


class Writer:
    """Writes entries into one index, in place of what was said of the same things before. One at a time, in one process."""

    def __init__(self, generation: str, *, memory: int = WRITER_MEMORY) -> None:
        self.generation = generation
        index = _open(generation)
        with trouble_is_damage(generation):
            self._writer: Any = index.writer(heap_size=memory, num_threads=1)

    def put(self, entries: Iterable[Entry], *, gone: Iterable[int] = (), fresh: bool = False) -> None:
        """Write entries and take away what is gone; nothing is found before `commit`. `fresh`: nothing was said of them before.

        :raises Unusable: the index on disk cannot be written any more
        """
        with trouble_is_damage(self.generation):
            for subject_id in gone:
                self._writer.delete_documents_by_term("id", subject_id)
            for entry in entries:
                if not fresh:
                    self._writer.delete_documents_by_term("id", entry.id)
                self._writer.add_document(_kept(entry))

    def commit(self) -> None:
        """Let everything written so far be found, durably. :raises Unusable:"""
        with trouble_is_damage(self.generation):
            self._writer.commit()

    def close(self) -> None:
        """Wait for what still goes on in the background and let go of the index."""
        with contextlib.suppress(Unusable), trouble_is_damage(self.generation):
            self._writer.wait_merging_threads()
        del self._writer


def is_current(writer: Writer) -> bool:
    """Whether it writes into the index in use, and nobody found that one damaged."""
    return writer.generation == current() and not (root() / writer.generation / "damaged").exists()


def writer() -> Writer:
    """Open the index in use for writing, when every byte is what was written. :raises Unusable: it is not, or there is none"""
    generation = current()
    if not generation:
        raise Unusable
    _verify(root() / generation)
    return Writer(generation)


def _kept(entry: Entry) -> tantivy.Document:
    head = words.split(entry.head)
    text = words.split(entry.text)
    plain = words.folded(head)
    whole = [*plain, *words.folded(text)]
    kept = tantivy.Document()
    kept.add_integer("id", entry.id)
    kept.add_integer("order", entry.order)
    kept.add_text("span", str(entry.order >> SPAN))
    kept.add_unsigned("level", entry.level)
    if entry.day is not None:
        kept.add_unsigned("day", entry.day)
    kept.add_text("holder", " ".join(holder_token(holder, entry.level) for holder in entry.holders))
    kept.add_text("code", " ".join(words.code_of(code) for code in entry.codes if code))
    for name, said in (("head", plain), ("head_marked", head), ("text", whole), ("text_marked", [*head, *text])):
        kept.add_text(name, " ".join(words.with_beginnings(said)))
    for name, said in (("head_pairs", plain), ("head_marked_pairs", head), ("text_pairs", whole)):
        kept.add_text(name, " ".join(words.pairs(said)))
    for name, value in entry.facets.items():
        if value:
            kept.add_text(name, value)
    return kept


def holder_token(holder: str, level: int) -> str:
    """By what a holder finds an entry of this level of secrecy: who may not see so high does not know the token."""
    return f"{holder}@{level}" if level else holder


# Reading ---------------------------------------------------------------------------------------------------------------------


@dataclass
class _Opened:
    owner: int
    place: tuple[str, str]
    index: tantivy.Index
    meta: tuple[int, int]


_opened: _Opened | None = None


def searcher() -> tantivy.Searcher:
    """Return a view of what was last committed to the index in use. :raises Unusable:"""
    global _opened  # noqa: PLW0603 - one per process
    place = (str(root()), current())
    try:
        told = (root() / place[1] / "meta.json").stat()
    except OSError as trouble:
        raise Unusable(str(trouble)) from trouble
    meta = (told.st_mtime_ns, told.st_ino)
    found = _opened
    if found is None or found.place != place or found.owner != os.getpid():
        found = _opened = _Opened(os.getpid(), place, _open(place[1]), meta)
    elif found.meta != meta:
        with trouble_is_damage(place[1]):
            found.index.reload()
        found.meta = meta
    return found.index.searcher()
