"""How well facts are read off scans: made papers of many forms, drawn as scanners see them, read as the node reads them.

`python bench/intake.py` prints JSON: the share of right values by field, and by how sure the reader was. No database is needed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from antin.decree30 import judging  # noqa: E402
from antin.files import recognition  # noqa: E402
from antin.intake import proposing  # noqa: E402
from tests import scans  # noqa: E402

TODAY = date(2026, 11, 23)
KNOWN = ("Tổng cục Z", "Cục Quân nhu", "Cục Xăng dầu")
"""What the agency has in its book; the other issuers are new to it."""
PAPERS: tuple[dict[str, Any], ...] = (
    {"issuer_name": "Cục Quân nhu", "notation": "CQN-KH", "subject": "báo cáo kết quả chuyển đổi số quý IV"},
    {"issuer_name": "Cục Xăng dầu", "notation": "CXD-TM", "subject": "mời dự tập huấn nghiệp vụ kho", "urgency": "KHẨN"},
    {
        "issuer_name": "Sở Y tế", "parent_name": "Ủy ban nhân dân tỉnh H", "notation": "SYT-NV",
        "subject": "phối hợp khảo sát đường truyền",
    },
    {
        "form": "decision", "type_code": "QĐ", "type_name": "Quyết định", "notation": "QĐ-CQN", "issuer_name": "Cục Quân nhu",
        "subject": "Về việc thành lập Tổ công tác chuyển đổi số", "enactor": "CỤC TRƯỞNG CỤC QUÂN NHU", "addressees": (),
    },
    {
        "form": "named", "type_code": "KH", "type_name": "Kế hoạch", "notation": "KH-BTL", "issuer_name": "Bộ Tư lệnh Quân khu K",
        "parent_name": "Bộ Quốc phòng", "subject": "Triển khai ứng dụng công nghệ thông tin năm 2027", "addressees": (),
    },
    {
        "form": "named", "type_code": "TB", "type_name": "Thông báo", "notation": "TB-VP", "issuer_name": "Văn phòng",
        "parent_name": "Tổng cục Hậu cần", "subject": "Kết luận hội nghị giao ban tháng 10", "addressees": (),
    },
    {
        "form": "named", "type_code": "BC", "type_name": "Báo cáo", "notation": "BC-TTB1", "issuer_name": "Trung tâm B1",
        "parent_name": "Tổng cục Z", "subject": "Tình hình thực hiện nhiệm vụ tháng 11 năm 2026", "addressees": (),
        "urgency": "HỎA TỐC",
    },
    {
        "form": "named", "type_code": "TTr", "type_name": "Tờ trình", "notation": "TTr-CQN", "issuer_name": "Cục Quân nhu",
        "subject": "Về việc đề nghị bổ sung kinh phí mua sắm máy quét", "addressees": ("Tổng cục Z",),
    },
)  # fmt: skip
FAULTS: tuple[dict[str, Any], ...] = (
    {"dots": 300},
    {"dots": 200, "skew": 0.8, "noise": 0.08},
    {"dots": 200, "skew": -1.4, "noise": 0.12, "blur": 0.5},
    {"dots": 150, "skew": 0.4, "noise": 0.06},
    {"dots": 200, "turned": 180, "noise": 0.05},
)


def main() -> None:
    """Read every paper with every fault, and print the figures."""
    right: dict[str, list[bool]] = defaultdict(list)
    by_fault: dict[str, list[bool]] = defaultdict(list)
    by_sure: dict[str, list[bool]] = defaultdict(list)
    begun, wrong = time.perf_counter(), []
    for n, told in enumerate(PAPERS):
        day = TODAY - timedelta(days=3 + 17 * n)
        number = (7, 152, 1024, 88, 3, 415, 9, 60)[n]
        pdf = scans.printed(number, day, **told)
        for m, fault in enumerate(FAULTS):
            goal = _goal(told, number, day)
            found = _read(scans.scanned(pdf, seed=n * 10 + m, **fault))
            for name, value in goal.items():
                one = found.get(name)
                hit = one is not None and _like(name, one["value"], value)
                right[name].append(hit)
                by_fault[json.dumps(fault)].append(hit)
                if one is not None:
                    by_sure[_band(one["sure"])].append(hit)
                if not hit:
                    wrong.append([n, m, name, one and [one["value"], one["sure"]], value])
    shares = {name: round(sum(hits) / len(hits), 3) for name, hits in right.items()}
    print(
        json.dumps(
            {
                "what": "share of right values read off made scans",
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "scans": len(PAPERS) * len(FAULTS),
                "by_field": shares,
                "by_fault": {name: round(sum(hits) / len(hits), 3) for name, hits in by_fault.items()},
                "right_when": {band: [round(sum(h) / len(h), 3), len(h)] for band, h in sorted(by_sure.items())},
                "seconds_a_page": round((time.perf_counter() - begun) / len(PAPERS) / len(FAULTS), 2),
                "wrong": wrong,
            },
            ensure_ascii=False,
            indent=1,
        )
    )


def _goal(told: dict[str, Any], number: int, day: date) -> dict[str, Any]:
    known = told["issuer_name"]
    if known == "Văn phòng":
        known = f"Văn phòng {told['parent_name']}"
    goal = {
        "code": f"{number:02d}/{told['notation']}" if number < 10 else f"{number}/{told['notation']}",
        "document_date": day.isoformat(),
        "type_code": told.get("type_code", "CV"),
        "issuer_name": known,
        "subject": told["subject"],
    }
    urgency = {"KHẨN": 1, "HỎA TỐC": 3}.get(told.get("urgency", ""))
    return goal | ({"urgency": urgency} if urgency else {})


def _like(name: str, found: Any, goal: Any) -> bool:
    """Whether it is right: of names and subjects every letter with its marks, whichever are capitals."""
    if name == "code":
        return str(found).lstrip("0") == str(goal).lstrip("0")
    if name in ("issuer_name", "subject"):
        return str(found).casefold() == str(goal).casefold()
    return bool(found == goal)


def _band(sure: float) -> str:
    if sure >= proposing.SURE:
        return "sure"
    return "to look at" if sure >= proposing.DOUBTFUL else "doubtful"


def _read(pdf: bytes) -> dict[str, Any]:
    words = json.loads(recognition.recognise(pdf, 1).words)
    proposals, _warnings = proposing.propose(
        judging.read_off(words), known=KNOWN, own_names=["Tổng cục Z"], today=TODAY
    )
    return proposals


if __name__ == "__main__":
    main()
