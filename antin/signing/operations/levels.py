"""Rules of levels: how long signatures of a kind must be provable, and how long a silent service is borne with."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import NotFound, refuse
from antin.signing import policy
from antin.signing.models import LevelRule
from antin.signing.states import Level, Signing


@transaction.atomic
def set_rule(
    *,
    agency_id: int | None,
    signing: str,
    secrecy: int | None,
    level: str,
    grace_hours: int,
    actor: Actor | None,
    at: datetime,
) -> LevelRule:
    """Set the rule for a kind of signature, an agency and a secrecy (None: any). Signatures asked from now on follow it.

    :raises NotAllowed: the actor does not administer the agency, or the house
    :raises NotFound: no such agency
    :raises BadLimit: more hours than a missing service may be borne with
    """
    refuse(policy.why_not_rule(actor, agency_id))
    if not 0 <= grace_hours <= policy.MOST_GRACE_HOURS:
        raise policy.BadLimit(least=0, most=policy.MOST_GRACE_HOURS)
    rule, fresh = LevelRule.objects.select_for_update().get_or_create(
        agency_id=agency_id,
        signing=Signing(signing),
        secrecy=secrecy,
        defaults={"level": Level(level), "grace_hours": grace_hours, "changed_at": at},
    )
    before = "" if fresh else rule.level
    was = None if fresh else {"level": rule.level, "grace_hours": rule.grace_hours}
    rule.level, rule.grace_hours, rule.changed_at = Level(level), grace_hours, at
    rule.save()
    journal.record(
        "level_rule.set",
        subject=("level_rule", rule.pk),
        actor=actor,
        at=at,
        agency_id=agency_id,
        signing=signing,
        secrecy=secrecy,
        before=before,
        level=rule.level,
        grace_hours=grace_hours,
        was=was,
    )
    return rule


@transaction.atomic
def drop_rule(*, rule_id: int, actor: Actor | None, at: datetime) -> None:
    """Drop a rule; the next that fits, or the default, holds from now on.

    :raises NotFound: no such rule
    :raises NotAllowed: the actor does not administer the agency, or the house
    """
    rule = LevelRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise NotFound(rule_id=rule_id)
    refuse(policy.why_not_rule(actor, rule.agency_id))
    journal.record(
        "level_rule.dropped",
        subject=("level_rule", rule.pk),
        actor=actor,
        at=at,
        agency_id=rule.agency_id,
        signing=rule.signing,
        secrecy=rule.secrecy,
        level=rule.level,
        grace_hours=rule.grace_hours,
    )
    rule.delete()
