"""How the node is, for whoever runs it: what to see to, other nodes and channels, work, machine, backups, certificates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from antin.correspondents.states import Channel
from antin.journeys import between_nodes, look_over
from antin.journeys.look_over import Alarm, Ending, Outside, Partner, State
from antin.nodes.states import Way
from antin.refusal import refuse
from antin.web.administration import forms
from antin.web.administration.lines import waiting_in_words
from antin.web.asking import Question, ask, sent
from antin.web.session.middleware import SignedRequest
from antin.web.tones import Tone

SHOWN = 50
"""Rows of a table here; every one is on the page that its heading leads to."""


@require_safe
def page(request: SignedRequest) -> HttpResponse:
    """Everything an operator must know, each row leading to where one acts."""
    refuse(look_over.why_not_look(request.actor))
    at = timezone.now()
    state = look_over.look(at)
    found = look_over.alarms(state)
    told = {
        "at": at,
        "heading": _heading(len(found)),
        "state": state,
        "alarms": _grouped(found[:SHOWN]),
        "more": max(0, len(found) - SHOWN),
        "partners": [_partner(each, state) for each in _troubled_first(state.partners)[:SHOWN]],
        "partners_more": max(0, len(state.partners) - SHOWN),
        "lines": [_line(each) for each in state.lines],
        "queues": [{"words": _job(row.name), "row": row} for row in state.work.queues],
        "machine": _machine(state),
        "backups": [{"row": row, "state": _backup(row)} for row in state.backups],
        "certificates": [_ending(each, at) for each in state.certificates[:SHOWN]],
    }
    return render(request, "administration/operation.html", told)


def _job(name: str) -> str:
    """What a kind of promise is to a person; the name is that of the figures and the log."""
    return {
        "lay_out": _("Dàn trang"),
        "conclude_signing": _("Kết thúc ký dở dang"),
        "seal": _("Đóng dấu"),
        "deliver": _("Gửi trong hệ thống"),
        "hand_over": _("Gửi ra ngoài"),
        "take_in": _("Nhận từ trục liên thông"),
        "answer": _("Báo lại nơi gửi"),
        "carry_change": _("Báo thu hồi, thay thế, đính chính"),
        "take_parcel": _("Nhận kiện từ nút khác"),
        "give_memory": _("Kể lại cho nút vừa khôi phục"),
        "complete_proof": _("Bổ sung bằng chứng chữ ký"),
        "renew_proofs": _("Gia hạn bằng chứng chữ ký"),
        "finish_batch_item": _("Ký theo lô"),
        "part_scan": _("Tách bản quét"),
        "read_paper": _("Đọc thông tin trên bản quét"),
        "recognise": _("Nhận dạng chữ"),
        "act_on_many": _("Xử lý nhiều văn bản"),
    }.get(name, name)


def _heading(n: int) -> str:
    if not n:
        return _("Hệ thống chạy bình thường")
    return ngettext("%(n)d việc cần người vận hành xử lý", "%(n)d việc cần người vận hành xử lý", n) % {"n": n}


def _grouped(found: Sequence[Alarm]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The alarms as rows of work: what cannot wait, then what must be seen to this week."""
    groups = ((_("Xử lý ngay"), "late"), (_("Trong tuần"), "warn"))
    rows = [(words, [_alarm(each) for each in found if each.tone == tone]) for words, tone in groups]
    return [(words, each) for words, each in rows if each]


def _alarm(alarm: Alarm) -> dict[str, Any]:
    kind, sign = _area(alarm.code)
    words = _(alarm.words) % alarm.facts if alarm.facts else _(alarm.words)
    return {"kind": kind, "sign": sign, "words": words, "todo": _(alarm.todo), "link": alarm.link}


def _area(code: str) -> tuple[str, str]:
    """What an alarm is about, in a word and a picture."""
    match code.partition("_")[0]:
        case "backup":
            return _("Sao lưu"), "download"
        case "partner" | "parcels":
            return _("Nút khác"), "swap"
        case "channel":
            return _("Kênh"), "send"
        case "node" | "member" | "holder" | "list" | "timestamps":
            return _("Chứng thực"), "key"
    return _("Máy chủ"), "settings"


def _troubled_first(rows: Sequence[Partner]) -> list[Partner]:
    return sorted(rows, key=lambda row: not (row.queue.aside or row.queue.stuck or row.queue.waiting))


def _partner(row: Partner, state: State) -> dict[str, Any]:
    queue = row.queue
    counts = (
        (queue.waiting, ngettext("%(n)d kiện chờ chuyển", "%(n)d kiện chờ chuyển", queue.waiting)),
        (queue.sent, ngettext("%(n)d kiện chờ bên kia báo", "%(n)d kiện chờ bên kia báo", queue.sent)),
        (queue.coming, ngettext("%(n)d kiện đang đến", "%(n)d kiện đang đến", queue.coming)),
        (queue.stuck, ngettext("%(n)d kiện bên kia không lấy được", "%(n)d kiện bên kia không lấy được", queue.stuck)),
        (queue.aside, ngettext("%(n)d kiện để riêng", "%(n)d kiện để riêng", queue.aside)),
    )
    return {
        "row": row,
        "way": Way(row.way).label,
        "state": _contact(row, state.at),
        "waiting": [words % {"n": n} for n, words in counts if n] or [_("không có gì chờ")],
        "test": _test(row),
        "test_label": _("Gửi tin thử cho %(name)s") % {"name": row.name},
        "href": reverse("nodes") + f"#node-{row.code}",
    }


def _contact(row: Partner, at: datetime) -> Tone:
    if row.queue.aside or row.queue.stuck:
        return Tone(_("cần xem"), "late", "warning")
    if row.heard_at is None:
        return Tone(_("chưa liên lạc"), "", "clock")
    if row.heard_at < at - look_over.PARTNER_SILENT[row.way]:
        return Tone(_("im lặng"), "warn", "warning")
    return Tone(_("thông suốt"), "ok", "check")


def _test(row: Partner) -> str:
    if row.tested_at is None:
        return ""
    if row.round_trip is not None:
        return _("Tin thử đi và về trong %(seconds)s") % {"seconds": _span(row.round_trip)}
    if row.test_fault:
        return _("Tin thử không được nhận: %(why)s") % {"why": row.test_fault}
    return _("Tin thử chưa về")


def _span(span: timedelta) -> str:
    seconds = span.total_seconds()
    if seconds < 60:
        return _("%(n)s giây") % {"n": formats.number_format(seconds, 1)}
    if seconds < 7200:
        return ngettext("%(n)d phút", "%(n)d phút", int(seconds // 60)) % {"n": int(seconds // 60)}
    hours = int(seconds // 3600)
    return ngettext("%(n)d giờ", "%(n)d giờ", hours) % {"n": hours}


def _line(row: Outside) -> dict[str, Any]:
    if not row.open:
        state = Tone(_("đang tắt"), "", "x")
    elif row.fault:
        state = Tone(_("đang lỗi"), "late", "warning")
    elif row.contact_at is None:
        state = Tone(_("chưa liên lạc"), "", "clock")
    else:
        state = Tone(_("thông suốt"), "ok", "check")
    return {
        "row": row,
        "channel": Channel(row.channel).label,
        "state": state,
        "waiting": waiting_in_words(row.queue),
        "href": reverse("lines") + f"#line-{row.id}",
        "test": reverse("line-test", args=[row.id]),
    }


def _machine(state: State) -> list[dict[str, Any]]:
    """The machine in facts: term, words, and their tone."""
    work, at = state.work, state.at
    alive = work.is_alive(at)
    beat = max(work.heartbeats, default=None)
    rows: list[dict[str, Any]] = [
        _fact(_("Tiến trình nền"), _("đang chạy") if alive else _("không chạy"), ok=alive, moment=beat)
    ]
    for pulse in state.pulses:
        lives = pulse.beat_at > at - look_over.LINE_SILENT
        words = pulse.fault or (_("đang chạy") if lives else _("không chạy"))
        term = _("Đường liên kết") if pulse.name == "line" else pulse.name
        rows.append(_fact(f"{term} ({pulse.machine})", words, ok=lives and not pulse.fault, moment=pulse.beat_at))
    behind = state.behind
    free = _("còn trống %(free)s trên %(size)s") % {
        "free": filesizeformat(state.disk.free),
        "size": filesizeformat(state.disk.size),
    }
    missing = len(state.schema.missing)
    schema = _("thiếu %(n)d bước") % {"n": missing} if missing else _("%(n)d bước, đủ") % {"n": state.schema.applied}
    rows += [
        _fact(_("Cơ sở dữ liệu"), f"{filesizeformat(state.database.size)}, PostgreSQL {state.database.server}"),
        _fact(_("Đĩa"), free, ok=state.disk.share_free >= look_over.DISK_LOW),
        _fact(
            _("Chỉ mục tìm kiếm"),
            _("chậm, %(n)d văn bản chờ") % {"n": behind.n} if behind else _("theo kịp"),
            ok=behind is None or behind.since > at - look_over.INDEX_LATE,
            moment=behind.since if behind else None,
        ),
        _fact(
            _("Niêm phong nhật ký"),
            _("đã dừng") if state.sealing.stopped else _("đều đặn, điểm %(n)s") % {"n": state.sealing.head or 0},
            ok=not state.sealing.stopped,
        ),
        _fact(_("Phiên bản"), state.version),
        _fact(_("Cấu trúc cơ sở dữ liệu"), f"{state.schema.name}, {schema}", ok=not missing),
    ]
    return rows


def _fact(term: str, words: str, *, ok: bool = True, moment: datetime | None = None) -> dict[str, Any]:
    return {"term": term, "words": words, "ok": ok, "moment": moment}


def _backup(row: Any) -> Tone:
    if row.fault:
        return Tone(_("không thành"), "late", "warning")
    if row.verify_fault:
        return Tone(_("hỏng"), "late", "warning")
    return Tone(_("đã kiểm lại"), "ok", "check") if row.verified_at else Tone(_("chưa kiểm lại"), "", "ring")


def _ending(each: Ending, at: datetime) -> dict[str, Any]:
    days = each.days(at)
    kinds = {
        "node": _("nút này"),
        "member": _("nút khác"),
        "holder": _("người ký, con dấu"),
        "list": _("danh sách thu hồi"),
    }
    left = ngettext("còn %(n)d ngày", "còn %(n)d ngày", days) % {"n": days} if days >= 0 else _("đã hết hạn")
    tone = "late" if days < look_over.CERTIFICATE_ENDS_SOON else "warn" if days < look_over.CERTIFICATE_ENDS else ""
    return {"row": each, "kind": kinds[each.kind], "left": Tone(left, tone, "clock")}


@require_http_methods(["GET", "POST"])
def test(request: SignedRequest, code: str) -> HttpResponse:
    """Send a partner a message that carries nothing, and wait for it to say that it has it."""
    refuse(look_over.why_not_look(request.actor))

    def do(_answers: dict[str, Any]) -> str:
        between_nodes.send_test(code=code, actor=request.actor, at=timezone.now())
        return _("Đã gửi tin thử cho nút %(code)s. Thời gian đi và về hiện ở hàng của nút khi họ báo nhận.") % {
            "code": code
        }

    question = Question(
        _("Gửi tin thử cho nút %(code)s?") % {"code": code},
        _("Gửi tin thử"),
        reverse("operation"),
        _("Vận hành"),
        sign="send",
        explains=_("Một kiện rỗng, đi và về đúng đường của văn bản; với nút mang tay thì nằm trong gói lần sau."),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def again(request: SignedRequest, promise_id: int) -> HttpResponse:
    """Try a promise again that was given up."""
    refuse(look_over.why_not_look(request.actor))

    def do(_answers: dict[str, Any]) -> str:
        look_over.try_again(promise_id=promise_id, actor=request.actor, at=timezone.now())
        return _("Việc nền được làm lại ngay.")

    question = Question(
        _("Làm lại việc này?"),
        _("Làm lại"),
        reverse("operation"),
        _("Vận hành"),
        sign="undo",
        explains=_("Làm lại khi đã gỡ nguyên nhân; việc đã xong một phần thì làm tiếp, không làm hai lần."),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)
