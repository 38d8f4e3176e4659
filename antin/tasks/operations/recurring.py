"""Work that recurs: a series with its exceptions, and each occurrence given once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.tasks import policy, queries
from antin.tasks.models import Occurrence, Series
from antin.tasks.operations import writing
from antin.tasks.operations.giving import LeadMissing, Share, TitleMissing
from antin.tasks.recurrence import Rule
from antin.tasks.states import Every, Role, Shift
from antin.workdays.queries import local_date


class BadRule(Refusal):
    code = "bad_recurrence"
    words = _("Chu kỳ không hợp lệ: ngày trong tuần từ 1 đến 7, trong tháng từ 1 đến 31, tháng của quý từ 1 đến 3.")


class NotAnOccurrence(Refusal):
    code = "not_an_occurrence"
    words = _("Việc định kỳ này không có kỳ ngày %(day)s, hoặc kỳ ấy đã giao.")


class MovedBack(Refusal):
    code = "occurrence_moved_back"
    words = _("Chỉ dời kỳ này đến một ngày từ hôm nay trở đi.")


@transaction.atomic
def begin_series(
    *,
    title: str,
    words: str = "",
    rule: Rule,
    shares: Sequence[Share],
    since: date,
    until: date | None = None,
    begun_in: str | None = None,
    actor: Actor,
    at: datetime,
) -> Series:
    """Begin a series: its occurrences are given in the name of whoever holds this post when their day comes.

    :raises NotAGiver: :raises TitleMissing: :raises BadRule: :raises LeadMissing: :raises NotFound: a unit is not below the giver
    """
    refuse(policy.why_not_give(actor))
    if begun_in and (again := queries.find_series_begun_in(begun_in)) is not None:
        return again
    named = clean(title).strip()[:500]
    if not named:
        raise TitleMissing()
    in_range = (
        1 <= rule.day <= (7 if rule.every == Every.WEEK else 31) and 1 <= rule.month <= 3 and 0 <= rule.ahead <= 60
    )
    if rule.every not in Every.values or rule.shift not in Shift.values or not in_range or (until and until < since):
        raise BadRule()
    if sum(share.role == Role.LEAD for share in shares) != 1:
        raise LeadMissing()
    for share in shares:
        if share.unit_id is not None:
            people.get_unit_to_task(agency_id=actor.agency_id, unit_id=share.unit_id, under=actor.unit_id)
        else:
            people.get_post_to_task(agency_id=actor.agency_id, post_id=share.post_id or 0, under=actor.unit_id)
    made = Series.objects.create(
        title=named,
        words=writing.said(words),
        every=rule.every,
        day=rule.day,
        month=rule.month,
        shift=rule.shift,
        ahead=rule.ahead,
        shares=[{"role": str(each.role), "unit_id": each.unit_id, "post_id": each.post_id} for each in shares],
        since=since,
        until=until,
        giver_post_id=actor.post_id,
        begun_in=begun_in or None,
        made_by=writing.author(actor),
        made_at=at,
    )
    journal.record(
        "series.begun", subject=("series", made.pk), actor=actor, at=at, title=named, every=rule.every, day=rule.day
    )
    return made


def _open_occurrence(series: Series, day: date) -> Occurrence:
    """Return the occurrence of a nominal day, not given yet. :raises NotAnOccurrence:"""
    found = Occurrence.objects.filter(series=series, day=day).first() or Occurrence(series=series, day=day)
    if day not in queries.nominal_days_of(series, day, day) or found.directive_id is not None:
        raise NotAnOccurrence(day=f"{day:%d/%m/%Y}")
    return found


@transaction.atomic
def make_exception(
    *, series_id: int, day: date, moved_to: date | None, words: str, actor: Actor, at: datetime
) -> Occurrence:
    """Leave an occurrence out, or move it to another day, with the reason.

    :raises NotTheGiver: :raises SeriesEnded: :raises NotAnOccurrence: :raises ReasonMissing: :raises MovedBack: into the past
    """
    series = queries.lock_series(series_id)
    refuse(policy.why_not_rule_series(actor, series))
    said = writing.reason(words)
    if moved_to is not None and moved_to < local_date(at):
        raise MovedBack()
    found = _open_occurrence(series, day)
    found.skipped, found.moved_to, found.words, found.at = moved_to is None, moved_to, said, at
    found.save()
    journal.record(
        "series.exception",
        subject=("series", series.pk),
        actor=actor,
        at=at,
        day=day,
        moved_to=moved_to,
        words=said,
    )
    return found


@transaction.atomic
def end_series(*, series_id: int, words: str, actor: Actor, at: datetime) -> Series:
    """End a series; what was given of it stays. :raises NotTheGiver: :raises WrongState: :raises ReasonMissing:"""
    series = queries.lock_series(series_id)
    refuse(policy.why_not_rule_series(actor, series))
    said = writing.reason(words)
    series.ended_at = at
    series.save(update_fields=["ended_at"])
    journal.record("series.ended", subject=("series", series.pk), actor=actor, at=at, words=said)
    return series


@transaction.atomic
def note_occurrence(
    *, series_id: int, day: date, directive_id: int | None, fault: str = "", actor: Actor | None, at: datetime
) -> Occurrence:
    """Note that an occurrence was given, in the transaction that gives it, or why it could not be.

    :raises NotAnOccurrence: it was given already
    """
    series = queries.lock_series(series_id)
    found = _open_occurrence(series, day)
    found.directive_id, found.fault, found.at = directive_id, fault[:500], at
    found.save()
    journal.record(
        "series.given" if directive_id else "series.not_given",
        subject=("series", series.pk),
        actor=actor,
        at=at,
        day=day,
        directive=directive_id,
        fault=found.fault,
    )
    return found
