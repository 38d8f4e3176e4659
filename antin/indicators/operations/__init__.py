"""Every write of the room, by stage: counting what happened, defining figures, contesting rows."""

from antin.indicators.operations.contesting import (
    AlreadyContested,
    ClaimUnfit,
    DayAhead,
    OwnContest,
    WordsMissing,
    agree,
    contest,
    refuse_contest,
    take_back,
    withdraw,
)
from antin.indicators.operations.counting import count, count_again
from antin.indicators.operations.defining import (
    ClosedAlready,
    NotAPart,
    NotLater,
    NotOverYet,
    ReasonMissing,
    close,
    set_formula,
    set_owner,
)

__all__ = [
    "AlreadyContested",
    "ClaimUnfit",
    "ClosedAlready",
    "DayAhead",
    "NotAPart",
    "NotLater",
    "NotOverYet",
    "OwnContest",
    "ReasonMissing",
    "WordsMissing",
    "agree",
    "close",
    "contest",
    "count",
    "count_again",
    "refuse_contest",
    "set_formula",
    "set_owner",
    "take_back",
    "withdraw",
]
