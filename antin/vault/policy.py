"""Who may open, pass on, raise, lower and destroy state secrets. Clearance and need to know are both asked, at every act.

What somebody has no need to know looks as if it were absent; a reader whose clearance does not reach it is told so.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from antin.people.actor import Actor
from antin.people.states import Clearance, Role
from antin.refusal import NotAllowed, NotFound, Refusal, WrongState
from antin.vault.models import Classified, Copy, Reader, Recovery, RecoveryKey
from antin.vault.states import PASSING_ON, Ceremony, Level, Need, Status, term_years, years_after

LARGEST = 50_000_000
"""Bytes of one content. It is in memory some five times while it is sealed or opened, for nothing unproven is given out."""
OFFICERS = 3


class NotCleared(Refusal):
    code = "not_cleared"
    words = _("Đồng chí chưa được phép tiếp cận tài liệu độ %(level)s.")


class ReaderNotCleared(Refusal):
    code = "reader_not_cleared"
    words = _("%(name)s chưa được phép tiếp cận tài liệu độ %(level)s.")


class NoEncryptionCertificate(Refusal):
    code = "no_encryption_certificate"
    words = _(
        "%(name)s chưa có chứng thư số mã hóa nên chưa đọc được tài liệu mật. Người giữ lập bằng mã PIN của mình."
    )


class NoRecoveryKey(Refusal):
    code = "no_recovery_key"
    words = _("%(name)s chưa cử ba cán bộ giữ khóa phục hồi nên chưa soạn, nhận được tài liệu mật trên hệ thống.")


class AlreadyReader(Refusal):
    code = "already_reader"
    words = _("%(name)s đã được đọc tài liệu này.")


class LastReader(Refusal):
    code = "last_reader"
    words = _("Đây là người đọc duy nhất còn lại; thêm người khác trước khi rút quyền.")


class NeedsDecision(Refusal):
    code = "needs_decision"
    words = _("Phải ghi số, ngày của quyết định; ngày quyết định không sau hôm nay.")


class NotTheOrigin(Refusal):
    code = "not_the_origin"
    words = _("Độ mật và thời hạn bảo vệ do cơ quan ban hành quyết định; tài liệu này nhận từ %(name)s.")


class LevelUnchanged(Refusal):
    code = "level_unchanged"
    words = _("Tài liệu đang ở độ %(level)s.")


class TermNotLonger(Refusal):
    code = "term_not_longer"
    words = _("Thời hạn gia hạn phải sau ngày %(until)s.")


class TermTooLong(Refusal):
    code = "term_too_long"
    words = _("Mỗi lần gia hạn không quá %(years)s năm, tức đến hết ngày %(latest)s.")


class DifferentThree(Refusal):
    code = "different_three"
    words = _("Khóa phục hồi do đúng ba cán bộ khác nhau giữ.")


class NotAnOfficer(Refusal):
    code = "not_an_officer"
    words = _("Chỉ cán bộ giữ khóa phục hồi của đơn vị được mở khóa phục hồi.")


class SameOfficer(Refusal):
    code = "same_officer"
    words = _("Đồng chí đã mở phần của mình; cần một cán bộ giữ khóa phục hồi khác.")


class OwnRecovery(Refusal):
    code = "own_recovery"
    words = _("Cán bộ giữ khóa phục hồi không mở khóa để cấp tài liệu cho chính mình.")


class RecoveryDamaged(Refusal):
    code = "recovery_damaged"
    words = _("Các phần của khóa phục hồi không khớp với khóa đã lập; chưa có gì được mở.")


class ContentDamaged(Refusal):
    code = "content_damaged"
    words = _("Nội dung đã mã hóa không còn nguyên vẹn nên không mở. Báo cán bộ quản trị; không dùng bản này.")


class NotSealedToYou(Refusal):
    code = "not_sealed_to_you"
    words = _("Nội dung này chưa được mã hóa cho khóa hiện nay của đồng chí. Đề nghị người đang đọc được cấp lại.")


class NotOpenedHere(Refusal):
    code = "not_opened_in_browser"
    words = _("Nội dung này được mã hóa bằng bộ mã riêng, không mở được trong trình duyệt.")


class TooManyForDevice(Refusal):
    code = "too_many_for_device"
    words = _(
        "Tài liệu này có hơn %(most)d nội dung; thiết bị của đồng chí không mở hết trong một lần. Nhờ người đọc khác làm."
    )


class NothingToFind(Refusal):
    code = "nothing_to_find"
    words = _("Nhập từ cần tìm.")


class TooLargeToSeal(Refusal):
    code = "too_large_to_seal"
    words = _("Tệp lớn hơn %(limit_mb)s MB nên không mã hóa được trên hệ thống này.")


class NothingToSeal(Refusal):
    code = "nothing_to_seal"
    words = _("Không có nội dung để mã hóa.")


class ChangedMeanwhile(Refusal):
    code = "vault_changed_meanwhile"
    words = _("Tài liệu vừa được người khác thay đổi; chưa có gì được ghi. Đồng chí thực hiện lại.")


class CopiesOutstanding(Refusal):
    code = "copies_outstanding"
    words = _("Còn %(count)s bản chưa thu hồi hoặc tiêu hủy; xử lý hết rồi mới tiêu hủy tài liệu.")


class CopyEnded(Refusal):
    code = "copy_ended"
    words = _("Bản số %(number)s đã được thu hồi hoặc tiêu hủy.")


class NeedsMinutesAndWitness(Refusal):
    code = "needs_minutes_and_witness"
    words = _("Tiêu hủy phải có biên bản và người thứ hai chứng kiến.")


def level_of(actor: Actor) -> int:
    """The highest level the actor is cleared for; 0 is none."""
    return Clearance.values.index(actor.clearance)


def highest(*levels: int) -> int:
    """The level of what is made of parts, answers or copies something: never below any of them."""
    return max(levels, default=0)


def visible_to(actor: Actor) -> Q:
    """The filter of the classified things this actor may open."""
    cleared = Q(level__lte=level_of(actor)) | ~Q(status=Status.PROTECTED)
    return Q(readers__person_id=actor.person_id, readers__removed_at=None) & cleared


def why_not_begin(actor: Actor, level: int) -> Refusal | None:
    """Whoever is cleared for a level may begin something of it."""
    if actor.on_behalf:
        return NotAllowed()
    if level not in Level.values or level_of(actor) < level:
        return NotCleared(level=Level(level).label if level in Level.values else level)
    return None


def why_not_open(actor: Actor, classified: Classified, reader: Reader | None) -> Refusal | None:
    """Need to know, then clearance; after declassification the need alone."""
    if reader is None:
        return NotFound(classified_id=classified.pk)
    if classified.status == Status.DESTROYED:
        return WrongState(state=Status(classified.status).label)
    if classified.status == Status.PROTECTED and level_of(actor) < classified.level:
        return NotCleared(level=Level(classified.level).label)
    return None


def why_not_seal(actor: Actor, classified: Classified, reader: Reader | None, size: int) -> Refusal | None:
    """Something is added by whoever may open the rest; after declassification too, so that its parts stay together."""
    refusal = why_not_open(actor, classified, reader)
    if refusal is not None:
        return refusal
    if size == 0:
        return NothingToSeal()
    return TooLargeToSeal(limit_mb=LARGEST // 1_000_000) if size > LARGEST else None


def why_not_pass_on(actor: Actor, classified: Classified, reader: Reader | None) -> Refusal | None:
    """Who drafted, signs, keeps the book or received it says who else reads it; a reviewer or assignee does not."""
    refusal = why_not_open(actor, classified, reader)
    if refusal is not None:
        return refusal
    assert reader is not None
    return None if Need(reader.need) in PASSING_ON else NotAllowed()


def why_not_become_reader(name: str, clearance: str, level: int) -> Refusal | None:
    """Nobody is made a reader whose clearance does not reach the level."""
    if Clearance.values.index(clearance) < level:
        return ReaderNotCleared(name=name, level=Level(level).label)
    return None


def why_not_remove(actor: Actor, classified: Classified, own: Reader | None, others: int) -> Refusal | None:
    """As passing on; somebody must be left who can open it."""
    return why_not_pass_on(actor, classified, own) or (None if others else LastReader())


def why_not_head(actor: Actor, agency_id: int | None = None) -> Refusal | None:
    """The head of his agency (or of the one named), in person."""
    wanted = actor.agency_id if agency_id is None else agency_id
    return None if actor.role == Role.HEAD and actor.unit_id == wanted and not actor.on_behalf else NotAllowed()


def why_not_see_recovery(actor: Actor, *, officer: bool) -> Refusal | None:
    """Who keeps the recovery key is told to the head, to whoever keeps it, and to whoever is cleared; to others it is absent."""
    known = officer or level_of(actor) > 0 or why_not_head(actor) is None
    return None if known else NotFound()


def why_not_decide(
    actor: Actor, classified: Classified, own: Reader | None, *, paper: str, decided_on: date, today: date
) -> Refusal | None:
    """Level and term are the head's of the agency that holds it, by a paper with number and day.

    Of a paper that came by hand they are its sender's, who tells it by a paper: the head or a clerk who reads it records that.
    """
    refusal = why_not_open(actor, classified, own)
    if refusal is not None:
        return refusal
    records = classified.came_by_hand and actor.role == Role.CLERK and actor.agency_id == classified.agency_id
    if why_not_head(actor, classified.agency_id) is not None and (not records or actor.on_behalf):
        return NotAllowed()
    if classified.received_from and not classified.came_by_hand:
        return NotTheOrigin(name=classified.received_from)
    if classified.status != Status.PROTECTED:
        return WrongState(state=Status(classified.status).label)
    return None if paper.strip() and classified.fixed_on <= decided_on <= today else NeedsDecision()


def why_not_change_level(actor: Actor, classified: Classified, level: int) -> Refusal | None:
    """To another level, which the one who decides is himself cleared for."""
    if level == classified.level:
        return LevelUnchanged(level=Level(level).label)
    return why_not_begin(actor, level)


def why_not_extend(classified: Classified, until: date, decided_on: date) -> Refusal | None:
    """Later than now said, and each time by no more than the level's own term."""
    if until <= classified.protected_until:
        return TermNotLonger(until=f"{classified.protected_until:%d/%m/%Y}")
    years = term_years(classified.level, decided_on)
    latest = years_after(classified.protected_until, years)
    return None if until <= latest else TermTooLong(years=years, latest=f"{latest:%d/%m/%Y}")


def why_not_keep_copies(actor: Actor, classified: Classified, own: Reader | None) -> Refusal | None:
    """The register of copies is kept by whoever may pass the thing on."""
    return why_not_pass_on(actor, classified, own)


def why_not_end_copy(copy: Copy) -> Refusal | None:
    """A copy comes back or is destroyed once; one that came back may still be destroyed."""
    return None if copy.destroyed_at is None else CopyEnded(number=copy.number)


def why_not_destroy(
    actor: Actor, classified: Classified, own: Reader | None, *, minutes: str, witness: Reader | None, outstanding: int
) -> Refusal | None:
    """The head destroys, a second reader sees it, minutes say so, and no copy is left anywhere."""
    refusal = why_not_open(actor, classified, own)
    if refusal is not None:
        return refusal
    if why_not_head(actor, classified.agency_id) is not None:
        return NotAllowed()
    if not minutes.strip() or witness is None or witness.person_id == actor.person_id:
        return NeedsMinutesAndWitness()
    return CopiesOutstanding(count=outstanding) if outstanding else None


def why_not_establish(actor: Actor, officers: list[int], decision: str) -> Refusal | None:
    """The head of an agency names three different officers by a decision."""
    if why_not_head(actor) is not None:
        return NotAllowed()
    if len(officers) != OFFICERS or len(set(officers)) != OFFICERS:
        return DifferentThree()
    return None if decision.strip() else NeedsDecision()


def why_not_ask_recovery(actor: Actor, classified: Classified, decision: str) -> Refusal | None:
    """The head of the agency asks, whether he reads the thing himself or not, for somebody who needs it."""
    if actor.agency_id != classified.agency_id:
        return NotFound(classified_id=classified.pk)
    if why_not_head(actor, classified.agency_id) is not None:
        return NotAllowed()
    if classified.status != Status.PROTECTED:
        return WrongState(state=Status(classified.status).label)
    return None if decision.strip() else NeedsDecision()


def why_not_officiate(actor: Actor, key: RecoveryKey, officers: set[int], recovery: Recovery) -> Refusal | None:
    """An officer of that very key, in that agency; never for himself."""
    if actor.agency_id != key.agency_id:
        return NotFound(recovery_id=recovery.pk)
    if actor.person_id not in officers or actor.on_behalf:
        return NotAnOfficer()
    return OwnRecovery() if actor.person_id == recovery.person_id else None


def why_not_step(recovery: Recovery, expected: Ceremony) -> Refusal | None:
    """A ceremony goes forward, one officer after the other."""
    return None if recovery.state == expected else WrongState(state=Ceremony(recovery.state).label)
