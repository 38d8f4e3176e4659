"""A colleague's post is taken over at once: whoever must know is told in the same breath, and the head is asked to look at it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.notices import operations as notices
from antin.people import operations as people
from antin.people import queries
from antin.people.actor import Actor
from antin.workdays.queries import add_working_days, local_date

if TYPE_CHECKING:
    from antin.people.models import Emergency

REVIEWED_WITHIN = 3
"""Working days in which the head looks at it."""
OPENED = _("%(by)s tiếp cận khẩn cấp thay %(post)s: %(reason)s")
REVIEWED = _("Đã xem xét việc tiếp cận khẩn cấp thay %(post)s: %(finding)s. %(said)s")


@transaction.atomic
def open_emergency(*, post_id: int, reason: str, actor: Actor, at: datetime) -> Emergency:
    """Take over a post and tell its holder, the head of the agency and its administrators. Refusals: `people.open_emergency`."""
    today = local_date(at)
    made = people.open_emergency(
        post_id=post_id, reason=reason, review_by=add_working_days(today, REVIEWED_WITHIN), actor=actor, at=at
    )
    post = made.substitution.principal
    notices.tell(
        queries.list_told_of(post, today),
        kind="post.emergency",
        words=OPENED,
        subject=("post", post.pk),
        link="/emergencies",
        key=f"emergency:{made.pk}",
        actor=actor,
        at=at,
        by=f"{actor.person_name}, {actor.post_title}",
        post=post.title,
        reason=made.reason,
    )
    return made


@transaction.atomic
def review_emergency(*, emergency_id: int, finding: str, words: str, actor: Actor, at: datetime) -> Emergency:
    """Say what was found, and tell whoever it was about. Refusals: `people.review_emergency`."""
    found = people.review_emergency(emergency_id=emergency_id, finding=finding, words=words, actor=actor, at=at)
    notices.tell(
        [f"M{found.person_id}"],
        kind="post.emergency_reviewed",
        words=REVIEWED,
        subject=("post", found.substitution.principal_id),
        link="/emergencies",
        key=f"emergency-reviewed:{found.pk}",
        actor=actor,
        at=at,
        post=found.substitution.principal.title,
        finding=found.get_finding_display(),
        said=found.words,
    )
    return found
