"""The second factor: adding, showing, removing; and the devices people sign in from.

Every secret that is shown is counted like a password (`attempts`), under the person: five failures close it for a quarter of an
hour.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people import at_rest, one_time, passwords, policy, queries
from antin.people.actor import Actor
from antin.people.models import Device, Factor, Person, Sitting
from antin.people.operations import attempts
from antin.people.operations.posts import NeedsBasis
from antin.people.passkeys import Made, Shown
from antin.people.states import FactorKind, Status
from antin.refusal import NotAllowed, NotFound, Refusal, WrongState, refuse

MOST_FACTORS = 10


class FactorRefused(Refusal):
    code = "factor_refused"
    words = _("Mã không đúng hoặc đã dùng. Chờ mã mới rồi nhập lại.")


class PasswordRefused(Refusal):
    code = "password_refused"
    words = _("Mật khẩu không đúng.")


class KeyRefused(Refusal):
    code = "key_refused"
    words = _("Khóa bảo mật này không phải khóa đã đăng ký, hoặc đã quá thời gian chờ. Hãy thử lại.")


class TooManyFactors(Refusal):
    code = "too_many_factors"
    words = _("Mỗi người có nhiều nhất %(most)s cách xác thực. Gỡ bớt cách không dùng nữa.")


class NoFactors(Refusal):
    code = "no_factors"
    words = _("Người này chưa có cách xác thực lần hai nào.")


class NeedsFactorFirst(Refusal):
    code = "needs_factor_first"
    words = _("Thêm ứng dụng sinh mã hoặc khóa bảo mật trước; mã dự phòng chỉ để dùng khi không có chúng bên mình.")


@dataclass(frozen=True)
class NewApp:
    """An app about to be added. `secret` is told until the first code of it is shown."""

    id: int
    secret: bytes


def _own(person_id: int, actor: Actor | None) -> Person:
    """Lock the person, who changes his own factors himself. :raises NotAllowed: another person's"""
    if actor is not None and actor.person_id != person_id:
        raise NotAllowed()
    person = queries.lock_person(person_id)
    if person.status != Status.ACTIVE:
        raise WrongState(state=Status(person.status).label)
    return person


def _name(name: str, kind: FactorKind) -> str:
    return clean_line(name)[:60] or str(kind.label)


def _why_not_more(person: Person) -> Refusal | None:
    held = Factor.objects.filter(person=person, removed_at=None, confirmed_at__isnull=False).count()
    return TooManyFactors(most=MOST_FACTORS) if held >= MOST_FACTORS else None


@transaction.atomic
def add_app(*, person_id: int, name: str, actor: Actor | None, at: datetime) -> NewApp:
    """Make the secret of an app that generates codes (RFC 6238); it proves nothing until a code of it was shown (`confirm_app`).

    :raises NotAllowed: another person's
    :raises WrongState: the account is locked, or the person left
    :raises TooManyFactors: ten already
    """
    person = _own(person_id, actor)
    refuse(_why_not_more(person))
    Factor.objects.filter(person=person, kind=FactorKind.APP, confirmed_at=None).delete()
    secret = one_time.new_secret()
    made = Factor.objects.create(
        person=person,
        kind=FactorKind.APP,
        name=_name(name, FactorKind.APP),
        material=at_rest.seal(secret),
        added_at=at,
    )
    journal.record("person.factor_begun", subject=("person", person_id), actor=actor, at=at, factor=made.pk)
    return NewApp(made.pk, secret)


@transaction.atomic
def confirm_app(*, factor_id: int, code: str, actor: Actor | None, at: datetime) -> Factor:
    """Take an app into use by its first code; from now on sign-in asks for one.

    :raises NotFound: no such app
    :raises NotAllowed: another person's
    :raises WrongState: in use already
    :raises FactorRefused: not the code of now
    """
    factor = queries.lock_factor(factor_id)
    _own(factor.person_id, actor)
    if factor.kind != FactorKind.APP or factor.confirmed_at is not None:
        raise WrongState(state=FactorKind(factor.kind).label)
    step = one_time.step_of(at_rest.unseal(bytes(factor.material)), one_time.plain(code), at, after=0)
    if step is None:
        raise FactorRefused()
    factor.confirmed_at, factor.counter = at, step
    factor.save(update_fields=["confirmed_at", "counter"])
    _added(factor, actor, at)
    return factor


@transaction.atomic
def add_key(*, person_id: int, name: str, made: Made, actor: Actor | None, at: datetime) -> Factor:
    """Take a security key into use, after the ceremony of `passkeys`.

    :raises NotAllowed: another person's
    :raises WrongState: the account is locked, or the person left
    :raises TooManyFactors: ten already
    :raises KeyRefused: the key is registered already
    """
    person = _own(person_id, actor)
    refuse(_why_not_more(person))
    if Factor.objects.filter(credential=made.credential).exists():
        raise KeyRefused()
    factor = Factor.objects.create(
        person=person,
        kind=FactorKind.KEY,
        name=_name(name, FactorKind.KEY),
        material=made.material,
        credential=made.credential,
        added_at=at,
        confirmed_at=at,
    )
    _added(factor, actor, at)
    return factor


def _added(factor: Factor, actor: Actor | None, at: datetime) -> None:
    journal.record(
        "person.factor_added",
        subject=("person", factor.person_id),
        actor=actor,
        at=at,
        factor=factor.pk,
        kind=factor.kind,
        name=factor.name,
    )


@transaction.atomic
def make_codes(*, person_id: int, actor: Actor | None, at: datetime) -> list[str]:
    """Make a list of ten codes, each good once, for the day the telephone is lost; an older list is worthless from now on.

    :raises NotAllowed: another person's
    :raises WrongState: the account is locked, or the person left
    :raises NeedsFactorFirst: there is nothing they would stand in for
    """
    person = _own(person_id, actor)
    if not queries.has_factors(person_id):
        raise NeedsFactorFirst()
    _remove([each for each in queries.list_factors(person_id) if each.kind == FactorKind.CODES], actor, at)
    codes = one_time.new_codes()
    factor = Factor.objects.create(
        person=person,
        kind=FactorKind.CODES,
        name=str(FactorKind.CODES.label),
        material=b"".join(one_time.digest(code) for code in codes),
        added_at=at,
        confirmed_at=at,
    )
    _added(factor, actor, at)
    return codes


@transaction.atomic
def remove_factor(*, factor_id: int, actor: Actor | None, at: datetime) -> Factor:
    """Take one's own factor out of use; with the last of them go the codes.

    :raises NotFound: no such factor
    :raises NotAllowed: another person's
    """
    factor = queries.lock_factor(factor_id)
    _own(factor.person_id, actor)
    _remove([factor], actor, at)
    if not queries.has_factors(factor.person_id):
        _remove(queries.list_factors(factor.person_id), actor, at)
    return factor


def _remove(factors: Sequence[Factor], actor: Actor | None, at: datetime, basis: str = "") -> None:
    for each in factors:
        each.removed_at, each.material, each.credential = at, b"", None
        each.save(update_fields=["removed_at", "material", "credential"])
        journal.record(
            "person.factor_removed",
            subject=("person", each.person_id),
            actor=actor,
            at=at,
            factor=each.pk,
            kind=each.kind,
            name=each.name,
            basis=basis,
        )


@transaction.atomic
def reset_factors(*, person_id: int, basis: str, actor: Actor | None, at: datetime) -> Person:
    """Take every factor of a person out of use who lost them all, and end his sittings: the administrator's act.

    :raises NotFound: no such person
    :raises NotAllowed: the actor does not administer every post of the person, or it is himself
    :raises NoFactors: the person has none
    :raises NeedsBasis: no reason given
    """
    person = queries.lock_person(person_id)
    refuse(policy.why_not_manage(actor, person))
    if actor is not None and actor.person_id == person_id:
        raise NotAllowed()
    held = queries.list_factors(person_id)
    if not held:
        raise NoFactors()
    if not clean_line(basis):
        raise NeedsBasis()
    _remove(held, actor, at, basis=clean_line(basis))
    person.signed_out_at = at
    person.save(update_fields=["signed_out_at"])
    return person


def show_code(*, person_id: int, code: str, source: str, entering: bool, at: datetime) -> Factor:
    """Accept a code of an app, or one of the printed list, which is then used up.

    `entering` tells sign-in from a person who is in already and proves himself once more.

    :raises FactorRefused: no code of this person, or one accepted before
    :raises SignInLocked: too many failures
    """
    tries = attempts.count("factor", str(person_id), source=source, at=at)
    typed = one_time.plain(code)
    with transaction.atomic():
        queries.lock_person(person_id)
        for factor in queries.list_factors(person_id):
            if _takes(factor, typed, at):
                return _shown(factor, tries, source, entering, at)
    journal.record("person.factor_refused", subject=("person", person_id), actor=None, at=at, source=source)
    raise FactorRefused()


def _takes(factor: Factor, typed: str, at: datetime) -> bool:
    """Tell whether a code is of this factor, and note on it that it was used."""
    if factor.kind == FactorKind.APP:
        step = one_time.step_of(at_rest.unseal(bytes(factor.material)), typed, at, after=factor.counter)
        if step is None:
            return False
        factor.counter = step
        return True
    if factor.kind == FactorKind.CODES:
        kept, used = bytes(factor.material), one_time.digest(typed)
        digests = [kept[n : n + len(used)] for n in range(0, len(kept), len(used))]
        if used not in digests:
            return False
        factor.material = b"".join(each for each in digests if each != used)
        return True
    return False


def show_key(*, person_id: int, shown: Shown | None, source: str, entering: bool, at: datetime) -> Factor:
    """Accept a security key after the ceremony of `passkeys`; `shown` is None when the ceremony failed.

    :raises KeyRefused: no key of this person, or one whose count went back: somebody made a copy (WebAuthn, section 6.1.1)
    :raises SignInLocked: too many failures
    """
    tries = attempts.count("factor", str(person_id), source=source, at=at)
    with transaction.atomic():
        queries.lock_person(person_id)
        for factor in queries.list_factors(person_id):
            if shown is None or factor.credential is None or bytes(factor.credential) != shown.credential:
                continue
            if shown.count > factor.counter or shown.count == factor.counter == 0:
                factor.counter = shown.count
                return _shown(factor, tries, source, entering, at)
    journal.record("person.factor_refused", subject=("person", person_id), actor=None, at=at, source=source)
    raise KeyRefused()


def _shown(factor: Factor, tries: attempts.Tries, source: str, entering: bool, at: datetime) -> Factor:
    attempts.forgive(tries)
    factor.last_used_at = at
    factor.save(update_fields=["counter", "material", "last_used_at"])
    event = "person.signed_in" if entering else "person.proved"
    journal.record(
        event,
        subject=("person", factor.person_id),
        actor=None,
        at=at,
        source=source,
        factor=factor.pk,
        kind=factor.kind,
    )
    return factor


def show_password(*, person_id: int, password: str, source: str, at: datetime) -> Person:
    """Accept the password once more of somebody who is in already and has no second factor.

    :raises PasswordRefused: wrong, or he has a factor and must show that
    :raises SignInLocked: too many failures
    """
    tries = attempts.count("factor", str(person_id), source=source, at=at)
    person = queries.get_person(person_id)
    if queries.has_factors(person_id) or not passwords.matches(password, person.password):
        journal.record("person.factor_refused", subject=("person", person_id), actor=None, at=at, source=source)
        raise PasswordRefused()
    with transaction.atomic():
        attempts.forgive(tries)
        journal.record(
            "person.proved", subject=("person", person_id), actor=None, at=at, source=source, kind="password"
        )
    return person


@transaction.atomic
def meet_device(*, person_id: int, secret: str, name: str, source: str, at: datetime) -> tuple[Device, bool]:
    """Note from which browser a person signed in; tell also whether it is new to him."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    device, new = Device.objects.select_for_update().get_or_create(
        person_id=person_id,
        digest=digest,
        defaults={"name": name[:80], "source": source[:64], "first_seen_at": at, "last_seen_at": at},
    )
    if new:
        journal.record(
            "person.device_met", subject=("person", person_id), actor=None, at=at, device=device.pk, name=name
        )
    else:
        device.name, device.source, device.last_seen_at = name[:80], source[:64], at
        device.save(update_fields=["name", "source", "last_seen_at"])
    return device, new


@transaction.atomic
def forget_device(*, device_id: int, actor: Actor, at: datetime) -> Device:
    """Forget one of one's own devices and end the sittings begun there.

    :raises NotFound: no such device of this person
    """
    device = Device.objects.select_for_update().filter(id=device_id, person_id=actor.person_id).first()
    if device is None:
        raise NotFound(device=device_id)
    Sitting.objects.filter(device=device).delete()
    journal.record(
        "person.device_forgotten",
        subject=("person", device.person_id),
        actor=actor,
        at=at,
        device=device_id,
        name=device.name,
    )
    device.delete()
    return device


@transaction.atomic
def seal_again(*, limit: int = 500, after: int = 0) -> int | None:
    """Put a batch of sealed secrets under the newest key; give the last id done, None when there was nothing left."""
    batch = list(Factor.objects.select_for_update().filter(kind=FactorKind.APP, id__gt=after).order_by("id")[:limit])
    for each in batch:
        each.material = at_rest.seal_again(bytes(each.material))
        each.save(update_fields=["material"])
    return batch[-1].pk if batch else None
