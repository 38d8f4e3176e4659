"""The pages of administration as several people open them: what is there, what is refused, how much they ask."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from antin.journal.models import Record
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.keys.models import Certificate
from antin.people import operations, queries
from antin.people.models import Appointment, Delegation, Person, Post, Substitution, Unit
from antin.workdays import queries as workdays
from antin.workdays.models import CalendarDay
from tests import paper
from tests.cast import OPENED, PASSWORD, Cast, Member, seat
from tests.doors.conftest import Enter
from tests.doors.test_page_policy import inline

pytestmark = pytest.mark.django_db

NASTY = "<script>alert('x')</script>"


@pytest.fixture
def screen(cast: Cast, enter: Enter) -> Client:
    return enter(cast.administrator)


@pytest.fixture
def part(cast: Cast) -> Member:
    """The administrator of the centre B1."""
    return seat(cast.recipient_works_id, "Quản trị viên", "administrator", "Trịnh Quản", "quantri.b1", order=90)


def addresses(cast: Cast) -> dict[str, str]:
    """A page of each kind, of the general department's own."""
    appointment = Appointment.objects.get(post_id=cast.plan_officer.post_id)
    return {
        "unit": f"/administration/units/{cast.agency_id}",
        "unit-open": f"/administration/units/{cast.agency_id}/open",
        "unit-rename": f"/administration/units/{cast.plan_id}/rename",
        "unit-describe": f"/administration/units/{cast.plan_id}/describe",
        "unit-move": f"/administration/units/{cast.plan_id}/move",
        "unit-close": f"/administration/units/{cast.plan_id}/close",
        "unit-split": f"/administration/units/{cast.plan_id}/split",
        "post-open": f"/administration/units/{cast.plan_id}/posts/open",
        "post": f"/administration/posts/{cast.plan_officer.post_id}",
        "post-appoint": f"/administration/posts/{cast.plan_officer.post_id}/appoint?words=an",
        "post-new-person": f"/administration/posts/{cast.plan_officer.post_id}/new-person",
        "post-describe": f"/administration/posts/{cast.plan_officer.post_id}/describe",
        "post-close": f"/administration/posts/{cast.plan_officer.post_id}/close",
        "appointment-end": f"/administration/appointments/{appointment.pk}/end",
        "delegate": f"/administration/units/{cast.agency_id}/delegate",
        "substitute": f"/administration/units/{cast.agency_id}/substitute",
        "person": f"/administration/people/{cast.plan_officer.person_id}",
        "person-appoint": f"/administration/people/{cast.plan_officer.person_id}/appoint",
        "person-describe": f"/administration/people/{cast.plan_officer.person_id}/describe",
        "person-password": f"/administration/people/{cast.plan_officer.person_id}/password",
        "person-sign-out": f"/administration/people/{cast.plan_officer.person_id}/sign-out",
        "person-lock": f"/administration/people/{cast.plan_officer.person_id}/lock",
        "person-unlock": f"/administration/people/{cast.plan_officer.person_id}/unlock",
        "person-let-go": f"/administration/people/{cast.plan_officer.person_id}/let-go",
        "person-clearance": f"/administration/people/{cast.plan_officer.person_id}/clearance",
        "certificate-issue": f"/administration/people/{cast.plan_officer.person_id}/certify",
        "seal-issue": f"/administration/units/{cast.agency_id}/certify",
    }


def test_every_page_opens_for_the_administrator_of_the_house_and_is_absent_for_another(
    cast: Cast, part: Member, enter: Enter, screen: Client
) -> None:
    stranger = enter(part)
    for name, address in addresses(cast).items():
        page = screen.get(address)
        assert page.status_code == 200, name
        assert inline(page.content.decode()) == [], name
        assert stranger.get(address).status_code == 404, name
        assert stranger.post(address).status_code in (404, 405), name


def test_no_other_post_opens_anything(cast: Cast, enter: Enter) -> None:
    for member in (cast.head, cast.clerk, cast.plan_officer):
        other = enter(member)
        for address in (
            *addresses(cast).values(),
            "/administration",
            "/administration/people",
            "/administration/units",
        ):
            assert other.get(address).status_code == 403
            assert other.post(address).status_code == 403
        assert "/administration" not in other.get("/").content.decode()


def test_what_is_sent_past_the_page_is_refused_by_the_operation(cast: Cast, enter: Enter, settings: object) -> None:
    """With ANTIN_DEBUG the outer door stands open: the rooms' own guards hold."""
    settings.DEBUG = True  # type: ignore[attr-defined]
    before = Record.objects.count()
    other = enter(cast.clerk)
    for address in addresses(cast).values():
        assert other.post(address, {"basis": "x", "name": "x", "password": PASSWORD}).status_code in (404, 405)
    assert other.post("/administration/people/add", {"name": "X", "user_name": "xx"}).status_code == 403
    day = {"day": "2027-03-04", "kind": "local", "decision": "1/QĐ"}
    assert other.post("/administration/calendar/day", day).status_code == 403
    assert other.get("/administration/authority/establish").status_code == 403
    assert Record.objects.count() == before


@pytest.mark.usefixtures("known_health")
def test_lists_ask_at_most_thirteen_questions_and_pages_of_one_thing_twenty_five(
    cast: Cast, screen: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    paper.give_keys(cast, OPENED + timedelta(days=1))
    screen.get("/administration")
    for address in (
        "",
        "/units",
        "/units?words=phong",
        "/people",
        "/people?words=an&state=active",
        "/authority",
        "/calendar",
    ):
        with django_assert_max_num_queries(13):
            assert screen.get(f"/administration{address}").status_code == 200
    for address in addresses(cast).values():
        with django_assert_max_num_queries(25):
            assert screen.get(address).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/administration/units?words=%25_'%22" + "x" * 300,
        "/administration/units?words=" + "%F0%9F%98%80",
        "/administration/people?after=99999999999999999999&state=nope&words=%5C",
        "/administration/people?after=-1&state=%3Cscript%3E",
        "/administration/calendar?year=%D9%A2%D9%A0",
        "/administration/calendar?year=x",
    ],
)
def test_hostile_addresses_are_read_as_nothing(screen: Client, address: str) -> None:
    page = screen.get(address)
    assert page.status_code == 200
    assert inline(page.content.decode()) == []


def test_a_year_beyond_the_calendar_is_refused_in_words(screen: Client) -> None:
    page = screen.get("/administration/calendar?year=9999")
    assert page.status_code == 422
    assert "Lịch làm việc chỉ có từ năm 1901 đến năm 2100." in page.content.decode()


@pytest.mark.parametrize("number", ["99999999999999999999999", "0"])
def test_numbers_of_nothing_are_absent(screen: Client, number: str) -> None:
    for kind in ("units", "posts", "people"):
        assert screen.get(f"/administration/{kind}/{number}").status_code == 404


# ---- units and posts -----------------------------------------------------------------------------------------------------------

UNIT = {"name": "Ban C1", "short_name": "Ban C1", "abbreviation": "C1", "kind": "board", "code": "", "order": "30"}


def test_a_part_and_an_agency_are_opened_renamed_moved_and_closed(cast: Cast, screen: Client) -> None:
    made = screen.post(f"/administration/units/{cast.agency_id}/open", UNIT)
    division = Unit.objects.get(name="Ban C1")
    assert made["Location"] == f"/administration/units/{division.pk}"
    assert (division.is_agency, division.agency_id) == (False, cast.agency_id)
    agency = UNIT | {"name": "Cục A1", "short_name": "Cục A1", "abbreviation": "A1", "code": "G11.90.77"}
    screen.post(f"/administration/units/{cast.agency_id}/open", agency)
    assert Unit.objects.get(name="Cục A1").is_agency
    named = {"name": "Ban Chính C1", "short_name": "Ban C1", "abbreviation": "C1", "decision": "2/QĐ"}
    screen.post(f"/administration/units/{division.pk}/rename", named)
    told = {"place_name": "Huế", "address": "Số 2", "parent_name": "", "collective": ""}
    screen.post(f"/administration/units/{division.pk}/describe", told)
    screen.post(f"/administration/units/{division.pk}/move", {"parent_id": str(cast.recipient_id)})
    division.refresh_from_db()
    assert (division.name, division.place_name, division.agency_id) == ("Ban Chính C1", "Huế", cast.recipient_id)
    answer = screen.post(f"/administration/units/{division.pk}/close", {"decision": "3/QĐ"}, follow=True)
    assert "Đã giải thể Ban Chính C1." in answer.content.decode()
    page = screen.get("/administration/units?closed=1").content.decode()
    assert "Ban Chính C1" in page
    assert "Ban Chính C1" not in screen.get("/administration/units").content.decode()
    events = Record.objects.filter(subject_kind="unit", subject_id=division.pk).order_by("id")
    assert [each.event for each in events] == [
        "unit.opened",
        "unit.renamed",
        "unit.described",
        "unit.moved",
        "unit.closed",
    ]
    assert {each.person_id for each in events} == {cast.administrator.person_id}


def test_a_refusal_is_worded_beside_the_form_and_keeps_what_was_typed(cast: Cast, screen: Client) -> None:
    for wrong, words in (
        ({"code": "G99.01"}, "không nằm dưới mã G11.90 của cơ quan cấp trên"),
        ({"code": "sai"}, "không đúng dạng"),
        ({"name": "Phòng Kế hoạch"}, "đã có đơn vị đang hoạt động tên là Phòng Kế hoạch"),
    ):
        page = screen.post(f"/administration/units/{cast.agency_id}/open", UNIT | wrong)
        assert page.status_code == 422
        assert words in page.content.decode()
        assert 'value="C1"' in page.content.decode()
    for wrong in ({"name": ""}, {"kind": "planet"}, {"order": "99999"}, {"name": "x" * 301}):
        assert screen.post(f"/administration/units/{cast.agency_id}/open", UNIT | wrong).status_code == 422
    assert not Unit.objects.filter(abbreviation="C1").exists()


def test_words_of_people_are_words(cast: Cast, screen: Client) -> None:
    screen.post(f"/administration/units/{cast.agency_id}/open", UNIT | {"name": NASTY, "short_name": NASTY})
    unit = Unit.objects.get(abbreviation="C1")
    post = {"title": NASTY, "role": "head", "order": "1"}
    screen.post(f"/administration/units/{unit.pk}/posts/open", post)
    vacant = Post.objects.get(unit=unit)
    new = {"name": NASTY, "rank": NASTY[:50], "user_name": "nasty", "since": f"{workdays.local_date(timezone.now())}"}
    told = screen.post(f"/administration/posts/{vacant.pk}/new-person", new)
    person = Person.objects.get(user_name="nasty")
    pages = [told] + [
        screen.get(f"/administration{each}")
        for each in ("/units", f"/units/{unit.pk}", f"/posts/{vacant.pk}", "/people", f"/people/{person.pk}")
    ]
    for page in pages:
        assert page.status_code == 200
        assert NASTY not in page.content.decode()
        assert inline(page.content.decode()) == []


def test_a_post_is_opened_filled_left_filled_again_and_closed(cast: Cast, screen: Client) -> None:
    screen.post(
        f"/administration/units/{cast.plan_id}/posts/open", {"title": "Trợ lý", "role": "officer", "order": "7"}
    )
    post = Post.objects.get(unit_id=cast.plan_id, title="Trợ lý")
    here = f"/administration/posts/{post.pk}"
    today = timezone.localdate()
    new = {"name": "Lê Mới", "user_name": "moi", "since": f"{today:%Y-%m-%d}", "basis": "1/QĐ"}
    told = screen.post(f"{here}/new-person", new).content.decode()
    password = told.split('<dd class="digest">')[2].split("<")[0]
    person = operations.sign_in(user_name="moi", password=password, source="x", at=timezone.now())
    assert "Đã thêm Lê Mới" in told

    refused = screen.post(f"{here}/close")
    assert "Chưa bỏ được chức vụ Trợ lý: Lê Mới còn giữ." in refused.content.decode()
    held = Appointment.objects.get(post=post)
    tomorrow = today + timedelta(days=1)
    for bad in ("", "hôm nay", "2026-02-31", f"{today - timedelta(days=30):%Y-%m-%d}"):
        assert screen.post(f"/administration/appointments/{held.pk}/end", {"until": bad}).status_code == 422
    screen.post(f"/administration/appointments/{held.pk}/end", {"until": f"{tomorrow:%Y-%m-%d}"})
    again = {"person_id": cast.plan_officer.person_id, "since": f"{tomorrow:%Y-%m-%d}", "acting": "on"}
    assert screen.post(f"{here}/appoint?words=giang", again)["Location"] == here
    page = screen.get(here).content.decode()
    assert page.index("Bùi Ngọc Giang") < page.index("Những người đã và sẽ giữ") or "Bùi Ngọc Giang" in page
    assert [each.person_id for each in queries.list_holders_of(post.pk)] == [cast.plan_officer.person_id, person.id]


def test_somebody_without_a_post_is_appointed_from_his_own_page(cast: Cast, part: Member, enter: Enter) -> None:
    """Only vacant posts of the house are offered, and no other is taken."""
    person = operations.add_person(name="Lê Chờ", actor=None, at=OPENED)
    mine = operations.open_post(unit_id=cast.recipient_works_id, title="Trợ lý", role="officer", actor=None, at=OPENED)
    above = operations.open_post(unit_id=cast.plan_id, title="Trợ lý", role="officer", actor=None, at=OPENED)
    own = enter(part)
    here = f"/administration/people/{person.id}"
    today = f"{timezone.localdate():%Y-%m-%d}"
    for wrong in (above.id, cast.recipient_head.post_id, "x", ""):
        assert own.post(f"{here}/appoint", {"post_id": wrong, "since": today}).status_code == 422
    assert own.post(f"{here}/appoint", {"post_id": mine.id, "since": today})["Location"] == here
    assert [each.post_id for each in queries.list_appointments(person.id)] == [mine.id]
    himself = own.post(f"/administration/people/{part.person_id}/appoint", {"post_id": mine.id, "since": today})
    assert himself.status_code == 422


def test_nobody_is_appointed_who_was_not_found(cast: Cast, part: Member, enter: Enter) -> None:
    """The administrator of B1 does not reach a person of the general department, whatever he sends."""
    post = operations.open_post(unit_id=cast.recipient_works_id, title="Trợ lý", role="officer", actor=None, at=OPENED)
    sent = {"person_id": cast.head.person_id, "since": "2026-11-23"}
    stranger = enter(part)
    assert stranger.post(f"/administration/posts/{post.pk}/appoint?words=an", sent).status_code == 422
    assert stranger.get(f"/administration/posts/{post.pk}/appoint?person={cast.head.person_id}").status_code == 404
    assert not Appointment.objects.filter(post=post).exists()


def test_leave_to_sign_and_substitution_are_given_and_taken_back(cast: Cast, screen: Client) -> None:
    today = f"{timezone.localdate():%Y-%m-%d}"
    here = f"/administration/units/{cast.agency_id}"
    order = {
        "form": "TL.",
        "to_post_id": cast.plan_head.post_id,
        "type_codes": ["BC", "KH"],
        "since": today,
        "basis": "12/QC",
    }
    assert screen.post(f"{here}/delegate", order)["Location"] == f"{here}#signing"
    unbounded = order | {"form": "TUQ.", "to_post_id": cast.recipient_head.post_id}
    assert "TUQ.) phải có thời hạn" in screen.post(f"{here}/delegate", unbounded).content.decode()
    assert screen.post(f"{here}/delegate", order | {"to_post_id": cast.clerk.post_id}).status_code == 422
    given = Delegation.objects.get()
    page = screen.get(here).content.decode()
    assert "Báo cáo, Kế hoạch" in page
    screen.post(f"/administration/delegations/{given.pk}/revoke")
    given.refresh_from_db()
    assert given.revoked_on is not None

    week = f"{timezone.localdate() + timedelta(days=7):%Y-%m-%d}"
    away = {"principal_id": cast.technique_head.post_id, "substitute_id": cast.plan_head.post_id, "since": today}
    screen.post(f"{here}/substitute", away | {"until": week, "basis": "44/GNP"})
    found = Substitution.objects.get()
    himself = away | {"substitute_id": cast.administrator.post_id, "until": week, "basis": "1"}
    assert "Không ai tự bổ nhiệm" in screen.post(f"{here}/substitute", himself).content.decode()
    screen.post(f"/administration/substitutions/{found.pk}/end")
    found.refresh_from_db()
    assert found.revoked_on is not None
    assert Substitution.objects.count() == 1


def test_a_department_has_no_rights_to_give(cast: Cast, screen: Client) -> None:
    for act in ("delegate", "substitute"):
        assert screen.get(f"/administration/units/{cast.plan_id}/{act}").status_code == 404


# ---- persons and certificates --------------------------------------------------------------------------------------------------


def test_the_account_acts_do_what_they_say(cast: Cast, enter: Enter, screen: Client) -> None:
    here = f"/administration/people/{cast.plan_officer.person_id}"
    own = enter(cast.plan_officer)
    assert own.get("/me").status_code == 200
    screen.post(f"{here}/sign-out")
    assert own.get("/me").status_code == 302
    told = screen.post(f"{here}/password", {"password": ""}).content.decode()
    password = told.split('<dd class="digest">')[2].split("<")[0]
    assert operations.sign_in(user_name="kehoach", password=password, source="x", at=timezone.now())
    assert "Mật khẩu phải có từ 10" in screen.post(f"{here}/password", {"password": "ngắn"}).content.decode()
    assert screen.post(f"{here}/password", {"password": PASSWORD})["Location"] == here
    assert screen.post(f"{here}/lock", {"basis": ""}).status_code == 422
    screen.post(f"{here}/lock", {"basis": "1/BC"})
    with pytest.raises(operations.SignInRefused):
        operations.sign_in(user_name="kehoach", password=PASSWORD, source="x", at=timezone.now())
    assert screen.post(f"{here}/lock", {"basis": "1/BC"}).status_code == 409
    screen.post(f"{here}/unlock", {"basis": "2/BC"})
    screen.post(f"{here}/describe", {"name": "Bùi Ngọc Giàng", "rank": "Thiếu tá"})
    screen.post(f"{here}/clearance", {"level": "mat", "until": "2099-01-01", "basis": "3/QĐ"})
    person = Person.objects.get(pk=cast.plan_officer.person_id)
    assert (person.status, person.name, person.rank, person.clearance) == (
        "active",
        "Bùi Ngọc Giàng",
        "Thiếu tá",
        "mat",
    )
    screen.post(f"{here}/let-go", {"basis": "4/QĐ"})
    page = screen.get(here).content.decode()
    assert "Đã thôi công tác" in page
    assert 'aria-disabled="true"' in page


def test_an_administrator_does_nothing_to_himself(cast: Cast, screen: Client) -> None:
    here = f"/administration/people/{cast.administrator.person_id}"
    for act in ("lock", "let-go", "clearance"):
        sent = {"basis": "x", "level": "mat", "until": "2099-01-01"}
        assert "Không ai tự bổ nhiệm" in screen.post(f"{here}/{act}", sent).content.decode()
    assert Person.objects.get(pk=cast.administrator.person_id).status == "active"


def test_a_certificate_is_issued_with_a_pin_shown_once_and_revoked_with_a_reason(
    cast: Cast, screen: Client, own_state: object
) -> None:
    here = f"/administration/people/{cast.head.person_id}"
    asked = {"post_id": cast.head.post_id, "years": "3"}
    refused = screen.post(f"{here}/certify", asked)
    assert "Hệ thống chưa lập cơ quan chứng thực" in refused.content.decode()
    screen.post("/administration/authority/establish", {"name": "Chứng thực X", "organisation": "Tổng cục Z"})
    told = screen.post(f"{here}/certify", asked)
    assert told["Cache-Control"] == "no-store"
    pin = told.content.decode().split('<dd class="digest">')[2].split("<")[0]
    made = Certificate.objects.get(person_id=cast.head.person_id)
    change = {"certificate_id": made.pk, "actor": cast.head.actor(), "at": timezone.now()}
    keys.change_pin(**change, old=pin, new="975310")
    opened = keys.open_signer(certificate_id=made.pk, pin="975310", at=timezone.now())
    assert opened.certificate == bytes(made.certificate)
    assert pin not in screen.get(here).content.decode()
    assert not Record.objects.filter(facts__icontains=pin).exists()
    wrong = screen.post(f"/administration/certificates/{made.pk}/revoke", {"reason": "because"})
    assert wrong.status_code == 422
    screen.post(f"/administration/certificates/{made.pk}/revoke", {"reason": "affiliationChanged"})
    made.refresh_from_db()
    assert made.revocation_reason == "affiliationChanged"
    assert "Thay đổi chức vụ, đơn vị" in screen.get(here).content.decode()
    twice = screen.post(f"/administration/certificates/{made.pk}/revoke", {"reason": "superseded"})
    assert "đã bị thu hồi từ ngày" in twice.content.decode()
    for foreign in ({"post_id": cast.clerk.post_id, "years": "3"}, {"post_id": cast.head.post_id, "years": "50"}):
        assert screen.post(f"{here}/certify", foreign).status_code == 422


def test_an_agencys_seal_is_issued_handed_over_and_named_on_the_overview(
    cast: Cast, part: Member, enter: Enter, screen: Client, own_state: object
) -> None:
    keys.establish(name="x", organisation="y", actor=None, at=OPENED)
    own = enter(part)
    here = f"/administration/units/{cast.recipient_id}"
    own.post(f"{here}/certify", {"custodian_id": cast.recipient_clerk.person_id, "years": "1"})
    made = Certificate.objects.get(agency_id=cast.recipient_id)
    keeper = {"to_person_id": cast.recipient_head.person_id, "basis": "5/BB"}
    own.post(f"/administration/certificates/{made.pk}/hand-over", keeper)
    taker = enter(cast.recipient_head)
    (offered,) = certificates.list_offers_to(cast.recipient_head.person_id)
    assert "chờ đồng chí ký nhận" in taker.get("/me").content.decode()
    assert taker.post(f"/me/custody/{offered.pk}/take", {"minutes": ""}).status_code == 422
    assert own.post(f"/me/custody/{offered.pk}/take", {"minutes": "7/BB"}).status_code == 404
    taker.post(f"/me/custody/{offered.pk}/take", {"minutes": "7/BB"})
    made.refresh_from_db()
    assert made.device.custodian_id == cast.recipient_head.person_id
    page = own.get("/administration").content.decode()
    assert "1 cơ quan chưa đủ để gửi, nhận văn bản" in page
    assert page.count("còn thiếu") == 1
    assert enter(cast.recipient_head).get(here).status_code == 403
    seal = screen.post(f"/administration/units/{cast.agency_id}/certify", {"custodian_id": "", "years": "3"})
    assert seal["Location"] == f"/administration/units/{cast.agency_id}#seal"
    top = Certificate.objects.get(agency_id=cast.agency_id)
    assert own.get(f"/administration/certificates/{top.pk}/revoke").status_code == 404
    assert own.post(f"/administration/certificates/{top.pk}/revoke", {"reason": "superseded"}).status_code == 404


def test_only_the_administrator_of_the_root_establishes_the_authority(cast: Cast, part: Member, enter: Enter) -> None:
    own = enter(part)
    page = own.get("/administration/authority").content.decode()
    assert 'aria-disabled="true"' in page
    assert own.get("/administration/authority/establish").status_code == 403


# ---- the working calendar ------------------------------------------------------------------------------------------------------


def test_days_are_declared_swapped_and_withdrawn(screen: Client) -> None:
    day = {"day": "2027-03-04", "kind": "local", "note": "Ngày truyền thống", "decision": "9/QĐ"}
    assert screen.post("/administration/calendar/day", day)["Location"] == "/administration/calendar?year=2027"
    page = screen.get("/administration/calendar?year=2027").content.decode()
    assert "Ngày truyền thống" in page
    swapped = {"off": "2027-03-05", "work": "2027-03-13", "decision": "10/QĐ"}
    screen.post("/administration/calendar/swap", swapped)
    assert workdays.is_working_day(datetime(2027, 3, 13).date())
    refused = screen.post("/administration/calendar/swap", swapped | {"off": "2027-03-06"})
    assert "ngày 06/03/2027 không hợp lệ" in refused.content.decode()
    for bad in ({"day": "x"}, {"kind": "party"}, {"decision": " "}, {"day": "3027-01-01"}):
        assert screen.post("/administration/calendar/day", day | bad).status_code == 422
    screen.post("/administration/calendar/2027-03-04/clear")
    assert sorted(f"{each.date}" for each in CalendarDay.objects.all()) == ["2027-03-05", "2027-03-13"]
    assert screen.post("/administration/calendar/2027-03-04/clear").status_code == 422
    for bad_day in ("2027-13-99", "x"):
        assert screen.get(f"/administration/calendar/{bad_day}/clear").status_code == 404


def test_a_page_of_people_leads_to_the_next(cast: Cast, screen: Client) -> None:
    for number in range(60):
        operations.add_person(name=f"Khúc Văn {number:02d}", user_name=f"le.{number}", actor=None, at=OPENED)
    first = screen.get("/administration/people?" + urlencode({"words": "khuc van"})).content.decode()
    assert first.count("<tr data-row>") == 50
    after = first.split("after=")[1].split('"')[0]
    second = screen.get("/administration/people?" + urlencode({"words": "khuc van", "after": after})).content.decode()
    assert second.count("<tr data-row>") == 10
    assert "Khúc Văn 59" in second


def test_what_has_nothing_above_it_in_the_house_is_not_put_elsewhere(
    cast: Cast, part: Member, enter: Enter, screen: Client
) -> None:
    """The top, and the administrator's own agency: all of his house lies below it."""
    for browser, own, below in (
        (screen, cast.agency_id, cast.plan_id),
        (enter(part), cast.recipient_id, cast.recipient_works_id),
    ):
        assert "/move" not in browser.get(f"/administration/units/{own}").content.decode()
        assert browser.get(f"/administration/units/{own}/move").status_code == 403
        assert f"/units/{below}/move" in browser.get(f"/administration/units/{below}").content.decode()
