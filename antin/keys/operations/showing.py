"""Pictures of a person's signature and of an agency's stamp: set from a day on by an administrator, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.files import operations as files
from antin.files import queries as kept
from antin.identifiers.text import clean_line
from antin.journal import operations as journal
from antin.keys import pictures, queries
from antin.keys.models import Picture
from antin.keys.pictures import Measured, NotAPicture
from antin.people import policy as house
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Person, Unit
from antin.refusal import NotFound, Refusal, refuse


class PictureNeedsBasis(Refusal):
    code = "picture_needs_basis"
    words = _("Ghi văn bản làm căn cứ dùng hình này.")


class PictureGone(Refusal):
    code = "picture_gone"
    words = _("Hình này đã rút lại.")


def look_at(*, content: bytes, is_stamp: bool, width_mm: float | None) -> Measured:
    """A picture that may be used, measured in a process of its own; nothing is kept. :raises Refusal: what is wrong with it"""
    if len(content) > pictures.LARGEST:
        raise NotAPicture()
    measured = kept.measure_picture(content)
    if measured is None:
        raise NotAPicture()
    found, dots = measured
    return pictures.check(found, dots, is_stamp=is_stamp, width_mm=width_mm)


def set_picture(
    *,
    agency_id: int | None = None,
    person_id: int | None = None,
    content: bytes,
    width_mm: float | None = None,
    since: date,
    basis: str,
    actor: Actor | None,
    at: datetime,
) -> Picture:
    """Let signatures show a picture from a day on: of an agency its stamp, of a person his hand. What was signed keeps its own.

    :raises NotAllowed: :raises NotYourHouse: :raises NotFound: :raises PictureNeedsBasis:
    :raises Refusal: the picture is no good, and why (`pictures.check`)
    """
    owner = _owner(agency_id, person_id, actor)
    said = clean_line(basis)[:500]
    if not said:
        raise PictureNeedsBasis()
    measured = look_at(content=content, is_stamp=agency_id is not None, width_mm=width_mm)
    digest = files.keep(measured.png, at=at).digest
    with transaction.atomic():
        picture = Picture.objects.create(
            **owner,
            file=digest,
            width_mm=measured.width_mm,
            height_mm=measured.height_mm,
            since=since,
            basis=said,
            made_by=_name(actor),
            made_at=at,
        )
        _record("picture.set", picture, actor, at, file=digest, since=since, basis=said)
    return picture


@transaction.atomic
def take_back_picture(*, picture_id: int, basis: str, actor: Actor | None, at: datetime) -> Picture:
    """Let a picture be shown no more; the one before it is again, or the drawn one. What was signed keeps it.

    :raises NotAllowed: :raises NotYourHouse: :raises NotFound: :raises PictureNeedsBasis: :raises PictureGone:
    """
    picture = queries.lock_picture(picture_id)
    _owner(picture.agency_id, picture.person_id, actor)
    said = clean_line(basis)[:500]
    if not said:
        raise PictureNeedsBasis()
    if picture.undone_at is not None:
        raise PictureGone()
    picture.undone_at, picture.undone_by = at, _name(actor)
    picture.save(update_fields=["undone_at", "undone_by"])
    _record("picture.taken_back", picture, actor, at, file=picture.file, basis=said)
    return picture


def _owner(agency_id: int | None, person_id: int | None, actor: Actor | None) -> Mapping[str, Unit | Person]:
    """Whose picture it is, if the actor may set it; of an agency or of a person, never both."""
    if (agency_id is None) == (person_id is None):
        raise NotFound()
    if agency_id is not None:
        agency = people.get_agency(agency_id)
        refuse(house.why_not_administer(actor, agency))
        return {"agency": agency}
    person = people.get_person(person_id or 0)
    refuse(house.why_not_manage(actor, person))
    return {"person": person}


def _name(actor: Actor | None) -> str:
    return f"{actor.person_name}, {actor.post_title}"[:200] if actor else ""


def _record(event: str, picture: Picture, actor: Actor | None, at: datetime, **facts: Any) -> None:
    subject = ("unit", picture.agency_id) if picture.agency_id is not None else ("person", picture.person_id or 0)
    journal.record(event, subject=subject, actor=actor, at=at, agency_id=picture.agency_id, picture=picture.pk, **facts)
