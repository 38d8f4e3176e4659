"""Directives (bút phê) and what they assign."""

from __future__ import annotations

from django.db import models

from antin.tasks.states import Role, Status


class Directive(models.Model):
    """What a leader wrote on a document, and from which assignment of his own he passed the work down (None: the first)."""

    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="directives")
    parent = models.ForeignKey("Assignment", null=True, on_delete=models.PROTECT, related_name="passed_down")
    words = models.CharField(max_length=2000)
    giver_post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+")
    giver_name = models.CharField(max_length=200)
    given_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["document", "given_at"], name="directive_by_document")]

    def __str__(self) -> str:
        return self.words


class Assignment(models.Model):
    """One part of a directive: to a unit or to a post, as lead, co-operator or for information, by a deadline."""

    directive = models.ForeignKey(Directive, on_delete=models.PROTECT, related_name="assignments")
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=8, choices=Role.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.GIVEN)
    unit = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey("people.Post", null=True, on_delete=models.PROTECT, related_name="+")
    holder = models.CharField(max_length=24)
    holder_name = models.CharField(max_length=400)
    giver_holder = models.CharField(max_length=24)
    due_at = models.DateTimeField(null=True)  # None: không thời hạn
    percent = models.PositiveSmallIntegerField(default=0)
    result = models.CharField(max_length=2000, default="")
    reply = models.ForeignKey("documents.Document", null=True, on_delete=models.PROTECT, related_name="+")
    next_holder = models.CharField(max_length=24, default="")  # who must act now
    handed_in_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="assignment_status_known"),
            models.CheckConstraint(
                condition=models.Q(unit__isnull=True, post__isnull=False)
                | models.Q(unit__isnull=False, post__isnull=True),
                name="assignment_to_a_unit_or_a_post",
            ),
            models.CheckConstraint(condition=models.Q(percent__lte=100), name="assignment_percent"),
            models.UniqueConstraint(fields=["directive", "holder"], name="assignment_once_per_holder"),
            models.UniqueConstraint(
                fields=["directive"], condition=models.Q(role="lead"), name="one_lead_per_directive"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_holder", "due_at"], condition=~models.Q(next_holder=""), name="assignment_waiting"
            ),
            models.Index(fields=["holder", "-made_at", "-id"], name="assignment_by_holder"),
            models.Index(fields=["giver_holder", "-made_at", "-id"], name="assignment_by_giver"),
        ]

    def __str__(self) -> str:
        return f"{self.holder_name} ({self.role})"


class Report(models.Model):
    """A word on the progress of an assignment: begun, progress, handed in, accepted, sent back."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=10)
    words = models.CharField(max_length=2000)
    percent = models.PositiveSmallIntegerField(null=True)
    author = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.words


class ResultFile(models.Model):
    """A file handed in as a result."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    file = models.CharField(max_length=64)
    size = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assignment", "file"], name="result_file_once")]

    def __str__(self) -> str:
        return self.name
