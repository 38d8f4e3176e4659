"""Receipts that a receiving agency signs, each naming the one before it: a chain that proves itself to anybody. Pure.

The first names the parcel's manifest, so that the whole chain stands on what the sender signed. `verify` needs no node, no
database and no line: the file, and a root that its reader trusts. Statuses are those of QCVN 102:2016 (01-06, 15, 16),
and "verified".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.nodes import statements
from antin.nodes.statements import NotAStatement, NotByItsKey, Statement
from antin.refusal import Refusal

RECEIPT, BUNDLE = "antin-receipt/1", "antin-receipts/1"
KINDS = (
    "arrived",
    "verified",
    "returned",
    "registered",
    "assigned",
    "processing",
    "done",
    "change_agreed",
    "change_refused",
)
MOST = 64


class NotAReceipt(Refusal):
    """It is no receipt, or speaks of another parcel, another agency, or another place in the chain."""

    code = "not_a_receipt"
    words = _("Giấy báo không đúng: %(what)s.")


@dataclass(frozen=True)
class Receipt:
    """One receipt that was read; `digest` is what the next one names."""

    kind: str
    number: int
    former: str
    parcel: str
    agency: str
    at: datetime
    facts: dict[str, Any]
    digest: str
    der: bytes


def tell(
    *,
    kind: str,
    number: int,
    former: str,
    parcel: str,
    document: dict[str, Any],
    sender: str,
    agency: str,
    at: datetime,
    facts: dict[str, Any],
) -> dict[str, Any]:
    """Return what a receipt says. `former` is the digest of the receipt before it; of the first, the parcel's own."""
    return {
        "form": RECEIPT,
        "kind": kind,
        "number": number,
        "former": former,
        "parcel": parcel,
        "document": document,
        "to": sender,
        "from": agency,
        "at": at.astimezone(UTC).isoformat(),
        "facts": facts,
    }


def read(der: bytes, *, parcel: str, agency: str, name: str, number: int, former: str, roots: list[bytes]) -> Receipt:
    """Return the receipt that must stand at this place of the chain, by this agency, about this parcel.

    :raises NotAStatement: :raises NotByItsKey: :raises NotAReceipt:
    """
    found = statements.read(der)
    told = found.told
    try:
        at = datetime.fromisoformat(told["at"])
        receipt = Receipt(
            kind=str(told["kind"]),
            number=int(told["number"]),
            former=str(told["former"]),
            parcel=str(told["parcel"]),
            agency=str(told["from"]),
            at=at,
            facts=dict(told["facts"]),
            digest=found.digest,
            der=der,
        )
    except (KeyError, TypeError, ValueError) as trouble:
        raise NotAReceipt(what=gettext("không đúng dạng")) from trouble
    if told.get("form") != RECEIPT or receipt.kind not in KINDS or at.tzinfo is None:
        raise NotAReceipt(what=gettext("không đúng dạng"))
    statements.refuse_stranger(found, code=agency, name=name, roots=roots, at=at)
    if receipt.parcel != parcel or receipt.agency != agency:
        raise NotAReceipt(what=gettext("nói về kiện khác hoặc nơi nhận khác"))
    if (receipt.number, receipt.former) != (number, former):
        raise NotAReceipt(what=gettext("không nối tiếp giấy báo trước"))
    return receipt


def export(*, manifest: bytes, receipts: list[bytes], roots: list[bytes]) -> bytes:
    """Return a chain as a file that a third party can verify, with the roots it claims to lead to."""
    told = {
        "form": BUNDLE,
        "manifest": base64.b64encode(manifest).decode(),
        "receipts": [base64.b64encode(each).decode() for each in receipts],
        "roots": [base64.b64encode(each).decode() for each in roots],
    }
    return json.dumps(told, indent=1).encode() + b"\n"


@dataclass(frozen=True)
class Proven:
    """What a file of receipts proves: the signed manifest, the receipts that hold, and the first thing that does not."""

    manifest: Statement
    recipient: str
    roots: tuple[bytes, ...]
    receipts: list[Receipt] = field(default_factory=list)
    trouble: str = ""
    sender_root: bytes = b""
    recipient_root: bytes = b""


def parts(content: bytes) -> tuple[bytes, list[bytes], list[bytes]]:
    """Return manifest, receipts and roots of a file. :raises NotAReceipt:"""
    try:
        told = json.loads(content)
        if told["form"] != BUNDLE or len(told["receipts"]) > MOST:
            raise NotAReceipt(what=gettext("không đúng dạng"))
        opened = [[base64.b64decode(each, validate=True) for each in told[name]] for name in ("receipts", "roots")]
        return base64.b64decode(told["manifest"], validate=True), opened[0], opened[1]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as trouble:
        raise NotAReceipt(what=gettext("không đúng dạng")) from trouble


def roots_for(code: str, trusted: list[bytes], bound: Mapping[str, list[bytes]]) -> list[bytes]:
    """Return the roots that count for an agency: those bound to its code or one above it; without such, those trusted for all."""
    above = [code[:end] for end in range(len(code), 0, -1) if end == len(code) or code[end] == "."]
    return next((bound[each] for each in above if each in bound), trusted)


def verify(content: bytes, *, trusted: list[bytes], bound: Mapping[str, list[bytes]] | None = None) -> Proven:
    """Prove a file of receipts: by these roots, or with none given by those in the file, which prove nothing by themselves.

    A root trusted for all may certify anybody: who trusts the roots of both sides lets each of them speak for the other.
    `bound` roots count for the agency of that code and those below it only.

    :raises NotAReceipt: :raises NotAStatement: it cannot be read, or its manifest is not signed
    :raises NotByItsKey: the manifest is not by the agency it names
    """
    manifest_der, receipts, own = parts(content)
    bound = bound or {}
    roots = trusted if trusted or bound else own
    manifest = statements.read(manifest_der)
    try:
        sender, recipient = manifest.told["from"], manifest.told["to"]
        at = datetime.fromisoformat(manifest.told["at"])
        senders, recipients = (roots_for(str(each["agency"]), roots, bound) for each in (sender, recipient))
        statements.refuse_stranger(manifest, code=sender["agency"], name=sender["name"], roots=senders, at=at)
        proven = Proven(
            manifest,
            f"{recipient['name']} ({recipient['agency']})",
            tuple(dict.fromkeys([*senders, *recipients])),
            sender_root=statements.root_of(manifest, senders),
        )
        for number, der in enumerate(receipts, 1):
            former = proven.receipts[-1].digest if proven.receipts else manifest.digest
            given = {"parcel": manifest.digest, "agency": recipient["agency"], "name": recipient["name"]}
            try:
                proven.receipts.append(read(der, **given, number=number, former=former, roots=recipients))
            except (NotAStatement, NotByItsKey, NotAReceipt) as no:
                return replace(proven, trouble=f"{number}: {no.message}")
        if proven.receipts:
            last = statements.read(proven.receipts[-1].der)
            return replace(proven, recipient_root=statements.root_of(last, recipients))
    except (KeyError, TypeError, ValueError) as trouble:
        raise NotAReceipt(what=gettext("không đúng dạng")) from trouble
    return proven
