"""What makes signatures inside XML last: timestamps, revocation data, archive timestamps (ETSI EN 319 132-1, 5.3 to 5.5).

All of it stands among the unsigned properties, which the signature does not cover: nothing that was signed changes. Pure.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from lxml import etree

from antin.keys import timestamping
from antin.keys.timestamping import Timestamper
from antin.signing import xml_signatures
from antin.signing.pades import Carried, Contents, carried
from antin.signing.signed_data import BROKEN, Malformed, Unsupported
from antin.signing.xades import DS, EXCLUSIVE, XADES, XADES_141, CannotSignXml
from antin.signing.xml_signatures import Inside, NotRead


def _read(content: bytes) -> list[Inside]:
    try:
        found = xml_signatures.read(content)
    except NotRead as trouble:
        raise CannotSignXml(str(trouble)) from trouble
    if not found or any(each.fault or not each.qualified or not each.certificates for each in found):
        raise CannotSignXml("not signed by XAdES")
    return found


def contents_of(content: bytes) -> Contents:
    """What the signatures of a document carry, read and not judged. :raises CannotSignXml: no XML signed by XAdES"""
    found, last = [], True
    read = _read(content)
    try:
        for inside in read:
            found.append(_carried(inside))
            last = last and bool(inside.archives)
        for inside in read:
            found += [carried(f"{inside.name}.A", token, whole=True) for token, _over in inside.archives]
    except (*BROKEN, Malformed) as trouble:
        raise CannotSignXml(str(trouble)[:200]) from trouble
    stored = all(each.crls or each.ocsps for each in read)
    return Contents(tuple(found), stored, stored and last)


def _carried(inside: Inside) -> Carried:
    used = tuple({inside.digest, inside.signed_digest})
    if not inside.token:
        return Carried(inside.name, inside.certificates[0], inside.certificates, None, b"", False, used)
    token = carried(inside.name, inside.token, whole=True)
    held = tuple(dict.fromkeys((*inside.certificates, *token.certificates)))
    return Carried(inside.name, inside.certificates[0], held, token.stamped_at, token.signer, False, used)


def add_timestamp(content: bytes, *, stamper: Timestamper) -> bytes:
    """Stamp the value of each signature that has no timestamp yet: B-T. :raises CannotSignXml: NotStamped:"""
    found = _read(content)
    for inside in found:
        if not inside.token:
            value = inside.element.find(f"./{{{DS}}}SignatureValue")
            token = timestamping.ask(hashlib.sha256(_canonical(value)).digest(), stamper)
            _put_stamp(inside, f"{{{XADES}}}SignatureTimeStamp", token)
    return _written(found)


def add_values(
    content: bytes, *, certificates: Iterable[bytes], crls: Iterable[bytes], ocsps: Iterable[bytes]
) -> bytes:
    """Put certificates and revocation data into each signature, only what it does not hold yet: B-LT. :raises CannotSignXml:"""
    found = _read(content)
    for inside in found:
        more = [der for der in dict.fromkeys(certificates) if der not in inside.certificates]
        lists = [der for der in dict.fromkeys(crls) if der not in inside.crls]
        answers = [der for der in dict.fromkeys(ocsps) if der not in inside.ocsps]
        if not (more or lists or answers):
            continue
        holder = _unsigned(inside)
        if inside.archives or inside.crls or inside.ocsps:
            holder = etree.SubElement(holder, f"{{{XADES_141}}}TimeStampValidationData", nsmap={"xades141": XADES_141})
        if more:
            _put_values(holder, "CertificateValues", "EncapsulatedX509Certificate", more)
        if lists or answers:
            values = etree.SubElement(holder, f"{{{XADES}}}RevocationValues")
            if lists:
                _put_values(values, "CRLValues", "EncapsulatedCRLValue", lists)
            if answers:
                _put_values(values, "OCSPValues", "EncapsulatedOCSPValue", answers)
    return _written(found)


def add_archive_stamps(content: bytes, *, stamper: Timestamper) -> bytes:
    """Put an archive timestamp over each signature with all it signs and all that proves it: B-LTA.

    :raises CannotSignXml: NotStamped:
    """
    found = _read(content)
    for inside in found:
        try:
            over = xml_signatures.archived(inside.element)
        except (Malformed, Unsupported) as trouble:
            raise CannotSignXml(str(trouble)[:200]) from trouble
        token = timestamping.ask(hashlib.sha256(over).digest(), stamper)
        _put_stamp(inside, f"{{{XADES_141}}}ArchiveTimeStamp", token)
    return _written(found)


def _unsigned(inside: Inside) -> etree._Element:
    """The signature's unsigned properties, made where there are none."""
    qualifying = inside.element.find(f"./{{{DS}}}Object/{{{XADES}}}QualifyingProperties")
    if qualifying is None:
        raise CannotSignXml("no properties")
    holder = qualifying.find(f"./{{{XADES}}}UnsignedProperties")
    if holder is None:
        holder = etree.SubElement(qualifying, f"{{{XADES}}}UnsignedProperties")
    own = holder.find(f"./{{{XADES}}}UnsignedSignatureProperties")
    return etree.SubElement(holder, f"{{{XADES}}}UnsignedSignatureProperties") if own is None else own


def _put_stamp(inside: Inside, tag: str, token: bytes) -> None:
    stamp = etree.SubElement(_unsigned(inside), tag, nsmap={"xades141": XADES_141} if XADES_141 in tag else {})
    etree.SubElement(stamp, f"{{{DS}}}CanonicalizationMethod", Algorithm=EXCLUSIVE)
    etree.SubElement(stamp, f"{{{XADES}}}EncapsulatedTimeStamp").text = base64.b64encode(token).decode()


def _put_values(holder: etree._Element, name: str, each_name: str, values: list[bytes]) -> None:
    listed = etree.SubElement(holder, f"{{{XADES}}}{name}")
    for der in values:
        etree.SubElement(listed, f"{{{XADES}}}{each_name}").text = base64.b64encode(der).decode()


def _canonical(element: etree._Element) -> bytes:
    return bytes(etree.tostring(element, method="c14n", exclusive=True, with_comments=False))


def _written(found: list[Inside]) -> bytes:
    return bytes(etree.tostring(found[0].element.getroottree(), xml_declaration=True, encoding="UTF-8"))
