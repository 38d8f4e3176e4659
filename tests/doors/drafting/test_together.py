"""Two people at one draft, on the pages and over the API: who holds it is seen, a late save is merged, an edit apart too."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.models import Document, Edition, OwnCopy
from antin.files import queries as kept
from antin.journeys import draft_document, draft_together, sealing
from antin.journeys.draft_document import Save
from antin.keys.policy import PinMissing
from antin.typeset import body as bodies
from antin.vault.policy import ReaderNotCleared
from antin.workdays.queries import local_date
from tests import given, papers, secrets
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.journeys.test_draft_together import text
from tests.secrets import PIN
from tests.unchanged import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]


@pytest.fixture
def draft(cast: Cast) -> Document:
    document = given.a_draft(cast, timezone.now())
    draft_together.invite(
        document_id=document.pk,
        post_id=cast.technique_officer.post_id,
        actor=cast.plan_officer.actor(),
        at=timezone.now(),
    )
    draft_together.hand_back(document_id=document.pk, actor=cast.plan_officer.actor(), at=timezone.now())
    return document


def text_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.content.decode()).split())


def form_of(cast: Cast, document: Document, window: str, *lines: str, **more: Any) -> dict[str, Any]:
    sent = {
        "key": window * 16,
        "revision": queries.making_of(document).revision,
        "type_code": "CV",
        "subject": given.SUBJECT,
        "urgency": 0,
        "secrecy": 0,
        "signer": cast.head.post_id,
        "addressed": [cast.recipient_id],
        "body": json.dumps(text(*lines), ensure_ascii=False),
    }
    return sent | more


def lines(document: Document) -> list[str]:
    return bodies.plain_text(queries.making_of(document).body).splitlines()


def test_one_writes_the_other_sees_it_and_a_late_save_is_merged(cast: Cast, enter: Enter, draft: Document) -> None:
    drafter, other = enter(cast.plan_officer), enter(cast.technique_officer)
    edit, together = f"/drafts/{draft.pk}/edit", f"/drafts/{draft.pk}/together"
    json_wanted: Any = {"headers": {"accept": "application/json"}}
    late = form_of(cast, draft, "a", "một của A", "hai của A")
    saved = other.post(edit, form_of(cast, draft, "b", "một", "hai của B"), **json_wanted)
    assert saved.status_code == 200
    assert "Lưu và trả dự thảo" in saved.json()["parts"]["part-acts"]  # to hand it on is the drafter's
    assert drafter.get(edit).url == together  # type: ignore[attr-defined]
    page = text_of(drafter, together)
    assert f"{cast.technique_officer.name}" in page
    assert "Nhận sửa tiếp" in page
    answer = drafter.post(edit, late, **json_wanted)
    assert answer.status_code == 409
    assert "Ghép hai bản" in answer.json()["parts"]["part-alerts"]
    assert "ghi đè" not in answer.json()["parts"]["part-alerts"]  # while another holds it
    copy = OwnCopy.objects.get()
    assert drafter.post(f"/drafts/{draft.pk}/hold", {"act": "ask"}).status_code == 302
    again = other.post(edit, form_of(cast, draft, "b", "một", "hai của B"), **json_wanted).json()
    assert "xin sửa dự thảo này" in again["parts"]["part-alerts"]
    assert other.post(edit, form_of(cast, draft, "b", "một", "hai của B", act="hand-back")).url == together  # type: ignore[attr-defined]
    merged = f"/drafts/own/{copy.pk}/merge"
    assert drafter.post(edit, late | {"act": "merge"}).url == merged  # type: ignore[attr-defined]
    assert OwnCopy.objects.count() == 1
    page = text_of(drafter, merged)
    assert "1 chỗ hai bên cùng sửa, cần chọn" in page
    assert other.get(merged).status_code == 404
    revision = queries.making_of(draft).revision
    unchosen = drafter.post(merged, {"revision": revision})
    assert unchosen.status_code == 422
    assert drafter.post(merged, {"revision": 1, "choice-0": "both"}).status_code == 422
    sent = {"revision": revision, "choice-0": "hand", "hand-0": "một của A\nhai của cả hai"}
    assert drafter.post(merged, sent).url == edit  # type: ignore[attr-defined]
    assert lines(draft) == ["một của A", "hai của cả hai"]
    was = Edition.objects.filter(document=draft).latest("revision")
    address = f"/drafts/{draft.pk}/editions/{was.revision}"
    assert "hai của B" in text_of(drafter, address)
    assert f'href="{address}"' in text_of(drafter, together)
    assert drafter.post(address, {"revision": queries.making_of(draft).revision}).status_code == 302
    assert lines(draft) == ["một", "hai của B"]


def test_two_windows_of_one_person_overwrite_only_by_choice(cast: Cast, enter: Enter, draft: Document) -> None:
    drafter = enter(cast.plan_officer)
    edit = f"/drafts/{draft.pk}/edit"
    late = form_of(cast, draft, "a", "cửa sổ một")
    assert drafter.post(edit, form_of(cast, draft, "b", "cửa sổ hai")).status_code == 302
    answer = drafter.post(edit, late)
    assert answer.status_code == 409
    assert "ghi đè" in answer.content.decode()
    revision = queries.making_of(draft).revision
    assert drafter.post(edit, late | {"over": revision}).status_code == 302
    assert lines(draft) == ["cửa sổ một"]
    copy = OwnCopy.objects.get()
    assert (copy.ended_at is None, copy.merged_by) == (False, "")  # it stands in the draft now
    assert bodies.plain_text(Edition.objects.latest("revision").body) == "cửa sổ hai"


def test_an_edit_apart_is_written_handed_in_and_merged(cast: Cast, enter: Enter, draft: Document) -> None:
    drafter, other = enter(cast.plan_officer), enter(cast.technique_officer)
    drafter.post(f"/drafts/{draft.pk}/edit", form_of(cast, draft, "a", "một", "hai"))
    begun = other.post(f"/drafts/{draft.pk}/own")
    address = begun.url  # type: ignore[attr-defined]
    assert "data-autosave" in text_of(other, address)
    body = json.dumps(text("một", "hai", "ba"))
    kept = other.post(
        address, {"revision": 1, "subject": given.SUBJECT, "body": body}, headers={"accept": "application/json"}
    )
    assert kept.json()["revision"] == 2
    stale = other.post(
        address, {"revision": 1, "subject": given.SUBJECT, "body": body}, headers={"accept": "application/json"}
    )
    assert stale.status_code == 409
    assert drafter.get(address).status_code == 404
    sent = {"revision": 2, "subject": given.SUBJECT, "body": body, "act": "return"}
    assert other.post(address, sent).url == f"/drafts/{draft.pk}/together"  # type: ignore[attr-defined]
    assert "không chỗ nào phải chọn" in text_of(drafter, f"{address}/merge")
    assert drafter.get(address).status_code == 404
    assert drafter.post(f"{address}/merge", {"revision": queries.making_of(draft).revision}).status_code == 302
    assert lines(draft) == ["một", "hai", "ba"]
    assert other.post(f"{address}/drop").status_code == 422


def test_who_writes_is_chosen_on_the_page(cast: Cast, enter: Enter) -> None:
    document = given.a_draft(cast, timezone.now())
    drafter, other = enter(cast.plan_officer), enter(cast.technique_officer)
    address = f"/drafts/{document.pk}/drafters"
    assert "Phòng Kỹ thuật" in text_of(drafter, address)
    post_id = cast.technique_officer.post_id
    assert other.get(address).status_code == 404
    assert drafter.post(address, {"asked": [f"P{post_id}"]}).status_code == 302
    assert cast.technique_officer.name in text_of(drafter, f"/drafts/{document.pk}/together")
    assert other.get(address).status_code == 403
    assert drafter.post(f"{address}/{post_id}/end").status_code == 302
    assert other.post(f"/drafts/{document.pk}/hold", {"act": "take-over"}).status_code == 403
    assert drafter.post(f"/drafts/{document.pk}/hold", {"act": "steal"}).status_code == 404


def test_of_a_classified_draft_a_co_drafter_is_a_reader_and_nothing_is_kept_apart(cast: Cast, enter: Enter) -> None:
    at = timezone.now()
    secrets.give_keys(cast, at)
    document = secrets.a_draft(cast, at)
    drafter, other = cast.plan_officer.actor(), cast.technique_officer
    asked: dict[str, Any] = {"document_id": document.pk, "post_id": other.post_id, "actor": drafter, "at": at}
    refused(PinMissing, lambda: draft_together.invite(**asked))
    refused(ReaderNotCleared, lambda: draft_together.invite(**asked, pin=PIN))
    secrets.equip(other, at)
    draft_together.invite(**asked, pin=PIN)
    paper = sealing.open_document(document_id=document.pk, pin=PIN, actor=other.actor(), at=at)
    making = queries.making_of(document)
    changed = Save(
        facts=given.facts(cast, subject=paper.subject, secrecy=1, type_code=document.type_code),
        body=text("Câu 9301 của người cùng soạn"),
        uploaded_file="",
        addressees=None,
        revision=making.revision,
        window="w" * 20,
    )
    save: dict[str, Any] = {"document_id": document.pk, "save": changed, "actor": other.actor()}
    refused(policy.HeldByAnother, lambda: draft_document.save(**save, today=local_date(at), at=at))
    draft_together.hand_back(document_id=document.pk, actor=drafter, at=at)
    draft_document.save(**save, today=local_date(at), at=at)
    opened = sealing.open_document(document_id=document.pk, pin=PIN, actor=drafter, at=at)
    assert "9301" in json.dumps(opened.body)
    refused(
        policy.SealedDocument,
        lambda: draft_together.keep_apart(document_id=document.pk, window="w", actor=drafter, at=at),
    )
    assert not Edition.objects.exists()
    assert "Dự thảo mật chỉ giữ bản đang có" in text_of(enter(other), f"/drafts/{document.pk}/together")


def test_by_machine(cast: Cast, draft: Document) -> None:
    browser = Client()
    machines = {"drafter": Machine(browser, cast.plan_officer), "other": Machine(browser, cast.technique_officer)}

    def call(who: str, method: str, address: str, body: object = None) -> Any:
        sent: dict[str, Any] = {"data": json.dumps(body), "content_type": "application/json"} if body else {}
        return getattr(browser, method)(f"/api{address}", **sent, headers=machines[who].headers)

    state = call("drafter", "get", f"/documents/{draft.pk}/together").json()
    assert (state["held"], state["drafters"][0]["post_id"]) == (None, cast.technique_officer.post_id)
    began = queries.making_of(draft).revision
    taken = call("other", "post", f"/documents/{draft.pk}/hold", {"act": "take-over"})
    assert taken.json()["held"]["mine"] is True
    no = call("drafter", "post", f"/documents/{draft.pk}/hold", {"act": "hand-back"})
    assert no.json()["held"]["mine"] is False
    late = call(
        "drafter",
        "post",
        f"/documents/{draft.pk}/own",
        {"revision": began, "body": text("một", "hai"), "subject": "Khác"},
    )
    assert late.status_code == 201, late.content
    copy = late.json()["id"]
    saved = call("drafter", "put", f"/own-copies/{copy}", {"edits": 1, "subject": "Khác", "body": text("một", "ba")})
    assert saved.json()["edits"] == 2
    met = call("drafter", "get", f"/own-copies/{copy}/merge").json()
    assert (met["clashes"], met["by_itself"]) == ([], 2)
    held = call("drafter", "post", f"/own-copies/{copy}/merge", {"revision": met["revision"]})
    assert (held.status_code, held.json()["code"]) == (422, "held_by_another")
    assert call("drafter", "post", f"/own-copies/{copy}/return").status_code == 200
    done = call("other", "post", f"/own-copies/{copy}/merge", {"revision": met["revision"]})
    assert done.status_code == 200, done.content
    assert lines(draft) == ["một", "ba"]
    assert queries.get(draft.pk).subject == "Khác"
    back = call(
        "other", "post", f"/documents/{draft.pk}/editions/{began}", {"revision": queries.making_of(draft).revision}
    )
    assert back.status_code == 200
    assert lines(draft) == [bodies.plain_text(given.BODY)]
    assert (
        call("drafter", "delete", f"/documents/{draft.pk}/drafters/{cast.technique_officer.post_id}").status_code == 200
    )
    assert call("other", "post", f"/documents/{draft.pk}/hold", {"act": "take-over"}).status_code == 403


def test_a_page_that_comes_late_is_kept_and_merged(cast: Cast, enter: Enter, draft: Document) -> None:
    drafter, edit = enter(cast.plan_officer), f"/drafts/{draft.pk}/edit"
    late = form_of(cast, draft, "a", "một")
    assert drafter.post(edit, form_of(cast, draft, "b", "một", "hai")).status_code == 302
    content = papers.pdf(pages=2)
    page = SimpleUploadedFile("sua.pdf", content, content_type="application/pdf")
    assert drafter.post(edit, late | {"pdf": page}).status_code == 409
    file = OwnCopy.objects.get().facts["uploaded_file"]
    assert file and kept.read(file) == content
    assert drafter.post(edit, late).status_code == 409  # the window goes on saving itself, without the file
    copy = OwnCopy.objects.get()
    assert copy.facts["uploaded_file"] == file
    merged = f"/drafts/own/{copy.pk}/merge"
    assert "tệp pdf làm nội dung" in text_of(drafter, merged)
    sent = {"revision": queries.making_of(draft).revision, "choice-0": "theirs"}
    assert drafter.post(merged, sent).status_code == 302
    assert (queries.making_of(draft).uploaded_file, lines(draft)) == (file, ["một", "hai"])


def test_a_page_sent_late_by_machine_is_kept_once(cast: Cast, draft: Document) -> None:
    browser = Client()
    officer = Machine(browser, cast.plan_officer)
    began = queries.making_of(draft).revision
    draft_together.take_over(document_id=draft.pk, actor=cast.technique_officer.actor(), at=timezone.now())
    content = papers.pdf(pages=3)
    for _time in range(2):
        file = SimpleUploadedFile("sua.pdf", content, content_type="application/pdf")
        answer = browser.post(
            f"/api/documents/{draft.pk}/page?revision={began}", {"page": file}, headers=officer.headers
        )
        assert answer.json()["code"] == "held_by_another"
    [copy] = OwnCopy.objects.all()
    assert (kept.read(copy.facts["uploaded_file"]), copy.late) == (content, True)
    draft_together.hand_back(document_id=draft.pk, actor=cast.technique_officer.actor(), at=timezone.now())
    met = officer.get(f"/own-copies/{copy.pk}/merge")
    assert met["clashes"] == []
    officer.post(f"/own-copies/{copy.pk}/merge", {"revision": met["revision"]})
    assert queries.making_of(draft).uploaded_file == copy.facts["uploaded_file"]


def test_what_comes_after_the_draft_was_handed_on_is_kept_with_its_files_and_merged_when_it_comes_back(
    cast: Cast, enter: Enter, draft: Document
) -> None:
    """From the form and from a machine: nothing that was written or chosen has to be done again."""
    now, today = timezone.now(), local_date(timezone.now())
    author = cast.plan_officer.actor(today)
    browser, edit = enter(cast.plan_officer), f"/drafts/{draft.pk}/edit"
    late = form_of(cast, draft, "a", "một", "viết sau khi trình")
    began = queries.making_of(draft).revision
    documents.submit(document_id=draft.pk, actor=author, today=today, at=now)
    annex = SimpleUploadedFile("phu-luc.pdf", papers.pdf(pages=1), content_type="application/pdf")
    answer = browser.post(edit, late | {"attachments": annex})
    assert answer.status_code == 409
    assert "đã được giữ thành bản sửa riêng" in html.unescape(answer.content.decode())
    assert browser.post(edit, late).status_code == 409  # the window goes on saving itself, without the file
    [copy] = OwnCopy.objects.all()
    assert [row["name"] for row in copy.facts["attached"]] == ["phu-luc.pdf"]
    assert queries.is_named(copy.facts["attached"][0]["file"])
    machine = Machine(browser, cast.plan_officer)
    page = SimpleUploadedFile("sua.pdf", papers.pdf(pages=3), content_type="application/pdf")
    told = browser.post(f"/api/documents/{draft.pk}/page?revision={began}", {"page": page}, headers=machine.headers)
    assert (told.status_code, told.json()["code"], OwnCopy.objects.count()) == (409, "wrong_state", 2)
    assert "Bản sửa riêng chờ ghép" in text_of(browser, f"/drafts/{draft.pk}/together")
    assert browser.get(f"/drafts/own/{copy.pk}/merge").status_code == 409  # not while it is with others
    stranger = enter(cast.plan_head)
    assert stranger.post(edit, late).status_code in (403, 404, 409) and OwnCopy.objects.count() == 2

    documents.withdraw(document_id=draft.pk, actor=author, at=now)
    merged = f"/drafts/own/{copy.pk}/merge"
    assert "phu-luc.pdf" in text_of(browser, merged)
    sent = {"revision": queries.making_of(draft).revision, "choice-0": "mine"}
    assert browser.post(merged, sent).status_code == 302
    assert [row.name for row in queries.list_attachments(draft.pk)] == ["phu-luc.pdf"]
    assert lines(draft)[-1] == "viết sau khi trình"


def test_a_file_chosen_with_a_late_save_goes_along_when_it_is_written_over(
    cast: Cast, enter: Enter, draft: Document
) -> None:
    browser, edit = enter(cast.plan_officer), f"/drafts/{draft.pk}/edit"
    late = form_of(cast, draft, "a", "cửa sổ một")
    assert browser.post(edit, form_of(cast, draft, "b", "cửa sổ hai")).status_code == 302
    annex = SimpleUploadedFile("phu-luc.pdf", papers.pdf(pages=1), content_type="application/pdf")
    assert browser.post(edit, late | {"attachments": annex}).status_code == 409
    over = late | {"over": queries.making_of(draft).revision}
    assert browser.post(edit, over).status_code == 302
    assert browser.post(edit, over).status_code in (302, 409)  # sent again because its answer was lost: not twice
    assert [row.name for row in queries.list_attachments(draft.pk)] == ["phu-luc.pdf"]
