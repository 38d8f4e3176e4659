"""What a verification found: frozen, plain, and the same after a stay in the database."""

from __future__ import annotations

from dataclasses import dataclass, fields
from dataclasses import field as made
from datetime import datetime
from typing import Any

from antin.signing.states import Change, Changes, Covers, Kind, Reason, TimeSource, Verdict

APART = "Apart"
"""What timestamps in the evidence record beside a sealed file are called: Apart.A1, Apart.A2."""


@dataclass(frozen=True)
class Since:
    """One thing that came into the file after its first signature: what, whether it is safe, on which page (from 1), in which
    field; after which signature, and which later one is over it (empty: nobody signed it)."""

    kind: Change
    safe: bool
    page: int | None = None
    subject: str = ""
    after: str = ""
    signed_by: str = ""

    @property
    def words(self) -> str:
        return self.kind.words


@dataclass(frozen=True)
class Finding:
    """One signature: who, when, over what, and what is wrong with it.

    `covers_number` is None where the file has no fields for number and date.
    """

    field: str
    kind: Kind
    verdict: Verdict
    reasons: tuple[Reason, ...]
    name: str = ""
    title: str = ""
    organisation: str = ""
    organisation_code: str = ""
    issuer: str = ""
    serial: str = ""
    algorithm: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    signed_at: datetime | None = None
    time_source: TimeSource = TimeSource.NONE
    intact: bool = False
    trusted: bool = False
    covers_file: bool = False
    covers_number: bool | None = None
    changes: Changes = Changes.NONE
    revoked_at: datetime | None = None
    crl_number: int | None = None
    covers: Covers = Covers.NOTHING
    level: str = ""
    subfilter: str = ""
    claimed_at: datetime | None = None
    algorithms: dict[str, Any] = made(default_factory=dict)
    weak: bool = False
    weaknesses: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(reason.words for reason in self.reasons)


@dataclass(frozen=True)
class Report:
    """One file. `replaces_paper` is the legal question: both signatures stand (Decree 30/2020, art. 5).

    `holds_until` is when the mere passing of time may change the answer; None: it will not.
    """

    file: str
    verdict: Verdict
    reasons: tuple[Reason, ...]
    signatures: tuple[Finding, ...]
    replaces_paper: bool
    verified_at: datetime
    policy: int
    trust: str
    holds_until: datetime | None = None
    changes_after: tuple[Since, ...] = ()
    criteria: str = ""

    @property
    def codes(self) -> tuple[Reason, ...]:
        """Every reason there is for the verdict: the file's own, then its signatures'; VALID stands alone or not at all."""
        found = dict.fromkeys([*self.reasons, *(each for finding in self.signatures for each in finding.reasons)])
        if len(found) > 1:
            found.pop(Reason.VALID, None)
        return tuple(found)

    @property
    def words(self) -> tuple[str, ...]:
        """The reasons as sentences, the file's own first."""
        return tuple(reason.words for reason in self.reasons)

    @property
    def apart_at(self) -> datetime | None:
        """The first moment that a timestamp proves which lies beside sealed bytes; None where there is none that holds."""
        held = [each.signed_at for each in self.signatures if each.subfilter == APART and each.verdict == Verdict.VALID]
        return min((moment for moment in held if moment is not None), default=None)

    def of(self, kind: Kind) -> Finding | None:
        """The last signature of that kind, if there is one."""
        return next((finding for finding in reversed(self.signatures) if finding.kind == kind), None)


PUBLIC = {
    Verdict.VALID: "valid",
    Verdict.UNDETERMINED: "undetermined",
    Verdict.UNSIGNED: "undetermined",
    Verdict.INVALID: "invalid",
}
"""The three verdicts that are told to machines: of a file that nobody signed nothing can be determined."""
SOURCES = {TimeSource.TIMESTAMP: "timestamp", TimeSource.CLOCK: "claimed", TimeSource.NONE: "none"}


def public(report: Report) -> dict[str, Any]:
    """What machines outside are told of a file: `antin verify --json`, the API, the signed report. docs/verify.md describes it."""
    return dict(
        _plain(
            {
                "verdict": PUBLIC[report.verdict],
                "reasons": [reason.value for reason in report.codes],
                "words": {reason.value: reason.words for reason in report.codes},
                "replaces_paper": report.replaces_paper,
                "signatures": [_public_signature(each) for each in report.signatures],
                "changes_after": [
                    {
                        "kind": each.kind.value,
                        "safe": each.safe,
                        "page": each.page,
                        "subject": each.subject,
                        "after": each.after,
                        "signed_by": each.signed_by,
                        "words": each.words,
                    }
                    for each in report.changes_after
                ],
                "sha256": report.file,
                "verified_at": report.verified_at,
                "policy": {"name": report.criteria, "version": report.policy},
                "trust": report.trust,
            }
        )
    )


def _public_signature(found: Finding) -> dict[str, Any]:
    return {
        "field": found.field,
        "kind": "timestamp" if found.kind == Kind.TIMESTAMP else "signature",
        "signer": found.name,
        "integrity": "intact" if found.intact else "broken",
        "verdict": PUBLIC[found.verdict],
        "reasons": [reason.value for reason in found.reasons],
        "covers": found.covers.value,
        "level": found.level or None,
        "signed_at": found.signed_at,
        "time_source": SOURCES[found.time_source],
        "claimed_at": found.claimed_at,
        "algorithms": {
            "digest": found.algorithms.get("digest") or None,
            "signature": found.algorithms.get("signature") or None,
            "key_size": found.algorithms.get("key_size") or None,
            "curve": found.algorithms.get("curve") or None,
        },
        "weak": found.weak,
        "weak_algorithms": list(found.weaknesses),
        "signer_kind": found.kind.value,
        "title": found.title,
        "organisation": found.organisation,
        "certificate": {
            "issuer": found.issuer,
            "serial": found.serial,
            "not_before": found.not_before,
            "not_after": found.not_after,
            "trusted": found.trusted,
            "revoked_at": found.revoked_at,
        },
        "subfilter": found.subfilter,
        "changes": found.changes.value,
    }


def to_json(report: Report) -> dict[str, Any]:
    """The whole report in plain values, to be kept."""
    told = {**vars(report), "signatures": [vars(finding) for finding in report.signatures]}
    return dict(_plain({**told, "changes_after": [vars(change) for change in report.changes_after]}))


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case str():
            return str(value)
    return value


def from_json(kept: dict[str, Any]) -> Report:
    """The report that was kept; one kept by an earlier version lacks what that did not know."""
    known = {each.name for each in fields(Report)}
    told = {
        **{key: value for key, value in kept.items() if key in known},
        "verdict": Verdict(kept["verdict"]),
        "reasons": tuple(Reason(code) for code in kept["reasons"]),
        "signatures": tuple(_finding(each) for each in kept["signatures"]),
        "verified_at": datetime.fromisoformat(kept["verified_at"]),
        "holds_until": _moment(kept["holds_until"]),
        "changes_after": tuple(
            Since(**{**each, "kind": Change(each["kind"])}) for each in kept.get("changes_after", ())
        ),
    }
    return Report(**told)


def _finding(kept: dict[str, Any]) -> Finding:
    moments = {
        name: _moment(kept.get(name)) for name in ("not_before", "not_after", "signed_at", "revoked_at", "claimed_at")
    }
    return Finding(
        **{
            **kept,
            **moments,
            "kind": Kind(kept["kind"]),
            "verdict": Verdict(kept["verdict"]),
            "reasons": tuple(Reason(code) for code in kept["reasons"]),
            "time_source": TimeSource(kept["time_source"]),
            "changes": Changes(kept["changes"]),
            "covers": Covers(kept.get("covers", Covers.NOTHING)),
            "weaknesses": tuple(kept.get("weaknesses", ())),
        }
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
