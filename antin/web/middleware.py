"""What every answer of the node carries: the policy of its content, and that pages are not kept by browsers or proxies."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
    ]
)
AGENT = "http://127.0.0.1:24599"
"""Where the program on the officer's own machine waits (`antin agent`); his browser asks it, the node never does."""
WITH_AGENT = CONTENT_SECURITY_POLICY.replace("connect-src 'self'", f"connect-src 'self' {AGENT}")
"""The policy of the few pages that may speak to it."""
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class PagePolicyMiddleware:
    """Strict Content-Security-Policy, no-store on pages. A view may keep a longer-lived answer by setting Cache-Control itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store")
        return response
