"""Things of the estate with how they stood, software of units, what "current" means since when, checks, imports."""

from __future__ import annotations

from django.db import models

from antin.estate.states import Edition, Kind, Network, Source, Status, Use


class Asset(models.Model):
    """A network, a data room, a server or a workstation, as it stands now. `code` is its identifier, for good."""

    code = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=11, choices=Kind.choices)
    name = models.CharField(max_length=200)
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    keeper = models.CharField(max_length=200, default="")
    place = models.CharField(max_length=200, default="")
    serial = models.CharField(max_length=100, default="")
    system = models.CharField(max_length=200, default="")
    network = models.CharField(max_length=8, choices=Network.choices, default=Network.NONE)
    use = models.CharField(max_length=7, choices=Use.choices, default=Use.USED)
    protection = models.CharField(max_length=200, default="")  # the anti-malware and its version; empty: none
    updated_on = models.DateField(null=True)  # of its signatures
    seen_on = models.DateField(null=True)  # when somebody or something last looked at it
    search_text = models.CharField(max_length=700, default="")  # folded: identifier, name, serial, keeper
    revision = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="asset_kind_known"),
            models.CheckConstraint(condition=models.Q(network__in=Network.values), name="asset_network_known"),
            models.CheckConstraint(condition=models.Q(use__in=Use.values), name="asset_use_known"),
        ]
        indexes = [
            models.Index(fields=["unit", "kind"], name="asset_of_unit"),
            models.Index(fields=["serial"], condition=~models.Q(serial=""), name="asset_by_serial"),
            models.Index(fields=["name"], name="asset_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Standing(models.Model):
    """How a thing stood from a moment until another: what figures ask of it as of a day. Never changed but for its end."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="standings")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    network = models.CharField(max_length=8, choices=Network.choices)
    use = models.CharField(max_length=7, choices=Use.choices)
    protection = models.CharField(max_length=200, default="")
    updated_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=models.Q(until_at=None), name="asset_stands_one_way_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["unit"], name="standing_of_unit")]

    def __str__(self) -> str:
        return f"{self.asset_id} since {self.since_at}"


class Import(models.Model):
    """One file that was taken in whole: where it came from, its digest, what it changed."""

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=8, choices=Source.choices)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    same = models.PositiveIntegerField()
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(source__in=Source.values), name="import_source_known")]
        indexes = [models.Index(fields=["agency", "-at"], name="import_of_agency")]

    def __str__(self) -> str:
        return self.name


class Change(models.Model):
    """What became different in a thing, field by field, before and now; by hand or by an import."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="changes")
    fields = models.JSONField(default=dict)
    words = models.CharField(max_length=500, default="")
    source = models.ForeignKey(Import, null=True, on_delete=models.PROTECT, related_name="changes")
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["asset", "-at"], name="change_of_asset")]

    def __str__(self) -> str:
        return f"{self.asset_id} at {self.at}"


class Software(models.Model):
    """An edition of a program that a unit uses, from a day until another; `shared`: the program everybody shares."""

    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    product = models.CharField(max_length=200)
    edition = models.CharField(max_length=7, choices=Edition.choices)
    version = models.CharField(max_length=60, default="")
    shared = models.BooleanField(default=False)
    signing = models.BooleanField(default=False)  # digital signing was handed over to the unit with it
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(edition__in=Edition.values), name="software_edition_known"),
            models.UniqueConstraint(
                fields=["unit", "product", "edition"], condition=models.Q(until=None), name="software_once_in_a_unit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.edition} in {self.unit_id}"


class Norm(models.Model):
    """What "current" means from a day on: signatures may be so many days old."""

    valid_from = models.DateField(unique=True)
    days = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=300)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.days} days from {self.valid_from}"


class Check(models.Model):
    """A check of a unit on a day (kiểm tra)."""

    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    words = models.CharField(max_length=2000, default="")
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["unit", "-day"], name="check_of_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.day}"


class Finding(models.Model):
    """What a check found, of a unit or of one thing; given out it is work."""

    check_of = models.ForeignKey(Check, on_delete=models.PROTECT, related_name="findings")
    asset = models.ForeignKey(Asset, null=True, on_delete=models.PROTECT, related_name="findings")
    words = models.CharField(max_length=2000)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.FOUND)
    directive = models.OneToOneField("tasks.Directive", null=True, on_delete=models.PROTECT, related_name="finding")
    settled_words = models.CharField(max_length=1000, default="")
    settled_by = models.CharField(max_length=200, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="finding_status_known"),
            models.CheckConstraint(
                condition=~models.Q(status=Status.GIVEN) | models.Q(directive__isnull=False),
                name="given_finding_is_work",
            ),
        ]

    def __str__(self) -> str:
        return self.words
