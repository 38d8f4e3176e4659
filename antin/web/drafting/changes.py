"""What was changed in a draft since it was handed on: facts one by one, the text line by line and word by word."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antin.documents import queries
from antin.documents.queries import Whole
from antin.documents.states import Circulation, Urgency
from antin.documents.types import ALL_TYPES
from antin.typeset import body as bodies

LONGEST = 2_000
"""Lines compared one by one; of a longer text it is only said that it was changed."""

NAMES = {
    "type_code": gettext_lazy("Loại văn bản"),
    "issuer": gettext_lazy("Nơi ban hành"),
    "subject": gettext_lazy("Trích yếu"),
    "urgency": gettext_lazy("Độ khẩn"),
    "circulation": gettext_lazy("Phạm vi lưu hành"),
    "reply_by": gettext_lazy("Hạn trả lời"),
    "in_reply_to": gettext_lazy("Trả lời văn bản đến"),
    "signer": gettext_lazy("Người ký"),
    "authority": gettext_lazy("Thẩm quyền ký"),
    "signatories": gettext_lazy("Cùng ký, ký nháy"),
    "addressed": gettext_lazy("Kính gửi"),
    "copied": gettext_lazy("Nơi nhận"),
    "attachments": gettext_lazy("Tệp kèm theo"),
}

Runs = list[tuple[str, str]]
"""Words as they stand, gone or new: ("", "Đề nghị "), ("del", "các"), ("ins", "mọi")."""


@dataclass(frozen=True)
class Changes:
    """Changes since a version: `facts` as (name, before, now), `lines` of the text that differ."""

    at: datetime
    facts: list[tuple[Any, str, str]]
    lines: list[Runs]
    too_long: bool = False

    @property
    def count(self) -> int:
        return len(self.facts) + len(self.lines) + self.too_long


def since_handed_on(whole: Whole) -> Changes | None:
    """What was changed since the draft was last handed on; None when it never was."""
    version = queries.find_last_version(whole.document.pk)
    if version is None or whole.making is None:
        return None
    now = queries.facts_in_words(whole.document, whole.making)
    facts: list[tuple[Any, str, str]] = [
        (label, say(name, version.facts.get(name)), say(name, now[name]))
        for name, label in NAMES.items()
        if version.facts.get(name, now[name]) != now[name]
    ]
    if version.uploaded_file != whole.making.uploaded_file:
        facts.append((_("Tệp PDF làm nội dung"), _file(version.uploaded_file), _file(whole.making.uploaded_file)))
    before, after = _lines(version.body), _lines(whole.making.body)
    if max(len(before), len(after)) > LONGEST:
        return Changes(version.at, facts, [], too_long=before != after)
    return Changes(version.at, facts, _compare(before, after))


def say(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "—"
    if name == "type_code":
        return ALL_TYPES[value].name if value in ALL_TYPES else str(value)
    if name == "urgency":
        return str(Urgency(value).label)
    if name == "circulation":
        return str(Circulation(value).label)
    if name == "reply_by" and value:
        return date_format(datetime.fromisoformat(value), "d/m/Y")
    return str(value) or "—"


def _file(digest: str) -> str:
    return digest[:12] if digest else "—"


def _lines(body: Any) -> list[str]:
    return bodies.plain_text(body).splitlines() if body else []


def compare_texts(before: list[str], after: list[str], *, whole: bool = False) -> list[Runs]:
    """Two texts line by line: the lines that differ, or with `whole` every line of the second and what it lost."""
    if max(len(before), len(after)) > LONGEST:
        return [[("", line)] for line in after[:LONGEST]]
    return _compare(before, after, whole=whole)


def _compare(before: list[str], after: list[str], *, whole: bool = False) -> list[Runs]:
    found: list[Runs] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [[("", line)] for line in after[c:d]] if whole else []
            continue
        gone, new = before[a:b], after[c:d]
        paired = min(len(gone), len(new))
        found += [_words(old, now) for old, now in zip(gone, new, strict=False)]
        found += [[("del", line)] for line in gone[paired:]]
        found += [[("ins", line)] for line in new[paired:]]
    return found


def _words(before: str, after: str) -> Runs:
    """Two lines as one, word by word; two that share little are shown one after the other."""
    old, new = _split(before), _split(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.4:
        return [("del", before), ("ins", after)]
    runs: Runs = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            runs.append(("", "".join(old[a:b])))
            continue
        runs += [(mark, "".join(words)) for mark, words in (("del", old[a:b]), ("ins", new[c:d])) if words]
    return runs


def _split(line: str) -> list[str]:
    return [part for word in line.split(" ") for part in (word, " ")][:-1]
