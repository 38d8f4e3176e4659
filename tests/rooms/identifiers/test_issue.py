"""Issuing, closing, merging and resolving agency codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from antin.identifiers import codes, operations, queries
from antin.identifiers.models import Code, Spelling
from antin.journal.models import Record
from antin.refusal import NotAllowed, NotFound
from tests.cast import Cast
from tests.unchanged import refusal

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LATER = AT + timedelta(days=30)


def issue(value: str) -> Code:
    return operations.issue(value=value, decision="12/QĐ-BY", actor=None, at=AT)


def test_a_code_resolves_in_every_spelling() -> None:
    issue("G12.05")
    operations.add_alias(value="G12.05", alias=" 05.00.W12 ", actor=None, at=AT)
    for spelling in ("G12.05", "000.00.05.G12", "05.00.W12", " G12.05 "):
        found = queries.resolve(spelling)
        assert (found.value, found.current, found.status, found.issuing_decision) == (
            "G12.05",
            "G12.05",
            "active",
            "12/QĐ-BY",
        )
    assert [spelling.value for spelling in queries.list_spellings("G12.05")] == ["G12.05", "000.00.05.G12", "05.00.W12"]


def test_a_code_without_an_old_form_has_one_spelling() -> None:
    issue("H37.DN.001")
    assert [spelling.value for spelling in queries.list_spellings("H37.DN.001")] == ["H37.DN.001"]


def test_what_was_never_issued_resolves_to_nothing() -> None:
    with pytest.raises(NotFound):
        queries.resolve("G99")


def test_a_code_is_issued_once() -> None:
    issue("G12")
    with refusal(operations.CodeSpent):
        issue("G12")


def test_a_closed_code_is_not_issued_again() -> None:
    issue("G12")
    operations.close(value="G12", decision="13/QĐ-BY", actor=None, at=LATER)
    with refusal(operations.CodeSpent) as caught:
        issue("G12")
    assert caught.value.message == "Mã định danh G12 đã được cấp hoặc đã dùng; mã không bao giờ cấp lại."
    found = queries.resolve("G12")
    assert (found.status, found.current, found.closed_at, found.closing_decision) == (
        "closed",
        "G12",
        LATER,
        "13/QĐ-BY",
    )


def test_a_text_that_is_an_alias_is_never_issued_as_a_code() -> None:
    issue("G12")
    operations.add_alias(value="G12", alias="G13", actor=None, at=AT)
    with refusal(operations.CodeSpent):
        issue("G13")


def test_the_old_form_of_a_new_code_may_not_mean_another() -> None:
    issue("G12")
    operations.add_alias(value="G12", alias="000.00.00.G13", actor=None, at=AT)
    with refusal(operations.CodeSpent):
        issue("G13")


@pytest.mark.parametrize("value", ["", "G1", "g12", "000.00.00.G12"])
def test_what_is_no_code_is_not_issued(value: str) -> None:
    with refusal(codes.BadCode):
        issue(value)


def test_nothing_is_issued_below_a_closed_code() -> None:
    issue("G12")
    operations.close(value="G12", decision="", actor=None, at=AT)
    with refusal(operations.ParentNotInUse):
        issue("G12.01")


def test_a_code_may_be_issued_whose_parent_is_not_ours() -> None:
    assert issue("G12.01").value == "G12.01"


def test_a_code_closes_once() -> None:
    issue("G12")
    operations.close(value="G12", decision="", actor=None, at=AT)
    with refusal(operations.CodeNotInUse):
        operations.close(value="G12", decision="", actor=None, at=LATER)


def test_a_code_with_children_in_use_does_not_close() -> None:
    issue("G12")
    issue("G12.01")
    issue("G12.010")
    with refusal(operations.CodeHasChildren) as caught:
        operations.close(value="G12", decision="", actor=None, at=AT)
    assert caught.value.facts["child"] == "G12.01"
    operations.close(value="G12.01", decision="", actor=None, at=AT)
    operations.close(value="G12.010", decision="", actor=None, at=AT)
    assert operations.close(value="G12", decision="", actor=None, at=AT).status == "closed"


def test_merged_codes_resolve_through_every_successor() -> None:
    for value in ("G12", "G13", "G14"):
        issue(value)
    operations.merge(value="G12", into="G13", decision="9/QĐ", actor=None, at=AT)
    operations.merge(value="G13", into="G14", decision="10/QĐ", actor=None, at=LATER)
    found = queries.resolve("000.00.00.G12")
    assert (found.value, found.status, found.successor, found.current) == ("G12", "merged", "G13", "G14")


@pytest.mark.parametrize("into", ["G12", "G12.01"])
def test_a_code_is_not_merged_into_itself_or_below(into: str) -> None:
    issue("G12")
    issue("G12.01")
    with refusal(operations.CodeIntoItself):
        operations.merge(value="G12", into=into, decision="", actor=None, at=AT)


def test_a_code_is_not_merged_into_a_closed_one() -> None:
    issue("G12")
    issue("G13")
    operations.close(value="G13", decision="", actor=None, at=AT)
    with refusal(operations.CodeNotInUse) as caught:
        operations.merge(value="G12", into="G13", decision="", actor=None, at=AT)
    assert caught.value.facts == {"value": "G13"}


def test_what_does_not_exist_is_not_found() -> None:
    issue("G12")
    with refusal(NotFound):
        operations.close(value="G98", decision="", actor=None, at=AT)
    with refusal(NotFound):
        operations.merge(value="G12", into="G98", decision="", actor=None, at=AT)
    with refusal(NotFound):
        operations.add_alias(value="G98", alias="x", actor=None, at=AT)


@pytest.mark.parametrize("alias", ["", "  ", "x" * 65])
def test_an_alias_has_a_length(alias: str) -> None:
    issue("G12")
    with refusal(operations.BadAlias):
        operations.add_alias(value="G12", alias=alias, actor=None, at=AT)


def test_an_alias_means_one_code() -> None:
    issue("G12")
    issue("G13")
    operations.add_alias(value="G12", alias="vxp.saas.03", actor=None, at=AT)
    with refusal(operations.CodeSpent):
        operations.add_alias(value="G13", alias="vxp.saas.03", actor=None, at=AT)


def test_only_an_administrator_keeps_codes(cast: Cast) -> None:
    actor = cast.head.actor()
    issue("G12")
    with refusal(NotAllowed):
        operations.issue(value="G13", decision="", actor=actor, at=AT)
    with refusal(NotAllowed):
        operations.close(value="G12", decision="", actor=actor, at=AT)
    with refusal(NotAllowed):
        operations.merge(value="G12", into="G90", decision="", actor=actor, at=AT)
    with refusal(NotAllowed):
        operations.add_alias(value="G12", alias="x", actor=actor, at=AT)
    assert operations.issue(value="G13", decision="", actor=cast.administrator.actor(), at=AT).value == "G13"


def test_every_act_is_recorded(cast: Cast) -> None:
    issue("G12")
    issue("G13")
    operations.add_alias(value="G12", alias="x", actor=None, at=AT)
    operations.merge(value="G12", into="G13", decision="9/QĐ", actor=None, at=AT)
    operations.close(value="G13", decision="9/QĐ", actor=None, at=AT)
    recorded = list(Record.objects.filter(subject_kind="code").order_by("id").values_list("event", flat=True))
    assert recorded == ["code.issued", "code.issued", "code.alias_added", "code.merged", "code.closed"]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: Code.objects.filter(value="G12")._raw_delete("default"),
        lambda: Code.objects.filter(value="G12").update(value="G13"),
        lambda: Code.objects.filter(value="G12").update(status="active", closed_at=None),
        lambda: Spelling.objects.filter(value="G12")._raw_delete("default"),
        lambda: Spelling.objects.filter(value="000.00.00.G12").update(value="other"),
    ],
)
def test_the_database_itself_keeps_codes_for_ever(tamper: object) -> None:
    issue("G12")
    operations.close(value="G12", decision="", actor=None, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        tamper()  # type: ignore[operator]
    assert queries.resolve("000.00.00.G12").status == "closed"
