"""The reader of files and CMS under fire: whatever comes, it is read, or refused by name; nothing else is ever raised."""

from __future__ import annotations

from contextlib import suppress
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from antin.signing import differences, revisions, signed_data
from antin.signing.revisions import File, Name, Ref, TooMuch, Unreadable
from tests.rooms.signing import test_attacks as attacked
from tests.rooms.signing.test_corpus import contents_start, good


def walk(data: bytes) -> None:
    """Everything verification asks of a file's structure."""
    try:
        file = File(data)
        view = file.view()
        found = revisions.signatures(view)
        for signature in found:
            said = signature.byte_range
            if said and 0 < said[2] + said[3] < len(data):
                with suppress(Unreadable):
                    differences.between(file.view(said[2] + said[3]), view)
            differences.locked(view, signature.entries, signature.holder)
    except (Unreadable, TooMuch):
        pass


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_file_stirred_at_random_is_read_or_refused(seed: int) -> None:
    dice = Random(seed)
    data = bytearray(dice.choice([good, attacked.signed])())
    words = [
        b"obj",
        b"R",
        b"<<",
        b">>",
        b"[",
        b"]",
        b"/Kids",
        b"/Parent",
        b"null",
        b"-1",
        b"xref",
        b"99999999999",
        b"(",
        b"stream",
    ]
    for _ in range(dice.randint(1, 12)):
        place = dice.randrange(len(data))
        match dice.randrange(4):
            case 0:
                data[place] ^= 1 << dice.randrange(8)
            case 1:
                data[place : place + 4] = dice.choice(words)
            case 2:
                del data[place : place + dice.randrange(200)]
            case _:
                other = dice.randrange(len(data))
                data[place:place] = data[other : other + dice.randrange(300)]
    walk(bytes(data))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_an_object_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    with suppress(Unreadable):
        revisions.parse(data, 0)
    walk(b"%PDF-1.7\n" + data)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_cms_of_changed_bytes_is_read_or_refused(seed: int) -> None:
    dice, pdf = Random(seed), good()
    data = bytearray.fromhex(pdf[contents_start(pdf) :].split(b">")[0].decode())
    for _ in range(dice.randint(1, 6)):
        data[dice.randrange(min(len(data), 3000))] = dice.randrange(256)
    with suppress(signed_data.Malformed, signed_data.Unsupported):
        read = signed_data.read(bytes(data))
        leaf = signed_data.leaf_of(read, [])
        signed_data.is_over(read, leaf, lambda name: signed_data.hash_with(name, b""))
        token = signed_data.token_of(read)
        if token is not None:
            signed_data.stamped(token)


def test_what_objects_are_read_as() -> None:
    read = {
        b"<</A#42 (a\\(b\\)\\051\\n)/C[1 -2.5 true null 3 0 R]/D<48 69 2>>>": {
            "AB": b"a(b))\n",
            "C": [1, -2.5, True, None, Ref(3, 0)],
            "D": b"Hi ",
        },
        b" % said first\n/Name": Name("Name"),
        b"(nested (brackets) stay)": b"nested (brackets) stay",
        b"[]": [],
    }
    for written, value in read.items():
        assert revisions.parse(written, 0)[0] == value
