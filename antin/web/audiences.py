"""Who may open which page: one table, read by the middleware. An address that is not declared here is refused.

An audience is the outer door only. What of a page's matter the actor may see is decided by the rooms (`visible_to`, `why_not_…`).
"""

from __future__ import annotations

from enum import Enum


class Audience(Enum):
    PUBLIC = "public"
    SIGNED_IN = "signed in"
    ADMINISTRATORS = "administrators"


PUBLIC, SIGNED_IN, ADMINISTRATORS = Audience

AUDIENCES: dict[str, Audience] = {
    "sign-in": PUBLIC,
    "set-up": PUBLIC,
    "language": PUBLIC,
    "sign-out": SIGNED_IN,
    "switch-post": SIGNED_IN,
    "desk": SIGNED_IN,
    "me": SIGNED_IN,
    "change-password": SIGNED_IN,
    "gallery": ADMINISTRATORS,
}

# Addresses that other doors guard themselves.
OTHER_DOORS = ("api/", "healthz")
