"""Reading the estate: units against each other, one unit, one thing, what is not protected and why."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from antin.estate import policy, queries
from antin.estate.queries import Machine
from antin.estate.states import MACHINES, Kind, Network, Status, Use, Why
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.tasks import queries as tasks
from antin.web import tones
from antin.web.session.middleware import SignedRequest
from antin.web.tones import Tone
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.estate.models import Asset, Finding

AIM = 100.0
FIELD_WORDS = {
    "kind": gettext_lazy("loại"),
    "name": gettext_lazy("tên"),
    "unit": gettext_lazy("đơn vị"),
    "keeper": gettext_lazy("người giữ"),
    "place": gettext_lazy("nơi đặt"),
    "serial": gettext_lazy("số máy"),
    "system": gettext_lazy("hệ điều hành"),
    "network": gettext_lazy("nối mạng"),
    "use": gettext_lazy("tình trạng"),
    "protection": gettext_lazy("phòng chống mã độc"),
    "updated_on": gettext_lazy("ngày cập nhật mẫu"),
}
CHOICES: dict[str, Any] = {"kind": Kind, "network": Network, "use": Use}


def guard_of(why: Why | None, asset: Asset) -> Tone:
    """Whether a machine is protected, in words."""
    if asset.kind not in MACHINES or asset.use != Use.USED:
        return Tone(_("không tính"), "", "minus")
    if why is None:
        return Tone(_("được bảo vệ"), "ok", "shield-check")
    return Tone(Why(why).label, "late", "warning")


def row_of(machine: Machine) -> dict[str, Any]:
    asset = machine.asset
    return {
        "asset": asset,
        "kind": Kind(asset.kind).label,
        "network": Network(asset.network).label,
        "use": Use(asset.use),
        "guard": guard_of(machine.why, asset),
    }


def findings_of(actor: Actor, rows: list[Finding]) -> list[dict[str, Any]]:
    """What checks found, with what may be done about it."""
    found = []
    for row in rows:
        may = policy.why_not_write(actor, row.check_of.unit) is None
        work = tasks.list_of_directive(row.directive_id) if row.directive_id else []
        seen = [each for each in work if tasks.find_visible(actor, each.pk)]
        found.append(
            {
                "row": row,
                "state": tones.of(Status(row.status)),
                "task": seen[0] if seen else None,
                "give": reverse("finding-give", args=[row.pk])
                if may and actor.leads and row.status == Status.FOUND
                else "",
                "settle": reverse("finding-settle", args=[row.pk]) if may and row.status != Status.SETTLED else "",
            }
        )
    return found


def place_of(actor: Actor) -> str:
    """Where the estate lies in the rail: a place of its own for administrators, behind the figures for everybody else."""
    return reverse("estate") if actor.role == Role.ADMINISTRATOR else reverse("figures")


def _today() -> date:
    return local_date(timezone.now())


@require_GET
def estate(request: SignedRequest) -> HttpResponse:
    """Show the units under the actor against each other, or what a search finds."""
    request.place = place_of(request.actor)
    words = request.GET.get("q", "")[:200]
    today = _today()
    root, rows, whole = queries.list_by_unit(request.actor, today)
    held = queries.norms()
    context = {
        "root": root,
        "rows": [
            (child, each) for child, each in rows if each.workstations or each.servers or each.networks or each.editions
        ],
        "whole": whole,
        "bare": whole.workstations - whole.protected,
        "words": words,
        "found": [
            row_of(Machine(each, queries.why_not_protected(each, today, held)))
            for each in queries.find_things(request.actor, words)
        ]
        if words
        else None,
        "days": held.days_on(today),
        "norms": queries.list_norms(),
        "keeps": policy.keeps(request.actor),
        "sets": policy.why_not_set_norm(request.actor, getattr(people.find_root(), "pk", 0)) is None,
        "aim": AIM,
    }
    return render(request, "estate/estate.html", context)


@require_GET
def unprotected(request: SignedRequest) -> HttpResponse:
    """List the machines that are not protected today, with why."""
    request.place = place_of(request.actor)
    today = _today()
    rows = queries.list_unprotected(request.actor, today)
    counts = [(Why(why).label, sum(each.why == why for each in rows)) for why in Why]
    context = {
        "rows": [row_of(each) for each in rows],
        "counts": [(words, n) for words, n in counts if n],
        "days": queries.norms().days_on(today),
        "today": today,
    }
    return render(request, "estate/unprotected.html", context)


@require_GET
def unit(request: SignedRequest, unit_id: int) -> HttpResponse:
    """Show what one unit has: machines, networks, programs, checks."""
    request.place = place_of(request.actor)
    found = queries.get_unit_for(request.actor, unit_id)
    today = _today()
    machines = queries.list_machines(found, today)
    context = {
        "unit": found,
        "tally": queries.tally([found.pk], today)[found.pk],
        "machines": [row_of(each) for each in machines],
        "places": [(each, Kind(each.kind).label, Network(each.network).label) for each in queries.list_places(found)],
        "software": queries.list_software(found),
        "checks": queries.list_checks(found),
        "findings": findings_of(request.actor, queries.list_findings(request.actor, unit=found)),
        "writes": policy.why_not_write(request.actor, found) is None,
        "children": people.list_children(found, today)
        if request.actor.leads or policy.sees_agency(request.actor)
        else [],
        "aim": AIM,
    }
    return render(request, "estate/unit.html", context)


def shown(name: str, value: str) -> str:
    """A kept value of a field in the reader's words."""
    if name in CHOICES and value in CHOICES[name].values:
        return str(CHOICES[name](value).label)
    return value


def change_rows(fields: dict[str, list[str]]) -> list[tuple[Any, str, str]]:
    """What became different, field by field, in words."""
    return [
        (FIELD_WORDS.get(name, name), shown(name, before), shown(name, now)) for name, (before, now) in fields.items()
    ]


@require_GET
def thing(request: SignedRequest, asset_id: int) -> HttpResponse:
    """Show one thing: how it stands, whether it is protected and why not, its history, what checks found."""
    request.place = place_of(request.actor)
    found = queries.get_for(request.actor, asset_id)
    why = queries.why_not_protected(found, _today(), queries.norms())
    context = {
        "asset": found,
        "kind": Kind(found.kind).label,
        "network": Network(found.network).label,
        "use": Use(found.use).label,
        "guard": guard_of(why, found),
        "machine": found.kind in MACHINES,
        "changes": [(each, change_rows(each.fields)) for each in queries.list_changes(found)],
        "findings": findings_of(request.actor, queries.list_findings(request.actor, asset=found)),
        "writes": policy.why_not_write(request.actor, found.unit) is None,
        "days": queries.norms().days_on(_today()),
        "keeps": policy.keeps(request.actor),
    }
    return render(request, "estate/thing.html", context)
