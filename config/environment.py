"""The only reader of environment variables: one frozen value, or a list of everything that is wrong."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_TOKEN = 16
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class BadEnvironment(SystemExit):
    """Raised with every fault found, so that one start names them all."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("An Tín không khởi động được:\n" + "\n".join(f"  - {fault}" for fault in faults))


@dataclass(frozen=True)
class Nats:
    """The NATS servers this node starts for its dealings with others: how many (0, 1 or 3), where they listen.

    The first is at `port`; the others, their routes, leaf nodes and own pages at ports behind it (docs/nodes.md). A `leaf` has one
    server of its own that passes everything on to the coordinating node's. `patience` is after how many seconds a parcel that the
    partner does not name goes again.
    """

    listen: str
    port: int
    servers: int
    leaf: bool
    patience: int = 120
    tls: str = ""  # a folder of files of the house's own for the line; empty: the directory's authority makes them


@dataclass(frozen=True)
class Bucket:
    """A bucket of an object store that speaks S3, in place of the folder of files; `prefix` is empty or ends in a stroke.

    `ca` is a file of certificates the store's own is checked with; empty: the system's.
    """

    endpoint: str
    name: str
    prefix: str
    region: str
    key: str
    secret: str = field(repr=False)
    ca: str = ""


@dataclass(frozen=True)
class Environment:
    """What the node is told from outside.

    `state` is the folder of everything the node keeps; `node` its name, as it signs its journal; `database` the parameters of
    one PostgreSQL database; `bucket` where files lie when not in that folder; `file_limit` the most bytes one file may have;
    `embedded` whether the node runs that PostgreSQL itself;
    `pkcs11_modules` the libraries of tokens and HSMs, `csc_services` the addresses of remote signing services, by names of the
    unit's own;
    `second_factor` of whom one is asked ("", "administrators", "everybody"); `proxies` the addresses of front servers that are
    believed about the caller's address and his certificate; `isolated` a node that asks nothing of any line to the outside;
    `workers` how many processes do what happens behind the pages;
    `log` how the log is written ("line", or "json" for programs); `metrics_from` the addresses that may ask for metrics,
    `metrics_token` what others show.
    """

    root: Path
    state: Path
    node: str
    bucket: Bucket | None
    file_limit: int
    port: int
    listen: str
    hosts: tuple[str, ...]
    database: dict[str, str | int]
    database_options: dict[str, str]
    embedded: bool
    secret_key: str
    secure: bool
    debug: bool
    pkcs11_modules: dict[str, str]
    second_factor: str
    proxies: tuple[str, ...]
    csc_services: dict[str, str]
    cipher_suites: tuple[str, ...]
    isolated: bool
    nats: Nats
    workers: int
    log: str
    metrics_from: tuple[str, ...]
    metrics_token: str


def _services(given: str, faults: list[str]) -> dict[str, str]:
    """`name=https://host/csc/v2`, separated by commas; without TLS only on this very machine."""
    found = {}
    for each in filter(None, (part.strip() for part in given.split(","))):
        name, _, address = each.partition("=")
        parts = urlsplit(address)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost"))
        if not name.isalnum() or not safe or not parts.hostname:
            faults.append(f"ANTIN_CSC phải có dạng tên=https://máy-chủ/csc/v2, không phải {each!r}")
        found[name] = address
    return found


def _bucket(given: dict[str, str], faults: list[str]) -> Bucket | None:
    """`https://host:9000/bucket/prefix`, with the key beside it; without TLS only on this very machine."""
    address = given.get("ANTIN_S3", "")
    if not address:
        return None
    parts = urlsplit(address)
    name, _, prefix = parts.path.strip("/").partition("/")
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))
    if not (safe and parts.hostname and name) or parts.query or parts.username:
        faults.append(f"ANTIN_S3 phải có dạng https://máy-chủ/tên-kho/tiền-tố, không phải {address!r}")
    if not given.get("ANTIN_S3_KEY") or not given.get("ANTIN_S3_SECRET"):
        faults.append("ANTIN_S3 cần ANTIN_S3_KEY và ANTIN_S3_SECRET")
    if (ca := given.get("ANTIN_S3_CA", "")) and not Path(ca).is_file():
        faults.append(f"ANTIN_S3_CA {ca} không phải một tệp đọc được")
    return Bucket(
        endpoint=f"{parts.scheme}://{parts.netloc}",
        name=name,
        prefix=f"{prefix}/" if prefix else "",
        region=given.get("ANTIN_S3_REGION") or "us-east-1",
        key=given.get("ANTIN_S3_KEY", ""),
        secret=given.get("ANTIN_S3_SECRET", ""),
        ca=ca,
    )


def _modules(given: str, faults: list[str]) -> dict[str, str]:
    """`name=/path/of/library.so`, separated by commas."""
    found = {}
    for each in filter(None, (part.strip() for part in given.split(","))):
        name, _, path = each.partition("=")
        if not name.isalnum() or not Path(path).is_absolute():
            faults.append(f"ANTIN_PKCS11 phải có dạng tên=/đường/dẫn/thư-viện.so, không phải {each!r}")
        found[name] = path
    return found


def _database(url: str, faults: list[str]) -> tuple[dict[str, str | int], dict[str, str]]:
    """Django's parameters, and what the address asks of libpq after its question mark (sslmode, options …).

    Of several servers, as libpq lists them (`host1:5432,host2:5432`), the one is taken that may be written to.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        faults.append("DATABASE_URL phải bắt đầu bằng postgresql://")
        return {}, {}
    _, _, place = parts.netloc.rpartition("@")
    hosts, ports = [], []
    for each in place.split(","):
        found = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d+))?", each)
        if found is None:
            faults.append(f"DATABASE_URL có máy chủ không đọc được: {each!r}")
            return {}, {}
        hosts.append(unquote(found[1]).strip("[]"))  # a socket's folder keeps its capitals
        ports.append(found[2] or "5432")
    options = dict(parse_qsl(parts.query))
    if len(hosts) > 1:
        options.setdefault("target_session_attrs", "read-write")
    named = {"NAME": parts.path.lstrip("/") or "antin", "USER": parts.username or "", "PASSWORD": parts.password or ""}
    told: dict[str, str | int] = {name: unquote(value) for name, value in named.items()}
    port: str | int = int(ports[0]) if len(ports) == 1 else ",".join(ports)
    return {**told, "HOST": ",".join(hosts), "PORT": port}, options


def _secret(state: Path) -> str:
    """The node's own secret, made at its first start and kept readable by its owner only."""
    kept = state / "secrets" / "secret-key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = kept.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, kept)
        fresh.unlink()
    return kept.read_text().strip()


def _workers(given: dict[str, str], faults: list[str]) -> int:
    """As many as cores, unless told otherwise; by itself no more than eight, for each keeps some sessions of the database open."""
    told = given.get("ANTIN_WORKERS", "")
    if not told:
        return min(os.cpu_count() or 1, 8)
    if not told.isdigit() or not 1 <= int(told) <= 64:
        faults.append(f"ANTIN_WORKERS phải là số từ 1 đến 64, không phải {told!r}")
        return 1
    return int(told)


def _nats(given: dict[str, str], faults: list[str]) -> Nats:
    port, servers = given.get("ANTIN_NATS_PORT", "4222"), given.get("ANTIN_NATS_SERVERS", "1")
    if not port.isdigit() or not 0 < int(port) < 65500:
        faults.append(f"ANTIN_NATS_PORT phải là một số cổng, không phải {port!r}")
        port = "4222"
    if servers not in ("0", "1", "3"):
        faults.append(f"ANTIN_NATS_SERVERS phải là 0, 1 hoặc 3, không phải {servers!r}")
        servers = "1"
    patience = given.get("ANTIN_NATS_PATIENCE", "120")
    if not patience.isdigit() or int(patience) < 1:
        faults.append(f"ANTIN_NATS_PATIENCE phải là một số giây, không phải {patience!r}")
        patience = "120"
    return Nats(
        listen=given.get("ANTIN_NATS_LISTEN") or "127.0.0.1",
        port=int(port),
        servers=int(servers),
        leaf=given.get("ANTIN_NATS_LEAF", "") == "1",
        patience=int(patience),
        tls=given.get("ANTIN_NATS_TLS", ""),
    )


def _suites(value: str) -> tuple[str, ...]:
    """Where the cipher suites of the vault are, the first to seal with; our own is always known, so that what it sealed opens."""
    named = [each.strip() for each in value.split(",") if each.strip()]
    return tuple(dict.fromkeys([*named, "antin.vault.sealing.AesGcm"]))


def read(variables: dict[str, str] | None = None) -> Environment:
    """Read the variables, or stop with every fault named."""
    given = dict(os.environ) if variables is None else variables
    faults: list[str] = []
    state = Path(given.get("ANTIN_STATE") or ROOT / "var").resolve()
    port = given.get("ANTIN_PORT", "8080")
    if not port.isdigit() or not 0 < int(port) < 65536:
        faults.append(f"ANTIN_PORT phải là một số cổng, không phải {port!r}")
    limit = given.get("ANTIN_FILE_LIMIT_MB", "100")
    if not limit.isdigit() or int(limit) < 1:
        faults.append(f"ANTIN_FILE_LIMIT_MB must be a whole number of megabytes, not {limit!r}")
    modules = _modules(given.get("ANTIN_PKCS11", ""), faults)
    second_factor = given.get("ANTIN_SECOND_FACTOR", "")
    if second_factor not in ("", "administrators", "everybody"):
        faults.append(
            f"ANTIN_SECOND_FACTOR phải để trống, là administrators hoặc everybody, không phải {second_factor!r}"
        )
    log = given.get("ANTIN_LOG") or "line"
    if log not in ("line", "json"):
        faults.append(f"ANTIN_LOG phải là line hoặc json, không phải {log!r}")
    token = given.get("ANTIN_METRICS_TOKEN", "")
    if token and len(token) < SHORTEST_TOKEN:
        faults.append(f"ANTIN_METRICS_TOKEN cần ít nhất {SHORTEST_TOKEN} ký tự")
    services = _services(given.get("ANTIN_CSC", ""), faults)
    nats = _nats(given, faults)
    workers = _workers(given, faults)
    bucket = _bucket(given, faults)
    url = given.get("DATABASE_URL", "")
    options: dict[str, str] = {}
    if url:
        database, options = _database(url, faults)
    else:
        database = {"NAME": "antin", "USER": "antin", "HOST": str(state / "postgres" / "run"), "PORT": 5432}
        kept = state / "postgres" / "connection.json"
        if kept.exists():
            database |= json.loads(kept.read_text())
    try:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = _secret(state)
    except OSError as trouble:
        faults.append(f"ANTIN_STATE {state} không ghi được: {trouble.strerror}")
        secret = ""
    if faults:
        raise BadEnvironment(faults)
    hosts = (*LOOPBACK, *(host for host in given.get("ANTIN_HOSTS", "").split(",") if host))
    return Environment(
        root=ROOT,
        state=state,
        node=given.get("ANTIN_NODE") or "antin",
        bucket=bucket,
        file_limit=int(limit) * 1_000_000,
        port=int(port),
        listen=given.get("ANTIN_LISTEN", "127.0.0.1"),
        hosts=hosts,
        database=database,
        database_options=options,
        embedded=not url,
        secret_key=secret,
        secure=given.get("ANTIN_HTTPS", "") == "1",
        debug=given.get("ANTIN_DEBUG", "") == "1",
        pkcs11_modules=modules,
        second_factor=second_factor,
        proxies=tuple(each for each in given.get("ANTIN_PROXIES", "").split(",") if each),
        csc_services=services,
        cipher_suites=_suites(given.get("ANTIN_CIPHER_SUITES", "")),
        isolated=given.get("ANTIN_ISOLATED", "") == "1",
        nats=nats,
        workers=workers,
        log=log,
        metrics_from=tuple(each for each in given.get("ANTIN_METRICS_FROM", "127.0.0.1,::1").split(",") if each),
        metrics_token=token,
    )
