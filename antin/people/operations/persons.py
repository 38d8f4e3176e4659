"""Persons: taken in, cleared, let go."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean_line, fold
from antin.journal import operations as journal
from antin.people import passwords, policy, queries
from antin.people.actor import Actor
from antin.people.models import ApiToken, Appointment, Person
from antin.people.names import sort_key_of_name
from antin.people.operations.posts import NeedsBasis, NotToOneself, PersonLeft, appoint, end_all
from antin.people.states import Clearance, Role, Status
from antin.refusal import NotAllowed, Refusal, refuse

PHONE = re.compile(r"(?=(?:[^0-9]*[0-9]){3})[0-9 +().,/-]{3,40}", re.ASCII)
USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}", re.ASCII)


class PersonNeedsName(Refusal):
    code = "person_needs_name"
    words = _("Phải có họ tên, không quá 100 ký tự.")


class BadUserName(Refusal):
    code = "bad_user_name"
    words = _("Tên đăng nhập gồm 2 đến 60 chữ thường không dấu, chữ số, dấu chấm, gạch nối, gạch dưới.")


class UserNameTaken(Refusal):
    code = "user_name_taken"
    words = _("Tên đăng nhập hoặc mã cán bộ đã có người dùng.")


class BadPhone(Refusal):
    code = "bad_phone"
    words = _("Số điện thoại gồm ít nhất 3 chữ số, có thể có dấu cách, +, -, dấu chấm và ngoặc; không quá 40 ký tự.")


class ClearanceNeedsEnd(Refusal):
    code = "clearance_needs_end"
    words = _("Quyền tiếp cận bí mật nhà nước phải có ngày hết hạn sau ngày hôm nay.")


def _phone(phone: str) -> str:
    phone = clean_line(phone)
    if phone and not PHONE.fullmatch(phone):
        raise BadPhone()
    return phone


def _search_text(name: str, user_name: str, code: str, phone: str) -> str:
    """What a person is found by: a telephone number also without its spaces and signs."""
    digits = "".join(sign for sign in phone if sign.isdigit())
    return fold(f"{name} {user_name} {code} {phone} {digits}")[:200]


@transaction.atomic
def add_person(
    *,
    name: str,
    rank: str = "",
    phone: str = "",
    code: str = "",
    user_name: str = "",
    password: str = "",
    password_is_public: bool = False,
    actor: Actor | None,
    at: datetime,
) -> Person:
    """Take a person in, without any post yet. Without a user name and a password he cannot sign in.

    `password_is_public` says that the password is printed for all to read (the demonstration); see `passwords.make_hash`.

    :raises NotAllowed: the actor is no administrator
    :raises PersonNeedsName: the name is empty or too long
    :raises BadPhone: the telephone number is none
    :raises BadUserName: the user name is not of the form asked
    :raises UserNameTaken: another person has the user name or the code
    :raises WeakPassword: the password is too short or contains the user name
    """
    if actor is not None and actor.role != Role.ADMINISTRATOR:
        raise NotAllowed()
    name, user_name, code = clean_line(name), clean_line(user_name).lower(), clean_line(code)
    if not 0 < len(name) <= 100:
        raise PersonNeedsName()
    phone = _phone(phone)
    if user_name and not USER_NAME.fullmatch(user_name):
        raise BadUserName()
    if password:
        passwords.check_strength(password, user_name)
    try:
        with transaction.atomic():
            person = Person.objects.create(
                name=name,
                rank=clean_line(rank)[:50],
                phone=phone,
                code=code[:40] or None,
                user_name=user_name or None,
                password=passwords.make_hash(password, public=password_is_public) if password else "",
                password_given=bool(password) and actor is not None,
                sort_key=sort_key_of_name(name)[:400],
                search_text=_search_text(name, user_name, code, phone),
            )
    except IntegrityError:
        raise UserNameTaken() from None
    journal.record("person.added", subject=("person", person.id), actor=actor, at=at, name=name, user_name=user_name)
    return person


@transaction.atomic
def seat_new_person(
    *,
    post_id: int,
    since: date,
    acting: bool = False,
    basis: str = "",
    name: str,
    rank: str = "",
    code: str = "",
    user_name: str = "",
    password: str = "",
    actor: Actor | None,
    at: datetime,
) -> Person:
    """Take a person in and put him into a post at once, or neither.

    :raises Refusal: those of `add_person` and `appoint`
    """
    person = add_person(name=name, rank=rank, code=code, user_name=user_name, password=password, actor=actor, at=at)
    appoint(person_id=person.id, post_id=post_id, since=since, acting=acting, basis=basis, actor=actor, at=at)
    return person


@transaction.atomic
def describe_person(*, person_id: int, name: str, rank: str, actor: Actor | None, at: datetime) -> Person:
    """Change what a person is called from now on; what he signed before keeps the name it was signed with.

    :raises NotAllowed: the actor does not administer every post of the person
    :raises NotFound: no such person
    :raises PersonLeft: the person no longer works here
    :raises PersonNeedsName: the name is empty or too long
    """
    person = queries.lock_person(person_id)
    refuse(policy.why_not_manage(actor, person))
    if person.status == Status.LEFT:
        raise PersonLeft(person=person.name)
    name, former, was = clean_line(name), person.name, {"rank": person.rank}
    if not 0 < len(name) <= 100:
        raise PersonNeedsName()
    person.name, person.rank = name, clean_line(rank)[:50]
    person.sort_key = sort_key_of_name(name)[:400]
    person.search_text = _search_text(name, person.user_name or "", person.code or "", person.phone)
    person.save(update_fields=["name", "rank", "sort_key", "search_text"])
    journal.record(
        "person.described",
        subject=("person", person.id),
        actor=actor,
        at=at,
        name=name,
        rank=person.rank,
        former=former,
        was=was,
    )
    return person


@transaction.atomic
def give_phone(*, person_id: int, phone: str, actor: Actor | None, at: datetime) -> Person:
    """Say under which telephone number the directory shows a person; by himself, or by his administrator. Empty takes it away.

    :raises NotAllowed: another person's, and the actor does not administer every post of that person
    :raises NotFound: no such person
    :raises PersonLeft: the person no longer works here
    :raises BadPhone: it is none
    """
    person = queries.lock_person(person_id)
    if actor is None or actor.person_id != person_id:
        refuse(policy.why_not_manage(actor, person))
    if person.status == Status.LEFT:
        raise PersonLeft(person=person.name)
    was, person.phone = person.phone, _phone(phone)
    person.search_text = _search_text(person.name, person.user_name or "", person.code or "", person.phone)
    person.save(update_fields=["phone", "search_text"])
    subject = ("person", person.id)
    journal.record("person.phone_given", subject=subject, actor=actor, at=at, phone=person.phone, was=was)
    return person


@transaction.atomic
def grant_clearance(
    *, person_id: int, level: str, until: date | None, basis: str, actor: Actor | None, at: datetime
) -> Person:
    """Say up to which degree of secrecy a person may be shown things, until a day (exclusive). Level `none` takes it away.

    :raises NotAllowed: the actor does not administer every post of the person
    :raises NotToOneself: the actor clears himself
    :raises NotFound: no such person
    :raises PersonLeft: the person no longer works here
    :raises ClearanceNeedsEnd: no end, or an end that is past
    :raises NeedsBasis: no written basis
    """
    person = queries.lock_person(person_id)
    refuse(policy.why_not_manage(actor, person))
    if actor is not None and actor.person_id == person.id:
        raise NotToOneself()
    if person.status == Status.LEFT:
        raise PersonLeft(person=person.name)
    if level != Clearance.NONE and (until is None or until <= localdate(at)):
        raise ClearanceNeedsEnd()
    if not clean_line(basis):
        raise NeedsBasis()
    was = {"level": person.clearance, "until": person.clearance_until}
    person.clearance = Clearance(level)
    person.clearance_until = None if level == Clearance.NONE else until
    person.save(update_fields=["clearance", "clearance_until"])
    journal.record(
        "person.cleared",
        subject=("person", person.id),
        actor=actor,
        at=at,
        level=level,
        until=person.clearance_until,
        was=was,
        basis=basis,
    )
    return person


@transaction.atomic
def let_go(*, person_id: int, basis: str, actor: Actor | None, at: datetime) -> Person:
    """End everything a person has from today on: posts, sign-in, tokens, clearance. His work stays with his posts.

    :raises NotAllowed: the actor does not administer every post of the person
    :raises NotToOneself: the actor would let himself go
    :raises NotFound: no such person
    :raises PersonLeft: he has left already
    :raises NeedsBasis: no written basis
    """
    person = queries.lock_person(person_id)
    refuse(policy.why_not_manage(actor, person))
    if actor is not None and actor.person_id == person.id:
        raise NotToOneself()
    if person.status == Status.LEFT:
        raise PersonLeft(person=person.name)
    if not clean_line(basis):
        raise NeedsBasis()
    day = localdate(at)
    ended = end_all(Appointment.objects.filter(person=person), day)
    ApiToken.objects.filter(person=person, revoked_at__isnull=True).update(revoked_at=at)
    person.status, person.password, person.signed_out_at = Status.LEFT, "", at
    person.clearance, person.clearance_until = Clearance.NONE, None
    person.save(update_fields=["status", "password", "signed_out_at", "clearance", "clearance_until"])
    journal.record("person.left", subject=("person", person.id), actor=actor, at=at, basis=basis, posts=ended)
    return person
