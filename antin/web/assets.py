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


def url(source: str) -> str:
    """Address of one built file; a page asks for its icons a hundred times.

    :raises KeyError: the build made no such file
    """
    return _url(source) if settings.DEBUG else _url_once(source)


def _url(source: str) -> str:
    return static(f"dist/{_read()[source]['file']}")


_url_once = cache(_url)


def styles() -> list[str]:
    """Addresses of the style sheets of the one entry."""
    return _styles() if settings.DEBUG else _styles_once()


def _styles() -> list[str]:
    names = _read()[ENTRY].get("css", [])
    return [static(f"dist/{name}") for name in names] if isinstance(names, list) else []


_styles_once = cache(_styles)
