"""What is refused around classified documents, in words and with nothing changed; and how an open draft becomes one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from antin.documents import policy, queries
from antin.documents.models import Document
from antin.documents.operations import Addressees
from antin.files import operations as files
from antin.files import queries as kept
from antin.files.models import File
from antin.journeys import approve_document, draft_document, issue_document, sealing, sign_batch, sign_document
from antin.keys.policy import PinMissing, WrongPin
from antin.people import operations as people
from antin.refusal import NotFound
from antin.vault import policy as vault
from tests import canary, given, papers, secrets
from tests.cast import TODAY, Cast
from tests.paper import PIN
from tests.unchanged import refusal
from tests.vaults import DECISION

pytestmark = pytest.mark.django_db
PLANTED = {"title": "Chim hoàng yến trắng muốt 960163960163", "body": "Chim hoàng yến vàng óng 960263960263"}


@pytest.fixture(autouse=True)
def apart(own_state: Path) -> None:
    """Each in a state folder of its own."""


def test_only_a_reader_opens_it_and_only_with_his_pin(cast: Cast, at: datetime) -> None:
    secrets.give_keys(cast, at)
    document = secrets.a_submitted_draft(cast, at)
    asked: dict[str, Any] = {"document_id": document.pk, "at": at}
    with refusal(PinMissing):
        sealing.open_document(**asked, pin="", actor=cast.plan_head.actor())
    with pytest.raises(WrongPin):
        sealing.open_document(**asked, pin="135790", actor=cast.plan_head.actor())
    with refusal(NotFound):  # not even the masked line
        sealing.open_document(**asked, pin=PIN, actor=cast.technique_head.actor())
    with refusal(NotFound):
        sealing.open_document(**asked, pin=PIN, actor=cast.clerk.actor())
    people.grant_clearance(
        person_id=cast.plan_head.person_id, level="none", until=None, basis=DECISION, actor=None, at=at
    )
    with refusal(NotFound):
        sealing.open_document(**asked, pin=PIN, actor=cast.plan_head.actor())


def test_a_recipient_who_could_not_read_it_is_named_before_anything_leaves(cast: Cast, at: datetime) -> None:
    secrets.give_keys(cast, at)
    document = secrets.a_signed_document(cast, at)
    people.grant_clearance(
        person_id=cast.recipient_clerk.person_id, level="none", until=None, basis=DECISION, actor=None, at=at
    )
    with refusal(sealing.NobodyReads) as no:
        issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    assert "Trung tâm B1" in no.value.message
    fresh = secrets.a_draft(cast, at, window="y" * 32)
    with refusal(sealing.NobodyReads):
        approve_document.submit(document_id=fresh.pk, pin=PIN, actor=cast.plan_officer.actor(), today=TODAY, at=at)


def test_nobody_signs_or_seals_it_in_clear(cast: Cast, at: datetime) -> None:
    secrets.give_keys(cast, at)
    document = secrets.an_endorsed_document(cast, at)
    seen = {"document_id": document.pk, "seen_file": document.file}
    with refusal(PinMissing):
        sign_document.prepare_elsewhere(**seen, actor=cast.head.actor(), today=TODAY, at=at)
    batch = sign_batch.sign_batch(
        seen={document.pk: document.file}, pin=PIN, actor=cast.head.actor(), today=TODAY, at=at
    )
    assert [item.fault for item in batch.items.all()] == [policy.SealedDocument().message]
    with refusal(policy.SealedDocument):
        queries.get_plan_for(cast.head.actor(), document.pk)
    assert queries.list_files(cast.head.actor(), document.pk) == {}


def test_its_level_is_neither_edited_nor_lost_in_a_reply(cast: Cast, at: datetime) -> None:
    secrets.give_keys(cast, at)
    document = secrets.a_draft(cast, at)
    revision = queries.making_of(document).revision
    officer = cast.plan_officer.actor()
    for level in (0, 2):
        with refusal(policy.LevelByDecision):
            lower = secrets.save(cast, revision=revision, facts={"secrecy": level})
            draft_document.save(document_id=document.pk, save=lower, actor=officer, today=TODAY, at=at)
    arrived = given.an_arrival(cast, at, secrecy=1)
    for level in (0, 1):
        reply = secrets.save(
            cast,
            window=f"{level}" * 32,
            facts={"secrecy": level, "in_reply_to_id": arrived.pk, "signer_post_id": cast.recipient_head.post_id},
            addressees=Addressees(addressed=(cast.agency_id,)),
        )
        asked: dict[str, Any] = {"save": reply, "actor": cast.recipient_clerk.actor(), "today": TODAY, "at": at}
        if level:
            assert draft_document.begin(**asked).document.secrecy == 1
            continue
        with refusal(policy.LevelBelowAnswered):
            draft_document.begin(**asked)
    with refusal(vault.NotCleared):
        draft_document.begin(
            save=secrets.save(cast, window="z" * 32, facts={"secrecy": 3}), actor=officer, today=TODAY, at=at
        )


def test_an_open_draft_becomes_a_classified_one_and_leaves_nothing_in_clear(
    cast: Cast, at: datetime, own_state: Path
) -> None:
    secrets.give_keys(cast, at)
    officer = cast.plan_officer.actor()
    uploaded = files.keep(papers.pdf(), at=at).digest
    open_save = secrets.save(
        cast,
        facts={"subject": PLANTED["title"], "secrecy": 0},
        body=secrets.body(PLANTED["body"]),
        uploaded_file=uploaded,
    )
    making = draft_document.begin(save=open_save, actor=officer, today=TODAY, at=at)
    kept.page_image(uploaded, 1, 200)
    sealed_save = secrets.save(
        cast,
        revision=making.revision,
        facts={"subject": PLANTED["title"]},
        body=secrets.body(PLANTED["body"]),
        uploaded_file=uploaded,
    )
    draft_document.save(document_id=making.document_id, save=sealed_save, actor=officer, today=TODAY, at=at)
    document = queries.get(making.document_id)
    assert (document.subject, document.secrecy) == ("Văn bản độ Mật", 1)
    assert not File.objects.filter(pk=uploaded).exists()
    opened = secrets.opened(document, cast.plan_officer, at)
    assert (opened.subject, opened.body) == (PLANTED["title"], secrets.body(PLANTED["body"]))
    assert canary.found_in(PLANTED, [canary.dump()]) == []


def test_a_draft_whose_words_the_journal_has_stays_open(cast: Cast, at: datetime) -> None:
    secrets.give_keys(cast, at)
    document = given.a_submitted_draft(cast, at)
    approve_document.return_to_drafter(document_id=document.pk, reason="Sửa lại", actor=cast.plan_head.actor(), at=at)
    change = secrets.save(cast, revision=queries.making_of(document).revision)
    with refusal(policy.HandedOnInClear):
        draft_document.save(document_id=document.pk, save=change, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    assert Document.objects.get(pk=document.pk).classified_id is None
