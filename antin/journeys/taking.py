"""Files that come with a form, looked at and kept before anything is written; what cannot be taken is refused with its reason."""

from __future__ import annotations

import dataclasses
import io
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.utils.translation import gettext_noop as _

from antin.documents import queries
from antin.files import content
from antin.files import operations as files
from antin.files import queries as kept
from antin.refusal import Refusal
from antin.typeset import office
from antin.vault.policy import LARGEST, TooLargeToSeal


class AlreadySigned(Refusal):
    code = "already_signed"
    words = _("Tệp PDF đã có %(signatures)d chữ ký số. Dự thảo phải là bản chưa ký; hệ thống ký sau khi duyệt.")


class NoConversion(Refusal):
    code = "no_conversion_of_secrets"
    words = _("Dự thảo mật chỉ nhận tệp PDF; hệ thống không chuyển đổi DOCX vì việc đó để lại bản rõ trên đĩa.")


@dataclass(frozen=True)
class Taken:
    """A file that has been kept; `pages` is 0 for what is no PDF. What is to be sealed is only held: its `content`, no digest."""

    name: str
    digest: str
    size: int
    media_type: str
    pages: int = 0
    content: bytes = dataclasses.field(default=b"", repr=False)


def take_scan(source: BinaryIO, *, name: str, at: datetime) -> Taken:
    """Keep the scan of a paper, or another PDF that is read as it is.

    :raises EmptyFile: :raises TooLarge: :raises NotPdf: :raises EncryptedPdf: :raises DamagedPdf: :raises HeavyPdf:
    :raises ActivePdf: :raises NoRoom:
    """
    return _take(source, name, at, kept.inspect_pdf(source).pages)


def take_text(source: BinaryIO, *, name: str, at: datetime) -> Taken:
    """Keep a ready PDF that becomes the text of a draft, to be signed here; of a DOCX, what LibreOffice makes of it.

    :raises AlreadySigned: it is signed elsewhere
    :raises NoOffice: :raises CannotConvert: a DOCX, and no PDF of it can be had
    :raises Refusal: as take_scan
    """
    if content.media_type(source) == content.DOCX:
        source = io.BytesIO(office.to_pdf(source.read()))
        name = f"{name.removesuffix('.docx')}.pdf"
    facts = kept.inspect_pdf(source)
    if facts.signatures:
        raise AlreadySigned(signatures=facts.signatures)
    return _take(source, name, at, facts.pages)


def take_attachment(source: BinaryIO, *, name: str, at: datetime) -> Taken:
    """Keep a file of any kind. One that is a PDF, or calls itself one, must be one that can be opened and sealed.

    :raises EmptyFile: nothing is in it
    :raises Refusal: as take_scan, for a PDF
    """
    if name.lower().endswith(".pdf") or content.media_type(source) == content.PDF:
        return take_scan(source, name=name, at=at)
    return _take(source, name, at, 0)


def _take(source: BinaryIO, name: str, at: datetime, pages: int) -> Taken:
    row = files.keep(source, at=at)
    return Taken(name, row.digest, row.size, row.media_type, pages)


def hold_text(source: BinaryIO, *, name: str) -> Taken:
    """Look at a PDF that becomes the text of a classified draft; it is held in memory and kept nowhere.

    :raises NoConversion: a DOCX, which LibreOffice could only turn into a PDF on a disk
    :raises Refusal: as take_text
    """
    if content.media_type(source) == content.DOCX:
        raise NoConversion
    held = _hold(source, name, pdf=True)
    facts = kept.inspect_pdf(held.content)
    if facts.signatures:
        raise AlreadySigned(signatures=facts.signatures)
    return held


def hold_scan(source: BinaryIO, *, name: str) -> Taken:
    """Look at the scan of a classified paper; it is held in memory and kept nowhere. :raises Refusal: as take_scan"""
    return _hold(source, name, pdf=True)


def hold_attachment(source: BinaryIO, *, name: str) -> Taken:
    """Look at a file that goes with a classified draft; it is held in memory and kept nowhere.

    :raises Refusal: as take_attachment
    """
    return _hold(source, name, pdf=name.lower().endswith(".pdf") or content.media_type(source) == content.PDF)


def hold_result(source: BinaryIO, *, name: str) -> Taken:
    """Hold a file of any kind in memory, to be sealed as a result of work; nobody signs it, so nothing is asked of it.

    :raises EmptyFile: :raises TooLargeToSeal:
    """
    return _hold(source, name, pdf=False)


def _hold(source: BinaryIO, name: str, *, pdf: bool) -> Taken:
    kind = content.media_type(source)
    source.seek(0)
    held = source.read(LARGEST + 1)
    if not held:
        raise files.EmptyFile
    if len(held) > LARGEST:
        raise TooLargeToSeal(limit_mb=LARGEST // 1_000_000)
    pages = kept.inspect_pdf(held).pages if pdf else 0
    return Taken(name, "", len(held), kind, pages, held)


def let_go(taken: Taken) -> None:
    """Destroy a file that was taken before anybody said that its paper is classified, unless a document names it."""
    if taken.digest and not queries.is_named(taken.digest):
        files.destroy(digest=taken.digest)
