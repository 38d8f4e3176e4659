"""Signatures beside files and inside XML, good, bad and odd: each has the verdict and the reasons that must be found."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from asn1crypto import cms
from lxml import etree

from antin.keys.timestamping import Timestamper
from antin.signing import detached, lasting, opinions, other_files, xades, xml_evidence
from antin.signing.pades import Credential
from antin.signing.report import Report, from_json, public, to_json
from antin.signing.states import Covers, Kind, Reason, TimeSource, Verdict
from antin.signing.xades import DS
from tests import pki
from tests.pki import BORN, House, Made, Trusting

R, OK, BAD = Reason, Verdict.VALID, Verdict.INVALID
UNSURE, NONE = Verdict.UNDETERMINED, Verdict.UNSIGNED
S, V = BORN + timedelta(days=30), BORN + timedelta(days=31)
TABLE = "Đơn vị;Số lượng\nPhòng A1;12\n".encode()
MESSAGE = "<m xmlns='urn:x' xmlns:y='urn:y'><a Id='a'>Báo cáo &amp; kiến nghị</a><!-- lời --><y:b/></m>".encode()


@cache
def a_house() -> House:
    return pki.house()


def trusting(*, anchors: tuple[bytes, ...] | None = None, crls: bool = True, **more: Any) -> Trusting:
    house, at = a_house(), V - timedelta(hours=1)
    lists = (pki.crl(house.root, at=at), pki.crl(house.issuing, at=at, **more)) if crls else ()
    return Trusting((house.root.der,) if anchors is None else anchors, (house.issuing.der,), lists)


@dataclass(frozen=True)
class Case:
    content: bytes
    verdict: Verdict
    reasons: set[Reason]
    beside: bytes | None = None
    trust: Trusting | None = None
    at: datetime = V


def stamper() -> Timestamper:
    return a_house().stamper(S)


def beside(by: Credential | None = None, content: bytes = TABLE, at: datetime = S, *, stamped: bool = True) -> bytes:
    return detached.sign(
        hashlib.sha256(content).digest(),
        credential=by or a_house().agency.credential(),
        at=at,
        stamper=stamper() if stamped else None,
    )


def inside(by: Credential | None = None, content: bytes = MESSAGE, at: datetime = S) -> bytes:
    return xades.sign(content, credential=by or a_house().agency.credential(), at=at)


def a_signer(**more: Any) -> Made:
    return pki.make("Trung tâm B", **{"above": a_house().issuing, "subject": pki.Subject.AGENCY, **more})


def rebuilt(p7s: bytes, change: Callable[[cms.SignedData, cms.SignerInfo], list[cms.SignerInfo]]) -> bytes:
    """The same with other parts, each level set anew (by force asn1crypto takes twenty seconds); `change` gives the signers."""
    info = cms.ContentInfo.load(p7s)
    signed = info["content"]
    signed["signer_infos"] = change(signed, signed["signer_infos"][0])
    info["content"] = signed
    return bytes(info.dump())


# Beside


def good_beside() -> Case:
    return Case(beside(), OK, set(), TABLE)


def beside_in_pem() -> Case:
    lines = base64.encodebytes(beside())
    return Case(b"-----BEGIN PKCS7-----\n" + lines + b"-----END PKCS7-----\n", OK, set(), TABLE)


def pem_that_is_none() -> Case:
    return Case(b"-----BEGIN PKCS7-----\n!!!\n-----END PKCS7-----\n", UNSURE, {R.UNREADABLE}, TABLE)


LATER = S + timedelta(days=201)


def much_later() -> Trusting:
    """What is believed half a year on, with the lists of that day."""
    house, at = a_house(), LATER - timedelta(hours=1)
    return Trusting(
        (house.root.der,), (house.issuing.der,), (pki.crl(house.root, at=at), pki.crl(house.issuing, at=at))
    )


@cache
def short_lived() -> Made:
    return a_signer(until=S + timedelta(days=30))


def lasting_beside(by: Made | None = None) -> bytes:
    """B-LT: with the chain, the lists and the timestamp authority's, gathered after the timestamp."""
    house, at = a_house(), S + timedelta(minutes=5)
    held = [house.root.der, house.issuing.der, house.tsa.der]
    lists = [pki.crl(house.root, at=at), pki.crl(house.issuing, at=at)]
    signer = by or house.agency
    answers = [pki.status(each, at=at) for each in (signer, house.tsa)]
    return detached.add_evidence(beside(signer.credential()), certificates=held, crls=lists, ocsps=answers)


def archived_beside(p7s: bytes | None = None, at: datetime = S + timedelta(hours=1)) -> bytes:
    return detached.add_archive_stamp(p7s or lasting_beside(), TABLE, stamper=a_house().stamper(at))


def lasts_beside() -> Case:
    return Case(archived_beside(), OK, set(), TABLE, trusting(crls=False))


def lasts_beside_after_the_signer_has_expired() -> Case:
    again = archived_beside(archived_beside(lasting_beside(short_lived())), LATER - timedelta(days=1))
    return Case(again, OK, set(), TABLE, much_later(), at=LATER)


def archive_stamp_of_another_beside() -> Case:
    other = detached.add_archive_stamp(beside(content=b"khac"), b"khac", stamper=stamper())
    given = cms.ContentInfo.load(other)["content"]["signer_infos"][0]["unsigned_attrs"]

    def change(_signed: cms.SignedData, signer: cms.SignerInfo) -> list[cms.SignerInfo]:
        signer["unsigned_attrs"] = cms.CMSAttributes([*signer["unsigned_attrs"], given[-1]])
        return [signer]

    return Case(rebuilt(beside(), change), BAD, {R.INTEGRITY_FAIL, R.TSA_INVALID}, TABLE)


def a_list_taken_from_under_the_archive_stamp() -> Case:
    info = cms.ContentInfo.load(archived_beside())
    signed = info["content"]
    signed["crls"] = list(signed["crls"])[1:]
    info["content"] = signed
    return Case(bytes(info.dump()), BAD, {R.INTEGRITY_FAIL, R.TSA_INVALID}, TABLE)


def file_changed() -> Case:
    return Case(beside(), BAD, {R.INTEGRITY_FAIL}, TABLE + b" ")


def file_absent() -> Case:
    return Case(beside(), UNSURE, {R.CONTENT_MISSING})


def value_flipped() -> Case:
    def change(_signed: cms.SignedData, signer: cms.SignerInfo) -> list[cms.SignerInfo]:
        signer["signature"] = signer["signature"].native[:-1] + b"x"
        return [signer]

    return Case(rebuilt(beside(), change), BAD, {R.INTEGRITY_FAIL, R.TSA_INVALID}, TABLE)


def cut_short() -> Case:
    return Case(beside()[:300], UNSURE, {R.UNREADABLE}, TABLE)


def without_a_timestamp() -> Case:
    return Case(beside(stamped=False), OK, {R.VALID_NO_TSA}, TABLE)


def timestamp_of_another() -> Case:
    other = cms.ContentInfo.load(beside(content=b"khac"))["content"]["signer_infos"][0]

    def change(_signed: cms.SignedData, signer: cms.SignerInfo) -> list[cms.SignerInfo]:
        signer["unsigned_attrs"] = other["unsigned_attrs"]
        return [signer]

    return Case(rebuilt(beside(), change), UNSURE, {R.TSA_INVALID}, TABLE)


def nobody_trusted() -> Case:
    reasons = {R.CHAIN_UNTRUSTED, R.TSA_UNTRUSTED}
    return Case(beside(), UNSURE, reasons, TABLE, trusting(anchors=()))


def expired_when_signed() -> Case:
    by = a_signer(since=BORN, until=S - timedelta(days=1)).credential()
    return Case(beside(by), BAD, {R.CERT_EXPIRED}, TABLE)


def not_valid_yet() -> Case:
    return Case(beside(a_signer(since=V).credential()), BAD, {R.CERT_NOT_YET}, TABLE)


def revoked_before() -> Case:
    trust = trusting(revoked={a_house().agency: S - timedelta(days=1)})
    return Case(beside(), BAD, {R.CERT_REVOKED}, TABLE, trust)


def revoked_after() -> Case:
    return Case(beside(), OK, set(), TABLE, trusting(revoked={a_house().agency: S + timedelta(hours=1)}))


def lists_absent() -> Case:
    return Case(beside(), UNSURE, {R.REVOCATION_UNKNOWN}, TABLE, trusting(crls=False))


def not_for_signing() -> Case:
    by = a_signer(key_usage=pki.usage(key_encipherment=True)).credential()
    return Case(beside(by), BAD, {R.CERT_USAGE}, TABLE)


def an_attribute_taken_away() -> Case:
    def change(_signed: cms.SignedData, signer: cms.SignerInfo) -> list[cms.SignerInfo]:
        kept = [each for each in signer["signed_attrs"] if each["type"].native != "content_type"]
        signer["signed_attrs"] = cms.CMSAttributes(kept)
        return [signer]

    return Case(rebuilt(beside(stamped=False), change), BAD, {R.INTEGRITY_FAIL}, TABLE)


def two_signers() -> Case:
    """Two over one file in one .p7s: both count."""
    other = cms.ContentInfo.load(beside(a_signer().credential()))["content"]

    def change(signed: cms.SignedData, signer: cms.SignerInfo) -> list[cms.SignerInfo]:
        signed["certificates"] = [*signed["certificates"], *other["certificates"]]
        return [signer, other["signer_infos"][0]]

    return Case(rebuilt(beside(), change), OK, set(), TABLE)


def nobody_signed() -> Case:
    return Case(rebuilt(beside(), lambda _signed, _signer: []), NONE, {R.UNSIGNED}, TABLE)


def content_within() -> Case:
    """The old tools' attached form: the file is inside."""

    def change(signed: cms.SignedData, signer: cms.SignerInfo) -> list[cms.SignerInfo]:
        signed["encap_content_info"] = {"content_type": "data", "content": TABLE}
        return [signer]

    return Case(rebuilt(beside(), change), OK, set())


def content_within_and_another_beside() -> Case:
    return Case(content_within().content, BAD, {R.INTEGRITY_FAIL}, TABLE + b"!")


# Inside


def good_inside() -> Case:
    return Case(inside(), OK, {R.VALID_NO_TSA})


def stamped_inside() -> bytes:
    return xml_evidence.add_timestamp(inside(), stamper=stamper())


def lasting_inside(signed: bytes | None = None) -> bytes:
    house, at = a_house(), S + timedelta(minutes=5)
    lists = [pki.crl(house.root, at=at), pki.crl(house.issuing, at=at)]
    answers = [pki.status(each, at=at) for each in (house.agency, house.tsa)]
    held = [house.root.der, house.issuing.der, house.tsa.der]
    return xml_evidence.add_values(signed or stamped_inside(), certificates=held, crls=lists, ocsps=answers)


def archived_inside(signed: bytes | None = None, at: datetime = S + timedelta(hours=1)) -> bytes:
    return xml_evidence.add_archive_stamps(signed or lasting_inside(), stamper=a_house().stamper(at))


def timestamp_inside() -> Case:
    return Case(stamped_inside(), OK, set())


def timestamp_inside_of_another() -> Case:
    root, other = (
        etree.fromstring(stamped_inside()),
        etree.fromstring(xml_evidence.add_timestamp(inside(content=b"<khac/>"), stamper=stamper())),
    )
    mine, given = root.find(".//{*}EncapsulatedTimeStamp"), other.find(".//{*}EncapsulatedTimeStamp")
    assert mine is not None
    assert given is not None
    mine.text = given.text
    return Case(etree.tostring(root), UNSURE, {R.TSA_INVALID})


def lists_inside() -> Case:
    return Case(lasting_inside(), OK, set(), trust=trusting(crls=False))


def lasts_inside() -> Case:
    return Case(archived_inside(), OK, set(), trust=trusting(crls=False))


def lasts_inside_after_the_signer_has_expired() -> Case:
    first = xml_evidence.add_timestamp(inside(short_lived().credential()), stamper=stamper())
    again = archived_inside(lasting_inside(archived_inside(lasting_inside(first))), LATER - timedelta(days=1))
    return Case(again, OK, set(), trust=much_later(), at=LATER)


def words_changed_under_an_archive_stamp() -> Case:
    return Case(
        archived_inside().replace("kiến nghị".encode(), b"kien nghi"),
        BAD,
        {R.INTEGRITY_FAIL, R.TSA_INVALID},
        trust=trusting(crls=False),
    )


def a_list_taken_from_inside() -> Case:
    root = etree.fromstring(archived_inside())
    found = root.find(".//{*}EncapsulatedCRLValue")
    assert found is not None
    found.getparent().remove(found)  # type: ignore[union-attr]
    return Case(etree.tostring(root), BAD, {R.INTEGRITY_FAIL, R.TSA_INVALID})


def words_changed() -> Case:
    return Case(inside().replace("kiến nghị".encode(), b"kien nghi"), BAD, {R.INTEGRITY_FAIL})


def comment_changed() -> Case:
    """Comments are no part of what is signed (exclusive canonical form without them)."""
    return Case(inside().replace("lời".encode(), b"khac"), OK, {R.VALID_NO_TSA})


def signing_time_changed() -> Case:
    return Case(inside().replace(b"SigningTime>2026-02-04", b"SigningTime>2026-02-05"), BAD, {R.INTEGRITY_FAIL})


def value_inside_flipped() -> Case:
    root = etree.fromstring(inside())
    value = root.find(f".//{{{DS}}}SignatureValue")
    assert value is not None
    assert value.text
    value.text = base64.b64encode(bytes(64)).decode()
    return Case(etree.tostring(root), BAD, {R.INTEGRITY_FAIL})


def one_signature_in_another() -> Case:
    """A second one, over the whole with the first: it holds, and the first is over what is no more the whole."""
    return Case(inside(content=inside()), BAD, {R.INTEGRITY_FAIL, R.VALID_NO_TSA})


def wrapped() -> Case:
    """What was signed is moved into a corner, and something else stands where it stood."""
    signed = etree.fromstring(inside())
    signature = signed.find(f"{{{DS}}}Signature")
    assert signature is not None
    reference = signature.find(f".//{{{DS}}}Reference[@URI='']")
    assert reference is not None
    return Case(b"<m xmlns='urn:x'><a>khac</a>" + etree.tostring(signed) + b"</m>", BAD, {R.INTEGRITY_FAIL})


def only_a_part() -> Case:
    """Signed by its Id, the rest of the document is nobody's."""
    content = inside(content=b"<part Id='p'>x</part>").replace(b'URI=""', b'URI="#p"')
    root = etree.fromstring(content)
    whole = etree.Element("m")
    whole.append(root)
    return Case(etree.tostring(whole), BAD, {R.INTEGRITY_FAIL, R.COVERS_PART})


def an_id_twice() -> Case:
    found = etree.fromstring(inside())
    properties = found.find(".//{*}SignedProperties")
    assert properties is not None
    twin = etree.SubElement(found, "twin", Id=str(properties.get("Id")))
    twin.text = "x"
    return Case(etree.tostring(found), BAD, {R.INTEGRITY_FAIL})


def a_program_as_transform() -> Case:
    content = inside().replace(
        b"http://www.w3.org/2000/09/xmldsig#enveloped-signature", b"http://www.w3.org/TR/1999/REC-xslt-19991116"
    )
    return Case(content, UNSURE, {R.UNSUPPORTED_ALGO})


def reference_to_another_file() -> Case:
    return Case(inside().replace(b'URI=""', b'URI="http://x/y"'), UNSURE, {R.UNSUPPORTED_ALGO, R.COVERS_PART})


def nobody_trusted_inside() -> Case:
    return Case(inside(), UNSURE, {R.CHAIN_UNTRUSTED}, trust=trusting(anchors=()))


def expired_since_inside() -> Case:
    by = a_signer(until=S + timedelta(hours=1)).credential()
    return Case(inside(by), UNSURE, {R.EXPIRED_SINCE})


def without_a_certificate() -> Case:
    root = etree.fromstring(inside())
    for each in list(root.iter(f"{{{DS}}}KeyInfo")):
        each.getparent().remove(each)  # type: ignore[union-attr]
    return Case(etree.tostring(root), BAD, {R.MALFORMED})


def with_a_document_type() -> Case:
    return Case(b"<!DOCTYPE m [<!ENTITY e 'x'>]>" + inside().split(b"?>", 1)[1], UNSURE, {R.UNREADABLE})


def unsigned_message() -> Case:
    return Case(MESSAGE, NONE, {R.UNSIGNED})


def broken_message() -> Case:
    return Case(b"<m><a></m>", UNSURE, {R.UNREADABLE})


CASES = [
    value
    for name, value in list(globals().items())
    if callable(value) and getattr(value, "__annotations__", {}).get("return") == "Case"
]


def judged(case: Case) -> Report:
    return other_files.verify(case.content, beside=case.beside, trusted=case.trust or trusting(), at=case.at)


@pytest.mark.parametrize("make_case", CASES, ids=lambda each: each.__name__)
def test_each_file_is_judged_as_expected(make_case: Callable[[], Case]) -> None:
    case = make_case()
    report = judged(case)
    found = ({*report.reasons} | {each for one in report.signatures for each in one.reasons}) - {R.VALID}
    assert (report.verdict, found) == (case.verdict, case.reasons)
    assert from_json(to_json(report)) == report
    assert not report.replaces_paper


def test_the_answer_has_the_shape_of_a_pdfs() -> None:
    [told] = public(judged(good_beside()))["signatures"]
    assert {name: told[name] for name in ("field", "integrity", "level", "covers", "time_source", "signer")} == {
        "field": "CAdES",
        "integrity": "intact",
        "level": "B-T",
        "covers": "file",
        "time_source": "timestamp",
        "signer": "Tổng cục Z",
    }
    [found] = judged(good_inside()).signatures
    assert (found.level, found.subfilter, found.covers, found.time_source) == (
        "B-B",
        "XAdES",
        Covers.FILE,
        TimeSource.CLOCK,
    )
    assert found.signed_at == S


def test_the_levels_beside_and_inside_are_told_and_what_they_carry_is_read() -> None:
    for steps, contents in (
        ((beside(stamped=False), beside(), lasting_beside(), archived_beside()), detached.contents_of),
        ((inside(), stamped_inside(), lasting_inside(), archived_inside()), xml_evidence.contents_of),
    ):
        for level, made in zip(("B-B", "B-T", "B-LT", "B-LTA"), steps, strict=True):
            report = judged(Case(made, OK, set(), TABLE))
            assert report.signatures[0].level == level
            assert lasting.outlook(contents(made)).level == level
        names = [(each.field, each.kind, each.intact) for each in report.signatures]
        assert names[1:] == [(f"{names[0][0]}.A1", Kind.TIMESTAMP, True)]


def test_other_tools_still_hold_what_was_made_to_last() -> None:
    assert xades.read(archived_inside()).signer == a_house().agency.der
    case = lasts_beside()
    [said] = opinions.ask(case.content, judged(case), beside=TABLE)
    assert (said.tool, said.differs) == ("openssl", ())


def test_openssl_says_the_same_of_what_lies_beside() -> None:
    for case in (good_beside(), file_changed(), two_signers()):
        [said] = opinions.ask(case.content, judged(case), beside=case.beside)
        assert (said.tool, said.differs) == ("openssl", ())


def test_no_bytes_are_too_strange() -> None:
    """Cut and changed anywhere, there is an answer, and none is valid that should not be."""
    for whole in (beside(), inside()):
        for place in range(3, len(whole), max(1, len(whole) // 60)):
            judged(Case(whole[:place], UNSURE, set(), TABLE))
            changed = whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :]
            report = judged(Case(changed, UNSURE, set(), TABLE))
            assert not report.replaces_paper
