"""Two years of the demonstration's traffic, made only through the journeys that people walk.

The plan (`demo_plan`) is played in the order of time, each act with its own moment, until the moment of the demonstration;
whatever lies behind that moment has simply not happened yet, so that every desk has drafts, papers to sign, papers to register and
work under way, as on any day. Numbers are therefore taken in order of their dates. What has been made is written in the journal,
one line per part of the plan: a run that was cut short goes on where it stopped and makes nothing twice.
"""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from antin.console import demo, demo_history, demo_programme, demo_rooms, demo_secrets, demo_words
from antin.console.children import load
from antin.console.demo_plan import SEED, Plan, after, issuing, plan
from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.operations import DraftFacts, PaperFacts
from antin.documents.states import Act, Status
from antin.exchange import operations as exchange_acts
from antin.exchange import queries as exchange
from antin.files import operations as files
from antin.journal import operations as journal
from antin.journal import queries as written
from antin.journeys import approve_document, direct_document, issue_document, receive_document, sign_document, taking
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.keys.policy import NoCertificate
from antin.notices import operations as notices
from antin.outbox import operations as outbox
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.queries.posts import PostRow
from antin.people.states import Role
from antin.refusal import Refusal
from antin.tasks import operations as work
from antin.tasks import queries as tasks
from antin.tasks.operations import Share
from antin.tasks.states import Role as Part
from antin.workdays import queries as workdays
from config import progress

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.exchange.models import Delivery
    from antin.tasks.models import Assignment

PIN = "246810"
"""The PIN of every key of the demonstration, printed with its sign-ins."""

WHOLE = ("demonstration", 0)
UNREAD = timedelta(days=4)
"""So old are the oldest notices nobody has read,"""
READ_EVERY = 60
"""looked at after so many parts."""
LISTS_LAST, LISTS_EVERY = timedelta(days=8), timedelta(days=7)
SLOW = 780
"""Minutes that the clerk of the unit that is behind takes longer: half of what comes he registers late."""
STEPS = (("submit", 40), ("endorse", 65), ("sign", 55), ("number", 35), ("seal", 10))
"""The acts of a document and the working minutes before each; the same for all, so that numbers follow the order of the plan."""

FIRST = frozenset({"draft", "return", "endorse", "sign", "number", "arrived"})
"""Parts that stop at these take no number in a series of the year, so they are played first: the desks live within seconds."""


class _TimeIsUp(Exception):
    """The next act lies behind the moment of the demonstration: it has not happened."""


def fill_traffic(
    *,
    at: datetime,
    parts: list[Plan] | None = None,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Make the year's traffic up to this moment, or what is missing of it; returns how many parts of the plan there are.

    `parts` are played instead of the whole plan. `tell` hears how many are done.
    A second run, also after a kill, goes on with the moment of the first.
    """
    at = _begin(at)
    parts = plan(at) if parts is None else parts
    play = _Play(at)
    play.give_keys()
    done = _done(parts)
    for count, each in enumerate(sorted(parts, key=lambda part: part.stop not in FIRST), start=1):
        if each.number not in done:
            left = play.perform(each)
            journal.record("demonstration.done", subject=("demonstration", each.number), actor=None, at=at, left=left)
        if count % READ_EVERY == 0 or count == len(parts):
            play.read_notices()
        tell(count, len(parts))
    return len(parts)


def _begin(at: datetime) -> datetime:
    """Return the moment the demonstration was begun with; write it down when this is the beginning."""
    begun = written.list_for(WHOLE, limit=1)
    if begun:
        return begun[0].at
    journal.record("demonstration.begun", subject=WHOLE, actor=None, at=at)
    return at


def _done(parts: list[Plan]) -> set[int]:
    """The parts of the plan that were played to their end."""
    return {
        each.number
        for each in parts
        if any(row.event == "demonstration.done" for row in written.list_for(("demonstration", each.number)))
    }


class _Play:
    """The play of one plan: who was who on which day, and the acts of each part."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.agencies: dict[str, int] = {}
        for day in (at - demo.AGE + timedelta(days=1), at):
            self.agencies |= {unit.abbreviation: unit.pk for unit in people.list_agencies(workdays.local_date(day))}
        self.posts = cache(people.list_posts)
        self.places = {agency_id: place for place, agency_id in enumerate(self.agencies.values())}

    # keys

    def give_keys(self) -> None:
        """Establish the authority; give every agency its seal and every leader who signs his key."""
        opened = self.at - demo.AGE + timedelta(hours=1)
        keys.establish(name="Cơ quan chứng thực dùng thử", organisation="Tổng cục Z", actor=None, at=opened)
        for agency_id in self.agencies.values():
            try:
                certificates.get_certificate_for_agency(agency_id, self.at)
            except NoCertificate:
                keys.issue_agency_certificate(agency_id=agency_id, actor=None, at=opened)
        self._list_revoked(opened)
        today = workdays.local_date(self.at)
        for agency_id in self.agencies.values():
            for post in self.posts(agency_id, today):
                if post.role == Role.HEAD and post.unit_id == agency_id:
                    self._give_key(post, self.at)

    def _give_key(self, post: PostRow, moment: datetime) -> None:
        """Give the holder of a post his key, from the first day he can have had it."""
        assert post.person_id is not None
        try:
            certificates.get_certificate_for_person(post.person_id, moment, agency_id=post.agency_id)
        except Refusal:
            opened = self.at - demo.AGE + timedelta(hours=2)
            first = self.actor(post, opened)
            keys.issue_person_certificate(
                person_id=post.person_id, post_id=post.id, pin=PIN, actor=None, at=opened if first else moment
            )

    def _list_revoked(self, opened: datetime) -> None:
        """Publish the revocation lists of each week of the year: a signature is judged by the list of its day."""
        moment = opened
        while moment <= self.at:
            lists = certificates.list_revocation_lists(moment)
            if any(row.this_update < moment - timedelta(days=1) for row in lists):
                keys.publish_revocation_list(actor=None, at=moment, lasts=LISTS_LAST)
            moment += LISTS_EVERY

    # people

    def actor(self, post: PostRow, moment: datetime) -> Actor | None:
        """The holder of a post as he acts that day; None when it was not his yet."""
        if post.person_id is None:
            return None
        try:
            return people.get_actor(person_id=post.person_id, post_id=post.id, on=workdays.local_date(moment))
        except Refusal:
            return None

    def holder(self, agency_id: int, post_id: int | None, moment: datetime) -> Actor:
        """Who held a post of an agency at that moment."""
        day = workdays.local_date(moment)
        [post] = [row for row in self.posts(agency_id, day) if row.id == post_id]
        found = self.actor(post, moment)
        if found is None:
            raise _TimeIsUp
        return found

    def clerk(self, agency_id: int, moment: datetime, *, seal: bool = False) -> Actor:
        day = workdays.local_date(moment)
        clerks = [row for row in self.posts(agency_id, day) if row.role == Role.CLERK and row.person_id]
        [chosen, *_] = sorted(clerks, key=lambda row: row.keeps_seal != seal)
        return self.holder(agency_id, chosen.id, moment)

    def officers(self, agency_id: int, moment: datetime, unit_id: int | None = None) -> list[PostRow]:
        rows = self.posts(agency_id, workdays.local_date(moment))
        return [
            row
            for row in rows
            if row.role == Role.OFFICER and row.person_id and (unit_id is None or row.unit_id == unit_id)
        ]

    def signers(self, agency_id: int, type_code: str, day: date) -> list[PostRow]:
        """Who of the agency itself may sign such a document, the head first; a right given to another agency's head is not used."""
        own = {row.id: row for row in self.posts(agency_id, day)}
        rights = people.list_signing_rights(agency_id=agency_id, type_code=type_code, on=day)
        return [own[right.post_id] for right in rights if right.post_id in own]

    def in_time(self, moment: datetime) -> datetime:
        if moment > self.at:
            raise _TimeIsUp
        return moment

    def read_notices(self) -> None:
        """Everybody has read what he was told until the last days."""
        until = self.at - UNREAD
        for agency_id in self.agencies.values():
            for post in self.posts(agency_id, workdays.local_date(self.at)):
                actor = self.actor(post, self.at)
                if actor is not None:
                    notices.mark_all_read(actor=actor, at=until)

    # one part

    def perform(self, part: Plan) -> str:
        """Play one part as far as its time and its `stop` let it; where a rule stands in its way it stays, and why is returned."""
        try:
            if part.paper:
                self._paper(part)
            else:
                self._send(part)
        except _TimeIsUp:
            return ""
        except Refusal as no:
            return str(no)
        return ""

    def _keep(self, act: Callable[[], object], moment: datetime) -> None:
        """Act, and keep at that moment what the act promised."""
        with outbox.kept_by_caller() as made:
            act()
            for promise_id in made:
                outbox.keep(promise_id=promise_id, at=moment)

    def _send(self, part: Plan) -> None:
        agency_id = self.agencies[part.sender]
        dice = part.dice
        moment = part.begun_at
        document = self._find(part) or self._draft(part, agency_id, dice)
        making = document.making
        drafter = self.holder(agency_id, making.drafter_post_id, moment)
        if part.stop == "draft":
            raise _TimeIsUp
        for name, minutes in STEPS:
            moment = after(moment, minutes)
            if part.stop == name or (part.stop == "return" and name == "sign"):
                raise _TimeIsUp
            document = queries.get(document.pk)
            act = self._next_act(document)
            if act == name:
                self.in_time(moment)
                self._act(part, name, document, drafter, moment)
        document = queries.get(document.pk)
        if document.status == Status.ISSUED:
            self._recipients(part, document, drafter, self._delivered_at(part, moment))

    def _next_act(self, document: Document) -> str:
        if document.status in (Status.DRAFTED,):
            return "submit"
        names = {Act.REVIEW: "endorse", Act.SIGN: "sign", Act.NUMBER: "number", Act.SEAL: "seal"}
        return names.get(Act(document.next_act), "")

    def _act(self, part: Plan, name: str, document: Document, drafter: Actor, moment: datetime) -> None:
        today, making = workdays.local_date(moment), document.making
        agency_id = document.agency_id
        if name == "submit":
            self._keep(
                lambda: approve_document.submit(document_id=document.pk, actor=drafter, today=today, at=moment), moment
            )
        elif name == "endorse":
            reviewer = self.holder(agency_id, making.reviewer_post_id, moment)
            if part.stop == "return":
                approve_document.return_to_drafter(
                    document_id=document.pk, reason=part.dice.choice(demo_words.RETURNS), actor=reviewer, at=moment
                )
                raise _TimeIsUp
            self._keep(
                lambda: approve_document.endorse(document_id=document.pk, actor=reviewer, today=today, at=moment),
                moment,
            )
        elif name == "sign":
            signer = self.holder(agency_id, making.signer_post_id, moment)
            self._keep(
                lambda: sign_document.sign_document(
                    document_id=document.pk, seen_file=document.file, pin=PIN, actor=signer, today=today, at=moment
                ),
                moment,
            )
        else:
            clerk = self.clerk(agency_id, moment, seal=name == "seal")
            if name == "number":
                self._keep(
                    lambda: issue_document.number_document(
                        document_id=document.pk, actor=clerk, today=today, at=moment
                    ),
                    self._delivered_at(part, moment),
                )
            else:
                self._keep(
                    lambda: issue_document.seal_document(document_id=document.pk, actor=clerk, at=moment),
                    self._delivered_at(part, moment),
                )

    def _delivered_at(self, part: Plan, moment: datetime) -> datetime:
        return moment + timedelta(days=3) if part.stop == "closing" else moment

    def _find(self, part: Plan) -> Document | None:
        for row in written.list_for(("demonstration", part.number)):
            if row.event == "demonstration.drafted":
                return queries.get(row.facts["document"])
        return None

    def _draft(self, part: Plan, agency_id: int, dice: random.Random) -> Document:
        """Begin the document with its text, recipients and attachment, and write down that this part of the plan is begun."""
        moment, today = part.begun_at, workdays.local_date(part.begun_at)
        answered, drafter = self._asked_by(part, agency_id) or self._answered(part, agency_id, dice)
        if drafter is None:
            drafter = self._drafter(part, agency_id, dice)
        signers = self.signers(agency_id, part.type_code, today)
        signer = signers[0] if len(signers) == 1 or part.drafter or dice.random() < 0.7 else dice.choice(signers)
        self._give_key(signer, moment)
        about = part.subject or demo_words.subject(dice, part.type_code, today)
        reply_by = workdays.add_working_days(today, part.reply_in) if part.reply_in else None
        facts = DraftFacts(
            type_code=part.type_code,
            subject=about,
            urgency=part.urgency,
            reply_by=reply_by,
            in_reply_to_id=answered,
            signer_post_id=signer.id,
        )
        enclosed = (
            files.keep(demo_words.foreign_letter(dice, "Tổng cục Z", "PL", about, moment), at=moment)
            if part.attached
            else None
        )
        with transaction.atomic():
            document = documents.create_draft(facts=facts, actor=drafter, today=today, at=moment)
            documents.set_recipients(
                document_id=document.pk,
                addressed=[self.agencies[mark] for mark in part.to],
                copied=[self.agencies[mark] for mark in part.copied],
                actor=drafter,
                today=today,
                at=moment,
            )
            documents.revise(
                document_id=document.pk,
                facts=facts,
                body=demo_words.body(dice, part.type_code, about),
                uploaded_file="",
                revision=2,
                actor=drafter,
                today=today,
                at=moment,
            )
            if enclosed is not None:
                documents.add_attachment(
                    document_id=document.pk,
                    name="Bang-tong-hop.pdf",
                    file=enclosed.digest,
                    size=enclosed.size,
                    media_type=enclosed.media_type,
                    actor=drafter,
                    at=moment,
                )
            journal.record(
                "demonstration.drafted",
                subject=("demonstration", part.number),
                actor=None,
                at=moment,
                document=document.pk,
            )
        return queries.get(document.pk)

    def _drafter(self, part: Plan, agency_id: int, dice: random.Random) -> Actor:
        rows = self.officers(agency_id, part.begun_at)
        if part.drafter:
            person = people.find_person_by_user_name(part.drafter)
            rows = [row for row in rows if person is not None and row.person_id == person.pk] or rows
        if part.sender == "TCZ" and not part.drafter and dice.random() < 0.35:
            rows = rows[:1]
        row = dice.choice(rows)
        return self.holder(agency_id, row.id, part.begun_at)

    def _asked_by(self, part: Plan, agency_id: int) -> tuple[int, Actor] | None:
        """What a part answers, as its agency holds it, and an officer who was given it; None where it was sent back or closed."""
        asking = self._find(replace(part, number=part.replies_to)) if part.replies_to else None
        if asking is None:
            return None
        asker = self.holder(asking.agency_id, asking.making.drafter_post_id, part.begun_at)
        held = {each.home_id: each.arrival_id for each in exchange.get_board(asker, asking.pk).deliveries}
        arrived = held.get(agency_id)
        if arrived is None:
            return None
        for row in self.officers(agency_id, part.begun_at):
            officer = self.actor(row, part.begun_at)
            if officer is not None and arrived in queries.list_visible(officer, [arrived]):
                return arrived, officer
        return None

    def _answered(self, part: Plan, agency_id: int, dice: random.Random) -> tuple[int | None, Actor | None]:
        """The work that this document answers, and who has it: an officer of the agency who was given it before."""
        if not part.answers:
            return None, None
        found: tuple[int | None, Actor | None] | None = None
        for row in dice.sample(self.officers(agency_id, part.begun_at), len(self.officers(agency_id, part.begun_at))):
            officer = self.actor(row, part.begun_at)
            if officer is None:
                continue
            for assignment in tasks.list_waiting(officer, limit=20):
                if (
                    assignment.holder == f"P{row.id}"
                    and assignment.made_at < part.begun_at
                    and assignment.status
                    in (
                        "given",
                        "started",
                    )
                ):
                    if assignment.document is not None and assignment.document.reply_by is not None:
                        return assignment.document_id, officer  # what asks for an answer has it first
                    found = found or (assignment.document_id, officer)
        return found or (None, None)

    # what becomes of it at its recipients

    def _recipients(self, part: Plan, document: Document, drafter: Actor, moment: datetime) -> None:
        if document.in_reply_to_id is not None:
            with contextlib.suppress(_TimeIsUp):
                self._answer(document, drafter, after(moment, 5), part.dice)
        for delivery in exchange.get_board(drafter, document.pk).deliveries:
            if delivery.arrival_id is None:
                continue
            try:
                self._receive(part, delivery, delivery.arrival_id, moment)
            except _TimeIsUp:
                continue

    def _answer(self, document: Document, drafter: Actor, moment: datetime, dice: random.Random) -> None:
        """Hand in the work with the document that answers, and have it accepted level by level."""
        if moment > self.at:
            return
        for assignment in tasks.list_waiting(drafter, limit=50):
            if assignment.document_id == document.in_reply_to_id and assignment.status in ("given", "started"):
                self._finish(assignment, drafter, moment, dice, document.pk)
                return

    def _hand_in(
        self,
        assignment: Assignment,
        holder: Actor,
        moment: datetime,
        dice: random.Random,
        reply_id: int | None = None,
    ) -> None:
        direct_document.hand_in(
            assignment_id=assignment.pk,
            words=dice.choice(demo_words.RESULTS),
            reply_id=reply_id,
            actor=holder,
            at=self.in_time(moment),
        )

    def _finish(
        self,
        assignment: Assignment,
        holder: Actor,
        moment: datetime,
        dice: random.Random,
        reply_id: int | None = None,
    ) -> None:
        """Hand an assignment in, and the one it was passed down from after it, each accepted by its giver."""
        self._hand_in(assignment, holder, moment, dice, reply_id)
        giver = self.holder(holder.agency_id, int(assignment.giver_holder[1:]), moment)
        moment = after(moment, 45)
        if not reply_id and dice.random() < 0.05:
            direct_document.send_back(
                assignment_id=assignment.pk,
                reason=dice.choice(demo_words.BETTER),
                actor=giver,
                at=self.in_time(moment),
            )
            moment = after(moment, 200)
            direct_document.hand_in(
                assignment_id=assignment.pk,
                words="Đã bổ sung theo ý kiến chỉ đạo.",
                actor=holder,
                at=self.in_time(moment),
            )
            moment = after(moment, 60)
        direct_document.accept(assignment_id=assignment.pk, actor=giver, at=self.in_time(moment))
        above = assignment.directive.parent
        if above is not None and not tasks.open_below(above):
            self._finish(above, giver, after(moment, 30), dice)

    def _receive(self, part: Plan, delivery: Delivery, document_id: int, delivered: datetime) -> None:
        """What a recipient does with an arrival. Its clerk registers in the order of arrival, after the same time each."""
        document, agency_id = queries.get(document_id), delivery.home_id
        if document.status != Status.ARRIVED or part.stop == "arrived":
            return
        dice = random.Random((SEED * 7 + part.number) * 1000 + self.places[agency_id])
        luck = dice.random()
        behind = agency_id == self.agencies[demo_history.BEHIND]
        moment = after(delivered, 20 + self.places[agency_id] * 7 % 70 + SLOW * behind)
        clerk = self.clerk(agency_id, moment, seal=True)
        if luck < 0.03:
            reason, words = dice.choice(demo_words.SENT_BACK)
            receive_document.send_back(
                document_id=document_id, reason=reason, words=words, actor=clerk, at=self.in_time(moment)
            )
            if part.old or dice.random() < 0.6:
                self._settle(delivery, after(moment, 300))
            return
        if not part.old and luck < 0.22:
            return  # the clerk has not come to it: late, by and by
        today = workdays.local_date(moment)
        document = receive_document.register(
            document_id=document_id, despite_duplicate=True, actor=clerk, today=today, at=self.in_time(moment)
        )
        if not part.old and luck < 0.34:
            return  # waits for the head
        self._direct(part, document, dice, after(moment, dice.randint(40, 300)), luck)

    def _settle(self, delivery: Delivery, moment: datetime) -> None:
        """The sender's clerk sees to what came back."""
        clerk = self.clerk(delivery.dispatch.agency_id, moment)
        exchange_acts.settle(delivery_id=delivery.pk, actor=clerk, at=self.in_time(moment))

    def _direct(self, part: Plan, document: Document, dice: random.Random, moment: datetime, luck: float) -> None:
        head = self.holder(document.agency_id, int(document.next_holder[1:]), moment)
        self.in_time(moment)
        if luck > (0.42 if part.old else 0.88) and not (part.old and part.reply_in):
            receive_document.close(document_id=document.pk, actor=head, at=moment)
            return
        day = workdays.local_date(moment)
        parts = list(people.list_departments(document.agency_id, day))
        dice.shuffle(parts)
        led_by = [unit for unit in parts if self._head_of(document.agency_id, unit.pk, moment)]
        days = dice.choice((2, 5, 5, 7, 7, 10, 15))
        due = workdays.deadline(moment, days).at
        shares = [Share(Part.LEAD, unit_id=led_by[0].pk, due_at=due)]
        if len(led_by) > 1 and dice.random() < 0.25 and not part.old:
            shares.append(Share(Part.JOIN, unit_id=led_by[1].pk, due_at=due))
        if len(led_by) > 2 and dice.random() < 0.4:
            shares.append(Share(Part.INFORM, unit_id=led_by[2].pk))
        directive = direct_document.direct(
            document_id=document.pk,
            words=dice.choice(demo_words.DIRECTIVES),
            shares=shares,
            beyond=True,
            actor=head,
            at=moment,
        )
        for assignment in directive.assignments.all():
            self._work(part, assignment, dice, moment, due)

    def _head_of(self, agency_id: int, unit_id: int, moment: datetime) -> PostRow | None:
        for row in self.posts(agency_id, workdays.local_date(moment)):
            if row.unit_id == unit_id and row.role == Role.HEAD and row.person_id:
                return row
        return None

    def _work(self, part: Plan, assignment: Assignment, dice: random.Random, moment: datetime, due: datetime) -> None:
        """The head of a part takes the work on, or gives it to one of his officers; it ends in time, late, or not yet."""
        agency_id, unit_id = assignment.in_unit.agency_id, assignment.unit_id
        head = self._head_of(agency_id, unit_id or 0, moment)
        if head is None:
            return
        worker = self.holder(agency_id, head.id, moment)
        moment = after(moment, dice.randint(20, 400))
        if assignment.role == Part.INFORM:
            if part.old or dice.random() < 0.6:
                work.note(assignment_id=assignment.pk, actor=worker, at=self.in_time(moment))
            return
        behind = agency_id == self.agencies[demo_history.BEHIND]
        if not part.old and due < self.at and not behind and dice.random() < 0.85:
            part = replace(part, old=True)  # what was due is mostly done
        if not part.old and dice.random() < 0.2:
            return  # given, and not begun
        for chosen in self._passed_to(part, agency_id, unit_id, moment, dice):
            directive = direct_document.pass_down(
                assignment_id=assignment.pk,
                words=dice.choice(demo_words.PASSED_DOWN),
                shares=[Share(Part.LEAD, post_id=chosen.id, due_at=due if due > moment else None)],
                actor=worker,
                at=self.in_time(moment),
            )
            [assignment] = directive.assignments.all()
            worker = self.holder(agency_id, chosen.id, moment)
            moment = after(moment, dice.randint(15, 90))
        moment = after(moment, dice.randint(60, 600))
        if part.old and behind:
            moment = after(moment, dice.randint(0, 6000))
        if not part.old and dice.random() < 0.75:
            direct_document.report(
                assignment_id=assignment.pk,
                words=dice.choice(demo_words.REPORTS),
                percent=dice.choice((20, 40, 50, 60, 80)),
                actor=worker,
                at=self.in_time(moment),
            )
            if dice.random() < 0.5:
                return  # goes on
        if part.old and dice.random() < 0.01:
            return  # forgotten: long overdue
        moment = after(moment, dice.randint(60, 1200))
        if not part.old and dice.random() < 0.5:
            self._hand_in(assignment, worker, moment, dice)
            return  # whoever gave it has not looked at it yet
        self._finish(assignment, worker, moment, dice)

    def _passed_to(
        self, part: Plan, agency_id: int, unit_id: int | None, moment: datetime, dice: random.Random
    ) -> list[PostRow]:
        """To whom the head of a unit passes his work on: to nobody, to an officer, or by his deputy to an officer."""
        officers = self.officers(agency_id, moment, unit_id)
        if part.old and part.reply_in and officers:
            return officers[:1]  # who will write the answer
        if not officers or dice.random() >= (0.3 if part.old else 0.75):
            return []
        deputies = [
            row
            for row in self.posts(agency_id, workdays.local_date(moment))
            if row.role == Role.DEPUTY and row.person_id and row.unit_id == unit_id
        ]
        between = [dice.choice(deputies)] if deputies and dice.random() < 0.5 else []
        return [*between, dice.choice(officers)]

    def _paper(self, part: Plan) -> None:
        """A paper that came by hand: the clerk scans and registers it."""
        dice = part.dice
        agency_id = self.agencies[part.to[0]]
        arrived = after(part.begun_at, 225)
        moment = after(arrived, 20 + self.places[agency_id] * 7 % 70)
        day = workdays.local_date(arrived)
        about = demo_words.subject(dice, "CV", day)
        issuer = dice.choice(demo_words.OUTSIDERS)
        code = f"{dice.randint(10, 900)}/CV-{dice.choice(('VP', 'TH', 'KD', 'QLKH'))}"
        scan = demo_words.foreign_letter(dice, issuer, code.partition("/")[2], about, part.begun_at)
        clerk = self.clerk(agency_id, moment, seal=True)
        with TemporaryFile() as paper:
            paper.write(scan)
            taken = taking.take_scan(paper, name="ban-quet.pdf", at=moment)
        document = receive_document.receive_paper(
            facts=PaperFacts(
                type_code="CV", subject=about, issuer_name=issuer, code=code, document_date=day - timedelta(days=3)
            ),
            scan=taken,
            key=f"demonstration:{part.number}",
            despite_duplicate=True,
            actor=clerk,
            today=workdays.local_date(moment),
            at=self.in_time(moment),
        )
        if document.status == Status.REGISTERED and (part.old or dice.random() < 0.6):
            self._direct(part, document, dice, after(moment, dice.randint(40, 300)), dice.random())


def bind_the_plan(*, at: datetime) -> None:
    """Say at the plan of the year by which decision it was issued, as soon as that is."""
    document = next((found for each in issuing(at) if (found := _Play(at)._find(each))), None)
    if document is not None and document.status == Status.ISSUED:
        demo_programme.bind_paper(document_id=document.pk, at=at)


# Beside the running node --------------------------------------------------------------------------------------------------------


def fill_in_background() -> None:
    """What the supervisor's child does: make the traffic politely, and say how far it is: here, and in the sign of health."""
    os.nice(10)
    load("antin.jobs.handlers")
    began = time.monotonic()
    said = 0

    def tell(done: int, of: int) -> None:
        nonlocal said
        progress.tell(settings.STATE / "demonstration", done, of)
        tenth = done * 10 // of
        if tenth > said:
            said = tenth
            print(f"  Văn bản mẫu: {done}/{of} ({time.monotonic() - began:.0f} giây)", flush=True)

    demo_programme.fill_programme(at=datetime.now(UTC))
    demo_rooms.fill_rooms(at=datetime.now(UTC))
    fill_traffic(at=datetime.now(UTC), tell=tell)
    bind_the_plan(at=_begin(datetime.now(UTC)))
    demo_history.fill_history(at=_begin(datetime.now(UTC)))
    demo_secrets.fill_secrets(_Play(_begin(datetime.now(UTC))), pin=PIN, after=after)
