"""A release may be put beside the one before it: the database's new form still serves the old program, and locks are short.

`released.txt` lists the steps of the last release; it is written anew when one is made (docs/upgrades.md). What came since is held
to the rules of expanding first and contracting a release later.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently
from django.db import connection
from django.db.migrations import operations as steps
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import (
    AutoField,
    BigAutoField,
    CharField,
    DateTimeField,
    Field,
    IntegerField,
    ManyToManyField,
)
from django.db.models.fields import NOT_PROVIDED

RELEASED = (Path(__file__).parent / "released.txt").read_text().split()
OURS = {config.label for config in apps.get_app_configs() if config.name.startswith("antin.")}

# Steps since the last release that hold a lock for as long as the table is read, with the reason why that is short.
SHORT: dict[str, str] = {
    "numbering.0003_series_of_bodies series": "a row per agency, type and year; thousands at most",
    "exchange.0007_questions answer": "answers that are owed; thousands at most, and most are sent and swept",
}
# Steps in SQL or Python, looked at by hand: what they lock, and that the old program goes on beside them.
EXAMINED: dict[str, str] = {
    "agenda.0002_one_at_a_time_in_a_venue": "an exclusion constraint on a table of the same release, empty",
    "documents.0015_joint_seals_of_drafts": "an UPDATE of the cosigners of drafts, a few rows; locks those only",
    "documents.0028_filing_told": "triggers on the table of filings, of this release; the program that wrote before goes on",
    "indicators.0002_read_the_journal_again": "an UPDATE of one row",
    "indicators.0003_read_for_signing": "an UPDATE of one row",
    "indicators.0009_read_for_the_estate": "an UPDATE of one row",
    "indicators.0010_read_for_delays": "an UPDATE of one row",
    "indicators.0014_how_long_things_took": "an INSERT of new sums, reads the rows of two facts",
    "indicators.0015_what_stands_is_told_by_its_fact": "statistics: reads a sample, shuts nobody out",
    "indicators.0012_fill_where_what_stands_ends": "an UPDATE of a new column, for what stands only",
    "tasks.0010_fill_how_work_stood": "reads the work and fills a new table; locks the open rows of work, for one UPDATE",
    "signing.0006_files_to_sign": "an UPDATE of the few proofs that could not be read; locks those rows only",
}


def _steps_since() -> list[tuple[str, object]]:
    """Every operation that came after the last release, with the name of its migration."""
    loader = MigrationLoader(None)
    found = []
    for (room, name), migration in sorted(loader.disk_migrations.items()):
        if room in OURS and f"{room}.{name}" not in RELEASED:
            found += [(f"{room}.{name}", each) for each in migration.operations]
    return found


def _states() -> tuple[ProjectState, ProjectState]:
    loader = MigrationLoader(None)
    last: dict[str, str] = {}
    for each in RELEASED:
        room, _dot, name = each.partition(".")
        last[room] = max(last.get(room, ""), name)
    before = loader.project_state(list(last.items()))
    now = loader.project_state([key for key in loader.graph.leaf_nodes() if key[0] in OURS])
    return before, now


def _type(field: Field) -> str:
    return field.db_type(connection) or ""


def _is_wider(before: str, now: str) -> bool:
    """Whether everything that fitted into the old type fits into the new one, without the table being written anew."""
    if before == now:
        return True
    lengths = [re.fullmatch(r"varchar\((\d+)\)", each) for each in (before, now)]
    if all(lengths):
        return int(lengths[0][1]) <= int(lengths[1][1])
    return before.startswith("varchar") and now == "text"


def broken(before: ProjectState, now: ProjectState) -> list[str]:
    """What the program of the release before would stumble over in the form of today."""
    found = []
    old_apps, new_apps = before.apps, now.apps
    for room, name in sorted(key for key in before.models if key[0] in OURS):
        if (room, name) not in now.models:
            found.append(f"{room}.{name} is gone: drop it a release later")
            continue
        old, new = old_apps.get_model(room, name), new_apps.get_model(room, name)
        columns = {field.column: field for field in new._meta.local_concrete_fields}
        for field in old._meta.local_concrete_fields:
            there = columns.pop(field.column, None)
            where = f"{room}.{name}.{field.column}"
            if there is None:
                found.append(f"{where} is gone: leave it a release longer")
            elif not _is_wider(_type(field), _type(there)):
                found.append(f"{where} was {_type(field)} and is {_type(there)}: add a column beside it")
            elif field.null and not there.null:
                found.append(f"{where} may not be null any more: demand it a release later")
        for column, field in columns.items():
            needs = not field.null and field.db_default is NOT_PROVIDED
            if needs and not isinstance(field, AutoField | BigAutoField | ManyToManyField):
                found.append(f"{room}.{name}.{column} is new and has no db_default: the old program leaves it out")
    return found


def test_the_program_before_still_finds_everything_it_needs() -> None:
    assert broken(*_states()) == []


def _locks(name: str, step: object, known: set[tuple[str, str]]) -> str:
    """Why a step may hold a table for long, or ""."""
    model = getattr(step, "model_name", "").lower()
    is_old = (name.split(".", maxsplit=1)[0], model) in known
    if isinstance(step, steps.RunSQL | steps.RunPython):
        return "" if name in EXAMINED else f"{name}: SQL or Python; look at it and enter it in EXAMINED"
    if isinstance(step, AddIndexConcurrently | RemoveIndexConcurrently | AddConstraintNotValid) or not is_old:
        return ""
    if isinstance(step, steps.AddIndex):
        return f"{name}: the index on {model} goes concurrently, in a file of its own"
    if isinstance(step, steps.AddConstraint) and f"{name} {model}" not in SHORT:
        return f"{name}: the constraint on {model} reads the whole table under a lock: not valid first, then validated"
    return ""


def test_no_step_holds_a_table_for_long() -> None:
    before, _now = _states()
    known = set(before.models)
    assert [why for name, step in _steps_since() if (why := _locks(name, step, known))] == []


def test_what_was_released_is_still_there() -> None:
    """A migration of a release is never renamed, merged or taken away: databases know it by its name."""
    disk = {f"{room}.{name}" for room, name in MigrationLoader(None).disk_migrations}
    assert sorted(set(RELEASED) - disk) == []


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (steps.RemoveField("promise", "last_fault"), "outbox.promise.last_fault is gone"),
        (steps.RenameField("promise", "last_fault", "fault"), "outbox.promise.last_fault is gone"),
        (steps.DeleteModel("promise"), "outbox.promise is gone"),
        (steps.AddField("promise", "more", IntegerField(default=1)), "has no db_default"),
        (steps.AlterField("promise", "due_at", DateTimeField()), "may not be null any more"),
        (steps.AlterField("promise", "key", CharField(max_length=9)), "was text and is varchar(9)"),
        (steps.AddField("promise", "more", IntegerField(db_default=1)), ""),
        (steps.AddField("promise", "more", IntegerField(null=True)), ""),
    ],
    ids=["removed", "renamed", "dropped", "demanded", "not_null", "narrower", "by_the_database", "may_be_null"],
)
def test_the_rules_see_what_breaks(step: object, says: str) -> None:
    before, _now = _states()
    after = before.clone()
    step.state_forwards("outbox", after)  # type: ignore[attr-defined]
    found = broken(before, after)
    assert (len(found), says in " ".join(found)) == (1 if says else 0, True)
