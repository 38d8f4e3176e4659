"""Sign-in lets in who knows the password, in a post he holds, and says in words why it does not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from antin.journal import queries as journal
from antin.people import operations as people
from antin.web.session import sitting
from tests.cast import OPENED, PASSWORD, Cast
from tests.doors.conftest import Enter


def sign_in(browser: Client, user_name: str, password: str, **more: str) -> object:
    return browser.post("/sign-in", {"user_name": user_name, "password": password, **more})


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_lets_in_and_shows_who_acts(cast: Cast, client: Client) -> None:
    response = sign_in(client, "VanThu", PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")
    page = client.get("/me")
    assert page.status_code == 200
    assert "Phạm Thu Dung" in text(page)
    assert "Nhân viên văn thư, Văn phòng" in text(page)


def test_goes_on_to_the_page_that_was_asked_for(cast: Cast, client: Client) -> None:
    asked = client.get("/me?x=1")
    assert asked["Location"] == "/sign-in?next=%2Fme%3Fx%3D1"
    assert sign_in(client, "vanthu", PASSWORD, next="/me?x=1")["Location"] == "/me?x=1"


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/x", "javascript:alert(1)"])
def test_never_goes_on_to_another_house(cast: Cast, client: Client, elsewhere: str) -> None:
    assert sign_in(client, "vanthu", PASSWORD, next=elsewhere)["Location"] == "/"


@pytest.mark.parametrize(("user_name", "password"), [("vanthu", "sai"), ("khong-co-ai", PASSWORD)])
def test_refuses_in_the_same_words_whether_the_name_exists(
    cast: Cast, client: Client, user_name: str, password: str
) -> None:
    response = sign_in(client, user_name, password)
    assert response.status_code == 422
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in text(response)
    assert "antin" not in client.cookies


def test_says_when_to_come_back_after_too_many_failures(cast: Cast, client: Client) -> None:
    for _ in range(5):
        sign_in(client, "vanthu", "sai")
    response = sign_in(client, "vanthu", PASSWORD)
    assert response.status_code == 429
    assert "Đã nhập sai nhiều lần. Hãy thử lại sau 15 phút." in text(response)
    assert client.get("/me").status_code == 302


def test_a_person_without_a_post_is_told_so(cast: Cast, client: Client) -> None:
    people.add_person(name="Người Mới", user_name="moi", password=PASSWORD, actor=None, at=OPENED)
    response = sign_in(client, "moi", PASSWORD)
    assert response.status_code == 422
    assert "Đồng chí chưa giữ chức vụ nào" in text(response)
    assert client.get("/me").status_code == 302


def test_takes_a_fresh_key_so_that_a_planted_one_is_worthless(cast: Cast, client: Client) -> None:
    planted = client.session
    planted["x"] = 1
    planted.save()
    client.cookies["antin"] = planted.session_key
    sign_in(client, "vanthu", PASSWORD)
    assert client.cookies["antin"].value != planted.session_key
    assert "x" not in client.session


def test_the_attempt_is_journalled_with_where_it_came_from(cast: Cast, client: Client) -> None:
    sign_in(client, "vanthu", PASSWORD)
    told = journal.list_for(("person", cast.clerk.person_id))
    [record] = [each for each in told if each.event == "person.signed_in"]
    assert record.facts["source"] == "127.0.0.1"


def test_sign_out_ends_the_sitting_on_the_server(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.clerk)
    key = browser.cookies["antin"].value
    assert browser.post("/sign-out")["Location"] == "/sign-in?out"
    browser.cookies["antin"] = key
    assert browser.get("/me").status_code == 302


def test_sign_out_needs_a_form(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.clerk)
    assert browser.get("/sign-out").status_code == 405
    assert browser.get("/me").status_code == 200


def wind_back(browser: Client, **by: timedelta) -> None:
    session = browser.session
    for name, span in by.items():
        session[name] -= span.total_seconds()
    session.save()


def test_is_over_after_half_an_hour_without_a_request(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.clerk)
    wind_back(browser, seen_at=sitting.IDLE - timedelta(seconds=5))
    assert browser.get("/me").status_code == 200
    wind_back(browser, seen_at=sitting.IDLE + timedelta(seconds=5))
    assert browser.get("/me").status_code == 302


def test_is_over_after_twelve_hours_however_busy(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.clerk)
    wind_back(browser, begun_at=sitting.LONGEST + timedelta(seconds=5))
    assert browser.get("/me").status_code == 302


def test_is_over_when_the_password_is_set_elsewhere(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.clerk)
    people.set_password(person_id=cast.clerk.person_id, password="Mat-khau-moi-2026", actor=None, at=timezone.now())
    assert browser.get("/me").status_code == 302


def test_is_over_when_the_person_leaves(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.clerk)
    people.let_go(person_id=cast.clerk.person_id, basis="QĐ 1", actor=None, at=timezone.now())
    assert browser.get("/me").status_code == 302


def test_a_fragment_of_an_ended_sitting_sends_the_whole_page_to_sign_in(cast: Cast, client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/me?x=1"}
    response = client.get("/me", headers=headers)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/sign-in?next=http%3A%2F%2Ftestserver%2Fme%3Fx%3D1"


def test_a_program_of_an_ended_sitting_is_told_in_its_own_words(cast: Cast, client: Client) -> None:
    response = client.post("/me/password", headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["code"]) == (401, "signed_out")


def second_post(cast: Cast) -> tuple[int, int]:
    """Post and appointment of a second post of the clerk."""
    post = people.open_post(unit_id=cast.plan_id, title="Kiêm nhiệm kế hoạch", role="officer", actor=None, at=OPENED)
    appointment = people.appoint(
        person_id=cast.clerk.person_id, post_id=post.id, since=date(2026, 1, 1), actor=None, at=OPENED
    )
    return post.id, appointment.id


def test_switches_between_the_posts_a_person_holds(cast: Cast, enter: Enter) -> None:
    post_id, _ = second_post(cast)
    browser = enter(cast.clerk)
    assert browser.post("/post", {"post_id": post_id})["Location"] == "/"
    page = text(browser.get("/me"))
    assert "Đang làm việc với chức vụ Kiêm nhiệm kế hoạch, Phòng Kế hoạch." in page
    assert browser.session["post_id"] == post_id


def test_refuses_to_switch_to_another_persons_post(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.clerk)
    response = browser.post("/post", {"post_id": cast.head.post_id})
    assert response.status_code == 422
    assert "Đồng chí không giữ chức vụ này" in text(response)
    assert browser.session["post_id"] == cast.clerk.post_id


@pytest.mark.parametrize("asked", ["", "x", "-1"])
def test_refuses_a_post_that_is_no_number(cast: Cast, enter: Enter, asked: str) -> None:
    assert enter(cast.clerk).post("/post", {"post_id": asked}).status_code == 404


def test_a_post_taken_away_gives_way_to_the_one_still_held(cast: Cast, enter: Enter) -> None:
    post_id, appointment_id = second_post(cast)
    browser = enter(cast.clerk)
    browser.post("/post", {"post_id": post_id}, follow=True)
    people.end_appointment(
        appointment_id=appointment_id, until=timezone.localdate(), basis="QĐ 2", actor=None, at=timezone.now()
    )
    page = text(browser.get("/me"))
    assert "Nhân viên văn thư, Văn phòng" in page
    assert "Kiêm nhiệm" not in page


def test_changing_the_password_ends_every_other_sitting(cast: Cast, enter: Enter) -> None:
    here, elsewhere = enter(cast.clerk), enter(cast.clerk)
    fresh = "Mat-khau-khac-2026"
    response = here.post("/me/password", {"old": PASSWORD, "new": fresh, "again": fresh})
    assert response["Location"] == "/me"
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 302


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("sai", "Mat-khau-khac-2026", "Mat-khau-khac-2026"), "Tên đăng nhập hoặc mật khẩu không đúng."),
        ((PASSWORD, "ngan", "ngan"), "Mật khẩu phải có từ 10 đến 200 ký tự"),
        ((PASSWORD, "Mat-khau-khac-2026", "Mat-khau-khac-2027"), "Hai lần nhập không giống nhau."),
    ],
)
def test_a_refused_change_of_password_changes_nothing(
    cast: Cast, enter: Enter, client: Client, given: tuple[str, str, str], words: str
) -> None:
    response = enter(cast.clerk).post("/me/password", dict(zip(("old", "new", "again"), given, strict=True)))
    assert response.status_code == 422
    assert words in text(response)
    assert sign_in(client, "vanthu", PASSWORD)["Location"] == "/"
