"""Who calls: a bearer token acts as one person in one post, within its scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja.security import HttpBearer

from antin.people import operations, queries
from antin.people.actor import Actor
from antin.refusal import NotAllowed

Scope = Literal["read", "act"]


class OutOfScope(NotAllowed):
    code = "out_of_scope"
    words = _("Khóa truy cập này không được cấp quyền “%(scope)s”.")


@dataclass(frozen=True)
class Caller:
    actor: Actor
    token_id: int
    scopes: tuple[str, ...]


class CalledRequest(HttpRequest):
    """A request with a valid token, as endpoints receive it."""

    auth: Caller


class Token(HttpBearer):
    """Demands a token with the scope.

    :raises TokenRefused: unknown, expired or revoked
    :raises OutOfScope: not made for this
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        at = timezone.now()
        use = operations.use_token(secret=token, at=at)
        if self.scope not in use.scopes:
            raise OutOfScope(scope=self.scope)
        actor = queries.get_actor(person_id=use.person_id, post_id=use.post_id, on=timezone.localdate(at))
        return Caller(actor, use.token_id, use.scopes)


READ, ACT = Token("read"), Token("act")
