"""Reminding of open work: the rules, and one round a day."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.tasks import policy, queries
from antin.tasks.models import Assignment, Reminded, ReminderRound, ReminderRule
from antin.tasks.operations import writing
from antin.tasks.states import Priority, Whom
from antin.workdays import queries as workdays

BEGIN_OF_OFFICE = time(7, 30)


class BadDistance(Refusal):
    code = "bad_reminder"
    words = _("Nhắc trong khoảng từ 60 ngày làm việc trước hạn đến 60 ngày làm việc sau hạn.")


class NameMissing(Refusal):
    code = "reminder_name_missing"
    words = _("Ghi tên quy tắc.")


@transaction.atomic
def set_rule(
    *, name: str, days: int, whom: str, priority: int = Priority.ORDINARY, actor: Actor, at: datetime
) -> ReminderRule:
    """Let people be reminded from today on. :raises NotAnAdministrator: :raises NameMissing: :raises BadDistance:"""
    refuse(policy.why_not_rule_reminders(actor))
    named = clean(name).strip()[:200]
    if not named:
        raise NameMissing()
    if not -60 <= days <= 60:
        raise BadDistance()
    made = ReminderRule.objects.create(
        name=named,
        days=days,
        whom=Whom(whom),
        priority=Priority(priority),
        since=workdays.local_date(at),
        made_by=writing.author(actor),
        made_at=at,
    )
    journal.record(
        "reminder.set",
        subject=("reminder", made.pk),
        actor=actor,
        at=at,
        name=named,
        days=days,
        whom=str(made.whom),
        priority=int(made.priority),
    )
    return made


@transaction.atomic
def end_rule(*, rule_id: int, actor: Actor, at: datetime) -> ReminderRule:
    """End a rule of reminding. :raises NotAnAdministrator: :raises NotFound:"""
    refuse(policy.why_not_rule_reminders(actor))
    rule = queries.lock_rule(rule_id)
    rule.ended_at = at
    rule.save(update_fields=["ended_at"])
    told: dict[str, Any] = {
        "name": rule.name,
        "days": rule.days,
        "whom": str(rule.whom),
        "priority": int(rule.priority),
    }
    journal.record("reminder.ended", subject=("reminder", rule.pk), actor=actor, at=at, **told)
    return rule


@transaction.atomic
def make_round(*, actor: Actor | None = None, at: datetime) -> dict[str, list[Assignment]]:
    """Find what is to be reminded of today and by whom it is to be heard, as posts; the caller tells them in the same transaction.

    One round a day, on working days, from the opening of the offices on: a second one finds nothing. Of one deadline of one piece
    of work a rule reminds once; a later deadline is another.
    """
    today = workdays.local_date(at)
    if not workdays.is_working_day(today) or at.astimezone(workdays.HERE).time() < BEGIN_OF_OFFICE:
        return {}
    round_, fresh = ReminderRound.objects.get_or_create(day=today, defaults={"at": at})
    if not fresh:
        return {}
    heard: dict[str, dict[int, Assignment]] = defaultdict(dict)
    told = []
    hearers = Hearers(at)
    for rule in queries.list_rules():
        thought = queries.Rule(rule.days, rule.whom, rule.priority, rule.since)
        for task in queries.list_matching(thought, today, at, rule_id=rule.pk):
            assert task.due_at is not None
            told.append(Reminded(rule=rule, assignment=task, due_at=task.due_at, day=today))
            for holder in hearers.of(rule.whom, task):
                heard[holder][task.pk] = task
    Reminded.objects.bulk_create(told)
    round_.reminded = len(told)
    round_.save(update_fields=["reminded"])
    return {holder: list(tasks.values()) for holder, tasks in heard.items()}


class Hearers:
    """Who is to hear of work: posts, one for each person, however many of his posts are meant."""

    def __init__(self, at: datetime) -> None:
        self.day = workdays.local_date(at)
        self._heads: dict[int, str] = {}
        self._posts: dict[int, str] = {}
        self._persons: dict[int, str] = {}

    def of(self, whom: str, task: Assignment) -> list[str]:
        """Return the posts that a rule means."""
        unit = task.in_unit
        if whom == Whom.GIVER:
            found = self._of_token(task.giver_holder)
        elif whom == Whom.ABOVE:
            found = self._head(unit.parent_id or unit.pk)
        elif whom == Whom.AGENCY:
            found = self._head(unit.agency_id)
        else:
            found = self._of_token(task.holder)
        return [found] if found else []

    def _of_token(self, token: str) -> str:
        number = int(token[1:])
        return self._head(number) if token[0] == "U" else self._post(number)

    def _head(self, unit_id: int) -> str:
        if unit_id not in self._heads:
            post = people.find_head_post(unit_id, self.day)
            self._heads[unit_id] = self._post(post.pk) if post else ""
        return self._heads[unit_id]

    def _post(self, post_id: int) -> str:
        """The post, or the other post under which its holder is told already."""
        if post_id not in self._posts:
            holder = people.post_holder(post_id, self.day)
            token = f"P{post_id}"
            self._posts[post_id] = self._persons.setdefault(holder.pk, token) if holder else token
        return self._posts[post_id]
