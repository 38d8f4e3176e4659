"""What the actor was told: read one by one by opening it, or all at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from antin.notices import operations, queries
from antin.web import refusals
from antin.web.session.middleware import SignedRequest

PAGE = 50


@require_GET
def notices(request: SignedRequest) -> HttpResponse:
    """List the notices, the latest first."""
    before = request.GET.get("before", "")
    unread_only = request.GET.get("show") == "unread"
    rows = queries.list_for(
        request.actor,
        before=int(before) if before.isdigit() and len(before) < 19 else None,
        limit=PAGE + 1,
        unread_only=unread_only,
    )
    show = "unread" if unread_only else "all"
    older = f"?show={show}&before={rows[PAGE - 1].id}" if len(rows) > PAGE else ""
    context = {"rows": rows[:PAGE], "show": show, "older": older, "unread": queries.count_unread(request.actor)}
    return render(request, "notices/notices.html", context)


@require_POST
def open_notice(request: SignedRequest, notice_id: int) -> HttpResponse:
    """Mark a notice read and go where it leads."""
    notice = operations.mark_read(notice_id=notice_id, actor=request.actor, at=timezone.now())
    leads_here = notice.link and refusals.is_safe(request, notice.link)
    return HttpResponseRedirect(notice.link if leads_here else reverse("notices"))


@require_POST
def read_all(request: SignedRequest) -> HttpResponse:
    """Mark everything told so far as read."""
    n = operations.mark_all_read(actor=request.actor, at=timezone.now())
    messages.success(
        request,
        ngettext("Đã đọc %(n)d thông báo.", "Đã đọc %(n)d thông báo.", n) % {"n": n}
        if n
        else _("Không có thông báo mới."),
    )
    return HttpResponseRedirect(reverse("notices"))
