"""How many things one act may be asked for, and who may halt it and go on with it."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from antin.batches.models import ActBatch
from antin.refusal import Refusal

MOST_AT_ONCE = 500
"""Of one batch: a morning's arrivals, and a page of results that can still be read."""


class NothingPicked(Refusal):
    code = "nothing_picked"
    words = _("Chưa chọn văn bản hoặc việc nào.")


class TooManyPicked(Refusal):
    code = "too_many_picked"
    words = _("Đã chọn %(count)d; mỗi lần nhiều nhất %(most)d.")


class BatchOver(Refusal):
    code = "batch_over"
    words = _("Lần làm này đã xong.")


class BatchUnderWay(Refusal):
    code = "batch_under_way"
    words = _("Lần làm này đang chạy.")


def why_not_begin(count: int) -> Refusal | None:
    """Why an act may not be asked for so many things."""
    if not count:
        return NothingPicked()
    return TooManyPicked(count=count, most=MOST_AT_ONCE) if count > MOST_AT_ONCE else None


def why_not_halt(batch: ActBatch) -> Refusal | None:
    """Why a batch may not be halted."""
    return BatchOver() if batch.ended_at or batch.halted_at else None


def why_not_go_on(batch: ActBatch, failed: int) -> Refusal | None:
    """Why a batch may not be set going again: it is not halted, and nothing in it failed."""
    if not batch.ended_at and not batch.halted_at:
        return BatchUnderWay()
    return BatchOver() if batch.ended_at and not failed else None
