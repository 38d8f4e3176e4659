"""The operator's page: every row there, its figures and where it leads, who sees it, the test message and its round."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from antin.journeys import between_nodes, look_over
from antin.nodes import operations as nodes
from antin.nodes import queries as members
from antin.nodes import statements
from antin.nodes.models import Parcel
from antin.outbox import operations as outbox
from antin.outbox.models import Promise
from antin.refusal import NotAllowed, NotFound
from antin.upkeep import operations as upkeep
from tests.journeys.test_between_nodes import Two, two  # noqa: F401 - a fixture
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

PLACE = "/administration/operation"
STATEMENTS = 60
"""The frame's own among them; whatever the node holds."""


def shown(browser: Any) -> str:
    answer = browser.get(PLACE)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_every_row_is_there_and_leads_to_where_one_acts(two: Two, enter: Callable[..., Any]) -> None:  # noqa: F811
    page = shown(enter(two.cast.administrator))
    for words in (
        "Xử lý ngay",
        "Nút khác",
        "Kênh ra ngoài",
        "Việc nền",
        "Máy chủ",
        "Sao lưu",
        "Chứng thư số sắp hết hạn",
    ):
        assert words in page, words
    for words in ("Cơ sở dữ liệu", "Đĩa", "Chỉ mục tìm kiếm", "Niêm phong nhật ký", "0.1.0"):
        assert words in page, words
    assert f"/administration/nodes#node-{two.partner.code}" in page
    assert "Tiến trình nền không chạy" in page
    assert "Chưa có bản sao lưu nào" in page


@pytest.mark.usefixtures("known_health")
def test_the_page_asks_a_bounded_number_of_questions(two: Two, enter: Callable[..., Any]) -> None:  # noqa: F811
    browser = enter(two.cast.administrator)
    browser.get(PLACE)
    for place in range(30):
        outbox.promise("lay_out", key=f"x{place}", document_id=1)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        shown(browser)
    assert len(asked) <= STATEMENTS, len(asked)


def test_only_the_administrator_of_the_root_sees_it(two: Two, enter: Callable[..., Any]) -> None:  # noqa: F811
    assert enter(two.cast.clerk).get(PLACE).status_code == 403
    assert enter(two.cast.clerk).post(f"{PLACE}/nodes/{two.partner.code}/test").status_code == 403
    assert not Parcel.objects.filter(kind="test").exists()


def test_a_test_message_goes_out_and_its_round_trip_is_shown(two: Two, enter: Callable[..., Any]) -> None:  # noqa: F811
    browser = enter(two.cast.administrator)
    assert browser.post(f"{PLACE}/nodes/{two.partner.code}/test").status_code == 302
    parcel = Parcel.objects.get(kind="test")
    assert "Tin thử chưa về" in shown(browser)
    packed = nodes.pack(parcel_id=parcel.pk, at=two.at)
    told, files = two.partner.opens([packed.message])
    assert (told["kind"], told["files"], files) == ("test", [], [])
    nodes.record_sent(parcel_ids=[parcel.pk], actor=None, at=two.at)
    back = parcel.made_at + timedelta(seconds=1.5)
    mine = {
        "feed": parcel.feed.feed,
        "upto": parcel.number,
        "chain": parcel.chain,
        "beyond": [],
        "lacking": [],
        "aside": [],
    }
    heard = {"in": mine, "heard": parcel.made_at.isoformat(), "program": "0.0.9", "schema": "60-abcdef"}
    between_nodes.accept(message=two.partner.statement(two.ours, at=back, **heard), way="nats", at=back)
    page = shown(browser)
    assert "Tin thử đi và về trong 1,5 giây" in page
    assert ("0.0.9" in page, "60-abcdef" in page) == (True, True)


def test_a_partners_test_message_is_taken_and_changes_nothing_else(two: Two, keep_promises: Callable[..., Any]) -> None:  # noqa: F811
    manifest = two.partner.manifest(two.ours, kind="test", signer=two.partner.node)
    between_nodes.accept(message=two.partner.messages(two.ours, manifest)[0], way="nats", at=two.at)
    keep_promises(two.at)
    received = two.member.received.get()
    assert (received.status, received.fault) == ("taken", "")
    told = two.partner.manifest(two.ours, kind="test", signer=two.partner.office)  # not by the node: set aside
    between_nodes.accept(message=two.partner.messages(two.ours, told)[0], way="nats", at=two.at)
    keep_promises(two.at)
    assert two.member.received.get(number=2).status == "aside"


def test_our_statement_says_which_program_speaks_and_when_it_heard(two: Two) -> None:  # noqa: F811
    told = statements.peek(nodes.state(member_id=two.member.pk, actor=None, at=two.at))
    assert (told["program"], told["schema"].split("-")[0].isdigit()) == ("0.1.0", True)


def test_a_promise_that_was_given_up_is_shown_and_tried_again(two: Two, enter: Callable[..., Any]) -> None:  # noqa: F811
    outbox.promise("lay_out", key="lay_out:1", document_id=1)
    Promise.objects.filter(key="lay_out:1").update(status="dead", attempts=3, last_fault="incident 1: OSError: no")
    made = Promise.objects.get(key="lay_out:1")
    browser = enter(two.cast.administrator)
    assert "incident 1: OSError: no" in shown(browser)
    clerk, administrator = two.cast.clerk.actor(), two.cast.administrator.actor()
    refused(NotAllowed, lambda: look_over.try_again(promise_id=made.pk, actor=clerk, at=two.at))
    refused(NotFound, lambda: look_over.try_again(promise_id=made.pk + 1, actor=administrator, at=two.at))
    assert browser.post(f"{PLACE}/promises/{made.pk}/again").status_code == 302
    made.refresh_from_db()
    assert (made.status, made.attempts) == ("open", 0)
    assert browser.post(f"{PLACE}/promises/{made.pk}/again").status_code == 409


def codes(at: datetime) -> set[str]:
    return {alarm.code for alarm in look_over.alarms(look_over.look(at))}


def test_alarms_say_what_is_wrong_and_are_told_once_a_day(two: Two) -> None:  # noqa: F811
    at = two.at
    assert {"worker_silent", "backup_none"} <= codes(at)
    upkeep.record_backup(place=Path("/b/1"), files=3, size=10, at=at)
    assert "backup_none" not in codes(at)
    assert "backup_old" in codes(at + timedelta(hours=27))
    upkeep.record_verified(place=Path("/b/1"), fault="Tệp thiếu", at=at)
    assert "backup_damaged" in codes(at)
    upkeep.record_backup(place=Path("/b/2"), fault="hết chỗ", at=at + timedelta(minutes=1))
    assert "backup_failed" in codes(at)
    assert "partner_silent" in codes(at + timedelta(hours=2))
    nodes.reject(sender="b2", refusal=NotFound(), actor=None, at=at)
    assert "parcels_rejected" in codes(at)
    first = look_over.tell_alarms(at=at)
    assert first >= 4
    holder = f"P{two.cast.administrator.actor().post_id}"
    count = told_to(holder)
    assert count == first
    look_over.tell_alarms(at=at)
    assert told_to(holder) == count


def told_to(holder: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from notices_notice where holder = %s and kind like 'alarm.%%'", [holder])
        return int(cursor.fetchone()[0])


def test_a_thousand_silent_partners_are_a_few_notices(two: Two) -> None:  # noqa: F811
    alarm = next(a for a in look_over.alarms(look_over.look(two.at)) if a.code == "backup_none")
    assert len(look_over._few_of_each([alarm] * 1000)) == look_over.TOLD_OF_EACH


def test_the_list_of_the_nodes_is_the_same_as_the_rooms(two: Two) -> None:  # noqa: F811
    [row] = look_over.list_partners()
    assert (row.code, row.queue.waiting) == (
        two.partner.code,
        members.list_queues().get(two.member.pk, row.queue).waiting,
    )
