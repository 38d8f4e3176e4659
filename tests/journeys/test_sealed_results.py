"""Files handed in on work from a classified document: sealed as it is, opened with it by its readers and by nobody else."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from antin.documents import policy
from antin.documents.models import Document
from antin.files import operations as files
from antin.journeys import direct_document, sealing
from antin.outbox.operations import Tally
from antin.refusal import NotFound
from antin.tasks import queries
from antin.tasks.models import Assignment
from antin.tasks.policy import NotTheAssignee
from antin.vault import operations as vault
from antin.vault.queries import find_reader
from tests import canary, secrets
from tests.cast import Cast
from tests.secrets import PIN
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]
PLANTED = {"result": "Chim hoàng yến trắng ngần 990163990163", "name": "Chim hoàng yến nâu sẫm 990263990263"}
NAME = f"{PLANTED['name']}.txt"


@pytest.fixture
def later(at: datetime) -> datetime:
    return at + timedelta(hours=1)


@pytest.fixture
def arrived(cast: Cast, own_state: Path, at: datetime, later: datetime, keep_promises: Keep) -> Document:
    """A letter at Mật that arrived and was directed to a unit, that is, to its head."""
    secrets.give_keys(cast, at)
    secrets.an_issued_document(cast, at)
    keep_promises(at + timedelta(minutes=3))
    return secrets.a_directed_arrival(cast, later)


@pytest.fixture
def asked(cast: Cast, arrived: Document, later: datetime) -> dict[str, Any]:
    """What a file is handed in with, all but its bytes and how they came."""
    task = Assignment.objects.get(document=arrived)
    return {"assignment_id": task.pk, "name": NAME, "actor": cast.recipient_works_head.actor(), "at": later}


def content(text: str = PLANTED["result"]) -> io.BytesIO:
    return io.BytesIO(text.encode())


def test_it_is_sealed_to_the_readers_giver_and_holder_among_them_and_masked(
    cast: Cast, arrived: Document, asked: dict[str, Any], later: datetime, own_state: Path
) -> None:
    row = direct_document.attach(**asked, content=content(), in_memory=True)
    assert (row.name, row.size) == (sealing.MASKED_NAME, len(PLANTED["result"].encode()))
    asked.pop("name")
    direct_document.hand_in(**asked, words="")
    for reader in (cast.recipient_head, cast.recipient_works_head, cast.recipient_clerk):
        (got,) = secrets.opened(arrived, reader, later).results
        assert (got.name, got.content.decode(), got.digest) == (NAME, PLANTED["result"], row.file)
        assert (got.holder, got.task_id, got.media_type) == (
            row.assignment.holder_name,
            row.assignment_id,
            "text/plain",
        )
    for stranger in (cast.recipient_deputy, cast.recipient_works_officer, cast.head):
        with pytest.raises((NotFound, policy.NotAReader)):
            secrets.opened(arrived, stranger, later)
    assert canary.found_in(PLANTED, [canary.dump(), *canary.of_folder(own_state)]) == []


def test_who_reads_the_document_later_reads_it_too_and_it_is_found_by_its_words(
    cast: Cast, arrived: Document, asked: dict[str, Any], later: datetime
) -> None:
    direct_document.attach(**asked, content=content(), in_memory=True)
    assert arrived.classified_id is not None
    vault.add_reader(
        classified_id=arrived.classified_id,
        person_id=cast.recipient_deputy.person_id,
        need="recipient",
        pin=PIN,
        actor=cast.recipient_head.actor(),
        at=later,
    )
    (lock,) = find_reader(arrived.classified_id, cast.recipient_deputy.person_id).wraps.filter(  # type: ignore[union-attr]
        content__file_id=queries.list_result_files(arrived.pk)[0].file
    )
    assert lock.content.part == "attachment"
    found = vault.search(asked=PLANTED["result"], pin=PIN, actor=cast.recipient_deputy.actor(), at=later)
    assert [hit.classified_id for hit in found.hits] == [arrived.classified_id]


def test_what_is_refused_leaves_no_row(
    cast: Cast, arrived: Document, asked: dict[str, Any], later: datetime, at: datetime
) -> None:
    refused(sealing.WrittenDown, lambda: direct_document.attach(**asked, content=content()))
    refused(files.EmptyFile, lambda: direct_document.attach(**asked, content=content(""), in_memory=True))
    theirs = asked | {"actor": cast.recipient_head.actor()}
    refused(NotTheAssignee, lambda: direct_document.attach(**theirs, content=content(), in_memory=True))
    assert arrived.classified_id is not None
    vault.remove_reader(
        classified_id=arrived.classified_id,
        person_id=cast.recipient_works_head.person_id,
        actor=cast.recipient_head.actor(),
        at=later,
    )
    refused(policy.NotAReader, lambda: direct_document.attach(**asked, content=content(), in_memory=True))
