"""Drafting: what may be written down, by whom, and what is refused with nothing changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.operations import approval, drafting
from antin.documents.states import Act, Status
from antin.documents.types import TYPES
from antin.people import operations as people
from antin.people.queries import DelegationExpired, NotEntitledToSign
from antin.refusal import NotFound, Refusal, WrongState
from antin.typeset.body import BadBody
from tests import given
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("type_code", sorted(TYPES))
def test_any_of_the_29_types_can_be_drafted_with_its_notation(cast: Cast, at: datetime, type_code: str) -> None:
    document = documents.create_draft(
        facts=given.facts(cast, type_code=type_code), actor=cast.plan_officer.actor(), today=TODAY, at=at
    )
    abbreviation = TYPES[type_code].abbreviation
    assert document.notation == (f"{abbreviation}-TCZ" if abbreviation else "TCZ-KH")
    assert (document.status, document.next_act, document.next_holder) == (
        Status.DRAFTED,
        Act.FINISH_DRAFT,
        f"P{cast.plan_officer.post_id}",
    )


def test_a_draft_is_seen_by_its_drafter_alone(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    assert queries.get_for(cast.plan_officer.actor(), document.pk) == document
    for other in (
        cast.plan_head,
        cast.head,
        cast.clerk,
        cast.technique_officer,
        cast.administrator,
        cast.recipient_clerk,
    ):
        with pytest.raises(NotFound):
            queries.get_for(other.actor(), document.pk)


def test_names_and_subjects_are_kept_composed_on_one_line(cast: Cast, at: datetime) -> None:
    decomposed = "Ba\u0301o ca\u0301o\n  thu\u031bo\u031b\u0300ng ky\u0300"
    document = documents.create_draft(
        facts=given.facts(cast, subject=decomposed), actor=cast.plan_officer.actor(), today=TODAY, at=at
    )
    assert document.subject == "Báo cáo thường kỳ"


def test_a_subject_of_5000_characters_is_refused_with_its_length(cast: Cast, at: datetime) -> None:
    no = refused(
        drafting.SubjectTooLong,
        lambda: documents.create_draft(
            facts=given.facts(cast, subject="x" * 5000), actor=cast.plan_officer.actor(), today=TODAY, at=at
        ),
    )
    assert no.facts == {"length": 5000, "limit": 500}
    assert "5000 ký tự" in no.message


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"subject": " \u200b "}, drafting.SubjectMissing),
        ({"type_code": "XX"}, drafting.UnknownType),
        ({"secrecy": 1}, policy.ClassifiedElsewhere),
        ({"secrecy": 3}, policy.ClassifiedElsewhere),
        ({"reply_by": date(2026, 11, 22)}, drafting.ReplyTooEarly),
        ({"in_reply_to_id": 987654}, NotFound),
    ],
)
def test_a_draft_that_cannot_be_is_refused(
    cast: Cast, at: datetime, changes: dict[str, Any], kind: type[Refusal]
) -> None:
    refused(
        kind,
        lambda: documents.create_draft(
            facts=given.facts(cast, **changes), actor=cast.plan_officer.actor(), today=TODAY, at=at
        ),
    )


def test_classified_drafts_are_refused_with_the_legal_reason(cast: Cast, at: datetime) -> None:
    no = refused(
        policy.ClassifiedElsewhere,
        lambda: documents.create_draft(
            facts=given.facts(cast, secrecy=2), actor=cast.plan_officer.actor(), today=TODAY, at=at
        ),
    )
    assert "28/2018/QĐ-TTg" in no.message


def test_a_post_without_the_right_to_sign_cannot_be_chosen(cast: Cast, at: datetime) -> None:
    refused(
        NotEntitledToSign,
        lambda: documents.create_draft(
            facts=given.facts(cast, signer_post_id=cast.technique_officer.post_id),
            actor=cast.plan_officer.actor(),
            today=TODAY,
            at=at,
        ),
    )


def test_the_authority_line_is_worked_out_from_the_post(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at, signer_post_id=cast.deputy.post_id)
    making = queries.making_of(document)
    assert (making.authority_form, making.authority_lines) == ("KT.", ["KT. TỔNG CỤC TRƯỞNG", "PHÓ TỔNG CỤC TRƯỞNG"])


def test_a_delegation_that_ended_since_stops_the_submission(cast: Cast, at: datetime) -> None:
    people.delegate(
        from_post_id=cast.head.post_id,
        to_post_id=cast.office_head.post_id,
        form="TL.",
        type_codes=["CV"],
        since=date(2026, 11, 1),
        until=date(2026, 11, 24),
        basis="Quyết định 12/QĐ-TCZ",
        actor=cast.administrator.actor(),
        at=at,
    )
    document = given.a_draft(cast, at, signer_post_id=cast.office_head.post_id)
    assert queries.making_of(document).authority_lines == ["TL. TỔNG CỤC TRƯỞNG", "CHÁNH VĂN PHÒNG"]
    later = date(2026, 11, 25)
    no = refused(
        DelegationExpired,
        lambda: documents.submit(
            document_id=document.pk, actor=cast.plan_officer.actor(), today=later, at=at + timedelta(days=2)
        ),
    )
    assert no.code == "delegation_expired"


def test_two_windows_never_overwrite_each_other(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    revision = queries.making_of(document).revision
    save = {"document_id": document.pk, "body": given.BODY, "uploaded_file": "", "today": TODAY, "at": at}
    actor = cast.plan_officer.actor()
    documents.revise(facts=given.facts(cast, subject="Bản một"), revision=revision, actor=actor, **save)
    no = refused(
        drafting.EditedElsewhere,
        lambda: documents.revise(facts=given.facts(cast, subject="Bản hai"), revision=revision, actor=actor, **save),
    )
    assert no.facts == {"theirs": revision + 1, "yours": revision}
    assert queries.get(document.pk).subject == "Bản một"


def test_only_the_drafter_revises_and_only_a_draft(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    revision = queries.making_of(document).revision

    def revise(actor: Any) -> None:
        documents.revise(
            document_id=document.pk,
            facts=given.facts(cast),
            body=given.BODY,
            uploaded_file="",
            revision=revision,
            actor=actor,
            today=TODAY,
            at=at,
        )

    refused(policy.NotTheDrafter, lambda: revise(cast.technique_officer.actor()))
    documents.submit(document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    refused(WrongState, lambda: revise(cast.plan_officer.actor()))


def test_recipients_must_be_open_agencies_and_not_oneself(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)

    def address(ids: list[int]) -> None:
        documents.set_recipients(
            document_id=document.pk, addressed=ids, copied=[], actor=cast.plan_officer.actor(), today=TODAY, at=at
        )

    assert "Ban Nghiệp vụ" in refused(drafting.NoSuchAgency, lambda: address([cast.recipient_works_id])).message
    refused(drafting.NoSuchAgency, lambda: address([123456]))
    refused(drafting.ToItself, lambda: address([cast.agency_id]))
    people.close_unit(unit_id=cast.recipient_works_id, actor=None, at=at)
    people.close_unit(unit_id=cast.recipient_study_id, actor=None, at=at)
    people.close_unit(unit_id=cast.recipient_id, actor=None, at=at)
    later = date(2026, 11, 24)
    with pytest.raises(drafting.NoSuchAgency):
        documents.set_recipients(
            document_id=document.pk,
            addressed=[cast.recipient_id],
            copied=[],
            actor=cast.plan_officer.actor(),
            today=later,
            at=at + timedelta(days=1),
        )


def test_a_draft_lacking_signer_text_or_recipient_is_not_submitted(cast: Cast, at: datetime) -> None:
    actor = cast.plan_officer.actor()
    bare = documents.create_draft(facts=given.facts(cast, signer_post_id=None), actor=actor, today=TODAY, at=at)
    submit = {"document_id": bare.pk, "actor": actor, "today": TODAY, "at": at}
    refused(policy.NoSigner, lambda: documents.submit(**submit))
    documents.revise(
        document_id=bare.pk,
        facts=given.facts(cast),
        body=None,
        uploaded_file="",
        revision=1,
        actor=actor,
        today=TODAY,
        at=at,
    )
    refused(policy.NoText, lambda: documents.submit(**submit))
    documents.revise(
        document_id=bare.pk,
        facts=given.facts(cast),
        body=given.BODY,
        uploaded_file="",
        revision=2,
        actor=actor,
        today=TODAY,
        at=at,
    )
    refused(policy.NoRecipient, lambda: documents.submit(**submit))


def test_a_hostile_body_is_refused_with_its_place(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    revision = queries.making_of(document).revision
    no = refused(
        BadBody,
        lambda: documents.revise(
            document_id=document.pk,
            facts=given.facts(cast),
            body={"type": "doc", "content": [{"type": "script", "content": []}]},
            uploaded_file="",
            revision=revision,
            actor=cast.plan_officer.actor(),
            today=TODAY,
            at=at,
        ),
    )
    assert no.code == "bad_body"


def test_a_submitted_draft_waits_for_the_head_of_the_unit(cast: Cast, at: datetime) -> None:
    document = given.a_submitted_draft(cast, at)
    assert (document.status, document.next_act, document.next_holder) == (
        Status.SUBMITTED,
        Act.REVIEW,
        f"P{cast.plan_head.post_id}",
    )
    assert queries.get_for(cast.plan_head.actor(), document.pk) == document
    assert [row.pk for row in queries.list_waiting(cast.plan_head.actor())] == [document.pk]
    assert queries.count_waiting(cast.plan_head.actor()) == {"review": 1}
    documents.withdraw(document_id=document.pk, actor=cast.plan_officer.actor(), at=at)
    assert queries.get(document.pk).status == Status.DRAFTED
    assert queries.list_waiting(cast.plan_head.actor()) == []


def test_a_draft_of_the_units_own_head_goes_straight_to_the_signer(cast: Cast, at: datetime) -> None:
    actor = cast.plan_head.actor()
    document = documents.create_draft(facts=given.facts(cast), actor=actor, today=TODAY, at=at)
    documents.set_recipients(
        document_id=document.pk, addressed=[cast.recipient_id], copied=[], actor=actor, today=TODAY, at=at
    )
    documents.revise(
        document_id=document.pk,
        facts=given.facts(cast),
        body=given.BODY,
        uploaded_file="",
        revision=2,
        actor=actor,
        today=TODAY,
        at=at,
    )
    documents.submit(document_id=document.pk, actor=actor, today=TODAY, at=at)
    document = queries.get(document.pk)
    assert (document.status, document.next_act, document.next_holder) == (
        Status.ENDORSED,
        Act.SIGN,
        f"P{cast.head.post_id}",
    )


def test_returning_needs_a_reason_and_hands_the_draft_back(cast: Cast, at: datetime) -> None:
    document = given.a_submitted_draft(cast, at)
    head = cast.plan_head.actor()
    refused(
        approval.ReasonMissing,
        lambda: documents.return_to_drafter(document_id=document.pk, reason=" ", actor=head, at=at),
    )
    refused(
        policy.NotTheReviewer,
        lambda: documents.return_to_drafter(document_id=document.pk, reason="x", actor=cast.head.actor(), at=at),
    )
    documents.return_to_drafter(document_id=document.pk, reason="Thiếu phụ lục", actor=head, at=at)
    document = queries.get(document.pk)
    making = queries.making_of(document)
    assert (document.status, document.next_holder) == (Status.RETURNED, f"P{cast.plan_officer.post_id}")
    assert (making.return_reason, making.returned_by) == ("Thiếu phụ lục", "Hoàng Gia Đạt, Trưởng phòng Kế hoạch")
    documents.submit(document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    assert queries.get(document.pk).status == Status.SUBMITTED


def test_an_abandoned_draft_stays_readable_and_waits_for_nobody(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    refused(
        policy.NotTheDrafter,
        lambda: documents.abandon(document_id=document.pk, actor=cast.plan_head.actor(), at=at),
    )
    documents.abandon(document_id=document.pk, actor=cast.plan_officer.actor(), at=at)
    document = queries.get_for(cast.plan_officer.actor(), document.pk)
    assert (document.status, document.next_act) == (Status.ABANDONED, "")


def test_attachments_come_and_go_with_the_draft(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    actor = cast.plan_officer.actor()
    first = documents.add_attachment(
        document_id=document.pk,
        name="Phụ lục I.pdf",
        file="d" * 64,
        size=10,
        media_type="application/pdf",
        actor=actor,
        at=at,
    )
    assert (first.position, queries.get(document.pk).attachment_count) == (1, 1)
    refused(
        NotFound,
        lambda: documents.remove_attachment(document_id=document.pk, attachment_id=first.pk + 1, actor=actor, at=at),
    )
    documents.remove_attachment(document_id=document.pk, attachment_id=first.pk, actor=actor, at=at)
    assert queries.get(document.pk).attachment_count == 0
