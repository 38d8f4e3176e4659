"""Counted rows, their sums by unit and day, and the definitions of figures."""

from __future__ import annotations

from django.db import models

from antin.indicators.states import Better, Claim, Status


class Contribution(models.Model):
    """What one thing adds to one fact: a document, a task or a unit; on which day, for which unit.

    `reasons` names the facts of the same kind of thing to which it does not add, each with why not. `part` tells apart what begins
    (even) and what ends (odd) for facts that stand, each time anew; what begins says before which day it ends (`date.max`: it
    stands), so that what stands on a day is found however much has ended. What happens ends never: null.
    """

    fact = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    part = models.PositiveSmallIntegerField(default=0)
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    amount = models.SmallIntegerField()
    reasons = models.JSONField(default=dict)
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "fact", "part"], name="contribution_once")
        ]
        indexes = [
            models.Index(fields=["fact", "day", "subject_id"], name="contribution_newest"),
            models.Index(fields=["unit", "fact", "day", "subject_id"], name="contribution_newest_of_unit"),
            models.Index(
                fields=["fact", "ends_on", "day", "subject_id"],
                include=["unit"],
                condition=models.Q(ends_on__isnull=False),
                name="contribution_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.amount:+d} of {self.subject_kind} {self.subject_id}"


class Counter(models.Model):
    """The sum of contributions to a fact for a unit: of one day, or (`month`) of the month that begins with it."""

    fact = models.CharField(max_length=40)
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    month = models.BooleanField()
    day = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fact", "month", "unit", "day"], name="counter_once")]
        indexes = [
            models.Index(fields=["unit", "month", "fact", "day"], include=["amount"], name="counter_of_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.day}: {self.amount}"


class Reading(models.Model):
    """How far the sealed journal has been read into figures: the place of the last record."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    index = models.BigIntegerField(default=-1)
    read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.index)


class Indicator(models.Model):
    """A figure as it is defined: what it says, in what it is measured, who answers for it, which way is better."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    explains = models.CharField(max_length=1000)
    measure = models.CharField(max_length=20)  # "%", "việc"
    better = models.CharField(max_length=6, choices=Better.choices)
    owner = models.CharField(max_length=200)
    owner_unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+", null=True)
    """Who answers what is contested; nobody named: those who lead the uppermost agency."""
    source = models.CharField(max_length=300)
    place = models.PositiveSmallIntegerField(default=100)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(better__in=Better.values), name="indicator_better")]

    def __str__(self) -> str:
        return self.name


class Formula(models.Model):
    """A version of how a figure is reckoned, from a day on, with its target."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="formulas")
    version = models.PositiveSmallIntegerField()
    expression = models.CharField(max_length=500)
    target = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    valid_from = models.DateField()
    reason = models.CharField(max_length=500)
    set_by = models.CharField(max_length=200, default="")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "version"], name="formula_version_once"),
            models.UniqueConstraint(fields=["indicator", "valid_from"], name="formula_one_per_day"),
        ]

    def __str__(self) -> str:
        return self.expression


class Closing(models.Model):
    """A figure of a period as it was closed: its value, and the digest of the very rows behind it."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="closings")
    formula = models.ForeignKey(Formula, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()
    value = models.CharField(max_length=40)  # a fraction, exact: "9938/135"; empty where there was nothing to divide by
    rows = models.PositiveIntegerField()
    lines = models.JSONField()  # the rows, as they were digested
    digest = models.CharField(max_length=64)
    closed_by = models.CharField(max_length=200)
    closed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "unit", "since", "until"], name="closing_once")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.since}..{self.until}"


class Contest(models.Model):
    """A row that somebody says is wrong, or missing, and what was answered.

    What was agreed is a correction: rows of its own beside the thing's (`corrections`), which stay as they are. `facts` are those
    it moves, `base` the fact of the row contested. `subject_kind` is empty where a row is missing: then `title` says which.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="contests")
    claim = models.CharField(max_length=12, choices=Claim.choices)
    facts = models.JSONField()
    base = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField(default=0)
    title = models.CharField(max_length=300, blank=True)
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    words = models.CharField(max_length=1000)
    status = models.CharField(max_length=12, choices=Status.choices)
    raised_by = models.CharField(max_length=200)
    raised_person_id = models.BigIntegerField()
    raised_holder = models.CharField(max_length=24)
    raised_at = models.DateTimeField()
    answer = models.CharField(max_length=1000, blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(claim__in=Claim.values), name="contest_claim"),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="contest_status"),
            models.UniqueConstraint(
                fields=["indicator", "subject_kind", "subject_id"],
                condition=models.Q(status__in=("open", "agreed")) & ~models.Q(subject_kind=""),
                name="contest_one_alive",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="contest_by_subject"),
            models.Index(fields=["status", "raised_at"], name="contest_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.claim} {self.subject_kind}:{self.subject_id} {self.status}"
