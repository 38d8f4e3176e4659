"""Signatures inside an XML document: XAdES (ETSI EN 319 132-1), enveloped, as edXML and other messages carry them. Pure.

Exclusive canonicalisation, SHA-256, the certificate named by SigningCertificateV2. Read back by signxml in the tests and here.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto.algos import DSASignature
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from lxml import etree
from signxml import InvalidDigest, InvalidInput, InvalidSignature, SignatureMethod
from signxml.xades import XAdESVerifier

from antin.signing.pades import Credential

DS, XADES = "http://www.w3.org/2000/09/xmldsig#", "http://uri.etsi.org/01903/v1.3.2#"
XADES_141 = "http://uri.etsi.org/01903/v1.4.1#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
METHODS = {True: SignatureMethod.ECDSA_SHA256.value, False: SignatureMethod.RSA_SHA256.value}
MOST_BYTES = 32 * 2**20


class CannotSignXml(Exception):
    """Not well-formed XML, or with a document type, which could mean other files."""


class BadXmlSignature(Exception):
    """There is no signature of this kind, or it does not hold. The words are for the log."""


def _parsed(content: bytes) -> etree._Element:
    """The root, read without entities, network or a document type. :raises CannotSignXml:"""
    reader = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    if len(content) > MOST_BYTES:
        raise CannotSignXml("too long")
    try:
        root = etree.fromstring(content, reader)
    except etree.XMLSyntaxError as trouble:
        raise CannotSignXml(str(trouble)) from trouble
    if root.getroottree().docinfo.doctype:
        raise CannotSignXml("a document type")
    return root


def sign(content: bytes, *, credential: Credential, at: datetime, parent: str = "") -> bytes:
    """The document with an enveloped XAdES signature (B-B) as the last child of its root, or of the element of that local name.

    The key is asked to sign the canonical SignedInfo. :raises CannotSignXml: not XML that can be signed, or no such element
    """
    root = _parsed(content)
    holder = root if not parent else next(root.iter(f"{{*}}{parent}"), None)
    if holder is None:
        raise CannotSignXml(f"no element {parent}")
    name = _name(root, credential, at)
    properties = _properties(credential, at, name)
    document = _reference(_canonical(root), uri="", transforms=(ENVELOPED, EXCLUSIVE))
    signature = etree.SubElement(holder, f"{{{DS}}}Signature", nsmap={"ds": DS}, Id=name)
    signed = etree.SubElement(signature, f"{{{DS}}}SignedInfo")
    etree.SubElement(signed, f"{{{DS}}}CanonicalizationMethod", Algorithm=EXCLUSIVE)
    method = METHODS[isinstance(credential.key.public, EllipticCurvePublicKey)]
    etree.SubElement(signed, f"{{{DS}}}SignatureMethod", Algorithm=method)
    signed.append(document)
    value = etree.SubElement(signature, f"{{{DS}}}SignatureValue")
    data = etree.SubElement(etree.SubElement(signature, f"{{{DS}}}KeyInfo"), f"{{{DS}}}X509Data")
    for der in (credential.certificate, *credential.chain):
        etree.SubElement(data, f"{{{DS}}}X509Certificate").text = base64.b64encode(der).decode()
    etree.SubElement(signature, f"{{{DS}}}Object").append(properties)
    inner = properties[0]
    signed.append(_reference(_canonical(inner), uri=f"#{inner.get('Id')}", transforms=(EXCLUSIVE,), kind=PROPERTIES))
    value.text = base64.b64encode(_raw(credential, credential.key.sign(_canonical(signed), "sha256"))).decode()
    return bytes(etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8"))


def signed_properties(content: bytes, *, credential: Credential, at: datetime) -> bytes:
    """The canonical SignedProperties of the signature that `sign` makes of the same: SignedInfo holds only their digest.

    :raises CannotSignXml: not XML that can be signed
    """
    return _canonical(_properties(credential, at, _name(_parsed(content), credential, at))[0])


def _name(root: etree._Element, credential: Credential, at: datetime) -> str:
    """Of the same document, key and moment the same bytes are made."""
    told = _canonical(root) + credential.certificate + at.isoformat().encode()
    return f"S{hashlib.sha256(told).hexdigest()[:16]}"


def _properties(credential: Credential, at: datetime, name: str) -> etree._Element:
    qualifying = etree.Element(f"{{{XADES}}}QualifyingProperties", nsmap={"xades": XADES, "ds": DS}, Target=f"#{name}")
    signed = etree.SubElement(qualifying, f"{{{XADES}}}SignedProperties", Id=f"{name}-properties")
    about = etree.SubElement(signed, f"{{{XADES}}}SignedSignatureProperties")
    moment = at.astimezone(UTC).replace(microsecond=0)
    etree.SubElement(about, f"{{{XADES}}}SigningTime").text = moment.isoformat().replace("+00:00", "Z")
    named = etree.SubElement(about, f"{{{XADES}}}SigningCertificateV2")
    digest = etree.SubElement(etree.SubElement(named, f"{{{XADES}}}Cert"), f"{{{XADES}}}CertDigest")
    etree.SubElement(digest, f"{{{DS}}}DigestMethod", Algorithm=SHA256)
    hashed = hashlib.sha256(credential.certificate).digest()
    etree.SubElement(digest, f"{{{DS}}}DigestValue").text = base64.b64encode(hashed).decode()
    return qualifying


def _canonical(element: etree._Element) -> bytes:
    return bytes(etree.tostring(element, method="c14n", exclusive=True, with_comments=False))


def _reference(content: bytes, *, uri: str, transforms: tuple[str, ...], kind: str = "") -> etree._Element:
    reference = etree.Element(f"{{{DS}}}Reference", nsmap={"ds": DS}, URI=uri, **({"Type": kind} if kind else {}))
    listed = etree.SubElement(reference, f"{{{DS}}}Transforms")
    for algorithm in transforms:
        etree.SubElement(listed, f"{{{DS}}}Transform", Algorithm=algorithm)
    etree.SubElement(reference, f"{{{DS}}}DigestMethod", Algorithm=SHA256)
    value = base64.b64encode(hashlib.sha256(content).digest()).decode()
    etree.SubElement(reference, f"{{{DS}}}DigestValue").text = value
    return reference


def _raw(credential: Credential, signature: bytes) -> bytes:
    """An ECDSA signature as XML writes it: r and s side by side (XML-DSig 1.1, 6.4.3); RSA's as it is."""
    public = credential.key.public
    if not isinstance(public, EllipticCurvePublicKey):
        return signature
    width = (public.curve.key_size + 7) // 8
    pair = DSASignature.load(signature)
    return b"".join(int(pair[part].native).to_bytes(width, "big") for part in ("r", "s"))


@dataclass(frozen=True)
class Read:
    """A signature that holds over the whole document: by which certificate, and when its signer's clock said it was.

    Nobody has judged the certificate yet. `document` is what was signed, without the signature.
    """

    signer: bytes
    certificates: tuple[bytes, ...]
    claimed_at: datetime | None
    document: bytes


def read(content: bytes) -> Read:
    """Read the one enveloped signature of a document and hold it to what stands there now. Trust is not asked.

    :raises CannotSignXml: not XML that is read here
    :raises BadXmlSignature: no signature over the whole document, or it does not hold
    """
    root = _parsed(content)
    found = root.findall(f".//{{{DS}}}X509Certificate")
    try:
        held = tuple(base64.b64decode(each.text or "") for each in found)
        leaf = x509.load_der_x509_certificate(held[0])
        results = XAdESVerifier().verify(etree.tostring(root), x509_cert=leaf, expect_references=2)
        whole = next(each for each in results if each.signed_xml is not None and each.signed_xml.tag == root.tag)
    except (InvalidSignature, InvalidDigest, InvalidInput, ValueError, IndexError, StopIteration, TypeError) as bad:
        raise BadXmlSignature(f"{type(bad).__name__}: {bad}") from bad
    told = root.find(f".//{{{XADES}}}SigningTime")
    claimed = datetime.fromisoformat(told.text) if told is not None and told.text else None
    return Read(held[0], held, claimed, whole.signed_data)
