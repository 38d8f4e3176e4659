"""The quick readers read what pyHanko's own read, and stop where they stop."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pyhanko.pdf_utils.misc import PdfReadError, PdfStreamError

from antin.signing import quick

hexes = some.lists(some.sampled_from([b"0", b"9", b"a", b"F", b" ", b"\n"]), max_size=60).map(b"".join)
anything = some.binary(max_size=300)


@given(hexes, anything)
def test_hexadecimal_strings(digits: bytes, after: bytes) -> None:
    content = b"<" + digits + b">" + after
    ours, theirs = BytesIO(content), BytesIO(content)
    assert quick.read_hex(ours) == quick.SLOW_HEX(theirs)
    assert ours.tell() == theirs.tell()


def test_a_hexadecimal_string_longer_than_a_chunk() -> None:
    content = b"<" + b"41" * 20_000 + b">endobj"
    stream = BytesIO(content)
    assert quick.read_hex(stream) == "A" * 20_000
    assert stream.read() == b"endobj"


@pytest.mark.parametrize("content", [b"<41", b"<", b"<4x>", b"<4(>"])
def test_what_is_no_hexadecimal_string_is_refused(content: bytes) -> None:
    with pytest.raises(PdfStreamError):
        quick.read_hex(BytesIO(content))


@given(anything)
def test_words_end_at_the_same_delimiter(content: bytes) -> None:
    ours, theirs = BytesIO(content), BytesIO(content)
    assert quick.until_delimiter(ours) == quick.SLOW_UNTIL_DELIMITER(theirs)
    assert ours.tell() == theirs.tell()


@given(some.binary(min_size=1, max_size=30))
def test_names_say_the_same(raw: bytes) -> None:
    try:
        expected = quick.SLOW_DECODE_NAME(raw)
    except PdfReadError:
        with pytest.raises(PdfReadError):
            quick.decode_name(raw)
    else:
        assert quick.decode_name(raw) == expected
        assert quick.decode_name(raw) is not quick.decode_name(raw)
