"""What an authority asks of a signature beyond mathematics: which algorithms until when, whose certificates, how exact a clock.

Kept in a file of its own (TOML) that an authority can own, date and sign; `DEFAULT` is what the node uses without one. Every report
names the criteria it was made by. docs/verify.md describes the file.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

NEVER = date.min


class BadCriteria(ValueError):
    """The file does not say what criteria must say; where."""


@dataclass(frozen=True)
class Criteria:
    """`hashes` and `keys` name what is weak, each with the last day on which a signature proven to be of that day was accepted."""

    name: str = "An Tín 2026"
    hashes: Mapping[str, date] = field(default_factory=lambda: {"md2": NEVER, "md5": NEVER, "sha1": date(2020, 12, 31)})
    keys: Mapping[str, date] = field(default_factory=lambda: {"rsa-1024": date(2013, 12, 31)})
    rsa_bits: int = 2048
    ec_bits: int = 256
    clock_tolerance: timedelta = timedelta(minutes=5)
    revocation_required: bool = True
    person_policies: frozenset[str] = frozenset()
    agency_policies: frozenset[str] = frozenset()
    digest: str = ""

    def is_weak_hash(self, name: str) -> bool:
        return name in self.hashes

    def is_weak_key(self, family: str, bits: int) -> bool:
        if family in ("rsa", "rsassa_pss"):
            return bits < self.rsa_bits
        if family == "ec":
            return bits < self.ec_bits
        return family == "dsa"

    def accepted_then(self, weaknesses: frozenset[str], day: date) -> bool:
        """Whether all of these weaknesses ("sha1", "rsa-1024") were still accepted on that day."""
        known = {**self.hashes, **self.keys}
        return all(day <= known.get(each, NEVER) for each in weaknesses)


DEFAULT = Criteria()
KEYS = {"name", "hashes", "keys", "rsa_bits", "ec_bits", "clock_tolerance_minutes", "revocation_required", "signers"}


def read(content: bytes) -> Criteria:
    """Read criteria from their file; what it does not mention is as in `DEFAULT`. :raises BadCriteria:"""
    try:
        told = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise BadCriteria(str(trouble)) from trouble
    if unknown := told.keys() - KEYS:
        raise BadCriteria(", ".join(sorted(unknown)))
    signers = told.get("signers", {})
    made: dict[str, Any] = {
        "name": told.get("name", DEFAULT.name),
        "rsa_bits": told.get("rsa_bits", DEFAULT.rsa_bits),
        "ec_bits": told.get("ec_bits", DEFAULT.ec_bits),
        "revocation_required": told.get("revocation_required", True),
        "person_policies": frozenset(signers.get("person_policies", ())),
        "agency_policies": frozenset(signers.get("agency_policies", ())),
    }
    kinds = {"name": str, "rsa_bits": int, "ec_bits": int, "revocation_required": bool}
    for key, kind in kinds.items():
        if not isinstance(made[key], kind):
            raise BadCriteria(key)
    minutes = told.get("clock_tolerance_minutes", 5)
    if not isinstance(minutes, int):
        raise BadCriteria("clock_tolerance_minutes")
    made["clock_tolerance"] = timedelta(minutes=minutes)
    for key in ("hashes", "keys"):
        made[key] = _days(told[key], key) if key in told else getattr(DEFAULT, key)
    return replace(DEFAULT, **made, digest=hashlib.sha256(content).hexdigest())


def _days(told: Any, key: str) -> dict[str, date]:
    if not isinstance(told, dict):
        raise BadCriteria(key)
    found = {}
    for name, day in told.items():
        if day == "never":
            found[name] = NEVER
        elif isinstance(day, date):
            found[name] = day
        else:
            raise BadCriteria(f"{key}.{name}")
    return found
