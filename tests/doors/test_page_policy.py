"""What every answer carries, and that nothing inline slips into a page."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client

from antin import web
from antin.web import assets
from antin.web.templatetags import parts
from tests.cast import PASSWORD, Cast
from tests.doors.conftest import Enter

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
)
TEMPLATES = sorted((Path(web.__file__).parent / "templates").rglob("*.html"))


class Inline(HTMLParser):
    """Collects what the policy would block, and addresses that lead out of the house."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"<{tag} {name}>")
            if name in ("href", "src", "action", "hx-get", "hx-post") and (value or "").startswith(
                ("http:", "https:", "//", "javascript:")
            ):
                self.found.append(f"<{tag} {name}={value}>")


def inline(content: str) -> list[str]:
    reader = Inline()
    reader.feed(content)
    return reader.found


@pytest.mark.parametrize("address", ["/sign-in", "/nothing", "/setup"])
def test_every_answer_bears_the_policy_and_is_not_kept(db: None, client: Client, address: str) -> None:
    response = client.get(address)
    assert response["Content-Security-Policy"] == POLICY
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(cast: Cast, client: Client) -> None:
    client.post("/sign-in", {"user_name": "vanthu", "password": PASSWORD})
    kept = client.cookies["antin"]
    assert (kept["httponly"], kept["samesite"], kept["expires"], kept["max-age"]) == (True, "Lax", "", "")
    assert client.cookies["csrftoken"]["httponly"] is True


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_no_template_holds_anything_inline(template: Path) -> None:
    assert inline(template.read_text()) == []


@pytest.mark.parametrize("address", ["/me", "/gallery", "/nothing", "/setup"])
def test_no_page_holds_anything_inline(cast: Cast, enter: Enter, address: str) -> None:
    content = enter(cast.administrator).get(address).content.decode()
    assert "<!doctype html>" in content
    assert inline(content) == []


@pytest.mark.parametrize("name", ["style", "onclick", "on_click"])
def test_a_part_refuses_what_the_policy_would_block(name: str) -> None:
    with pytest.raises(ValueError, match="takes no attribute"):
        parts.btn("Lưu", **{name: "x"})


def test_parts_escape_what_they_are_given() -> None:
    nasty = "<script>alert(1)</script>"
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;"
    for drawn in (
        parts.btn(nasty),
        parts.tag(nasty),
        parts.said(nasty),
        parts.stamp(nasty),
        parts.clock(nasty),
        parts.why(nasty),
        parts.toast(nasty),
        parts.work_group(nasty, 1),
        parts.fact(nasty, nasty),
    ):
        assert nasty not in drawn
        assert escaped in drawn


def test_a_form_without_this_browsers_secret_is_refused(cast: Cast) -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in", {"user_name": "vanthu", "password": PASSWORD})
    assert response.status_code == 403
    assert "Trang này mở đã lâu, hoặc được gửi từ nơi khác" in response.content.decode()


def test_built_files_may_be_kept_for_ever(db: None, client: Client) -> None:
    response = client.get(assets.url(assets.ENTRY), headers={"Accept-Encoding": "br, gzip"})
    assert response["Cache-Control"] == "max-age=315360000, public, immutable"
    assert response["Content-Encoding"] == "br"


def test_the_first_page_weighs_little(db: None, client: Client) -> None:
    """150 KB over the wire beyond fonts is the promise."""
    page = len(client.get("/sign-in").content)
    built = [assets.url(assets.ENTRY), assets.url(assets.ICONS), assets.url(assets.MARK), *assets.styles()]
    wire = [len(b"".join(client.get(each, headers={"Accept-Encoding": "gzip"}))) for each in built]
    assert page + sum(wire) < 60_000
