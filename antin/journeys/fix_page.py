"""Beat 1: fix the page. An endorsed draft becomes a PDF/A with named, still empty places for number, date and signatures."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop as _

from antin.decree30 import report
from antin.decree30.report import Report
from antin.documents import forms, policy, queries, type_texts
from antin.documents import operations as documents
from antin.documents.forms import Pattern
from antin.documents.queries import Plan
from antin.documents.states import CIRCULATION_NOTES, Circulation, Part
from antin.documents.types import ALL_TYPES, Family, family_of, notation
from antin.files import operations as files
from antin.files import queries as kept
from antin.journeys import telling
from antin.people import queries as people
from antin.people.states import BodyKind
from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.typeset import body as bodies
from antin.typeset import found, letter
from antin.typeset.letter import Cosigner, Facts, Numbering
from antin.typeset.template import docx_of
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document, FormVersion, TypeText
    from antin.people.models import Body

URGENCY_STAMPS = {0: "", 1: "KHẨN", 2: "THƯỢNG KHẨN", 3: "HỎA TỐC"}


NUMBERING = {
    Family.ADMINISTRATIVE: Numbering.PLAIN,
    Family.NORMATIVE: Numbering.WITH_YEAR,
    Family.PARTY: Numbering.PARTY,
    Family.SPECIALISED: Numbering.PLAIN,
}


class SignedAlready(Refusal):
    code = "signed_already"
    words = _("Tệp PDF tải lên đã có chữ ký số; tải bản chưa ký, chữ ký được đặt trong hệ thống.")


def facts_of(plan: Plan, at: datetime) -> Facts:
    """Return what stands on the page: every box of Decree 30, Appendix I, from what the rooms know."""
    document, making = plan.document, plan.making
    kind = ALL_TYPES[document.type_code]
    addressed = [recipient.name for recipient in plan.recipients if recipient.role == "addressed"]
    copied = [recipient.name for recipient in plan.recipients if recipient.role == "copied"]
    unit_mark = "" if making.unit_id == document.agency_id else f", {plan.unit.abbreviation}"
    body = people.get_body(document.body_id) if document.body_id else None
    filled = queries.find_filled(document)
    is_addressed = filled.version.addressed if filled else kind.addressed
    lines = ["Như trên", *copied] if is_addressed and addressed else [*addressed, *copied]
    parts = {row.part for row in plan.signatories}
    cosigners = [row for row in plan.signatories if row.part == Part.COSIGNER]
    joint = [row.agency_name for row in cosigners if row.agency_id != document.agency_id]
    return Facts(
        form=kind.form,
        type_code=document.type_code,
        type_name=filled.version.form.name if filled else kind.name,
        issuer_name=document.issuer_name if body else plan.agency.name,
        joint_issuers=tuple(dict.fromkeys(joint)),
        parent_name=_parent(plan, body),
        made_at=at,
        place=plan.agency.place_name,
        body=making.body or {"type": "doc", "content": []},
        notation=document.notation,
        numbering=numbering_of(document),
        subject=document.subject,
        enactor=_enactor(plan, body, at),
        addressees=tuple(addressed) if is_addressed else (),
        recipients=(*lines, _archive(body, unit_mark)),
        authority=_authority(making.authority_lines, plan.agency.name if joint else ""),
        signer_name=making.signer_name,
        cosigners=tuple(
            Cosigner(_authority(row.authority_lines, row.agency_name if joint else ""), row.name, row.seals)
            for row in cosigners
        ),
        initials=Part.INITIALS in parts,
        format_check=Part.FORMAT in parts,
        urgency=URGENCY_STAMPS[document.urgency],
        circulation=CIRCULATION_NOTES[Circulation(document.circulation)],
        address_line=plan.agency.address if document.type_code == "CV" else "",
    )


def numbering_of(document: Document) -> Numbering:
    """How number and notation stand on the page of a document: by its family, or by the form it is."""
    filled = queries.find_filled(document)
    if filled is not None:
        return _OF_FORM.get(Pattern(filled.version.form.pattern), Numbering.PLAIN)
    return NUMBERING[family_of(document.type_code)]


_OF_FORM = {Pattern.WITH_YEAR: Numbering.WITH_YEAR}


def preview_form(version: FormVersion, at: datetime) -> bytes:
    """Return a form as it would be printed, each field saying its own name. :raises Refusal: it cannot be laid out, and why"""
    form = version.form
    agency = people.get_agency(form.agency_id)
    fields = forms.read_fields(version.fields)
    marks = (agency.abbreviation, "…") if form.pattern == Pattern.LETTER else (form.mark, agency.abbreviation)
    return letter.lay_out(
        Facts(
            form="named",
            type_code="CN",
            type_name=form.name,
            issuer_name=agency.name,
            parent_name=agency.parent.name if agency.parent else agency.parent_name,
            place=agency.place_name,
            body=forms.merge(version.template, fields, forms.sample(fields)),
            made_at=at,
            notation="-".join(marks),
            numbering=_OF_FORM.get(Pattern(form.pattern), Numbering.PLAIN),
            subject="…",
            addressees=("…",) if version.addressed else (),
            recipients=("…", "Lưu: VT"),
            authority=("…",),
            signer_name="…",
        )
    ).pdf


def preview_type_text(text: TypeText, at: datetime) -> bytes:
    """Return what drafts of a type begin with as a page, each fact saying its own name. :raises Refusal: it cannot be laid out"""
    agency, kind = people.get_agency(text.agency_id), ALL_TYPES[text.type_code]
    to, copies = queries.names_begun_with(text)
    body = type_texts.begin(text.template, type_texts.sample()) if text.template else bodies.EMPTY
    return letter.lay_out(
        Facts(
            form=kind.form,
            type_code=kind.code,
            type_name=kind.name,
            issuer_name=agency.name,
            parent_name=agency.parent.name if agency.parent else agency.parent_name,
            place=agency.place_name,
            body=body,
            made_at=at,
            notation=notation(kind.code, agency.abbreviation, "…"),
            numbering=NUMBERING[kind.family],
            subject="…",
            enactor="…",
            addressees=tuple(to or ("…",)) if kind.addressed else (),
            recipients=(*(("Như trên",) if kind.addressed else to), *copies, "Lưu: VT"),
            authority=("…",),
            signer_name="…",
        )
    ).pdf


def _parent(plan: Plan, body: Body | None) -> str:
    """The line over the issuer: of a council its agency, of a Party organ the one above it."""
    if body is not None:
        return body.parent_name or ("" if body.kind == BodyKind.PARTY else plan.agency.name)
    return plan.agency.parent.name if plan.agency.parent else plan.agency.parent_name


def _enactor(plan: Plan, body: Body | None, at: datetime) -> str:
    """Who resolves or decides."""
    today = workdays.local_date(at)
    if body is None:
        head = people.find_head_post(plan.document.agency_id, today)
        return plan.agency.collective or f"{head.title if head else ''} {plan.agency.name}".strip()
    rights = people.list_body_rights(body_id=body.pk, on=today) if not body.collective else []
    return body.collective or " ".join([*(rights[0].lines[-1:] if rights else ()), body.name])


def _archive(body: Body | None, unit_mark: str) -> str:
    """The archive's line among the recipients."""
    if body is not None and body.kind == BodyKind.PARTY:
        return f"Lưu {body.office.name}" if body.office else f"Lưu {body.name}"
    return f"Lưu: VT{f', {body.abbreviation}' if body else unit_mark}"


def _authority(lines: list[str], agency: str) -> tuple[str, ...]:
    """Box 7a; where several agencies issue the document, with the name of the agency after whose office it names.

    Law: Decree 30/2020, Appendix I, II.7.
    """
    if not agency or agency.upper() in " ".join(lines):
        return tuple(lines)
    return (*lines[:1], agency.upper(), *lines[1:])


def hands_of(plan: Plan) -> dict[str, Any]:
    """Whose places are looked for on a page that was laid out elsewhere, besides the signer's."""
    parts = {row.part for row in plan.signatories}
    return {
        "signer_name": plan.making.signer_name,
        "cosigners": tuple(row.name for row in plan.signatories if row.part == Part.COSIGNER),
        "seals": frozenset(row.turn for row in plan.signatories if row.seals),
        "initials": Part.INITIALS in parts,
        "format_check": Part.FORMAT in parts,
        "with_year": numbering_of(plan.document) == Numbering.WITH_YEAR,
    }


def preview(plan: Plan, at: datetime) -> bytes:
    """Return the page as it would be fixed now, for the drafter to look at. :raises Refusal: it cannot be laid out, and why"""
    if plan.making.uploaded_file:
        return kept.read(plan.making.uploaded_file)
    return letter.lay_out(facts_of(plan, at)).pdf


def template(plan: Plan, at: datetime) -> bytes:
    """Return the draft as DOCX, to be edited in Word. :raises Refusal: it cannot be written down, and why"""
    return docx_of(facts_of(plan, at))


def check(pdf: bytes) -> Report:
    """Return what Decree 30 says of the page, laid out here or elsewhere. Slow: the file is opened in a process of its own."""
    return report.of(pdf)


def why_not_places(plan: Plan, pdf: bytes) -> Refusal | None:
    """Why number, date and signatures would find no place on a PDF that was laid out elsewhere; None for our own."""
    if not plan.making.uploaded_file:
        return None
    try:
        found.find_places(pdf, **hands_of(plan))
    except Refusal as no:
        return no
    return None


def fix_page(*, document_id: int, at: datetime) -> None:
    """Lay the endorsed document out and prepare it for number, date and signatures. Repeating it changes nothing.

    What cannot be laid out is told to the drafter in words, on the document.
    """
    plan = queries.find_plan_to_fix(document_id)
    if plan is None:
        return
    revision = plan.making.revision
    try:
        if plan.making.uploaded_file:
            content = kept.read(plan.making.uploaded_file)
            seen = kept.inspect_pdf(content)
            if seen.signatures:
                raise SignedAlready()
            pages = seen.pages
            places = found.find_places(content, **hands_of(plan))
        else:
            layout = letter.lay_out(facts_of(plan, at))
            content, places, pages = layout.pdf, layout.places, layout.pages
        prepared = signing.prepare(content, places, in_order=plan.making.in_order)
    except Refusal as no:
        documents.keep_fault(document_id=document_id, revision=revision, words=no.message, actor=None, at=at)
        telling.tell(
            "document.not_laid_out",
            [f"P{plan.making.drafter_post_id}"],
            document_id,
            actor=None,
            at=at,
            subject=plan.document.subject,
            words=no.message,
        )
        return
    file = files.keep(prepared, at=at)
    documents.keep_laid_out(
        document_id=document_id, revision=revision, file=file.digest, pages=pages, actor=None, at=at
    )
    telling.tell(
        "document.to_sign",
        [f"P{each.post_id}" for each in policy.list_due(plan.signatories, in_order=plan.making.in_order)],
        document_id,
        actor=None,
        at=at,
        subject=plan.document.subject,
        by=plan.making.drafter_name,
    )
