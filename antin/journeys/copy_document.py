"""A certified copy of a paper: asked for, permitted, numbered in the series of copies, then sealed or signed on paper.

An electronic copy is the paper with the agency's signature at the top right of page 1, which says what it is and when; a copy on
paper is the paper as it is seen with the copying agency's block under its last words, to be printed, signed and stamped by hand.
An extract is set anew from what the paper says. Law: Decree 30/2020, art. 25 to 27 and Appendix III, forms 3.1 and 3.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.operations import Addressees, CopyFacts
from antin.documents.operations.copying import check_lines
from antin.documents.states import CopyForm, Direction, Status
from antin.documents.types import ALL_TYPES, COPIES
from antin.files import operations as files
from antin.files import queries as kept
from antin.identifiers.text import clean
from antin.journeys import telling
from antin.journeys.seal_jointly import month_words
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.queries import SigningRight
from antin.refusal import Refusal, refuse
from antin.typeset import copy
from antin.typeset.copy import Block, Extract

if TYPE_CHECKING:
    from antin.documents.models import Document

MOST_PASSAGES, LONGEST_EXTRACT = 200, 100_000


class NothingExtracted(Refusal):
    code = "nothing_extracted"
    words = _("Trích sao phải ghi đoạn được trích.")


class ExtractTooLong(Refusal):
    code = "extract_too_long"
    words = _("Phần trích quá dài: nhiều nhất %(passages)d đoạn, %(letters)d chữ. Văn bản cần gần hết thì sao y.")


class NotInThePaper(Refusal):
    code = "not_in_the_paper"
    words = _("Văn bản không có đoạn này, từng chữ một: “%(words)s”. Chép đúng nguyên văn từ văn bản.")


@dataclass(frozen=True)
class Wish:
    """What is asked for. `passages` of an extract are parted by empty lines; `recipients` are lines on a copy on paper."""

    kind: str
    form: CopyForm
    signer_post_id: int
    passages: str = ""
    recipients: tuple[str, ...] = ()
    addressees: Addressees = field(default_factory=Addressees)


def ask(*, source_id: int, wish: Wish, key: str = "", actor: Actor, today: date, at: datetime) -> Document:
    """Lay the copy out and ask whoever may sign copies; when that is the asker himself, it is permitted in the same act.

    :raises NotFound: the paper is not his to see
    :raises NothingExtracted: ExtractTooLong: NotInThePaper: of an extract
    :raises Refusal: as documents.ask_copy
    """
    source = queries.get_for(actor, source_id)
    refuse(policy.why_not_copy(actor, source))
    if wish.kind in COPIES:
        refuse(policy.why_not_this_copy(source, wish.kind, wish.form))
    right = people.get_signing_right(
        agency_id=source.agency_id, post_id=wish.signer_post_id, type_code=wish.kind, on=today
    )
    passages, compared = _passages(source, wish.passages) if wish.kind == "TrS" else ((), True)
    lines = check_lines(wish.recipients) if wish.form == CopyForm.PAPER else ()
    made = _page(source, wish.kind, wish.form, passages=passages, lines=lines, signer=_Signer.of(right), at=at)
    page = files.keep(made, at=at).digest if made is not None else source.file
    facts = CopyFacts(wish.kind, wish.form, wish.signer_post_id, passages, compared, lines, wish.addressees)
    with transaction.atomic(durable=True):
        document = documents.ask_copy(
            source_id=source_id,
            facts=facts,
            source_words=name_of(source),
            file=page,
            pages=kept.page_count(page),
            key=key,
            actor=actor,
            today=today,
            at=at,
        )
        if document.status != Status.ASKED:
            return document
        if right.person_id == actor.person_id and f"P{right.post_id}" in actor.holders:
            return _permit(document.pk, actor, today, at)
        telling.tell(
            "copy.to_permit",
            [f"P{right.post_id}"],
            document.pk,
            actor=actor,
            at=at,
            by=actor.person_name,
            of=name_of(source),
        )
        return document


def permit(*, document_id: int, actor: Actor, today: date, at: datetime) -> Document:
    """Permit the copy and hand it to the registry office. :raises Refusal: as documents.permit_copy"""
    with transaction.atomic(durable=True):
        return _permit(document_id, actor, today, at)


def _permit(document_id: int, actor: Actor, today: date, at: datetime) -> Document:
    document = documents.permit_copy(document_id=document_id, actor=actor, today=today, at=at)
    telling.tell(
        "copy.to_number",
        [f"R{document.agency_id}"],
        document.pk,
        actor=actor,
        at=at,
        by=actor.person_name,
        subject=document.subject,
    )
    return document


def drop(*, document_id: int, reason: str, actor: Actor, at: datetime) -> Document:
    """Let the copy be, and tell who asked for it. :raises Refusal: as documents.drop_copy"""
    with transaction.atomic(durable=True):
        document = documents.drop_copy(document_id=document_id, reason=reason, actor=actor, at=at)
        asked_by = f"P{queries.making_of(document).drafter_post_id}"
        if asked_by not in actor.holders:
            telling.tell(
                "copy.dropped",
                [asked_by],
                document.pk,
                actor=actor,
                at=at,
                by=actor.person_name,
                subject=document.subject,
                words=reason.strip()[:500],
            )
        return document


def hand_out(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Say that a copy on paper was signed, stamped and leaves. :raises Refusal: as documents.hand_out_copy"""
    with transaction.atomic(durable=True):
        document = documents.hand_out_copy(document_id=document_id, actor=actor, at=at)
        telling.tell(
            "document.issued",
            [f"P{queries.making_of(document).drafter_post_id}"],
            document.pk,
            actor=actor,
            at=at,
            code=document.code,
            subject=document.subject,
        )
        return document


def lay_out_numbered(*, document_id: int, at: datetime) -> None:
    """Lay the page of a numbered copy on paper out anew, with its number and date. Repeating it changes nothing."""
    copying = queries.find_copy_to_print(document_id)
    if copying is None:
        return
    document, making = copying.document, copying.document.making
    made = _page(
        copying.source,
        document.type_code,
        CopyForm.PAPER,
        passages=tuple(copying.passages),
        lines=tuple(copying.recipients),
        signer=_Signer(tuple(making.authority_lines), making.signer_name),
        file=copying.source_file,
        numbered=document,
        at=at,
    )
    assert made is not None
    page = files.keep(made, at=at).digest
    documents.keep_copy_page(document_id=document_id, file=page, pages=kept.page_count(page), actor=None, at=at)


def name_of(source: Document) -> str:
    """The paper as a copy names it: type, number, day, issuer. Vietnamese, whatever the reader's language."""
    kind = ALL_TYPES[source.type_code].name if source.type_code in ALL_TYPES else "Văn bản"
    day = f"ngày {source.document_date:%d/%m/%Y}" if source.document_date else ""
    return " ".join(filter(None, (kind, f"số {source.code}" if source.code else "", day, f"của {source.issuer_name}")))


# ---- the page --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Signer:
    """Who signs the copy, as it is printed."""

    authority: tuple[str, ...]
    name: str

    @classmethod
    def of(cls, right: SigningRight) -> _Signer:
        return cls(tuple(right.lines), f"{right.rank} {right.person_name}".strip())


def _page(
    source: Document,
    kind: str,
    form: CopyForm,
    *,
    passages: tuple[str, ...],
    lines: tuple[str, ...],
    signer: _Signer,
    file: str = "",
    numbered: Document | None = None,
    at: datetime,
) -> bytes | None:
    """The copy's page; None where the paper's own file is it, which the agency then signs. Slow: not inside a transaction."""
    title = f"{COPIES[kind].name} {name_of(source)}"
    agency = people.get_agency(source.agency_id)
    block = _block(kind, numbered, lines, signer, source.agency_id) if form == CopyForm.PAPER else None
    if kind == "TrS":
        return copy.lay_out(title=title, author=agency.name, extract=_extract(source, passages), block=block, at=at).pdf
    if block is None:
        return None
    drawn = copy.lay_out(title=title, author=agency.name, block=block, at=at)
    return kept.draw_under(file or source.file, drawn.pdf, down=drawn.down, height=drawn.height)


def _block(kind: str, numbered: Document | None, lines: tuple[str, ...], signer: _Signer, agency_id: int) -> Block:
    agency = people.get_agency(agency_id)
    day = numbered.document_date if numbered else None
    number = numbered.code.partition("/")[0] if numbered else "        "
    return Block(
        form=COPIES[kind].name,
        issuer=agency.name,
        number=number,
        notation=f"{COPIES[kind].abbreviation}-{agency.abbreviation}",
        place_and_day=_dated(agency.place_name, day),
        recipients=[*(f"{line};" for line in lines), "Lưu: VT."],
        authority=signer.authority,
        signer=signer.name,
    )


def _dated(place: str, day: date | None) -> str:
    """Place and date as printed; blank while there is none."""
    when = f"ngày {day:%d} tháng {month_words(day.month)} năm {day:%Y}" if day else "ngày      tháng      năm"
    return f"{place}, {when}" if place else when.capitalize()


def _extract(source: Document, passages: tuple[str, ...]) -> Extract:
    """What the extract shows of the paper; of one that came from elsewhere no more than it is known of it."""
    parent, place, authority, signer = "", "", (), ""
    if source.direction == Direction.OUT:
        plan = queries.plan_of(source)
        parent = plan.agency.parent.name if plan.agency.parent else plan.agency.parent_name
        place, authority, signer = plan.agency.place_name, plan.making.authority_lines, plan.making.signer_name
    elif source.arrival.signer_name:
        signer = source.arrival.signer_name
    return Extract(
        parent=parent,
        issuer=source.issuer_name,
        code=source.code,
        place_and_day=_dated(place, source.document_date),
        type_name=ALL_TYPES[source.type_code].name if source.type_code in ALL_TYPES else "",
        subject=source.subject,
        passages=[passage.split("\n") for passage in passages],
        authority=tuple(authority),
        signer=signer,
    )


# ---- the passages ----------------------------------------------------------------------------------------------------------


def words_of(source: Document) -> str:
    """The paper's own words, from which passages are copied; empty for a scan that nothing was recognised on."""
    return kept.text_of(source.file) or kept.recognised_text(source.file)


def _passages(source: Document, words: str) -> tuple[tuple[str, ...], bool]:
    """The passages of an extract, in the order of the paper, and whether its own text has each of them, word by word."""
    given = [
        "\n".join(line for line in (" ".join(row.split()) for row in part.split("\n")) if line)
        for part in re.split(r"\n\s*\n", clean(words.replace("\r\n", "\n")))
    ]
    passages = [part for part in given if part]
    if not passages:
        raise NothingExtracted()
    if len(passages) > MOST_PASSAGES or sum(map(len, passages)) > LONGEST_EXTRACT:
        raise ExtractTooLong(passages=MOST_PASSAGES, letters=LONGEST_EXTRACT)
    text = kept.text_of(source.file)
    if not text.strip():
        return tuple(passages), False
    whole = _running(text)
    places = [whole.find(_running(part)) for part in passages]
    missing = next((part for part, place in zip(passages, places, strict=True) if place < 0), None)
    if missing is not None:
        raise NotInThePaper(words=missing[:120])
    return tuple(part for _place, part in sorted(zip(places, passages, strict=True), key=lambda pair: pair[0])), True


def _running(text: str) -> str:
    """Words in a row, whatever lines and pages part them; a page's own number is none of them."""
    pages = [re.sub(r"^\s*\d{1,4}\s*\n", "", page) for page in text.split("\f")]
    return " ".join(" ".join(pages).split())
