"""What may stand in the way of a parcel, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop as _

from antin.exchange.channels.wire import LineFault
from antin.refusal import Refusal

if TYPE_CHECKING:
    pass


class NotToANode(LineFault):
    """No parcel can be made of it: no such member any more, too large, nobody to sign."""

    code = "not_to_a_node"
    words = _("Không gửi được sang nút %(node)s: %(why)s")
    final = True


class NotSignedYet(LineFault):
    code = "receipt_not_signed"
    words = _("Chưa ký được giấy báo gửi nút %(node)s: %(why)s")


class NotRememberedYet(Refusal):
    """This node was restored: a receipt signed now could contradict one that was signed after the backup."""

    code = "not_remembered_yet"
    words = _("máy chủ này vừa được khôi phục, chờ bên kia cho biết đã ký những gì sau bản sao lưu")


class NotSealedToThem(Refusal):
    code = "not_sealed_to_them"
    words = _("Văn bản mật chưa được niêm phong cho người đọc của %(agency)s khi phát hành.")


class SecretInClear(Refusal):
    """A paper that says it is secret and comes unsealed, or the other way round: somebody has let a level fall."""

    code = "secret_in_clear"
    words = _("Văn bản ghi độ mật nhưng không niêm phong đúng độ mật đó; không nhận.")


class NotServedHere(Refusal):
    code = "agency_not_served_here"
    words = _("Cơ quan %(agency)s không thuộc nút này.")


class SenderNotServedThere(Refusal):
    """A node speaks for an agency that the directory gives to another."""

    code = "sender_not_served_there"
    words = _("Danh bạ không giao cơ quan %(agency)s cho nút %(node)s.")


class NotYoursToAskBack(Refusal):
    """Somebody asks back, replaces or corrects what another agency sent."""

    code = "not_yours_to_ask_back"
    words = _("Cơ quan %(agency)s không gửi văn bản mà họ yêu cầu thu hồi, thay thế hoặc đính chính.")


class BrokenHere(Refusal):
    """Nothing is known to be wrong with the parcel: whoever opens it here fails, or is killed by it."""

    code = "parcel_broken_here"
    words = _("Máy chủ này mở kiện nhiều lần không được, lỗi của chương trình: %(fault)s")


class BrokeItsTaker(Refusal):
    code = "message_broke_its_taker"
    words = _("Không xử lý được một thông điệp trên đường (%(what)s); xem nhật ký của máy chủ.")


class FileLacking(Refusal):
    """A file that the partner thought we had has to come first."""

    code = "parcel_file_lacking"
    words = _("Thiếu tệp mà bên gửi cho rằng bên này đã có.")
