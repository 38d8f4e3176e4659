"""Worlds for the pages of documents. Sittings are real, so everything happens today."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.utils import timezone

from antin.workdays.queries import local_date


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def today(now: datetime) -> date:
    return local_date(now)
