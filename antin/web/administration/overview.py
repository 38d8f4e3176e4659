"""Where an administrator begins: what is set up, and what is still missing before a document can leave each agency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from antin.keys import queries as keys
from antin.keys.states import Role as AuthorityRole
from antin.people import queries as people
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.people.queries import UnitRow


@dataclass(frozen=True)
class Need:
    """One thing an agency needs: what is there in words, or empty; and where to see to it."""

    name: str
    there: str
    href: str


@dataclass(frozen=True)
class Readiness:
    """An agency with what it needs to sign, number, seal, send and receive."""

    unit: UnitRow
    href: str
    needs: list[Need]

    @property
    def missing(self) -> list[Need]:
        return [need for need in self.needs if not need.there]


@require_safe
def overview(request: SignedRequest) -> HttpResponse:
    """The agencies of the house that cannot send or receive yet, each with what it lacks; the others by name."""
    at = timezone.now()
    today = local_date(at)
    house = people.get_unit(request.actor.agency_id)
    agencies = people.list_tree(on=today, below=house, agencies_only=True)
    ids = [unit.id for unit in agencies]
    ready = people.list_readiness(ids, today)
    seals, holders = keys.list_holders(ids, at)
    authority = keys.find_authority(AuthorityRole.ISSUING)
    rows = [_readiness(unit, ready[unit.id], unit.id in seals, holders) for unit in agencies]
    told = {
        "house": house,
        "unready": [row for row in rows if row.missing],
        "ready": [row for row in rows if not row.missing],
        "authority": authority,
        "at": at,
    }
    return render(request, "administration/overview.html", told)


def _readiness(unit: UnitRow, found: people.AgencyReadiness, sealed: bool, holders: set[tuple[int, int]]) -> Readiness:
    here = reverse("unit", args=[unit.id])
    head_keyed = found.head is not None and (unit.id, found.head[1]) in holders
    head_page = reverse("person", args=[found.head[1]]) if found.head else here
    return Readiness(
        unit,
        here,
        [
            Need(_("Người đứng đầu"), found.head[2] if found.head else "", here),
            Need(_("Chứng thư số của người đứng đầu"), _("có hiệu lực") if head_keyed else "", head_page),
            Need(_("Văn thư"), found.clerk[2] if found.clerk else "", here),
            Need(_("Người giữ con dấu"), found.seal_keeper[2] if found.seal_keeper else "", here),
            Need(_("Chứng thư số của cơ quan (con dấu)"), _("có hiệu lực") if sealed else "", f"{here}#seal"),
        ],
    )
