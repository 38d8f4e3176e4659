"""What searching costs as the archive grows: the index built, its size, questions of the head and of the least privileged.

`python bench/search.py` prints JSON for 10,000, 100,000 and 1,000,000 documents (`BENCH_SIZES`). Documents and who may see them are
written by plain statements, subjects and texts are invented Vietnamese: some 20 words of subject, 60 of text, each as frequent as
any other of some ninety, which is the worst case: every word stands in half of the documents. Two of three are filed. A question
goes the whole way, `documents.finding.find`: index, facets, the second look in PostgreSQL, marks. Milliseconds by the clock and
of the process's own CPU. A database of its own is made and removed.
"""

import gc
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from antin.codelists import operations as code_lists  # noqa: E402
from antin.codelists.models import Entry as CodeEntry  # noqa: E402
from antin.codelists.operations import Line  # noqa: E402
from antin.codelists.states import Listing  # noqa: E402
from antin.console.children import COLLECTION  # noqa: E402
from antin.documents import finding  # noqa: E402
from antin.documents.finding import Search  # noqa: E402
from antin.index import engine, operations  # noqa: E402
from antin.index import queries as index  # noqa: E402
from antin.index.models import Due  # noqa: E402
from antin.journeys.index_documents import DOCUMENTS  # noqa: E402
from antin.people.actor import Actor  # noqa: E402
from tests import cast as casting  # noqa: E402

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "10000,100000,1000000").split(",")]
TIMES = int(os.environ.get("BENCH_TIMES", "40"))
SEEN_BY_OFFICER = 50  # one document in so many is the officer's to see
PART = 5000
SYLLABLES = [
    "báo",
    "cáo",
    "kế",
    "hoạch",
    "đề",
    "nghị",
    "thông",
    "báo",
    "hướng",
    "dẫn",
    "kết",
    "luận",
    "dự",
    "toán",
    "kiểm",
    "tra",
    "công",
    "tác",
    "văn",
    "thư",
    "năm",
    "quý",
    "tháng",
    "đơn",
    "vị",
    "về",
    "việc",
    "chỉ",
    "đạo",
    "thực",
    "hiện",
    "tổ",
    "chức",
    "cán",
    "bộ",
    "quản",
    "lý",
    "sử",
    "dụng",
    "đất",
    "đai",
    "xây",
    "dựng",
    "giao",
    "thông",
    "y",
    "tế",
    "giáo",
    "dục",
    "tài",
    "chính",
    "ngân",
    "sách",
    "thanh",
    "tra",
    "khen",
    "thưởng",
    "kỷ",
    "luật",
    "an",
    "toàn",
    "thông",
    "tin",
    "chữ",
    "ký",
    "số",
    "gửi",
    "nhận",
    "liên",
    "thông",
    "hồ",
    "sơ",
    "lưu",
    "trữ",
    "đào",
    "tạo",
    "bồi",
    "dưỡng",
    "phòng",
    "chống",
    "thiên",
    "tai",
    "cải",
    "cách",
    "hành",
    "chính",
]
QUESTIONS = {
    "two frequent words": "kế hoạch năm",
    "four frequent words": "báo cáo công tác kiểm tra",
    "without marks": "bao cao cong tac",
    "one frequent word": "công",
    "a phrase": '"kế hoạch kiểm tra"',
    "a beginning": "thanh tra khen th",
    "a beginning of a frequent pair": "kế-hoạch-th",
    "an abbreviation": "KH kiểm tra",
    "rare and frequent": "tai%(rare)s kế hoạch",
    "a number": "%(number)s/TCZ-KH",
    "only facets": "",
}


def words_of(chance: random.Random, n: int) -> list[str]:
    return chance.choices(SYLLABLES, k=n)


FIELDS = ["Tổng hợp", "Tổ chức cán bộ", "Kế hoạch tài chính", "Xây dựng", "Đất đai", "Y tế", "Giáo dục", "Thanh tra"]
PERIODS = [5, 10, 20, 70, None]  # years; none is for ever


def lists(cast: casting.Cast) -> tuple[list[int], list[int]]:
    """The fields and retention periods documents are filed under."""
    made: dict[str, list[int]] = {}
    for listing, lines in (
        (Listing.FIELD, [Line(f"L{n}", name) for n, name in enumerate(FIELDS)]),
        (Listing.RETENTION, [Line(f"T{n}", f"Hồ sơ {n}", "", n, n is None) for n in PERIODS]),
    ):
        code_lists.import_list(
            agency_id=cast.agency_id,
            listing=listing,
            lines=lines,
            whole=False,
            basis="1/QĐ",
            from_date=date(2016, 1, 1),
            keep=True,
            actor=cast.administrator.actor(),
            at=datetime.now(UTC),
        )
        made[listing] = list(
            CodeEntry.objects.filter(code_list__listing=listing).order_by("pk").values_list("pk", flat=True)
        )
    return made[Listing.FIELD], made[Listing.RETENTION]


FILED: dict[str, list[int]] = {}


def grow(cast: casting.Cast, have: int, to: int) -> None:
    """Fill the archive of the centre B1: everything seen by its registry and its head, one in fifty by the officer."""
    chance = random.Random(have)
    moment = datetime(2016, 1, 1, tzinfo=UTC).timestamp()
    fields, periods = lists(cast) if not have else (FILED["field"], FILED["retention"])
    FILED.update(field=fields, retention=periods)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE documents_document DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE documents_visibility DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE documents_remark DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE documents_filing DISABLE TRIGGER USER")
        for start in range(have, to, PART):
            rows = []
            for n in range(start, min(start + PART, to)):
                subject = " ".join([*words_of(chance, 18), f"tai{n % 20_000}"]).capitalize()
                rows.append((n + 1, subject, " ".join(words_of(chance, 60)), moment + n * 300))
            ids, subjects, texts, moments = zip(*rows, strict=True)
            cursor.execute(
                "INSERT INTO documents_document (id, agency_id, direction, status, type_code, subject, urgency, secrecy,"
                " issuer_name, issuer_code, number, notation, code, document_date, identifier, arrival_number, arrival_year,"
                " file, pages, parties, attachment_count, next_act, next_holder, made_at, changed_at, order_at,"
                " standing, standing_by, standing_words)"
                " SELECT id, %s, 'in', 'completed', (ARRAY['CV','KH','BC','QĐ','TB'])[1 + id %% 5], subject, 0, 0,"
                " 'Cơ quan ' || id %% 300, '', id, 'TCZ-KH', id || '/TCZ-KH', to_timestamp(at)::date, '', id,"
                " extract(year from to_timestamp(at)), '', 0, 'Cơ quan ' || id %% 300, 0, '', '', to_timestamp(at),"
                " to_timestamp(at), to_timestamp(at), '', '', '' FROM unnest(%s::int[], %s::text[], %s::float[])"
                " AS given (id, subject, at)",
                [cast.recipient_id, list(ids), list(subjects), list(moments)],
            )
            cursor.execute(
                "INSERT INTO documents_remark (document_id, kind, words, author, at)"
                " SELECT id, 'endorsed', words, '', to_timestamp(0) FROM unnest(%s::int[], %s::text[]) AS given (id, words)",
                [list(ids), list(texts)],
            )
            cursor.execute(
                "INSERT INTO documents_visibility (document_id, holder, box, reason, since, order_at)"
                " SELECT id, holder, 'in', 'registry', order_at, order_at FROM documents_document,"
                " unnest(ARRAY[%s, %s]) AS given (holder) WHERE id = ANY(%s) AND (holder = %s OR id %% %s = 0)",
                [
                    f"R{cast.recipient_id}",
                    f"P{cast.recipient_works_officer.post_id}",
                    list(ids),
                    f"R{cast.recipient_id}",
                    SEEN_BY_OFFICER,
                ],
            )
            cursor.execute(
                "INSERT INTO documents_filing (document_id, field_id, retention_id, chosen_by, chosen_at)"
                " SELECT id, (%s::bigint[])[1 + id %% 8], (%s::bigint[])[1 + id %% 5], '', to_timestamp(0)"
                " FROM unnest(%s::int[]) AS given (id) WHERE id %% 3 > 0",
                [fields, periods, list(ids)],
            )
        cursor.execute("ALTER TABLE documents_document ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE documents_visibility ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE documents_remark ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE documents_filing ENABLE TRIGGER USER")
        cursor.execute("ANALYZE documents_document, documents_visibility, documents_remark")


def measured(ask: Callable[[int], Any]) -> dict[str, float]:
    """Milliseconds of an answer, by the clock and of this process's own CPU; the first two are not counted."""
    clock, own = [], []
    for n in range(TIMES + 2):
        start, began = time.perf_counter(), time.process_time()
        ask(n)
        if n >= 2:
            clock.append((time.perf_counter() - start) * 1000)
            own.append((time.process_time() - began) * 1000)
    return {
        "p50_ms": round(statistics.median(clock), 1),
        "p95_ms": round(sorted(clock)[int(len(clock) * 0.95)], 1),
        "cpu_p50_ms": round(statistics.median(own), 1),
    }


def questions(actor: Actor, size: int) -> dict[str, dict[str, float]]:
    chance = random.Random(size)
    now = datetime.now(UTC)
    found = {}
    count, since = 0, None
    for name, words in QUESTIONS.items():

        def ask(n: int, words: str = words) -> None:
            nonlocal count, since
            said = (
                words % {"rare": chance.randrange(20_000), "number": chance.randrange(size) + 1}
                if "%(" in words
                else words
            )
            results = finding.find(actor=actor, search=Search(said), at=now)
            assert results.usable
            count, since = results.count or 0, results.counted_since

        found[name] = measured(ask) | {"hits": count, "counted_since": f"{since:%Y-%m-%d}" if since else ""}

    def alone(n: int) -> None:
        narrowing = index.Narrowing(actor.holders)
        index.find(index.ask("kế hoạch năm", {}), narrowing, limit=30)

    found["of this the index alone, two frequent words"] = measured(alone)
    found["two frequent words, all of them counted"] = measured(
        lambda n: finding.find(actor=actor, search=Search("kế hoạch năm", exactly=True), at=now)
    )
    found["four frequent words, all of them counted"] = measured(
        lambda n: finding.find(actor=actor, search=Search("báo cáo công tác kiểm tra", exactly=True), at=now)
    )
    found["deep: page 300"] = measured(
        lambda n: finding.find(actor=actor, search=Search("kế hoạch năm"), at=now, offset=8970)
    )
    return found


def main() -> None:
    cast = casting.build()
    Due.objects.all().delete()
    told: dict[str, Any] = {}
    have = 0
    for size in SIZES:
        grow(cast, have, size)
        have = size
        start, began = time.perf_counter(), time.process_time()
        assert operations.rebuild(saying=DOCUMENTS) == size
        built, own = time.perf_counter() - start, time.process_time() - began
        gc.collect()
        writer = engine.writer()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE documents_document SET subject = subject || ' mới' WHERE id % 1000 = 7 AND id < 100000"
            )
        due, start = Due.objects.count(), time.perf_counter()
        while operations.write_due(writer=writer, saying=DOCUMENTS):
            pass
        written = time.perf_counter() - start
        writer.close()
        told[str(size)] = {
            "build_s": round(built, 1),
            "build_cpu_s": round(own, 1),
            "built_per_s": round(size / built),
            "index_mb": round(engine.size() / 1e6, 1),
            "changes": {"n": due, "ms_each": round(written * 1000 / max(due, 1), 2)},
            "head of everything": questions(cast.recipient_head.actor(), size),
            "least privileged": questions(cast.recipient_works_officer.actor(), size),
        }
        print(size, json.dumps(told[str(size)], ensure_ascii=False), file=sys.stderr, flush=True)
    machine = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "postgresql": connection.pg_version,
    }
    print(json.dumps({"machine": machine, "sizes": told}, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    gc.set_threshold(*COLLECTION)
    ours = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    with tempfile.TemporaryDirectory() as state:
        settings.STATE = Path(state)
        try:
            main()
        finally:
            connection.creation.destroy_test_db(ours, verbosity=0)
