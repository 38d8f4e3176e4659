"""Where a request comes from: behind a front server that is believed, the address it last wrote down."""

from __future__ import annotations

from collections.abc import Collection


def address_of(remote: str, forwarded: str, believed: Collection[str]) -> str:
    """Return the caller's address; what `X-Forwarded-For` says counts only when it was written by one of the believed."""
    told = forwarded if remote in believed else ""
    return (told.split(",")[-1].strip() or remote)[:64]
