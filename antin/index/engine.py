"""The only user of tantivy: how an entry is kept, how a question becomes a query, and where on disk an index lies.

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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import tantivy
from django.conf import settings
from tantivy import FieldType, Occur, Query

from antin.index import words
from antin.index.words import Question, Span, Wish

log = logging.getLogger(__name__)

FORM = 1
"""Counted up when entries are kept otherwise: an index of another form is not opened, but made again."""
FACETS = ("box", "kind", "year", "unit", "status", "urgency", "attached")
WRITER_MEMORY = 32_000_000
BUILDER_MEMORY = 256_000_000
DEEPEST = 10_000
MAGIC, FOOTER = 1337, 4096
FACET_ROWS = 40


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


@dataclass(frozen=True)
class Narrowing:
    """Who asks, and what the hits must be: `facets` by name, any of the values; `since` and `until` as ordinals, both included."""

    holders: tuple[str, ...]
    level: int = 0
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: int | None = None
    until: int | None = None


@lru_cache(maxsize=1)
def _schema() -> tantivy.Schema:
    """`code`, `head` and `text` without marks, `head_marked` and `text_marked` with them, each the whole of what it says."""
    made = tantivy.SchemaBuilder()
    made.add_integer_field("id", indexed=True, fast=True)  # deleting by an unsigned term deletes nothing (0.27.0)
    made.add_integer_field("order", indexed=True, fast=True)
    made.add_unsigned_field("day", indexed=True, fast=True)
    made.add_unsigned_field("level", indexed=True, fast=True)
    made.add_text_field("holder", tokenizer_name="whitespace", index_option="basic")
    made.add_text_field("code", tokenizer_name="whitespace", index_option="basic")
    for name in ("head", "text", "head_marked"):
        made.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    made.add_text_field("text_marked", tokenizer_name="whitespace", index_option="basic")
    for name in FACETS:
        made.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    return made.build()


@contextmanager
def _trouble_is_damage(generation: str) -> Iterator[None]:
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


def _current() -> str:
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
    with _trouble_is_damage(generation):
        found = tantivy.Index(_schema(), path=str(folder), reuse=True)
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
    tantivy.Index(_schema(), path=str(folder), reuse=False)
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
    _forget(but=_current())


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
    generation = _current()
    with contextlib.suppress(Unusable), _trouble_is_damage(generation):
        query = Query.boolean_query(
            [
                (Occur.Must, Query.term_set_query(_schema(), "id", secret)),
                (Occur.Must, Query.range_query(_schema(), "level", FieldType.Unsigned, 0, 0)),
            ]
        )
        return bool(_searcher().search(query, 1).hits)
    return False


def ask_for_a_new_one() -> None:
    """Have the worker build a new index: taking an entry away leaves its words on disk until segments happen to be merged."""
    (root() / _current() / "outworn").touch()


def is_outworn() -> bool:
    return (root() / _current() / "outworn").exists()


def size() -> int:
    """How many bytes the index in use takes."""
    folder = root() / _current()
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) if _current() else 0


# Writing ---------------------------------------------------------------------------------------------------------------------


class Writer:
    """Writes entries into one index, in place of what was said of the same things before. One at a time, in one process."""

    def __init__(self, generation: str, *, memory: int = WRITER_MEMORY) -> None:
        self.generation = generation
        index = _open(generation)
        with _trouble_is_damage(generation):
            self._writer: Any = index.writer(heap_size=memory, num_threads=1)

    def put(self, entries: Iterable[Entry], *, gone: Iterable[int] = (), fresh: bool = False) -> None:
        """Write entries and take away what is gone; nothing is found before `commit`. `fresh`: nothing was said of them before.

        :raises Unusable: the index on disk cannot be written any more
        """
        with _trouble_is_damage(self.generation):
            for subject_id in gone:
                self._writer.delete_documents_by_term("id", subject_id)
            for entry in entries:
                if not fresh:
                    self._writer.delete_documents_by_term("id", entry.id)
                self._writer.add_document(_kept(entry))

    def commit(self) -> None:
        """Let everything written so far be found, durably. :raises Unusable:"""
        with _trouble_is_damage(self.generation):
            self._writer.commit()

    def close(self) -> None:
        """Wait for what still goes on in the background and let go of the index."""
        with contextlib.suppress(Unusable), _trouble_is_damage(self.generation):
            self._writer.wait_merging_threads()
        del self._writer


def is_current(writer: Writer) -> bool:
    """Whether it writes into the index in use, and nobody found that one damaged."""
    return writer.generation == _current() and not (root() / writer.generation / "damaged").exists()


def writer() -> Writer:
    """Open the index in use for writing, when every byte is what was written. :raises Unusable: it is not, or there is none"""
    generation = _current()
    if not generation:
        raise Unusable
    _verify(root() / generation)
    return Writer(generation)


def _kept(entry: Entry) -> tantivy.Document:
    head = words.split(entry.head)
    text = words.split(entry.text)
    plain, marked = words.folded(head), " ".join(head)
    whole = " ".join([*plain, *words.folded(text)])
    kept = tantivy.Document()
    kept.add_integer("id", entry.id)
    kept.add_integer("order", entry.order)
    kept.add_unsigned("level", entry.level)
    if entry.day is not None:
        kept.add_unsigned("day", entry.day)
    kept.add_text("holder", " ".join(entry.holders))
    kept.add_text("code", " ".join(words.code_of(code) for code in entry.codes if code))
    kept.add_text("head", " ".join(plain))
    kept.add_text("head_marked", marked)
    kept.add_text("text", whole)
    kept.add_text("text_marked", " ".join(dict.fromkeys([*head, *text])))
    for name, value in entry.facets.items():
        if value:
            kept.add_text(name, value)
    return kept


# Reading ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """Ids of one page in their order, how many there are in all, and of each facet's values how many."""

    ids: list[int]
    count: int
    facets: dict[str, list[tuple[str, int]]]


@dataclass
class _Opened:
    owner: int
    place: tuple[str, str]
    index: tantivy.Index
    meta: tuple[int, int]


_opened: _Opened | None = None


def _searcher() -> tantivy.Searcher:
    """Return a view of what was last committed to the index in use. :raises Unusable:"""
    global _opened  # noqa: PLW0603 - one per process
    place = (str(root()), _current())
    try:
        told = (root() / place[1] / "meta.json").stat()
    except OSError as trouble:
        raise Unusable(str(trouble)) from trouble
    meta = (told.st_mtime_ns, told.st_ino)
    found = _opened
    if found is None or found.place != place or found.owner != os.getpid():
        found = _opened = _Opened(os.getpid(), place, _open(place[1]), meta)
    elif found.meta != meta:
        with _trouble_is_damage(place[1]):
            found.index.reload()
        found.meta = meta
    return found.index.searcher()


def find(
    question: Question,
    narrowing: Narrowing,
    *,
    limit: int,
    offset: int = 0,
    latest: bool = False,
    counting: bool = True,
) -> Found:
    """Find what a holder of these tokens may see, in tiers, in each the last first: number and notation themselves; every word in
    the head, marks as typed; in the head; anywhere with marks; anywhere, or what it stands for. `latest`: by `order` alone.

    :raises Unusable: there is no index to ask
    """
    generation = _current()
    searcher = _searcher()
    with _trouble_is_damage(generation):
        return _find(searcher, question, narrowing, limit, min(offset, DEEPEST), latest=latest, counting=counting)


def _find(
    searcher: tantivy.Searcher,
    question: Question,
    narrowing: Narrowing,
    limit: int,
    offset: int,
    *,
    latest: bool,
    counting: bool,
) -> Found:
    may = _may_see(narrowing)
    anywhere = _every(question, "text", marked=False)
    whole = Query.boolean_query([*may, *anywhere])
    tiers = [whole] if latest or not question.wanted else list(_tiers(question, may, anywhere))
    ids: list[int] = []
    left = offset
    for tier in tiers:
        asked: Any = searcher.search(tier, limit - len(ids), count=left > 0, order_by_field="order", offset=left)
        if asked.hits:
            values: Any = searcher.fast_field_values("id", [address for _, address in asked.hits])
            ids += values
        if len(ids) >= limit:
            break
        left = 0 if asked.hits else max(0, left - (asked.count or 0))
    return Found(ids, *(_counted(searcher, whole) if counting else (0, {})))


def _counted(searcher: tantivy.Searcher, whole: Query) -> tuple[int, dict[str, list[tuple[str, int]]]]:
    asked = {name: {"terms": {"field": name, "size": FACET_ROWS}} for name in FACETS}
    told = searcher.aggregate(whole, {**asked, "all": {"value_count": {"field": "id"}}})
    facets = {name: [(str(row["key"]), int(row["doc_count"])) for row in told[name]["buckets"]] for name in FACETS}
    return int(told["all"]["value"]), facets


Clause = tuple[Occur, Query]


def _may_see(narrowing: Narrowing) -> list[Clause]:
    must = [_any(_term("holder", holder) for holder in narrowing.holders)]
    if narrowing.level < 3:
        must.append(Query.range_query(_schema(), "level", FieldType.Unsigned, 0, narrowing.level))
    for name, values in narrowing.facets.items():
        must.append(_any(_term(name, value) for value in values))
    if narrowing.since is not None or narrowing.until is not None:
        since, until = narrowing.since or 0, narrowing.until if narrowing.until is not None else 2**31
        must.append(Query.range_query(_schema(), "day", FieldType.Unsigned, since, max(since, until)))
    return [(Occur.Must, query) for query in must]


def _tiers(question: Question, may: Sequence[Clause], anywhere: Sequence[Clause]) -> Iterator[Query]:
    """Each narrower than the next; what an earlier one gives is not given again."""
    narrower: list[list[Clause]] = []
    if question.code:
        narrower.append([(Occur.Must, _term("code", question.code))])
    if question.marked:
        narrower.append(_every(question, "head", marked=True))
    narrower.append(_every(question, "head", marked=False))
    if question.marked:
        narrower.append([*_every(question, "text", marked=True), *anywhere])
    given: list[Clause] = []
    for tier in narrower:
        yield Query.boolean_query([*may, *tier, *given])
        given.append((Occur.MustNot, Query.boolean_query(list(tier))))
    yield Query.boolean_query([*may, *anywhere, *given])


def _every(question: Question, name: str, *, marked: bool) -> list[Clause]:
    """Every wish of a question in one field. With marks only what was typed itself counts, not what it stands for."""
    clauses = []
    for wish in question.wishes:
        query = _marked(name, wish) if marked and not wish.without else _plain("text" if wish.without else name, wish)
        clauses.append((Occur.MustNot if wish.without else Occur.Must, query))
    return clauses


def _plain(name: str, wish: Wish) -> Query:
    """The words without marks; in the whole text also what they stand for, so that it comes last."""
    ways = [_one_after_the_other(name, wish.plain)]
    if wish.begins:
        ways.append(_beginning(name, wish.plain))
    if name == "text":
        ways += [_one_after_the_other(name, other) for other in wish.others]
    return _any(ways)


def _marked(name: str, wish: Wish) -> Query:
    """The words as they were typed. Where places are not kept, that each is there: the folded words say the order."""
    name = f"{name}_marked"
    if name == "text_marked":
        *first, last = wish.written
        must = [_term(name, word) for word in first]
        must.append(_any([_term(name, last), _beginning(name, (last,))] if wish.begins else [_term(name, last)]))
        return Query.boolean_query([(Occur.Must, query) for query in must])
    ways = [_one_after_the_other(name, wish.written)]
    if wish.begins:
        ways.append(_beginning(name, wish.written))
    return _any(ways)


def _term(name: str, value: str) -> Query:
    return Query.term_query(_schema(), name, value, index_option="basic")


def _one_after_the_other(name: str, span: Span) -> Query:
    return _term(name, span[0]) if len(span) == 1 else Query.phrase_query(_schema(), name, list(span))


def _beginning(name: str, span: Span) -> Query:
    """Words of which the last may go on. Words are letters and digits alone, so they are a pattern that means themselves."""
    if len(span) == 1:
        return Query.regex_query(_schema(), name, f"{span[0]}.*")
    return Query.phrase_prefix_query(_schema(), name, list(span))


def _any(ways: Iterable[Query]) -> Query:
    found = list(ways)
    if not found:
        return Query.empty_query()
    return found[0] if len(found) == 1 else Query.boolean_query([(Occur.Should, way) for way in found])
