"""What happened to a document, in sentences: one table from each event of the journal to its words, icon and tone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from antin.documents.operations import RETURN_REASONS
from antin.exchange.states import ChangeKind
from antin.journal.queries import Row
from antin.signing.states import Verdict
from antin.web.clocks import exact


class Sentence(NamedTuple):
    """How an event reads. `words` may name facts; `detail` is the fact that holds somebody's own words."""

    words: str
    sign: str
    tone: str = ""
    detail: str = ""


OTHERWISE = Sentence(_("Có thay đổi"), "history")
SENTENCES: dict[str, Sentence] = {
    "document.drafted": Sentence(_("Bắt đầu soạn"), "draft"),
    "document.classified": Sentence(_("Xác định độ mật, niêm phong nội dung"), "lock", "flow"),
    "document.unsealed": Sentence(
        _("Bỏ niêm phong sau giải mật: nội dung xem, tìm được như văn bản thường"), "lock", "ok"
    ),
    "document.level_followed": Sentence(_("Độ mật đổi theo quyết định của nơi xác định"), "lock", "flow"),
    "document.revised": Sentence(_("Lưu dự thảo, bản %(revision)s"), "draft"),
    "document.addressed": Sentence(_("Chọn nơi nhận: %(recipients)s nơi"), "people"),
    "document.attached": Sentence(_("Đính kèm “%(name)s”"), "clip"),
    "document.detached": Sentence(_("Bỏ tệp đính kèm “%(name)s”"), "clip"),
    "copy.asked": Sentence(_("Đề nghị sao từ %(of)s"), "file", "flow"),
    "copy.permitted": Sentence(_("Cho sao"), "check", "ok"),
    "copy.dropped": Sentence(_("Thôi sao"), "x", "late", "words"),
    "copy.laid_out": Sentence(_("Dàn trang bản sao, %(pages)s trang"), "file"),
    "document.submitted": Sentence(_("Trình %(to)s"), "send", "flow"),
    "document.withdrawn": Sentence(_("Rút lại để sửa"), "undo"),
    "document.abandoned": Sentence(_("Bỏ dự thảo"), "x"),
    "document.opinions_asked": Sentence(_("Xin ý kiến đợt %(round)s"), "people", "flow", "names"),
    "document.opinion_given": Sentence(_("%(name)s cho ý kiến"), "reply"),
    "document.opinion_urged": Sentence(_("Nhắc %(name)s cho ý kiến"), "bell"),
    "document.opinion_settled": Sentence(_("Tiếp thu, giải trình ý kiến của %(name)s"), "check"),
    "opinion.passed_on": Sentence(_("%(to)s cho ý kiến thay %(former)s, do đơn vị được tách, chia"), "swap"),
    "document.opinions_closed": Sentence(_("Kết thúc lấy ý kiến đợt %(round)s"), "lock"),
    "document.filled": Sentence(_("Điền mẫu %(name)s"), "draft"),
    "document.drafting_file_kept": Sentence(_("Ghi hồ sơ soạn thảo"), "draft"),
    "document.procedure_shortened": Sentence(
        _("Soạn theo trình tự rút gọn, không lấy ý kiến"), "clock", "warn", "reason"
    ),
    "document.commented": Sentence(_("Góp ý một đoạn"), "reply"),
    "document.comment_resolved": Sentence(_("Xong một góp ý"), "check"),
    "document.comment_reopened": Sentence(_("Mở lại một góp ý"), "undo"),
    "document.co_drafter_invited": Sentence(_("Mời %(who)s cùng soạn"), "people"),
    "document.co_drafter_ended": Sentence(_("Thôi cùng soạn với %(who)s"), "people"),
    "document.hold_asked": Sentence(_("Xin sửa tiếp, %(holder)s đang giữ"), "reply"),
    "document.hold_returned": Sentence(_("Trả dự thảo cho người khác sửa"), "undo"),
    "document.hold_taken_over": Sentence(_("Nhận sửa tiếp thay %(from_holder)s"), "swap"),
    "document.own_copy_returned": Sentence(_("Gửi bản sửa riêng, chờ ghép"), "send"),
    "document.own_copy_let_be": Sentence(_("Bỏ, không ghép bản sửa riêng của %(by)s"), "x"),
    "document.merged": Sentence(_("Ghép bản sửa riêng của %(by)s"), "check"),
    "document.endorsed": Sentence(_("Duyệt, chuyển người ký"), "check", "ok", "words"),
    "document.returned": Sentence(_("Trả lại người soạn"), "undo", "late", "words"),
    "document.laid_out": Sentence(_("Dàn trang xong, %(pages)s trang"), "file"),
    "document.not_laid_out": Sentence(_("Không dàn được trang"), "warning", "late", "words"),
    "document.signed": Sentence(_("Ký số"), "pen", "ok"),
    "document.initialled": Sentence(_("Ký nháy nội dung"), "pen", "ok"),
    "document.format_checked": Sentence(_("Ký kiểm tra thể thức"), "check", "ok"),
    "document.cosigned": Sentence(_("Cùng ký số"), "pen", "ok"),
    "document.signatures_voided": Sentence(_("Chữ ký trên trang bị trả không còn giá trị"), "x", "late", "names"),
    "document.numbered": Sentence(_("Cấp số %(code)s"), "number", "ok"),
    "document.seal_ordered": Sentence(_("Cho đóng dấu, ký số cơ quan"), "seal"),
    "document.sealed": Sentence(_("Đã đóng dấu, ký số cơ quan"), "seal", "ok"),
    "document.joint_sealed": Sentence(_("%(agency)s đóng dấu cùng ban hành"), "seal", "ok"),
    "document.issued": Sentence(_("Phát hành %(code)s"), "send", "ok"),
    "document.dispatched": Sentence(_("Gửi tới %(recipients)s nơi nhận"), "outbox", "flow"),
    "document.arrived": Sentence(_("Đến từ %(issuer)s"), "inbox"),
    "document.taken_from_book": Sentence(_("Nhập từ sổ cũ"), "book"),
    "document.judged": Sentence(_("Kiểm tra lại chữ ký: %(verdict)s"), "shield-check"),
    "document.change_asked": Sentence(_("Yêu cầu %(kind)s, báo %(recipients)s nơi"), "undo", "late", "reason"),
    "document.change_carried": Sentence(_("Đã báo %(recipient)s yêu cầu %(kind)s"), "send"),
    "document.change_asked_again": Sentence(_("Báo lại %(recipient)s"), "send"),
    "document.change_came": Sentence(_("Nơi gửi yêu cầu %(kind)s"), "undo", "late", "reason"),
    "document.change_agreed": Sentence(_("%(recipient)s đồng ý %(kind)s"), "check", "ok", "words"),
    "document.change_refused": Sentence(_("%(recipient)s từ chối %(kind)s"), "x", "late", "words"),
    "document.recalled": Sentence(_("Đã thu hồi, hủy hiệu lực"), "x", "late", "words"),
    "document.replaced": Sentence(_("Đã thay thế bằng %(by)s"), "swap", "late", "words"),
    "document.corrected": Sentence(_("Đã đính chính bằng %(by)s"), "draft", "warn", "words"),
    "document.posted": Sentence(_("Gửi bưu điện tới %(recipient)s, %(envelopes)s bì"), "send"),
    "document.postmarked": Sentence(_("Bưu điện đã phát tới %(recipient)s"), "check", "", "words"),
    "file.taken": Sentence(_("Tải tệp về, lần %(number)s"), "download"),
    "file.printed": Sentence(_("In, bản %(number)s"), "print"),
    "document.lent": Sentence(_("Cho %(to)s sử dụng bản lưu"), "file"),
    "document.copy_back": Sentence(_("%(by)s trả bản lưu"), "undo"),
    "document.registered": Sentence(_("Vào sổ, số đến %(number)s, trình %(presented)s"), "book", "ok"),
    "document.sent_back": Sentence(_("Trả nơi gửi: %(reason)s"), "undo", "late", "words"),
    "document.stamped": Sentence(_("Đóng dấu đến, ký số cơ quan"), "seal", "ok"),
    "document.presented": Sentence(_("Trình %(to)s"), "send", "flow", "words"),
    "document.directed": Sentence(_("Cho ý kiến chỉ đạo"), "pen", "flow"),
    "document.begun": Sentence(_("Bắt đầu xử lý"), "half", "flow"),
    "document.completed": Sentence(_("Hoàn thành xử lý"), "check", "ok"),
    "document.answer_asked": Sentence(_("%(by)s đôn đốc trả lời"), "bell", "warn"),
    "document.answer_urged": Sentence(_("Đôn đốc người giữ văn bản trả lời"), "bell"),
    "document.answer_waived": Sentence(_("Ghi không cần trả lời"), "check", "", "reason"),
    "document.urged": Sentence(_("%(by)s đôn đốc tiếp nhận"), "bell", "warn"),
    "delivery.arrived": Sentence(_("Đã đến %(recipients)s"), "check"),
    "delivery.handed_over": Sentence(_("Kênh đã nhận chuyển tới %(recipient)s"), "send"),
    "delivery.failed": Sentence(_("Không gửi được tới %(recipient)s"), "warning", "late", "words"),
    "delivery.returned": Sentence(_("%(recipient)s trả lại"), "undo", "late", "return_words"),
    "delivery.registered": Sentence(_("%(recipient)s tiếp nhận, số đến %(arrival_number)s"), "book", "ok"),
    "delivery.assigned": Sentence(_("%(recipient)s phân công xử lý"), "flag", "flow"),
    "delivery.processing": Sentence(_("%(recipient)s đang xử lý"), "half", "flow"),
    "delivery.done": Sentence(_("%(recipient)s hoàn thành"), "check", "ok"),
    "delivery.urged": Sentence(_("Đôn đốc %(recipient)s tiếp nhận"), "bell"),
    "delivery.urging_not_carried": Sentence(_("Chưa đôn đốc được %(recipient)s"), "warning", "late", "words"),
    "delivery.answer_urged": Sentence(_("Đôn đốc %(recipient)s trả lời"), "bell"),
    "delivery.settled": Sentence(_("Đã xử lý việc %(recipient)s trả lại"), "check"),
    "delivery.resent": Sentence(_("Gửi lại tới %(recipient)s"), "send"),
    "delivery.followed": Sentence(_("%(recipient)s đã chuyển sang nút %(line)s, gửi tiếp tới đó"), "send"),
    "delivery.redirected": Sentence(_("Gửi %(recipient)s thay %(was)s"), "swap"),
    "number.taken": Sentence(_("Lấy số %(value)s từ sổ"), "number"),
    "number.used": Sentence(_("Dùng số đã giữ %(value)s"), "number", "", "reason"),
    "number.reserved": Sentence(_("Giữ số %(value)s"), "number", "", "reason"),
    "number.inserted": Sentence(_("Cho chèn số %(value)s"), "plus", "", "reason"),
    "number.released": Sentence(_("Thôi giữ số %(value)s"), "x", "", "reason"),
    "number.past_taken": Sentence(_("Nhận %(count)s số từ sổ cũ"), "book"),
    "number.past_given_back": Sentence(_("Trả các số đã nhận từ sổ cũ"), "undo"),
    "number.voided": Sentence(_("Hủy số %(value)s"), "x", "late", "reason"),
    "task.given": Sentence(_("Giao việc cho %(to)s"), "flag", "flow", "words"),
    "task.begun": Sentence(_("Bắt đầu làm việc được giao"), "half", "flow"),
    "task.reported": Sentence(_("Báo cáo tiến độ %(percent)s%%"), "chart", "flow", "words"),
    "task.attached": Sentence(_("Nộp tệp kết quả “%(name)s”"), "clip"),
    "task.handed_in": Sentence(_("Nộp kết quả"), "send", "flow", "words"),
    "task.handed_over": Sentence(_("Chuyển việc cho %(to)s"), "swap"),
    "task.accepted": Sentence(_("Nghiệm thu kết quả"), "check", "ok", "words"),
    "task.sent_back": Sentence(_("Trả lại kết quả"), "undo", "late", "words"),
    "task.noted": Sentence(_("Đã xem để biết"), "eye"),
    "task.cancelled": Sentence(_("Thôi giao"), "x", "", "words"),
    "task.declined": Sentence(_("Xin không nhận việc"), "undo", "late", "words"),
    "task.insisted": Sentence(_("Yêu cầu thực hiện"), "flag", "flow", "words"),
    "task.reassigned": Sentence(_("Chuyển việc từ %(former)s cho %(to)s"), "swap", "flow", "words"),
    "task.delegated": Sentence(_("%(former)s giao lại cho %(to)s"), "swap", "flow", "words"),
    "task.extension_asked": Sentence(_("Xin gia hạn"), "clock", "", "words"),
    "task.extended": Sentence(_("Cho gia hạn"), "check", "ok", "words"),
    "task.extension_refused": Sentence(_("Không cho gia hạn"), "x", "late", "words"),
    "task.paused": Sentence(_("Cho tạm dừng"), "clock", "", "words"),
    "task.resumed": Sentence(_("Cho tiếp tục"), "clock", "flow", "words"),
    "task.deadline_moved": Sentence(_("Hạn tính lại theo lịch làm việc"), "calendar"),
    "task.clock_reckoned": Sentence(_("Tính lại theo lịch làm việc, hạn giữ nguyên"), "calendar"),
    "task.obstacle": Sentence(_("Báo vướng mắc"), "warning", "late", "words"),
    "task.proposal": Sentence(_("Đề xuất"), "pen", "flow", "words"),
    "task.risk": Sentence(_("Báo nguy cơ chậm"), "warning", "late", "words"),
}
BY_HAND = _("Nhận bản giấy từ %(issuer)s")

# What another line beside it says already.
# What "signed" and "sealed" say already is not said once more.
UNSAID = frozenset(
    {"number.taken", "document.directed", "document.begun", "task.begun", "task.clock_reckoned", "signature.made"}
)
# A document for a thousand units has thousands of these: the board shows them, the page only what went wrong.
ON_THE_BOARD = (
    "delivery.handed_over",
    "delivery.arrived",
    "delivery.registered",
    "delivery.assigned",
    "delivery.processing",
    "delivery.done",
)


class _Facts(dict[str, Any]):
    """Facts of an event as words; one that is missing leaves a gap, never a broken page."""

    def __missing__(self, name: str) -> str:
        return "…"


def _in_words(name: str, value: Any) -> Any:
    match name, value:
        case "reason", str() if value in RETURN_REASONS:
            return gettext(RETURN_REASONS[value])
        case "kind", str() if value in ChangeKind:
            return str(ChangeKind(value).label).lower()
        case "verdict", str() if value in Verdict:
            return str(Verdict(value).label).lower()
        case "recipients", list() if len(value) > 3:
            return ngettext("%(n)d nơi", "%(n)d nơi", len(value)) % {"n": len(value)}
        case "to", list():
            return ", ".join(str(each["name"]) for each in value)
        case _, list():
            return ", ".join(str(each) for each in value)
    return value


def _by(row: Row) -> str:
    if not row.person_name:
        return ""
    on_behalf = gettext(", thay %(name)s") % {"name": row.on_behalf} if row.on_behalf else ""
    return f"{row.person_name}, {row.post_title}{on_behalf}"


def sentence(row: Row) -> dict[str, Any]:
    """One event as the part `timeline` takes it."""
    return told_by(SENTENCES, row)


def told_by(sentences: Mapping[str, Sentence], row: Row) -> dict[str, Any]:
    """One event in the words of a table."""
    said = sentences.get(row.event, OTHERWISE)
    facts = _Facts({name: _in_words(name, value) for name, value in row.facts.items()})
    by_hand = row.event == "document.arrived" and row.facts.get("source") == "paper"
    return {
        "words": gettext(BY_HAND if by_hand else said.words) % facts,
        "sign": said.sign,
        "tone": said.tone,
        "detail": facts.get(said.detail, "") if said.detail else "",
        "by": _by(row),
        "at": row.at,
    }


def timeline(rows: Iterable[Row], *, next_words: str = "", next_due: datetime | None = None) -> list[dict[str, Any]]:
    """Everything that happened, newest first, what is awaited on top. Saving a draft again and again is one line."""
    told: list[dict[str, Any]] = []
    before: Row | None = None
    for row in rows:
        if row.event in UNSAID:
            continue
        if before is None or (row.event, row.person_id, "document.revised") != (
            before.event,
            before.person_id,
            row.event,
        ):
            told.append(sentence(row))
        before = row
    return [_awaited(next_words, next_due), *told] if next_words else told


def _awaited(words: str, due: datetime | None) -> dict[str, Any]:
    """The line of what must happen next."""
    when = gettext("chậm nhất %(moment)s") % {"moment": exact(due)} if due else gettext("chưa đặt hạn")
    return {"words": words, "sign": "ring", "next": True, "when": when}
