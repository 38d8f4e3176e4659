"""What a verification found: frozen, plain, and the same after a stay in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from antin.signing.states import Changes, Kind, Reason, TimeSource, Verdict


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

    @property
    def words(self) -> tuple[str, ...]:
        """The reasons as sentences, the file's own first."""
        return tuple(reason.words for reason in self.reasons)

    def of(self, kind: Kind) -> Finding | None:
        """The last signature of that kind, if there is one."""
        return next((finding for finding in reversed(self.signatures) if finding.kind == kind), None)


def to_json(report: Report) -> dict[str, Any]:
    return _plain({**vars(report), "signatures": [vars(finding) for finding in report.signatures]})


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
    signatures = tuple(_finding(each) for each in kept["signatures"])
    return Report(
        **{
            **kept,
            "verdict": Verdict(kept["verdict"]),
            "reasons": tuple(Reason(code) for code in kept["reasons"]),
            "signatures": signatures,
            "verified_at": datetime.fromisoformat(kept["verified_at"]),
            "holds_until": _moment(kept["holds_until"]),
        }
    )


def _finding(kept: dict[str, Any]) -> Finding:
    moments = {name: _moment(kept[name]) for name in ("not_before", "not_after", "signed_at", "revoked_at")}
    return Finding(
        **{
            **kept,
            **moments,
            "kind": Kind(kept["kind"]),
            "verdict": Verdict(kept["verdict"]),
            "reasons": tuple(Reason(code) for code in kept["reasons"]),
            "time_source": TimeSource(kept["time_source"]),
            "changes": Changes(kept["changes"]),
        }
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
