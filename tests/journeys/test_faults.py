"""What goes wrong on the way: units that close, certificates that end, papers that are not what they seem."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryFile
from typing import Any

import pytest

from antin.documents import operations as documents
from antin.documents import queries
from antin.documents.models import Document
from antin.documents.operations import PaperFacts
from antin.documents.operations.approval import PageChanged
from antin.documents.states import Status
from antin.exchange import queries as exchange
from antin.exchange.models import Delivery
from antin.exchange.states import Status as Delivered
from antin.files import operations as files
from antin.files import queries as kept
from antin.journeys import approve_document, fix_page, issue_document, receive_document, taking, urge_recipient
from antin.keys import operations as keys
from antin.keys import queries as certificates
from antin.keys.policy import CertificateExpired, CertificateRevoked, WrongPin
from antin.notices import queries as notices
from antin.outbox.operations import Tally
from antin.people import operations as people
from antin.people.queries import PostVacant
from antin.refusal import Refusal
from antin.signing import operations as signing
from antin.typeset import letter
from tests import given, paper, papers
from tests.cast import TODAY, Cast, forty
from tests.unchanged import refused

pytestmark = pytest.mark.django_db

Keep = Callable[..., Tally]


def test_a_unit_closed_on_the_way_fails_alone_and_its_successor_gets_the_document(
    cast: Cast, at: datetime, keep_promises: Keep
) -> None:
    paper.give_keys(cast, at)
    closing, other, heir = forty(cast, count=3)
    document = paper.an_issued_page(cast, at, recipients=[closing.agency_id, other.agency_id])
    people.close_unit(unit_id=closing.agency_id, successor_id=heir.agency_id, actor=None, at=at)
    later = at + timedelta(days=2)
    keep_promises(later)
    board = exchange.get_board(cast.clerk.actor(), document.pk)
    assert board.counts == {"failed": 1, "arrived": 1}
    [failed] = [row for row in board.deliveries if row.status == Delivered.FAILED]
    assert failed.fault == "Đơn vị đã đóng; đơn vị kế tiếp: Trung tâm N3."
    assert "delivery.failed" in [row.kind for row in notices.list_for(cast.clerk.actor())]

    urge_recipient.resend(delivery_id=failed.pk, actor=cast.clerk.actor(), today=TODAY + timedelta(days=2), at=later)
    keep_promises(later)
    failed.refresh_from_db()
    assert (failed.status, failed.recipient_name, failed.agency_id) == (
        Delivered.ARRIVED,
        "Trung tâm N3",
        heir.agency_id,
    )
    assert [row.code for row in queries.list_waiting(heir.clerk.actor())] == [document.code]


def test_a_closed_unit_without_a_successor_cannot_be_sent_to_again(
    cast: Cast, at: datetime, keep_promises: Keep
) -> None:
    paper.give_keys(cast, at)
    [closing] = forty(cast, count=1)
    paper.an_issued_page(cast, at, recipients=[closing.agency_id])
    people.close_unit(unit_id=closing.agency_id, actor=None, at=at)
    later, day = at + timedelta(days=2), TODAY + timedelta(days=2)
    keep_promises(later)
    delivery = Delivery.objects.get()
    resend = {"delivery_id": delivery.pk, "actor": cast.clerk.actor(), "today": day, "at": later}
    refused(urge_recipient.NoSuccessor, lambda: urge_recipient.resend(**resend))


def sign(cast: Cast, document: Document, at: datetime, **changes: Any) -> Document:
    return paper.sign(cast, document, at, **changes)


def test_a_certificate_revoked_between_approval_and_signing_signs_nothing(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    document = paper.a_page_to_sign(cast, at)
    held = certificates.get_certificate_for_person(cast.head.person_id, at)
    keys.revoke(certificate_id=held.pk, reason="keyCompromise", actor=None, at=at)
    no = refused(CertificateRevoked, lambda: sign(cast, document, at + timedelta(minutes=5)))
    assert "thu hồi" in no.message
    assert queries.get(document.pk).status == Status.ENDORSED


def test_a_certificate_expired_between_approval_and_signing_signs_nothing(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    document = paper.a_page_to_sign(cast, at)
    refused(CertificateExpired, lambda: sign(cast, document, at + timedelta(days=4000)))


def test_an_agencys_revoked_certificate_leaves_the_document_numbered_and_says_why(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    document = paper.a_signed_page(cast, at)
    held = certificates.get_certificate_for_agency(cast.agency_id, at)
    keys.revoke(certificate_id=held.pk, reason="superseded", actor=None, at=at)
    issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    later = at + timedelta(minutes=5)
    with pytest.raises(CertificateRevoked):
        issue_document.seal_document(document_id=document.pk, actor=cast.seal_keeper.actor(), at=later)
    document = queries.get(document.pk)
    assert (document.status, document.code, document.next_act) == (Status.SIGNED, "01/TCZ-KH", "seal")
    assert "thu hồi" in document.making.fault
    keys.issue_agency_certificate(
        agency_id=cast.agency_id, custodian_id=cast.seal_keeper.person_id, actor=None, at=later
    )
    issue_document.seal_document(document_id=document.pk, actor=cast.seal_keeper.actor(), at=later)
    assert queries.get(document.pk).status == Status.ISSUED


def test_a_wrong_pin_signs_nothing_and_leaves_the_page_to_be_signed(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    document = paper.a_page_to_sign(cast, at)
    with pytest.raises(WrongPin):
        sign(cast, document, at, pin="000000")
    assert queries.get(document.pk).status == Status.ENDORSED
    assert sign(cast, document, at).status == Status.SIGNED


def test_a_signer_who_left_meanwhile_cannot_be_submitted_to(cast: Cast, at: datetime) -> None:
    document = given.a_draft(cast, at)
    people.let_go(person_id=cast.head.person_id, basis="Nghỉ hưu", actor=None, at=at)
    refused(
        PostVacant,
        lambda: approve_document.submit(
            document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY + timedelta(days=1), at=at
        ),
    )


def test_a_page_that_was_laid_out_anew_must_be_seen_anew(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    document = paper.a_page_to_sign(cast, at)
    approve_document.return_to_drafter(document_id=document.pk, reason="Sửa", actor=cast.head.actor(), at=at)
    documents.submit(document_id=document.pk, actor=cast.plan_officer.actor(), today=TODAY, at=at)
    approve_document.endorse(document_id=document.pk, actor=cast.plan_head.actor(), today=TODAY, at=at)
    fix_page.fix_page(document_id=document.pk, at=at + timedelta(minutes=1))
    refused(PageChanged, lambda: sign(cast, document, at))
    assert sign(cast, queries.get(document.pk), at).status == Status.SIGNED


def uploaded(cast: Cast, at: datetime, content: bytes) -> Document:
    """A draft whose text is a ready PDF, on its way to the signer."""
    document = given.a_draft(cast, at)
    file = files.keep(content, at=at)
    actor = cast.plan_officer.actor()
    documents.revise(
        document_id=document.pk,
        facts=given.facts(cast),
        body=None,
        uploaded_file=file.digest,
        revision=queries.making_of(document).revision,
        actor=actor,
        today=TODAY,
        at=at,
    )
    documents.submit(document_id=document.pk, actor=actor, today=TODAY, at=at)
    approve_document.endorse(document_id=document.pk, actor=cast.plan_head.actor(), today=TODAY, at=at)
    fix_page.fix_page(document_id=document.pk, at=at)
    return queries.get(document.pk)


def a_ready_letter(cast: Cast, at: datetime) -> bytes:
    """A PDF laid out elsewhere by the Decree, with blanks for number and date."""
    document = given.a_draft(cast, at)
    plan = queries.get_plan_for(cast.plan_officer.actor(), document.pk)
    return letter.lay_out(fix_page.facts_of(plan, at)).pdf


def test_a_ready_pdf_is_signed_numbered_and_sealed_where_its_words_say(cast: Cast, at: datetime) -> None:
    paper.give_keys(cast, at)
    document = uploaded(cast, at, a_ready_letter(cast, at))
    assert document.making.fault == ""
    sign(cast, document, at)
    issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    issue_document.seal_document(document_id=document.pk, actor=cast.seal_keeper.actor(), at=at)
    report = signing.verify(file=queries.get(document.pk).file, at=at)
    assert (report.verdict, report.replaces_paper) == ("valid", True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (papers.pdf(), "Số:"),
        (papers.signed(), "chữ ký"),
    ],
    ids=["without the Decree's words", "signed already"],
)
def test_a_pdf_that_cannot_be_signed_tells_its_drafter_why(
    cast: Cast, at: datetime, content: bytes, words: str
) -> None:
    document = uploaded(cast, at, content)
    assert document.making.laid_out_file == ""
    assert words in document.making.fault
    told = [row.kind for row in notices.list_for(cast.plan_officer.actor())]
    assert "document.not_laid_out" in told


BAD = [
    ("encrypted", papers.encrypted()),
    ("cut", papers.cut()),
    ("empty", b""),
    ("mislabelled", b"<html><script>alert(1)</script></html>"),
    *[(f"active: {name}", content) for name, _words, content in papers.active()][:2],
]


@pytest.mark.parametrize("content", [content for _, content in BAD], ids=[name for name, _ in BAD])
def test_a_bad_scan_is_refused_and_the_book_stays_closed(cast: Cast, at: datetime, content: bytes) -> None:
    facts = PaperFacts(type_code="CV", subject="Mời họp", issuer_name="Sở X", code="1/SX", document_date=TODAY)
    before = Document.objects.count()
    with pytest.raises(Refusal) as caught, TemporaryFile() as paper_file:
        paper_file.write(content)
        receive_document.receive_paper(
            facts=facts,
            scan=taking.take_scan(paper_file, name="scan.pdf", at=at),
            key="form",
            actor=cast.recipient_clerk.actor(),
            today=TODAY,
            at=at,
        )
    assert caught.value.message
    assert Document.objects.count() == before


def test_attachments_in_files_of_their_own_get_the_agencys_text_signature(
    cast: Cast, at: datetime, keep_promises: Keep
) -> None:
    paper.give_keys(cast, at)
    document = given.a_draft(cast, at)
    actor = cast.plan_officer.actor()
    for name, content in (("Phụ lục I.pdf", papers.pdf()), ("Số liệu.txt", "một, hai".encode())):
        file = files.keep(content, at=at)
        documents.add_attachment(
            document_id=document.pk,
            name=name,
            file=file.digest,
            size=file.size,
            media_type=file.media_type,
            actor=actor,
            at=at,
        )
    documents.submit(document_id=document.pk, actor=actor, today=TODAY, at=at)
    approve_document.endorse(document_id=document.pk, actor=cast.plan_head.actor(), today=TODAY, at=at)
    keep_promises(at)
    sign(cast, queries.get(document.pk), at)
    issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    issue_document.seal_document(document_id=document.pk, actor=cast.seal_keeper.actor(), at=at)
    appendix, figures, signature = queries.list_attachments(document.pk)
    assert (bool(appendix.sealed_file), figures.sealed_file) == (True, "")
    assert signature.name == "Số liệu.txt.p7s"  # what is no PDF is signed beside it
    [found] = signing.verify(file=appendix.sealed_file, at=at).signatures
    assert (found.kind, found.name, found.field, found.verdict) == ("agency", "Tổng cục Z", "Attachment", "valid")
    keep_promises(at)
    [arrived] = queries.list_waiting(cast.recipient_clerk.actor())
    assert [row.file for row in queries.list_attachments(arrived.pk)] == [
        appendix.sealed_file,
        figures.file,
        signature.file,
    ]
    assert kept.read(figures.file) == "một, hai".encode()


def test_urging_is_told_to_the_recipients_clerk_and_kept_on_both_sides(
    cast: Cast, at: datetime, keep_promises: Keep
) -> None:
    paper.give_keys(cast, at)
    document = paper.an_issued_page(cast, at)
    keep_promises(at)
    [delivery] = exchange.get_board(cast.clerk.actor(), document.pk).deliveries
    urge_recipient.urge(delivery_id=delivery.pk, actor=cast.clerk.actor(), at=datetime.now(UTC))
    told = [row.text for row in notices.list_for(cast.recipient_clerk.actor()) if row.kind == "delivery.urged"]
    assert told == [f"Tổng cục Z đôn đốc tiếp nhận {document.code}: {document.subject}."]
