"""`antin restore BACKUP`: a backup becomes a node again, on an empty place, and is held to its own journal before it may run.

Cut short, it is simply called again: a mark in the state folder says that what lies there is half of a restoration, and `antin run`
refuses to start on it. Nothing is ever put over a node that has something.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import django

from antin.console import archive, postgres_tools
from antin.console.archive import BadArchive
from config import environment
from config.embedded_postgres import CannotStart, EmbeddedPostgres
from config.environment import Environment
from config.sole import Sole, Taken

MARK = "restoring"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("backup", type=Path, help="một bản sao lưu (thư mục có manifest.json)")
    parser.add_argument("--json", action="store_true", help="in JSON")


def run(arguments: argparse.Namespace) -> int:
    os.umask(0o077)
    node = environment.read()
    sole = Sole(node.state / "run.lock")
    database = EmbeddedPostgres(node.state / "postgres") if node.embedded else None
    try:
        sole.take(f"antin restore (tiến trình {os.getpid()})")
        told = _restore(node, database, arguments.backup.resolve())
    except Taken as taken:
        print(f"Thư mục dữ liệu đang được dùng: {taken.holder}", file=sys.stderr)
        return 2
    except (BadArchive, CannotStart, postgres_tools.ToolFailed, OSError) as trouble:
        print(f"Chưa khôi phục được: {trouble}", file=sys.stderr)
        return 1
    finally:
        if database is not None:
            database.stop()
        sole.release()
    words = f"Đã khôi phục {told['files']} tệp, cơ sở dữ liệu của {told['made_at']}; nhật ký {told['journal']}."
    print(json.dumps(told, ensure_ascii=False) if arguments.json else words)
    return 0 if told["journal"] == "holds" else 1


def _restore(node: Environment, database: EmbeddedPostgres | None, backup: Path) -> dict[str, Any]:
    manifest = archive.read_manifest(backup)
    passphrase = archive.ask_passphrase()
    _take_the_place(node, backup)
    archive.unseal_state((backup / archive.STATE).read_bytes(), passphrase, node.state)
    _carry_files(node, backup)
    if database is not None:
        database.start()
    there = _told(environment.read())
    given = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
    postgres_tools.run("pg_restore", there, *given, f"--dbname={there['NAME']}", str(backup / archive.DUMP))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()  # only now: settings read the secrets that were put back
    examination = import_module("antin.console.restored")
    told: dict[str, Any] = examination.examine(manifest, at=datetime.now(UTC))
    (node.state / MARK).unlink()
    archive.sync(node.state)
    return told | {"files": manifest.files, "made_at": manifest.made_at}


def _told(node: Environment) -> dict[str, Any]:
    return {**node.database, "OPTIONS": node.database_options}


def _take_the_place(node: Environment, backup: Path) -> None:
    """Mark the place as half restored; what an earlier attempt left in it goes. :raises BadArchive: something else lies there"""
    state = node.state
    mark = state / MARK
    if not mark.exists():
        kept = [name for name in ("postgres/data", "files", "keys", "journal") if (state / name).exists()]
        if kept or not node.embedded:
            _refuse_what_is_taken(node, kept)
    mark.write_text(f"{backup}\n")
    archive.sync(state)
    for name in ("files", "keys", "journal", "derived"):
        shutil.rmtree(state / name, ignore_errors=True)
    if node.embedded:
        shutil.rmtree(state / "postgres", ignore_errors=True)
    else:
        postgres_tools.run("psql", _told(node), "--command", "DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def _refuse_what_is_taken(node: Environment, kept: list[str]) -> None:
    if kept:
        raise BadArchive(f"{node.state} đã có dữ liệu ({', '.join(kept)}). Khôi phục vào một thư mục trống.")
    tables = "SELECT 1/count(*) FROM pg_tables WHERE schemaname = 'public'"  # division by zero when there is none
    try:
        postgres_tools.run("psql", _told(node), "--set", "ON_ERROR_STOP=1", "--command", tables)
    except postgres_tools.ToolFailed as trouble:
        if "division by zero" in str(trouble):
            return
        raise
    raise BadArchive("Cơ sở dữ liệu ở DATABASE_URL đã có bảng. Khôi phục vào một cơ sở dữ liệu trống.")


def _carry_files(node: Environment, backup: Path) -> None:
    for digest, size in archive.lines_of(backup / archive.FILES):
        source = archive.blob(backup.parent, digest)
        if not source.exists() or not _carry(node, source, digest, size):
            raise BadArchive(f"Tệp {digest} của bản sao lưu thiếu hoặc hỏng.")


def _carry(node: Environment, source: Path, digest: str, size: int) -> bool:
    """Put the bytes of a digest where this node is set to keep them; False when they are not of that digest."""
    if node.bucket is None:
        return archive.carry(lambda: source.open("rb"), archive.blob(node.state, digest), digest, size)
    if source.stat().st_size != size or archive.digest_of(source) != digest:
        return False
    with source.open("rb") as content:
        import_module("antin.files.bucket").send(node.bucket, digest, content)
    return True
