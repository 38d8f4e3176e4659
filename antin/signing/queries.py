"""Reading: requests and reports."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, F, Q

from antin.files import queries as kept_files
from antin.keys import pki
from antin.keys import queries as keys
from antin.people.actor import Actor
from antin.refusal import NotFound
from antin.signing import pades, policy, sealed_record, trust
from antin.signing.models import (
    Batch,
    BatchItem,
    DetachedSignature,
    FileToSign,
    LevelRule,
    Proof,
    Responder,
    SigningRequest,
    Verification,
)
from antin.signing.opinions import Opinion
from antin.signing.pades import Place
from antin.signing.report import Report, from_json
from antin.signing.sealed_record import Record
from antin.signing.states import Limit, ResponderKind, Signing

__all__ = [
    "Opinion",
    "Place",
    "Report",
    "count_items",
    "count_owed",
    "count_proofs",
    "find_detached",
    "find_place",
    "find_proof",
    "find_record",
    "find_report",
    "find_report_that_holds",
    "find_reports",
    "find_request",
    "find_silence",
    "get_batch_for",
    "get_file_for",
    "get_item",
    "get_request",
    "list_batches",
    "list_ending",
    "list_files_of",
    "list_issuers",
    "list_items",
    "list_responders",
    "list_rules",
    "lock_request",
    "newest_of",
    "read_record",
]


def get_request(request_id: int) -> SigningRequest:
    """Return one request. :raises NotFound:"""
    found = SigningRequest.objects.select_related("certificate__device").filter(pk=request_id).first()
    if found is None:
        raise NotFound(request_id=request_id)
    return found


def find_request(key: str) -> SigningRequest | None:
    """Return the request made under that key, if there is one."""
    return SigningRequest.objects.filter(key=key).first()


def lock_request(request_id: int) -> SigningRequest:
    """Return one request, locked. :raises NotFound:"""
    found = SigningRequest.objects.select_for_update().filter(pk=request_id).first()
    if found is None:
        raise NotFound(request_id=request_id)
    return found


def find_report(file: str) -> Report | None:
    """Return the latest report on a file, whatever trust it was made under; None if it was never verified."""
    kept = (
        Verification.objects.filter(file_id=file)
        .order_by("-verified_at", "-id")
        .values_list("report", flat=True)
        .first()
    )
    return None if kept is None else from_json(kept)


def find_report_that_holds(file: str, *, policy: int, trust: str, at: datetime) -> Report | None:
    """Return the report made under this policy and this trust that still holds at that moment."""
    kept = Verification.objects.filter(file_id=file, policy=policy, trust=trust, verified_at__lte=at)
    holding = kept.filter(Q(holds_until=None) | Q(holds_until__gt=at))
    found = holding.order_by("-verified_at", "-id").values_list("report", flat=True).first()
    return None if found is None else from_json(found)


def find_reports(files: list[str]) -> dict[str, Report]:
    """Return the latest report on each of these files, in one query."""
    rows = Verification.objects.filter(file_id__in=files).order_by("file_id", "-verified_at", "-id").distinct("file_id")
    return {file: from_json(kept) for file, kept in rows.values_list("file_id", "report")}


def find_place(file: str, field: str) -> Place | None:
    """Return where a field ("Person", "Agency") lies on the pages of a kept file, None if it has none.

    :raises NotFound: no such file
    """
    return pades.find_place(kept_files.read(file), field)


def list_rules() -> list[LevelRule]:
    """Return all rules of levels, those of the house first."""
    return list(LevelRule.objects.select_related("agency").order_by(F("agency").asc(nulls_first=True), "signing", "id"))


def list_responders(kind: ResponderKind | None = None) -> list[Responder]:
    """Return the services that are asked, in the order they are asked in."""
    asked = Responder.objects.filter(closed_at=None)
    return list((asked if kind is None else asked.filter(kind=kind)).order_by("kind", "position", "id"))


def find_proof(file: str) -> Proof | None:
    """Return what proves the signatures of a file and until when, if it is a signed one that was seen."""
    return Proof.objects.filter(file_id=file).first()


def find_detached(file: str) -> str | None:
    """Return the newest signature that is kept beside a file, by digest; None if there is none."""
    found = DetachedSignature.objects.filter(file_id=file).order_by("-known_at", "-id")
    return found.values_list("signature_id", flat=True).first()


def find_record(sealed: str) -> Proof | None:
    """Return the proof of a sealed file: of the evidence record that lies beside its sealed bytes, if there is one."""
    beside = DetachedSignature.objects.filter(file_id=sealed).values("signature_id")
    return Proof.objects.filter(file_id__in=beside).order_by("id").first()


def read_record(sealed: str, bound: bytes) -> Record | None:
    """Return the evidence record of a sealed file as it stands, if there is one and it is of the content that was opened."""
    proof = find_record(sealed)
    if proof is None:
        return None
    try:
        record = sealed_record.read(kept_files.read(proof.newest_id))
    except sealed_record.NotARecord:
        return None
    return record if record.is_of(kept_files.read(sealed), bound) else None


def get_batch_for(actor: Actor, batch_id: int) -> Batch:
    """Return a batch of this person's. :raises NotFound: absent, or another's"""
    found = Batch.objects.filter(pk=batch_id, person_id=actor.person_id).first()
    if found is None:
        raise NotFound(batch_id=batch_id)
    return found


def list_batches(actor: Actor, *, limit: int = 5) -> list[Batch]:
    """Return the latest batches of this person's, newest first."""
    return list(Batch.objects.filter(person_id=actor.person_id).order_by("-id")[:limit])


def list_items(batch_id: int) -> list[BatchItem]:
    """Return the items of a batch in their order, with their requests."""
    return list(BatchItem.objects.filter(batch_id=batch_id).select_related("request").order_by("position"))


def count_items(batch_id: int) -> dict[str, int]:
    """Return how many items of a batch stand how, by state."""
    rows = BatchItem.objects.filter(batch_id=batch_id).values_list("state").annotate(n=Count("id")).order_by()
    return dict(rows)


def get_item(item_id: int) -> BatchItem:
    """Return one item with its batch and request. :raises NotFound:"""
    found = BatchItem.objects.select_related("batch", "request").filter(pk=item_id).first()
    if found is None:
        raise NotFound(item_id=item_id)
    return found


def get_file_for(actor: Actor, file_id: int, *, lock: bool = False) -> FileToSign:
    """Return a file that this person brought to be signed. :raises NotFound: absent, or another's"""
    rows = FileToSign.objects.select_for_update(of=("self",)) if lock else FileToSign.objects
    found = rows.select_related("request__certificate", "file").filter(pk=file_id, person_id=actor.person_id).first()
    if found is None:
        raise NotFound(file_id=file_id)
    return found


def list_files_of(actor: Actor, *, before: int | None = None, limit: int = 20) -> list[FileToSign]:
    """Return the files that this person brought to be signed, newest first."""
    own = FileToSign.objects.filter(person_id=actor.person_id).select_related("request__certificate", "file")
    return list((own if before is None else own.filter(pk__lt=before)).order_by("-id")[:limit])


def find_own_file(actor: Actor, digest: str) -> FileToSign | None:
    """Return the file of these bytes that this person brought to be signed, if he did."""
    rows = FileToSign.objects.select_related("request__certificate", "file")
    return rows.filter(person_id=actor.person_id, file_id=digest).order_by("-id").first()


def newest_of(request: SigningRequest | None) -> str:
    """Return the digest of what was signed by itself, in the version that lasts longest; empty before it is signed."""
    if request is None or not request.result_file:
        return ""
    proof = find_proof(request.result_file)
    return proof.newest_id if proof is not None else request.result_file


def find_silence(at: datetime) -> dict[str, datetime] | None:
    """Return since when no timestamp service answers and until when the house's rule bears with it; None while one answers."""
    asked = list_responders(ResponderKind.TIMESTAMP)
    since = [responder.failing_since for responder in asked if responder.failing_since is not None]
    if not asked or len(since) < len(asked):
        return None
    demand = policy.demand_of(list_rules(), signing=Signing.PERSON, agency_id=0, secrecy=0)
    return {"since": min(since), "until": min(since) + demand.grace}


def count_proofs() -> dict[tuple[str, int | None], int]:
    """Return how many watched files there are by level and by the year in which their proof ends; None: not known."""
    rows = Proof.objects.values_list("level", "until__year").annotate(n=Count("id")).order_by("until__year", "level")
    return {(level, year): n for level, year, n in rows}


def count_owed() -> int:
    """Return how many files still wait for evidence that a silent service withheld."""
    return Proof.objects.filter(owed=True).count()


def list_ending(*, limit: int = 20) -> list[Proof]:
    """Return the files whose proof ends first, the first to end first; the unreadable ones before all."""
    watched = Proof.objects.filter(Q(until__isnull=False) | Q(limit=Limit.UNREADABLE))
    return list(watched.order_by(F("until").asc(nulls_first=True), "id")[:limit])


def list_issuers(at: datetime) -> list[tuple[str, str]]:
    """Return the authorities that an OCSP or list service may answer for: id and name."""
    trusted = keys.trust(at)
    named = {}
    for der in (*trusted.anchors, *trusted.intermediates):
        certificate = trust.load(der)
        named[pki.issuer_id(certificate)] = certificate.subject.rfc4514_string()
    return list(named.items())
