"""Level, term, copies and the end: each by a paper, and nothing falls by itself but a term that is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from antin.refusal import NotAllowed, NotFound, WrongState
from antin.vault import operations as vault
from antin.vault import policy, queries, states
from antin.vault.models import Wrap
from antin.vault.policy import (
    CopiesOutstanding,
    CopyEnded,
    LevelUnchanged,
    NeedsDecision,
    NeedsMinutesAndWitness,
    NotCleared,
    ReaderNotCleared,
    TermNotLonger,
    TermTooLong,
)
from tests.cast import TODAY
from tests.unchanged import refused
from tests.vaults import DECISION, TITLE, Letter, Vaulted, clear, sealed

pytestmark = pytest.mark.django_db
Add = Callable[..., Any]


@pytest.fixture
def decided(house: Vaulted, letter: Letter, add: Add, at: datetime) -> dict[str, Any]:
    """What every decision of the head over the letter says; he reads it."""
    add(letter, house.head, house.plan_officer)
    return {
        "classified_id": letter.classified.pk,
        "paper": DECISION,
        "decided_on": TODAY,
        "actor": house.head,
        "at": at,
    }


def test_the_head_raises_and_lowers_by_a_decision(
    house: Vaulted, letter: Letter, decided: dict[str, Any], opened: Callable[..., bytes]
) -> None:
    clear(house.plan_officer.person_id, "mat")
    refused(NotAllowed, lambda: vault.change_level(**decided | {"actor": house.plan_officer}, level=2))
    refused(NotFound, lambda: vault.change_level(**decided | {"actor": house.deputy}, level=2))
    refused(NeedsDecision, lambda: vault.change_level(**decided | {"paper": " "}, level=2))
    tomorrow = TODAY + timedelta(days=1)
    refused(NeedsDecision, lambda: vault.change_level(**decided | {"decided_on": tomorrow}, level=2))
    refused(NeedsDecision, lambda: vault.change_level(**decided | {"decided_on": date(2026, 1, 1)}, level=2))
    refused(LevelUnchanged, lambda: vault.change_level(**decided, level=1))
    refused(NotCleared, lambda: vault.change_level(**decided, level=3))
    refused(NotCleared, lambda: vault.change_level(**decided, level=0))
    raised = vault.change_level(**decided, level=2)
    assert (raised.level, raised.protected_until) == (2, date(2046, 11, 23))
    refused(NotCleared, lambda: opened(letter.title, house.plan_officer))
    vault.change_level(**decided, level=1)
    assert opened(letter.title, house.plan_officer) == TITLE.encode()
    rows = queries.list_decisions(letter.classified.pk)
    assert [(row.change, row.level_before, row.level_after, row.paper) for row in rows] == [
        ("fixed", None, 1, ""),
        ("raised", 1, 2, DECISION),
        ("lowered", 2, 1, DECISION),
    ]


def test_a_term_is_extended_by_no_more_than_its_own_length(
    house: Vaulted, letter: Letter, decided: dict[str, Any]
) -> None:
    refused(TermNotLonger, lambda: vault.extend(**decided, until=date(2036, 11, 23)))
    refused(TermTooLong, lambda: vault.extend(**decided, until=date(2046, 11, 24)))
    refused(NotAllowed, lambda: vault.extend(**decided | {"actor": house.plan_officer}, until=date(2040, 1, 1)))
    assert vault.extend(**decided, until=date(2046, 11, 23)).protected_until == date(2046, 11, 23)


def test_after_declassification_the_need_to_know_alone_counts(
    house: Vaulted, letter: Letter, decided: dict[str, Any], opened: Callable[..., bytes], at: datetime
) -> None:
    clear(house.plan_officer.person_id, "none")
    refused(NotCleared, lambda: opened(letter.title, house.plan_officer))
    assert vault.declassify(**decided).status == "declassified"
    assert opened(letter.title, house.plan_officer) == TITLE.encode()
    refused(NotFound, lambda: opened(letter.title, house.clerk))
    assert sealed(letter.classified, "body", b"x", house.head, at).classified_id == letter.classified.pk
    refused(WrongState, lambda: vault.declassify(**decided))
    refused(WrongState, lambda: vault.change_level(**decided, level=2))


def test_a_term_that_is_over_ends_the_protection(house: Vaulted, letter: Letter, at: datetime) -> None:
    last_day = at.replace(year=2036)
    assert vault.end_terms(actor=None, at=last_day) == []
    assert vault.end_terms(actor=None, at=last_day + timedelta(days=1)) == [letter.classified.pk]
    assert vault.end_terms(actor=None, at=last_day + timedelta(days=1)) == []
    assert [row.change for row in queries.list_decisions(letter.classified.pk)] == ["fixed", "ended"]


def test_terms_by_law_and_the_level_of_a_whole() -> None:
    assert [states.term_years(level, TODAY) for level in (1, 2, 3)] == [10, 20, 30]
    assert states.years_after(date(2028, 2, 29), 10) == date(2038, 3, 1)
    assert (policy.highest(), policy.highest(1, 3, 2), policy.highest(0, 1)) == (0, 3, 1)


def test_copies_have_numbers_and_holders_until_they_end(
    house: Vaulted, letter: Letter, decided: dict[str, Any], at: datetime
) -> None:
    give = {"classified_id": letter.classified.pk, "medium": "paper", "at": at}
    clerk = house.clerk.person_id
    refused(NotFound, lambda: vault.give_copy(**give, holder_id=clerk, actor=house.clerk))
    nobody = house.technique_officer.person_id
    refused(ReaderNotCleared, lambda: vault.give_copy(**give, holder_id=nobody, actor=house.head))
    first = vault.give_copy(**give, holder_id=clerk, actor=house.head)
    second = vault.give_copy(**give | {"medium": "electronic"}, holder_id=clerk, actor=house.head)
    assert (first.number, second.number, queries.count_outstanding_copies(letter.classified.pk)) == (1, 2, 2)
    refused(NotFound, lambda: vault.return_copy(copy_id=first.pk, actor=house.clerk, at=at))
    vault.return_copy(copy_id=first.pk, actor=house.head, at=at)
    refused(CopyEnded, lambda: vault.return_copy(copy_id=first.pk, actor=house.head, at=at))
    destroy = {"copy_id": second.pk, "actor": house.head, "at": at}
    refused(NeedsMinutesAndWitness, lambda: vault.destroy_copy(**destroy, minutes=" "))
    vault.destroy_copy(**destroy, minutes="Biên bản số 3")
    refused(CopyEnded, lambda: vault.destroy_copy(**destroy, minutes="Biên bản số 3"))
    rows = queries.list_copies(house.head, letter.classified.pk)
    assert [(row.number, row.medium, row.returned_at, row.destroyed_at, row.minutes) for row in rows] == [
        (1, "paper", at, None, ""),
        (2, "electronic", None, at, "Biên bản số 3"),
    ]
    refused(NotFound, lambda: queries.list_copies(house.clerk, letter.classified.pk))


def test_destruction_takes_every_key_by_minutes_before_a_witness(
    house: Vaulted, letter: Letter, decided: dict[str, Any], opened: Callable[..., bytes], at: datetime
) -> None:
    officer = house.plan_officer
    destroy = {"classified_id": letter.classified.pk, "minutes": "Biên bản số 7", "witness_id": officer.person_id}
    destroy |= {"actor": house.head, "at": at}
    refused(NotAllowed, lambda: vault.destroy(**destroy | {"actor": officer}))
    refused(NeedsMinutesAndWitness, lambda: vault.destroy(**destroy | {"minutes": ""}))
    refused(NeedsMinutesAndWitness, lambda: vault.destroy(**destroy | {"witness_id": house.head.person_id}))
    refused(NeedsMinutesAndWitness, lambda: vault.destroy(**destroy | {"witness_id": house.clerk.person_id}))
    copy = vault.give_copy(
        classified_id=letter.classified.pk, medium="paper", holder_id=officer.person_id, actor=officer, at=at
    )
    refused(CopiesOutstanding, lambda: vault.destroy(**destroy))
    vault.return_copy(copy_id=copy.pk, actor=officer, at=at)
    assert vault.destroy(**destroy).status == "destroyed"
    assert Wrap.objects.filter(content__classified=letter.classified).count() == 0
    refused(WrongState, lambda: opened(letter.title, officer))
    refused(WrongState, lambda: vault.destroy(**destroy))
