"""The process dies at each commit point of the walk; afterwards nothing is half done, lost or doubled.

Every act is run in a child that is killed before or after its n-th commit. Then the node starts again (promises are
kept, leases run out) and the person presses the button once more where the page offers it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from antin.documents import queries
from antin.documents.models import Arrival, Document
from antin.documents.states import Status
from antin.exchange.models import Delivery, Receipt
from antin.journal.models import Record
from antin.journeys import deliver, direct_document, issue_document, receive_document
from antin.numbering import queries as numbering
from antin.outbox import operations as outbox
from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.signing.models import SigningRequest
from antin.tasks.models import Assignment, Directive
from antin.tasks.operations import Share
from antin.tasks.states import Role
from tests import given, paper
from tests.cast import TODAY, Cast, forty
from tests.crash import run_and_die

pytestmark = pytest.mark.django_db(transaction=True)

MOST = 40


def every_death(begin: Callable[[], Any], act: Callable[[Any], Any]) -> Iterator[Any]:
    """Yield what each fresh beginning came to after the act was killed at one commit point, for all its points."""
    for after in (False, True):
        for commit in range(1, MOST):
            thing = begin()
            died = run_and_die(lambda thing=thing: act(thing), commit=commit, after=after)
            yield thing
            if not died:
                assert commit > 1, "the act never committed"
                break
        else:
            raise AssertionError("more commits than the test looks at")


def restart(at: datetime) -> datetime:
    """The node comes up again a while later: leases have run out and promises are kept."""
    SigningRequest.objects.filter(state="asked").update(lease="", leased_until=None)
    later = at + timedelta(minutes=10)
    outbox.keep_due(at=later)
    return later


def no_gap(cast: Cast, agency_id: int) -> None:
    assert all(proof.whole for proof in numbering.list_proofs(agency_id=agency_id, year=2026))


def again(act: Callable[[], Any]) -> None:
    """The person presses the button once more; that it is done already is a fine answer."""
    try:
        act()
    except Refusal as no:
        assert no.code in {"wrong_state", "already_numbered", "page_changed"}, no


def test_killed_while_signing(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    for document in every_death(
        lambda: paper.a_page_to_sign(cast, at), lambda document: paper.sign(cast, document, at)
    ):
        restart(at)
        again(lambda document=document: paper.sign(cast, document, at))
        now = queries.get(document.pk)
        assert now.status == Status.SIGNED
        made = SigningRequest.objects.filter(key=f"sign:{document.pk}:{document.file}")
        assert [row.state for row in made] == ["done"]
        assert Record.objects.filter(event="document.signed", subject_id=document.pk).count() == 1
        report = signing.verify(file=now.file, at=at + timedelta(minutes=15))
        assert [found.kind for found in report.signatures] == ["person"]


def test_killed_while_numbering(cast: Cast, at: datetime) -> None:
    def act(document: Document) -> Any:
        return issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)

    for document in every_death(lambda: given.a_signed_document(cast, at), act):
        again(lambda document=document: act(document))
        assert queries.get(document.pk).number is not None
        no_gap(cast, cast.agency_id)


def test_killed_while_sealing_and_issuing(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    agencies = [row.agency_id for row in forty(cast, count=3)]

    def begin() -> Document:
        document = paper.a_signed_page(cast, at, recipients=[cast.recipient_id, *agencies])
        issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
        return document

    def act(document: Document) -> Any:
        return issue_document.seal_document(document_id=document.pk, actor=cast.seal_keeper.actor(), at=at)

    for document in every_death(begin, act):
        now = queries.get(document.pk)
        sent = Delivery.objects.filter(dispatch__document=document)
        assert (now.status, sent.count()) in {(Status.SIGNED, 0), (Status.ISSUED, 4)}, "half issued"
        restart(at)
        again(lambda document=document: act(document))
        restart(at)
        now = queries.get(document.pk)
        assert (now.status, sent.count()) == (Status.ISSUED, 4)
        assert set(sent.values_list("status", flat=True)) == {"arrived"}
        assert Record.objects.filter(event="document.issued", subject_id=document.pk).count() == 1
        report = signing.verify(file=now.file, at=at + timedelta(minutes=15))
        assert [found.kind for found in report.signatures] == ["person", "agency"]
        assert report.verdict == "valid"
    no_gap(cast, cast.agency_id)


def test_killed_while_delivering(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    agencies = [row.agency_id for row in forty(cast, count=5)]

    def act(document: Document) -> Any:
        ids = sorted(Delivery.objects.filter(dispatch__document=document).values_list("id", flat=True))
        dispatch_id = Delivery.objects.get(pk=ids[0]).dispatch_id
        return deliver.deliver(dispatch_id=dispatch_id, first=ids[0], last=ids[-1], at=at)

    for document in every_death(lambda: paper.an_issued_page(cast, at, recipients=agencies), act):
        arrived = Arrival.objects.filter(document__identifier=document.identifier)
        assert arrived.count() in (0, 5), "half delivered"
        restart(at)
        assert arrived.count() == 5
        sent = Delivery.objects.filter(dispatch__document=document)
        assert set(sent.values_list("status", flat=True)) == {"arrived"}
        assert Receipt.objects.filter(delivery__in=sent, kind="arrived").count() == 5
        act(document)
        assert arrived.count() == 5


def test_killed_while_registering(cast: Cast, at: datetime) -> None:
    count = iter(range(1000))

    def act(document: Document) -> Any:
        return receive_document.register(
            document_id=document.pk, actor=cast.recipient_clerk.actor(), today=TODAY, at=at
        )

    def begin() -> Document:
        n = next(count)
        return given.an_arrival(cast, at, key=f"k{n}", code=f"{n}/TCZ-KH", identifier="")

    for document in every_death(begin, act):
        again(lambda document=document: act(document))
        assert queries.get(document.pk).status == Status.REGISTERED
        no_gap(cast, cast.recipient_id)
    numbers = sorted(Document.objects.filter(arrival_number__isnull=False).values_list("arrival_number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_killed_while_directing(cast: Cast, at: datetime) -> None:
    count = iter(range(1000))

    def begin() -> Document:
        n = next(count)
        return given.a_registered_document(cast, at, key=f"k{n}", code=f"{n}/TCZ-KH", identifier="")

    def act(document: Document) -> Any:
        return direct_document.direct(
            document_id=document.pk,
            words="Làm",
            shares=[Share(Role.LEAD, unit_id=cast.recipient_works_id)],
            actor=cast.recipient_head.actor(),
            at=at,
        )

    for document in every_death(begin, act):
        given_rows = Directive.objects.filter(document=document).count()
        now = queries.get(document.pk)
        assert (now.status, given_rows) in {(Status.REGISTERED, 0), (Status.DIRECTED, 1)}, "half directed"
        assert Assignment.objects.filter(document=document).count() == given_rows
