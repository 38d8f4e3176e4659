"""Something classified at the door: who reads it, its level, copies, log and end; nothing of what it says."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils import timezone

from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.keys.providers import Wrapped
from antin.vault import operations as vault
from antin.vault import queries
from antin.vault.models import Classified, Copy
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_page_policy import inline
from tests.rooms.vault.test_elsewhere import own_key
from tests.signatures import PIN
from tests.vaults import TITLE, Letter, Vaulted

pytestmark = pytest.mark.django_db


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def test_only_its_readers_find_it_and_nothing_of_what_it_says_is_shown(
    house: Vaulted, letter: Letter, cast: Cast, enter: Enter
) -> None:
    here = f"/vault/{letter.classified.pk}/"
    own = enter(cast.plan_officer)
    listed, page = text(own.get("/vault")), text(own.get(here))
    assert here in listed
    assert "MẬT" in page
    assert "Người soạn thảo" in page
    assert TITLE not in listed + page
    assert inline(page) == []
    for stranger in (cast.head, cast.deputy, cast.administrator, cast.technique_officer):
        browser = enter(stranger)
        assert here not in text(browser.get("/vault"))
        for address in ("", "readers/add", "level", "copies/give", "destroy", "minutes"):
            assert browser.get(here + address).status_code == 404, (stranger.name, address)


def test_a_reader_is_added_lags_behind_is_granted_again_and_removed(
    house: Vaulted, letter: Letter, cast: Cast, enter: Enter, opened: Callable[..., bytes]
) -> None:
    here = f"/vault/{letter.classified.pk}/"
    own = enter(cast.plan_officer)
    form = text(own.get(f"{here}readers/add"))
    assert cast.head.name in form
    assert cast.technique_officer.name not in form
    asked = {"person_id": cast.clerk.person_id, "need": "clerk", "pin": "000000"}
    assert "Còn 4 lần thử" in text(own.post(f"{here}readers/add", asked))
    assert own.post(f"{here}readers/add", asked | {"need": "drafter", "pin": PIN}).status_code == 422
    assert "Đã thêm người đọc." in text(own.post(f"{here}readers/add", asked | {"pin": PIN}, follow=True))
    assert opened(letter.title, cast.clerk.actor()) == TITLE.encode()
    page = text(own.get(here))
    assert page.count("mở được") == 2
    assert "Đã xem" in page
    held = certificates.find_encryption_certificate(cast.clerk.person_id, timezone.now())
    assert held is not None
    keys.report_lost(certificate_id=held.pk, actor=cast.clerk.actor(), at=timezone.now())
    assert "2 nội dung chưa mở được" in text(own.get(here))
    again = f"{here}readers/{cast.clerk.person_id}/again"
    assert "chưa có chứng thư số mã hóa" in text(own.post(again, {"pin": PIN}))
    keys.issue_encryption_certificate(pin=PIN, actor=cast.clerk.actor(), at=timezone.now())
    assert "Đã cấp lại 2 nội dung" in text(own.post(again, {"pin": PIN}, follow=True))
    remove = f"{here}readers/{cast.clerk.person_id}/remove"
    assert "không lấy lại được điều đã đọc" in text(own.get(remove))
    page = text(own.post(remove, follow=True))
    assert "Người đã rút quyền đọc" in page
    assert enter(cast.clerk).get(here).status_code == 404
    assert own.post(remove).status_code == 404
    alone = f"{here}readers/{cast.plan_officer.person_id}/remove"
    assert "người đọc duy nhất còn lại" in text(own.post(alone))


def test_the_head_decides_over_level_and_term_by_number_and_day(
    house: Vaulted, letter: Letter, cast: Cast, enter: Enter, add: Callable[..., object]
) -> None:
    here = f"/vault/{letter.classified.pk}/"
    add(letter, cast.head.actor(), cast.plan_officer.actor())
    head, officer = enter(cast.head), enter(cast.plan_officer)
    page = text(officer.get(here))
    assert "Chức vụ của đồng chí không được thực hiện việc này." in page
    today = f"{letter.classified.fixed_on:%d/%m/%Y}"
    decided = {"level": "2", "paper": "08/QĐ-TCZ", "decided_on": today}
    assert officer.post(f"{here}level", decided).status_code == 403
    assert head.post(f"{here}level", decided | {"decided_on": "32/13/2026"}).status_code == 422
    assert "Đang ở độ Mật" in text(head.get(f"{here}level"))
    assert "Độ mật nay là Tối mật" in text(head.post(f"{here}level", decided, follow=True))
    until = letter.classified.protected_until.replace(year=letter.classified.fixed_on.year + 90)
    extended = {"until": f"{until:%d/%m/%Y}", "paper": "09/QĐ-TCZ", "decided_on": today}
    assert "không quá 20 năm" in text(head.post(f"{here}extend", extended))
    near = until.replace(year=letter.classified.fixed_on.year + 25)
    assert head.post(f"{here}extend", extended | {"until": f"{near:%d/%m/%Y}"}).status_code == 302
    page = text(head.post(f"{here}declassify", {"paper": "10/QĐ-TCZ", "decided_on": today}, follow=True))
    assert "Đã giải mật" in page
    for words in ("08/QĐ-TCZ", "09/QĐ-TCZ", "10/QĐ-TCZ", "Gia hạn thời hạn bảo vệ"):
        assert words in page


def test_copies_are_numbered_come_back_and_the_whole_is_destroyed_with_minutes(
    house: Vaulted, letter: Letter, cast: Cast, enter: Enter, add: Callable[..., object]
) -> None:
    here = f"/vault/{letter.classified.pk}/"
    add(letter, cast.head.actor(), cast.plan_officer.actor())
    head, officer = enter(cast.head), enter(cast.plan_officer)
    given = {"holder_id": cast.deputy.person_id, "medium": "paper"}
    assert officer.post(f"{here}copies/give", given).status_code == 302
    assert officer.post(f"{here}copies/give", given | {"medium": "electronic"}).status_code == 302
    first, second = Copy.objects.order_by("number")
    page = text(officer.get(here))
    assert f"Bản số 2, {cast.deputy.name} giữ" in page
    assert "Còn 2 bản đang giao." in page
    ended = {"minutes": "03/BB-TCZ", "witness_id": cast.plan_officer.person_id}
    assert "Còn 2 bản chưa thu hồi" in text(head.post(f"{here}destroy", ended))
    assert officer.post(f"{here}copies/{first.pk}/return").status_code == 302
    assert "Biên bản tiêu hủy" in text(officer.get(f"{here}copies/{second.pk}/destroy"))
    assert officer.post(f"{here}copies/{second.pk}/destroy", {"minutes": "02/BB-TCZ"}).status_code == 302
    assert officer.post(f"{here}copies/{second.pk}/return").status_code == 422
    assert officer.get(f"{here}copies/0/return").status_code == 404
    drawn = head.get(f"{here}minutes")
    assert (drawn["Content-Type"], drawn.content[:5]) == ("application/pdf", b"%PDF-")
    assert officer.get(f"{here}minutes").status_code == 403
    assert "không ai mở được nữa" in text(head.get(f"{here}destroy"))
    page = text(head.post(f"{here}destroy", ended, follow=True))
    assert "03/BB-TCZ" in page
    assert head.get(f"{here}minutes").content[:5] == b"%PDF-"
    assert Classified.objects.get().status == "destroyed"
    assert queries.list_all_wraps(letter.title.pk) == []


def test_the_list_goes_on_in_pages(house: Vaulted, cast: Cast, enter: Enter) -> None:
    at = timezone.now() - timedelta(minutes=5)
    for _n in range(52):
        vault.begin(level=1, actor=cast.plan_officer.actor(), at=at)
    own = enter(cast.plan_officer)
    page = text(own.get("/vault"))
    rows = list(Classified.objects.order_by("-id").values_list("pk", flat=True))
    assert page.count("data-row") == 50
    assert f"/vault?before={rows[49]}" in page
    older = text(own.get(f"/vault?before={rows[49]}"))
    assert older.count("data-row") == 2
    assert text(own.get("/vault?before=x")).count("data-row") == 50


def test_the_page_of_ones_own_device_gives_locks_and_sealed_bytes_and_nothing_else(
    house: Vaulted, letter: Letter, cast: Cast, enter: Enter, add: Callable[..., object]
) -> None:
    at = letter.title.sealed_at
    here = f"/vault/{letter.classified.pk}/"
    key = own_key(house, "clerk", at)
    add(letter, cast.clerk.actor(), cast.plan_officer.actor(), "clerk")
    clerk, writer = enter(cast.clerk), enter(cast.plan_officer)
    assert "Mở bằng thiết bị của tôi" not in text(writer.get(here))
    assert "chưa được mã hóa cho khóa hiện nay" in text(writer.get(f"{here}open"))
    assert writer.post(f"{here}locks").status_code == 422
    assert "Mở bằng thiết bị của tôi" in text(clerk.get(here))
    opened = clerk.get(f"{here}open")
    assert "connect-src 'self' http://127.0.0.1:24599" in opened["Content-Security-Policy"]
    told = clerk.post(f"{here}locks", {"use": "printed"}).json()
    assert (told["title"], told["place"], len(told["wraps"])) == (f"Tài liệu mật số {letter.classified.pk}", "in", 2)
    clear = {}
    for content, wrap in zip(told["contents"], told["wraps"], strict=True):
        answer = clerk.post(content["address"], {"use": "printed"})
        assert TITLE.encode() not in answer.content
        wrapped = Wrapped(b64decode(wrap["sealed"]), b64decode(wrap["ephemeral"]))
        clear[content["kind"]] = AESGCM(key.unwrap(wrapped)).decrypt(answer.content[:12], answer.content[12:], None)
        assert f"{cast.clerk.name} · đã in lần 1" in b64decode(answer["X-Marking"]).decode()
    assert clear == {"text": TITLE.encode(), "body": b"{}"}
    assert queries.count_prints(letter.classified.pk) == 2
    for other in (cast.head, cast.administrator):
        assert enter(other).post(told["contents"][0]["address"]).status_code == 404
        assert enter(other).post(f"{here}locks").status_code == 404
    elsewhere = vault.begin(level=1, actor=cast.plan_officer.actor(), at=at)
    assert clerk.post(f"/vault/{elsewhere.pk}/sealed/{letter.title.pk}").status_code == 404
