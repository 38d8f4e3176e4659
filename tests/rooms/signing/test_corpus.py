"""The corpus: files signed well and badly, each with the verdict and the reasons expected of us. No bad file is ever valid."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from random import Random
from typing import Any

import pikepdf
import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.keys import load_private_key_from_pemder_data
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.stamp import NoOpStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from antin.files import pdf as pdf_pages
from antin.keys import timestamping
from antin.signing import pades, trust, verification
from antin.signing.report import Report, from_json, to_json
from antin.signing.states import Kind, Reason, TimeSource, Verdict
from tests import pki, signatures
from tests.pki import BORN, DIES, House, Made, Trusting, crl, make, usage

S = datetime(2026, 11, 23, 2, 0, tzinfo=BORN.tzinfo)
"""When everything is signed, unless a case says otherwise."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
V = S + HOUR
"""When everything is verified, unless a case says otherwise."""

OK, UNSURE, BAD, NONE = Verdict.VALID, Verdict.UNDETERMINED, Verdict.INVALID, Verdict.UNSIGNED
R = Reason


@cache
def a_house() -> House:
    return pki.house()


@cache
def blank() -> bytes:
    return pades.prepare(signatures.layout().pdf, signatures.layout().places)


def trusting(house: House, *, at: datetime = V, crls: tuple[bytes, ...] | None = None) -> Trusting:
    """Believe the house, with fresh lists of both authorities."""
    lists = (crl(house.root, at=at - HOUR), crl(house.issuing, at=at - HOUR)) if crls is None else crls
    return Trusting((house.root.der,), (house.issuing.der,), lists)


def person(house: House, at: datetime = S, *, pdf: bytes | None = None, by: Made | None = None, **more: Any) -> bytes:
    return pades.sign(
        pdf or blank(),
        field="Person",
        credential=(by or house.head).credential(),
        at=at,
        **{"stamper": house.stamper(at), **more},
    )


def seal(house: House, pdf: bytes, at: datetime = S, **more: Any) -> bytes:
    return pades.sign(
        pdf, field="Agency", credential=house.agency.credential(), at=at, **{"stamper": house.stamper(at), **more}
    )


def issue(house: House, at: datetime = S, **more: Any) -> bytes:
    return seal(house, pades.fill(person(house, at, **more), signatures.VALUES), at)


@cache
def good() -> bytes:
    return issue(a_house())


@dataclass(frozen=True)
class Case:
    """A file, what is believed and when, and what must be found: the file's verdict, and every reason in it."""

    pdf: bytes
    verdict: Verdict
    reasons: set[Reason]
    trust: Trusting | None = None
    at: datetime = V


def judged(case: Case) -> Report:
    trusted = case.trust or trusting(a_house(), at=case.at)
    return verification.verify(case.pdf, trusted=trusted, at=case.at, draw=pdf_pages.grey)


def every_reason(report: Report) -> set[Reason]:
    fine = {Reason.VALID}
    return ({*report.reasons} | {reason for found in report.signatures for reason in found.reasons}) - fine


def update(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """An incremental update that nobody signed."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def rewritten(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        change(document)
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


# Content changed


def flipped_byte() -> Case:
    """One bit of a font program: the page still reads."""
    pdf = bytearray(good())
    starts = [found.end() for found in re.finditer(rb"stream\r?\n", good()[: len(person(a_house())) // 3])]
    start = max(starts, key=lambda each: good().find(b"endstream", each) - each)
    pdf[start + 500] ^= 1
    return Case(bytes(pdf), BAD, {R.INTEGRITY_FAIL})


def flipped_byte_after_the_person() -> Case:
    first, last = len(person(a_house())), good().rfind(b"/Agency")
    place = good().find(b"(15)", first) + 1
    assert first < place < (last if last > 0 else len(good()))
    pdf = good()[:place] + b"16" + good()[place + 2 :]
    return Case(pdf, BAD, {R.INTEGRITY_FAIL})


def set_number(writer: IncrementalPdfFileWriter) -> None:
    fields = {str(field.get_object()["/T"]): field.get_object() for field in writer.root["/AcroForm"]["/Fields"]}
    fields["number"][generic.pdf_name("/V")] = generic.pdf_string("99")
    writer.update_container(fields["number"])


def changed_number() -> Case:
    return Case(update(good(), set_number), BAD, {R.INTEGRITY_FAIL, R.CHANGED_AFTER, R.FORBIDDEN_CHANGE})


def changed_number_before_the_seal() -> Case:
    """Filled, changed, then sealed: the seal covers what stands there; the person's signature allows filling."""
    house = a_house()
    filled = pades.fill(person(house), signatures.VALUES)
    return Case(seal(house, update(filled, set_number)), OK, set())


def add_page(writer: IncrementalPdfFileWriter) -> None:
    page = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Page"),
            generic.pdf_name("/MediaBox"): generic.ArrayObject(
                [generic.NumberObject(each) for each in (0, 0, 595, 842)]
            ),
        }
    )
    pages = writer.root["/Pages"]
    page[generic.pdf_name("/Parent")] = writer.root.raw_get("/Pages")
    pages["/Kids"].append(writer.add_object(page))
    pages[generic.pdf_name("/Count")] = generic.NumberObject(int(pages["/Count"]) + 1)
    writer.update_container(pages)


def page_added() -> Case:
    return Case(update(good(), add_page), BAD, {R.INTEGRITY_FAIL, R.CHANGED_AFTER})


def replace_content(writer: IncrementalPdfFileWriter) -> None:
    page, _ = writer.find_page_for_modification(0)
    stream = generic.StreamObject(stream_data=b"BT ET")
    page.get_object()[generic.pdf_name("/Contents")] = writer.add_object(stream)
    writer.mark_update(page)


def content_replaced() -> Case:
    return Case(update(good(), replace_content), BAD, {R.INTEGRITY_FAIL, R.CHANGED_AFTER})


def overlay(writer: IncrementalPdfFileWriter) -> None:
    page, _ = writer.find_page_for_modification(0)
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Contents"): generic.pdf_string("100 triệu"),
            generic.pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(each) for each in (0, 0, 300, 300)]),
        }
    )
    page.get_object()["/Annots"].append(writer.add_object(note))
    writer.mark_update(page)


def overlaid() -> Case:
    return Case(update(good(), overlay), BAD, {R.INTEGRITY_FAIL, R.CONTENT_ADDED, R.FORBIDDEN_CHANGE})


def swap_appearance(writer: IncrementalPdfFileWriter) -> None:
    """Show another number than the one that was sealed: the value stays, its picture changes."""
    fields = {str(field.get_object()["/T"]): field.get_object() for field in writer.root["/AcroForm"]["/Fields"]}
    picture = generic.StreamObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/XObject"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Form"),
        },
        stream_data=b"0 0 10 10 re f",
    )
    fields["number"]["/AP"][generic.pdf_name("/N")] = writer.add_object(picture)
    writer.update_container(fields["number"])


def appearance_swapped() -> Case:
    return Case(update(good(), swap_appearance), BAD, {R.INTEGRITY_FAIL, R.CHANGED_AFTER, R.FORBIDDEN_CHANGE})


def overwrite_font(writer: IncrementalPdfFileWriter) -> None:
    font = writer.root["/AcroForm"]["/DR"]["/Font"].raw_get("/TinosRegular")
    font.get_object()[generic.pdf_name("/BaseFont")] = generic.pdf_name("/Other")
    writer.mark_update(font.reference)


def font_overwritten() -> Case:
    return Case(update(good(), overwrite_font), BAD, {R.INTEGRITY_FAIL, R.CHANGED_AFTER, R.FORBIDDEN_CHANGE})


def attach_script(writer: IncrementalPdfFileWriter) -> None:
    writer.root[generic.pdf_name("/OpenAction")] = generic.DictionaryObject(
        {
            generic.pdf_name("/S"): generic.pdf_name("/JavaScript"),
            generic.pdf_name("/JS"): generic.pdf_string("app.alert(1)"),
        }
    )
    writer.update_root()


def script_added() -> Case:
    return Case(update(good(), attach_script), BAD, {R.INTEGRITY_FAIL, R.CHANGED_AFTER})


def agency_signature_removed() -> Case:
    """Cut back to the revision before: what is left is truly signed, and only by the person."""
    return Case(pades.fill(person(a_house()), signatures.VALUES), OK, {R.PERSON_ONLY})


def rewritten_whole() -> Case:
    return Case(rewritten(good(), lambda document: None), BAD, {R.INTEGRITY_FAIL, R.SAVED_AGAIN})


# Who and when


def valid() -> Case:
    return Case(good(), OK, set())


def valid_years_later() -> Case:
    """After the certificates are over: the timestamp proves when."""
    later = DIES + 400 * DAY
    return Case(good(), OK, set(), at=later)


def not_stamped() -> Case:
    house = a_house()
    return Case(issue(house, stamper=None), OK, {R.VALID_NO_TSA})


def not_stamped_and_expired_since() -> Case:
    pdf = person(a_house(), stamper=None)
    return Case(pdf, UNSURE, {R.EXPIRED_SINCE, R.PERSON_ONLY}, at=DIES + DAY)


def not_stamped_and_revoked_since() -> Case:
    house = a_house()
    lists = (crl(house.root, at=V), crl(house.issuing, at=V, revoked={house.head: S + timedelta(minutes=30)}))
    pdf = person(house, stamper=None)
    return Case(pdf, UNSURE, {R.REVOKED_SINCE, R.PERSON_ONLY}, trusting(house, crls=lists))


def signed_after_expiry() -> Case:
    at = DIES + DAY
    return Case(person(a_house(), at), BAD, {R.CERT_EXPIRED, R.PERSON_ONLY}, at=at + HOUR)


def signed_before_validity() -> Case:
    house = pki.house(since=S + DAY)
    return Case(person(house), BAD, {R.CERT_NOT_YET, R.PERSON_ONLY}, trusting(house))


def revoked_before_signing() -> Case:
    house = a_house()
    lists = (crl(house.root, at=V), crl(house.issuing, at=V, revoked={house.head: S - DAY}))
    return Case(person(house), BAD, {R.CERT_REVOKED, R.PERSON_ONLY}, trusting(house, crls=lists))


def revoked_after_signing() -> Case:
    house = a_house()
    lists = (crl(house.root, at=V), crl(house.issuing, at=V, revoked={house.head: S + timedelta(minutes=30)}))
    return Case(person(house), OK, {R.PERSON_ONLY}, trusting(house, crls=lists))


def agency_revoked_before_signing() -> Case:
    house = a_house()
    lists = (crl(house.root, at=V), crl(house.issuing, at=V, revoked={house.agency: S - DAY}))
    return Case(good(), BAD, {R.CERT_REVOKED}, trusting(house, crls=lists))


def authority_revoked() -> Case:
    house = a_house()
    lists = (crl(house.root, at=V, revoked={house.issuing: S - DAY}), crl(house.issuing, at=V))
    return Case(person(house), BAD, {R.CERT_REVOKED, R.TSA_INVALID, R.PERSON_ONLY}, trusting(house, crls=lists))


def of_the_future() -> Case:
    return Case(person(a_house(), S + DAY), UNSURE, {R.TIME_IN_FUTURE, R.PERSON_ONLY})


def of_the_future_unstamped() -> Case:
    pdf = person(a_house(), S + DAY, stamper=None)
    return Case(pdf, UNSURE, {R.TIME_IN_FUTURE, R.PERSON_ONLY})


# Chain and lists


def untrusted_authority() -> Case:
    stranger = pki.house("Lạ")
    pdf = person(stranger, stamper=a_house().stamper(S))
    return Case(pdf, UNSURE, {R.CHAIN_UNTRUSTED, R.PERSON_ONLY})


def namesake_authority() -> Case:
    """Another root of the same name and other key."""
    root = make("Gốc", above=None, ca=True, kind="p384")
    issuing = make("Gốc cấp", above=root, ca=True, kind="p384")
    head = make("Nguyễn Văn An", above=issuing, title="Tổng cục trưởng", subject=pki.Subject.PERSON)
    return Case(person(a_house(), by=head), UNSURE, {R.CHAIN_UNTRUSTED, R.PERSON_ONLY})


def issued_by_a_person() -> Case:
    """A person's certificate used as if it were an authority's."""
    house = a_house()
    forged = make("Trần Đức Bình", above=house.head, title="Phó", subject=pki.Subject.PERSON)
    return Case(person(house, by=forged), UNSURE, {R.CHAIN_UNTRUSTED, R.PERSON_ONLY})


def chain_too_long() -> Case:
    house = a_house()
    below = make("Cấp dưới", above=house.issuing, ca=True)
    head = make("Nguyễn Văn An", above=below, title="Tổng cục trưởng", subject=pki.Subject.PERSON)
    return Case(person(house, by=head), UNSURE, {R.CHAIN_UNTRUSTED, R.PERSON_ONLY})


def no_lists() -> Case:
    house = a_house()
    return Case(person(house), UNSURE, {R.REVOCATION_UNKNOWN, R.PERSON_ONLY}, trusting(house, crls=()))


def stale_lists() -> Case:
    house = a_house()
    lists = (crl(house.root, at=S - 10 * DAY), crl(house.issuing, at=S - 10 * DAY))
    return Case(person(house), UNSURE, {R.REVOCATION_UNKNOWN, R.PERSON_ONLY}, trusting(house, crls=lists))


def old_lists_made_after_the_signature() -> Case:
    """Stale today, but made after the signature: nothing later can change what was true then."""
    house = a_house()
    lists = (crl(house.root, at=S + DAY), crl(house.issuing, at=S + DAY))
    return Case(person(house), OK, {R.PERSON_ONLY}, trusting(house, crls=lists), at=S + 100 * DAY)


def lists_stale_now_and_made_before() -> Case:
    house = a_house()
    lists = (crl(house.root, at=S - HOUR), crl(house.issuing, at=S - HOUR))
    return Case(
        person(house), UNSURE, {R.REVOCATION_UNKNOWN, R.PERSON_ONLY}, trusting(house, crls=lists), at=S + 100 * DAY
    )


def list_forged() -> Case:
    house, thief = a_house(), make("Gốc cấp", above=None, ca=True, kind="p384")
    lists = (crl(house.root, at=V), crl(house.issuing, at=V, signer=thief))
    return Case(person(house), UNSURE, {R.REVOCATION_UNKNOWN, R.PERSON_ONLY}, trusting(house, crls=lists))


def list_partial() -> Case:
    house = a_house()
    part = x509.IssuingDistributionPoint(
        full_name=None,
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=True,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
    lists = (
        crl(house.root, at=V),
        crl(house.issuing, at=V, extra=lambda made: made.add_extension(part, critical=True)),
    )
    return Case(person(house), UNSURE, {R.REVOCATION_UNKNOWN, R.PERSON_ONLY}, trusting(house, crls=lists))


def lists_in_the_document() -> Case:
    """B-LT: the node's own lists are stale, those in the file were fresh at the signature."""
    house = a_house()
    lists = [crl(house.root, at=S - HOUR), crl(house.issuing, at=S - HOUR)]
    pdf = pades.add_revocation_data(good(), certificates=[house.root.der, house.issuing.der], crls=lists)
    return Case(pdf, OK, set(), trusting(house, crls=()), at=S + 100 * DAY)


def forged_lists_in_the_document() -> Case:
    house, thief = a_house(), make("Gốc cấp", above=None, ca=True, kind="p384")
    lists = [crl(house.root, at=S - HOUR), crl(house.issuing, at=S - HOUR, signer=thief)]
    pdf = pades.add_revocation_data(good(), certificates=[], crls=lists)
    return Case(pdf, UNSURE, {R.REVOCATION_UNKNOWN}, trusting(house, crls=()), at=S + 100 * DAY)


def wrong_key_usage() -> Case:
    house = pki.house(key_usage=usage(key_encipherment=True))
    return Case(person(house), BAD, {R.CERT_USAGE, R.PERSON_ONLY}, trusting(house))


# Timestamps


def stamped_by_a_stranger() -> Case:
    stranger = pki.house("Lạ")
    pdf = person(a_house(), stamper=stranger.stamper(S))
    return Case(pdf, UNSURE, {R.TSA_UNTRUSTED, R.PERSON_ONLY})


def stamp_of_something_else() -> Case:
    """A true token of our authority, over other bytes, put into the signature by force."""
    other = timestamping.ask(b"\1" * 32, a_house().stamper(S))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(timestamping, "ask", lambda digest, stamper: other)
        pdf = person(a_house())
    return Case(pdf, UNSURE, {R.TSA_INVALID, R.PERSON_ONLY})


def stamped_by_an_officer() -> Case:
    """A signing certificate used as a timestamp authority: no extended key usage."""
    house = a_house()
    return Case(person(house, stamper=house.stamper(S, tsa=house.agency)), UNSURE, {R.TSA_INVALID, R.PERSON_ONLY})


def stamped_with_usage_not_critical() -> Case:
    house = a_house()
    tsa = make("Giờ", above=house.issuing, extended=[ExtendedKeyUsageOID.TIME_STAMPING], extended_critical=False)
    return Case(person(house, stamper=house.stamper(S, tsa=tsa)), UNSURE, {R.TSA_INVALID, R.PERSON_ONLY})


def stamp_authority_revoked() -> Case:
    house = a_house()
    lists = (crl(house.root, at=V), crl(house.issuing, at=V, revoked={house.tsa: S - DAY}))
    return Case(person(house), UNSURE, {R.TSA_INVALID, R.PERSON_ONLY}, trusting(house, crls=lists))


def backdated_by_the_clock_with_a_true_stamp() -> Case:
    """The clock says a day when the certificate was valid; the stamp says after its end."""
    house = a_house()
    pdf = person(house, S, stamper=house.stamper(DIES + DAY))
    return Case(pdf, BAD, {R.CERT_EXPIRED, R.CLOCK_DIFFERS, R.PERSON_ONLY}, at=DIES + 2 * DAY)


def document_timestamp() -> Case:
    house = a_house()
    return Case(pades.add_timestamp(good(), stamper=house.stamper(S + HOUR / 2)), OK, set())


def document_timestamp_by_a_stranger() -> Case:
    pdf = pades.add_timestamp(good(), stamper=pki.house("Lạ").stamper(S + HOUR / 2))
    return Case(pdf, UNSURE, {R.TSA_UNTRUSTED, R.CHAIN_UNTRUSTED})


# Algorithms


def signed_with(house: House, digest: str, subfilter: SigSeedSubFilter = SigSeedSubFilter.PADES) -> bytes:
    """A person's signature made by pyHanko itself, with another digest or in another form, without a timestamp."""
    private = house.head.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    registry = SimpleCertificateStore()
    registry.register_multiple(asn1.Certificate.load(der) for der in house.head.chain)
    key = load_private_key_from_pemder_data(private, passphrase=None)
    signer = SimpleSigner(asn1.Certificate.load(house.head.der), key, registry)
    meta = PdfSignatureMetadata(field_name="Person", md_algorithm=digest, subfilter=subfilter)
    made = Dated(meta, signer, stamp_style=NoOpStampStyle())
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(blank()))
    asyncio.run(made.async_sign_pdf(writer, existing_fields_only=True, bytes_reserved=20000, output=out))
    return out.getvalue()


class Dated(PdfSigner):
    """Signs at the moment of the corpus, not today."""

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = S
        return session


def sha1_digest() -> Case:
    return Case(signed_with(a_house(), "sha1"), UNSURE, {R.WEAK_ALGO, R.PERSON_ONLY})


def old_but_sound_form() -> Case:
    """adbe.pkcs7.detached, as older tools write it."""
    pdf = signed_with(a_house(), "sha256", SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    return Case(pdf, OK, {R.VALID_NO_TSA, R.PERSON_ONLY})


def rsa_1024() -> Case:
    house = pki.house(kind="rsa1024")
    return Case(person(house), UNSURE, {R.WEAK_ALGO, R.PERSON_ONLY}, trusting(house))


def rsa_2048() -> Case:
    house = pki.house(kind="rsa2048")
    return Case(person(house), OK, {R.PERSON_ONLY}, trusting(house))


def p192() -> Case:
    house = pki.house(kind="p192")
    return Case(person(house), UNSURE, {R.WEAK_ALGO, R.PERSON_ONLY}, trusting(house))


def certificate_signed_with_sha1() -> Case:
    house = pki.house(digest="sha1")
    return Case(person(house), UNSURE, {R.WEAK_ALGO, R.PERSON_ONLY}, trusting(house))


# The document's own rules


def agency_only() -> Case:
    return Case(seal(a_house(), pades.fill(blank(), signatures.VALUES)), OK, {R.AGENCY_ONLY})


def sealed_without_number() -> Case:
    house = a_house()
    return Case(seal(house, person(house)), UNSURE, {R.NUMBER_NOT_COVERED})


def unlocked(pdf: bytes) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        for field in document.Root.AcroForm.Fields:
            if "/Lock" in field:
                del field["/Lock"]

    return rewritten(pdf, change)


def numbered_after_the_seal() -> Case:
    """A foreign form without our lock: number and date come after the agency's signature."""
    house = a_house()
    sealed = seal(house, person(house, pdf=unlocked(blank())))
    return Case(pades.fill(sealed, signatures.VALUES), UNSURE, {R.NUMBER_NOT_COVERED})


def uploaded_without_fields() -> Case:
    """A ready PDF of elsewhere: no fields for number and date; both signatures stand."""
    house = a_house()
    writer = IncrementalPdfFileWriter(BytesIO(signatures.layout().pdf))
    append_signature_field(writer, SigFieldSpec("Person", box=(100, 100, 200, 150)))
    append_signature_field(writer, SigFieldSpec("Agency", box=(50, 100, 150, 200)))
    out = BytesIO()
    writer.write(out)
    return Case(seal(house, person(house, pdf=out.getvalue())), OK, set())


def arrival_signed() -> Case:
    """The recipient's agency signs its arrival mark: allowed after the seal."""
    house = a_house()
    recipient = make("Trung tâm B1", above=house.issuing, subject=pki.Subject.AGENCY, organisation="Trung tâm B1")
    pdf = pades.sign(
        good(), field="Arrival", credential=recipient.credential(), at=S, stamper=house.stamper(S), text="ĐẾN"
    )
    return Case(pdf, OK, set())


# Damaged, hostile and other files


def contents_start(pdf: bytes) -> int:
    return pdf.rfind(b"/Contents <") + len(b"/Contents <")


def contents_zeroed() -> Case:
    pdf = bytearray(person(a_house()))
    start = contents_start(pdf)
    pdf[start : start + 4000] = b"0" * 4000
    return Case(bytes(pdf), BAD, {R.MALFORMED})


def contents_garbage() -> Case:
    pdf = bytearray(person(a_house()))
    start = contents_start(pdf)
    pdf[start + 200 : start + 2200] = b"5a" * 1000
    return Case(bytes(pdf), BAD, {R.MALFORMED})


def signature_value_changed() -> Case:
    """One bit of the CMS itself: still a CMS, no more a signature of these bytes."""
    pdf = bytearray(person(a_house(), stamper=None))
    cms = bytes.fromhex(pdf[contents_start(pdf) :].split(b">")[0].decode())
    end = len(cms.rstrip(b"\0"))
    place = contents_start(pdf) + 2 * (end - 8)
    pdf[place : place + 1] = b"1" if pdf[place : place + 1] != b"1" else b"2"
    return Case(bytes(pdf), BAD, {R.INTEGRITY_FAIL, R.PERSON_ONLY})


def byte_range_with_a_hole() -> Case:
    """The range leaves out more than the signature: something could hide there."""
    pdf = person(a_house())
    start = pdf.rfind(b"/ByteRange [")
    words = pdf[start + 12 : pdf.find(b"]", start)].split()
    shorter = b"%d %d %d %d" % (int(words[0]), int(words[1]) - 100, int(words[2]), int(words[3]))
    hole = pdf[: start + 12] + shorter.ljust(pdf.find(b"]", start) - start - 12) + pdf[pdf.find(b"]", start) :]
    return Case(hole, BAD, {R.INTEGRITY_FAIL, R.BYTE_RANGE, R.PERSON_ONLY})


def unknown_subfilter() -> Case:
    pdf = person(a_house()).replace(b"/ETSI.CAdES.detached", b"/adbe.x509.rsa_sha1 ")
    return Case(pdf, BAD, {R.MALFORMED})


def unsigned() -> Case:
    return Case(signatures.layout().pdf, NONE, {R.UNSIGNED})


def unsigned_with_fields() -> Case:
    return Case(blank(), NONE, {R.UNSIGNED})


def encrypted() -> Case:
    out = BytesIO()
    with pikepdf.open(BytesIO(signatures.layout().pdf)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="chu", user="khach"))
    return Case(out.getvalue(), UNSURE, {R.ENCRYPTED})


def truncated() -> Case:
    return Case(good()[: len(good()) // 2], UNSURE, {R.UNREADABLE})


def only_a_header() -> Case:
    return Case(b"%PDF-1.7\n", UNSURE, {R.UNREADABLE})


def nothing() -> Case:
    return Case(b"", NONE, {R.NOT_PDF})


def a_picture() -> Case:
    return Case(b"\x89PNG\r\n\x1a\n" + bytes(2000), NONE, {R.NOT_PDF})


def fields_in_a_circle() -> Case:
    def change(document: pikepdf.Pdf) -> None:
        field = document.make_indirect(pikepdf.Dictionary(T=pikepdf.String("a"), FT=pikepdf.Name.Sig))
        field.Kids = pikepdf.Array([field])
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))

    return Case(rewritten(signatures.layout().pdf, change), NONE, {R.UNSIGNED})


def deeply_nested() -> Case:
    body = b"%PDF-1.7\n1 0 obj\n" + b"[" * 20000 + b"]" * 20000 + b"\nendobj\n"
    table = (
        b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<</Size 2/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    )
    return Case(body + table % len(body), UNSURE, {R.UNREADABLE})


def inflating() -> Case:
    """A cross-reference stream of 100 KB that inflates to 100 MB."""
    bomb = zlib.compress(bytes(100 * 1024 * 1024), 9)
    head = (
        b"%%PDF-1.7\n1 0 obj\n<</Type/XRef/Size 9000000/W[1 8 2]/Root 2 0 R/Filter/FlateDecode/Length %d>>stream\n"
        % len(bomb)
    )
    return Case(head + bomb + b"\nendstream\nendobj\nstartxref\n9\n%%EOF", UNSURE, {R.TOO_HEAVY})


CASES = [
    value
    for name, value in list(globals().items())
    if callable(value) and getattr(value, "__annotations__", {}).get("return") == "Case" and not name.startswith("_")
]


@pytest.mark.parametrize("make_case", CASES, ids=lambda each: each.__name__)
def test_each_file_is_judged_as_expected(make_case: Callable[[], Case]) -> None:
    case = make_case()
    report = judged(case)
    assert (report.verdict, every_reason(report)) == (case.verdict, case.reasons)
    assert from_json(to_json(report)) == report


def test_there_are_sixty_cases() -> None:
    assert len(CASES) >= 60


def test_only_a_valid_file_with_both_signatures_replaces_paper() -> None:
    with_both = [make_case.__name__ for make_case in CASES if judged(make_case()).replaces_paper]
    assert sorted(with_both) == sorted(
        [
            "arrival_signed",
            "changed_number_before_the_seal",
            "document_timestamp",
            "lists_in_the_document",
            "not_stamped",
            "uploaded_without_fields",
            "valid",
            "valid_years_later",
        ]
    )


def test_a_sha1_certificate_chain_is_found_weak_only_where_it_counts() -> None:
    """A root's own signature is not looked at: it is believed for itself."""
    house = a_house()
    root = replace_root(house)
    assert judged(Case(person(root), OK, set(), trusting(root))).signatures[0].reasons == (R.VALID,)


def replace_root(house: House) -> House:
    root = make("Gốc một", above=None, ca=True, depth=1, digest="sha1", until=BORN + pki.YEARS)
    issuing = make("Gốc một cấp", above=root, ca=True, depth=0, until=BORN + pki.YEARS)
    stamp = [ExtendedKeyUsageOID.TIME_STAMPING]
    tsa = make(
        "Giờ một", above=issuing, extended=stamp, key_usage=usage(digital_signature=True), until=BORN + pki.YEARS
    )
    head = make("Nguyễn Văn An", above=issuing, title="Tổng cục trưởng", subject=pki.Subject.PERSON)
    return replace(house, root=root, issuing=issuing, tsa=tsa, head=head)


def test_whose_signature_it_is_follows_from_the_name_where_no_policy_says() -> None:
    house = a_house()
    officer = make("Lê Thị Chi", above=house.issuing, title="Chánh Văn phòng", policies=False)
    office = make("Cục Mẫu", above=house.issuing, organisation="Cục Mẫu", policies=False)
    machine = make("máy chủ", above=house.issuing, organisation="Cục Mẫu", policies=False)
    kinds = [judged(Case(person(house, by=made), OK, set())).signatures[0].kind for made in (officer, office, machine)]
    assert kinds == [Kind.PERSON, Kind.AGENCY, Kind.UNKNOWN]


def test_the_clock_is_named_as_source_where_nothing_proves_the_time() -> None:
    found = judged(not_stamped()).of(Kind.PERSON)
    assert found is not None
    assert (found.time_source, found.signed_at) == (TimeSource.CLOCK, S)


@pytest.mark.parametrize("seed", range(4))
def test_no_flipped_byte_of_what_was_signed_goes_unnoticed(seed: int) -> None:
    """Every byte that the agency's signature covers counts; whatever it becomes, the answer is a report and never «valid»."""
    pdf = good()
    start = contents_start(pdf) - 1
    end = pdf.find(b">", start) + 1
    covered = [*range(0, start), *range(end, len(pdf))]
    for step in range(12):
        place = covered[(seed * 12 + step) * 7919 % len(covered)]
        changed = bytearray(pdf)
        changed[place] ^= 1 << (place % 8)
        report = judged(Case(bytes(changed), BAD, set()))
        assert report.verdict != Verdict.VALID
        assert not report.replaces_paper


def test_an_authority_that_answers_something_else_or_nothing_is_not_believed() -> None:
    request_of_another = timestamping.cms.sequence(
        timestamping.cms.integer(1), timestamping._imprint(b"\1" * 32, "sha256"), timestamping.cms.boolean(True)
    )
    answer_to_another = a_house().stamper(S)(request_of_another)
    for answer in (answer_to_another, b"", b"<html>", timestamping._refused(timestamping.BAD_FORMAT)):
        with pytest.raises(timestamping.NotStamped):
            timestamping.ask(b"\2" * 32, lambda request, answer=answer: answer)


def test_it_judges_inside_an_event_loop_as_well() -> None:
    """A door may run one in its thread; nothing here waits for anything."""
    trust.chain.cache_clear()

    async def inside() -> Report:
        return judged(valid())

    assert asyncio.run(inside()).verdict == Verdict.VALID


@pytest.mark.parametrize("seed", range(30))
def test_a_file_cut_and_stirred_at_random_is_answered_calmly(seed: int) -> None:
    """Pieces taken out, doubled, moved and overwritten anywhere: always a report, never a valid one."""
    dice = Random(seed)
    pdf = bytearray(good())
    for _ in range(dice.randint(1, 4)):
        start, size = dice.randrange(9, len(pdf) - 400), dice.randint(1, 300)
        piece = bytes(pdf[start : start + size])
        match dice.randrange(4):
            case 0:
                del pdf[start : start + size]
            case 1:
                pdf[start:start] = piece
            case 2:
                pdf[start : start + size] = dice.randbytes(size)
            case _:
                place = dice.randrange(9, len(pdf) - 400)
                pdf[place : place + size] = piece
    start = contents_start(good())
    if bytes(pdf[:start]) == good()[:start] and len(pdf) == len(good()):
        return  # only the room left over in the agency's CMS was touched
    report = judged(Case(bytes(pdf), BAD, set()))
    assert report.verdict != Verdict.VALID
    assert not report.replaces_paper


def cross_references(width: bytes, index: bytes, entries: bytes) -> bytes:
    """A file that is nothing but a cross-reference stream."""
    packed = zlib.compress(entries, 9)
    head = b"%%PDF-1.7\n1 0 obj\n<</Type/XRef/Size 1000000000/W[%s]/Root 2 0 R%s/Filter/FlateDecode/Length %d>>stream\n"
    return head % (width, index, len(packed)) + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF"


def objects(*bodies: bytes) -> bytes:
    """A file of these objects, the first being the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return out + end % (len(bodies) + 1, table, len(bodies) + 1, len(out))


def fields_doubling() -> bytes:
    """Thirty-eight fields, each twice the child of the one before: 200,000 million ways to the last."""
    twice = [b"<</T(a)/Kids[%d 0 R %d 0 R]>>" % (n + 1, n + 1) for n in range(2, 40)]
    return objects(b"<</AcroForm<</Fields[2 0 R 2 0 R]>>>>", *twice, b"<</T(z)/FT/Sig/V 99 0 R>>")


def subsections() -> bytes:
    body = b"%PDF-1.7\nxref\n" + b"0 0\n" * 300_000
    return body + b"trailer\n<</Size 1/Root 1 0 R>>\nstartxref\n9\n%%EOF"


ENDLESS = {
    "entries of no width": lambda: cross_references(b"0 0 0", b"/Index[0 1000000000]", b""),
    "entries of one byte": lambda: cross_references(b"1 0 0", b"/Index[0 1000000000]", bytes(10)),
    "a table after itself": lambda: cross_references(b"1 2 1", b"/Prev 9", bytes(40)),
    "empty sections": subsections,
    "fields doubling": fields_doubling,
}


@pytest.mark.parametrize("make_file", ENDLESS.values(), ids=ENDLESS)
def test_a_file_that_would_take_for_ever_is_given_up(
    make_file: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "SECONDS", 1.0)
    report = judged(Case(make_file(), UNSURE, set()))
    assert report.reasons in {(R.UNREADABLE,), (R.TOO_HEAVY,)}
    assert report.verdict == Verdict.UNDETERMINED
    assert (report.holds_until == V + HOUR) == (report.reasons == (R.TOO_HEAVY,))
