"""Judging the signatures of any file: bytes and trust in, a report out. Pure: no tables, no network, and no file can crash it.

The order of questions is that of ETSI EN 319 102-1: format, integrity, who, when, chain, revocation, algorithms; then the
document's own rules (Decree 30/2020: person, then number and date, then agency).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Protocol

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.decode_limits import (
    DEFAULT_PURPOSE_LIMITS,
    DecodeLimits,
    DecodePurpose,
    DocumentDecodeBudget,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    FormUpdatingRule,
    GenericFieldModificationRule,
    ModificationLevel,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
)
from pyhanko.sign.diff_analysis.policy_api import DiffResult
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from antin.signing import quick, trust
from antin.signing.pades import TEXTS
from antin.signing.patience import TooLong, at_most
from antin.signing.report import Finding, Report
from antin.signing.states import Changes, Kind, Reason, TimeSource, Verdict, worst

quick.install()
logger = logging.getLogger(__name__)

POLICY = 1
"""Raised whenever the same file and the same trust may be judged differently."""

TOLERANCE = timedelta(minutes=5)
SECONDS, TRY_AGAIN = 20.0, timedelta(hours=1)
"""How long one file may take (90 MB take two), and when one that took longer is tried again: the node was busy, perhaps."""

MEGABYTE = 2**20
LIMITS = DecodeLimits(
    per_purpose={
        **DEFAULT_PURPOSE_LIMITS,
        DecodePurpose.XREF_STREAM: StreamDecodeLimits(
            max_ratio=50, ratio_floor=MEGABYTE, max_output_size=16 * MEGABYTE
        ),
    },
    document_budget=DocumentDecodeBudget(base_allowance=64 * MEGABYTE, max_ratio=20),
)
"""What a file may make of itself while it is read: a cross-reference table of 100 KB must not keep a core busy for minutes."""

SUBFILTERS = {"/adbe.pkcs7.detached", "/ETSI.CAdES.detached", "/ETSI.RFC3161"}


class _FieldRule(GenericFieldModificationRule):
    """pyHanko 0.38 takes the picture of a locked field for changed in every later revision, unless it came with the very last one
    before; what the revision did not touch is no change."""

    def check_form_field(self, fq_name: str, spec: Any, context: Any) -> Iterator[Any]:
        touched = context.new.explicit_refs_in_revision()
        for level, update in super().check_form_field(fq_name, spec, context):
            if update.updated_ref in touched:
                yield level, update


DIFFERENCES = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=FormUpdatingRule([SigFieldCreationRule(), SigFieldModificationRule(), _FieldRule()]),
)


class Trust(Protocol):
    """What the node believes: `keys.queries.Trust`."""

    @property
    def anchors(self) -> tuple[bytes, ...]: ...
    @property
    def intermediates(self) -> tuple[bytes, ...]: ...
    @property
    def crl_bytes(self) -> tuple[bytes, ...]: ...
    @property
    def person_policy(self) -> str: ...
    @property
    def agency_policy(self) -> str: ...
    @property
    def state(self) -> str: ...


@dataclass
class _Judged:
    """A signature being judged."""

    reasons: list[Reason] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    holds_until: datetime | None = None

    def note(self, reason: Reason) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)

    def holds(self, until: datetime | None) -> None:
        if until is not None:
            self.holds_until = until if self.holds_until is None else min(self.holds_until, until)


def verify(content: bytes, *, trusted: Trust, at: datetime) -> Report:
    """Judge every signature of a file as of that moment."""
    reasons: list[Reason] = []
    judged: list[tuple[Finding, datetime | None]] = []
    if not content[:1024].lstrip().startswith(b"%PDF-") and b"%PDF-" not in content[:1024]:
        reasons.append(Reason.NOT_PDF)
    else:
        try:
            judged, reasons = at_most(SECONDS, lambda: _judge_document(content, trusted, at))
        except TooLong:
            reasons.append(Reason.TOO_HEAVY)
        except Exception as trouble:
            logger.info("unreadable file in verification: %s", type(trouble).__name__)
            reasons.append(Reason.UNREADABLE)
    findings = tuple(finding for finding, _ in judged)
    reasons += _document_reasons(findings)
    limits = [until for _, until in judged if until is not None]
    if Reason.TOO_HEAVY in reasons:
        limits.append(at + TRY_AGAIN)
    return Report(
        file=hashlib.sha256(content).hexdigest(),
        verdict=worst([finding.verdict for finding in findings] + [reason.verdict for reason in reasons]),
        reasons=tuple(reasons),
        signatures=findings,
        replaces_paper=_replaces_paper(findings, reasons),
        verified_at=at,
        policy=POLICY,
        trust=trusted.state,
        holds_until=min(limits) if limits else None,
    )


def _judge_document(
    content: bytes, trusted: Trust, at: datetime
) -> tuple[list[tuple[Finding, datetime | None]], list[Reason]]:
    try:
        reader = PdfFileReader(BytesIO(content), strict=True, decode_limits=LIMITS)
        if reader.encrypted:
            return [], [Reason.ENCRYPTED]
        signed = list(enumerate_sig_fields(reader, filled_status=True))
    except (PdfError, ValueError, KeyError, TypeError, RecursionError):
        return [], [_why_unreadable(content)]
    try:
        if not signed:
            return [], [Reason.UNSIGNED]
        embedded = _embedded_lists(reader)
        judged = [_judge(reader, name, holder, trusted=trusted, embedded=embedded, at=at) for name, _, holder in signed]
        judged.sort(key=lambda each: each[0])
        return [(finding, until) for _, finding, until in judged], []
    finally:
        quick.let_go(reader)


def _why_unreadable(content: bytes) -> Reason:
    """A sloppy file is read leniently, only to say whether there is anything to judge in it."""
    try:
        reader = PdfFileReader(BytesIO(content), strict=False, decode_limits=LIMITS)
        if reader.encrypted:
            return Reason.ENCRYPTED
        if not any(True for _ in enumerate_sig_fields(reader, filled_status=True)) and b"/ByteRange" not in content:
            return Reason.UNSIGNED
    except (PdfError, ValueError, KeyError, TypeError, RecursionError, AttributeError):
        pass
    return Reason.UNREADABLE


def _embedded_lists(reader: PdfFileReader) -> tuple[bytes, ...]:
    """The revocation lists of the document's own security store; each is believed only as far as its signature goes."""
    try:
        listed = reader.root["/DSS"]["/CRLs"]
        return tuple(bytes(each.get_object().data) for each in listed)
    except (PdfError, KeyError, TypeError, ValueError, AttributeError):
        return ()


def _judge(
    reader: PdfFileReader, name: str, field_of: Any, *, trusted: Trust, embedded: tuple[bytes, ...], at: datetime
) -> tuple[int, Finding, datetime | None]:
    """Judge one signature; the revision it signed comes first, for the order."""
    judged = _Judged()
    revision = 0
    kind = Kind.UNKNOWN
    try:
        signature = EmbeddedPdfSignature(reader, field_of, name)
        revision = signature.signed_revision
        if str(signature.sig_object.get("/SubFilter", "")) not in SUBFILTERS:
            judged.note(Reason.MALFORMED)
        else:
            kind = _judge_signature(judged, signature, trusted, embedded, at)
    except Exception as trouble:
        logger.info("malformed signature %s: %s", name, type(trouble).__name__)
        judged.note(Reason.MALFORMED)
    if not any(reason.verdict != Verdict.VALID for reason in judged.reasons):
        by_clock = judged.facts.get("time_source") == TimeSource.CLOCK
        judged.reasons.insert(0, Reason.VALID_NO_TSA if by_clock else Reason.VALID)
    verdict = worst([reason.verdict for reason in judged.reasons])
    facts = {**judged.facts, "intact": judged.facts.get("intact", False) and Reason.MALFORMED not in judged.reasons}
    finding = Finding(field=name, kind=kind, verdict=verdict, reasons=tuple(judged.reasons), **facts)
    return revision, finding, judged.holds_until


def _judge_signature(
    judged: _Judged, signature: EmbeddedPdfSignature, trusted: Trust, embedded: tuple[bytes, ...], at: datetime
) -> Kind:
    stamp = signature.sig_object_type == "/DocTimeStamp"
    leaf = signature.signer_cert.dump()
    others = frozenset([*(each.dump() for each in signature.other_embedded_certs), *trusted.intermediates])
    _judge_integrity(judged, signature, "tst_info" if stamp else "data")
    kind = Kind.TIMESTAMP if stamp else _kind(leaf, trusted)
    judged.facts |= _subject_facts(leaf)
    judged.facts["algorithm"] = _algorithm(signature.signer_info, leaf)
    signed_at, proven = _judge_time(judged, signature, trusted, embedded, at, stamp=stamp)
    chain = trust.chain(leaf, others, trusted.anchors)
    judged.facts["trusted"] = chain.trusted
    _judge_certificate(judged, leaf, chain, signed_at=signed_at, proven=proven, at=at)
    _judge_usage(judged, leaf, stamp=stamp)
    _judge_revocation(judged, chain, trusted, embedded, signed_at=signed_at, proven=proven, at=at)
    _judge_algorithms(judged, signature.signer_info, leaf, chain)
    if kind == Kind.AGENCY:
        judged.facts["covers_number"] = _covers_number(signature)
        if judged.facts["covers_number"] is False and Reason.INTEGRITY_FAIL not in judged.reasons:
            judged.note(Reason.NUMBER_NOT_COVERED)
    return kind


# Integrity


def _judge_integrity(judged: _Judged, signature: EmbeddedPdfSignature, content_type: str) -> None:
    """The bytes signed are the bytes there are; what came later is of the kinds the signatures allow."""
    signature.compute_integrity_info(DIFFERENCES)
    coverage = signature.coverage
    if content_type == "data":
        intact, valid = validate_sig_integrity(
            signature.signer_info, signature.signer_cert, "data", signature.compute_digest()
        )
    else:
        intact, valid = _token_integrity(signature.signed_data, signature.compute_digest)
    whole = coverage in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
    changes = _changes(signature)
    judged.facts |= {
        "intact": bool(intact and valid and whole),
        "covers_file": coverage == SignatureCoverageLevel.ENTIRE_FILE,
        "changes": changes,
    }
    if not (intact and valid and whole) or changes == Changes.FORBIDDEN:
        judged.note(Reason.INTEGRITY_FAIL)


def _changes(signature: EmbeddedPdfSignature) -> Changes:
    if signature.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return Changes.NONE
    result = signature.diff_result
    allowed = bool(signature.summarise_integrity_info()["docmdp_ok"])
    if not allowed or not isinstance(result, DiffResult):
        return Changes.FORBIDDEN
    evidence_only = result.modification_level in (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)
    return Changes.NONE if evidence_only else Changes.ALLOWED


def _token_integrity(signed: cms.SignedData, imprint_of: Any) -> tuple[bool, bool]:
    """Whether an RFC 3161 token is whole and stamps these bytes."""
    info = _token_info(signed)
    imprint = info["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    (signer,) = signed["signer_infos"]
    digest = hashlib.new(
        signer["digest_algorithm"]["algorithm"].native, bytes(signed["encap_content_info"]["content"])
    ).digest()
    intact, valid = validate_sig_integrity(signer, _token_signer(signed, signer), "tst_info", digest)
    return intact and imprint["hashed_message"].native == imprint_of(algorithm), valid


def _token_info(signed: cms.SignedData) -> tsp.TSTInfo:
    info = signed["encap_content_info"]["content"].parsed
    if not isinstance(info, tsp.TSTInfo):
        raise TypeError("not a timestamp token")
    return info


def _token_signer(signed: cms.SignedData, signer: cms.SignerInfo) -> Any:
    wanted = signer["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if choice.name != "certificate":
            continue
        if isinstance(wanted, cms.IssuerAndSerialNumber):
            if certificate.issuer == wanted["issuer"] and certificate.serial_number == wanted["serial_number"].native:
                return certificate
        elif certificate.key_identifier == wanted.native:
            return certificate
    raise ValueError("the token does not carry its signer's certificate")


# When


def _judge_time(
    judged: _Judged,
    signature: EmbeddedPdfSignature,
    trusted: Trust,
    embedded: tuple[bytes, ...],
    at: datetime,
    *,
    stamp: bool,
) -> tuple[datetime, bool]:
    """The moment of signing and whether it is proven: by a timestamp; else what the signer's clock said; else now."""
    token = signature.signed_data if stamp else _token(signature.signer_info)
    if token is not None:
        moment = _proven_moment(token, signature, trusted, embedded, at, stamp=stamp)
        if moment is not None:
            judged.facts |= {"signed_at": moment, "time_source": TimeSource.TIMESTAMP}
            if moment > at + TOLERANCE:
                judged.note(Reason.TIME_IN_FUTURE)
            return moment, True
        judged.note(Reason.TSA_INVALID)
    claimed = signature.self_reported_timestamp
    if claimed is None:
        judged.facts |= {"time_source": TimeSource.NONE}
        return at, False
    claimed = claimed.astimezone(UTC) if claimed.tzinfo else claimed.replace(tzinfo=UTC)
    judged.facts |= {"signed_at": claimed, "time_source": TimeSource.CLOCK}
    if claimed > at + TOLERANCE:
        judged.note(Reason.TIME_IN_FUTURE)
    return claimed, False


def _token(signer: cms.SignerInfo) -> cms.SignedData | None:
    unsigned = signer["unsigned_attrs"]
    if isinstance(unsigned, core.Void):
        return None
    for attribute in unsigned:
        if attribute["type"].native == "signature_time_stamp_token":
            return attribute["values"][0]["content"]
    return None


def _proven_moment(
    token: cms.SignedData,
    signature: EmbeddedPdfSignature,
    trusted: Trust,
    embedded: tuple[bytes, ...],
    at: datetime,
    *,
    stamp: bool,
) -> datetime | None:
    """The token's time, if the token is whole, over this signature, and by an authority we believe."""
    try:
        if not stamp:
            value = signature.signer_info["signature"].native
            if not all(_token_integrity(token, lambda algorithm: hashlib.new(algorithm, value).digest())):
                return None
        moment: datetime = _token_info(token)["gen_time"].native
        (signer,) = token["signer_infos"]
        leaf = _token_signer(token, signer).dump()
    except (ValueError, TypeError, KeyError):
        return None
    others = frozenset(
        [*(c.chosen.dump() for c in token["certificates"] if c.name == "certificate"), *trusted.intermediates]
    )
    chain = trust.chain(leaf, others, trusted.anchors)
    if not chain.trusted or not trust.standing(chain.certificates, moment) or not _may_stamp(leaf):
        return None
    if trust.is_weak_key(leaf) or any(trust.is_weak_signed(each) for each in chain.certificates[:-1]):
        return None
    for certificate, issuer in _pairs(chain):
        known = trust.revocation(
            certificate, issuer, kept=trusted.crl_bytes, embedded=embedded, signed_at=moment, at=at
        )
        if known.revoked_at is not None and known.revoked_at <= moment:
            return None
    return moment


def _may_stamp(leaf: bytes) -> bool:
    """RFC 3161, 2.3: the extended key usage is critical and is timestamping alone."""
    try:
        usage = trust.load(leaf).extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


# Who


def _kind(leaf: bytes, trusted: Trust) -> Kind:
    """Person or agency: by the certificate's policy, else by how its name is made (a title or given name is a person's)."""
    certificate = trust.load(leaf)
    try:
        policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
        marks = {each.policy_identifier.dotted_string for each in policies}
    except (x509.ExtensionNotFound, ValueError):
        marks = set()
    if trusted.agency_policy in marks:
        return Kind.AGENCY
    if trusted.person_policy in marks:
        return Kind.PERSON
    given = {attribute.oid for attribute in certificate.subject}
    if given & {NameOID.TITLE, NameOID.GIVEN_NAME, NameOID.SURNAME}:
        return Kind.PERSON
    names, houses = _named(certificate, NameOID.COMMON_NAME), _named(certificate, NameOID.ORGANIZATION_NAME)
    if houses and names.casefold() == houses.casefold():
        return Kind.AGENCY
    return Kind.UNKNOWN


def _named(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


def _subject_facts(leaf: bytes) -> dict[str, Any]:
    certificate = trust.load(leaf)
    return {
        "name": _named(certificate, NameOID.COMMON_NAME),
        "title": _named(certificate, NameOID.TITLE),
        "organisation": _named(certificate, NameOID.ORGANIZATION_NAME),
        "organisation_code": _named(certificate, NameOID.ORGANIZATION_IDENTIFIER),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": f"{certificate.serial_number:x}",
        "not_before": certificate.not_valid_before_utc,
        "not_after": certificate.not_valid_after_utc,
    }


# Certificate, chain, revocation, algorithms


def _judge_certificate(
    judged: _Judged, leaf: bytes, chain: trust.Chain, *, signed_at: datetime, proven: bool, at: datetime
) -> None:
    certificate = trust.load(leaf)
    if signed_at > certificate.not_valid_after_utc:
        judged.note(Reason.CERT_EXPIRED)
    elif signed_at < certificate.not_valid_before_utc:
        judged.note(Reason.CERT_NOT_YET)
    elif not proven:
        if at > certificate.not_valid_after_utc:
            judged.note(Reason.EXPIRED_SINCE)
        else:
            judged.holds(certificate.not_valid_after_utc)
    if not chain.trusted or not trust.standing(chain.certificates[1:], signed_at):
        judged.note(Reason.CHAIN_UNTRUSTED)


def _judge_usage(judged: _Judged, leaf: bytes, *, stamp: bool) -> None:
    try:
        usage = trust.load(leaf).extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    allowed = usage.digital_signature or usage.content_commitment
    if not allowed or (stamp and not _may_stamp(leaf)):
        judged.note(Reason.CERT_USAGE)


def _judge_revocation(
    judged: _Judged,
    chain: trust.Chain,
    trusted: Trust,
    embedded: tuple[bytes, ...],
    *,
    signed_at: datetime,
    proven: bool,
    at: datetime,
) -> None:
    """For a proven moment, what was true then; else what is true now counts against it."""
    effective = signed_at if proven else max(signed_at, at)
    for level, (certificate, issuer) in enumerate(_pairs(chain)):
        known = trust.revocation(
            certificate, issuer, kept=trusted.crl_bytes, embedded=embedded, signed_at=effective, at=at
        )
        if level == 0:
            judged.facts |= {"crl_number": known.number, "revoked_at": known.revoked_at}
        judged.holds(known.fresh_until)
        if known.revoked_at is not None and known.revoked_at <= signed_at:
            judged.note(Reason.CERT_REVOKED)
        elif known.revoked_at is not None and not proven and known.revoked_at <= at:
            judged.note(Reason.REVOKED_SINCE)
        elif not known.known:
            judged.note(Reason.REVOCATION_UNKNOWN)


def _pairs(chain: trust.Chain) -> Iterator[tuple[bytes, bytes]]:
    """Each certificate of the path with its issuer; the anchor itself is not asked about."""
    yield from zip(chain.certificates, chain.certificates[1:], strict=False)


def _judge_algorithms(judged: _Judged, signer: cms.SignerInfo, leaf: bytes, chain: trust.Chain) -> None:
    used = {signer["digest_algorithm"]["algorithm"].native}
    with suppress(ValueError):
        used.add(signer["signature_algorithm"].hash_algo)
    path = chain.certificates or (leaf,)
    weak_key = any(trust.is_weak_key(each) for each in path)
    weak_path = any(trust.is_weak_signed(each) for each in (path[:-1] or path))
    if used & trust.WEAK_HASHES or weak_key or weak_path:
        judged.note(Reason.WEAK_ALGO)


def _algorithm(signer: cms.SignerInfo, leaf: bytes) -> str:
    size = getattr(trust.load(leaf).public_key(), "key_size", "")
    return f"{signer['signature_algorithm']['algorithm'].native} {size} {signer['digest_algorithm']['algorithm'].native}".strip()


# The document


def _covers_number(signature: EmbeddedPdfSignature) -> bool | None:
    """Whether number and date stood in the file when it was signed, as they stand now; None when it has no such fields."""
    now = _texts(signature.reader.root)
    if not now:
        return None
    then = _texts(signature.reader.get_historical_root(signature.signed_revision))
    return all(then.values()) and then == now


def _texts(root: Any) -> dict[str, str]:
    try:
        fields = [each.get_object() for each in root["/AcroForm"]["/Fields"]]
    except (KeyError, TypeError, AttributeError):
        return {}
    ours = {str(each["/T"]): each for each in fields if "/T" in each and str(each["/T"]) in TEXTS}
    return {name: str(each["/V"]) if "/V" in each else "" for name, each in ours.items()}


def _document_reasons(findings: tuple[Finding, ...]) -> list[Reason]:
    kinds = {finding.kind for finding in findings}
    if Kind.PERSON in kinds and Kind.AGENCY not in kinds:
        return [Reason.PERSON_ONLY]
    if Kind.AGENCY in kinds and Kind.PERSON not in kinds:
        return [Reason.AGENCY_ONLY]
    return []


def _replaces_paper(findings: tuple[Finding, ...], reasons: list[Reason]) -> bool:
    """Signed by the competent person and by the agency, all of it valid (Decree 30/2020, art. 5)."""
    kinds = {finding.kind for finding in findings}
    return not reasons and {Kind.PERSON, Kind.AGENCY} <= kinds and all(f.verdict == Verdict.VALID for f in findings)
