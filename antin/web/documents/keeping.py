"""What is noted of a document beside its way: sent by post, the kept copy lent, under what it is filed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from antin.codelists import queries as lists
from antin.codelists.states import Listing
from antin.documents import operations, queries
from antin.web.documents.acts import FILE, LEND, POST, ask, sent
from antin.web.documents.forms import FileUnder, Lend, Post
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


@require_http_methods(["GET", "POST"])
def file_under(request: SignedRequest, document_id: int) -> HttpResponse:
    """Its field, and how long it is kept, from the lists of the agency."""
    at = timezone.now()
    today = local_date(at)
    whole = queries.get_whole(request.actor, document_id)
    document = whole.document
    filing = queries.find_filing(document)
    retention = lists.find_in_force(document.agency_id, Listing.RETENTION, today)
    fields = lists.find_in_force(document.agency_id, Listing.FIELD, today)

    def do(answers: dict[str, Any]) -> str:
        operations.file_document(document_id=document_id, **answers, actor=request.actor, today=today, at=at)
        return _("Đã ghi lĩnh vực, thời hạn bảo quản.")

    empty = not (retention.rows or fields.rows)
    return ask(
        request,
        FILE,
        whole,
        FileUnder(sent(request), retention=retention, fields=fields, filing=filing),
        do,
        heading=_("Lĩnh vực, thời hạn bảo quản của “%(subject)s”") % {"subject": document.code or document.subject},
        button=_("Ghi lại"),
        explains=_("Cơ quan chưa có danh mục nào đang dùng; quản trị viên lập ở trang của cơ quan.") if empty else "",
    )
