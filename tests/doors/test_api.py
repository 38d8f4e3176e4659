"""The machine door: tokens, problems, its own description, health."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from antin.api.urls import api
from antin.people import operations as people
from tests.cast import Cast, Member


@pytest.fixture
def call(client: Client, cast: Cast):
    """Call the API with a token of a member, by default the head's with both scopes."""

    def get(address: str, *, member: Member | None = None, scopes: tuple[str, ...] = ("read", "act")):
        seat, now = member or cast.head, datetime.now(UTC)
        made = people.create_token(
            person_id=seat.person_id,
            post_id=seat.post_id,
            name="thử",
            scopes=scopes,
            expires_at=now + timedelta(days=1),
            actor=None,
            at=now,
        )
        return client.get(address, headers={"Authorization": f"Bearer {made.secret}"})

    return get


def test_a_token_speaks_for_a_person_in_a_post(call, cast: Cast):
    answer = call("/api/me", scopes=("read",))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["person_id"], told["post_id"], told["scopes"]) == (cast.head.person_id, cast.head.post_id, ["read"])


def test_without_a_token_there_is_a_problem(db, client: Client):
    answer = client.get("/api/me")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == "token_missing"


def test_a_wrong_token_is_refused_in_words(db, client: Client):
    answer = client.get("/api/me", headers={"Authorization": "Bearer an-tin-sai"})
    assert answer.status_code == 401
    assert answer.json() == {
        "type": "about:blank",
        "status": 401,
        "code": "token_refused",
        "title": "Chưa có khóa truy cập hợp lệ",
        "detail": "Khóa truy cập không đúng, đã hết hạn hoặc đã bị thu hồi.",
        "faults": [],
        "incident": "",
    }


def test_a_token_without_the_scope_is_refused(call):
    answer = call("/api/me", scopes=("act",))
    assert (answer.status_code, answer.json()["code"]) == (403, "out_of_scope")


def test_an_unknown_address_is_a_problem_too(db, client: Client):
    answer = client.get("/api/nowhere")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_the_description_names_every_answer(db, client: Client):
    told = client.get("/api/openapi.json").json()
    answers = told["paths"]["/api/me"]["get"]["responses"]
    assert set(answers) == {"200", "400", "401", "403"}
    assert list(answers["401"]["content"]) == ["application/problem+json"]
    assert list(answers["200"]["content"]) == ["application/json"]
    assert told["components"]["securitySchemes"]["Token"] == {"type": "http", "scheme": "bearer"}


def test_health_names_what_is_missing(db, client: Client):
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unwell", "database": True, "migrations": True, "worker": False}


def test_no_two_endpoints_answer_at_one_address_or_under_one_name() -> None:
    found = [
        (method, prefix + path, operation.operation_id)
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]
    for what in ([(method, path) for method, path, _name in found], [name for *_address, name in found if name]):
        assert [each for each, n in Counter(what).items() if n > 1] == []
