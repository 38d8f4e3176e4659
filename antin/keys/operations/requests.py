"""Requests for certificates: a key made where it stays, asking for its name; answered by this node's authority or by another's."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from antin.journal import operations as journal
from antin.keys import keepers, pki, policy, queries
from antin.keys.models import Certificate, CertificateRequest, KeyDevice
from antin.keys.operations.certificates import CERTIFICATE_LASTS, certify, keep_certificate, of_agency, of_person
from antin.keys.operations.outside import check_outside, picture_of
from antin.keys.providers import DeviceTrouble, Key, Kind, PublicKey, WrongSecret, kind_of
from antin.keys.states import Asking, Device, Purpose, Subject
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse


def request_with_file(
    *,
    content: bytes,
    label: str,
    serial: str = "",
    purpose: str = Purpose.SIGNING,
    person_id: int | None = None,
    post_id: int | None = None,
    agency_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> CertificateRequest:
    """Ask for a certificate of the key on one's own device; the file (PKCS#10) comes from `antin agent` or the maker's program.

    What the file says of the name does not count: the holder's post says it. The request proves that its maker has the key. Of an
    agency it is the device that its clerk keeps at his own machine.

    :raises NotAllowed: neither the person himself nor the agency's administrator
    :raises MadeByItsHolder: a key that opens sealed contents is asked for by its holder alone
    :raises PostNotHeld: the post is not his that day
    :raises BadRequestFile: not such a file, or its signature is not by its key
    :raises WeakKey: a kind of key that is not allowed
    :raises AlreadyAsked: the key asked before
    """
    unsaved = _asker(purpose, actor, at, person_id=person_id, post_id=post_id, agency_id=agency_id)
    try:
        pem = content.lstrip().startswith(b"-----BEGIN")
        read = x509.load_pem_x509_csr(content) if pem else x509.load_der_x509_csr(content)
        public, proven = read.public_key(), read.is_signature_valid
    except (ValueError, TypeError) as trouble:
        raise policy.BadRequestFile from trouble
    if not proven:
        raise policy.BadRequestFile
    if not isinstance(public, PublicKey) or kind_of(public) is None:
        raise policy.WeakKey(kind=f"{type(public).__name__.strip('_')} {getattr(public, 'key_size', '')}".strip())
    row = _row(
        unsaved,
        Device.AGENT,
        public,
        csr=read.public_bytes(Encoding.DER),
        label=label or unsaved.name,
        serial=serial,
    )
    row.reference = f"agent:{row.key}"
    return _keep_request(row, actor=actor, at=at)


def request_on_token(
    *,
    token: str,
    pin: str | None,
    kind: Kind = Kind.P256,
    purpose: str = Purpose.SIGNING,
    person_id: int | None = None,
    post_id: int | None = None,
    agency_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> CertificateRequest:
    """Make a key on a token of this machine and let it ask for a certificate of an outside authority.

    :raises NotAllowed: the actor does not administer the agency (or `NotYourHouse`)
    :raises MadeByItsHolder: a key that opens sealed contents is made by its holder alone; an agency has none
    :raises WrongDevicePin: NoOwnPin: DeviceAbsent: DeviceFaulty: the token does not open, or makes no such key
    """
    unsaved = _asker(purpose, actor, at, person_id=person_id, post_id=post_id, agency_id=agency_id)
    secret = pin if unsaved.subject == Subject.PERSON else None
    reference, key = _made_on(token, secret, kind)
    name = pki.subject_name(
        name=unsaved.name, title=unsaved.title, organisation=unsaved.organisation, code=unsaved.organisation_code
    )
    asked = pki.request(name=name, key=key)
    row = _row(unsaved, Device.TOKEN, key.public, csr=asked, label=unsaved.name, serial=reference.split(":")[1])
    row.reference = reference
    return _keep_request(row, actor=actor, at=at)


def _made_on(token: str, secret: str | None, kind: Kind) -> tuple[str, Key]:
    keeper = keepers.tokens()
    try:
        reference = keeper.create(secret, kind, token)
        return reference, keeper.open(reference, secret)
    except WrongSecret as wrong:
        raise (policy.NoOwnPin(label=token) if secret is None else policy.WrongDevicePin(label=token)) from wrong
    except DeviceTrouble as trouble:
        raise policy.worded(trouble, token) from trouble


def _asker(
    purpose: str, actor: Actor, at: datetime, *, person_id: int | None, post_id: int | None, agency_id: int | None
) -> Certificate:
    if person_id is not None and post_id is not None:
        return _holder(person_id, post_id, purpose, actor, at)
    assert agency_id is not None
    refuse(policy.why_not_ask_for(purpose, actor, None))
    agency = people.get_agency(agency_id)
    refuse(policy.why_not_issue(actor, agency))
    return of_agency(agency)


def _holder(person_id: int, post_id: int, purpose: str, actor: Actor, at: datetime) -> Certificate:
    holder = people.get_actor(person_id=person_id, post_id=post_id, on=localdate(at))
    agency = people.get_agency(holder.agency_id)
    refuse(policy.why_not_ask(actor, agency, holder))
    refuse(policy.why_not_ask_for(purpose, actor, holder))
    unsaved = of_person(holder, agency)
    unsaved.purpose = Purpose(purpose)
    return unsaved


def _row(
    unsaved: Certificate, kind: Device, public: PublicKey, *, csr: bytes, label: str, serial: str
) -> CertificateRequest:
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return CertificateRequest(
        subject=unsaved.subject,
        person_id=unsaved.person_id,
        agency=unsaved.agency,
        name=unsaved.name,
        title=unsaved.title,
        purpose=unsaved.purpose,
        kind=kind,
        label=label[:200],
        serial=serial[:64],
        csr=csr,
        key=pki.fingerprint(spki),
    )


def _keep_request(row: CertificateRequest, *, actor: Actor, at: datetime) -> CertificateRequest:
    row.asked_by_id, row.asked_at = actor.person_id, at
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            journal.record(
                "certificate.requested",
                subject=("certificate_request", row.pk),
                actor=actor,
                at=at,
                agency_id=row.agency_id,
                name=row.name,
                purpose=row.purpose,
                device=row.kind,
                key=row.key,
            )
    except IntegrityError as known:
        raise policy.AlreadyAsked from known
    return row


def issue_requested(
    *, request_id: int, actor: Actor | None, at: datetime, lasts: timedelta = CERTIFICATE_LASTS
) -> Certificate:
    """Have this node's authority answer a request.

    :raises NotFound: no such request
    :raises NotAllowed: the actor does not administer the agency (or `NotYourHouse`)
    :raises NoAuthority: there is none yet
    :raises AlreadySettled: it was answered before
    """
    asked = queries.get_request(request_id)
    refuse(policy.why_not_issue(actor, asked.agency))
    unsaved = _unsaved(asked)
    public = x509.load_der_x509_csr(bytes(asked.csr)).public_key()
    assert isinstance(public, PublicKey)
    certify(unsaved, public, lasts=lasts, at=at)
    return _answer(asked, unsaved, "certificate.issued", actor=actor, at=at)


def enter_requested(*, request_id: int, content: bytes, actor: Actor | None, at: datetime) -> Certificate:
    """Enter the certificate that another authority gave to a request.

    :raises NotFound: NotAllowed: AlreadySettled: as in issuing
    :raises BadAuthorityFile: CertificateOfAnotherKey: NotIssuedByTrusted: CertificateNamesAnother: it is not fit
    :raises CertificateNotForSigning: CertificateNotForOpening: it is not fit
    :raises CertificateKnown: CertificateExpired: CertificateNotYetValid: nor is this
    """
    asked = queries.get_request(request_id)
    refuse(policy.why_not_issue(actor, asked.agency))
    unsaved = _unsaved(asked)
    public = x509.load_der_x509_csr(bytes(asked.csr)).public_key()
    assert isinstance(public, PublicKey)
    check_outside(unsaved, content, public, at=at)
    return _answer(asked, unsaved, "certificate.entered", actor=actor, at=at)


def _unsaved(asked: CertificateRequest) -> Certificate:
    agency = people.get_agency(asked.agency_id)
    unsaved = of_agency(agency)
    unsaved.subject, unsaved.person_id = asked.subject, asked.person_id
    unsaved.name, unsaved.title, unsaved.purpose = asked.name, asked.title, asked.purpose
    return unsaved


def _answer(
    asked: CertificateRequest, certificate: Certificate, event: str, *, actor: Actor | None, at: datetime
) -> Certificate:
    device = KeyDevice(
        kind=asked.kind,
        label=asked.label,
        custodian_id=asked.person_id,
        serial=asked.serial,
        reference=asked.reference,
        image=picture_of(certificate, at),
        valid_from=at,
    )
    with transaction.atomic():
        locked = queries.lock_certificate_request(asked.pk)
        refuse(policy.why_not_settle(locked))
        kept = keep_certificate(certificate, device, actor=actor, at=at, event=event)
        locked.state, locked.certificate, locked.settled_at = Asking.ISSUED, kept, at
        locked.save(update_fields=["state", "certificate", "settled_at"])
    return kept


@transaction.atomic
def decline_request(*, request_id: int, words: str, actor: Actor | None, at: datetime) -> CertificateRequest:
    """Do not give a certificate to a request, and say why.

    :raises NotFound: NotAllowed: AlreadySettled: as in issuing
    :raises NeedsReason: no words
    """
    asked = queries.lock_certificate_request(request_id)
    refuse(policy.why_not_issue(actor, asked.agency))
    refuse(policy.why_not_settle(asked))
    refuse(policy.why_not_reason(words))
    asked.state, asked.words, asked.settled_at = Asking.DECLINED, words, at
    asked.save(update_fields=["state", "words", "settled_at"])
    journal.record(
        "certificate.declined",
        subject=("certificate_request", asked.pk),
        actor=actor,
        at=at,
        agency_id=asked.agency_id,
        name=asked.name,
        words=words,
    )
    return asked
