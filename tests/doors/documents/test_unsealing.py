"""After its declassification a letter is brought into clear, by each agency for itself, and by a reader's own key alone."""

from __future__ import annotations

import io
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from antin.documents import policy, queries
from antin.documents.finding import Search, find
from antin.documents.states import DECLASSIFIED
from antin.files import queries as kept
from antin.journal import queries as journal
from antin.journeys import change_secrecy, direct_document
from antin.outbox import operations as outbox
from antin.refusal import WrongState
from antin.tasks.models import Assignment
from antin.workdays.queries import local_date
from tests import canary, given, indexes, secrets
from tests.cast import Cast, Member
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.secrets import PIN
from tests.unchanged import refused
from tests.vaults import DECISION

pytestmark = pytest.mark.django_db
PLANTED = {
    "title": "Chim hoàng yến đập cánh 970163970163",
    "text": "Chim hoàng yến nhảy múa 970263970263",
    "file": "Chim hoàng yến tha mồi 970363970363",
    "name": "Chim hoàng yến gọi bầy 970463970463",
}
STILL_SEALED = {"directed": "Chim hoàng yến im lặng 970563970563", "result": "Chim hoàng yến ngủ yên 970663970663"}


@pytest.fixture(autouse=True)
def apart(own_state: Path) -> None:
    """Each in a state folder of its own."""


def found(member: Member, words: str) -> list[int]:
    indexes.write()
    results = find(actor=member.actor(), search=Search(words=words), at=timezone.now())
    return [hit.document.pk for hit in results.hits]


def test_each_agency_brings_it_into_clear_for_itself_and_only_what_was_declassified(
    cast: Cast, enter: Enter, client: Client, own_state: Path
) -> None:
    at = timezone.now() - timedelta(hours=2)
    indexes.begin()
    secrets.give_keys(cast, at)
    enclosed = secrets.held(f"{PLANTED['name']}.txt", PLANTED["file"].encode())
    written = {"facts": {"subject": PLANTED["title"]}, "body": secrets.body(PLANTED["text"]), "added": (enclosed,)}
    ours = secrets.an_issued_document(cast, at, **written)
    outbox.keep_due(at=timezone.now())
    arrived = secrets.a_directed_arrival(cast, at, words=STILL_SEALED["directed"])
    task = Assignment.objects.get(document=arrived)
    result: dict[str, Any] = {"name": "a.txt", "content": io.BytesIO(STILL_SEALED["result"].encode())}
    works = cast.recipient_works_head.actor()
    direct_document.attach(assignment_id=task.pk, **result, in_memory=True, actor=works, at=at)
    head, clerk = enter(cast.head), Machine(client, cast.recipient_clerk)
    here, there = f"/documents/{ours.pk}", f"/documents/{arrived.pk}"

    # Not before the decision, and not before it is in the book.
    assert clerk.post(f"{there}/unseal", {"pin": PIN}, 422)["code"] == "not_declassified"
    assert "/unseal" not in head.get(here, follow=True).content.decode()
    decision = {"paper": DECISION, "decided_on": local_date(timezone.now()), "actor": cast.head.actor()}
    assert ours.classified_id is not None
    change_secrecy.declassify(classified_id=ours.classified_id, **decision, at=timezone.now())
    arrived.refresh_from_db()
    arrived.arrival_number = None
    assert isinstance(policy.why_not_unseal(arrived), WrongState)
    assert canary.found_in(PLANTED | STILL_SEALED, [canary.dump(), *canary.of_folder(own_state)]) == []

    # By a reader who may pass it on, with his own key.
    reviewer = Machine(client, cast.plan_head)
    assert reviewer.post(f"{here}/unseal", {"pin": PIN}, 403)["code"] == "not_allowed"
    assert Machine(client, cast.deputy).post(f"{here}/unseal", {"pin": PIN}, 403)["code"] == "not_a_reader"
    assert Machine(client, cast.recipient_head).post(f"{here}/unseal", {"pin": PIN}, 404)["code"] == "not_found"
    assert clerk.post(f"{there}/unseal", {"pin": "000000"}, 422)["code"] == "wrong_pin"
    assert clerk.post(f"{there}/unseal", {}, 422)["code"] == "pin_missing"
    assert "mọi người được xem văn bản này đọc được" in head.get(f"{here}/unseal").content.decode()
    assert "Đã bỏ niêm phong" in head.post(f"{here}/unseal", {"pin": PIN}, follow=True).content.decode()
    ours.refresh_from_db()
    arrived.refresh_from_db()
    assert (ours.subject, ours.classified_id, arrived.subject) == (PLANTED["title"], None, DECLASSIFIED)
    assert found(cast.recipient_head, "nhay mua 970263970263") == []

    # What it is now: pages with their stamp, its files by name, found by its words; once.
    page = head.get(here, follow=True).content.decode()
    assert 'data-mark="GIẢI MẬT"' in page
    assert PLANTED["title"] in page
    assert PLANTED["text"] in " ".join(kept.text_of(ours.file).split())
    row, signature = queries.list_attachments(ours.pk)
    assert (row.name, kept.read(row.file).decode()) == (f"{PLANTED['name']}.txt", PLANTED["file"])
    assert set(queries.list_files(cast.head.actor(), ours.pk)) == {ours.file, row.file, signature.file}
    assert found(cast.head, "nhay mua 970263970263") == [ours.pk]
    report = Machine(client, cast.head).get(f"{here}/verification")
    assert (report["file"], report["verdict"]) == (ours.file, "valid")
    again = {"document_id": ours.pk, "opening": PIN, "actor": cast.head.actor(), "at": timezone.now()}
    refused(policy.UnsealedAlready, lambda: change_secrecy.unseal(**again))
    assert [each.event for each in journal.list_for(("document", ours.pk))].count("document.unsealed") == 1

    # The recipient for itself, by machine. Its book keeps the number; directive and result go on being sealed.
    assert clerk.post(f"{there}/unseal", {"pin": PIN})["subject"] == PLANTED["title"]
    arrived.refresh_from_db()
    assert (arrived.arrival_number, arrived.secrecy, arrived.once_classified is not None) == (1, 0, True)
    plain = given.a_registered_document(cast, timezone.now(), key="delivery:other")
    assert plain.arrival_number == 1
    (kept_result,) = task.files.all()
    machine = Machine(client, cast.recipient_works_head)
    assert machine.get(f"/tasks/{task.pk}/files/{kept_result.pk}", 422)["code"] == "sealed_document"
    paper = clerk.post(f"{there}/open", {"pin": PIN})
    assert [b64decode(each["content"]).decode() for each in paper["results"]] == [STILL_SEALED["result"]]
    assert [each["words"] for each in paper["said"]] == [STILL_SEALED["directed"]]
    assert "Mở phần còn niêm phong" in enter(cast.recipient_clerk).get(there, follow=True).content.decode()
    assert canary.found_in(STILL_SEALED, [canary.dump(), *canary.of_folder(own_state)]) == []
