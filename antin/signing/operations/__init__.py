"""Signing and verifying kept files. The crypto and the PDF work run with no transaction open.

A signature is made in three steps, each repeatable: claim (a lease in the row), make (no transaction), conclude (the result goes
into the row if the lease still holds). Killed anywhere, the next call goes on: it returns the kept result, or makes it again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from antin.files import operations as files
from antin.files import queries as kept_files
from antin.journal import custody
from antin.journal import operations as journal
from antin.keys import operations as keys
from antin.keys import policy as key_policy
from antin.keys import queries as key_queries
from antin.people.actor import Actor
from antin.refusal import Refusal, WrongState, refuse
from antin.signing import attested, detached, opinions, other_files, pades, policy, queries, verification
from antin.signing.models import DetachedSignature, Responder, SigningRequest, Verification
from antin.signing.operations import hand, making, proofs, responders
from antin.signing.operations.batches import (
    Thing,
    join_batch,
    keep_signatures,
    open_batch,
    settle_item,
    sign_values,
    to_be_signed_of,
)
from antin.signing.operations.hand import content_to_be_signed, fill_content, sign_content
from antin.signing.operations.levels import drop_rule, set_rule
from antin.signing.operations.own_files import (
    bring_file,
    forget_file,
    forget_unsigned_files,
    join_file,
)
from antin.signing.operations.proofs import complete_proof, keep_watch, renew_proofs
from antin.signing.operations.responders import close_responder, set_responder, try_again
from antin.signing.opinions import Opinion
from antin.signing.pades import ARRIVAL, ARRIVAL_ELSEWHERE, ATTACHMENT, ArrivalStamp, Place
from antin.signing.policy import BESIDE, AlreadySigned, StillBeingSigned
from antin.signing.report import Report, public, to_json
from antin.signing.sealed_record import Record
from antin.signing.states import Level, RequestState, Signing

__all__ = [
    "ARRIVAL",
    "ARRIVAL_ELSEWHERE",
    "ATTACHMENT",
    "BESIDE",
    "ArrivalStamp",
    "Thing",
    "ask_attachment",
    "begin_sealed",
    "bring_file",
    "carry_out",
    "close_responder",
    "complete_proof",
    "content_to_be_signed",
    "drop_rule",
    "fill",
    "fill_content",
    "forget_file",
    "forget_unsigned_files",
    "join_batch",
    "join_file",
    "keep_signatures",
    "keep_watch",
    "know_signature",
    "open_batch",
    "open_request",
    "prepare",
    "prepare_attachment",
    "prepare_file",
    "renew_proofs",
    "set_responder",
    "set_rule",
    "settle_item",
    "sign_attachment",
    "sign_beside",
    "sign_content",
    "sign_values",
    "sign_xml",
    "timestamp",
    "to_be_signed",
    "to_be_signed_of",
    "try_again",
    "verify",
]

LEASE = timedelta(seconds=15)
"""Far longer than a signature takes, without what outside services may take; who is slower loses it, and his result is dropped."""

WAIT_STEP = 0.05
TERMINAL: dict[str, type[Refusal]] = {
    refusal.code: refusal
    for refusal in (
        key_policy.CertificateExpired,
        key_policy.CertificateRevoked,
        key_policy.DeviceNotUsable,
        policy.FileEncrypted,
        policy.FileUnreadable,
        policy.FileTooHeavy,
        policy.FieldMissing,
        policy.FieldFilled,
        policy.NotXml,
        policy.OutOfOrder,
    )
}
"""Refusals that time does not cure: the request is over, and may be asked anew with another certificate or file."""


def prepare(pdf: bytes, places: Mapping[str, Place], *, in_order: bool = False) -> bytes:
    """Put the empty fields for number, date and signatures into a PDF that nobody has signed yet; `in_order` stays written in it.

    :raises FileEncrypted: FileUnreadable: FileTooHeavy: FileSignedBefore: FieldMissing: a place on a page that is not there
    """
    return making.within_bounds(lambda: pades.prepare(pdf, places, in_order=in_order))


def prepare_file(*, file: str, places: Mapping[str, Place], at: datetime) -> str:
    """Prepare a kept file; give the digest of the prepared one. Refuses as `prepare` does."""
    return files.keep(prepare(kept_files.read(file), places), at=at).digest


def prepare_attachment(*, file: str, at: datetime) -> str:
    """Put the field of the text-only signature at the top right of page 1 of an attached PDF; give the digest of the result.

    A file that carries signatures of its own is left as it is: its field is added when it is signed, by an incremental update.

    :raises FileEncrypted: FileUnreadable: FileTooHeavy:
    """
    content = kept_files.read(file)
    prepared = making.within_bounds(lambda: pades.prepare_attachment(content))
    return files.keep(prepared, at=at).digest


def fill(*, file: str, values: Mapping[str, str], at: datetime) -> str:
    """Write number and date into a kept file by an incremental update; give the digest of the filled one.

    :raises FileEncrypted: FileUnreadable: FileTooHeavy:
    :raises FieldMissing: a field that was not prepared
    :raises FieldFilled: it holds something else already
    """
    return files.keep(fill_content(kept_files.read(file), values), at=at).digest


# Signing


@transaction.atomic
def open_request(
    *,
    key: str,
    file: str,
    field: str,
    certificate_id: int,
    actor: Actor | None,
    at: datetime,
    words: str = "",
    secrecy: int = 0,
    level: Level | None = None,
) -> SigningRequest:
    """Ask for a signature, once per key; the same request again gives the same row.

    `words` are shown instead of an image, with the moment of asking: number and notation, on an attachment. How long it must be
    provable is said by the rule for this kind of signature, agency and secrecy, unless `level` says it.
    A request that was refused for good may be asked anew, with another certificate or file.

    :raises NotFound: no such certificate or file
    :raises AlreadySigned: another signature was asked for or made under this key
    :raises WrongKindOfCertificate: a person's for the agency's field, or the reverse
    :raises AnothersCertificate: AnotherAgencysCertificate: NotSealKeeper: the actor may not use it
    :raises CertificateExpired: CertificateRevoked: CertificateNotYetValid: it cannot be used now
    :raises KeyNotForSigning: it was not given for signing documents
    """
    certificate = key_queries.get_certificate(certificate_id)
    refuse(policy.why_not_certificate(field, certificate, actor))
    refuse(key_policy.why_not_use(certificate, at))
    refuse(policy.why_not_usage(certificate))
    demand = policy.demand_of(
        queries.list_rules(), signing=policy.kind_of(field), agency_id=certificate.agency_id, secrecy=secrecy
    )
    wanted = {
        "file_id": kept_files.get(file).digest,
        "field": field,
        "certificate_id": certificate.id,
        "words": words,
    }
    terms = {"level": level or demand.level, "grace_hours": int(demand.grace.total_seconds() // 3600)}
    who = {"person_id": actor.person_id if actor else None, "post_id": actor.post_id if actor else None}
    request, fresh = SigningRequest.objects.select_for_update().get_or_create(
        key=key, defaults={**wanted, **terms, **who, "asked_at": at}
    )
    if not fresh:
        if request.state == RequestState.REFUSED:
            anew = {"asked_at": at, "state": RequestState.ASKED, "refusal": "", "refusal_facts": {}}
            for name, value in {**wanted, **terms, **who, **anew}.items():
                setattr(request, name, value)
            request.save()
        elif any(getattr(request, name) != value for name, value in wanted.items()):
            raise AlreadySigned
        else:
            return request
    journal.record(
        "signature.asked",
        subject=("signing_request", request.id),
        actor=actor,
        at=at,
        agency_id=certificate.agency_id,
        file=file,
        field=field,
        certificate=certificate.serial,
    )
    return request


def carry_out(*, request_id: int, pin: str | None, at: datetime, signature: bytes | None = None) -> SigningRequest:
    """Make the signature that was asked for, or return the one that is there. Never inside a transaction.

    Two at once: one signs, the other waits and returns the same result. A key on the signer's own machine gives its `signature`
    over what `to_be_signed` said; `at` is then the moment it was said at, for the same file comes out of the same moment.

    :raises NotFound: no such request
    :raises PinMissing: WrongPin: DeviceLocked: the person's key was not opened; the request stays open
    :raises CertificateExpired: CertificateRevoked: CertificateNotYetValid: DeviceNotUsable: not usable any more
    :raises FieldMissing: FieldFilled: FileEncrypted: FileUnreadable: FileTooHeavy: the file does not allow it
    :raises OutOfOrder: a step before this signature is missing, or one after it was taken already; no key was opened
    :raises TimestampRefused: no timestamp could be had; the request stays open
    :raises RespondersSilent: no timestamp service has answered for longer than the rule bears with; the request stays open
    :raises StillBeingSigned: another process has held it longer than a signature can take
    """
    lease, asked = secrets.token_hex(16), queries.list_responders()
    request = _claim(request_id, lease, LEASE + responders.may_take(asked))
    if request.state != RequestState.ASKED:
        return _settled(request)
    try:
        made, reached = _make(request, pin, asked, at, signature=signature)
        signed = files.keep(made, at=at)
        return _conclude(request, lease, signed.digest, reached, at)
    except Refusal as refusal:
        _let_go(request, lease, refusal, at)
        raise
    except BaseException:
        SigningRequest.objects.filter(pk=request.pk, lease=lease).update(lease="", leased_until=None)
        raise


def _settled(request: SigningRequest) -> SigningRequest:
    """The request as it ended: with its result, or refused once more for the reason it was refused for."""
    if request.state == RequestState.REFUSED:
        raise TERMINAL[request.refusal](**request.refusal_facts)
    return request


def _claim(request_id: int, lease: str, span: timedelta) -> SigningRequest:
    """Take the lease, or wait until whoever holds it is done or gone."""
    free = Q(leased_until=None) | Q(leased_until__lt=Now())
    for _ in range(int(span.total_seconds() / WAIT_STEP) + 20):
        open_one = SigningRequest.objects.filter(free, pk=request_id, state=RequestState.ASKED)
        if open_one.update(lease=lease, leased_until=Now() + span):
            break
        if queries.get_request(request_id).state != RequestState.ASKED:
            break
        time.sleep(WAIT_STEP)
    else:
        raise StillBeingSigned
    return queries.get_request(request_id)


def to_be_signed(*, request_id: int, at: datetime) -> bytes:
    """Tell what a key elsewhere is to sign (the signed attributes in DER, inside XML the canonical SignedInfo), for `carry_out`
    with its signature at the same moment.

    Nothing is kept: the file is made once more, byte for byte, when the signature is there.

    :raises NotFound: no such request
    :raises WrongState: it is over already
    :raises SignsHere: its key is within the node's reach
    :raises CertificateExpired: CertificateRevoked: CertificateNotYetValid: DeviceNotUsable: not usable any more
    :raises FieldMissing: FieldFilled: FileEncrypted: FileUnreadable: FileTooHeavy: the file does not allow it
    """
    request = queries.get_request(request_id)
    if request.state != RequestState.ASKED:
        raise WrongState(state=str(RequestState(request.state).label))
    keys.open_elsewhere(certificate_id=request.certificate_id, signature=b"", at=at)
    return making.to_be_signed(request, at=at)


def xml_properties(*, request_id: int, at: datetime) -> bytes:
    """Tell beside `to_be_signed` what the SignedInfo of an XML signature only hashes: its SignedProperties. Empty of any other."""
    return making.xml_properties(queries.get_request(request_id), at=at)


def _make(
    request: SigningRequest, pin: str | None, asked: list[Responder], at: datetime, *, signature: bytes | None = None
) -> tuple[bytes, Level]:
    """The signed file and the level it reached."""

    def open_key() -> keys.Signer:
        if request.made is not None:
            return making.given(request)
        if signature is not None:
            return keys.open_elsewhere(certificate_id=request.certificate_id, signature=signature, at=at)
        return keys.open_signer(certificate_id=request.certificate_id, pin=pin, at=at)

    return hand.sign(
        making.blank_of(request),
        open_key,
        wanted=Level(request.level),
        grace_hours=request.grace_hours,
        asked=asked,
        at=at,
        made_at=request.made_at,
    )


def _let_go(request: SigningRequest, lease: str, refusal: Refusal, at: datetime) -> None:
    """Free the lease; a refusal that time does not cure settles the request."""
    with transaction.atomic():
        held = SigningRequest.objects.filter(pk=request.pk, lease=lease, state=RequestState.ASKED)
        if isinstance(refusal, policy.PreparedDiffers):
            held.update(lease="", leased_until=None, made=None, made_over=None, made_at=None)
        elif refusal.code not in TERMINAL:
            held.update(lease="", leased_until=None)
        elif held.update(
            lease="",
            leased_until=None,
            state=RequestState.REFUSED,
            refusal=refusal.code,
            refusal_facts={name: str(fact) for name, fact in refusal.facts.items()},
        ):
            journal.record(
                "signature.refused",
                subject=("signing_request", request.pk),
                actor=None,
                at=at,
                agency_id=request.certificate.agency_id,
                code=refusal.code,
            )


def _conclude(request: SigningRequest, lease: str, digest: str, reached: Level, at: datetime) -> SigningRequest:
    """Keep the result if the lease still holds; else somebody else's result counts and ours is dropped.

    A final signature (the agency's) begins the proof of its file, whose completing is owed when a service was silent.
    """
    with transaction.atomic():
        held = SigningRequest.objects.filter(pk=request.pk, lease=lease, state=RequestState.ASKED)
        done = held.update(
            state=RequestState.DONE, result_id=digest, reached=reached, done_at=at, lease="", leased_until=None
        )
        if done:
            if request.field == policy.BESIDE:
                DetachedSignature.objects.get_or_create(
                    file_id=request.file_id, signature_id=digest, defaults={"known_at": at}
                )
            if policy.kind_of(request.field) != Signing.PERSON:
                proofs.begin(file=digest, level=reached, wanted=Level(request.level), at=at)
            journal.record(
                "signature.made",
                subject=("signing_request", request.pk),
                actor=None,
                at=at,
                agency_id=request.certificate.agency_id,
                file=request.file_id,
                result=digest,
                field=request.field,
                certificate=request.certificate.serial,
                level=reached,
            )
    now = queries.get_request(request.pk)
    if now.state == RequestState.ASKED:
        raise StillBeingSigned
    return _settled(now)


def sign_attachment(
    *,
    key: str,
    file: str,
    notation: str,
    certificate_id: int,
    actor: Actor | None,
    at: datetime,
    secrecy: int = 0,
    pin: str | None = None,
) -> SigningRequest:
    """Sign an attachment kept in a file of its own: text at the top right of page 1, no image (Decree 30, Appendix I).

    `notation` is number and notation of the document it belongs to. Refuses as `open_request` and `carry_out` do.
    """
    request = ask_attachment(
        key=key, file=file, notation=notation, certificate_id=certificate_id, actor=actor, at=at, secrecy=secrecy
    )
    return carry_out(request_id=request.id, pin=pin, at=at)


def ask_attachment(
    *,
    key: str,
    file: str,
    notation: str,
    certificate_id: int,
    actor: Actor | None,
    at: datetime,
    secrecy: int = 0,
) -> SigningRequest:
    """Ask for the signature that `sign_attachment` makes. Refuses as `open_request` does."""
    return open_request(
        key=key,
        file=prepare_attachment(file=file, at=at),
        field=pades.ATTACHMENT,
        certificate_id=certificate_id,
        words=notation,
        secrecy=secrecy,
        actor=actor,
        at=at,
    )


def sign_beside(
    *,
    key: str,
    file: str,
    certificate_id: int,
    actor: Actor | None,
    at: datetime,
    secrecy: int = 0,
    pin: str | None = None,
) -> SigningRequest:
    """Sign a kept file of any kind with the agency's key, in a .p7s beside it (CAdES); the request's result is the .p7s.

    Refuses as `open_request` and `carry_out` do.
    """
    refuse(policy.why_not_agencys(key_queries.get_certificate(certificate_id), policy.BESIDE))
    request = open_request(
        key=key, file=file, field=policy.BESIDE, certificate_id=certificate_id, secrecy=secrecy, actor=actor, at=at
    )
    return carry_out(request_id=request.id, pin=pin, at=at)


def sign_xml(*, key: str, file: str, certificate_id: int, actor: Actor | None, at: datetime) -> SigningRequest:
    """Sign a kept XML document with the agency's key, by an enveloped XAdES signature in a copy of it.

    Refuses as `open_request` and `carry_out` do.

    :raises NotXml: it is no XML that can be signed
    """
    refuse(policy.why_not_agencys(key_queries.get_certificate(certificate_id), policy.INSIDE_XML))
    request = open_request(
        key=key, file=file, field=policy.INSIDE_XML, certificate_id=certificate_id, actor=actor, at=at
    )
    return carry_out(request_id=request.id, pin=None, at=at)


@transaction.atomic
def know_signature(*, file: str, signature: str, at: datetime) -> bool:
    """Know that a kept .p7s was brought as the signature of a kept file; whether it is one by its form. Repeating it is nothing.

    :raises NotFound: one of the two is not kept
    """
    try:
        detached.read(kept_files.read(signature), kept_files.read(file))
    except detached.NotASignature:
        return False
    DetachedSignature.objects.get_or_create(file_id=file, signature_id=signature, defaults={"known_at": at})
    return True


def timestamp(*, file: str, at: datetime) -> str:
    """Put a document timestamp over a kept file (PAdES B-LTA); give the digest of the new one.

    :raises FileEncrypted: FileUnreadable: FileTooHeavy: TimestampRefused: NoAuthority:
    """
    content, stamper = kept_files.read(file), responders.open_timestamper(at=at)
    try:
        stamped = making.within_bounds(lambda: pades.add_timestamp(content, stamper=stamper))
    finally:
        stamper.note()
    return files.keep(stamped, at=at).digest


# Verifying


def examine(*, content: bytes, at: datetime, beside: bytes | None = None, record: Record | None = None) -> Report:
    """Judge the signatures of any file, kept or not, by what this node believed at that moment; of a .p7s, over the file `beside`
    it; of a PDF opened from sealed bytes, with the evidence `record` that lies beside those. Nothing is remembered."""
    trusted = key_queries.trust(at)
    return other_files.verify(content, beside=beside, record=record, trusted=trusted, at=at, draw=kept_files.draw_grey)


def begin_sealed(
    *, sealed: str, bound: bytes, content: bytes, field: str, agency_id: int, secrecy: int, at: datetime
) -> None:
    """Begin what keeps the signatures of a sealed file provable without opening it, in the caller's transaction that knows its
    content. What could not be had when it was signed is owed, and completed by itself. Repeating it changes nothing."""
    demand = policy.demand_of(queries.list_rules(), signing=policy.kind_of(field), agency_id=agency_id, secrecy=secrecy)
    proofs.begin_sealed(sealed=sealed, bound=bound, content=content, wanted=demand.level, at=at)


def ask_others(*, content: bytes, report: Report, beside: bytes | None = None) -> list[Opinion]:
    """What other tools on this machine say of the same signatures; none where none is installed."""
    return opinions.ask(content, report, beside=beside)


def read_attested(*, line: str) -> dict[str, Any]:
    """What a report says that this node has signed. :raises NotOurReport: another wrote it, or it was changed"""
    try:
        found = attested.read(line.encode())
    except attested.NotAttested:
        raise policy.NotOurReport from None
    public_key = custody.node_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    if found.key != public_key.hex():
        raise policy.NotOurReport
    return found.told


def attest(*, report: Report, name: str) -> bytes:
    """Return a report as JSON that this node has signed; `name` is what the file is called by whoever asked."""
    return attested.write({"file": name, **public(report)}, custody.node_key())


def verify(*, file: str, at: datetime) -> Report:
    """Judge all signatures of a kept file as of that moment. Judged once per file and state of our trust, for everybody.

    :raises NotFound: no such file
    """
    trusted = key_queries.trust(at)
    found = queries.find_report_that_holds(file, policy=verification.POLICY, trust=trusted.state, at=at)
    if found is not None:
        return found
    report = verification.verify(kept_files.read(file), trusted=trusted, at=at, draw=kept_files.draw_grey)
    numbers = [finding.crl_number for finding in report.signatures if finding.crl_number is not None]
    row = Verification(
        file_id=file,
        policy=report.policy,
        trust=report.trust,
        verdict=report.verdict,
        verified_at=at,
        holds_until=report.holds_until,
        crl_number=max(numbers, default=None),
        report=to_json(report),
    )
    Verification.objects.bulk_create([row], ignore_conflicts=True)
    return report
