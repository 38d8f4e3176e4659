"""Signatures beside files of any kind (CAdES) and inside XML (XAdES), judged by other programs than ours."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from antin.files import operations as files
from antin.keys import queries as key_queries
from antin.keys.states import Role
from antin.signing import detached, queries, xades
from antin.signing import operations as signing
from antin.signing.policy import NotXml, WrongKindOfCertificate
from antin.signing.states import RequestState
from tests import pki, signatures
from tests.cast import Cast
from tests.signatures import Keys
from tests.unchanged import refused

TABLE = "Đơn vị;Số lượng\nPhòng A1;12\n".encode()
MESSAGE = (
    "<?xml version='1.0' encoding='UTF-8'?><edXML xmlns='urn:x'>"
    "<edXMLHeader><Subject>Báo cáo &amp; kiến nghị</Subject></edXMLHeader><edXMLBody/></edXML>"
).encode()


@pytest.fixture
def held(cast: Cast, at: datetime, own_state: Path) -> Keys:
    return signatures.issue_keys(cast, crl_at=at)


def openssl(folder: Path, p7s: bytes, content: bytes, root: bytes) -> subprocess.CompletedProcess[str]:
    (folder / "a.p7s").write_bytes(p7s)
    (folder / "a.csv").write_bytes(content)
    pem = subprocess.run(["openssl", "x509", "-inform", "DER"], input=root, capture_output=True, check=True).stdout
    (folder / "root.pem").write_bytes(pem)
    shape = ["-verify", "-binary", "-inform", "DER", "-purpose", "any"]
    named = ["-in", "a.p7s", "-content", "a.csv", "-CAfile", "root.pem", "-out", "read.csv"]
    return subprocess.run(["openssl", "cms", *shape, *named], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.django_db
def test_openssl_verifies_the_signature_beside_a_table(cast: Cast, held: Keys, at: datetime, tmp_path: Path) -> None:
    file = files.keep(TABLE, at=at).digest
    seal_keeper = cast.seal_keeper.actor()
    asked = {"key": "b", "file": file, "certificate_id": held.agency.id, "actor": seal_keeper}
    done = signing.sign_beside(**asked, at=at)
    assert (done.state, done.reached) == (RequestState.DONE, "B-LT")
    p7s = signatures.content(done.result_file)
    assert signing.sign_beside(**asked, at=at + timedelta(hours=1)).result_file == done.result_file
    assert queries.find_detached(file) == done.result_file
    found = detached.read(p7s, TABLE)
    assert (found.over, found.valid, found.signer) == (True, True, bytes(held.agency.certificate))
    assert (found.claimed_at, found.digest_algorithm) == (at, "sha256")
    assert (len(found.crls), len(found.ocsps), bool(found.token)) == (2, 3, True)
    root = bytes(key_queries.get_authority(Role.ROOT).certificate)
    assert openssl(tmp_path, p7s, TABLE, root).returncode == 0
    assert (tmp_path / "read.csv").read_bytes() == TABLE
    assert openssl(tmp_path, p7s, TABLE + b" ", root).returncode != 0
    assert not detached.read(p7s, TABLE + b" ").over


def test_a_signature_beside_is_read_whole_or_not_at_all() -> None:
    house = pki.house()
    digest = bytes.fromhex("00" * 32)
    p7s = detached.sign(digest, credential=house.agency.credential(), at=pki.BORN, stamper=house.stamper(pki.BORN))
    for broken in (b"", b"0", p7s[:200], b"%PDF-1.7", p7s + b"0"):
        with pytest.raises(detached.NotASignature):
            detached.read(broken, TABLE)
    changed = p7s.replace(digest, bytes.fromhex("11" * 32))
    assert not detached.read(changed, TABLE).valid


@pytest.mark.django_db
def test_a_signature_brought_with_a_file_is_known_if_it_is_one(cast: Cast, held: Keys, at: datetime) -> None:
    house = pki.house()
    file = files.keep(TABLE, at=at).digest
    brought = detached.sign(bytes.fromhex(file), credential=house.agency.credential(), at=pki.BORN)
    kept = files.keep(brought, at=at).digest
    assert signing.know_signature(file=file, signature=kept, at=at)
    assert signing.know_signature(file=file, signature=kept, at=at)
    assert queries.find_detached(file) == kept
    assert not signing.know_signature(file=file, signature=file, at=at)
    assert queries.find_detached(kept) is None


# XML


@pytest.mark.django_db
def test_an_xml_message_is_signed_inside_and_holds_until_it_is_touched(cast: Cast, held: Keys, at: datetime) -> None:
    file = files.keep(MESSAGE, at=at).digest
    asked = {"file": file, "certificate_id": held.agency.id, "actor": cast.seal_keeper.actor(), "at": at}
    done = signing.sign_xml(key="x", **asked)
    signed = signatures.content(done.result_file)
    found = xades.read(signed)
    assert (found.signer, found.claimed_at) == (bytes(held.agency.certificate), at)
    assert "Báo cáo &amp; kiến nghị".encode() in found.document
    assert etree.fromstring(signed)[-1].tag == f"{{{xades.DS}}}Signature"
    for before, after in (
        ("Báo cáo", "Bao cao"),
        ("<edXMLBody/>", "<edXMLBody>x</edXMLBody>"),
        ("SigningTime>2", "SigningTime>1"),
    ):
        assert before.encode() in signed
        with pytest.raises(xades.BadXmlSignature):
            xades.read(signed.replace(before.encode(), after.encode()))
    with pytest.raises(xades.BadXmlSignature):
        xades.read(MESSAGE)


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa2048"])
def test_every_kind_of_key_signs_xml_and_beside(kind: str) -> None:
    maker = pki.make("Tổng cục Z", above=pki.house().issuing, kind=kind)
    signed = xades.sign(MESSAGE, credential=maker.credential(), at=pki.BORN, parent="edXMLHeader")
    assert xades.read(signed).signer == maker.der
    assert etree.fromstring(signed)[0][-1].tag == f"{{{xades.DS}}}Signature"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [b"<a", b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", b"plain", b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"],
)
def test_what_is_no_plain_xml_is_refused_in_words(cast: Cast, held: Keys, at: datetime, content: bytes) -> None:
    file = files.keep(content, at=at).digest
    request = signing.open_request(
        key="x",
        file=file,
        field="Xml",
        certificate_id=held.agency.id,
        actor=cast.seal_keeper.actor(),
        at=at,
    )
    with pytest.raises(NotXml) as said:
        signing.carry_out(request_id=request.id, pin=None, at=at)
    assert "DOCTYPE" in said.value.message
    with pytest.raises(NotXml):
        signing.carry_out(request_id=request.id, pin=None, at=at)


@pytest.mark.django_db
def test_a_persons_key_does_not_sign_for_the_agency(cast: Cast, held: Keys, at: datetime) -> None:
    file = files.keep(TABLE, at=at).digest
    asked = {"file": file, "certificate_id": held.head.id, "actor": cast.head.actor(), "at": at}
    refused(WrongKindOfCertificate, lambda: signing.sign_beside(key="b", **asked))
    refused(WrongKindOfCertificate, lambda: signing.sign_xml(key="x", **asked))
