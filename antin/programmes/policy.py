"""Who may see, write and approve programmes, and why not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from antin.documents.states import CANCELLED
from antin.documents.states import Status as Stage
from antin.people.actor import Actor
from antin.people.states import Role
from antin.programmes.models import Programme, Review, Version
from antin.programmes.states import HELD, OPEN, STEPS, Status
from antin.refusal import NotAllowed, Refusal, WrongState
from antin.tasks.policy import leads

if TYPE_CHECKING:
    from antin.documents.models import Document

IN_FORCE = frozenset({Stage.ISSUED, Stage.REGISTERED, Stage.DIRECTED, Stage.PROCESSING, Stage.COMPLETED, Stage.PAST})
"""What went out of a registry, or was taken into one."""


class NotTheWriter(NotAllowed):
    code = "not_the_writer"
    words = _("Kế hoạch này do %(unit)s soạn.")


class NotTheApprover(NotAllowed):
    code = "not_the_approver"
    words = _("Chỉ cấp trưởng, cấp phó của %(unit)s duyệt và giao việc theo kế hoạch này.")


class NotAWriter(NotAllowed):
    code = "not_a_writer"
    words = _("Văn thư, quản trị viên không lập kế hoạch.")


class VersionInHand(Refusal):
    code = "version_in_hand"
    words = _("Đang có bản sửa đổi chưa duyệt xong.")


class NothingWritten(Refusal):
    code = "nothing_written"
    words = _("Kế hoạch chưa có phần nào.")


class NotInForce(Refusal):
    code = "not_in_force"
    words = _("Kế hoạch chưa được duyệt hoặc đã kết thúc.")


def visible_to(actor: Actor, above: list[int], below: Q) -> Q:
    """Return the filter of the programmes this actor may see.

    A programme that was approved is there for everybody in its unit and below it (`above`: the actor's unit and those over it), for
    the agency it belongs to, and for those who lead over it (`below`); before that, for who writes it and who approves it.
    """
    if actor.role == Role.ADMINISTRATOR:
        return Q(pk=None)
    approved = Q(versions__status__in=HELD) & (Q(unit_id__in=above) | Q(unit__agency_id=actor.agency_id))
    own = Q(made_in_id=actor.unit_id) | Q(unit_id=actor.unit_id)
    return approved | own | (Q(versions__status__in=HELD) & below if leads(actor) else Q(pk=None))


def why_not_begin(actor: Actor) -> Refusal | None:
    """Why this actor may not begin a programme."""
    return None if actor.role in (Role.HEAD, Role.DEPUTY, Role.OFFICER) else NotAWriter()


def why_not_write(actor: Actor, programme: Programme) -> Refusal | None:
    """Why this actor may not write a version of the programme: the unit that writes it does, and the one whose it is."""
    no = why_not_begin(actor)
    if no is None and actor.unit_id not in (programme.made_in_id, programme.unit_id):
        return NotTheWriter(unit=programme.made_in.name)
    return no


def why_not_change(actor: Actor, programme: Programme, version: Version) -> Refusal | None:
    """Why this actor may not change what a version says."""
    no = why_not_write(actor, programme)
    return no or (None if version.status == Status.DRAFTED else WrongState(state=str(Status(version.status).label)))


def why_not_begin_version(actor: Actor, programme: Programme, newest: Version) -> Refusal | None:
    """Why this actor may not begin the next version."""
    no = why_not_write(actor, programme)
    if no is None and newest.status in OPEN:
        return VersionInHand()
    return no or (None if newest.status in (Status.APPROVED, Status.DROPPED) else NotInForce())


def why_not_submit(actor: Actor, programme: Programme, version: Version) -> Refusal | None:
    """Why this actor may not submit a version for approval."""
    return why_not_change(actor, programme, version) or (None if version.content.get("parts") else NothingWritten())


def why_not_decide(actor: Actor, programme: Programme, version: Version, step: str) -> Refusal | None:
    """Why this actor may not approve a version or send it back."""
    if not leads(actor) or actor.unit_id != programme.unit_id:
        return NotTheApprover(unit=programme.unit.name)
    if version.status not in STEPS[step][0]:
        return WrongState(state=str(Status(version.status).label))
    return None if version.content.get("parts") else NothingWritten()


def why_not_entrust(actor: Actor, programme: Programme, version: Version | None) -> Refusal | None:
    """Why this actor may not give out the work of a programme."""
    if not leads(actor) or actor.unit_id != programme.unit_id:
        return NotTheApprover(unit=programme.unit.name)
    return None if version is not None and version.status == Status.APPROVED else NotInForce()


class NotIssuedYet(Refusal):
    code = "paper_not_issued"
    words = _("Văn bản %(code)s chưa phát hành hoặc chưa vào sổ; chỉ gắn kế hoạch với văn bản đã có hiệu lực.")


class SecretPaper(Refusal):
    code = "paper_is_secret"
    words = _("Kế hoạch ở đây không niêm phong, nên không gắn với văn bản mật.")


class PaperRecalled(Refusal):
    code = "paper_recalled"
    words = _("Văn bản %(code)s đã bị thu hồi hoặc thay thế; gắn với văn bản đang có hiệu lực.")


def why_not_bind(actor: Actor, programme: Programme, version: Version, paper: Document | None = None) -> Refusal | None:
    """Why this actor may not say by which paper a version was issued: who writes the programme, and who approves it, may."""
    no = why_not_write(actor, programme)
    if no is not None and leads(actor) and actor.unit_id == programme.unit_id:
        no = None
    if no is not None or paper is None:
        return no or (None if version.digest else NotInForce())
    if not version.digest:
        return NotInForce()
    if paper.secrecy or paper.classified_id is not None:
        return SecretPaper()
    if paper.standing in CANCELLED:
        return PaperRecalled(code=paper.code)
    return None if paper.status in IN_FORCE else NotIssuedYet(code=paper.code or paper.subject[:60])


def why_not_note_reached(actor: Actor, programme: Programme, version: Version | None) -> Refusal | None:
    """Why this actor may not note that a milestone was reached: who writes the programme, and who approves it, may."""
    no = why_not_write(actor, programme)
    return no or (None if version is not None and version.status == Status.APPROVED else NotInForce())


class ReviewClosed(Refusal):
    code = "review_closed"
    words = _("Giao ban này đã kết thúc.")


class NotTheChair(NotAllowed):
    code = "not_the_chair"
    words = _("Chỉ cấp trưởng, cấp phó của %(unit)s chủ trì giao ban này.")


def review_visible_to(actor: Actor, above: list[int], below: Q) -> Q:
    """Return the filter of the reviews this actor may see: those of his agency and of the units over him, and, for who leads, of
    those below. The rows in them he sees as far as he may see the work by itself."""
    if actor.role == Role.ADMINISTRATOR:
        return Q(pk=None)
    seen = Q(unit_id__in=above) | Q(unit__agency_id=actor.agency_id)
    return seen | below if leads(actor) else seen


def why_not_call(actor: Actor) -> Refusal | None:
    """Why this actor may not call a review: who leads a unit does, of that unit."""
    return None if leads(actor) else NotTheChair(unit=actor.unit_name)


def why_not_chair(actor: Actor, review: Review) -> Refusal | None:
    """Why this actor may not decide at a review or close it."""
    if not leads(actor) or actor.unit_id != review.unit_id:
        return NotTheChair(unit=review.unit.name)
    return ReviewClosed() if review.closed_at else None


class NotAReporter(NotAllowed):
    code = "not_a_reporter"
    words = _("Văn thư, quản trị viên không lập báo cáo kỳ.")


def why_not_report(actor: Actor) -> Refusal | None:
    """Why this actor may not draft the report of a period: heads, deputies and officers do, of their agency or of their unit."""
    return None if why_not_begin(actor) is None else NotAReporter()


class PeriodNotOver(Refusal):
    code = "report_period_not_over"
    words = _("Kỳ báo cáo phải đã qua và không quá một năm: ngày cuối kỳ phải trước hôm nay.")


def why_not_period(since: date, until: date, today: date) -> Refusal | None:
    """Why two days do not bound a period that can be reported on."""
    return None if since <= until < today and (until - since).days <= 370 else PeriodNotOver()
