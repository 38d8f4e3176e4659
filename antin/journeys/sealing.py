"""What every act on a classified document shares: it is opened by a reader's PIN, its words are sealed, its readers are let in.

Nothing that is opened here is kept: it lives in memory for one act and is given back sealed, or shown in one answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.correspondents.states import Channel
from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.states import MASKS, Direction, Secrecy
from antin.documents.states import Status as Stage
from antin.files import queries as kept
from antin.identifiers.text import clean
from antin.journeys import sealing_abroad
from antin.journeys.fix_page import SignedAlready, facts_of, hands_of
from antin.keys.policy import PinMissing
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.states import Role
from antin.refusal import NotFound, Refusal
from antin.signing import operations as signing
from antin.signing import queries as signatures
from antin.signing.queries import Report
from antin.tasks import queries as tasks
from antin.typeset import found, letter
from antin.vault import operations as vault
from antin.vault import queries as sealed
from antin.vault.operations import Marking, Opening, Unlocked
from antin.vault.operations import Opened as Content
from antin.vault.states import Need, Part, Status, Use
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document

PDF = "application/pdf"
JSON = "application/json"
UPLOADED = 1
"""The number under which an uploaded PDF is the text of a draft; the text that is written here has number 0."""

MASK = "Nội dung mật, đã niêm phong."
"""What stands in place of somebody's words on a classified document: data that is kept, listed and sent."""

MASKED_NAME = "Tài liệu kèm theo"

LEAVING = (Part.TITLE, Part.PAGES, Part.ATTACHMENT, Part.NAME)
"""What a recipient is handed over: neither drafts nor what was said on the way."""

Contents = Mapping[tuple[str, int], Content]


class WrittenDown(Refusal):
    """A file came by an address that may write it to a disk on its way in."""

    code = "written_down"
    words = _(
        "Tệp đi cùng văn bản mật chỉ nhận từ địa chỉ không ghi ra đĩa (?sealed=1); hãy mở lại trang này rồi gửi lại tệp."
    )


class NobodyReads(Refusal):
    code = "nobody_reads_there"
    words = _(
        "%(name)s chưa có người được tiếp cận độ %(level)s và có chứng thư số mã hóa để nhận văn bản này; chưa có gì được gửi."
    )


@dataclass(frozen=True)
class Said:
    """Words that somebody said on the document, sealed with it."""

    kind: str
    author: str
    at: datetime
    words: str = field(repr=False)


@dataclass(frozen=True)
class Enclosed:
    """A file that goes with it."""

    digest: str
    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class HandedIn(Enclosed):
    """A file that was handed in as a result of work that came from it."""

    task_id: int
    holder: str
    at: datetime


@dataclass(frozen=True)
class Paper:
    """A classified document in clear, for one answer. `trouble` says why it has no pages; `seen` names the sealed pages; `judged`
    what its signatures are found to be, once it was issued."""

    document: Document
    subject: str = field(repr=False)
    body: dict[str, Any] | None = field(repr=False)
    pdf: bytes = field(repr=False)
    seen: str
    trouble: str
    enclosed: list[Enclosed]
    results: list[HandedIn]
    said: list[Said]
    marking: Marking
    judged: Judged | None = None


def unlock(document: Document, *, pin: Opening | None, actor: Actor, at: datetime) -> Unlocked:
    """Open the keys of what is sealed of a document, for one act of a reader's: by his PIN, or lent by his own device.

    :raises NotAReader: he is none
    :raises PinMissing: WrongPin: DeviceLocked: NotCleared: NotSealedToYou: as vault.open_content
    """
    assert document.sealed_as is not None
    if sealed.find_reader(document.sealed_as, actor.person_id) is None:
        raise policy.NotAReader
    if not pin:
        raise PinMissing
    return vault.open_keys(classified_id=document.sealed_as, opening=pin, actor=actor, at=at)


def open_document(*, document_id: int, pin: Opening, use: str = Use.VIEWED, actor: Actor, at: datetime) -> Paper:
    """Open a classified document for a reader: its subject, pages, enclosures and what was said. The journal has it before.

    One that was brought into clear since is opened for what was said of it before.

    :raises NotFound: it is not the actor's to see, or never was classified
    :raises Refusal: as `unlock`
    """
    document = queries.get_for(actor, document_id)
    if document.sealed_as is None:
        raise NotFound
    unlocked = unlock(document, pin=pin, actor=actor, at=at)
    contents = vault.read(unlocked=unlocked, use=use, actor=actor, at=at)
    pdf, trouble = _pages(document, contents, at)
    title, body = contents[Part.TITLE, 0], contents.get((Part.BODY, 0))
    pages = contents.get((Part.PAGES, 0)) if document.file else None
    final = document.direction == Direction.IN or document.status == Stage.ISSUED
    return Paper(
        document=document,
        subject=title.content.decode(),
        body=json.loads(body.content) if body else None,
        pdf=pdf,
        seen=pages.file if pages else "",
        trouble=trouble,
        enclosed=enclosed_of(document.pk, contents),
        results=_results(document.pk, contents),
        said=sorted((_said(each) for (part, _n), each in contents.items() if part == Part.COMMENT), key=_when),
        marking=(pages or body or title).marking,
        judged=judge(document, pages, unlocked, at=at) if pages and final else None,
    )


def _when(said: Said) -> datetime:
    return said.at


def _said(content: Content) -> Said:
    told = json.loads(content.content)
    return Said(told["kind"], told["author"], datetime.fromisoformat(told["at"]), told["words"])


def enclosed_of(document_id: int, contents: Contents) -> list[Enclosed]:
    """The files that go with it, in the order of its rows, which name the sealed bytes."""
    rows = [(row.sealed_file or row.file, row.name) for row in queries.list_attachments(document_id)]
    there = _files(contents)
    return [Enclosed(file, *_named(contents, there[file], name)) for file, name in rows if file in there]


def _results(document_id: int, contents: Contents) -> list[HandedIn]:
    """The files that were handed in with the work that came from it, in the order of their rows."""
    there = _files(contents)
    return [
        HandedIn(
            row.file,
            *_named(contents, there[row.file], row.name),
            task_id=row.assignment_id,
            holder=row.assignment.holder_name,
            at=row.at,
        )
        for row in tasks.list_result_files(document_id)
        if row.file in there
    ]


def _files(contents: Contents) -> dict[str, int]:
    """The number under which a file is sealed, by the digest of its sealed bytes."""
    return {each.file: number for (part, number), each in contents.items() if part == Part.ATTACHMENT}


def _named(contents: Contents, number: int, otherwise: str) -> tuple[str, str, bytes]:
    """Name, media type and bytes of a sealed file."""
    file, name = contents[Part.ATTACHMENT, number], contents.get((Part.NAME, number))
    return name.content.decode() if name else otherwise, file.media_type, file.content


def _pages(document: Document, contents: Contents, at: datetime) -> tuple[bytes, str]:
    """The pages as they stand: fixed, signed or sealed; of a draft as they would be fixed now, or why they cannot be."""
    if document.file:
        return contents[Part.PAGES, 0].content, ""
    if document.direction != Direction.OUT:
        return b"", ""
    try:
        return _laid_out(document, contents, at)[0], ""
    except Refusal as no:
        return b"", no.message


def _laid_out(document: Document, contents: Contents, at: datetime) -> tuple[bytes, Any, int]:
    """The page from the sealed text, or the PDF that was uploaded: bytes, places, pages."""
    plan = queries.plan_of(document)
    uploaded = contents.get((Part.BODY, UPLOADED))
    if plan.making.uploaded_file and uploaded is not None:
        seen = kept.inspect_pdf(uploaded.content)
        if seen.signatures:
            raise SignedAlready()
        return uploaded.content, found.find_places(uploaded.content, **hands_of(plan)), seen.pages
    body = contents.get((Part.BODY, 0))
    if body is None:
        raise policy.NoText
    facts = replace(
        facts_of(plan, at),
        subject=contents[Part.TITLE, 0].content.decode(),
        body=json.loads(body.content),
        secrecy=stamp_of(document.secrecy),
    )
    layout = letter.lay_out(facts)
    return layout.pdf, layout.places, layout.pages


def stamp_of(secrecy: int) -> str:
    """The stamp of box 10a, as it stands on the page."""
    return {1: "MẬT", 2: "TỐI MẬT", 3: "TUYỆT MẬT"}[secrecy]


def fix(document: Document, unlocked: Unlocked, *, actor: Actor, at: datetime) -> tuple[bytes, int]:
    """The page fixed in memory, with named, empty places for number, date and signatures. :raises Refusal: it cannot be laid out"""
    contents = vault.read(unlocked=unlocked, parts=(Part.TITLE, Part.BODY), actor=actor, at=at)
    pdf, places, pages = _laid_out(document, contents, at)
    return signing.prepare(pdf, places, in_order=queries.making_of(document).in_order), pages


def keep_fixed(
    document: Document, fixed: tuple[bytes, int], unlocked: Unlocked, *, actor: Actor, at: datetime
) -> Document:
    """Seal the fixed page and let the endorsed document have it, in the caller's transaction."""
    pdf, pages = fixed
    file = seal_pages(document, pdf, unlocked, actor=actor, at=at)
    revision = queries.making_of(document).revision
    return documents.keep_laid_out(
        document_id=document.pk, revision=revision, file=file, pages=pages, actor=actor, at=at
    )


def seal_pages(document: Document, pdf: bytes, unlocked: Unlocked, *, actor: Actor, at: datetime) -> str:
    """Seal the pages as a new version, in the caller's transaction; give the digest of the sealed bytes."""
    made = vault.seal(
        classified_id=document.classified_id or 0,
        part=Part.PAGES,
        content=pdf,
        media_type=PDF,
        unlocked=unlocked,
        actor=actor,
        at=at,
    )
    return made.file_id


def read_pages(unlocked: Unlocked, *, actor: Actor, at: datetime) -> Content:
    """The pages as they stand now."""
    return vault.read(unlocked=unlocked, parts=(Part.PAGES,), actor=actor, at=at)[Part.PAGES, 0]


@dataclass(frozen=True)
class Judged:
    """The signatures of the pages, judged in the act that opened them, with the evidence kept beside the sealed bytes.

    `apart` is the first moment that this evidence alone proves, `until` when the proof ends as it stands; None: not known.
    """

    report: Report
    apart: datetime | None
    until: datetime | None


def keep_evidence(
    document: Document, signed: Mapping[str, tuple[str, bytes]], unlocked: Unlocked, *, at: datetime
) -> None:
    """Begin the evidence of what was sealed with its final signatures, in the caller's transaction: by digest of the sealed bytes
    the field it was signed in and its content. The node completes and renews it from then on without opening anything."""
    for file, (where, content) in signed.items():
        signing.begin_sealed(
            sealed=file,
            bound=vault.commit(unlocked=unlocked, file=file, content=content),
            content=content,
            field=where,
            agency_id=document.agency_id,
            secrecy=document.secrecy,
            at=at,
        )


def judge(document: Document, pages: Content, unlocked: Unlocked, *, at: datetime) -> Judged:
    """Judge the signatures of pages opened in this act, with the evidence beside them, which is begun where there is none yet."""
    with transaction.atomic():
        keep_evidence(document, {pages.file: ("Agency", pages.content)}, unlocked, at=at)
    bound = vault.commit(unlocked=unlocked, file=pages.file, content=pages.content)
    record = signatures.read_record(pages.file, bound)
    report = signing.examine(content=pages.content, record=record, at=at)
    proof = signatures.find_record(pages.file) if record else None
    return Judged(report, report.apart_at, proof.until if proof else None)


def enclose(
    classified_id: int,
    content: bytes,
    *,
    name: str,
    media_type: str,
    unlocked: Unlocked | None,
    actor: Actor,
    at: datetime,
) -> str:
    """Seal a file and its name, in the caller's transaction; give the digest of the sealed bytes.

    :raises NotAReader: he does not read the document
    """
    if sealed.find_reader(classified_id, actor.person_id) is None:
        raise policy.NotAReader
    common: dict[str, Any] = {
        "classified_id": classified_id,
        "unlocked": unlocked,
        "actor": actor,
        "at": at,
    }
    made = vault.seal(part=Part.ATTACHMENT, number=None, content=content, media_type=media_type, **common)
    vault.seal(part=Part.NAME, number=made.number, content=name.encode(), media_type="text/plain", **common)
    return made.file_id


def seal_file(
    document: Document, number: int, content: bytes, *, unlocked: Unlocked, actor: Actor, at: datetime
) -> str:
    """Seal a new version of an enclosed PDF, in the caller's transaction; give the digest of the sealed bytes."""
    made = vault.seal(
        classified_id=document.classified_id or 0,
        part=Part.ATTACHMENT,
        number=number,
        content=content,
        media_type=PDF,
        unlocked=unlocked,
        actor=actor,
        at=at,
    )
    return made.file_id


def conceal(
    document: Document,
    kind: str,
    words: str,
    *,
    to_sender: bool = False,
    unlocked: Unlocked | None = None,
    actor: Actor,
    at: datetime,
) -> str:
    """Seal somebody's words on a classified document, in the caller's transaction, and give what stands in their place.

    Words on any other document, on one that was declassified, and no words, are given back as they are. No PIN is asked. What is
    said `to_sender` is sealed to those who read it there as well. An act that has `unlocked` the document, to let somebody read,
    gives him these words too.

    :raises NotAReader: he does not read the document
    """
    said = clean(words).strip()[:2000]
    if document.classified_id is None or not said:
        return words
    if sealed.get(document.classified_id).status == Status.DECLASSIFIED:
        return words
    if sealed.find_reader(document.classified_id, actor.person_id) is None:
        raise policy.NotAReader
    author = f"{actor.person_name}, {actor.post_title}"
    told = {"kind": kind, "author": author, "at": at.isoformat(), "words": said}
    comment: dict[str, Any] = {"part": Part.COMMENT, "number": None, "media_type": JSON, "actor": actor, "at": at}
    vault.seal(classified_id=document.classified_id, content=_json(told), unlocked=unlocked, **comment)
    origin = sealed.find_origin(document.classified_id) if to_sender else None
    if origin is not None and origin.status == Status.PROTECTED:
        told |= {"author": f"{author}, {actor.agency_name}"}
        vault.seal(classified_id=origin.pk, holding_id=document.classified_id, content=_json(told), **comment)
    return MASK


def _json(told: dict[str, str]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode()


def find_clerks(agency_id: int, level: int, *, at: datetime) -> dict[int, str]:
    """The clerks of an agency who can be made readers of that level now, with their need. :raises NobodyReads: there is none"""
    today = workdays.local_date(at)
    posts = people.find_posts_with_role(agency_id=agency_id, role=Role.CLERK, on=today)
    persons = {post.person_id for post in posts if post.person_id is not None}
    able = [each for each in sorted(persons) if sealed.why_not_read(each, level, on=today, at=at) is None]
    if not able:
        raise NobodyReads(name=people.get_agency(agency_id).name, level=Secrecy(level).label)
    return dict.fromkeys(able, Need.CLERK.value)


def find_sealers(document: Document, *, at: datetime) -> dict[int, str]:
    """The clerks who number and seal it: of its agency, and of those that issue it too. :raises NobodyReads: one has none"""
    found = find_clerks(document.agency_id, document.secrecy, at=at)
    for row in queries.list_joint_seals(document.pk):
        found |= find_clerks(row.agency_id, document.secrecy, at=at)
    return found


@dataclass(frozen=True)
class Recipients:
    """Who reads a document where it goes: in agencies of this node, by their ids, and in those of other nodes."""

    here: dict[int, dict[int, str]]
    abroad: list[vault.Abroad]


def find_recipients(document: Document, *, at: datetime) -> Recipients:
    """The readers in each agency it goes to.

    :raises NobodyReads: :raises NoRecoveryKey: one of them cannot take it; named
    :raises SecretOverOpenLine: one of them is reached over the axis, whose servers read what they pass on
    """
    here: dict[int, dict[int, str]] = {}
    abroad: list[vault.Abroad] = []
    for row in queries.list_recipient_agencies(document.pk):
        if row.agency_id is not None:
            here[row.agency_id] = find_clerks(row.agency_id, document.secrecy, at=at)
            sealed.get_recovery_key(row.agency_id)
            continue
        assert row.correspondent is not None
        if row.correspondent.channel in (Channel.AXIS, Channel.GATEWAY):
            raise policy.SecretOverOpenLine(names=row.name)
        found = sealing_abroad.find(row.correspondent.code, document.secrecy, at=at)
        if found is None:
            raise NobodyReads(name=row.name, level=level_words(document))
        abroad.append(found)
    return Recipients(here, abroad)


def hand_over(document: Document, unlocked: Unlocked, *, actor: Actor, at: datetime) -> None:
    """Give every recipient agency its own holding, in the issuing transaction; the delivery itself needs no key any more."""
    recipients = find_recipients(document, at=at)
    leaving: dict[str, Any] = {"unlocked": unlocked, "parts": LEAVING, "without": _taken_off(document)}
    for agency_id, clerks in recipients.here.items():
        vault.hand_over(agency_id=agency_id, persons=clerks, **leaving, actor=actor, at=at)
    for to in recipients.abroad:
        vault.hand_abroad(to=to, **leaving, actor=actor, at=at)


def _taken_off(document: Document) -> set[int]:
    """The numbers under which files are sealed that do not go with the document any more."""
    rows = {row.sealed_file or row.file for row in queries.list_attachments(document.pk)}
    contents = sealed.list_newest(document.classified_id or 0)
    return {each.number for each in contents if each.part == Part.ATTACHMENT and each.file_id not in rows}


def reader_in(post_id: int, need: Need, *, level: int, on: date) -> dict[int, str]:
    """Who holds a post, with his need; one who leads may pass it on. :raises NobodyReads: the post is vacant"""
    post, person = people.get_post(post_id), people.post_holder(post_id, on)
    if person is None:
        raise NobodyReads(name=post.title, level=Secrecy(level).label)
    leads = post.role in (Role.HEAD, Role.DEPUTY)
    return {person.pk: (Need.RECIPIENT if leads and need == Need.ASSIGNEE else need).value}


def level_words(document: Document) -> str:
    """The level in words, for a refusal."""
    return str(Secrecy(document.secrecy).label)


def mask_of(secrecy: int) -> str:
    """What stands in place of the subject."""
    return MASKS[Secrecy(secrecy)]


def refuse_in_clear(document: Document) -> None:
    """A way that handles clear bytes is closed to a classified document. :raises SealedDocument:"""
    if document.classified_id is not None:
        raise policy.SealedDocument
