"""Books that move to another node as they are seen on both sides: wide and narrow, light and dark, and read by axe-core."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from antin.nodes import queries as members
from antin.outbox import operations as outbox
from tests import given
from tests.browser.conftest import accessible, shoot
from tests.cast import Cast, Kind, open_unit
from tests.journeys.test_move_books import THEIRS, brought, number, serve, take, theirs
from tests.two_nodes import link


@pytest.mark.django_db(transaction=True)
def test_books_that_move_are_seen_on_both_sides(cast: Cast, seated: Callable[..., Page]) -> None:
    at = timezone.now()
    two = link(cast, at)
    open_unit("Cục Xa", "Cục Xa", "CX", Kind.CENTRE, cast.agency_id, code=THEIRS)
    for node in ("b2", "tcz"):
        serve(two, node, THEIRS, at)
    two.come(*brought(two, theirs(two, at)))
    outbox.keep_due(at=at)
    [move] = members.list_moves(THEIRS)
    number(cast.agency_id, at)
    given.a_draft(cast, at)
    given.a_numbered_document(cast, at)
    place = f"/administration/nodes/books/{move.pk}"
    for size, theme in (("1366", "light"), ("390", "dark")):
        page = seated("quantri", size, theme, first="/administration/nodes")
        page.get_by_text("Chờ sổ, chưa cấp số được").wait_for()
        assert accessible(page) == []
        shoot(page, f"books-nodes-{size}", whole=True)
        page.goto("/administration/nodes/books/close/G11.90")
        page.get_by_role("button", name="Khóa sổ").wait_for()
        assert accessible(page) == []
        shoot(page, f"books-close-{size}", whole=True)
        page.goto(place)
        page.get_by_role("heading", name="Cân đối số").wait_for()
        assert accessible(page) == []
        shoot(page, f"books-one-{size}", whole=True)
    take(two, at)
    page.reload()
    page.get_by_text("4 số đã cấp ở nút cũ chưa có dòng ở đây").wait_for()
    page = seated("quantri", "1366", "light", first=place)
    page.get_by_role("button", name="Lý Quốc Trị").click()
    page.get_by_role("button", name="English").click()
    page.get_by_text("4 numbers given at the old node").wait_for()
    shoot(page, "books-one-english", whole=True)
    page.goto("/administration/nodes")
    shoot(page, "books-nodes-english", whole=True)
