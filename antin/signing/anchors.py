"""Trust kept in a folder: certificates and revocation lists in whatever files an administrator has been given.

Read: PEM and DER, `.crt .cer .pem .der .p7b .p7c .crl` and anything else that holds one of them, in nested folders too. A
certificate whose issuer is in the folder as well is an intermediate (and is asked about in its issuer's revocation list); every
other one is an anchor and is believed for itself, self-signed or not: whoever put it there said so.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import cms, core, crl

from antin.signing import signed_data, trust

LARGEST = 64 << 20
MOST_FILES = 20_000
BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)


@dataclass(frozen=True)
class Folder:
    """What a folder says is to be believed; fits `verification.Trust`. `unread`: files that hold nothing of the kind."""

    anchors: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    crl_bytes: tuple[bytes, ...] = ()
    unread: tuple[str, ...] = ()
    person_policy: str = "1.3.6.1.4.1.0.1"
    agency_policy: str = "1.3.6.1.4.1.0.2"

    @property
    def state(self) -> str:
        digest = hashlib.sha256()
        for part in (*self.anchors, b"|", *self.intermediates, b"|", *self.crl_bytes):
            digest.update(len(part).to_bytes(4, "big") + part)
        return digest.hexdigest()


NOBODY = Folder()
"""No folder was given: nobody is believed, so an intact signature cannot be determined to be valid."""


def read(folder: Path, *, person_policy: str = "", agency_policy: str = "") -> Folder:
    """Read all files of a folder. :raises OSError: it is not there, or is none"""
    if not folder.is_dir():
        raise NotADirectoryError(str(folder))
    certificates: dict[bytes, None] = {}
    lists: dict[bytes, None] = {}
    unread = []
    for number, path in enumerate(sorted(folder.rglob("*"))):
        if number >= MOST_FILES:
            break
        if not path.is_file():
            continue
        try:
            content = path.read_bytes() if path.stat().st_size <= LARGEST else b""
        except OSError:
            content = b""
        found = False
        for kind, der in pieces(content):
            (certificates if kind == "certificate" else lists)[der] = None
            found = True
        if not found:
            unread.append(str(path.relative_to(folder)))
    anchors, intermediates = parted(tuple(certificates))
    known = Folder()
    return Folder(
        anchors,
        intermediates,
        tuple(lists),
        tuple(unread),
        person_policy or known.person_policy,
        agency_policy or known.agency_policy,
    )


def parted(certificates: tuple[bytes, ...]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Tell anchors from intermediates: these have their issuer beside them."""
    by_name: dict[bytes, list[bytes]] = {}
    for der in certificates:
        by_name.setdefault(trust.name_of(der), []).append(der)
    anchors: list[bytes] = []
    intermediates: list[bytes] = []
    for der in certificates:
        certificate = signed_data.certificate_of(der)
        above = by_name.get(certificate.issuer.dump(), []) if certificate is not None else []
        issued = any(each != der and trust.is_signed_by(der, each) for each in above)
        own = trust.facts(der).self_issued
        (intermediates if issued and not own else anchors).append(der)
    return tuple(anchors), tuple(intermediates)


def pieces(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Every certificate and list in a file, as ("certificate" or "list", DER)."""
    if b"-----BEGIN " in content:
        for block in BLOCK.finditer(content):
            try:
                der = base64.b64decode(re.sub(rb"(?m)^[A-Za-z-]+:.*$", b"", block[2]))
            except ValueError:
                continue
            yield from _pieces(der)
        return
    yield from _pieces(content)
    try:
        yield from _pieces(base64.b64decode(content, validate=False)) if content[:2] == b"MI" else ()
    except ValueError:
        return


def _pieces(der: bytes) -> Iterator[tuple[str, bytes]]:
    if der[:1] != b"\x30":
        return
    certificate = signed_data.certificate_of(der)
    if certificate is not None:
        try:
            trust.facts(der)
            yield "certificate", der
        except ValueError:
            pass
        return
    try:
        listed = crl.CertificateList.load(der)
        listed.issuer  # noqa: B018 - read here, so that a fault is found here
        yield "list", der
        return
    except trust.BROKEN:
        pass
    try:
        signed = cms.ContentInfo.load(der)
        if signed["content_type"].native != "signed_data":
            return
        brought = signed["content"]
        if not isinstance(brought["certificates"], core.Void):
            for choice in brought["certificates"]:
                if choice.name == "certificate":
                    yield from _pieces(choice.chosen.dump())
        if not isinstance(brought["crls"], core.Void):
            for choice in brought["crls"]:
                yield from _pieces(choice.chosen.dump())
    except trust.BROKEN:
        return
