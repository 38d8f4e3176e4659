"""What goes with a document in files of its own: each is signed by the agency, in it or beside it, and arrives so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.models import Attachment, Document
from antin.files import operations as files
from antin.files import queries as kept
from antin.journeys import approve_document, fix_page, issue_document
from antin.signing import detached
from antin.signing import queries as signatures
from tests import given, paper
from tests.cast import TODAY, Cast

pytestmark = pytest.mark.django_db

TABLE = "Đơn vị;Số lượng\nPhòng A1;12\n".encode()


def test_a_table_goes_with_its_signature_beside_it_and_is_unchanged(
    cast: Cast, at: datetime, own_state: Path, keep_promises: Callable[..., object]
) -> None:
    paper.give_keys(cast, at)
    draft = given.a_draft(cast, at)
    file = files.keep(TABLE, at=at)
    officer = cast.plan_officer.actor()
    documents.add_attachment(
        document_id=draft.pk,
        name="bang.csv",
        file=file.digest,
        size=file.size,
        media_type="text/csv",
        actor=officer,
        at=at,
    )
    documents.submit(document_id=draft.pk, actor=officer, today=TODAY, at=at)
    approve_document.endorse(document_id=draft.pk, actor=cast.plan_head.actor(), today=TODAY, at=at)
    fix_page.fix_page(document_id=draft.pk, at=at)
    paper.sign(cast, queries.get(draft.pk), at)
    issue_document.number_document(document_id=draft.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    issue_document.seal_document(document_id=draft.pk, actor=cast.seal_keeper.actor(), at=at)
    issue_document.issue_document(document_id=draft.pk, actor=cast.seal_keeper.actor(), at=at)
    keep_promises()
    for document in Document.objects.filter(identifier=queries.get(draft.pk).identifier):
        names = dict(Attachment.objects.filter(document=document).order_by("position").values_list("name", "file"))
        assert list(names) == ["bang.csv", "bang.csv.p7s"]
        assert document.attachment_count == 2
        assert kept.read(names["bang.csv"]) == TABLE
        found = detached.read(kept.read(names["bang.csv.p7s"]), TABLE)
        assert (found.over, found.valid) == (True, True)
        assert signatures.find_detached(names["bang.csv"]) == names["bang.csv.p7s"]
