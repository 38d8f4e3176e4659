"""Classified documents between nodes: sealed to the readers themselves, closed to both nodes and to the line."""

from __future__ import annotations

import zipfile
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
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
from antin.journal.models import Record
from antin.journeys import approve_document, change_secrecy, receive_document, sealing, sealing_abroad
from antin.keys import pki
from antin.nodes import operations as nodes
from antin.nodes import parcels, statements
from antin.nodes.models import Circle, Parcel, Received
from antin.nodes.states import Coming
from antin.notices.models import Notice
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


def test_what_is_decided_over_ours_is_told_to_who_was_sent_it(two: Two, keep_promises: Keep) -> None:
    two.come(*told_of(two))
    keep_promises()
    issued = issue_secret(two)
    head: dict[str, Any] = {"classified_id": issued.classified_id, "actor": two.cast.head.actor(), "paper": DECISION}
    at = two.at + timedelta(minutes=1)
    change_secrecy.change_level(level=2, decided_on=TODAY, at=at, **head)  # it has not left yet: it goes as it is now
    keep_promises()
    kinds = [two.partner.opens(each)[0] for each in two.send()]
    [letter] = [each for each in kinds if each["kind"] == "document"]
    assert (letter["document"]["secrecy"], letter["document"]["subject"]) == (2, "Văn bản độ Tối mật")
    assert (letter["classified"]["level"], letter["classified"]["fixed_on"]) == (2, TODAY.isoformat())
    keep_promises(two.at + timedelta(minutes=20))
    two.send()
    change_secrecy.extend(until=date(2056, 1, 1), decided_on=TODAY, at=at, **head)
    change_secrecy.declassify(decided_on=TODAY, at=at, **head)
    keep_promises(two.at + timedelta(minutes=20))
    told = [two.partner.opens(each)[0] for each in two.send()]
    [delivery] = Delivery.objects.filter(dispatch__document=issued)
    said = [(each["kind"], each["parcel"], each["secrecy"]["change"], each["secrecy"]["paper"]) for each in told]
    assert said == [("secrecy", delivery.reference, change, DECISION) for change in ("extended", "declassified")]
    assert (told[0]["secrecy"]["until"], told[0]["secrecy"]["level"]) == ("2056-01-01", 2)
    issued.refresh_from_db()
    assert (issued.secrecy, issued.subject) == (0, "Văn bản đã giải mật")


Said = dict[str, Any]
RAISED: Said = {"change": "raised", "level": 2, "until": "2046-11-20", "paper": "5/QĐ", "decided_on": "2026-11-20"}
LOWERED = RAISED | {"change": "lowered", "level": 1, "until": "2036-11-20"}
OPEN_NOW = RAISED | {"change": "declassified"}


def decision(two: Two, parcel: str, said: Said, *, agency: str = "", **more: Any) -> list[bytes]:
    """The partner's agency decided something over what it sent, as that goes to us (or to another `agency` of ours)."""
    [first, *others] = two.ours.agencies
    to = replace(two.ours, agencies=(replace(first, code=agency or first.code), *others))
    return two.partner.messages(two.ours, two.partner.manifest(to, kind="secrecy", parcel=parcel, secrecy=said, **more))


def test_what_its_sender_decides_over_theirs_is_followed_here(two: Two, keep_promises: Keep) -> None:
    manifest, bodies = sealed_letter(two, circle_of_ours(two))
    parcel = statements.digest_of(statements.peek(manifest))
    two.come(*decision(two, parcel, RAISED))  # before the document itself: it waits for that
    keep_promises()
    assert Received.objects.get().status == Coming.WHOLE
    two.come(*two.partner.messages(two.ours, manifest, *bodies))
    keep_promises()
    held, arrived = Classified.objects.get(), Document.objects.get(direction="in")
    assert (held.level, str(held.protected_until), arrived.secrecy, arrived.subject) == (
        2,
        "2046-11-20",
        2,
        "Văn bản độ Tối mật",
    )
    assert [(each.change, each.paper, each.decided_by_id) for each in secret.list_decisions(held.pk)][-1] == (
        "raised",
        "5/QĐ",
        None,
    )
    clerk = two.cast.clerk
    assert f"M{clerk.person_id}" in Notice.objects.filter(kind="secret.raised").values_list("holder", flat=True)
    two.come(*decision(two, parcel, LOWERED))
    keep_promises()
    arrived.refresh_from_db()
    assert (arrived.secrecy, secret.get(held.pk).level) == (1, 1)

    # Declassified, it goes on like any other: no clearance, words in clear, answered in clear.
    two.come(*decision(two, parcel, OPEN_NOW))
    keep_promises()
    arrived.refresh_from_db()
    assert (arrived.secrecy, arrived.subject, secret.get(held.pk).status) == (0, "Văn bản đã giải mật", "declassified")
    people.grant_clearance(person_id=clerk.person_id, level="none", until=None, basis=DECISION, actor=None, at=two.at)
    at = two.at + timedelta(hours=1)
    receive_document.register(document_id=arrived.pk, pin=PIN, actor=clerk.actor(), today=TODAY, at=at)
    present: dict[str, Any] = {"document_id": arrived.pk, "pin": PIN, "actor": clerk.actor(), "at": at}
    receive_document.present(post_id=two.cast.deputy.post_id, words="Không còn mật", **present)
    assert "Không còn mật" in str(list(Record.objects.values_list("facts", flat=True)))
    assert secrets.opened(arrived, clerk, at).subject == SUBJECT
    assert papers.why_not_answer(0, queries.get(arrived.pk)) is None
    two.come(*decision(two, parcel, RAISED))  # what is protected no longer stays as it is
    keep_promises()
    assert secret.get(held.pk).status == "declassified"


NOT_BELIEVED: dict[str, tuple[Callable[[Two], dict[str, Any]], Said, str]] = {
    "by another key": (lambda two: {"signer": two.partner.node}, LOWERED, "not_by_its_key"),
    "of no agency of its own": (
        lambda two: {"from": {"node": two.partner.code, "agency": "G11.90", "name": "Z"}},
        RAISED,
        "not_a_parcel",
    ),
    "to another agency": (lambda two: {"agency": "G99"}, OPEN_NOW, "not_theirs_to_decide"),
    "without a paper": (lambda two: {}, OPEN_NOW | {"paper": " "}, "not_a_decision"),
    "of a day to come": (lambda two: {}, OPEN_NOW | {"decided_on": "2031-01-01"}, "not_a_decision"),
    "lowered to what it is": (lambda two: {}, LOWERED, "not_a_decision"),
    "raised beyond every level": (lambda two: {}, RAISED | {"level": 9}, "not_a_decision"),
    "a term that ends": (lambda two: {}, RAISED | {"change": "ended"}, "not_a_decision"),
    "not longer": (
        lambda two: {},
        RAISED | {"change": "extended", "level": 1, "until": "2030-01-01"},
        "not_a_decision",
    ),
    "of no form": (lambda two: {}, {"change": "raised"}, "not_a_parcel"),
}


def test_a_decision_that_proves_nothing_changes_nothing(two: Two, keep_promises: Keep) -> None:
    manifest, bodies = sealed_letter(two, circle_of_ours(two))
    two.come(*two.partner.messages(two.ours, manifest, *bodies))
    keep_promises()
    parcel = statements.digest_of(statements.peek(manifest))
    for case, (more, said, code) in NOT_BELIEVED.items():
        two.come(*decision(two, parcel, said, **more(two)))
        keep_promises()
        odd = Received.objects.order_by("pk").last()
        assert odd is not None
        assert (odd.status, odd.fault_code) == (Coming.ASIDE, code), case
        held = Classified.objects.get()
        assert (held.level, held.status, str(held.protected_until)) == (1, "protected", "2036-11-20"), case
    assert len(secret.list_decisions(held.pk)) == 1


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
