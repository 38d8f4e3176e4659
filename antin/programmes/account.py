"""What a period report says: the figures frozen on the evening of its last day, their digest, and the same as the text of a report.

The figures are a plain value: made from the rooms by `queries.account_of`, kept with the report, and made again from the rows that
the kept one names, so that a later reader is told that nothing has moved, or what has. Pure. The text is written in Vietnamese
whatever the language of the screen: it is a document of Decree 30/2020/NĐ-CP.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext_noop as _

_BREAKS = re.compile(r"[\s\u00ad\u200b-\u200d\u2010\u2011\ufeff\ufffe-]+")
_NAMED = re.compile(r"sha256củabảngsốliệu:([0-9a-f]{64})")

Account = dict[str, Any]
Node = dict[str, Any]

SUMS = (
    ("tasks_accepted", _("được nghiệm thu trong kỳ")),
    ("tasks_accepted_in_time", _("trong đó nộp đúng hạn")),
    ("tasks_open", _("đang thực hiện")),
    ("tasks_late", _("trong đó quá hạn")),
    ("tasks_soon", _("sắp đến hạn")),
    ("tasks_at_risk", _("có nguy cơ chậm")),
    ("tasks_undated", _("không thời hạn")),
)
"""What is counted of work, in the order in which it is told."""
ROWS = (("late", "quá hạn"), ("risky", "có nguy cơ chậm"), ("next", "trọng tâm kỳ tới"))


def digest_of(account: Account) -> str:
    """Return the SHA-256 of figures: of their JSON with sorted names, without spaces."""
    return hashlib.sha256(
        json.dumps(account, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def digest_in(text: str) -> str:
    """Return the digest of figures that a text names, however its lines are broken; empty where it names none, or several."""
    found = {match.group(1) for match in _NAMED.finditer(_BREAKS.sub("", text).lower())}
    return found.pop() if len(found) == 1 else ""


def differences(then: Account, now: Account) -> list[tuple[str, str, str]]:
    """Return where two accounts of one period differ: what, how it stood then, how it stands now. Empty: they are the same."""
    before, after = dict(_told(then)), dict(_told(now))
    names = list(dict.fromkeys([*before, *after]))
    return [
        (name, before.get(name, "–"), after.get(name, "–")) for name in names if before.get(name) != after.get(name)
    ]


def _told(account: Account) -> Iterator[tuple[str, str]]:
    """Each number and row of an account with its name."""
    for fact, words in SUMS:
        yield f"Nhiệm vụ {words}", str(account["sums"].get(fact, 0))
    for row in account["units"]:
        for fact, words in SUMS:
            yield f"{row['name']}: nhiệm vụ {words}", str(row["sums"].get(fact, 0))
    for each in account["figures"]:
        yield each["name"], value_in_words(each)
        for fact, n in each["sums"].items():
            yield f"{each['name']}: {fact}", str(n)
    for part in account["parts"]:
        yield f"{part['title']}: việc đã giao, xong, quá hạn", f"{part['whole']}, {part['done']}, {part['late']}"
    for kind, words in ROWS:
        for row in account[kind]:
            yield f"Việc {words}: {row['title']} ({row['unit']}) số {row['id']}", _standing(row)
    for row in account["said"]:
        yield f"{row['words']} ({row['unit']}) số {row['id']}", row["kind"]


def _standing(row: dict[str, Any]) -> str:
    return f"{row['cell']}, hạn {row['due'] or 'không nêu'}, {row['percent']} %"


def value_in_words(figure: dict[str, Any]) -> str:
    """A value as it is printed: "91,40 %", or a dash."""
    return "–" if figure["value"] is None else f"{figure['value'].replace('.', ',')} {figure['measure']}"


# The text


def body_of(account: Account, digest: str) -> Node:
    """Return the text of the report, ready to be edited on: results, what is left, the next period, and the tables annexed."""
    blocks = [
        _line(_opening(account)),
        _heading("Kết quả thực hiện"),
        *(_line(words) for words in _results(account)),
        _heading("Tồn tại, vướng mắc, đề xuất"),
        *(_line(words) for words in _left(account)),
        _heading("Nhiệm vụ trọng tâm kỳ tới"),
        *_items((f"{row['title']} ({_whose(row)})" for row in account["next"]), "Theo kế hoạch đã được phê duyệt."),
        _line(
            f"Số liệu tính đến hết ngày {_day(account['until'])}, lấy từ nhật ký của hệ thống quản lý văn bản và nhiệm vụ; "
            f"mã SHA-256 của bảng số liệu: {digest}."
        ),
        *_annex(
            "Kết quả thực hiện chỉ tiêu", ("Chỉ tiêu", "Kết quả", "Mức phải đạt", "Đánh giá"), _figure_rows(account)
        ),
        *_annex(
            "Nhiệm vụ theo đơn vị",
            ("Đơn vị", "Nghiệm thu", "Đúng hạn", "Đang làm", "Quá hạn", "Có nguy cơ"),
            [
                [row["name"], *(str(row["sums"].get(name, 0)) for name in _OF_UNITS)]
                for row in [*account["units"], {"name": "Cộng", "sums": account["sums"]}]
            ],
        ),
    ]
    if account["late"]:
        blocks += _annex("Nhiệm vụ quá hạn", ("Nhiệm vụ", "Đơn vị", "Hạn", "Tiến độ"), _work_rows(account["late"]))
    if account["next"]:
        blocks += _annex(
            "Nhiệm vụ trọng tâm kỳ tới", ("Nhiệm vụ", "Đơn vị", "Hạn", "Tiến độ"), _work_rows(account["next"])
        )
    return {"type": "doc", "content": blocks}


_OF_UNITS = ("tasks_accepted", "tasks_accepted_in_time", "tasks_open", "tasks_late", "tasks_at_risk")


def period_in_words(account: Account) -> str:
    """ "quý III năm 2026", "tháng 10 năm 2026", or the days."""
    since, until = account["since"], account["until"]
    year, month = until[:4], int(until[5:7])
    if account["kind"] == "month":
        return f"tháng {month} năm {year}"
    if account["kind"] == "quarter":
        return f"quý {('I', 'II', 'III', 'IV')[(month - 1) // 3]} năm {year}"
    return f"từ ngày {_day(since)} đến ngày {_day(until)}"


def subject_of(account: Account) -> str:
    """Return what the report is about, in a line."""
    if account["programme"]:
        return f"Kết quả {period_in_words(account)} thực hiện {account['programme']['title']}"
    return f"Kết quả thực hiện nhiệm vụ {period_in_words(account)}"


def _opening(account: Account) -> str:
    plan = f"Thực hiện {account['programme']['title']}, " if account["programme"] else ""
    span = f"(số liệu từ ngày {_day(account['since'])} đến hết ngày {_day(account['until'])})"
    words = f"{plan}{account['unit']['name']} báo cáo kết quả {period_in_words(account)} {span} như sau:"
    return words[0].upper() + words[1:]


def _results(account: Account) -> Iterator[str]:
    sums = account["sums"]
    accepted, in_time = sums.get("tasks_accepted", 0), sums.get("tasks_accepted_in_time", 0)
    rate = f" ({_percent(in_time, accepted)} đúng hạn)" if accepted else ""
    yield (
        f"Trong kỳ có {accepted} nhiệm vụ được nghiệm thu{rate}; đến cuối kỳ còn {sums.get('tasks_open', 0)} nhiệm vụ đang thực "
        f"hiện, trong đó {sums.get('tasks_late', 0)} nhiệm vụ quá hạn, {sums.get('tasks_at_risk', 0)} nhiệm vụ có nguy cơ chậm."
    )
    met = [each for each in account["figures"] if each["met"]]
    missed = [each for each in account["figures"] if each["met"] is False]
    if met or missed:
        yield f"Đạt {len(met)} trên {len(met) + len(missed)} chỉ tiêu có mức phải đạt (Phụ lục kèm theo)."
    for each in missed:
        yield f"Chưa đạt: {each['name']} {value_in_words(each)}, mức phải đạt {_aim(each)}."
    for part in account["parts"]:
        if part["whole"]:
            late = f", {part['late']} quá hạn" if part["late"] else ""
            yield f"{part['title']}: xong {part['done']} trên {part['whole']} việc đã giao{late}."


def _left(account: Account) -> Iterator[str]:
    behind = sorted(account["units"], key=lambda row: -row["sums"].get("tasks_late", 0))
    named = [f"{row['name']} ({row['sums']['tasks_late']})" for row in behind if row["sums"].get("tasks_late")]
    if named:
        yield f"Đơn vị còn nhiệm vụ quá hạn: {', '.join(named)}."
    for row in account["said"]:
        kind = {"obstacle": "Vướng mắc", "proposal": "Đề xuất"}.get(row["kind"], "Nguy cơ")
        yield f"{kind} của {row['unit']}: {row['words']}"
    if account["unnamed"]:
        yield f"Không nêu tên {account['unnamed']} nhiệm vụ có độ mật hoặc không thuộc phạm vi được xem của người lập báo cáo."
    if not named and not account["said"] and not account["unnamed"]:
        yield "Không có."


def _figure_rows(account: Account) -> list[list[str]]:
    verdicts = {True: "Đạt", False: "Chưa đạt", None: "–"}
    return [[each["name"], value_in_words(each), _aim(each), verdicts[each["met"]]] for each in account["figures"]]


def _work_rows(rows: list[dict[str, Any]]) -> list[list[str]]:
    return [
        [row["title"], row["unit"], _day(row["due"]) if row["due"] else "không nêu", f"{row['percent']} %"]
        for row in rows
    ]


def _whose(row: dict[str, Any]) -> str:
    return f"{row['unit']}, hạn {_day(row['due'])}" if row["due"] else row["unit"]


def _aim(figure: dict[str, Any]) -> str:
    if figure["target"] is None:
        return "–"
    return (
        f"{'không quá ' if figure['better'] == 'lower' else ''}{figure['target'].replace('.', ',')} {figure['measure']}"
    )


def _percent(part: int, whole: int) -> str:
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10},{tenths % 10} %"


def _day(iso: str) -> str:
    return f"{iso[8:10]}/{iso[5:7]}/{iso[:4]}"


def _text(words: str) -> list[Node]:
    return [{"type": "text", "text": words}] if words else []


def _line(words: str) -> Node:
    return {"type": "paragraph", "content": _text(words)}


def _heading(words: str) -> Node:
    return {"type": "heading", "attrs": {"kind": "roman"}, "content": _text(words)}


def _items(lines: Iterable[str], otherwise: str) -> list[Node]:
    found = [{"type": "listItem", "content": [_line(words)]} for words in lines]
    return [{"type": "bulletList", "content": found}] if found else [_line(otherwise)]


def _annex(title: str, head: tuple[str, ...], rows: list[list[str]]) -> list[Node]:
    def row(kind: str, cells: Iterable[str], place: int) -> Node:
        numbered = ["TT" if kind == "tableHeader" else str(place), *cells]
        return {
            "type": "tableRow",
            "content": [{"type": kind, "content": [_line(words)]} for words in numbered],
        }

    table = [row("tableHeader", head, 0), *(row("tableCell", cells, place) for place, cells in enumerate(rows, 1))]
    return [{"type": "appendix", "content": _text(title)}, {"type": "table", "content": table}]
