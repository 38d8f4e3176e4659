"""Whom this node believes, since when, until when and why; and what others published: their intermediates and their lists."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction
from django.utils.translation import gettext as _

from antin.journal import operations as journal
from antin.keys import pki, policy, queries
from antin.keys.models import Certificate, Intermediate, RevocationList, TrustAnchor
from antin.keys.policy import AlreadyRevoked, AlreadyTrusted, BadAuthorityFile
from antin.keys.queries import Trust
from antin.keys.states import Reason
from antin.people.actor import Actor
from antin.refusal import refuse


def add_trust_anchor(
    *,
    certificate: bytes,
    reason: str,
    actor: Actor | None,
    at: datetime,
    trusted_from: datetime | None = None,
    trusted_until: datetime | None = None,
) -> TrustAnchor:
    """Trust another root, from its beginning on unless said otherwise. The certificate is DER or PEM.

    :raises NotAllowed: the actor does not administer the whole house
    :raises NeedsReason: no reason is given
    :raises TrustEndsBefore: the end does not lie behind the beginning
    :raises BadAuthorityFile: not a certificate of an authority
    :raises AlreadyTrusted: it is trusted already
    """
    refuse(policy.why_not_run_authority(actor))
    refuse(policy.why_not_reason(reason))
    read = _read_authorities(certificate)[0]
    since = trusted_from or read.not_valid_before_utc
    if trusted_until is not None and trusted_until <= since:
        raise policy.TrustEndsBefore
    der = read.public_bytes(Encoding.DER)
    with transaction.atomic():
        return keep_trust(der, trusted_from=since, trusted_until=trusted_until, reason=reason, actor=actor, at=at)


def _read_authorities(content: bytes) -> list[x509.Certificate]:
    try:
        found = pki.read_certificates(content)
        if found and all(pki.is_authority(each) for each in found):
            return found
    except ValueError as trouble:
        raise BadAuthorityFile(what=_("chứng thư số của cơ quan chứng thực")) from trouble
    raise BadAuthorityFile(what=_("chứng thư số của cơ quan chứng thực"))


def keep_trust(
    der: bytes,
    *,
    trusted_from: datetime,
    reason: str,
    actor: Actor | None,
    at: datetime,
    trusted_until: datetime | None = None,
) -> TrustAnchor:
    """Write an anchor down; inside the caller's transaction. :raises AlreadyTrusted:"""
    fingerprint = pki.fingerprint(der)
    known = TrustAnchor.objects.select_for_update().filter(fingerprint=fingerprint, trusted_until=None).first()
    if known is not None:
        raise AlreadyTrusted(name=known.name, day=policy.day(known.trusted_from))
    anchor = TrustAnchor.objects.create(
        name=x509.load_der_x509_certificate(der).subject.rfc4514_string()[:400],
        certificate=der,
        fingerprint=fingerprint,
        trusted_from=trusted_from,
        trusted_until=trusted_until,
        reason=reason,
        added_by_id=actor.person_id if actor else None,
        added_at=at,
    )
    journal.record(
        "anchor.trusted",
        subject=("anchor", anchor.id),
        actor=actor,
        at=at,
        name=anchor.name,
        fingerprint=fingerprint,
        reason=reason,
    )
    return anchor


@transaction.atomic
def end_trust(*, anchor_id: int, until: datetime, reason: str, actor: Actor | None, at: datetime) -> TrustAnchor:
    """Trust a root no longer, from that moment on. Judged as of an earlier day, signatures still find it trusted.

    :raises NotAllowed: the actor does not administer the whole house
    :raises NotFound: no such anchor
    :raises NeedsReason: no reason is given
    :raises TrustEnded: its end is set already
    :raises TrustEndsBefore: the end does not lie behind the beginning
    """
    refuse(policy.why_not_run_authority(actor))
    anchor = queries.lock_anchor(anchor_id)
    refuse(policy.why_not_reason(reason))
    if anchor.trusted_until is not None:
        raise policy.TrustEnded(day=policy.day(anchor.trusted_until))
    if until <= anchor.trusted_from:
        raise policy.TrustEndsBefore
    anchor.trusted_until, anchor.end_reason, anchor.ended_at = until, reason, at
    anchor.ended_by_id = actor.person_id if actor else None
    anchor.save(update_fields=["trusted_until", "end_reason", "ended_at", "ended_by"])
    journal.record(
        "anchor.ended",
        subject=("anchor", anchor.id),
        actor=actor,
        at=at,
        name=anchor.name,
        fingerprint=anchor.fingerprint,
        until=until,
        reason=reason,
    )
    return anchor


def import_authorities(*, content: bytes, actor: Actor | None, at: datetime) -> list[Intermediate]:
    """Keep the certificates between signers and a trusted root, brought by file (PEM, DER, PKCS#7). Roots in it are passed over:
    trust is given by its own act. Those that are there already stay as they are.

    :raises NotAllowed: the actor does not administer the whole house
    :raises BadAuthorityFile: it holds something else than certificates of authorities
    :raises NotIssuedByTrusted: one of them does not lead to a root that is trusted now
    """
    refuse(policy.why_not_run_authority(actor))
    found = [each for each in _read_authorities(content) if each.subject != each.issuer]
    believed = queries.trust(at)
    beside = [*believed.intermediates, *(each.public_bytes(Encoding.DER) for each in found)]
    for each in found:
        if pki.path(each, intermediates=beside, anchors=believed.anchors) is None:
            raise policy.NotIssuedByTrusted
    with transaction.atomic():
        return [_keep_intermediate(each, actor=actor, at=at) for each in found]


def _keep_intermediate(read: x509.Certificate, *, actor: Actor | None, at: datetime) -> Intermediate:
    der = read.public_bytes(Encoding.DER)
    kept, fresh = Intermediate.objects.get_or_create(
        fingerprint=pki.fingerprint(der),
        defaults={
            "name": read.subject.rfc4514_string()[:400],
            "certificate": der,
            "not_before": read.not_valid_before_utc,
            "not_after": read.not_valid_after_utc,
            "added_by_id": actor.person_id if actor else None,
            "added_at": at,
        },
    )
    if fresh:
        journal.record(
            "intermediate.imported",
            subject=("intermediate", kept.pk),
            actor=actor,
            at=at,
            name=kept.name,
            fingerprint=kept.fingerprint,
        )
    return kept


def import_revocation_list(*, content: bytes, actor: Actor | None, at: datetime) -> RevocationList:
    """Keep another authority's list, brought by file (DER or PEM): how revocations reach a node without a network.

    The list is believed in verification only as far as its issuer's signature goes. The same list again gives the same row.
    Keys in use here whose certificates it names are revoked with it; one on hold too: its holder is given another.

    :raises NotAllowed: the actor does not administer the whole house
    :raises BadAuthorityFile: not a complete revocation list, or not signed by an authority this node trusts
    """
    refuse(policy.why_not_run_authority(actor))
    try:
        pem = content.lstrip().startswith(b"-----BEGIN")
        listed = x509.load_pem_x509_crl(content) if pem else x509.load_der_x509_crl(content)
        authority = _issuer_of(listed, at)
        number = int(listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number)
    except (ValueError, TypeError, x509.ExtensionNotFound) as trouble:
        raise BadAuthorityFile(what=_("danh sách thu hồi")) from trouble
    if authority is None or listed.next_update_utc is None:
        raise BadAuthorityFile(what=_("danh sách thu hồi do cơ quan chứng thực được tin cậy ký"))
    issuer = pki.issuer_id(authority)
    with transaction.atomic():
        known = RevocationList.objects.filter(issuer=issuer, number=number).first()
        if known is not None:
            return known
        kept = keep_list(listed.public_bytes(Encoding.DER), issuer)
        journal.record(
            "revocation_list.imported",
            subject=("revocation_list", kept.id),
            actor=actor,
            at=at,
            issuer=kept.issuer_name,
            number=number,
        )
        _take_revocations(listed, authority, actor=actor, at=at)
    return kept


def _take_revocations(
    listed: x509.CertificateRevocationList, authority: x509.Certificate, *, actor: Actor | None, at: datetime
) -> None:
    """Revoke what another authority issued to somebody here, from the moment that its list names."""
    others = Certificate.objects.filter(issuer=None, revoked_at=None).order_by("id")
    for row in others.defer("certificate"):
        entry = listed.get_revoked_certificate_by_serial_number(int(row.serial, 16))
        if entry is None or not pki.is_issued_by(x509.load_der_x509_certificate(bytes(row.certificate)), authority):
            continue
        mark_revoked(row.pk, _reason_of(entry), actor=actor, at=at, since=entry.revocation_date_utc)


def take_status(
    *, certificate: bytes, issuer: bytes, since: datetime, actor: Actor | None, at: datetime
) -> Certificate | None:
    """Revoke a key in use here of which its authority answered that it is revoked since then (OCSP); None when it is nobody's here.

    Who calls has checked that the answer is the authority's.
    """
    said, authority = x509.load_der_x509_certificate(certificate), x509.load_der_x509_certificate(issuer)
    if not pki.is_issued_by(said, authority):
        return None
    with transaction.atomic():
        held = Certificate.objects.filter(
            issuer=None, fingerprint=pki.fingerprint(certificate), revoked_at=None
        ).first()
        if held is None:
            return None
        try:
            return mark_revoked(held.pk, Reason.UNSPECIFIED, actor=actor, at=at, since=since)
        except AlreadyRevoked:  # meanwhile
            return None


def _reason_of(entry: x509.RevokedCertificate) -> Reason:
    try:
        named = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
        return Reason(named)
    except (x509.ExtensionNotFound, ValueError):
        return Reason.UNSPECIFIED


def find_revocation(certificate: x509.Certificate, believed: Trust) -> datetime | None:
    """Since when another authority's newest list names this certificate."""
    for der in (*believed.intermediates, *believed.anchors):
        authority = x509.load_der_x509_certificate(der)
        if authority.subject != certificate.issuer or not pki.is_issued_by(certificate, authority):
            continue
        for crl in believed.crls:
            if crl.issuer == pki.issuer_id(authority):
                listed = x509.load_der_x509_crl(crl.der)
                entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
                return entry.revocation_date_utc if entry else None
    return None


def mark_revoked(
    certificate_id: int, reason: Reason, *, actor: Actor | None, at: datetime, since: datetime | None = None
) -> Certificate:
    """Write a revocation down, from this moment on unless another is named; in the caller's transaction."""
    certificate = queries.lock_certificate(certificate_id)
    if certificate.revoked_at is not None:
        raise AlreadyRevoked(name=certificate.name, day=policy.day(certificate.revoked_at))
    certificate.revoked_at = pki.whole(since or at)
    certificate.revocation_reason = reason
    certificate.save(update_fields=["revoked_at", "revocation_reason"])
    journal.record(
        "certificate.revoked",
        subject=("certificate", certificate.id),
        actor=actor,
        at=at,
        agency_id=certificate.agency_id,
        serial=certificate.serial,
        reason=certificate.revocation_reason,
    )
    return certificate


def _issuer_of(listed: x509.CertificateRevocationList, at: datetime) -> x509.Certificate | None:
    """The trusted authority that signed the list."""
    believed = queries.trust(at)
    for der in (*believed.anchors, *believed.intermediates):
        certificate = x509.load_der_x509_certificate(der)
        if certificate.subject == listed.issuer and listed.is_signature_valid(certificate.public_key()):  # type: ignore[arg-type]
            return certificate
    return None


def keep_list(der: bytes, issuer: str) -> RevocationList:
    read = x509.load_der_x509_crl(der)
    assert read.next_update_utc is not None
    return RevocationList.objects.create(
        issuer=issuer,
        issuer_name=read.issuer.rfc4514_string()[:400],
        number=read.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number,
        this_update=read.last_update_utc,
        next_update=read.next_update_utc,
        fingerprint=pki.fingerprint(der),
        der=der,
    )
