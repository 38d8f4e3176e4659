"""The proof that no number is missing: every series of a year counted anew, what is void and why, and what is kept back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from antin.documents import queries as documents
from antin.documents.types import number_words
from antin.numbering import queries as numbering
from antin.numbering.queries import Proof
from antin.web.registers import names
from antin.web.registers.books import Asked, refuse_outsider, year_of
from antin.web.session.middleware import SignedRequest


@require_safe
def show(request: SignedRequest) -> HttpResponse:
    """Whether the numbers of every series of a year are without a hole, and held by the documents that carry them."""
    refuse_outsider(request)
    agency_id = request.actor.agency_id
    year = year_of(request, numbering.list_years(agency_id))
    here = reverse("registers-proof")
    proofs = numbering.list_proofs(agency_id=agency_id, year=year)
    astray = documents.count_astray([each.series_id for each in proofs])
    by_id = {each.series_id: each for each in proofs}
    told = {
        "year": year,
        "whole": all(each.whole and not astray.get(each.series_id) for each in proofs),
        "years": [
            {"words": str(each), "href": f"{here}?year={each}", "current": each == year}
            for each in numbering.list_years(agency_id)
        ],
        "proofs": [_row(each, year, astray.get(each.series_id, 0)) for each in proofs],
        "voided": [_void(number, by_id) for number in numbering.list_voided(agency_id=agency_id, year=year)],
        "numbers_href": reverse("registers-numbers"),
        "now": timezone.now(),
    }
    return render(request, "registers/proof.html", told)


def _row(proof: Proof, year: int, astray: int) -> dict[str, Any]:
    return {
        "name": names.of_series(proof),
        "proof": proof,
        "astray": astray,
        "missing": ", ".join(map(str, proof.missing)),
        "href": Asked(proof.book, year, proof.mark if proof.book == "out" else "", bool(proof.secrecy_class)).href(),
    }


def _void(number: Any, proofs: dict[int, Proof]) -> dict[str, Any]:
    series = proofs.get(number.series_id)
    return {
        "name": names.of_series(series) if series else "",
        "value": f"{number_words(number.value)}{number.suffix}",
        "at": number.voided_at,
        "reason": number.void_reason,
        "href": reverse("document", args=[number.subject_id]) if number.subject_kind == "document" else "",
    }
