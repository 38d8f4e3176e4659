"""The figures every node begins with; from then on they are rows, and their formulas have versions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_noop as _

from antin.indicators.states import Better


@dataclass(frozen=True)
class Shipped:
    code: str
    name: str
    explains: str
    expression: str
    target: Decimal | None
    source: str
    measure: str = "%"
    better: Better = Better.HIGHER


PLAN = _("Kế hoạch chuyển đổi số hằng năm")
SHIPPED = (
    Shipped(
        "issued_electronic",
        _("Văn bản gửi toàn văn qua mạng"),
        _("Trong số văn bản phát hành trong kỳ, phần được gửi toàn văn qua mạng tới nơi nhận."),
        "100 * issued_electronic / issued",
        Decimal(90),
        PLAN,
    ),
    Shipped(
        "arrived_signed",
        _("Văn bản đến có chữ ký số hợp lệ"),
        _("Trong số văn bản đến trong kỳ, phần đến toàn văn qua mạng và có chữ ký số hợp lệ của người và cơ quan."),
        "100 * arrived_signed / arrived",
        Decimal(70),
        PLAN,
    ),
    Shipped(
        "agencies_connected",
        _("Cơ quan, đơn vị đã triển khai, liên thông"),
        _("Trong số cơ quan, đơn vị có văn thư đến ngày cuối kỳ, phần đã vào sổ ít nhất một văn bản nhận qua mạng."),
        "100 * agencies_connected / agencies",
        Decimal(85),
        PLAN,
    ),
    Shipped(
        "agencies_signing",
        _("Cơ quan, đơn vị đã triển khai ký số"),
        _(
            "Trong số cơ quan, đơn vị có văn thư đến ngày cuối kỳ, phần đã phát hành ít nhất một văn bản có chữ ký số của người "
            "có thẩm quyền và của cơ quan."
        ),
        "100 * agencies_signing / agencies",
        Decimal(100),
        PLAN,
    ),
    Shipped(
        "registered_in_time",
        _("Vào sổ văn bản đến đúng hạn"),
        _("Trong số văn bản đến trong kỳ, phần vào sổ trong ngày đến hoặc ngày làm việc tiếp theo."),
        "100 * registered_in_time / arrived",
        Decimal(95),
        _("Nghị định 30/2020/NĐ-CP, Điều 22"),
    ),
    Shipped(
        "answers_in_time",
        _("Trả lời văn bản đúng hạn"),
        _("Trong số văn bản đến có hạn trả lời rơi vào kỳ, phần đã phát hành văn bản trả lời trong hạn."),
        "100 * answers_in_time / answers_due",
        Decimal(90),
        _("Nghị định 30/2020/NĐ-CP, Điều 24"),
    ),
    Shipped(
        "tasks_in_time",
        _("Nhiệm vụ hoàn thành đúng hạn"),
        _("Trong số nhiệm vụ đã nghiệm thu có kết quả nộp trong kỳ, phần nộp trong hạn."),
        "100 * tasks_done_in_time / tasks_done",
        Decimal(95),
        _("Quyết định 42/2014/QĐ-TTg"),
    ),
    Shipped(
        "tasks_late",
        _("Nhiệm vụ đang quá hạn"),
        _("Trong số nhiệm vụ đang làm vào ngày cuối kỳ, phần đã quá hạn."),
        "100 * tasks_late / tasks_open",
        Decimal(5),
        _("Quyết định 42/2014/QĐ-TTg"),
        better=Better.LOWER,
    ),
    Shipped(
        "agencies_equipped",
        _("Cơ quan, đơn vị có mạng, bảo vệ, phần mềm dùng chung"),
        _(
            "Trong số cơ quan, đơn vị có văn thư đến ngày cuối kỳ, phần đã nối mạng, mọi máy trạm được bảo vệ và dùng "
            "phần mềm dùng chung."
        ),
        "100 * agencies_equipped / agencies",
        Decimal(80),
        PLAN,
    ),
    Shipped(
        "workstations_protected",
        _("Máy trạm được bảo vệ"),
        _(
            "Trong số máy trạm đang dùng đến ngày cuối kỳ, phần có phần mềm phòng, chống mã độc với mẫu nhận diện còn mới."
        ),
        "100 * workstations_protected / workstations",
        Decimal(100),
        PLAN,
    ),
)
