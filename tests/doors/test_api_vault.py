"""The vault by machine: every act of its pages, by who may do it and by nobody else; nothing of what a secret says."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.test import Client
from django.utils import timezone

from antin.api.urls import api
from antin.keys import queries as certificates
from antin.keys.providers import Wrapped
from antin.notices.models import Notice
from antin.vault import operations as vault
from antin.vault import queries
from antin.vault.models import Classified, Copy, Reader
from tests.cast import Cast, Member
from tests.doors.test_api_documents import Machine
from tests.rooms.vault.conftest import add, house, letter, opened
from tests.rooms.vault.test_elsewhere import own_key
from tests.signatures import PIN
from tests.unchanged import everything
from tests.vaults import TITLE, Letter, Vaulted

__all__ = ["add", "house", "letter", "opened"]
pytestmark = pytest.mark.django_db
Machines = Callable[..., Machine]


@pytest.fixture
def at() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def machine(client: Client) -> Machines:
    return lambda member, scopes=("read", "act"): Machine(client, member, scopes)


def test_readers_come_and_go_and_what_going_does_not_undo_is_said(
    house: Vaulted, letter: Letter, cast: Cast, machine: Machines, opened: Callable[..., bytes]
) -> None:
    officer, clerk = machine(cast.plan_officer), machine(cast.clerk)
    here = f"/vault/{letter.classified.pk}"
    assert [row["id"] for row in officer.get("/vault")["items"]] == [letter.classified.pk]
    assert clerk.get("/vault")["items"] == []
    assert {row["id"] for row in officer.get("/vault/people")} >= {cast.clerk.person_id, cast.head.person_id}
    asked = {"person_id": cast.clerk.person_id, "need": "clerk", "pin": PIN}
    assert officer.post(f"{here}/readers", asked | {"pin": "000000"}, 422)["code"] == "wrong_pin"
    assert officer.post(f"{here}/readers", asked | {"need": "drafter"}, 422)["code"] == "not_as_described"
    made = officer.post(f"{here}/readers", asked, 201)
    assert [(row["name"], row["need"], row["not_opened"]) for row in made["readers"]] == [
        (cast.plan_officer.name, "drafter", 0),
        (cast.clerk.name, "clerk", 0),
    ]
    assert officer.post(f"{here}/readers", asked, 422)["code"] == "already_reader"
    assert opened(letter.title, cast.clerk.actor()) == TITLE.encode()
    assert opened(letter.title, cast.clerk.actor(), use="printed") == TITLE.encode()
    officer.post(f"{here}/copies", {"holder_id": cast.clerk.person_id, "medium": "paper"}, 201)
    told = [(row["name"], row["use"], row["number"]) for row in officer.get(f"{here}/readings")]
    assert told == [(cast.clerk.name, "printed", 1), (cast.clerk.name, "viewed", 1)]
    left = {
        "person_id": cast.clerk.person_id,
        "viewed": 1,
        "printed": 1,
        "copies": [1],
        "backups": "keep_his_keys",
    }
    assert officer.get(f"{here}/readers/{cast.clerk.person_id}/left") == left
    assert officer.post(f"{here}/readers/{cast.clerk.person_id}/remove") == left
    assert [row["removed_by"] for row in officer.get(here)["former_readers"]] == [cast.plan_officer.name]
    assert clerk.get(here, 404)["code"] == "not_found"
    alone = officer.post(f"{here}/readers/{cast.plan_officer.person_id}/remove", None, 422)
    assert alone["code"] == "last_reader"


def test_the_head_decides_over_level_and_term_by_number_and_day(
    house: Vaulted, letter: Letter, cast: Cast, machine: Machines, add: Callable[..., object]
) -> None:
    add(letter, cast.head.actor(), cast.plan_officer.actor())
    head, here = machine(cast.head), f"/vault/{letter.classified.pk}"
    day = letter.classified.fixed_on
    decided = {"paper": "08/QĐ-TCZ", "decided_on": f"{day}"}
    assert head.post(f"{here}/level", {"level": 2, **decided, "paper": ""}, 422)["code"] == "not_as_described"
    assert head.post(f"{here}/level", {"level": 2, **decided, "paper": " "}, 422)["code"] == "needs_decision"
    assert head.post(f"{here}/level", {"level": 2, **decided})["level"] == 2
    assert head.post(f"{here}/level", {"level": 3, **decided}, 422)["code"] == "not_cleared"
    until = f"{day.replace(year=day.year + 25)}"
    assert head.post(f"{here}/extend", {"until": until, **decided})["protected_until"] == until
    ended = head.post(f"{here}/declassify", decided)
    assert (ended["status"], [row["change"] for row in ended["decisions"]]) == (
        "declassified",
        ["fixed", "raised", "extended", "declassified"],
    )


def test_copies_and_the_end_with_minutes(
    house: Vaulted, letter: Letter, cast: Cast, machine: Machines, add: Callable[..., object]
) -> None:
    add(letter, cast.head.actor(), cast.plan_officer.actor())
    officer, head, here = machine(cast.plan_officer), machine(cast.head), f"/vault/{letter.classified.pk}"
    given = {"holder_id": cast.deputy.person_id, "medium": "paper"}
    first, second = (officer.post(f"{here}/copies", given, 201) for _n in range(2))
    ended = {"minutes": "03/BB-TCZ", "witness_id": cast.plan_officer.person_id}
    assert head.post(f"{here}/destroy", ended, 422)["code"] == "copies_outstanding"
    assert officer.post(f"{here}/copies/{first['id']}/return")["returned_at"] is not None
    assert officer.post(f"{here}/copies/{first['id']}/return", None, 422)["code"] == "copy_ended"
    gone = officer.post(f"{here}/copies/{second['id']}/destroy", {"minutes": "02/BB-TCZ"})
    assert gone["minutes"] == "02/BB-TCZ"
    other = vault.begin(level=1, actor=cast.plan_officer.actor(), at=letter.title.sealed_at)
    assert officer.post(f"/vault/{other.pk}/copies/{first['id']}/return", None, 404)["code"] == "not_found"
    drawn = head.client.get(f"/api{here}/minutes", headers=head.headers)
    assert (drawn["Content-Type"], drawn.content[:5]) == ("application/pdf", b"%PDF-")
    assert officer.get(f"{here}/minutes", 403)["code"] == "not_allowed"
    end = head.post(f"{here}/destroy", ended)["destruction"]
    assert (end["minutes"], end["witness"]) == ("03/BB-TCZ", cast.plan_officer.name)
    assert queries.list_all_wraps(letter.title.pk) == []
    assert Classified.objects.get(pk=letter.classified.pk).status == "destroyed"


def test_the_ceremony_step_by_step(
    house: Vaulted, letter: Letter, cast: Cast, machine: Machines, opened: Callable[..., bytes]
) -> None:
    head, first, second = machine(cast.head), machine(cast.deputy), machine(cast.office_head)
    asked = {"classified_id": letter.classified.pk, "person_id": cast.clerk.person_id, "decision": "12/QĐ-TCZ"}
    made = head.post("/vault/recovery", asked, 201)
    here = f"/vault/recovery/{made['id']}"
    assert (made["state"], made["person"]["name"], made["level"]) == ("asked", cast.clerk.name, 1)
    assert first.post("/vault/recovery", asked, 403)["code"] == "not_allowed"
    assert second.post(f"{here}/recover", {"pin": PIN}, 409)["code"] == "wrong_state"
    assert first.post(f"{here}/half", {"pin": PIN})["first_officer"] == cast.deputy.name
    assert first.post(f"{here}/recover", {"pin": PIN}, 422)["code"] == "same_officer"
    assert machine(cast.clerk).post(f"{here}/recover", {"pin": PIN}, 422)["code"] == "not_an_officer"
    assert second.post(f"{here}/recover", {"pin": PIN})["state"] == "done"
    assert opened(letter.title, cast.clerk.actor(), at=timezone.now()) == TITLE.encode()
    again = head.post("/vault/recovery", asked | {"person_id": cast.plan_head.person_id}, 201)
    assert head.post(f"/vault/recovery/{again['id']}/withdraw")["state"] == "withdrawn"
    assert Notice.objects.filter(kind="recovery.done", holder=f"M{cast.clerk.person_id}").exists()
    standing = first.get("/vault/recovery")
    assert [row["state"] for row in standing["ceremonies"]] == ["withdrawn", "done"]
    assert [each["id"] for each in standing["keepings"][0]["officers"]] == [
        cast.deputy.person_id,
        cast.office_head.person_id,
        cast.technique_head.person_id,
    ]
    three = [cast.clerk.person_id, cast.plan_head.person_id, cast.technique_head.person_id]
    assert head.post("/vault/recovery/establish", {"officers": three[:2], "decision": "13/QĐ"}, 422)["code"] == (
        "different_three"
    )
    newer = head.post("/vault/recovery/establish", {"officers": three, "decision": "13/QĐ"}, 201)
    assert [each["id"] for each in newer["officers"]] == three
    states = machine(cast.administrator).get("/vault/recovery/states")
    assert {row["agency_id"]: row["keyed"] for row in states}[cast.agency_id] == 3
    assert head.get("/vault/recovery/states", 403)["code"] == "not_allowed"


def test_words_are_found_by_the_pin_and_stand_in_no_answer(
    house: Vaulted, letter: Letter, cast: Cast, machine: Machines
) -> None:
    actor, at = cast.plan_officer.actor(), letter.title.sealed_at
    body = {"classified_id": letter.classified.pk, "part": "title", "media_type": "text/plain"}
    vault.seal(**body, content=TITLE.encode(), actor=actor, at=at)  # type: ignore[arg-type]
    officer = machine(cast.plan_officer)
    found = officer.post("/vault/search", {"asked": "trang bi", "pin": PIN})
    assert [(hit["id"], hit["phrase"], [part["part"] for part in hit["parts"]]) for hit in found["hits"]] == [
        (letter.classified.pk, True, ["title"])
    ]
    assert officer.post("/vault/search", {"asked": "?", "pin": PIN}, 422)["code"] == "nothing_to_find"
    assert officer.post("/vault/search", {"asked": "trang", "pin": "000000"}, 422)["code"] == "wrong_pin"
    assert machine(cast.head).post("/vault/search", {"asked": "trang bi", "pin": PIN})["hits"] == []


def test_ones_own_key_is_made_and_the_old_ones_contents_are_carried_over(
    house: Vaulted, letter: Letter, cast: Cast, machine: Machines
) -> None:
    officer = machine(cast.plan_officer)
    (old,) = officer.get("/me/encryption")
    assert (old["newest"], old["contents"], old["behind"]) == (True, 2, 0)
    assert officer.post("/me/encryption", {"pin": "000000"}, 422)["code"] == "wrong_pin"
    newest, older = officer.post("/me/encryption", {"pin": PIN}, 201)
    assert [(row["newest"], row["contents"], row["behind"]) for row in (newest, older)] == [(True, 0, 0), (False, 2, 2)]
    assert officer.post(f"/me/encryption/{old['id']}/carry-over", {"pin": PIN}) == {"contents": 2}
    assert machine(cast.head).post(f"/me/encryption/{old['id']}/carry-over", {"pin": PIN}, 404)["code"] == "not_found"
    here = f"/vault/{letter.classified.pk}/readers"
    officer.post(here, {"person_id": cast.clerk.person_id, "need": "clerk", "pin": PIN}, 201)
    machine(cast.clerk).post("/me/encryption", {"pin": PIN}, 201)
    assert officer.get(f"/vault/{letter.classified.pk}")["readers"][1]["not_opened"] == 2
    assert officer.post(f"{here}/{cast.clerk.person_id}/again", {"pin": PIN}) == {"contents": 2}


def test_a_key_on_ones_own_device_is_given_locks_and_sealed_bytes(
    house: Vaulted, letter: Letter, cast: Cast, machine: Machines, add: Callable[..., object]
) -> None:
    key = own_key(house, "clerk", letter.title.sealed_at)
    add(letter, cast.clerk.actor(), cast.plan_officer.actor(), "clerk")
    clerk, here = machine(cast.clerk), f"/vault/{letter.classified.pk}"
    told = clerk.post(f"{here}/locks")
    held = certificates.find_encryption_certificate(cast.clerk.person_id, timezone.now())
    assert held is not None
    assert b64decode(told["certificate"]) == bytes(held.certificate)
    assert queries.list_readings(letter.classified.pk) == []
    clear = {}
    for lock in told["locks"]:
        answer = clerk.post(f"{here}/sealed/{lock['content']['id']}", {"use": "printed"})
        content_key = key.unwrap(Wrapped(b64decode(lock["sealed"]), b64decode(lock["ephemeral"])))
        assert (answer["use"], answer["number"]) == ("printed", 1)
        clear[lock["content"]["part"]] = AESGCM(content_key).decrypt(
            b64decode(answer["nonce"]), b64decode(answer["sealed"]), None
        )
    assert clear == {"title": TITLE.encode(), "body": b"{}"}
    assert machine(cast.plan_officer).post(f"{here}/locks", None, 422)["code"] == "not_sealed_to_you"


# ---- who may, for every endpoint -------------------------------------------------------------------------------------------

NOT_ABOUT_ONE = {
    "listSecrets",
    "listSecretReaders",
    "searchSecrets",
    "giveWordLists",
    "getRecovery",
    "listRecoveryStates",
    "listOwnEncryption",
    "makeEncryption",
    "establishRecovery",
}
"""These are about the caller, his agency or what he reads himself; told in the tests above."""

BODIES: dict[str, dict[str, Any]] = {
    "giveSealed": {"use": "viewed"},
    "addReader": {"need": "clerk", "pin": PIN},
    "sealAgainFor": {"pin": PIN},
    "changeLevel": {"level": 2, "paper": "1/QĐ", "decided_on": "2026-11-20"},
    "extendTerm": {"until": "2040-01-01", "paper": "1/QĐ", "decided_on": "2026-11-20"},
    "declassify": {"paper": "1/QĐ", "decided_on": "2026-11-20"},
    "giveCopy": {"medium": "paper"},
    "destroyCopy": {"minutes": "1/BB"},
    "destroySecret": {"minutes": "1/BB"},
    "askRecovery": {"decision": "1/QĐ"},
    "giveRecoveryHalf": {"pin": PIN},
    "recover": {"pin": PIN},
    "carryOver": {"pin": PIN},
}


def endpoints() -> list[tuple[str, str, str]]:
    """Every endpoint of the vault: its name, method and path, from the description machines read."""
    return sorted(
        (operation["operationId"], method, path)
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
        if operation["tags"] == ["Vault"]
    )


@pytest.mark.parametrize("who", ["stranger", "uncleared", "administrator", "other_agency", "assignee", "reads_only"])
def test_who_has_no_part_in_it_does_nothing_by_any_endpoint(
    house: Vaulted, letter: Letter, machine: Machines, add: Callable[..., object], who: str
) -> None:
    cast, at = house.cast, letter.title.sealed_at
    add(letter, cast.plan_head.actor(), cast.plan_officer.actor(), "assignee")
    members: dict[str, Member] = {
        "stranger": cast.clerk,
        "uncleared": cast.technique_officer,
        "administrator": cast.administrator,
        "other_agency": cast.recipient_head,
        "assignee": cast.plan_head,
        "reads_only": cast.plan_officer,
    }
    copy = vault.give_copy(
        classified_id=letter.classified.pk,
        holder_id=cast.deputy.person_id,
        medium="paper",
        actor=cast.plan_officer.actor(),
        at=at,
    )
    recovery = vault.ask_recovery(
        classified_id=letter.classified.pk,
        person_id=cast.clerk.person_id,
        decision="1/QĐ",
        actor=cast.head.actor(),
        at=at,
    )
    own = certificates.find_encryption_certificate(cast.plan_officer.person_id, timezone.now())
    assert own is not None
    ids = {
        "classified_id": letter.classified.pk,
        "person_id": cast.clerk.person_id,
        "holder_id": cast.clerk.person_id,
        "witness_id": cast.plan_officer.person_id,
        "content_id": letter.title.pk,
        "copy_id": copy.pk,
        "recovery_id": recovery.pk,
        "certificate_id": own.pk,
    }
    reads_only = who == "reads_only"
    caller = machine(members[who], ("read",) if reads_only else ("read", "act"))
    seen = {"getSecret", "listReadings"} if who == "assignee" else set()
    left = [each for each in endpoints() if each[0] not in NOT_ABOUT_ONE | seen]
    assert len(left) >= 19
    before = _but_the_tokens_use(everything())
    for name, method, path in left:
        if reads_only and (method == "get" or name in ("lockElsewhere", "lockOld")):
            continue  # its own tests tell what a reader may see
        body = BODIES.get(name, {}) | {
            key: value
            for key, value in ids.items()
            if key in ("person_id", "holder_id", "witness_id", "classified_id") and f"{{{key}}}" not in path
        }
        answer = caller.client.generic(
            method.upper(),
            path.format(**ids),
            json.dumps(body),
            content_type="application/json",
            headers=caller.headers,
        )
        assert answer.status_code in (403, 404, 422), (name, answer.status_code, answer.content)
        assert answer.json()["code"] != "not_as_described", (name, answer.content)
        assert TITLE.encode() not in answer.content
    assert _but_the_tokens_use(everything()) == before
    assert Copy.objects.get().returned_at is None
    assert Reader.objects.filter(removed_at=None).count() == 2


def _but_the_tokens_use(rows: dict[str, str]) -> dict[str, str]:
    return {table: digest for table, digest in rows.items() if table != "people_apitoken"}
