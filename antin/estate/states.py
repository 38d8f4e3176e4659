"""The words of the estate: what a thing is, how it stands, on which network it lies; and the life of a finding."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Kind(models.TextChoices):
    WORKSTATION = "workstation", _("Máy trạm")
    SERVER = "server", _("Máy chủ")
    NETWORK = "network", _("Mạng")
    DATA_ROOM = "data_room", _("Phòng máy chủ")


MACHINES = (Kind.WORKSTATION, Kind.SERVER)


class Use(models.TextChoices):
    """Whether a thing is in use. What is stored or retired is counted nowhere."""

    USED = "used", _("Đang dùng")
    STORED = "stored", _("Cất giữ")
    RETIRED = "retired", _("Đã thải loại")


class Network(models.TextChoices):
    """To what a machine is connected."""

    NONE = "none", _("Không nối mạng")
    ISOLATED = "isolated", _("Mạng nội bộ độc lập")
    MILITARY = "military", _("Mạng truyền số liệu quân sự")
    INTERNET = "internet", _("Internet")


class Edition(models.TextChoices):
    WEB = "web", _("Bản web")
    DESKTOP = "desktop", _("Bản máy tính")
    MOBILE = "mobile", _("Bản di động")


class Source(models.TextChoices):
    """Where an import came from."""

    TABLE = "table", _("Bảng XLSX, CSV")
    AGENT = "agent", _("Tệp kiểm kê của phần mềm")
    OSQUERY = "osquery", _("Tệp osquery")
    WAZUH = "wazuh", _("Tệp Wazuh")


class Why(models.TextChoices):
    """Why a machine is not protected."""

    ABSENT = "absent", _("không có phần mềm phòng, chống mã độc")
    UNDATED = "undated", _("không rõ ngày cập nhật mẫu")
    OLD = "old", _("mẫu nhận diện quá cũ")


class Status(models.TextChoices):
    """How a finding of a check stands."""

    FOUND = "found", _("Chưa xử lý")
    GIVEN = "given", _("Đã giao xử lý")
    SETTLED = "settled", _("Đã khắc phục")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    "give": (frozenset({Status.FOUND}), Status.GIVEN),
    "settle": (frozenset({Status.FOUND, Status.GIVEN}), Status.SETTLED),
}
BEGINNINGS = frozenset({Status.FOUND})
FINAL = frozenset({Status.SETTLED})


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to. :raises WrongState: it does not start from this status"""
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target
