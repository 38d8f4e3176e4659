"""Bytes in a bucket of an object store that speaks S3: PREFIX/ab/cd/<digest>, the names of the folder.

It does what `store.Store` says. An object is there whole or not at all, and for good once the store has answered: S3's own promise,
in the place of fsync and rename. What we send carries its SHA-256, which the store holds it to; what we get is held to the digest
it was asked by. Several servers may share a bucket, so that no lock of a file can part those who keep from the one who sweeps:
PostgreSQL's do.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.session import Session
from django.conf import settings
from django.db import connection

from antin.files import content, shelf
from antin.files.shelf import Blob, NoRoom
from antin.files.store import DamagedBytes, StoreAway

if TYPE_CHECKING:
    from config.environment import Bucket

# A store on the house's own network: what has not answered by then will not, and somebody is waiting. Tried three times.
CONNECT, READ, TRIES = 3, 20, 3
ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
FULL = frozenset({"507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"})
#: How long a look at the store is believed, and how long a removal waits for whoever is making a backup.
LOOKED, PATIENCE = 10.0, 5.0


def put(source: BinaryIO, *, limit: int) -> Blob:
    """Keep bytes durably, once.

    The same again is written over itself: its moment keeps a sweep away, as the touch does in the folder.

    :raises TooLarge: :raises EmptyFile: :raises NoRoom: :raises StoreAway: nothing was kept
    """
    try:
        with _spool() as out:
            digest, size = shelf.copy(source, cast(BinaryIO, out), limit)
            kind = content.media_type(cast(BinaryIO, out))
            with _held(digest, "shared"):
                send(_set(), digest, out)
    except OSError as trouble:
        if trouble.errno in shelf.FULL:
            raise NoRoom from trouble
        raise
    return Blob(digest, size, kind)


def send(bucket: Bucket, digest: str, stream: IO[bytes]) -> None:
    """Write the bytes of a digest into a bucket; the store refuses what does not have it. :raises NoRoom: :raises StoreAway:"""
    stream.seek(0)
    checked = base64.b64encode(bytes.fromhex(digest)).decode()
    with _asking():
        _client(os.getpid(), bucket).put_object(
            Bucket=bucket.name, Key=_key(bucket, digest), Body=stream, ChecksumSHA256=checked
        )


def open_stream(digest: str) -> BinaryIO:
    """Give bytes as a file without a name, read over whole and held to their digest before anybody sees them.

    :raises FileNotFoundError: :raises StoreAway: :raises DamagedBytes:
    """
    bucket = _set()
    out = _spool()
    try:
        found = hashlib.sha256()
        with _asking():
            answer = _client(os.getpid(), bucket).get_object(Bucket=bucket.name, Key=_key(bucket, digest))
            for piece in answer["Body"].iter_chunks(shelf.CHUNK):
                found.update(piece)
                out.write(piece)
        if found.hexdigest() != digest:
            raise DamagedBytes(digest)
        out.seek(0)
    except BaseException:
        out.close()
        raise
    return cast(BinaryIO, out)


def burn(digest: str) -> None:
    """Remove bytes at once; what a backup holds on to for longer is left to the sweep."""
    until = time.monotonic() + PATIENCE
    while not _remove(digest, before=None) and time.monotonic() < until:
        time.sleep(0.2)


def sweep(known: Callable[[set[str]], set[str]], *, before: float) -> tuple[int, int]:
    """Remove what is not among the known and older than `before`. Nothing is ever there unfinished."""
    bucket = _set()
    orphans, token = 0, dict[str, str]()
    while True:
        with _asking():
            page = _client(os.getpid(), bucket).list_objects_v2(Bucket=bucket.name, Prefix=bucket.prefix, **token)
        old = {
            each["Key"].rpartition("/")[2]
            for each in page.get("Contents", ())
            if each["LastModified"].timestamp() < before and _is_ours(bucket, each["Key"])
        }
        orphans += sum(_remove(digest, before=before) for digest in old - (known(old) if old else old))
        if not page.get("IsTruncated"):
            return 0, orphans
        token = {"ContinuationToken": page["NextContinuationToken"]}


@contextmanager
def kept_from_sweeping() -> Iterator[None]:
    """While inside, no bytes are removed, by whatever server."""
    with _held("", "shared"):
        yield


def why_unwell() -> str:
    """Why nothing can be kept or read just now, as the store or the network says it; asked again every ten seconds."""
    return _look(os.getpid(), _set(), int(time.monotonic() / LOOKED))


@lru_cache(maxsize=1)
def _look(process: int, bucket: Bucket, turn: int) -> str:
    try:
        with _asking():
            _client(process, bucket, quick=True).head_bucket(Bucket=bucket.name)
    except (StoreAway, NoRoom) as trouble:
        return str(trouble)
    return ""


def _remove(digest: str, *, before: float | None) -> bool:
    """Remove an object nobody wrote since; False when a backup or somebody who keeps these very bytes is in the way."""
    bucket = _set()
    client, named = _client(os.getpid(), bucket), {"Bucket": bucket.name, "Key": _key(bucket, digest)}
    with _held("", "alone") as free, _held(digest, "alone") as unused:
        if not (free and unused):
            return False
        with _asking(), suppress(FileNotFoundError):
            if before is None or client.head_object(**named)["LastModified"].timestamp() < before:
                client.delete_object(**named)
                return True
    return before is None


@contextmanager
def _held(digest: str, how: str) -> Iterator[bool]:
    """Hold the lock of these bytes ("" of all), for this session of the database: shared by those who need them to stay, and waited
    for; alone by the one who removes them, who does not wait but is told whether he has it."""
    asked, given_back = {
        "shared": ("pg_advisory_lock_shared", "pg_advisory_unlock_shared"),
        "alone": ("pg_try_advisory_lock", "pg_advisory_unlock"),
    }[how]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}(hashtextextended(%s, 5))", [f"files.{digest}"])
        [[told]] = cursor.fetchall()
    held, session = told is not False, connection.connection
    try:
        yield held
    finally:
        if held and connection.connection is session and not session.closed:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {given_back}(hashtextextended(%s, 5))", [f"files.{digest}"])


@contextmanager
def _asking() -> Iterator[None]:
    """Word what the client says: not there, no room, or away; whatever the store has against us is ours to mend, and no verdict."""
    try:
        yield
    except ClientError as no:
        code, status = no.response["Error"].get("Code", ""), no.response["ResponseMetadata"].get("HTTPStatusCode")
        if code in ABSENT and no.operation_name != "HeadBucket":
            raise FileNotFoundError(code) from no
        if code in FULL or status == 507:
            raise NoRoom from no
        raise StoreAway(f"{no.operation_name}: {code or status}") from no
    except (BotoCoreError, HTTPClientError) as trouble:
        raise StoreAway(type(trouble).__name__) from trouble


def _set() -> Bucket:
    bucket: Bucket = settings.BUCKET  # type: ignore[assignment]  # who comes here has one
    return bucket


def _key(bucket: Bucket, digest: str) -> str:
    return f"{bucket.prefix}{digest[:2]}/{digest[2:4]}/{digest}"


def _is_ours(bucket: Bucket, key: str) -> bool:
    name = key.rpartition("/")[2]
    return len(name) == 64 and key == _key(bucket, name)


def _spool() -> IO[bytes]:
    """A file without a name on the node's own disk: nothing is left of it, however the process ends."""
    shelf.incoming().mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=shelf.incoming())


@lru_cache(maxsize=4)
def _client(process: int, bucket: Bucket, *, quick: bool = False) -> Any:
    """The client of this process: connections are not shared with a parent's. It is safe from several threads."""
    return Session().create_client(
        "s3",
        region_name=bucket.region,
        endpoint_url=bucket.endpoint,
        aws_access_key_id=bucket.key,
        aws_secret_access_key=bucket.secret,
        verify=bucket.ca or None,
        config=Config(
            s3={"addressing_style": "path", "payload_signing_enabled": True},
            signature_version="s3v4",
            connect_timeout=CONNECT,
            read_timeout=CONNECT if quick else READ,
            retries={"mode": "standard", "total_max_attempts": 1 if quick else TRIES},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            ignore_configured_endpoint_urls=True,
            proxies={},
            max_pool_connections=16,
        ),
    )
