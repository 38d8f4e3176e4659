"""A body as plain text, for a browser without the editor: one line is one paragraph.

A body with more than paragraphs (articles, tables, bold words) can be read as text but not written back from it; `is_plain` tells.
"""

from __future__ import annotations

from typing import Any

from antin.typeset import body as bodies

Node = dict[str, Any]


def is_plain(body: Node | None) -> bool:
    """Whether the body is nothing but paragraphs of unmarked words, so that its text is all of it."""
    return body is None or all(_is_plain_block(block) for block in body["content"])


def _is_plain_block(block: Node) -> bool:
    words = block.get("content", [])
    return (
        block["type"] == "paragraph"
        and not block.get("attrs")
        and all(word["type"] == "text" and not word.get("marks") for word in words)
    )


def text_of(body: Node | None) -> str:
    """The words of the body, one block a line."""
    return bodies.plain_text(body) if body else ""
