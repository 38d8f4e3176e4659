"""One's own account: what is open in one's name, and how it is ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from antin.journal.models import Record
from antin.keys import operations as keys
from antin.keys.models import Certificate
from antin.people.models import ApiToken, Sitting
from antin.web.session import sitting
from tests import paper
from tests.cast import OPENED, PASSWORD, Cast
from tests.doors.conftest import Enter
from tests.doors.test_page_policy import inline


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def test_a_sitting_knows_whose_it_is_and_where_it_came_from(cast: Cast, client: Client) -> None:
    client.post("/sign-in", {"user_name": "vanthu", "password": PASSWORD}, REMOTE_ADDR="10.1.2.3")
    row = Sitting.objects.get(person_id=cast.clerk.person_id)
    assert (row.source, row.begun_at, row.session_key) == ("10.1.2.3", row.seen_at, client.session.session_key)
    assert "từ máy 10.1.2.3," in text(client.get("/me"))
    client.post("/sign-out")
    assert not Sitting.objects.filter(person_id=cast.clerk.person_id).exists()


def test_the_other_sittings_are_shown_and_ended_and_this_one_goes_on_in_its_post(cast: Cast, enter: Enter) -> None:
    here, there, stranger = enter(cast.clerk), enter(cast.clerk), enter(cast.head)
    page = text(here.get("/me"))
    assert (page.count("Phiên này"), page.count("Phiên khác")) == (1, 1)
    assert "Mọi phiên làm việc khác đã kết thúc." in text(here.post("/me/sign-out-others", follow=True))
    assert there.get("/me").status_code == 302
    assert stranger.get("/me").status_code == 200
    page = text(here.get("/me"))
    assert "Phiên khác" not in page
    assert 'aria-describedby="why-others"' in page
    assert Record.objects.get(event="person.signed_out").person_id == cast.clerk.person_id


def test_a_sitting_that_lies_idle_is_not_shown(cast: Cast, enter: Enter) -> None:
    here, _there = enter(cast.clerk), enter(cast.clerk)
    idle = timezone.now() - sitting.IDLE - timedelta(seconds=1)
    Sitting.objects.exclude(session_key=here.session.session_key).update(seen_at=idle)
    assert "Phiên khác" not in text(here.get("/me"))


def test_a_token_is_made_shown_once_used_and_revoked(cast: Cast, enter: Enter, client: Client) -> None:
    own = enter(cast.clerk)
    asked = {"name": "Máy quét", "post_id": cast.clerk.post_id, "scopes": "read act", "days": "30"}
    told = text(own.post("/me/tokens/create", asked))
    secret = told.split('<dd class="digest">')[2].split("<")[0]
    assert secret.startswith("antin_")
    token = ApiToken.objects.get()
    assert (token.scopes, token.expires_at - token.created_at) == (["act", "read"], timedelta(days=30))
    assert client.get("/api/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    page = text(own.get("/me"))
    assert "Máy quét" in page
    assert secret not in page
    assert enter(cast.head).post(f"/me/tokens/{token.pk}/revoke").status_code == 404
    assert own.post(f"/me/tokens/{token.pk}/revoke")["Location"] == "/me#tokens"
    assert client.get("/api/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert own.post(f"/me/tokens/{token.pk}/revoke").status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "\u200b"}, {"scopes": "all"}, {"days": "9999"}, {"post_id": "1"}, {"post_id": "x"}]
)
def test_a_token_beyond_ones_own_is_refused(cast: Cast, enter: Enter, wrong: dict[str, str]) -> None:
    asked = {"name": "Máy quét", "post_id": cast.clerk.post_id, "scopes": "read", "days": "30"} | wrong
    assert enter(cast.clerk).post("/me/tokens/create", asked).status_code == 422
    assert not ApiToken.objects.exists()


def test_the_pin_is_changed_by_its_holder_alone(cast: Cast, enter: Enter, own_state: object) -> None:
    paper.give_keys(cast, OPENED + timedelta(days=1))
    certificate = Certificate.objects.get(person_id=cast.head.person_id)
    here = f"/me/certificates/{certificate.pk}"
    changed = {"old": paper.PIN, "new": "135799", "again": "135799"}
    for other in (cast.deputy, cast.administrator):
        for act in ("pin", "lost"):
            assert enter(other).get(f"{here}/{act}").status_code == 404
            assert enter(other).post(f"{here}/{act}", changed).status_code == 404
    own = enter(cast.head)
    assert "Hai lần nhập không giống nhau." in text(own.post(f"{here}/pin", changed | {"again": "1"}))
    assert "Còn 4 lần thử" in text(own.post(f"{here}/pin", changed | {"old": "000001"}))
    assert "Mã PIN phải có từ 6 ký tự" in text(own.post(f"{here}/pin", changed | {"new": "111111", "again": "111111"}))
    assert own.post(f"{here}/pin", changed)["Location"] == "/me#certificates"
    assert keys.open_signer(certificate_id=certificate.pk, pin="135799", at=timezone.now()).key
    assert Record.objects.filter(event="pin.changed").count() == 1


def test_a_key_is_reported_lost_by_its_holder(cast: Cast, enter: Enter, own_state: object) -> None:
    paper.give_keys(cast, OPENED + timedelta(days=1))
    certificate = Certificate.objects.get(person_id=cast.head.person_id)
    own = enter(cast.head)
    own.post(f"/me/certificates/{certificate.pk}/lost")
    certificate.refresh_from_db()
    assert certificate.revocation_reason == "keyCompromise"
    page = text(own.get("/me"))
    assert "Đã thu hồi" in page
    assert f"/me/certificates/{certificate.pk}/pin" not in page


@pytest.mark.usefixtures("known_health")
def test_the_page_asks_little_and_holds_nothing_inline(
    cast: Cast, enter: Enter, own_state: object, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    paper.give_keys(cast, OPENED + timedelta(days=1))
    own = enter(cast.head)
    own.get("/me")  # what a process asks now and then whatever the page (is all well with the node) is not the page's
    for address in ("/me", "/me/tokens/create"):
        with django_assert_max_num_queries(16):
            page = own.get(address)
        assert inline(text(page)) == []
