"""Who sees what, on every way to a document, held against a slow model that asks the facts one by one.

The model knows nothing of visibility rows or holders' tokens: it reads who drafted, reviewed, signed, was presented or assigned,
and who heads which unit. A random world is made through the operations;
every pair of actor and document is compared on every route.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from django.test import Client

from antin.documents import finding, queries
from antin.documents import operations as documents
from antin.documents.finding import Search
from antin.documents.models import Document
from antin.documents.queries import Cursor, Filters
from antin.documents.states import Direction
from antin.exchange import queries as exchange
from antin.journal.models import Record
from antin.journeys import direct_document
from antin.people import operations as people
from antin.people.actor import Actor
from antin.people.models import Appointment, Post, Unit
from antin.refusal import NotFound
from antin.tasks import queries as tasks
from antin.tasks.models import Assignment
from antin.tasks.operations import Share
from antin.tasks.states import Role
from tests import given, indexes
from tests.cast import TODAY, Cast, Member
from tests.doors.test_api_documents import Machine

pytestmark = pytest.mark.django_db

STAGES = (
    given.a_draft,
    given.a_submitted_draft,
    given.an_endorsed_document,
    given.a_signed_document,
    given.a_numbered_document,
    given.an_issued_document,
    given.an_arrival,
    given.a_registered_document,
)


def members(cast: Cast) -> list[Member]:
    return [value for value in vars(cast).values() if isinstance(value, Member)]


def a_world(cast: Cast, at: datetime, dice: random.Random) -> list[Document]:
    """Documents of every stage, some directed and passed down, some classified after the fact."""
    people.substitute(
        principal_id=cast.technique_head.post_id,
        substitute_id=cast.technique_deputy.post_id,
        since=TODAY,
        until=TODAY + timedelta(days=9),
        basis="Quyết định 3/QĐ",
        actor=None,
        at=at,
    )
    people.grant_clearance(
        person_id=cast.head.person_id,
        level="toi_mat",
        until=TODAY + timedelta(days=99),
        basis="QĐ 4",
        actor=None,
        at=at,
    )
    made = []
    for n in range(40):
        stage = dice.choice(STAGES)
        unique = {"subject": f"Việc số {n}"}
        if stage in (given.an_arrival, given.a_registered_document):
            unique |= {"key": f"k{n}", "code": f"{n}/TCZ-KH", "identifier": ""}
        document = stage(cast, at + timedelta(seconds=n), **unique)
        if stage is given.a_registered_document and dice.random() < 0.7:
            _direct(cast, document, at, dice)
        if dice.random() < 0.2:
            Document.objects.filter(pk=document.pk).update(secrecy=dice.choice([1, 2, 3]))
        made.append(queries.get(document.pk))
    return made


def _direct(cast: Cast, document: Document, at: datetime, dice: random.Random) -> None:
    lead = dice.choice([cast.recipient_works_id, cast.recipient_study_id])
    worker = cast.recipient_works_officer if lead == cast.recipient_works_id else cast.recipient_study_officer
    head = cast.recipient_works_head if lead == cast.recipient_works_id else cast.recipient_study_head
    shares = [Share(Role.LEAD, unit_id=lead)]
    if dice.random() < 0.5:
        shares.append(Share(Role.INFORM, post_id=cast.recipient_deputy.post_id))
    direct_document.direct(document_id=document.pk, words="", shares=shares, actor=cast.recipient_head.actor(), at=at)
    if dice.random() < 0.5:
        task = Assignment.objects.get(document=document, role=Role.LEAD)
        below = [Share(Role.LEAD, post_id=worker.post_id)]
        direct_document.pass_down(assignment_id=task.pk, words="", shares=below, actor=head.actor(), at=at)


LEVELS = ("none", "mat", "toi_mat", "tuyet_mat")


def may_see(actor: Actor, document: Document, substituted: set[int]) -> bool:
    """The slow model: one question after another, from the facts of the rooms."""
    if document.secrecy > LEVELS.index(actor.clearance):
        return False
    posts = {actor.post_id} | substituted
    post = Post.objects.select_related("unit").get(pk=actor.post_id)
    leads = {post.unit_id} if post.role in ("head", "deputy") else set()
    agency = Unit.objects.get(pk=document.agency_id)
    registry = post.unit.agency_id == agency.pk and (post.role == "clerk" or agency.pk in leads)
    if document.direction == Direction.OUT:
        making = document.making
        happened = set(
            Record.objects.filter(subject_kind="document", subject_id=document.pk).values_list("event", flat=True)
        )
        return (
            making.drafter_post_id in posts
            or ("document.submitted" in happened and (making.reviewer_post_id in posts or making.unit_id in leads))
            or ("document.endorsed" in happened and making.signer_post_id in posts)
            or ("document.signed" in happened and registry)
        )
    assigned = Assignment.objects.filter(document=document)
    return (
        registry
        or document.arrival.presented_post_id in posts
        or any(row.post_id in posts or row.unit_id in leads for row in assigned)
    )


def boxes(actor: Actor, words: str = "") -> set[int]:
    """Every document of the three lists, page by page."""
    seen: set[int] = set()
    for box in ("draft", "out", "in"):
        after: Cursor | None = None
        while True:
            page = queries.list_documents(actor=actor, box=box, filters=Filters(words=words), after=after, limit=7)
            ids = {row.pk for row in page.rows}
            assert not ids & seen, "listed twice"
            seen |= ids
            after = page.next
            if after is None:
                break
    return seen


def answers(act: Callable[[], object]) -> bool:
    try:
        act()
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("seed", range(2))
def test_every_route_agrees_with_the_slow_model(
    cast: Cast, at: datetime, seed: int, client: Client, own_state: Path
) -> None:
    world = a_world(cast, at, random.Random(seed))
    indexes.begin()
    pairs = 0
    for member in members(cast):
        actor = member.actor()
        principals = {cast.technique_head.post_id} if member is cast.technique_deputy else set()
        expected = {document.pk for document in world if may_see(actor, document, principals)}
        assert boxes(actor) == expected
        assert boxes(actor, "viec so") == expected
        found = finding.find(actor=actor, search=Search("viec so"), at=at, limit=len(world))
        assert {hit.document.pk for hit in found.hits} == expected
        assert (found.count, sum(n for _, n in found.facets["box"])) == (len(expected), len(expected))
        for document in world:
            allowed = document.pk in expected
            for route in (queries.get_for, queries.get_whole, queries.list_files):
                assert answers(partial(route, actor, document.pk)) is allowed
            if document.status == "issued":
                assert answers(partial(exchange.get_board, actor, document.pk)) is allowed
            pairs += 1
        assert {row.pk for row in queries.list_waiting(actor)} <= expected
        assert {row.document_id for row in tasks.list_waiting(actor)} <= expected
        if seed == 0 and member in (cast.plan_officer, cast.recipient_clerk, cast.technique_deputy):
            machine = Machine(client, member)
            for document in world:
                machine.get(f"/documents/{document.pk}", 200 if document.pk in expected else 404)
    assert pairs == len(world) * len(members(cast))


def test_an_ended_appointment_sees_nothing_any_more(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    appointment = Appointment.objects.get(post_id=cast.plan_officer.post_id)
    people.end_appointment(appointment_id=appointment.pk, until=TODAY, basis="Điều động", actor=None, at=at)
    with pytest.raises(Exception, match="không"):
        cast.plan_officer.actor()
    assert documents  # the work stays with the post
    assert queries.get(document.pk).next_holder == f"P{cast.plan_officer.post_id}"
