"""The daily round of reminders: whoever is to hear of work hears of all of it in one notice, once a day, on working days."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from antin.journeys import telling
from antin.notices import operations as notices
from antin.tasks import operations as tasks
from antin.workdays import queries as workdays


def make_round(*, at: datetime) -> int:
    """Remind of what the rules name today; how many people were told. A second round on a day tells nobody.

    The notice counts and names nothing: who opens it sees the work as far as he may see it.
    """
    with transaction.atomic(durable=True):
        heard = tasks.make_round(at=at)
        day = workdays.local_date(at)
        news = []
        for number, (holder, works) in enumerate(sorted(heard.items()), start=1):
            late = sum(work.due_at is not None and work.due_at < at for work in works)
            news.append(
                notices.News(
                    holders=[holder],
                    kind="task.digest",
                    words=telling.WORDS["task.digest"],
                    subject=("reminders", number),
                    facts={"late": late, "soon": len(works) - late},
                    link="/tasks?state=late" if late else "/tasks",
                    key=f"digest:{day.isoformat()}",
                )
            )
        notices.tell_many(news, actor=None, at=at)
    return len(heard)
