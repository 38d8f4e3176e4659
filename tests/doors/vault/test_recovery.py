"""The ceremony of recovery at the door: named, asked, opened by two, told to all; refusals in words; what administrators see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from antin.keys.models import Certificate
from antin.notices.models import Notice
from antin.vault import operations as vault
from antin.vault.models import Recovery, RecoveryKey
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.signatures import PIN
from tests.vaults import DECISION, TITLE, Letter, Vaulted

pytestmark = pytest.mark.django_db


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("holder", flat=True))


def test_two_officers_bring_a_letter_to_the_clerk_step_by_step(
    house: Vaulted, letter: Letter, cast: Cast, enter: Enter, opened: Callable[..., bytes]
) -> None:
    head, first, second, clerk = (enter(each) for each in (cast.head, cast.deputy, cast.office_head, cast.clerk))
    assert "Chưa có lần nào." in text(head.get("/vault/recovery"))
    asked = {"classified_id": letter.classified.pk, "person_id": cast.clerk.person_id, "decision": "12/QĐ-TCZ"}
    form = text(head.get("/vault/recovery/ask"))
    assert f"Số {letter.classified.pk}, Mật, xác định ngày" in form
    assert first.get("/vault/recovery/ask").status_code == 403
    assert head.post("/vault/recovery/ask", asked | {"decision": ""}).status_code == 422
    assert head.post("/vault/recovery/ask", asked).status_code == 302
    assert "đã được đọc tài liệu này" in text(head.post("/vault/recovery/ask", asked))
    recovery = Recovery.objects.get()
    here = f"/vault/recovery/{recovery.pk}"
    everybody = {cast.deputy, cast.office_head, cast.technique_head, cast.clerk, cast.plan_officer}
    assert told("recovery.asked") == {f"M{each.person_id}" for each in everybody}
    page = text(first.get("/vault/recovery"))
    assert f"{here}/half" in page
    assert "Hai nửa khóa" in page
    assert f"{here}/half" not in text(clerk.get("/vault/recovery"))
    assert "Chỉ cán bộ giữ khóa phục hồi" in text(clerk.post(f"{here}/half", {"pin": PIN}))
    assert "Cấp cho: " in text(first.get(f"{here}/half"))
    assert "Còn 4 lần thử" in text(first.post(f"{here}/half", {"pin": "000000"}))
    assert "Đã mở phần thứ nhất" in text(first.post(f"{here}/half", {"pin": PIN}, follow=True))
    assert "Đồng chí đã mở phần của mình" in text(first.get("/vault/recovery"))
    assert "Đồng chí đã mở phần của mình" in text(first.post(f"{here}/recover", {"pin": PIN}))
    assert f"M{cast.head.person_id}" in told("recovery.half_given")
    assert "Đã phục hồi" in text(second.post(f"{here}/recover", {"pin": PIN}, follow=True))
    assert told("recovery.done") >= {f"M{cast.clerk.person_id}", f"M{cast.plan_officer.person_id}"}
    assert opened(letter.title, cast.clerk.actor(), at=timezone.now()) == TITLE.encode()
    assert TITLE not in "".join(str(each.facts) for each in Notice.objects.all())
    page = text(head.get("/vault/recovery"))
    assert "Đã phục hồi" in page
    assert f"{here}/withdraw" not in page


def test_the_head_gives_a_recovery_up_and_what_was_opened_is_gone(
    house: Vaulted, letter: Letter, cast: Cast, enter: Enter, at: datetime
) -> None:
    made = vault.ask_recovery(
        classified_id=letter.classified.pk,
        person_id=cast.clerk.person_id,
        decision=DECISION,
        actor=cast.head.actor(),
        at=at,
    )
    head = enter(cast.head)
    here = f"/vault/recovery/{made.pk}/withdraw"
    assert enter(cast.deputy).post(here).status_code == 403
    assert "bị xóa" in text(head.get(here))
    assert "Đã hủy yêu cầu phục hồi." in text(head.post(here, follow=True))
    assert told("recovery.withdrawn") >= {f"M{cast.deputy.person_id}"}
    assert enter(cast.deputy).post(f"/vault/recovery/{made.pk}/half", {"pin": PIN}).status_code == 409


def names(browser: Client) -> str:
    return text(browser.get("/vault/recovery/establish"))


def test_the_head_names_three_others_and_the_old_three_keep_what_was_theirs(
    house: Vaulted, letter: Letter, cast: Cast, enter: Enter
) -> None:
    head = enter(cast.head)
    assert cast.technique_head.name in names(head)
    assert cast.technique_officer.name not in names(head)
    three = {"first": cast.clerk.person_id, "second": cast.plan_head.person_id, "decision": "13/QĐ-TCZ"}
    address = "/vault/recovery/establish"
    assert "đúng ba cán bộ khác nhau" in text(head.post(address, three | {"third": cast.clerk.person_id}))
    assert head.post(address, three | {"third": cast.technique_officer.person_id}).status_code == 422
    assert enter(cast.deputy).post(address, three | {"third": cast.head.person_id}).status_code == 403
    assert head.post(address, three | {"third": cast.technique_head.person_id}).status_code == 302
    assert RecoveryKey.objects.count() == 2
    assert told("recovery.established") == {
        f"M{each.person_id}" for each in (cast.clerk, cast.plan_head, cast.technique_head)
    }
    assert told("recovery.kept") == {f"P{cast.administrator.post_id}"}
    page = text(enter(cast.deputy).get("/vault/recovery"))
    assert "còn 1 tài liệu" in page
    assert "khóa cũ" in page
    assert "Chức vụ của đồng chí không được thực hiện việc này." in page


def test_who_is_not_concerned_sees_nothing_and_administrators_see_the_state_alone(
    house: Vaulted, letter: Letter, cast: Cast, enter: Enter
) -> None:
    assert enter(cast.technique_officer).get("/vault/recovery").status_code == 404
    assert enter(cast.administrator).get("/vault/recovery").status_code == 404
    assert enter(cast.head).get("/administration/recovery").status_code == 403
    screen = enter(cast.administrator)
    page = text(screen.get("/administration/recovery"))
    assert "đủ ba người" in page
    assert "chưa có" in page
    assert cast.deputy.name in page
    assert TITLE not in page
    Certificate.objects.filter(person_id=cast.deputy.person_id, purpose="encryption").update(
        revoked_at=timezone.now(), revocation_reason="keyCompromise"
    )
    assert "chỉ 2 người còn khóa mã hóa" in text(screen.get("/administration/recovery"))


def test_an_agency_without_a_recovery_key_says_so(cast: Cast, enter: Enter) -> None:
    page = text(enter(cast.head).get("/vault/recovery"))
    assert "chưa cử ba cán bộ giữ khóa phục hồi" in page
    assert "/vault/recovery/establish" in page
    assert "Tài liệu mật" in text(enter(cast.head).get("/me"))
    assert "/vault/recovery" not in text(enter(cast.clerk).get("/me"))
