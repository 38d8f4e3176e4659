"""Imports of old books, their lines, and the reasons given for numbers that are missing in them."""

from __future__ import annotations

from django.db import models

from antin.oldbooks.states import Outcome, Status


class OldBook(models.Model):
    """One import: the files as they were sent, how their columns are to be read, and the balance of the numbers.

    `balance` is reckoned when the lines are checked or a hole is explained, and stays as it was when the import began.
    """

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    book = models.CharField(max_length=6)  # as `reading.BOOKS`
    secret = models.BooleanField(
        default=False, db_default=False
    )  # of secret papers: the file is never kept, only its harmless columns
    level = models.PositiveSmallIntegerField(
        default=0, db_default=0
    )  # the highest of its lines: who is cleared for it sees the import
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.READ)
    name = models.CharField(max_length=200)  # of the file
    file = models.CharField(max_length=64)
    archive_name = models.CharField(max_length=200, default="")
    archive = models.CharField(max_length=64, default="")
    sheet = models.PositiveSmallIntegerField(default=0)
    heading_row = models.PositiveIntegerField(default=0)
    headings = models.JSONField(default=list)
    samples = models.JSONField(default=list)  # the first lines under the headings
    columns = models.JSONField(default=dict)  # fact: place of its column
    together = models.BooleanField(default=False)  # all types in one sequence
    default_type = models.CharField(max_length=5, default="")
    year = models.PositiveSmallIntegerField(null=True)  # of days written without one
    balance = models.JSONField(default=dict)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+")
    begun_by = models.CharField(max_length=200)
    begun_in = models.CharField(max_length=64, null=True, unique=True)  # key of the form that began it, once per form
    begun_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, default="")
    undo_reason = models.CharField(max_length=500, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="old_book_status_known"),
            models.CheckConstraint(condition=models.Q(book__in=["out", "in", "post", "copies"]), name="old_book_known"),
            models.CheckConstraint(
                condition=models.Q(secret=False) | models.Q(book__in=["out", "in"], archive=""),
                name="old_secret_book_alone",
            ),
        ]
        indexes = [models.Index(fields=["agency", "-id"], name="old_book_of_agency")]

    def __str__(self) -> str:
        return f"{self.name} ({self.book})"


class OldLine(models.Model):
    """A line of an old book as it stands there (`cells`), as it was read (`facts`), and what stands against it (`faults`)."""

    old_book = models.ForeignKey(OldBook, on_delete=models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField()
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    cells = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    faults = models.JSONField(default=list)  # [column, words]
    group = models.CharField(max_length=20, default="")
    year = models.PositiveSmallIntegerField(null=True)
    value = models.PositiveIntegerField(null=True)
    suffix = models.CharField(max_length=2, default="")
    remark = models.CharField(max_length=500, default="")  # what did not come along: its file, and why
    document = models.OneToOneField("documents.Document", null=True, on_delete=models.PROTECT, related_name="old_line")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["old_book", "row"], name="old_line_once"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="old_line_outcome_known"),
        ]
        indexes = [models.Index(fields=["old_book", "outcome", "row"], name="old_line_by_outcome")]

    def __str__(self) -> str:
        return f"{self.old_book_id}: {self.row}"


class Hole(models.Model):
    """Numbers that the old book lacks, from one to another, and why, as the clerk says."""

    old_book = models.ForeignKey(OldBook, on_delete=models.PROTECT, related_name="holes")
    group = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    reason = models.CharField(max_length=500)
    said_by = models.CharField(max_length=200)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["old_book", "group", "year", "first"], name="hole_once"),
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="hole_has_an_end"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.group}: {self.first} to {self.last}"
