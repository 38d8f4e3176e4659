import hashlib
import io
from datetime import UTC, datetime

import pytest

from antin.files import operations, queries, shelf
from antin.files.models import File
from antin.refusal import NotFound

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]


def kept_on_disk(settings):
    return sorted(
        path.name for path in (settings.STATE / "files").rglob("*") if path.is_file() and path.name != ".sweep"
    )


def test_bytes_come_back_unchanged_under_their_digest(settings):
    content = bytes(range(256)) * 5000
    kept = operations.keep(content, at=AT)
    assert kept.digest == hashlib.sha256(content).hexdigest()
    assert (kept.size, kept.media_type, kept.kept_at) == (1_280_000, "application/octet-stream", AT)
    assert queries.read(kept.digest) == content
    with queries.open_stream(kept.digest) as stream:
        assert stream.read(10) == content[:10]
    assert kept_on_disk(settings) == [kept.digest]
    assert (
        shelf.path_of(kept.digest).relative_to(settings.STATE).as_posix()
        == f"files/{kept.digest[:2]}/{kept.digest[2:4]}/{kept.digest}"
    )


def test_the_same_bytes_are_kept_once(settings):
    first = operations.keep(b"hai trang", at=AT)
    again = operations.keep(io.BytesIO(b"hai trang"), at=datetime(2027, 1, 1, tzinfo=UTC))
    assert (again.digest, again.kept_at) == (first.digest, AT)
    assert File.objects.count() == 1
    assert kept_on_disk(settings) == [first.digest]


def test_what_is_not_kept_is_not_found():
    for ask in (queries.get, queries.read, queries.open_stream):
        with pytest.raises(NotFound):
            ask("0" * 64)


def test_a_stream_that_grows_too_large_is_refused_while_it_is_read(settings):
    class Endless(io.RawIOBase):
        given = 0

        def readable(self):
            return True

        def read(self, size=-1):
            self.given += size
            return bytes(size)

    stream = Endless()
    with pytest.raises(operations.TooLarge) as no:
        operations.keep(stream, at=AT, limit=3_000_000)
    assert no.value.message == "Tệp lớn hơn 3 MB nên không nhận được."
    assert stream.given < 5_000_000
    assert kept_on_disk(settings) == [] and File.objects.count() == 0


def test_the_node_has_a_limit_of_its_own(settings):
    settings.FILE_LIMIT = 1_000_000
    assert operations.keep(b"x" * 1_000_000, at=AT).size == 1_000_000
    with pytest.raises(operations.TooLarge) as no:
        operations.keep(b"x" * 1_000_001, at=AT)
    assert no.value.facts == {"limit_mb": 1}


def test_a_rendition_is_found_by_kind_and_part():
    original = operations.keep(b"%PDF-1.7 ...", at=AT)
    form = operations.keep_rendition(original.digest, "text", 0, "chữ".encode(), at=AT)
    assert queries.find_rendition(original.digest, "text", 0) == form
    assert queries.find_rendition(original.digest, "text", 1) is None
    assert operations.keep_rendition(original.digest, "text", 0, "chữ".encode(), at=AT) == form
