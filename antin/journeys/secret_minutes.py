"""The minutes by which a state secret is destroyed, as PDF: with empty places before it, as entered after it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.typeset import minutes
from antin.typeset.minutes import Minutes
from antin.vault import policy, queries
from antin.vault.states import STAMPS, Level, Medium, Part
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.vault.models import Classified

BLANK = "......................"


def lay_out(*, classified_id: int, actor: Actor, at: datetime) -> bytes:
    """Print them. Nothing in them is a word of the secret.

    :raises NotFound: the actor does not read it
    :raises NotAllowed: he is not the head of the agency that holds it
    """
    classified = queries.get_for(actor, classified_id)
    refuse(policy.why_not_head(actor, classified.agency_id))
    return minutes.lay_out(_worded(classified, actor, at), at=at)


def _worded(classified: Classified, actor: Actor, at: datetime) -> Minutes:
    done = queries.find_destruction(classified.pk)
    day = local_date(done.destroyed_at if done else at)
    copies = queries.list_copies(actor, classified.pk) if done is None else []
    agency = people.get_agency(classified.agency_id)
    return Minutes(
        title=_("Biên bản"),
        about=_("Tiêu hủy tài liệu bí mật nhà nước"),
        agency=agency.name,
        number=_("Số: %(number)s") % {"number": done.minutes if done else BLANK},
        nation=_("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        motto=_("Độc lập - Tự do - Hạnh phúc"),
        place_and_day=_("%(place)s, ngày %(day)s tháng %(month)s năm %(year)s")
        % {"place": agency.place_name or BLANK, "day": f"{day:%d}", "month": f"{day:%m}", "year": day.year},
        stamp=STAMPS[Level(classified.level)],
        facts=[
            (_("Tài liệu"), _("Tài liệu mật số %(number)s") % {"number": classified.pk}),
            (_("Độ mật"), str(Level(classified.level).label)),
            (_("Xác định ngày"), f"{classified.fixed_on:%d/%m/%Y}"),
            (_("Căn cứ độ mật"), _basis(classified)),
            (_("Số nội dung"), ", ".join(_contents(classified))),
            (_("Tiêu hủy lúc"), _moment(done.destroyed_at) if done else BLANK),
        ],
        rows_heading=_("Các bản đã giao"),
        columns=[_("Bản số"), _("Loại"), _("Người giữ"), _("Kết thúc")],
        rows=[
            [
                str(each.number),
                str(Medium(each.medium).label),
                each.holder.name,
                each.minutes or (_moment(each.returned_at) if each.returned_at else ""),
            ]
            for each in copies
        ],
        closing=[
            _(
                "Khóa mở nội dung của mọi người đọc và khóa phục hồi bị xóa khỏi hệ thống; nội dung còn lại không ai mở được."
            ),
            _("Các bản sao lưu lập trước ngày này phải tiêu hủy theo cùng biên bản."),
        ],
        signers=[
            (_("Người tiêu hủy"), done.destroyed_by.name if done else actor.person_name),
            (_("Người chứng kiến"), done.witness.name if done else ""),
        ],
    )


def _basis(classified: Classified) -> str:
    """What its level rests on: the last decision here, or that of the agency it came from."""
    decisions = queries.list_decisions(classified.pk)
    if decisions:
        return decisions[-1].paper or str(decisions[-1].get_change_display())
    return _("%(name)s quyết định") % {"name": classified.received_from}


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return _("%(time)s ngày %(day)s") % {"time": f"{local:%H:%M}", "day": f"{local:%d/%m/%Y}"}


def _contents(classified: Classified) -> list[str]:
    counted: dict[str, int] = {}
    for each in queries.list_all_contents(classified.pk):
        counted[each.part] = counted.get(each.part, 0) + 1
    return [f"{Part(part).label}: {n}" for part, n in counted.items()] or ["0"]
