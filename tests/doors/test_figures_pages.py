"""The pages of figures as several people open them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from antin.indicators import operations, queries
from antin.journal import operations as journal
from antin.people import operations as people
from tests import given
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]


def test_the_pages_show_figures_and_refuse_what_is_above(
    cast: Cast, at: datetime, enter: Callable[..., Client]
) -> None:
    given.a_registered_document(cast, at)
    journal.seal(at=at)
    operations.count(at=at)
    head, centre = enter(cast.head), enter(cast.recipient_head)
    page = head.get("/figures", {"since": "01/11/2026", "until": "30/11/2026"})
    assert page.status_code == 200
    assert "Văn bản đến có chữ ký số hợp lệ" in page.content.decode()
    assert head.get("/figures?as=xlsx").headers["Content-Type"].endswith("spreadsheetml.sheet")
    for code in ("arrived_signed", "tasks_late", "agencies_connected"):
        assert head.get(f"/figures/{code}").status_code == 200
    assert centre.get(f"/figures?unit={cast.agency_id}").status_code == 404
    assert centre.get("/figures/arrived_signed").status_code == 200
    assert centre.get("/figures/arrived_signed/formula").status_code == 403
    assert head.get("/figures/arrived_signed/formula").status_code == 200
    told = {"expression": "arrived + 1", "target": "", "valid_from": "01/12/2026", "only_try": "on"}
    tried = head.post("/figures/arrived_signed/formula", told).content.decode()
    assert "Xem thử công thức, chưa ban hành" in tried
    assert "expression=arrived+%2B+1" in tried
    hostile = head.post("/figures/arrived_signed/formula", told | {"expression": "arrived.__class__"})
    assert (hostile.status_code, "Công thức không đọc được" in hostile.content.decode()) == (422, True)
    assert len(queries.list_formulas(queries.get_indicator("arrived_signed"))) == 1
    assert centre.get("/figures/nothing").status_code == 404
    assert enter(cast.administrator).get("/figures").status_code == 404


def test_a_dashboard_pulls_the_same_figures_as_a_table(cast: Cast, at: datetime, client: Client) -> None:
    given.a_registered_document(cast, at)
    journal.seal(at=at)
    operations.count(at=at)
    made = people.create_token(
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        name="bảng điều hành",
        scopes=("read",),
        expires_at=timezone.now() + timedelta(days=1),
        actor=None,
        at=timezone.now(),
    )
    bearer = {"Authorization": f"Bearer {made.secret}"}
    asked = "since=2026-11-01&until=2026-11-30"
    answer = client.get(f"/api/figures/table.csv?{asked}", headers=bearer)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    told = client.get(f"/api/figures?{asked}", headers=bearer).json()
    whole = [row for row in rows if row["unit_id"] == str(cast.agency_id)]
    assert [(row["figure"], row["value"] and float(row["value"])) for row in whole] == [
        (each["code"], "" if each["value"] is None else float(each["value"])) for each in told["figures"]
    ]
    below = {row["unit"]: row["value"] for row in rows if row["figure"] == "arrived_signed"}
    assert below == {"Tổng cục Z": "100.00", "Trung tâm B1": "100.00"}
    other = client.get(f"/api/figures/table.csv?unit_id={cast.agency_id}", headers={"Authorization": "Bearer x"})
    assert other.status_code == 401
