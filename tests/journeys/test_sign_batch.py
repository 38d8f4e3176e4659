"""Many documents signed in one act: named failures, no PIN kept, and nothing lost or doubled when it is cut short anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import serializers
from django.db import connection

from antin.documents import queries
from antin.documents.models import Document
from antin.documents.states import Status
from antin.files import operations as files
from antin.files import queries as kept
from antin.journeys import approve_document, sign_batch
from antin.keys.policy import WrongPin
from antin.outbox import operations as outbox
from antin.outbox.models import Promise
from antin.refusal import NotFound
from antin.signing import operations as signing
from antin.signing import queries as signatures
from antin.signing.models import BatchItem, SigningRequest
from antin.signing.operations import Thing
from antin.signing.policy import NothingChosen, TooMany
from antin.signing.states import ItemState
from tests import paper
from tests.cast import TODAY, Cast
from tests.crash import address, run_and_die
from tests.house.plan import ROOT
from tests.node_life.conftest import await_that
from tests.paper import PIN
from tests.unchanged import refused

Keep = Callable[..., object]


def pages(cast: Cast, at: datetime, count: int = 3) -> list[Document]:
    return [paper.a_page_to_sign(cast, at) for _ in range(count)]


def sign(cast: Cast, documents: list[Document], at: datetime, *, pin: str = PIN) -> int:
    return sign_batch.sign_batch(
        seen={each.pk: each.file for each in documents}, pin=pin, actor=cast.head.actor(), today=TODAY, at=at
    ).pk


def states(batch: int) -> list[str]:
    return [item.state for item in signatures.list_items(batch)]


@pytest.mark.django_db
def test_one_pin_signs_them_all_and_the_workers_finish(
    cast: Cast, at: datetime, own_state: Path, keep_promises: Keep
) -> None:
    paper.give_keys(cast, at)
    documents = pages(cast, at)
    batch = sign(cast, documents, at)
    assert states(batch) == [ItemState.SIGNED] * 3
    assert [queries.get(each.pk).status for each in documents] == [Status.ENDORSED] * 3
    keep_promises(at)
    assert signatures.count_items(batch) == {"done": 3}
    assert signatures.get_batch_for(cast.head.actor(), batch).ended_at == at
    for each in documents:
        now = queries.get(each.pk)
        assert now.status == Status.SIGNED
        (found,) = signing.verify(file=now.file, at=at + timedelta(hours=1)).signatures
        assert (found.name, found.intact, found.signed_at) == ("Nguyễn Văn An", True, at)


@pytest.mark.django_db
def test_what_cannot_be_signed_is_named_and_the_others_go_on(
    cast: Cast, at: datetime, own_state: Path, keep_promises: Keep
) -> None:
    paper.give_keys(cast, at)
    good, changed, returned = pages(cast, at)
    approve_document.return_to_drafter(document_id=returned.pk, reason="Sai số liệu", actor=cast.head.actor(), at=at)
    batch = sign_batch.sign_batch(
        seen={good.pk: good.file, changed.pk: "0" * 64, returned.pk: returned.file},
        pin=PIN,
        actor=cast.head.actor(),
        today=TODAY,
        at=at,
    ).pk
    keep_promises(at)
    assert states(batch) == [ItemState.DONE, ItemState.FAILED, ItemState.FAILED]
    faults = [item.fault for item in signatures.list_items(batch)]
    assert faults[1] == "Trang đồng chí xem không còn là trang hiện tại; mở lại và xem trước khi ký."
    assert faults[2] == "Không thực hiện được ở trạng thái hiện tại: Bị trả lại."


@pytest.mark.django_db
def test_a_wrong_pin_opens_no_batch_and_too_many_are_refused(cast: Cast, at: datetime, own_state: Path) -> None:
    paper.give_keys(cast, at)
    documents = pages(cast, at, 1)
    with pytest.raises(WrongPin):
        sign(cast, documents, at, pin="000000")
    assert signatures.list_batches(cast.head.actor()) == []
    head = cast.head.actor()
    refused(NothingChosen, lambda: signing.open_batch(things=[], actor=head, at=at))
    many = [Thing(number, "x", "0" * 64) for number in range(201)]
    refused(TooMany, lambda: signing.open_batch(things=many, actor=head, at=at))
    batch = sign(cast, documents, at)
    refused(NotFound, lambda: signatures.get_batch_for(cast.deputy.actor(), batch))
    refused(NotFound, lambda: signing.join_batch(item_id=0, request_id=0, at=at))


@pytest.mark.django_db
def test_the_pin_is_kept_nowhere(cast: Cast, at: datetime, own_state: Path) -> None:
    paper.give_keys(cast, at)
    sign(cast, pages(cast, at, 1), at)
    with connection.cursor() as cursor:
        cursor.execute("select args::text from procrastinate_jobs")
        told = " ".join(row[0] for row in cursor.fetchall())
    told += serializers.serialize(
        "json", [*Promise.objects.all(), *SigningRequest.objects.all(), *BatchItem.objects.all()]
    )
    assert PIN not in told


@pytest.mark.django_db
def test_a_page_made_otherwise_than_it_was_signed_is_never_given_that_signature(
    cast: Cast, at: datetime, own_state: Path, keep_promises: Keep
) -> None:
    paper.give_keys(cast, at)
    (document,) = pages(cast, at, 1)
    batch = sign(cast, [document], at)
    SigningRequest.objects.update(made_at=at + timedelta(seconds=1))
    keep_promises(at)
    (item,) = signatures.list_items(batch)
    assert item.fault == "Trang cần ký không còn đúng như lúc nhập mã PIN. Đồng chí ký lại văn bản này."
    assert paper.sign(cast, document, at).status == Status.SIGNED


@pytest.mark.django_db(transaction=True)
def test_killed_while_signing_many_nothing_is_lost_or_signed_twice(cast: Cast, at: datetime, own_state: Path) -> None:
    paper.give_keys(cast, at)
    for commit in range(1, 30):
        documents, after = pages(cast, at, 2), commit % 2 == 0
        died = run_and_die(lambda documents=documents: sign(cast, documents, at), commit=commit, after=after)
        later = at + timedelta(minutes=10)
        SigningRequest.objects.filter(state="asked").update(lease="", leased_until=None)
        outbox.keep_due(at=later)
        batches = signatures.list_batches(cast.head.actor(), limit=1)
        mine = [each for each in batches if each.items.filter(subject_id=documents[0].pk).exists()]
        if mine:
            sign_batch.go_on(batch_id=mine[0].pk, pin=PIN, actor=cast.head.actor(), today=TODAY, at=later)
        else:
            sign(cast, documents, later)
        outbox.keep_due(at=later)
        for each in documents:
            assert queries.get(each.pk).status == Status.SIGNED
            assert SigningRequest.objects.filter(key__startswith=f"sign:{each.pk}:").count() == 1
        if not died:
            break
    else:
        raise AssertionError("more commits than the test looks at")


@pytest.mark.django_db
def test_a_worker_killed_between_signature_and_conclusion_is_followed_by_another(
    cast: Cast, at: datetime, own_state: Path, keep_promises: Keep
) -> None:
    paper.give_keys(cast, at)
    (document,) = pages(cast, at, 1)
    batch = sign(cast, [document], at)
    (item,) = signatures.list_items(batch)
    signing.carry_out(request_id=item.request_id or 0, pin=None, at=at)
    keep_promises(at)
    sign_batch.finish_item(item_id=item.pk, at=at)
    assert states(batch) == [ItemState.DONE]
    assert kept.get(queries.get(document.pk).file).media_type == "application/pdf"
    assert files.sweep(at=at).orphans == 0


@pytest.fixture
def a_worker(own_state: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """`antin worker` as the node starts it, a process of its own on the database of the tests."""
    secret = own_state / "secrets" / "secret-key"
    secret.parent.mkdir()
    secret.write_text(settings.SECRET_KEY)
    told = os.environ | {"DATABASE_URL": address(), "ANTIN_STATE": str(own_state)}
    command = [sys.executable, "-m", "antin", "worker", "--concurrency", "1"]
    begun: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        begun.append(
            subprocess.Popen(command, cwd=ROOT, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        return begun[-1]

    yield begin
    for each in begun:
        each.kill()
        each.wait()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_batch_is_followed_by_two_that_end_it(
    cast: Cast, a_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    now = datetime.now(UTC) - timedelta(minutes=1)
    paper.give_keys(cast, now)
    documents = pages(cast, now, 8)
    batch = sign(cast, documents, now)
    first = a_worker()
    await_that(lambda: "done" in states(batch), "the first document of the batch")
    first.kill()
    first.wait()
    assert "signed" in states(batch)
    a_worker(), a_worker()
    await_that(lambda: states(batch) == ["done"] * 8, "the rest of the batch")
    for each in documents:
        assert queries.get(each.pk).status == Status.SIGNED
        (request,) = SigningRequest.objects.filter(key__startswith=f"sign:{each.pk}:")
        assert request.result_file == queries.get(each.pk).file
