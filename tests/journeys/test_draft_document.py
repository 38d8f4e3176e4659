"""A draft and its files: what comes is looked at and kept first, one save is one transaction, a repeat adds nothing twice."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from antin.documents import queries
from antin.documents.operations import Addressees, EditedElsewhere
from antin.documents.operations.drafting import NoSuchAgency
from antin.files import queries as kept
from antin.files.models import File
from antin.files.queries import ActivePdf, DamagedPdf, EmptyFile, EncryptedPdf, NotPdf
from antin.journeys import draft_document, taking
from antin.journeys.draft_document import Save
from antin.journeys.taking import AlreadySigned, Taken
from antin.refusal import Refusal
from tests import given, papers
from tests.cast import TODAY, Cast
from tests.unchanged import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]

Take = Callable[..., Taken]


@pytest.fixture
def stream(tmp_path: Path) -> Callable[[bytes], BinaryIO]:
    """A file as it comes with a form: on disk, at its end."""

    def write(content: bytes) -> BinaryIO:
        made = (tmp_path / "came").open("w+b")
        made.write(content)
        return made

    return write


def test_a_pdf_is_taken_with_its_pages(stream: Any, at: datetime) -> None:
    content = papers.pdf(pages=3)
    for take in (taking.take_scan, taking.take_text, taking.take_attachment):
        taken = take(stream(content), name="Báo cáo.pdf", at=at)
        assert (taken.name, taken.size, taken.media_type, taken.pages) == (
            "Báo cáo.pdf",
            len(content),
            "application/pdf",
            3,
        )
        assert kept.read(taken.digest) == content


def test_an_attachment_may_be_of_any_kind(stream: Any, at: datetime) -> None:
    taken = taking.take_attachment(stream(papers.office("xlsx")), name="bang.xlsx", at=at)
    assert taken.pages == 0
    assert taken.media_type.endswith("spreadsheetml.sheet")


BAD: list[tuple[Take, bytes, str, type[Refusal]]] = [
    (taking.take_text, b"", "x.pdf", EmptyFile),
    (taking.take_text, papers.office("xlsx"), "x.pdf", NotPdf),
    (taking.take_text, papers.encrypted(), "x.pdf", EncryptedPdf),
    (taking.take_text, papers.cut(), "x.pdf", DamagedPdf),
    (taking.take_text, next(papers.active())[2], "x.pdf", ActivePdf),
    (taking.take_text, papers.signed(2), "x.pdf", AlreadySigned),
    (taking.take_attachment, b"", "bang.csv", EmptyFile),
    (taking.take_attachment, b"a,b", "khong-phai.pdf", NotPdf),
    (taking.take_attachment, papers.encrypted(), "duoi-khac.bin", EncryptedPdf),
]


@pytest.mark.parametrize("bad", BAD, ids=[f"{b[0].__name__}-{b[3].code}" for b in BAD])
def test_what_cannot_be_taken_is_refused_and_not_kept(
    stream: Any, at: datetime, bad: tuple[Take, bytes, str, type[Refusal]]
) -> None:
    take, content, name, kind = bad
    refused(kind, lambda: take(stream(content), name=name, at=at))
    assert File.objects.count() == 0


def test_a_signed_scan_is_taken(stream: Any, at: datetime) -> None:
    assert taking.take_scan(stream(papers.signed()), name="quet.pdf", at=at).pages == 1


def the_save(cast: Cast, **changes: Any) -> Save:
    plain = Save(
        facts=given.facts(cast),
        body=given.BODY,
        uploaded_file="",
        addressees=Addressees((cast.recipient_id,)),
        revision=1,
        window="w1",
    )
    return replace(plain, **changes)


def a_file(at: datetime, words: bytes = b"so,ten") -> Taken:
    return taking.take_attachment(io.BytesIO(words), name="bang.csv", at=at)


def test_a_form_begins_a_draft_with_everything_it_has(cast: Cast, at: datetime) -> None:
    told = {"actor": cast.plan_officer.actor(), "today": TODAY, "at": at}
    making = draft_document.begin(save=the_save(cast, added=[a_file(at)]), **told)
    assert (making.revision, making.body, making.signer_post_id) == (2, given.BODY, cast.head.post_id)
    assert [row.name for row in queries.list_recipient_agencies(making.document_id)] == ["Trung tâm B1"]
    assert [row.name for row in queries.list_attachments(making.document_id)] == ["bang.csv"]


def test_the_form_sent_again_saves_the_same_draft_and_its_files_once(cast: Cast, at: datetime) -> None:
    told = {"actor": cast.plan_officer.actor(), "today": TODAY, "at": at}
    save = the_save(cast, added=[a_file(at)])
    first = draft_document.begin(save=save, **told)
    again = draft_document.begin(save=save, **told)
    assert (again.document_id, again.revision) == (first.document_id, 3)
    (attachment,) = queries.list_attachments(first.document_id)
    removing = the_save(cast, revision=3, removed=[attachment.pk])
    for _repeat in range(2):
        draft_document.save(document_id=first.document_id, save=removing, **told)
    assert queries.list_attachments(first.document_id) == []


def test_a_save_that_is_refused_writes_nothing_of_it(cast: Cast, at: datetime) -> None:
    told = {"actor": cast.plan_officer.actor(), "today": TODAY, "at": at}
    wrong = the_save(cast, addressees=Addressees((cast.recipient_works_id,)), added=[a_file(at)])
    refused(NoSuchAgency, lambda: draft_document.begin(save=wrong, **told))
    making = draft_document.begin(save=the_save(cast), **told)
    late = the_save(cast, window="w2", revision=1, added=[a_file(at)])
    refused(EditedElsewhere, lambda: draft_document.save(document_id=making.document_id, save=late, **told))
