"""Scans as they were sent, and the papers found in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from antin.documents.models import Document
from antin.files.models import File
from antin.intake.states import Parting, Status
from antin.people.models import Person, Post, Unit


class Scan(models.Model):
    """One file of papers that a clerk sent, never changed. `key` makes a repeated form harmless."""

    agency = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    file = models.ForeignKey(File, models.PROTECT, related_name="+", db_index=False)
    pages = models.PositiveIntegerField()
    parting = models.CharField(max_length=8, choices=Parting.choices, default=Parting.WAITING)
    fault = models.CharField(max_length=300, blank=True)  # why it could not be parted, in words
    sheets = models.PositiveIntegerField(default=0)  # separator sheets and the blank pages behind them, left out
    key = models.CharField(max_length=120, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    sent_by = models.CharField(max_length=200)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(parting__in=Parting.values), name="scan_parting_known")]
        indexes = [models.Index(fields=["agency", "-id"], name="scan_of_agency")]

    def __str__(self) -> str:
        return self.name


class ScannedPaper(models.Model):
    """One paper in a scan: its pages as a file, what was read off it, what the clerk wrote, and the document it became.

    `proposals`: by field `value`, `sure`, `page`, `box`. `facts`: the clerk's form as far as it is filled in.
    """

    scan = models.ForeignKey(Scan, models.PROTECT, related_name="papers")
    agency = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    first_page = models.PositiveIntegerField()
    last_page = models.PositiveIntegerField()
    file = models.ForeignKey(File, models.PROTECT, related_name="+", db_index=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.READING)
    unread = models.CharField(max_length=12, blank=True)  # why no words were read: a key of files' UNREAD_WORDS
    proposals = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)  # codes of intake.proposing.WARNINGS
    facts = models.JSONField(default=dict)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scan", "position"], name="scanned_paper_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="scanned_paper_status_known"),
            models.CheckConstraint(
                condition=Q(status="registered", document__isnull=False)
                | (~Q(status="registered") & Q(document__isnull=True)),
                name="scanned_paper_registered_has_document",
            ),
        ]
        indexes = [models.Index(fields=["agency", "status", "id"], name="scanned_paper_waiting")]

    def __str__(self) -> str:
        return f"{self.scan_id}/{self.position}"

    @property
    def pages(self) -> int:
        return self.last_page - self.first_page + 1

    @property
    def digest(self) -> str:
        """The digest of the paper's file."""
        return self.file_id
