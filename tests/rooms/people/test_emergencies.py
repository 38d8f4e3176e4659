"""Breaking the glass: who may, what it gives and does not give, and the look at it afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from antin.journal.models import Record
from antin.journeys import emergency as journey
from antin.notices import queries as notices
from antin.people import operations, queries
from antin.people.models import Emergency
from antin.people.operations import AlreadyEnded, OneEmergencyAtATime, ReasonTooShort
from antin.people.queries import PostNotHeld
from antin.refusal import NotAllowed, WrongState
from tests.cast import Cast, Member
from tests.unchanged import refused

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
REASON = "Công điện hỏa tốc phải vào sổ ngay, văn thư đi viện"


def take_over(member: Member, post_id: int, reason: str = REASON) -> Emergency:
    return journey.open_emergency(post_id=post_id, reason=reason, actor=member.actor(), at=AT)


def test_a_colleague_takes_the_post_over_until_the_end_of_tomorrow(cast: Cast) -> None:
    made = take_over(cast.deputy, cast.clerk.post_id)
    person_id, post_id = cast.deputy.person_id, cast.clerk.post_id
    acting = queries.get_actor(person_id=person_id, post_id=post_id, on=TODAY)
    assert acting.on_behalf == "Nhân viên văn thư Phạm Thu Dung (khẩn cấp)"
    assert queries.get_actor(person_id=person_id, post_id=post_id, on=TODAY + timedelta(days=1))
    with pytest.raises(PostNotHeld):
        queries.get_actor(person_id=person_id, post_id=post_id, on=TODAY + timedelta(days=2))
    assert (made.review_by, made.reason) == (date(2026, 11, 27), REASON)
    assert Record.objects.filter(event="post.emergency_opened", subject_id=post_id).count() == 1


def test_it_gives_no_seal(cast: Cast) -> None:
    [keeper] = queries.list_seal_keepers(cast.agency_id, TODAY)
    take_over(cast.deputy, keeper.id)
    assert not queries.get_actor(person_id=cast.deputy.person_id, post_id=keeper.id, on=TODAY).keeps_seal


def test_who_must_know_is_told_at_once(cast: Cast) -> None:
    take_over(cast.deputy, cast.clerk.post_id)
    for member in (cast.clerk, cast.head, cast.administrator):
        [told] = [each for each in notices.list_for(member.actor()) if each.kind == "post.emergency"]
        assert REASON in told.text
    assert [each for each in notices.list_for(cast.deputy.actor()) if each.kind == "post.emergency"] == []


def test_not_every_post_may_be_taken_and_not_without_a_reason(cast: Cast) -> None:
    refused(NotAllowed, lambda: take_over(cast.deputy, cast.administrator.post_id))
    refused(NotAllowed, lambda: take_over(cast.administrator, cast.clerk.post_id))
    refused(NotAllowed, lambda: take_over(cast.deputy, cast.deputy.post_id))
    refused(NotAllowed, lambda: take_over(cast.deputy, cast.recipient_clerk.post_id))
    refused(NotAllowed, lambda: take_over(cast.technique_officer, cast.clerk.post_id))
    refused(ReasonTooShort, lambda: take_over(cast.deputy, cast.clerk.post_id, "gấp"))
    take_over(cast.deputy, cast.clerk.post_id)
    refused(OneEmergencyAtATime, lambda: take_over(cast.deputy, cast.technique_officer.post_id))


def test_it_is_given_back_early_by_its_taker_or_the_head(cast: Cast) -> None:
    made = take_over(cast.deputy, cast.clerk.post_id)
    refused(NotAllowed, lambda: operations.end_emergency(emergency_id=made.pk, actor=cast.clerk.actor(), at=AT))
    operations.end_emergency(emergency_id=made.pk, actor=cast.head.actor(), at=AT)
    with pytest.raises(PostNotHeld):
        queries.get_actor(person_id=cast.deputy.person_id, post_id=cast.clerk.post_id, on=TODAY)
    refused(AlreadyEnded, lambda: operations.end_emergency(emergency_id=made.pk, actor=cast.deputy.actor(), at=AT))


def test_the_head_looks_at_it_afterwards_once_and_nobody_at_his_own(cast: Cast) -> None:
    made = take_over(cast.deputy, cast.clerk.post_id)
    own = take_over(cast.head, cast.technique_officer.post_id)

    def review(member: Member, emergency: Emergency) -> Emergency:
        return journey.review_emergency(
            emergency_id=emergency.pk, finding="not_justified", words="Đã có phó văn thư", actor=member.actor(), at=AT
        )

    refused(NotAllowed, lambda: review(cast.deputy, made))
    refused(NotAllowed, lambda: review(cast.head, own))
    assert review(cast.head, made).reviewer_id == cast.head.person_id
    refused(WrongState, lambda: review(cast.head, made))
    [told] = [each for each in notices.list_for(cast.deputy.actor()) if each.kind == "post.emergency_reviewed"]
    assert "Không chính đáng" in told.text
