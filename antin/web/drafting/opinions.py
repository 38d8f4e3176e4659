"""Opinions on a draft: asked, given, urged, settled, side by side in one table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from antin.documents import queries as papers
from antin.documents.operations.sharing import box_of
from antin.journeys import ask_opinions
from antin.opinions import operations, policy, queries
from antin.opinions.operations import MOST_DAYS, Asked
from antin.opinions.states import Settlement, Status, Verdict
from antin.people import queries as people
from antin.people.states import Role
from antin.refusal import NotFound, Refusal, refuse
from antin.web import asking, clocks, tones
from antin.web.asking import Question
from antin.web.documents.forms import OpenKey
from antin.web.documents.rows import BOXES
from antin.web.session.middleware import SignedRequest
from antin.web.trees import Branch, TreesField
from antin.workdays import queries as workdays

if TYPE_CHECKING:
    from antin.documents.models import Document
    from antin.opinions.models import Opinion
    from antin.people.actor import Actor


@dataclass(frozen=True)
class Choice:
    """A choice as `asking/_choices.html` writes it. (A pair would be a group of choices to Django.)"""

    name: str | Promise
    note: str | Promise = ""


VERDICTS = [
    (Verdict.AGREED, Choice(gettext_lazy("Nhất trí"))),
    (Verdict.REMARKED, Choice(gettext_lazy("Nhất trí, có góp ý"), gettext_lazy("Ghi nội dung đề nghị sửa, bổ sung."))),
    (Verdict.DISAGREED, Choice(gettext_lazy("Không nhất trí"), gettext_lazy("Phải ghi rõ lý do."))),
]
SETTLEMENTS = [
    (Settlement.TAKEN_IN, Choice(gettext_lazy("Tiếp thu"), gettext_lazy("Đã sửa theo ý kiến."))),
    (Settlement.IN_PART, Choice(gettext_lazy("Tiếp thu một phần"), gettext_lazy("Ghi phần không sửa và lý do."))),
    (Settlement.EXPLAINED, Choice(gettext_lazy("Giải trình, giữ nguyên"), gettext_lazy("Ghi rõ lý do."))),
]


class AskForm(forms.Form):
    asked = TreesField(label=gettext_lazy("Xin ý kiến của"))
    days = forms.IntegerField(
        label=gettext_lazy("Thời hạn, số ngày làm việc"), min_value=1, max_value=MOST_DAYS, initial=3
    )
    in_order = forms.BooleanField(
        label=gettext_lazy("Lần lượt theo thứ tự đã chọn; người sau được hỏi khi người trước đã trả lời"),
        required=False,
    )
    words = forms.CharField(
        label=gettext_lazy("Nội dung cần cho ý kiến"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    begun_in = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def asked_of(self) -> list[Asked]:
        return [_asked(value) for value in self.cleaned_data["asked"]]


def _asked(value: str) -> Asked:
    number = int(value[1:])
    return Asked(unit_id=number) if value[0] == "U" else Asked(post_id=number)


class AnswerForm(forms.Form):
    verdict = forms.ChoiceField(label=gettext_lazy("Ý kiến"), choices=VERDICTS, widget=forms.RadioSelect)
    words = forms.CharField(
        label=gettext_lazy("Góp ý, lý do"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )


class SettleForm(forms.Form):
    settlement = forms.ChoiceField(
        label=gettext_lazy("Kết quả"), choices=SETTLEMENTS, widget=forms.RadioSelect, initial=Settlement.TAKEN_IN
    )
    words = forms.CharField(
        label=gettext_lazy("Giải trình"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


def whom(actor: Actor, today: Any) -> list[Branch]:
    """Units of the agency with their people, then the other agencies of the node."""
    units = [people.get_unit(actor.agency_id), *people.list_departments(actor.agency_id, today)]
    posts: dict[int, list[Branch]] = {}
    for post in people.list_posts(actor.agency_id, today):
        if post.person_id and post.id != actor.post_id and post.role != Role.ADMINISTRATOR:
            words = f"{post.title} {post.person_name}"
            posts.setdefault(post.unit_id, []).append(Branch(f"P{post.id}", words, f"U{post.unit_id}"))
    found = []
    for unit in units:
        found.append(Branch(f"U{unit.pk}", unit.name, closed=unit.is_agency))
        found += posts.get(unit.pk, [])
    others = [unit for unit in people.list_agencies(today) if unit.pk != actor.agency_id]
    return found + [Branch(f"U{unit.pk}", unit.name, code=unit.code.value if unit.code else "") for unit in others]


@require_GET
def show(request: SignedRequest, document_id: int) -> HttpResponse:
    """The table: who was asked, what he said, what was made of it."""
    document = papers.get_for(request.actor, document_id)
    making = papers.making_of(document)
    now = timezone.now()
    request.place = BOXES[box_of(document)].href()
    rounds = queries.list_rounds(document_id)
    asked = [each for each in rounds.opinions if each.status != Status.WAITING]
    late = [each for each in rounds.opinions if each.status == Status.ASKED and queries.is_late(each, now)]
    context = {
        "document": document,
        "drafts": policy.documents.why_not_revise(request.actor, document, making) is None,
        "asks": asking.offer(
            policy.why_not_ask(request.actor, document, making, rounds.open),
            "ask",
            _("Xin ý kiến"),
            reverse("opinions-ask", args=[document_id]),
        ),
        "closes": rounds.open is not None,
        "rounds": [
            {"round": row, "rows": [_row(each, request.actor, document, now) for each in opinions]}
            for row, opinions in rounds.rows
        ],
        "mine": queries.find_mine(request.actor, rounds.opinions),
        "answered": sum(each.status == Status.ANSWERED for each in asked),
        "asked": len(rounds.opinions),
        "late": len(late),
        "unsettled": len(rounds.unsettled),
        "comments": queries.count_comments(document_id),
        "revision": making.revision,
        "now": now,
    }
    return render(request, "drafting/opinions.html", context)


def _row(each: Opinion, actor: Actor, document: Document, now: datetime) -> dict[str, Any]:
    making = papers.making_of(document) if each.document_id != document.pk else document.making
    urged = bool(each.urged_at and workdays.local_date(each.urged_at) == workdays.local_date(now))
    return {
        "opinion": each,
        "state": tones.of(Verdict(each.verdict)) if each.verdict else tones.of(Status(each.status)),
        "settled": tones.of(Settlement(each.settlement)) if each.settlement else None,
        "clock": clocks.until(each.due_at, now) if each.status == Status.ASKED else None,
        "late": queries.is_late(each, now) and each.status == Status.ANSWERED,
        "answers": policy.why_not_answer(actor, each) is None,
        "settles": policy.why_not_settle(actor, document, making, each) is None,
        "urges": policy.why_not_urge(actor, document, making, each, today=urged) is None,
    }


@require_http_methods(["GET", "POST"])
def ask(request: SignedRequest, document_id: int) -> HttpResponse:
    """Ask people and units."""
    document = papers.get_for(request.actor, document_id)
    at = timezone.now()
    refuse(policy.why_not_ask(request.actor, document, papers.making_of(document), queries.find_open(document_id)))
    form = AskForm(asking.sent(request), initial={"begun_in": uuid4().hex, "days": 3})
    field = form.fields["asked"]
    assert isinstance(field, TreesField)
    field.grow(whom(request.actor, workdays.local_date(at)))
    field.widget.attrs["data-ordered"] = True
    if document.classified_id is not None:
        form.fields["pin"] = OpenKey().fields["pin"]

    def do(given: dict[str, Any]) -> str:
        row = ask_opinions.ask(
            document_id=document_id,
            asked=form.asked_of(),
            words=given["words"],
            in_order=given["in_order"],
            days=given["days"],
            begun_in=given["begun_in"] or None,
            pin=given.get("pin"),
            actor=request.actor,
            at=at,
        )
        n = row.opinions.count()
        return ngettext("Đã xin ý kiến %(n)d nơi.", "Đã xin ý kiến %(n)d nơi.", n) % {"n": n}

    explains = _("Người được hỏi xem được dự thảo; bản đang có được giữ lại để so sánh.")
    if document.classified_id is not None:
        explains = _("Người được hỏi (với đơn vị là cấp trưởng) đọc được văn bản mật này bằng mã PIN của mình.")
    question = _question(_("Xin ý kiến về dự thảo"), _("Gửi xin ý kiến"), document, "send", explains)
    return asking.ask(request, question, form, do)


def _question(heading: str, button: str, document: Document, sign: str, explains: str = "") -> Question:
    back = reverse("document-opinions", args=[document.pk])
    return Question(heading, button, back, _("Ý kiến về dự thảo"), sign=sign, explains=explains)


@require_http_methods(["GET", "POST"])
def answer(request: SignedRequest, opinion_id: int) -> HttpResponse:
    """Give the opinion one is asked for."""
    opinion = queries.get_for(request.actor, opinion_id)
    refuse(policy.why_not_answer(request.actor, opinion))
    sealed = opinion.document.classified_id is not None
    before = {} if sealed or not opinion.verdict else {"verdict": opinion.verdict, "words": opinion.words}
    form = AnswerForm(asking.sent(request), initial=before or {"verdict": Verdict.AGREED})

    def do(given: dict[str, Any]) -> str:
        ask_opinions.answer(opinion_id=opinion_id, **given, actor=request.actor, at=timezone.now())
        return _("Đã gửi ý kiến tới người soạn.")

    heading = _("Ý kiến về “%(subject)s”") % {"subject": opinion.document.subject}
    asked = "" if opinion.round.words == "" else _("Cần cho ý kiến: %(words)s") % {"words": opinion.round.words}
    return asking.ask(request, _question(heading, _("Gửi ý kiến"), opinion.document, "send", asked), form, do)


@require_http_methods(["GET", "POST"])
def settle(request: SignedRequest, opinion_id: int) -> HttpResponse:
    """Say what was made of an opinion."""
    opinion = queries.get_for(request.actor, opinion_id)
    document = opinion.document
    refuse(policy.why_not_settle(request.actor, document, papers.making_of(document), opinion))
    before = {"settlement": opinion.settlement, "words": opinion.settled_words} if opinion.settlement else None
    form = SettleForm(asking.sent(request), initial=None if document.classified_id is not None else before)

    def do(given: dict[str, Any]) -> str:
        ask_opinions.settle(opinion_id=opinion_id, **given, actor=request.actor, at=timezone.now())
        return _("Đã ghi, và báo người cho ý kiến.")

    heading = _("Tiếp thu, giải trình ý kiến của %(name)s") % {"name": opinion.name}
    said = f"{Verdict(opinion.verdict).label}. {opinion.words}"
    return asking.ask(request, _question(heading, _("Ghi"), document, "check", said), form, do)


@require_POST
def urge(request: SignedRequest, opinion_id: int) -> HttpResponse:
    """Urge who was asked."""
    opinion = queries.get_for(request.actor, opinion_id)
    try:
        ask_opinions.urge(opinion_id=opinion_id, actor=request.actor, at=timezone.now())
        messages.success(request, _("Đã nhắc %(name)s.") % {"name": opinion.name})
    except Refusal as no:
        messages.warning(request, no.message)
    return redirect("document-opinions", opinion.document_id)


@require_POST
def urge_late(request: SignedRequest, document_id: int) -> HttpResponse:
    """Urge everybody who is late."""
    n = ask_opinions.urge_late(document_id=document_id, actor=request.actor, at=timezone.now())
    messages.success(request, ngettext("Đã nhắc %(n)d nơi quá hạn.", "Đã nhắc %(n)d nơi quá hạn.", n) % {"n": n})
    return redirect("document-opinions", document_id)


@require_http_methods(["GET", "POST"])
def close(request: SignedRequest, document_id: int) -> HttpResponse:
    """End the round without those who have not answered."""
    document = papers.get_for(request.actor, document_id)
    current = queries.find_open(document_id)
    refuse(policy.why_not_close(request.actor, document, papers.making_of(document), current))
    awaited = ", ".join(each.name for each in queries.list_rounds(document_id).awaited)

    def do(given: dict[str, Any]) -> str:
        operations.close(document_id=document_id, actor=request.actor, at=timezone.now())
        return _("Đã kết thúc đợt lấy ý kiến.")

    explains = _("Chưa có ý kiến: %(names)s. Những nơi này được ghi là không có ý kiến.") % {"names": awaited or "0"}
    question = _question(_("Kết thúc đợt lấy ý kiến"), _("Kết thúc"), document, "lock", explains)
    return asking.ask(request, question, forms.Form(asking.sent(request)), do)


# Comments on passages.


class CommentForm(forms.Form):
    quote = forms.CharField(
        label=gettext_lazy("Đoạn chữ góp ý"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    words = forms.CharField(label=gettext_lazy("Góp ý"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class ReplyForm(forms.Form):
    words = forms.CharField(label=gettext_lazy("Trả lời"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


@require_GET
def comments(request: SignedRequest, document_id: int) -> HttpResponse:
    """The text of a draft, line by line, with the comments on its passages where they stand now."""
    document = papers.get_for(request.actor, document_id)
    making = papers.making_of(document)
    refused = policy.why_not_comment(document) if document.classified_id is not None else None
    refuse(refused)
    request.place = BOXES[box_of(document)].href()
    lines, talks = queries.list_talks(document)
    may = policy.why_not_comment(document) is None
    told = [_talk(talk, request.actor, document, making, may=may) for talk in talks]
    context = {
        "document": document,
        "lines": [
            {"number": n, "runs": _runs(line, n, talks), "talks": [each for each in told if each["line"] == n]}
            for n, line in enumerate(lines)
            if line.strip()
        ],
        "gone": [each for each in told if each["line"] is None],
        "open": sum(talk.comment.resolved_at is None for talk in talks),
        "all": len(talks),
        "may": may,
    }
    return render(request, "drafting/comments.html", context)


def _talk(talk: queries.Talk, actor: Actor, document: Document, making: Any, *, may: bool) -> dict[str, Any]:
    return {
        "comment": talk.comment,
        "answers": talk.answers,
        "line": talk.place.line if talk.place else None,
        "edited": talk.place is not None and not talk.place.whole,
        "replies": may,
        "resolves": policy.why_not_resolve(actor, document, making, talk.comment) is None,
    }


def _runs(line: str, number: int, talks: list[queries.Talk]) -> list[tuple[bool, str]]:
    """A line as runs, those that an open comment is about marked."""
    spans = sorted(
        (talk.place.start, talk.place.end)
        for talk in talks
        if talk.place and talk.place.line == number and talk.comment.resolved_at is None
    )
    runs: list[tuple[bool, str]] = []
    at = 0
    for begins, end in spans:
        start = max(begins, at)
        if end <= start:
            continue
        runs += [(False, line[at:start]), (True, line[start:end])]
        at = end
    return [run for run in (*runs, (False, line[at:])) if run[1]]


@require_http_methods(["GET", "POST"])
def comment(request: SignedRequest, document_id: int) -> HttpResponse:
    """Comment on a passage: a line, or the words of it that were selected."""
    document = papers.get_for(request.actor, document_id)
    refuse(policy.why_not_comment(document))
    given = request.GET.get("line", "")
    line = int(given) if given.isdecimal() and len(given) < 7 else 0
    lines = queries.lines_of(document)
    if not lines:
        raise NotFound()
    quote = request.GET.get("quote", "").strip() or lines[min(line, len(lines) - 1)]
    form = CommentForm(asking.sent(request), initial={"quote": quote[:1000]})

    def do(told: dict[str, Any]) -> str:
        ask_opinions.comment(document_id=document_id, line=line, **told, actor=request.actor, at=timezone.now())
        return _("Đã góp ý.")

    question = _about_passage(_("Góp ý một đoạn"), _("Góp ý"), document_id)
    return asking.ask(request, question, form, do, then=lambda: f"{question.back}#dong-{line}")


def _about_passage(heading: str, button: str, document_id: int) -> Question:
    back = reverse("document-comments", args=[document_id])
    return Question(heading, button, back, _("Góp ý theo đoạn"), sign="reply")


@require_http_methods(["GET", "POST"])
def reply(request: SignedRequest, comment_id: int) -> HttpResponse:
    """Answer a comment."""
    above = queries.get_comment_for(request.actor, comment_id)
    refuse(policy.why_not_comment(papers.get_for(request.actor, above.document_id)))

    def do(told: dict[str, Any]) -> str:
        operations.reply(comment_id=comment_id, **told, actor=request.actor, at=timezone.now())
        return _("Đã trả lời góp ý.")

    question = _about_passage(_("Trả lời góp ý"), _("Trả lời"), above.document_id)
    return asking.ask(request, question, ReplyForm(asking.sent(request)), do)


@require_POST
def resolve(request: SignedRequest, comment_id: int) -> HttpResponse:
    """Mark a comment as dealt with, or open it again."""
    row = operations.resolve(
        comment_id=comment_id,
        resolved=request.POST.get("resolved") == "1",
        actor=request.actor,
        at=timezone.now(),
    )
    messages.success(request, _("Đã xong góp ý.") if row.resolved_at else _("Đã mở lại góp ý."))
    return redirect("document-comments", row.document_id)
