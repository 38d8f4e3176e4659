"""Everything the page of one document shows, read in a fixed number of queries and worded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antin.codelists.policy import period_words
from antin.correspondents.states import Channel
from antin.documents import forms, operations, queries
from antin.documents.operations import RETURN_REASONS
from antin.documents.operations.sharing import box_of
from antin.documents.queries import Whole
from antin.documents.states import EDITABLE, Direction, Status, Use
from antin.documents.types import ALL_TYPES, COPIES, Family, family_of
from antin.exchange import queries as deliveries
from antin.exchange.states import AnswerStatus
from antin.exchange.states import Status as Delivered
from antin.journal import queries as journal
from antin.oldbooks import queries as old_books
from antin.opinions import queries as opinions
from antin.people.actor import Actor
from antin.programmes import queries as plans
from antin.signing import queries as signatures
from antin.web.clocks import LOCAL, until
from antin.web.documents import acts, changes, evidence, history, opening
from antin.web.documents.board import shares_of
from antin.web.documents.paper import mark_of, paper_of
from antin.web.documents.rows import BOXES, stamps_of, state_of
from antin.web.documents.signing import hands_of
from antin.web.session.middleware import SignedRequest
from antin.web.tasks import panel
from antin.web.tones import Tone

if TYPE_CHECKING:
    from antin.documents.models import Document, Visibility
    from antin.exchange.models import Answer
    from antin.opinions.models import Opinion

MOST_TOLD = 60
SHOWN_OPEN = 8
"""So many lines of what happened stand open; the rest is one click away."""

REASONS: dict[str, str | Promise] = {
    "drafter": gettext_lazy("đồng chí soạn văn bản này"),
    "co_drafter": gettext_lazy("đồng chí cùng soạn văn bản này"),
    "reviewer": gettext_lazy("văn bản trình đồng chí duyệt"),
    "unit": gettext_lazy("văn bản do đơn vị đồng chí phụ trách soạn"),
    "signer": gettext_lazy("văn bản trình đồng chí ký"),
    "joint": gettext_lazy("cơ quan đồng chí cùng ban hành văn bản"),
    "registry": gettext_lazy("văn bản qua văn thư cơ quan đồng chí"),
    "presented": gettext_lazy("văn bản được trình đồng chí cho ý kiến"),
    "opinion": gettext_lazy("đồng chí được xin ý kiến về dự thảo"),
    "lead": gettext_lazy("đồng chí hoặc đơn vị được giao chủ trì"),
    "join": gettext_lazy("đồng chí hoặc đơn vị được giao phối hợp"),
    "inform": gettext_lazy("văn bản chuyển để biết"),
    "past": gettext_lazy("sổ cũ ghi văn bản thuộc cơ quan hoặc đơn vị đồng chí"),
}


@dataclass(frozen=True)
class Linked:
    """A document that this one answers, or that answers it."""

    words: str
    code: str
    title: str
    href: str
    state: Tone
    is_copy: bool = False


def told(request: SignedRequest, document_id: int, now: datetime) -> dict[str, Any]:
    """What the template of a document's page takes. :raises NotFound: absent, or not the actor's to see"""
    actor = request.actor
    whole = queries.get_whole(actor, document_id)
    document = whole.document
    if document.circulation and document.file and request.method == "GET":
        operations.note_use(document_id=document_id, file=document.file, use=Use.SEEN, actor=actor, at=now)
    box = BOXES[box_of(document)]
    query = request.GET.copy()
    file = query.pop("file", [""])[-1]
    address = query.urlencode()
    asked = _asked_about(whole)
    offers = acts.offers(actor, whole, address)
    mine = opinions.find_mine(actor, asked.opinions) if asked else None
    if mine is not None:
        offers.insert(0, _opinion_offer(mine))
    main = offers[0] if offers and not offers[0].why and offers[0].kind in ("main", "seal") else None
    second = next((offer for offer in offers if not offer.why and offer.kind == ""), None)
    awaited = acts.awaited(whole)
    board = deliveries.count_by_document([document_id])[document_id] if document.status == Status.ISSUED else {}
    board_href = reverse("outgoing-board", args=[document_id]) if board else ""
    shares = shares_of(board, board_href)
    seal = opening.seal_of(actor, whole)
    judged = evidence.files_of(whole)
    shown = evidence.find(judged, at=now) if judged else None
    came = _came(whole)
    happened = journal.list_for(("document", document_id), without=history.ON_THE_BOARD, limit=MOST_TOLD)
    linked = _linked(whole, actor)
    lines = history.timeline(happened, next_words=awaited, next_due=document.next_due_at)
    return {
        "whole": whole,
        "document": document,
        "actor": actor,
        "box": box,
        "back": box.href(query=address),
        "opened": box.href(document_id),
        "type_name": _type_name(document),
        "filled": _filled(document),
        "filing": _filing(document),
        "copies": COPIES,
        "stamps": stamps_of(document),
        "state": state_of(document, board),
        "clock": until(document.next_due_at or document.due_at, now) if document.status not in _ENDED else None,
        "main": main,
        "second": second,
        "offers": [offer for offer in offers if offer not in (main, second)],
        "awaited": awaited,
        "opinions": asked,
        "asks_opinions": asked is not None and document.status in EDITABLE,
        "answered": sum(each.verdict != "" for each in asked.opinions) if asked else 0,
        "direction": panel.context(actor, document, whole.replies, now) if document.direction == Direction.IN else None,
        "gives": bool(document.file) and seal is None and panel.may_give(actor) and document.status in _WORTH_GIVING,
        "seal": seal,
        "paper": None if seal else paper_of(whole, actor, asked=file, query=address, now=now),
        "evidence": shown,
        "hands": hands_of(whole),
        "newest": _newest(document.file),
        "board": board,
        "board_href": board_href,
        "shares": shares,
        "bar": [share[:3] for share in shares],
        "receipts": _receipts(whole, came is not None),
        "came": came,
        "past": _past(whole),
        "drafting_file": reverse("drafting-file", args=[document_id])
        if whole.making is not None and family_of(document.type_code) == Family.NORMATIVE
        else "",
        "linked": linked,
        "sent_on": document.direction == Direction.IN and any(each.is_copy for each in linked),
        "plans": plans.list_issued_by(actor, document_id) if document.status in _MAY_ISSUE_PLANS else [],
        "history": lines[:SHOWN_OPEN],
        "earlier": lines[SHOWN_OPEN:],
        "happened": len(lines),
        "reasons": _reasons(queries.why_visible(actor, document_id)),
        "return_reason": _return_reason(whole),
        "query": address,
        "mark": mark_of(document),
        **changes.told_of(document, actor),
        "now": now,
        "today": now.astimezone(LOCAL).date(),
    }


def _type_name(document: Document) -> str:
    """What the document is called: by the form it is, or by its type."""
    filled = queries.find_filled(document)
    if filled is not None:
        return filled.version.form.name
    return ALL_TYPES[document.type_code].name if document.type_code in ALL_TYPES else document.type_code


def _filled(document: Document) -> list[tuple[str, str]]:
    """What was filled into the form that the document is, in words."""
    filled = queries.find_filled(document)
    fields = forms.read_fields(filled.version.fields) if filled else []
    return [(field.label, forms.in_words(field, filled.values.get(field.label))) for field in fields] if filled else []


def _filing(document: Document) -> dict[str, str]:
    """How long the document is kept and of which field it is, in words, as far as it was said."""
    found = queries.find_filing(document)
    if found is None:
        return {}
    retention, field = found.retention, found.field
    return {
        "period": period_words(retention.years, permanent=retention.permanent) if retention else "",
        "under": f"{retention.code} {retention.name}" if retention else "",
        "field": field.name if field else "",
    }


def _asked_about(whole: Whole) -> opinions.Rounds | None:
    """The opinions on a document that was not issued yet, and on one that was, what was said while it was drafted."""
    return opinions.list_rounds(whole.document.pk) if whole.making is not None else None


def _opinion_offer(mine: Opinion) -> acts.Offer:
    return acts.Offer(
        name="opinion",
        words=_("Cho ý kiến"),
        sign="reply",
        kind="main",
        href=reverse("opinion-answer", args=[mine.pk]),
        posts=False,
        dialog=True,
        why="",
    )


_MAY_ISSUE_PLANS = frozenset(
    {Status.ISSUED, Status.REGISTERED, Status.DIRECTED, Status.PROCESSING, Status.COMPLETED, Status.PAST}
)
_WORTH_GIVING = frozenset({Status.ISSUED, Status.REGISTERED, Status.DIRECTED, Status.PROCESSING, Status.COMPLETED})


def _newest(file: str) -> str:
    """The document with evidence that was added after it was issued or came, by digest; empty where none was."""
    proof = signatures.find_proof(file) if file else None
    return proof.newest_id if proof is not None and proof.newest_id != file else ""


def _past(whole: Whole) -> dict[str, Any] | None:
    """The line of the old book a document was made of, as it stands there; None of any other document."""
    line = old_books.find_line_of(whole.document.pk) if whole.document.status == Status.PAST else None
    if line is None:
        return None
    return {
        "line": line,
        "said": [(heading, words) for heading, words in zip(line.old_book.headings, line.cells, strict=False) if words],
    }


_ENDED = frozenset({Status.PAST, Status.ISSUED, Status.ABANDONED, Status.SENT_BACK, Status.COMPLETED})


def _receipts(whole: Whole, outside: bool) -> list[tuple[Tone, datetime]]:
    """What our acts told the sender, and when."""
    if whole.arrival is None or whole.arrival.source != "exchange":
        return []
    words = {
        Delivered.ARRIVED: _("Đã đến"),
        Delivered.RETURNED: _("Đã trả lại"),
        Delivered.REGISTERED: _("Đã tiếp nhận, số đến %(number)s") % {"number": whole.document.arrival_number},
        Delivered.ASSIGNED: _("Đã phân công"),
        Delivered.PROCESSING: _("Đang xử lý"),
        Delivered.DONE: _("Đã hoàn thành"),
    }
    if outside:
        owed = deliveries.list_answers(whole.document.pk)
        more = {
            "verified": _("Đã kiểm chữ ký"),
            "change_agreed": _("Đã đồng ý việc thu hồi, thay đổi"),
            "change_refused": _("Đã từ chối việc thu hồi, thay đổi"),
        }
        named = {**{kind.value: said for kind, said in words.items()}, **more}
        return [(_answer(named.get(row.kind, row.kind), row), row.at) for row in owed]
    found = deliveries.list_receipts_of_arrival(whole.document.pk)
    return [(Tone(words[Delivered(row.kind)], "ok", "check"), row.at) for row in found]


def _answer(words: str, owed: Answer) -> Tone:
    """A receipt that goes back to an outside agency, and how far it is."""
    if owed.status == AnswerStatus.SENT:
        return Tone(words, "ok", "check")
    if owed.status == AnswerStatus.FAILED:
        return Tone(
            _("%(words)s (chưa báo được: %(fault)s)") % {"words": words, "fault": owed.fault}, "late", "warning"
        )
    return Tone(_("%(words)s (chờ báo cho nơi gửi)") % {"words": words}, "", "clock")


def _came(whole: Whole) -> dict[str, str] | None:
    """From where an arrival came when it was not this node; None when it was."""
    incoming = deliveries.find_incoming(whole.document.pk) if whole.arrival is not None else None
    return None if incoming is None else {"way": str(Channel(incoming.channel).label), "code": incoming.sender_code}


def _linked(whole: Whole, actor: Actor) -> list[Linked]:
    """The documents this one is tied to, as far as the actor may see them."""
    target = queries.find_answered(actor, whole.document)
    found = [(_("Trả lời văn bản"), target)] if target else []
    found += [(_("Được trả lời bằng"), reply) for reply in whole.replies]
    source = queries.find_source(actor, whole.document)
    found += [(_("Sao từ"), source)] if source else []
    if whole.document.status in _WORTH_GIVING:
        found += [(ALL_TYPES[each.type_code].name, each) for each in queries.list_copies_made(actor, whole.document.pk)]
    return [
        Linked(
            words,
            other.code or _("dự thảo"),
            other.subject,
            reverse("document", args=[other.pk]),
            state_of(other),
            other.type_code in COPIES and (source is None or other.pk != source.pk),
        )
        for words, other in found
    ]


def _reasons(rows: list[Visibility]) -> list[tuple[str, datetime]]:
    return [(str(REASONS.get(row.reason, row.reason)), row.since) for row in rows]


def _return_reason(whole: Whole) -> tuple[str, str] | None:
    """Why the document came back, and who said so."""
    making, arrival, document = whole.making, whole.arrival, whole.document
    if making is not None and document.status == Status.RETURNED:
        return making.return_reason, making.returned_by
    if arrival is not None and document.status == Status.SENT_BACK:
        coded = _(RETURN_REASONS.get(arrival.return_code, ""))
        return ": ".join(part for part in (coded, arrival.return_words) if part), ""
    return None
