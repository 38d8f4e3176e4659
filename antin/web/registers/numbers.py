"""Numbers out of turn: kept back for a document to come, or put between two others; audited exceptions, each with its reason."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from antin.documents import queries as documents
from antin.documents.types import COPY_SERIES, DocumentType, number_words, series_name, series_types
from antin.numbering import operations as numbering
from antin.numbering import policy, queries
from antin.numbering.queries import SeriesKey
from antin.numbering.states import Status
from antin.people import queries as people
from antin.people.states import BodyKind
from antin.refusal import Refusal, refuse
from antin.web import tones
from antin.web.asking import Offer, Question, ask, offer, sent
from antin.web.registers import forms
from antin.web.registers.books import refuse_outsider, year_of
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date


def _drafted(request: SignedRequest) -> dict[str, DocumentType]:
    return documents.list_drafted(request.actor.agency_id, local_date(timezone.now()))


def _series(request: SignedRequest, year: int) -> dict[str, tuple[SeriesKey, str]]:
    """The series a number can be kept in: what is sent for each, its key and its name."""
    found = {}
    for key, (name, codes) in queries.list_keys(
        request.actor.agency_id, (*_drafted(request), COPY_SERIES), year
    ).items():
        found[codes[0]] = (key, name or series_name(codes[0]))
    for body in people.list_bodies(request.actor.agency_id):
        if body.closed_on is None:
            codes_of = series_types(body.kind == BodyKind.PARTY)
            for key, (name, codes) in queries.list_keys(request.actor.agency_id, codes_of, year, body.pk).items():
                found[f"{codes[0]}@{body.pk}"] = (key, f"{name or series_name(codes[0])}, {body.name}")
    return found


@require_safe
def page(request: SignedRequest) -> HttpResponse:
    """What is kept back now, and every exception of the year with what became of it."""
    refuse_outsider(request)
    actor = request.actor
    request.place = reverse("registers")
    year = year_of(request, queries.list_years(actor.agency_id))
    books = queries.list_books(actor.agency_id)
    kept = queries.list_reserved(agency_id=actor.agency_id)
    no = policy.why_not_reserve(actor, actor.agency_id)
    told = {
        "year": year,
        "offers": _offers(request),
        "kept": [_row(each, books) | {"release": "" if no else _release(each.pk)} for each in kept],
        "past": [
            _row(each, books)
            for each in queries.list_exceptions(agency_id=actor.agency_id, year=year)
            if each.status != Status.RESERVED
        ],
        "today": local_date(timezone.now()),
    }
    return render(request, "registers/numbers.html", told)


def _offers(request: SignedRequest) -> list[Offer]:
    actor = request.actor
    keep, put = policy.why_not_reserve(actor, actor.agency_id), policy.why_not_insert(actor, actor.agency_id)
    return [
        offer(keep, "reserve", _("Giữ số"), reverse("number-reserve"), sign="number", kind="main", dialog=True),
        offer(put, "insert", _("Cho chèn số"), reverse("number-insert"), sign="plus", dialog=True),
    ]


def _release(number_id: int) -> str:
    return reverse("number-release", args=[number_id])


def _row(number: Any, books: Any) -> dict[str, Any]:
    group = number.series.type_group
    return {
        "number": f"{number_words(number.value)}{number.suffix}",
        "name": ", ".join(
            filter(None, (queries.name_of(number.series, books) or series_name(group), _body_name(number.series)))
        ),
        "inserted": bool(number.suffix),
        "row": number,
        "state": tones.of(Status(number.status)),
        "href": reverse("document", args=[number.subject_id]) if number.subject_kind == "document" else "",
    }


def _body_name(series: Any) -> str:
    return people.get_body(series.body_id).name if series.body_id else ""


def _question(heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, reverse("registers-numbers"), _("Giữ số, chèn số"), **more)


@require_http_methods(["GET", "POST"])
def reserve(request: SignedRequest) -> HttpResponse:
    """Keep the next number of a series back."""
    at = timezone.now()
    today = local_date(at)
    refuse(policy.why_not_reserve(request.actor, request.actor.agency_id))
    series = _series(request, today.year)

    def do(answers: dict[str, Any]) -> str:
        key, name = series[answers["series"]]
        kept = numbering.reserve(
            series=key, reason=answers["reason"], until=answers["until"], actor=request.actor, today=today, at=at
        )
        return _("Đã giữ số %(number)s, %(series)s.") % {"number": number_words(kept.value), "series": name}

    question = _question(
        _("Giữ số tiếp theo của một sổ"),
        _("Giữ số"),
        sign="number",
        explains=_(
            "Số được giữ không ai khác lấy được. Dùng khi cấp số cho văn bản; quá hạn thì số bị hủy, lý do ghi vào sổ."
        ),
    )
    choices = [(code, name) for code, (_key, name) in series.items()]
    return ask(request, question, forms.Reserve(sent(request), series=choices), do)


@require_http_methods(["GET", "POST"])
def insert(request: SignedRequest) -> HttpResponse:
    """Let a number be put between two others."""
    at = timezone.now()
    today = local_date(at)
    refuse(policy.why_not_insert(request.actor, request.actor.agency_id))
    series = _series(request, today.year)

    def do(answers: dict[str, Any]) -> str:
        key, name = series[answers["series"]]
        kept = numbering.insert(
            series=key,
            after=answers["after"],
            reason=answers["reason"],
            until=answers["until"],
            actor=request.actor,
            today=today,
            at=at,
        )
        number = f"{number_words(kept.value)}{kept.suffix}"
        return _("Đã cho chèn số %(number)s, %(series)s; văn thư dùng khi cấp số.") % {"number": number, "series": name}

    question = _question(
        _("Cho chèn số giữa hai số đã cấp"),
        _("Cho chèn số"),
        sign="plus",
        explains=_("Ngoại lệ có kiểm soát: số chèn mang chữ cái (12a), lý do và người cho phép ghi vào sổ và nhật ký."),
    )
    choices = [(code, name) for code, (_key, name) in series.items()]
    return ask(request, question, forms.Insert(sent(request), series=choices), do)


@require_http_methods(["GET", "POST"])
def release(request: SignedRequest, number_id: int) -> HttpResponse:
    """Give up a number that is kept back."""
    number = queries.get_number_for(request.actor, number_id)
    no: Refusal | None = policy.why_not_reserve(request.actor, number.series.agency_id)
    refuse(no if number.status == Status.RESERVED else numbering.NotReserved())

    def do(answers: dict[str, Any]) -> str:
        numbering.release(number_id=number_id, reason=answers["reason"], actor=request.actor, at=timezone.now())
        return _("Đã thôi giữ số %(number)s; số này đã hủy.") % {"number": f"{number.value}{number.suffix}"}

    question = _question(
        _("Thôi giữ số %(number)s?") % {"number": f"{number.value}{number.suffix}"},
        _("Thôi giữ số"),
        sign="x",
        kind="danger",
        explains=_("Số bị hủy với lý do này và không bao giờ cấp lại."),
    )
    return ask(request, question, forms.Reason(sent(request)), do)
