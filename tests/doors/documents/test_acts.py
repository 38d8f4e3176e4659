"""Acts on a document from its page: who is offered what, what is greyed and why, what is said after, where one goes next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.http import HttpResponse

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.states import Status
from antin.exchange import queries as deliveries
from antin.journal.models import Record
from antin.outbox.operations import Tally
from tests import given, paper
from tests.cast import Cast, Member, forty
from tests.doors.conftest import Enter

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]


def text(response: HttpResponse) -> str:
    return response.content.decode()


def told(response: HttpResponse) -> list[str]:
    """What the page says happened."""
    return [str(message) for message in response.context["messages"]]  # type: ignore[attr-defined]


# ---- offered or greyed ---------------------------------------------------------------------------------------------------------


def test_the_reviewer_is_offered_his_act_and_others_read_why_not(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.a_submitted_draft(cast, now)
    page = text(enter(cast.plan_head).get(f"/documents/{document.pk}"))
    assert f'href="/documents/{document.pk}/endorse"' in page
    assert "Chỉ người soạn thảo được sửa dự thảo này." in page  # why not withdraw
    drafter = text(enter(cast.plan_officer).get(f"/documents/{document.pk}"))
    assert "Văn bản đang chờ Trưởng phòng Kế hoạch Hoàng Gia Đạt duyệt." in drafter
    assert f'href="/documents/{document.pk}/endorse"' not in drafter
    assert 'aria-disabled="true" aria-describedby="why-endorse"' in drafter
    assert f'action="/documents/{document.pk}/withdraw"' in drafter


def test_what_is_awaited_is_said_to_those_who_only_read(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.an_arrival(cast, now)
    page = text(enter(cast.recipient_head).get(f"/documents/{document.pk}"))
    assert "Chờ văn thư vào sổ" in page


# ---- approval ------------------------------------------------------------------------------------------------------------------


def test_endorsing_is_asked_in_a_dialog_or_on_a_page_and_goes_on(cast: Cast, enter: Enter, now: datetime) -> None:
    first = given.a_submitted_draft(cast, now, subject="Việc thứ nhất")
    second = given.a_submitted_draft(cast, now, subject="Việc thứ hai")
    browser = enter(cast.plan_head)
    address = f"/documents/{first.pk}/endorse"
    dialog = text(browser.get(address, headers={"HX-Request": "true", "HX-Target": "ask"}))
    assert dialog.startswith("<dialog") and "data-open-now" in dialog
    assert "Duyệt “Việc thứ nhất”" in text(browser.get(address))
    response = browser.post(f"{address}?mine=1", {"words": "Nhất trí"})
    assert response["Location"] == f"/drafts/{second.pk}?mine=1"
    page = browser.get(response["Location"])
    assert told(page) == ["Đã duyệt, chuyển Nguyễn Văn An ký."]
    assert f'href="/drafts/{first.pk}?mine=1">Xem lại</a>' in text(page)
    first.refresh_from_db()
    assert first.status == Status.ENDORSED
    assert "Nhất trí" in text(enter(cast.plan_officer).get(f"/documents/{first.pk}"))


def test_only_the_reviewer_endorses(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.a_submitted_draft(cast, now)
    refused = enter(cast.plan_officer).post(f"/documents/{document.pk}/endorse", {"words": ""})
    assert refused.status_code == 403
    assert "Văn bản đang chờ Trưởng phòng Kế hoạch Hoàng Gia Đạt duyệt." in text(refused)
    assert enter(cast.technique_head).post(f"/documents/{document.pk}/endorse", {"words": ""}).status_code == 404
    document.refresh_from_db()
    assert document.status == Status.SUBMITTED


def test_returning_needs_a_reason_and_shows_it_to_the_drafter(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.a_submitted_draft(cast, now)
    browser = enter(cast.plan_head)
    address = f"/documents/{document.pk}/return"
    empty = browser.post(address, {"reason": "  "})
    assert empty.status_code == 422
    assert "Ghi rõ lý do." in text(empty)
    document.refresh_from_db()
    assert document.status == Status.SUBMITTED
    browser.post(address, {"reason": "Thiếu <b>căn cứ</b>"})
    page = text(enter(cast.plan_officer).get(f"/documents/{document.pk}"))
    assert "Thiếu &lt;b&gt;căn cứ&lt;/b&gt;" in page
    assert "Hoàng Gia Đạt, Trưởng phòng Kế hoạch" in page
    assert f'href="/drafts/{document.pk}/edit"' in page


def test_returning_after_numbering_warns_that_the_number_is_lost(
    cast: Cast, enter: Enter, now: datetime, today: date
) -> None:
    document = given.a_numbered_document(cast, now, today=today)
    page = text(enter(cast.clerk).get(f"/documents/{document.pk}/return"))
    assert f"Số {document.code} sẽ bị hủy cùng lý do này và không cấp lại." in page


def test_the_drafter_withdraws_and_abandons(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.a_submitted_draft(cast, now)
    browser = enter(cast.plan_officer)
    response = browser.post(f"/documents/{document.pk}/withdraw")
    assert told(browser.get(response["Location"])) == [f"Đã rút lại “{given.SUBJECT}” để sửa."]
    assert f"Bỏ dự thảo “{given.SUBJECT}”?" in text(browser.get(f"/documents/{document.pk}/abandon"))
    browser.post(f"/documents/{document.pk}/abandon")
    document.refresh_from_db()
    assert document.status == Status.ABANDONED
    refused = browser.post(f"/documents/{document.pk}/withdraw")
    assert refused.status_code == 409
    assert "Không thực hiện được ở trạng thái hiện tại: Đã bỏ." in text(refused)


@pytest.mark.parametrize("act", ["withdraw", "judge"])
def test_an_act_is_not_done_by_looking(cast: Cast, enter: Enter, now: datetime, act: str) -> None:
    document = given.a_submitted_draft(cast, now)
    assert enter(cast.plan_officer).get(f"/documents/{document.pk}/{act}").status_code == 405


# ---- signing -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def to_sign(cast: Cast, now: datetime) -> Document:
    paper.give_keys(cast, now)
    return paper.a_page_to_sign(cast, now)


def test_the_signer_sees_exactly_what_he_signs(cast: Cast, enter: Enter, to_sign: Document) -> None:
    browser = enter(cast.head)
    page = text(browser.get(f"/documents/{to_sign.pk}/sign"))
    assert f'<input type="hidden" name="seen_file" value="{to_sign.file}">' in page
    assert f"/documents/{to_sign.pk}/files/{to_sign.file}/pages/1?w=900" in page
    assert '<svg class="place"' in page
    assert "trang 1, khung đánh dấu trên trang" in page
    assert "Nguyễn Văn An, Tổng cục Z" in page
    assert "Trưởng phòng Kế hoạch Hoàng Gia Đạt duyệt" in page
    image = browser.get(f"/documents/{to_sign.pk}/files/{to_sign.file}/pages/1?w=900")
    assert image["Content-Type"] == "image/png"
    assert image.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert image["Cache-Control"] == "private, max-age=31536000, immutable"


def test_signing_hands_the_document_to_the_registry(cast: Cast, enter: Enter, to_sign: Document) -> None:
    browser = enter(cast.head)
    response = browser.post(f"/documents/{to_sign.pk}/sign", {"seen_file": to_sign.file, "pin": paper.PIN})
    assert response["Location"] == f"/drafts/{to_sign.pk}"
    page = browser.get(response["Location"])
    assert told(page) == [f"Đã ký “{given.SUBJECT}”, chuyển văn thư cấp số."]
    assert "Hợp lệ: Nguyễn Văn An, Tổng cục trưởng, Tổng cục Z" in text(page)
    assert "Thiếu chữ ký số của cơ quan, tổ chức" in text(page)
    to_sign.refresh_from_db()
    assert to_sign.status == Status.SIGNED


def test_after_signing_the_next_page_to_sign_follows(
    cast: Cast, enter: Enter, to_sign: Document, now: datetime
) -> None:
    other = paper.a_page_to_sign(cast, now, subject="Văn bản sau")
    response = enter(cast.head).post(f"/documents/{to_sign.pk}/sign", {"seen_file": to_sign.file, "pin": paper.PIN})
    assert response["Location"] == f"/documents/{other.pk}/sign"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pin": "000000"}, "Mã PIN không đúng. Còn 4 lần thử"),
        ({"pin": ""}, "Cần nhập mã PIN của khóa ký cá nhân."),
        ({"seen_file": "0" * 64}, "Trang đồng chí xem không còn là trang hiện tại"),
    ],
)
def test_a_refused_signature_changes_nothing(
    cast: Cast, enter: Enter, to_sign: Document, changes: dict[str, str], words: str
) -> None:
    sent = {"seen_file": to_sign.file, "pin": paper.PIN} | changes
    response = enter(cast.head).post(f"/documents/{to_sign.pk}/sign", sent)
    assert response.status_code == 422
    assert words in text(response)
    assert paper.PIN not in text(response)
    to_sign.refresh_from_db()
    assert to_sign.status == Status.ENDORSED


def test_nobody_else_may_sign(cast: Cast, enter: Enter, to_sign: Document) -> None:
    sent = {"seen_file": to_sign.file, "pin": paper.PIN}
    refused = enter(cast.plan_head).post(f"/documents/{to_sign.pk}/sign", sent)
    assert (refused.status_code, "Văn bản đang chờ Nguyễn Văn An ký." in text(refused)) == (403, True)
    assert enter(cast.technique_head).get(f"/documents/{to_sign.pk}/sign").status_code == 404


def test_a_signer_without_a_certificate_is_told_before_he_types(cast: Cast, enter: Enter, now: datetime) -> None:
    document = paper.a_page_to_sign(cast, now)
    page = text(enter(cast.head).get(f"/documents/{document.pk}/sign"))
    assert "Nguyễn Văn An chưa được cấp chứng thư số; đề nghị quản trị đơn vị cấp trước." in page
    assert 'aria-describedby="why-key"' in page
    assert 'name="pin"' not in page


# ---- number, seal, issue -------------------------------------------------------------------------------------------------------


def test_the_clerk_numbers_and_the_keeper_seals_and_issues(
    cast: Cast, enter: Enter, now: datetime, keep_promises: Keep
) -> None:
    paper.give_keys(cast, now)
    document = paper.a_signed_page(cast, now)
    clerk, keeper = enter(cast.clerk), enter(cast.seal_keeper)
    response = clerk.post(f"/documents/{document.pk}/number")
    assert told(clerk.get(response["Location"])) == ["Đã cấp số 01/TCZ-KH, chờ đóng dấu."]
    refused = clerk.post(f"/documents/{document.pk}/seal")
    assert refused.status_code == 403
    assert "Chỉ người giữ con dấu của cơ quan được đóng dấu, ký số cơ quan." in text(refused)
    asked = text(keeper.get(f"/documents/{document.pk}/seal"))
    assert "Đóng dấu và phát hành 01/TCZ-KH?" in asked
    assert "Văn bản rời cơ quan ngay, tới 1 nơi nhận:" in asked
    assert "Trung tâm B1" in asked
    response = keeper.post(f"/documents/{document.pk}/seal")
    page = keeper.get(response["Location"])
    assert response["Location"] == f"/outgoing/{document.pk}"
    assert told(page) == ["Đã đóng dấu và phát hành 01/TCZ-KH."]
    assert "giá trị như bản gốc giấy" in text(page)


def test_the_keeper_numbers_seals_and_issues_in_one_act_that_is_asked(cast: Cast, enter: Enter, now: datetime) -> None:
    paper.give_keys(cast, now)
    document = paper.a_signed_page(cast, now)
    keeper = enter(cast.seal_keeper)
    assert "Cấp số, đóng dấu, phát hành" in text(keeper.get(f"/documents/{document.pk}"))
    response = keeper.post(f"/documents/{document.pk}/number")
    assert told(keeper.get(response["Location"])) == ["Đã cấp số 01/TCZ-KH, đóng dấu và phát hành."]
    document.refresh_from_db()
    assert document.status == Status.ISSUED


# ---- receiving -----------------------------------------------------------------------------------------------------------------


def test_one_press_enters_the_arrival_and_opens_the_next(cast: Cast, enter: Enter, now: datetime) -> None:
    first = given.an_arrival(cast, now, urgency=3)
    second = given.an_arrival(cast, now, key="delivery:2", code="16/TCZ-KH", identifier="another")
    browser = enter(cast.recipient_clerk)
    assert f'action="/documents/{first.pk}/register"' in text(browser.get("/incoming"))
    response = browser.post(f"/documents/{first.pk}/register?state=arrived")
    assert response["Location"] == f"/incoming/{second.pk}?state=arrived"
    assert told(browser.get(response["Location"])) == ["Đã vào sổ, số đến 1, trình Giám đốc."]
    response = browser.post(f"/documents/{second.pk}/register")
    assert response["Location"] == f"/incoming/{second.pk}"


def test_a_duplicate_is_shown_and_entered_only_when_the_clerk_says_so(cast: Cast, enter: Enter, now: datetime) -> None:
    given.a_registered_document(cast, now)
    again = given.an_arrival(cast, now, key="delivery:2")
    browser = enter(cast.recipient_clerk)
    response = browser.post(f"/documents/{again.pk}/register")
    assert response.status_code == 409
    assert "Trùng văn bản đã nhận: 15/TCZ-KH, Tổng cục Z, số đến 1." in text(response)
    again.refresh_from_db()
    assert again.status == Status.ARRIVED
    assert browser.post(f"/documents/{again.pk}/register", {"despite_duplicate": "on"}).status_code == 302
    again.refresh_from_db()
    assert (again.status, again.arrival_number) == (Status.REGISTERED, 2)


def test_the_clerk_presents_to_another_leader_when_entering(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.an_arrival(cast, now)
    browser = enter(cast.recipient_clerk)
    assert "Phó Giám đốc Hồ Thị Lan" in text(browser.get(f"/documents/{document.pk}/register"))
    browser.post(f"/documents/{document.pk}/register", {"present_to": str(cast.recipient_deputy.post_id)})
    document.refresh_from_db()
    assert document.next_holder == f"P{cast.recipient_deputy.post_id}"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"reason": "", "words": ""}, "Chọn một lý do."),
        ({"reason": "made_up", "words": ""}, "made_up"),
        ({"reason": "other", "words": ""}, "Lý do “khác” phải ghi rõ bằng lời."),
    ],
)
def test_returning_to_the_sender_needs_a_coded_reason(
    cast: Cast, enter: Enter, now: datetime, sent: dict[str, str], words: str
) -> None:
    document = given.an_arrival(cast, now)
    response = enter(cast.recipient_clerk).post(f"/documents/{document.pk}/send-back", sent)
    assert response.status_code == 422
    assert words in text(response)
    document.refresh_from_db()
    assert document.status == Status.ARRIVED


def test_what_is_returned_shows_its_reason(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.an_arrival(cast, now)
    browser = enter(cast.recipient_clerk)
    sent = {"reason": "not_competent", "words": "Đề nghị gửi Cục A5"}
    response = browser.post(f"/documents/{document.pk}/send-back", sent)
    page = browser.get(response["Location"])
    assert told(page) == ["Đã trả 15/TCZ-KH về Tổng cục Z."]
    assert "Không đúng thẩm quyền giải quyết: Đề nghị gửi Cục A5" in text(page)


def test_the_leader_presents_on_or_closes(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.a_registered_document(cast, now)
    head = enter(cast.recipient_head)
    sent = {"post_id": str(cast.recipient_deputy.post_id), "words": "Đ/c Lan xem"}
    response = head.post(f"/documents/{document.pk}/present", sent)
    page = head.get(response["Location"])
    assert told(page) == ["Đã trình Phó Giám đốc Hồ Thị Lan."]
    assert "Đ/c Lan xem" in text(page)
    deputy = enter(cast.recipient_deputy)
    response = deputy.post(f"/documents/{document.pk}/close")
    assert told(deputy.get(response["Location"])) == ["Đã kết thúc văn bản đến số 1."]
    document.refresh_from_db()
    assert document.status == Status.COMPLETED


@pytest.mark.parametrize("act", ["register", "send-back", "present", "close"])
def test_those_who_do_not_see_an_arrival_cannot_act_on_it(cast: Cast, enter: Enter, now: datetime, act: str) -> None:
    document = given.an_arrival(cast, now)
    before = Record.objects.count()
    for member in (cast.clerk, cast.recipient_works_officer, cast.administrator):
        browser = enter(member)
        assert browser.post(f"/documents/{document.pk}/{act}", {"reason": "other", "words": "x"}).status_code == 404
    assert Record.objects.count() == before


# ---- the board -----------------------------------------------------------------------------------------------------------------


def issued(cast: Cast, now: datetime, keep_promises: Keep, recipients: list[int] | None = None) -> Document:
    paper.give_keys(cast, now)
    document = paper.an_issued_page(cast, now, recipients=recipients)
    keep_promises(now)
    return document


def test_the_board_groups_by_what_is_wanted_and_urges(
    cast: Cast, enter: Enter, now: datetime, keep_promises: Keep
) -> None:
    agencies = forty(cast, count=3)
    everybody = [cast.recipient_id, *given.recipients_of(agencies)]
    document = issued(cast, now, keep_promises, everybody)
    registrar, returner = agencies[0].clerk, agencies[1].clerk
    enter(registrar).post(f"/documents/{waiting(registrar).pk}/register")
    enter(returner).post(f"/documents/{waiting(returner).pk}/send-back", {"reason": "wrong_agency", "words": "Gửi N9"})
    browser = enter(cast.clerk)
    page = text(browser.get(f"/outgoing/{document.pk}/board"))
    assert "1 trên 4 nơi đã tiếp nhận, 1 nơi cần xử lý" in page
    assert page.index('id="can-xu-ly"') < page.index('id="cho-tiep-nhan"') < page.index('id="da-tiep-nhan"')
    assert "Gửi nhầm đơn vị. “Gửi N9”" in page
    assert "Đôn đốc 2 nơi" in page
    response = browser.post(f"/outgoing/{document.pk}/board/urge")
    assert told(browser.get(response["Location"])) == ["Đã đôn đốc 2 nơi."]
    assert "Tổng cục Z đôn đốc tiếp nhận" in text(
        enter(cast.recipient_clerk).get(f"/documents/{waiting(cast.recipient_clerk).pk}")
    )


def waiting(member: Member) -> Document:
    [document] = queries.list_waiting(member.actor())
    return document


def test_only_the_senders_clerk_urges(cast: Cast, enter: Enter, now: datetime, keep_promises: Keep) -> None:
    document = issued(cast, now, keep_promises)
    [delivery] = deliveries.get_board(cast.clerk.actor(), document.pk).deliveries
    drafter = enter(cast.plan_officer)
    page = text(drafter.get(f"/outgoing/{document.pk}/board"))
    assert "Đôn đốc" not in page
    refused = drafter.post(f"/deliveries/{delivery.pk}/urge")
    assert (refused.status_code, "Chỉ văn thư cơ quan gửi được gửi lại hoặc đôn đốc." in text(refused)) == (403, True)
    assert enter(cast.technique_head).get(f"/outgoing/{document.pk}/board").status_code == 404
    assert enter(cast.clerk).post(f"/deliveries/{delivery.pk}/urge").status_code == 302
    delivery.refresh_from_db()
    assert delivery.urged_at is not None


def test_a_document_that_was_not_sent_has_no_board(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.a_draft(cast, now)
    assert enter(cast.plan_officer).get(f"/outgoing/{document.pk}/board").status_code == 404


def test_drafts_are_shown_as_they_would_be_laid_out(cast: Cast, enter: Enter, now: datetime) -> None:
    document = given.a_submitted_draft(cast, now)
    browser = enter(cast.plan_head)
    assert "Bản xem trước của dự thảo" in text(browser.get(f"/documents/{document.pk}"))
    assert f'<img src="/drafts/{document.pk}/preview/1.png?r=' in text(browser.get(f"/documents/{document.pk}"))


def test_a_draft_without_text_says_so(cast: Cast, enter: Enter, now: datetime, today: date) -> None:
    document = documents.create_draft(facts=given.facts(cast), actor=cast.plan_officer.actor(), today=today, at=now)
    assert "Chưa có nội dung." in text(enter(cast.plan_officer).get(f"/documents/{document.pk}"))
