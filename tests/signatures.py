"""A letter on its way through person's signature, number and seal, made by the operations themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from antin.files import operations as files
from antin.files import queries as kept_files
from antin.keys import operations as keys
from antin.keys.models import Certificate
from antin.signing import operations as signing
from antin.typeset.letter import Facts, Layout, lay_out
from tests.cast import Cast

ISSUED_AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
"""When the authority and all certificates of these tests came to be."""
PIN = "28051954"
VALUES = {"number": "15", "day": "23", "month": "11", "year": "2026"}


@cache
def layout() -> Layout:
    """A letter of one page."""
    words = {"type": "text", "text": "Đề nghị các đơn vị báo cáo kết quả trước ngày 30 tháng 11."}
    return lay_out(
        Facts(
            form="letter",
            type_code="CV",
            type_name="Công văn",
            notation="TCZ-VP",
            issuer_name="Tổng cục Z",
            parent_name="Bộ Y",
            place="Hà Nội",
            subject="báo cáo kết quả",
            addressees=("Trung tâm B1",),
            recipients=("Như trên", "Lưu: VT, VP."),
            authority=("TỔNG CỤC TRƯỞNG",),
            signer_name="Nguyễn Văn An",
            body={"type": "doc", "content": [{"type": "paragraph", "content": [words]}]},
            made_at=datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
        )
    )


@dataclass(frozen=True)
class Keys:
    head: Certificate
    agency: Certificate


def issue_keys(cast: Cast, *, crl_at: datetime | None = None) -> Keys:
    """The authority, a certificate of the head and one of the agency; a fresh revocation list at `crl_at`."""
    keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=ISSUED_AT)
    head = keys.issue_person_certificate(
        person_id=cast.head.person_id, post_id=cast.head.post_id, pin=PIN, actor=None, at=ISSUED_AT
    )
    agency = keys.issue_agency_certificate(agency_id=cast.agency_id, actor=None, at=ISSUED_AT)
    if crl_at is not None:
        keys.publish_revocation_list(actor=None, at=crl_at - timedelta(hours=1))
    return Keys(head, agency)


def prepared(at: datetime) -> str:
    return files.keep(signing.prepare(layout().pdf, layout().places), at=at).digest


def signed_by_head(cast: Cast, held: Keys, at: datetime, *, file: str = "", key: str = "person:1") -> str:
    request = signing.open_request(
        key=key, file=file or prepared(at), field="Person", certificate_id=held.head.id, actor=cast.head.actor(), at=at
    )
    return str(signing.carry_out(request_id=request.id, pin=PIN, at=at).result_file)


def sealed(cast: Cast, held: Keys, file: str, at: datetime, *, key: str = "agency:1") -> str:
    request = signing.open_request(
        key=key, file=file, field="Agency", certificate_id=held.agency.id, actor=cast.seal_keeper.actor(), at=at
    )
    return str(signing.carry_out(request_id=request.id, pin=None, at=at).result_file)


def issued(cast: Cast, held: Keys, at: datetime) -> str:
    """The whole way: prepared, signed by the head, numbered, sealed."""
    person = signed_by_head(cast, held, at)
    return sealed(cast, held, signing.fill(file=person, values=VALUES, at=at), at + timedelta(minutes=1))


def content(file: str) -> bytes:
    return kept_files.read(file)


def kept(pdf: bytes, at: datetime) -> str:
    return files.keep(pdf, at=at).digest
