"""Contents sealed as CMS AuthEnvelopedData: OpenSSL opens them, and nothing that was touched is given out."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import pytest_django
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from antin.keys.providers.software import SoftwareKey
from antin.vault import suites
from antin.vault.sealing import AesGcm
from antin.vault.suites import NotForThisKey, Tampered, UnfitCertificate
from tests import pki

SUITE = AesGcm()
WORDS = "Tài liệu mật: kế hoạch năm 2027.".encode()
KINDS = ["p256", "p384", "rsa2048"]


@cache
def reader(kind: str, number: int = 0) -> pki.Made:
    """A reader's certificate of a kind, not trusted by anybody."""
    return pki.make(f"Người đọc {kind} {number}", above=None, kind=kind, since=datetime(2026, 1, 1, tzinfo=UTC))


def sealed_to(*readers: pki.Made, content: bytes = WORDS) -> tuple[bytes, list[bytes], bytes]:
    content_key = SUITE.fresh_key()
    return SUITE.close(content, content_key), [SUITE.lock_for(content_key, each.der) for each in readers], content_key


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 127, 128, 70_000])
def test_openssl_opens_it(kind: str, size: int, tmp_path: Path) -> None:
    content = bytes(index % 251 for index in range(size))
    one = reader(kind)
    body, locks, _key = sealed_to(reader("rsa2048", 1), one, reader("p256", 1), content=content)
    private = one.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files = {
        "message": SUITE.message(body, locks),
        "key": private,
        "reader": one.certificate.public_bytes(Encoding.PEM),
    }
    for name, given in files.items():
        (tmp_path / name).write_bytes(given)
    asked = ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", "message", "-inkey", "key"]
    done = subprocess.run([*asked, "-recip", "reader"], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, content), done.stderr.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_it_opens_what_openssl_sealed(kind: str, tmp_path: Path) -> None:
    one = reader(kind)
    (tmp_path / "reader").write_bytes(one.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "content").write_bytes(WORDS)
    ways = ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256", "-keyopt", "rsa_mgf1_md:sha256"]
    if kind != "rsa2048":
        ways = ["-keyopt", "ecdh_kdf_md:sha256", "-aes256-wrap"]
    asked = [
        "openssl",
        "cms",
        "-encrypt",
        "-binary",
        "-aes-256-gcm",
        "-outform",
        "DER",
        "-in",
        "content",
        "-recip",
        "reader",
    ]
    done = subprocess.run([*asked, *ways], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    body, locks = SUITE.parts(done.stdout)
    assert SUITE.open(body, SUITE.unlock(locks[0], SoftwareKey(one.private))) == WORDS


@pytest.mark.parametrize("kind", KINDS)
def test_each_reader_opens_it_by_his_own_lock_and_nobody_elses(kind: str) -> None:
    one, other = reader(kind), reader(kind, 1) if kind != "rsa2048" else reader("p256", 1)
    body, (first, second), content_key = sealed_to(one, other)
    key = SoftwareKey(one.private)
    assert SUITE.unlock(first, key) == content_key
    assert SUITE.open(body, SUITE.unlock(first, key)) == WORDS
    with pytest.raises(NotForThisKey):
        SUITE.unlock(second, key)
    again, (fresh,), _key = sealed_to(one)
    assert again != body
    with pytest.raises(Tampered):
        SUITE.open(body, SUITE.unlock(fresh, key))


def test_the_message_is_its_body_and_its_locks() -> None:
    body, locks, _key = sealed_to(reader("p256"), reader("rsa2048"), reader("p384"))
    found, several = SUITE.parts(SUITE.message(body, locks))
    assert (found, sorted(several)) == (body, sorted(locks))
    assert body in SUITE.message(body, locks)


@pytest.mark.parametrize("kind", KINDS)
def test_no_changed_byte_and_no_cut_goes_unnoticed(kind: str) -> None:
    one = reader(kind)
    body, (lock,), _key = sealed_to(one)
    key = SoftwareKey(one.private)

    def opened(some_body: bytes, some_lock: bytes) -> bytes:
        return SUITE.open(some_body, SUITE.unlock(some_lock, key))

    for place in range(len(body)):
        with pytest.raises(Tampered):
            opened(body[:place] + bytes((body[place] ^ 1,)) + body[place + 1 :], lock)
    for end in range(len(body)):
        with pytest.raises(Tampered):
            opened(body[:end], lock)
    for place in range(0, len(lock), 7 if kind == "rsa2048" else 1):
        try:
            assert (
                opened(body, lock[:place] + bytes((lock[place] ^ 1,)) + lock[place + 1 :]) == WORDS
            )  # whose it is only
        except (Tampered, NotForThisKey):
            continue
    for end in range(len(lock)):
        with pytest.raises((Tampered, NotForThisKey)):
            opened(body, lock[:end])
    for junk in (b"", b"\x30", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x30\x86" + b"\xff" * 6, WORDS):
        with pytest.raises(Tampered):
            SUITE.parts(junk)
        with pytest.raises(Tampered):
            opened(junk, lock)
        with pytest.raises(Tampered):
            opened(body, junk)


def test_a_key_without_certificate_is_named_by_its_identifier() -> None:
    for kind in KINDS:
        key = SoftwareKey(reader(kind).private)
        content_key = SUITE.fresh_key()
        assert SUITE.unlock(SUITE.lock_to(content_key, key.public), key) == content_key


def test_nothing_is_sealed_to_a_key_of_another_kind() -> None:
    unfit = pki.make("Người đọc", above=pki.make("Gốc", above=None, ca=True), kind="ed25519")
    with pytest.raises(UnfitCertificate):
        SUITE.lock_for(SUITE.fresh_key(), unfit.der)


def test_a_content_key_and_nonce_are_never_used_again() -> None:
    assert len({SUITE.fresh_key() for _ in range(100)}) == 100
    content_key = SUITE.fresh_key()
    assert len({SUITE.close(WORDS, content_key) for _ in range(100)}) == 100


class Other(AesGcm):
    """A suite that an authority might supply: another cipher, the same locks."""

    name = "other"

    def close(self, content: bytes, content_key: bytes) -> bytes:
        return ChaCha20Poly1305(content_key).encrypt(bytes(12), content, None)

    def open(self, body: bytes, content_key: bytes) -> bytes:
        return ChaCha20Poly1305(content_key).decrypt(bytes(12), body, None)


def test_an_authority_supplies_its_own_suite_and_the_old_one_goes_on_opening(
    settings: pytest_django.fixtures.SettingsWrapper,
) -> None:
    assert suites.newest().name == "cms-aes-256-gcm"
    settings.CIPHER_SUITES = (f"{__name__}.Other", "antin.vault.sealing.AesGcm")
    content_key = suites.newest().fresh_key()
    sealed = suites.newest().close(WORDS, content_key)
    assert suites.named("other").open(sealed, content_key) == WORDS
    assert suites.named("cms-aes-256-gcm").open(SUITE.close(WORDS, content_key), content_key) == WORDS
    with pytest.raises(Tampered):
        suites.named("unknown")


def test_a_point_off_the_curve_opens_nothing() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    key = SoftwareKey(private)
    lock = SUITE.lock_to(SUITE.fresh_key(), ec.generate_private_key(ec.SECP384R1()).public_key())
    with pytest.raises(NotForThisKey):
        SUITE.unlock(lock, key)
