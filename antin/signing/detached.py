"""Signatures beside a file of any kind: CAdES (ETSI EN 319 122-1) in a .p7s of its own. Pure functions on bytes.

`openssl cms -verify -binary -inform DER -in X.p7s -content X` says the same of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from asn1crypto import cms as asn1
from asn1crypto import core, crl, ocsp, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import load_der_x509_certificate

from antin.keys import cms, timestamping
from antin.keys.timestamping import NotStamped, Timestamper
from antin.signing import signed_data
from antin.signing.pades import Contents, Credential, carried

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2"


class NotASignature(Exception):
    """Not a detached CMS signature by one signer."""


def sign(
    digest: bytes,
    *,
    credential: Credential,
    at: datetime,
    stamper: Timestamper | None = None,
    unstamped: Callable[[NotStamped], None] | None = None,
) -> bytes:
    """The .p7s (DER) over a file of that SHA-256 digest: B-B, or B-T with a timestamp.

    :raises NotStamped: the timestamp authority refused, and nobody is there to be told
    """

    return cms.sign(
        digest=digest,
        key=credential.key,
        certificate=credential.certificate,
        chain=credential.chain,
        stamp=partial(timestamping.ask_if_any, stamper=stamper, unstamped=unstamped),
        signed_at=at,
    )


def add_evidence(p7s: bytes, *, certificates: Iterable[bytes], crls: Iterable[bytes], ocsps: Iterable[bytes]) -> bytes:
    """Put certificates and revocation data into the signature's own store: B-LT (EN 319 122-1, 6.3). :raises NotASignature:"""
    info, signed, _signer = _opened(p7s)
    held = {each.dump() for each in signed["certificates"]}
    more = [der for der in dict.fromkeys(certificates) if der not in held]
    signed["certificates"] = [*signed["certificates"], *(x509.Certificate.load(der) for der in more)]
    lists: list[Any] = [] if isinstance(signed["crls"], core.Void) else list(signed["crls"])
    kept = {each.dump() for each in lists}
    lists += [asn1.RevocationInfoChoice("crl", crl.CertificateList.load(der)) for der in crls if der not in kept]
    answered = {each.chosen["other_rev_info"].dump() for each in lists if each.name == "other"}
    for der in ocsps:
        if der in answered:
            continue
        other = {"other_rev_info_format": OCSP_RESPONSE, "other_rev_info": ocsp.OCSPResponse.load(der)}
        lists.append(asn1.RevocationInfoChoice("other", asn1.OtherRevocationInfoFormat(other)))
    signed["crls"] = lists
    info["content"] = signed
    return bytes(info.dump())  # by force, asn1crypto writes each level anew for each above it: twenty seconds


def add_archive_stamp(p7s: bytes, content: bytes, *, stamper: Timestamper) -> bytes:
    """Put an archive timestamp over the signature, its file and all that proves it: B-LTA (EN 319 122-1, 5.5.3; version 3).

    :raises NotASignature: NotStamped:
    """
    info, signed, signer = _opened(p7s)
    parts = signed_data.indexed(signed, signer, "sha256")
    index = cms.sequence(cms.SHA256, *(cms.sequence(*map(cms.octets, part)) for part in parts))
    digest = hashlib.sha256(content).digest()
    token = timestamping.ask(signed_data.archive_imprint(signed, signer, index, "sha256", digest), stamper)
    made = asn1.ContentInfo.load(token)
    inner = made["content"]
    (by,) = inner["signer_infos"]
    _add_attribute(by, cms.attribute(signed_data.HASH_INDEX, index))
    inner["signer_infos"] = [by]
    made["content"] = inner
    _add_attribute(signer, cms.attribute(signed_data.ARCHIVE_TIMESTAMP, made.dump()))
    signed["signer_infos"] = [signer]
    info["content"] = signed
    return bytes(info.dump())


def _add_attribute(signer: asn1.SignerInfo, attribute: bytes) -> None:
    unsigned = signer["unsigned_attrs"]
    held = [] if isinstance(unsigned, core.Void) else [each.dump() for each in unsigned]
    signer["unsigned_attrs"] = asn1.CMSAttributes([asn1.CMSAttribute.load(each) for each in (*held, attribute)])


def contents_of(p7s: bytes) -> Contents:
    """What the signature carries, read and not judged. :raises NotASignature:"""
    _info, signed, signer = _opened(p7s)
    try:
        own = carried("CAdES", p7s, whole=False)
        stored = not isinstance(signed["crls"], core.Void) and bool(len(signed["crls"]))
        stamps = [
            carried(f"CAdES.A{turn}", value.dump(), whole=True)
            for turn, value in enumerate(_values(signer, signed_data.ARCHIVE_TIMESTAMP), 1)
        ]
    except (ValueError, TypeError, KeyError, StopIteration, AttributeError) as trouble:
        raise NotASignature(str(trouble)) from trouble
    return Contents((own, *stamps), stored, bool(stamps) and stored)


def _values(signer: asn1.SignerInfo, kind: str) -> list[Any]:
    unsigned = signer["unsigned_attrs"]
    listed = () if isinstance(unsigned, core.Void) else unsigned
    return [value for each in listed if each["type"].native == kind for value in each["values"]]


@dataclass(frozen=True)
class Found:
    """What a .p7s says of a file: whether it is over it, by which certificate, and when. Nobody has judged the certificate yet.

    `token` is the timestamp token as it stands (DER), empty when there is none; `evidence` are CRLs and OCSP answers inside.
    """

    over: bool
    valid: bool
    signer: bytes
    certificates: tuple[bytes, ...]
    claimed_at: datetime | None
    token: bytes
    value: bytes
    digest_algorithm: str
    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]


def read(p7s: bytes, content: bytes) -> Found:
    """What a detached signature says of a file. :raises NotASignature: it is none, or of a kind that is not read here"""
    _info, signed, signer = _opened(p7s)
    try:
        algorithm = signer["digest_algorithm"]["algorithm"].native
        attributes = {each["type"].native: each["values"][0] for each in signer["signed_attrs"]}
        told = attributes["message_digest"].native
        leaf, held = _certificates(signed, signer)
        over = algorithm in HASHES and told == hashlib.new(algorithm, content).digest()
        valid = _is_valid(leaf, signer, algorithm)
        claimed = attributes["signing_time"].native if "signing_time" in attributes else None
        unsigned = signer["unsigned_attrs"]
        later = {} if isinstance(unsigned, core.Void) else {each["type"].native: each["values"] for each in unsigned}
        token = later["signature_time_stamp_token"][0].dump() if "signature_time_stamp_token" in later else b""
        listed = () if isinstance(signed["crls"], core.Void) else tuple(signed["crls"])
        lists = tuple(each.chosen.dump() for each in listed if each.name == "crl")
        answers = tuple(each.chosen["other_rev_info"].dump() for each in listed if each.name == "other")
    except (ValueError, TypeError, KeyError, StopIteration, AttributeError) as trouble:
        raise NotASignature(str(trouble)) from trouble
    value = signer["signature"].native
    return Found(over, valid, leaf, held, claimed, token, value, algorithm, lists, answers)


def certificates_of(token: bytes) -> tuple[bytes, ...]:
    """The certificates in a timestamp token; none where there is no token."""
    if not token:
        return ()
    return tuple(each.chosen.dump() for each in asn1.ContentInfo.load(token)["content"]["certificates"])


def _opened(p7s: bytes) -> tuple[asn1.ContentInfo, asn1.SignedData, asn1.SignerInfo]:
    try:
        info = asn1.ContentInfo.load(p7s, strict=True)
        signed = info["content"]
        (signer,) = signed["signer_infos"]
        if signed["encap_content_info"]["content"].native is not None:
            raise NotASignature("the content is inside")
        return info, signed, signer
    except (ValueError, TypeError, KeyError) as trouble:
        raise NotASignature(str(trouble)) from trouble


def _certificates(signed: asn1.SignedData, signer: asn1.SignerInfo) -> tuple[bytes, tuple[bytes, ...]]:
    wanted = signer["sid"].chosen
    held = [each.chosen for each in signed["certificates"] if each.name == "certificate"]
    if isinstance(wanted, asn1.IssuerAndSerialNumber):
        number = wanted["serial_number"].native
        own = next(each for each in held if each.serial_number == number and each.issuer == wanted["issuer"])
    else:
        own = next(each for each in held if each.key_identifier == wanted.native)
    return own.dump(), tuple(each.dump() for each in held)


def _is_valid(leaf: bytes, signer: asn1.SignerInfo, algorithm: str) -> bool:
    """Whether the signature value is the certificate's over the signed attributes."""
    signed = b"\x31" + signer["signed_attrs"].dump()[1:]
    key = load_der_x509_certificate(leaf).public_key()
    try:
        match key:
            case ec.EllipticCurvePublicKey():
                key.verify(signer["signature"].native, signed, ec.ECDSA(HASHES[algorithm]))
            case rsa.RSAPublicKey():
                key.verify(signer["signature"].native, signed, padding.PKCS1v15(), HASHES[algorithm])
            case _:
                return False
    except InvalidSignature:
        return False
    return True
