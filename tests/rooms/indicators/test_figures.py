"""Figures equal a recount that knows none of their tables; their rows are the things themselves; closed periods say what moved."""

from __future__ import annotations

import random
from collections import Counter as Tally
from datetime import date, datetime, timedelta
from fractions import Fraction
from importlib import import_module

import pytest
from django.db import connection

from antin.documents import operations as papers
from antin.documents.models import Arrival, Document, Making, Posting
from antin.exchange import operations as exchange
from antin.exchange.models import Delivery
from antin.indicators import operations, queries
from antin.indicators.facts import COUNTED, bound_of
from antin.indicators.formulas import BadFormula, TooGreat
from antin.indicators.models import Contribution, Counter
from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.people import operations as people_acts
from antin.people import queries as people
from antin.people.models import Appointment, Person
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
ELSEWHERE = {"agencies_equipped", "workstations", "workstations_protected", "signers", "signers_equipped"}
NAMES = {name for name in COUNTED if not name.startswith("tasks_") or name.startswith("tasks_done")} - ELSEWHERE
"""What is recounted here; how work stood on a day is told by test_as_of, the estate by its own room's tests, signers below."""


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
    for place, days in enumerate((0, 0, 2, None)):  # after so many days its recipient says that it came
        when = now + place * DAY
        sent = given.an_issued_document(cast, when, subject=f"Kiểm kê {place}")
        if days is not None:
            deliver(sent.pk, given.an_arrival(cast, when + days * DAY, key=f"s:{place}", code=f"9{place}/TCZ"))
        if place % 2:
            papers.post_by_mail(
                document_id=sent.pk, recipient_name="X1", envelopes=1, posted_on=when.date(), actor=cast.clerk.actor(),
                today=when.date(), at=when,
            )  # fmt: skip
    calendars.set_day(
        day=(at + 3 * DAY).date(), kind=CalendarDay.Kind.LOCAL, note="Diễn tập", decision="1/QĐ", actor=None, at=now
    )
    tasks.reckon_again(at=now)


def deliver(document_id: int, arrival: Document) -> None:
    """Let the only recipient of a document have received it as an arrival."""
    [delivery] = Delivery.objects.filter(dispatch__document=document_id)
    exchange.record_arrivals(
        dispatch_id=delivery.dispatch_id, arrivals={delivery.pk: arrival.pk}, actor=None, at=arrival.arrival.arrived_at
    )


def recount(since: date, until: date) -> Tally[str]:
    """Count by hand, from the rooms themselves."""
    found: Tally[str] = Tally()

    def flow(name: str, day: date | None, n: int = 1) -> None:
        if day is not None and since <= day <= until:
            found[name] += n

    signing: dict[int, date] = {}
    for making in Making.objects.filter(issued_at__isnull=False):
        flow("issued", workdays.local_date(making.issued_at))
        agency, day = making.document.agency_id, workdays.local_date(making.issued_at)
        signing[agency] = min(signing.get(agency, day), day)
        posted = Posting.objects.filter(document_id=making.document_id).exists()
        flow("signed", workdays.local_date(making.signed_at))
        for name in ("issued_electronic", "issued_signed"):
            flow(name, None if posted else day)
        flow("sent", day)
        flow("sent_with_paper", day if posted else None)
        delivery = Delivery.objects.get(dispatch__document=making.document_id)
        if delivery.arrived_at is not None:
            flow("sent_received", day)
            flow("receipt_minutes", day, int((delivery.arrived_at - delivery.sent_at).total_seconds()) // 60)
            same = workdays.local_date(delivery.arrived_at) == workdays.local_date(delivery.sent_at)
            flow("sent_received_in_time", day if same else None)
    connected: dict[int, date] = {}
    for arrival in Arrival.objects.select_related("document"):
        day = workdays.local_date(arrival.arrived_at)
        flow("arrived", day)
        flow("arrived_electronic", day)
        flow("arrived_signed", day if arrival.verdict == "valid" else None)
        if arrival.registered_at:
            registered = workdays.local_date(arrival.registered_at)
            flow("registered_in_time", day if registered <= workdays.next_working_day(day) else None)
            flow("registered", registered)
            waited = [day + n * DAY for n in range(1, (registered - day).days + 1)]
            flow("registration_days", registered, sum(map(workdays.is_working_day, waited)))
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


def took(since: date, until: date) -> dict[str, list[int]]:
    """How long each thing took, from the rooms themselves."""
    found: dict[str, list[int]] = {"registration_days": [], "receipt_minutes": []}
    for arrival in Arrival.objects.filter(registered_at__isnull=False):
        came, day = workdays.local_date(arrival.arrived_at), workdays.local_date(arrival.registered_at)
        if since <= day <= until:
            waited = [came + n * DAY for n in range(1, (day - came).days + 1)]
            found["registration_days"].append(sum(map(workdays.is_working_day, waited)))
    for delivery in Delivery.objects.filter(arrived_at__isnull=False).select_related("dispatch__document__making"):
        if since <= workdays.local_date(delivery.dispatch.document.making.issued_at) <= until:
            found["receipt_minutes"].append(int((delivery.arrived_at - delivery.sent_at).total_seconds()) // 60)
    return found


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

    for since, until in ((days[0], days[-1]), (days[2], days[5]), (days[3], days[4])):
        for fact, mine in took(since, until).items():
            (_unit, spread), *_below = queries.list_spreads(queries.below(root), fact, since, until)
            half, most = (sorted(mine)[-(-len(mine) * n // 10) - 1] if mine else None for n in (5, 9))
            told = [None if n is None else bound_of(fact, n) for n in (half, most)]
            assert (spread.things, spread.half, spread.most) == (len(mine), *told), (fact, since, until)
    written = list(
        Counter.objects.filter(fact__contains="@").order_by("pk").values_list("fact", "unit_id", "day", "amount")
    )
    Counter.objects.filter(fact__contains="@").delete()
    with connection.cursor() as cursor:
        for fill in import_module("antin.indicators.migrations.0014_how_long_things_took").FILLS:
            cursor.execute(fill)
    filled = Counter.objects.filter(fact__contains="@").values_list("fact", "unit_id", "day", "amount")
    assert sorted(filled) == sorted(each for each in written if each[-1])

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
    assert (closing.value, closing.rows, queries.compare(closing).same) == ("0", 1, True)
    refused(operations.ClosedAlready, lambda: operations.close(at=later, **ways))
    papers.register(document_id=document.pk, actor=cast.recipient_clerk.actor(), today=day, at=at)
    operations.count_again(kind="document", ids=[document.pk], at=later)
    line = f"registered_in_time document:{document.pk} U{cast.recipient_id} {day} +1"
    compared = queries.compare(closing)
    assert (compared.lost, compared.gained) == ([], [line])


def test_who_signs_and_may_is_known_of_every_day(cast: Cast, at: datetime) -> None:
    keys.establish(name="Chứng thực", organisation="Bộ Y", actor=None, at=at)
    head, deputy = cast.head, cast.deputy
    ways = {"person_id": head.person_id, "post_id": head.post_id, "pin": "246810", "actor": None}
    held = keys.issue_person_certificate(**ways, lasts=40 * DAY, at=at + DAY)
    keys.revoke(certificate_id=held.pk, reason="superseded", actor=None, at=at + 5 * DAY)
    keys.issue_person_certificate(**ways, lasts=20 * DAY, at=at + 9 * DAY)
    people_acts.delegate(
        from_post_id=head.post_id, to_post_id=cast.plan_head.post_id, form="TL.", type_codes=("CV",),
        since=workdays.local_date(at + 2 * DAY), until=workdays.local_date(at + 7 * DAY), basis="QĐ 1", actor=None, at=at,
    )  # fmt: skip
    people_acts.end_appointment(
        appointment_id=Appointment.objects.get(post=deputy.post_id).pk,
        until=workdays.local_date(at + 3 * DAY),
        basis="QĐ 2",
        actor=None,
        at=at,
    )
    count(at + 10 * DAY)
    everybody = list(Person.objects.values_list("pk", flat=True))  # the cast was there before the journal
    operations.count_again(kind="person", ids=everybody, at=at + 10 * DAY)
    root, equipped = people.get_unit(cast.agency_id), queries.get_indicator("signers_equipped")
    told = []
    for n in range(32):
        day = workdays.local_date(at) + n * DAY
        sums = queries.get_figure(root, equipped, day, day).sums
        told.append((sums["signers_equipped"], sums["signers"]))
    assert told[:12] == [
        (0, 4), (1, 4), (1, 5), (1, 4), (1, 4), (0, 4), (0, 4), (0, 3), (0, 3), (1, 3), (1, 3), (1, 3)
    ]  # fmt: skip
    assert told[28:30] == [(1, 3), (0, 3)]
    day = workdays.local_date(at) + 9 * DAY
    rows = queries.list_rows(cast.head.actor(), root, equipped, day, day).shown
    assert [(row.title, row.reasons) for row in rows if row.counts] == [(head.name, {})]
    assert {row.reasons.get("signers_equipped") for row in rows if not row.counts} == {"no_certificate"}


def test_how_long_things_took_stands_at_each_row_and_cannot_be_made_up(cast: Cast, at: datetime) -> None:
    slow = given.an_arrival(cast, at, key="a")
    later = at + 3 * DAY
    today = workdays.local_date(later)
    papers.register(document_id=slow.pk, actor=cast.recipient_clerk.actor(), today=today, at=later)
    other = {"key": "b", "number": 16, "code": "16/TCZ-KH", "identifier": "G11.90,2026/11/23,16/TCZ-KH"}
    quick = given.a_registered_document(cast, later, **other)
    count(later)
    unit = people.get_unit(cast.recipient_id)
    delay, clerk = queries.get_indicator("registration_delay"), cast.recipient_clerk.actor()
    took = workdays.working_days_between(workdays.local_date(at), today)
    assert queries.get_figure(unit, delay, today, today).value == Fraction(took, 2)
    rows = queries.list_rows(clerk, unit, delay, today, today)
    assert [(row.id, row.counts, row.amounts) for row in rows.shown] == [
        (slow.pk, True, {"registration_days": took}),
        (quick.pk, True, {"registration_days": 0}),
    ]
    told = {"code": "registration_delay", "words": "Không đúng", "until": today, "actor": clerk, "at": later}
    of = {"subject": ("document", slow.pk)}
    refused(operations.ClaimUnfit, lambda: operations.contest(claim="counts", **of, **told))
    refused(operations.ClaimUnfit, lambda: operations.contest(claim="counts_not", **of, **told))
    missing = {"claim": "missing", "unit_id": unit.pk, "day": today, "title": "CV 9"}
    refused(operations.ClaimUnfit, lambda: operations.contest(**missing, **told))
    made = operations.contest(claim="leave_out", **of, **told)
    operations.agree(contest_id=made.pk, words="Đến nhầm", actor=cast.head.actor(), at=later)
    operations.count_again(kind="contest", ids=[made.pk], at=later)
    assert queries.get_figure(unit, delay, today, today).value == 0


def test_what_no_room_counts_yet_is_defined_and_has_no_value(cast: Cast, at: datetime) -> None:
    operations.count(at=at)
    unit, day = people.get_unit(cast.agency_id), workdays.local_date(at)
    awaiting = queries.list_awaiting()
    assert [each.code for each in awaiting] == [
        "index_openness", "index_progress", "index_online", "index_digitised", "index_content"
    ]  # fmt: skip
    assert not {each.code for each in awaiting} & {each.code for each in queries.list_indicators()}
    assert {queries.get_figure(unit, each, day, day).value for each in awaiting} == {None}
    full = dict.fromkeys(queries.NAMES, 10) | {"dossiers_done_late": 0, "dossiers_disliked": 0}
    points = [queries.figure(each, queries.formula_on(each, day), full).value for each in awaiting]
    assert points == [18, 20, 22, 22, 18]  # a hundred, where everything is as it should be
    told = {"claim": "missing", "words": "Thiếu", "title": "Hồ sơ", "unit_id": unit.pk, "day": day, "until": day}
    refused(
        operations.ClaimUnfit,
        lambda: operations.contest(code="index_progress", **told, actor=cast.head.actor(), at=at),
    )


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
