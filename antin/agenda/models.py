"""Venues, entries of calendars with who is invited and what papers go with them, published weeks, changes, conclusions, feeds."""

from __future__ import annotations

from django.db import models

from antin.agenda.states import Answer, Kind, Status


class Venue(models.Model):
    """A meeting room of an agency. A closed one is kept for the entries that were held in it."""

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    place = models.CharField(max_length=200, default="")
    seats = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "name"], condition=models.Q(closed_at=None), name="venue_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Entry(models.Model):
    """What somebody does at a time. Its venue is taken while it holds: an exclusion constraint refuses a second one.

    `chair` is the holder of the leader's post; `series` joins what was proposed as recurring; `revision` counts its changes.
    """

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.MEETING)
    title = models.CharField(max_length=500)
    details = models.CharField(max_length=2000, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    venue = models.ForeignKey(Venue, null=True, on_delete=models.PROTECT, related_name="entries")
    place = models.CharField(max_length=300, default="")
    chair = models.CharField(max_length=24)
    chair_name = models.CharField(max_length=300)
    attended = models.CharField(max_length=500, default="")  # who else comes, in words: guests, "toàn thể"
    prepares = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    vehicle = models.CharField(max_length=200, default="")
    restricted = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    revision = models.PositiveIntegerField(default=0)
    series = models.CharField(max_length=64, default="")
    begun_in = models.CharField(max_length=80, null=True, unique=True)
    made_by = models.CharField(max_length=200)
    made_post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    words = models.CharField(max_length=1000, default="")  # of who sent it back or cancelled it
    decided_by = models.CharField(max_length=200, default="")
    decided_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    notice = models.OneToOneField("documents.Document", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="agenda_status_known"),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="agenda_kind_known"),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="agenda_times"),
            models.CheckConstraint(
                condition=~models.Q(status=Status.PUBLISHED) | models.Q(published_at__isnull=False),
                name="published_since_when",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "starts_at"], name="agenda_by_day"),
            models.Index(fields=["chair", "starts_at"], name="agenda_of_chair"),
        ]

    def __str__(self) -> str:
        return self.title


class Invitee(models.Model):
    """A post or a unit that is invited, what it answered, and how many came."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="invitees")
    holder = models.CharField(max_length=24)
    name = models.CharField(max_length=300)
    answer = models.CharField(max_length=11, choices=Answer.choices, default=Answer.ASKED)
    reason = models.CharField(max_length=500, default="")
    substitute = models.CharField(max_length=24, default="")
    substitute_name = models.CharField(max_length=300, default="")
    answered_by = models.CharField(max_length=200, default="")
    answered_at = models.DateTimeField(null=True)
    present = models.PositiveSmallIntegerField(null=True)  # how many came; null: not counted

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "holder"], name="invited_once"),
            models.CheckConstraint(condition=models.Q(answer__in=Answer.values), name="answer_known"),
            models.CheckConstraint(
                condition=~models.Q(answer=Answer.SUBSTITUTED) | ~models.Q(substitute=""), name="substitute_is_named"
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "entry"], name="invited_holder"),
            models.Index(fields=["substitute", "entry"], condition=~models.Q(substitute=""), name="invited_substitute"),
        ]

    def __str__(self) -> str:
        return f"{self.name} to {self.entry_id}"


class Paper(models.Model):
    """A paper of an entry: a registered document, or a file. `shown`: whoever is invited may see the document by it."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="papers")
    document = models.ForeignKey("documents.Document", null=True, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey("files.File", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=600)
    size = models.BigIntegerField(default=0)
    shown = models.BooleanField(default=False)
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(document=None, file__isnull=False) | models.Q(document__isnull=False, file=None),
                name="paper_is_a_document_or_a_file",
            ),
            models.UniqueConstraint(
                fields=["entry", "document"], condition=models.Q(document__isnull=False), name="paper_document_once"
            ),
            models.UniqueConstraint(
                fields=["entry", "file"], condition=models.Q(file__isnull=False), name="paper_file_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Change(models.Model):
    """What became different in an entry after its week was published. `fields`: name of the field, before and now, in words."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10)  # added, changed, cancelled
    fields = models.JSONField(default=dict)
    words = models.CharField(max_length=1000, default="")
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["entry", "at"], name="change_of_entry")]

    def __str__(self) -> str:
        return f"{self.kind} {self.entry_id}"


class Week(models.Model):
    """A week that was published: from then on what changes is marked and told."""

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    monday = models.DateField()
    note = models.CharField(max_length=1000, default="")
    published_by = models.CharField(max_length=200)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "monday"], name="week_published_once"),
            models.CheckConstraint(condition=models.Q(monday__iso_week_day=1), name="week_begins_on_monday"),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.monday}"


class Point(models.Model):
    """One conclusion of a meeting; once it was given out it is work."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="points")
    place = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=2000)
    directive = models.OneToOneField("tasks.Directive", null=True, on_delete=models.PROTECT, related_name="point")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "place"], name="point_place_once")]

    def __str__(self) -> str:
        return self.words


class Feed(models.Model):
    """An address from which a calendar program reads what concerns a person in a post. Only a digest of its secret is kept."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "post"], condition=models.Q(revoked_at=None), name="feed_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"feed of {self.person_id}"
