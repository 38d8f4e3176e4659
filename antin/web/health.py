"""How the node is, in one sign of the top bar that explains itself. Asked at most once in `FRESH` for each process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from antin.journal import queries as journal
from antin.keys import queries as keys
from antin.outbox import queries as outbox
from antin.signing import queries as signatures
from config import progress

FRESH = timedelta(seconds=20)
SILENCE = timedelta(seconds=60)
UNSEALED = timedelta(minutes=10)
MANY = 200
"""So many promises wait in an ordinary minute of issuing to many units."""


@dataclass(frozen=True)
class Line:
    icon: str
    words: str
    value: str
    trouble: bool = False


@dataclass(frozen=True)
class Health:
    """`tone` is ok, warn or flow; `words` stand in the bar, `heading` and `lines` in the popover; `meaning` says what it means for
    work."""

    tone: str
    words: str
    heading: str
    lines: tuple[Line, ...]
    meaning: str = ""


@dataclass(frozen=True)
class Facts:
    """What was found: is the worker alive, how much waits for it, how much was given up, is the journal being sealed; how far the
    demonstration's documents are, when they are being made."""

    worked_on: bool
    waiting: int
    dead: int
    sealed: bool = True
    fresh: bool = True
    making: tuple[int, int] | None = None
    stamped: bool = True
    owed: int = 0


_last: list[tuple[datetime, Facts]] = []


def look(at: datetime) -> Health:
    """The health of the node; facts younger than `FRESH` are not asked again."""
    if not _last or not timedelta(0) <= at - _last[0][0] < FRESH:
        _last[:] = [(at, _ask(at))]
    making = progress.read(settings.STATE / "demonstration")
    return word(replace(_last[0][1], making=making if making and making[0] < making[1] else None))


def _ask(at: datetime) -> Facts:
    worked_on = outbox.is_worked_on(within=SILENCE)
    return Facts(
        worked_on=worked_on,
        waiting=outbox.count_open(),
        dead=len(outbox.list_dead(limit=100)),
        sealed=not worked_on or not journal.is_sealing_stopped(at=at, within=UNSEALED),
        stamped=signatures.find_silence(at) is None,
        owed=signatures.count_owed(),
        fresh=not keys.is_stale(at),
    )


def word(facts: Facts) -> Health:
    """Put the facts in words."""
    running = _("đang chạy") if facts.worked_on else _("không chạy")
    lines: tuple[Line, ...] = (
        Line("check", _("Cơ sở dữ liệu"), _("trả lời")),
        Line("history" if facts.worked_on else "warning", _("Tiến trình nền"), running, not facts.worked_on),
        Line("swap", _("Việc nền đang chờ"), _number(facts.waiting), facts.waiting > MANY),
        Line(
            "warning" if facts.dead else "check",
            _("Việc nền hỏng, chờ người xử lý"),
            _number(facts.dead),
            facts.dead > 0,
        ),
        Line(
            "shield-check" if facts.sealed else "warning",
            _("Niêm phong nhật ký"),
            _("đều đặn") if facts.sealed else _("đã dừng"),
            not facts.sealed,
        ),
    )
    if not facts.stamped or facts.owed:
        answers = _("trả lời") if facts.stamped else _("không trả lời")
        value = _("%(answers)s, %(n)s tệp chờ bổ sung") % {"answers": answers, "n": _number(facts.owed)}
        lines = (*lines, Line("clock", _("Dấu thời gian"), value, not facts.stamped))
    if not facts.fresh:
        lines = (*lines, Line("shield-x", _("Danh sách thu hồi chứng thư số"), _("quá hạn"), trouble=True))
    if facts.making:
        done, of = facts.making
        value = _("%(done)s trên %(of)s") % {"done": _number(done), "of": _number(of)}
        lines = (Line("history", _("Văn bản mẫu đang lập"), value), *lines)
    troubles = sum(line.trouble for line in lines)
    if not troubles and facts.making:
        told = _("Văn bản mẫu %(n)d %%") % {"n": facts.making[0] * 100 // facts.making[1]}
        meaning = _("Mọi việc vẫn làm được; văn bản, nhiệm vụ của một năm đang hiện dần vào các danh sách.")
        return Health("flow", told, _("Đang lập văn bản mẫu của một năm"), lines, meaning)
    if not troubles:
        return Health("ok", _("Bình thường"), _("Hệ thống chạy bình thường"), lines)
    told = ngettext("%(n)d lưu ý", "%(n)d lưu ý", troubles) % {"n": troubles}
    heading = ngettext("Hệ thống đang chạy, có %(n)d lưu ý", "Hệ thống đang chạy, có %(n)d lưu ý", troubles) % {
        "n": troubles
    }
    if not facts.sealed:
        meaning = _(
            "Nhật ký không niêm phong tiếp được: cơ sở dữ liệu cũ hơn, hoặc khác, điều nút này đã ký."
            " Người quản trị chạy “antin journal verify” trước khi làm tiếp."
        )
        return Health("warn", told, heading, lines, meaning)
    if not facts.stamped and facts.worked_on and not facts.dead:
        meaning = _(
            "Vẫn ký, đóng dấu, gửi được trong thời hạn quy định; dấu thời gian được bổ sung tự động khi dịch vụ trả lời."
        )
        return Health("warn", told, heading, lines, meaning)
    meaning = (
        _("Đọc, soạn, duyệt, ký vẫn làm được. Dàn trang, đóng dấu, gửi nhận sẽ chạy tiếp khi tiến trình nền chạy lại.")
        if not facts.worked_on
        else _("Văn bản liên quan ghi rõ việc nào hỏng và vì sao. Việc khác vẫn chạy bình thường.")
    )
    return Health("warn", told, heading, lines, meaning)


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\u00a0") if get_language() != "en" else f"{count:,}"
