"""Signing: the very page the signer signs, his place on it, the certificate and device, who came before and who comes after."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from antin.documents import policy, queries
from antin.documents.queries import Whole
from antin.documents.states import SIGNING, Part
from antin.documents.types import ALL_TYPES
from antin.files import queries as kept
from antin.journeys import sign_document
from antin.keys import queries as keys
from antin.keys.policy import DeviceLocked, PinMissing, WrongPin
from antin.keys.states import Device
from antin.people.actor import Actor
from antin.refusal import Refusal, refuse
from antin.signing import queries as signatures
from antin.vault import queries as vault
from antin.vault.operations import DeviceKeys, Opening
from antin.web.documents.forms import Seen, Sign, SignElsewhere
from antin.web.documents.paper import MOST_PAGES, image_of
from antin.web.documents.rows import BOXES, stamps_of
from antin.web.middleware import AGENT, WITH_AGENT
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.web.tones import Tone
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import Signatory
    from antin.keys.models import Certificate

PREPARED = "antin.sign.prepared"
ABOUT_THE_PIN = (WrongPin, PinMissing, DeviceLocked)


@require_http_methods(["GET", "POST"])
def sign(request: SignedRequest, document_id: int) -> HttpResponse:
    at = timezone.now()
    request.place = reverse("drafts")
    whole = queries.get_whole(request.actor, document_id)
    making = whole.making
    if making is None:
        return HttpResponseRedirect(reverse("document", args=[document_id]))
    if whole.document.classified_id is not None:
        return _sign_opened(request, whole, at)
    refused: Refusal | None = None
    sent = request.POST if request.method == "POST" else None
    form: Sign | SignElsewhere = SignElsewhere(sent) if sent and "signature" in sent else Sign(sent)
    if request.method == "GET":
        refuse(policy.why_not_sign(request.actor, whole.document, making, whole.signatories))
    elif form.is_valid():
        try:
            if isinstance(form, SignElsewhere):
                _take(document_id, form.cleaned_data, request.actor, at)
            else:
                sign_document.sign_document(
                    document_id=document_id,
                    seen_file=form.cleaned_data["seen_file"],
                    pin=form.cleaned_data["pin"],
                    actor=request.actor,
                    today=local_date(at),
                    at=at,
                )
            return _next(request, whole)
        except ABOUT_THE_PIN as no:
            form.add_error("pin", no.message)
            refused = no
        except Refusal as no:
            refused = no
            form.add_error(None, no.message)
    told = _told(whole, request.actor, Sign() if isinstance(form, SignElsewhere) else form, at)
    told["errors"] = [] if form.is_valid() and refused is None else form.non_field_errors()
    status = 200 if request.method == "GET" else status_of(refused) if refused else 422
    answer = render(request, "documents/sign.html", told, status=status)
    if told["elsewhere"]:
        answer["Content-Security-Policy"] = WITH_AGENT
    return answer


def _sign_opened(request: SignedRequest, whole: Whole, at: datetime) -> HttpResponse:
    """A classified page is signed where it was opened; what goes wrong is said there, where it is opened again."""
    document = whole.document
    sent = request.POST
    if request.method == "GET":
        refuse(policy.why_not_sign(request.actor, document, whole.making, whole.signatories) if whole.making else None)
        if vault.is_held_elsewhere(request.actor.person_id, at):
            return _ask_device(request, whole, at)
        return HttpResponseRedirect(reverse("document-open", args=[document.pk]))
    back = HttpResponseRedirect(reverse("document-sign" if sent.get("keys") else "document-open", args=[document.pk]))
    form: Sign | SignElsewhere = SignElsewhere(sent) if "signature" in sent else Sign(sent)
    if not form.is_valid():
        messages.error(request, " ".join(each for errors in form.errors.values() for each in map(str, errors)))
        return back
    answers = form.cleaned_data
    try:
        if isinstance(form, SignElsewhere):
            _take(document.pk, answers, request.actor, at)
        else:
            sign_document.sign_document(
                document_id=document.pk,
                seen_file=answers["seen_file"],
                pin=answers["pin"],
                opening=opening_of(answers),
                actor=request.actor,
                today=local_date(at),
                at=at,
            )
    except Refusal as no:
        messages.error(request, no.message)
        return back
    return _next(request, whole)


def opening_of(answers: dict[str, Any]) -> Opening | None:
    """What opens a classified page, as a form has it: content keys of the reader's own device, or a PIN of its own."""
    if answers["keys"]:
        return DeviceKeys.read(answers["keys"])
    return answers["opening_pin"] or None


def _ask_device(request: SignedRequest, whole: Whole, at: datetime) -> HttpResponse:
    """Where a classified page is opened by the reader's own device, in this browser, and then signed."""
    document, making = whole.document, whole.making
    assert making is not None
    told = {
        "document": document,
        "whole": whole,
        "sign": asked_of(whole, request.actor, at),
        "seen": making.signed_file or making.laid_out_file,
        "form": Sign(),
        "agent": AGENT,
        "hands": hands_of(whole),
        "steps": _steps(whole),
        "stamps": stamps_of(document),
        "type_name": ALL_TYPES[document.type_code].name,
        "back": BOXES["draft"].href(document.pk),
        "now": at,
    }
    answer = render(request, "documents/sign_sealed.html", told)
    answer["Content-Security-Policy"] = WITH_AGENT
    return answer


@require_POST
def prepare(request: SignedRequest, document_id: int) -> HttpResponse:
    """Tell the program on the signer's machine what it is to sign; for the script of the signing page."""
    at = timezone.now()
    whole = queries.get_whole(request.actor, document_id)
    form = Seen(request.POST)
    if whole.making is None or not form.is_valid():
        return JsonResponse({"words": _("Trang đã cũ; tải lại trang.")}, status=422)
    seen = form.cleaned_data["seen_file"]
    asked = sign_document.prepare_elsewhere(
        document_id=document_id,
        seen_file=seen,
        opening=opening_of(form.cleaned_data),
        actor=request.actor,
        today=local_date(at),
        at=at,
    )
    hand = _hand(whole, request.actor)
    document = whole.document
    place = signatures.find_place(seen, hand.field) if document.classified_id is None else None
    where = _("trang %(page)s trên %(pages)s") % {"page": place.page + 1, "pages": document.pages} if place else ""
    return JsonResponse(
        {
            "data": base64.b64encode(asked.data).decode(),
            "certificate": base64.b64encode(asked.certificate).decode(),
            "prepared": signing.dumps([document_id, seen, at.isoformat()], salt=PREPARED),
            "title": document.subject,
            "code": f"{ALL_TYPES[document.type_code].name} {document.issuer_name}",
            "place": where,
            "signer": f"{hand.name}, {request.actor.post_title}",
        }
    )


def _take(document_id: int, answers: dict[str, Any], actor: Actor, at: datetime) -> None:
    """Put in the signature that the program on the signer's machine made for what was prepared."""
    try:
        number, seen, prepared_at = signing.loads(answers["prepared"], salt=PREPARED)
        signature = base64.b64decode(answers["signature"], validate=True)
    except (signing.BadSignature, ValueError) as wrong:
        raise sign_document.PreparedTooLongAgo from wrong
    if (number, seen) != (document_id, answers["seen_file"]):
        raise sign_document.PreparedTooLongAgo
    sign_document.sign_elsewhere(
        document_id=document_id,
        seen_file=seen,
        signature=signature,
        prepared_at=datetime.fromisoformat(prepared_at),
        opening=opening_of(answers),
        actor=actor,
        today=local_date(at),
        at=at,
    )


def _next(request: SignedRequest, whole: Whole) -> HttpResponse:
    """The next document that waits for this signature, or back to the one signed."""
    document = whole.document
    here = BOXES["draft"].href(document.pk)
    following = [each for each in queries.list_waiting(request.actor) if each.next_act in SIGNING]
    left = policy.in_a_line(
        [each for each in queries.get_whole(request.actor, document.pk).signatories if not each.signed_at]
    )
    words = _("Đã ký “%(subject)s”, còn chờ %(who)s ký.") if left else _("Đã ký “%(subject)s”, chuyển văn thư cấp số.")
    words %= {"subject": document.subject, "who": left}
    messages.success(request, words, extra_tags=here if following else "")
    return HttpResponseRedirect(reverse("document-sign", args=[following[0].pk]) if following else here)


def _told(whole: Whole, actor: Actor, form: Sign, at: datetime) -> dict[str, Any]:
    document, making = whole.document, whole.making
    assert making is not None
    hand = _hand(whole, actor)
    seen = making.signed_file or making.laid_out_file
    facts = kept.facts_of(seen) if seen else None
    place = signatures.find_place(seen, hand.field) if seen else None
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
    return asked_of(whole, actor, at) | {
        "errors": form.non_field_errors(),
        "document": document,
        "making": making,
        "whole": whole,
        "form": form,
        "seen": seen,
        "seen_in_fours": " ".join(seen[n : n + 4] for n in range(0, len(seen), 4)),
        "leaves": leaves,
        "page_of_place": place.page + 1 if place else None,
        "steps": _steps(whole),
        "stamps": stamps_of(document),
        "type_name": ALL_TYPES[document.type_code].name,
        "hands": hands_of(whole),
        "waiting": len([each for each in queries.list_waiting(actor) if each.next_act in SIGNING]),
        "back": BOXES["draft"].href(document.pk),
        "now": at,
    }


def asked_of(whole: Whole, actor: Actor, at: datetime) -> dict[str, Any]:
    """What the form says of the signature that is asked for: as whom, by which certificate and device."""
    hand = _hand(whole, actor)
    certificate, no_certificate = _certificate(hand, actor, at)
    return {
        "hand": hand,
        "heading": HEADINGS[Part(hand.part)],
        "authority": " / ".join(hand.authority_lines),
        "certificate": certificate,
        "no_certificate": no_certificate,
        "elsewhere": certificate is not None and certificate.device.kind == Device.AGENT,
        "other_pin": whole.document.classified_id is not None and _opens_otherwise(certificate, actor, at),
        "agent": AGENT,
        "degraded": degraded(at),
    }


def _opens_otherwise(certificate: Certificate | None, actor: Actor, at: datetime) -> bool:
    """Whether a PIN of its own opens what is sealed to the actor: his key for opening lies elsewhere than the one that signs."""
    opens = keys.find_encryption_certificate(actor.person_id, at)
    if certificate is None or opens is None:
        return False
    own, other = certificate.device, opens.device
    return other.kind != Device.AGENT and (own.kind, own.serial) != (other.kind, other.serial)


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


DOES = {
    Part.INITIALS: gettext_lazy("%(who)s ký nháy"),
    Part.FORMAT: gettext_lazy("%(who)s kiểm tra thể thức"),
    Part.COSIGNER: gettext_lazy("%(who)s ký"),
    Part.SIGNER: gettext_lazy("%(who)s ký"),
}
HEADINGS = {
    Part.INITIALS: gettext_lazy("Ký nháy nội dung văn bản này"),
    Part.FORMAT: gettext_lazy("Ký kiểm tra thể thức văn bản này"),
    Part.COSIGNER: gettext_lazy("Cùng ký số văn bản này"),
    Part.SIGNER: gettext_lazy("Ký số văn bản này"),
}


def _hand(whole: Whole, actor: Actor) -> Signatory:
    """The actor's hand on this page: the one whose turn it is, else any of his, else the signer's."""
    assert whole.making is not None
    due = policy.find_hand(actor, whole.signatories, in_order=whole.making.in_order)
    own = [each for each in whole.signatories if each.person_id == actor.person_id]
    return due or [*own, *reversed(whole.signatories)][0]


def hands_of(whole: Whole) -> list[tuple[Signatory, Tone, Tone | None]]:
    """Who signs the page and how far each is, and the seal of an agency that issues it too; nothing where the signer is alone."""
    making = whole.making
    if making is None or not making.hands:
        return []
    due = policy.list_due(whole.signatories, in_order=making.in_order) if whole.document.next_act in SIGNING else []
    return [
        (each, _stands(each.signed_at, each in due), _stands(each.sealed_at, each.seal_waiting) if each.seals else None)
        for each in whole.signatories
    ]


def _stands(done: datetime | None, due: bool) -> Tone:
    if done:
        return Tone(_("Đã ký"), "ok", "check")
    return Tone(_("Đến lượt"), "flow", "pen") if due else Tone(_("Chưa ký"), "", "ring")


def _from_top(place: Any, height: float) -> dict[str, str]:
    """The box as SVG counts: from the top of the page."""
    box = {"x": place.x, "y": height - place.y - place.height, "width": place.width, "height": place.height}
    return {name: f"{value:.2f}" for name, value in box.items()}


def _certificate(hand: Signatory, actor: Actor, at: datetime) -> tuple[Any, str]:
    try:
        found = keys.get_certificate_for_person(actor.person_id, at, agency_id=hand.agency_id, name=actor.person_name)
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
    due = policy.list_due(whole.signatories, in_order=making.in_order)
    for each in whole.signatories:
        state = "done" if each.signed_at else "now" if each in due else ""
        steps.append((str(DOES[Part(each.part)]) % {"who": each.name}, state))
    steps.append((_("Văn thư cấp số"), ""))
    steps += [(_("%(agency)s đóng dấu") % {"agency": each.agency_name}, "") for each in whole.signatories if each.seals]
    return [*steps, (_("Cơ quan ký số, đóng dấu"), ""), (pgettext("step", "Phát hành"), "")]
