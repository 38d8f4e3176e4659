"""By the clock: certificates that run out soon are told of 60, 30 and 7 days before, lists of revocation that grew old at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.keys import queries as keys
from antin.keys.states import Purpose
from antin.notices import operations as notices
from antin.notices.operations import News
from antin.people import queries as people
from antin.people.states import Role
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.keys.models import Certificate

STEPS = (7, 30, 60)
"""Days before the end, the nearest first; each is told once."""

EXPIRES = _("Chứng thư số của %(name)s còn %(days)s ngày hiệu lực (đến %(day)s); cần gia hạn.")
SEALED_TO = _(
    "Chứng thư số mã hóa của %(name)s còn %(days)s ngày hiệu lực (đến %(day)s); lập chứng thư số mới rồi chuyển nội dung sang."
)
STALE = _("Danh sách thu hồi của %(name)s đã quá hạn cập nhật %(day)s; nhập danh sách mới để kết luận được chữ ký.")


def watch_keys(*, at: datetime) -> int:
    """Tell the holder or keeper, and the agency's administrators; return how many things were told of.

    Repeating tells nothing twice. A certificate whose holder has a later one already is passed over.
    """
    news = [*_ending(at), *_grown_old(at)]
    with transaction.atomic(durable=True):
        notices.tell_many(news, actor=None, at=at)
    return len(news)


def _ending(at: datetime) -> list[News]:
    found = []
    for certificate in keys.list_expiring(at, within=timedelta(days=STEPS[-1])):
        if keys.is_replaced(certificate):
            continue
        left = (certificate.not_after - at).days
        step = next(days for days in STEPS if left < days)
        facts = {"name": certificate.name, "days": left, "day": f"{local_date(certificate.not_after):%d/%m/%Y}"}
        opens = certificate.purpose == Purpose.ENCRYPTION  # made by its holder alone: nobody else can do anything
        own, administrators = _own(certificate), [] if opens else _administrators(certificate.agency_id, at)
        for holders, link in ((own, "/me#certificates"), (administrators, "/administration/devices")):
            if holders:
                words = SEALED_TO if opens else EXPIRES
                key = f"expires:{certificate.pk}:{step}"
                subject = ("certificate", certificate.pk)
                found.append(News(holders, "certificate.expires", words, subject, facts, link, key))
    return found


def _own(certificate: Certificate) -> list[str]:
    """Who holds the key: the person, or the keeper of the agency's device."""
    holder = certificate.person_id or keys.get_certificate(certificate.pk).device.custodian_id
    return [f"M{holder}"] if holder else []


def _administrators(agency_id: int, at: datetime) -> list[str]:
    rows = people.find_posts_with_role(agency_id=agency_id, role=Role.ADMINISTRATOR, on=local_date(at))
    return [f"P{row.id}" for row in rows]


def _grown_old(at: datetime) -> list[News]:
    root = people.find_root()
    if root is None:
        return []
    holders = _administrators(root.pk, at)
    return [
        News(
            holders,
            "revocations.stale",
            STALE,
            ("unit", root.pk),
            {"name": each.issuer_name, "day": f"{local_date(each.next_update):%d/%m/%Y}"},
            "/administration/authority#lists",
            f"stale:{each.issuer}:{each.number}",
        )
        for each in keys.list_freshness(at)
        if each.stale and holders
    ]
