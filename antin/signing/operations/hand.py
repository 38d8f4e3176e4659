"""The hand that signs: bytes in, signed bytes out. Kept files and bytes that must never be kept go through the same hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.keys import policy as key_policy
from antin.keys import queries as key_queries
from antin.keys.models import Certificate
from antin.keys.timestamping import NotStamped
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.signing import pades, policy, queries
from antin.signing.models import Responder
from antin.signing.operations import making, proofs, responders
from antin.signing.operations.making import Blank
from antin.signing.pades import ArrivalStamp
from antin.signing.states import Level, ResponderKind


def sign(
    blank: Blank,
    open_key: Callable[[], keys.Signer],
    *,
    wanted: Level,
    grace_hours: int,
    asked: list[Responder],
    at: datetime,
    made_at: datetime | None = None,
) -> tuple[bytes, Level]:
    """The signed bytes and the level they reached: what was asked for, or B-B where no timestamp is to be had within the grace.

    `open_key` is called when everything else allows the signature; `made_at` is when a key elsewhere has given its value.
    """
    stamper = responders.open_timestamper(at=at, asked=asked) if wanted != Level.B_B else None
    if stamper is not None:
        refuse(_why_not_unstamped(grace_hours, asked, at))
    refuse(making.why_not_next(blank.field, blank.content))
    signer = open_key()
    missed: list[NotStamped] = []
    try:
        signed = making.make(
            blank, signer, at=made_at or at, stamper=stamper, unstamped=missed.append if grace_hours else None
        )
    finally:
        if stamper is not None:
            stamper.note()
    if missed or not wanted.reaches(Level.B_LT):
        return signed, Level.B_B if missed else wanted
    if blank.field == policy.BESIDE:
        return proofs.add_evidence_beside(signed, blank.content, wanted, at=at)
    if blank.field == policy.INSIDE_XML:
        return proofs.add_evidence_inside(signed, wanted, at=at)
    return proofs.add_evidence(signed, wanted, at=at)


def _why_not_unstamped(grace_hours: int, asked: list[Responder], at: datetime) -> Refusal | None:
    """Whether every timestamp service has been silent for longer than the rule bears with."""
    since = [each.failing_since for each in asked if each.kind == ResponderKind.TIMESTAMP]
    if not since or None in since:
        return None
    longest = min(moment for moment in since if moment is not None)
    return policy.why_not_unstamped(longest, timedelta(hours=grace_hours), at)


@dataclass(frozen=True)
class _Ready:
    """Bytes ready to be signed, by which certificate, and how long it must be provable."""

    certificate: Certificate
    demand: policy.Demand
    blank: Blank


def _ready(
    content: bytes, *, field: str, certificate_id: int, words: str, secrecy: int, actor: Actor, at: datetime
) -> _Ready:
    """Refuse what must be refused before a key is opened, and lay the blank out."""
    certificate = key_queries.get_certificate(certificate_id)
    refuse(policy.why_not_certificate(field, certificate, actor))
    refuse(key_policy.why_not_use(certificate, at))
    refuse(policy.why_not_usage(certificate))
    demand = policy.demand_of(
        queries.list_rules(), signing=policy.kind_of(field), agency_id=certificate.agency_id, secrecy=secrecy
    )
    if field == pades.ATTACHMENT:
        unprepared = content
        content = making.within_bounds(lambda: pades.prepare_attachment(unprepared))
    blank = making.blank(content, field=field, words=words, asked_at=at, certificate=certificate)
    return _Ready(certificate, demand, blank)


def content_to_be_signed(
    *,
    content: bytes,
    field: str,
    certificate_id: int,
    words: str = "",
    secrecy: int = 0,
    actor: Actor,
    at: datetime,
) -> bytes:
    """Tell what a key elsewhere is to sign of bytes that are kept nowhere, for `sign_content` with its signature at that moment.

    :raises SignsHere: its key is within the node's reach
    :raises Refusal: as `open_request` and `carry_out`
    """
    ready = _ready(
        content, field=field, certificate_id=certificate_id, words=words, secrecy=secrecy, actor=actor, at=at
    )
    keys.open_elsewhere(certificate_id=certificate_id, signature=b"", at=at)
    refuse(making.why_not_next(field, ready.blank.content))
    return making.asked_of_key(ready.blank, ready.certificate, level=ready.demand.level, at=at)


def sign_content(
    *,
    content: bytes,
    field: str,
    certificate_id: int,
    subject: tuple[str, int],
    pin: str | None = None,
    signature: bytes | None = None,
    words: str = "",
    arrival: ArrivalStamp | None = None,
    secrecy: int = 0,
    actor: Actor,
    at: datetime,
) -> bytes:
    """Sign bytes that are kept nowhere, and give the signed ones; the caller seals them. Never inside a transaction.

    Nothing of them is remembered, not even a digest: cut short, the act is done anew. What evidence the rule asks for is added now;
    what cannot be had now comes beside the sealed bytes later (`begin_sealed`), for the node cannot open them. `words` are shown
    instead of an image; in the field "Arrival" a recipient's `arrival` stamp. A key elsewhere gives its `signature` over what
    `content_to_be_signed` said; `at` is then the moment it was said at.

    :raises Refusal: as `open_request` and `carry_out`
    """
    ready = _ready(
        content, field=field, certificate_id=certificate_id, words=words, secrecy=secrecy, actor=actor, at=at
    )
    certificate = ready.certificate

    def open_key() -> keys.Signer:
        if signature is not None:
            return keys.open_elsewhere(certificate_id=certificate.pk, signature=signature, at=at)
        return keys.open_signer(certificate_id=certificate.pk, pin=pin, at=at)

    signed, level = sign(
        replace(ready.blank, arrival=arrival),
        open_key,
        wanted=ready.demand.level,
        grace_hours=int(ready.demand.grace.total_seconds() // 3600),
        asked=queries.list_responders(),
        at=at,
    )
    with transaction.atomic():
        journal.record(
            "signature.made",
            subject=subject,
            actor=actor,
            at=at,
            agency_id=certificate.agency_id,
            field=field,
            certificate=certificate.serial,
            level=level,
        )
    return signed


def fill_content(content: bytes, values: Mapping[str, str]) -> bytes:
    """Write number and date into bytes that are kept nowhere. Refuses as `fill` does."""
    return making.within_bounds(lambda: pades.fill(content, values))
