"""The API held against its own description: whatever is sent, what comes back is described, and never a fault of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from antin.people import operations as people
from config.wsgi import application
from tests.cast import Cast

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests stay on the test's own connection, as Django's test client has it."""
    for told in (request_started, request_finished):
        told.disconnect(close_old_connections)
    yield
    for told in (request_started, request_finished):
        told.connect(close_old_connections)


@pytest.fixture
def token(cast: Cast) -> str:
    now = datetime.now(UTC)
    made = people.create_token(
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        name="thử",
        scopes=("read", "act"),
        expires_at=now + timedelta(days=1),
        actor=None,
        at=now,
    )
    return made.secret


DESCRIBED = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
OPERATIONS = [found.ok() for found in DESCRIBED.get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=[each.label for each in OPERATIONS])
def test_what_comes_back_is_described(operation, token: str):
    @given(case=operation.as_strategy())
    @settings(max_examples=10, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def send(case):
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}, checks=CHECKS
        )

    send()
