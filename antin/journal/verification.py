"""Does a written-down journal hold? Reads the lines of an export once, whatever its length. Pure: no database, no settings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from antin.journal import merkle, notation
from antin.journal.notation import BadLine, Line
from antin.refusal import _

HOLDS, BROKEN, UNKNOWN = "holds", "broken", "unknown"

#: Findings after this many are counted, not kept: the first one is what matters.
KEPT_FINDINGS = 100

WORDS = {
    "not_an_export": _("Đây không phải tệp xuất nhật ký An Tín."),
    "damaged_line": _("Dòng không đọc được hoặc bị viết lại."),
    "entry_changed": _("Mục nhật ký đã bị sửa: nội dung không khớp mã băm của chính nó."),
    "entry_missing": _("Thiếu mục nhật ký: ở chỗ này lại là mục %(found)s."),
    "out_of_order": _("Các mục nhật ký bị đổi chỗ: ở chỗ này lại là mục %(found)s."),
    "entry_repeated": _("Mục nhật ký lặp lại hoặc chen vào sai chỗ."),
    "root_mismatch": _("Các mục từ đây đến mục %(last)s không phải là những mục đã được niêm phong."),
    "checkpoint_forged": _("Điểm niêm phong %(number)s không mang chữ ký đúng của nút."),
    "checkpoint_missing": _("Thiếu điểm niêm phong: sau điểm %(after)s lại là điểm %(number)s."),
    "chain_broken": _("Điểm niêm phong %(number)s không nối tiếp điểm trước nó."),
    "key_changed": _("Khóa niêm phong đã đổi mà không được xác nhận: %(key)s."),
    "key_unknown": _("Khóa niêm phong không thuộc các khóa đã biết: %(key)s."),
    "other_journal": _("Dòng này thuộc về một nhật ký khác: %(journal)s."),
    "late_entry": _(
        "Mục chưa niêm phong này cũ hơn điểm niêm phong cuối: nó được thêm vào sau, hoặc niêm phong của nó đã mất."
    ),
    "after_last_checkpoint": _("Có mục được đánh số niêm phong nhưng không điểm niêm phong nào bao gồm."),
    "cut_tail": _("Tệp bị cắt đuôi: thiếu dòng kết thúc."),
    "end_mismatch": _("Dòng kết thúc không khớp với những gì đứng trước nó."),
    "end_forged": _("Dòng kết thúc không mang chữ ký đúng của nút."),
    "after_end": _("Có dòng đứng sau dòng kết thúc."),
    "rolled_back": _(
        "Nhật ký dừng ở mục %(size)s, nhưng điểm niêm phong %(number)s đã thấy trước đây bao gồm đến mục %(known)s."
    ),
    "guard_missing": _("Cơ sở dữ liệu không còn từ chối sửa, xóa nhật ký: thiếu hoặc tắt %(guard)s."),
    "forked": _(
        "Nhật ký khác với điểm niêm phong %(number)s đã thấy trước đây, ở đâu đó trong các mục trước mục %(known)s."
    ),
}


@dataclass
class Finding:
    """One thing that is wrong: where (line of the text, place in the tree, id of the record), what, and in words."""

    code: str
    line: int | None
    index: int | None
    record: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        return gettext(WORDS[self.code]) % self.facts

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "line": self.line, "index": self.index, "record": self.record, "words": self.words}


@dataclass
class Report:
    """What was found. `holds` says that nothing is wrong *given the keys and checkpoints that were known*."""

    journal: str = ""
    node: str = ""
    exported_at: str = ""
    keys: list[str] = field(default_factory=list)
    key_is_known: bool = False
    entries: int = 0
    unsealed: int = 0
    checkpoints: int = 0
    last: Line | None = None
    findings: list[Finding] = field(default_factory=list)
    found: int = 0

    def find(
        self, code: str, line: int | None = None, index: int | None = None, record: Any = None, **facts: Any
    ) -> Finding:
        """Note one thing that is wrong."""
        finding = Finding(code, line, index, record if isinstance(record, int) else None, facts)
        self.found += 1
        if len(self.findings) < KEPT_FINDINGS:
            self.findings.append(finding)
        return finding

    @property
    def verdict(self) -> str:
        if not self.findings:
            return HOLDS
        return UNKNOWN if self.findings[0].code == "not_an_export" else BROKEN

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "journal": self.journal,
            "node": self.node,
            "exported_at": self.exported_at,
            "keys": self.keys,
            "key_is_known": self.key_is_known,
            "entries": self.entries,
            "unsealed": self.unsealed,
            "checkpoints": self.checkpoints,
            "last_checkpoint": self.last.says if self.last else None,
            "first_bad": self.findings[0].as_json() if self.findings else None,
            "findings": [finding.as_json() for finding in self.findings],
            "found": self.found,
        }


def verify(lines: Iterable[bytes], *, keys: frozenset[str] = frozenset(), known: Sequence[Line] = ()) -> Report:
    """Read an export to its end and report everything that is wrong with it, in the order it stands there.

    `known` are checkpoints seen before: the export must contain what they covered, and reach at least as far. `keys` are
    public keys of the node learnt elsewhere; without them those of the known checkpoints; without either the first key in
    the export is taken at its word, and `key_is_known` says so.
    """
    walk = _Walk(keys, known)
    for line in lines:
        walk.read(line)
    return walk.close()


_HEADER = {"exported_at": str, "format": str, "journal": str, "key": str, "node": str}
_CHECKPOINT = {
    "at": str, "format": str, "horizon": int, "journal": str, "key": str, "node": str, "number": int, "previous": str,
    "root": str, "size": int,
}  # fmt: skip
_END = {"checkpoints": int, "entries": int, "format": str, "sha256": str, "unsealed": int}


def is_checkpoint(says: dict[str, Any]) -> bool:
    """Tell whether a signed object has the shape of a checkpoint of this format."""
    return _fits(says, _CHECKPOINT, notation.CHECKPOINT)


def _fits(says: dict[str, Any], shape: Mapping[str, type], form: str) -> bool:
    return {name: type(value) for name, value in says.items()} == shape and says["format"] == form


class _Walk:
    """The state of one reading. `_header`, `_entry`, `_checkpoint`, `_unsealed` and `_end` take one line of their kind."""

    def __init__(self, keys: frozenset[str], known: Sequence[Line]) -> None:
        self.report = Report()
        self.keys = keys or frozenset(checkpoint.says["key"] for checkpoint in known)
        self.key = ""
        self.known: dict[int, list[Line]] = {}
        for checkpoint in known:
            self.known.setdefault(checkpoint.says["size"], []).append(checkpoint)
        self.line: int | None = 0
        self.tree = merkle.Frontier()
        self.tree_is_whole = True
        self.expected = self.reached = self.sealed = 0
        self.gap: Finding | None = None
        self.seen = hashlib.sha256()
        self.ended = False

    def read(self, line: bytes) -> None:
        self.line = (self.line or 0) + 1
        if self.line > 1 and not self.report.journal:
            return
        try:
            parsed = notation.parse(line)
        except BadLine:
            self._damaged(line)
        else:
            self._take(parsed)
        self.seen.update(line)

    def close(self) -> Report:
        report, self.line = self.report, None
        if not report.journal:
            if not report.findings:
                self._find("not_an_export")
            return report
        if not self.ended:
            self._find("cut_tail", index=self.reached)
        if self.tree_is_whole and self.tree.size != self.sealed:
            self._find("after_last_checkpoint", index=self.sealed)
        for size, (checkpoint, *_others) in sorted(self.known.items()):
            if size > self.sealed:
                number = checkpoint.says["number"]
                self._find("rolled_back", index=self.sealed, size=self.sealed, known=size, number=number)
        report.entries = self.reached
        return report

    def _find(self, code: str, *, index: int | None = None, record: Any = None, **facts: Any) -> Finding:
        return self.report.find(code, self.line, index, record, **facts)

    def _damaged(self, line: bytes) -> None:
        if self.line == 1:
            self._find("not_an_export")
            return
        self._find("after_end" if self.ended else "damaged_line", index=self.expected)
        if line.startswith(b'{"entry":'):
            self.expected += 1
            self.reached = max(self.reached, self.expected)
            self.tree_is_whole = False

    def _take(self, line: Line) -> None:
        if (line.kind == "header") != (self.line == 1):
            self._find("not_an_export" if self.line == 1 else "damaged_line", index=self.expected)
        elif self.ended:
            self._find("after_end", index=self.expected)
        else:
            getattr(self, f"_{line.kind}")(line)

    def _header(self, line: Line) -> None:
        says, report = line.says, self.report
        if not _fits(says, _HEADER, notation.FORMAT) or not says["journal"]:
            self._find("not_an_export")
            return
        report.journal, report.node, report.exported_at = says["journal"], says["node"], says["exported_at"]
        report.key_is_known = says["key"] in self.keys
        self._judge_key(says["key"])
        for same_size in self.known.values():
            for checkpoint in same_size:
                if checkpoint.says["journal"] != report.journal:
                    self._find("other_journal", index=0, journal=checkpoint.says["journal"])

    def _judge_key(self, key: str) -> None:
        self.key = key
        if key in self.report.keys:
            return
        if self.keys and key not in self.keys:
            self._find("key_unknown", index=self.sealed, key=key)
        elif not self.keys and self.report.keys:
            self._find("key_changed", index=self.sealed, key=key)
        self.report.keys.append(key)

    def _entry(self, line: Line) -> None:
        index, record = line.says.get("index"), line.says.get("id")
        if merkle.leaf_hash(line.body) != line.proof:
            self._find("entry_changed", index=self.expected, record=record)
            index = self.expected
        elif not isinstance(index, int):
            self._find("damaged_line", index=self.expected, record=record)
            index = self.expected
        elif index != self.expected:
            self._misplaced(index, record)
        self.expected = index + 1
        self.reached = max(self.reached, self.expected)
        self.tree.add(line.proof)
        if self.tree.size in self.known and self.tree_is_whole:
            self._compare_with_known()

    def _misplaced(self, index: int, record: Any) -> None:
        """Say what a wrong place means: first a gap; an entry of the gap that comes later shows that two were swapped."""
        self.tree_is_whole = False
        if self.gap and self.gap.index is not None and self.gap.index <= index < self.gap.facts["found"]:
            self.gap.code = "out_of_order"
        elif index > self.reached or (index > self.expected and not self.gap):
            gap = self._find("entry_missing", index=self.expected, record=record, found=index)
            self.gap = self.gap or gap
        elif index < self.reached:
            self._find("entry_repeated", index=self.expected, record=record)

    def _compare_with_known(self) -> None:
        size, root = self.tree.size, self.tree.root().hex()
        for checkpoint in self.known[size]:
            if checkpoint.says["root"] != root:
                self._find("forked", index=self.sealed, known=size, number=checkpoint.says["number"])

    def _checkpoint(self, line: Line) -> None:
        says, last, report = line.says, self.report.last, self.report
        if not is_checkpoint(says):
            self._find("damaged_line", index=self.sealed)
            return
        number, after = says["number"], last.says["number"] if last else 0
        if says["journal"] != report.journal:
            self._find("other_journal", index=self.sealed, journal=says["journal"])
        self._judge_key(says["key"])
        if not notation.is_signed(says["key"], line.body, line.proof):
            self._find("checkpoint_forged", index=self.sealed, number=number)
        if number != after + 1:
            self._find("checkpoint_missing", index=self.sealed, after=after, number=number)
        elif says["previous"] != (notation.fingerprint(last) if last else ""):
            self._find("chain_broken", index=self.sealed, number=number)
        self._judge_tree(says["size"], says["root"])
        self.sealed = says["size"]
        report.last = line
        report.checkpoints += 1

    def _judge_tree(self, size: int, root: str) -> None:
        if size > self.reached:
            self._find("entry_missing", index=self.reached, found="-")
            self.expected = self.reached = size
            self.tree_is_whole = False
        elif self.tree_is_whole and (size != self.tree.size or root != self.tree.root().hex()):
            self._find("root_mismatch", index=min(self.sealed, size), last=max(size, self.tree.size) - 1)
            self.tree_is_whole = False

    def _unsealed(self, line: Line) -> None:
        self.report.unsealed += 1
        last, transaction = self.report.last, line.says.get("transaction")
        if last and isinstance(transaction, int) and transaction < last.says["horizon"]:
            self._find("late_entry", record=line.says.get("id"))

    def _end(self, line: Line) -> None:
        self.ended = True
        says, report = line.says, self.report
        counted = (report.checkpoints, self.reached, report.unsealed, self.seen.hexdigest())
        if not _fits(says, _END, notation.END):
            self._find("damaged_line", index=self.expected)
        elif (says["checkpoints"], says["entries"], says["unsealed"], says["sha256"]) != counted:
            self._find("end_mismatch", index=self.expected)
        elif not notation.is_signed(self.key, line.body, line.proof):
            self._find("end_forged", index=self.expected)
