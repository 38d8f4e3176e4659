"""Recall, replacement, correction: asked for an issued document, answered for one that was received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from antin.documents import queries
from antin.documents.states import Standing
from antin.exchange import operations, policy
from antin.exchange import queries as exchange
from antin.exchange.states import ChangeKind, ReplyStatus
from antin.journeys import change_document
from antin.people.actor import Actor
from antin.refusal import refuse
from antin.web import asking, tones
from antin.web.clocks import LOCAL
from antin.web.documents.acts import CHANGE, ask, sent
from antin.web.documents.forms import AnswerChange, AskChange
from antin.web.session.middleware import SignedRequest
from antin.web.tones import Tone

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.exchange.models import ChangeReply


@require_http_methods(["GET", "POST"])
def change(request: SignedRequest, document_id: int) -> HttpResponse:
    """Ask all who hold an issued document."""
    whole = queries.get_whole(request.actor, document_id)
    document = whole.document

    def do(answers: dict[str, Any]) -> str:
        made = change_document.ask(
            document_id=document_id,
            kind=answers["kind"],
            reason=answers["reason"],
            by_id=answers["by_id"],
            actor=request.actor,
            at=timezone.now(),
        )
        n = made.replies.count()
        words = ngettext("%(kind)s %(code)s: đã báo %(n)d nơi nhận.", "%(kind)s %(code)s: đã báo %(n)d nơi nhận.", n)
        return words % {"kind": ChangeKind(made.kind).label, "code": document.code, "n": n}

    return ask(
        request,
        CHANGE,
        whole,
        AskChange(sent(request), since=queries.list_issued_since(request.actor, document)),
        do,
        heading=_("Thu hồi, thay thế, đính chính %(code)s") % {"code": document.code},
        button=_("Báo các nơi nhận"),
        explains=_(
            "Thu hồi, thay thế: văn bản bị đóng băng ngay tại cơ quan, nơi chưa gửi thì thôi gửi, nơi đã nhận đồng ý hoặc từ chối. "
            "Sai nội dung thì thay thế bằng văn bản cùng tên loại; sai thể thức thì đính chính bằng công văn. Các nơi nhận:"
        ),
        names=tuple(recipient.name for recipient in whole.recipients),
    )


@require_http_methods(["GET", "POST"])
def answer(request: SignedRequest, reply_id: int) -> HttpResponse:
    """Agree to what the sender asks, or refuse it."""
    reply = exchange.get_reply_for(request.actor, reply_id)
    refuse(policy.why_not_answer_change(request.actor, reply))
    arrival = reply.arrival
    assert arrival is not None
    kind = str(ChangeKind(reply.change.kind).label).lower()

    def do(answers: dict[str, Any]) -> str:
        agree = answers["answer"] == ReplyStatus.AGREED
        change_document.answer(
            reply_id=reply_id, agree=agree, words=answers["words"], actor=request.actor, at=timezone.now()
        )
        told = {"kind": kind, "code": arrival.code}
        return _("Đã đồng ý %(kind)s %(code)s.") % told if agree else _("Đã từ chối %(kind)s %(code)s.") % told

    question = asking.Question(
        _("%(who)s yêu cầu %(kind)s %(code)s") % {"who": arrival.issuer_name, "kind": kind, "code": arrival.code},
        _("Trả lời nơi gửi"),
        reverse("document", args=[arrival.pk]),
        arrival.code or arrival.subject,
        sign="reply",
        explains=_("Lý do của nơi gửi: %(words)s") % {"words": reply.change.reason},
    )
    return asking.ask(request, question, AnswerChange(sent(request)), do)


def told_of(document: Document, actor: Actor) -> dict[str, Any]:
    """What the page of a document says of its standing: still in force or not, what its sender asks, and who answered what."""
    asked = exchange.find_asked(document.pk) if document.direction == "in" else None
    outgoing = document.direction == "out" and document.standing != Standing.IN_FORCE
    changes = exchange.list_changes(document.pk) if outgoing else []
    no = policy.why_not_answer_change(actor, asked) if asked else None
    return {
        "standing": standing_of(document),
        "asked": {
            "kind": str(ChangeKind(asked.change.kind).label).lower(),
            "reply": asked,
            "href": reverse("change-answer", args=[asked.pk]),
            "why": no.message if no else "",
        }
        if asked
        else None,
        "changes": [
            {
                "change": each,
                "kind": ChangeKind(each.kind).label,
                "replies": [_asked_of(reply, actor) for reply in each.replies.all()],
            }
            for each in changes
        ],
    }


def _asked_of(reply: ChangeReply, actor: Actor) -> dict[str, Any]:
    """One holder: what he answered, or how far the question to him is; and the way to ask again what a line declined."""
    may = policy.why_not_ask_again(actor, reply) is None
    return {
        "reply": reply,
        "state": tones.of(ReplyStatus(reply.status)),
        "words": reply.words or how_far(reply),
        "again": reverse("change-again", args=[reply.pk]) if may else "",
    }


def how_far(reply: ChangeReply) -> str:
    """How far the question to an outside holder is; nothing of one in the node, or who has answered."""
    if reply.status != ReplyStatus.ASKED or not reply.is_outside:
        return ""
    if reply.carried_at is not None:
        return _("Đã báo qua kênh lúc %(moment)s") % {"moment": f"{reply.carried_at.astimezone(LOCAL):%H:%M %d/%m}"}
    if reply.fault and reply.retry_at is not None:
        words = _("%(fault)s Hệ thống thử lại lúc %(moment)s.")
        return words % {"fault": reply.fault, "moment": f"{reply.retry_at.astimezone(LOCAL):%H:%M %d/%m}"}
    return _("Chưa báo được: %(fault)s") % {"fault": reply.fault} if reply.fault else _("Đang báo qua kênh")


@require_POST
def again(request: SignedRequest, reply_id: int) -> HttpResponse:
    """Ask an outside holder again whose line declined the question."""
    exchange.get_reply_for(request.actor, reply_id)
    reply = operations.ask_again(reply_id=reply_id, actor=request.actor, at=timezone.now())
    messages.success(request, _("Đang báo lại %(name)s.") % {"name": reply.whom})
    return HttpResponseRedirect(reverse("document", args=[reply.change.document_id]))


def standing_of(document: Document) -> Tone | None:
    """How the standing of a document is said; None while it is simply in force."""
    return None if document.standing == Standing.IN_FORCE else tones.of(Standing(document.standing))
