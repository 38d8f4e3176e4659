"""What every way out states of a classified document, tried: the level never falls, no word leaves but by a reader's PIN."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_django
from django.db import transaction
from django.test import Client, override_settings
from django.urls import get_resolver, reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import given as each_of
from hypothesis import settings as how
from hypothesis import strategies as st

from antin.documents.models import Document
from antin.documents.states import MASKS, Secrecy
from antin.journeys import change_secrecy, direct_document
from antin.outbox import operations as outbox
from antin.tasks.models import Assignment
from antin.vault.models import Classified, SealedContent
from antin.workdays.queries import local_date
from tests import canary, exits, secrets
from tests.cast import Cast, Member, the_cast
from tests.doors.conftest import Enter
from tests.doors.test_api_documents import Machine
from tests.exits import CLOSED, Says
from tests.secrets import PIN, body
from tests.vaults import DECISION

pytestmark = pytest.mark.django_db
PLANTED = {
    "title": "Chim hoàng yến trắng muốt 810163810163",
    "body": "Chim hoàng yến vàng óng 810263810263",
    "attachment": "Chim hoàng yến xanh biếc 810363810363",
    "directed": "Chim hoàng yến đỏ thắm 810463810463",
    "sent": "Chim hoàng yến tím ngát 810563810563",
    "result": "Chim hoàng yến nâu sẫm 810663810663",
}


class World:
    """A letter at Mật that was issued, arrived, was directed; and a draft that answers it."""

    def __init__(self, cast: Cast) -> None:
        at = timezone.now()
        secrets.give_keys(cast, at)
        self.cast = cast
        self.sent = secrets.an_issued_document(
            cast,
            at,
            facts={"subject": PLANTED["title"]},
            body=body(PLANTED["body"]),
            added=(secrets.held("Phụ lục.txt", PLANTED["attachment"].encode()),),
        )
        outbox.keep_due(at=timezone.now())
        at = timezone.now()
        self.arrived = secrets.a_directed_arrival(cast, at, words=PLANTED["directed"])
        self.draft = secrets.a_draft(cast, at, facts={"subject": PLANTED["title"]}, window="x" * 32)
        self.task = Assignment.objects.get()
        self.result = direct_document.attach(
            assignment_id=self.task.pk,
            name=f"{PLANTED['result']}.txt",
            content=io.BytesIO(PLANTED["result"].encode()),
            in_memory=True,
            actor=cast.recipient_works_head.actor(),
            at=at,
        )
        self.documents = [self.sent, self.arrived, self.draft]

    def addresses(self, pattern: dict[str, Any], member: Member) -> list[dict[str, Any]]:
        """What may stand in an address: each document of his agency with what belongs to it."""
        found = []
        for document in self.documents:
            if document.agency_id != member.actor().agency_id:
                continue
            contents = SealedContent.objects.filter(classified_id=document.classified_id).order_by("pk")
            digests = [document.file or "0" * 64, *contents.filter(part="attachment").values_list("file_id", flat=True)]
            for digest in digests:
                found.append(
                    {
                        "document_id": document.pk,
                        "classified_id": document.classified_id,
                        "task_id": self.task.pk,
                        "file_id": self.result.pk,
                        "digest": digest,
                        "content_id": contents.values_list("pk", flat=True)[0],
                        "delivery_id": 1,
                        "number": 1,
                        "person_id": self.cast.recipient_head.person_id,
                        "kind": "pdf",
                        "name": "say",
                        "token": "x",
                        "code": "x",
                    }
                )
        unique = {tuple(each.get(name, 1) for name in pattern): each for each in found}
        return [{name: each.get(name, 1) for name in pattern} for each in unique.values()]


@pytest.fixture(scope="module")
def built(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, Path]]:
    """One world for all of these: what each test does to it is taken back to the point where it began."""
    place = tmp_path_factory.mktemp("exits")
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase: acts that must be outermost may be inside
    with django_db_blocker.unblock(), override_settings(STATE=place), around:
        yield World(the_cast()), place
        transaction.set_rollback(True)


@pytest.fixture
def world(built: tuple[World, Path], cast: Cast, settings: pytest_django.fixtures.SettingsWrapper) -> World:
    made, settings.STATE = built
    return made


def leaked(answer: Any) -> list[str]:
    """The planted words in an answer: its headers, its bytes, what is packed in a PDF or a workbook."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    places = [content, str(answer.headers).encode(), *canary.unpacked(content)]
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            places += [packed.read(name) for name in packed.namelist()]
    return canary.found_in(PLANTED, places)


def page_addresses(world: World, member: Member) -> Iterator[tuple[str, str]]:
    for name in sorted(exits.PAGES):
        parameters: dict[str, Any] = _parameters(name)
        for given in world.addresses(parameters, member):
            yield name, reverse(name, kwargs=given)


def _parameters(name: str) -> dict[str, Any]:
    """What an address is made of, by the address table itself."""
    (possible, *_rest) = get_resolver().reverse_dict.getlist(name)
    return dict.fromkeys(possible[0][0][1])


def test_no_page_and_no_endpoint_shows_a_word_without_a_pin(world: World, enter: Enter, client: Client) -> None:
    cast = world.cast
    people = {"writer": cast.plan_officer, "leader": cast.recipient_head, "no reader": cast.recipient_works_officer}
    found, asked = {}, 0
    for who, member in people.items():
        browser, machine = enter(member), Machine(client, member)
        for name, address in page_addresses(world, member):
            answer = browser.get(address, {"q": "hoàng yến", "year": 2026, "document": world.arrived.pk})
            asked += 1
            if words := leaked(answer):
                found[who, name] = words
            if exits.PAGES[name] is CLOSED and "document_id" in _parameters(name):
                assert answer.status_code >= 300, (who, name)
        for name, (method, path) in exits.endpoints().items():
            if method != "get":
                continue
            parameters = [part[1:-1] for part in path.split("/") if part.startswith("{")]
            for given in world.addresses(dict.fromkeys(parameters), member):
                answer = client.get(path.format(**given), {"year": 2026, "words": "hoàng yến"}, headers=machine.headers)
                asked += 1
                if words := leaked(answer):
                    found[who, name] = words
                assert answer.status_code < 500
    assert found == {}
    assert asked > 300


def test_what_readers_say_by_any_way_is_left_nowhere_in_clear(world: World, enter: Enter, client: Client) -> None:
    cast, words = world.cast, PLANTED["sent"]
    body_of = {
        **dict.fromkeys(("words", "reason", "text", "comment", "obstacle", "proposal", "answer", "subject"), words),
        "pin": PIN,
        "body": json.dumps(body(words)),
        "progress": "10",
        "kind": "obstacle",
        "post_id": str(cast.recipient_deputy.post_id),
        "secrecy": "0",
    }
    levels = dict(Classified.objects.values_list("pk", "level"))
    skipped = {"document-open", "draft-edit"}
    for member in (cast.recipient_works_head, cast.plan_officer):
        browser, machine = enter(member), Machine(client, member)
        for name, address in page_addresses(world, member):
            if exits.PAGES[name] is Says.APART or name in skipped or not _parameters(name):
                continue
            answer = browser.post(address, body_of)
            assert answer.status_code < 500, (name, answer.status_code)
        for name, (method, path) in exits.endpoints().items():
            if method == "get" or exits.ENDPOINTS[name] in (Says.APART, Says.OPENED) or "{" not in path:
                continue
            parameters = [part[1:-1] for part in path.split("/") if part.startswith("{")]
            for given in world.addresses(dict.fromkeys(parameters), member):
                sent = json.dumps(body_of | {"body": body(words), "progress": 10, "secrecy": 0})
                answer = client.generic(
                    method.upper(),
                    path.format(**given),
                    sent,
                    content_type="application/json",
                    headers=machine.headers,
                )
                assert answer.status_code < 500, (name, answer.status_code)
    outbox.keep_due(at=timezone.now())
    assert canary.found_in(PLANTED, [canary.dump()]) == []
    kept = dict(Classified.objects.values_list("pk", "level"))
    assert all(kept[pk] >= level for pk, level in levels.items())
    for document in Document.objects.exclude(classified=None):
        assert document.secrecy == document.classified.level


@pytest.mark.parametrize("level", [1, 2])
def test_whatever_is_made_of_it_is_not_below_it(world: World, client: Client, level: int) -> None:
    cast, at = world.cast, timezone.now()
    if level > 1:
        assert world.sent.classified_id is not None
        change_secrecy.change_level(
            classified_id=world.sent.classified_id,
            level=level,
            paper=DECISION,
            decided_on=local_date(at),
            actor=cast.head.actor(),
            at=at,
        )
    machine = Machine(client, cast.recipient_works_head)
    asked = {"type_code": "CV", "subject": PLANTED["title"], "in_reply_to_id": world.arrived.pk}
    for secrecy in range(4):
        cleared = secrecy <= 2
        allowed = level <= secrecy and cleared
        made = machine.post("/documents", asked | {"secrecy": secrecy}, 201 if allowed else 422)
        if not allowed:
            assert made["code"] == ("level_below_answered" if secrecy < level else "not_cleared")
            continue
        assert (made["secrecy"], made["subject"]) == (secrecy, MASKS[Secrecy(secrecy)])
        for other in set(range(4)) - {secrecy}:
            no = machine.put(f"/documents/{made['id']}", asked | {"secrecy": other, "revision": 2}, 422)
            assert no["code"] in {"level_below_answered", "level_by_decision"}, (secrecy, other)
    plain = machine.post("/documents", {"type_code": "CV", "subject": "Công văn thường"}, 201)
    answer = asked | {"secrecy": 0, "revision": 1, "subject": "Công văn thường"}
    assert machine.put(f"/documents/{plain['id']}", answer, 422)["code"] == "level_below_answered"
    given = {"title": "Việc", "words": "Làm", "document_id": world.arrived.pk, "shares": []}
    assert machine.post("/tasks", given, 422)["code"] == "sealed_document"
    by_hand = {"title": "Việc", "shares": [], "secrecy": 1}
    assert machine.post("/tasks", by_hand, 422)["code"] == "secret_work_by_hand"
    kept = Document.objects.exclude(classified=None).values_list("secrecy", "classified__level")
    assert [pair for pair in kept if pair[0] != pair[1] or pair[0] < 1] == []


PLAYERS = (
    "works_officer",
    "recipient_works_head",
    "recipient_head",
    "recipient_clerk",
    "plan_officer",
    "plan_head",
    "head",
)
WAYS = sorted(
    [("page", name) for name, says in exits.PAGES.items() if says not in (Says.APART, Says.OPENED)]
    + [("machine", name) for name, says in exits.ENDPOINTS.items() if says not in (Says.APART, Says.OPENED)]
)
STEP = st.one_of(
    st.tuples(st.just("reply"), st.integers(0, 3), st.integers(0, 9)),
    st.tuples(st.just("save"), st.integers(0, 3), st.integers(0, 9)),
    st.tuples(st.just("level"), st.integers(1, 3), st.just(0)),
    st.tuples(st.just("batch"), st.sampled_from(range(4)), st.integers(0, 9)),
    st.tuples(st.sampled_from(WAYS), st.booleans(), st.integers(0, 9)),
)


class Play:
    """Random acts on what there is, and on what was made of it, each by somebody of the cast; each answer is looked at."""

    def __init__(self, world: World, client: Client, enter: Enter) -> None:
        self.world, self.client, self.endpoints = world, client, exits.endpoints()
        names = ("recipient_works_officer", *PLAYERS[1:])
        self.members = {name: getattr(world.cast, name) for name in names}
        self.machines = {name: Machine(client, member) for name, member in self.members.items()}
        self.browsers = {name: enter(member) for name, member in self.members.items()}

    def send(self, name: str, method: str, path: str, told: dict[str, Any]) -> None:
        machine = self.machines[name]
        body_ = json.dumps(told)
        self.look(
            self.client.generic(method.upper(), path, body_, content_type="application/json", headers=machine.headers)
        )

    def look(self, answer: Any) -> None:
        assert answer.status_code < 500, answer
        assert set(leaked(answer)) <= {"sent"}  # a form that was refused shows what was typed there

    def chosen(self, number: int) -> Document:
        found = list(Document.objects.order_by("pk"))
        return found[number % len(found)]

    def do(self, who: int, step: tuple[Any, Any, int]) -> None:
        act, chosen, number = step
        name = list(self.members)[who]
        plain = {"type_code": "CV", "subject": PLANTED["sent"], "body": body(PLANTED["sent"]), "pin": PIN}
        said = dict.fromkeys(("words", "reason", "text", "comment", "obstacle", "answer"), PLANTED["sent"])
        document = self.chosen(number)
        if act == "reply":
            self.send(name, "post", "/api/documents", plain | {"secrecy": chosen, "in_reply_to_id": document.pk})
        elif act == "save":
            told = plain | {"secrecy": chosen, "in_reply_to_id": self.world.arrived.pk, "revision": 1 + number % 3}
            self.send(name, "put", f"/api/documents/{document.pk}", told)
        elif act == "level":
            by = {"paper": DECISION, "decided_on": str(local_date(timezone.now())), "level": chosen}
            self.send(name, "post", f"/api/vault/{self.world.sent.classified_id}/level", by)
        elif act == "batch":
            many = ("register", "present", "direct", "close")[chosen]
            ids = list(Document.objects.values_list("pk", flat=True))
            self.send(name, "post", "/api/batches", {"act": many, "ids": ids} | said)
        elif act[0] == "page":
            for given_ in self.world.addresses(_parameters(act[1]), self.members[name])[:2]:
                address, browser = reverse(act[1], kwargs=given_), self.browsers[name]
                self.look(browser.post(address, plain | said) if chosen else browser.get(address, {"q": "hoàng yến"}))
        else:
            method, path = self.endpoints[act[1]]
            parameters = dict.fromkeys(part[1:-1] for part in path.split("/") if part.startswith("{"))
            for given_ in self.world.addresses(parameters, self.members[name])[:2]:
                self.send(name, method, path.format(**given_), plain | said)


def test_no_play_of_acts_makes_something_below_what_it_is_made_of(world: World, client: Client, enter: Enter) -> None:
    play = Play(world, client, enter)

    @how(
        max_examples=10,
        derandomize=True,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @each_of(st.lists(st.tuples(st.integers(0, len(PLAYERS) - 1), STEP), min_size=6, max_size=10))
    def played(steps: list[tuple[int, tuple[Any, Any, int]]]) -> None:
        around = transaction.atomic()
        around._from_testcase = True  # type: ignore[attr-defined]  # as in `built`
        with around:
            for who, step in steps:
                play.do(who, step)
            outbox.keep_due(at=timezone.now())
            below = [
                (made.pk, made.secrecy)
                for made in Document.objects.exclude(in_reply_to=None).select_related("in_reply_to__classified")
                if made.in_reply_to is not None and made.in_reply_to.classified is not None
                if made.secrecy < made.in_reply_to.classified.asked_level
                and made.status
                not in ("drafted", "abandoned")  # its level was raised meanwhile: it cannot be handed on
            ]
            assert below == []
            for document in Document.objects.exclude(classified=None).select_related("classified"):
                assert document.classified is not None
                assert document.secrecy == document.classified.level
                assert document.subject == MASKS[Secrecy(document.secrecy)]
            for held in Classified.objects.exclude(origin=None).select_related("origin"):
                assert held.origin is not None
                assert held.level == held.origin.level
            for held in Classified.objects.filter(origin=None):
                decided = held.decisions.order_by("-pk").first()
                assert decided is not None
                assert held.level == decided.level_after
            assert canary.found_in(PLANTED, [canary.dump()]) == []
            transaction.set_rollback(True)

    played()
