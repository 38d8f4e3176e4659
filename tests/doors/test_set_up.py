"""An empty node is founded once, by whoever holds the token it printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from antin.people import queries
from tests.cast import Cast

ASKED = {
    "name": "Tổng cục X",
    "short_name": "Tổng cục X",
    "abbreviation": "TCX",
    "kind": "general_department",
    "code": "G12.34",
    "place_name": "Hà Nội",
    "administrator": "Trần Quốc Bảo",
    "user_name": "bao",
    "password": "Mat-khau-dung-thu-2026",
    "token": "bi-mat",
}


@pytest.fixture
def empty_node(transactional_db: None, own_state: Path) -> Path:
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
    (own_state / "setup-token").write_text("bi-mat\n")
    return own_state / "setup-token"


def test_founds_the_node_and_signs_its_administrator_in(empty_node: Path, client: Client) -> None:
    assert "Lập đơn vị và quản trị viên đầu tiên" in client.get("/setup?token=bi-mat").content.decode()
    assert client.post("/setup", ASKED)["Location"] == "/administration"
    page = client.get("/me").content.decode()
    assert "Trần Quốc Bảo" in page
    assert "Quản trị viên, Tổng cục X" in page
    assert not empty_node.exists()


def test_works_once(empty_node: Path, client: Client) -> None:
    client.post("/setup", ASKED)
    empty_node.write_text("bi-mat")
    assert client.get("/setup?token=bi-mat").status_code == 404


@pytest.mark.parametrize("address", ["/setup", "/setup?token=", "/setup?token=khac"])
def test_is_not_there_without_the_token(empty_node: Path, client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_refusal_keeps_the_token_and_founds_nothing(empty_node: Path, client: Client) -> None:
    response = client.post("/setup", ASKED | {"password": "ngan"})
    assert response.status_code == 422
    assert "Mật khẩu phải có từ 10 đến 200 ký tự" in response.content.decode()
    assert not queries.has_persons()
    assert empty_node.read_text() == "bi-mat\n"


def test_sign_in_of_an_empty_node_says_what_to_do(empty_node: Path, client: Client) -> None:
    assert "Hệ thống chưa có người dùng." in client.get("/sign-in").content.decode()


def test_is_not_there_on_a_node_with_people(cast: Cast, own_state: Path, client: Client) -> None:
    (own_state / "setup-token").write_text("bi-mat")
    assert client.get("/setup?token=bi-mat").status_code == 404
    assert client.post("/setup", ASKED).status_code == 404
