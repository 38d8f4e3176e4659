"""What the registry notes of an issued document's papers: sent by post, the kept copy lent."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from antin.documents import operations, queries
from antin.web.documents.acts import LEND, POST, ask, sent
from antin.web.documents.forms import Lend, Post
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date


@require_http_methods(["GET", "POST"])
def post(request: SignedRequest, document_id: int) -> HttpResponse:
    """A line of the postal book."""
    at = timezone.now()
    whole = queries.get_whole(request.actor, document_id)

    def do(answers: dict[str, Any]) -> str:
        line = operations.post_by_mail(
            document_id=document_id, **answers, actor=request.actor, today=local_date(at), at=at
        )
        return _("Đã ghi sổ bưu điện: %(code)s tới %(who)s.") % {
            "code": whole.document.code,
            "who": line.recipient_name,
        }

    return ask(
        request,
        POST,
        whole,
        Post(sent(request), today=local_date(at)),
        do,
        heading=_("Ghi gửi %(code)s qua bưu điện") % {"code": whole.document.code},
        button=_("Ghi vào sổ"),
    )


@require_http_methods(["GET", "POST"])
def lend(request: SignedRequest, document_id: int) -> HttpResponse:
    """A line of the book of kept copies."""
    at = timezone.now()
    whole = queries.get_whole(request.actor, document_id)

    def do(answers: dict[str, Any]) -> str:
        line = operations.lend_copy(
            document_id=document_id, **answers, actor=request.actor, today=local_date(at), at=at
        )
        return _("Đã ghi sổ sử dụng bản lưu: %(who)s.") % {"who": line.user_name}

    return ask(
        request,
        LEND,
        whole,
        Lend(sent(request)),
        do,
        heading=_("Cho sử dụng bản lưu %(code)s") % {"code": whole.document.code},
        button=_("Ghi vào sổ"),
    )
