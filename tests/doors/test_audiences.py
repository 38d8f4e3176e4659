"""Every page has a declared audience; whoever is not of it is turned away, and an undeclared page is refused."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.urls.converters import StringConverter

from antin.web.audiences import ADMINISTRATORS, AUDIENCES, OTHER_DOORS, PUBLIC
from antin.web.session import account
from antin.web.urls import urlpatterns as page_patterns
from tests.cast import Cast
from tests.doors.conftest import Enter


def pages(patterns: list[URLPattern | URLResolver], before: str = "") -> list[tuple[str, str]]:
    """Name and an example address of every page."""
    found = []
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += pages(pattern.url_patterns, route)
        else:
            found.append((str(pattern.name), "/" + example(pattern, route)))
    return found


def example(pattern: URLPattern, route: str) -> str:
    for name, converter in pattern.pattern.converters.items():
        value = "x" if isinstance(converter, StringConverter) else "1"
        for kind in ("int", "str", "slug", "path", "uuid"):
            route = route.replace(f"<{kind}:{name}>", value)
    return route


PAGES = pages(page_patterns)


def test_the_table_and_the_addresses_agree() -> None:
    assert sorted(AUDIENCES) == sorted(name for name, _ in PAGES)


def test_every_address_outside_the_table_belongs_to_another_door() -> None:
    top = [str(each.pattern) for each in get_resolver().url_patterns if str(each.pattern)]
    assert [each for each in top if not each.startswith(OTHER_DOORS)] == []


@pytest.mark.parametrize(("name", "address"), [each for each in PAGES if AUDIENCES[each[0]] is not PUBLIC])
def test_an_outsider_is_sent_to_sign_in(cast: Cast, client: Client, name: str, address: str) -> None:
    for method in (client.get, client.post):
        response = method(address)
        assert response.status_code == 302
        assert response["Location"].split("?")[0] == "/sign-in"


NOT_OF_THE_TOP = {"unit-move"}
"""What nobody does with the top unit of his own house, which is the one that the addresses name."""


@pytest.mark.parametrize(("name", "address"), [each for each in PAGES if AUDIENCES[each[0]] is ADMINISTRATORS])
def test_only_administrators_see_their_pages(cast: Cast, enter: Enter, name: str, address: str) -> None:
    refused = enter(cast.head).get(address)
    assert refused.status_code == 403
    assert "Chức vụ của đồng chí không được thực hiện việc này." in refused.content.decode()
    names_a_thing = {"1", "x"} & set(address.split("/"))  # which may not exist
    allowed = {403} if name in NOT_OF_THE_TOP else {200, 404} if names_a_thing else {200}
    assert enter(cast.administrator).get(address).status_code in allowed


class Undeclared:
    urlpatterns = [path("forgotten", account.me, name="forgotten"), *page_patterns]


def test_an_undeclared_page_is_refused(cast: Cast, enter: Enter, client: Client, settings: object) -> None:
    settings.ROOT_URLCONF = Undeclared  # type: ignore[attr-defined]
    assert client.get("/forgotten")["Location"] == "/sign-in?next=%2Fforgotten"
    assert enter(cast.administrator).get("/forgotten").status_code == 404
