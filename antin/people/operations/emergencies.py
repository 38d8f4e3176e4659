"""Breaking the glass: taking over a colleague's post at once, for a stated reason, and answering for it afterwards.

It gives sight and work until the end of the next day, never the right to sign or to seal. The holder of the post, the head of the
agency and its administrators are told at once (`journeys.emergency`), and the head looks at it later.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people import policy, queries
from antin.people.actor import Actor
from antin.people.models import Emergency, Substitution
from antin.people.operations.posts import AlreadyEnded
from antin.people.states import Finding
from antin.refusal import NotFound, Refusal, WrongState, refuse

LASTS = timedelta(days=2)
SHORTEST_REASON = 20


class ReasonTooShort(Refusal):
    code = "reason_too_short"
    words = _("Nêu rõ lý do khẩn cấp, ít nhất %(least)s ký tự: việc gì, vì sao không chờ được.")


class OneEmergencyAtATime(Refusal):
    code = "one_emergency_at_a_time"
    words = _("Đồng chí đang tiếp cận khẩn cấp thay %(post)s. Kết thúc việc đó trước.")


@transaction.atomic
def open_emergency(*, post_id: int, reason: str, review_by: date, actor: Actor, at: datetime) -> Emergency:
    """Take over the work of a colleague's post from now until the end of tomorrow.

    :raises NotFound: no such post
    :raises NotAllowed: a substitute, an administrator, or a post he may not take (`policy.why_not_take_over`)
    :raises PostClosed: one of the posts is closed
    :raises ReasonTooShort: fewer than twenty characters
    :raises OneEmergencyAtATime: he has taken over another post already
    """
    today = localdate(at)
    locked = {each: queries.lock_post(each) for each in sorted({actor.post_id, post_id})}
    principal = locked[post_id]
    refuse(policy.why_not_take_over(actor, principal))
    refuse(policy.why_post_not_open(principal, today))
    reason = clean_line(reason)[:500]
    if len(reason) < SHORTEST_REASON:
        raise ReasonTooShort(least=SHORTEST_REASON)
    running = queries.find_emergency(actor.person_id, today)
    if running is not None:
        raise OneEmergencyAtATime(post=running.substitution.principal.title)
    bond = Substitution.objects.create(
        principal=principal, substitute=locked[actor.post_id], since=today, until=today + LASTS, basis=reason[:300]
    )
    made = Emergency.objects.create(
        substitution=bond, person_id=actor.person_id, reason=reason, opened_at=at, review_by=review_by
    )
    journal.record(
        "post.emergency_opened",
        subject=("post", post_id),
        actor=actor,
        at=at,
        agency_id=principal.unit.agency_id,
        emergency=made.pk,
        substitution=bond.pk,
        until=bond.until,
        reason=reason,
    )
    return made


@transaction.atomic
def end_emergency(*, emergency_id: int, actor: Actor, at: datetime) -> Emergency:
    """Give the post back before its time: whoever took it, or the head of the agency.

    :raises NotFound: no such emergency, or none of his
    :raises AlreadyEnded: it is over
    """
    found = _locked(emergency_id)
    if found.person_id != actor.person_id:
        refuse(policy.why_not_review(actor, found))
    today, bond = localdate(at), found.substitution
    if bond.revoked_on is not None or bond.until <= today:
        raise AlreadyEnded(day=policy.in_words(bond.revoked_on or bond.until))
    bond.revoked_on = today
    bond.save(update_fields=["revoked_on"])
    journal.record(
        "post.emergency_ended",
        subject=("post", bond.principal_id),
        actor=actor,
        at=at,
        agency_id=bond.principal.unit.agency_id,
        emergency=found.pk,
    )
    return found


@transaction.atomic
def review_emergency(*, emergency_id: int, finding: str, words: str, actor: Actor, at: datetime) -> Emergency:
    """Say afterwards whether it was justified; what was done meanwhile stands in the journal under both names.

    :raises NotFound: no such emergency
    :raises NotAllowed: not the head of the agency, or the one who took the post himself
    :raises WrongState: it was looked at already
    """
    found = _locked(emergency_id)
    refuse(policy.why_not_review(actor, found))
    if found.reviewed_at is not None:
        raise WrongState(state=Finding(found.finding).label)
    found.reviewed_at, found.reviewer_id = at, actor.person_id
    found.finding, found.words = Finding(finding).value, clean_line(words)[:500]
    found.save(update_fields=["reviewed_at", "reviewer", "finding", "words"])
    journal.record(
        "post.emergency_reviewed",
        subject=("post", found.substitution.principal_id),
        actor=actor,
        at=at,
        agency_id=found.substitution.principal.unit.agency_id,
        emergency=found.pk,
        finding=found.finding,
        words=found.words,
    )
    return found


def _locked(emergency_id: int) -> Emergency:
    found = (
        Emergency.objects.select_for_update(of=("self",))
        .select_related("substitution__principal__unit")
        .filter(id=emergency_id)
        .first()
    )
    if found is None:
        raise NotFound(emergency=emergency_id)
    return found
