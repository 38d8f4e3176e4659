"""A post handed over: gathered from the rooms, fixed, signed by both in their order, devices passed, secrets said, withdrawn."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from antin.files import queries as files
from antin.files.models import File
from antin.handovers import operations, queries
from antin.handovers.models import PostHandOver
from antin.handovers.operations import BasisMissing, HandedOverAlready, PostNotHeld, ReasonMissing, ToHimself
from antin.handovers.policy import GiverFirst, NotAParty, NotForHandOver, SignedBySide, SignedHere
from antin.journal.models import Record
from antin.journeys import ask_opinions, hand_over_post
from antin.keys import operations as issuing
from antin.keys import queries as keys
from antin.keys.policy import WrongPin
from antin.opinions.operations import Asked
from antin.people.models import Appointment
from antin.refusal import NotFound, WrongState
from antin.signing import operations as signing
from tests import given, paper
from tests.cast import TODAY, Cast, Member
from tests.paper import PIN
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def begin(
    cast: Cast, at: datetime, giver: Member, taker: Member, by: Member | None = None, **more: Any
) -> PostHandOver:
    told = {"vacant": False, "from_date": date(2026, 12, 1), "basis": "QĐ 15/QĐ-TCZ", "words": "Chìa khóa tủ\nSổ giấy"}
    return operations.begin(
        post_id=giver.post_id,
        taker_id=taker.person_id,
        **(told | more),
        actor=(by or giver).actor(),
        today=TODAY,
        at=at,
    )


def test_what_is_open_is_gathered_fixed_and_signed_by_both(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    given.a_draft(cast, at)
    given.a_submitted_draft(cast, at)
    giver, taker = cast.plan_officer, cast.plan_head
    own_key(giver, at)
    own_key(taker, at)
    act = begin(cast, at, giver, taker)
    kinds = [(each.kind, each.remark) for each in hand_over_post.look(act, at)]
    assert kinds == [
        ("waiting", "theo chức vụ, người giữ chức vụ làm tiếp"),
        ("draft", "theo chức vụ, người giữ chức vụ làm tiếp"),
    ]
    act = hand_over_post.fix(act_id=act.pk, actor=giver.actor(), at=at)
    assert (act.status, len(queries.list_items(act.pk))) == ("fixed", 2)
    assert act.file_id is not None
    told = files.text_of(act.file_id)
    for words in ("BIÊN BẢN", "Bàn giao chức vụ", giver.name, taker.name, "Chìa khóa tủ", given.SUBJECT[:20]):
        assert words in told
    refused(GiverFirst, lambda: hand_over_post.sign(act_id=act.pk, pin=PIN, actor=taker.actor(), at=at))
    with pytest.raises(NotFound):
        hand_over_post.sign(act_id=act.pk, pin=PIN, actor=cast.technique_head.actor(), at=at)
    with pytest.raises(WrongPin):
        hand_over_post.sign(act_id=act.pk, pin="000000", actor=giver.actor(), at=at)
    signed = hand_over_post.sign(act_id=act.pk, pin=PIN, actor=giver.actor(), at=at)
    assert (signed.status, bool(signed.giver_signed), signed.taker_signed) == ("fixed", True, "")
    refused(SignedHere, lambda: hand_over_post.sign(act_id=act.pk, pin=PIN, actor=giver.actor(), at=at))
    refused(SignedBySide, lambda: operations.reopen(act_id=act.pk, actor=giver.actor(), at=at))
    done = hand_over_post.sign(act_id=act.pk, pin=PIN, actor=taker.actor(), at=at)
    assert (done.status, done.taker_signed_at) == ("done", at)
    report = signing.examine(content=files.read(done.taker_signed), at=at)
    assert report is not None
    for subject in (("post_hand_over", act.pk), ("person", giver.person_id), ("person", taker.person_id)):
        told_of = Record.objects.filter(
            subject_kind=subject[0], subject_id=subject[1], event__startswith="post_hand_over"
        )
        assert [each.event.partition(".")[2] for each in told_of.order_by("id")] == ["begun", "fixed", "given", "done"]


def test_opinions_that_are_asked_of_the_post_are_on_the_list(cast: Cast, at: datetime) -> None:
    draft = given.a_draft(cast, at)
    asked = [Asked(post_id=cast.office_head.post_id), Asked(post_id=cast.plan_head.post_id)]
    ask_opinions.ask(
        document_id=draft.pk, asked=asked, words="", in_order=True, days=3, actor=cast.plan_officer.actor(), at=at
    )
    now = hand_over_post.look(begin(cast, at, cast.office_head, cast.deputy), at)
    later = hand_over_post.look(begin(cast, at, cast.plan_head, cast.deputy), at)
    assert [(each.kind, each.subject_id, "hạn" in each.name) for each in now] == [("opinion", draft.pk, True)]
    assert [(each.kind, each.subject_id, "hạn" in each.name) for each in later] == [("opinion", draft.pk, False)]
    assert now[0].remark == "theo chức vụ, người giữ chức vụ làm tiếp"


def test_devices_change_hands_with_the_signatures(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    giver, taker = cast.seal_keeper, cast.clerk
    seal = keys.list_seals(agency_id=cast.agency_id)[0]
    for each in (giver, taker):
        own_key(each, at)
    act = begin(cast, at, giver, taker)
    hand_over_post.fix(act_id=act.pk, actor=giver.actor(), at=at)
    hand_over_post.sign(act_id=act.pk, pin=PIN, actor=giver.actor(), at=at)
    assert [each.basis for each in keys.list_offers_to(taker.person_id)] == [hand_over_post.name_of(act)]
    hand_over_post.sign(act_id=act.pk, pin=PIN, actor=taker.actor(), at=at)
    assert [each.pk for each in keys.list_devices_kept_by(taker.person_id)] == [seal.device.pk]
    assert [each.remark for each in queries.list_items(act.pk) if each.kind == "device"] == [
        "đã nhận theo biên bản này"
    ]


def own_key(member: Member, at: datetime) -> None:
    issuing.issue_person_certificate(person_id=member.person_id, post_id=member.post_id, pin=PIN, actor=None, at=at)


def test_a_withdrawn_hand_over_leaves_devices_where_they_are(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    giver, taker = cast.seal_keeper, cast.clerk
    seal = keys.list_seals(agency_id=cast.agency_id)[0]
    own_key(giver, at)
    act = begin(cast, at, giver, taker, by=cast.administrator, vacant=True)
    hand_over_post.fix(act_id=act.pk, actor=cast.administrator.actor(), at=at)
    assert "giữ tạm" in files.text_of(queries.get_for(giver.actor(), act.pk).file_id or "")
    hand_over_post.sign(act_id=act.pk, pin=PIN, actor=giver.actor(), at=at)
    gone = {"act_id": act.pk, "actor": giver.actor(), "at": at}
    refused(ReasonMissing, lambda: hand_over_post.withdraw(reason=" ", **gone))
    assert hand_over_post.withdraw(reason="Hoãn điều động", **gone).status == "withdrawn"
    assert keys.list_offers_to(taker.person_id) == []
    assert [each.pk for each in keys.list_devices_kept_by(giver.person_id)] == [seal.device.pk]
    refused(WrongState, lambda: hand_over_post.sign(act_id=act.pk, pin=PIN, actor=taker.actor(), at=at))
    assert begin(cast, at, giver, taker).status == "open", "another may be begun"


def test_who_begins_and_what_is_refused(cast: Cast, at: datetime) -> None:
    giver, taker = cast.plan_officer, cast.plan_head
    refused(NotForHandOver, lambda: begin(cast, at, giver, taker, by=taker))
    refused(ToHimself, lambda: begin(cast, at, giver, giver))
    refused(BasisMissing, lambda: begin(cast, at, giver, taker, basis=" "))
    act = begin(cast, at, giver, taker, by=cast.administrator)
    refused(HandedOverAlready, lambda: begin(cast, at, giver, taker))
    with pytest.raises(NotFound):
        queries.get_for(cast.technique_head.actor(), act.pk)
    refused(WrongState, lambda: hand_over_post.sign(act_id=act.pk, pin=PIN, actor=giver.actor(), at=at))
    refused(NotAParty, lambda: hand_over_post.sign(act_id=act.pk, pin=PIN, actor=cast.administrator.actor(), at=at))
    hand_over_post.fix(act_id=act.pk, actor=giver.actor(), at=at)
    assert operations.reopen(act_id=act.pk, actor=giver.actor(), at=at).file_id is None
    Appointment.objects.filter(post_id=cast.technique_officer.post_id).delete()
    refused(PostNotHeld, lambda: begin(cast, at, cast.technique_officer, taker, by=cast.administrator))


def test_minutes_outlive_a_file_that_was_brought_and_not_signed(cast: Cast, at: datetime) -> None:
    giver = cast.plan_officer
    act = hand_over_post.fix(act_id=begin(cast, at, giver, cast.plan_head).pk, actor=giver.actor(), at=at)
    brought = hand_over_post.bring(act_id=act.pk, actor=giver.actor(), at=at)
    assert hand_over_post.bring(act_id=act.pk, actor=giver.actor(), at=at) == brought
    signing.forget_file(file_id=brought, actor=giver.actor(), at=at)
    assert File.objects.filter(pk=act.file_id).exists()
    assert files.read(act.file_id or "")[:5] == b"%PDF-"
