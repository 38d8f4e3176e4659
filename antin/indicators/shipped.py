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
MINUTES, DAYS, PAPERS, POINTS = _("phút"), _("ngày làm việc"), _("văn bản"), _("điểm")
"""What a figure is measured in, where it is no part of a whole."""
INDEX = _("Quyết định 766/QĐ-TTg")
EVENLY = _("Thành phần chưa rõ điểm tối đa thì chia đều phần điểm còn lại của nhóm; đổi được bằng một công thức mới.")
_INDEX = (
    Shipped(
        "index_openness",
        _("Bộ chỉ số phục vụ: công khai, minh bạch (18 điểm)"),
        EVENLY,
        "4 * publicised_in_time / publicised_due"
        " + 14/3 * (decisions_in_time / decisions_due + publicised_whole / publicised + dossiers_synchronised / dossiers_taken)",
        None,
        INDEX,
        measure=POINTS,
    ),
    Shipped(
        "index_progress",
        _("Bộ chỉ số phục vụ: tiến độ, kết quả giải quyết (20 điểm)"),
        _("Tỷ lệ hồ sơ giải quyết đúng hạn trong số hồ sơ đã giải quyết, tính trên 20 điểm."),
        "20 * dossiers_done_in_time / dossiers_done",
        None,
        INDEX,
        measure=POINTS,
    ),
    Shipped(
        "index_online",
        _("Bộ chỉ số phục vụ: cung cấp dịch vụ trực tuyến (22 điểm)"),
        EVENLY,
        "4 * (min(1, procedures_online / procedures / 0.8) + services_used / services"
        " + min(1, dossiers_online / dossiers_taken / 0.5))"
        " + 5 * (min(1, procedures_payable / procedures_with_fee / 0.8) + dossiers_paid_online / dossiers_with_fee)",
        None,
        INDEX,
        measure=POINTS,
    ),
    Shipped(
        "index_digitised",
        _("Bộ chỉ số phục vụ: số hóa hồ sơ (22 điểm)"),
        EVENLY,
        "4.4 * (results_electronic / results_due + min(1, dossiers_digitised / dossiers_done / 0.8)"
        " + min(1, dossiers_reusing / dossiers_done / 0.8) + dossiers_shared / dossiers_done"
        " + dossiers_identified / dossiers_taken)",
        None,
        INDEX,
        measure=POINTS,
    ),
    Shipped(
        "index_content",
        _("Bộ chỉ số phục vụ: mức độ hài lòng (18 điểm)"),
        EVENLY,
        "6 * (feedback_in_time / feedback + feedback_content / feedback"
        " + min(1, (dossiers_done - dossiers_done_late - dossiers_disliked) / dossiers_done / 0.9))",
        None,
        INDEX,
        measure=POINTS,
    ),
)
"""The five groups of the index; their facts await the room of procedures, and so do they."""
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
        "issued_signed",
        _("Văn bản gửi toàn văn qua mạng, có ký số"),
        _(
            "Trong số văn bản phát hành trong kỳ, phần được gửi toàn văn qua mạng và mang chữ ký số của người có thẩm quyền."
        ),
        "100 * issued_signed / issued",
        Decimal(70),
        PLAN,
    ),
    Shipped(
        "sent_with_paper",
        _("Văn bản gửi qua mạng còn gửi kèm bản giấy"),
        _("Trong số văn bản gửi qua mạng trong kỳ, phần còn gửi kèm bản giấy, theo sổ gửi bưu điện."),
        "100 * sent_with_paper / sent",
        None,
        _("Quyết định 28/2018/QĐ-TTg"),
        better=Better.LOWER,
    ),
    Shipped(
        "sent_received_in_time",
        _("Văn bản gửi được báo nhận trong ngày"),
        _("Trong số văn bản gửi qua mạng trong kỳ, phần được mọi nơi nhận báo đã nhận ngay trong ngày gửi."),
        "100 * sent_received_in_time / sent",
        None,
        _("Nghị định 30/2020/NĐ-CP, Điều 22"),
    ),
    Shipped(
        "receipt_delay",
        _("Thời gian chờ báo nhận, trung bình"),
        _(
            "Từ lúc gửi qua mạng đến lúc nơi nhận cuối cùng báo đã nhận, trung bình của các văn bản mọi nơi nhận đã báo; "
            "mỗi văn bản tính không quá 32 767 phút."
        ),
        "receipt_minutes / sent_received",
        None,
        _("Quyết định 28/2018/QĐ-TTg"),
        measure=MINUTES,
        better=Better.LOWER,
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
        "signers_equipped",
        _("Người ký văn bản đã có chứng thư số"),
        _(
            "Trong số người giữ chức vụ ký văn bản của cơ quan đến ngày cuối kỳ (cấp trưởng, cấp phó, người được giao ký), phần có "
            "chứng thư số ký còn hiệu lực."
        ),
        "100 * signers_equipped / signers",
        Decimal(100),
        PLAN,
    ),
    Shipped(
        "documents_signed",
        _("Văn bản được ký số"),
        _("Số văn bản người có thẩm quyền đã ký số trong kỳ, kể cả văn bản chưa phát hành."),
        "signed",
        None,
        PLAN,
        measure=PAPERS,
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
        "registration_delay",
        _("Thời gian chờ vào sổ, trung bình"),
        _(
            "Số ngày làm việc từ ngày văn bản đến đến ngày vào sổ, trung bình của các văn bản vào sổ trong kỳ; "
            "vào sổ trong ngày là 0."
        ),
        "registration_days / registered",
        Decimal(1),
        _("Nghị định 30/2020/NĐ-CP, Điều 22"),
        measure=DAYS,
        better=Better.LOWER,
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
    *_INDEX,
)
