from django.db import models
from django.db.models import F
from django.db.models.functions import Cast


class Record(models.Model):
    """One thing that happened. Rows are added, never changed: the database itself refuses UPDATE, DELETE and TRUNCATE.

    `transaction` is the id of the writing transaction: sealing uses it to know which records can have no late
    neighbours. Persons and posts are kept by id *and* by the words of that day, so that the journal reads true
    after any later change.
    """

    id = models.BigAutoField(primary_key=True)
    transaction = models.BigIntegerField(
        editable=False,
        db_default=Cast(Cast(models.Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()),
    )
    at = models.DateTimeField()
    event = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    agency_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    person_name = models.TextField()
    post_id = models.BigIntegerField(null=True)
    post_title = models.TextField()
    on_behalf = models.TextField()
    facts = models.JSONField()

    class Meta:
        indexes = [
            models.Index("subject_kind", "subject_id", F("id").desc(), name="journal_by_subject"),
            models.Index("transaction", "id", name="journal_by_transaction"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.event} {self.subject_kind}:{self.subject_id}"


class Leaf(models.Model):
    """The place of a sealed record in the tree, and its hash. Rows are added, never changed."""

    index = models.BigIntegerField(primary_key=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="leaf")
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.index}: {self.record_id}"


class Checkpoint(models.Model):
    """What the node signed when it sealed a batch: `body` is the signed text. Rows are added, never changed.

    `frontier` lets the next batch go on without reading the leaves again; it is checked against the root before use.
    """

    number = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField()
    horizon = models.BigIntegerField()
    at = models.DateTimeField()
    body = models.TextField()
    signature = models.BinaryField(max_length=64)
    frontier = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.number}: {self.size}"
