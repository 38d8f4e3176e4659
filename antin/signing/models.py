"""Requests for signatures, each made once, and reports of verification."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from antin.files.models import File
from antin.keys.models import Certificate
from antin.people.models import Person, Post
from antin.signing.states import RequestState, Verdict


class SigningRequest(models.Model):
    """One signature that somebody asked for: of which file, in which field, by which certificate; and what came of it.

    `key` says what the signature is for; there is never a second signature for the same key. `lease` is held by the process that
    is making the signature, until `leased_until` by the database's clock.
    """

    key = models.CharField(max_length=200, unique=True)
    file = models.ForeignKey(File, models.PROTECT, related_name="+", db_index=False)
    field = models.CharField(max_length=40)
    words = models.CharField(max_length=200, blank=True)
    long_term = models.BooleanField(default=False)
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=RequestState.choices, default=RequestState.ASKED)
    refusal = models.CharField(max_length=40, blank=True)
    refusal_facts = models.JSONField(default=dict)
    result = models.ForeignKey(File, models.PROTECT, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
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
