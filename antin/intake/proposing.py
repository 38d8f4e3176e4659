"""What is proposed to the clerk: facts read off a paper as the fields of his form, each with its place and how sure it is; pure.

The sureness is the reader's own of the letters, lessened where the value is not of the shape the Decree gives it, raised where it
is a name the agency has written before. It says how closely to look, and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext_noop as _

from antin.documents.types import TYPES, type_in
from antin.identifiers.text import fold

SURE, DOUBTFUL = 0.85, 0.6
"""From here a value is called sure; below that it is called doubtful."""

WARNINGS = {
    "no_words": _("Không đọc được chữ nào trên bản quét: trang trắng, quá mờ hoặc đặt ngược."),
    "no_number": _("Không thấy số và ký hiệu trên trang đầu."),
    "date_ahead": _("Ngày đọc được ở sau hôm nay; xem lại ngày trên văn bản."),
    "erased": _(
        "Bản quét có dấu độ mật, đã xóa khỏi hệ thống. Nhập văn bản này ở trang Tiếp nhận văn bản mật; bản sao lưu làm trong lúc "
        "đó phải hủy theo quy định."
    ),
    "secret": _(
        "Trên trang có dấu độ mật. Văn bản mật không quét vào hệ thống này: bỏ ra, xử lý theo Luật Bảo vệ bí mật nhà nước."
    ),
    "two_papers": _("Có thể là hai văn bản quét liền nhau: trang sau lại có Quốc hiệu. Kiểm tra tờ phân cách."),
    "not_addressed": _("Không thấy tên cơ quan ta ở “Kính gửi”; kiểm tra có gửi nhầm không."),
}
_CODE = re.compile(r"^\d{1,6}[a-z]?/(\d{4}/)?[A-ZĐ][A-ZĐa-zđ&]*([-/.][A-ZĐ0-9][\w&.]*)*$")
_LEVELS = {"mat": 1, "toi mat": 2, "tuyet mat": 3}
_URGENCIES = {"khan": 1, "thuong khan": 2, "hoa toc": 3}
ABBREVIATIONS = {code: kind.abbreviation for code, kind in TYPES.items()}
LIKE = 0.84
"""So like must a name be to one that is known to be taken for it."""


def propose(
    told: Mapping[str, Any], *, known: Iterable[str], own_names: Iterable[str], today: date
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return the proposals by field of the clerk's form, and the codes of warnings. `told`: as decree30's reading gives it."""
    facts, places = told["facts"], told["places"]
    if not facts:
        return {}, ["no_words"]
    found: dict[str, dict[str, Any]] = {}

    def put(name: str, value: Any, place: str, weight: float) -> None:
        where = places.get(place)
        if where is not None:
            sure = round(where["sure"] * weight, 3)
            found[name] = {"value": value, "sure": sure, "page": where["page"], "box": where["box"]}

    day, kind = facts["date"], facts["type"]
    code = mended(facts["code"], kind["code"] if kind else "")
    if code:
        put("code", code, "code", 1.0 if _CODE.match(code) else 0.6)
    if day:
        ahead = date.fromisoformat(day) > today
        put("document_date", day, "date", 0.4 if ahead else 1.0)
    normative = type_in(code)
    if normative:
        put("type_code", normative, "code", 1.0)
    elif kind:
        put("type_code", kind["code"], "type", 1.0)
    name, weight = issuer(facts["issuer"], facts["parent_issuer"], known)
    if name:
        put("issuer_name", name, "issuer", weight)
        if weight > 1:
            found["issuer_name"]["sure"] = max(found["issuer_name"]["sure"], 0.95)
    if facts["subject"]:
        put("subject", _first_up(facts["subject"])[:500], "subject", 1.0)
    urgency = _URGENCIES.get(fold(facts["urgency"] or ""))
    if urgency is not None:
        put("urgency", urgency, "urgency", 1.0)
    secrecy = _LEVELS.get(fold(facts["secrecy"] or ""))
    if secrecy is not None:
        put("secrecy", secrecy, "secrecy", 1.0)
    if facts["addressees"]:
        put("addressees", "; ".join(facts["addressees"])[:500], "addressees", 1.0)
    return found, _warnings(facts, secrecy, own_names, today)


def _warnings(facts: Mapping[str, Any], secrecy: int | None, own_names: Iterable[str], today: date) -> list[str]:
    said = []
    if secrecy is not None:
        said.append("secret")
    if not facts["code"]:
        said.append("no_number")
    if facts["date"] and date.fromisoformat(facts["date"]) > today:
        said.append("date_ahead")
    named = [fold(each) for each in facts["addressees"]]
    own = [fold(each) for each in own_names]
    if named and not any(_is_of(each, name) for each in named for name in own):
        said.append("not_addressed")
    return said


def mended(code: str | None, type_code: str) -> str:
    """Return number and notation with a misread abbreviation put right: the title says which one begins it."""
    if not code:
        return ""
    number, slash, notation = code.strip(" ,.;:").partition("/")
    first, dash, rest = notation.partition("-")
    goal = ABBREVIATIONS.get(type_code, "")
    if goal and dash and first != goal and SequenceMatcher(None, fold(first), fold(goal)).ratio() >= 0.7:
        first = goal
    return f"{number}{slash}{first}{dash}{rest}"


_MANY = re.compile(r"^(cac|cac don vi|thu truong|dong chi|ong|ba|nhu|tat ca|toan the)\b")


def _is_of(addressee: str, name: str) -> bool:
    """Whether an addressee may mean the agency: its name, part of it, or many at once ("các đơn vị")."""
    return bool(_MANY.match(addressee)) or name in addressee or addressee in name or _likeness(addressee, name) >= LIKE


def issuer(printed: str | None, parent: str | None, known: Iterable[str]) -> tuple[str, float]:
    """Return the issuer as the agency writes it, and how its sureness weighs: more than 1 for a name that is known.

    A name that says little by itself ("VĂN PHÒNG") goes with the body above it.
    """
    if not printed:
        return "", 0.0
    together = f"{printed} {parent}" if parent else printed
    best, name = 0.0, ""
    for each in known:
        for text, least in ((together, LIKE), (printed, LIKE + 0.06)):
            like = _likeness(fold(text), fold(each))
            if like >= least and like > best:
                best, name = like, each
    if name:
        return name, 1.05 if best > 0.97 else 0.95
    generic = parent and len(printed.split()) <= 2
    plain = f"{_plain(printed)} {_plain(parent or '')}" if generic else _plain(printed)
    return plain, 0.8


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() if abs(len(one) - len(other)) <= 6 else 0.0


def _plain(name: str) -> str:
    """A name in capitals as it is written in a sentence; which words keep their capitals is not known."""
    return name.capitalize() if name.isupper() else name


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]


def second_heads(pages: Iterable[tuple[int, str]]) -> list[int]:
    """Return the pages after the first (number, text of its top) on which the national name stands again: another paper begins."""
    return [number for number, text in pages if number > 1 and _NATION.search(fold(text))]


_NATION = re.compile(r"cong hoa xa hoi chu nghia")
