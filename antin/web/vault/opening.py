"""Opening on the reader's own machine: his device opens the content keys, his browser the content; the node gives sealed bytes."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from antin.keys.providers import Wrapped
from antin.refusal import NotFound, Refusal
from antin.vault import operations, queries
from antin.vault.states import STAMPS, Level, Part, Use
from antin.web.clocks import exact
from antin.web.middleware import AGENT, WITH_AGENT
from antin.web.session.middleware import SignedRequest

if TYPE_CHECKING:
    from antin.keys.models import Certificate
    from antin.vault.models import SealedContent

WORDS = frozenset({Part.TITLE, Part.TEXT, Part.NAME, Part.COMMENT})
"""What of a document is words and nothing else, whatever its media type says."""
SHOWN = ("application/pdf",)
"""What a browser shows by itself in a page of its own; anything else is handed out to be kept by the reader."""


@require_safe
def page(request: SignedRequest, classified_id: int) -> HttpResponse:
    """Where it is opened; without scripts it says what is missing."""
    at = timezone.now()
    secret = queries.get_for(request.actor, classified_id)
    no: Refusal | None = None
    try:
        operations.lock_elsewhere(classified_id=classified_id, actor=request.actor, at=at)
    except Refusal as refusal:
        no = refusal
    told = {
        "secret": secret,
        "stamp": STAMPS[Level(secret.level)],
        "agent": AGENT,
        "no": no,
        "reader": request.actor.person_name,
    }
    answer = render(request, "vault/open.html", told)
    answer["Content-Security-Policy"] = WITH_AGENT
    return answer


@require_POST
def locks(request: SignedRequest, classified_id: int) -> HttpResponse:
    """What the program on the reader's machine is to open, and where the sealed bytes are; for the script of the page."""
    at = timezone.now()
    use = Use.PRINTED if request.POST.get("use") == Use.PRINTED else Use.VIEWED
    everything = request.POST.get("everything") == "1"
    locked = operations.lock_elsewhere(classified_id=classified_id, everything=everything, actor=request.actor, at=at)
    newest = {content.pk for content in queries.list_newest(classified_id)}
    level = Level(queries.get(classified_id).level).label
    told = told_of(
        request,
        locked,
        title=_("Tài liệu mật số %(number)s") % {"number": classified_id},
        level=f"{level}, {request.actor.agency_name}",
        purpose=request.POST.get("purpose", "")[:60] or (_("in") if use == Use.PRINTED else _("xem")),
        newest=newest,
    )
    return JsonResponse(told)


def told_of(
    request: SignedRequest,
    locked: operations.Locked,
    *,
    title: str,
    level: str,
    purpose: str = "",
    newest: Collection[int] = (),
) -> dict[str, Any]:
    """What the page hands to the program on the reader's machine of contents."""
    wraps = [wrapped for _content, wrapped in locked.locks]
    contents = [_content_of(content, content.pk in newest) for content, _wrapped in locked.locks]
    return told_to_device(request, locked.certificate, wraps, contents, title=title, level=level, purpose=purpose)


def told_to_device(
    request: SignedRequest,
    certificate: Certificate,
    wraps: Iterable[Wrapped],
    contents: list[dict[str, Any]],
    *,
    title: str,
    level: str,
    purpose: str = "",
) -> dict[str, Any]:
    """What the page hands to the program on the reader's machine, which shows of what it is and for what, and opens the keys."""
    return {
        "certificate": base64.b64encode(bytes(certificate.certificate)).decode(),
        "title": title,
        "code": level,
        "place": purpose or request.POST.get("purpose", "")[:60],
        "signer": f"{request.actor.person_name}, {request.actor.post_title}",
        "wraps": [_lock(wrapped) for wrapped in wraps],
        "contents": contents,
    }


def _lock(wrapped: Wrapped) -> dict[str, str]:
    return {
        "sealed": base64.b64encode(wrapped.sealed).decode(),
        "ephemeral": base64.b64encode(wrapped.ephemeral).decode(),
    }


def _content_of(content: SealedContent, newest: bool) -> dict[str, Any]:
    kind = "text" if content.part in WORDS else "body" if content.part == Part.BODY else "file"
    heading = str(Part(content.part).label)
    return {
        "address": reverse("secret-sealed", args=[content.classified_id, content.pk]),
        "heading": f"{heading} {content.number}" if content.number else heading,
        "kind": kind,
        "id": content.pk,
        "newest": newest,
        "shown": content.media_type if content.media_type in SHOWN else "",
    }


@require_POST
def sealed(request: SignedRequest, classified_id: int, content_id: int) -> HttpResponse:
    """The sealed bytes of one content, nonce first; from here on it counts as read, by whom and when stands in the answer."""
    use = Use.PRINTED if request.POST.get("use") == Use.PRINTED else Use.VIEWED
    if queries.get_content(content_id).classified_id != classified_id:
        raise NotFound(content_id=content_id)
    given = operations.give_sealed(content_id=content_id, use=use, actor=request.actor, at=timezone.now())
    marking = given.marking
    words = _("%(name)s · %(use)s lần %(number)s · %(at)s") % {
        "name": marking.person_name,
        "use": str(Use(marking.use).label).lower(),
        "number": marking.number,
        "at": exact(marking.at),
    }
    answer = HttpResponse(given.nonce + given.sealed, content_type="application/octet-stream")
    answer["X-Marking"] = base64.b64encode(words.encode()).decode()
    return answer
