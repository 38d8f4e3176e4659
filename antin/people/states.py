"""The words of people: roles of posts, kinds of units, forms of signing, levels of clearance."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a post may do by its nature."""

    HEAD = "head", _("Cấp trưởng")
    DEPUTY = "deputy", _("Cấp phó")
    OFFICER = "officer", _("Cán bộ")
    CLERK = "clerk", _("Văn thư")
    ADMINISTRATOR = "administrator", _("Quản trị")


class Kind(TextChoices):
    """What a unit is called in the tree; nothing depends on it."""

    GENERAL_DEPARTMENT = "general_department", _("Tổng cục")
    DEPARTMENT = "department", _("Cục")
    OFFICE = "office", _("Văn phòng")
    CENTRE = "centre", _("Trung tâm")
    SCHOOL = "school", _("Trường")
    INSTITUTE = "institute", _("Viện")
    STORE = "store", _("Kho")
    WORKSHOP = "workshop", _("Xưởng")
    BOARD = "board", _("Ban")
    DIVISION = "division", _("Phòng")
    SECTION = "section", _("Bộ phận")
    UNIT = "unit", _("Đơn vị")


class Form(TextChoices):
    """In whose name a person signs. Decree 30/2020, art. 13."""

    SELF = "", _("Tự ký")
    ACTING = "Q.", _("Quyền")
    COLLECTIVE = "TM.", _("Thay mặt")
    DEPUTY = "KT.", _("Ký thay")
    ORDER = "TL.", _("Thừa lệnh")
    AUTHORISATION = "TUQ.", _("Thừa ủy quyền")


DELEGATED = (Form.ORDER.value, Form.AUTHORISATION.value)


class Clearance(TextChoices):
    """Up to which degree of secrecy a person may be shown things; from the lowest to the highest."""

    NONE = "none", _("Không")
    MAT = "mat", _("Mật")
    TOI_MAT = "toi_mat", _("Tối mật")
    TUYET_MAT = "tuyet_mat", _("Tuyệt mật")


_HEIGHT = {level: height for height, level in enumerate(Clearance.values)}


def covers(clearance: str, level: str) -> bool:
    """Tell whether a clearance reaches a degree of secrecy (`none`, `mat`, `toi_mat`, `tuyet_mat`)."""
    return _HEIGHT[clearance] >= _HEIGHT[level]


class Status(TextChoices):
    """Whether a person may sign in. One whose account is locked keeps his posts and comes back to them."""

    ACTIVE = "active", _("Đang công tác")
    LOCKED = "locked", _("Đã khóa tài khoản")
    LEFT = "left", _("Đã thôi công tác")


class BodyKind(TextChoices):
    """What issues in its own name through the registry of an agency."""

    PARTY = "party", _("Tổ chức đảng")
    ADVISORY = "advisory", _("Hội đồng, ban, tổ")


class Standing(TextChoices):
    """As what a member of such a body signs for it, if he does."""

    HEAD = "head", _("Cấp trưởng, ký")
    DEPUTY = "deputy", _("Cấp phó, ký")
    ORDER = "order", _("Ký thừa lệnh")
    MEMBER = "member", _("Soạn thảo, không ký")


class FactorKind(TextChoices):
    """With what a person proves himself besides the password."""

    APP = "app", _("Ứng dụng sinh mã")
    KEY = "key", _("Khóa bảo mật")
    CODES = "codes", _("Mã dự phòng")


class Finding(TextChoices):
    """What a later look at an emergency found."""

    JUSTIFIED = "justified", _("Chính đáng")
    NOT_JUSTIFIED = "not_justified", _("Không chính đáng")


class Scope(TextChoices):
    """What a machine may do with a token."""

    READ = "read", _("Đọc")
    ACT = "act", _("Làm việc: vào sổ, giao việc, trả biên nhận")
