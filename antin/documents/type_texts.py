"""What a new draft begins with, pure: a body with braces, as specialised forms have it, whose fields are facts of the draft."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from antin.documents.forms import Field, Kind, Node, check_template, merge
from antin.typeset import body as bodies

ISSUER, ABOVE, HEAD = "Cơ quan", "Cơ quan cấp trên", "Thủ trưởng"
UNIT, DRAFTER, POST = "Đơn vị soạn", "Người soạn", "Chức vụ người soạn"
YEAR, ANSWERED, SENDER = "Năm", "Văn bản được trả lời", "Nơi gửi văn bản"
FIELDS = tuple(Field(label, Kind.TEXT) for label in (ISSUER, ABOVE, HEAD, UNIT, DRAFTER, POST, YEAR, ANSWERED, SENDER))
"""What a template may name; a fact that is not there (nothing is answered) is left as … for who drafts."""


def check(template: object) -> Node:
    """The template, its braces naming nothing but facts. :raises BadTemplate: :raises BadBody: :raises CannotPrint:"""
    return check_template(template, FIELDS)


def begin(template: Node, facts: Mapping[str, Any]) -> Node:
    """The body a draft begins with."""
    return merge(template, FIELDS, facts)


def sample() -> dict[str, str]:
    """What a preview fills in: each fact's own name."""
    return {field.label: f"[{field.label}]" for field in FIELDS}


def with_braces(body: Node, issuer_name: str) -> Node:
    """The Decree's own beginning as a template to go on from: the issuer's name is a fact again."""
    made = deepcopy(body)
    for node in _texts(made):
        node["text"] = node["text"].replace(issuer_name, "{{" + ISSUER + "}}")
    return bodies.check(made)


def _texts(node: Node) -> list[Node]:
    if node.get("type") == "text":
        return [node]
    return [each for child in node.get("content", []) for each in _texts(child)]
