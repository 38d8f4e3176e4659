"""Agency codes as text: pure functions, no database.

Decision 20/2020/QĐ-TTg (amended by 09/2025/QĐ-TTg): at most 35 characters, levels parted by dots, the top level first, one capital
letter and two digits at the top (`G11`), digits and capitals below (`G11.05.001`). QCVN 102:2016 wrote the same turned round and
filled with zeros, thirteen characters in groups of 3, 2, 2 and 3 (`000.00.00.G11`); both are still met on the wire.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext_noop as _

from antin.refusal import Refusal

LONGEST = 35
PATTERN = r"^[A-Z][0-9]{2}(\.[0-9A-Z]+)*$"
_NEW = re.compile(r"[A-Z][0-9]{2}(?:\.[0-9A-Z]+)*", re.ASCII)
_OLD = re.compile(r"([0-9A-Z]{3})\.([0-9A-Z]{2})\.([0-9A-Z]{2})\.([A-Z][0-9]{2})", re.ASCII)
_OLD_WIDTHS = (3, 2, 2, 3)


class BadCode(Refusal):
    code = "bad_code"
    words = _("Mã định danh “%(value)s” không đúng dạng của Quyết định 20/2020/QĐ-TTg (ví dụ: G11.05).")


class NoOldForm(Refusal):
    code = "no_old_form"
    words = _("Mã định danh %(value)s không viết được theo dạng cũ của QCVN 102:2016.")


class BadOldCode(Refusal):
    code = "bad_old_code"
    words = _("Mã “%(value)s” không đúng dạng cũ của QCVN 102:2016 (ví dụ: 000.00.00.G11), không suy ra được mã mới.")


def parse(value: str) -> tuple[str, ...]:
    """Return the levels of a code, the top one first.

    :raises BadCode: the text is not a code of Decision 20/2020
    """
    if len(value) > LONGEST or not _NEW.fullmatch(value):
        raise BadCode(value=value[: LONGEST + 1])
    return tuple(value.split("."))


def is_code(value: str) -> bool:
    """Tell whether the text is a well-formed code."""
    return len(value) <= LONGEST and _NEW.fullmatch(value) is not None


def format_code(levels: tuple[str, ...]) -> str:
    """Write the levels as one code.

    :raises BadCode: the levels do not make a code
    """
    value = ".".join(levels)
    parse(value)
    return value


def parent_of(value: str) -> str | None:
    """Return the code one level up: the same text without its last level; None at the top."""
    levels = parse(value)
    return ".".join(levels[:-1]) or None


def is_below(value: str, ancestor: str) -> bool:
    """Tell whether a code lies under another one, at any depth."""
    return value.startswith(ancestor + ".")


def to_old(value: str) -> str:
    """Write a code in the form of QCVN 102:2016.

    Only a code of at most four levels with levels two to four of exactly 2, 2 and 3 characters, none of them all zeros, has such a
    form: anything else would not come back the same.

    :raises BadCode: the text is not a code of Decision 20/2020
    :raises NoOldForm: the code has no old form
    """
    levels = parse(value)
    widths = tuple(reversed(_OLD_WIDTHS))
    fits = len(levels) <= len(widths) and all(len(level) == width for level, width in zip(levels, widths, strict=False))
    if not fits or any(not level.strip("0") for level in levels):
        raise NoOldForm(value=value)
    filled = list(levels) + ["0" * width for width in widths[len(levels) :]]
    return ".".join(reversed(filled))


def from_old(value: str) -> str:
    """Read the form of QCVN 102:2016: groups turned round, zero groups dropped.

    :raises BadOldCode: not of that form, or a zero group stands above a used one, so that the new code cannot be known
    """
    found = _OLD.fullmatch(value)
    if found is None:
        raise BadOldCode(value=value[: LONGEST + 1])
    levels = list(reversed(found.groups()))
    while levels and not levels[-1].strip("0"):
        levels.pop()
    if any(not level.strip("0") for level in levels):
        raise BadOldCode(value=value)
    return ".".join(levels)
