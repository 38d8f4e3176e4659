"""What is promised has somebody who keeps it."""

from __future__ import annotations

import ast

from antin.jobs import handlers  # noqa: F401 - handlers register themselves
from antin.outbox import operations as outbox
from tests.house.plan import modules


def _promised() -> set[str]:
    found = set()
    for path in modules():
        if "outbox" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in ("promise", "promise_many"):
                assert isinstance(node.args[0], ast.Constant), f"{path}: a promise is named in plain text"
                found.add(str(node.args[0].value))
    return found


def test_every_promise_has_a_handler_and_every_handler_a_promise():
    assert outbox.kept_names() == _promised()


def test_what_is_promised_for_later_says_what_moment_it_is_now():
    """Without it the queue could not tell how long to wait by its own clock."""
    for path in modules():
        if "outbox" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("promise", "promise_many"):
                given = {each.arg for each in node.keywords}
                assert "due_at" not in given or "at" in given, f"{path}:{node.lineno}"
