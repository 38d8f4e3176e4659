"""Pictures of stamps and signatures: what is shown, as it looks on a page, the history; another from a day on, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from antin.files import queries as files
from antin.keys import images, operations, queries
from antin.people import queries as people
from antin.web.administration import forms
from antin.web.asking import Question, ask, brought, sent
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.keys.models import Picture


def _owner(request: SignedRequest, picture: Picture) -> tuple[str, str]:
    """The name and the page of whose picture it is. :raises NotFound: not of the administrator's house"""
    if picture.agency_id is not None:
        request.place = reverse("units")
        unit = people.get_unit_for(request.actor, picture.agency_id)
        return unit.name, reverse("unit-pictures", args=[unit.pk])
    request.place = reverse("people")
    person = people.get_person_for(request.actor, picture.person_id or 0)
    return person.name, reverse("person-pictures", args=[person.pk])


def _page(request: SignedRequest, pictures: list[Picture], told: dict[str, Any]) -> HttpResponse:
    at = timezone.now()
    shown = queries.find_shown(pictures, at)
    today = local_date(at)
    wide, high = (shown.width_mm, shown.height_mm) if shown else told.pop("drawn_mm")
    told |= {
        "size": _("Rộng %(wide)s mm, cao %(high)s mm.") % {"wide": _mm(wide), "high": _mm(high)},
        **{name: f"{value:.2f}" for name, value in (("wide", wide), ("high", high))},
        "at_x": f"{(WIDE - wide) / 2:.2f}",
        "at_y": f"{(HIGH - high) / 2:.2f}",
    }
    rows = [{"row": each, "shown": each == shown, "coming": each.since > today} for each in pictures]
    return render(request, "administration/pictures.html", {"rows": rows, "shown": shown, **told})


@require_safe
def of_agency(request: SignedRequest, unit_id: int) -> HttpResponse:
    """The stamp of an agency."""
    unit = people.get_agency_for(request.actor, unit_id)
    request.place = reverse("units")
    told = {
        "is_stamp": True,
        "name": unit.name,
        "back": reverse("unit", args=[unit.pk]),
        "add": reverse("unit-picture-set", args=[unit.pk]),
        "drawn": reverse("unit-picture-drawn", args=[unit.pk]),
        "drawn_mm": (float(images.STAMP_MM), float(images.STAMP_MM)),
    }
    return _page(request, queries.list_pictures(agency_id=unit.pk), told)


@require_safe
def of_person(request: SignedRequest, person_id: int) -> HttpResponse:
    """The signature of a person."""
    person = people.get_person_for(request.actor, person_id)
    request.place = reverse("people")
    told = {
        "is_stamp": False,
        "name": person.name,
        "back": reverse("person", args=[person.pk]),
        "add": reverse("person-picture-set", args=[person.pk]),
        "drawn": reverse("person-picture-drawn", args=[person.pk]),
        "drawn_mm": tuple(map(float, images.SIGNATURE_MM)),
    }
    return _page(request, queries.list_pictures(person_id=person.pk), told)


def _mm(value: float) -> str:
    return formats.number_format(round(value, 1))


WIDE, HIGH = 90, 62
"""The place of a signature on the page that shows it, in millimetres, as the template draws it."""


def _png(content: bytes) -> HttpResponse:
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="image/png", headers=headers)


@require_safe
def drawn_of_agency(request: SignedRequest, unit_id: int) -> HttpResponse:
    """The stamp as it is drawn where none was brought."""
    unit = people.get_agency_for(request.actor, unit_id)
    return _png(images.stamp(unit.name, unit.parent_name or (unit.parent.name if unit.parent else "")))


@require_safe
def drawn_of_person(request: SignedRequest, person_id: int) -> HttpResponse:
    """The signature as it is drawn where none was brought."""
    return _png(images.signature(people.get_person_for(request.actor, person_id).name))


@require_safe
def image(request: SignedRequest, picture_id: int) -> HttpResponse:
    """One picture."""
    picture = queries.get_picture(picture_id)
    _owner(request, picture)
    return _png(files.read(picture.file))


def _set(request: SignedRequest, *, name: str, here: str, is_stamp: bool, **owner: int) -> HttpResponse:
    at = timezone.now()

    def do(answers: dict[str, Any]) -> str:
        picture = operations.set_picture(
            **owner,
            content=answers["picture"].read(),
            width_mm=answers["width_mm"],
            since=answers["from_date"],
            basis=answers["basis"],
            actor=request.actor,
            at=at,
        )
        return _("Hình mới dùng từ ngày %(day)s. Xem thử trên trang mẫu bên dưới.") % {
            "day": f"{picture.since:%d/%m/%Y}"
        }

    heading = _("Hình con dấu của %(name)s") if is_stamp else _("Hình chữ ký của %(name)s")
    question = Question(
        heading % {"name": name},
        _("Kiểm tra, cho dùng"),
        here,
        name,
        sign="check",
        explains=_("Văn bản đã ký giữ hình cũ. Chữ ký số không đổi: hình chỉ là phần nhìn thấy."),
    )
    form = forms.SetPicture(sent(request), brought(request), is_stamp=is_stamp, today=local_date(at))
    return ask(request, question, form, do)


@require_http_methods(["GET", "POST"])
def set_of_agency(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Bring a picture of the agency's stamp."""
    unit = people.get_agency_for(request.actor, unit_id)
    request.place = reverse("units")
    here = reverse("unit-pictures", args=[unit.pk])
    return _set(request, name=unit.name, here=here, is_stamp=True, agency_id=unit.pk)


@require_http_methods(["GET", "POST"])
def set_of_person(request: SignedRequest, person_id: int) -> HttpResponse:
    """Bring a picture of a person's signature."""
    person = people.get_person_for(request.actor, person_id)
    request.place = reverse("people")
    here = reverse("person-pictures", args=[person.pk])
    return _set(request, name=person.name, here=here, is_stamp=False, person_id=person.pk)


@require_http_methods(["GET", "POST"])
def undo(request: SignedRequest, picture_id: int) -> HttpResponse:
    """Take a picture back."""
    picture = queries.get_picture(picture_id)
    name, here = _owner(request, picture)

    def do(answers: dict[str, Any]) -> str:
        operations.take_back_picture(picture_id=picture_id, **answers, actor=request.actor, at=timezone.now())
        return _("Đã rút lại hình dùng từ ngày %(day)s.") % {"day": f"{picture.since:%d/%m/%Y}"}

    question = Question(
        _("Rút lại hình dùng từ ngày %(day)s?") % {"day": f"{picture.since:%d/%m/%Y}"},
        _("Rút lại"),
        here,
        name,
        sign="undo",
        kind="danger",
        explains=_("Hình dùng trước đó, hoặc hình vẽ sẵn, dùng lại từ bây giờ; văn bản đã ký không đổi."),
    )
    return ask(request, question, forms.Basis(sent(request)), do)
