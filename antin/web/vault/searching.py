"""Searching sealed words: asked with the PIN, answered once; neither words nor answer are kept, and no address holds them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from antin.refusal import Refusal
from antin.vault import operations
from antin.vault.states import Part
from antin.web.asking import sent
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
    return render(request, "vault/search.html", told, status=status)


def _counted(found: operations.Found) -> str:
    words = ngettext("Thấy %(n)d tài liệu", "Thấy %(n)d tài liệu", len(found.hits)) % {"n": len(found.hits)}
    return _("%(found)s trong %(looked)s tài liệu đã tra") % {"found": words, "looked": found.looked}
