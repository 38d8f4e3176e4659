"""One file judged: read, boxes found, facts told, rules applied. The words come later, from `report`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from antin.decree30 import anatomy, docx_reading, facts, families, pdf_reading, words_reading
from antin.decree30.anatomy import Anatomy
from antin.decree30.paper import Box, NotJudged, Paper
from antin.decree30.rules import RULES, Hit

MOST_FINDINGS = 200


def judge(data: bytes) -> dict[str, Any]:
    """What `report` needs, as plain data: reason or none, facts, findings by code."""
    try:
        paper = read(data)
    except NotJudged as no:
        return unjudged(no.reason)
    if not paper.pages:
        return unjudged("empty")
    unreadable = families.why_unreadable(paper)
    found = anatomy.find(paper)
    told = facts.tell(found)
    reason = unreadable or families.why_not(found)
    findings = [] if reason else [_finding(code, hit, found) for code, hit in apply(found)]
    return {
        "reason": reason,
        "facts": told,
        "places": facts.places(found, {}) if found.paper.kind == "pdf" else {},
        "findings": sorted(findings, key=_order)[:MOST_FINDINGS],
    }


def unjudged(reason: str) -> dict[str, Any]:
    """The answer for a file that was not judged: why, a key of `report.REASONS`."""
    return {"reason": reason, "facts": {}, "places": {}, "findings": []}


def read_off(pages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What words recognised on a scan tell: facts and their places, as `judge` gives them. Nothing is judged.

    The words come from another program; whatever they are, they are not worth more than an empty answer.
    """
    read = words_reading.read(pages)
    if not read.paper.pages:
        return unjudged("empty")
    found = anatomy.find(read.paper)
    return {
        "reason": "scan_with_text",
        "facts": facts.tell(found),
        "places": facts.places(found, read.skews),
        "findings": [],
    }


def _order(finding: dict[str, Any]) -> tuple[float, float]:
    """As one reads: the whole paper first, then page by page from the top."""
    top = finding["box"]["top"] if finding["box"] else 10_000
    return finding["page"] or finding["paragraph"] or 0, -top


def read(data: bytes) -> Paper:
    """Read a file by what it is. :raises NotJudged: it is none that is judged"""
    if data[:1024].lstrip().startswith(b"%PDF") or b"%PDF-" in data[:1024]:
        return pdf_reading.read(data)
    if docx_reading.is_docx(data) or data[:4] == b"PK\x03\x04":
        return docx_reading.read(data)
    raise NotJudged("unknown_kind")


def apply(found: Anatomy) -> list[tuple[str, Hit]]:
    """Every rule's hits, in the order of the table."""
    return [(rule.code, hit) for rule in RULES for hit in rule.judge(found)]


def _finding(code: str, hit: Hit, found: Anatomy) -> dict[str, Any]:
    box: Box | None = hit.box or (hit.line.box if hit.line is not None else None)
    page = box.page if box else (hit.page or None) if found.paper.kind == "pdf" else None
    paragraph = hit.line.told.number if hit.line is not None and hit.line.told else None
    return {
        "code": code,
        "page": page,
        "box": box.as_json() if box else None,
        "paragraph": paragraph,
        "facts": {name: value if isinstance(value, int | float) else str(value) for name, value in hit.facts.items()},
        "found": hit.line.text if hit.line is not None else None,
        "instead": hit.instead or None,
    }
