"""A meeting from its proposal to its conclusions: who is told of what, papers shown to the invited, the notice of conclusions as a
draft, and conclusions that become work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import transaction

from antin.agenda import operations as agenda
from antin.agenda import policy, queries
from antin.agenda.operations import Told
from antin.agenda.operations.entries import when_of
from antin.agenda.operations.meetings import NothingConcluded, PointGiven
from antin.agenda.states import SETTLED, Answer
from antin.documents import operations as documents
from antin.documents import queries as papers
from antin.documents.operations import DraftFacts
from antin.journeys import direct_document, taking, telling
from antin.notices import operations as notices
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.tasks import operations as tasks
from antin.tasks import queries as assignments
from antin.tasks.operations import Share
from antin.tasks.states import Origin
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.agenda.models import Entry, Invitee, Paper, Week
    from antin.documents.models import Document
    from antin.tasks.models import Directive

NOTICE = "TB"
REASON = "meeting"


def propose(
    *,
    told: Told,
    weekly_until: date | None = None,
    despite: bool = False,
    begun_in: str | None = None,
    actor: Actor,
    at: datetime,
) -> list[Entry]:
    """Propose an entry; the office hears of it, once for all its weeks. :raises Refusal: as agenda.propose"""
    with transaction.atomic(durable=True):
        made = agenda.propose(
            told=told, weekly_until=weekly_until, despite=despite, begun_in=begun_in, actor=actor, at=at
        )
        if made[0].made_at == at:
            offices = queries.offices_of(actor.agency_id, workdays.local_date(at))
            _tell("agenda.proposed", [f"U{number}" for number in sorted(offices)], made[0], actor, at)
    return made


def change(
    *, entry_id: int, told: Told, revision: int, words: str = "", despite: bool = False, actor: Actor, at: datetime
) -> Entry:
    """Change an entry. Once it was approved, everybody concerned hears what is different. :raises Refusal: as agenda.change"""
    with transaction.atomic(durable=True):
        before = [each.holder for each in queries.list_invitees(queries.get_for(actor, entry_id, at))]
        entry, fields = agenda.change(
            entry_id=entry_id, told=told, revision=revision, words=words, despite=despite, actor=actor, at=at
        )
        if entry.status in SETTLED and fields:
            _show_papers(entry, actor, at)
            now = queries.list_invitees(entry)
            fresh = [each.holder for each in now if each.holder not in before]
            _tell("agenda.invited", fresh, entry, actor, at)
            told_before = [each for each in _concerned(entry, now) if each not in fresh]
            gone = [each for each in before if each not in {one.holder for one in now}]
            _tell("agenda.changed", [*told_before, *gone], entry, actor, at, words=words)
    return entry


def act(*, entry_id: int, name: str, words: str = "", actor: Actor, at: datetime) -> Entry:
    """Take a step with an entry; whom it concerns hears of it. :raises Refusal: as agenda.act"""
    with transaction.atomic(durable=True):
        entry = agenda.act(entry_id=entry_id, name=name, words=words, actor=actor, at=at)
        invitees = queries.list_invitees(entry)
        if name == "propose":
            offices = queries.offices_of(entry.agency_id, workdays.local_date(at))
            _tell("agenda.proposed", [f"U{number}" for number in sorted(offices)], entry, actor, at)
        elif name == "send_back":
            _tell("agenda.sent_back", [f"P{entry.made_post_id}", f"U{entry.unit_id}"], entry, actor, at, words=words)
        elif name == "cancel":
            _tell("agenda.cancelled", _concerned(entry, invitees), entry, actor, at, words=words)
        elif name == "approve":
            _show_papers(entry, actor, at)
            _tell("agenda.invited", _concerned(entry, invitees), entry, actor, at)
    return entry


def publish_week(*, monday: date, note: str = "", actor: Actor, at: datetime) -> tuple[Week, list[Entry]]:
    """Publish a week's calendar; every unit of the agency hears of it once. :raises Refusal: as agenda.publish_week"""
    with transaction.atomic(durable=True):
        week, entries = agenda.publish_week(monday=monday, note=note, actor=actor, at=at)
        units = people.list_departments(actor.agency_id, workdays.local_date(at))
        kind = "agenda.published"
        news = notices.News(
            holders=[f"U{actor.agency_id}", *(f"U{unit.pk}" for unit in units)],
            kind=kind,
            words=telling.WORDS[kind],
            subject=("week", week.pk),
            facts={"by": _by(actor), "day": f"{monday:%d/%m/%Y}", "n": len(entries)},
            link=f"/agenda?week={monday.isoformat()}",
        )
        notices.tell_many([news], actor=actor, at=at)
    return week, entries


def answer(
    *,
    entry_id: int,
    invitee_id: int,
    verdict: str,
    reason: str = "",
    substitute_post_id: int | None = None,
    actor: Actor,
    at: datetime,
) -> Invitee:
    """Answer an invitation. Who prepares the meeting hears of a no; who is sent hears where to.

    :raises Refusal: as agenda.answer
    """
    with transaction.atomic(durable=True):
        made = agenda.answer(
            entry_id=entry_id,
            invitee_id=invitee_id,
            verdict=verdict,
            reason=reason,
            substitute_post_id=substitute_post_id,
            actor=actor,
            at=at,
        )
        entry = queries.lock(entry_id)
        hosts = [f"P{entry.made_post_id}", f"U{entry.prepares_id or entry.unit_id}"]
        if made.answer == Answer.DECLINED:
            _tell("agenda.declined", hosts, entry, actor, at, name=made.name, words=made.reason)
        if made.answer == Answer.SUBSTITUTED:
            _tell("agenda.substituted", hosts, entry, actor, at, name=made.name, to=made.substitute_name)
            _tell("agenda.sent", [made.substitute], entry, actor, at)
            _show_papers(entry, actor, at)
    return made


def attach_document(*, entry_id: int, document_id: int, actor: Actor, at: datetime) -> Paper:
    """Put a registered document with a meeting. Where the actor leads or keeps the register, the invited may see it from now on.

    :raises NotFound: the document is not this actor's to see :raises Refusal: as agenda.name_document
    """
    document = papers.get_for(actor, document_id)
    refuse(policy.why_not_attach(document))
    with transaction.atomic(durable=True):
        document = papers.lock(document_id)
        paper = agenda.name_document(entry_id=entry_id, document=document, actor=actor, at=at)
        entry = queries.lock(entry_id)
        if paper.shown and entry.status in SETTLED:
            _show(document, entry, actor, at)
    return paper


def attach_file(*, entry_id: int, name: str, content: BinaryIO, actor: Actor, at: datetime) -> Paper:
    """Put a file with a meeting; it is looked at and kept before anything is written. :raises Refusal: as agenda.add_file"""
    entry = queries.get_for(actor, entry_id, at)
    refuse(policy.why_not_host(actor, entry, queries.offices_of(entry.agency_id, workdays.local_date(at))))
    taken = taking.take_attachment(content, name=name, at=at)
    with transaction.atomic(durable=True):
        return agenda.add_file(
            entry_id=entry_id, file=taken.digest, name=taken.name, size=taken.size, actor=actor, at=at
        )


def _show_papers(entry: Entry, actor: Actor, at: datetime) -> None:
    """Let the invited see the documents of an entry that whoever attached them could show."""
    for paper in queries.list_shown(entry):
        document = papers.lock(paper.document_id or 0)
        if policy.why_not_attach(document) is None:
            _show(document, entry, actor, at)


def _show(document: Document, entry: Entry, actor: Actor, at: datetime) -> None:
    """Let those of the document's own agency see it whom the meeting invites; others hear of it in the meeting."""
    invitees = queries.list_invitees(entry)
    tokens = [
        entry.chair,
        *(each.holder for each in invitees),
        *(each.substitute for each in invitees if each.substitute),
    ]
    posts = people.list_posts_by_id([int(each[1:]) for each in tokens if each[0] == "P"])
    units = people.list_units([int(each[1:]) for each in tokens if each[0] == "U"])
    inside = {
        **{f"P{post.pk}": REASON for post in posts.values() if post.unit.agency_id == document.agency_id},
        **{f"U{unit.pk}": REASON for unit in units.values() if unit.agency_id == document.agency_id},
    }
    documents.show(document=document, holders=inside, actor=actor, at=at)


def draft_notice(*, entry_id: int, actor: Actor, today: date, at: datetime) -> Document:
    """Draft the notice of the conclusions (Thông báo kết luận); it goes the way of every document. Asked again, the same draft.

    :raises NotTheHost: :raises NothingConcluded: :raises Refusal: as documents.create_draft
    """
    entry = queries.get_for(actor, entry_id, at)
    refuse(policy.why_not_host(actor, entry, queries.offices_of(entry.agency_id, today)))
    with transaction.atomic(durable=True):
        entry = queries.lock(entry_id)
        if entry.notice_id is not None:
            return papers.get_for(actor, entry.notice_id)
        points = queries.list_points(entry)
        if not points:
            raise NothingConcluded()
        key = f"agenda-notice-{entry.pk}"
        facts = DraftFacts(NOTICE, f"Kết luận của {entry.chair_name} tại cuộc họp: {entry.title}"[:500])
        document = documents.create_draft(facts=facts, key=key, actor=actor, today=today, at=at)
        documents.revise(
            document_id=document.pk,
            facts=facts,
            body=notice_body(entry, queries.list_invitees(entry), [each.words for each in points]),
            uploaded_file="",
            revision=papers.making_of(document).revision,
            window=key,
            actor=actor,
            today=today,
            at=at,
        )
        agenda.note_notice(entry_id=entry_id, document_id=document.pk, actor=actor, at=at)
    return document


def notice_body(entry: Entry, invitees: Iterable[Invitee], points: Sequence[str]) -> dict[str, Any]:
    """The text a notice of conclusions begins with. An official paper: Vietnamese, whatever the reader's language."""
    day = entry.starts_at.astimezone(workdays.HERE)
    where = f" tại {entry.venue.name}" if entry.venue else f" tại {entry.place}" if entry.place else ""
    came = [each.substitute_name or each.name for each in invitees if each.present or each.present is None]
    with_whom = f" Dự họp có: {'; '.join(came)}." if came else ""
    opening = (
        f"Ngày {day:%d/%m/%Y}{where}, {entry.chair_name} chủ trì cuộc họp về việc “{entry.title}”.{with_whom} "
        "Sau khi nghe báo cáo và ý kiến của các đại biểu, đồng chí chủ trì kết luận như sau:"
    )
    closing = "Các cơ quan, đơn vị căn cứ kết luận trên tổ chức thực hiện./."
    return {
        "type": "doc",
        "content": [
            _line(opening),
            *(_line(f"{place}. {words}") for place, words in enumerate(points, 1)),
            _line(closing),
        ],
    }


def _line(words: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": words}]}


def decide(
    *,
    entry_id: int,
    point_id: int,
    shares: list[Share],
    words: str = "",
    begun_in: str | None = None,
    actor: Actor,
    at: datetime,
) -> Directive:
    """Give a conclusion out as work; the work knows at which meeting it was concluded. The same form sent twice gives once.

    :raises NotTheHost: :raises PointGiven: :raises Refusal: as tasks.give
    """
    entry = queries.get_for(actor, entry_id, at)
    refuse(policy.why_not_host(actor, entry, queries.offices_of(entry.agency_id, workdays.local_date(at))))
    with transaction.atomic(durable=True):
        queries.lock(entry_id)
        if begun_in and (again := assignments.find_begun_in(begun_in)) is not None:
            return again
        point = queries.get_point(entry, point_id)
        if point.directive_id is not None:
            raise PointGiven()
        directive = tasks.give(
            document_id=None,
            title=point.words[:500],
            words=words,
            shares=shares,
            origin=Origin.MEETING,
            begun_in=begun_in,
            actor=actor,
            at=at,
        )
        agenda.note_given(entry_id=entry_id, point_id=point_id, directive_id=directive.pk, actor=actor, at=at)
        direct_document.tell_named(None, directive, actor, at)
    return directive


def _concerned(entry: Entry, invitees: Iterable[Invitee]) -> list[str]:
    """Everybody who has the entry in his calendar: who leads it, who proposed and prepares it, who is invited or sent."""
    found = [entry.chair, f"P{entry.made_post_id}"]
    if entry.prepares_id:
        found.append(f"U{entry.prepares_id}")
    for each in invitees:
        found.append(each.holder)
        if each.substitute:
            found.append(each.substitute)
    return list(dict.fromkeys(found))


def _by(actor: Actor) -> str:
    return f"{actor.person_name}, {actor.post_title}"


def _tell(kind: str, holders: Sequence[str], entry: Entry, actor: Actor, at: datetime, **facts: Any) -> None:
    if not holders:
        return
    told = {
        "subject": entry.title,
        "when": when_of(entry),
        "by": _by(actor),
        "name": "",
        "words": "",
        "to": "",
        **facts,
    }
    news = notices.News(
        holders=holders,
        kind=kind,
        words=telling.WORDS[kind],
        subject=("agenda", entry.pk),
        facts=told,
        link=f"/agenda/{entry.pk}",
    )
    notices.tell_many([news], actor=actor, at=at)
