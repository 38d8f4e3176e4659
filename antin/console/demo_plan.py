"""The plan of two years of the demonstration's traffic, thrown once from fixed dice: which unit writes what to whom, and when."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from antin.console import demo, demo_history, demo_programme
from antin.documents.types import TYPES
from antin.workdays import queries as workdays

SEED = 30_2020
ISSUING, ASKED = 90_000, 91_000
"""Numbers of the part that issues the yearly programme, and of those that ask and answer; the others count from one."""
ASKED_FOR = 24
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
OPENS, CLOSES = 7 * 60 + 30, 16 * 60 + 30
WORKING_DAY = CLOSES - OPENS

MARKS = [mark for _pattern, _word, marks in demo.UNITS for mark in marks]
ORDINARY = ("CV", "CV", "CV", "CV", "BC", "BC", "BC", "KH", "KH", "TB", "QĐ", "TTr", "HD", "GM", "BB")
EARLIER, HISTORY, RECENT = 24, 170, 90
"""Documents to all of the year before last, of the last year, and of the last fortnight."""
FORTNIGHT = 10
"""In working days."""

OF_THE_DESKS = ("GM", "CĐ")
"""Of these types units send only what waits unregistered on the desks: their series begin with it."""
TO_ONE = ("GGT", "GNP", "GUQ", "PG", "PC", "PB", "HĐ", "BTT", "BGN", "TCg")
"""Types that go to one place."""


@dataclass(frozen=True)
class Plan:
    """One part of the plan: a document and what becomes of it; `stop` is the act it waits for, whatever time it has."""

    number: int
    begun_at: datetime
    sender: str
    type_code: str
    to: tuple[str, ...]
    copied: tuple[str, ...] = ()
    stop: str = ""
    drafter: str = ""  # user names of people the manual introduces; otherwise anybody of the unit
    urgency: int = 0
    reply_in: int = 0  # working days the recipients have to answer
    answers: bool = False  # the reply to something its drafter was given
    attached: bool = False
    old: bool = False
    paper: bool = False  # came by hand instead: `to` is who registers it
    subject: str = ""  # its own; otherwise thrown
    replies_to: int = 0  # the part whose document it answers

    @property
    def dice(self) -> random.Random:
        return random.Random(SEED * 1000 + self.number)


def after(moment: datetime, minutes: int) -> datetime:
    """Return the moment so many working minutes later, in the hours and on the days offices work."""
    here = moment.astimezone(HERE)
    day, minute = here.date(), here.hour * 60 + here.minute
    if not workdays.is_working_day(day) or minute >= CLOSES:
        day, minute = workdays.next_working_day(day), OPENS
    minute = max(minute, OPENS) + minutes
    while minute >= CLOSES:
        day, minute = workdays.next_working_day(day), minute - CLOSES + OPENS
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, here.second, tzinfo=HERE).astimezone(UTC)


def plan(at: datetime) -> list[Plan]:
    """Throw the plan of the year that ends with this moment, in the order in which its documents begin."""
    dice = random.Random(SEED)
    today = workdays.local_date(at)
    days = [day for n in range(330, -1, -1) if workdays.is_working_day(day := today - timedelta(days=n))]
    year, lately = days[: -FORTNIGHT - 3], days[-FORTNIGHT - 3 :]
    drafts: list[Plan] = []
    types = list(TYPES)
    before = [day for n in range(725, 335, -1) if workdays.is_working_day(day := today - timedelta(days=n))]
    others = random.Random(SEED + 1)
    for count in range(EARLIER):
        moment = _some_time(others, before[count * len(before) // EARLIER])
        code = others.choice(("CV", "KH", "TB", "BC"))
        drafts.append(Plan(0, moment, "TCZ", code, tuple(MARKS), old=True))
    for count in range(HISTORY):
        moment = _some_time(dice, year[count * len(year) // HISTORY])
        code = types[count // 2 % len(types)] if count % 2 else dice.choice(ORDINARY)
        drafts.append(_letter(dice, moment, code, old=True))
    for count in range(RECENT):
        moment = _some_time(dice, lately[count * len(lately) // RECENT])
        letter = _letter(dice, moment, dice.choice(ORDINARY), old=False)
        drafts.append(letter if count % 4 == 0 else replace(letter, reply_in=0))
    drafts += [*_desks(dice, lately), *_arrivals(dice, lately)]
    drafts.append(_closing(at))
    drafts = [each for each in drafts if each.begun_at < at]
    drafts.sort(key=lambda each: each.begun_at)
    numbered = [_numbered(each, number) for number, each in enumerate(drafts, start=1)]
    return sorted([*numbered, *issuing(at), *_asked(at)], key=lambda each: each.begun_at)


def _numbered(each: Plan, number: int) -> Plan:
    return Plan(**{**each.__dict__, "number": number})


def _some_time(dice: random.Random, day: date) -> datetime:
    minute = dice.randint(OPENS, CLOSES - 120)
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, dice.randint(0, 59), tzinfo=HERE)


def _letter(dice: random.Random, moment: datetime, code: str, *, old: bool) -> Plan:
    """Throw one ordinary document: from above to many, from a unit upwards, or between units."""
    way = dice.random()
    if way < 0.36:
        sender, to = "TCZ", _many(dice, MARKS, 29 if dice.random() < 0.28 else dice.randint(2, 9))
        if dice.random() < 0.5 and "B1" not in to:
            to = (*to, "B1")
    elif way < 0.78:
        sender, to = dice.choice((*MARKS, "B1", "B1", "B1")), ("TCZ",)
    else:
        sender = dice.choice(MARKS)
        to = _many(dice, [mark for mark in MARKS if mark != sender], dice.randint(1, 3))
    outside = [mark for mark in ("TCZ", "A1", "B1") if mark not in (sender, *to)]
    code = "CV" if code in OF_THE_DESKS and sender != "TCZ" else code
    to = to[: 1 if code in TO_ONE else len(to)]
    paper = dice.random() < 0.05
    return Plan(
        number=0,
        begun_at=moment,
        sender=sender,
        type_code=code,
        to=(dice.choice(("TCZ", "B1", sender)),) if paper else to,
        copied=(dice.choice(outside),) if outside and len(to) < 4 and dice.random() < 0.3 else (),
        urgency=dice.choice((0, 0, 0, 0, 0, 0, 1, 1, 2, 3)),
        reply_in=dice.choice((0, 0, 5, 7, 10))
        * (
            not old and len(to) <= 2
        ),  # what is long done was answered with the work; of many no letter each is asked for
        answers=not old and dice.random() < 0.4,
        attached=dice.random() < 0.12,
        old=old,
        paper=paper,
    )


def _many(dice: random.Random, marks: list[str], count: int) -> tuple[str, ...]:
    return tuple(sorted(dice.sample(marks, min(count, len(marks))), key=marks.index))


def _desks(dice: random.Random, days: list[date]) -> list[Plan]:
    """What waits on the desks of the people whom the manual introduces, in each state, from the last days."""
    waiting = [
        ("TCZ", "kehoach", ("draft", "draft", "draft", "return", "return", "endorse", "endorse", "sign")),
        ("TCZ", "kehoach", ("number", "number", "sign", "sign", "seal", "sign")),
        ("TCZ", "kythuat", ("return", "draft", "endorse", "sign", "sign", "number", "seal")),
        ("TCZ", "kehoach2", ("endorse", "endorse", "endorse", "sign")),
        ("B1", "kythuat.b1", ("draft", "draft", "return", "endorse", "sign", "sign", "number")),
        ("B1", "dulieu.b1", ("draft", "endorse", "sign", "number")),
    ]
    made = []
    for sender, drafter, stops in waiting:
        for stop in stops:
            moment = _some_time(dice, days[-1 - dice.randint(1, 4)])
            code = dice.choice(("CV", "KH", "BC", "TB", "TTr"))
            to = ("TCZ",) if sender != "TCZ" else _many(dice, MARKS, dice.choice((3, 5, 8, 29)))
            made.append(
                Plan(0, moment, sender, code, to, stop=stop, drafter=drafter, urgency=dice.choice((0, 0, 1, 2)))
            )
    return made


def _arrivals(dice: random.Random, days: list[date]) -> list[Plan]:
    """What came to the general department and to B1 these days and is not registered yet, some of it late."""
    made = []
    for count in range(12):
        moment = _some_time(dice, days[-1 - (12 - count) // 3])
        code = OF_THE_DESKS[count % 2]
        urgency = 2 if code == "CĐ" else dice.choice((0, 0, 1))
        made.append(Plan(0, moment, MARKS[count % 6], code, ("TCZ", "B1"), stop="arrived", urgency=urgency))
    return made


def _closing(at: datetime) -> Plan:
    """A letter to a unit that was closed while it was on its way: its delivery fails, and says who follows the unit."""
    moment = _some_time(random.Random(SEED), workdays.local_date(at) - timedelta(days=151))
    return Plan(0, after(moment, 0), "TCZ", "CV", ("B1", "C9", "K1"), stop="closing", drafter="kehoach", old=True)


def issuing(at: datetime) -> list[Plan]:
    """The decision that issues the plan of the year: it goes to all units on the day after the plan was approved."""
    moment = after(demo_programme.begun_at(at) + timedelta(days=1), 60)
    about = f"Về việc ban hành {demo_programme.title_of(workdays.local_date(at).year)}"
    part = Plan(ISSUING, moment, "TCZ", "QĐ", tuple(MARKS), drafter="kehoach", old=True, subject=about)
    return [part] if moment < at else []


def _asked(at: datetime) -> list[Plan]:
    """Letters of two years to one place that ask it for an answer in seven working days, and the answers; one unit is late."""
    dice, today, found = random.Random(SEED + 2), workdays.local_date(at), []
    days = [day for n in range(725, 24, -1) if workdays.is_working_day(day := today - timedelta(days=n))]
    for count in range(ASKED_FOR):
        unit = demo_history.BEHIND if count % 4 == 1 else dice.choice(MARKS)
        upwards = count % 4 == 3
        asker, asked = (unit, "TCZ") if upwards else ("TCZ", unit)
        moment = _some_time(dice, days[count * len(days) // ASKED_FOR])
        late = unit == demo_history.BEHIND or dice.random() < 0.06
        took = dice.randint(9, 14) if late else dice.randint(2, 5)
        number = ASKED + 2 * count
        answer = Plan(number + 1, after(moment, took * WORKING_DAY), asked, "CV", (asker,), old=True, replies_to=number)
        found += [Plan(number, moment, asker, "CV", (asked,), old=True, reply_in=7), answer]
    return [each for each in found if each.begun_at < at]
