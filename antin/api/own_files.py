"""Files signed by themselves, for machines: sent, signed with the caller's own key or the agency's, fetched."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Any, cast

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import content_of
from antin.api.problems import declared
from antin.files import queries as kept
from antin.journeys import sign_file
from antin.keys import queries as keys
from antin.refusal import NotFound
from antin.signing import operations as signing
from antin.signing import queries
from antin.signing.policy import INSIDE_XML
from antin.signing.states import RequestState

router = Router(tags=["Signing files"])


class SignIn(Schema):
    pin: str = Field(
        "", max_length=64, description="Of the caller's key; of the seal where its keeper opens it. Kept nowhere."
    )
    by: str = Field("person", pattern="^(person|agency)$", description="`agency`: only for the keeper of the seal.")
    inside: bool = Field(False, description="XML only: the signature inside (XAdES) instead of beside (CAdES, .p7s).")


class SignedFile(Schema):
    id: int
    name: str
    sha256: str = Field(description="Of the file that was sent.")
    signed: bool
    inside: bool = Field(description="XAdES in the XML; else CAdES in a .p7s.")
    level: str = Field(description="B-B, B-T, B-LT or B-LTA: what was reached when it was signed.")
    signer: str
    signed_at: datetime | None
    provable_until: datetime | None


def _out(row: Any) -> dict[str, Any]:
    request = row.request
    done = request is not None and request.state == RequestState.DONE
    proof = queries.find_proof(request.result_file) if done else None
    return {
        "id": row.pk,
        "name": row.name,
        "sha256": row.file_id,
        "signed": done,
        "inside": request is not None and request.field == INSIDE_XML,
        "level": request.reached if done else "",
        "signer": request.certificate.name if done else "",
        "signed_at": request.done_at if done else None,
        "provable_until": proof.until if proof else None,
    }


@router.post(
    "/signed-files",
    auth=ACT,
    response={201: SignedFile, **declared(403, 404, 409, 413, 422, 503)},
    operation_id="signFile",
)
def sign(request: HttpRequest, given: Annotated[SignIn, Form()], file: Annotated[UploadedFile, File()]) -> Status[Any]:
    """Sign a file by itself. A key on the signer's own machine signs on the page, not here."""
    actor, at = cast(CalledRequest, request).auth.actor, timezone.now()
    if given.by == "agency":
        certificate = keys.get_certificate_for_agency(actor.agency_id, at, name=actor.agency_name)
    else:
        certificate = keys.get_certificate_for_person(
            actor.person_id, at, agency_id=actor.agency_id, name=actor.person_name
        )
    name = PurePath(file.name or "").name
    row = signing.bring_file(content=content_of(file), name=name, actor=actor, at=at)
    sign_file.sign_file(
        file_id=row.pk, certificate_id=certificate.pk, inside=given.inside, pin=given.pin, actor=actor, at=at
    )
    return Status(201, _out(queries.get_file_for(actor, row.pk)))


@router.get(
    "/signed-files", auth=READ, response={200: list[SignedFile], **declared(403)}, operation_id="listSignedFiles"
)
def listed(request: CalledRequest) -> list[dict[str, Any]]:
    """The caller's latest twenty, newest first."""
    return [_out(row) for row in queries.list_files_of(request.auth.actor)]


@router.get(
    "/signed-files/{int:file_id}/signature",
    auth=READ,
    operation_id="getFileSignature",
    response={**declared(403, 404)},
)
def signature(request: CalledRequest, file_id: int) -> FileResponse:
    """The .p7s, or the signed XML, in the version that is provable longest."""
    row = queries.get_file_for(request.auth.actor, file_id)
    if not _out(row)["signed"]:
        raise NotFound()
    return FileResponse(
        kept.open_stream(queries.newest_of(row.request)), as_attachment=True, content_type="application/octet-stream"
    )
