"""Directives (bút phê) and what they assign."""

from __future__ import annotations

from django.db import models

from antin.tasks.states import OPEN, Every, Evidence, Grade, Origin, Priority, Role, Shift, Status, Whom

STANDS_OPEN = models.Q(status__in=sorted(status.value for status in OPEN))


class Directive(models.Model):
    """What somebody told others to do, and from which assignment of his own he passed the work down (None: the first).

    A directive written on an incoming document takes its title from it. `anchor_…` is the sentence of a signed paper that became
    work: the page (from 1), the words as they stand there, and the digest of the very file they were read in.
    """

    document = models.ForeignKey("documents.Document", null=True, on_delete=models.PROTECT, related_name="directives")
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.DIRECTIVE)
    subject = models.CharField(max_length=500, default="")
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.ORDINARY)
    evidence = models.CharField(max_length=8, choices=Evidence.choices, default=Evidence.WORDS)
    anchor_page = models.PositiveSmallIntegerField(null=True)
    anchor_text = models.CharField(max_length=2000, default="")
    anchor_file = models.CharField(max_length=64, default="")
    begun_in = models.CharField(max_length=64, null=True, unique=True)  # key of the form that gave it, once per form
    parent = models.ForeignKey("Assignment", null=True, on_delete=models.PROTECT, related_name="passed_down")
    words = models.CharField(max_length=2000)
    giver_post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+")
    giver_name = models.CharField(max_length=200)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(document__isnull=False) | ~models.Q(subject=""), name="directive_has_a_title"
            ),
            models.CheckConstraint(
                condition=models.Q(anchor_text="") | (models.Q(document__isnull=False) & ~models.Q(anchor_file="")),
                name="anchor_lies_in_a_file",
            ),
        ]
        indexes = [models.Index(fields=["document", "given_at"], name="directive_by_document")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What it is about, in a line: its own title, or that of the document it was written on."""
        return self.subject or (self.document.subject if self.document else self.words)


class Assignment(models.Model):
    """One part of a directive: to a unit or to a post, as lead, co-operator or for information, by a deadline."""

    directive = models.ForeignKey(Directive, on_delete=models.PROTECT, related_name="assignments")
    document = models.ForeignKey("documents.Document", null=True, on_delete=models.PROTECT, related_name="assignments")
    path = models.CharField(max_length=400, default="", db_collation="C")  # the assignments above and this one: /12/40/
    in_unit = models.ForeignKey(
        "people.Unit", on_delete=models.PROTECT, related_name="+"
    )  # the unit that answers for it
    role = models.CharField(max_length=8, choices=Role.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.GIVEN)
    unit = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey("people.Post", null=True, on_delete=models.PROTECT, related_name="+")
    holder = models.CharField(max_length=24)
    holder_name = models.CharField(max_length=400)
    giver_holder = models.CharField(max_length=24)
    # The clock: a named moment, or working days since `terms_at`; `due_at` is what comes of it with pauses and calendar.
    named_at = models.DateTimeField(null=True)
    term_days = models.PositiveSmallIntegerField(null=True)
    terms_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    calendar_version = models.BigIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # None: không thời hạn
    risk = models.CharField(max_length=1000, default="")  # why the assignee says that it may not be done in time
    grade = models.PositiveSmallIntegerField(choices=Grade.choices, default=Grade.NONE)
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
            # what is open, without all that was ever done
            models.Index(fields=["holder", "-made_at", "-id"], condition=STANDS_OPEN, name="assignment_open_by_holder"),
            models.Index(
                fields=["giver_holder", "-made_at", "-id"], condition=STANDS_OPEN, name="assignment_open_by_giver"
            ),
            models.Index(fields=["in_unit", "due_at"], name="assignment_by_unit"),
            models.Index(fields=["path"], name="assignment_by_path"),
        ]

    def __str__(self) -> str:
        return f"{self.holder_name} ({self.role})"


class Spell(models.Model):
    """How a piece of work stood from one act to the next: what decides its cell and its marks, as it was known then.

    `soon_on` is the first day on which its deadline was near, by the calendar of that time. The last spell has no end.
    """

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="spells")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    in_unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=8)
    status = models.CharField(max_length=10)
    due_at = models.DateTimeField(null=True)
    soon_on = models.DateField(null=True)
    handed_in_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    percent = models.PositiveSmallIntegerField(default=0)
    said_at_risk = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=models.Q(until_at__isnull=True), name="one_spell_goes_on"
            )
        ]
        indexes = [models.Index(fields=["assignment", "since_at"], name="spell_by_assignment")]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.status} since {self.since_at:%d/%m/%Y}"


class Extension(models.Model):
    """A later deadline that was asked for, and what the giver said to it."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="extensions")
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    until_at = models.DateTimeField()
    reason = models.CharField(max_length=2000)
    granted = models.BooleanField(null=True)
    decided_by = models.CharField(max_length=200, default="")
    decided_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=2000, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=models.Q(granted__isnull=True), name="one_extension_asked_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} until {self.until_at:%d/%m/%Y}"


class Pause(models.Model):
    """A time in which the clock of an assignment stands still, by its giver."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="pauses")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=2000)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"], condition=models.Q(ended_at__isnull=True), name="one_pause_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} since {self.begun_at:%d/%m/%Y}"


class Report(models.Model):
    """A word on an assignment: begun, progress, an obstacle, a proposal, handed in, accepted, sent back, …"""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=12)
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


class Series(models.Model):
    """Work that recurs: its words and shares, how often, and whose post gives it. `recurrence.Rule` says what the numbers mean."""

    title = models.CharField(max_length=500)
    words = models.CharField(max_length=2000, default="")
    every = models.CharField(max_length=8, choices=Every.choices)
    day = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField(default=3)
    shift = models.CharField(max_length=8, choices=Shift.choices, default=Shift.BEFORE)
    ahead = models.PositiveSmallIntegerField(default=5)
    shares = models.JSONField()
    since = models.DateField()
    until = models.DateField(null=True)
    giver_post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+")
    begun_in = models.CharField(max_length=64, null=True, unique=True)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(every__in=Every.values), name="series_every_known"),
            models.CheckConstraint(condition=models.Q(day__gte=1, day__lte=31), name="series_day"),
        ]
        indexes = [models.Index(fields=["giver_post"], condition=models.Q(ended_at=None), name="series_running")]

    def __str__(self) -> str:
        return self.title


class Occurrence(models.Model):
    """What became of one nominal day of a series: left out, moved, given, or why it could not be given."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="occurrences")
    day = models.DateField()
    skipped = models.BooleanField(default=False)
    moved_to = models.DateField(null=True)
    words = models.CharField(max_length=2000, default="")
    directive = models.OneToOneField(Directive, null=True, on_delete=models.PROTECT, related_name="occurrence")
    fault = models.CharField(max_length=500, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "day"], name="occurrence_once")]

    def __str__(self) -> str:
        return f"{self.series_id} {self.day:%d/%m/%Y}"


class ReminderRule(models.Model):
    """When to remind whom of open work: so many working days before (negative) or after its deadline."""

    name = models.CharField(max_length=200)
    days = models.SmallIntegerField()
    whom = models.CharField(max_length=8, choices=Whom.choices)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.ORDINARY)  # and above
    since = models.DateField()
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(whom__in=Whom.values), name="reminder_whom_known")]

    def __str__(self) -> str:
        return self.name


class Reminded(models.Model):
    """That a rule has reminded of a piece of work and of this very deadline: never again."""

    rule = models.ForeignKey(ReminderRule, on_delete=models.PROTECT, related_name="+")
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "assignment", "due_at"], name="reminded_once")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.assignment_id}"


class ReminderRound(models.Model):
    """A day whose round of reminders was made: one a day, whole or not at all."""

    day = models.DateField(unique=True)
    reminded = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y}"
