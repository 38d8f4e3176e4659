"""Many papers scanned at once: parted at the sheets, read, proposed, confirmed; interrupted and repeated without harm."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from tempfile import TemporaryFile

import pytest

from antin.documents import queries as documents
from antin.documents.operations import PaperFacts
from antin.documents.policy import NotTheRegistry
from antin.files import queries as kept
from antin.intake import operations as intake
from antin.intake import queries
from antin.intake.policy import MOST_PAGES, ErasedAsSecret, TooManyPages
from antin.intake.states import Parting, Status
from antin.journeys import index_documents, take_scans
from antin.refusal import NotFound, WrongState
from tests import canary, papers, scans
from tests.cast import TODAY
from tests.unchanged import refused

pytestmark = pytest.mark.django_db(transaction=True)

LETTER = date(2026, 11, 20)


@pytest.fixture(scope="module")
def letter() -> bytes:
    return scans.scanned(scans.printed(152, LETTER), skew=0.8, noise=0.1)


@pytest.fixture(scope="module")
def second() -> bytes:
    told = {"issuer_name": "Cục Xăng dầu", "notation": "CXD-TM", "subject": "mời dự tập huấn"}
    return scans.scanned(scans.printed(87, date(2026, 11, 19), **told), skew=-0.6, noise=0.05)


@pytest.fixture(scope="module")
def whole(letter, second) -> bytes:
    """One feeder's load: two papers, each behind a sheet, the first sheet with its blank back."""
    return scans.stack(scans.sheet(), scans.blank(), letter, scans.sheet(), second)


def _send(cast, at, content, key="key-of-the-form:0", name="quet-sang.pdf"):
    with as_file(content) as file:
        return take_scans.send(file, name=name, key=key, actor=cast.clerk.actor(), at=at)


@contextmanager
def as_file(content):
    with TemporaryFile() as file:
        file.write(content)
        yield file


def test_a_load_becomes_papers_with_their_facts_and_each_is_registered(cast, at, own_state, whole, keep_promises):
    scan = _send(cast, at, whole)
    assert (scan.pages, scan.parting) == (5, Parting.WAITING)
    keep_promises()

    scan = queries.get_scan_for(cast.clerk.actor(), scan.pk)
    assert (scan.parting, scan.sheets) == (Parting.PARTED, 3)
    first, second = queries.list_papers(cast.clerk.actor())
    assert [(each.first_page, each.last_page, each.status) for each in (first, second)] == [
        (3, 3, Status.READY),
        (5, 5, Status.READY),
    ]
    read = {name: one["value"] for name, one in first.proposals.items()}
    assert read["code"] == "152/CQN-KH"
    assert read["document_date"] == "2026-11-20"
    assert read["type_code"] == "CV"
    assert read["subject"] == "Báo cáo kết quả chuyển đổi số"
    assert second.proposals["code"]["value"] == "87/CXD-TM"
    place = first.proposals["code"]
    assert place["page"] == 1
    assert place["sure"] > 0.5
    assert 100 < place["box"]["left"] < 180 < place["box"]["right"] < 260
    assert 690 < place["box"]["bottom"] < place["box"]["top"] < 745

    # the scan stays as it came; the text layer is a second file beside it
    assert kept.read(scan.file_id) == whole
    layer = kept.find_rendition(first.digest, kept.RECOGNISED, 0)
    assert layer is not None
    assert layer.digest != first.digest
    assert "chuyển đổi số" in kept.read_words(first.digest)

    told = PaperFacts("CV", read["subject"], "Cục Quân nhu", read["code"], LETTER)
    given = {"paper_id": first.pk, "facts": told, "actor": cast.clerk.actor(), "today": TODAY, "at": at}
    document = take_scans.register(**given)
    assert (document.arrival_number, document.file, document.pages) == (1, first.digest, 1)
    assert take_scans.register(**given).pk == document.pk  # the form was sent twice
    paper = queries.get_for(cast.clerk.actor(), first.pk)
    assert (paper.status, paper.document_id) == (Status.REGISTERED, document.pk)
    [entry], _unread = index_documents.DOCUMENTS.entries([document.pk])
    assert "bảo đảm an toàn thông tin mạng" in entry.text.replace("\n", " ")


def test_parting_and_reading_can_be_repeated_and_cut_short(cast, at, own_state, whole, keep_promises):
    scan = _send(cast, at, whole)
    assert _send(cast, at, whole).pk == scan.pk
    take_scans.part(scan_id=scan.pk, at=at)
    take_scans.part(scan_id=scan.pk, at=at)
    papers_found = queries.list_papers(cast.clerk.actor())
    assert [each.position for each in papers_found] == [1, 2]

    first = papers_found[0]
    intake.note(paper_id=first.pk, facts={"code": "152/CQN"}, actor=cast.clerk.actor(), at=at)
    intake.drop(paper_id=first.pk, actor=cast.clerk.actor(), at=at)
    take_scans.read(paper_id=first.pk, at=at)  # a worker that comes late changes nothing
    paper = queries.get_for(cast.clerk.actor(), first.pk)
    assert (paper.status, paper.proposals, paper.facts) == (Status.DROPPED, {}, {"code": "152/CQN"})
    told = PaperFacts("CV", "x", "y", "1/z", LETTER)
    given = {"paper_id": first.pk, "facts": told, "actor": cast.clerk.actor(), "today": TODAY, "at": at}
    refused(WrongState, lambda: take_scans.register(**given))
    intake.bring_back(paper_id=first.pk, actor=cast.clerk.actor(), at=at)
    assert queries.get_for(cast.clerk.actor(), first.pk).status == Status.READY


def test_a_machine_without_tesseract_says_so_and_the_clerk_goes_on(cast, at, own_state, keep_promises, monkeypatch):
    monkeypatch.setattr("antin.files.recognition.PROGRAM", "no-such-program")
    _send(cast, at, scans.blank())
    keep_promises()
    [paper] = queries.list_papers(cast.clerk.actor())
    assert (paper.status, paper.unread, paper.proposals, paper.warnings) == (Status.READY, "no_program", {}, [])
    document = take_scans.register(
        paper_id=paper.pk,
        facts=PaperFacts("CV", "Báo cáo", "Cục Quân nhu", "152/CQN-KH", LETTER),
        actor=cast.clerk.actor(),
        today=TODAY,
        at=at,
    )
    assert documents.get(document.pk).arrival_number == 1


def test_a_pdf_with_letters_of_its_own_is_read_as_it_is(cast, at, own_state, keep_promises):
    _send(cast, at, scans.printed(9, LETTER))
    keep_promises()
    [paper] = queries.list_papers(cast.clerk.actor())
    assert paper.proposals["code"]["value"] == "9/CQN-KH"
    assert paper.proposals["code"]["sure"] == 1.0
    assert paper.warnings == []
    assert kept.find_rendition(paper.digest, kept.RECOGNISED, 0) is None


def test_only_the_clerk_sends_and_sees(cast, at, own_state, letter):
    with as_file(letter) as file:
        given = {"name": "x.pdf", "key": "k" * 20, "actor": cast.head.actor(), "at": at}
        refused(NotTheRegistry, lambda: take_scans.send(file, **given))
    scan = _send(cast, at, letter)
    take_scans.part(scan_id=scan.pk, at=at)
    [paper] = queries.list_papers(cast.clerk.actor())
    for other in (cast.recipient_clerk.actor(), cast.head.actor()):
        with pytest.raises(NotFound):
            queries.get_for(other, paper.pk)
        assert queries.list_papers(other) == []
        given = {"paper_id": paper.pk, "actor": other, "at": at}
        refused(NotTheRegistry, lambda given=given: intake.drop(**given))


def test_hostile_files_are_refused_or_said(cast, at, own_state, keep_promises, monkeypatch):
    for content, code in ((papers.encrypted(), "encrypted_pdf"), (b"GIF89a", "not_pdf"), (papers.cut(), "damaged_pdf")):
        with pytest.raises(Exception) as no:
            _send(cast, at, content)
        assert no.value.code == code
    monkeypatch.setattr("antin.intake.policy.MOST_PAGES", 1)
    refused(TooManyPages, lambda: _send(cast, at, scans.stack(scans.blank(), scans.blank())))
    assert MOST_PAGES == 500
    assert queries.list_scans(cast.clerk.actor()) == []


def test_a_blank_page_is_said_to_be_one(cast, at, own_state, keep_promises):
    _send(cast, at, scans.blank())
    keep_promises()
    [paper] = queries.list_papers(cast.clerk.actor())
    assert (paper.status, paper.proposals, paper.warnings) == (Status.READY, {}, ["no_words"])


def test_a_paper_with_a_mark_of_secrecy_is_taken_out_as_soon_as_it_is_seen(cast, at, own_state, keep_promises):
    secret = {"subject": "Chim hoàng yến trong tệp quét 870163870163"}
    stack = scans.stack(
        scans.sheet(), scans.printed(7, LETTER, secrecy="MẬT", **secret), scans.sheet(), scans.printed(8, LETTER)
    )
    scan = _send(cast, at, stack)
    take_scans.part(scan_id=scan.pk, at=at)
    read, typed = queries.list_papers(cast.clerk.actor())
    kept.page_image(read.digest, 1, 480)  # somebody looks at it before the worker does
    clear = kept.read(read.digest)
    assert b"870163870163" not in clear  # packed: what is looked for below is its bytes
    digests = {scan.file_id, read.digest}
    keep_promises()
    taken = queries.get_for(cast.clerk.actor(), read.pk)
    assert (taken.status, taken.warnings, taken.proposals, taken.facts) == (Status.DROPPED, ["erased"], {}, {})
    assert queries.get_scan_for(cast.clerk.actor(), scan.pk).file_id == taken.digest
    for digest in digests:
        refused(NotFound, lambda digest=digest: kept.get(digest))
    left = [path for path in own_state.rglob("*") if path.is_file()]
    assert [path for path in left if any(digest[:16] in str(path) for digest in digests)] == []
    places = [canary.dump(), *(path.read_bytes() for path in left)]
    assert canary.found_in(secret, [*places, *(each for one in places for each in canary.unpacked(one))]) == []
    back = {"paper_id": read.pk, "actor": cast.clerk.actor(), "at": at}
    refused(ErasedAsSecret, lambda: intake.bring_back(**back))
    assert kept.page_image(taken.digest, 1, 480).startswith(b"\x89PNG")

    # The other paper of the stack stays; its clerk says it is secret though nothing on it does.
    told = PaperFacts("CV", "Chim hoàng yến 870263870263", "Cục Quân nhu", "8/CQN", LETTER, secrecy=1)
    given = {"paper_id": typed.pk, "facts": told, "actor": cast.clerk.actor(), "today": TODAY, "at": at}
    with pytest.raises(ErasedAsSecret):
        take_scans.register(**given)
    refused(NotFound, lambda: kept.get(typed.digest))
    refused(ErasedAsSecret, lambda: take_scans.register(**given))
