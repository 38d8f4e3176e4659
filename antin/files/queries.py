"""Reading what is kept. Who may read is decided by the rooms above: a digest is no permission."""

from typing import BinaryIO

from antin.files import shelf
from antin.files.models import File, Rendition
from antin.refusal import NotFound


def get(digest: str) -> File:
    """Return the row of a kept file. :raises NotFound: nothing of that digest is kept"""
    try:
        return File.objects.get(pk=digest)
    except File.DoesNotExist:
        raise NotFound(digest=digest) from None


def read(digest: str) -> bytes:
    """Return the bytes of a kept file. :raises NotFound: nothing of that digest is kept"""
    with open_stream(digest) as stream:
        return stream.read()


def open_stream(digest: str) -> BinaryIO:
    """Return the bytes of a kept file as a stream, which the caller closes. :raises NotFound: none of that digest"""
    get(digest)
    return shelf.path_of(digest).open("rb")


def find_rendition(digest: str, kind: str, part: int) -> File | None:
    """Return the file that is this form of the file, if it was made."""
    found = Rendition.objects.filter(file_id=digest, kind=kind, part=part).select_related("form").first()
    return found.form if found else None
