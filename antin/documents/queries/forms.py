"""Specialised forms, and the texts that stand in every draft of a type."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Subquery
from django.db.models.functions import Length

from antin.correspondents import queries as correspondents
from antin.documents.models import (
    Document,
    Filled,
    FormVersion,
    PaperForm,
    TypeText,
)
from antin.documents.types import SPECIALISED
from antin.people import queries as people
from antin.people.models import Unit
from antin.refusal import NotFound


def get_form(form_id: int) -> PaperForm:
    """Return a form. :raises NotFound: there is none"""
    found = PaperForm.objects.select_related("agency").filter(pk=form_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_form(form_id: int) -> PaperForm:
    """Return a form that is in use, its row locked. :raises NotFound: there is none, or it is closed"""
    found = PaperForm.objects.select_for_update().filter(pk=form_id, closed_at=None).first()
    if found is None:
        raise NotFound()
    return found


def list_forms(agency_id: int) -> list[PaperForm]:
    """Return the forms of an agency, those closed last."""
    return list(PaperForm.objects.filter(agency_id=agency_id).order_by("-closed_at", "name", "id"))


def list_form_versions(form_id: int) -> list[FormVersion]:
    """Return every version of a form, the latest first."""
    return list(FormVersion.objects.filter(form_id=form_id).select_related("form").order_by("-number"))


def find_published(form: PaperForm) -> FormVersion | None:
    """Return the version of a form that is filled in now; None before its first, and of a closed form."""
    if form.closed_at is not None:
        return None
    published = FormVersion.objects.filter(form=form, published_at__isnull=False).select_related("form")
    return published.order_by("-number").first()


def list_to_fill(agency_id: int) -> list[FormVersion]:
    """Return, of each form of an agency that can be filled in, the version in use."""
    published = FormVersion.objects.filter(
        form__agency_id=agency_id, form__closed_at=None, published_at__isnull=False
    ).select_related("form")
    return list(published.order_by("form__name", "form_id", "-number").distinct("form__name", "form_id"))


def find_filled(document: Document) -> Filled | None:
    """Return what was filled into the form that a document is, if it is one."""
    if document.type_code not in SPECIALISED:
        return None
    return Filled.objects.select_related("version__form").filter(document=document).first()


def name_of_form(group: str) -> str:
    """Return the form whose series a group is; "" where it is none's."""
    if not (group[:1] == "F" and group[1:].isdecimal()):
        return ""
    return PaperForm.objects.filter(pk=int(group[1:])).values_list("name", flat=True).first() or ""


def find_type_texts(agency_id: int, on: date) -> dict[str, TypeText]:
    """What drafts of each type begin with in an agency on a day, in one question: its own version, or of the nearest above it."""
    found = (
        TypeText.objects.filter(published_at__isnull=False, undone_at=None, from_date__lte=on)
        .annotate(path=Subquery(Unit.objects.filter(pk=agency_id).values("path")), deep=Length("agency__path"))
        .filter(path__startswith=F("agency__path"))
        .select_related("agency")
        .order_by("deep", "from_date", "number")
    )
    return {text.type_code: text for text in found}


def names_begun_with(text: TypeText) -> tuple[list[str], list[str]]:
    """Whom a version addresses and whom it copies to, by name: agencies of the node, then those outside it."""
    outside = correspondents.list_by_id([*text.addressed_outside, *text.copied_outside])
    addressed, copied = (
        [*people.list_names(units), *(outside[each].name for each in strangers if each in outside)]
        for units, strangers in ((text.addressed, text.addressed_outside), (text.copied, text.copied_outside))
    )
    return addressed, copied


def list_type_texts(agency_id: int, type_code: str) -> list[TypeText]:
    """The versions an agency wrote for a type, the latest first."""
    return list(TypeText.objects.filter(agency_id=agency_id, type_code=type_code).order_by("-number"))


def get_type_text(text_id: int) -> TypeText:
    """One version, with its agency. :raises NotFound:"""
    found = TypeText.objects.select_related("agency").filter(pk=text_id).first()
    if found is None:
        raise NotFound()
    return found
