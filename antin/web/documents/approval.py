"""Acts on a draft on its way to the signer: endorse, return, withdraw, abandon."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from antin.codelists import queries as lists
from antin.codelists.states import Listing
from antin.documents import operations as documents
from antin.documents import policy, queries
from antin.documents.states import Act as Next
from antin.journeys import approve_document
from antin.refusal import NotFound
from antin.web.documents.acts import ABANDON, ENDORSE, RETURN, SUBMIT, ask, onward, sent
from antin.web.documents.forms import Endorse, Nothing, Return
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date


@require_http_methods(["GET", "POST"])
def submit(request: SignedRequest, document_id: int) -> HttpResponse:
    """Hand a classified draft on: who becomes a reader is said, and the PIN asked. Ordinary ones go from their own page."""
    at = timezone.now()
    whole = queries.get_whole(request.actor, document_id)
    making = whole.making
    if making is None or whole.document.classified_id is None:
        raise NotFound()

    def do(answers: dict[str, Any]) -> str:
        document = approve_document.submit(
            document_id=document_id, pin=answers.get("pin"), actor=request.actor, today=local_date(at), at=at
        )
        making = queries.making_of(document)
        if document.next_act == Next.REVIEW:
            return _("Đã trình %(name)s duyệt.") % {"name": making.reviewer_name}
        return _("Đã trình %(name)s ký.") % {"name": making.signer_name}

    return ask(
        request,
        SUBMIT,
        whole,
        Nothing(sent(request)),
        do,
        heading=_("Trình dự thảo mật"),
        button=_("Trình"),
        explains=_("Từ lúc trình, người duyệt và người ký đọc được bằng mã PIN của mình:"),
        names=tuple(name for name in (making.reviewer_name, making.signer_name) if name),
    )


@require_http_methods(["GET", "POST"])
def endorse(request: SignedRequest, document_id: int) -> HttpResponse:
    at = timezone.now()
    whole = queries.get_whole(request.actor, document_id)

    def do(answers: dict[str, Any]) -> str:
        approve_document.endorse(
            document_id=document_id,
            words=answers["words"],
            pin=answers.get("pin"),
            actor=request.actor,
            today=local_date(at),
            at=at,
        )
        making = whole.making
        due = policy.list_due(whole.signatories, in_order=making is not None and making.in_order)
        return _("Đã duyệt, chuyển %(signer)s ký.") % {"signer": policy.in_a_line(due)}

    return ask(
        request,
        ENDORSE,
        whole,
        Endorse(sent(request)),
        do,
        heading=_("Duyệt “%(subject)s”") % {"subject": whole.document.subject},
        button=_("Duyệt"),
    )


@require_http_methods(["GET", "POST"])
def return_to_drafter(request: SignedRequest, document_id: int) -> HttpResponse:
    whole = queries.get_whole(request.actor, document_id)
    document, making = whole.document, whole.making

    def do(answers: dict[str, Any]) -> str:
        approve_document.return_to_drafter(
            document_id=document_id, reason=answers["reason"], actor=request.actor, at=timezone.now()
        )
        return _("Đã trả lại %(drafter)s.") % {"drafter": making.drafter_name if making else ""}

    explains = (
        _("Số %(code)s sẽ bị hủy cùng lý do này và không cấp lại.") % {"code": document.code} if document.number else ""
    )
    today = local_date(timezone.now())
    phrases = [each.name for each in lists.list_choices(request.actor.agency_id, Listing.RETURN, today)]
    return ask(
        request,
        RETURN,
        whole,
        Return(sent(request)),
        do,
        heading=_("Trả lại “%(subject)s”") % {"subject": document.subject},
        button=_("Trả lại"),
        explains=explains,
        phrases=phrases,
    )


@require_POST
def withdraw(request: SignedRequest, document_id: int) -> HttpResponse:
    queries.get_for(request.actor, document_id)
    document = documents.withdraw(document_id=document_id, actor=request.actor, at=timezone.now())
    return onward(request, document, _("Đã rút lại “%(subject)s” để sửa.") % {"subject": document.subject})


@require_http_methods(["GET", "POST"])
def abandon(request: SignedRequest, document_id: int) -> HttpResponse:
    whole = queries.get_whole(request.actor, document_id)

    def do(answers: dict[str, Any]) -> str:
        documents.abandon(document_id=document_id, actor=request.actor, at=timezone.now())
        return _("Đã bỏ dự thảo “%(subject)s”.") % {"subject": whole.document.subject}

    return ask(
        request,
        ABANDON,
        whole,
        Nothing(sent(request)),
        do,
        heading=_("Bỏ dự thảo “%(subject)s”?") % {"subject": whole.document.subject},
        button=_("Bỏ dự thảo"),
        explains=_("Dự thảo chưa có số nên không để lại chỗ trống trong sổ. Vẫn đọc lại được."),
    )
