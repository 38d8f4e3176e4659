"""Passwords, sign-in and machine tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people import passwords, policy, queries
from antin.people.actor import Actor
from antin.people.models import ApiToken, Person, Sitting
from antin.people.operations import attempts
from antin.people.operations.posts import NeedsBasis, NotToOneself
from antin.people.states import Status
from antin.refusal import NotAllowed, NotFound, Refusal, WrongState, refuse

TOKEN_MARK = "antin_"  # noqa: S105 - what every token begins with, so that a leaked one is recognised
LONGEST_TOKEN_LIFE = timedelta(days=366)
TOUCHED_EVERY = timedelta(minutes=1)


class SignInRefused(Refusal):
    code = "sign_in_refused"
    words = _("Tên đăng nhập hoặc mật khẩu không đúng.")


class SamePassword(Refusal):
    code = "same_password"
    words = _("Mật khẩu mới phải khác mật khẩu đang dùng.")


class TokenRefused(Refusal):
    code = "token_refused"
    words = _("Khóa truy cập không đúng, đã hết hạn hoặc đã bị thu hồi.")


class BadToken(Refusal):
    code = "bad_token"
    words = _("Khóa truy cập phải có tên, ít nhất một phạm vi, và hạn dùng không quá 366 ngày.")


@dataclass(frozen=True)
class NewToken:
    """A token just made. `secret` is told this once and kept nowhere."""

    id: int
    secret: str
    expires_at: datetime


@dataclass(frozen=True)
class TokenUse:
    """What a machine showed a valid token for: act as this person in this post, within these scopes."""

    token_id: int
    person_id: int
    post_id: int
    scopes: tuple[str, ...]


@transaction.atomic
def set_password(*, person_id: int, password: str, actor: Actor | None, at: datetime) -> Person:
    """Give a person a new password; every session begun before is over, and he must choose one of his own at the next.

    :raises NotAllowed: the actor does not administer every post of the person (or `NotYourHouse`)
    :raises NotFound: no such person, or one who left
    :raises WeakPassword: too short or contains the user name
    """
    person = queries.lock_person(person_id)
    refuse(policy.why_not_manage(actor, person))
    return _keep_password(person, password, actor, at, given=actor is not None and actor.person_id != person_id)


@transaction.atomic
def change_password(*, person_id: int, old: str, new: str, actor: Actor | None, at: datetime) -> Person:
    """Change one's own password; every session begun before is over.

    :raises NotAllowed: another person's
    :raises SignInRefused: the old password is wrong
    :raises SamePassword: the new one is the old one
    :raises WeakPassword: too short or contains the user name
    """
    if actor is not None and actor.person_id != person_id:
        raise NotAllowed()
    person = queries.lock_person(person_id)
    if not passwords.matches(old, person.password):
        raise SignInRefused()
    if old == new:
        raise SamePassword()
    return _keep_password(person, new, actor, at, given=False)


def _keep_password(person: Person, password: str, actor: Actor | None, at: datetime, *, given: bool) -> Person:
    if person.status == Status.LEFT:
        raise NotFound(person=person.id)
    passwords.check_strength(password, person.user_name or "")
    person.password, person.password_given, person.signed_out_at = passwords.make_hash(password), given, at
    person.save(update_fields=["password", "password_given", "signed_out_at"])
    journal.record("person.password_set", subject=("person", person.id), actor=actor, at=at)
    return person


@transaction.atomic
def end_sittings(*, person_id: int, actor: Actor | None, at: datetime) -> Person:
    """End every sitting of a person that has begun by now; one's own, or that of somebody one administers.

    :raises NotFound: no such person
    :raises NotAllowed: another person's, and the actor does not administer every post of that person
    """
    person = queries.lock_person(person_id)
    if actor is None or actor.person_id != person_id:
        refuse(policy.why_not_manage(actor, person))
    person.signed_out_at = at
    person.save(update_fields=["signed_out_at"])
    journal.record("person.signed_out", subject=("person", person.id), actor=actor, at=at)
    return person


@transaction.atomic
def end_every_sitting(*, actor: Actor | None, at: datetime) -> int:
    """End every sitting of everybody, after a restoration: what was open on the day of the backup is not any more."""
    ended = Sitting.objects.all().delete()[0]
    journal.record("node.everybody_signed_out", subject=("node", 1), actor=actor, at=at, sittings=ended)
    return ended


@transaction.atomic
def lock_account(*, person_id: int, basis: str, actor: Actor | None, at: datetime) -> Person:
    """Keep a person out until the account is opened again: no sign-in, no sitting, no token. His posts stay his.

    :raises NotFound: no such person
    :raises NotAllowed: the actor does not administer every post of the person
    :raises NotToOneself: the actor would lock himself out
    :raises WrongState: the account is locked already, or the person left
    :raises NeedsBasis: no reason given
    """
    person = queries.lock_person(person_id)
    refuse(policy.why_not_manage(actor, person))
    if actor is not None and actor.person_id == person_id:
        raise NotToOneself()
    if person.status != Status.ACTIVE:
        raise WrongState(state=Status(person.status).label)
    if not clean_line(basis):
        raise NeedsBasis()
    person.status, person.signed_out_at = Status.LOCKED, at
    person.save(update_fields=["status", "signed_out_at"])
    journal.record("person.locked", subject=("person", person.id), actor=actor, at=at, basis=clean_line(basis))
    return person


@transaction.atomic
def unlock_account(*, person_id: int, basis: str, actor: Actor | None, at: datetime) -> Person:
    """Let a person in again whose account was locked.

    :raises NotFound: no such person
    :raises NotAllowed: the actor does not administer every post of the person
    :raises WrongState: the account is not locked
    :raises NeedsBasis: no reason given
    """
    person = queries.lock_person(person_id)
    refuse(policy.why_not_manage(actor, person))
    if person.status != Status.LOCKED:
        raise WrongState(state=Status(person.status).label)
    if not clean_line(basis):
        raise NeedsBasis()
    person.status = Status.ACTIVE
    person.save(update_fields=["status"])
    journal.record("person.unlocked", subject=("person", person.id), actor=actor, at=at, basis=clean_line(basis))
    return person


def sign_in(*, user_name: str, password: str, source: str, at: datetime) -> Person:
    """Let a person in who knows the password. `source` is where the attempt comes from (an address).

    An attempt is counted before the password is looked at (`attempts`). A name nobody has is counted, locked, worded and timed like
    any other. Whoever has a second factor is in only when he has shown it too (`show_code`, `show_key`).

    :raises SignInRefused: unknown name, wrong password, no password, or a person who left
    :raises SignInLocked: too many failures
    """
    typed = clean_line(user_name).lower()
    tries = attempts.count("name", typed, source=source, at=at)
    person = queries.find_person_by_user_name(typed)
    known = person is not None and person.status == Status.ACTIVE
    if not passwords.matches(password, person.password if person and known else "") or person is None:
        if person is not None:
            journal.record("person.sign_in_refused", subject=("person", person.id), actor=None, at=at, source=source)
        raise SignInRefused()
    return _let_in(person, password, source, tries=tries, at=at)


@transaction.atomic
def sign_in_by_certificate(*, person_id: int, serial: str, source: str, at: datetime) -> Person:
    """Let a person in who proved to hold the key of a certificate of his; `serial` is its number.

    :raises SignInRefused: he left, or his account is locked
    """
    person = queries.get_person(person_id)
    if person.status != Status.ACTIVE:
        raise SignInRefused()
    journal.record(
        "person.signed_in",
        subject=("person", person.id),
        actor=None,
        at=at,
        source=source,
        kind="certificate",
        serial=serial,
    )
    return person


@transaction.atomic
def _let_in(person: Person, password: str, source: str, *, tries: attempts.Tries, at: datetime) -> Person:
    attempts.forgive(tries)
    if passwords.is_outdated(person.password):
        person.password = passwords.make_hash(password)
        person.save(update_fields=["password"])
    event = "person.password_shown" if queries.has_factors(person.id) else "person.signed_in"
    journal.record(event, subject=("person", person.id), actor=None, at=at, source=source)
    return person


@transaction.atomic
def create_token(
    *,
    person_id: int,
    post_id: int,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime,
    actor: Actor | None,
    at: datetime,
) -> NewToken:
    """Make a secret that lets a machine act as this person in this post; only its digest is kept.

    :raises NotAllowed: another person's, and the actor does not administer every post of that person
    :raises PostNotHeld: the person does not hold the post today
    :raises BadToken: no name, no scope, or a life longer than 366 days
    """
    person = queries.get_person(person_id)
    if actor is None or actor.person_id != person_id:
        refuse(policy.why_not_manage(actor, person))
    queries.get_actor(person_id=person_id, post_id=post_id, on=localdate(at))
    name = clean_line(name)[:100]
    if not name or not scopes or not at < expires_at <= at + LONGEST_TOKEN_LIFE:
        raise BadToken()
    secret = TOKEN_MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        person=person,
        post_id=post_id,
        name=name,
        digest=_digest(secret),
        scopes=sorted(set(scopes)),
        created_at=at,
        expires_at=expires_at,
    )
    journal.record(
        "token.created",
        subject=("token", token.id),
        actor=actor,
        at=at,
        person=person_id,
        post=post_id,
        name=name,
        scopes=token.scopes,
    )
    return NewToken(token.id, secret, expires_at)


def _digest(secret: str) -> str:
    """A token is 256 random bits: a plain digest is as good as a slow one, and found by index."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def revoke_token(*, token_id: int, actor: Actor | None, at: datetime) -> ApiToken:
    """End a token now.

    :raises NotFound: no such token, or revoked before
    :raises NotAllowed: another person's, and the actor does not administer every post of that person
    """
    token = (
        ApiToken.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(id=token_id, revoked_at=None)
        .first()
    )
    if token is None:
        raise NotFound(token=token_id)
    if actor is None or actor.person_id != token.person_id:
        refuse(policy.why_not_manage(actor, token.person))
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    journal.record(
        "token.revoked", subject=("token", token.id), actor=actor, at=at, person=token.person_id, name=token.name
    )
    return token


def use_token(*, secret: str, at: datetime) -> TokenUse:
    """Say for whom a secret speaks, and note that it was used (at most once a minute).

    :raises TokenRefused: unknown, expired or revoked
    """
    token = ApiToken.objects.filter(digest=_digest(secret), revoked_at__isnull=True, expires_at__gt=at).first()
    if token is None:
        raise TokenRefused()
    if token.last_used_at is None or token.last_used_at + TOUCHED_EVERY <= at:
        ApiToken.objects.filter(id=token.id).update(last_used_at=at)
    return TokenUse(token.id, token.person_id, token.post_id, tuple(token.scopes))
