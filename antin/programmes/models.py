"""Programmes in versions, the work given by their entries, milestones that were reached; reviews and what was decided there."""

from __future__ import annotations

from django.db import models

from antin.programmes.states import OPEN, Kind, Span, Status


class Programme(models.Model):
    """A plan of a unit for a time: whose, and which unit writes it."""

    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    made_in = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PLAN)
    title = models.CharField(max_length=300)
    since = models.DateField()
    until = models.DateField()
    begun_in = models.CharField(max_length=64, null=True, unique=True)  # key of the form that began it, once per form
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(since__lte=models.F("until")), name="programme_period"),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="programme_kind_known"),
        ]
        indexes = [models.Index(fields=["unit", "-since"], name="programme_by_unit")]

    def __str__(self) -> str:
        return self.title


class Version(models.Model):
    """What a programme says from its approval on; `content` is read by `programmes.content`.

    `paper` is the document by which it was issued: the plan itself, the decision that approved it, or the one that amended it.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFTED)
    content = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=2000, default="")  # why there is another version
    digest = models.CharField(max_length=64, default="")  # of what was approved
    words = models.CharField(max_length=2000, default="")  # of who approved it, or sent it back
    written_by = models.CharField(max_length=200)
    written_at = models.DateTimeField()
    decided_by = models.CharField(max_length=200, default="")
    decided_at = models.DateTimeField(null=True)
    paper = models.ForeignKey("documents.Document", null=True, on_delete=models.PROTECT, related_name="plans")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="version_status_known"),
            models.UniqueConstraint(fields=["programme", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["programme"], condition=models.Q(status__in=sorted(OPEN)), name="one_version_in_hand"
            ),
            models.UniqueConstraint(
                fields=["programme"], condition=models.Q(status=Status.APPROVED), name="one_version_in_force"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=sorted(OPEN | {Status.DROPPED})) | ~models.Q(digest=""),
                name="approved_version_has_a_digest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} v{self.number}"


class Entrusted(models.Model):
    """The work that was given by an entry of a programme; `part` is where the entry stands in the version in force."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="entrusted")
    part = models.CharField(max_length=12)
    item = models.CharField(max_length=12)
    directive = models.OneToOneField("tasks.Directive", on_delete=models.PROTECT, related_name="entrusted")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "item"], name="entry_given_once")]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.item}"


class Reached(models.Model):
    """A milestone that was reached: when, by whose word."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="reached")
    milestone = models.CharField(max_length=12)
    day = models.DateField()
    words = models.CharField(max_length=500, default="")
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "milestone"], name="milestone_reached_once")]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.milestone}"


class Review(models.Model):
    """The monthly review (giao ban) of a unit and everything below it: open while it is held, then closed with its digest.

    `lines` are the rows as they stood when it was closed, `digest` the SHA-256 of them with the minutes and what was decided.
    """

    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    month = models.DateField()  # its first day
    called_by = models.CharField(max_length=200)
    called_at = models.DateTimeField()
    minutes = models.TextField(max_length=20000, default="")
    lines = models.JSONField(default=list)
    digest = models.CharField(max_length=64, default="")
    closed_by = models.CharField(max_length=200, default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "month"], name="review_once_a_month"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="review_of_a_whole_month"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, digest="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(digest="")),
                name="closed_review_has_a_digest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.month:%m/%Y}"


class Resolution(models.Model):
    """What was decided at a review and became work on the spot."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="resolutions")
    directive = models.OneToOneField("tasks.Directive", on_delete=models.PROTECT, related_name="resolution")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.review_id} {self.directive_id}"


class PeriodReport(models.Model):
    """The report of a unit on a period: the figures frozen when it was drafted, their digest, and the document they became.

    `account` is what `account.py` says; the document goes its own way from draft to issue.
    """

    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, null=True, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=8, choices=Span.choices)
    since = models.DateField()
    until = models.DateField()
    document = models.OneToOneField("documents.Document", on_delete=models.PROTECT, related_name="period_report")
    account = models.JSONField()
    digest = models.CharField(max_length=64)
    begun_in = models.CharField(max_length=64, null=True, unique=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=Span.values), name="report_span_known"),
            models.CheckConstraint(condition=models.Q(since__lte=models.F("until")), name="report_period"),
        ]
        indexes = [models.Index(fields=["unit", "-until"], name="report_by_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.since}..{self.until}"
