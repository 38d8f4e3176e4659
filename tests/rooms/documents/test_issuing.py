"""From the signature to the moment the document leaves."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.models import Document, Visibility
from antin.documents.operations import approval
from antin.documents.states import Act, Status
from antin.numbering import queries as numbering
from antin.numbering.queries import SeriesKey
from antin.refusal import NotFound, WrongState
from tests import given
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


def test_endorsing_is_the_heads_act_and_hands_on_to_the_signer(cast: Cast, at: datetime) -> None:
    document = given.a_submitted_draft(cast, at)
    refused(
        policy.NotTheReviewer,
        lambda: documents.endorse(
            document_id=document.pk, words="", actor=cast.technique_head.actor(), today=TODAY, at=at
        ),
    )
    documents.endorse(document_id=document.pk, words="Đồng ý", actor=cast.plan_head.actor(), today=TODAY, at=at)
    document = queries.get(document.pk)
    assert (document.status, document.next_act, document.next_holder) == (
        Status.ENDORSED,
        Act.SIGN,
        f"P{cast.head.post_id}",
    )
    whole = queries.get_whole(cast.head.actor(), document.pk)
    assert [(remark.kind, remark.words, remark.author) for remark in whole.remarks] == [
        ("endorsed", "Đồng ý", "Hoàng Gia Đạt, Trưởng phòng Kế hoạch")
    ]


def test_what_is_signed_is_the_page_that_was_seen(cast: Cast, at: datetime) -> None:
    document = given.an_endorsed_document(cast, at)
    making = queries.making_of(document)

    def check(actor: object, seen: str) -> None:
        documents.check_before_signing(document=document, making=making, seen_file=seen, actor=actor, today=TODAY)  # type: ignore[arg-type]

    check(cast.head.actor(), given.PAGE)
    refused(approval.PageChanged, lambda: check(cast.head.actor(), "e" * 64))
    refused(policy.NotTheSigner, lambda: check(cast.deputy.actor(), given.PAGE))


def test_a_page_not_laid_out_yet_cannot_be_signed(cast: Cast, at: datetime) -> None:
    document = given.a_submitted_draft(cast, at)
    documents.endorse(document_id=document.pk, words="", actor=cast.plan_head.actor(), today=TODAY, at=at)
    document = queries.get(document.pk)
    making = queries.making_of(document)
    no = policy.why_not_sign(cast.head.actor(), document, making, queries.list_signatories(document, making))
    assert isinstance(no, policy.PageNotFixed)


def test_a_page_for_an_older_revision_is_dropped(cast: Cast, at: datetime) -> None:
    document = given.a_submitted_draft(cast, at)
    documents.endorse(document_id=document.pk, words="", actor=cast.plan_head.actor(), today=TODAY, at=at)
    revision = queries.making_of(document).revision
    documents.keep_laid_out(document_id=document.pk, revision=revision - 1, file=given.PAGE, pages=1, actor=None, at=at)
    assert queries.making_of(document).laid_out_file == ""
    fixed = {"document_id": document.pk, "revision": revision, "pages": 1, "actor": None, "at": at}
    documents.keep_laid_out(file=given.PAGE, **fixed)
    documents.keep_laid_out(
        file=given.SIGNED, **fixed
    )  # another worker laid it out too: somebody may have seen the first
    assert queries.making_of(document).laid_out_file == given.PAGE


def test_keeping_the_signature_twice_changes_nothing(cast: Cast, at: datetime) -> None:
    document = given.a_signed_document(cast, at)
    again = documents.keep_signed(
        document_id=document.pk, laid_out_file=given.PAGE, signed_file=given.SIGNED, actor=cast.head.actor(), at=at
    )
    assert (again.status, again.next_act) == (Status.SIGNED, Act.NUMBER)
    refused(
        WrongState,
        lambda: documents.keep_signed(
            document_id=document.pk, laid_out_file=given.PAGE, signed_file="f" * 64, actor=cast.head.actor(), at=at
        ),
    )


def test_the_clerk_numbers_from_the_series_of_the_type(cast: Cast, at: datetime) -> None:
    letters = [given.a_numbered_document(cast, at) for _ in range(2)]
    decision = given.a_numbered_document(cast, at, type_code="QĐ")
    assert [document.code for document in (*letters, decision)] == ["01/TCZ-KH", "02/TCZ-KH", "01/QĐ-TCZ"]
    assert letters[0].identifier == "G11.90,2026/11/23,01/TCZ-KH"
    assert letters[0].document_date == TODAY
    assert (letters[0].next_act, letters[0].next_holder) == (Act.SEAL, f"R{cast.agency_id}")


def test_only_the_registry_numbers_and_only_what_is_signed(cast: Cast, at: datetime) -> None:
    endorsed = given.an_endorsed_document(cast, at)
    signed = given.a_signed_document(cast, at)

    def number(document: Document, actor: object) -> None:
        documents.number(document_id=document.pk, actor=actor, today=TODAY, at=at)  # type: ignore[arg-type]

    refused(WrongState, lambda: number(endorsed, cast.clerk.actor()))
    refused(policy.NotTheRegistry, lambda: number(signed, cast.head.actor()))
    refused(policy.NotTheRegistry, lambda: number(signed, cast.recipient_clerk.actor()))
    number(signed, cast.clerk.actor())
    no = refused(policy.AlreadyNumbered, lambda: number(signed, cast.clerk.actor()))
    assert "01/TCZ-KH" in no.message


def test_only_the_keeper_of_the_seal_seals_and_only_what_has_a_number(cast: Cast, at: datetime) -> None:
    signed = given.a_signed_document(cast, at)
    keeper = cast.seal_keeper.actor()
    refused(policy.NotNumbered, lambda: documents.order_seal(document_id=signed.pk, actor=keeper, at=at))
    documents.number(document_id=signed.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    refused(
        policy.NotTheSealKeeper, lambda: documents.order_seal(document_id=signed.pk, actor=cast.clerk.actor(), at=at)
    )
    assert [row.pk for row in queries.list_waiting(keeper)] == [signed.pk]
    assert queries.list_waiting(cast.clerk.actor()) == []
    documents.order_seal(document_id=signed.pk, actor=keeper, at=at)


def test_nothing_leaves_without_signature_number_and_seal(cast: Cast, at: datetime) -> None:
    signed = given.a_signed_document(cast, at)
    refused(policy.NotNumbered, lambda: documents.issue(document_id=signed.pk, actor=None, at=at))
    numbered = given.a_numbered_document(cast, at)
    refused(policy.NotSealed, lambda: documents.issue(document_id=numbered.pk, actor=None, at=at))
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=signed.pk).update(status=Status.ISSUED)


def test_an_issued_document_lies_among_the_outgoing_ones_in_the_order_of_issue(cast: Cast, at: datetime) -> None:
    document = given.an_issued_document(cast, at)
    assert (document.status, document.next_act, document.file) == (Status.ISSUED, "", given.SEALED)
    assert set(Visibility.objects.filter(document=document).values_list("box", flat=True)) == {"out"}
    for member in (cast.plan_officer, cast.plan_head, cast.head, cast.clerk):
        assert [row.pk for row in queries.list_documents(actor=member.actor(), box="out").rows] == [document.pk]
    assert queries.list_documents(actor=cast.technique_officer.actor(), box="out").rows == []
    with pytest.raises(NotFound):
        queries.get_for(cast.recipient_clerk.actor(), document.pk)


def test_a_document_returned_after_numbering_voids_its_number_for_ever(cast: Cast, at: datetime) -> None:
    document = given.a_numbered_document(cast, at)
    documents.return_to_drafter(document_id=document.pk, reason="Sai thể thức", actor=cast.clerk.actor(), at=at)
    document = queries.get(document.pk)
    assert (document.status, document.number, document.code) == (Status.RETURNED, None, "")
    key = SeriesKey(agency_id=cast.agency_id, book="out", year=2026, type_group="CV")
    series = numbering.find_series(key)
    assert series is not None
    assert series.last == 1
    [void] = numbering.list_voided(agency_id=cast.agency_id, year=2026)
    assert (void.value, void.void_reason) == (1, "Sai thể thức")
    assert given.a_numbered_document(cast, at).code == "02/TCZ-KH"
    [proof] = numbering.list_proofs(agency_id=cast.agency_id, year=2026)
    assert (proof.last, proof.kept, proof.voided, proof.whole) == (2, 2, 1, True)


def test_numbers_start_again_with_the_year(cast: Cast, at: datetime) -> None:
    assert given.a_numbered_document(cast, at).code == "01/TCZ-KH"
    assert given.a_numbered_document(cast, at, today=date(2027, 1, 4)).code == "01/TCZ-KH"
