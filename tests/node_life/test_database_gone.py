"""The database goes away under a running node and comes back: a calm page meanwhile, and nobody has to be called."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from config.embedded_postgres import EmbeddedPostgres
from tests.node_life.conftest import Node, await_that

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]


def test_a_node_outlives_its_database(node: Node, place: Path):
    folder = place / "elsewhere"
    server = EmbeddedPostgres(folder)
    where = server.start()
    address = f"postgresql://{where['USER']}:{where['PASSWORD']}@{quote(str(where['HOST']), '')}/{where['NAME']}"
    try:
        node.start("--no-demo", DATABASE_URL=address).await_well()
        assert node.get("/sign-in")[0] == 200

        server.stop()
        _, page = await_that(lambda: _page_of(node, 503), "the calm page")
        assert "Cơ sở dữ liệu tạm thời không trả lời. Việc vừa làm chưa được ghi." in page
        assert node.health() == {"status": "unwell", "database": False, "migrations": False, "worker": False}

        server = EmbeddedPostgres(folder)
        server.start()
        await_that(lambda: _page_of(node, 200), "the page again")
        node.await_well()
        assert node.stop() == 0
    finally:
        server.stop()


def _page_of(node: Node, status: int) -> tuple[int, str] | None:
    found = node.get("/sign-in")
    return found if found[0] == status else None
