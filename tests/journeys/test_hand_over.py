"""Handing over: each outside delivery on its own, tried again, failed in words, answered over the way it came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from antin.correspondents import operations as correspondents
from antin.correspondents.models import Correspondent
from antin.correspondents.states import Channel
from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.operations import Outside
from antin.documents.operations.drafting import NoSuchAgency
from antin.exchange import operations as exchange
from antin.exchange import policy
from antin.exchange import queries as deliveries
from antin.exchange.channels.wire import NotLetIn, Unreachable
from antin.exchange.models import Answer, ChangeReply, Delivery, Receipt
from antin.exchange.states import AnswerStatus, Status
from antin.journeys import hand_over, receive_document, urge_recipient
from antin.journeys.hand_over import CARRIERS, Carrier
from antin.notices import queries as notices
from antin.outbox.models import Promise
from antin.outbox.operations import Tally
from tests import given
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]


class Courier:
    """A carrier that does what it is told: what it took, and the faults it still has to make."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.faults: list[Exception] = []

    def carry(self, delivery: Delivery, at: datetime) -> str:
        return self._take(f"delivery {delivery.recipient_name}")

    def answer(self, answer: Answer, at: datetime) -> str:
        return self._take(f"{answer.kind} for {answer.incoming.sender_name}")

    def ask(self, reply: ChangeReply, at: datetime) -> str:
        return self._take(f"{reply.change.kind} for {reply.whom}")

    def _take(self, words: str) -> str:
        if self.faults:
            raise self.faults.pop(0)
        self.taken.append(words)
        return f"ref-{len(self.taken)}"


@pytest.fixture
def courier(monkeypatch: pytest.MonkeyPatch) -> Iterator[Courier]:
    made = Courier()
    monkeypatch.setitem(CARRIERS, Channel.AXIS, Carrier(made.carry, made.answer, made.ask))
    yield made


def ministry(at: datetime, **changes: str) -> Correspondent:
    told = {"code": "G91", "name": "Bộ Kế hoạch Biển đảo", "channel": "axis", "line": "truc"} | changes
    return correspondents.enter(actor=None, at=at, **told)


def sent_outside(cast: Cast, at: datetime, **changes: object) -> tuple[Document, Delivery]:
    recipients = [Outside(ministry(at).pk)]
    document = given.an_issued_document(cast, at, recipients=recipients, **changes)
    return document, Delivery.objects.get(dispatch__document=document)


def test_the_route_of_a_delivery(cast: Cast, at: datetime, courier: Courier, keep_promises: Keep) -> None:
    outside = ministry(at)
    both = [cast.recipient_id, Outside(outside.pk)]
    document = given.an_issued_document(cast, at, recipients=both)
    here, away = Delivery.objects.filter(dispatch__document=document).order_by("id")
    assert (here.channel, here.agency_id, here.correspondent) == ("here", cast.recipient_id, None)
    assert (away.channel, away.line, away.agency_id, away.correspondent) == ("axis", "truc", None, outside)
    names = list(Promise.objects.order_by("id").values_list("name", flat=True))
    assert (names.count("deliver"), names.count("hand_over")) == (1, 1)
    hand_over.hand_over(delivery_id=away.pk, at=at)
    hand_over.hand_over(delivery_id=away.pk, at=at)
    away.refresh_from_db()
    assert (away.status, away.reference, away.handed_at) == (Status.SENT, "ref-1", at)
    assert courier.taken == ["delivery Bộ Kế hoạch Biển đảo"]
    assert document.parties.endswith("Bộ Kế hoạch Biển đảo")


def test_a_line_at_fault_is_tried_again_and_one_that_says_no_is_a_failure_in_words(
    cast: Cast, at: datetime, courier: Courier, keep_promises: Keep
) -> None:
    _, delivery = sent_outside(cast, at)
    courier.faults = [Unreachable(where="truc.example", why="hết giờ"), NotLetIn(where="truc.example", status=403)]
    keep_promises(at)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.retry_at) == (Status.QUEUED, 1, at + timedelta(minutes=1))
    assert delivery.fault == "Không kết nối được tới truc.example: hết giờ."
    keep_promises(at + timedelta(seconds=59))
    assert len(courier.faults) == 1
    keep_promises(at + timedelta(minutes=1))
    delivery.refresh_from_db()
    assert (delivery.status, delivery.retry_at, delivery.fault_code) == (Status.FAILED, None, "line_not_let_in")
    assert "delivery.failed" in [row.kind for row in notices.list_for(cast.clerk.actor())]

    clerk = cast.clerk.actor()
    urge_recipient.resend(delivery_id=delivery.pk, actor=clerk, today=TODAY, at=at)
    keep_promises(at + timedelta(minutes=2))
    delivery.refresh_from_db()
    assert (delivery.status, delivery.fault, courier.taken) == (Status.SENT, "", ["delivery Bộ Kế hoạch Biển đảo"])


def test_tries_come_to_an_end(cast: Cast, at: datetime, courier: Courier, keep_promises: Keep) -> None:
    _, delivery = sent_outside(cast, at)
    courier.faults = [Unreachable(where="truc.example", why="x") for _ in range(exchange.TRIES)]
    keep_promises(at + timedelta(days=4))  # in one go: what is due of what was promised meanwhile is kept too
    moment = at + timedelta(days=4)
    while courier.faults:
        moment += timedelta(hours=1)
        keep_promises(moment)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (Status.FAILED, exchange.TRIES)


def test_a_channel_that_is_not_open_and_a_secret_paper_are_refused_in_words(
    cast: Cast, at: datetime, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, delivery = sent_outside(cast, at)
    monkeypatch.delitem(CARRIERS, Channel.FILE)
    Delivery.objects.update(channel="file")
    hand_over.hand_over(delivery_id=delivery.pk, at=at)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.fault) == (Status.FAILED, "Kênh “Gói tệp mang tay” chưa được mở ở nút này.")
    Delivery.objects.update(channel="axis", status="queued")
    Document.objects.filter(pk=delivery.dispatch.document_id).update(secrecy=1)
    hand_over.hand_over(delivery_id=delivery.pk, at=at)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.fault_code, courier.taken) == (Status.FAILED, "secret_over_open_line", [])


def test_a_closed_outside_agency_is_replaced_by_its_successor(
    cast: Cast, at: datetime, courier: Courier, keep_promises: Keep
) -> None:
    _, delivery = sent_outside(cast, at)
    courier.faults = [NotLetIn(where="truc.example", status=403)]
    keep_promises(at)
    assert delivery.correspondent is not None
    correspondents.close(correspondent_id=delivery.correspondent.pk, actor=None, at=at)
    act = {"delivery_id": delivery.pk, "actor": cast.clerk.actor(), "today": TODAY, "at": at}
    refused(urge_recipient.NoSuccessor, lambda: urge_recipient.resend(**act))  # type: ignore[arg-type]
    heir = ministry(at, code="G92", name="Bộ Biển đảo", channel="gateway", line="tinh")
    Correspondent.objects.filter(pk=delivery.correspondent.pk).update(successor=heir)
    urge_recipient.resend(**act)  # type: ignore[arg-type]
    delivery.refresh_from_db()
    assert (delivery.status, delivery.recipient_name, delivery.correspondent) == (Status.QUEUED, "Bộ Biển đảo", heir)
    assert (delivery.channel, delivery.line) == ("gateway", "tinh")


def test_receipts_from_outside_come_in_any_order_and_twice(cast: Cast, at: datetime) -> None:
    document, delivery = sent_outside(cast, at)
    exchange.record_handed_over(delivery_id=delivery.pk, reference="r", actor=None, at=at)
    hours = [at + timedelta(hours=n) for n in range(6)]

    def receive(kind: Status, hour: int, **facts: object) -> Delivery:
        return exchange.record_receipt(delivery_id=delivery.pk, kind=kind, actor=None, at=hours[hour], facts=facts)

    assert receive(Status.REGISTERED, 2, arrival_number=88).status == Status.REGISTERED
    assert receive(Status.ARRIVED, 1).arrived_at == hours[1]
    assert (
        receive(Status.RETURNED, 1, return_words="nhầm").status == Status.REGISTERED
    )  # older than what was said since
    assert receive(Status.DONE, 4, reply_code="9/X").status == Status.DONE
    assert receive(Status.DONE, 5).done_at == hours[4]
    assert receive(Status.RETURNED, 5).status == Status.DONE
    assert Receipt.objects.count() == 4
    board = deliveries.get_board(cast.clerk.actor(), document.pk)
    assert board.counts == {"done": 1}


def test_an_agency_may_send_back_what_it_had_registered(cast: Cast, at: datetime) -> None:
    _, delivery = sent_outside(cast, at)
    exchange.record_receipt(delivery_id=delivery.pk, kind=Status.REGISTERED, actor=None, at=at)
    back = exchange.record_receipt(
        delivery_id=delivery.pk, kind=Status.RETURNED, actor=None, at=at + timedelta(hours=1),
        facts={"return_words": "Không đúng thẩm quyền"},
    )  # fmt: skip
    assert (back.status, back.return_words) == (Status.RETURNED, "Không đúng thẩm quyền")
    assert [row.pk for row in deliveries.list_troubled(cast.clerk.actor())] == [back.pk]


def test_outside_agencies_are_not_urged(cast: Cast, at: datetime) -> None:
    _, delivery = sent_outside(cast, at)
    exchange.record_receipt(delivery_id=delivery.pk, kind=Status.ARRIVED, actor=None, at=at)
    refused(policy.OutsideIsNotUrged, lambda: exchange.urge(delivery_id=delivery.pk, actor=cast.clerk.actor(), at=at))


def test_a_closed_or_unknown_outside_agency_is_no_recipient(cast: Cast, at: datetime) -> None:
    gone = ministry(at)
    correspondents.close(correspondent_id=gone.pk, actor=None, at=at)
    draft = given.a_draft(cast, at)
    for ident, named in ((gone.pk, "Bộ Kế hoạch Biển đảo"), (10**6, "1000000")):
        no = refused(
            NoSuchAgency,
            lambda ident=ident: documents.set_recipients(  # type: ignore[misc]
                document_id=draft.pk, addressed=[Outside(ident)], copied=[], actor=cast.plan_officer.actor(),
                today=TODAY, at=at,
            ),
        )  # fmt: skip
        assert named in no.message


def test_what_came_from_outside_is_answered_by_the_recipients_own_acts(
    cast: Cast, at: datetime, courier: Courier, keep_promises: Keep
) -> None:
    outside = ministry(at)
    arrival = given.an_arrival(cast, at, key="axis:1", issuer_name=outside.name, issuer_code="G91")
    come = exchange.From(Channel.AXIS, "truc", "000.00.00.G91", outside.name, "G11.90.01", "77", correspondent=outside)
    exchange.record_incoming(arrival_id=arrival.pk, come=come, actor=None, at=at)
    exchange.record_incoming(arrival_id=arrival.pk, come=come, actor=None, at=at)
    courier.faults = [Unreachable(where="truc.example", why="x")]
    keep_promises(at)
    owed = Answer.objects.get()
    assert (owed.kind, owed.status, owed.attempts, owed.retry_at) == (
        "arrived", AnswerStatus.WAITING, 1, at + timedelta(minutes=1),
    )  # fmt: skip
    clerk = cast.recipient_clerk.actor()
    registered = receive_document.register(document_id=arrival.pk, actor=clerk, today=TODAY, at=at)
    keep_promises(at + timedelta(minutes=1))
    assert courier.taken == ["arrived for Bộ Kế hoạch Biển đảo", "registered for Bộ Kế hoạch Biển đảo"]
    told = Answer.objects.get(kind="registered")
    assert (told.facts, told.status, told.at) == (
        {"arrival_number": registered.arrival_number}, AnswerStatus.SENT, at,
    )  # fmt: skip
    assert queries.get(arrival.pk).arrival_number == registered.arrival_number


def test_a_reply_to_what_came_from_outside_is_addressed_to_its_sender(cast: Cast, at: datetime) -> None:
    outside = ministry(at)
    arrival = given.an_arrival(cast, at, key="axis:1", issuer_name=outside.name, issuer_code="G91")
    clerk = cast.recipient_clerk.actor()
    document = documents.register(document_id=arrival.pk, actor=clerk, today=TODAY, at=at)
    drafted = documents.create_draft(
        facts=given.facts(cast, in_reply_to_id=document.pk, signer_post_id=None), actor=clerk, today=TODAY, at=at
    )
    [recipient] = queries.list_recipient_agencies(drafted.pk)
    assert (recipient.correspondent, recipient.agency, drafted.parties) == (outside, None, outside.name)
