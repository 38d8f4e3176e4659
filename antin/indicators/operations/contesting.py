"""Contesting a row: what is said to be wrong with it, and what those who answer for the figure say."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from antin.identifiers.text import clean
from antin.indicators import policy, queries, states
from antin.indicators.facts import FACTS
from antin.indicators.models import Contest
from antin.indicators.policy import OwnContest
from antin.indicators.states import Claim, Status
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, _, refuse
from antin.workdays.queries import local_date

__all__ = ["AlreadyContested", "ClaimUnfit", "DayAhead", "OwnContest", "WordsMissing"]
LONGEST, LONGEST_TITLE = 1000, 300


class WordsMissing(Refusal):
    code = "words_missing"
    words = _("Phải nêu rõ vì sao.")


class ClaimUnfit(Refusal):
    code = "claim_unfit"
    words = _("Không kiến nghị như vậy được với dòng này.")


class AlreadyContested(Refusal):
    code = "already_contested"
    words = _("Dòng này đã được kiến nghị với chỉ tiêu này.")


class DayAhead(Refusal):
    code = "day_ahead"
    words = _("Ngày của dòng còn thiếu phải là hôm nay hoặc trước đó.")


@transaction.atomic
def contest(
    *,
    code: str,
    claim: str,
    words: str,
    subject: tuple[str, int] | None = None,
    unit_id: int | None = None,
    day: date | None = None,
    title: str = "",
    counts: bool = True,
    until: date,
    actor: Actor,
    at: datetime,
) -> Contest:
    """Say that a row of a figure is wrong, as it stands on a day; or (`title`, `unit_id`, `day`) that one is missing.

    `counts`: whether what is missing also adds to what the figure counts, not only to what it divides by.

    :raises NotFound: no such figure or row, or not the actor's to see :raises NotAllowed: :raises WordsMissing: :raises ClaimUnfit:
    :raises AlreadyContested: :raises DayAhead:
    """
    indicator = queries.lock_indicator(code)
    formula = queries.formula_on(indicator, until)
    if not queries.is_counted(formula.expression):
        raise ClaimUnfit()  # nothing is counted of it yet
    base, counted = queries.facts_of(formula)
    countable = [name for name in counted if not FACTS[name].quantity]
    why = clean(words).strip()[:LONGEST]
    told = clean(title).strip()[:LONGEST_TITLE]
    if claim == Claim.MISSING:
        if subject is not None or unit_id is None or day is None or countable != counted:
            raise ClaimUnfit()  # nobody knows how long it took what nobody counted
        if day > local_date(at):
            raise DayAhead()
        unit, facts, first = people.get_unit(unit_id), [*base, *(counted if counts else [])], base[0]
        refuse(policy.why_not_contest(actor, unit))
        if not told:
            raise WordsMissing()
    else:
        row = queries.find_row(subject, base, until) if subject else None
        if row is None or subject is None or not queries.sees(actor, subject):
            raise NotFound()
        unit, day, first = row.unit, row.day, row.fact
        refuse(policy.why_not_contest(actor, unit))
        facts = [*base, *counted] if claim == Claim.LEAVE_OUT else countable
        if claim not in Claim.values or not facts:
            raise ClaimUnfit()
        if claim != Claim.LEAVE_OUT and queries.does_count(subject, countable, until) == (claim == Claim.COUNTS):
            raise ClaimUnfit()
        if Contest.objects.filter(
            indicator=indicator, subject_kind=subject[0], subject_id=subject[1], status__in=states.ALIVE
        ).exists():
            raise AlreadyContested()
    if not why:
        raise WordsMissing()
    made = Contest.objects.create(
        indicator=indicator,
        claim=claim,
        facts=facts,
        base=first,
        subject_kind=subject[0] if subject else "",
        subject_id=subject[1] if subject else 0,
        title=told if claim == Claim.MISSING else "",
        unit=unit,
        day=day,
        words=why,
        status=Status.OPEN,
        raised_by=f"{actor.person_name}, {actor.post_title}",
        raised_person_id=actor.person_id,
        raised_holder=f"P{actor.post_id}",
        raised_at=at,
    )
    _record("contest.raised", made, actor, at, claim=claim, of=subject or (), day=day, unit=unit.pk)
    return made


@transaction.atomic
def agree(*, contest_id: int, words: str, actor: Actor, at: datetime) -> Contest:
    """Agree: the figure is corrected from the row's day on, by rows of the contest's own.

    :raises NotFound: :raises NotAllowed: :raises OwnContest: :raises WrongState:
    """
    return _answer("agree", contest_id, words, actor, at, needed=False)


@transaction.atomic
def refuse_contest(*, contest_id: int, words: str, actor: Actor, at: datetime) -> Contest:
    """Say why the row stays as it is.

    :raises NotFound: :raises NotAllowed: :raises OwnContest: :raises WordsMissing: :raises WrongState:
    """
    return _answer("refuse", contest_id, words, actor, at)


@transaction.atomic
def take_back(*, contest_id: int, words: str, actor: Actor, at: datetime) -> Contest:
    """Take a correction back, with the reason: the row counts by itself again.

    :raises NotFound: :raises NotAllowed: :raises OwnContest: :raises WordsMissing: :raises WrongState:
    """
    return _answer("take_back", contest_id, words, actor, at)


@transaction.atomic
def withdraw(*, contest_id: int, actor: Actor, at: datetime) -> Contest:
    """Withdraw a contest that nobody has answered. :raises NotFound: :raises NotAllowed: :raises WrongState:"""
    found = queries.lock_contest(contest_id)
    refuse(policy.why_not_withdraw(actor, found))
    found.status = states.step("withdraw", found.status)
    found.save(update_fields=["status"])
    _record("contest.withdrawn", found, actor, at)
    return found


_EVENTS = {"agree": "contest.agreed", "refuse": "contest.refused", "take_back": "contest.taken_back"}


def _answer(act: str, contest_id: int, words: str, actor: Actor, at: datetime, *, needed: bool = True) -> Contest:
    found = queries.lock_contest(contest_id)
    refuse(policy.why_not_answer(actor, found, queries.owner_of(found.indicator)))
    target = states.step(act, found.status)
    said = clean(words).strip()[:LONGEST]
    if needed and not said:
        raise WordsMissing()
    found.status, found.answer, found.answered_at = target, said, at
    found.answered_by = f"{actor.person_name}, {actor.post_title}"
    found.save(update_fields=["status", "answer", "answered_by", "answered_at"])
    _record(_EVENTS[act], found, actor, at, words=said)
    return found


def _record(event: str, found: Contest, actor: Actor, at: datetime, **facts: Any) -> None:
    journal.record(
        event, subject=("contest", found.pk), actor=actor, at=at, agency_id=found.unit.agency_id,
        indicator=found.indicator.code, **facts,
    )  # fmt: skip
