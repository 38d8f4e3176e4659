"""Opening on the reader's own machine: the node gives locks and sealed bytes, and sees neither a content key nor a word."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from antin.files import queries as kept
from antin.keys.models import Certificate
from antin.keys.providers import Wrapped
from antin.keys.states import Device
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.vault import policy, queries, suites
from antin.vault.models import Classified, SealedContent
from antin.vault.operations.contents import Marking, Unlocked, read_now, unlock
from antin.vault.states import Use

MOST = 200
"""So many contents are asked of a device at once; it takes a part of a second for each."""


@dataclass(frozen=True)
class Locked:
    """Contents, each with its key as it is closed to the certificate of the reader's own device; of one thing, or of several."""

    classified: Classified | None
    certificate: Certificate
    locks: list[tuple[SealedContent, Wrapped]]


@dataclass(frozen=True)
class Given:
    """A content as it is sealed, for one act in the reader's browser."""

    nonce: bytes
    sealed: bytes
    media_type: str
    marking: Marking


@dataclass(frozen=True)
class DeviceKeys:
    """Content keys that the reader's own device opened, by content, lent to the node for one act of his; kept nowhere."""

    keys: Mapping[int, bytes] = field(repr=False)

    @classmethod
    def read(cls, given: object) -> DeviceKeys:
        """As a page or a program gives them: by the content's number, in base64; text is JSON.

        :raises ContentDamaged: they cannot be read
        """
        try:
            found: Any = json.loads(given) if isinstance(given, str) else given
            return cls({int(name): base64.b64decode(key, validate=True) for name, key in dict(found).items()})
        except (TypeError, ValueError) as wrong:
            raise policy.ContentDamaged from wrong


Opening = str | DeviceKeys
"""What opens content keys for one act: a PIN that the node can use, or the keys that the reader's own device opened."""


def lock_elsewhere(*, classified_id: int, everything: bool = False, actor: Actor, at: datetime) -> Locked:
    """What the reader's device needs to open the content keys. Nothing can be read with it alone, so nothing is journalled.

    The newest version of each part; `everything` adds the older ones, which whoever is let in by the same act reads too.

    :raises NotFound: NotCleared: WrongState: as in `open_content`
    :raises NotSealedToYou: nothing is sealed to a key on a device of his own that may still be used
    :raises TooManyForDevice: more than a device opens at once
    """
    classified = queries.get(classified_id)
    refuse(policy.why_not_open(actor, classified, queries.find_reader(classified_id, actor.person_id)))
    newest = queries.list_all_contents(classified_id) if everything else queries.list_newest(classified_id)
    held: dict[int, list[tuple[SealedContent, Wrapped]]] = {}
    certificates: dict[int, Certificate] = {}
    by_id = {content.pk: content for content in newest}
    for wrap in queries.list_wraps_of(actor.person_id, newest):
        certificate = wrap.certificate
        if certificate is None or not opens_elsewhere(certificate, at):
            continue
        certificates.setdefault(certificate.pk, certificate)
        found = suites.named(wrap.content.suite).wrapped(bytes(wrap.lock))
        held.setdefault(certificate.pk, []).append((by_id[wrap.content_id], found))
    if not certificates:
        raise policy.NotSealedToYou
    most = max(certificates.values(), key=lambda each: (len(held[each.pk]), each.not_before))
    if everything and len(held[most.pk]) > MOST:
        raise policy.TooManyForDevice(most=MOST)
    return Locked(classified, most, held[most.pk][:MOST])


def unlock_lent(*, classified_id: int, lent: DeviceKeys, actor: Actor, at: datetime) -> Unlocked:
    """Take the content keys that the actor's own device opened, for one act; each is proved on its sealed bytes before it counts.

    Not inside a transaction. Nothing is read yet.

    :raises NotFound: NotCleared: WrongState: as in `open_content`
    :raises NotSealedToYou: a content is not sealed to a key on a device of his own that may still be used, or no key came for it
    :raises ContentDamaged: a key is not this content's
    """
    locked = lock_elsewhere(classified_id=classified_id, everything=True, actor=actor, at=at)
    proved = prove([content for content, _wrapped in locked.locks if content.pk in lent.keys], lent)
    if any(content.pk not in proved for content in queries.list_newest(classified_id)):
        raise policy.NotSealedToYou
    return Unlocked(classified_id, proved)


def prove(contents: Iterable[SealedContent], lent: DeviceKeys) -> dict[int, bytes]:
    """The keys that were lent for these contents, each proved on its sealed bytes. :raises ContentDamaged: one is another's"""
    proved: dict[int, bytes] = {}
    for content in contents:
        key = lent.keys[content.pk]
        try:
            suites.named(content.suite).open(kept.read(content.file_id), key)
        except (suites.Tampered, ValueError) as wrong:
            raise policy.ContentDamaged from wrong
        proved[content.pk] = key
    return proved


def open_keys(*, classified_id: int, opening: Opening, actor: Actor, at: datetime) -> Unlocked:
    """Open the keys of everything sealed of a thing for one act, by the actor's PIN or by what his own device opened.

    Not inside a transaction. :raises Refusal: as `unlock` and `unlock_lent`
    """
    if isinstance(opening, DeviceKeys):
        return unlock_lent(classified_id=classified_id, lent=opening, actor=actor, at=at)
    return unlock(classified_id=classified_id, pin=opening, actor=actor, at=at)


def opens_elsewhere(certificate: Certificate, at: datetime) -> bool:
    """Whether a certificate's key lies on a device of its holder's own and may still be used."""
    revoked = certificate.revoked_at is not None and certificate.revoked_at <= at
    return certificate.device.kind == Device.AGENT and not revoked


@transaction.atomic
def give_sealed(*, content_id: int, use: str = Use.VIEWED, actor: Actor, at: datetime) -> Given:
    """Give a reader the sealed bytes of a content, whose key his own device opened. It counts as read from here on.

    :raises NotFound: NotCleared: WrongState: as in `open_content`
    :raises NotSealedToYou: it is not sealed to a key on a device of his own that may still be used
    :raises ContentDamaged: its bytes are not what was sealed
    :raises NotOpenedHere: it was sealed by a suite that no browser knows
    """
    content = queries.get_content(content_id)
    own = queries.find_reader(content.classified_id, actor.person_id)
    refuse(policy.why_not_open(actor, content.classified, own))
    wraps = queries.list_wraps_of(actor.person_id, [content])
    if not any(wrap.certificate is not None and opens_elsewhere(wrap.certificate, at) for wrap in wraps):
        raise policy.NotSealedToYou
    try:
        nonce, sealed = suites.named(content.suite).split(kept.read(content.file_id))
    except suites.Tampered as damaged:
        raise policy.ContentDamaged from damaged
    except suites.NotForBrowsers as unknown:
        raise policy.NotOpenedHere from unknown
    reading = read_now(content, use, actor, at)
    return Given(nonce, sealed, content.media_type, Marking(actor.person_name, Use(use), reading.number, at))
