"""Meeting rooms of an agency, and addresses for calendar programs."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from antin.agenda import policy, queries
from antin.agenda.models import Entry, Feed, Venue
from antin.agenda.operations.entries import words_of
from antin.agenda.states import HOLDING
from antin.journal import operations as journal
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, _, refuse
from antin.workdays import queries as workdays

TOUCHED_EVERY = timedelta(minutes=1)


class VenueNameMissing(Refusal):
    code = "agenda_venue_name_missing"
    words = _("Ghi tên phòng họp.")


class VenueNamedTwice(Refusal):
    code = "agenda_venue_named_twice"
    words = _("Đã có phòng họp tên “%(name)s”.")


class VenueInUse(Refusal):
    code = "agenda_venue_in_use"
    words = _("Phòng này còn %(n)d lịch sắp tới; chuyển các lịch đó rồi mới thôi dùng được.")


@transaction.atomic
def add_venue(*, name: str, place: str = "", seats: int = 0, actor: Actor, at: datetime) -> Venue:
    """Add a meeting room to the agency. :raises NotTheKeeper: :raises VenueNameMissing: :raises VenueNamedTwice:"""
    refuse(policy.why_not_keep_venues(actor, queries.offices_of(actor.agency_id, workdays.local_date(at))))
    said = words_of(name, 100)
    if not said:
        raise VenueNameMissing()
    made, fresh = Venue.objects.get_or_create(
        agency_id=actor.agency_id,
        name=said,
        closed_at=None,
        defaults={"place": words_of(place, 200), "seats": max(0, min(seats, 9999))},
    )
    if not fresh:
        raise VenueNamedTwice(name=said)
    journal.record("venue.added", subject=("venue", made.pk), actor=actor, at=at, name=said)
    return made


@transaction.atomic
def close_venue(*, venue_id: int, actor: Actor, at: datetime) -> Venue:
    """Take a meeting room out of use. :raises NotTheKeeper: :raises NotFound: :raises VenueInUse: something is to be held in it"""
    refuse(policy.why_not_keep_venues(actor, queries.offices_of(actor.agency_id, workdays.local_date(at))))
    found = Venue.objects.select_for_update().filter(agency_id=actor.agency_id, pk=venue_id, closed_at=None).first()
    if found is None:
        raise NotFound()
    ahead = Entry.objects.filter(venue=found, status__in=HOLDING, ends_at__gt=at).count()
    if ahead:
        raise VenueInUse(n=ahead)
    found.closed_at = at
    found.save(update_fields=["closed_at"])
    journal.record("venue.closed", subject=("venue", found.pk), actor=actor, at=at, name=found.name)
    return found


@transaction.atomic
def make_feed(*, actor: Actor, at: datetime) -> str:
    """Make the actor's address for calendar programs; an earlier one of this post ends. Returns its secret, kept nowhere.

    :raises NotAProposer: an administrator has no calendar
    """
    refuse(policy.why_not_propose(actor))
    _end(actor, at)
    secret = secrets.token_urlsafe(32)
    made = Feed.objects.create(
        person_id=actor.person_id, post_id=actor.post_id, digest=queries.digest_of(secret), made_at=at
    )
    journal.record("feed.made", subject=("feed", made.pk), actor=actor, at=at)
    return secret


def _end(actor: Actor, at: datetime) -> int:
    live = Feed.objects.select_for_update().filter(person_id=actor.person_id, post_id=actor.post_id, revoked_at=None)
    ended = 0
    for feed in live:
        feed.revoked_at = at
        feed.save(update_fields=["revoked_at"])
        journal.record("feed.revoked", subject=("feed", feed.pk), actor=actor, at=at)
        ended += 1
    return ended


@transaction.atomic
def revoke_feed(*, actor: Actor, at: datetime) -> None:
    """End the actor's address. :raises NotFound: he has none"""
    if not _end(actor, at):
        raise NotFound()


@transaction.atomic
def use_feed(*, secret: str, at: datetime) -> Feed:
    """Say whose calendar a secret opens, and note that it was asked for (at most once a minute). :raises NotFound:"""
    feed = queries.find_feed(secret)
    if feed is None:
        raise NotFound()
    if feed.asked_at is None or feed.asked_at + TOUCHED_EVERY <= at:
        Feed.objects.filter(pk=feed.pk).update(asked_at=at)
    return feed
