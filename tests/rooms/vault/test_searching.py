"""Word lists are sealed to a content's own readers, found by through a key of theirs, and by nobody and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from antin.journal import queries as journal
from antin.journal.models import Record
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.keys.policy import WrongPin
from antin.people.actor import Actor
from antin.vault import operations as vault
from antin.vault import queries, suites, words
from antin.vault.models import SealedContent, WordList
from antin.vault.policy import ContentDamaged, NothingToFind
from antin.vault.suites import Tampered
from tests import signatures
from tests.signatures import PIN
from tests.unchanged import refused
from tests.vaults import TITLE, Letter, Vaulted

pytestmark = pytest.mark.django_db
SENTENCE = "Cấp phát trước ngày 15 tháng 12."


@pytest.fixture
def told(house: Vaulted, letter: Letter, at: datetime) -> SealedContent:
    """The letter's body with a sentence in it, and its title as words."""
    common = {"classified_id": letter.classified.pk, "actor": house.plan_officer, "at": at}
    vault.seal(part="title", content=TITLE.encode(), media_type="text/plain", **common)
    inline = [{"type": "text", "text": SENTENCE}]
    body = {"type": "doc", "content": [{"type": "paragraph", "content": inline}]}
    return vault.seal(part="body", content=json.dumps(body).encode(), media_type="application/json", **common)


@pytest.fixture
def find(at: datetime) -> Callable[..., list[tuple[int, list[str], bool]]]:
    def ask(asked: str, actor: Actor, **more: object) -> list[tuple[int, list[str], bool]]:
        given = {"asked": asked, "pin": PIN, "actor": actor, "at": at} | more
        found = vault.search(**given)  # type: ignore[arg-type]
        return [(hit.classified_id, [each.part for each in hit.parts], hit.phrase) for hit in found.hits]

    return ask


def test_words_are_found_without_marks_whole_and_across_parts(
    house: Vaulted, letter: Letter, told: SealedContent, find: Callable[..., object]
) -> None:
    pk, reader = letter.classified.pk, house.plan_officer
    assert find("kế hoạch bảo đảm", reader) == [(pk, ["title"], True)]
    assert find("BAO DAM ke hoach", reader) == [(pk, ["title"], False)]
    assert find("“cấp phát”, 2027", reader) == [(pk, ["body", "title"], False)]
    assert find("15 tháng 12", reader) == [(pk, ["body"], True)]
    for absent in ("hoac", "kế toán", "Tài liệu mật"):
        assert find(absent, reader) == []
    refused(NothingToFind, lambda: find(" “!” ", reader))
    with pytest.raises(WrongPin):
        find("kế hoạch", reader, pin="000000")


def test_only_readers_find_and_the_journal_has_no_word(
    house: Vaulted, letter: Letter, told: SealedContent, find: Callable[..., object], add: Callable[..., object]
) -> None:
    assert find("kế hoạch", house.clerk) == []
    add(letter, house.clerk, house.plan_officer, "clerk")
    assert find("kế hoạch", house.clerk) == [(letter.classified.pk, ["title"], True)]
    vault.remove_reader(
        classified_id=letter.classified.pk,
        person_id=house.clerk.person_id,
        actor=house.plan_officer,
        at=told.sealed_at,
    )
    assert find("kế hoạch", house.clerk) == []
    searched = Record.objects.filter(event="vault.searched").order_by("id")
    assert [each.facts for each in searched] == [
        {"looked": 0, "found": 0},
        {"looked": 1, "found": 1},
        {"looked": 0, "found": 0},
    ]
    assert queries.list_readings(letter.classified.pk) == []
    assert "vault.searched" not in [row.event for row in journal.list_for(("classified", letter.classified.pk))]


def test_what_the_present_key_does_not_open_is_counted_and_not_searched(
    house: Vaulted, letter: Letter, told: SealedContent, at: datetime
) -> None:
    own = certificates.find_encryption_certificate(house.plan_officer.person_id, at)
    assert own is not None
    later = at + timedelta(minutes=1)
    keys.report_lost(certificate_id=own.pk, actor=house.plan_officer, at=at)
    keys.issue_encryption_certificate(pin=PIN, actor=house.plan_officer, at=later)
    found = vault.search(asked="kế hoạch", pin=PIN, actor=house.plan_officer, at=later)
    assert (found.hits, found.looked, found.closed, found.left) == ([], 1, 1, 0)


def test_the_word_list_is_sealed_by_another_key_and_a_changed_one_is_noticed(
    house: Vaulted, letter: Letter, told: SealedContent, find: Callable[..., object]
) -> None:
    kept = WordList.objects.get(file_id=told.file_id)
    folded = words.spaced(SENTENCE).encode()
    assert folded == b" cap phat truoc ngay 15 thang 12 "
    assert folded.strip() not in bytes(kept.sealed)
    content_key = b"\x05" * 32
    sealed = suites.newest().close(folded, words.key_for(content_key))
    with pytest.raises(Tampered):
        suites.newest().open(sealed, content_key)
    kept.sealed = bytes(kept.sealed)[:-1] + bytes([bytes(kept.sealed)[-1] ^ 1])
    kept.save()
    refused(ContentDamaged, lambda: find("cấp phát", house.plan_officer))


def test_a_pdf_is_searched_by_its_text_and_what_has_no_words_has_no_list(
    house: Vaulted, letter: Letter, find: Callable[..., object], at: datetime
) -> None:
    common = {"classified_id": letter.classified.pk, "actor": house.plan_officer, "at": at}
    pages = vault.seal(part="pages", content=signatures.layout().pdf, media_type="application/pdf", **common)
    plain = vault.seal(part="attachment", content=b"\0\1", **common)
    broken = vault.seal(part="attachment", number=1, content=b"%PDF-x", media_type="application/pdf", **common)
    assert set(WordList.objects.values_list("file_id", flat=True)) == {pages.file_id}
    assert plain.file_id != broken.file_id
    assert find("đề nghị các đơn vị báo cáo kết quả", house.plan_officer) == [(letter.classified.pk, ["pages"], True)]
