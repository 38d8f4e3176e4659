"""Opening on the reader's own machine: the node gives locks and sealed bytes, and sees neither a content key nor a word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from antin.files import queries as kept
from antin.keys.models import Certificate
from antin.keys.providers import Wrapped
from antin.keys.states import Device
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.vault import policy, queries, suites
from antin.vault.models import Classified, SealedContent
from antin.vault.operations.contents import Marking, read_now
from antin.vault.states import Use

MOST = 200
"""So many contents are asked of a device at once; it takes a part of a second for each."""


@dataclass(frozen=True)
class Locked:
    """The newest contents of a thing, each with its key as it is closed to the certificate of the reader's own device."""

    classified: Classified
    certificate: Certificate
    locks: list[tuple[SealedContent, Wrapped]]


@dataclass(frozen=True)
class Given:
    """A content as it is sealed, for one act in the reader's browser."""

    nonce: bytes
    sealed: bytes
    media_type: str
    marking: Marking


def lock_elsewhere(*, classified_id: int, actor: Actor, at: datetime) -> Locked:
    """What the reader's device needs to open the content keys. Nothing can be read with it alone, so nothing is journalled.

    :raises NotFound: NotCleared: WrongState: as in `open_content`
    :raises NotSealedToYou: nothing is sealed to a key on a device of his own that may still be used
    """
    classified = queries.get(classified_id)
    refuse(policy.why_not_open(actor, classified, queries.find_reader(classified_id, actor.person_id)))
    newest = queries.list_newest(classified_id)
    held: dict[int, list[tuple[SealedContent, Wrapped]]] = {}
    certificates: dict[int, Certificate] = {}
    by_id = {content.pk: content for content in newest}
    for wrap in queries.list_wraps_of(actor.person_id, newest):
        certificate = wrap.certificate
        if certificate is None or not _opens(certificate, at):
            continue
        certificates.setdefault(certificate.pk, certificate)
        found = suites.named(wrap.content.suite).wrapped(bytes(wrap.lock))
        held.setdefault(certificate.pk, []).append((by_id[wrap.content_id], found))
    if not certificates:
        raise policy.NotSealedToYou
    most = max(certificates.values(), key=lambda each: (len(held[each.pk]), each.not_before))
    return Locked(classified, most, held[most.pk][:MOST])


def _opens(certificate: Certificate, at: datetime) -> bool:
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
    if not any(wrap.certificate is not None and _opens(wrap.certificate, at) for wrap in wraps):
        raise policy.NotSealedToYou
    try:
        nonce, sealed = suites.named(content.suite).split(kept.read(content.file_id))
    except suites.Tampered as damaged:
        raise policy.ContentDamaged from damaged
    except suites.NotForBrowsers as unknown:
        raise policy.NotOpenedHere from unknown
    reading = read_now(content, use, actor, at)
    return Given(nonce, sealed, content.media_type, Marking(actor.person_name, Use(use), reading.number, at))
