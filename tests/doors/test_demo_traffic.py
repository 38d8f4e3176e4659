"""The traffic of the demonstration is made through the journeys, in order of time, once, however often it is cut short."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from antin.console import demo, demo_plan, demo_traffic, demo_words
from antin.documents.models import Arrival, Document, Making
from antin.documents.states import Act, Status
from antin.documents.types import TYPES
from antin.exchange.models import Delivery
from antin.jobs import handlers  # noqa: F401 - what the journeys promise is kept in this process
from antin.numbering.models import Number
from antin.outbox.models import Promise
from antin.typeset import body
from antin.workdays.queries import local_date
from tests.cast import empty_the_node

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_the_whole_plan_is_of_a_year_and_has_every_type() -> None:
    parts = demo_plan.plan(AT)
    assert 250 <= len(parts) <= 400
    assert {each.type_code for each in parts} == set(TYPES)
    assert parts == demo_plan.plan(AT)
    assert all(one.begun_at <= other.begun_at for one, other in pairwise(parts))
    assert 1300 <= sum(len(each.to) + len(each.copied) for each in parts) <= 2500


def test_every_type_has_words_that_can_be_printed() -> None:
    for code in TYPES:
        for each in demo_plan.plan(AT)[:10]:
            about = demo_words.subject(each.dice, code, AT.date())
            body.check(demo_words.body(each.dice, code, about))


def test_working_minutes_pass_over_nights_and_weekends() -> None:
    friday = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # 16:00 in Vietnam
    assert demo_plan.after(friday, 45) == datetime(2026, 11, 23, 0, 45, tzinfo=UTC)


def some_of_the_plan() -> list[demo_plan.Plan]:
    """A part of each kind: one per act that is waited for, and a few that go all the way to few recipients."""
    parts = demo_plan.plan(AT)
    chosen = {each.stop: each for each in parts if (each.stop and each.sender == "TCZ") or each.stop == "arrived"}
    asked = {each.number: each for each in parts if demo_plan.ASKED + 2 <= each.number <= demo_plan.ASKED + 5}
    few = [each for each in parts if not each.stop and len(each.to) == 1 and each.number < demo_plan.ISSUING]
    ways = {(each.old, each.paper): each for each in few}
    return sorted((*chosen.values(), *ways.values(), *asked.values()), key=lambda each: each.begun_at)


def everybody_has_a_signer() -> None:
    play = demo_traffic._Play(AT)
    for each in demo_plan.plan(AT):
        day = local_date(each.begun_at)
        assert play.signers(play.agencies[each.sender], each.type_code, day), each


class CutShort(Exception):
    pass


@pytest.mark.slow
def test_cut_short_it_goes_on_where_it_stopped() -> None:
    empty_the_node()
    demo.fill_organisation(at=AT)
    everybody_has_a_signer()

    def cut(done: int, of: int) -> None:
        if done == 8:
            raise CutShort

    with pytest.raises(CutShort):
        demo_traffic.fill_traffic(at=AT, parts=some_of_the_plan(), tell=cut)
    made = Document.objects.count()
    parts = demo_traffic.fill_traffic(at=AT.replace(hour=10), parts=some_of_the_plan())
    whole = Document.objects.count()
    assert made < whole
    assert demo_traffic.fill_traffic(at=AT.replace(hour=11), parts=some_of_the_plan()) == parts
    assert Document.objects.count() == whole

    desks = Counter(Document.objects.filter(direction="out").values_list("status", "next_act"))
    for state in (
        (Status.DRAFTED, Act.FINISH_DRAFT),
        (Status.RETURNED, Act.FINISH_DRAFT),
        (Status.SUBMITTED, Act.REVIEW),
        (Status.ENDORSED, Act.SIGN),
        (Status.SIGNED, Act.NUMBER),
        (Status.SIGNED, Act.SEAL),
        (Status.ISSUED, Act.NONE),
    ):
        assert desks[state] > 0, state
    asking = Document.objects.filter(direction="in", reply_by__isnull=False, arrival__registered_at__isnull=False)
    due = dict(asking.filter(agency__abbreviation="K4").values_list("id", "reply_by"))
    answers = Making.objects.filter(document__in_reply_to__in=due, issued_at__isnull=False)
    [late] = answers.values_list("document__in_reply_to", "issued_at")
    assert local_date(late[1]) > due[late[0]]  # the unit that is behind
    assert Delivery.objects.filter(status="failed").values_list("recipient_name", flat=True).get() == "Ban C9"
    assert set(Arrival.objects.filter(source="exchange").values_list("verdict", "replaces_paper")) == {("valid", True)}
    assert not Document.objects.filter(changed_at__gt=AT).exists()
    assert not Promise.objects.exclude(status="kept").exists()
    for one, other in pairwise(Number.objects.order_by("series", "value")):
        assert one.series_id != other.series_id or one.taken_at <= other.taken_at
