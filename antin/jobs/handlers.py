"""One function per promise: translates ids into one call of a journey or an operation.

A handler is idempotent: it may run again after it has done its work, and after it has done half of it.
"""

from __future__ import annotations

from datetime import datetime

from antin.batches import queries as batches
from antin.journeys import act_on_many as acting
from antin.journeys import between_nodes, give_memory, move_books, secrecy_abroad, sign_batch, take_scans, urging_abroad
from antin.journeys import copy_document as copying
from antin.journeys import deliver as delivering
from antin.journeys import fix_page as fixing
from antin.journeys import hand_over as handing_over
from antin.journeys import issue_document as issuing
from antin.journeys import sign_document as signing
from antin.journeys import take_in as taking_in
from antin.journeys import take_old_book as taking_old_books
from antin.keys.policy import KeepersPinMissing, SignsElsewhere
from antin.oldbooks import queries as old_books
from antin.outbox.operations import keeps
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import Refusal
from antin.signing import operations as signatures
from antin.workdays import queries as workdays


def _actor(person_id: int, post_id: int, at: datetime) -> Actor | None:
    """Return who made the promise; None when he no longer holds the post: then the node keeps it in its own name."""
    try:
        return people.get_actor(person_id=person_id, post_id=post_id, on=workdays.local_date(at))
    except Refusal:
        return None


@keeps("lay_out")
def lay_out(*, document_id: int, at: datetime) -> None:
    fixing.fix_page(document_id=document_id, at=at)


@keeps("conclude_signing")
def conclude_signing(
    *, document_id: int, seen_file: str, person_id: int, post_id: int, at: datetime, field: str = "Person"
) -> None:
    signing.conclude_signing(
        document_id=document_id, seen_file=seen_file, person_id=person_id, post_id=post_id, field=field, at=at
    )


@keeps("seal")
def seal(*, document_id: int, person_id: int, post_id: int, at: datetime) -> None:
    try:
        issuing.issue_document(document_id=document_id, actor=_actor(person_id, post_id, at), at=at)
    except (KeepersPinMissing, SignsElsewhere):
        return  # it waits on the sealing page, and says for whom


@keeps("print_copy")
def print_copy(*, document_id: int, at: datetime) -> None:
    copying.lay_out_numbered(document_id=document_id, at=at)


@keeps("deliver")
def deliver(*, dispatch_id: int, first: int, last: int, at: datetime) -> None:
    delivering.deliver(dispatch_id=dispatch_id, first=first, last=last, at=at)


@keeps("hand_over")
def hand_over(*, delivery_id: int, at: datetime) -> None:
    handing_over.hand_over(delivery_id=delivery_id, at=at)


@keeps("take_in")
def take_in(*, parcel_id: int, at: datetime) -> None:
    taking_in.take_in(parcel_id=parcel_id, at=at)


@keeps("answer")
def answer(*, answer_id: int, at: datetime) -> None:
    handing_over.answer(answer_id=answer_id, at=at)


@keeps("carry_change")
def carry_change(*, reply_id: int, at: datetime) -> None:
    handing_over.carry_change(reply_id=reply_id, at=at)


@keeps("tell_secrecy")
def tell_secrecy(*, decision_id: int, delivery_id: int, at: datetime, tried: int = 0) -> None:
    secrecy_abroad.tell(decision_id=decision_id, delivery_id=delivery_id, tried=tried, at=at)


@keeps("send_urging")
def send_urging(*, delivery_id: int, urged_at: str, tried: int, at: datetime) -> None:
    urging_abroad.send(delivery_id=delivery_id, urged_at=datetime.fromisoformat(urged_at), tried=tried, at=at)


@keeps("take_parcel")
def take_parcel(*, received_id: int, at: datetime) -> None:
    between_nodes.take(received_id=received_id, at=at)


@keeps("send_books")
def send_books(*, move_id: int, at: datetime) -> None:
    move_books.send(move_id=move_id, at=at)


@keeps("answer_books")
def answer_books(*, move_id: int, at: datetime) -> None:
    move_books.answer(move_id=move_id, at=at)


@keeps("give_memory")
def give_memory_back(*, member_id: int, feed: str, former: str, after: int, at: datetime) -> None:
    give_memory.give(member_id=member_id, feed=feed, former=former, after=after, at=at)


@keeps("complete_proof")
def complete_proof(*, proof_id: int, at: datetime) -> None:
    signatures.complete_proof(proof_id=proof_id, at=at)


@keeps("renew_proofs")
def renew_proofs(*, first: int, last: int, at: datetime) -> None:
    signatures.renew_proofs(first=first, last=last, at=at)


@keeps("finish_batch_item")
def finish_batch_item(*, item_id: int, at: datetime) -> None:
    sign_batch.finish_item(item_id=item_id, at=at)


@keeps("part_scan")
def part_scan(*, scan_id: int, at: datetime) -> None:
    take_scans.part(scan_id=scan_id, at=at)


@keeps("read_paper")
def read_paper(*, paper_id: int, at: datetime) -> None:
    take_scans.read(paper_id=paper_id, at=at)


@keeps("recognise")
def recognise(*, digest: str, document_id: int, at: datetime) -> None:
    take_scans.recognise(digest=digest, document_id=document_id, at=at)


@keeps("act_on_many")
def act_on_many(*, batch_id: int, at: datetime) -> None:
    batch = batches.get(batch_id)
    actor = _actor(batch.person_id, batch.post_id, at)
    acting.run(batch_id=batch_id, actor=actor, today=workdays.local_date(at), at=at)


@keeps("take_old_book")
def take_old_book(*, old_book_id: int, at: datetime) -> None:
    begun = old_books.get(old_book_id)
    taking_old_books.take_part(old_book_id=old_book_id, actor=_actor(begun.person_id, begun.post_id, at), at=at)
