"""Receiving: arrival, verification, the register book, presenting, and the end of the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from antin.documents import policy, queries, states
from antin.documents.models import Arrival, Attachment, Document, Remark, Visibility
from antin.documents.operations.drafting import UnknownType, clean_subject, index_words
from antin.documents.operations.sharing import show
from antin.documents.states import Act, Circulation, Direction, Status, Urgency
from antin.documents.types import ALL_TYPES
from antin.identifiers.text import clean
from antin.journal import operations as journal
from antin.numbering import operations as numbering
from antin.numbering.queries import SeriesKey
from antin.people import queries as people
from antin.people.actor import Actor
from antin.people.models import Post
from antin.refusal import Refusal, refuse
from antin.workdays import queries as workdays

# Return reasons in use between agencies (status 02 of QCVN 102:2016 carries words; the codes are ours, stable).
RETURN_REASONS = {
    "wrong_agency": _("Gửi nhầm đơn vị"),
    "not_competent": _("Không đúng thẩm quyền giải quyết"),
    "file_missing": _("Thiếu tệp, thiếu phụ lục"),
    "signature_missing": _("Không có chữ ký số"),
    "signature_invalid": _("Chữ ký số không hợp lệ"),
    "altered": _("Nội dung không toàn vẹn"),
    "bad_form": _("Sai thể thức"),
    "file_broken": _("Tệp lỗi hoặc có mã độc"),
    "duplicate": _("Trùng văn bản đã nhận"),
    "classified": _("Văn bản mật gửi sai kênh"),
    "other": _("Lý do khác"),
}
# How long registering may take, by urgency, from arrival; ordinary papers have until the end of the next working day.
REGISTER_WITHIN = {
    Urgency.IMMEDIATE: timedelta(minutes=30),
    Urgency.VERY_URGENT: timedelta(hours=2),
    Urgency.URGENT: timedelta(hours=4),
}


class ReasonUnknown(Refusal):
    code = "return_reason_unknown"
    words = _("Chọn một lý do trả lại trong danh mục.")


class WordsMissing(Refusal):
    code = "return_words_missing"
    words = _("Lý do “khác” phải ghi rõ bằng lời.")


class DuplicateArrival(Refusal):
    code = "duplicate_arrival"
    words = _("Trùng văn bản đã nhận: %(code)s, %(issuer)s, số đến %(arrival)s. Kiểm tra trước khi vào sổ.")


class NobodyToPresent(Refusal):
    code = "nobody_to_present"
    words = _("Cơ quan chưa có người đứng đầu để trình; chọn người nhận trình.")


class DateAhead(Refusal):
    code = "date_ahead"
    words = _("Ngày văn bản %(day)s ở sau hôm nay.")


@dataclass(frozen=True)
class NewArrival:
    """What comes to one agency: the paper's own facts, its files, and the key that makes it come once."""

    delivery_key: str
    agency_id: int
    type_code: str
    subject: str
    urgency: int
    issuer_name: str
    issuer_code: str
    number: int | None
    notation: str
    code: str
    document_date: date | None
    identifier: str
    reply_by: date | None
    file: str
    pages: int
    signer_name: str = ""
    answers: str = ""  # identifier of this agency's own document that it replies to
    attachments: tuple[tuple[str, str, int, str], ...] = ()  # name, digest, size, media type
    verdict: str = ""
    replaces_paper: bool = False
    secrecy: int = 0
    classified_id: int | None = None  # the agency's own holding of the sealed words
    circulation: str = Circulation.FREE


def register_deadline(urgency: int, at: datetime) -> datetime:
    """Return until when an arrival should be in the book.

    Law: Decree 30/2020, art. 22 (the same day, at latest the next working day; urgent ones at once).
    """
    within = REGISTER_WITHIN.get(Urgency(urgency))
    if within is not None:
        return at + within
    return workdays.end_of_working_day(workdays.add_working_days(workdays.local_date(at), 1))


@transaction.atomic
def arrive_many(*, arrivals: list[NewArrival], actor: Actor | None, at: datetime) -> dict[str, int]:
    """Let documents arrive, each once per delivery key, in a fixed number of statements whatever their number.

    Returns the document id of every key, the ones that had arrived before included.
    """
    keys = [arrival.delivery_key for arrival in arrivals]
    there = dict(Arrival.objects.filter(delivery_key__in=keys).values_list("delivery_key", "document_id"))
    fresh = [arrival for arrival in arrivals if arrival.delivery_key not in there]
    if not fresh:
        return there
    answered = _own_documents_answered(fresh)
    vector_of = cache(queries.search_vector)  # most arrivals are one paper for many agencies
    deadlines = {urgency: register_deadline(urgency, at) for urgency in {new.urgency for new in fresh}}
    documents = Document.objects.bulk_create(
        Document(
            agency_id=new.agency_id,
            direction=Direction.IN,
            status=Status.ARRIVED,
            type_code=new.type_code,
            subject=new.subject[:500],
            urgency=new.urgency,
            secrecy=new.secrecy,
            circulation=new.circulation,
            classified_id=new.classified_id,
            reply_by=new.reply_by,
            issuer_name=new.issuer_name,
            issuer_code=new.issuer_code,
            number=new.number,
            notation=new.notation,
            code=new.code,
            document_date=new.document_date,
            identifier=new.identifier,
            file=new.file,
            pages=new.pages,
            parties=new.issuer_name,
            attachment_count=len(new.attachments),
            in_reply_to_id=answered.get((new.agency_id, new.answers)),
            next_act=Act.REGISTER,
            next_holder=f"R{new.agency_id}",
            next_due_at=deadlines[new.urgency],
            made_at=at,
            changed_at=at,
            order_at=at,
            search=vector_of(new.code, new.subject, new.issuer_name),
        )
        for new in fresh
    )
    pairs = list(zip(fresh, documents, strict=True))
    Arrival.objects.bulk_create(
        Arrival(
            document=document,
            source=Arrival.Source.EXCHANGE,
            delivery_key=new.delivery_key,
            arrived_at=at,
            verdict=new.verdict,
            replaces_paper=new.replaces_paper,
            signer_name=new.signer_name,
        )
        for new, document in pairs
    )
    Attachment.objects.bulk_create(
        Attachment(document=document, position=position, name=name, file=file, size=size, media_type=media_type)
        for new, document in pairs
        for position, (name, file, size, media_type) in enumerate(new.attachments, 1)
    )
    Visibility.objects.bulk_create(
        Visibility(document=document, holder=f"R{new.agency_id}", box="in", reason="registry", since=at, order_at=at)
        for new, document in pairs
    )
    journal.record_many(
        [
            journal.Entry(
                event="document.arrived",
                subject=("document", document.pk),
                actor=actor,
                at=at,
                agency_id=new.agency_id,
                facts={"code": new.code, "issuer": new.issuer_name, "verdict": new.verdict, "file": new.file},
            )
            for new, document in pairs
        ]
    )
    return there | {new.delivery_key: document.pk for new, document in pairs}


def _own_documents_answered(fresh: list[NewArrival]) -> dict[tuple[int, str], int]:
    identifiers = {new.answers for new in fresh if new.answers}
    if not identifiers:
        return {}
    rows = Document.objects.filter(
        agency_id__in={new.agency_id for new in fresh}, direction=Direction.OUT, identifier__in=identifiers
    ).values_list("agency_id", "identifier", "id")
    return {(agency_id, identifier): document_id for agency_id, identifier, document_id in rows}


@transaction.atomic
def keep_verdict(
    *, document_id: int, verdict: str, replaces_paper: bool, signer_name: str, actor: Actor | None, at: datetime
) -> Arrival:
    """Keep what the signatures on an arrival say, when it is judged again."""
    document = queries.lock(document_id)
    arrival = queries.arrival_of(document)
    if (arrival.verdict, arrival.replaces_paper) != (verdict, replaces_paper):
        arrival.verdict, arrival.replaces_paper, arrival.signer_name = verdict, replaces_paper, signer_name[:160]
        arrival.save(update_fields=["verdict", "replaces_paper", "signer_name"])
        journal.record(
            "document.judged",
            subject=("document", document.pk),
            actor=actor,
            at=at,
            agency_id=document.agency_id,
            verdict=verdict,
        )
    return arrival


def _leader(document: Document, post_id: int) -> Post:
    return people.get_post_in(agency_id=document.agency_id, post_id=post_id)


def _enter(
    document: Document, arrival: Arrival, present_to: int | None, *, actor: Actor, today: date, at: datetime
) -> None:
    """Take the arrival number and present the document to a leader, in the caller's transaction."""
    leader = people.find_head_post(document.agency_id, today) if present_to is None else _leader(document, present_to)
    if leader is None:
        raise NobodyToPresent()
    secrecy = "" if document.classified_id is None else "secret"
    key = SeriesKey(agency_id=document.agency_id, book="in", year=today.year, type_group="", secrecy_class=secrecy)
    taken = numbering.take(series=key, subject=("document", document.pk), actor=actor, at=at)
    document.arrival_number, document.arrival_year = taken.value, today.year
    document.status = states.step("register", document.status)
    document.next_act, document.next_holder = Act.DIRECT, f"P{leader.pk}"
    document.next_due_at = register_deadline(document.urgency, at)
    document.due_at = workdays.end_of_working_day(document.reply_by) if document.reply_by else None
    document.changed_at = at
    document.save()
    arrival.arrival_date, arrival.registered_at, arrival.presented_post = today, at, leader
    arrival.registered_by = f"{actor.person_name}, {actor.post_title}"
    arrival.save()
    show(document=document, holders={f"P{leader.pk}": "presented"}, actor=actor, at=at)
    journal.record(
        "document.registered",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        number=taken.value,
        presented=leader.title,
    )


@transaction.atomic
def register(
    *,
    document_id: int,
    present_to: int | None = None,
    despite_duplicate: bool = False,
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Enter an arrival in the agency's book with the next arrival number, and present it to its head (or the given post).

    Law: Decree 30/2020, art. 22; one sequence per year for paper and electronic documents together.

    :raises DuplicateArrival: the same paper is in the book already, and the clerk has not said to go on
    :raises NobodyToPresent: the agency has no head today and no post was given
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_register(actor, document))
    if not despite_duplicate:
        _refuse_duplicate(document)
    arrival = queries.arrival_of(document)
    _enter(document, arrival, present_to, actor=actor, today=today, at=at)
    return document


def _refuse_duplicate(document: Document) -> None:
    same = queries.find_duplicate_of(document)
    if same is not None:
        raise DuplicateArrival(code=same.code, issuer=same.issuer_name, arrival=same.arrival_number or "—")


@dataclass(frozen=True)
class PaperFacts:
    """What the clerk reads off a paper that came by hand."""

    type_code: str
    subject: str
    issuer_name: str
    code: str
    document_date: date | None
    urgency: int = 0
    secrecy: int = 0
    reply_by: date | None = None
    circulation: str = Circulation.FREE


class IssuerMissing(Refusal):
    code = "issuer_missing"
    words = _("Chưa ghi nơi gửi.")


@transaction.atomic
def receive_paper(
    *,
    facts: PaperFacts,
    file: str,
    pages: int,
    verdict: str,
    replaces_paper: bool,
    attachments: tuple[tuple[str, str, int, str], ...],
    key: str,
    present_to: int | None = None,
    despite_duplicate: bool = False,
    classified_id: int | None = None,
    shown_to: Sequence[int] = (),
    scan_allowed_by: str = "",
    actor: Actor,
    today: date,
    at: datetime,
) -> Document:
    """Register a paper that came by hand, with its scan, in the same book and the same way. `key` makes a repeated form harmless.

    Of a classified one the caller seals the words under `classified_id`, gives the mask as its subject and sealed files, or none;
    it goes into the book of secret papers, and the posts it is `shown_to` see it as well. A scan of it is a copy: the journal has
    whose leave it was made by (`scan_allowed_by`).

    :raises ClassifiedElsewhere: :raises NotTheRegistry: :raises IssuerMissing: :raises SubjectMissing:
    :raises DateAhead: :raises DuplicateArrival:
    """
    refuse(policy.why_not_receive_paper(actor, facts.secrecy if classified_id is None else 0))
    done = Arrival.objects.select_related("document").filter(delivery_key=key).first()
    if done is not None:
        return done.document
    if facts.type_code not in ALL_TYPES:
        raise UnknownType(type_code=facts.type_code)
    issuer = " ".join(clean(facts.issuer_name).split())[:300]
    if not issuer:
        raise IssuerMissing()
    if facts.document_date is not None and facts.document_date > today:
        raise DateAhead(day=f"{facts.document_date:%d/%m/%Y}")
    code = clean(facts.code).strip()[:80]
    document = Document(
        agency_id=actor.agency_id,
        direction=Direction.IN,
        status=Status.ARRIVED,
        type_code=facts.type_code,
        subject=clean_subject(facts.subject),
        urgency=facts.urgency,
        secrecy=facts.secrecy,
        circulation=Circulation(facts.circulation),
        classified_id=classified_id,
        reply_by=facts.reply_by,
        issuer_name=issuer,
        notation=code.partition("/")[2][:60],
        code=code,
        document_date=facts.document_date,
        file=file,
        pages=pages,
        parties=issuer,
        attachment_count=len(attachments),
        next_act=Act.REGISTER,
        next_holder=f"R{actor.agency_id}",
        made_at=at,
        changed_at=at,
        order_at=at,
    )
    if not despite_duplicate:
        _refuse_duplicate(document)
    document.save(force_insert=True)
    arrival = Arrival.objects.create(
        document=document,
        source=Arrival.Source.PAPER,
        delivery_key=key,
        arrived_at=at,
        verdict=verdict,
        replaces_paper=replaces_paper,
    )
    Attachment.objects.bulk_create(
        Attachment(document=document, position=position, name=name[:200], file=digest, size=size, media_type=media_type)
        for position, (name, digest, size, media_type) in enumerate(attachments, 1)
    )
    holders = {f"R{actor.agency_id}": "registry", **{f"P{post_id}": "presented" for post_id in shown_to}}
    show(document=document, holders=holders, actor=actor, at=at)
    leave: dict[str, Any] = {"scan_allowed_by": scan_allowed_by} if scan_allowed_by else {}
    journal.record(
        "document.arrived",
        subject=("document", document.pk),
        actor=actor,
        at=at,
        code=code,
        issuer=issuer,
        source="paper",
        file=file,
        **leave,
    )
    _enter(document, arrival, present_to, actor=actor, today=today, at=at)
    Document.objects.filter(pk=document.pk).update(search=index_words(document))
    return document


@transaction.atomic
def send_back(*, document_id: int, reason: str, words: str, actor: Actor, at: datetime) -> Document:
    """Return an arrival to its sender with a coded reason; it never enters the book. `reason` is a key of RETURN_REASONS.

    :raises ReasonUnknown: :raises WordsMissing: "other" without words
    """
    document = queries.lock(document_id)
    refuse(policy.why_not_send_back(actor, document))
    said = clean(words).strip()[:1000]
    if reason not in RETURN_REASONS:
        raise ReasonUnknown()
    if reason == "other" and not said:
        raise WordsMissing()
    arrival = queries.arrival_of(document)
    document.status = states.step("send_back", document.status)
    document.next_act, document.next_holder, document.next_due_at = Act.NONE, "", None
    document.changed_at = at
    document.save()
    arrival.return_code, arrival.return_words, arrival.returned_at = reason, said, at
    arrival.save(update_fields=["return_code", "return_words", "returned_at"])
    journal.record(
        "document.sent_back", subject=("document", document.pk), actor=actor, at=at, reason=reason, words=said
    )
    return document


@transaction.atomic
def present(*, document_id: int, post_id: int, words: str = "", actor: Actor, at: datetime) -> Document:
    """Pass a registered document to another leader of the agency for his directive."""
    document = queries.lock(document_id)
    refuse(policy.why_not_present(actor, document))
    leader = _leader(document, post_id)
    arrival = queries.arrival_of(document)
    arrival.presented_post = leader
    arrival.save(update_fields=["presented_post"])
    document.next_act, document.next_holder, document.changed_at = Act.DIRECT, f"P{leader.pk}", at
    document.save(update_fields=["next_act", "next_holder", "changed_at"])
    show(document=document, holders={f"P{leader.pk}": "presented"}, actor=actor, at=at)
    said = clean(words).strip()[:1000]
    if said:
        Remark.objects.create(
            document=document, kind="presented", words=said, author=f"{actor.person_name}, {actor.post_title}", at=at
        )
    journal.record(
        "document.presented", subject=("document", document.pk), actor=actor, at=at, to=leader.title, words=said
    )
    return document


@transaction.atomic
def keep_stamped(*, document_id: int, file: str, actor: Actor, at: datetime) -> Document:
    """Keep the file with the arrival stamp beside the one that came; the first one stays."""
    document = queries.lock(document_id)
    refuse(policy.why_not_stamp(actor, document))
    arrival = queries.arrival_of(document)
    if not arrival.stamped_file:
        arrival.stamped_file = file
        arrival.save(update_fields=["stamped_file"])
        journal.record(
            "document.stamped",
            subject=("document", document.pk),
            actor=actor,
            at=at,
            agency_id=document.agency_id,
            file=file,
        )
    return document


@transaction.atomic
def direct(
    *, document_id: int, holders: dict[str, str], due_at: datetime | None, actor: Actor, at: datetime
) -> Document:
    """Mark that a leader has directed the document and let those he named see it; what he wrote is kept by tasks."""
    document = queries.lock(document_id)
    refuse(policy.why_not_direct(actor, document))
    document.status = states.step("direct", document.status)
    document.next_act, document.next_holder, document.next_due_at = Act.NONE, "", None
    if due_at is not None:
        document.due_at = due_at
    document.changed_at = at
    document.save()
    show(document=document, holders=holders, actor=actor, at=at)
    journal.record("document.directed", subject=("document", document.pk), actor=actor, at=at, holders=sorted(holders))
    return document


@transaction.atomic
def begin(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Mark that work on the document has begun; repeating it changes nothing. The caller has checked the assignment."""
    document = queries.lock(document_id)
    if document.status == Status.PROCESSING:
        return document
    document.status = states.step("begin", document.status)
    document.changed_at = at
    document.save(update_fields=["status", "changed_at"])
    journal.record("document.begun", subject=("document", document.pk), actor=actor, at=at)
    return document


@transaction.atomic
def complete(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Mark the work on an incoming document as done; repeating it changes nothing. The caller has checked the assignments."""
    document = queries.lock(document_id)
    if document.status == Status.COMPLETED:
        return document
    document.status = states.step("complete", document.status)
    document.next_act, document.next_holder, document.next_due_at = Act.NONE, "", None
    document.changed_at = at
    document.save()
    Arrival.objects.filter(document=document).update(completed_at=at)
    journal.record("document.completed", subject=("document", document.pk), actor=actor, at=at)
    return document


@transaction.atomic
def close(*, document_id: int, actor: Actor, at: datetime) -> Document:
    """Close a registered document that needs no work (read, kept for information)."""
    document = queries.lock(document_id)
    refuse(policy.why_not_close(actor, document))
    return complete(document_id=document_id, actor=actor, at=at)
