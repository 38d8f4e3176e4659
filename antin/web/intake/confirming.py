"""One scanned paper: what was read off it beside its pages, corrected where it is wrong, and entered in the book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from antin.documents import queries as documents
from antin.documents.operations.receiving import DuplicateArrival
from antin.files import queries as kept
from antin.intake import operations as intake
from antin.intake import policy, queries
from antin.intake.proposing import DOUBTFUL, SURE, WARNINGS
from antin.intake.states import Status
from antin.journeys import take_scans
from antin.people import queries as people
from antin.people.states import Role
from antin.refusal import NotFound, Refusal, refuse
from antin.web import tones
from antin.web.clocks import LOCAL
from antin.web.drafting.paper import FIELDS, WIDTHS, PaperForm
from antin.web.refusals import OTHERWISE, status_of, wants_json
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

MOST_SHOWN = 50
SECRET = ("1", "2", "3")
READ = ("type_code", "code", "document_date", "issuer_name", "subject", "urgency", "secrecy")
"""The fields that are read off the paper, in the order of the form."""


class ConfirmForm(PaperForm):
    """The facts of a paper whose scan is there already."""

    key = None  # type: ignore[assignment]
    scan = None  # type: ignore[assignment]
    attachments = None  # type: ignore[assignment]


@require_http_methods(["GET", "POST"])
def confirm(request: SignedRequest, paper_id: int) -> HttpResponseBase:
    """Confirm or correct, field by field; what is written is kept as it is written, and registered when the clerk says so."""
    request.place = reverse("incoming")
    at = timezone.now()
    paper = queries.get_for(request.actor, paper_id)
    if paper.document_id is not None:
        return redirect("document", paper.document_id)
    posts = people.list_posts(request.actor.agency_id, local_date(at), roles=(Role.HEAD, Role.DEPUTY))
    leaders = [post for post in posts if post.person_id is not None]
    if request.method == "GET":
        return _draw(request, paper, ConfirmForm(initial=_begun(paper), leaders=leaders), at)
    form = ConfirmForm(request.POST, leaders=leaders)
    if wants_json(request):
        return _keep(request, paper, form, at)
    if not form.is_valid():
        return _draw(request, paper, form, at, status=OTHERWISE)
    return _register(request, paper, form, at)


def _begun(paper: Any) -> dict[str, Any]:
    read = {name: one["value"] for name, one in paper.proposals.items()}
    return {"type_code": "CV", "urgency": 0, "secrecy": 0} | read | paper.facts


def _draw(
    request: SignedRequest,
    paper: Any,
    form: ConfirmForm,
    at: datetime,
    *,
    status: int = 200,
    refused: Sequence[Refusal] = (),
) -> HttpResponse:
    shown = kept.find_rendition(paper.digest, kept.RECOGNISED, 0)
    doubtful = _doubtful(paper)
    told = {
        "paper": paper,
        "form": form,
        "state": tones.of(Status(paper.status)),
        "why_not": policy.why_not_change(request.actor, paper, "register"),
        "warnings": [_(WARNINGS[code]) for code in paper.warnings],
        "unread": _(kept.UNREAD_WORDS[paper.unread]) if paper.unread else "",
        "same": _same(request, form),
        "despite": "despite_duplicate" in request.POST,
        "refused": refused,
        "hints": {name: _hint(paper.proposals.get(name)) for name in READ},
        "addressees": paper.proposals.get("addressees", {}).get("value", ""),
        "leaves": _leaves(paper, shown.digest if shown else paper.digest),
        "doubtful": doubtful,
        "first": doubtful[0] if doubtful else "code",
        "issuers": list(documents.list_issuers(paper.agency_id)),
        "waiting": queries.count_by_status(request.actor).get(Status.READY, 0),
    }
    return render(request, "intake/paper.html", told, status=status)


def _doubtful(paper: Any) -> list[str]:
    """The fields to be looked at: not read, or not surely."""
    needed = ("code", "document_date", "issuer_name", "subject")
    return [
        name
        for name in READ
        if (name in paper.proposals and paper.proposals[name]["sure"] < SURE)
        or (name in needed and name not in paper.proposals)
    ]


def _hint(one: dict[str, Any] | None) -> str:
    """How sure a value is that was read."""
    if one is None:
        return ""
    share = {"n": round(one["sure"] * 100)}
    if one["sure"] >= SURE:
        return _("Đọc trên trang, chắc %(n)d %%") % share
    if one["sure"] >= DOUBTFUL:
        return _("Cần xem lại: chắc %(n)d %%") % share
    return _("Đọc chưa chắc: %(n)d %%") % share


def _leaves(paper: Any, digest: str) -> list[dict[str, Any]]:
    """The pages as images, with the places of what was read."""
    sizes = kept.facts_of(digest).page_sizes
    leaves = []
    for number in range(1, min(paper.pages, MOST_SHOWN) + 1):
        address = reverse("scanned-paper-page", args=[paper.pk, number])
        width, height = sizes[number - 1]
        leaves.append(
            {
                "number": number,
                "src": f"{address}?w={WIDTHS[0]}",
                "srcset": ", ".join(f"{address}?w={w} {w}w" for w in WIDTHS),
                "width": round(width, 2),
                "height": round(height, 2),
                "pixels": round(900 * height / width),
                "places": [
                    _place(name, one["box"], height) for name, one in paper.proposals.items() if one["page"] == number
                ],
            }
        )
    return leaves


def _place(name: str, box: dict[str, float], height: float) -> dict[str, str]:
    """A box as SVG counts: from the top of the page."""
    told = {
        "x": box["left"] - 3,
        "y": height - box["top"] - 2,
        "width": box["right"] - box["left"] + 6,
        "height": box["top"] - box["bottom"] + 4,
    }
    return {"name": name} | {key: f"{value:.1f}" for key, value in told.items()}


def _same(request: SignedRequest, form: ConfirmForm) -> Any:
    """An arrival with the same number, notation, issuer and date as is written now."""
    try:
        code, issuer, day = (form.fields[n].clean(form[n].value()) for n in ("code", "issuer_name", "document_date"))
    except forms.ValidationError:
        return None
    if not (code and day):
        return None
    return documents.find_duplicate(
        agency_id=request.actor.agency_id, identifier="", code=code, issuer_name=issuer, document_date=day
    )


def _keep(request: SignedRequest, paper: Any, form: ConfirmForm, at: datetime) -> JsonResponse:
    """Keep what is written so far, whether it is right already or not."""
    form.is_valid()
    given = {name: str(form[name].value() or "") for name in (*READ, "reply_by")}
    if given["secrecy"] in SECRET:
        take_scans.erase(paper_id=paper.pk, actor=request.actor, at=at)
        raise policy.ErasedAsSecret
    intake.note(paper_id=paper.pk, facts=given, actor=request.actor, at=at)
    return JsonResponse({"saved": f"{at.astimezone(LOCAL):%H:%M}", "errors": {}})


def _register(request: SignedRequest, paper: Any, form: ConfirmForm, at: datetime) -> HttpResponse:
    given = {name: str(form[name].value() or "") for name in (*READ, "reply_by")}
    try:
        if given["secrecy"] not in SECRET:
            intake.note(paper_id=paper.pk, facts=given, actor=request.actor, at=at)
        document = take_scans.register(
            paper_id=paper.pk,
            facts=form.facts(),
            present_to=form.cleaned_data["present_to"],
            despite_duplicate="despite_duplicate" in request.POST,
            actor=request.actor,
            today=local_date(at),
            at=at,
        )
    except policy.ErasedAsSecret as no:
        messages.error(request, no.message)
        return redirect("scans")
    except Refusal as no:
        name = FIELDS.get(type(no))
        if name:
            form.add_error(name, no.message)
        beside = [] if name or isinstance(no, DuplicateArrival) else [no]
        return _draw(request, paper, form, at, status=status_of(no), refused=beside)
    leader = documents.arrival_of(document).presented_post
    told = {"number": document.arrival_number, "leader": leader.title if leader else ""}
    messages.success(request, _("Đã vào sổ, số đến %(number)s, trình %(leader)s.") % told)
    following = queries.find_next(request.actor, paper.pk)
    return redirect("scanned-paper", following.pk) if following else redirect("scans")


@require_GET
def page_image(request: SignedRequest, paper_id: int, number: int) -> HttpResponse:
    """A page of the paper, turned upright where that was seen."""
    paper = queries.get_for(request.actor, paper_id)
    if not 1 <= number <= paper.pages:
        raise NotFound
    asked = request.GET.get("w", "")
    width = int(asked) if asked.isdecimal() and int(asked) in WIDTHS else WIDTHS[0]
    shown = kept.find_rendition(paper.digest, kept.RECOGNISED, 0)
    picture = kept.page_image(shown.digest if shown else paper.digest, number, width)
    return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": "private, max-age=43200"})


@require_POST
def drop(request: SignedRequest, paper_id: int) -> HttpResponse:
    """Put the paper aside and go on with the next."""
    refuse(policy.why_not_send(request.actor))
    intake.drop(paper_id=paper_id, actor=request.actor, at=timezone.now())
    messages.success(request, _("Đã bỏ ra, không vào sổ. Lấy lại được ở cuối trang tiếp nhận."))
    following = queries.find_next(request.actor, paper_id)
    return redirect("scanned-paper", following.pk) if following else redirect("scans")


@require_POST
def bring_back(request: SignedRequest, paper_id: int) -> HttpResponse:
    refuse(policy.why_not_send(request.actor))
    intake.bring_back(paper_id=paper_id, actor=request.actor, at=timezone.now())
    return redirect("scanned-paper", paper_id)
