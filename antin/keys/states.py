"""The words of the room: whose certificate, which authority, which device, and how each can stand."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
