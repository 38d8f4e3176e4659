"""Acts on an arrival: enter in the book, return to the sender, present to a leader, close for information."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from antin.documents import policy, queries
from antin.documents.operations.receiving import DuplicateArrival
from antin.documents.states import Act
from antin.journeys import change_secrecy, receive_document, stamp_arrival
from antin.people import queries as people
from antin.people.queries import PostRow
from antin.people.states import Role
from antin.refusal import NotFound, refuse
from antin.signing import operations as signing
from antin.web import unlocking
from antin.web.documents.acts import (
    CLOSE,
    PRESENT,
    REGISTER_OTHERWISE,
    SEND_BACK,
    STAMP,
    UNSEAL,
    ask,
    ask_pin,
    onward,
    sent,
)
from antin.web.documents.forms import Nothing, Present, Register, SendBack, StampArrival
from antin.web.documents.lists import draw
from antin.web.documents.rows import BOXES
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date


def _leaders(request: SignedRequest) -> list[PostRow]:
    """The filled posts of those who lead: of the agency first, then of its parts."""
    today = local_date(timezone.now())
    posts = people.list_posts(request.actor.agency_id, today, roles=(Role.HEAD, Role.DEPUTY))
    return [post for post in posts if post.person_id is not None]


@require_http_methods(["GET", "POST"])
def register(request: SignedRequest, document_id: int) -> HttpResponse:
    """Enter in the book. A duplicate is shown beside this one, and entered only when the clerk says so."""
    at = timezone.now()
    whole = queries.get_whole(request.actor, document_id)
    sealed = whole.document.classified_id is not None
    plain = request.method == "POST" and "present_to" not in request.POST and not sealed
    form = Register(sent(request), leaders=[] if plain else _leaders(request))

    def do(answers: dict[str, Any]) -> str:
        document = receive_document.register(
            document_id=document_id,
            present_to=answers.get("present_to"),
            pin=answers.get("pin"),
            despite_duplicate=answers.get("despite_duplicate", False),
            actor=request.actor,
            today=local_date(at),
            at=at,
        )
        leader = queries.arrival_of(document).presented_post
        told = {"number": document.arrival_number, "leader": leader.title if leader else ""}
        return _("Đã vào sổ, số đến %(number)s, trình %(leader)s.") % told

    try:
        if plain and form.is_valid():
            words = do(form.cleaned_data)
            return onward(request, queries.get(document_id), words, act=Act.REGISTER)
        return ask(
            request,
            REGISTER_OTHERWISE,
            whole,
            form,
            do,
            heading=_("Vào sổ “%(subject)s”") % {"subject": whole.document.subject},
            button=_("Vào sổ"),
            aside=(DuplicateArrival,),
        )
    except DuplicateArrival as no:
        return _duplicate(request, document_id, no)


def _duplicate(request: SignedRequest, document_id: int, no: DuplicateArrival) -> HttpResponse:
    """Both papers side by side, and the three ways on."""
    document = queries.get_for(request.actor, document_id)
    same = queries.find_duplicate_of(document)
    both = [document, *([same] if same else [])]
    told = {
        "document": document,
        "refused": no,
        "rows": draw(both, BOXES["in"], actor=request.actor, now=timezone.now(), query=QueryDict(), current=None),
        "query": request.GET.urlencode(),
        "present_to": request.POST.get("present_to", ""),
        "pin": ask_pin() if document.classified_id is not None and not unlocking.by_device(request) else None,
        "back": BOXES["in"].href(document_id, request.GET.urlencode()),
    }
    return render(request, "documents/duplicate.html", told, status=409)


@require_http_methods(["GET", "POST"])
def send_back(request: SignedRequest, document_id: int) -> HttpResponse:
    whole = queries.get_whole(request.actor, document_id)

    def do(answers: dict[str, Any]) -> str:
        receive_document.send_back(
            document_id=document_id,
            reason=answers["reason"],
            words=answers["words"],
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã trả %(code)s về %(issuer)s.") % {
            "code": whole.document.code,
            "issuer": whole.document.issuer_name,
        }

    return ask(
        request,
        SEND_BACK,
        whole,
        SendBack(sent(request)),
        do,
        heading=_("Trả %(code)s về %(issuer)s?") % {"code": whole.document.code, "issuer": whole.document.issuer_name},
        button=_("Trả nơi gửi"),
        explains=_("Văn bản không vào sổ; nơi gửi nhận được lý do ngay."),
    )


@require_http_methods(["GET", "POST"])
def present(request: SignedRequest, document_id: int) -> HttpResponse:
    whole = queries.get_whole(request.actor, document_id)
    leaders = _leaders(request)

    def do(answers: dict[str, Any]) -> str:
        receive_document.present(
            document_id=document_id,
            post_id=answers["post_id"],
            words=answers["words"],
            pin=answers.get("pin"),
            actor=request.actor,
            at=timezone.now(),
        )
        to = next(row for row in leaders if row.id == answers["post_id"])
        return _("Đã trình %(who)s.") % {"who": f"{to.title} {to.person_name}"}

    return ask(
        request,
        PRESENT,
        whole,
        Present(sent(request), leaders=leaders),
        do,
        heading=_("Trình văn bản đến số %(number)s") % {"number": whole.document.arrival_number},
        button=pgettext("leader", "Trình"),
    )


@require_http_methods(["GET", "POST"])
def stamp(request: SignedRequest, document_id: int) -> HttpResponse:
    """Put the arrival stamp on page 1, where it is free or where the clerk wants it."""
    whole = queries.get_whole(request.actor, document_id)
    form = StampArrival(sent(request))

    def do(answers: dict[str, Any]) -> str:
        stamp_arrival.stamp(
            document_id=document_id,
            corner=form.corner(),
            pin=answers.get("pin"),
            actor=request.actor,
            at=timezone.now(),
        )
        return _("Đã đóng dấu đến số %(number)s; tệp có dấu nằm cạnh tệp gốc.") % {
            "number": whole.document.arrival_number
        }

    return ask(
        request,
        STAMP,
        whole,
        form,
        do,
        heading=_("Đóng dấu đến số %(number)s?") % {"number": whole.document.arrival_number},
        button=_("Đóng dấu đến"),
        explains=_(
            "Dấu đặt vào chỗ trống trên trang đầu, kèm chữ ký số của cơ quan, trong một tệp cạnh tệp gốc; chữ ký của nơi gửi vẫn "
            "nguyên. Để trống hai ô dưới thì hệ thống tự tìm chỗ."
        ),
    )


@require_http_methods(["GET", "POST"])
def close(request: SignedRequest, document_id: int) -> HttpResponse:
    whole = queries.get_whole(request.actor, document_id)

    def do(answers: dict[str, Any]) -> str:
        document = receive_document.close(document_id=document_id, actor=request.actor, at=timezone.now())
        return _("Đã kết thúc văn bản đến số %(number)s.") % {"number": document.arrival_number}

    return ask(
        request,
        CLOSE,
        whole,
        Nothing(sent(request)),
        do,
        heading=_("Kết thúc văn bản đến số %(number)s?") % {"number": whole.document.arrival_number},
        button=_("Để biết, kết thúc"),
        explains=_("Văn bản chỉ để biết, không giao việc. Nơi gửi được báo đã hoàn thành."),
    )


@require_http_methods(["GET", "POST"])
def unseal(request: SignedRequest, document_id: int) -> HttpResponse:
    """Bring a declassified document into clear, by its reader's own key."""
    whole = queries.get_whole(request.actor, document_id)
    refuse(NotFound() if whole.document.sealed_as is None else None)

    def do(answers: dict[str, Any]) -> str:
        change_secrecy.unseal(
            document_id=document_id, opening=answers.get("pin"), actor=request.actor, at=timezone.now()
        )
        return _("Đã bỏ niêm phong; văn bản nay xem, tìm được như văn bản thường.")

    return ask(
        request,
        UNSEAL,
        whole,
        Nothing(sent(request)),
        do,
        heading=_("Bỏ niêm phong văn bản đã giải mật"),
        button=_("Bỏ niêm phong"),
        explains=_(
            "Trích yếu, toàn văn và tệp kèm theo chuyển ra bản rõ: mọi người được xem văn bản này đọc được, danh sách hiện trích "
            "yếu, tra cứu tìm thấy. Ý kiến, kết quả đã nộp trước đó vẫn niêm phong. Không đảo lại được."
        ),
    )


@require_POST
def judge(request: SignedRequest, document_id: int) -> HttpResponse:
    """Judge the signatures of the document and its attachments again, by what the node trusts now."""
    whole = queries.get_whole(request.actor, document_id)
    at = timezone.now()
    refuse(policy.SealedDocument() if whole.document.classified_id is not None else None)
    for digest in (whole.document.file, *(row.sealed_file or row.file for row in whole.attachments)):
        if digest:
            signing.verify(file=digest, at=at)
    return onward(request, whole.document, _("Đã kiểm tra lại chữ ký số."))
