"""What a paper says of itself: number, date, issuer, signer and so on, as printed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from antin.decree30 import fonts
from antin.decree30.anatomy import Anatomy
from antin.decree30.paper import MM, Box, Line
from antin.decree30.rules import measured_margins, notation, recipient_items, when
from antin.decree30.wording import MARKS

MIDDLE_OF_A4 = 297.6  # points: a skew is taken out about the middle of the page


def tell(anatomy: Anatomy) -> dict[str, Any]:
    """Every fact; what is not there, or not found for sure, is null or empty. Keys: docs/lint.md."""
    parts, issued = notation(anatomy.number), when(anatomy.date)
    mark, own = _authority(anatomy.posts)
    first = anatomy.first
    number = parts.number if parts and parts.number else None
    code = f"{parts.number}{'/' + parts.year if parts.year else ''}/{parts.code}" if parts and number else None
    on = issued_on(anatomy)
    return {
        "number": number,
        "notation": parts.code if parts else None,
        "code": code,
        "date": on.isoformat() if on else None,
        "place": issued.place if issued and issued.place else None,
        "issuer": _joined(anatomy.issuer),
        "parent_issuer": _joined(anatomy.parent),
        "type": {"code": anatomy.type[0], "name": anatomy.type[1]} if anatomy.type else None,
        "subject": _subject(anatomy),
        "addressees": _addressees(anatomy),
        "signer_name": " ".join(anatomy.name.text.split()) if anatomy.name else None,
        "signer_post": own,
        "authority": mark,
        "authority_lines": [" ".join(line.text.split()) for line in anatomy.posts],
        "recipients": [_item(text) for text, _line in recipient_items(anatomy) if _item(text)],
        "urgency": anatomy.urgency.text.strip() if anatomy.urgency else None,
        "secrecy": anatomy.secrecy.text.strip() if anatomy.secrecy else None,
        "annexes": len(anatomy.annexes),
        "pages": anatomy.paper.page_count,
        "paper": {
            "name": _paper(first.width, first.height),
            "width_mm": round(first.width / MM),
            "height_mm": round(first.height / MM),
        },
        "margins_mm": measured_margins(anatomy),
        "fonts": _fonts(anatomy.paper.families),
        "body_size": _body_size(anatomy),
    }


def lines_behind(anatomy: Anatomy) -> dict[str, tuple[Line, ...]]:
    """The lines from which each fact was read, by its key in `tell`."""
    one = {
        "code": anatomy.number,
        "date": anatomy.date,
        "urgency": anatomy.urgency,
        "secrecy": anatomy.secrecy,
        "signer_name": anatomy.name,
        "type": anatomy.title or anatomy.number,
    }
    several = {
        "issuer": anatomy.issuer,
        "parent_issuer": anatomy.parent,
        "subject": anatomy.letter_subject if anatomy.is_letter else anatomy.subject,
        "addressees": anatomy.addressed,
    }
    return {name: (line,) for name, line in one.items() if line is not None} | {
        name: tuple(lines) for name, lines in several.items() if lines
    }


def places(anatomy: Anatomy, skews: Mapping[int, float]) -> dict[str, dict[str, Any]]:
    """Where each fact stands and how sure its letters are: page, box on the page as it lies, sureness from 0 to 1.

    `skews`: by how much pages were turned back when they were read.
    """
    return {name: _place(lines, skews) for name, lines in lines_behind(anatomy).items() if lines[0].page}


def _place(lines: Sequence[Line], skews: Mapping[int, float]) -> dict[str, Any]:
    page = lines[0].page
    skew = skews.get(page, 0.0)
    here = [line for line in lines if line.page == page]
    middle = MIDDLE_OF_A4
    rises = [skew * (x - middle) for line in here for x in (line.x0, line.x1)]
    box = Box(
        page,
        min(line.x0 for line in here),
        min(line.bottom for line in here) + min(rises),
        max(line.x1 for line in here),
        max(line.top for line in here) + max(rises),
    )
    words = [word for line in here for word in line.words]
    letters = sum(len(word.text) for word in words) or 1
    sure = sum(word.sure * len(word.text) for word in words) / letters
    return {"page": page, "box": box.as_json(), "sure": round(sure, 3)}


def issued_on(anatomy: Anatomy) -> date | None:
    """The date of the paper, if it is whole and exists."""
    issued = when(anatomy.date)
    digits: tuple[str, str, str] | None = (issued.day, issued.month, issued.year) if issued else None
    if digits is None and anatomy.date is not None:
        match = re.search(r"(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4})", anatomy.date.text)
        digits = (match[1], match[2], match[3]) if match else None
    if digits is None or not all(digits) or len(digits[2]) != 4:
        return None
    try:
        return date(int(digits[2]), int(digits[1]), int(digits[0]))
    except ValueError:
        return None


def _joined(lines: tuple[Line, ...]) -> str | None:
    return " ".join(" ".join(line.text for line in lines).split()) or None


def _subject(anatomy: Anatomy) -> str | None:
    if anatomy.is_letter:
        return (
            re.sub(r"^(v\s?/\s?v|về việc|vv\b)[:.]?\s*", "", _joined(anatomy.letter_subject) or "", flags=re.I) or None
        )
    return _joined(anatomy.subject)


def _addressees(anatomy: Anatomy) -> list[str]:
    if not anatomy.addressed:
        return []
    first = re.sub(r"^\s*kính gửi\s*:?\s*", "", anatomy.addressed[0].text, flags=re.I).strip()
    rest: list[str] = []
    for line in anatomy.addressed[1:]:
        rest.append(line.text)
    return [name for name in (_item(text) for text in ([first] if first else []) + rest) if name]


def _item(text: str) -> str:
    return re.sub(r"^[-–+•*\s]+", "", text).strip().rstrip(";.,").strip()


def _authority(posts: tuple[Line, ...]) -> tuple[str | None, str | None]:
    """The mark (KT., TL., TM., TUQ., Q.) and the post of who signs: the last line, without its own mark."""
    texts = [" ".join(line.text.split()) for line in posts]
    mark = None
    for text in texts:
        match = re.match(r"^(K/?T|T/?L|T/?M|TUQ|Q)\b\s*[.:/]?\s", text + " ")
        if match:
            found = match[1].replace("/", "")
            mark = mark or (f"{found}." if found in MARKS else None)
    if not texts:
        return mark, None
    marked = [n for n, text in enumerate(texts) if re.match(r"^(K/?T|T/?L|T/?M|TUQ)\b", text)]
    own = texts[marked[-1] + 1 :] if marked and marked[-1] + 1 < len(texts) else texts
    return mark, re.sub(r"^(K/?T|T/?L|T/?M|TUQ|Q)\b\s*[.:/]?\s*", "", " ".join(own)) or None


def _paper(width: float, height: float) -> str:
    short, long = sorted((width / MM, height / MM))
    for name, wide, tall in (
        ("A4", 210, 297),
        ("A3", 297, 420),
        ("A5", 148, 210),
        ("Letter", 216, 279),
        ("Legal", 216, 356),
    ):
        if abs(short - wide) <= 3.5 and abs(long - tall) <= 3.5:
            return name
    return "other"


def _fonts(families: dict[str, int]) -> list[str]:
    named = {name: count for name, count in families.items() if name and name != fonts.SYMBOLS}
    return [name for name, _count in sorted(named.items(), key=lambda pair: -pair[1])]


def _body_size(anatomy: Anatomy) -> float | None:
    sizes: dict[float, int] = {}
    for line in anatomy.body:
        if line.size is not None and id(line) not in anatomy.tabled:
            sizes[round(line.size * 2) / 2] = sizes.get(round(line.size * 2) / 2, 0) + len(line.text)
    return max(sizes, key=lambda size: sizes[size]) if sizes else None
