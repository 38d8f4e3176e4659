"""Readers come, go, and change their keys. A content's key is wrapped anew; the content itself is not opened for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.keys.models import Certificate
from antin.keys.providers import Key
from antin.keys.states import Device
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.vault import policy, queries, suites
from antin.vault.models import Classified, Reader, SealedContent, Wrap
from antin.vault.operations.contents import Unlocked, content_keys, unlocked_key, wrap_for, wrap_for_recovery
from antin.vault.operations.elsewhere import MOST, DeviceKeys, Locked, Opening, open_keys, opens_elsewhere, prove
from antin.vault.queries import Opener
from antin.vault.states import PASSING_ON, Need


def add_reader(*, classified_id: int, person_id: int, need: str, pin: Opening, actor: Actor, at: datetime) -> Reader:
    """Let somebody read the thing: every content's key is opened by the actor's own key and wrapped to the newcomer.

    Not inside a transaction.

    :raises NotFound: NotCleared: NotAllowed: the actor does not read it, or may not pass it on
    :raises ReaderNotCleared: NoEncryptionCertificate: AlreadyReader: the newcomer cannot read it, or already does
    :raises NotSealedToYou: and the refusals of a PIN: as in `open_content`
    :raises ChangedMeanwhile: something was sealed in the meantime
    """
    _check_newcomer(queries.get(classified_id), person_id, actor=actor, at=at)
    unlocked = open_keys(classified_id=classified_id, opening=pin, actor=actor, at=at)
    with transaction.atomic():
        _check_newcomer(queries.lock(classified_id), person_id, actor=actor, at=at)
        return let_read(unlocked=unlocked, persons={person_id: need}, actor=actor, at=at)[0]


@dataclass(frozen=True)
class PassedOn:
    """What became of one thing that was to be passed on: the newcomer reads it, read it before (`already`), or why not."""

    classified_id: int
    already: bool = False
    refusal: Refusal | None = None


def pass_on(*, classified_ids: Sequence[int], person_id: int, pin: str, actor: Actor, at: datetime) -> list[PassedOn]:
    """Let somebody read many things of the actor's, each with the actor's own need, at one PIN that opens his key once.

    Each thing is an act of its own under the rules of `add_reader`: one that is refused holds none of the others up, and what is
    done is done if the rest is cut short. Called again it goes on. Not inside a transaction.

    :raises WrongPin: and the other refusals of a PIN, before anything is done
    """
    found: dict[int, PassedOn] = {}
    for classified_id in classified_ids:
        try:
            _check_newcomer(queries.get(classified_id), person_id, actor=actor, at=at)
        except policy.AlreadyReader:
            found[classified_id] = PassedOn(classified_id, already=True)
        except Refusal as no:
            found[classified_id] = PassedOn(classified_id, refusal=no)
    left = [each for each in classified_ids if each not in found]
    contents = {each: queries.list_all_contents(each) for each in left}
    opened: dict[int, Key] = {}
    for wrap in queries.list_wraps_of(actor.person_id, [each for rows in contents.values() for each in rows]):
        certificate = wrap.certificate
        if certificate is None or certificate.pk in opened or certificate.device.kind == Device.AGENT:
            continue
        if certificate.revoked_at is None or certificate.revoked_at > at:
            opened[certificate.pk] = keys.open_reader(certificate_id=certificate.pk, pin=pin, actor=actor, at=at)
    for classified_id in left:
        try:
            held = content_keys(contents[classified_id], pin=pin, opened=opened, actor=actor, at=at)
            _pass_one(Unlocked(classified_id, held), person_id, actor=actor, at=at)
            found[classified_id] = PassedOn(classified_id)
        except policy.AlreadyReader:
            found[classified_id] = PassedOn(classified_id, already=True)
        except Refusal as no:
            found[classified_id] = PassedOn(classified_id, refusal=no)
    return [found[each] for each in classified_ids]


@transaction.atomic
def _pass_one(unlocked: Unlocked, person_id: int, *, actor: Actor, at: datetime) -> None:
    _check_newcomer(queries.lock(unlocked.classified_id), person_id, actor=actor, at=at)
    own = queries.find_reader(unlocked.classified_id, actor.person_id)
    assert own is not None
    let_read(unlocked=unlocked, persons={person_id: own.need}, actor=actor, at=at)


@transaction.atomic
def let_read(*, unlocked: Unlocked, persons: Mapping[int, str], actor: Actor, at: datetime) -> list[Reader]:
    """Let persons read what the actor has unlocked, each with his need. Part of a larger act.

    Who reads it already keeps his need, unless the new one lets him pass it on. What is there now is handed on: no later save
    takes its place.

    :raises NotFound: NotCleared: NotAllowed: ReaderNotCleared: NoEncryptionCertificate: ChangedMeanwhile: as in `add_reader`
    """
    classified = queries.lock(unlocked.classified_id)
    refuse(policy.why_not_pass_on(actor, classified, queries.find_reader(classified.pk, actor.person_id)))
    contents = queries.list_all_contents(classified.pk)
    if any(content.pk not in unlocked.keys for content in contents):
        raise policy.ChangedMeanwhile
    SealedContent.objects.filter(classified=classified, passing=True).update(passing=False)
    made = []
    for person_id, need in persons.items():
        there = queries.find_reader(classified.pk, person_id)
        if there is not None:
            if Need(there.need) not in PASSING_ON and Need(need) in PASSING_ON:
                there.need = Need(need)
                there.save(update_fields=["need"])
            continue
        certificate = check_reader(classified, person_id, at=at)
        reader = write_reader(classified, person_id, need, actor=actor, at=at)
        write_wraps(contents, unlocked.keys, Opener(reader, certificate))
        made.append(reader)
    return made


@transaction.atomic
def hand_over(
    *,
    unlocked: Unlocked,
    agency_id: int,
    persons: Mapping[int, str],
    parts: Iterable[str],
    without: Collection[int] = (),
    actor: Actor,
    at: datetime,
) -> Classified:
    """Give another agency its own holding of what the actor has unlocked: the same sealed bytes, its readers, its recovery key.

    The newest version of each of these parts goes over, but no file whose number is `without`. Once for each agency; repeating it
    gives the same holding.

    :raises NotFound: NotCleared: NotAllowed: the actor does not read it, or may not pass it on
    :raises NoRecoveryKey: the agency has nobody who could bring it back
    :raises ReaderNotCleared: NoEncryptionCertificate: one of the persons could not read it
    """
    origin = queries.lock(unlocked.classified_id)
    refuse(policy.why_not_pass_on(actor, origin, queries.find_reader(origin.pk, actor.person_id)))
    there = queries.find_holding(origin.pk, agency_id)
    if there is not None:
        return there
    recovery_key = queries.get_recovery_key(agency_id)
    held = Classified.objects.create(
        agency_id=agency_id,
        level=origin.level,
        fixed_on=origin.fixed_on,
        protected_until=origin.protected_until,
        status=origin.status,
        recovery_key=recovery_key,
        begun_by_id=actor.person_id,
        begun_at=at,
        origin=origin,
    )
    openers = []
    for person_id, need in persons.items():
        certificate = check_reader(held, person_id, at=at)
        openers.append(Opener(write_reader(held, person_id, need, actor=actor, at=at), certificate))
    for content in queries.list_leaving(origin.pk, parts, without):
        copy = SealedContent.objects.create(
            classified=held,
            part=content.part,
            number=content.number,
            version=1,
            media_type=content.media_type,
            suite=content.suite,
            file_id=content.file_id,
            sealed_by_id=content.sealed_by_id,
            sealed_at=content.sealed_at,
        )
        suite, key = suites.named(content.suite), unlocked.keys[content.pk]
        Wrap.objects.bulk_create(
            [
                *(wrap_for(suite, key, copy, opener) for opener in openers),
                wrap_for_recovery(suite, key, copy, recovery_key),
            ]
        )
    journal.record(
        "classified.handed_over",
        subject=("classified", origin.pk),
        actor=actor,
        at=at,
        agency_id=origin.agency_id,
        to=agency_id,
        holding=held.pk,
        level=held.level,
        readers=len(openers),
    )
    return held


def _check_newcomer(classified: Classified, person_id: int, *, actor: Actor, at: datetime) -> Certificate:
    own = queries.find_reader(classified.pk, actor.person_id)
    refuse(policy.why_not_pass_on(actor, classified, own))
    certificate = check_reader(classified, person_id, at=at)
    if queries.find_reader(classified.pk, person_id) is not None:
        raise policy.AlreadyReader(name=certificate.name)
    return certificate


def check_reader(classified: Classified, person_id: int, *, at: datetime) -> Certificate:
    """The certificate of somebody who may become a reader. :raises ReaderNotCleared: :raises NoEncryptionCertificate:"""
    person = people.get_person(person_id)
    refuse(
        policy.why_not_become_reader(person.name, people.clearance_on(person, localdate(at)), classified.asked_level)
    )
    certificate = certificates.find_encryption_certificate(person_id, at)
    if certificate is None:
        raise policy.NoEncryptionCertificate(name=person.name)
    return certificate


def refuse_if_changed(contents: Iterable[SealedContent], classified_id: int) -> None:
    """Under the lock: nothing was sealed since the keys were opened. :raises ChangedMeanwhile:"""
    if [content.pk for content in contents] != [content.pk for content in queries.list_all_contents(classified_id)]:
        raise policy.ChangedMeanwhile


def write_reader(classified: Classified, person_id: int, need: str, *, actor: Actor, at: datetime) -> Reader:
    reader = Reader.objects.create(
        classified=classified, person_id=person_id, need=Need(need), added_by_id=actor.person_id, added_at=at
    )
    journal.record(
        "classified.reader_added",
        subject=("classified", classified.pk),
        actor=actor,
        at=at,
        agency_id=classified.agency_id,
        person=person_id,
        need=need,
    )
    return reader


def write_wraps(contents: Iterable[SealedContent], opened: dict[int, bytes], opener: Opener) -> None:
    Wrap.objects.bulk_create(
        [wrap_for(suites.named(content.suite), opened[content.pk], content, opener) for content in contents]
    )


@transaction.atomic
def remove_reader(*, classified_id: int, person_id: int, actor: Actor, at: datetime) -> Reader:
    """End somebody's reading: his wraps are deleted, and nothing further is sealed to him.

    What he has read, printed or kept, and what lies in backups made before, this does not undo; the page says so.

    :raises NotFound: NotCleared: NotAllowed: the actor does not read it or may not pass it on, or there is no such reader
    :raises LastReader: nobody would be left
    """
    classified = queries.lock(classified_id)
    own = queries.find_reader(classified_id, actor.person_id)
    others = [reader for reader in queries.list_readers(classified_id) if reader.person_id != person_id]
    refuse(policy.why_not_remove(actor, classified, own, len(others)))
    reader = queries.find_reader(classified_id, person_id)
    if reader is None:
        raise NotFound(person_id=person_id)
    Wrap.objects.filter(reader=reader).delete()
    reader.removed_by_id, reader.removed_at = actor.person_id, at
    reader.save(update_fields=["removed_by", "removed_at"])
    journal.record(
        "classified.reader_removed",
        subject=("classified", classified_id),
        actor=actor,
        at=at,
        agency_id=classified.agency_id,
        person=person_id,
    )
    return reader


def lock_old(*, certificate_id: int, actor: Actor, at: datetime) -> Locked:
    """What the actor's old device needs so that its contents are carried over to his newest key: so many as it opens at once.

    Nothing can be read with it alone, so nothing is journalled.

    :raises NoEncryptionCertificate: there is no newer certificate
    :raises NotFound: it is not his :raises NotSealedToYou: it lies on no device of his own, was revoked, or nothing is left to do
    """
    newest = _newer(certificate_id, actor, at)
    certificate = certificates.get_certificate(certificate_id)
    wraps = queries.list_old_wraps(actor.person_id, certificate_id, newest.pk)[:MOST]
    if certificate.person_id != actor.person_id:
        raise NotFound(certificate_id=certificate_id)
    if not wraps or not opens_elsewhere(certificate, at):
        raise policy.NotSealedToYou
    locks = [(wrap.content, suites.named(wrap.content.suite).wrapped(bytes(wrap.lock))) for wrap in wraps]
    return Locked(None, certificate, locks)


def _newer(certificate_id: int, actor: Actor, at: datetime) -> Certificate:
    newest = certificates.find_encryption_certificate(actor.person_id, at)
    if newest is None or newest.pk == certificate_id:
        raise policy.NoEncryptionCertificate(name=actor.person_name)
    return newest


def rewrap(*, certificate_id: int, pin: Opening, actor: Actor, at: datetime) -> int:
    """The actor's key was replaced: everything sealed to the old one is wrapped to the newest, no content opened. Returns how many.

    Not inside a transaction; repeatable. By a device of his own so many as it opened, each proved. A key that was revoked opens
    nothing: then another reader does it (`seal_again_for`).

    :raises NoEncryptionCertificate: there is no newer certificate
    :raises NotFound: CertificateRevoked: and the refusals of a PIN: as in `keys.operations.open_reader`
    :raises NotSealedToYou: ContentDamaged: as `lock_old` and `unlock_lent`
    """
    newest = _newer(certificate_id, actor, at)
    if isinstance(pin, DeviceKeys):
        locked = lock_old(certificate_id=certificate_id, actor=actor, at=at)
        opened = prove([content for content, _wrapped in locked.locks if content.pk in pin.keys], pin)
    else:
        key = keys.open_reader(certificate_id=certificate_id, pin=pin, actor=actor, at=at)
        wraps = queries.list_old_wraps(actor.person_id, certificate_id, newest.pk)
        opened = {wrap.content_id: unlocked_key(wrap, wrap.content.suite, key) for wrap in wraps}
    with transaction.atomic():
        current = queries.list_old_wraps(actor.person_id, certificate_id, newest.pk)
        made = []
        there = queries.lock_present(opened)
        for wrap in current:
            if wrap.content_id in there and wrap.reader is not None:
                suite = suites.named(wrap.content.suite)
                made.append(wrap_for(suite, opened[wrap.content_id], wrap.content, Opener(wrap.reader, newest)))
        Wrap.objects.bulk_create(made, ignore_conflicts=True)
        journal.record(
            "vault.rewrapped",
            subject=("certificate", newest.pk),
            actor=actor,
            at=at,
            agency_id=actor.agency_id,
            old=certificate_id,
            contents=len(made),
        )
    return len(made)


def seal_again_for(*, classified_id: int, person_id: int, pin: Opening, actor: Actor, at: datetime) -> int:
    """A reader lost his key: another reader wraps every content to the new one. Returns how many were. Not inside a transaction.

    :raises NotFound: NotCleared: NotAllowed: the actor may not pass it on, or the person is no reader
    :raises ReaderNotCleared: NoEncryptionCertificate: ChangedMeanwhile: as in `add_reader`
    """
    classified = queries.get(classified_id)
    refuse(policy.why_not_pass_on(actor, classified, queries.find_reader(classified_id, actor.person_id)))
    contents = queries.list_all_contents(classified_id)
    opened = open_keys(classified_id=classified_id, opening=pin, actor=actor, at=at).keys
    if any(content.pk not in opened for content in contents):
        raise policy.NotSealedToYou
    with transaction.atomic():
        classified = queries.lock(classified_id)
        refuse(policy.why_not_pass_on(actor, classified, queries.find_reader(classified_id, actor.person_id)))
        reader = queries.find_reader(classified_id, person_id)
        if reader is None:
            raise NotFound(person_id=person_id)
        certificate = check_reader(classified, person_id, at=at)
        refuse_if_changed(contents, classified_id)
        has = set(Wrap.objects.filter(reader=reader, certificate=certificate).values_list("content_id", flat=True))
        lacking = [content for content in contents if content.pk not in has]
        write_wraps(lacking, opened, Opener(reader, certificate))
        journal.record(
            "classified.sealed_again",
            subject=("classified", classified_id),
            actor=actor,
            at=at,
            agency_id=classified.agency_id,
            person=person_id,
            contents=len(lacking),
        )
    return len(lacking)
