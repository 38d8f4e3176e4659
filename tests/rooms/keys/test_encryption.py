"""Keys to which contents are sealed: made by their holder beside the signing key, and used for nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from antin.keys import operations as keys
from antin.keys import queries
from antin.keys.models import Certificate
from antin.keys.policy import (
    CertificateNotForOpening,
    CertificateNotForSigning,
    CertificateRevoked,
    MadeByItsHolder,
    NoCertificate,
    PinMissing,
    WrongPin,
)
from antin.keys.providers import CannotUnwrap, wrapping
from antin.keys.states import Purpose
from antin.refusal import NotFound
from tests import signatures
from tests.cast import Cast
from tests.signatures import PIN
from tests.unchanged import refused

pytestmark = pytest.mark.django_db
CONTENT_KEY = bytes(range(32))


@pytest.fixture
def signing(cast: Cast, own_state: Path) -> Certificate:
    """The head's signing certificate."""
    return signatures.issue_keys(cast).head


def make(cast: Cast, at: datetime) -> Certificate:
    return keys.issue_encryption_certificate(pin=PIN, actor=cast.head.actor(), at=at)


def test_it_is_made_by_its_holder_beside_the_signing_key(cast: Cast, signing: Certificate, at: datetime) -> None:
    refused(NoCertificate, lambda: keys.issue_encryption_certificate(pin=PIN, actor=cast.clerk.actor(), at=at))
    with pytest.raises(WrongPin):  # and is counted
        keys.issue_encryption_certificate(pin="000000", actor=cast.head.actor(), at=at)
    made = make(cast, at)
    usage = x509.load_der_x509_certificate(bytes(made.certificate)).extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.value.key_agreement, usage.value.digital_signature, usage.critical) == (True, False, True)
    assert (made.purpose, made.person_id, made.device.image) == (Purpose.ENCRYPTION, cast.head.person_id, "")
    assert queries.find_encryption_certificate(cast.head.person_id, at) == made
    assert queries.find_encryption_certificate(cast.head.person_id, made.not_after) is None
    assert queries.find_encryption_certificate(cast.clerk.person_id, at) is None


def test_it_signs_nothing_lets_nobody_in_and_is_nobody_elses_to_renew(
    cast: Cast, signing: Certificate, at: datetime
) -> None:
    made = make(cast, at)
    assert queries.get_certificate_for_person(cast.head.person_id, at) == signing
    refused(NotFound, lambda: queries.get_sign_in_certificate(made.fingerprint, at))
    refused(CertificateNotForSigning, lambda: keys.open_signer(certificate_id=made.pk, pin=PIN, at=at))
    refused(CertificateNotForSigning, lambda: keys.open_elsewhere(certificate_id=made.pk, signature=b"x", at=at))
    renew = {"certificate_id": made.pk, "pin": PIN, "at": at}
    refused(MadeByItsHolder, lambda: keys.renew(**renew, actor=cast.administrator.actor()))


def test_it_opens_for_its_holder_alone_and_still_when_it_has_run_out(
    cast: Cast, signing: Certificate, at: datetime
) -> None:
    made = make(cast, at)
    public = x509.load_der_x509_certificate(bytes(made.certificate)).public_key()
    assert isinstance(public, EllipticCurvePublicKey)
    wrapped = wrapping.wrap(CONTENT_KEY, public)
    own = {"certificate_id": made.pk, "pin": PIN, "actor": cast.head.actor(), "at": at}
    assert keys.open_reader(**own).unwrap(wrapped) == CONTENT_KEY
    assert keys.open_reader(**own | {"at": made.not_after + timedelta(days=1)}).unwrap(wrapped) == CONTENT_KEY
    refused(PinMissing, lambda: keys.open_reader(**own | {"pin": ""}))
    refused(NotFound, lambda: keys.open_reader(**own | {"actor": cast.clerk.actor()}))
    refused(CertificateNotForOpening, lambda: keys.open_reader(**own | {"certificate_id": signing.pk}))
    keys.revoke(certificate_id=made.pk, reason="keyCompromise", actor=cast.administrator.actor(), at=at)
    refused(CertificateRevoked, lambda: keys.open_reader(**own))
    assert queries.find_encryption_certificate(cast.head.person_id, at) is None
    again = keys.open_reader(**own | {"certificate_id": make(cast, at).pk})
    with pytest.raises(CannotUnwrap):
        again.unwrap(wrapped)
