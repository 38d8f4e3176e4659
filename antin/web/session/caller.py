"""What the node believes about where a request comes from: the caller's address, his certificate, his browser.

A front server that ends TLS tells of the first two in headers. They are believed only from the addresses in `ANTIN_PROXIES`;
anybody else could write them himself. docs/front-server.md says how nginx is set up.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.http import HttpRequest

from config.front import address_of

SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"))
BROWSERS = (("Edg", "Edge"), ("coc_coc", "CocCoc"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))


def _is_believed(request: HttpRequest) -> bool:
    return request.META.get("REMOTE_ADDR", "") in settings.PROXIES


def source(request: HttpRequest) -> str:
    """The address of the caller: behind a front server, the one it last wrote down."""
    remote = request.META.get("REMOTE_ADDR", "")
    return address_of(remote, request.headers.get("X-Forwarded-For", ""), settings.PROXIES)


def certificate(request: HttpRequest) -> str:
    """The SHA-256 fingerprint of the certificate whose key the caller proved to the front server; "" when there is none."""
    if not _is_believed(request) or request.headers.get("X-Client-Verify") != "SUCCESS":
        return ""
    try:
        found = x509.load_pem_x509_certificate(unquote(request.headers.get("X-Client-Certificate", "")).encode())
    except ValueError:
        return ""
    return hashlib.sha256(found.public_bytes(Encoding.DER)).hexdigest()


def browser(request: HttpRequest) -> str:
    """The browser and its system, as far as it says: "Chrome, Windows"."""
    told = request.headers.get("User-Agent", "")
    found = [next((name for mark, name in marks if mark in told), "") for marks in (BROWSERS, SYSTEMS)]
    if not found[0] and re.search(r"Version/.+Safari", told):
        found[0] = "Safari"
    if not found[1] and "Linux" in told:
        found[1] = "Linux"
    return ", ".join(filter(None, found))
