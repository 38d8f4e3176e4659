"""The recipient's arrival stamp: signed beside the file as it came, over free paper, with every signature before it untouched."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta

import pytest

from antin.documents import queries as documents
from antin.documents.models import Document
from antin.documents.operations import PaperFacts
from antin.documents.policy import NotTheSealKeeper
from antin.files import queries as kept
from antin.intake.stamping import CoversText, OutsidePage
from antin.journeys import receive_document, stamp_arrival, taking
from antin.refusal import WrongState
from antin.signing import operations as signing
from tests import paper, scans
from tests.cast import TODAY
from tests.journeys.test_take_scans import as_file
from tests.unchanged import refused

pytestmark = pytest.mark.django_db(transaction=True)


def _arrived(cast, at, keep_promises):
    """An issued, signed and sealed letter, registered by its recipient."""
    paper.give_keys(cast, at)
    paper.an_issued_page(cast, at)
    keep_promises(at + timedelta(minutes=1))
    arrived = Document.objects.get(agency_id=cast.recipient_id)
    return receive_document.register(
        document_id=arrived.pk, actor=cast.recipient_clerk.actor(), today=TODAY, at=at + timedelta(minutes=2)
    )


def _registered_scan(cast, at, content):
    with as_file(content) as file:
        scan = taking.take_scan(file, name="quet.pdf", at=at)
    return receive_document.receive_paper(
        facts=PaperFacts("CV", "Báo cáo", "Cục Quân nhu", "152/CQN-KH", date(2026, 11, 20)),
        scan=scan,
        key="paper:of-the-test",
        actor=cast.recipient_clerk.actor(),
        today=TODAY,
        at=at,
    )


def test_the_stamp_breaks_no_signature_of_the_sender(cast, at, own_state, keep_promises, tmp_path):
    document = _arrived(cast, at, keep_promises)
    later = at + timedelta(minutes=5)
    given = {"document_id": document.pk, "actor": cast.recipient_clerk.actor(), "at": later}
    stamp_arrival.stamp(**given)
    arrival = documents.arrival_of(document)
    stamped, came = kept.read(arrival.stamped_file), kept.read(document.file)
    assert stamped.startswith(came)
    assert documents.get(document.pk).file == document.file
    report = signing.verify(file=arrival.stamped_file, at=later)
    assert report.verdict == "valid"
    # the letter is short: its own text stands where its form has left a place for the stamp
    assert [each.field for each in report.signatures] == ["Person", "Agency", "Arrival2"]
    assert {each.verdict for each in report.signatures} == {"valid"}
    assert _hidden(came, stamped) == 0
    (tmp_path / "stamped.pdf").write_bytes(stamped)
    said = subprocess.run(
        ["pdfsig", "-nocert", str(tmp_path / "stamped.pdf")], capture_output=True, text=True, check=False
    )
    assert said.stdout.count("Signature is Valid") == 3
    stamp_arrival.stamp(**given)  # the form was sent twice
    assert documents.arrival_of(document).stamped_file == arrival.stamped_file
    assert arrival.stamped_file in documents.list_files(cast.recipient_clerk.actor(), document.pk)


def _hidden(before, after):
    """How many pixels that were written on before are changed by the stamp."""
    old, new = (kept.draw_grey(content, 1, 600).partition(b"255\n")[2] for content in (before, after))
    return sum(a < 150 and a != b for a, b in zip(old, new, strict=True))


def test_a_scan_is_stamped_where_it_is_free_or_where_the_clerk_wants_it(cast, at, own_state):
    paper.give_keys(cast, at)
    content = scans.scanned(scans.printed(152, date(2026, 11, 20)), dots=100, skew=0.5)
    document = _registered_scan(cast, at, content)
    given = {"document_id": document.pk, "actor": cast.recipient_clerk.actor(), "at": at + timedelta(minutes=1)}
    refused(CoversText, lambda: stamp_arrival.stamp(corner=(85, 20), **given))
    refused(OutsidePage, lambda: stamp_arrival.stamp(corner=(190, 20), **given))
    refused(NotTheSealKeeper, lambda: stamp_arrival.stamp(**(given | {"actor": cast.recipient_head.actor()})))
    stamp_arrival.stamp(**given)
    stamped = kept.read(documents.arrival_of(document).stamped_file)
    assert stamped.startswith(content)
    assert _hidden(content, stamped) == 0
    report = signing.examine(content=stamped, at=at + timedelta(minutes=2))
    assert [(each.field, each.verdict) for each in report.signatures] == [("Arrival", "valid")]


def test_what_is_not_in_the_book_has_no_stamp(cast, at, own_state, keep_promises):
    paper.give_keys(cast, at)
    paper.an_issued_page(cast, at)
    keep_promises(at + timedelta(minutes=1))
    arrived = Document.objects.get(agency_id=cast.recipient_id)
    given = {"document_id": arrived.pk, "actor": cast.recipient_clerk.actor(), "at": at + timedelta(minutes=2)}
    refused(WrongState, lambda: stamp_arrival.stamp(**given))
