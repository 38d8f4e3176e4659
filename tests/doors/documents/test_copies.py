"""Certified copies on the pages and over the API: only the ways there are, and what each needs."""

from __future__ import annotations

import html
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from antin.documents.models import Copy, Document
from antin.people import operations as people
from tests import paper
from tests.cast import Cast, Member
from tests.doors.conftest import Enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_state")]


@pytest.fixture
def issued(cast: Cast) -> Document:
    at = timezone.now()
    paper.give_keys(cast, at)
    return paper.an_issued_page(cast, at)


def text_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.content.decode()).split())


def test_asked_permitted_numbered_printed_and_handed_out(
    cast: Cast, enter: Enter, issued: Document, keep_promises: Any
) -> None:
    officer, head, clerk = enter(cast.plan_officer), enter(cast.head), enter(cast.clerk)
    keeper = enter(cast.seal_keeper)
    page = f"/documents/{issued.pk}/copy"
    assert page in text_of(officer, f"/documents/{issued.pk}")
    form = text_of(officer, page)
    assert "Sao y, bản giấy" in form
    assert "Sao y, bản điện tử" not in form  # each copy of an electronic original is the original
    assert 'name="passages"' not in form
    sent = {"key": "k" * 32, "signer": cast.head.post_id, "recipients": "Trung tâm B1\nĐảng ủy"}
    assert officer.post(page, {**sent, "recipients": ""}).status_code == 422
    assert officer.post(page, {**sent, "signer": cast.technique_head.post_id}).status_code == 422
    answer = officer.post(page, sent)
    copy = Copy.objects.get().document
    assert (answer.status_code, answer["Location"]) == (302, f"/documents/{copy.pk}")
    assert officer.post(page, sent)["Location"] == answer["Location"]  # sent twice
    assert "Chờ Nguyễn Văn An cho sao" in text_of(officer, f"/documents/{copy.pk}")
    assert "Xem và cho sao" in text_of(head, "/")
    assert officer.post(f"/documents/{copy.pk}/permit").status_code == 403
    assert head.post(f"/documents/{copy.pk}/permit").status_code == 302
    assert clerk.post(f"/documents/{copy.pk}/number").status_code == 302
    keep_promises(timezone.now())
    assert "In, ký, đóng dấu" in text_of(keeper, "/")
    assert "Đã ký, đóng dấu" in text_of(keeper, f"/documents/{copy.pk}")
    assert keeper.post(f"/documents/{copy.pk}/seal").status_code == 422
    assert keeper.post(f"/documents/{copy.pk}/hand-out").status_code == 302
    copy.refresh_from_db()
    assert (copy.status, copy.code) == ("issued", "01/SY-TCZ")
    assert "01/SY-TCZ" in text_of(officer, f"/documents/{issued.pk}")
    page = text_of(clerk, f"/documents/{copy.pk}")
    assert "Sao từ" in page
    assert "Ghi gửi bưu điện" in page
    assert f"/outgoing/{copy.pk}/board" not in page  # on paper it goes by hand: no board tells of it
    recalled = clerk.post(f"/documents/{copy.pk}/change", {"kind": "recall", "reason": "In nhầm", "by_id": ""})
    assert recalled.status_code == 302
    book = text_of(clerk, "/registers?book=out&type=SAO")
    assert "01/SY-TCZ" in book


def test_an_extract_asks_for_the_passage_and_shows_the_papers_words(cast: Cast, enter: Enter, issued: Document) -> None:
    officer = enter(cast.plan_officer)
    page = f"/documents/{issued.pk}/copy?way=TrS-electronic"
    form = text_of(officer, page)
    assert 'name="passages"' in form
    assert "đề nghị các đơn vị báo cáo kết quả" in form
    sent = {"key": "k" * 32, "signer": cast.head.post_id, "addressed": [cast.recipient_id]}
    answer = officer.post(page, {**sent, "passages": "không có trong văn bản"})
    assert "Văn bản không có đoạn này" in html.unescape(answer.content.decode())
    assert officer.post(page, {**sent, "passages": "đề nghị các đơn vị báo cáo kết quả"}).status_code == 302
    assert Copy.objects.get().document.parties == "Trung tâm B1"


def test_by_machine(cast: Cast, client: Client, issued: Document, keep_promises: Any) -> None:
    def call(member: Member, method: str, address: str, body: Any = None) -> Any:
        made = people.create_token(
            person_id=member.person_id,
            post_id=member.post_id,
            name="thử",
            scopes=("read", "act"),
            expires_at=timezone.now() + timedelta(days=1),
            actor=None,
            at=timezone.now(),
        )
        return client.generic(
            method,
            f"/api{address}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {made.secret}"},
        )

    wish = {"kind": "SY", "form": "paper", "signer_post_id": cast.head.post_id, "recipients": ["B1"], "key": "1"}
    made = call(cast.plan_officer, "POST", f"/documents/{issued.pk}/copies", wish)
    assert (made.status_code, made.json()["status"]) == (201, "asked")
    again = call(cast.plan_officer, "POST", f"/documents/{issued.pk}/copies", wish)
    assert again.json()["id"] == made.json()["id"]
    refused = call(
        cast.plan_officer, "POST", f"/documents/{issued.pk}/copies", {**wish, "form": "electronic", "key": "2"}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "copy_way_not_allowed")
    number = made.json()["id"]
    assert call(cast.head, "POST", f"/documents/{number}/permit").json()["status"] == "permitted"
    assert call(cast.clerk, "POST", f"/documents/{number}/number").json()["next_act"] == "print"
    keep_promises(timezone.now())
    assert call(cast.seal_keeper, "POST", f"/documents/{number}/hand-out").json()["status"] == "issued"
    [told] = call(cast.plan_officer, "GET", f"/documents/{issued.pk}/copies").json()
    assert (told["document"]["code"], told["form"], told["source_id"]) == ("01/SY-TCZ", "paper", issued.pk)
    assert told["of"].startswith(f"Công văn số {issued.code}")
    second = call(cast.plan_officer, "POST", f"/documents/{issued.pk}/copies", {**wish, "key": "3"}).json()["id"]
    dropped = call(cast.head, "POST", f"/documents/{second}/drop", {"reason": "Không cần"})
    assert dropped.json()["status"] == "abandoned"
