"""Saving a draft: everything in one transaction and one revision, by one window at a time, and no writing lost."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.models import Document, Making, Recipient
from antin.documents.operations import Addressees, drafting
from antin.journal import queries as journal
from antin.refusal import WrongState
from antin.typeset import body as bodies
from antin.typeset.body import BadBody
from tests import given
from tests.cast import TODAY, Cast, forty
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

OTHER_TEXT = bodies.read("Văn bản thứ hai.")


def revise(cast: Cast, document: Document, at: datetime, revision: int, **changes: Any) -> Making:
    plain = {
        "facts": given.facts(cast),
        "body": given.BODY,
        "uploaded_file": "",
        "actor": cast.plan_officer.actor(),
        "today": TODAY,
    }
    return documents.revise(document_id=document.pk, revision=revision, at=at, **(plain | changes))


def events(document: Document) -> list[str]:
    return [row.event for row in reversed(journal.list_for(("document", document.pk)))]


def test_one_save_keeps_facts_recipients_and_text_in_one_revision(cast: Cast, at: datetime) -> None:
    document = documents.create_draft(
        facts=given.facts(cast), actor=cast.plan_officer.actor(), today=TODAY, at=at, key="w1"
    )
    first, second = forty(cast, count=2)
    making = revise(
        cast,
        document,
        at,
        1,
        facts=given.facts(cast, subject="Bản hai", type_code="BC"),
        addressees=Addressees((second.agency_id, first.agency_id), (cast.recipient_id, first.agency_id)),
    )
    assert making.revision == 2
    kept = queries.get(document.pk)
    assert (kept.subject, kept.notation) == ("Bản hai", "BC-TCZ")
    assert kept.parties == "Trung tâm N2, Trung tâm N1, Trung tâm B1"
    assert [(row.name, row.role) for row in kept.recipients.order_by("position")] == [
        ("Trung tâm N2", "addressed"),
        ("Trung tâm N1", "addressed"),
        ("Trung tâm B1", "copied"),
    ]


def test_recipients_that_stay_are_not_written_again(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    before = list(Recipient.objects.filter(document=document).values())
    revision = queries.making_of(document).revision
    revise(cast, document, at, revision, addressees=Addressees((cast.recipient_id,)))
    assert list(Recipient.objects.filter(document=document).values()) == before


def test_a_save_with_a_wrong_recipient_changes_nothing(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    revision = queries.making_of(document).revision
    for ids in ((cast.agency_id,), (cast.recipient_works_id,)):
        refused(
            drafting.ToItself if ids == (cast.agency_id,) else drafting.NoSuchAgency,
            lambda ids=ids: revise(cast, document, at, revision, body=OTHER_TEXT, addressees=Addressees(ids)),
        )


def test_a_form_begins_one_draft_however_often_it_is_sent(cast: Cast, at: datetime) -> None:
    begin = {"facts": given.facts(cast), "actor": cast.plan_officer.actor(), "today": TODAY, "at": at}
    first = documents.create_draft(key="form-1", **begin)
    assert documents.create_draft(key="form-1", **begin).pk == first.pk
    assert documents.create_draft(key="form-2", **begin).pk != first.pk
    assert documents.create_draft(**begin).pk != documents.create_draft(**begin).pk
    assert events(first) == ["document.drafted"]


def test_the_key_of_anothers_form_begins_nothing_of_his(cast: Cast, at: datetime) -> None:
    begin = {"facts": given.facts(cast), "today": TODAY, "at": at, "key": "form-1"}
    documents.create_draft(actor=cast.plan_officer.actor(), **begin)
    with pytest.raises(IntegrityError, match="begun_in"):
        documents.create_draft(actor=cast.technique_officer.actor(), **begin)


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_begins_one_draft(cast: Cast, at: datetime) -> None:
    begun: list[int] = []
    together = threading.Barrier(2)

    def begin() -> None:
        together.wait()
        document = documents.create_draft(
            facts=given.facts(cast), actor=cast.plan_officer.actor(), today=TODAY, at=at, key="form-1"
        )
        begun.append(document.pk)
        connection.close()

    threads = [threading.Thread(target=begin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == 2
    assert len(set(begun)) == 1
    assert Document.objects.count() == 1


def test_a_window_whose_answer_was_lost_goes_on(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    revision = queries.making_of(document).revision
    revise(cast, document, at, revision, window="w1")
    making = revise(cast, document, at, revision, window="w1", body=OTHER_TEXT)
    assert (making.revision, making.body) == (revision + 2, OTHER_TEXT)


def test_another_window_is_refused_and_then_the_first_one_too(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    revision = queries.making_of(document).revision
    revise(cast, document, at, revision, window="w1")
    no = refused(drafting.EditedElsewhere, lambda: revise(cast, document, at, revision, window="w2"))
    assert no.facts == {"theirs": revision + 1, "yours": revision}
    revise(cast, document, at, revision + 1, window="w2")
    refused(drafting.EditedElsewhere, lambda: revise(cast, document, at, revision + 1, window="w1"))


def test_saves_of_one_window_in_a_row_are_one_entry_of_the_journal(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    before = events(document)
    revision = queries.making_of(document).revision
    for step, window in enumerate(["w1", "w1", "w1", "w2", "w1", ""]):
        revise(cast, document, at, revision + step, window=window)
    assert events(document) == [*before, *["document.revised"] * 4]


def test_the_text_alone_is_kept_while_the_facts_are_refused(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    revision = queries.making_of(document).revision
    before = queries.get(document.pk)
    save = {"document_id": document.pk, "actor": cast.plan_officer.actor(), "at": at + timedelta(minutes=1)}
    making = documents.keep_text(body=OTHER_TEXT, revision=revision, window="w1", **save)
    assert (making.body, making.revision) == (OTHER_TEXT, revision + 1)
    after = queries.get(document.pk)
    assert (after.subject, after.parties, after.changed_at) == (before.subject, before.parties, save["at"])
    refused(
        drafting.EditedElsewhere,
        lambda: documents.keep_text(body=given.BODY, revision=revision, window="w2", **save),
    )
    refused(BadBody, lambda: documents.keep_text(body={"type": "x"}, revision=revision + 1, **save))
    other = save | {"actor": cast.technique_officer.actor()}
    refused(policy.NotTheDrafter, lambda: documents.keep_text(body=None, revision=revision + 1, **other))
    documents.submit(document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    refused(WrongState, lambda: documents.keep_text(body=None, revision=revision + 1, **save))


def test_everything_that_is_missing_is_listed(cast: Cast, at: datetime) -> None:
    bare = documents.create_draft(
        facts=given.facts(cast, signer_post_id=None), actor=cast.plan_officer.actor(), today=TODAY, at=at
    )
    making = queries.making_of(bare)
    assert [no.code for no in policy.list_missing(making, 0)] == ["no_signer", "no_text", "no_recipient"]
    assert [no.code for no in policy.list_missing(making, 1)] == ["no_signer", "no_text"]
    making.uploaded_file = given.PAGE
    assert [no.code for no in policy.list_missing(making, 1)] == ["no_signer"]


@pytest.mark.parametrize("body", [bodies.EMPTY, {"type": "doc", "content": [{"type": "pageBreak"}]}])
def test_an_empty_page_of_the_editor_is_no_text(cast: Cast, at: datetime, body: dict[str, Any]) -> None:
    document = given.a_draft(cast, at)
    revise(cast, document, at, queries.making_of(document).revision, body=body)
    refused(
        policy.NoText,
        lambda: documents.submit(document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at),
    )


def test_what_is_handed_on_is_kept_as_a_version(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at, urgency=2)
    assert queries.find_last_version(document.pk) is None
    documents.submit(document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    version = queries.find_last_version(document.pk)
    assert version is not None
    assert (version.body, version.author) == (given.BODY, "Bùi Ngọc Giang, Trợ lý kế hoạch")
    assert version.facts == {
        "type_code": "CV",
        "issuer": "Tổng cục Z",
        "subject": given.SUBJECT,
        "urgency": 2,
        "circulation": "",
        "reply_by": "",
        "in_reply_to": "",
        "signer": "Nguyễn Văn An",
        "authority": ["TỔNG CỤC TRƯỞNG"],
        "signatories": [],
        "addressed": ["Trung tâm B1"],
        "copied": [],
        "attachments": [],
    }
    documents.withdraw(document_id=document.pk, actor=cast.plan_officer.actor(), at=at)
    documents.submit(document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    assert document.versions.count() == 1


def test_who_sent_lately_is_listed_once_each_the_latest_first(cast: Cast, at: datetime) -> None:
    for number, issuer in enumerate(["Sở A", "Sở B", "Sở A"]):
        given.an_arrival(cast, at + timedelta(minutes=number), key=f"d{number}", issuer_name=issuer)
    assert queries.list_issuers(cast.recipient_id) == ["Sở A", "Sở B"]
    assert queries.list_issuers(cast.agency_id) == []
