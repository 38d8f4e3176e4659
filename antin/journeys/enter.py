"""Somebody comes in who has proved who he is: his device is noted, and he is told of a new one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.notices import operations as notices
from antin.people import operations as people
from antin.people import queries

if TYPE_CHECKING:
    from antin.people.models import Device

NEW_DEVICE = _(
    "Đăng nhập từ thiết bị chưa từng dùng: %(device)s, địa chỉ %(source)s. Không phải đồng chí thì đổi mật khẩu ngay."
)
UNKNOWN = _("trình duyệt không rõ tên")


@transaction.atomic
def enter(*, person_id: int, secret: str, browser: str, source: str, at: datetime) -> Device:
    """Note the device, known by the secret in its cookie. Of his very first one a person is not told."""
    first = not queries.list_devices(person_id)
    device, new = people.meet_device(person_id=person_id, secret=secret, name=browser or UNKNOWN, source=source, at=at)
    if new and not first:
        notices.tell(
            [f"M{person_id}"],
            kind="account.device",
            words=NEW_DEVICE,
            subject=("person", person_id),
            link="/me#devices",
            key=f"device:{device.pk}",
            actor=None,
            at=at,
            device=device.name,
            source=source,
        )
    return device
