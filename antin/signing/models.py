"""Requests for signatures, each made once, and reports of verification."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from antin.files.models import File
from antin.keys.models import Certificate
from antin.people.models import Person, Post, Unit
from antin.signing.states import ItemState, Level, Limit, RequestState, ResponderKind, Signing, Verdict


class SigningRequest(models.Model):
    """One signature that somebody asked for: of which file, in which field, by which certificate; and what came of it.

    `key` says what the signature is for; there is never a second signature for the same key. `lease` is held by the process that
    is making the signature, until `leased_until` by the database's clock. `level` is what its rule asked for, `reached` what could
    be made: less than that where a service did not answer, within `grace_hours`.
    """

    key = models.CharField(max_length=200, unique=True)
    file = models.ForeignKey(File, models.PROTECT, related_name="+", db_index=False)
    field = models.CharField(max_length=40)
    words = models.CharField(max_length=200, blank=True)
    level = models.CharField(max_length=6, choices=Level.choices, default=Level.B_T)
    reached = models.CharField(max_length=6, choices=Level.choices, blank=True)
    grace_hours = models.PositiveSmallIntegerField(default=0)
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=RequestState.choices, default=RequestState.ASKED)
    refusal = models.CharField(max_length=40, blank=True)
    refusal_facts = models.JSONField(default=dict)
    result = models.ForeignKey(File, models.PROTECT, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    made = models.BinaryField(null=True)
    made_over = models.BinaryField(null=True)
    made_at = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="signing_request_state"),
            models.CheckConstraint(
                condition=Q(state="done", result__isnull=False, done_at__isnull=False)
                | (~Q(state="done") & Q(result=None, done_at=None)),
                name="signing_request_result",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def result_file(self) -> str:
        """The digest of the signed file; empty until there is one."""
        return self.result_id or ""


class Verification(models.Model):
    """What a file was found to be, by one version of our policy and one state of our trust."""

    file = models.ForeignKey(File, models.PROTECT, related_name="+", db_index=False)
    policy = models.PositiveSmallIntegerField()
    trust = models.CharField(max_length=64)
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    verified_at = models.DateTimeField()
    holds_until = models.DateTimeField(null=True)
    crl_number = models.DecimalField(max_digits=50, decimal_places=0, null=True)
    report = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "policy", "trust", "verified_at"], name="verification_once"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="verification_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id[:12]} {self.verdict}"


class LevelRule(models.Model):
    """How long signatures of a kind must be provable, and for how long a missing service may be borne with.

    An empty column means any; the rule that says most applies. Without any rule the node's own default holds (`policy.DEFAULTS`).
    """

    agency = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    signing = models.CharField(max_length=12, choices=Signing.choices, blank=True)
    secrecy = models.PositiveSmallIntegerField(null=True)
    level = models.CharField(max_length=6, choices=Level.choices)
    grace_hours = models.PositiveSmallIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "signing", "secrecy"], name="level_rule_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="level_rule_level"),
            models.CheckConstraint(condition=Q(signing__in=Signing.values), name="level_rule_signing"),
        ]

    def __str__(self) -> str:
        return f"{self.signing} {self.level}"


class Responder(models.Model):
    """An outside service that is asked over HTTP, and how it stands. A timestamp service without an address is the node's own.

    `issuer` is whose certificates an OCSP or list service answers for (`pki.issuer_id`).
    """

    kind = models.CharField(max_length=12, choices=ResponderKind.choices)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=300, blank=True)
    issuer = models.CharField(max_length=64, blank=True)
    seconds = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    closed_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=ResponderKind.values), name="responder_kind")]

    def __str__(self) -> str:
        return self.name


class StatusAnswer(models.Model):
    """One OCSP answer of an outside service, kept until it is stale."""

    issuer = models.CharField(max_length=64)
    serial = models.CharField(max_length=40)
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()
    der = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "serial", "this_update"], name="status_answer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.serial} {self.this_update:%d/%m/%Y %H:%M}"


class Proof(models.Model):
    """One file with final signatures: until when they can be proven, and the newest version with what proves them longer.

    `file` is what was issued or received and never changes; `newest` begins with the very same bytes and carries more evidence
    behind them. `wanted` is the level its rule asks for; while `level` does not reach it, completing is owed.
    """

    file = models.OneToOneField(File, models.PROTECT, related_name="+")
    newest = models.ForeignKey(File, models.PROTECT, related_name="+")
    level = models.CharField(max_length=6, choices=Level.choices)
    wanted = models.CharField(max_length=6, choices=Level.choices)
    owed = models.BooleanField(default=False)
    since = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    limit = models.CharField(max_length=12, choices=Limit.choices, blank=True)
    renewed_at = models.DateTimeField(null=True)
    renewals = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values, wanted__in=Level.values), name="proof_level"),
            models.CheckConstraint(condition=Q(limit__in=Limit.values), name="proof_limit"),
        ]
        indexes = [
            models.Index(fields=["until", "id"], condition=Q(until__isnull=False), name="proof_ending"),
            models.Index(fields=["since"], condition=Q(owed=True), name="proof_owed"),
            models.Index(fields=["id"], condition=Q(looked_at=None), name="proof_unseen"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id[:12]} {self.level}"


class DetachedSignature(models.Model):
    """A signature kept in a file of its own beside the file it signs (CAdES, .p7s), or the evidence record beside a sealed file."""

    file = models.ForeignKey(File, models.PROTECT, related_name="+", db_index=False)
    signature = models.ForeignKey(File, models.PROTECT, related_name="+")
    known_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "signature"], name="detached_signature_once")]

    def __str__(self) -> str:
        return f"{self.signature_id[:12]} of {self.file_id[:12]}"


class Batch(models.Model):
    """Many things that one person signs in one act, by one PIN."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"batch {self.pk}"


class BatchItem(models.Model):
    """One of them: what it is, by name, its request, and how it came out. `file` is the page that was seen."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    subject_id = models.BigIntegerField()
    name = models.CharField(max_length=500)
    file = models.CharField(max_length=64)
    request = models.ForeignKey(SigningRequest, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=ItemState.choices, default=ItemState.WAITING)
    fault = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="batch_item_position_once"),
            models.UniqueConstraint(fields=["batch", "subject_id"], name="batch_item_once"),
            models.CheckConstraint(condition=Q(state__in=ItemState.values), name="batch_item_state"),
        ]

    def __str__(self) -> str:
        return self.name


class FileToSign(models.Model):
    """A file that somebody brought to be signed by itself, under the name he gave it; what is not signed is forgotten in a day."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    file = models.ForeignKey(File, models.PROTECT, related_name="+")
    brought_at = models.DateTimeField()
    request = models.OneToOneField(SigningRequest, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["person", "-id"], name="file_to_sign_of")]

    def __str__(self) -> str:
        return self.name
