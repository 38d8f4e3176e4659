"""Proving who one is beyond the password: at sign-in, and once more before what asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from antin.people import operations as people
from antin.people import passkeys, queries
from antin.people.operations import SignInLocked
from antin.people.states import FactorKind
from antin.refusal import Refusal
from antin.web.refusals import OTHERWISE
from antin.web.session import caller, entering, sitting
from antin.web.session.middleware import SignedRequest

CEREMONY = "ceremony"  # what the session keeps of a challenge


def host_of(request: HttpRequest) -> str:
    """The name in the address bar, which security keys are bound to; "" where it is an address, to which none can be."""
    host = request.get_host().rsplit(":", 1)[0]
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return host
    return ""


def _told(request: HttpRequest, person_id: int) -> dict[str, Any]:
    """What the person can show, with the challenge for his security keys."""
    factors = queries.list_factors(person_id)
    kinds = {each.kind for each in factors}
    options = None
    host, known = host_of(request), queries.list_keys(person_id)
    if host and known:
        options, request.session[CEREMONY] = passkeys.begin_showing(host=host, known=known)
    return {
        "asks": "factor" if kinds - {FactorKind.CODES} else "password",
        "code": bool(kinds & {FactorKind.APP, FactorKind.CODES}),
        "only_key": kinds == {FactorKind.KEY},
        "options": json.dumps(options) if options else "",
    }


def _show(request: HttpRequest, person_id: int, *, entering: bool, at: datetime) -> None:
    """Accept what the form brought: the answer of a security key, a code, or the password of somebody who has neither."""
    source = caller.source(request)
    told = request.POST
    if told.get("answer"):
        shown = _finish(request, person_id, told["answer"])
        people.show_key(person_id=person_id, shown=shown, source=source, entering=entering, at=at)
    elif entering or queries.has_factors(person_id):
        code = told.get("code", "")[:40]
        people.show_code(person_id=person_id, code=code, source=source, entering=entering, at=at)
    else:
        password = told.get("password", "")[:400]
        people.show_password(person_id=person_id, password=password, source=source, at=at)


def _finish(request: HttpRequest, person_id: int, answer: str) -> passkeys.Shown | None:
    state = request.session.pop(CEREMONY, None)
    try:
        given = json.loads(answer)
        return passkeys.finish_showing(
            host=host_of(request), state=state, known=queries.list_keys(person_id), answer=given
        )
    except (passkeys.CeremonyFailed, ValueError):
        return None


def _answer(
    request: HttpRequest, template: str, person_id: int, do: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    refused: Refusal | None = None
    if request.method == "POST":
        try:
            return do()
        except Refusal as refusal:
            refused = refusal
    status = 200 if refused is None else 429 if isinstance(refused, SignInLocked) else OTHERWISE
    told = {"refused": refused, "next": entering.way_on(request, ""), "now": timezone.now()}
    return render(request, template, told | _told(request, person_id), status=status)


@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponseBase:
    """The second factor of somebody whose password was right."""
    at = timezone.now()
    person_id = sitting.awaited(request.session, at=at)
    if person_id is None:
        return redirect("sign-in")

    def do() -> HttpResponseBase:
        _show(request, person_id, entering=True, at=at)
        return entering.enter(request, person_id, at=at)

    return _answer(request, "session/second.html", person_id, do)


@require_http_methods(["GET", "POST"])
def prove(request: SignedRequest) -> HttpResponseBase:
    """The same once more, before an act that asks for it."""
    at = timezone.now()
    person_id = request.actor.person_id

    def do() -> HttpResponse:
        _show(request, person_id, entering=False, at=at)
        sitting.note_proof(request.session, at=at)
        return HttpResponseRedirect(entering.way_on(request))

    return _answer(request, "session/prove.html", person_id, do)
