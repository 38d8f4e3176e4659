"""The status codes of the axis, as data. Source: QCVN 102:2016, status messages, and the axis's own library for the names."""

from __future__ import annotations

from dataclasses import dataclass

RECEIVER, SENDER = "receiver", "sender"


@dataclass(frozen=True)
class AxisStatus:
    """One status code: its name in the axis's library, the words sent with it when there are no others, and who sends it."""

    code: str
    name: str
    words: str
    sent_by: str


STATUSES = {
    each.code: each
    for each in (
        AxisStatus("01", "inbox", "Đã đến", RECEIVER),
        AxisStatus("02", "rejection", "Từ chối tiếp nhận", RECEIVER),
        AxisStatus("03", "acceptance", "Đã tiếp nhận", RECEIVER),
        AxisStatus("04", "assignment", "Phân công", RECEIVER),
        AxisStatus("05", "processing", "Đang xử lý", RECEIVER),
        AxisStatus("06", "finish", "Hoàn thành", RECEIVER),
        AxisStatus("13", "cancellation", "Lấy lại", SENDER),
        AxisStatus("15", "change-acceptance", "Đồng ý cập nhật, thu hồi", RECEIVER),
        AxisStatus("16", "change-rejection", "Từ chối cập nhật, thu hồi", RECEIVER),
    )
}
