"""Until when the signatures of a file can be proven, and what ends it first. Pure: what a file carries in, an outlook out.

A timestamp proves what it covers as long as its own authority's certificate and algorithms are to be believed (ETSI EN 319 102-1,
5.6; TS 119 511): then another must cover it. Without revocation data under a timestamp, the signer's certificate is the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from antin.signing import trust
from antin.signing.pades import Carried, Contents
from antin.signing.states import Level, Limit

NEVER = datetime(2100, 1, 1, tzinfo=UTC)
BROKEN, OLD, LEGACY = (datetime(year, 1, 1, tzinfo=UTC) for year in (2005, 2014, 2031))
ENDS_HASH = {"md5": BROKEN, "sha1": OLD, "sha224": LEGACY}
"""Until when a hash is believed (NIST SP 800-131A: 80 bits of strength to the end of 2013, 112 bits to the end of 2030)."""

ENDS_RSA = ((2048, OLD), (3072, LEGACY))
"""Until when RSA of fewer bits is believed (the same source)."""

LEAST_CURVE = 256


@dataclass(frozen=True)
class Outlook:
    """Which level a file has, until when its signatures can be proven, and what ends it first. None: nothing can be said."""

    level: Level | None
    until: datetime | None
    limit: Limit


NOTHING = Outlook(None, None, Limit.UNREADABLE)


def outlook(held: Contents) -> Outlook:
    """Work out the outlook of a file from what its signatures carry."""
    level = level_of(held)
    last = held.signatures[-1]
    if level == Level.B_LTA:
        until, limit = _ends(last.stamp), Limit.STAMP
        weak = _weak_at(last.stamp, last.hashes)
    else:
        ends = [(_ends(each.signer), Limit.SIGNER) for each in held.signatures]
        ends += [(_ends(each.stamp), Limit.STAMP) for each in held.signatures if each.stamp]
        until, limit = min(ends)
        weak = min(_weak_at(der, each.hashes) for each in held.signatures for der in (each.signer, each.stamp) if der)
    return Outlook(level, weak, Limit.ALGORITHM) if weak < until else Outlook(level, until, limit)


def level_of(held: Contents) -> Level:
    """The level that all signatures of the file have together, as far as what they carry tells."""
    if held.archived:
        return Level.B_LTA
    if not all(_is_stamped(each, held) for each in held.signatures):
        return Level.B_B
    return Level.B_LT if held.stored else Level.B_T


def _is_stamped(one: Carried, held: Contents) -> bool:
    """By a timestamp of its own, or by one over the document after it (EN 319 142-1, table 1)."""
    place = held.signatures.index(one)
    return one.stamped_at is not None or any(each.whole for each in held.signatures[place:])


def _ends(der: bytes) -> datetime:
    return trust.load(der).not_valid_after_utc


def _weak_at(der: bytes, hashes: tuple[str, ...]) -> datetime:
    """When the first of the algorithms in play stops being believed."""
    key = trust.load(der).public_key()
    found = [ENDS_HASH.get(name, NEVER) for name in hashes]
    match key:
        case rsa.RSAPublicKey():
            found += [end for bits, end in ENDS_RSA if key.key_size < bits][:1]
        case ec.EllipticCurvePublicKey() if key.key_size < LEAST_CURVE:
            found.append(OLD)
    return min(found, default=NEVER)
