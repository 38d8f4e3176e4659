"""The signing page of somebody whose key is on his own machine: it prepares, and takes only the signature that fits."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import signing
from django.test import Client

from antin.documents.models import Document
from antin.documents.states import Status
from antin.keys import operations as keys
from antin.signing import queries as signatures
from antin.web.documents.signing import AGENT, PREPARED
from tests import paper
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.rooms.signing.test_elsewhere import own_key
from tests.unchanged import everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(cast: Cast, now: datetime) -> ec.EllipticCurvePrivateKey:
    keys.establish(name="Chứng thực thử nghiệm", organisation="Bộ Y", actor=None, at=now - timedelta(days=1))
    return own_key(cast, now - timedelta(hours=1))[1]


@pytest.fixture
def to_sign(cast: Cast, own: ec.EllipticCurvePrivateKey, now: datetime) -> Document:
    return paper.a_page_to_sign(cast, now)


def prepare(browser: Client, document: Document) -> dict[str, Any]:
    asked = browser.post(
        f"/documents/{document.pk}/sign/prepare", {"seen_file": document.file}, HTTP_ACCEPT="application/json"
    )
    assert asked.status_code == 200
    return dict(asked.json())


def test_the_page_prepares_and_takes_the_signature(
    cast: Cast, enter: Enter, to_sign: Document, own: ec.EllipticCurvePrivateKey
) -> None:
    browser = enter(cast.head)
    here = f"/documents/{to_sign.pk}/sign"
    page = browser.get(here)
    assert f"connect-src 'self' {AGENT};" in page["Content-Security-Policy"]
    shown = page.content.decode()
    assert f'data-agent="{AGENT}"' in shown
    assert 'name="pin"' not in shown
    told = prepare(browser, to_sign)
    assert (told["title"], told["place"]) == (to_sign.subject, "trang 1 trên 1")
    made = own.sign(base64.b64decode(told["data"]), ec.ECDSA(hashes.SHA256()))
    answer = {"seen_file": to_sign.file, "prepared": told["prepared"], "signature": base64.b64encode(made).decode()}
    before = everything()
    number, seen, moment = signing.loads(told["prepared"], salt=PREPARED)
    old = (datetime.fromisoformat(moment) - timedelta(minutes=11)).isoformat()
    for wrong, words in (
        ({"prepared": told["prepared"][:-1]}, "Đã quá 10 phút"),
        ({"prepared": signing.dumps([number, seen, old], salt=PREPARED)}, "Đã quá 10 phút"),
        ({"prepared": signing.dumps([number + 1, seen, moment], salt=PREPARED)}, "Đã quá 10 phút"),
        ({"signature": "?"}, "Đã quá 10 phút"),
        ({"signature": base64.b64encode(b"no signature").decode()}, "không phải chữ ký hợp lệ"),
    ):
        refused = browser.post(here, answer | wrong)
        assert refused.status_code in {409, 422}
        assert words in refused.content.decode()
    assert everything() == before
    assert browser.post(here, answer)["Location"] == f"/drafts/{to_sign.pk}"
    to_sign.refresh_from_db()
    assert to_sign.status == Status.SIGNED
    page = browser.get(f"/drafts/{to_sign.pk}").content.decode()
    assert "Hợp lệ: Nguyễn Văn An, Tổng cục trưởng, Tổng cục Z" in page


def test_it_is_prepared_for_the_signer_and_for_the_page_he_saw(
    cast: Cast, enter: Enter, to_sign: Document, own: ec.EllipticCurvePrivateKey
) -> None:
    address = f"/documents/{to_sign.pk}/sign/prepare"
    asked = {"HTTP_ACCEPT": "application/json"}
    assert enter(cast.head).post(address, {}, **asked).status_code == 422
    changed = enter(cast.head).post(address, {"seen_file": "0" * 64}, **asked)
    assert (changed.status_code, changed.json()["code"]) == (422, "page_changed")
    assert enter(cast.clerk).post(address, {"seen_file": to_sign.file}, **asked).status_code in {403, 404}
    assert enter(cast.head).get(address).status_code == 405


def test_many_are_asked_for_listed_and_taken_each_in_two_steps(
    cast: Cast, enter: Enter, own: ec.EllipticCurvePrivateKey, now: datetime, keep_promises: Callable[..., object]
) -> None:
    documents = [paper.a_page_to_sign(cast, now) for _ in range(3)]
    browser = enter(cast.head)
    page = browser.get("/documents/sign")
    shown = page.content.decode()
    assert f"connect-src 'self' {AGENT};" in page["Content-Security-Policy"]
    assert 'data-prepare="/documents/sign/prepare"' in shown
    assert 'name="pin"' not in shown
    picks = [f"{each.pk}:{each.file}" for each in documents]
    assert browser.post("/documents/sign/prepare", {}, HTTP_ACCEPT="application/json").status_code == 422
    told = browser.post(
        "/documents/sign/prepare",
        {"pick": [*picks[:2], f"{documents[2].pk}:{'0' * 64}"]},
        HTTP_ACCEPT="application/json",
    ).json()
    assert told["title"] == "2 văn bản"
    assert [each["title"] for each in told["items"]] == [each.subject for each in documents[:2]]
    made = [own.sign(base64.b64decode(each["data"]), ec.ECDSA(hashes.SHA256())) for each in told["items"]]
    number, items, moment = signing.loads(told["prepared"], salt="antin.batch.prepared")
    answer = {"prepared": told["prepared"], "signature": " ".join(base64.b64encode(each).decode() for each in made)}
    before = everything()
    old = (datetime.fromisoformat(moment) - timedelta(minutes=11)).isoformat()
    for wrong in (
        {"prepared": told["prepared"][:-1]},
        {"prepared": signing.dumps([number, items, old], salt="antin.batch.prepared")},
        {"signature": base64.b64encode(made[0]).decode()},
        {"signature": "? ?"},
    ):
        refused = browser.post("/documents/sign", answer | wrong)
        assert refused.status_code == 422
        assert "Đã quá 10 phút" in refused.content.decode()
    assert everything() == before
    other = own.sign(b"something else", ec.ECDSA(hashes.SHA256()))
    swapped = {"signature": " ".join(base64.b64encode(each).decode() for each in (made[0], other))}
    here = f"/documents/sign/{number}"
    assert browser.post("/documents/sign", answer | swapped)["Location"] == here
    keep_promises(now)
    items = signatures.list_items(number)
    assert [each.state for each in items] == ["done", "failed", "failed"]
    assert "không phải chữ ký hợp lệ" in items[1].fault
    documents[0].refresh_from_db()
    assert documents[0].status == Status.SIGNED
    rest = browser.post(f"{here}/prepare", HTTP_ACCEPT="application/json")
    assert (rest.status_code, rest.json()["href"]) == (409, here)


def test_a_batch_cut_short_is_asked_for_again_on_its_own_page(
    cast: Cast, enter: Enter, own: ec.EllipticCurvePrivateKey, now: datetime, keep_promises: Callable[..., object]
) -> None:
    document = paper.a_page_to_sign(cast, now)
    browser = enter(cast.head)
    browser.post("/documents/sign/prepare", {"pick": f"{document.pk}:{document.file}"}, HTTP_ACCEPT="application/json")
    (batch,) = signatures.list_batches(cast.head.actor())
    here = f"/documents/sign/{batch.pk}"
    assert f'data-prepare="{here}/prepare"' in browser.get(here).content.decode()
    told = browser.post(f"{here}/prepare", HTTP_ACCEPT="application/json").json()
    made = own.sign(base64.b64decode(told["items"][0]["data"]), ec.ECDSA(hashes.SHA256()))
    answer = {"prepared": told["prepared"], "signature": base64.b64encode(made).decode()}
    assert browser.post(here, answer)["Location"] == here
    keep_promises(now)
    assert signatures.count_items(batch.pk) == {"done": 1}
    assert browser.post(here, answer)["Location"] == here
