"""`antin backup verify BACKUP`: every byte of a backup is read again and held to what the backup says of itself.

Nothing is restored: the drill that does is in docs/backup.md. What was found is on the operator's page.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from antin.console import archive, postgres_tools
from antin.upkeep import operations as upkeep


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("backup", type=Path, help="một bản sao lưu, hoặc thư mục giữ nhiều bản: bản mới nhất")
    parser.add_argument("--json", action="store_true", help="in JSON")


def run(arguments: argparse.Namespace) -> int:
    given: Path = arguments.backup.absolute()
    folder = given
    if not (given / archive.MANIFEST).exists() and (whole := archive.list_backups(given)):
        folder = whole[-1]
    try:
        n = check(folder, archive.ask_passphrase())
    except (archive.BadArchive, postgres_tools.ToolFailed, OSError) as trouble:
        upkeep.record_verified(place=folder, fault=str(trouble), at=datetime.now(UTC))
        print(f"Bản sao lưu {folder} hỏng: {trouble}", file=sys.stderr)
        return 1
    upkeep.record_verified(place=folder, at=datetime.now(UTC))
    facts = {"backup": str(folder), "files": n, "holds": True}
    print(json.dumps(facts) if arguments.json else f"Bản sao lưu {folder} nguyên vẹn: {n} tệp, cơ sở dữ liệu, bí mật.")
    return 0


def check(folder: Path, passphrase: str) -> int:
    """Read a backup whole; how many files it holds.

    :raises BadArchive: cut short, changed, a file missing or damaged, another passphrase
    :raises ToolFailed: pg_restore cannot read the dump
    """
    archive.read_manifest(folder)
    archive.open_state((folder / archive.STATE).read_bytes(), passphrase)
    postgres_tools.run("pg_restore", connection.settings_dict, "--list", str(folder / archive.DUMP))
    n = 0
    for digest, size in archive.lines_of(folder / archive.FILES):
        n += 1
        kept = archive.blob(folder.parent, digest)
        if not kept.exists() or kept.stat().st_size != size or archive.digest_of(kept) != digest:
            raise archive.BadArchive(f"Tệp {digest} của bản sao lưu thiếu hoặc hỏng.")
    return n
