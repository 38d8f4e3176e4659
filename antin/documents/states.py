"""The life of a document in one agency: an outgoing one from draft to issue, an incoming one from arrival to completion."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from antin.refusal import WrongState


class Direction(models.TextChoices):
    OUT = "out", _("Văn bản đi")
    IN = "in", _("Văn bản đến")


class Status(models.TextChoices):
    DRAFTED = "drafted", _("Đang soạn")
    SUBMITTED = "submitted", _("Chờ duyệt")
    ENDORSED = "endorsed", _("Chờ ký")
    RETURNED = "returned", _("Bị trả lại")
    SIGNED = "signed", _("Đã ký")
    ISSUED = "issued", _("Đã phát hành")
    ASKED = "asked", _("Chờ cho sao")
    PERMITTED = "permitted", _("Đã cho sao")
    ABANDONED = "abandoned", _("Đã bỏ")
    ARRIVED = "arrived", _("Chờ vào sổ")
    SENT_BACK = "sent_back", _("Đã trả nơi gửi")
    REGISTERED = "registered", _("Chờ chỉ đạo")
    DIRECTED = "directed", _("Đã giao")
    PROCESSING = "processing", _("Đang xử lý")
    COMPLETED = "completed", _("Đã hoàn thành")
    PAST = "past", _("Từ sổ cũ")


STEPS: dict[str, tuple[frozenset[Status], Status]] = {
    # outgoing
    "submit": (frozenset({Status.DRAFTED, Status.RETURNED}), Status.SUBMITTED),
    "withdraw": (frozenset({Status.SUBMITTED}), Status.DRAFTED),
    "endorse": (frozenset({Status.SUBMITTED}), Status.ENDORSED),
    "return": (frozenset({Status.SUBMITTED, Status.ENDORSED, Status.SIGNED}), Status.RETURNED),
    "sign": (frozenset({Status.ENDORSED}), Status.SIGNED),
    "issue": (frozenset({Status.SIGNED, Status.PERMITTED}), Status.ISSUED),
    "abandon": (frozenset({Status.DRAFTED, Status.RETURNED}), Status.ABANDONED),
    # a copy of a paper: asked for and permitted, never drafted
    "permit": (frozenset({Status.ASKED}), Status.PERMITTED),
    "drop": (frozenset({Status.ASKED, Status.PERMITTED}), Status.ABANDONED),
    # incoming
    "register": (frozenset({Status.ARRIVED}), Status.REGISTERED),
    "send_back": (frozenset({Status.ARRIVED}), Status.SENT_BACK),
    "direct": (frozenset({Status.REGISTERED, Status.DIRECTED, Status.PROCESSING}), Status.DIRECTED),
    "begin": (frozenset({Status.DIRECTED, Status.PROCESSING}), Status.PROCESSING),
    "complete": (frozenset({Status.REGISTERED, Status.DIRECTED, Status.PROCESSING}), Status.COMPLETED),
}

BEGINNINGS = frozenset({Status.DRAFTED, Status.ASKED, Status.ARRIVED, Status.PAST})
EDITABLE = frozenset({Status.DRAFTED, Status.RETURNED})
FINAL = frozenset({Status.ISSUED, Status.ABANDONED, Status.SENT_BACK, Status.COMPLETED, Status.PAST})
ON_ITS_WAY = frozenset({Status.SUBMITTED, Status.ENDORSED, Status.SIGNED})
"""Handed on by its drafter; it may come back to him."""
TO_ISSUE = frozenset({Status.SIGNED, Status.PERMITTED})
"""Waits for its number, then for the seal."""
OPEN_OUT = TO_ISSUE | {Status.DRAFTED, Status.SUBMITTED, Status.ENDORSED, Status.RETURNED, Status.ASKED}
OPEN_IN = frozenset({Status.ARRIVED, Status.REGISTERED, Status.DIRECTED, Status.PROCESSING})


class Urgency(models.IntegerChoices):
    """Decree 30/2020; the numbers are those of QCVN 102:2016 `Priority`."""

    ORDINARY = 0, _("Thường")
    URGENT = 1, _("Khẩn")
    VERY_URGENT = 2, _("Thượng khẩn")
    IMMEDIATE = 3, _("Hỏa tốc")


class Circulation(models.TextChoices):
    """How far a paper may go round, as box 11 says it (Decree 30/2020, Appendix I, II.11)."""

    FREE = "", _("Không hạn chế")
    RETURN = "return", _("Xem xong trả lại")
    INTERNAL = "internal", _("Lưu hành nội bộ")


CIRCULATION_NOTES = {
    Circulation.FREE: "",
    Circulation.RETURN: "XEM XONG TRẢ LẠI",
    Circulation.INTERNAL: "LƯU HÀNH NỘI BỘ",
}
"""Box 11, as it is printed: never translated (Decree 30/2020, Appendix I, II.11)."""


class Use(models.TextChoices):
    """What somebody did with a file of a paper whose circulation is limited."""

    SEEN = "seen", _("Xem")
    TAKEN = "taken", _("Tải về")
    PRINTED = "printed", _("In")


class Secrecy(models.IntegerChoices):
    """Levels of the state-secrets law; 0 is not classified."""

    NONE = 0, _("Không mật")
    CONFIDENTIAL = 1, _("Mật")
    SECRET = 2, _("Tối mật")
    TOP_SECRET = 3, _("Tuyệt mật")


MASKS = {
    Secrecy.CONFIDENTIAL: "Văn bản độ Mật",
    Secrecy.SECRET: "Văn bản độ Tối mật",
    Secrecy.TOP_SECRET: "Văn bản độ Tuyệt mật",
}
"""What stands everywhere in place of the subject of a classified document: data that is kept, listed and sent."""

DECLASSIFIED = "Văn bản đã giải mật"
"""What stands there once it is declassified, until a reader brings its words into clear; he needs no clearance any more."""


class Standing(models.TextChoices):
    """Whether an issued or received document still holds. It is frozen, never deleted: what it said can be proven."""

    IN_FORCE = "", _("Có hiệu lực")
    CORRECTED = "corrected", _("Đã đính chính")
    REPLACED = "replaced", _("Đã thay thế")
    RECALLED = "recalled", _("Đã thu hồi")


CANCELLED = frozenset({Standing.REPLACED, Standing.RECALLED})


class Act(models.TextChoices):
    """What the holder of a document must do with it now."""

    NONE = "", ""
    FINISH_DRAFT = "finish_draft", _("Soạn tiếp")
    REVIEW = "review", _("Duyệt")
    INITIAL = "initial", _("Ký nháy")
    CHECK = "check", _("Kiểm tra thể thức")
    SIGN = "sign", _("Ký")
    NUMBER = "number", _("Cấp số")
    JOINT_SEAL = "joint_seal", _("Đóng dấu cùng ban hành")
    SEAL = "seal", _("Đóng dấu")
    PERMIT = "permit", _("Cho sao")
    PRINT = "print", _("In, ký, đóng dấu")
    REGISTER = "register", _("Vào sổ")
    DIRECT = "direct", _("Chỉ đạo")


SIGNING = frozenset({Act.INITIAL, Act.CHECK, Act.SIGN})
"""What is done with a key on the fixed page."""


class Part(models.TextChoices):
    """What somebody's signature on the page is, in the order of the law (Decree 30/2020, art. 10 to 13)."""

    INITIALS = "initials", _("Ký nháy nội dung")
    FORMAT = "format", _("Kiểm tra thể thức")
    COSIGNER = "cosigner", _("Cùng ký")
    SIGNER = "signer", _("Người ký")


class CopyForm(models.TextChoices):
    """What a copy is made as (Decree 30/2020, art. 25)."""

    ELECTRONIC = "electronic", _("Bản điện tử")
    PAPER = "paper", _("Bản giấy")


COPY_WAYS: dict[str, frozenset[tuple[CopyForm, CopyForm]]] = {
    "SY": frozenset(
        {
            (CopyForm.PAPER, CopyForm.PAPER),
            (CopyForm.ELECTRONIC, CopyForm.PAPER),
            (CopyForm.PAPER, CopyForm.ELECTRONIC),
        }
    ),
    "SL": frozenset(
        {
            (CopyForm.PAPER, CopyForm.PAPER),
            (CopyForm.PAPER, CopyForm.ELECTRONIC),
            (CopyForm.ELECTRONIC, CopyForm.PAPER),
        }
    ),
    "TrS": frozenset((of, to) for of in CopyForm for to in CopyForm),
}
"""From which form to which each kind of copy may be made. Law: Decree 30/2020, art. 25: an electronic paper is never copied into
an electronic one but as an extract, for each of its copies is the original."""


ACT_OF = {Part.INITIALS: Act.INITIAL, Part.FORMAT: Act.CHECK, Part.COSIGNER: Act.SIGN, Part.SIGNER: Act.SIGN}


def step(name: str, status: str) -> Status:
    """Return the status that the step leads to.

    :raises WrongState: the step does not start from this status
    """
    allowed, target = STEPS[name]
    if status not in allowed:
        raise WrongState(state=str(Status(status).label))
    return target
