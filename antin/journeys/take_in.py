"""What comes in over the national axis or a gateway: kept before the line is told so, then taken in like any other arrival.

A round lists, fetches, keeps and acknowledges; taking in is a promise of its own, so that a damaged PDF or a slow verification
holds up no line. What cannot be taken in is set aside with the reason, and tried again when an operator says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_noop as _

from antin.correspondents import operations as correspondents
from antin.correspondents import queries as directory
from antin.correspondents.operations import Listed, Taken
from antin.correspondents.states import Channel, Source
from antin.documents import operations as documents
from antin.documents.operations import NewArrival
from antin.documents.states import CIRCULATION_NOTES, Circulation
from antin.documents.types import ALL_TYPES, type_in
from antin.exchange import operations as exchange
from antin.exchange import queries as lines
from antin.exchange.channels.polling import Came, Tally, Waiting, poll
from antin.exchange.channels.wire import LineFault
from antin.exchange.edxml import codes
from antin.exchange.edxml.facts import acted_on
from antin.exchange.edxml.message import Attachment, Message, Organisation
from antin.exchange.edxml.notes import EdxmlRefused
from antin.exchange.edxml.packing import safe_names
from antin.exchange.edxml.reading import read
from antin.exchange.edxml.receipts import Told, as_receipt, is_about
from antin.exchange.operations.parcels import Brought
from antin.exchange.states import ChangeKind, Status
from antin.files import operations as files
from antin.files import queries as kept
from antin.identifiers.text import clean_line, fold
from antin.journeys import change_document, over_line, taking, telling
from antin.notices import operations as notices
from antin.people import queries as people
from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.correspondents.models import Correspondent
    from antin.exchange.models import Delivery, Incoming, Line, Parcel
    from antin.people.actor import Actor

ONCE_A_DAY = 24 * 3600


class NobodyHere(Refusal):
    code = "nobody_here"
    words = _("Không nơi nhận nào trong gói tin thuộc nút này: %(codes)s.")


class NoPage(Refusal):
    code = "no_page"
    words = _("Gói tin không có tệp PDF đọc được: %(why)s")


class NotOurDocument(Refusal):
    code = "not_our_document"
    words = _("Trạng thái nói về văn bản mà nút này không gửi: %(document)s.")


class NotTheRecipient(Refusal):
    code = "not_the_recipient"
    words = _("%(code)s báo trạng thái của văn bản không gửi tới họ: %(document)s.")


class NotHere(Refusal):
    code = "recalled_not_here"
    words = _("Nơi gửi xin thu hồi văn bản mà nút này không nhận từ họ: %(document)s.")


class StatusUnknown(Refusal):
    code = "status_unknown"
    words = _("Mã trạng thái “%(code)s” không có trong QCVN 102.")


# Rounds ---------------------------------------------------------------------------------------------------------------------


def run_rounds(*, at: datetime) -> int:
    """Run a round on every open line whose time has come; how many ran. A line at fault holds up no other for long."""
    return sum(run_round(line_id=line.pk, at=at) is not None for line in lines.list_lines() if line.open)


def run_round(*, line_id: int, at: datetime, now: bool = False) -> Tally | None:
    """Take in what waits on a line, unless a round runs already; None when none was due. The node's own directory once a day."""
    if not exchange.begin_round(line_id=line_id, actor=None, at=at, now=now):
        return None
    [line] = [each for each in lines.list_lines() if each.pk == line_id]
    tally, fault, listed = Tally(), "", False
    try:
        channel = over_line.reach(line)
        tally = poll(
            channel,
            keep=lambda came: _keep(line, came, at),
            set_aside=lambda waiting, content, no: _keep_unreadable(line, waiting, content, no, at),
            at=at,
            without=lines.list_given_up(line_id),
        )
        _note_fetching(line, tally, at)
        fault = tally.faults[0].message if tally.faults else ""
        if not fault and (line.listed_at is None or (at - line.listed_at).total_seconds() >= ONCE_A_DAY):
            take_directory(line=line, at=at)
            listed = True
    except LineFault as no:
        fault = no.message
    finally:
        exchange.end_round(line_id=line_id, fault=fault, listed=listed, actor=None, at=at)
    return tally


def _note_fetching(line: Line, tally: Tally, at: datetime) -> None:
    """Remember what did not come whole though the line answers: in the end it is set aside, and no round asks for it."""
    for waiting, fault in tally.unfetched:
        exchange.note_unfetched(
            line_id=line.pk, doc_id=waiting.doc_id, kind=waiting.kind, fault=fault.message, actor=None, at=at
        )
    came = [*tally.taken, *tally.set_aside]
    if came:
        exchange.note_fetched(line_id=line.pk, doc_ids=came, actor=None, at=at)


def take_directory(*, line: Line, at: datetime, actor: Actor | None = None) -> Taken:
    """Make the directory of outside agencies agree with the line's own list. :raises LineFault: it did not come"""
    named = over_line.wire(line).list_agencies(at=at)
    own = {unit.code.value for unit in people.list_agencies(workdays.local_date(at)) if unit.code}
    own |= set(lines.list_codes(line).values())
    own |= {older for code in own if (older := codes.older_spelling(code))}
    listed = [
        Listed(
            each.code,
            each.name,
            tuple(dict.fromkeys([*each.aliases, *filter(None, [codes.older_spelling(each.code)])])),
            each.parent,
            each.mail,
        )
        for each in named
    ]
    with transaction.atomic(durable=True):
        return correspondents.take_list(
            listed=listed, channel=line.channel, line=line.name, without=sorted(own), actor=actor, at=at
        )


def test_connection(*, line: Line, at: datetime) -> int:
    """Ask a line how many messages wait, open or not, taking none. :raises LineFault: it did not answer, or does not know us"""
    try:
        count = len(over_line.wire(line).list_waiting("edoc", at=at))
    except LineFault as fault:
        exchange.note_contact(line_id=line.pk, fault=fault.message, actor=None, at=at)
        raise
    exchange.note_contact(line_id=line.pk, fault="", actor=None, at=at)
    return count


def _keep(line: Line, came: Came, at: datetime) -> None:
    """Make a message durable, and promise to take it in."""
    header = came.message.header
    file = files.keep(came.content, at=at).digest
    told = as_receipt(came.message) if came.message.is_status else None
    sender = header.sender or Organisation()
    exchange.keep_parcel(
        line_id=line.pk,
        brought=Brought(
            doc_id=came.waiting.doc_id,
            kind="status" if told else "edoc",
            same=(*came.same, *sorted(each.organ_id for each in header.receivers)),
            content=_content(came.message),
            sender_code=sender.organ_id,
            sender_name=clean_line(sender.name),
            document_id=told.about.document_id if told else header.document_id,
            code=told.about.code if told else _code(came.message),
            subject=told.code if told else clean_line(header.subject),
        ),
        file=file,
        actor=None,
        at=at,
    )


def _content(message: Message) -> str:
    """A digest of what a message brings: its files; the axis writes everything else anew on the way."""
    digests = sorted(hashlib.sha256(each.file).hexdigest() for each in message.attachments)
    return hashlib.sha256(" ".join(digests).encode()).hexdigest() if digests else ""


def _keep_unreadable(line: Line, waiting: Waiting, content: bytes, no: EdxmlRefused, at: datetime) -> None:
    file = files.keep(content or b"\n", at=at).digest
    exchange.keep_unreadable(
        line_id=line.pk,
        doc_id=waiting.doc_id,
        kind=waiting.kind,
        file=file,
        code=no.code,
        words=f"{no.message} ({no.at})",
        actor=None,
        at=at,
    )


# Taking in ------------------------------------------------------------------------------------------------------------------


def take_in(*, parcel_id: int, at: datetime) -> None:
    """Take in what a parcel brought; what is refused is set aside with the reason. One that was taken in is left alone."""
    parcel = lines.find_kept(parcel_id)
    if parcel is None:
        return
    try:
        message = read(kept.read(parcel.file))
        if message.is_status:
            _take_status(parcel, as_receipt(message), at)
        else:
            _take_document(parcel, message, at)
    except Refusal as no:
        with transaction.atomic(durable=True):
            exchange.set_aside(parcel_id=parcel_id, code=no.code, words=no.message, actor=None, at=at)


def _code(message: Message) -> str:
    code = message.header.code
    return codes.joined_code(code.number, code.notation) if code else ""


def _take_document(parcel: Parcel, message: Message, at: datetime) -> None:
    """Let a document arrive at each agency of ours that it names."""
    today = workdays.local_date(at)
    if message.business is not None and codes.number(message.business.type) == codes.RECALL:
        reason = clean_line(message.business.reason)
        _ask_back(parcel, acted_on(message), reason or clean_line(message.header.subject), at)
        return
    addressed: dict[int, str] = {}
    for each in message.header.receivers:
        agency_id = lines.find_addressed(parcel.line, each.organ_id, today)
        if agency_id is not None:
            addressed.setdefault(agency_id, each.organ_id)
    if not addressed:
        raise NobodyHere(codes=", ".join(each.organ_id for each in message.header.receivers) or "—")
    page, others = _files(message, at)
    report = signing.verify(file=page.digest, at=at)
    header = message.header
    sender = header.sender or Organisation()
    changing = _changing(message)
    kind = codes.number(message.business.type) if message.business else codes.NEW
    with transaction.atomic(durable=True):
        lines.lock_line(parcel.line_id)
        known = _sender(parcel.line, sender, at)
        there_already = {
            each.document.agency_id
            for each in lines.list_arrivals_of([header.document_id], parcel.sender_code)
            if each.document.file == page.digest
        }
        coming = {agency_id: code for agency_id, code in addressed.items() if agency_id not in there_already}
        paper = replace(_paper(parcel, message, known, page, others), verdict=report.verdict)
        paper = replace(paper, replaces_paper=report.replaces_paper)
        there = documents.arrive_many(
            arrivals=[
                replace(paper, delivery_key=_key(parcel, agency_id), agency_id=agency_id) for agency_id in coming
            ],
            actor=None,
            at=at,
        )
        news = []
        for agency_id, organ_id in coming.items():
            document_id = there[_key(parcel, agency_id)]
            exchange.record_incoming(
                arrival_id=document_id,
                come=exchange.From(
                    channel=Channel(parcel.line.channel),
                    line=parcel.line.name,
                    sender_code=sender.organ_id,
                    sender_name=paper.issuer_name,
                    addressed_code=organ_id,
                    reference=parcel.doc_id,
                    message_file=parcel.file,
                    facts={"parcel": parcel.pk, "kind": kind, **changing.kept()},
                    correspondent=known,
                ),
                actor=None,
                at=at,
            )
            news.append(
                telling.news(
                    "document.arrived",
                    [f"R{agency_id}"],
                    document_id,
                    key=f"arrived:{document_id}",
                    code=paper.code,
                    subject=paper.subject,
                    by=paper.issuer_name,
                )
            )
        notices.tell_many(news, actor=None, at=at)
        _ask_about_older(parcel, changing, addressed, paper.code, at)
        _ask_what_was_said_before(parcel, list(there.values()), at)
        exchange.record_taken(parcel_id=parcel.pk, actor=None, at=at)


def _ask_back(parcel: Parcel, identifiers: Sequence[str], reason: str, at: datetime) -> None:
    """Tell our clerks that a sender asks for a document back; what becomes of it is theirs to say.

    :raises NotHere: the sender never sent us such a document
    """
    with transaction.atomic(durable=True):
        lines.lock_line(parcel.line_id)  # the document itself waits for us, or we see it
        there = lines.list_arrivals_of(identifiers, parcel.sender_code)
        if not there:
            no = NotHere(document=", ".join(identifiers) or "—")
            exchange.set_aside(parcel_id=parcel.pk, code=no.code, words=no.message, actor=None, at=at)
            return
        for each in there:
            _question(parcel, each, ChangeKind.RECALL, reason, at)
        exchange.record_taken(parcel_id=parcel.pk, actor=None, at=at)


def _question(
    parcel: Parcel, incoming: Incoming, kind: ChangeKind, reason: str, at: datetime, *, by_code: str = ""
) -> None:
    change_document.take_question(
        arrival_id=incoming.document_id, kind=kind, reason=reason, by_code=by_code, reference=parcel.same, at=at
    )


@dataclass(frozen=True)
class _Changing:
    """What a message that updates or replaces says beside the document it brings; `kind` None: it says nothing of the sort."""

    kind: ChangeKind | None
    acts_on: tuple[str, ...] = ()
    reason: str = ""

    def kept(self) -> dict[str, object]:
        """As it stands with the arrival, for a document that comes only later."""
        return {"acts_on": list(self.acts_on), "reason": self.reason} if self.kind else {}


KINDS_OF_BUSINESS = {codes.UPDATE: ChangeKind.CORRECT, codes.REPLACE: ChangeKind.REPLACE}


def _changing(message: Message) -> _Changing:
    business = message.business
    kind = KINDS_OF_BUSINESS.get(codes.number(business.type) or codes.NEW) if business else None
    if business is None or kind is None:
        return _Changing(None)
    own = message.header.document_id
    acts_on = tuple(each for each in acted_on(message) if each != own)
    return _Changing(kind, acts_on, clean_line(business.reason))


def _ask_about_older(
    parcel: Parcel, changing: _Changing, agencies: Collection[int], by_code: str, at: datetime
) -> None:
    """What it replaces or corrects is with us: ask its holders, in the caller's transaction."""
    if changing.kind is None or not changing.acts_on:
        return
    for each in lines.list_arrivals_of(changing.acts_on, parcel.sender_code):
        if each.document.agency_id in agencies:
            _question(parcel, each, changing.kind, changing.reason, at, by_code=by_code)


def _ask_what_was_said_before(parcel: Parcel, arrived: Collection[int], at: datetime) -> None:
    """What its sender said of a document before it came itself: replaced or corrected by one that was quicker, or asked back."""
    for incoming in lines.list_incoming(arrived):
        for newer in lines.list_changing(incoming.document.identifier, parcel.sender_code):
            if newer.document.agency_id == incoming.document.agency_id and newer.pk != incoming.pk:
                kind = KINDS_OF_BUSINESS[newer.facts["kind"]]
                reference = lines.reference_of_parcel(newer.facts["parcel"])
                change_document.take_question(
                    arrival_id=incoming.pk,
                    kind=kind,
                    reason=newer.facts.get("reason", ""),
                    by_code=newer.document.code,
                    reference=reference,
                    at=at,
                )
    senders = lines.list_spellings_aside(parcel.line_id, NotHere.code, parcel.sender_code)
    if senders:
        exchange.retry_foretold(line_id=parcel.line_id, senders=senders, code=NotHere.code, actor=None, at=at)


def _key(parcel: Parcel, agency_id: int) -> str:
    """One arrival per parcel and agency, however often it is tried."""
    return f"line:{parcel.pk}:{agency_id}"


def _sender(line: Line, sender: Organisation, at: datetime) -> Correspondent | None:
    """Who sent it, by any code; one whom the directory does not know is entered, so that it can be answered and written to."""
    known = directory.find_by_code(sender.organ_id)
    if known is not None or not sender.organ_id:
        return known
    try:
        with transaction.atomic():
            return correspondents.enter(
                code=sender.organ_id,
                name=sender.name or sender.organ_id,
                channel=line.channel,
                line=line.name,
                spellings=[text for text in (codes.older_spelling(sender.organ_id),) if text],
                email=sender.email,
                source=Source.CAME,
                actor=None,
                at=at,
            )
    except Refusal:
        return None


def _files(message: Message, at: datetime) -> tuple[taking.Taken, list[taking.Taken]]:
    """The page to be read, and what came with it, kept. :raises NoPage: no file of the message is a PDF that may be opened"""
    names = safe_names(each.shown_name for each in message.attachments)
    pairs = list(zip(message.attachments, names, strict=True))
    whys: list[str] = []
    page: taking.Taken | None = None
    others: list[taking.Taken] = []
    for attachment, name in pairs:
        if page is None and _looks_like_pdf(attachment):
            try:
                pages = kept.inspect_pdf(attachment.file).pages
            except Refusal as no:
                whys.append(f"{name}: {no.message}")
            else:
                page = _kept(name, attachment.file, at, pages)
                continue
        if attachment.file:
            others.append(_kept(name, attachment.file, at))
    if page is None:
        raise NoPage(why="; ".join(whys) or translate("không có tệp nào."))
    return page, others


def _kept(name: str, content: bytes, at: datetime, pages: int = 0) -> taking.Taken:
    row = files.keep(content, at=at)
    return taking.Taken(name, row.digest, row.size, row.media_type, pages)


def _looks_like_pdf(attachment: Attachment) -> bool:
    return b"%PDF-" in attachment.file[:1024]


def _circulation(sphere: str) -> Circulation:
    """How far a paper may go round by the words of its sender; other words are no limit that box 11 knows."""
    said = fold(sphere)
    return next((limit for limit, note in CIRCULATION_NOTES.items() if note and fold(note) in said), Circulation.FREE)


def _paper(
    parcel: Parcel, message: Message, known: Correspondent | None, page: taking.Taken, others: list[taking.Taken]
) -> NewArrival:
    """What the message says of the paper, in our terms; what it leaves out is empty."""
    header = message.header
    sender = header.sender or Organisation()
    number = header.code.number.strip() if header.code else ""
    priority = codes.number(header.other.priority) if header.other else None
    answered = next((each for each in header.response_for if each.document_id or each.code), None)
    name = clean_line(sender.name)
    return NewArrival(
        delivery_key="",
        agency_id=0,
        type_code=type_in(_code(message)) or _type_code(header.type.name if header.type else ""),
        subject=clean_line(header.subject)[:500] or translate("(không có trích yếu)"),
        urgency=min(max(priority or 0, 0), 3),
        circulation=_circulation(header.other.sphere if header.other else ""),
        issuer_name=(name or (known.name if known else "") or sender.organ_id)[:300],
        issuer_code=(known.code if known else sender.organ_id)[:35],
        number=int(number) if number.isascii() and number.isdigit() and len(number) < 9 else None,
        notation=(clean_line(header.code.notation) if header.code else "")[:60],
        code=_code(message)[:80],
        document_date=codes.day(header.promulgation.date) if header.promulgation else None,
        identifier=(header.document_id or parcel.doc_id)[:160],
        reply_by=codes.day(header.due_date),
        file=page.digest,
        pages=page.pages,
        signer_name=(clean_line(header.signer.full_name) if header.signer else "")[:160],
        answers=answered.document_id if answered and not _changes(message) else "",
        attachments=tuple((row.name[:200], row.digest, row.size, row.media_type) for row in others),
    )


def _changes(message: Message) -> bool:
    return bool(message.business and codes.number(message.business.type))


_BY_NAME = {kind.name.casefold(): code for code, kind in reversed(ALL_TYPES.items())}


def _type_code(name: str) -> str:
    """The type by its name; a letter when the name is none of the 29."""
    return _BY_NAME.get(" ".join(name.split()).casefold(), "CV")


# Statuses -------------------------------------------------------------------------------------------------------------------

RECEIPTS = {
    "arrived": Status.ARRIVED,
    "returned": Status.RETURNED,
    "registered": Status.REGISTERED,
    "assigned": Status.ASSIGNED,
    "processing": Status.PROCESSING,
    "done": Status.DONE,
}


def _take_status(parcel: Parcel, told: Told, at: datetime) -> None:
    """Let a status move the delivery it speaks of. :raises NotOurDocument: :raises NotTheRecipient: :raises StatusUnknown:"""
    if told.kind == "recall_asked":
        _ask_back(parcel, [told.about.document_id], told.words, at)
        return
    if told.kind in CHANGES:
        _tell_of_change(parcel, told, at)
        return
    if told.kind not in RECEIPTS:
        raise StatusUnknown(code=told.code or "—")
    delivery = _delivery(parcel, told)
    moment = min(told.at or parcel.came_at, at)
    facts = _facts(told)
    with transaction.atomic(durable=True):
        after = exchange.record_receipt(
            delivery_id=delivery.pk, kind=RECEIPTS[told.kind], actor=None, at=moment, facts=facts
        )
        if told.kind == "returned" and after.status == Status.RETURNED:
            sent = delivery.dispatch.document
            telling.tell(
                "delivery.returned",
                [f"R{sent.agency_id}"],
                sent.pk,
                key=f"returned:{delivery.pk}",
                actor=None,
                at=at,
                code=sent.code,
                to=delivery.recipient_name,
                words=told.words or translate("không nêu lý do"),
            )
        exchange.record_taken(parcel_id=parcel.pk, actor=None, at=at)


CHANGES = ("change_agreed", "change_refused")


def _tell_of_change(parcel: Parcel, told: Told, at: datetime) -> None:
    """Tell our clerks what a recipient answered to a recall or a change of ours."""
    delivery = _delivery(parcel, told)
    sent = delivery.dispatch.document
    with transaction.atomic(durable=True):
        agreed = told.kind == "change_agreed"
        if not change_document.take_answer(delivery_id=delivery.pk, agreed=agreed, words=told.words, at=at):
            telling.tell(
                f"delivery.{told.kind}",
                [f"R{sent.agency_id}"],
                sent.pk,
                key=f"{told.kind}:{parcel.pk}",
                actor=None,
                at=at,
                code=sent.code,
                to=delivery.recipient_name,
                words=told.words or "",
            )
        exchange.record_taken(parcel_id=parcel.pk, actor=None, at=at)


def _delivery(parcel: Parcel, told: Told) -> Delivery:
    """The delivery that a status speaks of: its document by identifier (or number, day and sender), its recipient by any code."""
    named = told.about.document_id or told.about.code
    found = lines.list_deliveries_of(told.about.document_id)
    if not found:
        found = [each for each in lines.list_deliveries_by_code(told.about.code) if _speaks_of(parcel.line, told, each)]
    if not found:
        raise NotOurDocument(document=named or "—")
    reporter = directory.find_by_code(told.reporter.organ_id)
    for each in found:
        if reporter is not None and each.correspondent_id == reporter.pk:
            return each
    raise NotTheRecipient(code=told.reporter.organ_id or "—", document=named)


def _speaks_of(line: Line, told: Told, delivery: Delivery) -> bool:
    document = delivery.dispatch.document
    own = {lines.code_on_line(line, document.agency_id), document.issuer_code}
    return is_about(
        told.about,
        document_id=document.identifier,
        code=document.code,
        issued=document.document_date.isoformat() if document.document_date else "",
        organ_ids=frozenset(own | {codes.older_spelling(code) for code in own}),
    )


def _facts(told: Told) -> dict[str, str | int]:
    """What a status says beyond its code, as far as our own receipts know it; another system's facts are its own business."""
    facts: dict[str, str | int] = {}
    number = told.facts.get("arrival_number")
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**31:
        facts["arrival_number"] = number
    reply = told.facts.get("reply_code")
    if isinstance(reply, str):
        facts["reply_code"] = reply[:80]
    if told.kind == "returned":
        reason = told.facts.get("return_code")
        facts["return_code"] = reason if isinstance(reason, str) and reason in documents.RETURN_REASONS else ""
        facts["return_words"] = told.words[:1000]
    elif told.words:
        facts["words"] = told.words[:500]
    return facts
