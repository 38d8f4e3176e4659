"""Dispatches, deliveries, receipts."""

from __future__ import annotations

from django.db import models

from antin.exchange.states import Status


class Dispatch(models.Model):
    """The sending of one issued document to all its recipients at once."""

    document = models.OneToOneField("documents.Document", on_delete=models.PROTECT, related_name="dispatch")
    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"dispatch of {self.document_id}"


class Delivery(models.Model):
    """One document on its way to one agency, and how far it is there, by the recipient's own acts."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="deliveries")
    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    recipient_name = models.CharField(max_length=300)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    fault_code = models.CharField(max_length=30, default="")
    fault = models.CharField(max_length=500, default="")
    arrival = models.OneToOneField("documents.Document", null=True, on_delete=models.PROTECT, related_name="delivery")

    sent_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    processing_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    arrival_number = models.PositiveIntegerField(null=True)
    return_code = models.CharField(max_length=20, default="")
    return_words = models.CharField(max_length=1000, default="")
    reply_code = models.CharField(max_length=80, default="")
    urged_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dispatch", "agency"], name="delivery_once"),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="delivery_status_known"),
            models.CheckConstraint(
                condition=models.Q(status__in=["queued", "failed"]) | models.Q(arrival__isnull=False),
                name="arrived_means_there",
            ),
        ]
        indexes = [
            models.Index(
                fields=["status", "sent_at"],
                condition=models.Q(status__in=["queued", "failed", "arrived", "returned"]),
                name="delivery_unsettled",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dispatch_id} to {self.recipient_name}"


class Receipt(models.Model):
    """What the recipient's act told the sender: once per delivery and kind, however often it comes."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="receipts")
    kind = models.CharField(max_length=10, choices=Status.choices)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "kind"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.delivery_id}"
