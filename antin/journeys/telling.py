"""What people are told on the way of a document: one table of kinds and words, in the reader's language when read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from antin.notices import operations as notices
from antin.notices.operations import News
from antin.people.actor import Actor

WORDS = {
    "document.to_sign": _("Trình ký: %(subject)s (%(by)s soạn)."),
    "document.not_laid_out": _("Không dàn được trang “%(subject)s”: %(words)s"),
    "document.to_number": _("%(by)s đã ký, chờ cấp số: %(subject)s."),
    "document.to_seal": _("Đã cấp số %(code)s, chờ đóng dấu: %(subject)s."),
    "document.to_seal_jointly": _("%(by)s đã cấp số %(code)s, chờ đóng dấu cùng ban hành: %(subject)s."),
    "document.not_sealed": _("Không đóng dấu được %(code)s: %(words)s"),
    "document.issued": _("Đã phát hành %(code)s: %(subject)s."),
    "document.to_review": _("Chờ duyệt: %(subject)s (%(by)s soạn)."),
    "document.returned": _("%(by)s trả lại “%(subject)s”: %(words)s"),
    "document.signatures_voided": _(
        "%(by)s trả lại “%(subject)s”; chữ ký của đồng chí trên trang đó không còn giá trị."
    ),
    "copy.to_permit": _("%(by)s đề nghị sao %(of)s."),
    "copy.to_number": _("%(by)s cho sao, chờ cấp số bản sao: %(subject)s."),
    "copy.dropped": _("%(by)s thôi sao “%(subject)s”: %(words)s"),
    "opinion.asked": _("%(by)s xin ý kiến về dự thảo “%(subject)s”, hạn %(day)s."),
    "opinion.given": _("%(by)s đã cho ý kiến về “%(subject)s”: %(what)s."),
    "opinion.urged": _("%(by)s nhắc cho ý kiến về dự thảo “%(subject)s”."),
    "opinion.settled": _("%(by)s trả lời ý kiến của đồng chí về “%(subject)s”: %(what)s."),
    "opinion.commented": _("%(by)s góp ý một đoạn trong “%(subject)s”."),
    "draft.invited": _("%(by)s mời đồng chí cùng soạn “%(subject)s”."),
    "draft.asked_for": _("%(by)s xin sửa dự thảo “%(subject)s” đồng chí đang giữ."),
    "draft.handed_back": _("%(by)s đã trả dự thảo “%(subject)s”; đồng chí sửa được."),
    "draft.taken_over": _("%(by)s nhận sửa tiếp dự thảo “%(subject)s” đồng chí đang giữ; phần chưa lưu ghép lại được."),
    "draft.copy_returned": _("%(by)s gửi bản sửa riêng của “%(subject)s”, chờ ghép."),
    "draft.merged": _("%(by)s đã ghép bản sửa riêng của đồng chí vào “%(subject)s”."),
    "document.arrived": _("Văn bản đến từ %(by)s, %(code)s: %(subject)s."),
    "document.came_back": _(
        "%(code)s của %(by)s đến lại sau khi khôi phục máy chủ: trước đó đã vào sổ số %(number)s ngày %(day)s."
    ),
    "document.was_registered": _(
        "%(code)s của %(by)s: trước khi khôi phục máy chủ đã vào sổ số %(number)s ngày %(day)s; bên gửi giữ giấy báo đó."
    ),
    "document.was_issued": _(
        "%(code)s ngày %(day)s “%(subject)s” đã phát hành tới %(to)s trước khi khôi phục máy chủ, nay không còn trong sổ: "
        "đừng dùng lại số này."
    ),
    "document.to_direct": _("Trình văn bản đến số %(number)s của %(by)s: %(subject)s."),
    "delivery.failed": _("Không gửi được %(code)s tới %(to)s: %(words)s"),
    "delivery.returned": _("%(to)s trả lại %(code)s: %(words)s"),
    "delivery.change_agreed": _("%(to)s đồng ý việc thu hồi, thay đổi %(code)s. %(words)s"),
    "delivery.change_refused": _("%(to)s từ chối việc thu hồi, thay đổi %(code)s: %(words)s"),
    "delivery.urged": _("%(by)s đôn đốc tiếp nhận %(code)s: %(subject)s."),
    "delivery.urging_not_carried": _("Chưa đôn đốc được %(to)s về %(code)s: %(words)s"),
    "delivery.answer_urged": _("%(by)s đôn đốc trả lời %(code)s, hạn %(day)s: %(subject)s."),
    "document.answer_urged": _("%(by)s đôn đốc trả lời văn bản đến số %(number)s, hạn %(day)s: %(subject)s."),
    "change.recall_asked": _("%(by)s thu hồi %(code)s, chờ cơ quan trả lời: %(words)s"),
    "change.replace_asked": _("%(by)s thay thế %(code)s bằng %(new)s, chờ cơ quan trả lời: %(words)s"),
    "change.correct_asked": _("%(by)s đính chính %(code)s bằng %(new)s, chờ cơ quan trả lời: %(words)s"),
    "change.recalled": _("%(code)s của %(by)s đã thu hồi, không thực hiện nữa: %(words)s"),
    "change.replaced": _("%(code)s của %(by)s đã được thay thế bằng %(new)s: %(words)s"),
    "change.corrected": _("%(code)s của %(by)s đã được đính chính bằng %(new)s: %(words)s"),
    "change.agreed": _("%(to)s đồng ý việc thu hồi, thay thế, đính chính %(code)s."),
    "change.refused": _("%(to)s từ chối việc thu hồi, thay thế, đính chính %(code)s: %(words)s"),
    "change.not_carried": _("Chưa báo được cho %(to)s việc thu hồi, thay thế, đính chính %(code)s: %(words)s"),
    "change.ground_gone": _("Việc dựa trên %(code)s của %(by)s không còn căn cứ (đã thu hồi, thay thế): %(words)s"),
    "task.given": _("%(by)s giao: %(subject)s."),
    "task.reported": _("%(by)s báo cáo tiến độ %(percent)d%%: %(subject)s."),
    "task.handed_in": _("%(by)s nộp kết quả: %(subject)s."),
    "task.accepted": _("%(by)s nghiệm thu: %(subject)s."),
    "task.sent_back": _("%(by)s trả lại kết quả “%(subject)s”: %(words)s"),
    "task.cancelled": _("%(by)s thôi giao “%(subject)s”: %(words)s"),
    "task.declined": _("%(by)s xin không nhận “%(subject)s”: %(words)s"),
    "task.insisted": _("%(by)s yêu cầu tiếp tục thực hiện “%(subject)s”: %(words)s"),
    "task.handed_over": _("%(by)s chuyển việc “%(subject)s” cho %(to)s."),
    "task.extension_asked": _("%(by)s xin gia hạn “%(subject)s” đến %(day)s: %(words)s"),
    "task.extended": _("%(by)s cho gia hạn “%(subject)s” đến %(day)s."),
    "task.extension_refused": _("%(by)s không cho gia hạn “%(subject)s”: %(words)s"),
    "task.paused": _("%(by)s cho tạm dừng “%(subject)s”: %(words)s"),
    "task.resumed": _("%(by)s cho tiếp tục “%(subject)s”, hạn %(day)s."),
    "task.obstacle": _("%(by)s báo vướng mắc trong “%(subject)s”: %(words)s"),
    "task.proposal": _("%(by)s đề xuất về “%(subject)s”: %(words)s"),
    "task.digest": _("Nhắc việc: %(late)d việc quá hạn, %(soon)d việc sắp đến hạn cần đồng chí chú ý."),
    "programme.submitted": _("%(by)s trình duyệt kế hoạch “%(subject)s”."),
    "programme.approved": _("%(by)s duyệt kế hoạch “%(subject)s”."),
    "programme.sent_back": _("%(by)s trả lại kế hoạch “%(subject)s”: %(words)s"),
    "agenda.proposed": _("%(by)s đăng ký lịch %(when)s: %(subject)s."),
    "agenda.sent_back": _("%(by)s trả lại lịch %(when)s “%(subject)s”: %(words)s"),
    "agenda.invited": _("Lịch %(when)s: %(subject)s (%(by)s duyệt)."),
    "agenda.changed": _("%(by)s thay đổi lịch, nay là %(when)s: %(subject)s. %(words)s"),
    "agenda.cancelled": _("%(by)s hoãn, hủy lịch %(when)s “%(subject)s”: %(words)s"),
    "agenda.declined": _("%(name)s báo vắng lịch %(when)s “%(subject)s”: %(words)s"),
    "agenda.substituted": _("%(name)s cử %(to)s đi thay, lịch %(when)s: %(subject)s."),
    "agenda.sent": _("%(by)s cử đồng chí đi thay, lịch %(when)s: %(subject)s."),
    "agenda.published": _("%(by)s ban hành lịch công tác tuần từ %(day)s (%(n)d mục)."),
    "task.risk": _("%(by)s báo có nguy cơ chậm “%(subject)s”: %(words)s"),
}


def news(kind: str, holders: Sequence[str], document_id: int, *, key: str = "", task_id: int = 0, **facts: Any) -> News:
    """Return what is to be told to some holders about a document, or (`task_id`) about work that came from none.

    `facts` fill the words of the kind.
    """
    return News(
        holders=holders,
        kind=kind,
        words=WORDS[kind],
        subject=("task", task_id) if task_id else ("document", document_id),
        facts=facts,
        link=f"/tasks/{task_id}" if task_id else f"/documents/{document_id}",
        key=key,
    )


def tell(
    kind: str,
    holders: Sequence[str],
    document_id: int,
    *,
    actor: Actor | None,
    at: datetime,
    key: str = "",
    **facts: Any,
) -> None:
    """Tell some holders what happened to a document, in the caller's transaction."""
    notices.tell_many([news(kind, holders, document_id, key=key, **facts)], actor=actor, at=at)
