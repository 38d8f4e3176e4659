"""The preview says where the pages depart from Decree 30; machines may ask the same of a draft or of any paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from antin.decree30 import judging
from antin.typeset import office
from tests import papers
from tests.cast import Cast
from tests.doors.drafting.test_draft import begun, sent, upload, words
from tests.doors.test_api_documents import Machine
from tests.rooms.decree30.printing import printed
from tests.rooms.decree30.specimens import specimen
from tests.rooms.decree30.word import word


@pytest.fixture
def officer(cast: Cast, enter: Callable[..., Client]) -> Client:
    return enter(cast.plan_officer)


@pytest.fixture
def machine(client: Client) -> Callable[..., Machine]:
    return lambda member, **more: Machine(client, member, **more)


def test_our_own_pages_are_laid_out_as_the_decree_asks(cast: Cast, officer: Client) -> None:
    number = begun(cast, officer)
    assert "Đúng thể thức theo Nghị định 30/2020/NĐ-CP." in words(officer.get(f"/drafts/{number}/preview"))


def test_a_ready_pdf_is_told_what_is_wrong_with_it_and_where(cast: Cast, officer: Client) -> None:
    bad = printed(specimen("letter", number__text="Số 86/VTLT-NV", motto__text="Độc lập – Tự do – Hạnh phúc"))
    number = begun(cast, officer, pdf=upload("van ban.pdf", bad))
    page = words(officer.get(f"/drafts/{number}/edit?pages=1"))
    assert "2 điểm chưa đúng thể thức" in page
    assert (
        "Sau từ “Số” phải có dấu hai chấm (:). Viết: Số: 86/VTLT-NV Trang 1 , Phụ lục I, Phần I, Mục II, khoản 3"
        in page
    )
    assert 'href="#page-1"' in officer.get(f"/drafts/{number}/preview").content.decode()


def test_a_ready_pdf_that_is_not_judged_says_why(cast: Cast, officer: Client) -> None:
    number = begun(cast, officer, pdf=upload("quet.pdf", papers.pdf(words="")))
    assert "Tệp là bản quét, không có lớp chữ để kiểm tra." in words(officer.get(f"/drafts/{number}/preview"))


def test_by_machine(cast: Cast, machine: Callable[..., Machine]) -> None:
    officer = machine(cast.plan_officer)
    draft = {"type_code": "CV", "subject": "Báo cáo quý IV", "signer_post_id": cast.head.post_id}
    number = officer.post("/documents", draft, 201)["id"]
    assert officer.get(f"/documents/{number}/check")["verdict"] == "conforms"
    assert machine(cast.recipient_head).send("GET", f"/documents/{number}/check", {}, 404)["code"] == "not_found"

    def check(content: bytes) -> Any:
        file = SimpleUploadedFile("van-ban.pdf", content)
        answer = officer.client.post("/api/papers/check", {"paper": file}, headers=officer.headers)
        assert answer.status_code == 200, answer.content
        return answer.json()

    told = check(printed(specimen("decision", number__text="Số: 5/QĐ-VTLT")))
    assert (told["verdict"], told["facts"]["code"]) == ("deviates", "5/QĐ-VTLT")
    assert [(one["code"], one["page"], one["instead"]) for one in told["findings"]] == [
        ("number.leading_zero", 1, "Số: 05/QĐ-VTLT")
    ]
    assert check(b"hello")["reason"]["code"] == "unknown_kind"


def test_the_template_is_downloaded_by_page_and_by_machine(
    cast: Cast, officer: Client, machine: Callable[..., Machine]
) -> None:
    number = begun(cast, officer)
    assert f'href="/drafts/{number}/template.docx"' in officer.get(f"/drafts/{number}/edit").content.decode()
    answer = officer.get(f"/drafts/{number}/template.docx")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="van-ban-{number}.docx"'
    assert judging.judge(answer.content)["findings"] == []
    other = machine(cast.plan_officer)
    by_machine = other.client.get(f"/api/documents/{number}/template.docx", headers=other.headers)
    assert by_machine.content[:4] == b"PK\x03\x04"
    assert (
        machine(cast.recipient_head).send("GET", f"/documents/{number}/template.docx", {}, 404)["code"] == "not_found"
    )


def test_a_word_file_without_libreoffice_is_refused_with_the_reason(
    cast: Cast, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "PROGRAMS", ("no-such-program",))
    answer = officer.post("/drafts/new", sent(cast, pdf=upload("van ban.docx", word(specimen("letter")))))
    assert answer.status_code == 422
    assert "van ban.docx: Máy chủ chưa cài LibreOffice" in words(answer)
