"""CMS signatures read and checked as mathematics: whose key, over which bytes, by which algorithms (RFC 5652, RFC 3161, RFC 5035).

Nothing here asks whether anybody is to be believed; `trust` does. Old forms are read as their tools wrote them: without signed
attributes, SHA-1 encapsulated (adbe.pkcs7.sha1), or as bare PKCS#1 (adbe.x509.rsa_sha1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key

HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha512_224": hashes.SHA512_224,
    "sha512_256": hashes.SHA512_256,
    "sha3_224": hashes.SHA3_224,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
}
REVOCATION_ARCHIVE = "1.2.840.113583.1.1.8"
OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2"
CONTENT_TIMESTAMP = "signature_time_stamp_token"


class Malformed(Exception):
    """This is no signature that anybody could read."""


BROKEN = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError, UnboundLocalError)
"""What reading the ASN.1 of strangers may raise in asn1crypto."""


class Unsupported(Exception):
    """An algorithm that nothing here can compute; what it is."""


@dataclass(frozen=True)
class Algorithms:
    """What was computed: `digest` over the content, `signature` by a key of that size (and curve)."""

    digest: str = ""
    signature: str = ""
    key_size: int = 0
    curve: str = ""
    signed_digest: str = ""

    def __str__(self) -> str:
        key = f"{self.signature} {self.curve or self.key_size or ''}".strip()
        return f"{key} {self.digest}".strip()


@dataclass
class SignedData:
    """A CMS signature with the one signer it has."""

    signer: cms.SignerInfo
    certificates: list[bytes]
    content: bytes | None = None
    content_type: str = "data"
    crls: list[bytes] = field(default_factory=list)
    ocsps: list[bytes] = field(default_factory=list)
    bare: tuple[bytes, bytes] | None = None

    @property
    def attributes(self) -> Iterator[tuple[str, Any]]:
        """The signed attributes, each with its values."""
        if self.bare is None:
            yield from _attributes(self.signer, "signed_attrs")

    def attribute(self, name: str) -> Any:
        found = [values for said, values in self.attributes if said == name]
        if len(found) > 1:
            raise Malformed(f"{name} twice")
        return found[0][0] if found and len(found[0]) else None


def _attributes(signer: cms.SignerInfo, which: str) -> Iterator[tuple[str, Any]]:
    listed = signer[which]
    if isinstance(listed, core.Void):
        return
    for attribute in listed:
        yield attribute["type"].native, attribute["values"]


def read(contents: bytes) -> SignedData:
    """Read a CMS SignedData with one signer; zeros behind it are room that was left over. :raises Malformed:"""
    try:
        info = cms.ContentInfo.load(contents)
        if info["content_type"].native != "signed_data":
            raise Malformed("no SignedData")
        return _of(info["content"])
    except Malformed:
        raise
    except BROKEN as trouble:
        raise Malformed(str(trouble)[:200]) from trouble


def _of(signed: cms.SignedData) -> SignedData:
    signers = signed["signer_infos"]
    if len(signers) != 1:
        raise Malformed(f"{len(signers)} signers")
    return of_signer(signed, signers[0])


def of_signer(signed: cms.SignedData, signer: cms.SignerInfo) -> SignedData:
    """The signature of one of the signers. :raises Malformed:"""
    certificates = []
    if not isinstance(signed["certificates"], core.Void):
        certificates = [choice.chosen.dump() for choice in signed["certificates"] if choice.name == "certificate"]
    encapsulated = signed["encap_content_info"]
    inner = encapsulated["content"]
    content = None if isinstance(inner, core.Void) or (inner.native is None and not inner.contents) else bytes(inner)
    found = SignedData(signer, certificates, content, str(encapsulated["content_type"].native))
    # parsed here, so that a fault is found here
    found.signer["signature"].native, found.signer["sid"].chosen
    if not isinstance(signed["crls"], core.Void):
        for choice in signed["crls"]:
            if choice.name == "crl":
                found.crls.append(choice.chosen.dump())
            elif choice.chosen["other_rev_info_format"].dotted == OCSP_RESPONSE:
                found.ocsps.append(choice.chosen["other_rev_info"].dump())
    _add_archived(found)
    return found


def _add_archived(found: SignedData) -> None:
    """Revocation data that Adobe's older form keeps among the signed attributes, and CAdES-X-L among the unsigned ones."""
    for which in ("signed_attrs", "unsigned_attrs"):
        for name, values in _attributes(found.signer, which):
            try:
                if name in ("adobe_revocation_info_archival", REVOCATION_ARCHIVE):
                    archive = values[0]
                    archive = archive.parsed if isinstance(archive, core.Any) else archive
                    found.crls += [each.dump() for each in _each(archive, "crl")]
                    found.ocsps += [each.dump() for each in _each(archive, "ocsp")]
            except (ValueError, TypeError, KeyError, AttributeError):
                continue


def _each(archive: Any, which: str) -> list[Any]:
    listed = archive[which]
    return [] if isinstance(listed, core.Void) else list(listed)


def read_bare(contents: bytes, certificates: list[bytes]) -> SignedData:
    """Read adbe.x509.rsa_sha1: a DER octet string with the raw signature, the certificate beside it. :raises Malformed:"""
    try:
        value = core.OctetString.load(contents).native
    except (ValueError, TypeError) as trouble:
        raise Malformed(str(trouble)[:200]) from trouble
    if not certificates or not value:
        raise Malformed("no certificate")
    return SignedData(cms.SignerInfo(), certificates, bare=(value, certificates[0]))


def leaf_of(signed: SignedData, others: list[bytes]) -> bytes:
    """Return the certificate the signature names as its signer's. :raises Malformed: it is nowhere"""
    if signed.bare is not None:
        return signed.bare[1]
    wanted = signed.signer["sid"].chosen
    for der in [*signed.certificates, *others]:
        certificate = certificate_of(der)
        if certificate is None:
            continue
        try:
            if isinstance(wanted, cms.IssuerAndSerialNumber):
                same = certificate.serial_number == wanted["serial_number"].native and (
                    certificate.issuer.dump() == wanted["issuer"].dump() or certificate.issuer == wanted["issuer"]
                )
            else:
                same = certificate.key_identifier == wanted.native
        except (ValueError, TypeError, KeyError):
            continue
        if same:
            return der
    raise Malformed("the signer's certificate is not there")


@lru_cache(maxsize=4096)
def certificate_of(der: bytes) -> asn1.Certificate | None:
    """The certificate in these bytes, None if there is none."""
    try:
        certificate = asn1.Certificate.load(der)
        certificate.subject, certificate.issuer, certificate.serial_number, certificate.not_valid_after  # noqa: B018
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    return certificate


@lru_cache(maxsize=1024)
def key_of(der: bytes) -> Any:
    """The public key of a certificate. :raises Unsupported: :raises Malformed:"""
    certificate = certificate_of(der)
    if certificate is None:
        raise Malformed("no certificate")
    try:
        return load_der_public_key(certificate.public_key.dump())
    except (UnsupportedAlgorithm, ValueError, TypeError) as trouble:
        try:
            name = str(certificate.public_key.algorithm)
        except (ValueError, KeyError, TypeError):
            name = "?"
        raise Unsupported(name) from trouble


def algorithms_of(signed: SignedData, leaf: bytes) -> Algorithms:
    """What the signature says it was computed by."""
    size, curve, family = key_facts(leaf)
    if signed.bare is not None:
        return Algorithms("sha1", family, size, curve, "sha1")
    digest = str(signed.signer["digest_algorithm"]["algorithm"].native)
    try:
        name = signed.signer["signature_algorithm"].signature_algo
    except ValueError:
        name = str(signed.signer["signature_algorithm"]["algorithm"].native)
    try:
        inner = _hash_of(signed.signer["signature_algorithm"]) or digest
    except ValueError:
        inner = digest
    return Algorithms(digest, SIGNATURES.get(name, name), size, curve, inner)


SIGNATURES = {"rsassa_pkcs1v15": "rsa", "rsassa_pss": "rsa-pss", "ed25519": "ed25519", "ed448": "ed448"}


@lru_cache(maxsize=1024)
def key_facts(der: bytes) -> tuple[int, str, str]:
    """Size in bits, curve if it has one, and family of a certificate's key, as the certificate says."""
    certificate = certificate_of(der)
    if certificate is None:
        return 0, "", ""
    key = certificate.public_key
    try:
        family = str(key.algorithm)
    except (ValueError, KeyError, TypeError):
        return 0, "", ""
    if family in EDWARDS:
        return EDWARDS[family], "", family
    curve = ""
    try:
        if family == "ec":
            kind, curve = key.curve
            curve = str(curve) if kind == "named" else kind
            curve = CURVES.get(curve, curve)
            digits = "".join(each for each in curve[:-2] if each.isdigit())
            return int(digits or 0), curve, family
        return int(key.bit_size), curve, family
    except (ValueError, KeyError, TypeError, AttributeError):
        return 0, curve, family


EDWARDS = {"ed25519": 256, "ed448": 456}
CURVES = {
    "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1",
    "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
    "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}


def is_over(signed: SignedData, leaf: bytes, digest_of: Callable[[str], bytes]) -> tuple[bool, bool]:
    """Whether the signature is over this content (`digest_of` gives its digest by an algorithm), and whether the key made it.

    The first without the second is a forged signature, the second without the first a true signature of something else.

    :raises Unsupported: an algorithm nothing here can compute
    :raises Malformed: the signed attributes are not those of a signature
    """
    try:
        return _is_over(signed, leaf, digest_of)
    except BROKEN as trouble:
        raise Malformed(str(trouble)[:200]) from trouble


def _is_over(signed: SignedData, leaf: bytes, digest_of: Callable[[str], bytes]) -> tuple[bool, bool]:
    if signed.bare is not None:
        value, _certificate = signed.bare
        good = _is_by(key_of(leaf), value, digest=digest_of("sha1"), name="sha1", algorithm=None)
        return good, good
    signer = signed.signer
    value = signer["signature"].native
    name = str(signer["digest_algorithm"]["algorithm"].native)
    attributes = signer["signed_attrs"]
    algorithm = signer["signature_algorithm"]
    digest = _digest_of(signed, name, digest_of)
    if isinstance(attributes, core.Void) or not len(attributes):
        good = _is_by(key_of(leaf), value, digest=digest, name=name, algorithm=algorithm)
        return good, good
    said = signed.attribute("message_digest")
    kind = signed.attribute("content_type")
    if said is None:
        raise Malformed("no message digest")
    if kind is not None and signed.content_type not in (kind.native, "data"):
        raise Malformed("another content type")
    over = said.native == digest
    shown = bytes(attributes.dump())
    made = b"\x31" + shown[1:]
    by = _is_by(key_of(leaf), value, message=made, name=_hash_of(algorithm) or name, algorithm=algorithm)
    if not by:
        sorted_again = _set_of(sorted(each.dump() for each in attributes))
        if sorted_again != made:
            by = _is_by(
                key_of(leaf), value, message=sorted_again, name=_hash_of(algorithm) or name, algorithm=algorithm
            )
    return over, by


def _set_of(parts: list[bytes]) -> bytes:
    """A DER SET OF these (X.690, 8.12): what is signed, when a tool wrote its attributes in another order than it signed them."""
    content = b"".join(parts)
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return b"\x31" + (octets if size < 128 else bytes([0x80 + len(octets)]) + octets) + content


def _digest_of(signed: SignedData, name: str, digest_of: Callable[[str], bytes]) -> bytes:
    """The digest the signature must be over; for adbe.pkcs7.sha1 the content is itself the SHA-1 of the file's bytes."""
    content = signed.content if signed.content_type == "data" else None
    if content is not None and len(content) == 20 and content == digest_of("sha1"):
        return hash_with(name, content)
    return digest_of(name)


def hash_with(name: str, *parts: bytes) -> bytes:
    """The digest of these bytes by that algorithm. :raises Unsupported:"""
    made = hasher(name)
    for part in parts:
        made.update(part)
    return digest_from(made, name)


def hasher(name: str) -> Any:
    """A fresh hash of that name. :raises Unsupported:"""
    try:
        return hashlib.new(NAMES.get(name, name))
    except (ValueError, TypeError) as trouble:
        raise Unsupported(name) from trouble


NAMES = {
    "shake256_len": "shake_256",
    "shake256": "shake_256",
    "2.16.840.1.101.3.4.2.12": "shake_256",
    "2.16.840.1.101.3.4.2.18": "shake_256",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
}


def digest_from(made: Any, name: str) -> bytes:
    """The digest; SHAKE256 gives 64 bytes, as Ed448 has it (RFC 8419)."""
    return bytes(made.digest(64) if made.name == "shake_256" else made.digest())


def _hash_of(algorithm: algos.SignedDigestAlgorithm) -> str | None:
    """The hash that the signature's own algorithm names, if it does."""
    name = str(algorithm["algorithm"].native)
    if name == "rsassa_pss":
        return str(algorithm["parameters"]["hash_algorithm"]["algorithm"].native)
    try:
        return str(algorithm.hash_algo)
    except ValueError:
        return None


def _is_by(
    key: Any, value: bytes, *, name: str, algorithm: Any, message: bytes | None = None, digest: bytes | None = None
) -> bool:
    """Whether that key made this signature over the message, or over the content that has this digest."""
    try:
        if isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
            if message is None:
                raise Unsupported("EdDSA without signed attributes")
            key.verify(value, message)
            return True
        made = HASHES.get(name)
        if made is None:
            raise Unsupported(name)
        data, chosen = (message, made()) if message is not None else (digest or b"", utils.Prehashed(made()))
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(value, data, _padding(algorithm), chosen)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, data, ec.ECDSA(chosen))
        elif isinstance(key, dsa.DSAPublicKey):
            key.verify(value, data, chosen)
        else:
            raise Unsupported(type(key).__name__)
    except (InvalidSignature, ValueError):
        return False
    except UnsupportedAlgorithm as trouble:
        raise Unsupported(str(trouble)[:80]) from trouble
    return True


def is_by(key: Any, value: bytes, message: bytes, algorithm: Any) -> bool:
    """Whether that key made this signature over the message, by the algorithm named. :raises Unsupported:"""
    return _is_by(key, value, name=_hash_of(algorithm) or "", algorithm=algorithm, message=message)


def _padding(algorithm: Any) -> Any:
    if algorithm is None or algorithm["algorithm"].native != "rsassa_pss":
        return padding.PKCS1v15()
    parameters = algorithm["parameters"]
    mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
    made = HASHES.get(mask)
    if made is None:
        raise Unsupported(str(mask))
    return padding.PSS(padding.MGF1(made()), int(parameters["salt_length"].native))


def names_signer(signed: SignedData, leaf: bytes) -> bool | None:
    """Whether the signed attributes name this very certificate (RFC 5035); None when they name none."""
    for name, values in signed.attributes:
        if name not in ("signing_certificate", "signing_certificate_v2"):
            continue
        try:
            named = values[0]["certs"][0]
            algorithm = "sha1"
            if name == "signing_certificate_v2":
                algorithm = str(named["hash_algorithm"]["algorithm"].native)
            return bool(named["cert_hash"].native == hashlib.new(algorithm, leaf).digest())
        except (ValueError, TypeError, KeyError, IndexError):
            return False
    return None


def claimed_time(signed: SignedData) -> datetime | None:
    """What the signer's clock said, in the signed attributes."""
    try:
        said = None if signed.bare is not None else signed.attribute("signing_time")
        moment = None if said is None else said.native
    except (Malformed, ValueError, TypeError, KeyError):
        return None
    if not isinstance(moment, datetime):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def token_of(signed: SignedData) -> SignedData | None:
    """The timestamp token among the unsigned attributes, None if there is none. :raises Malformed: it cannot be read"""
    if signed.bare is not None:
        return None
    try:
        for name, values in _attributes(signed.signer, "unsigned_attrs"):
            if name == CONTENT_TIMESTAMP:
                return _of(values[0]["content"])
    except BROKEN as trouble:
        raise Malformed(str(trouble)[:200]) from trouble
    return None


def stamped(token: SignedData) -> tuple[datetime, str, bytes]:
    """What a token stamps: the moment, the algorithm and the imprint. :raises Malformed: it is no timestamp token"""
    try:
        info = tsp.TSTInfo.load(token.content or b"")
        if token.content_type != "tst_info":
            raise Malformed("no timestamp")
        imprint = info["message_imprint"]
        moment = info["gen_time"].native
        named = str(imprint["hash_algorithm"]["algorithm"].native)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), named, bytes(imprint["hashed_message"].native)
    except BROKEN as trouble:
        raise Malformed(str(trouble)[:200]) from trouble


# Archive timestamps of CAdES (EN 319 122-1, 5.5.3)

ARCHIVE_TIMESTAMP, HASH_INDEX = "0.4.0.1733.2.4", "0.4.0.19122.1.5"


class _Digests(core.SequenceOf):
    _child_spec = core.OctetString


class HashIndex(core.Sequence):
    """ATSHashIndexV3: digests of all that an archive timestamp covers beside the signature itself (5.5.2)."""

    _fields: ClassVar = [
        ("algorithm", algos.DigestAlgorithm),
        ("certificates", _Digests),
        ("crls", _Digests),
        ("attributes", _Digests),
    ]


def indexed(signed: cms.SignedData, signer: cms.SignerInfo, name: str) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Digests of the certificates, of the revocation data and of the unsigned attributes of one signer, as they stand."""

    def each_of(which: str) -> list[bytes]:
        return [] if isinstance(signed[which], core.Void) else [hash_with(name, each.dump()) for each in signed[which]]

    unsigned = signer["unsigned_attrs"]
    attributes = [] if isinstance(unsigned, core.Void) else list(unsigned)
    values = [(each["type"].dump(), value.dump()) for each in attributes for value in each["values"]]
    return each_of("certificates"), each_of("crls"), [hash_with(name, kind + value) for kind, value in values]


def archive_imprint(
    signed: cms.SignedData, signer: cms.SignerInfo, index: bytes, name: str, content_digest: bytes
) -> bytes:
    """What an archive timestamp with that index is over. :raises Unsupported: that digest is not computed here"""
    fields = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    kind = signed["encap_content_info"]["content_type"].dump()
    return hash_with(name, b"".join((kind, content_digest, *(signer[each].dump() for each in fields), index)))


def archives(
    signed: cms.SignedData, signer: cms.SignerInfo, digest_of: Callable[[str], bytes]
) -> list[tuple[SignedData, bool]]:
    """The archive timestamps of a signer in their order, each with whether it is over this signature and all its index names.

    :raises Malformed: one cannot be read
    """
    found = []
    try:
        for name, values in _attributes(signer, "unsigned_attrs"):
            if name != ARCHIVE_TIMESTAMP:
                continue
            for value in values:
                token = cms.ContentInfo.load(value.dump())["content"]
                found.append((_of(token), _is_archive_of(signed, signer, token, digest_of)))
    except BROKEN as trouble:
        raise Malformed(str(trouble)[:200]) from trouble
    return found


def _is_archive_of(
    signed: cms.SignedData, signer: cms.SignerInfo, token: cms.SignedData, digest_of: Callable[[str], bytes]
) -> bool:
    (stamper,) = token["signer_infos"]
    indexes = [values[0].dump() for kind, values in _attributes(stamper, "unsigned_attrs") if kind == HASH_INDEX]
    if len(indexes) != 1:
        return False
    index = HashIndex.load(indexes[0], strict=True)
    named = str(index["algorithm"]["algorithm"].native)
    there = indexed(signed, signer, named)
    listed = [[each.native for each in index[part]] for part in ("certificates", "crls", "attributes")]
    if any(set(asked) - set(held) for asked, held in zip(listed, there, strict=True)):
        return False
    _moment, name, imprint = stamped(_of(token))
    return imprint == archive_imprint(signed, signer, indexes[0], name, digest_of(name))
