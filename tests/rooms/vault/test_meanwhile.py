"""Something is sealed while keys are being opened for another act: that act is refused whole, and can be done again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import pytest
import pytest_django

from antin.keys.providers import Key
from antin.vault import operations as vault
from antin.vault import queries
from antin.vault.policy import ChangedMeanwhile
from antin.vault.sealing import AesGcm
from tests.signatures import PIN
from tests.vaults import DECISION, Letter, Vaulted, sealed

pytestmark = pytest.mark.django_db


class Slow(AesGcm):
    """A suite of which the last unlocking waited for takes so long that others do something in between."""

    meanwhile: ClassVar[list[Callable[[], object]]] = []

    def unlock(self, lock: bytes, key: Key) -> bytes:
        if self.meanwhile:
            self.meanwhile.pop()()
        return super().unlock(lock, key)


@pytest.fixture
def meanwhile(
    house: Vaulted, letter: Letter, at: datetime, settings: pytest_django.fixtures.SettingsWrapper
) -> Callable[[Callable[[], object]], None]:
    settings.CIPHER_SUITES = (f"{__name__}.Slow",)

    def act(done: Callable[[], object], *, after: int = 0) -> None:
        before = len(queries.list_all_contents(letter.classified.pk))
        Slow.meanwhile.append(lambda: sealed(letter.classified, "comment", b"x", house.plan_officer, at))
        Slow.meanwhile += [lambda: None] * after
        with pytest.raises(ChangedMeanwhile):
            done()
        assert len(queries.list_all_contents(letter.classified.pk)) == before + 1
        assert Slow.meanwhile == []

    return act


def test_a_reader_is_added_to_all_of_it_or_not_at_all(
    house: Vaulted, letter: Letter, add: Callable[..., Any], at: datetime, meanwhile: Callable[..., None]
) -> None:
    meanwhile(lambda: add(letter, house.head, house.plan_officer))
    assert queries.find_reader(letter.classified.pk, house.head.person_id) is None
    add(letter, house.head, house.plan_officer)
    again = {"classified_id": letter.classified.pk, "person_id": house.head.person_id, "pin": PIN, "at": at}
    meanwhile(lambda: vault.seal_again_for(**again, actor=house.plan_officer))
    assert vault.seal_again_for(**again, actor=house.plan_officer) == 0


def test_a_recovery_gives_all_of_it_or_waits(
    house: Vaulted, letter: Letter, at: datetime, meanwhile: Callable[..., None]
) -> None:
    recovery = vault.ask_recovery(
        classified_id=letter.classified.pk, person_id=house.clerk.person_id, decision=DECISION, actor=house.head, at=at
    )
    step: dict[str, Any] = {"recovery_id": recovery.pk, "pin": PIN, "at": at}
    vault.give_half(**step, actor=house.deputy)
    meanwhile(lambda: vault.recover(**step, actor=house.office_head), after=2)  # after the two halves
    assert queries.get_recovery(recovery.pk).state == "half"
    assert queries.find_reader(letter.classified.pk, house.clerk.person_id) is None
    assert vault.recover(**step, actor=house.office_head).state == "done"
