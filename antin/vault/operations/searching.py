"""Searching what is sealed: the reader's own key opens the word lists of what he may read, in memory, for one question."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.keys.models import Certificate
from antin.keys.providers import Key, Wrapped
from antin.people.actor import Actor
from antin.vault import policy, queries, suites, words
from antin.vault.models import SealedContent
from antin.vault.operations.contents import unlocked_key
from antin.vault.operations.elsewhere import opens_elsewhere

MOST = 1000
"""So many things, the newest, are looked at in one question."""


@dataclass(frozen=True)
class Hit:
    """Something in which every word occurs; `phrase` tells that they stand beside each other in one content."""

    classified_id: int
    parts: tuple[SealedContent, ...]
    phrase: bool


@dataclass(frozen=True)
class Found:
    """What was found, phrases first, then the newest; how much was looked at, could not be opened, was left out."""

    hits: list[Hit]
    looked: int
    closed: int
    left: int


def search(*, asked: str, pin: str, actor: Actor, at: datetime) -> Found:
    """Find what the actor may read in which all these words occur. Marks do not count.

    The word lists are opened in memory and forgotten. That somebody searched stands in the journal, the words nowhere.
    Not inside a transaction.

    :raises NothingToFind: no word was asked for
    :raises PinMissing: WrongPin: DeviceLocked: SignsElsewhere: and what else `keys.operations.open_reader` raises
    """
    phrase = words.spaced(asked)
    if not phrase:
        raise policy.NothingToFind
    contents, sealed, left = queries.list_searched(actor, most=MOST)
    opened = _opened(contents, sealed, pin=pin, actor=actor, at=at)
    by_thing: dict[int, list[tuple[SealedContent, str]]] = defaultdict(list)
    for content in contents:
        if content.pk in opened:
            by_thing[content.classified_id].append((content, opened[content.pk]))
    hits = [hit for pk, lists in by_thing.items() if (hit := _hit(pk, lists, phrase)) is not None]
    looked = len({content.classified_id for content in contents})
    with transaction.atomic():
        journal.record(
            "vault.searched",
            subject=("person", actor.person_id),
            actor=actor,
            at=at,
            agency_id=actor.agency_id,
            looked=looked,
            found=len(hits),
        )
    hits.sort(key=lambda hit: (not hit.phrase, -hit.classified_id))
    return Found(hits, looked, looked - len(by_thing), left)


AT_ONCE = 200
"""So many word lists are given for one question to a device; it takes a part of a second for each key."""
MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class WordsLocked:
    """A sealed word list, and the key of its content as it is closed to the reader's own device."""

    content: SealedContent
    wrapped: Wrapped
    nonce: bytes
    sealed: bytes


@dataclass(frozen=True)
class ListsLocked:
    """Word lists that the reader's device and his browser open: how many things, how many are not sealed to that device, and from
    which thing on older ones are to be asked for (None: no more)."""

    certificate: Certificate
    lists: list[WordsLocked]
    looked: int
    closed: int
    before: int | None


@transaction.atomic
def give_words(*, before: int | None = None, actor: Actor, at: datetime) -> ListsLocked:
    """Give the actor the sealed word lists of what he may open, the newest things first, for a key on a device of his own.

    He looks for his words himself: the node learns neither words, nor keys, nor what was found. That it gave them stands in the
    journal before.

    :raises NotSealedToYou: nothing is sealed to a key on a device of his own that may still be used
    """
    contents, sealed, _left = queries.list_searched(actor, most=MOST, before=before)
    by_id = {content.pk: content for content in contents}
    newest: Certificate | None = None
    given: list[WordsLocked] = []
    opened: dict[int, Wrapped] = {}
    for wrap in queries.list_wraps_of(actor.person_id, contents):
        certificate = wrap.certificate
        if certificate is None or not opens_elsewhere(certificate, at):
            continue
        if newest is None or certificate.not_before > newest.not_before:
            newest, opened = certificate, {}
        if certificate.pk == newest.pk:
            opened[wrap.content_id] = suites.named(wrap.content.suite).wrapped(bytes(wrap.lock))
    if newest is None:
        raise policy.NotSealedToYou
    things: dict[int, list[SealedContent]] = defaultdict(list)
    for content in contents:
        things[content.classified_id].append(content)
    looked, closed, size, last = 0, 0, 0, None
    for classified_id in sorted(things, reverse=True):
        able = [each for each in things[classified_id] if each.pk in opened]
        size += sum(len(sealed[each.file_id]) for each in able)
        if looked and (len(given) + len(able) > AT_ONCE or size > MOST_BYTES):
            break
        looked, closed, last = looked + 1, closed + (not able), classified_id
        for each in able[:AT_ONCE]:
            try:
                nonce, body = suites.named(each.suite).split(sealed[each.file_id])
            except suites.Tampered as damaged:
                raise policy.ContentDamaged from damaged
            except suites.NotForBrowsers as unknown:
                raise policy.NotOpenedHere from unknown
            given.append(WordsLocked(by_id[each.pk], opened[each.pk], nonce, body))
    journal.record(
        "vault.searched",
        subject=("person", actor.person_id),
        actor=actor,
        at=at,
        agency_id=actor.agency_id,
        looked=looked,
        given=len(given),
    )
    more = last is not None and any(classified_id < last for classified_id in things)
    return ListsLocked(newest, given, looked, closed, last if more else None)


def _hit(classified_id: int, lists: list[tuple[SealedContent, str]], phrase: str) -> Hit | None:
    single = [f" {word} " for word in phrase.split()]
    if not all(any(word in found for _content, found in lists) for word in single):
        return None
    parts = [content for content, found in lists if any(word in found for word in single)]
    return Hit(classified_id, tuple(parts), any(phrase in found for _content, found in lists))


def _opened(
    contents: list[SealedContent], sealed: dict[str, bytes], *, pin: str, actor: Actor, at: datetime
) -> dict[int, str]:
    """The word lists by content, as far as a key of the actor's that may still be used opens them."""
    found: dict[int, str] = {}
    held: dict[int, Key] = {}
    for wrap in queries.list_wraps_of(actor.person_id, contents):
        certificate = wrap.certificate
        assert certificate is not None
        if wrap.content_id in found or (certificate.revoked_at is not None and certificate.revoked_at <= at):
            continue
        if certificate.pk not in held:
            held[certificate.pk] = keys.open_reader(certificate_id=certificate.pk, pin=pin, actor=actor, at=at)
        content_key = unlocked_key(wrap, wrap.content.suite, held[certificate.pk])
        try:
            clear = suites.named(wrap.content.suite).open(sealed[wrap.content.file_id], words.key_for(content_key))
        except suites.Tampered as damaged:
            raise policy.ContentDamaged from damaged
        found[wrap.content_id] = clear.decode()
    return found
