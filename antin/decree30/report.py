"""What is said of a judged file: each deviation with its article, place and words. The file itself is opened in a child process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from antin.decree30.rules import RULES

ROOT = Path(__file__).parent.parent.parent
SECONDS = 60
LARGEST = 200 << 20


REASONS = {
    "scan": _("Tệp là bản quét, không có lớp chữ để kiểm tra."),
    "scan_with_text": _(
        "Tệp là bản quét có lớp chữ nhận dạng; lớp chữ ấy không cho biết phông, cỡ và vị trí thật của chữ."
    ),
    "empty": _("Tệp không có chữ nào để kiểm tra."),
    "legacy_encoding": _(
        "Chữ trong tệp dùng bảng mã cũ (TCVN3, VNI), không phải Unicode, nên không đọc được để kiểm tra."
    ),
    "unreadable": _("Lớp chữ của tệp không đọc được."),
    "foreign": _("Văn bản không phải bằng tiếng Việt."),
    "normative": _("Văn bản quy phạm pháp luật, có thể thức riêng, không thuộc Nghị định 30/2020/NĐ-CP."),
    "party": _("Văn bản của Đảng, có thể thức riêng, không thuộc Nghị định 30/2020/NĐ-CP."),
    "mass_organisation": _("Văn bản của tổ chức chính trị - xã hội, có thể thức riêng."),
    "gazette": _("Trang Công báo, trình bày theo cách riêng của Công báo."),
    "procedural": _("Văn bản tố tụng, có thể thức riêng."),
    "specialised": _(
        "Văn bản chuyên ngành hoặc loại khác, không thuộc 29 loại văn bản hành chính của Nghị định 30/2020/NĐ-CP."
    ),
    "spreadsheet": _("Tệp là bảng tính, không phải văn bản."),
    "contract": _("Hợp đồng, không trình bày theo Nghị định 30/2020/NĐ-CP."),
    "form": _(
        "Không phải văn bản hành chính: không có số, ký hiệu và nơi nhận (đơn, biểu mẫu, bảng tính hoặc tài liệu khác)."
    ),
    "before_decree": _("Văn bản ban hành trước ngày 05/3/2020, khi Nghị định 30/2020/NĐ-CP chưa có hiệu lực."),
    "unknown_kind": _("Tệp không phải PDF có lớp chữ, cũng không phải DOCX."),
    "locked": _("Tệp đang đặt mật khẩu."),
    "damaged": _("Tệp bị hỏng, không mở được."),
    "heavy": _("Tệp quá nặng hoặc quá phức tạp, không xử lý được trong giới hạn cho phép."),
    "missing": _("Không đọc được tệp."),
}


@dataclass(frozen=True)
class Finding:
    """One deviation. `box`: left, bottom, right, top in points from the bottom left, or none. `instead`: what to write."""

    code: str
    article: str
    page: int | None
    box: dict[str, float] | None
    words: str
    found: str | None = None
    instead: str | None = None
    paragraph: int | None = None


@dataclass(frozen=True)
class Report:
    """`reason` is a key of REASONS if the file was not judged. `places`: where the facts stand (`facts.places`)."""

    reason: str | None
    facts: dict[str, Any]
    findings: list[Finding]
    places: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        return "not_judged" if self.reason else "deviates" if self.findings else "conforms"

    @property
    def reason_words(self) -> str:
        return gettext(REASONS[self.reason]) if self.reason else ""

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "reason": {"code": self.reason, "words": self.reason_words} if self.reason else None,
            "facts": self.facts,
            "findings": [asdict(finding) for finding in self.findings],
        }


def of(content: bytes) -> Report:
    """Judge a file, opened in a process of its own with limits on time and memory."""
    if len(content) > LARGEST:
        return Report("heavy", {}, [])
    try:
        child = subprocess.run(
            [sys.executable, "-m", "antin.decree30.child"],
            input=content,
            capture_output=True,
            timeout=SECONDS + 5,
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Report("heavy", {}, [])
    try:
        return worded(json.loads(child.stdout))
    except ValueError:
        return Report("heavy", {}, [])  # its limits, or the file itself, ended the child


def worded(judged: dict[str, Any]) -> Report:
    """The child's plain answer with the words of the rules."""
    table = {rule.code: rule for rule in RULES}
    findings = [
        Finding(
            code=one["code"],
            article=table[one["code"]].article,
            page=one["page"],
            box=one["box"],
            words=_said(table[one["code"]].words, one["facts"]),
            found=one["found"],
            instead=one["instead"],
            paragraph=one["paragraph"],
        )
        for one in judged["findings"]
    ]
    return Report(judged["reason"], judged["facts"], findings, judged["places"])


def _said(words: str, facts: dict[str, Any]) -> str:
    told = {name: gettext(value) if name in ("name", "side") else value for name, value in facts.items()}
    said = gettext(words) % told if told else gettext(words)
    return said[:1].upper() + said[1:]
