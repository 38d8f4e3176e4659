"""Classified documents between nodes: sealed to the readers themselves, closed to both nodes and to the line."""

from __future__ import annotations

import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from antin.correspondents import operations as correspondents
from antin.correspondents import queries as directory
from antin.documents import policy as papers
from antin.documents import queries
from antin.documents.models import Arrival, Document
from antin.documents.operations import Addressees, Outside
from antin.exchange.models import Delivery
from antin.exchange.states import Status
from antin.files import queries as files
from antin.journeys import approve_document, receive_document, sealing, sealing_abroad
from antin.keys import pki
from antin.keys.providers import software
from antin.nodes import operations as nodes
from antin.nodes import parcels, statements
from antin.nodes.models import Circle, Parcel, Received
from antin.nodes.states import Coming
from antin.outbox.operations import Tally
from antin.people import operations as people
from antin.vault import operations as vault
from antin.vault import queries as secret
from antin.vault import suites
from antin.vault.models import Classified, HandedAbroad, RecoveryKey, Wrap
from antin.vault.operations.abroad import name_of
from antin.vault.policy import NotTheOrigin
from antin.vault.states import Part
from tests import secrets
from tests.cast import TODAY, Cast
from tests.partners import key
from tests.secrets import PIN
from tests.two_nodes import Two, link, pdf
from tests.unchanged import refused
from tests.vaults import DECISION

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]
SUBJECT = "Chim hoàng yến bay về rừng 9402"


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(software, "SCRYPT", {"n": 2, "r": 8, "p": 1})


@pytest.fixture
def two(cast: Cast, own_state: Path, at: datetime) -> Two:
    secrets.give_keys(cast, at, recipients=())
    made = link(cast, at, with_keys=False)
    made.reader, made.recovery = key(), key()
    return made


def public(held: Any) -> bytes:
    found: bytes = held.public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return found


def told_of(two: Two, *, level: int = 2, **changes: Any) -> list[bytes]:
    """The partner's agency tells whom it has."""
    two.certificate = two.partner.certify(two.reader, two.partner.agency, pki.encryption)
    circle = {
        "readers": [{"certificate": b64encode(two.certificate).decode(), "level": level}],
        "recovery": b64encode(public(two.recovery)).decode(),
    }
    return two.partner.messages(two.ours, two.partner.manifest(two.ours, **({"kind": "readers"} | circle | changes)))


def issue_secret(two: Two, **changes: Any) -> Document:
    """A letter at Mật to the partner's agency."""
    recipient = directory.find_by_code(two.partner.agency)
    assert recipient is not None
    to = Addressees(addressed=(Outside(recipient.pk),))
    return secrets.an_issued_document(two.cast, two.at, addressees=to, facts={"subject": SUBJECT}, **changes)


def test_ours_goes_sealed_to_their_readers_and_nobody_on_the_way_opens_it(two: Two, keep_promises: Keep) -> None:
    two.come(*told_of(two))
    keep_promises()
    issued = issue_secret(two)
    keep_promises()
    [delivery] = Delivery.objects.filter(dispatch__document=issued)
    assert delivery.status == Status.SENT
    sent = two.send()
    messages = next(each for each in sent if two.partner.opens(each)[0]["kind"] == "document")
    assert all(SUBJECT.encode() not in message and b"%PDF" not in message for message in messages)
    told, came = two.partner.opens(messages)
    assert (told["document"]["subject"], told["document"]["secrecy"], told["classified"]["level"]) == (
        "Văn bản độ Mật",
        1,
        1,
    )
    assert SUBJECT not in str(told)
    bodies = {sha256(each).hexdigest(): each for each in came}
    clear = {}
    for each in told["classified"]["contents"]:
        suite = suites.named(each["suite"])
        for held, lock in ((two.reader, each["locks"][name_of(two.certificate)]), (two.recovery, each["recovery"])):
            opened = suite.open(bodies[each["file"]], suite.unlock(b64decode(lock), held))
            clear[each["part"]] = opened
    assert clear["title"].decode() == SUBJECT
    assert clear["pages"].startswith(b"%PDF")
    assert set(clear) == {Part.TITLE, Part.PAGES}
    assert not any(SUBJECT.encode() in bytes(row.manifest) for row in Parcel.objects.all())
    acts = [("arrived", {}), ("registered", {"arrival_number": 3})]
    chain = two.partner.receipts(delivery.reference, *acts, sender="G11.90", at=two.at)
    two.come(*two.partner.receipts_parcel(two.ours, delivery.reference, chain))
    keep_promises()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.arrival_number) == (Status.REGISTERED, 3)


def handing_on(two: Two, correspondent_id: int) -> Callable[[], object]:
    """A draft at Mật to that agency, and its drafter who hands it on."""
    to = Addressees(addressed=(Outside(correspondent_id),))
    draft = secrets.a_draft(two.cast, two.at, addressees=to)
    officer = two.cast.plan_officer.actor()
    return lambda: approve_document.submit(document_id=draft.pk, pin=PIN, actor=officer, today=TODAY, at=two.at)


Make = Callable[[Two], list[bytes]]
NOBODY: dict[str, Make] = {
    "never told": lambda two: [],
    "cleared too low": lambda two: told_of(two, level=0),
    "its readers gone": lambda two: [*told_of(two), *told_of(two, readers=[], at=(two.at + timedelta(1)).isoformat())],
    "certificate of another authority": lambda two: told_of(
        two, readers=[{"certificate": b64encode(two.partner.stranger()).decode(), "level": 3}]
    ),
    "a signing certificate": lambda two: told_of(
        two, readers=[{"certificate": b64encode(two.partner.office.certificate).decode(), "level": 3}]
    ),
}


@pytest.mark.parametrize("case", NOBODY)
def test_without_an_entitled_reader_there_it_is_refused_before_a_number_is_taken(
    two: Two, keep_promises: Keep, case: str
) -> None:
    for message in NOBODY[case](two):
        two.come(message)
        keep_promises()
    recipient = directory.find_by_code(two.partner.agency)
    assert recipient is not None
    no = refused(sealing.NobodyReads, handing_on(two, recipient.pk))
    assert no.message.startswith("Cục Xa chưa có người được tiếp cận độ Mật")
    assert not HandedAbroad.objects.exists()


def test_a_circle_not_by_the_agencys_seal_is_set_aside(two: Two, keep_promises: Keep) -> None:
    stranger = two.partner.agency_signer("G11.77")
    two.come(*told_of(two, signer=stranger))
    keep_promises()
    assert (Received.objects.get().fault_code, Circle.objects.count()) == ("not_by_its_key", 0)


def test_it_never_goes_over_the_axis(two: Two) -> None:
    ministry = correspondents.enter(code="G91", name="Bộ Biển", channel="axis", line="truc", actor=None, at=two.at)
    no = refused(papers.SecretOverOpenLine, handing_on(two, ministry.pk))
    assert no.message == (
        "Văn bản mật không gửi qua trục liên thông, vì máy chủ của trục đọc được nội dung: bỏ nơi nhận Bộ Biển, "
        "hoặc gửi bằng đường khác."
    )


# In -------------------------------------------------------------------------------------------------------------------------


def circle_of_ours(two: Two) -> dict[str, Any]:
    """Whom of ours the partner was told of."""
    sealing_abroad.publish(at=two.at + timedelta(minutes=5))
    told = [two.partner.opens(each)[0] for each in two.send()]
    [found] = [each for each in told if each["kind"] == "readers" and each["from"]["agency"] == "G11.90"]
    return found


def sealed_letter(two: Two, circle: dict[str, Any], **changes: Any) -> tuple[bytes, list[bytes]]:
    """What the partner seals to our clerks: the manifest, and the sealed files."""
    suite = suites.newest()
    readers = [b64decode(each["certificate"]) for each in circle["readers"]]
    recovery = b64decode(circle["recovery"])
    contents, bodies = [], []
    for part, content, kind in ((Part.PAGES, pdf(9), "application/pdf"), (Part.TITLE, SUBJECT.encode(), "text/plain")):
        own = suite.fresh_key()
        body = suite.close(content, own)
        bodies.append(body)
        contents.append(
            {
                "part": part.value,
                "number": 0,
                "media_type": kind,
                "suite": suite.name,
                "file": sha256(body).hexdigest(),
                "words": "",
                "locks": {name_of(der): b64encode(suite.lock_for(own, der)).decode() for der in readers},
                "recovery": b64encode(suite.lock_to(own, pki.read_public(recovery))).decode(),
            }
        )
    classified = {
        "level": 1,
        "fixed_on": "2026-11-20",
        "until": "2036-11-20",
        "recovery": name_of(recovery),
        "contents": contents,
    } | changes.pop("classified", {})
    manifest = two.partner.document(
        two.ours, bodies[0], subject="bất kỳ", **({"secrecy": 1} | changes), also=bodies[1:], classified=classified
    )
    return manifest, bodies


def test_theirs_is_opened_by_our_clerk_alone_and_registered_in_the_separate_book(two: Two, keep_promises: Keep) -> None:
    circle = circle_of_ours(two)
    assert [each["level"] for each in circle["readers"]] == [2, 2]
    sealing_abroad.publish(at=two.at + timedelta(minutes=5))
    assert two.send() == []  # nothing new to tell
    manifest, bodies = sealed_letter(two, circle)
    messages = two.partner.messages(two.ours, manifest, *bodies)
    for _time in range(2):
        two.come(*messages)
        keep_promises()
    two.partner.feed = "0000000000000001"  # restored: it comes again under another feed
    two.come(*two.partner.messages(two.ours, manifest, *bodies, number=1))
    keep_promises()
    arrived = Document.objects.get(direction="in")
    assert (arrived.subject, arrived.secrecy, arrived.code) == ("Văn bản độ Mật", 1, "07/B2-KH")
    assert Arrival.objects.get(document=arrived).verdict == ""
    held = Classified.objects.get(pk=arrived.classified_id)
    assert (held.level, held.came_from, str(held.protected_until)) == (1, "Cục Xa", "2036-11-20")
    assert {reader.person.name for reader in secret.list_readers(held.pk)} == {
        two.cast.clerk.name,
        two.cast.seal_keeper.name,
    }
    assert Wrap.objects.filter(content__classified=held, recovery_key=RecoveryKey.objects.get()).count() == 2
    assert files.read(arrived.file) == bodies[0]

    clerk, at = two.cast.clerk, two.at + timedelta(hours=1)
    registered = receive_document.register(document_id=arrived.pk, pin=PIN, actor=clerk.actor(), today=TODAY, at=at)
    assert (registered.arrival_number, queries.arrival_of(registered).verdict) == (1, "unsigned")
    assert secrets.opened(registered, two.cast.head, at).subject == SUBJECT
    keep_promises(at)
    told, _files = two.partner.opens(two.send()[-1])
    assert SUBJECT not in str(told)
    assert len(told["receipts"]) == 2
    decided: dict[str, Any] = {"paper": DECISION, "decided_on": TODAY, "at": at}
    no = refused(
        NotTheOrigin,
        lambda: vault.change_level(classified_id=held.pk, level=2, actor=two.cast.head.actor(), **decided),
    )
    assert no.message.endswith("nhận từ Cục Xa.")


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "secret in clear": ({"classified": None}, "secret_in_clear"),
    "a level that falls": ({"secrecy": 0}, "secret_in_clear"),
    "another level": ({"secrecy": 2}, "secret_in_clear"),
    "nothing sealed": ({"classified": {"contents": []}}, "secret_in_clear"),
    "junk": ({"classified": {"fixed_on": "x"}}, "not_a_holding"),
    "another recovery key": ({"classified": {"recovery": "0" * 64}}, "not_a_holding"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_not_sealed_as_it_says_is_set_aside(two: Two, keep_promises: Keep, case: str) -> None:
    changes, code = BAD[case]
    circle = circle_of_ours(two)
    if changes.get("classified", "") is None:
        page = pdf(8)
        manifest, bodies = two.partner.document(two.ours, page, secrecy=1), [page]
    else:
        manifest, bodies = sealed_letter(two, circle, **changes)
    two.come(*two.partner.messages(two.ours, manifest, *bodies))
    keep_promises()
    odd = Received.objects.get()
    assert (odd.status, odd.fault_code) == (Coming.ASIDE, code)
    assert not Document.objects.filter(direction="in").exists()
    assert not Classified.objects.exists()


def test_sealed_to_somebody_who_may_not_read_any_more_it_is_set_aside_and_told(two: Two, keep_promises: Keep) -> None:
    manifest, bodies = sealed_letter(two, circle_of_ours(two))
    for member in (two.cast.clerk, two.cast.seal_keeper):
        people.grant_clearance(
            person_id=member.person_id, level="none", until=None, basis=DECISION, actor=None, at=two.at
        )
    two.come(*two.partner.messages(two.ours, manifest, *bodies))
    keep_promises()
    assert Received.objects.get().fault_code == "nobody_reads_there"
    sealing_abroad.publish(at=two.at)
    told = [two.partner.opens(each)[0] for each in two.send()]
    assert [each["readers"] for each in told if each["kind"] == "readers"] == [[]]


def test_by_stick(two: Two, keep_promises: Keep, tmp_path: Path) -> None:
    two.come(*told_of(two))
    keep_promises()
    issue_secret(two)
    keep_promises()
    stick = tmp_path / "kien.zip"
    with stick.open("wb") as out:
        nodes.export_bundle(code="b2", out=out, actor=None, at=two.at)
    with zipfile.ZipFile(stick) as held:
        names = [name for name in held.namelist() if name.startswith("parcels/")]
        letters = [parcels.split(held.read(name)) for name in names]
        assert all(SUBJECT.encode() not in held.read(name) for name in held.namelist())
    kinds = [statements.peek(signed)["kind"] for signed, _letter in letters]
    assert "document" in kinds
