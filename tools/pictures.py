"""`python -m tools.pictures`: the pictures of the README, taken of a running demonstration node by a real Chromium.

Each is one view of one person, reduced to a palette so that it stays small. What cannot be found on the node (no delivery yet,
nothing to sign) is named and the others are taken all the same: exit 1. Needs the test packages (`make test` installs them) and
Chromium.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
MOST_BYTES = 150_000
PALETTES = (256, 128, 64, 32, 16)
BOARDS_LOOKED_AT = 12


class NothingToShow(Exception):
    """The node has nothing for this picture; says what is missing."""


@dataclass(frozen=True)
class Picture:
    """One picture: its file, whose view it is, and how to come to it from the desk."""

    name: str
    user_name: str
    go: Callable[[Page], None]
    phone: bool = False
    dark: bool = False


def desk(page: Page) -> None:
    expect(page.get_by_role("main")).to_be_visible()


def to_sign(page: Page) -> None:
    """What waits for a leader's signature, the first lying open."""
    page.goto("/?kind=sign")
    expect(page.locator(".next img")).to_be_visible()


def document(page: Page) -> None:
    """The first incoming document that is being worked on, beside the list."""
    page.goto("/incoming?state=processing")
    found = _first(page, r"/incoming/(\d+)", "incoming document in work")
    page.goto(f"/incoming/{found}?state=processing")


def board(page: Page) -> None:
    """The board with the most recipients among the latest documents."""
    page.goto("/outgoing")
    found = _ids(page, r"/outgoing/(\d+)")[:BOARDS_LOOKED_AT]
    rows = {}
    for document_id in found:
        page.goto(f"/outgoing/{document_id}/board")
        rows[document_id] = page.locator("table.board tbody tr:not(.group)").count()
    if not rows:
        raise NothingToShow("issued document")
    page.goto(f"/outgoing/{max(rows, key=lambda document_id: rows[document_id])}/board")


def signing(page: Page) -> None:
    page.goto("/?kind=sign")
    found = _first(page, r"/documents/(\d+)", "document that waits for this signature")
    page.goto(f"/documents/{found}/sign")
    expect(page.locator(".paper-side img").first).to_be_visible()


PICTURES = (
    Picture("desk", "vanthu.b1", desk),
    Picture("document", "thutruong.b1", document),
    Picture("board", "vanthu", board),
    Picture("signing", "thutruong", signing),
    Picture("phone", "vanthu.b1", desk, phone=True),
    Picture("dark", "thutruong", to_sign, dark=True),
)


def _ids(page: Page, pattern: str) -> list[str]:
    """The numbers in the addresses of the page's links, in their order, each once."""
    addresses = page.locator("main a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    found = [match[1] for address in addresses if (match := re.match(pattern, address))]
    return list(dict.fromkeys(found))


def _first(page: Page, pattern: str, what: str) -> str:
    found = _ids(page, pattern)
    if not found:
        raise NothingToShow(what)
    return found[0]


def take(browser: Browser, address: str, password: str, picture: Picture) -> bytes:
    """Sign in, go there, and return what is seen as PNG. :raises NothingToShow: there is nothing to see"""
    size = {"width": 390, "height": 844} if picture.phone else {"width": 1366, "height": 768}
    context = browser.new_context(
        base_url=address,
        viewport=size,  # type: ignore[arg-type]
        is_mobile=picture.phone,
        has_touch=picture.phone,
        device_scale_factor=2 if picture.phone else 1,
        color_scheme="dark" if picture.dark else "light",
        locale="vi-VN",
        reduced_motion="reduce",
        timezone_id="Asia/Ho_Chi_Minh",
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill(picture.user_name)
    page.get_by_label("Mật khẩu", exact=True).fill(password)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    picture.go(page)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    shot = page.screenshot()
    context.close()
    return shot


def reduce(shot: bytes) -> bytes:
    """Return the picture with as many colours as fit into `MOST_BYTES`; with the fewest it may be larger."""
    whole = Image.open(io.BytesIO(shot)).convert("RGB")
    small = b""
    for colours in PALETTES:
        out = io.BytesIO()
        whole.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        small = out.getvalue()
        if len(small) <= MOST_BYTES:
            break
    return small


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("--address", default="http://localhost:8080")
    parser.add_argument(
        "--password", default="Dung-thu-2026", help="that of the demonstration, as `make run` prints it"
    )
    parser.add_argument("names", nargs="*", help="which; all when none is named")
    given = parser.parse_args(argv)
    FOLDER.mkdir(parents=True, exist_ok=True)
    wrong = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for picture in PICTURES:
            if given.names and picture.name not in given.names:
                continue
            try:
                small = reduce(take(browser, given.address, given.password, picture))
            except NothingToShow as nothing:
                print(f"{picture.name}: the node has no {nothing}", file=sys.stderr)
                wrong = 1
                continue
            kept = FOLDER / f"{picture.name}.png"
            kept.write_bytes(small)
            print(f"{kept}: {len(small):,} bytes")
            wrong = wrong or int(len(small) > MOST_BYTES)
        browser.close()
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
