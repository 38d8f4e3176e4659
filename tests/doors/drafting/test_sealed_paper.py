"""The page and the endpoint for secret papers that come by hand, and what the page for ordinary papers does with them."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from antin.documents.models import Document
from antin.files.models import File
from antin.vault import queries as vault
from antin.vault.models import Copy
from tests import papers, secrets
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.secrets import PIN

pytestmark = pytest.mark.django_db
SUBJECT = "Chim hoàng yến xây tổ 9201"


@pytest.fixture(autouse=True)
def world(cast: Cast, own_state: Path) -> None:
    secrets.give_keys(cast, timezone.now())


def sent(cast: Cast, **changes: Any) -> dict[str, Any]:
    plain = {
        "key": "s" * 32,
        "secrecy": "1",
        "type_code": "CV",
        "code": "15/BTL-TM",
        "document_date": "2026-11-20",
        "issuer_name": "Bộ Tư lệnh H",
        "subject": SUBJECT,
        "urgency": "0",
        "present_to": str(cast.recipient_head.post_id),
        "holder_id": str(cast.recipient_clerk.person_id),
    }
    return plain | changes


def scan(content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("quet.pdf", papers.pdf(pages=2) if content is None else content)


def words(answer: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_the_page_enters_it_says_what_is_wrong_and_keeps_no_file_meanwhile(cast: Cast, enter: Enter) -> None:
    clerk, before = enter(cast.recipient_clerk), File.objects.count()
    page = clerk.get("/incoming/paper/sealed")
    assert page.headers["Cache-Control"] == "no-store"
    assert "Tuyệt mật" not in re.findall(r'<select name="secrecy".*?</select>', page.content.decode(), re.DOTALL)[0]
    wrong = {
        "Quét văn bản mật là sao, chụp": {"scan": scan()},
        "Chưa có trích yếu": {"scan": scan(), "subject": "", "scan_allowed_by": str(cast.recipient_head.post_id)},
        "quet.pdf:": {"scan": scan(b"khong phai PDF")},
        "Chưa ghi nơi gửi": {"issuer_name": ""},
    }
    for reason, changes in wrong.items():
        answer = clerk.post("/incoming/paper/sealed", sent(cast, **changes))
        assert (answer.status_code, reason in words(answer)) == (422, True), words(answer)
        assert ("chọn lại tệp" in words(answer)) == ("scan" in changes)
        assert answer.headers["Cache-Control"] == "no-store"
    assert (Document.objects.count(), File.objects.count()) == (0, before)
    answer = clerk.post("/incoming/paper/sealed", sent(cast), follow=True)
    assert "Đã vào sổ văn bản mật, số đến 1, trình Giám đốc." in words(answer)
    (document,) = Document.objects.all()
    assert (document.file, Copy.objects.get().number) == ("", 1)
    assert clerk.post("/incoming/paper/sealed", sent(cast)).status_code == 302
    same = clerk.post("/incoming/paper/sealed", sent(cast, key="t" * 32))
    assert (same.status_code, "Đã kiểm tra, vẫn vào sổ" in words(same)) == (422, True)
    leader = enter(cast.recipient_head)
    opened = leader.post(f"/documents/{document.pk}/open", {"pin": PIN, "act": "open"})
    assert SUBJECT in words(opened)
    assert "Đã kiểm tra" not in words(leader.get(f"/documents/{document.pk}"))


def test_who_is_no_cleared_clerk_has_no_such_page(cast: Cast, enter: Enter) -> None:
    assert enter(cast.recipient_head).get("/incoming/paper/sealed").status_code == 403
    assert enter(cast.recipient_works_officer).post("/incoming/paper/sealed", sent(cast)).status_code == 403


def test_the_page_of_ordinary_papers_destroys_what_turns_out_to_be_secret(cast: Cast, enter: Enter) -> None:
    clerk, before = enter(cast.recipient_clerk), File.objects.count()
    ordinary = sent(cast, secrecy="0", act="look") | {"scan": scan()}
    page = clerk.post("/incoming/paper", ordinary)
    token = re.findall(r'name="kept_scan" value="([^"]+)"', page.content.decode())[0]
    assert File.objects.count() == before + 1
    answer = clerk.post(
        "/incoming/paper", sent(cast, kept_scan=html.unescape(token), act="register") | {"scan": scan()}
    )
    assert (answer.status_code, File.objects.count()) == (422, before)
    assert 'href="/incoming/paper/sealed"' in answer.content.decode()
    assert 'name="kept_scan"' not in answer.content.decode()


def test_by_machine(cast: Cast, client: Client) -> None:
    clerk = Machine(client, cast.recipient_clerk)
    form = sent(cast, reader_posts=[cast.recipient_deputy.post_id], scan_allowed_by=cast.recipient_head.post_id)
    files = {"scan": scan(), "attachments": [SimpleUploadedFile(f"{n}.txt", b"so") for n in "ab"]}
    answer = client.post("/api/papers/sealed", form | files, headers=clerk.headers)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["subject"], made["secrecy"], made["pages"], made["arrival_number"]) == ("Văn bản độ Mật", 1, 2, 1)
    opened = Machine(client, cast.recipient_deputy).post(f"/documents/{made['id']}/open", {"pin": PIN})
    assert (opened["subject"], [each["name"] for each in opened["enclosed"]]) == (SUBJECT, ["a.txt", "b.txt"])
    document = Document.objects.get()
    assert len(vault.list_readers(document.classified_id or 0)) == 3
    refused = client.post(
        "/api/papers/sealed", sent(cast, key="u" * 32, code="16/BTL-TM") | {"scan": scan()}, headers=clerk.headers
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "scan_not_allowed")
    before = File.objects.count()
    closed = client.post("/api/papers", sent(cast, key="v" * 32) | {"scan": scan()}, headers=clerk.headers)
    assert (closed.status_code, closed.json()["code"]) == (422, "classified_elsewhere")
    assert File.objects.count() == before
