"""Drafting: from a blank page to a draft handed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_noop as _

from antin.correspondents import queries as correspondents
from antin.correspondents.states import Channel
from antin.documents import policy, queries, states
from antin.documents.forms import Pattern, merge, read_fields
from antin.documents.models import Attachment, Document, Making, PaperForm, Recipient, Version
from antin.documents.operations.holding import hold_open, keep_edition, let_go
from antin.documents.operations.sharing import show
from antin.documents.operations.signatories import call_next, place_signatories, renew_initials
from antin.documents.queries import Hands
from antin.documents.states import Act, Circulation, Direction, Status
from antin.documents.types import DRAFTED, Family, family_of, notation
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.outbox import operations as outbox
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.typeset import body as bodies

if TYPE_CHECKING:
    from antin.people.models import Body

SUBJECT_MAX = 500
RECIPIENTS_MAX = 2000


class UnknownType(Refusal):
    code = "unknown_type"
    words = _("Không soạn được loại văn bản “%(type_code)s”: không có, hoặc chỉ nơi khác ban hành.")


class SubjectMissing(Refusal):
    code = "subject_missing"
    words = _("Chưa có trích yếu.")


class SubjectTooLong(Refusal):
    code = "subject_too_long"
    words = _("Trích yếu dài %(length)d ký tự; tối đa %(limit)d. Rút gọn, phần còn lại ghi trong nội dung.")


class EditedElsewhere(Refusal):
    code = "edited_elsewhere"
    words = _(
        "Dự thảo đã được lưu ở cửa sổ khác (bản %(theirs)d, đồng chí đang sửa bản %(yours)d). Mở lại để xem bản mới."
    )


class ReplyTooEarly(Refusal):
    code = "reply_too_early"
    words = _("Hạn trả lời %(day)s đã qua.")


class NoSuchAgency(Refusal):
    code = "no_such_agency"
    words = _("Nơi nhận không có, đã đóng, hoặc không có văn thư riêng: %(names)s.")


class ToItself(Refusal):
    code = "to_itself"
    words = _("Cơ quan không gửi văn bản cho chính mình qua trục; dùng chuyển nội bộ.")


class TooManyRecipients(Refusal):
    code = "too_many_recipients"
    words = _("Quá %(limit)d nơi nhận trong một lần phát hành.")


@dataclass(frozen=True)
class DraftFacts:
    """What the drafter decides of a document. `signer_post_id` None: not chosen yet; `body_id` None: in the agency's own name."""

    type_code: str
    subject: str
    urgency: int = 0
    secrecy: int = 0
    reply_by: date | None = None
    in_reply_to_id: int | None = None
    signer_post_id: int | None = None
    copies: int = 1
    circulation: str = Circulation.FREE
    hands: Hands = field(default_factory=Hands)
    body_id: int | None = None


@dataclass(frozen=True)
class Outside:
    """An agency outside this node, by its id in the directory of correspondents."""

    correspondent_id: int


Addressee = int | Outside
"""An agency of this node by its unit id, or one outside it."""


@dataclass(frozen=True)
class Addressees:
    """Whom a draft goes to, in order: "Kính gửi" and "Nơi nhận"."""

    addressed: tuple[Addressee, ...] = ()
    copied: tuple[Addressee, ...] = ()


def index_words(document: Document, *more: str) -> str:
    """Return the search vector of a document: its code, subject, parties and whatever words are given."""
    return queries.search_vector(document.code, document.subject, document.issuer_name, document.parties, *more)


def clean_subject(words: str) -> str:
    """Return the subject in composed Unicode, on one line. :raises SubjectMissing: :raises SubjectTooLong:"""
    subject = " ".join(clean(words).split())
    if not subject:
        raise SubjectMissing()
    if len(subject) > SUBJECT_MAX:
        raise SubjectTooLong(length=len(subject), limit=SUBJECT_MAX)
    return subject


def _place_signer(making: Making, facts: DraftFacts, document: Document, on: date) -> None:
    """Work the authority line out from posts and dated delegations, and who signs beside him.

    :raises Refusal: the right is missing, expired or does not cover the type
    """
    if facts.signer_post_id is None:
        making.signer_post_id = making.signer_person_id = None
        making.signer_name, making.authority_form, making.authority_lines = "", "", []
        place_signatories(making, facts.hands, document, on)
        return
    right = queries.right_to_sign(document, facts.signer_post_id, facts.type_code, on)
    refuse(policy.why_not_signed_as(facts.type_code, right.form))
    making.signer_post_id, making.signer_person_id = right.post_id, right.person_id
    making.signer_name = f"{right.rank} {right.person_name}".strip()
    making.authority_form, making.authority_lines = right.form, list(right.lines)
    place_signatories(making, facts.hands, document, on)


def _body_of(facts: DraftFacts, actor: Actor, today: date, *, begun_for: int | None = None) -> Body | None:
    """In whose name it is issued, if not the agency's: of a body the actor drafts for, or that the draft is begun for.

    :raises NotFound: :raises NotOfTheBody: :raises BodyOfAnotherFamily: :raises BodyIssuesAlone:
    """
    body = people.get_body(facts.body_id) if facts.body_id is not None else None
    if body is not None:
        if body.agency_id != actor.agency_id:
            raise NotFound()
        ours = people.list_bodies_of(actor, today) if body.pk != begun_for else [body]
        if all(each.pk != body.pk for each in ours):
            raise policy.NotOfTheBody(body=body.name)
        if facts.hands.joint_agency_ids:
            raise policy.BodyIssuesAlone(body=body.name)
    refuse(policy.why_not_of_body(facts.type_code, body.kind if body else ""))
    return body


def _notation(facts: DraftFacts, agency: str, unit: str, body: Body | None, form: PaperForm | None) -> str:
    """The notation; a joint document's names every agency that issues it, the one that drafts it first."""
    if form is not None:
        issuer = body.abbreviation if body else agency
        return "-".join(filter(None, (issuer, unit) if form.pattern == Pattern.LETTER else (form.mark, issuer)))
    if body is not None:
        return notation(facts.type_code, body.abbreviation, "")
    joint = [people.get_agency(each).abbreviation for each in dict.fromkeys(facts.hands.joint_agency_ids)]
    return "-".join([notation(facts.type_code, agency, "" if joint else unit), *joint])


def _reply_target(actor: Actor, document_id: int | None) -> Document | None:
    if document_id is None:
        return None
    target = queries.get_for(actor, document_id)
    if target.direction != Direction.IN:
        raise NotFound()
    return target


def _check(facts: DraftFacts, agency_id: int, today: date, *, begun_as: str = "") -> str:
    """The subject, cleaned. `begun_as`: the type it has; a draft goes on though the mandate for its family has ended."""
    if facts.type_code not in DRAFTED:
        raise UnknownType(type_code=facts.type_code)
    family = family_of(facts.type_code)
    if family == Family.SPECIALISED and begun_as != facts.type_code:
        raise policy.FormMissing()
    if family_of(begun_as) == Family.SPECIALISED and begun_as != facts.type_code:
        raise policy.FormStays()
    fresh = family in policy.MANDATED and begun_as != facts.type_code
    if fresh and facts.type_code not in queries.list_drafted(agency_id, today):
        name = str(family.label)
        raise policy.NotMandated(agency=people.get_agency(agency_id).name, family=name[:1].lower() + name[1:])
    if facts.reply_by is not None and facts.reply_by < today:
        raise ReplyTooEarly(day=f"{facts.reply_by:%d/%m/%Y}")
    return clean_subject(facts.subject)


@transaction.atomic
def create_draft(
    *,
    facts: DraftFacts,
    actor: Actor,
    today: date,
    at: datetime,
    key: str = "",
    classified_id: int | None = None,
    form: PaperForm | None = None,
) -> Document:
    """Begin an outgoing document in the actor's own unit. `today` is the Vietnamese day of `at`.

    `key` is of the form it is begun in: the same form sent again gives the same draft. Of a classified draft the caller seals the
    words under `classified_id`, and gives the mask as its subject.

    :raises ClassifiedElsewhere: it would be classified
    :raises UnknownType: :raises SubjectMissing: :raises SubjectTooLong:
    :raises NotFound: the document to reply to is not his to see
    :raises NotOfTheBody: :raises BodyOfAnotherFamily: :raises BodyIssuesAlone: it would be issued in the name of a body
    :raises Refusal: the chosen signer has no right to sign it
    """
    begun = find_begun(key=key, actor=actor)
    if begun is not None:
        return begun
    refuse(policy.why_not_draft(actor, facts.secrecy if classified_id is None else 0))
    subject = _check(facts, actor.agency_id, today, begun_as=facts.type_code if form is not None else "")
    target = _reply_target(actor, facts.in_reply_to_id)
    refuse(policy.why_not_answer(facts.secrecy, target))
    agency = people.get_unit(actor.agency_id)
    unit = people.get_unit(actor.unit_id)
    body = _body_of(facts, actor, today)
    document = Document(
        agency_id=actor.agency_id,
        body=body,
        direction=Direction.OUT,
        status=Status.DRAFTED,
        type_code=facts.type_code,
        subject=subject,
        urgency=facts.urgency,
        secrecy=facts.secrecy,
        circulation=Circulation(facts.circulation),
        classified_id=classified_id,
        reply_by=facts.reply_by,
        in_reply_to=target,
        issuer_name=body.name if body else agency.name,
        issuer_code=agency.code.value if agency.code else "",
        notation=_notation(facts, agency.abbreviation, "" if unit.is_agency else unit.abbreviation, body, form),
        next_act=Act.FINISH_DRAFT,
        next_holder=f"P{actor.post_id}",
        made_at=at,
        changed_at=at,
        order_at=at,
    )
    document.save(force_insert=True)
    reviewer = people.find_reviewer(unit_id=actor.unit_id, post_id=actor.post_id, on=today)
    making = Making(
        document=document,
        unit_id=actor.unit_id,
        drafter_post_id=actor.post_id,
        drafter_name=actor.person_name,
        reviewer_post_id=reviewer.id if reviewer else None,
        reviewer_name=f"{reviewer.title} {reviewer.person_name}" if reviewer else "",
        copies=facts.copies,
        begun_in=key or None,
        saved_in=key,
    )
    _place_signer(making, facts, document, today)
    making.save(force_insert=True)
    if target is not None:
        _reply_to_sender(document, target)
    Document.objects.filter(pk=document.pk).update(search=index_words(document))
    show(document=document, holders={f"P{actor.post_id}": "drafter"}, actor=actor, at=at)
    journal.record("document.drafted", subject=("document", document.pk), actor=actor, at=at, type=facts.type_code)
    return document


def find_begun(*, key: str, actor: Actor) -> Document | None:
    """Return the draft that this form has begun already. Forms of one post are taken one after the other."""
    if not key:
        return None
    people.lock_post(actor.post_id)
    found = Making.objects.select_related("document").filter(begun_in=key, drafter_post_id=actor.post_id).first()
    return found.document if found else None


def _reply_to_sender(document: Document, target: Document) -> None:
    """A reply goes to whom it answers, unless the drafter decides otherwise."""
    sender = people.find_agency_by_code(target.issuer_code)
    outside = None if sender is not None else correspondents.find_by_code(target.issuer_code)
    found = outside if outside is not None and outside.closed_at is None else sender
    if found is not None and (sender is None or sender.pk != document.agency_id):
        Recipient.objects.create(
            document=document,
            agency=sender,
            correspondent=outside,
            name=found.name,
            role=Recipient.Role.ADDRESSED,
            position=1,
        )
        document.parties = found.name
        document.save(update_fields=["parties"])


@transaction.atomic
def revise(
    *,
    document_id: int,
    facts: DraftFacts,
    body: dict[str, Any] | None,
    uploaded_file: str,
    revision: int,
    actor: Actor,
    today: date,
    at: datetime,
    addressees: Addressees | None = None,
    window: str = "",
    sealed_text: bool = False,
) -> Making:
    """Save the draft: its facts, its text (a structured body, or a ready PDF by digest) and, when given, its recipients.

    `revision` is the one the drafter was editing, so that two windows never overwrite each other. `window` names the window: one
    whose own last save was never answered to it may go on, and its saves in a row are one entry of the journal. Of a classified
    draft the caller has sealed the words: `sealed_text` says whether a text is among them, `uploaded_file` names sealed bytes.

    :raises HeldByAnother: somebody else has it checked out
    :raises EditedElsewhere: another window saved first
    :raises FormTakesNoFile:
    :raises BadBody: the text does not follow the schema of docs/body.md
    :raises Refusal: as create_draft and set_recipients
    """
    document, making = _open_to_revise(document_id, revision, window, actor, at)
    refuse(policy.why_not_draft(actor, 0))
    if facts.secrecy != document.secrecy:
        raise policy.ClassifiedElsewhere if document.classified_id is None else policy.LevelByDecision
    if document.classified_id is not None and (body or facts.subject != document.subject):
        raise policy.SealedDocument
    document.subject = _check(facts, document.agency_id, today, begun_as=document.type_code)
    agency, unit = people.get_unit(document.agency_id), people.get_unit(making.unit_id)
    document.type_code, document.urgency, document.secrecy, document.reply_by = (
        facts.type_code,
        facts.urgency,
        facts.secrecy,
        facts.reply_by,
    )
    document.circulation = Circulation(facts.circulation)
    filled = queries.find_filled(document)
    if filled is not None:  # its text is what was filled in
        if uploaded_file:
            raise policy.FormTakesNoFile
        body = merge(filled.version.template, read_fields(filled.version.fields), filled.values)
    issuer = _body_of(facts, actor, today, begun_for=document.body_id)
    if document.body_id != facts.body_id:
        document.body, document.issuer_name = issuer, issuer.name if issuer else agency.name
    part, form = "" if unit.is_agency else unit.abbreviation, filled.version.form if filled else None
    document.notation = _notation(facts, agency.abbreviation, part, issuer, form)
    if facts.in_reply_to_id != document.in_reply_to_id:
        document.in_reply_to = _reply_target(actor, facts.in_reply_to_id)
    refuse(policy.why_not_answer(facts.secrecy, document.in_reply_to))
    if addressees is not None:
        document.parties = address(document, addressees, today)
    document.changed_at = at
    document.save()
    _place_signer(making, facts, document, today)
    making.uploaded_file, making.copies, making.sealed_text = uploaded_file, facts.copies, sealed_text
    _keep_text(document, making, body, window=window, actor=actor, at=at)
    return making


@transaction.atomic
def keep_text(
    *,
    document_id: int,
    body: dict[str, Any] | None,
    revision: int,
    actor: Actor,
    at: datetime,
    window: str = "",
    sealed_text: bool = False,
) -> Making:
    """Save the draft's text alone, while something in its facts is still refused, so that no writing is lost.

    :raises HeldByAnother: somebody else has it checked out
    :raises EditedElsewhere: another window saved first
    :raises BadBody: the text does not follow the schema of docs/body.md
    """
    document, making = _open_to_revise(document_id, revision, window, actor, at)
    if document.classified_id is not None:
        if body:
            raise policy.SealedDocument
        making.sealed_text = sealed_text
    document.changed_at = at
    document.save(update_fields=["changed_at"])
    filled = queries.find_filled(document)
    _keep_text(document, making, making.body if filled else body, window=window, actor=actor, at=at)
    return making


def _open_to_revise(
    document_id: int, revision: int, window: str, actor: Actor, at: datetime
) -> tuple[Document, Making]:
    document = queries.lock(document_id)
    making = queries.making_of(document)
    refuse(policy.why_not_revise(actor, document, making))
    goes_on = window != "" and window == making.saved_in
    hold = hold_open(document=document, actor=actor, at=at)
    if revision != making.revision and not goes_on:
        raise EditedElsewhere(theirs=making.revision, yours=revision)
    keep_edition(document=document, making=making, hold=hold, goes_on=goes_on, actor=actor, at=at)
    return document, making


def _keep_text(
    document: Document, making: Making, body: dict[str, Any] | None, *, window: str, actor: Actor, at: datetime
) -> None:
    making.body = bodies.check(body) if body else None
    begins = not window or making.saved_in != window
    making.saved_in, making.saved_by = window, f"{actor.person_name}, {actor.post_title}"[:200]
    making.revision += 1
    making.laid_out_file, making.laid_out_revision, making.fault = "", None, ""
    making.save()
    words = bodies.plain_text(making.body) if making.body else ""
    Document.objects.filter(pk=document.pk).update(search=index_words(document, words))
    if begins:
        journal.record(
            "document.revised", subject=("document", document.pk), actor=actor, at=at, revision=making.revision
        )


@transaction.atomic
def set_recipients(
    *,
    document_id: int,
    addressed: Sequence[Addressee],
    copied: Sequence[Addressee],
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Replace the recipients: agencies addressed ("Kính gửi") and agencies copied ("Nơi nhận"), in order.

    :raises NoSuchAgency: a unit is absent, closed or has no registry of its own; an outside agency is absent or closed
    :raises ToItself: the agency itself is among them
    """
    document = queries.lock(document_id)
    making = queries.making_of(document)
    refuse(policy.why_not_revise(actor, document, making))
    hold_open(document=document, actor=actor, at=at)
    document.parties = address(document, Addressees(tuple(addressed), tuple(copied)), today)
    document.changed_at = at
    document.save(update_fields=["parties", "changed_at"])
    making.laid_out_file, making.laid_out_revision = "", None
    making.revision += 1
    making.save(update_fields=["laid_out_file", "laid_out_revision", "revision"])
    recipients = document.recipients.count()
    journal.record("document.addressed", subject=("document", document.pk), actor=actor, at=at, recipients=recipients)
    return document


def find_names(addressees: Iterable[Addressee], today: date) -> dict[Addressee, str]:
    """Each by name, all of them open on that day. :raises NoSuchAgency: one is not, or there is none such"""
    units, strangers = apart(addressees)
    found = people.find_open_agencies(units, on=today)
    outside = correspondents.find_open(strangers) if strangers else {}
    missing = [unit_id for unit_id in units if unit_id not in found]
    gone = [each for each in strangers if each not in outside]
    if missing or gone:
        names = [*people.list_names(missing), *(row.name for row in correspondents.list_by_id(gone).values())]
        raise NoSuchAgency(names=", ".join(names) or str([*missing, *gone][0]))
    here: dict[Addressee, str] = {unit_id: found[unit_id].name for unit_id in units}
    return here | {Outside(each): outside[each].name for each in strangers}


def apart(addressees: Iterable[Addressee]) -> tuple[list[int], list[int]]:
    """The agencies of the node, and the ids of those outside it."""
    units, strangers = list[int](), list[int]()
    for each in addressees:
        if isinstance(each, Outside):
            strangers.append(each.correspondent_id)
        else:
            units.append(each)
    return units, strangers


def address(document: Document, addressees: Addressees, today: date) -> str:
    """Write the recipients anew where they differ, and return them in a line."""
    wanted = list(dict.fromkeys([*addressees.addressed, *addressees.copied]))
    if document.agency_id in wanted:
        raise ToItself()
    if len(wanted) > RECIPIENTS_MAX:
        raise TooManyRecipients(limit=RECIPIENTS_MAX)
    name_of = find_names(wanted, today)
    role: dict[Addressee, str] = dict.fromkeys(addressees.copied, Recipient.Role.COPIED)
    role |= dict.fromkeys(addressees.addressed, Recipient.Role.ADDRESSED)
    rows = [
        Recipient(
            document=document,
            agency_id=None if isinstance(each, Outside) else each,
            correspondent_id=each.correspondent_id if isinstance(each, Outside) else None,
            name=name_of[each],
            role=role[each],
            position=position,
        )
        for position, each in enumerate(wanted, 1)
    ]
    there = document.recipients.order_by("position").values_list("agency_id", "correspondent_id", "name", "role")
    if [(row.agency_id, row.correspondent_id, row.name, row.role) for row in rows] != list(there):
        document.recipients.all().delete()
        Recipient.objects.bulk_create(rows)
    return parties_line([row.name for row in rows])


def parties_line(names: list[str]) -> str:
    """Return the recipients in a line: two by name, the rest by count."""
    if len(names) <= 3:
        return ", ".join(names)[:300]
    return f"{', '.join(names[:2])} và {len(names) - 2} nơi khác"[:300]


@transaction.atomic
def add_attachment(
    *, document_id: int, name: str, file: str, size: int, media_type: str, actor: Actor, at: datetime
) -> Attachment:
    """Put a kept file with the draft, in a separate file of its own."""
    document = queries.lock(document_id)
    refuse(policy.why_not_revise(actor, document, queries.making_of(document)))
    hold_open(document=document, actor=actor, at=at)
    last = document.attachments.aggregate(last=Max("position"))["last"] or 0
    attachment = Attachment.objects.create(
        document=document,
        position=last + 1,
        name=clean(name)[:200] or "tep-dinh-kem",
        file=file,
        size=size,
        media_type=media_type,
    )
    document.attachment_count += 1
    document.changed_at = at
    document.save(update_fields=["attachment_count", "changed_at"])
    journal.record(
        "document.attached", subject=("document", document.pk), actor=actor, at=at, name=attachment.name, file=file
    )
    return attachment


@transaction.atomic
def remove_attachment(*, document_id: int, attachment_id: int, actor: Actor, at: datetime) -> Document:
    """Take a file off the draft; its bytes stay kept. :raises NotFound: it is not with this draft"""
    document = queries.lock(document_id)
    refuse(policy.why_not_revise(actor, document, queries.making_of(document)))
    hold_open(document=document, actor=actor, at=at)
    attachment = document.attachments.filter(pk=attachment_id).first()
    if attachment is None:
        raise NotFound()
    attachment.delete()
    document.attachment_count = document.attachments.count()
    document.changed_at = at
    document.save(update_fields=["attachment_count", "changed_at"])
    journal.record(
        "document.detached",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        name=attachment.name,
        file=attachment.file,
    )
    return document


def _refuse_secret_outside(document: Document) -> None:
    if not document.secrecy:
        return
    over_line = document.recipients.filter(correspondent__channel__in=(Channel.AXIS, Channel.GATEWAY))
    names = list(over_line.order_by("position").values_list("name", flat=True))
    if names:
        raise policy.SecretOverOpenLine(names=", ".join(names))


@transaction.atomic
def submit(*, document_id: int, actor: Actor, today: date, at: datetime) -> Document:
    """Hand the finished draft to the head of the drafting unit; a drafter without one above him hands it straight to the signer.

    :raises NoSigner: :raises NoText: :raises NoRecipient: something is missing
    :raises HeldByAnother: somebody else is writing it
    :raises SecretOverOpenLine: it has a degree of secrecy, and a recipient is reached over the axis
    :raises LevelBelowAnswered: the level of what it answers was raised meanwhile
    :raises Refusal: the signer's right has ended meanwhile
    """
    document = queries.lock(document_id)
    making = queries.making_of(document)
    refuse(policy.why_not_submit(actor, document, making, document.recipients.count()))
    let_go(document=document, actor=actor, at=at)
    refuse(policy.why_not_answer(document.secrecy, document.in_reply_to))
    _refuse_secret_outside(document)
    queries.right_to_sign(document, making.signer_post_id or 0, document.type_code, today)
    reviewer = people.find_reviewer(unit_id=making.unit_id, post_id=making.drafter_post_id, on=today)
    document.status = states.step("submit", document.status)
    _keep_version(document, making, actor, at)
    making.submitted_at, making.return_reason, making.returned_by = at, "", ""
    making.reviewer_post_id = reviewer.id if reviewer else None
    making.reviewer_name = f"{reviewer.title} {reviewer.person_name}" if reviewer else ""
    renew_initials(making, document, today)
    if reviewer is not None:
        document.next_act, document.next_holder = Act.REVIEW, f"P{reviewer.id}"
        show(
            document=document,
            holders={f"P{reviewer.id}": "reviewer", f"U{making.unit_id}": "unit"},
            actor=actor,
            at=at,
        )
    else:
        document.status = states.step("endorse", document.status)
        making.endorsed_at = at
        hand_to_signer(document, making, actor, at)
    document.changed_at = at
    document.save()
    making.save()
    journal.record(
        "document.submitted",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        to=making.reviewer_name or making.signer_name,
        revision=making.revision,
    )
    return document


@transaction.atomic
def keep_version(*, document: Document, actor: Actor, at: datetime) -> None:
    """Keep the draft as it stands while opinions are asked about it; the act that asks records it."""
    _keep_version(document, queries.making_of(document), actor, at)


def _keep_version(document: Document, making: Making, actor: Actor, at: datetime) -> None:
    """Keep the draft as it is handed on; the same revision handed on again, withdrawn in between, is the same version."""
    Version.objects.get_or_create(
        document=document,
        revision=making.revision,
        defaults={
            "facts": queries.facts_in_words(document, making),
            "body": making.body,
            "uploaded_file": making.uploaded_file,
            "author": f"{actor.person_name}, {actor.post_title}",
            "at": at,
        },
    )


def hand_to_signer(document: Document, making: Making, actor: Actor, at: datetime) -> None:
    """Set the first to sign as the next to act, let him see it, and promise to fix its page."""
    call_next(document, making, actor, at)
    if document.classified_id is not None:
        return  # only a reader can lay it out, in his own act
    outbox.promise(
        "lay_out", key=f"lay_out:{document.pk}:{making.revision}:{at.timestamp():.0f}", document_id=document.pk
    )


@transaction.atomic
def withdraw(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Take a submitted draft back before it is endorsed."""
    document = queries.lock(document_id)
    refuse(policy.why_not_withdraw(actor, document, queries.making_of(document)))
    document.status = states.step("withdraw", document.status)
    document.next_act, document.next_holder = Act.FINISH_DRAFT, f"P{actor.post_id}"
    document.changed_at = at
    document.save(update_fields=["status", "next_act", "next_holder", "changed_at"])
    journal.record("document.withdrawn", subject=("document", document.pk), actor=actor, at=at)
    return document


@transaction.atomic
def abandon(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Give a draft up. It stays readable; it was never numbered."""
    document = queries.lock(document_id)
    refuse(policy.why_not_abandon(actor, document, queries.making_of(document)))
    let_go(document=document, actor=actor, at=at)
    document.status = states.step("abandon", document.status)
    document.next_act, document.next_holder = Act.NONE, ""
    document.changed_at = at
    document.save(update_fields=["status", "next_act", "next_holder", "changed_at"])
    journal.record("document.abandoned", subject=("document", document.pk), actor=actor, at=at)
    return document
