"""A period report: frozen figures become the draft of a document; reckoned again they are the same, or named where not."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta

import docx
import pytest
from django.db import transaction
from django.test import Client

from antin.documents import operations
from antin.documents import queries as papers
from antin.documents.operations import DraftFacts
from antin.files import queries as files
from antin.indicators import operations as indicators
from antin.journeys import approve_document, fix_page, issue_document, report_period
from antin.programmes import account, policy, reporting
from antin.programmes.models import PeriodReport
from antin.programmes.states import Span
from antin.tasks import operations as tasks
from antin.tasks.models import Assignment, Spell
from antin.tasks.operations import Share
from antin.tasks.states import Origin, Role
from antin.typeset import body as bodies
from tests import paper
from tests import papers as papers_made
from tests.cast import TODAY, Cast
from tests.doors.test_figures_pages import bearer
from tests.unchanged import refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_state")]

DAY = timedelta(days=1)
PERIOD = {"since": date(2026, 10, 1), "until": date(2026, 10, 31)}
KEY = "mot-ky-bao-cao-thu"


def give(cast: Cast, at: datetime, title: str, unit_id: int, *, giver: str = "head", days: int) -> Assignment:
    made = tasks.give(
        document_id=None, title=title, words="", shares=[Share(Role.LEAD, unit_id=unit_id, days=days)],
        origin=Origin.HAND, actor=getattr(cast, giver).actor(), at=at,
    )  # fmt: skip
    return made.assignments.get()


def an_october(cast: Cast, at: datetime) -> dict[str, Assignment]:
    """Work of October 2026: one piece done, one late, one due in November, one that only B1 sees."""
    begun = at - 50 * DAY  # 4 October
    made = {
        "done": give(cast, begun, "Rà soát <máy> trạm", cast.plan_id, days=10),
        "late": give(cast, begun, "Nối mạng kho K1", cast.technique_id, days=5),
        "next": give(cast, begun, "Tập huấn ký số", cast.plan_id, days=30),
        "hidden": give(cast, begun, "Việc riêng của B1", cast.recipient_works_id, giver="recipient_head", days=5),
    }
    tasks.hand_in(assignment_id=made["done"].pk, words="Xong", actor=cast.plan_head.actor(), at=begun + 3 * DAY)
    tasks.accept(assignment_id=made["done"].pk, actor=cast.head.actor(), at=begun + 4 * DAY)
    told = {"assignment_id": made["late"].pk, "actor": cast.technique_head.actor(), "at": begun + 5 * DAY}
    tasks.say(kind="obstacle", words="Chưa có mặt bằng", **told)
    indicators.count(at=begun)
    indicators.count_again(kind="task", ids=[each.pk for each in made.values()], at=at)
    return made


def test_a_month_becomes_a_draft_and_says_later_whether_it_is_the_same(cast: Cast, at: datetime) -> None:
    made = an_october(cast, at)
    head = cast.head.actor()
    ways = {**PERIOD, "begun_in": KEY, "actor": head, "today": TODAY, "at": at}
    report = report_period.draft(**ways)
    assert report_period.draft(**ways).pk == report.pk
    told = report.account
    assert (told["kind"], report.digest) == (Span.MONTH, account.digest_of(told))
    assert told["sums"] == {
        "tasks_accepted": 1, "tasks_accepted_in_time": 1, "tasks_open": 3, "tasks_late": 2, "tasks_at_risk": 1,
    } | {name: n for name, n in told["sums"].items() if n == 0}  # fmt: skip
    assert [row["id"] for row in told["late"]] == [made["late"].pk]
    assert [row["title"] for row in told["next"]] == ["Tập huấn ký số"]
    assert [row["words"] for row in told["said"]] == ["Chưa có mặt bằng"]
    assert told["unnamed"] == 1

    document = papers.get_for(head, report.document_id)
    assert (document.type_code, document.subject) == ("BC", "Kết quả thực hiện nhiệm vụ tháng 10 năm 2026")
    words = bodies.plain_text(papers.making_of(document).body)
    assert "Tổng cục Z báo cáo kết quả tháng 10 năm 2026 (số liệu từ ngày 01/10/2026 đến hết ngày 31/10/2026)" in words
    assert "có 1 nhiệm vụ được nghiệm thu (100,0 % đúng hạn); đến cuối kỳ còn 3 nhiệm vụ" in words
    assert "Nối mạng kho K1" in words
    assert "Việc riêng của B1" not in words
    assert report.digest in words.replace("\n", " ")
    plan = papers.get_plan_for(head, document.pk)
    text = docx.Document(io.BytesIO(fix_page.template(plan, at)))
    cells = [cell.text for table in text.tables for row in table.rows for cell in row.cells]
    assert {"Kế hoạch" not in cells, "Nối mạng kho K1" in cells, "Vào sổ văn bản đến đúng hạn" in cells} == {True}

    assert account.differences(told, reporting.reckon_again(report)) == []
    later = {"assignment_id": made["late"].pk, "actor": cast.technique_head.actor(), "at": at}
    tasks.hand_in(words="Xong", **later)  # what happens after the period moves nothing in it
    indicators.count_again(kind="task", ids=[made["late"].pk], at=at)
    assert account.differences(told, reporting.reckon_again(report)) == []
    Spell.objects.filter(assignment=made["late"]).update(percent=90, due_at=None)  # somebody mends the past
    indicators.count_again(kind="task", ids=[made["late"].pk], at=at)
    moved = account.differences(told, reporting.reckon_again(report))
    assert ("Nhiệm vụ trong đó quá hạn", "2", "1") in moved
    assert ("Nhiệm vụ không thời hạn", "0", "1") in moved
    assert (
        f"Việc quá hạn: Nối mạng kho K1 (Phòng Kỹ thuật) số {made['late'].pk}",
        f"open_late, hạn {told['late'][0]['due']}, 0 %",
        "open_in_time, hạn không nêu, 90 %",
    ) in moved


def test_who_may_report_and_on_what(cast: Cast, at: datetime) -> None:
    ways = {**PERIOD, "begun_in": KEY, "today": TODAY, "at": at}
    refused(policy.NotAReporter, lambda: report_period.draft(actor=cast.clerk.actor(), **ways))
    for since, until in ((date(2026, 11, 1), TODAY), (date(2026, 10, 2), date(2026, 10, 1)), (date(2024, 1, 1), date(2026, 1, 1))):  # fmt: skip  # noqa: E501
        bad = ways | {"since": since, "until": until}
        refused(policy.PeriodNotOver, lambda bad=bad: report_period.draft(actor=cast.head.actor(), **bad))
    assert reporting.last_quarter(date(2026, 11, 23)) == (date(2026, 7, 1), date(2026, 9, 30))
    assert reporting.last_quarter(date(2026, 2, 1)) == (date(2025, 10, 1), date(2025, 12, 31))
    assert reporting.span_of(date(2026, 7, 1), date(2026, 9, 30)) == Span.QUARTER
    assert reporting.span_of(date(2026, 8, 1), date(2026, 10, 31)) == Span.DAYS


def test_a_signed_report_proves_its_figures_by_itself(cast: Cast, at: datetime, client: Client) -> None:
    """Drafted by the plan's department, endorsed, signed and issued as every document; its file alone leads to its figures."""
    made = an_october(cast, at)
    paper.give_keys(cast, at - DAY)
    writer = cast.plan_officer.actor()
    report = report_period.draft(**PERIOD, begun_in=KEY, actor=writer, today=TODAY, at=at)
    document = papers.get(report.document_id)
    facts = DraftFacts("BC", document.subject, signer_post_id=cast.head.post_id)
    body = papers.making_of(document).body
    with transaction.atomic():
        operations.revise(
            document_id=document.pk, facts=facts, body=body, uploaded_file="", revision=papers.making_of(document).revision,
            window=KEY, actor=writer, today=TODAY, at=at,
        )  # fmt: skip
        operations.set_recipients(
            document_id=document.pk, addressed=[cast.recipient_id], copied=[], actor=writer, today=TODAY, at=at
        )
    assert report_period.signed_digest(report) is None
    approve_document.submit(document_id=document.pk, actor=writer, today=TODAY, at=at)
    approve_document.endorse(document_id=document.pk, actor=cast.plan_head.actor(), today=TODAY, at=at)
    fix_page.fix_page(document_id=document.pk, at=at)
    paper.sign(cast, papers.get(document.pk), at)
    issue_document.number_document(document_id=document.pk, actor=cast.clerk.actor(), today=TODAY, at=at)
    issue_document.seal_document(document_id=document.pk, actor=cast.seal_keeper.actor(), at=at)
    report.refresh_from_db()
    assert report_period.signed_digest(report) == report.digest

    content = files.read(report.document.file)
    head = cast.head.actor()
    found = report_period.check(content=content, actor=head, at=at)
    assert (found.digest, found.signatures.verdict, found.report, found.kept, found.moved) == (
        report.digest, "valid", report, True, (),
    )  # fmt: skip
    stranger = report_period.check(content=content, actor=cast.recipient_works_officer.actor(), at=at)
    assert (stranger.digest, stranger.report) == (report.digest, None)
    refused(report_period.NoFigures, lambda: report_period.check(content=papers_made.pdf(), actor=head, at=at))
    told = client.post("/api/reports/check", {"file": io.BytesIO(content)}, headers=bearer(cast.head)).json()
    assert (told["digest"], told["verdict"], told["report_id"], told["kept"], told["moved"]) == (
        report.digest, "valid", report.pk, True, [],
    )  # fmt: skip
    assert cast.head.name in told["signers"]

    Spell.objects.filter(assignment=made["late"]).update(percent=90, due_at=None)  # somebody mends the past
    indicators.count_again(kind="task", ids=[made["late"].pk], at=at)
    assert ("Nhiệm vụ trong đó quá hạn", "2", "1") in report_period.check(content=content, actor=head, at=at).moved
    PeriodReport.objects.update(account={**report.account, "unnamed": 9})
    assert not report_period.check(content=content, actor=head, at=at).kept


def test_a_digest_is_read_whatever_the_lines() -> None:
    digest = "0123456789abcdef" * 4
    words = "mã SHA-256 của bảng số\nliệu: " + digest[:20] + "\n" + digest[20:50] + "-\n" + digest[50:] + "."
    assert account.digest_in(words) == digest
    assert account.digest_in(words + words) == digest
    assert account.digest_in(words + words.replace("0123", "3210")) == ""
    assert account.digest_in("mã SHA-256 của bảng số liệu: 12") == ""
