"""A house with a vault, and a letter in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from antin.people.actor import Actor
from antin.vault import operations as vault
from antin.vault.models import SealedContent
from tests import signatures
from tests.cast import Cast
from tests.signatures import ISSUED_AT, PIN
from tests.vaults import CLEARED, DECISION, TITLE, Letter, Vaulted, clear, give_key, sealed


@pytest.fixture
def house(cast: Cast, own_state: Path) -> Vaulted:
    signatures.issue_keys(cast)
    for name in CLEARED:
        member = getattr(cast, name)
        clear(member.person_id, "toi_mat")
        give_key(member, cast)
    officers = [cast.deputy.person_id, cast.office_head.person_id, cast.technique_head.person_id]
    made = vault.establish_recovery(officers=officers, decision=DECISION, actor=cast.head.actor(), at=ISSUED_AT)
    return Vaulted(cast, made)


@pytest.fixture
def letter(house: Vaulted, at: datetime) -> Letter:
    begun = vault.begin(level=1, actor=house.plan_officer, at=at)
    title = sealed(begun, "title", TITLE.encode(), house.plan_officer, at)
    return Letter(begun, title, sealed(begun, "body", b"{}", house.plan_officer, at))


@pytest.fixture
def opened(at: datetime) -> Callable[..., bytes]:
    def open_it(content: SealedContent, actor: Actor, **more: Any) -> bytes:
        return vault.open_content(**({"content_id": content.pk, "pin": PIN, "actor": actor, "at": at} | more)).content

    return open_it


@pytest.fixture
def add(at: datetime) -> Callable[..., Any]:
    def add_reader(letter: Letter, person: Actor, by: Actor, need: str = "signer", **more: Any) -> Any:
        asked = {
            "classified_id": letter.classified.pk,
            "person_id": person.person_id,
            "need": need,
            "pin": PIN,
            "at": at,
        }
        return vault.add_reader(**(asked | {"actor": by} | more))

    return add_reader
