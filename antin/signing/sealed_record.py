"""The evidence record of a sealed document: what keeps signatures provable that nobody may open. Pure functions on bytes.

It lies beside the sealed bytes and only grows (decision 25): DER elements one behind the other, first a manifest, then answers of
authorities (a CMS SignedData without signers, RFC 5652, 5.1) and RFC 3161 tokens, each over SHA-256 of all bytes before it. So
`head -c OFFSET record | openssl ts -verify` holds each token, and each renewal covers what was there.

The manifest has digests of the sealed bytes, what binds their content without telling it (`vault.commit`), and of each signature
inside the certificates and the moment of its stamp: public facts, no word of the content.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from asn1crypto import cms, core, crl, ocsp, parser, x509

from antin.keys import timestamping
from antin.keys.timestamping import Timestamper
from antin.signing.detached import OCSP_RESPONSE
from antin.signing.pades import Carried, Contents, carried
from antin.signing.report import APART

MARK = "antin evidence 1"


class NotARecord(Exception):
    """These bytes are no evidence record, or one that was cut."""


class _Octets(core.SequenceOf):
    _child_spec = core.OctetString


class _Names(core.SequenceOf):
    _child_spec = core.UTF8String


class _Inside(core.Sequence):
    _fields = [
        ("field", core.UTF8String),
        ("signer", core.OctetString),
        ("certificates", _Octets),
        ("hashes", _Names),
        ("whole", core.Boolean),
        ("stamp", core.OctetString),
        ("stamped_at", core.GeneralizedTime, {"optional": True}),
    ]


class _Signatures(core.SequenceOf):
    _child_spec = _Inside


class _Manifest(core.Sequence):
    _fields = [
        ("mark", core.UTF8String),
        ("sealed_sha256", core.OctetString),
        ("sealed_sha512", core.OctetString),
        ("bound", core.OctetString),
        ("stored", core.Boolean),
        ("archived", core.Boolean),
        ("signatures", _Signatures),
    ]


@dataclass(frozen=True)
class Record:
    """A record read: what it is of, what it holds, and its tokens, each with the bytes it is over. Nothing is judged yet."""

    sealed: tuple[bytes, bytes]
    bound: bytes
    contents: Contents
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    stamps: tuple[tuple[bytes, bytes], ...]

    def is_of(self, sealed: bytes, bound: bytes) -> bool:
        """Whether it is of these sealed bytes and of the very content that was opened from them."""
        there = (hashlib.sha256(sealed).digest(), hashlib.sha512(sealed).digest())
        return self.sealed == there and hmac.compare_digest(self.bound, bound)


def begin(sealed: bytes, bound: bytes, held: Contents) -> bytes:
    """The record of sealed bytes, whose content carries these signatures. The same document gives the same bytes."""
    manifest = _Manifest(
        {
            "mark": MARK,
            "sealed_sha256": hashlib.sha256(sealed).digest(),
            "sealed_sha512": hashlib.sha512(sealed).digest(),
            "bound": bound,
            "stored": held.stored,
            "archived": held.archived,
            "signatures": [_inside(each) for each in held.signatures],
        }
    )
    return bytes(manifest.dump())


def _inside(one: Carried) -> dict[str, Any]:
    told: dict[str, Any] = {
        "field": one.field,
        "signer": one.signer,
        "certificates": list(one.certificates),
        "hashes": list(one.hashes),
        "whole": one.whole,
        "stamp": one.stamp,
    }
    return told if one.stamped_at is None else {**told, "stamped_at": one.stamped_at}


def is_record(content: bytes) -> bool:
    """Whether these bytes say that they are an evidence record."""
    return MARK.encode() in content[:32]


def add_answers(
    record: bytes, *, certificates: Iterable[bytes], crls: Iterable[bytes], ocsps: Iterable[bytes]
) -> bytes:
    """Put certificates and revocation data behind it."""
    lists: list[Any] = [cms.RevocationInfoChoice("crl", crl.CertificateList.load(der)) for der in dict.fromkeys(crls)]
    for der in dict.fromkeys(ocsps):
        other = {"other_rev_info_format": OCSP_RESPONSE, "other_rev_info": ocsp.OCSPResponse.load(der)}
        lists.append(cms.RevocationInfoChoice("other", cms.OtherRevocationInfoFormat(other)))
    signed = cms.SignedData(
        {
            "version": "v5",
            "digest_algorithms": [],
            "encap_content_info": {"content_type": "data"},
            "certificates": [x509.Certificate.load(der) for der in dict.fromkeys(certificates)],
            "crls": lists,
            "signer_infos": [],
        }
    )
    return record + bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def add_stamp(record: bytes, *, stamper: Timestamper) -> bytes:
    """Put a timestamp over everything there is behind it. :raises NotStamped:"""
    return record + timestamping.ask(hashlib.sha256(record).digest(), stamper)


def contents_of(record: bytes) -> Contents:
    """What the signatures inside and the tokens of the record carry, read and not judged. :raises NotARecord:"""
    return read(record).contents


@lru_cache(maxsize=32)
def read(record: bytes) -> Record:
    """Read a record. :raises NotARecord:"""
    if not is_record(record):
        raise NotARecord
    certificates: list[bytes] = []
    lists: list[bytes] = []
    answers: list[bytes] = []
    stamps: list[tuple[bytes, bytes]] = []
    try:
        end = parser.peek(record)
        manifest = _Manifest.load(record[:end], strict=True)
        held = [_carried(each) for each in manifest["signatures"]]
        stored, archived = bool(manifest["stored"].native), bool(manifest["archived"].native)
        while end < len(record):
            start, end = end, end + parser.peek(record[end:])
            block = record[start:end]
            signed = cms.ContentInfo.load(block, strict=True)["content"]
            if len(signed["signer_infos"]):
                stamps.append((block, record[:start]))
                held.append(carried(f"{APART}.A{len(stamps)}", block, whole=True))
                archived = stored
                continue
            certificates += [each.chosen.dump() for each in signed["certificates"]]
            lists += [each.chosen.dump() for each in signed["crls"] if each.name == "crl"]
            answers += [each.chosen["other_rev_info"].dump() for each in signed["crls"] if each.name == "other"]
            stored, archived = True, False
        return Record(
            (manifest["sealed_sha256"].native, manifest["sealed_sha512"].native),
            manifest["bound"].native,
            Contents(tuple(held), stored, archived),
            tuple(dict.fromkeys(certificates)),
            tuple(dict.fromkeys(lists)),
            tuple(dict.fromkeys(answers)),
            tuple(stamps),
        )
    except (ValueError, TypeError, KeyError, StopIteration, AttributeError) as trouble:
        raise NotARecord(str(trouble)[:200]) from trouble


def _carried(one: _Inside) -> Carried:
    return Carried(
        one["field"].native,
        one["signer"].native,
        tuple(one["certificates"].native),
        one["stamped_at"].native,
        one["stamp"].native,
        one["whole"].native,
        tuple(one["hashes"].native),
    )
