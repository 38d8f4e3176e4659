"""Hand-overs of posts and what stands on their lists."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from antin.handovers.states import Kind, Status


class PostHandOver(models.Model):
    """One hand-over: the post, who leaves, who takes over (or keeps it while it is vacant), from which day, and the minutes."""

    agency = models.ForeignKey("people.Unit", models.PROTECT, related_name="+")
    post = models.ForeignKey("people.Post", models.PROTECT, related_name="+")
    post_title = models.CharField(max_length=200)
    unit_name = models.CharField(max_length=300)
    giver = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    giver_name = models.CharField(max_length=120)
    taker = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    taker_name = models.CharField(max_length=120)
    vacant = models.BooleanField(default=False)  # nobody follows yet: the taker keeps what is handed over
    from_date = models.DateField()
    basis = models.CharField(max_length=500)
    words = models.TextField(blank=True, default="")  # what is handed over outside the system
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    file = models.ForeignKey(
        "files.File", models.PROTECT, null=True, related_name="+"
    )  # the minutes, once the list is fixed
    begun_by = models.CharField(max_length=200)
    begun_at = models.DateTimeField()
    fixed_at = models.DateTimeField(null=True)
    giver_signed = models.CharField(max_length=64, default="")  # .p7s beside the minutes
    giver_signed_at = models.DateTimeField(null=True)
    taker_signed = models.CharField(max_length=64, default="")
    taker_signed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdraw_reason = models.CharField(max_length=500, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="post_hand_over_status_known"),
            models.UniqueConstraint(
                fields=["post"], condition=Q(status__in=["open", "fixed"]), name="post_hand_over_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | (~Q(giver_signed="") & ~Q(taker_signed="")),
                name="post_hand_over_signed_by_both",
            ),
        ]
        indexes = [models.Index(fields=["agency", "-id"], name="post_hand_over_of_agency")]

    def __str__(self) -> str:
        return f"{self.post_title}: {self.giver_name} to {self.taker_name}"


class PostItem(models.Model):
    """A thing on the list as it stood when it was fixed; `remark` says how it goes over, or that it does not and why."""

    hand_over = models.ForeignKey(PostHandOver, models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    subject_id = models.BigIntegerField()
    name = models.CharField(max_length=500)
    remark = models.CharField(max_length=500, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hand_over", "position"], name="post_item_position_once"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="post_item_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name
