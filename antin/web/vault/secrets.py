"""What one reads that is classified: the list, and one thing with its readers, decisions, copies and the log of its use."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from antin.documents import queries as documents
from antin.people.actor import Actor
from antin.refusal import Refusal, WrongState
from antin.vault import policy, queries
from antin.vault.states import STAMPS, Level, Status, Use
from antin.web import tones
from antin.web.asking import Offer, offer
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.vault.models import Classified, Reader


@require_safe
def listing(request: SignedRequest) -> HttpResponse:
    """What the actor reads, the newest first; of others not even the number is told."""
    actor = request.actor
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isdigit() and len(asked) < 18 else None
    rows, more = queries.list_for(actor, before=before)
    officer = queries.keeps_recovery_key(actor.person_id)
    papers = documents.find_classified(actor, [row.pk for row in rows])
    told = {
        "rows": [
            {
                "row": row,
                "stamp": STAMPS[Level(row.level)],
                "state": tones.of(Status(row.status)),
                "href": reverse("secret", args=[row.pk]),
                "paper": papers.get(row.pk),
            }
            for row in rows
        ],
        "more": f"{reverse('secrets')}?before={more}" if more else "",
        "recovery": policy.why_not_see_recovery(actor, officer=officer) is None,
    }
    return render(request, "vault/secrets.html", told)


@require_safe
def page(request: SignedRequest, classified_id: int) -> HttpResponse:
    """One thing that is classified: everything about it but what it says."""
    return render(request, "vault/secret.html", told(request.actor, classified_id, timezone.now()))


def told(actor: Actor, classified_id: int, at: datetime) -> dict[str, Any]:
    """What the page takes. :raises NotFound: absent, or not the actor's to know"""
    classified = queries.get_for(actor, classified_id)
    own = queries.find_reader(classified_id, actor.person_id)
    passing = policy.why_not_pass_on(actor, classified, own)
    keeping = passing or policy.why_not_keep_copies(actor, classified, own)
    lagging = queries.list_lagging(classified, at) if classified.status != Status.DESTROYED else {}
    copies = queries.list_copies(actor, classified_id) if keeping is None else []
    destruction = queries.find_destruction(classified_id)
    return {
        "secret": classified,
        "paper": documents.find_classified(actor, [classified_id]).get(classified_id),
        "stamp": STAMPS[Level(classified.level)],
        "elsewhere": queries.is_held_elsewhere(actor.person_id, at) and classified.status != Status.DESTROYED,
        "state": tones.of(Status(classified.status)),
        "today": local_date(at),
        "contents": queries.list_contents(actor, classified_id),
        "readers": [
            _reader(each, actor, lagging.get(each.person_id, 0), passing)
            for each in queries.list_readers(classified_id)
        ],
        "former": queries.list_readers(classified_id, former=True),
        "decisions": queries.list_decisions(classified_id),
        "copies": [
            {"row": each, "open": each.destroyed_at is None, "out": each.returned_at is None} for each in copies
        ],
        "outstanding": queries.count_outstanding_copies(classified_id),
        "readings": queries.list_readings(classified_id),
        "prints": queries.count_prints(classified_id),
        "printed": Use.PRINTED,
        "destruction": destruction,
        "add": _act("add", _("Thêm người đọc"), "secret-add-reader", classified, passing, sign="plus"),
        "give": _act("give", _("Ghi bản mới"), "secret-give-copy", classified, keeping, sign="plus"),
        "keeping": keeping,
        "deciding": _deciding(actor, classified, own),
        "destroy": _act(
            "destroy",
            _("Tiêu hủy"),
            "secret-destroy",
            classified,
            _why_not_destroy(actor, classified, own),
            sign="x",
            kind="danger",
        ),
    }


def _act(name: str, words: str, address: str, classified: Classified, no: Refusal | None, **more: Any) -> Offer:
    return offer(no, name, words, reverse(address, args=[classified.pk]), **({"dialog": True} | more))


def _why_not_destroy(actor: Actor, classified: Classified, own: Reader | None) -> Refusal | None:
    """As far as it can be told before minutes and witness are named."""
    refusal = policy.why_not_open(actor, classified, own) or policy.why_not_head(actor, classified.agency_id)
    if refusal is not None:
        return refusal
    outstanding = queries.count_outstanding_copies(classified.pk)
    return policy.CopiesOutstanding(count=outstanding) if outstanding else None


def _deciding(actor: Actor, classified: Classified, own: Reader | None) -> list[Offer]:
    """The acts over level and term, each with why it is not the actor's."""
    today = classified.fixed_on
    no = policy.why_not_decide(actor, classified, own, paper="-", decided_on=today, today=today)
    if classified.status != Status.PROTECTED:
        no = no or WrongState(state=Status(classified.status).label)
    return [
        _act("change-level", _("Tăng, giảm độ mật"), "secret-change-level", classified, no, sign="swap"),
        _act("extend", _("Gia hạn bảo vệ"), "secret-extend", classified, no, sign="clock"),
        _act("declassify", _("Giải mật"), "secret-declassify", classified, no, sign="check"),
    ]


def _reader(reader: Reader, actor: Actor, missing: int, passing: Refusal | None) -> dict[str, Any]:
    """One reader: how many contents his present key does not open, and what may be done about him."""
    here = [reader.classified_id, reader.person_id]
    again = missing and passing is None and reader.person_id != actor.person_id
    return {
        "row": reader,
        "missing": missing,
        "again": reverse("secret-seal-again", args=here) if again else "",
        "remove": reverse("secret-remove-reader", args=here) if passing is None else "",
    }
