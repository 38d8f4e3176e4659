"""Documents of an agency, what is known of their making or arrival, their parties, and who holds them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from antin.documents.states import Act, Circulation, CopyForm, Direction, Part, Secrecy, Standing, Status, Urgency, Use


class Document(models.Model):
    """One document as one agency holds it. The same letter is another row in every agency that received it."""

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    status = models.CharField(max_length=12, choices=Status.choices)

    # In whose name, when that is not the agency itself: a Party organ, a council that issues through its registry.
    body = models.ForeignKey("people.Body", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    type_code = models.CharField(max_length=5)
    subject = models.CharField(max_length=500)
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.ORDINARY)
    secrecy = models.PositiveSmallIntegerField(choices=Secrecy.choices, default=Secrecy.NONE)
    circulation = models.CharField(max_length=8, choices=Circulation.choices, default="", db_default="", blank=True)
    # Its words are sealed there; in clear stands a mask. Set once, when the level is chosen.
    classified = models.ForeignKey("vault.Classified", null=True, on_delete=models.PROTECT, related_name="+")
    # What it was sealed as until a reader brought it into clear, after its declassification: its book, and what was said before.
    once_classified = models.ForeignKey(
        "vault.Classified", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reply_by = models.DateField(null=True)
    in_reply_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replies")

    # What the paper says of itself.
    issuer_name = models.CharField(max_length=300)
    issuer_code = models.CharField(max_length=35, default="")
    number = models.PositiveIntegerField(null=True)
    notation = models.CharField(max_length=60)
    code = models.CharField(max_length=80, default="")  # "15/QĐ-VP"; a foreign paper's own words
    document_date = models.DateField(null=True)
    identifier = models.CharField(max_length=160, default="")  # QCVN 102 DocumentId
    arrival_number = models.PositiveIntegerField(null=True)  # số đến of this agency, gapless in the year
    arrival_year = models.PositiveSmallIntegerField(null=True)

    file = models.CharField(max_length=64, default="")  # the paper as it stands now, by digest
    pages = models.PositiveSmallIntegerField(default=0)
    parties = models.CharField(max_length=300, default="")  # the other side in a line: who it came from or goes to
    attachment_count = models.PositiveSmallIntegerField(default=0)

    # Whether it still holds, since when, and by which document it was replaced or corrected.
    standing = models.CharField(max_length=9, choices=Standing.choices, default=Standing.IN_FORCE)
    standing_by = models.CharField(max_length=80, default="")
    standing_words = models.CharField(max_length=1000, default="")
    standing_at = models.DateTimeField(null=True)

    # What must be done with it now, by whom, by when. One next act at a time.
    next_act = models.CharField(max_length=12, choices=Act.choices, default=Act.NONE)
    next_holder = models.CharField(max_length=24, default="")
    next_due_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # the agency's own deadline for the whole

    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    order_at = models.DateTimeField()  # when it came, was issued, or (a draft) was begun: the order of lists
    search = SearchVectorField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="document_status_known"),
            models.CheckConstraint(
                condition=~models.Q(status="issued") | (models.Q(number__isnull=False) & ~models.Q(file="")),
                name="issued_has_number_and_file",
            ),
            models.CheckConstraint(
                condition=models.Q(next_act="", next_holder="") | (~models.Q(next_act="") & ~models.Q(next_holder="")),
                name="document_next_act_has_a_holder",
            ),
            models.UniqueConstraint(
                fields=["agency", "arrival_year", "arrival_number"],
                condition=models.Q(arrival_number__isnull=False, classified=None, once_classified=None),
                name="arrival_book_once",
            ),
            models.UniqueConstraint(  # a separate book, with numbers of its own
                fields=["agency", "arrival_year", "arrival_number"],
                condition=models.Q(arrival_number__isnull=False)
                & (models.Q(classified__isnull=False) | models.Q(once_classified__isnull=False)),
                name="secret_arrival_book_once",
            ),
            models.CheckConstraint(  # 0 once it is declassified, which no draft on its way becomes
                condition=models.Q(classified=None)
                | models.Q(secrecy__gt=0)
                | models.Q(direction="in")
                | models.Q(status="issued"),
                name="document_sealed_has_a_level",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_holder", "-urgency", "next_due_at"],
                condition=~models.Q(next_holder=""),
                name="document_waiting",
            ),
            models.Index(fields=["agency", "direction", "status", "-order_at", "-id"], name="document_by_state"),
            models.Index(fields=["agency", "direction", "identifier"], name="document_by_identifier"),
            models.Index(fields=["agency", "code"], name="document_by_code"),
            models.Index(
                fields=["agency", "direction", "arrival_year", "-arrival_number"], name="document_arrival_book"
            ),
            models.Index(fields=["agency", "direction", "type_code", "-number"], name="document_issue_book"),
            models.Index(
                fields=["once_classified"],
                condition=models.Q(once_classified__isnull=False),
                name="document_once_classified",
            ),
            GinIndex(fields=["search"], name="document_words"),
            models.Index(
                fields=["agency", "direction", "reply_by"],
                condition=models.Q(reply_by__isnull=False),
                name="document_to_answer",
            ),
        ]

    def __str__(self) -> str:
        return self.code or self.subject

    @property
    def sealed_as(self) -> int | None:
        """Under what of it is sealed, or what was said of it once."""
        return self.classified_id or self.once_classified_id


class Making(models.Model):
    """How an outgoing document is made: who drafts, reviews and signs it, its text, and the file of each stage."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, primary_key=True)
    unit = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    drafter_post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+")
    drafter_name = models.CharField(max_length=120)
    reviewer_post = models.ForeignKey("people.Post", null=True, on_delete=models.PROTECT, related_name="+")
    reviewer_name = models.CharField(max_length=120, default="")
    signer_post = models.ForeignKey("people.Post", null=True, on_delete=models.PROTECT, related_name="+")
    signer_person = models.ForeignKey("people.Person", null=True, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=160, default="")
    authority_form = models.CharField(max_length=4, default="")
    authority_lines = models.JSONField(default=list)
    hands = models.PositiveSmallIntegerField(default=0)  # how many sign the page, when it is not the signer alone
    in_order = models.BooleanField(default=False)  # those who sign together do so one after the other, the signer last

    body = models.JSONField(null=True)
    sealed_text = models.BooleanField(default=False)  # of a classified draft: a text is sealed, which no row here says
    revision = models.PositiveIntegerField(default=1)
    begun_in = models.CharField(max_length=64, null=True, unique=True)  # key of the form that began it, once per form
    saved_in = models.CharField(max_length=64, default="")  # the window that saved last
    saved_by = models.CharField(max_length=200, default="", db_default="")  # who saved last
    uploaded_file = models.CharField(max_length=64, default="")
    copies = models.PositiveSmallIntegerField(default=1)

    laid_out_file = models.CharField(max_length=64, default="")
    laid_out_revision = models.PositiveIntegerField(null=True)
    fault = models.CharField(max_length=500, default="")  # why the page could not be fixed, in words
    signed_file = models.CharField(max_length=64, default="")  # with the signatures that are there so far
    sealed_file = models.CharField(max_length=64, default="")
    return_reason = models.CharField(max_length=1000, default="")
    returned_by = models.CharField(max_length=160, default="")

    submitted_at = models.DateTimeField(null=True)
    endorsed_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    numbered_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"making of {self.document_id}"


class Signatory(models.Model):
    """One of several hands on a page: initials, the check of format, a cosigner, the signer. A signer alone has none.

    `agency` is whose authority the hand signs with: another than the document's in a joint document (văn bản liên tịch). `waiting`
    while it is this hand's turn. Such an agency seals beside it, where the page leaves a place for it (`seals`), after the number
    and before the agency of the document; `seal_waiting` while it is awaited.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="signatories")
    part = models.CharField(max_length=10, choices=Part.choices)
    turn = models.PositiveSmallIntegerField(default=0)  # of cosigners, from 1
    post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", null=True, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    agency_name = models.CharField(max_length=300, default="")
    name = models.CharField(max_length=160)
    title = models.CharField(max_length=200)
    authority_lines = models.JSONField(default=list)
    waiting = models.BooleanField(default=False)
    signed_file = models.CharField(max_length=64, default="")  # the page with this signature
    signed_at = models.DateTimeField(null=True)
    seals = models.BooleanField(default=False, db_default=False)
    seal_waiting = models.BooleanField(default=False, db_default=False)
    sealed_file = models.CharField(max_length=64, default="", db_default="")  # the page with this agency's seal
    sealed_at = models.DateTimeField(null=True)
    sealed_by = models.CharField(max_length=160, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "part", "turn"], name="signatory_once"),
            models.CheckConstraint(condition=models.Q(part__in=Part.values), name="signatory_part_known"),
        ]
        indexes = [
            models.Index(fields=["post"], condition=models.Q(waiting=True), name="signatory_waiting"),
            models.Index(fields=["agency"], condition=models.Q(seal_waiting=True), name="signatory_seal_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.part})"

    @property
    def field(self) -> str:
        """The name of the signature's field on the page."""
        names = {Part.INITIALS: "Initials", Part.FORMAT: "Format", Part.SIGNER: "Person"}
        return names.get(Part(self.part), f"Cosigner{self.turn}")

    @property
    def seal_field(self) -> str:
        """The name of the field of its agency's seal."""
        return f"Seal{self.turn}"


class Arrival(models.Model):
    """How an incoming document came, what the signatures on it say, and how it was registered."""

    class Source(models.TextChoices):
        EXCHANGE = "exchange", "Qua trục"
        PAPER = "paper", "Bản giấy"
        PAST = "past", "Từ sổ cũ"

    document = models.OneToOneField(Document, on_delete=models.PROTECT, primary_key=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    delivery_key = models.CharField(max_length=80, unique=True)  # one arrival per delivery, however often it is tried
    arrived_at = models.DateTimeField()
    verdict = models.CharField(max_length=14, default="")  # signing's verdict: valid, undetermined, invalid, unsigned
    replaces_paper = models.BooleanField(default=False)
    signer_name = models.CharField(max_length=160, default="")
    arrival_date = models.DateField(null=True)
    # with the agency's arrival stamp and signature, beside the file
    stamped_file = models.CharField(max_length=64, default="", db_default="")
    registered_at = models.DateTimeField(null=True)
    registered_by = models.CharField(max_length=160, default="")
    presented_post = models.ForeignKey("people.Post", null=True, on_delete=models.PROTECT, related_name="+")
    return_code = models.CharField(max_length=20, default="")
    return_words = models.CharField(max_length=1000, default="")
    returned_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"arrival of {self.document_id}"


class Copy(models.Model):
    """How an outgoing document is a copy of a paper: of which, as what, and who permitted it (Decree 30/2020, art. 25 to 27).

    `source_words` name the paper as it was called when the copy was asked for. Of an extract, `passages` are what was chosen, and
    `compared` says that each was found in the paper's own words; a scan may have none to be compared with.
    """

    document = models.OneToOneField(Document, on_delete=models.PROTECT, primary_key=True, related_name="copying")
    source = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="copies_made")
    source_words = models.CharField(max_length=600)
    source_file = models.CharField(max_length=64)
    form = models.CharField(max_length=10, choices=CopyForm.choices)
    passages = ArrayField(models.TextField(), default=list)
    compared = models.BooleanField(default=True)
    recipients = ArrayField(
        models.CharField(max_length=300), default=list
    )  # "Nơi nhận" of a copy on paper, line by line
    permitted_by = models.CharField(max_length=200, default="")
    permitted_at = models.DateTimeField(null=True)
    page_file = models.CharField(
        max_length=64, default=""
    )  # of a copy on paper: the page with its number, to be printed

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(form__in=CopyForm.values), name="copy_form_known"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} of {self.source_id}"


class Recipient(models.Model):
    """Whom an outgoing document goes to: an agency of this node, or one outside it. Exactly one of the two is set."""

    class Role(models.TextChoices):
        ADDRESSED = "addressed", "Kính gửi"
        COPIED = "copied", "Nơi nhận"

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="recipients")
    agency = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    correspondent = models.ForeignKey(
        "correspondents.Correspondent", null=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=300)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.ADDRESSED)
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "agency"], name="recipient_once"),
            models.UniqueConstraint(fields=["document", "correspondent"], name="recipient_outside_once"),
            models.CheckConstraint(
                condition=models.Q(agency__isnull=False, correspondent__isnull=True)
                | models.Q(agency__isnull=True, correspondent__isnull=False),
                name="recipient_here_or_outside",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Attachment(models.Model):
    """A file that goes with the document; `sealed_file` is the same with the agency's text-only signature."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="attachments")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    file = models.CharField(max_length=64)
    sealed_file = models.CharField(max_length=64, default="")
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "position"], name="attachment_position_once")]

    def __str__(self) -> str:
        return self.name


class Visibility(models.Model):
    """Who may see a document, in which box, and why. Lists walk the index; nothing else decides."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT)
    holder = models.CharField(max_length=24)
    box = models.CharField(max_length=5)  # draft, out, in
    reason = models.CharField(max_length=20)
    since = models.DateTimeField()
    order_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "holder"], name="visibility_once")]
        indexes = [models.Index(fields=["holder", "box", "-order_at", "-document"], name="visibility_walk")]

    def __str__(self) -> str:
        return f"{self.holder} sees {self.document_id}"


class FileUse(models.Model):
    """That somebody read, downloaded or printed a file of a paper of limited circulation. Reading once a person and day; the others
    are numbered within the document."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=160)
    unit_name = models.CharField(max_length=300)
    use = models.CharField(max_length=8, choices=Use.choices)
    number = models.PositiveIntegerField(null=True)
    file = models.CharField(max_length=64)
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "person", "day"], condition=models.Q(use="seen"), name="file_seen_once_a_day"
            ),
            models.UniqueConstraint(fields=["document", "use", "number"], name="file_use_numbered_once"),
            models.CheckConstraint(
                condition=models.Q(use="seen", number=None) | ~models.Q(use="seen") & models.Q(number__gte=1),
                name="file_use_number",
            ),
            models.CheckConstraint(condition=models.Q(use__in=Use.values), name="file_use_known"),
        ]
        indexes = [models.Index(fields=["document", "-id"], name="file_use_newest")]

    def __str__(self) -> str:
        return f"{self.name} {self.use} {self.document_id}"


class Version(models.Model):
    """A draft as it was handed on, once for each time, so that what was changed after it came back can be shown."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    revision = models.PositiveIntegerField()
    facts = models.JSONField()  # what stood on it, in words and codes, as `queries.facts_in_words` writes them
    body = models.JSONField(null=True)
    uploaded_file = models.CharField(max_length=64, default="")
    author = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "revision"], name="version_once")]

    def __str__(self) -> str:
        return f"revision {self.revision} of {self.document_id}"


class CoDrafter(models.Model):
    """A post that its drafter lets write a draft with him, until it is ended or the draft is."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="co_drafters")
    post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=300)
    invited_by = models.CharField(max_length=200)
    invited_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "post"], name="co_drafter_once")]

    def __str__(self) -> str:
        return f"{self.name} with {self.document_id}"


class Hold(models.Model):
    """Who has a draft checked out. It lapses a quiet time after `at` (`policy.HOLD_LAPSES`), the moment of his last save."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, primary_key=True, related_name="hold")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=200)
    since = models.DateTimeField()
    at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)  # when the last of the editions below was kept
    asked_by = models.CharField(max_length=200, default="")
    asked_post = models.ForeignKey("people.Post", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    def __str__(self) -> str:
        return f"{self.name} holds {self.document_id}"


class Edition(models.Model):
    """A draft as it stood before another window, a merge or some minutes of writing went over it; never of a classified one.

    What two edits are merged by, and what can be had again. `facts` are as `queries.facts_of` writes them.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="editions", db_index=False)
    revision = models.PositiveIntegerField()
    facts = models.JSONField()
    body = models.JSONField(null=True)
    by = models.CharField(max_length=200)  # who saved it so
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "revision"], name="edition_once")]

    def __str__(self) -> str:
        return f"edition {self.revision} of {self.document_id}"


class OwnCopy(models.Model):
    """A person's own edit of a draft beside it: written apart, or a save that came late. It is merged or let be, never lost.

    `base` is what it began from. Never of a classified draft.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="own_copies", db_index=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    post = models.ForeignKey("people.Post", on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.CharField(max_length=200)
    window = models.CharField(max_length=64)
    late = models.BooleanField(default=False)  # a save that came too late; otherwise written apart
    revision = models.PositiveIntegerField()  # of the draft it began from
    base = models.JSONField(null=True)
    base_facts = models.JSONField(null=True)
    body = models.JSONField(null=True)
    facts = models.JSONField()
    edits = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    merged_by = models.CharField(max_length=200, default="")  # empty of one that was let be

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "person", "window"],
                condition=models.Q(ended_at=None),
                name="own_copy_once",
            )
        ]
        indexes = [models.Index(fields=["document"], name="own_copy_of_document")]

    def __str__(self) -> str:
        return f"{self.author}'s copy of {self.document_id}"


class Mandate(models.Model):
    """That an agency issues documents of a family that not every agency does, from a day until another (exclusive)."""

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    family = models.CharField(max_length=20)  # a `types.Family`
    basis = models.CharField(max_length=500)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "family"], condition=models.Q(until=None), name="mandate_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} issues {self.family}"


class DraftingFile(models.Model):
    """What goes with the draft of a legal normative document besides its versions and rounds of opinions.

    `unconsulted` says why nobody was consulted (shortened procedure), "" where somebody must be. Who appraised the draft, in which
    paper and to what effect; what the drafters made of it.
    """

    document = models.OneToOneField(Document, on_delete=models.PROTECT, primary_key=True, related_name="drafting_file")
    unconsulted = models.CharField(max_length=2000, default="")
    appraiser = models.CharField(max_length=300, default="")
    appraisal_code = models.CharField(max_length=80, default="")
    appraised_on = models.DateField(null=True)
    appraisal = models.CharField(max_length=8000, default="")
    explanation = models.CharField(max_length=8000, default="")
    changed_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"drafting file of {self.document_id}"


class PaperForm(models.Model):
    """A specialised form of an agency: its name, how its papers are numbered. What stands on it is its versions'."""

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    mark = models.CharField(max_length=20, default="")  # its abbreviation in the notation
    pattern = models.CharField(max_length=10)  # a `forms.Pattern`
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "name"], condition=models.Q(closed_at=None), name="form_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class FormVersion(models.Model):
    """A form as it stood: its fields and its template. Once published it never changes; a draft keeps the one it was begun with."""

    form = models.ForeignKey(PaperForm, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    fields = models.JSONField(default=list)  # `forms.Field`s
    template = models.JSONField()
    addressed = models.BooleanField(default=False)
    changed_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form", "number"], name="form_version_once"),
            models.UniqueConstraint(
                fields=["form"], condition=models.Q(published_at=None), name="form_version_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of {self.form_id}"


class Filled(models.Model):
    """What was filled into the form that a document is: data beside its text, which is made of it."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, primary_key=True, related_name="filled")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    values = models.JSONField()

    def __str__(self) -> str:
        return f"filled form of {self.document_id}"


class Filing(models.Model):
    """Under what a document is filed: its field, and how long it is kept, in the words of the list on the day it was chosen."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, primary_key=True, related_name="filing")
    retention = models.ForeignKey(
        "codelists.Entry", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    field = models.ForeignKey("codelists.Entry", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    chosen_by = models.CharField(max_length=200)
    chosen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"filing of {self.document_id}"


class TypeText(models.Model):
    """What a new draft of a type begins with in an agency, from a day on; once published it never changes.

    `template` null: the words of the Decree's own form. `addressed` and `copied` are agencies of the node, after them come those
    outside it. One that was taken back (`undone_at`) holds on no day.
    """

    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    type_code = models.CharField(max_length=5)
    number = models.PositiveSmallIntegerField()
    template = models.JSONField(null=True)
    addressed = ArrayField(models.BigIntegerField(), default=list)
    copied = ArrayField(models.BigIntegerField(), default=list)
    addressed_outside = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    copied_outside = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    changed_by = models.CharField(max_length=200)
    changed_at = models.DateTimeField()
    from_date = models.DateField(null=True)
    basis = models.CharField(max_length=500, default="")
    published_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "type_code", "number"], name="type_text_once"),
            models.UniqueConstraint(
                fields=["agency", "type_code"], condition=models.Q(published_at=None), name="type_text_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(published_at=None, from_date=None, undone_at=None)
                | models.Q(published_at__isnull=False, from_date__isnull=False),
                name="type_text_published_from",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type_code} of {self.agency_id}, version {self.number}"


class SavedSearch(models.Model):
    """A question somebody asks again and again, as its address says it; with a unit, the others of that unit have it too."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    owner_name = models.CharField(max_length=120)
    unit = models.ForeignKey("people.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="saved_search_once")]

    def __str__(self) -> str:
        return self.name


class Remark(models.Model):
    """A word said on a document on its way: endorsed with a remark, returned with a reason."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="remarks")
    kind = models.CharField(max_length=10)  # endorsed, returned, presented
    words = models.CharField(max_length=1000)
    author = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.words


class Posting(models.Model):
    """A paper of an issued document sent by post: a line of the postal book.

    A line taken from an old book (`past_import`) whose document is in no register of the node has its words alone, `code`.
    """

    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="postings")
    code = models.CharField(max_length=80, default="", db_default="")
    past_import = models.BigIntegerField(null=True)
    past_row = models.PositiveIntegerField(null=True)
    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    recipient_name = models.CharField(max_length=300)
    envelopes = models.PositiveIntegerField()
    posted_on = models.DateField()
    postmark = models.CharField(max_length=200, default="")  # who signed for it, or the post's own mark
    note = models.CharField(max_length=500, default="")
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["agency", "posted_on", "id"], name="posting_book")]

    def __str__(self) -> str:
        return f"{self.document_id} to {self.recipient_name}"


class CopyUse(models.Model):
    """The kept copy of an issued document in somebody's hands: a line of the book of kept copies.

    A line taken from an old book (`past_import`) whose document is in no register of the node has its words alone.
    """

    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="copy_uses")
    code = models.CharField(max_length=80, default="", db_default="")
    dated = models.DateField(null=True)
    title = models.CharField(max_length=500, default="", db_default="")
    past_import = models.BigIntegerField(null=True)
    past_row = models.PositiveIntegerField(null=True)
    agency = models.ForeignKey("people.Unit", on_delete=models.PROTECT, related_name="+")
    lent_on = models.DateField()
    user_name = models.CharField(max_length=200)
    permitted_by = models.CharField(max_length=200)
    file_code = models.CharField(max_length=60, default="")  # of the work file it lies in
    returned_on = models.DateField(null=True)
    note = models.CharField(max_length=500, default="")
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["agency", "lent_on", "id"], name="copy_use_book")]

    def __str__(self) -> str:
        return f"{self.document_id} with {self.user_name}"


class ColumnChoice(models.Model):
    """Which columns of a register book a person has put away from his screen."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    book = models.CharField(max_length=10)
    hidden = ArrayField(models.CharField(max_length=20), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "book"], name="column_choice_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.book}"
