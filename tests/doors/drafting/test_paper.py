"""A paper that came by hand: taken once, every bad file refused in words at its field, nothing typed lost."""

from __future__ import annotations

import html
import io
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from antin.documents import queries
from antin.documents.models import Document
from antin.documents.states import Direction, Status
from antin.files.models import File
from tests import papers
from tests.cast import Cast
from tests.doors.conftest import Enter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]

KEY = "p" * 32
MISSING = "Chưa có bản quét."


def sent(**changes: Any) -> dict[str, Any]:
    """What the form of an ordinary paper sends."""
    plain = {
        "key": KEY,
        "type_code": "CV",
        "code": "872/VP-TH",
        "document_date": "2026-11-20",
        "issuer_name": "Sở Y tế tỉnh H",
        "subject": "Phối hợp khảo sát đường truyền",
        "urgency": "0",
        "secrecy": "0",
        "reply_by": "",
        "act": "register",
    }
    return plain | changes


def scan(content: bytes | None = None, name: str = "quet.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, papers.pdf(pages=2) if content is None else content)


def words(answer: Any) -> str:
    """What a person reads on the page."""
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))


def arrivals() -> list[Document]:
    return list(Document.objects.filter(direction=Direction.IN))


@pytest.fixture
def clerk(cast: Cast, enter: Enter) -> Client:
    return enter(cast.recipient_clerk)


def test_a_paper_is_entered_in_the_book_with_its_scan_and_files(cast: Cast, clerk: Client) -> None:
    files = [scan(b"so,ten\n1,a", "bang.csv"), scan(papers.pdf(), "phu luc.pdf")]
    answer = clerk.post("/incoming/paper", sent(scan=scan(), attachments=files, urgency="1"), follow=True)
    (document,) = arrivals()
    assert answer.redirect_chain == [(f"/documents/{document.pk}", 302)]
    assert "Đã vào sổ, số đến 1, trình Giám đốc." in words(answer)
    assert (document.arrival_number, document.status, document.pages) == (1, Status.REGISTERED, 2)
    assert (document.code, document.document_date, document.urgency) == ("872/VP-TH", date(2026, 11, 20), 1)
    assert document.next_holder == f"P{cast.recipient_head.post_id}"
    kept = queries.list_attachments(document.pk)
    assert [(each.name, each.media_type) for each in kept] == [
        ("bang.csv", "text/plain"),
        ("phu luc.pdf", "application/pdf"),
    ]


def test_the_same_form_sent_twice_enters_one_paper(clerk: Client) -> None:
    first = clerk.post("/incoming/paper", sent(scan=scan()))
    again = clerk.post("/incoming/paper", sent(scan=scan()))
    assert first["Location"] == again["Location"]
    assert [document.arrival_number for document in arrivals()] == [1]


def test_a_duplicate_is_shown_and_entered_only_when_the_clerk_says_so(clerk: Client) -> None:
    clerk.post("/incoming/paper", sent(scan=scan()))
    answer = clerk.post("/incoming/paper", sent(scan=scan(), key="q" * 32))
    assert answer.status_code == 422
    assert "Có thể trùng: 872/VP-TH của Sở Y tế tỉnh H đã vào sổ, số đến 1" in " ".join(words(answer).split())
    assert len(arrivals()) == 1
    clerk.post("/incoming/paper", sent(scan=scan(), key="q" * 32, despite_duplicate="1"))
    assert sorted(document.arrival_number or 0 for document in arrivals()) == [1, 2]


BAD = {
    "zero-byte": (b"", "Tệp rỗng"),
    "mislabelled": (papers.office("docx"), "không phải PDF"),
    "html": (b"<!doctype html><script>alert(1)</script>", "không phải PDF"),
    "encrypted": (papers.encrypted(), "mật khẩu"),
    "encrypted without password": (papers.encrypted_without_password(), "mã hóa"),
    "cut": (papers.cut(), "bị hỏng"),
    "broken": (papers.broken_in_the_middle(), "bị hỏng"),
    "active": (next(papers.active())[2], "mã JavaScript"),
}


@pytest.mark.parametrize(("content", "reason"), BAD.values(), ids=BAD)
def test_a_bad_scan_is_refused_at_its_field_and_what_was_typed_stays(
    clerk: Client, content: bytes, reason: str
) -> None:
    answer = clerk.post("/incoming/paper", sent(scan=scan(content)))
    assert answer.status_code == 422
    page = answer.content.decode()
    at_field = re.search(r'id="id_scan_error">(.*?)</span></span>', page, re.DOTALL)
    assert at_field, "the field says nothing"
    assert "quet.pdf: " in html.unescape(at_field[1])
    assert reason in html.unescape(at_field[1])
    assert 'value="872/VP-TH"' in page
    assert "Phối hợp khảo sát đường truyền" in page
    assert arrivals() == []
    assert File.objects.count() == 0


def test_a_file_beyond_the_limit_is_refused_while_it_streams(clerk: Client, settings: Any, own_state: Path) -> None:
    settings.FILE_LIMIT = 2_000_000
    answer = clerk.post("/incoming/paper", sent(scan=scan(b"%PDF-1.7\n" + b"x" * 6_000_000)))
    assert answer.status_code == 422
    assert "Tệp lớn hơn 2 MB nên không nhận được." in words(answer)
    assert "Phối hợp khảo sát đường truyền" in words(answer)
    assert arrivals() == []
    assert list((own_state / "uploads").iterdir()) == []


def test_a_full_disk_is_said_at_the_field(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The device that is always full stands in for the temporary file."""
    monkeypatch.setattr("antin.web.uploads.tempfile.SpooledTemporaryFile", lambda **_: io.FileIO("/dev/full", "w"))
    answer = clerk.post("/incoming/paper", sent(scan=scan()))
    assert answer.status_code == 422
    assert "hết chỗ lưu trữ" in words(answer)
    assert arrivals() == []


def test_what_is_wrong_with_the_facts_does_not_lose_the_scan(clerk: Client) -> None:
    answer = clerk.post("/incoming/paper", sent(scan=scan(), subject="", issuer_name=" "))
    assert answer.status_code == 422
    assert "Chưa có trích yếu." in words(answer)
    assert "Chưa ghi nơi gửi." in words(answer)
    token = re.search(r'name="kept_scan" value="([^"]+)"', answer.content.decode())
    assert token
    answer = clerk.post("/incoming/paper", sent(kept_scan=token[1]))
    assert answer.status_code == 302
    assert arrivals()[0].pages == 2


def test_a_kept_file_is_brought_back_only_by_whom_it_was_sent(cast: Cast, clerk: Client, enter: Enter) -> None:
    answer = clerk.post("/incoming/paper", sent(scan=scan(), subject=""))
    token = re.search(r'name="kept_scan" value="([^"]+)"', answer.content.decode())
    assert token
    assert clerk.get(f"/incoming/paper/{token[1]}/1").headers["Content-Type"] == "image/png"
    other = enter(cast.clerk)
    assert MISSING in words(other.post("/incoming/paper", sent(kept_scan=token[1])))
    assert other.get(f"/incoming/paper/{token[1]}/1").status_code == 404
    assert MISSING in words(clerk.post("/incoming/paper", sent(kept_scan=token[1][:-2] + "xx")))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"secrecy": "2"}, "Quyết định 28/2018/QĐ-TTg"),
        ({"document_date": f"{date.today() + timedelta(days=2):%Y-%m-%d}"}, "ở sau hôm nay"),
        ({"document_date": "31/02/2026"}, "Ghi ngày theo dạng"),
        ({"subject": "x" * 5000}, "5000 ký tự"),
        ({"type_code": "XX"}, "XX"),
        ({"present_to": "999999"}, "999999"),
    ],
)
def test_wrong_facts_are_refused_in_words(clerk: Client, changes: dict[str, str], reason: str) -> None:
    answer = clerk.post("/incoming/paper", sent(scan=scan(), **changes))
    assert answer.status_code == 422
    assert reason in words(answer)
    assert arrivals() == []


def test_the_script_hears_of_a_duplicate_and_a_holiday_while_the_form_is_filled_in(clerk: Client) -> None:
    clerk.post("/incoming/paper", sent(scan=scan()))
    answer = clerk.post(
        "/incoming/paper", sent(key="q" * 32, reply_by="2027-01-01"), headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200
    assert "Có thể trùng" in answer.json()["parts"]["part-alerts"]
    assert "Tết Dương lịch" in answer.json()["parts"]["part-reply"]
    assert len(arrivals()) == 1


def test_only_clerks_take_papers_in(cast: Cast, enter: Enter) -> None:
    for member in (cast.recipient_head, cast.plan_officer, cast.administrator):
        outsider = enter(member)
        assert outsider.get("/incoming/paper").status_code == 403
        assert outsider.post("/incoming/paper", sent(scan=scan())).status_code == 403
    assert arrivals() == []


def test_hostile_words_are_shown_as_words(clerk: Client) -> None:
    hostile = '"><script>alert(1)</script>'
    answer = clerk.post("/incoming/paper", sent(subject=hostile, issuer_name=hostile, code=hostile))
    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.content.decode()
