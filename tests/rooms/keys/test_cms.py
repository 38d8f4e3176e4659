"""The DER we write is what a general ASN.1 library writes and reads."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import core, tsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as some

from antin.keys import cms
from tests import pki


@given(some.integers(-(2**200), 2**200))
def test_integers(value: int) -> None:
    assert cms.integer(value) == core.Integer(value).dump()


@given(some.binary(max_size=70_000))
def test_octets_of_every_length(value: bytes) -> None:
    assert cms.octets(value) == core.OctetString(value).dump()


@given(some.integers(0, 2), some.integers(0, 39), some.lists(some.integers(0, 2**130), max_size=6))
def test_object_identifiers(first: int, second: int, rest: list[int]) -> None:
    dotted = ".".join(map(str, (first, second, *rest)))
    assert core.ObjectIdentifier.load(cms.oid(dotted)).native == dotted


@given(some.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=some.just(UTC)))
def test_moments(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    assert cms.generalized_time(moment) == core.GeneralizedTime(whole).dump()


@pytest.mark.parametrize(("number", "name"), [(0, "bad_alg"), (5, "bad_data_format"), (15, "unaccepted_policy")])
def test_one_named_bit(number: int, name: str) -> None:
    assert tsp.PKIFailureInfo.load(cms.one_bit(number)).native == {name}


@pytest.mark.parametrize("kind", ["p256", "rsa2048"])
def test_a_signature_is_der_all_through_and_holds_what_it_should(kind: str) -> None:
    house = pki.house(kind=kind)
    credential = house.head.credential()
    digest = hashlib.sha256(b"noi dung").digest()
    made = cms.sign(digest=digest, key=credential.key, certificate=credential.certificate, chain=credential.chain)
    read = asn1_cms.ContentInfo.load(made, strict=True)
    signed = read["content"]
    (signer,) = signed["signer_infos"]
    assert read.native
    assert read.dump(force=True) == made
    attributes = {each["type"].native: each["values"][0] for each in signer["signed_attrs"]}
    assert set(attributes) == {"content_type", "message_digest", "signing_certificate_v2", "cms_algorithm_protection"}
    assert attributes["message_digest"].native == digest
    assert len(signed["certificates"]) == 2
    over = signer["signed_attrs"].untag().dump()
    if kind == "p256":
        house.head.private.public_key().verify(signer["signature"].native, over, ec.ECDSA(hashes.SHA256()))


def test_a_key_of_another_kind_is_refused() -> None:
    class Odd:
        public_key = type("", (), {"algorithm": "ed448"})

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cms.x509.Certificate, "load", lambda der: Odd)
        with pytest.raises(cms.UnknownKeyType):
            cms.identity(b"none of ours")
