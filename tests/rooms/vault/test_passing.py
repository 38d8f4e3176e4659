"""Saves on the way take each other's place; what was handed on or opened stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from antin.files import queries as files
from antin.files import shelf
from antin.journal import queries as journal
from antin.refusal import NotFound
from antin.vault import operations as vault
from antin.vault import queries
from antin.vault.models import SealedContent, WordList, Wrap
from antin.vault.policy import ChangedMeanwhile
from tests.signatures import PIN
from tests.unchanged import refused
from tests.vaults import Letter, Vaulted

pytestmark = pytest.mark.django_db


@pytest.fixture
def save(house: Vaulted, letter: Letter, at: datetime) -> Callable[..., SealedContent]:
    def one(words: str, **more: Any) -> SealedContent:
        return vault.seal(
            classified_id=letter.classified.pk,
            part="body",
            number=5,
            content=words.encode(),
            media_type="text/plain",
            **({"passing": True} | more),
            actor=house.plan_officer,
            at=at,
        )

    return one


def versions(letter: Letter) -> list[int]:
    rows = SealedContent.objects.filter(classified=letter.classified, number=5).order_by("version")
    return list(rows.values_list("version", flat=True))


def test_an_hour_of_typing_leaves_the_last_save(
    letter: Letter,
    save: Callable[..., SealedContent],
    opened: Callable[..., bytes],
    house: Vaulted,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        saved = [save(f"bản {n}") for n in range(60)]
    assert versions(letter) == [60]
    assert opened(saved[-1], house.plan_officer) == "bản 59".encode()
    assert Wrap.objects.filter(content__number=5).count() == 2
    assert WordList.objects.filter(file_id__in=[each.file_id for each in saved]).count() == 1
    for each in saved[:-1]:
        assert not shelf.path_of(each.file_id).exists()
        with pytest.raises(NotFound):
            files.get(each.file_id)
    records = journal.list_for(("classified", letter.classified.pk))
    told = [row.facts["replaced"] for row in records if row.event == "classified.sealed"]
    assert told[:2] == [[59], [58]]


def test_what_was_opened_or_handed_on_stays(
    letter: Letter, save: Callable[..., SealedContent], opened: Callable[..., bytes], house: Vaulted, at: datetime
) -> None:
    first = save("một")
    assert opened(first, house.plan_officer) == "một".encode()
    save("hai")
    save("ba")
    assert versions(letter) == [1, 3]
    unlocked = vault.unlock(classified_id=letter.classified.pk, pin=PIN, actor=house.plan_officer, at=at)
    vault.let_read(unlocked=unlocked, persons={house.head.person_id: "signer"}, actor=house.plan_officer, at=at)
    save("bốn")
    assert versions(letter) == [1, 3, 4]
    save("năm", passing=False)
    save("sáu")
    assert versions(letter) == [1, 3, 5, 6]
    assert len(queries.list_newest(letter.classified.pk)) == 3


def test_who_opens_while_a_save_takes_its_place_is_told_to_do_it_again(
    letter: Letter, save: Callable[..., SealedContent], house: Vaulted, at: datetime
) -> None:
    save("một")
    unlocked = vault.unlock(classified_id=letter.classified.pk, pin=PIN, actor=house.plan_officer, at=at)
    stale = queries.list_newest(letter.classified.pk)
    save("hai")
    gone = next(each for each in stale if each.number == 5)
    assert isinstance(queries.why_gone([gone]), ChangedMeanwhile)
    with pytest.raises(NotFound):
        vault.open_content(content_id=gone.pk, pin=PIN, actor=house.plan_officer, at=at)
    changed = {"persons": {house.head.person_id: "signer"}, "actor": house.plan_officer, "at": at}
    refused(ChangedMeanwhile, lambda: vault.let_read(unlocked=unlocked, **changed))
