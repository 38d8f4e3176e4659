"""The pages of devices and of trust: the register, requests answered, roots and lists brought by file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_django
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from antin.console.main import main
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
    asked = {"post_id": cast.head.post_id, "label": "USB token số 12", "serial": "A1", "purpose": "signing"}
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
    assert "bắt buộc" not in text(screen, f"{here}/anchors/add").replace("không bắt buộc", "")
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


def test_an_offer_is_shown_and_withdrawn_by_the_administrator(cast: Cast, enter: Enter, screen: Client) -> None:
    seal = keys.issue_agency_certificate(
        agency_id=cast.agency_id, custodian_id=cast.seal_keeper.person_id, actor=None, at=NOW - timedelta(hours=1)
    )
    given = {"to_person_id": cast.clerk.person_id, "basis": "5/GP-VP", "condition": "Nguyên niêm phong"}
    screen.post(f"/administration/certificates/{seal.pk}/hand-over", given)
    (offer,) = queries.list_hand_overs(seal.pk)
    page = text(screen, "/administration/devices")
    assert "Chờ bên nhận ký biên bản" in page
    assert "5/GP-VP · Nguyên niêm phong" in page
    address = f"/administration/hand-overs/{offer.pk}/withdraw"
    assert enter(cast.clerk).post(address).status_code == 403
    screen.post(address)
    assert "Đã rút lại" in text(screen, "/administration/devices")
    assert screen.post(address).status_code == 409
    clerk = enter(cast.clerk)
    again = keys.offer_device(
        certificate_id=seal.pk,
        to_person_id=cast.clerk.person_id,
        basis="6/GP-VP",
        actor=cast.seal_keeper.actor(),
        at=NOW,
    )
    assert clerk.post(f"/me/custody/{again.pk}/decline", {"words": "Niêm phong rách"}).status_code == 302
    assert "Niêm phong rách" in text(screen, "/administration/devices")
    keeper = enter(cast.seal_keeper)
    assert text(keeper, f"/me/certificates/{seal.pk}/device-lost")
    keeper.post(f"/me/certificates/{seal.pk}/device-lost")
    assert "Đã báo mất" in text(screen, "/administration/devices")


def test_trust_is_kept_at_the_console_too(
    screen: Client, house: pki.House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "root.cer"
    root.write_bytes(house.root.der)
    assert main(["trust", "add", str(root)]) == 1
    assert main(["trust", "add", str(root), "--reason", "Công văn 12/BCY", "--since", "2026-02-01"]) == 0
    capsys.readouterr()
    assert main(["trust", "list", "--json"]) == 0
    (row,) = [each for each in json.loads(capsys.readouterr().out) if each["reason"] == "Công văn 12/BCY"]
    assert (row["trusted_from"], row["trusted_until"]) == ("2026-01-31T17:00:00+00:00", None)
    end = ["trust", "end", row["fingerprint"], "--until", "2030-01-01"]
    assert main(end) == 1
    assert main([*end, "--reason", "Gốc mới"]) == 0
    assert main(["trust", "end", "00", "--reason", "x"]) == 1
    assert "Công văn 12/BCY Gốc mới" in capsys.readouterr().out
