"""Words planted in a secret are found nowhere that it leaves traces: no row of any table, no file, no log."""

from __future__ import annotations

import base64
import json
import logging
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.vault import operations as vault
from antin.vault import queries
from tests import canary
from tests.cast import TODAY
from tests.signatures import PIN
from tests.vaults import DECISION, Vaulted, sealed

pytestmark = pytest.mark.django_db
PLANTED = {
    "title": "Chim hoàng yến trích yếu 7401",
    "body": "Chim hoàng yến nội dung 7402",
    "attachment": "Chim hoàng yến phụ lục 7403",
    "comment": "Chim hoàng yến ý kiến 7404",
    "text": "Chim hoàng yến văn bản 7405",
}


def traces(state: Path, logged: str) -> list[bytes]:
    return [canary.dump(), logged.encode(), *canary.of_folder(state)]


def planted_in(places: list[bytes]) -> list[str]:
    return canary.found_in(PLANTED, places)


def test_no_word_of_it_is_left_anywhere(
    house: Vaulted,
    own_state: Path,
    opened: Callable[..., bytes],
    at: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    officer, head = house.plan_officer, house.head
    begun = vault.begin(level=1, actor=officer, at=at)
    contents = {part: sealed(begun, part, words.encode(), officer, at) for part, words in PLANTED.items()}
    for form in ("utf-16-le", "utf-16-be"):
        sealed(begun, "body", PLANTED["body"].encode(form), officer, at)
    sealed(begun, "body", base64.b64encode(PLANTED["body"].encode()), officer, at)
    everything = {"classified_id": begun.pk, "pin": PIN, "at": at}
    vault.add_reader(**everything, person_id=head.person_id, need="signer", actor=officer)
    for part, content in contents.items():
        assert opened(content, head) == PLANTED[part].encode()
        assert opened(content, officer, use="printed") == PLANTED[part].encode()
    recovery = vault.ask_recovery(
        classified_id=begun.pk, person_id=house.clerk.person_id, decision=DECISION, actor=head, at=at
    )
    step: dict[str, Any] = {"recovery_id": recovery.pk, "pin": PIN, "at": at}
    vault.give_half(**step, actor=house.deputy)
    assert planted_in(traces(own_state, caplog.text)) == []
    vault.recover(**step, actor=house.office_head)
    assert opened(contents["title"], house.clerk) == PLANTED["title"].encode()
    old = certificates.find_encryption_certificate(officer.person_id, at)
    assert old is not None
    later = at + timedelta(minutes=20)
    keys.issue_encryption_certificate(pin=PIN, actor=officer, at=later)
    vault.rewrap(certificate_id=old.pk, pin=PIN, actor=officer, at=later)
    vault.remove_reader(classified_id=begun.pk, person_id=house.clerk.person_id, actor=officer, at=later)
    vault.change_level(classified_id=begun.pk, level=2, paper=DECISION, decided_on=TODAY, actor=head, at=later)
    vault.declassify(classified_id=begun.pk, paper=DECISION, decided_on=TODAY, actor=head, at=later)
    assert len(queries.list_readings(begun.pk)) == 2 * len(PLANTED) + 1
    places = traces(own_state, caplog.text)
    assert planted_in(places) == []
    assert sum(len(place) for place in places) > 100_000


def test_the_search_finds_what_does_leak(cast: object, own_state: Path, at: datetime) -> None:
    journal.record("x", subject=("x", 1), actor=None, at=at, title=PLANTED["title"])
    (own_state / "left").write_bytes(base64.b64encode(PLANTED["body"].encode("utf-16-le")))
    assert sorted(set(planted_in(traces(own_state, PLANTED["comment"])))) == ["body", "comment", "title"]


def test_every_shape_is_found_and_so_is_a_file_that_was_removed_again(tmp_path: Path) -> None:
    words = PLANTED["title"]
    spoiled = [
        b"x" * offset + words.encode(form) + b"tail"
        for form in ("utf-8", "utf-16-le", "utf-16-be")
        for offset in range(3)
    ]
    for each in spoiled:
        for place in (each, base64.b64encode(each), each.hex().encode()):
            assert planted_in([place]) == ["title"], place
    for written in (json.dumps({"x": words}), quote(words), unicodedata.normalize("NFD", words)):
        assert planted_in([written.encode()]) == ["title"]
    with canary.trapped() as trap:
        (tmp_path / "kept").write_text(PLANTED["body"])
        (tmp_path / "gone").write_text(PLANTED["comment"])
        (tmp_path / "gone").unlink()
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "in it").write_text(PLANTED["text"])
        shutil.rmtree(tmp_path / "folder")
        with tempfile.TemporaryFile(dir=tmp_path):
            pass
    assert planted_in(trap.caught()) == ["body", "comment", "text"]
    assert trap.nameless == [str(tmp_path)]
