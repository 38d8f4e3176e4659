"""A contested row of a figure: whoever answers for the figure hears of it, and whoever contested it hears the answer."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.indicators import operations as indicators
from antin.indicators import queries
from antin.notices import operations as notices
from antin.people.actor import Actor

if TYPE_CHECKING:
    from antin.indicators.models import Contest

WORDS = {
    "contest.raised": _("%(by)s kiến nghị một dòng của chỉ tiêu “%(subject)s”: %(words)s"),
    "contest.withdrawn": _("%(by)s rút kiến nghị về chỉ tiêu “%(subject)s”."),
    "contest.agreed": _("%(by)s chấp nhận kiến nghị, đính chính chỉ tiêu “%(subject)s”. %(words)s"),
    "contest.refused": _("%(by)s không chấp nhận kiến nghị về chỉ tiêu “%(subject)s”: %(words)s"),
    "contest.taken_back": _("%(by)s hủy đính chính chỉ tiêu “%(subject)s”: %(words)s"),
}


def contest(*, actor: Actor, at: datetime, **told: Any) -> Contest:
    """Contest a row, or say that one is missing; who answers for the figure is told. :raises Refusal: as indicators.contest"""
    with transaction.atomic(durable=True):
        made = indicators.contest(**told, actor=actor, at=at)
        _tell("contest.raised", [f"U{queries.owner_of(made.indicator)}"], made, actor, at, words=made.words)
    return made


def withdraw(*, contest_id: int, actor: Actor, at: datetime) -> Contest:
    """Withdraw what nobody has answered. :raises Refusal: as indicators.withdraw"""
    with transaction.atomic(durable=True):
        found = indicators.withdraw(contest_id=contest_id, actor=actor, at=at)
        _tell("contest.withdrawn", [f"U{queries.owner_of(found.indicator)}"], found, actor, at)
    return found


def answer(*, contest_id: int, act: str, words: str = "", actor: Actor, at: datetime) -> Contest:
    """Agree, refuse, or take an agreed correction back (`act`: agree, refuse, take-back); both sides hear of it.

    :raises Refusal: as the act in indicators
    """
    acts = {"agree": indicators.agree, "refuse": indicators.refuse_contest, "take-back": indicators.take_back}
    with transaction.atomic(durable=True):
        found = acts[act](contest_id=contest_id, words=words, actor=actor, at=at)
        holders = [found.raised_holder, f"U{found.unit_id}", f"U{queries.owner_of(found.indicator)}"]
        _tell(f"contest.{found.status}", holders, found, actor, at, words=found.answer)
    return found


def _tell(kind: str, holders: list[str], found: Contest, actor: Actor, at: datetime, **facts: str) -> None:
    told = {"subject": found.indicator.name, "by": f"{actor.person_name}, {actor.post_title}", **facts}
    link, subject = f"/figures/contests/{found.pk}", ("contest", found.pk)
    notices.tell_many([notices.News(holders, kind, WORDS[kind], subject, told, link)], actor=actor, at=at)
