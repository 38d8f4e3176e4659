"""Dispatches, deliveries, receipts; what came in from outside, and the answers owed for it."""

from __future__ import annotations

from django.db import models

from antin.correspondents.states import Channel
from antin.exchange.states import AnswerStatus, ChangeKind, ParcelStatus, ReplyStatus, Status


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
                condition=models.Q(status__in=["queued", "failed", "withheld"])
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


class NoAnswer(models.Model):
    """That a document with a day to answer by needs no answer after all, and why: who said so for its agency."""

    document = models.OneToOneField(
        "documents.Document", primary_key=True, on_delete=models.PROTECT, related_name="no_answer"
    )
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"no answer to {self.document_id}"


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
    urged_at = models.DateTimeField(null=True)  # as its sender said last

    class Meta:
        indexes = [
            models.Index(fields=["line", "reference"], name="incoming_by_reference"),
            models.Index(
                fields=["sender_code"], condition=models.Q(facts__has_key="acts_on"), name="incoming_that_changes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} from {self.sender_name}"


class Answer(models.Model):
    """A receipt that we owe for what came from outside: made by our own acts, sent over the channel it came by."""

    incoming = models.ForeignKey(Incoming, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=14)
    # the sender's question that it answers, by its reference
    about = models.CharField(max_length=64, default="", db_default="")
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
            models.UniqueConstraint(fields=["incoming", "kind", "about"], name="answer_once_about"),
            models.CheckConstraint(condition=models.Q(status__in=AnswerStatus.values), name="answer_status_known"),
        ]
        indexes = [
            models.Index(fields=["at"], condition=~models.Q(status="sent"), name="answer_owed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.incoming_id}"


class Line(models.Model):
    """One way to the outside as this node walks it: the national axis, or a gateway. Its secrets are sealed (people.at_rest).

    `round_until` is the lease of the round that runs: no two overlap, and one that died is over when it ends.
    """

    name = models.CharField(max_length=60, unique=True)  # what deliveries and correspondents call it; never changed
    title = models.CharField(max_length=120)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = models.CharField(max_length=300)
    plain = models.BooleanField(default=False)  # without TLS, where somebody has answered for it
    authority = models.TextField(
        blank=True
    )  # the certificate of whoever signs the server's, in PEM; else the system's own
    system_id = models.CharField(max_length=120)
    user_name = models.CharField(max_length=120, blank=True)
    sealed = models.BinaryField(default=bytes)  # {"secret": …, "password": …}
    raw = models.BooleanField(default=False)
    open = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    round_until = models.DateTimeField(null=True)
    next_round_at = models.DateTimeField(null=True)
    contact_at = models.DateTimeField(null=True)
    listed_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=500, blank=True)
    fault_at = models.DateTimeField(null=True)
    faults_in_row = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(channel__in=["axis", "gateway"]), name="line_channel"),
        ]

    def __str__(self) -> str:
        return self.title


class LineCode(models.Model):
    """The code by which an agency of ours is known on a line, where it is not its own; messages come and go under it."""

    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="codes")
    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "agency"], name="line_code_per_agency"),
            models.UniqueConstraint(fields=["line", "code"], name="line_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} on {self.line_id}"


class Parcel(models.Model):
    """One message as a line brought it: its bytes, kept before the line was told so, and what became of it.

    `same` is what makes it the same one again by whatever route; `content` tells whether it also says the same.
    """

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="parcels")
    doc_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=10)  # edoc, status
    same = models.CharField(max_length=64, unique=True)
    content = models.CharField(max_length=64, blank=True)
    file = models.CharField(max_length=64)
    sender_code = models.CharField(max_length=64, blank=True)
    sender_name = models.CharField(max_length=300, blank=True)
    document_id = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=80, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=10, choices=ParcelStatus.choices, default=ParcelStatus.KEPT)
    fault_code = models.CharField(max_length=40, blank=True)
    fault = models.CharField(max_length=1000, blank=True)
    came_again = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    came_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=ParcelStatus.values), name="parcel_status_known"),
        ]
        indexes = [
            models.Index(fields=["line", "-came_at", "-id"], name="parcel_by_line"),
            models.Index(fields=["came_at"], condition=~models.Q(status="taken"), name="parcel_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.doc_id} over {self.line_id}"


class Unfetched(models.Model):
    """A message that a line lists and does not give whole: since when, how often it was asked for, and what was wrong last."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="unfetched")
    doc_id = models.CharField(max_length=200)
    since_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "doc_id"], name="unfetched_once")]

    def __str__(self) -> str:
        return f"{self.doc_id} over {self.line_id}, {self.tries} times"


class SignedReceipt(models.Model):
    """One link of the chain of receipts of a parcel between nodes, as its receiving agency signed it: ours, or a partner's."""

    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="signed_receipts")
    incoming = models.ForeignKey(Incoming, null=True, on_delete=models.PROTECT, related_name="signed_receipts")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=14)
    about = models.CharField(max_length=64, default="", db_default="")  # of our own: as `Answer` has it
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="signed_receipt_of_delivery_once"),
            models.UniqueConstraint(fields=["incoming", "number"], name="signed_receipt_of_incoming_once"),
            models.CheckConstraint(
                condition=models.Q(delivery__isnull=False, incoming__isnull=True)
                | models.Q(delivery__isnull=True, incoming__isnull=False),
                name="signed_receipt_sent_or_come",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class Change(models.Model):
    """That a sender recalls, replaces or corrects a document he issued. `document` is his own; None when he is outside the node."""

    document = models.ForeignKey("documents.Document", null=True, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=8, choices=ChangeKind.choices)
    reason = models.CharField(max_length=1000)
    by = models.ForeignKey("documents.Document", null=True, on_delete=models.PROTECT, related_name="+")
    by_code = models.CharField(max_length=80, default="")  # of the document that replaces or corrects it
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=200)
    reference = models.CharField(
        max_length=64, default="", db_default=""
    )  # of an outside sender's question: what makes it the same again

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=ChangeKind.values), name="change_kind_known"),
            models.UniqueConstraint(
                fields=["document"], condition=models.Q(kind__in=["recall", "replace"]), name="cancelled_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.document_id}"


class ChangeReply(models.Model):
    """What one holder answers: `delivery` as the sender knows it, `arrival` as this node holds it; one may be outside.

    A holder outside is asked over the way the document went: `reference` is the line's own name of the question.
    """

    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="replies")
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.PROTECT, related_name="change_replies")
    arrival = models.ForeignKey(
        "documents.Document", null=True, on_delete=models.PROTECT, related_name="change_replies"
    )
    status = models.CharField(max_length=8, choices=ReplyStatus.choices, default=ReplyStatus.ASKED)
    words = models.CharField(max_length=1000, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, default="")
    reference = models.CharField(max_length=200, default="", db_default="")
    carried_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    fault = models.CharField(max_length=500, default="", db_default="")
    retry_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=ReplyStatus.values), name="reply_status_known"),
            models.UniqueConstraint(fields=["change", "delivery"], name="reply_once"),
            models.CheckConstraint(
                condition=models.Q(delivery__isnull=False) | models.Q(arrival__isnull=False), name="reply_of_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["arrival"], condition=models.Q(status="asked"), name="reply_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.status} to {self.change_id}"

    @property
    def whom(self) -> str:
        """Who holds the document."""
        if self.delivery is not None:
            return self.delivery.recipient_name
        return self.arrival.agency.name if self.arrival is not None else ""

    @property
    def is_outside(self) -> bool:
        """Whether the holder is asked over a line."""
        return self.delivery is not None and self.delivery.channel != Channel.HERE
