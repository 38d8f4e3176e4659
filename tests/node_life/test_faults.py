"""Two real nodes and a line that is bad in every way: nothing is lost, doubled or changed, and both sides tell the same story."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import pytest_django
from django.conf import settings
from django.db import connections
from psycopg import sql

from tools import rig
from tools.bad_line import CHANGED, CUT, LATE, LOST, OVERTAKEN, TWICE, Faults
from tools.demo_nodes import Node
from tools.rig import Rig

pytestmark = [pytest.mark.slow, pytest.mark.django_db]  # not used by the nodes: they begin with copies of its form

BAD = {
    2: CHANGED,
    3: TWICE,
    5: OVERTAKEN,
    7: CHANGED,
    9: CUT,
    12: LATE,
    15: LOST,
    18: TWICE,
    20: OVERTAKEN,
    23: CHANGED,
    26: CUT,
}
"""By number, what happens to messages; at most eight of a parcel's pieces are on the way at once."""


@pytest.fixture(scope="module")
def form(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[str]:
    """An empty database in today's form: the tests' own, copied and emptied, its journal guarded again."""
    here, url = settings.DATABASES["default"]["NAME"], os.environ["DATABASE_URL"]
    name = f"rig_form_{os.getpid()}"
    with django_db_blocker.unblock():
        connections.close_all()
    rig.make_database(url, name, template=here)
    with psycopg.connect(urlsplit(url)._replace(path=f"/{name}").geturl(), autocommit=True) as made:
        rows = made.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        kept = sql.SQL(", ").join(sql.Identifier(row[0]) for row in rows if row[0] != "django_migrations")
        made.execute(sql.SQL("truncate {} restart identity").format(kept))
        for table in ("journal_record", "journal_leaf", "journal_checkpoint"):
            made.execute(sql.SQL("alter table {} enable trigger user").format(sql.Identifier(table)))
    yield name
    rig.drop_database(url, name)


@pytest.fixture(scope="module")
def two(form: str) -> Iterator[Rig]:
    place = Path(tempfile.mkdtemp(prefix="antin-rig-"))
    place.chmod(0o711)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    prefix, url = f"rig_{os.getpid()}_{worker}", os.environ["DATABASE_URL"]
    with rig.running(place, url, prefix=prefix, faults=Faults(), patience=1, hours=1, form=form) as made:
        yield made
    shutil.rmtree(place)


def test_over_a_bad_line_everything_arrives_once_and_both_sides_tell_the_same(two: Rig) -> None:
    head, far = two.nodes
    two.line.faults = Faults(certain=BAD)
    rig.post(head, far, 20_000, 1_300_000, 20_000, 600_000, 20_000, seed=1)
    rig.post(far, head, 20_000, 900_000, 20_000, seed=2)
    for node, name in ((far, "antin-line"), (head, "nats-server"), (far, "antin-worker"), (head, "antin-line")):
        rig.await_that(lambda node=node, name=name: rig.kill(two, node, name), f"{name} of {node.code}")
        rig.post(head, far, 30_000, seed=3)
    two.line.part(far.code)
    rig.post(far, head, 30_000, seed=4)
    time.sleep(1)  # nothing can be awaited: that is what is tried
    two.line.heal()
    rig.await_that(lambda: set(BAD.values()) <= set(two.line.happened), "every fault")
    rig.wake(two)
    rig.await_rest(two)
    assert rig.audit(two) == []
    assert rig.prove_receipts(two, head, most=1) + rig.prove_receipts(two, far, most=1) == []


def test_a_node_made_anew_from_its_backup_gets_what_it_lost_and_nothing_twice(two: Rig) -> None:
    """Its clock is put right with it: an hour back. A number of its own that is lost with it is known to its partner."""
    head, far = two.nodes
    two.line.faults = Faults()
    backup = rig.back_up(two, far)
    rig.post(head, far, 20_000, 700_000, seed=5)
    rig.await_rest(two)
    far.act("register")
    rig.await_that(lambda: all(len(row["links"]) == 3 for row in rig.ask(far, rig.CAME)), "registered, and signed")
    was = {row["reference"]: row["links"] for row in rig.ask(far, rig.CAME)}
    rig.await_that(lambda: _held(head, was), "the head holds every receipt")

    rig.stop(far)
    rig.set_clock(far, 0)
    told = rig.restore(two, far, backup)
    assert (told["journal"], len(rig.ask(far, rig.CAME))) == ("holds", len(was) - 2)
    rig.start_again(far)
    rig.await_that(lambda: len(rig.ask(far, rig.CAME)) == len(was), "what was lost has come again")
    rig.await_that(lambda: rig.ask(far, "select id from journal_record where event = 'feed.remembered'"), "all is told")
    rig.post(head, far, 20_000, seed=6)
    rig.post(far, head, 20_000, seed=7)
    far.act("register")
    rig.await_that(lambda: len(rig.ask(far, rig.CAME)) == len(was) + 1, "what is new has come")
    rig.await_rest(two)
    assert rig.audit(two) == []
    again = {row["reference"]: row["links"] for row in rig.ask(far, rig.CAME)}
    assert [name for name in was if again[name][: len(was[name])] != was[name]] == []
    lost = rig.ask(head, "select facts from journal_record where event = 'parcel.lost_there'")
    assert sum(row["facts"]["count"] for row in lost) >= 2
    assert len(rig.ask(far, "select id from notices_notice where kind = 'document.came_back'")) >= 2
    assert len(rig.ask(far, "select id from notices_notice where kind = 'document.was_registered'")) >= len(was) - 2


def test_the_books_of_a_unit_go_to_the_other_node_over_a_bad_line_and_are_never_at_both(two: Rig) -> None:
    """The unit that the far node serves comes to the head; whoever carries the books there and the answer back is killed."""
    head, far = two.nodes
    rig.post(far, head, 20_000, seed=8)
    rig.await_rest(two)
    two.line.faults = Faults(certain=dict(enumerate((CHANGED, TWICE, LOST, OVERTAKEN, TWICE, CHANGED), start=1)))
    anew = head.act("set_up", code=far.agency, name=far.name, mark=far.mark)["agency"]
    far.antin("nodes", "books-close", far.agency, head.code)
    rig.await_that(lambda: rig.kill(two, far, "antin-line"), "the far line")
    served = [f"{each.agency}={each.name}" for each in (head, far)]
    head.antin("nodes", "change", head.code, "--agency", served[0], "--agency", served[1])
    with pytest.raises(rig.NeverCame, match=f"books_elsewhere: .*{head.code}"):
        rig.post(far, head, 20_000, seed=9)
    [move] = _await_move(head, "inward and status = 'arrived'")
    rig.await_that(lambda: rig.kill(two, head, "antin-worker"), "the head's worker")
    head.antin("nodes", "books-take", str(move["id"]))
    rig.await_that(lambda: rig.kill(two, head, "antin-line"), "the head's line")
    [there] = _await_move(far, "not inward and status = 'confirmed'")
    assert (there["move"], there["statement"]) == (move["move"], move["statement"])
    [old] = rig.ask(far, "select distinct agency_id from numbering_series")
    given, taken = _series(far, old["agency_id"]), _series(head, anew)
    assert [row["moved_to"] for row in given] == [head.code] * len(given)
    assert [row["moved_to"] for row in taken] == [""] * len(given)
    assert [_numbers(row) for row in taken] == [_numbers(row) for row in given]
    assert max(row["last"] for row in taken) >= 1
    two.line.faults = Faults()
    rig.wake(two)
    rig.await_rest(two)
    assert rig.audit(two) == []


def _await_move(node: Node, which: str) -> list[dict[str, Any]]:
    found = f"select id, move, statement from nodes_bookmove where {which}"
    rig.await_that(lambda: rig.ask(node, found), f"a move of books: {which}")
    return rig.ask(node, found)


def _series(node: Node, agency_id: int) -> list[dict[str, Any]]:
    columns = "book, year, type_group, secrecy_class"
    return rig.ask(node, f"select * from numbering_series where agency_id = %s order by {columns}", agency_id)


def _numbers(row: dict[str, Any]) -> tuple[object, ...]:
    return (row["book"], row["year"], row["type_group"], row["secrecy_class"], row["last"])


def _held(head: Node, was: dict[str, list[str]]) -> bool:
    held = {row["reference"]: row["links"] for row in rig.ask(head, rig.SENT)}
    return all(held[name] == links for name, links in was.items())
