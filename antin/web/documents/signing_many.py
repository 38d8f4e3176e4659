"""Many documents signed in one act: first pages seen and ticked, one PIN, and a page of progress that outlives its closing."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from antin.documents import queries
from antin.documents.states import SIGNING
from antin.documents.types import ALL_TYPES
from antin.journeys import sign_batch, sign_document
from antin.keys import queries as keys
from antin.keys.states import Device
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.signing import queries as signatures
from antin.signing.policy import MOST_AT_ONCE
from antin.signing.states import ItemState
from antin.web import tones
from antin.web.documents.forms import OpenKey, SignManyElsewhere
from antin.web.documents.paper import image_of
from antin.web.documents.rows import stamps_of
from antin.web.documents.signing import degraded
from antin.web.middleware import AGENT, WITH_AGENT
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

PREPARED = "antin.batch.prepared"


@require_http_methods(["GET", "POST"])
def choose(request: SignedRequest) -> HttpResponse:
    """The pages that wait for this signature; those ticked are signed by one PIN."""
    at = timezone.now()
    request.place = reverse("drafts")
    if request.method == "POST" and "signature" in request.POST:
        return _take(request, at)
    form = OpenKey(request.POST if request.method == "POST" else None)
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            batch = sign_batch.sign_batch(
                seen=_seen(request.POST.getlist("pick")),
                pin=form.cleaned_data["pin"],
                actor=request.actor,
                today=local_date(at),
                at=at,
            )
            return HttpResponseRedirect(reverse("signing-batch", args=[batch.pk]))
        except Refusal as no:
            refused = no
            form.add_error("pin" if "pin" in no.code or no.code == "device_locked" else None, no.message)
    picked = set(request.POST.getlist("pick"))
    rows = [_row(document, picked) for document in _waiting(request.actor)]
    told = {
        "form": form,
        "rows": rows,
        "batches": signatures.list_batches(request.actor),
        "degraded": degraded(at),
        "back": reverse("drafts"),
    } | _key_of(request.actor, at)
    status = 200 if request.method == "GET" else status_of(refused) if refused else 422
    return _with_agent(render(request, "documents/sign_many.html", told, status=status), told)


def _key_of(actor: Actor, at: datetime) -> dict[str, Any]:
    """Where the key is that signs them: within the node's reach, on the signer's own machine, or nowhere, and why."""
    try:
        found = keys.get_certificate_for_person(actor.person_id, at, agency_id=actor.agency_id, name=actor.person_name)
    except Refusal as no:
        return {"no_certificate": no.message, "elsewhere": False}
    return {"no_certificate": "", "elsewhere": found.device.kind == Device.AGENT, "agent": AGENT}


def _with_agent(answer: HttpResponse, told: dict[str, Any]) -> HttpResponse:
    if told["elsewhere"]:
        answer["Content-Security-Policy"] = WITH_AGENT
    return answer


@require_POST
def prepare(request: SignedRequest) -> HttpResponse:
    """Begin a batch for the program on the signer's machine; for the script of the page."""
    at = timezone.now()
    seen = _seen(request.POST.getlist("pick"))
    return _asked(
        sign_batch.prepare_elsewhere(seen=seen, actor=request.actor, today=local_date(at), at=at), request.actor, at
    )


@require_POST
def prepare_rest(request: SignedRequest, batch_id: int) -> HttpResponse:
    """The same for what is left of one that was cut short."""
    at = timezone.now()
    return _asked(
        sign_batch.prepare_rest(batch_id=batch_id, actor=request.actor, today=local_date(at), at=at), request.actor, at
    )


def _asked(asked: sign_batch.Prepared, actor: Actor, at: datetime) -> HttpResponse:
    href = reverse("signing-batch", args=[asked.batch_id])
    if not asked.items:
        return JsonResponse(
            {"words": _("Không văn bản nào ký được; xem lý do ở trang kết quả."), "href": href}, status=409
        )
    numbers = [number for number, _name, _data in asked.items]
    count = len(numbers)
    return JsonResponse(
        {
            "items": [{"title": name, "data": base64.b64encode(data).decode()} for _number, name, data in asked.items],
            "certificate": base64.b64encode(asked.certificate).decode(),
            "prepared": signing.dumps([asked.batch_id, numbers, at.isoformat()], salt=PREPARED),
            "title": ngettext("%(n)d văn bản", "%(n)d văn bản", count) % {"n": count},
            "code": "",
            "place": "",
            "signer": f"{actor.person_name}, {actor.post_title}",
        }
    )


def _take(request: SignedRequest, at: datetime) -> HttpResponse:
    """Put in what the program on the signer's machine has signed; the page of progress says what came of each."""
    form = SignManyElsewhere(request.POST)
    try:
        if not form.is_valid():
            raise ValueError("incomplete")
        batch_id, numbers, prepared_at = signing.loads(form.cleaned_data["prepared"], salt=PREPARED)
        values = [base64.b64decode(each, validate=True) for each in form.cleaned_data["signature"].split()]
        made = dict(zip(numbers, values, strict=True))
    except (signing.BadSignature, ValueError) as wrong:
        raise sign_document.PreparedTooLongAgo from wrong
    sign_batch.take_signatures(
        batch_id=batch_id, made=made, prepared_at=datetime.fromisoformat(prepared_at), actor=request.actor, at=at
    )
    return HttpResponseRedirect(reverse("signing-batch", args=[batch_id]))


def _waiting(actor: Actor) -> list[Any]:
    waiting = [each for each in queries.list_waiting(actor) if each.next_act in SIGNING]
    return [each for each in waiting if each.making.laid_out_file and each.classified_id is None][:MOST_AT_ONCE]


def _seen(picks: list[str]) -> dict[int, str]:
    """What was ticked: document by the digest of the page that was shown."""
    pairs = [pick.partition(":") for pick in picks]
    return {int(number): digest for number, _colon, digest in pairs if number.isdigit()}


def _row(document: Any, picked: set[str]) -> dict[str, Any]:
    page = document.making.signed_file or document.making.laid_out_file
    pick = f"{document.pk}:{page}"
    return {
        "document": document,
        "pick": pick,
        "picked": pick in picked,
        "image": image_of(document.pk, page, 1),
        "stamps": stamps_of(document),
        "type_name": ALL_TYPES[document.type_code].name,
        "href": reverse("document-sign", args=[document.pk]),
    }


@require_http_methods(["GET", "POST"])
def progress(request: SignedRequest, batch_id: int) -> HttpResponse:
    """How a batch stands; and going on with one that was cut short, which asks the PIN again."""
    at = timezone.now()
    request.place = reverse("drafts")
    batch = signatures.get_batch_for(request.actor, batch_id)
    if request.method == "POST" and "signature" in request.POST:
        return _take(request, at)
    form = OpenKey(request.POST if request.method == "POST" else None)
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            sign_batch.go_on(
                batch_id=batch_id, pin=form.cleaned_data["pin"], actor=request.actor, today=local_date(at), at=at
            )
            return HttpResponseRedirect(reverse("signing-batch", args=[batch_id]))
        except Refusal as no:
            refused = no
            form.add_error("pin", no.message)
    items = signatures.list_items(batch_id)
    counted = {state: sum(item.state == state for item in items) for state in ItemState}
    total = len(items)
    bar = [
        ("ok", counted[ItemState.DONE], _("xong")),
        ("flow", counted[ItemState.SIGNED], _("đang hoàn tất")),
        ("late", counted[ItemState.FAILED], _("không ký được")),
        ("idle", counted[ItemState.WAITING], _("chưa ký")),
    ]
    told = {
        "batch": batch,
        "form": form,
        "items": [
            {
                "name": item.name,
                "state": tones.of(ItemState(item.state)),
                "fault": item.fault,
                "href": reverse("document", args=[item.subject_id]),
            }
            for item in items
        ],
        "heading": _heading(counted, total),
        "bar": bar,
        "shares": [(tone, count, words, "") for tone, count, words in bar],
        "waiting": counted[ItemState.WAITING],
        "explains": _(
            "Khóa đã ký; hệ thống đang lấy dấu thời gian và ghép chữ ký vào tệp. Đóng trang này thì việc vẫn chạy."
        )
        if counted[ItemState.SIGNED]
        else _("Kết quả từng văn bản ở dưới."),
        "here": reverse("signing-batch", args=[batch_id]),
        "polls": counted[ItemState.SIGNED] > 0,
        "back": reverse("sign-many"),
        "place": _("Ký nhiều văn bản"),
        "degraded": degraded(at),
    } | _key_of(request.actor, at)
    fragment = request.headers.get("HX-Target") == "progress"
    status = 200 if request.method == "GET" else status_of(refused) if refused else 422
    name = "documents/_batch.html" if fragment else "documents/batch.html"
    return _with_agent(render(request, name, told, status=status), told)


def _heading(counted: dict[ItemState, int], total: int) -> str:
    done = counted[ItemState.DONE]
    if done == total:
        return ngettext("Đã ký xong %(n)d văn bản", "Đã ký xong %(n)d văn bản", total) % {"n": total}
    return _("Đã hoàn tất %(done)d trên %(total)d văn bản") % {"done": done, "total": total}
