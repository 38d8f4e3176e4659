"""The life of a promise."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Status(TextChoices):
    OPEN = "open", _("đang chờ")
    KEPT = "kept", _("đã xong")
    DEAD = "dead", _("đã bỏ")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "keep": (frozenset({Status.OPEN}), Status.KEPT),
    "give_up": (frozenset({Status.OPEN}), Status.DEAD),
    "revive": (frozenset({Status.DEAD}), Status.OPEN),
}
BEGINNINGS = frozenset({Status.OPEN})
FINAL = frozenset({Status.KEPT, Status.DEAD})


def step(act: str, status: str) -> Status:
    """The status after the act.

    :raises WrongState: the act does not start from this status
    """
    sources, target = STEPS[act]
    if status not in sources:
        raise WrongState(state=Status(status).label)
    return target
