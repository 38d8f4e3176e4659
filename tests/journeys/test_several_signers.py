"""A page that takes several hands: initials, the check of format, those who sign together, in turn or in any order, in one file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.models import Document, Signatory
from antin.documents.operations import Hands, signatories
from antin.documents.states import Act, Status
from antin.journal import queries as journal
from antin.journeys import approve_document, fix_page, issue_document, sign_batch, sign_document
from antin.keys import operations as keys
from antin.notices import queries as notices
from antin.people.queries.signing_rights import NotEntitledToSign
from antin.signing import operations as signing
from antin.signing import queries as signatures
from antin.signing.states import ItemState, Kind
from tests import given, paper
from tests.cast import TODAY, Cast, Member
from tests.paper import PIN
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast, at: datetime, own_state: Path) -> Cast:
    paper.give_keys(cast, at)
    for member in (cast.plan_head, cast.office_head):
        keys.issue_person_certificate(person_id=member.person_id, post_id=member.post_id, pin=PIN, actor=None, at=at)
    return cast


def everybody(cast: Cast, **changes: object) -> Hands:
    """The head of the drafting division, the head of the office, the deputy, and the head of the centre for his own agency."""
    chosen = {
        "cosigner_post_ids": (cast.deputy.post_id,),
        "joint_agency_ids": (cast.recipient_id,),
        "initials": True,
        "format_post_id": cast.office_head.post_id,
    }
    return Hands(**(chosen | changes))  # type: ignore[arg-type]


def a_page(cast: Cast, at: datetime, hands: Hands) -> Document:
    document = paper.a_page_to_sign(cast, at, type_code="KH", hands=hands)
    assert queries.making_of(document).fault == ""
    return document


def sign(document: Document, member: Member, at: datetime, *, seen: str = "") -> Document:
    return sign_document.sign_document(
        document_id=document.pk,
        seen_file=seen or queries.get(document.pk).file,
        pin=PIN,
        actor=member.actor(),
        today=TODAY,
        at=at,
    )


def seal(document: Document, member: Member, at: datetime) -> Document:
    return issue_document.seal_document(document_id=document.pk, actor=member.actor(), at=at)


def waiting(document: Document, *members: Member) -> list[bool]:
    """Whether the document waits for each of them."""
    return [document.pk in [row.pk for row in queries.list_waiting(member.actor())] for member in members]


def test_the_hands_of_the_law_sign_one_file_in_its_order(world: Cast, at: datetime) -> None:
    cast = world
    document = a_page(cast, at, everybody(cast))
    assert document.notation == "KH-TCZ-B1"
    assert (document.next_act, document.next_holder) == (Act.INITIAL, f"P{cast.plan_head.post_id}")
    refused(policy.NotTheSigner, partial(sign, document, cast.head, at))
    document = sign(document, cast.plan_head, at)
    assert (document.status, document.next_act) == (Status.ENDORSED, Act.CHECK)
    assert waiting(document, cast.plan_head, cast.office_head, cast.head) == [False, True, False]
    document = sign(document, cast.office_head, at)

    # the competent persons, in any order, each seen by the others as missing
    assert (document.next_act, document.next_holder) == (Act.SIGN, f"P{cast.head.post_id}")
    assert waiting(document, cast.head, cast.deputy, cast.recipient_head) == [True, True, True]
    seen = document.file
    document = sign(document, cast.recipient_head, at)
    assert waiting(document, cast.head, cast.deputy, cast.recipient_head) == [True, True, False]
    document = sign(document, cast.head, at, seen=seen)  # what came in since is a signature of those beside him
    assert (document.status, document.next_holder) == (Status.ENDORSED, f"P{cast.deputy.post_id}")
    refused(policy.NotTheSigner, partial(sign, document, cast.head, at))
    document = sign(document, cast.deputy, at)
    assert (document.status, document.next_act) == (Status.SIGNED, Act.NUMBER)

    issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    seal(document, cast.recipient_clerk, at)
    seal(document, cast.seal_keeper, at)
    document = queries.get(document.pk)
    report = signing.verify(file=document.file, at=at)
    assert (report.verdict, report.replaces_paper, report.reasons) == ("valid", True, ())
    assert [(each.field, each.kind) for each in report.signatures] == [
        ("Initials", Kind.PERSON),
        ("Format", Kind.PERSON),
        ("Cosigner2", Kind.PERSON),
        ("Person", Kind.PERSON),
        ("Cosigner1", Kind.PERSON),
        ("Seal2", Kind.AGENCY),
        ("Agency", Kind.AGENCY),
    ]
    told = [row.event for row in journal.list_for(("document", document.pk))]
    names = ("document.initialled", "document.format_checked", "document.cosigned", "document.signed")
    assert [told.count(each) for each in names] == [1, 1, 2, 1]


def test_in_order_each_waits_for_the_one_before_and_the_signer_is_last(world: Cast, at: datetime) -> None:
    cast = world
    document = a_page(cast, at, everybody(cast, in_order=True, initials=False, format_post_id=None))
    turns = (cast.deputy, cast.recipient_head, cast.head)
    for turn, member in enumerate(turns):
        assert waiting(document, *turns) == [each is member for each in turns]
        if turn < 2:
            refused(policy.NotTheSigner, partial(sign, document, cast.head, at))
        document = sign(document, member, at)
    assert document.status == Status.SIGNED


def test_a_cosigner_who_refuses_sends_it_back_and_the_signatures_made_are_void(world: Cast, at: datetime) -> None:
    cast = world
    document = a_page(cast, at, everybody(cast))
    for member in (cast.plan_head, cast.office_head, cast.head):
        document = sign(document, member, at)
    refused(policy.NotTheSigner, lambda: give_back(document, cast.plan_head, at))
    give_back(document, cast.recipient_head, at)
    whole = queries.get_whole(cast.plan_officer.actor(), document.pk)
    assert whole.document.status == Status.RETURNED
    assert [(each.waiting, each.signed_at) for each in whole.signatories] == [(False, None)] * 5
    assert [(each.kind, each.words) for each in whole.remarks] == [
        ("returned", "Chưa thống nhất kinh phí"),
        ("voided", "Hoàng Gia Đạt (ký nháy nội dung), Lê Thị Chi (kiểm tra thể thức), Nguyễn Văn An (người ký)"),
    ]
    assert notices.list_for(cast.head.actor())[0].kind == "document.signatures_voided"
    assert waiting(document, cast.head, cast.deputy, cast.recipient_head) == [False] * 3

    # handed on again, everybody signs anew
    making = queries.making_of(whole.document)
    facts = given.facts(cast, type_code="KH", hands=everybody(cast, joint_agency_ids=(), cosigner_post_ids=()))
    documents.revise(
        document_id=document.pk,
        facts=facts,
        body=making.body,
        uploaded_file="",
        revision=making.revision,
        actor=cast.plan_officer.actor(),
        today=TODAY,
        at=at,
    )
    documents.submit(document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    approve_document.endorse(document_id=document.pk, actor=cast.plan_head.actor(), today=TODAY, at=at)
    fix_page.fix_page(document_id=document.pk, at=at)
    later = at + timedelta(minutes=5)
    for member in (cast.plan_head, cast.office_head, cast.head):
        document = sign(document, member, later)
    assert document.status == Status.SIGNED


def give_back(document: Document, member: Member, at: datetime) -> None:
    approve_document.return_to_drafter(
        document_id=document.pk, reason="Chưa thống nhất kinh phí", actor=member.actor(), at=at
    )


def test_a_signature_over_a_page_that_somebody_else_has_signed_meanwhile_is_dropped(world: Cast, at: datetime) -> None:
    cast = world
    document = a_page(cast, at, everybody(cast, initials=False, format_post_id=None, joint_agency_ids=()))
    asked = {"document_id": document.pk, "seen_file": document.file, "today": TODAY, "at": at}
    request = sign_document.ask(actor=cast.head.actor(), **asked)
    done = signing.carry_out(request_id=request.pk, pin=PIN, at=at)
    sign(document, cast.deputy, at)
    refused(documents.PageChanged, lambda: sign_document.conclude(document.pk, done, cast.head.actor(), at))
    assert sign(document, cast.head, at).status == Status.SIGNED


def test_a_batch_takes_each_page_for_what_it_waits_for(
    world: Cast, at: datetime, keep_promises: Callable[..., object]
) -> None:
    cast = world
    hands = everybody(cast, initials=False, format_post_id=None, joint_agency_ids=())
    pages = [a_page(cast, at, hands), paper.a_page_to_sign(cast, at)]
    batch = sign_batch.sign_batch(
        seen={each.pk: each.file for each in pages}, pin=PIN, actor=cast.head.actor(), today=TODAY, at=at
    )
    keep_promises(at)
    assert [item.state for item in signatures.list_items(batch.pk)] == [ItemState.DONE] * 2
    assert [queries.get(each.pk).status for each in pages] == [Status.ENDORSED, Status.SIGNED]
    assert waiting(pages[0], cast.head, cast.deputy) == [False, True]


def test_who_may_not_sign_beside_him_is_refused_while_drafting(world: Cast, at: datetime) -> None:
    cast = world

    def draft(hands: Hands) -> None:
        documents.create_draft(
            facts=given.facts(cast, hands=hands), actor=cast.plan_officer.actor(), today=TODAY, at=at
        )

    refused(NotEntitledToSign, lambda: draft(Hands(cosigner_post_ids=(cast.plan_officer.post_id,))))
    refused(signatories.SignsTwice, lambda: draft(Hands(cosigner_post_ids=(cast.head.post_id,))))
    refused(signatories.SignsTwice, lambda: draft(Hands(joint_agency_ids=(cast.agency_id,))))
    refused(signatories.NotOfTheAgency, lambda: draft(Hands(format_post_id=cast.recipient_head.post_id)))
    assert Signatory.objects.count() == 0
