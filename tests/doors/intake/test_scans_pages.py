"""The pages of scanned papers: sent in one form, confirmed field by field, the next opened by itself."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from antin.documents import queries as documents
from antin.intake import queries
from antin.intake.states import Status
from tests import scans

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "k" * 32
DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def printed() -> bytes:
    return scans.printed(152, DAY)


def _send(browser, *contents, key=KEY):
    files = [SimpleUploadedFile(f"quet-{n}.pdf", content, "application/pdf") for n, content in enumerate(contents)]
    return browser.post(reverse("scans"), {"key": key, "scans": files})


def _form(**changes):
    return {
        "type_code": "CV",
        "code": "152/CQN-KH",
        "document_date": "20/11/2026",
        "issuer_name": "Cục Quân nhu",
        "subject": "Báo cáo kết quả",
        "urgency": "0",
        "secrecy": "0",
        "reply_by": "",
        "present_to": "",
        "act": "register",
    } | changes


def test_files_are_sent_read_confirmed_and_the_next_opens(cast, enter, own_state, printed, keep_promises):
    browser = enter(cast.clerk)
    assert _send(browser, printed, scans.printed(7, DAY, issuer_name="Cục Xăng dầu")).status_code == 302
    keep_promises()
    first, second = queries.list_papers(cast.clerk.actor())
    shown = browser.get(reverse("scans"))
    assert "2 văn bản chờ xác nhận" in shown.text
    assert "152/CQN-KH" in shown.text

    page = browser.get(reverse("scanned-paper", args=[first.pk]))
    assert 'value="152/CQN-KH"' in page.text
    assert 'data-place="code"' in page.text
    assert "Đọc trên trang, chắc 100 %" in page.text
    image = browser.get(reverse("scanned-paper-page", args=[first.pk, 1]))
    assert image.headers["Content-Type"] == "image/png"
    assert browser.get(reverse("scanned-paper-page", args=[first.pk, 2])).status_code == 404

    kept = browser.post(
        reverse("scanned-paper", args=[first.pk]), _form(code="152/CQN", act=""), headers={"Accept": "application/json"}
    )
    assert kept.status_code == 200
    assert 'value="152/CQN"' in browser.get(reverse("scanned-paper", args=[first.pk])).text

    answer = browser.post(reverse("scanned-paper", args=[first.pk]), _form())
    assert answer.headers["Location"] == reverse("scanned-paper", args=[second.pk])
    paper = queries.get_for(cast.clerk.actor(), first.pk)
    assert paper.status == Status.REGISTERED
    assert documents.get(paper.document_id).code == "152/CQN-KH"
    again = browser.post(reverse("scanned-paper", args=[first.pk]), _form())
    assert again.headers["Location"] == reverse("document", args=[paper.document_id])


def test_the_same_paper_twice_is_shown_and_goes_on_only_when_said(cast, enter, own_state, printed, keep_promises):
    browser = enter(cast.clerk)
    _send(browser, printed, printed)
    keep_promises()
    first, second = queries.list_papers(cast.clerk.actor())
    browser.post(reverse("scanned-paper", args=[first.pk]), _form())
    answer = browser.post(reverse("scanned-paper", args=[second.pk]), _form())
    assert answer.status_code == 422
    assert "Có thể trùng: 152/CQN-KH" in answer.text
    assert queries.get_for(cast.clerk.actor(), second.pk).status == Status.READY
    answer = browser.post(reverse("scanned-paper", args=[second.pk]), _form(despite_duplicate="1"))
    assert answer.headers["Location"] == reverse("scans")


def test_one_bad_file_does_not_keep_the_others_back(cast, enter, own_state, printed):
    answer = _send(enter(cast.clerk), printed, b"GIF89a")
    assert answer.status_code == 422
    assert "quet-1.pdf: Tệp này không phải PDF" in answer.text
    assert [scan.name for scan in queries.list_scans(cast.clerk.actor())] == ["quet-0.pdf"]


def test_a_paper_is_put_aside_and_brought_back(cast, enter, own_state, printed, keep_promises):
    browser = enter(cast.clerk)
    _send(browser, printed)
    keep_promises()
    [paper] = queries.list_papers(cast.clerk.actor())
    assert browser.post(reverse("scanned-paper-drop", args=[paper.pk])).headers["Location"] == reverse("scans")
    assert queries.list_papers(cast.clerk.actor()) == []
    assert "Đã bỏ ra" in browser.get(reverse("scans")).text
    browser.post(reverse("scanned-paper-back", args=[paper.pk]))
    assert [each.pk for each in queries.list_papers(cast.clerk.actor())] == [paper.pk]


def test_the_separator_sheet_is_printed_for_the_clerk_only(cast, enter, own_state):
    sheet = enter(cast.clerk).get(reverse("scans-sheet"))
    assert sheet.content.startswith(b"%PDF-")
    for name in ("scans", "scans-sheet"):
        assert enter(cast.head).get(reverse(name)).status_code == 403
    assert enter(cast.head).get(reverse("scanned-paper", args=[1])).status_code == 404
