"""Writing a draft in the pages: begun, saved, refused in words, handed on."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from antin.documents import queries
from tests.cast import Cast
from tests.doors.conftest import Enter

pytestmark = pytest.mark.django_db

KEY = "k" * 32


def sent(cast: Cast, **changes: Any) -> dict[str, Any]:
    """What the form of an ordinary letter sends."""
    plain = {
        "key": KEY,
        "revision": "1",
        "type_code": "CV",
        "subject": "Báo cáo kết quả ký số",
        "urgency": "0",
        "secrecy": "0",
        "reply_by": "",
        "in_reply_to": "",
        "signer": str(cast.head.post_id),
        "addressed": [str(cast.recipient_id)],
        "copied": [],
        "body": "Đề nghị báo cáo.\nTrân trọng.",
        "act": "save",
    }
    return plain | changes


def test_new(cast: Cast, enter: Enter) -> None:
    browser: Client = enter(cast.plan_officer)
    page = browser.get("/drafts/new")
    assert page.status_code == 200
    answer = browser.post("/drafts/new", sent(cast))
    assert answer.status_code == 302, answer.content.decode()
    page = browser.get(answer["Location"])
    assert page.status_code == 200
    answer = browser.post(answer["Location"], sent(cast, revision="2", act="preview"), follow=True)
    assert answer.status_code == 200
    document_id = int(answer.redirect_chain[0][0].split("/")[2])
    assert browser.get(f"/drafts/{document_id}/preview/1.png").status_code == 200
    answer = browser.post(f"/drafts/{document_id}/edit", sent(cast, revision="3", act="submit"))
    assert answer.status_code == 302, answer.content.decode()
    assert queries.get(document_id).status == "submitted"
