"""Reading programmes: the list, one of them, one part, one version."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from antin.documents.states import Standing
from antin.indicators import queries as figures
from antin.people import queries as people
from antin.programmes import content, policy, queries
from antin.programmes.queries import Progress
from antin.programmes.states import Kind, Status
from antin.refusal import NotFound
from antin.tasks.states import OPEN
from antin.web import clocks, tones
from antin.web.asking import Offer, offer
from antin.web.session.middleware import SignedRequest
from antin.web.tasks import panel
from antin.web.tasks.looks import BAR
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.people.actor import Actor
    from antin.programmes.models import Programme, Version


def bar_of(progress: Progress) -> list[tuple[str, int, str]]:
    """The four cells as the parts of a bar."""
    return [(tone, progress.cells[cell], str(cell.label).lower()) for cell, tone in BAR]


def legend_of(progress: Progress) -> list[tuple[str, int, str, str]]:
    """The words of the bar."""
    return [(tone, n, words, "") for tone, n, words in bar_of(progress)]


def _row(programme: Programme, version: Version, progress: Progress) -> dict[str, Any]:
    return {
        "programme": programme,
        "kind": Kind(programme.kind).label,
        "state": tones.of(Status(version.status)),
        "progress": progress,
        "bar": bar_of(progress),
    }


@require_GET
def programmes(request: SignedRequest) -> HttpResponse:
    """List the programmes the actor may see."""
    request.place = reverse("tasks")
    rows = queries.list_programmes(request.actor, timezone.now())
    running = sum(row.version.status == Status.APPROVED for row in rows)
    context = {
        "rows": [_row(row.programme, row.version, row.progress) for row in rows],
        "running": running,
        "begins": policy.why_not_begin(request.actor) is None,
    }
    return render(request, "programmes/programmes.html", context)


def _offers(actor: Actor, programme: Programme, version: Version | None, hand: Version | None) -> list[Offer]:
    """What may be done with a programme, the next step first."""

    def act(name: str) -> str:
        return reverse("programme-act", args=[programme.pk, name])

    found: list[Offer] = []
    if hand is not None:
        no = policy.why_not_decide(actor, programme, hand, "approve")
        write = reverse("programme-write", args=[programme.pk])
        approves = no is None and hand.status == Status.SUBMITTED
        if approves:
            found.append(offer(None, "approve", _("Duyệt"), act("approve"), sign="check", kind="main", dialog=True))
            found.append(offer(None, "send-back", _("Trả lại"), act("send-back"), sign="undo", dialog=True))
        why = policy.why_not_change(actor, programme, hand)
        if why is None:
            found.append(offer(None, "write", _("Soạn tiếp"), write, sign="draft", kind="main"))
    else:
        no = policy.why_not_begin_version(actor, programme, queries.newest(programme.pk))
        if policy.why_not_write(actor, programme) is None:
            found.append(offer(no, "revise", _("Sửa đổi"), act("revise"), sign="draft", dialog=True))
    if version is not None and policy.why_not_bind(actor, programme, version) is None:
        found.append(offer(None, "bind", _("Gắn văn bản ban hành"), act("bind"), sign="link", dialog=True))
    if version is not None and version.status == Status.APPROVED:
        no = policy.why_not_entrust(actor, programme, version)
        if no is None:
            given = queries.given_of(programme)
            left = sum(item.key not in given for part in queries.content_of(version).parts for item in part.items)
            if left:
                words = _("Giao %(n)d việc") % {"n": left}
                first = offer(None, "entrust", words, act("entrust"), sign="flag", kind="main", dialog=True)
                found.insert(0, first)
            found.append(offer(None, "end", _("Kết thúc"), act("end"), sign="check", dialog=True))
    return found


def outline(told: content.Content) -> list[dict[str, Any]]:
    """What a version says, with the names of the units."""
    units = people.list_units(sorted(told.unit_ids))

    def name(number: int) -> str:
        return units[number].short_name if number in units else str(number)

    return [
        {
            "part": part,
            "unit": name(part.unit_id),
            "items": [
                {"item": item, "lead": name(item.unit_id), "joins": ", ".join(name(number) for number in item.join_ids)}
                for item in part.items
            ],
        }
        for part in told.parts
    ]


def _targets(programme: Programme, told: list[content.Target], now: datetime) -> list[dict[str, Any]]:
    found = []
    for each in queries.measure(programme, told, workdays.local_date(now)):
        value = figures.as_decimal(each.value)
        words, tone = (_("đạt"), "ok") if each.met else (_("chưa đạt"), "warn")
        if each.met is None:
            words, tone = (_("chưa có số liệu"), "") if each.indicator else (_("không đo tự động"), "")
        found.append(
            {
                "target": each.target,
                "value": float(value) if value is not None else None,
                "aim": float(each.target.aim) if each.target.aim is not None else None,
                "measure": each.indicator.measure if each.indicator else "",
                "words": words,
                "tone": tone,
                "sign": "check" if tone == "ok" else "warning" if tone == "warn" else "info",
                "href": reverse("figure", args=[each.target.code]) if each.indicator else "",
            }
        )
    return found


def _milestones(
    actor: Actor, programme: Programme, told: list[content.Milestone], now: datetime, *, may: bool
) -> list[dict[str, Any]]:
    reached = queries.reached_of(programme)
    found = []
    for each in sorted(told, key=lambda row: row.day):
        done = reached.get(each.key)
        found.append(
            {
                "milestone": each,
                "reached": done,
                "clock": None if done else clocks.until(workdays.end_of_working_day(each.day), now),
                "href": "" if done or not may else reverse("programme-reach", args=[programme.pk, each.key]),
            }
        )
    return found


@require_GET
def programme(request: SignedRequest, programme_id: int) -> HttpResponse:
    """Show one programme: how far it is by part and by unit, its targets, milestones and versions."""
    request.place = reverse("tasks")
    now = timezone.now()
    found = queries.get_for(request.actor, programme_id)
    version, hand = queries.find_in_force(programme_id), queries.find_in_hand(programme_id)
    shown = version or hand or queries.newest(programme_id)
    told = queries.content_of(shown)
    progress = queries.progress_of([programme_id], now)[programme_id]
    units = people.list_units(sorted(told.unit_ids | set(progress.units)))
    may = policy.why_not_note_reached(request.actor, found, version) is None
    parts = [
        {
            "part": part,
            "unit": units[part.unit_id],
            "progress": progress.parts[part.key],
            "bar": bar_of(progress.parts[part.key]),
            "left": len(part.items) - progress.parts[part.key].whole,
        }
        for part in told.parts
    ]
    by_unit = sorted(
        ({"unit": units[number], "progress": each} for number, each in progress.units.items()),
        key=lambda row: (-row["progress"].late, -row["progress"].at_risk, row["unit"].sort_key),  # type: ignore[attr-defined]
    )
    versions = queries.list_versions(found)
    papers = queries.papers_of(request.actor, versions)
    paper = papers.get(version.paper_id) if version is not None and version.paper_id else None
    context = {
        "programme": found,
        "kind": Kind(found.kind).label,
        "paper": paper,
        "standing": Standing(paper.standing).label if paper is not None and paper.standing else "",
        "version": shown,
        "state": tones.of(Status(shown.status)),
        "hand": hand if hand is not None and hand is not shown and version is not None else None,
        "progress": progress.whole,
        "bar": bar_of(progress.whole),
        "shares": legend_of(progress.whole),
        "parts": parts,
        "by_unit": by_unit,
        "targets": _targets(found, [each for part in told.parts for each in part.targets], now),
        "milestones": _milestones(
            request.actor, found, [each for part in told.parts for each in part.milestones], now, may=may
        ),
        "versions": [
            (each, tones.of(Status(each.status)), papers.get(each.paper_id) if each.paper_id else None)
            for each in versions
        ],
        "offers": _offers(request.actor, found, version, hand),
    }
    return render(request, "programmes/programme.html", context)


@require_GET
def part(request: SignedRequest, programme_id: int, key: str) -> HttpResponse:
    """Show one part: its work with those who do it, as far as the actor may see them."""
    request.place = reverse("tasks")
    now = timezone.now()
    found = queries.get_for(request.actor, programme_id)
    version = queries.find_in_force(programme_id) or queries.newest(programme_id)
    told = queries.content_of(version).find_part(key)
    if told is None:
        raise NotFound()
    work, hidden = queries.list_work(request.actor, found, key, now)
    given = queries.given_of(found)
    progress = queries.progress_of([programme_id], now)[programme_id]
    by_unit = progress.units_of_part[key]
    units = people.list_units(sorted(told.unit_ids | set(by_unit)))
    may = policy.why_not_note_reached(request.actor, found, version) is None
    items = [
        {
            "item": item,
            "lead": units[item.unit_id].name,
            "joins": ", ".join(units[number].short_name for number in item.join_ids if number in units),
            "given": item.key in given,
            "clock": None
            if item.key in given or item.due is None
            else clocks.until(workdays.end_of_working_day(item.due), now),
            "work": [
                {
                    "task": row,
                    "state": panel.STATES[row.status],
                    "clock": clocks.until(row.due_at, now) if row.status in OPEN and not row.handed_in_at else None,
                }
                for row in work[item.key]
            ],
        }
        for item in told.items
    ]
    context = {
        "programme": found,
        "part": told,
        "unit": units[told.unit_id],
        "progress": progress.parts[key],
        "bar": bar_of(progress.parts[key]),
        "shares": legend_of(progress.parts[key]),
        "items": items,
        "hidden": hidden,
        "by_unit": [{"unit": units[number], "progress": each} for number, each in by_unit.items()],
        "targets": _targets(found, list(told.targets), now),
        "milestones": _milestones(request.actor, found, list(told.milestones), now, may=may),
    }
    return render(request, "programmes/part.html", context)


HOW = {"new": "plus", "other": "draft", "gone": "x"}


def changes_of(old: content.Content, new: content.Content) -> list[dict[str, Any]]:
    """What changed from one version to the next, in words."""
    fields = {
        "title": _("tên"),
        "unit_id": _("đơn vị chủ trì"),
        "goal": _("mục tiêu"),
        "words": _("yêu cầu"),
        "join_ids": _("đơn vị phối hợp"),
        "due": _("thời hạn"),
        "evidence": _("căn cứ hoàn thành"),
        "priority": _("mức ưu tiên"),
        "code": _("số liệu đo"),
        "aim": _("mức phải đạt"),
        "day": _("ngày"),
        "part": _("phần"),
    }
    how = {"new": _("thêm"), "other": _("sửa"), "gone": _("bỏ")}
    return [
        {
            "how": how[each.how],
            "sign": HOW[each.how],
            "title": each.title,
            "fields": ", ".join(fields[name] for name in each.fields),
        }
        for each in content.compare(old, new)
    ]


@require_GET
def version(request: SignedRequest, programme_id: int, number: int) -> HttpResponse:
    """Show what one version says, and what it changed."""
    request.place = reverse("tasks")
    found = queries.get_for(request.actor, programme_id)
    shown = queries.get_version(found, number)
    told = queries.content_of(shown)
    before = queries.content_of(queries.get_version(found, number - 1)) if number > 1 else None
    context = {
        "programme": found,
        "version": shown,
        "state": tones.of(Status(shown.status)),
        "parts": outline(told),
        "paper": queries.papers_of(request.actor, [shown]).get(shown.paper_id or 0),
        "changes": changes_of(before, told) if before is not None else [],
        "same": not shown.digest or shown.digest == content.digest_of(told),
    }
    return render(request, "programmes/version.html", context)
