"""What machines ask of a node: metrics and who may have them, health with reasons, a log without anything that people wrote."""

from __future__ import annotations

import io
import json
import logging
import mmap
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from antin.api import health
from antin.outbox import operations as outbox
from antin.outbox.models import Promise
from antin.upkeep import operations as upkeep
from antin.upkeep import queries as machine
from antin.upkeep import traffic
from config.logs import JsonLines
from tests.cast import PASSWORD, Cast
from tests.house.plan import ROOT
from tests.journeys.test_between_nodes import Two, two  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def figures(answer: Any) -> dict[str, dict[tuple[str, ...], float]]:
    """The figures by name and by the values of their labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_the_figures_are_the_databases(two: Two, client: Client, at: datetime) -> None:  # noqa: F811
    outbox.promise("lay_out", key="lay_out:1", document_id=1)
    Promise.objects.filter(key="lay_out:1").update(status="dead", attempts=3)
    upkeep.record_backup(place=Path("/b/1"), files=3, size=10, at=at)
    answer = client.get("/metrics")
    assert answer["Content-Type"].startswith("text/plain")
    told = figures(answer)
    assert told["antin_job_given_up"]["lay_out",] == 1
    assert told["antin_backup_timestamp_seconds"][()] == at.timestamp()
    assert told["antin_partner_parcels"][two.partner.code, "waiting"] == 1  # the directory's edition
    assert told["antin_alarm"]["worker_silent", "late"] == 1
    assert told["antin_database_size_bytes"][()] == machine.get_database().size
    assert told["antin_workers_alive"][()] == 0


def test_every_figure_is_documented(two: Two, client: Client) -> None:  # noqa: F811
    named = set(re.findall(r"`(antin_\w+)`", (ROOT / "docs" / "metrics.md").read_text()))
    families = re.findall(r"^# HELP (\S+)", client.get("/metrics").content.decode(), re.MULTILINE)
    assert sorted(set(families) - named) == []


def test_the_alerts_speak_of_figures_there_are(two: Two, client: Client) -> None:  # noqa: F811
    asked = set(re.findall(r"\bantin_\w+", (ROOT / "docs" / "alerts.yml").read_text()))
    families = set(re.findall(r"^# HELP (\S+)", client.get("/metrics").content.decode(), re.MULTILINE))
    assert sorted(asked - families) == []


def test_requests_are_counted_by_page_and_outcome_and_nothing_else(client: Client, own_state: Path) -> None:
    client.get("/sign-in")
    client.get("/sign-in?next=/documents/12")
    client.post("/sign-in", {"user_name": "nguyen.van.a", "password": "x"})
    client.get("/no/such/page/nguyen-van-a")
    told = figures(client.get("/metrics"))
    asked = {key: n for key, n in told["antin_http_requests_total"].items() if key[1] != "metrics"}
    assert asked == {
        ("read", "sign-in", "2xx"): 2,
        ("write", "sign-in", "4xx"): 1,
        ("read", "other", "4xx"): 1,
    }
    assert told["antin_http_request_seconds_count"]["sign-in",] == 3
    assert told["antin_http_request_seconds_bucket"]["+Inf", "sign-in"] == 3
    [kept] = own_state.glob("traffic-*")
    assert b"nguyen" not in kept.read_bytes()


def test_what_a_process_counted_stays_when_it_is_gone_and_two_count_beside_each_other(own_state: Path) -> None:
    def count(n: int) -> None:
        for _each in range(n):
            traffic.count(route="desk", method="GET", status=200, seconds=0.02)

    def elsewhere(n: int) -> None:
        child = os.fork()
        if child == 0:
            count(n)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0

    count(3)
    elsewhere(5)
    elsewhere(7)  # in the region of the one that is gone
    [desk] = traffic.list_traffic()
    assert (desk.counts, desk.durations[1], round(desk.seconds, 6)) == ({("read", "2xx"): 15}, 15, 0.3)
    with mmap.mmap(os.open(next(own_state.glob("traffic-*")), os.O_RDONLY), 0, access=mmap.ACCESS_READ) as seen:
        assert [bool(traffic._names(seen, number)) for number in range(4)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("remote", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.0.0.9", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.5"}, 403),  # through a front server that is not believed
        ("10.0.0.2", {"X-Forwarded-For": "203.0.113.5"}, 403),
        ("10.0.0.2", {"X-Forwarded-For": "127.0.0.1, 10.0.0.7"}, 200),  # the believed one says 10.0.0.7
        ("10.0.0.9", {"Authorization": "Bearer a-token-of-the-house"}, 200),
        ("10.0.0.9", {"Authorization": "Bearer another"}, 403),
    ],
)
def test_who_may_have_the_figures(client: Client, settings: Any, remote: str, headers: Any, status: int) -> None:
    settings.PROXIES, settings.METRICS_TOKEN = ("10.0.0.2",), "a-token-of-the-house"
    settings.METRICS_FROM = ("127.0.0.1", "10.0.0.7")
    assert client.get("/metrics", headers=headers, REMOTE_ADDR=remote).status_code == status


def test_without_a_token_set_no_token_opens(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}, REMOTE_ADDR="10.0.0.9").status_code == 403


def test_a_process_that_answers_lives_and_is_ready_with_reasons(client: Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}
    answer = client.get("/health/ready")
    told = answer.json()
    assert (answer.status_code, told["version"], told["reasons"]["worker"]) == (503, "0.1.0", "silent")
    assert (told["reasons"]["database"], told["reasons"]["migrations"], told["reasons"]["disk"]) == ("ok", "ok", "ok")
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now())")
    assert client.get("/health/ready").status_code == 200
    with connection.cursor() as cursor:  # a newer release has gone on: this one still works
        cursor.execute("insert into django_migrations (app, name, applied) values ('nodes', '9999_later', now())")
    health._migrated.clear()
    assert client.get("/health/ready").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where app = 'upkeep' and name = '0001_start'")
    health._migrated.clear()
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["reasons"]["migrations"]) == (503, "missing")
    health._migrated.clear()


def test_a_slow_index_is_told_and_stops_nobody(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now())")
        long_ago = timezone.now() - timedelta(hours=1)
        cursor.execute("insert into index_due (subject_id, made_at) values (1, %s)", [long_ago])
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["reasons"]["index"]) == (200, "behind")


# The log ----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def written() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The log as it is written with ANTIN_LOG=json."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    root, names = logging.getLogger(), ("antin.request", "antin.job")
    root.addHandler(handler)
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


PLANTED = "Kế hoạch tuyệt đối giữ kín 4711"


def test_a_request_is_one_line_with_ids_and_without_what_was_typed(
    cast: Cast, enter: Callable[..., Any], client: Client, written: Callable[[], list[dict[str, Any]]]
) -> None:
    answer = enter(cast.clerk).get("/search", {"q": PLANTED}, headers={"X-Request-Id": "front-1"})
    assert answer["X-Request-Id"] == "front-1"
    client.post("/sign-in", {"user_name": PLANTED, "password": PASSWORD + PLANTED})
    client.get(f"/documents/{PLANTED}")
    enter(cast.clerk).get("/documents/987654")
    client.get("/api/me", headers={"Authorization": f"Bearer {PLANTED}"})
    lines = [line for line in written() if line["logger"] == "antin.request"]
    assert [line["status"] for line in lines] == [200, 422, 404, 404, 401]
    first = lines[0]
    assert (first["request"], first["page"], first["method"]) == ("front-1", "search", "GET")
    assert (first["person"], first["post"]) == (cast.clerk.person_id, cast.clerk.actor().post_id)
    assert lines[3]["ids"] == {"document_id": 987654}
    assert re.fullmatch(r"[0-9a-f]{16}", lines[1]["request"])
    kept = json.dumps(written(), ensure_ascii=False)
    assert (PLANTED in kept, PASSWORD in kept, "4711" in kept) == (False, False, False)


def test_a_request_cannot_name_itself_across_lines(client: Client) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", client.get("/sign-in", headers={"X-Request-Id": "a b{}"})["X-Request-Id"])


def test_a_job_is_one_line_and_a_fault_is_told_without_its_words(
    written: Callable[[], list[dict[str, Any]]], at: datetime
) -> None:
    outbox.promise("planted", key="planted:1", document_id=7, seen_file=PLANTED)

    def fail(**given: object) -> None:
        raise ValueError(PLANTED)

    outbox._handlers["planted"], outbox._accepted["planted"] = fail, frozenset({"document_id"})
    try:
        outbox.keep_due(at=at)
    finally:
        del outbox._handlers["planted"], outbox._accepted["planted"]
    [line] = [line for line in written() if line["logger"] == "antin.job"]
    assert (line["job"], line["ids"], line["attempt"], line["outcome"]) == (
        "planted",
        {"document_id": 7},
        1,
        "postponed",
    )
    [fault] = [line for line in written() if "fault" in line]
    assert (fault["fault"], fault["where"][-1].endswith(" fail")) == ("ValueError", True)
    assert PLANTED not in json.dumps(written(), ensure_ascii=False)
    assert PLANTED in Promise.objects.get(key="planted:1").last_fault  # where the operator reads it
