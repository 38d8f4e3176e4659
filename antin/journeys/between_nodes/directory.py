"""The directory of nodes and the one of outside agencies agree: who serves whom today, and which way leads there."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.correspondents import operations as correspondents
from antin.correspondents import queries as directory
from antin.correspondents.states import Channel, Source
from antin.exchange import queries as deliveries
from antin.journeys import move_books, sealing_abroad
from antin.journeys.between_nodes.hearing import fail
from antin.nodes import operations as nodes
from antin.nodes import policy
from antin.nodes import queries as members
from antin.nodes.directory import OldEdition
from antin.nodes.parcels import Letter, NotAParcel
from antin.nodes.states import Standing

if TYPE_CHECKING:
    from antin.nodes.models import Received


def take_directory(received: Received, letter: Letter, at: datetime) -> None:
    try:
        edition = base64.b64decode(letter.manifest.told["edition"], validate=True)
    except (KeyError, TypeError, ValueError) as trouble:
        raise NotAParcel() from trouble
    try:
        take_edition(content=edition, at=at)
    except OldEdition as no:
        if no.facts["version"] == no.facts["held"]:
            raise
        # true, and overtaken on its way by a newer one: nothing is left to do
    with transaction.atomic(durable=True):
        nodes.settle(received_id=received.pk, files_kept=[], actor=None, at=at)


def take_edition(*, content: bytes, at: datetime) -> None:
    """Put an edition into force, and let the directory of outside agencies agree with it. :raises Refusal: as nodes.take_edition"""
    with transaction.atomic(durable=True):
        nodes.take_edition(content=content, actor=None, at=at)
    list_agencies(at=at)


def list_agencies(*, at: datetime) -> None:
    """Let the directory of outside agencies say of every agency of a member that it is reached there. Repeatable.

    An agency that went over to another member goes on under the way that leads there today; one that nobody serves is closed.
    """
    identity = members.find_identity()
    if identity is None:
        return
    by_hand = {member.pk for member in members.list_partners("file")}
    for member in members.list_partners():
        channel = Channel.FILE if member.pk in by_hand else Channel.NODE
        for code, name in sorted(member.agencies.items()):
            with transaction.atomic(durable=True):
                _list_agency(code, name, channel, member.code, at)
    _close_gone(identity.code, at)
    move_books.await_books(at=at)
    _free_stopped(at)


def _free_stopped(at: datetime) -> None:
    """What was on its way to a node when that was expelled goes after its agency, or has failed. Repeatable."""
    gone = {row.code: row for row in members.list_members() if row.standing == Standing.EXPELLED}
    for delivery in deliveries.list_on_the_way(list(gone)):
        if members.is_stopped(gone[delivery.line], delivery.reference):
            no = policy.Expelled(code=delivery.line)
            fail(delivery, no.code, no.message, at)


def keep_directory(*, at: datetime) -> None:
    """Finish what a crash cut short: an edition not published or not sent, agencies not listed. Run by the clock."""
    identity = members.find_identity()
    if identity is None:
        return
    nodes.publish(actor=None, at=at)
    nodes.send_edition(at=at)
    list_agencies(at=at)
    sealing_abroad.publish(at=at)


def _list_agency(code: str, name: str, channel: Channel, line: str, at: datetime) -> None:
    found = directory.find_by_code(code)
    if found is None:
        correspondents.enter(code=code, name=name, channel=channel, line=line, source=Source.NODE, actor=None, at=at)
        return
    if found.source != Source.NODE:
        return
    if found.closed_at is not None:
        found = correspondents.open_again(correspondent_id=found.pk, channel=channel, line=line, actor=None, at=at)
    if (found.name, found.channel, found.line) != (name, channel, line):
        correspondents.change(correspondent_id=found.pk, name=name, channel=channel, line=line, actor=None, at=at)


def _close_gone(own: str, at: datetime) -> None:
    served = {code for member in members.list_partners() for code in member.agencies}
    for row in directory.list_from(Source.NODE):
        if row.code not in served and row.closed_at is None:
            with transaction.atomic(durable=True):
                correspondents.close(correspondent_id=row.pk, actor=None, at=at)
