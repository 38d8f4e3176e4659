"""How the cells and marks of work look, wherever work is shown."""

from __future__ import annotations

from antin.tasks.states import Cell, Mark
from antin.web.tones import Tone

CELLS: dict[str, Tone] = {
    Cell.DONE_IN_TIME: Tone(Cell.DONE_IN_TIME.label, "ok", "check"),
    Cell.DONE_LATE: Tone(Cell.DONE_LATE.label, "warn", "check"),
    Cell.OPEN_IN_TIME: Tone(Cell.OPEN_IN_TIME.label, "flow", "half"),
    Cell.OPEN_LATE: Tone(Cell.OPEN_LATE.label, "late", "warning"),
}
MARKS: dict[str, Tone] = {
    Mark.SOON: Tone(Mark.SOON.label, "warn", "clock"),
    Mark.BEHIND: Tone(Mark.BEHIND.label, "warn", "warning"),
    Mark.SAID_AT_RISK: Tone(Mark.SAID_AT_RISK.label, "warn", "warning"),
    Mark.UNDATED: Tone(Mark.UNDATED.label, "", "calendar"),
    Mark.STANDS: Tone(Mark.STANDS.label, "", "clock"),
}
BAR = (
    (Cell.DONE_IN_TIME, "ok"),
    (Cell.DONE_LATE, "idle"),
    (Cell.OPEN_IN_TIME, "flow"),
    (Cell.OPEN_LATE, "late"),
)
"""The four cells on one bar, each with its tone and always with its word beside it."""
