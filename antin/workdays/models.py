from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarDay(models.Model):
    """A day that differs from the calendar the law and the week give by themselves, by a decision."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("nghỉ lễ")
        SWAPPED_OFF = "swapped_off", _("nghỉ hoán đổi")
        SWAPPED_WORK = "swapped_work", _("làm bù")
        COMPENSATION = "compensation", _("nghỉ bù")
        LOCAL = "local", _("nghỉ theo quyết định")

    date = models.DateField(primary_key=True)
    kind = models.CharField(max_length=20)
    note = models.TextField()
    decision = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["holiday", "swapped_off", "swapped_work", "compensation", "local"]),
                name="workdays_kind_is_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"


class CalendarVersion(models.Model):
    """One row: the version of the table above, from a sequence, so a version rolled back never comes again."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="workdays_one_version")]

    def __str__(self) -> str:
        return str(self.number)
