"""Agencies outside the node and the spellings of their codes."""

from __future__ import annotations

from functools import reduce
from operator import or_

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


class RecipientList(models.Model):
    """A named list, kept by a unit for all who work there or by a person for himself; a change is a new revision.

    Of recipients of documents or, where it `gives`, a group of units and posts within the agency to whom work is given.
    """

    name = models.CharField(max_length=200)
    gives = models.BooleanField(default=False, db_default=False)
    unit = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", null=True, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, person__isnull=True) | Q(unit__isnull=True, person__isnull=False),
                name="recipient_list_of_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["unit"], condition=Q(closed_at__isnull=True), name="recipient_list_of_unit"),
            models.Index(fields=["person"], condition=Q(closed_at__isnull=True), name="recipient_list_of_person"),
        ]

    def __str__(self) -> str:
        return self.name


MEMBER_KINDS = ("agency", "correspondent", "under", "part", "post")
_GIVEN = ("lead", "join", "inform")
ROLES = {"agency": ("",), "correspondent": ("",), "under": ("",), "part": _GIVEN, "post": _GIVEN}
"""Which roles a line of each kind may have."""


class ListMember(models.Model):
    """One line of a list: an agency here, one outside, or by rule every agency under a unit as it stands on the day it is used.

    Of a group to give work to: a unit within the agency or a post, with its `role` there.
    """

    list = models.ForeignKey(RecipientList, on_delete=models.CASCADE, related_name="members")
    position = models.PositiveSmallIntegerField()
    agency = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    correspondent = models.ForeignKey(Correspondent, null=True, on_delete=models.PROTECT, related_name="+")
    under = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    part = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey("people.Post", null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, default="", db_default="")  # as tasks name it: lead, join, inform

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "position"], name="list_member_position_once"),
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    (
                        Q(**{f"{each}__isnull": each != one for each in MEMBER_KINDS}, role__in=ROLES[one])
                        for one in MEMBER_KINDS
                    ),
                ),
                name="list_member_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        """In the journal's words; a rule ends with "/*"."""
        if self.under is not None:
            return f"{self.under.name}/*"
        if self.post is not None:
            return f"{self.post.title}, {self.post.unit.name}"
        unit = self.agency or self.part
        return str(unit.name if unit is not None else self.correspondent)
