"""What is sealed, to whom, by whom it was used, and what decides over its level. No row holds a word of what is sealed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from antin.files.models import File
from antin.keys.models import Certificate
from antin.people.models import Person, Unit
from antin.vault.states import Ceremony, Change, Level, Medium, Need, Part, Status, Use


class RecoveryKey(models.Model):
    """The key of an agency that two of its three officers together can bring back; only its public half is kept."""

    agency = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    public = models.BinaryField()
    decision = models.CharField(max_length=100)
    established_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    established_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency"], condition=Q(retired_at=None), name="recovery_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.decision}"


class Classified(models.Model):
    """A state secret as one agency holds it: its level, since when and until when, and what brings it back.

    `origin` is the holding of the agency it came from; that agency decides over level and term. So does one outside the node, or
    one whose paper came by hand: then `came_from` is its name. What another node sealed nobody here began.
    """

    agency = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    fixed_on = models.DateField()
    protected_until = models.DateField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PROTECTED)
    recovery_key = models.ForeignKey(RecoveryKey, models.PROTECT, related_name="+")
    begun_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    begun_at = models.DateTimeField()
    origin = models.ForeignKey("self", models.PROTECT, null=True, related_name="holdings")
    came_from = models.CharField(max_length=300, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="classified_level"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="classified_status"),
            models.CheckConstraint(condition=Q(protected_until__gt=F("fixed_on")), name="classified_term"),
            models.UniqueConstraint(fields=["origin", "agency"], name="classified_held_once"),
        ]
        indexes = [
            models.Index(fields=["protected_until"], condition=Q(status="protected"), name="classified_term_end"),
            models.Index(fields=["agency", "-begun_at"], name="classified_of_agency"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def asked_level(self) -> int:
        """The clearance that reading it asks now: none once it is declassified."""
        return self.level if self.status == Status.PROTECTED else 0

    @property
    def came_by_hand(self) -> bool:
        """Whether its sender's decisions come on paper too, so that they are recorded here: another node tells its own."""
        return bool(self.came_from) and self.begun_by_id is not None

    @property
    def received_from(self) -> str:
        """The agency that decides over it; empty when it is this one."""
        return self.origin.agency.name if self.origin is not None else self.came_from


class HandedAbroad(models.Model):
    """What an agency of another node was handed of a classified thing: the content keys, closed to its own readers."""

    classified = models.ForeignKey(Classified, models.PROTECT, related_name="handed_abroad")
    agency_code = models.CharField(max_length=64)
    told = models.JSONField()
    handed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["classified", "agency_code"], name="handed_abroad_once")]

    def __str__(self) -> str:
        return f"#{self.classified_id} → {self.agency_code}"


class Reader(models.Model):
    """Somebody with a need to know, and why; `removed_at` ends it. His clearance is asked at every act."""

    classified = models.ForeignKey(Classified, models.PROTECT, related_name="readers")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    need = models.CharField(max_length=12, choices=Need.choices)
    added_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["classified", "person"], condition=Q(removed_at=None), name="reader_once_at_a_time"
            ),
            models.CheckConstraint(condition=Q(need__in=Need.values), name="reader_need"),
        ]
        indexes = [models.Index(fields=["person"], condition=Q(removed_at=None), name="reader_of_person")]

    def __str__(self) -> str:
        return f"#{self.classified_id} {self.person_id} {self.need}"


class RecoveryHalf(models.Model):
    """What one officer holds of a recovery key together with one partner, sealed to him. Alone it says nothing."""

    recovery_key = models.ForeignKey(RecoveryKey, models.PROTECT, related_name="halves")
    officer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    partner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="+")
    suite = models.CharField(max_length=40)
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recovery_key", "officer", "partner"], name="recovery_half_once"),
            models.CheckConstraint(condition=~Q(officer=F("partner")), name="recovery_half_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.recovery_key_id} {self.officer_id}+{self.partner_id}"


class SealedContent(models.Model):
    """One sealed content: the file of its sealed bytes, whose digest is theirs. A change is a new version with a new key.

    What came from another agency names the same file: its bytes never change, only who opens them differs. A `passing` version is
    a save on the way that was handed on to nobody: the next save takes its place.
    """

    classified = models.ForeignKey(Classified, models.PROTECT, related_name="contents")
    part = models.CharField(max_length=12, choices=Part.choices)
    number = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField()
    media_type = models.CharField(max_length=100)
    suite = models.CharField(max_length=40)
    file = models.ForeignKey(File, models.PROTECT, related_name="+", db_column="digest")
    sealed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    sealed_at = models.DateTimeField()
    passing = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["classified", "part", "number", "version"], name="sealed_content_once"),
            models.CheckConstraint(condition=Q(part__in=Part.values), name="sealed_content_part"),
        ]

    def __str__(self) -> str:
        return f"#{self.classified_id} {self.part}/{self.number} v{self.version}"


class WordList(models.Model):
    """The words of a sealed content, for searching: sealed with a key that follows from the content's own, so to its very readers.

    It belongs to the sealed bytes: whoever is handed these, in whatever agency, finds by it.
    """

    file = models.OneToOneField(File, models.PROTECT, primary_key=True, related_name="+", db_column="digest")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.file_id)


class Wrap(models.Model):
    """A content's key closed to one reader's certificate, or to the agency's recovery key."""

    content = models.ForeignKey(SealedContent, models.CASCADE, related_name="wraps")
    reader = models.ForeignKey(Reader, models.CASCADE, null=True, related_name="wraps")
    certificate = models.ForeignKey(Certificate, models.PROTECT, null=True, related_name="+")
    recovery_key = models.ForeignKey(RecoveryKey, models.PROTECT, null=True, related_name="+")
    lock = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content", "reader", "certificate"], name="wrap_once"),
            models.CheckConstraint(
                condition=Q(reader__isnull=False, certificate__isnull=False, recovery_key=None)
                | Q(reader=None, certificate=None, recovery_key__isnull=False),
                name="wrap_for_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} → {self.certificate_id or self.recovery_key_id}"


class Reading(models.Model):
    """One view or print of a content: by whom and when; what is printed bears its number."""

    content = models.ForeignKey(SealedContent, models.PROTECT, related_name="readings")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    use = models.CharField(max_length=8, choices=Use.choices)
    number = models.PositiveIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content", "use", "number"], name="reading_numbered"),
            models.CheckConstraint(condition=Q(use__in=Use.values), name="reading_use"),
        ]

    def __str__(self) -> str:
        return f"{self.content_id} {self.use} {self.number}"


class Copy(models.Model):
    """A numbered copy, of paper or electronic, in one register: who holds it, and how it ended."""

    classified = models.ForeignKey(Classified, models.PROTECT, related_name="copies")
    number = models.PositiveIntegerField()
    medium = models.CharField(max_length=10, choices=Medium.choices)
    holder = models.ForeignKey(Person, models.PROTECT, related_name="+")
    given_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)
    minutes = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["classified", "number"], name="copy_numbered"),
            models.CheckConstraint(condition=Q(medium__in=Medium.values), name="copy_medium"),
            models.CheckConstraint(condition=Q(destroyed_at=None) | ~Q(minutes=""), name="copy_destroyed_with_minutes"),
        ]

    def __str__(self) -> str:
        return f"#{self.classified_id}/{self.number}"


class Decision(models.Model):
    """What was decided over a level or its term, by which paper of which day."""

    classified = models.ForeignKey(Classified, models.PROTECT, related_name="decisions")
    change = models.CharField(max_length=12, choices=Change.choices)
    level_before = models.PositiveSmallIntegerField(null=True)
    level_after = models.PositiveSmallIntegerField(null=True)
    protected_until = models.DateField()
    paper = models.CharField(max_length=100, blank=True)
    decided_on = models.DateField()
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(change__in=Change.values), name="decision_change")]

    def __str__(self) -> str:
        return f"#{self.classified_id} {self.change} {self.paper}"


class Destruction(models.Model):
    """That a classified thing was destroyed: minutes, and the second person who saw it."""

    classified = models.OneToOneField(Classified, models.PROTECT, related_name="destruction")
    minutes = models.CharField(max_length=100)
    witness = models.ForeignKey(Person, models.PROTECT, related_name="+")
    destroyed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    destroyed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(witness=F("destroyed_by")), name="destruction_by_two"),
            models.CheckConstraint(condition=~Q(minutes=""), name="destruction_minutes"),
        ]

    def __str__(self) -> str:
        return f"#{self.classified_id} {self.minutes}"


class Recovery(models.Model):
    """Bringing a classified thing to a person by two of the three officers; `half` is what the first left for each other one."""

    classified = models.ForeignKey(Classified, models.PROTECT, related_name="recoveries")
    recovery_key = models.ForeignKey(RecoveryKey, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    decision = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=Ceremony.choices, default=Ceremony.ASKED)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    first_officer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    first_at = models.DateTimeField(null=True)
    second_officer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["classified", "person"],
                condition=Q(state__in=[Ceremony.ASKED, Ceremony.HALF]),
                name="recovery_once_at_a_time",
            ),
            models.CheckConstraint(condition=Q(state__in=Ceremony.values), name="recovery_state"),
            models.CheckConstraint(
                condition=Q(second_officer=None) | ~Q(second_officer=F("first_officer")), name="recovery_by_two"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.classified_id} → {self.person_id}"


class PassedHalf(models.Model):
    """The first officer's half, sealed anew to a partner for one recovery; gone when the recovery is over."""

    recovery = models.ForeignKey(Recovery, models.CASCADE, related_name="passed")
    partner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="+")
    suite = models.CharField(max_length=40)
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recovery", "partner"], name="passed_half_once")]

    def __str__(self) -> str:
        return f"{self.recovery_id} → {self.partner_id}"
