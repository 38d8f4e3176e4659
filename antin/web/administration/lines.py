"""Lines to the outside: where they lead, how they are, what waits on them, what was set aside; and the directory behind them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from antin.correspondents import operations as correspondents
from antin.correspondents import policy as directory_policy
from antin.correspondents import queries as directory
from antin.correspondents.operations import Listed
from antin.correspondents.states import OUTSIDE, Channel, Source
from antin.exchange import operations, policy, queries
from antin.exchange.operations import LineFacts
from antin.exchange.states import ParcelStatus
from antin.journeys import take_in
from antin.people import queries as people
from antin.refusal import NotFound, Refusal, refuse
from antin.web import tones
from antin.web.administration import forms
from antin.web.asking import Question, ask, brought, sent
from antin.web.session.middleware import SignedRequest
from antin.web.tones import Tone

if TYPE_CHECKING:
    from antin.correspondents.models import Correspondent
    from antin.exchange.models import Line, Parcel

PAGE = 50
IMPORT_MOST = 30_000


class NotATable(Refusal):
    code = "not_a_table"
    words = gettext_noop(
        "Không đọc được bảng: mỗi dòng là mã, tên, rồi các cách viết khác của mã, cách nhau bằng dấu phẩy hoặc chấm phẩy."
    )


class UnknownUnitCode(Refusal):
    code = "unknown_unit_code"
    words = gettext_noop("Dòng “%(line)s”: ghi mã định danh của đơn vị trong nút, dấu bằng, rồi mã trên kênh.")


@require_safe
def page(request: SignedRequest) -> HttpResponse:
    """Every line, what waits on it, what was set aside, and the directory."""
    refuse(policy.why_not_keep_lines(request.actor))
    lines, queues, led = queries.list_lines(), queries.list_queues(), directory.count_by_line()
    aside = queries.list_parcels(statuses=(ParcelStatus.SET_ASIDE,))
    told = {
        "heading": _heading(lines, len(aside)),
        "lines": [
            _line(line, queues.get(line.name, queries.Queue()), led.get((line.channel, line.name), 0)) for line in lines
        ],
        "aside": [_parcel(each) for each in aside],
        "parcels": [_parcel(each) for each in queries.list_parcels(limit=20)],
        "agencies": sum(led.values()),
        "isolated": settings.ISOLATED,
    }
    return render(request, "administration/lines.html", told)


def _heading(lines: list[Line], aside: int) -> str:
    if not lines:
        return _("Chưa có kênh liên thông")
    n = sum(line.open for line in lines)
    told = ngettext("%(n)d kênh liên thông đang mở", "%(n)d kênh liên thông đang mở", n) % {"n": n}
    if not aside:
        return told
    return f"{told}, {ngettext('%(n)d gói tin để riêng', '%(n)d gói tin để riêng', aside) % {'n': aside}}"


def state_of(line: Line) -> Tone:
    """How a line is, in words."""
    if not line.open:
        return Tone(_("đang tắt"), "", "x")
    if line.fault:
        return Tone(_("đang lỗi"), "late", "warning")
    if line.contact_at is None:
        return Tone(_("chưa liên lạc"), "", "clock")
    return Tone(_("thông suốt"), "ok", "check")


def waiting_in_words(queue: queries.Queue) -> list[str]:
    """What waits on a line, one line each."""
    counts = (
        (queue.to_send, ngettext("%(n)d văn bản chờ gửi", "%(n)d văn bản chờ gửi", queue.to_send)),
        (queue.failed, ngettext("%(n)d văn bản gửi lỗi", "%(n)d văn bản gửi lỗi", queue.failed)),
        (queue.answers, ngettext("%(n)d trạng thái chờ gửi", "%(n)d trạng thái chờ gửi", queue.answers)),
        (queue.answers_failed, ngettext("%(n)d trạng thái gửi lỗi", "%(n)d trạng thái gửi lỗi", queue.answers_failed)),
        (queue.kept, ngettext("%(n)d gói tin chờ xử lý", "%(n)d gói tin chờ xử lý", queue.kept)),
        (queue.set_aside, ngettext("%(n)d gói tin để riêng", "%(n)d gói tin để riêng", queue.set_aside)),
    )
    return [words % {"n": n} for n, words in counts if n] or [_("không có gì chờ")]


def _line(line: Line, queue: queries.Queue, agencies: int) -> dict[str, Any]:
    return {
        "row": line,
        "state": state_of(line),
        "channel": Channel(line.channel).label,
        "waiting": waiting_in_words(queue),
        "agencies": agencies,
    }


def _parcel(parcel: Parcel) -> dict[str, Any]:
    return {
        "row": parcel,
        "state": tones.of(ParcelStatus(parcel.status)),
        "words": _("Trạng thái %(code)s") % {"code": parcel.subject} if parcel.kind == "status" else parcel.subject,
        "by": parcel.sender_name or parcel.sender_code or _("không rõ nơi gửi"),
    }


def _question(heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, reverse("lines"), _("Trục liên thông"), **more)


def _facts(answers: Mapping[str, Any]) -> LineFacts:
    told = {name: answers[name] for name in LineFacts.__dataclass_fields__ if name in answers and name != "codes"}
    return LineFacts(**told, codes=_codes(answers["codes"]))


def _codes(text: str) -> dict[int, str]:
    """The table of codes as it is typed: `own code = code on the line`, one to a row. :raises UnknownUnitCode:"""
    codes: dict[int, str] = {}
    for row in filter(None, (each.strip() for each in text.splitlines())):
        own, _sign, code = (part.strip() for part in row.partition("="))
        unit = people.find_agency_by_code(own)
        if unit is None or not code:
            raise UnknownUnitCode(line=row)
        codes[unit.pk] = code
    return codes


@require_http_methods(["GET", "POST"])
def set_up(request: SignedRequest) -> HttpResponse:
    """Set up a line, shut."""
    refuse(policy.why_not_keep_lines(request.actor))

    def do(answers: dict[str, Any]) -> str:
        made = operations.set_up_line(
            name=answers["name"],
            channel=answers["channel"],
            facts=_facts(answers),
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã lập kênh %(title)s, đang tắt. Thử kết nối rồi mở.") % {"title": made.title}

    question = _question(
        _("Lập kênh liên thông"),
        _("Lập kênh"),
        sign="swap",
        explains=_(
            "Địa chỉ, mã hệ thống và khóa bí mật do đơn vị quản lý trục cấp. Khóa được niêm phong, không hiện lại."
        ),
    )
    return ask(request, question, forms.SetUpLine(sent(request)), do)


@require_http_methods(["GET", "POST"])
def change(request: SignedRequest, line_id: int) -> HttpResponse:
    """Change where a line leads, and its secrets."""
    line = queries.get_line_for(request.actor, line_id)
    units = people.list_units(list(queries.list_codes(line)))
    rows = [f"{units[pk].code} = {code}" for pk, code in queries.list_codes(line).items() if units[pk].code]
    names = ("title", "address", "system_id", "user_name", "plain", "raw", "authority")
    initial = {name: getattr(line, name) for name in names} | {"codes": "\n".join(rows)}

    def do(answers: dict[str, Any]) -> str:
        operations.change_line(line_id=line.pk, facts=_facts(answers), actor=request.actor, at=timezone.now())
        return _("Đã sửa kênh %(title)s.") % {"title": line.title}

    question = _question(
        _("Sửa kênh %(title)s") % {"title": line.title},
        _("Lưu"),
        sign="draft",
        explains=_("Để trống khóa bí mật và mật khẩu thì giữ như cũ."),
    )
    return ask(request, question, forms.ChangeLine(sent(request), initial=initial), do)


@require_http_methods(["GET", "POST"])
def open_line(request: SignedRequest, line_id: int) -> HttpResponse:
    """Open a line."""
    line = queries.get_line_for(request.actor, line_id)

    def do(_answers: dict[str, Any]) -> str:
        operations.open_line(line_id=line.pk, actor=request.actor, at=timezone.now())
        return _("Đã mở kênh %(title)s.") % {"title": line.title}

    question = _question(
        _("Mở kênh %(title)s?") % {"title": line.title},
        _("Mở kênh"),
        explains=_("Hệ thống hỏi văn bản đến mỗi phút và gửi ngay những gì đang chờ."),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def shut(request: SignedRequest, line_id: int) -> HttpResponse:
    """Shut a line."""
    line = queries.get_line_for(request.actor, line_id)

    def do(_answers: dict[str, Any]) -> str:
        operations.shut_line(line_id=line.pk, actor=request.actor, at=timezone.now())
        return _("Đã tắt kênh %(title)s.") % {"title": line.title}

    question = _question(
        _("Tắt kênh %(title)s?") % {"title": line.title},
        _("Tắt kênh"),
        sign="x",
        kind="danger",
        explains=_("Không gửi, không nhận qua kênh này nữa; những gì đang chờ vẫn chờ đến khi mở lại."),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def test(request: SignedRequest, line_id: int) -> HttpResponse:
    """Ask a line how many messages wait, taking none."""
    line = queries.get_line_for(request.actor, line_id)

    def do(_answers: dict[str, Any]) -> str:
        n = take_in.test_connection(line=line, at=timezone.now())
        words = ngettext(
            "%(title)s trả lời: %(n)d văn bản đang chờ nhận.", "%(title)s trả lời: %(n)d văn bản đang chờ nhận.", n
        )
        return words % {"title": line.title, "n": n}

    question = _question(
        _("Thử kết nối %(title)s?") % {"title": line.title},
        _("Thử kết nối"),
        sign="swap",
        explains=_("Chỉ hỏi số văn bản đang chờ; không nhận, không gửi gì."),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def take_directory(request: SignedRequest, line_id: int) -> HttpResponse:
    """Make the directory agree with a line's own list, now."""
    line = queries.get_line_for(request.actor, line_id)

    def do(_answers: dict[str, Any]) -> str:
        taken = take_in.take_directory(line=line, actor=request.actor, at=timezone.now())
        told = {"new": taken.new, "changed": taken.changed, "closed": taken.closed}
        return _("Đã cập nhật danh bạ: thêm %(new)d, sửa %(changed)d, đóng %(closed)d cơ quan.") % told

    question = _question(
        _("Lấy danh bạ từ %(title)s?") % {"title": line.title},
        _("Lấy danh bạ"),
        sign="people",
        explains=_("Cơ quan nhập tay không bị sửa. Hệ thống tự lấy danh bạ mỗi ngày một lần khi kênh mở."),
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def retry(request: SignedRequest, parcel_id: int) -> HttpResponse:
    """Try a parcel again that was set aside."""
    parcel = queries.get_parcel_for(request.actor, parcel_id)

    def do(_answers: dict[str, Any]) -> str:
        operations.retry_parcel(parcel_id=parcel.pk, actor=request.actor, at=timezone.now())
        return _("Đang nhận lại gói tin %(doc_id)s.") % {"doc_id": parcel.doc_id}

    question = _question(
        _("Nhận lại gói tin %(doc_id)s?") % {"doc_id": parcel.doc_id}, _("Nhận lại"), explains=parcel.fault
    )
    return ask(request, question, forms.Nothing(sent(request)), do)


@require_http_methods(["GET", "POST"])
def drop(request: SignedRequest, parcel_id: int) -> HttpResponse:
    """Leave a parcel alone for good."""
    parcel = queries.get_parcel_for(request.actor, parcel_id)

    def do(answers: dict[str, Any]) -> str:
        operations.drop_parcel(parcel_id=parcel.pk, **answers, actor=request.actor, at=timezone.now())
        return _("Đã bỏ qua gói tin %(doc_id)s; tệp vẫn được giữ.") % {"doc_id": parcel.doc_id}

    question = _question(
        _("Bỏ qua gói tin %(doc_id)s?") % {"doc_id": parcel.doc_id},
        _("Bỏ qua"),
        sign="x",
        kind="danger",
        explains=parcel.fault,
    )
    return ask(request, question, forms.DropParcel(sent(request)), do)


# The directory --------------------------------------------------------------------------------------------------------------


@require_safe
def agencies(request: SignedRequest) -> HttpResponse:
    """The directory of outside agencies: searched, by channel."""
    refuse(directory_policy.why_not_keep(request.actor))
    words = request.GET.get("words", "").strip()[:200]
    channel = request.GET.get("channel", "")
    channel = channel if channel in Channel.values else ""
    first = request.GET.get("first", "")
    start = int(first) if first.isdecimal() and len(first) < 9 else 0
    found = directory.list_page(words=words, channel=channel, first=start, limit=PAGE)
    titles = {line.name: line.title for line in queries.list_lines()}
    told = {
        "heading": ngettext("%(n)s cơ quan ngoài nút", "%(n)s cơ quan ngoài nút", found.total) % {"n": found.total},
        "rows": [_agency(row, found.spellings.get(row.pk, []), titles) for row in found.rows],
        "words": words,
        "channel": channel,
        "views": [
            {"words": label, "href": _address(words, key), "n": None, "current": key == channel}
            for key, label in [("", _("Tất cả")), *((way.value, way.label) for way in OUTSIDE)]
        ],
        "newest": _address(words, channel) if start else "",
        "older": _address(words, channel, start + PAGE) if start + PAGE < found.total else "",
    }
    return render(request, "administration/correspondents.html", told)


def _address(words: str, channel: str, first: int = 0) -> str:
    asked = {"words": words, "channel": channel, "first": first or ""}
    return f"{reverse('correspondents')}?{urlencode({name: value for name, value in asked.items() if value})}"


def _agency(row: Correspondent, spellings: list[str], titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "row": row,
        "others": [value for value in spellings if value != row.code],
        "way": titles.get(row.line, "") or row.way.label,
        "source": Source(row.source).label,
    }


def _ways() -> list[tuple[str, str]]:
    """The ways that lead to an outside agency: each line, and the channels that have none."""
    lines = [(f"{line.channel}:{line.name}", line.title) for line in queries.list_lines()]
    return [*lines, *((f"{way.value}:", str(way.label)) for way in (Channel.NODE, Channel.FILE))]


def _way(answers: dict[str, Any]) -> dict[str, Any]:
    channel, _sign, line = answers.pop("way").partition(":")
    return {**answers, "channel": channel, "line": line, "spellings": answers["spellings"].replace(",", " ").split()}


def _about(heading: str, button: str, **more: Any) -> Question:
    return Question(heading, button, reverse("correspondents"), _("Cơ quan ngoài"), **more)


@require_http_methods(["GET", "POST"])
def enter(request: SignedRequest) -> HttpResponse:
    """Enter an outside agency."""
    refuse(directory_policy.why_not_keep(request.actor))

    def do(answers: dict[str, Any]) -> str:
        made = correspondents.enter(**_way(answers), actor=request.actor, at=timezone.now())
        return _("Đã ghi %(name)s vào danh bạ.") % {"name": made.name}

    question = _about(_("Thêm cơ quan ngoài"), _("Thêm"), sign="plus")
    return ask(request, question, forms.EnterCorrespondent(sent(request), ways=_ways()), do)


@require_http_methods(["GET", "POST"])
def describe(request: SignedRequest, correspondent_id: int) -> HttpResponse:
    """Change what an outside agency is called, or the way to it."""
    refuse(directory_policy.why_not_keep(request.actor))
    found = directory.get(correspondent_id)
    spellings = directory.list_spellings([found.pk]).get(found.pk, [])
    initial = {
        "name": found.name,
        "email": found.email,
        "way": f"{found.channel}:{found.line}",
        "spellings": ", ".join(value for value in spellings if value != found.code),
    }
    ways = _ways()
    if initial["way"] not in dict(ways):
        ways.append((initial["way"], f"{found.way.label} {found.line}".strip()))

    def do(answers: dict[str, Any]) -> str:
        correspondents.change(correspondent_id=found.pk, **_way(answers), actor=request.actor, at=timezone.now())
        return _("Đã sửa %(name)s.") % {"name": found.name}

    question = _about(_("Sửa %(name)s") % {"name": found.name}, _("Lưu"), sign="draft")
    return ask(request, question, forms.DescribeCorrespondent(sent(request), ways=ways, initial=initial), do)


@require_http_methods(["GET", "POST"])
def close(request: SignedRequest, correspondent_id: int) -> HttpResponse:
    """Take an outside agency out of the directory, with whoever follows it."""
    refuse(directory_policy.why_not_keep(request.actor))
    found = directory.get(correspondent_id)

    def do(answers: dict[str, Any]) -> str:
        heir = None
        if answers["successor"]:
            heir = directory.find_by_code(answers["successor"])
            if heir is None:
                raise NotFound()
        correspondents.close(
            correspondent_id=found.pk, successor_id=heir.pk if heir else None, actor=request.actor, at=timezone.now()
        )
        return _("Đã đóng %(name)s.") % {"name": found.name}

    question = _about(
        _("Đóng %(name)s?") % {"name": found.name},
        _("Đóng"),
        sign="x",
        kind="danger",
        explains=_("Không chọn làm nơi nhận được nữa. Văn bản cũ vẫn ghi tên cơ quan này."),
    )
    return ask(request, question, forms.CloseCorrespondent(sent(request)), do)


@require_http_methods(["GET", "POST"])
def import_table(request: SignedRequest) -> HttpResponse:
    """Take outside agencies from a table: code, name, other spellings."""
    refuse(directory_policy.why_not_keep(request.actor))

    def do(answers: dict[str, Any]) -> str:
        channel, _sign, line = answers["way"].partition(":")
        listed = read_table(answers["table"].read())
        taken = correspondents.take_table(
            listed=listed, channel=channel, line=line, actor=request.actor, at=timezone.now()
        )
        return _("Đã ghi danh bạ: thêm %(new)d, sửa %(changed)d cơ quan.") % {
            "new": taken.new,
            "changed": taken.changed,
        }

    question = _about(
        _("Nhập danh bạ từ tệp"),
        _("Nhập"),
        sign="people",
        explains=_(
            "Tệp CSV mã UTF-8: mã định danh, tên cơ quan, rồi các cách viết khác của mã nếu có. Không đóng cơ quan nào."
        ),
    )
    form = forms.ImportCorrespondents(sent(request), brought(request), ways=_ways())
    return ask(request, question, form, do)


def read_table(content: bytes) -> list[Listed]:
    """The rows of a table of agencies; a first row without a digit in its code is its heading. :raises NotATable:"""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotATable() from None
    mark = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    listed = []
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=mark)):
            cells = [cell.strip() for cell in row]
            if not any(cells) or (number == 0 and not any(sign.isdigit() for sign in cells[0])):
                continue
            if len(cells) < 2 or not cells[0] or not cells[1] or number > IMPORT_MOST:
                raise NotATable()
            listed.append(Listed(cells[0], cells[1], tuple(cell for cell in cells[2:] if cell)))
    except csv.Error:
        raise NotATable() from None
    if not listed:
        raise NotATable()
    return listed
