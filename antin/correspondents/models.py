"""Agencies outside the node and the spellings of their codes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from antin.correspondents.states import OUTSIDE, Source
from antin.correspondents.states import Channel as Way


class Correspondent(models.Model):
    """One body outside the node. `line` says which of several lines of the channel leads there: a name that its channel knows."""

    code = models.CharField(max_length=64, unique=True)  # what it goes by now; opaque: not all are of Decision 20/2020
    name = models.CharField(max_length=300)
    parent_code = models.CharField(max_length=64, blank=True)
    email = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=10, choices=[(way.value, way.label) for way in OUTSIDE])
    line = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="predecessors")
    closed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    sort_key = models.CharField(max_length=300, db_collation="C")
    search_text = models.CharField(max_length=600)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=[way.value for way in OUTSIDE]), name="correspondent_channel"
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | Q(closed_at__isnull=False),
                name="correspondent_successor_of_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="correspondent_order"),
            models.Index(fields=["channel", "line"], name="correspondent_line"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def way(self) -> Way:
        return Way(self.channel)


class Spelling(models.Model):
    """A text that means a correspondent: its code, an older one, what some line calls it. One text never means two."""

    value = models.CharField(max_length=64, primary_key=True)
    correspondent = models.ForeignKey(Correspondent, on_delete=models.PROTECT, related_name="spellings")

    def __str__(self) -> str:
        return self.value
