"""The words of what is sealed, as they are searched: without marks, in order. Pure but for PDF, which a process apart reads."""

from __future__ import annotations

import hmac
import json
import re
from contextlib import suppress

from antin.files import queries as files
from antin.identifiers.text import fold
from antin.refusal import Refusal
from antin.typeset import body

MOST = 1_000_000
"""Letters kept of one content."""
_WORD = re.compile(r"[^\W_]+")


def list_in(content: bytes, media_type: str) -> str:
    """The folded words of a content, one space before, between and after; empty for what has no words that can be read."""
    return spaced(_text(content, media_type)[:MOST])


def spaced(text: str) -> str:
    """Folded words with a space on both sides of each, so that whole words are found by looking for a part; empty for none."""
    found = _WORD.findall(fold(text))
    return f" {' '.join(found)} " if found else ""


def _text(content: bytes, media_type: str) -> str:
    if media_type == "application/pdf":
        with suppress(Refusal):
            return files.text_in(content)
        return ""
    if media_type == "application/json":
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            return body.plain_text(json.loads(content))
        return ""
    return content.decode("utf-8", "replace") if media_type.startswith("text/") else ""


def key_for(content_key: bytes) -> bytes:
    """The key of a content's word list: another than its own, so that neither can stand in for the other."""
    return hmac.digest(content_key, b"antin word list", "sha256")
