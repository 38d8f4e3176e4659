"""Level, term and end: by a decision with number and day, never by itself, but for a term that is over.

What came from elsewhere on paper follows its sender's paper, recorded here; then nobody here decided it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop as _

from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.vault import policy, queries, states
from antin.vault.models import Classified, Decision, Destruction, Wrap
from antin.vault.states import Change, Level, Status, term_years, years_after


@transaction.atomic
def change_level(
    *, classified_id: int, level: int, paper: str, decided_on: date, actor: Actor, at: datetime
) -> Classified:
    """Raise or lower the level by a decision. The term of the new level counts from the decision's day.

    Readers whose clearance does not reach a raised level stay in the list and can open nothing any more. The holdings of other
    agencies follow: one secret has one level.

    :raises NotFound: NotCleared: NotAllowed: WrongState: the actor is not the head who reads it, or it is protected no longer
    :raises NeedsDecision: LevelUnchanged: NotTheOrigin: another agency of a node decides, and tells it
    """
    classified = _decided(classified_id, paper, decided_on, actor=actor, at=at)
    refuse(policy.why_not_change_level(actor, classified, level))
    for each in [classified, *queries.lock_holdings(classified_id)]:
        before = each.level
        each.level = level
        each.fixed_on = decided_on
        each.protected_until = years_after(decided_on, term_years(level, decided_on))
        each.save(update_fields=["level", "fixed_on", "protected_until"])
        change = Change.RAISED if level > before else Change.LOWERED
        _write(each, change, before, paper=paper, decided_on=decided_on, actor=actor, at=at)
    return classified


@transaction.atomic
def extend(*, classified_id: int, until: date, paper: str, decided_on: date, actor: Actor, at: datetime) -> Classified:
    """Protect it longer, each time by no more than its level's own term; the holdings of other agencies too.

    :raises NotFound: NotCleared: NotAllowed: WrongState: NeedsDecision: TermNotLonger: TermTooLong:
    """
    classified = _decided(classified_id, paper, decided_on, actor=actor, at=at)
    refuse(policy.why_not_extend(classified, until, decided_on))
    for each in [classified, *queries.lock_holdings(classified_id)]:
        each.protected_until = until
        each.save(update_fields=["protected_until"])
        _write(each, Change.EXTENDED, each.level, paper=paper, decided_on=decided_on, actor=actor, at=at)
    return classified


@transaction.atomic
def declassify(*, classified_id: int, paper: str, decided_on: date, actor: Actor, at: datetime) -> Classified:
    """End the protection before its term, by a decision, in every agency that holds it.

    What was sealed stays sealed; its readers open it without a clearance.

    :raises NotFound: NotCleared: NotAllowed: WrongState: NeedsDecision:
    """
    classified = _decided(classified_id, paper, decided_on, actor=actor, at=at)
    for each in [classified, *queries.lock_holdings(classified_id)]:
        each.status = states.step("declassify", each.status)
        each.save(update_fields=["status"])
        _write(each, Change.DECLASSIFIED, each.level, paper=paper, decided_on=decided_on, actor=actor, at=at)
    return classified


@dataclass(frozen=True)
class Decided:
    """What the agency that sent us something from another node decided over it, by which paper of which day."""

    change: Change
    level: int
    until: date
    paper: str
    decided_on: date


class NotADecision(Refusal):
    """What a sender says he decided does not follow from what it was before, or names no paper."""

    code = "not_a_decision"
    words = _("Quyết định về độ mật không khớp với tài liệu đang giữ, hoặc không ghi số, ngày.")


@transaction.atomic
def follow_sender(*, classified_id: int, decided: Decided, actor: Actor | None, at: datetime) -> list[Classified]:
    """Let what came from another node, and what was passed on here, follow its sender's decision; what did.

    The caller has proved that the sender said so. What is protected no longer stays as it is.

    :raises NotTheOrigin: it was begun here, or by another agency of this node
    :raises NotADecision: no paper, a day to come, a change that is none
    """
    held = queries.lock(classified_id)
    if not held.came_from:
        raise policy.NotTheOrigin(name=held.agency.name)
    if held.status != Status.PROTECTED:
        return []
    today, change = localdate(at), decided.change
    fits = {
        Change.RAISED: decided.level > held.level,
        Change.LOWERED: 0 < decided.level < held.level,
        Change.EXTENDED: decided.level == held.level and decided.until > held.protected_until,
        Change.DECLASSIFIED: True,
    }.get(change, False)
    if not (fits and decided.paper.strip() and held.fixed_on <= decided.decided_on <= today):
        raise NotADecision
    if decided.level not in Level.values or decided.until <= decided.decided_on:
        raise NotADecision
    followed = [held, *queries.lock_holdings(classified_id)]
    for each in followed:
        before = each.level
        if change == Change.DECLASSIFIED:
            each.status = states.step("declassify", each.status)
        elif change == Change.EXTENDED:
            each.protected_until = decided.until
        else:
            each.level, each.fixed_on, each.protected_until = decided.level, decided.decided_on, decided.until
        each.save(update_fields=["level", "fixed_on", "protected_until", "status"])
        _write(each, change, before, paper=decided.paper, decided_on=decided.decided_on, actor=actor, at=at)
    return followed


@transaction.atomic
def end_terms(*, actor: Actor | None, at: datetime) -> list[int]:
    """Declassify whatever's term is over (29/2018/QH14, art. 22); the ids of what was."""
    today = localdate(at)
    ended = []
    for classified_id in queries.list_ended(today):
        classified = queries.lock(classified_id)
        classified.status = states.step("declassify", classified.status)
        classified.save(update_fields=["status"])
        _write(classified, Change.ENDED, classified.level, paper="", decided_on=today, actor=actor, at=at)
        ended.append(classified_id)
    return ended


@transaction.atomic
def destroy(*, classified_id: int, minutes: str, witness_id: int, actor: Actor, at: datetime) -> Classified:
    """Destroy it: every wrap is deleted, the recovery key's too, so that nobody's key opens the sealed bytes any more.

    Backups made before still hold the wraps; they are to be destroyed by the same minutes. A witness is another of its readers.

    :raises NotFound: NotCleared: NotAllowed: WrongState: the actor is not the head who reads it, or it was destroyed before
    :raises NeedsMinutesAndWitness: CopiesOutstanding:
    """
    classified = queries.lock(classified_id)
    own = queries.find_reader(classified_id, actor.person_id)
    witness = queries.find_reader(classified_id, witness_id)
    outstanding = queries.count_outstanding_copies(classified_id)
    refuse(policy.why_not_destroy(actor, classified, own, minutes=minutes, witness=witness, outstanding=outstanding))
    classified.status = states.step("destroy", classified.status)
    classified.save(update_fields=["status"])
    Wrap.objects.filter(content__classified=classified).delete()
    Destruction.objects.create(
        classified=classified,
        minutes=minutes.strip(),
        witness_id=witness_id,
        destroyed_by_id=actor.person_id,
        destroyed_at=at,
    )
    journal.record(
        "classified.destroyed",
        subject=("classified", classified_id),
        actor=actor,
        at=at,
        agency_id=classified.agency_id,
        minutes=minutes.strip(),
        witness=witness_id,
    )
    return classified


def _decided(classified_id: int, paper: str, decided_on: date, *, actor: Actor, at: datetime) -> Classified:
    classified = queries.lock(classified_id)
    own = queries.find_reader(classified_id, actor.person_id)
    refuse(policy.why_not_decide(actor, classified, own, paper=paper, decided_on=decided_on, today=localdate(at)))
    return classified


def _write(
    classified: Classified,
    change: Change,
    before: int,
    *,
    paper: str,
    decided_on: date,
    actor: Actor | None,
    at: datetime,
) -> None:
    Decision.objects.create(
        classified=classified,
        change=change,
        level_before=before,
        level_after=classified.level,
        protected_until=classified.protected_until,
        paper=paper.strip(),
        decided_on=decided_on,
        decided_by_id=None if actor is None or classified.came_from else actor.person_id,
        recorded_at=at,
    )
    journal.record(
        f"classified.{change.value}",
        subject=("classified", classified.pk),
        actor=actor,
        at=at,
        agency_id=classified.agency_id,
        level=classified.level,
        before=before,
        until=classified.protected_until,
        paper=paper.strip(),
        decided_on=decided_on,
    )
