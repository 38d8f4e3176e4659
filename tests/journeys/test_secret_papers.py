"""A secret paper that came by hand: its own book, sealed at once, the paper in the register of copies; refusals."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from antin.documents import policy, queries
from antin.documents.models import Document
from antin.documents.operations import Addressees, PaperFacts
from antin.documents.operations.drafting import SubjectMissing
from antin.documents.operations.receiving import DateAhead, DuplicateArrival
from antin.documents.states import Status
from antin.journal import queries as journal
from antin.journeys import (
    change_secrecy,
    direct_document,
    draft_document,
    receive_document,
    receive_secret_paper,
    taking,
)
from antin.journeys.receive_secret_paper import UNOPENED, Custody, NotClassified, NotToBeScanned, ScanNotAllowed
from antin.journeys.taking import Taken
from antin.notices.models import Notice
from antin.people import operations as people
from antin.refusal import NotAllowed, NotFound, Refusal
from antin.tasks.operations import Share
from antin.vault import queries as vault
from antin.vault.models import RecoveryKey
from antin.vault.policy import (
    NeedsDecision,
    NoEncryptionCertificate,
    NoRecoveryKey,
    NotCleared,
    ReaderNotCleared,
)
from tests import papers, secrets
from tests.cast import TODAY, Cast, Member
from tests.secrets import PIN
from tests.unchanged import refused
from tests.vaults import DECISION, ENDS

pytestmark = pytest.mark.django_db
SUBJECT = "Chim hoàng yến đậu cành cao 9101"
SCAN = papers.pdf(pages=2)
FACTS = PaperFacts(
    type_code="CV",
    subject=SUBJECT,
    issuer_name="Bộ Tư lệnh H",
    code="15/BTL-TM",
    document_date=date(2026, 11, 20),
    secrecy=1,
)


@pytest.fixture(autouse=True)
def world(cast: Cast, own_state: Path, at: datetime) -> None:
    secrets.give_keys(cast, at)


def clear(member: Member, level: str, at: datetime) -> None:
    until = None if level == "none" else ENDS
    people.grant_clearance(person_id=member.person_id, level=level, until=until, basis=DECISION, actor=None, at=at)


def scan() -> Taken:
    return Taken("quet.pdf", "", len(SCAN), "application/pdf", 2, SCAN)


def sent(cast: Cast, at: datetime, **changes: Any) -> dict[str, Any]:
    """What the clerk of the recipient sends of a scanned paper at Mật, which the head allowed and the clerk keeps."""
    custody = Custody(holder_id=cast.recipient_clerk.person_id, scan_allowed_by=cast.recipient_head.post_id)
    plain: dict[str, Any] = {
        "facts": replace(FACTS, **changes.pop("facts", {})),
        "custody": replace(custody, **changes.pop("custody", {})),
        "scan": scan(),
        "key": "paper:1",
        "actor": cast.recipient_clerk.actor(),
        "today": TODAY,
        "at": at,
    }
    return plain | changes


def receive(cast: Cast, at: datetime, **changes: Any) -> Document:
    return receive_secret_paper.receive(**sent(cast, at, **changes))


def test_a_scanned_paper_is_sealed_numbered_apart_directed_and_answered(cast: Cast, at: datetime) -> None:
    ordinary = replace(FACTS, secrecy=0, subject="Lịch làm việc")  # the same number in the books of open papers
    receive_document.receive_paper(
        facts=ordinary,
        scan=_kept(at),
        key="paper:0",
        actor=cast.recipient_clerk.actor(),
        today=TODAY,
        at=at,
    )
    file = secrets.held("Phụ lục.txt", b"so,ten")
    reading = {"reader_posts": (cast.recipient_deputy.post_id,)}
    document = receive(cast, at, attachments=[file], custody=reading)
    assert (document.status, document.arrival_number, document.subject) == (Status.REGISTERED, 1, "Văn bản độ Mật")
    assert (document.secrecy, document.pages, document.next_holder) == (1, 2, f"P{cast.recipient_head.post_id}")
    assert [row.name for row in queries.list_attachments(document.pk)] == ["Tài liệu kèm theo"]
    classified = vault.get(document.classified_id or 0)
    assert (classified.fixed_on, classified.protected_until) == (date(2026, 11, 20), date(2036, 11, 20))
    readers = {row.person_id: row.need for row in vault.list_readers(classified.pk)}
    assert readers == {
        cast.recipient_clerk.person_id: "clerk",
        cast.recipient_head.person_id: "recipient",
        cast.recipient_deputy.person_id: "recipient",
    }
    for member in (cast.recipient_clerk, cast.recipient_head, cast.recipient_deputy):
        seen = secrets.opened(document, member, at)
        assert (seen.subject, seen.pdf) == (SUBJECT, SCAN)
        assert [(each.name, each.content) for each in seen.enclosed] == [("Phụ lục.txt", b"so,ten")]
    assert queries.list_files(cast.recipient_head.actor(), document.pk) == {}
    (copy,) = vault.list_copies(cast.recipient_head.actor(), classified.pk)
    assert (copy.number, copy.medium, copy.holder_id) == (1, "paper", cast.recipient_clerk.person_id)
    arrived = next(
        row for row in journal.list_for(("document", document.pk), limit=20) if row.event == "document.arrived"
    )
    assert arrived.facts["scan_allowed_by"].endswith(", Giám đốc")
    assert SUBJECT not in str(arrived.facts)

    later = at + timedelta(hours=1)
    direct_document.direct(
        document_id=document.pk,
        words="Nghiên cứu, trả lời",
        shares=[Share(role="lead", unit_id=cast.recipient_works_id)],
        pin=PIN,
        actor=cast.recipient_head.actor(),
        at=later,
    )
    works = secrets.opened(document, cast.recipient_works_head, later)
    assert (works.subject, [each.words for each in works.said]) == (SUBJECT, ["Nghiên cứu, trả lời"])
    answers = secrets.save(
        cast,
        facts={"in_reply_to_id": document.pk, "signer_post_id": cast.recipient_head.post_id},
        addressees=Addressees(addressed=(cast.agency_id,)),
    )
    below = replace(answers, facts=replace(answers.facts, secrecy=0))
    writer: dict[str, Any] = {"actor": cast.recipient_works_head.actor(), "today": TODAY, "at": later}
    refused(policy.LevelBelowAnswered, lambda: draft_document.begin(save=below, **writer))
    answer = queries.get(draft_document.begin(save=answers, **writer).document_id)
    assert (answer.in_reply_to_id, answer.secrecy, answer.subject) == (document.pk, 1, "Văn bản độ Mật")


def _kept(at: datetime) -> Taken:
    with tempfile.TemporaryFile() as source:
        source.write(papers.pdf())
        return taking.take_scan(source, name="thuong.pdf", at=at)


def test_top_secret_goes_by_its_paper_alone(cast: Cast, at: datetime) -> None:
    for member in (cast.recipient_clerk, cast.recipient_head, cast.recipient_deputy):
        clear(member, "tuyet_mat", at)
    top = {"secrecy": 3}
    refused(NotToBeScanned, lambda: receive(cast, at, facts=top))
    refused(NotToBeScanned, lambda: receive(cast, at, facts=top, scan=None, attachments=[secrets.held("a.txt", b"a")]))
    keeping = {"holder_id": cast.recipient_head.person_id, "scan_allowed_by": None}
    document = receive(cast, at, facts=top | {"subject": ""}, scan=None, custody=keeping)
    assert (document.subject, document.file, document.pages) == ("Văn bản độ Tuyệt mật", "", 0)
    seen = secrets.opened(document, cast.recipient_head, at)
    assert (seen.subject, seen.pdf, seen.trouble) == (UNOPENED, b"", "")
    (copy,) = vault.list_copies(cast.recipient_head.actor(), document.classified_id or 0)
    assert (copy.number, copy.medium, copy.holder_id) == (1, "paper", cast.recipient_head.person_id)
    presented = receive_document.present(
        document_id=document.pk,
        post_id=cast.recipient_deputy.post_id,
        pin=PIN,
        actor=cast.recipient_clerk.actor(),
        at=at,
    )
    assert presented.next_holder == f"P{cast.recipient_deputy.post_id}"
    assert secrets.opened(document, cast.recipient_deputy, at).subject == UNOPENED


def test_a_form_sent_again_enters_one_paper_and_a_duplicate_is_refused(cast: Cast, at: datetime) -> None:
    document = receive(cast, at)
    assert receive(cast, at).pk == document.pk
    refused(DuplicateArrival, lambda: receive(cast, at, key="paper:2"))
    assert receive(cast, at, key="paper:2", despite_duplicate=True).arrival_number == 2


def test_a_paper_whose_ordinary_term_is_over_is_protected_for_one_more(cast: Cast, at: datetime) -> None:
    document = receive(cast, at, facts={"document_date": date(2010, 5, 4)})
    classified = vault.get(document.classified_id or 0)
    assert (classified.fixed_on, classified.protected_until) == (date(2010, 5, 4), date(2036, 11, 23))


WRONG: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"facts": {"secrecy": 0}}, NotClassified),
    ({"facts": {"secrecy": 3}, "scan": None}, NotCleared),
    ({"facts": {"subject": " "}}, SubjectMissing),
    ({"facts": {"document_date": date(2026, 11, 24)}}, DateAhead),
    ({"custody": {"scan_allowed_by": None}}, ScanNotAllowed),
    ({"custody": {"scan_allowed_by": "recipient_works_officer"}}, ScanNotAllowed),
    ({"custody": {"scan_allowed_by": "head"}}, NotFound),
    ({"custody": {"reader_posts": ("recipient_study_head",)}}, ReaderNotCleared),
    ({"custody": {"reader_posts": ("deputy",)}}, NotFound),
    ({"custody": {"holder_id": "recipient_study_head"}}, ReaderNotCleared),
    ({"present_to": "recipient_study_head"}, ReaderNotCleared),
    ({"actor": "recipient_head"}, policy.NotTheRegistry),
]


def test_what_is_wrong_is_refused_and_changes_nothing(cast: Cast, at: datetime) -> None:
    for changes, kind in WRONG:
        given = _named(cast, changes)
        refused(kind, functools.partial(receive, cast, at, **given))


def _named(cast: Cast, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes with members in place of their names: an actor, a person who keeps it, posts."""

    def put(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: put(key, each) for key, each in value.items()}
        if isinstance(value, tuple):
            return tuple(put(name, each) for each in value)
        member = getattr(cast, value, None) if isinstance(value, str) else None
        if not isinstance(member, Member):
            return value
        return member.actor() if name == "actor" else member.person_id if name == "holder_id" else member.post_id

    return {name: put(name, value) for name, value in changes.items()}


def test_without_clearance_key_or_officers_nothing_is_entered(cast: Cast, at: datetime) -> None:
    clear(cast.recipient_clerk, "none", at)
    refused(NotCleared, lambda: receive(cast, at))
    clear(cast.recipient_clerk, "mat", at)
    clear(cast.recipient_study_head, "mat", at)
    reading = {"reader_posts": (cast.recipient_study_head.post_id,)}
    refused(NoEncryptionCertificate, lambda: receive(cast, at, custody=reading))
    RecoveryKey.objects.filter(agency_id=cast.recipient_id).update(retired_at=at)
    refused(NoRecoveryKey, lambda: receive(cast, at))


def test_what_its_sender_decides_on_paper_is_recorded_by_the_head_or_the_clerk_and_reaches_whoever_has_it(
    cast: Cast, at: datetime
) -> None:
    document = receive(cast, at)
    later = at + timedelta(hours=1)
    direct_document.direct(
        document_id=document.pk,
        words="",
        shares=[Share(role="lead", unit_id=cast.recipient_works_id)],
        pin=PIN,
        actor=cast.recipient_head.actor(),
        at=later,
    )
    assert document.classified_id is not None
    told: dict[str, Any] = {"classified_id": document.classified_id, "paper": "9/QĐ-BTL", "decided_on": TODAY}
    told |= {"at": later}
    clerk, works = cast.recipient_clerk.actor(), cast.recipient_works_head.actor()
    refused(NotAllowed, lambda: change_secrecy.change_level(**told, level=2, actor=works))
    refused(NotFound, lambda: change_secrecy.change_level(**told, level=2, actor=cast.head.actor()))
    refused(NeedsDecision, lambda: change_secrecy.change_level(**told | {"paper": " "}, level=2, actor=clerk))
    refused(NotCleared, lambda: change_secrecy.change_level(**told, level=3, actor=clerk))
    change_secrecy.change_level(**told, level=2, actor=clerk)
    document.refresh_from_db()
    assert (document.secrecy, document.subject) == (2, "Văn bản độ Tối mật")
    raised = vault.list_decisions(document.classified_id)[-1]
    assert (raised.change, raised.paper, raised.decided_by) == ("raised", "9/QĐ-BTL", None)
    assert journal.list_for(("classified", document.classified_id))[0].person_id == clerk.person_id
    readers = {cast.recipient_head, cast.recipient_works_head}  # besides him who did it
    holders = Notice.objects.filter(kind="secret.raised").values_list("holder", flat=True)
    assert set(holders) == {f"M{each.person_id}" for each in readers}
    assert secrets.opened(document, cast.recipient_works_head, later).subject == SUBJECT
    change_secrecy.extend(**told, until=date(2047, 1, 1), actor=cast.recipient_head.actor())
    change_secrecy.declassify(**told, actor=cast.recipient_head.actor())
    document.refresh_from_db()
    assert (document.secrecy, document.subject) == (0, "Văn bản đã giải mật")
    assert change_secrecy.unseal(document_id=document.pk, opening=PIN, actor=clerk, at=later).subject == SUBJECT
