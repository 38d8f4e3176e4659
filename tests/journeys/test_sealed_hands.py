"""A classified page that takes several hands: each opens it by his own PIN and signs in memory, in the order of the law."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from antin.documents import policy, queries
from antin.documents.models import Document
from antin.documents.operations import Hands
from antin.documents.states import Act, Status
from antin.files.models import File
from antin.journeys import approve_document, issue_document, sign_document
from antin.people import operations as people
from antin.signing import operations as signing
from antin.vault import policy as vault
from tests import secrets
from tests.cast import TODAY, Cast, Member
from tests.secrets import PIN
from tests.unchanged import refusal, refused
from tests.vaults import DECISION

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast: Cast, at: datetime, own_state: Path) -> Cast:
    secrets.give_keys(cast, at)
    return cast


def everybody(cast: Cast, **changes: object) -> Hands:
    chosen = {
        "cosigner_post_ids": (cast.deputy.post_id,),
        "joint_agency_ids": (cast.recipient_id,),
        "initials": True,
        "format_post_id": cast.office_head.post_id,
    }
    return Hands(**(chosen | changes))  # type: ignore[arg-type]


def a_page(cast: Cast, at: datetime, hands: Hands) -> Document:
    return secrets.an_endorsed_document(cast, at, facts={"type_code": "KH", "hands": hands})


def sign(document: Document, member: Member, at: datetime, *, seen: str = "") -> Document:
    return sign_document.sign_document(
        document_id=document.pk,
        seen_file=seen or queries.get(document.pk).file,
        pin=PIN,
        actor=member.actor(),
        today=TODAY,
        at=at,
    )


def test_the_hands_of_the_law_sign_one_sealed_page_in_its_order(world: Cast, at: datetime) -> None:
    cast = world
    document = a_page(cast, at, everybody(cast))
    assert (document.next_act, document.next_holder) == (Act.INITIAL, f"P{cast.plan_head.post_id}")
    refused(policy.NotTheSigner, partial(sign, document, cast.head, at))
    document = sign(document, cast.plan_head, at)
    assert (document.status, document.next_act) == (Status.ENDORSED, Act.CHECK)
    document = sign(document, cast.office_head, at)
    assert document.next_act == Act.SIGN

    # Who signs for the other agency reads it by his own key; those beside him sign what came in since they looked.
    seen = document.file
    assert secrets.opened(document, cast.recipient_head, at).seen == seen
    document = sign(document, cast.recipient_head, at)
    document = sign(document, cast.head, at, seen=seen)
    document = sign(document, cast.deputy, at)
    assert (document.status, document.next_act) == (Status.SIGNED, Act.NUMBER)

    issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    for member in (cast.recipient_clerk, cast.seal_keeper):  # the clerks of both became readers when it was signed
        issue_document.seal_document(document_id=document.pk, pin=PIN, actor=member.actor(), at=at)
    document = queries.get(document.pk)
    paper = secrets.opened(document, cast.head, at)
    report = signing.examine(content=paper.pdf, at=at)
    assert (report.verdict, report.replaces_paper, report.reasons) == ("valid", True, ())
    assert [each.field for each in report.signatures] == [
        "Initials",
        "Format",
        "Cosigner2",
        "Person",
        "Cosigner1",
        "Seal2",
        "Agency",
    ]
    assert "application/pdf" not in File.objects.values_list("media_type", flat=True)


def test_in_order_each_waits_for_the_one_before(world: Cast, at: datetime) -> None:
    cast = world
    document = a_page(cast, at, everybody(cast, in_order=True, initials=False, format_post_id=None))
    refused(policy.NotTheSigner, partial(sign, document, cast.head, at))
    refused(policy.NotTheSigner, partial(sign, document, cast.recipient_head, at))
    for member in (cast.deputy, cast.recipient_head, cast.head):
        document = sign(document, member, at)
    assert document.status == Status.SIGNED


def test_whoever_of_them_could_not_open_it_is_named_before_it_is_handed_on(world: Cast, at: datetime) -> None:
    cast = world
    document = secrets.a_draft(cast, at, facts={"type_code": "KH", "hands": everybody(cast)})
    people.grant_clearance(
        person_id=cast.office_head.person_id, level="none", until=None, basis=DECISION, actor=None, at=at
    )
    with refusal(vault.ReaderNotCleared) as no:
        approve_document.submit(document_id=document.pk, pin=PIN, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    assert "Lê Thị Chi" in no.value.message
