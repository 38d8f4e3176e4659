"""The ceremony of recovery at the door: named, asked, opened by two, told to all; refusals in words; what administrators see."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from antin.keys.models import Certificate
from antin.keys.providers import Wrapped
from antin.keys.providers.software import SoftwareKey
from antin.notices.models import Notice
from antin.vault import operations as vault
from antin.vault.models import Recovery, RecoveryKey
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.rooms.vault.test_elsewhere import own_key
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


def opened_by(key: SoftwareKey, locks: list[dict[str, str]]) -> dict[str, str]:
    """What an officer's own device opens, named by place as page and machine send it."""
    wraps = [Wrapped(base64.b64decode(each["sealed"]), base64.b64decode(each["ephemeral"])) for each in locks]
    return {str(place): base64.b64encode(key.unwrap(each)).decode() for place, each in enumerate(wraps)}


def test_officers_give_their_parts_by_their_own_devices_in_the_page_and_by_machine(
    house: Vaulted, cast: Cast, enter: Enter, client: Client, at: datetime
) -> None:
    one, other = (own_key(house, name, at) for name in ("deputy", "office_head"))
    officers = (cast.deputy, cast.office_head, cast.technique_head)
    chosen = dict(zip(("first", "second", "third"), (each.person_id for each in officers), strict=True))
    head = enter(cast.head)
    assert head.post("/vault/recovery/establish", chosen | {"decision": "13/QĐ-TCZ"}).status_code == 302
    begun = vault.begin(level=1, actor=cast.plan_officer.actor(), at=timezone.now())
    asked = {"classified_id": begun.pk, "person_id": cast.clerk.person_id, "decision": "12/QĐ-TCZ"}
    assert head.post("/vault/recovery/ask", asked).status_code == 302
    here = f"/vault/recovery/{Recovery.objects.get().pk}"

    first = enter(cast.deputy)
    assert 'name="pin"' not in text(first.get(f"{here}/half"))
    page = first.post(f"{here}/half")
    assert "http://127.0.0.1:24599" in page.headers["Content-Security-Policy"]
    assert html.unescape(re.findall(r'data-unlocks="([^"]+)"', text(page))[0]) == f"{here}/locks"
    told = first.post(f"{here}/locks", {"everything": "1", "purpose": "Mở phần thứ nhất"}).json()
    assert (told["title"], told["place"]) == (f"Khóa phục hồi cho tài liệu mật số {begun.pk}", "Mở phần thứ nhất")
    assert [each["id"] for each in told["contents"]] == [0, 1]
    wrong = {"keys": json.dumps({"0": base64.b64encode(bytes(32)).decode()})}
    assert "không khớp với khóa đã lập" in text(first.post(f"{here}/half", wrong))
    lent = {"keys": json.dumps(opened_by(one, told["wraps"]))}
    assert "Đã mở phần thứ nhất" in text(first.post(f"{here}/half", lent, follow=True))
    assert first.post(f"{here}/half", lent).status_code == 409
    assert first.get(f"{here}/half").status_code == 200
    assert enter(cast.clerk).post(f"{here}/locks", headers={"Accept": "application/json"}).json()["code"] == (
        "not_an_officer"
    )

    machine = Machine(client, cast.office_head)
    locks = machine.post(f"{here}/locks")
    assert machine.post(f"{here}/recover", {}, 422)["code"] == "pin_missing"
    assert machine.post(f"{here}/recover", {"keys": {"0": "%"}}, 422)["code"] == "content_damaged"
    assert machine.post(f"{here}/recover", {"keys": opened_by(other, locks["locks"])})["state"] == "done"
