"""Programmes for machines: read with how far they are, written whole, submitted, approved, given out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.utils import timezone
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from antin.api.callers import ACT, READ, CalledRequest
from antin.api.documents import PROBLEMS, Directive, ReasonIn, ShareIn, WordsIn, content_of, shares
from antin.api.problems import declared
from antin.journeys import hold_review, report_period, run_programme
from antin.programmes import account, content, operations, queries, reporting
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.programmes.models import Programme as Row
    from antin.programmes.models import Version
    from antin.programmes.queries import Progress

router = Router(tags=["Programmes"])


class Cells(Schema):
    """How far work is: pieces in each of the four cells, and the mean of what is said to be done."""

    done_in_time: int
    done_late: int
    open_in_time: int
    open_late: int
    at_risk: int
    percent: int | None = Field(description="Null where no work was given.")


class InBrief(Schema):
    id: int
    title: str
    kind: str
    unit_id: int
    unit_name: str
    since: date
    until: date
    version: int
    status: str
    progress: Cells


class Whole(InBrief):
    revision: int
    digest: str
    content: dict[str, Any] = Field(
        description="What the version in force says, or the one in hand: docs/programmes.md."
    )
    given: dict[str, int] = Field(description="The directive that each entry gave, by the entry's key.")
    reached: dict[str, date]
    papers: dict[int, int] = Field(
        description="By which document each version was issued, as far as the caller may see it."
    )
    parts: dict[str, Cells]
    units: dict[int, Cells]


class PaperIn(Schema):
    document_id: int
    version: int | None = Field(None, ge=1, description="Its number; without it the newest that was approved.")


class ProgrammeIn(Schema):
    title: str
    kind: Literal["plan", "programme"] = "plan"
    of_agency: bool = True
    since: date
    until: date
    key: str = Field("", max_length=64, description="The same key begins once.")


class ContentIn(Schema):
    revision: int = Field(ge=0, description="The revision that was read; somebody who wrote since is not overwritten.")
    content: dict[str, Any]


class ReachedIn(Schema):
    day: date
    words: str = ""


class Given(Schema):
    given: int
    refused: dict[str, str] = Field(description="Why an entry was not given, by its title.")


def _cells(progress: Progress) -> dict[str, Any]:
    return {**progress.cells, "at_risk": progress.at_risk, "percent": progress.percent}


def _brief(row: Row, version: Version, progress: Progress) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "kind": row.kind,
        "unit_id": row.unit_id,
        "unit_name": row.unit.name,
        "since": row.since,
        "until": row.until,
        "version": version.number,
        "status": version.status,
        "progress": _cells(progress),
    }


def _whole(request: CalledRequest, programme_id: int, *, hand: bool = False) -> dict[str, Any]:
    row = queries.get_for(request.auth.actor, programme_id)
    force = queries.find_in_force(programme_id)
    version = (queries.find_in_hand(programme_id) if hand or force is None else force) or queries.newest(programme_id)
    progress = queries.progress_of([programme_id], timezone.now())[programme_id]
    versions = queries.list_versions(row)
    seen = queries.papers_of(request.auth.actor, versions)
    return _brief(row, version, progress.whole) | {
        "revision": version.revision,
        "digest": version.digest,
        "content": content.written(queries.content_of(version)),
        "given": queries.given_of(row),
        "reached": {key: each.day for key, each in queries.reached_of(row).items()},
        "papers": {each.number: each.paper_id for each in versions if each.paper_id in seen},
        "parts": {key: _cells(each) for key, each in progress.parts.items()},
        "units": {number: _cells(each) for number, each in progress.units.items()},
    }


@router.get("/programmes", auth=READ, response={200: list[InBrief], **declared(403)}, operation_id="listProgrammes")
def list_programmes(request: CalledRequest) -> list[dict[str, Any]]:
    """The programmes the caller may see, those of the latest time first."""
    rows = queries.list_programmes(request.auth.actor, timezone.now())
    return [_brief(row.programme, row.version, row.progress) for row in rows]


@router.post("/programmes", auth=ACT, response={201: Whole, **declared(*PROBLEMS)}, operation_id="beginProgramme")
def begin(request: CalledRequest, given: ProgrammeIn) -> Status[Any]:
    """Begin a programme; its first version is written with writeProgramme."""
    actor = request.auth.actor
    made = operations.begin(
        title=given.title,
        kind=given.kind,
        of_agency=given.of_agency,
        since=given.since,
        until=given.until,
        begun_in=f"api:{actor.person_id}:{given.key}"[:64] if given.key else None,
        actor=actor,
        at=timezone.now(),
    )
    return Status(201, _whole(request, made.pk))


@router.get(
    "/programmes/{int:programme_id}",
    auth=READ,
    response={200: Whole, **declared(403, 404)},
    operation_id="getProgramme",
)
def get(request: CalledRequest, programme_id: int, in_hand: bool = False) -> dict[str, Any]:
    """One programme by the version in force, or (`in_hand`) by the one that is being written."""
    return _whole(request, programme_id, hand=in_hand)


@router.put(
    "/programmes/{int:programme_id}/content",
    auth=ACT,
    response={200: Whole, **declared(*PROBLEMS)},
    operation_id="writeProgramme",
)
def write(request: CalledRequest, programme_id: int, given: ContentIn) -> dict[str, Any]:
    """Write the whole content of the version in hand."""
    queries.get_for(request.auth.actor, programme_id)
    operations.write(
        programme_id=programme_id,
        told=content.read(given.content),
        revision=given.revision,
        actor=request.auth.actor,
        at=timezone.now(),
    )
    return _whole(request, programme_id, hand=True)


def _act(request: CalledRequest, programme_id: int, call: Any, **told: Any) -> dict[str, Any]:
    queries.get_for(request.auth.actor, programme_id)
    call(programme_id=programme_id, **told, actor=request.auth.actor, at=timezone.now())
    return _whole(request, programme_id)


@router.post(
    "/programmes/{int:programme_id}/submit",
    auth=ACT,
    response={200: Whole, **declared(*PROBLEMS)},
    operation_id="submitProgramme",
)
def submit(request: CalledRequest, programme_id: int) -> dict[str, Any]:
    """Submit the version in hand for approval."""
    return _act(request, programme_id, run_programme.submit)


@router.post(
    "/programmes/{int:programme_id}/approve",
    auth=ACT,
    response={200: Whole, **declared(*PROBLEMS)},
    operation_id="approveProgramme",
)
def approve(request: CalledRequest, programme_id: int, given: WordsIn) -> dict[str, Any]:
    """Approve the version in hand."""
    return _act(request, programme_id, run_programme.approve, words=given.words)


@router.post(
    "/programmes/{int:programme_id}/send-back",
    auth=ACT,
    response={200: Whole, **declared(*PROBLEMS)},
    operation_id="sendProgrammeBack",
)
def send_back(request: CalledRequest, programme_id: int, given: ReasonIn) -> dict[str, Any]:
    """Send a submitted version back."""
    return _act(request, programme_id, run_programme.send_back, reason=given.reason)


@router.post(
    "/programmes/{int:programme_id}/revise",
    auth=ACT,
    response={200: Whole, **declared(*PROBLEMS)},
    operation_id="reviseProgramme",
)
def revise(request: CalledRequest, programme_id: int, given: ReasonIn) -> dict[str, Any]:
    """Begin the next version."""
    return _act(request, programme_id, operations.begin_version, reason=given.reason)


@router.post(
    "/programmes/{int:programme_id}/drop",
    auth=ACT,
    response={200: Whole, **declared(*PROBLEMS)},
    operation_id="dropProgrammeVersion",
)
def drop(request: CalledRequest, programme_id: int) -> dict[str, Any]:
    """Give up the version in hand."""
    return _act(request, programme_id, operations.drop)


@router.post(
    "/programmes/{int:programme_id}/end",
    auth=ACT,
    response={200: Whole, **declared(*PROBLEMS)},
    operation_id="endProgramme",
)
def end(request: CalledRequest, programme_id: int, given: WordsIn) -> dict[str, Any]:
    """End a programme, with what came of it."""
    return _act(request, programme_id, operations.end, words=given.words)


@router.post(
    "/programmes/{int:programme_id}/paper",
    auth=ACT,
    response={200: Whole, **declared(*PROBLEMS)},
    operation_id="bindProgramme",
)
def bind(request: CalledRequest, programme_id: int, given: PaperIn) -> dict[str, Any]:
    """Say by which document a version was issued, or amended."""
    return _act(request, programme_id, operations.bind, document_id=given.document_id, number=given.version)


@router.post(
    "/programmes/{int:programme_id}/entrust",
    auth=ACT,
    response={200: Given, **declared(*PROBLEMS)},
    operation_id="entrustProgramme",
)
def entrust(request: CalledRequest, programme_id: int) -> dict[str, Any]:
    """Give every entry that has not become work yet."""
    done, refused = run_programme.entrust_all(programme_id=programme_id, actor=request.auth.actor, at=timezone.now())
    return {"given": done, "refused": {title: no.message for title, no in refused.items()}}


@router.post(
    "/programmes/{int:programme_id}/milestones/{key}",
    auth=ACT,
    response={200: Whole, **declared(*PROBLEMS)},
    operation_id="reachMilestone",
)
def reach(request: CalledRequest, programme_id: int, key: str, given: ReachedIn) -> dict[str, Any]:
    """Note that a milestone was reached."""
    return _act(request, programme_id, operations.reach, milestone=key, day=given.day, words=given.words)


class ReviewInBrief(Schema):
    id: int
    unit_id: int
    unit_name: str
    month: date
    closed_at: datetime | None
    decisions: int


class ReviewLine(Schema):
    task_id: int
    unit_id: int
    title: str
    holder_name: str
    cell: str
    marks: list[str]
    due_at: datetime | None
    percent: int
    said: list[tuple[str, str]] = Field(description="obstacle, proposal or risk, and the words.")


class ReviewWhole(ReviewInBrief):
    minutes: str
    digest: str
    lines: list[ReviewLine]
    hidden: int = Field(description="Rows that the caller may not see by themselves.")
    decided: list[int] = Field(description="The tasks that were decided here, as far as the caller may see them.")


class MonthIn(Schema):
    month: date = Field(description="Any day of the month.")


class DecidedIn(Schema):
    title: str
    words: str = ""
    shares: list[ShareIn]
    key: str = Field("", max_length=64, description="The same key gives once.")


class MinutesIn(Schema):
    minutes: str = Field(max_length=20000)


def _review(request: CalledRequest, review_id: int) -> dict[str, Any]:
    actor = request.auth.actor
    row = queries.get_review_for(actor, review_id)
    if row.closed_at:
        lines, hidden = queries.kept_lines(actor, row)
    else:
        table = queries.table_of(actor, row, timezone.now())
        lines, hidden = table.lines, table.hidden
    decided, unseen = queries.list_resolutions(actor, row)
    return {
        "id": row.pk,
        "unit_id": row.unit_id,
        "unit_name": row.unit.name,
        "month": row.month,
        "closed_at": row.closed_at,
        "decisions": len(decided) + unseen,
        "minutes": row.minutes,
        "digest": row.digest,
        "lines": [asdict(line) for line in lines],
        "hidden": hidden,
        "decided": [task.pk for task in decided],
    }


@router.get("/reviews", auth=READ, response={200: list[ReviewInBrief], **declared(403)}, operation_id="listReviews")
def list_reviews(request: CalledRequest) -> list[dict[str, Any]]:
    """The monthly reviews the caller may see, the last month first."""
    return [
        {
            "id": row.pk,
            "unit_id": row.unit_id,
            "unit_name": row.unit.name,
            "month": row.month,
            "closed_at": row.closed_at,
            "decisions": decisions,
        }
        for row, decisions in queries.list_reviews(request.auth.actor)
    ]


@router.post("/reviews", auth=ACT, response={201: ReviewWhole, **declared(*PROBLEMS)}, operation_id="callReview")
def call_review(request: CalledRequest, given: MonthIn) -> Status[Any]:
    """Open the review of the caller's unit for a month; calling it again gives the same."""
    made = operations.call_review(month=given.month, actor=request.auth.actor, at=timezone.now())
    return Status(201, _review(request, made.pk))


@router.get(
    "/reviews/{int:review_id}",
    auth=READ,
    response={200: ReviewWhole, **declared(403, 404)},
    operation_id="getReview",
)
def get_review(request: CalledRequest, review_id: int) -> dict[str, Any]:
    """One review: as things stand while it is open, as they stood once it is closed."""
    return _review(request, review_id)


@router.post(
    "/reviews/{int:review_id}/decide",
    auth=ACT,
    response={201: Directive, **declared(*PROBLEMS)},
    operation_id="decideAtReview",
)
def decide(request: CalledRequest, review_id: int, given: DecidedIn) -> Status[Any]:
    """Give work that was decided at a review."""
    actor = request.auth.actor
    made = hold_review.decide(
        review_id=review_id,
        title=given.title,
        words=given.words,
        shares=shares(given.shares),
        begun_in=f"api:{actor.person_id}:{given.key}"[:64] if given.key else None,
        actor=actor,
        at=timezone.now(),
    )
    return Status(201, made)


@router.post(
    "/reviews/{int:review_id}/close",
    auth=ACT,
    response={200: ReviewWhole, **declared(*PROBLEMS)},
    operation_id="closeReview",
)
def close_review(request: CalledRequest, review_id: int, given: MinutesIn) -> dict[str, Any]:
    """Close a review with its minutes."""
    queries.get_review_for(request.auth.actor, review_id)
    operations.close_review(review_id=review_id, minutes=given.minutes, actor=request.auth.actor, at=timezone.now())
    return _review(request, review_id)


class ReportIn(Schema):
    since: date
    until: date
    programme_id: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    key: str = Field(min_length=16, max_length=64, pattern=r"^[\w-]{16,64}$", description="The same key drafts once.")


class Moved(Schema):
    what: str
    then: str
    now: str


class PeriodReport(Schema):
    id: int
    document_id: int
    since: date
    until: date
    account: dict[str, Any] = Field(
        description="The frozen figures; their JSON with sorted names and no spaces has the digest."
    )
    digest: str
    moved: list[Moved] = Field(description="Where reckoning again gives something else; empty: the same.")
    signed_digest: str | None = Field(
        description="What the signed page names; null: not signed, or its words are sealed."
    )


def _report(found: Any) -> dict[str, Any]:
    moved = account.differences(found.account, reporting.reckon_again(found))
    return {
        "id": found.pk,
        "document_id": found.document_id,
        "since": found.since,
        "until": found.until,
        "account": found.account,
        "digest": found.digest,
        "moved": [{"what": what, "then": then, "now": now} for what, then, now in moved],
        "signed_digest": report_period.signed_digest(found),
    }


@router.post("/reports", auth=ACT, response={201: PeriodReport, **declared(*PROBLEMS)}, operation_id="draftReport")
def draft_report(request: CalledRequest, told: ReportIn) -> Status[dict[str, Any]]:
    """Draft the report of the caller's agency on a past period: frozen figures, and the draft of a document."""
    now = timezone.now()
    made = report_period.draft(
        since=told.since,
        until=told.until,
        programme_id=told.programme_id,
        begun_in=told.key,
        actor=request.auth.actor,
        today=workdays.local_date(now),
        at=now,
    )
    return Status(201, _report(made))


@router.get(
    "/reports/{int:report_id}", auth=READ, response={200: PeriodReport, **declared(403, 404)}, operation_id="getReport"
)
def get_report(request: CalledRequest, report_id: int) -> dict[str, Any]:
    """One report with its frozen figures, and where they differ from those of today."""
    return _report(queries.get_report_for(request.auth.actor, report_id))


class CheckedReport(Schema):
    digest: str = Field(description="The digest of the figures that the file names.")
    verdict: str = Field(description="What the signatures on the file say.")
    signers: list[str]
    report_id: int | None = Field(
        description="Whose kept figures have that digest; null: none that the caller may see."
    )
    kept: bool = Field(description="Whether the kept figures still give the digest.")
    moved: list[Moved]


@router.post(
    "/reports/check",
    auth=READ,
    response={200: CheckedReport, **declared(400, 403, 413, 422)},
    operation_id="checkReport",
)
def check_report(request: CalledRequest, file: Annotated[UploadedFile, File()]) -> dict[str, Any]:
    """Check the figures of a period report from its signed PDF alone; nothing is kept."""
    content = content_of(file).read()
    found = report_period.check(content=content, actor=request.auth.actor, at=timezone.now())
    return {
        "digest": found.digest,
        "verdict": found.signatures.verdict,
        "signers": [each.name for each in found.signatures.signatures],
        "report_id": found.report.pk if found.report else None,
        "kept": found.kept,
        "moved": [{"what": what, "then": then, "now": now} for what, then, now in found.moved],
    }
