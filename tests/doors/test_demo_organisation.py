"""The organisation of the demonstration is made through the operations, and always the same."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction

from antin.console import demo
from antin.identifiers import queries as identifiers
from antin.people import operations, queries
from antin.people.models import Appointment, Person, Unit
from tests.cast import empty_the_node

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def _filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[demo.Organisation]:
    """Fill it once for this module, in a transaction around the transactions of the tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        empty_the_node()
        yield demo.fill_organisation(at=AT)
        transaction.set_rollback(True)


@pytest.fixture
def organisation(_filled: demo.Organisation, db: None) -> demo.Organisation:
    return _filled


def names() -> list[tuple[str, str | None]]:
    return list(Person.objects.order_by("user_name").values_list("name", "user_name"))


def test_it_is_a_general_department_with_twenty_nine_units(organisation: demo.Organisation) -> None:
    agencies = list(queries.list_agencies(TODAY))
    assert (agencies[0].name, agencies[0].code.value if agencies[0].code else "") == ("Tổng cục Z", "G11.90")
    assert len(agencies) == 30
    assert Person.objects.count() == organisation.persons
    assert 300 <= organisation.persons <= 360
    assert all(agency.code and agency.code.value.startswith("G11.90.") for agency in agencies[1:])
    assert all(queries.post_holder(queries.get_head_post(agency.id, TODAY).id, TODAY) for agency in agencies)


def test_the_same_moment_gives_the_same_people(organisation: demo.Organisation) -> None:
    first = names()
    empty_the_node()
    demo.fill_organisation(at=AT)
    assert names() == first


def test_every_account_that_is_printed_signs_in_and_has_a_post(organisation: demo.Organisation) -> None:
    for user_name, _what in demo.sign_ins():
        person = operations.sign_in(user_name=user_name, password=demo.PASSWORD, source="127.0.0.1", at=AT)
        assert queries.list_posts_held(person.id, TODAY), user_name


def test_every_password_has_a_salt_of_its_own_and_is_hashed_again_at_the_first_sign_in(
    organisation: demo.Organisation, costly_passwords: None
) -> None:
    kept = list(Person.objects.values_list("password", flat=True))
    assert len(set(kept)) == len(kept)
    before = Person.objects.get(user_name="vanthu").password
    after = operations.sign_in(user_name="vanthu", password=demo.PASSWORD, source="127.0.0.1", at=AT).password
    assert (before.split("$")[3], after.split("$")[3]) == ("m=1024,t=1,p=1", "m=65536,t=3,p=4")


def test_it_has_second_posts_vacancies_acting_heads_and_a_substitution(organisation: demo.Organisation) -> None:
    everybody = [queries.list_posts_held(person.id, TODAY) for person in Person.objects.all()]
    assert sum(len([held for held in posts if not held.on_behalf]) > 1 for posts in everybody) == 3
    assert sum(any(held.acting for held in posts) for posts in everybody) == 1
    assert [held.post_title for posts in everybody for held in posts if held.on_behalf] == ["Trưởng phòng Kỹ thuật"]
    posts = [post for agency in queries.list_agencies(TODAY) for post in queries.list_posts(agency.id, TODAY)]
    assert any(post.person_id is None for post in posts)


def test_signing_rights_show_every_form(organisation: demo.Organisation) -> None:
    top = organisation.top.unit_id
    forms = {
        right.form
        for code in ("CV", "HĐ")
        for right in queries.list_signing_rights(agency_id=top, type_code=code, on=TODAY)
    }
    assert forms == {"", "KT.", "TL.", "TUQ."}
    by_mark = {house.abbreviation: house.unit_id for house in organisation.units}
    acting = queries.list_signing_rights(agency_id=by_mark["B5"], type_code="CV", on=TODAY)[0]
    assert (acting.form, acting.lines) == ("Q.", ("Q. GIÁM ĐỐC",))
    council = queries.list_signing_rights(agency_id=by_mark["C3"], type_code="CV", on=TODAY)[0]
    assert (council.form, council.lines) == ("TM.", ("TM. HỘI ĐỒNG", "CHỦ TỊCH"))


def test_a_unit_was_closed_and_its_code_points_to_its_successor(organisation: demo.Organisation) -> None:
    closed = Unit.objects.get(name="Ban C9")
    assert closed.successor is not None
    found = identifiers.resolve("G11.90.99")
    assert (found.status, found.current) == ("merged", closed.successor.code.value if closed.successor.code else "")


def test_a_node_with_people_is_left_alone(organisation: demo.Organisation) -> None:
    before = (Unit.objects.count(), names())
    with pytest.raises(operations.NodeNotEmpty):
        demo.fill_organisation(at=AT)
    assert (Unit.objects.count(), names()) == before


@pytest.mark.parametrize("on", [date(2025, 10, 19), date(2025, 10, 20), date(2026, 7, 27), TODAY, date(2027, 6, 1)])
def test_everybody_acts_in_the_posts_he_holds_and_in_no_other(organisation: demo.Organisation, on: date) -> None:
    for person in Person.objects.all():
        held = {row.post_id: row for row in queries.list_posts_held(person.id, on)}
        mine = set(Appointment.objects.filter(person=person).values_list("post_id", flat=True))
        for post_id in mine | set(held):
            if post_id not in held:
                with pytest.raises(queries.PostNotHeld):
                    queries.get_actor(person_id=person.id, post_id=post_id, on=on)
                continue
            actor, row = queries.get_actor(person_id=person.id, post_id=post_id, on=on), held[post_id]
            assert (actor.post_title, actor.role, actor.unit_id, actor.agency_name, actor.on_behalf) == (
                row.post_title,
                row.role,
                row.unit_id,
                row.agency_name,
                row.on_behalf,
            )
            assert actor.clearance == queries.clearance_on(person, on)
