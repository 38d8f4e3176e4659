"""Signing: the very page the signer signs, his place on it, the certificate and device, who came before and who comes after."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from antin.documents import policy, queries
from antin.documents.queries import Whole
from antin.documents.states import Act
from antin.documents.types import TYPES
from antin.files import queries as kept
from antin.journeys import sign_document
from antin.keys import queries as keys
from antin.keys.policy import DeviceLocked, PinMissing, WrongPin
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.signing import queries as signatures
from antin.web.documents.forms import Sign
from antin.web.documents.paper import MOST_PAGES, image_of
from antin.web.documents.rows import BOXES, stamps_of
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

FIELD = "Person"
ABOUT_THE_PIN = (WrongPin, PinMissing, DeviceLocked)


@require_http_methods(["GET", "POST"])
def sign(request: SignedRequest, document_id: int) -> HttpResponse:
    at = timezone.now()
    request.place = reverse("drafts")
    whole = queries.get_whole(request.actor, document_id)
    making = whole.making
    if making is None:
        return HttpResponseRedirect(reverse("document", args=[document_id]))
    refused: Refusal | None = None
    form = Sign(request.POST if request.method == "POST" else None)
    if request.method == "GET":
        refuse(policy.why_not_sign(request.actor, whole.document, making))
    elif form.is_valid():
        try:
            sign_document.sign_document(
                document_id=document_id, **form.cleaned_data, actor=request.actor, today=local_date(at), at=at
            )
            return _next(request, whole)
        except ABOUT_THE_PIN as no:
            form.add_error("pin", no.message)
            refused = no
        except Refusal as no:
            refused = no
            form.add_error(None, no.message)
    told = _told(whole, request.actor, form, at)
    status = 200 if request.method == "GET" else status_of(refused) if refused else 422
    return render(request, "documents/sign.html", told, status=status)


def _next(request: SignedRequest, whole: Whole) -> HttpResponse:
    """The next document that waits for this signature, or back to the one signed."""
    document = whole.document
    here = BOXES["draft"].href(document.pk)
    following = [each for each in queries.list_waiting(request.actor) if each.next_act == Act.SIGN]
    words = _("Đã ký “%(subject)s”, chuyển văn thư cấp số.") % {"subject": document.subject}
    messages.success(request, words, extra_tags=here if following else "")
    return HttpResponseRedirect(reverse("document-sign", args=[following[0].pk]) if following else here)


def _told(whole: Whole, actor: Actor, form: Sign, at: datetime) -> dict[str, Any]:
    document, making = whole.document, whole.making
    assert making is not None
    seen = making.laid_out_file
    facts = kept.facts_of(seen) if seen else None
    place = signatures.find_place(seen, FIELD) if seen else None
    leaves = []
    for number in range(1, min(facts.pages, MOST_PAGES) + 1) if facts else ():
        width, height = facts.page_sizes[number - 1] if facts else (0.0, 0.0)
        leaves.append(
            {
                "image": image_of(document.pk, seen, number),
                "width": f"{width:.2f}",
                "height": f"{height:.2f}",
                "place": _from_top(place, height) if place and place.page == number - 1 else None,
            }
        )
    certificate, no_certificate = _certificate(whole, actor, at)
    return {
        "document": document,
        "making": making,
        "whole": whole,
        "form": form,
        "seen": seen,
        "seen_in_fours": " ".join(seen[n : n + 4] for n in range(0, len(seen), 4)),
        "leaves": leaves,
        "page_of_place": place.page + 1 if place else None,
        "certificate": certificate,
        "no_certificate": no_certificate,
        "steps": _steps(whole),
        "stamps": stamps_of(document),
        "type_name": TYPES[document.type_code].name,
        "authority": " / ".join(making.authority_lines),
        "waiting": len([each for each in queries.list_waiting(actor) if each.next_act == Act.SIGN]),
        "back": BOXES["draft"].href(document.pk),
        "degraded": degraded(at),
        "now": at,
    }


def degraded(at: datetime) -> str:
    """What a signer is told while no timestamp is to be had: what still works, until when, and what is completed later."""
    silent = signatures.find_silence(at)
    if silent is None:
        return ""
    words = _(
        "Dịch vụ dấu thời gian không trả lời từ %(since)s. Vẫn ký được đến %(until)s; chữ ký lúc này chưa có dấu thời gian, "
        "hệ thống tự bổ sung khi dịch vụ trả lời."
    )
    return words % {name: f"{timezone.localtime(moment):%H:%M %d/%m/%Y}" for name, moment in silent.items()}


def _from_top(place: Any, height: float) -> dict[str, str]:
    """The box as SVG counts: from the top of the page."""
    box = {"x": place.x, "y": height - place.y - place.height, "width": place.width, "height": place.height}
    return {name: f"{value:.2f}" for name, value in box.items()}


def _certificate(whole: Whole, actor: Actor, at: datetime) -> tuple[Any, str]:
    try:
        found = keys.get_certificate_for_person(
            actor.person_id, at, agency_id=whole.document.agency_id, name=actor.person_name
        )
    except Refusal as no:
        return None, no.message
    return found, ""


def _steps(whole: Whole) -> list[tuple[str, str]]:
    """Who signed or agreed before, and who comes after."""
    making = whole.making
    assert making is not None
    steps = [(_("%(who)s soạn") % {"who": making.drafter_name}, "done")]
    if making.reviewer_name:
        steps.append((_("%(who)s duyệt") % {"who": making.reviewer_name}, "done"))
    steps.append((_("%(who)s ký") % {"who": making.signer_name}, "now"))
    return [*steps, (_("Văn thư cấp số"), ""), (_("Cơ quan ký số, đóng dấu"), ""), (pgettext("step", "Phát hành"), "")]
