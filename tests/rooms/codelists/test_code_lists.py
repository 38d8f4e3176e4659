"""Lists with days: who keeps them, which holds where and when, what was chosen stays, and every change taken back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from antin.codelists import operations as lists
from antin.codelists import policy, queries
from antin.codelists.models import Edition, Entry
from antin.codelists.operations import Line, Told
from antin.documents import operations as documents
from antin.documents import policy as policies
from antin.documents import queries as papers
from antin.documents.operations.filing import NotInTheList
from antin.documents.policy import FiledSealed
from antin.journal.models import Record
from antin.refusal import NotAllowed, NotFound, WrongState
from tests import given
from tests.cast import TODAY, Cast
from tests.unchanged import everything, refused

pytestmark = pytest.mark.django_db

YEAR, NEXT = date(2026, 1, 1), date(2027, 1, 1)
LINES = [
    Line("I", "Tài liệu tổng hợp", row=2),
    Line("I.1", "Báo cáo năm", "I", permanent=True, row=3),
    Line("I.2", "Công văn trao đổi", "I", years=10, source="TT 10/2022/TT-BNV", row=4),
    Line("II", "Hợp đồng", years=20, row=5),
]


def take(cast: Cast, at: datetime, lines: list[Line] = LINES, **more: Any) -> lists.Imported:
    told: dict[str, Any] = {"whole": False, "basis": "12/QĐ-TCZ", "from_date": YEAR, "keep": True, **more}
    return lists.import_list(
        agency_id=cast.agency_id,
        listing="retention",
        lines=lines,
        **told,
        actor=cast.administrator.actor(),
        at=at,
    )


def shown(agency_id: int, on: date, listing: str = "retention") -> list[str]:
    rows = queries.find_in_force(agency_id, listing, on).rows
    return [f"{'  ' * row.depth}{row.entry.code} {row.entry.name}: {row.period}" for row in rows]


def entry(code: str, on: date = TODAY) -> Entry:
    return Entry.objects.filter(queries.holding(on)).get(code=code)


def test_a_table_is_looked_through_then_taken_in_whole(cast: Cast, at: datetime) -> None:
    before = everything()
    assert vars(take(cast, at, keep=False)) == vars(lists.Imported(added=4))
    assert everything() == before
    assert take(cast, at).kept
    whole = [
        "I Tài liệu tổng hợp: ",
        "  I.1 Báo cáo năm: Vĩnh viễn",
        "  I.2 Công văn trao đổi: 10 năm",
        "II Hợp đồng: 20 năm",
    ]
    assert shown(cast.agency_id, TODAY) == whole
    assert shown(cast.agency_id, date(2025, 12, 31)) == []
    assert shown(cast.recipient_id, TODAY) == whole  # the agency below keeps none of its own
    assert [each.code for each in queries.list_choices(cast.recipient_id, "retention", TODAY)] == ["I.1", "I.2", "II"]
    assert not take(cast, at).kept  # the same again changes nothing
    changed = [LINES[0], Line("I.2", "Công văn", "I", years=5, row=3), Line("III", "Sổ sách", years=30, row=4)]
    done = take(cast, at, changed, whole=True, from_date=NEXT)
    assert (done.added, done.changed, done.same, done.ended) == (1, 1, 1, 2)
    assert shown(cast.agency_id, TODAY) == whole
    assert shown(cast.agency_id, NEXT) == ["I Tài liệu tổng hợp: ", "  I.2 Công văn: 5 năm", "III Sổ sách: 30 năm"]
    assert [each.code for each in queries.list_coming(cast.agency_id, "retention", TODAY)] == ["I.2", "III"]
    told = Record.objects.filter(event="codelist.imported").order_by("pk").values_list("facts", flat=True)
    assert [(each["added"], each["changed"], each["ended"]) for each in told] == [(4, 0, 0), (1, 1, 2)]


def test_a_table_with_faults_names_each_and_changes_nothing(cast: Cast, at: datetime) -> None:
    take(cast, at)
    bad = [
        Line("", "Không mã", row=2),
        Line("IV", "", row=3),
        Line("V", "Không đề mục", "X", years=5, row=4),
        Line("VI", "Dưới mục có thời hạn", "II", years=5, row=5),
        Line("VII", "Lâu quá", years=101, row=6),
        Line("VIII", "Vòng", "IX", row=7),
        Line("IX", "Vòng", "VIII", row=8),
        Line("X1", "Trùng", row=9),
        Line("X1", "Trùng", row=10),
    ]
    before = everything()
    found = {(each.row, type(each.refusal)) for each in take(cast, at, bad).faults}
    assert found == {
        (2, policy.CodeNeeded),
        (3, policy.NameNeeded),
        (4, policy.NoHeading),
        (5, policy.HeadingHasPeriod),
        (6, policy.YearsOutside),
        (7, policy.HeadingInCircle),
        (8, policy.HeadingInCircle),
        (10, policy.CodeTaken),
    }
    assert everything() == before
    early = take(cast, at, [Line("II", "Hợp đồng", years=15, row=2)], from_date=date(2025, 6, 1))
    assert [type(each.refusal) for each in early.faults] == [policy.TooEarly]


def test_an_entry_is_worded_anew_ended_and_each_is_taken_back(cast: Cast, at: datetime) -> None:
    admin = cast.administrator.actor()
    by: dict[str, Any] = {"basis": "15/QĐ-TCZ", "actor": admin, "at": at}
    take(cast, at)
    first = entry("I.2")
    told = Told("I.2", "Công văn", "I", years=5)
    refused(policy.TooEarly, lambda: lists.change_entry(entry_id=first.pk, told=told, from_date=date(2025, 1, 1), **by))
    refused(
        policy.NothingChanged,
        lambda: lists.change_entry(
            entry_id=first.pk,
            told=Told(*(getattr(first, n) for n in LINES[0].__dataclass_fields__ if n != "row")),
            from_date=NEXT,
            **by,
        ),
    )
    refused(
        policy.BasisNeeded,
        lambda: lists.change_entry(entry_id=first.pk, told=told, from_date=NEXT, **by | {"basis": " "}),
    )
    lists.change_entry(entry_id=first.pk, told=told, from_date=NEXT, **by)
    refused(policy.ChangedSince, lambda: lists.end_entry(entry_id=first.pk, from_date=NEXT, **by))
    refused(policy.StillAbove, lambda: lists.end_entry(entry_id=entry("I").pk, from_date=NEXT, **by))
    lists.end_entry(entry_id=entry("I.2", NEXT).pk, from_date=NEXT, **by)
    assert shown(cast.agency_id, NEXT)[1:] == ["  I.1 Báo cáo năm: Vĩnh viễn", "II Hợp đồng: 20 năm"]
    imported, changed, ended = Edition.objects.order_by("number")
    for built in (imported, changed):
        refused(policy.BuiltUpon, lambda: lists.take_back(edition_id=built.pk, **by))  # noqa: B023
    lists.take_back(edition_id=ended.pk, **by)
    assert "  I.2 Công văn: 5 năm" in shown(cast.agency_id, NEXT)
    lists.take_back(edition_id=changed.pk, **by)
    assert "  I.2 Công văn trao đổi: 10 năm" in shown(cast.agency_id, NEXT)
    refused(policy.UndoneAlready, lambda: lists.take_back(edition_id=changed.pk, **by))
    below = lists.add_entry(
        agency_id=cast.agency_id, listing="retention", told=Told("I.3", "Mới", "I", years=1), from_date=YEAR, **by
    )
    refused(
        policy.BuiltUpon, lambda: lists.take_back(edition_id=imported.pk, **by)
    )  # one hangs under a heading that would go
    lists.take_back(edition_id=below.began_id, **by)
    last = lists.take_back(edition_id=imported.pk, **by)
    assert shown(cast.agency_id, TODAY) == shown(cast.agency_id, NEXT) == []
    assert last.number == 8
    assert take(cast, at).kept  # and the list may begin again
    assert [each.name for each in queries.list_wordings(entry("I.2"))] == ["Công văn trao đổi"]
    assert Record.objects.filter(event__startswith="codelist.").count() == 9


def test_only_administrators_of_the_house_keep_lists_and_only_agencies_have_them(cast: Cast, at: datetime) -> None:
    def add(actor: Any, agency_id: int = cast.agency_id, listing: str = "field") -> Entry:
        return lists.add_entry(
            agency_id=agency_id,
            listing=listing,
            told=Told("KT", "Kỹ thuật"),
            basis="1/QĐ",
            from_date=YEAR,
            actor=actor,
            at=at,
        )

    refused(NotAllowed, lambda: add(cast.head.actor()))
    refused(NotFound, lambda: add(cast.administrator.actor(), cast.plan_id))
    refused(NotFound, lambda: add(cast.administrator.actor(), 0))
    add(cast.administrator.actor())
    refused(policy.CodeTaken, lambda: add(cast.administrator.actor()))
    assert add(cast.administrator.actor(), cast.recipient_id).code_list.agency_id == cast.recipient_id
    phrase = lists.add_entry(
        agency_id=cast.agency_id,
        listing="directive",
        told=Told("1", "Báo cáo Thủ trưởng.", "I", years=5, permanent=False),
        basis="1/QĐ",
        from_date=YEAR,
        actor=cast.administrator.actor(),
        at=at,
    )
    assert (phrase.above, phrase.years) == ("", None)  # no headings, no periods


def test_what_was_chosen_for_a_document_stays_and_says_what_it_said(cast: Cast, at: datetime) -> None:
    admin = cast.administrator.actor()
    take(cast, at)
    field = lists.add_entry(
        agency_id=cast.agency_id,
        listing="field",
        told=Told("KT", "Kỹ thuật"),
        basis="1/QĐ",
        from_date=YEAR,
        actor=admin,
        at=at,
    )
    document = given.a_draft(cast, at)
    kept = entry("I.2")

    def choose(
        member: Any, retention_id: int | None = kept.pk, field_id: int | None = None, pk: int = document.pk
    ) -> Any:
        told = {"retention_id": retention_id, "field_id": field_id, "today": TODAY, "at": at}
        return documents.file_document(document_id=pk, **told, actor=member.actor())

    refused(NotAllowed, lambda: choose(cast.clerk))  # a draft is its drafter's
    refused(NotInTheList, lambda: choose(cast.plan_officer, entry("I").pk))  # a heading
    refused(NotInTheList, lambda: choose(cast.plan_officer, field.pk))  # of another list
    choose(cast.plan_officer, kept.pk, field.pk)
    lists.change_entry(
        entry_id=kept.pk, told=Told("I.2", "Công văn", "I", years=5), basis="2/QĐ", from_date=TODAY, actor=admin, at=at
    )
    filing = papers.find_filing(document)
    assert filing is not None and filing.retention is not None and filing.field is not None
    assert (filing.retention.years, filing.retention.name, filing.field.name) == (10, "Công văn trao đổi", "Kỹ thuật")
    choose(cast.plan_officer, kept.pk)  # the earlier choice may stay
    before = everything()
    choose(cast.plan_officer, kept.pk)
    assert everything() == before
    choose(cast.plan_officer, entry("I.2").pk)
    refused(NotInTheList, lambda: choose(cast.plan_officer, kept.pk))
    told = list(Record.objects.filter(event="document.filed").order_by("pk").values_list("facts", flat=True))
    assert [(each["years"], each["field"]) for each in told] == [(10, "KT"), (10, ""), (5, "")]
    documents.submit(document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    refused(WrongState, lambda: choose(cast.plan_officer))

    arrival = given.a_registered_document(cast, at)
    choose(cast.recipient_clerk, entry("II").pk, pk=arrival.pk)
    refused(NotAllowed, lambda: choose(cast.recipient_study_officer, None, pk=arrival.pk))
    refused(NotAllowed, lambda: choose(cast.clerk, None, pk=arrival.pk))
    arrival.classified_id = 1
    assert isinstance(policies.why_not_file(cast.recipient_clerk.actor(), arrival), FiledSealed)
