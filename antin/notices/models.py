"""Notices, and what a person does not want to be told."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from antin.people.models import Person


class Notice(models.Model):
    """One thing told to one holder. `words` is a msgid naming facts as %(fact)s; it is worded in the language of the reader."""

    holder = models.CharField(max_length=24)
    kind = models.CharField(max_length=40)
    words = models.CharField(max_length=300)
    facts = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    key = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(holder__regex=r"^[PUMR][0-9]+$"), name="notice_holder"),
            models.UniqueConstraint(fields=["holder", "key"], condition=~Q(key=""), name="notice_once_per_key"),
        ]
        indexes = [
            models.Index(fields=["holder", "-id"], name="notice_holder_latest"),
            models.Index(fields=["holder"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(
                fields=["subject_kind", "subject_id"], condition=Q(read_at__isnull=True), name="notice_unread_subject"
            ),
            models.Index(fields=["read_at"], condition=Q(read_at__isnull=False), name="notice_read_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.holder}"


class Silence(models.Model):
    """A kind of notice a person does not want to see."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="silences")
    kind = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="silence_once")]

    def __str__(self) -> str:
        return f"{self.person_id} without {self.kind}"
