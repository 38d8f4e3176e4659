"""Who sees, proposes, approves and publishes what stands in a calendar, and why not."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from antin.agenda.models import Entry, Invitee
from antin.agenda.states import HOLDING, STEPS, WRITTEN, Answer, Status
from antin.documents.models import Document
from antin.documents.states import Status as Stage
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotAllowed, Refusal, WrongState


class NotAProposer(NotAllowed):
    code = "agenda_not_a_proposer"
    words = _("Quản trị viên không đăng ký lịch công tác.")


class NotTheOffice(NotAllowed):
    code = "agenda_not_the_office"
    words = _("Chỉ lãnh đạo văn phòng, lãnh đạo cơ quan duyệt, ban hành lịch công tác.")


class NotTheKeeper(NotAllowed):
    code = "agenda_not_the_keeper"
    words = _("Phòng họp do văn phòng quản lý.")


class NotTheWriter(NotAllowed):
    code = "agenda_not_the_writer"
    words = _("Lịch này do %(unit)s đăng ký; muốn thay đổi, đề nghị đơn vị đó hoặc văn phòng.")


class NotInvited(NotAllowed):
    code = "agenda_not_invited"
    words = _("Lời mời này gửi %(name)s.")


class NotTheHost(NotAllowed):
    code = "agenda_not_the_host"
    words = _("Chỉ người chủ trì, đơn vị chuẩn bị và văn phòng làm được việc này.")


class OverAlready(Refusal):
    code = "agenda_over"
    words = _("Lịch này đã qua.")


class NotBegun(Refusal):
    code = "agenda_not_begun"
    words = _("Cuộc họp chưa bắt đầu.")


class ClassifiedPaper(Refusal):
    code = "agenda_classified_paper"
    words = _("Văn bản mật không kèm vào lịch họp; người dự được cấp quyền đọc trong kho tài liệu mật.")


class NotRegistered(Refusal):
    code = "agenda_not_registered"
    words = _("Chỉ kèm được văn bản đã phát hành hoặc đã vào sổ.")


REGISTERED = frozenset({Stage.ISSUED, Stage.REGISTERED, Stage.DIRECTED, Stage.PROCESSING, Stage.COMPLETED})


def posts_of(actor: Actor) -> list[str]:
    """The holders by which somebody himself is meant: his post, his person, and the posts he substitutes."""
    return [each for each in actor.holders if each[0] in "PM"]


def is_office(actor: Actor, offices: Collection[int]) -> bool:
    """Whether the actor works where the registry of his agency is (`offices`), or leads the agency."""
    return actor.role != Role.ADMINISTRATOR and (
        actor.unit_id in offices or (actor.leads and actor.unit_id == actor.agency_id)
    )


def concerns(actor: Actor) -> Q:
    """Return the filter of the entries that concern this actor: he leads it, is invited, or comes for somebody who is."""
    return (
        Q(chair__in=actor.holders) | Q(invitees__holder__in=actor.holders) | Q(invitees__substitute__in=posts_of(actor))
    )


def visible_to(actor: Actor, offices: Collection[int]) -> Q:
    """Return the filter of the entries this actor may see.

    What was published is there for the whole agency, unless it is restricted; before that it is for the unit that proposed it,
    those it concerns, and the office.
    """
    if actor.role == Role.ADMINISTRATOR:
        return Q(pk=None)
    own = Q(unit_id=actor.unit_id) | Q(prepares_id=actor.unit_id)
    public = Q(agency_id=actor.agency_id, published_at__isnull=False, restricted=False)
    office = Q(agency_id=actor.agency_id) if is_office(actor, offices) else Q(pk=None)
    settled = Q(published_at__isnull=False) | Q(status__in=(Status.APPROVED, Status.CANCELLED))
    return own | public | office | (concerns(actor) & settled) | Q(chair__in=actor.holders)


def takes_part(actor: Actor, entry: Entry, invitees: Collection[Invitee]) -> bool:
    """Whether an entry concerns the actor, or his unit prepares it: its papers are for those."""
    if actor.role == Role.ADMINISTRATOR:
        return False
    own = posts_of(actor)
    return (
        entry.chair in actor.holders
        or actor.unit_id in (entry.unit_id, entry.prepares_id)
        or any(each.holder in actor.holders or each.substitute in own for each in invitees)
    )


def why_not_propose(actor: Actor) -> Refusal | None:
    """Why this actor may not propose an entry."""
    return NotAProposer() if actor.role == Role.ADMINISTRATOR else None


def why_not_decide(actor: Actor, offices: Collection[int]) -> Refusal | None:
    """Why this actor may not approve, send back, publish or cancel."""
    return None if actor.leads and is_office(actor, offices) else NotTheOffice()


def why_not_keep_venues(actor: Actor, offices: Collection[int]) -> Refusal | None:
    """Why this actor may not add or close a meeting room."""
    return None if is_office(actor, offices) else NotTheKeeper()


def why_not_change(actor: Actor, entry: Entry, offices: Collection[int]) -> Refusal | None:
    """Why this actor may not change what an entry says: its unit until it is approved, then the office."""
    if entry.status not in HOLDING | WRITTEN:
        return WrongState(state=str(Status(entry.status).label))
    if entry.status in WRITTEN and actor.unit_id == entry.unit_id and actor.role != Role.ADMINISTRATOR:
        return None
    if actor.agency_id == entry.agency_id and why_not_decide(actor, offices) is None:
        return None
    return NotTheWriter(unit=entry.unit.name)


def why_not_act(actor: Actor, entry: Entry, name: str, offices: Collection[int]) -> Refusal | None:
    """Why this actor may not take a step with an entry: approve, send_back, cancel; propose (again), withdraw."""
    if entry.status not in STEPS[name][0]:
        return WrongState(state=str(Status(entry.status).label))
    if name in ("propose", "withdraw"):
        own = actor.unit_id == entry.unit_id and actor.role != Role.ADMINISTRATOR
        return None if own else NotTheWriter(unit=entry.unit.name)
    if actor.agency_id != entry.agency_id:
        return NotTheOffice()
    return why_not_decide(actor, offices)


def why_not_answer(actor: Actor, entry: Entry, invitee: Invitee, *, over: bool) -> Refusal | None:
    """Why this actor may not answer an invitation."""
    if invitee.holder not in actor.holders:
        return NotInvited(name=invitee.name)
    if entry.status not in (Status.APPROVED, Status.PUBLISHED):
        return WrongState(state=str(Status(entry.status).label))
    return OverAlready() if over else None


def why_not_host(actor: Actor, entry: Entry, offices: Collection[int]) -> Refusal | None:
    """Why this actor may not add papers, count who came, or write down what was concluded."""
    if entry.status not in HOLDING:
        return WrongState(state=str(Status(entry.status).label))
    if actor.role == Role.ADMINISTRATOR:
        return NotTheHost()
    hosts = actor.unit_id in (entry.unit_id, entry.prepares_id) or entry.chair in actor.holders
    return None if hosts or (actor.agency_id == entry.agency_id and is_office(actor, offices)) else NotTheHost()


def why_not_conclude(actor: Actor, entry: Entry, offices: Collection[int], *, begun: bool) -> Refusal | None:
    """Why nobody, or not this actor, may count who came or write conclusions: only once it has begun, and was approved."""
    no = why_not_host(actor, entry, offices)
    if no is None and entry.status not in (Status.APPROVED, Status.PUBLISHED):
        return WrongState(state=str(Status(entry.status).label))
    return no or (None if begun else NotBegun())


def why_not_attach(document: Document) -> Refusal | None:
    """Why a document may not go with an entry: what is classified is read in the vault alone."""
    if document.secrecy or document.classified_id is not None:
        return ClassifiedPaper()
    return None if document.status in REGISTERED else NotRegistered()


def may_show(actor: Actor) -> bool:
    """Whether attaching a document lets the invited see it: for who leads, or keeps the register; others only name it."""
    return actor.leads or f"R{actor.agency_id}" in actor.holders


def comes(invitee: Invitee) -> bool:
    """Whether the invited one himself is busy then."""
    return invitee.answer not in (Answer.DECLINED, Answer.SUBSTITUTED)
