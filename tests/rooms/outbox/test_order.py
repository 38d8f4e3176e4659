"""What nobody waits for is taken up after everything else that is due."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from antin.outbox import operations as outbox

pytestmark = pytest.mark.django_db


def test_what_can_wait_stands_behind_what_was_promised_later() -> None:
    outbox.promise("recognise", key="slow", can_wait=True, digest="ab", document_id=1)
    outbox.promise("take_parcel", key="quick", received_id=1)
    jobs = ProcrastinateJob.objects.order_by("-priority", "id").values_list("priority", flat=True)
    assert list(jobs) == [0, -10]
