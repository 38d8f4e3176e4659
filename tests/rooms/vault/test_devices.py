"""Readers whose keys lie in a token: opened there, and nothing when the token is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import pytest_django

from antin.keys import operations as keys
from antin.keys.policy import DeviceAbsent, WrongPin
from antin.keys.providers import Kind
from antin.vault import operations as vault
from antin.vault import queries
from tests import signatures, tokens
from tests.unchanged import refused
from tests.vaults import TITLE, Letter, Vaulted

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", [Kind.P256, Kind.RSA2048])
def test_a_token_opens_what_was_sealed_to_it(
    house: Vaulted,
    letter: Letter,
    opened: Callable[..., bytes],
    settings: pytest_django.fixtures.SettingsWrapper,
    kind: Kind,
) -> None:
    at = letter.title.sealed_at
    serial = tokens.new_token(f"Mật {kind}")
    settings.PKCS11_MODULES = {"hsm": tokens.library()}
    head, later = house.head, at + timedelta(minutes=10)
    made = keys.issue_encryption_certificate(
        pin=signatures.PIN, token=f"hsm:{serial}", token_pin=tokens.PIN, kind=kind, actor=head, at=at
    )
    assert made.device.kind == "token"
    newcomer = {"classified_id": letter.classified.pk, "person_id": head.person_id, "need": "signer"}
    vault.add_reader(**newcomer, pin=signatures.PIN, actor=house.plan_officer, at=at)
    inside = {"pin": tokens.PIN, "at": later}
    assert opened(letter.title, head, **inside) == TITLE.encode()
    with pytest.raises(WrongPin):
        opened(letter.title, head, pin="135790", at=later)
    tokens.pull()
    try:
        refused(DeviceAbsent, lambda: opened(letter.body, head, **inside))
    finally:
        tokens.put_back()
    assert opened(letter.body, head, **inside) == b"{}"
    assert len(queries.list_readings(letter.classified.pk)) == 2
    vault.add_reader(
        classified_id=letter.classified.pk, person_id=house.clerk.person_id, need="clerk", actor=head, **inside
    )
    assert opened(letter.title, house.clerk) == TITLE.encode()
