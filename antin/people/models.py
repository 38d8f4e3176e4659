"""Units, posts, persons and what binds them, all dated. Ends are exclusive: `until` 1 March was last true on 28 February."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q

from antin.identifiers.models import Code
from antin.people.states import DELEGATED, BodyKind, Clearance, FactorKind, Finding, Kind, Role, Standing, Status


class Unit(models.Model):
    """An organisation or a part of one.

    An *agency* (`is_agency`) has its own registry office, identifier code, books, series and seal; any other unit has none and is
    reached through its agency. `agency` of an agency is itself. `path` lists the ids from the root, `/1/7/23/`, so that a
    subtree is one index range.
    """

    name = models.CharField(max_length=300)
    short_name = models.CharField(max_length=100)
    abbreviation = models.CharField(max_length=30)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    agency = models.ForeignKey("self", on_delete=models.PROTECT, related_name="units")
    is_agency = models.BooleanField()
    code = models.ForeignKey(Code, null=True, on_delete=models.PROTECT, related_name="units")
    collective = models.CharField(max_length=200, blank=True)
    place_name = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=300, blank=True)
    parent_name = models.CharField(max_length=300, blank=True)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="predecessors")
    sort_key = models.CharField(max_length=300, db_collation="C")
    search_text = models.CharField(max_length=500)
    path = models.CharField(max_length=200, unique=True, db_collation="C")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="unit_kind"),
            models.CheckConstraint(
                condition=Q(is_agency=True, agency=F("id"), code__isnull=False) | Q(is_agency=False, code__isnull=True),
                name="unit_agency_has_code",
            ),
            models.CheckConstraint(condition=Q(is_agency=True) | Q(parent__isnull=False), name="unit_root_is_agency"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")), name="unit_dates"
            ),
            models.UniqueConstraint(
                fields=["code"], condition=Q(closed_on__isnull=True), name="unit_one_open_per_code"
            ),
        ]
        indexes = [models.Index(fields=["agency", "sort_key"], name="unit_agency_order")]

    def __str__(self) -> str:
        return self.name


class FormerName(models.Model):
    """What a unit was called and where it belonged until a day; the row of the unit says what is true now."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="former_names")
    until = models.DateField()
    name = models.CharField(max_length=300)
    short_name = models.CharField(max_length=100)
    abbreviation = models.CharField(max_length=30)
    parent = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["unit", "until"], name="former_name_unit_until")]

    def __str__(self) -> str:
        return f"{self.name} (until {self.until})"


class Post(models.Model):
    """A position in a unit. Work belongs to the post and outlives its holder. `order` sorts the posts of a unit."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts")
    title = models.CharField(max_length=200)
    role = models.CharField(max_length=13, choices=Role.choices)
    keeps_seal = models.BooleanField(default=False)
    order = models.SmallIntegerField(default=0)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    begun_in = models.CharField(
        max_length=64, null=True, unique=True
    )  # key of what asked for it: asked again, made once

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="post_role"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")), name="post_dates"
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(role=Role.HEAD, closed_on__isnull=True), name="post_one_open_head"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FormerPlace(models.Model):
    """In which unit a post was until a day, before that unit was split; the row of the post says where it is now."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="former_places")
    until = models.DateField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.post_id} in {self.unit_id} until {self.until}"


class Person(models.Model):
    """A human being: may hold several posts or none. `password` is an Argon2 hash, empty while the person may not sign in.

    Sessions begun before `signed_out_at` are over.
    """

    name = models.CharField(max_length=100)
    rank = models.CharField(max_length=50, blank=True)
    phone = models.CharField(max_length=40, blank=True, default="", db_default="")
    code = models.CharField(max_length=40, null=True, unique=True)
    user_name = models.CharField(max_length=60, null=True, unique=True)
    password = models.CharField(max_length=200, blank=True)
    clearance = models.CharField(max_length=9, choices=Clearance.choices, default=Clearance.NONE)
    clearance_until = models.DateField(null=True)
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.ACTIVE)
    signed_out_at = models.DateTimeField(null=True)
    password_given = models.BooleanField(default=False)
    sort_key = models.CharField(max_length=400, db_collation="C", db_index=True)
    search_text = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(clearance__in=Clearance.values), name="person_clearance"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="person_status"),
            models.CheckConstraint(
                condition=Q(clearance=Clearance.NONE) | Q(clearance_until__isnull=False),
                name="person_clearance_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Appointment(models.Model):
    """A person in a post from a day until another. One post has one holder at a time (an exclusion constraint sees to it)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="appointments")
    since = models.DateField()
    until = models.DateField(null=True)
    acting = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="appointment_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.post_id} since {self.since}"


class Delegation(models.Model):
    """A written, dated leave to sign in the name of the head of an agency. Decree 30/2020, art. 13, clauses 3 and 4.

    `type_codes` empty means every type. TL. may be handed to a deputy of the one who holds it (`may_subdelegate`); TUQ. is bounded
    in time and content and may never be handed on.
    """

    from_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="delegations_given")
    to_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="delegations_held")
    form = models.CharField(max_length=4, choices=[(form, form) for form in DELEGATED])
    type_codes = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)
    basis = models.CharField(max_length=300)
    may_subdelegate = models.BooleanField(default=False)
    revoked_on = models.DateField(null=True)
    begun_in = models.CharField(
        max_length=64, null=True, unique=True
    )  # key of what asked for it: asked again, made once

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(form__in=DELEGATED), name="delegation_form"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="delegation_dates"),
            models.CheckConstraint(
                condition=~Q(form="TUQ.") | (Q(until__isnull=False, may_subdelegate=False) & ~Q(type_codes=[])),
                name="delegation_tuq_is_bounded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.from_post_id} to {self.to_post_id} since {self.since}"


class Body(models.Model):
    """What issues documents in its own name, but through the registry and under the seal of an agency: a Party organ, a council,
    board or team. Law: Decree 30/2020, Appendix I (series of their own); guidance 36-HD/VPTW.

    `collective` is in whose name is signed ("Ban Thường vụ"), "" where the head signs for himself; `office` a unit whose
    people draft.
    """

    agency = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="bodies")
    kind = models.CharField(max_length=10, choices=BodyKind.choices)
    name = models.CharField(max_length=300)
    abbreviation = models.CharField(max_length=30)
    parent_name = models.CharField(max_length=300, default="")
    collective = models.CharField(max_length=200, default="")
    office = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=300)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BodyKind.values), name="body_kind"),
            models.UniqueConstraint(
                fields=["agency", "kind", "abbreviation"], condition=Q(closed_on=None), name="body_mark_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BodyMember(models.Model):
    """A post in a body, from a day until another: what it is called there, and as what it signs."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="members")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="memberships")
    title = models.CharField(max_length=200)
    standing = models.CharField(max_length=10, choices=Standing.choices)
    basis = models.CharField(max_length=300)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(standing__in=Standing.values), name="body_standing"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="body_member_dates"
            ),
            models.UniqueConstraint(fields=["body", "post"], condition=Q(until=None), name="body_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} of {self.body_id}"


class Substitution(models.Model):
    """A post does the work of another while its holder is away. It gives sight and work, never the right to sign documents."""

    principal = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="substituted_by")
    substitute = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="substitutes_for")
    since = models.DateField()
    until = models.DateField()
    basis = models.CharField(max_length=300)
    revoked_on = models.DateField(null=True)
    begun_in = models.CharField(
        max_length=64, null=True, unique=True
    )  # key of what asked for it: asked again, made once

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="substitution_dates"),
            models.CheckConstraint(condition=~Q(principal=F("substitute")), name="substitution_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.substitute_id} for {self.principal_id} since {self.since}"


class Emergency(models.Model):
    """Somebody took over a colleague's post at once, for a stated reason: a substitution that is looked at afterwards."""

    substitution = models.OneToOneField(Substitution, on_delete=models.PROTECT, related_name="emergency")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="emergencies")
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    review_by = models.DateField()
    reviewed_at = models.DateTimeField(null=True)
    reviewer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=20, choices=Finding.choices, blank=True)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewer=None, finding="")
                | Q(reviewed_at__isnull=False, reviewer__isnull=False, finding__in=Finding.values),
                name="emergency_reviewed_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.substitution_id}"


class Factor(models.Model):
    """What a person proves himself with besides the password.

    `material` is, by kind: the secret of RFC 6238 sealed (`at_rest`); the attested credential data of WebAuthn, a public key and
    its name; the SHA-256 digests of the one-time codes not used yet. `counter` is the last time step or count that was accepted,
    so that none is accepted twice. One that is not confirmed proves nothing yet; of one removed nothing is kept that could.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="factors")
    kind = models.CharField(max_length=10, choices=FactorKind.choices)
    name = models.CharField(max_length=60)
    material = models.BinaryField()
    credential = models.BinaryField(null=True, unique=True)
    counter = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=FactorKind.values), name="factor_kind"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(kind="codes", removed_at=None), name="factor_one_set_of_codes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}"


class Device(models.Model):
    """A browser that a person has signed in from, known by a secret in its cookie; only the digest is kept."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="devices")
    digest = models.CharField(max_length=64)
    name = models.CharField(max_length=80)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    source = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "digest"], name="device_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.person_id}"


class Sitting(AbstractBaseSession):
    """Somebody at one browser between sign-in and sign-out: the row of his session, with whose it is and where it came from.

    `person` is None while nobody has signed in.
    """

    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="sittings")
    begun_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=64, blank=True)
    device = models.ForeignKey(Device, null=True, on_delete=models.SET_NULL, related_name="sittings")


class Attempts(models.Model):
    """Sign-in attempts that did not succeed, by name typed or by source. `subject` is a digest: what was typed is not kept."""

    subject = models.CharField(max_length=64, primary_key=True)
    failed = models.PositiveIntegerField()
    since_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.failed} since {self.since_at}"


class ApiToken(models.Model):
    """A secret that lets a machine act in one post of one person. Only its SHA-256 is kept."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
