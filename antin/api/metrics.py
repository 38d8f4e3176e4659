"""`/metrics`: the node in figures for Prometheus, computed from the database when it is asked, so that every process says the same;
and the requests that this server's processes have answered.

Names and units: docs/metrics.md. Told to the addresses in `ANTIN_METRICS_FROM` (this machine unless set) and to whoever has
`ANTIN_METRICS_TOKEN`.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import accumulate

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from antin.journeys import look_over
from antin.journeys.look_over import State
from antin.upkeep import traffic
from config.front import address_of


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, or 403."""
    if not _may_ask(request):
        return HttpResponse("forbidden\n", status=403, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_Figures(look_over.look(timezone.now())))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_ask(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        return True
    remote, forwarded = request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
    if forwarded and remote not in settings.PROXIES:
        return False  # somebody's front server that we do not know: whoever asks through it is not on this machine
    return address_of(remote, forwarded, settings.PROXIES) in settings.METRICS_FROM


class _Figures(Collector):
    """One look at the node as families of figures."""

    def __init__(self, state: State) -> None:
        self._state = state

    def collect(self) -> Iterable[Metric]:
        state, at = self._state, self._state.at
        yield _one("antin_info", "Version of the program and form of the database; always 1.", 1, _info(state))
        yield _one("antin_database_size_bytes", "Size of the database.", state.database.size)
        yield _one("antin_disk_size_bytes", "Size of the disk that holds the state folder.", state.disk.size)
        yield _one("antin_disk_free_bytes", "Free on that disk.", state.disk.free)
        yield _one("antin_migrations_missing", "Steps of the database's form not taken yet.", len(state.schema.missing))
        yield _one("antin_workers_alive", "Workers with a heartbeat in the last minute.", _alive(state))
        yield _many(
            "antin_job_waiting",
            "Promises that wait to be kept.",
            ["job"],
            ((r.name, r.waiting) for r in state.work.queues),
        )
        yield _many("antin_job_given_up", "Promises given up.", ["job"], ((r.name, r.dead) for r in state.work.queues))
        oldest = ((r.name, _age(at, r.oldest_at)) for r in state.work.queues)
        yield _many("antin_job_oldest_seconds", "How long the oldest promise that is due has waited.", ["job"], oldest)
        behind = (at - state.behind.since).total_seconds() if state.behind else 0
        yield _one("antin_index_behind_seconds", "How long the search index is behind.", behind)
        yield _one("antin_journal_sealing_stopped", "1 when the journal cannot be sealed.", int(state.sealing.stopped))
        yield _one("antin_journal_checkpoint", "Number of the journal's last checkpoint.", state.sealing.head or 0)
        yield _one("antin_evidence_owed_files", "Signed files that wait for evidence.", state.evidence_owed)
        yield from self._requests()
        yield from self._backups()
        yield from self._partners()
        yield from self._lines()
        ends = ((each.kind, each.name, each.until.timestamp()) for each in state.certificates)
        yield _many(
            "antin_certificate_ends_timestamp_seconds",
            "When a certificate or list ends, if within 60 days.",
            ["kind", "name"],
            ends,
        )
        counted: dict[tuple[str, str], int] = {}
        for alarm in look_over.alarms(state):
            counted[alarm.code, alarm.tone] = counted.get((alarm.code, alarm.tone), 0) + 1
        alarms = ((code, tone, n) for (code, tone), n in sorted(counted.items()))
        yield _many(
            "antin_alarm", "Things the operator must see to; tone late: now, warn: this week.", ["code", "tone"], alarms
        )

    def _requests(self) -> Iterator[Metric]:
        asked = CounterMetricFamily(
            "antin_http_requests", "Requests answered by this server.", labels=["route", "method", "status"]
        )
        took = HistogramMetricFamily("antin_http_request_seconds", "How long answers took.", labels=["route"])
        for row in traffic.list_traffic():
            for (method, status), n in row.counts.items():
                asked.add_metric([row.route, method, status], n)
            bounds = [*map(str, traffic.BOUNDS), "+Inf"]
            took.add_metric([row.route], list(zip(bounds, accumulate(row.durations), strict=True)), row.seconds)
        yield asked
        yield took

    def _backups(self) -> Iterator[Metric]:
        good = next((row for row in self._state.backups if not row.fault), None)
        verified = [row.verified_at for row in self._state.backups if row.verified_at and not row.verify_fault]
        made = good.made_at.timestamp() if good else 0
        yield _one("antin_backup_timestamp_seconds", "When the last good backup was made; 0: never.", made)
        yield _one("antin_backup_size_bytes", "Size of the last good backup.", good.size if good else 0)
        read = max(verified).timestamp() if verified else 0
        yield _one(
            "antin_backup_verified_timestamp_seconds", "When a backup was last read again whole; 0: never.", read
        )

    def _partners(self) -> Iterator[Metric]:
        at, rows = self._state.at, self._state.partners
        yield _many(
            "antin_partner_parcels",
            "Parcels between us and another node: waiting, sent, coming, aside, stuck.",
            ["node", "state"],
            (
                (row.code, state, getattr(row.queue, state))
                for row in rows
                for state in ("waiting", "sent", "coming", "aside", "stuck")
            ),
        )
        waits = ((row.code, _age(at, row.queue.oldest)) for row in rows)
        yield _many(
            "antin_partner_oldest_seconds", "How long the oldest parcel for a node has waited.", ["node"], waits
        )
        heard = ((row.code, _stamp(row.heard_at)) for row in rows)
        yield _many("antin_partner_heard_timestamp_seconds", "When we heard a node last; 0: never.", ["node"], heard)
        us = ((row.code, _stamp(row.heard_us_at)) for row in rows)
        yield _many(
            "antin_partner_heard_us_timestamp_seconds", "When a node heard us last, as it says; 0: never.", ["node"], us
        )
        trips = ((row.code, row.round_trip.total_seconds()) for row in rows if row.round_trip is not None)
        yield _many(
            "antin_partner_round_trip_seconds", "How long the last test message took there and back.", ["node"], trips
        )
        rejected = sum(row.count for row in self._state.rejections)
        yield _one("antin_rejected_messages", "Messages not believed, in the rows of the last day.", rejected)

    def _lines(self) -> Iterator[Metric]:
        at, rows = self._state.at, self._state.lines
        yield _many(
            "antin_channel_open",
            "1 when a channel to the outside is open.",
            ["channel"],
            ((r.name, int(r.open)) for r in rows),
        )
        yield _many(
            "antin_channel_fault",
            "1 when its last round met a fault.",
            ["channel"],
            ((r.name, int(bool(r.fault))) for r in rows),
        )
        yield _many(
            "antin_channel_contact_timestamp_seconds",
            "When it answered last; 0: never.",
            ["channel"],
            ((r.name, _stamp(r.contact_at)) for r in rows),
        )
        waits = ((r.name, _age(at, r.queue.oldest_at)) for r in rows)
        yield _many(
            "antin_channel_oldest_seconds", "How long the oldest document for it has waited.", ["channel"], waits
        )
        yield _many(
            "antin_channel_messages",
            "What waits on a channel: to_send, failed, answers, answers_failed, kept, set_aside.",
            ["channel", "state"],
            (
                (row.name, state, getattr(row.queue, state))
                for row in rows
                for state in ("to_send", "failed", "answers", "answers_failed", "kept", "set_aside")
            ),
        )


def _info(state: State) -> dict[str, str]:
    return {
        "node": settings.NODE,
        "version": state.version,
        "schema": state.schema.name,
        "server": state.database.server,
    }


def _alive(state: State) -> int:
    return sum(beat > state.at - look_over.WORKER_SILENT for beat in state.work.heartbeats)


def _age(at: datetime, since: datetime | None) -> float:
    return max(0.0, (at - since).total_seconds()) if since else 0.0


def _stamp(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


def _one(name: str, words: str, value: float, labels: dict[str, str] | None = None) -> Metric:
    labels = labels or {}
    family = GaugeMetricFamily(name, words, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _many(name: str, words: str, labels: list[str], rows: Iterable[tuple[object, ...]]) -> Metric:
    """Rows are the labels' values and the figure."""
    family = GaugeMetricFamily(name, words, labels=labels)
    for row in rows:
        family.add_metric([str(each) for each in row[:-1]], float(row[-1]))  # type: ignore[arg-type]
    return family
