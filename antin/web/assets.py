"""What the front-end build left (`make front-end`): file names with their digests, from its manifest."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

DIST = Path(__file__).parent / "static" / "dist"
ENTRY = "src/main.ts"
ICONS = "src/icons.svg"
MARK = "src/mark.svg"


def _read() -> dict[str, dict[str, object]]:
    kept = DIST / "manifest.json"
    if not kept.exists():
        raise ImproperlyConfigured(
            "The front end is not built: npm --prefix frontend ci && npm --prefix frontend run build"
        )
    return json.loads(kept.read_text())


_read_once = cache(_read)


def _manifest() -> dict[str, dict[str, object]]:
    return _read() if settings.DEBUG else _read_once()


def url(source: str) -> str:
    """Address of one built file.

    :raises KeyError: the build made no such file
    """
    return static(f"dist/{_manifest()[source]['file']}")


def styles() -> list[str]:
    """Addresses of the style sheets of the one entry."""
    names = _manifest()[ENTRY].get("css", [])
    return [static(f"dist/{name}") for name in names] if isinstance(names, list) else []
