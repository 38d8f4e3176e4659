"""Files on their way in: streamed to the state folder, never whole in memory, refused while they stream.

A file that grows past the limit, or that the disk has no room for, is not kept: the rest of it is read and thrown away, so that the
browser still hears the answer and the rest of the form is kept (a whole request is bounded by `budget`).
"""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from antin.files.operations import NoRoom, TooLarge
from antin.refusal import Refusal, refuse
from antin.vault.policy import LARGEST

IN_MEMORY = 1 << 20
SEALED = "?sealed=1"
"""Part of an address whose files are read into memory and never written down."""
SEALED_END = "/sealed"
"""The end of an address that takes nothing but what is to be sealed."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Incoming(UploadedFile):
    """A file that came with a form: its name as the person has it, and its bytes, or why they were not taken."""

    came: IO[bytes]
    refusal: Refusal | None = None
    in_memory = False

    @property
    def file(self) -> IO[bytes]:
        """The bytes. :raises TooLarge: :raises NoRoom: they were not taken"""
        refuse(self.refusal)
        return self.came

    @file.setter
    def file(self, given: IO[bytes]) -> None:
        self.came = given

    def content(self) -> BinaryIO:
        """The bytes from the start. :raises TooLarge: :raises NoRoom: they were not taken"""
        self.file.seek(0)
        return cast(BinaryIO, self.file)

    def close(self) -> None:
        self.came.close()


class Streaming(FileUploadHandler):
    """Writes each file down as it comes. What nobody signed in sends to a page is not written at all."""

    def new_file(self, *arguments: Any, **more: Any) -> None:
        super().new_file(*arguments, **more)
        request = self.request
        if request is not None and not request.path.startswith("/api/") and "person_id" not in request.session:
            raise SkipFile
        folder = Path(settings.STATE) / "uploads"
        folder.mkdir(parents=True, exist_ok=True)
        # What is to be sealed is never written down: it stays in memory, and may be that much smaller.
        self.in_memory = request is not None and ("sealed" in request.GET or request.path.endswith(SEALED_END))
        self.most = LARGEST if self.in_memory else settings.FILE_LIMIT
        spill = 0 if self.in_memory else IN_MEMORY
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=spill, dir=str(folder))  # noqa: SIM115
        self.refusal: Refusal | None = None
        self.size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size += len(raw_data)
        if self.refusal is None and self.size > self.most:
            self._refuse(TooLarge(limit_mb=self.most // 1_000_000))
        if self.refusal is not None:
            return
        try:
            self.file.write(raw_data)
        except OSError as trouble:
            if trouble.errno not in FULL:
                raise
            self._refuse(NoRoom())

    def _refuse(self, refusal: Refusal) -> None:
        self.refusal = refusal
        self.file.close()

    def file_complete(self, file_size: int) -> UploadedFile:
        come = Incoming(self.file, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra)
        come.refusal, come.in_memory = self.refusal, self.in_memory
        if self.refusal is None:
            self.file.seek(0)
        return come

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
