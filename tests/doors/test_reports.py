"""The pages of period reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from antin.indicators import operations as indicators
from antin.programmes import queries
from antin.programmes.models import PeriodReport
from antin.tasks import operations as tasks
from antin.tasks.operations import Share
from antin.tasks.states import Origin, Role
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_state")]

KEY = "mot-ky-bao-cao-thu"


def test_a_report_is_drafted_and_checked_on_its_pages(cast: Cast, at: datetime, enter: Callable[..., Client]) -> None:
    indicators.count(at=at)
    tasks.give(
        document_id=None, title="Rà soát <b>máy", words="", shares=[Share(Role.LEAD, unit_id=cast.plan_id, days=3)],
        origin=Origin.HAND, actor=cast.head.actor(), at=at.replace(month=10),
    )  # fmt: skip
    head = enter(cast.head)
    assert "Chưa có báo cáo kỳ nào" in head.get("/reports").content.decode()
    assert head.get("/reports/new").status_code == 200
    sent = {"since": "01/10/2026", "until": "31/10/2026", "begun_in": KEY, "programme": ""}
    where = head.post("/reports/new", sent).headers["Location"]
    page = head.get(where).content.decode()
    assert "tính lại vẫn giống" in page
    report = PeriodReport.objects.get()
    assert head.get(f"{where}?as=json").json() == report.account
    assert "Rà soát &lt;b&gt;máy" in head.get(f"/drafts/{report.document_id}/edit").content.decode()
    assert head.get(f"/drafts/{report.document_id}/template.docx").status_code == 200
    other = enter(cast.recipient_head)
    assert other.get(where).status_code == 404
    assert "Kết quả thực hiện" not in other.get("/reports").content.decode()
    assert enter(cast.clerk).post("/reports/new", sent).status_code == 403
    assert [row.pk for row in queries.list_reports(cast.head.actor())] == [report.pk]
