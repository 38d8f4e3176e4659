"""Authorities, anchors, certificates, revocation lists and the devices that keep private keys."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from antin.keys.states import Device, DeviceStatus, Reason, Role, Standing, Subject
from antin.people.models import Person, Unit


class Authority(models.Model):
    """A certification or timestamp authority whose private key this node keeps."""

    role = models.CharField(max_length=16, choices=Role.choices)
    name = models.CharField(max_length=200)
    issuer = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    certificate = models.BinaryField()
    reference = models.CharField(max_length=64, unique=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "name"], name="authority_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="authority_role"),
        ]

    def __str__(self) -> str:
        return self.name


class TrustAnchor(models.Model):
    """A root this node believes, from when and until when, who said so and why."""

    name = models.CharField(max_length=400)
    certificate = models.BinaryField()
    fingerprint = models.CharField(max_length=64)
    trusted_from = models.DateTimeField()
    trusted_until = models.DateTimeField(null=True)
    reason = models.TextField()
    added_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fingerprint"], condition=Q(trusted_until=None), name="anchor_open_once"),
            models.CheckConstraint(
                condition=Q(trusted_until=None) | Q(trusted_until__gt=F("trusted_from")), name="anchor_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Certificate(models.Model):
    """A certificate this node's authority issued to a person or an agency."""

    issuer = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    serial = models.CharField(max_length=40)
    subject = models.CharField(max_length=8, choices=Subject.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    agency = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    organisation = models.CharField(max_length=200)
    organisation_code = models.CharField(max_length=35)
    certificate = models.BinaryField()
    fingerprint = models.CharField(max_length=64, unique=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(max_length=24, choices=Reason.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "serial"], name="certificate_serial_once"),
            models.CheckConstraint(
                condition=Q(subject="person", person__isnull=False) | Q(subject="agency", person=None),
                name="certificate_subject",
            ),
            models.CheckConstraint(condition=Q(not_after__gt=F("not_before")), name="certificate_range"),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revocation_reason="")
                | Q(revoked_at__isnull=False, revocation_reason__in=Reason.values),
                name="certificate_revocation",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-not_before"], condition=Q(subject="person"), name="certificate_person"),
            models.Index(fields=["agency", "subject", "-not_before"], name="certificate_agency"),
            models.Index(fields=["not_after"], condition=Q(revoked_at=None), name="certificate_expiring"),
            models.Index(fields=["issuer", "revoked_at"], condition=~Q(revoked_at=None), name="certificate_revoked"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.serial})"

    def standing(self, at: datetime) -> Standing:
        """How it stands at that moment; a revocation counts from its own moment on."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return Standing.REVOKED
        if at < self.not_before:
            return Standing.NOT_YET
        return Standing.VALID if at < self.not_after else Standing.EXPIRED


class RevocationList(models.Model):
    """One published list, of our own authorities or brought by file from another's."""

    issuer = models.CharField(max_length=64)
    issuer_name = models.CharField(max_length=400)
    number = models.DecimalField(max_digits=50, decimal_places=0)
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()
    fingerprint = models.CharField(max_length=64)
    der = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "number"], name="revocation_list_once"),
            models.CheckConstraint(condition=Q(next_update__gt=F("this_update")), name="revocation_list_range"),
        ]
        indexes = [models.Index(fields=["issuer", "-this_update", "-number"], name="revocation_list_latest")]

    def __str__(self) -> str:
        return f"{self.issuer_name} #{self.number}"


class KeyDevice(models.Model):
    """The thing that keeps one certificate's private key, and the person who keeps the thing (Decree 30, art. 32)."""

    kind = models.CharField(max_length=16, choices=Device.choices)
    label = models.CharField(max_length=200)
    custodian = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    certificate = models.OneToOneField(Certificate, models.PROTECT, related_name="device")
    serial = models.CharField(max_length=64, blank=True)
    reference = models.CharField(max_length=255, unique=True)
    image = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=12, choices=DeviceStatus.choices, default=DeviceStatus.ACTIVE)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=DeviceStatus.values), name="device_status"),
            models.CheckConstraint(condition=Q(kind__in=Device.values), name="device_kind"),
        ]

    def __str__(self) -> str:
        return self.label
