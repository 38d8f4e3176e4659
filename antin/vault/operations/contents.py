"""Contents: sealed without any key but the readers' certificates, opened by a reader's own key in memory for one act."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from antin.files import operations as files
from antin.files import queries as kept
from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.keys import pki
from antin.keys import queries as certificates
from antin.keys.providers import Key
from antin.people.actor import Actor
from antin.refusal import NotFound, refuse
from antin.vault import policy, queries, suites, words
from antin.vault.models import Classified, Decision, Reader, Reading, RecoveryKey, SealedContent, WordList, Wrap
from antin.vault.states import Change, Level, Need, Part, Use, term_years, years_after


@dataclass(frozen=True)
class Marking:
    """What every page shown or printed bears: who, when, and the how manieth view or print it is."""

    person_name: str
    use: Use
    number: int
    at: datetime


@dataclass(frozen=True)
class Opened:
    """A content in clear, for one act; whoever is given it keeps it nowhere."""

    content: bytes = field(repr=False)
    media_type: str
    marking: Marking
    file: str


@dataclass(frozen=True)
class Unlocked:
    """The keys of everything sealed of one thing, opened by one PIN for one act; whoever is given it keeps it nowhere."""

    classified_id: int
    keys: dict[int, bytes] = field(repr=False)


@transaction.atomic
def begin(
    *,
    level: int,
    need: str = Need.DRAFTER,
    came_from: str = "",
    fixed_on: date | None = None,
    actor: Actor,
    at: datetime,
) -> Classified:
    """Begin something classified in the actor's agency; he is its first reader. The day its level is fixed is today.

    A paper that `came_from` elsewhere had it fixed there, on its own day (`fixed_on`), and nobody here decides over it. Where the
    ordinary term since then is over, its sender has prolonged it: it is protected for one more, from today.

    :raises NotCleared: NotAllowed: his clearance does not reach it, or he stands in for somebody
    :raises NoRecoveryKey: the agency has nobody who could bring it back
    :raises NoEncryptionCertificate: he could not read what he writes
    """
    refuse(policy.why_not_begin(actor, level))
    recovery_key = queries.get_recovery_key(actor.agency_id)
    if certificates.find_encryption_certificate(actor.person_id, at) is None:
        raise policy.NoEncryptionCertificate(name=actor.person_name)
    today = localdate(at)
    fixed_on = min(fixed_on or today, today)
    until = years_after(fixed_on, term_years(level, fixed_on))
    classified = Classified.objects.create(
        agency_id=actor.agency_id,
        level=Level(level),
        fixed_on=fixed_on,
        protected_until=until if until > today else years_after(today, term_years(level, today)),
        recovery_key=recovery_key,
        begun_by_id=actor.person_id,
        begun_at=at,
        came_from=came_from[:300],
    )
    Reader.objects.create(
        classified=classified,
        person_id=actor.person_id,
        need=Need(need),
        added_by_id=actor.person_id,
        added_at=at,
    )
    Decision.objects.create(
        classified=classified,
        change=Change.FIXED,
        level_after=level,
        protected_until=classified.protected_until,
        decided_on=fixed_on,
        decided_by_id=None if came_from else actor.person_id,
        recorded_at=at,
    )
    journal.record(
        "classified.begun",
        subject=("classified", classified.pk),
        actor=actor,
        at=at,
        agency_id=actor.agency_id,
        level=level,
        until=classified.protected_until,
    )
    return classified


def seal(
    *,
    classified_id: int,
    part: str,
    content: bytes,
    number: int | None = 0,
    media_type: str = "application/octet-stream",
    passing: bool = False,
    holding_id: int | None = None,
    unlocked: Unlocked | None = None,
    actor: Actor,
    at: datetime,
) -> SealedContent:
    """Seal a content, as a new version of its part, to everybody who reads the thing now and to the recovery key.

    No PIN is asked: sealing needs nobody's secret. The sealed bytes are durable before a row names them; the content itself
    touches no disk. `number` None is the next of its part. An act that has `unlocked` the thing goes on with the new content too.
    A `passing` version is a save on the way. Whatever is sealed next takes the place of those that nobody was let in to read and
    nobody opened: row, locks, words and sealed bytes go, so that an hour of typing leaves the last save. Backups keep theirs.
    Who reads what another agency was handed of it (`holding_id`) may add to it what that agency answers; he opens nothing of it.

    :raises NotFound: NotCleared: WrongState: the actor does not read it himself, or it is protected no longer
    :raises NothingToSeal: TooLargeToSeal:
    """
    classified = queries.get(classified_id)
    if holding_id is not None and queries.get(holding_id).origin_id != classified_id:
        raise NotFound(classified_id=classified_id)
    reads = classified_id if holding_id is None else holding_id
    refuse(policy.why_not_seal(actor, classified, queries.find_reader(reads, actor.person_id), len(content)))
    suite = suites.newest()
    content_key = suite.fresh_key()
    found = words.list_in(content, media_type)
    file = files.keep(suite.close(content, content_key), at=at)
    with transaction.atomic():
        classified = queries.lock(classified_id)
        refuse(policy.why_not_seal(actor, classified, queries.find_reader(reads, actor.person_id), len(content)))
        number = queries.next_number(classified_id, part) if number is None else number
        sealed = SealedContent.objects.create(
            classified=classified,
            part=Part(part),
            number=number,
            version=queries.next_version(classified_id, part, number),
            media_type=media_type,
            suite=suite.name,
            file=file,
            sealed_by_id=actor.person_id,
            sealed_at=at,
            passing=passing,
        )
        replaced = _drop(queries.list_passed(sealed))
        if found:
            WordList.objects.create(file=file, sealed=suite.close(found.encode(), words.key_for(content_key)))
        openers = queries.list_openers(classified, on=localdate(at), at=at)
        Wrap.objects.bulk_create(
            [
                *(wrap_for(suite, content_key, sealed, opener) for opener in openers),
                wrap_for_recovery(suite, content_key, sealed, classified.recovery_key),
            ]
        )
        journal.record(
            "classified.sealed",
            subject=("classified", classified_id),
            actor=actor,
            at=at,
            agency_id=classified.agency_id,
            part=part,
            number=number,
            version=sealed.version,
            file=file.digest,
            readers=len(openers),
            replaced=replaced,
        )
    if unlocked is not None:
        unlocked.keys[sealed.pk] = content_key
    return sealed


def _drop(passed: list[SealedContent]) -> list[int]:
    """Take versions away for good, in the caller's transaction; which they were."""
    ids, digests = [each.pk for each in passed], [each.file_id for each in passed]
    WordList.objects.filter(file_id__in=digests).delete()
    SealedContent.objects.filter(pk__in=ids).delete()
    for digest in digests:
        files.destroy(digest=digest)
    return [each.version for each in passed]


def wrap_for(suite: suites.Suite, content_key: bytes, content: SealedContent, opener: queries.Opener) -> Wrap:
    """The content key closed to a reader, not yet written."""
    lock = suite.lock_for(content_key, bytes(opener.certificate.certificate))
    return Wrap(content=content, reader=opener.reader, certificate=opener.certificate, lock=lock)


def wrap_for_recovery(suite: suites.Suite, content_key: bytes, content: SealedContent, key: RecoveryKey) -> Wrap:
    """The content key closed to the agency's recovery key, not yet written."""
    return Wrap(content=content, recovery_key=key, lock=suite.lock_to(content_key, pki.read_public(bytes(key.public))))


def open_content(*, content_id: int, pin: str, use: str = Use.VIEWED, actor: Actor, at: datetime) -> Opened:
    """Open one content with the actor's own key. That it was read stands in the journal before it is given out.

    Not inside a transaction. A wrong PIN is counted and leaves nothing opened.

    :raises NotFound: NotCleared: WrongState: no need to know, no clearance, or destroyed
    :raises NotSealedToYou: it was sealed before he came, or to a key that was revoked
    :raises ContentDamaged: its bytes are not what was sealed
    :raises PinMissing: WrongPin: DeviceLocked: and what else `keys.operations.open_reader` raises
    """
    content = queries.get_content(content_id)
    own = queries.find_reader(content.classified_id, actor.person_id)
    refuse(policy.why_not_open(actor, content.classified, own))
    found = content_keys([content], pin=pin, actor=actor, at=at)
    return _opened([content], found, use, actor, at)[0]


def unlock(*, classified_id: int, pin: str, actor: Actor, at: datetime) -> Unlocked:
    """Open the keys of everything sealed of a thing, for one act of the actor's; nothing is read yet. Refuses as `open_content`.

    Not inside a transaction. One PIN, asked of the key once.
    """
    classified = queries.get(classified_id)
    refuse(policy.why_not_open(actor, classified, queries.find_reader(classified_id, actor.person_id)))
    contents = queries.list_all_contents(classified_id)
    return Unlocked(classified_id, content_keys(contents, pin=pin, actor=actor, at=at))


def read(
    *, unlocked: Unlocked, parts: Iterable[str] = (), use: str = Use.VIEWED, actor: Actor, at: datetime
) -> dict[tuple[str, int], Opened]:
    """Give out the newest version of each part (or of these parts) of what was unlocked, by part and number.

    That they were read stands in the journal before.

    :raises ContentDamaged: bytes of it are not what was sealed
    """
    wanted = frozenset(parts) or frozenset(Part.values)
    contents = [each for each in queries.list_newest(unlocked.classified_id) if each.part in wanted]
    contents = [each for each in contents if each.pk in unlocked.keys]
    opened = _opened(contents, unlocked.keys, use, actor, at)
    return {(content.part, content.number): found for content, found in zip(contents, opened, strict=True)}


def commit(*, unlocked: Unlocked, file: str, content: bytes) -> bytes:
    """What binds sealed bytes to the one content they open to, and tells nobody else anything of it: HMAC-SHA-512 under a key that
    follows from the content's own.

    Its readers alone can reckon it again. AES-GCM by itself is no such bond: who chooses keys can make bytes that open to two
    contents. A plain digest would let anybody who finds a text prove which document it is.

    :raises NotFound: no content of that file was unlocked
    """
    held = [each for each in queries.list_all_contents(unlocked.classified_id) if each.file_id == file]
    keys_of = [unlocked.keys[each.pk] for each in held if each.pk in unlocked.keys]
    if not keys_of:
        raise NotFound(file=file)
    return hmac.digest(hmac.digest(keys_of[0], b"antin evidence", "sha256"), content, "sha512")


def _opened(
    contents: list[SealedContent], content_keys: dict[int, bytes], use: str, actor: Actor, at: datetime
) -> list[Opened]:
    """Decrypt, write down that it was read, then give it out."""
    try:
        clear = [suites.named(each.suite).open(kept.read(each.file_id), content_keys[each.pk]) for each in contents]
    except suites.Tampered as damaged:
        raise policy.ContentDamaged from damaged
    except (FileNotFoundError, NotFound):
        refuse(queries.why_gone(contents))
        raise
    with transaction.atomic():
        readings = [read_now(each, use, actor, at) for each in contents]
    return [
        Opened(bytes_, content.media_type, Marking(actor.person_name, Use(use), reading.number, at), content.file_id)
        for bytes_, content, reading in zip(clear, contents, readings, strict=True)
    ]


def read_now(content: SealedContent, use: str, actor: Actor, at: datetime) -> Reading:
    """Write down that a content is given out; inside the caller's transaction."""
    classified = queries.lock(content.classified_id)
    refuse(policy.why_not_open(actor, classified, queries.find_reader(classified.pk, actor.person_id)))
    refuse(queries.why_gone([content]))
    reading = Reading.objects.create(
        content=content,
        person_id=actor.person_id,
        use=Use(use),
        number=queries.next_reading(content.pk, use),
        read_at=at,
    )
    journal.record(
        f"classified.{Use(use).value}",
        subject=("classified", classified.pk),
        actor=actor,
        at=at,
        agency_id=classified.agency_id,
        part=content.part,
        number=content.number,
        version=content.version,
        times=reading.number,
    )
    return reading


def content_keys(
    contents: Iterable[SealedContent],
    *,
    pin: str,
    opened: dict[int, Key] | None = None,
    actor: Actor,
    at: datetime,
) -> dict[int, bytes]:
    """The keys of contents, by the actor's own key, in memory. One PIN opens it once for each certificate, and not again where it
    was `opened` in this act.

    :raises NotSealedToYou: one of them is not sealed to a key of his that may still be used
    """
    wanted = list(contents)
    opened = {} if opened is None else opened
    found: dict[int, bytes] = {}
    for wrap in queries.list_wraps_of(actor.person_id, wanted):
        certificate = wrap.certificate
        assert certificate is not None
        if wrap.content_id in found or (certificate.revoked_at is not None and certificate.revoked_at <= at):
            continue
        if certificate.pk not in opened:
            opened[certificate.pk] = keys.open_reader(certificate_id=certificate.pk, pin=pin, actor=actor, at=at)
        found[wrap.content_id] = unlocked_key(wrap, wrap.content.suite, opened[certificate.pk])
    if any(content.pk not in found for content in wanted):
        raise policy.NotSealedToYou
    return found


def unlocked_key(wrap: Wrap, suite: str, key: Key) -> bytes:
    """The content key of a wrap. :raises ContentDamaged: the lock is not what was written"""
    try:
        return suites.named(suite).unlock(bytes(wrap.lock), key)
    except (suites.NotForThisKey, suites.Tampered) as damaged:
        raise policy.ContentDamaged from damaged
