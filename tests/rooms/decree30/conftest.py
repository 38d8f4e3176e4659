"""What the tests of papers share: judging in this process, for speed; the child process has tests of its own."""

from __future__ import annotations

from typing import Any

import pytest

from antin.decree30 import judging
from tests.rooms.decree30.printing import printed
from tests.rooms.decree30.specimens import specimen


@pytest.fixture
def judged():
    """The verdict on a specimen: reason, facts, codes."""

    def judge(kind: str, /, **changes: Any) -> dict[str, Any]:
        answer = judging.judge(printed(specimen(kind, **changes)))
        return answer | {"codes": [finding["code"] for finding in answer["findings"]]}

    return judge
