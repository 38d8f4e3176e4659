"""The preview: the pages of a draft as they would be fixed for signing now, as pictures."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import asdict
from datetime import datetime
from typing import Any

from antin.decree30.report import Report
from antin.documents.queries import Plan
from antin.files import queries as kept
from antin.journeys import fix_page
from antin.refusal import NotFound, Refusal
from antin.workdays import queries as workdays

WIDTH = 1240
REMEMBERED = 8

_laid_out: OrderedDict[str, bytes] = OrderedDict()
_reports: OrderedDict[str, Report] = OrderedDict()
_remembering = threading.Lock()


def told(plan: Plan, at: datetime) -> dict[str, Any]:
    """The words of the template: how many pages there are, under which name; or why there are none."""
    begun = {"document": plan.document, "pages": [], "trouble": "", "stamp": "", "report": None}
    try:
        pdf = _pdf(plan, at)
        count = kept.inspect_pdf(pdf).pages
        trouble = fix_page.why_not_places(plan, pdf)
    except Refusal as no:
        return begun | {"trouble": no.message}
    words = trouble.message if trouble else ""
    return begun | {
        "pages": range(1, count + 1),
        "trouble": words,
        "stamp": plan.making.revision,
        "report": _checked(pdf),
    }


def picture(plan: Plan, number: int, at: datetime) -> bytes:
    """One page, from 1, as PNG. :raises NotFound: it cannot be laid out, or has no such page"""
    try:
        return kept.draw_page(_pdf(plan, at), number, WIDTH)
    except Refusal:
        raise NotFound() from None


def _checked(pdf: bytes) -> Report:
    """What Decree 30 says of these pages; remembered, for the same pages are looked at again and again."""
    name = hashlib.sha256(pdf).hexdigest()
    with _remembering:
        if name in _reports:
            _reports.move_to_end(name)
            return _reports[name]
    report = fix_page.check(pdf)
    with _remembering:
        _reports[name] = report
        while len(_reports) > REMEMBERED:
            _reports.popitem(last=False)
    return report


def _pdf(plan: Plan, at: datetime) -> bytes:
    """The preview's PDF. The last few are remembered by all that stands on them, for their pages are asked for one by one."""
    if plan.making.uploaded_file:
        return fix_page.preview(plan, at)
    facts = asdict(fix_page.facts_of(plan, at)) | {"made_at": workdays.local_date(at)}
    name = hashlib.sha256(json.dumps(facts, default=str, sort_keys=True).encode()).hexdigest()
    with _remembering:
        if name in _laid_out:
            _laid_out.move_to_end(name)
            return _laid_out[name]
    pdf = fix_page.preview(plan, at)
    with _remembering:
        _laid_out[name] = pdf
        while len(_laid_out) > REMEMBERED:
            _laid_out.popitem(last=False)
    return pdf
