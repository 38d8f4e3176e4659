"""Files that come with a form, looked at and kept before anything is written; what cannot be taken is refused with its reason."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.utils.translation import gettext_noop as _

from antin.files import content
from antin.files import operations as files
from antin.files import queries as kept
from antin.refusal import Refusal
from antin.typeset import office


class AlreadySigned(Refusal):
    code = "already_signed"
    words = _("Tệp PDF đã có %(signatures)d chữ ký số. Dự thảo phải là bản chưa ký; hệ thống ký sau khi duyệt.")


@dataclass(frozen=True)
class Taken:
    """A file that has been kept; `pages` is 0 for what is no PDF."""

    name: str
    digest: str
    size: int
    media_type: str
    pages: int = 0


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
