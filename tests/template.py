"""What every test finds in the database: the cast and nothing else. A test that really commits is cleaned up behind.

Django would empty all tables, some two hundred with eight hundred indexes, each a new file, and the cast would be built again. Here
what a test added is deleted and what it changed is put back as it was. Numbers go on: a test that flushes does it with
`reset_sequences=False`, or the next rows would have the numbers of those that were put back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from psycopg import sql

QUIET_WITHIN = 1_000
"""Looks, ten milliseconds apart, for whoever still writes: a closed window's last request, a process that was just killed."""
STILL_WRITES = (
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    " and backend_type = 'client backend' and xact_start is not null"
)
TABLES = """
    select c.relname, array_agg(a.attname::text order by a.attnum)
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> 'django_migrations'
    group by c.relname order by c.relname
"""
REFERENCES = """
    select a.relname, b.relname from pg_constraint join pg_class a on a.oid = conrelid join pg_class b on b.oid = confrelid
    where contype = 'f' and a.oid <> b.oid
"""
#: Those that run before a row is deleted: they keep the journal and the codes of agencies whole, and are awake again afterwards.
GUARDS = """
    select relname, tgname from pg_trigger join pg_class on pg_class.oid = tgrelid
    where not tgisinternal and tgenabled = 'O' and tgtype & 10 = 10
"""


@dataclass
class Template:
    """The rows of the tables that hold any, each as COPY writes it; and the tables, those that refer to others first."""

    columns: dict[str, sql.Composable] = field(default_factory=dict)
    guards: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, set[bytes]] = field(default_factory=dict)

    def remember(self) -> None:
        """Take what the tables hold now for what every test shall find."""
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
            columns = {name: sql.SQL(", ").join(map(sql.Identifier, each)) for name, each in cursor.fetchall()}
            cursor.execute(REFERENCES)
            self.columns = {name: columns[name] for name in _referring_first(list(columns), cursor.fetchall())}
            self.guards = {}
            cursor.execute(GUARDS)
            for table, name in cursor.fetchall():
                self.guards.setdefault(table, []).append(name)
            self.kept = {table: set(self._rows(cursor, table)) for table in self._filled(cursor, list(self.columns))}

    def put_back(self) -> None:
        """Delete what is more, put back what is missing or changed."""
        with transaction.atomic(), connection.cursor() as cursor:
            _await_quiet(cursor)
            others = [table for table in self.columns if table not in self.kept]
            filled = self._filled(cursor, others)
            found = {table: self._rows(cursor, table) for table in self.kept}
            more = {table: [rows[row] for row in rows.keys() - self.kept[table]] for table, rows in found.items()}
            asleep = [table for table in (*filled, *more) if more.get(table, True) and table in self.guards]
            self._guards(cursor, asleep, "disable")
            while filled:
                for table in filled:
                    cursor.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
                filled = self._filled(cursor, others)  # a trigger may have noted elsewhere what was deleted
            for table in filter(more.get, self.columns):
                gone = sql.SQL("delete from {} where ctid = any({}::tid[])")
                cursor.execute(gone.format(sql.Identifier(table), sql.Literal(more[table])))
            for table, rows in found.items():
                if missing := self.kept[table] - rows.keys():
                    into = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(table), self.columns[table])
                    with cursor.copy(into) as copy:
                        copy.write(b"".join(missing))
            cursor.execute("set constraints all immediate")
            self._guards(cursor, asleep, "enable")

    def _filled(self, cursor: Any, tables: list[str]) -> list[str]:
        one = sql.SQL("select {} where exists (select from {})")
        asked = [one.format(sql.Literal(table), sql.Identifier(table)) for table in tables]
        cursor.execute(sql.SQL(" union all ").join(asked))
        found = {name for (name,) in cursor.fetchall()}
        return [table for table in tables if table in found]

    def _rows(self, cursor: Any, table: str) -> dict[bytes, str]:
        """Each row, and where it stands."""
        asked = sql.SQL("copy (select ctid, {} from {}) to stdout").format(self.columns[table], sql.Identifier(table))
        with cursor.copy(asked) as copy:
            lines = b"".join(copy).splitlines(keepends=True)
        parted = (line.partition(b"\t") for line in lines)
        return {row: place.decode() for place, _, row in parted}

    def _guards(self, cursor: Any, tables: list[str], verb: str) -> None:
        words = sql.SQL("alter table {} {} trigger {}")
        for table in tables:
            for name in self.guards[table]:
                cursor.execute(words.format(sql.Identifier(table), sql.SQL(verb), sql.Identifier(name)))


def _await_quiet(cursor: Any) -> None:
    for _ in range(QUIET_WITHIN):
        cursor.execute(STILL_WRITES)
        if cursor.fetchone() == (0,):
            return
        cursor.execute("select pg_sleep(0.01), pg_stat_clear_snapshot()")


def _referring_first(tables: list[str], references: Iterable[tuple[str, str]]) -> list[str]:
    """Order the tables so that each comes before those it refers to, where no circle forbids it."""
    refers: dict[str, set[str]] = {table: set() for table in tables}
    for referring, referred in references:
        refers[referring].add(referred)
    ordered: list[str] = []
    seen: set[str] = set()

    def visit(table: str) -> None:
        if table not in seen:
            seen.add(table)
            for other in sorted(refers[table]):
                visit(other)
            ordered.append(table)

    for table in tables:
        visit(table)
    return ordered[::-1]


THE_TEMPLATE = Template()
