"""Acts of the registry office on a signed document: number, seal, issue."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from antin.documents import queries
from antin.documents.queries import Whole
from antin.documents.states import Act, Status
from antin.journeys import issue_document
from antin.numbering import queries as numbering
from antin.web.documents.acts import NUMBER, NUMBER_AND_ISSUE, NUMBER_RESERVED, SEAL, ask, onward, sent
from antin.web.documents.forms import Nothing, UseReserved
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date


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
        return _("Đã cấp số %(code)s, chờ đóng dấu.") % {"code": document.code}

    if not request.actor.keeps_seal and request.method == "POST":
        return onward(request, queries.get(document_id), do({}), act=Act.NUMBER)
    if not request.actor.keeps_seal:
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

    seals = request.actor.keeps_seal
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

    def do(answers: dict[str, Any]) -> str:
        document = issue_document.seal_document(
            document_id=document_id,
            pin=answers.get("pin"),
            seal_pin=answers.get("seal_pin"),
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã đóng dấu và phát hành %(code)s.") % {"code": document.code}

    return ask(
        request,
        SEAL,
        whole,
        Nothing(sent(request)),
        do,
        heading=_("Đóng dấu và phát hành %(code)s?") % {"code": whole.document.code},
        button=_("Đóng dấu, phát hành"),
        explains=_to(whole),
        names=_names(whole),
    )
