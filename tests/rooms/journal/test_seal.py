import hashlib
import json
import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import IntegrityError, connection, connections, transaction

from antin.journal import custody, notation, operations, queries
from antin.journal.models import Checkpoint, Leaf, Record
from antin.journal.operations import Entry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_state")]


def fill(clerk, moment, n, kind="document"):
    operations.record_many(Entry("thing.happened", (kind, i), clerk, moment, facts={"i": i}) for i in range(n))


def test_a_checkpoint_is_signed_by_the_node_and_says_what_it_covers(clerk, moment, own_state, settings, seal):
    settings.NODE = "bo-tong-tham-muu"
    fill(clerk, moment, 3)
    made = seal()
    assert made.says["size"] == 3
    assert (made.says["number"], made.says["previous"], made.says["node"]) == (1, "", "bo-tong-tham-muu")
    assert made.says["at"] == "2026-11-20T03:04:05.678901Z"
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(made.says["key"]))
    key.verify(made.proof, made.body)
    assert notation.read_public_key((own_state / "journal" / "node.pem").read_bytes()) == made.says["key"]
    assert (own_state / "secrets" / "journal-key.pem").stat().st_mode & 0o777 == 0o600


def test_the_leaf_is_the_hash_of_the_canonical_entry(moment, clerk, seal):
    operations.record("document.submitted", subject=("document", 12), actor=clerk, at=moment, note="đã “ký”\n", n=2**70)
    seal()
    record, leaf = Record.objects.get(), Leaf.objects.get()
    text = (
        '{"agency":3,"at":"2026-11-20T03:04:05.678901Z","event":"document.submitted",'
        '"facts":{"n":1180591620717411303424,"note":"đã “ký”\\n"},"id":RECORD,"index":0,"on_behalf":"",'
        '"person":{"id":7,"name":"Nguyễn Thị Ánh"},"post":{"id":70,"title":"Văn thư"},'
        '"subject":{"id":12,"kind":"document"},"transaction":XID}'
    )
    text = text.replace("RECORD", str(record.id)).replace("XID", str(record.transaction))
    assert next(queries._sealed(0, 1))[0].decode() == text
    assert bytes(leaf.hash) == hashlib.sha256(b"\x00" + text.encode()).digest()


def test_the_oldest_record_that_waits_for_its_seal_is_known(clerk, moment, seal):
    assert queries.find_oldest_unsealed() is None
    fill(clerk, moment, 1)
    operations.record("later", subject=("task", 1), actor=clerk, at=moment + timedelta(hours=1))
    assert queries.find_oldest_unsealed() == moment
    seal()
    assert queries.find_oldest_unsealed() is None


def test_sealing_that_stands_still_is_noticed(clerk, moment, seal):
    minutes = timedelta(minutes=1)

    def stopped(after):
        return queries.is_sealing_stopped(at=moment + after, within=10 * minutes)

    assert not stopped(60 * minutes)
    fill(clerk, moment, 1)
    assert (stopped(9 * minutes), stopped(11 * minutes)) == (False, True)
    seal()
    assert not stopped(11 * minutes)
    fill(clerk, moment - 100 * minutes, 1)  # of an earlier day, as the demonstration's; sealing is at work
    assert (stopped(9 * minutes), stopped(11 * minutes)) == (False, True)


def test_batches_go_on_where_the_last_one_stopped(clerk, moment, monkeypatch, seal):
    monkeypatch.setattr(operations, "BATCH", 4)
    fill(clerk, moment, 10)
    assert seal().says["number"] == 3
    fill(clerk, moment, 1)
    last = seal()
    assert [(c.number, c.size) for c in Checkpoint.objects.order_by("number")] == [(1, 4), (2, 8), (3, 10), (4, 11)]
    before = list(queries.list_checkpoints())[2]
    assert last.says["previous"] == hashlib.sha256(before.body).hexdigest()
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(range(11))
    assert seal() is None


def test_a_record_of_a_running_transaction_is_waited_for_and_never_lost(clerk, moment, seal):
    begun, seal_now = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            operations.record("slow", subject=("task", 1), actor=clerk, at=moment)
            begun.set()
            seal_now.wait(20)
        connections.close_all()

    fill(clerk, moment, 2)
    assert seal().says["size"] == 2
    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(20)
    fill(clerk, moment, 2)
    assert operations.seal(at=moment) is None
    seal_now.set()
    thread.join(20)
    assert seal().says["size"] == 5
    events = [leaf.record.event for leaf in Leaf.objects.order_by("index").select_related("record")]
    assert events == ["thing.happened", "thing.happened", "slow", "thing.happened", "thing.happened"]


def test_a_transaction_in_another_database_of_the_cluster_does_not_hold_sealing_up(clerk, moment, seal):
    elsewhere = connection.settings_dict
    with psycopg.connect(
        host=elsewhere["HOST"] or None,
        port=elsewhere["PORT"] or None,
        user=elsewhere["USER"] or None,
        password=elsewhere["PASSWORD"] or None,
        dbname="postgres",
    ) as other:
        other.execute("select pg_current_xact_id()")
        fill(clerk, moment, 2)
        assert seal().says["size"] == 2


def test_recording_waits_for_no_other_transaction(clerk, moment):
    """Two open transactions record about the same thing, and a sealer holds its lock: nobody waits."""
    done = threading.Event()

    def other():
        operations.record("b", subject=("document", 1), actor=clerk, at=moment)
        connections.close_all()
        done.set()

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [operations._SEALING])
        operations.record("a", subject=("document", 1), actor=clerk, at=moment)
        thread = threading.Thread(target=other)
        thread.start()
        assert done.wait(20)
    thread.join(20)
    assert [row.event for row in queries.list_for(("document", 1))] == ["b", "a"]


def test_only_one_seals_at_a_time(clerk, moment, seal):
    fill(clerk, moment, 1)
    result = []

    def other():
        result.append(operations.seal(at=moment))
        connections.close_all()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [operations._SEALING])
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)
    assert result == [None]
    assert seal().says["size"] == 1


def test_every_committed_checkpoint_is_remembered_outside_the_database_once(clerk, moment, monkeypatch, seal):
    monkeypatch.setattr(operations, "BATCH", 2)
    fill(clerk, moment, 6)
    made = seal()
    journal = made.says["journal"]
    remembered = custody.remembered(journal)
    assert [line.body for line in remembered] == [line.body for line in queries.list_checkpoints()]
    fill(clerk, moment, 1)
    operations._seal_batch(moment)  # committed, and then the process dies before it is remembered
    assert custody.last_remembered(journal).says["number"] == 3
    assert seal() is None
    assert [line.says["number"] for line in custody.remembered(journal)] == [1, 2, 3, 4]
    assert custody.journals() == [journal]


def put_back(number):
    """Put the database back to the day of an earlier checkpoint, as someone with all rights over it could."""
    with connection.cursor() as cursor:
        for table in ("journal_leaf", "journal_checkpoint", "journal_record"):
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(
            "delete from journal_leaf where index >= (select size from journal_checkpoint where number = %s)", [number]
        )
        cursor.execute("delete from journal_checkpoint where number > %s", [number])
        cursor.execute("delete from journal_record where id not in (select record_id from journal_leaf)")
        for table in ("journal_leaf", "journal_checkpoint", "journal_record"):
            cursor.execute(f"alter table {table} enable trigger user")
            cursor.execute(f"alter table {table} disable trigger {table}_stays_whole")


def test_a_database_put_back_to_an_older_day_is_not_sealed_on(clerk, moment, seal):
    for _ in range(3):
        fill(clerk, moment, 2)
        seal()
    put_back(2)
    fill(clerk, moment, 5)
    with pytest.raises(operations.RolledBack) as no:
        seal()
    assert no.value.facts == {"database": 2, "remembered": 3}
    assert Checkpoint.objects.count() == 2 and Leaf.objects.count() == 4


def test_a_tampered_frontier_is_not_built_upon(clerk, moment, seal):
    fill(clerk, moment, 3)
    seal()
    fill(clerk, moment, 1)
    with connection.cursor() as cursor:
        cursor.execute("alter table journal_checkpoint disable trigger journal_checkpoint_stays")
        cursor.execute(
            "update journal_checkpoint set frontier = set_byte(frontier, 5, (get_byte(frontier, 5) + 1) % 256)"
        )
        cursor.execute("alter table journal_checkpoint enable trigger journal_checkpoint_stays")
    with pytest.raises(operations.Damaged):
        seal()
    assert Leaf.objects.count() == 3


def test_a_restored_copy_in_another_cluster_goes_on_sealing(clerk, moment, seal):
    """The ids of transactions start low again there: neither old records nor new ones may be passed over."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_current_xact_id()::text::bigint")
        (now,) = cursor.fetchone()
    ahead = now + 1_000_000
    fill(clerk, moment, 2)
    seal()
    with connection.cursor() as cursor:
        cursor.execute("alter table journal_checkpoint disable trigger journal_checkpoint_stays")
        cursor.execute("update journal_checkpoint set horizon = %s", [ahead])
        cursor.execute("alter table journal_checkpoint enable trigger journal_checkpoint_stays")
        cursor.execute(
            """
            insert into journal_record
                (transaction, at, event, subject_kind, subject_id, person_name, post_title, on_behalf, facts)
            values (%s, now(), 'from the old cluster', 'x', 1, '', '', '', '{}')
            """,
            [ahead + 5],
        )
    fill(clerk, moment, 2)
    assert seal().says["size"] == 5
    assert Checkpoint.objects.get(number=2).horizon < ahead
    fill(clerk, moment, 1)
    assert seal().says["size"] == 6


@pytest.mark.parametrize("table", ["journal_leaf", "journal_checkpoint"])
@pytest.mark.parametrize("statement", ["update {0} set {1} = {1}", "delete from {0}", "truncate {0} cascade"])
def test_the_database_refuses_to_change_a_seal(clerk, moment, table, statement, seal):
    fill(clerk, moment, 1)
    seal()
    column = "index" if table == "journal_leaf" else "body"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"alter table {table} enable trigger {table}_stays_whole")
        cursor.execute(statement.format(table, column))


def test_the_key_is_made_once(own_state: Path):
    first, again = custody.node_key(), custody.node_key()
    assert first.public_key().public_bytes_raw() == again.public_key().public_bytes_raw()
    assert sorted(p.name for p in (own_state / "secrets").iterdir()) == ["journal-key.pem"]


def test_an_export_of_an_empty_journal_is_complete(moment):
    lines = list(queries.export_lines(at=moment))
    assert [next(iter(json.loads(line))) for line in lines] == ["header", "end"]
