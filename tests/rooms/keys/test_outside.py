"""What comes from other authorities: roots with dates and reasons, intermediates, certificates, key files, answers to requests."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_django
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)

from antin.journal import queries as journal
from antin.keys import keepers, queries
from antin.keys import operations as keys
from antin.keys.models import CertificateRequest, Intermediate
from antin.keys.policy import (
    AlreadyAsked,
    AlreadyRevoked,
    AlreadySettled,
    AlreadyTrusted,
    BadAuthorityFile,
    BadRequestFile,
    CertificateExpired,
    CertificateKnown,
    CertificateNamesAnother,
    CertificateNotForSigning,
    CertificateOfAnotherKey,
    KeyFileIncomplete,
    KeyFileNotOpened,
    KeyStaysInside,
    NeedsReason,
    NotIssuedByTrusted,
    PinWasGiven,
    SignsElsewhere,
    TrustEnded,
    TrustEndsBefore,
    WeakKey,
    WeakKeyFile,
    WeakPin,
)
from antin.keys.providers import Kind
from antin.keys.states import Asking, Reason, Subject
from antin.refusal import NotAllowed, NotFound
from tests import pki, signatures, tokens
from tests.cast import Cast
from tests.pki import House, Made
from tests.signatures import ISSUED_AT, PIN
from tests.unchanged import refused

pytestmark = pytest.mark.django_db
PASSWORD = "mat-khau-dai"


@pytest.fixture(scope="module")
def house() -> House:
    return pki.house("Gốc chuyên dùng")


@pytest.fixture
def believed(cast: Cast, house: House, own_state: Path, at: datetime) -> House:
    """The house's root is trusted, its intermediate known; the node has its own authority too."""
    keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=ISSUED_AT)
    keys.add_trust_anchor(certificate=house.root.der, reason="Công văn 12/BCY", actor=None, at=at)
    keys.import_authorities(content=house.issuing.der, actor=None, at=at)
    return house


# Trust


def test_a_root_is_trusted_between_its_dates_for_a_reason(
    cast: Cast, house: House, own_state: Path, at: datetime
) -> None:
    admin = cast.administrator.actor()
    asked = {"certificate": house.root.der, "actor": admin, "at": at}
    refused(NeedsReason, lambda: keys.add_trust_anchor(**asked, reason="  "))
    refused(NotAllowed, lambda: keys.add_trust_anchor(**asked | {"actor": cast.head.actor()}, reason="x"))
    refused(TrustEndsBefore, lambda: keys.add_trust_anchor(**asked, reason="x", trusted_from=at, trusted_until=at))
    refused(BadAuthorityFile, lambda: keys.add_trust_anchor(**asked | {"certificate": house.head.der}, reason="x"))
    anchor = keys.add_trust_anchor(**asked, reason="Công văn 12/BCY", trusted_from=at)
    refused(AlreadyTrusted, lambda: keys.add_trust_anchor(**asked, reason="x"))

    def believes(moment: datetime) -> bool:
        return house.root.der in queries.trust(moment).anchors

    assert (believes(at - timedelta(seconds=1)), believes(at), believes(at + timedelta(days=900))) == (
        False,
        True,
        True,
    )
    later = at + timedelta(days=30)
    end = {"anchor_id": anchor.pk, "actor": admin, "at": at}
    refused(NeedsReason, lambda: keys.end_trust(**end, until=later, reason=""))
    refused(TrustEndsBefore, lambda: keys.end_trust(**end, until=at, reason="Lộ khóa"))
    refused(NotFound, lambda: keys.end_trust(**end | {"anchor_id": 0}, until=later, reason="Lộ khóa"))
    refused(NotAllowed, lambda: keys.end_trust(**end | {"actor": cast.head.actor()}, until=later, reason="Lộ khóa"))
    ended = keys.end_trust(**end, until=later, reason="Thay chứng thực gốc mới")
    refused(TrustEnded, lambda: keys.end_trust(**end, until=later, reason="Lộ khóa"))
    assert (ended.end_reason, ended.ended_by_id) == ("Thay chứng thực gốc mới", admin.person_id)
    assert (believes(later - timedelta(seconds=1)), believes(later)) == (True, False)
    assert [row.event for row in journal.list_for(("anchor", anchor.pk))] == ["anchor.ended", "anchor.trusted"]


@pytest.mark.parametrize(
    "written",
    [
        lambda certificates: b"".join(each.public_bytes(Encoding.PEM) for each in certificates),
        lambda certificates: pkcs7.serialize_certificates(certificates, Encoding.DER),
        lambda certificates: pkcs7.serialize_certificates(certificates, Encoding.PEM),
    ],
    ids=["PEM", "PKCS#7 DER", "PKCS#7 PEM"],
)
def test_intermediates_are_kept_when_they_lead_to_a_trusted_root(
    cast: Cast, house: House, own_state: Path, at: datetime, written: Callable[[list[x509.Certificate]], bytes]
) -> None:
    below = pki.make("Cấp dưới", above=house.issuing, ca=True, depth=0)
    content = written([each.certificate for each in (below, house.issuing, house.root)])
    asked = {"content": content, "actor": None, "at": at}
    refused(NotIssuedByTrusted, lambda: keys.import_authorities(**asked))
    keys.add_trust_anchor(certificate=house.root.der, reason="Công văn 12/BCY", actor=None, at=at)
    refused(NotAllowed, lambda: keys.import_authorities(**asked | {"actor": cast.head.actor()}))
    refused(BadAuthorityFile, lambda: keys.import_authorities(**asked | {"content": house.head.der}))
    refused(BadAuthorityFile, lambda: keys.import_authorities(**asked | {"content": b"not a certificate"}))
    keys.import_authorities(**asked)
    keys.import_authorities(**asked)
    assert {bytes(each.certificate) for each in Intermediate.objects.all()} == {below.der, house.issuing.der}
    assert below.der in queries.trust(at).intermediates


# Key files


def key_file(made: Made, *, encryption: Any = None, key: bool = True, certificate: bool = True) -> bytes:
    """A PKCS#12 file."""
    return pkcs12.serialize_key_and_certificates(
        b"antin",
        made.private if key else None,
        made.certificate if certificate else None,
        None,
        encryption or BestAvailableEncryption(PASSWORD.encode()),
    )


def import_head(cast: Cast, content: bytes, at: datetime, **changes: Any) -> Any:
    asked = {"person_id": cast.head.person_id, "post_id": cast.head.post_id, "pin": PIN, "actor": None, "at": at}
    return keys.import_key_file(**(asked | {"content": content, "password": PASSWORD} | changes))


def test_a_key_file_is_taken_in_and_never_given_out(cast: Cast, believed: House, at: datetime, own_state: Path) -> None:
    content = key_file(believed.head)
    refused(WeakPin, lambda: import_head(cast, content, at, pin="111111"))
    refused(KeyFileNotOpened, lambda: import_head(cast, content, at, password="not the password"))
    held = import_head(cast, content, at)
    signer = keys.open_signer(certificate_id=held.pk, pin=PIN, at=at)
    assert (signer.certificate, signer.chain) == (believed.head.der, (believed.issuing.der,))
    public = signer.key.public
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(signer.key.sign(b"a letter", "sha256"), b"a letter", ec.ECDSA(SHA256()))
    refused(CertificateKnown, lambda: import_head(cast, content, at))
    assert len(list((own_state / "keys").glob(f"{held.device.reference}.p8"))) == 1
    refused(KeyStaysInside, lambda: keys.export_key(certificate_id=held.pk, actor=cast.head.actor(), at=at))


def test_an_agencys_key_file(cast: Cast, believed: House, at: datetime) -> None:
    held = keys.import_key_file(
        content=key_file(believed.agency),
        password=PASSWORD,
        pin=None,
        agency_id=cast.agency_id,
        actor=cast.administrator.actor(),
        at=at,
    )
    assert (held.subject, held.name, held.issuer_id) == ("agency", "Tổng cục Z", None)
    assert keys.open_signer(certificate_id=held.pk, pin=None, at=at).certificate == believed.agency.der


def test_weak_and_broken_key_files_are_refused_in_clear_words(
    cast: Cast, believed: House, at: datetime, tmp_path: Path
) -> None:
    triple = PrivateFormat.PKCS12.encryption_builder().key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
    old = refused(
        WeakKeyFile, lambda: import_head(cast, key_file(believed.head, encryption=triple.build(PASSWORD.encode())), at)
    )
    assert "pkcs12_sha1_tripledes_3key" in old.message
    assert "AES-256" in old.message
    pem = believed.head.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "both.pem").write_bytes(pem + believed.head.certificate.public_bytes(Encoding.PEM))
    export = ["openssl", "pkcs12", "-export", "-in", "both.pem", "-passout", f"pass:{PASSWORD}"]
    legacy = subprocess.run([*export, "-legacy"], cwd=tmp_path, check=True, capture_output=True).stdout
    assert "rc2" in refused(WeakKeyFile, lambda: import_head(cast, legacy, at)).message
    bare = subprocess.run([*export, "-keypbe", "NONE"], cwd=tmp_path, check=True, capture_output=True).stdout
    assert "không mã hóa" in refused(WeakKeyFile, lambda: import_head(cast, bare, at)).message
    short = key_file(believed.head, encryption=BestAvailableEncryption(b"1234"))
    assert "8 ký tự" in refused(WeakKeyFile, lambda: import_head(cast, short, at, password="1234")).message
    refused(KeyFileIncomplete, lambda: import_head(cast, key_file(believed.head, key=False), at))
    for broken in (b"", b"not a key file", key_file(believed.head)[:-20]):
        refused(KeyFileNotOpened, lambda broken=broken: import_head(cast, broken, at))


def test_a_certificate_must_be_fit_for_its_holder(cast: Cast, believed: House, at: datetime, house: House) -> None:
    person = {"above": house.issuing, "title": "Tổng cục trưởng", "subject": Subject.PERSON}
    cases = [
        (NotIssuedByTrusted, pki.house("Gốc khác").head),
        (CertificateNotForSigning, pki.make("Nguyễn Văn An", **person, key_usage=pki.usage(key_encipherment=True))),
        (CertificateExpired, pki.make("Nguyễn Văn An", **person, until=at - timedelta(days=1))),
        (WeakKey, pki.make("Nguyễn Văn An", **person, kind="rsa1024")),
        (WeakKey, pki.make("Nguyễn Văn An", **person, kind="p192")),
    ]
    for kind, made in cases:
        refused(kind, lambda made=made: import_head(cast, key_file(made), at))
    other = pki.make("Trần Thị Bình", **person)
    assert "Trần Thị Bình" in refused(CertificateNamesAnother, lambda: import_head(cast, key_file(other), at)).message
    refused(NotAllowed, lambda: import_head(cast, key_file(house.head), at, actor=cast.head.actor()))


# Requests


def csr_file(private: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Ai đó")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(private, SHA256())
    return made.public_bytes(Encoding.PEM)


def ask(cast: Cast, content: bytes, at: datetime, **changes: Any) -> CertificateRequest:
    asked = {"person_id": cast.head.person_id, "post_id": cast.head.post_id, "actor": cast.head.actor(), "at": at}
    return keys.request_with_file(**(asked | {"content": content, "label": "USB token"} | changes))


def test_a_key_on_ones_own_device_asks_and_is_answered(cast: Cast, believed: House, at: datetime) -> None:
    private = pki.make_key("p256")
    content = csr_file(private)
    refused(NotAllowed, lambda: ask(cast, content, at, actor=cast.deputy.actor()))
    refused(BadRequestFile, lambda: ask(cast, b"not a request", at))
    forged = bytearray(x509.load_pem_x509_csr(content).public_bytes(Encoding.DER))
    forged[-1] ^= 1
    refused(BadRequestFile, lambda: ask(cast, bytes(forged), at))
    refused(WeakKey, lambda: ask(cast, csr_file(pki.make_key("rsa1024")), at))
    waiting = ask(cast, content, at)
    refused(AlreadyAsked, lambda: ask(cast, content, at))
    assert [row.pk for row in queries.list_requests(cast.agency_id)] == [waiting.pk]
    answer = {"request_id": waiting.pk, "at": at}
    refused(NotAllowed, lambda: keys.issue_requested(**answer, actor=cast.head.actor()))
    refused(NotFound, lambda: keys.issue_requested(request_id=0, actor=None, at=at))
    made = keys.issue_requested(**answer, actor=cast.administrator.actor())
    refused(AlreadySettled, lambda: keys.issue_requested(**answer, actor=None))
    refused(AlreadySettled, lambda: keys.decline_request(**answer, words="x", actor=None))
    read = x509.load_der_x509_certificate(bytes(made.certificate))
    assert read.public_key() == private.public_key()
    assert (made.name, made.title, made.device.kind) == ("Nguyễn Văn An", "Tổng cục trưởng", "agent")
    refused(SignsElsewhere, lambda: keys.open_signer(certificate_id=made.pk, pin=PIN, at=at))
    assert CertificateRequest.objects.get(pk=waiting.pk).state == Asking.ISSUED


def test_a_request_is_declined_with_words_and_its_key_may_ask_again(cast: Cast, believed: House, at: datetime) -> None:
    content = csr_file(pki.make_key("p384"))
    waiting = ask(cast, content, at)
    decline = {"request_id": waiting.pk, "actor": cast.administrator.actor(), "at": at}
    refused(NeedsReason, lambda: keys.decline_request(**decline, words=" "))
    refused(NotAllowed, lambda: keys.decline_request(**decline | {"actor": cast.head.actor()}, words="x"))
    keys.decline_request(**decline, words="Thiết bị chưa được cấp")
    assert ask(cast, content, at).pk != waiting.pk


def test_a_key_on_the_nodes_token_is_named_by_another_authority(
    cast: Cast, believed: House, at: datetime, settings: pytest_django.fixtures.SettingsWrapper
) -> None:
    settings.PKCS11_MODULES = {"hsm": tokens.library()}
    keepers.forget()
    token = f"hsm:{tokens.new_token('Đề nghị')}"
    waiting = keys.request_on_token(
        token=token,
        pin=tokens.PIN,
        kind=Kind.RSA2048,
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        actor=cast.administrator.actor(),
        at=at,
    )
    asked = x509.load_der_x509_csr(bytes(waiting.csr))
    assert asked.is_signature_valid
    assert asked.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == "Nguyễn Văn An"
    enter = {"request_id": waiting.pk, "actor": None, "at": at}
    refused(CertificateOfAnotherKey, lambda: keys.enter_requested(**enter, content=believed.head.der))
    refused(BadAuthorityFile, lambda: keys.enter_requested(**enter, content=b"nothing"))
    issued = certify(believed, asked)
    held = keys.enter_requested(**enter, content=issued)
    signer = keys.open_signer(certificate_id=held.pk, pin=tokens.PIN, at=at)
    assert signer.chain == (believed.issuing.der,)
    assert len(signer.key.sign(b"a letter", "sha256")) == 256
    keepers.forget()


def certify(house: House, asked: x509.CertificateSigningRequest) -> bytes:
    """What the outside authority answers."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(asked.subject)
        .issuer_name(house.issuing.certificate.subject)
        .public_key(asked.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(pki.BORN)
        .not_valid_after(pki.DIES)
        .add_extension(pki.usage(digital_signature=True, content_commitment=True), critical=True)
    )
    return builder.sign(house.issuing.private, SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
def held(cast: Cast, own_state: Path) -> Iterator[signatures.Keys]:
    yield signatures.issue_keys(cast)


def test_a_certificate_is_renewed_with_a_fresh_key(cast: Cast, held: signatures.Keys, at: datetime) -> None:
    admin = cast.administrator.actor()
    fresh = keys.renew(certificate_id=held.head.pk, pin="13572468", actor=admin, at=at)
    assert (fresh.name, fresh.title, fresh.agency_id) == (held.head.name, held.head.title, held.head.agency_id)
    assert fresh.not_before > held.head.not_before
    assert queries.get_certificate_for_person(cast.head.person_id, at).pk == fresh.pk
    refused(PinWasGiven, lambda: keys.open_signer(certificate_id=fresh.pk, pin="13572468", at=at))
    keys.change_pin(certificate_id=fresh.pk, old="13572468", new=PIN, actor=cast.head.actor(), at=at)
    keys.open_signer(certificate_id=fresh.pk, pin=PIN, at=at)
    seal = keys.renew(certificate_id=held.agency.pk, pin=None, actor=admin, at=at)
    assert queries.get_certificate_for_agency(cast.agency_id, at).pk == seal.pk
    refused(WeakPin, lambda: keys.renew(certificate_id=held.head.pk, pin=None, actor=admin, at=at))
    refused(NotAllowed, lambda: keys.renew(certificate_id=held.head.pk, pin=PIN, actor=cast.head.actor(), at=at))
    keys.revoke(certificate_id=held.head.pk, reason=Reason.SUPERSEDED, actor=admin, at=at)
    refused(AlreadyRevoked, lambda: keys.renew(certificate_id=held.head.pk, pin=PIN, actor=admin, at=at))
