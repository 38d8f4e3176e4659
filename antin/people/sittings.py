"""Where Django keeps sessions here: in rows that know whose they are, so that a person can be shown his own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as Rows

from antin.people.models import Sitting


def _moment(value: Any) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else None


class SessionStore(Rows):
    """Django's own store, on the table of this room."""

    @classmethod
    def get_model_class(cls) -> type[Sitting]:
        return Sitting

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.person_id = data.get("person_id")
        row.begun_at, row.seen_at = _moment(data.get("begun_at")), _moment(data.get("seen_at"))
        row.source = str(data.get("source", ""))[:64]
        row.device_id = data.get("device_id")
        return row
