"""A classified letter goes the whole walk in the pages; nobody but its readers sees a word of it, and no word is left anywhere."""

from __future__ import annotations

import html
import json
import logging
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from antin.console import backup
from antin.documents import queries
from antin.documents.models import Document, Visibility
from antin.documents.states import Direction, Status
from antin.index import queries as index
from antin.index.queries import Narrowing
from antin.journeys import sealing
from antin.outbox.operations import Tally
from antin.tasks.models import Assignment
from antin.web.uploads import IN_MEMORY
from tests import canary, given, indexes, papers, secrets
from tests.cast import Cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.secrets import PIN, body

pytestmark = [pytest.mark.django_db(transaction=True)]  # pg_dump and backups see what was committed

Keep = Callable[..., Tally]
PLANTED = {
    "title": "Chim hoàng yến trích yếu 740163740163",
    "body": "Chim hoàng yến nội dung 740263740263",
    "attachment": "Chim hoàng yến phụ lục 740363740363",
    "name": "Chim hoàng yến tên tệp 740463740463",
    "endorsed": "Chim hoàng yến ý kiến 740563740563",
    "directed": "Chim hoàng yến chỉ đạo 740663740663",
    "reported": "Chim hoàng yến xám tro 740763740763",
    "returned": "Chim hoàng yến hồi âm 740863740863",
    "result": "Chim hoàng yến trắng ngần 740963740963",
    "result name": "Chim hoàng yến nâu sẫm 741063741063",
    "scanned": "Chim hoang yen ban quet 742163742163",
    "by hand": "Chim hoàng yến trao tay 742263742263",
}
PHRASE = "một cụm mật khẩu dài"
SCRIPT = {"Accept": "application/json"}


def sent(cast: Cast, **changes: Any) -> dict[str, Any]:
    plain = {
        "key": "k" * 32,
        "revision": "1",
        "type_code": "CV",
        "subject": PLANTED["title"],
        "urgency": "0",
        "secrecy": "1",
        "reply_by": "",
        "in_reply_to": "",
        "signer": str(cast.head.post_id),
        "addressed": [str(cast.recipient_id)],
        "copied": [],
        "body": json.dumps(body(PLANTED["body"])),
        "act": "save",
    }
    return plain | changes


def words(answer: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def act(browser: Client, document: Document, name: str, **answers: Any) -> Any:
    """Do an act in its page; it must have been done."""
    answer = browser.post(f"/documents/{document.pk}/{name}", answers)
    assert answer.status_code == 302, words(answer)
    return answer


def open_it(browser: Client, document: Document, **more: Any) -> Any:
    answer = browser.post(f"/documents/{document.pk}/open", {"pin": PIN, "act": "open"} | more)
    assert answer.status_code == 200, words(answer)
    return answer


@pytest.fixture
def state(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of the test's own beside a folder for whatever is temporary, of this process and of those it starts."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    settings.STATE = tmp_path / "state"
    settings.STATE.mkdir()
    return tmp_path


def test_the_whole_walk_in_the_pages_leaves_no_word_anywhere(
    cast: Cast, state: Path, enter: Enter, keep_promises: Keep, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with canary.trapped() as trap:
        walk(cast, enter, keep_promises)
        by_machine(cast)
        by_hand(cast, enter)
        indexes.begin()
        indexes.write()
        everybody = Narrowing(tuple(Visibility.objects.values_list("holder", flat=True).distinct()), level=3)
        for asked in (*PLANTED.values(), "hoàng yến"):
            assert index.find(index.ask(asked, {}), everybody, limit=50).ids == []
        assert index.find(index.ask("văn bản độ mật", {}), everybody, limit=50).count == 4
        backup.make(state / "backups", PHRASE, at=timezone.now())
    (state / "unsealed").mkdir()
    places = {
        "rows": [canary.dump()],
        "pg_dump": [canary.dumped()],
        "backup": canary.of_backup(state / "backups", PHRASE, state / "unsealed"),
        "state, index, temporary": canary.of_folder(state),
        "written and removed": trap.caught(),
        "log": [caplog.text.encode()],
    }
    assert {name: canary.found_in(PLANTED, found) for name, found in places.items()} == {name: [] for name in places}
    sizes = {name: sum(map(len, found)) for name, found in places.items()}
    assert {name for name, size in sizes.items() if size > 100_000} >= {*places} - {"log", "written and removed"}, sizes
    assert min(sizes["log"], sizes["written and removed"]) > 500, sizes  # how much is logged depends on what ran before
    assert trap.nameless == []
    # The search finds what does leak: a word in a row is found in both dumps and in the backup.
    Document.objects.filter(direction=Direction.OUT).update(subject=PLANTED["title"])
    backup.make(state / "again", PHRASE, at=timezone.now())
    leaked = [[canary.dumped()], canary.of_backup(state / "again", PHRASE, state / "unsealed")]
    assert [canary.found_in(PLANTED, found) for found in leaked] == [["title"], ["title"]]


def by_machine(cast: Cast) -> None:
    """The API with the same words: searched, opened, refused with words in what was sent."""
    client = Client()
    head, officer = Machine(client, cast.recipient_head), Machine(client, cast.plan_officer)
    found = head.post("/vault/search", {"asked": PLANTED["directed"], "pin": PIN})
    assert found["looked"] == 1
    assert head.post("/vault/search", {"asked": PLANTED["body"], "pin": "135790"}, 422)["code"] == "wrong_pin"
    opened = head.post(f"/documents/{secrets.arrival_of(cast).pk}/open", {"pin": PIN})
    assert opened["subject"] == PLANTED["title"]
    asked = {"type_code": "CV", "subject": PLANTED["title"], "secrecy": 1, "signer_post_id": cast.head.post_id}
    assert officer.post("/documents", asked | {"urgency": PLANTED["body"]}, 422)["code"] == "not_as_described"
    made = officer.post("/documents", asked, 201)
    here = f"/documents/{made['id']}"
    assert (
        officer.put(here, asked | {"revision": 999, "body": body(PLANTED["body"])}, 422)["code"] == "edited_elsewhere"
    )
    for address, expected in (("attachments", 422), ("attachments?sealed=1", 201)):
        file = SimpleUploadedFile(f"{PLANTED['name']}.txt", PLANTED["attachment"].encode())
        assert client.post(f"/api{here}/{address}", {"file": file}, headers=officer.headers).status_code == expected
    assert officer.post(f"{here}/abandon", None)["status"] == "abandoned"


def by_hand(cast: Cast, enter: Enter) -> None:
    """A paper that came by hand: refused once with everything in it, then entered with its scan, directed, opened."""
    clerk, head, works = enter(cast.recipient_clerk), enter(cast.recipient_head), enter(cast.recipient_works_head)
    for status, allowed_by in ((422, ""), (302, str(cast.recipient_head.post_id))):
        scan = SimpleUploadedFile(f"{PLANTED['name']}.pdf", papers.pdf(words=PLANTED["scanned"]))
        file = SimpleUploadedFile(f"{PLANTED['name']}.txt", PLANTED["attachment"].encode())
        form = {
            "key": "b" * 32,
            "secrecy": "1",
            "type_code": "CV",
            "code": "15/BTL-TM",
            "document_date": "2026-11-20",
            "issuer_name": "Bộ Tư lệnh H",
            "subject": PLANTED["by hand"],
            "urgency": "0",
            "present_to": str(cast.recipient_head.post_id),
            "holder_id": str(cast.recipient_clerk.person_id),
            "scan_allowed_by": allowed_by,
            "scan": scan,
            "attachments": [file],
        }
        assert clerk.post("/incoming/paper/sealed", form).status_code == status
    paper = Document.objects.get(code="15/BTL-TM")
    assert (paper.subject, paper.arrival_number, paper.attachment_count) == ("Văn bản độ Mật", 2, 1)
    given = {"words": PLANTED["directed"], "pin": PIN, f"role-U{cast.recipient_works_id}": "lead"}
    assert head.post(f"/documents/{paper.pk}/direct", given).status_code == 302
    for browser in (clerk, head, works):
        assert PLANTED["by hand"] not in words(browser.get(f"/documents/{paper.pk}"))
        seen = open_it(browser, paper)
        assert PLANTED["by hand"] in words(seen)
        assert "data:image/png;base64," in seen.content.decode()


def walk(cast: Cast, enter: Enter, keep_promises: Keep) -> None:
    secrets.give_keys(cast, timezone.now())
    officer, reviewer, head = enter(cast.plan_officer), enter(cast.plan_head), enter(cast.head)
    clerk, keeper = enter(cast.clerk), enter(cast.seal_keeper)
    their_clerk, their_head = enter(cast.recipient_clerk), enter(cast.recipient_head)

    # Drafted: saved by the script, and again with a file in the address that is read without a disk.
    answer = officer.post("/drafts/new", sent(cast), headers=SCRIPT)
    assert (answer.status_code, answer.json()["address"]) == (200, f"/drafts/{_draft().pk}/edit?sealed=1")
    again = sent(
        cast,
        revision=str(answer.json()["revision"]),
        attachments=SimpleUploadedFile(f"{PLANTED['name']}.txt", PLANTED["attachment"].encode()),
    )
    assert officer.post(answer.json()["address"], again, headers=SCRIPT).status_code == 200
    document = _draft()
    assert (document.subject, document.attachment_count) == ("Văn bản độ Mật", 1)
    page = officer.get(f"/drafts/{document.pk}/edit")
    assert PLANTED["title"] not in words(page)
    assert "Mã PIN" in words(page)
    edited = officer.post(f"/drafts/{document.pk}/edit", {"pin": PIN, "open": "open"})
    assert PLANTED["title"] in edited.content.decode()
    assert edited.headers["Cache-Control"] == "no-store"
    act(officer, document, "submit", pin=PIN)

    # Returned with a reason, handed on again, endorsed, signed.
    act(reviewer, document, "return", reason=PLANTED["returned"])
    edited = officer.post(f"/drafts/{document.pk}/edit", {"pin": PIN, "open": "open"})
    assert PLANTED["returned"] in words(edited)
    act(officer, document, "submit", pin=PIN)
    assert PLANTED["body"] not in words(reviewer.get(f"/documents/{document.pk}"))
    seen = open_it(reviewer, document)
    assert PLANTED["title"] in words(seen)
    assert "data:image/png;base64," in seen.content.decode()
    wrong = reviewer.post(f"/documents/{document.pk}/endorse", {"words": PLANTED["endorsed"], "pin": "135790"})
    assert wrong.status_code == 422
    act(reviewer, document, "endorse", words=PLANTED["endorsed"], pin=PIN)
    seen = open_it(head, document)
    assert PLANTED["endorsed"] in words(seen)
    digest = re.findall(r'name="seen_file" value="([0-9a-f]{64})"', seen.content.decode())[0]
    act(head, document, "sign", seen_file=digest, pin=PIN)
    act(clerk, document, "number")
    act(keeper, document, "seal", pin=PIN)
    document = queries.get(document.pk)
    assert (document.status, document.code) == (Status.ISSUED, "01/TCZ-KH")

    # Arrived, opened, registered in the separate book, directed, worked on.
    keep_promises(timezone.now())
    arrived = secrets.arrival_of(cast)
    assert arrived.subject == "Văn bản độ Mật"
    same = {"code": arrived.code, "issuer_name": arrived.issuer_name, "document_date": arrived.document_date}
    alike = given.a_registered_document(cast, timezone.now(), key="elsewhere")
    Document.objects.filter(pk=alike.pk).update(secrecy=1, **same)
    alarmed = their_clerk.post(f"/documents/{arrived.pk}/register", {"pin": PIN})
    assert (alarmed.status_code, alarmed.content.count(b'name="pin"')) == (409, 1)
    act(their_clerk, arrived, "register", pin=PIN, despite_duplicate="on")
    Document.objects.filter(pk=alike.pk).update(secrecy=0)
    got = open_it(their_head, arrived)
    assert PLANTED["title"] in words(got)
    assert f"{PLANTED['name']}.txt" in words(got)
    enclosed = re.findall(r'value="(file:[0-9a-f]{64})"', got.content.decode())
    file = open_it(their_head, arrived, act=enclosed[0])
    assert b"".join(file.streaming_content) == PLANTED["attachment"].encode()  # type: ignore[attr-defined]
    printed = open_it(their_head, arrived, act="print")
    assert "data:image/png;base64," in printed.content.decode()
    answers = {"words": PLANTED["directed"], "pin": PIN, f"role-U{cast.recipient_works_id}": "lead"}
    answer = their_head.post(f"/documents/{arrived.pk}/direct", answers)
    assert (answer.status_code, queries.get(arrived.pk).status) == (302, Status.DIRECTED)
    works = enter(cast.recipient_works_head)
    assert PLANTED["directed"] in words(open_it(works, arrived))
    hand_in_a_file(works, their_head, arrived)

    # Everybody else sees the masked line, or nothing.
    for browser in (officer, reviewer, head, clerk, their_clerk, their_head, works):
        for place in ("/", "/incoming", "/outgoing", "/drafts", "/search?words=Chim", "/notices"):
            assert "hoàng yến" not in words(browser.get(place))
    technician = enter(cast.technique_officer)
    assert technician.get(f"/documents/{document.pk}").status_code == 404


def hand_in_a_file(works: Client, giver: Client, arrived: Document) -> None:
    """A file handed in by the form of the page, longer than what other uploads keep in memory: masked, opened by its giver."""
    content = PLANTED["result"].encode() + b" " * IN_MEMORY
    page = works.get(f"/documents/{arrived.pk}").content.decode()
    (address,) = re.findall(r'action="(/tasks/\d+/report[^"]*)"', page)
    file = SimpleUploadedFile(f"{PLANTED['result name']}.txt", content)
    assert works.post(address, {"words": PLANTED["reported"], "percent": "50", "files": file}).status_code == 302
    task = Assignment.objects.get()
    kept = task.files.get()
    assert (kept.name, kept.size) == (sealing.MASKED_NAME, len(content))
    assert giver.get(f"/tasks/{task.pk}/files/{kept.pk}").status_code == 422
    got = open_it(giver, arrived)
    assert f"{PLANTED['result name']}.txt" in words(got)
    assert got.headers["Cache-Control"] == "no-store"
    file = open_it(giver, arrived, act=f"file:{kept.file}")
    assert b"".join(file.streaming_content) == content
    assert file.headers["Cache-Control"] == "no-store"
    for page in (f"/documents/{arrived.pk}", f"/tasks/{task.pk}"):
        assert "hoàng yến" not in words(giver.get(page))


def _draft() -> Document:
    return Document.objects.get(direction=Direction.OUT)
