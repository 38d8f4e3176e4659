"""Families of documents on the pages and over the API: a mandate noted, a circular drafted, its drafting file written."""

from __future__ import annotations

import html
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from antin.documents import queries
from antin.people import operations as people
from tests import given
from tests.cast import Cast, Member
from tests.doors.conftest import Enter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]


def text_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return " ".join(html.unescape(answer.content.decode()).split())


def token(member: Member) -> dict[str, str]:
    made = people.create_token(
        person_id=member.person_id,
        post_id=member.post_id,
        name="máy",
        scopes=("read", "act"),
        expires_at=timezone.now() + timedelta(days=1),
        actor=None,
        at=timezone.now(),
    )
    return {"HTTP_AUTHORIZATION": f"Bearer {made.secret}"}


def test_a_mandate_is_noted_and_a_circular_has_its_drafting_file(cast: Cast, enter: Enter) -> None:
    admin, drafter = enter(cast.administrator), enter(cast.plan_officer)
    unit = f"/administration/units/{cast.agency_id}"
    assert "(…/TT-TCZ)" not in text_of(drafter, "/drafts/new")
    sent = {"family": "normative", "since": "01/01/2026", "basis": "Nghị định 25/2025/NĐ-CP"}
    assert drafter.post(f"{unit}/mandates/give", sent).status_code == 403
    assert admin.post(f"{unit}/mandates/give", sent).status_code == 302
    assert admin.post(f"{unit}/mandates/give", sent).status_code == 422
    shown = text_of(admin, unit)
    assert "Văn bản quy phạm pháp luật" in shown
    assert "Nghị định 25/2025/NĐ-CP" in shown
    begun = text_of(drafter, "/drafts/new?type=TT")
    assert '<optgroup label="Văn bản quy phạm pháp luật">' in begun
    assert "Thông tư (…/TT-TCZ)" in begun
    assert "Căn cứ Luật Ban hành văn bản quy phạm pháp luật" in begun

    now = timezone.now()
    draft, letter = given.a_draft(cast, now, type_code="TT"), given.a_draft(cast, now)
    file = f"/documents/{draft.pk}/drafting-file"
    assert file in text_of(drafter, f"/documents/{draft.pk}")
    assert file in text_of(drafter, f"/drafts/{draft.pk}/edit")
    assert "chưa xong lấy ý kiến" in text_of(drafter, file)
    assert drafter.get(f"/documents/{letter.pk}/drafting-file").status_code == 422
    assert enter(cast.plan_head).get(file).status_code == 404
    kept = {"unconsulted": "Trình tự rút gọn", "appraiser": "Vụ Pháp chế", "appraised_on": "02/11/2026"}
    assert drafter.post(f"{file}/keep", kept).status_code == 302
    shown = text_of(drafter, file)
    assert "Hồ sơ soạn thảo theo trình tự rút gọn" in shown
    assert "Vụ Pháp chế" in shown
    assert "Soạn theo trình tự rút gọn, không lấy ý kiến" in text_of(drafter, f"/documents/{draft.pk}")
    [row] = queries.list_mandates(cast.agency_id)
    assert (
        admin.post(f"{unit}/mandates/{row.pk}/end", {"until": "01/12/2026", "basis": "Quyết định"}).status_code == 302
    )
    assert admin.get(f"{unit}/mandates/{row.pk}/end").status_code == 404


def test_the_same_by_machine(cast: Cast, client: Client) -> None:
    admin, drafter = token(cast.administrator), token(cast.plan_officer)
    mandates = f"/api/units/{cast.agency_id}/mandates"
    given_ = {"family": "normative", "basis": "Nghị định", "since": "2026-01-01"}
    made = client.post(mandates, given_, "application/json", **admin)
    assert (made.status_code, made.json()["until"]) == (201, None)
    assert client.post(mandates, given_, "application/json", **drafter).status_code == 403
    assert [each["id"] for each in client.get(mandates, **admin).json()] == [made.json()["id"]]
    draft = given.a_draft(cast, timezone.now(), type_code="TT")
    file = f"/api/documents/{draft.pk}/drafting-file"
    assert client.get(file, **drafter).json()["unconsulted"] == ""
    no = client.post(f"/api/documents/{draft.pk}/submit", "{}", "application/json", **drafter)
    assert (no.status_code, no.json()["code"]) == (422, "not_consulted")
    told = {"unconsulted": "", "appraisal": "Đủ điều kiện", "explanation": "Tiếp thu"}
    kept = client.put(file, json.dumps(told), "application/json", **drafter)
    assert (kept.status_code, kept.json()["appraisal"]) == (200, "Đủ điều kiện")
    ended = client.post(
        f"{mandates}/{made.json()['id']}/end", {"until": "2026-12-01", "basis": "Thôi"}, "application/json", **admin
    )
    assert ended.json()["until"] == "2026-12-01"


def test_a_party_organ_from_its_founding_to_a_draft(cast: Cast, enter: Enter, client: Client) -> None:
    admin, drafter = enter(cast.administrator), enter(cast.plan_officer)
    unit = f"/administration/units/{cast.agency_id}"
    assert "Ban hành nhân danh" not in text_of(drafter, "/drafts/new")
    sent = {
        "kind": "party",
        "name": "Đảng ủy Tổng cục Z",
        "abbreviation": "ĐU",
        "collective": "Ban Thường vụ",
        "opened_on": "01/01/2026",
        "basis": "Quyết định 12",
    }
    assert drafter.post(f"{unit}/bodies/found", sent).status_code == 403
    page = admin.post(f"{unit}/bodies/found", sent)["Location"]
    assert page in text_of(admin, unit)
    seat = {"since": "01/01/2026", "basis": "Nghị quyết"}
    for member, title, standing in ((cast.head, "Bí thư", "head"), (cast.plan_officer, "Ủy viên", "member")):
        told = seat | {"post_id": str(member.post_id), "title": title, "standing": standing}
        assert admin.post(f"{page}/seat", told).status_code == 302
    term = {
        "name": "Sổ nghị quyết",
        "type_codes": ["Đ.NQ"],
        "restarts": "term",
        "from_year": "2027",
        "basis": "Quy chế",
    }
    assert admin.post(f"{page}/books/set", term).status_code == 302
    shown = text_of(admin, page)
    for words in (
        "T/M BAN THƯỜNG VỤ",
        "BÍ THƯ",
        "Ủy viên",
        "Soạn thảo, không ký",
        "Sổ nghị quyết",
        "Liên tục qua các năm",
    ):
        assert words in shown
    assert "Sổ nghị quyết" not in text_of(admin, unit)

    begun = text_of(drafter, "/drafts/new?type=%C4%90.NQ")
    assert "Nghị quyết (…-NQ/ĐU)" in begun
    assert "Ban hành nhân danh" in begun
    form = {"key": "k" * 32, "revision": "1", "type_code": "Đ.NQ", "subject": "Về chuyển đổi số", "urgency": "0"}
    form |= {"secrecy": "0", "act": "save", "body": "Đẩy mạnh chuyển đổi số."}
    saved = drafter.post("/drafts/new", form)  # the one organ he drafts for is taken for it
    assert saved.status_code == 302
    edit = text_of(drafter, saved["Location"])
    assert "T/M BAN THƯỜNG VỤ" in edit
    number = int(saved["Location"].split("/")[2])
    detail = client.get(f"/api/documents/{number}", **token(cast.plan_officer)).json()
    organ = int(page.rsplit("/", 1)[1])
    assert (detail["issuer_name"], detail["body_id"]) == ("Đảng ủy Tổng cục Z", organ)
    [body] = client.get(f"/api/units/{cast.agency_id}/bodies", **token(cast.plan_officer)).json()
    assert [each["standing"] for each in body["members"]] == ["head", "member"]
    signers = client.get("/api/signers", {"type_code": "Đ.NQ", "body_id": organ}, **token(cast.plan_officer)).json()
    assert [each["lines"] for each in signers] == [["T/M BAN THƯỜNG VỤ", "BÍ THƯ"]]

    member = body["members"][1]["id"]
    assert admin.post(f"{page}/members/{member}/end", {"basis": "Thôi"}).status_code == 302
    assert "Ban hành nhân danh" not in text_of(drafter, "/drafts/new")
    assert admin.post(f"{page}/close", {"basis": "Giải thể"}).status_code == 302
    assert "đã thôi hoạt động từ" in text_of(admin, page)
    assert "chưa có ai" in text_of(admin, page).lower()


def test_a_form_from_its_making_to_a_filled_draft(cast: Cast, enter: Enter, client: Client) -> None:
    admin, drafter = enter(cast.administrator), enter(cast.plan_officer)
    unit = f"/administration/units/{cast.agency_id}"
    assert "Chưa có mẫu nào" in text_of(admin, f"{unit}/forms")
    sent = {"name": "Giấy ra vào kho", "pattern": "typed", "mark": "GRV"}
    assert drafter.post(f"{unit}/forms/make", sent).status_code == 403
    write = admin.post(f"{unit}/forms/make", sent)["Location"]
    page = write.removesuffix("/write")
    assert "Trường 4" in text_of(admin, write)
    told: dict[str, str] = {"f-TOTAL_FORMS": "3", "f-INITIAL_FORMS": "0"}
    rows = (("Họ và tên", "person", ""), ("Loại xe", "choice", "Xe tải; Xe con"), ("Vật tư", "table", "Tên; Số lượng"))
    for n, (label, kind, options) in enumerate(rows):
        told |= {f"f-{n}-label": label, f"f-{n}-kind": kind, f"f-{n}-options": options, f"f-{n}-help": ""}
    told["f-0-required"] = "on"
    wrong = admin.post(write, told | {"body": "Cho {{Họ tên}} vào kho."})
    assert wrong.status_code == 422
    assert "không có trường “Họ tên”" in html.unescape(wrong.content.decode())
    body = "Cho {{Họ và tên}} vào kho bằng {{Loại xe}}.\n{{Vật tư}}"
    assert admin.post(write, told | {"body": body, "addressed": "on"}).status_code == 302
    assert "Xe tải; Xe con" in text_of(admin, page)
    preview = admin.get(f"{page}/versions/1.pdf")
    assert (preview["Content-Type"], preview.content[:5]) == ("application/pdf", b"%PDF-")
    assert "Chưa có mẫu nào dùng được" in text_of(drafter, "/drafts/forms")
    assert admin.post(f"{page}/publish", {}).status_code == 302
    assert "đang dùng bản 1" in text_of(admin, f"{unit}/forms")

    assert "/drafts/forms" in text_of(drafter, "/drafts/new")
    assert 'href="/drafts/forms"' in text_of(drafter, "/drafts")
    number = page.rsplit("/", 1)[1]
    fill = f"/drafts/forms/{number}"
    assert fill in text_of(drafter, "/drafts/forms")
    shown = text_of(drafter, fill)
    assert "Tên | Số lượng" in shown
    given_ = {"key": "k" * 32, "subject": "Cho vào kho", "f0": str(cast.head.post_id), "f1": "Xe tải", "f2": "Máy | 2"}
    assert drafter.post(fill, given_ | {"f1": "Máy bay"}).status_code == 422
    edit = drafter.post(fill, given_)["Location"]
    shown = text_of(drafter, edit)
    assert "Máy | 2" in shown
    assert "Điền lại mẫu" in shown
    assert 'name="body"' not in shown
    document = int(edit.split("/")[2])
    assert "GIẤY" not in text_of(drafter, f"/documents/{document}")
    assert "Đã điền vào mẫu" in text_of(drafter, f"/documents/{document}")
    again = f"/drafts/{document}/form"
    assert cast.head.name in text_of(drafter, again)
    revision = queries.making_of(queries.get(document)).revision
    refilled = {"revision": str(revision), "f0": str(cast.head.post_id), "f1": "Xe con", "f2": ""}
    assert drafter.post(again, refilled).status_code == 302
    machine = token(cast.plan_officer)
    kept = client.get(f"/api/documents/{document}/filled", **machine).json()
    assert kept["values"] == {
        "Họ và tên": {"id": cast.head.post_id, "name": cast.head.name},
        "Loại xe": "Xe con",
        "Vật tư": [],
    }
    saved = {
        "key": "m" * 32,
        "revision": str(revision + 1),
        "type_code": "CN",
        "subject": "Cho vào kho",
        "urgency": "0",
    }
    saved |= {"secrecy": "0", "act": "save", "signer": str(cast.head.post_id)}
    assert drafter.post(edit, saved).status_code == 302
    assert "vào kho bằng Xe con" in str(queries.making_of(queries.get(document)).body)
    made = client.post(
        f"/api/forms/{number}/fill", {"subject": "Hai", "values": kept["values"]}, "application/json", **machine
    )
    assert made.status_code == 201
    assert [each["name"] for each in client.get("/api/forms", **machine).json()] == ["Giấy ra vào kho"]
    assert admin.post(f"{page}/close", {}).status_code == 302
    assert drafter.get(fill).status_code == 404
