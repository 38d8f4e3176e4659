"""The process that opens other people's files: `python -m antin.files.worker`, started by `workshop`.

It waits on its socket; for each message (a job in JSON, with two descriptors: the file to read, the pipe to answer on) it forks
a child that lives for this one file, with limits on time, memory and files, as nobody if it can. Whatever a file does to the
child, the next one starts clean. It ends when its parent closes the socket, or after a minute without work.

Answer: `A` when the child stands, then `+` for a result, `-` for the code of a refusal or `!` for a fault of ours, eight bytes of
length, and as many bytes.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from antin.files import docx, joining, parting, pdf, picture, tables

IDLE_SECONDS = 60
MEMORY = 2 << 30
SECONDS = 30
NOBODY = 65534
TABLES: dict[str, Callable[..., Any]] = {
    "register": tables.register,
    "packed_names": tables.packed_names,
    "packed_file": tables.packed_file,
}
OTHERS: dict[str, Callable[..., Any]] = {"docx_text": docx.text, "picture": picture.measure, "table": tables.table}
JOBS = {**pdf.JOBS, **parting.JOBS, **joining.JOBS, **OTHERS, **TABLES}
MESSAGE = 4096


def serve(asked: socket.socket) -> None:
    """Fork for every job that comes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asked.settimeout(IDLE_SECONDS)
    while True:
        try:
            message, descriptors, _flags, _from = socket.recv_fds(asked, MESSAGE, 2)
        except TimeoutError:
            return
        if not message:
            return
        if os.fork() == 0:
            try:
                asked.close()
                work(json.loads(message), *descriptors)
            finally:
                os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)


def work(job: dict[str, Any], source: int, answer: int) -> None:
    """Do one job and write the answer."""
    with os.fdopen(answer, "wb", buffering=0) as out:
        out.write(b"A")
        limit(job.get("seconds", SECONDS))
        kind, said = perform(job, source)
        rest = memoryview(kind + len(said).to_bytes(8, "big") + said)
        while rest:
            rest = rest[out.write(rest) :]


def perform(job: dict[str, Any], source: int) -> tuple[bytes, bytes]:
    """Return the answer to one job: its kind, and what it says."""
    try:
        with os.fdopen(source, "rb") as stream:
            stream.seek(0)
            data = stream.read()
        result = JOBS[job["name"]](data, *job["arguments"])
    except pdf.Encrypted:
        return b"-", b"encrypted"
    except pdf.Damaged:
        return b"-", b"damaged"
    except tables.Macros:
        return b"-", b"macros"
    except IndexError:
        return b"-", b"absent"
    except (pdf.Heavy, MemoryError, RecursionError):
        return b"-", b"heavy"
    except Exception:
        return b"!", traceback.format_exc().encode()
    if isinstance(result, bytes):
        return b"+", result
    return b"+", (result if isinstance(result, str) else json.dumps(result)).encode()


def limit(seconds: int) -> None:
    """Take from this process what a file could misuse."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


if __name__ == "__main__":
    parting.warm_up(pdf.warm_up())
    serve(socket.socket(fileno=int(sys.argv[1])))
