"""The calendar of a week: on the screen, on paper, published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from antin.agenda import policy, queries
from antin.agenda.queries import ONE_DAY, Filter, Shown
from antin.agenda.states import Status
from antin.journeys import hold_meeting
from antin.people import queries as people
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.typeset import week as paper
from antin.web import asking, days, tones
from antin.web.asking import Question
from antin.web.clocks import LOCAL
from antin.web.session.middleware import SignedRequest
from antin.workdays import queries as workdays

NAMES = (
    gettext_lazy("Thứ Hai"),
    gettext_lazy("Thứ Ba"),
    gettext_lazy("Thứ Tư"),
    gettext_lazy("Thứ Năm"),
    gettext_lazy("Thứ Sáu"),
    gettext_lazy("Thứ Bảy"),
    gettext_lazy("Chủ nhật"),
)
NOON = 12
FIELD_WORDS = {
    "title": gettext_lazy("nội dung"),
    "kind": gettext_lazy("loại"),
    "when": gettext_lazy("thời gian"),
    "where": gettext_lazy("địa điểm"),
    "chair": gettext_lazy("chủ trì"),
    "attended": gettext_lazy("thành phần"),
    "prepares": gettext_lazy("đơn vị chuẩn bị"),
    "vehicle": gettext_lazy("xe"),
    "details": gettext_lazy("ghi chú"),
    "restricted": gettext_lazy("phạm vi xem"),
    "invited": gettext_lazy("người dự"),
}


@dataclass(frozen=True)
class Line:
    """An entry on one day of the week."""

    shown: Shown
    time: str
    state: tones.Tone | None
    changed: str
    added: bool
    gone: bool
    where: str


def time_on(entry: Any, day: date) -> str:
    """The time of an entry as it is on one day; one of several days says until when."""
    since, until = entry.starts_at.astimezone(LOCAL), entry.ends_at.astimezone(LOCAL)
    if since.date() == until.date():
        return f"{since:%H:%M}–{until:%H:%M}"
    if since.date() == day:
        return _("%(time)s, đến %(day)s") % {"time": f"{since:%H:%M}", "day": f"{until:%d/%m}"}
    return _("đến %(time)s") % {"time": f"{until:%H:%M}"} if until.date() == day else _("cả ngày")


def where_of(entry: Any) -> str:
    return ", ".join(part for part in (entry.venue.name if entry.venue else "", entry.place) if part)


def changed_words(shown: Shown) -> str:
    """What the last change of an entry changed, before and now."""
    if shown.moved is None:
        return ""
    found = []
    for name, (before, now) in shown.moved.fields.items():
        words = FIELD_WORDS.get(name, name)
        found.append(f"{words}: {before} → {now}" if name in ("when", "where", "chair") else str(words))
    return "; ".join(found)


def _line(shown: Shown, day: date) -> Line:
    entry = shown.entry
    gone = entry.status == Status.CANCELLED
    state = None if entry.status == Status.PUBLISHED else tones.of(Status(entry.status))
    changed = changed_words(shown)
    return Line(shown, time_on(entry, day), state, changed, shown.added, gone, where_of(entry))


def _is_morning(entry: Any, day: date) -> bool:
    since = entry.starts_at.astimezone(LOCAL)
    return since.date() < day or since.hour < NOON


def _overlaps(entry: Any, day: date) -> bool:
    return bool(entry.starts_at < queries.begin_of(day + ONE_DAY) and entry.ends_at > queries.begin_of(day))


def days_of(shown: list[Shown], monday: date, today: date) -> list[dict[str, Any]]:
    """The seven days with what is in them, before noon and after."""
    calendar = workdays.calendar()
    found = []
    for n in range(7):
        day = monday + n * ONE_DAY
        special = calendar.find_special(day)
        here = [each for each in shown if _overlaps(each.entry, day)]
        found.append(
            {
                "day": day,
                "name": NAMES[n],
                "today": day == today,
                "worked": calendar.is_working_day(day),
                "special": special.name if special else "",
                "morning": [_line(each, day) for each in here if _is_morning(each.entry, day)],
                "afternoon": [_line(each, day) for each in here if not _is_morning(each.entry, day)],
            }
        )
    return found


@dataclass(frozen=True)
class Asked:
    """Which week, narrowed to what, from the address."""

    monday: date
    only: date | None
    unit_id: int | None
    mine: bool
    everything: bool

    @property
    def wanted(self) -> Filter:
        return Filter(self.unit_id, self.mine)

    def href(self, monday: date | None = None, **other: Any) -> str:
        told: dict[str, Any] = {"week": (monday or self.monday).isoformat()}
        if self.unit_id is not None:
            told["unit"] = self.unit_id
        if self.mine:
            told["mine"] = 1
        told |= other
        return f"?{urlencode({name: value for name, value in told.items() if value not in (None, '')})}"


def asked_of(request: SignedRequest, today: date) -> Asked:
    """Read the address; what cannot be read is this week."""
    given = request.GET
    only = days.read(given.get("day", "")) if given.get("day") else None
    told = only or (days.read(given.get("week", "")) if given.get("week") else None) or today
    if not 2000 <= told.year <= 2099:
        told, only = today, None
    unit = given.get("unit", "")
    return Asked(
        queries.monday_of(told),
        only,
        int(unit) if unit.isdecimal() and len(unit) < 18 else None,
        "mine" in given,
        "all" in given,
    )


@require_GET
def week(request: SignedRequest) -> HttpResponse:
    """Show the calendar of a week of the agency, as far as the actor may see it."""
    request.place = reverse("agenda")
    actor: Actor = request.actor
    now = timezone.now()
    today = workdays.local_date(now)
    asked = asked_of(request, today)
    shown = queries.list_between(actor, asked.monday, asked.monday + 6 * ONE_DAY, now, wanted=asked.wanted)
    rows = days_of(shown, asked.monday, today)
    published = queries.find_week(actor.agency_id, asked.monday)
    offices = queries.offices_of(actor.agency_id, today)
    decides = policy.why_not_decide(actor, offices) is None
    waiting = queries.list_waiting(actor, now) if decides else []
    live = [each for each in shown if each.entry.status != Status.CANCELLED]
    here = f"?week={asked.monday.isoformat()}"
    context = {
        "asked": asked,
        "days": [row for row in rows if asked.only is None or row["day"] == asked.only],
        "chips": [
            {
                "words": f"{row['name']} {row['day']:%d/%m}",
                "href": asked.href(day=row["day"].isoformat()),
                "current": row["day"] == asked.only,
                "n": len(row["morning"]) + len(row["afternoon"]),
            }
            for row in rows
        ],
        "sunday": asked.monday + 6 * ONE_DAY,
        "number": asked.monday.isocalendar().week,
        "n": len(live),
        "published": published,
        "changed": sum(bool(each.changes) for each in shown),
        "before": asked.href(asked.monday - timedelta(days=7)),
        "after": asked.href(asked.monday + timedelta(days=7)),
        "this": asked.href(queries.monday_of(today)),
        "is_this": asked.monday == queries.monday_of(today),
        "whole": asked.href(all=1),
        "mine": f"{here}&mine=1",
        "everybody": here,
        "own_unit": f"{here}&unit={actor.unit_id}",
        "decides": decides,
        "waiting": [{"entry": each, "when": _when(each), "where": where_of(each)} for each in waiting],
        "ready": sum(each.entry.status == Status.APPROVED for each in shown),
        "proposes": policy.why_not_propose(actor) is None,
        "feed": queries.find_feed_of(actor),
        "print": f"{reverse('agenda-print')}{asked.href()}",
    }
    return render(request, "agenda/week.html", context)


def _when(entry: Any) -> str:
    since = entry.starts_at.astimezone(LOCAL)
    return f"{time_on(entry, since.date())}, {NAMES[since.weekday()]} {since:%d/%m}"


class PublishForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Ghi chú cuối lịch"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "POST"])
def publish(request: SignedRequest) -> HttpResponse:
    """Publish the approved entries of a week."""
    request.place = reverse("agenda")
    now = timezone.now()
    today = workdays.local_date(now)
    refuse(policy.why_not_decide(request.actor, queries.offices_of(request.actor.agency_id, today)))
    asked = asked_of(request, today)
    home = f"{reverse('agenda')}?week={asked.monday.isoformat()}"
    question = Question(
        _("Ban hành lịch công tác tuần từ %(day)s") % {"day": f"{asked.monday:%d/%m/%Y}"},
        _("Ban hành lịch"),
        home,
        _("Lịch công tác"),
        sign="send",
        explains=_(
            "Mọi mục đã duyệt trong tuần hiện cho cả cơ quan. Thay đổi sau đó được ghi rõ và báo cho người liên quan."
        ),
    )

    def do(told: dict[str, Any]) -> str:
        _week, entries = hold_meeting.publish_week(monday=asked.monday, note=told["note"], actor=request.actor, at=now)
        return _("Đã ban hành lịch tuần, %(n)d mục.") % {"n": len(entries)}

    return asking.ask(request, question, PublishForm(asking.sent(request)), do)


@require_GET
def print_week(request: SignedRequest) -> HttpResponse:
    """The calendar of a week as a paper. What was not published yet is printed as a draft."""
    now = timezone.now()
    actor: Actor = request.actor
    today = workdays.local_date(now)
    asked = asked_of(request, today)
    shown = queries.list_between(actor, asked.monday, asked.monday + 6 * ONE_DAY, now, wanted=asked.wanted)
    live = [each for each in shown if each.entry.status in (Status.APPROVED, Status.PUBLISHED)]
    published = queries.find_week(actor.agency_id, asked.monday)
    agency = people.get_unit(actor.agency_id)
    head = people.find_head_post(agency.pk, today)
    offices = sorted(queries.offices_of(actor.agency_id, today) - {agency.pk})
    office_head = people.find_head_post(offices[0], today) if offices else None
    signer = office_head or head
    holder = people.post_holder(signer.pk, today) if signer else None
    role = [signer.title] if signer else []
    if head and signer and signer.pk != head.pk:
        role.insert(0, f"TL. {head.title}")
    signed_on = published.published_at.astimezone(LOCAL) if published else now.astimezone(LOCAL)
    sheet = paper.WeekSheet(
        parent=agency.parent_name or (agency.parent.name if agency.parent else ""),
        agency=agency.name,
        place_and_day=paper.place_and_day(agency.place_name, signed_on.date()),
        title=paper.title_of(asked.monday),
        about=paper.about(asked.monday, asked.monday + 6 * ONE_DAY),
        draft="" if published else paper.DRAFT,
        days=[_paper_day(live, asked.monday + n * ONE_DAY, n) for n in range(7)],
        note=published.note if published else "",
        signer_role=role,
        signer_name=holder.name if holder else "",
    )
    response = HttpResponse(paper.lay_out(sheet, at=now), content_type="application/pdf")
    name = f"lich-cong-tac-{asked.monday:%Y-%m-%d}.pdf"
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=name) or ""
    return response


def _paper_day(live: list[Shown], day: date, n: int) -> paper.Day:
    calendar = workdays.calendar()
    special = calendar.find_special(day)
    free = "" if calendar.is_working_day(day) else (special.name if special else paper.FREE)
    rows = [_paper_row(each, day) for each in live if _overlaps(each.entry, day)]
    return paper.Day(f"{paper.NAMES[n]}\n{day:%d/%m/%Y}", free, rows)


def _paper_row(shown: Shown, day: date) -> list[str]:
    entry = shown.entry
    since, until = entry.starts_at.astimezone(LOCAL), entry.ends_at.astimezone(LOCAL)
    times = f"{since:%H.%M} - {until:%H.%M}" if since.date() == until.date() else paper.until_day(until)
    mark = paper.ADDED if shown.added else paper.MOVED if shown.moved else ""
    who = "; ".join(part for part in (*(each.name for each in shown.invitees[:12]), entry.attended) if part)
    prepares = "; ".join(part for part in (entry.prepares.short_name if entry.prepares else "", entry.vehicle) if part)
    half = paper.MORNING if _is_morning(entry, day) else paper.AFTERNOON
    return [half, times, entry.title + mark, entry.chair_name, who, where_of(entry), prepares]
