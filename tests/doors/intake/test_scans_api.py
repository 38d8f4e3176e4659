"""Scanned papers by machine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from antin.people import operations as people
from tests import scans

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "k" * 20


@pytest.fixture
def call(client, own_state):
    """Speak to the API as a member of the cast."""

    def speak(member, method, address, body=None, **files):
        now = datetime.now(UTC)
        token = people.create_token(
            person_id=member.person_id,
            post_id=member.post_id,
            name="thử",
            scopes=("read", "act"),
            expires_at=now + timedelta(days=1),
            actor=None,
            at=now,
        )
        given = {"headers": {"Authorization": f"Bearer {token.secret}"}}
        if files:
            return client.post(f"/api{address}", {**(body or {}), **files}, **given)
        send = getattr(client, method)
        return (
            send(f"/api{address}", body, content_type="application/json", **given)
            if body
            else send(f"/api{address}", **given)
        )

    return speak


def test_a_scan_is_sent_read_confirmed_and_put_aside(cast, call, keep_promises):
    content = scans.stack(scans.printed(152, date(2026, 11, 20)), scans.sheet(), scans.printed(9, date(2026, 11, 19)))
    sent = call(
        cast.clerk, "post", "/scans", {"key": KEY}, scan=SimpleUploadedFile("q.pdf", content, "application/pdf")
    )
    assert (sent.status_code, sent.json()["pages"], sent.json()["parting"]) == (201, 3, "waiting")
    keep_promises()
    assert call(cast.clerk, "get", f"/scans/{sent.json()['id']}").json()["sheets"] == 1
    first = call(cast.clerk, "get", "/scans/papers?limit=1").json()
    [paper] = first["items"]
    assert paper["proposals"]["code"]["value"] == "152/CQN-KH"
    [other] = call(cast.clerk, "get", f"/scans/papers?after={first['next']}").json()["items"]
    assert (other["first_page"], other["last_page"]) == (3, 3)

    told = {"type_code": "CV", "subject": "Báo cáo", "issuer_name": "Cục Quân nhu", "code": "152/CQN-KH"}
    made = call(cast.clerk, "post", f"/scans/papers/{paper['id']}/register", told)
    assert (made.status_code, made.json()["arrival_number"]) == (200, 1)
    assert call(cast.clerk, "get", f"/scans/papers/{paper['id']}").json()["document_id"] == made.json()["id"]
    assert call(cast.clerk, "post", f"/scans/papers/{other['id']}/drop").json()["status"] == "dropped"
    assert call(cast.clerk, "post", f"/scans/papers/{paper['id']}/drop").json()["code"] == "wrong_state"
    assert call(cast.clerk, "post", f"/scans/papers/{other['id']}/back").json()["status"] == "ready"
    refusal = call(cast.clerk, "post", f"/documents/{made.json()['id']}/stamp", {"pin": None})
    assert refusal.json()["code"] == "not_the_seal_keeper"
    assert call(cast.head, "get", f"/scans/papers/{other['id']}").status_code == 404
    assert call(cast.head, "get", "/scans/papers").json()["items"] == []
    assert call(cast.clerk, "get", "/scans/papers?after=x").json()["code"] == "bad_cursor"
