"""Acts of the registry office on a signed document: number, seal, issue."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from antin.documents import policy, queries
from antin.documents.operations.sharing import box_of
from antin.documents.queries import Whole
from antin.documents.states import Act, Status
from antin.journeys import issue_document
from antin.journeys.sign_document import PreparedTooLongAgo
from antin.keys import queries as keys
from antin.numbering import queries as numbering
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.vault.operations import Opening
from antin.web import unlocking
from antin.web.documents.acts import (
    JOINT_SEAL,
    NUMBER,
    NUMBER_AND_ISSUE,
    NUMBER_RESERVED,
    SEAL,
    ask,
    onward,
    seals_elsewhere,
    seals_here,
    seals_jointly,
    sent,
)
from antin.web.documents.forms import Nothing, Seals, UseReserved
from antin.web.documents.rows import BOXES, stamps_of
from antin.web.middleware import AGENT, WITH_AGENT
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import Document

PREPARED = "antin.seal.prepared"


def _to(whole: Whole) -> str:
    """What leaves the house, and that it cannot be called back by a button."""
    words = ngettext(
        "Văn bản rời cơ quan ngay, tới %(n)d nơi nhận:",
        "Văn bản rời cơ quan ngay, tới %(n)d nơi nhận:",
        len(whole.recipients),
    )
    return words % {"n": len(whole.recipients)}


def _names(whole: Whole) -> tuple[str, ...]:
    return tuple(recipient.name for recipient in whole.recipients)


@require_http_methods(["GET", "POST"])
def number(request: SignedRequest, document_id: int) -> HttpResponse:
    """Number and date; done by the keeper of the seal, the document is sealed and leaves in the same act."""
    at = timezone.now()
    whole = queries.get_whole(request.actor, document_id)

    def do(answers: dict[str, Any]) -> str:
        document = issue_document.number_document(
            document_id=document_id,
            pin=answers.get("pin"),
            seal_pin=answers.get("seal_pin"),
            actor=request.actor,
            today=local_date(at),
            at=at,
        )
        if document.status == Status.ISSUED:
            return _("Đã cấp số %(code)s, đóng dấu và phát hành.") % {"code": document.code}
        if document.next_act == Act.PRINT:
            return _("Đã cấp số %(code)s; in, ký và đóng dấu trên giấy.") % {"code": document.code}
        return _("Đã cấp số %(code)s, chờ đóng dấu.") % {"code": document.code}

    seals = seals_here(request.actor, whole)
    if not seals and request.method == "POST":
        return onward(request, queries.get(document_id), do({}), act=Act.NUMBER)
    if not seals:
        return ask(
            request,
            NUMBER,
            whole,
            Nothing(None),
            do,
            heading=_("Cấp số “%(subject)s”?") % {"subject": whole.document.subject},
            button=_("Cấp số"),
        )
    return ask(
        request,
        NUMBER_AND_ISSUE,
        whole,
        Nothing(sent(request)),
        do,
        heading=_("Cấp số, đóng dấu, phát hành “%(subject)s”?") % {"subject": whole.document.subject},
        button=_("Cấp số, đóng dấu, phát hành"),
        explains=_to(whole),
        names=_names(whole),
    )


@require_http_methods(["GET", "POST"])
def number_reserved(request: SignedRequest, document_id: int) -> HttpResponse:
    """Number with one that was kept back or put between; done by the keeper of the seal, the document leaves in the same act."""
    at = timezone.now()
    today = local_date(at)
    whole = queries.get_whole(request.actor, document_id)
    kept = numbering.list_reserved_in(queries.series_of(whole.document, today.year))

    def do(answers: dict[str, Any]) -> str:
        document = issue_document.number_document(
            document_id=document_id,
            reserved_id=answers["reserved"],
            pin=answers.get("pin"),
            seal_pin=answers.get("seal_pin"),
            actor=request.actor,
            today=today,
            at=at,
        )
        return _("Đã cấp số %(code)s.") % {"code": document.code}

    seals = seals_here(request.actor, whole)
    return ask(
        request,
        NUMBER_RESERVED,
        whole,
        UseReserved(sent(request), kept=kept),
        do,
        heading=_("Dùng số đã giữ cho “%(subject)s”") % {"subject": whole.document.subject},
        button=_("Cấp số, đóng dấu, phát hành") if seals else _("Cấp số"),
        explains=_to(whole) if seals else "",
        names=_names(whole) if seals else (),
    )


@require_http_methods(["GET", "POST"])
def seal(request: SignedRequest, document_id: int) -> HttpResponse:
    whole = queries.get_whole(request.actor, document_id)
    if seals_elsewhere(request.actor):
        return _seal_elsewhere(request, whole)
    jointly = seals_jointly(request.actor, whole)
    words = _words(whole, request.actor)

    def do(answers: dict[str, Any]) -> str:
        document = issue_document.seal_document(
            document_id=document_id,
            pin=answers.get("pin"),
            seal_pin=answers.get("seal_pin"),
            actor=request.actor,
            at=timezone.now(),
        )
        return words.done % {"code": document.code}

    return ask(
        request,
        JOINT_SEAL if jointly else SEAL,
        whole,
        Nothing(sent(request)),
        do,
        heading=words.heading,
        button=words.button,
        explains=words.explains,
        names=words.names,
    )


@dataclass(frozen=True)
class _Words:
    """What the sealing asks and says: of the agency that issues the document, or of one that issues it too."""

    heading: str
    button: str
    explains: str
    names: tuple[str, ...]
    done: str


def _words(whole: Whole, actor: Actor) -> _Words:
    code = {"code": whole.document.code}
    own = policy.find_joint_seal(actor, whole.signatories)
    if own is None:
        return _Words(
            _("Đóng dấu và phát hành %(code)s?") % code,
            _("Đóng dấu, phát hành"),
            _to(whole),
            _names(whole),
            _("Đã đóng dấu và phát hành %(code)s."),
        )
    explains = _("Dấu của %(agency)s đặt cạnh chữ ký của %(name)s. %(issuer)s đóng dấu sau cùng và phát hành.")
    return _Words(
        _("Đóng dấu cơ quan vào %(code)s?") % code,
        _("Đóng dấu cơ quan"),
        explains % {"agency": own.agency_name, "name": own.name, "issuer": whole.document.issuer_name},
        (),
        _("Đã đóng dấu cơ quan vào %(code)s."),
    )


# The agency's device at its keeper's own machine


def _seal_elsewhere(request: SignedRequest, whole: Whole) -> HttpResponse:
    """Where the program on the keeper's machine is asked, and its signatures are put in."""
    document = whole.document
    refused: Refusal | None = None
    own = policy.find_joint_seal(request.actor, whole.signatories)
    words = _words(whole, request.actor)
    if request.method == "GET":
        refuse((JOINT_SEAL if own else SEAL).why_not(request.actor, whole))
    else:
        try:
            sealed = _take_seal(document.pk, request)
            return onward(request, sealed, words.done % {"code": sealed.code}, act=document.next_act)
        except Refusal as no:
            refused = no
    agency_id, name = (own.agency_id, own.agency_name) if own else (document.agency_id, document.issuer_name)
    told = {
        "document": document,
        "refused": refused,
        "certificate": keys.get_certificate_for_agency(agency_id, timezone.now(), name=name),
        "sealed": document.classified_id is not None,
        "by_device": document.classified_id is not None and unlocking.by_device(request),
        "form": Seals(),
        "files": None if own else len(whole.attachments),
        "words": words,
        "stamps": stamps_of(document),
        "agent": AGENT,
        "back": BOXES[box_of(document)].href(document.pk),
    }
    answer = render(request, "documents/seal.html", told, status=status_of(refused) if refused else 200)
    answer["Content-Security-Policy"] = WITH_AGENT
    return answer


@require_POST
def prepare_seal(request: SignedRequest, document_id: int) -> HttpResponse:
    """Tell the program on the keeper's machine what the agency's device is to sign; for the script of the page."""
    at = timezone.now()
    document = queries.get_whole(request.actor, document_id).document
    asked = issue_document.prepare_seal(document_id=document_id, opening=_opening(request), actor=request.actor, at=at)
    return JsonResponse(
        {
            "items": [{"title": title, "data": base64.b64encode(data).decode()} for title, data in asked.items],
            "certificate": base64.b64encode(asked.certificate).decode(),
            "prepared": signing.dumps([document_id, at.isoformat()], salt=PREPARED),
            "title": document.code,
            "code": request.actor.agency_name,
            "place": _("con dấu cơ quan"),
            "signer": f"{request.actor.person_name}, {request.actor.post_title}",
        }
    )


def _opening(request: SignedRequest) -> Opening | None:
    """What opens a classified page: content keys of the keeper's own device, or the PIN of his own key."""
    return unlocking.opening_of(request) or request.POST.get("opening_pin") or None


def _take_seal(document_id: int, request: SignedRequest) -> Document:
    """Put in what the agency's device signed for what was prepared."""
    try:
        number, prepared_at = signing.loads(request.POST.get("prepared", ""), salt=PREPARED)
        given = [base64.b64decode(each, validate=True) for each in request.POST.get("signature", "").split()]
    except (signing.BadSignature, ValueError) as wrong:
        raise PreparedTooLongAgo from wrong
    if number != document_id:
        raise PreparedTooLongAgo
    return issue_document.seal_elsewhere(
        document_id=document_id,
        signatures=given,
        prepared_at=datetime.fromisoformat(prepared_at),
        opening=_opening(request),
        actor=request.actor,
        at=timezone.now(),
    )
