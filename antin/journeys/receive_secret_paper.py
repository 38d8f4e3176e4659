"""A state secret that came by hand enters the book of secret papers, sealed at once, its paper in the register of copies.

Law: 29/2018/QH14, art. 11 (copying), Decree 26/2020/NĐ-CP (arrival books, envelopes that only the named one opens).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.operations import PaperFacts
from antin.documents.operations.drafting import clean_subject
from antin.documents.operations.receiving import NobodyToPresent
from antin.identifiers.text import clean
from antin.journeys import sealing
from antin.journeys.receive_document import tell_leader
from antin.journeys.taking import Taken
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import Refusal, refuse
from antin.signing import operations as signing
from antin.vault import operations as vault
from antin.vault import policy as sealed_policy
from antin.vault.operations import Unlocked
from antin.vault.states import Level, Medium, Need, Part, may_scan

if TYPE_CHECKING:
    from antin.documents.models import Document

UNOPENED = "Bì chưa bóc: chỉ người có tên mới được bóc."
"""Stands, sealed, for the subject of a paper whose inner envelope the clerk may not open."""

LEADERS = (Role.HEAD, Role.DEPUTY)


class NotClassified(Refusal):
    code = "not_classified"
    words = _("Sổ này chỉ ghi văn bản độ Mật, Tối mật, Tuyệt mật; văn bản thường vào sổ văn bản đến.")


class NotToBeScanned(Refusal):
    code = "not_to_be_scanned"
    words = _(
        "Văn bản độ %(level)s không được quét, sao, chụp tại đơn vị (Luật Bảo vệ bí mật nhà nước). Bỏ tệp, vào sổ bản giấy và "
        "ghi người giữ."
    )


class ScanNotAllowed(Refusal):
    code = "scan_not_allowed"
    words = _("Quét văn bản mật là sao, chụp: chọn thủ trưởng, phó thủ trưởng đã cho phép.")


@dataclass(frozen=True)
class Custody:
    """What is decided of the paper itself: who keeps it, which posts read it besides the leader, who allowed the scan."""

    holder_id: int
    reader_posts: Sequence[int] = ()
    scan_allowed_by: int | None = None


def receive(
    *,
    facts: PaperFacts,
    custody: Custody,
    scan: Taken | None,
    attachments: Sequence[Taken] = (),
    key: str,
    present_to: int | None = None,
    despite_duplicate: bool = False,
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Register a secret paper that came by hand, in the separate book. The files are only held (`taking.hold_…`), and sealed here.

    Its readers are the clerk who registers it, the leader it is presented to, and those named; sealing asks no PIN. Without a
    scan the paper alone goes on, in the register of copies with its number and holder; then the subject may be left out, for an
    envelope that only the named one opens. `key` makes a repeat harmless.

    :raises NotClassified: NotToBeScanned: ScanNotAllowed:
    :raises NotCleared: NoRecoveryKey: NoEncryptionCertificate: as vault.begin, of the clerk
    :raises NobodyReads: ReaderNotCleared: NoEncryptionCertificate: NotFound: of a leader, a reader or the holder
    :raises Refusal: as documents.receive_paper
    """
    refuse(policy.why_not_receive_paper(actor, 0))
    if facts.secrecy not in Level.values:
        raise NotClassified
    there = queries.find_arrived(key)
    if there is not None:
        return queries.get(there)
    opened = bool(scan or attachments)
    allowed_by = _who_allowed(facts.secrecy, custody, actor, today) if opened else ""
    subject = clean_subject(facts.subject if opened or clean(facts.subject).strip() else UNOPENED)
    report = None if scan is None else signing.examine(content=scan.content, at=at)
    with transaction.atomic(durable=True):
        classified = vault.begin(
            level=facts.secrecy,
            need=Need.CLERK,
            came_from=" ".join(clean(facts.issuer_name).split()),
            fixed_on=facts.document_date,
            actor=actor,
            at=at,
        )
        unlocked = Unlocked(classified.pk, {})
        leader_id = _leader_of(actor, present_to, today)
        readers = _readers(leader_id, custody, facts.secrecy, actor, today)
        vault.let_read(unlocked=unlocked, persons=readers, actor=actor, at=at)
        said: dict[str, Any] = {"classified_id": classified.pk, "actor": actor, "at": at}
        vault.seal(part=Part.TITLE, content=subject.encode(), media_type="text/plain", **said)
        pages = None
        if scan is not None:
            pages = vault.seal(part=Part.PAGES, content=scan.content, media_type=sealing.PDF, **said)
        document = documents.receive_paper(
            facts=replace(facts, subject=sealing.mask_of(facts.secrecy)),
            file="" if pages is None else pages.file_id,
            pages=0 if scan is None else scan.pages,
            verdict="" if report is None else report.verdict,
            replaces_paper=report is not None and report.replaces_paper,
            attachments=tuple(_sealed(each, classified.pk, actor, at) for each in attachments),
            key=key,
            present_to=leader_id,
            despite_duplicate=despite_duplicate,
            classified_id=classified.pk,
            shown_to=custody.reader_posts,
            scan_allowed_by=allowed_by,
            actor=actor,
            today=today,
            at=at,
        )
        vault.give_copy(
            classified_id=classified.pk, holder_id=custody.holder_id, medium=Medium.PAPER, actor=actor, at=at
        )
        tell_leader(document, actor, at)
    return document


def _who_allowed(level: int, custody: Custody, actor: Actor, today: date) -> str:
    """The leader who allowed the copy that a scan is. Who is not cleared for a paper allows no copy of it.

    :raises NotToBeScanned: :raises ScanNotAllowed: :raises ReaderNotCleared: :raises NotFound: a post of another agency
    """
    if not may_scan(level, today):
        raise NotToBeScanned(level=Level(level).label)
    if custody.scan_allowed_by is None:
        raise ScanNotAllowed
    post = people.get_post_in(agency_id=actor.agency_id, post_id=custody.scan_allowed_by)
    person = people.post_holder(post.pk, today)
    if post.role not in LEADERS or person is None:
        raise ScanNotAllowed
    refuse(sealed_policy.why_not_become_reader(person.name, people.clearance_on(person, today), level))
    return f"{person.name}, {post.title}"


def _leader_of(actor: Actor, present_to: int | None, today: date) -> int:
    """The post it is presented to: the one named, or the head's. :raises NobodyToPresent: :raises NotFound:"""
    if present_to is not None:
        return people.get_post_in(agency_id=actor.agency_id, post_id=present_to).pk
    head = people.find_head_post(actor.agency_id, today)
    if head is None:
        raise NobodyToPresent
    return head.pk


def _readers(leader_id: int, custody: Custody, level: int, actor: Actor, today: date) -> dict[int, str]:
    """Who reads it besides the clerk who registers it. :raises NobodyReads: a post is vacant :raises NotFound: of another agency"""
    readers: dict[int, str] = {}
    for post_id in (leader_id, *custody.reader_posts):
        post = people.get_post_in(agency_id=actor.agency_id, post_id=post_id)
        need = Need.CLERK if post.role == Role.CLERK else Need.RECIPIENT
        readers |= sealing.reader_in(post.pk, need, level=level, on=today)
    readers.pop(actor.person_id, None)
    return readers


def _sealed(file: Taken, classified_id: int, actor: Actor, at: datetime) -> tuple[str, str, int, str]:
    """A file that came with it, sealed with its name; what its row says."""
    digest = sealing.enclose(
        classified_id, file.content, name=file.name, media_type=file.media_type, unlocked=None, actor=actor, at=at
    )
    return sealing.MASKED_NAME, digest, file.size, file.media_type
