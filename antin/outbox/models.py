"""One table: what was promised, and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from antin.outbox.states import Status


class Promise(models.Model):
    """A thing to be done after commit, once per key.

    `due_at` null means as soon as possible; after a fault it is the moment of the next try. `attempts` counts the tries that
    were begun, also those a crash cut short.
    """

    key = models.TextField(unique=True)
    name = models.TextField()
    ids = models.JSONField()
    made_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)
    status = models.TextField(db_default=Status.OPEN)
    attempts = models.PositiveSmallIntegerField(db_default=0)
    last_fault = models.TextField(blank=True, db_default="")
    kept_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="outbox_promise_status", condition=models.Q(status__in=Status.values)),
            models.CheckConstraint(
                name="outbox_promise_kept_has_moment",
                condition=models.Q(status=Status.KEPT, kept_at__isnull=False)
                | models.Q(~models.Q(status=Status.KEPT), kept_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="outbox_promise_open", fields=["id"], condition=models.Q(status=Status.OPEN)),
            models.Index(name="outbox_promise_dead", fields=["id"], condition=models.Q(status=Status.DEAD)),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.key})"
