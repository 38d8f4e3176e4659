"""Codes of agencies and every way they are written."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from antin.identifiers.codes import LONGEST, PATTERN
from antin.identifiers.states import Scheme, Status


class Code(models.Model):
    """One agency code. It is never deleted, never re-used, and resolvable for ever: triggers of the database refuse otherwise."""

    value = models.CharField(max_length=LONGEST, unique=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="predecessors")
    issued_at = models.DateTimeField()
    issuing_decision = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)
    closing_decision = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(value__regex=PATTERN), name="code_form"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="code_status"),
            models.CheckConstraint(
                condition=Q(status=Status.MERGED, successor__isnull=False)
                | (~Q(status=Status.MERGED) & Q(successor__isnull=True)),
                name="code_successor_when_merged",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.ACTIVE, closed_at__isnull=True)
                | (~Q(status=Status.ACTIVE) & Q(closed_at__isnull=False)),
                name="code_closed_when_not_active",
            ),
        ]

    def __str__(self) -> str:
        return self.value


class Spelling(models.Model):
    """A text that means a code: the code itself, its old form, an alias. One text never means two codes."""

    value = models.CharField(max_length=64, primary_key=True)
    scheme = models.CharField(max_length=8, choices=Scheme.choices)
    code = models.ForeignKey(Code, on_delete=models.PROTECT, related_name="spellings")
    since_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(scheme__in=Scheme.values), name="spelling_scheme")]

    def __str__(self) -> str:
        return self.value
