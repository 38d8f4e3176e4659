"""What a node or an agency says and signs: canonical JSON inside a CMS SignedData (RFC 5652), readable by any tool. Pure.

Canonical: UTF-8, keys sorted, no white space, whole numbers only. A statement is named by the SHA-256 of that JSON; the bytes of
the signature around it may differ. `openssl cms -verify` reads it. docs/parcels.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.utils.translation import gettext_noop as _

from antin.keys import cms, pki
from antin.refusal import Refusal
from antin.signing import signed_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from antin.keys.operations import Signer

LARGEST = 1_000_000


class NotAStatement(Refusal):
    """Not CMS, not our JSON, or the signature is not over it."""

    code = "not_a_statement"
    words = _("Không đọc được, hoặc chữ ký không khớp nội dung.")


class NotByItsKey(Refusal):
    """The signature is by another key than the one it should be by, or its certificate leads to no trusted root."""

    code = "not_by_its_key"
    words = _("Chữ ký không phải của %(name)s.")


@dataclass(frozen=True)
class Statement:
    """What was said, by the key of which certificate; `digest` names it, `der` is the whole signature."""

    told: dict[str, Any]
    digest: str
    der: bytes
    certificate: bytes
    others: tuple[bytes, ...]


def canonical(told: dict[str, Any]) -> bytes:
    """Return the one way these facts are written down."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest_of(told: dict[str, Any]) -> str:
    """Return what names these facts."""
    return hashlib.sha256(canonical(told)).hexdigest()


def sign(told: dict[str, Any], signer: Signer, *, at: datetime, with_certificates: bool = True) -> bytes:
    """Return the signed statement (DER), with the signer's certificate and those above it."""
    content = canonical(told)
    return cms.sign(
        digest=hashlib.sha256(content).digest(),
        key=signer.key,
        certificate=signer.certificate,
        chain=signer.chain,
        content=content,
        with_certificates=with_certificates,
        signed_at=at,
    )


def fingerprint(certificate: bytes) -> str:
    """Return what two people compare by telephone: the first 32 digits of the SHA-256, in fours."""
    digits = hashlib.sha256(certificate).hexdigest()[:32].upper()
    return " ".join(digits[place : place + 4] for place in range(0, 32, 4))


@dataclass(frozen=True)
class Unproved:
    """A statement that was read but not proved: what it says finds out whose key it should be by."""

    told: dict[str, Any]
    der: bytes
    signed: signed_data.SignedData


def look(der: bytes, *, largest: int = LARGEST) -> Unproved:
    """Read a statement once, to be proved afterwards. :raises NotAStatement:"""
    signed = _read(der, largest)
    return Unproved(_told(signed), der, signed)


def peek(der: bytes) -> dict[str, Any]:
    """Return what a statement says before anybody has proved it. :raises NotAStatement:"""
    return look(der).told


def read(der: bytes, *, certificates: Iterable[bytes] = ()) -> Statement:
    """Return a statement whose signature holds; whether its certificate is to be believed is the caller's question.

    :raises NotAStatement: unreadable, not canonical, or signed over something else
    """
    return _prove(look(der), certificates)


def _prove(found: Unproved, certificates: Iterable[bytes]) -> Statement:
    signed, content = found.signed, found.signed.content
    assert content is not None
    try:
        leaf = signed_data.leaf_of(signed, list(certificates))
        over, by = signed_data.is_over(signed, leaf, lambda name: signed_data.hash_with(name, content))
        named = signed_data.names_signer(signed, leaf)
        algorithms = signed_data.algorithms_of(signed, leaf)
    except (signed_data.Malformed, signed_data.Unsupported, *signed_data.BROKEN) as trouble:
        raise NotAStatement from trouble
    if not (over and by) or named is False or algorithms.digest not in ("sha256", "sha384", "sha512"):
        raise NotAStatement
    digest = hashlib.sha256(content).hexdigest()
    return Statement(found.told, digest, found.der, leaf, tuple(signed.certificates))


def read_by(der: bytes, certificate: bytes, *, name: str, largest: int = LARGEST) -> Statement:
    """Return a statement by the key of exactly this certificate. :raises NotAStatement: :raises NotByItsKey:"""
    return prove_by(look(der, largest=largest), certificate, name=name)


def prove_by(unproved: Unproved, certificate: bytes, *, name: str) -> Statement:
    """Return a statement that was looked at, by the key of exactly this certificate. :raises NotAStatement: :raises NotByItsKey:"""
    found = _prove(unproved, [certificate])
    if found.certificate != certificate:
        raise NotByItsKey(name=name)
    return found


def refuse_stranger(found: Statement, *, code: str, name: str, roots: Iterable[bytes], at: datetime) -> None:
    """Demand that a statement is by the agency of that code, certified below one of these roots and in force at that moment.

    :raises NotByItsKey:
    """
    certificate = x509.load_der_x509_certificate(found.certificate)
    codes = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    in_force = certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
    path = pki.path(certificate, intermediates=found.others, anchors=roots)
    if [each.value for each in codes] != [code] or not in_force or path is None or not pki.may_sign(certificate):
        raise NotByItsKey(name=name)


def root_of(found: Statement, roots: Iterable[bytes]) -> bytes:
    """Return the root that a signer is certified below; empty when it is none of these."""
    certificate = x509.load_der_x509_certificate(found.certificate)
    certified = (
        root for root in roots if pki.path(certificate, intermediates=found.others, anchors=[root]) is not None
    )
    return next(certified, b"")


def _read(der: bytes, largest: int) -> signed_data.SignedData:
    if len(der) > largest:
        raise NotAStatement
    try:
        return signed_data.read(der)
    except signed_data.Malformed as trouble:
        raise NotAStatement from trouble


def _told(signed: signed_data.SignedData) -> dict[str, Any]:
    content = signed.content
    try:
        told = json.loads(content or b"")
        same = isinstance(told, dict) and canonical(told) == content
    except (ValueError, RecursionError) as trouble:
        raise NotAStatement from trouble
    if not same:
        raise NotAStatement
    return dict(told)
