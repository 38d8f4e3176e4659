"""Sends files to be opened to the worker process, so that none is ever opened in the node itself."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from antin.refusal import Refusal, _


class EncryptedPdf(Refusal):
    code = "encrypted_pdf"
    words = _("Tệp PDF đang đặt mật khẩu hoặc bị mã hóa. Đồng chí gỡ bảo vệ rồi gửi lại.")


class DamagedPdf(Refusal):
    code = "damaged_pdf"
    words = _("Tệp PDF bị hỏng hoặc không đầy đủ, không mở được.")


class HeavyPdf(Refusal):
    """Opening it takes more time or memory than a file is given."""

    code = "heavy_pdf"
    words = _("Tệp PDF quá nặng hoặc quá phức tạp, không xử lý được trong giới hạn cho phép.")


class MacrosInside(Refusal):
    code = "macros_inside"
    words = _(
        "Tệp bảng tính có macro hoặc thành phần chạy được. Đồng chí lưu lại thành XLSX không có macro rồi gửi lại."
    )


class NoSuchPage(Refusal):
    code = "no_such_page"
    words = _("Tệp không có trang này.")


class WorkshopFault(Exception):
    """Our own code failed on a file, or the worker process cannot be started."""


REFUSALS: dict[bytes, type[Refusal]] = {
    b"encrypted": EncryptedPdf,
    b"damaged": DamagedPdf,
    b"heavy": HeavyPdf,
    b"absent": NoSuchPage,
    b"macros": MacrosInside,
}


@dataclass(frozen=True)
class Worker:
    """The worker process of one process, and our end of its socket."""

    owner: int
    process: subprocess.Popen[bytes]
    socket: socket.socket


_starting = threading.Lock()
_worker: Worker | None = None


def ask(name: str, source: BinaryIO, *arguments: int) -> bytes:
    """Have one job done on a file and return its result.

    :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf: :raises NoSuchPage: what the file is
    :raises WorkshopFault: a bug, or no process can be had
    """
    for fresh in (False, True):
        answer = _try(name, source, arguments, fresh)
        if answer:
            return _judge(answer)
    raise WorkshopFault("the worker process does not answer")


def _judge(answer: bytes) -> bytes:
    """Tell a result from a no. When the answer breaks off, the limits or the file itself ended the child."""
    kind, length, said = answer[1:2], answer[2:10], answer[10:]
    if len(length) < 8 or len(said) != int.from_bytes(length, "big"):
        raise HeavyPdf
    if kind == b"+":
        return said
    if kind == b"!":
        raise WorkshopFault(said.decode(errors="replace"))
    raise REFUSALS[said]


def _try(name: str, source: BinaryIO, arguments: tuple[int, ...], fresh: bool) -> bytes:
    """Return the answer; nothing if the worker was gone before it took the job."""
    job = json.dumps({"name": name, "arguments": arguments}).encode()
    receiver, sender = os.pipe()
    with os.fdopen(receiver, "rb") as answer:
        try:
            socket.send_fds(_socket(fresh), [job], [source.fileno(), sender])
        except OSError:
            return b""
        finally:
            os.close(sender)
        return answer.read()


def _socket(fresh: bool) -> socket.socket:
    """Return the socket of this process's worker, started when there is none yet, or when the one there was is gone."""
    global _worker  # noqa: PLW0603 - one per process, and per fork of it
    with _starting:
        if _worker is None or fresh or _worker.owner != os.getpid():
            if _worker is not None:
                _worker.socket.close()
                _worker.process.poll()
            _worker = _start()
        return _worker.socket


def _start() -> Worker:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "antin.files.worker", str(theirs.fileno())],
            cwd=Path(settings.ROOT),
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    return Worker(os.getpid(), process, ours)
