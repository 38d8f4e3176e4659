"""Figures equal a recount that knows none of their tables; their rows are the things themselves; closed periods say what moved."""

from __future__ import annotations

import random
from collections import Counter as Tally
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest

from antin.documents import operations as papers
from antin.documents.models import Arrival, Making, Posting
from antin.indicators import operations, queries
from antin.indicators.formulas import BadFormula, TooGreat
from antin.indicators.models import Contribution, Counter
from antin.journal import operations as journal
from antin.people import queries as people
from antin.refusal import NotAllowed, NotFound, Refusal
from antin.tasks import operations as tasks
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Origin, Role
from antin.workdays import operations as calendars
from antin.workdays import queries as workdays
from antin.workdays.models import CalendarDay
from tests import given
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]

DAY = timedelta(days=1)
OF_THE_ESTATE = {"agencies_equipped", "workstations", "workstations_protected"}
NAMES = {
    name for name in queries.NAMES if not name.startswith("tasks_") or name.startswith("tasks_done")
} - OF_THE_ESTATE
"""What is recounted here; how work stood on a day is told by test_as_of, the estate by its own room's tests."""


def count(at: datetime) -> None:
    """Seal and count. Once in a test: its one transaction is sealed as one."""
    journal.seal(at=at)
    operations.count(at=at)


def some_life(cast: Cast, at: datetime, dice: random.Random) -> None:
    """Papers come, by wire and by hand, are registered in time, late or not; work is given, extended, done or not."""
    clerk, head, plan = cast.recipient_clerk.actor(), cast.head.actor(), cast.plan_head.actor()
    now = at
    works: list[Assignment] = []
    for n in range(34):
        now += timedelta(hours=dice.choice((2, 11, 26, 49)))
        dice_roll = dice.random()
        if dice_roll < 0.35:
            verdict = dice.choice(("valid", "valid", "undetermined"))
            reply_by = dice.choice((None, (now + 3 * DAY).date()))
            own = {"number": n + 1, "code": f"{n + 1}/TCZ-KH", "identifier": f"G11.90,2026/11/23,{n + 1}/TCZ-KH"}
            changes = {"key": f"d:{n}", "verdict": verdict, "reply_by": reply_by, **own}
            document = given.an_arrival(cast, now, **changes)
            if dice.random() < 0.8:
                late = now + timedelta(hours=dice.choice((1, 30, 120)))
                papers.register(document_id=document.pk, actor=clerk, today=late.date(), at=late)
        elif dice_roll < 0.7:
            made = tasks.give(
                document_id=None,
                title="Việc",
                words="",
                shares=[Share(Role.LEAD, unit_id=cast.plan_id, days=dice.choice((None, 1, 3)))],
                origin=Origin.HAND,
                actor=head,
                at=now,
            )
            works.append(made.assignments.get())
        elif works:
            task = dice.choice(works[-2:])
            try:
                act = dice.choice(("finish", "finish", "finish", "hand_in", "cancel", "pause"))
                if act in ("finish", "hand_in"):
                    tasks.hand_in(assignment_id=task.pk, words="Xong", actor=plan, at=now)
                if act == "finish":
                    tasks.accept(assignment_id=task.pk, actor=head, at=now)
                elif act == "cancel":
                    tasks.cancel(assignment_id=task.pk, reason="Thôi", actor=head, at=now)
                elif act == "pause":
                    tasks.pause(assignment_id=task.pk, reason="Chờ", actor=head, at=now)
            except Refusal:
                pass
        if dice.random() < 0.3 and works:  # counted on the way, and again later
            operations.count_again(kind="task", ids=[task.pk for task in works], at=now)
    share = [Share(Role.LEAD, unit_id=cast.plan_id, days=3)]
    made = tasks.give(document_id=None, title="Việc", words="", shares=share, origin=Origin.HAND, actor=head, at=now)
    tasks.hand_in(assignment_id=made.assignments.get().pk, words="Xong", actor=plan, at=now + timedelta(hours=2))
    tasks.accept(assignment_id=made.assignments.get().pk, actor=head, at=now + timedelta(hours=3))
    given.an_issued_document(cast, now)
    calendars.set_day(
        day=(at + 3 * DAY).date(), kind=CalendarDay.Kind.LOCAL, note="Diễn tập", decision="1/QĐ", actor=None, at=now
    )
    tasks.reckon_again(at=now)


def recount(since: date, until: date) -> Tally[str]:
    """Count by hand, from the rooms themselves."""
    found: Tally[str] = Tally()

    def flow(name: str, day: date | None) -> None:
        if day is not None and since <= day <= until:
            found[name] += 1

    signing: dict[int, date] = {}
    for making in Making.objects.filter(issued_at__isnull=False):
        flow("issued", workdays.local_date(making.issued_at))
        agency, day = making.document.agency_id, workdays.local_date(making.issued_at)
        signing[agency] = min(signing.get(agency, day), day)
        posted = Posting.objects.filter(document_id=making.document_id).exists()
        flow("issued_electronic", None if posted else workdays.local_date(making.issued_at))
    connected: dict[int, date] = {}
    for arrival in Arrival.objects.select_related("document"):
        day = workdays.local_date(arrival.arrived_at)
        flow("arrived", day)
        flow("arrived_electronic", day)
        flow("arrived_signed", day if arrival.verdict == "valid" else None)
        if arrival.registered_at:
            registered = workdays.local_date(arrival.registered_at)
            flow("registered_in_time", day if registered <= workdays.next_working_day(day) else None)
            flow("answers_due", arrival.document.reply_by)
            agency = arrival.document.agency_id
            connected[agency] = min(connected.get(agency, registered), registered)
    for row in Assignment.objects.exclude(role="inform").exclude(status="cancelled"):
        if row.status == "accepted":
            late = row.due_at is not None and row.handed_in_at > row.due_at
            flow("tasks_done", workdays.local_date(row.handed_in_at))
            flow("tasks_done_in_time", None if late else workdays.local_date(row.handed_in_at))
    found["agencies"] = sum(unit.opened_on <= until for unit in people.list_agencies(until))
    found["agencies_connected"] = sum(day <= until for day in connected.values())
    found["agencies_signing"] = sum(day <= until for day in signing.values())
    return Tally({name: n for name, n in found.items() if n})


def test_figures_equal_a_recount_at_random_dates(cast: Cast, at: datetime) -> None:
    dice = random.Random(6)
    begun = at - 100 * DAY
    for unit in (cast.agency_id, cast.recipient_id):
        journal.record("unit.opened", subject=("unit", unit), actor=None, at=begun)
    some_life(cast, begun, dice)
    count(at)
    root = people.get_unit(cast.agency_id)
    days = [begun.date() + n * DAY for n in (-40, 0, 3, 9, 15, 22, 31, 60, 99)]
    seen: Tally[str] = Tally()
    for since in days[:-1]:
        until = dice.choice([day for day in days if day > since])
        sums = queries.add_up(queries.sums_by_unit(root, NAMES, since, until).values())
        mine = Tally({name: n for name, n in sums.items() if n})
        assert mine == recount(since, until), (since, until)
        seen += mine
    assert set(seen) >= NAMES - {"answers_in_time"}

    before = sorted(Counter.objects.exclude(amount=0).values_list("fact", "unit_id", "month", "day", "amount"))
    Contribution.objects.all().delete()
    Counter.objects.all().delete()
    queries.Reading.objects.update(index=-1)
    operations.count(at=at, limit=7)
    again = sorted(Counter.objects.exclude(amount=0).values_list("fact", "unit_id", "month", "day", "amount"))
    assert again == before  # whatever the order and the size of the bites
    assert operations.count(at=at) == 0


def test_the_rows_behind_a_figure_are_shown_as_far_as_one_may_see_them(cast: Cast, at: datetime) -> None:
    good = given.a_registered_document(cast, at, key="a")
    bad = given.an_arrival(cast, at, key="b", code="16/TCZ-KH", verdict="undetermined")
    count(at)
    unit, today = people.get_unit(cast.recipient_id), workdays.local_date(at)
    signed = queries.get_indicator("arrived_signed")
    assert queries.get_figure(unit, signed, today, today).value == Fraction(50)
    rows = queries.list_rows(cast.recipient_clerk.actor(), unit, signed, today, today)
    assert [(row.id, row.counts, row.reasons) for row in rows.shown] == [
        (bad.pk, False, {"arrived_signed": "not_signed"}),
        (good.pk, True, {}),
    ]
    assert (rows.whole, rows.hidden) == (2, 0)
    above = queries.list_rows(cast.head.actor(), people.get_unit(cast.agency_id), signed, today, today)
    assert (above.shown, above.whole, above.hidden) == ([], 2, 2)


def test_a_closed_period_says_same_or_names_the_difference(cast: Cast, at: datetime) -> None:
    document = given.an_arrival(cast, at)
    count(at)
    day, head = workdays.local_date(at), cast.recipient_head.actor()
    ways = {"code": "registered_in_time", "unit_id": cast.recipient_id, "since": day, "until": day, "actor": head}
    refused(operations.NotOverYet, lambda: operations.close(at=at, **ways))
    later = at + 9 * DAY
    refused(
        NotAllowed,
        lambda: operations.close(at=later, **(ways | {"actor": cast.recipient_works_head.actor()})),
    )
    refused(NotFound, lambda: operations.close(at=later, **(ways | {"unit_id": cast.agency_id})))
    closing = operations.close(at=later, **ways)
    assert (closing.value, closing.rows, queries.compare(closing)) == ("0", 1, ([], []))
    refused(operations.ClosedAlready, lambda: operations.close(at=later, **ways))
    papers.register(document_id=document.pk, actor=cast.recipient_clerk.actor(), today=day, at=at)
    operations.count_again(kind="document", ids=[document.pk], at=later)
    line = f"registered_in_time document:{document.pk} U{cast.recipient_id} {day} +1"
    assert queries.compare(closing) == ([], [line])


def test_a_formula_is_a_version_with_a_day(cast: Cast, at: datetime) -> None:
    given.an_arrival(cast, at)
    count(at)
    day = workdays.local_date(at)
    ways = {"code": "arrived_signed", "target": None, "valid_from": day, "actor": cast.head.actor(), "at": at}
    refused(BadFormula, lambda: operations.set_formula(expression="1 +", reason="Thử", **ways))
    refused(operations.ReasonMissing, lambda: operations.set_formula(expression="arrived", reason="", **ways))
    great = "*".join(["999999999"] * 20)
    refused(TooGreat, lambda: operations.set_formula(expression=great, reason="Thử", **ways))
    root, signed = people.get_unit(cast.agency_id), queries.get_indicator("arrived_signed")
    tried = queries.trial(root, queries.thought_of(signed, "arrived + 1", None, day), day, day)
    found = {each.unit.pk: (each.now.value, each.then.value) for each in tried}
    assert found == {cast.agency_id: (Fraction(100), Fraction(2)), cast.recipient_id: (Fraction(100), Fraction(2))}
    thought = tried[0].then.formula
    assert queries.list_rows(cast.head.actor(), root, signed, day, day, formula=thought).whole == 1
    assert len(queries.list_formulas(signed)) == 1
    other = ways | {"actor": cast.recipient_head.actor()}
    refused(NotAllowed, lambda: operations.set_formula(expression="arrived", reason="Thử", **other))
    made = operations.set_formula(expression="arrived_signed + 1", reason="Thử", **ways)
    assert made.version == 2
    refused(operations.NotLater, lambda: operations.set_formula(expression="arrived", reason="Thử", **ways))
    root, signed = people.get_unit(cast.agency_id), queries.get_indicator("arrived_signed")
    assert queries.get_figure(root, signed, day, day).value == Fraction(2)
    assert queries.get_figure(root, signed, day - 9 * DAY, day - DAY).value is None


def test_what_also_goes_on_paper_does_not_count_as_electronic(cast: Cast, at: datetime) -> None:
    for place in range(2):
        issued = given.an_issued_document(cast, at, subject=f"Kiểm kê {place}")
    count(at)
    unit, day = people.get_unit(cast.agency_id), workdays.local_date(at)
    indicator = queries.get_indicator("issued_electronic")
    assert queries.get_figure(unit, indicator, day, day).value == 100
    papers.post_by_mail(
        document_id=issued.pk, recipient_name="Xưởng X1", envelopes=1, posted_on=day, actor=cast.clerk.actor(), today=day, at=at
    )  # fmt: skip
    operations.count_again(kind="document", ids=[issued.pk], at=at)
    assert queries.get_figure(unit, indicator, day, day).value == 50
    rows = queries.list_rows(cast.head.actor(), unit, indicator, day, day)
    assert [(row.counts, row.reasons) for row in rows.shown] == [(False, {"issued_electronic": "by_hand"}), (True, {})]
