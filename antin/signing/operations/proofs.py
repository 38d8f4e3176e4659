"""Until when signatures can be proven, and the evidence that keeps them provable.

An issued or received file never changes: it is what the digests of deliveries and receipts name. Evidence is written behind its
bytes as an incremental update and kept as a file of its own, which begins with the very bytes that were issued (decision 21).
Beside a file and inside XML there is no "behind": there the newest version has more unsigned properties (decision 24).
Of what is sealed a record lies beside the sealed bytes and grows like an issued file, without anything being opened (decision 25).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from antin.files import operations as files
from antin.files import queries as kept_files
from antin.journal import operations as journal
from antin.keys.timestamping import NotStamped, Timestamper
from antin.outbox import operations as outbox
from antin.refusal import NotFound
from antin.signing import (
    detached,
    lasting,
    other_files,
    pades,
    policy,
    queries,
    sealed_record,
    xades,
    xml_evidence,
    xml_signatures,
)
from antin.signing.models import DetachedSignature, Proof, SigningRequest, Verification
from antin.signing.operations import responders
from antin.signing.pades import CannotSign
from antin.signing.states import Level, Limit, Signing

MARGIN = timedelta(days=90)
"""A file is stamped anew so long before its proof would end: a quarter of a year for services to be mended and batches to run."""

A_BATCH = 50
AT_ONCE = 2000


def begin(*, file: str, level: Level, wanted: Level, at: datetime) -> Proof:
    """Begin the proof of a file that carries its final signature, in the caller's transaction. Repeating it changes nothing."""
    proof, fresh = Proof.objects.get_or_create(
        file_id=file,
        defaults={"newest_id": file, "level": level, "wanted": wanted, "owed": not level.reaches(wanted), "since": at},
    )
    if fresh and proof.owed:
        outbox.promise(
            "complete_proof", key=f"proof:{proof.pk}:0", due_at=at + responders.LEFT_ALONE, at=at, proof_id=proof.pk
        )
    return proof


def begin_sealed(*, sealed: str, bound: bytes, content: bytes, wanted: Level, at: datetime) -> Proof | None:
    """Begin the evidence record of a sealed file from its content, opened in this act; in the caller's transaction.

    `bound` is what `vault.commit` gives. Repeating it, also from another agency's holding of the same bytes, changes nothing. None
    where the content has no signature that evidence could be kept of.
    """
    known = queries.find_record(sealed)
    if known is not None:
        return known
    try:
        beside = other_files.cms_of(content) is not None
        held = detached.contents_of(content) if beside else pades.contents_of(content)
    except UNREADABLE:
        return None
    record = files.keep(sealed_record.begin(kept_files.read(sealed), bound, held), at=at).digest
    DetachedSignature.objects.get_or_create(file_id=sealed, signature_id=record, defaults={"known_at": at})
    return begin(file=record, level=lasting.level_of(held), wanted=wanted, at=at)


def add_evidence(pdf: bytes, wanted: Level, *, at: datetime) -> tuple[bytes, Level]:
    """Put behind a signed file what its level asks for, and say which level it has then. PDF work and services; nothing is kept.

    Revocation data are gathered after the timestamps of its signatures (ETSI EN 319 102-1, 5.5). A signature that was made while
    no timestamp was to be had is covered by a document timestamp now. What a silent service withholds is owed, not refused.
    """
    held = pades.contents_of(pdf)
    bare = any(each.stamped_at is None for each in held.signatures) and not held.signatures[-1].whole
    evidence = responders.gather(certificates=_certificates(held), at=at)
    complete = not evidence.missing
    stored = pades.add_revocation_data(
        pdf, certificates=evidence.certificates, crls=evidence.crls, ocsps=evidence.ocsps
    )
    if bare or wanted == Level.B_LTA:
        try:
            stored = _stamped(stored, at)
        except NotStamped:
            return stored, Level.B_B if bare else Level.B_LT if complete else Level.B_T
    if not complete:
        return stored, Level.B_T
    return stored, Level.B_LTA if bare or wanted == Level.B_LTA else Level.B_LT


def add_evidence_beside(p7s: bytes, content: bytes, wanted: Level, *, at: datetime) -> tuple[bytes, Level]:
    """The same for a signature in a file of its own, over `content`; nothing is kept."""
    evidence = responders.gather(certificates=_certificates(detached.contents_of(p7s)), at=at)
    stored = detached.add_evidence(p7s, certificates=evidence.certificates, crls=evidence.crls, ocsps=evidence.ocsps)
    return _archived(stored, evidence, wanted, lambda by: detached.add_archive_stamp(stored, content, stamper=by), at)


def add_evidence_inside(xml: bytes, wanted: Level, *, at: datetime) -> tuple[bytes, Level]:
    """The same for the signatures inside an XML document; nothing is kept."""
    evidence = responders.gather(certificates=_certificates(xml_evidence.contents_of(xml)), at=at)
    stored = xml_evidence.add_values(xml, certificates=evidence.certificates, crls=evidence.crls, ocsps=evidence.ocsps)
    return _archived(stored, evidence, wanted, lambda by: xml_evidence.add_archive_stamps(stored, stamper=by), at)


def _archived(
    stored: bytes, evidence: responders.Evidence, wanted: Level, archive: Callable[[Timestamper], bytes], at: datetime
) -> tuple[bytes, Level]:
    """With an archive timestamp where that is asked for and to be had; what is missing is owed, not refused."""
    if evidence.missing or wanted != Level.B_LTA:
        return stored, Level.B_T if evidence.missing else Level.B_LT
    try:
        return _by_a_stamper(archive, at), Level.B_LTA
    except NotStamped:
        return stored, Level.B_LT


def _by_a_stamper(act: Callable[[Timestamper], bytes], at: datetime) -> bytes:
    stamper = responders.open_timestamper(at=at)
    try:
        return act(stamper)
    finally:
        stamper.note()


def _stamped(pdf: bytes, at: datetime) -> bytes:
    return _by_a_stamper(lambda by: pades.add_timestamp(pdf, stamper=by), at)


def _certificates(held: pades.Contents) -> Iterable[bytes]:
    for each in held.signatures:
        yield from (each.signer, *each.certificates)


def complete_proof(*, proof_id: int, at: datetime) -> Proof:
    """Bring a file's proof to its level, or renew one that ends soon: evidence and a document timestamp behind the newest version.

    Repeating it changes nothing; killed anywhere, the next call does it anew. Two at once: one counts, the other's file is dropped.
    A renewal that would prove nothing longer (an authority whose own certificate ends soon) is dropped: the file would only grow.

    :raises NotFound: no such proof
    :raises ConnectionError: no service answers now; the outbox tries again
    """
    proof = Proof.objects.filter(pk=proof_id).first()
    if proof is None:
        raise NotFound(proof_id=proof_id)
    if not _is_due(proof, at):
        return proof if proof.looked_at else look(proof_id=proof_id, at=at)
    try:
        kept = _kept(proof)
        evidence = responders.gather(certificates=_certificates(kept.carries(kept.content)), at=at)
        if evidence.missing and not proof.owed:
            raise ConnectionError(f"no revocation data of {evidence.missing[0]}")
        stored = kept.store(kept.content, evidence)
        stamped = _by_a_stamper(lambda by: kept.stamp(stored, by), at)
        outlook = lasting.outlook(kept.carries(stamped))
    except NotStamped as silent:
        raise ConnectionError(f"no timestamp: {silent}") from silent
    except UNREADABLE:
        return _keep(proof, proof.newest_id, lasting.NOTHING, at)
    if not proof.owed and _gains_nothing(proof, outlook):
        return _keep(proof, proof.newest_id, lasting.Outlook(Level(proof.level), proof.until, Limit(proof.limit)), at)
    level = Level.B_T if evidence.missing else Level.B_LTA
    newest = files.keep(stamped, at=at).digest
    return _keep(proof, newest, outlook, at, level=level)


UNREADABLE = (CannotSign, detached.NotASignature, xades.CannotSignXml, sealed_record.NotARecord)


@dataclass(frozen=True)
class _Kept:
    """A watched file in hand: its newest bytes, how they are read, and how evidence and a timestamp are put to them."""

    content: bytes
    carries: Callable[[bytes], pades.Contents]
    store: Callable[[bytes, responders.Evidence], bytes]
    stamp: Callable[[bytes, Timestamper], bytes]


def _kept(proof: Proof) -> _Kept:
    """A PDF, the record of a sealed file, a signature beside its file, or an XML document."""
    content = kept_files.read(proof.newest_id)
    if sealed_record.is_record(content):
        return _Kept(
            content,
            sealed_record.contents_of,
            lambda made, found: sealed_record.add_answers(
                made, certificates=found.certificates, crls=found.crls, ocsps=found.ocsps
            ),
            lambda made, by: sealed_record.add_stamp(made, stamper=by),
        )
    beside = DetachedSignature.objects.filter(signature_id=proof.file_id).order_by("id").first()
    if beside is not None:
        signed = kept_files.read(beside.file_id)
        return _Kept(
            content,
            detached.contents_of,
            lambda made, found: detached.add_evidence(
                made, certificates=found.certificates, crls=found.crls, ocsps=found.ocsps
            ),
            lambda made, by: detached.add_archive_stamp(made, signed, stamper=by),
        )
    if xml_signatures.is_xml(content):
        return _Kept(
            content,
            xml_evidence.contents_of,
            lambda made, found: xml_evidence.add_values(
                made, certificates=found.certificates, crls=found.crls, ocsps=found.ocsps
            ),
            lambda made, by: xml_evidence.add_archive_stamps(made, stamper=by),
        )
    return _Kept(
        content,
        pades.contents_of,
        lambda made, found: pades.add_revocation_data(
            made, certificates=found.certificates, crls=found.crls, ocsps=found.ocsps
        ),
        lambda made, by: pades.add_timestamp(made, stamper=by),
    )


def _is_due(proof: Proof, at: datetime) -> bool:
    return proof.owed or (proof.until is not None and proof.until < at + MARGIN)


def _gains_nothing(proof: Proof, outlook: lasting.Outlook) -> bool:
    return proof.until is not None and outlook.until is not None and outlook.until <= proof.until


@transaction.atomic
def _keep(before: Proof, newest: str, outlook: lasting.Outlook, at: datetime, *, level: Level | None = None) -> Proof:
    """Keep what was found or made, unless another was first."""
    proof = Proof.objects.select_for_update().get(pk=before.pk)
    if proof.newest_id != before.newest_id:
        return proof
    proof.looked_at, proof.until, proof.limit = at, outlook.until, outlook.limit
    proof.level = level or outlook.level or proof.level
    if outlook.limit == Limit.UNREADABLE:
        proof.owed = False
    if newest != before.newest_id:
        _know_beside(proof, newest, at)
        proof.newest_id, proof.renewed_at = newest, at
        proof.renewals += 1
        proof.owed = not Level(proof.level).reaches(proof.wanted)
        journal.record(
            "proof.renewed",
            subject=("file", proof.pk),
            actor=None,
            at=at,
            file=proof.file_id,
            newest=newest,
            level=proof.level,
            until=proof.until.isoformat() if proof.until else "",
        )
    proof.save()
    return proof


def _know_beside(proof: Proof, newest: str, at: datetime) -> None:
    """A renewed signature beside a file is its newest one from now on."""
    for row in DetachedSignature.objects.filter(signature_id=proof.file_id):
        DetachedSignature.objects.get_or_create(file_id=row.file_id, signature_id=newest, defaults={"known_at": at})


def look(*, proof_id: int, at: datetime) -> Proof:
    """Work out until when a file's signatures can be proven. :raises NotFound: no such proof"""
    proof = Proof.objects.filter(pk=proof_id).first()
    if proof is None:
        raise NotFound(proof_id=proof_id)
    try:
        kept = _kept(proof)
        outlook = lasting.outlook(kept.carries(kept.content))
    except UNREADABLE:
        outlook = lasting.NOTHING
    return _keep(proof, proof.newest_id, outlook, at)


def survey(*, at: datetime, limit: int = AT_ONCE) -> int:
    """Find signed files that nobody watches yet (received, or from before there was a watch), by the clock; how many there were."""
    signed = SigningRequest.objects.filter(state="done").exclude(field__in=policy.PERSONS)
    unwatched = signed.exclude(Exists(Proof.objects.filter(file_id=OuterRef("result_id"))))
    found = [file for file in unwatched.values_list("result_id", flat=True)[:limit] if file]
    watched = Proof.objects.filter(Q(file_id=OuterRef("file_id")) | Q(newest_id=OuterRef("file_id")))
    judged = Verification.objects.exclude(Exists(watched)).exclude(verdict="unsigned")
    held = Proof.objects.filter(Q(file_id=OuterRef("signature_id")) | Q(newest_id=OuterRef("signature_id")))
    beside = DetachedSignature.objects.exclude(Exists(held)).values_list("signature_id", flat=True)[:limit]
    found = list(dict.fromkeys((*found, *judged.values_list("file_id", flat=True)[:limit], *beside)))[:limit]
    wanted = policy.DEFAULTS[Signing.AGENCY].level
    Proof.objects.bulk_create(
        [Proof(file_id=file, newest_id=file, level=Level.B_B, wanted=wanted, since=at) for file in found],
        ignore_conflicts=True,
    )
    return len(found)


def keep_watch(*, at: datetime, asked: bool = False) -> int:
    """Promise what the estate needs: looks at files not seen yet, completing and renewing; how many batches.

    Once an hour by the clock; whenever an operator `asked` for it.
    """
    survey(at=at)
    due = Q(looked_at=None) | Q(owed=True) | Q(until__lt=at + MARGIN)
    waiting = list(Proof.objects.filter(due).order_by("id").values_list("pk", flat=True)[:AT_ONCE])
    batches = [waiting[start : start + A_BATCH] for start in range(0, len(waiting), A_BATCH)]
    turn = f"{at:%Y%m%d%H%M%S%f}" if asked else f"{at:%Y%m%d%H}"
    outbox.promise_many(
        "renew_proofs",
        of={f"proofs:{turn}:{batch[0]}": {"first": batch[0], "last": batch[-1]} for batch in batches},
    )
    return len(batches)


def renew_proofs(*, first: int, last: int, at: datetime) -> int:
    """Bring the proofs of a range up to what they must be, one after another; how many were done.

    Each is its own: what was done stays done, and a range cut short goes on where it stopped.

    :raises ConnectionError: a service is silent; the outbox tries the rest again
    """
    due = Q(looked_at=None) | Q(owed=True) | Q(until__lt=at + MARGIN)
    done = 0
    for pk in list(Proof.objects.filter(due, pk__gte=first, pk__lte=last).order_by("id").values_list("pk", flat=True)):
        proof = look(proof_id=pk, at=at)
        if _is_due(proof, at):
            complete_proof(proof_id=pk, at=at)
        done += 1
    return done
