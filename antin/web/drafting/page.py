"""What the page of a draft shows: its form, and the parts that are drawn anew after each save."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antin.correspondents import queries as correspondents
from antin.documents import forms, policy, queries
from antin.documents.queries import Filters, Whole
from antin.documents.types import ALL_TYPES, DRAFTED, Family, family_of
from antin.journeys import draft_document
from antin.journeys.sealing import Said
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.queries import PostRow, SigningRight
from antin.people.states import BodyKind, Role
from antin.refusal import NotFound, Refusal
from antin.typeset import body as bodies
from antin.web.addressees import outside, outside_value, value_of
from antin.web.drafting import plain, recipient_lists, urging
from antin.web.drafting.changes import since_handed_on
from antin.web.drafting.forms import DraftForm, type_choices
from antin.web.trees import Branch
from antin.web.uploads import SEALED
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document, Filled, Recipient
    from antin.people.models import Body

PARTS = ("title", "alerts", "signer", "reply", "files", "changes", "acts")
FOUND = 8
DEFAULT_TYPE = "CV"


@dataclass
class Page:
    """One showing of a draft's page. `whole` is None until the draft is begun."""

    actor: Actor
    at: datetime
    form: DraftForm
    rights: list[SigningRight]
    whole: Whole | None = None
    target: Any = None
    refused: list[Refusal] = field(default_factory=list)
    conflict: policy.Refusal | None = None
    copy_id: int | None = None  # of what was sent, when it came too late
    found: list[Any] | None = None
    words: str = ""
    show_pages: bool = False
    said: list[Said] = field(default_factory=list)
    read_in_memory: bool = False

    @property
    def today(self) -> date:
        return workdays.local_date(self.at)

    @property
    def address(self) -> str:
        """Where the form is sent."""
        if self.whole is None:
            return reverse("draft-new")
        return address_of(self.whole.document.pk) + (SEALED if self.is_sealed else "")

    @property
    def is_sealed(self) -> bool:
        """Whether the draft is classified."""
        return self.whole is not None and self.whole.document.classified_id is not None

    def missing(self) -> list[tuple[str, Any, str]]:
        """What is still lacking before it can be handed on: the field, its name in a sentence, and the reason in words."""
        if self.whole is None or self.whole.making is None:
            return [("subject", _("trích yếu"), _("Dự thảo được lưu khi có trích yếu."))]
        lacks = policy.list_missing(self.whole.making, len(self.whole.recipients))
        return [(*LACKING[type(each)], each.message) for each in lacks]

    def told(self) -> dict[str, Any]:
        """The words of the templates."""
        making = self.whole.making if self.whole else None
        chosen = self.form["signer"].value()
        filled = queries.find_filled(self.whole.document) if self.whole else None
        return {
            "page": self,
            "form": self.form,
            "document": self.whole.document if self.whole else None,
            "making": making,
            "whole": self.whole,
            "rights": self.rights,
            "chosen": str(chosen) if chosen else "",
            "beside": [(right, str(right.post_id) in self._beside()) for right in self.rights],
            "several": bool(making and making.hands),
            "unentitled": self._unentitled(str(chosen) if chosen else ""),
            "missing": self.missing(),
            "preview": self._preview(),
            "sealed": self.is_sealed,
            "filled": filled,
            "filled_rows": _filled_rows(filled),
            "fillable": self.whole is None and bool(queries.list_to_fill(self.actor.agency_id)),
            "in_the_name_of": len(self.form.fields["issuer"].choices) > 1,  # type: ignore[attr-defined]
            "normative": self.whole is not None and family_of(self.whole.document.type_code) == Family.NORMATIVE,
            "warning": self._warning(),
            "body": self._body(),
            "text": self._text(),
            "body_error": " ".join(map(str, self.form.errors.get("body", ()))) if self.form.is_bound else "",
            "path": self._path(),
            "changes": since_handed_on(self.whole) if self.whole and making and making.return_reason else None,
            "attachments": [(each, f"remove:{each.pk}") for each in self.whole.attachments] if self.whole else [],
            "is_plain": plain.is_plain(making.body if making else None),
            "today": self.today,
            "hold": self._hold(),
            "writes_along": bool(making and making.drafter_post_id != self.actor.post_id),
        }

    def _hold(self) -> Any:
        """Who has the draft checked out, when that is the one who looks at it."""
        hold = queries.find_hold(self.whole.document.pk) if self.whole else None
        return hold if hold is not None and hold.person_id == self.actor.person_id else None

    def _beside(self) -> set[str]:
        """The posts of the agency that sign beside the signer."""
        return {str(each) for each in self.form["cosigners"].value() or ()}

    def _preview(self) -> str | bool:
        """Where the pages are had without leaving the form; nowhere of a classified draft, whose pages take the PIN."""
        if self.whole is None:
            return True
        return "" if self.is_sealed else reverse("draft-preview", args=[self.whole.document.pk])

    def _path(self) -> str:
        """Through whose hands it goes."""
        making = self.whole.making if self.whole else None
        if making is None:
            return ""
        return _("%(reviewer)s duyệt, rồi %(signer)s ký.") % {
            "reviewer": making.reviewer_name,
            "signer": making.signer_name,
        }

    def _unentitled(self, chosen: str) -> str:
        """Why the chosen signer may not sign, when he may not."""
        if not chosen or any(str(right.post_id) == chosen for right in self.rights):
            return ""
        code = self.form["type_code"].value()
        agency_id = self.whole.document.agency_id if self.whole else self.actor.agency_id
        try:
            body_id = self.form["issuer"].value()
            if body_id:
                people.get_body_right(body_id=int(body_id), post_id=int(chosen), on=self.today)
            else:
                people.get_signing_right(agency_id=agency_id, post_id=int(chosen), type_code=code, on=self.today)
        except Refusal as no:
            return no.message
        return ""

    def _warning(self) -> str:
        """What is to be known about the reply-by date: a free day, in words."""
        given = self.form["reply_by"].value()
        try:
            day = given if isinstance(given, date) else self.form.fields["reply_by"].clean(given)
            return workdays.snap(day).words if day else ""
        except (ValidationError, Refusal):
            return ""  # the field itself says what is wrong with the date

    def _body(self) -> str:
        """The body for the editor, as JSON."""
        written = self.form["body"].value() or ""
        if isinstance(written, str) and written.lstrip().startswith("{"):
            return written
        return json.dumps(written, ensure_ascii=False) if isinstance(written, dict) else ""

    def _text(self) -> str:
        """The body for a browser without the editor."""
        written = self.form["body"].value() or ""
        if isinstance(written, dict):
            return plain.text_of(written)
        if not written.lstrip().startswith("{"):
            return str(written)
        try:
            return plain.text_of(bodies.read(written))
        except Refusal:
            return str(written)

    def parts(self, request: HttpRequest) -> dict[str, str]:
        """The parts of the page that change with what is saved, drawn anew."""
        told = self.told()
        return {f"part-{name}": render_to_string(f"drafting/_{name}.html", told, request) for name in PARTS}


def _filled_rows(filled: Filled | None) -> list[tuple[str, str]]:
    """What was filled into the form that the draft is, in words."""
    fields = forms.read_fields(filled.version.fields) if filled else []
    return [(field.label, forms.in_words(field, filled.values.get(field.label))) for field in fields] if filled else []


LACKING: dict[type[Refusal], tuple[str, Any]] = {
    policy.NoSigner: ("signer", gettext_lazy("người ký")),
    policy.NoText: ("body", gettext_lazy("nội dung")),
    policy.NoRecipient: ("addressed", gettext_lazy("nơi nhận")),
}


def address_of(document_id: int) -> str:
    return reverse("draft-edit", args=[document_id])


def fresh_key() -> str:
    """A name for a window, so that its form begins one draft and its own saves follow one another."""
    return get_random_string(32)


def units(actor: Actor, whole: Whole | None, on: date, chosen: Sequence[str] = ()) -> list[Branch]:
    """The agencies as a tree; the actor's own stands there for its branch, but is not to be chosen."""
    rows = people.list_tree(on=on, agencies_only=True)
    shown = {row.id for row in rows}
    branches = [
        Branch(
            str(row.id),
            row.name,
            parent=str(row.parent_id) if row.parent_id in shown else "",
            code=row.code,
            closed=row.id == (whole.document.agency_id if whole else actor.agency_id),
        )
        for row in rows
    ]
    inside = [each for each in (whole.recipients if whole else []) if each.agency_id is not None]
    gone = [Branch(str(each.agency_id), each.name, note=_("đã đóng")) for each in inside if each.agency_id not in shown]
    strangers = outside([*chosen, *(_recipient(each) for each in (whole.recipients if whole else []))])
    return [*recipient_lists.branches(actor), *branches, *gone, *strangers]


def others(rows: list[PostRow], rights: list[SigningRight]) -> list[tuple[str, str]]:
    """Leaders of the agency without a right to sign this type: they may be asked for, and are refused with the reason."""
    entitled = {right.post_id for right in rights}
    return [_post(row) for row in rows if row.role != Role.CLERK and row.id not in entitled]


def checkers(rows: list[PostRow]) -> list[tuple[str, str]]:
    """Who may be asked to check the form: leaders of parts of the agency, and its clerks."""
    return [_post(row) for row in rows if row.person_id is not None]


def _post(row: PostRow) -> tuple[str, str]:
    return str(row.id), f"{row.title} {row.person_name}".strip()


def make_form(
    request: HttpRequest | None, actor: Actor, on: date, whole: Whole | None, initial: dict[str, Any]
) -> tuple[DraftForm, list[SigningRight]]:
    """The form as it was sent, or as it begins; and who may sign what it is about."""
    sent: QueryDict | None = request.POST if request is not None and request.method == "POST" else None
    type_code = (sent or initial).get("type_code") or DEFAULT_TYPE
    agency_id, unit_id = actor.agency_id, actor.unit_id
    if whole is not None and whole.making is not None:  # whoever writes it, it is of the unit that began it
        agency_id, unit_id = whole.document.agency_id, whole.making.unit_id
    bodies = people.list_bodies_of(actor, on)
    if whole is not None and whole.document.body_id and all(each.pk != whole.document.body_id for each in bodies):
        bodies.append(people.get_body(whole.document.body_id))
    party = [each for each in bodies if each.kind == BodyKind.PARTY]
    if sent is not None and not sent.get("issuer") and len(party) == 1 and family_of(str(type_code)) == Family.PARTY:
        completed = sent.copy()
        completed["issuer"] = str(party[0].pk)
        sent = completed
    issuer = _issuer(bodies, (sent or initial).get("issuer"))
    if issuer is None:
        rights = people.list_signing_rights(agency_id=agency_id, type_code=str(type_code), on=on)
    else:
        rights = people.list_body_rights(body_id=issuer.pk, on=on)
    agency, unit = people.get_unit(agency_id), people.get_unit(unit_id)
    rows = people.list_posts(agency_id, on, roles=(Role.HEAD, Role.DEPUTY, Role.CLERK))
    drafted = queries.list_drafted(agency_id, on, bodies)
    if whole is not None:
        drafted.setdefault(whole.document.type_code, ALL_TYPES[whole.document.type_code])
    form = DraftForm(
        sent,
        request.FILES if request is not None and sent is not None else None,
        initial=initial,
        types=_of_its_form(whole.document)
        if whole is not None and family_of(whole.document.type_code) == Family.SPECIALISED
        else type_choices(
            drafted,
            agency.abbreviation,
            "" if unit.is_agency else unit.abbreviation,
            party[0].abbreviation if party else "",
        ),
        issuers=[("", agency.name), *((str(each.pk), each.name) for each in bodies)],
        rights=rights,
        others=others(rows, rights),
        checkers=checkers(rows),
        units=units(actor, whole, on, _chosen(sent, initial)),
        level=whole.document.secrecy if whole and whole.document.classified_id is not None else None,
    )
    return form, rights


def _of_its_form(document: Document) -> list[tuple[str, str]]:
    """The one type a filled-in form has, by the name and the notation of the form: it is never made into another."""
    filled = queries.find_filled(document)
    name = filled.version.form.name if filled else ALL_TYPES[document.type_code].name
    return [(document.type_code, f"{name} (…/{document.notation})")]


def _issuer(bodies: Sequence[Body], chosen: Any) -> Body | None:
    """The body that is chosen to issue in its name."""
    return next((each for each in bodies if str(each.pk) == str(chosen or "")), None)


def _chosen(sent: Any, initial: dict[str, Any]) -> list[str]:
    """The recipients that are chosen now, by what was sent or by how the form begins."""
    names = ("addressed", "copied")
    return [value for name in names for value in (sent.getlist(name) if sent is not None else initial.get(name, ()))]


def _recipient(each: Recipient) -> str:
    return str(each.agency_id) if each.correspondent_id is None else outside_value(each.correspondent_id)


def initial_of(whole: Whole) -> dict[str, Any]:
    """The form of a draft as it was last saved."""
    document, making = whole.document, whole.making
    assert making is not None
    hands = queries.hands_of(document, making, whole.signatories)
    return {
        "key": fresh_key(),
        "revision": making.revision,
        "type_code": document.type_code,
        "issuer": document.body_id,
        "subject": document.subject,
        "urgency": document.urgency,
        "secrecy": document.secrecy,
        "circulation": document.circulation,
        "reply_by": document.reply_by,
        "in_reply_to": document.in_reply_to_id,
        "signer": making.signer_post_id,
        "cosigners": [str(each) for each in hands.cosigner_post_ids],
        "joint": [str(each) for each in hands.joint_agency_ids],
        "in_order": hands.in_order,
        "initials": hands.initials,
        "format_checker": hands.format_post_id,
        "addressed": [_recipient(each) for each in whole.recipients if each.role == "addressed"],
        "copied": [_recipient(each) for each in whole.recipients if each.role == "copied"],
        "body": making.body,
    }


def initial_of_new(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """The form of a draft not begun: `?type=`, `?reply_to=` and `?urge=` of the address decide how it begins."""
    type_code = request.GET.get("type", "")
    type_code = type_code if type_code in DRAFTED else DEFAULT_TYPE
    begun: dict[str, Any] = {
        "key": fresh_key(),
        "revision": 1,
        "type_code": type_code,
        "urgency": 0,
        "secrecy": 0,
    }
    at = timezone.now()
    target = find_target(actor, request.GET.get("reply_to"))
    told = draft_document.beginning_of(type_code=type_code, answered=target, actor=actor, at=at)
    begun["body"] = told.body
    begun["addressed"], begun["copied"] = list(map(value_of, told.addressed)), list(map(value_of, told.copied))
    if request.GET.get("urge"):
        return begun | urging.begin(actor, request.GET["urge"], at)
    if target is not None:
        sender = people.find_agency_by_code(target.issuer_code)
        begun["in_reply_to"] = target.pk
        begun["secrecy"] = target.secrecy
        if sender and sender.pk != actor.agency_id:
            begun["addressed"] = [str(sender.pk), *(each for each in begun["addressed"] if each != str(sender.pk))]
        stranger = None if sender else correspondents.find_by_code(target.issuer_code)
        if stranger is not None and stranger.closed_at is None:
            begun["addressed"] = [outside_value(stranger.pk), *begun["addressed"]]
    begun["copied"] = [each for each in begun["copied"] if each not in begun["addressed"]]
    return begun


def find_target(actor: Actor, asked: Any) -> Any:
    """The incoming document that is answered, None when none is named. :raises NotFound: it is not the actor's to see"""
    if asked in (None, ""):
        return None
    if not str(asked).isdecimal():
        raise NotFound()
    target = queries.get_for(actor, int(asked))
    if target.direction != "in":
        raise NotFound()
    return target


def target_of(actor: Actor, whole: Whole | None, asked: Any) -> Any:
    """The document that a draft answers: none is shown to who writes it with its drafter and may not see that one."""
    if (
        whole is not None
        and whole.document.in_reply_to_id is not None
        and str(asked) == str(whole.document.in_reply_to_id)
    ):
        return queries.find_answered(actor, whole.document)
    return find_target(actor, asked)


def search_targets(actor: Actor, words: str) -> list[Any]:
    """Incoming documents of the actor whose words answer."""
    if not words.strip():
        return []
    return queries.list_documents(actor=actor, box="in", filters=Filters(words=words[:200]), limit=FOUND).rows
