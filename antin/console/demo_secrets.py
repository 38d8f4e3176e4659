"""The classified part of the demonstration: readers with clearance and keys, recovery officers in three agencies, papers.

Played after the year's traffic, beside the running node, through the same journeys; a step that is refused ends its paper.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from antin.console import demo_words
from antin.documents import queries as papers
from antin.documents.operations import Addressees, DraftFacts
from antin.exchange import queries as exchange
from antin.journal import operations as journal
from antin.journal import queries as written
from antin.journeys import (
    approve_document,
    direct_document,
    draft_document,
    issue_document,
    receive_document,
    recover_secret,
    sealing,
    sign_document,
)
from antin.journeys.draft_document import Save
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.people import operations as people
from antin.people.actor import Actor
from antin.people.queries.posts import PostRow
from antin.people.states import Clearance, Role
from antin.refusal import Refusal
from antin.tasks.operations import Share
from antin.vault import operations as vault
from antin.vault.states import Medium, Use
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.console.demo_traffic import _Play as Play

SUBJECT = ("demonstration", 9_000)
HOUSES = ("TCZ", "A1", "B1")
BASIS = "05/QĐ-TCZ"
ABOUT = "Kế hoạch bảo đảm thông tin phục vụ diễn tập năm 2027"


@dataclass(frozen=True)
class _Paper:
    """One paper of the example: its level, how many days ago it was begun, the last act that is done with it."""

    level: int
    about: str
    days: int
    last: str


PAPERS = (
    _Paper(1, ABOUT, 12, "directed"),
    _Paper(1, "Danh mục trang bị kỹ thuật cần bổ sung", 8, "registered"),
    _Paper(2, "Phương án bảo vệ mạng máy tính dùng riêng", 5, "sealed"),
    _Paper(2, "Tình hình cấp phát, thu hồi khóa mã năm 2026", 2, "submitted"),
    _Paper(1, "Kiểm tra công tác bảo vệ bí mật nhà nước quý IV", 1, "drafted"),
)


def fill_secrets(play: Play, *, pin: str, after: Callable[[datetime, int], datetime]) -> int:
    """Make it once; how many papers were begun."""
    if written.list_for(SUBJECT, limit=1):
        return 0
    readers = {mark: _equip(play, play.agencies[mark], pin) for mark in HOUSES}
    stage = _Stage(play, readers, pin, after)
    journal.record("demonstration.secrets", subject=SUBJECT, actor=None, at=play.at)
    begun = 0
    for number, paper in enumerate(PAPERS):
        with suppress(Refusal):
            begun += _play(stage, paper, random.Random(9_000 + number))
    return begun


@dataclass(frozen=True)
class _Readers:
    """Who reads in one agency: its head, clerk, keeper of the seal, a part's head, an officer of it."""

    head: Actor
    clerk: Actor
    keeper: Actor
    part_head: Actor
    officer: Actor


def _equip(play: Play, agency_id: int, pin: str) -> _Readers:
    """Clear the five for Tối mật, give each his two keys, and name three of them officers of the recovery key."""
    at = play.at - timedelta(days=30)
    rows = [row for row in play.posts(agency_id, workdays.local_date(at)) if play.actor(row, at) is not None]
    clerks = [row for row in rows if row.role == Role.CLERK]
    keeper = next((row for row in clerks if row.keeps_seal), clerks[0])
    parts = [row for row in rows if row.role == Role.HEAD and row.unit_id != agency_id]
    part = next(row for row in parts if any(each.unit_id == row.unit_id for each in play.officers(agency_id, at)))
    chosen: list[PostRow] = [
        next(row for row in rows if row.role == Role.HEAD and row.unit_id == agency_id),
        next((row for row in clerks if row is not keeper), keeper),
        keeper,
        part,
        next(row for row in play.officers(agency_id, at) if row.unit_id == part.unit_id),
    ]
    today = workdays.local_date(play.at)
    for row in {row.id: row for row in chosen}.values():
        assert row.person_id is not None
        actor = play.holder(agency_id, row.id, at)
        if Clearance.values.index(actor.clearance) < Clearance.values.index(Clearance.TOI_MAT):
            people.grant_clearance(
                person_id=row.person_id,
                level=Clearance.TOI_MAT,
                until=today + timedelta(days=500),
                basis=BASIS,
                actor=None,
                at=at,
            )
        play._give_key(row, at)
        actor = play.holder(agency_id, row.id, at)
        if certificates.find_encryption_certificate(row.person_id, at) is None:
            keys.issue_encryption_certificate(pin=pin, actor=actor, at=at)
    readers = _Readers(*(play.holder(agency_id, row.id, at) for row in chosen))
    officers = list(dict.fromkeys(each.person_id for each in (readers.keeper, readers.part_head, readers.officer)))
    recover_secret.establish(officers=officers, decision="12/QĐ-BVBM", actor=readers.head, at=at)
    return readers


@dataclass(frozen=True)
class _Stage:
    """Where it is played: the year's play, who reads, with which PIN, on which clock."""

    play: Play
    readers: dict[str, _Readers]
    pin: str
    after: Callable[[datetime, int], datetime]


def _play(stage: _Stage, paper: _Paper, dice: random.Random) -> int:
    """Play one paper to its last act; each act some hours of work after the one before."""
    play, readers, pin, after = stage.play, stage.readers, stage.pin, stage.after
    top, moment = readers["TCZ"], after(play.at - timedelta(days=paper.days), 30)
    signer = play.signers(play.agencies["TCZ"], "CV", workdays.local_date(moment))[0]
    to = [play.agencies[mark] for mark in HOUSES[1:]]
    save = Save(
        DraftFacts("CV", paper.about, secrecy=paper.level, signer_post_id=signer.id),
        demo_words.body(dice, "CV", paper.about),
        "",
        Addressees(addressed=tuple(to)),
        1,
        f"demonstration{paper.days:019}",
    )

    def when() -> dict[str, Any]:
        nonlocal moment
        moment = min(after(moment, 40), play.at)
        return {"today": workdays.local_date(moment), "at": moment}

    def done(act: Callable[..., Any], by: Actor, *, dated: bool = True, **given: Any) -> None:
        told = when() if dated else {"at": when()["at"]}
        play._keep(lambda: act(document_id=document_id, actor=by, **given, **told), moment)

    document_id = draft_document.begin(save=save, actor=top.officer, **when()).document_id
    if paper.last == "drafted":
        return 1
    done(approve_document.submit, top.officer, pin=pin)
    if paper.last == "submitted":
        return 1
    done(approve_document.endorse, top.part_head, words="Đồng ý, trình ký.", pin=pin)
    done(sign_document.sign_document, top.head, seen_file=papers.get(document_id).file, pin=pin)
    done(issue_document.number_document, top.clerk)
    done(issue_document.seal_document, top.keeper, dated=False, pin=pin)
    _use(papers.get(document_id).classified_id or 0, top, document_id, pin, when()["at"])
    if paper.last == "sealed":
        return 1
    marks = {agency_id: mark for mark, agency_id in play.agencies.items()}
    deliveries = exchange.get_board(top.clerk, document_id).deliveries
    for delivery in deliveries:
        if delivery.arrival_id is None or delivery.agency_id is None:
            continue
        mark, document_id = marks[delivery.agency_id], delivery.arrival_id
        theirs = readers[mark]
        done(receive_document.register, theirs.clerk, pin=pin, present_to=theirs.head.post_id)
        if paper.last == "directed" and mark == "B1":
            shares = [Share(role="lead", unit_id=theirs.part_head.unit_id, days=5)]
            done(direct_document.direct, theirs.head, dated=False, words="Chủ trì, báo cáo.", shares=shares, pin=pin)
    return 1


def _use(classified_id: int, top: _Readers, document_id: int, pin: str, at: datetime) -> None:
    """It is read and printed, and two copies stand in the register, one of which came back."""
    sealing.open_document(document_id=document_id, pin=pin, actor=top.head, at=at)
    sealing.open_document(document_id=document_id, pin=pin, use=Use.PRINTED, actor=top.clerk, at=at)
    copies = [
        vault.give_copy(
            classified_id=classified_id, holder_id=holder.person_id, medium=Medium.PAPER, actor=top.clerk, at=at
        )
        for holder in (top.head, top.part_head)
    ]
    vault.return_copy(copy_id=copies[1].pk, actor=top.clerk, at=at)
