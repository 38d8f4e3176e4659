"""How a state looks: one table from each state to its words, tone and icon.

The words are the label of the state, which has its home in the room; tone and icon have theirs here. Tones: "" at rest, `flow`
under way, `ok` done or valid, `warn` due soon or cannot be determined, `late` overdue, refused or invalid. Colour never speaks
alone.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Tone(NamedTuple):
    """Words, tone and icon of one state; the parts `tag` and `said` take it as it is."""

    words: str | Promise
    tone: str
    icon: str


class Verdict(Enum):
    """The three answers of verification, as a person reads them."""

    VALID = "valid"
    UNDETERMINED = "undetermined"
    INVALID = "invalid"


VERDICTS: dict[Verdict, Tone] = {
    Verdict.VALID: Tone(_("Hợp lệ"), "ok", "shield-check"),
    Verdict.UNDETERMINED: Tone(_("Chưa kết luận được"), "warn", "shield-ask"),
    Verdict.INVALID: Tone(_("Không hợp lệ"), "late", "shield-x"),
}
