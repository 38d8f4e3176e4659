"""How a state looks: one table from each state to its words, tone and icon.

The words are the label of the state, which has its home in the room; tone and icon have theirs here. Tones: "" at rest, `flow`
under way, `ok` done or valid, `warn` due soon or cannot be determined, `late` overdue, refused or invalid. Colour never speaks
alone.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Choices
from django.utils.functional import Promise

from antin.agenda.states import Answer as Coming
from antin.agenda.states import Status as Planned
from antin.batches.states import Status as Batched
from antin.documents.states import Act
from antin.documents.states import Standing as Force
from antin.documents.states import Status as Document
from antin.estate.states import Status as Finding
from antin.exchange.states import ParcelStatus as Parcel
from antin.exchange.states import ReplyStatus as Reply
from antin.exchange.states import Status as Delivery
from antin.handovers.states import Status as Post
from antin.indicators.states import Status as Contested
from antin.intake.states import Parting
from antin.intake.states import Status as Scanned
from antin.keys.states import Asking, DeviceStatus, Passing, Standing
from antin.nodes.states import Moving
from antin.numbering.states import Status as Number
from antin.oldbooks.states import Outcome
from antin.oldbooks.states import Status as OldBook
from antin.opinions.states import Settlement
from antin.opinions.states import Status as Opinion
from antin.opinions.states import Verdict as Judgement
from antin.people.states import Status as Person
from antin.programmes.states import Status as Version
from antin.signing.states import ItemState as Item
from antin.signing.states import Verdict
from antin.tasks.states import Role as TaskRole
from antin.tasks.states import Status as Task
from antin.vault.states import Ceremony
from antin.vault.states import Status as Secret


class Tone(NamedTuple):
    """Words, tone and icon of one state; the parts `tag` and `said` take it as it is."""

    words: str | Promise
    tone: str
    icon: str


LOOKS: dict[type[Choices], dict[Choices, tuple[str, str]]] = {
    Planned: {
        Planned.PROPOSED: ("", "ring"),
        Planned.RETURNED: ("late", "undo"),
        Planned.APPROVED: ("flow", "half"),
        Planned.PUBLISHED: ("ok", "check"),
        Planned.CANCELLED: ("late", "x"),
        Planned.WITHDRAWN: ("", "x"),
    },
    Finding: {
        Finding.FOUND: ("warn", "warning"),
        Finding.GIVEN: ("flow", "half"),
        Finding.SETTLED: ("ok", "check"),
    },
    Coming: {
        Coming.ASKED: ("", "ring"),
        Coming.ACCEPTED: ("ok", "check"),
        Coming.DECLINED: ("late", "x"),
        Coming.SUBSTITUTED: ("flow", "swap"),
    },
    Document: {
        Document.DRAFTED: ("", "draft"),
        Document.SUBMITTED: ("", "ring"),
        Document.ENDORSED: ("", "pen"),
        Document.RETURNED: ("late", "undo"),
        Document.SIGNED: ("flow", "half"),
        Document.ISSUED: ("ok", "check"),
        Document.ASKED: ("", "ring"),
        Document.PERMITTED: ("flow", "half"),
        Document.ABANDONED: ("", "x"),
        Document.ARRIVED: ("", "ring"),
        Document.SENT_BACK: ("late", "undo"),
        Document.REGISTERED: ("", "ring"),
        Document.DIRECTED: ("flow", "half"),
        Document.PROCESSING: ("flow", "half"),
        Document.COMPLETED: ("ok", "check"),
        Document.PAST: ("", "book"),
    },
    Post: {
        Post.OPEN: ("", "ring"),
        Post.FIXED: ("flow", "half"),
        Post.DONE: ("ok", "check"),
        Post.WITHDRAWN: ("", "x"),
    },
    OldBook: {
        OldBook.READ: ("", "ring"),
        OldBook.CHECKED: ("flow", "eye"),
        OldBook.TAKING: ("flow", "half"),
        OldBook.TAKEN: ("ok", "check"),
        OldBook.DROPPED: ("", "x"),
        OldBook.UNDONE: ("late", "undo"),
    },
    Outcome: {
        Outcome.READY: ("", "ring"),
        Outcome.VOID: ("warn", "x"),
        Outcome.REFUSED: ("late", "warning"),
        Outcome.TAKEN: ("ok", "check"),
    },
    Batched: {
        Batched.WAITING: ("", "ring"),
        Batched.DONE: ("ok", "check"),
        Batched.FAILED: ("late", "warning"),
    },
    Act: {
        Act.NONE: ("", ""),
        Act.FINISH_DRAFT: ("", "draft"),
        Act.REVIEW: ("", "task"),
        Act.INITIAL: ("", "pen"),
        Act.CHECK: ("", "check"),
        Act.SIGN: ("", "pen"),
        Act.NUMBER: ("", "number"),
        Act.JOINT_SEAL: ("", "seal"),
        Act.SEAL: ("", "seal"),
        Act.PERMIT: ("", "check"),
        Act.PRINT: ("", "print"),
        Act.REGISTER: ("", "inbox"),
        Act.DIRECT: ("", "flag"),
    },
    Opinion: {
        Opinion.WAITING: ("", "clock"),
        Opinion.ASKED: ("", "ring"),
        Opinion.ANSWERED: ("ok", "check"),
        Opinion.DROPPED: ("", "x"),
    },
    Judgement: {
        Judgement.AGREED: ("ok", "check"),
        Judgement.REMARKED: ("flow", "draft"),
        Judgement.DISAGREED: ("late", "x"),
    },
    Settlement: {
        Settlement.NONE: ("", ""),
        Settlement.TAKEN_IN: ("ok", "check"),
        Settlement.IN_PART: ("flow", "half"),
        Settlement.EXPLAINED: ("", "info"),
    },
    Delivery: {
        Delivery.QUEUED: ("", "clock"),
        Delivery.FAILED: ("late", "warning"),
        Delivery.SENT: ("", "send"),
        Delivery.ARRIVED: ("", "ring"),
        Delivery.RETURNED: ("late", "undo"),
        Delivery.REGISTERED: ("flow", "check"),
        Delivery.ASSIGNED: ("flow", "half"),
        Delivery.PROCESSING: ("flow", "half"),
        Delivery.DONE: ("ok", "check"),
        Delivery.WITHHELD: ("", "x"),
    },
    Scanned: {
        Scanned.READING: ("", "clock"),
        Scanned.READY: ("flow", "eye"),
        Scanned.REGISTERED: ("ok", "check"),
        Scanned.DROPPED: ("", "x"),
    },
    Parting: {
        Parting.WAITING: ("", "clock"),
        Parting.PARTED: ("ok", "check"),
        Parting.FAILED: ("late", "warning"),
    },
    Secret: {
        Secret.PROTECTED: ("", "lock"),
        Secret.DECLASSIFIED: ("ok", "check"),
        Secret.DESTROYED: ("", "x"),
    },
    Ceremony: {
        Ceremony.ASKED: ("warn", "clock"),
        Ceremony.HALF: ("flow", "half"),
        Ceremony.DONE: ("ok", "check"),
        Ceremony.WITHDRAWN: ("", "x"),
    },
    Parcel: {
        Parcel.KEPT: ("flow", "clock"),
        Parcel.TAKEN: ("ok", "check"),
        Parcel.SET_ASIDE: ("late", "warning"),
        Parcel.DROPPED: ("", "x"),
    },
    Force: {
        Force.IN_FORCE: ("ok", "check"),
        Force.CORRECTED: ("warn", "draft"),
        Force.REPLACED: ("late", "swap"),
        Force.RECALLED: ("late", "x"),
    },
    Reply: {
        Reply.ASKED: ("warn", "clock"),
        Reply.AGREED: ("ok", "check"),
        Reply.REFUSED: ("late", "x"),
    },
    Task: {
        Task.GIVEN: ("", "ring"),
        Task.STARTED: ("flow", "half"),
        Task.HANDED_IN: ("flow", "send"),
        Task.ACCEPTED: ("ok", "check"),
        Task.NOTED: ("ok", "eye"),
        Task.CANCELLED: ("", "x"),
        Task.DECLINED: ("late", "undo"),
    },
    Contested: {
        Contested.OPEN: ("warn", "clock"),
        Contested.AGREED: ("ok", "check"),
        Contested.REFUSED: ("late", "x"),
        Contested.WITHDRAWN: ("", "undo"),
        Contested.TAKEN_BACK: ("", "undo"),
    },
    Version: {
        Version.DRAFTED: ("", "draft"),
        Version.SUBMITTED: ("warn", "clock"),
        Version.APPROVED: ("flow", "half"),
        Version.REPLACED: ("", "swap"),
        Version.ENDED: ("ok", "check"),
        Version.DROPPED: ("", "x"),
    },
    TaskRole: {
        TaskRole.LEAD: ("", "flag"),
        TaskRole.JOIN: ("", "people"),
        TaskRole.INFORM: ("", "eye"),
    },
    Verdict: {
        Verdict.UNSIGNED: ("", "file"),
        Verdict.VALID: ("ok", "shield-check"),
        Verdict.UNDETERMINED: ("warn", "shield-ask"),
        Verdict.INVALID: ("late", "shield-x"),
    },
    Item: {
        Item.WAITING: ("", "ring"),
        Item.SIGNED: ("flow", "half"),
        Item.DONE: ("ok", "check"),
        Item.FAILED: ("late", "warning"),
    },
    Number: {
        Number.TAKEN: ("ok", "check"),
        Number.RESERVED: ("warn", "clock"),
        Number.VOIDED: ("", "x"),
        Number.MOVED: ("flow", "swap"),
    },
    Moving: {
        Moving.CLOSED: ("flow", "clock"),
        Moving.CONFIRMED: ("ok", "check"),
        Moving.RETURNED: ("warn", "undo"),
        Moving.REOPENED: ("", "check"),
        Moving.ARRIVED: ("warn", "inbox"),
        Moving.TAKEN: ("ok", "check"),
        Moving.GIVEN_BACK: ("", "undo"),
        Moving.WAIVED: ("late", "warning"),
    },
    Person: {
        Person.ACTIVE: ("ok", "check"),
        Person.LOCKED: ("late", "lock"),
        Person.LEFT: ("", "x"),
    },
    Standing: {
        Standing.NOT_YET: ("warn", "clock"),
        Standing.VALID: ("ok", "shield-check"),
        Standing.EXPIRED: ("late", "warning"),
        Standing.REVOKED: ("late", "shield-x"),
    },
    Asking: {
        Asking.ASKED: ("warn", "clock"),
        Asking.ISSUED: ("ok", "check"),
        Asking.DECLINED: ("late", "x"),
    },
    Passing: {
        Passing.OFFERED: ("warn", "clock"),
        Passing.TAKEN: ("ok", "check"),
        Passing.DECLINED: ("late", "x"),
        Passing.WITHDRAWN: ("", "undo"),
    },
    DeviceStatus: {
        DeviceStatus.ACTIVE: ("ok", "key"),
        DeviceStatus.LOST: ("late", "warning"),
        DeviceStatus.RETURNED: ("", "undo"),
        DeviceStatus.DESTROYED: ("", "x"),
    },
}


def of(state: Choices) -> Tone:
    """The words, tone and icon of a state.

    :raises KeyError: the state is not in the table
    """
    tone, icon = LOOKS[type(state)][state]
    return Tone(state.label, tone, icon)
