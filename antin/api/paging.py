"""Long lists in pages: an answer names where the next page begins, and nothing is counted or skipped over.

Convention of every list: `?limit=` (1 to 200, 50 unless told) and `?after=` (the `next` of the page before). `next` is null on the
last page. A cursor is opaque to callers: a list's own keys of its last row.
"""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from django.utils.translation import gettext_noop as _
from ninja import Query, Schema
from pydantic import Field

from antin.refusal import Refusal

Row = TypeVar("Row")

Limit = Annotated[int, Query(ge=1, le=200, description="Rows of one page.")]
After = Annotated[str, Query(max_length=500, description="`next` of the page before.")]


class BadCursor(Refusal):
    code = "bad_cursor"
    words = _("Dấu trang `after` không đúng; hãy đọc lại từ trang đầu.")


class Page(Schema, Generic[Row]):
    items: list[Row]
    next: str | None = Field(None, description="Give it as `after` to read on; null on the last page.")
