"""What runs by the clock: one row per thing, read from top to bottom.

A row's act is called with the moment it runs at; it is idempotent and short, or it makes promises. Cron fields are in UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from antin.files import operations as files
from antin.indicators import operations as indicators
from antin.journal import operations as journal
from antin.journeys import between_nodes, change_secrecy, look_over, remind, repeat_work, take_in, watch_keys
from antin.keys import operations as keys
from antin.nodes import operations as nodes
from antin.numbering import operations as numbering
from antin.outbox import operations as outbox
from antin.people import operations as people
from antin.people.sittings import SessionStore
from antin.signing import operations as signing
from antin.tasks import operations as tasks
from antin.workdays.queries import local_date


@dataclass(frozen=True)
class Row:
    name: str
    cron: str
    act: Callable[[datetime], object]


TIMETABLE = (
    Row("seal_journal", "* * * * *", lambda at: journal.seal(at=at)),
    Row("retry_stalled_jobs", "* * * * *", lambda at: outbox.retry_stalled()),
    Row("redefer_orphans", "* * * * *", lambda at: outbox.redefer_orphans(at=at)),
    Row("refresh_revocation_lists", "23 * * * *", lambda at: keys.refresh_revocation_lists(at=at)),
    Row("try_responders_again", "* * * * *", lambda at: signing.try_again(at=at)),
    Row("run_rounds", "* * * * *", lambda at: take_in.run_rounds(at=at)),
    Row("keep_watch_of_proofs", "37 * * * *", lambda at: signing.keep_watch(at=at)),
    Row("release_reserved_numbers", "5 17 * * *", lambda at: numbering.release_expired(today=local_date(at), at=at)),
    Row("count_figures", "* * * * *", lambda at: indicators.count(at=at)),
    Row("reckon_deadlines", "* * * * *", lambda at: tasks.reckon_again(at=at)),
    Row("give_recurring_work", "4-59/10 * * * *", lambda at: repeat_work.give_due(at=at)),
    Row("remind", "7-59/10 0-9 * * *", lambda at: remind.make_round(at=at)),
    Row("watch_keys", "11 1 * * *", lambda at: watch_keys.watch_keys(at=at)),
    Row("tell_alarms", "*/5 * * * *", lambda at: look_over.tell_alarms(at=at)),
    Row("end_terms_of_secrets", "3 17 * * *", lambda at: change_secrecy.end_terms(at=at)),
    Row("forget_unsigned_files", "47 * * * *", lambda at: signing.forget_unsigned_files(at=at)),
    Row("forget_attempts", "*/10 * * * *", lambda at: people.forget_attempts(at=at)),
    Row("forget_sessions", "7 20 * * *", lambda at: SessionStore.clear_expired()),
    Row("remove_old_jobs", "17 20 * * *", lambda at: outbox.remove_old_jobs()),
    Row("publish_directory", "*/5 * * * *", lambda at: between_nodes.keep_directory(at=at)),
    Row("set_broken_parcels_aside", "* * * * *", lambda at: between_nodes.set_broken_aside(at=at)),
    Row("sweep_pieces", "51 19 * * *", lambda at: nodes.sweep(at=at)),
    Row("sweep_files", "41 19 * * *", lambda at: files.sweep(at=at)),
)
