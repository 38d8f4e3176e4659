"""`antin backup FOLDER`: everything the node keeps, as it stood at one moment, while it goes on working.

The order is what makes it one moment: remembered checkpoints first (they never run ahead of the database they are kept with), then
one snapshot of the database for the dump and for the list of files, then the files, which are never changed and, while this runs,
not swept away. A backup is one when its manifest is there; what was cut short before is cleared away by the next.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from antin.console import archive, postgres_tools
from antin.console.archive import Manifest
from antin.files import queries as files
from antin.journal import notation
from antin.journal import queries as journal
from antin.keys import queries as keys
from antin.keys.states import DeviceStatus
from antin.upkeep import operations as upkeep


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="thư mục giữ các bản sao lưu, nên ở máy hoặc đĩa khác")
    parser.add_argument("--keep", type=int, default=0, metavar="N", help="chỉ giữ N bản mới nhất; bỏ trống: giữ tất cả")
    parser.add_argument("--json", action="store_true", help="in JSON")


def run(arguments: argparse.Namespace) -> int:
    at = datetime.now(UTC)
    try:
        made = make(arguments.folder, archive.ask_passphrase(), at=at)
    except (postgres_tools.ToolFailed, archive.BadArchive, OSError) as trouble:
        upkeep.record_backup(place=_folder(arguments.folder, at).absolute(), fault=str(trouble), at=at)
        print(f"Chưa sao lưu được: {trouble}", file=sys.stderr)
        return 1
    gone = prune(arguments.folder, arguments.keep) if arguments.keep > 0 else 0
    told = archive.read_manifest(made)
    size = told.bytes + sum((made / name).stat().st_size for name in told.parts)
    upkeep.record_backup(place=made.absolute(), files=told.files, size=size, head=told.head, at=at)
    facts = {"backup": str(made), "files": told.files, "bytes": told.bytes, "head": told.head, "removed": gone}
    words = f"Đã sao lưu vào {made}: {told.files} tệp, {told.bytes:,} byte."
    print(json.dumps(facts, ensure_ascii=False) if arguments.json else words)
    return 0


def make(place: Path, passphrase: str, *, at: datetime) -> Path:
    """Make a backup below a folder; return where it lies.

    :raises ToolFailed: pg_dump did not do it
    :raises BadArchive: a file of the node is missing or not what its name says: the rest is kept, and this is told
    """
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = _folder(place, at)
    folder.mkdir(mode=0o700)
    state = Path(settings.STATE)
    (folder / archive.STATE).write_bytes(archive.seal_state(state, passphrase))
    with files.kept_from_sweeping(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            [snapshot] = cursor.fetchone()
        head = journal.find_last_checkpoint()
        devices = [
            {"kind": row.kind, "reference": row.reference, "serial": row.serial}
            for row in keys.list_devices()
            if row.status == DeviceStatus.ACTIVE
        ]
        size = _list_files(folder / archive.FILES)
        given = ("--format=custom", f"--snapshot={snapshot}", "--no-owner", "--no-privileges")
        postgres_tools.run("pg_dump", connection.settings_dict, *given, f"--file={folder / archive.DUMP}")
        n, bad = _carry_files(place, folder / archive.FILES)
    if bad:
        raise archive.BadArchive(
            f"{len(bad)} tệp của nút thiếu hoặc hỏng, trước hết {bad[0]}; bản này không dùng được."
        )
    Manifest(
        form=archive.FORM,
        node=settings.NODE,
        made_at=at.isoformat(timespec="seconds"),
        files=n,
        bytes=size,
        head=notation.signed_line("checkpoint", head.body, head.proof).decode().strip() if head else "",
        parts={name: archive.digest_of(folder / name) for name in (archive.DUMP, archive.FILES, archive.STATE)},
        keys=devices,
    ).write(folder)
    return folder


def _folder(place: Path, at: datetime) -> Path:
    return place / f"{at:%Y-%m-%dT%H%M%SZ}"


def _list_files(path: Path) -> int:
    size = 0
    with path.open("w") as out:
        for digest, its_size in files.list_kept():
            out.write(f"{digest} {its_size}\n")
            size += its_size
    return size


def _carry_files(place: Path, listed: Path) -> tuple[int, list[str]]:
    n, bad = 0, []
    for digest, size in archive.lines_of(listed):
        n += 1
        try:
            if archive.carry(partial(files.open_stream, digest), archive.blob(place, digest), digest, size):
                continue
        except (FileNotFoundError, files.DamagedBytes):
            pass
        bad.append(digest)
    return n, bad


def prune(place: Path, keep: int) -> int:
    """Remove all but the newest whole backups, what was cut short before them, and files that none of them names any more."""
    whole = archive.list_backups(place)
    staying = whole[-keep:]
    gone = [path for path in place.iterdir() if path.is_dir() and path.name != "files" and path not in staying]
    for path in gone:
        shutil.rmtree(path)
    named = {digest for path in staying for digest, _ in archive.lines_of(path / archive.FILES)}
    for path in (place / "files").glob("??/??/*"):
        if path.name not in named:
            path.unlink()
    return len(gone)
