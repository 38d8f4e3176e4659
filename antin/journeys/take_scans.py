"""Papers by hand, many at once: scans are sent, parted and read by the workers, and each paper is confirmed by a clerk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import transaction

from antin.decree30 import judging, report
from antin.documents import queries as documents
from antin.documents.operations import PaperFacts
from antin.files import operations as files
from antin.files import queries as kept
from antin.index import operations as index
from antin.intake import operations as intake
from antin.intake import policy, proposing, queries, separating
from antin.intake.operations import Found
from antin.journeys import receive_document
from antin.journeys.taking import Taken
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.intake.models import Scan, ScannedPaper

AT_ONCE = 10
"""So many pages are looked at in one job of the limited process."""
EMPTY = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n"
    b"0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n"
)
"""An empty page: what stands where a scan was taken out."""
TOP = 0.4
"""The head of a paper stands in so much of the page."""


def send(source: BinaryIO, *, name: str, key: str, actor: Actor, at: datetime) -> Scan:
    """Take in one file of scanned papers. `key` makes a repeat harmless.

    :raises NotTheRegistry: :raises TooManyPages:
    :raises Refusal: as taking.take_scan
    """
    refuse(policy.why_not_send(actor))
    facts = kept.inspect_pdf(source)
    refuse(policy.why_too_long(facts.pages))
    source.seek(0)
    file = files.keep(source, at=at)
    with transaction.atomic(durable=True):
        return intake.send(
            name=name, file=file.digest, pages=facts.pages, key=f"{actor.agency_id}:{key}", actor=actor, at=at
        )


def part(*, scan_id: int, at: datetime) -> Scan:
    """Find the papers in a scan and keep the pages of each. Repeating it, whole or from any half, ends the same."""
    scan = queries.get_scan(scan_id)
    try:
        found, sheets = _parted(scan, at)
    except Refusal as no:
        with transaction.atomic(durable=True):
            return intake.fail_scan(scan_id=scan_id, fault=no.message, actor=None, at=at)
    with transaction.atomic(durable=True):
        return intake.keep_papers(scan_id=scan_id, found=found, sheets=sheets, actor=None, at=at)


def _parted(scan: Scan, at: datetime) -> tuple[list[Found], int]:
    codes: list[tuple[int, str]] = []
    blank: list[int] = []
    for first in range(1, scan.pages + 1, AT_ONCE):
        more, empty = kept.parting_marks(scan.file_id, first, min(AT_ONCE, scan.pages - first + 1))
        codes += more
        blank += empty
    parts = separating.find_parts(scan.pages, codes, blank)
    if parts == [(1, scan.pages)]:
        return [Found(1, scan.pages, scan.file_id)], 0
    found = [
        Found(first, last, files.keep(kept.cut_out(scan.file_id, first, last), at=at).digest) for first, last in parts
    ]
    return found, scan.pages - sum(last - first + 1 for first, last in parts)


def read(*, paper_id: int, at: datetime) -> ScannedPaper:
    """Read the words of a paper and propose its facts. What cannot be read is said; the clerk writes it himself then."""
    paper = queries.get(paper_id)
    unread = ""
    proposals: dict[str, dict[str, Any]] = {}
    warnings: list[str] = []
    try:
        told, unread, heads = _told(paper.digest, at)
        proposals, warnings = proposing.propose(
            told, known=_known(paper.agency_id, at), own_names=_own_names(paper.agency_id, at), today=local_date(at)
        )
        if unread:
            warnings = []
        if heads:
            warnings.append("two_papers")
    except Refusal:
        unread = "failed"
    if proposals.get("secrecy", {}).get("value"):
        return erase(paper_id=paper_id, actor=None, at=at)
    with transaction.atomic(durable=True):
        return intake.keep_reading(
            paper_id=paper_id, proposals=proposals, warnings=warnings, unread=unread, actor=None, at=at
        )


def erase(*, paper_id: int, actor: Actor | None, at: datetime) -> ScannedPaper:
    """Take out a paper that bears a mark of secrecy, as soon as its reading or its clerk says so: pages, words, pictures of pages.

    It is entered on the page for secret papers then. :raises NotFound: :raises NotTheRegistry:
    """
    if actor is not None:
        queries.get_for(actor, paper_id)
    instead = files.keep(EMPTY, at=at)
    with transaction.atomic(durable=True):
        return intake.erase(paper_id=paper_id, instead=instead.digest, actor=actor, at=at)


def _told(digest: str, at: datetime) -> tuple[dict[str, Any], str, list[int]]:
    """What the paper says of itself, why its words could not be read, and the later pages that begin like another paper."""
    if kept.facts_of(digest).text_layer:
        said = report.of(kept.read(digest))
        pages = kept.text_of(digest).split("\f")
        heads = proposing.second_heads((n, text[:400]) for n, text in enumerate(pages, 1))
        return {"facts": said.facts, "places": said.places}, "", heads
    unread = files.recognise(digest=digest, at=at)
    words = kept.recognised_words(digest)
    heads = proposing.second_heads((page["page"], _top_of(page)) for page in words)
    return judging.read_off(words), unread, heads


def _top_of(page: dict[str, Any]) -> str:
    return " ".join(word[0] for word in page["words"] if word[2] > page["height"] * (1 - TOP))


def _known(agency_id: int, at: datetime) -> list[str]:
    """Names of issuers the agency knows: those of its last arrivals, then the agencies of the directory."""
    agencies = people.list_agencies(local_date(at)).values_list("name", flat=True)
    return list(dict.fromkeys([*documents.list_issuers(agency_id), *agencies]))


def _own_names(agency_id: int, at: datetime) -> list[str]:
    units = people.list_units([agency_id])
    return [unit.name for unit in units.values()]


def register(
    *,
    paper_id: int,
    facts: PaperFacts,
    attachments: Sequence[Taken] = (),
    present_to: int | None = None,
    despite_duplicate: bool = False,
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Enter a confirmed paper in the book, with its scan as it came. Repeating it gives the same document.

    :raises NotTheRegistry: :raises WrongState: it was put aside
    :raises ErasedAsSecret: the clerk says that it is secret: it was taken out
    :raises Refusal: as receive_document.receive_paper
    """
    paper = queries.get_for(actor, paper_id)
    if paper.document is not None:
        return paper.document
    refuse(policy.why_not_change(actor, paper, "register"))
    if facts.secrecy:
        erase(paper_id=paper_id, actor=actor, at=at)
        raise policy.ErasedAsSecret
    return receive_document.receive_paper(
        facts=facts,
        scan=Taken(paper.scan.name, paper.digest, 0, "application/pdf", paper.pages),
        attachments=attachments,
        key=f"scanned:{paper_id}",
        present_to=present_to,
        despite_duplicate=despite_duplicate,
        paper_id=paper_id,
        actor=actor,
        today=today,
        at=at,
    )


def recognise(*, digest: str, document_id: int, at: datetime) -> None:
    """Read the words of a scan that a document is kept in, so that it is found by them. Repeating it is harmless."""
    try:
        unread = files.recognise(digest=digest, at=at)
    except Refusal:
        return
    if not unread:
        index.mark(subject_ids=[document_id])
