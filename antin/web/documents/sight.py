"""Who may see a document and why; and, where somebody may not, whom he can ask, in the same words whether it exists or not."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from antin.documents import policy, queries
from antin.documents.operations.sharing import box_of
from antin.people import queries as people
from antin.people.states import Role
from antin.web.clocks import LOCAL
from antin.web.documents.rows import BOXES
from antin.web.session.middleware import SignedRequest

REASONS: dict[str, str | Promise] = {
    "drafter": _("soạn văn bản"),
    "co_drafter": _("cùng soạn"),
    "reviewer": _("được trình duyệt"),
    "unit": _("phụ trách đơn vị soạn"),
    "signer": _("được trình ký"),
    "joint": _("văn thư cơ quan cùng ban hành, giữ con dấu của cơ quan đó"),
    "registry": _("văn thư cơ quan; lãnh đạo cơ quan xem cùng"),
    "presented": _("được trình cho ý kiến"),
    "opinion": _("được xin ý kiến"),
    "lead": _("được giao chủ trì"),
    "join": _("được giao phối hợp"),
    "inform": _("được chuyển để biết"),
    "meeting": _("được mời họp có kèm văn bản"),
}


@require_safe
def show(request: SignedRequest, document_id: int) -> HttpResponse:
    """Everybody who may see the document, by name, with the reason and since when."""
    now = timezone.now()
    rows = queries.list_sight(request.actor, document_id)
    document = queries.get_for(request.actor, document_id)
    names = people.name_holders([row.holder for row in rows], now.astimezone(LOCAL).date())
    own = set(request.actor.holders)
    request.place = BOXES[box_of(document)].href()
    told = {
        "document": document,
        "rows": [
            (names.get(row.holder, row.holder), REASONS.get(row.reason, row.reason), row.since, row.holder in own)
            for row in rows
        ],
        "uses": queries.list_uses(request.actor, document) if document.circulation else None,
        "own_only": policy.why_not_follow_uses(request.actor, document) is not None,
        "today": now.astimezone(LOCAL).date(),
    }
    return render(request, "documents/sight.html", told)


def not_seen(request: SignedRequest) -> HttpResponse:
    """What stands at the address of a document that is not there or not the actor's to see: the two look the same."""
    on = timezone.localdate()
    clerks = people.find_posts_with_role(agency_id=request.actor.agency_id, role=Role.CLERK, on=on)
    told = {"clerks": [row for row in clerks if row.person_id and row.person_id != request.actor.person_id][:3]}
    return render(request, "documents/not_seen.html", told, status=404)
