"""Finding. Whoever shows a hit asks the database again whether it may be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from antin.index.asking import DEEPEST, Found, Narrowing, find
from antin.index.engine import FACETS, Unusable
from antin.index.models import Due
from antin.index.words import Question, ask, excerpt, mark, pattern_of, synonyms_of

__all__ = [
    "DEEPEST",
    "FACETS",
    "Found",
    "Narrowing",
    "Question",
    "Unusable",
    "ask",
    "excerpt",
    "find",
    "mark",
    "pattern_of",
    "synonyms_of",
]

FRESH = timedelta(seconds=2)
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Behind:
    """What the index does not say yet: since when, of how many things at least, and of how many only the text of their files."""

    since: datetime
    n: int
    slow: int


def find_behind(at: datetime) -> Behind | None:
    """Return how far the index is behind; None when it says all that was true two seconds ago. Two short questions."""
    oldest = Due.objects.filter(slow=False, taken=False).order_by("id").values_list("made_at", flat=True).first()
    if oldest is None or oldest >= at - FRESH:
        return None
    rows = Due.objects.filter(taken=False).order_by("id").values_list("subject_id", "slow")[:MOST_COUNTED]
    changed = {subject for subject, slow in rows if not slow}
    return Behind(since=oldest, n=len(changed), slow=len({subject for subject, slow in rows if slow} - changed))


def list_due(*, slow: bool, limit: int, untaken: bool) -> list[tuple[int, int]]:
    """Return what must be written, the oldest first: the row and the thing."""
    rows = Due.objects.filter(slow=slow, **({"taken": False} if untaken else {}))
    return list(rows.order_by("id").values_list("id", "subject_id")[:limit])
