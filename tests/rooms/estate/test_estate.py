"""The estate: things with a history, protection by a dated norm, imports whole or not at all, checks that become work, figures."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from antin.agenda import queries as calendars
from antin.console import demo, demo_rooms
from antin.estate import inventory, operations, policy, protection, queries
from antin.estate.models import Asset, Change, Finding, Import, Software, Standing
from antin.estate.protection import Norms
from antin.estate.states import Edition, Kind, Network, Source, Status, Use, Why
from antin.indicators import operations as indicators
from antin.indicators import queries as figures
from antin.journal import operations as journal
from antin.journeys import check_estate
from antin.people import queries as people
from antin.refusal import NotFound, WrongState
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Role
from tests.cast import Cast, empty_the_node
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def facts(**more: Any) -> dict[str, Any]:
    first = {
        "kind": Kind.WORKSTATION,
        "name": "Máy",
        "network": Network.MILITARY,
        "protection": "Lá chắn 3",
        "updated_on": TODAY,
    }
    return {**first, **more}


def put(cast: Cast, at: datetime, code: str, **more: Any) -> Asset:
    unit_id = more.pop("unit_id", cast.technique_id)
    return operations.add(code=code, unit_id=unit_id, facts=facts(**more), actor=cast.administrator.actor(), at=at)


def test_a_thing_has_a_history_and_its_keepers(cast: Cast, at: datetime) -> None:
    keeper, leader = cast.administrator.actor(), cast.technique_head.actor()
    refused(policy.NotTheKeeper, lambda: operations.add(code="X", unit_id=cast.technique_id, facts=facts(), actor=cast.technique_officer.actor(), at=at))  # fmt: skip  # noqa: E501
    refused(
        policy.NotTheKeeper, lambda: operations.add(code="X", unit_id=cast.plan_id, facts=facts(), actor=leader, at=at)
    )
    refused(
        operations.CodeMissing,
        lambda: operations.add(code=" ", unit_id=cast.technique_id, facts=facts(), actor=leader, at=at),
    )
    refused(operations.FutureDay, lambda: put(cast, at, "X", updated_on=TODAY + DAY))
    refused(NotFound, lambda: put(cast, at, "X", kind="toaster"))
    made = put(cast, at, "KT-01", keeper="Đặng Thị Hương")
    refused(operations.CodeTaken, lambda: put(cast, at, "KT-01"))
    for member in (cast.technique_officer, cast.head, cast.technique_head):
        assert queries.get_for(member.actor(), made.pk) == made
    for member in (cast.plan_head, cast.plan_officer, cast.recipient_head):
        refused(NotFound, lambda member=member: queries.get_for(member.actor(), made.pk))
    on = {"asset_id": made.pk, "revision": made.revision, "actor": keeper}
    moved = operations.change(unit_id=cast.plan_id, facts={"protection": ""}, words="Điều chuyển", at=at + DAY, **on)  # type: ignore[arg-type]
    refused(operations.ChangedMeanwhile, lambda: operations.change(unit_id=cast.plan_id, facts={}, at=at, **on))  # type: ignore[arg-type]
    assert moved.unit_id == cast.plan_id
    change = queries.list_changes(moved)[0]
    assert (change.words, sorted(change.fields)) == ("Điều chuyển", ["protection", "unit"])
    assert change.fields["unit"] == ["Phòng Kỹ thuật", "Phòng Kế hoạch"]
    rows = Standing.objects.order_by("since_at").values_list("unit_id", "protection", "until_at")
    assert list(rows) == [(cast.technique_id, "Lá chắn 3", at + DAY), (cast.plan_id, "", None)]
    assert [row.code for row in queries.find_things(keeper, "huong kt-01")] == ["KT-01"]
    assert queries.find_things(leader, "kt-01") == []


@pytest.mark.parametrize(
    ("guard", "updated", "why"),
    [("", TODAY, Why.ABSENT), ("A", None, Why.UNDATED), ("A", TODAY - 8 * DAY, Why.OLD), ("A", TODAY - 7 * DAY, None)],
    ids=["absent", "undated", "old", "current"],
)
def test_current_is_dated(guard: str, updated: date | None, why: Why | None) -> None:
    assert protection.why_not(guard, updated, TODAY, Norms()) == why


def test_protection_by_days_equals_a_look_at_each_day() -> None:
    """Two norms, every day looked at by itself: the stays say the same."""
    norms = Norms(((TODAY, 3), (TODAY + 10 * DAY, 20)))
    for updated in range(-12, 12):
        for last in (None, TODAY + 15 * DAY):
            stay = (TODAY - 10 * DAY, last)
            told = protection.stays("A", TODAY + updated * DAY, stay, norms)
            for n in range(-10, 15):
                day = TODAY + n * DAY
                inside = any(first <= day and (end is None or day < end) for first, end in told)
                assert inside == (protection.why_not("A", TODAY + updated * DAY, day, norms) is None), (updated, n)


def test_an_import_is_whole_or_nothing_and_says_what_it_changed(cast: Cast, at: datetime) -> None:
    keeper = cast.administrator.actor()
    put(cast, at, "KT-01", name="Máy cũ", protection="", updated_on=None)
    rows = [
        ["Mã", "LOẠI", "Tên", "Đơn vị", "Nối mạng", "Phòng chống mã độc", "Cập nhật mẫu ngày"],
        ["KT-01", "máy trạm", "Máy cũ", "Kỹ thuật", "quân sự", "Lá chắn 3", "22/11/2026"],
        ["KT-02", "Máy chủ", "Máy mới", "Phòng Kế hoạch", "độc lập", "", ""],
    ]
    programs = [["Đơn vị", "Phần mềm", "Bản", "Dùng chung"], ["G11.90.21", "An Tín", "web", "x"]]
    bad = [
        *rows,
        ["KT-03", "tủ lạnh", "?", "Kỹ thuật"],
        ["KT-04", "máy trạm", "?", "Không có"],
        rows[1],
        ["", "máy trạm"],
    ]
    told = inventory.of_tables([bad, programs])
    done = operations.take_in(told=told, name="a.xlsx", content=b"a", keep=True, actor=keeper, at=at)
    codes = ["bad_value", "code_missing", "unknown_unit", "twice_in_file", "unknown_unit"]
    found = [(each.row, each.refusal.code) for each in done.faults]
    assert found == list(zip([4, 4, 5, 6, 7], [f"estate_{code}" for code in codes], strict=True))
    assert (done.made, Import.objects.count(), Asset.objects.count(), Software.objects.count()) == (None, 0, 1, 0)
    good = inventory.of_tables([rows, programs])
    looked = operations.take_in(told=good, name="a.xlsx", content=b"a", keep=False, actor=keeper, at=at)
    assert (looked.added, looked.changed, looked.same, looked.faults) == (2, 1, 0, [])
    assert Asset.objects.count() == 1
    done = operations.take_in(told=good, name="a.xlsx", content=b"a", keep=True, actor=keeper, at=at + DAY)
    kept, changes = queries.get_import(keeper, done.made.pk)  # type: ignore[union-attr]
    assert (kept.source, [row.asset.code for row in changes]) == (Source.TABLE, ["KT-01", "KT-02"])
    assert changes[0].fields == {"protection": ["", "Lá chắn 3"], "updated_on": ["", "22/11/2026"]}
    assert Asset.objects.get(code="KT-01").name == "Máy cũ"
    again = operations.take_in(told=good, name="a.xlsx", content=b"a", keep=True, actor=keeper, at=at + 2 * DAY)
    assert (again.added, again.changed, again.same) == (0, 0, 3)
    assert Change.objects.count() == 3
    refused(policy.NotTheKeeper, lambda: operations.take_in(told=good, name="", content=b"", keep=False, actor=cast.clerk.actor(), at=at))  # fmt: skip  # noqa: E501
    other = operations.take_in(told=good, name="", content=b"", keep=True, actor=cast.plan_head.actor(), at=at)
    assert {each.refusal.code for each in other.faults} == {"estate_unknown_unit"}  # not his to write


def test_files_of_agents_are_read_and_matched_to_known_machines(cast: Cast, at: datetime) -> None:
    keeper = cast.administrator.actor()
    put(cast, at, "KT-01", serial="SN1", protection="", updated_on=None)
    put(cast, at, "KT-02", name="may-02", protection="Cũ")
    at_day = int(datetime(2026, 11, 22, 3, tzinfo=UTC).timestamp())
    osquery = [
        {"hostIdentifier": "h1", "name": "pack_a_system_info", "snapshot": [{"hostname": "x", "hardware_serial": "SN1"}]},
        {"hostIdentifier": "h1", "name": "os_version", "snapshot": [{"name": "Windows 11", "version": "23H2"}]},
        {"hostIdentifier": "h1", "name": "windows_security_products", "unixTime": at_day,
         "snapshot": [{"type": "Antivirus", "name": "Defender", "state": "On", "signatures_up_to_date": "1"}]},
    ]  # fmt: skip
    told = inventory.of_file("\n".join(json.dumps(row) for row in osquery).encode())
    operations.take_in(told=told, name="o.json", content=b"o", keep=True, actor=keeper, at=at)
    first = Asset.objects.get(code="KT-01")
    assert (first.system, first.protection, first.updated_on) == ("Windows 11 23H2", "Defender", date(2026, 11, 22))
    wazuh = {
        "data": {"affected_items": [{"name": "MAY-02", "os": {"name": "Ubuntu", "version": "22.04"}}, {"name": "la"}]}
    }
    told = inventory.of_file(json.dumps(wazuh).encode())
    done = operations.take_in(told=told, name="w.json", content=b"w", keep=True, actor=keeper, at=at)
    assert [(each.row, each.refusal.code) for each in done.faults] == [(2, "estate_unknown_host")]
    wazuh["data"]["affected_items"].pop()
    told = inventory.of_file(json.dumps(wazuh).encode())
    operations.take_in(told=told, name="w.json", content=b"w", keep=True, actor=keeper, at=at)
    second = Asset.objects.get(code="KT-02")
    assert (second.system, second.protection) == ("Ubuntu 22.04", "Cũ")
    ours = {"format": "antin-inventory", "version": 1, 
            "machines": [{"code": "KT-09", "kind": "workstation", "name": "Mới", "unit": "KT"}],
            "software": [{"unit": "KT", "product": "An Tín", "edition": "desktop", "shared": True, "signing": True}]}  # fmt: skip
    told = inventory.of_file(b"\xef\xbb\xbf" + json.dumps(ours).encode())
    operations.take_in(told=told, name="i.json", content=b"i", keep=True, actor=keeper, at=at)
    assert Software.objects.get().edition == Edition.DESKTOP


@pytest.mark.parametrize(
    "hostile",
    [
        b"", b"\xff\xfe", b"{}", b"[]", b"null", b"[1]", b'[{"hostIdentifier": 5, "name": "x", "snapshot": []}]', b"[" * 100_000,
        b'{"format": "antin-inventory", "version": 2}', b'{"format": "antin-inventory", "version": 1, "machines": {"a": 1}}',
        b'{"data": {"affected_items": "x"}}', b'{"format": NaN}', b'{"a": ' * 5000, b'{"data": {"affected_items": [[]]}}',
        b'{"format": "antin-inventory", "version": 1, "machines": [' + b"{}," * 20_001 + b"{}]}",
    ],
    ids=range(15),
)  # fmt: skip
def test_hostile_files_are_refused_in_words(hostile: bytes) -> None:
    refused(inventory.NotAnInventory, lambda: inventory.of_file(hostile))


def test_strange_facts_are_faults_of_their_line() -> None:
    told = {"format": "antin-inventory", "version": 1, "machines": [
        {"code": "A", "kind": "workstation", "owner": "x"}, {"code": {"a": 1}}, {"code": "B", "updated_on": "9999-99-99"},
        {"code": "C\u0000\u202e" + "x" * 500, "kind": "server", "name": "=cmd()"},
    ]}  # fmt: skip
    found = inventory.of_file(json.dumps(told).encode())
    assert [each.row for each in found.faults] == [1, 2, 3]
    assert found.lines[-1].facts["name"] == "=cmd()"
    assert len(found.lines[-1].facts["code"]) == 60
    refused(inventory.NoSuchHeads, lambda: inventory.of_tables([[["a"], ["b"]], []]))
    refused(inventory.StrangeHead, lambda: inventory.of_tables([[["Mã", "Loại", "Lương"], ["1", "2", "3"]]]))


def test_a_finding_becomes_work_and_is_put_right(cast: Cast, at: datetime) -> None:
    machine = put(cast, at, "KT-01")
    leader, boss = cast.technique_head.actor(), cast.head.actor()
    on = {"unit_id": cast.technique_id, "day": TODAY, "at": at}
    refused(operations.NothingFound, lambda: operations.check(words="", found=[(" ", None)], actor=leader, **on))  # type: ignore[arg-type]
    refused(NotFound, lambda: operations.check(words="", found=[("x", 0)], actor=leader, **on))  # type: ignore[arg-type]
    refused(
        operations.FutureDay, lambda: operations.check(words="x", found=[], actor=leader, **{**on, "day": TODAY + DAY})
    )  # type: ignore[arg-type]
    operations.check(
        words="Đã kiểm tra", found=[("Mẫu cũ", machine.pk), ("Chưa đổi mật khẩu", None)], actor=leader, **on
    )  # type: ignore[arg-type]
    first, second = Finding.objects.order_by("id")
    share = [Share(Role.LEAD, unit_id=cast.technique_id, days=3)]
    for _again in range(2):
        made = check_estate.give(finding_id=first.pk, shares=share, begun_in="once", actor=boss, at=at)
    assert made.title == "Mẫu cũ (KT-01)"
    assert Assignment.objects.count() == 1
    refused(WrongState, lambda: check_estate.give(finding_id=first.pk, shares=share, actor=boss, at=at))
    refused(NotFound, lambda: operations.settle(finding_id=second.pk, words="x", actor=cast.plan_head.actor(), at=at))
    refused(operations.SettlingMissing, lambda: operations.settle(finding_id=second.pk, words=" ", actor=leader, at=at))
    operations.settle(finding_id=second.pk, words="Đã đổi", actor=leader, at=at)
    assert [each.status for each in queries.list_findings(leader)] == [Status.GIVEN, Status.SETTLED]


def recount(at: datetime) -> None:
    """Count everything anew: a test's one transaction is sealed as one, so the journal can be read on but once."""
    machines, agencies = queries.every_machine()
    indicators.count_again(kind="machine", ids=machines, at=at)
    indicators.count_again(kind="unit", ids=sorted(agencies), at=at)


def test_a_norm_that_is_set_is_counted(cast: Cast, at: datetime) -> None:
    put(cast, at, "KT-01")
    recount(at)
    tight = {"days": 1, "valid_from": TODAY + DAY, "basis": "Chỉ thị 01", "at": at}
    operations.set_norm(actor=cast.administrator.actor(), **tight)  # type: ignore[arg-type]
    journal.seal(at=at)
    indicators.count(at=at)
    figure = figures.get_indicator("workstations_protected")
    root = people.get_unit(cast.agency_id)
    days = [figures.get_figure(root, figure, TODAY, TODAY + n * DAY).sums["workstations_protected"] for n in range(4)]
    assert days == [1, 1, 0, 0]


def test_figures_of_the_estate_are_what_stood_at_the_end_of_each_day(cast: Cast, at: datetime) -> None:
    keeper, root = cast.administrator.actor(), people.get_unit(cast.agency_id)
    early = at - 30 * DAY
    first = put(cast, early, "KT-01", updated_on=TODAY - 31 * DAY)
    put(cast, early, "KT-02", protection="", updated_on=None, network=Network.NONE)
    for code, more in (
        ("KT-03", {"use": Use.STORED}),
        ("M-01", {"kind": Kind.NETWORK}),
        ("MC-01", {"kind": Kind.SERVER}),
    ):
        put(cast, early, code, updated_on=None, **more)
    operations.set_software(
        unit_id=cast.plan_id, product="An Tín", edition="web", shared=True, actor=keeper, at=at - 5 * DAY
    )
    on = {"asset_id": Asset.objects.get(code="KT-02").pk, "unit_id": cast.technique_id}
    operations.change(
        facts={"protection": "A", "updated_on": TODAY - 11 * DAY}, revision=1, actor=keeper, at=at - 10 * DAY, **on
    )
    operations.change(facts=facts(), unit_id=cast.plan_id, asset_id=first.pk, revision=1, actor=keeper, at=at)
    journal.seal(at=at)
    indicators.count(at=at)
    protected, equipped = (figures.get_indicator(code) for code in ("workstations_protected", "agencies_equipped"))

    def share(n: int) -> tuple[int, int]:
        sums = figures.get_figure(root, protected, TODAY + n * DAY, TODAY + n * DAY).sums
        return sums["workstations_protected"], sums["workstations"]

    def looked(n: int) -> tuple[int, int]:
        """The same by a look at every machine on that day, from its history."""
        day, found, whole = TODAY + n * DAY, 0, 0
        for row in Standing.objects.filter(kind=Kind.WORKSTATION, use=Use.USED):
            since, until = row.since_at.date(), row.until_at.date() if row.until_at else date.max
            if since <= day < until:
                whole += 1
                found += protection.why_not(row.protection, row.updated_on, day, Norms()) is None
        return found, whole

    assert [share(n) for n in range(-32, 12)] == [looked(n) for n in range(-32, 12)]
    assert (share(-31), share(-30), share(-10), share(0), share(8)) == ((0, 0), (1, 2), (1, 2), (1, 2), (0, 2))
    base = figures.get_figure(root, equipped, TODAY, TODAY)
    assert (base.sums["agencies"], base.sums["agencies_equipped"]) == (1, 0)
    rows = figures.list_rows(cast.head.actor(), root, protected, TODAY, TODAY)
    assert [(row.kind, row.counts, row.title.split()[0]) for row in rows.shown] == [("machine", False, "KT-02"), ("machine", True, "KT-01")]  # fmt: skip  # noqa: E501
    assert rows.shown[0].reasons == {"workstations_protected": "not_protected"}
    hidden = figures.list_rows(cast.plan_officer.actor(), root, protected, TODAY, TODAY)
    assert (hidden.whole, hidden.hidden) == (2, 1)
    machine = Asset.objects.get(code="KT-02")
    operations.change(facts={"updated_on": TODAY}, revision=machine.revision, actor=keeper, at=at, **on)
    recount(at)
    assert figures.get_figure(root, equipped, TODAY, TODAY).sums["agencies_equipped"] == 1
    assert figures.get_figure(root, equipped, TODAY - DAY, TODAY - DAY).sums["agencies_equipped"] == 0
    assert figures.get_figure(root, equipped, TODAY + 8 * DAY, TODAY + 8 * DAY).sums["agencies_equipped"] == 0
    tight = {"days": 1, "valid_from": TODAY + DAY, "basis": "Chỉ thị 01", "at": at}
    refused(policy.NotTheTop, lambda: operations.set_norm(actor=cast.technique_head.actor(), **tight))  # type: ignore[arg-type]
    refused(operations.BadNorm, lambda: operations.set_norm(actor=keeper, **{**tight, "valid_from": TODAY}))  # type: ignore[arg-type]
    operations.set_norm(actor=keeper, **tight)  # type: ignore[arg-type]
    recount(at)
    assert (share(0), share(1), share(2)) == ((2, 2), (2, 2), (0, 2))


@pytest.mark.slow
def test_the_demonstration_has_a_week_and_an_estate_with_one_unit_behind(at: datetime) -> None:
    empty_the_node()
    demo.fill_organisation(at=at)
    for _again in range(2):
        demo_rooms.fill_rooms(at=at)
    root = people.find_root()
    assert root is not None
    head = demo_rooms._head(root.pk, TODAY)
    assert head is not None
    shown = calendars.list_between(head, TODAY, TODAY + 6 * DAY, at)
    assert len(shown) == 7
    _unit, rows, whole = queries.list_by_unit(head, TODAY)
    bare = {unit.abbreviation for unit, each in rows if each.workstations and each.protected < each.workstations}
    assert bare == {"K4"}
    assert whole.workstations > 100
    assert [unit.abbreviation for unit, each in rows if each.workstations and not each.connected] == ["K4"]
