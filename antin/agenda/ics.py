"""Entries as iCalendar (RFC 5545), pure. The library folds lines and escapes text; nothing of a text becomes a property."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event, Timezone, TimezoneStandard

PRODUCT = "-//An Tin//Lich cong tac//VI"
ZONE = "Asia/Ho_Chi_Minh"


@dataclass(frozen=True)
class Happening:
    """What a calendar program is told. `uid` never changes, `sequence` grows with every change."""

    uid: str
    sequence: int
    title: str
    details: str
    where: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    cancelled: bool = False
    link: str = ""


def write(happenings: Iterable[Happening], *, name: str) -> bytes:
    """Return a calendar as a program reads it."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add_component(_zone())
    for each in happenings:
        event = Event()
        event.add("uid", each.uid)
        event.add("dtstamp", each.changed_at)
        event.add("last-modified", each.changed_at)
        event.add("sequence", each.sequence)
        event.add("summary", each.title)
        event.add("dtstart", each.starts_at)
        event.add("dtend", each.ends_at)
        event.add("status", "CANCELLED" if each.cancelled else "CONFIRMED")
        for key, words in (("description", each.details), ("location", each.where), ("url", each.link)):
            if words:
                event.add(key, words)
        calendar.add_component(event)
    return calendar.to_ical()


def _zone() -> Timezone:
    """Vietnam has had one offset since 1975."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", ZONE)
    standard.add("dtstart", datetime(1975, 6, 13))  # noqa: DTZ001 - RFC 5545 3.6.5 wants local time here
    standard.add("tzoffsetfrom", timedelta(hours=7))
    standard.add("tzoffsetto", timedelta(hours=7))
    standard.add("tzname", "+07")
    zone.add_component(standard)
    return zone
