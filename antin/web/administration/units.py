"""Units: the tree, one unit with everything that belongs to it, and the acts that open, rename, move and close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from antin.documents import queries as documents
from antin.documents.types import TYPES, Family
from antin.journeys import close_unit, look_ahead
from antin.keys import policy as key_policy
from antin.keys import queries as keys
from antin.keys.states import Role as AuthorityRole
from antin.keys.states import Standing
from antin.numbering import queries as numbering
from antin.people import operations, policy, queries
from antin.people.actor import Actor
from antin.people.queries import Seat, UnitFigures, UnitRow
from antin.people.states import Kind, Role
from antin.refusal import Refusal, refuse
from antin.web import tones
from antin.web.administration import forms
from antin.web.asking import Offer, Question, ask, offer, sent
from antin.web.registers import names
from antin.web.session.middleware import SignedRequest
from antin.web.tones import Tone
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.keys.models import Certificate
    from antin.people.models import Unit
    from antin.web.trees import Branch

MOST_UNITS = 400
"""Beyond so many the tree shows agencies only; each shows its own parts."""

STATES = {
    "in_force": Tone(gettext_lazy("đang có hiệu lực"), "ok", "check"),
    "future": Tone(gettext_lazy("chưa đến ngày"), "", "clock"),
    "expired": Tone(gettext_lazy("đã hết hạn"), "", "x"),
    "revoked": Tone(gettext_lazy("đã thu hồi"), "late", "undo"),
}


@dataclass(frozen=True)
class TreeRow:
    """A unit in the tree, as deep below the house as `depth`."""

    unit: UnitRow
    depth: int
    kind: str
    figures: UnitFigures
    under: str


@require_safe
def tree(request: SignedRequest) -> HttpResponse:
    """The units of the house, each under its parent; or those that answer to some words."""
    today = local_date(timezone.now())
    words = request.GET.get("words", "").strip()[:200]
    with_closed = request.GET.get("closed") == "1"
    house = queries.get_unit(request.actor.agency_id)
    found = queries.list_tree(on=today, below=house, words=words, with_closed=with_closed)
    agencies_only = not words and len(found) > MOST_UNITS
    shown = [row for row in found if row.is_agency] if agencies_only else found[:MOST_UNITS]
    figures = queries.list_figures([row.id for row in shown], today)
    names = {row.id: row.name for row in found}
    if words:
        above = [row.parent_id for row in shown if row.parent_id and row.parent_id not in names]
        names |= {unit.pk: unit.name for unit in queries.list_units(above).values()}
    top = min((row.depth for row in found), default=0)
    rows = [
        TreeRow(
            row,
            0 if words else min(row.depth - top, 5),
            str(Kind(row.kind).label),
            figures.get(row.id, UnitFigures()),
            names.get(row.parent_id or 0, "") if words else "",
        )
        for row in shown
    ]
    told = {
        "rows": rows,
        "n": len(found),
        "words": words,
        "with_closed": with_closed,
        "agencies_only": agencies_only,
        "cut": bool(words) and len(found) > MOST_UNITS,
        "house": house,
    }
    return render(request, "administration/units.html", told)


@require_safe
def page(request: SignedRequest, unit_id: int) -> HttpResponse:
    """One unit: what it is, who is in it, what lies below it; of an agency also rights to sign, seal and series."""
    at = timezone.now()
    unit = queries.get_unit_for(request.actor, unit_id)
    today = local_date(at)
    children = queries.list_children(unit, today)
    figures = queries.list_figures([child.pk for child in children], today)
    seats = queries.list_seats(unit.pk, today)
    closed = policy.why_unit_not_open(unit, today)
    told: dict[str, Any] = {
        "unit": unit,
        "kind": Kind(unit.kind).label,
        "crumbs": [each for each in queries.list_ancestors(unit) if policy.is_in_house(request.actor.agency_id, each)],
        "seats": [_seat_row(seat) for seat in seats],
        "filled": sum(seat.appointment is not None for seat in seats),
        "children": [{"unit": child, "figures": figures.get(child.pk, UnitFigures())} for child in children],
        "closed": closed,
        "offers": _offers(request.actor, unit, today),
        "now": at,
    }
    if unit.is_agency:
        told |= _agency(request.actor, unit, at)
    return render(request, "administration/unit.html", told)


def _seat_row(seat: Seat) -> dict[str, Any]:
    held, coming = seat.appointment, seat.coming
    meta = []
    if held:
        name = f"{held.person.rank} {held.person.name}".strip()
        meta.append(_("Quyền: %(name)s") % {"name": name} if held.acting else name)
        meta.append(_("từ %(day)s") % {"day": policy.in_words(held.since)})
        if held.until:
            meta.append(_("đến %(day)s") % {"day": policy.in_words(held.until)})
    else:
        meta.append(_("Đang khuyết"))
    if coming:
        told = {"name": coming.person.name, "day": policy.in_words(coming.since)}
        meta.append(_("%(name)s sẽ giữ từ %(day)s") % told)
    if seat.post.keeps_seal:
        meta.append(_("giữ con dấu"))
    return {
        "post": seat.post,
        "href": reverse("post", args=[seat.post.pk]),
        "kind": Role(seat.post.role).label,
        "sign": "user" if held else "ring",
        "meta": " · ".join(meta),
        "act": "" if held or coming else _("Bổ nhiệm"),
        "act_href": reverse("post-appoint", args=[seat.post.pk]),
    }


def _offers(actor: Actor, unit: Unit, today: date) -> list[Offer]:
    """What may be done with the unit; the first two are its daily acts, the others lie under one button."""
    closed = policy.why_unit_not_open(unit, today)
    apart = _why_not_under_another(actor, unit)
    number = unit.pk
    return [
        offer(closed, "post-open", _("Thêm chức vụ"), reverse("post-open", args=[number]), sign="plus", kind="main"),
        offer(closed, "unit-open", _("Thêm đơn vị trực thuộc"), reverse("unit-open", args=[number]), sign="plus"),
        offer(closed, "unit-rename", _("Đổi tên"), reverse("unit-rename", args=[number]), sign="draft"),
        offer(
            closed, "unit-describe", _("Sửa địa danh, địa chỉ"), reverse("unit-describe", args=[number]), sign="draft"
        ),
        *(
            []
            if apart
            else [offer(closed, "unit-move", _("Chuyển cấp trên"), reverse("unit-move", args=[number]), sign="swap")]
        ),
        offer(closed or apart, "unit-split", _("Tách, chia"), reverse("unit-split", args=[number]), sign="people"),
        offer(closed, "unit-close", _("Giải thể"), reverse("unit-close", args=[number]), sign="x", kind="danger"),
    ]


def _why_not_under_another(actor: Actor, unit: Unit) -> Refusal | None:
    """Why the unit is not put elsewhere by this actor: nothing is above it, or what is above it is not of his house."""
    return policy.NotAllowed() if unit.parent_id is None else policy.why_not_administer(actor, unit.parent)


def _agency(actor: Actor, unit: Unit, at: datetime) -> dict[str, Any]:
    today = local_date(at)
    seals = keys.list_seals(agency_id=unit.pk)
    usable = [each for each in seals if each.standing(at) == Standing.VALID]
    delegations = queries.list_delegations(agency_id=unit.pk, on=today)
    substitutions = queries.list_substitutions(agency_id=unit.pk, on=today)
    proofs = numbering.list_kept(agency_id=unit.pk, year=today.year)
    return {
        "signers": queries.list_signing_rights(agency_id=unit.pk, type_code="CV", on=today),
        "delegations": [
            {
                "row": each,
                "state": STATES[each.state],
                "types": ", ".join(TYPES[code].name if code in TYPES else code for code in each.type_codes),
                "open": each.state in ("in_force", "future"),
            }
            for each in delegations
        ],
        "substitutions": [
            {"row": each, "state": STATES[each.state], "open": each.state in ("in_force", "future")}
            for each in substitutions
        ],
        "seals": [_seal(each, at) for each in seals],
        "seal": _seal(usable[0], at) if usable else None,
        "no_authority": None if seals or keys.find_authority(AuthorityRole.ISSUING) else key_policy.NoAuthority(),
        "series": [(names.of_series(each), each.last) for each in proofs],
        "books": [
            {
                "row": each,
                "types": ", ".join(TYPES[code].name for code in each.type_codes if code in TYPES),
                "close": reverse("book-close", args=[unit.pk, each.pk]) if each.until_year is None else "",
            }
            for each in numbering.list_books(unit.pk)
            if each.body_id is None and (each.until_year is None or each.until_year >= today.year)
        ],
        "bodies": queries.list_bodies(unit.pk),
        "year": today.year,
        "mandates": [
            {
                "row": each,
                "name": Family(each.family).label,
                "end": "" if each.until else reverse("mandate-end", args=[unit.pk, each.pk]),
            }
            for each in documents.list_mandates(unit.pk)
        ],
    }


def _seal(certificate: Certificate, at: datetime) -> dict[str, Any]:
    keeper = certificate.device.custodian
    return {
        "certificate": certificate,
        "state": tones.of(certificate.standing(at)),
        "keeper": keeper.name if keeper else "",
        "usable": certificate.standing(at) == Standing.VALID,
    }


# ---- acts ------------------------------------------------------------------------------------------------------------------


def _question(unit: Unit, heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, reverse("unit", args=[unit.pk]), unit.name, **more)


@require_http_methods(["GET", "POST"])
def open_unit(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Open a unit below another: an agency when it has a code, a part of its parent's agency otherwise."""
    parent = queries.get_unit_for(request.actor, unit_id)
    made: list[int] = []

    def do(answers: dict[str, Any]) -> str:
        unit = operations.open_unit(**answers, parent_id=parent.pk, actor=request.actor, at=timezone.now())
        made.append(unit.pk)
        return _("Đã lập %(unit)s.") % {"unit": unit.name}

    prefix = parent.code.value if parent.code else ""
    question = _question(
        parent,
        _("Lập đơn vị trực thuộc %(unit)s") % {"unit": parent.name},
        _("Lập đơn vị"),
        sign="plus",
        explains=_("Mã định danh của cơ quan trực thuộc nằm dưới mã %(code)s, ví dụ %(code)s.01.") % {"code": prefix}
        if prefix
        else "",
    )
    return ask(request, question, forms.OpenUnit(sent(request)), do, then=lambda: reverse("unit", args=[made[0]]))


@require_http_methods(["GET", "POST"])
def rename(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Give the unit another name from today on."""
    unit = queries.get_unit_for(request.actor, unit_id)
    initial = {"name": unit.name, "short_name": unit.short_name, "abbreviation": unit.abbreviation}

    def do(answers: dict[str, Any]) -> str:
        operations.rename_unit(unit_id=unit.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã đổi tên thành %(unit)s.") % {"unit": answers["name"]}

    question = _question(
        unit,
        _("Đổi tên %(unit)s") % {"unit": unit.name},
        _("Đổi tên"),
        sign="draft",
        explains=_("Tên mới có từ hôm nay. Văn bản đã phát hành giữ tên cũ."),
    )
    return ask(request, question, forms.RenameUnit(sent(request), initial=initial), do)


@require_http_methods(["GET", "POST"])
def describe(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Change what the letterhead says besides the name."""
    unit = queries.get_unit_for(request.actor, unit_id)
    initial = {name: getattr(unit, name) for name in ("place_name", "address", "parent_name", "collective")}

    def do(answers: dict[str, Any]) -> str:
        operations.describe_unit(unit_id=unit.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã sửa thông tin của %(unit)s.") % {"unit": unit.name}

    question = _question(unit, _("Địa danh, địa chỉ của %(unit)s") % {"unit": unit.name}, _("Ghi lại"), sign="draft")
    return ask(request, question, forms.DescribeUnit(sent(request), initial=initial), do)


def _others(request: SignedRequest, unit: Unit, *, agencies_only: bool = False) -> list[Branch]:
    """Units of the house that may stand above another, or in its place: not itself, nothing below it."""
    house = queries.get_unit(request.actor.agency_id)
    rows = queries.list_tree(on=local_date(timezone.now()), below=house, agencies_only=agencies_only)
    return forms.branches(row for row in rows if not row.path.startswith(unit.path))


@require_http_methods(["GET", "POST"])
def move(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Put the unit, with everything below it, under another parent."""
    unit = queries.get_unit_for(request.actor, unit_id)
    refuse(_why_not_under_another(request.actor, unit))
    form = forms.MoveUnit(sent(request), units=_others(request, unit, agencies_only=unit.is_agency))

    def do(answers: dict[str, Any]) -> str:
        moved = operations.move_unit(
            unit_id=unit.pk,
            parent_id=int(answers["parent_id"]),
            code=answers["code"],
            decision=answers["decision"],
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã chuyển %(unit)s về %(parent)s.") % {
            "unit": unit.name,
            "parent": moved.parent.name if moved.parent else "",
        }

    question = _question(
        unit,
        _("Chuyển %(unit)s sang cấp trên khác") % {"unit": unit.name},
        _("Chuyển"),
        sign="swap",
        explains=_("Mọi đơn vị trực thuộc cùng chuyển theo."),
    )

    def ahead(answers: dict[str, Any]) -> look_ahead.Ahead:
        given = answers | {"parent_id": int(answers["parent_id"])}
        return look_ahead.move_unit(unit_id=unit.pk, **given, actor=request.actor, at=timezone.now())

    return ask(request, question, form, do, ahead=ahead)


@require_http_methods(["GET", "POST"])
def close(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Close the unit from today on, with its posts and appointments."""
    unit = queries.get_unit_for(request.actor, unit_id)
    form = forms.CloseUnit(sent(request), units=_others(request, unit, agencies_only=unit.is_agency))

    def do(answers: dict[str, Any]) -> str:
        close_unit.close(
            unit_id=unit.pk,
            successor_id=int(answers["successor_id"]) if answers["successor_id"] else None,
            decision=answers["decision"],
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã giải thể %(unit)s.") % {"unit": unit.name}

    question = _question(
        unit,
        _("Giải thể %(unit)s") % {"unit": unit.name},
        _("Giải thể"),
        sign="x",
        kind="danger",
        explains=_(
            "Mọi chức vụ của đơn vị thôi đặt và mọi người thôi giữ từ hôm nay. Thiết bị chuyển sang đơn vị kế thừa; việc, ý kiến "
            "chưa xong cũng vậy nếu cùng cơ quan. Còn gì không ai nhận thì không giải thể được. Không mở lại được; mã định danh "
            "không cấp lại."
        ),
    )

    def ahead(answers: dict[str, Any]) -> look_ahead.Ahead:
        successor_id = int(answers["successor_id"]) if answers["successor_id"] else None
        given = answers | {"successor_id": successor_id}
        return look_ahead.close_unit(unit_id=unit.pk, **given, actor=request.actor, at=timezone.now())

    return ask(request, question, form, do, ahead=ahead)
