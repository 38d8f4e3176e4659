"""Defining figures, closing periods, saying who answers for a figure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from antin.identifiers.text import clean
from antin.indicators import formulas, policy, queries
from antin.indicators.facts import NAMES
from antin.indicators.models import Closing, Formula, Indicator
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, _, refuse
from antin.workdays.queries import local_date


class ClosedAlready(Refusal):
    code = "closed_already"
    words = _("Kỳ này đã chốt.")


class NotOverYet(Refusal):
    code = "period_not_over"
    words = _("Chỉ chốt được kỳ đã qua: ngày cuối kỳ phải trước hôm nay.")


class ReasonMissing(Refusal):
    code = "reason_missing"
    words = _("Phải ghi rõ lý do.")


class NotLater(Refusal):
    code = "formula_not_later"
    words = _("Công thức mới phải có hiệu lực sau công thức đang dùng (%(day)s).")


class NotAPart(Refusal):
    code = "not_a_part"
    words = _("Chỉ đơn vị thuộc cơ quan cấp cao nhất phụ trách chỉ tiêu.")


@transaction.atomic
def set_formula(
    *, code: str, expression: str, target: Decimal | None, valid_from: date, reason: str, actor: Actor, at: datetime
) -> Formula:
    """Give a figure a new formula or target from a day on. Figures of earlier days go on by the earlier ones.

    :raises NotAllowed: the actor does not head the uppermost agency :raises NotLater: :raises ReasonMissing:
    :raises BadFormula: :raises UnknownFact: :raises TooGreat: the formula cannot be read, or real rows make it too great
    """
    root = people.find_root()
    refuse(policy.why_not_define(actor, root.pk if root else 0))
    indicator = queries.get_indicator(code)
    formulas.read(expression, NAMES)
    if root is not None:
        wanted = queries.thought_of(indicator, expression, target, valid_from)
        queries.trial(root, wanted, queries.BEGINNING, local_date(at))
    why = clean(reason).strip()[:500]
    if not why:
        raise ReasonMissing()
    last = queries.list_formulas(indicator)[0]
    if valid_from <= last.valid_from:
        raise NotLater(day=f"{last.valid_from:%d/%m/%Y}")
    made = Formula.objects.create(
        indicator=indicator,
        version=last.version + 1,
        expression=expression,
        target=target,
        valid_from=valid_from,
        reason=why,
        set_by=f"{actor.person_name}, {actor.post_title}",
        set_at=at,
    )
    journal.record(
        "indicator.formula_set",
        subject=("indicator", indicator.pk),
        actor=actor,
        at=at,
        expression=expression,
        target=target,
        valid_from=valid_from,
        version=made.version,
        reason=why,
    )
    return made


@transaction.atomic
def close(*, code: str, unit_id: int, since: date, until: date, actor: Actor, at: datetime) -> Closing:
    """Close a figure of a past period: its value and the digest of the very rows behind it stay.

    :raises NotFound: :raises NotAllowed: :raises NotOverYet: :raises ClosedAlready:
    """
    unit = people.get_unit(unit_id)
    refuse(policy.why_not_close(actor, unit))
    indicator = queries.get_indicator(code)
    if until >= local_date(at) or since > until:
        raise NotOverYet()
    if Closing.objects.filter(indicator=indicator, unit=unit, since=since, until=until).exists():
        raise ClosedAlready()
    figure = queries.get_figure(unit, indicator, since, until)
    lines = queries.lines_of(unit, indicator, since, until)
    made = Closing.objects.create(
        indicator=indicator,
        formula=figure.formula,
        unit=unit,
        since=since,
        until=until,
        value="" if figure.value is None else str(figure.value),
        rows=len(lines),
        lines=lines,
        digest=queries.digest_of(lines),
        closed_by=f"{actor.person_name}, {actor.post_title}",
        closed_at=at,
    )
    journal.record(
        "indicator.closed",
        subject=("indicator", indicator.pk),
        actor=actor,
        at=at,
        unit=unit.pk,
        since=since,
        until=until,
        value=made.value,
        rows=made.rows,
        digest=made.digest,
    )
    return made


@transaction.atomic
def set_owner(*, code: str, unit_id: int, actor: Actor, at: datetime) -> Indicator:
    """Say which unit of the uppermost agency answers for a figure: it answers what others contest.

    :raises NotFound: :raises NotAllowed: :raises NotAPart: the unit is not of the uppermost agency
    """
    root = people.find_root()
    refuse(policy.why_not_define(actor, root.pk if root else 0))
    indicator = queries.lock_indicator(code)
    unit = people.get_unit(unit_id)
    if root is None or unit.agency_id != root.pk:
        raise NotAPart()
    indicator.owner_unit = None if unit.pk == root.pk else unit
    indicator.save(update_fields=["owner_unit"])
    journal.record("indicator.owner_set", subject=("indicator", indicator.pk), actor=actor, at=at, unit=unit.pk)
    return indicator
