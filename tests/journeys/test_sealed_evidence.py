"""Signatures on a classified document stay provable without anybody opening it: evidence grows beside its sealed bytes."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from antin.documents.models import Document
from antin.files import queries as kept
from antin.journeys import receive_document, sealing
from antin.keys import operations as keys
from antin.keys import queries as key_queries
from antin.keys.states import Role
from antin.outbox.operations import Tally
from antin.refusal import NotFound
from antin.signing import operations as signing
from antin.signing import queries, sealed_record
from antin.signing.models import DetachedSignature, Proof
from antin.signing.operations import proofs, responders
from antin.signing.queries import Report
from antin.signing.sealed_record import NotARecord
from antin.signing.states import Kind, Limit, Verdict
from antin.vault import operations as vault
from antin.vault.models import Reading
from tests import secrets
from tests.cast import TODAY, Cast
from tests.outside import Outside, outside
from tests.secrets import PIN

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]
HOUR = timedelta(hours=1)


@pytest.fixture
def tsa(cast: Cast, at: datetime, own_state: Path) -> Iterator[Outside]:
    """An outside timestamp service, whose certificate comes from the node's own root."""
    secrets.give_keys(cast, at)
    with outside(keys.open_timestamper(at=at)) as server:
        responders.set_responder(
            kind="timestamp", name="TSA", address=server.address, seconds=2, actor=None, at=at - timedelta(days=1)
        )
        yield server


def proof_of(document: Document) -> Proof:
    found = queries.find_record(document.file)
    assert found is not None
    return found


def opened_by_head(document: Document, cast: Cast, at: datetime) -> tuple[bytes, bytes]:
    """The pages in clear, and what binds the sealed bytes to them."""
    actor = cast.head.actor()
    unlocked = sealing.unlock(document, pin=PIN, actor=actor, at=at)
    pages = sealing.read_pages(unlocked, actor=actor, at=at)
    return pages.content, vault.commit(unlocked=unlocked, file=pages.file, content=pages.content)


def moments(report: Report) -> list[tuple[str, Kind, Verdict]]:
    return [(each.field, each.kind, each.verdict) for each in report.signatures]


def openssl_holds(token: bytes, covered: bytes, folder: Path, at: datetime) -> bool:
    """What `openssl ts -verify` says of a token over these bytes, by the node's root alone."""
    root = x509.load_der_x509_certificate(bytes(key_queries.get_authority(Role.ROOT).certificate))
    (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "token").write_bytes(token)
    (folder / "covered").write_bytes(covered)
    asked = ["openssl", "ts", "-verify", "-token_in", "-in", "token", "-data", "covered", "-CAfile", "root.pem"]
    moment = ["-attime", str(int(at.timestamp()) + 60)]
    said = subprocess.run([*asked, *moment], cwd=folder, capture_output=True, text=True, check=False)
    return said.returncode == 0 and "Verification: OK" in said.stdout


def test_what_a_silent_service_withheld_comes_beside_the_sealed_bytes_and_nobody_opens_them(
    cast: Cast, at: datetime, tsa: Outside, keep_promises: Keep, tmp_path: Path
) -> None:
    tsa.down = True
    document = secrets.an_issued_document(cast, at)
    pages, bound = opened_by_head(document, cast, at)
    sealed, begun = kept.read(document.file), proof_of(document)
    assert (begun.owed, begun.level, begun.wanted, begun.renewals) == (True, "B-B", "B-LT", 0)
    read_before = Reading.objects.count()
    keep_promises(at + timedelta(minutes=1), faults=True)
    assert proof_of(document).renewals == 0
    tsa.down, later = False, at + timedelta(minutes=3)
    assert responders.try_again(at=later) == ["TSA"]
    keep_promises(later)
    proof = proof_of(document)
    assert (proof.owed, proof.level, proof.renewals) == (False, "B-LTA", 1)
    stamp = key_queries.get_authority(Role.TIMESTAMP)
    assert (proof.until, proof.limit) == (stamp.not_after, Limit.STAMP)
    assert (Reading.objects.count(), kept.read(document.file)) == (read_before, sealed)

    newest = kept.read(proof.newest_id)
    assert newest.startswith(kept.read(proof.file_id))
    for told in (hashlib.sha256(pages), hashlib.sha384(pages), hashlib.sha512(pages)):
        assert told.digest() not in newest
        assert told.hexdigest().encode() not in newest
    ((token, covered),) = sealed_record.read(newest).stamps
    assert newest == covered + token
    assert openssl_holds(token, covered, tmp_path, at)
    assert not openssl_holds(token, covered + b"\0", tmp_path, at)

    beyond = at + timedelta(days=400)
    record = queries.read_record(document.file, bound)
    alone = signing.examine(content=pages, at=beyond)
    joined = signing.examine(content=pages, record=record, at=beyond)
    assert (alone.replaces_paper, alone.apart_at) == (False, None)
    assert {each.level for each in alone.signatures} == {"B-B"}
    assert (joined.verdict, joined.replaces_paper, joined.apart_at) == (Verdict.VALID, True, at)
    assert moments(joined) == [
        ("Person", Kind.PERSON, Verdict.VALID),
        ("Agency", Kind.AGENCY, Verdict.VALID),
        ("Apart.A1", Kind.TIMESTAMP, Verdict.VALID),
    ]
    assert [each.level for each in joined.signatures] == ["B-LTA", "B-LTA", ""]

    assert queries.read_record(document.file, bytes(64)) is None, "another content's"
    spoilt = sealed_record.read(newest[:60] + bytes((newest[60] ^ 1,)) + newest[61:])
    assert not spoilt.is_of(sealed, bound)
    judged = signing.examine(content=pages, record=spoilt, at=beyond)
    assert moments(judged) == moments(alone), "a token that is not over its record proves nothing"
    with pytest.raises(NotARecord):
        sealed_record.read(newest[:-1])
    with pytest.raises(NotARecord):
        sealed_record.read(pages)


def test_it_is_renewed_before_it_ends_and_told_to_whoever_opens(
    cast: Cast, at: datetime, own_state: Path, keep_promises: Keep, tmp_path: Path
) -> None:
    secrets.give_keys(cast, at)
    draft = secrets.an_endorsed_document(cast, at)
    assert secrets.opened(draft, cast.head, at).judged is None
    document = secrets.an_issued_document(cast, at, window="x" * 32)
    proof = proof_of(document)
    assert (proof.owed, proof.level, proof.newest_id) == (False, "B-LT", proof.file_id)
    seen = secrets.opened(document, cast.head, at).judged
    assert seen is not None
    assert (seen.report.replaces_paper, seen.apart, seen.until) == (True, None, None)
    proofs.keep_watch(at=at)
    keep_promises(at + timedelta(minutes=3))
    agency = key_queries.get_certificate_for_agency(cast.agency_id, at)
    proof.refresh_from_db()
    assert (proof.until, proof.limit) == (agency.not_after, Limit.SIGNER)
    pages, bound = opened_by_head(document, cast, at)

    soon = agency.not_after - timedelta(days=30)
    keys.publish_revocation_list(actor=None, at=soon)
    assert proofs.keep_watch(at=soon) == 1
    keep_promises(soon)
    proof.refresh_from_db()
    stamp = key_queries.get_authority(Role.TIMESTAMP)
    assert (proof.level, proof.until, proof.renewals) == ("B-LTA", stamp.not_after, 1)
    again = proofs.complete_proof(proof_id=proof.pk, at=soon)
    assert again.newest_id == proof.newest_id
    Proof.objects.filter(pk=proof.pk).update(until=soon + HOUR)
    twice = proofs.complete_proof(proof_id=proof.pk, at=soon + HOUR)
    newest = kept.read(twice.newest_id)
    assert newest.startswith(kept.read(proof.newest_id))
    record = queries.read_record(document.file, bound)
    assert record is not None
    assert [openssl_holds(*each, tmp_path, soon + HOUR) for each in record.stamps] == [True, True]
    after = agency.not_after + timedelta(days=30)
    keys.publish_revocation_list(actor=None, at=after)
    report = signing.examine(content=pages, record=record, at=after)
    assert (report.verdict, report.replaces_paper, report.apart_at) == (Verdict.VALID, True, soon)
    assert [each.field for each in report.signatures] == ["Person", "Agency", "Apart.A1", "Apart.A2"]
    told = secrets.opened(document, cast.clerk, at + HOUR).judged
    assert told is not None
    assert told.until == twice.until


def test_each_recipient_opens_with_the_same_evidence_and_old_documents_get_theirs_at_an_opening(
    cast: Cast, at: datetime, tsa: Outside, keep_promises: Keep
) -> None:
    note = secrets.held("phu-luc.txt", b"Ba con voi")
    document = secrets.an_issued_document(cast, at, added=(note,))
    first = proof_of(document)
    beside = [row.signature_id for row in DetachedSignature.objects.exclude(file_id=document.file)]
    (enclosed,) = Proof.objects.filter(file_id__in=beside)
    assert (enclosed.level, enclosed.wanted) == ("B-LT", "B-LT")
    keep_promises(at + timedelta(minutes=3))
    arrived = secrets.arrival_of(cast)
    assert arrived.file == document.file
    DetachedSignature.objects.filter(file_id=document.file).delete()
    Proof.objects.filter(pk=first.pk).delete()
    assert queries.find_record(arrived.file) is None
    registered = receive_document.register(
        document_id=arrived.pk, pin=PIN, actor=cast.recipient_clerk.actor(), today=TODAY, at=at + HOUR
    )
    begun = proof_of(arrived)
    assert (begun.file_id, begun.level) == (first.file_id, "B-LT"), "the same bytes give the same record"
    Proof.objects.filter(pk=begun.pk).update(owed=True)
    proofs.complete_proof(proof_id=begun.pk, at=at)
    for member, held in ((cast.recipient_head, registered), (cast.head, document)):
        judged = secrets.opened(held, member, at + HOUR).judged
        assert judged is not None
        assert (judged.apart, judged.report.replaces_paper) == (at, True)
    assert Proof.objects.filter(file_id=first.file_id).count() == 1
    unlocked = sealing.unlock(document, pin=PIN, actor=cast.head.actor(), at=at + HOUR)
    with pytest.raises(NotFound):
        vault.commit(unlocked=unlocked, file="0" * 64, content=b"x")
