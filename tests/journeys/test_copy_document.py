"""Certified copies, from who asks to what lies in another agency's registry or comes out of the printer."""

from __future__ import annotations

import subprocess
from datetime import date, timedelta

import pytest

from antin.documents import policy, queries
from antin.documents.models import Copy, Document
from antin.documents.operations import Addressees, PaperFacts
from antin.documents.operations.copying import DropReasonMissing, NoRecipientOnPaper
from antin.documents.states import Act, CopyForm, Status
from antin.files import queries as kept
from antin.journeys import change_document, copy_document, issue_document, receive_document, taking
from antin.journeys.copy_document import NothingExtracted, NotInThePaper, Wish
from antin.notices import queries as notices
from antin.numbering import queries as numbering
from antin.people.queries.signing_rights import NotEntitledToSign
from antin.refusal import NotAllowed, NotFound, WrongState
from antin.signing import operations as signing
from tests import given, paper, scans
from tests.cast import TODAY
from tests.journeys.test_take_scans import as_file
from tests.unchanged import refusal

pytestmark = pytest.mark.django_db(transaction=True)

SENTENCE = "đề nghị các đơn vị báo cáo kết quả"
LATER = timedelta(minutes=1)


@pytest.fixture
def issued(cast, at, own_state):
    paper.give_keys(cast, at)
    return paper.an_issued_page(cast, at)


@pytest.fixture
def scanned(cast, at, own_state):
    """A paper that came to the centre by hand, scanned and registered."""
    paper.give_keys(cast, at)
    with as_file(scans.scanned(scans.printed(152, date(2026, 11, 20)))) as file:
        scan = taking.take_scan(file, name="quet.pdf", at=at)
    return receive_document.receive_paper(
        facts=PaperFacts("CV", "Báo cáo", "Cục Quân nhu", "152/CQN-KH", date(2026, 11, 20)),
        scan=scan,
        key="paper:of-the-test",
        actor=cast.recipient_clerk.actor(),
        today=TODAY,
        at=at,
    )


def _ask(actor, source, signer, at, *, kind="SY", form=CopyForm.PAPER, **more):
    wish = Wish(
        kind, form, signer.post_id, **({"recipients": ("Trung tâm B1",)} if form == CopyForm.PAPER else {}) | more
    )
    return copy_document.ask(source_id=source.pk, wish=wish, actor=actor, today=TODAY, at=at)


def _permit(document, member, at):
    return copy_document.permit(document_id=document.pk, actor=member.actor(), today=TODAY, at=at)


def _text(digest, tmp_path):
    (tmp_path / "copy.pdf").write_bytes(kept.read(digest))
    said = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "copy.pdf"), "-"], capture_output=True, text=True, check=True
    )
    return said.stdout


def _below_the_mark(digest):
    """Page 1 as it is seen, without the strip at its top in which the agency's signature stands."""
    pixels = kept.draw_grey(kept.read(digest), 1, 420).partition(b"255\n")[2]
    return pixels[420 * 60 :]


def test_a_copy_on_paper_is_the_paper_with_the_block_under_its_words(cast, at, issued, keep_promises, tmp_path):
    asked = _ask(
        cast.plan_officer.actor(), issued, cast.deputy, at, recipients=("Trung tâm B1;", " Đảng ủy  Tổng cục ")
    )
    assert (asked.status, asked.next_act, asked.next_holder) == (Status.ASKED, Act.PERMIT, f"P{cast.deputy.post_id}")
    told = [row.kind for row in notices.list_for(cast.deputy.actor(), limit=9)]
    assert "copy.to_permit" in told
    assert "Số:" in _text(asked.file, tmp_path)
    assert _permit(asked, cast.deputy, at).next_holder == f"R{cast.agency_id}"
    numbered = issue_document.number_document(document_id=asked.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    assert (numbered.code, numbered.next_act) == ("01/SY-TCZ", Act.PRINT)
    with refusal(policy.PageNotFixed):
        copy_document.hand_out(document_id=asked.pk, actor=cast.seal_keeper.actor(), at=at)
    keep_promises(at + LATER)
    printed = queries.get(asked.pk)
    words = _text(printed.file, tmp_path)
    assert SENTENCE in " ".join(words.split())
    block = words[words.index("SAO Y") - 200 :]
    for line in ("TỔNG CỤC Z", "SAO Y", "Số: 01/SY-TCZ", "Hà Nội, ngày 23 tháng 11 năm 2026", "- Trung tâm B1;"):
        assert line in block
    assert "- Đảng ủy Tổng cục;" in block
    assert "KT. TỔNG CỤC TRƯỞNG" in block
    assert (
        kept.inspect_pdf(kept.read(printed.file)).signatures == 0
    )  # they cannot be judged on paper; their pictures are there
    assert printed.pages == issued.pages
    done = copy_document.hand_out(document_id=asked.pk, actor=cast.seal_keeper.actor(), at=at + 2 * LATER)
    assert (done.status, done.next_act) == (Status.ISSUED, Act.NONE)
    assert queries.list_copies_made(cast.plan_officer.actor(), issued.pk) == [done]


def test_the_pictures_of_the_signatures_stay_on_the_printed_copy(cast, at, issued, keep_promises):
    asked = _ask(cast.head.actor(), issued, cast.head, at)
    before, after = (
        kept.draw_grey(kept.read(each), 1, 600).partition(b"255\n")[2] for each in (issued.file, asked.file)
    )
    covered = sum(a < 150 for a in before)
    assert covered > 2000
    assert sum(a < 150 and b > 200 for a, b in zip(before, after, strict=True)) < covered / 200


def test_a_block_that_finds_no_room_has_a_page_of_its_own(cast, at, own_state, tmp_path):
    paper.give_keys(cast, at)
    full = scans.scanned(
        scans.printed(7, date(2026, 11, 20), body={"type": "doc", "content": given.BODY["content"] * 14})
    )
    with as_file(full) as file:
        scan = taking.take_scan(file, name="day.pdf", at=at)
    source = receive_document.receive_paper(
        facts=PaperFacts("CV", "Báo cáo", "Cục Quân nhu", "7/CQN-KH", date(2026, 11, 20)),
        scan=scan,
        key="paper:full",
        actor=cast.recipient_clerk.actor(),
        today=TODAY,
        at=at,
    )
    asked = _ask(cast.recipient_head.actor(), source, cast.recipient_head, at)
    assert asked.pages == source.pages + 1


def test_who_may_sign_copies_and_asks_for_one_has_permitted_it(cast, at, issued):
    asked = _ask(cast.head.actor(), issued, cast.head, at)
    assert (asked.status, asked.next_act) == (Status.PERMITTED, Act.NUMBER)
    assert Copy.objects.get(document=asked).permitted_by.startswith(cast.head.name)


def test_an_electronic_copy_of_a_paper_arrives_with_the_agencys_signature_alone(
    cast, at, scanned, keep_promises, tmp_path
):
    asked = _ask(
        cast.recipient_clerk.actor(),
        scanned,
        cast.recipient_head,
        at,
        form=CopyForm.ELECTRONIC,
        addressees=Addressees((cast.agency_id,)),
    )
    assert asked.file == scanned.file
    _permit(asked, cast.recipient_head, at)
    issue_document.number_document(document_id=asked.pk, actor=cast.recipient_clerk.actor(), today=TODAY, at=at)
    keep_promises(at + LATER)
    sent = queries.get(asked.pk)
    assert (sent.status, sent.code, sent.number) == (Status.ISSUED, "01/SY-B1", 1)
    assert _below_the_mark(sent.file) == _below_the_mark(scanned.file)
    report = signing.verify(file=sent.file, at=at + LATER)
    assert (report.verdict, [each.field for each in report.signatures]) == ("valid", ["Attachment"])
    words = " ".join(_text(sent.file, tmp_path).split())
    assert "SAO Y; Trung tâm B1; 2026-11-23; 09:00:00+07:00" in words
    arrived = Document.objects.get(agency_id=cast.agency_id, direction="in")
    assert (arrived.type_code, arrived.code, arrived.issuer_name) == ("SY", "01/SY-B1", "Trung tâm B1")
    receive_document.register(document_id=arrived.pk, actor=cast.clerk.actor(), today=TODAY, at=at + 2 * LATER)
    again = _ask(cast.head.actor(), arrived, cast.head, at + 2 * LATER, kind="SL")
    assert again.status == Status.PERMITTED
    for kind in ("SY", "TrS"):
        with refusal(policy.CopyOfACopy):
            _ask(cast.head.actor(), arrived, cast.head, at, kind=kind, passages="x")


def test_an_extract_has_the_papers_own_words_and_no_others(cast, at, issued, keep_promises, tmp_path):
    asked = _ask(
        cast.clerk.actor(),
        issued,
        cast.head,
        at,
        kind="TrS",
        form=CopyForm.ELECTRONIC,
        passages=f"  {SENTENCE[:15]}\r\n{SENTENCE[16:]} ",
        addressees=Addressees((cast.recipient_id,)),
    )
    _permit(asked, cast.head, at)
    issue_document.number_document(document_id=asked.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    issue_document.seal_document(document_id=asked.pk, actor=cast.seal_keeper.actor(), at=at)
    extract = queries.get(asked.pk)
    words = " ".join(_text(extract.file, tmp_path).split())
    assert f"[…] {SENTENCE} […]" in words
    assert "Để chuẩn bị hội nghị" not in words
    assert f"Số: {issued.code}" in words
    assert "(Đã ký)" in words
    assert "TRÍCH SAO; Tổng cục Z; 2026-11-23; 09:00:00+07:00" in words
    assert (extract.code, Copy.objects.get(document=extract).compared) == ("01/TrS-TCZ", True)
    assert signing.verify(file=extract.file, at=at).verdict == "valid"


def test_words_that_the_paper_does_not_have_are_not_extracted(cast, at, issued):
    for words, kind in (("báo cáo kết quả trước ngày 30", NotInThePaper), ("  \r\n \n", NothingExtracted)):
        with refusal(kind):
            _ask(cast.head.actor(), issued, cast.head, at, kind="TrS", passages=words)


def test_words_typed_off_a_scan_are_said_to_be_compared_by_nobody(cast, at, scanned):
    asked = _ask(cast.recipient_clerk.actor(), scanned, cast.recipient_head, at, kind="TrS", passages="Chữ do người gõ")
    assert not Copy.objects.get(document=asked).compared


def test_all_kinds_of_copies_share_one_series(cast, at, issued, keep_promises):
    codes = []
    for kind, passages in (("SY", ""), ("TrS", SENTENCE), ("SY", "")):
        asked = _ask(cast.head.actor(), issued, cast.head, at, kind=kind, passages=passages)
        codes.append(
            issue_document.number_document(document_id=asked.pk, actor=cast.clerk.actor(), today=TODAY, at=at).code
        )
    assert codes == ["01/SY-TCZ", "02/TrS-TCZ", "03/SY-TCZ"]
    proofs = numbering.list_proofs(agency_id=cast.agency_id, year=TODAY.year)
    assert [(each.type_group, each.last) for each in proofs if each.type_group == "SAO"] == [("SAO", 3)]


def test_the_ways_of_the_decree_and_no_others(cast, at, issued, scanned_source=None):
    with refusal(policy.WayNotAllowed) as no:  # each copy of an electronic original is the original
        _ask(cast.head.actor(), issued, cast.head, at, form=CopyForm.ELECTRONIC)
    assert no.value.message.startswith("Sao y không làm được từ bản điện tử sang bản điện tử")
    with refusal(policy.NoCopyToCopy):
        _ask(cast.head.actor(), issued, cast.head, at, kind="SL")
    with refusal(NoRecipientOnPaper):
        _ask(cast.head.actor(), issued, cast.head, at, recipients=(" ; ",))


def test_who_may_not_ask_permit_drop_or_hand_out(cast, at, issued, keep_promises):
    with refusal(NotFound):  # not his to see
        _ask(cast.technique_officer.actor(), issued, cast.head, at)
    with refusal(NotEntitledToSign):
        _ask(cast.plan_officer.actor(), issued, cast.technique_head, at)
    asked = _ask(cast.plan_officer.actor(), issued, cast.head, at)
    for member in (cast.plan_officer, cast.deputy, cast.clerk):
        with refusal(policy.NotTheSigner):
            copy_document.permit(document_id=asked.pk, actor=member.actor(), today=TODAY, at=at)
    drop = {"document_id": asked.pk, "at": at}
    with refusal(policy.NotTheSigner):
        copy_document.drop(reason="Thôi", actor=cast.clerk.actor(), **drop)
    with refusal(DropReasonMissing):
        copy_document.drop(reason=" ", actor=cast.head.actor(), **drop)
    _permit(asked, cast.head, at)
    with refusal(WrongState):
        copy_document.permit(document_id=asked.pk, actor=cast.head.actor(), today=TODAY, at=at)
    with refusal(policy.NotTheRegistry):
        copy_document.drop(reason="Thôi", actor=cast.plan_officer.actor(), **drop)
    with refusal(policy.NotNumbered):
        copy_document.hand_out(document_id=asked.pk, actor=cast.seal_keeper.actor(), at=at)
    issue_document.number_document(document_id=asked.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    keep_promises(at + LATER)
    with refusal(policy.NotTheSealKeeper):
        copy_document.hand_out(document_id=asked.pk, actor=cast.head.actor(), at=at)
    with refusal(policy.SealedByHand):
        issue_document.seal_document(document_id=asked.pk, actor=cast.seal_keeper.actor(), at=at)


def test_a_copy_let_be_gives_its_number_back_to_nobody(cast, at, issued):
    asked = _ask(cast.plan_officer.actor(), issued, cast.head, at)
    _permit(asked, cast.head, at)
    issue_document.number_document(document_id=asked.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    let_be = copy_document.drop(document_id=asked.pk, reason="In nhầm", actor=cast.clerk.actor(), at=at)
    assert (let_be.status, let_be.number, let_be.next_act) == (Status.ABANDONED, None, Act.NONE)
    assert [(row.value, row.void_reason) for row in numbering.list_voided(agency_id=cast.agency_id, year=2026)] == [
        (1, "In nhầm")
    ]
    assert "copy.dropped" in [row.kind for row in notices.list_for(cast.plan_officer.actor(), limit=9)]
    assert queries.list_copies_made(cast.plan_officer.actor(), issued.pk) == []


def test_what_was_recalled_or_is_not_registered_is_not_copied(cast, at, issued, keep_promises):
    keep_promises(at + LATER)
    arrived = Document.objects.get(agency_id=cast.recipient_id)
    with refusal(WrongState):
        _ask(cast.recipient_clerk.actor(), arrived, cast.recipient_head, at)
    change_document.ask(document_id=issued.pk, kind="recall", reason="Sai số liệu", actor=cast.clerk.actor(), at=at)
    with refusal(policy.Cancelled):
        _ask(cast.head.actor(), issued, cast.head, at)


def test_an_arrival_without_a_valid_signature_is_no_original(cast, at, own_state):
    unsigned = given.a_registered_document(cast, at)
    Document.objects.get(pk=unsigned.pk).arrival.__class__.objects.filter(document=unsigned).update(verdict="unsigned")
    with refusal(policy.NotTheOriginal):
        _ask(cast.recipient_head.actor(), queries.get(unsigned.pk), cast.recipient_head, at)
    administrator = cast.administrator.actor()
    assert isinstance(policy.why_not_copy(administrator, queries.get(unsigned.pk)), NotAllowed)


def test_the_same_form_asks_once(cast, at, issued):
    wish = Wish("SY", CopyForm.PAPER, cast.head.post_id, recipients=("Lưu hồ sơ",))
    common = {"wish": wish, "source_id": issued.pk, "actor": cast.plan_officer.actor(), "today": TODAY, "at": at}
    first = copy_document.ask(key="of-the-test-000001", **common)
    assert copy_document.ask(key="of-the-test-000001", **common).pk == first.pk
