"""What signatures of files that are no PDFs are worth: beside a file of any kind (CAdES, .p7s), and inside XML (XAdES, XML-DSig).

The same questions, reasons, trust and policy as for PDFs (`verification`); how a signature is found and what it covers differs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from asn1crypto import cms

from antin.signing import signed_data, trust, verification, xml_signatures
from antin.signing.criteria import DEFAULT, Criteria
from antin.signing.patience import TooLong, at_most
from antin.signing.report import Report
from antin.signing.revisions import Signature
from antin.signing.sealed_record import Record
from antin.signing.sight import Draw
from antin.signing.signed_data import Malformed, SignedData, Unsupported
from antin.signing.states import Changes, Covers, Kind, Reason, worst
from antin.signing.verification import SECONDS, Trust, _Document, _Judged
from antin.signing.xml_signatures import Inside

CADES, XADES, ARCHIVE = "CAdES", "XAdES", "ArchiveTimeStamp"
MOST_SIGNERS = 50


def verify(
    content: bytes,
    *,
    trusted: Trust,
    at: datetime,
    beside: bytes | None = None,
    criteria: Criteria = DEFAULT,
    draw: Draw | None = None,
    record: Record | None = None,
) -> Report:
    """Judge the signatures of any file: a PDF, an XML document, or a .p7s, whose signed file is `beside` it.

    Of a PDF that was opened from sealed bytes, `record` is the evidence beside those.
    """
    p7s = None if b"%PDF-" in content[:2048] else cms_of(content)
    if p7s is not None:
        return _report(_Beside(p7s, beside, trusted, at, criteria), signed=beside if beside is not None else content)
    if xml_signatures.is_xml(content):
        return _report(_InsideXml(content, None, trusted, at, criteria), signed=content)
    return verification.verify(content, trusted=trusted, at=at, criteria=criteria, draw=draw, record=record)


def cms_of(content: bytes) -> bytes | None:
    """The CMS in these bytes, in DER, whether it is written so or in PEM; None if there is none."""
    if content[:1] == b"0" and signed_data_inside(content):
        return content
    if content.lstrip()[:11] != b"-----BEGIN ":
        return None
    lines = content.strip().splitlines()
    if not any(word in lines[0] for word in (b"PKCS7", b"CMS", b"PKCS #7")):
        return None
    try:
        return base64.b64decode(b"".join(line for line in lines if b"-----" not in line), validate=True)
    except binascii.Error:
        return b"0"  # it says what it is and is not: malformed


def signed_data_inside(content: bytes) -> bool:
    """Whether these bytes begin as CMS signed data does (RFC 5652, 5)."""
    return b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" in content[:32]


def _report(document: _Other, *, signed: bytes) -> Report:
    reasons: list[Reason] = []
    try:
        at_most(SECONDS, document.judge)
        reasons = document.reasons
    except (TooLong, MemoryError):
        document.give_up()
        reasons = [Reason.TOO_HEAVY]
    except (Malformed, *signed_data.BROKEN):
        document.give_up()
        reasons = [Reason.UNREADABLE]
    findings = tuple(verification._finding(each) for each in document.judged)
    limits = [each.holds_until for each in document.judged if each.holds_until is not None]
    return Report(
        file=hashlib.sha256(signed).hexdigest(),
        verdict=worst([finding.verdict for finding in findings] + [reason.verdict for reason in reasons]),
        reasons=tuple(dict.fromkeys(reasons)),
        signatures=findings,
        replaces_paper=False,
        verified_at=document.at,
        policy=verification.POLICY,
        trust=document.trusted.state,
        holds_until=min(limits) if limits else None,
        criteria=document.criteria.name,
    )


class _Other(_Document):
    """A file that is no PDF: it has no revisions, and nothing comes after a signature but another signature."""

    def __init__(self, content: bytes, beside: bytes | None, trusted: Trust, at: datetime, criteria: Criteria) -> None:
        super().__init__(content, trusted, at, criteria, None)
        self.beside = beside
        self.archives: dict[str, list[_Judged]] = {}

    def _begin(self, name: str, kind: str, claimed: datetime | None = None) -> _Judged:
        entries: dict[str, Any] = {"M": f"D:{claimed:%Y%m%d%H%M%S}Z".encode()} if claimed else {}
        judged = _Judged(Signature(name, entries, None))
        judged.facts |= {
            "intact": False,
            "covers": Covers.NOTHING,
            "covers_file": False,
            "subfilter": kind,
            "changes": Changes.NONE,
        }
        return judged

    def _keep_archive(self, of: _Judged, token: SignedData, over: bool) -> None:
        """An archive timestamp of a signature: judged as a timestamp over the whole of a PDF is."""
        mine = self.archives.setdefault(of.signature.field, [])
        stamp = self._begin(f"{of.signature.field}.A{len(mine) + 1}", ARCHIVE)
        stamp.stamp, stamp.kind, stamp.end = True, Kind.TIMESTAMP, len(mine) + 2
        mine.append(stamp)
        of.end = 1
        stamp.signed = token
        stamp.leaf = signed_data.leaf_of(token, [*self.trusted.intermediates, *self.trusted.anchors])
        stamp.facts |= verification._subject_facts(stamp.leaf) | verification._algorithm_facts(token, stamp.leaf)
        stamp.facts["intact"] = over and all(verification._token_is_whole(token, stamp.leaf))
        stamp.facts |= {"covers": Covers.FILE, "covers_file": True}
        if not stamp.facts["intact"]:
            stamp.note(Reason.INTEGRITY_FAIL)

    def _judge_all(self) -> None:
        """Each signature with its own archive timestamps, which are judged first: they prove that it was there by then."""
        whole = []
        for judged in self.judged:
            stamps = self.archives.get(judged.signature.field, [])
            if judged.signed is not None:
                self.proofs = trust.Proofs(tuple(judged.signed.crls), tuple(judged.signed.ocsps))
                self.store = tuple(judged.signed.certificates)
            for stamp in stamps:
                self._judge_one(stamp, stamps)
            self._judge_one(judged, [judged, *stamps])
            self._level_of(judged)
            whole += [judged, *stamps]
        self.judged = whole

    def _integrity_of(
        self, judged: _Judged, signed: SignedData, leaf: bytes, over: Callable[[], tuple[bool, bool]]
    ) -> None:
        """Whether the signature is its key's, and over what stands here."""
        judged.signed, judged.leaf = signed, leaf
        trust.facts(leaf)
        judged.facts |= verification._subject_facts(leaf)
        judged.kind = self._kind(leaf)
        try:
            is_over, by = over()
        except Unsupported as trouble:
            judged.facts["algorithms"] = {**judged.facts.get("algorithms", {}), "unsupported": str(trouble)[:60]}
            judged.note(Reason.UNSUPPORTED_ALGO)
            return
        judged.facts["intact"] = is_over and by
        if not judged.facts["intact"]:
            judged.note(Reason.INTEGRITY_FAIL)

    def _level_of(self, judged: _Judged) -> None:
        if judged.signed is None:
            return
        stamped = judged.facts.get("time_source") == verification.TimeSource.TIMESTAMP
        proofs = judged.signed.crls or judged.signed.ocsps
        judged.facts["level"] = ("B-LT" if proofs else "B-T") if stamped else "B-B"
        if proofs and any(each.intact for each in self.archives.get(judged.signature.field, [])):
            judged.facts["level"] = "B-LTA"


class _Beside(_Other):
    """A .p7s: one signature, or one for each of several signers, over a file of its own."""

    def judge(self) -> None:
        info = cms.ContentInfo.load(self.content, strict=False)
        signed = info["content"]
        signers = list(signed["signer_infos"])
        if not signers:
            self.reasons.append(Reason.UNSIGNED)
            return
        if len(signers) > MOST_SIGNERS:
            self.reasons.append(Reason.TOO_HEAVY)
            return
        for turn, signer in enumerate(signers, 1):
            judged = self._begin(f"{CADES}{turn if len(signers) > 1 else ''}", CADES)
            self.judged.append(judged)
            self._read_signer(judged, signed, signer)
        self._judge_all()

    def _read_signer(self, judged: _Judged, signed: cms.SignedData, signer: cms.SignerInfo) -> None:
        try:
            found = signed_data.of_signer(signed, signer)
            leaf = signed_data.leaf_of(found, [*self.trusted.intermediates, *self.trusted.anchors])
            judged.facts |= verification._algorithm_facts(found, leaf)
            content = self.beside if self.beside is not None else found.content
            if content is None:
                judged.signed, judged.leaf = None, leaf
                judged.facts |= verification._subject_facts(leaf)
                judged.kind = self._kind(leaf)
                judged.note(Reason.CONTENT_MISSING)
                return
            inner: bytes = content

            def over() -> tuple[bool, bool]:
                return signed_data.is_over(found, leaf, lambda name: signed_data.hash_with(name, inner))

            self._integrity_of(judged, found, leaf, over)
            judged.facts |= {"covers": Covers.FILE, "covers_file": True}
            if signed_data.names_signer(found, leaf) is False:
                judged.note(Reason.SIGNER_MISMATCH)
            for token, is_over in signed_data.archives(signed, signer, lambda name: signed_data.hash_with(name, inner)):
                self._keep_archive(judged, token, is_over)
        except (Malformed, *trust.BROKEN):
            judged.signed = None
            judged.note(Reason.MALFORMED)


class _InsideXml(_Other):
    """An XML document with its signatures inside."""

    def judge(self) -> None:
        try:
            found = xml_signatures.read(self.content)
        except xml_signatures.NotRead:
            self.reasons.append(Reason.UNREADABLE)
            return
        if not found:
            self.reasons.append(Reason.UNSIGNED)
            return
        for inside in found:
            judged = self._begin(inside.name, XADES if inside.qualified else "XML-DSig", inside.claimed_at)
            self.judged.append(judged)
            self._read_inside(judged, inside)
        self._judge_all()

    def _read_inside(self, judged: _Judged, inside: Inside) -> None:
        if inside.fault or not inside.certificates:
            judged.note(Reason.MALFORMED)
            return
        try:
            leaf = inside.certificates[0]
            size, curve, family = signed_data.key_facts(leaf)
            used = signed_data.Algorithms(inside.digest, family, size, curve, inside.signed_digest)
            judged.facts |= {"algorithm": str(used), "algorithms": dict(vars(used))}
            self._integrity_of(judged, _as_cms(inside), leaf, inside.check)
            judged.facts["covers"] = Covers.FILE if inside.whole else Covers.PART
            judged.facts["covers_file"] = inside.whole
            if inside.names_signer is False:
                judged.note(Reason.SIGNER_MISMATCH)
            if not inside.whole:
                judged.note(Reason.COVERS_PART)
            for given, covered in inside.archives:
                token = signed_data.read(given)
                _moment, name, imprint = signed_data.stamped(token)
                self._keep_archive(judged, token, bool(covered) and imprint == signed_data.hash_with(name, covered))
        except (Malformed, *trust.BROKEN):
            judged.signed = None
            judged.note(Reason.MALFORMED)


def _as_cms(inside: Inside) -> SignedData:
    """What a signature in XML carries, in the shape that judging asks for: the value that is stamped, the token, the proofs."""
    signer = cms.SignerInfo({"signature": inside.stamped})
    if inside.token:
        token = cms.ContentInfo.load(inside.token)
        attribute = {"type": "signature_time_stamp_token", "values": [token]}
        signer["unsigned_attrs"] = cms.CMSAttributes([cms.CMSAttribute(attribute)])
    return SignedData(signer, list(inside.certificates), crls=list(inside.crls), ocsps=list(inside.ocsps))


__all__ = ["CADES", "XADES", "cms_of", "verify"]
