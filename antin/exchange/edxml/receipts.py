"""Our receipts as status messages of the axis, and status messages as receipts: both ways, nothing lost.

What a status has no element for (an arrival number, the reason's code, the reply's number) stands at the end of its description as
a JSON object: the one text that every system keeps and shows, and that survives the axis writing the message anew.
Source: QCVN 102:2016, status messages; Decision 28/2018/QD-TTg.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from antin.exchange.edxml import codes
from antin.exchange.edxml.message import Envelope, Header, Message, MessageHeader, Organisation, ResponseFor, StaffInfo
from antin.exchange.edxml.statuses import STATUSES

#: The axis gives local times without a zone.
HANOI = timezone(timedelta(hours=7))

#: What we call each status. The first six are `exchange.states.Status`; recall and change are asked for and answered.
KINDS = {
    "arrived": "01",
    "returned": "02",
    "registered": "03",
    "assigned": "04",
    "processing": "05",
    "done": "06",
    "recall_asked": "13",
    "change_agreed": "15",
    "change_refused": "16",
}
OF_CODE = {code: kind for kind, code in KINDS.items()}


@dataclass(frozen=True)
class Told:
    """What one agency told another about a document. `kind` is empty when the code is none we know; the code is kept.

    `about` names the document by its sender's identifiers. `at` is None when the message gave no moment that can be read.
    """

    kind: str
    code: str
    at: datetime | None
    reporter: Organisation
    about: ResponseFor
    words: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    staff: StaffInfo | None = None


def as_status(told: Told) -> Message:
    """The status message that tells it. :raises KeyError: neither kind nor code is given :raises ValueError: there is no moment"""
    code = KINDS[told.kind] if told.kind else told.code
    if not code:
        raise KeyError(told.kind)
    if told.at is None or told.at.tzinfo is None:
        raise ValueError("a status has an aware moment")
    facts = dict(told.facts)
    if told.at.microsecond:
        facts["at"] = told.at.astimezone(UTC).isoformat()
    header = MessageHeader(
        sender=told.reporter,
        response_for=(told.about,),
        staff=told.staff,
        status_code=code,
        description=_describe(told.words, facts, code),
        timestamp=f"{told.at.astimezone(HANOI):%Y/%m/%d %H:%M:%S}",
    )
    return Message(envelope=Envelope(header=Header(message=header)))


def as_receipt(message: Message) -> Told:
    """What a status message tells; of a foreign one all of its description is words."""
    header = message.header
    words, facts = _understand(header.description.strip())
    code = header.status_code
    if code.isdigit() and len(code) == 1:
        code = code.zfill(2)
    kind = OF_CODE.get(code, "")
    if words == (STATUSES[code].words if code in STATUSES else ""):
        words = ""
    at = _moment(header.timestamp, facts)
    about = next((each for each in header.response_for if each), ResponseFor())
    return Told(kind, code, at, header.sender or Organisation(), about, words, facts, header.staff)


def _describe(words: str, facts: dict[str, Any], code: str) -> str:
    said = " ".join(words.split()) or (STATUSES[code].words if code in STATUSES else "")
    if not facts and not said.endswith("}"):
        return said
    return f"{said} {json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}".strip()


def _understand(description: str) -> tuple[str, dict[str, Any]]:
    """Words and facts of a description: the facts are the object at its end that no earlier one contains."""
    if not description.endswith("}"):
        return description, {}
    start = description.find("{")
    while start >= 0:
        if start == 0 or description[start - 1] == " ":
            try:
                held = json.loads(description[start:])
            except (ValueError, RecursionError):
                held = None
            if isinstance(held, dict):
                return description[:start].strip(), held
        start = description.find("{", start + 1)
    return description, {}


def _moment(text: str, facts: dict[str, Any]) -> datetime | None:
    exact = facts.pop("at", None)
    if isinstance(exact, str):
        try:
            found = datetime.fromisoformat(exact)
        except ValueError:
            found = None
        if found is not None and found.tzinfo is not None:
            return found
    local = codes.moment(text)
    return local.replace(tzinfo=HANOI).astimezone(UTC) if local else None


def is_about(about: ResponseFor, *, document_id: str, code: str, issued: str, organ_ids: frozenset[str]) -> bool:
    """Whether a status speaks of this document: by its identifier, or without one by number, day and sender together.

    `organ_ids` are all spellings of the sender's own code; `issued` is the day in ISO.
    """
    if about.document_id and not codes.is_filler(about.document_id):
        return about.document_id == document_id
    day = codes.day(about.date)
    return about.code == code and day is not None and day.isoformat() == issued and about.organ_id in organ_ids
