"""The pages of devices and of trust: the register, requests answered, roots and lists brought by file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_django
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from antin.keys import keepers, queries
from antin.keys import operations as keys
from antin.keys.models import Certificate, CertificateRequest, TrustAnchor
from antin.keys.states import Asking, Standing
from tests import pki, tokens
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.rooms.keys.test_outside import PASSWORD, csr_file, key_file

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def screen(enter: Enter, cast: Cast, own_state: Path) -> Client:
    keys.establish(name="Chứng thực nội bộ", organisation="y", actor=None, at=NOW - timedelta(days=1))
    return enter(cast.administrator)


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def text(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_request_brought_on_the_account_page_is_answered_on_the_register(
    cast: Cast, enter: Enter, screen: Client
) -> None:
    head = enter(cast.head)
    asked = {"post_id": cast.head.post_id, "label": "USB token số 12", "serial": "A1"}
    bad = head.post("/me/certificates/request", asked | {"request": upload("x.csr", b"no")})
    assert "không phải là đề nghị" in bad.content.decode()
    for kind in ("p256", "p384"):
        content = csr_file(pki.make_key(kind))
        assert head.post("/me/certificates/request", asked | {"request": upload("x.csr", content)}).status_code == 302
    assert "USB token số 12" in text(head, "/me")
    first, second = CertificateRequest.objects.order_by("id")
    page = text(screen, "/administration/devices")
    assert "USB token số 12" in page
    assert screen.get(f"/administration/requests/{first.pk}/file").content == bytes(first.csr)
    assert head.get(f"/administration/requests/{first.pk}/file").status_code == 403
    assert text(screen, f"/administration/requests/{first.pk}/issue")
    screen.post(f"/administration/requests/{first.pk}/issue")
    screen.post(f"/administration/requests/{second.pk}/decline", {"words": "Đã cấp thiết bị khác"})
    wrong = {"content": upload("x.cer", b"nothing")}
    assert screen.post(f"/administration/requests/{second.pk}/enter", wrong).status_code == 422
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, second.words) == (Asking.ISSUED, Asking.DECLINED, "Đã cấp thiết bị khác")
    page = text(screen, "/administration/devices")
    assert "1 thiết bị lưu khóa" in page
    assert "Thiết bị lưu khóa trên máy của người ký" in page


def test_a_certificate_that_ends_soon_is_renewed_with_a_new_pin_shown_once(cast: Cast, screen: Client) -> None:
    old = keys.issue_person_certificate(
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        pin="24681357",
        actor=None,
        at=NOW,
        lasts=timedelta(days=20),
    )
    page = text(screen, "/administration/devices")
    assert "1 thiết bị lưu khóa, 1 sắp hết hạn" in page
    renew = f"/administration/certificates/{old.pk}/renew"
    assert renew in page
    assert text(screen, renew)
    shown = screen.post(renew).content.decode()
    assert "Mã PIN" in shown
    assert Certificate.objects.exclude(pk=old.pk).get().not_after > old.not_after


def test_a_key_is_made_on_a_token_of_the_server(
    cast: Cast, screen: Client, settings: pytest_django.fixtures.SettingsWrapper
) -> None:
    settings.PKCS11_MODULES = {"hsm": tokens.library(), "gone": "/nowhere/lib.so"}
    keepers.forget()
    serial = tokens.new_token("Máy chủ")
    page = text(screen, "/administration/devices")
    assert f"hsm:{serial}" in page
    assert "không nạp được" in page
    address = f"/administration/people/{cast.head.person_id}/certify"
    assert "Máy chủ" in text(screen, address)
    asked = {"post_id": cast.head.post_id, "years": 3, "token": f"hsm:{serial}"}
    wrong = screen.post(address, asked | {"pin": "00000000"})
    assert "Mã PIN của thiết bị" in wrong.content.decode()
    done = screen.post(address, asked | {"pin": tokens.PIN})
    assert (done.status_code, tokens.PIN in done.content.decode()) == (302, False)
    assert Certificate.objects.get().device.reference.startswith(f"hsm:{serial}:")
    keepers.forget()


@pytest.fixture
def house() -> Iterator[pki.House]:
    yield pki.house("Gốc chuyên dùng")


def test_roots_intermediates_lists_and_key_files_are_brought_by_file(
    cast: Cast, enter: Enter, screen: Client, house: pki.House
) -> None:
    here = "/administration/authority"
    files = {"content": upload("root.cer", house.root.certificate.public_bytes(Encoding.PEM))}
    files = {"content": upload("root.cer", house.root.certificate.public_bytes(Encoding.PEM))}
    screen.post(f"{here}/anchors/add", files | {"reason": "Công văn 12/BCY", "trusted_from": "01/01/2026"})
    anchor = TrustAnchor.objects.get(reason="Công văn 12/BCY")
    assert anchor.trusted_from == datetime(2025, 12, 31, 17, tzinfo=UTC)
    screen.post(f"{here}/intermediates", {"content": upload("ca.cer", house.issuing.der)})
    listed = pki.crl(house.issuing, at=NOW - timedelta(days=9), number=7)
    screen.post(f"{here}/lists", {"content": upload("ca.crl", listed)})
    page = text(screen, here)
    for words in ("Công văn 12/BCY", "Gốc chuyên dùng cấp", "quá hạn", f"{here}/anchors/{anchor.pk}/end"):
        assert words in page
    key = f"/administration/people/{cast.head.person_id}/key-file"
    asked = {"post_id": cast.head.post_id, "password": PASSWORD}
    refused = screen.post(key, asked | {"content": upload("x.p12", b"no")}).content.decode()
    assert "Không mở được tệp khóa" in refused
    shown = screen.post(key, asked | {"content": upload("x.p12", key_file(house.head))}).content.decode()
    assert "Mã PIN" in shown
    assert PASSWORD not in shown
    made = queries.get_certificate_for_person(cast.head.person_id, NOW)
    assert (made.issuer_id, made.standing(NOW)) == (None, Standing.VALID)
    screen.post(f"{here}/anchors/{anchor.pk}/end", {"until": "01/01/2030", "reason": "Gốc mới"})
    assert "Gốc mới" in text(screen, here)
    for address in ("anchors/add", "intermediates", "lists", f"anchors/{anchor.pk}/end"):
        assert enter(cast.head).get(f"{here}/{address}").status_code == 403
