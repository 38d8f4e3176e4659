"""A key on the signer's own machine: what it is to sign is said, its signature is put in; the same file comes out of both."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from antin.files import queries as kept_files
from antin.keys import operations as keys
from antin.keys.models import Certificate
from antin.keys.policy import BadSignature, CertificateRevoked, DeviceNotUsable, SignsElsewhere, SignsHere
from antin.refusal import NotFound, WrongState
from antin.signing import operations as signing
from antin.signing.states import RequestState, TimeSource, Verdict
from tests import pki, signatures
from tests.cast import Cast
from tests.rooms.signing.test_sign import pdfsig
from tests.signatures import ISSUED_AT
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def own_key(cast: Cast, at: datetime) -> tuple[Certificate, ec.EllipticCurvePrivateKey]:
    """The head's certificate for a key that the node has never seen."""
    private = pki.make_key("p256")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An")])
    asked = x509.CertificateSigningRequestBuilder().subject_name(name).sign(private, hashes.SHA256())
    waiting = keys.request_with_file(
        content=asked.public_bytes(Encoding.DER),
        label="USB token",
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        actor=cast.head.actor(),
        at=at,
    )
    return keys.issue_requested(request_id=waiting.pk, actor=None, at=at), private


@pytest.fixture
def held(cast: Cast, at: datetime, own_state: Path) -> tuple[Certificate, ec.EllipticCurvePrivateKey]:
    keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=ISSUED_AT)
    made = own_key(cast, ISSUED_AT)
    keys.publish_revocation_list(actor=None, at=at - timedelta(hours=1))
    return made


def asked_of(cast: Cast, certificate: Certificate, at: datetime) -> int:
    return signing.open_request(
        key="person:1",
        file=signatures.prepared(at),
        field="Person",
        certificate_id=certificate.pk,
        actor=cast.head.actor(),
        at=at,
    ).pk


def test_a_signature_made_elsewhere_is_put_in_and_is_valid(
    cast: Cast, held: tuple[Certificate, ec.EllipticCurvePrivateKey], at: datetime, tmp_path: Path
) -> None:
    certificate, private = held
    request = asked_of(cast, certificate, at)
    data = signing.to_be_signed(request_id=request, at=at)
    assert signing.to_be_signed(request_id=request, at=at) == data
    assert signing.to_be_signed(request_id=request, at=at + timedelta(seconds=1)) != data
    sign = {"request_id": request, "pin": None, "at": at}
    refused(SignsElsewhere, lambda: signing.carry_out(request_id=request, pin="123456", at=at))
    refused(BadSignature, lambda: signing.carry_out(**sign, signature=private.sign(b"?", ec.ECDSA(hashes.SHA256()))))
    refused(BadSignature, lambda: signing.carry_out(**sign, signature=b"?"))
    made = private.sign(data, ec.ECDSA(hashes.SHA256()))
    later = {"request_id": request, "pin": None, "at": at + timedelta(seconds=1)}
    refused(BadSignature, lambda: signing.carry_out(**later, signature=made))
    done = signing.carry_out(**sign, signature=made)
    assert done.state == RequestState.DONE
    assert signing.carry_out(**sign, signature=b"whatever").result_file == done.result_file
    refused(WrongState, lambda: signing.to_be_signed(request_id=request, at=at))
    (finding,) = signing.verify(file=done.result_file, at=at + timedelta(hours=1)).signatures
    assert (finding.verdict, finding.name, finding.signed_at) == (Verdict.VALID, "Nguyễn Văn An", at)
    assert finding.time_source == TimeSource.TIMESTAMP
    assert pdfsig(kept_files.read(done.result_file), tmp_path).count("Signature is Valid.") == 1


def test_what_stands_against_it_is_refused_before(
    cast: Cast, held: tuple[Certificate, ec.EllipticCurvePrivateKey], at: datetime
) -> None:
    certificate, _private = held
    request = asked_of(cast, certificate, at)
    refused(NotFound, lambda: signing.to_be_signed(request_id=0, at=at))
    here = keys.issue_person_certificate(
        person_id=cast.head.person_id, post_id=cast.head.post_id, pin=signatures.PIN, actor=None, at=at
    )
    refused(SignsHere, lambda: keys.open_elsewhere(certificate_id=here.pk, signature=b"?", at=at))
    keys.report_lost(certificate_id=certificate.pk, actor=cast.head.actor(), at=at)
    refused(CertificateRevoked, lambda: signing.to_be_signed(request_id=request, at=at))
    Certificate.objects.filter(pk=certificate.pk).update(revoked_at=None, revocation_reason="")
    refused(DeviceNotUsable, lambda: signing.to_be_signed(request_id=request, at=at))
