"""Agencies outside the node: entered, changed, closed, taken from a line's list, found by name and by every code."""

from __future__ import annotations

from datetime import datetime

import pytest

from antin.correspondents import operations, queries
from antin.correspondents.models import Correspondent
from antin.correspondents.operations import Listed, Taken
from antin.correspondents.states import Channel
from antin.refusal import NotAllowed
from tests.cast import Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

MINISTRY = Listed("G91", "Bộ Kế hoạch Biển đảo", ("000.00.00.G91",), email="vanthu@g91.example")
OFFICE = Listed("G91.12", "Cục Hải đồ", ("000.00.12.G91", "CHD"), parent_code="G91")


def enter(at: datetime, **changes: object) -> Correspondent:
    told = {"code": "H95", "name": "Tỉnh Sông Thương", "channel": "gateway", "line": "tinh"} | changes
    return operations.enter(actor=None, at=at, **told)  # type: ignore[arg-type]


def take(at: datetime, *listed: Listed, **more: object) -> Taken:
    told = {"channel": Channel.AXIS, "line": "truc"} | more
    return operations.take_list(listed=listed, actor=None, at=at, **told)  # type: ignore[arg-type]


def test_an_agency_is_found_by_its_name_and_by_every_spelling_of_its_code(at: datetime) -> None:
    made = enter(at, spellings=["000.00.00.H95", "st-01"])
    assert queries.find_by_code("H95") == queries.find_by_code("000.00.00.H95") == queries.find_by_code("st-01") == made
    assert queries.find_by_code("") is None
    for words in ("song thuong", "SÔNG Thương", "000.00.00.h95", "h95"):
        assert queries.list_choices(words=words) == [made]
    assert queries.list_choices(words="sông hồng") == []


def test_one_code_never_means_two(at: datetime) -> None:
    enter(at, spellings=["st-01"])
    taken = refused(operations.CorrespondentCodeTaken, lambda: enter(at, code="st-01", name="Khác"))
    assert taken.message == "Mã st-01 đã chỉ Tỉnh Sông Thương; một mã không chỉ hai cơ quan."
    refused(operations.CorrespondentCodeTaken, lambda: enter(at, code="H96", name="Khác", spellings=["H95"]))


def test_what_is_no_agency_is_refused(cast: Cast, at: datetime) -> None:
    for changes in ({"name": " "}, {"code": ""}, {"code": "H 95"}, {"name": "x" * 301}):
        refused(operations.CorrespondentNeedsName, lambda changes=changes: enter(at, **changes))  # type: ignore[misc]
    for channel in ("here", "pigeon"):
        refused(operations.NoSuchChannel, lambda channel=channel: enter(at, channel=channel))  # type: ignore[misc]
    refused(
        NotAllowed,
        lambda: operations.enter(code="H95", name="A", channel="axis", actor=cast.clerk.actor(), at=at),
    )


def test_changed_and_closed_with_a_successor(at: datetime) -> None:
    old, heir = enter(at), enter(at, code="H97", name="Tỉnh Sông Cầu")
    changed = operations.change(
        correspondent_id=old.pk, name="Tỉnh Sông Thương Thượng", channel="axis", line="truc", spellings=["T"],
        actor=None, at=at,
    )  # fmt: skip
    assert (changed.name, changed.channel, queries.list_spellings([old.pk])) == (
        "Tỉnh Sông Thương Thượng",
        "axis",
        {old.pk: ["H95", "T"]},
    )
    refused(
        operations.IntoItself, lambda: operations.close(correspondent_id=old.pk, successor_id=old.pk, actor=None, at=at)
    )
    closed = operations.close(correspondent_id=old.pk, successor_id=heir.pk, actor=None, at=at)
    assert queries.find_successor(closed) == heir
    assert queries.find_open([old.pk, heir.pk]) == {heir.pk: heir}
    assert queries.list_choices(words="song thuong") == []
    assert queries.find_by_code("H95") == closed
    refused(operations.CorrespondentClosed, lambda: operations.close(correspondent_id=old.pk, actor=None, at=at))


def test_a_list_is_taken_and_taken_again_changes_nothing(at: datetime) -> None:
    assert take(at, MINISTRY, OFFICE) == Taken(new=2)
    found = queries.find_by_code("000.00.12.G91")
    assert found is not None
    assert (found.code, found.channel, found.line, found.parent_code) == ("G91.12", "axis", "truc", "G91")
    before = list(Correspondent.objects.order_by("id").values())
    assert take(at, MINISTRY, OFFICE) == Taken()
    assert list(Correspondent.objects.order_by("id").values()) == before
    renamed = Listed("G91.12", "Cục Hải đồ và Đèn biển", ("CHD",))
    assert take(at, MINISTRY, renamed) == Taken(changed=1)
    assert (queries.find_by_code("CHD"), queries.find_by_code("000.00.12.G91")) == (queries.get(found.pk), None)


def test_what_a_list_no_longer_names_is_closed_and_comes_back_when_it_does(at: datetime) -> None:
    third = Listed("G92", "Bộ Giao thông Sông hồ")
    take(at, MINISTRY, OFFICE, third)
    assert take(at, MINISTRY, OFFICE) == Taken(closed=1)
    assert take(at, MINISTRY, OFFICE, third) == Taken(changed=1)
    assert take(at, third) == Taken()  # a list that lost two of three is not believed
    assert Correspondent.objects.filter(closed_at__isnull=True).count() == 3


def test_a_list_touches_neither_what_was_entered_by_hand_nor_ourselves(at: datetime) -> None:
    by_hand = enter(at, code="G91", name="Bộ KHBĐ", channel="axis", line="truc", spellings=["000.00.00.G91"])
    own = Listed("G11.90", "Chúng tôi", ("000.00.90.G11",))
    nameless, twice = Listed("G93", " "), Listed("G91.12", "Lần nữa")
    assert take(at, MINISTRY, OFFICE, own, nameless, twice, without=("G11.90",)) == Taken(
        new=1, passed_over=("G93", "G91.12")
    )
    by_hand.refresh_from_db()
    assert by_hand.name == "Bộ KHBĐ"
    assert queries.find_by_code("G11.90") is None


def test_an_alias_that_another_claims_as_its_own_code_is_the_others(at: datetime) -> None:
    take(at, Listed("G91", "Một", ("G92", "cu")), Listed("G92", "Hai", ("cu",)))
    meant = {code: found.name for code in ("G91", "G92", "cu") if (found := queries.find_by_code(code))}
    assert meant == {"G91": "Một", "G92": "Hai", "cu": "Một"}
