"""The pages of figures as several people open them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from antin.indicators import operations
from antin.journal import operations as journal
from tests import given
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]


def test_the_pages_show_figures_and_refuse_what_is_above(
    cast: Cast, at: datetime, enter: Callable[..., Client]
) -> None:
    given.a_registered_document(cast, at)
    journal.seal(at=at)
    operations.count(at=at)
    head, centre = enter(cast.head), enter(cast.recipient_head)
    page = head.get("/figures", {"since": "01/11/2026", "until": "30/11/2026"})
    assert page.status_code == 200
    assert "Văn bản đến có chữ ký số hợp lệ" in page.content.decode()
    assert head.get("/figures?as=xlsx").headers["Content-Type"].endswith("spreadsheetml.sheet")
    for code in ("arrived_signed", "tasks_late", "agencies_connected"):
        assert head.get(f"/figures/{code}").status_code == 200
    assert centre.get(f"/figures?unit={cast.agency_id}").status_code == 404
    assert centre.get("/figures/arrived_signed").status_code == 200
    assert centre.get("/figures/arrived_signed/formula").status_code == 403
    assert head.get("/figures/arrived_signed/formula").status_code == 200
    assert centre.get("/figures/nothing").status_code == 404
    assert enter(cast.administrator).get("/figures").status_code == 404
