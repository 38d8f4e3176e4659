"""The second factor at the door: asked after the password, asked again before what matters, asked of everybody by rule."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from antin.console.main import main
from antin.journal.models import Record
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.people import at_rest, one_time, operations, queries
from antin.people.models import Factor
from antin.web import audiences
from antin.web.session import sitting
from tests import paper
from tests.cast import PASSWORD, Cast, Member
from tests.doors.conftest import Enter


def text(response: Any) -> str:
    return str(response.content.decode())


def with_app(member: Member) -> bytes:
    """Give somebody an app, five minutes ago; its secret."""
    at = timezone.now() - timedelta(minutes=5)
    made = operations.add_app(person_id=member.person_id, name="điện thoại", actor=member.actor(), at=at)
    operations.confirm_app(factor_id=made.id, code=one_time.code_at(made.secret, at), actor=member.actor(), at=at)
    return made.secret


def password(browser: Client, **more: str) -> Any:
    return browser.post("/sign-in", {"user_name": "vanthu", "password": PASSWORD, **more})


def stale(browser: Client) -> None:
    """Let more time pass since the proof than it is good for."""
    session = browser.session
    session["proved_at"] -= sitting.FRESH.total_seconds() + 1
    session.save()


def test_the_password_alone_lets_nobody_in_who_has_an_app(cast: Cast, client: Client) -> None:
    secret = with_app(cast.clerk)
    response = password(client, next="/me?x=1")
    assert response["Location"] == "/sign-in/second?next=%2Fme%3Fx%3D1"
    assert client.get("/me")["Location"].startswith("/sign-in?")
    page = client.get(response["Location"])
    assert "Mã của ứng dụng, hoặc mã dự phòng" in text(page)
    wrong = client.post("/sign-in/second", {"code": "12"})
    assert (wrong.status_code, "Mã không đúng hoặc đã dùng." in text(wrong)) == (422, True)
    shown = client.post("/sign-in/second", {"code": one_time.code_at(secret, timezone.now()), "next": "/me?x=1"})
    assert (shown.status_code, shown["Location"]) == (302, "/me?x=1")
    assert client.get("/me").status_code == 200
    events = Record.objects.filter(subject_id=cast.clerk.person_id, event__startswith="person.").order_by("id")
    assert [each.event for each in events][-4:] == [
        "person.password_shown",
        "person.factor_refused",
        "person.signed_in",
        "person.device_met",
    ]


def test_the_second_factor_follows_within_five_minutes_or_not_at_all(cast: Cast, client: Client) -> None:
    secret = with_app(cast.clerk)
    password(client)
    session = client.session
    session["awaited"] = [session["awaited"][0], session["awaited"][1] - 301]
    session.save()
    response = client.post("/sign-in/second", {"code": one_time.code_at(secret, timezone.now())})
    assert response["Location"] == "/sign-in"
    assert client.get("/me").status_code == 302


def test_nobody_shows_a_second_factor_without_the_first(cast: Cast, client: Client) -> None:
    secret = with_app(cast.clerk)
    response = client.post("/sign-in/second", {"code": one_time.code_at(secret, timezone.now())})
    assert response["Location"] == "/sign-in"


def test_an_app_is_added_from_the_page_and_its_secret_is_shown_until_then(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.clerk)
    begun = browser.post("/me/factors/app", {"name": "điện thoại"})
    page = text(browser.get(begun["Location"]))
    factor = Factor.objects.get()
    secret = at_rest.unseal(bytes(factor.material))
    assert "<svg" in page
    assert one_time.in_letters(secret) in page
    assert browser.post(begun["Location"], {"code": "1"}).status_code == 422
    done = browser.post(begun["Location"], {"code": one_time.code_at(secret, timezone.now())})
    assert done["Location"] == "/me#factors"
    assert browser.get(begun["Location"]).status_code == 404
    assert "điện thoại" in text(browser.get("/me"))
    codes = text(browser.post("/me/factors/codes"))
    assert len(re.findall(r">[2-9a-z]{5} [2-9a-z]{5}<", codes)) == 10
    removed = browser.post(f"/me/factors/{factor.pk}/remove")
    assert (removed["Location"], queries.list_factors(cast.clerk.person_id)) == ("/me#factors", [])


def test_another_mans_factor_is_not_there(cast: Cast, enter: Enter) -> None:
    with_app(cast.head)
    [factor] = queries.list_factors(cast.head.person_id)
    browser = enter(cast.clerk)
    assert browser.get(f"/me/factors/{factor.pk}/confirm").status_code == 404
    assert browser.post(f"/me/factors/{factor.pk}/remove").status_code == 404


# ---- proving oneself once more -------------------------------------------------------------------------------------------------


def test_every_act_that_asks_for_a_proof_is_an_address_there_is() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert names >= audiences.STEP_UP | audiences.BEFORE_ANYTHING_ELSE
    assert set(audiences.AUDIENCES) >= audiences.STEP_UP


def test_a_quarter_of_an_hour_after_the_proof_it_is_asked_for_again(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.clerk)
    assert browser.get("/me/tokens/create").status_code == 200
    stale(browser)
    asked = browser.get("/me/tokens/create")
    assert asked["Location"] == "/prove?next=%2Fme%2Ftokens%2Fcreate"
    assert browser.post("/me/tokens/create", {"name": "x"}, headers={"Referer": "/me"}).status_code == 302
    fragment = browser.get(
        "/me/tokens/create", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/me"}
    )
    assert fragment["HX-Redirect"].startswith("/prove?next=")
    assert browser.get("/me").status_code == 200  # what asks for no proof goes on
    wrong = browser.post(asked["Location"], {"password": "sai"})
    assert (wrong.status_code, "Mật khẩu không đúng." in text(wrong)) == (422, True)
    shown = browser.post("/prove", {"password": PASSWORD, "next": "/me/tokens/create"})
    assert shown["Location"] == "/me/tokens/create"
    assert browser.get("/me/tokens/create").status_code == 200


def test_trust_in_another_root_and_a_fresh_key_ask_for_a_proof(cast: Cast, enter: Enter) -> None:
    browser = enter(cast.administrator)
    stale(browser)
    for asked in ("authority/anchors/add", f"people/{cast.head.person_id}/key-file"):
        there = f"/administration/{asked}"
        assert browser.get(there)["Location"] == "/prove?" + urlencode({"next": there})
        assert browser.post(there, headers={"Referer": there}).status_code == 302


def test_who_has_an_app_proves_himself_with_it(cast: Cast, enter: Enter) -> None:
    secret = with_app(cast.clerk)
    browser = enter(cast.clerk)
    stale(browser)
    assert browser.post("/prove", {"password": PASSWORD}).status_code == 422
    code = one_time.code_at(secret, timezone.now())
    assert browser.post("/prove", {"code": code, "next": "https://example.org/"})["Location"] == "/"
    assert browser.get("/me/tokens/create").status_code == 200


# ---- the house asks for it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "asked"), [("", False), ("administrators", False), ("everybody", True)])
def test_of_whom_the_house_asks_a_second_factor_adds_it_first(
    cast: Cast, client: Client, settings: Any, rule: str, asked: bool
) -> None:
    settings.SECOND_FACTOR = rule
    password(client)
    assert (client.get("/").status_code == 302) == asked
    if asked:
        assert client.get("/")["Location"] == "/me#factors"
        assert "Đơn vị yêu cầu thêm một cách xác thực" in text(client.get("/me"))
        begun = client.post("/me/factors/app", {"name": ""})
        secret = at_rest.unseal(bytes(Factor.objects.get().material))
        client.post(begun["Location"], {"code": one_time.code_at(secret, timezone.now())})
        assert client.get("/").status_code == 200


def test_the_rule_for_administrators_meets_administrators(cast: Cast, client: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = "administrators"
    client.post("/sign-in", {"user_name": "quantri", "password": PASSWORD})
    assert client.get("/administration")["Location"] == "/me#factors"


def test_the_administrator_takes_lost_factors_away_from_the_page(cast: Cast, enter: Enter) -> None:
    with_app(cast.clerk)
    browser = enter(cast.administrator)
    there = f"/administration/people/{cast.clerk.person_id}"
    response = browser.post(f"{there}/factors", {"basis": "mất điện thoại"})
    assert (response["Location"], queries.has_factors(cast.clerk.person_id)) == (there, False)
    assert "Người này chưa có cách xác thực lần hai nào." in text(browser.get(there))


# ---- devices -------------------------------------------------------------------------------------------------------------------

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"


def test_a_new_device_is_told_of_and_forgotten_with_what_is_open_there(cast: Cast, client: Client) -> None:
    client.post("/sign-in", {"user_name": "vanthu", "password": PASSWORD}, headers={"User-Agent": CHROME})
    assert "thiết bị chưa từng dùng" not in text(client.get("/notices"))
    phone = Client(headers={"User-Agent": PHONE})
    password(phone)
    assert "thiết bị chưa từng dùng: Safari, iPhone" in text(client.get("/notices"))
    page = text(client.get("/me"))
    assert ("Chrome, Windows" in page, "Safari, iPhone" in page) == (True, True)
    other = next(each for each in queries.list_devices(cast.clerk.person_id) if each.name == "Safari, iPhone")
    assert client.post(f"/me/devices/{other.pk}/forget")["Location"] == "/me#devices"
    assert phone.get("/me").status_code == 302
    assert client.get("/me").status_code == 200
    again = password(client)
    assert again.status_code == 302
    assert len(queries.list_devices(cast.clerk.person_id)) == 1


# ---- behind a front server -----------------------------------------------------------------------------------------------------


def proved(cast: Cast, at: datetime) -> tuple[str, int]:
    """The head's certificate, as nginx passes it on, and its id."""
    paper.give_keys(cast, at - timedelta(days=1))
    found = next(iter(certificates.list_certificates_of_person(cast.head.person_id)))
    pem = load_der_x509_certificate(bytes(found.certificate)).public_bytes(Encoding.PEM).decode()
    return pem.replace("\n", "%0A").replace("+", "%2B").replace(" ", "%20"), found.pk


def test_a_certificate_lets_its_holder_in_and_only_through_a_trusted_front_server(
    cast: Cast, client: Client, settings: Any
) -> None:
    at = timezone.now()
    pem, certificate_id = proved(cast, at)
    told = {"X-Client-Verify": "SUCCESS", "X-Client-Certificate": pem, "X-Forwarded-For": "6.6.6.6, 10.1.2.3"}
    assert client.post("/sign-in/certificate", headers=told).status_code == 404  # anybody can write headers
    settings.PROXIES = ("127.0.0.1",)
    assert client.post("/sign-in/certificate", headers=told | {"X-Client-Verify": "FAILED"}).status_code == 404
    assert client.post("/sign-in/certificate", headers=told | {"X-Client-Certificate": "x"}).status_code == 404
    assert "Đăng nhập bằng chứng thư số" in text(client.get("/sign-in", headers=told))
    assert client.post("/sign-in/certificate", headers=told)["Location"] == "/"
    assert "Nguyễn Văn An" in text(client.get("/me"))
    signed_in = Record.objects.filter(event="person.signed_in", subject_id=cast.head.person_id).latest("id")
    assert signed_in.facts["source"] == "10.1.2.3"

    keys.revoke(certificate_id=certificate_id, reason="keyCompromise", actor=None, at=at)
    assert Client().post("/sign-in/certificate", headers=told).status_code == 404


# ---- at rest -------------------------------------------------------------------------------------------------------------------


def test_the_command_seals_again_and_drops_the_old_key(cast: Cast, client: Client, capsys: Any) -> None:
    secret = with_app(cast.clerk)
    before = bytes(Factor.objects.get().material)
    assert main(["secrets", "rotate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"dropped": 1}
    with pytest.raises(at_rest.Unsealable):
        at_rest.unseal(before)
    password(client)
    assert client.post("/sign-in/second", {"code": one_time.code_at(secret, timezone.now())})["Location"] == "/"


# ---- a password that was given ---------------------------------------------------------------------------------------------------


def test_a_password_that_was_given_is_changed_before_anything_else(cast: Cast, client: Client) -> None:
    given = "Mật khẩu tạm 2026"
    operations.set_password(
        person_id=cast.clerk.person_id, password=given, actor=cast.administrator.actor(), at=timezone.now()
    )
    assert client.post("/sign-in", {"user_name": "vanthu", "password": given}).status_code == 302
    for address in ("/", "/incoming", "/me/tokens/create"):
        assert client.get(address)["Location"] == "/me#password"
    assert "Mật khẩu này do quản trị đặt." in text(client.get("/me"))
    same = {"old": given, "new": given, "again": given}
    assert "Mật khẩu mới phải khác mật khẩu đang dùng." in text(client.post("/me/password", same))
    own = {"old": given, "new": "Của riêng tôi 2026", "again": "Của riêng tôi 2026"}
    assert client.post("/me/password", own)["Location"] == "/me"
    assert client.get("/").status_code == 200


def test_a_password_one_chose_oneself_is_left_alone(cast: Cast, client: Client) -> None:
    password(client)
    own = {"old": PASSWORD, "new": "Của riêng tôi 2026", "again": "Của riêng tôi 2026"}
    client.post("/me/password", own)
    client.post("/sign-out")
    client.post("/sign-in", {"user_name": "vanthu", "password": own["new"]})
    assert client.get("/").status_code == 200
