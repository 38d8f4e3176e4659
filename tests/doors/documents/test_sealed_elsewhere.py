"""A classified page is signed by keys on the head's own machine: his program opens, his program signs, in the node it is memory."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from antin.console.agent_desk import Desk
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.states import Status
from antin.files import operations as files
from antin.files.models import File
from antin.keys import operations as keys
from antin.keys import pki
from antin.keys.models import CertificateRequest, KeyDevice
from antin.keys.providers.tokens import Tokens
from antin.people import operations as people
from antin.signing import operations as signing
from tests import canary, paper, papers, secrets, tokens
from tests.cast import Cast, Member
from tests.doors.conftest import Enter
from tests.vaults import DECISION, ENDS

pytestmark = pytest.mark.django_db
PLANTED = {"title": "Chim hoàng yến ký ở máy 850163850163", "body": "Chim hoàng yến trong máy 850263850263"}


@pytest.fixture(autouse=True)
def apart(own_state: Path) -> None:
    """Each in a state folder of its own."""


def give_token_keys(member: Member, held: Tokens, place: str) -> None:
    """Two keys on his own token, asked for with files and answered by the node's authority: one signs, one opens."""
    at = timezone.now()
    people.grant_clearance(person_id=member.person_id, level="mat", until=ENDS, basis=DECISION, actor=None, at=at)
    for purpose in ("signing", "encryption"):
        reference = held.create(tokens.PIN, place=place)
        name = pki.subject_name(name="An", title="", organisation="Z", code="1")
        asked = keys.request_with_file(
            content=pki.request(name=name, key=held.open(reference, tokens.PIN)),
            label="USB token số 12",
            purpose=purpose,
            person_id=member.person_id,
            post_id=member.post_id,
            actor=member.actor(),
            at=at,
        )
        keys.issue_requested(request_id=asked.pk, actor=None, at=at)


def answered(desk: Desk, name: str) -> Any:
    """What the program says when its holder has typed his PIN."""
    question = desk.find(name)
    assert question is not None
    desk.decide(question, tokens.PIN)
    return question


def signed(desk: Desk, told: dict[str, str]) -> str:
    return base64.b64encode(answered(desk, desk.ask(told)).signature).decode()


def lent(desk: Desk, browser: Client, document: Document) -> str:
    """The content keys as the page's script puts them into the form."""
    asked = {"everything": "1"}
    told = browser.post(f"/vault/{document.classified_id}/locks", asked).json()
    opened = answered(desk, desk.ask_to_open(told))
    pairs = zip(told["contents"], opened.keys, strict=True)
    return json.dumps({str(content["id"]): base64.b64encode(key).decode() for content, key in pairs})


def test_the_head_opens_and_signs_with_his_own_device(cast: Cast, enter: Enter, own_state: Path) -> None:
    secrets.give_keys(cast, timezone.now())
    held = Tokens({"hsm": tokens.library()})
    give_token_keys(cast.head, held, f"hsm:{tokens.new_token('Nguyễn Văn An')}")
    desk, head = Desk(held, "http://testserver", 0), enter(cast.head)
    document = secrets.an_endorsed_document(
        cast, timezone.now(), facts={"subject": PLANTED["title"]}, body=secrets.body(PLANTED["body"])
    )
    at = f"/documents/{document.pk}/sign"
    page = head.get(at)
    assert page.status_code == 200
    assert "data-lends" in page.content.decode()
    assert "http://127.0.0.1:24599" in page.headers["Content-Security-Policy"]
    answers = {"seen_file": document.file, "keys": lent(desk, head, document)}

    # Somebody else's keys, and none, open nothing.
    wrong = {name: base64.b64encode(bytes(32)).decode() for name in json.loads(answers["keys"])}
    for keys_ in (json.dumps(wrong), "", '{"1": 7}'):
        refused = head.post(
            f"{at}/prepare", {"seen_file": document.file, "keys": keys_}, headers={"Accept": "application/json"}
        )
        assert refused.status_code in (409, 422), refused.content
    told = head.post(f"{at}/prepare", answers).json()
    assert (told["title"], told["code"]) == ("Văn bản độ Mật", "Công văn Tổng cục Z")
    answers |= {"prepared": told["prepared"], "signature": signed(desk, told)}
    head.post(at, answers | {"signature": base64.b64encode(b"0" * 70).decode()})
    assert queries.get(document.pk).status == Status.ENDORSED
    done = head.post(at, answers)
    assert (done.status_code, queries.get(document.pk).status) == (302, Status.SIGNED)

    # The clerk who numbers it reads it now; the signature is the device's; nothing of it lies anywhere.
    opened = secrets.opened(queries.get(document.pk), cast.clerk, timezone.now())
    assert opened.subject == PLANTED["title"]
    [found] = signing.examine(content=opened.pdf, at=timezone.now()).signatures
    assert (found.field, found.verdict) == ("Person", "valid")
    assert "application/pdf" not in File.objects.values_list("media_type", flat=True)
    assert canary.found_in(PLANTED, [canary.dump(), *canary.of_folder(own_state)]) == []


def test_keys_on_tokens_are_opened_by_pins_of_their_own(
    cast: Cast, enter: Enter, own_state: Path, settings: Any
) -> None:
    settings.PKCS11_MODULES = {"hsm": tokens.library()}
    at = timezone.now()
    secrets.give_keys(cast, at)
    own, agencys = tokens.new_token("Nguyễn Văn An 2"), tokens.new_token("Tổng cục Z")
    keys.issue_person_certificate(
        person_id=cast.head.person_id,
        post_id=cast.head.post_id,
        pin=tokens.PIN,
        token=f"hsm:{own}",
        actor=None,
        at=timezone.now(),
    )
    its_pin = own_state / "secrets" / "pins" / agencys
    its_pin.parent.mkdir(parents=True, exist_ok=True)
    its_pin.write_text(tokens.PIN)
    its_pin.chmod(0o600)
    keys.issue_agency_certificate(agency_id=cast.agency_id, token=f"hsm:{agencys}", actor=None, at=timezone.now())
    its_pin.unlink()  # from here on only the keeper has it
    head, keeper = enter(cast.head), enter(cast.seal_keeper)
    document = secrets.an_endorsed_document(cast, timezone.now())

    page = head.post(f"/documents/{document.pk}/open", {"pin": secrets.PIN, "act": "open"}).content.decode()
    assert 'name="opening_pin"' in page
    seen = {"seen_file": document.file, "pin": tokens.PIN}
    head.post(f"/documents/{document.pk}/sign", seen)
    assert queries.get(document.pk).status == Status.ENDORSED
    head.post(f"/documents/{document.pk}/sign", seen | {"opening_pin": secrets.PIN})
    assert queries.get(document.pk).status == Status.SIGNED
    enter(cast.clerk).post(f"/documents/{document.pk}/number")
    seal = f"/documents/{document.pk}/seal"
    assert 'name="seal_pin"' in keeper.get(seal).content.decode()
    refused = keeper.post(seal, {"pin": secrets.PIN, "seal_pin": "00000000"})
    assert (refused.status_code, queries.get(document.pk).status) == (422, Status.SIGNED)
    assert keeper.post(seal, {"pin": secrets.PIN, "seal_pin": tokens.PIN}).status_code == 302
    document = queries.get(document.pk)
    assert document.status == Status.ISSUED
    report = signing.examine(content=secrets.opened(document, cast.clerk, timezone.now()).pdf, at=timezone.now())
    assert [(each.field, each.verdict) for each in report.signatures] == [("Person", "valid"), ("Agency", "valid")]


def give_agency_token(cast: Cast, enter: Enter, held: Tokens, place: str) -> None:
    """The agency's key on the token that its clerk keeps at his own machine, brought as a file by the administrator."""
    reference = held.create(tokens.PIN, place=place)
    name = pki.subject_name(name="Z", title="", organisation="Z", code="1")
    brought = SimpleUploadedFile("dau.csr", pki.request(name=name, key=held.open(reference, tokens.PIN)))
    answer = enter(cast.administrator).post(
        f"/administration/units/{cast.agency_id}/key-bring",
        {"label": "Thiết bị con dấu", "serial": "7", "request": brought},
    )
    assert answer.status_code == 302
    asked = CertificateRequest.objects.get(subject="agency")
    made = keys.issue_requested(request_id=asked.pk, actor=None, at=timezone.now())
    KeyDevice.objects.filter(certificate=made).update(custodian_id=cast.seal_keeper.person_id)


def test_the_agencys_device_at_its_keepers_machine_seals_in_two_steps(cast: Cast, enter: Enter) -> None:
    secrets.give_keys(cast, timezone.now())
    held = Tokens({"hsm": tokens.library()})
    give_agency_token(cast, enter, held, f"hsm:{tokens.new_token('Con dấu')}")
    desk, keeper, clerk = Desk(held, "http://testserver", 0), enter(cast.seal_keeper), enter(cast.clerk)

    def seal(document: Document, **more: str) -> Any:
        at = f"/documents/{document.pk}/seal"
        assert "data-prepare" in keeper.get(at).content.decode()
        told = keeper.post(f"{at}/prepare", more).json()
        question = answered(desk, desk.ask(told))
        made = [base64.b64encode(each).decode() for each in question.signatures]
        answers = {"prepared": told["prepared"]} | more
        wrong = keeper.post(at, answers | {"signature": " ".join([*made[:-1], base64.b64encode(b"0" * 70).decode()])})
        assert (wrong.status_code, queries.get(document.pk).status) == (422, Status.SIGNED), wrong.content
        assert keeper.post(at, answers | {"signature": " ".join(made)}).status_code == 302
        issued = queries.get(document.pk)
        assert issued.status == Status.ISSUED
        return [each["title"] for each in told["items"]], issued

    # An ordinary letter with a page and a table beside it.
    at = timezone.now()
    letter = paper.a_page_to_sign(cast, at)
    for name, content, kind in (("a.pdf", papers.pdf(), "application/pdf"), ("b.txt", b"b", "text/plain")):
        row = {"position": len(name), "name": name, "size": len(content), "media_type": kind}
        letter.attachments.create(file=files.keep(content, at=at).digest, **row | {"position": ord(name[0])})
    paper.sign(cast, letter, at)
    keeper.post(f"/documents/{letter.pk}/number")
    numbered = queries.get(letter.pk)
    assert (numbered.status, numbered.next_act, numbered.code) == (Status.SIGNED, "seal", "01/TCZ-KH")
    told, issued = seal(letter)
    assert told == ["01/TCZ-KH", "a.pdf", "b.txt"]
    report = signing.verify(file=issued.file, at=timezone.now())
    assert [(each.field, each.verdict) for each in report.signatures] == [("Person", "valid"), ("Agency", "valid")]

    # And a classified one, opened in memory by the keeper's own PIN.
    secret = secrets.a_signed_document(cast, timezone.now())
    clerk.post(f"/documents/{secret.pk}/number")
    told, issued = seal(secret, opening_pin=secrets.PIN)
    opened = secrets.opened(issued, cast.clerk, timezone.now())
    report = signing.examine(content=opened.pdf, at=timezone.now())
    assert [(each.field, each.verdict) for each in report.signatures] == [("Person", "valid"), ("Agency", "valid")]
