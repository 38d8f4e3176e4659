"""Outside services: which are asked, how they stand, and what they answered: timestamps, OCSP answers, revocation lists.

A responder that failed is left alone for half a minute, so that its time-out is paid once and not by every signature.
Nothing here is called inside a transaction, except what an administrator sets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from antin.journal import operations as journal
from antin.keys import ocsp, pki, timestamping, wire
from antin.keys import operations as keys
from antin.keys import queries as key_queries
from antin.keys.timestamping import NotStamped, Timestamper
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.signing import policy, queries, trust
from antin.signing.models import Responder, StatusAnswer
from antin.signing.states import ResponderKind

LEFT_ALONE = timedelta(seconds=30)
LONG_LIST = 64 * 1024
"""A list longer than this goes into a file only where no OCSP answer is to be had."""


@transaction.atomic
def set_responder(
    *,
    responder_id: int | None = None,
    kind: str,
    name: str,
    address: str,
    issuer: str = "",
    seconds: int = 5,
    position: int = 50,
    actor: Actor | None,
    at: datetime,
) -> Responder:
    """Configure an outside responder, or change one. The first timestamp responder set takes the place of the node's own authority.

    :raises NotAllowed: not the administrator of the house
    :raises BadAddress: NeedsIssuer: BadLimit: what was set does not hold
    :raises NotFound: no such responder, or it was closed
    """
    responder = Responder(position=50) if responder_id is None else _lock(responder_id)
    shown = ("kind", "name", "address", "issuer", "seconds", "position")
    was = {name: getattr(responder, name) for name in shown} if responder_id is not None else None
    responder.kind, responder.name, responder.address = kind, name.strip(), address.strip()
    responder.issuer, responder.seconds, responder.position = issuer, seconds, position
    responder.failing_since, responder.tried_at, responder.fault = None, None, ""
    refuse(policy.why_not_configure(actor, responder))
    responder.save()
    journal.record(
        "responder.set",
        subject=("responder", responder.pk),
        actor=actor,
        at=at,
        **{name: getattr(responder, name) for name in shown},
        was=was,
    )
    return responder


@transaction.atomic
def close_responder(*, responder_id: int, actor: Actor | None, at: datetime) -> Responder:
    """Ask a responder no more. :raises NotAllowed: not the administrator of the house :raises NotFound:"""
    responder = _lock(responder_id)
    refuse(policy.why_not_configure(actor, responder))
    responder.closed_at = at
    responder.save(update_fields=["closed_at"])
    journal.record(
        "responder.closed", subject=("responder", responder.pk), actor=actor, at=at, address=responder.address
    )
    return responder


def _lock(responder_id: int) -> Responder:
    found = Responder.objects.select_for_update().filter(pk=responder_id, closed_at=None).first()
    if found is None:
        raise NotFound(responder_id=responder_id)
    return found


# How they stand


def _left_alone(responder: Responder, at: datetime) -> bool:
    return (
        responder.failing_since is not None and responder.tried_at is not None and at < responder.tried_at + LEFT_ALONE
    )


def _answered(responder: Responder, at: datetime) -> None:
    """It answers. Written down only when it had failed."""
    if responder.failing_since is None:
        return
    since, responder.failing_since = responder.failing_since, None
    with transaction.atomic():
        held = Responder.objects.filter(pk=responder.pk, failing_since__isnull=False)
        if held.update(failing_since=None, tried_at=at, fault=""):
            journal.record(
                "responder.back", subject=("responder", responder.pk), actor=None, at=at, since=since.isoformat()
            )


def _failed(responder: Responder, fault: str, at: datetime) -> None:
    with transaction.atomic():
        fresh = Responder.objects.filter(pk=responder.pk, failing_since=None)
        if fresh.update(failing_since=at, tried_at=at, fault=fault[:200]):
            journal.record(
                "responder.silent", subject=("responder", responder.pk), actor=None, at=at, fault=fault[:200]
            )
        else:
            Responder.objects.filter(pk=responder.pk).update(tried_at=at, fault=fault[:200])
    responder.failing_since, responder.tried_at = responder.failing_since or at, at


def try_again(*, at: datetime) -> list[str]:
    """Ask the services that failed whether they answer again, by the clock; the names of those that do."""
    back = []
    for responder in queries.list_responders():
        if responder.failing_since is None or _left_alone(responder, at) or not responder.address:
            continue
        try:
            if responder.kind == ResponderKind.TIMESTAMP:
                timestamping.ask(bytes(32), _stamper_of(responder, None))
            elif responder.kind == ResponderKind.LIST:
                wire.ask(responder.address, seconds=responder.seconds)
            else:
                wire.ask(responder.address, seconds=responder.seconds, content=b"", kind="application/ocsp-request")
        except (NotStamped, wire.NotAnswered) as trouble:
            if "HTTP 4" not in str(trouble):  # it answers, though not to nothing
                _failed(responder, str(trouble), at)
                continue
        _answered(responder, at)
        back.append(responder.name)
    return back


# Timestamps


class Stamping:
    """A timestamper over several services in their order, for work that may not ask the database.

    How each stood is remembered, and written down by `note` when that work is over.
    """

    def __init__(self, responders: list[Responder], own: Timestamper | None, at: datetime) -> None:
        self._responders, self._own, self._at = responders, own, at
        self._heard: list[tuple[Responder, str]] = []

    def __call__(self, request: bytes) -> bytes:
        """Give the first answer that comes. :raises NotStamped: none answers"""
        if not self._responders and self._own is not None:
            return self._own(request)
        faults = []
        for responder in self._responders:
            if _left_alone(responder, self._at):
                faults.append(f"{responder.name}: {responder.fault}")
                continue
            try:
                given = _stamper_of(responder, self._own)(request)
            except NotStamped as trouble:
                responder.failing_since, responder.tried_at = responder.failing_since or self._at, self._at
                responder.fault = str(trouble)
                self._heard.append((responder, responder.fault))
                faults.append(f"{responder.name}: {trouble}")
                continue
            self._heard.append((responder, ""))
            return given
        raise NotStamped("; ".join(faults))

    def note(self) -> None:
        """Write down how the services stood."""
        heard, self._heard = self._heard, []
        for responder, fault in heard:
            if fault:
                _failed(responder, fault, self._at)
            else:
                _answered(responder, self._at)


def open_timestamper(*, at: datetime, asked: list[Responder] | None = None) -> Stamping:
    """Give what stamps: the configured services in their order, or this node's own authority where none is configured.

    `asked` are all services, where the caller has read them.

    :raises NoAuthority: the node's own is to stamp, and there is none
    """
    known = queries.list_responders() if asked is None else asked
    responders = [each for each in known if each.kind == ResponderKind.TIMESTAMP]
    outside = bool(responders) and all(responder.address for responder in responders)
    return Stamping(responders, None if outside else keys.open_timestamper(at=at), at)


def _stamper_of(responder: Responder, own: Timestamper | None) -> Timestamper:
    if not responder.address and own is not None:
        return own
    return timestamping.over_http(responder.address, seconds=responder.seconds)


def may_take(asked: list[Responder]) -> timedelta:
    """How long these services together may keep one signature waiting."""
    return timedelta(seconds=sum(responder.seconds for responder in asked))


# Revocation


@dataclass
class Evidence:
    """What proves that certificates were not revoked, and of whom nothing could be learnt."""

    certificates: list[bytes] = field(default_factory=list)
    crls: list[bytes] = field(default_factory=list)
    ocsps: list[bytes] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def gather(*, certificates: Iterable[bytes], at: datetime) -> Evidence:
    """Gather the evidence for these certificates and those above them: from the node's own authority, else what is kept and
    still fresh, else from the services configured. What could not be had is named."""
    trusted = key_queries.trust(at)
    known = {trust.load(der).subject.public_bytes(): der for der in (*trusted.intermediates, *trusted.anchors)}
    pool = dict.fromkeys(certificates)
    known |= {trust.load(der).subject.public_bytes(): der for der in pool}
    own, found = keys.open_responder(at=at), Evidence()
    waiting = list(pool)
    seen: set[bytes] = set()
    while waiting:
        der = waiting.pop()
        if der in seen:
            continue
        seen.add(der)
        found.certificates.append(der)
        certificate = trust.load(der)
        if certificate.issuer == certificate.subject or der in trusted.anchors:
            continue
        issuer = known.get(certificate.issuer.public_bytes())
        if issuer is None:
            found.missing.append(certificate.subject.rfc4514_string())
            continue
        waiting.append(issuer)
        whose = pki.issuer_id(trust.load(issuer))
        answer = own(der) or _status(der, issuer, whose, at)
        kept = next((crl.der for crl in trusted.crls if crl.issuer == whose and crl.next_update > at), None)
        _add(found, der, answer, kept or (None if answer else _fetch_list(whose, at)))
    found.crls = list(dict.fromkeys(found.crls))
    return found


def _add(found: Evidence, der: bytes, answer: bytes | None, listed: bytes | None) -> None:
    if answer is not None:
        found.ocsps.append(answer)
    if listed is not None and (len(listed) <= LONG_LIST or answer is None):
        found.crls.append(listed)
    if listed is None and answer is None:
        found.missing.append(trust.load(der).subject.rfc4514_string())


def _status(der: bytes, issuer: bytes, whose: str, at: datetime) -> bytes | None:
    """The kept answer while it is fresh; else the responder's, which is kept until its nextUpdate."""
    serial = f"{trust.load(der).serial_number:x}"
    kept = StatusAnswer.objects.filter(issuer=whose, serial=serial, next_update__gt=at, this_update__lte=at)
    fresh = kept.order_by("-this_update").values_list("der", flat=True).first()
    if fresh is not None:
        return bytes(fresh)
    for responder in queries.list_responders(ResponderKind.OCSP):
        if responder.issuer != whose or _left_alone(responder, at):
            continue
        try:
            answered = wire.ask(
                responder.address,
                seconds=responder.seconds,
                content=ocsp.request(der, issuer),
                kind="application/ocsp-request",
            )
            read = ocsp.read(answered, certificate=der, issuer=issuer)
        except (wire.NotAnswered, ocsp.NotUnderstood) as trouble:
            _failed(responder, str(trouble), at)
            continue
        _answered(responder, at)
        if read.revoked_at is not None:
            keys.take_status(certificate=der, issuer=issuer, since=read.revoked_at, actor=None, at=at)
        if read.next_update is not None:
            row = StatusAnswer(
                issuer=whose, serial=serial, this_update=read.this_update, next_update=read.next_update, der=read.der
            )
            StatusAnswer.objects.bulk_create([row], ignore_conflicts=True)
        return read.der
    return None


def _fetch_list(whose: str, at: datetime) -> bytes | None:
    for responder in queries.list_responders(ResponderKind.LIST):
        if responder.issuer != whose or _left_alone(responder, at):
            continue
        try:
            fetched = wire.ask(responder.address, seconds=responder.seconds)
            kept = keys.import_revocation_list(content=fetched, actor=None, at=at)
        except (wire.NotAnswered, Refusal) as trouble:
            _failed(responder, str(trouble), at)
            continue
        _answered(responder, at)
        return bytes(kept.der)
    return None
