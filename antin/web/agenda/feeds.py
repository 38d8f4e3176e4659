"""Meeting rooms; addresses for calendar programs, and invitations as files."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from antin.agenda import ics, operations, policy, queries
from antin.agenda.ics import Happening
from antin.agenda.queries import Shown
from antin.agenda.states import Kind, Status
from antin.people import queries as people
from antin.people.queries import PostNotHeld
from antin.refusal import NotFound, refuse
from antin.web import asking
from antin.web.agenda.weeks import where_of
from antin.web.asking import Question
from antin.web.clocks import LOCAL
from antin.web.session.middleware import SignedRequest
from antin.workdays import queries as workdays

TYPE = "text/calendar; charset=utf-8"


@require_GET
def venues(request: SignedRequest) -> HttpResponse:
    """List the meeting rooms of the agency with what is held in them today."""
    request.place = reverse("agenda")
    now = timezone.now()
    today = workdays.local_date(now)
    shown = queries.list_between(request.actor, today, today, now)
    rows = queries.list_venues(request.actor.agency_id)
    keeps = policy.why_not_keep_venues(request.actor, queries.offices_of(request.actor.agency_id, today)) is None
    held: dict[int, list[Any]] = {}
    for each in shown:
        if each.entry.venue_id and each.entry.status not in (Status.CANCELLED, Status.RETURNED):
            held.setdefault(each.entry.venue_id, []).append(each.entry)
    context = {"rows": [{"venue": row, "held": held.get(row.pk, [])} for row in rows], "keeps": keeps}
    return render(request, "agenda/venues.html", context)


class VenueForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Tên phòng họp"), max_length=100)
    place = forms.CharField(label=gettext_lazy("Ở đâu"), max_length=200, required=False)
    seats = forms.IntegerField(label=gettext_lazy("Số chỗ"), min_value=0, max_value=9999, required=False)


def _keeps(request: SignedRequest) -> None:
    today = workdays.local_date(timezone.now())
    refuse(policy.why_not_keep_venues(request.actor, queries.offices_of(request.actor.agency_id, today)))


@require_http_methods(["GET", "POST"])
def new_venue(request: SignedRequest) -> HttpResponse:
    """Add a meeting room."""
    request.place = reverse("agenda")
    _keeps(request)
    question = Question(_("Thêm phòng họp"), _("Thêm phòng"), reverse("venues"), _("Phòng họp"), sign="plus")

    def do(told: dict[str, Any]) -> str:
        operations.add_venue(
            name=told["name"], place=told["place"], seats=told["seats"] or 0, actor=request.actor, at=timezone.now()
        )
        return _("Đã thêm phòng họp.")

    return asking.ask(request, question, VenueForm(asking.sent(request)), do)


@require_http_methods(["GET", "POST"])
def close_venue(request: SignedRequest, venue_id: int) -> HttpResponse:
    """Take a meeting room out of use."""
    request.place = reverse("agenda")
    _keeps(request)
    found = queries.get_venue(request.actor.agency_id, venue_id)
    question = Question(
        _("Thôi dùng %(name)s") % {"name": found.name},
        _("Thôi dùng"),
        reverse("venues"),
        _("Phòng họp"),
        sign="x",
        kind="danger",
        explains=_("Lịch đã họp ở đây giữ nguyên tên phòng."),
    )

    def do(_told: dict[str, Any]) -> str:
        operations.close_venue(venue_id=venue_id, actor=request.actor, at=timezone.now())
        return _("Đã thôi dùng phòng họp.")

    return asking.ask(request, question, forms.Form(asking.sent(request)), do)


@require_http_methods(["GET", "POST"])
def make(request: SignedRequest) -> HttpResponse:
    """Make an address for a calendar program; it is shown once."""
    request.place = reverse("agenda")
    refuse(policy.why_not_propose(request.actor))
    question = Question(
        _("Xem lịch trong chương trình lịch"),
        _("Tạo địa chỉ"),
        reverse("agenda"),
        _("Lịch công tác"),
        sign="calendar",
        explains=_(
            "Địa chỉ bí mật này cho chương trình lịch (iCalendar) đọc lịch có tên đồng chí trong chức vụ này. Tạo địa chỉ mới thì "
            "địa chỉ cũ hết dùng được."
        ),
    )

    def do(_told: dict[str, Any]) -> HttpResponse:
        secret = operations.make_feed(actor=request.actor, at=timezone.now())
        told = {
            "heading": _("Đã tạo địa chỉ lịch"),
            "back": reverse("agenda"),
            "secrets": [(_("Địa chỉ"), request.build_absolute_uri(reverse("feed", args=[secret])))],
            "then": _("Ai có địa chỉ này đọc được lịch của đồng chí. Đừng gửi cho người khác; lộ thì thu hồi ngay."),
        }
        return render(request, "asking/handed_out.html", told)

    return asking.ask(request, question, forms.Form(asking.sent(request)), do)


@require_http_methods(["GET", "POST"])
def revoke(request: SignedRequest) -> HttpResponse:
    """End one's address."""
    request.place = reverse("agenda")
    question = Question(
        _("Thu hồi địa chỉ lịch"), _("Thu hồi"), reverse("agenda"), _("Lịch công tác"), sign="x", kind="danger"
    )

    def do(_told: dict[str, Any]) -> str:
        operations.revoke_feed(actor=request.actor, at=timezone.now())
        return _("Đã thu hồi địa chỉ lịch; chương trình lịch không đọc được nữa.")

    return asking.ask(request, question, forms.Form(asking.sent(request)), do)


def happening_of(shown: Shown, host: str, link: str) -> Happening:
    """An entry as a calendar program is told it. `host` names the node in the identifier."""
    entry = shown.entry
    lines = [
        str(Kind(entry.kind).label),
        _("Chủ trì: %(name)s") % {"name": entry.chair_name},
        "; ".join(part for part in (*(each.name for each in shown.invitees), entry.attended) if part),
        entry.details,
    ]
    return Happening(
        uid=f"agenda-{entry.pk}@{host}",
        sequence=entry.revision,
        title=entry.title,
        details="\n".join(line for line in lines if line),
        where=where_of(entry),
        starts_at=entry.starts_at.astimezone(LOCAL),
        ends_at=entry.ends_at.astimezone(LOCAL),
        changed_at=entry.changed_at.astimezone(UTC),
        cancelled=entry.status == Status.CANCELLED,
        link=link,
    )


def _answer(request: Any, rows: list[Shown], name: str, filename: str) -> HttpResponse:
    host = request.get_host().partition(":")[0]
    told = [
        happening_of(each, host, request.build_absolute_uri(reverse("agenda-entry", args=[each.entry.pk])))
        for each in rows
    ]
    response = HttpResponse(ics.write(told, name=name), content_type=TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


@require_GET
def feed(request: Any, secret: str) -> HttpResponse:
    """What a calendar program reads. The secret in the address is all that it shows: unknown, revoked or of a post that was left
    look the same."""
    now = timezone.now()
    try:
        found = operations.use_feed(secret=secret, at=now)
        actor = people.get_actor(person_id=found.person_id, post_id=found.post_id, on=workdays.local_date(now))
    except (NotFound, PostNotHeld):
        return HttpResponse(status=404, content_type="text/plain")
    name = _("Lịch công tác: %(name)s") % {"name": actor.person_name}
    return _answer(request, queries.list_for_feed(actor, now), name, "lich-cong-tac.ics")


@require_GET
def invitation(request: SignedRequest, entry_id: int) -> HttpResponse:
    """One entry as a file for a calendar program."""
    found = queries.get_for(request.actor, entry_id, timezone.now())
    shown = Shown(found, queries.list_invitees(found), [])
    return _answer(request, [shown], found.title, f"lich-{found.pk}.ics")
