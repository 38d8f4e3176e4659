"""Authorities, anchors, certificates, revocation lists and the devices that keep private keys."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from antin.keys.states import Asking, Device, DeviceStatus, Passing, Purpose, Reason, Role, Standing, Subject
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
    end_reason = models.TextField(blank=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fingerprint"], condition=Q(trusted_until=None), name="anchor_open_once"),
            models.CheckConstraint(
                condition=Q(trusted_until=None) | Q(trusted_until__gt=F("trusted_from")), name="anchor_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Intermediate(models.Model):
    """Another authority's certificate below a root that this node trusts, brought by file; no trust of its own comes from it."""

    name = models.CharField(max_length=400)
    certificate = models.BinaryField()
    fingerprint = models.CharField(max_length=64, unique=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    added_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Certificate(models.Model):
    """A certificate of a person or an agency: this node's authority issued it, or (no issuer) another's, brought by file."""

    issuer = models.ForeignKey(Authority, models.PROTECT, null=True, related_name="+")
    serial = models.CharField(max_length=40)
    subject = models.CharField(max_length=8, choices=Subject.choices)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.SIGNING)
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
            models.CheckConstraint(
                condition=Q(purpose="signing") | Q(purpose="encryption", subject="person"), name="certificate_purpose"
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


class CertificateRequest(models.Model):
    """A key that asks for its certificate (PKCS#10): made on a device, waiting for this node's authority or another's."""

    subject = models.CharField(max_length=8, choices=Subject.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    agency = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.SIGNING)
    kind = models.CharField(max_length=16, choices=Device.choices)
    label = models.CharField(max_length=200)
    serial = models.CharField(max_length=64, blank=True)
    reference = models.CharField(max_length=255, blank=True)
    csr = models.BinaryField()
    key = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=Asking.choices, default=Asking.ASKED)
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    certificate = models.OneToOneField(Certificate, models.PROTECT, null=True, related_name="+")
    words = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(state="declined"), name="request_key_once"),
            models.CheckConstraint(condition=Q(state__in=Asking.values), name="request_state"),
            models.CheckConstraint(condition=Q(kind__in=Device.values), name="request_kind"),
            models.CheckConstraint(
                condition=Q(purpose="signing") | Q(purpose="encryption", subject="person"), name="request_purpose"
            ),
            models.CheckConstraint(
                condition=Q(state="issued", certificate__isnull=False) | ~Q(state="issued") & Q(certificate=None),
                name="request_certificate",
            ),
        ]
        indexes = [models.Index(fields=["agency", "state", "-asked_at"], name="request_waiting")]

    def __str__(self) -> str:
        return f"{self.name} ({self.label})"


class KeyDevice(models.Model):
    """The thing that keeps one certificate's private key, and the person who keeps the thing (Decree 30, art. 32).

    `pin_given`: its PIN was set by an administrator, and opens nothing until its holder has changed it.
    """

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
    pin_given = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=DeviceStatus.values), name="device_status"),
            models.CheckConstraint(condition=Q(kind__in=Device.values), name="device_kind"),
        ]

    def __str__(self) -> str:
        return self.label


class HandOver(models.Model):
    """An agency's device passing from hand to hand: allowed in writing, offered by one side, taken by the other, with minutes."""

    device = models.ForeignKey(KeyDevice, models.PROTECT, related_name="+")
    giver = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    taker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    basis = models.CharField(max_length=400)
    condition = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=Passing.choices, default=Passing.OFFERED)
    offered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    offered_at = models.DateTimeField()
    minutes = models.CharField(max_length=200, blank=True)
    words = models.TextField(blank=True)
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device"], condition=Q(state="offered"), name="hand_over_one_at_a_time"),
            models.CheckConstraint(condition=Q(state__in=Passing.values), name="hand_over_state"),
            models.CheckConstraint(
                condition=Q(state="taken") & ~Q(minutes="") | ~Q(state="taken"), name="hand_over_minutes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device} → {self.taker}"


class Picture(models.Model):
    """What a signature shows from a day on: an agency's stamp or a person's hand; of each the latest day, then the latest made.

    One that was taken back (`undone_at`) is shown no more. Where there is none, the device's own drawn image stands.
    """

    agency = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    file = models.CharField(max_length=64)
    width_mm = models.FloatField()
    height_mm = models.FloatField()
    since = models.DateField()
    basis = models.CharField(max_length=500)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agency__isnull=True, person__isnull=False) | Q(agency__isnull=False, person__isnull=True),
                name="picture_of_agency_or_person",
            ),
        ]

    def __str__(self) -> str:
        return f"picture {self.pk}"
