"""The demonstration PKI: its authorities, certificates, revocation lists and timestamps, judged by OpenSSL as well."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from antin.files import queries as files
from antin.keys import operations as keys
from antin.keys import queries
from antin.keys.models import Authority, Certificate, TrustAnchor
from antin.keys.policy import (
    AlreadyRevoked,
    AlreadyTrusted,
    BadAuthorityFile,
    CertificateExpired,
    CertificateNotYetValid,
    CertificateRevoked,
    DeviceNotUsable,
    NoAuthority,
    NoCertificate,
    WeakPin,
)
from antin.keys.states import Role
from antin.people.policy import NotYourHouse
from antin.refusal import NotAllowed
from tests import pki, signatures
from tests.cast import Cast
from tests.signatures import ISSUED_AT, PIN, Keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(cast: Cast, at: datetime, own_state: Path) -> Keys:
    return signatures.issue_keys(cast, crl_at=at)


def openssl(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True, check=False)


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(bytes(der)).public_bytes(Encoding.PEM)


def write_chain(folder: Path, *, at: datetime) -> None:
    root, issuing = queries.get_authority(Role.ROOT), queries.get_authority(Role.ISSUING)
    (folder / "root.pem").write_bytes(pem(root.certificate))
    (folder / "issuing.pem").write_bytes(pem(issuing.certificate))
    lists = [x509.load_der_x509_crl(crl.der).public_bytes(Encoding.PEM) for crl in queries.trust(at).crls]
    (folder / "crls.pem").write_bytes(b"".join(lists))


def test_it_is_established_once(cast: Cast, at: datetime, own_state: Path) -> None:
    first = keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=at)
    again = keys.establish(name="Tên khác", organisation="Bộ Y", actor=None, at=at)
    assert first.id == again.id
    assert Authority.objects.count() == 3
    assert TrustAnchor.objects.count() == 1
    assert len(list((own_state / "keys").glob("*.p8"))) == 3


def test_only_the_administrator_of_the_house_establishes_it(cast: Cast, at: datetime, own_state: Path) -> None:
    for member in (cast.head, cast.clerk, cast.recipient_head):
        with pytest.raises(NotAllowed):
            keys.establish(name="x", organisation="y", actor=member.actor(), at=at)
    assert (
        keys.establish(name="x", organisation="y", actor=cast.administrator.actor(), at=at).name
        == "x - Cấp chứng thư số"
    )


def test_a_persons_certificate_names_person_post_agency_and_code(held: Keys) -> None:
    read = x509.load_der_x509_certificate(bytes(held.head.certificate))
    subject = {attribute.oid: attribute.value for attribute in read.subject}
    assert subject == {
        NameOID.COUNTRY_NAME: "VN",
        NameOID.COMMON_NAME: "Nguyễn Văn An",
        NameOID.TITLE: "Tổng cục trưởng",
        NameOID.ORGANIZATION_NAME: "Tổng cục Z",
        NameOID.ORGANIZATION_IDENTIFIER: "G11.90",
    }
    usage = read.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.content_commitment) == (True, True)
    assert not usage.value.key_cert_sign


def test_an_agencys_certificate_names_the_agency_and_its_stamp_is_kept(held: Keys) -> None:
    read = x509.load_der_x509_certificate(bytes(held.agency.certificate))
    assert read.subject.get_attributes_for_oid(NameOID.TITLE) == []
    assert read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "Tổng cục Z"
    assert files.get(held.agency.device.image).media_type == "image/png"


def test_openssl_builds_the_chain_and_reads_the_revocation_lists(held: Keys, at: datetime, tmp_path: Path) -> None:
    write_chain(tmp_path, at=at)
    for name, certificate in (("head", held.head), ("agency", held.agency)):
        (tmp_path / f"{name}.pem").write_bytes(pem(certificate.certificate))
    words = ["verify", "-x509_strict", "-crl_check_all", "-attime", str(int(at.timestamp()))]
    words += ["-CAfile", "root.pem", "-untrusted", "issuing.pem", "-CRLfile", "crls.pem"]
    before = openssl(*words, "head.pem", "agency.pem", folder=tmp_path)
    assert before.stdout == "head.pem: OK\nagency.pem: OK\n"
    keys.revoke(certificate_id=held.head.id, reason="keyCompromise", actor=None, at=at)
    write_chain(tmp_path, at=at)
    after = openssl(*words, "head.pem", "agency.pem", folder=tmp_path)
    assert "certificate revoked" in after.stderr
    assert after.stdout == "agency.pem: OK\n"


def test_openssl_verifies_our_timestamps(held: Keys, at: datetime, tmp_path: Path) -> None:
    write_chain(tmp_path, at=at)
    (tmp_path / "data").write_bytes(b"noi dung")
    openssl("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq", folder=tmp_path)
    (tmp_path / "r.tsr").write_bytes(keys.answer_timestamp_request(request=(tmp_path / "q.tsq").read_bytes(), at=at))
    words = ["ts", "-verify", "-queryfile", "q.tsq", "-in", "r.tsr", "-CAfile", "root.pem", "-untrusted", "issuing.pem"]
    assert openssl(*words, "-attime", str(int(at.timestamp())), folder=tmp_path).stdout == "Verification: OK\n"
    shown = openssl("ts", "-reply", "-in", "r.tsr", "-text", folder=tmp_path).stdout
    assert "Time stamp: Nov 23 02:00:00 2026 GMT" in shown
    (tmp_path / "t.tst").write_bytes(keys.timestamp(digest=hashlib.sha256(b"khac").digest(), at=at))
    other = openssl(*words[:2], *words[2:4], "-token_in", "-in", "t.tst", *words[6:], folder=tmp_path)
    assert "message imprint mismatch" in other.stderr


@pytest.mark.parametrize(
    ("change", "fault"),
    [("-md5", "unrecognized or unsupported algorithm"), ("broken", "the data submitted has the wrong format")],
)
def test_a_timestamp_that_cannot_be_granted_is_refused_in_the_answer(
    held: Keys, at: datetime, tmp_path: Path, *, change: str, fault: str
) -> None:
    (tmp_path / "data").write_bytes(b"noi dung")
    openssl(
        "ts", "-query", "-data", "data", change if change[0] == "-" else "-sha256", "-out", "q.tsq", folder=tmp_path
    )
    asked = (tmp_path / "q.tsq").read_bytes() if change[0] == "-" else b"\x30\x03\x02\x01"
    (tmp_path / "r.tsr").write_bytes(keys.answer_timestamp_request(request=asked, at=at))
    shown = openssl("ts", "-reply", "-in", "r.tsr", "-text", folder=tmp_path).stdout
    assert "Status: Rejected." in shown
    assert f"Failure info: {fault}" in shown


def test_nothing_is_issued_without_an_authority_or_by_another_house(cast: Cast, at: datetime, own_state: Path) -> None:
    asked = {"person_id": cast.head.person_id, "post_id": cast.head.post_id, "pin": PIN, "at": at}
    with pytest.raises(NoAuthority):
        keys.issue_person_certificate(**asked, actor=None)
    keys.establish(name="x", organisation="y", actor=None, at=at)
    with pytest.raises(NotAllowed):
        keys.issue_person_certificate(**asked, actor=cast.head.actor())
    for weak in ("12345", "111111", ""):
        with pytest.raises(WeakPin):
            keys.issue_person_certificate(**{**asked, "pin": weak}, actor=cast.administrator.actor())
    assert Certificate.objects.count() == 0


def test_an_administrator_of_a_part_cannot_revoke_above_himself(cast: Cast, held: Keys, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        keys.revoke(certificate_id=held.agency.id, reason="superseded", actor=cast.recipient_head.actor(), at=at)
    assert Certificate.objects.get(pk=held.agency.id).revoked_at is None


def test_which_certificate_is_used_is_told_or_refused_in_words(cast: Cast, held: Keys, at: datetime) -> None:
    person = cast.head.person_id
    assert queries.get_certificate_for_person(person, at).id == held.head.id
    assert queries.get_certificate_for_agency(cast.agency_id, at).id == held.agency.id
    with pytest.raises(NoCertificate) as none:
        queries.get_certificate_for_person(cast.deputy.person_id, at, name="Trần Đức Bình")
    assert none.value.message == "Trần Đức Bình chưa được cấp chứng thư số; đề nghị quản trị đơn vị cấp trước."
    with pytest.raises(CertificateExpired):
        queries.get_certificate_for_person(person, held.head.not_after)
    with pytest.raises(CertificateNotYetValid):
        queries.get_certificate_for_person(person, ISSUED_AT - timedelta(days=1))
    keys.revoke(certificate_id=held.head.id, reason="keyCompromise", actor=None, at=at)
    with pytest.raises(CertificateRevoked) as revoked:
        queries.get_certificate_for_person(person, at)
    assert "23/11/2026" in revoked.value.message
    assert queries.get_certificate_for_person(person, at - timedelta(days=1)).id == held.head.id
    with pytest.raises(AlreadyRevoked):
        keys.revoke(certificate_id=held.head.id, reason="keyCompromise", actor=None, at=at)


def test_expiring_certificates_are_listed_in_order(held: Keys) -> None:
    before = held.head.not_after - timedelta(days=30)
    assert [each.id for each in queries.list_expiring(before)] == [held.head.id, held.agency.id]
    assert queries.list_expiring(before - timedelta(days=31)) == []


def test_trust_changes_with_each_list_and_knows_what_was_trusted_then(held: Keys, at: datetime) -> None:
    before = queries.trust(at)
    assert [len(before.anchors), len(before.intermediates), len(before.crls)] == [1, 1, 2]
    keys.publish_revocation_list(actor=None, at=at)
    after = queries.trust(at)
    assert after.state != before.state
    assert queries.trust(at - timedelta(seconds=1)).state == before.state
    assert sorted(crl.number for crl in after.crls) == [3, 3]


def test_another_root_can_be_trusted_once_and_only_if_it_is_one(cast: Cast, held: Keys, at: datetime) -> None:
    with pytest.raises(BadAuthorityFile):
        keys.add_trust_anchor(certificate=bytes(held.head.certificate), reason="x", actor=None, at=at)
    with pytest.raises(BadAuthorityFile):
        keys.add_trust_anchor(certificate=b"-----BEGIN nothing", reason="x", actor=None, at=at)
    root = queries.get_authority(Role.ROOT)
    with pytest.raises(AlreadyTrusted):
        keys.add_trust_anchor(certificate=pem(root.certificate), reason="x", actor=cast.administrator.actor(), at=at)
    with pytest.raises((NotAllowed, NotYourHouse)):
        keys.add_trust_anchor(certificate=pem(root.certificate), reason="x", actor=cast.head.actor(), at=at)


def test_lists_are_refreshed_once_a_day_and_after_a_long_pause(cast: Cast, at: datetime, own_state: Path) -> None:
    assert keys.refresh_revocation_lists(at=at) == []
    keys.establish(name="x", organisation="y", actor=None, at=at)
    assert keys.refresh_revocation_lists(at=at + timedelta(hours=23)) == []
    assert [int(row.number) for row in keys.refresh_revocation_lists(at=at + timedelta(hours=24))] == [2, 2]
    month = at + timedelta(days=30)
    assert [int(row.number) for row in keys.refresh_revocation_lists(at=month)] == [3, 3]
    assert all(crl.next_update > month for crl in queries.trust(month).crls)


def test_another_authoritys_list_comes_by_file_if_that_authority_is_trusted(
    cast: Cast, held: Keys, at: datetime
) -> None:
    other = pki.house("Nơi khác")
    brought = {"actor": cast.administrator.actor(), "at": at}
    listed = pki.crl(other.root, at=at, number=7)
    with pytest.raises(BadAuthorityFile):
        keys.import_revocation_list(content=listed, **brought)
    keys.add_trust_anchor(certificate=other.root.der, reason="Quyết định số 1", **brought)
    kept = keys.import_revocation_list(content=listed, **brought)
    as_pem = x509.load_der_x509_crl(listed).public_bytes(Encoding.PEM)
    assert keys.import_revocation_list(content=as_pem, **brought).id == kept.id
    assert listed in queries.trust(at).crl_bytes
    for bad in (b"", b"-----BEGIN X509 CRL-----", pki.crl(other.root, at=at, signer=pki.house("Lạ").root)):
        with pytest.raises(BadAuthorityFile):
            keys.import_revocation_list(content=bad, **brought)


def test_a_lost_key_opens_no_more_and_is_on_the_next_list(cast: Cast, held: Keys, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        keys.report_lost(certificate_id=held.head.id, actor=cast.deputy.actor(), at=at)
    lost = keys.report_lost(certificate_id=held.head.id, actor=cast.head.actor(), at=at)
    assert (lost.revoked_at, lost.revocation_reason) == (at, "keyCompromise")
    with pytest.raises(CertificateRevoked):
        keys.open_signer(certificate_id=held.head.id, pin=PIN, at=at)
    with pytest.raises(DeviceNotUsable):
        keys.open_signer(certificate_id=held.head.id, pin=PIN, at=at - timedelta(seconds=1))
    issuing = next(
        crl
        for crl in queries.trust(at).crls
        if x509.load_der_x509_crl(crl.der).get_revoked_certificate_by_serial_number(int(lost.serial, 16))
    )
    assert issuing.this_update == at
