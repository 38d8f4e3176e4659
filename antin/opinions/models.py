"""Rounds in which opinions are asked for, the opinions, and comments on passages."""

from __future__ import annotations

from django.db import models

from antin.opinions.states import Settlement, Status, Verdict


class Round(models.Model):
    """One time that a drafter asks about a draft. `revision` is the one that was asked about; it is kept as a version."""

    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField()
    words = models.CharField(max_length=2000, default="")  # what is to be looked at; sealed of a classified draft
    in_order = models.BooleanField(default=False)
    days = models.PositiveSmallIntegerField()  # working days that each has from when he is asked
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    begun_in = models.CharField(max_length=64, null=True, unique=True)  # key of the form, once per form

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="opinion_round_once"),
            models.UniqueConstraint(
                fields=["document"], condition=models.Q(closed_at=None), name="opinion_round_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"round {self.number} about {self.document_id}"


class Opinion(models.Model):
    """What one person or unit was asked, said, and was answered."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="opinions")
    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    turn = models.PositiveSmallIntegerField()
    holder = models.CharField(max_length=24)
    name = models.CharField(max_length=300)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    asked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    urged_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default="")
    words = models.CharField(max_length=4000, default="")
    answered_by = models.CharField(max_length=200, default="")
    answered_at = models.DateTimeField(null=True)
    settlement = models.CharField(max_length=10, choices=Settlement.choices, default=Settlement.NONE)
    settled_words = models.CharField(max_length=4000, default="")
    settled_by = models.CharField(max_length=200, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "holder"], name="opinion_asked_once"),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="opinion_status_known"),
            models.CheckConstraint(
                condition=~models.Q(status="answered") | (~models.Q(verdict="") & models.Q(answered_at__isnull=False)),
                name="opinion_answered_says_what",
            ),
        ]
        indexes = [
            models.Index(fields=["holder"], condition=models.Q(status="asked"), name="opinion_asked_of"),
            models.Index(fields=["document"], name="opinion_of_document"),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.document_id}"


class Comment(models.Model):
    """A word on a passage of a draft, or (`parent`) on another comment. `quote` are the words it is about,
    `before` and `after` those around, `line` the line of the text they stood on."""

    document = models.ForeignKey("documents.Document", on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="answers")
    revision = models.PositiveIntegerField()
    quote = models.CharField(max_length=1000, default="")
    before = models.CharField(max_length=80, default="")
    after = models.CharField(max_length=80, default="")
    line = models.PositiveIntegerField(default=0)
    words = models.CharField(max_length=2000)
    author = models.CharField(max_length=200)
    author_post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    resolved_by = models.CharField(max_length=200, default="")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["document"], name="comment_of_document")]

    def __str__(self) -> str:
        return self.words
