"""The walk by machine: every act through the API, as the posts that do it, with nothing but its own description."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from antin.documents import queries
from antin.exchange.models import Delivery
from antin.outbox import operations as outbox
from antin.people import operations as people
from tests import given, paper, papers
from tests.cast import Cast, Member

pytestmark = pytest.mark.django_db


class Machine:
    """Speaks to the API as one member of the cast."""

    def __init__(self, client: Client, member: Member, scopes: tuple[str, ...] = ("read", "act")) -> None:
        now = datetime.now(UTC)
        made = people.create_token(
            person_id=member.person_id,
            post_id=member.post_id,
            name="thử",
            scopes=scopes,
            expires_at=now + timedelta(days=1),
            actor=None,
            at=now,
        )
        self.client, self.headers = client, {"Authorization": f"Bearer {made.secret}"}

    def get(self, address: str, status: int = 200) -> Any:
        answer = self.client.get(f"/api{address}", headers=self.headers)
        assert answer.status_code == status, answer.content
        return answer.json()

    def send(self, method: str, address: str, body: object, status: int) -> Any:
        answer = self.client.generic(
            method, f"/api{address}", json.dumps(body), content_type="application/json", headers=self.headers
        )
        assert answer.status_code == status, answer.content
        return answer.json()

    def post(self, address: str, body: object = None, status: int = 200) -> Any:
        return self.send("POST", address, body if body is not None else {}, status)

    def put(self, address: str, body: object, status: int = 200) -> Any:
        return self.send("PUT", address, body, status)


@pytest.fixture
def machine(client: Client) -> Callable[..., Machine]:
    return lambda member, **more: Machine(client, member, **more)


def test_the_walk_by_machine(cast: Cast, machine: Callable[..., Machine]) -> None:
    now = datetime.now(UTC)
    paper.give_keys(cast, now)
    officer, head = machine(cast.plan_officer), machine(cast.head)

    draft = {"type_code": "CV", "subject": "Báo cáo quý IV", "signer_post_id": cast.head.post_id}
    number = officer.post("/documents", draft, 201)["id"]
    found = officer.put(f"/documents/{number}", draft | {"revision": 1, "body": given.BODY})
    assert found["authority_lines"] == ["TỔNG CỤC TRƯỞNG"]
    officer.put(f"/documents/{number}/recipients", {"addressed": [cast.recipient_id]})
    assert officer.post(f"/documents/{number}/submit")["next_act"] == "review"
    machine(cast.plan_head).post(f"/documents/{number}/endorse", {"words": "Đồng ý"})
    outbox.keep_due(at=datetime.now(UTC))

    [waiting] = head.get("/documents/waiting")
    assert (waiting["id"], waiting["next_act"]) == (number, "sign")
    wrong = {"seen_file": "0" * 64, "pin": paper.PIN}
    assert head.post(f"/documents/{number}/sign", wrong, 422)["code"] == "page_changed"
    assert (
        head.post(f"/documents/{number}/sign", {"seen_file": waiting["file"], "pin": "000000"}, 422)["code"]
        == "wrong_pin"
    )
    head.post(f"/documents/{number}/sign", {"seen_file": waiting["file"], "pin": paper.PIN})

    assert machine(cast.clerk).post(f"/documents/{number}/number")["code"] == "01/TCZ-KH"
    issued = machine(cast.seal_keeper).post(f"/documents/{number}/seal")
    assert (issued["status"], issued["next_act"]) == ("issued", "")
    outbox.keep_due(at=datetime.now(UTC))

    clerk, leader = machine(cast.recipient_clerk), machine(cast.recipient_head)
    [arrived] = clerk.get("/documents?box=in&words=bao%20cao%20quy")["items"]
    judged = clerk.get(f"/documents/{arrived['id']}/verification")
    assert (judged["verdict"], judged["replaces_paper"]) == ("valid", True)
    assert clerk.post(f"/documents/{arrived['id']}/register")["arrival_number"] == 1
    due = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    shares = [{"role": "lead", "unit_id": cast.recipient_works_id, "due_at": due}]
    leader.post(f"/documents/{arrived['id']}/direct", {"words": "Làm ngay", "shares": shares}, 201)

    worker = machine(cast.recipient_works_head)
    [task] = worker.get("/tasks")["items"]
    worker.post(f"/tasks/{task['id']}/report", {"words": "Đang làm", "percent": 50})
    worker.post(f"/tasks/{task['id']}/hand-in", {"words": "Xong"})
    assert leader.post(f"/tasks/{task['id']}/accept", {})["status"] == "accepted"

    board = officer.get(f"/documents/{number}/deliveries")
    assert board["counts"] == {"done": 1}
    assert [receipt["code"] for receipt in board["receipts"]] == ["01", "03", "04", "05", "06"]
    events = [event["event"] for event in officer.get(f"/documents/{number}/timeline")["items"]]
    assert events[0] == "delivery.done"
    assert events[-1] == "document.drafted"


def test_what_is_not_the_posts_to_see_is_absent(cast: Cast, at: datetime, machine: Callable[..., Machine]) -> None:
    document = given.a_draft(cast, at)
    stranger = machine(cast.technique_officer)
    for address in ("", "/timeline", "/deliveries", "/verification"):
        assert stranger.get(f"/documents/{document.pk}{address}", 404)["code"] == "not_found"
    for act in ("submit", "number", "seal", "close"):
        assert stranger.post(f"/documents/{document.pk}/{act}", status=404)["code"] == "not_found"
    assert stranger.get("/documents?box=draft")["items"] == []


def test_a_reading_token_does_not_act(cast: Cast, at: datetime, machine: Callable[..., Machine]) -> None:
    document = given.a_draft(cast, at)
    reader = machine(cast.plan_officer, scopes=("read",))
    assert reader.post(f"/documents/{document.pk}/submit", status=403)["code"] == "out_of_scope"


def test_a_deadline_without_an_offset_is_refused(cast: Cast, at: datetime, machine: Callable[..., Machine]) -> None:
    document = given.a_registered_document(cast, at)
    shares = [{"role": "lead", "unit_id": cast.recipient_works_id, "due_at": "2026-12-01T17:00:00"}]
    told = machine(cast.recipient_head).post(f"/documents/{document.pk}/direct", {"shares": shares}, 422)
    assert told["code"] == "bad_moment"


def test_pages_of_a_list_follow_one_another(cast: Cast, at: datetime, machine: Callable[..., Machine]) -> None:
    made = {given.an_arrival(cast, at, key=f"k{n}").pk for n in range(5)}
    clerk, seen, after = machine(cast.recipient_clerk), set(), ""
    while True:
        page = clerk.get(f"/documents?limit=2&after={after}")
        seen |= {row["id"] for row in page["items"]}
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == made
    assert clerk.get("/documents?after=nonsense", 422)["code"] == "bad_cursor"


def test_a_paper_by_hand_comes_with_its_scan(cast: Cast, machine: Callable[..., Machine]) -> None:
    clerk = machine(cast.recipient_clerk)
    paper_facts = {"key": "phieu-0001", "type_code": "GM", "subject": "Mời họp", "issuer_name": "Sở X", "code": "7/SX"}

    def receive(content: bytes) -> Any:
        scan = SimpleUploadedFile("scan.pdf", content, content_type="application/pdf")
        return clerk.client.post("/api/papers", paper_facts | {"scan": scan}, headers=clerk.headers)

    assert receive(b"").json()["code"] in {"empty_file", "not_pdf", "not_as_described"}
    assert receive(papers.encrypted()).json()["code"] == "encrypted_pdf"
    made = receive(papers.pdf())
    assert (made.status_code, made.json()["arrival_number"]) == (201, 1)
    assert receive(papers.pdf()).json()["id"] == made.json()["id"]


def test_recipients_act_and_the_senders_clerk_urges(cast: Cast, at: datetime, machine: Callable[..., Machine]) -> None:
    document = given.an_issued_document(cast, at)
    delivery = Delivery.objects.get(dispatch__document=document)
    told = machine(cast.clerk).post(f"/deliveries/{delivery.pk}/urge", status=422)
    assert told["code"] == "nothing_to_urge"
    machine(cast.recipient_clerk).post(f"/deliveries/{delivery.pk}/urge", status=404)


def test_a_machine_finds_whom_to_write_to_and_who_may_sign(cast: Cast, machine: Callable[..., Machine]) -> None:
    officer = machine(cast.plan_officer)
    agencies = officer.get("/units?agencies_only=true")
    assert all(unit["is_agency"] and unit["agency_id"] == unit["id"] for unit in agencies)
    [found] = officer.get("/units?words=trung%20tam%20b1&agencies_only=true")
    assert (found["id"], bool(found["code"])) == (cast.recipient_id, True)

    signers = officer.get("/signers?type_code=CV")
    assert (signers[0]["post_id"], signers[0]["form"], signers[0]["lines"]) == (
        cast.head.post_id,
        "",
        ["TỔNG CỤC TRƯỞNG"],
    )
    posts = machine(cast.recipient_head).get(f"/posts?unit_id={cast.recipient_works_id}")
    assert {post["id"] for post in posts} >= {cast.recipient_works_head.post_id, cast.recipient_works_officer.post_id}
    assert cast.head.post_id not in {post["id"] for post in machine(cast.recipient_head).get("/posts")}


def test_the_files_of_a_draft_by_machine(cast: Cast, machine: Callable[..., Machine]) -> None:
    officer = machine(cast.plan_officer)
    draft = {"type_code": "CV", "subject": "Báo cáo quý IV", "signer_post_id": cast.head.post_id}
    number = officer.post("/documents", draft, 201)["id"]

    def upload(address: str, name: str, content: bytes, status: int, who: Machine = officer) -> Any:
        file = SimpleUploadedFile("ban-do.pdf", content, content_type="application/pdf")
        answer = who.client.post(f"/api{address}", {name: file}, headers=who.headers)
        assert answer.status_code == status, answer.content
        return answer.json()

    page = f"/documents/{number}/page"
    assert upload(f"{page}?revision=1", "page", papers.encrypted(), 422)["code"] == "encrypted_pdf"
    saved = upload(f"{page}?revision=1", "page", papers.pdf(pages=2), 200)
    assert (saved["revision"], saved["subject"], saved["body"]) == (2, "Báo cáo quý IV", None)
    assert upload(f"{page}?revision=1", "page", papers.pdf(), 422)["code"] == "edited_elsewhere"
    kept = officer.put(f"/documents/{number}", draft | {"revision": 2, "subject": "Báo cáo năm"})
    officer.put(f"/documents/{number}/recipients", {"addressed": [cast.recipient_id]})
    assert queries.get(number).making.uploaded_file
    assert upload(f"{page}?revision={kept['revision']}", "page", papers.pdf(), 404, machine(cast.recipient_head))

    attached = upload(f"/documents/{number}/attachments", "file", papers.pdf(), 201)
    assert (attached["name"], attached["media_type"]) == ("ban-do.pdf", "application/pdf")
    assert upload(f"/documents/{number}/attachments", "file", b"", 422)["code"] in {"empty_file", "not_pdf"}
    assert [row["id"] for row in officer.get(f"/documents/{number}")["attachments"]] == [attached["id"]]
    assert officer.post(f"/documents/{number}/submit")["next_act"] == "review"
    assert officer.send("DELETE", f"{page}?revision={kept['revision']}", {}, 409)["code"] == "wrong_state"
    assert officer.post(f"/documents/{number}/withdraw")["status"] == "drafted"
    assert officer.send("DELETE", f"/documents/{number}/attachments/{attached['id']}", {}, 200)["attachments"] == []
    assert officer.send("DELETE", f"/documents/{number}/attachments/{attached['id']}", {}, 404)["code"] == "not_found"
    revision = officer.get(f"/documents/{number}")["revision"]
    officer.send("DELETE", f"{page}?revision={revision}", {}, 200)
    assert queries.get(number).making.uploaded_file == ""
    assert officer.post(f"/documents/{number}/abandon")["status"] == "abandoned"


def test_a_clerk_presents_to_another_leader_by_machine(
    cast: Cast, at: datetime, machine: Callable[..., Machine]
) -> None:
    document = given.a_registered_document(cast, at)
    told = machine(cast.recipient_clerk).post(
        f"/documents/{document.pk}/present", {"post_id": cast.recipient_head.post_id, "words": "Kính trình"}
    )
    assert told["next_act"] == "direct"
    assert machine(cast.recipient_works_officer).post(
        f"/documents/{document.pk}/present", {"post_id": cast.recipient_head.post_id}, 404
    )
