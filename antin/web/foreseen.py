"""What a change of rights would do, shown before it is done: who would see how many documents more, and how many no longer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.utils.translation import pgettext_lazy

from antin.documents.queries import MOST_COUNTED
from antin.journeys.look_ahead import Ahead
from antin.people import queries as people
from antin.web.session.middleware import SignedRequest

FIELD = "foreseen"
"""Carries the answers that were looked at: other answers are looked at anew."""
SHOWN = 20
BOXES = {
    "draft": pgettext_lazy("so many", "dự thảo"),
    "out": pgettext_lazy("so many", "văn bản đi"),
    "in": pgettext_lazy("so many", "văn bản đến"),
}


def told(request: SignedRequest, answers: dict[str, Any], ahead: Callable[[dict[str, Any]], Ahead]) -> dict[str, Any]:
    """What the form shows of it; nothing if it was shown for these answers already, or nobody would see anything else.

    :raises Refusal: as the change itself
    """
    looked = hashlib.sha256(repr(sorted(answers.items())).encode()).hexdigest()
    if request.POST.get(FIELD) == looked:
        return {}
    found = ahead(dict(answers))
    return {"ahead": words_of(found), "looked": looked} if found.matters else {}


def words_of(found: Ahead) -> dict[str, Any]:
    """An outlook as its template takes it: the largest changes first, then sums by agency and kind."""
    names = people.name_holders([f"U{agency_id}" for _gained, agency_id, _box in found.kinds], found.on)
    rows = sorted(found.rows, key=lambda row: (-(row.gains + row.loses), row.name))
    changed = [row for row in rows if row.gains or row.loses]
    kinds = sorted(found.kinds.items(), key=lambda pair: (not pair[0][0], pair[0][1], pair[0][2]))
    return {
        "found": found,
        "gainers": sum(row.gains > 0 for row in rows),
        "losers": sum(row.loses > 0 for row in rows),
        "rows": changed[:SHOWN],
        "left": len(changed) - SHOWN,
        "kinds": [
            (gained, names.get(f"U{agency_id}", ""), BOXES.get(box, box), n) for (gained, agency_id, box), n in kinds
        ],
        "capped": any(max(row.gains, row.loses) > MOST_COUNTED for row in rows),
        "most": MOST_COUNTED,
    }
