"""Writing the estate: things by hand and by import, software, what "current" means, checks and findings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from antin.estate import policy, queries, states
from antin.estate.inventory import Fault, Inventory, Line, SoftwareLine
from antin.estate.models import Asset, Change, Check, Finding, Import, Norm, Software, Standing
from antin.estate.states import Edition, Kind, Network, Status, Use
from antin.identifiers.text import clean, fold
from antin.journal import operations as journal
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Unit
from antin.refusal import NotFound, Refusal, _, refuse
from antin.workdays.queries import local_date

FACTS = (
    "kind", "name", "keeper", "place", "serial", "system", "network", "use", "protection", "updated_on",
)  # fmt: skip
STANDING = ("kind", "network", "use", "protection", "updated_on")
LENGTHS = {"code": 60, "name": 200, "keeper": 200, "place": 200, "serial": 100, "system": 200, "protection": 200}
CHOICES: dict[str, Any] = {"kind": Kind, "network": Network, "use": Use}


class CodeMissing(Refusal):
    code = "estate_code_missing"
    words = _("Thiết bị phải có mã và tên.")


class CodeTaken(Refusal):
    code = "estate_code_taken"
    words = _("Mã %(code)s đã dùng cho một thiết bị khác.")


class FutureDay(Refusal):
    code = "estate_future_day"
    words = _("Ngày %(day)s chưa đến.")


class ChangedMeanwhile(Refusal):
    code = "estate_changed_meanwhile"
    words = _("Thiết bị này vừa được người khác sửa; mở lại để xem bản mới.")


class UnknownUnit(Refusal):
    code = "estate_unknown_unit"
    words = _("Không có đơn vị “%(unit)s” trong phạm vi đồng chí ghi được.")


class UnknownHost(Refusal):
    code = "estate_unknown_host"
    words = _("Chưa có thiết bị nào tên “%(name)s”, hoặc có nhiều hơn một; thêm máy với mã và đơn vị trước.")


class TwiceInFile(Refusal):
    code = "estate_twice_in_file"
    words = _("Thiết bị %(code)s có hai dòng trong tệp.")


class BadNorm(Refusal):
    code = "estate_bad_norm"
    words = _(
        "Mẫu được coi là mới trong 1 đến 365 ngày, từ một ngày sau hôm nay và sau quy định trước; phải ghi căn cứ."
    )


class ProductMissing(Refusal):
    code = "estate_product_missing"
    words = _("Ghi tên phần mềm.")


class NothingFound(Refusal):
    code = "estate_nothing_found"
    words = _("Ghi kết quả kiểm tra hoặc ít nhất một tồn tại.")


class SettlingMissing(Refusal):
    code = "estate_settling_missing"
    words = _("Ghi đã khắc phục thế nào.")


def _author(actor: Actor | None) -> str:
    return f"{actor.person_name}, {actor.post_title}"[:200] if actor else ""


def _words(text: str, most: int) -> str:
    return " ".join(clean(text).split())[:most]


def _checked(facts: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Facts of a thing, each of its kind. :raises NotFound: a choice there is not :raises FutureDay:"""
    found: dict[str, Any] = {}
    for name, value in facts.items():
        if name in CHOICES:
            if value not in CHOICES[name].values:
                raise NotFound()
            found[name] = str(value)
        elif name == "updated_on":
            if value is not None and value > today:
                raise FutureDay(day=f"{value:%d/%m/%Y}")
            found[name] = value
        elif name in LENGTHS:
            found[name] = _words(value, LENGTHS[name])
    return found


def _stand(asset: Asset, at: datetime) -> None:
    """End how a thing stood, and begin how it stands now; two changes at one moment leave one standing."""
    facts = {name: getattr(asset, name) for name in STANDING} | {"unit_id": asset.unit_id}
    live = Standing.objects.filter(asset=asset, until_at=None).first()
    if live is not None:
        if all(getattr(live, name) == value for name, value in facts.items()):
            return
        if live.since_at >= at:
            Standing.objects.filter(pk=live.pk).update(**facts)
            return
        Standing.objects.filter(pk=live.pk).update(until_at=at)
    Standing.objects.create(asset=asset, since_at=at, **facts)


def _shown(value: Any) -> str:
    return "" if value is None else f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def _write(
    asset: Asset | None,
    code: str,
    unit: Unit,
    facts: Mapping[str, Any],
    *,
    words: str,
    source: Import | None,
    actor: Actor,
    at: datetime,
    seen: bool = True,
) -> tuple[Asset, dict[str, list[str]]]:
    """Write a thing with its history; returns what became different. An empty difference is written nowhere. `seen`: somebody
    looked at the thing itself."""
    before = {name: getattr(asset, name) for name in FACTS} if asset is not None else {}
    was_in = asset.unit if asset is not None else None
    fresh = asset is None
    if asset is None:
        asset = Asset(code=code, made_at=at)
    for name, value in facts.items():
        setattr(asset, name, value)
    asset.unit, asset.changed_at = unit, at
    if seen:
        asset.seen_on = local_date(at)
    fields = {
        name: [_shown(before.get(name)), _shown(getattr(asset, name))]
        for name in FACTS
        if _shown(before.get(name)) != _shown(getattr(asset, name))
    }
    if was_in is None or was_in.pk != unit.pk:
        fields["unit"] = [was_in.name if was_in else "", unit.name]
    if not fields and not fresh:
        Asset.objects.filter(pk=asset.pk).update(seen_on=asset.seen_on)
        return asset, {}
    asset.revision += 1
    asset.search_text = fold(f"{asset.code} {asset.name} {asset.serial} {asset.keeper}")[:700]
    try:
        with transaction.atomic():
            asset.save()
    except IntegrityError:
        raise CodeTaken(code=code) from None
    _stand(asset, at)
    Change.objects.create(asset=asset, fields=fields, words=words, source=source, by=_author(actor), at=at)
    journal.record(
        "asset.added" if fresh else "asset.changed",
        subject=("asset", asset.pk),
        actor=actor,
        at=at,
        code=asset.code,
        fields=sorted(fields),
        source=source.pk if source else None,
    )
    return asset, fields


@transaction.atomic
def add(*, code: str, unit_id: int, facts: Mapping[str, Any], actor: Actor, at: datetime) -> Asset:
    """Add a thing to a unit.

    :raises NotTheKeeper: :raises CodeMissing: :raises CodeTaken: :raises FutureDay: :raises NotFound:
    """
    unit = people.get_unit(unit_id)
    refuse(policy.why_not_write(actor, unit))
    said, told = _words(code, 60), _checked(facts, local_date(at))
    if not said or not told.get("name") or "kind" not in told:
        raise CodeMissing()
    if Asset.objects.filter(code=said).exists():
        raise CodeTaken(code=said)
    return _write(None, said, unit, told, words="", source=None, actor=actor, at=at)[0]


@transaction.atomic
def change(
    *, asset_id: int, unit_id: int, facts: Mapping[str, Any], revision: int, words: str = "", actor: Actor, at: datetime
) -> Asset:
    """Change a thing, or move it to another unit; how it stood before stays in its history.

    :raises NotTheKeeper: of the unit it is in, or of the one it goes to :raises ChangedMeanwhile: :raises CodeMissing:
    """
    queries.get_for(actor, asset_id)
    asset, unit = queries.lock(asset_id), people.get_unit(unit_id)
    refuse(policy.why_not_write(actor, asset.unit) or policy.why_not_write(actor, unit))
    if asset.revision != revision:
        raise ChangedMeanwhile()
    told = _checked(facts, local_date(at))
    if not told.get("name", asset.name):
        raise CodeMissing()
    return _write(asset, asset.code, unit, told, words=_words(words, 500), source=None, actor=actor, at=at)[0]


def pass_on(*, unit_id: int, heir_id: int, words: str, actor: Actor, at: datetime) -> int:
    """Move what a unit that is closed has to the one that comes after it, in the closing's transaction: each thing with its
    history, its programs from today on. Who may close a unit may do this. Return how many things and programs went."""
    heir, today = people.get_unit(heir_id), local_date(at)
    things = queries.lock_of_unit(unit_id)
    for asset in things:
        _write(asset, asset.code, heir, {}, words=_words(words, 500), source=None, actor=actor, at=at, seen=False)
    programs = list(Software.objects.select_for_update().filter(unit_id=unit_id, until=None).order_by("pk"))
    held = set(Software.objects.filter(unit=heir, until=None).values_list("product", "edition"))
    for each in programs:
        each.until = today
        each.save(update_fields=["until"])
        facts = {name: getattr(each, name) for name in ("product", "edition", "version", "shared", "signing")}
        journal.record("software.set", subject=("estate", unit_id), actor=actor, at=at, used=False, **facts)
        if (each.product, each.edition) not in held:
            Software.objects.create(unit=heir, since=today, **facts)
            journal.record("software.set", subject=("estate", heir.pk), actor=actor, at=at, used=True, **facts)
    return len(things) + len(programs)


@transaction.atomic
def set_software(
    *,
    unit_id: int,
    product: str,
    edition: str,
    version: str = "",
    shared: bool = False,
    signing: bool = False,
    used: bool = True,
    actor: Actor,
    at: datetime,
) -> Software | None:
    """Say that a unit uses an edition of a program from today on, or (`used=False`) no longer.

    :raises NotTheKeeper: :raises ProductMissing: :raises NotFound: no such edition
    """
    unit = people.get_unit(unit_id)
    refuse(policy.why_not_write(actor, unit))
    name, said, today = _words(product, 200), _words(version, 60), local_date(at)
    if not name:
        raise ProductMissing()
    if edition not in Edition.values:
        raise NotFound()
    live = Software.objects.select_for_update().filter(unit=unit, product=name, edition=edition, until=None).first()
    if live is not None and used and (live.version, live.shared, live.signing) == (said, shared, signing):
        return live
    if live is None and not used:
        raise NotFound()
    if live is not None:
        live.until = today
        live.save(update_fields=["until"])
    made = None
    if used:
        made = Software.objects.create(
            unit=unit, product=name, edition=edition, version=said, shared=shared, signing=signing, since=today
        )
    journal.record(
        "software.set",
        subject=("estate", unit.pk),
        actor=actor,
        at=at,
        product=name,
        edition=edition,
        version=said,
        shared=shared,
        signing=signing,
        used=used,
    )
    return made


@transaction.atomic
def set_norm(*, days: int, valid_from: date, basis: str, actor: Actor, at: datetime) -> Norm:
    """Say how old signatures may be to be current, from a day to come on; days before go on by what held then.

    :raises NotTheTop: :raises BadNorm:
    """
    root = people.find_root()
    refuse(policy.why_not_set_norm(actor, root.pk if root else 0))
    said, last = _words(basis, 300), Norm.objects.order_by("-valid_from").first()
    early = valid_from <= local_date(at) or (last is not None and valid_from <= last.valid_from)
    if not 1 <= days <= 365 or early or valid_from.year > 2099 or not said:
        raise BadNorm()
    made = Norm.objects.create(valid_from=valid_from, days=days, basis=said, by=_author(actor), at=at)
    journal.record(
        "norm.set", subject=("estate_norm", made.pk), actor=actor, at=at, days=days, valid_from=valid_from, basis=said
    )
    return made


# Imports


@dataclass
class Taken:
    """What an import does, or did: how many things and programs; or the faults by which nothing was done."""

    added: int = 0
    changed: int = 0
    same: int = 0
    faults: list[Fault] = field(default_factory=list)
    made: Import | None = None


@dataclass(frozen=True)
class _Planned:
    asset: Asset | None
    code: str
    unit: Unit
    facts: dict[str, Any]


def _units_of(actor: Actor, today: date) -> dict[str, Unit]:
    """The units an import may name, by code, name, short name and abbreviation; what names two is none."""
    root = people.get_unit(policy.root_of(actor))
    rows = people.list_tree(on=today, below=root)
    units = people.list_units([row.id for row in rows])
    found: dict[str, Unit | None] = {}
    for row in rows:
        for words in {row.code, row.name, row.short_name, row.abbreviation} - {""}:
            key = fold(words)
            found[key] = units[row.id] if key not in found or found[key] == units[row.id] else None
    for row in rows:
        if row.code:
            found[fold(row.code)] = units[row.id]
    return {key: unit for key, unit in found.items() if unit is not None}


def _plan(told: Inventory, actor: Actor, today: date, faults: list[Fault]) -> list[_Planned]:
    units = _units_of(actor, today)
    codes = {str(line.facts["code"]) for line in told.lines if line.facts.get("code")}
    there = {row.code: row for row in Asset.objects.select_related("unit").filter(code__in=codes)}
    planned: dict[str, _Planned] = {}
    for line in told.lines:
        try:
            each = _planned(line, units, there, actor, today)
        except Refusal as no:
            faults.append(Fault(line.row, no))
            continue
        if each.code in planned:
            faults.append(Fault(line.row, TwiceInFile(code=each.code)))
        planned[each.code] = each
    return list(planned.values())


def _planned(line: Line, units: Mapping[str, Unit], there: Mapping[str, Asset], actor: Actor, today: date) -> _Planned:
    """What becomes of one line. :raises Refusal: it cannot be taken"""
    facts = _checked(line.facts, today)
    code = facts.pop("code", "")
    asset = _by_host(line.host, actor) if line.host is not None else there.get(code)
    unit = units.get(fold(line.unit)) if line.unit else asset.unit if asset is not None else None
    if unit is None or (asset is not None and policy.why_not_write(actor, asset.unit) is not None):
        raise UnknownUnit(unit=line.unit)
    refuse(policy.why_not_write(actor, unit))
    if asset is None and (not code or not facts.get("name") or "kind" not in facts):
        raise CodeMissing()
    return _Planned(asset, asset.code if asset is not None else code, unit, facts)


def _by_host(host: tuple[str, str], actor: Actor) -> Asset:
    """Find the one machine of a serial, or of a name. :raises UnknownHost:"""
    serial, name = host
    mine = Asset.objects.select_related("unit").filter(policy.visible_to(actor)).exclude(use=Use.RETIRED)
    for rows in ([mine.filter(serial=serial)] if serial else []) + ([mine.filter(name__iexact=name)] if name else []):
        found = list(rows[:2])
        if len(found) == 1:
            return found[0]
    raise UnknownHost(name=name or serial)


@transaction.atomic
def take_in(*, told: Inventory, name: str, content: bytes, keep: bool, actor: Actor, at: datetime) -> Taken:
    """Look an inventory through (`keep=False`), or take it in whole: one faulty line, and nothing is written.

    :raises NotTheKeeper: the actor writes no estate
    """
    if not policy.keeps(actor):
        raise policy.NotTheKeeper(unit=actor.unit_name)
    today = local_date(at)
    done = Taken(faults=list(told.faults))
    planned = _plan(told, actor, today, done.faults)
    programs = _programs(told.software, actor, today, done.faults)
    for each in planned:
        if each.asset is None:
            done.added += 1
        elif _differs(each):
            done.changed += 1
        else:
            done.same += 1
    for unit, facts in programs:
        live = Software.objects.filter(
            unit=unit, product=facts["product"], edition=facts["edition"], until=None
        ).first()
        asked = (facts.get("version", ""), facts.get("shared", False), facts.get("signing", False))
        if live is None:
            done.added += 1
        elif (live.version, live.shared, live.signing) != asked:
            done.changed += 1
        else:
            done.same += 1
    done.faults.sort(key=lambda fault: fault.row)
    if done.faults or not keep:
        return done
    done.made = Import.objects.create(
        agency_id=actor.agency_id,
        source=told.source,
        name=_words(name, 200) or told.source,
        digest=hashlib.sha256(content).hexdigest(),
        added=done.added,
        changed=done.changed,
        same=done.same,
        by=_author(actor),
        at=at,
    )
    for each in planned:
        asset = queries.lock(each.asset.pk) if each.asset is not None else None
        _write(asset, each.code, each.unit, each.facts, words="", source=done.made, actor=actor, at=at)
    for unit, facts in programs:
        set_software(unit_id=unit.pk, **facts, actor=actor, at=at)
    journal.record(
        "estate.imported",
        subject=("estate_import", done.made.pk),
        actor=actor,
        at=at,
        source=told.source,
        digest=done.made.digest,
        added=done.added,
        changed=done.changed,
        same=done.same,
    )
    return done


def _differs(each: _Planned) -> bool:
    asset = each.asset
    return asset is not None and (
        asset.unit_id != each.unit.pk
        or any(_shown(getattr(asset, name)) != _shown(value) for name, value in each.facts.items())
    )


def _programs(
    lines: Sequence[SoftwareLine], actor: Actor, today: date, faults: list[Fault]
) -> list[tuple[Unit, dict[str, Any]]]:
    units = _units_of(actor, today) if lines else {}
    found = []
    for line in lines:
        unit = units.get(fold(line.unit))
        if unit is None:
            faults.append(Fault(line.row, UnknownUnit(unit=line.unit)))
        elif not line.facts.get("product") or "edition" not in line.facts:
            faults.append(Fault(line.row, ProductMissing()))
        else:
            found.append((unit, line.facts))
    return found


# Checks


@transaction.atomic
def check(
    *,
    unit_id: int,
    day: date,
    words: str,
    found: Sequence[tuple[str, int | None]],
    actor: Actor,
    at: datetime,
) -> Check:
    """Note a check of a unit and what it found: words, and the thing they are about where there is one.

    :raises NotTheKeeper: :raises FutureDay: :raises NothingFound: :raises NotFound: a thing of another unit
    """
    unit = people.get_unit(unit_id)
    refuse(policy.why_not_write(actor, unit))
    if not date(2000, 1, 1) <= day <= local_date(at):
        raise FutureDay(day=f"{day:%d/%m/%Y}")
    said = clean(words).strip()[:2000]
    lines = [(_words(line, 2000), asset_id) for line, asset_id in found if _words(line, 2000)][:100]
    if not said and not lines:
        raise NothingFound()
    mine = set(
        Asset.objects.filter(unit=unit, pk__in=[each for _line, each in lines if each]).values_list("pk", flat=True)
    )
    if any(each is not None and each not in mine for _line, each in lines):
        raise NotFound()
    made = Check.objects.create(unit=unit, day=day, words=said, by=_author(actor), at=at)
    Finding.objects.bulk_create(Finding(check_of=made, words=line, asset_id=asset_id) for line, asset_id in lines)
    journal.record(
        "estate.checked",
        subject=("estate_check", made.pk),
        actor=actor,
        at=at,
        unit=unit.pk,
        day=day,
        findings=len(lines),
    )
    return made


def _lock_finding(finding_id: int, actor: Actor) -> Finding:
    queries.get_finding(actor, finding_id)
    found = Finding.objects.select_for_update(of=("self",)).select_related("check_of__unit").get(pk=finding_id)
    refuse(policy.why_not_write(actor, found.check_of.unit))
    return found


@transaction.atomic
def note_given(*, finding_id: int, directive_id: int, actor: Actor, at: datetime) -> Finding:
    """Note that a finding has become work, in the transaction that gives it. :raises WrongState: :raises NotTheKeeper:"""
    found = _lock_finding(finding_id, actor)
    found.status, found.directive_id = states.step("give", found.status), directive_id
    found.save(update_fields=["status", "directive"])
    journal.record("finding.given", subject=("finding", found.pk), actor=actor, at=at, directive=directive_id)
    return found


@transaction.atomic
def settle(*, finding_id: int, words: str, actor: Actor, at: datetime) -> Finding:
    """Note that what was found is put right, and how. :raises WrongState: :raises SettlingMissing: :raises NotTheKeeper:"""
    found = _lock_finding(finding_id, actor)
    said = _words(words, 1000)
    if not said:
        raise SettlingMissing()
    found.status = Status(states.step("settle", found.status))
    found.settled_words, found.settled_by, found.settled_at = said, _author(actor), at
    found.save(update_fields=["status", "settled_words", "settled_by", "settled_at"])
    journal.record("finding.settled", subject=("finding", found.pk), actor=actor, at=at, words=said)
    return found
