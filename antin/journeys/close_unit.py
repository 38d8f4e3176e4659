"""A unit is closed: what it and its posts have to do goes to the unit that comes after it, or is named and nothing is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import operations as documents
from antin.documents import queries as papers
from antin.estate import operations as estate
from antin.estate import queries as things
from antin.opinions import operations as opinions
from antin.opinions import queries as asked
from antin.people import operations as people
from antin.people import queries
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.tasks import operations as tasks
from antin.tasks import queries as work

if TYPE_CHECKING:
    from antin.people.models import Unit

MOST_NAMED = 8
"""So many open items are named in a refusal; the others are counted."""


class WorkOpen(Refusal):
    code = "close_work_open"
    words = _(
        "%(unit)s còn %(n)s văn bản, công việc chưa xong hoặc thiết bị: %(names)s. Thiết bị về đơn vị kế thừa; công việc, ý "
        "kiến cũng vậy nếu cùng cơ quan; văn bản thì xử lý xong, hoặc tách chức vụ đang giữ sang đơn vị khác trước."
    )


def close(*, unit_id: int, successor_id: int | None = None, decision: str, actor: Actor, at: datetime) -> Unit:
    """Close a unit from today on, with its posts; all or nothing.

    Its estate goes to the successor; so do work given to it or to its posts, opinions asked of them, and the judging of work they
    gave, when that is a part of the same agency. Drafts, documents that wait, and whatever is left are named, and stand in the way.

    :raises WorkOpen: something would be left with nobody
    :raises Refusal: as people.close_unit
    """
    with transaction.atomic(durable=True):
        return carry_out(unit_id=unit_id, successor_id=successor_id, decision=decision, actor=actor, at=at)


def carry_out(*, unit_id: int, successor_id: int | None = None, decision: str = "", actor: Actor, at: datetime) -> Unit:
    """Do it in the caller's transaction. :raises Refusal: as `close`"""
    unit = people.close_unit(unit_id=unit_id, successor_id=successor_id, decision=decision, actor=actor, at=at)
    holders = [f"U{unit.pk}", *(f"P{post.pk}" for post in queries.list_posts_ever(unit.pk))]
    heir = unit.successor
    if heir is not None and not unit.is_agency and heir.agency_id == unit.agency_id:
        works = tasks.inherit(holders=holders, heir_id=heir.pk, words=decision, actor=actor, at=at)
        told = opinions.inherit(holders=holders, heir_id=heir.pk, actor=actor, at=at)
        about = [each.document_id for each in works if each.document_id is not None] + [
            each.document_id for each in told
        ]
        documents.pass_sight(document_ids=about, holders=holders, unit_id=heir.pk, actor=actor, at=at)
    if heir is not None:
        estate.pass_on(unit_id=unit.pk, heir_id=heir.pk, words=decision, actor=actor, at=at)
    n, names = _left(unit, holders)
    if n:
        more = f", … (+{n - len(names)})" if n > len(names) else ""
        raise WorkOpen(unit=unit.name, n=n, names="; ".join(names) + more)
    return unit


def _left(unit: Unit, holders: Sequence[str]) -> tuple[int, list[str]]:
    """What would be left with nobody: how much, and the first of it by name."""
    waiting = papers.list_left(holders, agency_id=unit.pk if unit.is_agency else None)
    names = [each.code or each.subject for each in waiting]
    for task in {each.pk: each for each in (*work.lock_open_of(holders), *work.list_given_by(holders))}.values():
        names.append(task.directive.subject or (task.document.subject if task.document else task.directive.words))
    names += [each.document.subject for each in asked.list_held(holders)]
    names += [f"{each.code} {each.name}" for each in things.list_kept(unit.pk)]
    return len(names), [f"“{each[:80]}”" for each in names[:MOST_NAMED]]
