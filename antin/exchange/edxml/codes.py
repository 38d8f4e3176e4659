"""What the texts of a message mean: days, numbers, code tables, identifiers. Nothing here fails; what is not understood is None.

Sources: QCVN 102:2016; Decision 20/2020/QD-TTg (identifiers); domain tables as systems in use have them (docs/edxml.md).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime

#: Priority, as Decree 30/2020 names urgency; 4 is an express letter with an hour.
PRIORITIES = {0: "thường", 1: "khẩn", 2: "thượng khẩn", 3: "hỏa tốc", 4: "hỏa tốc hẹn giờ"}
#: 0 and 1 both mean that nothing is being directed; 0 is what most systems send.
STEERINGS = {0: "", 1: "không chỉ đạo", 2: "chỉ đạo", 3: "báo cáo chỉ đạo"}
NEW, RECALL, UPDATE, REPLACE = 0, 1, 2, 3

#: What the axis writes in `OrganizationInCharge` of a receiver that it adds under the receiver's old code.
OLD_CODE_MARK = "TLTVBQG_CDMDD_QD20"

FILLERS = {"null", "n/a", "(null)", "undefined"}

_BY_WORDS = {words: code for code, words in PRIORITIES.items()} | {"hoả tốc": 3, "hoả tốc hẹn giờ": 4, "bình thường": 0}

_DAY = r"(?:(?P<y>\d{4})[/.-](?P<m>\d{1,2})[/.-](?P<d>\d{1,2})|(?P<d2>\d{1,2})[/.-](?P<m2>\d{1,2})[/.-](?P<y2>\d{4}))"
_ZONE = r"(?:Z|[+-]\d{2}:?\d{2})?"
_HALF = r"(?P<half>[AaPp][Mm]|[Ss][Aa]|[Cc][Hh])?"
_TIME = rf"(?:[T\s]+(?P<h>\d{{1,2}}):(?P<min>\d{{2}})(?::(?P<s>\d{{2}})(?:[.,]\d+)?)?\s*{_HALF}\s*{_ZONE})?"
_MOMENT = re.compile(rf"^\s*{_DAY}{_TIME}\s*$", re.ASCII)


def moment(text: str) -> datetime | None:
    """The day and time a text names, without a zone: the axis has none. The four-digit year says which way round the day is."""
    found = _MOMENT.match(text)
    if found is None:
        return None
    year, month, day = (
        int(found[name] or found[name + "2"] if name != "y" else found["y"] or found["y2"]) for name in "ymd"
    )
    hour = int(found["h"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() in ("pm", "ch") else 0)
    try:
        return datetime(year, month, day, hour, int(found["min"] or 0), int(found["s"] or 0))  # noqa: DTZ001
    except ValueError:
        return None


def day(text: str) -> date | None:
    """The day a text names, its time left out."""
    found = moment(text)
    return found.date() if found else None


def is_plain_day(text: str) -> bool:
    """Whether a day is written as the regulation writes it."""
    return re.fullmatch(r"\d{4}/\d{2}/\d{2}", text, re.ASCII) is not None


def number(text: str) -> int | None:
    """A whole number, or none."""
    return int(text) if re.fullmatch(r"[+-]?\d{1,9}", text.strip(), re.ASCII) else None


def priority_in_words(text: str) -> int | None:
    """The priority that words name."""
    return _BY_WORDS.get(" ".join(unicodedata.normalize("NFC", text).lower().split()))


def is_filler(text: str) -> bool:
    """Whether a text stands only so that something stands there."""
    return text.strip().lower() in FILLERS


def content_id(text: str) -> str:
    """A content id without its `cid:`, however often it was put before it."""
    bare = text.strip()
    while bare[:4].lower() == "cid:":
        bare = bare[4:].strip()
    return bare


def file_name(text: str) -> str:
    """The last segment of a name, without control characters; empty when nothing of it is a name."""
    last = re.split(r"[/\\]", text)[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter) != "Cc").strip()
    return "" if shown in (".", "..") else shown


def same_name(one: str, other: str) -> bool:
    """Whether two names are one, however their accents are composed."""
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def extension(name: str) -> str:
    """What follows the last dot, in lower case."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def joined_code(number: str, notation: str) -> str:
    """Number and notation as one text. What already contains the other is not doubled."""
    number, notation = number.strip(), notation.strip().lstrip("/").strip()
    if number and notation and not number.endswith(f"/{notation}"):
        return f"{number.rstrip('/').rstrip()}/{notation}"
    return number or notation


def split_code(code: str) -> tuple[str, str]:
    """A flat code as number and notation. A year in the middle belongs to the notation."""
    number, _slash, notation = code.partition("/")
    return number.strip(), notation.strip()


def document_id(organ_id: str, issued: date, code: str) -> str:
    """The three-part identifier that senders give by convention. It is a key: made once, compared exactly, never taken apart."""
    return f"{organ_id},{issued:%Y/%m/%d},{code}"


def older_spelling(organ_id: str) -> str:
    """An identifier of Decision 20/2020 as QCVN 102:2016 wrote it: `G11` is `000.00.00.G11`; empty when it had no such form."""
    levels = organ_id.split(".")
    if not re.fullmatch(r"[A-Z]\d{2}", levels[0]) or len(levels) > 4:
        return ""
    widths = (3, 2, 2, 3)
    slots = ["000", "00", "00", levels[0]]
    for place, level in enumerate(reversed(range(4 - len(levels), 3)), start=1):
        if not re.fullmatch(rf"\d{{1,{widths[level]}}}", levels[place]):
            return ""
        slots[level] = levels[place].zfill(widths[level])
    return ".".join(slots)


def newer_spelling(organ_id: str) -> str:
    """An identifier of 2016 as Decision 20/2020 writes it: `28.22.H17` is `H17.22.28`, groups of zeros left out; else as given."""
    levels = organ_id.split(".")
    if len(levels) < 2 or not re.fullmatch(r"[A-Z]\d{2}", levels[-1]) or re.fullmatch(r"[A-Z]\d{2}", levels[0]):
        return organ_id
    return ".".join(level for level in reversed(levels) if level.strip("0"))
