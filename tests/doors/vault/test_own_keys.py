"""One's own encryption certificates: made on the account page, shown by purpose everywhere, carried over when replaced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import pytest_django
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from antin.keys import keepers
from antin.keys import operations as keys
from antin.keys.models import Certificate, CertificateRequest
from antin.vault import operations as vault
from antin.vault import queries
from tests import pki, tokens
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.rooms.keys.test_outside import csr_file
from tests.signatures import PIN
from tests.vaults import Letter, Vaulted

pytestmark = pytest.mark.django_db


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def own(person_id: int, purpose: str = "encryption") -> list[Certificate]:
    return list(Certificate.objects.filter(person_id=person_id, purpose=purpose).order_by("id"))


def test_a_replaced_key_is_told_of_and_its_contents_are_carried_over(
    house: Vaulted,
    letter: Letter,
    cast: Cast,
    enter: Enter,
) -> None:
    person = cast.plan_officer
    browser = enter(person)
    page = text(browser.get("/me"))
    assert "<strong>Mã hóa</strong>" in page
    assert "<strong>Ký số</strong>" in page
    assert "2 nội dung được mã hóa cho khóa này" in page
    assert "Chuyển sang khóa mới" not in page
    (old,) = own(person.person_id)
    assert "Quên mã PIN hoặc mất khóa" in text(browser.get("/me/encryption/make"))
    assert "Còn 4 lần thử" in text(browser.post("/me/encryption/make", {"pin": "000000"}))
    assert len(own(person.person_id)) == 1
    assert "Đã lập chứng thư số mã hóa" in text(browser.post("/me/encryption/make", {"pin": PIN}, follow=True))
    assert "2 nội dung mới chỉ mở được bằng khóa cũ này." in text(browser.get("/me"))
    carry = f"/me/encryption/{old.pk}/carry-over"
    assert "Chuyển 2 nội dung sang khóa mã hóa mới" in text(browser.get(carry))
    for other in (cast.head, cast.administrator):
        assert enter(other).get(carry).status_code == 404
        assert enter(other).post(carry, {"pin": PIN}).status_code == 404
    assert "Còn 4 lần thử" in text(browser.post(carry, {"pin": "000000"}))
    assert "Đã chuyển 2 nội dung sang khóa mới." in text(browser.post(carry, {"pin": PIN}, follow=True))
    newest = own(person.person_id)[-1]
    counted = queries.count_sealed_to(person.person_id, timezone.now())
    assert {key: (held.contents, held.behind) for key, held in counted.items()} == {old.pk: (2, 0), newest.pk: (2, 0)}
    assert "Chuyển sang khóa mới" not in text(browser.get("/me"))
    assert "khóa này không mở được tài liệu mật nào nữa" in text(browser.get(f"/me/certificates/{old.pk}/lost"))
    browser.post(f"/me/certificates/{old.pk}/lost")
    opened = vault.open_content(content_id=letter.body.pk, pin=PIN, actor=person.actor(), at=timezone.now())
    assert opened.content == b"{}"


def test_the_administrator_sees_what_a_certificate_is_for_and_renews_none_for_another(
    house: Vaulted,
    cast: Cast,
    enter: Enter,
) -> None:
    screen = enter(cast.administrator)
    Certificate.objects.filter(purpose="encryption").update(not_after=timezone.now() + timedelta(days=20))
    page = text(screen.get("/administration/devices"))
    assert page.count("Mã hóa<br>") == 7
    assert "7 sắp hết hạn" in page
    assert "Gia hạn" not in page
    assert "<strong>Mã hóa</strong>" in text(screen.get(f"/administration/people/{cast.head.person_id}"))
    assert "Mã hóa · " in text(screen.get("/administration/authority"))
    (head,) = own(cast.head.person_id)
    asked = text(screen.get(f"/administration/certificates/{head.pk}/revoke"))
    assert "Thu hồi chứng thư số mã hóa của Nguyễn Văn An" in asked
    assert "lập chứng thư số mã hóa mới rồi chuyển nội dung sang" in text(enter(cast.head).get("/me"))


def test_a_key_on_ones_own_device_asks_for_a_certificate_to_open_with(
    house: Vaulted,
    cast: Cast,
    enter: Enter,
) -> None:
    head, screen = enter(cast.head), enter(cast.administrator)
    asked = {"post_id": cast.head.post_id, "label": "USB token số 12", "serial": "A1", "purpose": "encryption"}
    file = SimpleUploadedFile("x.csr", csr_file(pki.make_key("p256")))
    assert head.post("/me/certificates/request", asked | {"request": file}).status_code == 302
    waiting = CertificateRequest.objects.get()
    assert waiting.purpose == "encryption"
    assert "Mã hóa · " in text(screen.get("/administration/devices"))
    screen.post(f"/administration/requests/{waiting.pk}/issue")
    made = own(cast.head.person_id)[-1]
    assert (made.device.kind, made.device.image) == ("agent", "")
    assert "1 nội dung" not in text(head.get("/me"))
    refused = text(enter(cast.head).post(f"/me/encryption/{made.pk}/carry-over", {"pin": PIN}))
    assert "chưa có chứng thư số mã hóa" in refused


@pytest.fixture
def slots(settings: pytest_django.fixtures.SettingsWrapper) -> Callable[[str], str]:
    settings.PKCS11_MODULES = {"hsm": tokens.library()}
    keepers.forget()
    return lambda label: f"hsm:{tokens.new_token(label)}"


def test_a_key_in_the_servers_slots_is_made_for_a_person_and_for_a_seal_and_asks(
    house: Vaulted,
    cast: Cast,
    enter: Enter,
    slots: Callable[[str], str],
) -> None:
    place = slots("Máy chủ")
    screen = enter(cast.administrator)
    person = f"/administration/people/{cast.deputy.person_id}"
    assert "Tạo khóa trên thiết bị cho" in text(screen.get(f"{person}/key-request"))
    asked = {"post_id": cast.deputy.post_id, "token": place, "kind": "p256", "pin": "000001"}
    assert "không đúng" in text(screen.post(f"{person}/key-request", asked))
    assert screen.post(f"{person}/key-request", asked | {"pin": tokens.PIN}).status_code == 302
    waiting = CertificateRequest.objects.get()
    assert (waiting.name, waiting.kind, waiting.purpose) == (cast.deputy.actor().person_name, "token", "signing")
    seal = f"/administration/units/{cast.agency_id}"
    assert "chưa được giao mã PIN" in text(screen.post(f"{seal}/key-request", {"token": place, "kind": "p256"}))
    made = keys.issue_requested(request_id=waiting.pk, actor=cast.administrator.actor(), at=timezone.now())
    assert text(screen.get(f"{person}/key-enter"))
    known = {
        "post_id": cast.deputy.post_id,
        "kind": "token",
        "reference": made.device.reference,
        "pin": tokens.PIN,
        "content": SimpleUploadedFile("x.cer", bytes(made.certificate)),
    }
    assert "đã có trong hệ thống" in text(screen.post(f"{person}/key-enter", known))
    absent = {"kind": "token", "reference": "hsm:0:00", "pin": "x"}
    assert "Không thấy thiết bị" in text(screen.post(f"{seal}/key-enter", absent))
    assert enter(cast.head).get(f"{person}/key-request").status_code == 403
