"""In: a parcel that came whole becomes an arrival, or what else it brings; what is refused is set aside, and told to both sides."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction

from antin.correspondents import queries as directory
from antin.correspondents.states import Channel
from antin.documents import operations as documents
from antin.documents import queries as papers
from antin.documents.operations import NewArrival
from antin.documents.states import MASKS, Circulation, Secrecy
from antin.documents.types import ALL_TYPES
from antin.exchange import operations as exchange
from antin.exchange import queries as deliveries
from antin.exchange.operations import From
from antin.exchange.states import ChangeKind
from antin.files import operations as files
from antin.identifiers.text import clean_line
from antin.journeys import (
    change_document,
    give_memory,
    move_books,
    sealing,
    sealing_abroad,
    secrecy_abroad,
    telling,
    urging_abroad,
)
from antin.journeys.between_nodes.answered import take_receipts
from antin.journeys.between_nodes.directory import take_directory
from antin.journeys.between_nodes.faults import (
    BrokenHere,
    FileLacking,
    NotServedHere,
    NotYoursToAskBack,
    SecretInClear,
    SenderNotServedThere,
)
from antin.journeys.between_nodes.hearing import reject
from antin.journeys.between_nodes.sending import send_chain
from antin.nodes import operations as nodes
from antin.nodes import parcels, statements
from antin.nodes import queries as members
from antin.nodes.parcels import Letter, NotAParcel
from antin.nodes.states import Coming
from antin.notices import operations as notices
from antin.outbox import queries as outbox
from antin.people import queries as people
from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.vault import operations as secrets

if TYPE_CHECKING:
    from antin.nodes.models import Received

ASKED_AGAIN = 5
"""How often a parcel with something lacking or damaged is asked for again before it is set aside."""


def take(*, received_id: int, at: datetime) -> None:
    """Take one parcel that has come whole; repeating it changes nothing. What is refused is set aside, and told to both sides."""
    received = members.get_received(received_id)
    if received.status != Coming.WHOLE:
        return
    try:
        letter = nodes.open_received(received_id=received_id, at=at)
        _refuse_another_way(received, letter)
        match received.kind:
            case "document":
                _take_document(received, letter, at)
            case "receipts":
                take_receipts(received, letter, at)
            case "change":
                _take_change(received, letter, at)
            case secrecy_abroad.KIND:
                secrecy_abroad.take(received, letter, at)
            case sealing_abroad.KIND:
                sealing_abroad.take(received, letter, at)
            case give_memory.KIND:
                give_memory.take(received, letter, at)
            case urging_abroad.KIND:
                urging_abroad.take(received, letter, at)
            case "directory":
                take_directory(received, letter, at)
            case parcels.BOOKS:
                move_books.receive(received, letter, partial(_keep_files, received, letter, at), at)
            case parcels.BOOKS_ANSWER:
                move_books.take_answer(received, letter, at)
            case members.TEST:
                _take_test(received, letter, at)
            case _:
                raise NotAParcel()
    except FileLacking as no:
        _ask_again(received, [], no, at)
    except parcels.PieceDamaged as no:
        _ask_again(received, nodes.find_damaged(received_id=received_id, at=at), no, at)
    except Refusal as no:
        _set_aside(received, no, at)


def _ask_again(received: Received, damaged: list[int], no: Refusal, at: datetime) -> None:
    if received.attempts % (ASKED_AGAIN + 1) < ASKED_AGAIN:  # trying again what was set aside asks anew
        with transaction.atomic(durable=True):
            nodes.lack(received_id=received.pk, damaged=damaged, actor=None, at=at)
    else:
        _set_aside(received, no, at)


def _take_test(received: Received, letter: Letter, at: datetime) -> None:
    statements.read_by(letter.manifest.der, bytes(received.member.sign_certificate), name=received.member.code)
    with transaction.atomic(durable=True):
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)


def set_broken_aside(*, at: datetime) -> int:
    """Set parcels aside whose taking was given up: by a fault of the program or after its process died of it time and again.

    They would be whole for ever, and everything behind them not acknowledged. Run by the clock; how many there were.
    """
    broken = 0
    for made in outbox.list_dead_named("take_parcel"):
        received = members.find_whole(int(made.ids["received_id"]))
        if received is not None and made.key == received.taking:
            _set_aside(received, BrokenHere(fault=made.last_fault[:300]), at)
            broken += 1
    return broken


def _set_aside(received: Received, no: Refusal, at: datetime) -> None:
    with transaction.atomic(durable=True):
        nodes.set_aside(received_id=received.pk, code=no.code, words=no.message, actor=None, at=at)
    reject(received.member.code, no, at)


def _refuse_another_way(received: Received, letter: Letter) -> None:
    """Demand that the manifest names the two nodes that the envelope names, and its own kind."""
    told = letter.manifest.told
    try:
        ways = (told["from"]["node"], told["to"]["node"], told["kind"])
    except (KeyError, TypeError) as trouble:
        raise NotAParcel() from trouble
    if ways != (received.member.code, members.get_identity().code, received.kind):
        raise NotAParcel()


def _take_document(received: Received, letter: Letter, at: datetime) -> None:
    told, member = letter.manifest.told, received.member
    try:
        sender, sender_name = str(told["from"]["agency"]), clean_line(str(told["from"]["name"]))
        recipient = str(told["to"]["agency"])
        moment = datetime.fromisoformat(told["at"])
        paper = _read_paper(told)
    except (KeyError, TypeError, ValueError, AttributeError) as trouble:
        raise NotAParcel() from trouble
    if sender not in member.agencies or paper.issuer_code != sender:
        raise SenderNotServedThere(agency=sender, node=member.code)
    roots = members.roots_of(member)
    statements.refuse_stranger(letter.manifest, code=sender, name=sender_name, roots=roots, at=moment)
    agency = people.find_agency_by_code(recipient)
    if agency is None or recipient not in members.get_member(members.get_identity().code).agencies:
        raise NotServedHere(agency=recipient)
    returned = give_memory.read_own(list(letter.returned), parcel=received.digest, agency=recipient, name=agency.name)
    classified = _classified_of(told, paper)
    key = f"node:{received.digest}"
    is_new = classified and papers.find_arrived(key) is None
    clerks = sealing.find_clerks(agency.pk, paper.secrecy, at=at) if is_new else {}
    named = _keep_files(received, letter, at)
    report = None if classified else signing.verify(file=paper.file, at=at)  # sealed, its clerk judges it
    manifest = files.keep(letter.manifest.der, at=at)
    arrival = NewArrival(
        **{
            **vars(paper),
            "delivery_key": key,
            "agency_id": agency.pk,
            "verdict": report.verdict if report else "",
            "replaces_paper": report.replaces_paper if report else False,
        }
    )
    come = From(
        channel=Channel.FILE if received.way == "file" else Channel.NODE,
        line=member.code,
        sender_code=sender,
        sender_name=sender_name,
        addressed_code=recipient,
        reference=received.digest,
        message_file=manifest.digest,
        correspondent=directory.find_by_code(sender),
    )
    with transaction.atomic(durable=True):
        there = papers.find_arrived(key)
        if classified and there is None:
            held = secrets.take_from_abroad(
                agency_id=agency.pk,
                came_from=paper.issuer_name,
                told=classified,
                files=frozenset(named),
                persons=clerks,
                actor=None,
                at=at,
            )
            arrival = replace(arrival, classified_id=held.pk)
        arrived = there or documents.arrive_many(arrivals=[arrival], actor=None, at=at)[key]
        before = deliveries.lock_incoming(arrived)
        incoming = exchange.record_incoming(arrival_id=arrived, come=come, actor=None, at=at)
        if before is None:
            if report is not None:
                verdict = {"verdict": str(report.verdict), "paper": paper.file}
                exchange.owe_verification(arrival_id=arrived, actor=None, at=at, **verdict)
            news = telling.news(
                "document.arrived",
                [f"R{agency.pk}"],
                arrived,
                code=paper.code,
                subject=paper.subject,
                by=paper.issuer_name,
            )
            notices.tell_many([news], actor=None, at=at)
            if returned:
                give_memory.take_up(incoming, returned, after=0, kind="document.came_back", at=at)
        nodes.settle(received_id=received.pk, files_kept=named, actor=None, at=at)
        for kind in ("change", secrecy_abroad.KIND, urging_abroad.KIND):
            nodes.take_waiting(code=member.code, kind=kind, actor=None, at=at)
    if before is not None and deliveries.count_signed(incoming.pk):  # it came again: its sender has lost our receipts
        send_chain(member, incoming, at, again=f":again:{received.pk}")


def _classified_of(told: dict[str, Any], paper: NewArrival) -> dict[str, Any]:
    """What is sealed of a classified paper; nothing of any other. :raises SecretInClear: the levels do not agree"""
    sealed = told.get("classified")
    if not sealed and not paper.secrecy:
        return {}
    if not isinstance(sealed, dict) or sealed.get("level") != paper.secrecy or paper.secrecy not in MASKS:
        raise SecretInClear()
    contents = sealed.get("contents")
    bodies = {each.get("file") for each in contents if isinstance(each, dict)} if isinstance(contents, list) else set()
    if not bodies.issuperset((paper.file, *(digest for _name, digest, _size, _type in paper.attachments))):
        raise SecretInClear()
    return sealed


def _take_change(received: Received, letter: Letter, at: datetime) -> None:
    """Take in that an agency of the partner's asks back, replaces or corrects what it sent us; before that has come, it waits."""
    told, member = letter.manifest.told, received.member
    try:
        sender, sender_name = str(told["from"]["agency"]), clean_line(str(told["from"]["name"]))
        moment, change = datetime.fromisoformat(told["at"]), told["change"]
        kind, about = ChangeKind(change["kind"]), str(told["parcel"])
        reason, by_code = clean_line(change["reason"])[:1000], clean_line(change["by_code"])[:80]
        asked_by = clean_line(change["asked_by"])[:200]
    except (KeyError, TypeError, ValueError, AttributeError) as trouble:
        raise NotAParcel() from trouble
    if sender not in member.agencies:
        raise SenderNotServedThere(agency=sender, node=member.code)
    statements.refuse_stranger(
        letter.manifest, code=sender, name=sender_name, roots=members.roots_of(member), at=moment
    )
    with transaction.atomic(durable=True):
        members.lock_member(member.code)  # the document's own taking waits for us, or we see it
        incoming = deliveries.find_incoming_of(member.code, about)
        if incoming is None:
            return
        if (incoming.sender_code, incoming.addressed_code) != (sender, str(told["to"].get("agency"))):
            raise NotYoursToAskBack(agency=sender)
        change_document.take_question(
            arrival_id=incoming.document_id,
            kind=kind,
            reason=reason,
            by_code=by_code,
            asked_by=asked_by,
            reference=received.digest,
            at=at,
        )
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)


def _read_paper(told: dict[str, Any]) -> NewArrival:
    """The paper's facts as the manifest has them, each of its kind and within its bounds. :raises ValueError: and its like"""
    facts = told["document"]
    files_named = parcels.files_of(told)
    attachments = tuple(
        (clean_line(each["name"])[:200] or "?", each["sha256"], each["size"], each["media_type"][:100])
        for each in files_named
        if each["role"] == "attachment"
    )
    if [each["sha256"] for each in files_named if each["role"] == "paper"] != [facts["paper"]]:
        raise ValueError("paper")
    if facts["type_code"] not in ALL_TYPES or facts["urgency"] not in range(4):
        raise ValueError("type")
    secrecy = facts.get("secrecy", 0)
    if secrecy not in range(4):
        raise ValueError("secrecy")
    number = facts["number"]
    if number is not None and not (isinstance(number, int) and 0 < number < 2**31):
        raise ValueError("number")
    return NewArrival(
        delivery_key="",
        agency_id=0,
        type_code=facts["type_code"],
        subject=str(MASKS[Secrecy(secrecy)]) if secrecy else clean_line(facts["subject"])[:500],
        secrecy=secrecy,
        circulation=Circulation(facts.get("circulation", "")),
        urgency=facts["urgency"],
        issuer_name=clean_line(facts["issuer_name"])[:300],
        issuer_code=facts["issuer_code"][:35],
        number=number,
        notation=clean_line(facts["notation"])[:60],
        code=clean_line(facts["code"])[:80],
        document_date=date.fromisoformat(facts["date"]) if facts["date"] else None,
        identifier=clean_line(facts["identifier"])[:160],
        reply_by=date.fromisoformat(facts["reply_by"]) if facts["reply_by"] else None,
        file=facts["paper"],
        pages=max(0, min(int(facts["pages"]), 32_767)),
        signer_name=clean_line(facts["signer_name"])[:160],
        answers=clean_line(facts["answers"])[:160],
        attachments=attachments,
    )


class _Following(io.RawIOBase):
    """A file of a parcel as a stream, opened piece by piece; it fails at its end when it is not the file that was named."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        if not self._rest:
            self._rest = next(self._pieces, b"")
        size = min(len(into), len(self._rest))
        into[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def _keep_files(received: Received, letter: Letter, at: datetime) -> list[str]:
    """Keep the files that followed; those that did not must have come from this very partner before."""
    for which, _content in enumerate(letter.following):
        stream = _Following(nodes.read_following(received_id=received.pk, letter=letter, which=which, at=at))
        files.keep(io.BufferedReader(stream), at=at)
    named = [each["sha256"] for each in parcels.files_of(letter.manifest.told)]
    followed = {content.digest for content in letter.following}
    for digest in named:
        if digest not in followed and not members.has_carried(received.member, digest):
            raise FileLacking()
    return named
