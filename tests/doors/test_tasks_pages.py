"""The pages of direction as several people open them: what they may do, what is refused and how it is worded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from antin.documents import queries
from antin.journeys import direct_document
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Role
from tests import given
from tests.cast import Cast

pytestmark = pytest.mark.django_db

Enter = Callable[..., Client]


def directed(cast: Cast, at: datetime) -> Assignment:
    """A lead's assignment at the works unit of the centre B1."""
    document = given.a_registered_document(cast, at, subject="<b>Việc</b> khẩn")
    shares = [Share(Role.LEAD, unit_id=cast.recipient_works_id)]
    direct_document.direct(
        document_id=document.pk, words="<script>x</script>", shares=shares, actor=cast.recipient_head.actor(), at=at
    )
    return Assignment.objects.get(document=document)


def test_a_leader_gives_work_by_the_form(cast: Cast, at: datetime, enter: Enter) -> None:
    document = given.a_registered_document(cast, at)
    browser = enter(cast.recipient_head)
    answer = browser.post(
        f"/documents/{document.pk}/direct",
        {
            "words": "Chủ trì",
            f"role-U{cast.recipient_works_id}": "lead",
            f"due-U{cast.recipient_works_id}": "2099-01-01",
            f"role-P{cast.recipient_deputy.post_id}": "inform",
        },
        follow=True,
    )
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Đã ghi ý kiến chỉ đạo và giao việc." in page
    assert "01/01/2099" in page  # the warning of a deadline on New Year's Day
    assert sorted(Assignment.objects.values_list("role", flat=True)) == ["inform", "lead"]


def test_a_bad_date_is_refused_in_words_and_nothing_is_given(cast: Cast, at: datetime, enter: Enter) -> None:
    document = given.a_registered_document(cast, at)
    for text in ("24/13/2026", "2026-02-31", "x"):
        answer = enter(cast.recipient_head).post(
            f"/documents/{document.pk}/direct",
            {f"role-U{cast.recipient_works_id}": "lead", f"due-U{cast.recipient_works_id}": text},
        )
        assert answer.status_code == 422
        assert "không phải là một ngày" in answer.content.decode()
    assert Assignment.objects.count() == 0
    assert queries.get(document.pk).status == "registered"


def test_others_cannot_direct_nor_work(cast: Cast, at: datetime, enter: Enter) -> None:
    task = directed(cast, at)
    for member, status in ((cast.recipient_study_head, 404), (cast.clerk, 404), (cast.recipient_clerk, 404)):
        assert enter(member).post(f"/tasks/{task.pk}/report", {"percent": "5"}).status_code == status
    answer = enter(cast.recipient_clerk).post(f"/documents/{task.document_id}/direct", {"words": "x"})
    assert answer.status_code in (403, 422)
    assert Assignment.objects.count() == 1


def test_what_people_write_is_shown_as_words(cast: Cast, at: datetime, enter: Enter) -> None:
    task = directed(cast, at)
    for address in ("/", "/tasks", f"/documents/{task.document_id}"):
        page = enter(cast.recipient_works_head).get(address).content.decode()
        assert "&lt;b&gt;Việc&lt;/b&gt; khẩn" in page
        assert "<b>Việc</b>" not in page
        assert "<script>x</script>" not in page


def test_the_list_of_each_side_says_what_is_open_on_it(cast: Cast, at: datetime, enter: Enter) -> None:
    task = directed(cast, at)
    worker, giver = enter(cast.recipient_works_head), enter(cast.recipient_head)
    assert ">1 việc đang làm<" in worker.get("/tasks").content.decode()
    assert ">Không còn việc được giao<" in giver.get("/tasks").content.decode()
    assert ">1 việc đang làm<" in giver.get("/tasks?side=given").content.decode()
    direct_document.hand_in(assignment_id=task.pk, words="Đã xong.", actor=cast.recipient_works_head.actor(), at=at)
    assert ">1 việc chờ nghiệm thu<" in worker.get("/tasks").content.decode()
    assert ">1 việc chờ nghiệm thu<" in giver.get("/tasks?side=given").content.decode()


@pytest.mark.usefixtures("known_health")
def test_desk_and_lists_ask_a_fixed_number_of_questions(
    cast: Cast, at: datetime, enter: Enter, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(12):
        document = given.a_registered_document(cast, at, key=f"k{n}", code=f"{n}/TCZ", identifier="")
        shares = [Share(Role.LEAD, unit_id=cast.recipient_works_id)]
        direct_document.direct(
            document_id=document.pk, words="", shares=shares, actor=cast.recipient_head.actor(), at=at
        )
    browser = enter(cast.recipient_works_head)
    browser.get("/")
    with django_assert_num_queries(13):
        browser.get("/")
    with django_assert_num_queries(8):
        browser.get("/tasks")


def test_a_result_file_is_a_download_for_those_who_see_the_document(
    cast: Cast, at: datetime, enter: Enter, own_state: object
) -> None:
    task = directed(cast, at)
    upload = SimpleUploadedFile("trang.html", b"<script>alert(1)</script>", content_type="text/html")
    answer = enter(cast.recipient_works_head).post(f"/tasks/{task.pk}/hand-in", {"words": "", "files": upload})
    assert answer.status_code == 302
    [kept] = task.files.all()
    address = f"/tasks/{task.pk}/files/{kept.pk}"
    got = enter(cast.recipient_head).get(address)
    assert got["Content-Disposition"].startswith("attachment")
    assert b"".join(got.streaming_content) == b"<script>alert(1)</script>"
    assert enter(cast.technique_officer).get(address).status_code == 404


def test_notices_are_listed_opened_and_read(cast: Cast, at: datetime, enter: Enter) -> None:
    task = directed(cast, at)
    browser = enter(cast.recipient_works_head)
    page = browser.get("/notices").content.decode()
    assert "1 thông báo chưa đọc" in page
    notice = page.split("/notices/")[2].split('"')[0]
    assert browser.post(f"/notices/{notice}").url == f"/documents/{task.document_id}"
    assert "Đã đọc hết thông báo" in browser.get("/notices").content.decode()
    assert enter(cast.technique_officer).post(f"/notices/{notice}").status_code == 404
