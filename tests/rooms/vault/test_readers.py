"""Who opens what is sealed: clearance and need to know together, by his own key; readers come and go; keys are replaced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from antin.files import queries as files
from antin.files import shelf
from antin.journal import queries as journal
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.keys.policy import PinMissing, WrongPin
from antin.refusal import NotAllowed, NotFound
from antin.vault import operations as vault
from antin.vault import policy, queries
from antin.vault.models import Reader, Wrap
from antin.vault.policy import (
    AlreadyReader,
    ContentDamaged,
    LastReader,
    NoEncryptionCertificate,
    NoRecoveryKey,
    NotCleared,
    NothingToSeal,
    NotSealedToYou,
    ReaderNotCleared,
    TooLargeToSeal,
)
from tests.signatures import PIN
from tests.unchanged import refused
from tests.vaults import TITLE, Letter, Vaulted, clear, give_key, sealed

pytestmark = pytest.mark.django_db
Open = Callable[..., bytes]
Add = Callable[..., Any]


def test_who_begins_is_cleared_has_a_key_and_an_agency_with_officers(house: Vaulted, at: datetime) -> None:
    refused(NotCleared, lambda: vault.begin(level=3, actor=house.plan_officer, at=at))
    refused(NotCleared, lambda: vault.begin(level=0, actor=house.plan_officer, at=at))
    refused(NotCleared, lambda: vault.begin(level=1, actor=house.technique_officer, at=at))
    clear(house.technique_officer.person_id, "mat")
    refused(NoEncryptionCertificate, lambda: vault.begin(level=1, actor=house.technique_officer, at=at))
    clear(house.recipient_head.person_id, "mat")
    refused(NoRecoveryKey, lambda: vault.begin(level=1, actor=house.recipient_head, at=at))
    begun = vault.begin(level=2, actor=house.plan_officer, at=at)
    assert (begun.level, begun.status, str(begun.fixed_on), str(begun.protected_until)) == (
        2,
        "protected",
        "2026-11-23",
        "2046-11-23",
    )
    assert [row.event for row in journal.list_for(("classified", begun.pk))] == ["classified.begun"]


def test_what_is_sealed_is_opened_by_its_reader_and_every_view_is_marked(
    house: Vaulted, letter: Letter, opened: Open, at: datetime
) -> None:
    assert opened(letter.title, house.plan_officer) == TITLE.encode()
    printed = vault.open_content(content_id=letter.title.pk, pin=PIN, use="printed", actor=house.plan_officer, at=at)
    assert printed.marking == vault.Marking("Bùi Ngọc Giang", "printed", 1, at)
    assert opened(letter.title, house.plan_officer) == TITLE.encode()
    rows = queries.list_readings(letter.classified.pk)
    assert [(row.use, row.number, row.person.name) for row in rows] == [
        ("viewed", 2, "Bùi Ngọc Giang"),
        ("printed", 1, "Bùi Ngọc Giang"),
        ("viewed", 1, "Bùi Ngọc Giang"),
    ]
    assert queries.count_prints(letter.classified.pk) == 1
    assert [row.event for row in journal.list_for(("classified", letter.classified.pk))][:3] == [
        "classified.viewed",
        "classified.printed",
        "classified.viewed",
    ]
    assert TITLE.encode() not in files.read(letter.title.file_id)


def test_without_need_to_know_it_is_absent_and_without_clearance_it_stays_shut(
    house: Vaulted, letter: Letter, opened: Open, add: Add
) -> None:
    refused(NotFound, lambda: opened(letter.title, house.head))
    refused(NotFound, lambda: queries.get_for(house.head, letter.classified.pk))
    refused(NotFound, lambda: sealed(letter.classified, "body", b"x", house.head, letter.title.sealed_at))
    add(letter, house.head, house.plan_officer)
    assert opened(letter.title, house.head) == TITLE.encode()
    assert queries.get_for(house.head, letter.classified.pk) == letter.classified
    clear(house.head.person_id, "none")
    refused(NotCleared, lambda: opened(letter.title, house.head))
    refused(NotFound, lambda: queries.get_for(house.head, letter.classified.pk))


def test_a_wrong_pin_opens_nothing_and_is_counted(house: Vaulted, letter: Letter, opened: Open) -> None:
    refused(PinMissing, lambda: opened(letter.title, house.plan_officer, pin=""))
    certificate = certificates.find_encryption_certificate(house.plan_officer.person_id, letter.title.sealed_at)
    assert certificate is not None
    with pytest.raises(WrongPin):
        opened(letter.title, house.plan_officer, pin="000000")
    assert certificates.get_certificate(certificate.pk).device.failures == 1
    assert queries.list_readings(letter.classified.pk) == []


def test_who_may_pass_it_on_adds_readers_who_are_cleared_and_have_a_key(
    house: Vaulted, letter: Letter, opened: Open, add: Add
) -> None:
    add(letter, house.plan_head, house.plan_officer, need="reviewer")
    assert opened(letter.body, house.plan_head) == b"{}"
    refused(NotAllowed, lambda: add(letter, house.head, house.plan_head))
    refused(NotFound, lambda: add(letter, house.head, house.clerk))
    refused(AlreadyReader, lambda: add(letter, house.plan_head, house.plan_officer))
    refused(ReaderNotCleared, lambda: add(letter, house.technique_officer, house.plan_officer))
    clear(house.technique_officer.person_id, "mat")
    refused(NoEncryptionCertificate, lambda: add(letter, house.technique_officer, house.plan_officer))
    assert [reader.person.name for reader in queries.list_readers(letter.classified.pk)] == [
        "Bùi Ngọc Giang",
        "Hoàng Gia Đạt",
    ]


def test_a_reader_removed_opens_nothing_and_gets_nothing_new(
    house: Vaulted, letter: Letter, opened: Open, add: Add, at: datetime
) -> None:
    remove = {"classified_id": letter.classified.pk, "at": at}
    officer, head = house.plan_officer, house.head
    refused(LastReader, lambda: vault.remove_reader(**remove, person_id=officer.person_id, actor=officer))
    add(letter, head, officer)
    refused(NotFound, lambda: vault.remove_reader(**remove, person_id=house.clerk.person_id, actor=officer))
    vault.remove_reader(**remove, person_id=head.person_id, actor=officer)
    refused(NotFound, lambda: opened(letter.title, head))
    later = sealed(letter.classified, "comment", "Đồng ý".encode(), officer, at)
    assert Wrap.objects.filter(content=later, reader__person_id=head.person_id).count() == 0
    assert Wrap.objects.filter(reader__person_id=head.person_id).count() == 0
    (former,) = queries.list_readers(letter.classified.pk, former=True)
    assert (former.person_id, former.removed_by_id, former.removed_at) == (head.person_id, officer.person_id, at)
    add(letter, head, officer)
    assert opened(later, head) == "Đồng ý".encode()


def test_a_new_version_is_sealed_with_a_new_key_to_everybody_cleared(
    house: Vaulted, letter: Letter, opened: Open, add: Add, at: datetime
) -> None:
    add(letter, house.head, house.plan_officer)
    add(letter, house.plan_head, house.plan_officer, need="reviewer")
    clear(house.plan_head.person_id, "none")
    second = sealed(letter.classified, "body", b"[2]", house.head, at)
    assert (second.version, second.suite) == (2, "cms-aes-256-gcm")
    assert opened(second, house.plan_officer) == b"[2]"
    assert [each.pk for each in queries.list_contents(house.head, letter.classified.pk)] == [second.pk, letter.title.pk]
    clear(house.plan_head.person_id, "mat")
    refused(NotSealedToYou, lambda: opened(second, house.plan_head))
    again = {"classified_id": letter.classified.pk, "person_id": house.plan_head.person_id, "pin": PIN, "at": at}
    assert vault.seal_again_for(**again, actor=house.head) == 1
    assert opened(second, house.plan_head) == b"[2]"


def test_bounds_are_said(house: Vaulted, letter: Letter, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(NothingToSeal, lambda: sealed(letter.classified, "body", b"", house.plan_officer, at))
    monkeypatch.setattr(policy, "LARGEST", 10)
    refused(TooLargeToSeal, lambda: sealed(letter.classified, "body", bytes(11), house.plan_officer, at))


def test_bytes_and_locks_that_were_touched_are_not_opened(house: Vaulted, letter: Letter, opened: Open) -> None:
    path = shelf.path_of(letter.title.file_id)
    bytes_of = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(bytes_of[:-1] + bytes((bytes_of[-1] ^ 1,)))
    refused(ContentDamaged, lambda: opened(letter.title, house.plan_officer))
    path.write_bytes(bytes_of[: len(bytes_of) // 2])
    refused(ContentDamaged, lambda: opened(letter.title, house.plan_officer))
    path.write_bytes(bytes_of)
    assert opened(letter.title, house.plan_officer) == TITLE.encode()
    wrap = Wrap.objects.get(content=letter.body, reader__isnull=False)
    Wrap.objects.filter(content=letter.title, reader__isnull=False).update(lock=wrap.lock)
    refused(ContentDamaged, lambda: opened(letter.title, house.plan_officer))


def test_a_replaced_key_gets_everything_anew_without_a_content_being_opened(
    house: Vaulted, letter: Letter, opened: Open, at: datetime
) -> None:
    officer = house.plan_officer
    old = certificates.find_encryption_certificate(officer.person_id, at)
    assert old is not None
    refused(NoEncryptionCertificate, lambda: vault.rewrap(certificate_id=old.pk, pin=PIN, actor=officer, at=at))
    new = keys.issue_encryption_certificate(pin=PIN, actor=officer, at=at)
    later = at + timedelta(minutes=10)
    bodies = {content.pk: content.file_id for content in (letter.title, letter.body)}
    assert vault.rewrap(certificate_id=old.pk, pin=PIN, actor=officer, at=later) == 2
    assert vault.rewrap(certificate_id=old.pk, pin=PIN, actor=officer, at=later) == 0
    assert queries.list_readings(letter.classified.pk) == []
    assert {content.pk: content.file_id for content in queries.list_all_contents(letter.classified.pk)} == bodies
    keys.revoke(certificate_id=old.pk, reason="superseded", actor=house.administrator, at=later)
    assert opened(letter.title, officer, at=later) == TITLE.encode()
    assert certificates.find_encryption_certificate(officer.person_id, later) == new


def test_a_lost_key_opens_nothing_until_another_reader_wraps_it_anew(
    house: Vaulted, letter: Letter, opened: Open, add: Add, at: datetime
) -> None:
    add(letter, house.head, house.plan_officer)
    lost = certificates.find_encryption_certificate(house.head.person_id, at)
    assert lost is not None
    keys.report_lost(certificate_id=lost.pk, actor=house.head, at=at)
    refused(NotSealedToYou, lambda: opened(letter.title, house.head))
    again = {"classified_id": letter.classified.pk, "person_id": house.head.person_id, "pin": PIN, "at": at}
    refused(NoEncryptionCertificate, lambda: vault.seal_again_for(**again, actor=house.plan_officer))
    keys.issue_encryption_certificate(pin=PIN, actor=house.head, at=at)
    refused(NotFound, lambda: vault.seal_again_for(**again, actor=house.clerk))
    nobody = again | {"person_id": house.clerk.person_id}
    refused(NotFound, lambda: vault.seal_again_for(**nobody, actor=house.plan_officer))
    assert vault.seal_again_for(**again, actor=house.plan_officer) == 2
    assert opened(letter.title, house.head) == TITLE.encode()


def test_a_substitute_begins_nothing(house: Vaulted, at: datetime) -> None:
    stand_in = house.plan_officer.__class__(**{**vars(house.plan_officer), "on_behalf": "Hoàng Gia Đạt"})
    refused(NotAllowed, lambda: vault.begin(level=1, actor=stand_in, at=at))


def test_a_reader_of_another_agency_reads_by_his_own_key(
    house: Vaulted, letter: Letter, opened: Open, add: Add
) -> None:
    clear(house.recipient_clerk.person_id, "mat")
    give_key(house.cast.recipient_clerk, house.cast)
    add(letter, house.recipient_clerk, house.plan_officer, need="recipient")
    assert opened(letter.title, house.recipient_clerk) == TITLE.encode()
    assert Reader.objects.filter(classified=letter.classified).count() == 2
