"""An act that opens sealed contents where the reader's key lies on a device of his own: one way for all of them, in two steps.

The form is sent as ever, without a PIN. The answer is a page that asks the device (`antin agent`) for the content keys and sends
the same form once more, with them. What was typed stands in that one answer and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from antin.refusal import Refusal
from antin.vault import operations, queries
from antin.vault.operations import DeviceKeys, Opening
from antin.web.middleware import AGENT, WITH_AGENT
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest

NOT_REPEATED = frozenset({"csrfmiddlewaretoken", "keys", "pin", "seal_pin"})


def by_device(request: SignedRequest) -> bool:
    """Whether the actor's key for opening lies on a device of his own, so that no form asks its PIN."""
    return queries.is_held_elsewhere(request.actor.person_id, timezone.now())


def came(request: SignedRequest) -> bool:
    """Whether this is the second step: the keys are here."""
    return bool(request.POST.get("keys"))


def opening_of(request: SignedRequest) -> Opening | None:
    """What came to open by: content keys of the reader's device, or a PIN. :raises ContentDamaged: keys that cannot be read"""
    return DeviceKeys.read(request.POST["keys"]) if came(request) else request.POST.get("pin") or None


@dataclass(frozen=True)
class Other:
    """What else than a document's contents a device opens: where the page is told the locks, and what refuses them now."""

    locks: str
    look: Callable[[], object]


def ask(
    request: SignedRequest,
    classified_id: int | None,
    *,
    heading: str,
    button: str,
    back: str,
    names: str,
    other: Other | None = None,
    form: forms.Form | None = None,
    also: dict[str, str] | None = None,
) -> HttpResponse | None:
    """The page that asks the reader's device, where this act opens something by it and its keys have not come yet; else None.

    Of a thing; or, of what the act says lies on his device, something `other`. `form` has what else is typed there, `also` what
    goes along.

    :raises Refusal: the device could not open it
    """
    if came(request) or request.POST.get("pin"):
        return None
    if other is None:
        if classified_id is None or not by_device(request):
            return None
        other = _everything_of(request, classified_id)
    refused: Refusal | None = None
    try:
        other.look()
    except Refusal as no:
        refused = no
    told: dict[str, Any] = {
        "heading": heading,
        "button": button,
        "back": back,
        "names": names,
        "agent": AGENT,
        "refused": refused,
        "form": form,
        "locks": other.locks,
        "repeated": [
            *((name, value) for name, values in request.POST.lists() if name not in NOT_REPEATED for value in values),
            *(also or {}).items(),
        ],
    }
    answer = render(request, "vault/device.html", told, status=status_of(refused) if refused else 200)
    answer["Content-Security-Policy"] = WITH_AGENT
    return answer


def _everything_of(request: SignedRequest, classified_id: int) -> Other:
    """Every content of a thing, older versions too."""

    def look() -> object:
        return operations.lock_elsewhere(
            classified_id=classified_id, everything=True, actor=request.actor, at=timezone.now()
        )

    return Other(reverse("secret-locks", args=[classified_id]), look)
