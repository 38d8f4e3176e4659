"""The words of the room: whose certificate, which authority, which device, and how each can stand."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Subject(models.TextChoices):
    """Whom a certificate names (Decree 68/2024: an officer on public duty, or an agency)."""

    PERSON = "person", _("Cá nhân")
    AGENCY = "agency", _("Cơ quan, tổ chức")


class Role(models.TextChoices):
    """What an authority of this node does."""

    ROOT = "root", _("Chứng thực gốc")
    ISSUING = "issuing", _("Cấp chứng thư số")
    TIMESTAMP = "timestamp", _("Cấp dấu thời gian")


class Device(models.TextChoices):
    """Where a private key is kept."""

    SOFTWARE = "software", _("Khóa phần mềm do hệ thống giữ")
    TOKEN = "token", _("Thiết bị lưu khóa cắm vào máy chủ (PKCS#11, HSM)")
    REMOTE = "remote", _("Dịch vụ ký số từ xa (CSC)")
    AGENT = "agent", _("Thiết bị lưu khóa trên máy của người ký")


class DeviceStatus(models.TextChoices):
    ACTIVE = "active", _("Đang dùng")
    LOST = "lost", _("Đã báo mất")
    RETURNED = "returned", _("Đã thu hồi")
    DESTROYED = "destroyed", _("Đã hủy khóa")


class Reason(models.TextChoices):
    """Why a certificate is revoked; the values are the names of RFC 5280, 5.3.1."""

    UNSPECIFIED = "unspecified", _("Không nêu lý do")
    KEY_COMPROMISE = "keyCompromise", _("Lộ khóa bí mật hoặc mất thiết bị lưu khóa")
    AFFILIATION_CHANGED = "affiliationChanged", _("Thay đổi chức vụ, đơn vị")
    SUPERSEDED = "superseded", _("Được thay bằng chứng thư số khác")
    CESSATION = "cessationOfOperation", _("Thôi sử dụng")


class Standing(models.TextChoices):
    """How a certificate stands at a moment."""

    NOT_YET = "not_yet", _("Chưa có hiệu lực")
    VALID = "valid", _("Có hiệu lực")
    EXPIRED = "expired", _("Hết hạn")
    REVOKED = "revoked", _("Đã thu hồi")


class Purpose(models.TextChoices):
    """What a certificate's key is for: one that signs never opens what was sealed, one that opens never signs."""

    SIGNING = "signing", _("Ký số")
    ENCRYPTION = "encryption", _("Mã hóa")


class Asking(models.TextChoices):
    """How a request for a certificate stands."""

    ASKED = "asked", _("Chờ cấp")
    ISSUED = "issued", _("Đã cấp chứng thư số")
    DECLINED = "declined", _("Không cấp")


class Passing(models.TextChoices):
    """How a hand-over of a device stands."""

    OFFERED = "offered", _("Chờ bên nhận ký biên bản")
    TAKEN = "taken", _("Đã bàn giao")
    DECLINED = "declined", _("Bên nhận từ chối")
    WITHDRAWN = "withdrawn", _("Đã rút lại")


Status = Passing
STEPS: dict[str, tuple[frozenset[Passing], Passing]] = {
    "take": (frozenset({Passing.OFFERED}), Passing.TAKEN),
    "decline": (frozenset({Passing.OFFERED}), Passing.DECLINED),
    "withdraw": (frozenset({Passing.OFFERED}), Passing.WITHDRAWN),
}
BEGINNINGS = frozenset({Passing.OFFERED})
FINAL = frozenset({Passing.TAKEN, Passing.DECLINED, Passing.WITHDRAWN})


def step(name: str, status: str) -> Passing:
    """Return the status of a hand-over that the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Passing(status).label))
    return target
