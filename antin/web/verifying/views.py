"""The page where anybody in the house has the signatures of any file judged. The file is read and forgotten.

The answer is rendered by the POST itself, for nothing changes. What can be taken away (a record as PDF, the report as JSON) is
made from a report that the node has signed and that travels in the page: nobody can have a record of words that are not ours.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.web.documents import evidence
from antin.web.session.middleware import SignedRequest
from antin.web.uploads import Incoming
from antin.web.verifying import asked, records


class VerifyForm(asked.AtForm):
    file = forms.FileField(
        label=gettext_lazy("Tệp"),
        max_length=255,
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Chưa chọn tệp."), "invalid": gettext_lazy("Chưa chọn tệp.")},
    )
    beside = forms.FileField(
        label=gettext_lazy("Tệp được ký, khi tệp trên là chữ ký .p7s"),
        required=False,
        max_length=255,
        allow_empty_file=True,
        widget=forms.FileInput(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: SignedRequest) -> HttpResponse:
    """Ask for a file, and say what its signatures are."""
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm()
    told: dict[str, Any] = {"form": form, "others": None}
    if form.is_bound and form.is_valid():
        upload = cast(Incoming, form.cleaned_data["file"])
        signed = cast(Incoming | None, form.cleaned_data["beside"])
        try:
            content = upload.content().read()
            beside = signed.content().read() if signed else None
        except Refusal as no:
            form.add_error("file", no.message)
        else:
            told |= judged(
                content,
                name=upload.name or "",
                on=form.cleaned_data["at"],
                ask=form.cleaned_data["others"],
                beside=beside,
            )
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "verifying/verify.html", told, status=status)


def judged(content: bytes, *, name: str, on: date | None, ask: bool, beside: bytes | None = None) -> dict[str, Any]:
    """What the page says of a file."""
    report = signing.examine(content=content, beside=beside, at=asked.moment(on))
    said = signing.ask_others(content=content, report=report, beside=beside) if ask else []
    others = [asked.opinion(each) for each in said] if ask else None
    return {
        "name": name,
        "digest": report.file,
        "evidence": evidence.word(report),
        "others": others,
        "attested": signing.attest(report=report, name=name).decode(),
    }


@require_POST
def record(request: SignedRequest) -> HttpResponse:
    """Hand out what was found: the record as PDF, or the signed report itself. :raises NotOurReport:"""
    line = request.POST.get("attested", "")
    told = signing.read_attested(line=line)
    return records.answer(told, line, as_pdf=request.POST.get("as") != "json", house=request.actor.agency_name)
