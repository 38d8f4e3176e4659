"""Opinions on a draft: asked, given, urged and settled, and each is told. Words on a classified draft are sealed with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.documents import policy as rules
from antin.documents import queries as papers
from antin.journeys import sealing, telling
from antin.opinions import operations as opinions
from antin.opinions import policy, queries
from antin.opinions.operations import Asked
from antin.opinions.states import Status, Verdict
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.vault import operations as vault
from antin.vault.operations import Unlocked
from antin.vault.states import Need
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.opinions.models import Comment, Opinion, Round


def ask(
    *,
    document_id: int,
    asked: Sequence[Asked],
    words: str = "",
    in_order: bool = False,
    days: int = 3,
    begun_in: str | None = None,
    pin: str | None = None,
    actor: Actor,
    at: datetime,
) -> Round:
    """Ask about a draft, and tell whose turn it is. Of a classified one those asked become readers, by the drafter's PIN.

    :raises Refusal: as opinions.ask
    :raises NobodyReads: :raises ReaderNotCleared: :raises NoEncryptionCertificate: one of them could not read it
    """
    document = papers.get_for(actor, document_id)
    unlocked = None
    if document.classified_id is not None:
        making = papers.making_of(document)
        refuse(policy.why_not_ask(actor, document, making, queries.find_open(document_id)))
        unlocked = sealing.unlock(document, pin=pin, actor=actor, at=at)
    with transaction.atomic(durable=True):
        if unlocked is not None:
            _let_read(document, unlocked, asked, actor, at)
        said = sealing.conceal(document, "opinions_asked", words, actor=actor, at=at)
        row = opinions.ask(
            document_id=document_id,
            asked=asked,
            words=said,
            in_order=in_order,
            days=days,
            begun_in=begun_in,
            actor=actor,
            at=at,
        )
        _tell_asked(document, actor, at)
    return row


def _let_read(document: Document, unlocked: Unlocked, asked: Sequence[Asked], actor: Actor, at: datetime) -> None:
    """Who is asked becomes a reader: the holder of the post, or of the post that heads the unit."""
    today = workdays.local_date(at)
    persons: dict[int, str] = {}
    for each in asked:
        post_id = each.post_id or people.get_head_post(each.unit_id or 0, today).pk
        persons |= sealing.reader_in(post_id, Need.REVIEWER, level=document.secrecy, on=today)
    vault.let_read(unlocked=unlocked, persons=persons, actor=actor, at=at)


def _tell_asked(document: Document, actor: Actor, at: datetime) -> None:
    """Tell whom it was just his turn to be asked."""
    fresh = [each for each in queries.list_rounds(document.pk).awaited if each.asked_at == at]
    for each in (each for each in fresh if each.due_at is not None):
        telling.tell(
            "opinion.asked",
            [each.holder],
            document.pk,
            actor=actor,
            at=at,
            key=f"opinion:{each.pk}",
            subject=document.subject,
            by=papers.making_of(document).drafter_name,
            day=f"{workdays.local_date(each.due_at or at):%d/%m}",
        )


def answer(*, opinion_id: int, verdict: str, words: str, actor: Actor, at: datetime) -> Opinion:
    """Give an opinion, and tell the drafter; in order, the next is asked. :raises Refusal: as opinions.answer"""
    with transaction.atomic(durable=True):
        before = queries.get_for(actor, opinion_id)
        refuse(policy.why_not_answer(actor, before))
        document = papers.get(before.document_id)
        said = sealing.conceal(document, "opinion", words, actor=actor, at=at)
        opinion = opinions.answer(opinion_id=opinion_id, verdict=verdict, words=said, actor=actor, at=at)
        _tell_drafter("opinion.given", document, opinion, actor, at, what=str(Verdict(opinion.verdict).label))
        _tell_asked(document, actor, at)
    return opinion


def _tell_drafter(kind: str, document: Document, opinion: Opinion, actor: Actor, at: datetime, **facts: str) -> None:
    making = papers.making_of(document)
    told = {"subject": document.subject, "by": opinion.name, **facts}
    telling.tell(kind, [f"P{making.drafter_post_id}"], document.pk, actor=actor, at=at, **told)


def urge(*, opinion_id: int, actor: Actor, at: datetime) -> Opinion:
    """Urge who was asked. :raises Refusal: as opinions.urge"""
    with transaction.atomic(durable=True):
        queries.get_for(actor, opinion_id)
        opinion = opinions.urge(opinion_id=opinion_id, actor=actor, at=at)
        document = papers.get(opinion.document_id)
        told = {"subject": document.subject, "by": actor.person_name}
        telling.tell("opinion.urged", [opinion.holder], document.pk, actor=actor, at=at, **told)
    return opinion


def urge_late(*, document_id: int, actor: Actor, at: datetime) -> int:
    """Urge everybody whose opinion on a draft is late and who was not urged today; give their number."""
    papers.get_for(actor, document_id)
    late = [
        each
        for each in queries.list_rounds(document_id).opinions
        if each.status == Status.ASKED
        and queries.is_late(each, at)
        and not (each.urged_at and workdays.local_date(each.urged_at) == workdays.local_date(at))
    ]
    for each in late:
        urge(opinion_id=each.pk, actor=actor, at=at)
    return len(late)


def settle(*, opinion_id: int, settlement: str, words: str, actor: Actor, at: datetime) -> Opinion:
    """Say what was made of an opinion, and tell who gave it. :raises Refusal: as opinions.settle"""
    with transaction.atomic(durable=True):
        before = queries.get_for(actor, opinion_id)
        document = papers.get(before.document_id)
        refuse(policy.why_not_settle(actor, document, papers.making_of(document), before))
        said = sealing.conceal(document, "opinion_settled", words, actor=actor, at=at)
        opinion = opinions.settle(opinion_id=opinion_id, settlement=settlement, words=said, actor=actor, at=at)
        told = {"subject": document.subject, "by": actor.person_name, "what": opinion.get_settlement_display()}
        telling.tell("opinion.settled", [opinion.holder], document.pk, actor=actor, at=at, **told)
    return opinion


def comment(*, document_id: int, line: int, quote: str, words: str, actor: Actor, at: datetime) -> Comment:
    """Comment on a passage, and tell the drafter. :raises Refusal: as opinions.comment"""
    with transaction.atomic(durable=True):
        row = opinions.comment(document_id=document_id, line=line, quote=quote, words=words, actor=actor, at=at)
        document = papers.get(document_id)
        drafter = papers.making_of(document).drafter_post_id
        if drafter != actor.post_id:
            told = {"subject": document.subject, "by": actor.person_name}
            telling.tell("opinion.commented", [f"P{drafter}"], document_id, actor=actor, at=at, **told)
    return row


def why_not_consulted(document: Document) -> None:
    """Refuse to hand on or to issue a normative document before its consultation is over. :raises NotConsulted:"""
    rounds = queries.list_rounds(document.pk)
    kept = papers.find_drafting_file(document.pk)
    consulted = (
        bool(rounds.rows) and not rounds.awaited and all(row.closed_at is not None for row, _opinions in rounds.rows)
    )
    refuse(rules.why_not_consulted(document, consulted=consulted, unconsulted=kept.unconsulted if kept else ""))


def why_not_submit(document_id: int) -> None:
    """Refuse to hand on a draft whose opinions are awaited or unanswered.

    :raises OpinionsAwaited: :raises OpinionsUnsettled:
    """
    rounds = queries.list_rounds(document_id)
    awaited = [each.name for each in rounds.awaited]
    refuse(policy.why_not_submit(awaited, [each.name for each in rounds.unsettled]))
