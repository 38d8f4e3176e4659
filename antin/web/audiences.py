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
    "sign-in-second": PUBLIC,
    "sign-in-certificate": PUBLIC,
    "prove": SIGNED_IN,
    "factor-app": SIGNED_IN,
    "factor-confirm": SIGNED_IN,
    "factor-key": SIGNED_IN,
    "factor-codes": SIGNED_IN,
    "factor-remove": SIGNED_IN,
    "device-forget": SIGNED_IN,
    "emergencies": SIGNED_IN,
    "emergency-open": SIGNED_IN,
    "emergency-end": SIGNED_IN,
    "emergency-review": SIGNED_IN,
    "sign-out": SIGNED_IN,
    "switch-post": SIGNED_IN,
    "desk": SIGNED_IN,
    "me": SIGNED_IN,
    "change-password": SIGNED_IN,
    "sign-out-others": SIGNED_IN,
    "token-create": SIGNED_IN,
    "token-revoke": SIGNED_IN,
    "pin-change": SIGNED_IN,
    "certificate-lost": SIGNED_IN,
    "device-take": SIGNED_IN,
    "device-decline": SIGNED_IN,
    "device-lost": SIGNED_IN,
    "certificate-ask": SIGNED_IN,
    "notices": SIGNED_IN,
    "notices-read-all": SIGNED_IN,
    "notice-open": SIGNED_IN,
    "tasks": SIGNED_IN,
    "direct": SIGNED_IN,
    "task-pass-down": SIGNED_IN,
    "task-report": SIGNED_IN,
    "task-hand-in": SIGNED_IN,
    "task-accept": SIGNED_IN,
    "task-send-back": SIGNED_IN,
    "task-note": SIGNED_IN,
    "task-cancel": SIGNED_IN,
    "task-file": SIGNED_IN,
    "gallery": ADMINISTRATORS,
    # drafting
    "draft-new": SIGNED_IN,
    "draft-edit": SIGNED_IN,
    "draft-answers": SIGNED_IN,
    "draft-preview": SIGNED_IN,
    "draft-page": SIGNED_IN,
    "paper-receive": SIGNED_IN,
    "paper-page": SIGNED_IN,
    # documents
    "incoming": SIGNED_IN,
    "incoming-one": SIGNED_IN,
    "outgoing": SIGNED_IN,
    "outgoing-one": SIGNED_IN,
    "drafts": SIGNED_IN,
    "drafts-one": SIGNED_IN,
    "document": SIGNED_IN,
    "search": SIGNED_IN,
    "document-page": SIGNED_IN,
    "document-file": SIGNED_IN,
    "document-print": SIGNED_IN,
    "document-endorse": SIGNED_IN,
    "document-return": SIGNED_IN,
    "document-withdraw": SIGNED_IN,
    "document-abandon": SIGNED_IN,
    "document-sign": SIGNED_IN,
    "document-number": SIGNED_IN,
    "document-seal": SIGNED_IN,
    "document-register": SIGNED_IN,
    "document-send-back": SIGNED_IN,
    "document-present": SIGNED_IN,
    "document-close": SIGNED_IN,
    "document-judge": SIGNED_IN,
    "document-verification": SIGNED_IN,
    "outgoing-board": SIGNED_IN,
    "delivery-urge": SIGNED_IN,
    "delivery-resend": SIGNED_IN,
    "delivery-settle": SIGNED_IN,
    "board-urge": SIGNED_IN,
    "registers": SIGNED_IN,
    "registers-proof": SIGNED_IN,
    # administration
    "administration": ADMINISTRATORS,
    "units": ADMINISTRATORS,
    "unit": ADMINISTRATORS,
    "unit-open": ADMINISTRATORS,
    "unit-rename": ADMINISTRATORS,
    "unit-describe": ADMINISTRATORS,
    "unit-move": ADMINISTRATORS,
    "unit-close": ADMINISTRATORS,
    "post-open": ADMINISTRATORS,
    "post": ADMINISTRATORS,
    "post-appoint": ADMINISTRATORS,
    "post-new-person": ADMINISTRATORS,
    "post-describe": ADMINISTRATORS,
    "post-close": ADMINISTRATORS,
    "appointment-end": ADMINISTRATORS,
    "delegate": ADMINISTRATORS,
    "delegation-revoke": ADMINISTRATORS,
    "substitute": ADMINISTRATORS,
    "substitution-end": ADMINISTRATORS,
    "people": ADMINISTRATORS,
    "person-add": ADMINISTRATORS,
    "person": ADMINISTRATORS,
    "person-appoint": ADMINISTRATORS,
    "person-describe": ADMINISTRATORS,
    "person-password": ADMINISTRATORS,
    "person-factors": ADMINISTRATORS,
    "person-sign-out": ADMINISTRATORS,
    "person-lock": ADMINISTRATORS,
    "person-unlock": ADMINISTRATORS,
    "person-let-go": ADMINISTRATORS,
    "person-clearance": ADMINISTRATORS,
    "authority": ADMINISTRATORS,
    "authority-establish": ADMINISTRATORS,
    "certificate-issue": ADMINISTRATORS,
    "seal-issue": ADMINISTRATORS,
    "certificate-revoke": ADMINISTRATORS,
    "seal-hand-over": ADMINISTRATORS,
    "calendar": ADMINISTRATORS,
    "calendar-day": ADMINISTRATORS,
    "calendar-swap": ADMINISTRATORS,
    "calendar-clear": ADMINISTRATORS,
}

# Acts for which it is not enough to have signed in this morning: whoever does them proves once more who he is.
STEP_UP = frozenset(
    {
        "token-create",
        "factor-app",
        "factor-key",
        "factor-codes",
        "factor-remove",
        "emergency-open",
        "person-password",
        "person-factors",
        "person-unlock",
        "person-clearance",
        "person-appoint",
        "post-appoint",
        "post-new-person",
        "delegate",
        "substitute",
        "unit-close",
        "authority-establish",
        "certificate-issue",
        "certificate-revoke",
        "seal-issue",
        "seal-hand-over",
    }
)

# What is open to somebody of whom the house asks a second factor that he has not added yet.
ENROLLING = frozenset({"me", "factor-app", "factor-confirm", "factor-key", "prove", "sign-out"})

# Addresses that other doors guard themselves.
OTHER_DOORS = ("api/", "healthz")
