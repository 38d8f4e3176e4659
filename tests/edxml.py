"""Messages of the national axis for tests, written from the description of what systems send; every name in them is invented."""

from __future__ import annotations

import base64
import io
import zipfile

MADE = (2026, 3, 9, 8, 0, 0)
URI = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
FROM = "<edXML:From><edXML:OrganId>G99</edXML:OrganId><edXML:OrganName>Bộ Thử nghiệm</edXML:OrganName></edXML:From>"
TO = "<edXML:To><edXML:OrganId>000.00.00.H98</edXML:OrganId><edXML:OrganName>UBND tỉnh Mẫu</edXML:OrganName></edXML:To>"
CODE = (
    "<edXML:Code><edXML:CodeNumber>34E31</edXML:CodeNumber><edXML:CodeNotation>BTN-VP</edXML:CodeNotation></edXML:Code>"
)
ISSUED = (
    "<edXML:PromulgationInfo><edXML:Place>Hà Nội</edXML:Place>"
    "<edXML:PromulgationDate>2026/03/09</edXML:PromulgationDate></edXML:PromulgationInfo>"
)
TYPE = (
    "<edXML:DocumentType><edXML:Type>18</edXML:Type><edXML:TypeDetail>0</edXML:TypeDetail>"
    "<edXML:TypeName>Công văn</edXML:TypeName></edXML:DocumentType>"
)
SIGNER = (
    "<edXML:SignerInfo><edXML:Competence>KT.</edXML:Competence><edXML:Position>Thứ trưởng</edXML:Position>"
    "<edXML:FullName>Lê Văn Thử</edXML:FullName></edXML:SignerInfo>"
)
OTHER = "<edXML:OtherInfo><edXML:Priority>1</edXML:Priority></edXML:OtherInfo>"
ID = "<edXML:DocumentId>G99,2026/03/09,34E31/BTN-VP</edXML:DocumentId>"
SUBJECT = "<edXML:Subject>V/v thử &amp; nghiệm</edXML:Subject>"
STEERING = "<edXML:SteeringType>0</edXML:SteeringType>"
HEADER = FROM + TO + ID + CODE + ISSUED + TYPE + SUBJECT + SIGNER + OTHER + STEERING
HOP = (
    "<edXML:TraceHeader><edXML:OrganId>G99</edXML:OrganId>"
    "<edXML:Timestamp>2026/03/09 08:30:00</edXML:Timestamp></edXML:TraceHeader>"
)
BUSINESS = (
    "<edXML:Bussiness><edXML:BussinessDocType>0</edXML:BussinessDocType>"
    "<edXML:BussinessDocReason>Văn bản mới</edXML:BussinessDocReason><edXML:Paper>0</edXML:Paper></edXML:Bussiness>"
)
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def reference(cid="cid:1", name="a.pdf", kind="application/pdf", more="") -> str:
    return (
        f"<edXML:Reference{more}><edXML:ContentId>{cid}</edXML:ContentId>"
        f"<edXML:ContentType>{kind}</edXML:ContentType><edXML:AttachmentName>{name}</edXML:AttachmentName></edXML:Reference>"
    )


def attachment(content: bytes | str, cid="cid:1", name="a.pdf", kind="application/pdf") -> str:
    encoded = content if isinstance(content, str) else b64(content)
    return (
        f"<Attachment><ContentId>{cid}</ContentId><AttachmentName>{name}</AttachmentName>"
        f"<ContentType>{kind}</ContentType>"
        f'<edXML:ContentTransferEncoded xmlns:edXML="{URI}">{encoded}</edXML:ContentTransferEncoded></Attachment>'
    )


def document(
    header: str = HEADER,
    *,
    trace: str | None = HOP + BUSINESS,
    references: str | None = None,
    attachments: str | None = None,
    signature: str = "",
    declaration: str = '<?xml version="1.0" encoding="UTF-8"?>\r\n',
) -> bytes:
    """A document with one PDF; any part of it can be given differently, or be left out with None."""
    references = reference() if references is None else references
    attachments = attachment(PDF) if attachments is None else attachments
    traces = "" if trace is None else f"<edXML:TraceHeaderList>{trace}</edXML:TraceHeaderList>"
    text = (
        f'{declaration}<edXML xmlns="{URI}"><edXML:edXMLEnvelope xmlns:edXML="{URI}"><edXML:edXMLHeader>'
        f"<edXML:MessageHeader>{header}</edXML:MessageHeader>{traces}{signature}</edXML:edXMLHeader>"
        f'<edXML:edXMLBody><edXML:edXMLManifest version="1.0">{references}</edXML:edXMLManifest></edXML:edXMLBody>'
        f"</edXML:edXMLEnvelope><AttachmentEncoded>{attachments}</AttachmentEncoded></edXML>\r\n"
    )
    return text.encode()


RESPONSE = (
    "<edXML:ResponseFor><edXML:OrganId>G99</edXML:OrganId><edXML:Code>34E31/BTN-VP</edXML:Code>"
    "<edXML:DocumentId>G99,2026/03/09,34E31/BTN-VP</edXML:DocumentId>"
    "<edXML:PromulgationDate>2026/03/09</edXML:PromulgationDate></edXML:ResponseFor>"
)


def status(
    header: str | None = None, *, code: str = "03", response: str = RESPONSE, when: str = "2026/03/10 09:05:01"
) -> bytes:
    """A status of a document."""
    header = header or (
        f"<edXML:From><edXML:OrganId>000.00.00.H98</edXML:OrganId></edXML:From>{response}"
        "<edXML:StaffInfo><edXML:Department>Văn thư</edXML:Department><edXML:Staff>Trần Thị Mẫu</edXML:Staff></edXML:StaffInfo>"
        f"<edXML:StatusCode>{code}</edXML:StatusCode><edXML:Description>Đã vào sổ</edXML:Description>"
        f"<edXML:Timestamp>{when}</edXML:Timestamp>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{URI}"><edXML:edXMLEnvelope xmlns:edXML="{URI}">'
        f"<edXML:edXMLHeader><edXML:MessageHeader>{header}</edXML:MessageHeader></edXML:edXMLHeader>"
        f"</edXML:edXMLEnvelope></edXML>"
    ).encode()


def zipped(*entries: tuple[str, bytes]) -> bytes:
    """A zip written as a stream: sizes in data descriptors."""
    out = io.BytesIO()

    class Stream(io.RawIOBase):
        def write(self, data):
            return out.write(data)

        def writable(self):
            return True

    with zipfile.ZipFile(Stream(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            packed = zipfile.ZipInfo(name, MADE)  # the same bytes at every run: they stand in names of tests
            packed.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(packed, content)
    return out.getvalue()
