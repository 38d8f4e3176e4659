"""Books as they were laid out, the series they open, and the numbers taken from them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from antin.numbering.states import Restart, Status


class Book(models.Model):
    """Which types of outgoing documents share one series of an agency, from a year on. A type in no book numbers alone.

    `group` is what its series are found by: a type's own code where the book is for that type alone.
    """

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey("people.Body", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=200)
    group = models.CharField(max_length=20)
    type_codes = ArrayField(models.CharField(max_length=5))
    secrecy_class = models.CharField(max_length=10, default="")
    restarts = models.CharField(max_length=4, choices=Restart.choices, default=Restart.YEAR)
    from_year = models.PositiveSmallIntegerField()
    until_year = models.PositiveSmallIntegerField(null=True)  # the last year it is in use, inclusive
    basis = models.CharField(max_length=500)
    set_at = models.DateTimeField()
    begun_in = models.CharField(
        max_length=64, null=True, unique=True
    )  # key of what asked for it: asked again, made once

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(restarts__in=Restart.values), name="book_restart_known"),
            models.CheckConstraint(condition=~models.Q(type_codes=[]), name="book_has_types"),
        ]
        indexes = [models.Index(fields=["agency", "-from_year"], name="book_of_agency")]

    def __str__(self) -> str:
        return self.name


class Series(models.Model):
    """One gapless sequence 1, 2, 3 … of an agency's book in a year; of a book kept for a term, from its first year on.

    `body`: of what issues in its own name through the agency's registry, a Party organ, a council.
    """

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey("people.Body", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    book = models.CharField(max_length=10)  # "out" or "in"
    year = models.PositiveSmallIntegerField()
    type_group = models.CharField(max_length=20)
    secrecy_class = models.CharField(max_length=10, default="")
    last = models.PositiveIntegerField(default=0)
    moved_to = models.CharField(max_length=20, default="", db_default="")  # the node that numbers in it; "" this one
    moved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "book", "year", "type_group", "secrecy_class"],
                condition=models.Q(body=None),
                name="series_once",
            ),
            models.UniqueConstraint(
                fields=["body", "book", "year", "type_group", "secrecy_class"],
                condition=models.Q(body__isnull=False),
                name="series_of_body_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.book} {self.year} {self.type_group}{self.secrecy_class}"


class Elsewhere(models.Model):
    """That the books of an agency are kept at another node: no series of it is begun here, and none goes on.

    `awaited`: the agency has come to this node, and its books have not yet.
    """

    agency = models.OneToOneField("people.Unit", primary_key=True, on_delete=models.PROTECT, related_name="+")
    node = models.CharField(max_length=20)
    node_name = models.CharField(max_length=300)
    awaited = models.BooleanField()
    since_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.agency_id} at {self.node}"


UNUSUAL = ~models.Q(status=Status.TAKEN.value) | ~models.Q(suffix="")
"""Numbers that are not simply the next one taken: voided, kept back, of another node, put between."""


class Number(models.Model):
    """One number of a series: who holds it, for what it is kept, or why it is void.

    `suffix` is the letter of a number that was put between two others (12a), "" for the sequence itself.
    """

    series = models.ForeignKey(Series, on_delete=models.PROTECT)
    value = models.PositiveIntegerField()
    suffix = models.CharField(max_length=2, default="")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.TAKEN)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    taken_at = models.DateTimeField()
    reserved_at = models.DateTimeField(null=True)
    reserved_until = models.DateField(null=True)  # the last day it is kept
    reserved_by = models.CharField(max_length=200, default="")
    reserve_reason = models.CharField(max_length=500, default="")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=500, default="")
    moved_in = models.BigIntegerField(null=True)  # the move that brought it from another node

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "value", "suffix"], name="number_once"),
            models.UniqueConstraint(
                fields=["series", "subject_kind", "subject_id"],
                condition=models.Q(status="taken"),
                name="one_live_number_per_subject",
            ),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="number_status_known"),
            models.CheckConstraint(
                condition=~models.Q(status="voided") | (models.Q(voided_at__isnull=False) & ~models.Q(void_reason="")),
                name="void_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="reserved")
                | (models.Q(reserved_until__isnull=False) & ~models.Q(reserve_reason="")),
                name="reservation_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(suffix="") | ~models.Q(reserve_reason=""), name="insertion_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["reserved_until"], condition=models.Q(status="reserved"), name="number_reserved"),
            models.Index(fields=["series", "status"], condition=UNUSUAL, name="number_unusual"),
        ]

    def __str__(self) -> str:
        return f"{self.value}{self.suffix} ({self.series})"
