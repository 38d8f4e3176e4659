"""Judging the signatures of any file: bytes and trust in, a report out. Pure: no tables, no network, and no file can crash it.

The order of questions is that of ETSI EN 319 102-1: format, integrity, who, when, chain, revocation, algorithms; then what came
into the file afterwards (`differences`, `sight`), and the document's own rules (Decree 30/2020: person, number and date, agency).
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol

from antin.signing import differences, order, revisions, sight, signed_data, trust
from antin.signing.criteria import DEFAULT, Criteria
from antin.signing.differences import OURS, Step
from antin.signing.patience import TooLong, at_most
from antin.signing.report import APART, Finding, Report, Since
from antin.signing.revisions import File, Signature, TooMuch, Unreadable, View
from antin.signing.sealed_record import Record
from antin.signing.sight import Draw
from antin.signing.signed_data import Malformed, SignedData, Unsupported
from antin.signing.states import Change, Changes, Covers, Disorder, Kind, Reason, TimeSource, Verdict, worst

logger = logging.getLogger(__name__)

POLICY = 4
"""Raised whenever the same file and the same trust may be judged differently."""

SECONDS, TRY_AGAIN = 20.0, timedelta(hours=1)
"""How long one file may take (90 MB take two), and when one that took longer is tried again: the node was busy, perhaps."""

MOST_DRAWN = 48
"""Pages drawn for one file, before and after together; what is beyond is said to be not compared."""

LONGEST_VALUE = 10
"""Letters: what is longer is no number of a document, no day, month or year."""

SUBFILTERS = {"adbe.pkcs7.detached", "ETSI.CAdES.detached", "ETSI.RFC3161", "adbe.pkcs7.sha1", "adbe.x509.rsa_sha1"}
SPACES = b"\x00\t\n\x0c\r "
DATE = re.compile(r"(?:D:)?(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:([Zz+-])(\d{2})?'?(\d{2})?)?")


EVIDENCE = {Change.DSS, Change.TIMESTAMP, Change.METADATA}
"""What is added to a file so that it can be proven longer is no change of the document."""


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

    signature: Signature
    kind: Kind = Kind.UNKNOWN
    reasons: list[Reason] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    holds_until: datetime | None = None
    end: int = 0
    signed: SignedData | None = None
    leaf: bytes = b""
    stamp: bool = False
    proven: datetime | None = None

    def note(self, reason: Reason) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)

    def holds(self, until: datetime | None) -> None:
        if until is not None:
            self.holds_until = until if self.holds_until is None else min(self.holds_until, until)

    @property
    def intact(self) -> bool:
        return bool(self.facts.get("intact"))


def verify(
    content: bytes,
    *,
    trusted: Trust,
    at: datetime,
    criteria: Criteria = DEFAULT,
    draw: Draw | None = None,
    record: Record | None = None,
) -> Report:
    """Judge every signature of a file as of that moment. Without `draw` pages are not looked at, only objects.

    A `record` is the evidence beside the sealed bytes that the file was opened from: its tokens are over all of it.
    """
    reasons: list[Reason] = []
    document = _Document(content, trusted, at, criteria, draw)
    document.record = record
    if b"%PDF-" not in content[:2048]:
        reasons.append(Reason.NOT_PDF)
    else:
        try:
            at_most(SECONDS, document.judge)
            reasons = document.reasons
        except (TooLong, TooMuch, MemoryError):
            document.give_up()
            reasons.append(Reason.TOO_HEAVY)
        except Exception as trouble:
            logger.info("unreadable file in verification: %s", type(trouble).__name__)
            document.give_up()
            reasons.append(Reason.UNREADABLE)
    findings = tuple(_finding(each) for each in document.judged)
    reasons = list(dict.fromkeys([*reasons, *_document_reasons(findings)]))
    limits = [each.holds_until for each in document.judged if each.holds_until is not None]
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
        changes_after=tuple(document.changes),
        criteria=criteria.name,
    )


def _finding(judged: _Judged) -> Finding:
    """Freeze what was found."""
    weights = [_weight(reason, judged) for reason in judged.reasons]
    if not any(weight != Verdict.VALID for weight in weights):
        by_clock = judged.facts.get("time_source") == TimeSource.CLOCK and judged.proven is None
        judged.reasons.insert(0, Reason.VALID_NO_TSA if by_clock else Reason.VALID)
    verdict = worst([Verdict.VALID, *weights])
    facts = {**judged.facts, "intact": judged.intact and Reason.MALFORMED not in judged.reasons}
    return Finding(
        field=judged.signature.field, kind=judged.kind, verdict=verdict, reasons=tuple(judged.reasons), **facts
    )


CERTIFICATES_OWN = {Reason.CERT_EXPIRED, Reason.CERT_NOT_YET, Reason.CERT_USAGE}


def _weight(reason: Reason, judged: _Judged) -> Verdict:
    """What a certificate says of itself counts against a signature only where the certificate is believed: an unknown authority's
    dates prove nothing either way (ETSI EN 319 102-1, 5.2.6)."""
    if reason in CERTIFICATES_OWN and not judged.facts.get("trusted"):
        return Verdict.UNDETERMINED
    return reason.verdict


class _Document:
    """One file being judged."""

    def __init__(self, content: bytes, trusted: Trust, at: datetime, criteria: Criteria, draw: Draw | None) -> None:
        self.record: Record | None = None
        self.content, self.trusted, self.at, self.criteria, self.draw = content, trusted, at, criteria, draw
        self.reasons: list[Reason] = []
        self.judged: list[_Judged] = []
        self.changes: list[Since] = []
        self.proofs = trust.Proofs()
        self.store: tuple[bytes, ...] = ()
        self.given_up = False
        self.drawn: dict[tuple[int, int, bool], Any] = {}

    def give_up(self) -> None:
        """What was found so far stands, but nothing of it may stand as valid: the file's own reason sees to that."""
        self.given_up = True
        self.judged = [each for each in self.judged if each.facts]

    def judge(self) -> None:
        """Find the signatures, judge each, then what came after them."""
        file = File(self.content)
        view: View | None = None
        try:
            view = file.view()
            encrypted = view.closed
            found = revisions.scattered(self.content, len(self.content)) if encrypted else revisions.signatures(view)
        except (Unreadable, TooMuch) as trouble:
            encrypted = False
            view, found = None, revisions.scattered(self.content, len(self.content))
            too_much = isinstance(trouble, TooMuch)
            self.reasons.append(Reason.TOO_HEAVY if too_much else Reason.UNREADABLE)
        if encrypted:
            self.reasons.append(Reason.ENCRYPTED)
            view = None
        if not found:
            if not self.reasons:
                self.reasons.append(Reason.UNREADABLE if view is not None and view.repaired else Reason.UNSIGNED)
            return
        if view is not None:
            self._read_store(view)
        hashed = _Hashed(self.content)
        working = []
        for signature in found:
            judged = _Judged(signature)
            working.append(judged)
            self._integrity(judged, view, hashed)
        working.sort(key=lambda each: (each.end or len(self.content) + 1, each.stamp))
        apart = self._read_record() if self.record is not None else []
        together = [*working, *apart]
        for judged in together:
            if judged.stamp:
                self._judge_one(judged, together)
        for judged in working:
            if not judged.stamp:
                self._judge_one(judged, together)
        self.judged = together
        if view is not None:
            self._after(file, view, working)
            self._levels(file, view, together)
            for judged in working:
                if judged.kind == Kind.AGENCY:
                    self._number(file, view, judged)
            self._order(file, view, working)

    def _order(self, file: File, view: View, working: list[_Judged]) -> None:
        """Whether the steps that the file's own fields foresee were taken in the legal order; noted where it was broken first."""
        found = revisions.fields(view)
        form = view.resolve(view.root.get("AcroForm"))
        signatures = [each for each in found if each.kind == "Sig"]
        foreseen = order.form_facts(
            [each.name for each in signatures if each.value is not None],
            [each.name for each in signatures if each.value is None],
            _texts(view),
            isinstance(form, dict) and form.get("XXInOrder") is True,
        )[1]
        if not any(each.name == "Person" and each.value is not None for each in signatures):
            return  # AGENCY_ONLY, or nobody's: there is no order between steps that were not taken
        seen: set[order.Taken] = set()
        for judged in working:
            step = order.step_of(judged.signature.field)
            if step is None or judged.stamp or not judged.intact:
                continue
            try:
                numbered = order.NUMBER in seen or _texts(_then(file, view, judged)).get("number")
            except Unreadable:
                return
            if numbered:
                seen.add(order.NUMBER)
            wrong = order.why_not_now(step, seen, foreseen)
            if wrong is not None and wrong not in SAID_OTHERWISE:
                judged.note(Reason.OUT_OF_ORDER)
                return
            seen.add(step)

    def _read_store(self, view: View) -> None:
        """The document's own security store; what it holds is believed only as far as its signatures go."""
        store = view.resolve(view.root.get("DSS"))
        if not isinstance(store, dict):
            return

        def listed(key: str) -> tuple[bytes, ...]:
            found = view.resolve(store.get(key))
            streams = [view.resolve(each) for each in found] if isinstance(found, list) else []
            out = []
            for stream in streams:
                if isinstance(stream, revisions.Stream):
                    try:
                        out.append(view.file.decoded(stream))
                    except Unreadable:
                        continue
            return tuple(out)

        self.proofs = trust.Proofs(listed("CRLs"), listed("OCSPs"))
        self.store = listed("Certs")

    def _read_record(self) -> list[_Judged]:
        """The tokens of the evidence beside the sealed bytes: timestamps over the whole file, later than whatever it has itself.

        One that is not over its record is left out: what lies beside may help a document, never condemn it.
        """
        assert self.record is not None
        self.proofs = trust.Proofs((*self.proofs.crls, *self.record.crls), (*self.proofs.ocsps, *self.record.ocsps))
        self.store = (*self.store, *self.record.certificates)
        found = []
        for turn, (der, covered) in enumerate(self.record.stamps, 1):
            stamp = _Judged(Signature(f"{APART}.A{turn}", {}, None), kind=Kind.TIMESTAMP, stamp=True)
            stamp.end = len(self.content) + turn
            try:
                stamp.signed = token = signed_data.read(der)
                stamp.leaf = signed_data.leaf_of(token, [*self.store, *self.trusted.intermediates])
                _moment, name, imprint = signed_data.stamped(token)
                whole = imprint == signed_data.hash_with(name, covered) and all(_token_is_whole(token, stamp.leaf))
                stamp.facts |= _subject_facts(stamp.leaf) | _algorithm_facts(token, stamp.leaf)
            except (Malformed, Unsupported, *trust.BROKEN):
                continue
            stamp.facts |= {"intact": True, "subfilter": APART, "changes": Changes.NONE}
            stamp.facts |= {"covers": Covers.FILE, "covers_file": True}
            found += [stamp] if whole else []
        return found

    # Integrity

    def _integrity(self, judged: _Judged, view: View | None, hashed: _Hashed) -> None:
        """The bytes signed are the bytes there are, and the signature lies where its byte range says."""
        signature = judged.signature
        subfilter = str(signature.entries.get("SubFilter", ""))
        judged.stamp = subfilter == "ETSI.RFC3161" or signature.entries.get("Type") == "DocTimeStamp"
        judged.facts |= {"intact": False, "covers": Covers.NOTHING, "covers_file": False, "subfilter": subfilter}
        if judged.stamp:
            judged.kind = Kind.TIMESTAMP
        if not signature.reachable and view is not None:
            judged.note(Reason.SIGNATURE_DETACHED)
        contents, said = signature.contents, signature.byte_range
        if not contents or said is None or (subfilter and subfilter not in SUBFILTERS):
            judged.note(Reason.MALFORMED)
            return
        fits = self._fits(signature, view)
        if fits:
            judged.end = said[2] + said[3]
            judged.facts["covers"] = self._covers(judged.end)
        try:
            judged.signed = self._read(signature, contents, subfilter, view)
            known = [*self.store, *self.trusted.intermediates, *self.trusted.anchors]
            judged.leaf = signed_data.leaf_of(judged.signed, known)
            trust.facts(judged.leaf)
        except (Malformed, ValueError):
            judged.signed = None
            judged.note(Reason.MALFORMED)
            return
        judged.facts |= _subject_facts(judged.leaf)
        judged.facts |= _algorithm_facts(judged.signed, judged.leaf)
        if not judged.stamp:
            judged.kind = self._kind(judged.leaf)
        try:
            over, by = self._is_over(judged, hashed, said)
        except Unsupported as trouble:
            judged.facts["algorithms"] = {**judged.facts["algorithms"], "unsupported": str(trouble)[:60]}
            judged.note(Reason.UNSUPPORTED_ALGO)
            if not fits:
                judged.note(Reason.INTEGRITY_FAIL)
            return
        except (Malformed, *trust.BROKEN):
            judged.note(Reason.MALFORMED)
            return
        whole = fits and judged.facts["covers"] in (Covers.FILE, Covers.REVISION)
        judged.facts["intact"] = over and by and whole
        judged.facts["covers_file"] = judged.facts["covers"] == Covers.FILE
        if not judged.facts["intact"]:
            judged.note(Reason.INTEGRITY_FAIL)
        if by and not whole:
            moved = not over and not self._encloses(contents, said)
            judged.note(Reason.SAVED_AGAIN if moved else Reason.BYTE_RANGE)
        if signed_data.names_signer(judged.signed, judged.leaf) is False:
            judged.note(Reason.SIGNER_MISMATCH)

    def _read(self, signature: Signature, contents: bytes, subfilter: str, view: View | None) -> SignedData:
        if subfilter != "adbe.x509.rsa_sha1":
            return signed_data.read(contents)
        brought = view.resolve(signature.entries.get("Cert")) if view else signature.entries.get("Cert")
        brought = brought if isinstance(brought, list) else [brought]
        return signed_data.read_bare(contents, [each for each in brought if isinstance(each, bytes)])

    def _fits(self, signature: Signature, view: View | None) -> bool:
        """Whether the one gap in the byte range is exactly the signature's own hexadecimal string."""
        said = signature.byte_range
        if said is None:
            return False
        start, before, after, rest = said
        if start != 0 or not 0 < before < after or rest < 0 or after + rest > len(self.content):
            return False
        gap = self.content[before:after]
        if gap[:1] != b"<" or gap[-1:] != b">":
            return False
        try:
            if revisions._unhex(gap[1:-1]) != signature.contents:
                return False
        except ValueError:
            return False
        if view is not None and signature.number is not None and signature.reachable:
            span = view.span(signature.number)
            if span is not None and not (span[0] <= before and after <= span[1]):
                return False
        return True

    def _encloses(self, contents: bytes, said: tuple[int, int, int, int]) -> bool:
        """Whether the gap lies around the signature's own string, only too widely or too narrowly: then nobody moved it."""
        start = contents[:32].hex().encode()
        before, after = said[1], said[2]
        window = self.content[max(0, before - 64) : max(0, after)]
        return start in window or start.upper() in window

    def _covers(self, end: int) -> Covers:
        if not self.content[end:].strip(SPACES):
            return Covers.FILE
        tail = self.content[max(0, end - 1100) : end].rstrip(SPACES)
        return Covers.REVISION if tail.endswith(b"%%EOF") else Covers.PART

    def _is_over(self, judged: _Judged, hashed: _Hashed, said: tuple[int, int, int, int]) -> tuple[bool, bool]:
        signed = judged.signed
        assert signed is not None

        def digest_of(name: str) -> bytes:
            return hashed.digest(name, said)

        if not judged.stamp:
            return signed_data.is_over(signed, judged.leaf, digest_of)
        _moment, name, imprint = signed_data.stamped(signed)
        over, by = _token_is_whole(signed, judged.leaf)
        return over and imprint == digest_of(name), by

    # Who, when

    def _kind(self, leaf: bytes) -> Kind:
        """Person or agency: by the certificate's policy, else by how its name is made (a title or given name is a person's)."""
        said = trust.facts(leaf)
        if said.policies & {self.trusted.agency_policy, *self.criteria.agency_policies}:
            return Kind.AGENCY
        if said.policies & {self.trusted.person_policy, *self.criteria.person_policies}:
            return Kind.PERSON
        if said.given:
            return Kind.PERSON
        if said.organisation and said.name.casefold() == said.organisation.casefold():
            return Kind.AGENCY
        return Kind.UNKNOWN

    def _judge_one(self, judged: _Judged, working: list[_Judged]) -> None:
        if judged.signed is None:
            return
        try:
            self._judge_signer(judged, working)
        except (Malformed, Unsupported, *trust.BROKEN) as trouble:
            logger.info("malformed signature %s: %s", judged.signature.field, type(trouble).__name__)
            judged.note(Reason.MALFORMED)

    def _judge_signer(self, judged: _Judged, working: list[_Judged]) -> None:
        signed, leaf = judged.signed, judged.leaf
        assert signed is not None
        proofs = trust.Proofs((*self.proofs.crls, *signed.crls), (*self.proofs.ocsps, *signed.ocsps))
        signed_at, proven = self._time(judged, proofs, working)
        others = frozenset([*signed.certificates, *self.store, *self.trusted.intermediates])
        chain = trust.chain(leaf, others, self.trusted.anchors)
        judged.facts["trusted"] = chain.trusted
        self._certificate(judged, chain, signed_at=signed_at, proven=proven)
        said = trust.facts(leaf)
        if not said.may_sign or (judged.stamp and not _may_stamp(leaf)):
            judged.note(Reason.CERT_USAGE)
        if chain.trusted and self.criteria.revocation_required:
            self._revocation(judged, chain, proofs, signed_at=signed_at, proven=proven)
        self._algorithms(judged, chain, signed_at=signed_at, proven=proven)

    def _time(self, judged: _Judged, proofs: trust.Proofs, working: list[_Judged]) -> tuple[datetime, bool]:
        """The moment of signing and whether it is proven: by a timestamp of the signature or of the document; else what the
        signer's clock said; else now."""
        signed = judged.signed
        assert signed is not None
        claimed = signed_data.claimed_time(signed) or _moment(judged.signature.entries.get("M"))
        judged.facts["claimed_at"] = None if judged.stamp else claimed
        token: SignedData | None = None
        broken = False
        if judged.stamp:
            token = signed
        else:
            try:
                token = signed_data.token_of(signed)
            except Malformed:
                broken = True
        if token is not None or broken:
            moment, believed = (None, False)
            if token is not None:
                moment, believed = self._stamp(judged, token, proofs)
            if moment is not None:
                judged.facts |= {"signed_at": moment, "time_source": TimeSource.TIMESTAMP}
                if moment > self.at + self.criteria.clock_tolerance:
                    judged.note(Reason.TIME_IN_FUTURE)
                ahead = claimed is not None and claimed - moment > timedelta(minutes=1)
                behind = claimed is not None and moment - claimed > timedelta(days=1)
                if (ahead or behind) and not judged.stamp:
                    judged.note(Reason.CLOCK_DIFFERS)
                if believed:
                    judged.proven = moment
                    return moment, True
                judged.note(Reason.TSA_UNTRUSTED)
                return self._proven_later(judged, working, moment)
            judged.note(Reason.TSA_INVALID)
        if claimed is None:
            judged.facts |= {"time_source": TimeSource.NONE}
            return self._proven_later(judged, working, self.at)
        judged.facts |= {"signed_at": claimed, "time_source": TimeSource.CLOCK}
        if claimed > self.at + self.criteria.clock_tolerance:
            judged.note(Reason.TIME_IN_FUTURE)
        return self._proven_later(judged, working, claimed)

    def _proven_later(self, judged: _Judged, working: list[_Judged], otherwise: datetime) -> tuple[datetime, bool]:
        """A document timestamp over the signature proves that it was there by then."""
        if judged.stamp or not judged.end:
            return otherwise, False
        moments = [
            each.proven
            for each in working
            if each.stamp and each.proven is not None and each.intact and each.end > judged.end
        ]
        if not moments:
            return otherwise, False
        judged.proven = min(moments)
        return judged.proven, True

    def _stamp(self, judged: _Judged, token: SignedData, proofs: trust.Proofs) -> tuple[datetime | None, bool]:
        """The token's time if it is whole and over this signature, and whether its authority is one we believe."""
        try:
            known = [*(judged.signed.certificates if judged.signed else ()), *self.store, *self.trusted.intermediates]
            leaf = signed_data.leaf_of(token, known)
            moment, name, imprint = signed_data.stamped(token)
            if not judged.stamp:
                assert judged.signed is not None
                if judged.signed.bare is not None:
                    return None, False
                value = judged.signed.signer["signature"].native
                if not all(_token_is_whole(token, leaf)) or imprint != signed_data.hash_with(name, value):
                    return None, False
            elif not judged.intact:
                return None, False
            if not _may_stamp(leaf):
                return None, False
            others = frozenset([*token.certificates, *known])
            chain = trust.chain(leaf, others, self.trusted.anchors)
            if not chain.trusted or not trust.standing(chain.certificates, moment):
                return moment, False
            weak = trust.weaknesses(chain.certificates, anchored=True, criteria=self.criteria)
            weak |= {name} if self.criteria.is_weak_hash(name) else set()
            if weak and not self.criteria.accepted_then(frozenset(weak), moment.date()):
                return moment, False
            for certificate, issuer in _pairs(chain):
                found = trust.revocation(
                    certificate, issuer, kept=self.trusted.crl_bytes, embedded=proofs, signed_at=moment, at=self.at
                )
                if found.revoked_at is not None and found.revoked_at <= moment:
                    return None, False
            return moment, True
        except (Malformed, Unsupported, *trust.BROKEN):
            return None, False

    # Certificate, chain, revocation, algorithms

    def _certificate(self, judged: _Judged, chain: trust.Chain, *, signed_at: datetime, proven: bool) -> None:
        said = trust.facts(judged.leaf)
        if signed_at > said.not_after:
            judged.note(Reason.CERT_EXPIRED)
        elif signed_at < said.not_before:
            judged.note(Reason.CERT_NOT_YET)
        elif not proven:
            if self.at > said.not_after:
                judged.note(Reason.EXPIRED_SINCE)
            else:
                judged.holds(said.not_after)
        if not chain.trusted or not trust.standing(chain.certificates[1:], signed_at):
            judged.note(Reason.CHAIN_UNTRUSTED)

    def _revocation(
        self, judged: _Judged, chain: trust.Chain, proofs: trust.Proofs, *, signed_at: datetime, proven: bool
    ) -> None:
        """For a proven moment, what was true then; else what is true now counts against it."""
        effective = signed_at if proven else max(signed_at, self.at)
        for level, (certificate, issuer) in enumerate(_pairs(chain)):
            known = trust.revocation(
                certificate, issuer, kept=self.trusted.crl_bytes, embedded=proofs, signed_at=effective, at=self.at
            )
            if level == 0:
                judged.facts |= {"crl_number": known.number, "revoked_at": known.revoked_at}
            judged.holds(known.fresh_until)
            if known.revoked_at is not None and known.revoked_at <= signed_at:
                judged.note(Reason.CERT_REVOKED)
            elif known.revoked_at is not None and not proven and known.revoked_at <= self.at:
                judged.note(Reason.REVOKED_SINCE)
            elif not known.known:
                judged.note(Reason.REVOCATION_UNKNOWN)

    def _algorithms(self, judged: _Judged, chain: trust.Chain, *, signed_at: datetime, proven: bool) -> None:
        """What is weak today is weak unless the signature is proven to be of a day on which it was accepted."""
        used: dict[str, Any] = judged.facts["algorithms"]
        weak = set(
            trust.weaknesses(chain.certificates or (judged.leaf,), anchored=chain.trusted, criteria=self.criteria)
        )
        weak |= {each for each in (used["digest"], used["signed_digest"]) if self.criteria.is_weak_hash(each)}
        judged.facts |= {"weak": bool(weak), "weaknesses": tuple(sorted(weak))}
        if not weak:
            return
        accepted = proven and self.criteria.accepted_then(frozenset(weak), signed_at.date())
        judged.note(Reason.WEAK_THEN if accepted else Reason.WEAK_ALGO)

    # What came after

    def _after(self, file: File, view: View, working: list[_Judged]) -> None:
        """Compare the file as each signature left it with the file as the next one left it, and so on to the end."""
        ends = sorted({each.end for each in working if each.end and each.facts["covers"] != Covers.PART})
        if not ends:
            return
        stops = ends if not self.content[ends[-1] :].strip(SPACES) else [*ends, len(self.content)]
        views: dict[int, View] = {stops[-1]: view} if stops[-1] >= len(self.content.rstrip(SPACES)) else {}
        steps: list[tuple[int, int, Step]] = []
        for start, stop in pairwise(stops):
            step = self._step(file, views, start, stop, working)
            steps.append((start, stop, step))
        junk = self._junk(view)
        if junk is not None and steps:
            steps[-1][2].add(Change.JUNK, False)
        elif junk is not None:
            step = Step()
            step.add(Change.JUNK, False)
            steps.append((stops[-1], len(self.content), step))
        self._tell(file, view, working, steps, objects_in_junk=bool(junk))

    def _step(self, file: File, views: dict[int, View], start: int, stop: int, working: list[_Judged]) -> Step:
        for end in (start, stop):
            if end not in views:
                try:
                    views[end] = file.view(end)
                except Unreadable:
                    step = Step()
                    step.add(Change.DAMAGED, False)
                    return step
        old, new = views[start], views[stop]
        step = differences.between(old, new)
        vouched = any(each.end >= stop and each.intact and not each.stamp for each in working)
        self._look(step, old, new, vouched=vouched)
        for place, change in enumerate(step.changes):
            if change.kind == Change.WRITING and not vouched:
                step.changes[place] = replace(change, safe=False)
        views.pop(start, None)
        return step

    def _look(self, step: Step, old: View, new: View, *, vouched: bool) -> None:
        """See whether what was drawn hides what could be read, and which pages look different where more was changed than drawn."""
        if self.draw is None:
            return
        pages = sorted({each.page for each in step.drawn})
        loud = {
            Change.PAGE_CONTENT,
            Change.HIDDEN_OBJECT,
            Change.OBJECT,
            Change.CROSS_REFERENCE,
            Change.LAYERS,
            Change.DAMAGED,
        }
        searched = any(change.kind in loud for change in step.changes)
        if searched:
            count = len(differences._page_refs(old))
            pages = sorted({*pages, *range(1, min(count, 10) + 1)})
        for page in pages:
            before, after = self._seen(old, page), self._seen(new, page)
            if before is None or after is None:
                step.add(Change.UNSEEN, False, page)
                continue
            drawn = [each for each in step.drawn if each.page == page]
            if searched and sight.differs(before, after):
                step.add(Change.LOOKS, False, page)
            if not drawn:
                continue
            sheet = _Sheet.of(old, page)
            if self._hides(old, page, before, after, sheet):
                loose = {Change.ANNOTATION, Change.WRITING, Change.SIGNATURE_FIELD, Change.TIMESTAMP}
                covering = not vouched and any(each.change.kind in loose for each in drawn)
                step.add(Change.COVERS if covering else Change.HIDES, False, page, drawn[0].change.subject)
            for each in drawn:
                box = sheet.shown(each.box)
                invisible = each.change.kind == Change.WRITING and not sight.differs(before, after)
                if invisible and box and sight.is_inked(before, box, sheet.height):
                    # Drawn by some viewers only: taken for a box that covers all it spans.
                    step.add(Change.COVERS, False, page, each.change.subject)
                if not vouched and _is_writing(each, before, after, sheet):
                    step.add(Change.WRITING, False, page, each.change.subject)

    def _hides(self, old: View, page: int, before: Any, after: Any, sheet: _Sheet) -> bool:
        """Whether text of the page is hidden; what earlier signatures and fields themselves drew may be covered."""
        if not sight.hides(before, after):
            return False
        spared = [box for place in _earlier_places(old, page) if (box := sheet.shown(place)) is not None]
        if not spared or sheet.height <= 0:
            return True
        bare = self._seen(old, page, notes=False)
        return bare is None or sight.hides(sight.without_notes(before, bare, spared, sheet.height), after)

    def _seen(self, view: View, page: int, *, notes: bool = True) -> Any:
        key = (view.end, page, notes)
        if key not in self.drawn:
            if len(self.drawn) >= MOST_DRAWN or self.draw is None:
                return None
            try:
                self.drawn[key] = sight.seen(self.content[: view.end], page, self.draw, notes=notes)
            except Exception as trouble:
                logger.info("page not drawn in verification: %s", type(trouble).__name__)
                self.drawn[key] = None
        return self.drawn[key]

    def _junk(self, view: View) -> bool | None:
        """Bytes behind the end of the file: None if there are none, whether there are objects among them if there are."""
        place = self.content.rfind(b"%%EOF")
        if place < 0:
            return None
        tail = self.content[place + 5 :].strip(SPACES)
        if not tail:
            return None
        return bool(revisions.HEAD.search(tail) or b"trailer" in tail or b"xref" in tail)

    def _tell(
        self,
        file: File,
        view: View,
        working: list[_Judged],
        steps: list[tuple[int, int, Step]],
        *,
        objects_in_junk: bool,
    ) -> None:
        """Say of each signature what the steps after it mean for it, and of the document all that came after its first."""
        by_end: dict[int, str] = {}
        for each in working:
            if each.end:
                by_end.setdefault(each.end, each.signature.field)
        for start, stop, step in steps:
            for change in step.changes:
                self.changes.append(
                    Since(
                        kind=change.kind,
                        safe=change.safe,
                        page=change.page,
                        subject=change.subject,
                        after=by_end.get(start, ""),
                        signed_by=by_end.get(stop, ""),
                    )
                )
        told: dict[int, tuple[set[Reason], bool]] = {}
        reasons: set[Reason] = set()
        anything = False
        for start, _stop, step in reversed(steps):
            reasons = reasons | _reasons_of(step, objects_in_junk)
            anything = anything or any(change.kind not in EVIDENCE for change in step.changes)
            told[start] = (reasons, anything)
        for judged in working:
            if not judged.end or judged.signed is None:
                continue
            found, some = told.get(judged.end, (set[Reason](), False))
            forbidden = self._forbidden(view, judged, steps)
            for reason in sorted(found | forbidden):
                judged.note(reason)
            bad = any(reason.verdict == Verdict.INVALID for reason in found | forbidden)
            judged.facts["changes"] = Changes.FORBIDDEN if bad else Changes.ALLOWED if some else Changes.NONE

    def _forbidden(self, view: View, judged: _Judged, steps: list[tuple[int, int, Step]]) -> set[Reason]:
        """What the signature itself forbade (DocMDP, FieldMDP; ISO 32000-2, 12.8.2) and that was done all the same."""
        if not steps or judged.stamp:
            return set()
        level, everything, included, excluded = differences.locked(
            view, judged.signature.entries, judged.signature.holder
        )
        loud = {Change.ANNOTATION, Change.WRITING, Change.ANNOTATION_CHANGED, Change.ANNOTATION_REMOVED}
        if not (level or everything or included):
            return set()
        for step in (step for start, _stop, step in steps if start >= judged.end):
            kinds = {change.kind for change in step.changes}
            if level == 1 and kinds - {Change.DSS, Change.TIMESTAMP, Change.METADATA, Change.SIGNATURE_FIELD}:
                return {Reason.INTEGRITY_FAIL, Reason.FORBIDDEN_CHANGE}
            if level == 2 and kinds & loud:
                return {Reason.INTEGRITY_FAIL, Reason.FORBIDDEN_CHANGE}
            touched = step.filled | {change.subject for change in step.changes if change.kind == Change.FORM_FIELD}
            if touched & included or (everything and touched - excluded):
                return {Reason.INTEGRITY_FAIL, Reason.FORBIDDEN_CHANGE}
        return set()

    # Level, number

    def _levels(self, file: File, view: View, working: list[_Judged]) -> None:
        """B-B, B-T, B-LT, B-LTA: what is in the file, not whether it is believed (ETSI EN 319 142-1, 6)."""
        stamps = [each for each in working if each.stamp and each.intact]
        has_store = bool(self.proofs.crls or self.proofs.ocsps)
        for judged in working:
            if judged.stamp or judged.signed is None:
                continue
            later = [each for each in stamps if each.end > judged.end > 0]
            if judged.facts.get("time_source") != TimeSource.TIMESTAMP and not later:
                judged.facts["level"] = "B-B"
                continue
            judged.facts["level"] = "B-T"
            archived = bool(judged.signed.crls or judged.signed.ocsps)
            if not archived and not (has_store and self._answers(judged)):
                continue
            judged.facts["level"] = "B-LT"
            if any(archived or each.end > len(self.content) or self._store_at(file, each.end) for each in later):
                judged.facts["level"] = "B-LTA"

    def _answers(self, judged: _Judged) -> bool:
        """Whether the store speaks of this signer: a list of his issuer's, or an answer about his certificate."""
        certificate = signed_data.certificate_of(judged.leaf)
        if certificate is None:
            return False
        if trust.facts(judged.leaf).self_issued:
            return True
        name = certificate.issuer.dump()
        if any(
            (listed := trust._list_of(der)) is not None and listed.issuer.public_bytes() == name
            for der in self.proofs.crls
        ):
            return True
        return any(trust.serial_answered(der) == certificate.serial_number for der in self.proofs.ocsps)

    def _store_at(self, file: File, end: int) -> bool:
        try:
            return isinstance((view := file.view(end)).resolve(view.root.get("DSS")), dict)
        except Unreadable:
            return False

    def _number(self, file: File, view: View, judged: _Judged) -> None:
        """Whether number and date stood in the file when it was signed, as they stand now."""
        now = _texts(view)
        if not now or not judged.end:
            return
        try:
            then = _texts(_then(file, view, judged))
        except Unreadable:
            return
        judged.facts["covers_number"] = all(then.values()) and then == now
        if judged.facts["covers_number"] is False and Reason.INTEGRITY_FAIL not in judged.reasons:
            judged.note(Reason.NUMBER_NOT_COVERED)


class _Hashed:
    """Digests of byte ranges; what several signatures of one file share is hashed once."""

    def __init__(self, content: bytes) -> None:
        self.content = memoryview(content)
        self.marks: dict[str, tuple[int, Any]] = {}

    def digest(self, name: str, said: tuple[int, int, int, int]) -> bytes:
        """Return the digest of the range's two parts. :raises Unsupported:"""
        start, before, after, rest = said
        if min(said) < 0:
            return b""
        if start:
            made = signed_data.hasher(name)
            made.update(self.content[start : start + before])
        else:
            at, made = self.marks.get(name, (0, None))
            if made is None or at > before:
                at, made = 0, signed_data.hasher(name)
            made.update(self.content[at:before])
            self.marks[name] = (before, made)
            made = made.copy()
        made.update(self.content[after : after + rest])
        return signed_data.digest_from(made, name)


def _token_is_whole(token: SignedData, leaf: bytes) -> tuple[bool, bool]:
    """Whether an RFC 3161 token is over what it encapsulates, and whether its key made it."""
    inner = token.content or b""
    return signed_data.is_over(token, leaf, lambda name: signed_data.hash_with(name, inner))


def _may_stamp(leaf: bytes) -> bool:
    """RFC 3161, 2.3: the extended key usage is critical and is timestamping alone."""
    said = trust.facts(leaf)
    return said.purposes_critical and said.purposes == ("time_stamping",)


def _pairs(chain: trust.Chain) -> Iterator[tuple[bytes, bytes]]:
    """Each certificate of the path with its issuer; the anchor itself is not asked about."""
    yield from zip(chain.certificates, chain.certificates[1:], strict=False)


def _subject_facts(leaf: bytes) -> dict[str, Any]:
    said = trust.facts(leaf)
    return {
        "name": said.name,
        "title": said.title,
        "organisation": said.organisation,
        "organisation_code": said.organisation_code,
        "issuer": said.issuer,
        "serial": f"{said.serial:x}",
        "not_before": said.not_before,
        "not_after": said.not_after,
    }


def _algorithm_facts(signed: SignedData, leaf: bytes) -> dict[str, Any]:
    try:
        used = signed_data.algorithms_of(signed, leaf)
    except trust.BROKEN:
        used = signed_data.Algorithms()
    told = {name: getattr(used, name) for name in ("digest", "signature", "key_size", "curve", "signed_digest")}
    return {"algorithm": str(used), "algorithms": told}


def _moment(value: Any) -> datetime | None:
    """A date of a PDF (ISO 32000-2, 7.9.4); without a zone it is taken for Vietnamese time."""
    found = DATE.match(revisions.text_of(value))
    if found is None:
        return None
    year, month, day, hour, minute, second, sign, hours, minutes = found.groups()
    try:
        moment = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        return None
    if sign in ("+", "-"):
        off = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        return moment - off if sign == "+" else moment + off
    return moment if sign else moment - timedelta(hours=7)


# The document


def _reasons_of(step: Step, objects_in_junk: bool) -> set[Reason]:
    """What a step makes of the signatures before it."""
    found: set[Reason] = set()
    for change in step.changes:
        if change.safe:
            continue
        if change.kind == Change.HIDES:
            found.add(Reason.CONTENT_HIDDEN)
        elif change.kind == Change.WRITING:
            found.add(Reason.CONTENT_ADDED)
        elif change.kind == Change.UNSEEN:
            found.add(Reason.NOT_COMPARED)
        elif change.kind == Change.JUNK and not objects_in_junk:
            found.add(Reason.JUNK_AFTER)
        elif change.kind != Change.LOOKS:
            found |= {Reason.INTEGRITY_FAIL, Reason.CHANGED_AFTER}
    return found


def _is_writing(drawn: differences.Drawn, before: Any, after: Any, sheet: _Sheet) -> bool:
    """Whether something that nobody signs reads like writing, though it is called a mark, an empty field, a stamp or a number."""
    kind, box = drawn.change.kind, sheet.shown(drawn.box)
    if kind == Change.FIELD:
        return drawn.letters > LONGEST_VALUE or (
            box is not None and sight.is_longer_than(before, after, box, sheet.height, drawn.letters)
        )
    if kind not in (Change.ANNOTATION, Change.SIGNATURE_FIELD, Change.TIMESTAMP):
        return False
    if box is None:
        return sight.differs(before, after)
    if drawn.change.subject == "Text" and sight.is_icon(before, after, box, sheet.height):
        return False
    return sight.writes(before, after, box, sheet.height, lying=sheet.turned in (90, 270))


@dataclass(frozen=True)
class _Sheet:
    """A page as it is shown: where its lower left corner lies in its own measure, how large it is, and how it is turned."""

    corner: tuple[float, float] = (0, 0)
    size: tuple[float, float] = (0, 0)
    turned: int = 0

    @classmethod
    def of(cls, view: View, page: int) -> _Sheet:
        """That page (from 1); without a size where the file does not say it plainly."""
        refs = differences._page_refs(view)
        entries = view.get(refs[page - 1].number) if page <= len(refs) else None
        if not isinstance(entries, dict):
            return cls()
        taken = differences._taken(view, entries)
        paper = differences._box(view, {"Rect": taken.get("MediaBox")})
        cut = differences._box(view, {"Rect": taken.get("CropBox")}) or paper
        turned = view.resolve(taken.get("Rotate")) or 0
        if paper is None or cut is None or not isinstance(turned, int) or turned % 90:
            return cls()
        left, bottom = max(paper[0], cut[0]), max(paper[1], cut[1])
        right, top = min(paper[2], cut[2]), min(paper[3], cut[3])
        if left >= right or bottom >= top:
            return cls()
        return cls((left, bottom), (right - left, top - bottom), turned % 360)

    @property
    def height(self) -> float:
        """As it is shown; 0 where it is not known."""
        return self.size[0] if self.turned in (90, 270) else self.size[1]

    def shown(self, box: sight.Box | None) -> sight.Box | None:
        """A place on the page as it is shown, from the lower left."""
        if box is None or self.height <= 0:
            return None
        left, right = box[0] - self.corner[0], box[2] - self.corner[0]
        bottom, top = box[1] - self.corner[1], box[3] - self.corner[1]
        wide, high = self.size
        match self.turned:
            case 90:
                return bottom, wide - right, top, wide - left
            case 180:
                return wide - right, high - top, wide - left, high - bottom
            case 270:
                return high - top, left, high - bottom, right
        return left, bottom, right, top


def _earlier_places(view: View, page: int) -> list[sight.Box]:
    """Where the signatures and fields of an older view stand on a page: what covers those covers no text."""
    places = differences._Places(view)
    return [
        box
        for each in revisions.fields(view)
        if (each.kind == "Sig" and each.value is not None) or each.name in OURS
        for _number, widget in differences._widgets(view, each)
        if (box := differences._box(view, widget)) is not None and places.page_of(each) == page
    ]


SAID_OTHERWISE = {Disorder.BEFORE_NUMBER, Disorder.AFTER_AGENCY, Disorder.TWICE}
"""What other reasons name already: the agency's signature does not cover the number, a field was changed."""


def _then(file: File, view: View, judged: _Judged) -> View:
    """The file as it was when this signature was made."""
    return view if judged.facts["covers_file"] else file.view(judged.end)


def _texts(view: View) -> dict[str, str]:
    found = {each.name: each for each in revisions.fields(view) if each.name in OURS and each.kind == "Tx"}
    return {name: revisions.text_of(view.resolve(each.value)) for name, each in found.items()}


def _kinds(findings: Iterable[Finding]) -> set[Kind]:
    """Who signed the document: whoever initialled its text or checked its form has not."""
    return {finding.kind for finding in findings if finding.field not in order.SMALL}


def _document_reasons(findings: Iterable[Finding]) -> list[Reason]:
    kinds = _kinds(findings)
    if Kind.PERSON in kinds and Kind.AGENCY not in kinds:
        return [Reason.PERSON_ONLY]
    if Kind.AGENCY in kinds and Kind.PERSON not in kinds:
        return [Reason.AGENCY_ONLY]
    return []


def _replaces_paper(findings: tuple[Finding, ...], reasons: list[Reason]) -> bool:
    """Signed by the competent person and by the agency, all of it valid (Decree 30/2020, art. 5)."""
    kinds = _kinds(findings)
    return not reasons and {Kind.PERSON, Kind.AGENCY} <= kinds and all(f.verdict == Verdict.VALID for f in findings)
