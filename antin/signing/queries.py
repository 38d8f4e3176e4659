"""Reading: requests and reports."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Q

from antin.files import queries as kept_files
from antin.refusal import NotFound
from antin.signing import pades
from antin.signing.models import DetachedSignature, LevelRule, Proof, Responder, SigningRequest, Verification
from antin.signing.pades import Place
from antin.signing.report import Report, from_json
from antin.signing.states import ResponderKind

__all__ = [
    "Place",
    "Report",
    "find_detached",
    "find_place",
    "find_proof",
    "find_report",
    "find_report_that_holds",
    "find_reports",
    "find_request",
    "get_request",
    "list_responders",
    "list_rules",
    "lock_request",
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
