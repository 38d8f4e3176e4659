"""The message: every structure of QCVN 102:2016 as systems in use fill it, in the order in which they write it.

Every value is the text that was sent; what it means (dates, numbers, codes) is said by `facts` and `codes`.
"""

# ruff: noqa: RUF009 - `one` describes a field, as `text` and `many` do

from __future__ import annotations

from dataclasses import dataclass, field

from antin.exchange.edxml.notes import Note
from antin.exchange.edxml.shape import Kept, Structure, anything, many, one, text, texts


@dataclass(frozen=True)
class Organisation(Structure):
    """A sender or receiver. Source: edXML `From`, `To`."""

    organ_id: str = text("OrganId")
    in_charge: str = text("OrganizationInCharge", "OrganInCharge")
    name: str = text("OrganName")
    address: str = text("OrganAdd")
    email: str = text("Email")
    telephone: str = text("Telephone")
    fax: str = text("Fax")
    website: str = text("Website")


@dataclass(frozen=True)
class Code(Structure):
    """Number and notation of a document."""

    number: str = text("CodeNumber")
    notation: str = text("CodeNotation")


@dataclass(frozen=True)
class PromulgationInfo(Structure):
    place: str = text("Place")
    date: str = text("PromulgationDate")


@dataclass(frozen=True)
class DocumentType(Structure):
    type: str = text("Type")
    detail: str = text("TypeDetail")
    name: str = text("TypeName")


@dataclass(frozen=True)
class SignerInfo(Structure):
    competence: str = text("Competence")
    position: str = text("Position")
    full_name: str = text("FullName")


@dataclass(frozen=True)
class Appendixes(Structure):
    appendix: tuple[str, ...] = texts("Appendix")


@dataclass(frozen=True)
class OtherInfo(Structure):
    priority: str = text("Priority")
    sphere: str = text("SphereOfPromulgation")
    typer: str = text("TyperNotation")
    copies: str = text("PromulgationAmount")
    pages: str = text("PageAmount")
    direction: str = text("Direction")
    appendixes: Appendixes | None = one(Appendixes, "Appendixes")
    related: tuple[Kept, ...] = anything("ReplyFors", "ReferenceCodes")


@dataclass(frozen=True)
class ResponseFor(Structure):
    """The document this one answers, recalls, or reports on."""

    organ_id: str = text("OrganId")
    code: str = text("Code")
    document_id: str = text("DocumentId")
    date: str = text("PromulgationDate")


@dataclass(frozen=True)
class ResponseForTask(Structure):
    task_codes: tuple[str, ...] = texts("TaskCode")


@dataclass(frozen=True)
class ToPlaces(Structure):
    """Where copies go; not routing."""

    place: tuple[str, ...] = texts("Place")


@dataclass(frozen=True)
class StaffInfo(Structure):
    department: str = text("Department")
    department_id: str = text("DepartmentId")
    staff: str = text("Staff")
    staff_id: str = text("StaffId")
    email: str = text("Email")
    mobile: str = text("Mobile")


@dataclass(frozen=True)
class MessageHeader(Structure):
    """The header of a document or of a status: one shape, told apart by `status_code`."""

    sender: Organisation | None = one(Organisation, "From")
    receivers: tuple[Organisation, ...] = many(Organisation, "To")
    document_id: str = text("DocumentId")
    code: Code | None = one(Code, "Code")
    promulgation: PromulgationInfo | None = one(PromulgationInfo, "PromulgationInfo")
    type: DocumentType | None = one(DocumentType, "DocumentType")
    subject: str = text("Subject")
    content: str = text("Content")
    signer: SignerInfo | None = one(SignerInfo, "SignerInfo")
    due_date: str = text("DueDate")
    other: OtherInfo | None = one(OtherInfo, "OtherInfo")
    response_for: tuple[ResponseFor, ...] = many(ResponseFor, "ResponseFor")
    steering: str = text("SteeringType")
    response_for_task: ResponseForTask | None = one(ResponseForTask, "ResponseForTask")
    application: str = text("ApplicationType")
    to_places: ToPlaces | None = one(ToPlaces, "ToPlaces")
    staff: StaffInfo | None = one(StaffInfo, "StaffInfo")
    status_code: str = text("StatusCode")
    description: str = text("Description")
    timestamp: str = text("Timestamp")


@dataclass(frozen=True)
class TraceHeader(Structure):
    """One hop. `organ_id` may be absent, or the word null."""

    organ_id: str = text("OrganId")
    timestamp: str = text("Timestamp")


@dataclass(frozen=True)
class Receiver(Structure):
    organ_id: str = text("OrganId")
    type: str = text("ReceiverType")


@dataclass(frozen=True)
class ReceiverList(Structure):
    receiver: tuple[Receiver, ...] = many(Receiver, "Receiver")


@dataclass(frozen=True)
class DocumentInfo(Structure):
    """What an update changes."""

    content: str = text("DocumentInfo")
    receivers: str = text("DocumentReceiver")
    receiver_list: ReceiverList | None = one(ReceiverList, "ReceiverList")


@dataclass(frozen=True)
class OrganIdList(Structure):
    organ_id: tuple[str, ...] = texts("OrganId")


@dataclass(frozen=True)
class ReplacementInfo(Structure):
    document_id: str = text("DocumentId")
    organ_ids: OrganIdList | None = one(OrganIdList, "OrganIdList")


@dataclass(frozen=True)
class ReplacementInfoList(Structure):
    replacement: tuple[ReplacementInfo, ...] = many(ReplacementInfo, "ReplacementInfo")


@dataclass(frozen=True)
class Business(Structure):
    """What is being done: 0 new, 1 recall, 2 update, 3 replace. The regulation spells it with a double s."""

    document_id: str = text("DocumentId")
    type: str = text("BussinessDocType", "BusinessDocType")
    reason: str = text("BussinessDocReason", "BusinessDocReason")
    paper: str = text("Paper")
    document: DocumentInfo | None = one(DocumentInfo, "BussinessDocumentInfo", "BusinessDocumentInfo")
    replacements: ReplacementInfoList | None = one(ReplacementInfoList, "ReplacementInfoList")
    staff: tuple[StaffInfo, ...] = many(StaffInfo, "StaffInfo")


@dataclass(frozen=True)
class TraceHeaderList(Structure):
    business: Business | None = one(Business, "Bussiness", "Business")
    hops: tuple[TraceHeader, ...] = many(TraceHeader, "TraceHeader")
    paper: str = text("Paper")


@dataclass(frozen=True)
class Header(Structure):
    message: MessageHeader | None = one(MessageHeader, "MessageHeader")
    trace: TraceHeaderList | None = one(TraceHeaderList, "TraceHeaderList")
    signatures: tuple[Kept, ...] = anything("Signature", "DigitalSignature")


@dataclass(frozen=True)
class Reference(Structure):
    """One line of the manifest."""

    content_id: str = text("ContentId")
    content_type: str = text("ContentType")
    description: str = text("Description")
    name: str = text("AttachmentName")


@dataclass(frozen=True)
class Manifest(Structure):
    references: tuple[Reference, ...] = many(Reference, "Reference")


@dataclass(frozen=True)
class Body(Structure):
    manifest: Manifest | None = one(Manifest, "edXMLManifest", "Manifest")


@dataclass(frozen=True)
class Envelope(Structure):
    header: Header | None = one(Header, "edXMLHeader", "Header")
    body: Body | None = one(Body, "edXMLBody", "Body")


@dataclass(frozen=True)
class Attachment(Structure):
    """One file. `carried` is what the base64 held, `file` what a person gets: the same, or the one entry of a zip."""

    content_id: str = text("ContentId", bare=True)
    name: str = text("AttachmentName", bare=True)
    description: str = text("Description", bare=True)
    field_name: str = text("FieldName", bare=True)
    mime_type: str = text("MimeType", bare=True)
    content_type: str = text("ContentType", bare=True)
    format: str = text("Format", bare=True)
    file: bytes = field(default=b"", repr=False)
    reference: int | None = None  # which line of the manifest is about it
    shown_name: str = ""  # the last segment of the name, its own or the manifest's
    shown_type: str = ""
    notes: tuple[Note, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Encoded(Structure):
    attachments: tuple[Attachment, ...] = many(Attachment, "Attachment", bare=True)


@dataclass(frozen=True)
class Message(Structure):
    """A whole message, and what was odd about it."""

    envelope: Envelope = one(Envelope, "edXMLEnvelope")
    encoded: Encoded | None = one(Encoded, "AttachmentEncoded", bare=True)
    notes: tuple[Note, ...] = field(default=(), compare=False)

    @property
    def header(self) -> MessageHeader:
        found = self.envelope.header.message if self.envelope.header else None
        return found or MessageHeader()

    @property
    def trace(self) -> TraceHeaderList | None:
        return self.envelope.header.trace if self.envelope.header else None

    @property
    def business(self) -> Business | None:
        return self.trace.business if self.trace else None

    @property
    def references(self) -> tuple[Reference, ...]:
        manifest = self.envelope.body.manifest if self.envelope.body else None
        return manifest.references if manifest else ()

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return self.encoded.attachments if self.encoded else ()

    @property
    def is_status(self) -> bool:
        """There is no flag for it: a status has a status code, or at least nothing of a document."""
        header = self.header
        if header.status_code:
            return True
        of_document = header.receivers or header.subject or header.code or header.document_id or self.attachments
        return bool(header.timestamp and any(header.response_for) and not of_document)

    @property
    def damaged(self) -> bool:
        return any(note.damage for note in self.notes) or any(
            note.damage for each in self.attachments for note in each.notes
        )
