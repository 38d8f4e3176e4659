"""The process dies, the disk is full: either the file is kept, or nothing is."""

import errno
import hashlib
import io
import os
import resource
import signal
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction

from antin.files import operations, queries, shelf
from antin.files.models import File
from tests import papers

CONTENT = b"Hai trang. " * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]


@pytest.fixture
def on_disk(own_state):
    """Return the files below STATE/files, by name."""

    def on_disk():
        found = (own_state / "files").rglob("*")
        return {path.name: path for path in found if path.is_file() and path.name != shelf.LOCK}

    return on_disk


def put_and_die_at(step):
    """Run `put` in a child that is gone, without a word, before the n-th line of `shelf` it comes to; tell whether it was."""
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        lines = [0]

        def trace(frame, event, _argument):
            if frame.f_code.co_filename != shelf.__file__:
                return None
            if event == "line":
                lines[0] += 1
                if lines[0] == step:
                    os._exit(9)
            return trace

        sys.settrace(trace)
        try:
            shelf.put(io.BytesIO(CONTENT), limit=1_000_000)
        finally:
            os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


def test_a_crash_before_any_line_leaves_the_whole_file_or_nothing_that_is_read(on_disk, at):
    step = 1
    while put_and_die_at(step):
        for name, path in on_disk().items():
            assert len(name) == 32 or (name == DIGEST and path.read_bytes() == CONTENT)
        with pytest.raises(queries.NotFound):
            queries.read(DIGEST)
        operations.sweep(at=at + timedelta(days=1000))
        assert on_disk() == {}
        step += 1
    assert step > 25
    assert list(on_disk()) == [DIGEST]


def test_after_a_crash_at_any_line_the_file_can_be_kept(on_disk, at):
    step = 1
    while put_and_die_at(step):
        kept = operations.keep(CONTENT, at=at)
        assert queries.read(kept.digest) == CONTENT
        step += 7
    operations.sweep(at=at + timedelta(days=1000))
    assert list(on_disk()) == [DIGEST]
    assert queries.read(DIGEST) == CONTENT


def test_a_blob_whose_act_was_rolled_back_is_swept_after_a_day_and_kept_files_stay(on_disk, at):
    operations.keep(b"o lai", at=at)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        operations.keep(CONTENT, at=at)
        raise ZeroDivisionError
    written = on_disk()[DIGEST].stat().st_mtime
    soon, later = (at.fromtimestamp(written + hours * 3600, at.tzinfo) for hours in (23, 25))
    assert operations.sweep(at=soon) == operations.Swept(unfinished=0, orphans=0, derived=0)
    assert operations.sweep(at=later) == operations.Swept(unfinished=0, orphans=1, derived=0)
    assert list(on_disk()) == [hashlib.sha256(b"o lai").hexdigest()]


@pytest.mark.django_db(transaction=True)
def test_a_sweep_spares_an_old_blob_that_an_act_has_just_found_again(on_disk, at):
    """Its row is written but not committed, so the sweep cannot see it."""
    shelf.put(io.BytesIO(CONTENT), limit=1_000_000)
    os.utime(on_disk()[DIGEST], (0, 0))
    swept = []

    def sweep():
        now = at.fromtimestamp(on_disk()[DIGEST].stat().st_mtime, at.tzinfo)
        swept.append(operations.sweep(at=now))
        connections.close_all()

    with transaction.atomic():
        operations.keep(CONTENT, at=at)
        thread = threading.Thread(target=sweep)
        thread.start()
        thread.join(20)
    assert swept == [operations.Swept(unfinished=0, orphans=0, derived=0)]
    assert queries.read(DIGEST) == CONTENT


def test_page_images_nobody_looked_at_for_a_month_are_swept(own_state, at):
    kept = operations.keep(papers.pdf(), at=at)
    image = queries.page_image(kept.digest, 1, 50)
    [cached] = (own_state / "derived").glob("*/*/*")
    now = at.fromtimestamp(cached.stat().st_mtime, at.tzinfo)
    assert operations.sweep(at=now + timedelta(days=29)).derived == 0
    assert operations.sweep(at=now + timedelta(days=31)).derived == 1
    assert not cached.exists()
    assert queries.page_image(kept.digest, 1, 50) == image


@pytest.fixture
def small_disk():
    """Let no file grow past a megabyte, as a full disk would not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("small_disk")
def test_a_disk_that_fills_up_while_writing_keeps_nothing(on_disk, at):
    with pytest.raises(operations.NoRoom) as no:
        operations.keep(bytes(3_000_000), at=at)
    assert no.value.message.startswith("Máy chủ đã hết chỗ lưu trữ nên chưa nhận được tệp; chưa có gì bị thay đổi.")
    assert (on_disk(), File.objects.count()) == ({}, 0)
    assert queries.read(operations.keep(CONTENT, at=at).digest) == CONTENT


@pytest.mark.parametrize(
    ("place", "name"), [(os, "fsync"), (os, "fchmod"), (shelf.Path, "rename"), (shelf.Path, "mkdir")]
)
def test_a_disk_that_is_full_at_any_step_keeps_nothing(monkeypatch, on_disk, at, place, name):
    for code in (errno.ENOSPC, errno.EDQUOT):

        def full(*_arguments, code=code, **_named):
            raise OSError(code, os.strerror(code))

        with monkeypatch.context() as patched:
            patched.setattr(place, name, full)
            with pytest.raises(operations.NoRoom):
                operations.keep(CONTENT, at=at)
    assert (on_disk(), File.objects.count()) == ({}, 0)
    assert queries.read(operations.keep(CONTENT, at=at).digest) == CONTENT


def test_a_fault_that_is_not_a_full_disk_is_a_fault(monkeypatch, at):
    def broken(*_arguments):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="broken"):
        operations.keep(CONTENT, at=at)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_keep_one_file(on_disk, at):
    digests = []

    def keep():
        digests.append(operations.keep(CONTENT, at=at).digest)
        connections.close_all()

    threads = [threading.Thread(target=keep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert digests == [DIGEST] * 8
    assert (list(on_disk()), File.objects.count()) == ([DIGEST], 1)
