import os
import signal
import subprocess
import sys

import pytest

from antin.files import operations, queries, worker, workshop
from antin.files.queries import PdfFacts
from tests import papers

pytestmark = pytest.mark.usefixtures("own_state")


def test_the_facts_of_a_plain_pdf():
    assert queries.inspect_pdf(papers.pdf(pages=3)) == PdfFacts(
        pages=3,
        page_sizes=((595.0, 842.0),) * 3,
        encrypted=False,
        signatures=0,
        active_content=(),
        pdf_version="1.3",
        text_layer=True,
    )


def test_a_scan_has_no_text_layer_and_a_turned_page_is_measured_as_shown():
    def turn(made):
        made.pages[0].rotate(90, relative=True)
        made.pages[1].obj.Rotate = 180

    facts = queries.inspect_pdf(papers.pdf(pages=2, words="", change=turn))
    assert facts.text_layer is False
    assert facts.page_sizes == ((842.0, 595.0), (595.0, 842.0))


@pytest.mark.parametrize("times", [1, 2])
def test_signatures_are_counted_not_refused(times):
    facts = queries.inspect_pdf(papers.signed(times))
    assert (facts.signatures, facts.active_content) == (times, ())


@pytest.mark.parametrize(("how", "kind", "data"), [pytest.param(*one, id=one[0]) for one in papers.active()])
def test_a_file_that_acts_by_itself_is_refused_with_the_reason(how, kind, data):
    with pytest.raises(queries.ActivePdf) as no:
        queries.inspect_pdf(data)
    assert no.value.facts["kinds"] == (kind,)
    assert queries.ACTIVE_WORDS[kind] in no.value.message
    assert queries.inspect_pdf(data, refuse_active=False).active_content == (kind,)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", queries.EmptyFile),
        (papers.encrypted(), queries.EncryptedPdf),
        (papers.encrypted_without_password(), queries.EncryptedPdf),
        (papers.cut(), queries.DamagedPdf),
        (papers.cut(0.02), queries.DamagedPdf),
        (papers.broken_in_the_middle(), queries.DamagedPdf),
        (b"%PDF-1.7\n" + bytes(range(256)) * 50, queries.DamagedPdf),
        (b"%PDF-1.7\n%%EOF", queries.DamagedPdf),
        (papers.office("docx"), queries.NotPdf),
        (b"<html>%PDF-1.7</html>", queries.NotPdf),
        (b"MZ" + bytes(100), queries.NotPdf),
        (papers.heavy(), queries.HeavyPdf),
    ],
    ids=[
        "empty",
        "password",
        "no password",
        "cut",
        "only a head",
        "broken",
        "noise",
        "nothing inside",
        "docx",
        "html",
        "exe",
        "bomb",
    ],
)
def test_bad_files_are_refused_by_name(data, refusal):
    with pytest.raises(refusal) as no:
        queries.inspect_pdf(data)
    assert type(no.value) is refusal
    assert no.value.message


def test_a_mislabelled_file_is_told_what_it_is():
    with pytest.raises(queries.NotPdf) as no:
        queries.inspect_pdf(papers.office("xlsx"))
    assert no.value.facts == {"media_type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def test_a_file_over_the_limit_is_refused_unread(settings):
    settings.FILE_LIMIT = 2_000_000
    with pytest.raises(queries.TooLarge) as no:
        queries.inspect_pdf(papers.pdf() + bytes(2_000_000))
    assert no.value.message == "Tệp lớn hơn 2 MB nên không nhận được."


def test_the_worker_is_replaced_when_it_is_gone():
    queries.inspect_pdf(papers.pdf())
    gone = workshop._worker.process
    gone.kill()
    gone.wait()
    assert queries.inspect_pdf(papers.pdf(pages=2)).pages == 2
    assert workshop._worker.process.pid != gone.pid


FROM_INSIDE = """
import os, sys
from antin.files import worker

worker.limit(1)
print(os.geteuid(), flush=True)
try:
    with open(sys.argv[1], "wb", buffering=0) as out:
        out.write(b"x")
except OSError:
    print("refused", flush=True)
try:
    bytearray(worker.MEMORY + 1)
except MemoryError:
    print("no memory", flush=True)
while True:
    pass
"""


def test_the_child_has_no_rights_no_memory_and_no_time(settings, tmp_path):
    """The limits as a file meets them: nobody, nothing to write to, two gigabytes, and the end when the time is over."""
    inside = [sys.executable, "-c", FROM_INSIDE, str(tmp_path / "x")]
    ran = subprocess.run(inside, cwd=settings.ROOT, capture_output=True, text=True, check=False)
    somebody = os.geteuid()
    assert ran.stdout.split("\n") == [str(somebody or worker.NOBODY), "refused", "no memory", ""]
    assert -ran.returncode in (signal.SIGALRM, signal.SIGXCPU, signal.SIGKILL)


@pytest.mark.django_db
def test_page_images_are_made_once_and_made_again_when_gone(at, own_state):
    kept = operations.keep(papers.pdf(pages=2), at=at)
    image = queries.page_image(kept.digest, 2, 300)
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(image[16:20], "big"), int.from_bytes(image[20:24], "big")) == (300, 425)
    [cached] = (own_state / "derived").glob("*/*/*")
    assert cached.name == "page-2-300.png"
    cached.write_bytes(b"seen from the cache")
    assert queries.page_image(kept.digest, 2, 300) == b"seen from the cache"
    cached.unlink()
    assert queries.page_image(kept.digest, 2, 300) == image


@pytest.mark.django_db
def test_pages_that_are_not_there_and_files_that_are_not_pdf_are_refused(at):
    kept = operations.keep(papers.pdf(), at=at)
    for page in (0, 2, -1):
        with pytest.raises(queries.NoSuchPage):
            queries.page_image(kept.digest, page, 100)
    other = operations.keep(b"chi la chu", at=at)
    with pytest.raises(queries.DamagedPdf):
        queries.page_image(other.digest, 1, 100)
    with pytest.raises(queries.NotPdf):
        queries.page_count(other.digest)


@pytest.mark.django_db
def test_an_extreme_page_is_drawn_within_bounds(at):
    kept = operations.keep(papers.pdf(size=(10, 14000)), at=at)
    image = queries.page_image(kept.digest, 1, 99999)
    width, height = int.from_bytes(image[16:20], "big"), int.from_bytes(image[20:24], "big")
    assert width * height <= 24_500_000


@pytest.mark.django_db
def test_what_is_written_in_the_fields_is_drawn(at):
    """The number and date enter a document as form fields: its image must show them."""
    empty, filled = (operations.keep(papers.form(value), at=at) for value in ("", "123"))
    assert queries.page_image(empty.digest, 1, 200) != queries.page_image(filled.digest, 1, 200)


@pytest.mark.django_db
def test_text_and_page_count_of_a_kept_file(at):
    kept = operations.keep(papers.pdf(pages=2, words="So 15"), at=at)
    assert queries.text_of(kept.digest) == "So 15 1\fSo 15 2"
    assert queries.page_count(kept.digest) == 2
    assert queries.facts_of(kept.digest) == queries.inspect_pdf(papers.pdf(pages=2, words="So 15"))
