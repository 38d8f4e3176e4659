"""A file signed by itself: brought, shown with what it is, signed with one's own key or the agency's, fetched again."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import PurePath
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from antin.files import queries as kept
from antin.journeys import sign_file
from antin.journeys.sign_document import PreparedTooLongAgo
from antin.keys import queries as keys
from antin.keys.states import Device
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal
from antin.signing import operations as signatures
from antin.signing import policy, queries
from antin.signing.policy import INSIDE_XML
from antin.signing.states import RequestState
from antin.web.documents.forms import OpenKey
from antin.web.documents.signing import degraded
from antin.web.middleware import AGENT, WITH_AGENT
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.web.uploads import Incoming

PREPARED = "antin.file.prepared"
KINDS = {
    "application/pdf": gettext_lazy("tài liệu PDF"),
    "application/zip": gettext_lazy("tệp nén ZIP"),
    "text/plain": gettext_lazy("văn bản thuần"),
    "image/png": gettext_lazy("ảnh PNG"),
    "image/jpeg": gettext_lazy("ảnh JPEG"),
}


class Bring(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Tệp"),
        max_length=255,
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Chưa chọn tệp."), "invalid": gettext_lazy("Chưa chọn tệp.")},
    )


class Manner(forms.Form):
    """How the file is signed: with which key, and inside or beside."""

    certificate = forms.IntegerField(widget=forms.HiddenInput)
    inside = forms.ChoiceField(
        label=gettext_lazy("Chữ ký nằm ở đâu"),
        choices=[
            ("1", gettext_lazy("Trong tệp XML (XAdES)")),
            ("", gettext_lazy("Trong một tệp .p7s kèm theo (CAdES)")),
        ],
        required=False,
    )


class ByPin(Manner, OpenKey):
    """And the PIN of the key."""


class Elsewhere(Manner):
    """What the signer's own machine gave back."""

    prepared = forms.CharField(widget=forms.HiddenInput, max_length=400)
    signature = forms.CharField(widget=forms.HiddenInput, max_length=2000)


@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: SignedRequest) -> HttpResponse:
    """Take a file to be signed, and list what this person has signed so."""
    request.place = reverse("verify")
    form = Bring(request.POST, request.FILES) if request.method == "POST" else Bring()
    if form.is_bound and form.is_valid():
        upload = cast(Incoming, form.cleaned_data["file"])
        try:
            name = PurePath(upload.name or "").name
            row = signatures.bring_file(content=upload.content(), name=name, actor=request.actor, at=timezone.now())
            return HttpResponseRedirect(reverse("own-file", args=[row.pk]))
        except Refusal as no:
            form.add_error("file", no.message)
    rows = [
        {"row": row, "href": reverse("own-file", args=[row.pk]), "signed": _is_signed(row)}
        for row in queries.list_files_of(request.actor)
    ]
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "verifying/bring.html", {"form": form, "rows": rows}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: SignedRequest, file_id: int) -> HttpResponse:
    """Show what a file is; sign it; say what came of it."""
    at = timezone.now()
    request.place = reverse("verify")
    row = queries.get_file_for(request.actor, file_id)
    here = reverse("own-file", args=[file_id])
    if _is_signed(row):
        if request.method == "POST":
            return HttpResponseRedirect(here)
        return render(request, "verifying/signed.html", {"row": row, "told": _result(row), "name": _signed_name(row)})
    held = _keys(request.actor, at)
    chosen = _chosen(held, request)
    sent = request.POST if request.method == "POST" else None
    form: Manner = _form(chosen, sent)
    refused: Refusal | None = None
    if form.is_bound and form.is_valid():
        try:
            _carry_out(row, form, request.actor, at)
            messages.success(request, _("Đã ký “%(name)s”.") % {"name": row.name})
            return HttpResponseRedirect(here)
        except Refusal as no:
            refused = no
            form.add_error(
                "pin" if "pin" in form.fields and ("pin" in no.code or no.code == "device_locked") else None, no.message
            )
    why_not_inside = policy.why_not_inside(kept.read(row.file_id))
    told = {
        "row": row,
        "facts": _facts(row, why_not_inside),
        "form": form,
        "held": [{"words": each["words"], "href": f"?key={each['id']}", "current": each is chosen} for each in held],
        "chosen": chosen,
        "may_be_inside": why_not_inside is None,
        "degraded": degraded(at),
        "agent": AGENT,
    }
    answer = render(
        request,
        "verifying/sign_file.html",
        told,
        status=200 if request.method != "POST" else status_of(refused) if refused else 422,
    )
    if chosen and chosen["elsewhere"]:
        answer["Content-Security-Policy"] = WITH_AGENT
    return answer


@require_POST
def prepare(request: SignedRequest, file_id: int) -> HttpResponse:
    """Tell the program on the signer's machine what it is to sign; for the script of the page."""
    at = timezone.now()
    row = queries.get_file_for(request.actor, file_id)
    form = Manner(request.POST)
    if not form.is_valid():
        return JsonResponse({"words": _("Trang đã cũ; tải lại trang.")}, status=422)
    number = form.cleaned_data["certificate"]
    inside = form.cleaned_data["inside"] == "1"
    asked = sign_file.prepare_elsewhere(
        file_id=file_id, certificate_id=number, inside=inside, actor=request.actor, at=at
    )
    return JsonResponse(
        {
            "data": base64.b64encode(asked.data).decode(),
            "properties": base64.b64encode(asked.properties).decode(),
            "certificate": base64.b64encode(asked.certificate).decode(),
            "prepared": signing.dumps([file_id, number, inside, at.isoformat()], salt=PREPARED),
            "title": row.name,
            "code": _("Tệp XML, ký bên trong") if inside else _("Tệp, ký rời (.p7s)"),
            "place": "",
            "signer": f"{request.actor.person_name}, {request.actor.post_title}",
        }
    )


@require_POST
def forget(request: SignedRequest, file_id: int) -> HttpResponse:
    """Take away a file that is not to be signed after all."""
    signatures.forget_file(file_id=file_id, actor=request.actor, at=timezone.now())
    return HttpResponseRedirect(reverse("own-files"))


@require_safe
def fetch(request: SignedRequest, file_id: int, which: str) -> FileResponse:
    """Hand out the file that was brought, or its signature: for XML the signed document, else the .p7s. :raises NotFound:"""
    row = queries.get_file_for(request.actor, file_id)
    digest, name = (row.file_id, row.name) if which == "file" else (_newest(row), _signed_name(row))
    if not digest:
        raise NotFound(file_id=file_id)
    return FileResponse(
        kept.open_stream(digest), as_attachment=True, filename=name, content_type="application/octet-stream"
    )


def _newest(row: Any) -> str:
    return queries.newest_of(row.request) if _is_signed(row) else ""


def _is_signed(row: Any) -> bool:
    return row.request is not None and row.request.state == RequestState.DONE


def _signed_name(row: Any) -> str:
    if row.request is not None and row.request.field == INSIDE_XML:
        path = PurePath(row.name)
        return f"{path.stem}.da-ky{path.suffix or '.xml'}"
    return f"{row.name}.p7s"


def _carry_out(row: Any, form: Manner, actor: Actor, at: datetime) -> None:
    given = form.cleaned_data
    if isinstance(form, Elsewhere):
        try:
            number, certificate, inside, prepared_at = signing.loads(given["prepared"], salt=PREPARED)
            signature = base64.b64decode(given["signature"], validate=True)
        except (signing.BadSignature, ValueError) as wrong:
            raise PreparedTooLongAgo from wrong
        if (number, certificate) != (row.pk, given["certificate"]):
            raise PreparedTooLongAgo
        sign_file.take_signature(
            file_id=row.pk,
            certificate_id=certificate,
            inside=inside,
            signature=signature,
            prepared_at=datetime.fromisoformat(prepared_at),
            actor=actor,
            at=at,
        )
        return
    sign_file.sign_file(
        file_id=row.pk,
        certificate_id=given["certificate"],
        inside=given["inside"] == "1",
        pin=given.get("pin", ""),
        actor=actor,
        at=at,
    )


def _keys(actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """The keys this person may sign a file with: his own, and the agency's if he keeps its seal."""
    found = []
    try:
        own = keys.get_certificate_for_person(actor.person_id, at, agency_id=actor.agency_id, name=actor.person_name)
        found.append(_key(own, own.name, asks_pin=own.device.kind != Device.AGENT))
    except Refusal:
        pass
    if actor.keeps_seal:
        try:
            seal = keys.get_certificate_for_agency(actor.agency_id, at, name=actor.agency_name)
            words = _("Con dấu %(name)s") % {"name": seal.name}
            found.append(_key(seal, words, asks_pin=keys.asks_keepers_pin(actor.agency_id, at)))
        except Refusal:
            pass
    return found


def _key(certificate: Any, words: str, *, asks_pin: bool) -> dict[str, Any]:
    elsewhere = certificate.device.kind == Device.AGENT
    return {
        "id": certificate.pk,
        "words": words,
        "row": certificate,
        "elsewhere": elsewhere,
        "asks_pin": asks_pin and not elsewhere,
    }


def _chosen(held: list[dict[str, Any]], request: SignedRequest) -> dict[str, Any] | None:
    wanted = request.POST.get("certificate") or request.GET.get("key", "")
    return next((each for each in held if str(each["id"]) == wanted), held[0] if held else None)


def _form(chosen: dict[str, Any] | None, sent: Any) -> Manner:
    first = {"certificate": chosen["id"] if chosen else None, "inside": "1"}
    if sent is not None and "signature" in sent:
        return Elsewhere(sent, initial=first)
    kind = ByPin if chosen is not None and chosen["asks_pin"] else Manner
    return kind(sent, initial=first)


def _facts(row: Any, why_not_inside: Refusal | None) -> list[tuple[str, str]]:
    kind = _("tài liệu XML") if why_not_inside is None or why_not_inside.code != "not_xml" else ""
    return [
        (_("Loại tệp"), kind or str(KINDS.get(row.file.media_type, row.file.media_type))),
        ("SHA-256", row.file_id),
    ]


def _result(row: Any) -> dict[str, Any]:
    request = row.request
    inside = request.field == INSIDE_XML
    return {
        "inside": inside,
        "kind": "XAdES" if inside else "CAdES",
        "certificate": request.certificate,
        "level": request.reached,
        "at": request.done_at,
        "proof": queries.find_proof(request.result_file),
    }
