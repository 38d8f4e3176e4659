"""Acts by a key on the caller's own machine: the node says what is to be signed, the key there signs, the node proves it."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from django.core import signing as tokens
from ninja import Router, Schema
from pydantic import Field

from antin.api.callers import ACT, CalledRequest
from antin.api.documents import PROBLEMS, Digest, Document, Keys, OpensIn, again, now
from antin.api.problems import declared
from antin.documents import queries
from antin.journeys import issue_document, sign_document
from antin.vault.operations import DeviceKeys, Opening

router = Router(tags=["Documents"])
PREPARED, SEALED = "antin.api.prepared", "antin.api.sealed"


class PrepareIn(OpensIn):
    seen_file: Digest


class Prepared(Schema):
    """What the caller's own device is to sign, and by which certificate."""

    data: str = Field(description="The signed attributes in DER, base64: sign them with SHA-256.")
    certificate: str = Field(description="DER, base64.")
    prepared: str = Field(description="Goes back with the signature, within ten minutes.")


class SignatureIn(OpensIn):
    seen_file: Digest
    prepared: str = Field(max_length=400)
    signature: str = Field(max_length=2000, description="In base64; ECDSA in DER, RSA by PKCS#1 v1.5.")


@router.post(
    "/documents/{int:document_id}/sign/prepare",
    auth=ACT,
    response={200: Prepared, **declared(*PROBLEMS)},
    operation_id="prepareSignature",
)
def prepare_signature(request: CalledRequest, document_id: int, given: PrepareIn) -> dict[str, Any]:
    """Tell what the key on the caller's own device is to sign, for the page named by its digest."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    asked = sign_document.prepare_elsewhere(
        document_id=document_id,
        seen_file=given.seen_file,
        opening=given.opening,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return {
        "data": base64.b64encode(asked.data).decode(),
        "certificate": base64.b64encode(asked.certificate).decode(),
        "prepared": tokens.dumps([document_id, given.seen_file, at.isoformat()], salt=PREPARED),
    }


@router.post(
    "/documents/{int:document_id}/sign/take",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="takeSignature",
)
def take_signature(request: CalledRequest, document_id: int, given: SignatureIn) -> dict[str, Any]:
    """Put in the signature that the caller's own device made over what was prepared; it is proved before it counts."""
    today, at = now()
    queries.get_for(request.auth.actor, document_id)
    try:
        number, seen, prepared_at = tokens.loads(given.prepared, salt=PREPARED)
        signature = base64.b64decode(given.signature, validate=True)
    except (tokens.BadSignature, ValueError) as wrong:
        raise sign_document.PreparedTooLongAgo from wrong
    if (number, seen) != (document_id, given.seen_file):
        raise sign_document.PreparedTooLongAgo
    sign_document.sign_elsewhere(
        document_id=document_id,
        seen_file=seen,
        signature=signature,
        prepared_at=datetime.fromisoformat(prepared_at),
        opening=given.opening,
        actor=request.auth.actor,
        today=today,
        at=at,
    )
    return again(request, document_id)


class SealPrepareIn(Schema):
    opening: str | None = Field(None, max_length=64, description="The caller's own PIN, where the page is classified.")
    keys: Keys = None

    @property
    def opens(self) -> Opening | None:
        return DeviceKeys.read(self.keys) if self.keys else self.opening


class SealItem(Schema):
    title: str
    data: str = Field(description="The signed attributes in DER, base64: sign them with SHA-256.")


class SealPrepared(Schema):
    """What the agency's device is to sign: the page first, then the files that go with it."""

    items: list[SealItem]
    certificate: str = Field(description="DER, base64.")
    prepared: str = Field(description="Goes back with the signatures, within ten minutes.")


class SealsIn(SealPrepareIn):
    prepared: str = Field(max_length=400)
    signatures: list[str] = Field(description="In base64, one for each item, in their order.")


@router.post(
    "/documents/{int:document_id}/seal/prepare",
    auth=ACT,
    response={200: SealPrepared, **declared(*PROBLEMS)},
    operation_id="prepareSeal",
)
def prepare_seal(request: CalledRequest, document_id: int, given: SealPrepareIn) -> dict[str, Any]:
    """Tell what the agency's device at the keeper's own machine is to sign of a numbered document."""
    _today, at = now()
    queries.get_for(request.auth.actor, document_id)
    asked = issue_document.prepare_seal(document_id=document_id, opening=given.opens, actor=request.auth.actor, at=at)
    return {
        "items": [{"title": title, "data": base64.b64encode(data).decode()} for title, data in asked.items],
        "certificate": base64.b64encode(asked.certificate).decode(),
        "prepared": tokens.dumps([document_id, at.isoformat()], salt=SEALED),
    }


@router.post(
    "/documents/{int:document_id}/seal/take",
    auth=ACT,
    response={200: Document, **declared(*PROBLEMS)},
    operation_id="takeSeal",
)
def take_seal(request: CalledRequest, document_id: int, given: SealsIn) -> dict[str, Any]:
    """Put in the signatures that the agency's device made over what was prepared, and issue; each is proved before it counts."""
    _today, at = now()
    queries.get_for(request.auth.actor, document_id)
    try:
        number, prepared_at = tokens.loads(given.prepared, salt=SEALED)
        made = [base64.b64decode(each, validate=True) for each in given.signatures]
    except (tokens.BadSignature, ValueError) as wrong:
        raise sign_document.PreparedTooLongAgo from wrong
    if number != document_id:
        raise sign_document.PreparedTooLongAgo
    issue_document.seal_elsewhere(
        document_id=document_id,
        signatures=made,
        prepared_at=datetime.fromisoformat(prepared_at),
        opening=given.opens,
        actor=request.auth.actor,
        at=at,
    )
    return again(request, document_id)
