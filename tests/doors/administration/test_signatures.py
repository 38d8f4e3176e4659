"""The page of lasting signatures: who is entrusted with it sets rules and services, and its report tells the truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from antin.console.main import main
from antin.signing import queries
from antin.signing.models import Proof, Responder
from antin.web import health
from tests import signatures
from tests.cast import Cast

pytestmark = pytest.mark.django_db

RULE = {"agency_id": "", "signing": "agency", "secrecy": "2", "level": "B-LTA", "grace_hours": "4"}
TSA = {
    "kind": "timestamp",
    "name": "TSA",
    "address": "http://127.0.0.1:9/",
    "issuer": "",
    "seconds": "2",
    "position": "1",
}


@pytest.fixture
def at() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def test_rules_and_services_are_set_and_shown(cast: Cast, enter: Callable[..., Any], at: datetime) -> None:
    page = enter(cast.administrator)
    assert page.post("/administration/signatures/rules/set", RULE).status_code == 302
    assert page.post("/administration/signatures/services/add", {**TSA, "address": "ftp://a"}).status_code == 422
    assert page.post("/administration/signatures/services/add", TSA).status_code == 302
    (responder,) = queries.list_responders()
    Responder.objects.update(failing_since=at - timedelta(hours=1), tried_at=at, fault="HTTP 503")
    shown = page.get("/administration/signatures").content.decode()
    for words in ("Tối mật", "Kèm dấu thời gian lưu trữ (B-LTA)", "http://127.0.0.1:9/", "không trả lời", "HTTP 503"):
        assert words in shown
    health._last.clear()
    told = health.look(at)
    assert (told.tone, [line.value for line in told.lines if line.icon == "clock"]) == (
        "warn",
        ["không trả lời, 0 tệp chờ bổ sung"],
    )
    health._last.clear()
    change = {**TSA, "name": "TSA 2"}
    assert page.post(f"/administration/signatures/services/{responder.pk}", change).status_code == 302
    assert page.get(f"/administration/signatures/services/{responder.pk}").status_code == 200
    assert page.post(f"/administration/signatures/services/{responder.pk}/close").status_code == 302
    assert page.post(f"/administration/signatures/rules/{queries.list_rules()[0].pk}/drop").status_code == 302
    assert (queries.list_rules(), queries.list_responders()) == ([], [])
    assert page.get(f"/administration/signatures/services/{responder.pk}").status_code == 404


def test_the_report_names_what_is_owed_and_what_ends(
    cast: Cast, enter: Callable[..., Any], at: datetime, own_state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = signatures.issue_keys(cast, crl_at=at)
    file = signatures.issued(cast, held, at)
    assert main(["signatures", "report", "--renew"]) == 0
    assert "1 tệp ký số được theo dõi, 0 tệp chờ" in capsys.readouterr().out
    Proof.objects.update(owed=True, until=at + timedelta(days=1), limit="signer")
    assert main(["signatures", "report", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["watched"], told["owed"], told["soonest"][0]["file"]) == (1, 1, file)
    shown = enter(cast.administrator).get("/administration/signatures").content.decode()
    assert "1 tệp ký số được theo dõi, 1 tệp chờ bổ sung bằng chứng" in shown
    assert f"{file[:16]}…" in shown
