"""Writing a draft in the pages: begun once, saved whole, refused in words at the field, no text lost, handed on."""

from __future__ import annotations

import html
import json
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from antin.documents import queries
from antin.documents.models import Document
from antin.documents.states import Direction, Status
from antin.journeys import approve_document
from antin.people import operations as people
from antin.workdays.queries import local_date
from tests import given, papers
from tests.cast import Cast
from tests.doors.conftest import Enter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]

KEY = "k" * 32
SCRIPT = {"Accept": "application/json"}
STRUCTURED = {
    "type": "doc",
    "content": [
        {"type": "article", "attrs": {"titled": True}, "content": [{"type": "text", "text": "Phạm vi"}]},
        {"type": "paragraph", "content": [{"type": "text", "text": "Quy chế này quy định."}]},
    ],
}


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def today(now: datetime) -> date:
    return local_date(now)


@pytest.fixture
def officer(cast: Cast, enter: Enter) -> Client:
    return enter(cast.plan_officer)


def sent(cast: Cast, **changes: Any) -> dict[str, Any]:
    """What the form of an ordinary letter sends."""
    plain = {
        "key": KEY,
        "revision": "1",
        "type_code": "CV",
        "subject": "Báo cáo kết quả ký số",
        "urgency": "0",
        "secrecy": "0",
        "reply_by": "",
        "in_reply_to": "",
        "signer": str(cast.head.post_id),
        "addressed": [str(cast.recipient_id)],
        "copied": [],
        "body": "Đề nghị báo cáo.\nTrân trọng.",
        "act": "save",
    }
    return plain | changes


def words(answer: Any) -> str:
    """What a person reads on the page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def drafts() -> list[Document]:
    return list(Document.objects.filter(direction=Direction.OUT).order_by("id"))


def begun(cast: Cast, officer: Client, **changes: Any) -> int:
    """A draft begun in the page; its revision is 2."""
    return int(officer.post("/drafts/new", sent(cast, **changes))["Location"].split("/")[2])


def test_a_letter_is_begun_looked_at_and_handed_on_without_scripts(cast: Cast, officer: Client) -> None:
    assert officer.get("/drafts/new").status_code == 200
    document_id = begun(cast, officer)
    page = officer.post(f"/drafts/{document_id}/edit", sent(cast, revision="2", act="preview"), follow=True)
    assert page.redirect_chain == [(f"/drafts/{document_id}/edit?pages=1#pages", 302)]
    assert f'src="/drafts/{document_id}/preview/1.png' in page.content.decode()
    assert officer.get(f"/drafts/{document_id}/preview/1.png").headers["Content-Type"] == "image/png"
    assert officer.get(f"/drafts/{document_id}/preview/2.png").status_code == 404
    answer = officer.post(f"/drafts/{document_id}/edit", sent(cast, revision="3", act="submit"), follow=True)
    assert answer.redirect_chain == [(f"/documents/{document_id}", 302)]
    assert "Đã trình Trưởng phòng Kế hoạch Hoàng Gia Đạt duyệt." in words(answer)
    document = queries.get(document_id)
    assert (document.status, document.next_holder) == (Status.SUBMITTED, f"P{cast.plan_head.post_id}")


def test_a_draft_is_handed_on_straight_from_the_new_page(cast: Cast, officer: Client) -> None:
    officer.post("/drafts/new", sent(cast, act="submit"))
    assert [document.status for document in drafts()] == [Status.SUBMITTED]


def test_nothing_is_written_before_the_form_is_sent(officer: Client) -> None:
    officer.get("/drafts/new")
    assert drafts() == []


def test_a_form_sent_twice_begins_one_draft(cast: Cast, officer: Client) -> None:
    assert begun(cast, officer) == begun(cast, officer)
    assert len(drafts()) == 1


def test_the_29_types_are_offered_with_their_notation(officer: Client) -> None:
    page = words(officer.get("/drafts/new"))
    for choice in ("Công văn (…/TCZ-KH)", "Quyết định (…/QĐ-TCZ)", "Thư công (…/TCZ-KH)"):
        assert choice in page
    assert len(re.findall(r'<option value="[^"]+"[^>]*>[^<]+\(…/', officer.get("/drafts/new").content.decode())) == 29


def test_a_type_begins_with_the_sentences_of_its_form(officer: Client) -> None:
    assert "Căn cứ …" in officer.get("/drafts/new?type=QĐ").content.decode()
    assert "Căn cứ …" not in officer.get("/drafts/new?type=Không-có").content.decode()


def test_who_may_sign_is_shown_as_it_will_be_printed(cast: Cast, officer: Client, now: datetime, today: date) -> None:
    people.delegate(
        from_post_id=cast.head.post_id,
        to_post_id=cast.office_head.post_id,
        form="TL.",
        basis="Quyết định số 10/QĐ-TCZ",
        since=today,
        until=today + timedelta(days=30),
        actor=None,
        at=now,
    )
    page = words(officer.get("/drafts/new"))
    assert "TL. TỔNG CỤC TRƯỞNG CHÁNH VĂN PHÒNG Lê Thị Chi" in page
    assert "Quyết định số 10/QĐ-TCZ" in page
    assert f"Đến trước ngày {today + timedelta(days=30):%d/%m/%Y}." in page


def test_a_post_without_the_right_to_sign_is_refused_with_the_reason_and_the_text_is_kept(
    cast: Cast, officer: Client
) -> None:
    document_id = begun(cast, officer)
    answer = officer.post(
        f"/drafts/{document_id}/edit",
        sent(cast, revision="2", other_signer=str(cast.technique_head.post_id), body="Chữ mới.", subject="Tên mới"),
    )
    assert answer.status_code == 422
    assert "Trưởng phòng Kỹ thuật không có thẩm quyền ký văn bản của Tổng cục Z." in words(answer)
    making = queries.making_of(queries.get(document_id))
    assert making.signer_post_id == cast.head.post_id
    assert queries.get(document_id).subject == "Báo cáo kết quả ký số"
    assert "Chữ mới." in json.dumps(making.body, ensure_ascii=False)
    assert 'name="revision" value="3"' in answer.content.decode()


WRONG = [
    ({"subject": "  "}, "Chưa có trích yếu."),
    ({"subject": "x" * 5000}, "Trích yếu dài 5000 ký tự; tối đa 500."),
    ({"secrecy": "1"}, "chưa được phép tiếp cận tài liệu độ Mật"),
    ({"reply_by": "2026-01-05"}, "Hạn trả lời 05/01/2026 đã qua."),
    ({"reply_by": "31/02/2027"}, "Ghi ngày theo dạng 25/11/2026."),
    ({"type_code": "XX"}, "XX"),
    ({"addressed": ["999999"]}, "999999"),
    ({"body": '{"type": "doc", "content": [{"type": "script"}]}'}, "không nhận thành phần “script”"),
    ({"body": "{hỏng"}, "không đọc được"),
    ({"body": "Chữ \U0001f600 lạ"}, "\U0001f600"),
]


@pytest.mark.parametrize(("changes", "reason"), WRONG, ids=[reason[:20] for _changes, reason in WRONG])
def test_wrong_facts_are_refused_in_words_and_what_was_typed_stays(
    cast: Cast, officer: Client, changes: dict[str, Any], reason: str
) -> None:
    answer = officer.post("/drafts/new", sent(cast, **changes))
    assert answer.status_code == 422
    assert reason in words(answer)
    assert drafts() == []
    if "subject" not in changes:
        assert "Báo cáo kết quả ký số" in words(answer)
    if "body" not in changes:
        assert "Đề nghị báo cáo." in words(answer)


def test_its_own_agency_is_not_addressed(cast: Cast, officer: Client) -> None:
    answer = officer.post("/drafts/new", sent(cast, addressed=[str(cast.agency_id)]))
    assert answer.status_code == 422
    assert "không gửi văn bản cho chính mình" in words(answer)


def test_a_reply_by_date_on_a_holiday_is_warned_of_and_taken(cast: Cast, officer: Client) -> None:
    year = date.today().year + 1
    document_id = begun(cast, officer, reply_by=f"{year}-01-01")
    assert queries.get(document_id).reply_by == date(year, 1, 1)
    assert "Tết Dương lịch" in words(officer.get(f"/drafts/{document_id}/edit"))


def test_what_is_missing_is_listed_and_leads_to_its_field(cast: Cast, officer: Client) -> None:
    document_id = begun(cast, officer, signer="", addressed=[], body="")
    page = officer.get(f"/drafts/{document_id}/edit").content.decode()
    listed = re.search(r'id="missing">(.*?)</p>', page, re.DOTALL)
    assert listed
    links = re.findall(r'href="#([\w-]+)" title="([^"]+)"', listed[1])
    assert links == [
        ("field-signer", "Chưa chọn người ký."),
        ("field-body", "Chưa có nội dung: soạn văn bản hoặc tải tệp PDF lên."),
        ("field-addressed", "Chưa chọn nơi nhận."),
    ]
    for target, _why in links:
        assert f'id="{target}"' in page
    answer = officer.post(
        f"/drafts/{document_id}/edit", sent(cast, revision="2", signer="", addressed=[], body="", act="submit")
    )
    assert answer.status_code == 422
    assert "Chưa chọn người ký." in words(answer)
    assert queries.get(document_id).status == Status.DRAFTED


# ---- the window's script ---------------------------------------------------------------------------------------------------------


def test_the_script_is_told_where_the_draft_lives_and_what_changed(cast: Cast, officer: Client) -> None:
    answer = officer.post("/drafts/new", sent(cast, addressed=[]), headers=SCRIPT)
    (document,) = drafts()
    told = answer.json()
    assert answer.status_code == 200
    assert (told["address"], told["revision"]) == (f"/drafts/{document.pk}/edit", 2)
    assert re.fullmatch(r"\d\d:\d\d", told["saved"])
    assert "nơi nhận" in told["parts"]["part-acts"]


def test_the_script_is_told_what_is_wrong_by_field_and_that_the_text_was_kept(cast: Cast, officer: Client) -> None:
    document_id = begun(cast, officer)
    answer = officer.post(
        f"/drafts/{document_id}/edit", sent(cast, revision="2", subject="", body="Chữ mới."), headers=SCRIPT
    )
    told = answer.json()
    assert answer.status_code == 422
    assert told["errors"] == {"subject": "Chưa có trích yếu."}
    assert told["message"] == "Chưa có trích yếu."
    assert told["revision"] == 3
    assert "Chữ mới." in json.dumps(queries.making_of(queries.get(document_id)).body, ensure_ascii=False)


def test_a_window_whose_answer_was_lost_saves_on(cast: Cast, officer: Client) -> None:
    document_id = begun(cast, officer)
    for text in ("một", "hai", "ba"):
        answer = officer.post(f"/drafts/{document_id}/edit", sent(cast, revision="2", body=text), headers=SCRIPT)
        assert answer.status_code == 200
    assert answer.json()["revision"] == 5


def test_two_windows_choose_and_nothing_is_lost(cast: Cast, officer: Client) -> None:
    document_id = begun(cast, officer)
    address, other = f"/drafts/{document_id}/edit", {"key": "w" * 32, "revision": "2", "body": "Bản ở cửa sổ hai."}
    officer.post(address, sent(cast, revision="2", body="Bản ở cửa sổ một."))
    answer = officer.post(address, sent(cast, **other), headers=SCRIPT)
    assert answer.status_code == 409
    assert "bản 3, đồng chí đang sửa bản 2" in answer.json()["message"]
    assert "revision" not in answer.json()
    page = officer.post(address, sent(cast, **other))
    assert page.status_code == 409
    assert "Bản ở cửa sổ hai." in words(page)
    assert 'name="over" value="3"' in page.content.decode()
    making = queries.making_of(queries.get(document_id))
    assert "cửa sổ một" in json.dumps(making.body, ensure_ascii=False)
    assert officer.post(address, sent(cast, **other, over="3")).status_code == 302
    assert "cửa sổ hai" in json.dumps(queries.making_of(queries.get(document_id)).body, ensure_ascii=False)


def test_choosing_to_overwrite_does_not_overwrite_what_came_since(cast: Cast, officer: Client) -> None:
    document_id = begun(cast, officer)
    address = f"/drafts/{document_id}/edit"
    officer.post(address, sent(cast, revision="2"))
    officer.post(address, sent(cast, revision="3"))
    late = officer.post(address, sent(cast, key="w" * 32, revision="2", over="3"))
    assert late.status_code == 409


# ---- text without the editor -----------------------------------------------------------------------------------------------------


def test_lines_become_paragraphs(cast: Cast, officer: Client) -> None:
    document_id = begun(cast, officer, body="Dòng một.\r\n\r\nDòng hai.")
    body = queries.making_of(queries.get(document_id)).body
    assert [block["content"][0]["text"] for block in body["content"]] == ["Dòng một.", "Dòng hai."]


def test_a_body_with_form_is_shown_as_words_and_never_flattened_silently(cast: Cast, officer: Client) -> None:
    document_id = begun(cast, officer, body=json.dumps(STRUCTURED))
    address = f"/drafts/{document_id}/edit"
    page = officer.get(address).content.decode()
    text = re.search(r"<textarea[^>]*name=\"body\"[^>]*>([^<]*)</textarea>", page)
    assert text
    shown = html.unescape(text[1])
    assert shown.strip() == "Điều 1. Phạm vi\nQuy chế này quy định."
    assert "bỏ định dạng" in words(officer.get(address))

    assert officer.post(address, sent(cast, revision="2", body=shown.replace("\n", "\r\n"))).status_code == 302
    assert queries.making_of(queries.get(document_id)).body == STRUCTURED

    answer = officer.post(address, sent(cast, revision="3", body=shown + "\nThêm một dòng."))
    assert answer.status_code == 422
    assert "mà ô chữ này không giữ được" in words(answer)
    assert "Thêm một dòng." in words(answer)
    assert queries.making_of(queries.get(document_id)).body == STRUCTURED

    answer = officer.post(address, sent(cast, revision="3", body=shown + "\nThêm một dòng.", flatten="on"))
    assert answer.status_code == 302
    assert len(queries.making_of(queries.get(document_id)).body["content"]) == 3


# ---- files -----------------------------------------------------------------------------------------------------------------------


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_attachments_are_added_several_at_once_and_taken_off(cast: Cast, officer: Client) -> None:
    files = [upload("phu luc.pdf", papers.pdf()), upload("bang.xlsx", papers.office("xlsx"))]
    document_id = begun(cast, officer, attachments=files)
    first, second = queries.list_attachments(document_id)
    assert (first.name, second.name) == ("phu luc.pdf", "bang.xlsx")
    officer.post(f"/drafts/{document_id}/edit", sent(cast, revision="2", act=f"remove:{first.pk}"))
    assert [each.name for each in queries.list_attachments(document_id)] == ["bang.xlsx"]


def test_a_bad_file_is_told_by_name_and_holds_up_neither_the_others_nor_the_text(cast: Cast, officer: Client) -> None:
    files = [upload("hong.pdf", papers.cut()), upload("tot.csv", b"a,b"), upload("rong.docx", b"")]
    answer = officer.post("/drafts/new", sent(cast, attachments=files))
    assert answer.status_code == 422
    assert "hong.pdf: Tệp PDF bị hỏng" in words(answer)
    assert "rong.docx: Tệp rỗng" in words(answer)
    (document,) = drafts()
    assert [each.name for each in queries.list_attachments(document.pk)] == ["tot.csv"]
    assert f'action="/drafts/{document.pk}/edit"' in answer.content.decode()
    assert 'name="revision" value="2"' in answer.content.decode()


def test_a_ready_pdf_is_the_text_until_it_is_taken_off(cast: Cast, officer: Client) -> None:
    document_id = begun(cast, officer, pdf=upload("van ban.pdf", papers.pdf(pages=2)))
    making = queries.making_of(queries.get(document_id))
    assert making.uploaded_file
    page = words(officer.get(f"/drafts/{document_id}/edit?pages=1"))
    assert "Nội dung là tệp PDF tải lên." in page
    assert "Không tìm thấy “Số:” trong tệp PDF tải lên" in page
    assert officer.get(f"/drafts/{document_id}/preview/2.png").status_code == 200
    officer.post(f"/drafts/{document_id}/edit", sent(cast, revision="2", act="drop-pdf"))
    assert queries.making_of(queries.get(document_id)).uploaded_file == ""


def test_a_pdf_that_is_signed_already_is_no_draft(cast: Cast, officer: Client) -> None:
    answer = officer.post("/drafts/new", sent(cast, pdf=upload("da ky.pdf", papers.signed())))
    assert answer.status_code == 422
    assert "da ky.pdf: Tệp PDF đã có 1 chữ ký số." in words(answer)


# ---- answering -------------------------------------------------------------------------------------------------------------------


def test_a_reply_begins_with_what_it_answers_and_whom(cast: Cast, enter: Enter, now: datetime) -> None:
    arrival = given.an_arrival(cast, now)
    clerk = enter(cast.recipient_clerk)
    page = clerk.get(f"/drafts/new?reply_to={arrival.pk}")
    assert "15/TCZ-KH" in words(page)
    assert re.search(rf'<option value="{cast.agency_id}"[^>]* selected', page.content.decode())
    assert f'name="in_reply_to" value="{arrival.pk}"' in page.content.decode()


def test_incoming_documents_are_found_with_or_without_accents(cast: Cast, enter: Enter, now: datetime) -> None:
    arrival = given.an_arrival(cast, now)
    clerk = enter(cast.recipient_clerk)
    for typed in ("báo cáo ký số", "bao cao", "15/TCZ"):
        found = clerk.get("/drafts/answers", {"reply_words": typed})
        assert f'name="in_reply_to" value="{arrival.pk}"' in found.content.decode()
    assert "Không thấy trong văn bản đến" in words(clerk.get("/drafts/answers", {"reply_words": "không có"}))
    page = clerk.post("/drafts/new", sent(cast, act="find", reply_words="bao cao"))
    assert f'value="{arrival.pk}"' in page.content.decode()
    assert "Đề nghị báo cáo." in words(page)
    assert drafts() == []


def test_anothers_document_is_neither_found_nor_answered(cast: Cast, officer: Client, now: datetime) -> None:
    arrival = given.an_arrival(cast, now)
    assert str(arrival.pk) not in officer.get("/drafts/answers", {"reply_words": "bao cao"}).content.decode()
    assert officer.get(f"/drafts/new?reply_to={arrival.pk}").status_code == 404
    assert officer.get("/drafts/new?reply_to=x").status_code == 404
    assert officer.post("/drafts/new", sent(cast, in_reply_to=str(arrival.pk))).status_code == 404
    assert drafts() == []


# ---- who may, and when -----------------------------------------------------------------------------------------------------------


def test_only_the_drafter_writes(cast: Cast, officer: Client, enter: Enter) -> None:
    document_id = begun(cast, officer)
    outsider = enter(cast.technique_officer)
    for address in (f"/drafts/{document_id}/edit", f"/drafts/{document_id}/preview"):
        assert outsider.get(address).status_code == 404
    assert outsider.get(f"/drafts/{document_id}/preview/1.png").status_code == 404
    assert outsider.post(f"/drafts/{document_id}/edit", sent(cast, revision="2")).status_code == 404
    assert enter(cast.administrator).post("/drafts/new", sent(cast)).status_code == 403


def test_the_reviewer_is_shown_the_document_instead(cast: Cast, officer: Client, enter: Enter) -> None:
    document_id = begun(cast, officer)
    officer.post(f"/drafts/{document_id}/edit", sent(cast, revision="2", act="submit"))
    for member in (cast.plan_head, cast.plan_officer):
        assert enter(member).get(f"/drafts/{document_id}/edit")["Location"] == f"/documents/{document_id}"
    late = officer.post(f"/drafts/{document_id}/edit", sent(cast, revision="3", body="Muộn."))
    assert late.status_code == 409
    assert "Muộn." in words(late)


def test_a_returned_draft_opens_with_the_reason_and_what_was_changed_since(
    cast: Cast, officer: Client, now: datetime, today: date
) -> None:
    document = given.a_submitted_draft(cast, now)
    approve_document.return_to_drafter(
        document_id=document.pk, reason="Viết rõ hạn báo cáo.", actor=cast.plan_head.actor(), at=now
    )
    address = f"/drafts/{document.pk}/edit"
    page = words(officer.get(address))
    assert "Hoàng Gia Đạt" in page
    assert "trả lại Viết rõ hạn báo cáo." in page
    assert "Chưa sửa gì so với bản trình" in page
    revision = queries.making_of(document).revision
    officer.post(
        address,
        sent(
            cast,
            revision=str(revision),
            subject="Báo cáo ký số trước 30/11",
            urgency="1",
            body="Để chuẩn bị hội nghị, đề nghị các đơn vị báo cáo kết quả trước 30/11.",
        ),
    )
    page = officer.get(address).content.decode()
    assert "Đã sửa 3 chỗ so với bản trình" in page
    assert "<del>Báo cáo kết quả ký số quý IV</del> <ins>Báo cáo ký số trước 30/11</ins>" in page
    assert "<del>Thường</del> <ins>Khẩn</ins>" in page
    assert "báo cáo kết <del>quả.</del><ins>quả trước 30/11.</ins>" in page


def test_hostile_words_are_shown_as_words(cast: Cast, officer: Client) -> None:
    hostile = "</textarea><script>alert(1)</script>"
    document_id = begun(cast, officer, subject=hostile, body=hostile)
    for answer in (
        officer.get(f"/drafts/{document_id}/edit"),
        officer.post("/drafts/new", sent(cast, subject="", body=hostile)),
    ):
        assert "<script>alert(1)" not in answer.content.decode()


def test_a_page_costs_no_more_however_much_there_is(
    cast: Cast, officer: Client, django_assert_max_num_queries: Any
) -> None:
    document_id = begun(cast, officer)
    with django_assert_max_num_queries(30):
        officer.get(f"/drafts/{document_id}/edit")
    with django_assert_max_num_queries(25):
        officer.get("/drafts/new")
