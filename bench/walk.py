"""What issuing costs: documents per second through sign, number, seal and delivery to 40 agencies, and each beat of it.

And one document to 1,000 agencies, until the last arrival is visible.

`python bench/walk.py` prints JSON. Layout is measured apart (`bench/typeset.py`). The limit beside it is the signature alone: two
signatures a document, as the same process makes them on bytes in memory. A database of its own is made and removed.
"""

import gc
import json
import os
import platform
import statistics
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from antin.console.children import COLLECTION  # noqa: E402
from antin.documents import operations as documents  # noqa: E402
from antin.documents import queries  # noqa: E402
from antin.exchange.models import Delivery, Receipt  # noqa: E402
from antin.jobs import handlers  # noqa: E402, F401 - registers the handlers of promises
from antin.journeys import issue_document, receive_document, sign_document  # noqa: E402
from antin.outbox import operations as outbox  # noqa: E402
from tests import cast as casting  # noqa: E402
from tests import given, paper  # noqa: E402

DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "25"))
RECIPIENTS = int(os.environ.get("BENCH_RECIPIENTS", "40"))
MANY = int(os.environ.get("BENCH_MANY", "1000"))
TODAY = casting.TODAY
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class Beats:
    """Seconds of each beat, document by document."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    def time(self, name: str, act: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        found = act()
        self.taken.setdefault(name, []).append(time.perf_counter() - start)
        return found

    def told(self) -> dict[str, dict[str, float]]:
        return {
            name: {
                "p50_ms": round(statistics.median(taken) * 1000, 1),
                "p95_ms": round(sorted(taken)[int(len(taken) * 0.95)] * 1000, 1),
            }
            for name, taken in self.taken.items()
        }


def one(cast: casting.Cast, document_id: int, beats: Beats, at: datetime) -> None:
    """One endorsed and laid out document through the whole of issuing, as its people do it."""
    seen = queries.get(document_id).file
    beats.time(
        "sign",
        lambda: sign_document.sign_document(
            document_id=document_id, seen_file=seen, pin=paper.PIN, actor=cast.head.actor(), today=TODAY, at=at
        ),
    )
    clerk, keeper = cast.clerk.actor(), cast.seal_keeper.actor()
    beats.time(
        "number", lambda: issue_document.number_document(document_id=document_id, actor=clerk, today=TODAY, at=at)
    )
    beats.time("seal and issue", lambda: issue_document.seal_document(document_id=document_id, actor=keeper, at=at))
    beats.time("deliver", lambda: outbox.keep_due(at=at))


def issuing(cast: casting.Cast, recipients: list[int]) -> dict[str, Any]:
    """Documents per second: one after another in one process, then in as many processes as there are cores."""
    cores = os.cpu_count() or 1
    made = [paper.a_page_to_sign(cast, AT, recipients=recipients).pk for _ in range(DOCUMENTS * (1 + cores))]
    beats = Beats()
    one(cast, made[0], Beats(), AT)
    start = time.perf_counter()
    for n, document_id in enumerate(made[1:DOCUMENTS]):
        one(cast, document_id, beats, AT + timedelta(seconds=n))
    alone = time.perf_counter() - start
    start = time.perf_counter()
    _side_by_side(
        [lambda part=made[DOCUMENTS * n : DOCUMENTS * (n + 1)]: _all(cast, part) for n in range(1, cores + 1)]
    )
    together = time.perf_counter() - start
    arrived = Delivery.objects.filter(status="arrived").count()
    assert arrived == len(made) * len(recipients), arrived
    return {
        "documents": len(made),
        "recipients_each": len(recipients),
        "documents_per_second_one_process": round((DOCUMENTS - 1) / alone, 2),
        "documents_per_second_all_cores": round(DOCUMENTS * cores / together, 2),
        "arrivals_per_second_all_cores": round(DOCUMENTS * cores * len(recipients) / together),
        "beats": beats.told(),
    }


def _all(cast: casting.Cast, documents: list[int]) -> None:
    for n, document_id in enumerate(documents):
        one(cast, document_id, Beats(), AT + timedelta(minutes=1, seconds=n))


def _side_by_side(works: list[Callable[[], None]]) -> None:
    """Run each in a process forked from this one, as the node's are; fails when one fails."""
    connection.close()
    children = []
    for work in works:
        child = os.fork()
        if child == 0:
            try:
                work()
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * len(children)


def wide(cast: casting.Cast, recipients: list[int]) -> dict[str, Any]:
    """One document to a thousand agencies: from the seal's order until the last arrival stands in its clerk's list."""
    document = paper.a_signed_page(cast, AT, recipients=recipients)
    issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=AT)
    start = time.perf_counter()
    issue_document.seal_document(document_id=document.pk, actor=cast.seal_keeper.actor(), at=AT)
    issued = time.perf_counter()
    outbox.keep_due(at=AT)
    done = time.perf_counter()
    arrived = Delivery.objects.filter(dispatch__document=document, status="arrived").count()
    assert arrived == len(recipients), arrived
    return {
        "recipients": arrived,
        "seal_and_issue_s": round(issued - start, 2),
        "until_the_last_arrival_s": round(done - issued, 2),
    }


def receiving(agencies: list[casting.Agency]) -> dict[str, Any]:
    """Registering what has arrived, with the receipt to its sender."""
    beats = Beats()
    for agency in agencies:
        clerk = agency.clerk.actor()
        waiting = queries.list_waiting(clerk)[0]
        beats.time(
            "register",
            lambda clerk=clerk, waiting=waiting: receive_document.register(
                document_id=waiting.pk, despite_duplicate=True, actor=clerk, today=TODAY, at=AT + timedelta(hours=1)
            ),
        )
    assert Receipt.objects.filter(kind="registered").count() == len(agencies)
    return beats.told()


def drafting(cast: casting.Cast, recipients: list[int]) -> dict[str, Any]:
    """A draft saved, submitted and endorsed, and its page laid out and prepared."""
    beats = Beats()
    for _ in range(10):
        document = given.a_submitted_draft(cast, AT, recipients=recipients)
        actor = cast.plan_head.actor()
        beats.time(
            "endorse",
            lambda document=document, actor=actor: documents.endorse(
                document_id=document.pk, words="", actor=actor, today=TODAY, at=AT
            ),
        )
        beats.time("lay out and prepare", lambda: outbox.keep_due(at=AT))
    return beats.told()


def main() -> None:
    cast = casting.build()
    paper.give_keys(cast, AT)
    agencies = casting.forty(cast, count=RECIPIENTS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTION)
    recipients = given.recipients_of(agencies)
    with outbox.kept_by_caller():
        one_by_one = issuing(cast, recipients)
        registered = receiving(agencies)
        drafted = drafting(cast, recipients)
        others = [
            casting.open_unit(
                f"Đơn vị W{n}", f"W{n}", f"W{n}", "unit", cast.agency_id, code=f"G11.90.W{n:04d}", order=1000 + n
            )
            for n in range(MANY)
        ]
        thousand = wide(cast, others)
    told = {
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 1),
            "postgresql": connection.pg_version,
        },
        "issue": one_by_one,
        "register": registered,
        "draft": drafted,
        "one_to_many": thousand,
    }
    print(json.dumps(told, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    ours = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    with tempfile.TemporaryDirectory() as state:
        settings.STATE = Path(state)
        try:
            main()
        finally:
            connection.creation.destroy_test_db(ours, verbosity=0)
