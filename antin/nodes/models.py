"""This node, the other nodes, and what travels between them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from antin.nodes.states import Asking, Coming, Moving, Standing, Status, Way


class Identity(models.Model):
    """Who this node is among others: its name on the lines, its two keys, and who coordinates. One row at most."""

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=300)
    sign_reference = models.CharField(max_length=64)
    sign_certificate = models.BinaryField()
    seal_reference = models.CharField(max_length=64)
    seal_certificate = models.BinaryField()
    root = models.BinaryField()
    coordinator = models.CharField(max_length=20)
    coordinator_certificate = models.BinaryField()
    version = models.PositiveIntegerField(default=0)  # of the directory in force
    address = models.CharField(max_length=300, blank=True)  # where its line connects to, several divided by commas
    password = models.BinaryField(default=b"")  # of its line, sealed at rest
    made_at = models.DateTimeField()
    one = models.BooleanField(default=True, unique=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(one=True), name="identity_one")]

    def __str__(self) -> str:
        return self.code

    @property
    def coordinates(self) -> bool:
        return self.code == self.coordinator


class Edition(models.Model):
    """One version of the directory as the coordinating node signed it. Rows are added, never changed."""

    version = models.PositiveIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.version)


class Member(models.Model):
    """One node of the directory, this one among them, with the agencies it serves (code to name)."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=300)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.MEMBER)
    way = models.CharField(max_length=6, choices=Way.choices)
    sign_certificate = models.BinaryField()
    seal_certificate = models.BinaryField()
    roots = models.JSONField(default=list)  # base64 of DER
    agencies = models.JSONField(default=dict)
    formers = models.JSONField(
        default=dict, db_default={}
    )  # of agencies that came to it: from which node, at which version
    left = models.JSONField(
        default=dict, db_default={}
    )  # agencies it serves no more: at which version; kept by the coordinator
    password = models.BinaryField(default=b"")  # of its line; kept by the coordinating node only, sealed at rest
    since_at = models.DateTimeField()
    expelled_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)  # the last believed word of it
    stated = models.JSONField(default=dict)  # its newest statement
    stated_at = models.DateTimeField(null=True)
    said_at = models.DateTimeField(null=True)  # of our newest statement to it: never earlier than the one before

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(standing__in=Standing.values), name="member_standing"),
            models.CheckConstraint(condition=Q(way__in=Way.values), name="member_way"),
        ]

    def __str__(self) -> str:
        return self.code


class BookMove(models.Model):
    """The books of an agency on their way from the node that served it to the one that does; a row on either side.

    `inward`: they come to us. `move` is the name both nodes call it by. `statement` says, signed by the node that kept them, what
    they hold; `answer` what became of it, signed by the other one.
    """

    move = models.CharField(max_length=32, unique=True)
    inward = models.BooleanField()
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="book_moves")
    agency = models.CharField(max_length=64)
    agency_name = models.CharField(max_length=300)
    status = models.CharField(max_length=10, choices=Moving.choices)
    since = models.PositiveIntegerField(default=0)  # the version of the directory by which the agency came
    edition = models.PositiveIntegerField(default=0)  # the one in force where the books were closed
    told_at = models.DateTimeField()  # when the books were closed, as the node that kept them says
    statement = models.CharField(max_length=64, default="")  # digest of the file
    registers = models.JSONField(default=list)
    totals = models.JSONField(default=dict)
    taken = models.JSONField(default=dict)
    answer = models.BinaryField(default=b"")
    reason = models.CharField(max_length=500, default="")
    by = models.CharField(max_length=200, default="")
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Moving.values), name="book_move_status"),
            models.UniqueConstraint(
                fields=["agency"], condition=Q(inward=False, status="closed"), name="book_move_one_closed"
            ),
        ]
        indexes = [models.Index(fields=["agency", "-id"], name="book_move_of_agency")]

    def __str__(self) -> str:
        return f"{self.agency} {self.move[:8]}"


class Circle(models.Model):
    """Who in an agency of a member may be sealed to: readers and recovery key, as that agency signed it last."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="circles")
    agency = models.CharField(max_length=64)
    told_at = models.DateTimeField()
    statement = models.BinaryField()  # signed
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "agency"], name="circle_once")]

    def __str__(self) -> str:
        return f"{self.agency} of {self.member_id}"


class Invitation(models.Model):
    """A node asked in by the coordinating one; only the digest of its token is kept."""

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=300)
    way = models.CharField(max_length=6, choices=Way.choices)
    agencies = models.JSONField(default=dict)
    token = models.CharField(max_length=64)
    password = models.BinaryField()
    status = models.CharField(max_length=10, choices=Asking.choices, default=Asking.OPEN)
    answer = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(status__in=["open", "answered"]), name="invitation_one_open"
            ),
            models.CheckConstraint(condition=Q(status__in=Asking.values), name="invitation_status"),
        ]

    def __str__(self) -> str:
        return self.code


class Feed(models.Model):
    """The numbers of one direction between us and a partner. `upto` is whole without gap, `chain` the digest over it."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="feeds")
    inward = models.BooleanField()
    feed = models.CharField(max_length=32)
    last = models.BigIntegerField(default=0)  # the highest number given, or seen
    upto = models.BigIntegerField(default=0)
    chain = models.CharField(max_length=64, default="")
    begun_at = models.DateTimeField()
    awaits_memory = models.BooleanField(default=False, db_default=False)  # what we have forgotten is still to be told

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "inward", "feed"], name="feed_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {'in' if self.inward else 'out'} {self.feed}"


class Parcel(models.Model):
    """One parcel of ours to a partner. Nothing sealed is kept: it is sealed when it is sent, from files that are kept anyway."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="parcels")
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="parcels")
    number = models.BigIntegerField()
    key = models.CharField(max_length=100, unique=True)  # one parcel per matter, however often it is asked for
    kind = models.CharField(max_length=12)
    about = models.CharField(max_length=200, blank=True)  # what an operator may read of it
    urgency = models.PositiveSmallIntegerField(default=0)
    manifest = models.BinaryField()  # signed
    digest = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)
    size = models.BigIntegerField()
    whole = models.BooleanField(default=False)  # with all its files, whatever the partner had before
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    returned = models.JSONField(
        default=list, db_default=[]
    )  # base64 of receipts that a restored partner gets back with it
    pieces_sent = models.PositiveIntegerField(default=0)  # pieces the line holds: where sending goes on after a cut
    fault_code = models.CharField(max_length=40, blank=True)
    fault = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "number"], name="node_parcel_number_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="node_parcel_status"),
        ]
        indexes = [
            models.Index(
                fields=["member", "-urgency", "number"],
                condition=Q(status__in=["waiting", "sent"]),
                name="node_parcel_unsettled",
            ),
            models.Index(fields=["member", "digest"], name="node_parcel_by_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.number}"


class Received(models.Model):
    """One parcel of a partner's, once per number of its feed; set aside with the reason when it could not be taken."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="received")
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="received")
    number = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=12)
    urgency = models.PositiveSmallIntegerField(default=0)
    envelope = models.BinaryField()  # signed
    letter = models.BinaryField()  # sealed to us
    pieces = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Coming.choices, default=Coming.COMING)
    way = models.CharField(max_length=6, choices=Way.choices)
    lacks = models.BooleanField(default=False)  # a file that the partner thought we had: it must send all of them
    attempts = models.PositiveIntegerField(default=0)
    fault_code = models.CharField(max_length=40, blank=True)
    fault = models.CharField(max_length=500, blank=True)
    came_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "number"], name="node_received_number_once"),
            models.CheckConstraint(condition=Q(status__in=Coming.values), name="node_received_status"),
        ]
        indexes = [
            models.Index(fields=["member", "digest"], name="node_received_by_digest"),
            models.Index(fields=["status"], condition=~Q(status="taken"), name="node_received_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.number}"

    @property
    def taking(self) -> str:
        """The key of the promise to take it in, as it stands now."""
        return f"take_parcel:{self.pk}:{self.attempts}"


class Carried(models.Model):
    """A file that a partner has of us, or we of it: it need not travel again. By whom it came: never a third node's."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    inward = models.BooleanField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "inward", "digest"], name="carried_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.digest[:12]}"


class Rejection(models.Model):
    """What came over a line or on a stick and was not believed: one row per day, sender named and reason, counted."""

    day = models.DateField()
    sender = models.CharField(max_length=64)
    code = models.CharField(max_length=40)
    words = models.CharField(max_length=500)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "sender", "code"], name="rejection_once")]

    def __str__(self) -> str:
        return f"{self.sender} {self.code}"
