"""Who changes the lists of an agency, and what an entry must say."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from antin.people.actor import Actor
from antin.people.models import Unit
from antin.people.policy import why_not_administer
from antin.refusal import NotFound, Refusal

MOST_YEARS = 100


class CodeNeeded(Refusal):
    code = "code_list_code_needed"
    words = _("Mục phải có mã, không quá 20 ký tự, gồm chữ, số, dấu chấm, gạch ngang.")


class NameNeeded(Refusal):
    code = "code_list_name_needed"
    words = _("Mục phải có tên.")


class CodeTaken(Refusal):
    code = "code_list_code_taken"
    words = _("Mã %(entry)s đã có trong danh mục: %(name)s.")


class NoHeading(Refusal):
    code = "code_list_no_heading"
    words = _("Không có đề mục %(above)s trong danh mục ở ngày áp dụng.")


class HeadingInCircle(Refusal):
    code = "code_list_circle"
    words = _("Mục %(entry)s không thể nằm dưới chính nó.")


class HeadingHasPeriod(Refusal):
    code = "code_list_heading_has_period"
    words = _("%(above)s có thời hạn bảo quản nên không là đề mục; không có mục nào nằm dưới nó được.")


class YearsOutside(Refusal):
    code = "code_list_years"
    words = _("Thời hạn bảo quản là vĩnh viễn, hoặc từ 1 đến %(most)s năm.")


class StillAbove(Refusal):
    code = "code_list_still_above"
    words = _("Dưới mục %(entry)s còn %(n)s mục đang dùng; chuyển hoặc thôi dùng các mục đó trước.")


class ChangedSince(Refusal):
    code = "code_list_changed_since"
    words = _("Mục này đã được sửa hoặc thôi dùng. Mở lại danh mục để xem bản mới.")


class TooEarly(Refusal):
    code = "code_list_too_early"
    words = _("Mục có nội dung hiện nay từ ngày %(day)s; thay đổi áp dụng từ ngày đó trở đi.")


class BasisNeeded(Refusal):
    code = "code_list_basis_needed"
    words = _("Ghi văn bản làm căn cứ thay đổi danh mục.")


class NothingChanged(Refusal):
    code = "code_list_nothing_changed"
    words = _("Không có gì thay đổi.")


class UndoneAlready(Refusal):
    code = "code_list_undone_already"
    words = _("Thay đổi này đã được rút lại, hoặc chính nó là việc rút lại.")


class BuiltUpon(Refusal):
    code = "code_list_built_upon"
    words = _("Mục %(entry)s đã đổi tiếp sau đó; rút lại thay đổi mới hơn trước.")


def why_not_change(actor: Actor | None, agency: Unit) -> Refusal | None:
    """Why this actor may not change the lists of a unit: administrators of the house do, and only agencies have lists."""
    return why_not_administer(actor, agency) or (None if agency.is_agency else NotFound(unit=agency.pk))


def period_words(years: int | None, *, permanent: bool) -> str:
    """How long something is kept, in words; "" of a heading."""
    if permanent:
        return gettext("Vĩnh viễn")
    return ngettext("%(n)d năm", "%(n)d năm", years) % {"n": years} if years else ""
