"""Taking scans in, keeping what was found in them, and settling each paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from antin.files import operations as files
from antin.identifiers.text import clean
from antin.intake import policy, queries, states
from antin.intake.models import Scan, ScannedPaper
from antin.intake.states import Parting, Status
from antin.journal import operations as journal
from antin.outbox import operations as outbox
from antin.people.actor import Actor
from antin.refusal import refuse


@dataclass(frozen=True)
class Found:
    """A paper found in a scan: its pages (from 1) and the file they are in."""

    first_page: int
    last_page: int
    file: str


@transaction.atomic
def send(*, name: str, file: str, pages: int, key: str, actor: Actor, at: datetime) -> Scan:
    """Take a scan in; it is parted and read by the workers. A key already used returns what was sent with it.

    :raises NotTheRegistry: :raises TooManyPages:
    """
    refuse(policy.why_not_send(actor))
    refuse(policy.why_too_long(pages))
    done = Scan.objects.filter(key=key, agency_id=actor.agency_id).first()
    if done is not None:
        return done
    scan = Scan.objects.create(
        agency_id=actor.agency_id,
        name=clean(name).strip()[:200] or "scan.pdf",
        file_id=file,
        pages=pages,
        key=key,
        person_id=actor.person_id,
        post_id=actor.post_id,
        sent_by=f"{actor.person_name}, {actor.post_title}"[:200],
        sent_at=at,
    )
    outbox.promise("part_scan", key=f"scan:{scan.pk}", scan_id=scan.pk)
    journal.record("scan.sent", subject=("scan", scan.pk), actor=actor, at=at, file=file, pages=pages)
    return scan


@transaction.atomic
def keep_papers(*, scan_id: int, found: Sequence[Found], sheets: int, actor: Actor | None, at: datetime) -> Scan:
    """Keep the papers a scan was parted into, and promise that each is read. Repeating it changes nothing."""
    scan = queries.lock_scan(scan_id)
    if scan.parting != Parting.WAITING:
        return scan
    papers = ScannedPaper.objects.bulk_create(
        ScannedPaper(
            scan=scan,
            agency_id=scan.agency_id,
            position=position,
            first_page=one.first_page,
            last_page=one.last_page,
            file_id=one.file,
            changed_at=at,
        )
        for position, one in enumerate(found, 1)
    )
    scan.parting, scan.sheets = Parting.PARTED, sheets
    scan.save(update_fields=["parting", "sheets"])
    outbox.promise_many("read_paper", of={f"paper:{each.pk}": {"paper_id": each.pk} for each in papers})
    journal.record("scan.parted", subject=("scan", scan.pk), actor=actor, at=at, papers=len(papers), sheets=sheets)
    return scan


@transaction.atomic
def fail_scan(*, scan_id: int, fault: str, actor: Actor | None, at: datetime) -> Scan:
    """Say why a scan could not be parted. It is kept as it came."""
    scan = queries.lock_scan(scan_id)
    if scan.parting == Parting.WAITING:
        scan.parting, scan.fault = Parting.FAILED, fault[:300]
        scan.save(update_fields=["parting", "fault"])
        journal.record("scan.not_parted", subject=("scan", scan.pk), actor=actor, at=at)
    return scan


@transaction.atomic
def keep_reading(
    *,
    paper_id: int,
    proposals: Mapping[str, Any],
    warnings: Iterable[str],
    unread: str,
    actor: Actor | None,
    at: datetime,
) -> ScannedPaper:
    """Keep what was read off a paper; from now on the clerk is asked. One that was settled meanwhile stays as it is."""
    paper = queries.lock(paper_id)
    if paper.status != Status.READING:
        return paper
    paper.status = states.step("read", paper.status)
    paper.proposals, paper.warnings, paper.unread, paper.changed_at = dict(proposals), list(warnings), unread, at
    paper.save(update_fields=["status", "proposals", "warnings", "unread", "changed_at"])
    return paper


@transaction.atomic
def note(*, paper_id: int, facts: Mapping[str, str], actor: Actor, at: datetime) -> ScannedPaper:
    """Keep the clerk's form as far as it is filled in. :raises NotTheRegistry: :raises WrongState:"""
    paper = queries.lock(paper_id)
    refuse(policy.why_not_change(actor, paper, "register"))
    paper.facts = {name: value[:2000] for name, value in facts.items()}
    paper.changed_at = at
    paper.save(update_fields=["facts", "changed_at"])
    return paper


@transaction.atomic
def settle(*, paper_id: int, document_id: int, actor: Actor, at: datetime) -> ScannedPaper:
    """Say which document the paper has become, in the transaction that registers it. Repeating it changes nothing.

    :raises NotTheRegistry: :raises WrongState: it was put aside
    """
    paper = queries.lock(paper_id)
    if paper.document_id == document_id:
        return paper
    refuse(policy.why_not_change(actor, paper, "register"))
    paper.status, paper.document_id, paper.changed_at = states.step("register", paper.status), document_id, at
    paper.save(update_fields=["status", "document", "changed_at"])
    journal.record(
        "scan.registered",
        subject=("scan", paper.scan_id),
        actor=actor,
        at=at,
        document=document_id,
        corrected=_corrected(paper),
    )
    return paper


def _corrected(paper: ScannedPaper) -> list[str]:
    """The fields in which the clerk wrote something else than was proposed: how good the reading is, counted later."""
    return sorted(
        name
        for name, told in paper.proposals.items()
        if name in paper.facts and str(told["value"]) != paper.facts[name]
    )


@transaction.atomic
def drop(*, paper_id: int, actor: Actor, at: datetime) -> ScannedPaper:
    """Put a paper aside: it does not go into the book. :raises NotTheRegistry: :raises WrongState:"""
    return _move("drop", "scan.dropped", paper_id, actor, at)


@transaction.atomic
def erase(*, paper_id: int, instead: str, actor: Actor | None, at: datetime) -> ScannedPaper:
    """Take a paper with a mark of secrecy out for good: its pages, the scan it came in, what was read and typed of it.

    An empty page (`instead`) stands in their place, the row says why. Other papers of the scan have files of their own. One that
    stands in the book already is left. Repeating it changes nothing. Backups made meanwhile keep it.

    :raises NotTheRegistry:
    """
    paper = queries.lock(paper_id)
    if actor is not None:
        refuse(policy.why_not_erase(actor, paper))
    if paper.status == Status.REGISTERED or paper.file_id == instead:
        return paper
    scan = queries.lock_scan(paper.scan_id)
    gone = {paper.file_id, scan.file_id} - {instead}
    ScannedPaper.objects.filter(file_id__in=gone, agency_id=paper.agency_id).exclude(status=Status.REGISTERED).update(
        file_id=instead,
        status=Status.DROPPED,
        proposals={},
        facts={},
        warnings=[policy.ERASED],
        unread="",
        changed_at=at,
    )
    Scan.objects.filter(file_id__in=gone, agency_id=paper.agency_id).update(file_id=instead)
    for digest in sorted(gone):
        files.destroy(digest=digest)
    journal.record(
        "scan.erased", subject=("scan", scan.pk), actor=actor, at=at, agency_id=scan.agency_id, paper=paper.position
    )
    return queries.get(paper_id)


@transaction.atomic
def bring_back(*, paper_id: int, actor: Actor, at: datetime) -> ScannedPaper:
    """Take a paper that was put aside up again. :raises NotTheRegistry: :raises WrongState:"""
    return _move("bring_back", "scan.brought_back", paper_id, actor, at)


def _move(step: str, event: str, paper_id: int, actor: Actor, at: datetime) -> ScannedPaper:
    paper = queries.lock(paper_id)
    refuse(policy.why_not_change(actor, paper, step))
    paper.status, paper.changed_at = states.step(step, paper.status), at
    paper.save(update_fields=["status", "changed_at"])
    journal.record(event, subject=("scan", paper.scan_id), actor=actor, at=at, paper=paper.position)
    return paper
