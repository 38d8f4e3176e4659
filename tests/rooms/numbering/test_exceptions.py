"""Numbers kept back, numbers put between two others, and books as the head laid them out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from antin.documents import operations as documents
from antin.documents import queries as papers
from antin.journal import queries as journal
from antin.numbering import operations as numbering
from antin.numbering import policy, queries
from antin.numbering.queries import SeriesKey
from antin.refusal import NotAllowed
from tests import given
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db
UNTIL = TODAY + timedelta(days=3)


def letters(cast: Cast, year: int = 2026) -> SeriesKey:
    return SeriesKey(agency_id=cast.agency_id, book="out", year=year, type_group="CV")


def take(cast: Cast, at: datetime, subject: int) -> int:
    return numbering.take(series=letters(cast), subject=("document", subject), actor=None, at=at).value


def reserve(cast: Cast, at: datetime, *, until: date = UNTIL, reason: str = "Chờ ký thỏa thuận") -> int:
    kept = numbering.reserve(
        series=letters(cast), reason=reason, until=until, actor=cast.clerk.actor(), today=TODAY, at=at
    )
    return kept.pk


def insert(cast: Cast, at: datetime, after: int, actor: object = None) -> str:
    kept = numbering.insert(
        series=letters(cast),
        after=after,
        reason="Quyết định bị sót",
        until=UNTIL,
        actor=actor or cast.head.actor(),
        today=TODAY,
        at=at,
    )
    return f"{kept.value}{kept.suffix}"


def test_a_number_kept_back_is_passed_over_and_used_once(cast: Cast, at: datetime) -> None:
    take(cast, at, 1)
    kept = reserve(cast, at)
    assert take(cast, at, 2) == 3
    used = {"series": letters(cast), "reserved_id": kept, "actor": None, "at": at}
    number = numbering.take(subject=("document", 9), **used)
    assert (number.value, number.status, number.subject_id) == (2, "taken", 9)
    refused(numbering.NotReserved, lambda: numbering.take(subject=("document", 10), **used))
    [proof] = queries.list_proofs(agency_id=cast.agency_id, year=2026)
    assert (proof.last, proof.kept, proof.reserved, proof.voided, proof.whole) == (3, 3, 0, 0, True)
    [entry] = journal.list_for(("document", 9))
    assert (entry.event, entry.facts["value"], entry.facts["reason"]) == ("number.used", 2, "Chờ ký thỏa thuận")


def test_a_number_of_another_book_is_not_used(cast: Cast, at: datetime) -> None:
    kept = reserve(cast, at)
    other = SeriesKey(agency_id=cast.agency_id, book="out", year=2026, type_group="QĐ")
    numbering.take(series=other, subject=("document", 1), actor=None, at=at)
    refused(
        numbering.NotReserved,
        lambda: numbering.take(series=other, subject=("document", 2), reserved_id=kept, actor=None, at=at),
    )


def test_a_number_given_up_is_void_with_its_reason_and_never_given_again(cast: Cast, at: datetime) -> None:
    kept = reserve(cast, at)
    give_up = {"number_id": kept, "at": at}
    clerk = cast.clerk.actor()
    refused(numbering.ReserveReasonMissing, lambda: numbering.release(reason=" ", actor=clerk, **give_up))
    refused(policy.NotTheRegistry, lambda: numbering.release(reason="x", actor=cast.recipient_clerk.actor(), **give_up))
    numbering.release(reason="Thôi ký", actor=clerk, **give_up)
    refused(numbering.NotReserved, lambda: numbering.release(reason="Thôi ký", actor=clerk, **give_up))
    assert take(cast, at, 1) == 2
    [voided] = queries.list_voided(agency_id=cast.agency_id, year=2026)
    assert (voided.value, voided.void_reason) == (1, "Thôi ký")


def test_what_is_kept_too_long_is_given_up_by_the_clock(cast: Cast, at: datetime) -> None:
    reserve(cast, at, until=TODAY)
    reserve(cast, at)
    assert numbering.release_expired(today=TODAY, at=at) == 0
    assert numbering.release_expired(today=TODAY + timedelta(days=1), at=at) == 1
    assert numbering.release_expired(today=TODAY + timedelta(days=1), at=at) == 0
    [voided] = queries.list_voided(agency_id=cast.agency_id, year=2026)
    assert (voided.value, voided.void_reason) == (1, "Hết hạn giữ số ngày 23/11/2026, không dùng")


def test_keeping_needs_the_registry_a_reason_and_a_day_to_come(cast: Cast, at: datetime) -> None:
    take(cast, at, 1)
    refused(numbering.ReserveReasonMissing, lambda: reserve(cast, at, reason="  "))
    refused(numbering.DayPast, lambda: reserve(cast, at, until=TODAY - timedelta(days=1)))
    refused(
        policy.NotTheRegistry,
        lambda: numbering.reserve(
            series=letters(cast), reason="x", until=UNTIL, actor=cast.plan_officer.actor(), today=TODAY, at=at
        ),
    )


def test_only_a_leader_lets_a_number_be_put_between(cast: Cast, at: datetime) -> None:
    take(cast, at, 1)
    refused(policy.NotALeader, lambda: insert(cast, at, 1, cast.clerk.actor()))
    refused(numbering.NumberNotThere, lambda: insert(cast, at, 2))
    assert [insert(cast, at, 1) for _ in range(6)] == ["1a", "1b", "1c", "1d", "1đ", "1e"]
    assert take(cast, at, 2) == 2
    [proof] = queries.list_proofs(agency_id=cast.agency_id, year=2026)
    assert (proof.last, proof.kept, proof.inserted, proof.reserved, proof.whole) == (2, 2, 6, 6, True)


def test_the_proof_names_what_is_missing(cast: Cast, at: datetime) -> None:
    for n in range(1, 6):
        take(cast, at, n)
    insert(cast, at, 2)
    queries.Number.objects.filter(value__in=(2, 4), suffix="").delete()
    [proof] = queries.list_proofs(agency_id=cast.agency_id, year=2026)
    assert (proof.whole, proof.missing) == (False, (2, 4))


def test_a_document_carries_the_inserted_number(cast: Cast, at: datetime) -> None:
    given.a_numbered_document(cast, at)
    insert(cast, at, 1)
    [kept] = queries.list_reserved_in(letters(cast))
    document = given.a_signed_document(cast, at)
    documents.number(document_id=document.pk, reserved_id=kept.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    document = papers.get(document.pk)
    assert (document.number, document.code) == (1, "01a/TCZ-KH")
    assert document.identifier == "G11.90,2026/11/23,01a/TCZ-KH"


def lay_out(cast: Cast, at: datetime, **changes: object) -> queries.Book:
    plain = {
        "agency_id": cast.agency_id,
        "name": "Sổ công văn, thông báo",
        "type_codes": ["TB", "CV"],
        "from_year": 2026,
        "basis": "Quy chế văn thư",
        "actor": cast.administrator.actor(),
        "today": TODAY,
        "at": at,
    }
    return numbering.set_book(**(plain | changes))


def test_types_of_one_book_share_a_series(cast: Cast, at: datetime) -> None:
    lay_out(cast, at)
    codes = [given.a_numbered_document(cast, at, type_code=code).code for code in ("CV", "TB", "QĐ", "CV")]
    assert codes == ["01/TCZ-KH", "02/TB-TCZ", "01/QĐ-TCZ", "03/TCZ-KH"]
    shared, alone = queries.list_proofs(agency_id=cast.agency_id, year=2026)
    assert (shared.name, shared.last, alone.name, alone.type_group) == ("Sổ công văn, thông báo", 3, "", "QĐ")


def test_a_book_is_not_laid_out_over_numbers_that_were_taken(cast: Cast, at: datetime) -> None:
    given.a_numbered_document(cast, at)
    assert refused(numbering.NumbersTaken, lambda: lay_out(cast, at)).facts == {"year": 2026, "next": 2027}
    lay_out(cast, at, from_year=2027)
    assert given.a_numbered_document(cast, at, type_code="TB").code == "01/TB-TCZ"
    key = queries.key_of(cast.agency_id, "CV", "", 2027)
    assert key == queries.key_of(cast.agency_id, "TB", "", 2027)
    refused(numbering.YearPast, lambda: lay_out(cast, at, from_year=2025))
    refused(numbering.TypesMissing, lambda: lay_out(cast, at, type_codes=[]))
    refused(numbering.ReserveReasonMissing, lambda: lay_out(cast, at, from_year=2027, basis=""))
    refused(NotAllowed, lambda: lay_out(cast, at, from_year=2027, actor=cast.clerk.actor()))


def test_a_book_of_a_term_runs_on_over_the_years_until_it_is_closed(cast: Cast, at: datetime) -> None:
    book = lay_out(cast, at, restarts="term")
    first = queries.key_of(cast.agency_id, "CV", "", 2026)
    assert queries.key_of(cast.agency_id, "CV", "", 2029) == first
    numbering.take(series=first, subject=("document", 1), actor=None, at=at)
    assert [proof.last for proof in queries.list_proofs(agency_id=cast.agency_id, year=2028)] == [1]
    closing = {"book_id": book.pk, "basis": "Hết nhiệm kỳ", "actor": None, "today": TODAY, "at": at}
    refused(numbering.NumbersTaken, lambda: numbering.close_book(from_year=2026, **closing))
    numbering.close_book(from_year=2027, **closing)
    assert queries.key_of(cast.agency_id, "CV", "", 2027) == SeriesKey(cast.agency_id, "out", 2027, "CV")
    assert queries.list_proofs(agency_id=cast.agency_id, year=2028) == []


def test_secret_papers_have_their_own_book(cast: Cast, at: datetime) -> None:
    lay_out(cast, at)
    assert queries.key_of(cast.agency_id, "CV", "secret", 2026) == SeriesKey(
        cast.agency_id, "out", 2026, "CV", "secret"
    )
