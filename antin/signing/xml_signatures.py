"""Signatures inside XML, read and checked as mathematics (XML-DSig 1.1, XAdES): which key, over which part, by which algorithms.

Only what needs no code of the document's is computed: references to the whole document or to an element by its Id, canonical forms,
and the enveloped-signature transform. XSLT, XPath and references to other files are refused by name. Pure; nobody is believed here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from asn1crypto import ocsp
from asn1crypto.algos import DSASignature
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from lxml import etree

from antin.signing import signed_data
from antin.signing.signed_data import HASHES, Malformed, Unsupported
from antin.signing.xades import DS, ENVELOPED, EXCLUSIVE, MOST_BYTES, XADES, XADES_141

MOST = 50
"""Signatures of one document that are read."""
MOST_REFERENCES = 100
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_11 = "http://www.w3.org/2006/12/xml-c14n11"
XENC, DSIG_MORE, DSIG_11 = (
    "http://www.w3.org/2001/04/xmlenc#",
    "http://www.w3.org/2001/04/xmldsig-more#",
    "http://www.w3.org/2007/05/xmldsig-more#",
)
DIGESTS = {f"{DS}sha1": "sha1", f"{DSIG_MORE}sha224": "sha224", f"{DSIG_MORE}sha384": "sha384"}
DIGESTS |= {f"{XENC}sha256": "sha256", f"{XENC}sha512": "sha512"}
METHODS = {f"{DS}rsa-sha1": ("rsa", "sha1")}
METHODS |= {
    f"{DSIG_MORE}{family}-sha{size}": (family, f"sha{size}") for family in ("rsa", "ecdsa") for size in (256, 384, 512)
}
METHODS[f"{DSIG_MORE}ecdsa-sha1"] = ("ecdsa", "sha1")
METHODS |= {f"{DSIG_11}sha{size}-rsa-MGF1": ("pss", f"sha{size}") for size in (256, 384, 512)}
PROPERTIES = "SignedProperties"


class NotRead(Exception):
    """Not well-formed XML, too long, or with a document type, which could mean other files."""


@dataclass
class Inside:
    """One signature of a document. `whole` is whether it covers the whole of it; `stamped` what a timestamp of it is over;
    `archives` its archive timestamps, each with what it must be over (nothing where that cannot be computed)."""

    name: str
    element: Any = field(repr=False)
    certificates: tuple[bytes, ...] = ()
    claimed_at: datetime | None = None
    qualified: bool = False
    whole: bool = False
    names_signer: bool | None = None
    digest: str = ""
    signed_digest: str = ""
    stamped: bytes = b""
    token: bytes = b""
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    archives: tuple[tuple[bytes, bytes], ...] = ()
    fault: str = ""

    def check(self) -> tuple[bool, bool]:
        """Whether it is over what stands there now, and whether the first certificate's key made it.

        :raises Unsupported: an algorithm or transform that is not computed here
        """
        references = list(_each(_one(self.element, "SignedInfo"), "Reference"))
        return all(_holds(self.element, each) for each in references), _is_by(self)


def is_xml(content: bytes) -> bool:
    """Whether these bytes begin as XML does."""
    head = content[:256].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith((b"<?xml", b"<")) or content[:2] in (b"\xff\xfe", b"\xfe\xff")


def parsed(content: bytes) -> etree._Element:
    """The root, read without entities, network or a document type. :raises NotRead:"""
    reader = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_blank_text=False
    )
    if len(content) > MOST_BYTES:
        raise NotRead("too long")
    try:
        root = etree.fromstring(content, reader)
    except (etree.XMLSyntaxError, ValueError) as trouble:
        raise NotRead(str(trouble)) from trouble
    if root.getroottree().docinfo.doctype:
        raise NotRead("a document type")
    return root


def read(content: bytes) -> list[Inside]:
    """The signatures of a document in their order. :raises NotRead: it is no XML that is read here"""
    root = parsed(content)
    found = list(root.iter(f"{{{DS}}}Signature"))
    if len(found) > MOST:
        raise NotRead("too many signatures")
    names = [f"XML{turn}" if len(found) > 1 else "XML" for turn in range(1, len(found) + 1)]
    return [_read_one(root, each, name) for name, each in zip(names, found, strict=True)]


def _read_one(root: etree._Element, element: etree._Element, name: str) -> Inside:
    inside = Inside(name, element)
    try:
        signed = _one(element, "SignedInfo")
        references = list(_each(signed, "Reference"))
        if not references or len(references) > MOST_REFERENCES:
            raise Malformed("no references")
        own = f".//{{{XADES}}}"
        named = tuple(_bytes(each) for each in element.findall(f"./{{{DS}}}KeyInfo//{{{DS}}}X509Certificate"))
        more = tuple(_bytes(each) for each in element.findall(f"{own}EncapsulatedX509Certificate"))
        inside.certificates = tuple(dict.fromkeys((*_in_order(named), *more)))
        inside.qualified = element.find(f"{own}SignedProperties") is not None
        inside.claimed_at = _moment(element.find(f"{own}SigningTime"))
        inside.whole = any(_is_whole(root, each) for each in references)
        digests = {str(_one(each, "DigestMethod").get("Algorithm")) for each in references}
        algorithms = [DIGESTS.get(each, each) for each in digests]
        inside.digest = min(algorithms, key=lambda each: (each not in ("sha1", "md5"), each))
        method = str(_one(signed, "SignatureMethod").get("Algorithm"))
        inside.signed_digest = METHODS.get(method, ("", method))[1]
        inside.names_signer = _names_signer(element, inside.certificates, references)
        inside.stamped = _canonical(_one(element, "SignatureValue"), _stamp_method(element))
        token = element.find(f"{own}SignatureTimeStamp/{{{XADES}}}EncapsulatedTimeStamp")
        inside.token = b"" if token is None else _bytes(token)
        inside.crls = tuple(_bytes(each) for each in element.findall(f"{own}EncapsulatedCRLValue"))
        answers = (_bytes(each) for each in element.findall(f"{own}EncapsulatedOCSPValue"))
        inside.ocsps = tuple(ocsp.OCSPResponse.load(each).dump() for each in answers)
        inside.archives = tuple(_archives(element))
    except (Malformed, Unsupported, *signed_data.BROKEN) as trouble:
        inside.fault = str(trouble)[:200] or type(trouble).__name__
    return inside


def _archives(element: etree._Element) -> Iterator[tuple[bytes, bytes]]:
    for each in element.findall(f".//{{{XADES_141}}}ArchiveTimeStamp"):
        tokens = each.findall(f"./{{{XADES}}}EncapsulatedTimeStamp")
        if len(tokens) != 1:
            raise Malformed("an archive timestamp of several tokens")
        try:
            yield _bytes(tokens[0]), archived(element, each)
        except Unsupported:
            yield _bytes(tokens[0]), b""


def archived(element: etree._Element, stamp: etree._Element | None = None) -> bytes:
    """What an archive timestamp of a signature is over: all it signs, itself, every property before the stamp.

    EN 319 132-1, 5.5.2.2. Without one: what a new one would be over. :raises Unsupported: Malformed:
    """
    asked = None if stamp is None else stamp.find(f"./{{{DS}}}CanonicalizationMethod")
    method = EXCLUSIVE if stamp is None else INCLUSIVE if asked is None else str(asked.get("Algorithm"))
    if stamp is not None and stamp.find(f"./{{{XADES}}}Include") is not None:
        raise Unsupported("a distributed archive timestamp")
    parts = [octets(element, each) for each in _each(_one(element, "SignedInfo"), "Reference")]
    parts += [_canonical(_one(element, name), method) for name in ("SignedInfo", "SignatureValue")]
    parts += [_canonical(each, method) for each in _each(element, "KeyInfo")]
    for each in element.findall(f".//{{{XADES}}}UnsignedSignatureProperties/*"):
        if each is stamp:
            break
        parts.append(_canonical(each, method))
    others = [each for each in _each(element, "Object") if each.find(f"./{{{XADES}}}QualifyingProperties") is None]
    return b"".join((*parts, *(_canonical(each, method) for each in others)))


def _in_order(certificates: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The signer's first: the one that none of the others was issued by."""
    read_ones = [(der, signed_data.certificate_of(der)) for der in dict.fromkeys(certificates)]
    known = [(der, found) for der, found in read_ones if found is not None]
    issuers = {found.issuer.dump() for _der, found in known if found.issuer.dump() != found.subject.dump()}
    leaves = [der for der, found in known if found.subject.dump() not in issuers]
    return (*leaves, *(der for der, _found in known if der not in leaves))


def _names_signer(
    element: etree._Element, certificates: tuple[bytes, ...], references: list[etree._Element]
) -> bool | None:
    """Whether the signed properties, themselves signed, name this very certificate; None when they name none."""
    named = element.find(f".//{{{XADES}}}CertDigest")
    if named is None or not certificates:
        return None
    properties = element.find(f".//{{{XADES}}}{PROPERTIES}")
    about = "#" + str(properties.get("Id")) if properties is not None else ""
    if not any(each.get("URI") == about for each in references):
        return False
    algorithm = DIGESTS.get(str(_one(named, "DigestMethod").get("Algorithm")))
    if algorithm is None:
        return None
    return hashlib.new(algorithm, certificates[0]).digest() == _bytes(_one(named, "DigestValue"))


def _is_whole(root: etree._Element, reference: etree._Element) -> bool:
    uri = reference.get("URI")
    return uri == "" or (bool(uri) and uri[:1] == "#" and _by_id(root, uri[1:]) is root)


def _one(holder: etree._Element, name: str) -> etree._Element:
    found = holder.findall(f"./{{{DS}}}{name}")
    if len(found) != 1:
        raise Malformed(f"{len(found)} {name}")
    return found[0]


def _each(holder: etree._Element, name: str) -> Iterator[etree._Element]:
    yield from holder.findall(f"./{{{DS}}}{name}")


def _bytes(element: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as trouble:
        raise Malformed(str(trouble)) from trouble


def _moment(element: etree._Element | None) -> datetime | None:
    if element is None or not element.text:
        return None
    try:
        said = datetime.fromisoformat(element.text.strip())
    except ValueError:
        return None
    return (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)


def _by_id(root: etree._Element, name: str) -> etree._Element | None:
    """The one element of that Id; two of the same would let one be signed and the other be read. :raises Malformed:"""
    found = [each for each in root.iter("*") for key in ("Id", "ID", "id") if each.get(key) == name]
    if len(found) > 1:
        raise Malformed("an Id twice")
    return found[0] if found else None


def _stamp_method(element: etree._Element) -> str:
    """By which canonical form a timestamp takes the signature's value."""
    asked = element.find(f".//{{{XADES}}}SignatureTimeStamp/{{{DS}}}CanonicalizationMethod")
    return INCLUSIVE if asked is None else str(asked.get("Algorithm"))


def _canonical(element: etree._Element, method: str, prefixes: list[str] | None = None) -> bytes:
    """An element in a canonical form, with the namespaces around it. :raises Unsupported:"""
    bare, _hash, fragment = method.partition("#")
    comments = fragment == "WithComments"
    exclusive = bare + "#" == EXCLUSIVE
    if not exclusive and bare not in (INCLUSIVE, INCLUSIVE_11):
        raise Unsupported(method[-60:])
    alone = etree.fromstring(etree.tostring(element, with_tail=False)) if element.getparent() is not None else element
    return bytes(
        etree.tostring(
            alone,
            method="c14n",
            exclusive=exclusive,
            with_comments=comments,
            inclusive_ns_prefixes=prefixes if exclusive else None,
        )
    )


def _holds(signature: etree._Element, reference: etree._Element) -> bool:
    """Whether what a reference names still has the digest it had. :raises Unsupported: Malformed:"""
    algorithm = DIGESTS.get(str(_one(reference, "DigestMethod").get("Algorithm")))
    if algorithm is None:
        raise Unsupported(str(_one(reference, "DigestMethod").get("Algorithm"))[-60:])
    try:
        return hashlib.new(algorithm, octets(signature, reference)).digest() == _bytes(_one(reference, "DigestValue"))
    except _Absent:
        return False


class _Absent(Malformed):
    """There is no element of that Id."""


def octets(signature: etree._Element, reference: etree._Element) -> bytes:
    """What a reference of a signature is over, as bytes (XML-DSig 1.1, 4.4.3.2). :raises Unsupported: Malformed:"""
    root = signature.getroottree().getroot()
    uri = reference.get("URI")
    if uri is None or (uri and not uri.startswith("#")):
        raise Unsupported("another file")
    target = root if uri == "" else _by_id(root, uri[1:])
    if target is None:
        raise _Absent(str(uri)[:60])
    transforms = reference.find(f"./{{{DS}}}Transforms")
    method, prefixes, enveloped = INCLUSIVE, None, False
    for each in list(_each(transforms, "Transform")) if transforms is not None else []:
        name = str(each.get("Algorithm"))
        if name == ENVELOPED:
            enveloped = True
            continue
        if not name.startswith((EXCLUSIVE, INCLUSIVE, INCLUSIVE_11)):
            raise Unsupported(name[-60:])
        method = name
        listed = each.find("{http://www.w3.org/2001/10/xml-exc-c14n#}InclusiveNamespaces")
        prefixes = None if listed is None else str(listed.get("PrefixList", "")).split()
    shown = _without(root, target, signature) if enveloped else target
    return _canonical(shown, method, prefixes)


def _without(root: etree._Element, target: etree._Element, signature: etree._Element) -> etree._Element:
    """A copy of the target without this signature; what stands behind the signature stays."""
    copied = deepcopy(root)
    gone, shown = _walk(copied, _path(signature)), _walk(copied, _path(target))
    holder = gone.getparent()
    if holder is None:
        raise Malformed("the signature is the document")
    before = gone.getprevious()
    if gone.tail:
        if before is not None:
            before.tail = (before.tail or "") + gone.tail
        else:
            holder.text = (holder.text or "") + gone.tail
    holder.remove(gone)
    return shown


def _path(element: etree._Element) -> list[int]:
    """Where an element stands: its place among its fellows, from the root down."""
    found = []
    while (above := element.getparent()) is not None:
        found.append(above.index(element))
        element = above
    return found[::-1]


def _walk(element: etree._Element, path: list[int]) -> etree._Element:
    for place in path:
        element = element[place]
    return element


def _is_by(inside: Inside) -> bool:
    signed = _one(inside.element, "SignedInfo")
    asked = _one(signed, "CanonicalizationMethod")
    listed = asked.find("{http://www.w3.org/2001/10/xml-exc-c14n#}InclusiveNamespaces")
    prefixes = None if listed is None else str(listed.get("PrefixList", "")).split()
    message = _canonical(signed, str(asked.get("Algorithm")), prefixes)
    method = str(_one(signed, "SignatureMethod").get("Algorithm"))
    if method not in METHODS:
        raise Unsupported(method[-60:])
    family, digest = METHODS[method]
    value, made = _bytes(_one(inside.element, "SignatureValue")), HASHES[digest]()
    key = signed_data.key_of(inside.certificates[0])
    try:
        if family == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            half = len(value) // 2
            pair = {"r": int.from_bytes(value[:half], "big"), "s": int.from_bytes(value[half:], "big")}
            key.verify(DSASignature(pair).dump(), message, ec.ECDSA(made))
        elif isinstance(key, rsa.RSAPublicKey) and family in ("rsa", "pss"):
            key.verify(value, message, _padding(family, made), made)
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def _padding(family: str, made: hashes.HashAlgorithm) -> Any:
    return padding.PKCS1v15() if family == "rsa" else padding.PSS(padding.MGF1(made), made.digest_size)
