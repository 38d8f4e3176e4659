"""A reader whose key lies on his own device: he is given locks and sealed bytes, counted and journalled; the node opens nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from antin.journal import queries as journal
from antin.keys import operations as keys
from antin.keys.policy import MadeByItsHolder, SignsElsewhere
from antin.keys.providers.software import SoftwareKey
from antin.people.actor import Actor
from antin.refusal import NotFound
from antin.vault import operations as vault
from antin.vault import queries
from antin.vault.policy import NotSealedToYou
from tests import pki
from tests.rooms.keys.test_outside import csr_file
from tests.signatures import PIN
from tests.unchanged import refused
from tests.vaults import TITLE, Letter, Vaulted

pytestmark = pytest.mark.django_db


def own_key(house: Vaulted, name: str, at: datetime) -> SoftwareKey:
    """Give somebody a certificate for a key that only he has; gives that key, as his device would use it."""
    member = getattr(house.cast, name)
    private = pki.make_key("p256")
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    asked = keys.request_with_file(
        content=csr_file(private),
        label="USB",
        purpose="encryption",
        person_id=member.person_id,
        post_id=member.post_id,
        actor=member.actor(),
        at=at,
    )
    keys.issue_requested(request_id=asked.pk, actor=None, at=at)
    return SoftwareKey(private)


def test_the_node_gives_locks_and_sealed_bytes_and_counts(
    house: Vaulted, letter: Letter, add: Callable[..., object], opened: Callable[..., bytes], at: datetime
) -> None:
    later = at + timedelta(minutes=1)
    key = own_key(house, "clerk", at)
    add(letter, house.clerk, house.plan_officer, "clerk")
    refused(SignsElsewhere, lambda: opened(letter.title, house.clerk, at=later))
    seen = len(journal.list_for(("classified", letter.classified.pk)))
    locked = vault.lock_elsewhere(classified_id=letter.classified.pk, actor=house.clerk, at=later)
    assert len(journal.list_for(("classified", letter.classified.pk))) == seen
    found = {}
    for content, wrapped in locked.locks:
        given = vault.give_sealed(content_id=content.pk, actor=house.clerk, at=later)
        found[content.part] = AESGCM(key.unwrap(wrapped)).decrypt(given.nonce, given.sealed, None)
    assert found == {"title": TITLE.encode(), "body": b"{}"}
    assert [(each.person.name, each.use, each.number) for each in queries.list_readings(letter.classified.pk)] == [
        (house.clerk.person_name, "viewed", 1)
    ] * 2
    again = vault.give_sealed(content_id=letter.title.pk, use="printed", actor=house.clerk, at=later)
    assert (again.marking.number, queries.count_prints(letter.classified.pk)) == (1, 1)


def test_who_has_no_such_key_or_no_need_is_given_nothing(house: Vaulted, letter: Letter, at: datetime) -> None:
    def ask(actor: Actor) -> object:
        return vault.lock_elsewhere(classified_id=letter.classified.pk, actor=actor, at=at)

    def give(actor: Actor) -> object:
        return vault.give_sealed(content_id=letter.title.pk, actor=actor, at=at)

    for act in (ask, give):
        refused(NotSealedToYou, lambda act=act: act(house.plan_officer))
        refused(NotFound, lambda act=act: act(house.head))


def test_nobody_asks_for_a_key_that_opens_in_anothers_name(house: Vaulted, at: datetime) -> None:
    clerk = house.cast.clerk
    asked = {"label": "USB", "purpose": "encryption", "person_id": clerk.person_id, "post_id": clerk.post_id, "at": at}
    content = csr_file(pki.make_key("p256"))
    by = house.cast.administrator.actor()
    refused(MadeByItsHolder, lambda: keys.request_with_file(content=content, actor=by, **asked))
    on_token = {"token": "hsm:0", "pin": PIN, "purpose": "encryption", "actor": by, "at": at}
    refused(MadeByItsHolder, lambda: keys.request_on_token(agency_id=house.cast.agency_id, **on_token))
    enter = {"reference": "hsm:0:00", "kind": "token", "pin": PIN, "purpose": "encryption", "actor": by, "at": at}
    refused(MadeByItsHolder, lambda: keys.enter_certificate(agency_id=house.cast.agency_id, **enter))
