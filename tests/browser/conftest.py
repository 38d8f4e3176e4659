"""A real Chromium on the real pages. Debian's browser is driven; nothing is ever downloaded."""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from antin.console.agent_desk import PORT, Desk, Loopback
from antin.keys.providers.tokens import Tokens
from antin.people import queries as people
from antin.people.sittings import SessionStore
from antin.web.session import sitting
from tests.cast import PASSWORD, Cast

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / "var" / "shots"
BROWSERS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
"""The same engine; without windows, tabs and menus of its own it starts a context with a third less work."""
CHROMIUM = os.environ.get("CHROMIUM") or next((each for each in BROWSERS if Path(each).exists()), BROWSERS[-1])
WINDOWS = {"1366": (1366, 768), "1920": (1920, 1080), "390": (390, 844)}
#: Each width and each theme, not each with each: a page's width is no matter of its colours.
LOOKS = [("1366", "light"), ("1920", "dark"), ("390", "dark")]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE = 20_000  # milliseconds: a busy machine is slow, which is no fault of a page
expect.set_options(timeout=PATIENCE)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _is_here(item: pytest.Item) -> bool:
    return Path(__file__).parent in item.path.parents


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers come last: the driver leaves an event loop running in this thread, in which nothing else may run one."""
    for item in filter(_is_here, items):
        item.add_marker(pytest.mark.browser)
    items.sort(key=_is_here)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium, or name one in CHROMIUM")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture
def window(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Open a window of a browser of its own: size by name, theme of the system. Whatever it complains about fails the test."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def complain(kind: str, words: str) -> None:
        # Chromium rejects a promise of its own when a transition between two pages is skipped.
        if not words.startswith(("Failed to load resource", "Transition was ")):
            complaints.append(f"{kind}: {words}")

    def open_window(size: str = "1366", theme: str = "light", **more: Any) -> Page:
        width, height = WINDOWS[size]
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            has_touch=size == "390",
            is_mobile=size == "390",
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            locale="en-US",
            timezone_id="Asia/Ho_Chi_Minh",
            **more,
        )
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda said: complain("console", said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: complain("script", str(fault)))
        return page

    yield open_window
    for context in opened:
        context.close()
    await_quiet()
    assert complaints == []


def await_quiet() -> None:
    """Wait until nothing that a closed window asked for is answered any more: the tables are emptied next, which would deadlock."""
    deadline, quiet = time.monotonic() + 10, 0
    while quiet < 2 and time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_sleep(0.02), (select count(*) from pg_stat_activity where datname = current_database()"
                " and pid <> pg_backend_pid() and backend_type = 'client backend' and state <> 'idle')"
            )
            quiet = quiet + 1 if cursor.fetchone()[1] == 0 else 0


@contextmanager
def agent_at_work(held: Tokens, address: str) -> Iterator[Desk]:
    """The agent on this machine, for pages of that address. One at a time, whoever else tests here: every page knows its port."""
    with (Path(tempfile.gettempdir()) / "antin-test-agent.lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        desk = Desk(held, address, PORT)
        with Loopback(desk) as served:
            thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            yield desk
            served.shutdown()
            thread.join()


def sign_in(page: Page, user_name: str, password: str = PASSWORD) -> Page:
    """Sign a member of the cast in by hand."""
    page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill(user_name)
    page.get_by_label("Mật khẩu", exact=True).fill(password)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


@pytest.fixture
def seated(window: Callable[..., Page], cast: Cast, live_server: Any) -> Callable[..., Page]:
    """A window in which a member of the cast has signed in a moment ago (by hand: `sign_in`) and sees his desk, or another page."""

    def seat(user_name: str, size: str = "1366", theme: str = "light", first: str = "/", **more: Any) -> Page:
        page = window(size, theme, **more)
        person = people.find_person_by_user_name(user_name)
        assert person is not None, user_name
        session = SessionStore()
        assert sitting.begin(session, person_id=person.pk, at=timezone.now())
        session.save()
        cookie = {"name": "antin", "value": str(session.session_key), "url": live_server.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        if first:
            page.goto(first)
        return page

    return seat


def shoot(page: Page, name: str, *, whole: bool = False) -> Path:
    """Keep a picture for a person to look at, and hold the page to its width."""
    kept = SHOTS / f"{name}.png"
    kept.parent.mkdir(parents=True, exist_ok=True)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=kept, full_page=whole)
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1], f"{name} scrolls sideways: {wide}"
    return kept


def accessible(page: Page) -> list[str]:
    """What axe-core finds wrong, in words; empty when nothing.

    Looked at from the top: wherever else a page was left, something lies half under the dock and counts as too small.
    """
    page.evaluate("scrollTo(0, 0)")
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    return [
        f"{each['id']}: {node['target']}: {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
