"""Reading scans and the papers in them: only a clerk of the agency that scanned them sees any."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q

from antin.intake import policy
from antin.intake.models import Scan, ScannedPaper
from antin.intake.states import OPEN, Parting, Status
from antin.people.actor import Actor
from antin.refusal import NotFound


def _of(actor: Actor) -> Q:
    return Q(agency_id=actor.agency_id) if policy.why_not_send(actor) is None else Q(pk__in=[])


def get_for(actor: Actor, paper_id: int) -> ScannedPaper:
    """Return a paper. :raises NotFound: absent, or not this actor's"""
    found = ScannedPaper.objects.select_related("scan", "document").filter(_of(actor), pk=paper_id).first()
    if found is None:
        raise NotFound(paper_id=paper_id)
    return found


def get_scan_for(actor: Actor, scan_id: int) -> Scan:
    """Return a scan. :raises NotFound: absent, or not this actor's"""
    found = Scan.objects.filter(_of(actor), pk=scan_id).first()
    if found is None:
        raise NotFound(scan_id=scan_id)
    return found


def get_scan(scan_id: int) -> Scan:
    """Return a scan for the node's own work. :raises NotFound:"""
    found = Scan.objects.filter(pk=scan_id).first()
    if found is None:
        raise NotFound(scan_id=scan_id)
    return found


def get(paper_id: int) -> ScannedPaper:
    """Return a paper for the node's own work. :raises NotFound:"""
    found = ScannedPaper.objects.select_related("scan").filter(pk=paper_id).first()
    if found is None:
        raise NotFound(paper_id=paper_id)
    return found


def lock(paper_id: int) -> ScannedPaper:
    """Return a paper, locked until the transaction ends. :raises NotFound:"""
    found = ScannedPaper.objects.select_for_update(of=("self",)).filter(pk=paper_id).first()
    if found is None:
        raise NotFound(paper_id=paper_id)
    return found


def lock_scan(scan_id: int) -> Scan:
    """Return a scan, locked until the transaction ends. :raises NotFound:"""
    found = Scan.objects.select_for_update(of=("self",)).filter(pk=scan_id).first()
    if found is None:
        raise NotFound(scan_id=scan_id)
    return found


def list_papers(
    actor: Actor, *, statuses: Iterable[Status] = tuple(OPEN), after: int = 0, limit: int = 200
) -> list[ScannedPaper]:
    """List papers in these states, in the order they were scanned."""
    rows = ScannedPaper.objects.select_related("scan", "document").filter(_of(actor), status__in=list(statuses))
    return list(rows.filter(pk__gt=after).order_by("pk")[:limit])


def list_latest(actor: Actor, *, limit: int = 30) -> list[ScannedPaper]:
    """List the papers that were settled last, the newest first."""
    rows = ScannedPaper.objects.select_related("scan", "document").filter(_of(actor)).exclude(status__in=list(OPEN))
    return list(rows.order_by("-changed_at", "-pk")[:limit])


def list_scans(actor: Actor, *, unsettled: bool = True, limit: int = 50) -> list[Scan]:
    """List scans, the newest first: those not parted yet or not to be parted, or all."""
    rows = Scan.objects.filter(_of(actor))
    if unsettled:
        rows = rows.exclude(parting=Parting.PARTED)
    return list(rows.order_by("-pk")[:limit])


def count_by_status(actor: Actor) -> dict[str, int]:
    """Count the agency's papers by state."""
    rows = ScannedPaper.objects.filter(_of(actor)).values_list("status").annotate(n=Count("pk"))
    return dict(rows)


def find_next(actor: Actor, after: int) -> ScannedPaper | None:
    """Return the paper to be confirmed after this one; the first of all when it was the last."""
    waiting = ScannedPaper.objects.filter(_of(actor), status=Status.READY).order_by("pk")
    return waiting.filter(pk__gt=after).first() or waiting.exclude(pk=after).first()
