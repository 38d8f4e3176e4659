"""The first screen: one list of what this post must do now, and beside it what is worth knowing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from antin.agenda import queries as agenda
from antin.documents import queries as documents
from antin.exchange import answering
from antin.exchange import queries as exchange
from antin.numbering import queries as numbering
from antin.people.actor import Actor
from antin.people.states import Role
from antin.signing.states import Verdict
from antin.tasks import queries as tasks
from antin.web import tones
from antin.web.clocks import LOCAL
from antin.web.desk import gathering
from antin.web.documents.paper import image_of
from antin.web.registers import names
from antin.web.session.middleware import SignedRequest
from antin.workdays import queries as workdays

ONE_DAY = timedelta(days=1)


def _sentence(desk: gathering.Desk) -> list[str]:
    """The state of the desk in a sentence of parts that do not break."""
    if desk.total == 0:
        return [_("Bàn trống, không còn việc chờ")]
    parts = []
    if desk.at_once:
        parts.append(ngettext("%(n)d việc làm ngay", "%(n)d việc làm ngay", desk.at_once) % {"n": desk.at_once})
    if desk.today:
        parts.append(ngettext("%(n)d việc trong hôm nay", "%(n)d việc trong hôm nay", desk.today) % {"n": desk.today})
    rest = desk.total - desk.at_once - desk.today
    if rest > 0 and len(parts) < 2:
        parts.append(ngettext("%(n)d việc sau đó", "%(n)d việc sau đó", rest) % {"n": rest})
    return [f"{part}," for part in parts[:-1]] + parts[-1:]


def _series(proof: numbering.Proof) -> str:
    """A series of the year in the words of the books."""
    if proof.book == "in":
        return _("Văn bản đến, số cuối")
    return _("%(kind)s đi, số cuối") % {"kind": names.of_group(proof)}


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _next(desk: gathering.Desk) -> dict[str, Any] | None:
    """What a leader has to do first, as it lies open before him: its first page, and what to know before he acts."""
    if desk.next is None:
        return None
    item, clock = desk.next
    document = item.paper
    assert document is not None
    facts = []
    if document.direction == "out":
        facts += [(_("Người duyệt"), document.making.reviewer_name)]
    else:
        facts += [
            (_("Ngày văn bản"), _day(document.document_date)),
            (_("Ngày đến"), _day(document.arrival.arrival_date)),
        ]
    facts += [(_("Hạn trả lời"), _day(document.reply_by)), (_("Số trang"), str(document.pages or ""))]
    if document.attachment_count:
        facts.append((_("Tệp kèm theo"), str(document.attachment_count)))
    verdict = tones.of(Verdict(document.arrival.verdict)) if document.direction == "in" else None
    page = image_of(document.pk, document.file, 1) if document.classified_id is None else None
    return {"item": item, "clock": clock, "facts": facts, "verdict": verdict, "page": page}


@require_GET
def desk(request: SignedRequest) -> HttpResponse:
    """Show the desk of the post the actor sits at."""
    now = timezone.now()
    actor: Actor = request.actor
    kind = request.GET.get("kind", "")
    only = kind if kind in gathering.KINDS else ""
    gathered = gathering.of(actor, now, only)
    today = workdays.local_date(now)
    tomorrow = next(
        (day.name for day in workdays.list_special_days(today.year) if day.day == today + ONE_DAY and not day.worked),
        "",
    )
    context: dict[str, Any] = {
        "desk": gathered,
        "next": _next(gathered),
        "chosen": only,
        "sentence": _sentence(gathered),
        "now": now,
        "today": today,
        "week": today.isocalendar().week,
        "tomorrow": tomorrow,
        "cells": tasks.count_cells(actor, now),
        "agenda": [
            {"entry": each, "time": f"{each.starts_at.astimezone(LOCAL):%H:%M}", "past": each.ends_at <= now}
            for each in agenda.list_today(actor, now)
        ],
    }
    if actor.role == Role.CLERK:
        proofs = numbering.list_proofs(agency_id=actor.agency_id, year=today.year)
        context |= {
            "exchange": exchange.count_clerk(actor, now - exchange.SLOW),
            "proofs": [(_series(proof), proof.last) for proof in proofs[:6]],
            "whole": all(proof.whole for proof in proofs),
            "voided": sum(proof.voided for proof in proofs),
        }
    if f"R{actor.agency_id}" in actor.holders:
        context["answers"] = answering.count_answers(actor, today)
    if actor.role in (Role.HEAD, Role.DEPUTY):
        context["given"] = tasks.count_given(actor, now)
    if actor.role != Role.CLERK and not gathered.groups and not gathered.next:
        context["lately"] = documents.list_documents(actor=actor, box="in", limit=5).rows
    return render(request, "desk/desk.html", context)
