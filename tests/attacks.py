"""Papers made by hand, signed by true keys, and then attacked as the literature does: the families of pdf-insecurity.org and what
arrival-stamp tools do. Every byte is known, so that an attack touches what it means to touch and nothing else."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.keys import load_private_key_from_pemder_data
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.stamp import NoOpStampStyle, TextStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from antin.keys import timestamping
from antin.keys.timestamping import Timestamper
from tests.pki import Made

S = datetime.fromisoformat("2026-11-23T02:00:00+00:00")
TEXT = b"BT /F1 24 Tf 72 700 Td (So tien phai tra: 100 trieu dong) Tj 0 -40 Td (Han cuoi: 30/11/2026) Tj ET"
OTHER = b"BT /F1 24 Tf 72 700 Td (So tien phai tra: 900 trieu dong) Tj 0 -40 Td (Han cuoi: 01/01/2027) Tj ET"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %s/Resources<</Font<</F1 5 0 R>>%s>>%s>>"


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def paper(
    *,
    content: bytes = b"4 0 R",
    resources: bytes = b"",
    page: bytes = b"",
    catalogue: bytes = b"",
    more: dict[int, bytes] | None = None,
) -> bytes:
    """A page of two lines; `more` are further objects from 6 on."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: PAGE % (content, resources, page),
        4: stream(TEXT),
        5: FONT,
        **(more or {}),
    }
    out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = max(objects) + 1
    rows = b"".join(
        b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 00001 f \n"
        for number in range(1, size)
    )
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        rows,
        size,
        len(out),
    )


def last_xref(pdf: bytes) -> int:
    return int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])


def size_of(pdf: bytes) -> int:
    return max(int(each) for each in re.findall(rb"/Size (\d+)", pdf))


def append(
    pdf: bytes,
    objects: dict[int, bytes | None],
    *,
    root: int = 1,
    xref: bool = True,
    trailer: bool = True,
    previous: bool = True,
    at: dict[int, int] | None = None,
    extra: bytes = b"",
) -> bytes:
    """An incremental update made by hand: objects written anew (None: freed), or xref entries that point where one likes (`at`)."""
    out, places = pdf if pdf.endswith(b"\n") else pdf + b"\n", dict[int, int | None]()
    for number, body in objects.items():
        if body is None:
            places[number] = None
            continue
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    places |= at or {}
    start = len(out)
    if xref:
        out += b"xref\n"
        for number, place in sorted(places.items()):
            row = b"0000000000 00001 f " if place is None else b"%010d 00000 n " % place
            out += b"%d 1\n%s\n" % (number, row)
        if not places:
            out += b"0 0\n"
    if trailer:
        size = max([size_of(pdf), *(number + 1 for number in places)])
        before = b"/Prev %d" % last_xref(pdf) if previous else b""
        out += b"trailer\n<</Size %d/Root %d 0 R%s%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, root, before, extra, start)
    return out


class Dated(PdfSigner):
    """Signs at the moment of the corpus, not today, and what it should not."""

    at = S

    def _enforce_certification_constraints(self, reader: Any) -> None:
        return

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


@dataclass(frozen=True)
class Look:
    """How a signature is seen: where, and what it says; filled paints the box white first."""

    box: tuple[int, int, int, int] = (350, 100, 520, 180)
    words: str = "Da ky"
    filled: bool = False


def _signer(by: Made, brought: Sequence[bytes] = (), *, pss: bool = False) -> SimpleSigner:
    private = by.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    registry = SimpleCertificateStore()
    registry.register_multiple(asn1.Certificate.load(der) for der in (*by.chain, *brought))
    return SimpleSigner(
        asn1.Certificate.load(by.der),
        load_private_key_from_pemder_data(private, passphrase=None),
        registry,
        prefer_pss=pss,
    )


def sign(
    pdf: bytes,
    by: Made,
    *,
    field: str = "Ky1",
    look: Look | None = None,
    level: MDPPerm | None = None,
    digest: str = "sha256",
    subfilter: SigSeedSubFilter = SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
    existing: bool = False,
    pss: bool = False,
    brought: Sequence[bytes] = (),
    archived: Sequence[bytes] = (),
    roots: Sequence[bytes] = (),
    stamper: Timestamper | None = None,
    at: datetime = S,
    password: bytes | None = None,
) -> bytes:
    """Sign as foreign tools do: a new field, an approval signature or a certification, no timestamp."""
    signer = _signer(by, brought, pss=pss)
    meta = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=digest,
        subfilter=subfilter,
        embed_validation_info=bool(archived),
        validation_context=_believing(roots, archived, by, at) if archived else None,
        certify=level is not None,
        docmdp_permissions=level or MDPPerm.FILL_FORMS,
    )
    spec = None if existing else SigFieldSpec(field, box=look.box if look else None)
    style = NoOpStampStyle()
    if look is not None:
        style = TextStampStyle(stamp_text=look.words, border_width=0, background=white() if look.filled else None)
    made = Dated(meta, signer, stamp_style=style, new_field_spec=spec)
    made.at = at
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    if password is not None:
        writer.encrypt(password)
    asyncio.run(
        made.async_sign_pdf(
            writer, existing_fields_only=existing, bytes_reserved=16000 + 1200 * len(brought), output=out
        )
    )
    return stamped(out.getvalue(), stamper) if stamper else out.getvalue()


def _believing(roots: Sequence[bytes], lists: Sequence[bytes], by: Made, at: datetime) -> ValidationContext:
    """What the signing tool believes, so that it can archive revocation data in the signature itself."""
    return ValidationContext(
        trust_roots=[asn1.Certificate.load(der) for der in roots],
        other_certs=[asn1.Certificate.load(der) for der in by.chain],
        crls=list(lists),
        allow_fetching=False,
        moment=at,
        revocation_mode="require",
    )


def tlv(tag: int, content: bytes) -> bytes:
    """DER by hand: asn1crypto takes half a minute to write a CMS that was changed in its depth."""
    size = len(content)
    length = (
        bytes([size])
        if size < 128
        else bytes([0x80 + (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8, "big")
    )
    return bytes([tag]) + length + content


def stamped(pdf: bytes, stamper: Timestamper) -> bytes:
    """Put a timestamp over the last signature, among its unsigned attributes, in the room that was left."""
    _zero, before, after, _rest = gap_of(pdf)
    info = cms.ContentInfo.load(bytes.fromhex(pdf[before + 1 : after - 1].decode()))
    signer = info["content"]["signer_infos"][0]
    token = timestamping.ask(hashlib.sha256(signer["signature"].native).digest(), stamper)
    attribute = cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [cms.ContentInfo.load(token)]})
    longer = tlv(0x30, signer.contents + tlv(0xA1, attribute.dump()))
    names = ("version", "digest_algorithms", "encap_content_info", "certificates")
    inside = b"".join(info["content"][name].dump() for name in names) + tlv(0x31, longer)
    made = tlv(0x30, info["content_type"].dump() + tlv(0xA0, tlv(0x30, inside))).hex().encode()
    return pdf[: before + 1] + made.ljust(after - before - 2, b"0") + pdf[after - 1 :]


def white() -> Any:
    """A sheet of white to lie under the words of a stamp."""
    return RawContent(b"1 1 1 rg 0 0 500 500 re f", box=BoxConstraints(width=500, height=500))


def number_of(pdf: bytes, marker: bytes) -> int:
    """The number of the last object in whose body the marker stands."""
    place = pdf.rfind(marker)
    return int(re.findall(rb"(\d+) 0 obj", pdf[:place])[-1])


def body_of(pdf: bytes, number: int) -> bytes:
    """The last body written of that object."""
    found = list(re.finditer(rb"(?<!\d)%d 0 obj\s" % number, pdf))[-1]
    return pdf[found.end() : pdf.find(b"endobj", found.end())].strip()


def gap_of(pdf: bytes) -> tuple[int, int, int, int]:
    """The byte range of the last signature."""
    said = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)[-1]
    return tuple(int(each) for each in said)  # type: ignore[return-value]


def opaque(width: int, height: int, words: bytes = b"") -> bytes:
    """A picture of white paper with words on it."""
    said = b"1 1 1 rg 0 0 %d %d re f 0 0 0 rg BT /F1 24 Tf 2 4 Td (%s) Tj ET" % (width, height, words)
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 %d %d]/Resources<</Font<</F1 5 0 R>>>>" % (width, height)
    return stream(said, entries)


def many_signatures(by: Made, count: int) -> bytes:
    """A page signed so many times, each by an update of its own, written by hand because pyHanko would take minutes."""
    out = bytearray(paper(catalogue=b"/AcroForm 6 0 R", more={6: b"<</Fields[]/SigFlags 3>>"}))
    previous, names = last_xref(bytes(out)), b""
    signer, dated = _signer(by), PdfCMSSignedAttributes(signing_time=S)
    for place in range(count):
        field, dictionary = 100 + 2 * place, 101 + 2 * place
        names += b"%d 0 R " % field
        starts = {6: len(out)}
        out += b"6 0 obj\n<</Fields[%s]/SigFlags 3>>\nendobj\n" % names
        starts[field] = len(out)
        out += b"%d 0 obj\n<</FT/Sig/T(K%d)/V %d 0 R>>\nendobj\n" % (field, place, dictionary)
        starts[dictionary] = len(out)
        out += b"%d 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[" % dictionary
        hole = len(out)
        out += b" " * 60 + b"]/Contents"
        before = len(out)
        out += b"<" + b"0" * 4096 + b">"
        after = len(out)
        out += b">>\nendobj\n"
        table = len(out)
        out += b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % each for each in sorted(starts.items()))
        out += b"trailer\n<</Size %d/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (dictionary + 1, previous, table)
        previous = table
        out[hole : hole + 60] = (b"0 %d %d %d" % (before, after, len(out) - after)).ljust(60)
        digest = hashlib.sha256(out[:before] + out[after:]).digest()
        made = asyncio.run(signer.async_sign(digest, "sha256", signed_attr_settings=dated)).dump()
        out[before + 1 : before + 1 + 2 * len(made)] = made.hex().encode()
    return bytes(out)


def many_revisions(pdf: bytes, count: int) -> bytes:
    """So many updates, each of one object that nothing leads to."""
    out, previous = bytearray(pdf), last_xref(pdf)
    for turn in range(count):
        place = len(out)
        out += b"70 0 obj\n(%d)\nendobj\n" % turn
        table = len(out)
        out += b"xref\n70 1\n%010d 00000 n \n" % place
        out += b"trailer\n<</Size 71/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (previous, table)
        previous = table
    return bytes(out)
