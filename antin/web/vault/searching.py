"""Searching sealed words: asked with the PIN, answered once; neither words nor answer are kept, and no address holds them."""

from __future__ import annotations

import base64

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from antin.refusal import Refusal
from antin.vault import operations
from antin.vault.states import Part
from antin.web import unlocking
from antin.web.asking import sent
from antin.web.middleware import AGENT, WITH_AGENT
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.web.vault import forms


@require_http_methods(["GET", "POST"])
def search(request: SignedRequest) -> HttpResponse:
    """The question, and under it the answer."""
    form = forms.Find(sent(request))
    found: operations.Found | None = None
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            found = operations.search(
                asked=form.cleaned_data["asked"], pin=form.cleaned_data["pin"], actor=request.actor, at=timezone.now()
            )
        except Refusal as no:
            refused = no
    told = {
        "form": form,
        "found": found,
        "refused": refused,
        "counted": _counted(found) if found else "",
        "hits": [
            {
                "number": hit.classified_id,
                "phrase": hit.phrase,
                "parts": ", ".join(dict.fromkeys(str(Part(part.part).label) for part in hit.parts)),
            }
            for hit in (found.hits if found else [])
        ],
    }
    status = 200 if request.method == "GET" or found else status_of(refused) if refused else 422
    by_device = unlocking.by_device(request)
    answer = render(request, "vault/search.html", told | {"by_device": by_device, "agent": AGENT}, status=status)
    if by_device:
        answer["Content-Security-Policy"] = WITH_AGENT
    return answer


@require_POST
def lists(request: SignedRequest) -> HttpResponse:
    """Sealed word lists and their closed keys, for the script of the page: the reader's device and browser open and look."""
    before = request.POST.get("before", "")
    given = operations.give_words(
        before=int(before) if before.isdigit() and len(before) < 18 else None, actor=request.actor, at=timezone.now()
    )
    told = {
        "certificate": base64.b64encode(bytes(given.certificate.certificate)).decode(),
        "title": ngettext("Danh mục từ của %(n)d tài liệu mật", "Danh mục từ của %(n)d tài liệu mật", given.looked)
        % {"n": given.looked},
        "code": request.actor.agency_name,
        "place": _("tìm"),
        "signer": f"{request.actor.person_name}, {request.actor.post_title}",
        "wraps": [
            {
                "sealed": base64.b64encode(each.wrapped.sealed).decode(),
                "ephemeral": base64.b64encode(each.wrapped.ephemeral).decode(),
            }
            for each in given.lists
        ],
        "lists": [
            {
                "id": each.content.classified_id,
                "href": reverse("secret", args=[each.content.classified_id]),
                "name": _("Tài liệu mật số %(number)s") % {"number": each.content.classified_id},
                "part": str(Part(each.content.part).label),
                "sealed": base64.b64encode(each.nonce + each.sealed).decode(),
            }
            for each in given.lists
        ],
        "looked": given.looked,
        "closed": given.closed,
        "before": given.before,
    }
    return JsonResponse(told)


def _counted(found: operations.Found) -> str:
    words = ngettext("Thấy %(n)d tài liệu", "Thấy %(n)d tài liệu", len(found.hits)) % {"n": len(found.hits)}
    return _("%(found)s trong %(looked)s tài liệu đã tra") % {"found": words, "looked": found.looked}
