"""Series and the numbers taken from them."""

from django.db import models

from antin.numbering.states import Status


class Series(models.Model):
    """One gapless sequence 1, 2, 3 … of an agency's book in a year."""

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    book = models.CharField(max_length=10)  # "out" or "in"
    year = models.PositiveSmallIntegerField()
    type_group = models.CharField(max_length=20)
    secrecy_class = models.CharField(max_length=10, default="")
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "book", "year", "type_group", "secrecy_class"], name="series_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.book} {self.year} {self.type_group}{self.secrecy_class}"


class Number(models.Model):
    """One number of a series: who holds it, or why it is void."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT)
    value = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.TAKEN)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    taken_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=500, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "value"], name="number_once"),
            models.UniqueConstraint(
                fields=["series", "subject_kind", "subject_id"],
                condition=models.Q(status="taken"),
                name="one_live_number_per_subject",
            ),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="number_status_known"),
            models.CheckConstraint(
                condition=models.Q(status="taken") | (models.Q(voided_at__isnull=False) & ~models.Q(void_reason="")),
                name="void_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value} ({self.series})"
