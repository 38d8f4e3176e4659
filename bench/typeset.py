"""How long a page takes: letters laid out one after another by one kept compiler, against starting a compiler for each.

`python bench/typeset.py` prints JSON. The peer is a new compiler for each document.
"""

import json
import os
import platform
import statistics
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from antin.typeset import letter, press  # noqa: E402
from antin.typeset.letter import Facts, lay_out  # noqa: E402

SENTENCE = (
    "Thực hiện chương trình công tác năm 2026, Văn phòng đề nghị các đơn vị rà soát, báo cáo kết quả ứng dụng công nghệ thông tin, "
    "bảo đảm an toàn thông tin mạng và chuyển đổi số theo các nội dung sau đây. "
)


def facts_of(n: int, paragraphs: int) -> Facts:
    """The n-th letter: no two are the same, so that nothing is answered from memory."""
    blocks = [
        {"type": "paragraph", "content": [{"type": "text", "text": f"Đoạn {n}.{m}. " + SENTENCE * 2}]}
        for m in range(paragraphs)
    ]
    return Facts(
        form="letter",
        type_code="CV",
        type_name="Công văn",
        notation="VP-TH",
        issuer_name="Văn phòng",
        parent_name="Tổng cục Kỹ thuật",
        place="Hà Nội",
        subject=f"báo cáo kết quả chuyển đổi số đợt {n}",
        addressees=("Cục Quân nhu", "Cục Xăng dầu"),
        recipients=("Như trên", "Lưu: VT, TH."),
        authority=("TL. TỔNG CỤC TRƯỞNG", "CHÁNH VĂN PHÒNG"),
        signer_name="Nguyễn Văn Thắng",
        body={"type": "doc", "content": blocks},
        made_at=datetime(2026, 6, 1, tzinfo=UTC),
    )


def timed(paragraphs: int, times: int) -> dict[str, float]:
    """Milliseconds a document and a page, one compiler kept; `cpu_ms` is what remains of a busy machine's figure."""
    taken, worked, pages = [], [], 0
    for n in range(times):
        facts = facts_of(n, paragraphs)
        start, began = time.perf_counter(), time.process_time()
        pages = lay_out(facts).pages
        taken.append((time.perf_counter() - start) * 1000)
        worked.append((time.process_time() - began) * 1000)
    return {
        "pages": pages,
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 1),
        "cpu_ms": round(statistics.median(worked), 1),
        "ms_per_page": round(statistics.median(taken) / pages, 1),
    }


def fresh(paragraphs: int, times: int) -> float:
    """Milliseconds of the peer: the same pages, a compiler for each document."""
    taken = []
    for n in range(times):
        sheet = letter._sheet(letter._cleaned(facts_of(n + 10_000, paragraphs)))
        press._compiler.cache_clear()
        start = time.perf_counter()
        press.run("letter", sheet | {"leading": letter.LEADING}, at=datetime(2026, 6, 1, tzinfo=UTC))
        taken.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(taken), 1)


if __name__ == "__main__":
    times = int(os.environ.get("BENCH_TIMES", "100"))
    start = time.perf_counter()
    lay_out(facts_of(0, 2))
    first = round((time.perf_counter() - start) * 1000, 1)
    one = timed(2, times)
    found = {
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "typst": version("typst"),
        },
        "first_call_ms": first,
        "one_page": one,
        "two_pages": timed(6, times),
        "long": timed(60, max(10, times // 4)),
        "fresh_compiler_ms": fresh(2, max(10, times // 4)),
    }
    found["kept_against_fresh"] = round(one["p50_ms"] / found["fresh_compiler_ms"], 2)
    print(json.dumps(found, indent=2))
