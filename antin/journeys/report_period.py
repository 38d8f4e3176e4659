"""A period report: its figures are frozen, and become a draft of a report that goes the way of every document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from antin.documents import operations as documents
from antin.documents import queries as papers
from antin.documents.operations import DraftFacts
from antin.files import queries as files
from antin.people import queries as people
from antin.people.actor import Actor
from antin.programmes import account, policy, queries, reporting
from antin.programmes import operations as programmes
from antin.refusal import Refusal, _, refuse
from antin.signing import operations as signing

if TYPE_CHECKING:
    from antin.programmes.models import PeriodReport
    from antin.signing.operations import Report

REPORT = "BC"


class NoFigures(Refusal):
    code = "no_figures"
    words = _("Tệp này không nêu mã băm của bảng số liệu nào, hoặc nêu nhiều mã khác nhau.")


def draft(
    *,
    since: date,
    until: date,
    programme_id: int | None = None,
    of_agency: bool = True,
    begun_in: str,
    actor: Actor,
    today: date,
    at: datetime,
) -> PeriodReport:
    """Draft the report of the actor's agency (or of his unit alone) on a period; the same form sent twice drafts once.

    :raises NotAReporter: :raises PeriodNotOver: :raises NotFound: the programme is not his to see
    :raises Refusal: as documents.create_draft
    """
    refuse(policy.why_not_report(actor))
    refuse(policy.why_not_period(since, until, today))
    programme = queries.get_for(actor, programme_id) if programme_id is not None else None
    unit = people.get_unit(actor.agency_id if of_agency else actor.unit_id)
    with transaction.atomic(durable=True):
        if (again := queries.find_report_begun_in(begun_in)) is not None:
            return again
        told = reporting.account_of(unit, programme, since, until, reporting.choose(actor, unit, since, until))
        subject = account.subject_of(told)
        facts = DraftFacts(REPORT, subject[:500])
        document = documents.create_draft(facts=facts, key=begun_in, actor=actor, today=today, at=at)
        documents.revise(
            document_id=document.pk,
            facts=facts,
            body=account.body_of(told, account.digest_of(told)),
            uploaded_file="",
            revision=papers.making_of(document).revision,
            window=begun_in,
            actor=actor,
            today=today,
            at=at,
        )
        return programmes.keep_report(
            unit_id=unit.pk,
            programme_id=programme_id,
            since=since,
            until=until,
            document_id=document.pk,
            told=told,
            begun_in=begun_in,
            actor=actor,
            at=at,
        )


@dataclass(frozen=True)
class Checked:
    """What a signed report proves: the digest it names, what its signatures say, and whose kept figures have that digest.

    `kept` tells whether the kept figures still give the digest, `moved` where reckoning them again gives something else; both
    only of a report that the actor may see.
    """

    digest: str
    signatures: Report
    report: PeriodReport | None = None
    kept: bool = False
    moved: tuple[tuple[str, str, str], ...] = ()


def check(*, content: bytes, actor: Actor, at: datetime) -> Checked:
    """Check the figures of a report from its signed file alone; nothing is kept.

    :raises NoFigures: it names no digest :raises Refusal: it is no PDF that can be read
    """
    files.inspect_pdf(content)
    digest = account.digest_in(files.text_in(content))
    if not digest:
        raise NoFigures()
    signatures = signing.examine(content=content, at=at)
    found = queries.find_reports_by_digest(actor, digest)
    if not found:
        return Checked(digest, signatures)
    report = found[0]
    moved = account.differences(report.account, reporting.reckon_again(report))
    return Checked(digest, signatures, report, account.digest_of(report.account) == digest, tuple(moved))


def signed_digest(report: PeriodReport) -> str | None:
    """Return the digest that a report's signed page names; empty: none; None: it is not signed, or its words are sealed."""
    document = report.document
    if document.secrecy or not document.file or papers.making_of(document).signed_at is None:
        return None
    return account.digest_in(files.text_of(document.file))
