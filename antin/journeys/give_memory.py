"""What a partner that was restored has forgotten, told by those it had told: receipts it signed and documents it issued after its
backup.

It believes its own seals in what comes back and nothing else. Until everything was told it signs no receipt for that partner
(`between_nodes.answer`): two receipts at one place of a chain would contradict each other for ever.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from antin.exchange import operations as exchange
from antin.exchange import queries as deliveries
from antin.exchange.operations import Signed
from antin.files import queries as kept
from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.journeys import telling
from antin.keys import operations as keys
from antin.nodes import operations as nodes
from antin.nodes import parcels, receipts, statements
from antin.nodes import queries as members
from antin.nodes.parcels import Letter, NotAParcel
from antin.notices import operations as notices
from antin.notices.operations import News
from antin.people import queries as people
from antin.refusal import Refusal
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.exchange.models import Delivery, Incoming
    from antin.nodes.models import Member, Parcel, Received

KIND = "memory"
PART = 200_000
"""Characters of receipts and manifests in one parcel."""


def give(*, member_id: int, feed: str, former: str, after: int, at: datetime) -> None:
    """Tell a partner that began a new feed what it had said to us behind number `after` of its former one. Repeatable."""
    member, identity = members.get_partner(member_id), members.get_identity()
    signer = keys.open_node_signer(
        reference=identity.sign_reference, certificate=bytes(identity.sign_certificate), at=at
    )
    parts = _parted(_entries(member, feed, former, after, at))
    manifests = []
    for place, entries in enumerate(parts, 1):
        told = {
            "form": parcels.MANIFEST,
            "kind": KIND,
            "from": {"node": identity.code, "agency": "", "name": identity.name},
            "to": {"node": member.code, "agency": "", "name": member.name},
            "at": at.isoformat(),
            "feed": feed,
            "is_last": place == len(parts),
            "entries": entries,
            "files": [],
        }
        manifests.append(statements.sign(told, signer, at=at))
    with transaction.atomic(durable=True):
        for place, manifest in enumerate(manifests, 1):
            key = f"memory:{member.pk}:{feed}:{place}"
            nodes.enqueue(member_id=member.pk, key=key, manifest=manifest, urgency=3, actor=None, at=at)


def _entries(member: Member, feed: str, former: str, after: int, at: datetime) -> Iterator[dict[str, Any]]:
    told = set[str]()
    for received in members.list_forgotten(member, feed, former, after):
        if received.kind == "document":
            incoming = deliveries.find_incoming_of(member.code, received.digest)
            if incoming is not None and incoming.message_file:
                yield {"manifest": base64.b64encode(kept.read(incoming.message_file)).decode()}
        if received.kind == "receipts":
            about = str(nodes.open_received(received_id=received.pk, at=at).manifest.told.get("parcel"))
            parcel = members.find_parcel_of(member, about)
            delivery = delivery_of(parcel) if parcel is not None else None
            if delivery is not None and about not in told:
                told.add(about)
                chain = [bytes(each.content) for each in deliveries.list_links(delivery.pk)]
                yield {"parcel": about, "receipts": [base64.b64encode(each).decode() for each in chain]}


def delivery_of(parcel: Parcel) -> Delivery | None:
    """The delivery that a parcel of ours carries, by the matter it was made for; None for one of another kind."""
    kind, _colon, rest = parcel.key.partition(":")
    return deliveries.find_delivery(int(rest.partition(":")[0])) if kind == "delivery" else None


def _parted(entries: Iterator[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    parts: list[list[dict[str, Any]]] = [[]]
    room = PART
    for entry in entries:
        size = sum(len(each) for each in [entry.get("manifest", ""), *entry.get("receipts", [])])
        if size > room and parts[-1]:
            parts.append([])
            room = PART
        parts[-1].append(entry)
        room -= size
    return parts


def take(received: Received, letter: Letter, at: datetime) -> None:
    """Take up what this node had signed and lost, in a transaction of its own; what is not by its own seals is left aside.

    :raises NotAStatement: :raises NotByItsKey: :raises NotAParcel:
    """
    told, member = letter.manifest.told, received.member
    statements.read_by(letter.manifest.der, bytes(member.sign_certificate), name=member.code)
    try:
        entries, is_last, feed = list(told["entries"]), bool(told["is_last"]), str(told["feed"])
        chains = [
            (str(each["parcel"]), [base64.b64decode(der, validate=True) for der in each["receipts"]])
            for each in entries
            if "receipts" in each
        ]
        issued = [base64.b64decode(each["manifest"], validate=True) for each in entries if "manifest" in each]
    except (KeyError, TypeError, ValueError) as trouble:
        raise NotAParcel() from trouble
    with transaction.atomic(durable=True):
        for parcel, chain in chains:
            _take_chain(member, parcel, chain, at)
        for manifest in issued:
            _tell_issued(member, manifest, at)
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)
        if is_last and nodes.end_memory(code=member.code, feed=feed, actor=None, at=at):
            exchange.answer_again(line=member.code, key=f"memory:{feed}", actor=None, at=at)


def _take_chain(member: Member, parcel: str, chain: list[bytes], at: datetime) -> None:
    """Go on behind the receipts that came back, when they go on behind those we have."""
    incoming = deliveries.find_incoming_of(member.code, parcel)
    if incoming is None:
        return  # it comes again by itself, with its receipts
    agency = people.find_agency_by_code(incoming.addressed_code)
    returned = read_own(chain, parcel=parcel, agency=incoming.addressed_code, name=agency.name if agency else "")
    there = [each.digest for each in deliveries.list_signed_of_incoming(incoming.pk)]
    if [each.digest for each in returned[: len(there)]] != there:
        return
    take_up(incoming, returned[len(there) :], after=len(there), kind="document.was_registered", at=at)


def read_own(chain: list[bytes], *, parcel: str, agency: str, name: str) -> list[receipts.Receipt]:
    """Return receipts that this node had signed about a parcel before it was restored; none when they are not its own."""
    roots, found = [bytes(members.get_identity().root)], list[receipts.Receipt]()
    former = parcel
    try:
        for number, der in enumerate(chain[: receipts.MOST], 1):
            given = {"parcel": parcel, "agency": agency, "name": name}
            found.append(receipts.read(der, **given, number=number, former=former, roots=roots))
            former = found[-1].digest
    except Refusal:
        return []
    return found


def take_up(incoming: Incoming, returned: list[receipts.Receipt], *, after: int, kind: str, at: datetime) -> None:
    """Keep receipts that were signed before this node was restored, and tell the clerks the number they gave."""
    signed = [Signed(each.number, each.kind, each.digest, each.der) for each in returned]
    exchange.keep_signed(incoming_id=incoming.pk, after=after, signed=signed, actor=None, at=at)
    registered = next((each for each in returned if each.kind == "registered"), None)
    if registered is None:
        return
    document = incoming.document
    telling.tell(
        kind,
        [f"R{document.agency_id}"],
        document.pk,
        actor=None,
        at=at,
        code=document.code,
        by=document.issuer_name,
        number=str(registered.facts.get("arrival_number", "?"))[:20],
        day=f"{local_date(registered.at):%d/%m/%Y}",
    )


def _tell_issued(member: Member, manifest: bytes, at: datetime) -> None:
    """Tell the clerks of a document that their agency issued and whose number is free again in a book that was restored."""
    try:
        found = statements.read(manifest)
        sender, facts, moment = found.told["from"], found.told["document"], datetime.fromisoformat(found.told["at"])
        code, subject = clean_line(facts["code"])[:80], clean_line(facts["subject"])[:300]
        day, to = date.fromisoformat(facts["date"]), clean_line(found.told["to"]["name"])[:300]
        roots = [bytes(members.get_identity().root)]
        statements.refuse_stranger(found, code=sender["agency"], name=str(sender["name"]), roots=roots, at=moment)
    except (Refusal, KeyError, TypeError, ValueError):
        return
    agency = people.find_agency_by_code(sender["agency"])
    if agency is None or members.find_parcel_of(member, found.digest) is not None:
        return
    told = {"code": code, "subject": subject, "day": f"{day:%d/%m/%Y}", "to": to}
    subject_of = ("agency", agency.pk)
    facts_of = {"parcel": found.digest, "code": code, "issued_on": f"{day:%Y-%m-%d}", "to": to}
    journal.record("document.forgotten", subject=subject_of, actor=None, at=at, agency_id=agency.pk, **facts_of)
    kind = "document.was_issued"
    news = News([f"R{agency.pk}"], kind, telling.WORDS[kind], subject_of, told, key=f"was_issued:{found.digest}")
    notices.tell_many([news], actor=None, at=at)
