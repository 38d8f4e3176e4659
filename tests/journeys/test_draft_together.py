"""Several people at one draft: one holds it, nobody writes over another, and edits made apart are brought together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.models import Document, Edition, Visibility
from antin.documents.operations import Addressees, EditedElsewhere
from antin.documents.policy import HOLD_LAPSES
from antin.journeys import draft_document, draft_together
from antin.journeys.draft_document import Save
from antin.journeys.draft_together import ChoicesMissing
from antin.notices.models import Notice
from antin.opinions import operations as opinions
from antin.opinions.operations import Asked
from antin.refusal import NotAllowed, NotFound, WrongState
from antin.typeset import body as bodies
from antin.typeset.merging import Choice
from tests import given
from tests.cast import TODAY, Cast, Member
from tests.unchanged import refused

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def text(*lines: str) -> dict[str, Any]:
    return {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": x}]} for x in lines]}


def lines(document: Document) -> list[str]:
    return bodies.plain_text(queries.making_of(document).body).splitlines()


class Desk:
    """A draft of three passages that the officer of planning writes with one of technique."""

    def __init__(self, cast: Cast, at: datetime, *, invited: bool = True) -> None:
        self.cast, self.at = cast, at
        self.drafter, self.other = cast.plan_officer, cast.technique_officer
        self.document = given.a_draft(cast, at)
        self.write(self.drafter, "đầu", "một", "hai", "ba", at=at)
        documents.hand_back(document_id=self.pk, actor=self.drafter.actor(), at=at)
        if invited:
            draft_together.invite(document_id=self.pk, post_id=self.other.post_id, actor=self.drafter.actor(), at=at)

    @property
    def pk(self) -> int:
        return self.document.pk

    @property
    def revision(self) -> int:
        return queries.making_of(self.document).revision

    def save(self, window: str, *words: str, revision: int | None = None, **facts: Any) -> Save:
        return Save(
            facts=given.facts(self.cast, **facts),
            body=text(*words),
            uploaded_file="",
            addressees=Addressees((self.cast.recipient_id,), ()),
            revision=self.revision if revision is None else revision,
            window=window,
        )

    def write(self, who: Member, window: str, *words: str, at: datetime, **more: Any) -> None:
        save = self.save(window, *words, **more)
        draft_document.save(document_id=self.pk, save=save, actor=who.actor(), today=TODAY, at=at)

    def merge(self, copy_id: int, who: Member, *choices: tuple[Choice, str], at: datetime, **chosen: Choice) -> None:
        draft_together.merge(
            copy_id=copy_id,
            revision=self.revision,
            choices=choices,
            chosen=chosen,
            actor=who.actor(),
            today=TODAY,
            at=at,
        )


@pytest.fixture
def desk(cast: Cast, at: datetime) -> Desk:
    return Desk(cast, at)


def told(person: Member, kind: str) -> int:
    return Notice.objects.filter(kind=kind, holder__in=person.actor().holders).count()


def test_who_is_invited_writes_and_who_is_not_does_not(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, invited=False)
    refused(policy.NotTheDrafter, lambda: desk.write(desk.other, "w", "x", at=at))
    draft_together.invite(document_id=desk.pk, post_id=desk.other.post_id, actor=desk.drafter.actor(), at=at)
    assert told(desk.other, "draft.invited") == 1
    assert Visibility.objects.get(document=desk.document, holder=f"P{desk.other.post_id}").reason == "co_drafter"
    desk.write(desk.other, "w", "một", "của người cùng soạn", at=at + MINUTE)
    assert lines(desk.document) == ["một", "của người cùng soạn"]
    # whom it goes to, when it is handed on, with whom: the drafter's alone
    given_on: dict[str, Any] = {"document_id": desk.pk, "actor": desk.other.actor(), "at": at + MINUTE}
    refused(policy.NotTheDrafter, lambda: documents.submit(today=TODAY, **given_on))
    refused(policy.NotTheDrafter, lambda: documents.abandon(**given_on))
    refused(policy.NotTheDrafter, lambda: draft_together.invite(post_id=cast.clerk.post_id, **given_on))
    refused(policy.NotTheDrafter, lambda: draft_together.end(post_id=desk.other.post_id, **given_on))
    draft_together.end(document_id=desk.pk, post_id=desk.other.post_id, actor=desk.drafter.actor(), at=at + MINUTE)
    refused(policy.NotTheDrafter, lambda: desk.write(desk.other, "w", "x", at=at + MINUTE))
    desk.write(desk.drafter, "v", "một", at=at + MINUTE)  # his hold ended with his right
    draft_together.invite(document_id=desk.pk, post_id=desk.other.post_id, actor=desk.drafter.actor(), at=at + MINUTE)
    assert [row.post_id for row in queries.list_co_drafters(desk.pk)] == [desk.other.post_id]


def test_of_elsewhere_only_who_was_asked_is_invited(cast: Cast, at: datetime) -> None:
    desk = Desk(cast, at, invited=False)
    works: dict[str, Any] = {"document_id": desk.pk, "actor": desk.drafter.actor(), "at": at}
    invited: dict[str, Any] = works | {"post_id": cast.recipient_head.post_id}
    refused(policy.CannotCoDraft, lambda: draft_together.invite(**invited))
    refused(policy.CannotCoDraft, lambda: draft_together.invite(**works, post_id=cast.administrator.post_id))
    refused(policy.CannotCoDraft, lambda: draft_together.invite(**works, post_id=desk.drafter.post_id))
    opinions.ask(asked=[Asked(unit_id=cast.recipient_id)], days=3, **works)
    draft_together.invite(**invited)
    desk.write(cast.recipient_head, "w", "một", "từ cơ quan khác", at=at + MINUTE)
    assert queries.get(desk.pk).agency_id == cast.agency_id
    assert queries.get(desk.pk).notation == desk.document.notation


def test_whoever_writes_holds_it_until_he_is_quiet(desk: Desk, cast: Cast, at: datetime) -> None:
    desk.write(desk.other, "b", "một", "hai!", "ba", at=at)
    no = refused(policy.HeldByAnother, lambda: desk.write(desk.drafter, "a", "x", at=at + MINUTE))
    assert no.facts["name"].startswith(desk.other.name)
    by: dict[str, Any] = {"document_id": desk.pk, "actor": desk.drafter.actor()}
    soon = at + MINUTE
    refused(policy.HeldByAnother, lambda: documents.submit(today=TODAY, at=soon, **by))
    refused(
        policy.HeldByAnother,
        lambda: documents.add_attachment(name="a", file="d" * 64, size=1, media_type="a/b", at=soon, **by),
    )
    desk.write(desk.other, "b", "một", "hai!!", "ba", at=at + 10 * MINUTE)  # writing goes on holding
    refused(policy.HeldByAnother, lambda: desk.write(desk.drafter, "a", "x", at=at + HOLD_LAPSES + MINUTE))
    desk.write(desk.drafter, "a", "một", "ba", at=at + 10 * MINUTE + HOLD_LAPSES)
    hold = queries.find_hold(desk.pk)
    assert hold is not None
    assert (hold.person_id, hold.since) == (desk.drafter.person_id, at + 10 * MINUTE + HOLD_LAPSES)
    documents.submit(today=TODAY, at=at + 12 * MINUTE + HOLD_LAPSES, **by)
    assert queries.find_hold(desk.pk) is None


def test_it_is_asked_for_handed_back_and_taken_over(desk: Desk, cast: Cast, at: datetime) -> None:
    by: dict[str, Any] = {"document_id": desk.pk, "actor": desk.drafter.actor(), "at": at + MINUTE}
    refused(policy.NotHeld, lambda: draft_together.ask_for(**by))
    desk.write(desk.other, "b", "một", at=at)
    refused(policy.HeldBySelf, lambda: draft_together.ask_for(**by | {"actor": desk.other.actor()}))
    refused(NotFound, lambda: draft_together.ask_for(**by | {"actor": cast.recipient_clerk.actor()}))
    draft_together.ask_for(**by)
    assert told(desk.other, "draft.asked_for") == 1
    draft_together.hand_back(**by)  # not his to hand back: nothing happens
    assert queries.find_hold(desk.pk) is not None
    draft_together.hand_back(**by | {"actor": desk.other.actor()})
    assert queries.find_hold(desk.pk) is None
    assert told(desk.drafter, "draft.handed_back") == 1
    desk.write(desk.other, "b", "một", "hai", at=at + MINUTE)
    draft_together.take_over(**by)
    assert told(desk.other, "draft.taken_over") == 1
    refused(policy.HeldByAnother, lambda: desk.write(desk.other, "b", "x", at=at + 2 * MINUTE))


def test_a_late_save_is_kept_and_comes_together(desk: Desk, at: datetime) -> None:
    opened = desk.revision
    desk.write(desk.other, "b", "một", "hai của B", "ba", at=at)
    later = at + HOLD_LAPSES
    late = desk.save("a", "một của A", "hai của A", "ba", "bốn", revision=opened, urgency=2)
    by: dict[str, Any] = {"document_id": desk.pk, "actor": desk.drafter.actor()}
    refused(EditedElsewhere, lambda: draft_document.save(save=late, today=TODAY, at=later, **by))
    copy = draft_together.keep_late(save=late, at=later, **by)
    assert draft_together.keep_late(save=late, at=later, **by).pk == copy.pk  # sent again, it is the same
    met = draft_together.meet(copy.pk, desk.drafter.actor())
    assert len(met.text.clashes) == 1
    assert (met.brought, met.clashes) == (["urgency"], [])
    refused(ChoicesMissing, lambda: desk.merge(copy.pk, desk.drafter, at=later))
    refused(NotFound, lambda: desk.merge(copy.pk, desk.other, (Choice.MINE, ""), at=later))
    desk.merge(copy.pk, desk.drafter, (Choice.BOTH, ""), at=later)
    assert lines(desk.document) == ["một của A", "hai của A", "hai của B", "ba", "bốn"]
    assert queries.get(desk.pk).urgency == 2
    before = Edition.objects.filter(document=desk.document).order_by("-revision").first()
    assert before is not None
    assert bodies.plain_text(before.body).splitlines() == ["một", "hai của B", "ba"]
    assert before.by.startswith(desk.other.name)
    refused(policy.CopyEnded, lambda: desk.merge(copy.pk, desk.drafter, (Choice.BOTH, ""), at=later))
    draft_together.bring_back(
        document_id=desk.pk,
        edition=before.revision,
        revision=desk.revision,
        actor=desk.drafter.actor(),
        today=TODAY,
        at=later,
    )
    assert lines(desk.document) == ["một", "hai của B", "ba"]
    assert queries.list_editions(desk.pk)[0].revision == desk.revision - 1


def test_facts_that_both_decided_are_chosen(desk: Desk, at: datetime) -> None:
    opened = desk.revision
    desk.write(desk.drafter, "a", "một", "hai", "ba", at=at, subject="Của cửa sổ một")
    late = desk.save("b", "một", "hai", "ba", revision=opened, subject="Của cửa sổ hai", urgency=1)
    by: dict[str, Any] = {"document_id": desk.pk, "actor": desk.drafter.actor(), "at": at}
    copy = draft_together.keep_late(save=late, **by)  # two windows of one person are the same story
    (clash,) = draft_together.meet(copy.pk, desk.drafter.actor()).clashes
    assert (clash.name, clash.base, clash.mine, clash.theirs) == (
        "subject",
        given.SUBJECT,
        "Của cửa sổ hai",
        "Của cửa sổ một",
    )
    refused(ChoicesMissing, lambda: desk.merge(copy.pk, desk.drafter, at=at))
    desk.merge(copy.pk, desk.drafter, at=at, subject=Choice.MINE)
    document = queries.get(desk.pk)
    assert (document.subject, document.urgency) == ("Của cửa sổ hai", 1)
    assert lines(document) == ["một", "hai", "ba"]


def test_an_edit_of_ones_own_is_handed_to_who_holds_the_draft(desk: Desk, cast: Cast, at: datetime) -> None:
    desk.write(desk.drafter, "a", "một", "hai", "ba", at=at)
    own = draft_together.keep_apart(document_id=desk.pk, window="own-1", actor=desk.other.actor(), at=at)
    wrote: dict[str, Any] = {"copy_id": own.pk, "actor": desk.other.actor(), "at": at + MINUTE}
    draft_together.write_own(subject=given.SUBJECT, body=text("một", "hai", "ba", "bốn"), edits=1, **wrote)
    refused(
        EditedElsewhere,
        lambda: draft_together.write_own(subject=given.SUBJECT, body=text("x"), edits=1, **wrote),
    )
    refused(
        NotFound,
        lambda: draft_together.write_own(
            subject="x", body=None, edits=2, copy_id=own.pk, actor=desk.drafter.actor(), at=at
        ),
    )
    refused(policy.HeldByAnother, lambda: desk.merge(own.pk, desk.other, at=at + MINUTE))
    refused(NotFound, lambda: draft_together.meet(own.pk, desk.drafter.actor()))
    draft_together.give_back(**wrote)
    assert told(desk.drafter, "draft.copy_returned") == 1
    desk.write(desk.drafter, "a", "không", "hai", "ba", at=at + MINUTE)
    desk.merge(own.pk, desk.drafter, at=at + 2 * MINUTE)
    assert lines(desk.document) == ["không", "hai", "ba", "bốn"]
    assert told(desk.other, "draft.merged") == 1
    second = draft_together.keep_apart(document_id=desk.pk, window="own-2", actor=desk.other.actor(), at=at)
    refused(NotFound, lambda: draft_together.let_be(copy_id=second.pk, actor=desk.drafter.actor(), at=at))
    draft_together.let_be(copy_id=second.pk, actor=desk.other.actor(), at=at)
    assert queries.list_own_copies(desk.other.actor(), desk.pk) == []


def test_too_many_edits_apart_and_one_of_a_draft_that_went_on(desk: Desk, at: datetime) -> None:
    by: dict[str, Any] = {"document_id": desk.pk, "actor": desk.other.actor(), "at": at}
    copies = [draft_together.keep_apart(window=f"own-{n}", **by) for n in range(10)]
    refused(policy.TooManyCopies, lambda: draft_together.keep_apart(window="own-10", **by))
    desk.write(desk.drafter, "a", "một", at=at)
    documents.submit(document_id=desk.pk, actor=desk.drafter.actor(), today=TODAY, at=at)
    refused(policy.NotTheDrafter, lambda: desk.merge(copies[0].pk, desk.other, at=at))
    refused(WrongState, lambda: draft_together.take_over(document_id=desk.pk, actor=desk.drafter.actor(), at=at))


def test_states_are_kept_now_and_then_and_not_without_end(desk: Desk, at: datetime) -> None:
    kept = Edition.objects.filter(document=desk.document)
    kept.delete()
    for minute in range(12):
        desk.write(desk.drafter, "a", "một", str(minute), at=at + minute * MINUTE)
    assert kept.count() == 3  # before the first, and every five minutes of writing
    for n in range(70):
        desk.write(desk.drafter, f"w{n}", "một", str(n), at=at + 12 * MINUTE)
    assert kept.count() == 60


def test_a_draft_written_with_others_does_not_become_classified(desk: Desk, at: datetime) -> None:
    no = policy.why_not_classify(desk.drafter.actor(), desk.document, queries.making_of(desk.document), 0)
    assert isinstance(no, policy.HandedOnInClear)
    assert isinstance(
        policy.why_not_classify(desk.other.actor(), desk.document, queries.making_of(desk.document), 0),
        NotAllowed,
    )
