"""Telling, counting, reading."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import gettext_noop as _

from antin.notices import operations, queries
from antin.notices.models import Notice
from antin.people.actor import Actor
from antin.refusal import NotFound
from tests.cast import Cast

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ARRIVED = _("Văn bản %(number)s đã đến.")


def tell(*holders: str, number: str = "12/TB-B1", key: str = "", actor: Actor | None = None, at: datetime = AT) -> None:
    operations.tell(
        holders,
        kind="document.arrived",
        words=ARRIVED,
        subject=("document", 7),
        link="/van-ban/7",
        key=key,
        actor=actor,
        at=at,
        number=number,
    )


def test_a_notice_reaches_every_holder_once(cast: Cast) -> None:
    post = f"P{cast.plan_officer.post_id}"
    tell(post, post, f"R{cast.agency_id}")
    assert [row.text for row in queries.list_for(cast.plan_officer.actor())] == ["Văn bản 12/TB-B1 đã đến."]
    assert queries.count_unread(cast.plan_officer.actor()) == 1
    assert queries.count_unread(cast.clerk.actor()) == 1
    assert queries.count_unread(cast.technique_officer.actor()) == 0


def test_the_head_sees_the_registry_office_but_is_not_told_what_its_clerks_are(cast: Cast) -> None:
    tell(f"R{cast.agency_id}")
    assert queries.list_for(cast.head.actor()) == []
    assert [row.subject for row in queries.list_for(cast.clerk.actor())] == [("document", 7)]


def test_the_one_who_did_it_is_not_told(cast: Cast) -> None:
    tell(f"P{cast.clerk.post_id}", f"P{cast.plan_officer.post_id}", actor=cast.clerk.actor())
    assert [notice.holder for notice in Notice.objects.all()] == [f"P{cast.plan_officer.post_id}"]


def test_the_same_key_is_told_once_per_holder(cast: Cast) -> None:
    for number in ("1", "2"):
        tell("P1", "P2", number=number, key="arrival:7")
    assert sorted((notice.holder, notice.facts["number"]) for notice in Notice.objects.all()) == [
        ("P1", "1"),
        ("P2", "1"),
    ]


def test_words_that_name_a_missing_fact_are_found_when_told(cast: Cast) -> None:
    with pytest.raises(KeyError):
        operations.tell(["P1"], kind="x", words=ARRIVED, subject=("document", 7), actor=None, at=AT, other="1")
    assert not Notice.objects.exists()


def test_reading_is_noted_once_and_keeps_the_first_moment(cast: Cast) -> None:
    tell(f"P{cast.clerk.post_id}")
    notice = Notice.objects.get()
    for hours in (1, 2):
        operations.mark_read(notice_id=notice.id, actor=cast.clerk.actor(), at=AT + timedelta(hours=hours))
    notice.refresh_from_db()
    assert notice.read_at == AT + timedelta(hours=1)
    assert queries.count_unread(cast.clerk.actor()) == 0


def test_nobody_reads_what_was_told_to_another_and_nothing_changed(cast: Cast) -> None:
    tell(f"P{cast.clerk.post_id}")
    notice = Notice.objects.get()
    for actor in (cast.head.actor(), cast.plan_officer.actor()):
        with pytest.raises(NotFound):
            operations.mark_read(notice_id=notice.id, actor=actor, at=AT)
    notice.refresh_from_db()
    assert notice.read_at is None


def test_opening_a_thing_reads_what_was_told_about_it_to_this_actor_only(cast: Cast) -> None:
    tell(f"P{cast.clerk.post_id}", f"P{cast.plan_officer.post_id}")
    assert operations.mark_subject_read(subject=("document", 7), actor=cast.clerk.actor(), at=AT) == 1
    assert operations.mark_subject_read(subject=("document", 7), actor=cast.clerk.actor(), at=AT) == 0
    assert queries.count_unread(cast.plan_officer.actor()) == 1


def test_mark_all_read_leaves_what_came_later(cast: Cast) -> None:
    post = f"P{cast.clerk.post_id}"
    tell(post)
    tell(post, at=AT + timedelta(minutes=1))
    assert operations.mark_all_read(actor=cast.clerk.actor(), at=AT) == 1
    assert queries.count_unread(cast.clerk.actor()) == 1


def test_pages_go_back_in_time_without_a_gap(cast: Cast) -> None:
    post, registry = f"P{cast.clerk.post_id}", f"R{cast.agency_id}"
    for number in range(7):
        tell(post if number % 2 else registry, number=str(number))
    actor = cast.clerk.actor()
    first = queries.list_for(actor, limit=4)
    rest = queries.list_for(actor, limit=4, before=first[-1].id)
    assert [row.text[8] for row in first + rest] == ["6", "5", "4", "3", "2", "1", "0"]


def test_counting_stops_at_a_hundred(cast: Cast) -> None:
    news = [operations.News([f"P{cast.clerk.post_id}"], "k", "x", ("document", number)) for number in range(130)]
    operations.tell_many(news, actor=None, at=AT)
    assert queries.count_unread(cast.clerk.actor()) == 100


def test_a_silenced_kind_is_kept_but_not_shown(cast: Cast) -> None:
    actor = cast.clerk.actor()
    operations.silence(kind="document.arrived", silent=True, actor=actor, at=AT)
    tell(f"P{cast.clerk.post_id}")
    assert (queries.list_for(actor), queries.count_unread(actor)) == ([], 0)
    operations.silence(kind="document.arrived", silent=False, actor=actor, at=AT)
    assert queries.count_unread(actor) == 1


@pytest.mark.parametrize("kind", ["", "k" * 41])
def test_a_kind_nobody_could_have_is_refused_and_nothing_changed(cast: Cast, kind: str) -> None:
    with pytest.raises(operations.BadKind):
        operations.silence(kind=kind, silent=True, actor=cast.clerk.actor(), at=AT)
    assert queries.list_silenced(cast.clerk.actor()) == []


def test_only_what_was_read_long_ago_is_forgotten(cast: Cast) -> None:
    tell("P1")
    tell(f"P{cast.clerk.post_id}")
    operations.mark_all_read(actor=cast.clerk.actor(), at=AT)
    assert operations.forget_read(before=AT, actor=None, at=AT) == 0
    assert operations.forget_read(before=AT + timedelta(days=1), actor=None, at=AT) == 1
    assert [notice.holder for notice in Notice.objects.all()] == ["P1"]


def test_the_count_on_every_page_costs_one_query(cast: Cast, django_assert_num_queries: object) -> None:
    actor = cast.clerk.actor()
    with django_assert_num_queries(1):  # type: ignore[operator]
        queries.count_unread(actor)
