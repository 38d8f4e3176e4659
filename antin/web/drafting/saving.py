"""One save of the form of a draft: what is right is written down, what is not is said at its field, and no text is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from antin.documents import policy, queries
from antin.documents.operations import EditedElsewhere, drafting, signatories
from antin.documents.states import ON_ITS_WAY
from antin.journeys import draft_document, draft_together, taking
from antin.journeys.draft_document import Save
from antin.journeys.taking import Taken
from antin.people import queries as people
from antin.people.policy import PostClosed, UnitClosed
from antin.refusal import NotAllowed, NotFound, Refusal, WrongState
from antin.typeset.body import BadBody
from antin.typeset.characters import CannotPrint
from antin.vault import policy as vault
from antin.web.drafting import recipient_lists
from antin.web.drafting.forms import DraftForm, LosesFormat
from antin.web.drafting.page import Page
from antin.web.refusals import OTHERWISE, status_of
from antin.web.uploads import Incoming
from antin.workdays.queries import OutsideCalendar

# The field a refusal speaks of; what is not here stands above the form.
FIELDS: dict[type[Refusal], str] = {
    drafting.SubjectMissing: "subject",
    drafting.SubjectTooLong: "subject",
    drafting.UnknownType: "type_code",
    drafting.ReplyTooEarly: "reply_by",
    OutsideCalendar: "reply_by",
    policy.ClassifiedElsewhere: "secrecy",
    policy.LevelByDecision: "secrecy",
    policy.LevelBelowAnswered: "secrecy",
    policy.HandedOnInClear: "secrecy",
    vault.NotCleared: "secrecy",
    vault.NoRecoveryKey: "secrecy",
    vault.NoEncryptionCertificate: "secrecy",
    drafting.NoSuchAgency: "addressed",
    drafting.ToItself: "addressed",
    drafting.TooManyRecipients: "addressed",
    policy.NoRecipient: "addressed",
    signatories.SignsTwice: "cosigners",
    signatories.TooManyCosigners: "cosigners",
    signatories.NobodySigns: "joint",
    signatories.NobodyInitials: "initials",
    signatories.NotOfTheAgency: "format_checker",
    BadBody: "body",
    CannotPrint: "body",
    LosesFormat: "body",
    policy.NoText: "body",
    policy.NoSigner: "signer",
    people.NotEntitledToSign: "signer",
    people.PostVacant: "signer",
    people.DelegationExpired: "signer",
    people.DelegationNotYetValid: "signer",
    people.DelegationRevoked: "signer",
    people.TypeNotCovered: "signer",
    people.RedelegationForbidden: "signer",
    people.NotHandedOn: "signer",
    PostClosed: "signer",
    UnitClosed: "signer",
}


@dataclass
class Outcome:
    """What became of a save. `document_id` is None when nothing could be begun; `revision` None when nothing was kept."""

    document_id: int | None
    revision: int | None = None
    conflict: Refusal | None = None
    copy_id: int | None = None
    status: int = 200
    files: list[tuple[str, Refusal]] = field(default_factory=list)
    sealed: bool = False
    attached: list[Taken] = field(default_factory=list)
    """Files that came with it to go with the draft, kept already: they stay with what is kept aside, too."""
    page_file: str = ""
    """The PDF or Word file that came with it, kept already: it stays with what is kept aside."""


def save(page: Page, act: str) -> Outcome:
    """Save what was sent. What is wrong is put on the form (`form.errors`) or on the page (`refused`, `conflict`)."""
    form, whole = page.form, page.whole
    outcome = Outcome(whole.document.pk if whole else None)
    form.is_valid()
    outcome.sealed = bool(form.cleaned_data.get("secrecy")) or bool(whole and whole.document.classified_id)
    if {"key", "revision"} & form.errors.keys():
        return _refuse(page, outcome, WrongState(state=""))
    try:
        body = form.text(_began_from(page))
    except Refusal as no:
        return _refuse(page, outcome, no)
    if form.errors:
        outcome.status = OTHERWISE
        return _keep_text(page, outcome, body)
    try:
        making = _write(page, act, body, outcome)
    except (EditedElsewhere, policy.HeldByAnother) as conflict:
        return _keep_aside(page, outcome, conflict, body)
    except WrongState as no:
        if page.whole is None or page.whole.document.status not in ON_ITS_WAY:
            return _refuse(page, outcome, no)
        return _keep_aside(page, outcome, no, body)
    except Refusal as no:
        _refuse(page, outcome, no)
        final = isinstance(no, NotAllowed | NotFound | WrongState | BadBody | CannotPrint)
        return outcome if final else _keep_text(page, outcome, body)
    outcome.document_id, outcome.revision = making.document_id, making.revision
    for name, fault in outcome.files:
        form.add_error(name, fault.message)
        outcome.status = OTHERWISE
    return outcome


def _began_from(page: Page) -> Any:
    """The text that the form was opened with: of a form that comes late not the one that is kept now."""
    form, whole = page.form, page.whole
    if whole is None or whole.making is None:
        return form.initial.get("body")
    revision = int(form.cleaned_data["revision"])
    if revision >= whole.making.revision or whole.document.classified_id is not None:
        return whole.making.body
    base = queries.find_base(whole.document, whole.making, revision)
    return base.body if base else whole.making.body


def _keep_aside(page: Page, outcome: Outcome, conflict: Refusal, body: dict[str, Any] | None) -> Outcome:
    """Keep what came late beside the draft, so that it can be merged. Of a classified draft it stays in the window alone."""
    outcome.conflict = page.conflict = conflict
    outcome.status = 409
    if page.whole is None or outcome.sealed:
        return outcome
    making = page.whole.making
    late = Save(
        facts=page.form.facts(making.copies if making else 1),
        body=body,
        uploaded_file=outcome.page_file or (making.uploaded_file if making else ""),
        addressees=page.form.addressees(lambda number: recipient_lists.held(page.actor, number, page.today)),
        revision=int(page.form.cleaned_data["revision"]),
        window=page.form.cleaned_data["key"],
        added=outcome.attached,
    )
    try:
        copy = draft_together.keep_late(document_id=page.whole.document.pk, save=late, actor=page.actor, at=page.at)
    except Refusal as no:
        page.refused.append(no)
    else:
        outcome.copy_id = page.copy_id = copy.pk
    return outcome


def refuse(page: Page, no: Refusal) -> int:
    """Put a refusal on the page, at the field it speaks of; return the status of the answer."""
    name = FIELDS.get(type(no))
    if name is None:
        page.refused.append(no)
    else:
        page.form.add_error(name, no.message)
    return status_of(no)


def _refuse(page: Page, outcome: Outcome, no: Refusal) -> Outcome:
    outcome.status = refuse(page, no)
    return outcome


def _write(page: Page, act: str, body: dict[str, Any] | None, outcome: Outcome) -> Any:
    form, making = page.form, page.whole.making if page.whole else None
    sealed = outcome.sealed
    pdf, added = _hold_files(page, outcome) if sealed else _take_files(form, outcome)
    outcome.page_file = pdf.digest if pdf and not sealed else ""
    outcome.attached = [] if sealed else list(added)
    if page.whole is not None and form.data.get("over") and not sealed:
        chosen = {"document_id": page.whole.document.pk, "window": form.cleaned_data["key"], "actor": page.actor}
        added = [*draft_together.list_attached(**chosen), *added]
    name, _colon, number = act.partition(":")
    uploaded = pdf.digest if pdf and not sealed else making.uploaded_file if making and name != "drop-pdf" else ""
    saved = Save(
        facts=form.facts(making.copies if making else 1),
        body=body,
        uploaded_file=uploaded,
        addressees=form.addressees(lambda number: recipient_lists.held(page.actor, number, page.today)),
        revision=_revision(form),
        window=form.cleaned_data["key"],
        added=added,
        uploaded=pdf if sealed else None,
        removed=[int(number)] if name == "remove" and number.isdecimal() else [],
    )
    if page.whole is None:
        return draft_document.begin(save=saved, actor=page.actor, today=page.today, at=page.at)
    made = draft_document.save(
        document_id=page.whole.document.pk, save=saved, actor=page.actor, today=page.today, at=page.at
    )
    if form.data.get("over"):
        draft_together.settle_late(document_id=made.document_id, window=saved.window, actor=page.actor, at=page.at)
    return made


def _revision(form: DraftForm) -> int:
    """The revision the drafter was editing; or the one he has seen and chose to overwrite."""
    over = str(form.data.get("over", ""))
    return int(over) if over.isdecimal() else int(form.cleaned_data["revision"])


def _keep_text(page: Page, outcome: Outcome, body: dict[str, Any] | None) -> Outcome:
    """Keep the text although the facts were refused; of a draft that is not begun yet there is nothing to keep it with."""
    if page.whole is None:
        return outcome
    try:
        making = draft_document.keep_text(
            document_id=page.whole.document.pk,
            body=body,
            revision=_revision(page.form),
            window=page.form.cleaned_data["key"],
            actor=page.actor,
            at=page.at,
        )
    except (EditedElsewhere, policy.HeldByAnother) as conflict:
        outcome.conflict = page.conflict = conflict
        outcome.status = 409
    except Refusal as no:
        _refuse(page, outcome, no)
    else:
        outcome.revision = making.revision
    return outcome


def _take_files(form: DraftForm, outcome: Outcome) -> tuple[Taken | None, list[Taken]]:
    """Keep the files that came; each that cannot be taken is told by name and holds up none of the others."""
    at = timezone.now()
    takes = {"pdf": taking.take_text, "attachments": taking.take_attachment}
    taken: dict[str, list[Taken]] = {"pdf": [], "attachments": []}
    for name, take in takes.items():
        for sent in form.files_sent(name):
            assert isinstance(sent, Incoming)
            try:
                taken[name].append(take(sent.content(), name=sent.name or "", at=at))
            except Refusal as no:
                outcome.files.append((name, FileRefused(name=sent.name, words=no.message)))
    return next(iter(taken["pdf"]), None), taken["attachments"]


def _hold_files(page: Page, outcome: Outcome) -> tuple[Taken | None, list[Taken]]:
    """The files that came with a classified draft, held in memory until they are sealed.

    Only from the address that is read without a disk (`uploads`): with the save that first makes it classified none are taken.
    """
    takes = {"pdf": taking.hold_text, "attachments": taking.hold_attachment}
    held: dict[str, list[Taken]] = {"pdf": [], "attachments": []}
    for name, take in takes.items():
        for sent in page.form.files_sent(name):
            assert isinstance(sent, Incoming)
            try:
                if not page.read_in_memory:
                    raise SaveFirst
                held[name].append(take(sent.content(), name=sent.name or ""))
            except Refusal as no:
                outcome.files.append((name, FileRefused(name=sent.name, words=no.message)))
    return next(iter(held["pdf"]), None), held["attachments"]


class SaveFirst(Refusal):
    code = "save_first"
    words = _("lưu dự thảo mật trước, mở lại rồi thêm tệp.")


class FileRefused(Refusal):
    """A file that was not taken, by name."""

    code = "file_refused"
    words = "%(name)s: %(words)s"


def again(page: Page, outcome: Outcome) -> Page:
    """The page after a save that was not whole: what is kept now, with what was typed still in its fields."""
    if outcome.document_id is not None and outcome.revision is not None:
        page.whole = queries.get_whole(page.actor, outcome.document_id)
        sent = cast(QueryDict, page.form.data).copy()
        sent["revision"] = str(outcome.revision)
        page.form.data = sent
    return page
