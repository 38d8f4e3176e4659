import hashlib
import io
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from antin.journal import merkle, notation, operations, queries
from antin.journal.operations import Entry
from antin.journal.verification import verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_state")]


@pytest.fixture
def journal(clerk, moment, seal):
    """Return an export of a journal that is sealed in batches of these sizes."""

    def journal(*batches):
        for batch in batches:
            operations.record_many(
                Entry("thing.happened", ("task", n), clerk, moment, facts={"n": n}) for n in range(batch)
            )
            seal()
        return list(queries.export_lines(at=moment))

    return journal


def kinds(lines):
    return [notation.parse(line).kind for line in lines]


def first(lines, **given):
    """Return what the verifier finds first: code, line, index."""
    report = verify(lines, **given)
    assert report.verdict == "broken"
    return report.findings[0].code, report.findings[0].line, report.findings[0].index


def checkpoint(lines, number):
    return next(
        c
        for line in lines
        if line.startswith(b'{"checkpoint"') and (c := notation.parse(line)).says["number"] == number
    )


def test_an_untouched_export_holds(journal, own_state):
    lines = journal(3, 1, 4)
    assert kinds(lines) == [
        "header",
        *["entry"] * 3,
        "checkpoint",
        "entry",
        "checkpoint",
        *["entry"] * 4,
        "checkpoint",
        "end",
    ]
    report = verify(lines)
    assert (report.verdict, report.entries, report.checkpoints, report.unsealed) == ("holds", 8, 3, 0)
    assert report.key_is_known is False
    key = notation.read_public_key((own_state / "journal" / "node.pem").read_bytes())
    report = verify(lines, keys=frozenset({key}), known=[checkpoint(lines, 1), checkpoint(lines, 3)])
    assert (report.verdict, report.key_is_known, report.keys) == ("holds", True, [key])
    assert report.as_json()["last_checkpoint"]["size"] == 8


def test_no_byte_can_be_changed_unnoticed(journal):
    lines = journal(2, 1)
    whole = b"".join(lines)
    chance = random.Random(30)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= chance.randrange(1, 256)
        report = verify(io.BytesIO(changed))
        assert report.verdict != "holds", (place, whole[place : place + 20])
        line = whole[:place].count(b"\n") + 1
        if lines[line - 1].startswith(b'{"entry"') and whole[place : place + 1] != b"\n":
            assert report.findings[0].line == line
            assert report.findings[0].index == kinds(lines[: line - 1]).count("entry")


def test_an_edited_entry_is_named(journal):
    lines = journal(3, 3)
    lines[6] = lines[6].replace("Nguyễn".encode(), "Trần".encode())
    report = verify(lines)
    record = notation.parse(lines[6]).says["id"]
    assert (report.findings[0].code, report.findings[0].index, report.findings[0].record) == (
        "entry_changed",
        4,
        record,
    )


def test_an_edited_entry_with_its_hash_made_anew_is_found_by_the_root(journal):
    lines = journal(3, 3)
    body = notation.parse(lines[6]).body.replace("Nguyễn".encode(), "Trần".encode())
    lines[6] = notation.entry_line(body, merkle.leaf_hash(body))
    report = verify(lines)
    assert (report.findings[0].code, report.findings[0].index) == ("root_mismatch", 3)
    assert report.findings[0].words == "Các mục từ đây đến mục 5 không phải là những mục đã được niêm phong."


def test_every_dropped_line_is_noticed_and_the_entry_named(journal):
    lines = journal(3, 1, 2)
    for place, kind in enumerate(kinds(lines)):
        report = verify(lines[:place] + lines[place + 1 :])
        found = report.findings[0]
        if kind == "entry":
            assert (found.code, found.index) == ("entry_missing", kinds(lines[:place]).count("entry"))
        else:
            code = {"header": "not_an_export", "checkpoint": "checkpoint_missing", "end": "cut_tail"}[kind]
            assert found.code == code or place == len(lines) - 2, place


def test_the_last_checkpoint_cannot_be_dropped(journal):
    lines = journal(3, 2)
    assert verify([*lines[:-2], lines[-1]]).verdict == "broken"


def test_every_swap_is_noticed_and_its_first_place_named(journal):
    lines = journal(2, 4)
    entries = [n for n, kind in enumerate(kinds(lines)) if kind == "entry"]
    for i, a in enumerate(entries):
        for b in entries[i + 1 :]:
            swapped = list(lines)
            swapped[a], swapped[b] = lines[b], lines[a]
            assert first(swapped) == ("out_of_order", a + 1, i)


def test_a_repeated_entry_is_named(journal):
    lines = journal(3)
    assert first([*lines[:3], lines[2], *lines[3:]]) == ("entry_repeated", 4, 2)


@pytest.mark.parametrize("keep", range(1, 9))
def test_a_cut_tail_is_noticed_wherever_it_is_cut(journal, keep):
    lines = journal(3, 2)
    assert len(lines) == 9
    report = verify(lines[:keep])
    assert report.verdict == ("broken" if keep < 9 else "holds")
    assert "cut_tail" in [finding.code for finding in report.findings]


def test_half_a_line_is_a_cut_tail(journal):
    lines = journal(3)
    report = verify([*lines[:-1], lines[-1][:50]])
    assert [finding.code for finding in report.findings] == ["damaged_line", "cut_tail"]


def test_an_export_from_before_a_checkpoint_that_was_seen_is_a_rollback(journal):
    old = journal(3, 2)
    new = journal(1)
    assert verify(old).verdict == "holds"
    report = verify(old, known=[checkpoint(new, 3)])
    assert [(f.code, f.index) for f in report.findings] == [("rolled_back", 5)]
    assert (
        report.findings[0].words == "Nhật ký dừng ở mục 5, nhưng điểm niêm phong 3 đã thấy trước đây bao gồm đến mục 6."
    )


def test_another_history_than_the_one_seen_is_a_fork(journal, clerk, moment):
    lines = journal(3, 2)
    seen = checkpoint(lines, 2)
    other = notation.canonical(seen.says | {"root": "00" * 32})
    report = verify(lines, known=[notation.Line("checkpoint", other, seen.says | {"root": "00" * 32}, seen.proof)])
    assert [(f.code, f.index, f.facts["known"]) for f in report.findings] == [("forked", 3, 5)]


def forge(lines, key):
    """Sign a whole export anew with a key of one's own, as who holds the file but not the node's key could."""
    public = key.public_key().public_bytes_raw().hex()
    seen, last, out = hashlib.sha256(), None, []
    for original in lines:
        line, parsed = original, notation.parse(original)
        if parsed.kind == "header":
            line = notation.header_line(parsed.says | {"key": public})
        if parsed.kind == "checkpoint":
            previous = notation.fingerprint(last) if last else ""
            body = notation.canonical(parsed.says | {"key": public, "previous": previous})
            line = notation.signed_line("checkpoint", body, key.sign(body))
            last = notation.parse(line)
        if parsed.kind == "end":
            body = notation.canonical(parsed.says | {"sha256": seen.hexdigest()})
            line = notation.signed_line("end", body, key.sign(body))
        seen.update(line)
        out.append(line)
    return out


def test_a_forgery_signed_with_another_key_holds_only_for_who_does_not_know_the_key(journal, own_state):
    lines = journal(3, 2)
    forged = forge(lines, Ed25519PrivateKey.generate())
    report = verify(forged)
    assert (report.verdict, report.key_is_known) == ("holds", False)
    key = notation.read_public_key((own_state / "journal" / "node.pem").read_bytes())
    assert first(forged, keys=frozenset({key})) == ("key_unknown", 1, 0)
    assert first(forged, known=[checkpoint(lines, 1)])[0] == "key_unknown"


def test_a_checkpoint_signed_with_another_key_is_a_changed_key(journal):
    lines = journal(3, 2)
    forged = forge(lines, Ed25519PrivateKey.generate())
    assert first([*lines[:5], *forged[5:]])[:2] == ("key_changed", 8)


def test_a_signature_that_does_not_fit_is_named(journal):
    lines = journal(3, 2)
    line = notation.parse(lines[7])
    lines[7] = notation.signed_line("checkpoint", line.body, bytes(64))
    assert first(lines) == ("checkpoint_forged", 8, 3)


def test_checkpoints_of_another_order_are_named(journal):
    lines = journal(1, 1, 1)
    assert first([*lines[:3], *lines[5:]]) == ("entry_missing", 4, 1)
    assert first([*lines[:2], *lines[3:]])[0] == "checkpoint_missing"


def test_what_follows_the_end_is_named(journal):
    lines = journal(1)
    assert first([*lines, lines[1]]) == ("after_end", 5, 1)


def test_an_unsealed_record_older_than_the_last_checkpoint_is_named(journal, moment):
    lines = journal(2)
    horizon = checkpoint(lines, 1).says["horizon"]
    said = notation.parse(lines[1]).says
    late = notation.unsealed_line(notation.canonical({**said, "transaction": horizon - 1, "id": 99}))
    young = notation.unsealed_line(notation.canonical({**said, "transaction": horizon, "id": 98}))
    report = verify([*lines[:-1], young, late, lines[-1]])
    assert (report.findings[0].code, report.findings[0].line, report.findings[0].record) == ("late_entry", 6, 99)
    assert report.unsealed == 2


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [b""],
        [b"\n"],
        [b"%PDF-1.7\n"],
        [b"\xff\xfe\n"],
        [b'{"header":{}}\n'],
        [b'{"header":[]}\n'],
        [b"[" * 100_000 + b"\n"],
    ],
)
def test_what_is_no_export_cannot_be_told(lines):
    report = verify(lines)
    assert (report.verdict, report.findings[0].code) == ("unknown", "not_an_export")
