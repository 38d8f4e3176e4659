"""A classified letter by machine: sealed as it is begun, opened by the caller's PIN, signed and numbered; other ways are closed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from antin.documents import queries
from antin.journeys import sealing
from antin.outbox import operations as outbox
from antin.signing import operations as signing
from antin.signing.models import Proof
from antin.tasks.models import Assignment
from antin.vault.models import SealedContent
from antin.vault.states import Part
from antin.web.uploads import IN_MEMORY
from tests import canary, secrets
from tests.cast import Cast, Member
from tests.doors.test_api_documents import Machine
from tests.secrets import PIN, body

pytestmark = pytest.mark.django_db
SUBJECT = "Kế hoạch bảo đảm trang bị năm 2027"


@pytest.fixture
def machine(client: Client) -> Callable[[Member], Machine]:
    return lambda member: Machine(client, member)


@pytest.fixture(autouse=True)
def world(cast: Cast, own_state: Path) -> None:
    secrets.give_keys(cast, timezone.now())


def send(client: Client, who: Machine, address: str, file: tuple[str, bytes]) -> tuple[int, Any]:
    """A file by machine: status and answer."""
    answer = client.post(f"/api{address}", {"file": SimpleUploadedFile(*file)}, headers=who.headers)
    return answer.status_code, answer.json()


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["code"]


def test_the_walk_by_machine(cast: Cast, client: Client, machine: Callable[[Member], Machine]) -> None:
    officer, reviewer, head = machine(cast.plan_officer), machine(cast.plan_head), machine(cast.head)
    facts: dict[str, Any] = {
        "type_code": "CV",
        "subject": SUBJECT,
        "secrecy": 2,
        "signer_post_id": cast.head.post_id,
    }
    made = officer.post("/documents", facts, 201)
    assert (made["subject"], made["secrecy"]) == ("Văn bản độ Tối mật", 2)
    here = f"/documents/{made['id']}"
    revision = queries.making_of(queries.get(made["id"])).revision
    officer.put(here, facts | {"revision": revision, "body": body("Nội dung kế hoạch.")})
    officer.put(f"{here}/recipients", {"addressed": [cast.recipient_id]})
    assert officer.post(f"{here}/submit", None, 422)["code"] == "pin_missing"
    officer.post(f"{here}/submit", {"pin": PIN})
    reviewer.post(f"{here}/endorse", {"words": "Đồng ý", "pin": PIN})
    opened = head.post(f"{here}/open", {"pin": PIN})
    assert (opened["subject"], opened["body"]) == (SUBJECT, body("Nội dung kế hoạch."))
    assert base64.b64decode(opened["pdf"]).startswith(b"%PDF-")
    assert [each["words"] for each in opened["said"]] == ["Đồng ý"]
    head.post(f"{here}/sign", {"seen_file": opened["seen_file"], "pin": PIN})
    machine(cast.clerk).post(f"{here}/number")
    issued = machine(cast.seal_keeper).post(f"{here}/seal", {"pin": PIN})
    assert (issued["status"], issued["code"]) == ("issued", "01/TCZ-KH")
    assert (opened["verification"], opened["evidence_at"], opened["provable_until"]) == (None, None, None)
    Proof.objects.update(owed=True)
    for proof in Proof.objects.all():
        signing.complete_proof(proof_id=proof.pk, at=timezone.now())
    judged = head.post(f"{here}/open", {"pin": PIN})
    assert (judged["verification"]["verdict"], judged["verification"]["replaces_paper"]) == ("valid", True)
    assert judged["verification"]["file"] == judged["seen_file"]
    assert [each["field"] for each in judged["verification"]["signatures"]] == ["Person", "Agency", "Apart.A1"]
    assert judged["evidence_at"] < judged["provable_until"]

    # Ways that handle clear bytes are closed: nothing is given out, nothing taken in.
    assert officer.get(f"{here}/verification", 422)["code"] == "sealed_document"
    digest = queries.get(made["id"]).file
    assert client.get(f"/api{here}/files/{digest}", headers=officer.headers).status_code == 404
    assert officer.get(f"{here}/template.docx", 422)["code"] == "sealed_document"
    late = send(client, officer, f"{here}/attachments?sealed=1", ("a.txt", b"chim"))
    assert code(late) == (409, "wrong_state")
    assert machine(cast.deputy).post(f"{here}/open", {"pin": PIN}, 403)["code"] == "not_a_reader"


def test_a_result_file_by_machine_is_sealed_and_comes_with_its_document(
    cast: Cast, client: Client, machine: Callable[[Member], Machine]
) -> None:
    secrets.an_issued_document(cast, timezone.now())
    outbox.keep_due(at=timezone.now())
    arrived = secrets.a_directed_arrival(cast, timezone.now())
    works, head = machine(cast.recipient_works_head), machine(cast.recipient_head)
    here = f"/tasks/{Assignment.objects.get().pk}"

    def send(address: str) -> Any:
        file = SimpleUploadedFile("Bảng kê.csv", "đạn; 40".encode(), "text/csv")
        return client.post(f"/api{here}/files{address}", {"file": file}, headers=works.headers)

    no = send("")
    assert (no.status_code, no.json()["code"], works.get(f"{here}/files")) == (422, "written_down", [])
    made = send("?sealed=1")
    assert made.status_code == 201, made.content
    assert (made.json()["name"], made.json()["size"]) == (sealing.MASKED_NAME, 10)
    assert head.get(f"{here}/files") == [made.json()]
    assert head.get(f"{here}/files/{made.json()['id']}", 422)["code"] == "sealed_document"
    works.post(f"{here}/hand-in", {"words": ""})
    (result,) = head.post(f"/documents/{arrived.pk}/open", {"pin": PIN})["results"]
    assert (result["name"], base64.b64decode(result["content"]).decode()) == ("Bảng kê.csv", "đạn; 40")
    machine(cast.recipient_works_officer).get(f"{here}/files", 404)


PLANTED = {
    "file": "Chim hoàng yến phụ lục máy 850163850163",
    "name": "Chim hoàng yến tên tệp máy 850263850263",
    "taken off": "Chim hoàng yến bỏ ra 850363850363",
}


def test_files_by_machine_are_sealed_from_the_line_to_the_recipient(
    cast: Cast, client: Client, machine: Callable[[Member], Machine], own_state: Path
) -> None:
    officer, head = machine(cast.plan_officer), machine(cast.head)
    draft = secrets.a_draft(cast, timezone.now())
    here = f"/documents/{draft.pk}"
    content, name = PLANTED["file"].encode() + b" " * IN_MEMORY, f"{PLANTED['name']}.txt"
    with canary.trapped() as trap:
        sealed = f"{here}/attachments?sealed=1"
        assert code(send(client, officer, f"{here}/attachments", (name, b"x"))) == (422, "written_down")
        assert code(send(client, officer, sealed, (name, b""))) == (422, "empty_file")
        assert code(send(client, officer, sealed, (f"{PLANTED['name']}.pdf", content))) == (422, "not_pdf")
        assert code(send(client, head, sealed, (name, content))) == (404, "not_found")
        status, made = send(client, officer, sealed, (name, content))
        assert (status, made["name"], made["size"]) == (201, sealing.MASKED_NAME, len(content))
        taken = (f"{PLANTED['taken off']}.txt", PLANTED["taken off"].encode())
        off = send(client, officer, sealed, taken)[1]
        left = officer.send("DELETE", f"{here}/attachments/{off['id']}", None, 200)
        assert [each["id"] for each in left["attachments"]] == [made["id"]]
        officer.post(f"{here}/submit", {"pin": PIN})
        machine(cast.plan_head).post(f"{here}/endorse", {"pin": PIN})
        seen = head.post(f"{here}/open", {"pin": PIN})
        head.post(f"{here}/sign", {"seen_file": seen["seen_file"], "pin": PIN})
        machine(cast.clerk).post(f"{here}/number")
        machine(cast.seal_keeper).post(f"{here}/seal", {"pin": PIN})
        outbox.keep_due(at=timezone.now())
        arrived = secrets.arrival_of(cast)
        got = machine(cast.recipient_clerk).post(f"/documents/{arrived.pk}/open", {"pin": PIN})
    files = [(each["name"], base64.b64decode(each["content"])) for each in got["enclosed"]]
    assert files[0] == (name, content)
    assert [each for each, _content in files] == [name, f"{name[:-4]}.txt.p7s"]
    held = SealedContent.objects.filter(classified_id=arrived.classified_id, part=Part.NAME)
    assert held.count() == 2  # what was taken off went nowhere
    assert SealedContent.objects.filter(classified_id=draft.classified_id, part=Part.NAME).count() == 3
    places = [canary.dump(), *canary.of_folder(own_state), *trap.caught()]
    assert canary.found_in(PLANTED, places) == []
    assert trap.nameless == []
