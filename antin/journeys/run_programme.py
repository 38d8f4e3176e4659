"""A programme becomes work: its entries are given to the units that they name, and each piece knows where it came from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.journeys import direct_document, telling
from antin.notices import operations as notices
from antin.people import queries as people
from antin.people.actor import Actor
from antin.programmes import operations as programmes
from antin.programmes import policy, queries
from antin.refusal import Refusal, refuse
from antin.tasks import operations as tasks
from antin.tasks.operations import Share
from antin.tasks.states import Origin, Role
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.programmes.models import Programme, Version
    from antin.tasks.models import Directive


def entrust(*, programme_id: int, item: str, actor: Actor, at: datetime) -> Directive:
    """Give the work of one entry to the units it names, by the day it names.

    :raises Refusal: as programmes.item_to_give and tasks.give
    """
    with transaction.atomic(durable=True):
        programme, _part, entry = programmes.item_to_give(programme_id=programme_id, item=item, actor=actor, at=at)
        due_at = workdays.end_of_working_day(entry.due) if entry.due else None
        joins = [number for number in entry.join_ids if number != entry.unit_id]
        shares = [
            Share(Role.LEAD, unit_id=entry.unit_id, due_at=due_at),
            *(Share(Role.JOIN, unit_id=number, due_at=due_at) for number in joins),
        ]
        directive = tasks.give(
            document_id=None,
            title=entry.title,
            words=entry.words,
            shares=shares,
            origin=Origin.PLAN,
            priority=entry.priority,
            evidence=entry.evidence,
            actor=actor,
            at=at,
        )
        programmes.note_entrusted(programme_id=programme.pk, item=item, directive_id=directive.pk, actor=actor, at=at)
        direct_document.tell_named(None, directive, actor, at)
    return directive


def entrust_all(*, programme_id: int, actor: Actor, at: datetime) -> tuple[int, dict[str, Refusal]]:
    """Give every entry that has not become work yet, each by itself; how many were given, and what was refused by its title.

    :raises Refusal: the actor may give none
    """
    programme = queries.get_for(actor, programme_id)
    version = queries.find_in_force(programme_id)
    refuse(policy.why_not_entrust(actor, programme, version))
    given, done = queries.given_of(programme), 0
    refused: dict[str, Refusal] = {}
    for part in queries.content_of(version).parts:
        for entry in part.items:
            if entry.key in given:
                continue
            try:
                entrust(programme_id=programme_id, item=entry.key, actor=actor, at=at)
            except Refusal as no:
                refused[entry.title] = no
            else:
                done += 1
    return done, refused


def submit(*, programme_id: int, actor: Actor, at: datetime) -> Version:
    """Submit the version in hand, and tell who approves it. :raises Refusal: as programmes.submit"""
    with transaction.atomic(durable=True):
        version = programmes.submit(programme_id=programme_id, actor=actor, at=at)
        _tell("programme.submitted", f"U{version.programme.unit_id}", version.programme, actor, at)
    return version


def approve(*, programme_id: int, words: str = "", actor: Actor, at: datetime) -> Version:
    """Approve the version in hand; the unit that wrote it, and those it names, hear of it. :raises Refusal: as there"""
    with transaction.atomic(durable=True):
        version = programmes.approve(programme_id=programme_id, words=words, actor=actor, at=at)
        units = queries.content_of(version).unit_ids | {version.programme.made_in_id}
        for number in sorted(people.list_units(sorted(units))):
            _tell(
                "programme.approved",
                f"U{number}",
                version.programme,
                actor,
                at,
                key=f"p{programme_id}v{version.number}",
            )
    return version


def send_back(*, programme_id: int, reason: str, actor: Actor, at: datetime) -> Version:
    """Send a submitted version back, and tell the unit that writes it why. :raises Refusal: as programmes.send_back"""
    with transaction.atomic(durable=True):
        version = programmes.send_back(programme_id=programme_id, reason=reason, actor=actor, at=at)
        _tell("programme.sent_back", f"U{version.programme.made_in_id}", version.programme, actor, at, words=reason)
    return version


def _tell(
    kind: str, holder: str, programme: Programme, actor: Actor, at: datetime, *, key: str = "", **facts: str
) -> None:
    told = {"subject": programme.title, "by": f"{actor.person_name}, {actor.post_title}", **facts}
    notices.tell_many(
        [
            notices.News(
                holders=[holder],
                kind=kind,
                words=telling.WORDS[kind],
                subject=("programme", programme.pk),
                facts=told,
                link=f"/programmes/{programme.pk}",
                key=key,
            )
        ],
        actor=actor,
        at=at,
    )
