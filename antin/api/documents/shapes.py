"""What is told of a document, and what several acts take: words, a PIN or the keys of one's own device, shares of work."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal, cast

from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import CalledRequest
from antin.documents import queries
from antin.refusal import Refusal, refuse
from antin.signing import operations as signing
from antin.tasks.operations import Share
from antin.vault.operations import DeviceKeys, Opening
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document as Row


router = Router(tags=["Documents"])


PROBLEMS = (403, 404, 409, 422)


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the file, hexadecimal.")]


class BadMoment(Refusal):
    code = "bad_moment"
    words = _("Thời điểm phải kèm múi giờ.")


class Document(Schema):
    """One document as the caller's agency holds it."""

    id: int
    direction: Literal["out", "in"]
    status: str
    type_code: str
    subject: str
    urgency: int = Field(description="0 ordinary, 1 urgent, 2 very urgent, 3 immediate.")
    secrecy: int
    circulation: str = Field(description="How far it may go round: empty, internal, or return after reading.")
    code: str = Field(description="Number and notation, empty before it has one.")
    identifier: str = Field(description="QCVN 102 DocumentId, empty before it has one.")
    document_date: date | None
    issuer_name: str
    body_id: int | None = Field(description="Of the body in whose name it is issued (listBodies); null: the agency's.")
    issuer_code: str
    parties: str
    arrival_number: int | None
    reply_by: date | None
    due_at: datetime | None
    next_act: str = Field(description="What must be done with it now, empty when nothing.")
    standing: str = Field(description="Empty while it holds; corrected, replaced or recalled.")
    standing_by: str = Field(description="Number and notation of the document that replaces or corrects it.")
    file: str = Field(description="SHA-256 of the paper as it stands, empty before there is one.")
    pages: int
    in_reply_to_id: int | None


class Attachment(Schema):
    id: int
    name: str
    file: str
    sealed_file: str
    size: int
    media_type: str


class Recipient(Schema):
    """Whom it goes to: an agency of this node, or one outside it."""

    agency_id: int | None
    correspondent_id: int | None
    name: str
    role: Literal["addressed", "copied"]


class Remark(Schema):
    kind: str
    words: str
    author: str
    at: datetime


class Signatory(Schema):
    """One hand on the page, in the order of the law."""

    part: str = Field(description="initials, format, cosigner, signer.")
    post_id: int
    name: str
    title: str
    agency_name: str
    waiting: bool = Field(description="Whether it is its turn.")
    signed_at: datetime | None
    seals: bool = Field(False, description="Whether its agency, which issues the document too, seals beside it.")
    seal_waiting: bool = Field(False, description="Whether that seal is awaited now.")
    sealed_at: datetime | None = None
    sealed_by: str = ""


class Detail(Document):
    """A document with everything that belongs to it."""

    body: dict[str, Any] | None = None
    revision: int | None = Field(None, description="Give it back when saving a draft, so that nobody is overwritten.")
    signer_name: str = ""
    signatories: list[Signatory] = []
    authority_lines: list[str] = []
    return_reason: str = ""
    fault: str = ""
    verdict: str = ""
    replaces_paper: bool | None = None
    recipients: list[Recipient] = []
    attachments: list[Attachment] = []
    remarks: list[Remark] = []


class Signature(Schema):
    field: str
    kind: str
    verdict: str
    reasons: list[str]
    name: str
    organisation: str
    organisation_code: str
    signed_at: datetime | None
    time_source: str
    intact: bool
    covers_number: bool | None


class Verification(Schema):
    """What the signatures on the paper say."""

    file: str
    verdict: str
    replaces_paper: bool
    verified_at: datetime
    reasons: list[str]
    signatures: list[Signature]


class WordsIn(Schema):
    words: str = ""


Pin = Annotated[
    str | None,
    Field(max_length=64, description="The caller's own PIN; asked where the act opens a classified document."),
]


Keys = Annotated[
    dict[str, str] | None,
    Field(
        description="Instead of the PIN: content keys that the caller's own device opened (lockElsewhere with `everything`), by "
        "content, in base64. Proved, used for this act only, and forgotten."
    ),
]


class PinIn(Schema):
    pin: Pin = None
    keys: Keys = None

    @property
    def opening(self) -> Opening | None:
        """What opens a classified document: the caller's PIN, or keys of his own device. :raises ContentDamaged: unreadable"""
        return DeviceKeys.read(self.keys) if self.keys else self.pin


def pin_of(given: PinIn | None) -> Opening | None:
    """What came to open by, if a body came at all."""
    return given.opening if given is not None else None


class ReasonIn(Schema):
    reason: str


class OpensIn(Schema):
    """What opens a classified page, where it is not the PIN of the key that signs."""

    opening_pin: str | None = Field(None, max_length=64, description="The PIN of the key that opens.")
    keys: Keys = None

    @property
    def opening(self) -> Opening | None:
        return DeviceKeys.read(self.keys) if self.keys else self.opening_pin


class ShareIn(Schema):
    role: Literal["lead", "join", "inform"]
    unit_id: int | None = None
    post_id: int | None = None
    due_at: datetime | None = None
    days: int | None = Field(None, ge=1, le=400, description="Working days instead of a moment.")


class Directive(Schema):
    id: int
    words: str
    giver_name: str
    given_at: datetime


def shares(given: list[ShareIn]) -> list[Share]:
    """:raises BadMoment: a deadline without an offset"""
    if any(share.due_at is not None and share.due_at.tzinfo is None for share in given):
        raise BadMoment()
    return [Share(share.role, share.unit_id, share.post_id, share.due_at, share.days) for share in given]


def now() -> tuple[date, datetime]:
    """Return the Vietnamese day and the moment."""
    at = timezone.now()
    return workdays.local_date(at), at


def document_out(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Document.model_fields}


def again(request: CalledRequest, document_id: int) -> dict[str, Any]:
    return document_out(queries.get_for(request.auth.actor, document_id))


def told_of(report: signing.Report) -> dict[str, Any]:
    return {name: getattr(report, name) for name in Verification.model_fields if name != "signatures"} | {
        "signatures": [{name: getattr(found, name) for name in Signature.model_fields} for found in report.signatures]
    }


def content_of(sent: UploadedFile) -> BinaryIO:
    """What was uploaded, from its beginning.

    :raises TooLarge: :raises NoRoom: refused while it streamed
    """
    refuse(getattr(sent, "refusal", None))
    sent.seek(0)
    return cast(BinaryIO, sent.file)
