"""Dispatches, deliveries, receipts; what came in from outside, and the answers owed for it."""

from __future__ import annotations

from django.db import models

from antin.correspondents.states import Channel
from antin.exchange.states import AnswerStatus, Status


class Dispatch(models.Model):
    """The sending of one issued document to all its recipients at once."""

    document = models.OneToOneField("documents.Document", on_delete=models.PROTECT, related_name="dispatch")
    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"dispatch of {self.document_id}"


class Delivery(models.Model):
    """One document on its way to one agency, and how far it is there, by the recipient's own acts.

    To an agency of this node (`channel` here, `agency`) or to one outside it (`correspondent`, over its channel as it was when
    the document left). `reference` is the line's own identifier of what was handed over.
    """

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="deliveries")
    agency = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    correspondent = models.ForeignKey(
        "correspondents.Correspondent", null=True, on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.HERE)
    line = models.CharField(max_length=60, default="")
    recipient_name = models.CharField(max_length=300)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    fault_code = models.CharField(max_length=30, default="")
    fault = models.CharField(max_length=500, default="")
    arrival = models.OneToOneField("documents.Document", null=True, on_delete=models.PROTECT, related_name="delivery")

    sent_at = models.DateTimeField()
    reference = models.CharField(max_length=200, default="")
    handed_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)  # the line was at fault: when it is tried again by itself
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
            models.UniqueConstraint(fields=["dispatch", "correspondent"], name="delivery_outside_once"),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="delivery_status_known"),
            models.CheckConstraint(
                condition=models.Q(status__in=["queued", "failed"])
                | models.Q(arrival__isnull=False)
                | ~models.Q(channel="here"),
                name="arrived_means_there",
            ),
            models.CheckConstraint(
                condition=models.Q(channel="here", agency__isnull=False, correspondent__isnull=True)
                | (~models.Q(channel="here") & models.Q(agency__isnull=True, correspondent__isnull=False)),
                name="delivery_here_or_outside",
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

    @property
    def home_id(self) -> int:
        """The agency of this node that it goes to; asked of a delivery inside the node only."""
        assert self.agency_id is not None
        return self.agency_id


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


class Incoming(models.Model):
    """That an arrival came from outside: by which channel, from whom, and under which identifiers its sender knows it."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="incoming"
    )
    channel = models.CharField(max_length=10, choices=Channel.choices)
    line = models.CharField(max_length=60, default="")
    correspondent = models.ForeignKey(
        "correspondents.Correspondent", null=True, on_delete=models.PROTECT, related_name="+"
    )
    sender_code = models.CharField(max_length=64)  # as the message wrote it
    sender_name = models.CharField(max_length=300)
    addressed_code = models.CharField(
        max_length=64, default=""
    )  # ours, as the message wrote it: answers go out under it
    reference = models.CharField(max_length=200, default="")  # the line's own identifier of the message
    message_file = models.CharField(max_length=64, default="")  # the message as it came, by digest
    facts = models.JSONField(default=dict)  # what the channel needs to answer

    def __str__(self) -> str:
        return f"{self.document_id} from {self.sender_name}"


class Answer(models.Model):
    """A receipt that we owe for what came from outside: made by our own acts, sent over the channel it came by."""

    incoming = models.ForeignKey(Incoming, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=14)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    status = models.CharField(max_length=8, choices=AnswerStatus.choices, default=AnswerStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=500, default="")
    retry_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=200, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incoming", "kind"], name="answer_once"),
            models.CheckConstraint(condition=models.Q(status__in=AnswerStatus.values), name="answer_status_known"),
        ]
        indexes = [
            models.Index(fields=["at"], condition=~models.Q(status="sent"), name="answer_owed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.incoming_id}"
