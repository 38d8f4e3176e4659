"""Who may run the node's dealings with others, and what is not believed."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from antin.nodes import parcels
from antin.nodes.models import BookMove, Identity, Member
from antin.nodes.states import MOVES, Moving, Standing
from antin.people import policy as people
from antin.people import queries as units
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, WrongState


class NoIdentity(Refusal):
    code = "node_has_no_identity"
    words = _("Nút này chưa có tên và khóa để liên kết với nút khác.")


class HasIdentity(Refusal):
    code = "node_has_identity"
    words = _("Nút này đã có tên là %(code)s trong danh bạ do %(coordinator)s điều phối.")


class NotTheCoordinator(Refusal):
    code = "not_the_coordinator"
    words = _("Chỉ nút điều phối %(coordinator)s được sửa danh bạ.")


class BadNodeCode(Refusal):
    code = "bad_node_code"
    words = _("Tên nút gồm 2 đến 20 chữ thường không dấu, chữ số, gạch nối, bắt đầu bằng chữ.")


class NodeCodeTaken(Refusal):
    code = "node_code_taken"
    words = _("Đã có nút tên %(code)s, hoặc đang mời.")


class AgencyServedElsewhere(Refusal):
    code = "agency_served_elsewhere"
    words = _("Cơ quan %(agency)s đang thuộc nút %(node)s.")


class NoSuchMember(NotFound):
    code = "no_such_member"
    words = _("Không có nút %(code)s trong danh bạ.")


class Expelled(Refusal):
    code = "member_expelled"
    words = _("Nút %(code)s đã bị loại khỏi danh bạ.")


class ItselfOrCoordinator(Refusal):
    code = "not_the_coordinator_itself"
    words = _("Không làm việc này với nút điều phối.")


class InvitationOver(Refusal):
    code = "invitation_over"
    words = _("Giấy mời không còn hiệu lực, hoặc không phải do nút này phát.")


class NotInDirectory(Refusal):
    """An edition that does not list this node: it would cut itself off."""

    code = "not_in_directory"
    words = _("Danh bạ không có nút này.")


class FingerprintDiffers(Refusal):
    code = "fingerprint_differs"
    words = _("Dấu vân tay không khớp. Không tiếp tục; gọi lại cho bên kia bằng số đã biết từ trước.")


def why_not_same(told: str, found: str) -> Refusal | None:
    """Why what a person was told by word of mouth is not this fingerprint."""
    same = bool(found) and told.replace(" ", "").upper() == found.replace(" ", "")
    return None if same else FingerprintDiffers()


def why_not_run(actor: Actor | None) -> Refusal | None:
    """Only the node itself, or the administrator of the root of the house, deals with other nodes."""
    return people.why_not_administer(actor, units.find_root())


def why_not_coordinate(actor: Actor | None, identity: Identity) -> Refusal | None:
    """Why this node may not change the directory now."""
    no = why_not_run(actor)
    return no or (None if identity.coordinates else NotTheCoordinator(coordinator=identity.coordinator))


class TakesNoUrging(Refusal):
    code = "takes_no_urging"
    words = _("Phần mềm của nút %(code)s chưa nhận được đôn đốc; đôn đốc bằng văn bản hoặc điện thoại.")


def why_not_urge(member: Member) -> Refusal | None:
    """Why a partner cannot be urged: it was expelled, or it has spoken and runs a program that does not know urging."""
    if member.stated and parcels.URGING not in str(member.stated.get("takes", "")).split(","):
        return why_not_believe(member) or TakesNoUrging(code=member.code)
    return why_not_believe(member)


class TakesNoBooks(Refusal):
    code = "takes_no_books"
    words = _("Phần mềm của nút %(code)s chưa nhận được sổ chuyển đến; nâng cấp nút ấy trước.")


class NotItsBooks(Refusal):
    """The books of an agency are closed for a node that does not serve it, or at one that never did."""

    code = "not_its_books"
    words = _("Danh bạ không cho chuyển sổ của cơ quan %(agency)s từ nút %(node)s sang nút %(to)s.")


class MoveUnderWay(Refusal):
    code = "book_move_under_way"
    words = _("Sổ của cơ quan %(agency)s đang chuyển sang nút %(to)s.")


class MoveOvertaken(Refusal):
    """A statement that is older than another of the same agency: replayed, or come too late."""

    code = "book_move_overtaken"
    words = _("Bản bàn giao sổ của cơ quan %(agency)s cũ hơn bản đã nhận hoặc đã lập sau đó.")


class AnotherMove(Refusal):
    """The same move told in other words, or by another node."""

    code = "book_move_changed"
    words = _("Bản bàn giao sổ này đã đến trước với nội dung khác, hoặc không phải của nút này.")


class NothingAwaited(Refusal):
    code = "no_books_awaited"
    words = _("Không chờ sổ của cơ quan %(agency)s từ nút nào.")


def why_not_take_move(move: BookMove) -> Refusal | None:
    """Why books that came cannot be taken in: they were before, or were given back."""
    if move.inward and move.status in MOVES["take"][0]:
        return why_not_believe(move.member)
    return WrongState(state=str(Moving(move.status).label))


def why_not_move_to(member: Member) -> Refusal | None:
    """Why books cannot be sent to a partner: it was expelled, or runs a program that does not know moving books."""
    if member.stated and parcels.BOOKS not in str(member.stated.get("takes", "")).split(","):
        return why_not_believe(member) or TakesNoBooks(code=member.code)
    return why_not_believe(member)


def why_not_believe(member: Member) -> Refusal | None:
    """Why nothing is taken from a member, or sent to it."""
    return Expelled(code=member.code) if member.standing == Standing.EXPELLED else None
