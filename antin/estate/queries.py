"""Reading the estate: what a unit has, one thing with its history, what is not protected and why, facts for figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Q

from antin.estate import policy, protection
from antin.estate.models import Asset, Change, Check, Finding, Import, Norm, Software, Standing
from antin.estate.protection import Norms, Stay
from antin.estate.states import MACHINES, Kind, Network, Status, Use, Why
from antin.identifiers.text import fold
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.refusal import NotFound
from antin.workdays.queries import local_date

MOST = 500


def norms() -> Norms:
    """Return what "current" meant since when."""
    return Norms(tuple(Norm.objects.order_by("valid_from").values_list("valid_from", "days")))


def list_norms() -> list[Norm]:
    """Return what was said of "current", the last first."""
    return list(Norm.objects.order_by("-valid_from"))


def lock(asset_id: int) -> Asset:
    """Return a thing, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = Asset.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=asset_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_of_unit(unit_id: int) -> list[Asset]:
    """Return what is in a unit, retired things too, locked in the order of their ids."""
    found = Asset.objects.select_for_update(of=("self",)).select_related("unit").filter(unit_id=unit_id)
    return list(found.order_by("pk"))


def list_kept(unit_id: int) -> list[Asset]:
    """Return what is in a unit and not retired: somebody has to keep it."""
    return list(Asset.objects.filter(unit_id=unit_id).exclude(use=Use.RETIRED).order_by("code"))


def get_for(actor: Actor, asset_id: int) -> Asset:
    """Return a thing that the actor may see. :raises NotFound:"""
    found = Asset.objects.select_related("unit").filter(policy.visible_to(actor), pk=asset_id).first()
    if found is None:
        raise NotFound()
    return found


def get_unit_for(actor: Actor, unit_id: int) -> Unit:
    """Return a unit whose estate the actor may see. :raises NotFound:"""
    unit = people.get_unit(unit_id)
    if not policy.may_see(actor, unit):
        raise NotFound()
    return unit


def list_visible(actor: Actor, ids: list[int]) -> dict[int, Asset]:
    """Return those of some things that the actor may see, by id."""
    return Asset.objects.filter(policy.visible_to(actor)).in_bulk(ids)


@dataclass(frozen=True)
class Machine:
    """A machine, and why it is not protected today (None: it is)."""

    asset: Asset
    why: Why | None


def why_not_protected(asset: Asset, on: date, held: Norms) -> Why | None:
    return protection.why_not(asset.protection, asset.updated_on, on, held)


def list_machines(unit: Unit, on: date, *, below: bool = False, limit: int = MOST) -> list[Machine]:
    """Return the machines of a unit (with `below` also of what lies below it), those not protected first."""
    inside = Q(unit__in=people.subtree(unit)) if below else Q(unit=unit)
    held = norms()
    rows = Asset.objects.select_related("unit").filter(inside, kind__in=MACHINES).exclude(use=Use.RETIRED)
    found = [
        Machine(row, why_not_protected(row, on, held) if row.use == Use.USED else None)
        for row in rows.order_by("unit__sort_key", "kind", "code")[:limit]
    ]
    return sorted(found, key=lambda each: each.why is None)


def _bare(on: date, held: Norms) -> Q:
    """The filter of what is not protected on a day, as `protection.why_not` has it."""
    return ~Q(protection__gt="", updated_on__gte=on - timedelta(days=held.days_on(on)))


def list_unprotected(actor: Actor, on: date, *, limit: int = MOST) -> list[Machine]:
    """Return the machines in use that are not protected today, with why, as far as the actor sees them."""
    held = norms()
    mine = Q(policy.visible_to(actor), _bare(on, held), kind__in=MACHINES, use=Use.USED)
    rows = Asset.objects.select_related("unit").filter(mine).order_by("unit__sort_key", "code")[:limit]
    return [Machine(row, why_not_protected(row, on, held)) for row in rows]


def list_places(unit: Unit) -> list[Asset]:
    """Return the networks and data rooms of a unit."""
    rows = Asset.objects.filter(unit=unit).exclude(kind__in=MACHINES).exclude(use=Use.RETIRED)
    return list(rows.order_by("kind", "code"))


def list_software(unit: Unit) -> list[Software]:
    """Return the programs a unit uses now."""
    return list(Software.objects.filter(unit=unit, until=None).order_by("-shared", "product", "edition"))


@dataclass
class Tally:
    """What a unit has by itself: counts, and the editions of the shared program."""

    workstations: int = 0
    servers: int = 0
    protected: int = 0
    networks: int = 0
    connected: bool = False
    editions: list[str] = field(default_factory=list)
    signing: bool = False

    @property
    def share(self) -> float | None:
        return round(100 * self.protected / self.workstations, 1) if self.workstations else None


def tally(units: Collection[int], on: date) -> dict[int, Tally]:
    """Return what some units have. Two questions, whatever their number, and one for the norms."""
    held = norms()
    found: dict[int, Tally] = defaultdict(Tally)
    rows = Asset.objects.filter(unit__in=units, use=Use.USED).values_list(
        "unit_id", "kind", "network", "protection", "updated_on"
    )
    for unit_id, kind, network, guard, updated_on in rows:
        each = found[unit_id]
        each.connected |= network != Network.NONE
        if kind == Kind.WORKSTATION:
            each.workstations += 1
            each.protected += protection.why_not(guard, updated_on, on, held) is None
        elif kind == Kind.SERVER:
            each.servers += 1
        elif kind == Kind.NETWORK:
            each.networks += 1
    for row in Software.objects.filter(unit__in=units, until=None, shared=True).order_by("edition"):
        found[row.unit_id].editions.append(str(row.get_edition_display()))
        found[row.unit_id].signing |= row.signing
    return found


def add_up(rows: Iterable[Tally]) -> Tally:
    """Return the sum of what several units have."""
    whole = Tally()
    for each in rows:
        whole.workstations += each.workstations
        whole.servers += each.servers
        whole.protected += each.protected
        whole.networks += each.networks
        whole.connected |= each.connected
        whole.editions = sorted({*whole.editions, *each.editions})
        whole.signing |= each.signing
    return whole


def list_by_unit(actor: Actor, on: date) -> tuple[Unit, list[tuple[Unit, Tally]], Tally]:
    """Return the unit whose estate the actor sees, each right below it with everything under it, and the whole."""
    root = people.get_unit(policy.root_of(actor))
    wide = policy.sees_agency(actor) or actor.leads
    inside = {row.id: row.path for row in people.list_tree(on=on, below=root)} if wide else {root.pk: root.path}
    sums = tally(list(inside), on)
    children = people.list_children(root, on) if wide else []
    rows = [
        (child, add_up(each for number, each in sums.items() if f"/{child.pk}/" in inside[number]))
        for child in children
    ]
    own = sums.get(root.pk)
    if own is not None:
        rows.insert(0, (root, own))
    return root, rows, add_up(sums.values())


def find_things(actor: Actor, words: str, *, limit: int = 50) -> list[Asset]:
    """Return things by identifier, name, serial or keeper, accents or not."""
    wanted = fold(words).split()
    if not wanted:
        return []
    rows = Asset.objects.select_related("unit").filter(policy.visible_to(actor))
    for word in wanted[:8]:
        rows = rows.filter(search_text__contains=word)
    return list(rows.order_by("code")[:limit])


def list_codes(unit: Unit) -> dict[str, int]:
    """Return the things of a unit by their identifier."""
    return dict(Asset.objects.filter(unit=unit).values_list("code", "pk"))


def list_all(actor: Actor) -> tuple[list[Asset], list[Software]]:
    """Return everything the actor keeps, as a table takes it in: things, and programs in use."""
    things = (
        Asset.objects.select_related("unit__code").filter(policy.visible_to(actor)).order_by("unit__sort_key", "code")
    )
    programs = Software.objects.select_related("unit__code").filter(policy.visible_to(actor), until=None)
    return list(things[:5000]), list(programs.order_by("unit__sort_key", "product", "edition")[:5000])


def list_changes(asset: Asset) -> list[Change]:
    """Return what became different in a thing, the last first."""
    return list(Change.objects.filter(asset=asset).select_related("source").order_by("-at", "-id")[:MOST])


def list_findings(actor: Actor, *, unit: Unit | None = None, asset: Asset | None = None) -> list[Finding]:
    """Return what checks found of a unit or a thing, what is open first."""
    rows = Finding.objects.select_related("check_of__unit", "asset").filter(policy.visible_to(actor, "check_of__unit"))
    rows = rows.filter(check_of__unit=unit) if unit is not None else rows
    rows = rows.filter(asset=asset) if asset is not None else rows
    found = list(rows.order_by("-check_of__day", "-id")[:MOST])
    return sorted(found, key=lambda each: each.status == Status.SETTLED)


def get_finding(actor: Actor, finding_id: int) -> Finding:
    """:raises NotFound: there is none, or not for this actor"""
    rows = Finding.objects.select_related("check_of__unit", "asset").filter(policy.visible_to(actor, "check_of__unit"))
    found = rows.filter(pk=finding_id).first()
    if found is None:
        raise NotFound()
    return found


def list_checks(unit: Unit) -> list[tuple[Check, int]]:
    """Return the checks of a unit with how many findings each has, the last first."""
    rows = Check.objects.filter(unit=unit).annotate(n=Count("findings")).order_by("-day", "-id")[:50]
    return [(row, row.n) for row in rows]


def list_imports(actor: Actor) -> list[Import]:
    """Return what was imported into the actor's agency, the last first."""
    return list(Import.objects.filter(agency_id=actor.agency_id).order_by("-at")[:100])


def get_import(actor: Actor, import_id: int) -> tuple[Import, list[Change]]:
    """Return an import with what it changed, as far as the actor sees the things. :raises NotFound:"""
    found = Import.objects.filter(agency_id=actor.agency_id, pk=import_id).first()
    if found is None or not policy.keeps(actor):
        raise NotFound()
    rows = Change.objects.select_related("asset__unit").filter(policy.visible_to(actor, "asset__unit"), source=found)
    return found, list(rows.order_by("asset__code")[:MOST])


# Facts for figures


@dataclass(frozen=True)
class Counted:
    """A workstation as figures count it: on which days it was in use in which unit, and on which it was protected."""

    id: int
    used: list[tuple[int, Stay]]
    protected: list[tuple[int, Stay]]


def _stay(row: Standing) -> Stay:
    return local_date(row.since_at), local_date(row.until_at) if row.until_at else None


def list_counted(ids: list[int]) -> list[Counted]:
    """Return how some workstations stood day by day: at the end of each day, as was known then."""
    held = norms()
    spells: dict[int, list[Standing]] = defaultdict(list)
    for row in Standing.objects.filter(asset__in=ids, kind=Kind.WORKSTATION, use=Use.USED).order_by("since_at", "id"):
        first, last = _stay(row)
        if last is None or first < last:
            spells[row.asset_id].append(row)
    found = []
    for number, rows in spells.items():
        used = [(row.unit_id, _stay(row)) for row in rows]
        guarded = [
            (row.unit_id, stay)
            for row in rows
            for stay in protection.stays(row.protection, row.updated_on, _stay(row), held)
        ]
        found.append(Counted(number, _by_unit(used), _by_unit(guarded)))
    return found


def _by_unit(rows: list[tuple[int, Stay]]) -> list[tuple[int, Stay]]:
    """Stays of one unit that touch as one."""
    of: dict[int, list[Stay]] = defaultdict(list)
    for unit, stay in rows:
        of[unit].append(stay)
    found = [(unit, stay) for unit, stays in of.items() for stay in protection.joined(stays)]
    return sorted(found, key=lambda each: each[1][0])


@dataclass(frozen=True)
class Equipment:
    """On which days an agency had a network, protection of every workstation, and the shared program."""

    network: list[Stay]
    protection: list[Stay]
    software: list[Stay]

    @property
    def whole(self) -> list[Stay]:
        return protection.within(protection.within(self.network, self.protection), self.software)


def within(one: list[Stay], other: list[Stay]) -> list[Stay]:
    """The days that are in both."""
    return protection.within(one, other)


def joined(stays: list[Stay]) -> list[Stay]:
    """The same days, each once, in their order."""
    return protection.joined(stays)


def equipment_of(agency_id: int) -> Equipment:
    """Return how an agency was equipped day by day, by its own units; as was known then."""
    held = norms()
    network: list[Stay] = []
    machines: list[Stay] = []
    bare: list[Stay] = []
    for row in Standing.objects.filter(unit__agency_id=agency_id, use=Use.USED):
        stay = _stay(row)
        if stay[1] is not None and stay[0] >= stay[1]:
            continue
        if row.kind == Kind.NETWORK or row.network != Network.NONE:
            network.append(stay)
        if row.kind == Kind.WORKSTATION:
            machines.append(stay)
            bare += protection.without([stay], protection.stays(row.protection, row.updated_on, stay, held))
    software = Software.objects.filter(unit__agency_id=agency_id, shared=True).values_list("since", "until")
    guarded = protection.without(protection.joined(machines), bare)
    return Equipment(protection.joined(network), guarded, protection.joined(software))


def agencies_of(asset_ids: Collection[int]) -> set[int]:
    """Return the agencies in whose units some things stand or stood."""
    rows = Standing.objects.filter(asset__in=asset_ids)
    return set(rows.values_list("unit__agency_id", flat=True).distinct())


def every_machine() -> tuple[list[int], set[int]]:
    """Return every workstation and every agency that has or had one: what a new norm touches."""
    rows = Standing.objects.filter(kind=Kind.WORKSTATION)
    return sorted(set(rows.values_list("asset_id", flat=True))), set(rows.values_list("unit__agency_id", flat=True))
