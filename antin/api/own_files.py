"""Files signed by themselves, for machines: sent, signed with the caller's own key or the agency's, fetched."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Any, cast

from django.core import signing as tokens
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
from antin.journeys.sign_document import PreparedTooLongAgo
from antin.keys import queries as keys
from antin.people.actor import Actor
from antin.refusal import NotFound
from antin.signing import operations as signing
from antin.signing import queries
from antin.signing.policy import INSIDE_XML
from antin.signing.states import RequestState

router = Router(tags=["Signing files"])
PREPARED = "antin.api.file_prepared"


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


def _certificate(by: str, actor: Actor, at: datetime) -> Any:
    if by == "agency":
        return keys.get_certificate_for_agency(actor.agency_id, at, name=actor.agency_name)
    return keys.get_certificate_for_person(actor.person_id, at, agency_id=actor.agency_id, name=actor.person_name)


@router.post(
    "/signed-files",
    auth=ACT,
    response={201: SignedFile, **declared(403, 404, 409, 413, 422, 503)},
    operation_id="signFile",
)
def sign(request: HttpRequest, given: Annotated[SignIn, Form()], file: Annotated[UploadedFile, File()]) -> Status[Any]:
    """Sign a file by itself. A key on the signer's own machine signs in two steps: `prepareFileSignature`, `takeFileSignature`."""
    actor, at = cast(CalledRequest, request).auth.actor, timezone.now()
    certificate = _certificate(given.by, actor, at)
    name = PurePath(file.name or "").name
    row = signing.bring_file(content=content_of(file), name=name, actor=actor, at=at)
    sign_file.sign_file(
        file_id=row.pk, certificate_id=certificate.pk, inside=given.inside, pin=given.pin, actor=actor, at=at
    )
    return Status(201, _out(queries.get_file_for(actor, row.pk)))


class FilePrepareIn(Schema):
    by: str = Field("person", pattern="^(person|agency)$", description="`agency`: only for the keeper of the seal.")
    inside: bool = Field(False, description="XML only: the signature inside (XAdES) instead of beside (CAdES, .p7s).")


class FilePrepared(Schema):
    """What the caller's own device is to sign, and by which certificate."""

    id: int
    data: str = Field(
        description="Base64: the signed attributes in DER, inside XML the canonical SignedInfo. Sign with SHA-256."
    )
    properties: str = Field(
        description="Base64; inside XML the canonical SignedProperties, whose digest SignedInfo has."
    )
    certificate: str = Field(description="DER, base64.")
    prepared: str = Field(description="Goes back with the signature, within ten minutes.")


class FileSignatureIn(Schema):
    prepared: str = Field(max_length=400)
    signature: str = Field(max_length=2000, description="In base64; ECDSA in DER, RSA by PKCS#1 v1.5.")


@router.post(
    "/signed-files/prepare",
    auth=ACT,
    response={201: FilePrepared, **declared(403, 404, 409, 413, 422, 503)},
    operation_id="prepareFileSignature",
)
def prepare(
    request: HttpRequest, given: Annotated[FilePrepareIn, Form()], file: Annotated[UploadedFile, File()]
) -> Status[Any]:
    """Keep a file and tell what the key on the caller's own device is to sign, beside it or inside XML."""
    actor, at = cast(CalledRequest, request).auth.actor, timezone.now()
    certificate = _certificate(given.by, actor, at)
    name = PurePath(file.name or "").name
    row = signing.bring_file(content=content_of(file), name=name, actor=actor, at=at)
    asked = sign_file.prepare_elsewhere(
        file_id=row.pk, certificate_id=certificate.pk, inside=given.inside, actor=actor, at=at
    )
    told = {
        "id": row.pk,
        "data": base64.b64encode(asked.data).decode(),
        "properties": base64.b64encode(asked.properties).decode(),
        "certificate": base64.b64encode(asked.certificate).decode(),
        "prepared": tokens.dumps([row.pk, certificate.pk, given.inside, at.isoformat()], salt=PREPARED),
    }
    return Status(201, told)


@router.post(
    "/signed-files/{int:file_id}/take",
    auth=ACT,
    response={200: SignedFile, **declared(403, 404, 409, 422, 503)},
    operation_id="takeFileSignature",
)
def take(request: CalledRequest, file_id: int, given: FileSignatureIn) -> dict[str, Any]:
    """Put in the signature that the caller's own device made over what was prepared; it is proved before it counts."""
    actor, at = request.auth.actor, timezone.now()
    try:
        number, certificate, inside, prepared_at = tokens.loads(given.prepared, salt=PREPARED)
        signature = base64.b64decode(given.signature, validate=True)
    except (tokens.BadSignature, ValueError) as wrong:
        raise PreparedTooLongAgo from wrong
    if number != file_id:
        raise PreparedTooLongAgo
    sign_file.take_signature(
        file_id=file_id,
        certificate_id=certificate,
        inside=inside,
        signature=signature,
        prepared_at=datetime.fromisoformat(prepared_at),
        actor=actor,
        at=at,
    )
    return _out(queries.get_file_for(actor, file_id))


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
