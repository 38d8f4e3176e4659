"""The page of one document: its paper and files, what its signatures say, what happened, and why one may see it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

import antin
from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.operations import DraftFacts
from antin.files import operations as files
from antin.files import queries as kept
from antin.journal import queries as journal
from antin.journal.queries import Row
from antin.journeys import direct_document, receive_document
from antin.outbox.operations import Tally
from antin.signing import operations as signing
from antin.signing.models import Proof
from antin.tasks.operations import Share
from antin.tasks.states import Role
from antin.web.documents import history
from antin.web.documents.page import REASONS
from antin.workdays.queries import local_date
from tests import given, paper
from tests.cast import TODAY, Cast
from tests.doors.conftest import Enter

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]


def text(response: HttpResponse) -> str:
    return response.content.decode()


def arrived(cast: Cast, now: datetime, keep_promises: Keep) -> Document:
    """A sealed letter in the hands of the recipient's clerk."""
    paper.give_keys(cast, now)
    paper.an_issued_page(cast, now)
    keep_promises(now)
    [document] = queries.list_waiting(cast.recipient_clerk.actor())
    return document


# ---- the paper -----------------------------------------------------------------------------------------------------------------


def test_the_paper_is_shown_page_by_page_and_downloaded_bit_for_bit(
    cast: Cast, enter: Enter, now: datetime, keep_promises: Keep
) -> None:
    document = arrived(cast, now, keep_promises)
    browser = enter(cast.recipient_clerk)
    page = text(browser.get(f"/documents/{document.pk}"))
    assert page.count('<figure class="page">') == 1
    assert f"/documents/{document.pk}/files/{document.file}/pages/1?w=1400 1400w" in page
    response = browser.get(f"/documents/{document.pk}/files/{document.file}")
    assert b"".join(response)[:5] == b"%PDF-"  # type: ignore[arg-type]
    assert response["Content-Disposition"] == 'attachment; filename="01-TCZ-KH.pdf"'
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    sheet = text(browser.get(f"/documents/{document.pk}/files/{document.file}/print"))
    assert "data-print-now" in sheet and sheet.count("<img") == 1


def test_a_file_of_another_document_is_not_reached_through_this_one(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.an_arrival(cast, now)
    other = files.keep(b"%PDF-1.7 of somebody else", at=now).digest
    browser = enter(cast.recipient_clerk)
    for address in (other, f"{other}/print", f"{other}/pages/1", "0" * 64, "x"):
        assert browser.get(f"/documents/{document.pk}/files/{address}").status_code == 404


def test_html_that_came_as_an_attachment_is_never_opened(cast: Cast, enter: Enter, now: datetime) -> None:
    kept = files.keep(b"<!doctype html><script>alert(1)</script>", at=now)
    name = 'bao-cao".html'
    row = (name, kept.digest, kept.size, kept.media_type)
    document = given.an_arrival(cast, now, attachments=(row,))
    browser = enter(cast.recipient_clerk)
    opened = text(browser.get(f"/documents/{document.pk}?file={kept.digest}"))
    assert "Tệp này không xem được tại đây" in opened
    response = browser.get(f"/documents/{document.pk}/files/{kept.digest}")
    assert response["Content-Disposition"] == 'attachment; filename="bao-cao\\".html"'
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_paper_that_is_gone_leaves_the_page_standing(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.an_arrival(cast, now)  # its file is a made-up digest
    response = enter(cast.recipient_clerk).get(f"/documents/{document.pk}")
    assert response.status_code == 200
    assert "Không tìm thấy, hoặc đồng chí không được xem." in text(response)


# ---- what the signatures say ---------------------------------------------------------------------------------------------------


def test_a_valid_document_says_what_it_is_worth_and_shows_evidence(
    cast: Cast, enter: Enter, now: datetime, keep_promises: Keep
) -> None:
    document = arrived(cast, now, keep_promises)
    page = text(enter(cast.recipient_clerk).get(f"/documents/{document.pk}"))
    assert "Chữ ký số hợp lệ" in page
    assert "giá trị như bản gốc giấy" in page
    assert "Hợp lệ: Nguyễn Văn An, Tổng cục trưởng, Tổng cục Z" in page
    assert "Hợp lệ: Tổng cục Z" in page
    assert "chữ ký của cơ quan, tổ chức" in page
    assert "theo dấu thời gian" in page
    assert document.file in page


def test_the_record_of_verification_shows_all_evidence(
    cast: Cast, enter: Enter, now: datetime, keep_promises: Keep
) -> None:
    document = arrived(cast, now, keep_promises)
    page = text(enter(cast.recipient_clerk).get(f"/documents/{document.pk}/verification"))
    assert "Biên bản xác thực chữ ký số" in page
    assert page.count("<dt>Số chứng thư</dt>") == 2
    assert "<dt>Bao trùm số, ngày</dt><dd>có</dd>" in page
    assert page.count(document.file) == 3
    assert enter(cast.recipient_works_officer).get(f"/documents/{document.pk}/verification").status_code == 404
    draft = given.a_draft(cast, now)
    assert enter(cast.plan_officer).get(f"/documents/{draft.pk}/verification").status_code == 404


def test_an_unsigned_scan_is_called_unsigned_and_a_broken_one_is_not_called_valid(
    cast: Cast, enter: Enter, now: datetime
) -> None:
    paper.give_keys(cast, now)
    laid_out = paper.a_page_to_sign(cast, now)
    scan = given.an_arrival(cast, now, file=laid_out.file, verdict="unsigned")
    signed = paper.a_signed_page(cast, now, subject="Khác")
    content = bytearray(kept.read(signed.file))
    content[len(content) // 4] ^= 1
    broken = files.keep(bytes(content), at=now).digest
    altered = given.an_arrival(cast, now, key="delivery:2", file=broken, verdict="invalid", identifier="x", code="9/X")
    browser = enter(cast.recipient_clerk)
    assert "Chưa có chữ ký số" in text(browser.get(f"/documents/{scan.pk}"))
    assert "Chữ ký số không hợp lệ</p>" in text(browser.get(f"/documents/{altered.pk}"))
    assert "Chữ ký không hợp lệ" in text(browser.get("/incoming"))


def test_signatures_are_judged_again_when_somebody_asks(
    cast: Cast, enter: Enter, now: datetime, keep_promises: Keep
) -> None:
    document = arrived(cast, now, keep_promises)
    browser = enter(cast.recipient_clerk)
    response = browser.post(f"/documents/{document.pk}/judge")
    assert "Đã kiểm tra lại chữ ký số." in text(browser.get(response["Location"]))


# ---- what happened -------------------------------------------------------------------------------------------------------------


def test_the_whole_story_is_told_in_sentences(cast: Cast, enter: Enter, now: datetime, keep_promises: Keep) -> None:
    document = arrived(cast, now, keep_promises)
    receive_document.register(
        document_id=document.pk, actor=cast.recipient_clerk.actor(), today=local_date(now), at=now
    )
    direct_document.direct(
        document_id=document.pk,
        words="Ban Nghiệp vụ chủ trì",
        shares=[Share(Role.LEAD, unit_id=cast.recipient_works_id, due_at=now + timedelta(days=3))],
        actor=cast.recipient_head.actor(),
        at=now,
    )
    browser = enter(cast.recipient_works_head)
    page = text(browser.get(f"/documents/{document.pk}"))
    for words in (
        "Đến từ Tổng cục Z",
        "Vào sổ, số đến 1, trình Giám đốc",
        "Giao việc cho Ban Nghiệp vụ",
        "Đã tiếp nhận, số đến 1",
        "Đã phân công",
        "Ban Nghiệp vụ chủ trì",
        "Đồng chí hoặc đơn vị được giao chủ trì",
    ):
        assert words in page
    assert "Ban Nghiệp vụ đang xử lý" in text(browser.get("/incoming"))


def recorded() -> set[str]:
    """Every event that a room or a journey records about a document, as the sources say."""
    home = Path(antin.__file__).parent
    found: set[str] = set()
    for room in ("documents", "exchange", "tasks", "numbering", "journeys"):
        for path in (home / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found |= set(re.findall(r"^(?:document|delivery|number|task)\.[a-z_]+$", node.value))
    return (
        found
        - {
            "document.to_sign",
            "document.to_number",
            "document.to_seal",
            "document.to_seal_jointly",
            "document.to_review",
        }
        - {
            "document.to_direct",
            "document.came_back",
            "document.not_sealed",
            "task.digest",
            "delivery.change_agreed",
            "delivery.change_refused",
            "document.was_issued",
            "document.was_registered",
        }  # kinds of notices, which are worded elsewhere
        - {"document.forgotten"}  # about an agency: the document itself is lost
    )


def test_every_event_has_its_sentence() -> None:
    assert recorded() - set(history.SENTENCES) == set()


@pytest.mark.parametrize("event", [*history.SENTENCES, "document.of_the_future"])
def test_a_sentence_stands_whatever_facts_are_missing(event: str, now: datetime) -> None:
    row = Row(1, now, event, ("document", 1), 1, None, "", None, "", "", {})
    told = history.sentence(row)
    assert "%(" not in told["words"]
    assert event not in told["words"]


def test_saving_a_draft_again_and_again_is_one_line(cast: Cast, now: datetime) -> None:
    document = given.a_draft(cast, now)
    actor = cast.plan_officer.actor()
    for _ in range(3):
        making = queries.making_of(document)
        documents.revise(
            document_id=document.pk,
            facts=given.facts(cast),
            body=given.BODY,
            uploaded_file="",
            revision=making.revision,
            actor=actor,
            today=TODAY,
            at=now,
        )
    lines = history.timeline(journal.list_for(("document", document.pk)))
    assert [line["words"] for line in lines] == ["Lưu dự thảo, bản 6", "Chọn nơi nhận: 1 nơi", "Bắt đầu soạn"]


def test_every_reason_to_see_a_document_has_words() -> None:
    home = Path(antin.__file__).parent / "documents"
    sources = "".join(path.read_text() for path in home.rglob("*.py"))
    shown = set(re.findall(r'holders=\{f"[PRU]\{[^}]+\}": "(\w+)"', sources)) | {"unit", *Role.values}
    assert shown - set(REASONS) == set()


# ---- linked documents ----------------------------------------------------------------------------------------------------------


def test_a_reply_and_what_it_answers_are_linked_both_ways(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.a_registered_document(cast, now)
    reply = documents.create_draft(
        facts=DraftFacts(type_code="BC", subject="Báo cáo trả lời", in_reply_to_id=document.pk),
        actor=cast.recipient_clerk.actor(),
        today=TODAY,
        at=now,
    )
    browser = enter(cast.recipient_clerk)
    assert f'<a href="/documents/{reply.pk}">dự thảo</a>' in text(browser.get(f"/documents/{document.pk}"))
    assert f'<a href="/documents/{document.pk}">15/TCZ-KH</a>' in text(browser.get(f"/documents/{reply.pk}"))
    head = text(enter(cast.recipient_head).get(f"/documents/{document.pk}"))
    assert "Báo cáo trả lời" not in head  # a draft that is not his to see


# ---- cost ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("known_health")
@pytest.mark.parametrize("pane", [False, True])
def test_the_page_asks_a_fixed_number_of_questions(
    cast: Cast, enter: Enter, now: datetime, keep_promises: Keep, pane: bool
) -> None:
    document = arrived(cast, now, keep_promises)
    browser = enter(cast.recipient_clerk)
    headers = {"HX-Request": "true", "HX-Target": "pane"} if pane else {}
    address = f"/incoming/{document.pk}"
    browser.get(address, headers=headers)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address, headers=headers).status_code == 200
    assert len(asked) <= (18 if pane else 26)


def test_the_newest_evidence_behind_a_document_can_be_taken_away(enter: Enter, cast: Cast, now: datetime) -> None:
    paper.give_keys(cast, now)
    document = paper.an_issued_page(cast, now)
    browser = enter(cast.plan_officer)
    assert "bằng chứng mới nhất" not in text(browser.get(f"/documents/{document.pk}"))
    stamped = signing.timestamp(file=document.file, at=now)
    Proof.objects.filter(file_id=document.file).update(newest_id=stamped)
    page = text(browser.get(f"/documents/{document.pk}"))
    address = f"/documents/{document.pk}/files/{stamped}"
    assert address in page
    content = b"".join(browser.get(address).streaming_content)  # type: ignore[attr-defined]
    assert content.startswith(kept.read(document.file))
    assert browser.get(f"/documents/{document.pk}/files/{'0' * 64}").status_code == 404
