"""Reading codes: one index look-up by any spelling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from antin.identifiers import codes
from antin.identifiers.models import Code, Spelling
from antin.refusal import NotFound

MOST_SUCCESSIONS = 50


@dataclass(frozen=True)
class CodeRow:
    """A code as others see it. `current` is the code that stands in its place today (itself when active or closed)."""

    id: int
    value: str
    status: str
    successor: str
    current: str
    issued_at: datetime
    issuing_decision: str
    closed_at: datetime | None
    closing_decision: str


def lock(value: str) -> Code:
    """Lock one code for writing.

    :raises NotFound: no such code
    """
    found = Code.objects.select_for_update().filter(value=value).first()
    if found is None:
        raise NotFound(value=value)
    return found


def find_code(value: str) -> Code | None:
    """Return the code of exactly this value, or None."""
    return Code.objects.filter(value=value).first()


def find_spelling(value: str) -> Spelling | None:
    """Return what a text means, or None."""
    return Spelling.objects.select_related("code").filter(value=value).first()


def find_current(code: Code) -> Code:
    """Follow the successors to the code that stands today."""
    for _ in range(MOST_SUCCESSIONS):
        if code.successor is None:
            break
        code = code.successor
    return code


def resolve(value: str) -> CodeRow:
    """Say which code a text means, in whatever spelling it came; closed and merged codes resolve for ever.

    :raises NotFound: the text was never issued as a code nor recorded as an alias
    """
    spelling = Spelling.objects.select_related("code__successor").filter(value=value.strip()).first()
    if spelling is None:
        raise NotFound(value=value)
    code = spelling.code
    return CodeRow(
        id=code.id,
        value=code.value,
        status=code.status,
        successor=code.successor.value if code.successor else "",
        current=find_current(code).value,
        issued_at=code.issued_at,
        issuing_decision=code.issuing_decision,
        closed_at=code.closed_at,
        closing_decision=code.closing_decision,
    )


def list_spellings(value: str) -> list[Spelling]:
    """List every way a code is written, the code itself first."""
    found = Spelling.objects.filter(code__value=value).order_by("since_at", "value")
    return sorted(found, key=lambda spelling: spelling.value != value)


def find_open_child(value: str) -> Code | None:
    """Return an active code under this one, if there is one."""
    return Code.objects.filter(value__startswith=value + ".", status="active").order_by("value").first()


def lock_parent(value: str) -> Code | None:
    """Lock the code one level up, if it was issued here."""
    parent = codes.parent_of(value)
    return Code.objects.select_for_update().filter(value=parent).first() if parent else None
