"""Batches of acts, and the things in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from antin.batches.states import Status
from antin.people.models import Person, Post


class ActBatch(models.Model):
    """One act asked for many things at once. `answers` is what the act was asked with, the same for all."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    act = models.CharField(max_length=30)
    answers = models.JSONField(default=dict)
    begun_in = models.CharField(max_length=64, null=True, unique=True)  # key of the form that began it, once per form
    asked_at = models.DateTimeField()
    runs = models.PositiveIntegerField(default=1)  # how often it was set going
    halted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-id"], name="act_batch_of")]

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"


class ActItem(models.Model):
    """One thing of a batch, by id and name: `words` say what came of it, or why nothing did."""

    batch = models.ForeignKey(ActBatch, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    subject_id = models.BigIntegerField()
    name = models.CharField(max_length=500)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    code = models.CharField(max_length=60, blank=True)  # of the refusal
    words = models.CharField(max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="act_item_position_once"),
            models.UniqueConstraint(fields=["batch", "subject_id"], name="act_item_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="act_item_status_known"),
        ]

    def __str__(self) -> str:
        return self.name
