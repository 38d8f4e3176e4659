"""The organisation administered by machines: each act has the effect of its screen, and its refusals; nobody else may."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from antin.identifiers import queries as identifiers
from antin.journal.models import Record
from antin.numbering.models import Book
from antin.people import operations as people
from antin.people import passwords
from antin.people.models import Appointment, Delegation, Person, Post, Substitution, Unit
from antin.workdays import queries as workdays
from antin.workdays.models import CalendarDay
from tests.cast import Cast, Member, seat
from tests.doors.test_api_documents import Machine as Speaker
from tests.unchanged import everything

pytestmark = pytest.mark.django_db


class Machine(Speaker):
    """Calls the API as a member; the answer is its status and what it says."""

    def __init__(self, member: Member) -> None:
        super().__init__(Client(), member)

    def __call__(self, method: str, address: str, /, **told: Any) -> tuple[int, Any]:
        body = json.dumps(told, default=lambda value: value.isoformat()) if told else ""
        answer = self.client.generic(
            method, f"/api{address}", body, content_type="application/json", headers=self.headers
        )
        return answer.status_code, answer.json() if answer.content else None


@pytest.fixture
def api(cast: Cast) -> Machine:
    return Machine(cast.administrator)


def refused(api: Machine, refusal: str, method: str, address: str, /, *, status: int = 422, **told: Any) -> None:
    """The act is refused with this code, in words, and nothing is changed."""
    before = everything()
    found, said = api(method, address, **told)
    assert (found, said["code"]) == (status, refusal), said
    assert said["detail"]
    assert {name for name, digest in everything().items() if before[name] != digest} <= {"people_apitoken"}


def today() -> date:
    return workdays.local_date(timezone.now())


def last(event: str) -> Record:
    found = Record.objects.filter(event=event).order_by("-id").first()
    assert found is not None, event
    return found


def test_units_are_opened_renamed_described_moved_merged_and_closed(api: Machine, cast: Cast) -> None:
    names = {"name": "Chi cục Một", "short_name": "Chi cục 1", "abbreviation": "CC1"}
    told = names | {"kind": "department", "code": "G11.90.C1", "decision": "12/QĐ-TCZ"}
    status, unit = api("POST", f"/units/{cast.agency_id}/units", **told)
    assert status == 201
    assert (unit["parent_id"], unit["agency_id"], unit["is_agency"]) == (cast.agency_id, unit["id"], True)
    assert (unit["code"]["status"], unit["code"]["issuing_decision"]) == ("active", "12/QĐ-TCZ")
    assert (unit["opened_on"], unit["place_name"]) == (today().isoformat(), "Hà Nội")
    assert last("unit.opened").person_id == cast.administrator.person_id
    here = f"/units/{unit['id']}"
    refused(api, "unit_name_taken", "POST", f"/units/{cast.agency_id}/units", **told)
    refused(api, "agency_inside_part", "POST", f"/units/{cast.plan_id}/units", **told | {"name": "Chi cục Hai"})
    refused(api, "code_spent", "POST", f"/units/{cast.agency_id}/units", **told | {"name": "Khác", "code": "G11.90.21"})

    status, unit = api("POST", f"{here}/rename", name="Chi cục A", short_name="CC A", abbreviation="CCA")
    assert (status, unit["name"], unit["former"][0]["name"]) == (200, "Chi cục A", "Chi cục Một")
    refused(api, "unit_needs_name", "POST", f"{here}/rename", name=" ", short_name="x", abbreviation="x")
    status, unit = api("PUT", f"{here}/letterhead", place_name="Huế", parent_name="Tổng cục Z")
    assert (status, unit["place_name"], Unit.objects.get(pk=unit["id"]).place_name) == (200, "Huế", "Huế")

    refused(api, "agency_needs_code", "POST", f"{here}/move", parent_id=cast.recipient_id)
    refused(api, "unit_into_itself", "POST", f"{here}/move", parent_id=unit["id"])
    status, unit = api("POST", f"{here}/move", parent_id=cast.recipient_id, code="G11.90.21.C1")
    assert (status, unit["parent_id"], unit["code"]["value"]) == (200, cast.recipient_id, "G11.90.21.C1")
    assert identifiers.resolve("G11.90.C1").current == "G11.90.21.C1"

    refused(api, "bad_successor", "POST", f"{here}/close", successor_id=cast.plan_id, decision="13/QĐ")
    refused(api, "unit_has_open_parts", "POST", f"/units/{cast.recipient_id}/close", decision="13/QĐ")
    status, unit = api("POST", f"{here}/close", successor_id=cast.recipient_id, decision="13/QĐ-TCZ")
    assert (status, unit["closed_on"], unit["successor_id"]) == (200, today().isoformat(), cast.recipient_id)
    assert (unit["code"]["status"], unit["code"]["current"]) == ("merged", "G11.90.21")
    assert api("GET", here)[1] == unit
    refused(api, "unit_closed", "POST", f"{here}/rename", **names)


def test_a_unit_is_not_opened_in_the_past_of_a_closed_one(api: Machine, cast: Cast) -> None:
    spare = people.open_unit(
        name="Tổ X", short_name="X", abbreviation="X", kind="section", parent_id=cast.plan_id, actor=None,
        at=timezone.now() - timedelta(days=40),
    )  # fmt: skip
    people.close_unit(unit_id=spare.pk, decision="1/QĐ", actor=None, at=timezone.now() - timedelta(days=2))
    names = {"name": "Nhóm", "short_name": "N", "abbreviation": "N"}
    refused(
        api, "unit_closed", "POST", f"/units/{spare.pk}/units", **names, opened_on=today() - timedelta(days=30)
    )  # fmt: skip


def test_posts_are_opened_once_by_a_key_filled_emptied_and_closed(api: Machine, cast: Cast) -> None:
    there = f"/units/{cast.plan_id}/posts"
    told = {"title": "Chuyên viên chính", "role": "officer", "order": 7, "key": "dat-1"}
    status, post = api("POST", there, **told)
    assert (status, post["title"], post["appointments"]) == (201, "Chuyên viên chính", [])
    assert api("POST", there, **told) == (201, post)
    assert Post.objects.filter(title="Chuyên viên chính").count() == 1
    refused(api, "head_exists", "POST", there, title="Trưởng phòng", role="head")
    here = f"/posts/{post['id']}"
    status, post = api("PUT", here, title="Chuyên viên cao cấp", keeps_seal=False, order=3)
    assert (status, post["title"], post["order"]) == (200, "Chuyên viên cao cấp", 3)

    status, person = api("POST", "/people", name="Lưu Hải Nam", user_name="namlh")
    assert (status, person["posts"]) == (201, [])
    assert [each["id"] for each in api("GET", "/people?words=luu hai&without_post=true")[1]["items"]] == [person["id"]]
    first = api("GET", "/people?limit=2")[1]
    assert len(first["items"]) == 2
    assert api("GET", f"/people?limit=2&after={first['next']}")[1]["items"][0] not in first["items"]
    refused(api, "bad_cursor", "GET", "/people?after=xyz")
    refused(api, "user_name_taken", "POST", "/people", name="X", user_name="namlh")

    status, bond = api("POST", f"{here}/appointments", person_id=person["id"], since=today(), basis="4/QĐ")
    assert (status, bond["person_name"], bond["until"]) == (201, "Lưu Hải Nam", None)
    assert last("person.appointed").facts["basis"] == "4/QĐ"
    refused(api, "post_held", "POST", f"{here}/appointments", person_id=person["id"], since=today())
    self = cast.administrator.person_id
    refused(api, "not_to_oneself", "POST", f"{here}/appointments", person_id=self, since=today())
    refused(api, "post_still_held", "POST", f"{here}/close")
    assert api("GET", there)[1][0]["appointments"]
    end = f"/appointments/{bond['id']}/end"
    refused(api, "end_in_the_past", "POST", f"/appointments/{_bond(cast)}/end", until=today() - timedelta(days=1))
    status, bond = api("POST", end, until=today() + timedelta(days=1), basis="5/QĐ")
    assert (status, bond["until"]) == (200, (today() + timedelta(days=1)).isoformat())
    Appointment.objects.filter(pk=bond["id"]).delete()
    status, post = api("POST", f"{here}/close")
    assert (status, post["closed_on"]) == (200, today().isoformat())
    assert api("GET", here)[1] == post


def _bond(cast: Cast) -> int:
    return Appointment.objects.get(post_id=cast.plan_officer.post_id).pk


def test_leave_to_sign_and_standing_in_are_given_once_by_a_key_and_ended(api: Machine, cast: Cast) -> None:
    there = f"/units/{cast.agency_id}/delegations"
    told = {"form": "TUQ.", "to_post_id": cast.plan_head.post_id, "since": today(), "basis": "7/QĐ", "key": "uq-1"}
    refused(api, "authorisation_unbounded", "POST", there, **told)
    told |= {"until": today() + timedelta(days=30), "type_codes": ["CV", "TB"]}
    status, given = api("POST", there, **told)
    assert (status, given["taker_post_id"], given["type_codes"]) == (201, cast.plan_head.post_id, ["CV", "TB"])
    assert (given["state"], given["giver_post_id"]) == ("in_force", cast.head.post_id)
    assert api("POST", there, **told) == (201, given)
    assert Delegation.objects.count() == 1
    more = told | {"form": "TL.", "type_codes": [], "until": None, "key": "uq-2"}
    refused(api, "delegate_outside", "POST", there, **more | {"to_post_id": cast.plan_officer.post_id})
    assert api("POST", there, **more)[0] == 201
    page = api("GET", f"{there}?limit=1")[1]
    rest = api("GET", f"{there}?limit=1&after={page['next']}")[1]
    assert ([each["form"] for each in page["items"] + rest["items"]], rest["next"]) == (["TL.", "TUQ."], None)
    refused(api, "bad_cursor", "GET", f"{there}?after=2026-99-99:1")
    status, given = api("POST", f"/delegations/{given['id']}/revoke")
    assert (status, given["state"]) == (200, "revoked")
    refused(api, "already_ended", "POST", f"/delegations/{given['id']}/revoke")

    there = f"/units/{cast.agency_id}/substitutions"
    told = {"principal_id": cast.plan_head.post_id, "substitute_id": cast.plan_officer.post_id, "basis": "8/QĐ"}
    told |= {"since": today(), "until": today() + timedelta(days=5), "key": "thay-1"}
    status, stands = api("POST", there, **told)
    assert (status, stands["state"]) == (201, "in_force")
    assert api("POST", there, **told) == (201, stands)
    assert Substitution.objects.count() == 1
    refused(api, "end_before_start", "POST", there, **told | {"until": today(), "key": "thay-2"})
    refused(api, "not_found", "POST", there, status=404, **told | {"substitute_id": cast.recipient_head.post_id})
    assert api("GET", there)[1]["items"] == [stands]
    status, stands = api("POST", f"/substitutions/{stands['id']}/end")
    assert (status, stands["state"]) == (200, "revoked")
    refused(api, "already_ended", "POST", f"/substitutions/{stands['id']}/end")
    ahead = {"change": "substitute", **{name: told[name] for name in ("principal_id", "substitute_id", "basis")}}
    dates = {"since": today(), "until": today() + timedelta(days=5)}
    assert api("POST", "/rights/look-ahead", **ahead, **dates)[1]["persons"] == 1


def test_books_are_laid_out_once_by_a_key_and_closed(api: Machine, cast: Cast) -> None:
    there, year = f"/units/{cast.agency_id}/books", today().year
    told = {"name": "Sổ chung", "type_codes": ["CV", "TB"], "from_year": year + 1, "basis": "9/QĐ", "key": "so-1"}
    status, book = api("POST", there, **told)
    assert (status, book["type_codes"], book["until_year"]) == (201, ["CV", "TB"], None)
    assert api("POST", there, **told) == (201, book)
    assert Book.objects.count() == 1
    assert api("GET", there)[1] == [book]
    assert api("GET", f"/units/{cast.agency_id}/series?year={year}") == (200, [])
    refused(api, "book_year_past", "POST", there, **told | {"from_year": year - 1, "key": "so-2"})
    party = people.found_body(
        agency_id=cast.agency_id, kind="party", name="Đảng ủy Z", abbreviation="ĐU", basis="1/QĐ", opened_on=today(),
        actor=None, at=timezone.now(),
    )  # fmt: skip
    refused(api, "book_types_not_theirs", "POST", there, **told | {"body_id": party.pk, "key": "so-3"})
    refused(api, "not_found", "POST", f"/units/{cast.plan_id}/books", status=404, **told)
    refused(api, "not_found", "POST", f"/units/{cast.recipient_id}/books/{book['id']}/close", status=404,
            from_year=year + 2, basis="10/QĐ")  # fmt: skip
    status, book = api("POST", f"{there}/{book['id']}/close", from_year=year + 2, basis="10/QĐ")
    assert (status, book["until_year"]) == (200, year + 1)


def test_the_calendar_is_overridden_and_set_back(api: Machine, cast: Cast) -> None:
    year = today().year + 1
    day = next(date(year, 3, n) for n in range(2, 9) if date(year, 3, n).weekday() == 1)
    free = day + timedelta(days=4)
    there = f"/calendar/days/{day.isoformat()}"
    status, told = api("PUT", there, kind="local", note="Ngày truyền thống", decision="2/TB")
    assert (status, told[0]["name"], told[0]["worked"]) == (200, "Ngày truyền thống", False)
    assert told[0] in api("GET", f"/calendar/days?year={year}")[1]
    refused(api, "decision_missing", "PUT", there, kind="local", decision=" ")
    refused(api, "swap_needs_both", "POST", "/calendar/swap", off=day, work=free, decision="3/TB")
    assert api("DELETE", there) == (204, None)
    refused(api, "calendar_day_not_set", "DELETE", there)
    status, told = api("POST", "/calendar/swap", off=day, work=free, decision="3/TB")
    assert (status, [each["worked"] for each in told]) == (200, [False, True])
    assert CalendarDay.objects.count() == 2


def test_nobody_but_an_administrator_reaches_it_and_none_beyond_his_house(api: Machine, cast: Cast) -> None:
    bond, day = _bond(cast), date(today().year + 1, 3, 3)
    names = {"name": "N", "short_name": "N", "abbreviation": "N"}
    term = {"since": today(), "until": today() + timedelta(days=2), "basis": "1"}
    told: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/units/{agency}", {}),
        ("POST", "/units/{agency}/units", names),
        ("POST", "/units/{plan}/rename", names),
        ("PUT", "/units/{plan}/letterhead", {"place_name": "X"}),
        ("POST", "/units/{plan}/move", {"parent_id": cast.office_id}),
        ("POST", "/units/{plan}/close", {"decision": "1"}),
        ("GET", "/units/{plan}/posts", {}),
        ("POST", "/units/{plan}/posts", {"title": "T"}),
        ("GET", f"/posts/{cast.plan_officer.post_id}", {}),
        ("PUT", f"/posts/{cast.plan_officer.post_id}", {"title": "T"}),
        ("POST", f"/posts/{cast.plan_officer.post_id}/close", {}),
        ("POST", f"/posts/{cast.plan_officer.post_id}/appointments", {"person_id": 1, "since": today()}),
        ("POST", f"/appointments/{bond}/end", {"until": today()}),
        ("GET", "/units/{agency}/delegations", {}),
        ("POST", "/units/{agency}/delegations", {"form": "TL.", "to_post_id": 1, "since": today(), "basis": "1"}),
        ("GET", "/units/{agency}/substitutions", {}),
        ("POST", "/units/{agency}/substitutions", {"principal_id": 1, "substitute_id": 2, **term}),
        ("GET", "/units/{agency}/books", {}),
        ("GET", "/units/{agency}/series?year=2026", {}),
        ("POST", "/units/{agency}/books", {"name": "S", "type_codes": ["CV"], "from_year": 2099, "basis": "1"}),
    ]  # fmt: skip
    everywhere: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/people", {}),
        ("POST", "/people", {"name": "X"}),
        ("POST", "/delegations/1/revoke", {}),
        ("POST", "/substitutions/1/end", {}),
        ("GET", "/calendar/days?year=2027", {}),
        ("PUT", f"/calendar/days/{day}", {"kind": "local", "decision": "1"}),
        ("DELETE", f"/calendar/days/{day}", {}),
        ("POST", "/calendar/swap", {"off": day, "work": day + timedelta(days=4), "decision": "1"}),
    ]
    officer = Machine(cast.plan_officer)
    ours = {"agency": cast.agency_id, "plan": cast.plan_id}
    for method, address, body in told + everywhere:
        refused(officer, "not_allowed", method, address.format(**ours), status=403, **body)
    part = Machine(
        seat(cast.recipient_works_id, "Quản trị viên", "administrator", "Trịnh Quản", "quantri.b1", order=90)
    )
    for method, address, body in told:
        refused(part, "not_found", method, address.format(**ours), status=404, **body)


def test_persons_get_a_password_told_once_a_clearance_and_leave(api: Machine, cast: Cast) -> None:
    one, day = cast.plan_officer, today()
    status, told = api("POST", f"/people/{one.person_id}/password")
    assert (status, told["user_name"], len(told["password"])) == (200, "kehoach", 19)
    record = last("person.password_set")
    assert (record.subject_id, record.person_id) == (one.person_id, cast.administrator.person_id)
    assert told["password"] not in json.dumps(record.facts)
    found = Person.objects.get(pk=one.person_id)
    assert found.password_given and passwords.matches(told["password"], found.password)
    refused(api, "not_to_oneself", "POST", f"/people/{cast.administrator.person_id}/password")

    here = f"/people/{one.person_id}/clearance"
    until = day + timedelta(days=30)
    status, person = api("PUT", here, level="mat", until=until, basis="5/QĐ")
    assert (status, person["clearance"], person["clearance_until"]) == (200, "mat", until.isoformat())
    assert [each["title"] for each in person["posts"]] == ["Trợ lý kế hoạch"]
    assert last("person.cleared").facts["basis"] == "5/QĐ"
    refused(api, "clearance_needs_end", "PUT", here, level="mat", basis="5/QĐ")
    refused(
        api, "not_to_oneself", "PUT", f"/people/{cast.administrator.person_id}/clearance", level="none", basis="5/QĐ"
    )

    status, person = api("POST", f"/people/{one.person_id}/let-go", basis="6/QĐ")
    assert (status, person["status"], person["clearance"], person["posts"]) == (200, "left", "none", [])
    refused(api, "person_left", "POST", f"/people/{one.person_id}/let-go", basis="6/QĐ")
    refused(api, "not_to_oneself", "POST", f"/people/{cast.administrator.person_id}/let-go", basis="6/QĐ")
    refused(api, "not_found", "POST", f"/people/{one.person_id}/password", status=404)
    for act, body in (("password", {}), ("let-go", {"basis": "1/QĐ"})):
        for member, code in ((cast.head, 403), (cast.recipient_clerk, 403)):
            assert Machine(member)("POST", f"/people/{cast.technique_officer.person_id}/{act}", **body)[0] == code
