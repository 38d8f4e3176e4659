"""Many files sent at once: the place to drop them, how far each is, and what waits to be confirmed."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from antin.documents.types import ALL_TYPES
from antin.intake import policy, queries
from antin.intake.proposing import SURE
from antin.intake.separating import CODE
from antin.intake.states import Parting, Status
from antin.journeys import take_scans
from antin.people import queries as people
from antin.refusal import Refusal, refuse
from antin.typeset import separator
from antin.web import tones
from antin.web.drafting.forms import FilesField
from antin.web.drafting.page import fresh_key
from antin.web.refusals import OTHERWISE
from antin.web.session.middleware import SignedRequest
from antin.web.uploads import Incoming


class ScansForm(forms.Form):
    """Files of scanned papers; `key` makes a form sent twice harmless."""

    key = forms.RegexField(r"^[\w-]{16,64}$", widget=forms.HiddenInput)
    scans = FilesField(label=gettext_lazy("Tệp quét (PDF)"), required=True, allow_empty_file=True)


@require_http_methods(["GET", "POST"])
def show(request: SignedRequest) -> HttpResponse:
    """What was sent and how far it is; a POST takes more in, each file by itself."""
    request.place = reverse("incoming")
    refuse(policy.why_not_send(request.actor))
    form = ScansForm(initial={"key": fresh_key()})
    status = 200
    if request.method == "POST":
        form = ScansForm(request.POST, request.FILES)
        taken = _take(request, form) if form.is_valid() else 0
        if taken:
            told = ngettext("Đã nhận %(n)d tệp, đang tách và đọc.", "Đã nhận %(n)d tệp, đang tách và đọc.", taken)
            messages.success(request, told % {"n": taken})
        if not form.errors:
            return redirect("scans")
        status = OTHERWISE
    fragment = request.headers.get("HX-Target") == "progress"
    name = "intake/_progress.html" if fragment else "intake/scans.html"
    return render(request, name, _told(request) | {"form": form}, status=status)


def _take(request: SignedRequest, form: ScansForm) -> int:
    """Take each file in by itself; of each that is refused, say why beside the form."""
    taken = 0
    for n, sent in enumerate(form.cleaned_data["scans"]):
        name = sent.name or ""
        try:
            take_scans.send(
                cast(Incoming, sent).content(),
                name=name,
                key=f"{form.cleaned_data['key']}:{n}",
                actor=request.actor,
                at=timezone.now(),
            )
            taken += 1
        except Refusal as no:
            form.add_error("scans", f"{name}: {no.message}")
    return taken


def _told(request: SignedRequest) -> dict[str, Any]:
    actor = request.actor
    counted = queries.count_by_status(actor)
    scans = queries.list_scans(actor)
    waiting = sum(scan.parting == Parting.WAITING for scan in scans)
    open_ones = queries.list_papers(actor)
    bar = [
        ("ok", counted.get(Status.REGISTERED, 0), _("đã vào sổ")),
        ("flow", counted.get(Status.READY, 0), _("chờ xác nhận")),
        ("idle", counted.get(Status.READING, 0) + waiting, _("đang tách, đang đọc")),
    ]
    return {
        "scans": [{"scan": each, "state": tones.of(Parting(each.parting))} for each in scans],
        "papers": [_row(each) for each in open_ones],
        "settled": [_row(each) for each in queries.list_latest(actor)],
        "bar": bar,
        "shares": [(tone, n, words, "") for tone, n, words in bar],
        "ready": counted.get(Status.READY, 0),
        "going_on": bool(waiting or counted.get(Status.READING, 0)),
        "first": next((each.pk for each in open_ones if each.status == Status.READY), None),
    }


def _row(paper: Any) -> dict[str, Any]:
    """A paper as its line shows it: by its number once it is in the book, by what was read before."""
    told = {name: one["value"] for name, one in paper.proposals.items()} | {k: v for k, v in paper.facts.items() if v}
    doubtful = sum(one["sure"] < SURE for one in paper.proposals.values())
    kind = ALL_TYPES.get(told.get("type_code", ""))
    return {
        "paper": paper,
        "code": told.get("code", ""),
        "issuer": told.get("issuer_name", ""),
        "subject": told.get("subject", ""),
        "type_name": kind.name if kind else "",
        "doubtful": doubtful,
        "warnings": len(paper.warnings) + bool(paper.unread),
        "state": tones.of(Status(paper.status)),
        "href": reverse("document", args=[paper.document_id])
        if paper.document_id
        else reverse("scanned-paper", args=[paper.pk]),
    }


@require_safe
def sheet(request: SignedRequest) -> HttpResponse:
    """The separator sheet, to be printed as often as it is needed."""
    refuse(policy.why_not_send(request.actor))
    unit = people.get_unit(request.actor.agency_id)
    pdf = separator.lay_out(code=CODE, agency=unit.name, at=timezone.now())
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="to-phan-cach.pdf"', "Cache-Control": "private, no-store"},
    )
