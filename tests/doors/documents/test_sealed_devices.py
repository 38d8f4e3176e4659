"""Every act on a classified document by keys that lie on their readers' own machines: pages on one side, machine on the other."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.test import Client
from django.utils import timezone

from antin.console.agent_desk import Desk
from antin.documents import queries
from antin.documents.states import Status
from antin.journal.models import Record
from antin.keys import operations as keys
from antin.keys import pki
from antin.keys.providers.tokens import Tokens
from antin.outbox import operations as outbox
from antin.people import operations as people
from antin.tasks.models import Assignment
from antin.vault import operations as vault
from antin.vault import policy, words
from antin.vault import queries as sealed
from tests import canary, secrets, tokens
from tests.cast import Cast, Member
from tests.doors.conftest import Enter
from tests.doors.documents.test_sealed_elsewhere import answered, give_agency_token
from tests.doors.test_api_documents import Machine
from tests.vaults import DECISION, ENDS

pytestmark = pytest.mark.django_db
PLANTED = {
    "title": "Chim hoàng yến lột xác 860163860163",
    "endorsed": "Chim hoàng yến “gấp gáp” 860263860263",
    "presented": "Chim hoàng yến đậu cành 860363860363",
    "directed": "Chim hoàng yến bay đêm 860463860463",
    "passed": "Chim hoàng yến về tổ 860563860563",
}


@pytest.fixture(autouse=True)
def apart(own_state: Path) -> None:
    """Each in a state folder of its own."""


@pytest.fixture(autouse=True)
def nothing_said() -> Iterator[None]:
    """Whatever is done here, PostgreSQL is told no word of it: so its log and its write-ahead files have none."""
    with canary.told_to_database() as said:
        yield
    assert said
    assert canary.found_in(PLANTED, said) == []


@pytest.fixture
def held() -> Tokens:
    return Tokens({"hsm": tokens.library()})


@pytest.fixture
def desk(held: Tokens) -> Desk:
    return Desk(held, "http://testserver", 0)


def take_home(member: Member, held: Tokens, place: str, at: datetime) -> int:
    """His key for opening, on a token of his own: asked for with a file, answered by the node's authority; its number."""
    people.grant_clearance(person_id=member.person_id, level="mat", until=ENDS, basis=DECISION, actor=None, at=at)
    reference = held.create(tokens.PIN, place=place)
    name = pki.subject_name(name="An", title="", organisation="Z", code="1")
    asked = keys.request_with_file(
        content=pki.request(name=name, key=held.open(reference, tokens.PIN)),
        label="USB token số 12",
        purpose="encryption",
        person_id=member.person_id,
        post_id=member.post_id,
        actor=member.actor(),
        at=at,
    )
    return keys.issue_requested(request_id=asked.pk, actor=None, at=at).pk


def opened(desk: Desk, told: dict[str, Any], numbers: list[int]) -> str:
    """What the program opened, as the page's script puts it into the form."""
    found = answered(desk, desk.ask_to_open(told)).keys
    return json.dumps({str(n): base64.b64encode(key).decode() for n, key in zip(numbers, found, strict=True)})


def by_device(desk: Desk, browser: Client, address: str, answers: dict[str, Any]) -> Any:
    """The act in its two steps: the form, answered by the page that asks the device; the same form with the keys."""
    asked = browser.post(address, answers)
    page = asked.content.decode()
    assert asked.status_code == 200, page
    assert "http://127.0.0.1:24599" in asked.headers["Content-Security-Policy"]
    [locks] = re.findall(r'data-unlocks="([^"]+)"', page)
    repeated = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    for each in ("csrfmiddlewaretoken", "next"):
        repeated.pop(each, None)
    kept = {name: html.unescape(value) for name, value in repeated.items()}
    assert kept == {name: str(value) for name, value in answers.items() if name not in ("pin", "seal_pin")}
    told = browser.post(locks, {"everything": "1", "purpose": "Trình"}).json()
    assert told["place"] == "Trình"
    wrong = json.dumps({str(each["id"]): base64.b64encode(bytes(32)).decode() for each in told["contents"]})
    for keys_ in (wrong, "[7]"):
        refused = browser.post(address, kept | {"keys": keys_}, headers={"Accept": "application/json"})
        assert refused.status_code in (302, 409, 422), refused.content
    return browser.post(address, kept | {"keys": opened(desk, told, [each["id"] for each in told["contents"]])})


def test_a_draft_is_written_handed_on_endorsed_and_sealed(cast: Cast, enter: Enter, held: Tokens, desk: Desk) -> None:
    at = timezone.now()
    secrets.give_keys(cast, at)
    place = f"hsm:{tokens.new_token('Văn bản đi')}"
    for member in (cast.plan_officer, cast.plan_head, cast.seal_keeper):
        take_home(member, held, place, timezone.now())
    writer, head = enter(cast.plan_officer), enter(cast.plan_head)
    document = secrets.a_draft(cast, timezone.now(), facts={"subject": PLANTED["title"]})
    edit, submit = f"/drafts/{document.pk}/edit", f"/documents/{document.pk}/submit"
    assert "data-unlocks" in writer.get(edit).content.decode()
    again = by_device(desk, writer, edit, {"open": "1"})
    assert PLANTED["title"] in again.content.decode()
    assert 'name="pin"' not in writer.get(submit).content.decode()
    assert by_device(desk, writer, submit, {}).status_code == 302
    assert queries.get(document.pk).status == Status.SUBMITTED
    endorse = f"/documents/{document.pk}/endorse"
    assert by_device(desk, head, endorse, {"words": PLANTED["endorsed"]}).status_code == 302
    document = queries.get(document.pk)
    assert document.status == Status.ENDORSED

    # Somebody more is let in, and the clerk's own device opens while the agency's signs.
    add = f"/vault/{document.classified_id}/readers/add"
    answer = by_device(desk, writer, add, {"person_id": cast.office_head.person_id, "need": "assignee"})
    assert answer.status_code == 302
    assert sealed.find_reader(document.classified_id or 0, cast.office_head.person_id) is not None
    give_agency_token(cast, enter, held, place)
    secrets.sign_document.sign_document(
        document_id=document.pk,
        seen_file=document.file,
        pin=secrets.PIN,
        actor=cast.head.actor(),
        today=timezone.localdate(),
        at=timezone.now(),
    )
    enter(cast.clerk).post(f"/documents/{document.pk}/number")
    keeper, seal = enter(cast.seal_keeper), f"/documents/{document.pk}/seal"
    page = keeper.get(seal).content.decode()
    assert 'data-lends="#y-kien"' in page
    assert 'name="opening_pin"' not in page
    told = keeper.post(f"/vault/{document.classified_id}/locks", {"everything": "1"}).json()
    lent = {"keys": opened(desk, told, [each["id"] for each in told["contents"]])}
    prepared = keeper.post(f"{seal}/prepare", lent).json()
    made = [base64.b64encode(each).decode() for each in answered(desk, desk.ask(prepared)).signatures]
    done = keeper.post(seal, lent | {"prepared": prepared["prepared"], "signature": " ".join(made)})
    assert (done.status_code, queries.get(document.pk).status) == (302, Status.ISSUED)


def test_an_arrival_is_registered_presented_directed_and_answered(
    cast: Cast, enter: Enter, client: Client, held: Tokens, desk: Desk
) -> None:
    secrets.give_keys(cast, timezone.now())
    place = f"hsm:{tokens.new_token('Văn bản đến')}"
    takers = (cast.recipient_clerk, cast.recipient_head, cast.recipient_deputy, cast.recipient_works_head)
    old = {each.person_id: take_home(each, held, place, timezone.now()) for each in takers}
    secrets.an_issued_document(cast, timezone.now(), facts={"subject": PLANTED["title"]})
    outbox.keep_due(at=timezone.now())
    arrived = secrets.arrival_of(cast)
    clerk, head = enter(cast.recipient_clerk), enter(cast.recipient_head)

    # The machine registers for the clerk, by keys that his device opened.
    machine = Machine(client, cast.recipient_clerk)
    locks = machine.post(f"/vault/{arrived.classified_id}/locks", {"everything": True})
    told = {"certificate": locks["certificate"], "wraps": locks["locks"]}
    lent = {"keys": json.loads(opened(desk, told, [each["content"]["id"] for each in locks["locks"]]))}
    assert machine.post(f"/documents/{arrived.pk}/register", {}, 422)["code"] == "pin_missing"
    assert machine.post(f"/documents/{arrived.pk}/register", lent)["status"] == "registered"
    assert machine.post(f"/documents/{arrived.pk}/open", lent)["subject"] == PLANTED["title"]

    # The head passes it to his deputy, takes it back through him, and gives the work out.
    present = f"/documents/{arrived.pk}/present"
    deputy = enter(cast.recipient_deputy)
    answers = {"post_id": cast.recipient_deputy.post_id, "words": PLANTED["presented"]}
    assert by_device(desk, clerk, present, answers).status_code == 302
    answers = {f"role-U{cast.recipient_works_id}": "lead", "words": PLANTED["directed"]}
    assert by_device(desk, deputy, f"/documents/{arrived.pk}/direct", answers).status_code == 302
    task = Assignment.objects.get(document=arrived)
    assert (task.holder, task.directive.words) == (f"U{cast.recipient_works_id}", secrets.sealing.MASK)

    # Whom it was given to answers it: what he hands in needs no key; what he passes down does.
    works = enter(cast.recipient_works_head)
    answers = {f"role-P{cast.recipient_works_officer.post_id}": "lead", "words": PLANTED["passed"]}
    passed = by_device(desk, works, f"/tasks/{task.pk}/pass-down", answers)
    assert passed.status_code == 302
    reader = sealed.find_reader(arrived.classified_id or 0, cast.recipient_works_officer.person_id)
    assert reader is not None

    # He looks for words: the node gives sealed lists and learns nothing of it.
    page = works.get("/vault/search").content.decode()
    assert 'data-finds="/vault/search/lists"' in page
    assert 'name="pin"' not in page
    lists = works.post("/vault/search/lists", {"before": "x"}).json()
    by_list = answered(desk, desk.ask_to_open(lists)).keys
    found = set()
    for each, key in zip(lists["lists"], by_list, strict=True):
        body = base64.b64decode(each["sealed"])
        if " lot xac 860163860163 " in AESGCM(words.key_for(key)).decrypt(body[:12], body[12:], None).decode():
            found.add((each["id"], each["part"]))
    assert (arrived.classified_id, "Trích yếu") in found
    assert (lists["looked"], lists["closed"], lists["before"]) == (1, 0, None)
    api = Machine(client, cast.recipient_works_head).post("/vault/search/lists", {})
    assert [each["id"] for each in api["lists"]] == [arrived.classified_id] * len(lists["lists"])
    entry = Record.objects.filter(event="vault.searched").latest("pk")
    assert {"looked", "given"} <= set(entry.facts)
    assert "860163860163" not in json.dumps(entry.facts)

    # His card is replaced by another: the old one opens the keys, the new one gets them, in words that name how many.
    person = cast.recipient_works_head.person_id
    take_home(cast.recipient_works_head, held, place, timezone.now())
    over = f"/me/encryption/{old[person]}/carry-over"
    assert sealed.list_lagging(sealed.get(arrived.classified_id or 0), timezone.now()).keys() == {person}
    assert by_device(desk, works, over, {}).status_code == 302
    assert sealed.list_lagging(sealed.get(arrived.classified_id or 0), timezone.now()) == {}
    none = works.post(f"/me/encryption/{old[person]}/locks", headers={"Accept": "application/json"})
    assert (none.status_code, none.json()["code"]) == (422, "not_sealed_to_you")
    assert head.get("/vault/search").status_code == 200


def test_lent_keys_that_lack_a_content_let_nobody_read(cast: Cast, held: Tokens, desk: Desk) -> None:
    secrets.give_keys(cast, timezone.now())
    document = secrets.a_draft(cast, timezone.now())
    take_home(cast.plan_officer, held, f"hsm:{tokens.new_token('Thiếu')}", timezone.now())
    with pytest.raises(policy.NotSealedToYou):
        vault.add_reader(
            classified_id=document.classified_id or 0,
            person_id=cast.clerk.person_id,
            need="clerk",
            pin=vault.DeviceKeys({}),
            actor=cast.plan_officer.actor(),
            at=timezone.now(),
        )
    assert sealed.find_reader(document.classified_id or 0, cast.clerk.person_id) is None
