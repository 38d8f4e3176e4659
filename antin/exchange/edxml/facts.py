"""What a message says, in the words of a registry: `antin edxml inspect` prints this. Values that cannot be understood are null
and named in the notes with their text."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from antin.exchange.edxml import codes
from antin.exchange.edxml.message import Attachment, Message, Organisation, ResponseFor
from antin.exchange.edxml.notes import Notebook
from antin.exchange.edxml.statuses import STATUSES


def facts_of(message: Message) -> dict[str, Any]:
    """The facts as JSON, in this order; a document and a status have the same keys, and a status three more."""
    notebook = Notebook()
    header, sayer = message.header, _Sayer(notebook)
    receivers = [code for each in header.receivers if (code := sayer.word(each.organ_id, "To/OrganId"))]
    sender = sayer.word(header.sender.organ_id, "From/OrganId") if header.sender else None
    facts: dict[str, Any] = {
        "kind": "status" if message.is_status else "document",
        "from": sender,
        "to": receivers,
        "code": sayer.code(message),
        "date": sayer.day(header.promulgation.date if header.promulgation else "", "PromulgationDate"),
        "document_id": sayer.word(header.document_id, "DocumentId"),
        "subject": header.subject or None,
        "type": {
            "code": sayer.number(header.type.type if header.type else "", "Type"),
            "name": sayer.word(header.type.name if header.type else "", "TypeName"),
        },
        "signer": sayer.word(header.signer.full_name if header.signer else "", "FullName"),
        "priority": sayer.priority(header.other.priority if header.other else ""),
        "steering": sayer.steering(header.steering),
        "business": None if message.is_status else sayer.business(message),
        "response_for": [sayer.response(each) for each in header.response_for if _says(each)],
        "acts_on": list(acted_on(message)),
        "attachments": [_attachment(each) for each in message.attachments],
    }
    if not all(each.organ_id for each in header.receivers):
        notebook.write("unnamed-receiver", "MessageHeader")
    for each in header.receivers:
        if each.in_charge == codes.OLD_CODE_MARK:
            notebook.write("old-code", "MessageHeader", text=each.organ_id)
    if any(not _says(each) for each in header.response_for):
        notebook.write("empty-response", "MessageHeader")
    _compare(sender, receivers, notebook)
    if message.is_status:
        facts |= _status(message, sayer, facts["response_for"])
    elif header.due_date:
        sayer.day(header.due_date, "DueDate")
    facts["notes"] = [str(note) for note in (*message.notes, *notebook.notes)]
    return facts


def _status(message: Message, sayer: _Sayer, responses: list[dict[str, Any]]) -> dict[str, Any]:
    header = message.header
    spoken_of = next((each["document_id"] for each in responses if each["document_id"]), None)
    code = sayer.word(header.status_code, "StatusCode")
    if code and len(code) == 1 and code.isdigit():
        sayer.notebook.write("one-digit", "MessageHeader", what="StatusCode", text=code)
        code = f"0{code}"
    if code and code not in STATUSES:
        sayer.notebook.write("unknown-status", "MessageHeader", text=code)
    when = codes.moment(header.timestamp)
    if header.timestamp and when is None and not codes.is_filler(header.timestamp):
        sayer.notebook.write("date", "MessageHeader", what="Timestamp", text=header.timestamp)
    return {
        "document_id": spoken_of or sayer.word(header.document_id, "DocumentId"),
        "status_code": code,
        "description": header.description or None,
        "timestamp": sayer.word(header.timestamp, "Timestamp"),
        "timestamp_iso": when.isoformat() if when else None,
    }


def _says(response: ResponseFor) -> bool:
    held = (response.organ_id, response.code, response.document_id, response.date, response.unknown)
    return any(held)


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return {
        "name": attachment.shown_name or None,
        "declared_type": attachment.shown_type or None,
        "bytes": len(attachment.file),
        "sha256": hashlib.sha256(attachment.file).hexdigest(),
        "notes": [str(note) for note in attachment.notes],
    }


def _compare(sender: str | None, receivers: list[str], notebook: Notebook) -> None:
    if sender and sender in receivers:
        notebook.write("same-unit", "MessageHeader", text=sender)
    for code in sorted(code for code, times in Counter(receivers).items() if times > 1):
        notebook.write("same-receiver", "MessageHeader", text=code)


class _Sayer:
    """Texts into values, with a note for each that is not what it should be."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook

    def word(self, text: str, what: str) -> str | None:
        if codes.is_filler(text):
            self.notebook.write("filler", "MessageHeader", what=what, text=text)
            return None
        return text or None

    def day(self, text: str, what: str) -> str | None:
        if not text or self.word(text, what) is None:
            return None
        found = codes.day(text)
        if found is None:
            self.notebook.write("date", "MessageHeader", what=what, text=text)
            return None
        if not codes.is_plain_day(text):
            self.notebook.write("date-form", "MessageHeader", what=what, text=text)
        return found.isoformat()

    def number(self, text: str, what: str) -> int | str | None:
        if not text or self.word(text, what) is None:
            return None
        found = codes.number(text)
        if found is None:
            self.notebook.write("number", "MessageHeader", what=what, text=text)
            return text
        return found

    def priority(self, text: str) -> int | None:
        named = codes.priority_in_words(text)
        if named is not None:
            self.notebook.write("number-in-words", "MessageHeader", what="Priority", text=text)
            return named
        return self.in_table(text, "Priority", codes.PRIORITIES)

    def steering(self, text: str) -> int | None:
        return self.in_table(text, "SteeringType", codes.STEERINGS)

    def in_table(self, text: str, what: str, table: dict[int, str]) -> int | None:
        found = self.number(text, what)
        if not isinstance(found, int):
            return None
        if found not in table:
            self.notebook.write("out-of-table", "MessageHeader", what=what, text=text)
        return found

    def business(self, message: Message) -> int | None:
        given = message.business.type if message.business else ""
        if not given or codes.is_filler(given):
            self.notebook.write("new-by-default", "TraceHeaderList")
            return codes.NEW
        found = codes.number(given)
        if found not in (codes.NEW, codes.RECALL, codes.UPDATE, codes.REPLACE):
            self.notebook.write("out-of-table", "TraceHeaderList", what="BussinessDocType", text=given)
            return None
        if found != codes.NEW and not acted_on(message):
            self.notebook.write("acted-on-unnamed", "TraceHeaderList", text=given)
        return found

    def code(self, message: Message) -> str | None:
        code = message.header.code
        if code is None:
            return None
        number, notation = self.word(code.number, "CodeNumber"), self.word(code.notation, "CodeNotation")
        if not number and not notation:
            if code.own_text:
                self.notebook.write("code-flat", "MessageHeader", text=code.own_text)
            return self.word(code.own_text, "Code")
        joined = codes.joined_code(number or "", notation or "")
        if not number or not notation:
            self.notebook.write("code-half", "MessageHeader", text=joined)
        elif joined == number:
            self.notebook.write("code-doubled", "MessageHeader", text=number)
        return joined or None

    def response(self, response: ResponseFor) -> dict[str, Any]:
        code = response.code
        nested = {each.name.lower(): "".join(p for p in each.parts if isinstance(p, str)) for each in _inside(response)}
        if not code and nested:
            code = codes.joined_code(nested.get("codenumber", ""), nested.get("codenotation", ""))
        return {
            "organ_id": self.word(response.organ_id, "ResponseFor/OrganId"),
            "code": self.word(code, "ResponseFor/Code"),
            "document_id": self.word(response.document_id, "ResponseFor/DocumentId"),
            "date": self.day(response.date, "ResponseFor/PromulgationDate"),
        }


def _inside(response: ResponseFor) -> list[Any]:
    return [
        part
        for kept in response.unknown
        if kept.name.lower() == "code"
        for part in kept.parts
        if not isinstance(part, str)
    ]


def acted_on(message: Message) -> tuple[str, ...]:
    """The identifiers of the documents a recall, update or replacement speaks of.

    A recall names them in `ResponseFor`, an update in the business block, a replacement in its list, each elsewhere when not there;
    a new document speaks of none, whatever identifier stands there.
    """
    business = message.business
    kind = codes.number(business.type) if business else None
    if business is None or kind is None:
        return ()
    answered = [each.document_id for each in message.header.response_for]
    replaced = [each.document_id for each in business.replacements.replacement] if business.replacements else []
    wheres = {
        codes.RECALL: (answered, [business.document_id]),
        codes.UPDATE: ([business.document_id], answered),
        codes.REPLACE: (replaced, [business.document_id], answered),
    }.get(kind, ())
    named = (tuple(each for each in found if each and not codes.is_filler(each)) for found in wheres)
    return next((found for found in named if found), ())


def same_message(message: Message) -> tuple[str, str, int]:
    """What makes a message the same one again, by whatever route: its document, its sender and what it does with it."""
    header = message.header
    sender: Organisation = header.sender or Organisation()
    kind = codes.number(message.business.type) if message.business else codes.NEW
    return header.document_id, sender.organ_id, kind or codes.NEW
