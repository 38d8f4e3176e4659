"""Taking and voiding numbers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.journal import operations as journal
from antin.numbering import queries
from antin.numbering.models import Number
from antin.numbering.queries import SeriesKey
from antin.numbering.states import Status
from antin.people.actor import Actor
from antin.refusal import Refusal


class ReasonMissing(Refusal):
    code = "reason_missing"
    words = _("Hủy số phải ghi rõ lý do.")


@transaction.atomic
def take(*, series: SeriesKey, subject: tuple[str, int], actor: Actor | None, at: datetime) -> Number:
    """Give the subject the next number of the series; the same subject asking again gets the number it holds.

    The series' row stays locked until the caller's transaction ends, so an aborted caller leaves no gap.
    Law: Decree 30/2020, art. 15.
    """
    row = queries.lock_series(series)
    held = queries.find_live(row, subject)
    if held is not None:
        return held
    row.last += 1
    row.save(update_fields=["last"])
    taken = Number.objects.create(
        series=row, value=row.last, subject_kind=subject[0], subject_id=subject[1], taken_at=at
    )
    journal.record(
        "number.taken",
        subject=subject,
        actor=actor,
        at=at,
        agency_id=series.agency_id,
        book=series.book,
        year=series.year,
        group=series.type_group,
        value=row.last,
    )
    return taken


@transaction.atomic
def void(
    *, series: SeriesKey, subject: tuple[str, int], reason: str, actor: Actor | None, at: datetime
) -> Number | None:
    """Void the number the subject holds, with a reason; it stays in the register and is never given again.

    :raises ReasonMissing: no reason given
    """
    if not reason.strip():
        raise ReasonMissing()
    row = queries.lock_series(series)
    held = queries.find_live(row, subject)
    if held is None:
        return None
    held.status = Status.VOIDED
    held.voided_at = at
    held.void_reason = reason.strip()
    held.save(update_fields=["status", "voided_at", "void_reason"])
    journal.record(
        "number.voided",
        subject=subject,
        actor=actor,
        at=at,
        agency_id=series.agency_id,
        book=series.book,
        year=series.year,
        group=series.type_group,
        value=held.value,
        reason=held.void_reason,
    )
    return held
