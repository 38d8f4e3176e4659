"""What goes wrong is said calmly, with the right status, and never shows the inside of the house."""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from django.utils.translation import gettext_noop

from antin.refusal import NotAllowed, NotFound, Refusal, WrongState
from antin.web import errors
from antin.web.session import views
from tests.cast import Cast
from tests.doors.conftest import Enter


class Spent(Refusal):
    code = "spent"
    words = gettext_noop("Số %(number)s đã dùng.")


NOES: dict[str, Exception] = {
    "missing": NotFound(),
    "forbidden": NotAllowed(),
    "state": WrongState(state="Đã ký"),
    "spent": Spent(number="12"),
    "bug": KeyError("mật-khẩu-trong-lỗi"),
    "full": OSError(errno.ENOSPC, "No space left on device"),
    "gone": OperationalError("connection refused"),
}


def fail(request: HttpRequest, how: str) -> HttpResponse:
    raise NOES[how]


class Failing:
    """The node's addresses, with one page that fails as told."""

    urlpatterns = [path("fail/<str:how>", fail, name="me"), path("sign-in", views.sign_in, name="sign-in")]
    handler400 = staticmethod(errors.bad_request)
    handler403 = staticmethod(errors.forbidden)
    handler404 = staticmethod(errors.not_found)
    handler500 = staticmethod(errors.broken)


@pytest.fixture
def clerk(cast: Cast, enter: Enter, settings: object) -> Iterator[Client]:
    client = enter(cast.clerk)
    client.raise_request_exception = False
    yield client


@pytest.fixture
def failing(settings: object) -> None:
    settings.ROOT_URLCONF = Failing  # type: ignore[attr-defined]


REFUSED = [
    ("missing", 404, "Không tìm thấy, hoặc đồng chí không được xem."),
    ("forbidden", 403, "Chức vụ của đồng chí không được thực hiện việc này."),
    ("state", 409, "Không thực hiện được ở trạng thái hiện tại: Đã ký."),
    ("spent", 422, "Số 12 đã dùng."),
]


@pytest.mark.parametrize(("how", "status", "words"), REFUSED)
def test_a_refusal_is_a_fragment_for_htmx(clerk: Client, failing: None, how: str, status: int, words: str) -> None:
    response = clerk.post(f"/fail/{how}", headers={"HX-Request": "true"})
    assert response.status_code == status
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#toasts", "beforeend")
    assert f"<span>{words}</span>" in response.content.decode()
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize(("how", "status", "words"), REFUSED)
def test_a_refusal_is_json_for_a_program(clerk: Client, failing: None, how: str, status: int, words: str) -> None:
    response = clerk.post(f"/fail/{how}", headers={"Accept": "application/json"})
    assert (response.status_code, response.json()) == (status, {"code": NOES[how].code, "message": words})  # type: ignore[attr-defined]


def test_a_refused_act_is_a_page_in_the_frame_with_a_way_back(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.clerk)
    response = browser.post("/post", {"post_id": "0"}, headers={"Referer": "http://testserver/me?x=1"})
    page = response.content.decode()
    assert response.status_code == 422
    assert '<nav class="rail"' in page
    assert '<a class="btn" href="/me?x=1" data-kind="main">' in page


def test_the_way_back_never_leads_out_of_the_house(cast: Cast, enter: Enter) -> None:
    response = enter(cast.clerk).post("/post", {"post_id": "0"}, headers={"Referer": "https://example.org/x"})
    assert "example.org" not in response.content.decode()


def test_a_bug_shows_an_incident_number_and_logs_the_rest(
    clerk: Client, failing: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="antin.web"):
        response = clerk.get("/fail/bug")
    page = response.content.decode()
    found = re.search(r'<b class="digest">([0-9A-F]{8})</b>', page)
    assert response.status_code == 500
    assert found is not None
    assert "mật-khẩu-trong-lỗi" not in page
    logged = [record for record in caplog.records if record.name == "antin.web"]
    assert [record.args[0] for record in logged if isinstance(record.args, tuple)] == [found[1]]
    assert isinstance(NOES["bug"], KeyError)
    assert logged[0].exc_info is not None and logged[0].exc_info[1] is NOES["bug"]


def test_a_full_disk_is_said_as_such(clerk: Client, failing: None) -> None:
    response = clerk.get("/fail/full")
    assert response.status_code == 507
    assert "Máy chủ hết chỗ lưu. Việc vừa làm chưa được ghi." in response.content.decode()


def test_a_database_that_is_gone_is_a_calm_page(clerk: Client, failing: None) -> None:
    response = clerk.get("/fail/gone")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "Cơ sở dữ liệu tạm thời không trả lời." in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_calm_page_needs_no_database_at_all(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.clerk)
    browser.raise_request_exception = False
    kept = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(HOST="127.0.0.1", PORT="1")
    try:
        response = browser.get("/me")
    finally:
        connection.close()
        connection.settings_dict.update(kept)
    assert response.status_code == 503
    assert "Cơ sở dữ liệu tạm thời không trả lời." in response.content.decode()


@pytest.mark.parametrize("signed_in", [True, False])
def test_an_address_that_is_not_there(cast: Cast, enter: Enter, client: Client, signed_in: bool) -> None:
    response = (enter(cast.clerk) if signed_in else client).get("/nothing")
    assert response.status_code == 404
    assert "Không có trang nào ở địa chỉ này" in response.content.decode()
    assert '<nav class="rail"' not in response.content.decode()


def test_an_unknown_address_of_a_machine_is_a_problem(db: None, client: Client) -> None:
    response = client.get("/api/nothing")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["status"] == 404


def test_a_form_that_is_too_large(cast: Cast, client: Client, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000  # type: ignore[attr-defined]
    response = client.post("/sign-in", {"user_name": "x" * 2000, "password": "x"})
    assert response.status_code == 413
    assert "Nội dung gửi lên vượt quá mức cho phép." in response.content.decode()


def test_words_come_in_the_readers_language(cast: Cast, client: Client) -> None:
    assert client.get("/sign-in", headers={"Accept-Language": "en"})["Content-Language"] == "vi"
    client.post("/language", {"language": "en", "next": "/sign-in"})
    response = client.get("/sign-in")
    assert response["Content-Language"] == "en"
    assert '<html lang="en"' in response.content.decode()


@pytest.mark.parametrize("language", ["", "fr", "../en"])
def test_a_language_that_is_not_spoken_here_is_refused(client: Client, db: None, language: str) -> None:
    assert client.post("/language", {"language": language}).status_code == 404
