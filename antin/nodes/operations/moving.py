"""Books of an agency that go from one node to another: closed for whom, what was told, what came, what was answered."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from antin.journal import operations as journal
from antin.nodes import policy, queries
from antin.nodes.books import GIVEN_BACK, TAKEN, Answer, Books
from antin.nodes.models import BookMove
from antin.nodes.states import Moving, step_move
from antin.people.actor import Actor
from antin.refusal import refuse


def _record(event: str, row: BookMove, actor: Actor | None, at: datetime, **facts: Any) -> None:
    told = {"agency": row.agency, "node": row.member.code, "move": row.move} | facts
    journal.record(event, subject=("bookmove", row.pk), actor=actor, at=at, **told)


def _by(actor: Actor | None) -> str:
    return f"{actor.person_name}, {actor.post_title}"[:200] if actor else ""


@transaction.atomic
def begin_move(*, agency: str, agency_name: str, to: str, actor: Actor | None, at: datetime) -> BookMove:
    """Name a move of an agency's books to the node that serves it, or is to. The caller closes the books in the same transaction.

    :raises NotAllowed: :raises NoIdentity: :raises NoSuchMember: :raises Expelled: :raises TakesNoBooks:
    :raises NotItsBooks: the directory gives the agency neither to us, nor to that node after us :raises MoveUnderWay:
    """
    refuse(policy.why_not_run(actor))
    identity = queries.lock_identity()
    own, member = identity.code, queries.get_member(to)
    refuse(policy.why_not_move_to(member))
    if to == own or not queries.may_leave(agency, own=own, to=to):
        raise policy.NotItsBooks(agency=agency, node=own, to=to)
    open_one = queries.find_open_move(agency)
    if open_one is not None:
        raise policy.MoveUnderWay(agency=agency, to=open_one.member.code)
    row = BookMove.objects.create(
        move=secrets.token_hex(16),
        inward=False,
        member=member,
        agency=agency,
        agency_name=agency_name[:300],
        status=Moving.CLOSED,
        edition=identity.version,
        told_at=at,
        by=_by(actor),
        made_at=at,
    )
    _record("bookmove.closed", row, actor, at)
    return row


@transaction.atomic
def keep_statement(*, move_id: int, statement: str, books: Books, actor: Actor | None, at: datetime) -> BookMove:
    """Keep what was said and signed of books that were closed: once, whatever is signed again after a crash."""
    row = queries.lock_move(move_id)
    if not row.statement:
        row.statement, row.registers = statement, [each.__dict__ for each in books.registers]
        row.totals = books.totals()
        row.save(update_fields=["statement", "registers", "totals"])
        _record("bookmove.told", row, actor, at, statement=statement, **row.totals)
    return row


@transaction.atomic
def receive_move(*, code: str, books: Books, statement: str, actor: Actor | None, at: datetime) -> BookMove:
    """Keep that books of an agency have come from a member, to be looked at and taken in. The same again changes nothing.

    :raises AnotherMove: the same move with another statement, or by another member
    """
    member = queries.lock_member(code)
    row = queries.find_move(books.move)
    if row is not None:
        if not row.inward or row.member_id != member.pk or row.statement != statement:
            raise policy.AnotherMove()
        return row
    row = BookMove.objects.create(
        move=books.move,
        inward=True,
        member=member,
        agency=books.agency,
        agency_name=books.name,
        status=Moving.ARRIVED,
        edition=books.edition,
        told_at=books.at,
        statement=statement,
        registers=[each.__dict__ for each in books.registers],
        totals=books.totals(),
        made_at=at,
    )
    _record("bookmove.arrived", row, actor, at, statement=statement, **row.totals)
    return row


@transaction.atomic
def take_move(*, move_id: int, since: int, taken: Mapping[str, Any], actor: Actor | None, at: datetime) -> BookMove:
    """Note that the books were taken in, with what that did, in the transaction that did it. :raises WrongState:"""
    row = queries.lock_move(move_id)
    row.status = step_move("take", row.status)
    row.since, row.taken, row.settled_at, row.by = since, dict(taken), at, _by(actor)
    row.save(update_fields=["status", "since", "taken", "settled_at", "by"])
    _record("bookmove.taken", row, actor, at, made=taken["made"], changed=taken["changed"])
    return row


@transaction.atomic
def give_move_back(*, move_id: int, reason: str, actor: Actor | None, at: datetime) -> BookMove:
    """Note that books that came will not be taken in, or were and are no more. :raises NotAllowed: :raises WrongState:"""
    refuse(policy.why_not_run(actor))
    row = queries.lock_move(move_id)
    row.status = step_move("give_back", row.status)
    row.reason, row.settled_at, row.by = reason[:500], at, _by(actor)
    row.save(update_fields=["status", "reason", "settled_at", "by"])
    _record("bookmove.given_back", row, actor, at, reason=row.reason)
    return row


@transaction.atomic
def waive_move(*, agency: str, agency_name: str, reason: str, actor: Actor | None, at: datetime) -> BookMove:
    """Note that an agency's books are opened here though nothing came: the node that kept them is gone for good.

    :raises NotAllowed: :raises NoIdentity: :raises NothingAwaited: the directory knows no node that kept them before
    """
    refuse(policy.why_not_run(actor))
    identity = queries.lock_identity()
    own = queries.get_member(identity.code)
    before = own.formers.get(agency) if agency in own.agencies else None
    if before is None or queries.is_settled(agency, before["since"]):
        raise policy.NothingAwaited(agency=agency)
    row = BookMove.objects.create(
        move=secrets.token_hex(16),
        inward=True,
        member=queries.get_member(before["node"]),
        agency=agency,
        agency_name=agency_name[:300],
        status=Moving.WAIVED,
        since=before["since"],
        edition=identity.version,
        told_at=at,
        reason=reason[:500],
        by=_by(actor),
        made_at=at,
        settled_at=at,
    )
    _record("bookmove.waived", row, actor, at, reason=row.reason)
    return row


@transaction.atomic
def keep_answer(*, code: str, answer: Answer, der: bytes, actor: Actor | None, at: datetime) -> BookMove | None:
    """Note what a member said became of books we sent it; the same, or an older one, again changes nothing: None.

    :raises AnotherMove: it speaks of none that we sent it
    """
    member = queries.lock_member(code)
    row = queries.find_move(answer.move)
    if row is None or row.inward or (row.member_id, row.agency) != (member.pk, answer.agency):
        raise policy.AnotherMove()
    row = queries.lock_move(row.pk)
    if row.statement != answer.statement:
        raise policy.AnotherMove()
    said = {TAKEN: Moving.CONFIRMED, GIVEN_BACK: Moving.RETURNED}[answer.said]
    if (
        row.status == said
        or (said == Moving.CONFIRMED and row.status != Moving.CLOSED)
        or row.status == Moving.REOPENED
    ):
        return None
    row.status = step_move("confirm" if answer.said == TAKEN else "return", row.status)
    row.answer, row.reason, row.settled_at = der, answer.reason, at
    row.save(update_fields=["status", "answer", "reason", "settled_at"])
    event = "bookmove.confirmed" if answer.said == TAKEN else "bookmove.returned"
    _record(event, row, actor, at, reason=answer.reason)
    return row


@transaction.atomic
def remember_move(*, code: str, agency_name: str, answer: Answer, actor: Actor | None, at: datetime) -> BookMove:
    """Note a move that this node has forgotten, restored from its backup, as the other node's answer tells it."""
    row = BookMove.objects.create(
        move=answer.move,
        inward=False,
        member=queries.get_member(code),
        agency=answer.agency,
        agency_name=agency_name[:300],
        status=Moving.CLOSED,
        edition=queries.lock_identity().version,
        told_at=answer.at,
        statement=answer.statement,
        made_at=at,
    )
    _record("bookmove.remembered", row, actor, at, statement=answer.statement)
    return row


@transaction.atomic
def reopen_move(*, move_id: int, actor: Actor | None, at: datetime) -> BookMove:
    """Note that books are opened again here: the node that was to take them signed that it has not.

    :raises NotAllowed: :raises WrongState: without that answer
    """
    refuse(policy.why_not_run(actor))
    row = queries.lock_move(move_id)
    row.status = step_move("reopen", row.status)
    row.save(update_fields=["status"])
    _record("bookmove.reopened", row, actor, at)
    return row
