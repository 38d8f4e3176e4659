"""Books that move, on the pages of both sides, by API and by console."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from antin.console import nodes as console
from antin.nodes import queries as members
from antin.nodes.models import BookMove
from tests import given
from tests.doors.test_api_nodes import ask  # noqa: F401 - a fixture
from tests.journeys.test_move_books import (
    THEIRS,
    answer,
    brought,
    far_id,  # noqa: F401 - a fixture
    number,
    theirs,
    two,  # noqa: F401 - a fixture
)
from tests.two_nodes import Two

pytestmark = pytest.mark.django_db


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def test_books_are_closed_on_the_page_that_says_what_stands_open(
    two: Two,  # noqa: F811
    at: datetime,
    enter: Callable[..., Any],
    keep_promises: Any,
) -> None:
    given.a_draft(two.cast, at)
    number(two.cast.agency_id, at)
    client = enter(two.cast.administrator)
    assert "Cơ quan chuyển sang nút khác thì sổ chuyển theo" in words(client.get("/administration/nodes"))
    chosen = client.post("/administration/nodes/books/choose", {"agency": "G11.90"})
    place = "/administration/nodes/books/close/G11.90"
    assert (chosen.status_code, chosen["Location"]) == (302, place)
    shown = words(client.get(place))
    assert "1 dãy số chuyển đi" in shown and "1 dự thảo chưa cấp số" in shown
    assert client.post(place, {"node": "tcz"}).status_code == 422
    done = client.post(place, {"node": "b2"})
    move = members.list_moves()[0]
    assert (done.status_code, done["Location"]) == (302, f"/administration/nodes/books/{move.pk}")
    keep_promises(at)
    page = words(client.get(f"/administration/nodes/books/{move.pk}"))
    assert "Đã khóa sổ, chờ nút mới nhận" in page and "Khóa sổ để chuyển sang nút b2" in page and "Công văn" in page
    assert "Sổ ở nút khác" in words(enter(two.cast.clerk).get("/registers/proof?year=2026"))
    move.refresh_from_db()
    two.come(*answer(two, move, "given_back", at, reason="Chưa lập phòng"))
    keep_promises(at)
    client = enter(two.cast.administrator)
    assert "Mở lại sổ" in words(client.get(f"/administration/nodes/books/{move.pk}"))
    assert client.post(f"/administration/nodes/books/{move.pk}/reopen").status_code == 302
    assert number(two.cast.agency_id, at, 2) == 2


def test_books_that_came_are_looked_at_and_taken_in_on_the_page(
    two: Two,  # noqa: F811
    far_id: int,  # noqa: F811
    at: datetime,
    enter: Callable[..., Any],
    keep_promises: Any,
) -> None:
    client = enter(two.cast.administrator)
    shown = words(client.get("/administration/nodes"))
    assert "Chờ sổ, chưa cấp số được" in shown and "Mở không có bàn giao" in shown
    two.come(*brought(two, theirs(two, at)))
    keep_promises(at)
    [move] = members.list_moves()
    place = f"/administration/nodes/books/{move.pk}"
    page = words(client.get(place))
    assert "Mở không có bàn giao" not in words(client.get("/administration/nodes"))
    assert "Cân đối số" in page and "1–2, 4–5" in page and "hủy 3 : Trả lại" in page.replace("3:", "3 :")
    assert client.post(f"{place}/take").status_code == 302
    assert "4 số đã cấp ở nút cũ chưa có dòng ở đây" in words(client.get(place))
    assert client.get(f"{place}/take").status_code == 409
    assert client.post(f"{place}/return", {"reason": "Nhầm"}).status_code == 302
    assert "Trả lại sổ cho nút b2" in words(client.get(place))
    assert client.post(f"/administration/nodes/books/open/{THEIRS}", {"reason": "Nút cũ mất hẳn"}).status_code == 302
    assert number(far_id, at) == 1
    clerk = enter(two.cast.clerk)
    for path in (
        place,
        f"{place}/take",
        "/administration/nodes/books/choose",
        f"/administration/nodes/books/open/{THEIRS}",
    ):
        assert clerk.get(path).status_code == 403, path


def test_a_clerk_begins_with_the_lines_that_came(
    two: Two,  # noqa: F811
    at: datetime,
    enter: Callable[..., Any],
    keep_promises: Any,
    ask: Callable[..., Any],  # noqa: F811
) -> None:
    """Of his own agency alone: here the books of the clerk's agency went out and came home with lines of the other node."""
    cast = two.cast
    BookMove.objects.create(
        move="ee" * 16,
        inward=True,
        member=two.member,
        agency="G11.90",
        agency_name="Tổng cục Z",
        status="taken",
        told_at=at,
        made_at=at,
        registers=[_kept_register(at)],
    )
    clerk = enter(cast.clerk)
    assert "Sổ chuyển từ nút khác" in words(clerk.get("/registers/old-books"))
    [told] = ask(cast.clerk, "get", "/old-books/moved").json()
    assert (told["rows"], told["book"], told["node"]) == (3, "out", "b2")
    begun = clerk.post(f"/registers/old-books/moved/{told['move_id']}/{told['place']}")
    assert begun.status_code == 302
    again = ask(cast.clerk, "post", "/old-books/moved", {"move_id": told["move_id"], "place": told["place"]})
    assert again.status_code == 201 and begun["Location"].endswith(f"/{again.json()['id']}")
    assert ask(cast.clerk, "post", "/old-books/moved", {"move_id": told["move_id"], "place": 9}).status_code == 404
    assert ask(cast.recipient_clerk, "get", "/old-books/moved").json() == []
    assert ask(cast.head, "get", "/old-books/moved").status_code == 403


def _kept_register(at: datetime) -> dict[str, Any]:
    from antin.files import operations as files
    from tests.journeys.test_move_books import LINES, table

    file = files.keep(table(*LINES), at=at)
    return {"book": "out", "secret": False, "sha256": file.digest, "size": file.size, "rows": len(LINES)}


def test_books_move_by_api_and_nobody_else_does_or_sees_it(
    two: Two,  # noqa: F811
    far_id: int,  # noqa: F811
    at: datetime,
    ask: Callable[..., Any],  # noqa: F811
    keep_promises: Any,
) -> None:
    who = two.cast.administrator
    two.come(*brought(two, theirs(two, at)))
    keep_promises(at)
    [row] = ask(who, "get", "/node-books").json()
    assert (row["status"], row["inward"], row["given"], row["voided"], row["lines"]) == ("arrived", True, 4, 1, 3)
    whole = ask(who, "get", f"/node-books/{row['id']}").json()
    assert (whole["against"], whole["account"][0]["given"]) == ("", [[1, 2], [4, 5]])
    assert ask(who, "post", f"/node-books/{row['id']}/take").json()["status"] == "taken"
    assert ask(who, "post", f"/node-books/{row['id']}/take").json()["code"] == "wrong_state"
    assert ask(who, "post", f"/node-books/{row['id']}/return", {"reason": "Nhầm"}).json()["status"] == "given_back"
    assert ask(who, "post", f"/node-books/{row['id']}/reopen").status_code == 409
    opened = ask(who, "post", "/node-books/open", {"agency": THEIRS, "reason": "Nút cũ mất"})
    assert (opened.status_code, opened.json()["status"]) == (201, "waived")
    ahead = ask(who, "get", f"/node-books/ahead/{THEIRS}").json()
    assert (ahead["name"], ahead["drafts"], ahead["series"]) == ("Cục Xa", 0, 0)
    closed = ask(who, "post", "/node-books", {"agency": THEIRS, "node": "b2"})
    assert (closed.status_code, closed.json()["status"]) == (201, "closed")
    acts = (
        ("get", "/node-books", None),
        ("get", f"/node-books/{row['id']}", None),
        ("get", f"/node-books/ahead/{THEIRS}", None),
        ("post", "/node-books", {"agency": THEIRS, "node": "b2"}),
        ("post", f"/node-books/{row['id']}/take", None),
        ("post", f"/node-books/{row['id']}/return", {"reason": "x"}),
        ("post", f"/node-books/{row['id']}/reopen", None),
        ("post", "/node-books/open", {"agency": THEIRS, "reason": "x"}),
    )
    before = list(BookMove.objects.order_by("id").values())
    for member in (two.cast.clerk, two.cast.head):
        for method, path, body in acts:
            assert ask(member, method, path, body).status_code == 403, (method, path)
    assert list(BookMove.objects.order_by("id").values()) == before


def test_books_move_by_console(two: Two, at: datetime, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    parser = ArgumentParser()
    console.arguments(parser)

    def run(*given: str) -> str:
        assert console.run(parser.parse_args(given)) == 0
        return capsys.readouterr().out

    number(two.cast.agency_id, at)
    assert "1 dãy số" in run("books-close", "G11.90", "b2", "--look")
    assert members.list_moves() == []
    assert "Đã khóa sổ" in run("books-close", "G11.90", "b2")
    assert "sang b2" in run("books")
