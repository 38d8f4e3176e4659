"""What goes out over the national axis or a gateway: an issued document as an edXML message, and our receipts as its statuses.

No transaction is open and nothing is written: `hand_over` records what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_noop as _

from antin.documents import queries as documents
from antin.documents.operations import RETURN_REASONS
from antin.documents.states import CIRCULATION_NOTES, Circulation
from antin.documents.types import ALL_TYPES
from antin.exchange import operations as exchange
from antin.exchange import queries as lines
from antin.exchange.channels.polling import DOCUMENT, STATUS, Channel
from antin.exchange.channels.wire import LineFault
from antin.exchange.edxml import codes
from antin.exchange.edxml.codes import RECALL, REPLACE, UPDATE
from antin.exchange.edxml.message import Message, Organisation, ResponseFor
from antin.exchange.edxml.packing import Named, compose
from antin.exchange.edxml.receipts import HANOI, KINDS, Told, as_status
from antin.exchange.edxml.writing import write
from antin.exchange.states import ChangeKind
from antin.files import queries as files
from antin.people import queries as people
from antin.people.at_rest import Unsealable

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.exchange.models import Answer, ChangeReply, Delivery, Line

LIMIT = 50_000_000
"""What the axis takes in one message."""
NO_STEERING = 0


class NoSuchLine(LineFault):
    code = "no_such_line"
    words = _("Chưa có kênh tên “%(name)s” ở nút này.")
    final = True


class LineShut(LineFault):
    code = "line_shut"
    words = _("Kênh %(title)s đang tắt.")


class Isolated(LineFault):
    code = "node_isolated"
    words = _("Nút chạy chế độ cách ly: không kết nối ra ngoài.")


class SecretsLost(LineFault):
    code = "line_secrets_lost"
    words = _("Không mở được khóa bí mật của kênh %(title)s; nhập lại ở trang Trục liên thông.")
    final = True


class TooLargeForLine(LineFault):
    code = "too_large_for_line"
    words = _("Gói tin %(mb)d MB lớn hơn mức %(limit)d MB mà trục nhận; gửi tệp lớn bằng cách khác.")
    final = True


def reach(line: Line | None, name: str = "") -> Channel:
    """What speaks to the line's server, if the node may.

    :raises NoSuchLine: :raises LineShut: :raises Isolated: :raises SecretsLost:
    """
    if line is None:
        raise NoSuchLine(name=name)
    if settings.ISOLATED:
        raise Isolated()
    if not line.open:
        raise LineShut(title=line.title)
    return wire(line)


def wire(line: Line) -> Channel:
    """What speaks to the line's server, open or not. :raises Isolated: :raises SecretsLost:"""
    if settings.ISOLATED:
        raise Isolated()
    try:
        return lines.wire_of(line)
    except Unsealable:
        raise SecretsLost(title=line.title) from None


def carry(delivery: Delivery, at: datetime) -> str:
    """Hand a document over as a message; return the line's own identifier of it. :raises LineFault: it was not taken"""
    line = lines.find_line(delivery.line)
    channel = reach(line, delivery.line)
    assert line is not None and delivery.correspondent is not None
    document = documents.get_issued(delivery.dispatch.document_id)
    message = pack(
        line, document, [Organisation(organ_id=delivery.correspondent.code, name=delivery.recipient_name)], at
    )
    return _send(_Way(line, channel, delivery.correspondent.code), message, DOCUMENT, at)


def answer(owed: Answer, at: datetime) -> str:
    """Send a receipt of ours as a status; return the line's own identifier of it. :raises LineFault: it was not taken"""
    incoming = owed.incoming
    line = lines.find_line(incoming.line)
    channel = reach(line, incoming.line)
    assert line is not None
    document = incoming.document
    agency = people.get_agency(document.agency_id)
    words, facts = _words_and_facts(owed)
    told = Told(
        kind=owed.kind if owed.kind in KINDS else "",
        code="",
        at=owed.at,
        reporter=Organisation(
            organ_id=incoming.addressed_code or lines.code_on_line(line, agency.pk), name=agency.name
        ),
        about=about(document, incoming.sender_code),
        words=words,
        facts=facts,
    )
    return _send(_Way(line, channel, incoming.sender_code), as_status(told), STATUS, at)


def ask(reply: ChangeReply, at: datetime) -> str:
    """Ask a holder to let a document be recalled, replaced or corrected; return the line's identifier of the message.

    A recall is a message of business type 1 without files, which names the document in `ResponseFor`; a replacement (3) and a
    correction (2, an update) bring the document that stands for it. :raises LineFault: it was not taken
    """
    change, delivery = reply.change, reply.delivery
    assert delivery is not None and delivery.correspondent is not None and change.document is not None
    line = lines.find_line(delivery.line)
    channel = reach(line, delivery.line)
    assert line is not None
    document, receiver = change.document, delivery.correspondent.code
    to = [Organisation(organ_id=receiver, name=delivery.recipient_name)]
    if change.kind == ChangeKind.RECALL or change.by is None:
        own = lines.code_on_line(line, document.agency_id)
        business: dict[str, Any] = {"type": RECALL, "reason": change.reason}
        message = pack(line, document, to, at, business, asked_of=about(document, own))
    elif change.kind == ChangeKind.REPLACE:
        business = {"type": REPLACE, "reason": change.reason, "replaces": [document.identifier]}
        message = pack(line, change.by, to, at, business)
    else:
        business = {"type": UPDATE, "reason": change.reason, "document_id": document.identifier}
        message = pack(line, change.by, to, at, business)
    return _send(_Way(line, channel, receiver), message, DOCUMENT, at)


def about(document: Document, organ_id: str) -> ResponseFor:
    """A document by its sender's own identifiers, as statuses and recalls name it."""
    return ResponseFor(
        organ_id=organ_id,
        code=document.code,
        document_id=document.identifier,
        date=f"{document.document_date:%Y/%m/%d}" if document.document_date else "",
    )


def _words_and_facts(owed: Answer) -> tuple[str, dict[str, Any]]:
    """What a receipt says in words, and what has no element in a status and goes along as facts."""
    facts = {name: value for name, value in owed.facts.items() if value not in (None, "") and name != "return_words"}
    words = str(owed.facts.get("return_words", ""))
    reason = str(owed.facts.get("return_code", ""))
    if reason in RETURN_REASONS:
        words = ". ".join(part for part in (translate(RETURN_REASONS[reason]), words) if part)
    return words, facts


@dataclass(frozen=True)
class _Way:
    line: Line
    channel: Channel
    receiver: str


def _send(way: _Way, message: Message, kind: str, at: datetime) -> str:
    content = write(message)
    if len(content) > LIMIT:
        raise TooLargeForLine(mb=len(content) // 1_000_000, limit=LIMIT // 1_000_000)
    sender = message.header.sender
    assert sender is not None
    try:
        reference = way.channel.send(content, kind=kind, sender=sender.organ_id, receivers=[way.receiver], at=at)
    except LineFault as fault:
        exchange.note_contact(line_id=way.line.pk, fault=fault.message, actor=None, at=at)
        raise
    exchange.note_contact(line_id=way.line.pk, fault="", actor=None, at=at)
    return reference


def pack(
    line: Line,
    document: Document,
    receivers: Iterable[Organisation],
    at: datetime,
    business: dict[str, Any] | int = 0,
    *,
    asked_of: ResponseFor | None = None,
) -> Message:
    """An issued document as a message: its facts, the sealed page, its attachments, and what it answers.

    With `asked_of` it brings no files: it only asks the document back.
    """
    agency = people.get_agency(document.agency_id)
    making = document.making
    day = document.document_date
    assert day is not None and document.number is not None
    said: dict[str, Any] = {
        "from": {
            "organ_id": lines.code_on_line(line, agency.pk),
            "in_charge": agency.parent.name if agency.parent else "",
            "name": document.issuer_name,
            "address": agency.address,
        },
        "to": [{"organ_id": each.organ_id, "name": each.name} for each in receivers],
        "code": dict(zip(("number", "notation"), codes.split_code(document.code), strict=True)),
        "date": f"{day:%Y/%m/%d}",
        "place": agency.place_name,
        "document_id": document.identifier,
        "subject": document.subject,
        "content": document.subject,
        "type": {
            "code": str(list(ALL_TYPES).index(document.type_code) + 1),
            "name": ALL_TYPES[document.type_code].name,
        },
        "signer": {
            "competence": making.authority_form,
            "position": making.authority_lines[-1] if making.authority_lines else "",
            "full_name": making.signer_name,
        },
        "due": f"{document.reply_by:%Y/%m/%d}" if document.reply_by else "",
        "priority": document.urgency,
        "sphere": CIRCULATION_NOTES[Circulation(document.circulation)],
        "steering": NO_STEERING,
        "business": business,
        "timestamp": f"{at.astimezone(HANOI):%Y/%m/%d %H:%M:%S}",
    }
    answered = document.in_reply_to
    if asked_of is not None:
        told = {"organ_id": asked_of.organ_id, "code": asked_of.code, "document_id": asked_of.document_id}
        return compose(said | {"response_for": [told | {"date": asked_of.date}]})
    if answered is not None:
        said["response_for"] = [
            {
                "organ_id": answered.issuer_code,
                "code": answered.code,
                "document_id": answered.identifier,
                "date": f"{answered.document_date:%Y/%m/%d}" if answered.document_date else "",
            }
        ]
    return compose(said, extra=list(_files(document)))


def _files(document: Document) -> Iterable[Named]:
    name = document.code.replace("/", "-")
    yield Named(f"{name}.pdf", files.read(document.file), "application/pdf")
    for row in documents.list_attachments(document.pk):
        yield Named(row.name, files.read(row.sealed_file or row.file))
