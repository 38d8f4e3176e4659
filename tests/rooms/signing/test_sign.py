"""A letter signed by the head, numbered, sealed by the agency; and every way in which that is refused."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from antin.journal import queries as journal
from antin.keys import operations as keys
from antin.keys.policy import CertificateExpired, CertificateRevoked, PinMissing
from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.signing import queries
from antin.signing.policy import (
    AlreadySigned,
    AnotherAgencysCertificate,
    AnothersCertificate,
    FieldFilled,
    FieldMissing,
    FileEncrypted,
    FileSignedBefore,
    FileUnreadable,
    NotSealKeeper,
    WrongKindOfCertificate,
)
from antin.signing.states import Changes, Kind, Level, Reason, RequestState, TimeSource, Verdict
from tests import signatures
from tests.cast import Cast
from tests.signatures import PIN, Keys

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(cast: Cast, at: datetime, own_state: Path) -> Keys:
    return signatures.issue_keys(cast, crl_at=at)


def pdfsig(content: bytes, folder: Path) -> str:
    """What poppler says of the signatures; it knows no certificates here."""
    if shutil.which("pdfsig") is None:
        pytest.fail("pdfsig is missing: install poppler-utils")
    path = folder / "file.pdf"
    path.write_bytes(content)
    return subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout


def test_a_letter_signed_numbered_and_sealed_is_valid_and_replaces_paper(
    cast: Cast, held: Keys, at: datetime, tmp_path: Path
) -> None:
    file = signatures.issued(cast, held, at)
    report = signing.verify(file=file, at=at + timedelta(hours=1))
    person, agency = report.signatures
    assert (report.verdict, report.reasons, report.replaces_paper) == (Verdict.VALID, (), True)
    assert (person.kind, person.field, person.name, person.title) == (
        Kind.PERSON,
        "Person",
        "Nguyễn Văn An",
        "Tổng cục trưởng",
    )
    assert (person.organisation, person.organisation_code) == ("Tổng cục Z", "G11.90")
    assert (person.reasons, person.covers_file, person.changes) == ((Reason.VALID,), False, Changes.ALLOWED)
    assert (agency.kind, agency.name, agency.organisation_code) == (Kind.AGENCY, "Tổng cục Z", "G11.90")
    assert (agency.covers_file, agency.covers_number, agency.changes) == (False, True, Changes.NONE)
    assert (person.signed_at, person.time_source) == (at, TimeSource.TIMESTAMP)
    assert agency.signed_at == at + timedelta(minutes=1)
    assert agency.words == ("Chữ ký số hợp lệ",)
    seen = pdfsig(signatures.content(file), tmp_path)
    assert seen.count("Signature is Valid.") == 2


def test_the_same_request_gives_the_same_row_and_one_signature(cast: Cast, held: Keys, at: datetime) -> None:
    file = signatures.prepared(at)
    asked = {"key": "k", "file": file, "field": "Person", "certificate_id": held.head.id, "actor": cast.head.actor()}
    first = signing.open_request(**asked, at=at)
    again = signing.open_request(**asked, at=at + timedelta(minutes=1))
    assert first.id == again.id
    done = signing.carry_out(request_id=first.id, pin=PIN, at=at)
    repeated = signing.carry_out(request_id=first.id, pin=None, at=at + timedelta(minutes=2))
    assert (done.state, repeated.result_file) == (RequestState.DONE, done.result_file)
    with pytest.raises(AlreadySigned):
        signing.open_request(**{**asked, "file": done.result_file}, at=at)
    events = [row.event for row in journal.list_for(("signing_request", first.id))]
    assert sorted(events) == ["signature.asked", "signature.made"]


@pytest.mark.parametrize(
    ("field", "whose", "who", "refusal"),
    [
        ("Person", "agency", "head", WrongKindOfCertificate),
        ("Agency", "head", "head", WrongKindOfCertificate),
        ("Person", "head", "deputy", AnothersCertificate),
        ("Agency", "agency", "clerk", NotSealKeeper),
        ("Agency", "agency", "recipient_clerk", AnotherAgencysCertificate),
    ],
)
def test_the_wrong_certificate_or_person_is_refused_before_signing(
    cast: Cast, held: Keys, at: datetime, *, field: str, whose: str, who: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        signing.open_request(
            key="k",
            file=signatures.prepared(at),
            field=field,
            certificate_id=getattr(held, whose).id,
            actor=getattr(cast, who).actor(),
            at=at,
        )
    assert queries.find_request("k") is None


def test_a_certificate_revoked_between_approval_and_signing_is_refused_and_may_be_asked_anew(
    cast: Cast, held: Keys, at: datetime
) -> None:
    file = signatures.prepared(at)
    asked = {"key": "k", "file": file, "field": "Person", "actor": cast.head.actor()}
    request = signing.open_request(**asked, certificate_id=held.head.id, at=at)
    keys.revoke(certificate_id=held.head.id, reason="superseded", actor=None, at=at)
    for _ in range(2):
        with pytest.raises(CertificateRevoked) as refused:
            signing.carry_out(request_id=request.id, pin=PIN, at=at)
        assert "Nguyễn Văn An" in refused.value.message
    assert queries.get_request(request.id).state == RequestState.REFUSED
    fresh = keys.issue_person_certificate(
        person_id=cast.head.person_id, post_id=cast.head.post_id, pin=PIN, actor=None, at=at
    )
    again = signing.open_request(**asked, certificate_id=fresh.id, at=at)
    assert again.id == request.id
    assert signing.carry_out(request_id=again.id, pin=PIN, at=at).state == RequestState.DONE


def test_a_certificate_expired_between_approval_and_signing_is_refused(cast: Cast, held: Keys, at: datetime) -> None:
    request = signing.open_request(
        key="k",
        file=signatures.prepared(at),
        field="Person",
        certificate_id=held.head.id,
        actor=cast.head.actor(),
        at=at,
    )
    with pytest.raises(CertificateExpired):
        signing.carry_out(request_id=request.id, pin=PIN, at=held.head.not_after)


def test_a_persons_key_needs_its_pin_and_the_request_stays_open(cast: Cast, held: Keys, at: datetime) -> None:
    request = signing.open_request(
        key="k",
        file=signatures.prepared(at),
        field="Person",
        certificate_id=held.head.id,
        actor=cast.head.actor(),
        at=at,
    )
    with pytest.raises(PinMissing):
        signing.carry_out(request_id=request.id, pin=None, at=at)
    assert queries.get_request(request.id).state == RequestState.ASKED
    assert signing.carry_out(request_id=request.id, pin=PIN, at=at).state == RequestState.DONE


def test_a_field_is_filled_once_and_only_if_it_was_prepared(cast: Cast, held: Keys, at: datetime) -> None:
    person = signatures.signed_by_head(cast, held, at)
    filled = signing.fill(file=person, values=signatures.VALUES, at=at)
    with pytest.raises(FieldFilled):
        signing.fill(file=filled, values={"number": "16"}, at=at)
    with pytest.raises(FieldMissing):
        signing.fill(file=person, values={"secret": "16"}, at=at)
    with pytest.raises(FieldFilled):
        signatures.signed_by_head(cast, held, at, file=person, key="twice")


def test_a_signed_damaged_or_encrypted_file_cannot_be_prepared(cast: Cast, held: Keys, at: datetime) -> None:
    places = signatures.layout().places
    with pytest.raises(FileSignedBefore):
        signing.prepare(signatures.content(signatures.signed_by_head(cast, held, at)), places)
    with pytest.raises(FileUnreadable):
        signing.prepare(b"%PDF-1.7\nno more", places)
    with pytest.raises(FileEncrypted):
        signing.prepare(encrypted(signatures.layout().pdf), places)


def encrypted(pdf: bytes) -> bytes:
    from io import BytesIO

    import pikepdf

    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="chu", user="khach"))
    return out.getvalue()


def test_an_attachment_shows_number_and_time_and_no_image(cast: Cast, held: Keys, at: datetime, tmp_path: Path) -> None:
    request = signing.sign_attachment(
        key="attachment:1",
        file=signatures.kept(signatures.layout().pdf, at),
        notation="15/TCZ-VP",
        certificate_id=held.agency.id,
        actor=cast.seal_keeper.actor(),
        at=at,
    )
    content = signatures.content(str(request.result_file))
    (tmp_path / "a.pdf").write_bytes(content)
    text = subprocess.run(
        ["pdftotext", "-layout", "a.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert text.splitlines()[0].strip() == "Số: 15/TCZ-VP; 2026-11-23; 09:00:00+07:00"
    report = signing.verify(file=str(request.result_file), at=at)
    assert (report.verdict, report.reasons, report.replaces_paper) == (Verdict.VALID, (Reason.AGENCY_ONLY,), False)
    again = signing.sign_attachment(
        key="attachment:1",
        file=signatures.kept(signatures.layout().pdf, at),
        notation="15/TCZ-VP",
        certificate_id=held.agency.id,
        actor=cast.seal_keeper.actor(),
        at=at + timedelta(hours=1),
    )
    assert again.result_file == request.result_file


def test_a_field_is_found_where_the_layout_put_it(cast: Cast, held: Keys, at: datetime) -> None:
    wanted = signatures.layout().places["person"]
    for file in (signatures.prepared(at), signatures.issued(cast, held, at)):
        found = queries.find_place(file, "Person")
        assert found is not None
        assert found.page == wanted.page
        box = (found.x, found.y, found.width, found.height)
        assert box == pytest.approx(
            (wanted.x, wanted.y, wanted.width, wanted.height), abs=0.2
        )  # a file keeps two digits
    assert queries.find_place(signatures.prepared(at), "Cosigner") is None
    assert queries.find_place(signatures.kept(b"no PDF", at), "Person") is None


def test_the_same_places_and_values_give_the_same_bytes(cast: Cast, held: Keys, at: datetime) -> None:
    layout = signatures.layout()
    assert signing.prepare(layout.pdf, layout.places) == signing.prepare(layout.pdf, layout.places)
    person = signatures.signed_by_head(cast, held, at)
    values = signatures.VALUES
    assert signing.fill(file=person, values=values, at=at) == signing.fill(file=person, values=values, at=at)


def test_a_long_term_signature_carries_its_lists_and_holds_without_ours(cast: Cast, held: Keys, at: datetime) -> None:
    file = signatures.prepared(at)
    for key, field, certificate, actor, pin in (
        ("p", "Person", held.head, cast.head.actor(), PIN),
        ("a", "Agency", held.agency, cast.seal_keeper.actor(), None),
    ):
        if field == "Agency":
            file = signing.fill(file=file, values=signatures.VALUES, at=at)
        request = signing.open_request(
            key=key, file=file, field=field, certificate_id=certificate.id, actor=actor, at=at, level=Level.B_LT
        )
        file = signing.carry_out(request_id=request.id, pin=pin, at=at).result_file
    later = at + timedelta(days=1000)
    assert signing.verify(file=file, at=later).replaces_paper
    assert b"/DSS" in signatures.content(file)


def test_a_document_timestamp_is_added_over_a_sealed_file(cast: Cast, held: Keys, at: datetime) -> None:
    file = signing.timestamp(file=signatures.issued(cast, held, at), at=at + timedelta(hours=1))
    report = signing.verify(file=file, at=at + timedelta(hours=2))
    assert [found.kind for found in report.signatures] == [Kind.PERSON, Kind.AGENCY, Kind.TIMESTAMP]
    assert report.signatures[2].covers_file
    assert report.replaces_paper


def test_every_font_of_a_sealed_letter_is_embedded(cast: Cast, held: Keys, at: datetime, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(signatures.content(signatures.issued(cast, held, at)))
    listed = subprocess.run(["pdffonts", "a.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    rows = listed.splitlines()[2:]
    assert len(rows) >= 4
    assert all("Tinos" in row and row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows)


def test_number_and_date_stand_where_the_page_left_room(cast: Cast, held: Keys, at: datetime, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(signatures.content(signatures.issued(cast, held, at)))
    words = ["pdftotext", "-layout", "a.pdf", "-"]
    text = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    line = next(row for row in text.splitlines() if "Số:" in row)
    assert " ".join(line.split()) == "Số: 15/TCZ-VP Hà Nội, ngày 23 tháng 11 năm 2026"
