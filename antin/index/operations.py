"""Writing: what is due into the index in use, and a whole new index beside it.

What to say of a thing is asked of `Saying`, which the floors above give. Locks of the state folder keep it in order: `writer` is
held by the one process that writes; `build` by whoever builds a new index, and shared by the writer during each batch, so that
nothing written only into the old index is ever taken off the list of what is due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from antin.index import engine, queries
from antin.index.engine import Entry, Unusable, Writer
from antin.index.models import Due

BATCH = 500
SLOW_BATCH = 20


@dataclass(frozen=True)
class Saying:
    """What the floors above say of things: `entries` of these ids (those without one are gone), and of which text is still to be
    read; `reading` the same, having read it, however long that takes; `everything` all ids there are, in parts."""

    entries: Callable[[Sequence[int]], tuple[list[Entry], set[int]]]
    reading: Callable[[Sequence[int]], list[Entry]]
    everything: Callable[[], Iterator[list[int]]]


class BuiltElsewhere(Exception):
    """Another process is building a new index."""


def mark_slow(*, subject_ids: Iterable[int]) -> None:
    """Have the text of these things' files read when there is time."""
    Due.objects.bulk_create([Due(subject_id=each, slow=True) for each in subject_ids], batch_size=5000)


def mark(*, subject_ids: Iterable[int]) -> None:
    """Have these things written again, for a reason that no trigger sees: the text of a file was recognised."""
    Due.objects.bulk_create([Due(subject_id=each) for each in subject_ids], batch_size=5000)


def write_due(*, writer: Writer, saying: Saying) -> int:
    """Write one batch of what is due, and what is slow when nothing else is; how many rows were settled.

    :raises Unusable: the index is damaged: nothing is taken off the list
    """
    with engine.hold("build", shared=True, wait=False) as nothing_is_built:
        rows = queries.list_due(slow=False, limit=BATCH, untaken=not nothing_is_built)
        if rows:
            ids = list(dict.fromkeys(subject for _, subject in rows))
            entries, unread = saying.entries(ids)
            _write(writer, ids, entries)
            mark_slow(subject_ids=unread)
        else:
            rows = queries.list_due(slow=True, limit=SLOW_BATCH, untaken=not nothing_is_built)
            ids = list(dict.fromkeys(subject for _, subject in rows))
            if ids:
                _write(writer, ids, saying.reading(ids))
        _settle([row for row, _ in rows], done=nothing_is_built)
        return len(rows)


def _write(writer: Writer, ids: Sequence[int], entries: list[Entry]) -> None:
    if engine.knows_in_clear(entries):
        engine.ask_for_a_new_one()
    writer.put(entries, gone=set(ids) - {entry.id for entry in entries})
    writer.commit()


def _settle(rows: list[int], *, done: bool) -> None:
    settled = Due.objects.filter(pk__in=rows)
    if done:
        settled.delete()
    else:
        settled.update(taken=True)


def rebuild(*, saying: Saying, tell: Callable[[int], object] = lambda n: None) -> int:
    """Make a whole new index beside the one in use and put it in its place; how many things it says something of.

    Searching goes on meanwhile, and so does writing: what changes is written into both.

    :raises BuiltElsewhere: another process is at it
    """
    with engine.hold("build", wait=False) as ours:
        if not ours:
            raise BuiltElsewhere
        engine.forget_strays()
        generation = engine.make()
        writer = Writer(generation, memory=engine.BUILDER_MEMORY)
        n = 0
        last = Due.objects.order_by("-id").values_list("id", flat=True).first() or 0
        for ids in saying.everything():
            entries, unread = saying.entries(ids)
            writer.put(entries, fresh=True)
            mark_slow(subject_ids=unread)
            n += len(entries)
            tell(n)
        writer.commit()
        _catch_up(writer, saying, last)
        writer.close()
        engine.put_in_use(generation)
        Due.objects.filter(slow=True, id__lte=last).delete()  # what is still to be read was listed anew
        return n


def _catch_up(writer: Writer, saying: Saying, last: int) -> None:
    """Write what has changed while it was built; what changes after this is still on the list when the new index is in use."""
    while True:
        rows = Due.objects.filter(slow=False, id__gt=last).order_by("id").values_list("id", "subject_id")[:BATCH]
        if not rows:
            return
        ids = list(dict.fromkeys(subject for _, subject in rows))
        entries, _unread = saying.entries(ids)
        _write(writer, ids, entries)
        last = rows[len(rows) - 1][0]


__all__ = ["BuiltElsewhere", "Entry", "Saying", "Unusable", "mark", "mark_slow", "rebuild", "write_due"]
