"""Pictures of stamps and signatures, for machines."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS
from antin.api.problems import declared
from antin.keys import operations, queries
from antin.keys.pictures import LARGEST, NotAPicture
from antin.people import queries as people

if TYPE_CHECKING:
    from antin.keys.models import Picture as PictureRow

router = Router(tags=["Pictures of signatures"])


class PictureIn(Schema):
    since: date
    basis: str = Field(min_length=1, max_length=500)
    width_mm: float | None = Field(None, ge=5, le=100, description="Its real width, where the PNG says no resolution.")


class Picture(Schema):
    id: int
    file: str = Field(description="SHA-256 of the PNG as it is kept.")
    width_mm: float
    height_mm: float
    since: date
    basis: str
    made_by: str
    made_at: datetime
    undone_at: datetime | None = Field(description="When it was taken back.")


class BasisIn(Schema):
    basis: str = Field(min_length=1, max_length=500)


def _picture(picture: PictureRow) -> dict[str, Any]:
    return {name: getattr(picture, name) for name in Picture.model_fields}


def _set(request: CalledRequest, given: PictureIn, file: UploadedFile, **owner: Any) -> Status[Any]:
    if (file.size or 0) > LARGEST:
        raise NotAPicture()
    made = operations.set_picture(
        **owner, content=file.read(), **given.dict(), actor=request.auth.actor, at=timezone.now()
    )
    return Status(201, _picture(made))


@router.get(
    "/units/{int:unit_id}/pictures",
    auth=READ,
    response={200: list[Picture], **declared(403, 404)},
    operation_id="listStampPictures",
)
def of_agency(request: CalledRequest, unit_id: int) -> list[dict[str, Any]]:
    """The pictures of an agency's stamp, the latest first; administrators only."""
    people.get_agency_for(request.auth.actor, unit_id)
    return [_picture(each) for each in queries.list_pictures(agency_id=unit_id)]


@router.post(
    "/units/{int:unit_id}/pictures",
    auth=ACT,
    response={201: Picture, **declared(*PROBLEMS)},
    operation_id="setStampPicture",
)
def set_of_agency(
    request: HttpRequest, unit_id: int, given: Annotated[PictureIn, Form()], file: Annotated[UploadedFile, File()]
) -> Status[Any]:
    """Let the agency's seal show a PNG from a day on: red, round, its ground clear, 30 to 45 mm wide, 200 dpi or finer."""
    called = cast(CalledRequest, request)
    people.get_agency_for(called.auth.actor, unit_id)
    return _set(called, given, file, agency_id=unit_id)


@router.get(
    "/people/{int:person_id}/pictures",
    auth=READ,
    response={200: list[Picture], **declared(403, 404)},
    operation_id="listSignaturePictures",
)
def of_person(request: CalledRequest, person_id: int) -> list[dict[str, Any]]:
    """The pictures of a person's signature, the latest first; administrators only."""
    people.get_person_for(request.auth.actor, person_id)
    return [_picture(each) for each in queries.list_pictures(person_id=person_id)]


@router.post(
    "/people/{int:person_id}/pictures",
    auth=ACT,
    response={201: Picture, **declared(*PROBLEMS)},
    operation_id="setSignaturePicture",
)
def set_of_person(
    request: HttpRequest, person_id: int, given: Annotated[PictureIn, Form()], file: Annotated[UploadedFile, File()]
) -> Status[Any]:
    """Let a person's signatures show a PNG from a day on: blue, its ground clear, 15 to 70 by 5 to 40 mm, 200 dpi or finer."""
    called = cast(CalledRequest, request)
    people.get_person_for(called.auth.actor, person_id)
    return _set(called, given, file, person_id=person_id)


@router.post(
    "/pictures/{int:picture_id}/take-back",
    auth=ACT,
    response={200: Picture, **declared(*PROBLEMS)},
    operation_id="takePictureBack",
)
def take_back(request: CalledRequest, picture_id: int, given: BasisIn) -> dict[str, Any]:
    """Let a picture be shown no more; what was signed keeps it."""
    picture = queries.get_picture(picture_id)
    if picture.agency_id is not None:
        people.get_unit_for(request.auth.actor, picture.agency_id)
    else:
        people.get_person_for(request.auth.actor, picture.person_id or 0)
    taken = operations.take_back_picture(
        picture_id=picture_id, basis=given.basis, actor=request.auth.actor, at=timezone.now()
    )
    return _picture(taken)
