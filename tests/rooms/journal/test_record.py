from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from antin.journal import operations, queries
from antin.journal.operations import Entry

AT = datetime(2026, 11, 20, 3, 4, 5, 678901, tzinfo=UTC)


@dataclass(frozen=True)
class Clerk:
    person_id: int = 7
    person_name: str = "Nguyễn Thị Ánh"
    post_id: int = 70
    post_title: str = "Văn thư"
    agency_id: int = 3


@pytest.mark.django_db
def test_a_record_says_who_in_which_post_what_when_and_with_which_facts():
    operations.record(
        "document.submitted",
        subject=("document", 12),
        actor=Clerk(),
        at=AT,
        number=5,
        day=date(2026, 11, 20),
        share=Decimal("0.50"),
    )
    [row] = queries.list_for(("document", 12))
    assert (row.event, row.subject, row.at) == ("document.submitted", ("document", 12), AT)
    assert (row.person_id, row.person_name, row.post_id, row.post_title) == (7, "Nguyễn Thị Ánh", 70, "Văn thư")
    assert (row.agency_id, row.on_behalf) == (3, "")
    assert row.facts == {"number": 5, "day": "2026-11-20", "share": "0.50"}


@pytest.mark.django_db
def test_the_node_itself_acts_without_a_person_and_in_a_named_agency():
    operations.record("document.issued", subject=("document", 12), actor=None, at=AT, agency_id=9)
    [row] = queries.list_for(("document", 12))
    assert (row.person_id, row.person_name, row.post_id, row.agency_id) == (None, "", None, 9)


@pytest.mark.django_db
def test_many_are_recorded_in_order_and_listed_newest_first_by_page():
    operations.record_many(Entry(f"step.{n}", ("task", 1), Clerk(), AT, facts={"n": n}) for n in range(5))
    first = queries.list_for(("task", 1), limit=2)
    assert [row.event for row in first] == ["step.4", "step.3"]
    assert [row.event for row in queries.list_for(("task", 1), before=first[-1].id)] == ["step.2", "step.1", "step.0"]


@pytest.mark.django_db
@pytest.mark.parametrize("fact", [0.5, object(), b"x", float("nan")])
def test_a_fact_that_cannot_be_hashed_alike_everywhere_is_a_fault(fact):
    with pytest.raises(TypeError, match="a journal fact cannot be"):
        operations.record("x", subject=("document", 1), actor=None, at=AT, fact=fact)
    assert queries.list_for(("document", 1)) == []


@pytest.mark.django_db
def test_a_naive_moment_is_a_fault():
    with pytest.raises(TypeError, match="aware"):
        operations.record("x", subject=("document", 1), actor=None, at=datetime(2026, 1, 1))


@pytest.mark.django_db
@pytest.mark.parametrize("fact", ["tab\t gạch \\ chéo \\N", "dòng\nmới", "", "”“", {"a": [1, None, True]}, 2**63])
def test_any_text_comes_back_as_it_was(fact):
    strange = Clerk(person_name="Tên\t\\N\n", post_title="\\.")
    operations.record("one", subject=("document", 1), actor=strange, at=AT, fact=fact)
    operations.record_many([Entry("many", ("document", 1), strange, AT, facts={"fact": fact})])
    many, one = queries.list_for(("document", 1))
    for row in (one, many):
        assert (row.facts, row.person_name, row.post_title) == ({"fact": fact}, "Tên\t\\N\n", "\\.")


@pytest.mark.django_db
def test_what_the_database_cannot_keep_is_a_database_error():
    for act in (
        lambda: operations.record("x", subject=("document", 1), actor=None, at=AT, fact="a\x00b"),
        lambda: operations.record_many([Entry("x", ("document", 1), None, AT, facts={"fact": "a\x00b"})]),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.django_db
def test_a_record_goes_when_its_act_is_rolled_back():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        operations.record("x", subject=("document", 1), actor=None, at=AT)
        raise ZeroDivisionError
    assert queries.list_for(("document", 1)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "update journal_record set person_name = 'Ai đó'",
        "update journal_record set facts = facts",
        "delete from journal_record",
        "insert into journal_record select * from journal_record on conflict (id) do update set event = 'x'",
        "truncate journal_record cascade",
    ],
)
def test_the_database_refuses_to_change_or_remove_a_record(statement):
    operations.record("x", subject=("document", 1), actor=Clerk(), at=AT)
    before = queries.list_for(("document", 1))
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table journal_record enable trigger journal_record_stays_whole")
        with pytest.raises(IntegrityError, match="the journal is append-only"), transaction.atomic():
            cursor.execute(statement)
    assert queries.list_for(("document", 1)) == before


@pytest.mark.django_db
def test_events_shown_elsewhere_are_left_out():
    for event in ("document.issued", "delivery.arrived", "delivery.failed"):
        operations.record(event, subject=("document", 4101), actor=None, at=AT, agency_id=1)
    listed = queries.list_for(("document", 4101), without=("delivery.arrived",))
    assert [row.event for row in listed] == ["delivery.failed", "document.issued"]
