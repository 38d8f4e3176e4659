"""What may be done to a document, in one table by its stage of life: the button, its question, and why it is greyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _noop

from antin.documents import policy, queries
from antin.documents.operations.sharing import box_of
from antin.documents.queries import Whole
from antin.documents.states import SIGNING, Status
from antin.documents.states import Act as Next
from antin.exchange import policy as exchange
from antin.journeys import change_secrecy
from antin.keys import queries as keys
from antin.numbering import queries as numbering
from antin.people.actor import Actor
from antin.refusal import NotAllowed, Refusal, refuse
from antin.web import unlocking
from antin.web.documents.forms import OpenKey
from antin.web.documents.rows import BOXES
from antin.web.refusals import status_of
from antin.web.session.middleware import SignedRequest
from antin.workdays.queries import local_date

if TYPE_CHECKING:
    from antin.documents.models import Document

WhyNot = Callable[[Actor, Whole], Refusal | None]


@dataclass(frozen=True)
class Act:
    """One act. `name` is that of its address; `asks` whether it asks something before it is done."""

    name: str
    words: str | Promise
    sign: str
    why_not: WhyNot
    asks: bool = False
    kind: str = "main"
    href: Callable[[int], str] | None = None


@dataclass(frozen=True)
class Offer:
    """An act as a button: where it leads, whether by a form of its own, and why not."""

    name: str
    words: str
    sign: str
    kind: str
    href: str
    posts: bool
    dialog: bool
    why: str

    @property
    def why_id(self) -> str:
        return f"why-{self.name}"


def _never(actor: Actor, whole: Whole) -> Refusal | None:
    return None


def _may_write(actor: Actor, whole: Whole) -> Refusal | None:
    return policy.why_not_draft(actor, 0)


def _making(judge: Callable[..., Refusal | None]) -> WhyNot:
    """The judgement of an act on an outgoing document."""
    return lambda actor, whole: judge(actor, whole.document, whole.making) if whole.making else NotAllowed()


def _signing(judge: Callable[..., Refusal | None]) -> WhyNot:
    """The same, of an act that asks whose hands the page takes."""
    return lambda actor, whole: (
        judge(actor, whole.document, whole.making, whole.signatories) if whole.making else NotAllowed()
    )


def _plain(judge: Callable[[Actor, Document], Refusal | None]) -> WhyNot:
    return lambda actor, whole: judge(actor, whole.document)


def _seals_at_once(actor: Actor, whole: Whole) -> Refusal | None:
    """Numbering by the one who keeps the seal: the document leaves in the same act."""
    return policy.why_not_number(actor, whole.document) if actor.keeps_seal else NotAllowed()


def _only_numbers(actor: Actor, whole: Whole) -> Refusal | None:
    return policy.why_not_number(actor, whole.document)


def _stamps(actor: Actor, whole: Whole) -> Refusal | None:
    """The arrival stamp is put on once."""
    no = policy.why_not_stamp(actor, whole.document)
    if no is None and whole.arrival is not None and whole.arrival.stamped_file:
        return policy.AlreadyStamped()
    return no


class NoneReserved(Refusal):
    code = "none_reserved"
    words = _noop("Sổ của văn bản này không có số nào đang giữ.")


def _reserved(actor: Actor, whole: Whole) -> Refusal | None:
    """Numbering with a number that was kept back, or put between two others."""
    no = policy.why_not_number(actor, whole.document)
    if no is not None:
        return no
    today = local_date(timezone.now())
    return None if numbering.list_reserved_in(queries.series_of(whole.document, today.year)) else NoneReserved()


EDIT = Act(
    "edit",
    gettext_lazy("Soạn tiếp"),
    "draft",
    _making(policy.why_not_revise),
    href=lambda document_id: reverse("draft-edit", args=[document_id]),
)
ABANDON = Act("abandon", gettext_lazy("Bỏ dự thảo"), "x", _making(policy.why_not_abandon), asks=True, kind="danger")
WITHDRAW = Act("withdraw", gettext_lazy("Rút lại để sửa"), "undo", _making(policy.why_not_withdraw), kind="")
ENDORSE = Act("endorse", gettext_lazy("Duyệt"), "check", _making(policy.why_not_endorse), asks=True)
RETURN = Act("return", gettext_lazy("Trả lại"), "undo", _signing(policy.why_not_return), asks=True, kind="")
SIGN = Act(
    "sign",
    gettext_lazy("Xem và ký"),
    "pen",
    _signing(policy.why_not_sign),
    href=lambda document_id: reverse("document-sign", args=[document_id]),
)
NUMBER = Act("number", gettext_lazy("Cấp số"), "number", _only_numbers)
NUMBER_AND_ISSUE = Act(
    "number", gettext_lazy("Cấp số, đóng dấu, phát hành"), "seal", _seals_at_once, asks=True, kind="seal"
)
NUMBER_RESERVED = Act("number-reserved", gettext_lazy("Dùng số đã giữ"), "number", _reserved, asks=True, kind="")
SEAL = Act("seal", gettext_lazy("Đóng dấu, phát hành"), "seal", _plain(policy.why_not_seal_as), asks=True, kind="seal")
SEAL_ELSEWHERE = Act(
    "seal",
    gettext_lazy("Đóng dấu, phát hành"),
    "seal",
    _plain(policy.why_not_seal_as),
    kind="seal",
    href=lambda document_id: reverse("document-seal", args=[document_id]),
)
JOINT_SEAL = Act(
    "seal",
    gettext_lazy("Đóng dấu cơ quan"),
    "seal",
    lambda actor, whole: policy.why_not_seal_jointly(actor, whole.document, whole.signatories),
    asks=True,
    kind="seal",
)
JOINT_SEAL_ELSEWHERE = replace(JOINT_SEAL, asks=False, href=SEAL_ELSEWHERE.href)
BOARD = Act(
    "board",
    gettext_lazy("Bảng gửi nhận"),
    "outbox",
    _never,
    href=lambda document_id: reverse("outgoing-board", args=[document_id]),
)
POST = Act("post", gettext_lazy("Ghi gửi bưu điện"), "send", _plain(policy.why_not_post), asks=True, kind="")
LEND = Act("lend", gettext_lazy("Cho sử dụng bản lưu"), "file", _plain(policy.why_not_keep), asks=True, kind="")
FILE = Act(
    "file-under", gettext_lazy("Lĩnh vực, thời hạn bảo quản"), "book", _plain(policy.why_not_file), asks=True, kind=""
)
CHANGE = Act(
    "change",
    gettext_lazy("Thu hồi, thay thế, đính chính"),
    "undo",
    _plain(exchange.why_not_ask_change),
    asks=True,
    kind="danger",
)
REGISTER = Act("register", gettext_lazy("Vào sổ"), "book", _plain(policy.why_not_register))
REGISTER_OTHERWISE = Act(
    "register", gettext_lazy("Vào sổ, trình người khác"), "book", _plain(policy.why_not_register), asks=True, kind=""
)
REGISTER_SEALED = Act("register", gettext_lazy("Vào sổ"), "book", _plain(policy.why_not_register), asks=True)
SEND_BACK = Act(
    "send-back", gettext_lazy("Trả nơi gửi"), "undo", _plain(policy.why_not_send_back), asks=True, kind="danger"
)
DIRECT = Act(
    "direct",
    gettext_lazy("Cho ý kiến chỉ đạo"),
    "flag",
    _plain(policy.why_not_direct),
    href=lambda document_id: "#chi-dao",
)
PRESENT = Act("present", gettext_lazy("Trình người khác"), "send", _plain(policy.why_not_present), asks=True, kind="")
STAMP = Act("stamp", gettext_lazy("Đóng dấu đến"), "seal", _stamps, asks=True, kind="")
CLOSE = Act("close", gettext_lazy("Để biết, kết thúc"), "check", _plain(policy.why_not_close), asks=True, kind="")
REPLY = Act(
    "reply",
    gettext_lazy("Soạn trả lời"),
    "reply",
    _may_write,
    kind="",
    href=lambda document_id: f"{reverse('draft-new')}?reply_to={document_id}",
)

UNSEAL = Act("unseal", gettext_lazy("Bỏ niêm phong"), "lock", _plain(change_secrecy.why_not_unseal), asks=True, kind="")
COPY = Act(
    "copy",
    gettext_lazy("Sao y, sao lục, trích sao"),
    "file",
    _plain(policy.why_not_copy),
    kind="",
    href=lambda document_id: reverse("document-copy", args=[document_id]),
)
PERMIT = Act("permit", gettext_lazy("Cho sao"), "check", _making(policy.why_not_permit), asks=True)
DROP = Act("drop", gettext_lazy("Thôi sao"), "x", _making(policy.why_not_drop), asks=True, kind="")
HAND_OUT = Act("hand-out", gettext_lazy("Đã ký, đóng dấu"), "print", _plain(policy.why_not_hand_out), asks=True)

SUBMIT = Act("submit", gettext_lazy("Trình"), "send", _never, asks=True)

WITH_PIN = (
    SUBMIT,
    ENDORSE,
    NUMBER_AND_ISSUE,
    NUMBER_RESERVED,
    SEAL,
    JOINT_SEAL,
    REGISTER_SEALED,
    REGISTER_OTHERWISE,
    PRESENT,
    UNSEAL,
)
"""Acts that open a classified document: they ask the PIN."""

SEALING = (NUMBER_AND_ISSUE, NUMBER_RESERVED, SEAL, JOINT_SEAL, STAMP)
"""Acts in which the agency's key signs; a token that only its keeper opens asks his PIN."""

STAGES: dict[str, tuple[Act, ...]] = {
    Status.DRAFTED: (EDIT, FILE, ABANDON),
    Status.RETURNED: (EDIT, FILE, ABANDON),
    Status.SUBMITTED: (ENDORSE, RETURN, WITHDRAW),
    Status.ENDORSED: (SIGN, RETURN),
    Status.SIGNED: (RETURN,),
    Status.ISSUED: (BOARD, CHANGE, POST, LEND, COPY, FILE),
    Status.ASKED: (PERMIT, DROP),
    Status.ABANDONED: (),
    Status.ARRIVED: (REGISTER, REGISTER_OTHERWISE, SEND_BACK),
    Status.SENT_BACK: (),
    Status.REGISTERED: (DIRECT, REPLY, PRESENT, STAMP, CLOSE, COPY, FILE),
    Status.DIRECTED: (DIRECT, REPLY, STAMP, COPY, FILE),
    Status.PROCESSING: (REPLY, DIRECT, STAMP, COPY, FILE),
    Status.COMPLETED: (REPLY, STAMP, COPY, FILE),
    Status.PAST: (),
}


BY_HAND = (POST, CHANGE, LEND, FILE)
"""What is done with a copy that left on paper: no board tells of it."""


def seals_elsewhere(actor: Actor) -> bool:
    """Whether the actor keeps a seal whose device is at his own machine: it seals on a page of its own, in two steps."""
    return actor.keeps_seal and keys.seals_elsewhere(actor.agency_id, timezone.now())


def seals_here(actor: Actor, whole: Whole) -> bool:
    """Whether the actor keeps a seal that the node reaches, and no other's comes first: number, seal and issue are one act.

    A copy on paper is stamped by hand.
    """
    if not actor.keeps_seal or seals_elsewhere(actor) or queries.is_for_hands(whole.document):
        return False
    return not any(each.seals for each in whole.signatories)


def seals_jointly(actor: Actor, whole: Whole) -> bool:
    """Whether the actor's agency issues a document that another one drafted: his seal comes beside its head's signature."""
    return policy.find_joint_seal(actor, whole.signatories) is not None


def _stage(actor: Actor, whole: Whole) -> tuple[Act, ...]:
    document = whole.document
    if document.status == Status.ARRIVED and document.classified_id is not None:
        return (REGISTER_SEALED, SEND_BACK)
    if document.status == Status.PERMITTED:
        return (*_to_issue(actor, whole), DROP)
    if document.status == Status.ISSUED and queries.is_for_hands(document):
        return BY_HAND
    if document.status != Status.SIGNED:
        clearing = document.classified_id is not None and policy.why_not_unseal(document) is None
        return (*STAGES[document.status], *((UNSEAL,) if clearing else ()))
    first, *more = _to_issue(actor, whole)
    return (first, RETURN, *more)


def _to_issue(actor: Actor, whole: Whole) -> tuple[Act, ...]:
    """What brings a document that was signed, or a copy that was permitted, out of the house."""
    document = whole.document
    if document.next_act == Next.PRINT:
        return (HAND_OUT,)
    if document.number is not None:
        if seals_jointly(actor, whole):
            return (JOINT_SEAL_ELSEWHERE if seals_elsewhere(actor) else JOINT_SEAL,)
        return (SEAL_ELSEWHERE if seals_elsewhere(actor) else SEAL,)
    return (NUMBER_AND_ISSUE if seals_here(actor, whole) else NUMBER, NUMBER_RESERVED)


def offers(actor: Actor, whole: Whole, query: str = "") -> list[Offer]:
    """The acts of the document's stage, those that are possible first; each that is not says why."""
    found = [_offer(act, actor, whole, query) for act in _stage(actor, whole)]
    return sorted(found, key=lambda offer: offer.why != "")


def _offer(act: Act, actor: Actor, whole: Whole, query: str) -> Offer:
    no = act.why_not(actor, whole)
    href = act.href(whole.document.pk) if act.href else address(act.name, whole.document.pk, query)
    return Offer(
        name=act.name,
        words=str(act.words),
        sign=act.sign,
        kind=act.kind,
        href=href,
        posts=act.href is None and not act.asks,
        dialog=act.asks,
        why=no.message if no else "",
    )


def address(name: str, document_id: int, query: str = "") -> str:
    """Address of an act. It carries what the list beside the document is narrowed to, so that the next one can follow."""
    path = reverse(f"document-{name}", args=[document_id])
    return f"{path}?{query}" if query else path


def awaited(whole: Whole) -> str:
    """Who must do what now, in a line; empty when nothing is awaited."""
    making, arrival = whole.making, whole.arrival
    who = {
        "finish_draft": making.drafter_name if making else "",
        "review": making.reviewer_name if making else "",
        "permit": making.signer_name if making else "",
        **{str(each): _due(whole) for each in SIGNING},
        "joint_seal": ", ".join(each.agency_name for each in whole.signatories if each.seal_waiting),
        "direct": arrival.presented_post.title if arrival and arrival.presented_post else "",
    }.get(whole.document.next_act, "")
    words = {
        "finish_draft": _("Chờ %(who)s soạn tiếp"),
        "review": _("Chờ %(who)s duyệt"),
        "initial": _("Chờ %(who)s ký nháy"),
        "check": _("Chờ %(who)s kiểm tra thể thức"),
        "sign": _("Chờ %(who)s ký"),
        "number": _("Chờ văn thư cấp số"),
        "joint_seal": _("Chờ %(who)s đóng dấu"),
        "seal": _("Chờ người giữ dấu ký số cơ quan"),
        "permit": _("Chờ %(who)s cho sao"),
        "print": _("Chờ in, ký và đóng dấu trên giấy"),
        "register": _("Chờ văn thư vào sổ"),
        "direct": _("Chờ %(who)s cho ý kiến chỉ đạo"),
    }.get(whole.document.next_act, "")
    return words % {"who": who} if who else words


def _due(whole: Whole) -> str:
    """Whose turn it is to sign, in a line."""
    in_order = whole.making is not None and whole.making.in_order
    return policy.in_a_line(policy.list_due(whole.signatories, in_order=in_order))


# ---- doing -----------------------------------------------------------------------------------------------------------------


def onward(request: SignedRequest, document: Document, words: str, *, act: str = "") -> HttpResponse:
    """Say what happened, and go to the next document that waits for the same act; without one, stay at this.

    `act` is what the document waited for before. Done from the desk, it goes back there: the desk is the queue.
    """
    query = request.GET.urlencode()
    here = BOXES[box_of(document)].href(document.pk, query)
    if request.POST.get("back") == "desk":
        messages.success(request, words, extra_tags=here)
        return HttpResponseRedirect(reverse("desk"))
    waiting = queries.list_waiting(request.actor) if act else []
    following = [each for each in waiting if each.next_act == act and each.pk != document.pk]
    messages.success(request, words, extra_tags=here if following else "")
    if not following:
        return HttpResponseRedirect(here)
    return HttpResponseRedirect(BOXES[box_of(following[0])].href(following[0].pk, query))


def sent(request: SignedRequest) -> QueryDict | None:
    """What a form was sent with; None when it is only shown."""
    return request.POST if request.method == "POST" else None


def ask_pin() -> forms.BoundField:
    """The PIN that opens what is classified."""
    opening = OpenKey()
    opening.fields["pin"].label = _("Mã PIN của khóa mã hóa")
    return opening["pin"]


def ask(
    request: SignedRequest,
    act: Act,
    whole: Whole,
    form: forms.Form,
    do: Callable[[dict[str, Any]], str],
    *,
    heading: str,
    button: str,
    explains: str = "",
    names: tuple[str, ...] = (),
    aside: tuple[type[Refusal], ...] = (),
    phrases: Sequence[str] = (),
) -> HttpResponse:
    """Ask what an act needs, as a dialog over the page or as a page of its own; then do it.

    `do` takes the answers and returns what happened, in words. Refusals named in `aside` the caller words by itself. `phrases` are
    offered for the field `reason`.

    :raises Refusal: the act is not possible, whatever the answers
    """
    classified_id = whole.document.classified_id if act in WITH_PIN else None
    device = classified_id is not None and unlocking.by_device(request)
    beside = forms.Form(request.POST if unlocking.came(request) else None)
    if classified_id is not None and not device:
        form.fields["pin"] = ask_pin().field
    if act in SEALING and request.actor.keeps_seal and keys.asks_keepers_pin(request.actor.agency_id, timezone.now()):
        name = "seal_pin" if classified_id is not None else "pin"
        asks = beside if device else form
        asks.fields[name] = OpenKey().fields["pin"]
        asks.fields[name].label = _("Mã PIN của thiết bị lưu khóa cơ quan")
    refused: Refusal | None = None
    waited_for = whole.document.next_act
    back = BOXES[box_of(whole.document)].href(whole.document.pk, request.GET.urlencode())
    if request.method == "GET":
        refuse(act.why_not(request.actor, whole))
    elif form.is_valid():
        asked = unlocking.ask(
            request,
            classified_id,
            heading=heading,
            button=button,
            back=back,
            names=whole.document.code or whole.document.subject,
            form=beside,
        )
        if asked is not None:
            return asked
        try:
            answers = form.cleaned_data
            if device:
                answers |= {"pin": unlocking.opening_of(request), "seal_pin": request.POST.get("seal_pin") or None}
            words = do(answers)
            return onward(request, queries.get(whole.document.pk), words, act=waited_for)
        except aside:
            raise
        except Refusal as no:
            refused = no
    told = {
        "act": act,
        "whole": whole,
        "document": whole.document,
        "form": form,
        "refused": refused,
        "heading": heading,
        "button": button,
        "explains": explains,
        "names": names,
        "phrases": phrases,
        "back": back,
    }
    fragment = request.headers.get("HX-Target") == "ask"
    status = 200 if request.method == "GET" else status_of(refused) if refused else 422
    return render(request, "documents/_ask.html" if fragment else "documents/ask.html", told, status=status)
