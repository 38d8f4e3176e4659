"""The frame around every page: who acts, how the node is, within a budget of queries."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from antin.outbox import operations as outbox
from antin.web import health
from antin.web.health import Facts
from config import progress
from tests.cast import Cast
from tests.doors.conftest import Enter


def test_the_sign_is_quiet_when_all_is_well() -> None:
    told = health.word(Facts(worked_on=True, waiting=3, dead=0))
    assert (told.tone, told.words, told.meaning) == ("ok", "Bình thường", "")
    assert [(line.words, line.value) for line in told.lines] == [
        ("Cơ sở dữ liệu", "trả lời"),
        ("Tiến trình nền", "đang chạy"),
        ("Việc nền đang chờ", "3"),
        ("Việc nền hỏng, chờ người xử lý", "0"),
        ("Niêm phong nhật ký", "đều đặn"),
    ]


def test_the_sign_says_what_a_silent_worker_means() -> None:
    told = health.word(Facts(worked_on=False, waiting=1204, dead=2))
    assert (told.tone, told.words, told.heading) == ("warn", "3 lưu ý", "Hệ thống đang chạy, có 3 lưu ý")
    assert told.lines[2].value == "1\u00a0204"
    assert told.meaning.startswith("Đọc, soạn, duyệt, ký vẫn làm được.")


def test_the_sign_says_that_the_journal_is_not_sealed_any_more() -> None:
    told = health.word(Facts(worked_on=True, waiting=0, dead=0, sealed=False))
    assert (told.tone, told.words, told.lines[4].value) == ("warn", "1 lưu ý", "đã dừng")
    assert "antin journal verify" in told.meaning


def test_the_sign_says_how_far_the_demonstration_is() -> None:
    told = health.word(Facts(worked_on=True, waiting=3, dead=0, making=(120, 309)))
    assert (told.tone, told.words) == ("flow", "Văn bản mẫu 38 %")
    assert (told.lines[0].words, told.lines[0].value) == ("Văn bản mẫu đang lập", "120 trên 309")
    assert health.word(Facts(worked_on=False, waiting=3, dead=0, making=(120, 309))).tone == "warn"


def test_the_sign_reads_how_far_it_is_and_forgets_it_at_the_end(
    db: None, at: datetime, settings: Settings, tmp_path: Path
) -> None:
    settings.STATE = tmp_path
    at -= timedelta(days=1)  # what is remembered of it is old for the other tests
    assert health.look(at).tone != "flow"
    for told in ("", "no numbers"):
        (tmp_path / "demonstration").write_text(told)
        assert progress.read(tmp_path / "demonstration") is None
    progress.tell(tmp_path / "demonstration", 12, 309)
    assert health.look(at).lines[0].value == "12 trên 309"
    progress.tell(tmp_path / "demonstration", 309, 309)
    assert progress.is_whole(tmp_path / "demonstration")
    assert health.look(at).lines[0].words == "Cơ sở dữ liệu"


def test_facts_are_asked_once_in_a_while(
    db: None, at: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(6):
        before = health.look(at)
    outbox.promise("deliver", key="x", delivery_id=1)
    with django_assert_num_queries(0):
        assert health.look(at + timedelta(seconds=19)) == before
    with django_assert_num_queries(6):
        later = health.look(at + timedelta(seconds=20))
    assert int(later.lines[2].value) == int(before.lines[2].value) + 1


@pytest.mark.usefixtures("known_health")
def test_a_page_asks_little(cast: Cast, enter: Enter, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """The session and who sits there, the actor; then what waits: documents, tasks, notices and, for a clerk, what was sent and
    what a sender asks to be recalled."""
    browser: Client = enter(cast.clerk)
    browser.get("/verify")
    with django_assert_num_queries(8):
        browser.get("/verify")
