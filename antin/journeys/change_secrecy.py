"""A decision over a state secret: the vault, every agency that holds it, every document made of it, and whom it is told.

Where an agency of another node holds it, the decision is promised to it (`secrecy_abroad`); where another node decided, it is
followed here in the same way.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import operations as documents
from antin.documents import policy
from antin.documents import queries as papers
from antin.exchange import queries as deliveries
from antin.files import operations as files
from antin.journeys import sealing
from antin.notices import operations as notices
from antin.notices.operations import News
from antin.outbox import operations as outbox
from antin.people.actor import Actor
from antin.refusal import NotFound, Refusal, refuse
from antin.signing import operations as signing
from antin.vault import operations as vault
from antin.vault import policy as sealed_policy
from antin.vault import queries as secrets
from antin.vault.operations import Opening
from antin.vault.states import STAMPS, Change, Level, Part, Status
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.vault.models import Classified, Decision

CHANGED = _(
    "Tài liệu mật số %(number)s nay ở độ %(level)s, bảo vệ đến hết ngày %(day)s, theo %(paper)s. "
    "Đóng lại dấu trên các bản đang giữ."
)
WORDS = {
    Change.RAISED: CHANGED,
    Change.LOWERED: CHANGED,
    Change.EXTENDED: _("Tài liệu mật số %(number)s được gia hạn bảo vệ đến hết ngày %(day)s, theo %(paper)s."),
    Change.DECLASSIFIED: _(
        "Tài liệu mật số %(number)s đã giải mật, theo %(paper)s. Đóng dấu giải mật trên các bản đang giữ."
    ),
    Change.ENDED: _("Tài liệu mật số %(number)s hết thời hạn bảo vệ ngày %(day)s, nay đã giải mật."),
}


@transaction.atomic(durable=True)
def change_level(
    *, classified_id: int, level: int, paper: str, decided_on: date, actor: Actor, at: datetime
) -> Classified:
    """Raise or lower the level by a decision, wherever the secret is held: stamps and masks follow in the same moment.

    :raises NotFound: NotCleared: NotAllowed: WrongState: the actor is not the head who reads it, or it is protected no longer
    :raises NeedsDecision: LevelUnchanged: NotTheOrigin: another agency began it, and decides
    """
    _lock_documents([classified_id])
    made = vault.change_level(
        classified_id=classified_id, level=level, paper=paper, decided_on=decided_on, actor=actor, at=at
    )
    _follow(made, actor=actor, at=at)
    return made


@transaction.atomic(durable=True)
def extend(*, classified_id: int, until: date, paper: str, decided_on: date, actor: Actor, at: datetime) -> Classified:
    """Protect it longer, wherever it is held. :raises Refusal: as vault.extend"""
    _lock_documents([classified_id])
    made = vault.extend(
        classified_id=classified_id, until=until, paper=paper, decided_on=decided_on, actor=actor, at=at
    )
    _follow(made, actor=actor, at=at)
    return made


@transaction.atomic(durable=True)
def declassify(*, classified_id: int, paper: str, decided_on: date, actor: Actor, at: datetime) -> Classified:
    """End the protection, wherever it is held: from here on it goes on like any other document.

    :raises Refusal: as vault.declassify
    """
    _lock_documents([classified_id])
    made = vault.declassify(classified_id=classified_id, paper=paper, decided_on=decided_on, actor=actor, at=at)
    _follow(made, actor=actor, at=at)
    return made


def unseal(*, document_id: int, opening: Opening | None, actor: Actor, at: datetime) -> Document:
    """Bring subject, page and files of a declassified document into clear rows, by a reader's own key: from here on lists show its
    subject, searches find its words, and whoever it is shown to reads it.

    Each agency that holds it does so for itself. What was said of it, handed in as results, or stood in its drafts stays sealed:
    readers go on opening that. Not inside a transaction.

    :raises NotFound: it is not the actor's to see, or never was classified
    :raises NotDeclassified: UnsealedAlready: WrongState: it is protected still, a draft, not in the book yet
    :raises NotAReader: NotAllowed: he does not read it, or may not pass it on
    :raises ContentDamaged: one of its files is not among what is sealed :raises Refusal: as sealing.unlock
    """
    document = papers.get_for(actor, document_id)
    if document.sealed_as is None:
        raise NotFound(document_id=document_id)
    refuse(why_not_unseal(actor, document))
    unlocked = sealing.unlock(document, pin=opening, actor=actor, at=at)
    parts = (Part.TITLE, Part.PAGES, Part.ATTACHMENT, Part.NAME)
    contents = vault.read(unlocked=unlocked, parts=parts, actor=actor, at=at)
    file = files.keep(contents[Part.PAGES, 0].content, at=at).digest if document.file else ""
    rows = [row.sealed_file or row.file for row in papers.list_attachments(document_id)]
    enclosed = {each.digest: each for each in sealing.enclosed_of(document_id, contents)}
    if any(digest not in enclosed for digest in rows):
        raise sealed_policy.ContentDamaged
    named = {digest: (each.name, files.keep(each.content, at=at).digest) for digest, each in enclosed.items()}
    if file:
        signing.verify(file=file, at=at)
    with transaction.atomic(durable=True):
        _lock_documents([unlocked.classified_id])
        refuse(why_not_unseal(actor, papers.get(document_id)))
        found = documents.InClear(subject=contents[Part.TITLE, 0].content.decode(), file=file, files=named)
        return documents.unseal(document_id=document_id, found=found, actor=actor, at=at)


def why_not_unseal(actor: Actor, document: Document) -> Refusal | None:
    """Why this actor may not bring the document into clear: declassified, in the book, and one of those who may pass it on."""
    no = policy.why_not_unseal(document)
    if no is not None:
        return no
    held = secrets.get(document.classified_id or 0)
    own = secrets.find_reader(held.pk, actor.person_id)
    return policy.NotAReader() if own is None else sealed_policy.why_not_pass_on(actor, held, own)


@transaction.atomic(durable=True)
def end_terms(*, at: datetime) -> list[int]:
    """Declassify whatever's term is over, and tell who reads it; the ids of what was. Each node does so by itself."""
    _lock_documents(secrets.list_ended(local_date(at)))
    ended = vault.end_terms(actor=None, at=at)
    for classified_id in ended:
        _follow(secrets.get(classified_id), actor=None, at=at)
    return ended


def follow_sender(*, document_id: int, decided: vault.Decided, at: datetime) -> None:
    """Follow what the sender on another node decided over a document that came from there, in the caller's transaction.

    :raises NotFound: it is not classified :raises Refusal: as vault.follow_sender
    """
    classified_id = papers.get(document_id).classified_id
    if classified_id is None:
        raise NotFound(document_id=document_id)
    _lock_documents([classified_id])
    if vault.follow_sender(classified_id=classified_id, decided=decided, actor=None, at=at):
        _follow(secrets.get(classified_id), actor=None, at=at)


def _lock_documents(classified_ids: list[int]) -> None:
    """Documents before secrets, as every other act takes them."""
    known = [*classified_ids, *(each.pk for one in classified_ids for each in secrets.list_holdings(one))]
    papers.lock_classified(known)


def _follow(made: Classified, *, actor: Actor | None, at: datetime) -> None:
    """What holds it, bears its level, keeps copies of it or was sent it over a line."""
    decision = secrets.find_newest_decision(made.pk)
    assert decision is not None
    held = [each for each in (made, *secrets.list_holdings(made.pk)) if each.status != Status.DESTROYED]
    documents.follow_level(levels={each.pk: each.asked_level for each in held}, actor=actor, at=at)
    for each in held:
        _tell(each, decision, actor=actor, at=at)
    if decision.change == Change.ENDED:
        return
    for delivery in deliveries.list_to_nodes(made.pk):
        outbox.promise(
            "tell_secrecy",
            key=f"secrecy:{decision.pk}:{delivery.pk}:0",
            decision_id=decision.pk,
            delivery_id=delivery.pk,
        )


def _tell(held: Classified, decision: Decision, *, actor: Actor | None, at: datetime) -> None:
    """Everybody who reads it or keeps a copy; the words name its number and level, nothing else."""
    persons = {reader.person_id for reader in secrets.list_readers(held.pk)} | set(secrets.list_copy_holders(held.pk))
    if not persons:
        return
    change = Change(decision.change)
    facts: dict[str, Any] = {
        "number": held.pk,
        "level": STAMPS[Level(held.level)],
        "day": f"{held.protected_until:%d/%m/%Y}",
        "paper": decision.paper,
    }
    told = [f"M{person_id}" for person_id in sorted(persons)]
    kind = f"secret.{change.value}"
    news = News(
        told,
        kind,
        WORDS[change],
        ("classified", held.pk),
        facts,
        f"/vault/{held.pk}/",
        f"{kind}:{decision.pk}:{held.pk}",
    )
    notices.tell_many([news], actor=actor, at=at)
