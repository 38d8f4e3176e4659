"""What is decided of a copy that was asked for: permitted, let be, signed on paper and handed out."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from antin.documents import queries
from antin.documents.types import ALL_TYPES
from antin.journeys import copy_document
from antin.web.documents.acts import DROP, HAND_OUT, PERMIT, ask, sent
from antin.web.documents.forms import DropCopy, Nothing
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date


@require_http_methods(["GET", "POST"])
def permit(request: SignedRequest, document_id: int) -> HttpResponse:
    """Permit the copy; the registry office numbers it next."""
    whole = queries.get_whole(request.actor, document_id)

    def do(answers: dict[str, Any]) -> str:
        at = timezone.now()
        copy_document.permit(document_id=document_id, actor=request.actor, today=local_date(at), at=at)
        return _("Đã cho sao, chuyển văn thư cấp số.")

    return ask(
        request,
        PERMIT,
        whole,
        Nothing(sent(request)),
        do,
        heading=_("Cho %(kind)s “%(subject)s”?")
        % {"kind": ALL_TYPES[whole.document.type_code].name.lower(), "subject": whole.document.subject},
        button=_("Cho sao"),
        explains=_("Bản sao vào sổ chung của các bản sao; tên đồng chí ghi ở người ký bản sao."),
    )


@require_http_methods(["GET", "POST"])
def drop(request: SignedRequest, document_id: int) -> HttpResponse:
    """Let the copy be, with the reason."""
    whole = queries.get_whole(request.actor, document_id)
    document = whole.document

    def do(answers: dict[str, Any]) -> str:
        copy_document.drop(document_id=document_id, reason=answers["reason"], actor=request.actor, at=timezone.now())
        return _("Đã thôi sao “%(subject)s”.") % {"subject": document.subject}

    explains = (
        _("Số %(code)s sẽ bị hủy cùng lý do này và không cấp lại.") % {"code": document.code} if document.number else ""
    )
    return ask(
        request,
        DROP,
        whole,
        DropCopy(sent(request)),
        do,
        heading=_("Thôi sao “%(subject)s”") % {"subject": document.subject},
        button=_("Thôi sao"),
        explains=explains,
    )


@require_http_methods(["GET", "POST"])
def hand_out(request: SignedRequest, document_id: int) -> HttpResponse:
    """A copy on paper was printed, signed, stamped, and leaves."""
    whole = queries.get_whole(request.actor, document_id)

    def do(answers: dict[str, Any]) -> str:
        done = copy_document.hand_out(document_id=document_id, actor=request.actor, at=timezone.now())
        return _("Đã phát hành bản sao %(code)s.") % {"code": done.code}

    return ask(
        request,
        HAND_OUT,
        whole,
        Nothing(sent(request)),
        do,
        heading=_("Bản sao %(code)s đã in, ký và đóng dấu?") % {"code": whole.document.code},
        button=_("Phát hành"),
        explains=_("%(signer)s ký trên giấy, văn thư đóng dấu. Gửi tới: %(to)s.")
        % {"signer": whole.making.signer_name if whole.making else "", "to": whole.document.parties},
    )
