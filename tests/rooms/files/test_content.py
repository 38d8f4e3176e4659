import io

import pytest

from antin.files import content, operations, queries
from tests import papers

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (papers.pdf(), "application/pdf"),
        (b"\xef\xbb\xbf \n%PDF-1.4", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0..JFIF", "image/jpeg"),
        (b"GIF89a<script>alert(1)</script>", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"II*\x00....", "image/tiff"),
        (papers.office("docx"), WORD),
        (papers.office("xlsx"), SHEET),
        (papers.office("pptx"), SLIDES),
        (papers.office("odt"), "application/vnd.oasis.opendocument.text"),
        (papers.office("zip"), "application/zip"),
        (b"PK\x03\x04 broken", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", "application/x-ole-storage"),
        (b"MZ\x90\x00", "application/x-msdownload"),
        (b"\x7fELF\x02", "application/x-executable"),
        (b'<?xml version="1.0"?><edXML/>', "application/xml"),
        (b"<a:edXML xmlns:a='x'/>", "application/xml"),
        (b'<?xml version="1.0"?><!-- x --><svg onload="alert(1)"/>', "image/svg+xml"),
        (b"<svg onload='alert(1)'>", "image/svg+xml"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "text/html"),
        (b"<!DOCTYPE html><p>x", "text/html"),
        (b"  \n<HtMl>", "text/html"),
        (b"Kinh gui <script>alert(1)</script>", "text/html"),
        (b"<img src=x onerror=alert(1)>", "text/html"),
        ("Kính gửi: Cục Tài chính\n".encode(), "text/plain"),
        (b'{"so": 15}\n', "application/json"),
        (("ệ" * 3000).encode()[: content.HEAD + 500], "text/plain"),
        ("Kính gửi".encode("utf-16"), "application/octet-stream"),
        (b"abc\x00def", "application/octet-stream"),
        (bytes(range(256)), "application/octet-stream"),
    ],
)
def test_bytes_are_typed_by_what_they_are(data, media_type):
    stream = io.BytesIO(data)
    assert content.media_type(stream) == media_type
    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("media_type", "inline"),
    [
        ("application/pdf", True),
        ("image/png", True),
        ("image/jpeg", True),
        ("text/plain", True),
        ("text/html", False),
        ("image/svg+xml", False),
        ("application/xml", False),
        ("image/gif", False),
        ("application/octet-stream", False),
    ],
)
def test_only_what_cannot_act_is_shown_inline(media_type, inline):
    assert queries.may_show_inline(media_type) is inline


@pytest.mark.django_db
@pytest.mark.usefixtures("own_state")
def test_an_empty_file_is_refused(at):
    with pytest.raises(operations.EmptyFile) as no:
        operations.keep(b"", at=at)
    assert no.value.message == "Tệp rỗng, không có nội dung."
