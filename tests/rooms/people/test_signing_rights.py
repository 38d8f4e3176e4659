"""Who may sign, in which form, and the reason when not. Decree 30/2020/NĐ-CP, art. 13."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from antin.people import operations, policy, queries
from antin.people.models import Delegation
from antin.refusal import NotAllowed, NotFound
from tests.cast import TODAY, Cast
from tests.unchanged import refusal

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BASIS = "Quy chế số 12/QC-TCZ"


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


def delegate(cast: Cast, **given: Any) -> Delegation:
    facts = {
        "from_post_id": cast.head.post_id,
        "to_post_id": cast.office_head.post_id,
        "form": "TL.",
        "since": day(-10),
        "until": None,
        "basis": BASIS,
        "actor": None,
        "at": AT,
    }
    return operations.delegate(**(facts | given))


def authorise(cast: Cast, **given: Any) -> Delegation:
    facts = {
        "to_post_id": cast.recipient_head.post_id,
        "form": "TUQ.",
        "until": day(10),
        "type_codes": ["HĐ"],
        "basis": "27/GUQ-TCZ",
    }
    return delegate(cast, **(facts | given))


def right(cast: Cast, post_id: int, type_code: str = "TB", on: date = TODAY) -> queries.SigningRight:
    return queries.get_signing_right(agency_id=cast.agency_id, post_id=post_id, type_code=type_code, on=on)


def vacate(post_id: int) -> None:
    running = queries.find_appointment(post_id, TODAY)
    assert running is not None
    operations.end_appointment(appointment_id=running.id, until=TODAY, actor=None, at=AT)


def seat_acting(cast: Cast, post_id: int) -> None:
    vacate(post_id)
    new = operations.add_person(name="Lê Quyền", rank="Đại tá", actor=None, at=AT)
    operations.appoint(person_id=new.id, post_id=post_id, since=TODAY, acting=True, actor=None, at=AT)


def test_the_head_signs_himself_and_his_deputies_for_him(cast: Cast) -> None:
    found = queries.list_signing_rights(agency_id=cast.agency_id, type_code="TB", on=TODAY)
    assert [(each.post_id, each.form, each.lines, each.basis, each.until) for each in found] == [
        (cast.head.post_id, "", ("TỔNG CỤC TRƯỞNG",), "", None),
        (cast.deputy.post_id, "KT.", ("KT. TỔNG CỤC TRƯỞNG", "PHÓ TỔNG CỤC TRƯỞNG"), "", None),
    ]
    assert (found[0].person_name, found[0].person_id, found[0].unit_name) == (
        "Nguyễn Văn An",
        cast.head.person_id,
        "Tổng cục Z",
    )


def test_an_acting_head_signs_as_acting_and_deputies_sign_for_him(cast: Cast) -> None:
    seat_acting(cast, cast.head.post_id)
    assert right(cast, cast.head.post_id).lines == ("Q. TỔNG CỤC TRƯỞNG",)
    assert (right(cast, cast.head.post_id).form, right(cast, cast.head.post_id).rank) == ("Q.", "Đại tá")
    assert right(cast, cast.deputy.post_id).lines == ("KT. TỔNG CỤC TRƯỞNG", "PHÓ TỔNG CỤC TRƯỞNG")


def test_deputies_sign_while_the_post_of_the_head_is_vacant(cast: Cast) -> None:
    vacate(cast.head.post_id)
    found = queries.list_signing_rights(agency_id=cast.agency_id, type_code="TB", on=TODAY)
    assert [each.post_id for each in found] == [cast.deputy.post_id]
    with refusal(queries.PostVacant) as caught:
        right(cast, cast.head.post_id)
    assert caught.value.message == "Chức vụ Tổng cục trưởng đang khuyết trong ngày 23/11/2026, không có người ký."


def test_the_head_of_a_collective_body_signs_on_its_behalf(cast: Cast) -> None:
    operations.describe_unit(
        unit_id=cast.agency_id, place_name="", address="", parent_name="", collective="Hội đồng Z", actor=None, at=AT
    )
    assert (right(cast, cast.head.post_id).form, right(cast, cast.head.post_id).lines) == (
        "TM.",
        ("TM. HỘI ĐỒNG Z", "TỔNG CỤC TRƯỞNG"),
    )
    assert right(cast, cast.deputy.post_id).lines == ("TM. HỘI ĐỒNG Z", "KT. TỔNG CỤC TRƯỞNG", "PHÓ TỔNG CỤC TRƯỞNG")
    seat_acting(cast, cast.head.post_id)
    assert right(cast, cast.head.post_id).lines == ("TM. HỘI ĐỒNG Z", "Q. TỔNG CỤC TRƯỞNG")


def test_the_head_of_a_part_signs_by_order(cast: Cast) -> None:
    delegate(cast, until=day(3))
    found = right(cast, cast.office_head.post_id)
    assert (found.form, found.lines, found.basis, found.until) == (
        "TL.",
        ("TL. TỔNG CỤC TRƯỞNG", "CHÁNH VĂN PHÒNG"),
        BASIS,
        day(3),
    )
    assert found.unit_name == "Văn phòng"


def test_an_order_that_may_be_handed_on_lets_his_deputy_sign_on_two_levels(cast: Cast) -> None:
    delegate(cast, may_subdelegate=True)
    found = right(cast, cast.office_deputy.post_id)
    assert (found.form, found.lines) == ("TL.", ("TL. TỔNG CỤC TRƯỞNG", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"))
    vacate(cast.office_head.post_id)
    assert right(cast, cast.office_deputy.post_id).lines == found.lines
    with refusal(queries.PostVacant):
        right(cast, cast.office_head.post_id)


def test_an_acting_head_of_a_part_signs_by_order_as_acting(cast: Cast) -> None:
    delegate(cast)
    seat_acting(cast, cast.office_head.post_id)
    assert right(cast, cast.office_head.post_id).lines == ("TL. TỔNG CỤC TRƯỞNG", "Q. CHÁNH VĂN PHÒNG")


def test_an_order_that_may_not_be_handed_on_does_not_reach_his_deputy(cast: Cast) -> None:
    delegate(cast)
    with refusal(queries.NotHandedOn) as caught:
        right(cast, cast.office_deputy.post_id)
    assert (
        caught.value.message
        == f"Ký thừa lệnh theo {BASIS} không được giao lại cho cấp phó; Phó Chánh Văn phòng không được ký."
    )


def test_an_authorisation_is_signed_by_the_one_who_holds_it_and_by_nobody_else(cast: Cast) -> None:
    authorise(cast)
    found = right(cast, cast.recipient_head.post_id, "HĐ")
    assert (found.form, found.lines, found.until) == ("TUQ.", ("TUQ. TỔNG CỤC TRƯỞNG", "GIÁM ĐỐC"), day(10))
    with refusal(queries.RedelegationForbidden) as caught:
        right(cast, cast.recipient_deputy.post_id, "HĐ")
    assert caught.value.message == (
        "Người được ủy quyền không được ủy quyền lại: Phó Giám đốc không được ký thay người đã nhận ủy quyền "
        "(TUQ.) theo 27/GUQ-TCZ."
    )


@pytest.mark.parametrize(("days", "allowed"), [(-11, False), (-10, True), (9, True), (10, False)])
def test_a_delegation_holds_from_its_first_day_to_the_eve_of_its_end(cast: Cast, days: int, allowed: bool) -> None:
    authorise(cast)
    rights = queries.list_signing_rights(agency_id=cast.agency_id, type_code="HĐ", on=day(days))
    assert (cast.recipient_head.post_id in [each.post_id for each in rights]) == allowed


def test_an_expired_delegation_is_refused_with_its_day(cast: Cast) -> None:
    authorise(cast, until=day(0))
    with refusal(queries.DelegationExpired) as caught:
        right(cast, cast.recipient_head.post_id, "HĐ")
    assert caught.value.message == "Giao ký TUQ. cho Giám đốc theo 27/GUQ-TCZ đã hết hạn từ ngày 23/11/2026."


def test_a_delegation_of_the_future_is_refused_with_its_day(cast: Cast) -> None:
    authorise(cast, since=day(1))
    with refusal(queries.DelegationNotYetValid) as caught:
        right(cast, cast.recipient_head.post_id, "HĐ")
    assert caught.value.message == "Giao ký TUQ. cho Giám đốc theo 27/GUQ-TCZ đến ngày 24/11/2026 mới có hiệu lực."


def test_a_revoked_delegation_is_refused_with_its_day(cast: Cast) -> None:
    given = authorise(cast)
    operations.revoke_delegation(delegation_id=given.id, actor=cast.head.actor(), at=AT)
    with refusal(queries.DelegationRevoked) as caught:
        right(cast, cast.recipient_head.post_id, "HĐ")
    assert caught.value.message == "Giao ký TUQ. cho Giám đốc theo 27/GUQ-TCZ đã bị thu hồi từ ngày 23/11/2026."
    assert right(cast, cast.recipient_head.post_id, "HĐ", day(-1)).form == "TUQ."


def test_a_type_that_is_not_covered_is_refused_with_those_that_are(cast: Cast) -> None:
    authorise(cast, type_codes=["HĐ", "BB"])
    with refusal(queries.TypeNotCovered) as caught:
        right(cast, cast.recipient_head.post_id, "QĐ")
    assert (
        caught.value.message == "Giao ký TUQ. cho Giám đốc theo 27/GUQ-TCZ không gồm loại văn bản này, chỉ gồm: BB, HĐ."
    )
    delegate(cast, type_codes=["TB"], may_subdelegate=True)
    with refusal(queries.TypeNotCovered):
        right(cast, cast.office_deputy.post_id, "QĐ")


def test_a_renewed_delegation_holds_though_an_older_one_expired(cast: Cast) -> None:
    authorise(cast, since=day(-100), until=day(-50))
    authorise(cast)
    assert right(cast, cast.recipient_head.post_id, "HĐ").until == day(10)


def test_a_post_that_was_never_given_leave_is_refused(cast: Cast) -> None:
    for member in (cast.clerk, cast.plan_head, cast.office_deputy, cast.recipient_head):
        with refusal(queries.NotEntitledToSign):
            right(cast, member.post_id)
    with refusal(NotFound):
        right(cast, 10**9)
    with refusal(NotFound):
        queries.get_signing_right(agency_id=cast.plan_id, post_id=cast.head.post_id, type_code="TB", on=TODAY)


def test_the_head_of_one_agency_does_not_sign_for_another(cast: Cast) -> None:
    with refusal(queries.NotEntitledToSign) as caught:
        queries.get_signing_right(agency_id=cast.recipient_id, post_id=cast.head.post_id, type_code="TB", on=TODAY)
    assert caught.value.message == "Tổng cục trưởng không có thẩm quyền ký văn bản của Trung tâm B1."


def test_nobody_signs_for_a_closed_agency_or_from_a_closed_part(cast: Cast) -> None:
    delegate(cast, to_post_id=cast.plan_head.post_id)
    operations.close_unit(unit_id=cast.plan_id, actor=None, at=AT)
    with refusal(policy.PostClosed):
        right(cast, cast.plan_head.post_id)
    for unit in (cast.recipient_works_id, cast.recipient_study_id, cast.recipient_id):
        operations.close_unit(unit_id=unit, actor=None, at=AT)
    assert queries.list_signing_rights(agency_id=cast.recipient_id, type_code="TB", on=TODAY) == []
    with refusal(policy.UnitClosed):
        queries.get_signing_right(
            agency_id=cast.recipient_id, post_id=cast.recipient_head.post_id, type_code="TB", on=TODAY
        )
    before = queries.list_signing_rights(agency_id=cast.recipient_id, type_code="TB", on=day(-1))
    assert [each.form for each in before] == ["", "KT."]


def test_a_substitute_does_not_sign(cast: Cast) -> None:
    operations.substitute(
        principal_id=cast.head.post_id,
        substitute_id=cast.plan_head.post_id,
        since=TODAY,
        until=day(5),
        basis="x",
        actor=None,
        at=AT,
    )
    assert cast.plan_head.person_id not in [
        each.person_id for each in queries.list_signing_rights(agency_id=cast.agency_id, type_code="TB", on=TODAY)
    ]


def test_the_end_of_the_signers_own_term_bounds_his_right(cast: Cast) -> None:
    running = queries.find_appointment(cast.office_head.post_id, TODAY)
    assert running is not None
    operations.end_appointment(appointment_id=running.id, until=day(2), actor=None, at=AT)
    delegate(cast, until=day(9))
    assert right(cast, cast.office_head.post_id).until == day(2)


def test_delegations_are_listed_with_their_state(cast: Cast) -> None:
    delegate(cast, since=day(-5))
    authorise(cast, since=day(-90), until=day(-50))
    authorise(cast, since=day(1))
    revoked = authorise(cast, since=day(-20))
    operations.revoke_delegation(delegation_id=revoked.id, actor=None, at=AT)
    rows = queries.list_delegations(agency_id=cast.agency_id, on=TODAY)
    assert [(row.form, row.state) for row in rows] == [
        ("TUQ.", "future"),
        ("TL.", "in_force"),
        ("TUQ.", "revoked"),
        ("TUQ.", "expired"),
    ]
    assert (rows[1].giver, rows[1].taker, rows[1].taker_unit) == ("Tổng cục trưởng", "Chánh Văn phòng", "Văn phòng")


def test_the_head_or_the_administrator_delegates_and_nobody_else(cast: Cast) -> None:
    for member in (cast.deputy, cast.office_head, cast.clerk, cast.recipient_head):
        with refusal(NotAllowed):
            delegate(cast, actor=member.actor())
    given = delegate(cast, actor=cast.head.actor())
    assert delegate(cast, actor=cast.administrator.actor(), to_post_id=cast.plan_head.post_id).form == "TL."
    with refusal(NotAllowed):
        operations.revoke_delegation(delegation_id=given.id, actor=cast.office_head.actor(), at=AT)


def test_an_authorisation_is_not_handed_on(cast: Cast) -> None:
    with refusal(queries.RedelegationForbidden):
        authorise(cast, may_subdelegate=True)
    authorise(cast, to_post_id=cast.plan_head.post_id)
    with refusal(queries.RedelegationForbidden):
        authorise(cast, from_post_id=cast.plan_head.post_id, to_post_id=cast.technique_head.post_id)


@pytest.mark.parametrize("missing", [{"until": None}, {"type_codes": []}])
def test_an_authorisation_is_bounded_in_time_and_content(cast: Cast, missing: dict[str, Any]) -> None:
    with refusal(operations.AuthorisationUnbounded):
        authorise(cast, **missing)


def test_only_the_head_of_an_agency_gives_leave(cast: Cast) -> None:
    for giver in (cast.deputy, cast.plan_head):
        with refusal(operations.OnlyHeadDelegates):
            delegate(cast, from_post_id=giver.post_id)


def test_leave_is_given_to_the_head_of_a_part_and_only_authorisation_reaches_below(cast: Cast) -> None:
    for taker in (
        cast.head,
        cast.deputy,
        cast.office_deputy,
        cast.clerk,
        cast.recipient_head,
        cast.recipient_works_head,
    ):
        with refusal(operations.DelegateOutside):
            delegate(cast, to_post_id=taker.post_id)
    with refusal(operations.DelegateOutside):
        authorise(cast, to_post_id=cast.recipient_deputy.post_id)
    with refusal(operations.DelegateOutside):
        delegate(cast, from_post_id=cast.recipient_head.post_id, to_post_id=cast.plan_head.post_id)


def test_a_delegation_needs_a_form_a_basis_and_dates(cast: Cast) -> None:
    with refusal(operations.NotDelegable):
        delegate(cast, form="KT.")
    with refusal(operations.NeedsBasis):
        delegate(cast, basis=" ")
    with refusal(operations.EndBeforeStart):
        delegate(cast, until=day(-10))
    with refusal(NotFound):
        delegate(cast, to_post_id=10**9)
    with refusal(policy.NotOpenYet):
        delegate(cast, since=date(2025, 12, 31))
    operations.close_unit(unit_id=cast.plan_id, actor=None, at=AT)
    with refusal(policy.PostClosed):
        delegate(cast, to_post_id=cast.plan_head.post_id, since=TODAY)


def test_what_is_over_is_not_revoked(cast: Cast) -> None:
    given = authorise(cast, until=day(0))
    with refusal(operations.AlreadyEnded):
        operations.revoke_delegation(delegation_id=given.id, actor=None, at=AT)
    with refusal(NotFound):
        operations.revoke_delegation(delegation_id=10**9, actor=None, at=AT)


def test_rights_cost_a_fixed_number_of_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for member in (cast.office_head, cast.plan_head, cast.technique_head):
        delegate(cast, to_post_id=member.post_id, may_subdelegate=True)
    with django_assert_max_num_queries(5):
        queries.list_signing_rights(agency_id=cast.agency_id, type_code="TB", on=TODAY)
