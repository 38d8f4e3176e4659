"""A request's weight, and that pages are compressed."""

from __future__ import annotations

import gzip

from django.test import Client

from tests.cast import Cast


def test_a_body_beyond_the_limit_is_refused_unread(db: None, client: Client, settings):
    settings.BODY_LIMIT = 1000
    answer = client.post("/sign-in", data=b"x" * 1001, content_type="application/octet-stream")
    assert answer.status_code == 413
    assert "vượt quá mức cho phép" in answer.content.decode()
    assert client.post("/api/me", data=b"x" * 1001, content_type="application/json").json()["status"] == 413


def test_pages_are_compressed_for_those_who_ask(cast: Cast, client: Client):
    plain = client.get("/sign-in")
    assert "Content-Encoding" not in plain
    packed = client.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(packed.content).startswith(b"<!doctype html>")


def test_an_address_with_a_nul_is_refused(db: None, client: Client):
    assert client.get("/sign-in?next=%00").status_code == 400
    assert client.get("/api/me?x=a%00").json()["code"] == "bad_request"
