"""A list, its changes, and the wordings of its entries. Ends are exclusive; a wording that was taken back ends where it began."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from antin.codelists.states import Change, Listing


class CodeList(models.Model):
    """One list of an agency; its row is locked by whoever changes it."""

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    listing = models.CharField(max_length=12, choices=Listing.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "listing"], name="code_list_once"),
            models.CheckConstraint(condition=Q(listing__in=Listing.values), name="code_list_known"),
        ]

    def __str__(self) -> str:
        return f"{self.listing} of {self.agency_id}"


class Edition(models.Model):
    """A change of a list: what it did, by which writing, by whom. `undone` is the change that took it back."""

    code_list = models.ForeignKey(CodeList, on_delete=models.PROTECT, related_name="editions", db_index=False)
    number = models.PositiveIntegerField()
    change = models.CharField(max_length=12, choices=Change.choices)
    words = models.CharField(max_length=300)  # the entry by code and name, or how many an import touched
    basis = models.CharField(max_length=500)
    from_date = models.DateField()
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    undone = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undoes")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code_list", "number"], name="code_list_edition_once"),
            models.CheckConstraint(condition=Q(change__in=Change.values), name="code_list_change_known"),
        ]

    def __str__(self) -> str:
        return f"change {self.number} of {self.code_list_id}"


class Entry(models.Model):
    """One wording of an entry: under which heading (`above`, its code), for how long things are kept, from when until when.

    Of a retention list an entry has `years` or is `permanent`, a heading has neither.
    """

    code_list = models.ForeignKey(CodeList, on_delete=models.PROTECT, related_name="entries", db_index=False)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=500)
    above = models.CharField(max_length=20, default="", blank=True)
    position = models.PositiveIntegerField()
    years = models.PositiveSmallIntegerField(null=True)
    permanent = models.BooleanField(default=False)
    source = models.CharField(max_length=300, default="", blank=True)
    since = models.DateField()
    until = models.DateField(null=True)
    began = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="begun")
    ended = models.ForeignKey(Edition, null=True, on_delete=models.PROTECT, related_name="ended")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code_list", "code"], condition=Q(until=None), name="code_list_entry_open_once"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="code_list_entry_dates"),
            models.CheckConstraint(
                condition=Q(permanent=False) | Q(years=None), name="code_list_entry_years_or_permanent"
            ),
        ]
        indexes = [models.Index(fields=["code_list", "since"], name="code_list_entry_since")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
