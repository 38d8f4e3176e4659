"""How fast messages of the national axis are read and written, beside lxml's bare parse of the same bytes in the same run.

`python bench/edxml.py` prints JSON: MB of message per second (median of several runs) for a status, for a document with one PDF of
1 MB, of 20 MB, and with 20 MB as a zip of one entry; the most memory beyond the message itself; what the command takes to start.
Reading is everything `antin edxml inspect` does: tree, base64, zip with its CRC, SHA-256 of each file. No database is needed.
"""

import base64
import hashlib
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from django.conf import settings

settings.configure(USE_I18N=False)

from lxml import etree  # noqa: E402

from antin.exchange.edxml.facts import facts_of  # noqa: E402
from antin.exchange.edxml.packing import Named, compose  # noqa: E402
from antin.exchange.edxml.reading import read  # noqa: E402
from antin.exchange.edxml.writing import write  # noqa: E402
from tests import edxml  # noqa: E402

FACTS = {"from": "G99", "to": ["H98"], "code": "1/BTN", "date": "2026-03-09", "subject": "Thử", "type": {"code": 18}}
MEGABYTE = 1 << 20


def noise(size: int) -> bytes:
    """A PDF's worth of bytes that no compression helps."""
    return b"%PDF-1.7\n" + random.Random(1).randbytes(size) + b"\n%%EOF\n"


def prose(size: int) -> bytes:
    """A text that deflates about three to one."""
    chance = random.Random(2)
    words = ["".join(chance.choices("abcdefghiklmnopqrstuvxy", k=chance.randrange(2, 9))) for _ in range(3000)]
    return " ".join(chance.choices(words, k=size // 6)).encode()[:size]


def rate(act, size: int, *, runs: int) -> float:
    """Megabytes per second, the median of so many runs."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return round(size / MEGABYTE / statistics.median(taken), 1)


def bare(message: bytes) -> None:
    etree.fromstring(message, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def same_work(message: bytes) -> None:
    """What reading cannot do without: lxml's tree, the base64 of it decoded, and its digest."""
    root = etree.fromstring(message, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    for payload in root.iter(f"{{{edxml.URI}}}ContentTransferEncoded"):
        hashlib.sha256(base64.b64decode(payload.text)).hexdigest()


def measure(message: bytes, runs: int) -> dict[str, float]:
    held = read(message)
    size = len(message)
    found = {
        "bytes": size,
        "lxml_parse": rate(lambda: bare(message), size, runs=runs),
        "read": rate(lambda: facts_of(read(message)), size, runs=runs),
        "write": rate(lambda: write(held), size, runs=runs),
        "lxml_and_base64": rate(lambda: same_work(message), size, runs=runs),
        "sha256": rate(lambda: hashlib.sha256(message).hexdigest(), size, runs=runs),
    }
    found["read_of_lxml"] = round(found["read"] / found["lxml_parse"], 2)
    found["read_of_lxml_and_base64"] = round(found["read"] / found["lxml_and_base64"], 2)
    found["write_of_lxml"] = round(found["write"] / found["lxml_parse"], 2)
    return found


PEAK = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(USE_I18N=False)
from antin.exchange.edxml.facts import facts_of
from antin.exchange.edxml.reading import read
def peak():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
before = peak()
with open(sys.argv[1], "rb") as stream:
    facts_of(read(stream))
print((peak() - before) * 1024)
"""


def alone(message: bytes) -> dict[str, float]:
    """The most memory, as a multiple of the message, and the whole command's time on a small one, in processes of their own."""
    root = Path(__file__).resolve().parent.parent
    environment = os.environ | {"PYTHONPATH": str(root)}
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large.edxml", Path(folder) / "small.edxml"
        large.write_bytes(message)
        small.write_bytes(edxml.document())
        peak = int(subprocess.check_output([sys.executable, "-c", PEAK, large], env=environment, cwd=root))
        taken = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.check_output(
                [sys.executable, "-m", "antin", "edxml", "inspect", "--json", small], env=environment, cwd=root
            )
            taken.append(time.perf_counter() - start)
    return {"peak_of_message": round(peak / len(message), 2), "command_s": round(statistics.median(taken), 3)}


def main() -> None:
    pdf = write(compose(FACTS, [Named("a.pdf", noise(20 * MEGABYTE))]))
    print(
        json.dumps(
            {
                "machine": {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()},
                "versions": {"python": platform.python_version(), "lxml": version("lxml")},
                "MB_per_second": {
                    "status": measure(edxml.status(), 300),
                    "pdf_1_MB": measure(write(compose(FACTS, [Named("a.pdf", noise(MEGABYTE))])), 20),
                    "pdf_20_MB": measure(pdf, 5),
                    "zip_of_20_MB": measure(write(compose(FACTS, [Named("a.txt", prose(20 * MEGABYTE))])), 3),
                },
                "alone": alone(pdf),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
