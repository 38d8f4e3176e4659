"""A classified letter goes the whole walk, sealed from its first save; every word of it is opened by a reader's PIN alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from antin.documents import queries
from antin.documents.states import Act, Status
from antin.exchange import queries as exchange
from antin.exchange.models import Change, ChangeReply
from antin.journeys import change_document, change_secrecy, receive_document, sealing
from antin.outbox.operations import Tally
from antin.people import operations as people
from antin.refusal import NotFound
from antin.vault import operations as secrets_of
from antin.vault import queries as vault
from antin.vault.policy import NotTheOrigin
from tests import secrets
from tests.cast import TODAY, Cast
from tests.secrets import PIN
from tests.unchanged import refused
from tests.vaults import DECISION, ENDS

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]
SUBJECT = "Chim hoàng yến bay về rừng 7401"


def test_from_the_first_save_to_the_book_of_the_recipient(
    cast: Cast, own_state: Path, at: datetime, keep_promises: Keep
) -> None:
    secrets.give_keys(cast, at)
    document = secrets.an_endorsed_document(cast, at, facts={"subject": SUBJECT}, words="Đồng ý trình")
    assert (document.status, document.next_act, document.subject) == (Status.ENDORSED, Act.SIGN, "Văn bản độ Mật")
    seen = secrets.opened(document, cast.head, at)
    assert (seen.subject, seen.seen, [each.words for each in seen.said]) == (SUBJECT, document.file, ["Đồng ý trình"])

    issued = secrets.an_issued_document(cast, at, facts={"subject": SUBJECT}, window="x" * 32)
    assert (issued.status, issued.code, issued.number) == (Status.ISSUED, "01/TCZ-KH", 1)
    keep_promises(at + timedelta(minutes=3))
    arrived = secrets.arrival_of(cast)
    assert (arrived.subject, arrived.code, arrived.secrecy) == ("Văn bản độ Mật", "01/TCZ-KH", 1)
    assert queries.arrival_of(arrived).verdict == ""
    later = at + timedelta(hours=1)
    registered = receive_document.register(
        document_id=arrived.pk, pin=PIN, actor=cast.recipient_clerk.actor(), today=TODAY, at=later
    )
    assert (registered.status, registered.arrival_number) == (Status.REGISTERED, 1)
    assert queries.arrival_of(registered).verdict == "valid"
    leader = secrets.opened(registered, cast.recipient_head, later)
    assert leader.subject == SUBJECT
    assert leader.said == []

    decided: dict[str, Any] = {"paper": DECISION, "decided_on": TODAY, "at": later}
    theirs = {"classified_id": arrived.classified_id, "actor": cast.recipient_head.actor(), "level": 2}
    refused(NotTheOrigin, lambda: change_secrecy.change_level(**decided, **theirs))
    people.grant_clearance(
        person_id=cast.recipient_clerk.person_id, level="mat", until=ENDS, basis=DECISION, actor=None, at=later
    )
    ours = {"classified_id": issued.classified_id, "actor": cast.head.actor()}
    change_secrecy.change_level(**decided, **ours, level=2)
    for held in (issued, arrived):
        held.refresh_from_db()
        assert (held.secrecy, held.subject) == (2, "Văn bản độ Tối mật")
        assert held.classified is not None
        assert (held.classified.level, held.classified.fixed_on) == (2, TODAY)
        assert [row.change for row in vault.list_decisions(held.classified.pk)][-1] == "raised"
    assert secrets.opened(arrived, cast.recipient_head, later).subject == SUBJECT
    with pytest.raises(NotFound):
        secrets.opened(arrived, cast.recipient_clerk, later)


def test_why_it_was_sent_back_is_read_by_who_reads_it_at_the_sender_and_by_nobody_else(
    cast: Cast, own_state: Path, at: datetime, keep_promises: Keep
) -> None:
    secrets.give_keys(cast, at)
    issued = secrets.an_issued_document(cast, at, facts={"subject": SUBJECT})
    keep_promises(at + timedelta(minutes=3))
    arrived = secrets.arrival_of(cast)
    later = at + timedelta(hours=1)
    reason = "Phụ lục 2 có con chim hoàng yến, không thuộc đơn vị tôi"
    clerk = cast.recipient_clerk.actor()
    receive_document.send_back(document_id=arrived.pk, reason="wrong_agency", words=reason, actor=clerk, at=later)
    assert exchange.get_board(cast.clerk.actor(), issued.pk).deliveries[0].return_words == sealing.MASK
    for reader in (cast.plan_officer, cast.plan_head, cast.head, cast.clerk):
        (said,) = secrets.opened(issued, reader, later).said
        assert (said.kind, said.words) == ("sent_back", reason)
        assert said.author == f"{clerk.person_name}, {clerk.post_title}, {clerk.agency_name}"
    with pytest.raises(NotFound):
        secrets.opened(issued, cast.technique_head, later)
    assert issued.classified_id is not None
    assert vault.find_reader(issued.classified_id, clerk.person_id) is None
    assert [each.words for each in secrets.opened(arrived, cast.recipient_clerk, later).said] == [reason]
    other = secrets.a_draft(cast, at, window="z" * 32)
    answer: dict[str, Any] = {"part": "comment", "number": None, "content": b"x", "actor": clerk, "at": later}
    for elsewhere in (other.classified_id, arrived.classified_id):
        assert elsewhere is not None
        refused(
            NotFound,
            lambda id=elsewhere: secrets_of.seal(classified_id=id, holding_id=arrived.classified_id, **answer),
        )


def test_why_it_is_recalled_is_sealed_on_both_sides(
    cast: Cast, own_state: Path, at: datetime, keep_promises: Keep
) -> None:
    secrets.give_keys(cast, at)
    issued = secrets.an_issued_document(cast, at, facts={"subject": SUBJECT})
    keep_promises(at + timedelta(minutes=3))
    arrived, later = secrets.arrival_of(cast), at + timedelta(hours=1)
    asked, answered = "Sai con chim hoàng yến ở phụ lục", "Chim hoàng yến đã bay sang nơi khác"
    head, clerk = cast.head.actor(), cast.recipient_clerk.actor()
    change = change_document.ask(document_id=issued.pk, kind="recall", reason=asked, actor=head, at=later)
    (reply,) = change.replies.all()
    change_document.answer(reply_id=reply.pk, agree=False, words=answered, actor=clerk, at=later)
    issued.refresh_from_db()
    assert {Change.objects.get().reason, ChangeReply.objects.get().words, issued.standing_words} == {sealing.MASK}
    said = [(each.kind, each.words) for each in secrets.opened(issued, cast.head, later).said]
    assert said == [("change_asked", asked), ("change_answered", answered)]
    assert [each.words for each in secrets.opened(arrived, cast.recipient_clerk, later).said] == [answered]
