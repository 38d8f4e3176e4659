"""Specialised forms: made, written, published by an administrator; filled in by who drafts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import forms, policy, queries
from antin.documents.forms import Kind, Pattern
from antin.documents.models import Document, Filled, FormVersion, Making, PaperForm
from antin.documents.operations.drafting import DraftFacts, EditedElsewhere, create_draft, find_begun, index_words
from antin.documents.operations.holding import hold_open, keep_edition
from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.typeset import body as bodies


class FormNeedsName(Refusal):
    code = "form_needs_name"
    words = _("Mẫu phải có tên; ký hiệu chỉ gồm chữ và số, và phải có nếu số có ký hiệu loại.")


class FormNameTaken(Refusal):
    code = "form_name_taken"
    words = _("Cơ quan đã có mẫu %(name)s.")


class NothingToPublish(Refusal):
    code = "form_nothing_to_publish"
    words = _("Mẫu không có bản nào đang soạn.")


class NotPublished(Refusal):
    code = "form_not_published"
    words = _("Mẫu %(name)s chưa ban hành hoặc đã thôi dùng.")


@transaction.atomic
def make_form(*, agency_id: int, name: str, mark: str, pattern: str, actor: Actor | None, at: datetime) -> PaperForm:
    """Begin a form of an agency. :raises NotAllowed: :raises FormNeedsName: :raises FormNameTaken:"""
    refuse(policy.why_not_mandate(actor))
    called, letters = clean_line(name)[:200], clean_line(mark)[:20]
    if not called or (letters and not letters.isalnum()) or (not letters and pattern != Pattern.LETTER):
        raise FormNeedsName()
    if PaperForm.objects.filter(agency_id=agency_id, name=called, closed_at=None).exists():
        raise FormNameTaken(name=called)
    form = PaperForm.objects.create(
        agency_id=agency_id, name=called, mark=letters, pattern=Pattern(pattern), made_at=at
    )
    _record("form.made", form, actor, at, mark=letters, pattern=form.pattern)
    return form


def _record(event: str, form: PaperForm, actor: Actor | None, at: datetime, **facts: Any) -> None:
    told = {"form": form.pk, "name": form.name, **facts}
    journal.record(event, subject=("unit", form.agency_id), actor=actor, at=at, agency_id=form.agency_id, **told)


@transaction.atomic
def write_form(
    *,
    form_id: int,
    fields: Iterable[Mapping[str, Any]],
    template: object,
    addressed: bool,
    actor: Actor | None,
    at: datetime,
) -> FormVersion:
    """Write the version that is not published yet, a new one where all are.

    :raises NotAllowed: :raises NotFound: none, or closed :raises BadField: :raises BadTemplate: :raises BadBody:
    """
    refuse(policy.why_not_mandate(actor))
    form = queries.lock_form(form_id)
    told = forms.read_fields(fields)
    checked = forms.check_template(template, told)
    version = FormVersion.objects.filter(form=form, published_at=None).first()
    if version is None:
        version = FormVersion(form=form, number=FormVersion.objects.filter(form=form).count() + 1)
    version.fields, version.template, version.addressed = [each.as_json() for each in told], checked, addressed
    version.changed_by = f"{actor.person_name}, {actor.post_title}"[:200] if actor else ""
    version.changed_at = at
    version.save()
    _record("form.written", form, actor, at, version=version.number)
    return version


@transaction.atomic
def publish_form(*, form_id: int, actor: Actor | None, at: datetime) -> FormVersion:
    """Let the written version be filled in from now on. :raises NotAllowed: :raises NotFound: :raises NothingToPublish:"""
    refuse(policy.why_not_mandate(actor))
    form = queries.lock_form(form_id)
    version = FormVersion.objects.filter(form=form, published_at=None).first()
    if version is None:
        raise NothingToPublish()
    version.published_at = at
    version.save(update_fields=["published_at"])
    _record("form.published", form, actor, at, version=version.number)
    return version


@transaction.atomic
def close_form(*, form_id: int, actor: Actor | None, at: datetime) -> PaperForm:
    """Let nobody fill it in any more; drafts go on. :raises NotAllowed: :raises NotFound: none, or closed"""
    refuse(policy.why_not_mandate(actor))
    form = queries.lock_form(form_id)
    form.closed_at = at
    form.save(update_fields=["closed_at"])
    _record("form.closed", form, actor, at)
    return form


@transaction.atomic
def begin_filled(
    *,
    form_id: int,
    subject: str,
    values: Mapping[str, Any],
    key: str = "",
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Begin a document by filling in a form of the actor's agency; the same page sent again (`key`) gives the same one.

    :raises NotFound: :raises NotPublished: :raises NotFilled: :raises Refusal: as create_draft
    """
    begun = find_begun(key=key, actor=actor)
    if begun is not None:
        return begun
    form = queries.get_form(form_id)
    if form.agency_id != actor.agency_id:
        raise NotFound()
    version = queries.find_published(form)
    if version is None:
        raise NotPublished(name=form.name)
    kept = _values(version, values, actor.agency_id, today)
    document = create_draft(facts=DraftFacts("CN", subject), form=form, key=key, actor=actor, today=today, at=at)
    Filled.objects.create(document=document, version=version, values=kept)
    _write(document, queries.making_of(document), version, kept)
    journal.record("document.filled", subject=("document", document.pk), actor=actor, at=at, name=form.name)
    return document


@transaction.atomic
def refill(
    *, document_id: int, values: Mapping[str, Any], revision: int, actor: Actor, today: date, at: datetime
) -> Document:
    """Fill the form of a draft in anew.

    :raises NotFound: it is none
    :raises HeldByAnother: somebody else has it checked out
    :raises EditedElsewhere: :raises NotFilled:
    """
    document = queries.lock(document_id)
    making = queries.making_of(document)
    refuse(policy.why_not_revise(actor, document, making))
    filled = queries.find_filled(document)
    if filled is None:
        raise NotFound()
    hold = hold_open(document=document, actor=actor, at=at)
    if revision != making.revision:
        raise EditedElsewhere(theirs=making.revision, yours=revision)
    keep_edition(document=document, making=making, hold=hold, goes_on=False, actor=actor, at=at)
    filled.values = _values(filled.version, values, document.agency_id, today)
    filled.save(update_fields=["values"])
    making.revision += 1
    making.laid_out_file, making.laid_out_revision, making.fault = "", None, ""
    making.save()
    _write(document, making, filled.version, filled.values)
    journal.record(
        "document.filled", subject=("document", document_id), actor=actor, at=at, name=filled.version.form.name
    )
    return document


def _values(version: FormVersion, values: Mapping[str, Any], agency_id: int, today: date) -> dict[str, Any]:
    fields = forms.read_fields(version.fields)
    kinds = {field.kind for field in fields}
    posts = people.list_posts(agency_id, today) if Kind.PERSON in kinds else []
    units = people.list_tree(on=today) if Kind.UNIT in kinds else []
    persons = {row.id: f"{row.rank} {row.person_name}".strip() for row in posts if row.person_id}
    names = {Kind.PERSON.value: persons, Kind.UNIT.value: {row.id: row.name for row in units}}
    return forms.read_values(fields, values, lambda kind, number: names[kind].get(number))


def _write(document: Document, making: Making, version: FormVersion, values: Mapping[str, Any]) -> None:
    making.body = forms.merge(version.template, forms.read_fields(version.fields), values)
    making.save(update_fields=["body"])
    words = index_words(document, bodies.plain_text(making.body))
    Document.objects.filter(pk=document.pk).update(search=words)
