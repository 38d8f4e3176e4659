"""Reading programmes: which there are, what a version says, how far the work of each part and unit is."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Prefetch, Q, Sum, Value, When

from antin.documents import queries as documents
from antin.documents.models import Document
from antin.identifiers.text import clean
from antin.indicators import queries as indicators
from antin.indicators.models import Indicator
from antin.people import queries as people
from antin.people.actor import Actor
from antin.programmes import content, policy
from antin.programmes.content import Content
from antin.programmes.models import Entrusted, PeriodReport, Programme, Reached, Resolution, Review, Version
from antin.programmes.states import HELD, OPEN, Status
from antin.refusal import NotFound, Refusal, _
from antin.tasks import queries as tasks
from antin.tasks import terms
from antin.tasks.models import Assignment, Report
from antin.tasks.policy import visible_to as work_visible_to
from antin.tasks.states import OPEN as OPEN_WORK
from antin.tasks.states import Cell, Mark, Role
from antin.tasks.states import Status as Work
from antin.workdays import queries as workdays


class PaperNotFound(Refusal):
    code = "paper_not_found"
    words = _("Không thấy văn bản %(code)s trong các văn bản đồng chí được xem.")


class SeveralPapers(Refusal):
    code = "several_papers"
    words = _("Có %(n)d văn bản cùng số, ký hiệu %(code)s; ghi thêm ngày văn bản.")


@dataclass
class Progress:
    """How far some work is: how many pieces in each cell, and the mean of what was said to be done of them."""

    cells: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Cell, 0))
    percents: int = 0
    at_risk: int = 0

    @property
    def whole(self) -> int:
        return sum(self.cells.values())

    @property
    def done(self) -> int:
        return self.cells[Cell.DONE_IN_TIME] + self.cells[Cell.DONE_LATE]

    @property
    def late(self) -> int:
        return self.cells[Cell.OPEN_LATE]

    @property
    def percent(self) -> int | None:
        """Whole points, rounded down; None where there is no work."""
        return self.percents // self.whole if self.whole else None

    def add(self, cell: str, n: int, percents: int, at_risk: int) -> None:
        self.cells[cell] += n
        self.percents += percents
        self.at_risk += at_risk


@dataclass
class Progresses:
    """How far a programme is: as a whole and by part, by the pieces that lead; by unit, by every piece it answers for."""

    whole: Progress = field(default_factory=Progress)
    parts: dict[str, Progress] = field(default_factory=lambda: defaultdict(Progress))
    units: dict[int, Progress] = field(default_factory=lambda: defaultdict(Progress))
    units_of_part: dict[str, dict[int, Progress]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Progress))
    )


def progress_of(programme_ids: Iterable[int], now: datetime) -> dict[int, Progresses]:
    """Return how far programmes are. One question to the database, whatever their number and size.

    Work below a piece that was passed down is not counted again; what was given for information or taken back is not counted.
    """
    wanted = list(programme_ids)
    work: Any = tasks.with_cells(Assignment.objects.filter(directive__entrusted__programme__in=wanted), now)
    rows = (
        work.exclude(cell="")
        .values("directive__entrusted__programme", "directive__entrusted__part", "in_unit", "role", "cell")
        .annotate(
            n=Count("id"),
            percents=Sum(
                Case(When(status=Work.ACCEPTED, then=Value(100)), default=F("percent"), output_field=IntegerField())
            ),
            at_risk=Count("id", filter=~Q(risk="") & ~Q(status=Work.ACCEPTED)),
        )
        .order_by()
    )
    found: dict[int, Progresses] = {number: Progresses() for number in wanted}
    for row in rows:
        each = found[row["directive__entrusted__programme"]]
        part, unit = row["directive__entrusted__part"], row["in_unit"]
        told = (row["cell"], row["n"], row["percents"], row["at_risk"])
        if row["role"] == Role.LEAD:
            each.whole.add(*told)
            each.parts[part].add(*told)
        each.units[unit].add(*told)
        each.units_of_part[part][unit].add(*told)
    return found


def _seen_by(actor: Actor, rule: Callable[[Actor, list[int], Q], Q] = policy.visible_to) -> Q:
    unit = people.get_unit(actor.unit_id)
    above = [int(each) for each in unit.path.split("/") if each]
    return rule(actor, above, Q(unit__path__startswith=unit.path))


def get_for(actor: Actor, programme_id: int) -> Programme:
    """Return a programme that the actor may see. :raises NotFound:"""
    found = (
        Programme.objects.select_related("unit", "made_in").filter(_seen_by(actor), pk=programme_id).distinct().first()
    )
    if found is None:
        raise NotFound()
    return found


def lock(programme_id: int) -> Programme:
    """Return a programme, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = (
        Programme.objects.select_for_update(of=("self",))
        .select_related("unit", "made_in")
        .filter(pk=programme_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class Row:
    """A programme in a list, with the newest version and how far it is."""

    programme: Programme
    version: Version
    progress: Progress


def list_programmes(actor: Actor, now: datetime, *, limit: int = 100) -> list[Row]:
    """Return the programmes the actor may see, those of the latest time first. Three questions to the database."""
    numbers = Programme.objects.filter(_seen_by(actor)).values("id")
    found = list(
        Programme.objects.select_related("unit").filter(pk__in=numbers).order_by("-until", "-since", "id")[:limit]
    )
    versions: dict[int, Version] = {}
    for version in Version.objects.filter(programme__in=found).order_by("number"):
        before = versions.get(version.programme_id)
        if before is None or version.status in HELD or before.status not in HELD:
            versions[version.programme_id] = version
    progress = progress_of([each.pk for each in found], now)
    return [Row(each, versions[each.pk], progress[each.pk].whole) for each in found]


def list_versions(programme: Programme) -> list[Version]:
    """Return every version, the newest first."""
    return list(Version.objects.filter(programme=programme).order_by("-number"))


def find_in_force(programme_id: int) -> Version | None:
    """Return the version by which a programme goes, or by which it went to its end."""
    return Version.objects.filter(programme_id=programme_id, status__in=HELD).first()


def find_in_hand(programme_id: int) -> Version | None:
    """Return the version that is being written or waits for approval."""
    return Version.objects.filter(programme_id=programme_id, status__in=OPEN).first()


def newest(programme_id: int) -> Version:
    """Return the version that was begun last."""
    return Version.objects.filter(programme_id=programme_id).latest("number")


def newest_approved(programme_id: int) -> Version:
    """Return the last version that was approved, in force or not any more. :raises NotFound: none ever was"""
    found = Version.objects.filter(programme=programme_id).exclude(digest="").order_by("-number").first()
    if found is None:
        raise NotFound()
    return found


def papers_of(actor: Actor, versions: Iterable[Version]) -> dict[int, Document]:
    """Return the papers by which some versions were issued, as far as the actor may see them. One question."""
    return documents.list_visible(actor, [each.paper_id for each in versions if each.paper_id is not None])


def get_paper_named(actor: Actor, code: str, on: date | None) -> int:
    """Return the paper of a number and notation that the actor may see. :raises PaperNotFound: :raises SeveralPapers:"""
    found = documents.list_by_code(actor, code, on)
    if not found:
        raise PaperNotFound(code=clean(code)[:80])
    if len(found) > 1:
        raise SeveralPapers(n=len(found), code=clean(code)[:80])
    return found[0].pk


def list_issued_by(actor: Actor, document_id: int) -> list[Version]:
    """Return the versions that a document issued, of programmes the actor may see. One question where there are none."""
    rows = list(Version.objects.filter(paper=document_id).select_related("programme").order_by("programme", "number"))
    if not rows:
        return []
    seen = set(
        Programme.objects.filter(_seen_by(actor), pk__in=[row.programme_id for row in rows]).values_list(
            "pk", flat=True
        )
    )
    return [row for row in rows if row.programme_id in seen]


def get_version(programme: Programme, number: int) -> Version:
    """:raises NotFound: there is none of this number"""
    found = Version.objects.filter(programme=programme, number=number).first()
    if found is None:
        raise NotFound()
    return found


def find_begun_in(key: str) -> Programme | None:
    """Return what was begun by a form that was sent before."""
    return Programme.objects.filter(begun_in=key).first()


def content_of(version: Version | None) -> Content:
    """Return what a version says."""
    return content.read(version.content) if version is not None and version.content else Content()


def given_of(programme: Programme) -> dict[str, int]:
    """Return the directive that each entry has given, by the entry's key."""
    return dict(Entrusted.objects.filter(programme=programme).values_list("item", "directive_id"))


def reached_of(programme: Programme) -> dict[str, Reached]:
    """Return which milestones were reached."""
    return {each.milestone: each for each in Reached.objects.filter(programme=programme)}


def list_work(actor: Actor, programme: Programme, part: str, now: datetime) -> tuple[dict[str, list[Assignment]], int]:
    """Return the pieces of work of a part by their entry, with their `cell`, if the actor may see them; how many he may not."""
    rows = tasks.with_cells(
        Assignment.objects.filter(directive__entrusted__programme=programme, directive__entrusted__part=part), now
    ).exclude(Q(cell=""))
    known = {row.pk: row for row in rows.select_related("directive__entrusted").order_by("directive_id", "id")}
    seen = tasks.list_visible(actor, list(known))
    found: dict[str, list[Assignment]] = defaultdict(list)
    for number, row in known.items():
        if number in seen:
            found[row.directive.entrusted.item].append(row)
    return found, len(known) - len(seen)


@dataclass(frozen=True)
class Measured:
    """A target with the figure it is measured by; `value` is None where there is nothing to divide by, or no figure."""

    target: content.Target
    indicator: Indicator | None
    value: Fraction | None
    met: bool | None


def measure(programme: Programme, targets: Iterable[content.Target], today: date) -> list[Measured]:
    """Return where the targets of a programme stand, over the time of the programme so far."""
    found = []
    until = max(programme.since, min(programme.until, today))
    by_code = {each.code: each for each in indicators.list_indicators()}
    for target in targets:
        indicator = by_code.get(target.code)
        if indicator is None:
            found.append(Measured(target, None, None, None))
            continue
        value = indicators.get_figure(programme.unit, indicator, programme.since, until).value
        met = None
        if value is not None and target.aim is not None:
            met = indicators.reaches(indicator, value, Fraction(target.aim))
        found.append(Measured(target, indicator, value, met))
    return found


@dataclass(frozen=True)
class Source:
    """The entry of a programme that a piece of work came from."""

    programme: Programme
    part: str


def find_source(actor: Actor, assignment: Assignment) -> Source | None:
    """Return the programme whose entry gave this work, or that above it; None where there is none, or the actor may not see it."""
    above = tasks.line_of(assignment)
    row = Entrusted.objects.filter(directive__assignments__in=above[:1]).select_related("programme").first()
    if row is None or not Programme.objects.filter(_seen_by(actor), pk=row.programme_id).exists():
        return None
    return Source(row.programme, row.part)


def is_approved(version: Version) -> bool:
    """Whether a version was approved at some time."""
    return version.status in (Status.APPROVED, Status.REPLACED, Status.ENDED)


# The monthly review

SAID = ("obstacle", "proposal", "risk")


def get_review_for(actor: Actor, review_id: int) -> Review:
    """Return a review that the actor may see. :raises NotFound:"""
    seen = _seen_by(actor, policy.review_visible_to)
    found = Review.objects.select_related("unit").filter(seen, pk=review_id).first()
    if found is None:
        raise NotFound()
    return found


def lock_review(review_id: int) -> Review:
    """Return a review, its row locked until the transaction ends. :raises NotFound: there is none"""
    found = Review.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=review_id).first()
    if found is None:
        raise NotFound()
    return found


def find_review(unit_id: int, month: date) -> Review | None:
    """Return the review of a unit for a month."""
    return Review.objects.filter(unit_id=unit_id, month=month).first()


def list_reviews(actor: Actor, *, limit: int = 60) -> list[tuple[Review, int]]:
    """Return the reviews the actor may see, the last month first, each with how many decisions became work."""
    rows = Review.objects.select_related("unit").filter(_seen_by(actor, policy.review_visible_to))
    counted = rows.annotate(decisions=Count("resolutions")).order_by("-month", "unit__sort_key", "id")[:limit]
    return [(row, row.decisions) for row in counted]


def month_of(review: Review) -> tuple[datetime, datetime]:
    """Return when the month of a review begins and ends."""
    following = (review.month.replace(day=28) + timedelta(days=4)).replace(day=1)
    begin, end = (datetime.combine(day, time(), workdays.HERE) for day in (review.month, following))
    return begin, end


@dataclass(frozen=True)
class Line:
    """A piece of work that a review looks at, and why: its cell and marks, and what was said of it in the month."""

    task_id: int
    unit_id: int
    title: str
    holder_name: str
    cell: str
    marks: tuple[str, ...]
    due_at: datetime | None
    percent: int
    said: tuple[tuple[str, str], ...]  # kind and words, in order of time


@dataclass(frozen=True)
class Table:
    """What a review has before it: how each unit stands, the work to speak about, and how many rows its reader may not see."""

    units: dict[int, Progress]
    lines: list[Line]
    hidden: int


def table_of(actor: Actor, review: Review, now: datetime) -> Table:
    """Return how the units of a review stand and what is late, at risk, hindered or proposed, as far as the actor may see it.

    Counted is what was open in the month, or was handed in then. Five questions to the database, whatever the size of the unit.
    """
    begin, end = month_of(review)
    moment = min(now, end)
    spoken = Report.objects.filter(assignment=OuterRef("pk"), kind__in=SAID, at__gte=begin, at__lt=end)
    whole = (
        Assignment.objects.filter(in_unit__path__startswith=review.unit.path, made_at__lt=end)
        .exclude(role=Role.INFORM)
        .exclude(status__in=(Work.CANCELLED, Work.NOTED))
        .filter(Q(status__in=OPEN_WORK) | Q(handed_in_at__gte=begin))
    )
    visible = work_visible_to(actor)
    celled: Any = tasks.with_cells(whole.filter(visible), moment)
    units: dict[int, Progress] = defaultdict(Progress)
    counts = celled.values("in_unit", "cell").annotate(
        n=Count("id"), percents=Sum("percent"), at_risk=Count("id", filter=~Q(risk="") & Q(status__in=OPEN_WORK))
    )
    for row in counts.order_by():
        units[row["in_unit"]].add(row["cell"], row["n"], row["percents"], row["at_risk"])
    soon = terms.soon_until(moment, workdays.calendar())
    late = Q(due_at__lt=moment, handed_in_at__isnull=True, paused_at__isnull=True, status__in=OPEN_WORK)
    troubled = late | ~Q(risk="") | tasks.mark_in_sql(Mark.BEHIND, moment, soon) | Q(Exists(spoken))
    looked_at = Q(status__in=OPEN_WORK) & troubled
    reports = Report.objects.filter(kind__in=SAID, at__gte=begin, at__lt=end).order_by("at", "id")
    shown = (
        celled.filter(looked_at)
        .select_related("directive__document")
        .defer("directive__document__search")
        .prefetch_related(Prefetch("reports", reports, to_attr="said"))
        .order_by("in_unit__sort_key", "due_at", "id")
    )
    lines = [
        Line(
            task_id=row.pk,
            unit_id=row.in_unit_id,
            title=row.directive.title,
            holder_name=row.holder_name,
            cell=row.cell,
            marks=tuple(sorted(terms.marks(tasks.standing_of(row), moment, soon))),
            due_at=row.due_at,
            percent=row.percent,
            said=tuple((each.kind, each.words) for each in row.said if each.words),
        )
        for row in shown
    ]
    return Table(dict(units), lines, whole.filter(looked_at).count() - len(lines))


def kept_lines(actor: Actor, review: Review) -> tuple[list[Line], int]:
    """Return the rows of a closed review as they stood then, those of work the actor may see, and how many he may not."""
    seen = tasks.list_visible(actor, [row["task_id"] for row in review.lines])
    lines = [
        Line(
            **{
                **row,
                "marks": tuple(row["marks"]),
                "said": tuple((kind, words) for kind, words in row["said"]),
                "due_at": datetime.fromisoformat(row["due_at"]) if row["due_at"] else None,
            }
        )
        for row in review.lines
        if row["task_id"] in seen
    ]
    return lines, len(review.lines) - len(lines)


def list_resolutions(actor: Actor, review: Review) -> tuple[list[Assignment], int]:
    """Return the work decided at a review that the actor may see, the leads only, and how many pieces he may not see."""
    leads = Assignment.objects.filter(directive__resolution__review=review, role=Role.LEAD)
    found = (
        leads.filter(work_visible_to(actor))
        .select_related("directive__document")
        .defer("directive__document__search")
        .order_by("id")
    )
    rows = list(found)
    return rows, leads.count() - len(rows)


def find_review_of(actor: Actor, assignment: Assignment) -> Review | None:
    """Return the review at which this work was decided, or that above it; None where there is none, or the actor may not see it."""
    row = Resolution.objects.filter(directive__assignments__in=tasks.line_of(assignment)[:1]).first()
    if row is None:
        return None
    return Review.objects.filter(_seen_by(actor, policy.review_visible_to), pk=row.review_id).first()


def digest_of_review(review: Review) -> str:
    """Return the SHA-256 of a closed review: its rows, its minutes, and what was decided."""
    decided = list(Resolution.objects.filter(review=review).order_by("id").values_list("directive_id", flat=True))
    told = {"lines": review.lines, "minutes": review.minutes, "decided": decided}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# Period reports


def get_report_for(actor: Actor, report_id: int) -> PeriodReport:
    """Return a report whose document the actor may see. :raises NotFound:"""
    found = PeriodReport.objects.select_related("unit", "programme", "document").filter(pk=report_id).first()
    if found is None or found.document_id not in documents.list_visible(actor, [found.document_id]):
        raise NotFound()
    return found


def find_reports_by_digest(actor: Actor, digest: str) -> list[PeriodReport]:
    """Return the reports with figures of this digest whose documents the actor may see."""
    rows = PeriodReport.objects.select_related("unit", "programme", "document").filter(digest=digest).order_by("id")
    found = list(rows[:20])
    seen = documents.list_visible(actor, [each.document_id for each in found])
    return [each for each in found if each.document_id in seen]


def list_reports(actor: Actor, *, limit: int = 100) -> list[PeriodReport]:
    """Return the reports whose documents the actor may see, the last period first. Two questions to the database."""
    rows = PeriodReport.objects.select_related("unit", "programme").filter(unit__agency_id=actor.agency_id)
    found = list(rows.order_by("-until", "-id")[:limit])
    seen = documents.list_visible(actor, [each.document_id for each in found])
    for each in found:
        each.document = seen.get(each.document_id)  # type: ignore[assignment]
    return [each for each in found if each.document_id in seen]


def find_report_begun_in(key: str) -> PeriodReport | None:
    """Return the report that was drafted by a form that was sent before."""
    return PeriodReport.objects.filter(begun_in=key).first()
