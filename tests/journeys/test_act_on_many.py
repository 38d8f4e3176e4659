"""One act on many: a result for each, in order, halted and gone on with, never done twice, rights looked up at every run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from antin.batches import operations as batches
from antin.batches import queries as begun
from antin.batches.models import ActBatch
from antin.batches.policy import BatchOver, BatchUnderWay, NothingPicked, TooManyPicked
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.states import Act, Status
from antin.journal.models import Record
from antin.journeys import act_on_many
from antin.journeys.act_on_many import ActUnknown
from antin.people import operations as people
from antin.people.models import Appointment
from antin.refusal import NotFound
from antin.tasks import queries as tasks
from tests import given
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Keep = Callable[..., object]


def arrivals(cast: Cast, at: datetime, count: int) -> list[Document]:
    return [
        given.an_arrival(cast, at, key=f"delivery:{n}", code=f"{n}/TCZ-KH", identifier=f"G11.90,2026/11/23,{n}/TCZ-KH")
        for n in range(1, count + 1)
    ]


def begin(cast: Cast, at: datetime, act: str, documents: list[Document], **more: object) -> ActBatch:
    told = {"answers": {}, "actor": cast.recipient_clerk.actor()} | more
    return act_on_many.begin(act=act, ids=[each.pk for each in documents], at=at, **told)  # type: ignore[arg-type]


def came(batch: ActBatch) -> list[tuple[str, str, str]]:
    return [(each.status, each.code, each.words) for each in begun.list_items(batch.pk)]


def test_many_are_registered_in_the_order_they_were_chosen(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    first, second, third = arrivals(cast, at, 3)
    batch = begin(cast, at, "register", [third, first, second], answers={"present_to": cast.recipient_deputy.post_id})
    assert came(batch) == [("waiting", "", "")] * 3
    keep_promises(at)
    assert came(batch) == [("done", "", "1"), ("done", "", "2"), ("done", "", "3")]
    assert [queries.get(each.pk).arrival_number for each in (third, first, second)] == [1, 2, 3]
    assert queries.get(first.pk).next_holder == f"P{cast.recipient_deputy.post_id}"
    assert begun.get(batch.pk).ended_at == at
    told = Record.objects.filter(subject_kind="acts", subject_id=batch.pk).order_by("id")
    assert [each.event for each in told] == ["acts.begun", "acts.ended"]
    assert (told[1].facts["done"], told[1].facts["failed"]) == (3, 0)


def test_what_refuses_is_named_and_the_others_go_on(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    first, twin, third = arrivals(cast, at, 3)
    Document.objects.filter(pk=twin.pk).update(identifier=first.identifier)
    batch = begin(cast, at, "register", [first, twin, third])
    keep_promises(at)
    assert [(status, code) for status, code, _words in came(batch)] == [
        ("done", ""),
        ("failed", "duplicate_arrival"),
        ("done", ""),
    ]
    assert came(batch)[1][2].startswith("Trùng văn bản đã nhận: 1/TCZ-KH")
    assert queries.get(twin.pk).arrival_number is None

    Document.objects.filter(pk=twin.pk).update(identifier="")
    batches.go_on(batch_id=batch.pk, actor=cast.recipient_clerk.actor(), at=at)
    keep_promises(at)
    assert came(batch) == [("done", "", "1"), ("done", "", "3"), ("done", "", "2")]
    assert begun.count_items(batch.pk) == {"done": 3}


def test_a_halted_batch_goes_on_and_does_nothing_twice(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    documents = arrivals(cast, at, 3)
    actor = cast.recipient_clerk.actor()
    batch = begin(cast, at, "register", documents)
    refused(BatchUnderWay, lambda: batches.go_on(batch_id=batch.pk, actor=actor, at=at))
    act_on_many._do(begun.get(batch.pk), begun.list_items(batch.pk)[0].pk, actor, TODAY, at)
    batches.halt(batch_id=batch.pk, actor=actor, at=at)
    refused(BatchOver, lambda: batches.halt(batch_id=batch.pk, actor=actor, at=at))
    keep_promises(at)
    assert begun.count_items(batch.pk) == {"done": 1, "waiting": 2}
    assert begun.get(batch.pk).ended_at is None

    batches.go_on(batch_id=batch.pk, actor=actor, at=at)
    keep_promises(at)
    assert came(batch) == [("done", "", "1"), ("done", "", "2"), ("done", "", "3")]
    act_on_many.run(batch_id=batch.pk, actor=actor, today=TODAY, at=at)
    act_on_many._do(begun.get(batch.pk), begun.list_items(batch.pk)[0].pk, actor, TODAY, at)
    assert [queries.get(each.pk).arrival_number for each in documents] == [1, 2, 3]
    refused(BatchOver, lambda: batches.go_on(batch_id=batch.pk, actor=actor, at=at))


def test_a_crash_between_act_and_note_undoes_both(
    cast: Cast, at: datetime, keep_promises: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    (document,) = arrivals(cast, at, 1)
    batch = begin(cast, at, "register", [document])

    def dies(**given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(batches, "finish", dies)
        act_on_many.run(batch_id=batch.pk, actor=cast.recipient_clerk.actor(), today=TODAY, at=at)
    assert queries.get(document.pk).status == Status.ARRIVED
    keep_promises(at)
    assert came(batch) == [("done", "", "1")]


def test_a_fault_of_ours_is_named_and_the_others_go_on(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = arrivals(cast, at, 2)
    batch = begin(cast, at, "register", [first, second])
    real = batches.finish

    def stumbles(**given: object) -> None:
        if given["words"] == "1":
            monkeypatch.setattr(batches, "finish", real)
            raise ZeroDivisionError
        real(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(batches, "finish", stumbles)
    act_on_many.run(batch_id=batch.pk, actor=cast.recipient_clerk.actor(), today=TODAY, at=at)
    assert [(status, code) for status, code, _ in came(batch)] == [("failed", "our_fault"), ("done", "")]
    assert queries.get(second.pk).arrival_number == 1


def test_the_leader_directs_many_and_closes_many(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    documents = arrivals(cast, at, 4)
    begin(cast, at, "register", documents)
    keep_promises(at)
    head = cast.recipient_head.actor()
    shares = [
        {"role": "lead", "unit_id": cast.recipient_works_id, "days": 3},
        {"role": "inform", "post_id": cast.recipient_deputy.post_id},
    ]
    batch = begin(
        cast, at, "direct", documents[:2], answers={"words": "Nghiên cứu, báo cáo.", "shares": shares}, actor=head
    )
    closed = begin(cast, at, "close", documents[2:], actor=head)
    keep_promises(at)
    assert came(batch) == [("done", "", "")] * 2
    assert came(closed) == [("done", "", "3"), ("done", "", "4")]
    assert [queries.get(each.pk).status for each in documents] == ["directed"] * 2 + ["completed"] * 2
    (root,) = tasks.tree_of(documents[0].pk)
    assert root.directive.words == "Nghiên cứu, báo cáo."
    works = [row for row, _below in root.assignments]
    assert [(row.role, row.holder) for row in works] == [
        ("lead", f"U{cast.recipient_works_id}"),
        ("inform", f"P{cast.recipient_deputy.post_id}"),
    ]
    taken = act_on_many.begin(act="take", ids=[works[0].pk], answers={}, actor=cast.recipient_works_head.actor(), at=at)
    noted = act_on_many.begin(act="note", ids=[works[1].pk], answers={}, actor=cast.recipient_deputy.actor(), at=at)
    keep_promises(at)
    assert (came(taken), came(noted)) == ([("done", "", "")], [("done", "", "")])
    assert queries.get(documents[0].pk).status == Status.PROCESSING


def test_many_are_presented_endorsed_and_numbered(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    (document,) = arrivals(cast, at, 1)
    begin(cast, at, "register", [document])
    keep_promises(at)
    batch = begin(cast, at, "present", [document], answers={"post_id": cast.recipient_deputy.post_id, "words": ""})
    drafts = [given.a_submitted_draft(cast, at) for _ in range(2)]
    endorsed = begin(cast, at, "endorse", drafts, answers={"words": "Nhất trí."}, actor=cast.plan_head.actor())
    signed = [given.a_signed_document(cast, at) for _ in range(2)]
    numbered = begin(cast, at, "number", signed, actor=cast.clerk.actor())
    keep_promises(at, faults=True)  # the seal: there are no keys in this world
    assert queries.get(document.pk).next_holder == f"P{cast.recipient_deputy.post_id}"
    assert came(batch) == [("done", "", "1")]
    assert came(endorsed) == [("done", "", "")] * 2
    assert [queries.get(each.pk).status for each in drafts] == [Status.ENDORSED] * 2
    assert [words for _status, _code, words in came(numbered)] == [queries.get(each.pk).code for each in signed]
    assert [queries.get(each.pk).number for each in signed] == [1, 2]
    assert queries.get(signed[0].pk).next_act == Act.SEAL


def test_who_lost_the_post_does_nothing_any_more(cast: Cast, at: datetime, keep_promises: Keep) -> None:
    (document,) = arrivals(cast, at, 1)
    batch = begin(cast, at, "register", [document])
    held = Appointment.objects.get(person_id=cast.recipient_clerk.person_id, post_id=cast.recipient_clerk.post_id)
    people.end_appointment(appointment_id=held.pk, until=TODAY, basis="Điều động", actor=None, at=at)
    keep_promises(at)
    assert [(status, code) for status, code, _words in came(batch)] == [("failed", "not_allowed")]
    assert queries.get(document.pk).arrival_number is None


def test_nothing_too_much_and_what_is_not_ones_own_are_refused(cast: Cast, at: datetime) -> None:
    (document,) = arrivals(cast, at, 1)
    clerk = cast.recipient_clerk.actor()
    refused(NothingPicked, lambda: act_on_many.begin(act="register", ids=[], answers={}, actor=clerk, at=at))
    refused(ActUnknown, lambda: act_on_many.begin(act="burn", ids=[document.pk], answers={}, actor=clerk, at=at))
    stranger = cast.plan_officer.actor()
    refused(NotFound, lambda: act_on_many.begin(act="register", ids=[document.pk], answers={}, actor=stranger, at=at))
    picked = [batches.Picked(n, "") for n in range(501)]
    refused(TooManyPicked, lambda: batches.begin(act="register", picked=picked, answers={}, actor=clerk, at=at))
    batch = begin(cast, at, "register", [document])
    refused(NotFound, lambda: batches.halt(batch_id=batch.pk, actor=stranger, at=at))


def test_the_same_form_sent_twice_begins_one(cast: Cast, at: datetime) -> None:
    documents = arrivals(cast, at, 1)
    one = begin(cast, at, "register", documents, begun_in="k" * 20)
    assert begin(cast, at, "register", documents, begun_in="k" * 20).pk == one.pk
    assert ActBatch.objects.count() == 1
