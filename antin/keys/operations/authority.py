"""This node's own authorities: made once, publishing their lists, stamping time. For training, tests and small units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography import x509
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from antin.journal import operations as journal
from antin.keys import keepers, ocsp, pki, policy, queries, timestamping
from antin.keys.models import Authority, Certificate, RevocationList
from antin.keys.operations.trust import keep_list, keep_trust
from antin.keys.providers import Key
from antin.keys.states import Device, Role
from antin.people.actor import Actor
from antin.refusal import refuse

YEAR = timedelta(days=365)
ROOT_LASTS, ISSUING_LASTS, TIMESTAMP_LASTS = 20 * YEAR, 10 * YEAR, 10 * YEAR
LIST_LASTS, LIST_EVERY = timedelta(days=7), timedelta(days=1)


def establish(*, name: str, organisation: str, actor: Actor | None, at: datetime) -> Authority:
    """Make this node's root, issuing and timestamp authorities, trust the root and publish the first lists; once.

    Returns the issuing authority, also when it was there already.

    :raises NotAllowed: the actor does not administer the whole house
    """
    refuse(policy.why_not_run_authority(actor))
    found = queries.find_authority(Role.ISSUING)
    if found is not None:
        return found
    provider = keepers.of(Device.SOFTWARE)
    plan = [
        (Role.ROOT, _("%(name)s - Gốc") % {"name": name}, ROOT_LASTS),
        (Role.ISSUING, _("%(name)s - Cấp chứng thư số") % {"name": name}, ISSUING_LASTS),
        (Role.TIMESTAMP, _("%(name)s - Dấu thời gian") % {"name": name}, TIMESTAMP_LASTS),
    ]
    made: list[Authority] = []
    above: tuple[x509.Certificate | None, Key | None] = (None, None)
    for role, words, lasts in plan:
        reference = provider.create(None)
        key = provider.open(reference, None)
        issuer, issuer_key = above
        der = pki.authority(
            role=role,
            name=pki.authority_name(words, organisation),
            public=key.public,
            key=pki.IssuingKey(issuer_key or key),
            issuer=issuer,
            at=at,
            until=at + lasts,
        )
        certificate = x509.load_der_x509_certificate(der)
        made.append(Authority(role=role, name=words, certificate=der, reference=reference, **_range(certificate)))
        if role != Role.TIMESTAMP:
            above = (certificate, key)
    try:
        _keep_authorities(made, actor=actor, at=at)
    except IntegrityError:  # another process was first; its authorities count, ours never existed
        for authority in made:
            provider.destroy(authority.reference)
    publish_revocation_list(actor=actor, at=at)
    return queries.get_authority(Role.ISSUING)


@transaction.atomic
def _keep_authorities(made: list[Authority], *, actor: Actor | None, at: datetime) -> None:
    root, issuing, timestamp = made
    root.save()
    issuing.issuer = root
    issuing.save()
    timestamp.issuer = issuing
    timestamp.save()
    for authority in made:
        journal.record(
            "authority.established",
            subject=("authority", authority.id),
            actor=actor,
            at=at,
            role=authority.role,
            name=authority.name,
            fingerprint=pki.fingerprint(authority.certificate),
        )
    keep_trust(
        bytes(root.certificate),
        trusted_from=root.not_before,
        reason=_("Chứng thực gốc của hệ thống"),
        actor=actor,
        at=at,
    )


def publish_revocation_list(
    *, actor: Actor | None, at: datetime, lasts: timedelta = LIST_LASTS
) -> list[RevocationList]:
    """Publish a fresh list of every certification authority of this node; daily by a job, and after each revocation.

    :raises NotAllowed: the actor does not administer the whole house
    :raises NoAuthority: there is none yet
    """
    refuse(policy.why_not_run_authority(actor))
    queries.get_authority(Role.ISSUING)
    authorities = Authority.objects.filter(role__in=(Role.ROOT, Role.ISSUING)).order_by("id")
    return [_publish(authority, actor=actor, at=at, lasts=lasts) for authority in authorities]


def refresh_revocation_lists(*, at: datetime) -> list[RevocationList]:
    """Publish fresh lists when the newest are a day old, or were never published; run by the clock, so it also heals a long pause.

    Nothing happens on a node that has no authority of its own.
    """
    newest = {row.issuer: row.this_update for row in queries.list_revocation_lists(at)}
    due = []
    for authority in Authority.objects.filter(role__in=(Role.ROOT, Role.ISSUING)).order_by("id"):
        last = newest.get(pki.issuer_id(x509.load_der_x509_certificate(bytes(authority.certificate))))
        if last is None or last + LIST_EVERY <= at:
            due.append(authority)
    return [_publish(authority, actor=None, at=at, lasts=LIST_LASTS) for authority in due]


def _publish(authority: Authority, *, actor: Actor | None, at: datetime, lasts: timedelta) -> RevocationList:
    certificate = x509.load_der_x509_certificate(bytes(authority.certificate))
    issuer = pki.issuer_id(certificate)
    key = keepers.of(Device.SOFTWARE).open(authority.reference, None)
    while True:
        last = RevocationList.objects.filter(issuer=issuer).aggregate(last=Max("number"))["last"] or 0
        revoked = Certificate.objects.filter(issuer=authority, revoked_at__lte=at).order_by("revoked_at", "id")
        entries = [
            (int(serial, 16), moment, reason)
            for serial, moment, reason in revoked.values_list("serial", "revoked_at", "revocation_reason")
            if moment
        ]
        der = pki.revocation_list(
            issuer=certificate,
            key=pki.IssuingKey(key),
            number=int(last) + 1,
            at=at,
            until=at + lasts,
            revoked=entries,
        )
        try:
            with transaction.atomic():
                kept = keep_list(der, issuer)
                journal.record(
                    "revocation_list.published",
                    subject=("revocation_list", kept.id),
                    actor=actor,
                    at=at,
                    issuer=kept.issuer_name,
                    number=int(kept.number),
                    revoked=len(entries),
                )
            return kept
        except IntegrityError:  # the number was taken meanwhile: make the list again, with what was revoked since
            continue


# Timestamps


def open_timestamper(*, at: datetime) -> timestamping.Timestamper:
    """Open this node's timestamp authority: a function from RFC 3161 requests to responses that needs no database any more.

    :raises NoAuthority: there is none yet
    """
    authority = _open_timestamp_authority()
    return lambda request: timestamping.answer(request, at=at, authority=authority)


def timestamp(*, digest: bytes, at: datetime, algorithm: str = "sha256") -> bytes:
    """Return an RFC 3161 token (DER) saying that the digest existed at that moment. :raises NoAuthority:"""
    return timestamping.token(digest, algorithm, at=at, authority=_open_timestamp_authority())


def answer_timestamp_request(*, request: bytes, at: datetime) -> bytes:
    """Return the RFC 3161 response (DER) to a request (DER); what cannot be granted is refused inside it. :raises NoAuthority:"""
    return open_timestamper(at=at)(request)


def _open_timestamp_authority() -> timestamping.TimestampAuthority:
    authority = queries.get_authority(Role.TIMESTAMP)
    assert authority.issuer is not None
    key = keepers.of(Device.SOFTWARE).open(authority.reference, None)
    return timestamping.TimestampAuthority(bytes(authority.certificate), (bytes(authority.issuer.certificate),), key)


def open_responder(*, at: datetime) -> Callable[[bytes], bytes | None]:
    """Open this node's authorities as an OCSP responder: a function from a certificate to the answer of the moment, or None for one
    of another's. Fresh answers, made after a timestamp, are what a signature that is to last carries (ETSI EN 319 102-1, 5.5)."""
    ours = list(Authority.objects.order_by("id"))
    own = {bytes(each.certificate) for each in ours}
    above = {
        x509.load_der_x509_certificate(bytes(each.certificate)).subject.public_bytes(): each
        for each in ours
        if each.role in (Role.ROOT, Role.ISSUING)
    }

    def answered(der: bytes) -> bytes | None:
        certificate = x509.load_der_x509_certificate(der)
        issuer = above.get(certificate.issuer.public_bytes())
        if issuer is None:
            return None
        key = keepers.of(Device.SOFTWARE).open(issuer.reference, None)
        found = Certificate.objects.filter(issuer=issuer, serial=f"{certificate.serial_number:x}", revoked_at__lte=at)
        revoked = None if der in own else found.values_list("revoked_at", "revocation_reason").first()
        return ocsp.answer(
            der,
            issuer=bytes(issuer.certificate),
            key=pki.IssuingKey(key),
            at=at,
            until=at + LIST_LASTS,
            revoked=(revoked[0], revoked[1]) if revoked and revoked[0] else None,
        )

    return answered


def _range(certificate: x509.Certificate) -> dict[str, datetime]:
    return {"not_before": certificate.not_valid_before_utc, "not_after": certificate.not_valid_after_utc}
