"""Verification of kept files: once per file and state of trust, for everybody; told again when trust or time changes the answer."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pytest_django import DjangoAssertNumQueries

from antin.keys import operations as keys
from antin.refusal import NotFound
from antin.signing import operations as signing
from antin.signing import queries
from antin.signing.models import Verification
from antin.signing.operations import levels
from antin.signing.states import Reason, Verdict
from tests import signatures
from tests.cast import Cast
from tests.rooms.signing import test_corpus as corpus
from tests.rooms.signing.test_sign import pdfsig
from tests.signatures import Keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(cast: Cast, at: datetime, own_state: Path) -> Keys:
    return signatures.issue_keys(cast, crl_at=at)


def test_a_file_is_judged_once_for_all_its_recipients(
    cast: Cast,
    held: Keys,
    at: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = signatures.issued(cast, held, at)
    first = signing.verify(file=file, at=at)
    monkeypatch.setattr(signing.verification, "verify", None)
    with django_assert_max_num_queries(4):
        assert signing.verify(file=file, at=at + timedelta(minutes=1)) == first
    assert Verification.objects.count() == 1
    assert queries.find_report(file) == first
    assert queries.find_reports([file, "0" * 64]) == {file: first}


def test_a_new_revocation_list_makes_it_judged_again(cast: Cast, held: Keys, at: datetime) -> None:
    file = signatures.issued(cast, held, at)
    assert signing.verify(file=file, at=at).verdict == Verdict.VALID
    keys.revoke(certificate_id=held.head.id, reason="superseded", actor=None, at=at + timedelta(hours=1))
    again = signing.verify(file=file, at=at + timedelta(hours=2))
    assert (again.verdict, again.signatures[0].revoked_at) == (Verdict.VALID, at + timedelta(hours=1))
    assert Verification.objects.count() == 2


def test_a_report_that_time_can_change_is_not_used_beyond_its_day(cast: Cast, held: Keys, at: datetime) -> None:
    levels.set_rule(agency_id=None, signing="", secrecy=None, level="B-T", grace_hours=24, actor=None, at=at)
    file = signatures.issued(cast, held, at)
    fresh = signing.verify(file=file, at=at)
    assert fresh.holds_until == at - timedelta(hours=1) + timedelta(days=7)
    later = signing.verify(file=file, at=at + timedelta(days=8))
    assert (later.verdict, later.signatures[0].reasons) == (Verdict.UNDETERMINED, (Reason.REVOCATION_UNKNOWN,))
    keys.publish_revocation_list(actor=None, at=at + timedelta(days=8))
    assert signing.verify(file=file, at=at + timedelta(days=8)).verdict == Verdict.VALID


def test_only_what_is_kept_can_be_verified(held: Keys, at: datetime) -> None:
    with pytest.raises(NotFound):
        signing.verify(file="0" * 64, at=at)


def test_a_picture_and_a_damaged_file_get_a_report_too(held: Keys, at: datetime) -> None:
    for content in (b"\x89PNG\r\n\x1a\n", b"%PDF-1.4 nothing"):
        report = signing.verify(file=signatures.kept(content, at), at=at)
        assert not report.replaces_paper
        assert report.words


@pytest.mark.parametrize(
    "make_case",
    [corpus.flipped_byte, corpus.flipped_byte_after_the_person, corpus.signature_value_changed],
    ids=lambda case: case.__name__,
)
def test_pdfsig_finds_the_same_tampered_bytes(make_case, tmp_path: Path) -> None:
    """Poppler sees changed bytes as we do; what later revisions may change it does not judge."""
    case = make_case()
    ours = [Reason.INTEGRITY_FAIL not in found.reasons for found in corpus.judged(case).signatures]
    said = pdfsig(case.pdf, tmp_path).split("Signature #")[1:]
    theirs = ["Signature is Valid." in each for each in said if "not signed" not in each]
    assert theirs == ours
    assert False in theirs


def test_openssl_verifies_the_cms_over_the_bytes_signed(tmp_path: Path) -> None:
    """The signature alone, taken out of the file, is a CMS that OpenSSL follows up to our root."""
    house, pdf = corpus.a_house(), corpus.person(corpus.a_house())
    start = corpus.contents_start(pdf) - 1
    end = pdf.find(b">", start) + 1
    (tmp_path / "signed").write_bytes(pdf[:start] + pdf[end:])
    der = bytes.fromhex(pdf[start + 1 : end - 1].decode())
    (tmp_path / "cms.der").write_bytes(der[: 4 + int.from_bytes(der[2:4], "big")])
    (tmp_path / "root.pem").write_bytes(house.root.certificate.public_bytes(Encoding.PEM))
    words = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms.der", "-content", "signed"]
    words += ["-CAfile", "root.pem", "-purpose", "any", "-attime", str(int(corpus.V.timestamp())), "-out", "out"]
    result = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "CMS Verification successful" in result.stderr
