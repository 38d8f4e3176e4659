"""The same bytes behind the same port, in an object store: a real server beside the tests, which checks signatures."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.session import Session
from django.conf import settings as node
from django.db import connections, transaction
from django.test import Client

from antin.console import archive
from antin.files import bucket, operations, queries, store
from antin.files.models import File
from antin.journeys import look_over
from antin.web import errors
from config.environment import Bucket
from tests import papers
from tests.unchanged import refused

KEY, SECRET = "antin-test", "a-secret-of-the-tests"
CONTENT = "Hai trang, và một dấu. ".encode() * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
LATER = datetime(2099, 1, 1, tzinfo=UTC)


class Server:
    """An object store on this machine, which may be stopped and started again on what it kept."""

    def __init__(self, place: Path) -> None:
        self.place = place
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.bucket = Bucket(f"http://127.0.0.1:{self.port}", "house", "antin/", "us-east-1", KEY, SECRET)
        self.start()

    def start(self) -> None:
        told = os.environ | {"NANIO_ACCESS_KEY": KEY, "NANIO_SECRET_KEY": SECRET, "NANIO_LOG_LEVEL": "error"}
        command = [sys.executable, "-m", "nanio", "serve", "--data-dir", str(self.place), "--host", "127.0.0.1"]
        self.process = subprocess.Popen([*command, "--port", str(self.port)], env=told, stderr=subprocess.DEVNULL)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except ConnectionRefusedError:
                assert self.process.poll() is None

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def lying(self) -> dict[str, Path]:
        """Every object, by its key, and its file."""
        root = self.place / "house"
        found = (
            path for path in root.rglob("*") if path.is_file() and not path.relative_to(root).parts[0].startswith(".")
        )
        return {path.relative_to(root).as_posix(): path for path in found}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("objects"))
    client = Session().create_client(
        "s3", "us-east-1", endpoint_url=server.bucket.endpoint, aws_access_key_id=KEY, aws_secret_access_key=SECRET
    )
    client.create_bucket(Bucket="house")
    yield server
    server.stop()


@pytest.fixture
def there(server: Server, settings: object, own_state: Path) -> Iterator[Server]:
    settings.BUCKET = server.bucket  # type: ignore[attr-defined]
    yield server
    if server.process.poll() is not None:
        server.start()
    for path in server.lying().values():
        path.unlink()


pytestmark = [pytest.mark.django_db]


def test_bytes_lie_in_the_bucket_under_their_digest_and_come_back_unchanged(there: Server, at: datetime) -> None:
    kept = operations.keep(io.BytesIO(CONTENT), at=at)
    assert (kept.digest, kept.size, kept.media_type) == (DIGEST, len(CONTENT), "text/plain")
    assert list(there.lying()) == [f"antin/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"]
    with queries.open_stream(DIGEST) as stream:
        assert (stream.read(10), stream.seek(0), stream.fileno() > 0) == (CONTENT[:10], 0, True)
    assert operations.keep(CONTENT, at=at + timedelta(days=1)) == kept
    assert [path.name for path in (node.STATE / "files").rglob("*") if path.is_file()] == []
    there.stop()
    there.start()
    assert queries.read(DIGEST) == CONTENT


def test_a_pdf_is_looked_at_as_in_the_folder(there: Server, at: datetime) -> None:
    kept = operations.keep(papers.pdf(), at=at)
    assert queries.facts_of(kept.digest).pages == 1
    assert queries.page_image(kept.digest, 1, 50).startswith(b"\x89PNG")


def test_what_is_empty_or_too_large_is_not_sent(there: Server, at: datetime) -> None:
    refused(operations.EmptyFile, lambda: operations.keep(b"", at=at))
    refused(operations.TooLarge, lambda: operations.keep(io.BytesIO(bytes(2_000_000)), at=at, limit=1_000_000))
    assert there.lying() == {}


def test_bytes_that_changed_in_the_store_are_not_given_out_and_are_mended_by_keeping_them_again(
    there: Server, at: datetime
) -> None:
    operations.keep(CONTENT, at=at)
    [lies] = there.lying().values()
    lies.write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(store.DamagedBytes, match=DIGEST):
        queries.read(DIGEST)
    operations.keep(CONTENT, at=at)
    assert queries.read(DIGEST) == CONTENT


def test_what_is_sent_is_held_to_its_digest_on_the_way(there: Server) -> None:
    """The digest goes along in two headers that the signature covers; a store that is sent something else refuses it."""
    sent = {}
    client = bucket._client(os.getpid(), there.bucket)

    def note(request: object, **_more: object) -> None:
        sent.update(dict(request.headers.items()))  # type: ignore[attr-defined]

    client.meta.events.register("before-send.s3.PutObject", note)
    try:
        bucket.send(there.bucket, DIGEST, io.BytesIO(CONTENT))
    finally:
        client.meta.events.unregister("before-send.s3.PutObject", note)
    read = {name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in sent.items()}
    assert read["x-amz-content-sha256"] == DIGEST
    assert "x-amz-checksum-sha256;x-amz-content-sha256" in read["authorization"]


def test_a_row_whose_bytes_are_gone_is_a_fault_that_names_no_words(there: Server, at: datetime) -> None:
    operations.keep(CONTENT, at=at)
    [lies] = there.lying().values()
    lies.unlink()
    with pytest.raises(FileNotFoundError):
        queries.read(DIGEST)


def stopped(there: Server) -> None:
    there.stop()


def wrong_secret(there: Server) -> None:
    node.BUCKET = replace(there.bucket, secret="another")


def no_such_bucket(there: Server) -> None:
    node.BUCKET = replace(there.bucket, name="nowhere")


@pytest.mark.parametrize("trouble", [stopped, wrong_secret, no_such_bucket])
def test_a_store_that_is_away_changes_nothing_and_what_was_kept_is_there_afterwards(
    there: Server, at: datetime, trouble: Callable[[Server], None], monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(bucket, "TRIES", 1)
    bucket._client.cache_clear()
    operations.keep(CONTENT, at=at)
    bucket._look.cache_clear()
    assert queries.why_store_unwell() == ""
    trouble(there)
    bucket._look.cache_clear()
    assert client.get("/health/ready").json()["reasons"]["files"] == "away"
    assert "files_away" in [alarm.code for alarm in look_over.alarms(look_over.look(at))]
    with pytest.raises(store.StoreAway):
        operations.keep(b"mot van ban khac", at=at)
    with pytest.raises((store.StoreAway, FileNotFoundError)):
        queries.read(DIGEST)
    assert [row.digest for row in File.objects.all()] == [DIGEST]
    node.BUCKET = there.bucket
    if there.process.poll() is not None:
        there.start()
    bucket._client.cache_clear()
    assert operations.keep(b"mot van ban khac", at=at).size == 16
    assert queries.read(DIGEST) == CONTENT


def put_and_die_at(step: int) -> bool:
    """Run `put` in a child that is gone, without a word, before the n-th line of `bucket` it comes to; tell whether it was."""
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        lines = [0]

        def trace(frame, event, _argument):  # type: ignore[no-untyped-def]
            if frame.f_code.co_filename != bucket.__file__:
                return None
            if event == "line":
                lines[0] += 1
                if lines[0] == step:
                    os._exit(9)
            return trace

        connections.close_all()
        sys.settrace(trace)
        try:
            bucket.put(io.BytesIO(CONTENT), limit=1_000_000)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.django_db(transaction=True)
def test_a_crash_before_any_line_leaves_the_whole_object_or_nothing(there: Server, at: datetime) -> None:
    step = 1
    connections.close_all()
    while put_and_die_at(step):
        for key, path in there.lying().items():
            assert (key.rpartition("/")[2], path.read_bytes()) == (DIGEST, CONTENT)
        step += 12
    assert step > 20
    with pytest.raises(queries.NotFound):
        queries.read(DIGEST)
    assert operations.sweep(at=LATER) == operations.Swept(unfinished=0, orphans=1, derived=0)
    assert there.lying() == {}


@pytest.mark.django_db(transaction=True)
def test_a_sweep_takes_old_orphans_only_and_nothing_while_a_backup_is_made(there: Server, at: datetime) -> None:
    operations.keep(b"o lai", at=at)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        operations.keep(CONTENT, at=at)
        raise ZeroDivisionError
    stray = there.place / "house" / "antin" / "ghi-chu.txt"
    stray.write_text("not ours: its name is no digest")
    assert operations.sweep(at=datetime.now(UTC) + timedelta(hours=23)).orphans == 0
    swept: list[int] = []

    def sweep() -> None:
        swept.append(operations.sweep(at=LATER).orphans)
        connections.close_all()

    with queries.kept_from_sweeping():
        elsewhere = threading.Thread(target=sweep)
        elsewhere.start()
        elsewhere.join(30)
    sweep()
    assert swept == [0, 1]
    assert sorted(path.name for path in there.lying().values()) == sorted(
        [hashlib.sha256(b"o lai").hexdigest(), "ghi-chu.txt"]
    )


@pytest.mark.django_db(transaction=True)
def test_what_is_destroyed_is_gone_from_the_bucket(there: Server, at: datetime) -> None:
    operations.keep(CONTENT, at=at)
    assert operations.destroy(digest=DIGEST)
    assert there.lying() == {}


def test_the_page_says_that_files_are_away_and_to_try_again(there: Server, rf: object) -> None:
    request = rf.get("/documents/1")  # type: ignore[attr-defined]
    try:
        raise store.StoreAway("GetObject: 503")
    except store.StoreAway:
        told = errors.broken(request)
    assert (told.status_code, told.headers["Retry-After"]) == (503, "5")
    assert "Kho lưu trữ tệp tạm thời không trả lời" in told.content.decode()  # type: ignore[attr-defined]


def test_a_backup_takes_from_the_bucket_and_is_put_back_into_one(there: Server, at: datetime, tmp_path: Path) -> None:
    operations.keep(CONTENT, at=at)
    copied = archive.blob(tmp_path / "backup", DIGEST)
    assert archive.carry(lambda: queries.open_stream(DIGEST), copied, DIGEST, len(CONTENT))
    [lies] = there.lying().values()
    lies.unlink()
    with copied.open("rb") as content:
        bucket.send(there.bucket, DIGEST, content)
    assert queries.read(DIGEST) == CONTENT
