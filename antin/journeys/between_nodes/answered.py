"""Receipts that came back: each link of the chain is believed by itself, then told to the board of what was sent."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from antin.documents import operations as documents
from antin.documents import queries as papers
from antin.exchange import operations as exchange
from antin.exchange import queries as deliveries
from antin.exchange.operations import Signed
from antin.exchange.states import Status
from antin.identifiers.text import clean_line
from antin.journeys import change_document, give_memory, telling
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes import receipts, statements
from antin.nodes.parcels import Letter, NotAParcel
from antin.nodes.receipts import NotAReceipt

if TYPE_CHECKING:
    from antin.exchange.models import Delivery
    from antin.nodes.models import Received


def take_receipts(received: Received, letter: Letter, at: datetime) -> None:
    told, member = letter.manifest.told, received.member
    statements.read_by(letter.manifest.der, bytes(member.sign_certificate), name=member.code)
    try:
        digest, sent = str(told["parcel"]), [base64.b64decode(each, validate=True) for each in told["receipts"]]
    except (KeyError, TypeError, ValueError) as trouble:
        raise NotAParcel() from trouble
    parcel = members.find_parcel_of(member, digest)
    delivery = give_memory.delivery_of(parcel) if parcel is not None else None
    if delivery is None or delivery.correspondent is None or len(sent) > receipts.MOST:
        raise NotAReceipt(what=gettext("nói về kiện khác hoặc nơi nhận khác"))
    chain = deliveries.list_links(delivery.pk)
    for known, again in zip(chain, sent, strict=False):
        if statements.digest_of(statements.peek(again)) != known.digest:
            raise NotAReceipt(what=gettext("khác với giấy báo đã nhận"))
    former = chain[-1].digest if chain else digest
    fresh: list[receipts.Receipt] = []
    for number, der in enumerate(sent[len(chain) :], len(chain) + 1):
        found = receipts.read(
            der,
            parcel=digest,
            agency=delivery.correspondent.code,
            name=delivery.recipient_name,
            number=number,
            former=former,
            roots=members.roots_of(member),
        )
        former = found.digest
        fresh.append(found)
    signed = [Signed(each.number, each.kind, each.digest, each.der) for each in fresh]
    with transaction.atomic(durable=True):
        exchange.keep_links(delivery_id=delivery.pk, signed=signed, actor=None, at=at)
        for each in fresh:
            _tell_board(delivery, each, at)
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)


CHANGES = ("change_agreed", "change_refused")
FACTS = ("arrival_number", "return_code", "return_words", "reply_code", "names")


def _tell_board(delivery: Delivery, receipt: receipts.Receipt, at: datetime) -> None:
    if receipt.kind == "verified":
        return
    if receipt.kind in CHANGES:
        change_document.take_answer(
            delivery_id=delivery.pk,
            agreed=receipt.kind == "change_agreed",
            words=clean_line(str(receipt.facts.get("return_words", "")))[:1000],
            reference=str(receipt.facts.get("change", "")),
            at=at,
        )
        return
    facts = {name: receipt.facts[name] for name in FACTS if name in receipt.facts}
    exchange.record_receipt(
        delivery_id=delivery.pk, kind=Status(receipt.kind), facts=facts, actor=None, at=min(receipt.at, at)
    )
    if receipt.kind == "returned":
        document = papers.get(delivery.dispatch.document_id)
        words = str(facts.get("return_words") or documents.RETURN_REASONS.get(facts.get("return_code", ""), ""))
        telling.tell(
            "delivery.returned",
            [f"R{delivery.dispatch.agency_id}"],
            document.pk,
            actor=None,
            at=at,
            code=document.code,
            to=delivery.recipient_name,
            words=words,
        )
